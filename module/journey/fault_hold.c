// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that are held back by a fault, and how they go on.
 *
 * A packet takes with it what it needs until it goes on: its route is held, its
 * socket is by what it is charged, its device is looked up again. It never
 * waits for a device or a netns that leaves: when a device is detached, a netns
 * or the module ends, what waits is dropped, and a packet that comes later is
 * not held.
 *
 * Path: fault.c -> here -> the stage where the packet was
 * Mirrors: net/sched/sch_netem.c (netem_enqueue), net/netfilter/nf_queue.c
 * Locks: pp_fault_net.lock, a leaf; no packet goes on or is freed under it
 */
#include <linux/slab.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "journey/fault_priv.h"

/* The lock is held. */
static void pp_fault_arm(struct pp_fault_net *fn)
{
	struct pp_fault_held *e;

	e = list_first_entry_or_null(&fn->held, struct pp_fault_held, list);
	if (e)
		hrtimer_start(&fn->timer, e->due, HRTIMER_MODE_ABS_SOFT);
}

/* Likewise: takes @e out. */
static void pp_fault_out(struct pp_fault_net *fn, struct pp_fault_held *e)
{
	list_del(&e->list);
	fn->nheld--;
	if (e->rule)
		e->rule->held = NULL;
	e->rule = NULL;
}

/* Likewise: puts @e behind what is due before it, or at the same time. */
static void pp_fault_in(struct pp_fault_net *fn, struct pp_fault_held *e)
{
	struct list_head *before;

	list_for_each_prev(before, &fn->held)
		if (!ktime_after(list_entry(before, struct pp_fault_held,
					    list)->due, e->due))
			break;
	list_add(&e->list, before);
	fn->nheld++;
	if (list_is_first(&e->list, &fn->held))
		pp_fault_arm(fn);
}

static void pp_fault_free(struct pp_fault_net *fn, struct pp_fault_held *e,
			  enum pp_drop_cause cause)
{
	pp_skb_drop(fn->pn, e->skb, e->at.stage, cause);
	kfree(e);
}

/**
 * pp_fault_resume() - a packet that was held goes on
 * @fn: faults of its netns
 * @e: the packet, in no list; taken
 *
 * Context: softirq, or process with its packet's point; takes RCU.
 */
void pp_fault_resume(struct pp_fault_net *fn, struct pp_fault_held *e)
{
	rcu_read_lock();
	e->at.pd = pp_dev_find_rcu(fn->pn, e->ifindex);
	if (e->at.pd && !READ_ONCE(e->at.pd->dead)) {
		pp_probe_moved();
		e->at.resume(fn->pn, e->skb, &e->at);
		kfree(e);
	} else {
		pp_fault_free(fn, e, PKTPATH_DROP_LINK_DOWN);
	}
	rcu_read_unlock();
}

/* Softirq. A packet that goes on may meet another rule: the lock is free. */
static enum hrtimer_restart pp_fault_fire(struct hrtimer *t)
{
	struct pp_fault_net *fn = container_of(t, struct pp_fault_net, timer);
	ktime_t now = ktime_get();
	struct pp_fault_held *e, *next;
	LIST_HEAD(due);

	spin_lock(&fn->lock);
	list_for_each_entry_safe(e, next, &fn->held, list) {
		if (ktime_after(e->due, now))
			break;
		pp_fault_out(fn, e);
		list_add_tail(&e->list, &due);
	}
	pp_fault_arm(fn);
	spin_unlock(&fn->lock);
	list_for_each_entry_safe(e, next, &due, list)
		pp_fault_resume(fn, e);
	return HRTIMER_NORESTART;
}

/*
 * What a packet needs when its point's RCU section is over. The bridge's notes
 * name devices that nobody holds.
 */
static bool pp_fault_keep(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	skb_ext_del(skb, SKB_EXT_BRIDGE_NF);
#endif
	return !skb_dst(skb) || skb_dst_force(skb);
}

/*
 * Puts @e into the queue. The lock orders this with pp_fault_hold_drop(): who
 * comes after it sees that the device is dead. PKTPATH_DROP_MAX: it is there.
 */
static enum pp_drop_cause pp_fault_queue(struct pp_fault_net *fn,
					 struct pp_fault_held *e)
{
	enum pp_drop_cause cause = PKTPATH_DROP_MAX;

