// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of stream sockets, in every state: what AF_INET answers is right.
 * Proves: design: Sockets; RFC 9293 §3.9.1 (user calls), §3.10.
 */
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <sys/epoll.h>
#include "pp_stream.h"

TEST_F(stacks, refused)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);
	int lfd;

	EXPECT_ERRNO(ECONNREFUSED, pp_connect(fd, PKTPATH_T_B, 99));
	/* and it is as good as new */
	lfd = pp_listen_b(&self->p, PP_PORT);
	ASSERT_LE(0, lfd);
	EXPECT_EQ(0, pp_connect(fd, PKTPATH_T_B, PP_PORT));
	close(fd);
	close(lfd);
}

TEST_F(stacks, connect_nonblock)
{
	int lfd = pp_listen_b(&self->p, PP_PORT);
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);

	ASSERT_LE(0, lfd);
	pp_nonblock(fd);
	EXPECT_ERRNO(EINPROGRESS, pp_connect(fd, PKTPATH_T_B, PP_PORT));
	EXPECT_EQ(POLLOUT, pp_revents(fd, POLLOUT, 30000));
	EXPECT_EQ(0, pp_get(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, pp_connect(fd, PKTPATH_T_B, PP_PORT));
	EXPECT_ERRNO(EISCONN, pp_connect(fd, PKTPATH_T_B, PP_PORT));
	EXPECT_ERRNO(EINVAL, listen(fd, 1));
	close(fd);
	close(lfd);
}

/* There is no peer before it has answered. */
TEST_F(stacks, connecting_has_no_peer)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	pp_nonblock(fd);
	EXPECT_ERRNO(EINPROGRESS, pp_connect(fd, PKTPATH_T_DEAD, PP_PORT));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(0, getsockname(fd, (void *)&sin, &len));
	close(fd);
}

TEST_F_TIMEOUT(stacks, connect_dead, 300)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);

	pp_nonblock(fd);
	EXPECT_ERRNO(EINPROGRESS, pp_connect(fd, PKTPATH_T_DEAD, 1));
	EXPECT_ERRNO(EALREADY, pp_connect(fd, PKTPATH_T_DEAD, 1));
	EXPECT_ERRNO(EAGAIN, send(fd, "x", 1, MSG_NOSIGNAL));
	/* nobody answers ARP */
	EXPECT_TRUE(pp_revents(fd, POLLOUT, 60000) & POLLERR);
	EXPECT_EQ(EHOSTUNREACH, pp_get(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, pp_get(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

static void nothing(int sig)
{
	(void)sig;
}

TEST_F(stacks, connect_interrupted)
{
	struct sigaction sa = { .sa_handler = nothing };
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);
	/* again and again: the first may come before connect() waits */
	struct itimerval it = { .it_value.tv_usec = 200000,
				.it_interval.tv_usec = 200000 };
	struct timeval none = {};

	sigaction(SIGALRM, &sa, NULL);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
	setitimer(ITIMER_REAL, &it, NULL);
	EXPECT_ERRNO(EINTR, pp_connect(fd, PKTPATH_T_DEAD, 1));
	it.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &it, NULL);
	pp_nonblock(fd);
	EXPECT_ERRNO(EALREADY, pp_connect(fd, PKTPATH_T_DEAD, 1));
	close(fd);
}

TEST_F(stacks, no_route)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);

	EXPECT_ERRNO(ENETUNREACH, pp_connect(fd, PKTPATH_T_NONE, 1));
	EXPECT_ERRNO(ENETUNREACH, pp_connect(fd, "224.0.0.1", 1));
	close(fd);
}

TEST_F(stacks, accept_errors)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);

	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	ASSERT_EQ(0, pp_bind(fd, PKTPATH_T_A, PP_PORT));
	ASSERT_EQ(0, listen(fd, 4));
	pp_nonblock(fd);
	EXPECT_ERRNO(EAGAIN, accept(fd, NULL, NULL));
	EXPECT_ERRNO(ENOTCONN, recv(fd, NULL, 0, 0));
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EISCONN, pp_connect(fd, PKTPATH_T_B, 1));
	/* a listener can be told another backlog, and stopped */
	EXPECT_EQ(0, listen(fd, 9));
	EXPECT_EQ(0, shutdown(fd, SHUT_RD));
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	EXPECT_EQ(0, listen(fd, 9));
	close(fd);
}

