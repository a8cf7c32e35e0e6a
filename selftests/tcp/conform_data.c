// SPDX-License-Identifier: GPL-2.0
/*
 * Data and windows (RFC 9293 §3.7.4, §3.8.4-6, §3.10.7.4): acceptability,
 * order, zero windows and silly ones, Nagle, delayed acknowledgments, PSH and
 * urgent data.
 */
#include <sys/epoll.h>
#include "peer.h"

/* ---- Receiving ---- */

/* What is outside the window is answered and dropped. */
static void acceptability(struct peer *p)
{
	static const struct {
		int seq;
		unsigned int len;
		int ack;		/* of the answer, 0 none */
		unsigned int bytes;	/* delivered */
	} t[] = {
		{ 1, 0, 0, 0 },			/* next, empty */
		{ 101, 0, 0, 0 },		/* in window, empty */
		{ 0, 1, 1, 0 },			/* a keepalive with a byte */
		{ -500, 100, 1, 0 },		/* all of it old */
		{ -99, 100, 1, 0 },		/* ends at the edge */
		{ 200001, 10, 1, 0 },		/* beyond */
		{ -99, 150, 51, 50 },		/* half of it old */
	};
	unsigned int i;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		TX("PA %d+%u 1", t[i].seq, t[i].len);
		if (t[i].ack)
			RX("A 1 %d", t[i].ack);
		else
			QUIET(5);
		if (t[i].bytes)
			READ(t[i].bytes);
	}
	/* empty and outside: one answer, then not for half a second */
	TX("A -100 1");
	RX("A 1 51");
	TX("A 200000 1");
	TX("A -100 1");
	QUIET(450);
	peer_sleep(60);
	TX("A 200000 1");
	RX("A 1 51");
	READ_IS(-EAGAIN);
}

/* Flags that make no sense are dropped in silence. */
static void no_ack_bit(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("P 1+10 -");
	TX("0 1 -");
	TX("F 1 -");
	TX("PU 1+10 - urg=3");
	QUIET(50);
	STATE(ST_ESTABLISHED);
	READ_IS(-EAGAIN);
}

static void ack_unsent(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("PA 1+10 100");				/* F6, 5961-c */
	RX("A 1 1");
	READ_IS(-EAGAIN);
	TX("PA 1+10 100");				/* but not too often */
	QUIET(520);
	TX("PA 1+10 -70000");
	RX("A 1 1");
	READ_IS(-EAGAIN);
	STATE(ST_ESTABLISHED);
}

static void out_of_order(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("PA 1001+500 1");				/* SHLD-31, 5681-j */
	RX("A 1 1 nosack");
	TX("PA 501+500 1");
	RX("A 1 1");
	READ_IS(-EAGAIN);
	TX("PA 1+500 1");
	RX("A 1 1501");
	READ(1500);
}

/* Every order of overlapping pieces gives the same bytes. */
static void overlap(struct peer *p)
{
	static const struct {
		int from, to;
	} piece[] = { { 1, 301 }, { 201, 501 }, { 401, 701 }, { 101, 601 },
		      { 301, 401 }, { 651, 901 } };
	unsigned int perm, i, k, left[6];

	for (perm = 0; perm < 720; perm += 7) {
		unsigned int r = perm, n = 6;
		struct seg s;

		peer_again(p);
		peer_passive(p, OPT_SACK);
		for (i = 0; i < 6; i++)
			left[i] = i;
		for (; n; n--) {
			k = r % n;
			r /= n;
			i = left[k];
			left[k] = left[n - 1];
			TX("PA %d+%d 1", piece[i].from,
			   piece[i].to - piece[i].from);
		}
		do {
			CHECK(peer_get(p, &s, 300));
		} while (s.ack != 901);
		READ(900);
		READ_IS(-EAGAIN);
		close(p->fd);
		close(p->lfd);
		p->lfd = -1;
		TX("R 901 -");
	}
}

static void seq_wrap(struct peer *p)
{
	int i;

	p->iss_b = 0xfffffc00;				/* E14 */
	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 10; i++) {
		TX("PA %d+300 1", 1 + i * 300);
		if (i & 1)
			RX("A 1 %d", 1 + (i + 1) * 300);
		else
			peer_drain(p);
		READ(300);
	}
}

