// SPDX-License-Identifier: GPL-2.0
/*
 * Multicast on both stacks: groups of sockets, source filters, sending and
 * copies for this host, and what IGMP says of it on the wire. The peer is the
 * kernel's stack in B. conformance.md IGMP-1 to -5, -7 to -12, attacks.md A15.
 */
#define _GNU_SOURCE
#include <net/if.h>
#include "pp_fixture.h"
#include "mcast.h"

static char out[65536];

static int source(int fd, int opt, const char *group, const char *src)
{
	struct ip_mreq_source mreq = {
		.imr_multiaddr.s_addr = inet_addr(group),
		.imr_interface.s_addr = inet_addr(PKTPATH_T_A),
		.imr_sourceaddr.s_addr = inet_addr(src),
	};

	return setsockopt(fd, SOL_IP, opt, &mreq, sizeof(mreq));
}

/* ---- Receiving ---- */

TEST_F(stacks, received)
{
	int fd = reader(&self->p), other = reader(&self->p);
	int b = peer(&self->p, PKTPATH_T_B);
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, other);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, join(fd, GROUP));
	/* IP_MULTICAST_ALL: who has joined nothing gets it too */
	EXPECT_EQ(1, says(b, "one", GROUP));
	EXPECT_EQ(1, gets(fd, "one"));
	EXPECT_EQ(1, gets(other, "one"));
	ASSERT_EQ(0, pp_set(other, SOL_IP, IP_MULTICAST_ALL, 0));
	EXPECT_EQ(1, says(b, "no member", GROUP2));
	EXPECT_EQ(1, says(b, "two", GROUP));
	ASSERT_EQ(1, pp_readable(fd, WAIT));
	ASSERT_EQ(3, recvfrom(fd, in, sizeof(in), 0, (void *)&sin, &len));
	EXPECT_EQ(0, memcmp(in, "two", 3));
	EXPECT_EQ(inet_addr(PKTPATH_T_B), sin.sin_addr.s_addr);
	/* joined by the other one it comes to both, by the rule of ALL */
	ASSERT_EQ(0, join(other, GROUP2));
	EXPECT_EQ(1, says(b, "three", GROUP2));
	EXPECT_EQ(1, gets(other, "three"));
	EXPECT_EQ(1, gets(fd, "three"));
	ASSERT_EQ(0, leave(other, GROUP2));
	EXPECT_EQ(1, says(b, "gone", GROUP2));
	ASSERT_EQ(0, join(other, GROUP));
	EXPECT_EQ(1, says(b, "four", GROUP));
	EXPECT_EQ(1, gets(other, "four"));
	EXPECT_EQ(1, gets(fd, "four"));
	close(fd);
	/* what the closed one had joined is still joined by the other */
	EXPECT_EQ(1, says(b, "five", GROUP));
	EXPECT_EQ(1, gets(other, "five"));
	close(other);
	close(b);
}

