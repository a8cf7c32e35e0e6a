// SPDX-License-Identifier: GPL-2.0
/*
 * Token buckets for ICMP errors (RFC 1812 §4.3.2.8). Pure: time is a count of
 * ticks given by the caller, so the same file is unit tested in user space.
 *
 * An attacker who can see the global bucket run empty learns which of his
 * probes were answered to somebody else, and so which ports are open. Two
 * things take that away: a message must pass its destination's bucket before
 * the global one pays, and what it then pays is drawn at random from 0, 1, 2.
 *
 * Path: icmp_send.c => here
 * Mirrors: net/ipv4/icmp.c (icmp_global_allow), net/ipv4/inetpeer.c
 *	    (inet_peer_xrlim_allow)
 * Locks: none; the caller serialises each bucket
 */
#include "ip/icmp_rate.h"

/**
 * pp_icmp_global_allow() - is there credit for one more message?
 * @g: the bucket; refilled here, nothing is taken
 * @now: time in ticks, may wrap
 * @hz: ticks in a second
 * @per_sec: messages a second
 * @burst: upper bound of the credit
 *
 * Mirrors: net/ipv4/icmp.c:icmp_global_allow (v7.2).
 *
 * Context: any; the caller serialises @g.
 * Return: true when a message may go.
 */
bool pp_icmp_global_allow(struct pp_icmp_global *g, u32 now, u32 hz,
			  u32 per_sec, u32 burst)
{
	u32 delta, room;
	u64 incr;

	if (g->credit > 0)
		return true;
	delta = now - g->stamp;
	if (delta > hz)
		delta = hz;
	/* Refill in steps of 20 ms at least, so that rounding is small. */
	if (delta < hz / 50 || !delta)
		return false;
	incr = (u64)per_sec * delta / hz;
	if (!incr)
		return false;
	if (burst > 0x7fffffff)
		burst = 0x7fffffff;
	room = burst - g->credit;	/* credit <= 0 here */
	g->credit += incr < room ? (u32)incr : room;
	g->stamp = now;
	return g->credit > 0;
}

/**
 * pp_icmp_global_take() - pay for a message that is sent
 * @g: the bucket
 * @random: a random number that nobody outside can know
 *
 * Context: any; the caller serialises @g.
 */
void pp_icmp_global_take(struct pp_icmp_global *g, u32 random)
{
	g->credit -= ((u64)random * 3) >> 32;
}

/**
 * pp_icmp_dest_allow() - may this destination get one more message?
 * @d: the bucket that the destination hashes to
 * @tag: hash of the destination, not 0
 * @now: time in ticks, may wrap
 * @limit: ticks that a message costs, 0: no limit
 *
 * A bucket that is busy with another destination is shared, not taken over:
 * cycling through sources cannot wash a limit away, and memory is bounded.
 * Mirrors: net/ipv4/inetpeer.c:inet_peer_xrlim_allow (v7.2).
 *
 * Context: any; the caller serialises @d.
 * Return: true when a message may go; it is then paid.
 */
bool pp_icmp_dest_allow(struct pp_icmp_dest *d, u32 tag, u32 now, u32 limit)
{
	u32 full, delta;

	if (!limit)
		return true;
	/* Above a day of ticks the limit is as good as "never again". */
	if (limit > 0x08000000)
		limit = 0x08000000;
	full = limit * PKTPATH_ICMP_DEST_BURST;
	delta = now - d->stamp;
	if (!d->tag || delta >= full - (d->tokens < full ? d->tokens : full)) {
		d->tag = tag;
		d->tokens = full;
	} else {
		d->tokens += delta;
	}
	d->stamp = now;
	if (d->tokens < limit)
		return false;
	d->tokens -= limit;
	return true;
}
