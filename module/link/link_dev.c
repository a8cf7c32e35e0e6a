// SPDX-License-Identifier: GPL-2.0
/*
 * Link layer: attaching devices, and what happens to them.
 *
 * A device is received from by an rx handler; where another has that place
 * (bridge port, bond slave), by a netfilter ingress hook behind all others.
 * lo is attached by itself in every netns and detached only with it, or while
 * its MTU is below 68.
 *
 * Detach, in order: mark dead; no frame comes in any more; addresses go, then
 * every layer drops what it has of the device; unpublish; a grace period; the
 * netdevice is given back. It runs in the unregister notifier too, which also
 * covers the move to another netns and the unload of the module.
 *
 * Path: none
 * Mirrors: net/ipv4/devinet.c (inetdev_event), drivers/net/macvlan.c
 * Locks: RTNL for all; cfg_lock inside it around changes
 */
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/rtnetlink.h>
#include <net/ip_fib.h>
#include "compat/compat.h"
#include "core/ifaddr.h"
#include "core/layer.h"
#include "core/ops.h"
#include "link/link_priv.h"

/* RFC 791: every host must be able to forward 68 bytes. */
#define PKTPATH_LINK_MTU_MIN 68

static bool pp_link_is_lo(const struct net_device *dev)
{
	return (dev->flags & IFF_LOOPBACK) && dev->type == ARPHRD_LOOPBACK;
}

static bool pp_link_no_arp(const struct net_device *dev)
{
	return dev->type != ARPHRD_ETHER || (dev->flags & IFF_NOARP);
}

static int pp_link_check(struct pp_net *pn, struct net_device *dev,
			 struct netlink_ext_ack *extack)
{
	if (!net_eq(dev_net(dev), pn->net)) {
		NL_SET_ERR_MSG(extack, "Device is in another netns");
		return -EINVAL;
	}
	if (READ_ONCE(pn->exiting) || dev->reg_state != NETREG_REGISTERED) {
		NL_SET_ERR_MSG(extack, "Device is going away");
		return -ENODEV;
	}
	if (pp_link_is_lo(dev)) {
		NL_SET_ERR_MSG(extack, "lo is always attached");
		return -EINVAL;
	}
	if (pp_dev_find_rcu(pn, dev->ifindex)) {
		NL_SET_ERR_MSG(extack, "Device is already attached");
		return -EEXIST;
	}
	switch (dev->type) {
	case ARPHRD_ETHER:
	case ARPHRD_NONE:
	case ARPHRD_PPP:
	case ARPHRD_RAWIP:
		break;
	default:
		NL_SET_ERR_MSG(extack,
			       "Device type is neither Ethernet nor plain IP");
		return -EOPNOTSUPP;
	}
	if (dev->priv_flags & IFF_NO_RX_HANDLER) {
		NL_SET_ERR_MSG(extack,
			       "Device allows no receive handler (VRF, ipvlan)");
		return -EOPNOTSUPP;
	}
	if (dev->mtu < PKTPATH_LINK_MTU_MIN) {
		NL_SET_ERR_MSG(extack, "MTU is below 68, too small for IPv4");
		return -EINVAL;
	}
	return 0;
}

/* RTNL held. */
static int pp_link_hook(struct pp_dev *pd)
{
	bool loop = pd->flags & PKTPATH_DEVF_LOOP;
	int err;

	if (pd->flags & PKTPATH_DEVF_RX)
		return netdev_rx_handler_register(pd->dev,
						  loop ? pp_link_rx_loop :
							 pp_link_rx_handler,
						  pd);
	pd->nf_ops.hook = pp_link_nf_ingress;
	pd->nf_ops.dev = pd->dev;
	pd->nf_ops.priv = pd;
	pd->nf_ops.pf = NFPROTO_NETDEV;
	pd->nf_ops.hooknum = NF_NETDEV_INGRESS;
	pd->nf_ops.priority = INT_MAX;
	err = nf_register_net_hook(pd->pn->net, &pd->nf_ops);
	return err == -EOPNOTSUPP ? -EBUSY : err;
}

/* RTNL held; on return no frame is on its way from the device to us. */
static void pp_link_unhook(struct pp_dev *pd)
{
	if (pd->flags & PKTPATH_DEVF_RX) {
		/* Waits for a grace period. */
		netdev_rx_handler_unregister(pd->dev);
		return;
	}
	nf_unregister_net_hook(pd->pn->net, &pd->nf_ops);
	synchronize_net();
}

/*
 * Throws away what waits in the device's queue, as its going down would: our
 * packets there hold sockets, and on lo our routes, for as long as a
 * discipline likes. RTNL held.
 */
