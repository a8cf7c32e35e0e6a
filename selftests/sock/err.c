// SPDX-License-Identifier: GPL-2.0
/*
 * Errors from the net: ECONNREFUSED and the error queue.
 * Proves: UDP-4, ICMP-4, ICMP-5, PMTU-6 (conformance).
 */
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/ip_icmp.h>
#include "pp_fixture.h"

#define PORT 4000

TEST_F(stacks, refused_connected)
{
	int fd = pp_udp(&self->p);
	char buf[4];

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5999));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, buf, 4, MSG_DONTWAIT));
	/* said once */
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 4, MSG_DONTWAIT));
	/* also by the next send */
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	EXPECT_ERRNO(ECONNREFUSED, send(fd, "x", 1, 0));
	close(fd);
}

TEST_F(stacks, so_error)
{
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5999));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, pp_get(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, pp_get(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

TEST_F(stacks, refused_over_loopback)
{
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_A, 5999));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, pp_get(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

TEST_F(stacks, unconnected_hears_nothing)
{
	int fd = pp_udp(&self->p);

	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5999));
	EXPECT_EQ(0, pp_revents(fd, POLLIN, 200));
	EXPECT_EQ(0, pp_get(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

/* An ICMP error is for the socket that sent, not for its neighbours. */
TEST_F(stacks, right_socket)
{
	int a = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int b = pp_udp_bound(&self->p, PKTPATH_T_A, PORT + 1);

	ASSERT_EQ(0, pp_connect(a, PKTPATH_T_B, 5999));
	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_B, 5998));
	ASSERT_EQ(1, send(a, "x", 1, 0));
	EXPECT_TRUE(pp_revents(a, POLLIN, 30000) & POLLERR);
	EXPECT_EQ(0, pp_revents(b, POLLIN, 50));
	close(a);
	close(b);
}

TEST_F(stacks, error_queue)
{
	struct sockaddr_in offender, to;
	struct sock_extended_err ee;
	int fd = pp_udp(&self->p);
	struct cmsghdr *c;
	struct msghdr msg;
	char buf[4];

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 1));
	EXPECT_ERRNO(EAGAIN, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	ASSERT_EQ(4, pp_sendto(fd, "ping", 4, PKTPATH_T_B, 5999));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	ASSERT_EQ(4, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	EXPECT_EQ(MSG_ERRQUEUE, msg.msg_flags & MSG_ERRQUEUE);
	EXPECT_EQ(0, memcmp("ping", msg.msg_iov->iov_base, 4));
	/* where the datagram was going */
	memcpy(&to, msg.msg_name, sizeof(to));
	EXPECT_EQ(AF_INET, to.sin_family);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), to.sin_addr.s_addr);
	EXPECT_EQ(htons(5999), to.sin_port);
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	ASSERT_NE(NULL, c);
	ASSERT_LE(CMSG_LEN(sizeof(ee) + sizeof(offender)), c->cmsg_len);
	memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	memcpy(&offender, CMSG_DATA(c) + sizeof(ee), sizeof(offender));
	EXPECT_EQ(ECONNREFUSED, ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, ee.ee_origin);
	EXPECT_EQ(ICMP_DEST_UNREACH, ee.ee_type);
	EXPECT_EQ(ICMP_PORT_UNREACH, ee.ee_code);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), offender.sin_addr.s_addr);
	/* the queue is empty and with it the pending error */
	EXPECT_ERRNO(EAGAIN, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 4, MSG_DONTWAIT));
	close(fd);
}

TEST_F(stacks, recverr_off_empties_queue)
{
	int fd = pp_udp(&self->p);
	struct msghdr msg;

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 1));
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5999));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 0));
	EXPECT_ERRNO(EAGAIN, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	close(fd);
}

/* Errors alone: not the times of what was sent. AF_INET of 6.1 takes all. */
TEST_F(stacks, recverr_off_leaves_times)
{
	int fd = pp_udp(&self->p);
	struct msghdr msg = {};

	if (self->p.inet)
		SKIP(return, "not on an old AF_INET");
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
			    SOF_TIMESTAMPING_TX_SCHED |
			    SOF_TIMESTAMPING_SOFTWARE |
			    SOF_TIMESTAMPING_OPT_TSONLY));
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5999));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 0));
	EXPECT_EQ(0, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	EXPECT_ERRNO(EAGAIN, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	close(fd);
}

TEST_F(stacks, local_emsgsize)
{
	static char big[3000];
	struct sock_extended_err ee;
	int fd = pp_udp(&self->p);
	struct cmsghdr *c;
	struct msghdr msg;

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	EXPECT_ERRNO(EMSGSIZE, pp_sendto(fd, big, 3000, PKTPATH_T_B, 5000));
	ASSERT_LE(0, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	ASSERT_NE(NULL, c);
	memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	EXPECT_EQ(EMSGSIZE, ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, ee.ee_origin);
	EXPECT_EQ(1500, ee.ee_info);
	close(fd);
}

TEST_F(stacks, nobody_answers_arp)
{
	int fd = pp_udp(&self->p);
	char buf[4];

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 1));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_DEAD, 5000));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	EXPECT_ERRNO(EHOSTUNREACH, recv(fd, buf, 4, MSG_DONTWAIT));
	close(fd);
}

TEST_F(stacks, mtu)
{
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(ENOTCONN, pp_get(fd, SOL_IP, IP_MTU));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	EXPECT_EQ(1500, pp_get(fd, SOL_IP, IP_MTU));
	close(fd);
}

TEST_F(stacks, closed_port_answers)
{
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);

	ASSERT_EQ(0, pp_connect(peer, PKTPATH_T_A, 5999));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_TRUE(pp_revents(peer, POLLIN, 30000) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, pp_get(peer, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(1, pp_count(&self->p, "Udp", "NoPorts"));
	close(peer);
}

TEST_HARNESS_MAIN
