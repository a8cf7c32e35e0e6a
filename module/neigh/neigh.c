// SPDX-License-Identifier: GPL-2.0
/*
 * The neighbour table: creation, removal, bounds, and the layer's life.
 *
 * An entry belongs to the table by one reference; an armed timer owns another.
 * Removal takes the entry out of hash and ids under the table's lock, marks
 * it dead under its own lock (so that nothing is queued or armed any more),
 * stops the timer and gives the table's reference back. A timer that is just
 * running finds the entry dead and only drops its reference; RCU, in which
 * timers run, keeps the memory and the module's text until then.
 *
 * Bounds: entries that are not PERMANENT are counted against
 * neigh_gc_thresh3. When it is reached, entries that only a sender of requests
 * made are given up first and FAILED ones with them; an entry in use by our
 * own output goes only for another output, and never while it is reachable or
 * being resolved. So a flood of requests displaces nothing but itself.
 *
 * Path: ip/ip_output.c => this => link/link_output.c
 * Mirrors: net/core/neighbour.c (__neigh_create, neigh_forced_gc,
 *	    neigh_flush_dev)
 * Locks: pp_neigh_table.lock, then pp_neigh.lock; both with BH off
 */
#include <linux/slab.h>
#include "core/claim.h"
#include "core/drop.h"
#include "core/layer.h"
#include "core/ops.h"
#include "neigh/neigh_priv.h"

/* Default of unres_qlen_bytes. */
#define PKTPATH_NEIGH_QUEUE_BYTES	212992
/* Age at which a used STALE entry may go for another output. */
#define PKTPATH_NEIGH_IN_USE	(5 * HZ)
/* Between two collections forced above neigh_gc_thresh2. */
#define PKTPATH_NEIGH_SOFT_GC	(5 * HZ)
/* After one forced at neigh_gc_thresh3 that freed nothing. */
#define PKTPATH_NEIGH_HARD_GC	max(1, HZ / 20)
/* Entries that a walk looks at before it lets others have the table. */
#define PKTPATH_NEIGH_PIECE	1024

/**
 * pp_neigh_parms_default() - set the defaults of a netns
 * @p: to be filled; times in jiffies
 *
 * The values are those of net.ipv4.neigh.default; ACD (RFC 5227) is on.
 *
 * Context: any.
 */
void pp_neigh_parms_default(struct pp_neigh_parms *p)
{
	p->base_reachable_time = 30 * HZ;
	p->retrans_time = HZ;
	p->delay_probe_time = 5 * HZ;
	p->gc_stale_time = 60 * HZ;
	p->locktime = HZ;
	p->proxy_delay = HZ * 8 / 10;
	p->proxy_qlen = 64;
	p->ucast_probes = 3;
	p->mcast_probes = 3;
	p->queue_len_bytes = PKTPATH_NEIGH_QUEUE_BYTES;
	p->acd = 1;
}

/**
 * pp_neigh_put() - give a reference back
 * @n: neighbour; freed after a grace period when this was the last one
 *
 * Context: any, no lock of the layer needed.
 */
void pp_neigh_put(struct pp_neigh *n)
{
	if (!refcount_dec_and_test(&n->refcnt))
		return;
	pp_dev_put(n->pd);
	kfree_rcu(n, rcu);
}

/**
 * pp_neigh_queue_take() - take all waiting packets
 * @n: neighbour, its lock held
 * @to: initialised list that gets them
 *
 * Context: n->lock held.
 */
void pp_neigh_queue_take(struct pp_neigh *n, struct sk_buff_head *to)
{
	lockdep_assert_held(&n->lock);
	if (!n->queue_bytes)
		return;
	atomic_long_sub(n->queue_bytes, &n->pd->pn->neigh->queue_bytes);
	n->queue_bytes = 0;
	skb_queue_splice_tail_init(&n->queue, to);
}

/**
 * pp_neigh_queue_drop() - drop packets that waited in vain
 * @pn: netns in which they are counted
 * @q: the packets; empty afterwards
 * @cause: why
 *
 * Context: any, no lock held.
 */
void pp_neigh_queue_drop(struct pp_net *pn, struct sk_buff_head *q,
			 enum pp_drop_cause cause)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(q)))
		pp_skb_drop(pn, skb, PKTPATH_STAGE_NEIGH, cause);
}

/**
 * pp_neigh_unlink() - remove an entry from the table
 * @tbl: its table, lock held
 * @n: the entry; the table's reference is given back
 * @drop: initialised list that gets the packets that waited
 *
 * Context: tbl->lock held.
 */
