// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of one neighbour (RFC 1122 §2.3.2.1, after RFC 4861 §7.3).
 *
 *	NONE, FAILED --output--> INCOMPLETE --reply--> REACHABLE
 *	INCOMPLETE --mcast_probes unanswered--> FAILED
 *	REACHABLE --reachable time without a confirmation--> STALE
 *	STALE --output--> DELAY --delay_probe_time--> PROBE
 *	DELAY, PROBE --confirmed--> REACHABLE
 *	PROBE --ucast_probes unanswered--> FAILED
 *
 * There is no timer for the step from REACHABLE to STALE: whoever looks at the
 * entry compares times (pp_neigh_state()), so an idle entry costs nothing.
 * Only INCOMPLETE, DELAY and PROBE have a timer running.
 *
 * Path: arp_output.c and arp_input.c => this
 * Mirrors: net/core/neighbour.c (neigh_update, neigh_timer_handler,
 *	    __neigh_event_send)
 * Locks: pp_neigh.lock, BH off; frames are sent after it is released
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/random.h>
#include "core/drop.h"
#include "core/ops.h"
#include "core/skb_cb.h"
#include "neigh/neigh_priv.h"

/* A request to be sent once the lock is released. */
struct pp_neigh_ask {
	bool send;
	bool ucast;
	__be32 saddr;
	u8 ha[ETH_ALEN];
};

static unsigned long pp_neigh_retrans(const struct pp_neigh *n)
{
	return max(READ_ONCE(n->pd->neigh.retrans_time), max(1, HZ / 100));
}

/* RFC 4861 §6.3.2: uniform in [0.5, 1.5) of the base, against lock step. */
static unsigned long pp_neigh_reachable_time(const struct pp_neigh *n)
{
	u32 base = max(READ_ONCE(n->pd->neigh.base_reachable_time), 2);

	return base / 2 + get_random_u32_below(base);
}

/**
 * pp_neigh_hh_build() - write the cached header anew
 * @n: neighbour with a valid link address, lock held
 *
 * Context: n->lock held, BH off.
 */
void pp_neigh_hh_build(struct pp_neigh *n)
{
	const struct net_device *dev = n->pd->dev;
	struct ethhdr *eth;

	lockdep_assert_held(&n->lock);
	eth = (struct ethhdr *)(n->hh + PKTPATH_HH_LEN - ETH_HLEN);
	write_seqcount_begin(&n->hh_seq);
	memset(n->hh, 0, sizeof(n->hh));
	ether_addr_copy(eth->h_dest, n->ha);
	ether_addr_copy(eth->h_source, dev->dev_addr);
	eth->h_proto = htons(ETH_P_IP);
	/* Devices that write more than an Ethernet header cannot be cached. */
	n->hh_len = dev->header_ops && dev->header_ops->cache ? ETH_HLEN : 0;
	write_seqcount_end(&n->hh_seq);
}

static void pp_neigh_set_state(struct pp_neigh *n, u8 state)
{
	unsigned long fresh = 0;

	lockdep_assert_held(&n->lock);
	if (state == NUD_REACHABLE)
		fresh = n->reachable;
	else if (state & (NUD_PERMANENT | NUD_DELAY | NUD_PROBE))
		fresh = ULONG_MAX;
	WRITE_ONCE(n->nud_state, state);
	if (state & NUD_VALID)
		WRITE_ONCE(n->silent, 0);
	/* Pairs with pp_neigh_output(): the header is there first. */
	smp_store_release(&n->fresh, n->hh_len ? fresh : 0);
}

static void pp_neigh_timer_arm(struct pp_neigh *n, unsigned long delay)
{
	lockdep_assert_held(&n->lock);
	if (!mod_timer(&n->timer, jiffies + max(delay, 1UL)))
		refcount_inc(&n->refcnt);
}

static void pp_neigh_timer_stop(struct pp_neigh *n)
{
	lockdep_assert_held(&n->lock);
	if (timer_delete(&n->timer))
		refcount_dec(&n->refcnt);
}

/* Prepares the next request of this state and arms its time-out. */
static void pp_neigh_ask_prepare(struct pp_neigh *n, struct pp_neigh_ask *ask)
{
	unsigned long retrans = pp_neigh_retrans(n);
	unsigned long since = jiffies - n->solicited;
	const struct sk_buff *skb = skb_peek(&n->queue);

	/* RFC 1122 §2.3.2.1: no more than one request a second. */
	if (!n->probes && since < retrans) {
		pp_neigh_timer_arm(n, retrans - since);
		return;
	}
	ask->send = true;
	ask->ucast = n->nud_state == NUD_PROBE;
	ask->saddr = skb ? ip_hdr(skb)->saddr : 0;
	ether_addr_copy(ask->ha, n->ha);
	n->solicited = jiffies;
	n->probes++;
	pp_neigh_timer_arm(n, retrans);
}

static void pp_neigh_ask_send(struct pp_neigh *n,
			      const struct pp_neigh_ask *ask)
{
	if (ask->send)
		pp_arp_solicit(n->pd, n->addr, ask->saddr,
			       ask->ucast ? ask->ha : NULL);
}

