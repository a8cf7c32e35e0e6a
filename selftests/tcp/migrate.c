// SPDX-License-Identifier: GPL-2.0
/*
 * A listener of a reuseport group closes: with tcp_migrate_req what waits in
 * its queue is accepted by the other, else it is reset.
 * Proves: design: SO_REUSEPORT with migration.
 */
#include "pp_stream.h"

#define CONNS 24

static int listener(const struct pp_pair *p)
{
	int fd = pp_socket(p, SOCK_STREAM, 0);

	if (pp_reuseport(p, fd, 1) || pp_bind(fd, PKTPATH_T_A, PP_PORT) ||
	    listen(fd, 2 * CONNS))
		return -1;
	return fd;
}

/* Both listeners have some of CONNS connections; the first closes. How many
 * are left to the second, and answer.
 */
static int close_one(const struct pp_pair *p)
{
	int l[2] = { listener(p), listener(p) };
	int fd[CONNS], a, i, n = 0;
	char c = 0;

	if (l[0] < 0 || l[1] < 0)
		return -1;
	for (i = 0; i < CONNS; i++) {
		fd[i] = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);
		if (pp_connect(fd[i], PKTPATH_T_A, PP_PORT) ||
		    write(fd[i], "x", 1) != 1)
			return -1;
	}
	close(l[0]);
	pp_nonblock(l[1]);
	while ((a = accept(l[1], NULL, NULL)) >= 0) {
		n += read(a, &c, 1) == 1 && c == 'x' &&
		     write(a, "y", 1) == 1;
		close(a);
	}
	for (i = 0; i < CONNS; i++)
		close(fd[i]);
	close(l[1]);
	return n;
}

TEST_F(stacks, on)
{
	ASSERT_EQ(0, pp_sysctl(&self->p, "tcp_migrate_req", "1"));
	EXPECT_EQ(CONNS, close_one(&self->p));
	EXPECT_LT(0, pp_count(&self->p, "TcpExt", "TCPMigrateReqSuccess"));
	EXPECT_EQ(0, pp_count(&self->p, "TcpExt", "TCPMigrateReqFailure"));
}

TEST_F(stacks, off)
{
	int n = close_one(&self->p);

	EXPECT_LT(0, n);
	EXPECT_GT(CONNS, n);
}

TEST_HARNESS_MAIN
