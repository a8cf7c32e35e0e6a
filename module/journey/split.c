// SPDX-License-Identifier: GPL-2.0
/*
 * Super-packets that the device layer cuts, as the device cannot: its buffer
 * ends behind DEV_QUEUE, and the driver gets others. There their journeys begin,
 * for who wanted the whole. Most often they follow at once; those for which the
 * driver had no room come later, from any CPU.
 *
 * Path: DEV_QUEUE -> attach.c -> here -> record.c, block.c
 * Mirrors: none
 * Locks: pp_split_lock, with interrupts off
 */
#include <linux/jiffies.h>
#include <linux/spinlock.h>
#include "journey/journey_priv.h"

#define PKTPATH_SPLITS	64	/* a qdisc may give several at once */
#define PKTPATH_SPLIT_WAIT	HZ	/* others do not come in that time */

/**
 * struct pp_split - a super-packet that was cut
 * @pn: whose; compared, never followed
 * @cookie: the socket's
 * @flow: of its first segment
 * @span: places in the stream, or identifications, that its segments have
 * @left: segments still to come; 0: free
 * @mask: who wanted it
 * @until: when they should have come, jiffies
 */
struct pp_split {
	const struct pp_net *pn;
	u64 cookie;
	struct pp_journey_flow flow;
	u32 span;
	u16 left;
	u8 mask;
	unsigned long until;
};

static DEFINE_RAW_SPINLOCK(pp_split_lock);

/* Under it. */
static struct {
	unsigned int next;
	struct pp_split split[PKTPATH_SPLITS];
} pp_splits;

bool pp_split_any;

/**
 * pp_split_tell() - was a buffer that ends behind DEV_QUEUE cut?
 * @skb: the buffer, not freed yet
 * @at: the record of its end; tells the segments, if so
 * @flow: for that record
 *
 * Context: interrupts off.
 */
void pp_split_tell(const struct sk_buff *skb, struct pp_probe_at *at,
		   struct pp_journey_flow *flow)
{
	const struct skb_shared_info *shi = skb_shinfo(skb);

	if (!shi->gso_size || !pp_probe_skb_flow(skb, flow))
		return;
	/* what came from a device need not say */
	at->segs = shi->gso_segs ?: DIV_ROUND_UP(skb->len, shi->gso_size);
	at->len = skb->len;
	at->flow = flow;
}

/**
 * pp_split_note() - expect the segments
 * @t: what is known of the whole
 * @at: the record of its end, made
 *
 * Context: interrupts off.
 */
void pp_split_note(const struct pp_track *t, const struct pp_probe_at *at)
{
	bool stream = at->flow->proto == IPPROTO_TCP;

	if (!t->mask)
		return;
	raw_spin_lock(&pp_split_lock);
	pp_splits.split[pp_splits.next++ % PKTPATH_SPLITS] = (struct pp_split){
		.pn = t->pn,
		.cookie = t->cookie,
		.flow = *at->flow,
		.span = stream ? at->len : at->segs,
		.left = at->segs,
		.mask = t->mask,
		.until = jiffies + PKTPATH_SPLIT_WAIT,
	};
	WRITE_ONCE(pp_split_any, true);
	raw_spin_unlock(&pp_split_lock);
}

/* Of whose segments is it one? */
static bool pp_split_is(const struct pp_split *s, const struct pp_net *pn,
			const struct pp_journey_flow *flow)
{
	u32 off = flow->seq - s->flow.seq;

	if (flow->proto != IPPROTO_TCP)
		off &= 0xffff;
	return s->left && s->pn == pn && off < s->span &&
	       flow->saddr == s->flow.saddr && flow->daddr == s->flow.daddr &&
	       flow->sport == s->flow.sport && flow->dport == s->flow.dport &&
	       flow->proto == s->flow.proto;
}

/* One more of a super-packet's has come: @t is whose. False: of none. */
static bool pp_split_take(const struct pp_net *pn,
			  const struct pp_journey_flow *flow,
			  struct pp_track *t)
{
	bool any = false, found = false;
	struct pp_split *s;
	int i;

	raw_spin_lock(&pp_split_lock);
	for (i = 0; i < PKTPATH_SPLITS; i++) {
		s = &pp_splits.split[i];
		if (s->left && time_after(jiffies, s->until))
			s->left = 0;
		if (!found && pp_split_is(s, pn, flow)) {
			found = true;
			s->left--;
			t->cookie = s->cookie;
			t->mask = s->mask;
		}
		any |= s->left;
	}
	if (!any)
		WRITE_ONCE(pp_split_any, false);
	raw_spin_unlock(&pp_split_lock);
	return found;
}

/**
 * pp_split_xmit() - a driver gets a buffer that nobody knows
 * @skb: the buffer, maybe a segment
 * @dev: the driver's device
 *
 * Context: interrupts off; pp_split_any is set.
 */
void pp_split_xmit(const struct sk_buff *skb, const struct net_device *dev)
{
	struct pp_journey_net *jn = pp_probe_net(dev_net(dev));
	struct pp_journey_flow flow __uninitialized;
	struct pp_probe_at at __uninitialized;
	struct pp_track t = {}, *e;

	if (!jn || !pp_probe_skb_flow(skb, &flow) ||
	    !pp_split_take(pp_net(dev_net(dev)), &flow, &t))
		return;
	t.key = (unsigned long)skb;
	t.id = pp_probe_new_id(jn);
	t.pn = pp_net(dev_net(dev));
	t.state = PKTPATH_TRACK_XMIT;
	t.at = PKTPATH_TRACK_NEW;
	e = pp_probe_enter(NULL, &t);
	pp_probe_at_skb(&at, PKTPATH_STAGE_DEV_XMIT, skb);
	at.flow = &flow;
	pp_probe_put(e, &t, &at);
}

/**
 * pp_split_forget() - a recording has ended
 *
 * Context: process; what was cut is followed no more.
 */
void pp_split_forget(void)
{
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&pp_split_lock, flags);
	for (i = 0; i < PKTPATH_SPLITS; i++)
		pp_splits.split[i].left = 0;
	WRITE_ONCE(pp_split_any, false);
	raw_spin_unlock_irqrestore(&pp_split_lock, flags);
}
