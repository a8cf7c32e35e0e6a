// SPDX-License-Identifier: GPL-2.0
/*
 * Faults on purpose: the rules, which packets they hit, and what is done to
 * those.
 *
 * The rules of a stage are asked in the order in which they were added; the
 * first that hits decides. A rule sees a packet when its filter, that of a
 * recording, may match; then "every" and "prob" decide. The numbers for it come
 * from the rule's own generator, so that the same packets in the same order
 * are hit again with the same seed.
 *
 * Path: any stage -> core/fault.c -> here -> fault_hold.c
 * Mirrors: lib/fault-inject.c (should_fail_ex), net/sched/sch_netem.c
 * Locks: pp_fault_mutex (rules, the list of all netns), in it
 *	  pp_fault_net.lock; rules are read under RCU
 */
#include <linux/ip.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/ops.h"
#include "journey/fault_priv.h"

#define PKTPATH_FAULT_BIT(id)	BIT(PKTPATH_STAGE_##id)

/* Where there is a packet to be taken. */
#define PKTPATH_FAULT_AT \
	(PKTPATH_FAULT_BIT(IP_LOCAL_OUT) | PKTPATH_FAULT_BIT(IP_OUTPUT) | \
	 PKTPATH_FAULT_BIT(IP_FINISH) | PKTPATH_FAULT_BIT(NEIGH) | \
	 PKTPATH_FAULT_BIT(DEV_QUEUE) | PKTPATH_FAULT_BIT(LINK_RCV) | \
	 PKTPATH_FAULT_BIT(IP_RCV) | PKTPATH_FAULT_BIT(IP_ROUTE_IN) | \
	 PKTPATH_FAULT_BIT(IP_FORWARD) | PKTPATH_FAULT_BIT(IP_LOCAL) | \
	 PKTPATH_FAULT_BIT(TP_RCV))
/* Behind these everything in the IP header is checked. */
#define PKTPATH_FAULT_AT_HEADER \
	(PKTPATH_FAULT_BIT(DEV_QUEUE) | PKTPATH_FAULT_BIT(LINK_RCV) | \
	 PKTPATH_FAULT_BIT(IP_RCV))
/* Where memory is asked for. */
#define PKTPATH_FAULT_AT_NOMEM \
	(PKTPATH_FAULT_BIT(TP_SEND) | PKTPATH_FAULT_BIT(IP_ROUTE) | \
	 PKTPATH_FAULT_BIT(NEIGH) | PKTPATH_FAULT_BIT(IP_ROUTE_IN) | \
	 PKTPATH_FAULT_BIT(TP_RCV))

static DEFINE_MUTEX(pp_fault_mutex);
static LIST_HEAD(pp_fault_nets);
static bool pp_fault_started;

/* ---- Is it hit? ---- */

/**
 * struct pp_fault_turn - what a rule says to a packet
 * @hit: it is hit
 * @place: a number for CORRUPT
 * @release: the packet that REORDER lets go behind this one, or NULL
 */
struct pp_fault_turn {
	bool hit;
	u32 place;
	struct pp_fault_held *release;
};

/* A number is drawn for each packet that is seen, so that hits depend on the
 * order of packets alone. The lock is held.
 */
static bool pp_fault_dice(struct pp_fault_rule *r)
{
	const struct pp_fault_cfg *c = &r->cfg;
	u32 number = 0, rest = 0;

	if (c->prob != PKTPATH_FAULT_SURE)
		number = mul_u64_u32_shr(PKTPATH_FAULT_SURE,
					 prandom_u32_state(&r->rnd), 32);
	if (c->every)
		div_u64_rem(r->count.seen, c->every, &rest);
	return number < c->prob && !rest;
}

static void pp_fault_roll(struct pp_fault_net *fn, struct pp_fault_rule *r,
			  struct pp_fault_turn *turn)
{
	*turn = (struct pp_fault_turn){};
	spin_lock_bh(&fn->lock);
	if (r->dead)
		goto out;
	r->count.seen++;
	turn->hit = pp_fault_dice(r);
	if (r->held) {
		turn->hit = false;
		turn->release = pp_fault_unhold(fn, r);
	}
	if (turn->hit)
		r->count.hits++;
	if (turn->hit && r->cfg.action == PKTPATH_FAULT_CORRUPT)
		turn->place = prandom_u32_state(&r->rnd);
out:
	spin_unlock_bh(&fn->lock);
}

