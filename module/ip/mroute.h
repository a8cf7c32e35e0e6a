/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4 layer: static routes of multicast; for ctl, and within ip. */
#ifndef PKTPATH_IP_MROUTE_H
#define PKTPATH_IP_MROUTE_H

#include <linux/skbuff.h>
#include "core/dev.h"
#include "core/netns.h"

/* Devices that one entry sends to, as many as the kernel has interfaces. */
#define PKTPATH_MROUTE_OUTS	32
/* Entries of a netns. */
#define PKTPATH_MROUTE_MAX	4096

/**
 * struct pp_mroute_cfg - an entry as the administrator gives and sees it
 * @group: destination
 * @src: sender, 0: any
 * @iif: index of the device it must come in by
 * @n: length of @out
 * @out: the devices it is sent on by, each if the TTL is above its @ttl
 * @packets: that came in by @iif
 * @bytes: of these
 * @wrong_if: packets that came in by another device
 */
struct pp_mroute_cfg {
	__be32 group;
	__be32 src;
	int iif;
	unsigned int n;
	struct {
		int ifindex;
		u8 ttl;
	} out[PKTPATH_MROUTE_OUTS];
	u64 packets;
	u64 bytes;
	u64 wrong_if;
};

/* RTNL and cfg_lock held. del fills @cfg with what was deleted. Both tell. */
int pp_mroute_add(struct pp_net *pn, const struct pp_mroute_cfg *cfg,
		  struct netlink_ext_ack *extack);
int pp_mroute_del(struct pp_net *pn, struct pp_mroute_cfg *cfg,
		  struct netlink_ext_ack *extack);
void pp_mroute_walk(struct pp_net *pn,
		    bool (*fn)(const struct pp_mroute_cfg *cfg, void *arg),
		    void *arg);
/* The entry at place @i in order of addition: false behind the last. RCU. */
bool pp_mroute_nth_rcu(struct pp_net *pn, unsigned int i,
		       struct pp_mroute_cfg *cfg);

/* ---- Within ip ---- */

void pp_mroute_init(void);
void pp_mroute_exit(void);
int pp_mroute_net_init(struct pp_net *pn);
void pp_mroute_net_exit(struct pp_net *pn);
/* Whether a packet that came in by @pd may be sent on; RCU. */
bool pp_mroute_wants_rcu(const struct pp_dev *pd, __be32 group, __be32 src);
/* Takes @skb, to a group, which came in by @pd, where groups are forwarded. */
int pp_mroute_rcv(struct pp_net *pn, struct sk_buff *skb, struct pp_dev *pd);

/* Of groups: every one but those of the link (RFC 5771 §4). */
static inline bool pp_mroute_may(const struct pp_dev *pd, __be32 group)
{
	return unlikely(READ_ONCE(pd->conf.mc_forwarding)) &&
	       !ipv4_is_local_multicast(group);
}

#endif
