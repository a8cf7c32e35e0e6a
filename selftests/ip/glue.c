// SPDX-License-Identifier: GPL-2.0
/*
 * What the IP layer tells sockets: errors of neighbours and routers by the error
 * queue, their own broadcasts; and what of the header they decide. Of row ICMP-4
 * the error queue: sock/icmp_errors.c has who is told; of IP-14 none:
 * sock/effects.c has the source address.
 * Proves: IP-10 (TOS and TTL of what is sent).
 */
#include <errno.h>
#include <time.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include "../attack/frame.h"
#include "kselftest_harness.h"

#define PORT_A 5001
#define PORT_B 5002

FIXTURE(glue) {
	struct pair p;
	struct frame f;
	int fd;		/* A:5001, connected to B:5002 */
};

FIXTURE_SETUP(glue)
{
	ASSERT_EQ(0, frame_pair(&self->p, false));
	self->fd = udp_in_a(&self->p, PORT_A, PORT_B);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, frame_count(&self->p));
}

FIXTURE_TEARDOWN(glue)
{
	close(self->fd);
	EXPECT_EQ(0, pair_down(&self->p));
}

static int opt_set(int fd, int name, int val)
{
	return setsockopt(fd, IPPROTO_IP, name, &val, sizeof(val));
}

struct err_msg {
	struct sock_extended_err ee;
	struct sockaddr_in offender, dst;
	char data[64];
	ssize_t len;
};

/* One entry of the error queue, waiting up to 5 s. */
static int err_recv(int fd, struct err_msg *e)
{
	struct pollfd pfd = { .fd = fd };
	struct iovec iov = { e->data, sizeof(e->data) };
	char ctl[512];
	struct msghdr msg = {
		.msg_name = &e->dst, .msg_namelen = sizeof(e->dst),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctl, .msg_controllen = sizeof(ctl),
	};
	struct cmsghdr *c;

	memset(&e->ee, 0, sizeof(e->ee));
	if (poll(&pfd, 1, 30000) <= 0)
		return -1;
	e->len = recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);
	if (e->len < 0 || !(msg.msg_flags & MSG_ERRQUEUE))
		return -1;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_IP || c->cmsg_type != IP_RECVERR)
			continue;
		memcpy(&e->ee, CMSG_DATA(c), sizeof(e->ee));
		memcpy(&e->offender, CMSG_DATA(c) + sizeof(e->ee),
		       sizeof(e->offender));
		return 0;
	}
	return -1;
}

/* RFC 1122 §2.3.2.2, 3.3.1.4: ARP gives up, the sender hears of it. */
TEST_F_TIMEOUT(glue, neighbour_that_does_not_answer, 300)
{
	struct sockaddr_in sin = sin_of("10.77.0.44", 9);
	struct err_msg e;
	int fd;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.retrans_time_ms", "100"));
	fd = udp_in_a(&self->p, 5009, 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, opt_set(fd, IP_RECVERR, 1));
	ASSERT_EQ(4, sendto(fd, "data", 4, 0, (void *)&sin, sizeof(sin)));
	ASSERT_EQ(0, err_recv(fd, &e));
	EXPECT_EQ(EHOSTUNREACH, e.ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, e.ee.ee_origin);
	EXPECT_EQ(ICMP_DEST_UNREACH, e.ee.ee_type);
	EXPECT_EQ(ICMP_HOST_UNREACH, e.ee.ee_code);
	EXPECT_EQ(sin.sin_addr.s_addr, e.dst.sin_addr.s_addr);
	EXPECT_EQ(sin.sin_port, e.dst.sin_port);
	EXPECT_EQ(inet_addr(PAIR_A), e.offender.sin_addr.s_addr);
	EXPECT_EQ(4, e.len);
	EXPECT_EQ(0, memcmp(e.data, "data", 4));
	close(fd);
}

