// SPDX-License-Identifier: GPL-2.0
/* The application at the other end of peer.c, and what runs the cases. */
#include <net/if.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include "peer.h"

/* ---- The application in A ---- */

int peer_socket(struct peer *p)
{
	struct sockaddr_in sin = pp_addr(PKTPATH_T_A, p->aport);
	int fd = socket(p->p.family, SOCK_STREAM, 0), one = 1;

	if (fd < 0)
		peer_fail(p, "socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&sin, sizeof(sin)))
		peer_fail(p, "bind: %s", strerror(errno));
	return fd;
}

void peer_listen(struct peer *p, int backlog)
{
	p->lfd = peer_socket(p);
	fcntl(p->lfd, F_SETFL, O_NONBLOCK);
	if (listen(p->lfd, backlog))
		peer_fail(p, "listen: %s", strerror(errno));
}

int peer_connect(struct peer *p)
{
	struct sockaddr_in sin = pp_addr(PEER_IP, p->bport);
	int ret;

	if (p->fd < 0)
		p->fd = peer_socket(p);
	fcntl(p->fd, F_SETFL, O_NONBLOCK);
	ret = connect(p->fd, (void *)&sin, sizeof(sin));
	return ret ? errno : 0;
}

void peer_accept(struct peer *p)
{
	struct pollfd pfd = { .fd = p->lfd, .events = POLLIN };

	if (poll(&pfd, 1, 5000) != 1)
		peer_fail(p, "nothing to accept");
	p->fd = accept4(p->lfd, NULL, NULL, SOCK_NONBLOCK);
	if (p->fd < 0)
		peer_fail(p, "accept: %s", strerror(errno));
}

void peer_passive(struct peer *p, const char *opts)
{
	if (p->lfd < 0)
		peer_listen(p, 8);
	peer_tx(p, "S 0 - %s", opts);
	peer_rx(p, -1, -1, "SA 0 1");
	peer_tx(p, "A 1 1");
	peer_accept(p);
}

void peer_passive_far(struct peer *p, int ms)
{
	peer_listen(p, 8);
	peer_tx(p, "S 0 - " OPT_SACK);
	peer_rx(p, -1, -1, "SA 0 1");
	peer_sleep(ms);
	peer_tx(p, "A 1 1");
	peer_accept(p);
}

void peer_active(struct peer *p, const char *opts)
{
	int err = peer_connect(p);

	if (err != EINPROGRESS)
		peer_fail(p, "connect: %s", strerror(err));
	peer_rx(p, -1, -1, "S 0");
	peer_tx(p, "SA 0 1 %s", opts);
	peer_rx(p, -1, -1, "A 1 1");
	err = peer_soerror(p);
	if (err)
		peer_fail(p, "connect: %s", strerror(err));
}

void peer_write(struct peer *p, size_t n)
{
	uint8_t *b = malloc(n);
	ssize_t ret;
	size_t i;

	for (i = 0; i < n; i++)
		b[i] = peer_byte(p->wr + i);
	ret = send(p->fd, b, n, MSG_NOSIGNAL);
	free(b);
	if (ret != (ssize_t)n)
		peer_fail(p, "send of %zu: %zd, %s", n, ret, strerror(errno));
	p->wr += n;
}

void peer_burst(struct peer *p, uint32_t at, int n)
{
	peer_write(p, n * 1460);
	for (; n; n--, at += 1460)
		peer_rx(p, -1, -1, "A %u+1460 1", at);
}

int peer_known_rtt(struct peer *p, int ms)
{
	int i, at = 1;

	for (i = 0; i < 12; i++, at += 100) {
		peer_write(p, 100);
		peer_rx(p, -1, -1, "PA %d+100 1", at);
		peer_sleep(ms);
		peer_tx(p, "A 1 %d", at + 100);
	}
	return at;
}

void peer_read(struct peer *p, size_t n)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	uint8_t b[4096];
	ssize_t ret, i;

	while (n) {
		poll(&pfd, 1, 5000);
		ret = recv(p->fd, b, n < sizeof(b) ? n : sizeof(b),
			   MSG_DONTWAIT);
		if (ret <= 0)
			peer_fail(p, "recv with %zu to go: %zd, %s", n, ret,
				  strerror(errno));
		for (i = 0; i < ret; i++)
			if (b[i] != peer_byte(p->rd + i))
				peer_fail(p, "read a wrong byte at %u",
					  (unsigned int)(p->rd + i));
		p->rd += ret;
		n -= ret;
	}
}

