// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_opt.c */
/* TCP options: what is built is read back, what is malformed ends the list. */
#include "tcp/tcp_opt.h"
#include "kselftest_harness.h"

static const struct pp_tcp_opt syn_options = {
	.mss = 1460, .wscale_ok = 1, .wscale = 7, .sack_perm = 1, .ts_ok = 1,
	.tsval = 0x01020304, .tsecr = 0xa0b0c0d0,
};

/* RFC 9293 §3.2, RFC 7323, RFC 2018 */
TEST(syn_round_trip)
{
	struct pp_tcp_opt o;
	u8 p[40];
	unsigned int n = pp_tcp_opt_build(p, &syn_options, true);

	EXPECT_EQ(pp_tcp_opt_size(&syn_options, true), n);
	EXPECT_EQ(0, n % 4);
	ASSERT_TRUE(pp_tcp_opt_parse(p, n, true, &o));
	EXPECT_EQ(1460, o.mss);
	EXPECT_TRUE(!!o.wscale_ok);
	EXPECT_EQ(7, o.wscale);
	EXPECT_TRUE(!!o.sack_perm);
	EXPECT_TRUE(!!o.ts_ok);
	EXPECT_EQ(0x01020304, o.tsval);
	EXPECT_EQ(0xa0b0c0d0, o.tsecr);
}

/* MUST-65: outside a SYN these say nothing. */
TEST(syn_options_count_in_a_syn_only)
{
	struct pp_tcp_opt o;
	u8 p[40];
	unsigned int n = pp_tcp_opt_build(p, &syn_options, true);

	ASSERT_TRUE(pp_tcp_opt_parse(p, n, false, &o));
	EXPECT_EQ(0, o.mss);
	EXPECT_TRUE(!o.wscale_ok);
	EXPECT_TRUE(!o.sack_perm);
	EXPECT_TRUE(!!o.ts_ok);
}

/* RFC 7323 §2.3 */
TEST(scale_above_14_is_14)
{
	static const u8 p[] = { 3, 3, 200, 0 };
	struct pp_tcp_opt o;

	ASSERT_TRUE(pp_tcp_opt_parse(p, sizeof(p), true, &o));
	EXPECT_EQ(14, o.wscale);
}

/* RFC 2018 §3: four blocks fit alone, three beside a timestamp. */
TEST(sack_blocks_that_fit)
{
	struct pp_tcp_opt in = { .nsacks = 4 }, o;
	unsigned int i, n;
	u8 p[40];

	for (i = 0; i < 4; i++) {
		in.sacks[i].start = 1000 * i + 1;
		in.sacks[i].end = 1000 * i + 501;
	}
	n = pp_tcp_opt_build(p, &in, false);
	EXPECT_EQ(36, n);
	ASSERT_TRUE(pp_tcp_opt_parse(p, n, false, &o));
	ASSERT_EQ(4, o.nsacks);
	EXPECT_EQ(3001, o.sacks[3].start);
	in.ts_ok = 1;
	n = pp_tcp_opt_build(p, &in, false);
	EXPECT_EQ(40, n);
	ASSERT_TRUE(pp_tcp_opt_parse(p, n, false, &o));
	EXPECT_EQ(3, o.nsacks);
}

/* RFC 2385 §3.1: the option takes 20 bytes, and is found wherever it is. */
TEST(signature)
{
	static const u8 behind[] = { 2, 4, 5, 180, 19, 18, 1, 2, 3, 4, 5, 6,
				     7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	static const u8 cut[] = { 1, 1, 19, 18, 0, 0 };
	static const u8 odd[] = { 19, 4, 0, 0, 0 };
	struct pp_tcp_opt in = syn_options, o;
	unsigned int n;
	u8 p[40];

	in.md5 = 1;
	in.ts_ok = 0;
	n = pp_tcp_opt_build(p, &in, true);
	EXPECT_EQ(32, n);
	EXPECT_EQ(pp_tcp_opt_size(&in, true), n);
	EXPECT_EQ(p + 4, pp_tcp_opt_md5(p, n));
	ASSERT_TRUE(pp_tcp_opt_parse(p, n, true, &o));
	EXPECT_EQ(1460, o.mss);
	EXPECT_EQ(7, o.wscale);
	in.nsacks = 4;
	n = pp_tcp_opt_build(p, &in, false);
	EXPECT_EQ(40, n);
	ASSERT_TRUE(pp_tcp_opt_parse(p, n, false, &o));
	EXPECT_EQ(2, o.nsacks);
	EXPECT_EQ(behind + 6, pp_tcp_opt_md5(behind, sizeof(behind)));
	EXPECT_EQ(NULL, pp_tcp_opt_md5(cut, sizeof(cut)));
	EXPECT_EQ(NULL, pp_tcp_opt_md5(odd, sizeof(odd)));
	EXPECT_EQ(NULL, pp_tcp_opt_md5(p, 0));
}

/* The common list is recognised, and only that. */
TEST(fast_timestamp)
{
	struct pp_tcp_opt in = { .ts_ok = 1, .tsval = 5, .tsecr = 9 };
	u32 val = 0, ecr = 0;
	u8 p[40], q[12];

	ASSERT_EQ(12, pp_tcp_opt_build(p, &in, false));
	EXPECT_TRUE(pp_tcp_opt_fast_ts(p, 12, &val, &ecr));
	EXPECT_EQ(5, val);
	EXPECT_EQ(9, ecr);
	EXPECT_FALSE(pp_tcp_opt_fast_ts(p, 8, &val, &ecr));
	pp_tcp_opt_build_fast_ts(q, 5, 9);
	EXPECT_EQ(0, memcmp(p, q, 12));
	p[0] = 0;
	EXPECT_FALSE(pp_tcp_opt_fast_ts(p, 12, &val, &ecr));
}

/* MUST-5, MUST-6, MUST-7 */
TEST(malformed)
{
	static const u8 zero[] = { 2, 0, 5, 180 };
	static const u8 one[] = { 8, 1, 1, 1 };
	static const u8 beyond[] = { 2, 4, 5, 180, 8, 10, 0, 0 };
	static const u8 lone[] = { 1, 1, 1, 2 };
	static const u8 unknown[] = { 254, 4, 1, 2, 2, 4, 5, 180 };
	static const u8 ended[] = { 0, 2, 0, 0 };
	struct pp_tcp_opt o;

	EXPECT_FALSE(pp_tcp_opt_parse(zero, sizeof(zero), true, &o));
	EXPECT_FALSE(pp_tcp_opt_parse(one, sizeof(one), true, &o));
	EXPECT_FALSE(pp_tcp_opt_parse(beyond, sizeof(beyond), true, &o));
	EXPECT_EQ(1460, o.mss);
	EXPECT_FALSE(pp_tcp_opt_parse(lone, sizeof(lone), true, &o));
	EXPECT_TRUE(pp_tcp_opt_parse(unknown, sizeof(unknown), true, &o));
	EXPECT_EQ(1460, o.mss);
	EXPECT_TRUE(pp_tcp_opt_parse(ended, sizeof(ended), true, &o));
}

/* Sequence numbers compare on a circle. */
TEST(sequence)
{
	EXPECT_TRUE(pp_seq_before(0xfffffff0, 0x10));
	EXPECT_TRUE(pp_seq_after(0x10, 0xfffffff0));
	EXPECT_FALSE(pp_seq_before(5, 5));
	EXPECT_TRUE(pp_seq_between(0xfffffff0, 0, 0x10));
	EXPECT_FALSE(pp_seq_between(0xfffffff0, 0x10, 0x10));
}

TEST_HARNESS_MAIN