TEST_F(stacks, accept_wakes)
{
	int lfd = pp_listen_a(&self->p, PP_PORT, 4), fd;
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	pid_t pid;

	ASSERT_LE(0, lfd);
	pid = fork();
	if (!pid) {
		usleep(100000);
		fd = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
		_exit(pp_connect(fd, PKTPATH_T_A, PP_PORT) ? 1 :
		      read(fd, &sin, 1) ? 2 : 0);
	}
	fd = accept4(lfd, (void *)&sin, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(inet_addr(PKTPATH_T_B), sin.sin_addr.s_addr);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	EXPECT_EQ(pid, waitpid(pid, &fd, 0));
	EXPECT_EQ(0, fd);
	close(lfd);
}

/* A backlog of one is two; the others are not lost. */
TEST_F_TIMEOUT(stacks, backlog, 300)
{
	int lfd = pp_listen_a(&self->p, PP_PORT, 1), b[4], a, i, n = 0;

	ASSERT_LE(0, lfd);
	for (i = 0; i < 4; i++) {
		b[i] = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
		pp_nonblock(b[i]);
		EXPECT_ERRNO(EINPROGRESS,
			     pp_connect(b[i], PKTPATH_T_A, PP_PORT));
	}
	/* the kernel counts what did not fit */
	for (i = 0; i < 500 && pp_count(&self->p, "Tcp", "PassiveOpens") < 2;
	     i++)
		usleep(20000);
	EXPECT_GT(4, pp_count(&self->p, "Tcp", "PassiveOpens"));
	while (n < 4 && pp_readable(lfd, 30000)) {
		a = accept(lfd, NULL, NULL);
		ASSERT_LE(0, a);
		close(a);
		n++;
	}
	EXPECT_LE(3, n);
	for (i = 0; i < 4; i++)
		close(b[i]);
	close(lfd);
}

TEST_F(stacks, poll_states)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0), a, b;

	EXPECT_EQ(POLLOUT | POLLHUP, pp_poll_becomes(fd, POLLOUT | POLLHUP));
	ASSERT_EQ(0, pp_bind(fd, PKTPATH_T_A, 4101));
	ASSERT_EQ(0, listen(fd, 4));
	EXPECT_EQ(0, pp_poll_becomes(fd, 0));
	b = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_A, 4101));
	EXPECT_EQ(POLLIN, pp_poll_becomes(fd, POLLIN));
	a = accept(fd, NULL, NULL);
	EXPECT_EQ(0, pp_poll_becomes(fd, 0));
	EXPECT_EQ(POLLOUT, pp_poll_becomes(a, POLLOUT));
	ASSERT_EQ(1, send(b, "x", 1, 0));
	EXPECT_EQ(POLLIN | POLLOUT, pp_poll_becomes(a, POLLIN | POLLOUT));
	ASSERT_EQ(1, send(b, "y", 1, MSG_OOB));
	EXPECT_EQ(POLLIN | POLLOUT | POLLPRI,
		  pp_poll_becomes(a, POLLIN | POLLOUT | POLLPRI));
	ASSERT_EQ(0, shutdown(b, SHUT_WR));
	EXPECT_EQ(POLLIN | POLLOUT | POLLPRI | POLLRDHUP,
		  pp_poll_becomes(a, POLLIN | POLLOUT | POLLPRI | POLLRDHUP));
	ASSERT_EQ(0, shutdown(a, SHUT_WR));
	EXPECT_EQ(POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLHUP,
		  pp_poll_becomes(a, POLLIN | POLLOUT | POLLPRI | POLLRDHUP |
				  POLLHUP));
	close(a);
	close(b);
	close(fd);
}

