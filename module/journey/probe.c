// SPDX-License-Identifier: GPL-2.0
/*
 * What the path's own stages tell of a packet: the journey it is on goes from
 * the call to the buffer, down and up again, and from the buffer to the call.
 * The path knows nothing of it.
 *
 * Path: any stage -> attach.c -> here -> record.c, block.c
 * Mirrors: none
 * Locks: none; everything happens with interrupts off, hence inside RCU
 */
#include <linux/ip.h>
#include <net/ip.h>
#include "core/pp_sock.h"
#include "journey/journey_priv.h"
#include "tcp/tcp_sock.h"

/* A segment that has no IP header yet. */
static void pp_probe_segment_flow(const struct sk_buff *skb,
				  const struct sock *sk,
				  struct pp_journey_flow *flow)
{
	const struct tcphdr *th = tcp_hdr(skb);

	pp_probe_sk_flow(sk, true, flow);
	flow->sport = th->source;
	flow->dport = th->dest;
	flow->seq = ntohl(th->seq);
	flow->tcp_flags = ((const u8 *)th)[13];
}

/* ---- Calls: no packet yet, or any more ---- */

/* A stream's call belongs to no packet: its place in the stream joins them. */
static void pp_probe_stream(u8 stage, const struct sock *sk, unsigned int len)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_journey_flow flow __uninitialized;
	struct pp_probe_at at = { .stage = stage, .len = len, .flow = &flow };
	struct pp_track t = { .pn = pp_sk(sk)->pn };
	struct pp_journey_net *jn;

	jn = pp_probe_pn(pp_sk(sk)->pn);
	if (!jn || sk->sk_state == TCP_LISTEN)
		return;
	pp_probe_sk_flow(sk, stage <= PKTPATH_STAGE_TP_SEND, &flow);
	t.mask = pp_probe_decide(jn, &flow, PKTPATH_DRAW_CALL);
	t.mask = pp_late_call(jn, t.mask, sk, stage);
	if (!t.mask)
		return;
	t.cookie = pp_probe_cookie(sk);
	switch (stage) {
	case PKTPATH_STAGE_SOCK_WAKE:
		flow.seq = READ_ONCE(tp->rcv_nxt);
		break;
	case PKTPATH_STAGE_SOCK_RECV:
		flow.seq = READ_ONCE(tp->copied_seq);
		break;
	default:
		flow.seq = READ_ONCE(tp->write_seq);
	}
	pp_probe_put(NULL, &t, &at);
}

/* Nothing more will be seen of it. */
static void pp_probe_forget(struct pp_track *e, struct pp_track *t)
{
	pp_track_del(e, t->key);
	if (unlikely(t->open))
		pp_late_end(t, t->mask);
}

/* The call before, which came to no packet, and what was kept of it. */
static void pp_probe_unsent(void)
{
	struct pp_track t __uninitialized, *e;

	e = pp_probe_find(pp_probe_call_key(), &t);
	if (e)
		pp_probe_forget(e, &t);
}

/* A datagram's journey begins with the call, before there is a buffer. */
static void pp_probe_send(const struct sock *sk, unsigned int len, u64 clk)
{
	struct pp_journey_net *jn = pp_probe_pn(pp_sk(sk)->pn);
	struct pp_journey_flow known __uninitialized, flow __uninitialized;
	struct pp_probe_at at = {
		.clk = clk,
		.stage = PKTPATH_STAGE_SOCK_SEND,
		.len = len,
		.flow = &known,
		.sk = sk,
		.owner = true,
	};
	struct pp_track t __uninitialized, *e;

	if (!jn)
		return;
	if (unlikely(READ_ONCE(jn->late)))
		pp_probe_unsent();
	pp_probe_sk_flow(sk, true, &known);
	/* the packet may go elsewhere, and a raw one be of any protocol */
	flow = known;
	flow.daddr = 0;
	flow.dport = 0;
	if (sk->sk_type == SOCK_RAW) {
		flow.proto = 0;
		flow.sport = 0;
	}
	t.key = pp_probe_call_key();
	t.id = pp_probe_new_id(jn);
	t.pn = pp_sk(sk)->pn;
	t.sk = sk;
	t.cookie = pp_probe_cookie(sk);
	t.state = PKTPATH_TRACK_SEND;
	t.at = PKTPATH_TRACK_NEW;
	t.mask = pp_probe_decide(jn, &flow, PKTPATH_DRAW_FIRST);
	t.open = pp_late_begin(jn, t.mask);
	/* Also when nobody wants it: that is decided with this. */
	e = pp_probe_enter(NULL, &t);
	pp_probe_put(e, &t, &at);
}

