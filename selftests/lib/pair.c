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
#include "link.h"
#include "pair.h"
#include "pp_cpu.h"
#include "pp_test.h"

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

static int ns_enter(int ns_fd)
{
	int self = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (self < 0)
		return -1;
	if (!setns(ns_fd, CLONE_NEWNET))
		return self;
	close(self);
	return -1;
}

/* Back to where ns_enter() was called; errno stays. */
static void ns_leave(int self)
{
	int err = errno;

	if (setns(self, CLONE_NEWNET))
		abort();
	close(self);
	errno = err;
}

int pair_sysctl(const struct pair *p, const char *name, const char *value)
{
	int fd = -1, ret = -1, self, i;
	char path[128];

	i = snprintf(path, sizeof(path), "/proc/sys/net/pktpath/");
	snprintf(path + i, sizeof(path) - i, "%s", name);
	for (; path[i]; i++)
		if (path[i] == '.')
			path[i] = '/';
	self = ns_enter(p->fd_a);
	if (self < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, value, strlen(value)) >= 0)
		ret = 0;
	if (fd >= 0)
		close(fd);
	ns_leave(self);
	return ret;
}

unsigned long pair_stat(const struct pair *p, const char *name)
{
	size_t len = strlen(name);
	unsigned long v = 0;
	char cmd[CMD_SIZE];
	char line[256];
	FILE *f;

	snprintf(cmd, sizeof(cmd), "exec %s -n %s stat", pair_tool(), p->a);
	f = popen(cmd, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		char *word = line + strspn(line, " \t");

		if (!strncmp(word, name, len) && strchr(" \t", word[len]))
			v = strtoul(word + len, NULL, 10);
	}
	pclose(f);
	return v;
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
	int self = ns_enter(ns_fd);
	int fd;

	if (self < 0)
		return -1;
	fd = socket(family, type | SOCK_CLOEXEC, protocol);
	ns_leave(self);
	return fd;
}

static int frames_open(struct pair *p)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET };
	int size = 4 << 20, on = 1;

	p->frames = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC,
			   htons(ETH_P_ALL));
	if (p->frames < 0)
		return -1;
	setsockopt(p->frames, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(p->frames, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	sll.sll_protocol = htons(ETH_P_ALL);
	sll.sll_ifindex = if_nametoindex("pb");
	return bind(p->frames, (void *)&sll, sizeof(sll));
}

static int links_up(struct pair *p)
{
	int self = ns_enter(p->fd_a), err;

	if (self < 0)
		return -1;
	err = link_up("lo") || link_veth("pa", "pb", p->fd_b) ||
	      link_up("pa") || link_mac("pa", p->mac_a) ||
	      setns(p->fd_b, CLONE_NEWNET) || link_up("lo") ||
	      link_up("pb") || link_mac("pb", p->mac_b) || frames_open(p) ||
	      link_await_up("pb") || setns(p->fd_a, CLONE_NEWNET) ||
	      link_await_up("pa");
	ns_leave(self);
	return err ? -1 : 0;
}

/* The device and its address, in one start of the tool where it can be. */
static int attach_dev(const struct pair *p, const char *setup)
{
	if (!setup)
		return run_with("dev attach pa\n"
				"addr add " PAIR_A "/24 dev pa\n",
				pair_tool(), "-n", p->a, "-batch", "-", NULL);
	return pp_tool(p, "dev attach pa") ||
	       sh("ip netns exec %s %s", p->a, setup) ||
	       pp_tool(p, "addr add %s/24 dev pa", PAIR_A);
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
	if (access("/sys/module/pktpath", F_OK) &&
	    sh("insmod %s", env_or("PKTPATH_KO", "pktpath.ko")))
		goto err;
	p->fd_a = netns_add(p->a);
	p->fd_b = netns_add(p->b);
	if (p->fd_a < 0 || p->fd_b < 0 || links_up(p) || attach_dev(p, setup))
		goto err;
	return 0;
err:
	fprintf(stderr, "the pair could not be made: %s\n", strerror(errno));
	pair_down(p);
	return -1;
}

/* What the kernel's own stack has carried in A. */
static int carried(const struct pair *p)
{
	int self, ret;

	if (p->fd_a < 0 || p->mixed)
		return 0;
	self = ns_enter(p->fd_a);
	if (self < 0)
		return -1;
	ret = pp_moved("snmp");
	ns_leave(self);
	return ret;
}

int pair_down(struct pair *p)
{
	int wrong = carried(p);

	if (p->frames >= 0)
		close(p->frames);
	if (p->fd_a >= 0)
		close(p->fd_a);
	if (p->fd_b >= 0)
		close(p->fd_b);
	netns_del(p->a);
	netns_del(p->b);
	return wrong;
}

int frame_send(const struct pair *p, const void *frame, size_t len)
{
	return send(p->frames, frame, len, 0) == (ssize_t)len ? 0 : -1;
}

static int64_t stamp_of(struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct timespec ts = { 0 };

	for (; c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

ssize_t frame_recv_at(const struct pair *p, void *frame, size_t size, int ms,
		      int64_t *at)
{
	struct pollfd pfd = { .fd = p->frames, .events = POLLIN };
	struct iovec iov = { .iov_base = frame, .iov_len = size };
	int64_t end = now_ms() + ms, left;
	struct sockaddr_ll sll;
	char control[128];
	struct msghdr msg;
	ssize_t n;

	for (;;) {
		left = end - now_ms();
		if (poll(&pfd, 1, left > 0 ? left : 0) <= 0)
			return 0;
		msg = (struct msghdr){
			.msg_name = &sll, .msg_namelen = sizeof(sll),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		n = recvmsg(p->frames, &msg, MSG_DONTWAIT);
		/* Our own frames come by here too. */
		if (n <= 0 || sll.sll_pkttype == PACKET_OUTGOING)
			continue;
		*at = stamp_of(&msg);
		return n;
	}
}

ssize_t frame_recv(const struct pair *p, void *frame, size_t size, int ms)
{
	int64_t at;

	return frame_recv_at(p, frame, size, ms, &at);
}

void frame_flush(const struct pair *p)
{
	char buf[64];

	while (recv(p->frames, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
}
