// SPDX-License-Identifier: GPL-2.0
/*
 * Connections of which one allocation fails, every one in turn, whether a call
 * or a packet needs it: the call says ENOMEM or ENOBUFS and works when it is
 * made again, or the protocol repairs it. No byte is lost or comes twice, no
 * socket stays. Then many fail at random over a path that loses and reorders.
 *
 * How they are failed: fault.h. Debug kernels only; "fail SECONDS" (60) is the
 * time for each way, PKTPATH_FAIL_VERBOSE 1 or 2 says what failed.
 */
#include <linux/tcp.h>
#define _NETINET_TCP_H	1	/* the kernel's has all that is needed */
#include <sys/mman.h>
#include <sys/sendfile.h>
#include "pp_stream.h"
#include "fault.h"
#include <linux/errqueue.h>

#ifndef SO_EE_ORIGIN_ZEROCOPY
#define SO_EE_ORIGIN_ZEROCOPY 5
#endif

#define BYTES	60000		/* each way */
#define STALL_MS	60000

static unsigned char pattern[8 * BYTES], got[8 * BYTES];

/* ---- one connection ---- */

/* A call that is made until it works; what it returns otherwise is an error. */
#define TRY(call)							\
	({								\
		long r_;						\
		int n_ = 0;						\
									\
		fault_at = #call;						\
		do {							\
			r_ = (call);					\
			fault_told += r_ < 0 && fault_may();			\
		} while (r_ < 0 && fault_may() && n_++ < 1000);		\
		r_;							\
	})

#define OK(call) (TRY(call) >= 0)

/* One way of a connection. */
struct way {
	int from, to;
	int file;		/* sendfile() from it, or -1 */
	bool zerocopy;
	size_t out, in, len;
	unsigned int notes;	/* of zerocopy, still to come */
};

static ssize_t way_out(struct way *w)
{
	static const size_t sizes[] = { 1, 100, 1500, 17000, 3 };
	static unsigned int round;
	size_t n = sizes[round++ % ARRAY_SIZE(sizes)];
	off_t off = w->out;

	if (n > w->len - w->out)
		n = w->len - w->out;
	if (w->file >= 0)
		return sendfile(w->from, w->file, &off, n);
	return send(w->from, pattern + w->out, n, MSG_DONTWAIT | MSG_NOSIGNAL |
		    (w->zerocopy ? MSG_ZEROCOPY : round & 1 ? MSG_MORE : 0));
}

/* Notices of zerocopy that have come: every one once. */
static int way_notes(struct way *w)
{
	char control[256];
	struct msghdr msg = { .msg_control = control };
	struct sock_extended_err *ee;
	struct cmsghdr *c;

	for (;;) {
		msg.msg_controllen = sizeof(control);
		if (recvmsg(w->from, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return errno == EAGAIN || fault_may() ? 0 : -1;
		c = CMSG_FIRSTHDR(&msg);
		if (!c)
			continue;
		ee = (struct sock_extended_err *)CMSG_DATA(c);
		if (ee->ee_origin == SO_EE_ORIGIN_ZEROCOPY)
			w->notes -= ee->ee_data - ee->ee_info + 1;
	}
}

/* Moves what can be moved; 1 if it did, 0 if not, -1. */
static int way_step(struct way *w)
{
	int moved = 0;
	ssize_t n;

	if (w->out < w->len) {
		fault_at = w->file >= 0 ? "sendfile" : "send";
		n = way_out(w);
		if (n < 0 && errno != EAGAIN && !fault_may())
			return -1;
		fault_told += n < 0 && errno != EAGAIN;
		if (n > 0) {
			w->out += n;
			w->notes += w->zerocopy;
			moved = 1;
		}
	}
	fault_at = "recv";
	n = recv(w->to, got + w->in, 20000, MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && !fault_may())
		return -1;
	fault_told += n < 0 && errno != EAGAIN;
	if (n > 0) {
		w->in += n;
		moved = 1;
	}
	fault_at = "MSG_ERRQUEUE";
	if (w->zerocopy && way_notes(w))
		return -1;
	return moved;
}

/* All of it goes over, in order and once. */
static int way_run(struct way *w)
{
	long long since = pp_now_ms();
	struct pollfd p[2] = { { w->from, POLLOUT, 0 }, { w->to, POLLIN, 0 } };
	int moved;

	while (w->in < w->len || w->notes) {
		moved = way_step(w);
		if (moved < 0)
			return -1;
		if (moved) {
			since = pp_now_ms();
			continue;
		}
		if (pp_now_ms() - since > STALL_MS) {
			fault_at = w->in < w->len ? "no progress" : "no notices";
			errno = ETIMEDOUT;
			return -1;
		}
		/* what is corked waits 200 ms; notices come as POLLERR */
		p[0].events = w->out < w->len ? POLLOUT : 0;
		poll(p, 2, 20);
	}
	if (memcmp(got, pattern, w->len)) {
		fault_at = "the bytes that came";
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

static bool options(int fd)
{
	struct linger l = { 1, 10 };
	struct tcp_info ti;
	socklen_t len = sizeof(ti);

	return OK(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4)) &&
	       OK(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5)) &&
	       OK(pp_set(fd, SOL_SOCKET, SO_ZEROCOPY, 1)) &&
	       OK(pp_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1)) &&
	       OK(pp_set(fd, SOL_SOCKET, SO_MAX_PACING_RATE, 50000000)) &&
	       OK(pp_set(fd, IPPROTO_IP, IP_TOS, 0x10)) &&
	       OK(pp_set(fd, IPPROTO_IP, IP_RECVERR, 1)) &&
	       OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l))) &&
	       OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len));
}

