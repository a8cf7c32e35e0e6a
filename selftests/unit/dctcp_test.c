// SPDX-License-Identifier: GPL-2.0
/* DCTCP's estimator and cuts against the formulas of RFC 8257. */
#include <linux/types.h>
#include "../../module/cc/dctcp.c"
#include "kselftest_harness.h"

static struct pktpath_cc start(__u32 cwnd)
{
	struct pktpath_cc c = {
		.cwnd = cwnd, .ssthresh = 0x7fffffff, .cwnd_clamp = ~0u,
		.mss = 1448, .cwnd_limited = 1, .in_flight = cwnd,
	};

	dctcp_ops.init(&c);
	return c;
}

/* A window of data of which @ce segments were marked, in acks of two. */
static void window(struct pktpath_cc *c, __u32 all, __u32 ce)
{
	struct pktpath_cc_sample s = { .acked = 2, .rtt_us = 100 };
	__u32 i;

	c->in_flight = all;
	dctcp_window(c, dctcp_priv(c));
	for (i = 0; i < all; i += 2) {
		c->delivered += 2;
		c->delivered_ce += i + 2 <= ce ? 2 : i < ce ? ce - i : 0;
		dctcp_ops.acked(c, &s);
	}
}

static double dist(double x)
{
	return x < 0 ? -x : x;
}

static double alpha(const struct pktpath_cc *c)
{
	return dctcp_priv(c)->alpha / 1024.0;
}

/* §4.2: it begins at 1. */
TEST(alpha_begins_at_one)
{
	struct pktpath_cc c = start(10);

	EXPECT_EQ(1024, dctcp_priv(&c)->alpha);
}

/* §3.3 (7), g = 1/16: within 1/1024 a step, for each share of marks. */
TEST(alpha_follows_the_formula)
{
	static const __u32 marks[5] = { 0, 2, 10, 50, 100 };
	struct pktpath_cc c;
	double want;
	size_t k;
	int i;

	for (k = 0; k < 5; k++) {
		c = start(100);
		want = 1;
		for (i = 0; i < 200; i++) {
			double was = alpha(&c);

			want = was * (1 - 1 / 16.0) +
			       1 / 16.0 * marks[k] / 100.0;
			window(&c, 100, marks[k]);
			EXPECT_LE(alpha(&c), 1);
			EXPECT_LE(dist(alpha(&c) - want), 16 / 1024.0);
		}
		/* It settles at the share of marks, less the rounding. */
		EXPECT_LE(dist(alpha(&c) - marks[k] / 100.0), 16 / 1024.0);
		EXPECT_EQ(marks[k], dctcp_priv(&c)->last_ecn);
		EXPECT_EQ(100, dctcp_priv(&c)->last_all);
	}
}

/* Without marks it goes to nought, not only near it. */
TEST(alpha_decays_to_nothing)
{
	struct pktpath_cc c = start(10);
	int i;

	for (i = 0; i < 200; i++)
		window(&c, 10, 0);
	EXPECT_EQ(0, dctcp_priv(&c)->alpha);
	EXPECT_EQ(10, dctcp_ops.ssthresh(&c));
}

/* Once a window, not once an acknowledgment. */
TEST(alpha_moves_once_a_window)
{
	struct pktpath_cc_sample s = { .acked = 2, .rtt_us = 100 };
	struct pktpath_cc c = start(100);
	int i;

	for (i = 0; i < 49; i++) {
		c.delivered += 2;
		dctcp_ops.acked(&c, &s);
		EXPECT_EQ(1024, dctcp_priv(&c)->alpha);
	}
	c.delivered += 2;
	dctcp_ops.acked(&c, &s);
	EXPECT_EQ(960, dctcp_priv(&c)->alpha);
}

/* §3.3 (8): cwnd * (1 - alpha / 2), at least two. */
TEST(cut_in_proportion)
{
	struct pktpath_cc c = start(100);

	EXPECT_EQ(50, dctcp_ops.ssthresh(&c));
	dctcp_priv(&c)->alpha = 512;
	EXPECT_EQ(75, dctcp_ops.ssthresh(&c));
	dctcp_priv(&c)->alpha = 64;
	EXPECT_EQ(97, dctcp_ops.ssthresh(&c));
	c.cwnd = 2;
	dctcp_priv(&c)->alpha = 1024;
	EXPECT_EQ(2, dctcp_ops.ssthresh(&c));
}

/* §3.5: a loss halves, whatever alpha is. */
TEST(loss_halves)
{
	struct pktpath_cc c = start(100);

	dctcp_priv(&c)->alpha = 0;
	c.state = PKTPATH_CC_OPEN;
	dctcp_ops.set_state(&c, PKTPATH_CC_CWR);
	EXPECT_EQ(0x7fffffff, c.ssthresh);
	dctcp_ops.set_state(&c, PKTPATH_CC_RECOVERY);
	EXPECT_EQ(50, c.ssthresh);
	c.cwnd = 3;
	dctcp_ops.event(&c, PKTPATH_CC_LOSS_EVENT);
	EXPECT_EQ(2, c.ssthresh);
}

/* Between marks as RFC 5681: slow start, then one segment a window. */
TEST(growth)
{
	struct pktpath_cc c = start(10);
	int i;

	dctcp_ops.cong_avoid(&c, 10);
	EXPECT_EQ(20, c.cwnd);
	c.ssthresh = 20;
	for (i = 0; i < 10; i++)
		dctcp_ops.cong_avoid(&c, 2);
	EXPECT_EQ(21, c.cwnd);
	c.cwnd_limited = 0;
	dctcp_ops.cong_avoid(&c, 1000);
	EXPECT_EQ(21, c.cwnd);
}

TEST_HARNESS_MAIN
