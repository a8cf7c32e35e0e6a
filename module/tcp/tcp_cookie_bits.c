// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers of SYN cookies.
 *
 * Path: tcp_cookie.c -> here
 * Mirrors: net/ipv4/syncookies.c (secure_tcp_syn_cookie, check_tcp_syn_cookie,
 *	    cookie_init_timestamp, cookie_timestamp_decode)
 * Locks: none, pure
 *
 * A cookie is plain + (count << 24) + ((hash + index) & 0xffffff): plain is a
 * hash of the tuple and the peer's first number, hash one of the tuple and
 * count, the minute; index says which MSS.
 */
#include "tcp/tcp_cookie_bits.h"

#define COOKIE_BITS	24
#define COOKIE_MASK	((1u << COOKIE_BITS) - 1)

/* Low bits of the timestamp: the window scale, or 15 for none, and these. */
#define COOKIE_TS_MASK	0x3fu
#define COOKIE_TS_SCALE	0xfu
#define COOKIE_TS_SACK	0x10u
#define COOKIE_TS_ECN	0x20u

static const u16 pp_tcp_cookie_sizes[] = { 536, 1300, 1440, 1460 };

/**
 * pp_tcp_cookie_mss_index() - which MSS a cookie tells
 * @mss: that was offered
 *
 * Context: any, pure.
 * Return: index of the largest up to @mss, or of the smallest.
 */
unsigned int pp_tcp_cookie_mss_index(u16 mss)
{
	unsigned int i;

	for (i = ARRAY_SIZE(pp_tcp_cookie_sizes) - 1; i; i--)
		if (mss >= pp_tcp_cookie_sizes[i])
			break;
	return i;
}

/**
 * pp_tcp_cookie_mss() - the MSS with an index
 * @i: of pp_tcp_cookie_mss_index() or pp_tcp_cookie_read()
 *
 * Context: any, pure.
 * Return: bytes.
 */
u16 pp_tcp_cookie_mss(unsigned int i)
{
	return pp_tcp_cookie_sizes[i];
}

/**
 * pp_tcp_cookie_make() - the first number of a SYN-ACK
 * @plain: see above
 * @count: minute
 * @hash: of @count
 * @i: index of the MSS
 *
 * Context: any, pure.
 * Return: the number.
 */
u32 pp_tcp_cookie_make(u32 plain, u32 count, u32 hash, unsigned int i)
{
	return plain + (count << COOKIE_BITS) + ((hash + i) & COOKIE_MASK);
}

/**
 * pp_tcp_cookie_age() - how old a number says it is
 * @cookie: the number
 * @plain: as of pp_tcp_cookie_make()
 * @count: minute now
 *
 * Context: any, pure.
 * Return: minutes, or -1: too old, or no cookie.
 */
int pp_tcp_cookie_age(u32 cookie, u32 plain, u32 count)
{
	u32 age = (count - ((cookie - plain) >> COOKIE_BITS)) &
		  (0xffffffff >> COOKIE_BITS);

	return age < PKTPATH_COOKIE_AGE ? (int)age : -1;
}

/**
 * pp_tcp_cookie_read() - is it a cookie of ours?
 * @cookie: the number
 * @plain: as of pp_tcp_cookie_make()
 * @hash: of the minute that its age says
 *
 * Context: any, pure.
 * Return: index of the MSS, or -1: no.
 */
int pp_tcp_cookie_read(u32 cookie, u32 plain, u32 hash)
{
	u32 i = (cookie - plain - hash) & COOKIE_MASK;

	return i < ARRAY_SIZE(pp_tcp_cookie_sizes) ? (int)i : -1;
}

/**
 * pp_tcp_cookie_stamp() - timestamp of the SYN-ACK that is a cookie
 * @opt: what was agreed
 * @ecn: so was ECN
 * @now: our clock, in ms
 *
 * Context: any, pure.
 * Return: the last one up to @now that tells the options.
 */
u32 pp_tcp_cookie_stamp(const struct pp_tcp_opt *opt, bool ecn, u32 now)
{
	u32 low = opt->wscale_ok ? opt->wscale : COOKIE_TS_SCALE;

	if (opt->sack_perm)
		low |= COOKIE_TS_SACK;
	if (ecn)
		low |= COOKIE_TS_ECN;
	return now - ((now - low) & COOKIE_TS_MASK);
}

/**
 * pp_tcp_cookie_stamp_read() - what such a timestamp tells
 * @ts: it
 * @opt: set to the options; others stay as they are
 *
 * Context: any, pure.
 * Return: was ECN agreed on?
 */
bool pp_tcp_cookie_stamp_read(u32 ts, struct pp_tcp_opt *opt)
{
	opt->sack_perm = !!(ts & COOKIE_TS_SACK);
	opt->wscale_ok = (ts & COOKIE_TS_SCALE) != COOKIE_TS_SCALE;
	if (opt->wscale_ok)
		opt->wscale = ts & COOKIE_TS_SCALE;
	return ts & COOKIE_TS_ECN;
}
