// SPDX-License-Identifier: GPL-2.0
/* Helpers of the test programs; see pp_test.h. */
#include <limits.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdarg.h>
#include "link.h"
#include "pp_cpu.h"
#include "pp_test.h"

#define TIMEOUT_S 25

static char top[PATH_MAX];

/* The checkout: build/tests/PROGRAM is three levels below it. */
static const char *checkout(void)
{
	ssize_t n;
	int up;

	if (top[0])
		return top;
	n = readlink("/proc/self/exe", top, sizeof(top) - 1);
	if (n < 0)
		n = 0;
	top[n] = 0;
	for (up = 0; up < 3 && strrchr(top, '/'); up++)
		*strrchr(top, '/') = 0;
	return top;
}

static int run_v(const char *prefix, const char *fmt, va_list ap)
{
	char cmd[4096];
	int n, status;

	n = snprintf(cmd, sizeof(cmd), "%s", prefix);
	vsnprintf(cmd + n, sizeof(cmd) - n, fmt, ap);
	status = system(cmd);
	if (!WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

int pp_run(const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = run_v("", fmt, ap);
	va_end(ap);
	return ret;
}

int pp_number(int *argc, char ***argv)
{
	char **v = *argv;
	int n = *argc > 1 ? atoi(v[1]) : 0;

	if (n <= 0)
		return 0;
	v[1] = v[0];
	++*argv;
	--*argc;
	return n;
}

static const char *tool_path(void)
{
	static char path[PATH_MAX + 32];

	if (getenv("PKTPATH"))
		return getenv("PKTPATH");
	snprintf(path, sizeof(path), "%s/scripts/pktpath/pktpath", checkout());
	return path;
}

int pp_test_tool(const char *fmt, ...)
{
	char prefix[PATH_MAX + 64];
	va_list ap;
	int ret;

	snprintf(prefix, sizeof(prefix), "%s ", tool_path());
	va_start(ap, fmt);
	ret = run_v(prefix, fmt, ap);
	va_end(ap);
	return ret;
}

int pp_route(const struct pp_pair *p, const char *what)
{
	if (p->inet)
		return pp_run("ip route %s", what);
	return pp_test_tool("route %s", what);
}

int pp_test_family(void)
{
	const char *path = "/sys/module/pktpath/parameters/family";
	const char *ko = getenv("PKTPATH_KO");
	int v = -1;
	FILE *f;

	f = fopen(path, "r");
	if (!f) {
		if (ko)
			pp_run("insmod %s", ko);
		else
			pp_run("insmod %s/pktpath.ko", checkout());
		f = fopen(path, "r");
	}
	if (!f)
		return -1;
	if (fscanf(f, "%d", &v) != 1)
		v = -1;
	fclose(f);
	return v;
}

int pp_ns_enter(int fd)
{
	return setns(fd, CLONE_NEWNET);
}

static int ns_open(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY);
}

static int ns_new(void)
{
	return unshare(CLONE_NEWNET) ? -1 : ns_open();
}

int pp_await_running(const char *dev)
{
	return link_await_up(dev);
}

static int set_up_links(struct pp_pair *p)
{
	if (link_up("lo") || link_veth("pa", "pb", p->ns_b) ||
	    link_up("pa") || pp_ns_enter(p->ns_b))
		return -1;
	if (link_up("lo") || link_addr("pb", PKTPATH_T_B) ||
	    link_addr("pb", PKTPATH_T_B2) || link_up("pb") ||
	    link_await_up("pb") || pp_ns_enter(p->ns_a))
		return -1;
	return link_await_up("pa");
}

static int set_up_addresses(struct pp_pair *p)
{
	if (p->inet)
		return link_addr("pa", PKTPATH_T_A) ||
		       link_addr("pa", PKTPATH_T_A2);
	return run_with("dev attach pa\n"
			"addr add " PKTPATH_T_A "/24 dev pa\n"
			"addr add " PKTPATH_T_A2 "/24 dev pa\n",
			tool_path(), "-batch", "-", NULL);
}

int pp_pair_setup(struct pp_pair *p, bool inet)
{
	memset(p, 0, sizeof(*p));
	pp_one_cpu();
	p->inet = inet;
	p->family = inet ? AF_INET : pp_test_family();
	if (p->family < 0) {
		fprintf(stderr, "# pktpath is not loaded\n");
		return -1;
	}
	p->ns_old = ns_open();
	p->ns_b = ns_new();
	p->ns_a = ns_new();
	if (p->ns_old < 0 || p->ns_b < 0 || p->ns_a < 0) {
		perror("# netns");
		return -1;
	}
	if (set_up_links(p) || set_up_addresses(p)) {
		fprintf(stderr, "# set-up failed\n");
		return -1;
	}
	return 0;
}

long pp_moved(const char *file)
{
	static const char *const names[][2] = {
		{ "Udp", "InDatagrams" }, { "Udp", "OutDatagrams" },
		{ "Icmp", "InMsgs" }, { "Icmp", "OutMsgs" },
		{ "Tcp", "InSegs" }, { "Tcp", "OutSegs" },
	};
	long v, sum = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		v = pp_counter(file, names[i][0], names[i][1]);
		if (v > 0) {
			fprintf(stderr, "# %s: %s%s is %ld\n", file,
				names[i][0], names[i][1], v);
			sum += v;
		}
	}
	return sum;
}

