// SPDX-License-Identifier: GPL-2.0
/*
 * Groups that devices are members of.
 *
 * A group has the memberships of sockets on it and, merged from these, one
 * filter (RFC 3376 §3.2). When that changes, the difference is noted with how
 * often it has to be told; igmp.c tells it. A group without members stays
 * until that is done. Its address is claimed, so that the link hands its
 * frames up, and the hardware is asked for them.
 *
 * Path: mcast_sock.c -> here -> igmp.c; ip_input.c, route_in.c -> here
 * Mirrors: net/ipv4/igmp.c (ip_mc_inc_group, ip_mc_add_src, ip_mc_up)
 * Locks: RTNL and cfg_lock for changes; pp_mc_dev.lock; RCU
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "core/claim.h"
#include "ip/mcast.h"

struct workqueue_struct *pp_mc_wq;

/**
 * pp_mc_dev_cfg() - groups of a device, for who changes them
 * @pd: the device
 *
 * Context: process, cfg_lock held.
 * Return: NULL when there was no memory for it.
 */
struct pp_mc_dev *pp_mc_dev_cfg(const struct pp_dev *pd)
{
	return rcu_dereference_protected(pd->mc,
					 lockdep_is_held(&pd->pn->cfg_lock));
}

static struct pp_mc_filter *pp_mc_filter_cfg(const struct pp_mc_dev *mc,
					     struct pp_mc_filter __rcu *f)
{
	return rcu_dereference_protected(f,
				lockdep_is_held(&mc->pd->pn->cfg_lock));
}

/* ---- The merged filter ---- */

/* Where one that excludes nothing is, the others add nothing. */
static bool pp_mc_wants_all(const struct pp_mc_dev *mc,
			    const struct pp_mc_group *g)
{
	const struct pp_mc_filter *f;
	struct pp_mc_member *m;

	if (g->self)
		return true;
	hlist_for_each_entry(m, &g->members, group_node) {
		f = pp_mc_filter_cfg(mc, m->filter);
		if (f->mode == MCAST_EXCLUDE && !f->n)
			return true;
	}
	return false;
}

static void pp_mc_merge_exclude(const struct pp_mc_dev *mc,
				const struct pp_mc_group *g,
				struct pp_mc_filter *out)
{
	const struct pp_mc_filter *f;
	struct pp_mc_member *m;
	bool any = false;

	hlist_for_each_entry(m, &g->members, group_node) {
		f = pp_mc_filter_cfg(mc, m->filter);
		if (f->mode != MCAST_EXCLUDE)
			continue;
		if (any)
			out->n = pp_mcset_and(out->src, out->src, out->n,
					      f->src, f->n);
		else
			out->n = pp_mcset_or(out->src, f->src, f->n, NULL, 0);
		any = true;
	}
	hlist_for_each_entry(m, &g->members, group_node) {
		f = pp_mc_filter_cfg(mc, m->filter);
		if (f->mode == MCAST_INCLUDE)
			out->n = pp_mcset_minus(out->src, out->src, out->n,
						f->src, f->n);
	}
}

static void pp_mc_merge_include(const struct pp_mc_dev *mc,
				const struct pp_mc_group *g,
				struct pp_mc_filter *out)
{
	const struct pp_mc_filter *f;
	struct pp_mc_member *m;

	hlist_for_each_entry(m, &g->members, group_node) {
		f = pp_mc_filter_cfg(mc, m->filter);
		memcpy(out->src + out->n, f->src, f->n * sizeof(*f->src));
		out->n += f->n;
	}
	out->n = pp_mcset_sort(out->src, out->n);
}

/* RFC 3376 §3.2. NULL: nobody wants anything; ERR_PTR(-ENOMEM). */
static struct pp_mc_filter *pp_mc_merge(const struct pp_mc_dev *mc,
					const struct pp_mc_group *g)
{
	bool all = pp_mc_wants_all(mc, g), exclude = all;
	const struct pp_mc_filter *f;
	struct pp_mc_filter *out;
	struct pp_mc_member *m;
	size_t n = 0;

	if (!g->nmembers && !g->self)
		return NULL;
	hlist_for_each_entry(m, &g->members, group_node) {
		if (all)
			break;
		f = pp_mc_filter_cfg(mc, m->filter);
		exclude |= f->mode == MCAST_EXCLUDE;
		n += f->n;
	}
	out = kvmalloc(struct_size(out, src, n), GFP_KERNEL_ACCOUNT);
	if (!out)
		return ERR_PTR(-ENOMEM);
	out->mode = exclude ? MCAST_EXCLUDE : MCAST_INCLUDE;
	out->n = 0;
	if (all)
		return out;
	if (exclude)
		pp_mc_merge_exclude(mc, g, out);
	else
		pp_mc_merge_include(mc, g, out);
	return out;
}