/* An error of a router, with an RFC 4884 extension behind the quote. */
TEST_F_TIMEOUT(glue, router_error_with_extension, 300)
{
	struct icmphdr *ih;
	struct iphdr *in;
	struct udphdr *uh;
	struct err_msg e;
	uint8_t *ext;

	ASSERT_EQ(0, opt_set(self->fd, IP_RECVERR, 1));
	ASSERT_EQ(0, opt_set(self->fd, IP_RECVERR_RFC4884, 1));
	frame_begin(&self->f, &self->p, IPPROTO_ICMP, 0);
	frame_ip(&self->f)->saddr = inet_addr("10.77.0.254");
	ih = frame_put(&self->f, sizeof(*ih));
	ih->type = ICMP_TIME_EXCEEDED;
	ih->code = ICMP_EXC_TTL;
	((uint8_t *)ih)[5] = 128 / 4;
	in = frame_put(&self->f, 128);
	in->version = 4;
	in->ihl = 5;
	in->tot_len = htons(128);
	in->protocol = IPPROTO_UDP;
	in->saddr = inet_addr(PAIR_A);
	in->daddr = inet_addr(PAIR_B);
	uh = (void *)(in + 1);
	uh->source = htons(PORT_A);
	uh->dest = htons(PORT_B);
	uh->len = htons(108);
	ext = frame_put(&self->f, 12);
	ext[0] = 0x20;
	ext[5] = 8;
	ext[6] = 1;
	frame_icmp_csum(&self->f);
	frame_end(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_EQ(0, err_recv(self->fd, &e));
	EXPECT_EQ(EHOSTUNREACH, e.ee.ee_errno);
	EXPECT_EQ(ICMP_TIME_EXCEEDED, e.ee.ee_type);
	EXPECT_EQ(inet_addr("10.77.0.254"), e.offender.sin_addr.s_addr);
	EXPECT_EQ(inet_addr(PAIR_B), e.dst.sin_addr.s_addr);
	EXPECT_EQ(100, e.ee.ee_rfc4884.len);
	EXPECT_EQ(0, e.ee.ee_rfc4884.flags);
}

/* A broadcast reaches the wire once and the sockets of this host. */
TEST_F_TIMEOUT(glue, own_broadcast_comes_back, 300)
{
	struct sockaddr_in sin = { .sin_family = AF_INET }, from;
	socklen_t len = sizeof(from);
	int on = 1, rx, tx;
	struct frame r;
	char buf[16];

	rx = ns_socket(self->p.fd_a, pp_family(), SOCK_DGRAM, 0);
	ASSERT_GE(rx, 0);
	sin.sin_port = htons(7001);
	ASSERT_EQ(0, bind(rx, (void *)&sin, sizeof(sin)));
	tx = udp_in_a(&self->p, 7002, 0);
	ASSERT_GE(tx, 0);
	sin = sin_of("10.77.0.255", 7001);
	EXPECT_EQ(-1, sendto(tx, "data", 4, 0, (void *)&sin, sizeof(sin)));
	EXPECT_EQ(EACCES, errno);
	ASSERT_EQ(0, setsockopt(tx, SOL_SOCKET, SO_BROADCAST, &on,
				sizeof(on)));
	ASSERT_EQ(4, sendto(tx, "data", 4, 0, (void *)&sin, sizeof(sin)));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(0, memcmp(r.b, "\xff\xff\xff\xff\xff\xff", 6));
	EXPECT_EQ(4, recvfrom(rx, buf, sizeof(buf), MSG_DONTWAIT,
			      (void *)&from, &len));
	EXPECT_EQ(inet_addr(PAIR_A), from.sin_addr.s_addr);
	EXPECT_EQ(htons(7002), from.sin_port);
	EXPECT_EQ(-1, recv(rx, buf, sizeof(buf), MSG_DONTWAIT));
	close(rx);
	close(tx);
}

/* RFC 1122 §3.2.1.6-7, RFC 6864: what the user and the socket decide. */
TEST_F_TIMEOUT(glue, header_fields, 300)
{
	struct frame r;

	ASSERT_EQ(0, opt_set(self->fd, IP_TOS, 0xb8));
	ASSERT_EQ(0, opt_set(self->fd, IP_TTL, 3));
	ASSERT_EQ(4, send(self->fd, "data", 4, 0));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(0xb8, frame_ip(&r)->tos);
	EXPECT_EQ(3, frame_ip(&r)->ttl);
	EXPECT_EQ(htons(0x4000), frame_ip(&r)->frag_off);
	EXPECT_EQ(0, frame_ip(&r)->id);
	EXPECT_EQ(0, csum_of(frame_ip(&r), 20));
	ASSERT_EQ(0, opt_set(self->fd, IP_MTU_DISCOVER, IP_PMTUDISC_DONT));
	ASSERT_EQ(4, send(self->fd, "data", 4, 0));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(0, frame_ip(&r)->frag_off);
}

/* E7: without DF no identification is used twice in a row of 1,000. */
TEST_F_TIMEOUT(glue, E7_identification, 300)
{
	static uint8_t seen[65536];
	struct frame r;
	unsigned int i;

	ASSERT_EQ(0, opt_set(self->fd, IP_MTU_DISCOVER, IP_PMTUDISC_DONT));
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(4, send(self->fd, "data", 4, 0));
		ASSERT_TRUE(frame_last(&self->p, &r));
		ASSERT_EQ(0, seen[frame_ip(&r)->id]);
		seen[frame_ip(&r)->id] = 1;
	}
}

/* Identification of a datagram to @to, the last frame that A sends. */
static int ident_of(const struct pair *p, int fd, const struct sockaddr_in *to)
{
	struct frame r;

	if (sendto(fd, "x", 1, 0, (const void *)to, sizeof(*to)) != 1 ||
	    !frame_last(p, &r))
		return -1;
	return ntohs(frame_ip(&r)->id);
}

/* E7: to how many others A has sent does not show in what it sends to B. */
TEST_F_TIMEOUT(glue, E7_idle_scan, 300)
{
	struct sockaddr_in b = sin_of(PAIR_B, PORT_B);
	struct sockaddr_in c = sin_of("10.77.0.3", PORT_B);
	int fd = udp_in_a(&self->p, 5010, 0), i, j, was, is, far = 0;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, opt_set(fd, IP_MTU_DISCOVER, IP_PMTUDISC_DONT));
	ASSERT_EQ(0, pp_tool(&self->p, "neigh add 10.77.0.3 lladdr %s dev pa nud permanent",
			     "02:00:00:00:00:03"));
	for (i = 0; i < 100; i++) {
		was = ident_of(&self->p, fd, &b);
		for (j = 0; j < 50; j++)
			ASSERT_EQ(1, sendto(fd, "x", 1, 0, (void *)&c,
					    sizeof(c)));
		ASSERT_EQ(50, frame_count(&self->p));
		is = ident_of(&self->p, fd, &b);
		ASSERT_LE(0, was);
		ASSERT_LE(0, is);
		ASSERT_NE(was, is);
		/* one counter for both would be 51 further each time */
		far += (uint16_t)(is - was) > 50;
	}
	EXPECT_GT(50, far);
	close(fd);
}

TEST_HARNESS_MAIN
