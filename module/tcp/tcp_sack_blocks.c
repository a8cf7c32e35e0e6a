// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic of SACK blocks: the list that we report, the checks of what a
 * peer reports.
 *
 * Path: tcp_sack_gen.c, tcp_sack.c -> here
 * Mirrors: net/ipv4/tcp_input.c (tcp_sack_new_ofo_skb, tcp_sack_remove,
 *	    tcp_is_sackblock_valid, tcp_check_dsack)
 * Locks: none, pure
 */
#include "tcp/tcp_sack_blocks.h"

/**
 * pp_tcp_sack_join() - make a block longer by what touches it
 * @b: block
 * @start: of the other
 * @end: of the other
 *
 * Context: any, pure.
 * Return: false: there is a gap, @b is as it was.
 */
bool pp_tcp_sack_join(struct pp_tcp_sack_block *b, u32 start, u32 end)
{
	if (pp_seq_after(start, b->end) || pp_seq_before(end, b->start))
		return false;
	if (pp_seq_before(start, b->start))
		b->start = start;
	if (pp_seq_after(end, b->end))
		b->end = end;
	return true;
}

static unsigned int pp_tcp_sack_list_drop(struct pp_tcp_sack_block *own,
					  unsigned int n, unsigned int i)
{
	n--;
	memmove(&own[i], &own[i + 1], (n - i) * sizeof(own[0]));
	return n;
}

/**
 * pp_tcp_sack_list_add() - a segment came out of order
 * @own: room for PKTPATH_TCP_MAX_SACKS blocks, the newest first
 * @n: how many there are
 * @start: of the segment
 * @end: of it
 *
 * RFC 2018 §4: the block that has the newest segment comes first; the others
 * follow by age, the oldest falls out. No two of them touch, so what was passed
 * by does not touch what a later one is joined to.
 *
 * Context: any, pure.
 * Return: how many there are now.
 */
unsigned int pp_tcp_sack_list_add(struct pp_tcp_sack_block *own,
				  unsigned int n, u32 start, u32 end)
{
	struct pp_tcp_sack_block b = { start, end };
	unsigned int i = 0;

	while (i < n) {
		if (pp_tcp_sack_join(&b, own[i].start, own[i].end))
			n = pp_tcp_sack_list_drop(own, n, i);
		else
			i++;
	}
	if (n == PKTPATH_TCP_MAX_SACKS)
		n--;
	memmove(&own[1], &own[0], n * sizeof(own[0]));
	own[0] = b;
	return n + 1;
}

/**
 * pp_tcp_sack_list_advance() - forget the blocks that are in order by now
 * @own: blocks
 * @n: how many there are
 * @rcv_nxt: all before it is here
 *
 * Context: any, pure.
 * Return: how many there are now.
 */
unsigned int pp_tcp_sack_list_advance(struct pp_tcp_sack_block *own,
				      unsigned int n, u32 rcv_nxt)
{
	unsigned int i = 0;

	while (i < n) {
		if (pp_seq_before(rcv_nxt, own[i].start))
			i++;
		else
			n = pp_tcp_sack_list_drop(own, n, i);
	}
	return n;
}

/**
 * pp_tcp_sack_is_dsack() - does the first block report a duplicate?
 * @o: options with at least one block
 * @ack: acknowledgment of the segment
 *
 * RFC 2883 §4: it lies below the acknowledgment or inside the second block.
 *
 * Context: any, pure.
 * Return: true when it does.
 */
bool pp_tcp_sack_is_dsack(const struct pp_tcp_opt *o, u32 ack)
{
	if (pp_seq_before(o->sacks[0].start, ack))
		return true;
	return o->nsacks > 1 &&
	       !pp_seq_before(o->sacks[0].start, o->sacks[1].start) &&
	       !pp_seq_after(o->sacks[0].end, o->sacks[1].end);
}

/**
 * pp_tcp_sack_valid() - RFC 2018 §4: a block must lie in what is outstanding
 * @b: block
 * @una: start of that
 * @nxt: its end
 *
 * Context: any, pure.
 * Return: true when it does.
 */
bool pp_tcp_sack_valid(const struct pp_tcp_sack_block *b, u32 una, u32 nxt)
{
	return pp_seq_before(b->start, b->end) &&
	       !pp_seq_after(b->end, nxt) && !pp_seq_before(b->start, una);
}

/**
 * pp_tcp_sack_new() - where what is new of a block begins
 * @seen: PKTPATH_TCP_MAX_SACKS blocks of the last acknowledgment, empty ones
 * among them; NULL if there was none
 * @b: valid block
 * @from: set to the start of what is new
 *
 * Context: any, pure.
 * Return: false: the last acknowledgment had it all.
 */
bool pp_tcp_sack_new(const struct pp_tcp_sack_block *seen,
		     const struct pp_tcp_sack_block *b, u32 *from)
{
	int i;

	*from = b->start;
	for (i = 0; seen && i < PKTPATH_TCP_MAX_SACKS; i++) {
		const struct pp_tcp_sack_block *o = &seen[i];

		if (o->start == o->end || pp_seq_before(b->start, o->start) ||
		    pp_seq_after(b->start, o->end))
			continue;
		if (!pp_seq_after(b->end, o->end))
			return false;
		*from = o->end;
		return true;
	}
	return true;
}
