// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for a socket: poll, select, epoll, O_ASYNC, blocking calls, and
 * shutdown(2), which wakes all of them.
 * Proves: design: Sockets (poll, epoll, select, O_ASYNC, shutdown).
 */
#include <sys/epoll.h>
#include <sys/select.h>
#include "pp_fixture.h"

#define PORT 4000

static void make(struct pp_pair *p, int *fd, int *peer)
{
	*fd = pp_udp_bound(p, PKTPATH_T_A, PORT);
	*peer = pp_peer_udp(p, PKTPATH_T_B, 5000);
	pp_connect(*peer, PKTPATH_T_A, PORT);
}

/* Sends one datagram after a while, from a child. */
static pid_t later(int fd, int ms)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	usleep(ms * 1000);
	_exit(send(fd, "x", 1, 0) != 1);
}

TEST_F(stacks, poll)
{
	int fd, peer;
	char buf[4];
	pid_t pid;

	make(&self->p, &fd, &peer);
	EXPECT_EQ(POLLOUT, pp_revents(fd, POLLIN | POLLOUT, 0));
	EXPECT_EQ(0, pp_revents(fd, POLLIN, 50));
	pid = later(peer, 100);
	EXPECT_EQ(POLLIN, pp_revents(fd, POLLIN, 30000));
	waitpid(pid, NULL, 0);
	EXPECT_EQ(POLLIN | POLLRDNORM,
		  pp_revents(fd, POLLIN | POLLRDNORM | POLLPRI, 0));
	ASSERT_EQ(1, recv(fd, buf, 4, 0));
	EXPECT_EQ(0, pp_revents(fd, POLLIN, 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, poll_unbound)
{
	int fd = pp_udp(&self->p);

	EXPECT_EQ(POLLOUT, pp_revents(fd, POLLIN | POLLOUT | POLLHUP, 0));
	close(fd);
}

TEST_F(stacks, select)
{
	struct timeval tv = { .tv_sec = 30 };
	int fd, peer;
	fd_set set;
	pid_t pid;

	make(&self->p, &fd, &peer);
	pid = later(peer, 50);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	EXPECT_EQ(1, select(fd + 1, &set, NULL, NULL, &tv));
	EXPECT_TRUE(FD_ISSET(fd, &set));
	waitpid(pid, NULL, 0);
	close(fd);
	close(peer);
}

TEST_F(stacks, epoll_edge)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int fd, peer, ep = epoll_create1(0);
	char buf[4];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 20));
	ASSERT_EQ(1, send(peer, "1", 1, 0));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 30000));
	EXPECT_EQ(EPOLLIN, ev.events);
	/* still readable, but no new edge */
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 20));
	ASSERT_EQ(1, send(peer, "2", 1, 0));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 30000));
	ASSERT_EQ(1, recv(fd, buf, 4, 0));
	ASSERT_EQ(1, recv(fd, buf, 4, 0));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 20));
	close(fd);
	close(peer);
	close(ep);
}

TEST_F(stacks, epoll_level)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd, peer, ep = epoll_create1(0), i;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	ASSERT_EQ(1, send(peer, "1", 1, 0));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 30000));
	/* a closed socket leaves the set */
	close(fd);
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 20));
	close(peer);
	close(ep);
}

TEST_F(stacks, async)
{
	struct timespec ts = { .tv_sec = 30 };
	siginfo_t info;
	int fd, peer;
	sigset_t set;

	make(&self->p, &fd, &peer);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ASSERT_EQ(0, fcntl(fd, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(fd, F_SETSIG, SIGIO));
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_EQ(SIGIO, sigtimedwait(&set, &info, &ts));
	EXPECT_EQ(fd, info.si_fd);
	EXPECT_EQ(POLL_IN, info.si_code);
	close(fd);
	close(peer);
}

TEST_F(stacks, blocking_receive)
{
	int fd, peer;
	char buf[4];
	pid_t pid;

	make(&self->p, &fd, &peer);
	pid = later(peer, 100);
	EXPECT_EQ(1, recv(fd, buf, 4, 0));
	waitpid(pid, NULL, 0);
	close(fd);
	close(peer);
}

static void on_alarm(int sig)
{
	(void)sig;
}

TEST_F(stacks, interrupted)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct timeval none = { 0 };
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
	sigaction(SIGALRM, &sa, NULL);
	/* again and again: the first may come before recv() waits */
	ualarm(100000, 100000);
	EXPECT_ERRNO(EINTR, recv(fd, buf, 4, 0));
	ualarm(0, 0);
	close(fd);
	close(peer);
}

TEST_F(stacks, shutdown_unconnected)
{
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	EXPECT_ERRNO(EINVAL, shutdown(fd, 3));
	EXPECT_ERRNO(EINVAL, shutdown(fd, -1));
	/* says no, and does it */
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 0) & POLLHUP);
	EXPECT_EQ(0, recv(fd, buf, 4, 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, shutdown_connected)
{
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, pp_revents(fd, POLLIN | POLLRDHUP, 0));
	ASSERT_EQ(1, send(peer, "y", 1, 0));
	EXPECT_EQ(1, recv(fd, buf, 4, 0));
	ASSERT_EQ(0, shutdown(fd, SHUT_RD));
	EXPECT_EQ(0, recv(fd, buf, 4, 0));
	EXPECT_EQ(POLLIN | POLLRDHUP | POLLHUP,
		  pp_revents(fd, POLLIN | POLLRDHUP, 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, shutdown_wakes_reader)
{
	int fd, peer, status;
	char buf[4];
	pid_t pid;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	pid = fork();
	if (!pid)
		_exit(recv(fd, buf, 4, 0) != 0);
	usleep(100000);
	ASSERT_EQ(0, shutdown(fd, SHUT_RD));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(fd);
	close(peer);
}

TEST_F(stacks, busy_poll)
{
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_BUSY_POLL, 50));
	EXPECT_EQ(50, pp_get(fd, SOL_SOCKET, SO_BUSY_POLL));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_EQ(1, recv(fd, buf, 4, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 4, MSG_DONTWAIT));
	close(fd);
	close(peer);
}

/* The queue that is asked: of a device that has such. */
TEST_F(stacks, busy_poll_queue)
{
	int fd, peer;
	char buf[4];

	/* veth has one for what it may put together */
	if (pp_run("ethtool -K pa gro on rx-udp-gro-forwarding on 2>/dev/null"))
		SKIP(return, "pa has no queues to poll");
	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_BUSY_POLL, 50));
	EXPECT_EQ(0, pp_get(fd, SOL_SOCKET, SO_INCOMING_NAPI_ID));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_EQ(1, recv(fd, buf, 4, 0));
	EXPECT_LT(0, pp_get(fd, SOL_SOCKET, SO_INCOMING_NAPI_ID));
	ASSERT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_EQ(1, recv(fd, buf, 4, 0));
	close(fd);
	close(peer);
}

TEST_HARNESS_MAIN
