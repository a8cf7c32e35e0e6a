// SPDX-License-Identifier: GPL-2.0
/*
 * Ending a connection (RFC 9293 §3.6, RFC 1122 §4.2.2.13, RFC 1337, 6191,
 * 5482): FIN in every state, half close, aborts, TIME_WAIT, orphans,
 * keepalive, giving up.
 */
#include "peer.h"

static void linger(struct peer *p, int on, int s)
{
	struct linger l = { .l_onoff = on, .l_linger = s };

	CHECK_EQ(setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)), 0);
}

static void bye(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
}

/* ---- The other side first ---- */

static void passive_close(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("FA 1 1");
	RX("A 1 2");
	STATE(ST_CLOSE_WAIT);
	READ_IS(0);					/* MUST-12 */
	WRITE(100);
	RX("PA 1+100 2");
	TX("A 2 101");
	bye(p);
	RX("FA 101 2");
	TX("A 2 102");
	QUIET(500);
	TX("A 2 102");
	RX("R 102 -");
}

static void close_wait_segments(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("FA 1 1");
	RX("A 1 2");
	TX("FA 1 1");					/* the FIN again */
	RX("A 1 2");
	TX("PA 2+100 1");				/* data behind it */
	QUIET(20);
	STATE(ST_CLOSE_WAIT);
	READ_IS(0);
	TX("R 2 -");
	CHECK_EQ(peer_soerror(p), EPIPE);
	STATE(ST_CLOSE);
}

/* A reset that does not count the FIN is believed. */
static void close_wait_rst(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("FA 1 1");
	RX("A 1 2");
	TX("R 1 -");
	STATE(ST_CLOSE);
	CHECK_EQ(peer_soerror(p), EPIPE);
}

/* CLOSE_WAIT may last: our data goes on as the peer acknowledges. */
static void close_wait_bulk(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	TX("FA 1 1");
	RX("A 1 2");
	WRITE(21000);
	for (i = 0; i < 10; i++)
		RX("A %d+1460 2", 1 + i * 1460);
	QUIET(5);
	TX("A 2 14601");
	for (; i < 14; i++)
		RX("A %d+1460 2", 1 + i * 1460);
	RX("PA 20441+560 2");
	TX("A 2 21001");
}

static void last_ack(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("FA 1 1");
	RX("A 1 2");
	bye(p);
	RX("FA 1 2");
	TX("A 2 1");					/* acknowledges nothing */
	QUIET(150);
	RX_AT(180, 320, "FA 1 2");			/* RTO */
	TX("A 2 2");
	QUIET(1000);
}

static void fin_with_data(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("FPA 1+200 1");
	RX("A 1 202");
	STATE(ST_CLOSE_WAIT);
	READ(200);
	READ_IS(0);
}

static void fin_out_of_order(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	TX("FPA 101+100 1");
	RX("A 1 1 sack=101-202");
	STATE(ST_ESTABLISHED);
	TX("PA 1+100 1");
	RX("A 1 202 nosack");
	STATE(ST_CLOSE_WAIT);
	READ(200);
	READ_IS(0);
}

/* ---- This side first ---- */

static void active_close(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	bye(p);
	RX("FA 1 1");
	TX("A 1 2");
	TX("FA 1 2");
	RX("A 2 2");
	TX("FA 1 2");					/* TIME_WAIT answers */
	RX("A 2 2");
	QUIET(50);
}

