/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short way to a record: the packet that was at a stage last on this CPU
 * has come to the next one. All else is probe.c's.
 */
#ifndef PKTPATH_JOURNEY_FAST_H
#define PKTPATH_JOURNEY_FAST_H

#include <linux/ip.h>
#include <linux/sched.h>
#include <net/ip.h>
#include "journey/journey_priv.h"

/* May it come to @stage, and is there nothing but a record to be made? */
static __always_inline bool pp_fast_ok(const u8 stage,
				       const struct pp_track *e,
				       const struct sk_buff *skb,
				       const struct sock *sk)
{
	switch (stage) {
	case PKTPATH_STAGE_SOCK_WAKE:
		/* a stream's is of no packet; a deleted entry has key 0 */
		return skb && sk &&
		       sock_net(sk) == this_cpu_read(pp_probe_cpus.net);
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
		return skb->dev &&
		       dev_net(skb->dev) == this_cpu_read(pp_probe_cpus.net);
	default:
		return false;
	}
}

/* A process's call: an old one may have been of another socket at @sk. */
static __always_inline bool pp_fast_call_ok(const struct pp_track *e,
					    const struct sock *sk)
{
	return e->sk == sk && e->state == PKTPATH_TRACK_SEND &&
	       sock_net(sk) == this_cpu_read(pp_probe_cpus.net);
}

/* The record of a packet, as far as it is not as the one before. */
static __always_inline void pp_fast_put(struct pp_step *s, const u8 stage,
					u32 dt, unsigned int len, int ifindex)
{
	s->dt = dt;
	s->len = len;
	s->stage = stage;
	if (stage == PKTPATH_STAGE_IP_OUTPUT) {
		s->flags = PKTPATH_STEP_SAME;
		s->ifindex = ifindex;
	} else {
		s->flags = PKTPATH_STEP_SAME | PKTPATH_STEP_SAME_DEV;
	}
}

/**
 * pp_probe_fast() - a packet, or a call, has come to a stage of ours
 * @stage: which, a constant
 * @skb: the packet, or NULL
 * @sk: the socket, or NULL
 * @len: bytes of the packet or the call
 *
 * Context: interrupts off.
 * Return: whether a record was made; else it is pp_probe_stage()'s.
 */
static __always_inline bool pp_probe_fast(const u8 stage,
					  const struct sk_buff *skb,
					  const struct sock *sk,
					  unsigned int len)
{
	struct pp_track *e = this_cpu_read(pp_probe_cpus.e);
	bool call = stage == PKTPATH_STAGE_TP_SEND ||
		    (stage == PKTPATH_STAGE_IP_ROUTE && !skb);
	struct pp_step *s;
	u64 clk, dt;

	if (stage == PKTPATH_STAGE_SOCK_SEND || stage == PKTPATH_STAGE_TP_XMIT ||
	    stage == PKTPATH_STAGE_LINK_RCV)
		return false;
	if (READ_ONCE(e->key) != (call ? pp_probe_call_key() :
				  (unsigned long)skb) ||
	    READ_ONCE(e->id) != this_cpu_read(pp_probe_cpus.id))
		return false;
	if (call ? !pp_fast_call_ok(e, sk) : !pp_fast_ok(stage, e, skb, sk))
		return false;
	if (this_cpu_read(pp_probe_cpus.task) != (in_task() ? current : NULL))
		return false;
	clk = pp_clock();
	s = this_cpu_read(pp_probe_cpus.next);
	dt = clk - this_cpu_read(pp_probe_cpus.clk);
	if (unlikely(s == this_cpu_read(pp_probe_cpus.stop) ||
		     dt > PKTPATH_BLOCK_SPAN))
		return pp_probe_hist(stage, skb, len, clk);
	pp_fast_put(s, stage, dt, len, stage == PKTPATH_STAGE_IP_OUTPUT ?
				       skb->dev->ifindex : 0);
	this_cpu_write(pp_probe_cpus.next, s + 1);
	WRITE_ONCE(e->at, stage);
	return true;
}

#endif
