// SPDX-License-Identifier: GPL-2.0
/*
 * Attached devices: table by ifindex, references, end of life.
 *
 * A struct pp_dev has two lives. Attached, it holds the netdevice. Detach
 * marks it dead, has every layer drop its references, unpublishes it, waits
 * for a grace period and gives the netdevice back, whoever still holds the
 * structure: nothing of ours ever delays the end of a netdevice. From then on
 * @dev is blackhole_netdev. The structure itself is freed with its last
 * reference.
 *
 * Path: none
 * Mirrors: net/ipv4/devinet.c (struct in_device)
 * Locks: RTNL for the list and the hash; readers of the hash RCU
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "core/dev.h"

static struct hlist_head *pp_dev_bucket(const struct pp_net *pn, int ifindex)
{
	return (struct hlist_head *)
		&pn->dev_hash[(unsigned int)ifindex % PKTPATH_DEV_HASH];
}

/**
 * pp_dev_find_rcu() - the attached device with an ifindex
 * @pn: netns state
 * @ifindex: of the netdevice
 *
 * Context: RCU read side, or RTNL held.
 * Return: the device, not held, or NULL.
 */
struct pp_dev *pp_dev_find_rcu(const struct pp_net *pn, int ifindex)
{
	struct pp_dev *pd;

	hlist_for_each_entry_rcu(pd, pp_dev_bucket(pn, ifindex), hash_node,
				 lockdep_rtnl_is_held())
		if (pd->ifindex == ifindex)
			return pd;
	return NULL;
}

/**
 * pp_dev_alloc() - makes the structure for a device, unpublished
 * @pn: netns state
 * @dev: the netdevice; a reference is taken
 *
 * Context: process, RTNL held.
 * Return: the device with one reference, which belongs to the list once it is
 * published, or NULL when memory is short.
 */
struct pp_dev *pp_dev_alloc(struct pp_net *pn, struct net_device *dev)
{
	struct pp_dev *pd;

	ASSERT_RTNL();
	pd = kzalloc(sizeof(*pd), GFP_KERNEL_ACCOUNT);
	if (!pd)
		return NULL;
	pd->stats = alloc_percpu_gfp(struct pp_dev_stats, GFP_KERNEL_ACCOUNT);
	if (!pd->stats) {
		kfree(pd);
		return NULL;
	}
	netdev_hold(dev, &pd->dev_tracker, GFP_KERNEL);
	pd->dev = dev;
	pd->pn = pn;
	pd->ifindex = dev->ifindex;
	pd->conf = pn->conf_default;
	refcount_set(&pd->refcnt, 1);
	INIT_HLIST_HEAD(&pd->addrs);
	INIT_LIST_HEAD(&pd->dsts);
	INIT_LIST_HEAD(&pd->list);
	return pd;
}

/**
 * pp_dev_publish() - makes a device visible to lookups
 * @pd: the device, with its flags set
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_dev_publish(struct pp_dev *pd)
{
	struct pp_net *pn = pd->pn;

	ASSERT_RTNL();
	list_add_tail_rcu(&pd->list, &pn->devs);
	hlist_add_head_rcu(&pd->hash_node, pp_dev_bucket(pn, pd->ifindex));
	if (pd->flags & PKTPATH_DEVF_LOOP)
		rcu_assign_pointer(pn->loop, pd);
}

/**
 * pp_dev_unpublish() - hides a device from lookups
 * @pd: the device; readers that have it may go on for a grace period
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_dev_unpublish(struct pp_dev *pd)
{
	struct pp_net *pn = pd->pn;

	ASSERT_RTNL();
	if (pd->flags & PKTPATH_DEVF_LOOP)
		RCU_INIT_POINTER(pn->loop, NULL);
	hlist_del_rcu(&pd->hash_node);
	list_del_rcu(&pd->list);
}

/**
 * pp_dev_retire() - gives the netdevice and the list's reference back
 * @pd: the device, dead and unpublished for at least a grace period
 *
 * Context: process, RTNL held.
 */
void pp_dev_retire(struct pp_dev *pd)
{
	struct net_device *dev = pd->dev;

	ASSERT_RTNL();
	WRITE_ONCE(pd->dev, blackhole_netdev);
	netdev_put(dev, &pd->dev_tracker);
	pp_dev_put(pd);
}

static void pp_dev_free_rcu(struct rcu_head *head)
{
	struct pp_dev *pd = container_of(head, struct pp_dev, rcu);

	free_percpu(pd->stats);
	kfree(pd);
}

/**
 * pp_dev_free() - frees a device after a grace period
 * @pd: the device, its last reference just put
 *
 * Context: any.
 */
void pp_dev_free(struct pp_dev *pd)
{
	call_rcu(&pd->rcu, pp_dev_free_rcu);
}

/**
 * pp_dev_stats_read() - sums the counters of a device
 * @pd: the device
 * @sum: filled
 *
 * Context: any.
 */
void pp_dev_stats_read(const struct pp_dev *pd, struct pp_dev_stats *sum)
{
	const struct pp_dev_stats *s;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		s = per_cpu_ptr(pd->stats, cpu);
		sum->rx_packets += READ_ONCE(s->rx_packets);
		sum->rx_bytes += READ_ONCE(s->rx_bytes);
		sum->tx_packets += READ_ONCE(s->tx_packets);
		sum->tx_bytes += READ_ONCE(s->tx_bytes);
		sum->rx_dropped += READ_ONCE(s->rx_dropped);
		sum->tx_dropped += READ_ONCE(s->tx_dropped);
	}
}
