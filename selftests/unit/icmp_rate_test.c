// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/icmp_rate.c */
/* Token buckets of ICMP errors: rates, bursts, wrap of time, sharing. */
#include <stdlib.h>
#include "ip/icmp_rate.h"
#include "kselftest_harness.h"

#define TICKS 1000	/* a second */

/* Messages that pass in @ticks when every tick asks @ask times. */
static unsigned int flood(struct pp_icmp_global *g, u32 *now, u32 ticks,
			  unsigned int ask, u32 per_sec, u32 burst, u32 random)
{
	unsigned int sent = 0, i;

	for (; ticks; ticks--, (*now)++) {
		for (i = 0; i < ask; i++) {
			if (!pp_icmp_global_allow(g, *now, TICKS, per_sec,
						  burst))
				continue;
			pp_icmp_global_take(g, random ? random : rand() * 2U);
			sent++;
		}
	}
	return sent;
}

/* ICMP-8, RFC 1812 §4.3.2.8 */
TEST(global_rate_holds)
{
	struct pp_icmp_global g = { 0, 0 };
	u32 now = 5 * TICKS;
	unsigned int n;

	/* 0x55555556 costs exactly 1 */
	n = flood(&g, &now, 10 * TICKS, 50, 1000, 50, 0x55555556);
	ASSERT_GE(n, 9000);
	ASSERT_LE(n, 10000 + 2 * 50);
}

/* D5: the price is random, its mean is one. */
TEST(global_price_is_drawn)
{
	struct pp_icmp_global g = { 0, 0 };
	unsigned int seen[3] = { 0 };
	s32 before;
	u32 r;

	for (r = 0; r < 0xffffff00; r += 0x10001) {
		before = g.credit;
		pp_icmp_global_take(&g, r);
		ASSERT_TRUE(before - g.credit >= 0 && before - g.credit <= 2);
		seen[before - g.credit]++;
	}
	ASSERT_TRUE(abs((int)(seen[0] - seen[1])) < 10);
	ASSERT_TRUE(abs((int)(seen[1] - seen[2])) < 10);
}

/*
 * The attack of D5 (SAD DNS): the bucket is empty and fills for a second; the
 * attacker sends @closed spoofed probes to ports that he knows closed and one
 * to the port in question, then asks himself. Returns how often of a
 * thousand the better of both readings of the answer is right.
 */
static unsigned int sad_dns(unsigned int closed, unsigned int trials, bool one)
{
	struct pp_icmp_global g = { 0, 0 };
	unsigned int right = 0, i, t;
	u32 now = 7 * TICKS;
	bool open;

	for (t = 0; t < trials; t++) {
		open = rand() & 1;
		while (pp_icmp_global_allow(&g, now, TICKS, 1000, 50))
			pp_icmp_global_take(&g, 0x55555556);
		now += TICKS;
		for (i = 0; i < closed + !open; i++)
			if (pp_icmp_global_allow(&g, now, TICKS, 1000, 50))
				pp_icmp_global_take(&g, one ? 0x55555556 :
						    rand() * 2U);
		right += open == pp_icmp_global_allow(&g, now, TICKS, 1000, 50);
	}
	return 1000ULL * (right > trials - right ? right : trials - right) /
	       trials;
}

TEST(D5_side_channel_says_nearly_nothing)
{
	unsigned int closed, got;

	srand(1);
	/* with a price of exactly one it says all */
	EXPECT_EQ(1000, sad_dns(49, 2000, true));
	for (closed = 30; closed <= 70; closed++) {
		got = sad_dns(closed, 20000, false);
		EXPECT_LE(got, 550) {
			TH_LOG("%u closed: right %u of 1000", closed, got);
		}
	}
}

TEST(global_burst_is_the_bound)
{
	struct pp_icmp_global g = { 0, 0 };
	u32 now = 0x7fffffff;
	unsigned int n;

	n = flood(&g, &now, 1, 10000, 100000, 50, 0x55555556);
	ASSERT_EQ(50, n);
}

TEST(global_zero_sends_nothing)
{
	struct pp_icmp_global g = { 0, 0 };
	u32 now = 10 * TICKS;

	ASSERT_EQ(0, flood(&g, &now, TICKS, 3, 0, 50, 0x55555556));
	ASSERT_EQ(0, flood(&g, &now, TICKS, 3, 1000, 0, 0x55555556));
}

TEST(global_time_wraps)
{
	struct pp_icmp_global g = { 0xffffff00, 0 };
	u32 now = 0xffffff00;
	unsigned int n;

	n = flood(&g, &now, TICKS, 10, 1000, 50, 0x55555556);
	ASSERT_GE(n, 900);
	ASSERT_LE(n, 1050);
}

/* One a second after a burst of six. */
TEST(dest_rate_holds)
{
	struct pp_icmp_dest d = { 0, 0, 0 };
	unsigned int n = 0;
	u32 t;

	for (t = 0; t < 20 * TICKS; t++)
		n += pp_icmp_dest_allow(&d, 7, t, TICKS);
	ASSERT_EQ(PKTPATH_ICMP_DEST_BURST + 19, n);
}

TEST(dest_no_limit)
{
	struct pp_icmp_dest d = { 0, 0, 0 };
	unsigned int i;

	for (i = 0; i < 1000; i++)
		ASSERT_TRUE(pp_icmp_dest_allow(&d, 7, 1, 0));
}

/* Another source in the same bucket cannot wash the limit away. */
TEST(dest_busy_bucket_is_shared)
{
	struct pp_icmp_dest d = { 0, 0, 0 };
	unsigned int i, n = 0;

	for (i = 0; i < 1000; i++)
		n += pp_icmp_dest_allow(&d, 1 + 2 * (i % 5), 100, TICKS);
	ASSERT_EQ(PKTPATH_ICMP_DEST_BURST, n);
	/* full again after a quiet time: the next comer has it */
	ASSERT_TRUE(pp_icmp_dest_allow(&d, 99, 100 + 6 * TICKS, TICKS));
	ASSERT_EQ(99, d.tag);
	ASSERT_EQ(5 * TICKS, d.tokens);
}

TEST(dest_huge_limit_does_not_overflow)
{
	struct pp_icmp_dest d = { 0, 0, 0 };
	unsigned int i, n = 0;

	for (i = 0; i < 100; i++)
		n += pp_icmp_dest_allow(&d, 3, i, 0xffffffff);
	ASSERT_EQ(PKTPATH_ICMP_DEST_BURST, n);
}

TEST_HARNESS_MAIN
