// SPDX-License-Identifier: GPL-2.0
/*
 * IP options on both stacks: IP_OPTIONS, IP_RECVOPTS, IP_RETOPTS, what hosts
 * write into Record Route and Timestamp, what goes into fragments. Row IP-6.
 */
#define _GNU_SOURCE
#include <linux/icmp.h>
#include <linux/ip.h>
#include "pp_fixture.h"

#define PORT	5001

static char in[65536], out[4096];

/* Room for 4 and 2 hops; Router Alert, which every fragment has. */
static const uint8_t rr[20] = { 7, 19, 4 };
static const uint8_t ts[20] = { 68, 20, 5, 1 };
static const uint8_t ra_rr[16] = { 148, 4, 0, 0, 7, 11, 4 };

static int opts_set(int fd, const void *o, socklen_t len)
{
	return setsockopt(fd, SOL_IP, IP_OPTIONS, o, len);
}

static uint32_t hop(const uint8_t *o, int n)
{
	uint32_t a;

	memcpy(&a, o + 3 + n * 4, sizeof(a));
	return a;
}

/* Receives one datagram; its options of @type, how many bytes, 0: none. */
static int opts_recv(int fd, int type, uint8_t *o)
{
	struct msghdr msg;
	struct cmsghdr *c;
	int n;

	if (pp_recvmsg(fd, &msg, 0) < 0)
		return -1;
	c = pp_cmsg(&msg, SOL_IP, type);
	if (!c)
		return 0;
	n = c->cmsg_len - CMSG_LEN(0);
	memcpy(o, CMSG_DATA(c), n);
	return n;
}

TEST_F(stacks, set_and_get)
{
	static const struct {
		socklen_t len;
		uint8_t o[8];
	} bad[] = {
		{ 4, { 7, 2, 0, 0 } }, { 4, { 7, 4, 3, 0 } },
		{ 4, { 7, 5, 4, 0 } }, { 8, { 68, 8, 4, 0 } },
		{ 4, { 148, 3, 0, 0 } }, { 1, { 7 } },
	};
	int fd = pp_udp(&self->p);
	uint8_t o[64];
	socklen_t len;
	size_t i;

	len = sizeof(o);
	ASSERT_EQ(0, getsockopt(fd, SOL_IP, IP_OPTIONS, o, &len));
	EXPECT_EQ(0, len);
	ASSERT_EQ(0, opts_set(fd, rr, 19));
	len = sizeof(o);
	ASSERT_EQ(0, getsockopt(fd, SOL_IP, IP_OPTIONS, o, &len));
	ASSERT_EQ(20, len);
	EXPECT_EQ(0, memcmp(o, rr, 20));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_ERRNO(EINVAL, opts_set(fd, bad[i].o, bad[i].len));
	EXPECT_ERRNO(EINVAL, opts_set(fd, out, 41));
	/* what was good is still there */
	len = 7;
	ASSERT_EQ(0, getsockopt(fd, SOL_IP, IP_OPTIONS, o, &len));
	EXPECT_EQ(7, len);
	ASSERT_EQ(0, opts_set(fd, NULL, 0));
	len = sizeof(o);
	ASSERT_EQ(0, getsockopt(fd, SOL_IP, IP_OPTIONS, o, &len));
	EXPECT_EQ(0, len);
	close(fd);
}

/* RFC 791: each host that has it writes itself in. */
TEST_F(stacks, sent)
{
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	int fd = pp_udp(&self->p);
	uint8_t o[64];

	ASSERT_EQ(0, pp_set(peer, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(0, opts_set(fd, rr, sizeof(rr)));
	ASSERT_EQ(3, pp_sendto(fd, "abc", 3, PKTPATH_T_B, PORT));
	ASSERT_EQ(20, opts_recv(peer, IP_RECVOPTS, o));
	EXPECT_EQ(12, o[2]);
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 0));
	EXPECT_EQ(inet_addr(PKTPATH_T_B), hop(o, 1));
	EXPECT_EQ(0, hop(o, 2));
	ASSERT_EQ(0, opts_set(fd, ts, sizeof(ts)));
	ASSERT_EQ(3, pp_sendto(fd, "abc", 3, PKTPATH_T_B, PORT));
	ASSERT_EQ(20, opts_recv(peer, IP_RECVOPTS, o));
	EXPECT_EQ(21, o[2]);
	EXPECT_EQ(0, memcmp(o + 4, &(in_addr_t){ inet_addr(PKTPATH_T_A) }, 4));
	EXPECT_NE(0, memcmp(o + 8, &(uint32_t){ 0 }, 4));
	EXPECT_EQ(0, memcmp(o + 12, &(in_addr_t){ inet_addr(PKTPATH_T_B) },
			    4));
	/* and none any more */
	ASSERT_EQ(0, opts_set(fd, NULL, 0));
	ASSERT_EQ(3, pp_sendto(fd, "abc", 3, PKTPATH_T_B, PORT));
	ASSERT_EQ(0, opts_recv(peer, IP_RECVOPTS, o));
	close(fd);
	close(peer);
}

