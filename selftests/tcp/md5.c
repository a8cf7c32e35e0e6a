// SPDX-License-Identifier: GPL-2.0
/*
 * Signed segments (TCP_MD5SIG, TCP_MD5SIG_EXT): the same on AF_INET and on
 * AF_PKTPATH, with AF_INET as the peer.
 * Proves: RFC 2385 §2.0 (digest of every segment, silence to a wrong one).
 */
#include <linux/tcp.h>
#define _NETINET_TCP_H	1	/* the kernel's has all that is needed */
#include "pp_stream.h"

#define SECRET "a secret of two"
#define BYTES 300000

/* <netinet/tcp.h> has the names, and is at odds with the kernel's. */
enum { SYN_SENT = 2, CLOSE = 7, CLOSE_WAIT = 8 };

static unsigned char out[BYTES], in[BYTES];

static int md5_opt(int fd, int name, const char *addr, int prefix,
		   const char *key)
{
	struct sockaddr_in sin = pp_addr(addr, 0);
	struct tcp_md5sig sig = {
		.tcpm_flags = prefix < 32 ? TCP_MD5SIG_FLAG_PREFIX : 0,
		.tcpm_prefixlen = prefix, .tcpm_keylen = strlen(key),
	};

	memcpy(&sig.tcpm_addr, &sin, sizeof(sin));
	memcpy(sig.tcpm_key, key, strlen(key));
	return setsockopt(fd, IPPROTO_TCP, name, &sig, sizeof(sig));
}

static int md5(int fd, const char *addr, const char *key)
{
	return md5_opt(fd, TCP_MD5SIG, addr, 32, key);
}

/* @a in A connects to @b in B, with these keys unless NULL. */
static int active(const struct pp_pair *p, const char *key_a,
		  const char *key_b, int *a, int *b)
{
	int lfd = pp_listen_b(p, PP_PORT);

	*a = pp_socket(p, SOCK_STREAM, 0);
	if (lfd < 0 || (key_a && md5(*a, PKTPATH_T_B, key_a)) ||
	    (key_b && md5(lfd, PKTPATH_T_A, key_b)) ||
	    pp_connect(*a, PKTPATH_T_B, PP_PORT))
		return -1;
	*b = accept(lfd, NULL, NULL);
	close(lfd);
	return *b < 0 ? -1 : 0;
}

/* B tries to connect to a listener in A; nobody waits for it. */
static int attempt(const struct pp_pair *p, const char *key_a,
		   const char *key_b, int *lfd)
{
	int fd = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);

	*lfd = pp_listen_a(p, PP_PORT, 8);
	if (fd < 0 || *lfd < 0 || (key_a && md5(*lfd, PKTPATH_T_B, key_a)) ||
	    (key_b && md5(fd, PKTPATH_T_A, key_b)))
		return -1;
	pp_nonblock(fd);
	if (!pp_connect(fd, PKTPATH_T_A, PP_PORT) || errno != EINPROGRESS)
		return -1;
	return fd;
}

/* All of @out from one to the other. */
static bool carries(int from, int to)
{
	size_t sent = 0, got = 0;
	ssize_t n;

	pp_nonblock(from);
	memset(in, 0, sizeof(in));
	while (got < sizeof(in)) {
		n = sent < sizeof(out) ?
		    write(from, out + sent, sizeof(out) - sent) : 0;
		if (n > 0)
			sent += n;
		else if (n < 0 && errno != EAGAIN)
			return false;
		n = recv(to, in + got, sizeof(in) - got, MSG_DONTWAIT);
		if (n > 0)
			got += n;
		else if (n == 0 || errno != EAGAIN ||
			 pp_revents(to, POLLIN, 10000) != POLLIN)
			return false;
	}
	return !memcmp(in, out, sizeof(in));
}

static int state(int fd)
{
	struct tcp_info i = {};
	socklen_t len = sizeof(i);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	return i.tcpi_state;
}

