// SPDX-License-Identifier: GPL-2.0
/*
 * Packets under way: which journey an skb is on, and who records it. Decided
 * once, so that a journey is recorded whole. An skb has one owner, so that no
 * two CPUs look for the same key at once; an entry may be taken away for
 * another packet when its set is full, which is told to who takes it.
 *
 * Path: any stage -> probe.c -> here
 * Mirrors: none
 * Locks: none; see struct pp_track
 */
#include <linux/vmalloc.h>
#include "journey/journey_priv.h"

struct pp_track *pp_tracks __read_mostly;

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

/**
 * pp_track_clear() - forget all packets
 *
 * Context: process; no probe is left.
 */
void pp_track_clear(void)
{
	memset(pp_tracks, 0, array3_size(1 << PKTPATH_TRACK_BITS,
					 PKTPATH_TRACK_WAYS,
					 sizeof(*pp_tracks)));
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
	struct pp_track *t = pp_track_way(key, key);

	if (!t)
		return NULL;
	/* key, content, key: pairs with pp_track_set() */
	smp_rmb();
	*copy = *t;
	/* likewise */
	smp_rmb();
	return READ_ONCE(t->key) == key ? t : NULL;
}

/* The packet's own entry, a free one, or any. */
static struct pp_track *pp_track_choose(unsigned long key)
{
	struct pp_track *e = pp_track_way(key, key);
	static unsigned int victim;

	if (!e)
		e = pp_track_way(key, 0);
	if (e)
		return e;
	/* two CPUs may choose the same */
	return pp_track_set_of(key) + data_race(victim++) % PKTPATH_TRACK_WAYS;
}

/**
 * pp_track_set() - enter a packet, or change its entry
 * @e: its entry as pp_track_find() gave it, or NULL
 * @t: what is known of it
 * @gone: set to the packet that the table has no room for any more: another one
 *	  or @t itself; mask 0: none
 *
 * Context: interrupts off.
 * Return: the entry, or NULL when there is none.
 */
struct pp_track *pp_track_set(struct pp_track *e, const struct pp_track *t,
			      struct pp_track *gone)
{
	unsigned long old;

	if (!e || READ_ONCE(e->key) != t->key)
		e = pp_track_choose(t->key);
	old = READ_ONCE(e->key);
	gone->mask = 0;
	if (old == PKTPATH_TRACK_TAKEN ||
	    cmpxchg(&e->key, old, PKTPATH_TRACK_TAKEN) != old) {
		*gone = *t;
		return NULL;
	}
	/* ours alone until the key is back */
	pp_track_renew(e);
	if (old && old != t->key)
		*gone = *e;
	e->id = t->id;
	e->last = t->last;
	e->pn = t->pn;
	e->sk = t->sk;
	e->cookie = t->cookie;
	e->want = t->want;
	e->at = t->at;
	/* content before key: pairs with pp_track_find() */
	smp_store_release(&e->key, t->key);
	return e;
}

/*
 * Takes @bit out of who wants an entry's packet. Stage and state are written
 * beside it by whoever has the packet, and another packet may have come there:
 * nothing may have changed since it was read. Interrupts off.
 */
static void pp_track_unwant(struct pp_track *t, const struct pp_net *pn,
			    unsigned int bit)
{
	struct pp_track was;
	unsigned long key;
	u64 both;

	do {
		was.both = READ_ONCE(t->both);
		/* pairs with pp_track_set(): its key is the last to come */
		smp_rmb();
		key = READ_ONCE(t->key);
		/* one being filled has not the bit, see pp_probe_enter() */
		if (key <= PKTPATH_TRACK_TAKEN || READ_ONCE(t->pn) != pn ||
		    (was.mask && !(was.mask & BIT(bit))))
			return;
		both = was.both;
		was.mask &= ~BIT(bit);
		if (bit < PKTPATH_JOURNEY_RECS)
			was.open &= ~(PKTPATH_LATE_ALL <<
				      bit * PKTPATH_LATE_BITS);
	} while (cmpxchg64(&t->both, both, was.both) != both);
	if (!was.mask)
		pp_track_del(t, key);
}

/**
 * pp_track_forget() - a recording has ended
 * @pn: whose
 * @bit: its bit in pp_journey_net.live, not set any more
 *
 * What no other wants is forgotten: no entry of the netns is left when the last
 * recording of it has ended.
 *
 * Context: process; the bit is gone since a grace period, so that no probe
 * enters a packet with it again.
 */
void pp_track_forget(const struct pp_net *pn, unsigned int bit)
{
	struct pp_track *t = pp_tracks;
	unsigned long flags;
	size_t i;

	for (i = 0; i < PKTPATH_TRACK_WAYS << PKTPATH_TRACK_BITS; i++, t++) {
		if (READ_ONCE(t->key) <= PKTPATH_TRACK_TAKEN ||
		    READ_ONCE(t->pn) != pn)
			continue;
		local_irq_save(flags);
		pp_track_unwant(t, pn, bit);
		local_irq_restore(flags);
	}
}
