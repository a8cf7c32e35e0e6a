// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/ip_optparse.c */
/*
 * Options of a received IPv4 header. The header is copied into a block of
 * exactly its length, so that the sanitizer sees any byte read beyond it.
 */
#include <stdlib.h>
#include "ip/ip_optparse.h"
#include "kselftest_harness.h"

/* Parses a header with @n option octets; the length is padded to words. */
static bool parse(const u8 *opts, unsigned int n, struct pp_ip_opts *out)
{
	unsigned int hlen = 20 + (n + 3) / 4 * 4;
	u8 *p = calloc(1, hlen);
	bool ok;

	if (!p)
		abort();
	if (n)
		memcpy(p + 20, opts, n);
	ok = pp_ip_opt_parse(p, hlen, out);
	free(p);
	return ok;
}

#define PARSE(out, ...) ({						\
	static const u8 o_[] = { __VA_ARGS__ };				\
									\
	parse(o_, sizeof(o_), out);					\
})

#define EXPECT_BAD(at, ...) do {					\
	struct pp_ip_opts opts_;					\
									\
	EXPECT_FALSE(PARSE(&opts_, __VA_ARGS__));			\
	EXPECT_EQ(20 + (at), opts_.bad);				\
} while (0)

TEST(opt_none)
{
	struct pp_ip_opts o;

	ASSERT_TRUE(parse(NULL, 0, &o));
	ASSERT_EQ(0, o.bad | o.srr | o.rr | o.ts | o.ra);
}

/* RFC 791 §3.1: the list ends at 0 whatever comes behind. */
TEST(opt_end_hides_the_rest)
{
	struct pp_ip_opts o;

	ASSERT_TRUE(PARSE(&o, 1, 0, 131, 0));
	ASSERT_EQ(0, o.srr);
}

/* IP-6: unknown options are ignored. */
TEST(opt_unknown_ignored)
{
	struct pp_ip_opts o;

	ASSERT_TRUE(PARSE(&o, 1, 30, 3, 99, 200, 4, 1, 2));
	ASSERT_EQ(0, o.bad);
}

/* IP-6, A6: the pointer names the option when its length is impossible. */
TEST(opt_length_bad)
{
	EXPECT_BAD(0, 30, 0, 0, 0);
	EXPECT_BAD(0, 30, 1, 0, 0);
	EXPECT_BAD(1, 1, 30, 4, 0);
	EXPECT_BAD(3, 1, 1, 1, 30);
	EXPECT_BAD(0, 30, 255, 0, 0);
}

TEST(opt_source_route)
{
	struct pp_ip_opts o;

	ASSERT_TRUE(PARSE(&o, 131, 7, 4, 10, 0, 0, 1, 0));
	ASSERT_EQ(20, o.srr);
	ASSERT_FALSE(o.strict);
	ASSERT_TRUE(PARSE(&o, 1, 137, 7, 8, 10, 0, 0, 1));
	ASSERT_EQ(21, o.srr);
	ASSERT_TRUE(o.strict);
	EXPECT_BAD(1, 131, 2, 0, 0);
	EXPECT_BAD(2, 131, 3, 3, 0);
	/* RFC 1812 §5.2.4.1: two of them */
	EXPECT_BAD(3, 131, 3, 4, 137, 3, 4, 0, 0);
}

TEST(opt_record_route)
{
	struct pp_ip_opts o;

	ASSERT_TRUE(PARSE(&o, 7, 7, 4, 0, 0, 0, 0, 0));
	ASSERT_EQ(20, o.rr);
	ASSERT_TRUE(PARSE(&o, 7, 7, 8, 0, 0, 0, 0, 0));	/* full */
	EXPECT_BAD(1, 7, 2, 0, 0);
	EXPECT_BAD(2, 7, 7, 3, 0, 0, 0, 0, 0);
	EXPECT_BAD(2, 7, 7, 5, 0, 0, 0, 0, 0);	/* slot does not fit */
	EXPECT_BAD(3, 7, 3, 4, 7, 3, 4, 0, 0);
}