/* The call that the process is in, if it is one of @sk and as far as @state. */
static struct pp_track *pp_probe_find_call(const struct sock *sk, u8 state,
					   struct pp_track *t)
{
	struct pp_track *e;

	if (!in_task())
		return NULL;
	e = pp_probe_find(pp_probe_call_key(), t);
	return e && t->sk == sk && t->pn == pp_sk(sk)->pn &&
	       t->state == state ? e : NULL;
}

static void pp_probe_call(u8 stage, const struct sock *sk, unsigned int len)
{
	struct pp_probe_at at = { .stage = stage, .len = len, .sk = sk };
	bool read = stage == PKTPATH_STAGE_SOCK_RECV;
	struct pp_track t __uninitialized, *e;

	e = pp_probe_find_call(sk, read ? PKTPATH_TRACK_READ :
			       PKTPATH_TRACK_SEND, &t);
	if (!e)
		return;
	pp_probe_put(e, &t, &at);
	if (read)
		pp_track_del(e, t.key);
}

/**
 * pp_probe_sk() - a call has come to a stage
 * @stage: which
 * @sk: its socket, or NULL
 * @len: bytes of the call
 * @clk: when the stage called, pp_clock(): what follows takes its time, which is
 *	 that of the journey that begins with it
 *
 * Context: interrupts off.
 */
void pp_probe_sk(u8 stage, const struct sock *sk, unsigned int len, u64 clk)
{
	if (!sk)
		return;
	if (in_task())
		pp_sock_own(sk);
	if (pp_probe_is_tcp(sk)) {
		/* a segment's route is passed with the segment */
		if (stage != PKTPATH_STAGE_IP_ROUTE)
			pp_probe_stream(stage, sk, len);
		return;
	}
	if (stage == PKTPATH_STAGE_SOCK_SEND)
		pp_probe_send(sk, len, clk);
	else
		pp_probe_call(stage, sk, len);
}

/* ---- Packets ---- */

/* A packet that was not seen before: enters it, if anybody wants it. */
static struct pp_track *pp_probe_new(struct pp_journey_net *jn,
				     const struct sk_buff *skb,
				     const struct pp_journey_flow *flow,
				     struct pp_track *t, enum pp_draw draw)
{
	t->mask = pp_probe_decide(jn, flow, draw);
	if (!t->mask)
		return NULL;
	t->open = pp_late_begin(jn, t->mask);
	t->id = pp_probe_new_id(jn);
	t->key = (unsigned long)skb;
	t->sk = NULL;
	t->at = PKTPATH_TRACK_NEW;
	return pp_probe_enter(NULL, t);
}

/* Another may have died unseen at its address. */
static void pp_probe_unseen(const struct sk_buff *skb)
{
	struct pp_track t __uninitialized, *e;

	e = pp_probe_find((unsigned long)skb, &t);
	if (e)
		pp_probe_forget(e, &t);
}

/* A socket that can be asked whose it is. */
static const struct sock *pp_probe_full(const struct sock *sk)
{
	return sk && sk_fullsock(sk) && pp_sock_ours(sk) ? sk : NULL;
}

/**
 * pp_probe_tp_xmit() - a packet has been made of a call, or of a stream
 * @skb: the packet
 * @sk: its socket
 *
 * Context: interrupts off.
 */
