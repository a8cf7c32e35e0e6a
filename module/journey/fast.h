/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short ways to a record: the packet that was at a stage last on this CPU
 * has come to the next one, or a datagram begins that everybody wants. What is
 * not so is left to probe.c. All with interrupts off, and with the processor's
 * counter as clock: a call would make each of these functions save registers.
 * Where that is not the clock, pp_probe_cpu.seen and .call_key never let it.
 */
#ifndef PKTPATH_JOURNEY_FAST_H
#define PKTPATH_JOURNEY_FAST_H

#include <linux/sched.h>
#include "journey/journey_priv.h"

/* Is @e, which was at a stage last, still what it was then? */
static __always_inline bool pp_fast_is(const struct pp_track *e,
				       unsigned long key)
{
	/* others take and leave it at any time */
	return data_race(e->key) == key;
}

/*
 * Where it was, being the same packet, and pp_fast()'s; else no stage: where
 * others enter another meanwhile, pp_track.seen differs.
 */
static __always_inline u32 pp_fast_at(const struct pp_probe_cpu *pc,
				      const struct pp_track *e)
{
	/* likewise */
	return le32_to_cpu(data_race(e->seen) ^ pc->seen);
}

/*
 * Is the context the same, too? Where the stage before called this one it is:
 * nothing waits in between but in fault_hold.c.
 */
static __always_inline bool pp_fast_ctx(u8 stage, bool call,
					const struct pp_probe_cpu *pc)
{
	switch (stage) {
	case PKTPATH_STAGE_IP_ROUTE:
	case PKTPATH_STAGE_IP_LOCAL_OUT:
	case PKTPATH_STAGE_NEIGH:
	case PKTPATH_STAGE_IP_RCV:
	case PKTPATH_STAGE_SOCK_WAKE:
		return true;
	default:
		/* a call's is the process */
		return call || pc->ctx == pp_probe_ctx();
	}
}

/*
 * May what was at @at come to @stage, and is there nothing but a record to be
 * made? That it was there tells whose it is, too: what begins elsewhere, where
 * another died unseen at its address, is told apart by others.
 */
static __always_inline bool pp_fast_from(u8 stage, bool call, u32 at)
{
	switch (stage) {
	case PKTPATH_STAGE_TP_SEND:
		return call && at == PKTPATH_STAGE_SOCK_SEND;
	case PKTPATH_STAGE_IP_ROUTE:
		return at == (call ? PKTPATH_STAGE_TP_SEND :
				     PKTPATH_STAGE_TP_XMIT);
	case PKTPATH_STAGE_IP_LOCAL_OUT:
		return at == PKTPATH_STAGE_TP_XMIT ||
		       at == PKTPATH_STAGE_IP_ROUTE;
	case PKTPATH_STAGE_IP_OUTPUT:
		return at == PKTPATH_STAGE_IP_LOCAL_OUT ||
		       at == PKTPATH_STAGE_IP_FORWARD;
	case PKTPATH_STAGE_IP_FINISH:
		return at == PKTPATH_STAGE_IP_OUTPUT;
	case PKTPATH_STAGE_NEIGH:
		return at == PKTPATH_STAGE_IP_FINISH;
	case PKTPATH_STAGE_DEV_QUEUE:
		return at == PKTPATH_STAGE_NEIGH;
	case PKTPATH_STAGE_IP_RCV:
		return at == PKTPATH_STAGE_LINK_RCV;
	case PKTPATH_STAGE_IP_ROUTE_IN:
		return at == PKTPATH_STAGE_IP_RCV;
	case PKTPATH_STAGE_IP_LOCAL:
	case PKTPATH_STAGE_IP_FORWARD:
		return at == PKTPATH_STAGE_IP_ROUTE_IN;
	case PKTPATH_STAGE_TP_RCV:
		return at == PKTPATH_STAGE_IP_LOCAL;
	case PKTPATH_STAGE_SOCK_WAKE:
		return at == PKTPATH_STAGE_SOCK_QUEUE;
	default:
		return false;
	}
}

