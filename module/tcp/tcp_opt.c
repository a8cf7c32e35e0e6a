// SPDX-License-Identifier: GPL-2.0
/*
 * TCP options, parsed and built.
 *
 * Path: tcp_output.c (build), tcp_input.c (parse)
 * Mirrors: net/ipv4/tcp_input.c (tcp_parse_options),
 *	    net/ipv4/tcp_output.c (tcp_options_write)
 * Locks: none, pure
 */
#include "tcp/tcp_opt.h"

#define OPT_EOL		0
#define OPT_NOP		1
#define OPT_MSS		2
#define OPT_WSCALE	3
#define OPT_SACK_PERM	4
#define OPT_SACK	5
#define OPT_TS		8
#define OPT_MD5		19
#define OPT_MD5_LEN	18
#define OPT_AO		29
#define OPT_FASTOPEN	34
#define OPT_EXP		254
#define OPT_EXP_FO	0xf989	/* magic number of Fast Open */

static u16 pp_tcp_opt_get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static u32 pp_tcp_opt_get32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void pp_tcp_opt_sacks(const u8 *p, unsigned int len,
			     struct pp_tcp_opt *o)
{
	unsigned int i, n = len / 8;

	if (!n || len % 8 || n > PKTPATH_TCP_MAX_SACKS)
		return;
	for (i = 0; i < n; i++) {
		o->sacks[i].start = pp_tcp_opt_get32(p + 8 * i);
		o->sacks[i].end = pp_tcp_opt_get32(p + 8 * i + 4);
	}
	o->nsacks = n;
}

/* RFC 7413 §4.1.1: an even number, 4 to 16, or a request. */
static void pp_tcp_opt_fastopen(const u8 *p, unsigned int len, bool exp,
				struct pp_tcp_opt *o)
{
	if (len > sizeof(o->fo_cookie) || (len && len < 4) || len % 2)
		return;
	o->fastopen = 1;
	o->fo_exp = exp;
	o->fo_len = len;
	memcpy(o->fo_cookie, p, len);
}

/* RFC 9768 §3.2.3: of an unknown length the counters that are whole count. */
static void pp_tcp_opt_accecn(u8 kind, const u8 *p, unsigned int len,
			      struct pp_tcp_opt *o)
{
	unsigned int i, n = len / 3 < 3 ? len / 3 : 3;

	for (i = 0; i < n; i++, p += 3)
		o->accecn_val[i] = (u32)p[0] << 16 | p[1] << 8 | p[2];
	o->accecn = kind;
	o->accecn_n = n;
}

static void pp_tcp_opt_syn(u8 kind, const u8 *p, unsigned int len,
			   struct pp_tcp_opt *o)
{
	switch (kind) {
	case OPT_MSS:
		if (len == 2)
			o->mss = pp_tcp_opt_get16(p);
		break;
	case OPT_WSCALE:
		if (len != 1)
			break;
		/* RFC 7323 §2.3: more than 14 counts as 14. */
		o->wscale = p[0] > PKTPATH_TCP_MAX_WSCALE ?
			    PKTPATH_TCP_MAX_WSCALE : p[0];
		o->wscale_ok = 1;
		break;
	case OPT_SACK_PERM:
		if (!len)
			o->sack_perm = 1;
		break;
	case OPT_FASTOPEN:
		pp_tcp_opt_fastopen(p, len, false, o);
		break;
	case OPT_EXP:
		if (len >= 2 && pp_tcp_opt_get16(p) == OPT_EXP_FO)
			pp_tcp_opt_fastopen(p + 2, len - 2, true, o);
		break;
	}
}

/**
 * pp_tcp_opt_parse() - read the options of a segment
 * @p: bytes behind the fixed header
 * @len: how many there are, 0..40
 * @syn: the segment has SYN: options that only a SYN may carry count
 * @o: filled; zeroed first
 *
 * RFC 9293 §3.1 and MUST-7: an impossible length ends the list, what came
 * before it stands. Unknown options are skipped (MUST-6).
 *
 * Context: any, pure.
 * Return: false when the list was malformed.
 */