static bool becomes(const struct pp_pair *p, const char *counter)
{
	int i;

	for (i = 0; i < 1000 && !pp_count(p, "TcpExt", counter); i++)
		usleep(20000);
	return pp_count(p, "TcpExt", counter);
}

TEST_F(stacks, options)
{
	int fd = pp_socket(&self->p, SOCK_STREAM, 0);
	struct tcp_md5sig sig = { .tcpm_keylen = 4 };
	struct sockaddr_in sin = pp_addr(PKTPATH_T_B, 0);

	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig,
					sizeof(sig) - 1));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig,
					sizeof(sig)));
	memcpy(&sig.tcpm_addr, &sin, sizeof(sin));
	sig.tcpm_keylen = TCP_MD5SIG_MAXKEYLEN + 1;
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig,
					sizeof(sig)));
	sig.tcpm_keylen = 4;
	sig.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
	sig.tcpm_prefixlen = 33;
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &sig,
					sizeof(sig)));
	sig.tcpm_flags = TCP_MD5SIG_FLAG_IFINDEX;
	sig.tcpm_prefixlen = 32;
	sig.tcpm_ifindex = 1;
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &sig,
					sizeof(sig)));
	EXPECT_ERRNO(ENOENT, md5(fd, PKTPATH_T_B, ""));
	EXPECT_EQ(0, md5(fd, PKTPATH_T_B, SECRET));
	EXPECT_EQ(0, md5(fd, PKTPATH_T_B, "another"));
	EXPECT_EQ(0, md5_opt(fd, TCP_MD5SIG_EXT, PKTPATH_T_B, 24, SECRET));
	EXPECT_EQ(0, md5_opt(fd, TCP_MD5SIG_EXT, PKTPATH_T_B, 24, ""));
	EXPECT_EQ(0, md5(fd, PKTPATH_T_B, ""));
	EXPECT_ERRNO(ENOENT, md5(fd, PKTPATH_T_B, ""));
	close(fd);
}

TEST_F(stacks, active)
{
	int a, b;

	pp_fill(out, sizeof(out));
	ASSERT_EQ(0, active(&self->p, SECRET, SECRET, &a, &b));
	EXPECT_TRUE(carries(a, b));
	EXPECT_TRUE(carries(b, a));
	EXPECT_EQ(0, pp_count(&self->p, "TcpExt", "TCPMD5Failure"));
	close(a);
	close(b);
}

/* A key of a network, and a longer one that goes before it. */
TEST_F(stacks, passive)
{
	int lfd = pp_listen_a(&self->p, PP_PORT, 8), a, b;

	pp_fill(out, sizeof(out));
	ASSERT_EQ(0, md5_opt(lfd, TCP_MD5SIG_EXT, PKTPATH_T_B, 16, "wrong"));
	ASSERT_EQ(0, md5_opt(lfd, TCP_MD5SIG_EXT, PKTPATH_T_B, 24, SECRET));
	ASSERT_EQ(0, md5_opt(lfd, TCP_MD5SIG_EXT, "192.0.2.1", 32, "wrong"));
	b = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, md5(b, PKTPATH_T_A, SECRET));
	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_A, PP_PORT));
	a = accept(lfd, NULL, NULL);
	ASSERT_LE(0, a);
	/* the listener's keys are its own */
	EXPECT_EQ(0, md5_opt(lfd, TCP_MD5SIG_EXT, PKTPATH_T_B, 24, ""));
	EXPECT_TRUE(carries(a, b));
	EXPECT_TRUE(carries(b, a));
	close(lfd);
	close(a);
	close(b);
}

