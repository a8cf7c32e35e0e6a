// SPDX-License-Identifier: GPL-2.0
/*
 * The five hooks on our packets: one ruleset governs both stacks. Rows
 * IP_LOCAL_OUT, IP_OUTPUT, IP_RCV, IP_LOCAL; B is played with raw frames.
 */
#include <errno.h>
#include "../attack/frame.h"
#include "kselftest_harness.h"
#include "pp_test.h"

#define PORT_A 5001
#define PORT_B 5002

FIXTURE(nf) {
	struct pair p;
	struct frame f;
	int fd;
};

/* One chain with @rules; there is one at a time. */
static int nft_add(const struct pair *p, const char *type, const char *hook,
		   const char *rules)
{
	return sh("ip netns exec %s nft \"table ip t { chain c { type %s hook %s %s; %s }; }\"",
		  p->a, type, hook, "priority 0", rules);
}

static int nft_del(const struct pair *p)
{
	return sh("ip netns exec %s nft delete table ip t", p->a);
}

FIXTURE_SETUP(nf)
{
	if (sh("nft --version >/dev/null 2>&1"))
		SKIP(return, "no nft");
	ASSERT_EQ(0, frame_pair(&self->p, false));
	self->fd = udp_in_a(&self->p, PORT_A, 0);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, frame_count(&self->p));
}

FIXTURE_TEARDOWN(nf)
{
	close(self->fd);
	EXPECT_EQ(0, pair_down(&self->p));
}

static ssize_t send_to(int fd, const char *addr, uint16_t port)
{
	struct sockaddr_in sin = sin_of(addr, port);

	return sendto(fd, "data", 4, 0, (void *)&sin, sizeof(sin));
}

/* A UDP frame from B's @sport to A's @dport is delivered. */
static bool delivered(const struct pair *p, int fd, uint16_t sport,
		      uint16_t dport)
{
	struct frame f;
	char buf[16];

	frame_udp(&f, p, sport, dport, 4);
	if (frame_out(p, &f) || frame_count(p) < 0)
		return false;
	return recv(fd, buf, sizeof(buf), MSG_DONTWAIT) == 4;
}

static const struct {
	const char *hook;
	bool in;
	int error;
} hooks[] = {
	{ "prerouting", true, 0 },
	{ "input", true, 0 },
	{ "output", false, EPERM },
	{ "postrouting", false, EPERM },
};

TEST_F_TIMEOUT(nf, drop_at_each_hook, 300)
{
	unsigned int i;
	struct frame r;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, nft_add(&self->p, "filter", hooks[i].hook,
				     hooks[i].in ? "udp sport 5002 drop;" :
						   "udp dport 5002 drop;"));
		if (hooks[i].in) {
			EXPECT_FALSE(delivered(&self->p, self->fd, PORT_B,
					       PORT_A));
			EXPECT_TRUE(delivered(&self->p, self->fd, 77, PORT_A));
		} else {
			EXPECT_EQ(-1, send_to(self->fd, PAIR_B, PORT_B));
			EXPECT_EQ(hooks[i].error, errno);
			EXPECT_EQ(0, frame_count(&self->p));
			EXPECT_EQ(4, send_to(self->fd, PAIR_B, 77));
			EXPECT_TRUE(frame_last(&self->p, &r));
		}
		ASSERT_EQ(0, nft_del(&self->p));
		if (hooks[i].in)
			EXPECT_TRUE(delivered(&self->p, self->fd, PORT_B,
					      PORT_A));
	}
}

