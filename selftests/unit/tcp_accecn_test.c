// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_accecn.c tcp/tcp_opt.c */
/* Accurate ECN against the tables and rules of RFC 9768. */
#include "tcp/tcp_accecn.h"
#include "kselftest_harness.h"

enum { NOT_ECT, ECT1, ECT0, CE };

/* §3.2.2 figure 3: AE is the last bit of byte 12, CWR and ECE begin byte 13. */
TEST(field_in_the_header)
{
	u8 th[20] = { [12] = 0x50, [13] = 0x10 };
	u8 ace;

	for (ace = 0; ace < 8; ace++) {
		pp_accecn_set_ace(th, ace);
		EXPECT_EQ(ace, pp_accecn_ace(th));
		EXPECT_EQ(0x50 | ace >> 2, th[12]);
		EXPECT_EQ(0x10 | (ace & 3) << 6, th[13]);
	}
}

/* Tables 2 and 3, and the way back in table 4. */
TEST(a_syn_is_reflected)
{
	static const u8 want[4] = { 2, 3, 4, 6 };
	u8 sent, got;

	for (got = 0; got < 4; got++) {
		EXPECT_EQ(want[got], pp_accecn_reflect(got));
		for (sent = 0; sent < 4; sent++)
			EXPECT_EQ(got != sent && !(got == CE && sent),
				  pp_accecn_mangled(want[got], sent));
	}
	/* What is not used says nothing. */
	EXPECT_FALSE(pp_accecn_mangled(1, NOT_ECT));
	EXPECT_FALSE(pp_accecn_mangled(5, NOT_ECT));
	EXPECT_FALSE(pp_accecn_mangled(7, NOT_ECT));
}

/* §3.1.2, §3.1.3. */
TEST(negotiation)
{
	static const enum pp_ecn_mode mode[8] = {
		PKTPATH_ECN_NONE, PKTPATH_ECN_CLASSIC, PKTPATH_ECN_ACCURATE,
		PKTPATH_ECN_ACCURATE, PKTPATH_ECN_ACCURATE,
		PKTPATH_ECN_ACCURATE, PKTPATH_ECN_ACCURATE, PKTPATH_ECN_NONE,
	};
	u8 ace;

	for (ace = 0; ace < 8; ace++) {
		EXPECT_EQ(mode[ace], pp_accecn_of_synack(ace));
		EXPECT_EQ(ace != 0 && ace != 3, pp_accecn_syn_asks(ace));
	}
}

/* Table 4. */
TEST(third_segment)
{
	u8 ace;

	for (ace = 0; ace < 8; ace++) {
		struct pp_accecn a = {}, b = {}, c = {};

		pp_accecn_third(&a, ace, true, true);
		EXPECT_EQ(ace == 6, a.s_ce);
		EXPECT_EQ(ace == 0, !!a.mute);
		EXPECT_EQ(ace == 0 || ace == 3 || ace == 4 || ace == 6,
			  !!(a.fail & PKTPATH_ACCECN_ACE_RECV));
		/* Data has a counter, not the handshake's encoding. */
		pp_accecn_third(&b, ace, false, true);
		EXPECT_EQ(0, b.s_ce);
		EXPECT_EQ(ace == 0, !!b.mute);
		/* net.pktpath.tcp_ecn_fallback 0 */
		pp_accecn_third(&c, ace, true, false);
		EXPECT_EQ(ace == 0, !!(c.fail & PKTPATH_ACCECN_ACE_RECV));
	}
}