/* The next byte is this one. */
static bool byte_is(int fd, char want, int flags)
{
	char c;

	return TRY(recv(fd, &c, 1, flags)) == 1 && c == want;
}

/* One byte of urgent data between two others. */
static bool urgent(int from, int to)
{
	return OK(send(from, "a", 1, 0)) && OK(send(from, "!", 1, MSG_OOB)) &&
	       OK(send(from, "b", 1, 0)) && byte_is(to, 'a', MSG_WAITALL) &&
	       pp_revents(to, POLLPRI, 30000) && byte_is(to, '!', MSG_OOB) &&
	       byte_is(to, 'b', MSG_WAITALL);
}

/* The other end is told that this one has finished. */
static bool ends(int a, int b)
{
	char c;

	return OK(shutdown(a, SHUT_WR)) && TRY(recv(b, &c, 1, 0)) == 0;
}

struct conn {
	int lfd, c, a, file;
};

static bool opened(const struct pp_pair *p, struct conn *s)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_A, PP_PORT);

	s->lfd = TRY(pp_socket(p, SOCK_STREAM, 0));
	if (s->lfd < 0 || !OK(pp_set(s->lfd, SOL_SOCKET, SO_REUSEADDR, 1)) ||
	    !OK(pp_bind(s->lfd, PKTPATH_T_A, PP_PORT)) ||
	    !OK(pp_set(s->lfd, IPPROTO_TCP, TCP_SAVE_SYN, 1)) ||
	    !OK(listen(s->lfd, 8)) ||
	    !OK(pp_set(s->lfd, IPPROTO_TCP, TCP_FASTOPEN, 8)))
		return false;
	s->c = TRY(pp_socket(p, SOCK_STREAM, 0));
	if (s->c < 0 || !options(s->c))
		return false;
	/* A SYN with a byte, for which no cookie is wanted. */
	if (!OK(sendto(s->c, "f", 1, MSG_FASTOPEN, (void *)&to, sizeof(to))))
		return false;
	s->a = TRY(accept(s->lfd, NULL, NULL));
	return s->a >= 0 && byte_is(s->a, 'f', MSG_WAITALL) && options(s->a);
}

static int script(const struct pp_pair *p, struct conn *s)
{
	struct way w[3];
	int i;

	if (!opened(p, s))
		return -1;
	w[0] = (struct way){ s->c, s->a, -1, false, 0, 0, BYTES, 0 };
	w[1] = (struct way){ s->a, s->c, s->file, false, 0, 0, BYTES, 0 };
	w[2] = (struct way){ s->c, s->a, -1, true, 0, 0, BYTES, 0 };
	for (i = 0; i < 3; i++)
		if (way_run(&w[i]))
			return -1;
	if (!urgent(s->c, s->a) || !ends(s->c, s->a) || !ends(s->a, s->c))
		return -1;
	return 0;
}

/* The script with failures armed; all sockets are closed after it. */
static int run(const struct pp_pair *p, int file)
{
	struct conn s = { -1, -1, -1, file };
	int ret = script(p, &s), err = errno;

	if (s.c >= 0)
		close(s.c);
	if (s.a >= 0)
		close(s.a);
	if (s.lfd >= 0)
		close(s.lfd);
	errno = err;
	return ret;
}

