// SPDX-License-Identifier: GPL-2.0
/*
 * VRF devices. A VRF is the kernel's: a device whose slaves have a routing
 * table of their own. We attach the slaves and not the VRF; all we take of it
 * is its index, by which sockets are bound to it, and the number of its table.
 *
 * Path: none; asked by ip and the transports, kept by link/link_vrf.c
 * Mirrors: net/l3mdev/l3mdev.c
 * Locks: RTNL for changes; readers RCU
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/l3mdev.h>
#include "core/vrf.h"

static struct hlist_head *pp_vrf_bucket(const struct pp_net *pn, int ifindex)
{
	return (struct hlist_head *)
		&pn->vrfs[(unsigned int)ifindex % PKTPATH_VRF_HASH];
}

/**
 * pp_vrf_find_rcu() - the VRF with an index
 * @pn: netns state
 * @ifindex: of the VRF device
 *
 * Context: RCU read side, or RTNL held.
 * Return: the VRF, or NULL.
 */
struct pp_vrf *pp_vrf_find_rcu(const struct pp_net *pn, int ifindex)
{
	struct pp_vrf *vrf;

	hlist_for_each_entry_rcu(vrf, pp_vrf_bucket(pn, ifindex), node,
				 lockdep_rtnl_is_held())
		if (vrf->ifindex == ifindex)
			return vrf;
	return NULL;
}

/**
 * pp_vrf_by_name_rcu() - the VRF with a name
 * @pn: netns state
 * @name: of the VRF device
 *
 * Context: RCU read side, or RTNL held.
 * Return: the VRF, or NULL.
 */
struct pp_vrf *pp_vrf_by_name_rcu(const struct pp_net *pn, const char *name)
{
	struct pp_vrf *vrf;
	unsigned int i;

	for (i = 0; i < PKTPATH_VRF_HASH; i++)
		hlist_for_each_entry_rcu(vrf, &pn->vrfs[i], node,
					 lockdep_rtnl_is_held())
			if (!strcmp(vrf->dev->name, name))
				return vrf;
	return NULL;
}

/**
 * pp_vrf_by_table_rcu() - a VRF whose routes are in a table
 * @pn: netns state
 * @table: RT_TABLE_*
 *
 * Context: RCU read side, or RTNL held.
 * Return: index of the VRF device, 0: it is no VRF's.
 */
int pp_vrf_by_table_rcu(const struct pp_net *pn, u32 table)
{
	struct pp_vrf *vrf;
	unsigned int i;

	for (i = 0; READ_ONCE(pn->nvrfs) && i < PKTPATH_VRF_HASH; i++)
		hlist_for_each_entry_rcu(vrf, &pn->vrfs[i], node,
					 lockdep_rtnl_is_held())
			if (vrf->table == table)
				return vrf->ifindex;
	return 0;
}

/**
 * pp_vrf_table_rcu() - where the routes of a VRF are
 * @pn: netns state
 * @l3mdev: index of the VRF device
 *
 * Context: RCU read side, or RTNL held.
 * Return: RT_TABLE_*; 0: there is no such VRF, or @l3mdev is 0.
 */
u32 pp_vrf_table_rcu(const struct pp_net *pn, int l3mdev)
{
	const struct pp_vrf *vrf = l3mdev ? pp_vrf_find_rcu(pn, l3mdev) : NULL;

	return vrf ? vrf->table : 0;
}

/**
 * pp_vrf_of_slow() - the VRF in which a device is, or which it is itself
 * @pn: netns state
 * @ifindex: of an attached device, or of a VRF
 *
 * Mirrors: net/l3mdev/l3mdev.c:l3mdev_master_ifindex_rcu (v7.2)
 *
 * Context: any; takes RCU itself.
 * Return: index of the VRF device, 0: none.
 */
int pp_vrf_of_slow(const struct pp_net *pn, int ifindex)
{
	const struct pp_dev *pd;
	int l3mdev;

	rcu_read_lock();
	pd = pp_dev_find_rcu(pn, ifindex);
	if (pd)
		l3mdev = READ_ONCE(pd->l3mdev);
	else
		l3mdev = pp_vrf_find_rcu(pn, ifindex) ? ifindex : 0;
	rcu_read_unlock();
	return l3mdev;
}

/**
 * pp_vrf_add() - a VRF device has come
 * @pn: netns state
 * @dev: the device
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOMEM.
 */
int pp_vrf_add(struct pp_net *pn, struct net_device *dev)
{
	struct pp_vrf *vrf;

	ASSERT_RTNL();
	vrf = kzalloc(sizeof(*vrf), GFP_KERNEL_ACCOUNT);
	if (!vrf)
		return -ENOMEM;
	vrf->dev = dev;
	vrf->ifindex = dev->ifindex;
	vrf->table = l3mdev_fib_table(dev);
	hlist_add_head_rcu(&vrf->node, pp_vrf_bucket(pn, vrf->ifindex));
	WRITE_ONCE(pn->nvrfs, pn->nvrfs + 1);
	return 0;
}

/**
 * pp_vrf_del() - a VRF device goes; nobody is in it any more
 * @pn: netns state
 * @ifindex: of the device
 *
 * Context: process, RTNL held.
 */
void pp_vrf_del(struct pp_net *pn, int ifindex)
{
	struct pp_vrf *vrf;

	ASSERT_RTNL();
	vrf = pp_vrf_find_rcu(pn, ifindex);
	if (!vrf)
		return;
	hlist_del_rcu(&vrf->node);
	WRITE_ONCE(pn->nvrfs, pn->nvrfs - 1);
	kfree_rcu(vrf, rcu);
}
