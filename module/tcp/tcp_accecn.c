// SPDX-License-Identifier: GPL-2.0
/*
 * Accurate ECN (RFC 9768): counters, their encoding and what they tell.
 *
 * Path: tcp_accecn_sk.c
 * Mirrors: include/net/tcp_ecn.h, net/ipv4/tcp_input.c (tcp_accecn_*)
 * Locks: none, pure
 *
 * A receiver counts packets with CE, and bytes by codepoint. The packets go
 * back in ACE, modulo 8; the bytes in an option, if the path lets it pass. The
 * sender has to find out how often ACE went round: see pp_accecn_delta().
 */
#include "tcp/tcp_accecn.h"

#define ACCECN_E1B	0	/* of r_bytes and s_bytes: codepoint - 1 */
#define ACCECN_E0B	1
#define ACCECN_CEB	2

#define ACCECN_BYTES	0xffffffu	/* a field of the option */
#define ACCECN_NEGATIVE	0x800000u
#define ACCECN_DEMAND	2
#define ACCECN_REPEAT	22		/* log2 of the bytes, §3.2.3.3 */

#define ACCECN_EWMA	6		/* weight and fraction, log2 */
#define ACCECN_THINNED	(4 << ACCECN_EWMA)

/* Fields of the option by its order, §3.2.3; initial values, §3.2.1. */
static const u8 pp_accecn_order[2][3] = {
	{ ACCECN_E0B, ACCECN_CEB, ACCECN_E1B },
	{ ACCECN_E1B, ACCECN_CEB, ACCECN_E0B },
};

static const u8 pp_accecn_init[3] = { 1, 1, 0 };

/**
 * pp_accecn_reflect() - how a SYN's codepoint is told
 * @ecn: codepoint
 *
 * Tables 2 and 3: in the SYN-ACK, and in the ACK of a SYN-ACK.
 * Context: any, pure.
 * Return: ACE.
 */
u8 pp_accecn_reflect(u8 ecn)
{
	static const u8 ace[4] = { 2, 3, 4, 6 };

	return ace[ecn & 3];
}

/* The other way round; -1: ACE says nothing about it. */
static int pp_accecn_reflected(u8 ace)
{
	static const s8 ecn[8] = { -1, -1, 0, 1, 2, -1, 3, -1 };

	return ecn[ace & PKTPATH_ACE_ALL];
}

/**
 * pp_accecn_of_synack() - what a SYN-ACK has made of our asking for AccECN
 * @ace: its flags
 *
 * Table 2. All three mean that they were only sent back.
 * Context: any, pure.
 * Return: the mode.
 */
enum pp_ecn_mode pp_accecn_of_synack(u8 ace)
{
	if (!ace || ace == PKTPATH_ACE_ALL)
		return PKTPATH_ECN_NONE;
	return ace == 1 ? PKTPATH_ECN_CLASSIC : PKTPATH_ECN_ACCURATE;
}

/**
 * pp_accecn_mangled() - did the path change the codepoint of a SYN of ours?
 * @ace: how it was told
 * @sent: codepoint it left with
 *
 * §3.2.2.3: only a mark of CE on what is ECT is right.
 * Context: any, pure.
 * Return: true: it did.
 */
bool pp_accecn_mangled(u8 ace, u8 sent)
{
	int got = pp_accecn_reflected(ace);

	return got >= 0 && got != sent && !(sent && sent != PKTPATH_ECN_CE &&
					    got == PKTPATH_ECN_CE);
}

/**
 * pp_accecn_third() - the first segment that a server gets after its SYN-ACK
 * @a: counters
 * @ace: its field
 * @pure: no data, no SACK: the field tells how our SYN-ACK came
 * @test: whether mangling turns ECT off
 *
 * Table 4; our SYN-ACKs are never ECT.
 * Context: any, pure.
 */
void pp_accecn_third(struct pp_accecn *a, u8 ace, bool pure, bool test)
{
	if (!ace) {
		a->fail |= PKTPATH_ACCECN_ACE_RECV | PKTPATH_ACCECN_OPT_RECV;
		a->mute = 1;
		return;
	}
	if (!pure)
		return;
	if (test && pp_accecn_mangled(ace, 0))
		a->fail |= PKTPATH_ACCECN_ACE_RECV;
	if (pp_accecn_reflected(ace) == PKTPATH_ECN_CE)
		a->s_ce = 1;
}

