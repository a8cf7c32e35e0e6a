// SPDX-License-Identifier: GPL-2.0
/*
 * Time-outs, loss and congestion: RFC 6298, 5681, 6928, 3042, 6675, 8985,
 * 5682, 3522, 9438, 3168.
 */
#include <linux/sock_diag.h>
#include "peer.h"

/* 6298-b, -d, -g: first sample, floor, backoff; MUST-18, MUST-19. */
static void rto_backoff(struct peer *p)
{
	int t = 400, i;

	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	TX("A 1 101");
	WRITE(100);
	RX("PA 101+100 1");
	RX_AT(190, 230, "PA 101+100 1");
	for (i = 0; i < 5; i++, t *= 2)
		RX_AT(t - 10, t * 9 / 8 + 20, "PA 101+100 1");
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);	/* 5681-f */
	TX("A 1 201");
	/* Karn: the answer says nothing, the backoff stays */
	WRITE(100);
	RX("PA 201+100 1");
	RX_AT(6000, 16000, "PA 201+100 1");
}

static void rto_estimate(struct peer *p)
{
	struct tcp_info ti;
	int i, at = 1;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 20; i++) {			/* 6298-c */
		WRITE(100);
		RX("PA %d+100 1", at);
		peer_sleep(100);
		at += 100;
		TX("A 1 %d", at);
	}
	ti = peer_info(p);
	CHECK_IN(ti.tcpi_rtt, 85000, 110000);
	CHECK_IN(ti.tcpi_rto, 280000, 420000);
	WRITE(100);
	RX("PA %d+100 1", at);
	RX_AT(270, 430, "PA %d+100 1", at);
}

static void initial_window(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	WRITE(20000);
	for (i = 0; i < 10; i++)			/* 5681-a */
		RX("A %d+1460 1", 1 + i * 1460);
	QUIET(20);
	TX("A 1 2921");					/* 5681-c */
	for (; i < 13; i++)
		RX("A %d+%d 1", 1 + i * 1460,
		   i == 13 ? 1020 : 1460);
	RX("PA %d+1020 1", 1 + 13 * 1460);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 12);
}

/* 5681-g, -h without SACK: limited transmit, then the head again. */
static void fast_retransmit_reno(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	WRITE(20440);
	for (i = 0; i < 10; i++)
		RX("A %d+1460 1", 1 + i * 1460);
	for (i = 0; i < 3; i++)
		TX("A 1 1");
	do {
		CHECK(peer_get(p, &p->last, 50));
	} while (p->last.seq != 1);
	CHECK_IN(peer_info(p).tcpi_snd_ssthresh, 5, 7);	/* 5681-e, 9438-a */
	TX("A 1 17521");
	peer_sleep(2);
	peer_drain(p);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 4, 8);
}

/* 6675-a, 8985-b: three segments SACKed above. */
static void fast_retransmit_sack(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	BURST(1, 10);
	TX("A 1 1 sack=1461-2921");
	TX("A 1 1 sack=1461-4381");
	TX("A 1 1 sack=1461-5841");
	RX("A 1+1460 1");
	CHECK_EQ(peer_info(p).tcpi_retrans, 1);
	TX("A 1 14601");
	peer_sleep(1);
	CHECK_EQ(peer_info(p).tcpi_retrans, 0);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 1);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 5, 8);	/* 9937-c */
}

/* 8985-e, -f: the tail is probed before the time-out. */
static void tail_probe(struct peer *p)
{
	int i;

	peer_passive(p, OPT_SACK);
	for (i = 0; i < 5; i++) {
		WRITE(1460);
		RX("PA %d+1460 1", 1 + i * 1460);
		peer_sleep(20);
		TX("A 1 %d", 1 + (i + 1) * 1460);
	}
	WRITE(4380);
	RX("A 7301+1460 1");
	RX("A 8761+1460 1");
	RX("PA 10221+1460 1");
	RX_AT(20, 90, "PA 10221+1460 1");
	TX("A 1 7301 sack=10221-11681");
	RX("A 7301+1460 1");
}

/*
 * 8985-f: the probe was not needed, as its D-SACK says, which comes when nothing
 * is in flight any more: the window stays.
 */
