/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4 addresses of attached devices. */
#ifndef PKTPATH_CORE_IFADDR_H
#define PKTPATH_CORE_IFADDR_H

#include <linux/netlink.h>
#include "core/dev.h"

/* RFC 5227 state, shown by `pktpath addr`. */
enum pp_acd_state {
	PKTPATH_ACD_NONE,	/* no probing on this device */
	PKTPATH_ACD_PROBE,
	PKTPATH_ACD_ANNOUNCE,
	PKTPATH_ACD_DONE,
	PKTPATH_ACD_CONFLICT,
};

/**
 * struct pp_ifaddr - one own address
 * @node: in pp_dev.addrs, RCU
 * @addr_node: in the netns's hash by address, RCU (own to core/ifaddr.c)
 * @pd: the device; it outlives the address
 * @addr: the address
 * @peer: the other end of the link, in whose prefix the neighbours are; @addr
 *	  when none was given
 * @mask: netmask of @peer
 * @bcast: subnet broadcast, 0 when the prefix is /31 or /32
 * @plen: prefix length, 0..32
 * @acd_state: enum pp_acd_state, written by neigh/acd.c
 * @acd: private to neigh/acd.c, freed by it
 * @rcu: frees the structure
 */
struct pp_ifaddr {
	struct hlist_node node;
	struct hlist_node addr_node;
	struct pp_dev *pd;
	__be32 addr;
	__be32 peer;
	__be32 mask;
	__be32 bcast;
	u8 plen;
	u8 acd_state;
	void *acd;
	struct rcu_head rcu;
};

/*
 * RTNL and cfg_lock held. add: checks the kernel's addresses (EADDRINUSE),
 * duplicates (EEXIST), form (EINVAL), then claims, publishes and calls
 * pp_addr_ops->added of every layer (routes, probing). del undoes it.
 */
int pp_ifaddr_add(struct pp_dev *pd, __be32 addr, __be32 peer, u8 plen,
		  struct netlink_ext_ack *extack);
int pp_ifaddr_del(struct pp_dev *pd, __be32 addr, __be32 peer, u8 plen,
		  struct netlink_ext_ack *extack);
void pp_ifaddr_flush(struct pp_dev *pd);

/* RCU read side. */
struct pp_ifaddr *pp_ifaddr_find_rcu(const struct pp_net *pn, __be32 addr);
/* The same in one VRF, or (0) outside of all. */
struct pp_ifaddr *pp_ifaddr_find_vrf_rcu(const struct pp_net *pn, __be32 addr,
					 int l3mdev);
struct pp_ifaddr *pp_ifaddr_find_dev_rcu(const struct pp_dev *pd, __be32 addr);
/* Address of @pd to talk to @dst: same subnet, else the first; 0 if none. */
__be32 pp_ifaddr_select_rcu(const struct pp_dev *pd, __be32 dst);
/* That of any device of the VRF; 0 if none. */
__be32 pp_ifaddr_select_any_rcu(const struct pp_net *pn, int l3mdev);
bool pp_ifaddr_same_subnet_rcu(const struct pp_dev *pd, __be32 a, __be32 b);

int pp_ifaddr_init(void);	/* validator notifier: we have it, kernel no */
void pp_ifaddr_exit(void);

#endif
