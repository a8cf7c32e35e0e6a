// SPDX-License-Identifier: GPL-2.0
/*
 * Ancillary data: what comes with a received datagram, and what one datagram
 * can be sent with.
 * Proves: IP-10 (TOS and TTL that come in), UDP-5 (IP_PKTINFO),
 * design: SOCK_SEND (cmsgs), SOCK_RECV.
 */
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include "pp_fixture.h"

#define PORT 4000

static void make(struct pp_pair *p, int *fd, int *peer)
{
	*fd = pp_udp_bound(p, "0.0.0.0", PORT);
	*peer = pp_peer_udp(p, PKTPATH_T_B, 5000);
	pp_connect(*peer, PKTPATH_T_A, PORT);
}

static int cmsg_int(struct msghdr *msg, int level, int type)
{
	struct cmsghdr *c = pp_cmsg(msg, level, type);
	int v;

	if (!c || c->cmsg_len < CMSG_LEN(sizeof(v)))
		return -1;
	memcpy(&v, CMSG_DATA(c), sizeof(v));
	return v;
}

TEST_F(stacks, none_unless_asked)
{
	struct msghdr msg;
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	EXPECT_EQ(0, msg.msg_controllen);
	close(fd);
	close(peer);
}

TEST_F(stacks, pktinfo_in)
{
	struct in_pktinfo info;
	struct cmsghdr *c;
	struct msghdr msg;
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_PKTINFO, 1));
	EXPECT_EQ(1, pp_get(fd, SOL_IP, IP_PKTINFO));
	ASSERT_EQ(1, pp_sendto(peer, "x", 1, PKTPATH_T_A2, PORT));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_IP, IP_PKTINFO);
	ASSERT_NE(NULL, c);
	ASSERT_EQ(CMSG_LEN(sizeof(info)), c->cmsg_len);
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	EXPECT_EQ(if_nametoindex("pa"), (unsigned int)info.ipi_ifindex);
	EXPECT_EQ(inet_addr(PKTPATH_T_A2), info.ipi_addr.s_addr);
	EXPECT_EQ(inet_addr(PKTPATH_T_A2), info.ipi_spec_dst.s_addr);
	close(fd);
	close(peer);
}

TEST_F(stacks, pktinfo_out)
{
	struct in_pktinfo info = { 0 };
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	info.ipi_spec_dst.s_addr = inet_addr(PKTPATH_T_A2);
	ASSERT_EQ(1, pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000, SOL_IP,
				  IP_PKTINFO, &info, sizeof(info)));
	close(peer);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	ASSERT_EQ(1, pp_send_cmsg(fd, "y", 1, PKTPATH_T_B, 5000, SOL_IP,
				  IP_PKTINFO, &info, sizeof(info)));
	ASSERT_EQ(1, recvfrom(peer, buf, 4, 0, (void *)&from, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_A2), from.sin_addr.s_addr);
	info.ipi_spec_dst.s_addr = 0;
	info.ipi_ifindex = if_nametoindex("pa");
	ASSERT_EQ(1, pp_send_cmsg(fd, "z", 1, PKTPATH_T_B, 5000, SOL_IP,
				  IP_PKTINFO, &info, sizeof(info)));
	ASSERT_EQ(1, recvfrom(peer, buf, 4, 0, (void *)&from, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), from.sin_addr.s_addr);
	/* somebody else's address is not for us to use */
	info.ipi_spec_dst.s_addr = inet_addr(PKTPATH_T_NONE);
	EXPECT_ERRNO(ENETUNREACH,
		     pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000, SOL_IP,
				  IP_PKTINFO, &info, sizeof(info)));
	close(fd);
	close(peer);
}

TEST_F(stacks, tos_in)
{
	struct cmsghdr *c;
	struct msghdr msg;
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVTOS, 1));
	ASSERT_EQ(0, pp_set(peer, SOL_IP, IP_TOS, 0xb8));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_IP, IP_TOS);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(CMSG_LEN(1), c->cmsg_len);
	EXPECT_EQ(0xb8, *(unsigned char *)CMSG_DATA(c));
	close(fd);
	close(peer);
}

TEST_F(stacks, ttl_in)
{
	struct msghdr msg;
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVTTL, 1));
	ASSERT_EQ(0, pp_set(peer, SOL_IP, IP_TTL, 77));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	EXPECT_EQ(77, cmsg_int(&msg, SOL_IP, IP_TTL));
	close(fd);
	close(peer);
}

TEST_F(stacks, origdst_in)
{
	struct sockaddr_in want = pp_addr(PKTPATH_T_A2, PORT), got;
	struct cmsghdr *c;
	struct msghdr msg;
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVORIGDSTADDR, 1));
	ASSERT_EQ(1, pp_sendto(peer, "x", 1, PKTPATH_T_A2, PORT));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_IP, IP_ORIGDSTADDR);
	ASSERT_NE(NULL, c);
	ASSERT_EQ(CMSG_LEN(sizeof(got)), c->cmsg_len);
	memcpy(&got, CMSG_DATA(c), sizeof(got));
	EXPECT_EQ(0, memcmp(&want, &got, sizeof(got)));
	close(fd);
	close(peer);
}