/**
 * pp_accecn_rcv() - count a packet that is acceptable
 * @a: counters
 * @ecn: its codepoint
 * @segs: packets it was on the wire
 * @len: payload, bytes
 *
 * §3.2. The first data with CE is acknowledged at once (§3.2.2.5.1).
 * Context: any, pure.
 * Return: true: do so.
 */
bool pp_accecn_rcv(struct pp_accecn *a, u8 ecn, u32 segs, u32 len)
{
	bool edge = ecn != a->last, ce = ecn == PKTPATH_ECN_CE;

	if (ce) {
		a->r_ce += segs;
		segs += a->pending;
		a->pending = segs > 0xff ? 0xff : segs;
	}
	if (ecn && len) {
		u32 was = a->r_bytes[ecn - 1];

		a->r_bytes[ecn - 1] += len;
		a->need |= 1 << (ecn - 1);
		if ((was ^ a->r_bytes[ecn - 1]) >> ACCECN_REPEAT && !a->demand)
			a->demand = 1;
	}
	/* Two, so that one of them surely tells the new counter. */
	if (edge || ce)
		a->demand = ACCECN_DEMAND;
	a->last = ecn;
	return edge && ce && len;
}

/**
 * pp_accecn_owed() - have so many marks come that the peer has to hear of them?
 * @a: counters
 * @data: there is data to be acknowledged
 *
 * §3.2.2.5.1: two; of acknowledgments three, or two ends with marks on both
 * ways would answer each other for ever.
 * Context: any, pure.
 * Return: true if so.
 */
bool pp_accecn_owed(const struct pp_accecn *a, bool data)
{
	return a->pending >= (data ? 2 : 3);
}

/**
 * pp_accecn_opt_seen() - the first options say whether the path spoils them
 * @a: counters
 * @o: options with this one
 *
 * §3.2.3.2.4: a first field never begins with zero.
 * Context: any, pure.
 */
void pp_accecn_opt_seen(struct pp_accecn *a, const struct pp_tcp_opt *o)
{
	if (a->seen >= PKTPATH_ACCECN_SEEN_COUNTERS)
		return;
	a->seen = o->accecn_n ? PKTPATH_ACCECN_SEEN_COUNTERS :
				PKTPATH_ACCECN_SEEN_EMPTY;
	if ((o->accecn_n > 0 && !o->accecn_val[0]) ||
	    (o->accecn_n > 2 && !o->accecn_val[2])) {
		a->seen = PKTPATH_ACCECN_SEEN_FAIL;
		a->fail |= PKTPATH_ACCECN_OPT_RECV;
	}
}

/**
 * pp_accecn_opt_read() - take the counters of an option
 * @a: counters
 * @o: options with this one
 * @ce_bytes: set to the growth of that of CE
 *
 * §3.2.3.1. A counter that seems to go back was overtaken, or is more than
 * 8 MB ahead: it is taken over, and nothing concluded from it.
 * Context: any, pure.
 * Return: true: @ce_bytes is good; a field that is left out has not changed.
 */
bool pp_accecn_opt_read(struct pp_accecn *a, const struct pp_tcp_opt *o,
			u32 *ce_bytes)
{
	const u8 *order = pp_accecn_order[o->accecn == PKTPATH_OPT_ACCECN1];
	bool ok = o->accecn_n;
	unsigned int i;

	*ce_bytes = 0;
	for (i = 0; i < o->accecn_n; i++) {
		u32 *c = &a->s_bytes[order[i]];
		u32 d = (o->accecn_val[i] - pp_accecn_init[order[i]] - *c) &
			ACCECN_BYTES;

		if (d & ACCECN_NEGATIVE) {
			d |= ~ACCECN_BYTES;
			ok = false;
		}
		*c += d;
		if (order[i] == ACCECN_CEB)
			*ce_bytes = d;
	}
	return ok;
}

/* Without bytes: what is likely where acknowledgments are thinned out is that
 * the receiver has sent one in time, so that ACE has not gone round; else a
 * long gap means lost ones, and the worst is assumed.
 */
static u32 pp_accecn_guess(const struct pp_accecn *a, u32 least, u32 most)
{
	return a->ewma > ACCECN_THINNED ? least : most;
}