static void tail_probe_spurious(struct peer *p)
{
	__u32 cwnd;

	peer_passive(p, OPT_SACK);
	WRITE(1460);
	RX("PA 1+1460 1");
	peer_sleep(20);
	TX("A 1 1461");
	WRITE(2920);
	RX("A 1461+1460 1");
	RX("PA 2921+1460 1");
	cwnd = peer_info(p).tcpi_snd_cwnd;
	RX_AT(10, 90, "PA 2921+1460 1");
	TX("A 1 4381");
	TX("A 1 4381 sack=2921-4381");
	peer_sleep(1);
	WRITE(1460);
	RX("PA 4381+1460 1");
	TX("A 1 5841");
	peer_sleep(1);
	CHECK(peer_info(p).tcpi_snd_cwnd >= cwnd);
	CHECK(peer_info(p).tcpi_snd_ssthresh > 1000);
}

/* 8985-c: what is only late is not sent again. The window for that is a part
 * of the shortest round trip, so the handshake takes its time too.
 */
static void reordering(struct peer *p)
{
	int i;

	peer_passive_far(p, 40);
	for (i = 0; i < 20; i++) {
		WRITE(1460);
		RX("PA %d+1460 1", 1 + i * 1460);
		peer_sleep(40);
		TX("A 1 %d", 1 + (i + 1) * 1460);
	}
	WRITE(4380);
	RX("A 29201+1460 1");
	RX("A 30661+1460 1");
	RX("PA 32121+1460 1");
	peer_sleep(36);
	TX("A 1 29201 sack=30661-32121");
	QUIET(1);
	TX("A 1 33581");
	QUIET(300);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 0);
}

/* 2018-d, -e: what was SACKed is kept, and sent again when it is taken back. */
static void reneging(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	BURST(1, 4);
	TX("A 1 1 sack=1461-5841");
	peer_sleep(5);
	peer_drain(p);
	TX("A 1 1461");
	do {
		CHECK(peer_get(p, &p->last, 1500));
	} while (p->last.seq != 1461);
	TX("A 1 5841");
	peer_sleep(2);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

/* 5682-a, -b: new data after the head shows that nothing was lost. */
static void frto(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	BURST(1, 5);
	/* the probe of the tail comes first, then the time-out */
	do {
		CHECK(peer_get(p, &p->last, 2000));
	} while (p->last.seq != 1);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
	WRITE(2920);
	TX("A 1 1461");
	RX("A 7301+1460 1");
	TX("A 1 4381");
	peer_sleep(2);
	CHECK(peer_info(p).tcpi_snd_cwnd >= 5);		/* undone */
	peer_drain(p);
}

/* With the retransmission what was sent once is acknowledged: also spurious. */
static void frto_all(struct peer *p)
{
	long undone = peer_count(p, "TcpExt", "TCPSpuriousRTOs");

	peer_passive(p, OPT_SACK);
	BURST(1, 5);
	do {
		CHECK(peer_get(p, &p->last, 2000));
	} while (p->last.seq != 1);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
	TX("A 1 7301");
	peer_sleep(2);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPSpuriousRTOs") - undone, 1);
	CHECK(peer_info(p).tcpi_snd_cwnd >= 5);
}

/* 3522: the echo is of the first transmission. */
static void eifel(struct peer *p)
{
	uint32_t first;

	peer_passive(p, OPT_ALL);
	WRITE(1448);
	RX("PA 1+1448 1");
	first = p->ts_recent;
	do {
		CHECK(peer_get(p, &p->last, 2000));
	} while (p->last.seq != 1 || p->ts_recent == first);
	RX("PA 1+1448 1");
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
	TX("A 1 1449 ts=%u:%u", peer_tsval(p), first);
	peer_sleep(2);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 9, 12);
}

/* 5681-i: after a pause the window begins anew. */
static void idle_restart(struct peer *p)
{
	int i, at = 1;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 4; i++) {
		WRITE(14600);
		peer_sleep(5);
		at += 14600;
		TX("A 1 %d", at);
	}
	peer_sleep(2);
	peer_drain(p);
	CHECK(peer_info(p).tcpi_snd_cwnd > 15);
	peer_sleep(5000);
	WRITE(14600);
	RX("A %d+1460 1", at);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 10, 10);
	peer_drain(p);
}

/* 7661-a: what is not used does not grow. */
static void app_limited(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 40; i++) {
		WRITE(1460);
		RX("PA %d+1460 1", 1 + i * 1460);
		TX("A 1 %d", 1 + (i + 1) * 1460);
	}
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 10);
}

/* ---- ECN ---- */