/* ---- Acknowledging ---- */

static void delayed_ack(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	/* the first ones at once: slow start of the peer */
	for (i = 0; i < 20; i++) {
		TX("PA %d+1460 1", 1 + i * 1460);
		peer_sleep(1);
		READ(1460);
	}
	peer_sleep(300);
	peer_drain(p);
	peer_set(p, IPPROTO_TCP, TCP_QUICKACK, 0);
	TX("PA 29201+100 1");
	RX_AT(30, 210, "A 1 29301");			/* MUST-40, SHLD-18 */
	READ(100);
	peer_set(p, IPPROTO_TCP, TCP_QUICKACK, 0);
	TX("A 29301+1460 1");
	TX("PA 30761+1460 1");
	RX_AT(0, 5, "A 1 32221");			/* SHLD-19 */
	READ(2920);
	peer_set(p, IPPROTO_TCP, TCP_QUICKACK, 0);
	TX("PA 32221+100 1");
	QUIET(5);
	WRITE(50);					/* it rides on data */
	RX("PA 1+50 32321");
	TX("A 32321 51");
	QUIET(250);
	READ(100);
}

/* What waited for the user of the socket is answered together. */
static void aggregated_ack(struct peer *p)
{
	int i, n = 0;
	struct seg s;

	peer_passive(p, OPT_PLAIN);
	if (!peer_hold(p)) {
		printf("# no userfaultfd\n");
		return;
	}
	for (i = 0; i < 8; i++)
		TX("PA %d+1000 1", 1 + i * 1000);
	QUIET(20);					/* they wait */
	peer_let_go(p);
	do {
		CHECK(peer_get(p, &s, 300));
		n += !s.len;
	} while (s.ack != 8001);
	CHECK_EQ(n, 1);					/* MUST-58, MUST-59 */
	QUIET(20);
	READ(8000);
}

static void quickack(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("PA 1+100 1");
	RX_AT(0, 5, "A 1 101");
	READ(100);
	WRITE(10);
	RX("PA 1+10 101");
	TX("PA 101+100 11");
	peer_sleep(250);
	peer_drain(p);
	READ(100);
	peer_set(p, IPPROTO_TCP, TCP_QUICKACK, 1);
	TX("PA 201+100 11");
	RX_AT(0, 5, "A 11 301");
	READ(100);
}

/* Receiver's silly window avoidance: the window opens by a lot or not. */
static void receive_window(struct peer *p)
{
	unsigned int sent = 1, edge, old, i;
	struct seg s;

	p->lfd = peer_socket(p);
	p->fd = p->lfd;
	peer_set(p, SOL_SOCKET, SO_RCVBUF, 8000);
	CHECK_EQ(listen(p->lfd, 1), 0);
	fcntl(p->lfd, F_SETFL, O_NONBLOCK);
	peer_passive(p, OPT_PLAIN);
	edge = p->last.win + 1;
	for (i = 0; i < 200; i++) {
		if (sent + 536 > edge)
			break;
		TX("PA %u+536 1", sent);
		sent += 536;
		if (!peer_get(p, &s, 250))
			continue;
		/* SHLD-14: the edge never goes back */
		CHECK(s.ack + s.win >= edge);
		edge = s.ack + s.win;
	}
	CHECK(i < 200);
	if (sent < edge) {
		TX("PA %u+%u 1", sent, edge - sent);
		sent = edge;
	}
	peer_sleep(300);
	peer_drain(p);
	TX("PA %u+1 1", sent);				/* a window probe */
	RX("A 1 %u win=0", sent);
	READ(100);					/* MUST-39 */
	QUIET(20);
	old = edge;
	READ(sent - 1 - 100);
	CHECK(peer_get(p, &s, 300));
	CHECK_EQ(s.ack, sent);
	CHECK(s.ack + s.win >= old + 536);
	TX("PA %u+500 1", sent);
	READ(500);
}

