/* SPDX-License-Identifier: GPL-2.0 */
/* Options of a segment, parsed and built; pure (core/pure.h). */
#ifndef PKTPATH_TCP_TCP_OPT_H
#define PKTPATH_TCP_TCP_OPT_H

#include "core/pure.h"

#define PKTPATH_TCP_MAX_WSCALE	14
#define PKTPATH_TCP_MAX_SACKS	4
#define PKTPATH_OPT_ACCECN0	172	/* RFC 9768 §3.2.3 */
#define PKTPATH_OPT_ACCECN1	174
#define PKTPATH_TCP_OPT_FAST_TS	0x0101080au	/* NOP NOP TIMESTAMP 10 */

/* Half-open range [start, end) of sequence numbers, host order. */
struct pp_tcp_sack_block {
	u32 start, end;
};

/* What the options of one segment say. */
struct pp_tcp_opt {
	u32 tsval, tsecr;
	u16 mss;		/* 0: not there */
	u8 wscale;
	u8 wscale_ok:1, sack_perm:1, ts_ok:1;
	u8 fastopen:1;		/* with a cookie, or as a request */
	u8 fo_exp:1;		/* as the experimental option (RFC 6994) */
	u8 md5:1;		/* built only: room for a signature */
	u8 ao_maclen;		/* built only: room for a MAC of TCP-AO; 0: none */
	u8 ao_keyid, ao_rnext;
	u8 nsacks;
	u8 fo_len;		/* cookie bytes */
	struct pp_tcp_sack_block sacks[PKTPATH_TCP_MAX_SACKS];
	u8 fo_cookie[16];
	u8 accecn;		/* 0, or PKTPATH_OPT_ACCECN0 or 1 */
	u8 accecn_n;		/* counters in it, the first ones */
	u32 accecn_val[3];	/* 24 bits */
};

static inline void pp_tcp_opt_put32(u8 *p, u32 v)
{
	__be32 b = cpu_to_be32(v);

	/* one store, wherever it is */
	memcpy(p, &b, sizeof(b));
}

/*
 * Reads @len bytes of options behind the 20 of the header. MSS, window scale,
 * SACK-permitted and Fast Open count only when @syn; that AccECN says nothing
 * in a SYN without ACK is up to the caller. Malformed rest is
 * ignored from the bad option on (RFC 9293 §3.1, MUST-7). Returns false then.
 */
bool pp_tcp_opt_parse(const u8 *p, unsigned int len, bool syn,
		      struct pp_tcp_opt *o);
/* The 16 bytes of a signature (RFC 2385), or NULL. */
const u8 *pp_tcp_opt_md5(const u8 *p, unsigned int len);
/* The common case: NOP NOP TIMESTAMP and nothing else. */
bool pp_tcp_opt_fast_ts(const u8 *p, unsigned int len, u32 *val, u32 *ecr);
/* Writes it, 12 bytes. */
static inline void pp_tcp_opt_build_fast_ts(u8 *p, u32 val, u32 ecr)
{
	pp_tcp_opt_put32(p, PKTPATH_TCP_OPT_FAST_TS);
	pp_tcp_opt_put32(p + 4, val);
	pp_tcp_opt_put32(p + 8, ecr);
}

/* Bytes that @o takes, a multiple of four, at most 40. */
unsigned int pp_tcp_opt_size(const struct pp_tcp_opt *o, bool syn);
/* Is there room for all of a segment without SYN? */
bool pp_tcp_opt_fits(const struct pp_tcp_opt *o);
/* Writes them; blocks that do not fit are left out. Returns the size. */
unsigned int pp_tcp_opt_build(u8 *p, const struct pp_tcp_opt *o, bool syn);

static inline bool pp_seq_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

#define pp_seq_after(a, b) pp_seq_before(b, a)

/* a <= x < b on the circle. */
static inline bool pp_seq_between(u32 a, u32 x, u32 b)
{
	return x - a < b - a;
}

#endif