/* §3.2: all packets count, of the bytes payload alone. */
TEST(a_receiver_counts)
{
	struct pp_accecn a = { .last = ECT0 };

	EXPECT_EQ(5, pp_accecn_counter(&a));
	EXPECT_FALSE(pp_accecn_rcv(&a, ECT0, 1, 1000));
	EXPECT_EQ(0, a.demand);
	EXPECT_TRUE(pp_accecn_rcv(&a, CE, 1, 1000));
	EXPECT_EQ(2, a.demand);
	EXPECT_EQ(6, pp_accecn_counter(&a));
	/* Not a change any more. */
	EXPECT_FALSE(pp_accecn_rcv(&a, CE, 3, 2500));
	EXPECT_EQ(1, pp_accecn_counter(&a));
	EXPECT_FALSE(pp_accecn_rcv(&a, NOT_ECT, 1, 700));
	/* An acknowledgment is marked: nothing to be acknowledged. */
	EXPECT_FALSE(pp_accecn_rcv(&a, CE, 1, 0));
	EXPECT_EQ(5, a.r_ce);
	EXPECT_EQ(0, a.r_bytes[0]);
	EXPECT_EQ(1000, a.r_bytes[1]);
	EXPECT_EQ(3500, a.r_bytes[2]);
	EXPECT_EQ(1 << 1 | 1 << 2, a.need);
}

/* §3.2.2.5.1: n is 2 with data, 3 without; far more than 255 at once. */
TEST(increments_are_acknowledged)
{
	struct pp_accecn a = {};

	pp_accecn_rcv(&a, CE, 1, 0);
	EXPECT_FALSE(pp_accecn_owed(&a, true));
	pp_accecn_rcv(&a, CE, 1, 0);
	EXPECT_TRUE(pp_accecn_owed(&a, true));
	EXPECT_FALSE(pp_accecn_owed(&a, false));
	pp_accecn_rcv(&a, CE, 1, 0);
	EXPECT_TRUE(pp_accecn_owed(&a, false));
	pp_accecn_rcv(&a, CE, 65535, 0);
	EXPECT_EQ(255, a.pending);
}

/* §3.2.3.3: at least once in 2^22 bytes. */
TEST(a_counter_is_repeated)
{
	struct pp_accecn a = { .last = ECT0 };
	int i;

	for (i = 0; i < 4 * 1024 * 1024 / 1024 - 1; i++)
		pp_accecn_rcv(&a, ECT0, 1, 1024);
	EXPECT_EQ(0, a.demand);
	pp_accecn_rcv(&a, ECT0, 1, 1024);
	EXPECT_EQ(1, a.demand);
}

static u32 delta(struct pp_accecn *a, u8 ace, u32 segs, int bytes)
{
	struct pp_accecn_ack k = {
		.segs = segs, .mss = 1000, .ce_bytes = bytes < 0 ? 0 : bytes,
		.bytes_ok = bytes >= 0, .sure = true,
	};

	return pp_accecn_delta(a, ace, &k);
}

/* §3.2.2.2: the least the field can mean, from any count. */
TEST(field_goes_round)
{
	u32 had, more;

	for (had = 0; had < 20; had++)
		for (more = 0; more < 8; more++) {
			struct pp_accecn a = { .s_ce = had };

			EXPECT_EQ(more, delta(&a, (5 + had + more) & 7, 7, -1));
		}
}

/* Appendix A.2.1: a long gap is taken for the worst, if gaps are not usual. */
TEST(long_gap_without_bytes)
{
	struct pp_accecn a = { .ewma = 2 << 6 }, thin = { .ewma = 10 << 6 };

	EXPECT_EQ(9, delta(&a, 6, 10, -1));
	EXPECT_EQ(8, delta(&a, 5, 10, -1));
	EXPECT_EQ(3, delta(&a, 0, 10, -1));
	EXPECT_EQ(97, delta(&a, 6, 100, -1));
	EXPECT_EQ(1, delta(&thin, 6, 10, -1));
}

/* Appendix A.2.2: bytes say which. */
TEST(long_gap_with_bytes)
{
	struct pp_accecn a = {};

	EXPECT_EQ(0, delta(&a, 5, 10, 0));
	EXPECT_EQ(8, delta(&a, 5, 10, 8000));
	EXPECT_EQ(1, delta(&a, 6, 10, 1000));
	EXPECT_EQ(9, delta(&a, 6, 10, 9000));
	EXPECT_EQ(9, delta(&a, 6, 10, 5000));
	/* Long enough to tell between several rounds. */
	EXPECT_EQ(8, delta(&a, 5, 40, 8000));
	EXPECT_EQ(24, delta(&a, 5, 40, 24000));
	EXPECT_EQ(40, delta(&a, 5, 40, 40000));
	EXPECT_EQ(40, delta(&a, 5, 40, 4000000));
	/* What was counted before the option came is no news. */
	a.s_ce = 16;
	EXPECT_EQ(0, delta(&a, 5, 40, 16000));
	EXPECT_EQ(8, delta(&a, 5, 40, 24000));
}

