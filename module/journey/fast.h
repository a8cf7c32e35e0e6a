/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short ways to a record: the packet that was at a stage last on this CPU
 * has come to the next one, or a datagram begins that everybody wants. What is
 * not so is left to probe.c. All with interrupts off.
 */
#ifndef PKTPATH_JOURNEY_FAST_H
#define PKTPATH_JOURNEY_FAST_H

#include <linux/sched.h>
#include "journey/journey_priv.h"

/**
 * enum pp_fast - whether a record was made
 * @PKTPATH_FAST_NO: not here
 * @PKTPATH_FAST_DONE: yes
 * @PKTPATH_FAST_MORE: it is pp_probe_more()'s
 */
enum pp_fast {
	PKTPATH_FAST_NO,
	PKTPATH_FAST_DONE,
	PKTPATH_FAST_MORE,
};

/* Is @e the entry of @key, which was at a stage last, in the same context? */
static __always_inline bool pp_fast_is(const struct pp_probe_cpu *pc,
				       const struct pp_track *e,
				       unsigned long key)
{
	return READ_ONCE(e->key) == key && READ_ONCE(e->id) == pc->id &&
	       pc->task == (in_task() ? current : NULL);
}

/*
 * Is there room for @n steps in the open block, which wants no histograms?
 * Without the processor's counter all goes the long way: a call would make
 * each of these functions save registers.
 */
static __always_inline bool pp_fast_room(const struct pp_probe_cpu *pc,
					 unsigned int n)
{
	struct pp_step *s = pc->next;
	u64 clk;

	if (!pp_clock_counter(&clk))
		return false;
	clk -= pc->clk;
	if (unlikely(s + n > pc->stop || clk > PKTPATH_BLOCK_SPAN))
		return false;
	s[n - 1].dt = clk;
	return true;
}

/* May it come to @stage, and is there nothing but a record to be made? */
static __always_inline bool pp_fast_ok(const u8 stage,
				       const struct pp_probe_cpu *pc,
				       const struct pp_track *e,
				       const struct sk_buff *skb,
				       const struct sock *sk)
{
	switch (stage) {
	case PKTPATH_STAGE_SOCK_WAKE:
		/* a stream's is of no packet; a deleted entry has key 0 */
		return skb && sk && sock_net(sk) == pc->net;
	case PKTPATH_STAGE_IP_ROUTE:
	case PKTPATH_STAGE_IP_LOCAL_OUT:
		/* another may have died unseen, after this stage */
		return e->at == PKTPATH_STAGE_TP_XMIT ||
		       e->at == PKTPATH_STAGE_IP_ROUTE;
	case PKTPATH_STAGE_IP_LOCAL:
		if (ip_is_fragment(ip_hdr(skb)))
			return false;
		fallthrough;
	case PKTPATH_STAGE_IP_OUTPUT:
	case PKTPATH_STAGE_IP_FINISH:
	case PKTPATH_STAGE_NEIGH:
	case PKTPATH_STAGE_DEV_QUEUE:
	case PKTPATH_STAGE_IP_RCV:
	case PKTPATH_STAGE_IP_ROUTE_IN:
	case PKTPATH_STAGE_IP_FORWARD:
	case PKTPATH_STAGE_TP_RCV:
		return skb->dev && dev_net(skb->dev) == pc->net;
	default:
		return false;
	}
}

/* A process's call: an old one may have been of another socket at @sk. */
static __always_inline bool pp_fast_call_ok(const struct pp_probe_cpu *pc,
					    const struct pp_track *e,
					    const struct sock *sk)
{
	return e->sk == sk && e->state == PKTPATH_TRACK_SEND &&
	       sock_net(sk) == pc->net;
}

/* The record of a packet, as far as it is not as the one before. */
static __always_inline void pp_fast_put(struct pp_step *s, const u8 stage,
					unsigned int len,
					const struct sk_buff *skb)
{
	s->len = len;
	s->stage = stage;
	if (stage == PKTPATH_STAGE_IP_OUTPUT) {
		s->flags = PKTPATH_STEP_SAME;
		s->ifindex = skb->dev->ifindex;
	} else {
		s->flags = PKTPATH_STEP_SAME | PKTPATH_STEP_SAME_DEV;
	}
}