/* IGMP-10: each socket gets from whom it wants. */
TEST_F(stacks, filtered)
{
	int all = reader(&self->p), none = reader(&self->p);
	int one = reader(&self->p);
	int b = peer(&self->p, PKTPATH_T_B), b2 = peer(&self->p, PKTPATH_T_B2);

	ASSERT_LE(0, b2);
	ASSERT_EQ(0, source(one, IP_ADD_SOURCE_MEMBERSHIP, GROUP,
			    PKTPATH_T_B2));
	EXPECT_EQ(1, says(b, "not wanted", GROUP));
	EXPECT_EQ(1, says(b2, "wanted", GROUP));
	EXPECT_EQ(1, gets(one, "wanted"));
	/* IP_MULTICAST_ALL of the others let in what the device let in */
	EXPECT_EQ(1, gets(all, "wanted"));
	EXPECT_EQ(1, gets(none, "wanted"));
	ASSERT_EQ(0, join(all, GROUP));
	ASSERT_EQ(0, join(none, GROUP));
	ASSERT_EQ(0, source(none, IP_BLOCK_SOURCE, GROUP, PKTPATH_T_B));
	EXPECT_EQ(1, says(b, "from b", GROUP));
	EXPECT_EQ(1, says(b2, "from b2", GROUP));
	EXPECT_EQ(1, gets(all, "from b"));
	EXPECT_EQ(1, gets(all, "from b2"));
	EXPECT_EQ(1, gets(none, "from b2"));
	EXPECT_EQ(1, gets(one, "from b2"));
	ASSERT_EQ(0, source(none, IP_UNBLOCK_SOURCE, GROUP, PKTPATH_T_B));
	ASSERT_EQ(0, source(one, IP_ADD_SOURCE_MEMBERSHIP, GROUP,
			    PKTPATH_T_B));
	ASSERT_EQ(0, source(one, IP_DROP_SOURCE_MEMBERSHIP, GROUP,
			    PKTPATH_T_B2));
	EXPECT_EQ(1, says(b2, "two", GROUP));
	EXPECT_EQ(1, says(b, "one", GROUP));
	EXPECT_EQ(1, gets(none, "two"));
	EXPECT_EQ(1, gets(none, "one"));
	EXPECT_EQ(1, gets(one, "one"));
	/* the last source is the membership */
	ASSERT_EQ(0, source(one, IP_DROP_SOURCE_MEMBERSHIP, GROUP,
			    PKTPATH_T_B));
	EXPECT_ERRNO(EADDRNOTAVAIL, leave(one, GROUP));
	close(all);
	close(none);
	close(one);
	close(b);
	close(b2);
}

/* Fragments, long and short, both ways. */
TEST_F(stacks, long_ones)
{
	int fd = reader(&self->p), b = peer(&self->p, PKTPATH_T_B), from;
	int to = pp_peer_udp(&self->p, "0.0.0.0", PORT);
	unsigned int i;

	for (i = 0; i < 5000; i++)
		out[i] = i * 7;
	ASSERT_EQ(0, join(fd, GROUP));
	ASSERT_EQ(5000, pp_sendto(b, out, 5000, GROUP, PORT));
	ASSERT_EQ(1, pp_readable(fd, WAIT));
	EXPECT_EQ(5000, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, 5000));
	ASSERT_EQ(0, add_group(to, IP_ADD_MEMBERSHIP, GROUP2, PKTPATH_T_B));
	ASSERT_EQ(0, join(fd, GROUP2));
	from = pp_udp(&self->p);
	ASSERT_EQ(0, out_by(from, PKTPATH_T_A));
	/* to the wire, and to this host */
	ASSERT_EQ(5000, pp_sendto(from, out, 5000, GROUP2, PORT));
	ASSERT_EQ(1, pp_readable(to, WAIT));
	EXPECT_EQ(5000, recv(to, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, 5000));
	ASSERT_EQ(1, pp_readable(fd, WAIT));
	EXPECT_EQ(5000, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, 5000));
	/* no copy of a piece either */
	ASSERT_EQ(0, pp_set(from, SOL_IP, IP_MULTICAST_LOOP, 0));
	ASSERT_EQ(4000, pp_sendto(from, out, 4000, GROUP2, PORT));
	ASSERT_EQ(1, pp_readable(to, WAIT));
	EXPECT_EQ(4000, recv(to, in, sizeof(in), 0));
	ASSERT_EQ(0, pp_set(from, SOL_IP, IP_MULTICAST_LOOP, 1));
	ASSERT_EQ(1, pp_sendto(from, "x", 1, GROUP2, PORT));
	EXPECT_EQ(1, gets(fd, "x"));
	close(fd);
	close(from);
	close(to);
	close(b);
}

