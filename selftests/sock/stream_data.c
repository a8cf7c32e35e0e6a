// SPDX-License-Identifier: GPL-2.0
/*
 * Data of stream sockets: flags of send and recv, urgent data, pages without a
 * copy, times of bytes.
 * Proves: design: Sockets; RFC 9293 §3.8.5, §3.8.6.
 */
#include <limits.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include "pp_stream.h"

#define BIG 1000000

TEST_F(stacks, peek_and_trunc)
{
	char buf[8] = {};
	int a, b;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(6, send(b, "abcdef", 6, 0));
	ASSERT_EQ(1, pp_readable(a, 30000));
	EXPECT_EQ(3, recv(a, buf, 3, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "abc", 3));
	EXPECT_EQ(2, recv(a, NULL, 2, MSG_TRUNC));
	EXPECT_EQ(4, recv(a, buf, 8, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(0, memcmp(buf, "cdef", 4));
	EXPECT_EQ(4, recv(a, buf, 8, 0));
	EXPECT_ERRNO(EAGAIN, recv(a, buf, 1, MSG_PEEK | MSG_DONTWAIT));
	close(a);
	close(b);
}

/* On AF_INET since 6.9. */
TEST_F(stacks, peek_offset)
{
	char buf[8] = {};
	int a, b;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	if (pp_set(a, SOL_SOCKET, SO_PEEK_OFF, 0) && self->p.inet)
		SKIP(return, "this kernel has none on streams");
	ASSERT_EQ(0, pp_get(a, SOL_SOCKET, SO_PEEK_OFF));
	ASSERT_EQ(3, send(b, "abc", 3, 0));
	ASSERT_EQ(2, recv(a, buf, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	ASSERT_EQ(1, recv(a, buf, 8, MSG_PEEK));
	EXPECT_EQ('c', buf[0]);
	EXPECT_ERRNO(EAGAIN, recv(a, buf, 8, MSG_PEEK | MSG_DONTWAIT));
	ASSERT_EQ(3, send(b, "def", 3, 0));
	ASSERT_EQ(3, recv(a, buf, 8, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "def", 3));
	EXPECT_EQ(6, pp_get(a, SOL_SOCKET, SO_PEEK_OFF));
	/* what is read moves it back */
	ASSERT_EQ(4, recv(a, buf, 4, 0));
	EXPECT_EQ(0, memcmp(buf, "abcd", 4));
	EXPECT_EQ(2, pp_get(a, SOL_SOCKET, SO_PEEK_OFF));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_PEEK_OFF, 1));
	ASSERT_EQ(1, recv(a, buf, 8, MSG_PEEK));
	EXPECT_EQ('f', buf[0]);
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_PEEK_OFF, -1));
	ASSERT_EQ(2, recv(a, buf, 8, MSG_PEEK));
	ASSERT_EQ(2, recv(a, buf, 8, 0));
	close(a);
	close(b);
}

static pid_t later(int fd, const char *text, int ms)
{
	pid_t pid = fork();

	if (!pid) {
		usleep(ms * 1000);
		_exit(send(fd, text, strlen(text), 0) < 0);
	}
	return pid;
}

TEST_F(stacks, waitall)
{
	char buf[8];
	pid_t pid;
	int a, b;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(3, send(b, "abc", 3, 0));
	pid = later(b, "def", 100);
	EXPECT_EQ(6, recv(a, buf, 6, MSG_WAITALL | MSG_PEEK));
	EXPECT_EQ(6, recv(a, buf, 6, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	waitpid(pid, NULL, 0);
	/* the end of the stream ends the wait */
	ASSERT_EQ(2, send(b, "gh", 2, 0));
	ASSERT_EQ(0, shutdown(b, SHUT_WR));
	EXPECT_EQ(2, recv(a, buf, 6, MSG_WAITALL));
	EXPECT_EQ(0, recv(a, buf, 6, MSG_WAITALL));
	close(a);
	close(b);
}

TEST_F(stacks, rcvlowat)
{
	char buf[8];
	pid_t pid;
	int a, b;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_RCVLOWAT, 5));
	ASSERT_EQ(3, send(b, "abc", 3, 0));
	EXPECT_EQ(0, pp_readable(a, 100));
	pid = later(b, "def", 50);
	EXPECT_EQ(1, pp_readable(a, 30000));
	EXPECT_EQ(6, recv(a, buf, 8, 0));
	waitpid(pid, NULL, 0);
	close(a);
	close(b);
}