void peer_read_is(struct peer *p, int ret)
{
	char b[4096];
	ssize_t n = recv(p->fd, b, sizeof(b), MSG_DONTWAIT);

	if (n < 0)
		n = -errno;
	if (n != ret)
		peer_fail(p, "recv is %zd (%s), not %d", n,
			  n < 0 ? strerror(-n) : "", ret);
}

struct tcp_info peer_info(struct peer *p)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	if (getsockopt(p->fd, IPPROTO_TCP, TCP_INFO, &ti, &len))
		peer_fail(p, "TCP_INFO: %s", strerror(errno));
	return ti;
}

void peer_state(struct peer *p, int state)
{
	int is = peer_info(p).tcpi_state;

	if (is != state)
		peer_fail(p, "in state %d, not %d", is, state);
}

void peer_set(struct peer *p, int level, int opt, int val)
{
	if (setsockopt(p->fd, level, opt, &val, sizeof(val)))
		peer_fail(p, "setsockopt %d %d: %s", level, opt,
			  strerror(errno));
}

int peer_soerror(struct peer *p)
{
	socklen_t len = sizeof(int);
	int err = -1;

	getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

long peer_count(struct peer *p, const char *group, const char *name)
{
	return pp_count(&p->p, group, name);
}

void peer_again(struct peer *p)
{
	p->aport++;
	p->bport++;
	p->iss_known = false;
	p->ts = false;
	p->nocheck = false;
	p->ttl = 64;
	p->no_df = false;
	p->win = 65535;
	p->ws_a = 0;
	p->ws_b = 0;
	p->lfd = -1;
	p->fd = -1;
	p->wr = 1;
	p->rd = 1;
	p->iss_b = 0x7ff00000 + p->bport * 7919;
	peer_drain(p);
	p->born = peer_us();
	p->mark = p->born;
}

/* Nothing of the case may live on in A. */
void peer_end(struct peer *p)
{
	struct linger lin = { .l_onoff = 1 };

	if (p->fd < 0)
		return;
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &lin, sizeof(lin));
	close(p->fd);
}

/* ---- Running ---- */

static int dev_ioctl(const char *dev, unsigned long cmd, struct ifreq *ifr)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), ret;

	snprintf(ifr->ifr_name, IFNAMSIZ, "%s", dev);
	ret = ioctl(fd, cmd, ifr);
	close(fd);
	return ret;
}

static int offload_off(const char *dev, uint32_t cmd)
{
	struct ethtool_value v = { .cmd = cmd };
	struct ifreq ifr = { .ifr_data = (void *)&v };

	return dev_ioctl(dev, SIOCETHTOOL, &ifr);
}

static int mac_of(const char *dev, uint8_t *mac)
{
	struct ifreq ifr = { 0 };

	if (dev_ioctl(dev, SIOCGIFHWADDR, &ifr))
		return -1;
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	return 0;
}

static int tap_open(void)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex("pb"),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	int one = 1, size = 16 << 20;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	if (bind(fd, (void *)&sll, sizeof(sll)))
		return -1;
	return fd;
}

