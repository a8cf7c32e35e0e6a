// SPDX-License-Identifier: GPL-2.0
/*
 * What a route says besides the way, on both stacks: seen on the wire, in
 * TCP_INFO and in the counters. The peer answers at an address behind it.
 */
#include <linux/tcp.h>
#include <net/if.h>
#include "pp_fixture.h"
#include <linux/ip.h>

#define FAR	"10.88.0.1"
#define PORT	4300

/* A listener at FAR in B, and a route to it in A that says @words. */
static int far_listener(struct pp_pair *p, const char *words)
{
	char route[128];
	int fd, err;

	if (pp_ns_enter(p->ns_b))
		return -1;
	err = pp_run("ip addr add " FAR "/32 dev lo");
	if (pp_ns_enter(p->ns_a) || err)
		return -1;
	snprintf(route, sizeof(route), "add " FAR " via " PKTPATH_T_B " %s",
		 words);
	if (pp_route(p, route))
		return -1;
	fd = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || pp_bind(fd, FAR, PORT) || listen(fd, 8))
		return -1;
	return fd;
}

static int connected(const struct pp_pair *p)
{
	int fd = pp_socket(p, SOCK_STREAM, 0);

	return fd < 0 || pp_connect(fd, FAR, PORT) ? -1 : fd;
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info i = { 0 };
	socklen_t len = sizeof(i);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	return i;
}

/* The next segment of A's to FAR. */
static struct tcphdr *segment(int tap, struct iphdr *iph, size_t size)
{
	struct tcphdr *th;

	do {
		if (pp_tap_next(tap, IPPROTO_TCP, PORT, iph, size) < 0)
			return NULL;
		th = (struct tcphdr *)((char *)iph + iph->ihl * 4);
	} while (iph->daddr != inet_addr(FAR));
	return th;
}

static union {
	struct iphdr ip;
	uint8_t b[2048];
} pkt;

TEST_F(stacks, hoplimit)
{
	int lfd = far_listener(&self->p, "hoplimit 33"), fd, tap;
	struct tcphdr *th;

	ASSERT_LE(0, lfd);
	tap = pp_tap(&self->p);
	fd = pp_udp(&self->p);
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, FAR, 9));
	ASSERT_LT(0, pp_tap_next(tap, IPPROTO_UDP, 9, &pkt, sizeof(pkt)));
	EXPECT_EQ(33, pkt.ip.ttl);
	/* the user's own counts */
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_TTL, 44));
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, FAR, 9));
	ASSERT_LT(0, pp_tap_next(tap, IPPROTO_UDP, 9, &pkt, sizeof(pkt)));
	EXPECT_EQ(44, pkt.ip.ttl);
	close(fd);
	fd = connected(&self->p);
	ASSERT_LE(0, fd);
	th = segment(tap, &pkt.ip, sizeof(pkt));
	ASSERT_NE(NULL, th);
	EXPECT_EQ(1, (int)th->syn);
	EXPECT_EQ(33, pkt.ip.ttl);
	/* elsewhere as ever */
	fd = pp_udp(&self->p);
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 9));
	ASSERT_LT(0, pp_tap_next(tap, IPPROTO_UDP, 9, &pkt, sizeof(pkt)));
	EXPECT_EQ(64, pkt.ip.ttl);
}

/* The MSS that a SYN announces. */
static int mss_of(const struct tcphdr *th)
{
	const uint8_t *o = (const uint8_t *)(th + 1);

	return th->doff > 5 && o[0] == 2 && o[1] == 4 ? o[2] << 8 | o[3] : -1;
}

TEST_F(stacks, syn)
{
	int lfd = far_listener(&self->p,
			       "advmss 1000 initrwnd 4 features ecn"), tap;
	struct tcphdr *th;

	ASSERT_LE(0, lfd);
	tap = pp_tap(&self->p);
	ASSERT_EQ(0, pp_sysctl(&self->p, "tcp_ecn", "2"));
	ASSERT_LE(0, connected(&self->p));
	th = segment(tap, &pkt.ip, sizeof(pkt));
	ASSERT_NE(NULL, th);
	EXPECT_EQ(1, (int)th->syn);
	EXPECT_EQ(1000, mss_of(th));
	EXPECT_EQ(4000, ntohs(th->window));
	EXPECT_EQ(1, (int)th->ece);
	EXPECT_EQ(1, (int)th->cwr);
}

/* Who is asked asks the route, too, when the settings say no. */
TEST_F(stacks, synack)
{
	int lfd = far_listener(&self->p, "features ecn"), tap, fd;
	struct tcphdr *th;

	ASSERT_LE(0, lfd);
	close(lfd);
	ASSERT_EQ(0, pp_sysctl(&self->p, "tcp_ecn", "0"));
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_b));
	ASSERT_EQ(0, pp_run("echo 1 >/proc/sys/net/ipv4/tcp_ecn"));
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_a));
	lfd = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, pp_bind(lfd, PKTPATH_T_A, PORT));
	ASSERT_EQ(0, listen(lfd, 8));
	tap = pp_tap(&self->p);
	fd = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, pp_bind(fd, FAR, PORT));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_A, PORT));
	th = segment(tap, &pkt.ip, sizeof(pkt));
	ASSERT_NE(NULL, th);
	EXPECT_EQ(1, (int)th->syn);
	EXPECT_EQ(1, (int)th->ack);
	EXPECT_EQ(1, (int)th->ece);
	EXPECT_EQ(0, (int)th->cwr);
}

