// SPDX-License-Identifier: GPL-2.0
/*
 * Many sockets: each gets its own datagrams, and the cost of one does not
 * depend on their number. "many N": how many (4096; 100,000 is what the table
 * is made for).
 * Proves: design section 8 (flat cost), RFC 6056 (port choice).
 */
#include <sys/resource.h>
#include "pp_fixture.h"

#define PORT 4400

static int many;

static int raise_files(int n)
{
	struct rlimit r = { .rlim_cur = n, .rlim_max = n };

	return setrlimit(RLIMIT_NOFILE, &r);
}

/* Connected to port @i of B, all on one port of A. */
static int connected(struct pp_pair *p, int i)
{
	int fd = pp_udp(p);

	if (fd < 0)
		return -1;
	if (pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    pp_bind(fd, PKTPATH_T_A, PORT) ||
	    pp_connect(fd, i & 1 ? PKTPATH_T_B : PKTPATH_T_B2, 10000 + i / 2)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* From the address and port that socket @i is connected to. */
static int poke(struct pp_pair *p, int i)
{
	int fd = pp_peer_udp(p, i & 1 ? PKTPATH_T_B : PKTPATH_T_B2,
			     10000 + i / 2);
	int ok = pp_sendto(fd, &i, sizeof(i), PKTPATH_T_A, PORT);

	close(fd);
	return ok == sizeof(i) ? 0 : -1;
}

TEST_F(stacks, connected)
{
	int n = many, *fd, i, v, step;

	ASSERT_EQ(0, raise_files(n + 100));
	fd = calloc(n, sizeof(*fd));
	ASSERT_NE(NULL, fd);
	for (i = 0; i < n; i++) {
		fd[i] = connected(&self->p, i);
		ASSERT_LE(0, fd[i]);
	}
	step = n / 257 ?: 1;
	for (i = 0; i < n; i += step) {
		ASSERT_EQ(0, poke(&self->p, i));
		ASSERT_EQ((int)sizeof(v), recv(fd[i], &v, sizeof(v), 0));
		EXPECT_EQ(i, v);
	}
	/* dissolved and closed ones are out of the way */
	for (i = 0; i < n; i += 2)
		close(fd[i]);
	for (i = 1; i < n; i += step | 1) {
		if (!(i & 1))
			continue;
		ASSERT_EQ(0, poke(&self->p, i));
		ASSERT_EQ((int)sizeof(v), recv(fd[i], &v, sizeof(v), 0));
		EXPECT_EQ(i, v);
	}
	for (i = 1; i < n; i += 2)
		close(fd[i]);
	free(fd);
}

static long long ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Time of 200 datagrams over lo to the last of the sockets. */
static long long cost(int from, int to)
{
	long long t = ns();
	int i, v = 0;

	for (i = 0; i < 200; i++)
		if (send(from, &v, sizeof(v), 0) != sizeof(v) ||
		    recv(to, &v, sizeof(v), 0) != sizeof(v))
			return -1;
	return ns() - t;
}

/* Exact with virtual time; on a noisy clock only a growing cost shows. */
TEST_F(stacks, flat)
{
	long long few, lots;
	int n = many, *fd, i, to, from;

	ASSERT_EQ(0, raise_files(n + 100));
	fd = calloc(n, sizeof(*fd));
	ASSERT_NE(NULL, fd);
	to = pp_udp(&self->p);
	ASSERT_LE(0, to);
	ASSERT_EQ(0, pp_set(to, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, pp_bind(to, PKTPATH_T_A, PORT));
	from = pp_udp_bound(&self->p, PKTPATH_T_A, PORT + 1);
	ASSERT_LE(0, from);
	ASSERT_EQ(0, pp_connect(from, PKTPATH_T_A, PORT));
	ASSERT_EQ(0, pp_connect(to, PKTPATH_T_A, PORT + 1));
	ASSERT_LT(0, cost(from, to));
	few = cost(from, to);
	for (i = 0; i < n; i++) {
		fd[i] = connected(&self->p, i);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_LT(0, cost(from, to));
	lots = cost(from, to);
	fprintf(stderr, "# 200 round trips: %lld ns alone, %lld ns with %d\n",
		few, lots, n);
	if (!self->p.inet)	/* AF_INET searches them all on old kernels */
		EXPECT_GE(few + few / 4, lots);
	for (i = 0; i < n; i++)
		close(fd[i]);
	close(from);
	close(to);
	free(fd);
}

TEST_F(stacks, automatic_ports)
{
	static char seen[65536];
	int i, fd[512], in_order = 0, last = 0;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
		int port;

		fd[i] = pp_udp_bound(&self->p, "0.0.0.0", 0);
		ASSERT_LE(0, fd[i]);
		port = pp_port(fd[i]);
		EXPECT_LE(32768, port);
		EXPECT_GE(60999, port);
		EXPECT_EQ(0, seen[port]);
		seen[port] = 1;
		in_order += port == last + 1;
		last = port;
	}
	EXPECT_GT(64, in_order);
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++)
		close(fd[i]);
}

TEST_F(stacks, no_port_left)
{
	int fd[10], i, one;

	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_local_port_range",
			       "40000 40009"));
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
		fd[i] = pp_udp_bound(&self->p, "0.0.0.0", 0);
		ASSERT_LE(0, fd[i]);
	}
	EXPECT_ERRNO(EADDRINUSE, pp_udp_bound(&self->p, "0.0.0.0", 0));
	one = pp_udp(&self->p);
	ASSERT_LE(0, one);
	EXPECT_ERRNO(EAGAIN, pp_connect(one, PKTPATH_T_B, 1));
	EXPECT_ERRNO(EAGAIN, pp_sendto(one, "", 0, PKTPATH_T_B, 1));
	close(fd[3]);
	EXPECT_EQ(0, pp_connect(one, PKTPATH_T_B, 1));
	close(one);
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++)
		if (i != 3)
			close(fd[i]);
}

/* A group shares out senders, keeps each of them with one member. */
TEST_F(stacks, group)
{
	int fd[16], got[16] = { 0 }, i, j, n, used = 0;

	for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
		fd[i] = pp_udp(&self->p);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, pp_reuseport(&self->p, fd[i], 1));
		ASSERT_EQ(0, pp_bind(fd[i], "0.0.0.0", PORT));
	}
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, poke(&self->p, i));
		ASSERT_EQ(0, poke(&self->p, i));
		for (j = 0; j < (int)ARRAY_SIZE(fd); j++) {
			n = 0;
			while (recv(fd[j], &n, sizeof(n), MSG_DONTWAIT) > 0) {
				EXPECT_EQ(i, n);
				got[j]++;
			}
			/* both or none */
			EXPECT_EQ(0, got[j] & 1);
		}
	}
	for (j = 0, n = 0; j < (int)ARRAY_SIZE(fd); j++) {
		used += got[j] > 0;
		n += got[j];
		close(fd[j]);
	}
	EXPECT_EQ(400, n);
	EXPECT_LT(12, used);
}

int main(int argc, char **argv)
{
	many = pp_number(&argc, &argv) ?: 4096;
	return test_harness_run(argc, argv);
}