/* A raw socket gets a copy, by the same rules. */
TEST_F(stacks, raw)
{
	int fd = pp_socket(&self->p, SOCK_RAW, IPPROTO_UDP);
	int b = peer(&self->p, PKTPATH_T_B);
	int b2 = peer(&self->p, PKTPATH_T_B2);
	struct iphdr *iph = (struct iphdr *)in;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, join(fd, GROUP));
	ASSERT_EQ(0, source(fd, IP_BLOCK_SOURCE, GROUP, PKTPATH_T_B2));
	EXPECT_EQ(1, says(b2, "two", GROUP));
	EXPECT_EQ(1, says(b, "one", GROUP));
	ASSERT_EQ(1, pp_readable(fd, WAIT));
	EXPECT_EQ(31, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(inet_addr(PKTPATH_T_B), iph->saddr);
	EXPECT_EQ(inet_addr(GROUP), iph->daddr);
	close(fd);
	close(b);
	close(b2);
}

/* ---- Sending ---- */

/* IGMP-12: which way, which TTL, and who hears it. */
TEST_F(stacks, sent)
{
	int fd = pp_udp(&self->p), here = reader(&self->p);
	int to = pp_peer_udp(&self->p, "0.0.0.0", PORT);
	int tap = pp_tap(&self->p);
	struct iphdr *iph = (struct iphdr *)in;

	ASSERT_LE(0, to);
	EXPECT_ERRNO(ENETUNREACH, pp_sendto(fd, "x", 1, GROUP, PORT));
	ASSERT_EQ(0, out_by(fd, PKTPATH_T_A));
	ASSERT_EQ(0, add_group(to, IP_ADD_MEMBERSHIP, GROUP, PKTPATH_T_B));
	ASSERT_EQ(0, join(here, GROUP));
	EXPECT_EQ(1, says(fd, "one", GROUP));
	EXPECT_EQ(1, gets(to, "one"));
	EXPECT_EQ(1, gets(here, "one"));
	ASSERT_LT(0, pp_tap_next(tap, IPPROTO_UDP, PORT, in, sizeof(in)));
	EXPECT_EQ(1, iph->ttl);
	EXPECT_EQ(inet_addr(PKTPATH_T_A), iph->saddr);
	/* without a copy for this host */
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MULTICAST_LOOP, 0));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MULTICAST_TTL, 7));
	EXPECT_EQ(1, says(fd, "two", GROUP));
	EXPECT_EQ(1, gets(to, "two"));
	ASSERT_LT(0, pp_tap_next(tap, IPPROTO_UDP, PORT, in, sizeof(in)));
	EXPECT_EQ(7, iph->ttl);
	/* with a TTL of 0 for this host alone */
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MULTICAST_LOOP, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MULTICAST_TTL, 0));
	EXPECT_EQ(1, says(fd, "three", GROUP));
	EXPECT_EQ(1, gets(here, "three"));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MULTICAST_TTL, 1));
	EXPECT_EQ(1, says(fd, "four", GROUP));
	EXPECT_EQ(1, gets(to, "four"));
	EXPECT_EQ(1, gets(here, "four"));
	/* connected, as AF_INET */
	ASSERT_EQ(0, pp_connect(fd, GROUP, PORT));
	EXPECT_EQ(4, send(fd, "five", 4, 0));
	EXPECT_EQ(1, gets(to, "five"));
	EXPECT_EQ(1, gets(here, "five"));
	close(fd);
	close(here);
	close(to);
	close(tap);
}

/* A route to the groups is one like any other: it leads there, or nowhere. */
TEST_F(stacks, routed)
{
	int fd = pp_udp(&self->p);
	int to = pp_peer_udp(&self->p, "0.0.0.0", PORT);

	ASSERT_EQ(0, add_group(to, IP_ADD_MEMBERSHIP, GROUP, PKTPATH_T_B));
	ASSERT_EQ(0, pp_route(&self->p, "add default via " PKTPATH_T_B));
	EXPECT_EQ(1, says(fd, "one", GROUP));
	EXPECT_EQ(1, gets(to, "one"));
	close(fd);
	ASSERT_EQ(0, pp_route(&self->p, "add unreachable " GROUP "/32"));
	fd = pp_udp(&self->p);
	EXPECT_EQ(0, says(fd, "one", GROUP));
	EXPECT_EQ(0, gets(to, "one"));
	close(fd);
	close(to);
}

