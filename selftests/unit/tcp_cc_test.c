// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_rtt.c tcp/tcp_reno.c tcp/tcp_cubic.c tcp/tcp_rate.c */
/* Round-trip time, NewReno and CUBIC against the formulas of their RFCs. */
#include "tcp/tcp_rate.h"
#include "tcp/tcp_reno.h"
#include "tcp/tcp_rtt.h"
#include "kselftest_harness.h"

static struct pktpath_cc start(struct pktpath_cc_ops *ops, u32 cwnd)
{
	struct pktpath_cc c = {
		.cwnd = cwnd, .ssthresh = 0x7fffffff, .cwnd_clamp = ~0u,
		.mss = 1448, .cwnd_limited = 1, .now_us = 1000000,
	};

	if (ops->init)
		ops->init(&c);
	return c;
}

/* RFC 6298 (2.1), (2.2), (5.5) */
TEST(rtt_first_sample_and_backoff)
{
	struct pp_tcp_rtt r;

	pp_tcp_rtt_init(&r);
	EXPECT_EQ(1000000, pp_tcp_rtt_rto_us(&r, 0));
	pp_tcp_rtt_sample(&r, 400000, ~0u, 1, 1, 2);
	EXPECT_EQ(400000 << 3, r.srtt_us);
	/* SRTT + 4 * RTTVAR, RTTVAR = R / 2 */
	EXPECT_EQ(400000 + 800000, pp_tcp_rtt_rto_us(&r, 0));
	EXPECT_EQ(2 * 1200000, pp_tcp_rtt_rto_us(&r, 1));
	EXPECT_EQ(PKTPATH_RTO_MAX_US, pp_tcp_rtt_rto_us(&r, 20));
}

/* RFC 6298 (2.3): SRTT moves by an eighth; the bound of 200 ms holds. */
TEST(rtt_smoothing)
{
	struct pp_tcp_rtt r;
	u32 i;

	pp_tcp_rtt_init(&r);
	pp_tcp_rtt_sample(&r, 80000, ~0u, 1, 1, 2);
	pp_tcp_rtt_sample(&r, 160000, ~0u, 2, 1, 2);
	EXPECT_EQ(90000, r.srtt_us >> 3);
	for (i = 0; i < 200; i++)
		pp_tcp_rtt_sample(&r, 1000, ~0u, 3 + i, 10 + i, 11 + i);
	EXPECT_GE(pp_tcp_rtt_rto_us(&r, 0), 200000);
	EXPECT_LT(pp_tcp_rtt_rto_us(&r, 0), 260000);
	EXPECT_EQ(1000, pp_tcp_rtt_min_us(&r));
}

/* The first segment of a burst waited for the rest: the last is the path. */
TEST(rtt_minimum)
{
	struct pp_tcp_rtt r;

	pp_tcp_rtt_init(&r);
	pp_tcp_rtt_sample(&r, 50000, 20000, 1, 1, 2);
	EXPECT_EQ(50000, r.srtt_us >> 3);
	EXPECT_EQ(20000, pp_tcp_rtt_min_us(&r));
	/* which can't be longer, nor nothing */
	pp_tcp_rtt_sample(&r, 15000, ~0u, 2, 1, 2);
	EXPECT_EQ(15000, pp_tcp_rtt_min_us(&r));
	pp_tcp_rtt_sample(&r, 15000, 0, 3, 1, 2);
	EXPECT_EQ(1, pp_tcp_rtt_min_us(&r));
}

/* RFC 5681 §3.1: slow start, then one segment a window. */
TEST(reno_growth)
{
	struct pktpath_cc c = start(&pp_tcp_reno, 10);
	int i;

	pp_tcp_reno.cong_avoid(&c, 10);
	EXPECT_EQ(20, c.cwnd);
	c.ssthresh = 20;
	for (i = 0; i < 20; i++)
		pp_tcp_reno.cong_avoid(&c, 1);
	EXPECT_EQ(21, c.cwnd);
	EXPECT_EQ(10, pp_tcp_reno.ssthresh(&c));
	c.cwnd = 3;
	EXPECT_EQ(2, pp_tcp_reno.ssthresh(&c));
	/* A window that is not used does not grow. */
	c.cwnd_limited = 0;
	pp_tcp_reno.cong_avoid(&c, 100);
	EXPECT_EQ(3, c.cwnd);
}

/* RFC 9438 §4.6: the window falls to 0.7. */
TEST(cubic_reduction)
{
	struct pktpath_cc c = start(&pp_tcp_cubic, 1000);

	EXPECT_EQ(700, pp_tcp_cubic.ssthresh(&c));
	c.cwnd = 2;
	EXPECT_EQ(2, pp_tcp_cubic.ssthresh(&c));
}

/* One round trip of @us in which every segment is acknowledged. */
static void cubic_round(struct pktpath_cc *c, u32 us)
{
	struct pktpath_cc_sample s = { .acked = 1, .rtt_us = us };
	u32 i, n = c->cwnd;

	c->in_flight = n;
	for (i = 0; i < n; i++) {
		c->now_us += us / n;
		c->delivered++;
		pp_tcp_cubic.acked(c, &s);
		pp_tcp_cubic.cong_avoid(c, 1);
	}
}