void pp_neigh_unlink(struct pp_neigh_table *tbl, struct pp_neigh *n,
		     struct sk_buff_head *drop)
{
	lockdep_assert_held(&tbl->lock);
	rhashtable_remove_fast(&tbl->ht, &n->node, pp_neigh_ht_params);
	xa_erase(&tbl->ids, n->id);
	if (n->counted)
		WRITE_ONCE(tbl->entries, tbl->entries - 1);

	spin_lock(&n->lock);
	n->dead = 1;
	/* Pairs with pp_neigh_output(). */
	smp_store_release(&n->fresh, 0);
	pp_neigh_queue_take(n, drop);
	if (timer_delete(&n->timer))
		refcount_dec(&n->refcnt);
	spin_unlock(&n->lock);
	pp_neigh_put(n);
}

/* Whether an entry may go for a new one. */
static bool pp_neigh_evictable(const struct pp_neigh *n,
			       enum pp_neigh_cause cause)
{
	if (!n->counted)
		return false;
	switch (pp_neigh_state(n)) {
	case NUD_FAILED:
	case NUD_NONE:
		return true;
	case NUD_STALE:
		if (READ_ONCE(n->input))
			return true;
		return cause == PKTPATH_NEIGH_BY_OUTPUT &&
		       time_after(jiffies, READ_ONCE(n->used) +
					   PKTPATH_NEIGH_IN_USE);
	}
	return false;
}

/* Oldest first, down to neigh_gc_thresh2. */
static void pp_neigh_forced_gc(struct pp_neigh_table *tbl,
			       enum pp_neigh_cause cause,
			       struct sk_buff_head *drop)
{
	const struct pp_sysctl *sc = &tbl->pn->sysctl;
	int target = min(READ_ONCE(sc->neigh_gc_thresh2),
			 READ_ONCE(sc->neigh_gc_thresh3) - 1);
	unsigned int before = tbl->entries;
	struct pp_neigh *n;
	unsigned long id;

	lockdep_assert_held(&tbl->lock);
	tbl->last_gc = jiffies;
	xa_for_each(&tbl->ids, id, n) {
		if ((int)tbl->entries <= target ||
		    time_after(jiffies, tbl->last_gc + 1))
			break;
		if (pp_neigh_evictable(n, cause))
			pp_neigh_unlink(tbl, n, drop);
	}
	if (tbl->entries == before)
		tbl->barren[cause] = jiffies;
}

/* Whether one more counted entry is allowed, after collecting if need be. */
static bool pp_neigh_room(struct pp_neigh_table *tbl,
			  enum pp_neigh_cause cause, struct sk_buff_head *drop)
{
	const struct pp_sysctl *sc = &tbl->pn->sysctl;
	int thresh3 = READ_ONCE(sc->neigh_gc_thresh3);
	unsigned long now = jiffies;

	lockdep_assert_held(&tbl->lock);
	if ((int)tbl->entries >= thresh3) {
		if (now - tbl->barren[cause] >= PKTPATH_NEIGH_HARD_GC)
			pp_neigh_forced_gc(tbl, cause, drop);
	} else if ((int)tbl->entries >= READ_ONCE(sc->neigh_gc_thresh2)) {
		if (now - tbl->last_gc >= PKTPATH_NEIGH_SOFT_GC)
			pp_neigh_forced_gc(tbl, cause, drop);
	}
	return (int)tbl->entries < thresh3;
}

static struct pp_neigh *pp_neigh_alloc(struct pp_dev *pd, __be32 addr,
				       enum pp_neigh_cause cause)
{
	gfp_t gfp = GFP_ATOMIC;
	struct pp_neigh *n;

	if (cause == PKTPATH_NEIGH_BY_ADMIN)
		gfp |= __GFP_ACCOUNT;
	n = kzalloc(sizeof(*n), gfp);
	if (!n)
		return NULL;
	if (!pp_dev_hold_safe(pd)) {
		kfree(n);
		return NULL;
	}
	n->pd = pd;
	n->addr = addr;
	n->nud_state = NUD_NONE;
	n->input = cause == PKTPATH_NEIGH_BY_INPUT;
	n->used = jiffies;
	n->confirmed = jiffies;
	n->updated = jiffies;
	n->solicited = jiffies - 3600 * HZ;
	n->counted = cause != PKTPATH_NEIGH_BY_ADMIN;
	refcount_set(&n->refcnt, 1);
	spin_lock_init(&n->lock);
	seqcount_spinlock_init(&n->hh_seq, &n->lock);
	__skb_queue_head_init(&n->queue);
	timer_setup(&n->timer, pp_neigh_timer, 0);
	return n;
}