/* By the bytes of appendix A.2.2, which say how many packets they may be. */
static u32 pp_accecn_by_bytes(const struct pp_accecn *a, u32 least, u32 most,
			      const struct pp_accecn_ack *k)
{
	u64 known = (u64)(a->s_ce - a->s_ce_opt) * k->mss;
	u64 bytes = k->ce_bytes;
	u32 packets;

	/* Some of them were counted as packets since the last option. */
	bytes = bytes > known ? bytes - known : 0;
	if (!bytes || !k->mss)
		return least;
	if (k->sure && k->segs >= 16) {
		packets = (u32)div_u64(bytes + k->mss - 1, k->mss);
		packets = least + (packets & ~PKTPATH_ACE_ALL);
		return packets < most ? packets : most;
	}
	if (bytes > (u64)least * k->mss)
		return most;
	return bytes < (u64)most * k->mss / 2 ? least : most;
}

/**
 * pp_accecn_delta() - how many packets of ours have got a mark
 * @a: counters; s_ce is the caller's to raise
 * @ace: field of the segment
 * @k: what it acknowledges
 *
 * §3.2.2.2, §3.2.2.5.2 and appendix A.2: at least what ACE has gone on; eight
 * more for each time it may have gone round within the segments acknowledged.
 * Context: any, pure.
 * Return: the number.
 */
u32 pp_accecn_delta(struct pp_accecn *a, u8 ace, const struct pp_accecn_ack *k)
{
	u32 least = (ace - PKTPATH_ACE_INIT - a->s_ce) & PKTPATH_ACE_ALL;
	u32 most, avg;

	if (k->segs) {
		avg = a->ewma ? (((u32)a->ewma << ACCECN_EWMA) - a->ewma +
				 (k->segs << ACCECN_EWMA)) >> ACCECN_EWMA :
				k->segs << ACCECN_EWMA;
		a->ewma = avg > 0xffff ? 0xffff : avg;
	}
	if (k->segs <= PKTPATH_ACE_ALL)
		return least;
	most = k->segs - ((k->segs - least) & PKTPATH_ACE_ALL);
	if (k->bytes_ok)
		return pp_accecn_by_bytes(a, least, most, k);
	return pp_accecn_guess(a, least, most);
}

/* How many fields of an order it takes to tell all that has changed. */
static unsigned int pp_accecn_fields(u8 need, const u8 *order)
{
	unsigned int i;

	for (i = 3; i > 0; i--)
		if (need & 1 << order[i - 1])
			break;
	return i;
}

/**
 * pp_accecn_opt_fill() - add the option to those of a segment
 * @a: counters
 * @o: its options; SACK blocks beyond two may be given up
 *
 * §3.2.3.3: all counters if they fit, else at least those that have changed
 * since the last option, in the order that takes fewer, or none at all. SACK
 * goes before with two blocks.
 *
 * Context: any, pure.
 * Return: true: it was added.
 */
bool pp_accecn_opt_fill(const struct pp_accecn *a, struct pp_tcp_opt *o)
{
	unsigned int sacks, least[2], i, n;
	u8 order;

	/* Those that would be left out in any case. */
	o->accecn = 0;
	while (!pp_tcp_opt_fits(o))
		o->nsacks--;
	sacks = o->nsacks;
	least[0] = pp_accecn_fields(a->need, pp_accecn_order[0]);
	least[1] = pp_accecn_fields(a->need, pp_accecn_order[1]);
	order = least[1] <= least[0];
	for (;;) {
		o->accecn = PKTPATH_OPT_ACCECN1;
		for (n = 3; ; n--) {
			o->accecn_n = n;
			if (pp_tcp_opt_fits(o))
				goto fits;
			if (n <= least[order])
				break;
		}
		if (o->nsacks <= 2 || !least[order])
			break;
		o->nsacks--;
	}
	o->nsacks = sacks;
	o->accecn = 0;
	return false;
fits:
	if (n < 3 && !order)
		o->accecn = PKTPATH_OPT_ACCECN0;
	order = o->accecn == PKTPATH_OPT_ACCECN1;
	for (i = 0; i < n; i++) {
		u8 c = pp_accecn_order[order][i];

		o->accecn_val[i] = (a->r_bytes[c] + pp_accecn_init[c]) &
				   ACCECN_BYTES;
	}
	return true;
}
