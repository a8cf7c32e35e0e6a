// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_sack_blocks.c */
/*
 * Segments in any order: the blocks that are reported hold what came, the
 * newest first, and nothing twice. Blocks in any order from a peer: only those
 * inside what is outstanding count, and nothing that is new is passed over.
 */
#include <stdlib.h>
#include "tcp/tcp_sack_blocks.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)
#define SPAN 1024

static const u8 *in;
static size_t left;

static u32 take(void)
{
	u32 v;

	if (left < 2)
		return 0;
	v = in[0] << 8 | in[1];
	in += 2;
	left -= 2;
	return v;
}

/* ---- What we report ---- */

static void check_list(const struct pp_tcp_sack_block *own, unsigned int n,
		       const bool *here, u32 base, u32 rcv_nxt)
{
	unsigned int i, k;
	u32 at;

	CHECK(n <= PKTPATH_TCP_MAX_SACKS);
	for (i = 0; i < n; i++) {
		CHECK(pp_seq_before(own[i].start, own[i].end));
		CHECK(pp_seq_before(rcv_nxt, own[i].start));
		for (at = own[i].start; at != own[i].end; at++)
			CHECK(at - base < SPAN && here[at - base]);
		/* neither common bytes nor a common edge */
		for (k = 0; k < i; k++)
			CHECK(pp_seq_before(own[k].end, own[i].start) ||
			      pp_seq_before(own[i].end, own[k].start));
	}
}

static void report(u32 base)
{
	struct pp_tcp_sack_block own[PKTPATH_TCP_MAX_SACKS];
	bool here[SPAN] = { false };
	unsigned int n = 0;
	u32 rcv_nxt = base, start, end, at;

	while (left >= 4 && rcv_nxt - base < SPAN) {
		start = rcv_nxt + take() % (SPAN - (rcv_nxt - base));
		end = start + 1 + take() % 64;
		if (end - base > SPAN)
			end = base + SPAN;
		for (at = start; at != end; at++)
			here[at - base] = true;
		if (start != rcv_nxt) {
			n = pp_tcp_sack_list_add(own, n, start, end);
			CHECK(!pp_seq_after(own[0].start, start) &&
			      !pp_seq_before(own[0].end, end));
		}
		while (rcv_nxt - base < SPAN && here[rcv_nxt - base])
			rcv_nxt++;
		n = pp_tcp_sack_list_advance(own, n, rcv_nxt);
		check_list(own, n, here, base, rcv_nxt);
	}
}

/* ---- What a peer reports ---- */

static bool inside(const struct pp_tcp_sack_block *b, u32 seq)
{
	return pp_seq_between(b->start, seq, b->end);
}

static void believed(u32 una)
{
	struct pp_tcp_opt o = { .nsacks = PKTPATH_TCP_MAX_SACKS };
	struct pp_tcp_sack_block seen[PKTPATH_TCP_MAX_SACKS] = {};
	u32 nxt = una + take() % SPAN, from, at;
	unsigned int i, k;

	for (i = 0; i < PKTPATH_TCP_MAX_SACKS; i++) {
		o.sacks[i].start = una - 8 + take() % (SPAN + 16);
		o.sacks[i].end = una - 8 + take() % (SPAN + 16);
		seen[i].start = una + take() % SPAN;
		seen[i].end = seen[i].start + take() % 64;
	}
	CHECK(!pp_seq_before(o.sacks[0].start, una) ||
	      pp_tcp_sack_is_dsack(&o, una));
	for (i = 0; i < PKTPATH_TCP_MAX_SACKS; i++) {
		const struct pp_tcp_sack_block *b = &o.sacks[i];
		u32 s = b->start - una, e = b->end - una;

		CHECK(pp_tcp_sack_valid(b, una, nxt) ==
		      (s < e && e <= nxt - una));
		CHECK(pp_tcp_sack_new(NULL, b, &from) && from == b->start);
		if (!pp_tcp_sack_valid(b, una, nxt))
			continue;
		if (!pp_tcp_sack_new(seen, b, &from))
			from = b->end;
		CHECK(from == b->start || inside(b, from) || from == b->end);
		for (at = b->start; at != from; at++) {
			for (k = 0; k < PKTPATH_TCP_MAX_SACKS; k++)
				if (inside(&seen[k], at))
					break;
			CHECK(k < PKTPATH_TCP_MAX_SACKS);
		}
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 base;

	in = data;
	left = size;
	/* near the ends of the circle, too */
	base = take() << 16;
	base += take();
	believed(base);
	report(base);
	return 0;
}