int peer_setup(struct peer *p, bool inet)
{
	const char *fmt = "neigh add " PEER_IP
		" lladdr %02x:%02x:%02x:%02x:%02x:%02x dev pa nud permanent";
	char cmd[256];

	memset(p, 0, sizeof(*p));
	if (pp_pair_setup(&p->p, inet))
		return -1;
	if (mac_of("pa", p->mac_a) || offload_off("pa", ETHTOOL_STSO) ||
	    offload_off("pa", ETHTOOL_SGSO) ||
	    offload_off("pa", ETHTOOL_STXCSUM) || pp_ns_enter(p->p.ns_b))
		return -1;
	p->tap = tap_open();
	if (p->tap < 0 || mac_of("pb", p->mac_b) || pp_ns_enter(p->p.ns_a))
		return -1;
	snprintf(cmd, sizeof(cmd), fmt, p->mac_b[0], p->mac_b[1], p->mac_b[2],
		 p->mac_b[3], p->mac_b[4], p->mac_b[5]);
	p->ip_a = inet_addr(PKTPATH_T_A);
	p->ip_b = inet_addr(PEER_IP);
	p->ttl = 64;
	p->aport = 10000;
	p->bport = 40000;
	return inet ? pp_run("ip %s", cmd) : pp_test_tool("%s", cmd);
}

/* Sets "NAME=VALUE ..." and makes @old what undoes it. */
static int sysctls(struct peer *p, const char *text, char *old, size_t size)
{
	char copy[256], path[160], was[128], *save, *w, *v;
	ssize_t n;
	int fd;

	if (old)
		old[0] = 0;
	snprintf(copy, sizeof(copy), "%s", text ? text : "");
	for (w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		v = strchr(w, '=');
		if (!v)
			return -1;
		*v++ = 0;
		snprintf(path, sizeof(path), "/proc/sys/net/%s/%s",
			 p->p.inet ? "ipv4" : "pktpath", w);
		fd = open(path, O_RDONLY);
		n = fd < 0 ? -1 : read(fd, was, sizeof(was) - 1);
		close(fd);
		if (n <= 0) {
			printf("# no sysctl %s\n", path);
			return -1;
		}
		was[strcspn(was, "\n")] = 0;
		was[n] = 0;
		if (old)
			snprintf(old + strlen(old), size - strlen(old),
				 "%s=%s ", w, was);
		if (pp_sysctl(&p->p, w, v)) {
			printf("# %s is not taken by %s\n", v, path);
			return -1;
		}
	}
	return 0;
}

/* 1 passed, 0 failed, -1 cannot run. */
static int run_case(struct peer *p, const struct peer_case *c)
{
	char old[256];
	int status = 1;
	pid_t pid;

	if (sysctls(p, c->sysctl, old, sizeof(old)))
		return -1;
	fflush(stdout);
	p->aport += 64;
	p->bport += 64;
	pid = fork();
	if (!pid) {
		alarm(30000);
		signal(SIGPIPE, SIG_IGN);
		p->at = c->name;
		peer_again(p);
		c->fn(p);
		fflush(stdout);
		peer_end(p);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	sysctls(p, old, NULL, 0);
	if (WIFSIGNALED(status))
		printf("# died of signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Arguments: [inet|pktpath] [CASE...]. */
int peer_main(int argc, char **argv, const struct peer_case *c, size_t n)
{
	static const char *const stack[] = { "inet", "pktpath" };
	int bad = 0, count = 0, s, a, ok, first = 1;
	struct peer p;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && (!strcmp(argv[1], stack[0]) ||
			 !strcmp(argv[1], stack[1])))
		first = 2;
	printf("TAP version 13\n");
	for (s = 0; s < 2; s++) {
		if (first == 2 && strcmp(argv[1], stack[s]))
			continue;
		if (peer_setup(&p, !s)) {
			printf("not ok %d set-up of %s\n", ++count, stack[s]);
			return 1;
		}
		for (i = 0; i < n; i++) {
			if (c[i].only && strcmp(c[i].only, stack[s]))
				continue;
			for (a = first; a < argc; a++)
				if (!strcmp(argv[a], c[i].name))
					break;
			if (first < argc && a == argc)
				continue;
			p.p.mixed |= c[i].mixed;
			ok = run_case(&p, &c[i]);
			printf("%sok %d %s.%s%s\n", ok ? "" : "not ", ++count,
			       stack[s], c[i].name, ok < 0 ? " # SKIP" : "");
			bad += !ok;
		}
		close(p.tap);
		if (pp_pair_teardown(&p.p))
			bad++;
	}
	printf("1..%d\n", count);
	return bad ? 1 : 0;
}
