// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet is, and who wants it.
 *
 * Path: any stage -> probe.c -> here -> track.c, block.c
 * Mirrors: none
 * Locks: none; everything happens with interrupts off, hence inside RCU
 */
#include <linux/ip.h>
#include <linux/sock_diag.h>
#include <net/ip.h>
#include "core/pp_sock.h"
#include "journey/journey_priv.h"

/* Headers that a filter looks at: IP with options, TCP without. */
#define PKTPATH_PROBE_HEAD	80

/* ---- What a packet is ---- */

/**
 * pp_probe_sk_flow() - what a socket tells of its packets
 * @sk: the socket
 * @out: of those it sends, else of those it gets
 * @flow: filled
 *
 * Context: interrupts off.
 */
void pp_probe_sk_flow(const struct sock *sk, bool out,
		      struct pp_journey_flow *flow)
{
	const struct inet_sock *inet = inet_sk(sk);

	memset(flow, 0, sizeof(*flow));
	flow->proto = sk->sk_protocol & 0xff;
	flow->saddr = READ_ONCE(inet->inet_saddr);
	flow->daddr = READ_ONCE(inet->inet_daddr);
	if (flow->proto != IPPROTO_ICMP) {
		flow->sport = READ_ONCE(inet->inet_sport);
		flow->dport = READ_ONCE(inet->inet_dport);
	}
	if (out)
		return;
	swap(flow->saddr, flow->daddr);
	swap(flow->sport, flow->dport);
}

/**
 * pp_probe_skb_flow() - what a packet's headers tell
 * @skb: the packet
 * @flow: filled
 *
 * Context: interrupts off.
 * Return: false when there are no headers to be read.
 */
bool pp_probe_skb_flow(const struct sk_buff *skb, struct pp_journey_flow *flow)
{
	u8 buf[PKTPATH_PROBE_HEAD] __uninitialized;
	const u8 *head = skb_network_header(skb);
	int off = skb_network_offset(skb), room;

	room = skb_tail_pointer(skb) - head;
	if (skb->network_header && pp_probe_plain_flow(head, room, flow))
		return true;
	if (room < PKTPATH_PROBE_HEAD && skb_is_nonlinear(skb)) {
		room = min_t(int, PKTPATH_PROBE_HEAD, (int)skb->len - off);
		if (room > 0 && skb_copy_bits(skb, off, buf, room))
			room = 0;
		head = buf;
	}
	/* Never set: what stands there was never written. */
	if (room > 0 && skb->network_header)
		return pp_journey_parse(flow, head, room);
	memset(flow, 0, sizeof(*flow));
	return false;
}

/**
 * pp_probe_cookie() - a socket's cookie
 * @sk: the socket, gets one when it has none
 *
 * Context: interrupts off.
 * Return: the cookie.
 */
u64 pp_probe_cookie(const struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);
	u32 part[2];

	if (cookie)
		return cookie;
	sock_diag_save_cookie((struct sock *)sk, part);
	return part[0] | (u64)part[1] << 32;
}

/* ---- Who wants it ---- */

/* Recording @i, if it is there and its filter lets @flow pass. */
static struct pp_journey *pp_probe_wants(struct pp_journey_net *jn, int i,
					 const struct pp_journey_flow *flow)
{
	struct pp_journey *j = rcu_dereference_sched(jn->rec[i]);

	return j && pp_journey_match(&j->conf, flow) ? j : NULL;
}

static bool pp_probe_drawn(struct pp_journey *j, enum pp_draw draw)
{
	struct pp_journey_ring *r;

	if (j->conf.sample <= 1 || draw == PKTPATH_DRAW_CALL)
		return true;
	r = j->ring[smp_processor_id()];
	return r && draw == PKTPATH_DRAW_FIRST && !(r->seen++ % j->conf.sample);
}

/**
 * pp_probe_decide() - who wants a packet?
 * @jn: recordings of its netns
 * @flow: what is known of it
 * @draw: whether it may be drawn as one of a sample
 *
 * Context: interrupts off.
 * Return: bit per recording.
 */
