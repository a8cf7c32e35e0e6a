// SPDX-License-Identifier: GPL-2.0
/*
 * IGMP, the host's side: queries are answered, changes are told.
 *
 * One work item per device sends whatever is due: the answer to a general
 * query, answers to queries about groups, changes of filters, which are told
 * as often as the robustness says (RFC 3376 §5.1, §5.2). A querier of an older
 * version is talked to in its own until it has not been heard of for a while
 * (§7.2.1).
 *
 * Path: ip_input.c => pp_igmp_rcv() => pp_mc_work() => igmp_out.c
 * Mirrors: net/ipv4/igmp.c
 * Locks: pp_mc_dev.lock; RCU
 */
#include <linux/igmp.h>
#include <linux/slab.h>
#include "core/drop.h"
#include "core/trace.h"
#include "ip/mcast.h"

/* RFC 3376 §8.2, §8.3, §8.11; RFC 2236 §8.10. */
#define PKTPATH_IGMP_QQI	125
#define PKTPATH_IGMP_QRI	10
#define PKTPATH_IGMP_V3_INTERVAL	HZ
#define PKTPATH_IGMP_V2_INTERVAL	(10 * HZ)
/* A querier that says more is not believed so long. */
#define PKTPATH_IGMP_QQI_MAX	3600

static unsigned long pp_igmp_random(unsigned long max)
{
	return get_random_u32() % (max + 1);
}

/* ---- State of a device ---- */

/**
 * pp_igmp_version() - which version is spoken on a link
 * @mc: the device
 *
 * Context: pp_mc_dev.lock held.
 * Return: 1, 2 or 3.
 */
int pp_igmp_version(struct pp_mc_dev *mc)
{
	const struct pp_dev *pd = mc->pd;
	int force;

	force = READ_ONCE(pd->conf.force_igmp_version) ?:
		READ_ONCE(pd->pn->conf_all.force_igmp_version);
	if (force)
		return force;
	mc->v1_seen = mc->v1_seen && time_before(jiffies, mc->v1_until);
	if (mc->v1_seen)
		return 1;
	mc->v2_seen = mc->v2_seen && time_before(jiffies, mc->v2_until);
	return mc->v2_seen ? 2 : 3;
}

/**
 * pp_igmp_robustness() - how often something is told
 * @mc: the device
 *
 * Context: any.
 * Return: 1 to 7.
 */
unsigned int pp_igmp_robustness(const struct pp_mc_dev *mc)
{
	return READ_ONCE(mc->qrv) ?: READ_ONCE(mc->pd->pn->sysctl.igmp_qrv);
}

/**
 * pp_igmp_spoken() - is a group spoken of on the wire?
 * @mc: the device
 * @group: the group
 *
 * RFC 3376 §5: never of 224.0.0.1.
 *
 * Context: any.
 * Return: true when it is.
 */
bool pp_igmp_spoken(const struct pp_mc_dev *mc, __be32 group)
{
	if (group == htonl(INADDR_ALLHOSTS_GROUP) ||
	    (mc->pd->flags & PKTPATH_DEVF_LOOP))
		return false;
	return !ipv4_is_local_multicast(group) ||
	       READ_ONCE(mc->pd->pn->sysctl.igmp_link_local_mcast_reports);
}

/**
 * pp_mc_arm() - have the work run
 * @mc: the device
 * @due: jiffies
 *
 * Context: pp_mc_dev.lock held.
 */
void pp_mc_arm(struct pp_mc_dev *mc, unsigned long due)
{
	unsigned long now = jiffies;

	lockdep_assert_held(&mc->lock);
	if (mc->dead || (mc->armed && !time_before(due, mc->next)))
		return;
	mc->armed = true;
	mc->next = due;
	mod_delayed_work(pp_mc_wq, &mc->work,
			 time_after(due, now) ? due - now : 0);
}

/**
 * pp_mc_change() - changes are to be told
 * @mc: the device
 * @due: jiffies, when there is nothing to be told before
 *
 * Context: pp_mc_dev.lock held.
 */
void pp_mc_change(struct pp_mc_dev *mc, unsigned long due)
{
	if (!mc->change || time_before(due, mc->change_due))
		mc->change_due = due;
	mc->change = true;
	pp_mc_arm(mc, mc->change_due);
}

/**
 * pp_mc_answer() - a group is to be reported
 * @mc: the device
 * @g: the group
 * @due: jiffies, when it is not due before
 *
 * Context: pp_mc_dev.lock held.
 */
