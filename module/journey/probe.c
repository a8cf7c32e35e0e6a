// SPDX-License-Identifier: GPL-2.0
/*
 * Probes on our tracepoints and on four of the kernel's: each makes a record
 * for the recordings that want the packet. The path knows nothing of them;
 * without a recording a stage costs its one patched branch.
 *
 * Path: any stage -> here -> ring.c
 * Mirrors: none
 * Locks: none; everything happens with interrupts off, hence inside RCU
 */
#include <linux/ip.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/pp_sock.h"
#include "core/trace.h"
#include "journey/journey_priv.h"
#include "tcp/tcp_sock.h"

/* Headers that a filter looks at: IP with options, TCP without. */
#define PKTPATH_PROBE_HEAD	80

/* The user's numbers of stages are ours, else there is a division by 0. */
static const u8 pp_probe_same[] __maybe_unused = {
#define PKTPATH_STAGE_SAME(id, tp, dir, name, fn, file, twin) \
	[PKTPATH_STAGE_##id] = \
		1 / ((int)PKTPATH_STAGE_##id == (int)PKTPATH_AT_##id),
	PKTPATH_STAGES(PKTPATH_STAGE_SAME)
#undef PKTPATH_STAGE_SAME
};

/**
 * struct pp_probe_cpu - what one probe tells a later one on the same CPU
 * @rx_time: when the frame now received came to the stack; 0: none
 * @tx_sk: stream whose segment @tx looks for a route; NULL: none
 * @tx: that segment
 */
struct pp_probe_cpu {
	u64 rx_time;
	const struct sock *tx_sk;
	struct pp_track tx;
};

static DEFINE_PER_CPU(struct pp_probe_cpu, pp_probe_cpus);

static struct pp_journey_net *pp_probe_net(const struct net *net)
{
	struct pp_journey_net *jn = READ_ONCE(pp_net(net)->journey);

	return jn && READ_ONCE(jn->running) ? jn : NULL;
}

/* Key of the call that the current process is in. */
static unsigned long pp_probe_call_key(void)
{
	return (unsigned long)current | 1;
}

static u64 pp_probe_cookie(const struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);
	u32 part[2];

	if (cookie)
		return cookie;
	sock_diag_save_cookie((struct sock *)sk, part);
	return part[0] | (u64)part[1] << 32;
}

static bool pp_probe_is_tcp(const struct sock *sk)
{
	return sk->sk_protocol == PKTPATH_SK_PROTO(IPPROTO_TCP);
}

/* ---- What a packet is ---- */

static void pp_probe_sk_flow(const struct sock *sk, bool out,
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

/* By the headers; false when there are none to be read. */
static bool pp_probe_skb_flow(const struct sk_buff *skb,
			      struct pp_journey_flow *flow)
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

/* ---- Who wants it ---- */

/*
 * Bit per recording. Samples are drawn at a packet's @first stage alone, so
 * that none is begun in the middle.
 */
static u8 pp_probe_decide(struct pp_journey_net *jn,
			  const struct pp_journey_flow *flow, bool first)
{
	struct pp_journey_ring *r;
	struct pp_journey *j;
	u8 mask = 0;
	int i;

	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (!j || j->conf.flags & PKTPATH_JOURNEY_DROPS ||
		    !pp_journey_match(&j->conf, flow))
			continue;
		if (j->conf.sample > 1) {
			r = j->ring[smp_processor_id()];
			if (!first || !r || r->seen++ % j->conf.sample)
				continue;
		}
		mask |= BIT(i);
	}
	return mask;
}

/* Of @mask, those whose filter @flow passes, now that more of it is known. */
static u8 pp_probe_refine(struct pp_journey_net *jn, u8 mask,
			  const struct pp_journey_flow *flow)
{
	struct pp_journey *j;
	int i;

	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (!j || !pp_journey_match(&j->conf, flow))
			mask &= ~BIT(i);
	}
	return mask;
}

static u64 pp_probe_new_id(const struct pp_journey_net *jn)
{
	u64 n = this_cpu_inc_return(*jn->serial);

	return n * nr_cpu_ids + smp_processor_id();
}

/* ---- Records ---- */

