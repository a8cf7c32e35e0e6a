// SPDX-License-Identifier: GPL-2.0
/*
 * Link layer, out: hands a complete frame to the device's queue.
 *
 * Path: pp_neigh_output -> pp_link_xmit -> dev_queue_xmit (kernel)
 * Mirrors: net/core/dev.c (__dev_queue_xmit, __dev_direct_xmit)
 * Locks: none of ours; the qdisc's and the driver's inside the kernel
 */
#include <linux/netdevice.h>
#include "core/drop.h"
#include "core/fault.h"
#include "core/ops.h"
#include "core/trace.h"
#include "link/link.h"

static int pp_link_drop(struct pp_dev *pd, struct sk_buff *skb,
			enum pp_drop_cause cause)
{
	this_cpu_inc(pd->stats->tx_dropped);
	pp_mib_inc(pd->pn, PP_LINK_OUTDROPS);
	pp_skb_drop(pd->pn, skb, PKTPATH_STAGE_DEV_QUEUE, cause);
	return cause == PKTPATH_DROP_DEV_QUEUE ? -ENOBUFS : -ENETDOWN;
}

/*
 * Past the qdisc: to the driver, or nowhere when its queue is stopped. The
 * kernel's call would segment a GSO packet and then drop it, so one is refused
 * here with an error that says so.
 */
static noinline int pp_link_direct_xmit(struct sk_buff *skb, struct pp_dev *pd,
					struct net_device *dev)
{
	u16 queue = 0;
	int ret;

	if (unlikely(skb_is_gso(skb))) {
		pp_link_drop(pd, skb, PKTPATH_DROP_IP_GSO);
		return -EMSGSIZE;
	}
	if (dev->real_num_tx_queues > 1)
		queue = netdev_pick_tx(dev, skb, NULL);
	ret = __dev_direct_xmit(skb, queue);
	if (likely(ret == NETDEV_TX_OK))
		return 0;
	atomic_long_inc(&pd->tx_direct_drops);
	if (!dev_xmit_complete(ret))
		return pp_link_drop(pd, skb, PKTPATH_DROP_DEV_QUEUE);
	/* The kernel has freed it. */
	return pp_link_drop(pd, NULL, PKTPATH_DROP_DEV_QUEUE);
}

static int pp_link_queue_xmit(struct sk_buff *skb, struct pp_dev *pd)
{
	int ret = dev_queue_xmit(skb);

	if (likely(ret == NET_XMIT_SUCCESS))
		return 0;
	/* NET_XMIT_CN: this one was queued, another one was not. */
	if (ret == NET_XMIT_CN)
		return 0;
	pp_link_drop(pd, NULL, PKTPATH_DROP_DEV_QUEUE);
	return ret < 0 ? ret : -ENOBUFS;
}

static __always_inline int
pp_link_xmit_past(struct sk_buff *skb, struct pp_dev *pd, unsigned int len,
		  unsigned int flags)
{
	struct net_device *dev = READ_ONCE(pd->dev);

	if (unlikely(READ_ONCE(pd->dead) || !(dev->flags & IFF_UP)))
		return pp_link_drop(pd, skb, PKTPATH_DROP_LINK_DOWN);
	if (unlikely(pd->flags & PKTPATH_DEVF_LOOP))
		pp_mib_inc(pd->pn, PP_LOOP);
	else
		skb_dst_drop(skb);
	this_cpu_inc(pd->stats->tx_packets);
	this_cpu_add(pd->stats->tx_bytes, len);
	pp_mib_inc(pd->pn, PP_LINK_OUT);
	if (unlikely(flags & PKTPATH_XMIT_BYPASS))
		return pp_link_direct_xmit(skb, pd, dev);
	return pp_link_queue_xmit(skb, pd);
}

static void __cold pp_link_xmit_resume(struct pp_net *pn, struct sk_buff *skb,
				       const struct pp_fault_at *at)
{
	pp_link_xmit_past(skb, at->pd, skb->len, at->flags);
}

static const struct pp_fault_point pp_link_xmit_point = {
	PKTPATH_STAGE_DEV_QUEUE, pp_link_xmit_resume,
};

/**
 * pp_link_xmit() - sends a frame
 * @net: the netns of @pd
 * @skb: the frame, taken: link header pushed, dev and protocol set
 * @pd: the device it leaves by
 * @flags: PKTPATH_XMIT_*
 *
 * Our dst ends here, so that none stays behind in a qdisc or a driver; except
 * on lo, where it is what tells our packets from the kernel's.
 *
 * Mirrors: net/core/dev.c:__dev_queue_xmit (v7.2)
 *
 * Context: RCU read side, process or softirq.
 * Return: 0; -ENETDOWN when the device is gone or down, -ENOBUFS when a queue
 * dropped the packet, -EMSGSIZE for GSO past the qdisc.
 */
int pp_link_xmit(struct net *net, struct sk_buff *skb, struct pp_dev *pd,
		 unsigned int flags)
{
	unsigned int len = skb->len;

	pp_at_dev_queue(skb, skb->sk, len);
	if (pp_fault_xmit(pd->pn, &pp_link_xmit_point, skb, pd, 0, flags))
		return 0;
	return pp_link_xmit_past(skb, pd, len, flags);
}