TEST(opt_timestamp)
{
	struct pp_ip_opts o;

	ASSERT_TRUE(PARSE(&o, 68, 8, 5, 0, 0, 0, 0, 0));
	ASSERT_EQ(20, o.ts);
	ASSERT_TRUE(PARSE(&o, 68, 8, 9, 0xe0, 0, 0, 0, 0));
	ASSERT_TRUE(PARSE(&o, 68, 8, 9, 0xf3, 0, 0, 0, 0));
	ASSERT_TRUE(PARSE(&o, 68, 8, 5, 0x07, 0, 0, 0, 0));
	EXPECT_BAD(1, 68, 3, 5, 0);
	EXPECT_BAD(2, 68, 8, 4, 0, 0, 0, 0, 0);
	EXPECT_BAD(2, 68, 8, 6, 0, 0, 0, 0, 0);
	EXPECT_BAD(2, 68, 8, 5, 1, 0, 0, 0, 0);	/* address + time: 8 */
	EXPECT_BAD(3, 68, 8, 9, 0xf0, 0, 0, 0, 0);	/* overflow at 15 */
	EXPECT_FALSE(PARSE(&o, 68, 8, 9, 0xf0, 0, 0, 0, 0, 148, 4, 0, 0));
	EXPECT_TRUE(o.full);
	EXPECT_EQ(28, o.ra);
	EXPECT_FALSE(PARSE(&o, 68, 8, 9, 0xf0, 0, 0, 0, 0, 148, 3, 0, 0));
	EXPECT_FALSE(o.full);
	EXPECT_EQ(23, o.bad);
	EXPECT_BAD(4, 68, 4, 5, 0, 68, 4, 5, 0);
}

TEST(opt_router_alert)
{
	struct pp_ip_opts o;

	ASSERT_TRUE(PARSE(&o, 148, 4, 0, 0));
	ASSERT_EQ(20, o.ra);
	ASSERT_TRUE(PARSE(&o, 148, 4, 0, 1));
	ASSERT_EQ(0, o.ra);
	EXPECT_BAD(1, 148, 3, 0, 0);
}

TEST(opt_cipso_refused)
{
	EXPECT_BAD(1, 134, 6, 0, 0, 0, 1, 0, 0);
	EXPECT_BAD(2, 134, 8, 0, 0, 0, 1, 1, 2);
}

static bool mine(const u8 *addr, void *arg)
{
	(void)arg;
	return addr[0] == 10;
}

static const struct pp_ip_opt_here here = {
	.addr = { 10, 0, 0, 1 }, .ms = 0x01020304, .count = true,
	.is_mine = mine,
};

/* All that is done with options that are well formed, in exact buffers. */
static void use(const u8 *p, unsigned int len, const struct pp_ip_opts *opts)
{
	struct pp_ip_opts o;
	u8 *hdr = malloc(20 + len), *out = malloc(40);

	memset(hdr, 0, 20);
	memcpy(hdr + 20, p, len);
	pp_ip_opt_fill(hdr, opts, &here);
	if (pp_ip_opt_echo(hdr, opts, out) > 40)
		abort();
	pp_ip_opt_fragment(hdr + 20, len);
	memcpy(out, p, len);
	pp_ip_opt_check_user(out, len, true, &o);
	free(hdr);
	free(out);
}

