// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet is, who wants it, and the record of it at a stage.
 *
 * Path: any stage -> probe.c -> here -> ring.c, hist.c
 * Mirrors: none
 * Locks: none; everything happens with interrupts off, hence inside RCU
 */
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include "core/pp_sock.h"
#include "journey/journey_priv.h"

/* Headers that a filter looks at: IP with options, TCP without. */
#define PKTPATH_PROBE_HEAD	80
#define PKTPATH_PROBE_RECS	(BIT(PKTPATH_JOURNEY_RECS) - 1)

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
	u8 buf[PKTPATH_PROBE_HEAD];
	const u8 *head = skb_network_header(skb);
	int off = skb_network_offset(skb), room;

	memset(flow, 0, sizeof(*flow));
	/* Never set: what stands there was never written. */
	if (!skb->network_header)
		return false;
	room = skb_tail_pointer(skb) - head;
	if (room < PKTPATH_PROBE_HEAD && skb_is_nonlinear(skb)) {
		room = min_t(int, PKTPATH_PROBE_HEAD, (int)skb->len - off);
		if (room <= 0 || skb_copy_bits(skb, off, buf, room))
			return false;
		head = buf;
	}
	return room > 0 && pp_journey_parse(flow, head, room);
}

/**
 * pp_probe_call_key() - key of the call that the current process is in
 *
 * Context: interrupts off.
 * Return: a key that no skb has.
 */
unsigned long pp_probe_call_key(void)
{
	return (unsigned long)current | 1;
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
	unsigned long left = live & PKTPATH_PROBE_RECS;
	struct pp_journey *j;
	int i;

	if (live & BIT(PKTPATH_JOURNEY_HIST) && draw == PKTPATH_DRAW_FIRST &&
	    pp_hist_draw(jn))
		mask = BIT(PKTPATH_JOURNEY_HIST);
	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS) {
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
	unsigned long left = mask & PKTPATH_PROBE_RECS;
	int i;

	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS)
		if (!pp_probe_wants(jn, i, flow))
			mask &= ~BIT(i);
	return mask;
}

/**
 * pp_probe_new_id() - a journey begins
 * @jn: recordings of its netns
 *
 * Context: interrupts off.
 * Return: its number, unique in the netns.
 */
u64 pp_probe_new_id(const struct pp_journey_net *jn)
{
	u64 n = this_cpu_inc_return(*jn->serial);

	return n * nr_cpu_ids + smp_processor_id();
}

/* A packet fell out of the table: what it still meets is not recorded. */
static void pp_probe_lost(const struct pp_track *gone)
{
	unsigned long left = gone->mask & PKTPATH_PROBE_RECS;
	struct pp_journey_net *jn;
	struct pp_journey *j;
	int i;

	if (!left)
		return;
	jn = READ_ONCE(gone->pn->journey);
	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (j)
			pp_journey_ring_lose(j);
	}
}

/**
 * pp_probe_enter() - remember a packet
 * @t: what is known of it; recordings that have ended leave its mask
 *
 * Context: interrupts off.
 * Return: its entry, or NULL when there is no room; that is counted.
 */
struct pp_track *pp_probe_enter(struct pp_track *t)
{
	struct pp_track gone, *e;

	if (t->mask)
		t->mask &= READ_ONCE(READ_ONCE(t->pn->journey)->live);
	e = pp_track_set(t, &gone);
	if (unlikely(gone.mask))
		pp_probe_lost(&gone);
	return e;
}

/* ---- Records ---- */

/**
 * pp_probe_put() - a packet has come to a stage
 * @e: its entry, or NULL
 * @t: what is known of it; where and when it was seen last is set
 * @rec: the record, but for what @t tells; time 0 is now
 *
 * Context: interrupts off.
 */
void pp_probe_put(struct pp_track *e, struct pp_track *t,
		  struct pktpath_journey_rec *rec)
{
	unsigned long left = t->mask & PKTPATH_PROBE_RECS;
	struct pp_journey_net *jn;
	struct pp_journey *j;
	int i;

	if (!t->mask)
		return;
	jn = READ_ONCE(t->pn->journey);
	if (!rec->time)
		rec->time = ktime_get_mono_fast_ns();
	if (t->mask & BIT(PKTPATH_JOURNEY_HIST))
		pp_hist_step(jn, t, rec->time);
	t->last = rec->time;
	t->at = rec->stage;
	if (e)
		pp_track_step(e, t);
	if (!left)
		return;
	rec->id = t->id;
	rec->cookie = t->cookie;
	rec->cpu = smp_processor_id();
	if (in_task())
		rec->flags |= PKTPATH_JREC_TASK;
	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (!j)
			continue;
		/* of whoever calls, never of whoever is interrupted */
		if (rec->flags & PKTPATH_JREC_TASK)
			rec->pid = task_tgid_nr_ns(current, j->pidns);
		pp_journey_ring_put(j, rec);
	}
}

/**
 * pp_probe_rec_flow() - whose packet a record is of
 * @rec: the record
 * @flow: the packet's
 *
 * Context: any.
 */
void pp_probe_rec_flow(struct pktpath_journey_rec *rec,
		       const struct pp_journey_flow *flow)
{
	rec->saddr = flow->saddr;
	rec->daddr = flow->daddr;
	rec->sport = flow->sport;
	rec->dport = flow->dport;
	rec->seq = flow->seq;
	rec->proto = flow->proto;
	rec->tcp_flags = flow->tcp_flags;
	rec->flags |= PKTPATH_JREC_FLOW;
}

/**
 * pp_probe_rec_skb() - begin the record of a packet
 * @rec: the record, filled
 * @stage: where
 * @skb: the packet; its device is read, so it is in no queue
 *
 * Context: interrupts off.
 */
void pp_probe_rec_skb(struct pktpath_journey_rec *rec, u8 stage,
		      const struct sk_buff *skb)
{
	memset(rec, 0, sizeof(*rec));
	rec->stage = stage;
	rec->len = skb->len;
	rec->ifindex = skb->dev ? skb->dev->ifindex : 0;
	if (skb_is_gso(skb))
		rec->segs = skb_shinfo(skb)->gso_segs;
}
