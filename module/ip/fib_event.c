// SPDX-License-Identifier: GPL-2.0
/*
 * Routes that come and go with addresses and devices.
 *
 * Of a device in a VRF all of them are in the table of that one. A device that
 * changes its VRF loses what the administrator has routed by it, as it does in
 * net/ipv4, where it goes down for a moment.
 *
 * An address brings a local route (table 255), that of its subnet broadcast,
 * and the connected prefix, its own or the peer's (table 254, scope link, with
 * the address as source). lo brings 127.0.0.0/8. A device that goes down keeps its routes,
 * which are dead until it is up again, but nothing of what routers have told by
 * it, nor does one that has lost its last address; one that is detached loses
 * its routes, and every dst on it is dead when the event returns.
 *
 * Path: core/ops.c -> here -> ip/fib.c
 * Mirrors: net/ipv4/fib_frontend.c (fib_add_ifaddr, fib_del_ifaddr,
 *	    fib_netdev_event), fib_semantics.c (fib_sync_down_dev)
 * Locks: RTNL and cfg_lock, held by the caller
 */
#include <linux/slab.h>
#include "ip/fib.h"

static void pp_fib_cfg_kernel(struct pp_route_cfg *cfg, __be32 dst, u8 plen,
			      u8 type, __be32 prefsrc)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->table = type == RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL;
	cfg->dst = dst;
	cfg->plen = plen;
	cfg->type = type;
	cfg->scope = type == RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK;
	cfg->protocol = RTPROT_KERNEL;
	cfg->prefsrc = prefsrc;
}

/* The routes of an address. Returns how many, at most 3. */
static int pp_fib_addr_routes(const struct pp_ifaddr *ifa,
			      struct pp_route_cfg cfg[3])
{
	u32 table = pp_vrf_table_rcu(ifa->pd->pn, ifa->pd->l3mdev);
	int n = 0, i;

	pp_fib_cfg_kernel(&cfg[n++], ifa->addr, 32, RTN_LOCAL, ifa->addr);
	if (ifa->bcast)
		pp_fib_cfg_kernel(&cfg[n++], ifa->bcast, 32, RTN_BROADCAST,
				  ifa->addr);
	if (ifa->plen < 32 || ifa->peer != ifa->addr)
		pp_fib_cfg_kernel(&cfg[n++], ifa->peer & ifa->mask, ifa->plen,
				  RTN_UNICAST, ifa->addr);
	for (i = 0; table && i < n; i++)
		cfg[i].table = table;
	return n;
}

static void pp_fib_addr_tell(const struct pp_dev *pd,
			     struct pp_route_cfg *cfg, bool add)
{
	const struct pp_notify_ops *ops;

	cfg->oif = pd->ifindex;
	rcu_read_lock();
	ops = rcu_dereference(pp_notify_ops);
	if (ops && ops->route)
		ops->route(pd->pn, cfg, add);
	rcu_read_unlock();
}

/*
 * Whether another address of the device wants the same route: one that is
 * equal but for its length has the same local route, perhaps the same
 * broadcast one.
 */
static bool pp_fib_addr_shared(const struct pp_ifaddr *ifa,
			       const struct pp_route_cfg *cfg)
{
	const struct pp_ifaddr *other;
	struct pp_route_cfg theirs[3];
	bool shared = false;
	int n;

	rcu_read_lock();
	other = pp_ifaddr_find_rcu(ifa->pd->pn, ifa->addr);
	hlist_for_each_entry_from_rcu(other, addr_node) {
		if (other == ifa || other->pd != ifa->pd)
			continue;
		n = pp_fib_addr_routes(other, theirs);
		while (--n >= 0)
			shared |= theirs[n].dst == cfg->dst &&
				  theirs[n].plen == cfg->plen &&
				  theirs[n].type == cfg->type;
	}
	rcu_read_unlock();
	return shared;
}

static int pp_fib_addr_added(struct pp_ifaddr *ifa,
			     struct netlink_ext_ack *extack)
{
	struct pp_net *pn = ifa->pd->pn;
	struct pp_route_cfg cfg[3];
	int n = pp_fib_addr_routes(ifa, cfg), i, err;