static void ecn_passive(struct peer *p)
{
	peer_listen(p, 4);
	TX("SEC 0 - " OPT_PLAIN);			/* 3168-a */
	RX("SAE 0 1 tos=0");
	TX("A 1 1");
	peer_accept(p);
	WRITE(1460);
	RX("PA 1+1460 1 tos=2");			/* 3168-b */
	TX("AE 1 1461");				/* 3168-d */
	WRITE(1460);
	RX("PAC 1461+1460 1 tos=2");
	CHECK(peer_info(p).tcpi_snd_cwnd < 10);
	TX("A 1 2921");
	TX("PA 1+100 2921 tos=3");			/* 3168-c */
	RX("AE 2921 101 tos=0");
	TX("PA 101+100 2921 tos=2");
	RX("AE 2921 201");
	TX("PAC 201+100 2921 tos=2");
	CHECK(peer_get(p, &p->last, 300));
	CHECK(!(p->last.flags & SEG_E));
	READ(300);
}

static void ecn_retransmit(struct peer *p)
{
	peer_listen(p, 4);
	TX("SEC 0 - " OPT_PLAIN);
	RX("SAE 0 1");
	TX("A 1 1");
	peer_accept(p);
	WRITE(1460);
	RX("PA 1+1460 1 tos=2");
	RX("PA 1+1460 1 tos=0");			/* 3168-b */
}

static void ecn_active(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("SEC 0 - tos=0");
	TX("SAE 0 1 mss=1460");
	RX("A 1 1 tos=0");
	WRITE(100);
	RX("PA 1+100 1 tos=2");
	peer_again(p);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("SEC 0 -");
	TX("SAEC 0 1 mss=1460");			/* echoed only: no */
	RX("A 1 1");
	WRITE(100);
	RX("PA 1+100 1 tos=0");
}

static void ecn_fallback(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("SEC 0 -");
	RX("S 0 -");					/* 3168-f */
	TX("SA 0 1 mss=1460");
	RX("A 1 1");
}

/* The data of the last segment is acknowledged, its FIN is not. */
static void fin_alone(struct peer *p)
{
	struct seg s;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_CORK, 1);
	WRITE(100);
	shutdown(p->fd, SHUT_WR);
	CHECK(peer_get(p, &s, 1000));
	CHECK((s.flags & SEG_F) && s.len == 100);
	TX("A 1 101");
	CHECK(peer_get(p, &s, 1000));
	CHECK((s.flags & SEG_F) && !s.len && s.seq == 101);
	TX("A 1 102");
	STATE(ST_FIN_WAIT2);
}

/* A tail probe that was answered is no trouble that has lasted since. */
static void probe_long_ago(struct peer *p)
{
	peer_passive(p, OPT_ALL);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 10000);
	WRITE(100);
	RX("PA 1+100 1");
	RX("PA 1+100 1");
	TX("A 1 101");
	peer_sleep(30000);
	WRITE(100);
	RX("PA 101+100 1");
	RX("PA 101+100 1");
	RX("PA 101+100 1");
	RX("PA 101+100 1");
	TX("A 1 201");
	QUIET(20);
	STATE(ST_ESTABLISHED);
}

/* Nor is a window that was shut once. */
static void window_long_ago(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
	for (i = 0; i < 20; i += 10) {
		/* only what has come later shuts a window */
		TX("PA %d+10 %d", 1 + 2 * i, 1 + i);
		RX("A %d %d", 1 + i, 11 + 2 * i);
		TX("PA %d+10 %d win=0", 11 + 2 * i, 1 + i);
		RX("A %d %d", 1 + i, 21 + 2 * i);
		WRITE(10);
		RX("A %d %d", i, 21 + 2 * i);
		TX("A %d %d win=0", 21 + 2 * i, 1 + i);
		RX("A %d %d", i, 21 + 2 * i);
		TX("A %d %d", 21 + 2 * i, 1 + i);
		RX("PA %d+10 %d", 1 + i, 21 + 2 * i);
		TX("A %d %d", 21 + 2 * i, 11 + i);
		peer_sleep(60000);
	}
	STATE(ST_ESTABLISHED);
}