static void pp_probe_put(const struct pp_track *t,
			 struct pktpath_journey_rec *rec)
{
	struct pp_journey_net *jn;
	struct pp_journey *j;
	int i;

	if (!t->mask)
		return;
	jn = READ_ONCE(t->pn->journey);
	if (!jn)
		return;
	rec->id = t->id;
	rec->cookie = t->cookie;
	rec->cpu = smp_processor_id();
	if (!rec->time)
		rec->time = ktime_get_mono_fast_ns();
	if (in_task())
		rec->flags |= PKTPATH_JREC_TASK;
	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++) {
		if (!(t->mask & BIT(i)))
			continue;
		j = rcu_dereference_sched(jn->rec[i]);
		if (!j)
			continue;
		/* of whoever calls, never of whoever is interrupted */
		if (rec->flags & PKTPATH_JREC_TASK)
			rec->pid = task_tgid_nr_ns(current, j->pidns);
		pp_journey_ring_put(j, rec);
	}
}

static void pp_probe_rec_flow(struct pktpath_journey_rec *rec,
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

static void pp_probe_rec_skb(struct pktpath_journey_rec *rec, u8 stage,
			     const struct sk_buff *skb)
{
	memset(rec, 0, sizeof(*rec));
	rec->stage = stage;
	rec->len = skb->len;
	rec->ifindex = skb->dev ? skb->dev->ifindex : 0;
	if (skb_is_gso(skb))
		rec->segs = skb_shinfo(skb)->gso_segs;
}

/* ---- Calls: no packet yet, or any more ---- */

/* A stream's call belongs to no packet: its place in the stream joins them. */
static void pp_probe_stream(u8 stage, const struct sock *sk, unsigned int len)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pktpath_journey_rec rec = {
		.stage = stage,
		.len = len,
		.proto = IPPROTO_TCP,
	};
	struct pp_track t = { .pn = pp_sk(sk)->pn };
	struct pp_journey_net *jn;
	struct pp_journey_flow flow;

	jn = pp_probe_net(sock_net(sk));
	if (!jn || sk->sk_state == TCP_LISTEN)
		return;
	pp_probe_sk_flow(sk, stage <= PKTPATH_STAGE_TP_SEND, &flow);
	t.mask = pp_probe_decide(jn, &flow, true);
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
	pp_probe_rec_flow(&rec, &flow);
	pp_probe_put(&t, &rec);
}

/* A datagram's journey begins with the call, before there is a buffer. */
static void pp_probe_send(const struct sock *sk, unsigned int len)
{
	struct pktpath_journey_rec rec = {
		.stage = PKTPATH_STAGE_SOCK_SEND,
		.len = len,
		.proto = sk->sk_protocol & 0xff,
	};
	struct pp_journey_net *jn = pp_probe_net(sock_net(sk));
	struct pp_journey_flow flow;
	struct pp_track t;

	if (!jn)
		return;
	pp_probe_sk_flow(sk, true, &flow);
	t.key = pp_probe_call_key();
	t.id = pp_probe_new_id(jn);
	t.pn = pp_sk(sk)->pn;
	t.sk = sk;
	t.cookie = pp_probe_cookie(sk);
	t.state = PKTPATH_TRACK_CALL;
	t.mask = pp_probe_decide(jn, &flow, true);
	/* Also when nobody wants it: that is decided with this. */
	pp_track_set(&t);
	pp_probe_rec_flow(&rec, &flow);
	pp_probe_put(&t, &rec);
}

static void pp_probe_call(u8 stage, const struct sock *sk, unsigned int len)
{
	struct pktpath_journey_rec rec = { .stage = stage, .len = len };
	struct pp_track *e, t;

	if (!in_task())
		return;
	e = pp_track_find(pp_probe_call_key(), &t);
	if (!e || t.sk != sk)
		return;
	pp_probe_put(&t, &rec);
	if (stage == PKTPATH_STAGE_SOCK_RECV)
		pp_track_del(e, t.key);
}

/* A segment's route: TP_XMIT has just been here with it. */
static void pp_probe_stream_route(const struct sock *sk)
{
	struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);
	struct pktpath_journey_rec rec = { .stage = PKTPATH_STAGE_IP_ROUTE };

	/* What was left here long ago may name a netns that is gone. */
	if (pc->tx_sk == sk && pc->tx.pn == pp_sk(sk)->pn)
		pp_probe_put(&pc->tx, &rec);
	pc->tx_sk = NULL;
}