TEST_F(stacks, cookie)
{
	int lfd, a, b;

	ASSERT_EQ(0, pp_sysctl(&self->p, "tcp_syncookies", "2"));
	pp_fill(out, sizeof(out));
	lfd = pp_listen_a(&self->p, PP_PORT, 8);
	ASSERT_EQ(0, md5(lfd, PKTPATH_T_B, SECRET));
	b = pp_peer_socket(&self->p, AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, md5(b, PKTPATH_T_A, SECRET));
	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_A, PP_PORT));
	a = accept(lfd, NULL, NULL);
	ASSERT_LE(0, a);
	EXPECT_EQ(1, pp_count(&self->p, "TcpExt", "SyncookiesRecv"));
	EXPECT_TRUE(carries(a, b));
	close(lfd);
	close(a);
	close(b);
}

/* Without an answer, and counted. */
static bool refused(const struct pp_pair *p, const char *key_a,
		    const char *key_b, const char *counter)
{
	int lfd = -1, fd = attempt(p, key_a, key_b, &lfd);
	bool ok = fd >= 0 && becomes(p, counter) && state(fd) == SYN_SENT;

	close(lfd);
	close(fd);
	return ok;
}

TEST_F(stacks, wrong_key)
{
	EXPECT_TRUE(refused(&self->p, SECRET, "wrong", "TCPMD5Failure"));
}

TEST_F(stacks, missing_key)
{
	EXPECT_TRUE(refused(&self->p, SECRET, NULL, "TCPMD5NotFound"));
}

TEST_F(stacks, unexpected_key)
{
	EXPECT_TRUE(refused(&self->p, NULL, SECRET, "TCPMD5Unexpected"));
}

/* The peer would not believe a reset without a signature. */
TEST_F(stacks, reset)
{
	struct linger now = { .l_onoff = 1 };
	int a, b;
	char c;

	ASSERT_EQ(0, active(&self->p, SECRET, SECRET, &a, &b));
	ASSERT_EQ(0, setsockopt(a, SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	close(a);
	EXPECT_EQ(POLLIN, pp_revents(b, POLLIN, 20000) & POLLIN);
	EXPECT_ERRNO(ECONNRESET, read(b, &c, 1));
	close(b);
}

/* What is left of a closed connection signs its acknowledgments, too. */
TEST_F(stacks, time_wait)
{
	int a, b, i;
	char c;

	ASSERT_EQ(0, active(&self->p, SECRET, SECRET, &a, &b));
	close(a);
	ASSERT_EQ(0, read(b, &c, 1));
	EXPECT_EQ(CLOSE_WAIT, state(b));
	ASSERT_EQ(0, shutdown(b, SHUT_WR));
	for (i = 0; i < 1000 && state(b) != CLOSE; i++)
		usleep(20000);
	EXPECT_EQ(CLOSE, state(b));
	EXPECT_EQ(0, pp_count(&self->p, "TcpExt", "TCPMD5NotFound"));
	close(b);
}

/* Both ends change it. */
TEST_F(stacks, replaced)
{
	int a, b;

	pp_fill(out, sizeof(out));
	ASSERT_EQ(0, active(&self->p, SECRET, SECRET, &a, &b));
	EXPECT_TRUE(carries(a, b));
	EXPECT_EQ(0, md5(a, PKTPATH_T_B, "the next one"));
	EXPECT_EQ(0, md5(b, PKTPATH_T_A, "the next one"));
	EXPECT_TRUE(carries(a, b));
	EXPECT_TRUE(carries(b, a));
	close(a);
	close(b);
}

/* What was agreed in the handshake stays. AF_INET lets the two ends differ. */
TEST_F(stacks, late)
{
	int a, b;

	if (variant->inet)
		SKIP(return, "AF_INET takes a first key at any time");
	ASSERT_EQ(0, active(&self->p, NULL, NULL, &a, &b));
	EXPECT_ERRNO(EISCONN, md5(a, PKTPATH_T_B, SECRET));
	close(a);
	close(b);
	ASSERT_EQ(0, active(&self->p, SECRET, SECRET, &a, &b));
	EXPECT_ERRNO(EISCONN, md5(a, PKTPATH_T_B, ""));
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