TEST(opt_fill)
{
	u8 h[60] = { [20] = 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		     68, 12, 5, 3, 10, 9, 9, 9 };
	struct pp_ip_opt_here answer = here;
	struct pp_ip_opts o;
	u8 out[40];

	ASSERT_TRUE(pp_ip_opt_parse(h, 44, &o));
	pp_ip_opt_fill(h, &o, &here);
	ASSERT_EQ(8, h[22]);
	ASSERT_EQ(10, h[23]);
	ASSERT_EQ(1, h[26]);
	ASSERT_EQ(13, h[34]);
	ASSERT_EQ(9, h[39]);
	ASSERT_EQ(1, h[40]);
	ASSERT_EQ(4, h[43]);
	/* no room any more: counted by Timestamp but with its own list */
	h[35] = 0;
	pp_ip_opt_fill(h, &o, &here);
	ASSERT_EQ(12, h[22]);
	ASSERT_EQ(0x10, h[35]);
	pp_ip_opt_fill(h, &o, &here);
	ASSERT_EQ(12, h[22]);
	ASSERT_EQ(0x20, h[35]);
	/* an answer is not another hop */
	answer.count = false;
	pp_ip_opt_fill(h, &o, &answer);
	ASSERT_EQ(0x20, h[35]);
	/* both go back, filled up to a word */
	ASSERT_EQ(24, pp_ip_opt_echo(h, &o, out));
	ASSERT_EQ(0, memcmp(out, h + 20, 11));
	ASSERT_EQ(0, memcmp(out + 11, h + 32, 12));
	ASSERT_EQ(0, out[23]);
}

TEST(opt_pad)
{
	u8 o[12] = { 1, 7, 3, 4, 0, 9, 9, 9, 9, 9, 9, 9 };
	const u8 padded[12] = { 1, 7, 3, 4 };
	u8 bad[4] = { 7, 0, 0, 9 };

	pp_ip_opt_pad(o, sizeof(o));
	ASSERT_EQ(0, memcmp(o, padded, sizeof(o)));
	pp_ip_opt_pad(bad, sizeof(bad));
	ASSERT_EQ(9, bad[3]);
}

TEST(opt_fragment)
{
	u8 o[16] = { 1, 7, 7, 4, 1, 2, 3, 4, 148, 4, 0, 0, 68, 4, 5, 0 };
	static const u8 want[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 148, 4, 0, 0,
				     1, 1, 1, 1 };

	pp_ip_opt_fragment(o, sizeof(o));
	ASSERT_EQ(0, memcmp(o, want, sizeof(o)));
}

TEST(opt_of_the_user)
{
	static const u8 rr[4] = { 7, 3, 4, 0 }, sec[4] = { 130, 4, 1, 2 };
	static const u8 cipso[8] = { 134, 6, 0, 0, 0, 1 };
	static const u8 lsrr[4] = { 131, 3, 4 };
	struct pp_ip_opts o;

	ASSERT_TRUE(pp_ip_opt_check_user(rr, 4, false, &o));
	ASSERT_TRUE(!pp_ip_opt_check_user(sec, 4, false, &o));
	ASSERT_TRUE(pp_ip_opt_check_user(sec, 4, true, &o));
	ASSERT_TRUE(!pp_ip_opt_check_user(cipso, 8, false, &o));
	ASSERT_TRUE(pp_ip_opt_check_user(cipso, 8, true, &o));
	ASSERT_TRUE(pp_ip_opt_check_user(lsrr, 4, false, &o));
	ASSERT_EQ(20, o.srr);
}

/* A6: every kind, length and pointer; what is bad points into the header. */
TEST(opt_all_kinds)
{
	unsigned int kind, len, ptr, n = 0;
	struct pp_ip_opts o;
	u8 p[40];

	for (kind = 0; kind < 256; kind++) {
		for (len = 0; len <= 41; len++) {
			for (ptr = 0; ptr < 256; ptr++) {
				memset(p, 0, sizeof(p));
				p[0] = kind;
				p[1] = len;
				p[2] = ptr;
				p[3] = ptr * 7;
				n++;
				if (parse(p, sizeof(p), &o)) {
					ASSERT_EQ(0, o.bad);
					use(p, sizeof(p), &o);
					continue;
				}
				ASSERT_TRUE(o.bad >= 20 && o.bad < 24);
			}
		}
	}
	ASSERT_EQ(256 * 42 * 256, n);
}

TEST_HARNESS_MAIN