	spin_lock_bh(&fn->lock);
	if (fn->closed || READ_ONCE(fn->pn->exiting) ||
	    READ_ONCE(e->at.pd->dead)) {
		cause = PKTPATH_DROP_TEARDOWN;
	} else if (fn->nheld >= PKTPATH_FAULT_HELD) {
		cause = PKTPATH_DROP_FAULT_LIMIT;
	} else {
		/* not one that it came by or left with once */
		e->skb->dev = READ_ONCE(e->at.pd->dev);
		/* another packet, or the rule's end, may have come between */
		if (e->rule && (e->rule->held || e->rule->dead))
			e->rule = NULL;
		if (e->rule) {
			e->rule->held = e;
			e->rule->passed = 0;
		}
		pp_fault_in(fn, e);
	}
	spin_unlock_bh(&fn->lock);
	return cause;
}

/**
 * pp_fault_hold() - hold a packet back
 * @fn: faults of its netns
 * @rule: the rule that waits for others to pass, or NULL
 * @at: where it is; its pd is set
 * @skb: the packet, taken
 * @usec: for how long, in us
 *
 * Context: RCU, softirq or process.
 * Return: true: taken, be it dropped for want of room.
 */
bool pp_fault_hold(struct pp_fault_net *fn, struct pp_fault_rule *rule,
		   const struct pp_fault_at *at, struct sk_buff *skb,
		   u32 usec)
{
	enum pp_drop_cause cause;
	struct pp_fault_held *e;

	e = kmalloc(sizeof(*e), GFP_ATOMIC);
	if (!e) {
		pp_skb_drop(fn->pn, skb, at->stage, PKTPATH_DROP_NOMEM);
		return true;
	}
	*e = (struct pp_fault_held){
		.skb = skb,
		.rule = rule,
		.at = *at,
		.ifindex = at->pd->ifindex,
		.due = ktime_add_us(ktime_get(), usec),
	};
	cause = PKTPATH_DROP_TEARDOWN;
	if (pp_fault_keep(skb))
		cause = pp_fault_queue(fn, e);
	if (cause != PKTPATH_DROP_MAX)
		pp_fault_free(fn, e, cause);
	return true;
}

/**
 * pp_fault_unhold() - the packet of a rule, when enough have passed it
 * @fn: faults of the netns
 * @rule: the rule, which holds one
 *
 * Context: pp_fault_net.lock is held.
 * Return: the packet, for pp_fault_resume() without the lock, or NULL.
 */
struct pp_fault_held *pp_fault_unhold(struct pp_fault_net *fn,
				      struct pp_fault_rule *rule)
{
	struct pp_fault_held *e = rule->held;

	if (++rule->passed < rule->cfg.gap)
		return NULL;
	pp_fault_out(fn, e);
	return e;
}

/**
 * pp_fault_hold_leave() - a rule ends: what it holds goes on
 * @fn: faults of the netns
 * @rule: the rule, which is dead
 *
 * Context: pp_fault_net.lock is held.
 */
void pp_fault_hold_leave(struct pp_fault_net *fn, struct pp_fault_rule *rule)
{
	struct pp_fault_held *e = rule->held;

	if (!e)
		return;
	pp_fault_out(fn, e);
	e->due = ktime_get();
	pp_fault_in(fn, e);
}

/**
 * pp_fault_hold_drop() - drop what waits
 * @fn: faults of the netns
 * @ifindex: for this device, 0: for any
 *
 * Context: process or softirq.
 */
void pp_fault_hold_drop(struct pp_fault_net *fn, int ifindex)
{
	struct pp_fault_held *e, *next;
	LIST_HEAD(gone);

	spin_lock_bh(&fn->lock);
	list_for_each_entry_safe(e, next, &fn->held, list) {
		if (ifindex && e->ifindex != ifindex)
			continue;
		pp_fault_out(fn, e);
		list_add(&e->list, &gone);
	}
	spin_unlock_bh(&fn->lock);
	list_for_each_entry_safe(e, next, &gone, list)
		pp_fault_free(fn, e, PKTPATH_DROP_TEARDOWN);
}

/**
 * pp_fault_hold_close() - the end of a netns or of the module
 * @fn: faults of the netns
 *
 * On return no packet waits or is on its way, and none will be.
 *
 * Context: process, sleeps.
 */
void pp_fault_hold_close(struct pp_fault_net *fn)
{
	spin_lock_bh(&fn->lock);
	fn->closed = true;
	spin_unlock_bh(&fn->lock);
	pp_fault_hold_drop(fn, 0);
	hrtimer_cancel(&fn->timer);
}

/**
 * pp_fault_hold_init() - nothing waits yet
 * @fn: faults of a new netns
 *
 * Context: process.
 */
void pp_fault_hold_init(struct pp_fault_net *fn)
{
	spin_lock_init(&fn->lock);
	INIT_LIST_HEAD(&fn->held);
	pp_compat_hrtimer_setup(&fn->timer, pp_fault_fire, CLOCK_MONOTONIC,
				HRTIMER_MODE_ABS_SOFT);
}