static void pp_probe_sk(u8 stage, const struct sock *sk, unsigned int len)
{
	if (!sk)
		return;
	if (pp_probe_is_tcp(sk)) {
		if (stage == PKTPATH_STAGE_IP_ROUTE)
			pp_probe_stream_route(sk);
		else
			pp_probe_stream(stage, sk, len);
		return;
	}
	if (stage == PKTPATH_STAGE_SOCK_SEND)
		pp_probe_send(sk, len);
	else
		pp_probe_call(stage, sk, len);
}

/* ---- Packets ---- */

/* A packet that was not seen before: enters it, if anybody wants it. */
static bool pp_probe_new(struct pp_journey_net *jn, const struct sk_buff *skb,
			 const struct pp_journey_flow *flow,
			 struct pp_track *t, bool first)
{
	t->mask = pp_probe_decide(jn, flow, first);
	if (!t->mask)
		return false;
	t->id = pp_probe_new_id(jn);
	t->key = (unsigned long)skb;
	t->sk = NULL;
	pp_track_set(t);
	return true;
}

static void pp_probe_tp_xmit(const struct sk_buff *skb, const struct sock *sk)
{
	struct pp_journey_net *jn = pp_probe_net(sock_net(sk));
	struct pktpath_journey_rec rec;
	struct pp_journey_flow flow;
	struct pp_track *e, t;

	e = pp_track_find((unsigned long)skb, &t);
	if (e)
		pp_track_del(e, t.key);
	if (!jn)
		return;
	if (pp_probe_is_tcp(sk))
		pp_probe_segment_flow(skb, sk, &flow);
	else
		pp_probe_skb_flow(skb, &flow);
	e = in_task() ? pp_track_find(pp_probe_call_key(), &t) : NULL;
	if (e && t.sk == sk) {
		pp_track_del(e, t.key);
		t.key = (unsigned long)skb;
		t.mask = pp_probe_refine(jn, t.mask, &flow);
		t.state = PKTPATH_TRACK_OUT;
		pp_track_set(&t); /* unwanted: so as not to be drawn again */
		if (!t.mask)
			return;
	} else {
		t.pn = pp_sk(sk)->pn;
		t.cookie = pp_probe_cookie(sk);
		t.state = PKTPATH_TRACK_OUT;
		if (!pp_probe_new(jn, skb, &flow, &t, true))
			return;
	}
	if (pp_probe_is_tcp(sk)) {
		struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);

		pc->tx_sk = sk;
		pc->tx = t;
	}
	pp_probe_rec_skb(&rec, PKTPATH_STAGE_TP_XMIT, skb);
	pp_probe_rec_flow(&rec, &flow);
	pp_probe_put(&t, &rec);
}

/* Not seen before at its first or a later stage, by what @skb itself tells. */
static bool pp_probe_begin(const struct sk_buff *skb, u8 state, bool first,
			   struct pp_journey_flow *flow, struct pp_track *t)
{
	const struct net_device *dev = skb->dev;
	struct pp_journey_net *jn;

	if (!dev && skb_dst(skb))
		dev = skb_dst(skb)->dev;
	if (!dev)
		return false;
	jn = pp_probe_net(dev_net(dev));
	if (!jn || !pp_probe_skb_flow(skb, flow))
		return false;
	t->pn = pp_net(dev_net(dev));
	t->cookie = 0;
	t->state = state;
	return pp_probe_new(jn, skb, flow, t, first);
}

