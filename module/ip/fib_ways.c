// SPDX-License-Identifier: GPL-2.0
/*
 * Which of several routes of one prefix and rank a flow takes.
 *
 * Those with a weight share the flows by a hash; of others the first is taken.
 * A gateway that does not answer to ARP is passed over as long as another one
 * does (RFC 1122 §3.3.1.4), and asked again from time to time.
 *
 * Path: fib.c -> here
 * Mirrors: net/ipv4/fib_semantics.c (fib_select_path)
 * Locks: none; RCU
 */
#include "ip/fib.h"
#include "neigh/neigh.h"

/*
 * What a flow is known by when several next hops share the traffic. Of what
 * we send ourselves the source may still be open, and must not turn the choice
 * once it is not.
 */
static u32 pp_fib_flow_hash(const struct pp_net *pn, const struct pp_flow *fl)
{
	u32 saddr = fl->iif ? (__force u32)fl->saddr : 0, ports = 0;

	if (READ_ONCE(pn->sysctl.fib_multipath_hash_policy))
		ports = (u32)fl->proto << 24 ^
			((__force u32)fl->sport << 16 |
			 (__force u32)fl->dport);
	return pp_hash_4(pn, (__force u32)fl->daddr, saddr, ports, 0);
}

/* RFC 1122 §3.3.1.4: a gateway is passed over while it does not answer. */
static bool pp_fib_gw_silent(const struct pp_fib_entry *fe)
{
	const struct pp_nh_key *key = &fe->nh->key;

	return key->gw && key->pd && pp_neigh_silent(key->pd, key->gw);
}

static struct pp_fib_entry *pp_fib_next_way(const struct pp_fib_entry *fe,
					    const struct pp_fib_entry *first,
					    const struct pp_flow *fl)
{
	struct pp_fib_entry *next = rcu_dereference(fe->next);

	while (next && pp_fib_same_rank(next, first) &&
	       !(next->nh->key.weight && pp_fib_fits(next, fl)))
		next = rcu_dereference(next->next);
	return next && pp_fib_same_rank(next, first) ? next : NULL;
}

/**
 * pp_fib_pick_way() - one of the next hops that share the traffic
 * @first: the first of them that fits the flow
 * @fl: the flow
 *
 * Mirrors: net/ipv4/fib_semantics.c:fib_select_multipath (v7.2)
 *
 * Context: RCU read side.
 * Return: @first or one behind it.
 */
struct pp_fib_entry *pp_fib_pick_way(struct pp_fib_entry *first,
				     const struct pp_flow *fl)
{
	struct pp_fib_entry *fe, *last = NULL;
	u32 total = 0, at;

	for (fe = first; fe; fe = pp_fib_next_way(fe, first, fl)) {
		if (pp_fib_gw_silent(fe))
			continue;
		total += fe->nh->key.weight;
		last = fe;
	}
	if (!last)
		return first;
	if (total == last->nh->key.weight)
		return last;
	at = reciprocal_scale(pp_fib_flow_hash(first->nh->pn, fl), total);
	for (fe = first; fe; fe = pp_fib_next_way(fe, first, fl)) {
		if (pp_fib_gw_silent(fe))
			continue;
		if (at < fe->nh->key.weight)
			return fe;
		at -= fe->nh->key.weight;
	}
	/* some have gone meanwhile */
	return last;
}

/**
 * pp_fib_pick_heard() - the first route of a rank whose gateway answers
 * @first: the first that fits the flow
 * @fl: the flow
 *
 * Mirrors: net/ipv4/fib_semantics.c:fib_select_default (v7.2)
 *
 * Context: RCU read side.
 * Return: @first or one behind it; @first when none answers.
 */
struct pp_fib_entry *pp_fib_pick_heard(struct pp_fib_entry *first,
				       const struct pp_flow *fl)
{
	struct pp_fib_entry *fe;

	for (fe = first; fe && pp_fib_same_rank(fe, first);
	     fe = rcu_dereference(fe->next))
		if (pp_fib_fits(fe, fl) && !pp_fib_gw_silent(fe))
			return fe;
	return first;
}
