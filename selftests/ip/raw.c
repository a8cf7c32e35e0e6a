// SPDX-License-Identifier: GPL-2.0
/*
 * Raw sockets on both stacks: what they get, what they send, what their
 * options do. The peer is a raw socket of the kernel's in B.
 */
#define _GNU_SOURCE
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include "pp_fixture.h"

#define PROTO	253		/* RFC 3692: for experiments */
#define PORT	5001

static char in[65536], out[65536];

static int raw(const struct pp_pair *p, int proto)
{
	return pp_socket(p, SOCK_RAW, proto);
}

static int peer_raw(const struct pp_pair *p, int proto)
{
	return pp_peer_socket(p, AF_INET, SOCK_RAW, proto);
}

static uint16_t csum(const void *data, unsigned int len)
{
	const uint8_t *b = data;
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? b[i] : b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* An ICMP message of 32 octets in @out. */
static void icmp_make(uint8_t type, uint16_t id)
{
	struct icmphdr *h = (struct icmphdr *)out;

	memset(out, 0x5a, 32);
	memset(h, 0, sizeof(*h));
	h->type = type;
	h->un.echo.id = htons(id);
	h->checksum = csum(out, 32);
}

/* The next message of @type at @fd, behind its IP header. */
static struct icmphdr *icmp_next(int fd, uint8_t type)
{
	struct iphdr *iph = (struct iphdr *)in;
	struct icmphdr *h;
	ssize_t n;

	for (;;) {
		n = recv(fd, in, sizeof(in), 0);
		if (n < 28)
			return NULL;
		h = (struct icmphdr *)(in + iph->ihl * 4);
		if (h->type == type)
			return h;
	}
}

TEST_F(stacks, made)
{
	int type = 0, fd;

	EXPECT_ERRNO(EPROTONOSUPPORT, raw(&self->p, 0));
	EXPECT_ERRNO(EINVAL, raw(&self->p, -1));
	fd = raw(&self->p, PROTO);
	ASSERT_LE(0, fd);
	EXPECT_EQ(SOCK_RAW, pp_get(fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(PROTO, pp_port(fd));
	EXPECT_EQ(0, pp_get(fd, SOL_IP, IP_HDRINCL));
	EXPECT_EQ(0, pp_set(fd, SOL_IP, IP_HDRINCL, 1));
	EXPECT_EQ(1, pp_get(fd, SOL_IP, IP_HDRINCL));
	EXPECT_EQ(0, pp_set(fd, SOL_IP, IP_NODEFRAG, 1));
	EXPECT_EQ(1, pp_get(fd, SOL_IP, IP_NODEFRAG));
	EXPECT_ERRNO(EOPNOTSUPP, setsockopt(fd, SOL_RAW, ICMP_FILTER, &type,
					    sizeof(type)));
	EXPECT_ERRNO(EOPNOTSUPP, listen(fd, 1));
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EADDRNOTAVAIL, pp_bind(fd, PKTPATH_T_B, 0));
	EXPECT_EQ(0, pp_bind(fd, PKTPATH_T_A, 0));
	EXPECT_EQ(0, pp_bind(fd, PKTPATH_T_A2, 0));
	close(fd);
	fd = raw(&self->p, IPPROTO_RAW);
	EXPECT_EQ(1, pp_get(fd, SOL_IP, IP_HDRINCL));
	close(fd);
	fd = pp_udp(&self->p);
	EXPECT_ERRNO(ENOPROTOOPT, pp_set(fd, SOL_IP, IP_HDRINCL, 1));
	EXPECT_ERRNO(ENOPROTOOPT, pp_set(fd, SOL_IP, IP_NODEFRAG, 1));
	close(fd);
}

/* A protocol that nobody else serves: with its IP header; no ICMP answer. */
TEST_F(stacks, received)
{
	int fd = raw(&self->p, PROTO), peer = peer_raw(&self->p, PROTO);
	struct iphdr *iph = (struct iphdr *)in;
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	long none, got;

	none = pp_count(&self->p, "Ip", "InUnknownProtos");
	got = pp_count(&self->p, "Ip", "InDelivers");
	ASSERT_EQ(5, pp_sendto(peer, "hello", 5, PKTPATH_T_A, 0));
	ASSERT_EQ(25, recvfrom(fd, in, sizeof(in), 0, (void *)&sin, &len));
	EXPECT_EQ(0, memcmp(in + 20, "hello", 5));
	EXPECT_EQ(PROTO, iph->protocol);
	EXPECT_EQ(htons(25), iph->tot_len);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), sin.sin_addr.s_addr);
	EXPECT_EQ(0, sin.sin_port);
	EXPECT_EQ(none, pp_count(&self->p, "Ip", "InUnknownProtos"));
	EXPECT_LT(got, pp_count(&self->p, "Ip", "InDelivers"));
	/* cut, and how long it was */
	ASSERT_EQ(5, pp_sendto(peer, "again", 5, PKTPATH_T_A, 0));
	EXPECT_EQ(25, recv(fd, in, 22, MSG_TRUNC));
	close(fd);
	close(peer);
}