TEST_F(stacks, received)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	uint8_t o[64];

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(0, opts_set(peer, rr, sizeof(rr)));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, PKTPATH_T_A, PORT));
	ASSERT_EQ(20, opts_recv(fd, IP_RECVOPTS, o));
	EXPECT_EQ(12, o[2]);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), hop(o, 0));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 1));
	EXPECT_EQ(0, hop(o, 2));
	/* as they would have to be sent back */
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVOPTS, 0));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RETOPTS, 1));
	ASSERT_EQ(0, opts_set(peer, ts, sizeof(ts)));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, PKTPATH_T_A, PORT));
	ASSERT_EQ(20, opts_recv(fd, IP_RETOPTS, o));
	EXPECT_EQ(68, o[0]);
	EXPECT_EQ(0, memcmp(o + 4, &(in_addr_t){ inet_addr(PKTPATH_T_B) }, 4));
	close(fd);
	close(peer);
}

/* RFC 1122 §3.2.2.6: the reply has the request's Record Route. */
TEST_F(stacks, echoed)
{
	int icmp = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	struct icmphdr h = { .type = ICMP_ECHO, .un.echo.id = htons(5) };
	const struct iphdr *iph = (struct iphdr *)in;
	const uint8_t *o = (uint8_t *)(iph + 1);
	ssize_t n;

	h.checksum = ~(htons(ICMP_ECHO << 8) + htons(5));
	ASSERT_EQ(0, opts_set(icmp, rr, sizeof(rr)));
	ASSERT_EQ(8, pp_sendto(icmp, &h, 8, PKTPATH_T_A, 0));
	do {
		n = recv(icmp, in, sizeof(in), 0);
		ASSERT_LE(28, n);
	} while (in[iph->ihl * 4] != ICMP_ECHOREPLY);
	ASSERT_EQ(40, iph->ihl * 4);
	EXPECT_EQ(7, o[0]);
	EXPECT_EQ(20, o[2]);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), hop(o, 0));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 1));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 2));
	EXPECT_EQ(inet_addr(PKTPATH_T_B), hop(o, 3));
	close(icmp);
}

/* RFC 791 §3.1: an option without the copy bit is in the first piece alone. */
TEST_F(stacks, in_pieces)
{
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	int fd = pp_udp(&self->p), tap = pp_tap(&self->p);
	const struct iphdr *iph = (struct iphdr *)in;
	const uint8_t *o = (uint8_t *)(iph + 1);
	int i;

	ASSERT_EQ(0, opts_set(fd, ra_rr, sizeof(ra_rr)));
	ASSERT_EQ(4000, pp_sendto(fd, out, 4000, PKTPATH_T_B, PORT));
	for (i = 0; i < 3; i++) {
		ASSERT_LT(36, pp_tap_next(tap, IPPROTO_UDP, 0, in,
					  sizeof(in)));
		ASSERT_EQ(36, iph->ihl * 4);
		EXPECT_EQ(148, o[0]);
		EXPECT_EQ(i ? 1 : 7, o[4]);
		EXPECT_EQ(i ? 1 : 8, o[6]);
		EXPECT_EQ(!i, !(ntohs(iph->frag_off) & 0x1fff));
	}
	ASSERT_EQ(4000, recv(peer, in, sizeof(in), 0));
	/* no more than fits into a datagram */
	EXPECT_ERRNO(EMSGSIZE, pp_sendto(fd, in, 65507, PKTPATH_T_B, PORT));
	close(fd);
	close(peer);
	close(tap);
}

/* Source routes: not even for the administrator. */
TEST_F(stacks, no_source_routes)
{
	static const uint8_t lsrr[8] = { 131, 7, 4, 10, 77, 0, 2 };
	int fd = pp_udp(&self->p);

	errno = 0;
	EXPECT_EQ(self->p.inet ? 0 : -1, opts_set(fd, lsrr, sizeof(lsrr)));
	EXPECT_EQ(self->p.inet ? 0 : EOPNOTSUPP, errno);
	close(fd);
}

