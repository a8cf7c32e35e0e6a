// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that end in an error, lead to a gateway that is dead, or speak of
 * 127/8. Rows IP-11, IP-12, attacks A1 (in pages), A7.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include "frame.h"
#include "kselftest_harness.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

FIXTURE(paths) {
	struct pair p;
	struct frame f;
	int fd;		/* A:5001, connected to B:5002 */
};

FIXTURE_SETUP(paths)
{
	ASSERT_EQ(0, frame_pair(&self->p, false));
	self->fd = udp_in_a(&self->p, 5001, 5002);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, frame_count(&self->p));
}

FIXTURE_TEARDOWN(paths)
{
	close(self->fd);
	EXPECT_EQ(0, pair_down(&self->p));
}

#define TAP_A "10.79.0.1"
#define TAP_B "10.79.0.2"

/* A device of A's whose frames come in as pages; its other end. */
static int pages_open(struct pair *p)
{
	struct ifreq ifr = { .ifr_name = "ta" };
	int fd, s;

	if (setns(p->fd_a, CLONE_NEWNET))
		return -1;
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_NAPI | IFF_NAPI_FRAGS;
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		return -1;
	s = socket(AF_INET, SOCK_DGRAM, 0);
	if (ioctl(s, SIOCGIFHWADDR, &ifr))
		return -1;
	memcpy(p->mac_a, ifr.ifr_hwaddr.sa_data, 6);
	close(s);
	if (sh("ip link set ta up") || sh("%s dev attach ta", pair_tool()) ||
	    sh("sysctl -qw net.pktpath.neigh.ta.acd=0") ||
	    sh("%s addr add " TAP_A "/24 dev ta", pair_tool()) ||
	    sh("%s neigh add " TAP_B " lladdr 02:00:00:00:00:02 dev ta nud permanent",
	       pair_tool()))
		return -1;
	return fd;
}

/* The link header in one piece, then single octets, then the rest. */
static ssize_t pages_send(int fd, struct frame *f)
{
	struct iovec iov[17];
	unsigned int at = ETH_LEN, n = 1;

	iov[0].iov_base = f->b;
	iov[0].iov_len = at;
	while (at < f->len && n < ARRAY_SIZE(iov)) {
		iov[n].iov_base = f->b + at;
		iov[n].iov_len = n + 1 < ARRAY_SIZE(iov) ? 1 : f->len - at;
		at += iov[n++].iov_len;
	}
	return writev(fd, iov, n);
}

/* Whether something of IPv4 comes back within @ms. */
static bool pages_answer(int fd, struct frame *f, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	while (poll(&pfd, 1, ms) > 0) {
		n = read(fd, f->b, sizeof(f->b));
		f->len = n < 0 ? 0 : n;
		if (n >= ETH_LEN + 28 && f->b[12] == 8 && !f->b[13])
			return true;
	}
	return false;
}

static void pages_make(struct frame *f, const struct pair *p, unsigned int kind)
{
	switch (kind) {
	case 0:
		frame_echo(f, p, 32);
		break;
	case 1:
		frame_udp(f, p, 9, 4999, 32);
		break;
	case 2:
		frame_icmp_msg(f, p, ICMP_DEST_UNREACH, 3, 28);
		break;
	case 3:
		frame_begin(f, p, IPPROTO_UDP, 40);
		memcpy(frame_ip(f) + 1, "\x07\x27\x04", 3);
		frame_put(f, 40);
		((struct udphdr *)frame_l4(f))->dest = htons(4999);
		((struct udphdr *)frame_l4(f))->len = htons(40);
		break;
	}
	frame_ip(f)->saddr = inet_addr(TAP_B);
	frame_ip(f)->daddr = inet_addr(TAP_A);
	frame_end(f);
}

/* A1: the same in pages of one octet; the last, whole frame is answered. */
TEST_F_TIMEOUT(paths, A1_truncation_in_pages, 300)
{
	unsigned int kind, i, full;
	struct frame r;
	int fd;

	fd = pages_open(&self->p);
	ASSERT_LE(0, fd);
	for (kind = 0; kind < 4; kind++) {
		pages_make(&self->f, &self->p, kind);
		full = self->f.len;
		for (i = ETH_LEN; i < full; i++) {
			self->f.len = i;
			pages_send(fd, &self->f);
		}
		EXPECT_FALSE(pages_answer(fd, &r, 20)) TH_LOG("kind %u", kind);
		self->f.len = full;
		ASSERT_EQ(full, pages_send(fd, &self->f));
		EXPECT_EQ(kind != 2, pages_answer(fd, &r, kind == 2 ? 20 : 30000))
			TH_LOG("kind %u", kind);
	}
	close(fd);
}