/* Who is bound or connected gets less. */
TEST_F(stacks, chosen)
{
	int all = raw(&self->p, PROTO), a2 = raw(&self->p, PROTO);
	int b2 = raw(&self->p, PROTO), b = raw(&self->p, PROTO);
	int peer = peer_raw(&self->p, PROTO);

	ASSERT_EQ(0, pp_bind(a2, PKTPATH_T_A2, 0));
	ASSERT_EQ(0, pp_connect(b2, PKTPATH_T_B2, 0));
	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_B, 0));
	ASSERT_EQ(1, pp_sendto(peer, "1", 1, PKTPATH_T_A, 0));
	EXPECT_EQ(21, recv(all, in, sizeof(in), 0));
	EXPECT_EQ(21, recv(b, in, sizeof(in), 0));
	ASSERT_EQ(1, pp_sendto(peer, "2", 1, PKTPATH_T_A2, 0));
	EXPECT_EQ(21, recv(a2, in, sizeof(in), 0));
	EXPECT_EQ('2', in[20]);
	EXPECT_EQ(21, recv(all, in, sizeof(in), 0));
	EXPECT_EQ(0, pp_readable(b2, 50));
	close(all);
	close(a2);
	close(b2);
	close(b);
	close(peer);
}

/* A copy: the stack answers and delivers as without. */
TEST_F(stacks, copies_of_icmp)
{
	int fd = raw(&self->p, IPPROTO_ICMP);
	int peer = peer_raw(&self->p, IPPROTO_ICMP);
	uint32_t filter = ~(1U << ICMP_TIMESTAMP);
	socklen_t len = sizeof(filter);
	struct icmphdr *h;

	icmp_make(ICMP_ECHO, 7);
	ASSERT_EQ(32, pp_sendto(peer, out, 32, PKTPATH_T_A, 0));
	h = icmp_next(fd, ICMP_ECHO);
	ASSERT_NE(NULL, h);
	EXPECT_EQ(htons(7), h->un.echo.id);
	EXPECT_NE(NULL, icmp_next(peer, ICMP_ECHOREPLY));
	/* ICMP_FILTER: the types whose bit is set stay out */
	ASSERT_EQ(0, setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, len));
	filter = 0;
	ASSERT_EQ(0, getsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, &len));
	EXPECT_EQ(~(1U << ICMP_TIMESTAMP), filter);
	ASSERT_EQ(32, pp_sendto(peer, out, 32, PKTPATH_T_A, 0));
	icmp_make(ICMP_TIMESTAMP, 8);
	ASSERT_EQ(32, pp_sendto(peer, out, 32, PKTPATH_T_A, 0));
	ASSERT_LE(28, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(ICMP_TIMESTAMP, in[20]);
	close(fd);
	close(peer);
}

TEST_F(stacks, copies_of_udp)
{
	int fd = raw(&self->p, IPPROTO_UDP);
	int udp = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);

	ASSERT_EQ(3, pp_sendto(peer, "two", 3, PKTPATH_T_A, PORT));
	EXPECT_EQ(3, recv(udp, in, sizeof(in), 0));
	EXPECT_EQ(31, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in + 28, "two", 3));
	close(fd);
	close(udp);
	close(peer);
}

/* ping as ping did it. */
TEST_F(stacks, ping)
{
	int fd = raw(&self->p, IPPROTO_ICMP);
	struct icmphdr *h;

	icmp_make(ICMP_ECHO, 9);
	ASSERT_EQ(32, pp_sendto(fd, out, 32, PKTPATH_T_B, 0));
	h = icmp_next(fd, ICMP_ECHOREPLY);
	ASSERT_NE(NULL, h);
	EXPECT_EQ(htons(9), h->un.echo.id);
	EXPECT_EQ(0, memcmp(out + 8, h + 1, 24));
	/* and to this host */
	ASSERT_EQ(32, pp_sendto(fd, out, 32, PKTPATH_T_A, 0));
	ASSERT_NE(NULL, icmp_next(fd, ICMP_ECHOREPLY));
	close(fd);
}

