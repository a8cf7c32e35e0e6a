/* SPDX-License-Identifier: GPL-2.0 */
/* VRF devices: which there are, and who is in one. */
#ifndef PKTPATH_CORE_VRF_H
#define PKTPATH_CORE_VRF_H

#include "core/dev.h"

/**
 * struct pp_vrf - a VRF device of a netns, whoever is in it
 * @node: in pp_net.vrfs, RCU, written under RTNL
 * @dev: the netdevice, not held: it ends a grace period after this does
 * @ifindex: of @dev
 * @table: where its routes are, constant
 * @rcu: frees the structure
 */
struct pp_vrf {
	struct hlist_node node;
	const struct net_device *dev;
	int ifindex;
	u32 table;
	struct rcu_head rcu;
};

/* RTNL; add: 0 or -ENOMEM. del does nothing when there is none. */
int pp_vrf_add(struct pp_net *pn, struct net_device *dev);
void pp_vrf_del(struct pp_net *pn, int ifindex);

/* RCU read side, or RTNL. */
struct pp_vrf *pp_vrf_find_rcu(const struct pp_net *pn, int ifindex);
struct pp_vrf *pp_vrf_by_name_rcu(const struct pp_net *pn, const char *name);
int pp_vrf_by_table_rcu(const struct pp_net *pn, u32 table);
u32 pp_vrf_table_rcu(const struct pp_net *pn, int l3mdev);
int pp_vrf_of_slow(const struct pp_net *pn, int ifindex);

/*
 * The VRF in which a device is, or which it is itself; 0: none. As long as
 * there is none in the netns, the question costs one load. Takes RCU itself.
 */
static inline int pp_vrf_of(const struct pp_net *pn, int ifindex)
{
	if (likely(!READ_ONCE(pn->nvrfs)) || !ifindex)
		return 0;
	return pp_vrf_of_slow(pn, ifindex);
}

/*
 * Whether a socket bound to @bound, or to none, may have what came in by @dif,
 * which is in the VRF @sdif or in none: include/net/inet_sock.h:
 * inet_bound_dev_eq(). @accept: one that is not bound has what any VRF has.
 */
static inline bool pp_vrf_bound_eq(bool accept, int bound, int dif, int sdif)
{
	if (!bound)
		return likely(!sdif) || accept;
	return bound == dif || bound == sdif;
}

#endif