/* @a in A, of short segments and a small buffer, accepted what @b connected. */
static int passive_small(const struct pp_pair *p, int *a, int *b)
{
	int lfd = pp_listen_a(p, PP_PORT, 8);

	*b = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);
	if (lfd < 0 || *b < 0 || pp_set(lfd, SOL_TCP, TCP_MAXSEG, 500) ||
	    pp_set(lfd, SOL_SOCKET, SO_RCVBUF, 20000) ||
	    pp_connect(*b, PKTPATH_T_A, PP_PORT))
		return -1;
	*a = accept(lfd, NULL, NULL);
	close(lfd);
	return *a < 0 ? -1 : 0;
}

/* More than a window. */
static bool passes(int a, int b)
{
	static unsigned char out[100000], in[sizeof(out)];
	struct timeval tv = { .tv_sec = 30 };
	ssize_t n;
	pid_t pid;

	pp_fill(out, sizeof(out));
	setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	pid = fork();
	if (!pid)
		_exit(send(b, out, sizeof(out), 0) != sizeof(out));
	n = pp_read_all(a, in, sizeof(in));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return n == sizeof(in) && !memcmp(in, out, sizeof(in));
}

TEST_F(stacks, window_clamp_odd)
{
	static const int odd[] = { -1, INT_MIN, INT_MAX };
	unsigned int i;
	int a, b, least;

	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		/* AF_INET of 6.1 takes it as it is, and its window stays shut */
		if (variant->inet && odd[i] < 0)
			continue;
		ASSERT_EQ(0, passive_small(&self->p, &a, &b));
		EXPECT_TRUE(passes(a, b));
		ASSERT_EQ(0, pp_set(a, SOL_TCP, TCP_WINDOW_CLAMP, 1));
		least = pp_get(a, SOL_TCP, TCP_WINDOW_CLAMP);
		EXPECT_LT(1, least);
		ASSERT_EQ(0, pp_set(a, SOL_TCP, TCP_WINDOW_CLAMP, odd[i]));
		EXPECT_EQ(odd[i] < 0 ? least : odd[i],
			  pp_get(a, SOL_TCP, TCP_WINDOW_CLAMP));
		EXPECT_TRUE(passes(a, b));
		close(a);
		close(b);
	}
}

TEST_F(stacks, urgent)
{
	int a, b, at;
	char buf[8];

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	EXPECT_ERRNO(EINVAL, recv(a, buf, 1, MSG_OOB));
	ASSERT_EQ(3, send(b, "abX", 3, MSG_OOB));
	ASSERT_EQ(2, send(b, "cd", 2, 0));
	EXPECT_EQ(POLLIN | POLLOUT | POLLPRI,
		  pp_poll_becomes(a, POLLIN | POLLOUT | POLLPRI));
	EXPECT_EQ(1, recv(a, buf, 1, MSG_OOB | MSG_PEEK));
	EXPECT_EQ('X', buf[0]);
	EXPECT_EQ(1, recv(a, buf, 1, MSG_OOB));
	EXPECT_ERRNO(EINVAL, recv(a, buf, 1, MSG_OOB));
	ASSERT_EQ(0, ioctl(a, SIOCATMARK, &at));
	EXPECT_EQ(0, at);
	/* reading stops at the mark, behind which the urgent byte is gone */
	EXPECT_EQ(2, recv(a, buf, 8, 0));
	ASSERT_EQ(0, ioctl(a, SIOCATMARK, &at));
	EXPECT_EQ(1, at);
	EXPECT_EQ(2, recv(a, buf, 8, 0));
	EXPECT_EQ(0, memcmp(buf, "cd", 2));
	close(a);
	close(b);
}

TEST_F(stacks, urgent_inline)
{
	int a, b, at;
	char buf[8];

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_EQ(3, send(b, "abX", 3, MSG_OOB));
	ASSERT_EQ(1, pp_readable(a, 30000));
	usleep(50000);
	EXPECT_ERRNO(EINVAL, recv(a, buf, 1, MSG_OOB));
	EXPECT_EQ(2, recv(a, buf, 8, 0));
	ASSERT_EQ(0, ioctl(a, SIOCATMARK, &at));
	EXPECT_EQ(1, at);
	EXPECT_EQ(1, recv(a, buf, 8, 0));
	EXPECT_EQ('X', buf[0]);
	close(a);
	close(b);
}