static bool pp_fault_applies(const struct pp_fault_rule *r,
			     enum pp_stage stage, bool nomem,
			     const struct pp_journey_flow *flow)
{
	return r->cfg.stage == stage &&
	       (r->cfg.action == PKTPATH_FAULT_NOMEM) == nomem &&
	       pp_journey_match(&r->cfg.filter, flow);
}

/* ---- What is done ---- */

/*
 * A sum that is left to the device is made now, else it would be one of what
 * has been spoiled. A frame from outside has said where it is.
 */
static bool pp_fault_sum(struct sk_buff *skb, int off)
{
	int start;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	start = skb_checksum_start_offset(skb);
	return start >= off + (int)sizeof(struct iphdr) &&
	       start + skb->csum_offset + sizeof(__sum16) <=
	       skb_headlen(skb) && !skb_checksum_help(skb);
}

/* Flips a bit; what the sum over it was is known no more. */
static void pp_fault_flip(struct sk_buff *skb, u8 where, u32 place)
{
	unsigned int off = skb_network_offset(skb), from = 0, len, ihl;

	if (!pp_fault_sum(skb, off) ||
	    skb_ensure_writable(skb, off + sizeof(struct iphdr)))
		return;
	ihl = ip_hdr(skb)->ihl * 4;
	/* what the link has padded is nobody's */
	len = min_t(unsigned int, skb->len - off,
		    ntohs(ip_hdr(skb)->tot_len));
	if (where == PKTPATH_FAULT_HEADER) {
		len = min(len, ihl);
	} else {
		from = ihl;
		len = len > ihl ? len - ihl : 0;
	}
	if (!len)
		return;
	place %= len * 8;
	from += off + place / 8;
	if (skb_ensure_writable(skb, from + 1))
		return;
	skb->data[from] ^= 1 << (place & 7);
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum_valid = 0;
	skb->csum_complete_sw = 0;
}

/* Of a super-packet one segment: as one it has no sum to be wrong. */
static void pp_fault_flip_gso(struct pp_fault_net *fn, struct sk_buff *skb,
			      const struct pp_fault_at *at, u8 where,
			      u32 place)
{
	struct sk_buff *segs, *next;
	unsigned int n = 0, i = 0;

	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segs)) {
		pp_skb_drop(fn->pn, skb, at->stage, PKTPATH_DROP_IP_GSO);
		return;
	}
	consume_skb(skb);
	for (next = segs; next; next = next->next)
		n++;
	skb_list_walk_safe(segs, segs, next) {
		skb_mark_not_on_list(segs);
		if (i++ == place % n)
			pp_fault_flip(segs, where, place / n);
		at->resume(fn->pn, segs, at);
	}
}

/* True: the packet has been taken. */
static bool pp_fault_do(struct pp_fault_net *fn, struct pp_fault_rule *r,
			const struct pp_fault_at *at, struct sk_buff *skb,
			const struct pp_fault_turn *turn)
{
	struct sk_buff *copy;

	switch (r->cfg.action) {
	case PKTPATH_FAULT_DROP:
		pp_skb_drop(fn->pn, skb, at->stage, PKTPATH_DROP_FAULT);
		return true;
	case PKTPATH_FAULT_DELAY:
		return pp_fault_hold(fn, NULL, at, skb, r->cfg.delay);
	case PKTPATH_FAULT_REORDER:
		return pp_fault_hold(fn, r, at, skb, r->cfg.delay);
	case PKTPATH_FAULT_DUP:
		/* headers are written from here on: they are its own */
		copy = pskb_copy(skb, GFP_ATOMIC);
		/* whose it is: the path asks the socket on the way out */
		if (copy && skb->sk && skb->destructor == sock_wfree)
			skb_set_owner_w(copy, skb->sk);
		if (copy)
			at->resume(fn->pn, copy, at);
		return false;
	case PKTPATH_FAULT_CORRUPT:
		if (!skb_is_gso(skb)) {
			pp_fault_flip(skb, r->cfg.where, turn->place);
			return false;
		}
		pp_fault_flip_gso(fn, skb, at, r->cfg.where, turn->place);
		return true;
	default:
		return false;
	}
}