/* Reset and acknowledgments count at a shut window (MUST-66). */
static void zero_window_in(struct peer *p)
{
	unsigned int sent = 1, edge;
	struct seg s;

	p->lfd = peer_socket(p);
	p->fd = p->lfd;
	peer_set(p, SOL_SOCKET, SO_RCVBUF, 4000);
	CHECK_EQ(listen(p->lfd, 1), 0);
	fcntl(p->lfd, F_SETFL, O_NONBLOCK);
	peer_passive(p, OPT_PLAIN);
	edge = p->last.win + 1;
	while (sent < edge) {
		unsigned int n = edge - sent < 500 ? edge - sent : 500;

		TX("PA %u+%u 1", sent, n);
		sent += n;
		if (peer_get(p, &s, 250))
			edge = s.ack + s.win;
	}
	peer_drain(p);
	WRITE(100);
	RX("PA 1+100 %u win=0", sent);
	TX("A %u 101", sent);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
	TX("R %u -", sent);
	STATE(ST_CLOSE);
}

/*
 * SO_RCVLOWAT beyond what the buffer takes: who waits for so much is woken when
 * the window admits no more, and what he reads opens it.
 */
static void lowat_shut_by(struct peer *p, unsigned int size)
{
	struct epoll_event ev = { .events = EPOLLIN };
	unsigned int sent = 1, edge, i;
	int ep = epoll_create1(0);
	struct seg s;

	p->lfd = peer_socket(p);
	p->fd = p->lfd;
	peer_set(p, SOL_SOCKET, SO_RCVBUF, 8000);
	CHECK_EQ(listen(p->lfd, 1), 0);
	fcntl(p->lfd, F_SETFL, O_NONBLOCK);
	peer_passive(p, OPT_PLAIN);
	peer_set(p, SOL_SOCKET, SO_RCVLOWAT, 1 << 30);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &ev), 0);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	edge = p->last.win + 1;
	for (i = 0; i < 1000 && sent + size <= edge; i++) {
		TX("PA %u+%u 1", sent, size);
		sent += size;
		if (peer_get(p, &s, 250))
			edge = s.ack + s.win;
	}
	CHECK(i < 1000);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	CHECK_EQ(ev.events, EPOLLIN);
	READ(sent - 1);
	while (peer_get(p, &s, 300))
		edge = s.ack + s.win;
	CHECK(sent + size <= edge);
	TX("PA %u+%u 1", sent, size);
	READ(size);
	close(ep);
	close(p->lfd);
}

static void lowat_shut(struct peer *p)
{
	static const unsigned int sizes[] = { 40, 200, 536, 700, 1000, 1460 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		lowat_shut_by(p, sizes[i]);
		peer_end(p);
		peer_again(p);
	}
}

/* ---- Sending ---- */

static void segments(struct peer *p)
{
	int i;

	peer_passive(p, "win=65535 mss=500");
	WRITE(5200);
	for (i = 0; i < 10; i++)
		RX("%s %d+500 1", "A", 1 + i * 500);	/* SHLD-28 */
	TX("A 1 5001");
	RX("PA 5001+200 1");				/* MUST-61 */
}

static void zero_window_out(struct peer *p)
{
	int t = 200, i;

	peer_passive(p, "win=1000 mss=500");
	WRITE(3000);
	RX("A 1+500 1");
	RX("A 501+500 1");
	TX("A 1 1001 win=0");
	for (i = 0; i < 6; i++, t *= 2) {		/* MUST-36, SHLD-29/30 */
		RX_AT(t - 10, t * 9 / 8 + 60, "A 1000 1");
		TX("A 1 1001 win=0");
	}
	STATE(ST_ESTABLISHED);
	TX("A 1 1001 win=1000");
	RX("A 1001+500 1");
	RX("A 1501+500 1");
}

static void zero_window_for_ever(struct peer *p)
{
	int i, n = 0;
	struct seg s;

	peer_passive(p, "win=1000 mss=500");
	WRITE(3000);
	RX("A 1+500 1");
	RX("A 501+500 1");
	TX("A 1 1001 win=0");
	for (i = 0; i < 60; i++) {			/* MUST-37, F7 */
		if (!peer_get(p, &s, 140000))
			break;
		CHECK_EQ(s.len, 0);
		TX("A 1 1001 win=0");
		n++;
	}
	CHECK_EQ(n, 60);
	STATE(ST_ESTABLISHED);
	TX("A 1 1001 win=1000");
	RX("A 1001+500 1");
}

