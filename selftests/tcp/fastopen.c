// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open and TCP_SAVE_SYN as programs see them, the same on AF_INET and
 * on AF_PKTPATH.
 * Proves: RFC 7413 a, c, e; design: Options (TCP_FASTOPEN*, TCP_SAVE_SYN);
 * attacks F15 (close, disconnect and connect while the handshake lasts).
 */
#include <linux/tcp.h>
#define _NETINET_TCP_H	1	/* the kernel's has all that is needed */
#include <pthread.h>
#include "pp_stream.h"

#define KEYS "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4"

static int sysctl_b(const struct pp_pair *p, const char *name, const char *v)
{
	const struct pp_pair inet = { .inet = true };
	int ret;

	pp_ns_enter(p->ns_b);
	ret = pp_sysctl(&inet, name, v);
	pp_ns_enter(p->ns_a);
	return ret;
}

static struct tcp_info info(int fd)
{
	struct tcp_info i = {};
	socklen_t len = sizeof(i);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	return i;
}

static ssize_t open_with(int fd, const char *addr, const void *buf, size_t n)
{
	struct sockaddr_in sin = pp_addr(addr, PP_PORT);

	return sendto(fd, buf, n, MSG_FASTOPEN, (struct sockaddr *)&sin,
		      sizeof(sin));
}