/* Sockets of TCP in all namespaces. */
static long sockets(void)
{
	FILE *f = fopen("/proc/net/protocols", "r");
	char line[256];
	long n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "PKTPATH-TCP %*d %ld", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static bool none_left(void)
{
	int i;

	for (i = 0; i < 1500 && sockets(); i++)
		usleep(20000);
	return !sockets();
}

struct work {
	const struct pp_pair *p;
	int file;
};

static int script_run(void *arg)
{
	const struct work *w = arg;

	return run(w->p, w->file);
}

static bool script_clean(void *arg)
{
	(void)arg;
	fault_at = "sockets";
	return none_left();
}

static int all(const struct pp_pair *p, const struct fault_mode *m, int file)
{
	struct work w = { p, file };
	struct fault_script s = { script_run, script_clean, &w };

	return fault_sweep(m, &s, 60) > 0 ? 0 : -1;
}

static int memory_file(void)
{
	int fd = memfd_create("pattern", 0);

	pp_fill(pattern, sizeof(pattern));
	if (fd < 0 || write(fd, pattern, BYTES) != BYTES)
		return -1;
	return fd;
}

/* Ready to fail, and once through without; the file to send from, or -1. */
static int prepare(const struct pp_pair *p)
{
	int file = memory_file();

	if (file < 0 || pp_sysctl(p, "tcp_fastopen", "519"))
		return -1;
	if (!run(p, file))
		return file;
	printf("# without a failure: %s: %s\n", fault_at, strerror(errno));
	return -1;
}

static bool can_fail(const struct pp_pair *p)
{
	return !p->inet && !fault_ready();
}

TEST_F_TIMEOUT(stacks, task, 1800)
{
	int file;

	if (!can_fail(&self->p))
		SKIP(return, "no filtered fault injection");
	file = prepare(&self->p);
	ASSERT_LE(0, file);
	EXPECT_EQ(0, all(&self->p, &fault_task, file));
}

TEST_F_TIMEOUT(stacks, slab, 1800)
{
	int file;

	if (!can_fail(&self->p))
		SKIP(return, "no filtered fault injection");
	file = prepare(&self->p);
	ASSERT_LE(0, file);
	EXPECT_EQ(0, all(&self->p, &fault_slab, file));
}

TEST_F_TIMEOUT(stacks, page, 1800)
{
	int file;

	if (!can_fail(&self->p))
		SKIP(return, "no filtered fault injection");
	file = prepare(&self->p);
	ASSERT_LE(0, file);
	EXPECT_EQ(0, all(&self->p, &fault_page, file));
}

/* Of all ends of the pair. */
static int rough_path(const struct pp_pair *p)
{
	const char *cmd =
		"tc qdisc add dev %s root netem loss 2%% delay 3ms 2ms";
	int ret;

	/* one segment a packet, or netem has too few to lose */
	if (pp_run("ip link set pa gso_max_size 1600") || pp_run(cmd, "pa"))
		return -1;
	pp_ns_enter(p->ns_b);
	ret = pp_run(cmd, "pb");
	pp_ns_enter(p->ns_a);
	return ret;
}

/* With the kernel in B, both ways, while every tenth allocation fails. */
TEST_F_TIMEOUT(stacks, rough, 1800)
{
	struct way w[2];
	int a, b, i, ret;

	if (!can_fail(&self->p))
		SKIP(return, "no filtered fault injection");
	close(memory_file());
	ASSERT_EQ(0, rough_path(&self->p));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, i & 1 ? pp_active(&self->p, &a, &b) :
				     pp_passive(&self->p, &a, &b));
		pp_set(a, SOL_SOCKET, SO_ZEROCOPY, 1);
		fault_set_n("failslab", "space", 0);
		fault_set_n("failslab", "interval", 1);
		fault_set_n("failslab", "times", -1);
		fault_set_n("failslab", "probability", 10);
		w[0] = (struct way){ a, b, -1, i > 1, 0, 0, 4 * BYTES, 0 };
		w[1] = (struct way){ b, a, -1, false, 0, 0, 4 * BYTES, 0 };
		ret = way_run(&w[0]) || way_run(&w[1]);
		if (ret)
			printf("# round %d: %s: %s\n", i, fault_at, strerror(errno));
		fault_set_n("failslab", "probability", 0);
		close(a);
		close(b);
		ASSERT_EQ(0, ret);
	}
	EXPECT_TRUE(none_left());
}

int main(int argc, char **argv)
{
	fault_seconds = pp_number(&argc, &argv);
	return test_harness_run(argc, argv);
}