/* What pp_fast_from() does not know of @stage. */
static __always_inline bool pp_fast_ok(u8 stage, bool call,
				       const struct pp_probe_cpu *pc,
				       const struct pp_track *e,
				       const struct sk_buff *skb,
				       const struct sock *sk)
{
	if (call)
		/* an old one may have been of another socket */
		return e->sk == sk;
	switch (stage) {
	case PKTPATH_STAGE_SOCK_WAKE:
		/* a stream's is of no packet; a deleted entry has key 0 */
		return skb && sk && sock_net(sk) == pc->net;
	case PKTPATH_STAGE_IP_LOCAL:
		return !ip_is_fragment(ip_hdr(skb));
	case PKTPATH_STAGE_DEV_QUEUE:
		/* ARP's frames begin here */
		return dev_net(skb->dev) == pc->net;
	default:
		return true;
	}
}

/* Is it of the call that the process is in, or of the packet? */
static __always_inline bool pp_fast_call(u8 stage, const struct sk_buff *skb)
{
	return stage == PKTPATH_STAGE_TP_SEND ||
	       (stage == PKTPATH_STAGE_IP_ROUTE && !skb);
}

/* The record of a packet, as far as it is not as the one before. */
static __always_inline void pp_fast_put(struct pp_step *s, const u8 stage,
					unsigned int len,
					const struct sk_buff *skb)
{
	s->len = len;
	if (stage == PKTPATH_STAGE_IP_OUTPUT) {
		pp_step_at(s, stage, PKTPATH_STEP_SAME);
		s->ifindex = skb->dev->ifindex;
	} else {
		pp_step_at(s, stage, PKTPATH_STEP_SAME | PKTPATH_STEP_SAME_DEV);
	}
}

/* What a packet's headers tell, unless they are unusual. */
static __always_inline bool pp_fast_flow(struct pp_step *s,
					 const struct sk_buff *skb)
{
	const u8 *head = skb_network_header(skb);
	const u8 *ports = head + sizeof(struct iphdr);
	int len = skb_tail_pointer(skb) - head;

	/* never set: what stands there was never written */
	if (!skb->network_header || len < (int)(sizeof(struct iphdr) +
						sizeof(struct udphdr)) ||
	    *head != 0x45)
		return false;
	if (unlikely(((const struct iphdr *)head)->protocol != IPPROTO_UDP)) {
		s->stage = PKTPATH_STEP_FLOW;
		return pp_probe_plain_flow(head, len, &s->flow);
	}
	/* the reader looks at them: here it would take longer */
	memcpy(s->ip, head + sizeof(u32), sizeof(s->ip));
	memcpy(&s->ports, ports, sizeof(s->ports));
	s->stage = PKTPATH_STEP_RAW;
	return true;
}

/* What a datagram's socket tells. */
static __always_inline void pp_fast_sk_flow(struct pp_step *s,
					    const struct sock *sk)
{
	u64 cgroup = pp_probe_cgroup(sk);

	s->saddr = READ_ONCE(inet_sk(sk)->inet_saddr);
	s->daddr = READ_ONCE(sk->sk_daddr);
	s->dport = READ_ONCE(sk->sk_portpair);
	/* in one store: its halves' place is not aligned */
	memcpy(s->cgroup, &cgroup, sizeof(s->cgroup));
	s->stage = PKTPATH_STEP_SOCK;
}

/*
 * Closes the open block, of @size bytes, for another, of the same process on
 * the same CPU, with the same reading of both clocks. There is room for it.
 */
static __always_inline struct pp_block *pp_fast_block(struct pp_probe_cpu *pc,
						      u32 size)
{
	struct pp_journey_ring *r = pc->ring;
	struct pp_block *was = pc->block, *b;
	u32 head = r->head + size;

	BUILD_BUG_ON(sizeof(*was) % sizeof(u64) ||
		     sizeof(*was->step) % sizeof(u64));
	b = (struct pp_block *)(r->room + (head & r->mask));
	was->size = size;
	b->who = was->who;
	b->clk = pc->clk;
	b->mono = pc->mono;
	/* the block before its index */
	smp_store_release(&r->head, head);
	/* read from afar */
	WRITE_ONCE(pc->block, b);
	pc->end = b->step + PKTPATH_BLOCK_STEPS;
	return b;
}

/*
 * What an entry says of the journey; nobody finds it until its key is set,
 * which is the caller's to do.
 */
static __always_inline void pp_fast_enter(struct pp_probe_cpu *pc,
					  struct pp_track *e,
					  const struct sock *sk, u64 cookie,
					  u64 id, struct pp_net *pn, u8 state)
{
	/* first: pairs with pp_track_unwant() */
	pc->seen = pp_track_renew(e);
	/* nothing is open: these want all packets */
	e->want = cpu_to_le32(pc->mask | state << 8);
	e->id = id;
	e->pn = pn;
	e->sk = sk;
	e->cookie = cookie;
	pc->e = e;
}