int pp_pair_teardown(struct pp_pair *p)
{
	int wrong = 0;

	if (pp_ns_enter(p->ns_a))
		return -1;
	if (!p->mixed)
		wrong = pp_moved(p->inet ? "pktpath/snmp" : "snmp");
	pp_ns_enter(p->ns_old);
	close(p->ns_a);
	close(p->ns_b);
	close(p->ns_old);
	return wrong;
}

/* Column of a name in a line of names. */
static int column(char *line, const char *name)
{
	char *save, *w = strtok_r(line, "\n ", &save);
	int i;

	for (i = 0; w; i++, w = strtok_r(NULL, "\n ", &save))
		if (!strcmp(w, name))
			return i;
	return -1;
}

static long nth_value(char *line, int n)
{
	char *save, *w = strtok_r(line, "\n ", &save);

	while (w && n--)
		w = strtok_r(NULL, "\n ", &save);
	return w ? atol(w) : -1;
}

long pp_counter(const char *file, const char *group, const char *name)
{
	static char names[16384], values[16384];
	size_t glen = strlen(group);
	char path[128];
	long v = -1;
	FILE *f;
	int col;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%s", file);
	f = fopen(path, "r");
	if (!f)
		return -1;
	while (fgets(names, sizeof(names), f) &&
	       fgets(values, sizeof(values), f)) {
		if (strncmp(names, group, glen) || names[glen] != ':')
			continue;
		col = column(names, name);
		if (col > 0)
			v = nth_value(values, col);
		break;
	}
	fclose(f);
	return v;
}

long pp_count(const struct pp_pair *p, const char *group, const char *name)
{
	/* TcpExt, IpExt and what AF_INET does not have: a file of their own. */
	const char *file = strstr(group, "Ext") || !strcmp(group, "Drop") ?
			   "pktpath/netstat" : "pktpath/snmp";

	return pp_counter(p->inet ? strchr(file, '/') + 1 : file, group, name);
}

int pp_sysctl(const struct pp_pair *p, const char *name, const char *value)
{
	char path[256];
	int fd, ok;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s",
		 p->inet ? "ipv4" : "pktpath", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ok = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return ok ? 0 : -1;
}

struct sockaddr_in pp_addr(const char *a, uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};

	inet_pton(AF_INET, a, &sin.sin_addr);
	return sin;
}

static int with_timeouts(int fd)
{
	struct timeval tv = { .tv_sec = TIMEOUT_S };

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	return fd;
}

int pp_socket(const struct pp_pair *p, int type, int protocol)
{
	int fd = socket(p->family, type, protocol);

	if (fd < 0)
		return fd;
	if (!p->inet && pp_set(fd, SOL_PKTPATH, PKTPATH_INET_ADDR, 1)) {
		close(fd);
		return -1;
	}
	return with_timeouts(fd);
}

int pp_udp(const struct pp_pair *p)
{
	return pp_socket(p, SOCK_DGRAM, 0);
}

int pp_bind(int fd, const char *a, uint16_t port)
{
	struct sockaddr_in sin = pp_addr(a, port);

	return bind(fd, (struct sockaddr *)&sin, sizeof(sin));
}

int pp_connect(int fd, const char *a, uint16_t port)
{
	struct sockaddr_in sin = pp_addr(a, port);

	return connect(fd, (struct sockaddr *)&sin, sizeof(sin));
}