/* ---- Options ---- */

static int set(int fd, int opt, const void *val, socklen_t len)
{
	return setsockopt(fd, SOL_IP, opt, val, len);
}

TEST_F(stacks, options)
{
	struct ip_mreqn mreq = { .imr_multiaddr.s_addr = inet_addr(GROUP) };
	int fd = pp_udp(&self->p), tcp = pp_socket(&self->p, SOCK_STREAM, 0);
	unsigned int i;
	char group[16];

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EINVAL, set(fd, IP_ADD_MEMBERSHIP, &mreq, 7));
	EXPECT_ERRNO(ENODEV, set(fd, IP_ADD_MEMBERSHIP, &mreq, 8));
	EXPECT_ERRNO(EFAULT, set(fd, IP_ADD_MEMBERSHIP, (void *)1, 12));
	mreq.imr_ifindex = 9999;
	EXPECT_ERRNO(ENODEV, set(fd, IP_ADD_MEMBERSHIP, &mreq, 12));
	EXPECT_ERRNO(EADDRNOTAVAIL, set(fd, IP_DROP_MEMBERSHIP, &mreq, 12));
	EXPECT_ERRNO(EADDRNOTAVAIL, set(fd, IP_MULTICAST_IF, &mreq, 12));
	EXPECT_ERRNO(EINVAL, set(fd, IP_MULTICAST_IF, &mreq, 3));
	EXPECT_ERRNO(EINVAL, join(fd, "10.1.2.3"));
	EXPECT_ERRNO(EPROTO, join(tcp, GROUP));
	EXPECT_ERRNO(EINVAL, out_by(tcp, PKTPATH_T_A));
	EXPECT_ERRNO(ENODEV, add_group(fd, IP_ADD_MEMBERSHIP, GROUP,
				       PKTPATH_T_NONE));
	EXPECT_ERRNO(EADDRNOTAVAIL, out_by(fd, PKTPATH_T_NONE));
	mreq.imr_ifindex = if_nametoindex("pa");
	EXPECT_EQ(0, set(fd, IP_ADD_MEMBERSHIP, &mreq, 12));
	EXPECT_ERRNO(EADDRINUSE, join(fd, GROUP));
	EXPECT_EQ(0, set(fd, IP_MULTICAST_IF, &mreq, 12));
	EXPECT_EQ(0, pp_get(fd, SOL_IP, IP_MULTICAST_IF));
	EXPECT_EQ(0, out_by(fd, PKTPATH_T_A));
	EXPECT_EQ((int)inet_addr(PKTPATH_T_A),
		  pp_get(fd, SOL_IP, IP_MULTICAST_IF));
	EXPECT_ERRNO(ENODEV, add_group(fd, IP_DROP_MEMBERSHIP, GROUP,
				       "0.0.0.0"));
	EXPECT_EQ(0, leave(fd, GROUP));
	EXPECT_ERRNO(EADDRNOTAVAIL, leave(fd, GROUP));
	/* IGMP-11: so many and no more */
	for (i = 0; i < 20; i++) {
		snprintf(group, sizeof(group), "239.2.0.%u", i);
		EXPECT_EQ(0, join(fd, group));
	}
	EXPECT_ERRNO(ENOBUFS, join(fd, GROUP));
	close(fd);
	close(tcp);
}