void pp_mc_answer(struct pp_mc_dev *mc, struct pp_mc_group *g,
		  unsigned long due)
{
	if (!g->answer || time_before(due, g->due))
		g->due = due;
	g->answer = true;
	pp_mc_arm(mc, g->due);
}

static const struct pp_mc_filter *pp_mc_filter(struct pp_mc_dev *mc,
					       const struct pp_mc_group *g)
{
	return rcu_dereference_protected(g->filter,
					 lockdep_is_held(&mc->lock));
}

/* ---- Out ---- */

/* Each false: there was no room. */
static bool pp_igmp_tell_state(struct pp_igmp_out *o,
			       const struct pp_mc_group *g)
{
	const struct pp_mc_filter *f = pp_mc_filter(o->mc, g);

	if (!f || !pp_igmp_spoken(o->mc, g->addr))
		return true;
	return pp_igmp_out_add(o, f->mode == MCAST_EXCLUDE ?
			       PKTPATH_IGMP_IS_EX : PKTPATH_IGMP_IS_IN,
			       g->addr, f->src, f->n);
}

/* RFC 3376 §5.2: which of the sources asked for we want. */
static bool pp_igmp_tell_sources(struct pp_igmp_out *o, struct pp_mc_group *g)
{
	const struct pp_mc_filter *f = pp_mc_filter(o->mc, g);
	u32 n;

	if (!f)
		return true;
	if (f->mode == MCAST_INCLUDE)
		n = pp_mcset_and(g->asked, g->asked, g->nasked, f->src, f->n);
	else
		n = pp_mcset_minus(g->asked, g->asked, g->nasked, f->src,
				   f->n);
	g->nasked = n;
	return !n || pp_igmp_out_add(o, PKTPATH_IGMP_IS_IN, g->addr, g->asked,
				     n);
}

static void pp_mc_forget_asked(struct pp_mc_group *g)
{
	kfree(g->asked);
	g->asked = NULL;
	g->nasked = 0;
	g->by_source = false;
}

/* What found no room is told a little later. */
static void pp_igmp_tell_again(struct pp_mc_dev *mc, struct pp_mc_group *g)
{
	pp_mc_answer(mc, g, jiffies + 1 +
		     pp_igmp_random(PKTPATH_IGMP_V3_INTERVAL));
}

/* A query about the group, or its first reports of version 1 and 2. */
static void pp_igmp_answer_group(struct pp_igmp_out *o, struct pp_mc_group *g,
				 int version)
{
	struct pp_mc_dev *mc = o->mc;

	g->answer = false;
	if (version == 3) {
		if (g->by_source ? pp_igmp_tell_sources(o, g) :
				   pp_igmp_tell_state(o, g))
			pp_mc_forget_asked(g);
		else
			pp_igmp_tell_again(mc, g);
		return;
	}
	pp_mc_forget_asked(g);
	if (!pp_mc_filter(mc, g))
		return;
	pp_igmp_out_short(o, version == 2 ? PKTPATH_IGMP_V2_REPORT :
					    PKTPATH_IGMP_V1_REPORT, g->addr);
	g->reporter = true;
	if (g->unsolicited && --g->unsolicited)
		pp_mc_answer(mc, g, jiffies +
			     pp_igmp_random(PKTPATH_IGMP_V2_INTERVAL));
}

/* Sources that have come (@allow) or gone. */
static bool pp_igmp_tell_left(struct pp_igmp_out *o,
			      const struct pp_mc_group *g, bool allow)
{
	const struct pp_mc_filter *f = pp_mc_filter(o->mc, g);
	__be32 *src = kmalloc_array(g->nleft, sizeof(*src), GFP_ATOMIC);
	bool told = true;
	u32 i, n = 0;

	if (!src)
		return false;
	for (i = 0; i < g->nleft; i++)
		if ((f && pp_mc_filter_passes(f, g->left[i].addr)) == allow)
			src[n++] = g->left[i].addr;
	if (n)
		told = pp_igmp_out_add(o, allow ? PKTPATH_IGMP_ALLOW :
						  PKTPATH_IGMP_BLOCK,
				       g->addr, src, n);
	kfree(src);
	return told;
}

static void pp_mc_count_left(struct pp_mc_group *g)
{
	u32 i, n = 0;

	for (i = 0; i < g->nleft; i++) {
		g->left[n] = g->left[i];
		if (--g->left[n].left)
			n++;
	}
	WRITE_ONCE(g->nleft, n);
}