static void pp_neigh_fail(struct pp_neigh *n, struct sk_buff_head *failed)
{
	pp_neigh_set_state(n, NUD_FAILED);
	WRITE_ONCE(n->silent, 1);
	n->updated = jiffies;
	pp_neigh_queue_take(n, failed);
	pp_mib_inc(n->pd->pn, PP_NEIGH_FAILED);
}

/* RFC 1122 §2.3.2.2, §3.2.2.1: tell the senders; no lock held. */
static void pp_neigh_report(struct pp_neigh *n, struct sk_buff_head *failed)
{
	const struct pp_neigh_ops *ops;
	struct sk_buff *skb;

	rcu_read_lock();
	ops = rcu_dereference(pp_neigh_ops);
	while ((skb = __skb_dequeue(failed))) {
		if (ops)
			ops->error_report(n, skb);
		else
			pp_skb_drop(n->pd->pn, skb, PKTPATH_STAGE_NEIGH,
				    PKTPATH_DROP_NEIGH_FAILED);
	}
	rcu_read_unlock();
}

/* Steps DELAY, PROBE and INCOMPLETE on; lock held. */
static void pp_neigh_timer_step(struct pp_neigh *n, struct pp_neigh_ask *ask,
				struct sk_buff_head *failed)
{
	const struct pp_neigh_parms *p = &n->pd->neigh;
	unsigned int max_probes;

	/* An upper layer had its proof since this state began. */
	if (n->nud_state & (NUD_DELAY | NUD_PROBE) &&
	    time_after_eq(READ_ONCE(n->confirmed), n->updated)) {
		n->reachable = pp_neigh_reachable_time(n);
		n->updated = jiffies;
		n->probes = 0;
		pp_neigh_set_state(n, NUD_REACHABLE);
		return;
	}
	if (n->nud_state == NUD_DELAY) {
		n->updated = jiffies;
		n->probes = 0;
		pp_neigh_set_state(n, NUD_PROBE);
	}
	max_probes = n->nud_state == NUD_PROBE ? READ_ONCE(p->ucast_probes) :
						 READ_ONCE(p->mcast_probes);
	if (n->probes >= max_probes)
		pp_neigh_fail(n, failed);
	else
		pp_neigh_ask_prepare(n, ask);
}

/**
 * pp_neigh_timer() - time-out of INCOMPLETE, DELAY or PROBE
 * @t: timer of the neighbour, whose reference it owns
 *
 * Mirrors: net/core/neighbour.c:neigh_timer_handler
 *
 * Context: softirq, RCU by being a softirq.
 */
void pp_neigh_timer(struct timer_list *t)
{
	struct pp_neigh *n = container_of(t, struct pp_neigh, timer);
	struct pp_neigh_ask ask = {};
	struct sk_buff_head failed;

	__skb_queue_head_init(&failed);
	rcu_read_lock();
	spin_lock(&n->lock);
	if (!n->dead && n->nud_state & NUD_IN_TIMER &&
	    n->nud_state != NUD_REACHABLE)
		pp_neigh_timer_step(n, &ask, &failed);
	spin_unlock(&n->lock);
	pp_neigh_ask_send(n, &ask);
	pp_neigh_report(n, &failed);
	rcu_read_unlock();
	pp_neigh_put(n);
}

/* Whether @skb may wait too; makes room by dropping older ones. */
static bool pp_neigh_queue_room(struct pp_neigh *n, const struct sk_buff *skb,
				struct sk_buff_head *drop)
{
	atomic_long_t *total = &n->pd->pn->neigh->queue_bytes;
	int limit = READ_ONCE(n->pd->neigh.queue_len_bytes);
	unsigned int size = skb->truesize;
	struct sk_buff *old;

	/* RFC 1122 §2.3.2.2: at least one packet, the latest, is kept. */
	while ((old = skb_peek(&n->queue)) &&
	       ((u64)n->queue_bytes + size > max(limit, 0) ||
		atomic_long_read(total) + size > PKTPATH_NEIGH_QUEUE_TOTAL)) {
		__skb_unlink(old, &n->queue);
		n->queue_bytes -= old->truesize;
		atomic_long_sub(old->truesize, total);
		__skb_queue_tail(drop, old);
	}
	return atomic_long_read(total) + size <= PKTPATH_NEIGH_QUEUE_TOTAL;
}

static void pp_neigh_enqueue(struct pp_neigh *n, struct sk_buff *skb,
			     unsigned int xmit_flags,
			     struct sk_buff_head *drop)
{
	/* Outlives the caller's RCU section. */
	skb_dst_force(skb);
	if (!pp_neigh_queue_room(n, skb, drop)) {
		__skb_queue_tail(drop, skb);
		return;
	}
	PKTPATH_SKB_CB(skb)->flags = xmit_flags;
	n->queue_bytes += skb->truesize;
	atomic_long_add(skb->truesize, &n->pd->pn->neigh->queue_bytes);
	__skb_queue_tail(&n->queue, skb);
}