TEST_F(stacks, sources)
{
	char buf[IP_MSFILTER_SIZE(16)], src[16];
	struct ip_msfilter *msf = (struct ip_msfilter *)buf;
	int fd = pp_udp(&self->p);
	socklen_t len = sizeof(buf);
	unsigned int i;

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EINVAL, source(fd, IP_BLOCK_SOURCE, GROUP, PKTPATH_T_B));
	EXPECT_ERRNO(EINVAL, source(fd, IP_ADD_SOURCE_MEMBERSHIP, "10.1.1.1",
				    PKTPATH_T_B));
	EXPECT_ERRNO(EINVAL, set(fd, IP_BLOCK_SOURCE, buf, 11));
	ASSERT_EQ(0, join(fd, GROUP));
	for (i = 0; i < 10; i++) {
		snprintf(src, sizeof(src), "10.77.1.%u", i);
		EXPECT_EQ(0, source(fd, IP_BLOCK_SOURCE, GROUP, src));
	}
	EXPECT_ERRNO(ENOBUFS, source(fd, IP_BLOCK_SOURCE, GROUP,
				     PKTPATH_T_B));
	EXPECT_ERRNO(EADDRNOTAVAIL, source(fd, IP_UNBLOCK_SOURCE, GROUP,
					   PKTPATH_T_B));
	EXPECT_ERRNO(EINVAL, source(fd, IP_DROP_SOURCE_MEMBERSHIP, GROUP,
				    "10.77.1.1"));
	EXPECT_EQ(0, source(fd, IP_UNBLOCK_SOURCE, GROUP, "10.77.1.3"));
	EXPECT_ERRNO(EADDRNOTAVAIL, source(fd, IP_BLOCK_SOURCE, GROUP,
					   "10.77.1.4"));
	memset(buf, 0, sizeof(buf));
	msf->imsf_multiaddr.s_addr = inet_addr(GROUP);
	msf->imsf_interface.s_addr = inet_addr(PKTPATH_T_A);
	msf->imsf_numsrc = 4;
	ASSERT_EQ(0, getsockopt(fd, SOL_IP, IP_MSFILTER, buf, &len));
	EXPECT_EQ(IP_MSFILTER_SIZE(4), len);
	EXPECT_EQ(9, msf->imsf_numsrc);
	EXPECT_EQ(MCAST_EXCLUDE, msf->imsf_fmode);
	EXPECT_EQ(inet_addr("10.77.1.0"), msf->imsf_slist[0].s_addr);
	len = 15;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_IP, IP_MSFILTER, buf, &len));
	/* set whole */
	msf->imsf_fmode = MCAST_INCLUDE;
	msf->imsf_numsrc = 2;
	EXPECT_ERRNO(EINVAL, set(fd, IP_MSFILTER, buf, IP_MSFILTER_SIZE(1)));
	EXPECT_EQ(0, set(fd, IP_MSFILTER, buf, IP_MSFILTER_SIZE(2)));
	msf->imsf_numsrc = 11;
	EXPECT_ERRNO(ENOBUFS, set(fd, IP_MSFILTER, buf,
				  IP_MSFILTER_SIZE(11)));
	msf->imsf_fmode = 7;
	msf->imsf_numsrc = 0;
	EXPECT_ERRNO(EINVAL, set(fd, IP_MSFILTER, buf, IP_MSFILTER_SIZE(0)));
	/* to include nothing is to leave */
	msf->imsf_fmode = MCAST_INCLUDE;
	EXPECT_EQ(0, set(fd, IP_MSFILTER, buf, IP_MSFILTER_SIZE(0)));
	EXPECT_ERRNO(EADDRNOTAVAIL, leave(fd, GROUP));
	close(fd);
}