static void pp_probe_link_rcv(const struct sk_buff *skb)
{
	struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);
	u64 rx_time = pc->rx_time;
	struct pktpath_journey_rec rec;
	struct pp_journey_flow flow;
	struct pp_track *e, t;

	pc->rx_time = 0;
	pp_probe_rec_skb(&rec, PKTPATH_STAGE_LINK_RCV, skb);
	e = pp_track_find((unsigned long)skb, &t);
	if (e && t.state == PKTPATH_TRACK_IN) {
		pp_probe_put(&t, &rec);
		return;
	}
	if (e)
		pp_track_del(e, t.key);
	/* on lo it was drawn when it was sent */
	if (!pp_probe_begin(skb, PKTPATH_TRACK_IN,
			    !(skb->dev->flags & IFF_LOOPBACK), &flow, &t))
		return;
	pp_probe_rec_flow(&rec, &flow);
	if (rx_time) {
		rec.stage = PKTPATH_STAGE_DEV_RX;
		rec.time = rx_time;
		pp_probe_put(&t, &rec);
		rec.stage = PKTPATH_STAGE_LINK_RCV;
		rec.time = 0;
	}
	pp_probe_put(&t, &rec);
}

/* Into a socket: from here on it is found by the socket. */
static void pp_probe_queued(struct pp_track *e, struct pp_track *t,
			    const struct sock *sk)
{
	t->cookie = pp_probe_cookie(sk);
	t->sk = sk;
	t->state = PKTPATH_TRACK_QUEUED;
	/* A segment becomes a part of others, and its buffer anybody's. */
	if (pp_probe_is_tcp(sk))
		pp_track_del(e, t->key);
	else
		pp_track_set(t);
}

static void pp_probe_skb(u8 stage, const struct sk_buff *skb,
			 const struct sock *sk)
{
	bool first = stage == PKTPATH_STAGE_IP_LOCAL_OUT;
	struct pktpath_journey_rec rec;
	struct pp_journey_flow flow;
	struct pp_track *e, t;

	pp_probe_rec_skb(&rec, stage, skb);
	e = pp_track_find((unsigned long)skb, &t);
	if (e && first && t.state != PKTPATH_TRACK_OUT) {
		pp_track_del(e, t.key);
		e = NULL;
	}
	if (!e) {
		if (!pp_probe_begin(skb, stage <= PKTPATH_STAGE_DEV_QUEUE ?
				    PKTPATH_TRACK_OUT : PKTPATH_TRACK_IN,
				    first, &flow, &t))
			return;
		e = pp_track_find((unsigned long)skb, &t);
		pp_probe_rec_flow(&rec, &flow);
	}
	if (!e)
		return;
	if (stage == PKTPATH_STAGE_SOCK_QUEUE)
		pp_probe_queued(e, &t, sk);
	pp_probe_put(&t, &rec);
}

static void pp_probe_stage(u8 stage, const struct sk_buff *skb,
			   const struct sock *sk, unsigned int len)
{
	unsigned long flags;

	local_irq_save(flags);
	if (!skb || stage == PKTPATH_STAGE_TP_SEND)
		pp_probe_sk(stage, sk, len);
	else if (stage == PKTPATH_STAGE_TP_XMIT)
		pp_probe_tp_xmit(skb, sk);
	else if (stage == PKTPATH_STAGE_LINK_RCV)
		pp_probe_link_rcv(skb);
	else
		pp_probe_skb(stage, skb, sk);
	local_irq_restore(flags);
}

/* ---- Drops ---- */

static u8 pp_probe_stage_of(const char *name)
{
	u8 i;

	for (i = 0; i < PKTPATH_STAGE_MAX; i++)
		if (pp_drop_stage_names[i] == name)
			break;
	return i;
}

static u8 pp_probe_cause_of(const char *name)
{
	u8 i;

	for (i = 0; i < PKTPATH_DROP_MAX; i++)
		if (pp_drop_descs[i].name == name)
			break;
	return i;
}

/* Those that want nothing but drops, too. */
static u8 pp_probe_decide_drop(struct pp_journey_net *jn,
			       const struct pp_journey_flow *flow, u8 mask)
{
	struct pp_journey *j;
	int i;

	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (!j || !pp_journey_match(&j->conf, flow))
			continue;
		if (j->conf.flags & PKTPATH_JOURNEY_DROPS ||
		    j->conf.sample <= 1)
			mask |= BIT(i);
	}
	return mask;
}

