// SPDX-License-Identifier: GPL-2.0
/*
 * Which addresses are ours: what table 255, or that of a VRF, says of them.
 *
 * Table 255 is asked before every other, mostly in vain: of each first octet it
 * is known how many of its routes there are, so that it need not be.
 *
 * Path: ip/route.c, ip/route_in.c -> here -> ip/fib.c
 * Mirrors: net/ipv4/fib_frontend.c (inet_addr_type_table),
 *	    net/ipv4/devinet.c (__ip_dev_find)
 * Locks: readers RCU; changes under cfg_lock
 */
#include "ip/fib.h"

/**
 * pp_fib_local_counted() - a route of table 255 comes or has gone
 * @fib: routing
 * @tb: table of the route, any
 * @leaf: its prefix
 * @by: 1 before it is in the table, -1 when it is there no more
 *
 * Context: process, cfg_lock held.
 */
void pp_fib_local_counted(struct pp_fib *fib, const struct pp_fib_table *tb,
			  const struct pp_lpm_leaf *leaf, int by)
{
	u32 *at = &fib->local_near[leaf->key >> 24];
	unsigned int n = leaf->plen < 8 ? 1U << (8 - leaf->plen) : 1;

	if (tb != &fib->local)
		return;
	for (; n; n--, at++)
		WRITE_ONCE(*at, *at + by);
}

/* A route whose use depends on more than the destination. */
static noinline unsigned int
pp_fib_local_type_slow(const struct pp_fib_table *tb, __be32 addr)
{
	const struct pp_flow fl = { .daddr = addr };
	const struct pp_fib_entry *fe = pp_fib_table_lookup(tb, &fl);

	return fe ? fe->type : RTN_UNICAST;
}

/**
 * pp_fib_local_type() - what table 255, or that of a VRF, says of an address
 * @pn: netns state
 * @addr: address
 * @l3mdev: index of the VRF device, 0: outside of all VRFs
 *
 * Mirrors: net/ipv4/fib_frontend.c:inet_addr_type_table (v7.2)
 *
 * Context: RCU read side.
 * Return: RTN_LOCAL, RTN_BROADCAST..., or RTN_UNICAST when there is no route.
 */
unsigned int pp_fib_local_type(const struct pp_net *pn, __be32 addr,
			       int l3mdev)
{
	const struct pp_fib_table *tb = &pn->fib->local;
	const struct pp_fib_entry *fe;
	struct pp_lpm_leaf *leaf;

	if (unlikely(l3mdev)) {
		tb = pp_fib_vrf_table(pn, l3mdev);
		if (!tb)
			return RTN_UNICAST;
	} else if (!pp_fib_local_near(pn->fib, addr)) {
		return RTN_UNICAST;
	}
	leaf = pp_fib_tb_lookup(tb, ntohl(addr));
	if (!leaf)
		return RTN_UNICAST;
	fe = pp_fib_first(leaf);
	if (likely(!fe->tos &&
		   !(READ_ONCE(fe->nh->flags) & PKTPATH_NH_UNUSABLE)))
		return fe->type;
	return pp_fib_local_type_slow(tb, addr);
}

/**
 * pp_fib_local_dev() - the device of an address of ours
 * @pn: netns state
 * @addr: address
 * @l3mdev: index of the VRF device, 0: outside of all VRFs
 *
 * Mirrors: net/ipv4/devinet.c:__ip_dev_find (v7.2)
 *
 * Context: RCU read side.
 * Return: the device, good inside the RCU section; NULL: it is not ours.
 */
struct pp_dev *pp_fib_local_dev(const struct pp_net *pn, __be32 addr,
				int l3mdev)
{
	const struct pp_flow fl = { .daddr = addr, .l3mdev = l3mdev };
	const struct pp_fib_entry *fe;
	const struct pp_ifaddr *ifa;

	ifa = pp_ifaddr_find_vrf_rcu(pn, addr, l3mdev);
	if (ifa)
		return ifa->pd;
	/* one of a whole net that is: 127/8 */
	if (unlikely(l3mdev))
		fe = pp_fib_vrf_lookup(pn, &fl);
	else
		fe = pp_fib_table_lookup(&pn->fib->local, &fl);
	return fe && fe->type == RTN_LOCAL ? fe->nh->key.pd : NULL;
}