/* RFC 3678 §5: the calls that name devices by index. */
TEST_F(stacks, group_requests)
{
	struct group_source_req gsr = {};
	struct group_req gr = {};
	struct sockaddr_in *group = (struct sockaddr_in *)&gsr.gsr_group;
	struct sockaddr_in *src = (struct sockaddr_in *)&gsr.gsr_source;
	char buf[GROUP_FILTER_SIZE(4)];
	struct group_filter *gf = (struct group_filter *)buf;
	int fd = pp_udp(&self->p);
	socklen_t len = sizeof(buf);

	gsr.gsr_interface = if_nametoindex("pa");
	*group = pp_addr(GROUP, 0);
	*src = pp_addr(PKTPATH_T_B, 0);
	gr.gr_interface = gsr.gsr_interface;
	memcpy(&gr.gr_group, group, sizeof(*group));
	EXPECT_ERRNO(EINVAL, set(fd, MCAST_JOIN_GROUP, &gr, sizeof(gr) - 1));
	gr.gr_group.ss_family = AF_INET6;
	EXPECT_ERRNO(EINVAL, set(fd, MCAST_JOIN_GROUP, &gr, sizeof(gr)));
	gr.gr_group.ss_family = AF_INET;
	EXPECT_EQ(0, set(fd, MCAST_JOIN_GROUP, &gr, sizeof(gr)));
	EXPECT_ERRNO(EADDRINUSE, set(fd, MCAST_JOIN_GROUP, &gr, sizeof(gr)));
	EXPECT_EQ(0, set(fd, MCAST_BLOCK_SOURCE, &gsr, sizeof(gsr)));
	EXPECT_EQ(0, set(fd, MCAST_UNBLOCK_SOURCE, &gsr, sizeof(gsr)));
	EXPECT_ERRNO(EADDRNOTAVAIL, set(fd, MCAST_UNBLOCK_SOURCE, &gsr,
					sizeof(gsr)));
	EXPECT_EQ(0, set(fd, MCAST_LEAVE_GROUP, &gr, sizeof(gr)));
	EXPECT_EQ(0, set(fd, MCAST_JOIN_SOURCE_GROUP, &gsr, sizeof(gsr)));
	src->sin_family = AF_INET6;
	EXPECT_ERRNO(EADDRNOTAVAIL, set(fd, MCAST_JOIN_SOURCE_GROUP, &gsr,
					sizeof(gsr)));
	memset(buf, 0, sizeof(buf));
	gf->gf_interface = gr.gr_interface;
	memcpy(&gf->gf_group, group, sizeof(*group));
	gf->gf_numsrc = 4;
	ASSERT_EQ(0, getsockopt(fd, SOL_IP, MCAST_MSFILTER, buf, &len));
	EXPECT_EQ(GROUP_FILTER_SIZE(1), len);
	EXPECT_EQ(1, gf->gf_numsrc);
	EXPECT_EQ(MCAST_INCLUDE, gf->gf_fmode);
	src = (struct sockaddr_in *)&gf->gf_slist[0];
	EXPECT_EQ(inet_addr(PKTPATH_T_B), src->sin_addr.s_addr);
	gf->gf_fmode = MCAST_EXCLUDE;
	EXPECT_ERRNO(EINVAL, set(fd, MCAST_MSFILTER, buf,
				 GROUP_FILTER_SIZE(0)));
	EXPECT_EQ(0, set(fd, MCAST_MSFILTER, buf, GROUP_FILTER_SIZE(1)));
	EXPECT_EQ(0, set(fd, MCAST_LEAVE_GROUP, &gr, sizeof(gr)));
	EXPECT_ERRNO(EADDRNOTAVAIL, getsockopt(fd, SOL_IP, MCAST_MSFILTER,
					       buf, &len));
	close(fd);
}

/* ---- IGMP on the wire ---- */

