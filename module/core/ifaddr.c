// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 addresses of attached devices, and the peace with the kernel's own: an
 * address belongs to one of the two stacks of a netns, never to both.
 *
 * Path: none; addresses are changed by ctl, looked up by neigh and ip
 * Mirrors: net/ipv4/devinet.c
 * Locks: RTNL, then cfg_lock for changes; lookups RCU
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/route.h>
#include "core/claim.h"
#include "core/ifaddr.h"
#include "core/ops.h"

/* What neither an address nor the other end of a link can be. */
static const char *pp_ifaddr_no_host(const struct pp_dev *pd, __be32 addr)
{
	/* The kernel takes all of it but 0.0.0.0; RFC 1122 §3.2.1.3 does not. */
	if (!(addr & htonl(0xff000000)))
		return "Address in 0.0.0.0/8";
	if (ipv4_is_multicast(addr))
		return "Address is a multicast group";
	if (ipv4_is_lbcast(addr))
		return "Address is the limited broadcast";
	/* RFC 6890: what comes from there is dropped by us and by many */
	if ((ntohl(addr) & 0xf0000000) == 0xf0000000)
		return "Address in 240.0.0.0/4, reserved";
	if (ipv4_is_loopback(addr) && !(pd->flags & PKTPATH_DEVF_LOOP))
		return "Loopback address on another device";
	return NULL;
}

static int pp_ifaddr_check_form(const struct pp_dev *pd, __be32 addr,
				__be32 peer, u8 plen,
				struct netlink_ext_ack *extack)
{
	const char *bad;

	if (plen > 32)
		bad = "Prefix length is above 32";
	else if (peer != addr && pd->flags & PKTPATH_DEVF_LOOP)
		bad = "Peer on the loopback device";
	else
		bad = pp_ifaddr_no_host(pd, addr) ?:
		      pp_ifaddr_no_host(pd, peer);
	if (!bad && plen < 31 &&
	    (addr == (peer | ~inet_make_mask(plen)) ||
	     peer == (peer | ~inet_make_mask(plen))))
		bad = "Address is the broadcast address of its prefix";
	if (!bad)
		return 0;
	if (extack)
		extack->_msg = bad;
	return -EINVAL;
}

/* Does the kernel's stack have @addr, on a device that is up or down? */
static bool pp_ifaddr_kernel_has(struct net *net, __be32 addr)
{
	unsigned int type;
	bool has;

	rcu_read_lock();
	has = __ip_dev_find(net, addr, false);
	rcu_read_unlock();
	if (has)
		return true;
	type = inet_addr_type(net, addr);
	return type == RTN_LOCAL || type == RTN_BROADCAST;
}

static struct pp_ifaddr *pp_ifaddr_find_on(struct pp_dev *pd, __be32 addr,
					   __be32 peer, u8 plen)
{
	struct pp_ifaddr *ifa;

	hlist_for_each_entry(ifa, &pd->addrs, node)
		if (ifa->addr == addr && ifa->plen == plen &&
		    !((ifa->peer ^ peer) & ifa->mask))
			return ifa;
	return NULL;
}

/* The order of addition is kept: the first address is the default source. */
static void pp_ifaddr_link(struct pp_dev *pd, struct pp_ifaddr *ifa)
{
	struct pp_ifaddr *last = NULL, *i;

	hlist_for_each_entry(i, &pd->addrs, node)
		last = i;
	if (last)
		hlist_add_behind_rcu(&ifa->node, &last->node);
	else
		hlist_add_head_rcu(&ifa->node, &pd->addrs);
	WRITE_ONCE(pd->naddrs, pd->naddrs + 1);
}

static int pp_ifaddr_claim(struct pp_ifaddr *ifa)
{
	struct pp_net *pn = ifa->pd->pn;
	struct pp_claim *c;
	int err;

	err = pp_claim_add(pn, ifa->addr, PKTPATH_CLAIM_OWN);
	if (err)
		return err;
	if (ifa->bcast) {
		err = pp_claim_add(pn, ifa->bcast, PKTPATH_CLAIM_BCAST);
		if (err) {
			pp_claim_del(pn, ifa->addr, PKTPATH_CLAIM_OWN);
			return err;
		}
	}
	c = pp_claim_find(pn, ifa->addr);
	hlist_add_head_rcu(&ifa->addr_node, &c->ifaddrs);
	return 0;
}