/* RFC 3376 §5.1. What found no room does not count as told. */
static void pp_igmp_tell_change(struct pp_igmp_out *o, struct pp_mc_group *g)
{
	const struct pp_mc_filter *f = pp_mc_filter(o->mc, g);

	if (g->mode_left) {
		if (!pp_igmp_out_add(o, f && f->mode == MCAST_EXCLUDE ?
				     PKTPATH_IGMP_TO_EX : PKTPATH_IGMP_TO_IN,
				     g->addr, f ? f->src : NULL, f ? f->n : 0))
			return;
		g->mode_left--;
	} else if (g->nleft && (!pp_igmp_tell_left(o, g, true) ||
				!pp_igmp_tell_left(o, g, false))) {
		return;
	}
	pp_mc_count_left(g);
}

static void pp_igmp_tell_change_old(struct pp_igmp_out *o,
				    struct pp_mc_group *g, int version)
{
	if (g->mode_left && version == 2 && !pp_mc_filter(o->mc, g))
		pp_igmp_out_short(o, PKTPATH_IGMP_V2_LEAVE, g->addr);
	g->mode_left = 0;
	WRITE_ONCE(g->nleft, 0);
}

/* ---- What is due ---- */

static void pp_igmp_run_group(struct pp_igmp_out *o, struct pp_mc_group *g,
			      int version, bool all, bool change)
{
	unsigned long now = jiffies;
	struct pp_mc_dev *mc = o->mc;

	if (all && !pp_igmp_tell_state(o, g)) {
		pp_mc_forget_asked(g);
		pp_igmp_tell_again(mc, g);
	}
	if (g->answer && !time_before(now, g->due))
		pp_igmp_answer_group(o, g, version);
	if (change && version == 3)
		pp_igmp_tell_change(o, g);
	else if (change)
		pp_igmp_tell_change_old(o, g, version);
	if (g->mode_left || g->nleft)
		mc->change = true;
	if (g->answer)
		pp_mc_arm(mc, g->due);
}

/**
 * pp_igmp_tell_all() - report every group at once, unasked
 * @mc: groups of a device
 *
 * As an answer to a general query, in the version in force.
 * Mirrors: net/ipv4/igmp.c:ip_mc_rejoin_groups (v7.2)
 *
 * Context: pp_mc_dev.lock held.
 */
void pp_igmp_tell_all(struct pp_mc_dev *mc)
{
	struct pp_mc_group *g;
	unsigned int i;

	if (mc->dead)
		return;
	if (pp_igmp_version(mc) == 3) {
		mc->all = true;
		mc->all_due = jiffies;
		pp_mc_arm(mc, jiffies);
		return;
	}
	for (i = 0; i < PKTPATH_MC_HASH; i++)
		hlist_for_each_entry(g, &mc->hash[i], node)
			if (pp_mc_filter(mc, g) && pp_igmp_spoken(mc, g->addr))
				pp_mc_answer(mc, g, jiffies);
}

/* True when a group has nothing left to say and no member. */
static bool pp_igmp_run(struct pp_mc_dev *mc, struct sk_buff_head *q)
{
	struct pp_igmp_out o = { .mc = mc, .q = q };
	unsigned long now = jiffies;
	int version = pp_igmp_version(mc);
	bool all, change, done = false;
	struct pp_mc_group *g;
	unsigned int i;

	all = mc->all && !time_before(now, mc->all_due);
	change = mc->change && !time_before(now, mc->change_due);
	if (all)
		mc->all = false;
	if (change)
		mc->change = false;
	for (i = 0; i < PKTPATH_MC_HASH; i++) {
		hlist_for_each_entry(g, &mc->hash[i], node) {
			pp_igmp_run_group(&o, g, version, all && version == 3,
					  change);
			done |= !pp_mc_filter(mc, g) && !g->mode_left &&
				!g->nleft;
		}
	}
	pp_igmp_out_end(&o);
	if (mc->all)
		pp_mc_arm(mc, mc->all_due);
	if (change && mc->change)
		mc->change_due = now + 1 +
				 pp_igmp_random(PKTPATH_IGMP_V3_INTERVAL);
	if (mc->change)
		pp_mc_arm(mc, mc->change_due);
	return done;
}

/*
 * Groups are freed under cfg_lock, which must not be waited for here: who
 * detaches the device holds it and waits for us.
 */
static void pp_mc_sweep(struct pp_mc_dev *mc)
{
	struct pp_net *pn = mc->pd->pn;
	struct pp_mc_group *g;
	struct hlist_node *n;
	bool locked;
	unsigned int i;

	locked = mutex_trylock(&pn->cfg_lock);
	spin_lock_bh(&mc->lock);
	for (i = 0; locked && i < PKTPATH_MC_HASH; i++)
		hlist_for_each_entry_safe(g, n, &mc->hash[i], node)
			pp_mc_group_done(mc, g);
	if (!locked)
		pp_mc_arm(mc, jiffies + HZ / 10);
	spin_unlock_bh(&mc->lock);
	if (locked)
		mutex_unlock(&pn->cfg_lock);
}