/* What came back, by its kind; the quoted header is the whole one. */
struct a7_seen {
	unsigned int port, host, ttl, bad;
};

static void a7_look(struct frame *f, void *arg)
{
	struct a7_seen *s = arg;
	const struct iphdr *inner = (struct iphdr *)(frame_icmp(f) + 1);

	if (frame_ip(f)->protocol != IPPROTO_ICMP ||
	    frame_icmp(f)->type == ICMP_ECHOREPLY)
		return;
	if (inner->ihl != 15 || csum_of(frame_ip(f), frame_ip(f)->ihl * 4))
		s->bad++;
	else if (frame_icmp(f)->type == ICMP_TIME_EXCEEDED)
		s->ttl++;
	else if (frame_icmp(f)->code == ICMP_PORT_UNREACH)
		s->port++;
	else if (frame_icmp(f)->code == ICMP_HOST_UNREACH)
		s->host++;
}

/* Forty octets of options: room for routes, for times, or nothing known. */
static int a7_send(struct frame *f, const struct pair *p, unsigned int i)
{
	static const char * const to[] = { PAIR_A, "10.77.0.66", "10.77.0.67" };
	static const uint8_t kinds[][4] = {
		{ 7, 39, 4, 0 }, { 68, 36, 5, 1 }, { 30, 40, 0, 0 },
		{ 7, 3, 4, 1 },
	};

	frame_begin(f, p, IPPROTO_UDP, 40);
	memcpy(frame_ip(f) + 1, kinds[i / 3 % ARRAY_SIZE(kinds)], 4);
	frame_put(f, 40);
	((struct udphdr *)frame_l4(f))->dest = htons(4999);
	((struct udphdr *)frame_l4(f))->len = htons(40);
	frame_ip(f)->daddr = inet_addr(to[i % 3]);
	frame_ip(f)->ttl = i % 3 == 2 ? 1 : 64;
	frame_end(f);
	return frame_out(p, f);
}

/*
 * A7: packets with options that end in an error: nobody at the port, no answer
 * to ARP, no time left, and the device gone while they wait.
 */