TEST_F(stacks, window)
{
	int lfd = far_listener(&self->p, "window 7000"), tap, fd;
	struct tcphdr *th;
	unsigned int i;

	ASSERT_LE(0, lfd);
	tap = pp_tap(&self->p);
	fd = connected(&self->p);
	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++) {
		th = segment(tap, &pkt.ip, sizeof(pkt));
		ASSERT_NE(NULL, th);
		EXPECT_GE(7000, ntohs(th->window));
		EXPECT_LE(3000, ntohs(th->window));
	}
}

TEST_F(stacks, connection)
{
	int lfd = far_listener(&self->p, "initcwnd 3 rto_min 50ms"), fd;
	struct tcp_info i;

	ASSERT_LE(0, lfd);
	fd = connected(&self->p);
	ASSERT_LE(0, fd);
	i = info_of(fd);
	EXPECT_EQ(3, i.tcpi_snd_cwnd);
	EXPECT_LE(50000, i.tcpi_rto);
	/* 200 ms and the round trip without it */
	EXPECT_GT(200000, i.tcpi_rto);
}

/* How many ACKs were delayed in some rounds of question and answer. */
static long delayed(const struct pp_pair *p, int fd, int peer, int tap)
{
	long was, now;
	int i, tries;
	char c;

	/* it is a conversation, in which ACKs wait for an answer to go with */
	for (i = 0; i < 40; i++)
		if (write(fd, "q", 1) != 1 || read(peer, &c, 1) != 1 ||
		    write(peer, "a", 1) != 1 || read(fd, &c, 1) != 1)
			return -1;
	was = pp_count(p, "TcpExt", "DelayedACKs");
	for (i = 0; i < 5; i++) {
		while (recv(tap, &c, 1, MSG_DONTWAIT) >= 0)
			;
		if (write(peer, "a", 1) != 1 || read(fd, &c, 1) != 1)
			return -1;
		/* its ACK, now or when it has waited enough */
		for (tries = 0; tries < 30; tries++)
			if (segment(tap, &pkt.ip, sizeof(pkt)))
				break;
		if (tries == 30 || write(fd, "q", 1) != 1 ||
		    read(peer, &c, 1) != 1)
			return -1;
	}
	now = pp_count(p, "TcpExt", "DelayedACKs");
	return now - was;
}

static long delayed_with(struct pp_pair *p, const char *words)
{
	int lfd = far_listener(p, words), tap = pp_tap(p), fd, peer;

	if (lfd < 0 || tap < 0)
		return -1;
	fd = connected(p);
	peer = accept(lfd, NULL, NULL);
	return fd < 0 || peer < 0 ? -1 : delayed(p, fd, peer, tap);
}

TEST_F(stacks, quickack)
{
	EXPECT_EQ(0, delayed_with(&self->p, "quickack 1"));
}

TEST_F(stacks, no_quickack)
{
	EXPECT_LT(0, delayed_with(&self->p, "metric 7"));
}

/* What a route is given it shows, and so does the answer to who asks for one. */
TEST_F(stacks, shown)
{
	int lfd = far_listener(&self->p,
			       "hoplimit 9 advmss 1200 initcwnd 5 quickack 1");

	ASSERT_LE(0, lfd);
	EXPECT_EQ(0, pp_route(&self->p, "show >shown"));
	EXPECT_EQ(0, pp_run("grep " FAR " shown | grep -q 'advmss 1200'"));
	EXPECT_EQ(0, pp_run("grep " FAR " shown | grep -q 'hoplimit 9'"));
	EXPECT_EQ(0, pp_run("grep " FAR " shown | grep -q 'initcwnd 5'"));
	EXPECT_EQ(0, pp_run("grep " FAR " shown | grep -q 'quickack 1'"));
	EXPECT_EQ(0, pp_route(&self->p, "get " FAR " >shown"));
	EXPECT_EQ(0, pp_run("grep -q 'advmss 1200' shown"));
	EXPECT_EQ(0, unlink("shown"));
}

/* What the route to a group says is said by the device of a socket, too. */
TEST_F(stacks, group)
{
	struct ip_mreqn by = { .imr_ifindex = if_nametoindex("pa") };
	int bound = pp_udp(&self->p);

	ASSERT_LT(0, by.imr_ifindex);
	ASSERT_EQ(0, pp_route(&self->p, "add 239.7.0.0/16 dev pa mtu 1000"));
	ASSERT_EQ(0, setsockopt(bound, SOL_IP, IP_MULTICAST_IF, &by,
				sizeof(by)));
	ASSERT_EQ(0, pp_connect(bound, "239.7.0.1", 9));
	EXPECT_EQ(1000, pp_get(bound, SOL_IP, IP_MTU));
	/* no route by that device */
	ASSERT_EQ(0, pp_connect(bound, "239.8.0.1", 9));
	EXPECT_EQ(1500, pp_get(bound, SOL_IP, IP_MTU));
	/* nor is there one for the link itself */
	ASSERT_EQ(0, pp_route(&self->p, "add 224.0.0.0/24 dev pa mtu 900"));
	ASSERT_EQ(0, pp_connect(bound, "224.0.0.9", 9));
	EXPECT_EQ(1500, pp_get(bound, SOL_IP, IP_MTU));
}

TEST_HARNESS_MAIN
