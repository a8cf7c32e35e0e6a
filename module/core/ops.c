// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of upward calls, and the chain of address and device events.
 *
 * Path: none; every stage that calls upward looks its callee up here
 * Mirrors: net/ipv4/protocol.c
 * Locks: pp_ops_lock for writers of the tables; readers RCU. The chain of
 *	  pp_addr_ops changes only at module init and exit and is walked under
 *	  RTNL.
 */
#include <linux/rtnetlink.h>
#include "core/ifaddr.h"
#include "core/ops.h"

pp_link_rcv_fn __rcu *pp_link_ip_rcv __read_mostly;
pp_link_rcv_fn __rcu *pp_link_arp_rcv __read_mostly;
pp_link_wants_fn __rcu *pp_link_ip_wants __read_mostly;
const struct pp_neigh_ops __rcu *pp_neigh_ops __read_mostly;
const struct pp_notify_ops __rcu *pp_notify_ops __read_mostly;
const struct pp_net_protocol __rcu *pp_protocols[256] __read_mostly;

static DEFINE_MUTEX(pp_ops_lock);
static LIST_HEAD(pp_addr_ops_list);

/**
 * pp_link_set_ip_rcv() - sets who gets received IPv4 packets
 * @fn: the receiver, or NULL
 *
 * Context: process, may sleep.
 */
void pp_link_set_ip_rcv(pp_link_rcv_fn *fn)
{
	rcu_assign_pointer(pp_link_ip_rcv, fn);
	if (!fn)
		synchronize_net();
}

/**
 * pp_link_set_arp_rcv() - sets who gets received ARP frames
 * @fn: the receiver, or NULL
 *
 * Context: process, may sleep.
 */
void pp_link_set_arp_rcv(pp_link_rcv_fn *fn)
{
	rcu_assign_pointer(pp_link_arp_rcv, fn);
	if (!fn)
		synchronize_net();
}

/**
 * pp_link_set_ip_wants() - sets who knows what is to be forwarded
 * @fn: whom to ask, or NULL
 *
 * Context: process, may sleep.
 */
void pp_link_set_ip_wants(pp_link_wants_fn *fn)
{
	rcu_assign_pointer(pp_link_ip_wants, fn);
	if (!fn)
		synchronize_net();
}

/**
 * pp_neigh_ops_set() - sets whom neigh tells of failed resolutions
 * @ops: the table, static, or NULL
 *
 * Context: process, may sleep.
 */
void pp_neigh_ops_set(const struct pp_neigh_ops *ops)
{
	rcu_assign_pointer(pp_neigh_ops, ops);
	if (!ops)
		synchronize_net();
}

/**
 * pp_notify_ops_set() - sets who turns changes into netlink notifications
 * @ops: the table, static, or NULL
 *
 * Context: process, may sleep.
 */
void pp_notify_ops_set(const struct pp_notify_ops *ops)
{
	rcu_assign_pointer(pp_notify_ops, ops);
	if (!ops)
		synchronize_net();
}

/**
 * pp_protocol_add() - registers a transport
 * @prot: its calls, static
 * @protocol: number in the IP header
 *
 * Mirrors: net/ipv4/protocol.c:inet_add_protocol (v7.2)
 *
 * Context: process.
 * Return: 0, or -EBUSY when the number is taken.
 */
int pp_protocol_add(const struct pp_net_protocol *prot, u8 protocol)
{
	int err = -EBUSY;

	mutex_lock(&pp_ops_lock);
	if (!rcu_access_pointer(pp_protocols[protocol])) {
		rcu_assign_pointer(pp_protocols[protocol], prot);
		err = 0;
	}
	mutex_unlock(&pp_ops_lock);
	return err;
}

/**
 * pp_protocol_del() - unregisters a transport and waits for its calls
 * @prot: what was registered; nothing happens if another one is
 * @protocol: number in the IP header
 *
 * Mirrors: net/ipv4/protocol.c:inet_del_protocol (v7.2)
 *
 * Context: process, may sleep.
 */