static void pp_ifaddr_unclaim(struct pp_ifaddr *ifa)
{
	struct pp_net *pn = ifa->pd->pn;

	hlist_del_rcu(&ifa->addr_node);
	if (ifa->bcast)
		pp_claim_del(pn, ifa->bcast, PKTPATH_CLAIM_BCAST);
	pp_claim_del(pn, ifa->addr, PKTPATH_CLAIM_OWN);
}

static void pp_ifaddr_unlink(struct pp_ifaddr *ifa)
{
	struct pp_dev *pd = ifa->pd;

	pp_ifaddr_unclaim(ifa);
	hlist_del_rcu(&ifa->node);
	WRITE_ONCE(pd->naddrs, pd->naddrs - 1);
}

/*
 * An address holds no reference to its device: detach removes it a grace
 * period before it gives the device up.
 */
static void pp_ifaddr_remove(struct pp_ifaddr *ifa)
{
	struct pp_net *pn = ifa->pd->pn;

	pp_ifaddr_unlink(ifa);
	pp_addr_ops_removed(ifa);
	pp_net_gen_bump(pn);
	kfree_rcu(ifa, rcu);
}

/**
 * pp_ifaddr_add() - gives an attached device an address
 * @pd: the device
 * @addr: the address
 * @peer: the other end of the link, else @addr
 * @plen: prefix length of @peer, 0..32
 * @extack: for the refusal
 *
 * Mirrors: net/ipv4/devinet.c:__inet_insert_ifa (v7.2)
 *
 * Context: process, RTNL and cfg_lock held, may sleep.
 * Return: 0; -EINVAL for the form, -EEXIST when the device has it,
 * -EADDRINUSE when the kernel's stack has it, -ENODEV when the device goes,
 * -ENOMEM, or what a layer said.
 */
int pp_ifaddr_add(struct pp_dev *pd, __be32 addr, __be32 peer, u8 plen,
		  struct netlink_ext_ack *extack)
{
	struct pp_net *pn = pd->pn;
	struct pp_ifaddr *ifa;
	int err;

	ASSERT_RTNL();
	lockdep_assert_held(&pn->cfg_lock);
	err = pp_ifaddr_check_form(pd, addr, peer, plen, extack);
	if (err)
		return err;
	if (pd->dead) {
		NL_SET_ERR_MSG(extack, "Device is being detached");
		return -ENODEV;
	}
	if (pp_ifaddr_find_on(pd, addr, peer, plen)) {
		NL_SET_ERR_MSG(extack, "Address already on this device");
		return -EEXIST;
	}
	if (pp_ifaddr_kernel_has(pn->net, addr)) {
		NL_SET_ERR_MSG(extack,
			       "Address belongs to the kernel's IPv4 stack");
		return -EADDRINUSE;
	}
	ifa = kzalloc(sizeof(*ifa), GFP_KERNEL_ACCOUNT);
	if (!ifa)
		goto nomem;
	ifa->pd = pd;
	ifa->addr = addr;
	ifa->peer = peer;
	ifa->plen = plen;
	ifa->mask = inet_make_mask(plen);
	ifa->bcast = plen < 31 ? peer | ~ifa->mask : 0;
	if (pp_ifaddr_claim(ifa)) {
		kfree(ifa);
		goto nomem;
	}
	pp_ifaddr_link(pd, ifa);
	err = pp_addr_ops_added(ifa, extack);
	if (err) {
		pp_ifaddr_unlink(ifa);
		kfree_rcu(ifa, rcu);
	}
	pp_net_gen_bump(pn);
	return err;
nomem:
	NL_SET_ERR_MSG(extack, "Out of memory");
	return -ENOMEM;
}

/**
 * pp_ifaddr_del() - takes an address from a device
 * @pd: the device
 * @addr: the address
 * @peer: the other end of the link, or an address of its prefix; else @addr
 * @plen: its prefix length
 * @extack: for the refusal
 *
 * Context: process, RTNL and cfg_lock held.
 * Return: 0, or -EADDRNOTAVAIL when the device has no such address.
 */