/* RFC 9438 (1): W(t) = C (t - K)^3 + W_max, K = cbrt(W_max (1 - b) / C). */
TEST(cubic_plateau)
{
	struct pktpath_cc c = start(&pp_tcp_cubic, 1000);
	int i;

	c.ssthresh = pp_tcp_cubic.ssthresh(&c);
	c.cwnd = c.ssthresh;
	/* K = cbrt(300 / 0.4) = 9.09 s: then it is back where it was. */
	for (i = 0; i < 91; i++)
		cubic_round(&c, 100000);
	EXPECT_GE(c.cwnd, 960);
	EXPECT_LE(c.cwnd, 1030);
	/* As far beyond: 1000 + 0.4 * 5^3 = 1050 after five seconds more. */
	for (i = 0; i < 50; i++)
		cubic_round(&c, 100000);
	EXPECT_GE(c.cwnd, 1030);
	EXPECT_LE(c.cwnd, 1090);
}

/* RFC 9438 (4): 9/17 of a segment a round trip up to cwnd_prior, then one. */
TEST(cubic_reno_friendly)
{
	struct pktpath_cc c = start(&pp_tcp_cubic, 100);
	int i;

	c.ssthresh = pp_tcp_cubic.ssthresh(&c);
	c.cwnd = c.ssthresh;
	for (i = 0; i < 57; i++)
		cubic_round(&c, 10000);
	EXPECT_GE(c.cwnd, 97);
	EXPECT_LE(c.cwnd, 101);
	for (i = 0; i < 50; i++)
		cubic_round(&c, 10000);
	EXPECT_GE(c.cwnd, 143);
	EXPECT_LE(c.cwnd, 151);
}

/* RFC 9438 §4.7: compared with W_max as it was lowered the last time. */
TEST(cubic_fast_convergence)
{
	struct pktpath_cc c = start(&pp_tcp_cubic, 1000);
	int i;

	pp_tcp_cubic.ssthresh(&c);
	c.cwnd = 900;			/* W_max = 900 * 0.85 = 765 */
	pp_tcp_cubic.ssthresh(&c);
	c.cwnd = 800;			/* above that: W_max = 800 */
	c.ssthresh = pp_tcp_cubic.ssthresh(&c);
	c.cwnd = c.ssthresh;
	/* K = cbrt(240 / 0.4) = 8.4 s */
	for (i = 0; i < 85; i++)
		cubic_round(&c, 100000);
	EXPECT_GE(c.cwnd, 775);
	EXPECT_LE(c.cwnd, 825);
}

/* RFC 9438 §4.2: Reno's segment a window, with a pause after every tenth. */
TEST(cubic_pauses)
{
	struct pktpath_cc_sample s = { .acked = 1, .rtt_us = 10000 };
	struct pktpath_cc c = start(&pp_tcp_cubic, 50);
	int i, j;

	c.ssthresh = 50;
	for (i = 0; i < 480; i++) {
		for (j = 0; j < 10; j++) {
			c.now_us += 120;
			c.delivered++;
			pp_tcp_cubic.acked(&c, &s);
			pp_tcp_cubic.cong_avoid(&c, 1);
		}
		c.now_us += 500000;
		pp_tcp_cubic.event(&c, PKTPATH_CC_TX_START);
	}
	/* 50 and more by one each time as many were acknowledged: 4,800 */
	EXPECT_GE(c.cwnd, 105);
	EXPECT_LE(c.cwnd, 115);
}

/*
 * HyStart: on a short path bursts of large packets make an ACK train longer than
 * half a round trip long before the path is full; a train as long as its bursts
 * take, and half the round trip, ends slow start.
 */
TEST(cubic_train)
{
	struct pktpath_cc c = start(&pp_tcp_cubic, 40);
	int i;

	c.srtt_us = 200;
	cubic_round(&c, 200);
	EXPECT_EQ(0x7fffffff, c.ssthresh);
	EXPECT_EQ(80, c.cwnd);
	c = start(&pp_tcp_cubic, 40);
	c.srtt_us = 20000;
	for (i = 0; i < 3; i++)
		cubic_round(&c, 20000);
	EXPECT_LT(c.ssthresh, 160);
}

/* A sample never exceeds what was sent in the interval. */
TEST(delivery_rate)
{
	struct pp_tcp_rate r = {};
	struct pp_tcp_rate_tx tx[10];
	struct pp_tcp_rate_sample s = {};
	u32 i, now = 1000000;

	for (i = 0; i < 10; i++)
		pp_tcp_rate_sent(&r, &tx[i], now + i * 100, !i);
	now += 50000;
	for (i = 0; i < 10; i++) {
		r.delivered++;
		r.delivered_us = now;
		pp_tcp_rate_delivered(&r, &tx[i], &s, 1000000 + i * 100,
				      false);
	}
	pp_tcp_rate_gen(&r, &s, now, 1000, false);
	EXPECT_EQ(10, s.delivered);
	EXPECT_EQ(50000, s.interval_us);
	/* Nothing delivered: no sample. */
	s = (struct pp_tcp_rate_sample){};
	pp_tcp_rate_gen(&r, &s, now, 1000, false);
	EXPECT_EQ(-1, s.interval_us);
}

TEST_HARNESS_MAIN