/* ---- What is to be told ---- */

static u8 pp_mc_mode(const struct pp_mc_filter *f)
{
	return f ? f->mode : MCAST_INCLUDE;
}

/*
 * Notes the sources of @diff, with those of which a change has not been told
 * often enough. False: no memory.
 */
static bool pp_mc_note_sources(struct pp_mc_dev *mc, struct pp_mc_group *g,
			       const __be32 *diff, u32 n)
{
	u8 times = pp_igmp_robustness(mc);
	struct pp_mc_left *left, *old;
	u32 i = 0, j = 0, k = 0, most;

	/* without cfg_lock it only gets shorter */
	most = READ_ONCE(g->nleft) + n;
	if (!n)
		return true;
	if (most > PKTPATH_MC_LEFT_MAX)
		return false;
	left = kvmalloc_array(most, sizeof(*left), GFP_KERNEL_ACCOUNT);
	if (!left)
		return false;
	spin_lock_bh(&mc->lock);
	old = g->left;
	while (i < g->nleft || j < n) {
		if (j >= n || (i < g->nleft &&
			       pp_mcset_less(old[i].addr, diff[j]))) {
			left[k++] = old[i++];
			continue;
		}
		if (i < g->nleft && old[i].addr == diff[j])
			i++;
		left[k].addr = diff[j++];
		left[k++].left = times;
	}
	g->left = left;
	g->nleft = k;
	spin_unlock_bh(&mc->lock);
	kvfree(old);
	return true;
}

/* What differs between two filters of the same mode. */
static bool pp_mc_note_diff(struct pp_mc_dev *mc, struct pp_mc_group *g,
			    const struct pp_mc_filter *old,
			    const struct pp_mc_filter *new)
{
	u32 no = old ? old->n : 0, nn = new ? new->n : 0, n;
	const __be32 *so = old ? old->src : NULL;
	const __be32 *sn = new ? new->src : NULL;
	__be32 *diff;
	bool ok;

	if (!no && !nn)
		return true;
	diff = kvmalloc_array(no + nn, sizeof(*diff), GFP_KERNEL_ACCOUNT);
	if (!diff)
		return false;
	n = pp_mcset_minus(diff, so, no, sn, nn);
	n += pp_mcset_minus(diff + n, sn, nn, so, no);
	n = pp_mcset_sort(diff, n);
	ok = pp_mc_note_sources(mc, g, diff, n);
	kvfree(diff);
	return ok;
}

/* Versions 1 and 2 know of groups alone. */
static void pp_mc_note_old(struct pp_mc_dev *mc, struct pp_mc_group *g,
			   bool was, bool is)
{
	g->nleft = 0;
	if (!was && is) {
		g->mode_left = 0;
		g->unsolicited = pp_igmp_robustness(mc);
		pp_mc_answer(mc, g, jiffies);
	} else if (was && !is) {
		/* RFC 2236 §3: who reported last takes his leave */
		g->mode_left = g->reporter && pp_igmp_version(mc) == 2;
		g->unsolicited = 0;
		g->answer = false;
		g->reporter = false;
		if (g->mode_left)
			pp_mc_change(mc, jiffies);
	}
}

/* The change from @old to @new, to be told; cfg_lock. */
static void pp_mc_note(struct pp_mc_dev *mc, struct pp_mc_group *g,
		       const struct pp_mc_filter *old,
		       const struct pp_mc_filter *new)
{
	bool mode = pp_mc_mode(old) != pp_mc_mode(new);

	if (!pp_igmp_spoken(mc, g->addr))
		return;
	/* of too many, or without memory, the whole state is told instead */
	if (!mode && !pp_mc_note_diff(mc, g, old, new))
		mode = true;
	spin_lock_bh(&mc->lock);
	if (mc->dead) {
		g->nleft = 0;
	} else if (pp_igmp_version(mc) < 3) {
		pp_mc_note_old(mc, g, old, new);
	} else {
		if (mode) {
			g->mode_left = pp_igmp_robustness(mc);
			g->nleft = 0;
		}
		/* soon: who joins and leaves for ever sends no report a call */
		if (g->mode_left || g->nleft)
			pp_mc_change(mc, jiffies + 2);
	}
	spin_unlock_bh(&mc->lock);
}

