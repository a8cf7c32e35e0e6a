// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers and their limits: SO_RCVBUF, SO_SNDBUF, udp_mem, SO_RXQ_OVFL.
 * Proves: G1 (attacks.md), C12 (kernel-hazards.md), design: bounded memory.
 */
#include <linux/sockios.h>
#include "pp_fixture.h"

#define PORT 4300
#define FLOOD 2000

/* Sends @n numbered datagrams of @len bytes from B to A. */
static int flood(int peer, int n, int len)
{
	char buf[2048] = { 0 };
	int i;

	for (i = 0; i < n; i++) {
		memcpy(buf, &i, sizeof(i));
		if (pp_sendto(peer, buf, len, PKTPATH_T_A, PORT) != len)
			return -1;
	}
	return 0;
}

static int drain(int fd)
{
	char buf[2048];
	int n = 0;

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

/* Sends @n and waits until all have come: a mark for another port is last. */
static int flood_all(struct pp_pair *p, int peer, int n, int len)
{
	int mark = pp_udp_bound(p, PKTPATH_T_A, PORT + 1);
	char c;

	if (mark < 0 || flood(peer, n, len) ||
	    pp_sendto(peer, "", 1, PKTPATH_T_A, PORT + 1) != 1 ||
	    recv(mark, &c, 1, 0) != 1)
		return -1;
	close(mark);
	return 0;
}

/* Every datagram is either read or counted, none twice. */
TEST_F(stacks, overflow)
{
	long errors, drops;
	int fd, peer, got;

	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUF, 20000));
	ASSERT_EQ(0, flood_all(&self->p, peer, FLOOD, 100));
	got = drain(fd);
	EXPECT_LT(0, got);
	EXPECT_GT(FLOOD, got);
	errors = pp_count(&self->p, "Udp", "RcvbufErrors");
	drops = pp_count(&self->p, "Udp", "InErrors");
	EXPECT_EQ(FLOOD - got, errors);
	EXPECT_EQ(errors, drops);
	/* with the mark */
	EXPECT_EQ(got + 1, pp_count(&self->p, "Udp", "InDatagrams"));
	/* emptied, it takes as many again */
	ASSERT_EQ(0, flood_all(&self->p, peer, FLOOD, 100));
	EXPECT_EQ(got, drain(fd));
	close(fd);
	close(peer);
}

TEST_F(stacks, overflow_count)
{
	struct cmsghdr *c;
	struct msghdr msg;
	int fd, peer, got;
	uint32_t drops;

	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUF, 20000));
	ASSERT_EQ(0, flood_all(&self->p, peer, 200, 500));
	got = drain(fd);
	ASSERT_GT(200, got);
	ASSERT_EQ(0, flood_all(&self->p, peer, 1, 500));
	ASSERT_EQ(500, pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_SOCKET, SO_RXQ_OVFL);
	ASSERT_NE(NULL, c);
	memcpy(&drops, CMSG_DATA(c), sizeof(drops));
	EXPECT_EQ(200 - got, (int)drops);
	close(fd);
	close(peer);
}

/* However small the buffer is, one datagram fits. */
TEST_F(stacks, smallest)
{
	int fd, peer, i;

	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUF, 1));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, flood_all(&self->p, peer, 5, 1400));
		EXPECT_LE(1, drain(fd));
	}
	close(fd);
	close(peer);
}

TEST_F(stacks, peek_keeps_charge)
{
	char buf[2048];
	int fd, peer, i, n;

	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, flood_all(&self->p, peer, 3, 700));
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(700, recv(fd, buf, sizeof(buf), MSG_PEEK));
		memcpy(&n, buf, sizeof(n));
		EXPECT_EQ(0, n);
	}
	ASSERT_EQ(0, ioctl(fd, SIOCINQ, &n));
	EXPECT_EQ(700, n);
	EXPECT_EQ(3, drain(fd));
	ASSERT_EQ(0, ioctl(fd, SIOCINQ, &n));
	EXPECT_EQ(0, n);
	close(fd);
	close(peer);
}

/* udp_mem is of the host: its file is in the first netns only. */
static int set_mem(struct pp_pair *p, const char *value)
{
	int err;

	if (pp_ns_enter(p->ns_old))
		return -1;
	err = pp_sysctl(p, "udp_mem", value);
	return pp_ns_enter(p->ns_a) ? -1 : err;
}