/* Does another block find room behind the open one, of @size bytes? */
static __always_inline bool pp_fast_room(const struct pp_probe_cpu *pc,
					 u32 size)
{
	const struct pp_journey_ring *r = pc->ring;

	/* pairs with the release of the reader: it is done with the room */
	return r->head + size - smp_load_acquire(&r->tail) <= r->full;
}

/* May a datagram's journey begin in the block behind the open one? */
static __always_inline bool pp_fast_begins(const struct pp_probe_cpu *pc,
					   const struct sock *sk)
{
	/* while there is a ring, there is a recording, and what it is of */
	return sk->sk_protocol == PKTPATH_SK_PROTO(IPPROTO_UDP) && pc->ring &&
	       pc->call_key == pp_probe_call_key() &&
	       pc->ctx == pp_probe_ctx() &&
	       pc->born == current->start_time && pp_sk(sk)->pn == pc->pn &&
	       READ_ONCE(pp_sk(sk)->owner) == current->tgid &&
	       READ_ONCE(READ_ONCE(pc->pn->journey)->only) == pc->mask;
}

/*
 * A datagram's journey begins with the call. The one before on this CPU did,
 * too, in the same process, and the same recording wants it alone.
 */
static __always_inline bool pp_fast_send(const struct sock *sk,
					 unsigned int len)
{
	struct pp_probe_cpu *pc = this_cpu_read(pp_probe_cpus.self);
	u64 cookie = atomic64_read(&sk->sk_cookie), clk, id;
	struct pp_track *e = pc->call;
	struct pp_net *pn = pc->pn;
	struct pp_block *b;
	struct pp_step *s;
	u32 size;

	if (!pp_fast_begins(pc, sk) || !cookie)
		return false;
	clk = pp_clock_whole(pp_clock_counter());
	size = (u8 *)pc->next - (u8 *)pc->block;
	if (clk - pc->clk > PKTPATH_BLOCK_SPAN || !pp_fast_room(pc, size) ||
	    !pp_track_claim(e))
		return false;
	b = pp_fast_block(pc, size);
	id = pp_probe_new_id(pn->journey);
	b->id = id;
	b->cookie = cookie;
	pc->id = id;
	pp_fast_sk_flow(b->step, sk);
	s = b->step + 1;
	s->clk = clk;
	s->clk_hi = clk >> 32;
	s->len = len;
	s->ifindex = 0;
	s->segs = 0;
	pp_step_at(s, PKTPATH_STAGE_SOCK_SEND, 0);
	pc->next = s + 1;
	pp_fast_enter(pc, e, sk, cookie, id, pn, PKTPATH_TRACK_SEND);
	e->at = PKTPATH_STAGE_SOCK_SEND;
	/* content before key: pairs with pp_track_find() */
	smp_store_release(&e->key, pp_probe_call_key());
	return true;
}

/* It gets its buffer. */
static __always_inline bool pp_fast_tp_xmit(const struct sk_buff *skb,
					    const struct sock *sk)
{
	struct pp_probe_cpu *pc = this_cpu_read(pp_probe_cpus.self);
	const struct skb_shared_info *shi = skb_shinfo(skb);
	struct pp_track *call = pc->e, *e;
	u32 at = pp_fast_at(pc, call);
	struct pp_step *s = pc->next;
	u64 cookie;

	if (!pp_fast_is(call, pp_probe_call_key()) || call->sk != sk ||
	    (at != PKTPATH_STAGE_IP_ROUTE && at != PKTPATH_STAGE_TP_SEND))
		return false;
	/* a filter would look at it again, what has ended is not to go on */
	if (s + 2 > pc->end ||
	    READ_ONCE(READ_ONCE(pc->pn->journey)->only) != pc->mask)
		return false;
	/* what follows takes its time, which is then this stage's */
	pp_step_clk(s + 1, pp_clock_counter());
	if (!pp_fast_flow(s, skb))
		return false;
	e = pp_track_set_of((unsigned long)skb);
	if (!pp_track_claim(e))
		return false;
	/* once let go, it is another's */
	cookie = call->cookie;
	pp_track_del(call, pp_probe_call_key());
	pp_fast_enter(pc, e, sk, cookie, pc->id, pc->pn, PKTPATH_TRACK_OUT);
	e->at = PKTPATH_STAGE_TP_XMIT;
	/* as above */
	smp_store_release(&e->key, (unsigned long)skb);
	s++;
	s->len = skb->len;
	s->ifindex = skb->dev ? skb->dev->ifindex : 0;
	s->segs = shi->gso_size ? shi->gso_segs : 0;
	pp_step_at(s, PKTPATH_STAGE_TP_XMIT, 0);
	pc->next = s + 1;
	return true;
}