/* What a packet's headers tell, unless they are unusual. */
static __always_inline bool pp_fast_flow(struct pp_step *s,
					 const struct sk_buff *skb)
{
	const u8 *head = skb_network_header(skb);

	/* never set: what stands there was never written */
	if (!skb->network_header ||
	    !pp_probe_plain_flow(head, skb_tail_pointer(skb) - head, &s->flow))
		return false;
	s->stage = PKTPATH_STEP_FLOW;
	return true;
}

/* The record of a packet whose headers were read: pp_probe_at_skb()'s. */
static __always_inline void pp_fast_skb(struct pp_step *s, const u8 stage,
					const struct sk_buff *skb)
{
	const struct skb_shared_info *shi = skb_shinfo(skb);

	s->len = skb->len;
	s->ifindex = skb->dev ? skb->dev->ifindex : 0;
	s->segs = shi->gso_size ? shi->gso_segs : 0;
	s->stage = stage;
	s->flags = 0;
}

/* A datagram's journey begins with the call; one recording wants them all. */
static __always_inline enum pp_fast pp_fast_send(struct pp_probe_cpu *pc,
						 const struct sock *sk,
						 unsigned int len)
{
	struct pp_journey_net *jn;
	struct pp_track *e;
	struct pp_step *s;
	u64 clk;
	u8 live;

	if (!sk || pp_probe_is_tcp(sk) || !in_task())
		return PKTPATH_FAST_NO;
	jn = READ_ONCE(pp_sk(sk)->pn->journey);
	if (!jn)
		return PKTPATH_FAST_NO;
	live = READ_ONCE(jn->live);
	if (!live || live & (live - 1) || live & ~PKTPATH_JOURNEY_MASK ||
	    live != READ_ONCE(jn->all))
		return PKTPATH_FAST_NO;
	e = pp_track_claim(pp_probe_call_key());
	if (!e)
		return PKTPATH_FAST_NO;
	clk = pp_clock();
	e->id = pp_probe_new_id(jn);
	e->last = clk;
	e->pn = pp_sk(sk)->pn;
	e->sk = sk;
	e->cookie = pp_probe_cookie(sk);
	e->mask = live;
	e->state = PKTPATH_TRACK_SEND;
	e->at = PKTPATH_STAGE_SOCK_SEND;
	s = pp_block_begin(pc, e, clk);
	/* content before key: pairs with pp_track_find() */
	smp_store_release(&e->key, pp_probe_call_key());
	pc->e = e;
	pp_probe_sk_flow(sk, true, &s->flow);
	s->stage = PKTPATH_STEP_FLOW;
	s[1] = (struct pp_step) {
		.len = len,
		.stage = PKTPATH_STAGE_SOCK_SEND,
	};
	return PKTPATH_FAST_DONE;
}

/* It gets its buffer. */
static __always_inline enum pp_fast pp_fast_tp_xmit(struct pp_probe_cpu *pc,
						    const struct sk_buff *skb,
						    const struct sock *sk)
{
	struct pp_track *call = pc->e, *e;
	struct pp_step *s = pc->next;

	if (!pp_fast_is(pc, call, pp_probe_call_key()) || !sk ||
	    !pp_fast_call_ok(pc, call, sk))
		return PKTPATH_FAST_NO;
	/* a filter would look at it again, what has ended is not to go on */
	if (!pp_fast_room(pc, 2) ||
	    pc->mask & ~READ_ONCE(READ_ONCE(pc->pn->journey)->all) ||
	    !pp_fast_flow(s, skb))
		return PKTPATH_FAST_NO;
	e = pp_track_claim((unsigned long)skb);
	if (!e)
		return PKTPATH_FAST_NO;
	pp_track_del(call, pp_probe_call_key());
	e->id = pc->id;
	e->pn = pc->pn;
	e->sk = sk;
	e->cookie = pc->block->cookie;
	e->mask = pc->mask;
	e->state = PKTPATH_TRACK_OUT;
	e->at = PKTPATH_STAGE_TP_XMIT;
	/* as above */
	smp_store_release(&e->key, (unsigned long)skb);
	pc->e = e;
	pp_fast_skb(s + 1, PKTPATH_STAGE_TP_XMIT, skb);
	pc->next = s + 2;
	return PKTPATH_FAST_DONE;
}