/* Options of a single datagram: in place of the socket's, or none. */
TEST_F(stacks, of_one_datagram)
{
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	int fd = pp_udp(&self->p);
	uint8_t o[64];

	ASSERT_EQ(0, pp_set(peer, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(3, pp_send_cmsg(fd, "abc", 3, PKTPATH_T_B, PORT, SOL_IP,
				  IP_RETOPTS, rr, sizeof(rr)));
	ASSERT_EQ(20, opts_recv(peer, IP_RECVOPTS, o));
	EXPECT_EQ(7, o[0]);
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 0));
	EXPECT_EQ(inet_addr(PKTPATH_T_B), hop(o, 1));
	/* not the next one */
	ASSERT_EQ(3, pp_sendto(fd, "abc", 3, PKTPATH_T_B, PORT));
	EXPECT_EQ(0, opts_recv(peer, IP_RECVOPTS, o));
	/* and not those of the socket */
	ASSERT_EQ(0, opts_set(fd, rr, sizeof(rr)));
	ASSERT_EQ(3, pp_send_cmsg(fd, "abc", 3, PKTPATH_T_B, PORT, SOL_IP,
				  IP_RETOPTS, ts, sizeof(ts)));
	ASSERT_EQ(20, opts_recv(peer, IP_RECVOPTS, o));
	EXPECT_EQ(68, o[0]);
	EXPECT_ERRNO(EINVAL, pp_send_cmsg(fd, "abc", 3, PKTPATH_T_B, PORT,
					  SOL_IP, IP_RETOPTS, "\x07\x02\x00", 4));
	close(fd);
	close(peer);
}

/* An error goes the way that the packet's Record Route tells. */
TEST_F(stacks, in_errors)
{
	int icmp = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	const struct iphdr *iph = (struct iphdr *)in;
	const uint8_t *o = (uint8_t *)(iph + 1);

	ASSERT_EQ(0, opts_set(peer, rr, sizeof(rr)));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, PKTPATH_T_A, 4999));
	do {
		ASSERT_LE(28, recv(icmp, in, sizeof(in), 0));
	} while (in[iph->ihl * 4] != ICMP_DEST_UNREACH);
	ASSERT_EQ(40, iph->ihl * 4);
	EXPECT_EQ(7, o[0]);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), hop(o, 0));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 1));
	close(icmp);
	close(peer);
}

/* Segments with options are shorter by them; all of the stream arrives. */
TEST_F(stacks, of_a_stream)
{
	int ear = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
	int fd = pp_socket(&self->p, SOCK_STREAM, 0), tap, end;
	const struct iphdr *iph = (struct iphdr *)in;
	ssize_t n, got = 0;

	ASSERT_EQ(0, pp_bind(ear, PKTPATH_T_B, PORT));
	ASSERT_EQ(0, listen(ear, 1));
	tap = pp_tap(&self->p);
	ASSERT_EQ(0, opts_set(fd, rr, sizeof(rr)));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT));
	end = accept(ear, NULL, NULL);
	ASSERT_LE(0, end);
	ASSERT_EQ(4000, send(fd, out, 4000, 0));
	for (; got < 4000; got += n) {
		n = recv(end, in, sizeof(in), 0);
		ASSERT_LT(0, n);
	}
	ASSERT_LT(40, pp_tap_next(tap, IPPROTO_TCP, PORT, in, sizeof(in)));
	EXPECT_EQ(40, iph->ihl * 4);
	EXPECT_GE(1440, pp_get(fd, IPPROTO_TCP, 2 /* TCP_MAXSEG */));
	/* none any more */
	EXPECT_EQ(0, opts_set(fd, NULL, 0));
	EXPECT_EQ(1, send(fd, out, 1, 0));
	EXPECT_EQ(1, recv(end, in, sizeof(in), 0));
	close(end);
	close(ear);
	close(tap);
	close(fd);
}

/* The stack under test as a router for the peer. */
static int router(const struct pp_pair *p)
{
	if (pp_sysctl(p, "conf/all/forwarding", "1") ||
	    pp_sysctl(p, "conf/pa/forwarding", "1") ||
	    pp_route(p, "add 10.88.0.0/24 via " PKTPATH_T_B2))
		return -1;
	if (pp_ns_enter(p->ns_b) ||
	    pp_run("ip route add 10.88.0.0/24 via " PKTPATH_T_A) ||
	    pp_ns_enter(p->ns_a))
		return -1;
	return 0;
}

/* The packet as it comes back to the peer, not as it left; false: never. */
static bool forwarded(int tap, unsigned int ttl)
{
	const struct iphdr *iph = (struct iphdr *)in;

	while (pp_tap_next(tap, IPPROTO_UDP, PORT, in, sizeof(in)) > 0)
		if (iph->ttl == ttl)
			return true;
	return false;
}

