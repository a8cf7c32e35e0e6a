// SPDX-License-Identifier: GPL-2.0
/*
 * UDP_SEGMENT out, super-packets in, UDP_GRO.
 * Proves: stages TP_XMIT and SOCK_QUEUE with GSO; UDP-7 (boundaries).
 */
#include <netinet/udp.h>
#include "pp_fixture.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#define PORT 4200

static char out[65536], in[65536];

static void fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 13 + (i >> 8);
}

static int pair(struct pp_pair *p, int *peer)
{
	int fd = pp_udp_bound(p, PKTPATH_T_A, PORT);

	fill();
	*peer = pp_peer_udp(p, PKTPATH_T_B, PORT);
	if (fd < 0 || *peer < 0 || pp_connect(fd, PKTPATH_T_B, PORT) ||
	    pp_connect(*peer, PKTPATH_T_A, PORT))
		return -1;
	return fd;
}

/* Reads @total bytes in datagrams of @size; the number of datagrams. */
static int drain(int fd, int total, int size)
{
	int off = 0, n, count = 0;

	while (off < total) {
		n = recv(fd, in, sizeof(in), 0);
		if (n != (total - off < size ? total - off : size) ||
		    memcmp(in, out + off, n))
			return -1;
		off += n;
		count++;
	}
	return count;
}

TEST_F(stacks, send_option)
{
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, pp_get(fd, SOL_UDP, UDP_SEGMENT));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_SEGMENT, 1000));
	EXPECT_EQ(1000, pp_get(fd, SOL_UDP, UDP_SEGMENT));
	ASSERT_EQ(10500, send(fd, out, 10500, 0));
	EXPECT_EQ(11, drain(peer, 10500, 1000));
	ASSERT_EQ(1000, send(fd, out, 1000, 0));
	EXPECT_EQ(1, drain(peer, 1000, 1000));
	ASSERT_EQ(7, send(fd, out, 7, 0));
	EXPECT_EQ(1, drain(peer, 7, 1000));
	ASSERT_EQ(1472 * 40, (pp_set(fd, SOL_UDP, UDP_SEGMENT, 1472),
			      send(fd, out, 1472 * 40, 0)));
	EXPECT_EQ(40, drain(peer, 1472 * 40, 1472));
	EXPECT_ERRNO(EINVAL, pp_set(fd, SOL_UDP, UDP_SEGMENT, -1));
	EXPECT_ERRNO(EINVAL, pp_set(fd, SOL_UDP, UDP_SEGMENT, 65536));
	close(fd);
	close(peer);
}

TEST_F(stacks, send_cmsg)
{
	uint16_t size = 500;
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2100, pp_send_cmsg(fd, out, 2100, NULL, 0, SOL_UDP,
				     UDP_SEGMENT, &size, sizeof(size)));
	EXPECT_EQ(5, drain(peer, 2100, 500));
	EXPECT_EQ(2100, pp_send_cmsg(fd, out, 2100, PKTPATH_T_B, PORT, SOL_UDP,
				     UDP_SEGMENT, &size, sizeof(size)));
	EXPECT_EQ(5, drain(peer, 2100, 500));
	EXPECT_ERRNO(EINVAL,
		     pp_send_cmsg(fd, out, 100, NULL, 0, SOL_UDP, UDP_SEGMENT,
				  &size, 1));
	close(fd);
	close(peer);
}

TEST_F(stacks, send_corked)
{
	int fd, peer, i;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_SEGMENT, 1000));
	for (i = 0; i < 5; i++)
		ASSERT_EQ(700, send(fd, out + i * 700, 700,
				    i < 4 ? MSG_MORE : 0));
	EXPECT_EQ(4, drain(peer, 3500, 1000));
	close(fd);
	close(peer);
}

TEST_F(stacks, send_refused)
{
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_SEGMENT, 1473));
	EXPECT_ERRNO(EMSGSIZE, send(fd, out, 4000, 0));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_SEGMENT, 1));
	EXPECT_ERRNO(EINVAL, send(fd, out, 1000, 0));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_SEGMENT, 1000));
	EXPECT_ERRNO(EMSGSIZE, send(fd, out, 65508, 0));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_NO_CHECK, 1));
	EXPECT_ERRNO(EINVAL, send(fd, out, 4000, 0));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_NO_CHECK, 0));
	EXPECT_EQ(0, pp_readable(peer, 50));
	ASSERT_EQ(3000, send(fd, out, 3000, 0));
	EXPECT_EQ(3, drain(peer, 3000, 1000));
	close(fd);
	close(peer);
}

/* The device cannot: the stack has to, checksums included. */
TEST_F(stacks, send_soft)
{
	int fd, peer, n;

	pp_run("ethtool -K pa tx off gso off >/dev/null 2>&1");
	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_SEGMENT, 900));
	n = send(fd, out, 20000, 0);
	/* AF_INET of kernels before 6.11: EIO */
	if (n < 0 && self->p.inet)
		SKIP(close(fd); return, "refused: %s", strerror(errno));
	ASSERT_EQ(20000, n);
	EXPECT_EQ(23, drain(peer, 20000, 900));
	close(fd);
	close(peer);
}

