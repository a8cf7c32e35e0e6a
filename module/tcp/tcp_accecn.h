/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accurate ECN (RFC 9768): what is counted and what it means; pure
 * (core/pure.h). Codepoints are those of the IP header: 0 Not-ECT, 1 ECT(1),
 * 2 ECT(0), 3 CE. ACE is the field of three flags: AE, CWR, ECE.
 */
#ifndef PKTPATH_TCP_TCP_ACCECN_H
#define PKTPATH_TCP_TCP_ACCECN_H

#include "tcp/tcp_opt.h"

#define PKTPATH_ECN_CE		3
#define PKTPATH_ACE_INIT	5	/* of r.cep and s.cep, §3.2.1 */
#define PKTPATH_ACE_CLASSIC	3	/* CWR and ECE: a SYN of RFC 3168 */
#define PKTPATH_ACE_ALL		7
#define PKTPATH_ACE_CWR		2

/* What the handshake has come to. */
enum pp_ecn_mode {
	PKTPATH_ECN_NONE,
	PKTPATH_ECN_CLASSIC,
	PKTPATH_ECN_ACCURATE,
};

/* Bits of pp_accecn.fail; numbers of tcpi_accecn_fail_mode. */
#define PKTPATH_ACCECN_ACE_SEND	0x1	/* the peer may not be in this mode */
#define PKTPATH_ACCECN_ACE_RECV	0x2	/* what came back is wrong */
#define PKTPATH_ACCECN_OPT_SEND	0x4	/* segments with the option are lost */
#define PKTPATH_ACCECN_OPT_RECV	0x8	/* the option came zeroed */

/* pp_accecn.seen; numbers of tcpi_accecn_opt_seen. */
#define PKTPATH_ACCECN_SEEN_EMPTY	1
#define PKTPATH_ACCECN_SEEN_COUNTERS	2
#define PKTPATH_ACCECN_SEEN_FAIL	3

/**
 * struct pp_accecn - one connection's counters, of both directions
 * @r_ce: packets that came with CE; r.cep without its initial value
 * @r_bytes: payload that came with codepoint 1, 2, 3, likewise
 * @s_ce: packets of ours that the peer has seen with CE: s.cep
 * @s_bytes: our payload that it has seen with codepoint 1, 2, 3
 * @s_ce_opt: @s_ce when its last option came
 * @ts_last: TSval of the last segment whose feedback was taken
 * @opt_us: when an option was sent last, 0 never
 * @ewma: segments that an acknowledgment covers, smoothed, of 64
 * @pending: packets with CE since ACE was sent last
 * @last: codepoint of the last packet
 * @syn_rcv: codepoint of the peer's SYN or SYN-ACK
 * @fail: PKTPATH_ACCECN_*_SEND, _RECV
 * @seen: PKTPATH_ACCECN_SEEN_*, 0 no option yet
 * @need: bits of @r_bytes that have changed since an option was sent
 * @demand: options still owed
 * @on: negotiated; before, a SYN of ours asks for it
 * @first: nothing has come since the handshake
 * @mute: what the peer says is not to be believed (§3.2.2.4)
 * @reflect: the segment being sent acknowledges a SYN-ACK (§3.2.2.1)
 * @sent_dsack: the last segment had the option and a D-SACK
 * @ts_known: @ts_last is valid
 */
struct pp_accecn {
	u32 r_ce, r_bytes[3];
	u32 s_ce, s_bytes[3], s_ce_opt;
	u32 ts_last, opt_us;
	u16 ewma;
	u8 pending, last, syn_rcv, fail, seen, need, demand;
	u8 on:1, first:1, mute:1, reflect:1, sent_dsack:1, ts_known:1;
};

/* What an acknowledgment tells of ACE's wraps. */
struct pp_accecn_ack {
	u32 segs;		/* newly delivered */
	u32 mss;
	u32 ce_bytes;		/* newly reported by an option */
	bool bytes_ok;		/* there was one */
	bool sure;		/* @segs counts all */
};

/* @th: the TCP header. */
static inline u8 pp_accecn_ace(const u8 *th)
{
	return (th[12] & 1) << 2 | th[13] >> 6;
}

static inline void pp_accecn_set_ace(u8 *th, u8 ace)
{
	th[12] = (th[12] & ~1) | ace >> 2;
	th[13] = (th[13] & 0x3f) | (ace & 3) << 6;
}

/* The counter's three bits, as every segment but those of the handshake has. */
static inline u8 pp_accecn_counter(const struct pp_accecn *a)
{
	return (a->r_ce + PKTPATH_ACE_INIT) & PKTPATH_ACE_ALL;
}

/* §3.1.3: any combination of the flags that nobody has used asks for it. */
static inline bool pp_accecn_syn_asks(u8 ace)
{
	return ace && ace != PKTPATH_ACE_CLASSIC;
}

u8 pp_accecn_reflect(u8 ecn);
enum pp_ecn_mode pp_accecn_of_synack(u8 ace);
bool pp_accecn_mangled(u8 ace, u8 sent);
void pp_accecn_third(struct pp_accecn *a, u8 ace, bool pure, bool test);
bool pp_accecn_rcv(struct pp_accecn *a, u8 ecn, u32 segs, u32 len);
bool pp_accecn_owed(const struct pp_accecn *a, bool data);
void pp_accecn_opt_seen(struct pp_accecn *a, const struct pp_tcp_opt *o);
bool pp_accecn_opt_read(struct pp_accecn *a, const struct pp_tcp_opt *o,
			u32 *ce_bytes);
u32 pp_accecn_delta(struct pp_accecn *a, u8 ace,
		    const struct pp_accecn_ack *k);
bool pp_accecn_opt_fill(const struct pp_accecn *a, struct pp_tcp_opt *o);

#endif
