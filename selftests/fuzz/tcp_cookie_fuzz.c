// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_cookie_bits.c */
/*
 * A cookie is read back for two minutes and tells an MSS no larger than was
 * offered, its timestamp the options; whatever else a peer sends is either no
 * cookie or within what one can tell.
 */
#include <stdlib.h>
#include "tcp/tcp_cookie_bits.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

struct input {
	u32 plain, hash, count, now, any;
	u16 mss;
	u8 wscale, bits;
};

static void numbers(const struct input *in)
{
	unsigned int i = pp_tcp_cookie_mss_index(in->mss);
	u32 c = pp_tcp_cookie_make(in->plain, in->count, in->hash, i);
	int age, k;

	CHECK(pp_tcp_cookie_mss(i) <= in->mss || !i);
	for (k = 0; k < 4; k++) {
		age = pp_tcp_cookie_age(c, in->plain, in->count + k);
		CHECK(age == (k < PKTPATH_COOKIE_AGE ? k : -1));
	}
	CHECK(pp_tcp_cookie_age(c, in->plain, in->count - 1) < 0);
	CHECK(pp_tcp_cookie_read(c, in->plain, in->hash) == (int)i);
	/* a guess */
	age = pp_tcp_cookie_age(in->any, in->plain, in->count);
	CHECK(age >= -1 && age < PKTPATH_COOKIE_AGE);
	k = pp_tcp_cookie_read(in->any, in->plain, in->hash);
	CHECK(k < 0 || pp_tcp_cookie_mss(k) >= 536);
	/* a number and its minute are one pair: two MSS have two cookies */
	if (k >= 0 && age >= 0)
		CHECK(pp_tcp_cookie_make(in->plain, in->count - age, in->hash,
					 k) == in->any);
}

static void stamps(const struct input *in)
{
	struct pp_tcp_opt o = {
		.wscale_ok = in->bits & 1, .wscale = in->wscale % 15,
		.sack_perm = in->bits >> 1 & 1,
	}, r = {};
	bool ecn = in->bits & 4;
	u32 ts = pp_tcp_cookie_stamp(&o, ecn, in->now);

	/* RFC 7323 §5.4: not ahead of the clock, and little behind */
	CHECK(in->now - ts < 64);
	CHECK(pp_tcp_cookie_stamp_read(ts, &r) == ecn);
	CHECK(r.sack_perm == o.sack_perm && r.wscale_ok == o.wscale_ok);
	CHECK(!r.wscale_ok || r.wscale == o.wscale);
	pp_tcp_cookie_stamp_read(in->any, &r);
	CHECK(!r.wscale_ok || r.wscale <= PKTPATH_TCP_MAX_WSCALE);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = {};

	if (size > sizeof(in))
		size = sizeof(in);
	memcpy(&in, data, size);
	numbers(&in);
	stamps(&in);
	return 0;
}
