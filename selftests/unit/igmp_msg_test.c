// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/igmp_msg.c ip/mcfilter.c */
/* IGMP messages read and written; sets of sources against a plain model. */
#include <stdlib.h>
#include "ip/igmp_msg.h"
#include "kselftest_harness.h"

static u8 m[4096];

static bool parse(u32 len, struct pp_igmp_query *q)
{
	/* of its own length, so that a read behind it is seen */
	u8 *copy = malloc(len ?: 1);
	bool ok;

	memcpy(copy, m, len);
	ok = pp_igmp_parse_query(copy, len, q);
	free(copy);
	return ok;
}

static void query(u8 code, u32 group, u8 qrv, u8 qqic, u16 nsrc)
{
	memset(m, 0, sizeof(m));
	m[0] = PKTPATH_IGMP_QUERY;
	m[1] = code;
	m[4] = group >> 24;
	m[5] = group >> 16;
	m[6] = group >> 8;
	m[7] = group;
	m[8] = qrv;
	m[9] = qqic;
	m[10] = nsrc >> 8;
	m[11] = nsrc;
}

#define GROUP 0xef010203

/* IGMP-7, RFC 3376 §7.1 */
TEST(versions_by_length)
{
	struct pp_igmp_query q;
	u32 len;

	for (len = 0; len < 64; len++) {
		query(10, 0, 2, 125, 0);
		ASSERT_EQ(len == 8 || len >= 12, parse(len, &q));
	}
	query(0, GROUP, 0, 0, 0);
	ASSERT_TRUE(parse(8, &q));
	ASSERT_EQ(1, q.version);
	ASSERT_EQ(100, q.max_resp);
	ASSERT_EQ(0, q.group);
	query(10, GROUP, 0, 0, 0);
	ASSERT_TRUE(parse(8, &q));
	ASSERT_EQ(2, q.version);
	ASSERT_EQ(10, q.max_resp);
	ASSERT_EQ(htonl(GROUP), q.group);
	/* a group that is none */
	query(10, 0x0a010203, 2, 125, 0);
	ASSERT_FALSE(parse(12, &q));
}

/* IGMP-5 */
TEST(codes)
{
	static const struct {
		u8 code;
		u32 value;
	} t[] = {
		{ 0, 1 }, { 1, 1 }, { 127, 127 }, { 128, 128 }, { 129, 136 },
		{ 0x9f, 496 }, { 0xff, 31744 },
	};
	struct pp_igmp_query q;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		query(t[i].code, 0, 0, t[i].code, 0);
		ASSERT_TRUE(parse(12, &q));
		ASSERT_EQ(t[i].value, q.max_resp);
		ASSERT_EQ(t[i].code ? t[i].value : 0, q.qqi);
		ASSERT_EQ(0, q.qrv);
	}
}

/* A15: more sources than bytes, sources of no group. */
TEST(sources_fit)
{
	struct pp_igmp_query q;
	u32 n, len;

	for (n = 0; n < 20; n++) {
		for (len = 12; len < 120; len++) {
			query(1, GROUP, 0x0a, 0, n);
			ASSERT_EQ(len >= 12 + 4 * n, parse(len, &q));
		}
	}
	ASSERT_EQ(2, q.qrv);
	query(1, 0, 0, 0, 1);
	ASSERT_FALSE(parse(16, &q));
	query(1, GROUP, 0, 0, 0xffff);
	ASSERT_FALSE(parse(4096, &q));
}

