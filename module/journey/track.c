// SPDX-License-Identifier: GPL-2.0
/*
 * Packets under way: which journey an skb is on, and who records it. Decided
 * once, so that a journey is recorded whole. An skb has one owner, so that no
 * two CPUs look for the same key at once; an entry may be taken away for
 * another packet when its set is full, and is then as one never made.
 *
 * Path: any stage -> probe.c -> here
 * Mirrors: none
 * Locks: none; see struct pp_track
 */
#include <linux/hash.h>
#include <linux/vmalloc.h>
#include "journey/journey_priv.h"

#define PKTPATH_TRACK_BITS	12	/* sets */
#define PKTPATH_TRACK_WAYS	4
#define PKTPATH_TRACK_TAKEN	1UL	/* key of an entry being filled */

static struct pp_track *pp_tracks __read_mostly;

/**
 * pp_track_start() - make the table
 *
 * Context: process, may sleep; no probe is there yet.
 * Return: 0 or -ENOMEM.
 */
int pp_track_start(void)
{
	pp_tracks = vzalloc(array3_size(1 << PKTPATH_TRACK_BITS,
					PKTPATH_TRACK_WAYS,
					sizeof(*pp_tracks)));
	return pp_tracks ? 0 : -ENOMEM;
}

/**
 * pp_track_stop() - free the table
 *
 * Context: process; no probe is left.
 */
void pp_track_stop(void)
{
	vfree(pp_tracks);
	pp_tracks = NULL;
}

static struct pp_track *pp_track_set_of(unsigned long key)
{
	return pp_tracks + hash_long(key, PKTPATH_TRACK_BITS) *
			   PKTPATH_TRACK_WAYS;
}

/**
 * pp_track_find() - the entry of a packet
 * @key: skb or task, the caller's
 * @copy: filled with what is known of it
 *
 * Context: interrupts off.
 * Return: the entry, or NULL.
 */
struct pp_track *pp_track_find(unsigned long key, struct pp_track *copy)
{
	struct pp_track *t = pp_track_set_of(key);
	int i;

	for (i = 0; i < PKTPATH_TRACK_WAYS; i++, t++) {
		if (READ_ONCE(t->key) != key)
			continue;
		/* key, content, key: pairs with pp_track_set() */
		smp_rmb();
		*copy = *t;
		/* likewise */
		smp_rmb();
		if (READ_ONCE(t->key) == key)
			return t;
	}
	return NULL;
}

/**
 * pp_track_set() - enter a packet, or change its entry
 * @t: what is known of it
 *
 * Context: interrupts off.
 */
void pp_track_set(const struct pp_track *t)
{
	struct pp_track *set = pp_track_set_of(t->key), *e = NULL;
	static unsigned int victim;
	unsigned long old = 0;
	int i;

	for (i = 0; i < PKTPATH_TRACK_WAYS; i++) {
		if (READ_ONCE(set[i].key) == t->key) {
			e = set + i;
			break;
		}
		if (!e && !READ_ONCE(set[i].key))
			e = set + i;
	}
	if (!e) {
		/* any will do, and two CPUs may choose the same */
		e = set + data_race(victim++) % PKTPATH_TRACK_WAYS;
	}
	old = READ_ONCE(e->key);
	if (old == PKTPATH_TRACK_TAKEN ||
	    cmpxchg(&e->key, old, PKTPATH_TRACK_TAKEN) != old)
		return;
	e->id = t->id;
	e->pn = t->pn;
	e->sk = t->sk;
	e->cookie = t->cookie;
	e->mask = t->mask;
	e->state = t->state;
	/* content before key: pairs with pp_track_find() */
	smp_store_release(&e->key, t->key);
}

/**
 * pp_track_del() - forget a packet
 * @t: its entry
 * @key: what it was found by
 *
 * Context: interrupts off.
 */
void pp_track_del(struct pp_track *t, unsigned long key)
{
	cmpxchg(&t->key, key, 0);
}

/**
 * pp_track_forget() - a recording has ended
 * @pn: whose
 * @slot: its place in pp_journey_net.rec
 *
 * Entries of @pn go altogether: a netns without recordings must not be named
 * by any. Other recordings of it begin anew with the next packets.
 *
 * Context: process; the slot is empty and a grace period old.
 */
void pp_track_forget(const struct pp_net *pn, unsigned int slot)
{
	struct pp_track *t = pp_tracks;
	unsigned long key;
	size_t i;

	for (i = 0; i < PKTPATH_TRACK_WAYS << PKTPATH_TRACK_BITS; i++, t++) {
		key = READ_ONCE(t->key);
		if (key > PKTPATH_TRACK_TAKEN && READ_ONCE(t->pn) == pn &&
		    READ_ONCE(t->mask) & BIT(slot))
			cmpxchg(&t->key, key, 0);
	}
}