TEST_F(stacks, urgent_out_and_signal)
{
	struct timespec ts = { .tv_sec = 30 };
	sigset_t set;
	char buf[4];
	int a, b;

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	ASSERT_EQ(2, send(a, "xY", 2, MSG_OOB));
	EXPECT_EQ(1, recv(b, buf, 4, 0));
	EXPECT_EQ(POLLPRI, pp_revents(b, POLLPRI, 30000));
	EXPECT_EQ(1, recv(b, buf, 1, MSG_OOB));
	EXPECT_EQ('Y', buf[0]);
	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ASSERT_EQ(0, fcntl(a, F_SETOWN, getpid()));
	ASSERT_EQ(1, send(b, "!", 1, MSG_OOB));
	EXPECT_EQ(SIGURG, sigtimedwait(&set, NULL, &ts));
	close(a);
	close(b);
}

/*
 * Sends @text in pieces of a byte: whether they wait. They do for 200 ms; when
 * the machine stood still for so long they are read, and sent once more.
 */
static bool waits(int a, int b, const char *text, int flags)
{
	size_t n = strlen(text), i;
	long long begin;
	char buf[8];
	int try;

	for (try = 0; try < 20; try++) {
		begin = pp_now_ms();
		for (i = 0; i < n; i++)
			if (send(a, text + i, 1, flags) != 1)
				return false;
		if (!pp_readable(b, 100))
			return true;
		if (pp_now_ms() - begin < 150 ||
		    recv(b, buf, n, MSG_WAITALL) != (ssize_t)n)
			return false;
	}
	return false;
}

/* Small pieces wait for more; what waits goes when the cork is pulled. */
TEST_F(stacks, cork_and_more)
{
	char buf[8];
	int a, b;

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	ASSERT_EQ(0, pp_set(a, SOL_TCP, TCP_CORK, 1));
	EXPECT_TRUE(waits(a, b, "ab", 0));
	ASSERT_EQ(0, pp_set(a, SOL_TCP, TCP_CORK, 0));
	EXPECT_EQ(2, recv(b, buf, 2, MSG_WAITALL));
	EXPECT_TRUE(waits(a, b, "c", MSG_MORE));
	ASSERT_EQ(1, send(a, "d", 1, 0));
	EXPECT_EQ(2, recv(b, buf, 2, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "cd", 2));
	close(a);
	close(b);
}

/* Bytes not acknowledged after a while: none is right. */
static int drained(int fd)
{
	int i, left = -1;

	for (i = 0; i < 1500 && left; i++) {
		if (i)
			usleep(20000);
		if (ioctl(fd, SIOCOUTQ, &left))
			return -1;
	}
	return left;
}

TEST_F(stacks, queue_sizes)
{
	int a, b, v;
	char buf[8];

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(0, ioctl(a, FIONREAD, &v));
	EXPECT_EQ(0, v);
	ASSERT_EQ(5, send(b, "abcde", 5, 0));
	ASSERT_EQ(1, pp_readable(a, 30000));
	ASSERT_EQ(0, ioctl(a, FIONREAD, &v));
	EXPECT_EQ(5, v);
	ASSERT_EQ(2, recv(a, buf, 2, 0));
	ASSERT_EQ(0, ioctl(a, FIONREAD, &v));
	EXPECT_EQ(3, v);
	ASSERT_EQ(0, pp_run("tc qdisc add dev pa root netem delay 3s"));
	ASSERT_EQ(4, send(a, "abcd", 4, 0));
	ASSERT_EQ(0, ioctl(a, SIOCOUTQ, &v));
	EXPECT_EQ(4, v);
	ASSERT_EQ(0, ioctl(a, SIOCOUTQNSD, &v));
	EXPECT_EQ(0, v);
	EXPECT_EQ(4, recv(b, buf, 8, 0));
	EXPECT_EQ(0, drained(a));
	ASSERT_EQ(0, pp_run("tc qdisc del dev pa root"));
	close(a);
	close(b);
}

TEST_F(stacks, inq)
{
	struct cmsghdr *c;
	struct msghdr msg;
	int a, b, v;
	char buf[4];

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(0, pp_set(a, SOL_TCP, TCP_INQ, 1));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_RCVLOWAT, 4));
	ASSERT_EQ(6, send(b, "abcdef", 6, 0));
	ASSERT_EQ(1, pp_readable(a, 30000));
	ASSERT_EQ(2, recv(a, buf, 2, 0));
	ASSERT_EQ(4, pp_recvmsg(a, &msg, 0));
	c = pp_cmsg(&msg, SOL_TCP, TCP_CM_INQ);
	ASSERT_NE(NULL, c);
	memcpy(&v, CMSG_DATA(c), sizeof(v));
	EXPECT_EQ(0, v);
	close(a);
	close(b);
}

static int zerocopy_on(const struct pp_pair *p, int fd)
{
	return p->inet ? pp_set(fd, SOL_SOCKET, SO_ZEROCOPY, 1) :
			 pp_set(fd, SOL_PKTPATH, PKTPATH_ZEROCOPY, 1);
}