void pp_probe_tp_xmit(const struct sk_buff *skb, const struct sock *sk)
{
	struct pp_journey_net *jn = pp_probe_pn(pp_sk(sk)->pn);
	struct pp_journey_flow flow __uninitialized;
	struct pp_probe_at at __uninitialized;
	struct pp_track t __uninitialized, *e;
	bool called;
	u8 wants;

	if (!jn) {
		pp_probe_unseen(skb);
		return;
	}
	if (pp_probe_is_tcp(sk))
		pp_probe_segment_flow(skb, sk, &flow);
	else
		pp_probe_skb_flow(skb, &flow);
	e = pp_probe_find_call(sk, PKTPATH_TRACK_SEND, &t);
	called = e;
	if (e) {
		pp_track_del(e, t.key);
		t.key = (unsigned long)skb;
		wants = pp_probe_refine(jn, t.mask, &flow);
		if (unlikely(t.open))
			pp_late_end(&t, t.mask & ~wants);
		t.mask = wants;
		t.state = PKTPATH_TRACK_OUT;
		/* unwanted, too: so as not to be drawn again */
		e = pp_probe_enter(NULL, &t);
		if (!e)
			pp_probe_unseen(skb);
	} else {
		pp_probe_unseen(skb);
		t.pn = pp_sk(sk)->pn;
		t.cookie = pp_probe_cookie(sk);
		t.state = PKTPATH_TRACK_OUT;
		e = pp_probe_new(jn, skb, &flow, &t, PKTPATH_DRAW_FIRST);
	}
	if (!e)
		return;
	pp_probe_at_skb(&at, PKTPATH_STAGE_TP_XMIT, skb);
	at.flow = &flow;
	at.sk = sk;
	at.owner = !called;
	pp_probe_put(e, &t, &at);
}

/* NULL: not known, also when the route died: its device is of no netns. */
static const struct net *pp_probe_skb_net(const struct sk_buff *skb,
					  const struct sock *sk)
{
	const struct net_device *dev = skb->dev;

	if (sk)
		return sock_net(sk);
	if (!dev && skb_dst(skb))
		dev = skb_dst(skb)->dev;
	return dev && dev != blackhole_netdev ? dev_net(dev) : NULL;
}

/* Not seen before at its first or a later stage, by what @skb itself tells. */
static struct pp_track *pp_probe_begin(const struct sk_buff *skb,
				       const struct net *net, enum pp_draw draw,
				       struct pp_journey_flow *flow,
				       struct pp_track *t)
{
	struct pp_journey_net *jn = net ? pp_probe_net(net) : NULL;

	if (!jn || !pp_probe_skb_flow(skb, flow))
		return NULL;
	t->pn = pp_net(net);
	t->cookie = 0;
	return pp_probe_new(jn, skb, flow, t, draw);
}

/**
 * pp_probe_link_rcv() - a frame has been received
 * @skb: the frame
 *
 * Context: interrupts off.
 */
void pp_probe_link_rcv(const struct sk_buff *skb)
{
	struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);
	u64 rx_time = pc->rx_time;
	struct pp_probe_at at __uninitialized;
	struct pp_journey_flow flow __uninitialized;
	struct pp_track t __uninitialized, *e;

	pc->rx_time = 0;
	pp_probe_at_skb(&at, PKTPATH_STAGE_LINK_RCV, skb);
	e = pp_probe_find((unsigned long)skb, &t);
	if (e && t.state == PKTPATH_TRACK_IN &&
	    t.pn == pp_net(dev_net(skb->dev)) &&
	    (t.at == PKTPATH_STAGE_DEV_RX || !t.mask)) {
		pp_probe_put(e, &t, &at);
		return;
	}
	if (e)
		pp_probe_forget(e, &t);
	/* on lo it was drawn when it was sent */
	t.state = PKTPATH_TRACK_IN;
	e = pp_probe_begin(skb, dev_net(skb->dev),
			   skb->dev->flags & IFF_LOOPBACK ?
			   PKTPATH_DRAW_LATER : PKTPATH_DRAW_FIRST, &flow, &t);
	if (!e)
		return;
	at.flow = &flow;
	if (rx_time) {
		at.stage = PKTPATH_STAGE_DEV_RX;
		at.clk = rx_time;
		pp_probe_put(e, &t, &at);
		at.stage = PKTPATH_STAGE_LINK_RCV;
		at.clk = 0;
	}
	pp_probe_put(e, &t, &at);
}