/* IGMP-1, -2: told twice, to those who are to know it. */
TEST_F(stacks, reports)
{
	struct iphdr *iph = (struct iphdr *)in;
	int fd = reader(&self->p), tap = pp_tap(&self->p);
	uint8_t *m, *opt = (uint8_t *)(iph + 1);

	ASSERT_EQ(0, join(fd, GROUP));
	m = igmp_next(tap, GROUP, 0x22);
	ASSERT_NE(NULL, m);
	EXPECT_EQ(inet_addr("224.0.0.22"), iph->daddr);
	EXPECT_EQ(1, iph->ttl);
	EXPECT_EQ(0xc0, iph->tos);
	EXPECT_EQ(0x46, in[0]);
	EXPECT_EQ(0x94, opt[0]);
	EXPECT_EQ(4, opt[1]);
	EXPECT_EQ(1, m[7]);
	EXPECT_EQ(4, m[8]);
	EXPECT_EQ(0, m[11]);
	EXPECT_EQ(4, record(tap, GROUP));
	ASSERT_EQ(0, source(fd, IP_BLOCK_SOURCE, GROUP, PKTPATH_T_B));
	EXPECT_EQ(6, record(tap, GROUP));
	EXPECT_EQ(6, record(tap, GROUP));
	ASSERT_EQ(0, source(fd, IP_UNBLOCK_SOURCE, GROUP, PKTPATH_T_B));
	EXPECT_EQ(5, record(tap, GROUP));
	EXPECT_EQ(5, record(tap, GROUP));
	close(fd);
	EXPECT_EQ(3, record(tap, GROUP));
	EXPECT_EQ(3, record(tap, GROUP));
	close(tap);
}

static const struct query of_group = { .code = 1, .group = GROUP };
static const struct query of_source = {
	.code = 1, .group = GROUP, .nsrc = 1, .src = PKTPATH_T_B,
};

/* IGMP-3, -4, -8. */
TEST_F(stacks, queries)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p);
	int q = querier(&self->p, true, 1);
	uint8_t *m;

	ASSERT_LE(0, q);
	ASSERT_EQ(0, source(fd, IP_ADD_SOURCE_MEMBERSHIP, GROUP,
			    PKTPATH_T_B));
	EXPECT_EQ(5, record(tap, GROUP));
	EXPECT_EQ(5, record(tap, GROUP));
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1 }));
	m = igmp_next(tap, GROUP, 0x22);
	ASSERT_NE(NULL, m);
	EXPECT_EQ(1, m[7]);
	EXPECT_EQ(1, m[8]);
	EXPECT_EQ(1, m[11]);
	EXPECT_EQ(1, ask(q, GROUP, of_group));
	EXPECT_EQ(1, record(tap, GROUP));
	EXPECT_EQ(1, ask(q, GROUP, of_source));
	m = igmp_next(tap, GROUP, 0x22);
	ASSERT_NE(NULL, m);
	EXPECT_EQ(1, m[8]);
	EXPECT_EQ(1, m[11]);
	close(fd);
	close(q);
	close(tap);
}

/* IGMP-6: in the version of an older querier. */
TEST_F(stacks, older)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p);
	int q = querier(&self->p, true, 1);
	struct iphdr *iph = (struct iphdr *)in;

	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_EQ(4, record(tap, GROUP));
	EXPECT_EQ(4, record(tap, GROUP));
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	ASSERT_NE(NULL, igmp_next(tap, GROUP, 0x16));
	EXPECT_EQ(inet_addr(GROUP), iph->daddr);
	EXPECT_EQ(1, iph->ttl);
	/* a new one at once, and farewell */
	ASSERT_EQ(0, join(fd, GROUP2));
	EXPECT_NE(NULL, igmp_next(tap, GROUP2, 0x16));
	ASSERT_EQ(0, leave(fd, GROUP2));
	ASSERT_NE(NULL, igmp_next(tap, GROUP2, 0x17));
	EXPECT_EQ(inet_addr("224.0.0.2"), iph->daddr);
	close(fd);
	close(q);
	close(tap);
}