TEST_F(stacks, filled_by_a_router)
{
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	const uint8_t *o = (uint8_t *)in + 20;
	int tap;

	ASSERT_EQ(0, router(&self->p));
	tap = pp_tap(&self->p);
	ASSERT_EQ(0, opts_set(peer, rr, sizeof(rr)));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, "10.88.0.9", PORT));
	ASSERT_TRUE(forwarded(tap, 63));
	EXPECT_EQ(12, o[2]);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), hop(o, 0));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 1));
	ASSERT_EQ(0, opts_set(peer, ts, sizeof(ts)));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, "10.88.0.9", PORT));
	ASSERT_TRUE(forwarded(tap, 63));
	EXPECT_EQ(21, o[2]);
	EXPECT_EQ(0, memcmp(o + 12, &(in_addr_t){ inet_addr(PKTPATH_T_A) },
			    4));
	close(peer);
	close(tap);
}

/* Only where all devices and this one accept it. */
TEST_F(stacks, source_route_on_request)
{
	static const uint8_t lsrr[8] = { 131, 7, 4, 10, 77, 0, 1 };
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	const struct iphdr *iph = (struct iphdr *)in;
	const uint8_t *o = (uint8_t *)in + 20;
	int tap;

	ASSERT_EQ(0, router(&self->p));
	ASSERT_EQ(0, opts_set(peer, lsrr, sizeof(lsrr)));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/accept_source_route", "0"));
	tap = pp_tap(&self->p);
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, "10.88.0.9", PORT));
	EXPECT_FALSE(forwarded(tap, 63));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/accept_source_route", "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/accept_source_route", "1"));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, "10.88.0.9", PORT));
	ASSERT_TRUE(forwarded(tap, 63));
	EXPECT_EQ(inet_addr("10.88.0.9"), iph->daddr);
	EXPECT_EQ(131, o[0]);
	EXPECT_EQ(8, o[2]);
	EXPECT_EQ(inet_addr(PKTPATH_T_A), hop(o, 0));
	close(peer);
	close(tap);
}

/* A source route to everybody, to nobody or to a group leads nowhere. */
TEST_F(stacks, source_route_to_many)
{
	static const uint8_t next[][4] = {
		{ 255, 255, 255, 255 }, { 10, 77, 0, 255 }, { 224, 0, 0, 1 },
		{ 0, 0, 0, 0 }, { 127, 0, 0, 1 }, { 240, 0, 0, 1 },
	};
	uint8_t lsrr[12] = { 131, 11, 4, 10, 77, 0, 1 };
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT + 1);
	unsigned int i;
	int tap;

	ASSERT_EQ(0, router(&self->p));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/accept_source_route", "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/accept_source_route", "1"));
	tap = pp_tap(&self->p);
	for (i = 0; i < ARRAY_SIZE(next); i++) {
		memcpy(lsrr + 7, next[i], 4);
		ASSERT_EQ(0, opts_set(peer, lsrr, sizeof(lsrr)));
		ASSERT_EQ(3, pp_sendto(peer, "abc", 3, "10.88.0.9", PORT));
	}
	ASSERT_EQ(0, opts_set(peer, NULL, 0));
	ASSERT_EQ(3, pp_sendto(peer, "end", 3, PKTPATH_T_A, PORT + 1));
	ASSERT_EQ(3, recv(fd, in, sizeof(in), 0));
	EXPECT_FALSE(forwarded(tap, 63));
	close(peer);
	close(tap);
	close(fd);
}

/* By several of our own addresses, and strictly by a gateway: not. */
TEST_F(stacks, source_route_by_hops)
{
	static const uint8_t own[12] = { 131, 11, 4, 10, 77, 0, 1,
					 10, 77, 0, 3 };
	static const uint8_t strict[8] = { 137, 7, 4, 10, 77, 0, 1 };
	int icmp = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	const struct iphdr *iph = (struct iphdr *)in;
	const uint8_t *o = (uint8_t *)in + 20;
	int tap;

	ASSERT_EQ(0, router(&self->p));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/accept_source_route", "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/accept_source_route", "1"));
	tap = pp_tap(&self->p);
	ASSERT_EQ(0, opts_set(peer, own, sizeof(own)));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, "10.88.0.9", PORT));
	ASSERT_TRUE(forwarded(tap, 63));
	EXPECT_EQ(inet_addr("10.88.0.9"), iph->daddr);
	EXPECT_EQ(12, o[2]);
	EXPECT_EQ(inet_addr(PKTPATH_T_A2), hop(o, 0));
	ASSERT_EQ(0, opts_set(peer, strict, sizeof(strict)));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, "10.88.0.9", PORT));
	do {
		ASSERT_LE(28, recv(icmp, in, sizeof(in), 0));
	} while (in[iph->ihl * 4] != ICMP_DEST_UNREACH);
	EXPECT_EQ(ICMP_SR_FAILED, in[iph->ihl * 4 + 1]);
	close(icmp);
	close(peer);
	close(tap);
}

TEST_HARNESS_MAIN