u8 pp_probe_decide(struct pp_journey_net *jn,
		   const struct pp_journey_flow *flow, enum pp_draw draw)
{
	u8 live = READ_ONCE(jn->live), mask = 0;
	unsigned long left = live & PKTPATH_JOURNEY_MASK;
	struct pp_journey *j;
	int i;

	/* else histograms do not take part */
	if (live == READ_ONCE(jn->all) && draw == PKTPATH_DRAW_FIRST)
		return live;
	if (live & BIT(PKTPATH_JOURNEY_HIST) && draw == PKTPATH_DRAW_FIRST &&
	    pp_hist_draw(jn))
		mask = BIT(PKTPATH_JOURNEY_HIST);
	for (; left; left &= left - 1) {
		i = __ffs(left);
		j = pp_probe_wants(jn, i, flow);
		if (j && !(j->conf.flags & PKTPATH_JOURNEY_DROPS) &&
		    pp_probe_drawn(j, draw))
			mask |= BIT(i);
	}
	return mask;
}

/**
 * pp_probe_decide_drop() - who wants a drop?
 * @jn: recordings of the netns
 * @flow: what is known of the packet
 *
 * Those that record nothing but drops do, and those that draw no samples.
 *
 * Context: interrupts off.
 * Return: bit per recording.
 */
u8 pp_probe_decide_drop(struct pp_journey_net *jn,
			const struct pp_journey_flow *flow)
{
	struct pp_journey *j;
	u8 mask = 0;
	int i;

	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++) {
		j = pp_probe_wants(jn, i, flow);
		if (j && (j->conf.flags & PKTPATH_JOURNEY_DROPS ||
			  j->conf.sample <= 1))
			mask |= BIT(i);
	}
	return mask;
}

/**
 * pp_probe_refine() - who still wants a packet, now that more of it is known?
 * @jn: recordings of its netns
 * @mask: bit per recording that wanted it
 * @flow: what is known now
 *
 * Context: interrupts off.
 * Return: those of @mask whose filter lets it pass.
 */
u8 pp_probe_refine(struct pp_journey_net *jn, u8 mask,
		   const struct pp_journey_flow *flow)
{
	unsigned long left = mask & PKTPATH_JOURNEY_MASK & ~READ_ONCE(jn->all);
	int i;

	for (; left; left &= left - 1) {
		i = __ffs(left);
		if (!pp_probe_wants(jn, i, flow))
			mask &= ~BIT(i);
	}
	return mask;
}

/* A packet fell out of the table: what it still meets is not recorded. */
static void pp_probe_lost(struct pp_track *gone)
{
	unsigned long left = gone->mask & PKTPATH_JOURNEY_MASK;
	struct pp_journey_net *jn;
	struct pp_journey *j;
	int i;

	if (!left)
		return;
	if (gone->open)
		pp_late_end(gone, gone->mask);
	jn = READ_ONCE(gone->pn->journey);
	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (j)
			pp_journey_ring_lose(j, smp_processor_id(), 1);
	}
}

/**
 * pp_probe_enter() - remember a packet
 * @e: the entry it was found by, or NULL
 * @t: what is known of it; recordings that have ended leave its mask
 *
 * Context: interrupts off.
 * Return: its entry, or NULL when there is no room; that is counted.
 */
struct pp_track *pp_probe_enter(struct pp_track *e, struct pp_track *t)
{
	struct pp_track gone __uninitialized;

	if (t->mask)
		t->mask &= READ_ONCE(READ_ONCE(t->pn->journey)->live);
	if (!t->mask)
		t->open = 0;
	e = pp_track_set(e, t, &gone);
	if (unlikely(gone.mask))
		pp_probe_lost(&gone);
	return e;
}

/**
 * pp_probe_at_skb() - begin the record of a packet
 * @at: the record, filled
 * @stage: where
 * @skb: the packet; its device is read, so it is in no queue
 *
 * Context: interrupts off.
 */
void pp_probe_at_skb(struct pp_probe_at *at, u8 stage,
		     const struct sk_buff *skb)
{
	const struct skb_shared_info *shi = skb_shinfo(skb);

	*at = (struct pp_probe_at) {
		.stage = stage,
		.len = skb->len,
		.ifindex = skb->dev ? skb->dev->ifindex : 0,
		.segs = shi->gso_size ? shi->gso_segs : 0,
	};
}
