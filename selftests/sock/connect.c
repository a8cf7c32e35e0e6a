// SPDX-License-Identifier: GPL-2.0
/*
 * connect(2), getpeername(2), and what a connected socket hears.
 * Proves: UDP-4, UDP-8 (API), conformance ICMP-4.
 */
#include "pp_fixture.h"

TEST_F(stacks, names)
{
	struct sockaddr_in sin, want = pp_addr(PKTPATH_T_B, 5000);
	socklen_t len = sizeof(sin);
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	memset(&sin, 0xff, sizeof(sin));
	ASSERT_EQ(0, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(0, memcmp(&want, &sin, sizeof(sin)));
	/* the source is chosen by the route */
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), sin.sin_addr.s_addr);
	EXPECT_NE(0, sin.sin_port);
	close(fd);
}

TEST_F(stacks, short_buffers)
{
	struct sockaddr_in sin;
	socklen_t len;
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	memset(&sin, 0xee, sizeof(sin));
	len = 4;
	ASSERT_EQ(0, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(htons(5000), sin.sin_port);
	EXPECT_EQ(0xeeeeeeee, sin.sin_addr.s_addr);
	close(fd);
}

TEST_F(stacks, address_forms)
{
	struct sockaddr_in sin = pp_addr(PKTPATH_T_B, 5000);
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, sizeof(sin) - 1));
	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, 1));
	EXPECT_ERRNO(EFAULT, connect(fd, NULL, sizeof(sin)));
	sin.sin_family = AF_INET6;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(fd, (void *)&sin, sizeof(sin)));
	sin.sin_family = self->p.family;
	EXPECT_EQ(0, connect(fd, (void *)&sin, sizeof(sin)));
	close(fd);
}

TEST_F(stacks, dissolve)
{
	struct sockaddr_in sin = { .sin_family = AF_UNSPEC };
	socklen_t len = sizeof(sin);
	int fd = pp_udp(&self->p);

	/* never connected: nothing to dissolve, no error */
	EXPECT_EQ(0, connect(fd, (void *)&sin, sizeof(sa_family_t)));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, connect(fd, (void *)&sin, sizeof(sa_family_t)));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	/* address and port were chosen by connect() and go with it */
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	EXPECT_EQ(0, sin.sin_port);
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	close(fd);

	/* those of bind() stay */
	fd = pp_udp_bound(&self->p, PKTPATH_T_A2, 4000);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	sin.sin_family = AF_UNSPEC;
	ASSERT_EQ(0, connect(fd, (void *)&sin, sizeof(sin)));
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_A2), sin.sin_addr.s_addr);
	EXPECT_EQ(htons(4000), sin.sin_port);
	close(fd);
}

TEST_F(stacks, again)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = pp_udp(&self->p);
	uint16_t port;

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	port = pp_port(fd);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B2, 5001));
	ASSERT_EQ(0, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_B2), sin.sin_addr.s_addr);
	EXPECT_EQ(htons(5001), sin.sin_port);
	EXPECT_EQ(port, pp_port(fd));
	close(fd);
}

TEST_F(stacks, no_route)
{
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(ENETUNREACH, pp_connect(fd, PKTPATH_T_NONE, 5000));
	EXPECT_ERRNO(ENETUNREACH,
		     pp_sendto(fd, "x", 1, PKTPATH_T_NONE, 5000));
	close(fd);
}

TEST_F(stacks, broadcast_needs_permission)
{
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(EACCES, pp_connect(fd, PKTPATH_T_BCAST, 5000));
	EXPECT_ERRNO(EACCES, pp_sendto(fd, "x", 1, PKTPATH_T_BCAST, 5000));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_BROADCAST, 1));
	EXPECT_EQ(0, pp_connect(fd, PKTPATH_T_BCAST, 5000));
	close(fd);
}

TEST_F(stacks, hears_only_its_peer)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	int right = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	int port = pp_peer_udp(&self->p, PKTPATH_T_B, 5001);
	int addr = pp_peer_udp(&self->p, PKTPATH_T_B2, 5000);
	char buf[16];

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(1, pp_sendto(port, "p", 1, PKTPATH_T_A, 4000));
	ASSERT_EQ(1, pp_sendto(addr, "a", 1, PKTPATH_T_A, 4000));
	ASSERT_EQ(1, pp_sendto(right, "r", 1, PKTPATH_T_A, 4000));
	ASSERT_EQ(1, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ('r', buf[0]);
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	close(fd);
	close(right);
	close(port);
	close(addr);
}

/* The more a socket says about whom it wants, the more it is preferred. */
TEST_F(stacks, most_specific_wins)
{
	int wild = pp_udp(&self->p), own = pp_udp(&self->p);
	int conn = pp_udp(&self->p);
	int b1 = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	int b2 = pp_peer_udp(&self->p, PKTPATH_T_B, 5001);
	char buf[16];

	pp_set(wild, SOL_SOCKET, SO_REUSEADDR, 1);
	pp_set(own, SOL_SOCKET, SO_REUSEADDR, 1);
	pp_set(conn, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, pp_bind(conn, PKTPATH_T_A, 4000));
	ASSERT_EQ(0, pp_connect(conn, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, pp_bind(own, PKTPATH_T_A, 4000));
	ASSERT_EQ(0, pp_bind(wild, "0.0.0.0", 4000));
	ASSERT_EQ(1, pp_sendto(b1, "c", 1, PKTPATH_T_A, 4000));
	ASSERT_EQ(1, pp_sendto(b2, "o", 1, PKTPATH_T_A, 4000));
	ASSERT_EQ(1, pp_sendto(b2, "w", 1, PKTPATH_T_A2, 4000));
	ASSERT_EQ(1, recv(conn, buf, sizeof(buf), 0));
	EXPECT_EQ('c', buf[0]);
	ASSERT_EQ(1, recv(own, buf, sizeof(buf), 0));
	EXPECT_EQ('o', buf[0]);
	ASSERT_EQ(1, recv(wild, buf, sizeof(buf), 0));
	EXPECT_EQ('w', buf[0]);
	close(wild);
	close(own);
	close(conn);
	close(b1);
	close(b2);
}

TEST_F(stacks, to_itself)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	char buf[16];

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_A, 4000));
	ASSERT_EQ(4, send(fd, "self", 4, 0));
	ASSERT_EQ(4, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp("self", buf, 4));
	close(fd);
}

TEST_F(stacks, over_127)
{
	int a = pp_udp_bound(&self->p, "127.0.0.1", 4000);
	int b = pp_udp(&self->p);
	char buf[16];

	ASSERT_LE(0, a);
	ASSERT_EQ(0, pp_connect(b, "127.0.0.1", 4000));
	ASSERT_EQ(3, send(b, "one", 3, 0));
	ASSERT_EQ(3, recv(a, buf, sizeof(buf), 0));
	close(a);
	close(b);
}

TEST_F(stacks, to_any_is_to_itself)
{
	int a = pp_udp_bound(&self->p, "0.0.0.0", 4000);
	int b = pp_udp(&self->p);
	char buf[16];

	ASSERT_EQ(0, pp_connect(b, "0.0.0.0", 4000));
	ASSERT_EQ(1, send(b, "x", 1, 0));
	EXPECT_EQ(1, recv(a, buf, sizeof(buf), 0));
	close(a);
	close(b);
}

TEST_F(stacks, stream_calls_refused)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(EOPNOTSUPP, listen(fd, 1));
	EXPECT_ERRNO(EOPNOTSUPP, accept(fd, (void *)&sin, &len));
	close(fd);
}

TEST_HARNESS_MAIN