TEST_F(stacks, sent)
{
	int fd = raw(&self->p, PROTO), peer = peer_raw(&self->p, PROTO);
	struct iphdr *iph = (struct iphdr *)in;
	int i;

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_TTL, 33));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_TOS, 0x10));
	ASSERT_EQ(3, pp_sendto(fd, "abc", 3, PKTPATH_T_B, 0));
	ASSERT_EQ(23, recv(peer, in, sizeof(in), 0));
	EXPECT_EQ(33, iph->ttl);
	EXPECT_EQ(0x10, iph->tos);
	EXPECT_EQ(inet_addr(PKTPATH_T_A), iph->saddr);
	EXPECT_EQ(0, memcmp(in + 20, "abc", 3));
	/* in pieces */
	for (i = 0; i < (int)sizeof(out); i++)
		out[i] = i * 5;
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 0));
	ASSERT_EQ(9000, send(fd, out, 9000, 0));
	ASSERT_EQ(9020, recv(peer, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in + 20, out, 9000));
	EXPECT_ERRNO(EMSGSIZE, send(fd, out, 65516, 0));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	EXPECT_ERRNO(EMSGSIZE, send(fd, out, 1481, 0));
	EXPECT_ERRNO(EACCES, pp_sendto(fd, out, 1, PKTPATH_T_BCAST, 0));
	close(fd);
	close(peer);
}

/* A header of one's own: what is 0 is filled in. */
TEST_F(stacks, own_header)
{
	struct iphdr *iph = (struct iphdr *)out, *got = (struct iphdr *)in;
	int fd = raw(&self->p, IPPROTO_RAW);
	int peer = peer_raw(&self->p, PROTO);

	memset(out, 0, 2000);
	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 9;
	iph->protocol = PROTO;
	iph->daddr = inet_addr(PKTPATH_T_B);
	iph->frag_off = htons(0x4000);
	iph->id = htons(4711);
	memcpy(iph + 1, "mine", 4);
	ASSERT_EQ(24, pp_sendto(fd, out, 24, PKTPATH_T_B, 0));
	ASSERT_EQ(24, recv(peer, in, sizeof(in), 0));
	EXPECT_EQ(9, got->ttl);
	EXPECT_EQ(htons(4711), got->id);
	EXPECT_EQ(inet_addr(PKTPATH_T_A), got->saddr);
	EXPECT_EQ(htons(24), got->tot_len);
	EXPECT_EQ(0, csum(in, 20));
	/* a source of one's own */
	iph->saddr = inet_addr("10.77.0.200");
	iph->id = 0;
	iph->frag_off = 0;
	ASSERT_EQ(24, pp_sendto(fd, out, 24, PKTPATH_T_B, 0));
	ASSERT_EQ(24, recv(peer, in, sizeof(in), 0));
	EXPECT_EQ(inet_addr("10.77.0.200"), got->saddr);
	EXPECT_NE(0, got->id);
	EXPECT_ERRNO(EMSGSIZE, pp_sendto(fd, out, 1501, PKTPATH_T_B, 0));
	EXPECT_ERRNO(EINVAL, pp_sendto(fd, out, 19, PKTPATH_T_B, 0));
	iph->ihl = 15;
	EXPECT_ERRNO(EINVAL, pp_sendto(fd, out, 40, PKTPATH_T_B, 0));
	close(fd);
	close(peer);
}

/* B hears of it when nobody in A serves the protocol. */
TEST_F(stacks, nobody)
{
	int peer = peer_raw(&self->p, PROTO), fd;
	int icmp = peer_raw(&self->p, IPPROTO_ICMP);
	struct icmphdr *h;

	fd = raw(&self->p, PROTO);
	ASSERT_EQ(1, pp_sendto(peer, "1", 1, PKTPATH_T_A, 0));
	ASSERT_EQ(21, recv(fd, in, sizeof(in), 0));
	close(fd);
	ASSERT_EQ(1, pp_sendto(peer, "2", 1, PKTPATH_T_A, 0));
	h = icmp_next(icmp, ICMP_DEST_UNREACH);
	ASSERT_NE(NULL, h);
	EXPECT_EQ(ICMP_PROT_UNREACH, h->code);
	EXPECT_EQ('2', ((char *)(h + 1))[20]);
	close(peer);
	close(icmp);
}

TEST_F(stacks, listed)
{
	int fd = raw(&self->p, PROTO);

	EXPECT_EQ(0, pp_run("grep -q ':00FD ' /proc/net/%sraw",
			    self->p.inet ? "" : "pktpath/"));
	if (!self->p.inet)
		EXPECT_EQ(0, pp_run("pktpath sock -wa | grep -q :253"));
	close(fd);
	EXPECT_NE(0, pp_run("grep -q ':00FD ' /proc/net/%sraw",
			    self->p.inet ? "" : "pktpath/"));
}

TEST_HARNESS_MAIN