/* ---- Groups ---- */

/**
 * pp_mc_hardware() - ask the device for frames to a group, or no more
 * @pd: the device
 * @addr: the group
 * @add: whether they are wanted; counted
 *
 * Context: process, RTNL held.
 */
void pp_mc_hardware(struct pp_dev *pd, __be32 addr, bool add)
{
	struct net_device *dev = pd->dev;
	u8 mac[ETH_ALEN];

	ASSERT_RTNL();
	if (dev->type != ARPHRD_ETHER)
		return;
	ip_eth_mc_map(addr, mac);
	if (add)
		dev_mc_add(dev, mac);
	else
		dev_mc_del(dev, mac);
}

static bool pp_mc_claims(const struct pp_mc_dev *mc)
{
	return !(mc->pd->flags & PKTPATH_DEVF_LOOP);
}

/* The first member has come: frames are wanted. */
static int pp_mc_open(struct pp_mc_dev *mc, struct pp_mc_group *g)
{
	int err;

	if (!pp_mc_claims(mc))
		return 0;
	err = pp_claim_add(mc->pd->pn, g->addr, PKTPATH_CLAIM_MCAST);
	if (!err)
		pp_mc_hardware(mc->pd, g->addr, true);
	return err;
}

static void pp_mc_close(struct pp_mc_dev *mc, struct pp_mc_group *g)
{
	if (!pp_mc_claims(mc))
		return;
	pp_mc_hardware(mc->pd, g->addr, false);
	pp_claim_del(mc->pd->pn, g->addr, PKTPATH_CLAIM_MCAST);
}

static void pp_mc_group_free_rcu(struct rcu_head *rcu)
{
	struct pp_mc_group *g = container_of(rcu, struct pp_mc_group, rcu);

	kvfree(g->asked);
	kvfree(g->left);
	kvfree(rcu_dereference_protected(g->filter, 1));
	kfree(g);
}

/**
 * pp_mc_group_done() - a group without members of which all has been told
 * @mc: its device
 * @g: freed when that is so
 *
 * Context: cfg_lock and pp_mc_dev.lock held.
 */
void pp_mc_group_done(struct pp_mc_dev *mc, struct pp_mc_group *g)
{
	if (g->nmembers || g->self || rcu_access_pointer(g->filter))
		return;
	if (!mc->dead && (g->mode_left || g->nleft))
		return;
	hlist_del_rcu(&g->node);
	mc->count--;
	call_rcu(&g->rcu, pp_mc_group_free_rcu);
}

static struct pp_mc_group *pp_mc_group_get(struct pp_mc_dev *mc, __be32 addr)
{
	struct pp_mc_group *g = pp_mc_group_find(mc, addr);

	if (g)
		return g;
	g = kzalloc(sizeof(*g), GFP_KERNEL_ACCOUNT);
	if (!g)
		return NULL;
	g->addr = addr;
	spin_lock_bh(&mc->lock);
	hlist_add_head_rcu(&g->node, pp_mc_bucket(mc, addr));
	spin_unlock_bh(&mc->lock);
	mc->count++;
	return g;
}

static void pp_mc_group_put(struct pp_mc_dev *mc, struct pp_mc_group *g)
{
	spin_lock_bh(&mc->lock);
	pp_mc_group_done(mc, g);
	spin_unlock_bh(&mc->lock);
}