/* The driver gets it. */
static __always_inline bool pp_fast_dev_xmit(struct pp_probe_cpu *pc,
					     const struct sk_buff *skb,
					     const struct net_device *dev)
{
	struct pp_step *s = pc->next;
	struct pp_track *e = pc->e;

	if (!pp_fast_is(pc, e, (unsigned long)skb) ||
	    e->at != PKTPATH_STAGE_DEV_QUEUE || dev_net(dev) != pc->net ||
	    !pp_fast_room(pc, 2) || !pp_fast_flow(s, skb))
		return false;
	pp_fast_skb(s + 1, PKTPATH_STAGE_DEV_XMIT, skb);
	pc->next = s + 2;
	WRITE_ONCE(e->state, PKTPATH_TRACK_XMIT);
	WRITE_ONCE(e->at, PKTPATH_STAGE_DEV_XMIT);
	return true;
}

/* The driver is done with it. */
static __always_inline bool pp_fast_tx_done(struct pp_probe_cpu *pc,
					    const struct sk_buff *skb)
{
	struct pp_step *s = pc->next;
	struct pp_track *e = pc->e;

	if (!pp_fast_is(pc, e, (unsigned long)skb) ||
	    e->state != PKTPATH_TRACK_XMIT || !pp_fast_room(pc, 1))
		return false;
	pp_track_del(e, (unsigned long)skb);
	pc->e = &pp_block_none;
	s->len = 0;
	s->ifindex = 0;
	s->segs = 0;
	s->stage = PKTPATH_STAGE_TX_DONE;
	s->flags = 0;
	pc->next = s + 1;
	return true;
}

/**
 * pp_probe_fast() - a packet, or a call, has come to a stage of ours
 * @stage: which, a constant
 * @skb: the packet, or NULL
 * @sk: the socket, or NULL
 * @len: bytes of the packet or the call
 *
 * Context: interrupts off.
 * Return: enum pp_fast; with PKTPATH_FAST_NO it is pp_probe_stage()'s.
 */
static __always_inline enum pp_fast pp_probe_fast(const u8 stage,
						  const struct sk_buff *skb,
						  const struct sock *sk,
						  unsigned int len)
{
	struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);
	bool call = stage == PKTPATH_STAGE_TP_SEND ||
		    (stage == PKTPATH_STAGE_IP_ROUTE && !skb);
	struct pp_step *s = pc->next;
	struct pp_track *e = pc->e;

	if (stage == PKTPATH_STAGE_SOCK_SEND)
		return pp_fast_send(pc, sk, len);
	if (stage == PKTPATH_STAGE_TP_XMIT)
		return pp_fast_tp_xmit(pc, skb, sk);
	if (stage == PKTPATH_STAGE_LINK_RCV)
		return PKTPATH_FAST_NO;
	if (!pp_fast_is(pc, e, call ? pp_probe_call_key() : (unsigned long)skb))
		return PKTPATH_FAST_NO;
	if (call ? !pp_fast_call_ok(pc, e, sk) :
		   !pp_fast_ok(stage, pc, e, skb, sk))
		return PKTPATH_FAST_NO;
	if (!pp_fast_room(pc, 1))
		return PKTPATH_FAST_MORE;
	pp_fast_put(s, stage, len, skb);
	pc->next = s + 1;
	WRITE_ONCE(e->at, stage);
	return PKTPATH_FAST_DONE;
}

#endif