/**
 * pp_neigh_event() - output to a neighbour that the fast path cannot serve
 * @n: neighbour
 * @skb: packet at its IP header, NULL: none, but there will be
 * @xmit_flags: kept with a packet that has to wait
 *
 * Mirrors: net/core/neighbour.c:__neigh_event_send
 *
 * Context: process or softirq, RCU read side; takes n->lock.
 * Return: 0 the caller shall send @skb now; 1 it waits (or was dropped by a
 * bound); -ENOENT the entry is dead and @skb still the caller's.
 */
int pp_neigh_event(struct pp_neigh *n, struct sk_buff *skb,
		   unsigned int xmit_flags)
{
	struct pp_net *pn = n->pd->pn;
	struct pp_neigh_ask ask = {};
	struct sk_buff_head drop;
	int ret = 0;
	u8 state;

	__skb_queue_head_init(&drop);
	spin_lock_bh(&n->lock);
	if (n->dead) {
		spin_unlock_bh(&n->lock);
		return -ENOENT;
	}
	WRITE_ONCE(n->used, jiffies);
	WRITE_ONCE(n->input, 0);
	state = pp_neigh_state(n);
	if (state == NUD_STALE) {
		n->updated = jiffies;
		pp_neigh_set_state(n, NUD_DELAY);
		pp_neigh_timer_arm(n, READ_ONCE(n->pd->neigh.delay_probe_time));
	} else if (!(state & NUD_VALID)) {
		if (skb)
			pp_neigh_enqueue(n, skb, xmit_flags, &drop);
		ret = 1;
		if (state != NUD_INCOMPLETE) {
			n->updated = jiffies;
			n->probes = 0;
			pp_neigh_set_state(n, NUD_INCOMPLETE);
			pp_neigh_ask_prepare(n, &ask);
		}
	}
	spin_unlock_bh(&n->lock);
	pp_neigh_ask_send(n, &ask);
	while ((skb = __skb_dequeue(&drop))) {
		pp_mib_inc(pn, PP_NEIGH_QDROPS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_NEIGH,
			    PKTPATH_DROP_NEIGH_QUEUEFULL);
	}
	return ret;
}

static void pp_neigh_send_queue(struct pp_neigh *n, struct sk_buff_head *q)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(q)))
		pp_neigh_xmit(n, skb, PKTPATH_SKB_CB(skb)->flags);
}

/* The new state, or 0 when what came in changes nothing; lock held. */
static u8 pp_neigh_next_state(struct pp_neigh *n, bool changed, u8 state,
			      unsigned int flags)
{
	u8 old = pp_neigh_state(n);

	if (old & NUD_PERMANENT && !(flags & PKTPATH_NEIGH_ADMIN))
		return 0;
	if (!(old & NUD_VALID) || flags & PKTPATH_NEIGH_ADMIN)
		return state;
	if (changed)
		return flags & PKTPATH_NEIGH_OVERRIDE ? state : 0;
	/* The same address again, unasked: no proof, and no doubt either. */
	return state == NUD_STALE ? 0 : state;
}

/**
 * pp_neigh_update() - take in a link address
 * @n: neighbour
 * @ha: its link address, ETH_ALEN bytes
 * @state: NUD_REACHABLE (it answered us), NUD_STALE (hearsay) or, from the
 *	   administrator, NUD_PERMANENT
 * @flags: PKTPATH_NEIGH_*
 *
 * Packets that waited are sent. A changed address without
 * PKTPATH_NEIGH_OVERRIDE is ignored.
 *
 * Mirrors: net/core/neighbour.c:neigh_update
 *
 * Context: process or softirq, RCU read side; takes n->lock.
 * Return: 0, or -ENOENT when the entry is dead.
 */
int pp_neigh_update(struct pp_neigh *n, const u8 *ha, u8 state,
		    unsigned int flags)
{
	unsigned long base = READ_ONCE(n->pd->neigh.base_reachable_time);
	struct sk_buff_head q;
	bool changed;
	u8 next;

	__skb_queue_head_init(&q);
	spin_lock_bh(&n->lock);
	if (n->dead) {
		spin_unlock_bh(&n->lock);
		return -ENOENT;
	}
	changed = !(n->nud_state & NUD_VALID) || !ether_addr_equal(n->ha, ha);
	next = pp_neigh_next_state(n, changed, state, flags);
	if (!next)
		goto out;
	pp_neigh_timer_stop(n);
	if (changed) {
		/* What was proved of the old address says nothing of this. */
		WRITE_ONCE(n->confirmed, jiffies - 2 * base);
		/* Pairs with pp_neigh_output(): not by the old header. */
		smp_store_release(&n->fresh, 0);
		ether_addr_copy(n->ha, ha);
		pp_neigh_hh_build(n);
	}
	if (next == NUD_REACHABLE) {
		WRITE_ONCE(n->confirmed, jiffies);
		n->reachable = pp_neigh_reachable_time(n);
	}
	if (changed || next != n->nud_state)
		n->updated = jiffies;
	n->probes = 0;
	pp_neigh_set_state(n, next);
	pp_neigh_queue_take(n, &q);
out:
	spin_unlock_bh(&n->lock);
	pp_neigh_send_queue(n, &q);
	return 0;
}