bool pp_tcp_opt_parse(const u8 *p, unsigned int len, bool syn,
		      struct pp_tcp_opt *o)
{
	memset(o, 0, sizeof(*o));
	while (len) {
		unsigned int size;
		u8 kind = *p;

		if (kind == OPT_EOL)
			return true;
		if (kind == OPT_NOP) {
			p++;
			len--;
			continue;
		}
		if (len < 2)
			return false;
		size = p[1];
		if (size < 2 || size > len)
			return false;
		if (kind == OPT_TS && size == 10) {
			o->ts_ok = 1;
			o->tsval = pp_tcp_opt_get32(p + 2);
			o->tsecr = pp_tcp_opt_get32(p + 6);
		} else if (kind == OPT_SACK) {
			pp_tcp_opt_sacks(p + 2, size - 2, o);
		} else if (kind == PKTPATH_OPT_ACCECN0 ||
			   kind == PKTPATH_OPT_ACCECN1) {
			pp_tcp_opt_accecn(kind, p + 2, size - 2, o);
		} else if (syn) {
			pp_tcp_opt_syn(kind, p + 2, size - 2, o);
		}
		p += size;
		len -= size;
	}
	return true;
}

/**
 * pp_tcp_opt_md5() - find the signature of a segment
 * @p: bytes behind the fixed header
 * @len: how many there are, 0..40
 *
 * Context: any, pure.
 * Return: its 16 bytes, or NULL: there is none in the list, or in what comes
 * before an impossible length.
 */
const u8 *pp_tcp_opt_md5(const u8 *p, unsigned int len)
{
	while (len && *p != OPT_EOL) {
		unsigned int size = 1;

		if (*p != OPT_NOP) {
			if (len < 2 || p[1] < 2 || p[1] > len)
				return NULL;
			size = p[1];
			if (*p == OPT_MD5 && size == OPT_MD5_LEN)
				return p + 2;
		}
		p += size;
		len -= size;
	}
	return NULL;
}

/**
 * pp_tcp_opt_fast_ts() - the usual option list of a data segment
 * @p: bytes behind the fixed header
 * @len: how many there are
 * @val: TSval, set on success
 * @ecr: TSecr, set on success
 *
 * Context: any, pure.
 * Return: true when the list is exactly NOP, NOP, timestamps (RFC 7323 A).
 */
bool pp_tcp_opt_fast_ts(const u8 *p, unsigned int len, u32 *val, u32 *ecr)
{
	if (len != 12 || pp_tcp_opt_get32(p) != PKTPATH_TCP_OPT_FAST_TS)
		return false;
	*val = pp_tcp_opt_get32(p + 4);
	*ecr = pp_tcp_opt_get32(p + 8);
	return true;
}

/* Where SACK blocks begin behind @used bytes: NOPs align them. */
static unsigned int pp_tcp_opt_sack_at(unsigned int used)
{
	return (used + 2 + 3) & ~3u;
}

/* Blocks that fit behind @used bytes. */
static unsigned int pp_tcp_opt_fit(unsigned int used, unsigned int n)
{
	unsigned int at = pp_tcp_opt_sack_at(used);
	unsigned int room = at > 40 ? 0 : (40 - at) / 8;

	return n < room ? n : room;
}

/* Padded; 0 when it does not fit behind @used bytes. */
static unsigned int pp_tcp_opt_fo_size(const struct pp_tcp_opt *o,
				       unsigned int used)
{
	unsigned int n = ((o->fo_exp ? 4 : 2) + o->fo_len + 3) & ~3u;

	return o->fastopen && used + n <= 40 ? n : 0;
}

static unsigned int pp_tcp_opt_accecn_size(const struct pp_tcp_opt *o)
{
	return o->accecn ? 2 + 3 * o->accecn_n : 0;
}