TEST_F_TIMEOUT(paths, A7_options_on_error_paths, 300)
{
	int64_t end = now_ms() + 30000;
	struct a7_seen s = { 0 };
	unsigned int i, round;

	ASSERT_EQ(0, pair_sysctl(&self->p, "conf.all.forwarding", "1"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "conf.all.send_redirects", "0"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "conf.pa.send_redirects", "0"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.retrans_time_ms", "50"));
	for (round = 0; round < 10; round++) {
		for (i = 0; i < 120; i++)
			ASSERT_EQ(0, a7_send(&self->f, &self->p, i));
		ASSERT_EQ(0, frame_sync(&self->p, a7_look, &s));
	}
	while (!s.host && now_ms() < end)
		ASSERT_EQ(0, frame_sync(&self->p, a7_look, &s));
	EXPECT_EQ(0, s.bad);
	EXPECT_EQ(400, s.port);
	EXPECT_EQ(400, s.ttl);
	EXPECT_LT(0, s.host);
	for (i = 0; i < 60; i++)
		ASSERT_EQ(0, a7_send(&self->f, &self->p, i));
	EXPECT_EQ(0, sh("ip -n %s link del pa", self->p.a));
}

static bool loopback(const uint8_t *addr)
{
	return addr[0] == 127;
}

/* A source and how to say it: each is refused, or the packet stays with us. */
struct from_127 {
	int type, protocol;
	const char *bind, *spec_dst, *to;
	bool dev;		/* SO_BINDTODEVICE pa */
	bool connect;
};

static const struct from_127 from_127[] = {
	{ SOCK_DGRAM, 0, "127.0.0.1", NULL, PAIR_B, false, false },
	{ SOCK_DGRAM, 0, "127.0.0.1", NULL, PAIR_B, false, true },
	{ SOCK_DGRAM, 0, "127.0.0.1", NULL, PAIR_B, true, false },
	{ SOCK_DGRAM, 0, "127.0.0.1", NULL, "192.0.2.1", true, false },
	{ SOCK_DGRAM, 0, NULL, "127.0.0.1", PAIR_B, false, false },
	{ SOCK_DGRAM, 0, NULL, "127.0.0.1", "10.77.0.255", true, false },
	{ SOCK_DGRAM, 0, NULL, NULL, "127.0.0.1", true, false },
	{ SOCK_DGRAM, 0, NULL, NULL, "127.9.9.9", true, true },
	{ SOCK_DGRAM, 0, NULL, NULL, "127.0.0.1", false, false },
	{ SOCK_DGRAM, 0, PAIR_A, NULL, "127.0.0.1", true, false },
	{ SOCK_DGRAM, IPPROTO_ICMP, "127.0.0.1", NULL, PAIR_B, false, false },
	{ SOCK_DGRAM, IPPROTO_ICMP, NULL, NULL, "127.1.2.3", true, false },
	{ SOCK_RAW, 253, "127.0.0.1", NULL, PAIR_B, false, false },
	{ SOCK_RAW, 253, NULL, NULL, "127.0.0.1", true, false },
	{ SOCK_STREAM, 0, "127.0.0.1", NULL, PAIR_B, false, true },
	{ SOCK_STREAM, 0, NULL, NULL, "127.0.0.1", true, true },
};

static void send_from_127(const struct pair *p, const struct from_127 *c)
{
	struct sockaddr_in to = sin_of(c->to, 9), from;
	char data[16] = { ICMP_ECHO };
	struct iovec iov = { data, sizeof(data) };
	union {
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo))];
		struct cmsghdr align;
	} ctl = { 0 };
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to),
			      .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm = (struct cmsghdr *)&ctl;
	struct in_pktinfo info = { 0 };
	int fd = ns_socket(p->fd_a, pp_family(), c->type | SOCK_NONBLOCK,
			   c->protocol);

	if (c->dev)
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "pa", 2);
	if (c->bind) {
		from = sin_of(c->bind, 0);
		bind(fd, (void *)&from, sizeof(from));
	}
	if (c->connect) {
		connect(fd, (void *)&to, sizeof(to));
		send(fd, data, sizeof(data), MSG_NOSIGNAL);
	}
	if (c->spec_dst) {
		info.ipi_spec_dst.s_addr = inet_addr(c->spec_dst);
		cm->cmsg_level = IPPROTO_IP;
		cm->cmsg_type = IP_PKTINFO;
		cm->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(cm), &info, sizeof(info));
		msg.msg_control = &ctl;
		msg.msg_controllen = sizeof(ctl);
	}
	if (c->type != SOCK_STREAM)
		sendmsg(fd, &msg, MSG_NOSIGNAL);
	close(fd);
}

/* Whether a frame is ARP or IP that speaks of 127/8 in its header. */
static bool frame_of_127(const uint8_t *b, ssize_t n)
{
	if (n < 42 || b[12] != 8)
		return false;
	if (b[13] == 6)
		return loopback(b + 28) || loopback(b + 38);
	return b[13] == 0 && (loopback(b + 26) || loopback(b + 30));
}