/* IGMP-7, -9, A15: what is malformed, or not from the link, is not heeded. */
TEST_F(stacks, hostile)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p), i, plain, far, q;
	const struct query bad[] = {
		{ .code = 1, .badsum = true },
		{ .code = 1, .len = 9 },
		{ .code = 1, .len = 11 },
		{ .code = 1, .group = GROUP, .nsrc = 200, .len = 12 },
		{ .code = 1, .group = GROUP, .nsrc = 2, .len = 19 },
		{ .code = 1, .nsrc = 1 },
	};
	char none[64];

	q = querier(&self->p, true, 1);
	plain = querier(&self->p, false, 1);
	far = querier(&self->p, true, 2);
	ASSERT_LE(0, far);
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_EQ(4, record(tap, GROUP));
	EXPECT_EQ(4, record(tap, GROUP));
	for (i = 0; i < (int)ARRAY_SIZE(bad); i++)
		EXPECT_EQ(1, ask(q, ALL, bad[i]));
	if (!variant->inet) {
		EXPECT_EQ(1, ask(plain, ALL, (struct query){ .code = 1 }));
		EXPECT_EQ(1, ask(far, ALL, (struct query){ .code = 1 }));
		EXPECT_EQ(1, ask(q, GROUP, (struct query){ .code = 1 }));
	}
	/* the next report is the answer to this one, and it is the last */
	EXPECT_EQ(1, ask(q, GROUP, of_source));
	/* AF_INET tells of the whole group */
	EXPECT_EQ(variant->inet ? 2 : 1, record(tap, GROUP));
	while (pp_tap_next(tap, IPPROTO_IGMP, 0, none, sizeof(none)) > 0)
		EXPECT_NE(inet_addr(PKTPATH_T_A),
			  ((struct iphdr *)none)->saddr);
	close(fd);
	close(q);
	close(plain);
	close(far);
	close(tap);
}

/* C2: a ping to a group is answered where that is wished for. */
TEST_F(stacks, echo)
{
	int b = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	int fd = reader(&self->p);
	struct iphdr *iph = (struct iphdr *)in;
	uint8_t m[16] = { 8 };
	uint16_t sum;

	ASSERT_LE(0, b);
	ASSERT_EQ(0, out_by(b, PKTPATH_T_B));
	ASSERT_EQ(0, pp_set(b, SOL_IP, IP_MULTICAST_LOOP, 0));
	ASSERT_EQ(0, join(fd, GROUP));
	m[7] = 1;
	sum = csum(m, sizeof(m));
	memcpy(m + 2, &sum, 2);
	EXPECT_EQ(16, pp_sendto(b, m, sizeof(m), GROUP, 0));
	/* an answer to this would come before that to the next */
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_echo_ignore_broadcasts", "0"));
	m[7] = 2;
	m[2] = 0;
	m[3] = 0;
	sum = csum(m, sizeof(m));
	memcpy(m + 2, &sum, 2);
	EXPECT_EQ(16, pp_sendto(b, m, sizeof(m), GROUP, 0));
	ASSERT_EQ(1, pp_readable(b, WAIT));
	EXPECT_EQ(36, recv(b, in, sizeof(in), 0));
	EXPECT_EQ(0, in[20]);
	EXPECT_EQ(2, in[27]);
	EXPECT_EQ(inet_addr(PKTPATH_T_A), iph->saddr);
	close(b);
	close(fd);
}

/* A line of a file of /proc/net has @text in it. */
static int shown(const struct pp_pair *p, const char *file, const char *text)
{
	return !pp_run("grep -q '%s' /proc/net/%s%s", text,
		       p->inet ? "" : "pktpath/", file);
}

TEST_F(stacks, listed)
{
	int fd = reader(&self->p);

	/* 224.0.0.1 always */
	EXPECT_EQ(1, shown(&self->p, "igmp", "010000E0     1 0:00000000"));
	EXPECT_EQ(0, shown(&self->p, "igmp", "030201EF"));
	ASSERT_EQ(0, source(fd, IP_ADD_SOURCE_MEMBERSHIP, GROUP,
			    PKTPATH_T_B));
	EXPECT_EQ(1, shown(&self->p, "igmp", "pa *:.*V3"));
	EXPECT_EQ(1, shown(&self->p, "igmp", "030201EF     1 "));
	EXPECT_EQ(1, shown(&self->p, "mcfilter",
			   "pa 0xef010203 0x0a4d0002      1      0"));
	close(fd);
	EXPECT_EQ(0, shown(&self->p, "mcfilter", "0xef010203"));
}

TEST_HARNESS_MAIN