int pp_ifaddr_del(struct pp_dev *pd, __be32 addr, __be32 peer, u8 plen,
		  struct netlink_ext_ack *extack)
{
	struct pp_ifaddr *ifa;

	ASSERT_RTNL();
	lockdep_assert_held(&pd->pn->cfg_lock);
	ifa = pp_ifaddr_find_on(pd, addr, peer, plen);
	if (!ifa) {
		NL_SET_ERR_MSG(extack, "No such address on this device");
		return -EADDRNOTAVAIL;
	}
	pp_ifaddr_remove(ifa);
	return 0;
}

/**
 * pp_ifaddr_flush() - takes all addresses from a device
 * @pd: the device
 *
 * Context: process, RTNL and cfg_lock held, may sleep.
 */
void pp_ifaddr_flush(struct pp_dev *pd)
{
	struct pp_ifaddr *ifa;
	struct hlist_node *n;

	ASSERT_RTNL();
	hlist_for_each_entry_safe(ifa, n, &pd->addrs, node) {
		pp_ifaddr_remove(ifa);
		cond_resched();
	}
}

/**
 * pp_ifaddr_find_rcu() - looks an own address up in a netns
 * @pn: netns state
 * @addr: the address
 *
 * Context: RCU read side.
 * Return: the newest of its kind, not held, or NULL.
 */
struct pp_ifaddr *pp_ifaddr_find_rcu(const struct pp_net *pn, __be32 addr)
{
	struct pp_claim *c = pp_claim_find(pn, addr);

	if (!c)
		return NULL;
	return hlist_entry_safe(rcu_dereference(hlist_first_rcu(&c->ifaddrs)),
				struct pp_ifaddr, addr_node);
}

/**
 * pp_ifaddr_find_vrf_rcu() - looks an own address up in a VRF
 * @pn: netns state
 * @addr: the address
 * @l3mdev: index of the VRF device, 0: outside of all VRFs
 *
 * Context: RCU read side.
 * Return: the newest of its kind, not held, or NULL.
 */
struct pp_ifaddr *pp_ifaddr_find_vrf_rcu(const struct pp_net *pn, __be32 addr,
					 int l3mdev)
{
	struct pp_ifaddr *ifa = pp_ifaddr_find_rcu(pn, addr);

	hlist_for_each_entry_from_rcu(ifa, addr_node)
		if (READ_ONCE(ifa->pd->l3mdev) == l3mdev)
			return ifa;
	return NULL;
}

/**
 * pp_ifaddr_find_dev_rcu() - looks an own address up, best on one device
 * @pd: the device
 * @addr: the address, which other devices of the netns may have too
 *
 * Context: RCU read side.
 * Return: that of @pd, else the newest of another device of its VRF, not held,
 * or NULL.
 */
struct pp_ifaddr *pp_ifaddr_find_dev_rcu(const struct pp_dev *pd, __be32 addr)
{
	int l3mdev = READ_ONCE(pd->l3mdev);
	struct pp_ifaddr *first, *ifa;

	first = pp_ifaddr_find_vrf_rcu(pd->pn, addr, l3mdev);
	ifa = first;
	hlist_for_each_entry_from_rcu(ifa, addr_node)
		if (ifa->pd == pd)
			return ifa;
	return first;
}

/**
 * pp_ifaddr_select_rcu() - the source address to use on a device
 * @pd: the device
 * @dst: whom to talk to, or 0
 *
 * Mirrors: net/ipv4/devinet.c:inet_select_addr (v7.2)
 *
 * Context: RCU read side.
 * Return: the address in @dst's subnet, else the first, else 0.
 */
__be32 pp_ifaddr_select_rcu(const struct pp_dev *pd, __be32 dst)
{
	const struct pp_ifaddr *ifa;
	__be32 first = 0;

	hlist_for_each_entry_rcu(ifa, &pd->addrs, node) {
		if (dst && !((ifa->peer ^ dst) & ifa->mask))
			return ifa->addr;
		if (!first)
			first = ifa->addr;
	}
	return first;
}