static void zero_window_silence(struct peer *p)
{
	struct seg s;
	int n = 0;

	peer_passive(p, "win=1000 mss=500");
	WRITE(3000);
	RX("A 1+500 1");
	RX("A 501+500 1");
	TX("A 1 1001 win=0");
	while (peer_get(p, &s, 140000))
		n++;
	CHECK_IN(n, 14, 17);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

/* MUST-34, SHLD-16: the peer takes window back. */
static void window_shrinks(struct peer *p)
{
	peer_passive(p, "win=4000 mss=1000");
	WRITE(4000);
	RX("A 1+1000 1");
	RX("A 1001+1000 1");
	RX("A 2001+1000 1");
	RX("PA 3001+1000 1");
	TX("A 1 1001 win=500");
	WRITE(1000);
	QUIET(100);
	STATE(ST_ESTABLISHED);
	RX("A 1001+500 1");
	TX("A 1 4001 win=4000");
	RX("PA 4001+1000 1");
}

/* MUST-35: to nothing. */
static void window_shrinks_to_zero(struct peer *p)
{
	peer_passive(p, "win=2000 mss=1000");
	WRITE(3000);
	RX("A 1+1000 1");
	RX("A 1001+1000 1");
	TX("A 1 1001 win=0");
	/* what is out is its probe */
	RX_AT(190, 300, "A 1001+1000 1");
	TX("A 1 1001 win=0");
	RX_AT(380, 600, "A 1001+1000 1");
	peer_sleep(2000);
	STATE(ST_ESTABLISHED);
	peer_drain(p);
	TX("A 1 2001 win=3000");
	RX("PA 2001+1000 1");
}

/* MUST-1: it is unsigned. */
static void big_window(struct peer *p)
{
	int i;

	peer_passive(p, "win=40000 mss=1460");
	WRITE(14600);
	for (i = 0; i < 10; i++)
		RX("A %d+1460 1", 1 + i * 1460);
}

static void window_scale(struct peer *p)
{
	int i;

	peer_passive(p, "win=1000 mss=1000 ws=3");	/* 7323-a */
	TX("PA 1+10 1 win=500");			/* 4000 */
	RX("A 1 11");
	READ(10);
	WRITE(5000);
	for (i = 0; i < 4; i++)
		RX("A %d+1000 11", 1 + i * 1000);
	RX("PA 4001+1000 11");
	TX("A 11 5001 win=1000");
	/* ours is scaled too, but not in the SYN: 7323-b */
	TX("PA 11+1000 5001");
	RX("A 5001 1011");
	CHECK((uint32_t)p->last.win << p->ws_a > 30000);
}

/* F8, MUST-38: crumbs of window are not used. */
static void silly_window(struct peer *p)
{
	struct seg s;

	peer_passive(p, "win=2000 mss=1000");
	TX("A 1 1 win=2000");
	WRITE(10000);
	RX("A 1+1000 1");
	RX("A 1001+1000 1");
	TX("A 1 2001 win=100");
	QUIET(150);
	/* the probe timer uses what there is */
	RX_AT(190, 330, "PA 2001+100 1");
	TX("A 1 2101 win=700");
	QUIET(150);
	TX("A 1 2101 win=1000");
	CHECK(peer_get(p, &s, 10));
	CHECK(s.len >= 900);
}

static void nagle(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	WRITE(10);
	RX("PA 1+10 1");
	WRITE(10);					/* SHLD-7 */
	WRITE(10);
	QUIET(50);
	TX("A 1 11");
	RX("PA 11+20 1");
	WRITE(2000);
	RX("A 31+1460 1");
	QUIET(20);
	TX("A 1 31");
	RX("PA 1491+540 1");
	TX("A 1 2031");
	peer_set(p, IPPROTO_TCP, TCP_NODELAY, 1);	/* MUST-17 */
	for (i = 0; i < 10; i++)
		WRITE(1);
	for (i = 0; i < 10; i++)
		RX("PA %d+1 1", 2031 + i);
}

/* Turning Nagle off sends what waits. */
static void nodelay_flushes(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(10);
	RX("PA 1+10 1");
	WRITE(10);
	QUIET(50);
	peer_set(p, IPPROTO_TCP, TCP_NODELAY, 1);
	RX("PA 11+10 1");
}

static void cork(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_CORK, 1);
	WRITE(100);
	QUIET(150);
	WRITE(1400);
	RX("A 1+1460 1");
	QUIET(50);
	peer_set(p, IPPROTO_TCP, TCP_CORK, 0);
	RX("PA 1461+40 1");
	TX("A 1 1501");
	peer_set(p, IPPROTO_TCP, TCP_CORK, 1);
	WRITE(100);
	/* it gives up after a time-out's worth */
	RX_AT(195, 240, "PA 1501+100 1");
}