/* Puts a new entry into the table, which is the caller's to lock. */
static struct pp_neigh *pp_neigh_insert(struct pp_neigh_table *tbl,
					struct pp_dev *pd, __be32 addr,
					enum pp_neigh_cause cause)
{
	struct pp_neigh_key key = { .pd = pd, .addr = addr };
	const struct pp_sysctl *sc = &tbl->pn->sysctl;
	struct pp_neigh *n;
	int err;

	lockdep_assert_held(&tbl->lock);
	n = pp_neigh_alloc(pd, addr, cause);
	if (!n)
		return ERR_PTR(-ENOMEM);
	err = xa_alloc_cyclic(&tbl->ids, &n->id, n, xa_limit_32b,
			      &tbl->next_id, GFP_ATOMIC);
	if (err < 0)
		goto err_put;
	err = rhashtable_lookup_insert_key(&tbl->ht, &key, &n->node,
					   pp_neigh_ht_params);
	if (err)
		goto err_erase;
	if (n->counted)
		WRITE_ONCE(tbl->entries, tbl->entries + 1);
	if ((int)tbl->entries > READ_ONCE(sc->neigh_gc_thresh1))
		queue_delayed_work(system_power_efficient_wq, &tbl->gc_work,
				   max(READ_ONCE(sc->neigh_gc_interval), HZ));
	return n;

err_erase:
	xa_erase(&tbl->ids, n->id);
err_put:
	pp_neigh_put(n);
	return ERR_PTR(err);
}

/**
 * pp_neigh_create() - find an entry or make one in state NONE
 * @tbl: table of the netns
 * @pd: device; the entry takes its own reference
 * @addr: address, unicast
 * @cause: who wants it; decides what may go for it when the table is full
 *
 * Context: any, RCU read side; takes tbl->lock. The result is valid inside
 * the RCU section.
 * Return: the entry, or ERR_PTR: -ENOBUFS (table full), -ENOMEM, -ENETDOWN
 * (device or netns goes away).
 */
struct pp_neigh *pp_neigh_create(struct pp_neigh_table *tbl,
				 struct pp_dev *pd, __be32 addr,
				 enum pp_neigh_cause cause)
{
	struct sk_buff_head drop;
	struct pp_neigh *n;

	__skb_queue_head_init(&drop);
	spin_lock_bh(&tbl->lock);
	n = pp_neigh_lookup(tbl, pd, addr);
	if (n)
		goto out;
	if (tbl->dead || READ_ONCE(pd->dead)) {
		n = ERR_PTR(-ENETDOWN);
	} else if (cause != PKTPATH_NEIGH_BY_ADMIN &&
		   !pp_neigh_room(tbl, cause, &drop)) {
		pp_mib_inc(tbl->pn, PP_NEIGH_OVERFLOW);
		n = ERR_PTR(-ENOBUFS);
	} else {
		n = pp_neigh_insert(tbl, pd, addr, cause);
	}
out:
	spin_unlock_bh(&tbl->lock);
	pp_neigh_queue_drop(tbl->pn, &drop, PKTPATH_DROP_NEIGH_DEAD);
	return n;
}

/*
 * A pause in a walk of @tbl->ids, which goes on behind the id it has come to:
 * entries may be many, and with the lock held nothing else runs here. @drop:
 * what has been gathered so far, or NULL. Process context.
 */
static void pp_neigh_pause(struct pp_neigh_table *tbl, unsigned int *seen,
			   struct sk_buff_head *drop)
	__must_hold(&tbl->lock)
{
	if (++*seen % PKTPATH_NEIGH_PIECE)
		return;
	spin_unlock_bh(&tbl->lock);
	if (drop)
		pp_neigh_queue_drop(tbl->pn, drop, PKTPATH_DROP_NEIGH_DEAD);
	cond_resched();
	spin_lock_bh(&tbl->lock);
}