static int get_mem(struct pp_pair *p, char *buf, size_t len)
{
	FILE *f;

	if (pp_ns_enter(p->ns_old))
		return -1;
	f = fopen(p->inet ? "/proc/sys/net/ipv4/udp_mem" :
			    "/proc/sys/net/pktpath/udp_mem", "r");
	if (!f || !fgets(buf, len, f))
		buf[0] = 0;
	if (f)
		fclose(f);
	return pp_ns_enter(p->ns_a) || !buf[0] ? -1 : 0;
}

/* Under a host-wide limit datagrams are dropped and counted, then all is well
 * again.
 */
TEST_F(stacks, host_limit)
{
	char saved[128];
	int fd, peer, got, i;
	long errors;

	if (get_mem(&self->p, saved, sizeof(saved)))
		SKIP(return, "no udp_mem here");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4000000));
	ASSERT_EQ(0, set_mem(&self->p, "4 4 4"));
	EXPECT_EQ(0, flood(peer, FLOOD, 1400));
	for (got = 0, errors = 0, i = 0; i < 30000; i++) {
		got += drain(fd);
		errors = pp_count(&self->p, "Udp", "MemErrors");
		if (got + errors >= FLOOD)
			break;
		usleep(1000);
	}
	EXPECT_EQ(0, set_mem(&self->p, saved));
	EXPECT_LT(0, errors);
	EXPECT_EQ(FLOOD, got + errors);
	EXPECT_EQ(0, flood_all(&self->p, peer, 100, 1400));
	EXPECT_EQ(100, drain(fd));
	close(fd);
	close(peer);
}

/* How many of FLOOD datagrams found no memory; the others are read. -1: lost */
static long refused(const struct pp_pair *p, int fd, int peer)
{
	long was = pp_count(p, "Udp", "MemErrors"), errors = 0;
	int got = 0, i;

	if (flood(peer, FLOOD, 1400))
		return -1;
	for (i = 0; i < 30000; i++) {
		got += drain(fd);
		errors = pp_count(p, "Udp", "MemErrors") - was;
		if (got + errors >= FLOOD)
			break;
		usleep(1000);
	}
	return got + errors == FLOOD ? errors : -1;
}

/* Beyond the first limit each netns has its own least. */
TEST_F(stacks, least_of_the_namespace)
{
	char saved[128];
	int fd, peer;

	if (get_mem(&self->p, saved, sizeof(saved)))
		SKIP(return, "no udp_mem here");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4000000));
	ASSERT_EQ(0, set_mem(&self->p, "4 4 1000000"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "udp_rmem_min", "4096"));
	EXPECT_LT(0, refused(&self->p, fd, peer));
	ASSERT_EQ(0, pp_sysctl(&self->p, "udp_rmem_min", "100000000"));
	EXPECT_EQ(0, refused(&self->p, fd, peer));
	ASSERT_EQ(0, pp_sysctl(&self->p, "udp_rmem_min", "4096"));
	EXPECT_LT(0, refused(&self->p, fd, peer));
	EXPECT_EQ(0, set_mem(&self->p, saved));
	close(fd);
	close(peer);
}

/* A queue that lets go of nothing for a while holds the sender back. */
TEST_F(stacks, send_buffer)
{
	struct timeval tv = { .tv_usec = 100000 };
	char buf[1000] = { 0 };
	int fd, peer, n, i;

	if (pp_run("tc qdisc add dev pa root netem delay 1500ms 2>/dev/null"))
		SKIP(return, "no netem");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_SNDBUF, 8000));
	for (i = 0; i < 100; i++)
		if (send(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0)
			break;
	EXPECT_LT(1, i);
	ASSERT_GT(100, i);
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, ioctl(fd, SIOCOUTQ, &n));
	EXPECT_LT(8000, n);
	EXPECT_EQ(0, pp_revents(fd, POLLOUT, 0) & POLLOUT);
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	EXPECT_ERRNO(EAGAIN, send(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(POLLOUT, pp_revents(fd, POLLOUT, 30000) & POLLOUT);
	tv.tv_sec = 30;
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	for (i = 0; i < 20; i++)
		EXPECT_EQ((int)sizeof(buf), send(fd, buf, sizeof(buf), 0));
	/* closed with datagrams under way: they still arrive */
	close(fd);
	EXPECT_EQ(1, pp_readable(peer, 30000));
	close(peer);
}

TEST_HARNESS_MAIN