/* tcp(7): a cork overrides TCP_NODELAY, but for what waits when that is set. */
static void cork_nodelay(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_NODELAY, 1);
	peer_set(p, IPPROTO_TCP, TCP_CORK, 1);
	WRITE(100);
	QUIET(150);
	WRITE(1400);
	RX("A 1+1460 1");
	QUIET(50);
	/* an acknowledgment is no reason to send it */
	TX("A 1 1461");
	QUIET(50);
	peer_set(p, IPPROTO_TCP, TCP_NODELAY, 1);
	RX("PA 1461+40 1");
}

static void msg_more(struct peer *p)
{
	uint8_t b[20];
	int i;

	for (i = 0; i < 20; i++)
		b[i] = (1 + i) * 7;
	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(send(p->fd, b, 10, MSG_MORE), 10);
	QUIET(50);
	CHECK_EQ(send(p->fd, b + 10, 10, 0), 10);
	RX("PA 1+20 1");
}

static void msg_eor(struct peer *p)
{
	uint8_t b[20];
	int i;

	for (i = 0; i < 20; i++)
		b[i] = (11 + i) * 7;
	peer_passive(p, OPT_PLAIN);
	WRITE(10);
	RX("PA 1+10 1");
	CHECK_EQ(send(p->fd, b, 10, MSG_EOR), 10);
	CHECK_EQ(send(p->fd, b + 10, 10, 0), 10);
	TX("A 1 11");
	RX("PA 11+10 1");
	TX("A 1 21");
	RX("PA 21+10 1");
}

/* ---- Urgent data ---- */

/* One SIGURG has come, and only one. */
static void sigurg_came(struct peer *p)
{
	struct timespec ts = { 1, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	CHECK_EQ(sigtimedwait(&set, NULL, &ts), SIGURG);
	ts.tv_sec = 0;
	CHECK_EQ(sigtimedwait(&set, NULL, &ts), -1);
}

static void urgent_in(struct peer *p)
{
	struct pollfd pfd;
	sigset_t set;
	uint8_t c;
	int mark;

	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_BLOCK, &set, NULL);
	peer_passive(p, OPT_PLAIN);
	fcntl(p->fd, F_SETOWN, getpid());
	pfd.fd = p->fd;
	pfd.events = POLLPRI;
	TX("PAU 1+10 1 urg=5");				/* MUST-30, 62 */
	CHECK_EQ(poll(&pfd, 1, 1000), 1);
	sigurg_came(p);					/* MUST-32 */
	CHECK_EQ(recv(p->fd, &c, 1, MSG_OOB), 1);
	CHECK_EQ(c, (uint8_t)(5 * 7));
	CHECK(recv(p->fd, &c, 1, MSG_OOB) == -1 && errno == EINVAL);
	CHECK_EQ(ioctl(p->fd, SIOCATMARK, &mark), 0);
	CHECK_EQ(mark, 0);
	READ(4);
	CHECK_EQ(ioctl(p->fd, SIOCATMARK, &mark), 0);
	CHECK_EQ(mark, 1);				/* MUST-33 */
	p->rd++;
	READ(5);
	/* announced before it comes */
	TX("PAU 11+10 1 urg=15");
	sigurg_came(p);
	CHECK(recv(p->fd, &c, 1, MSG_OOB) == -1 && errno == EAGAIN);
	READ(10);
	TX("PA 21+10 1");
	CHECK_EQ(recv(p->fd, &c, 1, MSG_OOB), 1);
	CHECK_EQ(c, (uint8_t)(25 * 7));
	READ(4);
	p->rd++;
	READ(5);
}