static int bound(int fd, const char *a, uint16_t port)
{
	int err;

	if (fd < 0 || !pp_bind(fd, a, port))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

int pp_udp_bound(const struct pp_pair *p, const char *a, uint16_t port)
{
	return bound(pp_udp(p), a, port);
}

int pp_peer_socket(const struct pp_pair *p, int family, int type,
		   int protocol)
{
	int fd;

	if (pp_ns_enter(p->ns_b))
		return -1;
	fd = with_timeouts(socket(family, type, protocol));
	if (pp_ns_enter(p->ns_a))
		return -1;
	return fd;
}

int pp_peer_udp(const struct pp_pair *p, const char *a, uint16_t port)
{
	return bound(pp_peer_socket(p, AF_INET, SOCK_DGRAM, 0), a, port);
}

ssize_t pp_sendto(int fd, const void *buf, size_t len, const char *a,
		  uint16_t port)
{
	struct sockaddr_in sin = pp_addr(a, port);

	return sendto(fd, buf, len, 0, (struct sockaddr *)&sin, sizeof(sin));
}

uint16_t pp_port(int fd)
{
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);

	if (getsockname(fd, (struct sockaddr *)&sin, &len))
		return 0;
	return ntohs(sin.sin_port);
}

int pp_set(int fd, int level, int opt, int val)
{
	return setsockopt(fd, level, opt, &val, sizeof(val));
}

int pp_get(int fd, int level, int opt)
{
	socklen_t len = sizeof(int);
	int val = 0;

	if (getsockopt(fd, level, opt, &val, &len))
		return -1;
	return val;
}

int pp_reuseport(const struct pp_pair *p, int fd, int on)
{
	if (p->inet)
		return pp_set(fd, SOL_SOCKET, SO_REUSEPORT, on);
	return pp_set(fd, SOL_PKTPATH, PKTPATH_REUSEPORT, on);
}

int pp_revents(int fd, short events, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	if (poll(&pfd, 1, ms) < 0)
		return -1;
	return pfd.revents;
}

int pp_readable(int fd, int ms)
{
	return !!(pp_revents(fd, POLLIN, ms) & POLLIN);
}

struct cmsghdr *pp_cmsg(struct msghdr *msg, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return c;
	return NULL;
}

ssize_t pp_recvmsg(int fd, struct msghdr *msg, int flags)
{
	static struct sockaddr_in from;
	static char data[65536];
	static union {
		char buf[1024];
		struct cmsghdr align;
	} control;
	static struct iovec iov;

	iov.iov_base = data;
	iov.iov_len = sizeof(data);
	memset(&from, 0, sizeof(from));
	memset(msg, 0, sizeof(*msg));
	msg->msg_name = &from;
	msg->msg_namelen = sizeof(from);
	msg->msg_iov = &iov;
	msg->msg_iovlen = 1;
	msg->msg_control = &control;
	msg->msg_controllen = sizeof(control);
	return recvmsg(fd, msg, flags);
}

ssize_t pp_send_anc(int fd, const void *buf, size_t len, const char *a,
		    uint16_t port, struct pp_anc anc)
{
	struct sockaddr_in sin = pp_addr(a ? a : "0.0.0.0", port);
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	union {
		char buf[256];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = {
		.msg_name = a ? &sin : NULL,
		.msg_namelen = a ? sizeof(sin) : 0,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(anc.len),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = anc.level;
	c->cmsg_type = anc.type;
	c->cmsg_len = CMSG_LEN(anc.len);
	memcpy(CMSG_DATA(c), anc.data, anc.len);
	return sendmsg(fd, &msg, 0);
}

long long pp_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

int pp_tap(const struct pp_pair *p)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
	};
	struct timeval tv = { .tv_sec = 1 };
	int fd;

	fd = pp_peer_socket(p, AF_PACKET, SOCK_RAW, 0);
	if (fd < 0)
		return -1;
	pp_ns_enter(p->ns_b);
	sll.sll_ifindex = if_nametoindex("pb");
	pp_ns_enter(p->ns_a);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (bind(fd, (struct sockaddr *)&sll, sizeof(sll))) {
		close(fd);
		return -1;
	}
	return fd;
}

ssize_t pp_tap_next(int tap, uint8_t proto, uint16_t port, void *buf,
		    size_t len)
{
	static unsigned char frame[65536];
	struct iphdr *ip = (struct iphdr *)(frame + ETH_HLEN);
	struct udphdr *uh;
	ssize_t n;

	for (;;) {
		n = recv(tap, frame, sizeof(frame), 0);
		if (n < 0)
			return -1;
		n -= ETH_HLEN;
		if (n < 28 || ip->protocol != proto)
			continue;
		uh = (struct udphdr *)((char *)ip + ip->ihl * 4);
		if (port && ntohs(uh->source) != port && ntohs(uh->dest) != port)
			continue;
		if ((size_t)n > len)
			n = len;
		memcpy(buf, ip, n);
		return n;
	}
}
