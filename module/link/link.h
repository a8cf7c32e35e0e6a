/* SPDX-License-Identifier: GPL-2.0 */
/* Link layer: netdevices in and out. */
#ifndef PKTPATH_LINK_LINK_H
#define PKTPATH_LINK_LINK_H

#include <linux/netlink.h>
#include "core/dev.h"

/* pp_link_xmit() flags. */
#define PKTPATH_XMIT_BYPASS	0x1	/* dev_direct_xmit(), no qdisc */

/*
 * Sends a complete frame (link header pushed, skb->dev and protocol set) and
 * always takes the skb. Our dst is dropped first, except on lo, where it is
 * what tells our packets from others. Returns 0 or -errno (ENOBUFS when the
 * qdisc dropped it, ENETDOWN when the device is gone).
 */
int pp_link_xmit(struct net *net, struct sk_buff *skb, struct pp_dev *pd,
		 unsigned int flags);

/*
 * Attach and detach; RTNL held, takes cfg_lock itself. attach: EBUSY when
 * neither an rx handler nor an ingress hook can be had, EEXIST, EINVAL (lo,
 * device in another netns), EOPNOTSUPP (device type). extack always set.
 */
int pp_link_attach(struct pp_net *pn, struct net_device *dev,
		   struct netlink_ext_ack *extack);
int pp_link_detach(struct pp_net *pn, struct net_device *dev,
		   struct netlink_ext_ack *extack);
/* Detaches all but lo; RTNL held. */
void pp_link_detach_all(struct pp_net *pn);

#endif