static void pp_probe_drop(void *data, const struct sk_buff *skb,
			  const char *stage, const char *cause,
			  const struct net *net)
{
	struct pp_track *e = NULL, t = {};
	struct pktpath_journey_rec rec = {};
	struct pp_journey_flow flow = {};
	struct pp_journey_net *jn;
	unsigned long flags;

	local_irq_save(flags);
	jn = pp_probe_net(net);
	if (!jn)
		goto out;
	if (skb) {
		e = pp_track_find((unsigned long)skb, &t);
		pp_probe_rec_skb(&rec, 0, skb);
		if (pp_probe_skb_flow(skb, &flow))
			pp_probe_rec_flow(&rec, &flow);
	}
	if (e) {
		t.state = PKTPATH_TRACK_DROPPED;
		pp_track_set(&t);
	} else {
		t.pn = pp_net(net);
		t.id = pp_probe_new_id(jn);
	}
	t.mask = pp_probe_decide_drop(jn, &flow, t.mask);
	rec.stage = pp_probe_stage_of(stage);
	rec.cause = pp_probe_cause_of(cause);
	rec.flags |= PKTPATH_JREC_DROP;
	pp_probe_put(&t, &rec);
out:
	local_irq_restore(flags);
}

/* ---- The kernel's ---- */

static void pp_probe_dev_xmit(void *data, const struct sk_buff *skb,
			      const struct net_device *dev)
{
	struct pktpath_journey_rec rec;
	struct pp_journey_flow flow;
	struct pp_track *e, t;
	unsigned long flags;

	local_irq_save(flags);
	e = pp_track_find((unsigned long)skb, &t);
	if (!e || (t.state != PKTPATH_TRACK_OUT &&
		   t.state != PKTPATH_TRACK_IN))
		goto out;
	pp_probe_rec_skb(&rec, PKTPATH_STAGE_DEV_XMIT, skb);
	if (pp_probe_skb_flow(skb, &flow))
		pp_probe_rec_flow(&rec, &flow);
	pp_probe_put(&t, &rec);
	t.state = PKTPATH_TRACK_XMIT;
	pp_track_set(&t);
out:
	local_irq_restore(flags);
}

/* Back by lo or a link to the same netns, or for ever with another's. */
static void pp_probe_back(struct pp_track *e, struct pp_track *t,
			  const struct sk_buff *skb)
{
	struct pktpath_journey_rec rec;

	if (t->pn == pp_net(dev_net(skb->dev))) {
		pp_probe_rec_skb(&rec, PKTPATH_STAGE_DEV_RX, skb);
		t->state = PKTPATH_TRACK_IN;
		pp_track_set(t);
	} else {
		memset(&rec, 0, sizeof(rec));
		rec.stage = PKTPATH_STAGE_TX_DONE;
		rec.flags = PKTPATH_JREC_HANDOVER;
		pp_track_del(e, t->key);
	}
	pp_probe_put(t, &rec);
}

static void pp_probe_dev_rx(void *data, struct sk_buff *skb)
{
	struct pp_probe_cpu *pc;
	struct pp_track *e, t;
	unsigned long flags;

	local_irq_save(flags);
	pc = this_cpu_ptr(&pp_probe_cpus);
	pc->rx_time = 0;
	e = pp_track_find((unsigned long)skb, &t);
	if (e && t.state == PKTPATH_TRACK_XMIT)
		pp_probe_back(e, &t, skb);
	if ((!e || t.state != PKTPATH_TRACK_IN) &&
	    pp_probe_net(dev_net(skb->dev)))
		pc->rx_time = ktime_get_mono_fast_ns();
	local_irq_restore(flags);
}

/*
 * A buffer ends: sent, read by a process, or thrown away by the kernel. On the
 * way up it is ours: what we throw away has been at pp_drop, and what is freed
 * without a reason has been used.
 */
static void pp_probe_end(const struct sk_buff *skb, unsigned int reason)
{
	struct pktpath_journey_rec rec = { .stage = PKTPATH_AT_FREE };
	struct pp_track *e, t;
	unsigned long flags;

	local_irq_save(flags);
	e = pp_track_find((unsigned long)skb, &t);
	if (!e)
		goto out;
	pp_track_del(e, t.key);
	if (t.state == PKTPATH_TRACK_XMIT)
		rec.stage = PKTPATH_AT_TX_DONE;
	if (reason == SKB_DROP_REASON_NOT_SPECIFIED &&
	    (t.state == PKTPATH_TRACK_IN || t.state == PKTPATH_TRACK_QUEUED))
		reason = 0;
	if (reason && t.state != PKTPATH_TRACK_DROPPED) {
		rec.cause = min(reason, 255U);
		rec.flags = PKTPATH_JREC_DROP | PKTPATH_JREC_KERNEL;
	}
	pp_probe_put(&t, &rec);
	if (t.state == PKTPATH_TRACK_QUEUED && !reason && in_task()) {
		t.key = pp_probe_call_key();
		t.state = PKTPATH_TRACK_CALL;
		pp_track_set(&t);
	}
out:
	local_irq_restore(flags);
}