/* Newer kernels let no rule change version and length: asked of AF_INET. */
static bool headers_are_kept(const struct pair *p)
{
	struct sockaddr_in sin = sin_of("127.0.0.1", 99);
	int fd = ns_socket(p->fd_a, AF_INET, SOCK_DGRAM, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	bool kept;

	kept = !bind(fd, (void *)&sin, sizeof(sin)) &&
	       !nft_add(p, "filter", "output",
			"udp dport 99 @nh,0,8 set 0x40;") &&
	       sendto(fd, "me", 2, 0, (void *)&sin, sizeof(sin)) == 2 &&
	       poll(&pfd, 1, 1000) == 1;
	nft_del(p);
	close(fd);
	return kept;
}

/* A rule may write what it likes: no more is read than there is. */
TEST_F_TIMEOUT(nf, header_lengths_made_up, 300)
{
	static const char * const first[] = { "0x4f", "0x41", "0x40", "0x65" };
	char rule[64];
	unsigned int i;

	/* it asks the kernel's stack */
	self->p.mixed = true;
	if (headers_are_kept(&self->p))
		SKIP(return, "nft keeps version and length here");
	for (i = 0; i < 16; i++) {
		snprintf(rule, sizeof(rule), "udp %s 5002 @nh,0,8 set %s;",
			 hooks[i % 4].in ? "sport" : "dport", first[i / 4]);
		ASSERT_EQ(0, nft_add(&self->p, "filter", hooks[i % 4].hook,
				     rule));
		if (hooks[i % 4].in) {
			EXPECT_FALSE(delivered(&self->p, self->fd, PORT_B,
					       PORT_A));
		} else {
			EXPECT_EQ(-1, send_to(self->fd, PAIR_B, PORT_B));
			EXPECT_EQ(EPERM, errno);
			EXPECT_EQ(0, frame_count(&self->p));
		}
		ASSERT_EQ(0, nft_del(&self->p));
	}
	EXPECT_TRUE(delivered(&self->p, self->fd, PORT_B, PORT_A));
}

TEST_F_TIMEOUT(nf, conntrack_lets_answers_in, 300)
{
	ASSERT_EQ(0, nft_add(&self->p, "filter", "input",
			     "ip protocol icmp accept; ct state established accept; drop;"));
	EXPECT_FALSE(delivered(&self->p, self->fd, PORT_B, PORT_A));
	EXPECT_EQ(4, send_to(self->fd, PAIR_B, PORT_B));
	EXPECT_EQ(1, frame_count(&self->p));
	EXPECT_TRUE(delivered(&self->p, self->fd, PORT_B, PORT_A));
	EXPECT_FALSE(delivered(&self->p, self->fd, PORT_B + 1, PORT_A));
}

/* A hook puts a route of the kernel's on the packet: ours is looked up. */
TEST_F_TIMEOUT(nf, dnat_of_own_packets, 300)
{
	struct frame r;

	ASSERT_EQ(0, sh("ip -n %s route add 10.77.0.0/24 dev pa",
			self->p.a));
	ASSERT_EQ(0, sh("ip -n %s route add 192.0.2.0/24 dev pa",
			self->p.a));
	ASSERT_EQ(0, nft_add(&self->p, "nat", "output",
			     "udp dport 99 dnat to 10.77.0.2:5002;"));
	EXPECT_EQ(4, send_to(self->fd, "10.77.0.50", 99));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(0, memcmp(r.b, self->p.mac_b, 6));
	EXPECT_EQ(inet_addr(PAIR_B), frame_ip(&r)->daddr);
	EXPECT_EQ(inet_addr(PAIR_A), frame_ip(&r)->saddr);
	EXPECT_EQ(htons(PORT_B), ((struct udphdr *)frame_l4(&r))->dest);
	EXPECT_EQ(0, csum_of(frame_ip(&r), 20));
	/* and the answer is turned back */
	EXPECT_TRUE(delivered(&self->p, self->fd, PORT_B, PORT_A));
}

/* What a rule makes of a frame to A that is for an address of the kernel's. */
static const struct {
	const char *type, *rules, *addr, *forwarding;
	bool opts;
} kernels[] = {
	{ "nat", "udp dport 99 dnat to 10.99.0.1:5002;", "10.99.0.1", "0",
	  false },
	{ "nat", "udp dport 99 dnat to 10.99.0.1:5002;", "10.99.0.1", "1",
	  false },
	{ "nat", "udp dport 99 dnat to 10.99.0.1:5002;", "10.99.0.1", "1",
	  true },
	/* in a net that we have a route to */
	{ "nat", "udp dport 99 dnat to 10.77.0.9:5002;", "10.77.0.9", "1",
	  false },
	{ "filter", "udp dport 5002 ip daddr set 10.99.0.1;", "10.99.0.1", "0",
	  false },
};

static int udp_of_kernel(const struct pair *p, const char *addr)
{
	struct sockaddr_in sin = sin_of(addr, PORT_B);
	int fd = ns_socket(p->fd_a, AF_INET, SOCK_DGRAM, 0);

	if (fd >= 0 && !bind(fd, (void *)&sin, sizeof(sin)))
		return fd;
	close(fd);
	return -1;
}

static void four_nops(struct frame *f)
{
	uint8_t *at = frame_l4(f);

	memmove(at + 4, at, f->b + f->len - at);
	memset(at, 1, 4);
	frame_put(f, 4);
	frame_ip(f)->ihl++;
	frame_end(f);
}

/* NAT to an address of the kernel's: its stack has the packet, and answers. */
TEST_F_TIMEOUT(nf, dnat_to_the_kernel, 300)
{
	const struct pair *p = &self->p;
	struct sockaddr_in from;
	socklen_t len;
	struct frame r;
	char buf[16];
	unsigned int i;
	bool nat;
	int fd;

	self->p.mixed = true;
	ASSERT_EQ(0, sh("ip -n %s addr add 10.99.0.1/32 dev lo", p->a));
	ASSERT_EQ(0, sh("ip -n %s addr add 10.77.0.9/24 dev pa", p->a));
	ASSERT_EQ(0, sh("ip -n %s neigh add " PAIR_B " lladdr %02x:%02x:%02x:%02x:%02x:%02x dev pa",
			p->a, p->mac_b[0], p->mac_b[1], p->mac_b[2],
			p->mac_b[3], p->mac_b[4], p->mac_b[5]));
	for (i = 0; i < ARRAY_SIZE(kernels); i++) {
		TH_LOG("%s forwarding %s", kernels[i].rules,
		       kernels[i].forwarding);
		ASSERT_EQ(0, pair_sysctl(p, "conf.pa.forwarding",
					 kernels[i].forwarding));
		ASSERT_EQ(0, nft_add(p, kernels[i].type, "prerouting",
				     kernels[i].rules));
		fd = udp_of_kernel(p, kernels[i].addr);
		ASSERT_LE(0, fd);
		nat = !strcmp(kernels[i].type, "nat");
		frame_udp(&self->f, p, 7000 + i, nat ? 99 : PORT_B, 4);
		if (kernels[i].opts)
			four_nops(&self->f);
		ASSERT_EQ(0, frame_out(p, &self->f));
		EXPECT_EQ(0, frame_count(p));
		EXPECT_EQ(i + 1, pair_stat(p, "PpToKernel"));
		len = sizeof(from);
		ASSERT_EQ(4, recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
				      (void *)&from, &len));
		EXPECT_EQ(htons(7000 + i), from.sin_port);
		EXPECT_EQ(4, sendto(fd, buf, 4, 0, (void *)&from, len));
		ASSERT_TRUE(frame_last(p, &r));
		/* NAT has the answer come from whom B has asked */
		if (nat) {
			EXPECT_EQ(inet_addr(PAIR_A), frame_ip(&r)->saddr);
			EXPECT_EQ(htons(99),
				  ((struct udphdr *)frame_l4(&r))->source);
		}
		close(fd);
		ASSERT_EQ(0, nft_del(p));
	}
}