	for (i = 0; i < n; i++) {
		/* behind an equal one: the first address stays the source */
		err = pp_fib_put_route(pn, &cfg[i], ifa->pd,
				       NLM_F_CREATE | NLM_F_APPEND);
		if (err && err != -EEXIST)
			goto undo;
		if (!err)
			pp_fib_addr_tell(ifa->pd, &cfg[i], true);
	}
	return 0;
undo:
	NL_SET_ERR_MSG(extack, "Out of memory for routes");
	while (--i >= 0)
		if (!pp_fib_addr_shared(ifa, &cfg[i]) &&
		    pp_fib_drop_route(pn, &cfg[i], ifa->pd))
			pp_fib_addr_tell(ifa->pd, &cfg[i], false);
	return err;
}

static bool pp_fib_doomed(const struct pp_fib_entry *fe, void *arg)
{
	return fe->nh->doomed;
}

/*
 * When the device leaves, its addresses may be many. pp_fib_dev_leaves(), which
 * comes before cfg_lock is given up, takes the routes of all in one walk.
 */
static void pp_fib_addr_removed(struct pp_ifaddr *ifa)
{
	struct pp_net *pn = ifa->pd->pn;
	bool leaves = ifa->pd->dead;
	struct pp_route_cfg cfg[3];
	__be32 addr = ifa->addr;
	int n = pp_fib_addr_routes(ifa, cfg);
	bool left;

	while (--n >= 0)
		if (!pp_fib_addr_shared(ifa, &cfg[n]) &&
		    (leaves || pp_fib_drop_route(pn, &cfg[n], ifa->pd)))
			pp_fib_addr_tell(ifa->pd, &cfg[n], false);
	rcu_read_lock();
	left = pp_ifaddr_find_vrf_rcu(pn, addr, ifa->pd->l3mdev);
	rcu_read_unlock();
	/* what was to send from an address that is gone goes with it */
	if (!left && pp_nh_doom_src(pn, addr, ifa->pd->l3mdev) && !leaves)
		pp_fib_remove_all_if(pn, pp_fib_doomed, NULL);
	if (!leaves && !ifa->pd->naddrs)
		pp_nh_exc_forget(ifa->pd, 0);
	pp_fib_changed(pn);
}

static const struct {
	u8 type;
	bool input;
} pp_fib_dev_kinds[PKTPATH_FIB_DEV_NHS] = {
	[PKTPATH_FIB_IN_LOCAL] = { RTN_LOCAL, true },
	[PKTPATH_FIB_IN_BCAST] = { RTN_BROADCAST, true },
	[PKTPATH_FIB_IN_MCAST] = { RTN_MULTICAST, true },
	[PKTPATH_FIB_OUT_ONLINK] = { RTN_UNICAST, false },
	[PKTPATH_FIB_OUT_BCAST] = { RTN_BROADCAST, false },
	[PKTPATH_FIB_OUT_MCAST] = { RTN_MULTICAST, false },
};

static void pp_fib_dev_add(struct pp_dev *pd)
{
	struct pp_nh_key key = { .pd = pd };
	struct pp_fib *fib = pd->pn->fib;
	struct pp_fib_dev *fd;
	unsigned int i;

	fd = kzalloc(sizeof(*fd), GFP_KERNEL_ACCOUNT);
	if (!fd)
		goto fail;
	for (i = 0; i < PKTPATH_FIB_DEV_NHS; i++) {
		key.type = pp_fib_dev_kinds[i].type;
		key.input = pp_fib_dev_kinds[i].input;
		fd->nh[i] = pp_nh_get(pd->pn, &key);
		if (!fd->nh[i])
			goto fail;
	}
	pp_dev_hold(pd);
	fd->pd = pd;
	i = (unsigned int)pd->ifindex % PKTPATH_FIB_DEV_HASH;
	hlist_add_head_rcu(&fd->node, &fib->devs[i]);
	return;
fail:
	/* it would take nothing in */
	pd->nomem = true;
	for (i = 0; fd && i < PKTPATH_FIB_DEV_NHS; i++)
		if (fd->nh[i])
			pp_nh_unuse(fd->nh[i]);
	kfree(fd);
}