static void half_close(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	STATE(ST_FIN_WAIT1);
	TX("A 1 2");
	STATE(ST_FIN_WAIT2);
	TX("PA 1+500 2");
	RX("A 2 501");
	READ(500);
	CHECK(send(p->fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	QUIET(65000);					/* it has an owner */
	STATE(ST_FIN_WAIT2);
	TX("FPA 501+10 2");
	RX("A 2 512");
	READ(10);
	READ_IS(0);
	STATE(ST_CLOSE);
}

static void simultaneous_close(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	TX("FA 1 1");
	RX("A 2 2");
	STATE(ST_CLOSING);
	TX("A 2 2");
	STATE(ST_CLOSE);
	TX("FA 1 2");
	RX("A 2 2");
}

static void fin_wait1_fin_ack(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	TX("FA 1 2");					/* both at once */
	RX("A 2 2");
	STATE(ST_CLOSE);
}

static void fin_wait1_retries(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	TX("A 1 101");
	shutdown(p->fd, SHUT_WR);
	RX("FA 101 1");
	RX_AT(195, 260, "FA 101 1");
	RX_AT(390, 500, "FA 101 1");
	TX("A 1 102");
	STATE(ST_FIN_WAIT2);
}

/* The FIN rides on the last data. */
static void fin_on_data(struct peer *p)
{
	peer_passive(p, "win=1000 mss=500");
	WRITE(1250);
	RX("A 1+500 1");
	RX("A 501+500 1");
	shutdown(p->fd, SHUT_WR);
	QUIET(50);
	TX("A 1 1001 win=4000");
	RX("FPA 1001+250 1");
	TX("A 1 1252");
	STATE(ST_FIN_WAIT2);
}

/* ---- Aborts ---- */

static void unread_data(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("PA 1+100 1");
	RX("A 1 101");
	bye(p);
	RX("RA 1 101");					/* SHLD-3 */
	QUIET(100);
}

static void linger_zero(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	linger(p, 1, 0);
	bye(p);
	RX("RA 101 1");
	QUIET(500);
}

static void no_more(struct peer *p)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	CHECK_EQ(connect(p->fd, &sa, sizeof(sa)), 0);
	STATE(ST_CLOSE);
}

/* With both FINs out there is nothing to reset. */
static void abort_at_the_end(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	TX("FA 1 1");
	RX("A 2 2");
	STATE(ST_CLOSING);
	no_more(p);
	QUIET(500);
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	TX("FA 1 1");
	RX("A 1 2");
	linger(p, 1, 0);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 2");
	STATE(ST_LAST_ACK);
	bye(p);
	QUIET(500);
	/* one that still waits for the window has not been heard */
	peer_again(p);
	peer_passive(p, "win=100 mss=1460");
	WRITE(200);
	RX("A 1+100 1");
	TX("A 1 101 win=0");
	TX("FA 1 101 win=0");
	RX("A 101 2");
	shutdown(p->fd, SHUT_WR);
	STATE(ST_LAST_ACK);
	no_more(p);
	RX("RA 101 2");
	QUIET(500);
}

/* Data for nobody. */
static void data_after_close(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	bye(p);
	RX("FA 1 1");
	TX("PA 1+100 1");
	RX("R 1 -");
	TX("A 101 2");
	RX("R 2 -");
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	bye(p);
	RX("FA 1 1");
	TX("PA 1+100 2");
	RX("R 2 -");
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	bye(p);
	RX("FA 1 1");
	TX("A 1 2");
	peer_sleep(100);
	TX("PA 1+100 2");				/* FIN_WAIT_2 */
	RX("R 2 -");
}

static void shut_rd_data(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_RD);
	READ_IS(0);
	TX("PA 1+100 1");
	RX("A 1 101");
	READ(100);
	READ_IS(0);
}

static void disconnect(struct peer *p)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(connect(p->fd, &sa, sizeof(sa)), 0);
	RX("RA 1 1");
	STATE(ST_CLOSE);
}