/* RFC 1122 §2.3.2.1: entries out of date are flushed, by age of use. */
static void pp_neigh_gc_work(struct work_struct *work)
{
	struct pp_neigh_table *tbl = container_of(to_delayed_work(work),
						  struct pp_neigh_table,
						  gc_work);
	const struct pp_sysctl *sc = &tbl->pn->sysctl;
	int thresh1 = READ_ONCE(sc->neigh_gc_thresh1);
	struct sk_buff_head drop;
	unsigned int seen = 0;
	struct pp_neigh *n;
	unsigned long age;
	unsigned long id;
	u8 state;

	__skb_queue_head_init(&drop);
	spin_lock_bh(&tbl->lock);
	xa_for_each(&tbl->ids, id, n) {
		if ((int)tbl->entries <= thresh1)
			break;
		state = pp_neigh_state(n);
		age = READ_ONCE(n->pd->neigh.gc_stale_time);
		if (n->counted &&
		    (state == NUD_FAILED || state == NUD_NONE ||
		     (state == NUD_STALE &&
		      time_after(jiffies, READ_ONCE(n->used) + age))))
			pp_neigh_unlink(tbl, n, &drop);
		pp_neigh_pause(tbl, &seen, &drop);
	}
	if ((int)tbl->entries > thresh1 && !tbl->dead)
		queue_delayed_work(system_power_efficient_wq, &tbl->gc_work,
				   max(READ_ONCE(sc->neigh_gc_interval), HZ));
	spin_unlock_bh(&tbl->lock);
	pp_neigh_queue_drop(tbl->pn, &drop, PKTPATH_DROP_NEIGH_DEAD);
}

static void pp_neigh_tell_gone(struct pp_net *pn, const struct pp_neigh *n)
{
	const struct pp_notify_ops *ops;

	/* of a netns nobody hears any more */
	if (READ_ONCE(pn->exiting))
		return;
	rcu_read_lock();
	ops = rcu_dereference(pp_notify_ops);
	if (ops)
		ops->neigh_gone(pn, n->pd->ifindex, n->addr);
	rcu_read_unlock();
}

/**
 * pp_neigh_flush() - delete many entries
 * @pn: netns
 * @pd: only those of this device, or NULL for all
 * @perm: PERMANENT ones too
 *
 * On return the entries are out of the table and own no timer that could
 * still be armed; packets that waited are dropped.
 *
 * Context: process, sleeps; takes the table's lock. Entries that somebody makes
 * meanwhile may stay, so who wants none has marked @pd or the table dead.
 */
void pp_neigh_flush(struct pp_net *pn, struct pp_dev *pd, bool perm)
{
	struct pp_neigh_table *tbl = pn->neigh;
	struct sk_buff_head drop;
	unsigned int seen = 0;
	struct pp_neigh *n;
	unsigned long id;

	__skb_queue_head_init(&drop);
	spin_lock_bh(&tbl->lock);
	xa_for_each(&tbl->ids, id, n) {
		if ((!pd || n->pd == pd) && (perm || n->counted)) {
			pp_neigh_tell_gone(pn, n);
			pp_neigh_unlink(tbl, n, &drop);
		}
		pp_neigh_pause(tbl, &seen, &drop);
	}
	spin_unlock_bh(&tbl->lock);
	pp_neigh_queue_drop(pn, &drop, PKTPATH_DROP_NEIGH_DEAD);
}

/**
 * pp_neigh_flush_addr() - delete one entry that no longer makes sense
 * @pd: device
 * @addr: address, for example one that has become ours
 *
 * Context: process; takes the table's lock.
 * Return: whether there was one.
 */
bool pp_neigh_flush_addr(struct pp_dev *pd, __be32 addr)
{
	struct pp_neigh_table *tbl = pd->pn->neigh;
	struct sk_buff_head drop;
	struct pp_neigh *n;

	__skb_queue_head_init(&drop);
	rcu_read_lock();
	spin_lock_bh(&tbl->lock);
	n = pp_neigh_lookup(tbl, pd, addr);
	if (n)
		pp_neigh_unlink(tbl, n, &drop);
	spin_unlock_bh(&tbl->lock);
	rcu_read_unlock();
	pp_neigh_queue_drop(pd->pn, &drop, PKTPATH_DROP_NEIGH_DEAD);
	return n;
}

/* Our own link address changed: it is in every cached header. */
static void pp_neigh_rebuild(struct pp_dev *pd)
{
	struct pp_neigh_table *tbl = pd->pn->neigh;
	unsigned int seen = 0;
	struct pp_neigh *n;
	unsigned long id;

	spin_lock_bh(&tbl->lock);
	xa_for_each(&tbl->ids, id, n) {
		if (n->pd == pd) {
			spin_lock(&n->lock);
			if (n->nud_state & NUD_VALID)
				pp_neigh_hh_build(n);
			spin_unlock(&n->lock);
		}
		pp_neigh_pause(tbl, &seen, NULL);
	}
	spin_unlock_bh(&tbl->lock);
}

static int pp_neigh_addr_added(struct pp_ifaddr *ifa,
			       struct netlink_ext_ack *extack)
{
	pp_neigh_flush_addr(ifa->pd, ifa->addr);
	if (ifa->bcast)
		pp_neigh_flush_addr(ifa->pd, ifa->bcast);
	return pp_acd_start(ifa, extack);
}