TEST_F_TIMEOUT(nf, snat_and_back, 300)
{
	struct frame r;

	ASSERT_EQ(0, nft_add(&self->p, "nat", "postrouting",
			     "udp dport 5002 snat to 10.77.0.1:6000;"));
	EXPECT_EQ(4, send_to(self->fd, PAIR_B, PORT_B));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(htons(6000), ((struct udphdr *)frame_l4(&r))->source);
	EXPECT_TRUE(delivered(&self->p, self->fd, PORT_B, 6000));
}

TEST_F_TIMEOUT(nf, mark_changes_the_route, 300)
{
	struct frame r;

	ASSERT_EQ(0, sh("ip -n %s route add 10.77.0.0/24 dev pa",
			self->p.a));
	ASSERT_EQ(0, nft_add(&self->p, "route", "output",
			     "udp dport 5002 meta mark set 7;"));
	EXPECT_EQ(4, send_to(self->fd, PAIR_B, PORT_B));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(0, memcmp(r.b, self->p.mac_b, 6));
}

/*
 * The hook looks for a route of the kernel's first. Without one the sender is
 * told so; any will do, for then our own is looked up.
 */
TEST_F_TIMEOUT(nf, mark_without_a_route_of_the_kernel, 300)
{
	struct frame r;

	ASSERT_EQ(0, nft_add(&self->p, "route", "output",
			     "udp dport 5002 meta mark set 7;"));
	EXPECT_EQ(-1, send_to(self->fd, PAIR_B, PORT_B));
	EXPECT_EQ(ENETUNREACH, errno);
	EXPECT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(4, send_to(self->fd, PAIR_B, 77));
	EXPECT_EQ(1, frame_count(&self->p));
	ASSERT_EQ(0, sh("ip -n %s route add default dev lo", self->p.a));
	EXPECT_EQ(4, send_to(self->fd, PAIR_B, PORT_B));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(0, memcmp(r.b, self->p.mac_b, 6));
	EXPECT_EQ(inet_addr(PAIR_B), frame_ip(&r)->daddr);
}

/*
 * Nobody listens to the queue: the packet is dropped, of which the sender
 * hears as little as on AF_INET, or passes by.
 */
