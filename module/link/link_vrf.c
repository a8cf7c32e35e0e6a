// SPDX-License-Identifier: GPL-2.0
/*
 * VRFs as the kernel tells of them: they come and go, and devices enter and
 * leave them.
 *
 * A device changes its VRF in three steps, under one cfg_lock: all that routes
 * by it is gone, then it is in the other one, then its addresses have their
 * routes there. No route is ever of both.
 *
 * Path: none
 * Mirrors: drivers/net/vrf.c (vrf_device_event, do_vrf_add_slave)
 * Locks: RTNL, then cfg_lock
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include "core/ops.h"
#include "core/vrf.h"
#include "link/link_priv.h"

/**
 * pp_link_vrf_master() - the VRF in which a device is
 * @dev: the device
 *
 * Context: process, RTNL held.
 * Return: index of the VRF device, 0: none.
 */
int pp_link_vrf_master(struct net_device *dev)
{
	const struct net_device *master = NULL;

	ASSERT_RTNL();
	if (netif_is_l3_slave(dev))
		master = netdev_master_upper_dev_get(dev);
	return master && netif_is_l3_master(master) ? master->ifindex : 0;
}

static void pp_link_vrf_move(struct pp_dev *pd, int l3mdev)
{
	if (pd->l3mdev == l3mdev)
		return;
	mutex_lock(&pd->pn->cfg_lock);
	pp_addr_ops_event(pd, PKTPATH_DEV_VRF_LEAVES);
	WRITE_ONCE(pd->l3mdev, l3mdev);
	pp_addr_ops_event(pd, PKTPATH_DEV_VRF_JOINED);
	mutex_unlock(&pd->pn->cfg_lock);
}

static void pp_link_vrf_tell(struct pp_net *pn, struct net_device *dev,
			     bool there)
{
	mutex_lock(&pn->cfg_lock);
	pp_addr_ops_vrf(pn, dev, there);
	mutex_unlock(&pn->cfg_lock);
}

/* At the module's end it may go before those that are in it. */
static void pp_link_vrf_gone(struct pp_net *pn, struct net_device *dev)
{
	const struct pp_vrf *vrf = pp_vrf_find_rcu(pn, dev->ifindex);
	struct pp_dev *pd;

	/* told again while somebody holds it, when the index is another's */
	if (!vrf || vrf->dev != dev)
		return;
	list_for_each_entry(pd, &pn->devs, list)
		if (pd->l3mdev == dev->ifindex)
			pp_link_vrf_move(pd, 0);
	pp_link_vrf_tell(pn, dev, false);
	pp_vrf_del(pn, dev->ifindex);
	/* routes by devices of others were found in it */
	pp_net_gen_bump(pn);
}

/**
 * pp_link_vrf_event() - what has happened to a netdevice, as far as VRFs go
 * @pn: netns state
 * @dev: the netdevice
 * @pd: the attached device that it is, or NULL
 * @event: NETDEV_*
 *
 * Context: process, RTNL held.
 * Return: 0, or -ENOMEM: there must be no such VRF.
 */
int pp_link_vrf_event(struct pp_net *pn, struct net_device *dev,
		      struct pp_dev *pd, unsigned long event)
{
	int err;

	/* UP, for another may have refused a change that we were told of */
	if (pd && (event == NETDEV_CHANGEUPPER || event == NETDEV_UP))
		pp_link_vrf_move(pd, pp_link_vrf_master(dev));
	if (!netif_is_l3_master(dev))
		return 0;
	switch (event) {
	case NETDEV_REGISTER:
		err = pp_vrf_add(pn, dev);
		if (err)
			return err;
		fallthrough;
	case NETDEV_CHANGENAME:
		pp_link_vrf_tell(pn, dev, true);
		break;
	case NETDEV_UNREGISTER:
		pp_link_vrf_gone(pn, dev);
		break;
	}
	return 0;
}