TEST_F(stacks, options)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0), a, b;
	unsigned char key[32], got[32] = {};
	socklen_t len;
	int i;

	for (i = 0; i < 32; i++)
		key[i] = i * 7 + 1;
	EXPECT_EQ(0, pp_get(fd, IPPROTO_TCP, TCP_FASTOPEN));
	EXPECT_EQ(0, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN, 5));
	EXPECT_EQ(5, pp_get(fd, IPPROTO_TCP, TCP_FASTOPEN));
	EXPECT_ERRNO(EINVAL, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN, -1));
	EXPECT_EQ(0, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	EXPECT_EQ(1, pp_get(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT));
	EXPECT_ERRNO(EINVAL, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 2));
	EXPECT_EQ(0, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1));
	EXPECT_EQ(1, pp_get(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE));
	EXPECT_ERRNO(EINVAL, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE,
				    -1));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY,
					key, 15));
	EXPECT_EQ(0, setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key, 32));
	len = sizeof(got);
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, got, &len));
	EXPECT_EQ(32, len);
	EXPECT_EQ(0, memcmp(key, got, 32));
	EXPECT_EQ(0, setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key, 16));
	len = sizeof(got);
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, got, &len));
	EXPECT_EQ(16, len);
	close(fd);
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	EXPECT_ERRNO(EINVAL, pp_set(a, IPPROTO_TCP, TCP_FASTOPEN, 5));
	EXPECT_ERRNO(EINVAL, pp_set(a, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	EXPECT_ERRNO(EISCONN, open_with(a, PKTPATH_T_B, "x", 1));
	EXPECT_EQ(0, pp_sysctl(&self->p, "tcp_fastopen", "0"));
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	EXPECT_ERRNO(EOPNOTSUPP, pp_set(fd, IPPROTO_TCP,
					TCP_FASTOPEN_CONNECT, 1));
	EXPECT_ERRNO(EOPNOTSUPP, open_with(fd, PKTPATH_T_B, "x", 1));
	EXPECT_EQ(0, pp_sysctl(&self->p, "tcp_fastopen_key", KEYS));
	EXPECT_EQ(0, pp_sysctl(&self->p, "tcp_fastopen_key",
			       KEYS "," KEYS));
	EXPECT_ERRNO(EINVAL, pp_sysctl(&self->p, "tcp_fastopen_key", "x"));
	close(fd);
	close(a);
	close(b);
}

/* First a cookie, then data with the SYN. */
TEST_F(stacks, client)
{
	char buf[3000] = {}, got[3000];
	int lfd, fd, b, i;

	ASSERT_EQ(0, sysctl_b(&self->p, "tcp_fastopen", "3"));
	lfd = pp_listen_b(&self->p, PP_PORT);
	ASSERT_EQ(0, pp_set(lfd, IPPROTO_TCP, TCP_FASTOPEN, 8));
	pp_fill((unsigned char *)buf, sizeof(buf));
	for (i = 0; i < 3; i++) {
		fd = pp_socket(&self->p, SOCK_STREAM, 0);
		/* More than a SYN takes: the rest follows. */
		ASSERT_EQ(sizeof(buf), open_with(fd, PKTPATH_T_B, buf,
						 sizeof(buf)));
		b = accept(lfd, NULL, NULL);
		ASSERT_EQ(sizeof(got), pp_read_all(b, got, sizeof(got)));
		EXPECT_EQ(0, memcmp(buf, got, sizeof(got)));
		EXPECT_EQ(i ? TCPI_OPT_SYN_DATA : 0,
			  info(fd).tcpi_options & TCPI_OPT_SYN_DATA);
		EXPECT_EQ(i ? TCPI_OPT_SYN_DATA : 0,
			  info(b).tcpi_options & TCPI_OPT_SYN_DATA);
		EXPECT_EQ(!i, info(fd).tcpi_fastopen_client_fail + 0);
		close(fd);
		close(b);
	}
	EXPECT_EQ(2, pp_count(&self->p, "TcpExt", "TCPFastOpenActive"));
	EXPECT_EQ(0, pp_count(&self->p, "TcpExt", "TCPFastOpenActiveFail"));
	close(lfd);
}

/* connect() is done at once, the SYN goes with the first write. */
TEST_F(stacks, connect_first)
{
	char got[8] = {};
	int lfd, fd, b, i;

	ASSERT_EQ(0, sysctl_b(&self->p, "tcp_fastopen", "3"));
	lfd = pp_listen_b(&self->p, PP_PORT);
	ASSERT_EQ(0, pp_set(lfd, IPPROTO_TCP, TCP_FASTOPEN, 8));
	for (i = 0; i < 2; i++) {
		fd = pp_socket(&self->p, SOCK_STREAM, 0);
		ASSERT_EQ(0, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
		ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PP_PORT));
		EXPECT_EQ(i ? 2 : 1, info(fd).tcpi_state);
		EXPECT_EQ(POLLOUT, pp_revents(fd, POLLIN | POLLOUT, 0));
		if (i)
			EXPECT_ERRNO(EISCONN, pp_connect(fd, PKTPATH_T_B,
							 PP_PORT));
		ASSERT_EQ(5, write(fd, "hello", 5));
		b = accept(lfd, NULL, NULL);
		EXPECT_EQ(5, pp_read_all(b, got, 5));
		EXPECT_STREQ("hello", got);
		EXPECT_EQ(i ? TCPI_OPT_SYN_DATA : 0,
			  info(fd).tcpi_options & TCPI_OPT_SYN_DATA);
		close(fd);
		close(b);
	}
	/* Nobody has written: nothing was sent, and it can be taken back. */
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, pp_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PP_PORT));
	close(fd);
	close(lfd);
}