TEST_F(stacks, poll_reset)
{
	struct linger hard = { .l_onoff = 1 };
	int a, b, want = POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR;
	char c;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	setsockopt(b, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(b);
	EXPECT_EQ(want, pp_poll_becomes(a, want));
	EXPECT_ERRNO(ECONNRESET, recv(a, &c, 1, 0));
	EXPECT_EQ(0, recv(a, &c, 1, 0));
	EXPECT_ERRNO(EPIPE, send(a, &c, 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, shutdown(a, SHUT_WR));
	close(a);
}

TEST_F(stacks, shutdown)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0), a, b;
	char buf[4];

	EXPECT_ERRNO(ENOTCONN, recv(fd, buf, 1, 0));
	EXPECT_ERRNO(EPIPE, send(fd, buf, 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
	EXPECT_EQ(0, recv(fd, buf, 1, 0));
	close(fd);
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	EXPECT_ERRNO(EINVAL, shutdown(a, 7));
	EXPECT_EQ(0, shutdown(a, SHUT_WR));
	EXPECT_EQ(0, recv(b, buf, 4, 0));
	EXPECT_ERRNO(EPIPE, send(a, "x", 1, MSG_NOSIGNAL));
	/* the other half still works */
	EXPECT_EQ(3, send(b, "abc", 3, 0));
	EXPECT_EQ(3, recv(a, buf, 4, 0));
	EXPECT_EQ(0, shutdown(a, SHUT_RD));
	EXPECT_EQ(0, recv(a, buf, 4, 0));
	close(a);
	close(b);
}

/* What was sent and not read is a loss, and the peer must hear of it. */
TEST_F(stacks, close_unread)
{
	char c;
	int a, b;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(1, send(b, "x", 1, 0));
	ASSERT_EQ(1, pp_readable(a, 30000));
	close(a);
	EXPECT_ERRNO(ECONNRESET, recv(b, &c, 1, 0));
	close(b);
}

TEST_F(stacks, linger)
{
	struct linger hard = { .l_onoff = 1 }, soft = { 1, 20 };
	char c;
	int a, b;

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	setsockopt(a, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(a);
	EXPECT_ERRNO(ECONNRESET, recv(b, &c, 1, 0));
	close(b);
	/* close() returns once the peer has all of it */
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	setsockopt(a, SOL_SOCKET, SO_LINGER, &soft, sizeof(soft));
	ASSERT_EQ(1, send(a, "x", 1, 0));
	EXPECT_EQ(0, close(a));
	EXPECT_EQ(1, recv(b, &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(0, recv(b, &c, 1, MSG_DONTWAIT));
	close(b);
}

TEST_F(stacks, names)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0), a, b;
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	close(fd);
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	ASSERT_EQ(0, getsockname(a, (void *)&sin, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), sin.sin_addr.s_addr);
	EXPECT_NE(0, sin.sin_port);
	ASSERT_EQ(0, getpeername(a, (void *)&sin, &len));
	EXPECT_EQ(inet_addr(PKTPATH_T_B), sin.sin_addr.s_addr);
	EXPECT_EQ(htons(PP_PORT), sin.sin_port);
	close(a);
	close(b);
}

/* What a stream remembers is no device, and nothing of it leads elsewhere. */
TEST_F(stacks, route_renewed)
{
	int a, b, key = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID;
	uint32_t dev = htonl(if_nametoindex("lo"));
	char buf[4];

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	ASSERT_EQ(0, pp_set(a, IPPROTO_IP, IP_UNICAST_IF, dev));
	EXPECT_EQ((int)dev, pp_get(a, IPPROTO_IP, IP_UNICAST_IF));
	EXPECT_EQ(1500, pp_get(a, IPPROTO_IP, IP_MTU));
	EXPECT_EQ(3, send(a, "abc", 3, 0));
	EXPECT_EQ(3, recv(b, buf, 4, 0));
	EXPECT_EQ(1, send(b, "d", 1, 0));
	EXPECT_EQ(1, recv(a, buf, 4, 0));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_TIMESTAMPING, key));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_MARK, 7));
	EXPECT_EQ(3, send(a, "abc", 3, 0));
	EXPECT_EQ(3, recv(b, buf, 4, 0));
	EXPECT_EQ(1500, pp_get(a, IPPROTO_IP, IP_MTU));
	close(a);
	close(b);
}