/* pp_fault_ops.packet */
static bool pp_fault_packet(struct pp_net *pn, struct pp_fault_at *at,
			    struct sk_buff *skb)
{
	struct pp_fault_net *fn = READ_ONCE(pn->fault);
	struct pp_fault_held *e, *next;
	struct pp_journey_flow flow;
	struct pp_fault_turn turn;
	struct pp_fault_rule *r;
	LIST_HEAD(behind);
	bool taken = false;

	if (!fn || !(READ_ONCE(fn->stages) & BIT(at->stage)) ||
	    !pp_probe_skb_flow(skb, &flow))
		return false;
	if (!at->pd)
		at->pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
	if (!at->pd)
		return false;
	list_for_each_entry_rcu(r, &fn->rules, list) {
		if (!pp_fault_applies(r, at->stage, false, &flow))
			continue;
		pp_fault_roll(fn, r, &turn);
		if (turn.release)
			list_add_tail(&turn.release->list, &behind);
		if (turn.hit) {
			taken = pp_fault_do(fn, r, at, skb, &turn);
			break;
		}
	}
	if (list_empty(&behind))
		return taken;
	/* this one first, those that waited behind it */
	if (!taken)
		at->resume(pn, skb, at);
	list_for_each_entry_safe(e, next, &behind, list)
		pp_fault_resume(fn, e);
	return true;
}

/* pp_fault_ops.nomem */
static bool pp_fault_no_memory(struct pp_net *pn, enum pp_stage stage,
			       const struct pp_fault_flow *f,
			       const struct sk_buff *skb)
{
	struct pp_fault_net *fn = READ_ONCE(pn->fault);
	struct pp_journey_flow flow = {};
	struct pp_fault_turn turn;
	struct pp_fault_rule *r;

	if (!fn || !(READ_ONCE(fn->stages) & BIT(stage)))
		return false;
	if (skb) {
		pp_probe_skb_flow(skb, &flow);
	} else if (f) {
		flow.saddr = f->saddr;
		flow.daddr = f->daddr;
		flow.sport = f->sport;
		flow.dport = f->dport;
		flow.proto = f->proto;
	}
	list_for_each_entry_rcu(r, &fn->rules, list) {
		if (!pp_fault_applies(r, stage, true, &flow))
			continue;
		pp_fault_roll(fn, r, &turn);
		if (turn.hit)
			return true;
	}
	return false;
}

static const struct pp_fault_ops pp_fault_all = {
	.packet = pp_fault_packet,
	.nomem = pp_fault_no_memory,
};

/* ---- The rules ---- */

static int pp_fault_refuse(struct netlink_ext_ack *extack, int err,
			   const char *text)
{
	if (extack)
		extack->_msg = text;
	return err;
}

static int pp_fault_check(const struct pp_fault_cfg *c,
			  struct netlink_ext_ack *extack)
{
	const u32 at = BIT(c->stage);

	if (!pp_journey_conf_ok(&c->filter) || c->filter.flags ||
	    c->filter.ring || c->filter.sample > 1)
		return pp_fault_refuse(extack, -EINVAL,
				       "Filter is not one of addresses, ports and protocol");
	if (c->action == PKTPATH_FAULT_NOMEM) {
		if (at & PKTPATH_FAULT_AT_NOMEM)
			return 0;
		return pp_fault_refuse(extack, -EOPNOTSUPP,
				       "No memory is asked for there; it is at TP_SEND, IP_ROUTE, NEIGH, IP_ROUTE_IN, TP_RCV");
	}
	if (!(at & PKTPATH_FAULT_AT))
		return pp_fault_refuse(extack, -EOPNOTSUPP,
				       "No packet can be taken there; one can at IP_LOCAL_OUT, IP_OUTPUT, IP_FINISH, NEIGH, DEV_QUEUE, LINK_RCV, IP_RCV, IP_ROUTE_IN, IP_FORWARD, IP_LOCAL, TP_RCV");
	if (c->action == PKTPATH_FAULT_CORRUPT &&
	    c->where == PKTPATH_FAULT_HEADER &&
	    !(at & PKTPATH_FAULT_AT_HEADER))
		return pp_fault_refuse(extack, -EOPNOTSUPP,
				       "Nobody checks the header behind that stage; at DEV_QUEUE, LINK_RCV, IP_RCV it can be spoiled");
	return 0;
}