TEST_F(stacks, server)
{
	char got[8] = {};
	int lfd, fd, a, i;

	ASSERT_EQ(0, pp_sysctl(&self->p, "tcp_fastopen", "2"));
	ASSERT_EQ(0, sysctl_b(&self->p, "tcp_fastopen", "1"));
	lfd = pp_listen_a(&self->p, PP_PORT, 8);
	ASSERT_EQ(0, pp_set(lfd, IPPROTO_TCP, TCP_FASTOPEN, 8));
	for (i = 0; i < 3; i++) {
		fd = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
		ASSERT_EQ(5, open_with(fd, PKTPATH_T_A, "hello", 5));
		a = accept(lfd, NULL, NULL);
		ASSERT_LE(0, a);
		EXPECT_EQ(5, pp_read_all(a, got, 5));
		EXPECT_STREQ("hello", got);
		EXPECT_EQ(i ? TCPI_OPT_SYN_DATA : 0,
			  info(a).tcpi_options & TCPI_OPT_SYN_DATA);
		EXPECT_EQ(i ? TCPI_OPT_SYN_DATA : 0,
			  info(fd).tcpi_options & TCPI_OPT_SYN_DATA);
		EXPECT_EQ(3, write(a, "bye", 3));
		EXPECT_EQ(3, pp_read_all(fd, got, 3));
		EXPECT_EQ(5, info(a).tcpi_bytes_received);
		close(fd);
		close(a);
	}
	EXPECT_EQ(1, pp_count(&self->p, "TcpExt", "TCPFastOpenCookieReqd"));
	EXPECT_EQ(2, pp_count(&self->p, "TcpExt", "TCPFastOpenPassive"));
	close(lfd);
}

/* Off unless program and administrator want it. */
TEST_F(stacks, server_off)
{
	int lfd, fd, a, i;
	char got[8];

	ASSERT_EQ(0, sysctl_b(&self->p, "tcp_fastopen", "5"));
	lfd = pp_listen_a(&self->p, PP_PORT, 8);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, i ? pp_set(lfd, IPPROTO_TCP, TCP_FASTOPEN, 8) :
				 pp_sysctl(&self->p, "tcp_fastopen", "3"));
		fd = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
		/* Data without a cookie: it is not taken, and comes again. */
		ASSERT_EQ(5, open_with(fd, PKTPATH_T_A, "hello", 5));
		a = accept(lfd, NULL, NULL);
		ASSERT_LE(0, a);
		EXPECT_EQ(5, pp_read_all(a, got, 5));
		EXPECT_EQ(0, info(a).tcpi_options & TCPI_OPT_SYN_DATA);
		close(fd);
		close(a);
	}
	EXPECT_EQ(0, pp_count(&self->p, "TcpExt", "TCPFastOpenPassive"));
	close(lfd);
}

TEST_F(stacks, save_syn)
{
	int lfd = pp_listen_a(&self->p, PP_PORT, 8), fd, a, i;
	unsigned char buf[128];
	socklen_t len;

	EXPECT_ERRNO(EINVAL, pp_set(lfd, IPPROTO_TCP, TCP_SAVE_SYN, 3));
	for (i = 0; i < 3; i++) {
		unsigned int at = i == 2 ? 14 : 0;

		ASSERT_EQ(0, pp_set(lfd, IPPROTO_TCP, TCP_SAVE_SYN, i));
		EXPECT_EQ(i, pp_get(lfd, IPPROTO_TCP, TCP_SAVE_SYN));
		fd = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
		ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_A, PP_PORT));
		a = accept(lfd, NULL, NULL);
		ASSERT_LE(0, a);
		if (i) {
			len = 10;
			EXPECT_ERRNO(EINVAL, getsockopt(a, IPPROTO_TCP,
							TCP_SAVED_SYN, buf,
							&len));
			/* A SYN of Linux: 20 bytes and its options. */
			EXPECT_EQ(at + 60, len);
			len = sizeof(buf);
			ASSERT_EQ(0, getsockopt(a, IPPROTO_TCP, TCP_SAVED_SYN,
						buf, &len));
			EXPECT_EQ(at + 60, len);
			EXPECT_EQ(0x45, buf[at]);
			EXPECT_EQ(PP_PORT, buf[at + 22] << 8 | buf[at + 23]);
			EXPECT_EQ(2, buf[at + 33] & 0x3f);
		}
		/* It can be had once. */
		len = sizeof(buf);
		EXPECT_EQ(0, getsockopt(a, IPPROTO_TCP, TCP_SAVED_SYN, buf,
					&len));
		EXPECT_EQ(0, len);
		close(fd);
		close(a);
	}
	close(lfd);
}