/* The driver gets it. */
static __always_inline bool pp_fast_dev_xmit(struct pp_probe_cpu *pc,
					     const struct sk_buff *skb,
					     const struct net_device *dev)
{
	struct pp_track *e = pc->e;
	struct pp_step *s = pc->next;

	if (!pp_fast_is(e, (unsigned long)skb) ||
	    pp_fast_at(pc, e) != PKTPATH_STAGE_DEV_QUEUE ||
	    pc->ctx != pp_probe_ctx() || dev_net(dev) != pc->net ||
	    s + 2 > pc->end || !pp_fast_flow(s, skb))
		return false;
	s++;
	pp_step_clk(s, pp_clock_counter());
	s->len = skb->len;
	s->ifindex = dev->ifindex;
	pp_step_at(s, PKTPATH_STAGE_DEV_XMIT, PKTPATH_STEP_SAME);
	pc->next = s + 1;
	WRITE_ONCE(e->state, PKTPATH_TRACK_XMIT);
	WRITE_ONCE(e->at, PKTPATH_STAGE_DEV_XMIT);
	return true;
}

/* The driver is done with it. */
static __always_inline bool pp_fast_tx_done(struct pp_probe_cpu *pc,
					    const struct sk_buff *skb)
{
	struct pp_track *e = pc->e;
	struct pp_step *s = pc->next;

	/* no drop is told of that stage: with a driver it is not ours */
	if (!pp_fast_is(e, (unsigned long)skb) ||
	    pp_fast_at(pc, e) != PKTPATH_STAGE_DEV_XMIT ||
	    pc->ctx != pp_probe_ctx() || s >= pc->end)
		return false;
	pp_track_del(e, (unsigned long)skb);
	pp_step_clk(s, pp_clock_counter());
	s->len = 0;
	s->ifindex = 0;
	s->segs = 0;
	pp_step_at(s, PKTPATH_STAGE_TX_DONE, 0);
	pc->next = s + 1;
	return true;
}

/* What all other stages have in common. */
static __always_inline bool pp_fast_step(const u8 stage, const bool call,
					 const struct sk_buff *skb,
					 const struct sock *sk,
					 unsigned int len)
{
	struct pp_probe_cpu *pc = this_cpu_read(pp_probe_cpus.self);
	struct pp_track *e = pc->e;
	struct pp_step *s = pc->next;

	if (!pp_fast_is(e, call ? pp_probe_call_key() : (unsigned long)skb) ||
	    !pp_fast_from(stage, call, pp_fast_at(pc, e)) ||
	    !pp_fast_ctx(stage, call, pc) ||
	    !pp_fast_ok(stage, call, pc, e, skb, sk) || s >= pc->end)
		return false;
	pp_fast_put(s, stage, len, skb);
	pp_step_clk(s, pp_clock_counter());
	pc->next = s + 1;
	WRITE_ONCE(e->at, stage);
	return true;
}

/**
 * pp_fast() - a packet, or a call, has come to a stage of ours
 * @stage: which, a constant
 * @skb: the packet, or NULL
 * @sk: the socket, or NULL
 * @len: bytes of the packet or the call
 *
 * Context: interrupts off.
 * Return: whether a record was made; else it is pp_probe_stage()'s.
 */
static __always_inline bool pp_fast(const u8 stage, const struct sk_buff *skb,
				    const struct sock *sk, unsigned int len)
{
	if (stage == PKTPATH_STAGE_SOCK_SEND)
		return pp_fast_send(sk, len);
	if (stage == PKTPATH_STAGE_TP_XMIT)
		return pp_fast_tp_xmit(skb, sk);
	if (pp_fast_call(stage, skb))
		return pp_fast_step(stage, true, skb, sk, len);
	return pp_fast_step(stage, false, skb, sk, len);
}

#endif