static void pp_probe_consume(PKTPATH_CONSUME_PROTO)
{
	pp_probe_end(skb, 0);
}

static void pp_probe_kfree(PKTPATH_KFREE_PROTO)
{
	pp_probe_end(skb, reason);
}

/* ---- On and off ---- */

#define PKTPATH_PROBE_OUT(id, tp) \
static void pp_probe_##tp(void *data, const struct sk_buff *skb, \
			  const struct sock *sk, unsigned int len) \
{ \
	pp_probe_stage(PKTPATH_STAGE_##id, skb, sk, len); \
}

#define PKTPATH_PROBE_IN(id, tp)	PKTPATH_PROBE_OUT(id, tp)
#define PKTPATH_PROBE_KOUT(id, tp)
#define PKTPATH_PROBE_KIN(id, tp)
#define PKTPATH_PROBE(id, tp, dir, name, fn, file, twin) \
	PKTPATH_PROBE_##dir(id, tp)
PKTPATH_STAGES(PKTPATH_PROBE)
#undef PKTPATH_PROBE_OUT
#undef PKTPATH_PROBE_KOUT

/* All probes; the kernel's tracepoints are looked for by name. */
static struct {
	const char *name;
	void *fn;
	struct tracepoint *tp;
	bool on;
} pp_probes[] = {
#define PKTPATH_PROBE_OUT(id, tp)	{ #tp, pp_probe_##tp, &__tracepoint_##tp },
#define PKTPATH_PROBE_KOUT(id, tp)
	PKTPATH_STAGES(PKTPATH_PROBE)
#undef PKTPATH_PROBE_OUT
#undef PKTPATH_PROBE_KOUT
#undef PKTPATH_PROBE_IN
#undef PKTPATH_PROBE_KIN
#undef PKTPATH_PROBE
	{ "pp_drop", pp_probe_drop, &__tracepoint_pp_drop },
	{ "net_dev_start_xmit", pp_probe_dev_xmit },
	{ "netif_receive_skb", pp_probe_dev_rx },
	{ "consume_skb", pp_probe_consume },
	{ "kfree_skb", pp_probe_kfree },
};

static void pp_probe_look(struct tracepoint *tp, void *arg)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pp_probes); i++)
		if (!pp_probes[i].tp && !strcmp(pp_probes[i].name, tp->name))
			pp_probes[i].tp = tp;
}

/**
 * pp_journey_probes_on() - attach to all tracepoints
 *
 * Context: process, pp_journey_lock held.
 * Return: 0, -ENOENT when the kernel lacks one, or -errno.
 */
int pp_journey_probes_on(void)
{
	int i, err = 0;

	for_each_kernel_tracepoint(pp_probe_look, NULL);
	for (i = 0; i < ARRAY_SIZE(pp_probes) && !err; i++) {
		err = pp_probes[i].tp ?
		      tracepoint_probe_register(pp_probes[i].tp,
						pp_probes[i].fn, NULL) :
		      -ENOENT;
		pp_probes[i].on = !err;
	}
	if (err)
		pp_journey_probes_off();
	return err;
}

/**
 * pp_journey_probes_off() - detach from all tracepoints
 *
 * On return no probe runs any more.
 *
 * Context: process, pp_journey_lock held; sleeps.
 */
void pp_journey_probes_off(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pp_probes); i++) {
		if (!pp_probes[i].on)
			continue;
		tracepoint_probe_unregister(pp_probes[i].tp, pp_probes[i].fn,
					    NULL);
		pp_probes[i].on = false;
	}
	tracepoint_synchronize_unregister();
}