void pp_protocol_del(const struct pp_net_protocol *prot, u8 protocol)
{
	mutex_lock(&pp_ops_lock);
	if (rcu_access_pointer(pp_protocols[protocol]) == prot)
		RCU_INIT_POINTER(pp_protocols[protocol], NULL);
	mutex_unlock(&pp_ops_lock);
	synchronize_net();
}

/**
 * pp_addr_ops_register() - appends to the chain of address events
 * @ops: the calls, static; lower layers register first
 *
 * Context: module init, before anything can be attached.
 */
void pp_addr_ops_register(struct pp_addr_ops *ops)
{
	mutex_lock(&pp_ops_lock);
	list_add_tail(&ops->list, &pp_addr_ops_list);
	mutex_unlock(&pp_ops_lock);
}

/**
 * pp_addr_ops_unregister() - removes from the chain of address events
 * @ops: what was registered
 *
 * Context: module exit, when nothing is attached any more.
 */
void pp_addr_ops_unregister(struct pp_addr_ops *ops)
{
	mutex_lock(&pp_ops_lock);
	list_del(&ops->list);
	mutex_unlock(&pp_ops_lock);
}

/**
 * pp_addr_ops_added() - tells every layer of a new address
 * @ifa: the address, published
 * @extack: for the refusal
 *
 * If one refuses, those that agreed are told of the removal, last first.
 *
 * Context: process, RTNL and cfg_lock held.
 * Return: 0 or the errno of the layer that refused.
 */
int pp_addr_ops_added(struct pp_ifaddr *ifa, struct netlink_ext_ack *extack)
{
	struct pp_addr_ops *ops;
	int err;

	ASSERT_RTNL();
	list_for_each_entry(ops, &pp_addr_ops_list, list) {
		if (!ops->added)
			continue;
		err = ops->added(ifa, extack);
		if (err)
			goto undo;
	}
	return 0;
undo:
	list_for_each_entry_continue_reverse(ops, &pp_addr_ops_list, list)
		if (ops->removed)
			ops->removed(ifa);
	return err;
}

/**
 * pp_addr_ops_removed() - tells every layer that an address goes, top first
 * @ifa: the address, unpublished, alive until the call returns
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_addr_ops_removed(struct pp_ifaddr *ifa)
{
	struct pp_addr_ops *ops;

	ASSERT_RTNL();
	list_for_each_entry_reverse(ops, &pp_addr_ops_list, list)
		if (ops->removed)
			ops->removed(ifa);
}

/**
 * pp_addr_ops_event() - tells every layer of a change of a device
 * @pd: the device
 * @event: what happened; the end of a device is told top first
 *
 * Cached routes are looked up again afterwards.
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_addr_ops_event(struct pp_dev *pd, enum pp_dev_event event)
{
	struct pp_addr_ops *ops;

	ASSERT_RTNL();
	lockdep_assert_held(&pd->pn->cfg_lock);
	if (event == PKTPATH_DEV_DETACHING) {
		list_for_each_entry_reverse(ops, &pp_addr_ops_list, list)
			if (ops->dev_event)
				ops->dev_event(pd, event);
	} else {
		list_for_each_entry(ops, &pp_addr_ops_list, list)
			if (ops->dev_event)
				ops->dev_event(pd, event);
	}
	pp_net_gen_bump(pd->pn);
}

/**
 * pp_addr_ops_vrf() - tells every layer of a VRF
 * @pn: netns state
 * @dev: the VRF device
 * @there: whether it has come, or been renamed; else it goes
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_addr_ops_vrf(struct pp_net *pn, const struct net_device *dev,
		     bool there)
{
	struct pp_addr_ops *ops;

	ASSERT_RTNL();
	lockdep_assert_held(&pn->cfg_lock);
	list_for_each_entry(ops, &pp_addr_ops_list, list)
		if (ops->vrf_event)
			ops->vrf_event(pn, dev, there);
}