/* Stages that have a rule; the mutex is held. */
static void pp_fault_stages(struct pp_fault_net *fn)
{
	struct pp_fault_rule *r;
	u32 stages = 0;

	list_for_each_entry(r, &fn->rules, list)
		stages |= BIT(r->cfg.stage);
	WRITE_ONCE(fn->stages, stages);
}

/* Likewise. */
static int pp_fault_insert(struct pp_fault_net *fn, struct pp_fault_rule *r,
			   struct netlink_ext_ack *extack)
{
	if (!pp_fault_started || READ_ONCE(fn->pn->exiting))
		return -ENODEV;
	/* numbers rise: a dump goes on by them */
	if (fn->nrules >= PKTPATH_FAULT_RULES || fn->last_id == U32_MAX)
		return pp_fault_refuse(extack, -ENOSPC,
				       "There are 64 rules in this netns already");
	r->cfg.id = ++fn->last_id;
	fn->nrules++;
	list_add_tail_rcu(&r->list, &fn->rules);
	pp_fault_stages(fn);
	static_branch_deferred_inc(&pp_fault_key);
	return 0;
}

/**
 * pp_fault_add() - add a rule
 * @pn: netns
 * @cfg: the rule; its id is filled
 * @extack: gets the reason of a refusal
 *
 * Context: process, may sleep; takes pp_fault_mutex.
 * Return: 0; -EINVAL filter, -EOPNOTSUPP stage, -ENOSPC, -ENOMEM, -ENODEV: the
 * netns or the module is going.
 */
int pp_fault_add(struct pp_net *pn, struct pp_fault_cfg *cfg,
		 struct netlink_ext_ack *extack)
{
	struct pp_fault_rule *r;
	int err;

	err = pp_fault_check(cfg, extack);
	if (err)
		return err;
	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->cfg = *cfg;
	prandom_seed_state(&r->rnd, cfg->seed);
	mutex_lock(&pp_fault_mutex);
	err = pp_fault_insert(pn->fault, r, extack);
	if (!err)
		*cfg = r->cfg;
	mutex_unlock(&pp_fault_mutex);
	if (err)
		kfree(r);
	return err;
}

/* The mutex is held. */
static void pp_fault_remove(struct pp_fault_net *fn, struct pp_fault_rule *r)
{
	list_del_rcu(&r->list);
	fn->nrules--;
	pp_fault_stages(fn);
	spin_lock_bh(&fn->lock);
	r->dead = true;
	pp_fault_hold_leave(fn, r);
	spin_unlock_bh(&fn->lock);
	static_branch_slow_dec_deferred(&pp_fault_key);
	kfree_rcu(r, rcu);
}

/**
 * pp_fault_del() - delete one rule, or all
 * @pn: netns
 * @id: its number, 0: all
 *
 * What a rule for reordering holds goes on at once, what is delayed when it is
 * due.
 *
 * Context: process, may sleep; takes pp_fault_mutex.
 * Return: 0, or -ENOENT when there is none of that number.
 */
int pp_fault_del(struct pp_net *pn, u32 id)
{
	struct pp_fault_net *fn = pn->fault;
	struct pp_fault_rule *r, *next;
	int err = id ? -ENOENT : 0;

	mutex_lock(&pp_fault_mutex);
	list_for_each_entry_safe(r, next, &fn->rules, list) {
		if (id && r->cfg.id != id)
			continue;
		pp_fault_remove(fn, r);
		err = 0;
	}
	mutex_unlock(&pp_fault_mutex);
	return err;
}

/**
 * pp_fault_flush() - delete all rules and drop what is held
 * @pn: netns
 *
 * Context: process, may sleep; takes pp_fault_mutex.
 */
void pp_fault_flush(struct pp_net *pn)
{
	pp_fault_del(pn, 0);
	/* who is in the middle of a point may still hold its packet */
	synchronize_net();
	pp_fault_hold_drop(pn->fault, 0);
}

/**
 * pp_fault_next() - the rules in order
 * @pn: netns
 * @after: number of the rule before, 0: the first
 * @cfg: filled
 * @count: filled
 *
 * Context: process; takes pp_fault_mutex.
 * Return: false when there is none any more.
 */
