// SPDX-License-Identifier: GPL-2.0
/*
 * Faults on purpose: the branch of every point, and the way up to the rules.
 *
 * Path: any stage -> here -> journey/fault.c
 * Mirrors: lib/fault-inject.c (should_fail)
 * Locks: RCU
 */
#include "core/fault.h"
#include "core/pp_sock.h"

DEFINE_STATIC_KEY_DEFERRED_FALSE(pp_fault_key, HZ);

static const struct pp_fault_ops __rcu *pp_fault_ops __read_mostly;

/**
 * pp_fault_ops_set() - sets who knows the rules
 * @ops: the table, static, or NULL: returns when no call is under way
 *
 * Context: process, may sleep.
 */
void pp_fault_ops_set(const struct pp_fault_ops *ops)
{
	rcu_assign_pointer(pp_fault_ops, ops);
	if (!ops)
		synchronize_net();
}

/**
 * pp_fault_hit() - is there a fault for this packet?
 * @pn: netns
 * @point: where it is
 * @skb: the packet, at or before its IP header; taken when the answer is true
 * @pd: its device, or NULL: that of skb->dev
 * @nexthop: as struct pp_fault_at has it
 * @flags: likewise
 *
 * Context: RCU read side, softirq or process.
 * Return: true when the packet has been taken.
 */
noinline bool pp_fault_hit(struct pp_net *pn,
			   const struct pp_fault_point *point,
			   struct sk_buff *skb, struct pp_dev *pd,
			   __be32 nexthop, unsigned int flags)
{
	const struct pp_fault_ops *ops = rcu_dereference(pp_fault_ops);
	struct pp_fault_at at = {
		.stage = point->stage,
		.resume = point->resume,
		.pd = pd,
		.nexthop = nexthop,
		.flags = flags,
	};

	return ops && ops->packet(pn, &at, skb);
}

/**
 * pp_fault_hit_nomem() - is memory to be refused?
 * @pn: netns
 * @stage: where it is asked for
 * @flow: for whom, or NULL
 * @skb: for which packet, its network header set, or NULL
 *
 * Context: RCU read side, softirq or process.
 * Return: true when the caller is to behave as if there was none.
 */
noinline bool pp_fault_hit_nomem(struct pp_net *pn, enum pp_stage stage,
				 const struct pp_fault_flow *flow,
				 const struct sk_buff *skb)
{
	const struct pp_fault_ops *ops = rcu_dereference(pp_fault_ops);

	return ops && ops->nomem(pn, stage, flow, skb);
}

/**
 * pp_fault_hit_nomem_sk() - the same for a socket of ours
 * @sk: the socket; who is not connected has no destination yet
 * @stage: where memory is asked for
 *
 * Context: process or softirq; takes RCU.
 * Return: true when the caller is to behave as if there was none.
 */
noinline bool pp_fault_hit_nomem_sk(const struct sock *sk, enum pp_stage stage)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct pp_fault_flow flow = {
		.saddr = READ_ONCE(inet->inet_saddr),
		.daddr = READ_ONCE(inet->inet_daddr),
		.sport = READ_ONCE(inet->inet_sport),
		.dport = READ_ONCE(inet->inet_dport),
		.proto = pp_sock_wire_proto(sk),
	};
	bool ret;

	rcu_read_lock();
	ret = pp_fault_hit_nomem(pp_sk(sk)->pn, stage, &flow, NULL);
	rcu_read_unlock();
	return ret;
}