static void pp_neigh_addr_removed(struct pp_ifaddr *ifa)
{
	pp_acd_stop(ifa);
}

static void pp_neigh_dev_event(struct pp_dev *pd, enum pp_dev_event event)
{
	switch (event) {
	case PKTPATH_DEV_ATTACHED:
		pd->neigh = pd->pn->neigh_default;
		break;
	case PKTPATH_DEV_DETACHING:
		pp_neigh_flush(pd->pn, pd, true);
		break;
	case PKTPATH_DEV_DOWN:
		pp_neigh_flush(pd->pn, pd, false);
		pp_acd_link(pd, false);
		break;
	case PKTPATH_DEV_CARRIER:
		if (!netif_carrier_ok(pd->dev))
			pp_neigh_flush(pd->pn, pd, false);
		pp_acd_link(pd, pp_dev_usable(pd));
		break;
	case PKTPATH_DEV_UP:
		pp_acd_link(pd, pp_dev_usable(pd));
		break;
	case PKTPATH_DEV_ARP:
		pp_neigh_flush(pd->pn, pd, false);
		break;
	case PKTPATH_DEV_ADDR:
		pp_neigh_rebuild(pd);
		if (READ_ONCE(pd->neigh.acd) ||
		    PKTPATH_CONF_MAX(pd, arp_notify))
			pp_acd_announce_dev(pd);
		break;
	case PKTPATH_DEV_PEERS:
		pp_acd_announce_dev(pd);
		break;
	default:
		break;
	}
}

static struct pp_addr_ops pp_neigh_addr_ops = {
	.added = pp_neigh_addr_added,
	.removed = pp_neigh_addr_removed,
	.dev_event = pp_neigh_dev_event,
};

static int pp_neigh_init(void)
{
	int err;

	err = pp_acd_init();
	if (err)
		return err;
	pp_addr_ops_register(&pp_neigh_addr_ops);
	return 0;
}

static void pp_neigh_exit(void)
{
	pp_addr_ops_unregister(&pp_neigh_addr_ops);
	pp_acd_exit();
}

static int pp_neigh_net_init(struct pp_net *pn)
{
	struct pp_neigh_table *tbl;
	int err;

	tbl = kzalloc(sizeof(*tbl), GFP_KERNEL_ACCOUNT);
	if (!tbl)
		return -ENOMEM;
	err = rhashtable_init(&tbl->ht, &pp_neigh_ht_params);
	if (err) {
		kfree(tbl);
		return err;
	}
	pp_neigh_parms_default(&pn->neigh_default);
	tbl->pn = pn;
	spin_lock_init(&tbl->lock);
	xa_init_flags(&tbl->ids, XA_FLAGS_ALLOC);
	tbl->last_gc = jiffies;
	tbl->barren[PKTPATH_NEIGH_BY_INPUT] = jiffies - HZ;
	tbl->barren[PKTPATH_NEIGH_BY_OUTPUT] = jiffies - HZ;
	INIT_DELAYED_WORK(&tbl->gc_work, pp_neigh_gc_work);
	pp_arp_proxy_init(tbl);
	pn->neigh = tbl;
	return 0;
}

static void pp_neigh_net_pre_exit(struct pp_net *pn)
{
	struct pp_neigh_table *tbl = pn->neigh;

	spin_lock_bh(&tbl->lock);
	tbl->dead = true;
	spin_unlock_bh(&tbl->lock);
	cancel_delayed_work_sync(&tbl->gc_work);
	pp_arp_proxy_end(tbl);
	pp_neigh_flush(pn, NULL, true);
}

static void pp_neigh_net_exit(struct pp_net *pn)
{
	struct pp_neigh_table *tbl = pn->neigh;

	cancel_delayed_work_sync(&tbl->gc_work);
	pp_arp_proxy_end(tbl);
	pp_neigh_flush(pn, NULL, true);
	pp_acd_flush();
	rhashtable_destroy(&tbl->ht);
	xa_destroy(&tbl->ids);
	pn->neigh = NULL;
	kfree(tbl);
}

static int pp_neigh_start(void)
{
	pp_link_set_arp_rcv(pp_arp_rcv);
	return 0;
}

static void pp_neigh_stop(void)
{
	pp_link_set_arp_rcv(NULL);
}

const struct pp_layer pp_neigh_layer = {
	.name = "neigh",
	.init = pp_neigh_init,
	.exit = pp_neigh_exit,
	.net_init = pp_neigh_net_init,
	.net_pre_exit = pp_neigh_net_pre_exit,
	.net_exit = pp_neigh_net_exit,
	.start = pp_neigh_start,
	.stop = pp_neigh_stop,
};