/* What the peer sees of one datagram sent with a cmsg. */
static int seen(int fd, int peer, int type, int val, int what)
{
	struct msghdr msg;
	struct cmsghdr *c;

	if (pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000, SOL_IP, type, &val,
			 sizeof(val)) != 1)
		return -errno;
	if (pp_recvmsg(peer, &msg, 0) != 1)
		return -1000;
	c = pp_cmsg(&msg, SOL_IP, what);
	if (!c)
		return -1001;
	if (what == IP_TOS)
		return *(unsigned char *)CMSG_DATA(c);
	return *(int *)CMSG_DATA(c);
}

TEST_F(stacks, ttl_and_tos_out)
{
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(peer, SOL_IP, IP_RECVTTL, 1));
	ASSERT_EQ(0, pp_set(peer, SOL_IP, IP_RECVTOS, 1));
	EXPECT_EQ(9, seen(fd, peer, IP_TTL, 9, IP_TTL));
	EXPECT_EQ(64, seen(fd, peer, IP_TOS, 0x10, IP_TTL));
	EXPECT_EQ(0x10, seen(fd, peer, IP_TOS, 0x10, IP_TOS));
	/* for that datagram alone */
	EXPECT_EQ(0, seen(fd, peer, IP_TTL, 9, IP_TOS));
	EXPECT_EQ(-EINVAL, seen(fd, peer, IP_TTL, 0, IP_TTL));
	EXPECT_EQ(-EINVAL, seen(fd, peer, IP_TTL, 256, IP_TTL));
	EXPECT_EQ(-EINVAL, seen(fd, peer, IP_TOS, 256, IP_TOS));
	EXPECT_EQ(-EINVAL, seen(fd, peer, 999, 1, IP_TOS));
	/* and those of the socket */
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_TTL, 33));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_TOS, 0x20));
	EXPECT_EQ(33, seen(fd, peer, IP_TOS, 0x10, IP_TTL));
	EXPECT_EQ(0x20, seen(fd, peer, IP_TTL, 9, IP_TOS));
	close(fd);
	close(peer);
}

TEST_F(stacks, short_cmsgs)
{
	char c = 1;
	int fd, peer;

	make(&self->p, &fd, &peer);
	EXPECT_ERRNO(EINVAL, pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000,
					  SOL_IP, IP_PKTINFO, &c, 1));
	EXPECT_ERRNO(EINVAL, pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000,
					  SOL_IP, IP_TTL, &c, 1));
	EXPECT_ERRNO(EINVAL, pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000,
					  SOL_SOCKET, SO_MARK, &c, 1));
	close(fd);
	close(peer);
}

/* A cmsg header whose length lies. */
TEST_F(stacks, lying_cmsgs)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, 5000);
	struct iovec iov = { "x", 1 };
	struct cmsghdr c = { .cmsg_level = SOL_IP, .cmsg_type = IP_TTL };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &c, .msg_controllen = sizeof(c),
	};
	static const size_t lens[] = { 0, 1, 15, 17, 100, (size_t)-1 };
	int fd, peer;
	size_t i;

	make(&self->p, &fd, &peer);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		c.cmsg_len = lens[i];
		EXPECT_ERRNO(EINVAL, sendmsg(fd, &msg, 0));
	}
	close(fd);
	close(peer);
}

TEST_F(stacks, mark_and_priority)
{
	unsigned int mark = 7;
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	EXPECT_EQ(1, pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000, SOL_SOCKET,
				  SO_MARK, &mark, sizeof(mark)));
	EXPECT_EQ(1, recv(peer, buf, 4, 0));
	EXPECT_ERRNO(EINVAL, pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000,
					  SOL_SOCKET, 9999, &mark,
					  sizeof(mark)));
	close(fd);
	close(peer);
}

TEST_F(stacks, truncated_control)
{
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	char control[CMSG_SPACE(4)], buf[4];
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_PKTINFO, 1));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	iov = (struct iovec){ buf, 4 };
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	ASSERT_EQ(1, recvmsg(fd, &msg, 0));
	EXPECT_EQ(MSG_CTRUNC, msg.msg_flags & MSG_CTRUNC);
	close(fd);
	close(peer);
}

TEST_F(stacks, overflow_counter)
{
	static char data[1000];
	struct msghdr msg;
	int fd, peer, i, n = 0;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUF, 4096));
	for (i = 0; i < 64; i++)
		ASSERT_EQ(1000, send(peer, data, 1000, 0));
	for (i = 0; i < 3000 && n < 64; i++) {
		if (i)
			usleep(10000);
		while (recv(fd, data, 1, MSG_DONTWAIT) >= 0)
			n++;
		if (n + pp_count(&self->p, "Udp", "RcvbufErrors") >= 64)
			break;
	}
	EXPECT_LT(0, pp_count(&self->p, "Udp", "RcvbufErrors"));
	/* all have come or are lost: this one is told of those */
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	EXPECT_EQ(64 - n, cmsg_int(&msg, SOL_SOCKET, SO_RXQ_OVFL));
	close(fd);
	close(peer);
}

TEST_HARNESS_MAIN
