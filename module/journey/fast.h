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
	if (READ_ONCE(e->key) != key || READ_ONCE(e->id) != pc->id)
		return false;
	return likely(in_task()) ? pc->task == current : !pc->task;
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
		return READ_ONCE(e->pn) == pc->pn &&
		       (e->at == PKTPATH_STAGE_TP_XMIT ||
			e->at == PKTPATH_STAGE_IP_ROUTE);
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
		if (!pp_probe_follows(stage, e->at))
			return false;
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

/*
 * The open block is this process's, of a recording that wants @mask of @pn, and
 * another finds room behind it: closes it. NULL: not so, nothing was done.
 */
static __always_inline struct pp_block *pp_fast_block(struct pp_probe_cpu *pc,
						      const struct pp_net *pn,
						      u8 mask)
{
	struct pp_block *was = pc->block, *b;
	struct pp_journey_ring *r = pc->ring;
	u32 head;

	BUILD_BUG_ON(sizeof(*was) % sizeof(u64) ||
		     sizeof(*was->step) % sizeof(u64));
	if (!was || !r || pc->pn != pn || pc->mask != mask ||
	    pc->task != current || pc->born != current->start_time)
		return NULL;
	head = r->head + (u32)((u64 *)pc->next - (u64 *)was);
	/* pairs with the release of the reader: it is done with the room */
	if (head - smp_load_acquire(&r->tail) >
	    r->mask + 1 - PKTPATH_BLOCK_UNITS)
		return NULL;
	b = (struct pp_block *)(r->room + (head & r->mask));
	b->pid = was->pid;
	b->cpu = smp_processor_id();
	b->task = 1;
	was->n = pc->next - was->step;
	/* the block before its index */
	smp_store_release(&r->head, head);
	/* read from afar */
	WRITE_ONCE(pc->block, b);
	pc->next = b->step + 2;
	pc->end = b->step + PKTPATH_BLOCK_STEPS;
	pc->stop = pc->end;
	return b;
}

/* pp_probe_sk_flow() of a datagram's. */
static __always_inline void pp_fast_sk_flow(struct pp_step *s,
					    const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	s->flow.saddr = READ_ONCE(inet->inet_saddr);
	s->flow.daddr = READ_ONCE(inet->inet_daddr);
	s->flow.seq = 0;
	s->flow.sport = READ_ONCE(inet->inet_sport);
	s->flow.dport = READ_ONCE(inet->inet_dport);
	s->flow.proto = IPPROTO_UDP;
	s->flow.tcp_flags = 0;
	s->stage = PKTPATH_STEP_FLOW;
}

/* The recording that wants all packets of a netns, alone; 0: not so. */
static __always_inline u8 pp_fast_mask(const struct pp_journey_net *jn)
{
	u8 live;

	if (!jn)
		return 0;
	live = READ_ONCE(jn->live);
	return live & (live - 1) || live & ~PKTPATH_JOURNEY_MASK ||
	       live != READ_ONCE(jn->all) ? 0 : live;
}

/* A datagram's journey begins with the call, another has been here before. */
static __always_inline enum pp_fast pp_fast_send(struct pp_probe_cpu *pc,
						 const struct sock *sk,
						 unsigned int len)
{
	const struct pp_journey_net *jn;
	struct pp_track *e;
	struct pp_block *b;
	struct pp_net *pn;
	u64 clk, cookie;
	u8 mask;

	if (!sk || sk->sk_protocol != PKTPATH_SK_PROTO(IPPROTO_UDP) ||
	    !in_task())
		return PKTPATH_FAST_NO;
	pn = pp_sk(sk)->pn;
	jn = READ_ONCE(pn->journey);
	mask = pp_fast_mask(jn);
	cookie = atomic64_read(&sk->sk_cookie);
	if (!mask || !cookie || !pp_clock_counter(&clk) ||
	    clk - pc->base_clk > PKTPATH_BLOCK_SPAN)
		return PKTPATH_FAST_NO;
	e = pp_track_claim(pp_probe_call_key());
	if (!e)
		return PKTPATH_FAST_NO;
	b = pp_fast_block(pc, pn, mask);
	if (!b) {
		/* nobody saw it */
		WRITE_ONCE(e->key, 0);
		return PKTPATH_FAST_NO;
	}
	b->id = pp_probe_new_id(jn);
	b->cookie = cookie;
	b->mono = pc->base_mono + pp_clock_ns(clk - pc->base_clk);
	pc->id = b->id;
	pc->clk = clk;
	pc->mono = b->mono;
	pc->e = e;
	e->id = b->id;
	e->pn = pn;
	e->sk = sk;
	e->cookie = cookie;
	e->mask = mask;
	e->state = PKTPATH_TRACK_SEND;
	e->at = PKTPATH_STAGE_SOCK_SEND;
	/* content before key: pairs with pp_track_find() */
	smp_store_release(&e->key, pp_probe_call_key());
	pp_fast_sk_flow(b->step, sk);
	b->step[1] = (struct pp_step) {
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
	    READ_ONCE(e->pn) != pc->pn || e->state != PKTPATH_TRACK_XMIT ||
	    !pp_fast_room(pc, 1))
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