/**
 * pp_ifaddr_select_any_rcu() - a source address of any device
 * @pn: netns state
 * @l3mdev: VRF in which it is to be, 0: outside of all
 *
 * For a device without an address. One of 127/8 will not do on a link.
 * Mirrors: net/ipv4/devinet.c:inet_select_addr (v7.2)
 *
 * Context: RCU read side.
 * Return: the address, or 0.
 */
__be32 pp_ifaddr_select_any_rcu(const struct pp_net *pn, int l3mdev)
{
	const struct pp_ifaddr *ifa;
	const struct pp_dev *pd;

	list_for_each_entry_rcu(pd, &pn->devs, list) {
		if (READ_ONCE(pd->l3mdev) != l3mdev)
			continue;
		hlist_for_each_entry_rcu(ifa, &pd->addrs, node)
			if (!ipv4_is_loopback(ifa->addr))
				return ifa->addr;
	}
	return 0;
}

/**
 * pp_ifaddr_same_subnet_rcu() - are two hosts in one subnet of a device?
 * @pd: the device
 * @a: address of one
 * @b: address of the other
 *
 * Mirrors: net/ipv4/devinet.c:inet_addr_onlink (v7.2)
 *
 * Context: RCU read side.
 * Return: whether.
 */
bool pp_ifaddr_same_subnet_rcu(const struct pp_dev *pd, __be32 a, __be32 b)
{
	const struct pp_ifaddr *ifa;

	hlist_for_each_entry_rcu(ifa, &pd->addrs, node)
		if (!((ifa->peer ^ a) & ifa->mask) &&
		    !((ifa->peer ^ b) & ifa->mask))
			return true;
	return false;
}

static bool pp_ifaddr_is_own(struct net *net, __be32 addr)
{
	bool own;

	rcu_read_lock();
	own = pp_ifaddr_find_rcu(pp_net(net), addr);
	rcu_read_unlock();
	return own;
}

/* The kernel asks before it takes an address. */
static int pp_ifaddr_validate(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	const struct in_validator_info *ivi = ptr;

	if (event != NETDEV_UP ||
	    !pp_ifaddr_is_own(dev_net(ivi->ivi_dev->dev), ivi->ivi_addr))
		return NOTIFY_DONE;
	NL_SET_ERR_MSG(ivi->extack, "Address belongs to pktpath");
	return notifier_from_errno(-EADDRINUSE);
}

/*
 * The validator sees the peer's address of a point-to-point one; the local one
 * is seen only here, when it is too late to refuse.
 */
static int pp_ifaddr_inetaddr(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	const struct net_device *dev = ifa->ifa_dev->dev;

	if (event == NETDEV_UP && pp_ifaddr_is_own(dev_net(dev),
						   ifa->ifa_local))
		net_warn_ratelimited("pktpath: %s: the kernel has taken %pI4, which is pktpath's\n",
				     dev->name, &ifa->ifa_local);
	/* what is for the kernel is not forwarded */
	pp_net_gen_bump(pp_net(dev_net(dev)));
	return NOTIFY_DONE;
}

static struct notifier_block pp_ifaddr_validator_nb = {
	.notifier_call = pp_ifaddr_validate,
};

static struct notifier_block pp_ifaddr_inetaddr_nb = {
	.notifier_call = pp_ifaddr_inetaddr,
};

/**
 * pp_ifaddr_init() - starts watching the kernel's addresses
 *
 * Context: process, may sleep.
 * Return: 0 or an errno.
 */
int pp_ifaddr_init(void)
{
	int err;

	err = register_inetaddr_validator_notifier(&pp_ifaddr_validator_nb);
	if (err)
		return err;
	err = register_inetaddr_notifier(&pp_ifaddr_inetaddr_nb);
	if (err)
		unregister_inetaddr_validator_notifier(&pp_ifaddr_validator_nb);
	return err;
}

/**
 * pp_ifaddr_exit() - stops watching the kernel's addresses
 *
 * Context: process, may sleep.
 */
void pp_ifaddr_exit(void)
{
	unregister_inetaddr_notifier(&pp_ifaddr_inetaddr_nb);
	unregister_inetaddr_validator_notifier(&pp_ifaddr_validator_nb);
}
