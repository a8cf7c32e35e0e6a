// SPDX-License-Identifier: GPL-2.0
/* Two namespaces over veth, for test programs in C. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "pair.h"
#include "pp_cpu.h"

#define CMD_SIZE 1024

static const char *env_or(const char *name, const char *def)
{
	const char *v = getenv(name);

	return v && *v ? v : def;
}

static int status_of(int st)
{
	return WIFEXITED(st) ? WEXITSTATUS(st) : 255;
}

int sh(const char *fmt, ...)
{
	char cmd[CMD_SIZE];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (ret < 0 || ret >= CMD_SIZE)
		return 255;
	return status_of(system(cmd));
}

int sh_out(char *buf, size_t size, const char *fmt, ...)
{
	char cmd[CMD_SIZE];
	size_t n = 0, got;
	va_list ap;
	FILE *f;
	int ret;

	va_start(ap, fmt);
	ret = vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	buf[0] = 0;
	if (ret < 0 || ret >= CMD_SIZE)
		return 255;
	f = popen(cmd, "r");
	if (!f)
		return 255;
	while (n + 1 < size && (got = fread(buf + n, 1, size - 1 - n, f)))
		n += got;
	buf[n] = 0;
	return status_of(pclose(f));
}

const char *pair_tool(void)
{
	return env_or("PKTPATH", "pktpath");
}

int pp_tool(const struct pair *p, const char *fmt, ...)
{
	char cmd[CMD_SIZE / 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	return sh("%s -n %s %s", pair_tool(), p->a, cmd);
}

int pair_sysctl(const struct pair *p, const char *name, const char *value)
{
	return sh("ip netns exec %s sysctl -qw net.pktpath.%s='%s'", p->a,
		  name, value);
}

unsigned long pair_stat(const struct pair *p, const char *name)
{
	char out[64];

	sh_out(out, sizeof(out),
	       "%s -n %s stat | awk '$1 == \"%s\" { v = $2 } END { print v + 0 }'",
	       pair_tool(), p->a, name);
	return strtoul(out, NULL, 10);
}

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

struct sockaddr_in sin_of(const char *addr, unsigned int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	inet_pton(AF_INET, addr, &sin.sin_addr);
	sin.sin_port = htons(port);
	return sin;
}

int pp_family(void)
{
	FILE *f = fopen("/sys/module/pktpath/parameters/family", "r");
	int v = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &v) != 1)
		v = -1;
	fclose(f);
	return v;
}

int ns_socket(int ns_fd, int family, int type, int protocol)
{
	int self = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd = -1, err;

	if (self < 0)
		return -1;
	if (!setns(ns_fd, CLONE_NEWNET)) {
		fd = socket(family, type | SOCK_CLOEXEC, protocol);
		err = errno;
		if (setns(self, CLONE_NEWNET))
			abort();
		errno = err;
	}
	close(self);
	return fd;
}

static int ns_open(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int read_mac(const char *ns, const char *dev, uint8_t *mac)
{
	char out[64];

	if (sh_out(out, sizeof(out),
		   "ip netns exec %s cat /sys/class/net/%s/address", ns, dev))
		return -1;
	return sscanf(out, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1],
		      &mac[2], &mac[3], &mac[4], &mac[5]) == 6 ? 0 : -1;
}

static int frames_open(struct pair *p)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET };
	int size = 4 << 20;
	char out[32];

	if (sh_out(out, sizeof(out),
		   "ip netns exec %s cat /sys/class/net/pb/ifindex", p->b))
		return -1;
	p->frames = ns_socket(p->fd_b, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	if (p->frames < 0)
		return -1;
	setsockopt(p->frames, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	sll.sll_protocol = htons(ETH_P_ALL);
	sll.sll_ifindex = atoi(out);
	return bind(p->frames, (void *)&sll, sizeof(sll));
}

/* Before the kernel has told of the carrier, what is sent is thrown away. */
static int wait_running(const struct pair *p)
{
	int64_t end = now_ms() + 30000;

	do {
		if (!sh("ip -n %s link show pa | grep -q 'state UP'", p->a) &&
		    !sh("ip -n %s link show pb | grep -q 'state UP'", p->b))
			return 0;
	} while (now_ms() < end);
	return -1;
}

int pair_up(struct pair *p, const char *setup)
{
	static int count;

	memset(p, 0, sizeof(*p));
	pp_one_cpu();
	p->fd_a = -1;
	p->fd_b = -1;
	p->frames = -1;
	snprintf(p->a, sizeof(p->a), "ppc%d.%da", getpid(), ++count);
	snprintf(p->b, sizeof(p->b), "ppc%d.%db", getpid(), count);
	if (sh("[ -d /sys/module/pktpath ] || insmod %s",
	       env_or("PKTPATH_KO", "pktpath.ko")) ||
	    sh("ip netns add %s && ip netns add %s", p->a, p->b) ||
	    sh("ip -n %s link set lo up && ip -n %s link set lo up", p->a,
	       p->b) ||
	    sh("ip -n %s link add pa type veth peer name pb netns %s", p->a,
	       p->b) ||
	    sh("ip -n %s link set pa up && ip -n %s link set pb up", p->a,
	       p->b) ||
	    wait_running(p) || pp_tool(p, "dev attach pa") ||
	    (setup && sh("ip netns exec %s %s", p->a, setup)) ||
	    pp_tool(p, "addr add %s/24 dev pa", PAIR_A))
		goto err;
	p->fd_a = ns_open(p->a);
	p->fd_b = ns_open(p->b);
	if (p->fd_a < 0 || p->fd_b < 0 || read_mac(p->a, "pa", p->mac_a) ||
	    read_mac(p->b, "pb", p->mac_b) || frames_open(p))
		goto err;
	return 0;
err:
	fprintf(stderr, "the pair could not be made: %s\n", strerror(errno));
	pair_down(p);
	return -1;
}

void pair_down(struct pair *p)
{
	if (p->frames >= 0)
		close(p->frames);
	if (p->fd_a >= 0)
		close(p->fd_a);
	if (p->fd_b >= 0)
		close(p->fd_b);
	sh("ip netns del %s; ip netns del %s", p->a, p->b);
}

int frame_send(const struct pair *p, const void *frame, size_t len)
{
	return send(p->frames, frame, len, 0) == (ssize_t)len ? 0 : -1;
}

ssize_t frame_recv(const struct pair *p, void *frame, size_t size, int ms)
{
	struct pollfd pfd = { .fd = p->frames, .events = POLLIN };
	int64_t end = now_ms() + ms, left;
	struct sockaddr_ll sll;
	socklen_t len;
	ssize_t n;

	for (;;) {
		left = end - now_ms();
		if (poll(&pfd, 1, left > 0 ? left : 0) <= 0)
			return 0;
		len = sizeof(sll);
		n = recvfrom(p->frames, frame, size, MSG_DONTWAIT,
			     (void *)&sll, &len);
		/* Our own frames come by here too. */
		if (n > 0 && sll.sll_pkttype != PACKET_OUTGOING)
			return n;
	}
}

void frame_flush(const struct pair *p)
{
	char buf[64];

	while (recv(p->frames, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
}
