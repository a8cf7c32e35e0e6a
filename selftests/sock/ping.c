// SPDX-License-Identifier: GPL-2.0
/*
 * Ping sockets.
 * Proves: design: Sockets (ping), conformance ICMP-4.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include "pp_fixture.h"

struct echo {
	struct icmphdr h;
	char data[56];
};

static int ping_socket(struct pp_pair *p)
{
	pp_sysctl(p, "ping_group_range", "0 2147483647");
	return pp_socket(p, SOCK_DGRAM, IPPROTO_ICMP);
}

static struct echo request(int seq)
{
	struct echo e = { .h = { .type = ICMP_ECHO } };

	e.h.un.echo.sequence = htons(seq);
	memset(e.data, 0x5a, sizeof(e.data));
	return e;
}

TEST_F(stacks, echo)
{
	struct echo e = request(7), r;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd = ping_socket(&self->p);

	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(e), pp_sendto(fd, &e, sizeof(e), PKTPATH_T_B, 0));
	ASSERT_EQ(sizeof(r), recvfrom(fd, &r, sizeof(r), 0, (void *)&from,
				      &len));
	EXPECT_EQ(ICMP_ECHOREPLY, r.h.type);
	EXPECT_EQ(htons(7), r.h.un.echo.sequence);
	EXPECT_EQ(htons(pp_port(fd)), r.h.un.echo.id);
	EXPECT_EQ(0, memcmp(e.data, r.data, sizeof(e.data)));
	EXPECT_EQ(AF_INET, from.sin_family);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), from.sin_addr.s_addr);
	EXPECT_EQ(0, from.sin_port);
	EXPECT_EQ(1, pp_count(&self->p, "Icmp", "OutEchos"));
	EXPECT_EQ(1, pp_count(&self->p, "Icmp", "InEchoReps"));
	close(fd);
}

TEST_F(stacks, over_loopback)
{
	struct echo e = request(1), r;
	int fd = ping_socket(&self->p);

	ASSERT_EQ(sizeof(e), pp_sendto(fd, &e, sizeof(e), PKTPATH_T_A, 0));
	ASSERT_EQ(sizeof(r), recv(fd, &r, sizeof(r), 0));
	EXPECT_EQ(ICMP_ECHOREPLY, r.h.type);
	ASSERT_EQ(sizeof(e), pp_sendto(fd, &e, sizeof(e), "127.0.0.1", 0));
	ASSERT_EQ(sizeof(r), recv(fd, &r, sizeof(r), 0));
	close(fd);
}

TEST_F(stacks, connected)
{
	struct echo e = request(2), r;
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = ping_socket(&self->p);

	EXPECT_ERRNO(EDESTADDRREQ, send(fd, &e, sizeof(e), 0));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 0));
	ASSERT_EQ(sizeof(e), send(fd, &e, sizeof(e), 0));
	ASSERT_EQ(sizeof(r), recv(fd, &r, sizeof(r), 0));
	/* there is no port, and without one no name of the peer */
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), sin.sin_addr.s_addr);
	EXPECT_NE(0, sin.sin_port);
	sin.sin_family = AF_UNSPEC;
	EXPECT_EQ(0, connect(fd, (void *)&sin, sizeof(sin)));
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, &e, sizeof(e), 0));
	close(fd);
}

TEST_F(stacks, bound_identifier)
{
	struct echo e = request(3), r;
	int fd = ping_socket(&self->p);

	ASSERT_EQ(0, pp_bind(fd, PKTPATH_T_A2, 77));
	EXPECT_EQ(77, pp_port(fd));
	EXPECT_ERRNO(EINVAL, pp_bind(fd, PKTPATH_T_A2, 78));
	e.h.un.echo.id = htons(4711);	/* is not ours to choose */
	ASSERT_EQ(sizeof(e), pp_sendto(fd, &e, sizeof(e), PKTPATH_T_B, 0));
	ASSERT_EQ(sizeof(r), recv(fd, &r, sizeof(r), 0));
	EXPECT_EQ(htons(77), r.h.un.echo.id);
	close(fd);
	fd = ping_socket(&self->p);
	EXPECT_ERRNO(EADDRNOTAVAIL, pp_bind(fd, PKTPATH_T_NONE, 77));
	close(fd);
}

TEST_F(stacks, identifiers_shared)
{
	int a = ping_socket(&self->p), b = ping_socket(&self->p);

	EXPECT_EQ(1, pp_get(a, SOL_SOCKET, SO_REUSEADDR));
	ASSERT_EQ(0, pp_bind(a, "0.0.0.0", 77));
	EXPECT_EQ(0, pp_bind(b, "0.0.0.0", 77));
	close(b);
	b = ping_socket(&self->p);
	ASSERT_EQ(0, pp_set(b, SOL_SOCKET, SO_REUSEADDR, 0));
	EXPECT_ERRNO(EADDRINUSE, pp_bind(b, "0.0.0.0", 77));
	close(a);
	close(b);
}

/* Two sockets, each hears its own replies alone. */
TEST_F(stacks, replies_to_the_right_one)
{
	struct echo e = request(4), r;
	int a = ping_socket(&self->p), b = ping_socket(&self->p);

	ASSERT_EQ(sizeof(e), pp_sendto(a, &e, sizeof(e), PKTPATH_T_B, 0));
	ASSERT_EQ(sizeof(e), pp_sendto(b, &e, 20, PKTPATH_T_B, 0) + 44);
	ASSERT_EQ(sizeof(r), recv(a, &r, sizeof(r), 0));
	ASSERT_EQ(20, recv(b, &r, sizeof(r), 0));
	EXPECT_ERRNO(EAGAIN, recv(a, &r, sizeof(r), MSG_DONTWAIT));
	EXPECT_ERRNO(EAGAIN, recv(b, &r, sizeof(r), MSG_DONTWAIT));
	close(a);
	close(b);
}