/* A peer's super-packet: one by one for who does not know of UDP_GRO. */
TEST_F(stacks, receive)
{
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(peer, SOL_UDP, UDP_SEGMENT, 1200));
	ASSERT_EQ(30100, send(peer, out, 30100, 0));
	EXPECT_EQ(26, drain(fd, 30100, 1200));
	EXPECT_EQ(26, pp_count(&self->p, "Udp", "InDatagrams"));
	close(fd);
	close(peer);
}

/* recvmsg() of everything at once; the size from the cmsg, 0 without. */
static int recv_gro(int fd, int *len)
{
	union {
		char buf[64];
		struct cmsghdr align;
	} u;
	struct iovec iov = { .iov_base = in, .iov_len = sizeof(in) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	struct cmsghdr *c;
	int size;

	*len = recvmsg(fd, &msg, 0);
	c = CMSG_FIRSTHDR(&msg);
	if (*len < 0 || !c)
		return 0;
	if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO ||
	    c->cmsg_len != CMSG_LEN(sizeof(size)))
		return -1;
	memcpy(&size, CMSG_DATA(c), sizeof(size));
	return size;
}

TEST_F(stacks, receive_whole)
{
	int fd, peer, len;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, pp_get(fd, SOL_UDP, UDP_GRO));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_GRO, 1));
	EXPECT_EQ(1, pp_get(fd, SOL_UDP, UDP_GRO));
	ASSERT_EQ(0, pp_set(peer, SOL_UDP, UDP_SEGMENT, 1200));
	ASSERT_EQ(6100, send(peer, out, 6100, 0));
	EXPECT_EQ(1200, recv_gro(fd, &len));
	EXPECT_EQ(6100, len);
	EXPECT_EQ(0, memcmp(in, out, 6100));
	/* a single datagram has no such cmsg */
	ASSERT_EQ(100, send(peer, out, 100, 0));
	EXPECT_EQ(0, recv_gro(fd, &len));
	EXPECT_EQ(100, len);
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_GRO, 0));
	ASSERT_EQ(2400, send(peer, out, 2400, 0));
	EXPECT_EQ(2, drain(fd, 2400, 1200));
	close(fd);
	close(peer);
}

/* Features of pa, and B cuts what it sends before it leaves. */
static int merging(const struct pp_pair *p, const char *features)
{
	if (pp_run("ethtool -K pa gro on %s 2>/dev/null", features) ||
	    pp_ns_enter(p->ns_b))
		return -1;
	pp_run("ethtool -K pb tx-udp-segmentation off 2>/dev/null");
	return pp_ns_enter(p->ns_a);
}

/* Datagrams that the device has put together, all at once. */
TEST_F(stacks, receive_merged)
{
	int fd, peer, len, total, size, most = 0;

	if (merging(&self->p, "rx-udp-gro-forwarding on"))
		SKIP(return, "no such features here");
	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_GRO, 1));
	ASSERT_EQ(0, pp_set(peer, SOL_UDP, UDP_SEGMENT, 1000));
	ASSERT_EQ(10000, send(peer, out, 10000, 0));
	for (total = 0; total < 10000; total += len) {
		size = recv_gro(fd, &len);
		ASSERT_LT(0, len);
		EXPECT_TRUE(size == 1000 || (!size && len == 1000));
		EXPECT_EQ(0, memcmp(in, out + total, len));
		if (len > most)
			most = len;
	}
	EXPECT_EQ(10000, total);
	EXPECT_LT(1000, most);
	close(fd);
	close(peer);
}

/* Chained, as for a router; a socket gets them one by one. */
TEST_F(stacks, receive_chained)
{
	int fd, peer;

	if (merging(&self->p, "rx-gro-list on"))
		SKIP(return, "no such features here");
	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(peer, SOL_UDP, UDP_SEGMENT, 1000));
	ASSERT_EQ(9300, send(peer, out, 9300, 0));
	EXPECT_EQ(10, drain(fd, 9300, 1000));
	close(fd);
	close(peer);
}

/* Between two sockets of one host, over lo. */
TEST_F(stacks, loop)
{
	int a, b;

	fill();
	a = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	b = pp_udp_bound(&self->p, PKTPATH_T_A, PORT + 1);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, pp_connect(a, PKTPATH_T_A, PORT + 1));
	ASSERT_EQ(0, pp_set(a, SOL_UDP, UDP_SEGMENT, 1000));
	ASSERT_EQ(20000, send(a, out, 20000, 0));
	EXPECT_EQ(20, drain(b, 20000, 1000));
	ASSERT_EQ(0, pp_set(a, SOL_UDP, UDP_SEGMENT, 0));
	ASSERT_EQ(65507, send(a, out, 65507, 0));
	EXPECT_EQ(1, drain(b, 65507, 65507));
	EXPECT_ERRNO(EMSGSIZE, send(a, out, 65508, 0));
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