/* §3.2.1, §3.2.3: what one side writes the other reads, in both orders. */
TEST(option_round_trip)
{
	struct pp_accecn a = { .last = ECT0 }, b = {};
	struct pp_tcp_opt in = { .ts_ok = 1 }, o;
	unsigned int n, i;
	u32 ce = 1;
	u8 p[40];

	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(pp_accecn_opt_fill(&a, &in));
		EXPECT_EQ(174, in.accecn);
		EXPECT_EQ(3, in.accecn_n);
		n = pp_tcp_opt_build(p, &in, false);
		EXPECT_EQ(24, n);
		ASSERT_TRUE(pp_tcp_opt_parse(p, n, false, &o));
		pp_accecn_opt_seen(&b, &o);
		EXPECT_EQ(PKTPATH_ACCECN_SEEN_COUNTERS, b.seen);
		EXPECT_TRUE(pp_accecn_opt_read(&b, &o, &ce));
		EXPECT_EQ(i ? 3000000 : 0, ce);
		EXPECT_EQ(i * 1000000, b.s_bytes[0]);
		EXPECT_EQ(i * 2000000, b.s_bytes[1]);
		EXPECT_EQ(i * 3000000, b.s_bytes[2]);
		pp_accecn_rcv(&a, ECT1, 1, 1000000);
		pp_accecn_rcv(&a, ECT0, 1, 2000000);
		pp_accecn_rcv(&a, CE, 1, 3000000);
	}
}

/* 24 bits are not enough for long. */
TEST(counters_go_round)
{
	struct pp_accecn a = {}, b = {};
	struct pp_tcp_opt o = {};
	u32 ce, i;

	for (i = 1; i <= 20; i++) {
		pp_accecn_rcv(&a, CE, 1, 5000000);
		ASSERT_TRUE(pp_accecn_opt_fill(&a, &o));
		EXPECT_TRUE(pp_accecn_opt_read(&b, &o, &ce));
		EXPECT_EQ(5000000, ce);
		EXPECT_EQ(i * 5000000, b.s_bytes[2]);
	}
	/* One that was overtaken proves nothing. */
	o.accecn_val[1] -= 1000;
	EXPECT_FALSE(pp_accecn_opt_read(&b, &o, &ce));
}

/* §3.2.3.2.4 */
TEST(zeroed_option)
{
	struct pp_tcp_opt o = { .accecn = 174, .accecn_n = 3 };
	struct pp_accecn a = {}, b = {}, c = {};

	pp_accecn_opt_seen(&a, &o);
	EXPECT_EQ(PKTPATH_ACCECN_SEEN_FAIL, a.seen);
	EXPECT_EQ(PKTPATH_ACCECN_OPT_RECV, a.fail);
	o.accecn_val[0] = 1;
	pp_accecn_opt_seen(&b, &o);
	EXPECT_EQ(PKTPATH_ACCECN_OPT_RECV, b.fail);
	o.accecn_n = 0;
	pp_accecn_opt_seen(&c, &o);
	EXPECT_EQ(PKTPATH_ACCECN_SEEN_EMPTY, c.seen);
	EXPECT_EQ(0, c.fail);
}

/* §3.2.3: of any length the whole fields count. */
TEST(odd_lengths)
{
	static const u8 p[16] = { 172, 0, 0, 0, 9, 0, 0, 8, 0, 0, 7, 0, 0, 6 };
	u8 len, q[16];

	memcpy(q, p, sizeof(q));
	for (len = 2; len <= 16; len++) {
		unsigned int n = (len - 2) / 3;
		struct pp_tcp_opt o;

		q[1] = len;
		ASSERT_TRUE(pp_tcp_opt_parse(q, len, false, &o));
		EXPECT_EQ(172, o.accecn);
		EXPECT_EQ(n < 3 ? n : 3, o.accecn_n);
		EXPECT_EQ(n > 2 ? 7 : 0, o.accecn_val[2]);
	}
}