/**
 * pp_mc_work() - sends what is due on a device
 * @work: of the device's struct pp_mc_dev
 *
 * Context: process.
 */
void pp_mc_work(struct work_struct *work)
{
	struct pp_mc_dev *mc = container_of(to_delayed_work(work),
					    struct pp_mc_dev, work);
	struct sk_buff_head q;
	bool done = false;

	__skb_queue_head_init(&q);
	spin_lock_bh(&mc->lock);
	mc->armed = false;
	if (!mc->dead)
		done = pp_igmp_run(mc, &q);
	spin_unlock_bh(&mc->lock);
	pp_igmp_send_all(mc->pd, &q);
	if (done)
		pp_mc_sweep(mc);
}

/* ---- In ---- */

/* RFC 3376 §5.2, 5: what two queries ask for together. */
static void pp_igmp_ask_sources(struct pp_mc_group *g, const u8 *srcs, u32 n)
{
	__be32 *set = NULL, *asked;

	if (g->answer && !g->by_source)
		return;
	if (n + g->nasked <= PKTPATH_MC_ASKED_MAX)
		set = kmalloc_array(2 * (size_t)n + g->nasked, sizeof(*set),
				    GFP_ATOMIC | __GFP_NOWARN);
	if (!set) {
		/* all of the group instead */
		pp_mc_forget_asked(g);
		return;
	}
	asked = set + n;
	memcpy(asked, srcs, n * sizeof(*set));
	n = pp_mcset_sort(asked, n);
	memmove(set + g->nasked, asked, n * sizeof(*set));
	memcpy(set, g->asked, g->nasked * sizeof(*set));
	g->nasked = pp_mcset_sort(set, g->nasked + n);
	kfree(g->asked);
	g->asked = set;
	g->by_source = true;
}

static void pp_igmp_ask_group(struct pp_mc_dev *mc, struct pp_mc_group *g,
			      const struct pp_igmp_query *q, int version,
			      unsigned long max)
{
	unsigned long due = jiffies + pp_igmp_random(max);

	if (!pp_mc_filter(mc, g) || !pp_igmp_spoken(mc, g->addr))
		return;
	/* RFC 3376 §5.2, 1: all will be told sooner */
	if (version == 3 && mc->all && !time_after(mc->all_due, due))
		return;
	/* RFC 2236 §3: who is asked without end draws no sooner time */
	if (version < 3 && g->answer && !time_after(g->due, jiffies + max))
		return;
	if (version == 3 && q->nsrcs)
		pp_igmp_ask_sources(g, q->srcs, q->nsrcs);
	else
		pp_mc_forget_asked(g);
	pp_mc_answer(mc, g, due);
}

/* RFC 3376 §7.2.1: an older querier; what was to be told it would not read. */
static void pp_igmp_heard_old(struct pp_mc_dev *mc, int version)
{
	unsigned long secs, until;
	struct pp_mc_group *g;
	unsigned int i;

	/* §8.12; AF_INET takes §8.3's default, whatever the querier has said */
	secs = pp_igmp_robustness(mc) * (mc->qqi ?: PKTPATH_IGMP_QQI) +
	       (mc->qri ?: PKTPATH_IGMP_QRI);
	until = jiffies + secs * HZ;
	if (version == 1) {
		mc->v1_seen = true;
		mc->v1_until = until;
	} else {
		mc->v2_seen = true;
		mc->v2_until = until;
	}
	if (pp_igmp_version(mc) == 3)
		return;
	mc->all = false;
	mc->change = false;
	for (i = 0; i < PKTPATH_MC_HASH; i++) {
		hlist_for_each_entry(g, &mc->hash[i], node) {
			g->mode_left = 0;
			WRITE_ONCE(g->nleft, 0);
			if (!pp_mc_filter(mc, g))
				pp_mc_arm(mc, jiffies);
		}
	}
}