/* Into a socket: from here on it is found by the socket. */
static struct pp_track *pp_probe_queued(struct pp_track *e, struct pp_track *t,
					const struct sock *sk)
{
	t->cookie = pp_probe_cookie(sk);
	t->sk = sk;
	t->state = PKTPATH_TRACK_QUEUED;
	if (!pp_probe_is_tcp(sk))
		return pp_probe_enter(e, t);
	/* A segment becomes a part of others, and its buffer anybody's. */
	pp_track_del(e, t->key);
	return NULL;
}

/* Of an entry found: is it this packet's, or that of one that died unseen? */
static bool pp_probe_same(const struct pp_track *t, const struct net *net,
			  u8 stage)
{
	if (!net || t->pn != pp_net(net))
		return false;
	if (stage == PKTPATH_STAGE_IP_LOCAL_OUT &&
	    t->state != PKTPATH_TRACK_OUT)
		return false;
	/* of one that nobody wants the stage is not known */
	return !t->mask || pp_probe_follows(stage, t->at);
}

/**
 * pp_probe_skb() - a packet has come to a stage
 * @stage: which
 * @skb: the packet
 * @sk: its socket, or NULL
 *
 * Context: interrupts off.
 */
void pp_probe_skb(u8 stage, const struct sk_buff *skb, const struct sock *sk)
{
	const struct net *net = pp_probe_skb_net(skb, sk);
	struct pp_probe_at at __uninitialized;
	struct pp_journey_flow flow __uninitialized;
	struct pp_track t __uninitialized, *e;

	pp_probe_at_skb(&at, stage, skb);
	at.sk = pp_probe_full(sk);
	at.owner = at.sk && stage == PKTPATH_STAGE_SOCK_QUEUE;
	e = pp_probe_find((unsigned long)skb, &t);
	if (e && !pp_probe_same(&t, net, stage)) {
		pp_probe_forget(e, &t);
		e = NULL;
	}
	if (!e) {
		/* what is not made yet was drawn at TP_XMIT */
		if (stage == PKTPATH_STAGE_IP_ROUTE)
			return;
		t.state = stage <= PKTPATH_STAGE_DEV_QUEUE ?
			  PKTPATH_TRACK_OUT : PKTPATH_TRACK_IN;
		e = pp_probe_begin(skb, net,
				   stage == PKTPATH_STAGE_IP_LOCAL_OUT ?
				   PKTPATH_DRAW_FIRST : PKTPATH_DRAW_LATER,
				   &flow, &t);
		if (!e)
			return;
		at.flow = &flow;
	}
	if (stage == PKTPATH_STAGE_SOCK_QUEUE)
		e = pp_probe_queued(e, &t, sk);
	pp_probe_put(e, &t, &at);
	/* A fragment becomes a part of others, its buffer ends unseen. */
	if (stage == PKTPATH_STAGE_IP_LOCAL && ip_is_fragment(ip_hdr(skb)) && e)
		pp_probe_forget(e, &t);
}

/**
 * pp_probe_found() - the socket of a packet has been found
 * @skb: the packet, on its way up
 * @sk: the socket
 *
 * What is used up before SOCK_QUEUE, or dropped there, is the socket's, too.
 *
 * Context: interrupts off.
 */
void pp_probe_found(const struct sk_buff *skb, const struct sock *sk)
{
	struct pp_probe_at at = { .stage = PKTPATH_STAGE_TP_RCV, .sk = sk };
	struct pp_track t __uninitialized, *e;

	e = pp_probe_find((unsigned long)skb, &t);
	if (!e || !t.mask || t.state != PKTPATH_TRACK_IN ||
	    t.pn != pp_sk(sk)->pn)
		return;
	t.cookie = pp_probe_cookie(sk);
	if (unlikely(t.open))
		pp_late_step(e, &t, &at);
	pp_track_want(e, &t, READ_ONCE(t.pn->journey));
}
