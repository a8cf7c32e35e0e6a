/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every upward call of the module goes through one of these tables, filled at
 * init by the upper layer and cleared at exit after all users are gone.
 */
#ifndef PKTPATH_CORE_OPS_H
#define PKTPATH_CORE_OPS_H

#include <linux/skbuff.h>
#include <net/dst_ops.h>
#include "core/dev.h"

struct pp_ifaddr;
struct pp_neigh;
struct pp_mroute_cfg;
struct pp_route_cfg;

/*
 * Link to ip and to neigh: takes the skb always; softirq, RCU; skb->data at
 * the network header, skb owned by nobody, pd alive for the RCU section. ARP
 * frames are clones: read only.
 */
typedef void pp_link_rcv_fn(struct sk_buff *skb, struct pp_dev *pd);

/*
 * Link asks ip whether it wants a frame of others, to be forwarded, or one to
 * a group; @skb stays the kernel's. Softirq, RCU.
 */
typedef bool pp_link_wants_fn(const struct sk_buff *skb, struct pp_dev *pd);

/**
 * struct pp_net_protocol - ip to a transport (kernel twin: net_protocol)
 * @handler: takes the skb always; skb->data at the transport header,
 *	     network header valid, dst set; softirq, RCU
 * @err: an ICMP error about a packet of this protocol came in. skb->data is
 *	 at the inner IP header, whose header and 8 bytes behind are linear;
 *	 the skb stays the caller's. @info: MTU for Fragmentation Needed
 *	 Return: 0, or -ENOENT when no socket matched
 */
struct pp_net_protocol {
	int (*handler)(struct sk_buff *skb);
	int (*err)(struct sk_buff *skb, u32 info);
};

/**
 * struct pp_neigh_ops - neigh to ip
 * @error_report: resolution failed; takes the skb always
 * @leaves_by: whether what goes from @saddr, ours, to @daddr leaves by @pd; RCU
 * @sent_on: whether what comes in by @pd from @saddr is sent on to @daddr by
 *	another device; softirq or process, RCU
 */
struct pp_neigh_ops {
	void (*error_report)(struct pp_neigh *n, struct sk_buff *skb);
	bool (*leaves_by)(struct pp_dev *pd, __be32 daddr, __be32 saddr);
	bool (*sent_on)(struct pp_dev *pd, __be32 daddr, __be32 saddr);
};

/* What can happen to an attached device. */
enum pp_dev_event {
	PKTPATH_DEV_ATTACHED,
	PKTPATH_DEV_DETACHING,	/* drop every reference to the device */
	PKTPATH_DEV_UP,
	PKTPATH_DEV_DOWN,
	PKTPATH_DEV_CARRIER,
	PKTPATH_DEV_MTU,
	PKTPATH_DEV_ADDR,	/* hardware address */
	PKTPATH_DEV_ARP,	/* ARP switched on or off */
	PKTPATH_DEV_NAME,
	PKTPATH_DEV_RESEND,	/* another port or slave: tell of groups again */
	PKTPATH_DEV_PEERS,	/* likewise: tell of addresses again */
	PKTPATH_DEV_VRF_LEAVES,	/* no route may be on it on return */
	PKTPATH_DEV_VRF_JOINED,	/* is in another VRF, or in none */
};

/**
 * struct pp_addr_ops - address and device changes, to neigh, ip and ctl
 * @list: chained in the order of registration, bottom layer first
 * @added: address is published; RTNL and cfg_lock held
 * @removed: address is unpublished but not yet freed; same locks
 * @dev_event: PKTPATH_DEV_* happened to @pd; same locks
 * @vrf_event: the VRF device @dev has come or has another name (@there), or
 *	goes; same locks
 */
struct pp_addr_ops {
	struct list_head list;
	int (*added)(struct pp_ifaddr *ifa, struct netlink_ext_ack *extack);
	void (*removed)(struct pp_ifaddr *ifa);
	void (*dev_event)(struct pp_dev *pd, enum pp_dev_event event);
	void (*vrf_event)(struct pp_net *pn, const struct net_device *dev,
			  bool there);
};

/**
 * struct pp_notify_ops - anything to ctl, for netlink notifications
 * @acd: probing state of an address changed; process context, no RTNL held
 * @route: a route came with an address (@add) or went with it; cfg_lock held
 * @mroute: a route of multicast came or has changed (@add), or went; cfg_lock
 *	    held
 * @neigh_gone: a neighbour was flushed; the table's lock held
 */
struct pp_notify_ops {
	void (*acd)(struct pp_net *pn, int ifindex, __be32 addr, __be32 peer,
		    u8 plen, u8 state);
	void (*route)(struct pp_net *pn, const struct pp_route_cfg *cfg,
		      bool add);
	void (*mroute)(struct pp_net *pn, const struct pp_mroute_cfg *cfg,
		       bool add);
	void (*neigh_gone)(struct pp_net *pn, int ifindex, __be32 addr);
};

extern pp_link_rcv_fn __rcu *pp_link_ip_rcv;
extern pp_link_rcv_fn __rcu *pp_link_arp_rcv;
extern pp_link_wants_fn __rcu *pp_link_ip_wants;
extern const struct pp_neigh_ops __rcu *pp_neigh_ops;
extern const struct pp_notify_ops __rcu *pp_notify_ops;
extern const struct pp_net_protocol __rcu *pp_protocols[256];

/*
 * One registrar each, at start; NULL at stop, which returns when no call is
 * under way any more. Process context.
 */
void pp_link_set_ip_rcv(pp_link_rcv_fn *fn);
void pp_link_set_arp_rcv(pp_link_rcv_fn *fn);
void pp_link_set_ip_wants(pp_link_wants_fn *fn);
void pp_neigh_ops_set(const struct pp_neigh_ops *ops);
void pp_notify_ops_set(const struct pp_notify_ops *ops);

/*
 * Only its address is used here: it tells our routes from others. ip defines
 * it (ip/ip.h), link looks for it on lo.
 */
extern struct dst_ops pp_dst_ops;

/* 0 or -EBUSY when the number is taken; del waits for calls under way. */
int pp_protocol_add(const struct pp_net_protocol *prot, u8 protocol);
void pp_protocol_del(const struct pp_net_protocol *prot, u8 protocol);

void pp_addr_ops_register(struct pp_addr_ops *ops);	/* at init only */
void pp_addr_ops_unregister(struct pp_addr_ops *ops);
int pp_addr_ops_added(struct pp_ifaddr *ifa, struct netlink_ext_ack *extack);
void pp_addr_ops_removed(struct pp_ifaddr *ifa);
void pp_addr_ops_event(struct pp_dev *pd, enum pp_dev_event event);
void pp_addr_ops_vrf(struct pp_net *pn, const struct net_device *dev,
		     bool there);

#endif
