// SPDX-License-Identifier: GPL-2.0
/*
 * Super-packets that the device layer cuts, as the device cannot: its buffer
 * ends behind DEV_QUEUE, and the driver gets others. Most often these follow at
 * once, on the same CPU: there their journeys begin, for who wanted the whole.
 * Segments for which the driver had no room come later, from any CPU, and are
 * not followed.
 *
 * Path: DEV_QUEUE -> attach.c -> here -> record.c, block.c
 * Mirrors: none
 * Locks: none; what a CPU has cut is that CPU's, with interrupts off
 */
#include <linux/jiffies.h>
#include "journey/journey_priv.h"

#define PKTPATH_SPLITS	16	/* of a CPU: a qdisc may give several at once */
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

struct pp_split_cpu {
	unsigned int next;
	struct pp_split split[PKTPATH_SPLITS];
};

static DEFINE_PER_CPU(struct pp_split_cpu, pp_split_cpus);

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
	struct pp_split_cpu *sc = this_cpu_ptr(&pp_split_cpus);
	bool stream = at->flow->proto == IPPROTO_TCP;

	if (!t->mask)
		return;
	sc->split[sc->next++ % PKTPATH_SPLITS] = (struct pp_split){
		.pn = t->pn,
		.cookie = t->cookie,
		.flow = *at->flow,
		.span = stream ? at->len : at->segs,
		.left = at->segs,
		.mask = t->mask,
		.until = jiffies + PKTPATH_SPLIT_WAIT,
	};
	this_cpu_write(pp_probe_cpus.splits, true);
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

static struct pp_split *pp_split_find(const struct pp_net *pn,
				      const struct pp_journey_flow *flow)
{
	struct pp_split_cpu *sc = this_cpu_ptr(&pp_split_cpus);
	struct pp_split *s, *found = NULL;
	bool any = false;
	int i;

	for (i = 0; i < PKTPATH_SPLITS; i++) {
		s = &sc->split[i];
		if (s->left && time_after(jiffies, s->until))
			s->left = 0;
		any |= s->left;
		if (!found && pp_split_is(s, pn, flow))
			found = s;
	}
	if (!any)
		this_cpu_write(pp_probe_cpus.splits, false);
	return found;
}

/**
 * pp_split_xmit() - a driver gets a buffer that nobody knows
 * @skb: the buffer, maybe a segment
 * @dev: the driver's device
 *
 * Context: interrupts off; @splits of this CPU is set.
 */
void pp_split_xmit(const struct sk_buff *skb, const struct net_device *dev)
{
	struct pp_journey_net *jn = pp_probe_net(dev_net(dev));
	struct pp_journey_flow flow __uninitialized;
	struct pp_probe_at at __uninitialized;
	struct pp_track t = {}, *e;
	struct pp_split *s;

	if (!jn || !pp_probe_skb_flow(skb, &flow))
		return;
	s = pp_split_find(pp_net(dev_net(dev)), &flow);
	if (!s)
		return;
	s->left--;
	t.key = (unsigned long)skb;
	t.id = pp_probe_new_id(jn);
	t.pn = pp_net(dev_net(dev));
	t.cookie = s->cookie;
	t.mask = s->mask;
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
 * Context: interrupts off; what this CPU has cut is followed no more.
 */
void pp_split_forget(void)
{
	struct pp_split_cpu *sc = this_cpu_ptr(&pp_split_cpus);
	int i;

	for (i = 0; i < PKTPATH_SPLITS; i++)
		sc->split[i].left = 0;
	this_cpu_write(pp_probe_cpus.splits, false);
}