static void urgent_inline(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, SOL_SOCKET, SO_OOBINLINE, 1);
	TX("PAU 1+10 1 urg=5");
	READ(4);
	READ(6);
	TX("PAU 11+10 1 urg=1");
	READ(10);
}

static void urgent_odd(struct peer *p)
{
	static const int urg[] = { 0, 1, 10, 11, 1000, 65535, 32768 };
	unsigned int i;
	struct seg s;
	uint8_t c;

	for (i = 0; i < ARRAY_SIZE(urg); i++) {		/* E13 */
		peer_again(p);
		peer_passive(p, OPT_PLAIN);
		TX("PAU 1+10 1 urg=%d", urg[i]);
		CHECK(peer_get(p, &s, 300));
		CHECK_EQ(s.ack, 11);
		while (recv(p->fd, &c, 1, MSG_DONTWAIT) == 1)
			;
		TX("FA 11 1");
		CHECK(peer_get(p, &s, 300));
		CHECK_EQ(s.ack, 12);
	}
}

static void urgent_out(struct peer *p)
{
	uint8_t b[10];
	int i;

	for (i = 0; i < 10; i++)
		b[i] = (11 + i) * 7;
	peer_passive(p, OPT_PLAIN);
	WRITE(10);
	RX("PA 1+10 1");
	CHECK_EQ(send(p->fd, b, 10, MSG_OOB), 10);
	RX("PAU 11+10 1 urg=10");			/* MUST-62 */
	TX("A 1 21");
	p->wr = 21;
	WRITE(10);
	RX("PA 21+10 1");
}

/* All segments of a burst point at the same byte. */
static void urgent_burst(struct peer *p)
{
	uint32_t seq = 5841;
	struct seg s;
	int i;

	p->nocheck = true;
	peer_passive(p, "win=5840 mss=1460");
	WRITE(11680);
	for (i = 0; i < 4; i++)
		CHECK(peer_get(p, &s, 1000));
	CHECK_EQ(s.seq + s.len, seq);
	CHECK_EQ(send(p->fd, "u", 1, MSG_OOB), 1);
	peer_drain(p);
	TX("A 1 5841 win=65535");
	for (; seq < 11682; seq += s.len) {
		CHECK(peer_get(p, &s, 1000));
		CHECK_EQ(s.seq, seq);
		CHECK(s.len);
		CHECK(s.flags & SEG_U);
		CHECK_EQ(s.seq + s.urg, 11682);
	}
}

/* MUST-66: an urgent pointer is told through a shut window. */
static void urgent_zero_window(struct peer *p)
{
	uint8_t b[1000];
	int i;

	for (i = 0; i < 1000; i++)
		b[i] = (1001 + i) * 7 + ((1001 + i) >> 8);
	peer_passive(p, "win=1000 mss=500");
	WRITE(1000);
	RX("A 1+500 1");
	RX("PA 501+500 1");
	TX("A 1 1001 win=0");
	CHECK_EQ(send(p->fd, b, 1000, MSG_OOB), 1000);
	CHECK(peer_get(p, &p->last, 400));
	CHECK_EQ(p->last.flags, SEG_A | SEG_U);
	CHECK_EQ(p->last.seq + p->last.urg, 2001);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(acceptability), C(no_ack_bit),
	/* AF_INET of 6.1 says nothing */
	{ .name = "ack_unsent", .fn = ack_unsent, .only = "pktpath" },
	C(out_of_order),
	C(overlap), C(seq_wrap), C(delayed_ack), C(quickack),
	/* AF_INET has it since 6.7 */
	{ .name = "aggregated_ack", .fn = aggregated_ack, .only = "pktpath" },
	C(receive_window), C(zero_window_in), C(lowat_shut), C(segments),
	C(zero_window_out), C(zero_window_for_ever), C(zero_window_silence),
	C(window_shrinks), C(window_shrinks_to_zero), C(big_window),
	C(window_scale), C(silly_window), C(nagle), C(nodelay_flushes), C(cork),
	C(cork_nodelay),
	C(msg_more), C(msg_eor), C(urgent_in), C(urgent_inline), C(urgent_odd),
	C(urgent_out), C(urgent_burst), C(urgent_zero_window),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