/* Highest completed call of MSG_ZEROCOPY, -1 within 30 s none. */
static long zerocopy_done(int fd)
{
	struct sock_extended_err ee;
	struct cmsghdr *c;
	struct msghdr msg;

	if (!(pp_revents(fd, 0, 30000) & POLLERR) ||
	    pp_recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		return -1;
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	if (!c)
		return -2;
	memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	if (ee.ee_errno || ee.ee_origin != SO_EE_ORIGIN_ZEROCOPY)
		return -3;
	return ee.ee_data;
}

TEST_F_TIMEOUT(stacks, zerocopy, 300)
{
	unsigned char *out, *in;
	long done = -1;
	int a, b, i;
	pid_t pid;

	out = mmap(NULL, BIG, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	in = malloc(BIG);
	ASSERT_NE(MAP_FAILED, out);
	pp_fill(out, BIG);
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	/* without the option the flag is ignored */
	ASSERT_EQ(1, send(a, "x", 1, MSG_ZEROCOPY));
	ASSERT_EQ(1, recv(b, in, 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(a, in, 1, MSG_ERRQUEUE));
	ASSERT_EQ(0, zerocopy_on(&self->p, a));
	pid = fork();
	if (!pid) {
		size_t n = 0;
		ssize_t r;

		while (n < BIG) {
			r = send(a, out + n, BIG - n < 100000 ? BIG - n :
				 100000, MSG_ZEROCOPY);
			if (r <= 0)
				_exit(1);
			n += r;
		}
		_exit(0);
	}
	EXPECT_EQ(BIG, pp_read_all(b, in, BIG));
	EXPECT_EQ(0, memcmp(in, out, BIG));
	waitpid(pid, &i, 0);
	EXPECT_EQ(0, i);
	/* every call is completed, in order */
	while (done < (BIG + 99999) / 100000 - 1) {
		long d = zerocopy_done(a);

		ASSERT_LT(done, d);
		done = d;
	}
	close(a);
	close(b);
	free(in);
}

TEST_F_TIMEOUT(stacks, sendfile, 300)
{
	unsigned char *data = malloc(BIG), *in = malloc(BIG);
	char name[] = "/tmp/pp_stream.XXXXXX";
	int fd = mkstemp(name), a, b, st;
	off_t at = 100;
	pid_t pid;

	unlink(name);
	pp_fill(data, BIG);
	ASSERT_EQ(BIG, write(fd, data, BIG));
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	pid = fork();
	if (!pid) {
		while (at < BIG)
			if (sendfile(a, fd, &at, BIG - at) <= 0)
				_exit(1);
		shutdown(a, SHUT_WR);
		_exit(0);
	}
	EXPECT_EQ(BIG - 100, pp_read_all(b, in, BIG));
	EXPECT_EQ(0, memcmp(in, data + 100, BIG - 100));
	waitpid(pid, &st, 0);
	EXPECT_EQ(0, st);
	close(a);
	close(b);
	close(fd);
	free(data);
	free(in);
}

/* Socket to pipe to file, and pipe to socket. */
TEST_F_TIMEOUT(stacks, splice, 300)
{
	unsigned char *data = malloc(BIG), *in = malloc(BIG);
	int a, b, pfd[2], st;
	ssize_t n, m, r;
	pid_t pid;

	pp_fill(data, BIG);
	ASSERT_EQ(0, pipe(pfd));
	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	EXPECT_ERRNO(EAGAIN, splice(a, NULL, pfd[1], NULL, 10,
				    SPLICE_F_NONBLOCK));
	pid = fork();
	if (!pid) {
		/* one writes, one reads what comes back */
		if (!fork()) {
			for (n = 0; n < BIG; n += r) {
				r = write(b, data + n, BIG - n);
				if (r <= 0)
					break;
			}
			_exit(0);
		}
		_exit(pp_read_all(b, in, BIG) != BIG ||
		      memcmp(in, data, BIG));
	}
	close(b);
	/* an echo without a copy in this process */
	for (n = 0; n < BIG; n += r) {
		r = splice(a, NULL, pfd[1], NULL, BIG - n, 0);
		ASSERT_LT(0, r);
		for (m = 0; m < r;) {
			ssize_t k = splice(pfd[0], NULL, a, NULL, r - m, 0);

			ASSERT_LT(0, k);
			m += k;
		}
	}
	waitpid(pid, &st, 0);
	EXPECT_EQ(0, st);
	EXPECT_EQ(0, splice(a, NULL, pfd[1], NULL, 10, 0));
	close(a);
}

TEST_F(stacks, rx_times)
{
	struct scm_timestamping ts;
	struct cmsghdr *c = NULL;
	struct msghdr msg;
	int a, b, i;

	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_TIMESTAMPING,
			    SOF_TIMESTAMPING_RX_SOFTWARE |
			    SOF_TIMESTAMPING_SOFTWARE));
	/* the clock of the receive path is switched on by a worker */
	for (i = 0; i < 3000 && !c; i++) {
		ASSERT_EQ(1, send(b, "x", 1, 0));
		ASSERT_EQ(1, pp_recvmsg(a, &msg, 0));
		c = pp_cmsg(&msg, SOL_SOCKET, SO_TIMESTAMPING);
		if (!c)
			usleep(10000);
	}
	ASSERT_NE(NULL, c);
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	EXPECT_GE(30, labs(time(NULL) - ts.ts[0].tv_sec));
	close(a);
	close(b);
}

/* One stamp: its key, and which one; -1 within 30 s none. */
static long tx_time(int fd, int *which)
{
	struct sock_extended_err ee;
	struct cmsghdr *c;
	struct msghdr msg;

	if (!(pp_revents(fd, 0, 30000) & POLLERR) ||
	    pp_recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		return -1;
	if (!pp_cmsg(&msg, SOL_SOCKET, SO_TIMESTAMPING))
		return -2;
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	if (!c)
		return -3;
	memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	*which = ee.ee_info;
	if (ee.ee_origin != SO_EE_ORIGIN_TIMESTAMPING)
		return -4;
	return ee.ee_data;
}

/* The key that all three kinds of stamps have; negative: what is missing. */
static long tx_all_times(int fd)
{
	long key = -1, k;
	int which = 0, seen;

	for (seen = 0; seen != 7; seen |= 1 << which) {
		k = tx_time(fd, &which);
		if (k < 0)
			return k;
		if (seen && k != key)
			return -10;
		key = k;
	}
	return key;
}

TEST_F(stacks, tx_times)
{
	int a, b, i;
	char buf[200] = {};

	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	ASSERT_EQ(20, send(a, buf, 20, 0));
	ASSERT_EQ(20, recv(b, buf, 20, MSG_WAITALL));
	ASSERT_EQ(0, drained(a));
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_TIMESTAMPING,
			    SOF_TIMESTAMPING_SOFTWARE |
			    SOF_TIMESTAMPING_OPT_ID |
			    SOF_TIMESTAMPING_OPT_TSONLY |
			    SOF_TIMESTAMPING_TX_SCHED |
			    SOF_TIMESTAMPING_TX_SOFTWARE |
			    SOF_TIMESTAMPING_TX_ACK));
	/* the key is the place of the last byte since then */
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(100, send(a, buf, 100, 0));
		EXPECT_EQ(100 * i + 99, tx_all_times(a));
	}
	close(a);
	close(b);
}