/* Of either signature, padded. */
static unsigned int pp_tcp_opt_sign_size(const struct pp_tcp_opt *o)
{
	if (o->ao_maclen)
		return (4 + o->ao_maclen + 3) & ~3u;
	return o->md5 ? 2 + OPT_MD5_LEN : 0;
}

/* What a segment without SYN begins with. */
static unsigned int pp_tcp_opt_first(const struct pp_tcp_opt *o)
{
	return pp_tcp_opt_sign_size(o) + (o->ts_ok ? 12 : 0);
}

/* Of a SYN, but for AccECN. */
static unsigned int pp_tcp_opt_syn_size(const struct pp_tcp_opt *o)
{
	unsigned int n = pp_tcp_opt_sign_size(o);

	if (o->mss)
		n += 4;
	if (o->ts_ok)
		n += 12;
	else if (o->sack_perm)
		n += 4;
	if (o->wscale_ok)
		n += 4;
	return n + pp_tcp_opt_fo_size(o, n);
}

/* Padded; 0 when the others of a SYN-ACK leave no room. */
static unsigned int pp_tcp_opt_syn_accecn(const struct pp_tcp_opt *o)
{
	unsigned int n = (pp_tcp_opt_accecn_size(o) + 3) & ~3u;

	return pp_tcp_opt_syn_size(o) + n <= 40 ? n : 0;
}

/**
 * pp_tcp_opt_size() - bytes that the options will take
 * @o: what is to be sent
 * @syn: for a SYN
 *
 * Context: any, pure.
 * Return: a multiple of four, at most 40.
 */
unsigned int pp_tcp_opt_size(const struct pp_tcp_opt *o, bool syn)
{
	unsigned int n = pp_tcp_opt_first(o), sacks;

	if (syn)
		return pp_tcp_opt_syn_size(o) + pp_tcp_opt_syn_accecn(o);
	n += pp_tcp_opt_accecn_size(o);
	sacks = pp_tcp_opt_fit(n, o->nsacks);
	if (sacks)
		return pp_tcp_opt_sack_at(n) + 8 * sacks;
	return (n + 3) & ~3u;
}

/**
 * pp_tcp_opt_fits() - is there room for all options of a segment without SYN?
 * @o: what is to be sent
 *
 * Context: any, pure.
 * Return: false: SACK blocks would be left out, or something does not fit.
 */
bool pp_tcp_opt_fits(const struct pp_tcp_opt *o)
{
	unsigned int n = pp_tcp_opt_first(o) + pp_tcp_opt_accecn_size(o);

	return n <= 40 && pp_tcp_opt_fit(n, o->nsacks) == o->nsacks;
}

static u8 *pp_tcp_opt_build_accecn(u8 *p, const struct pp_tcp_opt *o)
{
	unsigned int i;

	*p++ = o->accecn;
	*p++ = 2 + 3 * o->accecn_n;
	for (i = 0; i < o->accecn_n; i++) {
		*p++ = (o->accecn_val[i] >> 16) & 0xff;
		*p++ = (o->accecn_val[i] >> 8) & 0xff;
		*p++ = o->accecn_val[i] & 0xff;
	}
	return p;
}

/* Digest of 0, to be filled in when the segment is complete. */
static u8 *pp_tcp_opt_build_md5(u8 *p)
{
	*p++ = OPT_NOP;
	*p++ = OPT_NOP;
	*p++ = OPT_MD5;
	*p++ = OPT_MD5_LEN;
	memset(p, 0, OPT_MD5_LEN - 2);
	return p + OPT_MD5_LEN - 2;
}

/* RFC 5925 §2.2, with a MAC of 0, to be filled in likewise. */
static u8 *pp_tcp_opt_build_ao(u8 *p, const struct pp_tcp_opt *o)
{
	unsigned int size = 4 + o->ao_maclen;

	*p++ = OPT_AO;
	*p++ = size;
	*p++ = o->ao_keyid;
	*p++ = o->ao_rnext;
	memset(p, 0, o->ao_maclen);
	for (p += o->ao_maclen; size % 4; size++)
		*p++ = OPT_NOP;
	return p;
}