TEST_F(stacks, only_requests)
{
	struct echo e = request(5);
	int fd = ping_socket(&self->p), type;

	for (type = 0; type < 40; type++) {
		if (type == ICMP_ECHO)
			continue;
		e.h.type = type;
		EXPECT_ERRNO(EINVAL, pp_sendto(fd, &e, sizeof(e), PKTPATH_T_B,
					       0));
	}
	e.h.type = ICMP_ECHO;
	e.h.code = 1;
	EXPECT_ERRNO(EINVAL, pp_sendto(fd, &e, sizeof(e), PKTPATH_T_B, 0));
	e.h.code = 0;
	EXPECT_ERRNO(EINVAL, pp_sendto(fd, &e, 7, PKTPATH_T_B, 0));
	EXPECT_EQ(8, pp_sendto(fd, &e, 8, PKTPATH_T_B, 0));
	EXPECT_ERRNO(EFAULT, pp_sendto(fd, (void *)8, 16, PKTPATH_T_B, 0));
	EXPECT_ERRNO(ENETUNREACH, pp_sendto(fd, &e, 8, PKTPATH_T_NONE, 0));
	EXPECT_ERRNO(EACCES, pp_sendto(fd, &e, 8, PKTPATH_T_BCAST, 0));
	close(fd);
}

TEST_F(stacks, sizes)
{
	static char out[1472], in[2000];
	struct icmphdr *h = (struct icmphdr *)out;
	int fd = ping_socket(&self->p);
	size_t n;

	memset(out, 0x3c, sizeof(out));
	memset(h, 0, sizeof(*h));
	h->type = ICMP_ECHO;
	for (n = 8; n <= sizeof(out); n += 183) {
		ASSERT_EQ((ssize_t)n, pp_sendto(fd, out, n, PKTPATH_T_B, 0));
		ASSERT_EQ((ssize_t)n, recv(fd, in, sizeof(in), 0));
		ASSERT_EQ(0, memcmp(out + 8, in + 8, n - 8));
	}
	EXPECT_ERRNO(EMSGSIZE, pp_sendto(fd, out, 70000, PKTPATH_T_B, 0));
	close(fd);
}

TEST_F(stacks, large_over_loopback)
{
	static char out[20000], in[20000];
	int fd = ping_socket(&self->p), i;

	for (i = 8; i < 20000; i++)
		out[i] = i * 13;
	out[0] = ICMP_ECHO;
	ASSERT_EQ(20000, pp_sendto(fd, out, sizeof(out), PKTPATH_T_A, 0));
	ASSERT_EQ(20000, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(out + 8, in + 8, 20000 - 8));
	close(fd);
}

TEST_F(stacks, truncated)
{
	struct echo e = request(6);
	struct iovec iov = { &e, 10 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fd = ping_socket(&self->p);

	ASSERT_EQ(sizeof(e), pp_sendto(fd, &e, sizeof(e), PKTPATH_T_B, 0));
	ASSERT_EQ(10, recvmsg(fd, &msg, 0));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags);
	close(fd);
}

TEST_F(stacks, cmsgs)
{
	struct echo e = request(8);
	int fd = ping_socket(&self->p), ttl = 3;
	struct msghdr msg;
	struct cmsghdr *c;
	unsigned char ip[256];
	int tap;

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVTTL, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_PKTINFO, 1));
	tap = pp_tap(&self->p);
	ASSERT_EQ(sizeof(e), pp_send_cmsg(fd, &e, sizeof(e), PKTPATH_T_B, 0,
					  SOL_IP, IP_TTL, &ttl, sizeof(ttl)));
	ASSERT_EQ(sizeof(e), pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_IP, IP_TTL);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(64, *(int *)CMSG_DATA(c));
	EXPECT_NE(NULL, pp_cmsg(&msg, SOL_IP, IP_PKTINFO));
	ASSERT_LE(84, pp_tap_next(tap, IPPROTO_ICMP, 0, ip, sizeof(ip)));
	EXPECT_EQ(3, ((struct iphdr *)ip)->ttl);
	EXPECT_EQ(ICMP_ECHO, ip[20]);
	close(tap);
	close(fd);
}

TEST_F(stacks, unreachable)
{
	struct echo e = request(9), r;
	int fd = ping_socket(&self->p);
	struct sock_extended_err ee;
	struct cmsghdr *c;
	struct msghdr msg;

	ASSERT_EQ(0, pp_run("nsenter --net=/proc/self/fd/%d ip route add %s",
			    self->p.ns_b, "prohibit 10.98.0.0/16"));
	ASSERT_EQ(0, pp_run("nsenter --net=/proc/self/fd/%d sysctl -qw %s",
			    self->p.ns_b, "net.ipv4.ip_forward=1"));
	ASSERT_EQ(0, pp_route(&self->p, "add 10.98.0.0/16 via " PKTPATH_T_B));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVERR, 1));
	ASSERT_EQ(sizeof(e), pp_sendto(fd, &e, sizeof(e), "10.98.0.1", 0));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 30000) & POLLERR);
	ASSERT_LE(0, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	ASSERT_NE(NULL, c);
	memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	EXPECT_EQ(EHOSTUNREACH, ee.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, ee.ee_origin);
	EXPECT_EQ(ICMP_DEST_UNREACH, ee.ee_type);
	EXPECT_EQ(ICMP_PKT_FILTERED, ee.ee_code);
	EXPECT_ERRNO(EAGAIN, recv(fd, &r, sizeof(r), MSG_DONTWAIT));
	close(fd);
}

TEST_HARNESS_MAIN