/* What the listener has, who is accepted has. */
static void keepalive_of_listener(struct peer *p)
{
	int on = 1, idle = 10;

	peer_listen(p, 8);
	setsockopt(p->lfd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(p->lfd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	p->mark = peer_us();
	RX_AT(9800, 10300, "A 0 1");
}

/* More is queued than the buffer may have by now: the head goes all the same. */
static void sndbuf_lowered(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
	WRITE(400000);
	for (i = 0; i < 10; i++)
		RX("A %d+1460 1", 1 + i * 1460);
	peer_set(p, SOL_SOCKET, SO_SNDBUF, 4096);
	RX_AT(180, 500, "A 1+1460 1");
	TX("A 1 14601");
	RX("A 14601+1460 1");
}

/* The send buffer grows with the window, when it is all that holds a writer up. */
static void sndbuf_grows(struct peer *p)
{
	static uint8_t b[65536];
	uint32_t first, end = 1;
	int i;

	peer_passive(p, "win=65535 mss=1460 sackok ws=7");
	p->nocheck = true;
	first = peer_meminfo(p, SK_MEMINFO_SNDBUF);
	for (i = 0; i < 12; i++) {
		while (send(p->fd, b, sizeof(b), MSG_DONTWAIT) > 0)
			;
		while (peer_get(p, &p->last, 5))
			end = p->last.seq + p->last.len;
		TX("A 1 %u", end);
	}
	CHECK(peer_meminfo(p, SK_MEMINFO_SNDBUF) >= 4 * first);
}

/* RFC 8985 §7.3: behind a tail probe the time-out runs anew. */
static void probe_then_rto(struct peer *p)
{
	peer_passive_far(p, 100);
	WRITE(2920);
	RX("A 1+1460 1");
	RX("A 1461+1460 1");
	RX_AT(185, 245, "A 1461+1460 1");
	RX_AT(285, 345, "A 1+1460 1");
}

/* RFC 8985 §6.2: reordering is seen as well if one ACK takes all of it. */
static void reordering_by_ack(struct peer *p)
{
	peer_passive_far(p, 100);
	BURST(1, 10);
	peer_sleep(100);
	TX("A 1 1 sack=13141-14601");
	TX("A 1 14601");
	CHECK_IN(peer_info(p).tcpi_reordering, 9, 10);
}

/* 6298 (5.1), 8985 §7.2: who goes on writing hears of it no later. */
static void tail_probe_of_a_writer(struct peer *p)
{
	int at, i;

	peer_passive(p, OPT_SACK);
	peer_set(p, IPPROTO_TCP, TCP_NODELAY, 1);
	at = peer_known_rtt(p, 50);
	for (i = 0; i < 10; i++) {
		if (i)
			peer_sleep(20);
		WRITE(200);
		RX("PA %d+200 1", at + 200 * i);
	}
	RX_AT(40, 90, "PA %d+200 1", at + 1800);
}

/* MUST-35, MUST-36: all arrives, and the window is shut, while a segment is
 * thought to be late.
 */
static void window_shuts_in_doubt(struct peer *p)
{
	int at, i, end = 0;
	struct seg s;

	/* so that it waits for 25 ms in doubt */
	peer_passive_far(p, 100);
	at = peer_known_rtt(p, 100);
	WRITE(28000);
	for (i = 0; i < 10; i++)
		RX("A %d+1460 1", at + i * 1460);
	TX("A 1 %d sack=%d-%d", at, at + 1460, at + 2920);
	while (peer_get(p, &s, 3))
		end = s.seq + s.len;
	if (!end)
		end = at + 14600;
	TX("A 1 %d win=0", end);
	CHECK(peer_get(p, &s, 3000));
	CHECK_EQ(s.seq, end - 1);
	CHECK_EQ(s.len, 0);
}

/*
 * The time-out fires while the segment still waits in a queue of this host: it is
 * not sent twice then, but as soon as it has left, not with the next time-out.
 */
static void retransmission_waits(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	CHECK_EQ(pp_run("tc qdisc add dev pa root tbf rate 16kbit burst 1600 latency 10s"),
		 0);
	WRITE(1460);
	RX("PA 1+1460 1");
	TX("A 1 1461");
	WRITE(1460);
	RX_AT(500, 900, "PA 1461+1460 1");
	peer_sleep(2);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 1);
	CHECK(peer_count(p, "TcpExt", "TCPSpuriousRtxHostQueues") > 0);
	CHECK_EQ(pp_run("tc qdisc del dev pa root"), 0);
	TX("A 1 2921");
	peer_sleep(1);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(rto_backoff), C(rto_estimate), C(initial_window),
	C(fast_retransmit_reno), C(fast_retransmit_sack),
	C(tail_probe), C(tail_probe_spurious),
	C(tail_probe_of_a_writer),
	C(window_shuts_in_doubt), C(retransmission_waits),
	C(reordering), C(reneging), C(frto), C(frto_all),
	C(eifel),
	C(idle_restart), C(app_limited), C(ecn_passive), C(ecn_retransmit),
	{ .name = "ecn_active", .fn = ecn_active, .sysctl = "tcp_ecn=1" },
	{ .name = "ecn_fallback", .fn = ecn_fallback,
	  .sysctl = "tcp_ecn=1" },
	C(fin_alone), C(probe_long_ago), C(window_long_ago),
	C(keepalive_of_listener), C(sndbuf_lowered), C(sndbuf_grows),
	C(probe_then_rto), C(reordering_by_ack),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