static u8 *pp_tcp_opt_build_ts(u8 *p, const struct pp_tcp_opt *o, bool syn)
{
	/* SACK-permitted takes the place of the two NOPs. */
	bool sack = syn && o->sack_perm;

	*p++ = sack ? OPT_SACK_PERM : OPT_NOP;
	*p++ = sack ? 2 : OPT_NOP;
	*p++ = OPT_TS;
	*p++ = 10;
	pp_tcp_opt_put32(p, o->tsval);
	pp_tcp_opt_put32(p + 4, o->tsecr);
	return p + 8;
}

static u8 *pp_tcp_opt_build_syn(u8 *p, const struct pp_tcp_opt *o,
				const u8 *start)
{
	unsigned int n = pp_tcp_opt_syn_accecn(o);
	u8 *end = p + n;

	if (n)
		p = pp_tcp_opt_build_accecn(p, o);
	while (p < end)
		*p++ = OPT_NOP;
	if (!o->ts_ok && o->sack_perm) {
		*p++ = OPT_NOP;
		*p++ = OPT_NOP;
		*p++ = OPT_SACK_PERM;
		*p++ = 2;
	}
	if (o->wscale_ok) {
		*p++ = OPT_NOP;
		*p++ = OPT_WSCALE;
		*p++ = 3;
		*p++ = o->wscale;
	}
	n = pp_tcp_opt_fo_size(o, p - start);
	if (!n)
		return p;
	end = p + n;
	*p++ = o->fo_exp ? OPT_EXP : OPT_FASTOPEN;
	*p++ = (o->fo_exp ? 4 : 2) + o->fo_len;
	if (o->fo_exp) {
		*p++ = OPT_EXP_FO >> 8;
		*p++ = OPT_EXP_FO & 0xff;
	}
	memcpy(p, o->fo_cookie, o->fo_len);
	for (p += o->fo_len; p < end; p++)
		*p = OPT_NOP;
	return p;
}

/**
 * pp_tcp_opt_build() - write the options of a segment
 * @p: room for 40 bytes
 * @o: what is to be sent
 * @syn: for a SYN
 *
 * SACK blocks that do not fit are left out, the last ones first (RFC 2018 §3).
 *
 * Context: any, pure.
 * Return: bytes written, pp_tcp_opt_size() of the same.
 */
unsigned int pp_tcp_opt_build(u8 *p, const struct pp_tcp_opt *o, bool syn)
{
	unsigned int i, n;
	u8 *start = p;

	if (o->ao_maclen)
		p = pp_tcp_opt_build_ao(p, o);
	else if (o->md5)
		p = pp_tcp_opt_build_md5(p);
	if (syn && o->mss) {
		*p++ = OPT_MSS;
		*p++ = 4;
		*p++ = o->mss >> 8;
		*p++ = (u8)o->mss;
	}
	if (o->ts_ok)
		p = pp_tcp_opt_build_ts(p, o, syn);
	if (syn)
		return pp_tcp_opt_build_syn(p, o, start) - start;
	if (o->accecn)
		p = pp_tcp_opt_build_accecn(p, o);
	n = pp_tcp_opt_fit(p - start, o->nsacks);
	if (!n) {
		while ((p - start) % 4)
			*p++ = OPT_NOP;
		return p - start;
	}
	for (i = pp_tcp_opt_sack_at(p - start) - (p - start); i > 2; i--)
		*p++ = OPT_NOP;
	*p++ = OPT_SACK;
	*p++ = 2 + 8 * n;
	for (i = 0; i < n; i++, p += 8) {
		pp_tcp_opt_put32(p, o->sacks[i].start);
		pp_tcp_opt_put32(p + 4, o->sacks[i].end);
	}
	return p - start;
}