TEST_F(stacks, disconnect)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int lfd, a, b, c;
	char buf[4];

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	ASSERT_EQ(0, connect(a, &none, sizeof(none)));
	EXPECT_ERRNO(ECONNRESET, recv(b, buf, 1, 0));
	EXPECT_ERRNO(ECONNRESET, send(a, buf, 1, MSG_NOSIGNAL));
	/* the same socket once more, as client and then as server */
	lfd = pp_listen_b(&self->p, 4102);
	ASSERT_LE(0, lfd);
	ASSERT_EQ(0, pp_connect(a, PKTPATH_T_B, 4102));
	c = accept(lfd, NULL, NULL);
	ASSERT_EQ(2, send(a, "ab", 2, 0));
	EXPECT_EQ(2, recv(c, buf, 4, 0));
	ASSERT_EQ(0, connect(a, &none, sizeof(none)));
	ASSERT_EQ(0, pp_bind(a, PKTPATH_T_A, 4103));
	ASSERT_EQ(0, listen(a, 1));
	close(c);
	c = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(0, pp_connect(c, PKTPATH_T_A, 4103));
	close(a);
	close(b);
	close(c);
	close(lfd);
}

TEST_F(stacks, bind_conflicts)
{
	int a = pp_socket(&self->p, SOCK_STREAM, 0);
	int b = pp_socket(&self->p, SOCK_STREAM, 0);

	ASSERT_EQ(0, pp_bind(a, PKTPATH_T_A, 4104));
	EXPECT_ERRNO(EADDRINUSE, pp_bind(b, PKTPATH_T_A, 4104));
	EXPECT_ERRNO(EADDRINUSE, pp_bind(b, "0.0.0.0", 4104));
	EXPECT_ERRNO(EADDRNOTAVAIL, pp_bind(b, PKTPATH_T_B, 4104));
	EXPECT_EQ(0, pp_bind(b, PKTPATH_T_A2, 4104));
	close(b);
	/* with SO_REUSEADDR, until one of them listens */
	b = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, pp_set(b, SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_EQ(0, pp_bind(b, PKTPATH_T_A, 4104));
	EXPECT_EQ(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(b, 1));
	close(a);
	close(b);
}

/* The side that closed first keeps the port for a while. */
TEST_F(stacks, time_wait_port)
{
	int a, b, fd;
	char c;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	close(a);
	EXPECT_EQ(0, recv(b, &c, 1, 0));
	close(b);
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	EXPECT_ERRNO(EADDRINUSE, pp_bind(fd, PKTPATH_T_A, PP_PORT));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_EQ(0, pp_bind(fd, PKTPATH_T_A, PP_PORT));
	EXPECT_EQ(0, listen(fd, 1));
	close(fd);
}

TEST_F(stacks, reuseport)
{
	int l[2], b, i, n, seen[2] = {};

	for (i = 0; i < 2; i++) {
		l[i] = pp_socket(&self->p, SOCK_STREAM, 0);
		ASSERT_EQ(0, pp_reuseport(&self->p, l[i], 1));
		ASSERT_EQ(0, pp_bind(l[i], PKTPATH_T_A, 4105));
		ASSERT_EQ(0, listen(l[i], 64));
		pp_nonblock(l[i]);
	}
	for (n = 0; n < 32; n++) {
		b = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
		ASSERT_EQ(0, pp_connect(b, PKTPATH_T_A, 4105));
		close(b);
	}
	for (n = 0, i = 0; i < 60000 && n < 32; i++) {
		b = accept(l[i & 1], NULL, NULL);
		if (b >= 0) {
			seen[i & 1]++;
			n++;
			close(b);
		} else if (i & 1) {
			usleep(1000);
		}
	}
	EXPECT_EQ(32, n);
	EXPECT_LT(0, seen[0]);
	EXPECT_LT(0, seen[1]);
	close(l[0]);
	close(l[1]);
}

TEST_F(stacks, epoll_room)
{
	struct epoll_event ev = { .events = EPOLLOUT | EPOLLET }, got;
	static char buf[65536];
	int a, b, ep = epoll_create1(0);
	size_t n = 0, m = 0;
	ssize_t r;

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	pp_nonblock(a);
	pp_nonblock(b);
	/* acknowledgments make room for a while */
	do {
		while ((r = send(a, buf, sizeof(buf), 0)) > 0)
			n += r;
		EXPECT_EQ(EAGAIN, errno);
	} while (pp_revents(a, POLLOUT, 1000));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, a, &ev));
	EXPECT_EQ(0, epoll_wait(ep, &got, 1, 50));
	while (m < n && pp_readable(b, 30000))
		while ((r = recv(b, buf, sizeof(buf), 0)) > 0)
			m += r;
	EXPECT_EQ(n, m);
	EXPECT_EQ(1, epoll_wait(ep, &got, 1, 30000));
	EXPECT_EQ(EPOLLOUT, got.events);
	close(ep);
	close(a);
	close(b);
}