struct fit {
	u8 ts, sacks, need;	/* need: 1 ECT(1), 2 ECT(0), 4 CE */
	int kind, fields, left;	/* kind 0: none */
};

/* §3.2.3.3: never less than has changed, never fewer than two SACK blocks. */
TEST(room_beside_sack)
{
	static const struct fit f[] = {
		{ 0, 0, 0, 174, 3, 0 }, { 1, 0, 7, 174, 3, 0 },
		{ 0, 3, 7, 174, 3, 3 }, { 0, 4, 0, 174, 1, 4 },
		{ 0, 4, 1, 174, 1, 4 }, { 0, 4, 2, 172, 1, 4 },
		{ 0, 4, 4, 174, 3, 3 }, { 1, 1, 7, 174, 3, 1 },
		{ 1, 2, 0, 174, 2, 2 }, { 1, 2, 1, 174, 2, 2 },
		{ 1, 2, 2, 172, 2, 2 }, { 1, 2, 4, 174, 2, 2 },
		{ 1, 2, 6, 172, 2, 2 }, { 1, 2, 3, 0, 0, 2 },
		{ 1, 3, 0, 174, 0, 3 }, { 1, 3, 4, 174, 2, 2 },
		{ 1, 3, 3, 0, 0, 3 }, { 1, 4, 0, 174, 0, 3 },
	};
	unsigned int i;
	u8 p[40];

	for (i = 0; i < ARRAY_SIZE(f); i++) {
		struct pp_tcp_opt o = { .ts_ok = f[i].ts, .nsacks = f[i].sacks };
		struct pp_accecn a = { .need = f[i].need };
		struct pp_tcp_opt back;
		unsigned int n;

		EXPECT_EQ(!!f[i].kind, pp_accecn_opt_fill(&a, &o)) {
			TH_LOG("row %u", i);
		}
		EXPECT_EQ(f[i].kind, o.accecn) {
			TH_LOG("row %u", i);
		}
		EXPECT_EQ(f[i].left, o.nsacks) {
			TH_LOG("row %u", i);
		}
		if (f[i].kind)
			EXPECT_EQ(f[i].fields, o.accecn_n) {
				TH_LOG("row %u", i);
			}
		n = pp_tcp_opt_build(p, &o, false);
		EXPECT_EQ(pp_tcp_opt_size(&o, false), n);
		EXPECT_EQ(0, n % 4);
		ASSERT_TRUE(pp_tcp_opt_parse(p, n, false, &back));
		EXPECT_EQ(o.accecn, back.accecn);
		EXPECT_EQ(f[i].left, back.nsacks);
	}
}

/* On a SYN-ACK, behind which a cookie of Fast Open may leave no room. */
TEST(room_on_a_syn_ack)
{
	struct pp_tcp_opt o = {
		.mss = 1460, .ts_ok = 1, .sack_perm = 1, .wscale_ok = 1,
	}, back;
	struct pp_accecn a = {};
	u8 p[40];

	ASSERT_TRUE(pp_accecn_opt_fill(&a, &o));
	EXPECT_EQ(32, pp_tcp_opt_build(p, &o, true));
	ASSERT_TRUE(pp_tcp_opt_parse(p, 32, true, &back));
	EXPECT_EQ(174, back.accecn);
	EXPECT_EQ(3, back.accecn_n);
	EXPECT_EQ(1, back.accecn_val[0]);
	EXPECT_EQ(1, back.accecn_val[2]);
	EXPECT_TRUE(!!back.wscale_ok);
	o.fastopen = 1;
	o.fo_len = 8;
	EXPECT_EQ(32, pp_tcp_opt_build(p, &o, true));
	ASSERT_TRUE(pp_tcp_opt_parse(p, 32, true, &back));
	EXPECT_EQ(0, back.accecn);
	EXPECT_EQ(8, back.fo_len);
}

TEST_HARNESS_MAIN