static void pp_link_empty_queue(struct net_device *dev)
{
	if (netif_running(dev))
		pp_compat_dev_empty_queue(dev);
}

static void pp_link_detach_dev(struct pp_dev *pd, bool hooked)
{
	struct net_device *dev = pd->dev;
	struct pp_net *pn = pd->pn;

	ASSERT_RTNL();
	WRITE_ONCE(pd->dead, true);
	if (hooked)
		pp_link_unhook(pd);
	mutex_lock(&pn->cfg_lock);
	pp_ifaddr_flush(pd);
	pp_addr_ops_event(pd, PKTPATH_DEV_DETACHING);
	pp_dev_unpublish(pd);
	pp_net_gen_bump(pn);
	mutex_unlock(&pn->cfg_lock);
	synchronize_net();
	if (pd->flags & PKTPATH_DEVF_LOOP)
		pp_link_empty_queue(dev);
	pp_dev_retire(pd);
}

/* All checks have been made. */
static int pp_link_attach_dev(struct pp_net *pn, struct net_device *dev,
			      bool loop)
{
	struct pp_dev *pd = pp_dev_alloc(pn, dev);
	int err;

	if (!pd)
		return -ENOMEM;
	if (loop)
		pd->flags |= PKTPATH_DEVF_LOOP;
	if (pp_link_no_arp(dev))
		pd->flags |= PKTPATH_DEVF_NOARP;
	pd->l3mdev = pp_link_vrf_master(dev);
	if (netdev_is_rx_handler_busy(dev))
		pd->flags |= PKTPATH_DEVF_HOOK;
	else
		pd->flags |= PKTPATH_DEVF_RX;
	mutex_lock(&pn->cfg_lock);
	pp_dev_publish(pd);
	pp_addr_ops_event(pd, PKTPATH_DEV_ATTACHED);
	mutex_unlock(&pn->cfg_lock);
	err = pd->nomem ? -ENOMEM : pp_link_hook(pd);
	if (err)
		pp_link_detach_dev(pd, false);
	return err;
}

/**
 * pp_link_attach() - gives a device to pktpath
 * @pn: netns state of the device
 * @dev: the device
 * @extack: for the refusal
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0; -EINVAL (other netns, lo, MTU), -ENODEV (going away), -EEXIST,
 * -EOPNOTSUPP (type), -EBUSY (no way to receive), -ENOMEM.
 */
int pp_link_attach(struct pp_net *pn, struct net_device *dev,
		   struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	err = pp_link_check(pn, dev, extack);
	if (err)
		return err;
	/*
	 * Before its first address the kernel may have no table of what is its
	 * own, and says of any address that it were.
	 */
	if (!fib_new_table(pn->net, RT_TABLE_LOCAL)) {
		NL_SET_ERR_MSG(extack, "Out of memory");
		return -ENOMEM;
	}
	/* Merged frames of LRO cannot be told apart any more. */
	dev_disable_lro(dev);
	err = pp_link_attach_dev(pn, dev, false);
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "Out of memory");
	else if (err)
		NL_SET_ERR_MSG(extack,
			       "Neither rx handler nor ingress hook to be had");
	return err;
}

/**
 * pp_link_detach() - takes a device back from pktpath
 * @pn: netns state of the device
 * @dev: the device
 * @extack: for the refusal
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0; -ENODEV when it is not attached, -EINVAL for lo.
 */
int pp_link_detach(struct pp_net *pn, struct net_device *dev,
		   struct netlink_ext_ack *extack)
{
	struct pp_dev *pd;

	ASSERT_RTNL();
	pd = pp_dev_find_rcu(pn, dev->ifindex);
	if (!pd) {
		NL_SET_ERR_MSG(extack, "Device is not attached");
		return -ENODEV;
	}
	if (pd->flags & PKTPATH_DEVF_LOOP) {
		NL_SET_ERR_MSG(extack, "lo is always attached");
		return -EINVAL;
	}
	pp_link_detach_dev(pd, true);
	return 0;
}

/**
 * pp_link_detach_all() - takes all devices but lo back, to make an end
 * @pn: netns state
 *
 * Also empties their queues and that of lo.
 *
 * Context: process, RTNL held, may sleep.
 */
void pp_link_detach_all(struct pp_net *pn)
{
	struct net_device *dev;
	struct pp_dev *pd, *n;

	ASSERT_RTNL();
	list_for_each_entry_safe(pd, n, &pn->devs, list) {
		dev = pd->dev;
		if (!(pd->flags & PKTPATH_DEVF_LOOP))
			pp_link_detach_dev(pd, true);
		pp_link_empty_queue(dev);
	}
}