/* IP-11, RFC 1122 §3.2.1.3: 127/8 is never seen on a wire. */
TEST_F_TIMEOUT(paths, IP_11_loopback_stays_off_the_wire, 300)
{
	uint8_t b[FRAME_MAX];
	unsigned int i, seen = 0;
	ssize_t n;

	ASSERT_EQ(0, sh("ip netns exec %s sysctl -qw net.pktpath.ping_group_range='0 1000'",
			self->p.a));
	ASSERT_EQ(0, pp_tool(&self->p, "route add default via %s", PAIR_B));
	for (i = 0; i < ARRAY_SIZE(from_127); i++)
		send_from_127(&self->p, &from_127[i]);
	/* and nobody on the wire is answered as if he were here */
	frame_echo(&self->f, &self->p, 8);
	frame_ip(&self->f)->daddr = inet_addr("127.0.0.1");
	frame_ip_csum(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_EQ(6, send(self->fd, "marker", 6, 0));
	for (;;) {
		n = frame_recv(&self->p, b, sizeof(b), 30000);
		ASSERT_LT(0, n);
		seen += frame_of_127(b, n);
		if (n >= ETH_LEN + 34 && !memcmp(b + ETH_LEN + 28, "marker", 6))
			break;
	}
	EXPECT_EQ(0, seen);
}

/* The route of @to leads to @gw, which may take a while. */
static bool way_to(const struct pair *p, const char *to, const char *gw)
{
	int64_t end = now_ms() + 30000;

	do {
		if (!sh("%s -n %s route get %s | grep -q 'via %s '",
			pair_tool(), p->a, to, gw))
			return true;
		poll(NULL, 0, 20);
	} while (now_ms() < end);
	return false;
}

/* The frame that carries @text has come, whatever came before. */
static bool frame_with(const struct pair *p, const char *text)
{
	size_t n = strlen(text);
	uint8_t b[FRAME_MAX];
	ssize_t len;

	do {
		len = frame_recv(p, b, sizeof(b), 30000);
		if (len <= 0)
			return false;
	} while (len < (ssize_t)(ETH_LEN + 28 + n) ||
		 memcmp(b + ETH_LEN + 28, text, n));
	return !memcmp(b, p->mac_b, 6);
}

/* The dead gateway is heard of: it claims its address. */
static int claim(const struct pair *p, const char *addr)
{
	uint8_t b[42] = { 0 };
	uint32_t a = inet_addr(addr);

	memset(b, 0xff, 6);
	memcpy(b + 6, "\2\0\0\0\0\x44", 6);
	memcpy(b + 12, "\x08\x06\0\1\x08\0\6\4\0\1", 10);
	memcpy(b + 22, b + 6, 6);
	memcpy(b + 28, &a, 4);
	memcpy(b + 38, &a, 4);
	return frame_send(p, b, sizeof(b));
}

#define DEAD "10.77.0.44"
#define FAR "198.51.100.7"

/* IP-12, RFC 1122 §3.3.1.4: of two gateways one does not answer. */
TEST_F_TIMEOUT(paths, IP_12_dead_gateway, 300)
{
	struct sockaddr_in to = sin_of(FAR, 9);
	int fd, other;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.retrans_time_ms", "100"));
	ASSERT_EQ(0, pp_tool(&self->p, "route add default via " DEAD));
	ASSERT_EQ(0, pp_tool(&self->p, "route append default via " PAIR_B));
	ASSERT_TRUE(way_to(&self->p, FAR, DEAD));
	fd = udp_in_a(&self->p, 5009, 0);
	other = udp_in_a(&self->p, 5010, 0);
	ASSERT_EQ(0, connect(fd, (void *)&to, sizeof(to)));
	/* lost; or sent again by who asks for an answer */
	ASSERT_EQ(4, send(fd, "lost", 4, 0));
	ASSERT_TRUE(way_to(&self->p, FAR, PAIR_B));
	so_error(fd);
	ASSERT_EQ(5, send(fd, "first", 5, 0));
	EXPECT_TRUE(frame_with(&self->p, "first"));
	ASSERT_EQ(6, sendto(other, "second", 6, 0, (void *)&to, sizeof(to)));
	EXPECT_TRUE(frame_with(&self->p, "second"));
	/* it is back */
	ASSERT_EQ(0, claim(&self->p, DEAD));
	EXPECT_TRUE(way_to(&self->p, FAR, DEAD));
	close(fd);
	close(other);
}

/* The same of two that share the traffic; and when neither answers. */
TEST_F_TIMEOUT(paths, IP_12_dead_gateway_of_shared_ones, 300)
{
	struct sockaddr_in to = sin_of(FAR, 9);
	char out[16];
	int i;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.retrans_time_ms", "100"));
	ASSERT_EQ(0, pp_tool(&self->p, "route add default nexthop via " DEAD
			     " weight 9 nexthop via " PAIR_B " weight 1"));
	for (i = 1; i < 20; i++) {
		to.sin_addr.s_addr = htonl(0xc6336400 + i);
		sendto(self->fd, "x", 1, 0, (void *)&to, sizeof(to));
	}
	ASSERT_TRUE(way_to(&self->p, FAR, PAIR_B));
	ASSERT_EQ(0, sh_out(out, sizeof(out),
			    "for i in $(seq 20); do %s -n %s route get %s.$i; done | grep -c 'via %s '",
			    pair_tool(), self->p.a, "198.51.100", PAIR_B));
	EXPECT_EQ(20, atoi(out));
	ASSERT_EQ(0, pp_tool(&self->p, "route replace default via " DEAD));
	EXPECT_TRUE(way_to(&self->p, FAR, DEAD));
}

TEST_HARNESS_MAIN