bool pp_fault_next(struct pp_net *pn, u32 after, struct pp_fault_cfg *cfg,
		   struct pp_fault_count *count)
{
	struct pp_fault_net *fn = pn->fault;
	struct pp_fault_rule *r;
	bool found = false;

	mutex_lock(&pp_fault_mutex);
	list_for_each_entry(r, &fn->rules, list) {
		if (r->cfg.id <= after)
			continue;
		*cfg = r->cfg;
		spin_lock_bh(&fn->lock);
		*count = r->count;
		spin_unlock_bh(&fn->lock);
		found = true;
		break;
	}
	mutex_unlock(&pp_fault_mutex);
	return found;
}

/* ---- Life ---- */

/* What waits for a device, or came by it, does not keep it. */
static void pp_fault_dev_event(struct pp_dev *pd, enum pp_dev_event event)
{
	struct pp_fault_net *fn = pd->pn->fault;

	/* lo goes with a netns that could not be made, too */
	if (event == PKTPATH_DEV_DETACHING && fn)
		pp_fault_hold_drop(fn, pd->ifindex);
}

static struct pp_addr_ops pp_fault_addr_ops = {
	.dev_event = pp_fault_dev_event,
};

/**
 * pp_fault_net_init() - a new netns has no rules
 * @pn: the netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_fault_net_init(struct pp_net *pn)
{
	struct pp_fault_net *fn = kzalloc(sizeof(*fn), GFP_KERNEL_ACCOUNT);

	if (!fn)
		return -ENOMEM;
	fn->pn = pn;
	INIT_LIST_HEAD(&fn->rules);
	pp_fault_hold_init(fn);
	WRITE_ONCE(pn->fault, fn);
	mutex_lock(&pp_fault_mutex);
	list_add(&fn->all, &pp_fault_nets);
	mutex_unlock(&pp_fault_mutex);
	return 0;
}

/**
 * pp_fault_net_pre_exit() - a netns is dying: no rule, no packet waits
 * @pn: the netns, marked exiting
 *
 * Context: process, sleeps.
 */
void pp_fault_net_pre_exit(struct pp_net *pn)
{
	pp_fault_del(pn, 0);
	pp_fault_hold_close(pn->fault);
}

/**
 * pp_fault_net_exit() - free the state of a netns
 * @pn: the netns, a grace period after pp_fault_net_pre_exit()
 *
 * Context: process.
 */
void pp_fault_net_exit(struct pp_net *pn)
{
	struct pp_fault_net *fn = pn->fault;

	mutex_lock(&pp_fault_mutex);
	list_del(&fn->all);
	mutex_unlock(&pp_fault_mutex);
	WARN_ON_ONCE(fn->nrules || fn->nheld);
	WRITE_ONCE(pn->fault, NULL);
	kfree(fn);
}

/**
 * pp_fault_start() - rules may be made
 *
 * Context: process.
 */
void pp_fault_start(void)
{
	mutex_lock(&pp_fault_mutex);
	pp_fault_started = true;
	mutex_unlock(&pp_fault_mutex);
	pp_fault_ops_set(&pp_fault_all);
}

/**
 * pp_fault_stop() - the module is going
 *
 * On return no rule is left, no packet waits and none is on its way: the
 * layers below may stop.
 *
 * Context: process, sleeps.
 */
void pp_fault_stop(void)
{
	struct pp_fault_net *fn;

	pp_fault_ops_set(NULL);
	mutex_lock(&pp_fault_mutex);
	pp_fault_started = false;
	list_for_each_entry(fn, &pp_fault_nets, all) {
		struct pp_fault_rule *r, *next;

		list_for_each_entry_safe(r, next, &fn->rules, list)
			pp_fault_remove(fn, r);
		pp_fault_hold_close(fn);
	}
	mutex_unlock(&pp_fault_mutex);
	static_key_deferred_flush(&pp_fault_key);
}

/**
 * pp_fault_init() - learn of devices
 *
 * Context: process.
 * Return: 0.
 */
int pp_fault_init(void)
{
	pp_addr_ops_register(&pp_fault_addr_ops);
	return 0;
}

/**
 * pp_fault_exit() - no more
 *
 * Context: process.
 */
void pp_fault_exit(void)
{
	pp_addr_ops_unregister(&pp_fault_addr_ops);
}