TEST_F_TIMEOUT(nf, queue_without_listener, 300)
{
	if (nft_add(&self->p, "filter", "output",
		    "udp dport 5002 queue num 3; udp dport 77 queue num 4 bypass;"))
		SKIP(return, "no nft queue");
	EXPECT_EQ(4, send_to(self->fd, PAIR_B, PORT_B));
	EXPECT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(4, send_to(self->fd, PAIR_B, 77));
	EXPECT_EQ(1, frame_count(&self->p));
}

/* A datagram of 120 octets to @dst in two pieces. */
static int two_pieces(const struct pair *p, const char *dst, uint16_t dport)
{
	struct frame f, one, two;

	frame_udp(&f, p, PORT_B, dport, 120);
	frame_ip(&f)->daddr = inet_addr(dst);
	frame_halves(&f, &one, &two, 77);
	return frame_out(p, &one) || frame_out(p, &two) ? -1 : 0;
}

/* Conntrack puts datagrams together before we see them. */
TEST_F_TIMEOUT(nf, defragmented_datagram, 300)
{
	char buf[256];

	ASSERT_EQ(0, nft_add(&self->p, "filter", "input",
			     "ct state invalid drop;"));
	ASSERT_EQ(0, two_pieces(&self->p, PAIR_A, PORT_A));
	ASSERT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(120, recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT));
}

/* How many of @n IPv4 frames that are to come from A do so. */
static int come(const struct pair *p, int n)
{
	int tries, got = 0;

	for (tries = 0; got < n && tries < 50; tries++)
		got += frame_count(p);
	return got;
}

/*
 * TPROXY gives packets to a socket of the kernel's. It must not be charged for
 * what is only sent on, least of all for the pieces that a datagram goes in.
 */
TEST_F_TIMEOUT(nf, tproxy_and_forwarding, 300)
{
	const struct pair *p = &self->p;
	struct sockaddr_in sin = sin_of("0.0.0.0", 99);
	int fd = ns_socket(p->fd_a, AF_INET, SOCK_DGRAM, 0), on = 1, i;

	self->p.mixed = true;
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, SOL_IP, IP_TRANSPARENT, &on, sizeof(on)));
	ASSERT_EQ(0, bind(fd, (void *)&sin, sizeof(sin)));
	ASSERT_EQ(0, pair_sysctl(p, "conf.all.send_redirects", "0"));
	ASSERT_EQ(0, pair_sysctl(p, "conf.pa.send_redirects", "0"));
	ASSERT_EQ(0, pair_sysctl(p, "conf.all.forwarding", "1"));
	ASSERT_EQ(0, pp_tool(p, "neigh add 10.77.0.66 lladdr %s dev pa nud permanent",
			     "02:00:00:00:00:66"));
	if (nft_add(p, "filter", "prerouting",
		    "udp sport 5002 tproxy to 127.0.0.1:99 counter;"))
		SKIP(return, "no nft tproxy");
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, two_pieces(p, "10.77.0.66", 98));
		ASSERT_EQ(2, come(p, 2));
	}
	frame_udp(&self->f, p, PORT_B, 98, 4);
	frame_ip(&self->f)->daddr = inet_addr("10.77.0.66");
	frame_ip_csum(&self->f);
	ASSERT_EQ(0, frame_out(p, &self->f));
	ASSERT_EQ(1, come(p, 1));
	/* nor does one of ours lose what is for it */
	EXPECT_TRUE(delivered(p, self->fd, PORT_B, PORT_A));
	EXPECT_EQ(0, sh("ip netns exec %s nft list table ip t | grep -q 'packets 22 '",
			p->a));
	/* it is still whole */
	sin = sin_of("127.0.0.1", 99);
	EXPECT_EQ(2, sendto(fd, "me", 2, 0, (void *)&sin, sizeof(sin)));
	EXPECT_EQ(2, recv(fd, &on, sizeof(on), 0));
	close(fd);
}

/* Over lo: all of output and input in one netns. */
TEST_F_TIMEOUT(nf, loopback_passes_the_hooks, 300)
{
	char buf[16];

	ASSERT_EQ(0, nft_add(&self->p, "filter", "input",
			     "udp dport 5001 counter drop;"));
	EXPECT_EQ(4, send_to(self->fd, PAIR_A, PORT_A));
	EXPECT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(-1, recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_EQ(0, nft_del(&self->p));
	EXPECT_EQ(4, send_to(self->fd, PAIR_A, PORT_A));
	EXPECT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(4, recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT));
}

TEST_HARNESS_MAIN