/* Room made by hand is room. */
TEST_F(stacks, epoll_sndbuf)
{
	struct epoll_event ev = { .events = EPOLLOUT | EPOLLET }, got;
	static char buf[65536];
	int a, b, ep = epoll_create1(0);

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	pp_nonblock(a);
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_SNDBUF, 65536));
	do {
		while (send(a, buf, sizeof(buf), 0) > 0)
			;
		EXPECT_EQ(EAGAIN, errno);
	} while (pp_revents(a, POLLOUT, 1000));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, a, &ev));
	EXPECT_EQ(0, epoll_wait(ep, &got, 1, 50));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 22));
	EXPECT_EQ(1, epoll_wait(ep, &got, 1, 3000));
	EXPECT_EQ(EPOLLOUT, got.events);
	close(ep);
	close(a);
	close(b);
}

TEST_F(stacks, send_timeout)
{
	struct timeval tv = { .tv_usec = 200000 };
	static char buf[65536];
	ssize_t r;
	int a, b;

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	setsockopt(a, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	EXPECT_ERRNO(EAGAIN, recv(a, buf, 1, 0));
	while ((r = send(a, buf, sizeof(buf), 0)) > 0)
		;
	EXPECT_EQ(-1, r);
	EXPECT_EQ(EAGAIN, errno);
	close(a);
	close(b);
}

static const struct {
	int opt, set, got;
} options[] = {
	{ TCP_NODELAY, 1, 1 }, { TCP_NODELAY, 0, 0 },
	{ TCP_CORK, 1, 1 }, { TCP_CORK, 0, 0 },
	{ TCP_MAXSEG, 1000, 1000 },
	{ TCP_KEEPIDLE, 11, 11 }, { TCP_KEEPINTVL, 12, 12 },
	{ TCP_KEEPCNT, 13, 13 }, { TCP_SYNCNT, 3, 3 },
	{ TCP_LINGER2, 20, 20 }, { TCP_LINGER2, -5, -1 },
	{ TCP_DEFER_ACCEPT, 3, 3 }, { TCP_DEFER_ACCEPT, 5, 7 },
	{ TCP_WINDOW_CLAMP, 60000, 60000 },
	{ TCP_USER_TIMEOUT, 4000, 4000 },
	{ TCP_NOTSENT_LOWAT, 5000, 5000 },
	{ TCP_INQ, 1, 1 },
};

static const struct {
	int opt, val, err;
} refused[] = {
	{ TCP_MAXSEG, 10, EINVAL }, { TCP_MAXSEG, 40000, EINVAL },
	{ TCP_KEEPIDLE, 0, EINVAL }, { TCP_KEEPIDLE, 32768, EINVAL },
	{ TCP_KEEPINTVL, 0, EINVAL }, { TCP_KEEPCNT, 128, EINVAL },
	{ TCP_SYNCNT, 0, EINVAL }, { TCP_SYNCNT, 128, EINVAL },
	{ TCP_USER_TIMEOUT, -1, EINVAL }, { TCP_INQ, 2, EINVAL },
	{ 9999, 1, ENOPROTOOPT },
};

TEST_F(stacks, options)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		EXPECT_EQ(0, pp_set(fd, SOL_TCP, options[i].opt,
				    options[i].set))
			TH_LOG("option %d", options[i].opt);
		EXPECT_EQ(options[i].got, pp_get(fd, SOL_TCP, options[i].opt))
			TH_LOG("option %d", options[i].opt);
	}
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		EXPECT_ERRNO(refused[i].err, pp_set(fd, SOL_TCP,
						    refused[i].opt,
						    refused[i].val));
	EXPECT_ERRNO(ENOENT, setsockopt(fd, SOL_TCP, TCP_CONGESTION,
					"nonesuch", 8));
	EXPECT_EQ(0, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno", 4));
	close(fd);
}

TEST_HARNESS_MAIN