TEST(alerts)
{
	static const struct {
		u8 opt[8];
		u32 len;
		bool there;
	} t[] = {
		{ { 0x94, 4, 0, 0 }, 4, true },
		{ { 1, 0x94, 4, 0, 0 }, 5, true },
		{ { 7, 4, 0, 0, 0x94, 4, 0, 0 }, 8, true },
		{ { 0, 0x94, 4, 0, 0 }, 5, false },
		{ { 0x94, 4, 0 }, 3, false },
		{ { 0x94, 3, 0 }, 3, false },
		{ { 7, 0, 0x94, 4, 0, 0 }, 6, false },
		{ { 7, 1, 0x94, 4, 0, 0 }, 6, false },
		{ { 7, 200 }, 2, false },
		{ { 0x94 }, 1, false },
		{ { 0 }, 0, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		ASSERT_EQ(t[i].there, pp_igmp_has_alert(t[i].opt, t[i].len));
}

TEST(reports)
{
	__be32 src[100] = { 0 };
	struct pp_igmp_report r;
	u8 buf[64];
	u32 i;

	for (i = 0; i < 100; i++)
		src[i] = htonl(i);
	memset(buf, 0xee, sizeof(buf));
	pp_igmp_report_start(&r, buf, 44);
	ASSERT_EQ(0, pp_igmp_report_add(&r, PKTPATH_IGMP_TO_EX, htonl(GROUP),
					NULL, 0));
	ASSERT_EQ(5, pp_igmp_report_add(&r, PKTPATH_IGMP_ALLOW, htonl(GROUP),
					src, 100));
	ASSERT_EQ(PKTPATH_IGMP_REPORT_FULL,
		  pp_igmp_report_add(&r, PKTPATH_IGMP_TO_IN, htonl(GROUP),
				     NULL, 0));
	pp_igmp_report_end(&r);
	ASSERT_EQ(44, r.len);
	ASSERT_EQ(0x22, buf[0]);
	ASSERT_EQ(2, buf[7]);
	ASSERT_EQ(PKTPATH_IGMP_TO_EX, buf[8]);
	ASSERT_EQ(0, buf[11]);
	ASSERT_EQ(0xef, buf[12]);
	ASSERT_EQ(PKTPATH_IGMP_ALLOW, buf[16]);
	ASSERT_EQ(5, buf[19]);
	ASSERT_EQ(4, buf[43]);
	ASSERT_EQ(0xee, buf[44]);
}

/* Sets of 0..31 are 32 bits. */
static u32 make(__be32 *s, u32 bits)
{
	u32 i, n = 0;

	for (i = 0; i < 32; i++)
		if (bits & 1U << i)
			s[n++] = htonl(i * 0x01020304U);
	return pp_mcset_sort(s, n);
}

static u32 bits_of(const __be32 *s, u32 n)
{
	u32 i, b = 0;

	for (i = 0; i < n; i++) {
		b |= 1U << (ntohl(s[i]) / 0x01020304U);
		if (i && !pp_mcset_less(s[i - 1], s[i]))
			return ~b;
	}
	return b;
}

/* IGMP-10 */
TEST(sets)
{
	__be32 a[32], b[32], out[64];
	u32 x, y, na, nb, i;
	int round;

	srand(1);
	for (round = 0; round < 20000; round++) {
		x = (u32)rand() * 2654435761U;
		y = (u32)rand() * 2246822519U;
		if (round & 1)
			y &= x;
		na = make(a, x);
		nb = make(b, y);
		ASSERT_EQ(x | y, bits_of(out, pp_mcset_or(out, a, na, b, nb)));
		ASSERT_EQ(x & y, bits_of(out, pp_mcset_and(out, a, na, b,
							   nb)));
		for (i = 0; i < 32; i++)
			ASSERT_EQ(!!(x & 1U << i),
				  pp_mcset_has(a, na, htonl(i * 0x01020304U)));
		ASSERT_EQ(x & ~y, bits_of(a, pp_mcset_minus(a, a, na, b, nb)));
	}
}

TEST(sorted)
{
	__be32 s[300];
	u32 n, i, left;

	srand(2);
	for (n = 0; n < 300; n++) {
		for (i = 0; i < n; i++)
			s[i] = htonl(rand() % 100);
		left = pp_mcset_sort(s, n);
		ASSERT_LE(left, n);
		for (i = 1; i < left; i++)
			ASSERT_TRUE(pp_mcset_less(s[i - 1], s[i]));
	}
}

TEST_HARNESS_MAIN