static void reset_in(struct peer *p)
{
	char c;

	peer_passive(p, OPT_PLAIN);
	TX("PA 1+10 1");
	RX("A 1 11");
	TX("R 11 -");
	READ(10);					/* what came before */
	READ_IS(-ECONNRESET);				/* MUST-12, once */
	READ_IS(0);
	CHECK(send(p->fd, &c, 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	STATE(ST_CLOSE);
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	TX("RPA 1+20 1");				/* SHLD-2 */
	READ_IS(-ECONNRESET);
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	TX("R 1 -");
	STATE(ST_CLOSE);
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	TX("A 1 2");
	TX("R 1 -");
	STATE(ST_CLOSE);
}

/* ---- TIME_WAIT ---- */

static void to_time_wait(struct peer *p, const char *opt)
{
	peer_passive(p, opt);
	bye(p);
	RX("FA 1 1");
	TX("FA 1 2");
	RX("A 2 2");
}

static void time_wait(struct peer *p)
{
	to_time_wait(p, OPT_PLAIN);
	peer_sleep(55000);
	TX("A 2 1");					/* an old duplicate */
	QUIET(5);
	TX("PA 2+5 2");					/* data: answered */
	RX("A 2 2");
	peer_sleep(58000);				/* started again */
	TX("FA 1 2");
	RX("A 2 2");
	peer_sleep(66000);				/* MUST-13 */
	TX("FA 1 2");
	RX("R 2 -");
}

static void time_wait_rst(struct peer *p)
{
	to_time_wait(p, OPT_PLAIN);
	TX("R 2 -");					/* 1337-a */
	peer_sleep(10);
	TX("FA 1 2");
	RX("R 2 -");
	peer_again(p);
	to_time_wait(p, OPT_PLAIN);
	TX("R 500 -");
	TX("R 1 -");
	peer_sleep(10);
	TX("FA 1 2");
	RX("A 2 2");
}

static void time_wait_rfc1337(struct peer *p)
{
	to_time_wait(p, OPT_PLAIN);
	TX("R 2 -");
	peer_sleep(10);
	TX("FA 1 2");
	RX("A 2 2");
}

/* 6191-a: a new SYN that is newer opens the tuple again. */
static void time_wait_syn(struct peer *p)
{
	uint32_t old;

	to_time_wait(p, OPT_PLAIN);
	TX("S 1 -");					/* older */
	RX("A 2 2");
	peer_sleep(600);
	TX("SA 100 5");
	RX("A 2 2");
	old = p->iss_a;
	p->iss_known = false;
	p->iss_b += 1000;
	TX("S 0 -");
	RX("SA 0 1");
	CHECK((int32_t)(p->iss_a - old) > 65535);
	TX("A 1 1");
	peer_accept(p);
	STATE(ST_ESTABLISHED);
}

static void time_wait_syn_ts(struct peer *p)
{
	to_time_wait(p, OPT_ALL);
	p->iss_known = false;
	p->iss_b -= 100000;				/* older by number */
	peer_sleep(10);
	TX("S 0 - " OPT_ALL);				/* newer by timestamp */
	RX("SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	STATE(ST_ESTABLISHED);
}

static void time_wait_paws(struct peer *p)
{
	to_time_wait(p, OPT_ALL);
	TX("S 5000 - mss=1460 ts=1");
	RX("A 2 2");
}

static void fin_wait2_orphan(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	bye(p);
	RX("FA 1 1");
	TX("A 1 2");
	peer_sleep(55000);
	TX("FA 1 2");					/* still waited for */
	RX("A 2 2");
	TX("FA 1 2");
	RX("A 2 2");
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	bye(p);
	RX("FA 1 1");
	TX("A 1 2");
	peer_sleep(66000);				/* F10 */
	TX("FA 1 2");
	RX("R 2 -");
}

static void linger2(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_LINGER2, 3);
	bye(p);
	RX("FA 1 1");
	TX("A 1 2");
	peer_sleep(2500);
	TX("A 1 2");
	QUIET(1000);
	TX("FA 1 2");
	RX("R 2 -");
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_LINGER2, -1);
	bye(p);
	RX("FA 1 1");
	TX("A 1 2");
	peer_sleep(10);
	TX("FA 1 2");
	RX("R 2 -");
}

/* A FIN that nobody acknowledges, and nobody waits for. */
static void orphan_retries(struct peer *p)
{
	int i, n = 0;
	struct seg s;

	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	TX("A 1 101");
	bye(p);
	for (i = 0; i < 20; i++) {
		if (!peer_get(p, &s, 130000))
			break;
		CHECK_EQ(s.flags, SEG_F | SEG_A);
		n++;
	}
	CHECK_IN(n, 8, 10);				/* F7: orphan_retries 8 */
	TX("A 1 102");
	RX("R 102 -");
}

static void linger_wait(struct peer *p)
{
	int status = 1;
	int64_t t;
	pid_t pid;

	peer_passive(p, OPT_PLAIN);
	linger(p, 1, 2);
	fcntl(p->fd, F_SETFL, 0);
	t = peer_us();
	bye(p);						/* no answer: 2 s */
	CHECK_IN(peer_us() - t, 1990000, 2100000);
	RX("FA 1 1");
	peer_drain(p);
	TX("R 1 -");
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	linger(p, 1, 5);
	fcntl(p->fd, F_SETFL, 0);
	pid = fork();
	if (!pid) {
		close(p->lfd);
		t = peer_us();
		close(p->fd);
		t = peer_us() - t;
		_exit(t > 90000 && t < 200000 ? 0 : 1);
	}
	close(p->fd);
	p->fd = -1;
	RX("FA 1 1");
	peer_sleep(100);
	TX("A 1 2");
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
}

/* ---- Keepalive ---- */

static void keepalive_off(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	QUIET(8000000);					/* MUST-25 */
	STATE(ST_ESTABLISHED);
}

static void keepalive_default(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	p->mark = peer_us();
	peer_set(p, SOL_SOCKET, SO_KEEPALIVE, 1);	/* MUST-24 */
	for (i = 0; i < 9; i++) {			/* MUST-28, K4 */
		struct seg s;
		int t = i ? 75000 : 7200000;

		/* the farther a timer is, the coarser it is */
		CHECK(peer_get(p, &s, t * 9 / 8 + 1000));
		CHECK_IN((s.us - p->mark) / 1000, t - 100, t * 9 / 8);
		CHECK_EQ(s.seq, 0);
		CHECK_EQ(s.len, 0);
		CHECK_EQ(s.flags, SEG_A);
		p->mark = s.us;
	}
	RX_AT(74900, 84000, "RA 1 1");
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
	STATE(ST_CLOSE);
}

static void keepalive_alive(struct peer *p)
{
	int i, k;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_KEEPIDLE, 10);	/* MUST-27 */
	peer_set(p, IPPROTO_TCP, TCP_KEEPINTVL, 3);
	peer_set(p, IPPROTO_TCP, TCP_KEEPCNT, 4);
	peer_set(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	p->mark = peer_us();
	for (k = 0; k < 3; k++) {			/* MUST-29 */
		RX_AT(9900, 10300, "A 0 1");
		for (i = 0; i < 3; i++)
			RX_AT(2900, 3300, "A 0 1");
		TX("A 1 1");
	}
	peer_sleep(5000);
	TX("PA 1+10 1");				/* MUST-26 */
	RX("A 1 11");
	RX_AT(9900, 10300, "A 0 11");
	for (i = 0; i < 3; i++)
		RX_AT(2900, 3300, "A 0 11");
	RX_AT(2900, 3300, "RA 1 11");
	READ(10);
	READ_IS(-ETIMEDOUT);
}

static void keepalive_user_timeout(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	peer_set(p, IPPROTO_TCP, TCP_KEEPINTVL, 3);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 15000);
	peer_set(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	p->mark = peer_us();
	RX_AT(9900, 10300, "A 0 1");
	RX_AT(2900, 3300, "A 0 1");
	RX_AT(2900, 3300, "RA 1 1");
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

/* A peer that answers a probe with a reset. */
static void keepalive_reset(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	peer_set(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	RX_AT(9900, 11500, "A 0 1");
	TX("R 1 -");
	CHECK_EQ(peer_soerror(p), ECONNRESET);
}

/* ---- Giving up ---- */

static void data_gives_up(struct peer *p)
{
	struct pollfd pfd = { 0 };
	int64_t from;
	struct seg s;
	int n = 0;

	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	TX("A 1 101");
	WRITE(100);
	RX("PA 101+100 1");
	from = p->mark;
	pfd.fd = p->fd;
	CHECK_EQ(poll(&pfd, 1, 2000000), 1);		/* MUST-20, K5 */
	CHECK_IN((peer_us() - from) / 1000, 906100, 943100);
	while (peer_get(p, &s, 0))
		n++;
	CHECK_IN(n, 15, 17);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
	STATE(ST_CLOSE);
}

static void user_timeout(struct peer *p)
{
	struct pollfd pfd;
	int64_t from;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);	/* MUST-21 */
	WRITE(100);
	RX("PA 1+100 1");
	from = p->mark;
	pfd.fd = p->fd;
	pfd.events = 0;
	CHECK_EQ(poll(&pfd, 1, 20000), 1);
	CHECK_IN((peer_us() - from) / 1000, 4900, 5900);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

static void soft_error(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000);
	WRITE(100);
	RX("PA 1+100 1");
	peer_icmp(p, 3, 1, 0, 1);			/* MUST-56 */
	STATE(ST_ESTABLISHED);
	CHECK_EQ(peer_soerror(p), EHOSTUNREACH);	/* MUST-47 */
	CHECK_EQ(peer_soerror(p), 0);
	peer_icmp(p, 3, 1, 0, 1);
	peer_icmp(p, 3, 1, 0, 5000);			/* not in flight */
	peer_sleep(5000);
	STATE(ST_CLOSE);
	CHECK_EQ(peer_soerror(p), EHOSTUNREACH);
}

/* Only what has come later shuts a window. */
static void shut_window(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("PA 1+10 1");
	RX("A 1 11");
	TX("PA 11+10 1 win=0");
	RX("A 1 21");
	READ(20);
}

/* The window takes the last data, but not the FIN behind it: the data goes as
 * a probe, and the FIN later.
 */
static void fin_beyond_window(struct peer *p)
{
	shut_window(p);
	WRITE(500);
	bye(p);
	RX("A 0 21");
	TX("A 21 1 win=500");
	RX_AT(0, 2000, "PA 1+500 21");
	TX("A 21 501");
	RX("FPA 501 21");
	TX("A 21 502");
}

/* An orphan ends, though its peer answers each probe of a shut window. */
static void orphan_zero_window(struct peer *p)
{
	struct seg s;
	int i;

	shut_window(p);
	WRITE(100);
	bye(p);
	for (i = 0; i < 16 && peer_get(p, &s, 130000); i++)
		TX("A 21 1 win=0");
	CHECK_IN(i, 8, 13);
	TX("A 21 1 win=0");
	RX("R 1 -");
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(passive_close), C(close_wait_segments), C(close_wait_rst), C(close_wait_bulk),
	C(last_ack), C(fin_with_data), C(fin_out_of_order), C(active_close),
	C(half_close), C(simultaneous_close), C(fin_wait1_fin_ack),
	C(fin_wait1_retries), C(fin_on_data), C(unread_data), C(linger_zero),
	C(data_after_close), C(shut_rd_data), C(disconnect), C(reset_in),
	C(time_wait), C(time_wait_rst),
	{ .name = "time_wait_rfc1337", .fn = time_wait_rfc1337,
	  .sysctl = "tcp_rfc1337=1" },
	C(time_wait_syn), C(time_wait_syn_ts), C(time_wait_paws),
	C(fin_wait2_orphan), C(linger2), C(orphan_retries), C(linger_wait),
	C(keepalive_off), C(keepalive_default), C(keepalive_alive),
	C(keepalive_user_timeout), C(keepalive_reset), C(data_gives_up),
	C(abort_at_the_end),
	C(user_timeout), C(soft_error), C(fin_beyond_window),
	{ .name = "orphan_zero_window", .fn = orphan_zero_window,
	  .sysctl = "tcp_orphan_retries=2" },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