static void pp_fib_dev_del(struct pp_dev *pd)
{
	struct pp_fib_dev *fd = pp_fib_dev_rcu(pd->pn, pd);
	unsigned int i;

	if (!fd)
		return;
	hlist_del_rcu(&fd->node);
	for (i = 0; i < PKTPATH_FIB_DEV_NHS; i++)
		pp_nh_unuse(fd->nh[i]);
	pp_dev_put(pd);
	kfree_rcu(fd, rcu);
}

static void pp_fib_loop_add(struct pp_dev *pd)
{
	__be32 addr = htonl(INADDR_LOOPBACK);
	struct pp_route_cfg cfg[3];
	int i;

	pp_fib_cfg_kernel(&cfg[0], htonl(0x7f000000), 8, RTN_LOCAL, addr);
	pp_fib_cfg_kernel(&cfg[1], addr, 32, RTN_LOCAL, addr);
	pp_fib_cfg_kernel(&cfg[2], htonl(0x7fffffff), 32, RTN_BROADCAST, addr);
	for (i = 0; i < ARRAY_SIZE(cfg); i++)
		if (pp_fib_put_route(pd->pn, &cfg[i], pd, NLM_F_CREATE))
			pd->nomem = true;
}

static bool pp_fib_leaves(const struct pp_fib_entry *fe, void *arg)
{
	return fe->nh->key.pd == arg || fe->nh->doomed;
}

/* Nothing routes by the device any more, nor will by what is on its way. */
static void pp_fib_dev_drop(struct pp_dev *pd)
{
	struct pp_fib *fib = pd->pn->fib;
	struct pp_nh *nh;
	bool any = false;

	/* first, so that what is found is of routes */
	pp_fib_dev_del(pd);
	list_for_each_entry(nh, &fib->nhs, list) {
		any |= nh->key.pd == pd || nh->doomed;
		if (nh->key.pd == pd)
			pp_nh_kill(nh);
		cond_resched();
	}
	if (any)
		pp_fib_remove_all_if(pd->pn, pp_fib_leaves, pd);
	pp_fib_changed(pd->pn);
}

static void pp_fib_dev_leaves(struct pp_dev *pd)
{
	pp_fib_dev_drop(pd);
	/*
	 * Of own addresses elsewhere, when this is lo; and of old generations.
	 * One of the new generation is not made: @pd was dead before that.
	 */
	pp_dst_dev_gone(pd);
}

/* Whether another device in the same VRF has the address. */
static bool pp_fib_addr_elsewhere(const struct pp_ifaddr *ifa)
{
	const struct pp_ifaddr *other;
	bool there = false;

	rcu_read_lock();
	other = pp_ifaddr_find_rcu(ifa->pd->pn, ifa->addr);
	hlist_for_each_entry_from_rcu(other, addr_node)
		there |= other->pd != ifa->pd &&
			 other->pd->l3mdev == ifa->pd->l3mdev;
	rcu_read_unlock();
	return there;
}

/*
 * The next hops go with the routes, and new ones are of the new VRF: whoever
 * has found one of the old VRF's sends or delivers there.
 */
static void pp_fib_vrf_leaves(struct pp_dev *pd)
{
	struct pp_route_cfg cfg[3];
	struct pp_ifaddr *ifa;
	int n;

	hlist_for_each_entry(ifa, &pd->addrs, node) {
		n = pp_fib_addr_routes(ifa, cfg);
		while (--n >= 0)
			if (pp_fib_drop_route(pd->pn, &cfg[n], pd))
				pp_fib_addr_tell(pd, &cfg[n], false);
		if (!pp_fib_addr_elsewhere(ifa))
			pp_nh_doom_src(pd->pn, ifa->addr, pd->l3mdev);
	}
	pp_fib_dev_drop(pd);
}

