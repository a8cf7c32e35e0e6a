/* SPDX-License-Identifier: GPL-2.0 */
/* A netdevice attached to pktpath, and what belongs to it. */
#ifndef PKTPATH_CORE_DEV_H
#define PKTPATH_CORE_DEV_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include "core/netns.h"

struct pp_mc_dev;

#define PKTPATH_DEVF_LOOP	0x01	/* lo: attached by itself */
#define PKTPATH_DEVF_NOARP	0x02	/* no link header or IFF_NOARP */
#define PKTPATH_DEVF_HOOK	0x04	/* ingress by netfilter hook */
#define PKTPATH_DEVF_RX		0x08	/* ingress by rx handler */

/* Packets and bytes at the IP layer's edge, per CPU; this_cpu_add() only. */
struct pp_dev_stats {
	u64 rx_packets, rx_bytes, tx_packets, tx_bytes;
	u64 rx_dropped, tx_dropped;
};

/**
 * struct pp_dev - one attached device
 * @dev: the netdevice, held until detach is complete. Then it points to
 *	 blackhole_netdev, so that a late reader finds a device that is down
 * @pn: netns in which it was attached
 * @ifindex: of @dev, constant while attached
 * @l3mdev: index of the VRF in which it is, 0: none. RTNL and cfg_lock
 * @flags: PKTPATH_DEVF_*; written under RTNL before publishing
 * @dead: set under RTNL at detach; readers that find it set treat the
 *	  device as gone
 * @nomem: a layer has no memory for its part of a device, which is then not
 *	   attached; RTNL
 * @refcnt: holders: the list, each route next hop, each neighbour
 * @addrs: struct pp_ifaddr list, RCU, written under RTNL and cfg_lock
 * @naddrs: length of @addrs
 * @stats: counters per CPU, see pp_dev_stats_read()
 * @tx_direct_drops: packets dropped by a stopped queue on qdisc bypass
 * @neigh: settings of ARP on this device, written by ctl/sysctl_dev.c
 * @conf: settings of IP on this device, written by ctl/sysctl_dev.c
 * @mc: its groups, private to ip; NULL before and after. RCU, written under
 *	cfg_lock
 * @dsts: routes on it that somebody holds, private to ip
 * @list: in pp_net.devs
 * @hash_node: in pp_net.dev_hash
 * @nf_ops: the ingress hook when PKTPATH_DEVF_HOOK
 * @sysctl_conf: private to ctl
 * @sysctl_neigh: private to ctl
 * @dev_tracker: of the reference to @dev
 * @rcu: frees the structure
 */
struct pp_dev {
	struct net_device *dev;
	struct pp_net *pn;
	int ifindex;
	int l3mdev;
	u32 flags;
	bool dead;
	bool nomem;
	refcount_t refcnt;
	struct hlist_head addrs;
	unsigned int naddrs;
	struct pp_dev_stats __percpu *stats;
	atomic_long_t tx_direct_drops;
	struct pp_neigh_parms neigh;
	struct pp_dev_conf conf;
	struct pp_mc_dev __rcu *mc;
	struct list_head dsts;
	struct list_head list;
	struct hlist_node hash_node;
	struct nf_hook_ops nf_ops;
	struct ctl_table_header *sysctl_conf;
	struct ctl_table_header *sysctl_neigh;
	netdevice_tracker dev_tracker;
	struct rcu_head rcu;
};

struct pp_dev *pp_dev_find_rcu(const struct pp_net *pn, int ifindex);
struct pp_dev *pp_dev_alloc(struct pp_net *pn, struct net_device *dev);
void pp_dev_publish(struct pp_dev *pd);
void pp_dev_unpublish(struct pp_dev *pd);
void pp_dev_retire(struct pp_dev *pd);	/* a grace period after unpublish */
void pp_dev_free(struct pp_dev *pd);	/* the last put: RCU free */
void pp_dev_stats_read(const struct pp_dev *pd, struct pp_dev_stats *sum);

static inline bool pp_dev_hold_safe(struct pp_dev *pd)
{
	return refcount_inc_not_zero(&pd->refcnt);
}

static inline void pp_dev_hold(struct pp_dev *pd)
{
	refcount_inc(&pd->refcnt);
}

static inline void pp_dev_put(struct pp_dev *pd)
{
	if (refcount_dec_and_test(&pd->refcnt))
		pp_dev_free(pd);
}

/*
 * A setting of the device together with that of all devices of its netns:
 * the greater one counts, as net.ipv4.conf.all has it for these.
 */
static inline int pp_dev_conf_max(const struct pp_dev *pd, size_t offset)
{
	return max(READ_ONCE(*(int *)((char *)&pd->conf + offset)),
		   READ_ONCE(*(int *)((char *)&pd->pn->conf_all + offset)));
}

#define PKTPATH_CONF_MAX(pd, field) \
	pp_dev_conf_max(pd, offsetof(struct pp_dev_conf, field))

/* Usable for sending: attached, up and with carrier. */
static inline bool pp_dev_usable(const struct pp_dev *pd)
{
	const struct net_device *dev = READ_ONCE(pd->dev);

	return !READ_ONCE(pd->dead) && netif_running(dev) &&
	       netif_carrier_ok(dev);
}

#endif
