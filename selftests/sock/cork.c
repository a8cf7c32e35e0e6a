// SPDX-License-Identifier: GPL-2.0
/*
 * MSG_MORE and UDP_CORK: one datagram from several calls.
 * Proves: UDP-7 (API), stage TP_SEND with corking.
 */
#include <netinet/udp.h>
#include "pp_fixture.h"

#define PORT 4100

/* A connected socket in A and its peer in B. */
static int pair(struct pp_pair *p, int *peer)
{
	int fd = pp_udp_bound(p, PKTPATH_T_A, PORT);

	*peer = pp_peer_udp(p, PKTPATH_T_B, PORT);
	if (fd < 0 || *peer < 0 || pp_connect(fd, PKTPATH_T_B, PORT))
		return -1;
	return fd;
}

TEST_F(stacks, more)
{
	char buf[64];
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, send(fd, "ab", 2, MSG_MORE));
	EXPECT_EQ(0, pp_readable(peer, 50));
	EXPECT_EQ(0, send(fd, "", 0, MSG_MORE));
	EXPECT_EQ(3, send(fd, "cde", 3, 0));
	EXPECT_EQ(5, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "abcde", 5));
	EXPECT_EQ(0, pp_readable(peer, 50));
	/* the next call begins anew */
	EXPECT_EQ(1, send(fd, "f", 1, 0));
	EXPECT_EQ(1, recv(peer, buf, sizeof(buf), 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, option)
{
	char buf[64];
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, pp_get(fd, SOL_UDP, UDP_CORK));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_CORK, 1));
	EXPECT_EQ(1, pp_get(fd, SOL_UDP, UDP_CORK));
	EXPECT_EQ(1, send(fd, "a", 1, 0));
	EXPECT_EQ(1, send(fd, "b", 1, 0));
	EXPECT_EQ(0, pp_readable(peer, 50));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_CORK, 0));
	EXPECT_EQ(2, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	/* nothing to send: no datagram */
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_CORK, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_CORK, 0));
	EXPECT_EQ(0, pp_readable(peer, 50));
	close(fd);
	close(peer);
}

/* The first part says where to; later addresses do not count. */
TEST_F(stacks, first_address)
{
	int fd, peer, other;
	char buf[64];

	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	other = pp_peer_udp(&self->p, PKTPATH_T_B, PORT + 1);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, peer);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_CORK, 1));
	EXPECT_EQ(1, pp_sendto(fd, "a", 1, PKTPATH_T_B, PORT));
	EXPECT_EQ(1, pp_sendto(fd, "b", 1, PKTPATH_T_B, PORT + 1));
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_CORK, 0));
	EXPECT_EQ(2, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ(0, pp_readable(other, 50));
	close(fd);
	close(peer);
	close(other);
}

/* Many small parts and large ones, on whatever pages they come to lie. */
TEST_F(stacks, parts)
{
	static const int sizes[] = { 1, 7, 64, 300, 700 };
	char out[1472], in[2048];
	int fd, peer, off, n;
	size_t i;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	for (off = 0; off < (int)sizeof(out); off++)
		out[off] = off * 31 + (off >> 8);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (off = 0; off < (int)sizeof(out); off += n) {
			bool last;

			n = sizeof(out) - off;
			last = n <= sizes[i];
			if (!last)
				n = sizes[i];
			ASSERT_EQ(n, send(fd, out + off, n,
					  last ? 0 : MSG_MORE));
		}
		memset(in, 0, sizeof(in));
		ASSERT_EQ((int)sizeof(out), recv(peer, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(out, in, sizeof(out)));
	}
	close(fd);
	close(peer);
}

/* Too long for the path: all of it is thrown away. */
TEST_F(stacks, too_long)
{
	char buf[2048] = { 0 };
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	EXPECT_EQ(1000, send(fd, buf, 1000, MSG_MORE));
	EXPECT_EQ(472, send(fd, buf, 472, MSG_MORE));
	EXPECT_ERRNO(EMSGSIZE, send(fd, buf, 1, MSG_MORE));
	EXPECT_EQ(0, pp_readable(peer, 50));
	EXPECT_EQ(3, send(fd, buf, 3, 0));
	EXPECT_EQ(3, recv(peer, buf, sizeof(buf), 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, closed_unsent)
{
	long before = pp_count(&self->p, "Udp", "OutDatagrams");
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	EXPECT_EQ(4, send(fd, "gone", 4, MSG_MORE));
	close(fd);
	EXPECT_EQ(0, pp_readable(peer, 50));
	EXPECT_EQ(before, pp_count(&self->p, "Udp", "OutDatagrams"));
	close(peer);
}

TEST_F(stacks, shut)
{
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	EXPECT_EQ(4, send(fd, "half", 4, MSG_MORE));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	close(fd);
	EXPECT_EQ(0, pp_readable(peer, 50));
	close(peer);
}

/* Without checksums, and with ones that the sender has to make itself. */
TEST_F(stacks, no_check)
{
	char buf[64];
	int fd, peer;

	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_NO_CHECK, 1));
	EXPECT_EQ(2, send(fd, "ab", 2, MSG_MORE));
	EXPECT_EQ(2, send(fd, "cd", 2, 0));
	EXPECT_EQ(4, recv(peer, buf, sizeof(buf), 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, soft_checksum)
{
	char out[1400], in[1500];
	int fd, peer, i;

	pp_run("ethtool -K pa tx off >/dev/null 2>&1");
	fd = pair(&self->p, &peer);
	ASSERT_LE(0, fd);
	for (i = 0; i < (int)sizeof(out); i++)
		out[i] = i * 7;
	for (i = 1; i < (int)sizeof(out); i += 131) {
		ASSERT_EQ(i, send(fd, out, i, MSG_MORE));
		ASSERT_EQ((int)sizeof(out) - i,
			  send(fd, out + i, sizeof(out) - i, 0));
		ASSERT_EQ((int)sizeof(out), recv(peer, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(out, in, sizeof(out)));
		ASSERT_EQ(i, send(fd, out, i, 0));
		ASSERT_EQ(i, recv(peer, in, sizeof(in), 0));
	}
	close(fd);
	close(peer);
}

TEST_HARNESS_MAIN
