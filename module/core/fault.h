/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults on purpose: where a packet may be dropped, held back, doubled or
 * spoiled, and where memory may be refused. Without a rule in any netns each
 * point is one patched branch; what the rules are is known to journey.
 *
 * A point for packets stands where its caller takes the packet always, so
 * that "taken" is an answer, and names the function that goes on behind it.
 */
#ifndef PKTPATH_CORE_FAULT_H
#define PKTPATH_CORE_FAULT_H

#include <linux/jump_label_ratelimit.h>
#include <linux/skbuff.h>
#include "core/dev.h"
#include "core/stage.h"

struct pp_fault_at;

/*
 * Goes on with a packet behind the point where it was: takes it always. RCU,
 * softirq or the context of the point; at->pd is alive for the RCU section.
 */
typedef void pp_fault_resume_fn(struct pp_net *pn, struct sk_buff *skb,
				const struct pp_fault_at *at);

/**
 * struct pp_fault_point - a point of the code, constant
 * @stage: where it is on the path
 * @resume: goes on behind it
 */
struct pp_fault_point {
	enum pp_stage stage;
	pp_fault_resume_fn *resume;
};

/**
 * struct pp_fault_at - a packet at a point
 * @stage: where
 * @resume: goes on behind it
 * @pd: its device there; NULL: to be found by skb->dev
 * @nexthop: of NEIGH
 * @flags: PKTPATH_XMIT_*, of NEIGH and DEV_QUEUE
 */
struct pp_fault_at {
	enum pp_stage stage;
	pp_fault_resume_fn *resume;
	struct pp_dev *pd;
	__be32 nexthop;
	unsigned int flags;
};

/**
 * struct pp_fault_flow - for whom memory is asked; 0: not known
 * @saddr: source
 * @daddr: destination
 * @sport: source port
 * @dport: destination port
 * @proto: IPPROTO_*
 */
struct pp_fault_flow {
	__be32 saddr;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
	u8 proto;
};

/**
 * struct pp_fault_ops - who knows the rules
 * @packet: true: the packet has been taken; fills @at->pd
 * @nomem: true: there is no memory; of @flow and @skb one is NULL, or both
 *
 * RCU, softirq or process.
 */
struct pp_fault_ops {
	bool (*packet)(struct pp_net *pn, struct pp_fault_at *at,
		       struct sk_buff *skb);
	bool (*nomem)(struct pp_net *pn, enum pp_stage stage,
		      const struct pp_fault_flow *flow,
		      const struct sk_buff *skb);
};

/* Switched off a second late: who may make rules need not be the machine's
 * root, and each switch stops all processors for a moment.
 */
extern struct static_key_false_deferred pp_fault_key;

/* One registrar at start; NULL at stop waits for calls under way. */
void pp_fault_ops_set(const struct pp_fault_ops *ops);
bool pp_fault_hit(struct pp_net *pn, const struct pp_fault_point *point,
		  struct sk_buff *skb, struct pp_dev *pd, __be32 nexthop,
		  unsigned int flags);
bool pp_fault_hit_nomem(struct pp_net *pn, enum pp_stage stage,
			const struct pp_fault_flow *flow,
			const struct sk_buff *skb);
bool pp_fault_hit_nomem_sk(const struct sock *sk, enum pp_stage stage);

/*
 * The points. True: the packet is gone, or there is no memory. RCU but for
 * pp_fault_nomem_sk(). The first two are macros: what they are given is not
 * looked up before their branch; a seventh argument would cost a frame.
 */
#define pp_fault_xmit(pn, point, skb, pd, nexthop, flags) \
	(static_branch_unlikely(&pp_fault_key.key) && \
	 pp_fault_hit(pn, point, skb, pd, nexthop, flags))
#define pp_fault(pn, point, skb, pd) pp_fault_xmit(pn, point, skb, pd, 0, 0)

static __always_inline bool pp_fault_nomem(struct pp_net *pn,
					   enum pp_stage stage,
					   const struct sk_buff *skb)
{
	return static_branch_unlikely(&pp_fault_key.key) &&
	       pp_fault_hit_nomem(pn, stage, NULL, skb);
}

static __always_inline bool pp_fault_nomem_sk(const struct sock *sk,
					      enum pp_stage stage)
{
	return static_branch_unlikely(&pp_fault_key.key) &&
	       pp_fault_hit_nomem_sk(sk, stage);
}

#endif
