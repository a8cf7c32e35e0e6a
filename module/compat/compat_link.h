/* SPDX-License-Identifier: GPL-2.0 */
/* What the link layer needs of different kernels. */
#ifndef PKTPATH_COMPAT_COMPAT_LINK_H
#define PKTPATH_COMPAT_COMPAT_LINK_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/sch_generic.h>
#include "probe.h"
#ifdef PKTPATH_HAVE_DEV_DEACTIVATE_RESET
#include <net/netdev_lock.h>
#endif

/* Needed until 6.1 is dropped, where frags are always ordinary memory. */
static inline bool pp_compat_skb_frags_readable(const struct sk_buff *skb)
{
#ifdef PKTPATH_HAVE_SKB_FRAGS_READABLE
	return skb_frags_readable(skb);
#else
	return true;
#endif
}

/*
 * Empties the queues of a device that is up; RTNL held. The second argument
 * came with 7.2, the lock before. Needed until: 6.12 dropped.
 */
static inline void pp_compat_dev_empty_queue(struct net_device *dev)
{
#ifdef PKTPATH_HAVE_DEV_DEACTIVATE_RESET
	netdev_lock_ops(dev);
	dev_deactivate(dev, true);
	dev_activate(dev);
	netdev_unlock_ops(dev);
#else
	dev_deactivate(dev);
	dev_activate(dev);
#endif
}

#endif