static int info_of(int fd, struct tcp_info *ti)
{
	socklen_t len = sizeof(*ti);

	memset(ti, 0, sizeof(*ti));
	return getsockopt(fd, SOL_TCP, TCP_INFO, ti, &len);
}

TEST_F(stacks, info)
{
	static char buf[100000];
	struct tcp_info ti;
	int a, b, try;

	/* once more when the machine stood still and what was late was resent */
	for (try = 0;; try++) {
		ASSERT_EQ(0, pp_active(&self->p, &a, &b));
		ASSERT_EQ(50000, send(a, buf, 50000, 0));
		ASSERT_EQ(50000, pp_read_all(b, buf, 50000));
		ASSERT_EQ(0, info_of(a, &ti));
		if (!ti.tcpi_total_retrans || try == 5)
			break;
		close(a);
		close(b);
	}
	EXPECT_EQ(1, ti.tcpi_state);
	EXPECT_EQ(TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE,
		  ti.tcpi_options & 7);
	EXPECT_EQ(1448, ti.tcpi_snd_mss);
	EXPECT_EQ(1500, ti.tcpi_pmtu);
	EXPECT_EQ(1448, ti.tcpi_advmss);
	EXPECT_LT(0, ti.tcpi_rtt);
	EXPECT_LE(10, ti.tcpi_snd_cwnd);
	EXPECT_EQ(0, ti.tcpi_total_retrans);
	ASSERT_EQ(0, shutdown(b, SHUT_WR));
	EXPECT_EQ(0, recv(a, buf, 1, 0));
	ASSERT_EQ(0, info_of(a, &ti));
	EXPECT_EQ(8, ti.tcpi_state);
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