static void pp_link_attach_lo(struct pp_net *pn, struct net_device *dev)
{
	int err;

	if (!pp_link_is_lo(dev) || READ_ONCE(pn->exiting) ||
	    dev->mtu < PKTPATH_LINK_MTU_MIN ||
	    pp_dev_find_rcu(pn, dev->ifindex))
		return;
	err = pp_link_attach_dev(pn, dev, true);
	if (err)
		pr_warn("pktpath: %s not attached: %d; sockets of pktpath cannot reach each other\n",
			dev->name, err);
}

static void pp_link_tell(struct pp_dev *pd, enum pp_dev_event event)
{
	mutex_lock(&pd->pn->cfg_lock);
	pp_addr_ops_event(pd, event);
	mutex_unlock(&pd->pn->cfg_lock);
}

/*
 * ARP switched on or off is told as a change like any other, and not at all of
 * a device that is down. What has been resolved is worth nothing then.
 */
static void pp_link_arp_changed(struct pp_dev *pd)
{
	u32 flags = pd->flags & ~PKTPATH_DEVF_NOARP;

	if (pp_link_no_arp(pd->dev))
		flags |= PKTPATH_DEVF_NOARP;
	if (flags == pd->flags)
		return;
	WRITE_ONCE(pd->flags, flags);
	pp_link_tell(pd, PKTPATH_DEV_ARP);
}

static void pp_link_changed(struct pp_dev *pd, unsigned long event)
{
	switch (event) {
	case NETDEV_UP:
		pp_link_arp_changed(pd);
		pp_link_tell(pd, PKTPATH_DEV_UP);
		break;
	case NETDEV_DOWN:
		pp_link_tell(pd, PKTPATH_DEV_DOWN);
		break;
	case NETDEV_CHANGE:
		pp_link_arp_changed(pd);
		pp_link_tell(pd, PKTPATH_DEV_CARRIER);
		break;
	case NETDEV_CHANGEMTU:
		if (pd->dev->mtu < PKTPATH_LINK_MTU_MIN) {
			pr_info("pktpath: %s detached: MTU below 68\n",
				pd->dev->name);
			pp_link_detach_dev(pd, true);
		} else {
			pp_link_tell(pd, PKTPATH_DEV_MTU);
		}
		break;
	case NETDEV_CHANGEADDR:
		pp_link_tell(pd, PKTPATH_DEV_ADDR);
		break;
	case NETDEV_CHANGENAME:
		pp_link_tell(pd, PKTPATH_DEV_NAME);
		break;
	case NETDEV_RESEND_IGMP:
		pp_link_tell(pd, PKTPATH_DEV_RESEND);
		break;
	case NETDEV_NOTIFY_PEERS:
		pp_link_tell(pd, PKTPATH_DEV_PEERS);
		break;
	case NETDEV_PRE_TYPE_CHANGE:
	case NETDEV_UNREGISTER:
		pp_link_detach_dev(pd, true);
		break;
	}
}

/*
 * Registration replays what exists, unregistration takes it away again, so
 * this is also how lo of every netns comes and how everything goes at unload.
 */
static int pp_link_netdev_event(struct notifier_block *nb, unsigned long event,
				void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct pp_net *pn = pp_net(dev_net(dev));
	struct pp_dev *pd = pp_dev_find_rcu(pn, dev->ifindex);
	int err;

	if (pd && pd->dev != dev)
		pd = NULL;
	err = pp_link_vrf_event(pn, dev, pd, event);
	if (err)
		return notifier_from_errno(err);
	if (event == NETDEV_REGISTER) {
		pp_link_attach_lo(pn, dev);
		return NOTIFY_DONE;
	}
	if (pd)
		pp_link_changed(pd, event);
	else if (event == NETDEV_CHANGEMTU)
		pp_link_attach_lo(pn, dev);
	else if (event == NETDEV_UP)
		/* its addresses may be in another table of the kernel's */
		pp_net_gen_bump(pn);
	return NOTIFY_DONE;
}

static struct notifier_block pp_link_netdev_nb = {
	.notifier_call = pp_link_netdev_event,
};

static int pp_link_start(void)
{
	return register_netdevice_notifier(&pp_link_netdev_nb);
}

static void pp_link_stop(void)
{
	unregister_netdevice_notifier(&pp_link_netdev_nb);
}

const struct pp_layer pp_link_layer = {
	.name = "link",
	.start = pp_link_start,
	.stop = pp_link_stop,
};