static void pp_igmp_heard_query(struct pp_mc_dev *mc, struct pp_igmp_query *q)
{
	unsigned long due, max;
	struct pp_mc_group *g;
	unsigned int i;
	int version;

	/* RFC 3376 §7.2.1: what a general query says */
	if (q->version == 1 || (q->version == 2 && !q->group))
		pp_igmp_heard_old(mc, q->version);
	version = pp_igmp_version(mc);
	if (version == 1) {
		q->max_resp = PKTPATH_IGMP_QRI * 10;
		q->group = 0;
	}
	max = max_t(unsigned long, q->max_resp * HZ / 10, 1);
	if (q->version == 3 && version == 3) {
		WRITE_ONCE(mc->qrv, q->qrv);
		mc->qqi = min_t(u32, q->qqi, PKTPATH_IGMP_QQI_MAX);
		/* RFC 3376 §8.3: of general queries, and below their interval */
		if (!q->group)
			mc->qri = min_t(u32, DIV_ROUND_UP(q->max_resp, 10),
					(mc->qqi ?: PKTPATH_IGMP_QQI) - 1);
	}
	if (version == 3 && !q->group) {
		due = jiffies + pp_igmp_random(max);
		if (!mc->all || time_before(due, mc->all_due))
			mc->all_due = due;
		mc->all = true;
		pp_mc_arm(mc, mc->all_due);
		return;
	}
	for (i = 0; i < PKTPATH_MC_HASH; i++)
		hlist_for_each_entry(g, &mc->hash[i], node)
			if (!q->group || q->group == g->addr)
				pp_igmp_ask_group(mc, g, q, version, max);
}

/* RFC 2236 §3: another member has reported, which is enough. */
static void pp_igmp_heard_report(struct pp_mc_dev *mc, __be32 group)
{
	struct pp_mc_group *g = pp_mc_group_find(mc, group);

	if (!g || pp_igmp_version(mc) == 3)
		return;
	g->answer = false;
	g->unsolicited = 0;
	g->reporter = false;
}

/*
 * RFC 3376 §9.1: what a host far away, or one that aims at us alone, could
 * have sent is not heeded. Queries of version 1 know no Router Alert.
 */
static bool pp_igmp_query_ok(const struct sk_buff *skb,
			     const struct pp_igmp_query *q)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->ttl != 1)
		return false;
	if (!q->group && iph->daddr != htonl(INADDR_ALLHOSTS_GROUP))
		return false;
	return q->version == 1 ||
	       pp_igmp_has_alert((const u8 *)(iph + 1),
				 iph->ihl * 4 - sizeof(*iph));
}

static bool pp_igmp_rcv_query(struct pp_mc_dev *mc, struct sk_buff *skb)
{
	struct pp_igmp_query q;

	if (!pp_igmp_parse_query(skb->data, skb->len, &q) ||
	    !pp_igmp_query_ok(skb, &q))
		return false;
	spin_lock_bh(&mc->lock);
	if (!mc->dead)
		pp_igmp_heard_query(mc, &q);
	spin_unlock_bh(&mc->lock);
	return true;
}

static bool pp_igmp_rcv_report(struct pp_mc_dev *mc, struct sk_buff *skb)
{
	__be32 group = ((const struct igmphdr *)skb->data)->group;

	if (group != ip_hdr(skb)->daddr)
		return false;
	/* our own comes back when a socket of ours is a member */
	if (!skb_rtable(skb)->rt_is_input)
		return true;
	spin_lock_bh(&mc->lock);
	pp_igmp_heard_report(mc, group);
	spin_unlock_bh(&mc->lock);
	return true;
}

/* Whether it was well formed. RCU. */
static bool pp_igmp_rcv_one(struct pp_mc_dev *mc, struct sk_buff *skb)
{
	if (skb->len < sizeof(struct igmphdr) || skb_linearize(skb) ||
	    skb_checksum_simple_validate(skb))
		return false;
	switch (*skb->data) {
	case PKTPATH_IGMP_QUERY:
		return pp_igmp_rcv_query(mc, skb);
	case PKTPATH_IGMP_V1_REPORT:
	case PKTPATH_IGMP_V2_REPORT:
		return pp_igmp_rcv_report(mc, skb);
	default:
		/* is for routers */
		return true;
	}
}

/* Mirrors: net/ipv4/igmp.c:igmp_rcv (v7.2) */
static int pp_igmp_rcv(struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	struct pp_dev *pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
	struct pp_mc_dev *mc = pd ? rcu_dereference(pd->mc) : NULL;

	pp_at_tp_rcv(skb, NULL, skb->len);
	if (!mc || !pp_dst_is_ours(skb_dst(skb)) || !pp_igmp_rcv_one(mc, skb))
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_IGMP_BAD);
	else
		consume_skb(skb);
	return 0;
}

const struct pp_net_protocol pp_igmp_protocol = {
	.handler = pp_igmp_rcv,
};