/* Members or their filters have changed. cfg_lock. */
static int pp_mc_update(struct pp_mc_dev *mc, struct pp_mc_group *g)
{
	struct pp_mc_filter *old = pp_mc_filter_cfg(mc, g->filter), *new;

	new = pp_mc_merge(mc, g);
	if (IS_ERR(new))
		return PTR_ERR(new);
	if (!old && new && pp_mc_open(mc, g)) {
		kvfree(new);
		return -ENOMEM;
	}
	spin_lock_bh(&mc->lock);
	rcu_assign_pointer(g->filter, new);
	spin_unlock_bh(&mc->lock);
	pp_mc_note(mc, g, old, new);
	if (old && !new)
		pp_mc_close(mc, g);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

/**
 * pp_mc_member_join() - a socket becomes a member on a device
 * @mc: groups of the device
 * @m: the membership, with address and filter
 *
 * Context: process; RTNL and cfg_lock held.
 * Return: 0 or -ENOMEM.
 */
int pp_mc_member_join(struct pp_mc_dev *mc, struct pp_mc_member *m)
{
	struct pp_mc_group *g = pp_mc_group_get(mc, m->addr);
	int err;

	if (!g)
		return -ENOMEM;
	hlist_add_head(&m->group_node, &g->members);
	g->nmembers++;
	m->group = g;
	err = pp_mc_update(mc, g);
	if (!err)
		return 0;
	hlist_del_init(&m->group_node);
	g->nmembers--;
	m->group = NULL;
	pp_mc_group_put(mc, g);
	return err;
}

static struct pp_mc_dev *pp_mc_member_dev(const struct pp_mc_member *m,
					  const struct pp_net *pn)
{
	struct pp_dev *pd;

	rcu_read_lock();
	pd = pp_dev_find_rcu(pn, m->ifindex);
	rcu_read_unlock();
	return pd ? pp_mc_dev_cfg(pd) : NULL;
}

/**
 * pp_mc_member_leave() - a socket is no member any more
 * @pn: netns
 * @m: the membership
 *
 * Without memory for a new filter the old one stays, which lets in more.
 *
 * Context: process; RTNL and cfg_lock held.
 */
void pp_mc_member_leave(struct pp_net *pn, struct pp_mc_member *m)
{
	struct pp_mc_dev *mc = pp_mc_member_dev(m, pn);
	struct pp_mc_group *g = m->group;

	if (!g || WARN_ON_ONCE(!mc))
		return;
	hlist_del_init(&m->group_node);
	g->nmembers--;
	m->group = NULL;
	pp_mc_update(mc, g);
	pp_mc_group_put(mc, g);
}

/**
 * pp_mc_member_changed() - the filter of a membership is another one
 * @pn: netns
 * @m: the membership
 *
 * Context: process; RTNL and cfg_lock held.
 * Return: 0; -ENOMEM: nothing has been done.
 */
int pp_mc_member_changed(struct pp_net *pn, struct pp_mc_member *m)
{
	struct pp_mc_dev *mc = pp_mc_member_dev(m, pn);

	return m->group && mc ? pp_mc_update(mc, m->group) : 0;
}

/* ---- Asked for every packet ---- */

/**
 * pp_mc_joined_rcu() - is a device a member of a group?
 * @pd: the device
 * @group: the group
 *
 * Context: RCU, any.
 * Return: true when it is.
 */
bool pp_mc_joined_rcu(const struct pp_dev *pd, __be32 group)
{
	struct pp_mc_dev *mc = rcu_dereference(pd->mc);
	struct pp_mc_group *g = mc ? pp_mc_group_find(mc, group) : NULL;

	return g && rcu_access_pointer(g->filter);
}

/**
 * pp_mc_check_rcu() - does a device take a packet to a group?
 * @pd: the device
 * @group: the group
 * @src: its sender; 0: whoever
 * @protocol: IPPROTO_*; IGMP is for the group whatever its filter
 *
 * Mirrors: net/ipv4/igmp.c:ip_check_mc_rcu (v7.2)
 *
 * Context: RCU, any.
 * Return: true when it does.
 */
bool pp_mc_check_rcu(const struct pp_dev *pd, __be32 group, __be32 src,
		     u8 protocol)
{
	struct pp_mc_dev *mc = rcu_dereference(pd->mc);
	struct pp_mc_group *g = mc ? pp_mc_group_find(mc, group) : NULL;
	const struct pp_mc_filter *f;

	f = g ? rcu_dereference(g->filter) : NULL;
	if (!f)
		return false;
	return !src || protocol == IPPROTO_IGMP || pp_mc_filter_passes(f, src);
}

/* ---- Devices ---- */

static void pp_mc_dev_add(struct pp_dev *pd)
{
	struct pp_mc_dev *mc = kzalloc(sizeof(*mc), GFP_KERNEL_ACCOUNT);
	struct pp_mc_group *g;

	if (!mc)
		goto fail;
	mc->pd = pd;
	spin_lock_init(&mc->lock);
	INIT_DELAYED_WORK(&mc->work, pp_mc_work);
	rcu_assign_pointer(pd->mc, mc);
	/* RFC 1112 §7: every host is a member of this one */
	g = pp_mc_group_get(mc, htonl(INADDR_ALLHOSTS_GROUP));
	if (!g)
		goto fail;
	g->self = true;
	if (!pp_mc_update(mc, g))
		return;
	g->self = false;
	pp_mc_group_put(mc, g);
fail:
	pd->nomem = true;
}

static void pp_mc_dev_del(struct pp_dev *pd)
{
	struct pp_mc_dev *mc = pp_mc_dev_cfg(pd);
	struct pp_mc_member *m;
	struct pp_mc_group *g;
	struct hlist_node *n;
	unsigned int i;

	if (!mc)
		return;
	spin_lock_bh(&mc->lock);
	mc->dead = true;
	spin_unlock_bh(&mc->lock);
	cancel_delayed_work_sync(&mc->work);
	for (i = 0; i < PKTPATH_MC_HASH; i++) {
		hlist_for_each_entry_safe(g, n, &mc->hash[i], node) {
			if (rcu_access_pointer(g->filter))
				pp_mc_close(mc, g);
			/* the sockets stay members of what is no more */
			hlist_for_each_entry(m, &g->members, group_node)
				m->group = NULL;
			hlist_del_rcu(&g->node);
			call_rcu(&g->rcu, pp_mc_group_free_rcu);
		}
	}
	RCU_INIT_POINTER(pd->mc, NULL);
	kfree_rcu(mc, rcu);
}

/* All that was told is of another link, or forgotten: say it again. */
static void pp_mc_dev_up(struct pp_dev *pd)
{
	struct pp_mc_dev *mc = pp_mc_dev_cfg(pd);
	const struct pp_mc_filter *f;
	struct pp_mc_group *g;
	unsigned int i;

	if (!mc)
		return;
	spin_lock_bh(&mc->lock);
	mc->v1_seen = false;
	mc->v2_seen = false;
	mc->qrv = 0;
	/* of a querier of the link that was */
	mc->qqi = 0;
	mc->qri = 0;
	spin_unlock_bh(&mc->lock);
	for (i = 0; i < PKTPATH_MC_HASH; i++) {
		hlist_for_each_entry(g, &mc->hash[i], node) {
			f = pp_mc_filter_cfg(mc, g->filter);
			if (f)
				pp_mc_note(mc, g, NULL, f);
		}
	}
}

/* Behind the device is another switch, which knows of no group. */
static void pp_mc_dev_resend(struct pp_dev *pd)
{
	struct pp_mc_dev *mc = pp_mc_dev_cfg(pd);

	if (!mc)
		return;
	spin_lock_bh(&mc->lock);
	pp_igmp_tell_all(mc);
	spin_unlock_bh(&mc->lock);
}

static void pp_mc_dev_down(struct pp_dev *pd)
{
	struct pp_mc_dev *mc = pp_mc_dev_cfg(pd);
	struct pp_mc_group *g;
	struct hlist_node *n;
	unsigned int i;

	if (!mc)
		return;
	spin_lock_bh(&mc->lock);
	mc->all = false;
	mc->change = false;
	for (i = 0; i < PKTPATH_MC_HASH; i++) {
		hlist_for_each_entry_safe(g, n, &mc->hash[i], node) {
			g->answer = false;
			g->unsolicited = 0;
			g->mode_left = 0;
			g->nleft = 0;
			pp_mc_group_done(mc, g);
		}
	}
	spin_unlock_bh(&mc->lock);
}

static void pp_mc_dev_event(struct pp_dev *pd, enum pp_dev_event event)
{
	switch (event) {
	case PKTPATH_DEV_ATTACHED:
		pp_mc_dev_add(pd);
		break;
	case PKTPATH_DEV_DETACHING:
		pp_mc_dev_del(pd);
		break;
	case PKTPATH_DEV_UP:
		pp_mc_dev_up(pd);
		break;
	case PKTPATH_DEV_DOWN:
		pp_mc_dev_down(pd);
		break;
	case PKTPATH_DEV_RESEND:
		pp_mc_dev_resend(pd);
		break;
	default:
		break;
	}
}

static struct pp_addr_ops pp_mc_addr_ops = {
	.dev_event = pp_mc_dev_event,
};

/**
 * pp_mc_init() - be told of devices
 *
 * Context: process, module init, before any netns has its state.
 * Return: 0 or -ENOMEM.
 */
int pp_mc_init(void)
{
	pp_mc_wq = alloc_workqueue("pktpath_mc", WQ_UNBOUND, 0);
	if (!pp_mc_wq)
		return -ENOMEM;
	pp_addr_ops_register(&pp_mc_addr_ops);
	return 0;
}

/**
 * pp_mc_exit() - undoes pp_mc_init()
 *
 * Context: process, module exit; no device is attached any more.
 */
void pp_mc_exit(void)
{
	pp_addr_ops_unregister(&pp_mc_addr_ops);
	destroy_workqueue(pp_mc_wq);
}