#define RACES 3000
#define RACE_S 60		/* for as long at most: on a debug kernel */

struct race {
	const struct pp_pair *p;
	bool over;	/* atomic */
	unsigned int taken;
};

/* Takes what comes and does one of all things with it at once; often the
 * listener goes too.
 */
static void *race_server(void *arg)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct linger reset = { 1, 0 };
	struct race *r = arg;
	unsigned int i;
	char buf[8];
	int lfd, a;

	while (!__atomic_load_n(&r->over, __ATOMIC_ACQUIRE)) {
		lfd = pp_listen_a(r->p, PP_PORT, 8);
		pp_set(lfd, IPPROTO_TCP, TCP_FASTOPEN, 4);
		for (i = 0; i < 20 && pp_readable(lfd, 20); i++) {
			a = accept4(lfd, NULL, NULL, SOCK_NONBLOCK);
			if (a < 0)
				continue;
			switch (r->taken++ % 5) {
			case 0:
				connect(a, &none, sizeof(none));
				pp_connect(a, PKTPATH_T_B, PP_PORT);
				break;
			case 1:
				setsockopt(a, SOL_SOCKET, SO_LINGER, &reset,
					   sizeof(reset));
				break;
			case 2:
				shutdown(a, SHUT_RDWR);
				break;
			case 3:
				send(a, "y", 1, MSG_NOSIGNAL);
				recv(a, buf, sizeof(buf), 0);
				break;
			}
			close(a);
		}
		close(lfd);
	}
	return NULL;
}

static void *race_client(void *arg)
{
	struct linger reset = { 1, 0 };
	time_t end = time(NULL) + RACE_S;
	struct race *r = arg;
	unsigned int i;
	int fd;

	for (i = 0; i < RACES && time(NULL) < end; i++) {
		fd = pp_peer_socket(r->p, AF_INET, SOCK_STREAM, 0);
		pp_nonblock(fd);
		if (i & 1)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
				   sizeof(reset));
		open_with(fd, PKTPATH_T_A, "hello", 5);
		if (i % 3 == 0)
			pp_readable(fd, 1);
		close(fd);
	}
	return NULL;
}

/* Each socket holds the module, also one that nobody has any more. */
static long sockets(void)
{
	FILE *f = fopen("/sys/module/pktpath/refcnt", "r");
	long n = -1;

	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

TEST_F_TIMEOUT(stacks, races, 300)
{
	struct race r = { .p = &self->p };
	pthread_t server, clients[2];
	int lfd, a, b, i;
	char c;

	ASSERT_EQ(0, pp_sysctl(&self->p, "tcp_fastopen", "519"));
	ASSERT_EQ(0, sysctl_b(&self->p, "tcp_fastopen", "519"));
	lfd = pp_listen_b(&self->p, PP_PORT);
	ASSERT_EQ(0, pthread_create(&server, NULL, race_server, &r));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&clients[i], NULL, race_client,
					    &r));
	for (i = 0; i < 2; i++)
		pthread_join(clients[i], NULL);
	__atomic_store_n(&r.over, true, __ATOMIC_RELEASE);
	pthread_join(server, NULL);
	close(lfd);
	printf("# %u were accepted, %ld by Fast Open\n", r.taken,
	       pp_count(&self->p, "TcpExt", "TCPFastOpenPassive"));
	EXPECT_LT(100, pp_count(&self->p, "TcpExt", "TCPFastOpenPassive"));
	/* and it works as ever */
	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	EXPECT_EQ(1, write(b, "z", 1));
	EXPECT_EQ(1, read(a, &c, 1));
	close(a);
	close(b);
	/* the orphans are gone when their timers are */
	for (i = 0; i < 7500 && !self->p.inet && sockets(); i++)
		usleep(20000);
	if (!self->p.inet)
		EXPECT_EQ(0, sockets());
}

TEST_HARNESS_MAIN