static void pp_fib_vrf_joined(struct pp_dev *pd)
{
	struct pp_ifaddr *ifa;

	pp_fib_dev_add(pd);
	if (pd->nomem)
		netdev_warn(pd->dev,
			    "pktpath: out of memory, takes nothing in until attached again\n");
	pd->nomem = false;
	hlist_for_each_entry(ifa, &pd->addrs, node)
		if (pp_fib_addr_added(ifa, NULL))
			netdev_warn(pd->dev,
				    "pktpath: out of memory for routes\n");
	pp_fib_changed(pd->pn);
}

/* Says what is ours, by a device that is not in a VRF of its table. */
static bool pp_fib_out_of_vrf(const struct pp_fib_entry *fe, void *arg)
{
	const struct pp_fib_table *tb = arg;
	const struct pp_nh *nh = fe->nh;

	return fe->type == RTN_LOCAL &&
	       pp_vrf_table_rcu(nh->pn, nh->l3mdev) != tb->id;
}

/*
 * A VRF has come, or has another name. Its table may be older: what is ours
 * there outside of the VRF would be for sockets that it is not to reach, which
 * pp_fib_check_vrf() refuses from now on.
 */
static void pp_fib_vrf_event(struct pp_net *pn, const struct net_device *dev,
			     bool there)
{
	struct pp_fib_table *tb;

	pp_fib_rules_dev(pn, dev, there);
	if (!there)
		return;
	tb = pp_fib_table_find(pn, pp_vrf_table_rcu(pn, dev->ifindex));
	if (!tb || !tb->count)
		return;
	pp_fib_remove_if(pn, tb, pp_fib_out_of_vrf, tb);
	pp_fib_changed(pn);
}

static void pp_fib_dev_state(struct pp_dev *pd)
{
	struct pp_nh *nh;
	bool any = false;

	list_for_each_entry(nh, &pd->pn->fib->nhs, list)
		if (nh->key.pd == pd)
			any |= pp_nh_update_flags(nh);
	if (any)
		pp_fib_changed(pd->pn);
}

static void pp_fib_dev_event(struct pp_dev *pd, enum pp_dev_event event)
{
	switch (event) {
	case PKTPATH_DEV_ATTACHED:
		pp_fib_dev_add(pd);
		pp_fib_rules_dev(pd->pn, pd->dev, true);
		if (pd->flags & PKTPATH_DEVF_LOOP)
			pp_fib_loop_add(pd);
		break;
	case PKTPATH_DEV_DETACHING:
		pp_fib_rules_dev(pd->pn, pd->dev, false);
		pp_fib_dev_leaves(pd);
		break;
	case PKTPATH_DEV_DOWN:
		pp_nh_exc_forget(pd, 0);
		pp_fib_dev_state(pd);
		break;
	case PKTPATH_DEV_UP:
	case PKTPATH_DEV_CARRIER:
		pp_fib_dev_state(pd);
		break;
	case PKTPATH_DEV_MTU:
		pp_nh_exc_forget(pd, READ_ONCE(pd->dev->mtu));
		break;
	case PKTPATH_DEV_ADDR:
	case PKTPATH_DEV_ARP:
	case PKTPATH_DEV_RESEND:
	case PKTPATH_DEV_PEERS:
		break;
	case PKTPATH_DEV_NAME:
		pp_fib_rules_dev(pd->pn, pd->dev, true);
		break;
	case PKTPATH_DEV_VRF_LEAVES:
		pp_fib_vrf_leaves(pd);
		break;
	case PKTPATH_DEV_VRF_JOINED:
		pp_fib_vrf_joined(pd);
		break;
	}
}

static struct pp_addr_ops pp_fib_addr_ops = {
	.added = pp_fib_addr_added,
	.removed = pp_fib_addr_removed,
	.dev_event = pp_fib_dev_event,
	.vrf_event = pp_fib_vrf_event,
};

/**
 * pp_fib_event_init() - asks to be told of addresses and devices
 *
 * Context: process, before any netns has its state.
 */
void pp_fib_event_init(void)
{
	pp_addr_ops_register(&pp_fib_addr_ops);
}

/**
 * pp_fib_event_exit() - undoes pp_fib_event_init()
 *
 * Context: process, when no device is attached any more.
 */
void pp_fib_event_exit(void)
{
	pp_addr_ops_unregister(&pp_fib_addr_ops);
}
