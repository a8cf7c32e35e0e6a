// SPDX-License-Identifier: GPL-2.0
/*
 * The neighbour table as the administrator sees it: add, delete, dump.
 *
 * Path: ctl/nl_neigh.c and ctl/proc.c => this
 * Mirrors: net/core/neighbour.c (neigh_add, neigh_delete, neigh_dump_table)
 * Locks: cfg_lock for changes; RCU and pp_neigh.lock for dumps
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <net/netlink.h>
#include "core/claim.h"
#include "core/drop.h"
#include "neigh/neigh_priv.h"

/* Entries that a walk looks at in one RCU section. */
#define PKTPATH_NEIGH_WALK 256

static int pp_neigh_add_check(struct pp_dev *pd, __be32 addr,
			      const u8 *lladdr, u16 state,
			      struct netlink_ext_ack *extack)
{
	if (READ_ONCE(pd->dead) || pd->pn->exiting) {
		NL_SET_ERR_MSG(extack, "The device is being detached");
		return -ENODEV;
	}
	if (!pp_neigh_dev_arp(pd->dev)) {
		NL_SET_ERR_MSG(extack, "The device does not use ARP");
		return -EINVAL;
	}
	if (pp_neigh_is_this_net(addr) || ipv4_is_multicast(addr) ||
	    ipv4_is_lbcast(addr) || ipv4_is_loopback(addr) ||
	    pp_claim_lookup(pd->pn, addr) != PKTPATH_CLAIM_NONE) {
		NL_SET_ERR_MSG(extack,
			       "A neighbour needs a unicast address that is not our own");
		return -EINVAL;
	}
	if (state != NUD_PERMANENT && state != NUD_REACHABLE &&
	    state != NUD_STALE) {
		NL_SET_ERR_MSG(extack,
			       "State must be permanent, reachable or stale");
		return -EINVAL;
	}
	if (!lladdr || !is_valid_ether_addr(lladdr)) {
		NL_SET_ERR_MSG(extack,
			       "A unicast link address of 6 bytes is needed");
		return -EINVAL;
	}
	return 0;
}

/* Counts an entry against the bounds, or no longer; false when it is dead. */
static bool pp_neigh_count(struct pp_neigh_table *tbl, struct pp_neigh *n,
			   bool counted)
{
	bool alive;

	spin_lock_bh(&tbl->lock);
	alive = !n->dead;
	if (alive && n->counted != counted) {
		n->counted = counted;
		WRITE_ONCE(tbl->entries, tbl->entries + (counted ? 1 : -1));
	}
	spin_unlock_bh(&tbl->lock);
	return alive;
}

/* One try; -EAGAIN when the entry was collected in between. */
static int pp_neigh_set(struct pp_dev *pd, __be32 addr, const u8 *lladdr,
			u16 state, u16 nlflags,
			struct netlink_ext_ack *extack)
{
	struct pp_neigh_table *tbl = pd->pn->neigh;
	bool perm = state == NUD_PERMANENT;
	struct pp_neigh *n;

	n = pp_neigh_lookup(tbl, pd, addr);
	if (n && !(nlflags & NLM_F_REPLACE)) {
		NL_SET_ERR_MSG(extack, "The neighbour exists already");
		return -EEXIST;
	}
	if (!n && !(nlflags & NLM_F_CREATE)) {
		NL_SET_ERR_MSG(extack, "No such neighbour");
		return -ENOENT;
	}
	if (!n)
		n = pp_neigh_create(tbl, pd, addr, perm ?
				    PKTPATH_NEIGH_BY_ADMIN :
				    PKTPATH_NEIGH_BY_OUTPUT);
	if (IS_ERR(n)) {
		NL_SET_ERR_MSG(extack, "The neighbour table takes no more");
		return PTR_ERR(n);
	}
	/* A PERMANENT entry must not be collected at any moment. */
	if (perm && !pp_neigh_count(tbl, n, false))
		return -EAGAIN;
	if (pp_neigh_update(n, lladdr, state, PKTPATH_NEIGH_ADMIN))
		return -EAGAIN;
	if (!perm)
		pp_neigh_count(tbl, n, true);
	return 0;
}

/**
 * pp_neigh_add() - make or change a neighbour
 * @pd: device
 * @addr: its address
 * @lladdr: its link address, ETH_ALEN bytes
 * @state: NUD_PERMANENT, NUD_REACHABLE or NUD_STALE
 * @nlflags: NLM_F_CREATE: may be new; NLM_F_REPLACE: may exist; NLM_F_EXCL:
 *	     must not exist
 * @extack: gets the reason of a refusal
 *
 * Mirrors: net/core/neighbour.c:neigh_add
 *
 * Context: process, cfg_lock held.
 * Return: 0, -EINVAL, -EEXIST, -ENOENT, -ENODEV, -ENOBUFS, -ENOMEM.
 */
int pp_neigh_add(struct pp_dev *pd, __be32 addr, const u8 *lladdr, u16 state,
		 u16 nlflags, struct netlink_ext_ack *extack)
{
	int tries = 3;
	int err;

	lockdep_assert_held(&pd->pn->cfg_lock);
	if (nlflags & NLM_F_EXCL)
		nlflags &= ~NLM_F_REPLACE;
	rcu_read_lock();
	err = pp_neigh_add_check(pd, addr, lladdr, state, extack);
	if (err)
		goto out;
	do {
		err = pp_neigh_set(pd, addr, lladdr, state, nlflags, extack);
	} while (err == -EAGAIN && --tries);
	if (err == -EAGAIN) {
		NL_SET_ERR_MSG(extack, "The neighbour table takes no more");
		err = -ENOBUFS;
	}
out:
	rcu_read_unlock();
	return err;
}

/**
 * pp_neigh_del() - delete one neighbour
 * @pd: device
 * @addr: its address
 * @extack: gets the reason of a refusal
 *
 * Context: process, cfg_lock held.
 * Return: 0 or -ENOENT.
 */
int pp_neigh_del(struct pp_dev *pd, __be32 addr,
		 struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&pd->pn->cfg_lock);
	if (pp_neigh_flush_addr(pd, addr))
		return 0;
	NL_SET_ERR_MSG(extack, "No such neighbour");
	return -ENOENT;
}

static void pp_neigh_info_fill(struct pp_neigh *n, struct pp_neigh_info *ni)
{
	unsigned long now;

	memset(ni, 0, sizeof(*ni));
	ni->addr = n->addr;
	ni->ifindex = n->pd->ifindex;
	spin_lock_bh(&n->lock);
	now = jiffies;
	ni->nud_state = pp_neigh_state(n);
	ni->has_ha = ni->nud_state & NUD_VALID;
	if (ni->has_ha)
		ether_addr_copy(ni->ha, n->ha);
	ni->probes = n->probes;
	ni->queued = skb_queue_len(&n->queue);
	ni->confirmed_ms = jiffies_to_msecs(now - READ_ONCE(n->confirmed));
	ni->used_ms = jiffies_to_msecs(now - READ_ONCE(n->used));
	ni->updated_ms = jiffies_to_msecs(now - n->updated);
	spin_unlock_bh(&n->lock);
}

/**
 * pp_neigh_get() - show one neighbour
 * @pn: netns
 * @ifindex: its device
 * @addr: its address
 * @ni: filled with a snapshot
 *
 * Context: any; takes RCU itself.
 * Return: 0 or -ENOENT.
 */
int pp_neigh_get(struct pp_net *pn, int ifindex, __be32 addr,
		 struct pp_neigh_info *ni)
{
	struct pp_neigh *n;
	struct pp_dev *pd;

	rcu_read_lock();
	pd = pp_dev_find_rcu(pn, ifindex);
	n = pd ? pp_neigh_lookup(pn->neigh, pd, addr) : NULL;
	if (n)
		pp_neigh_info_fill(n, ni);
	rcu_read_unlock();
	return n ? 0 : -ENOENT;
}

/**
 * pp_neigh_walk() - show neighbours one by one
 * @pn: netns
 * @pos: position, 0 to begin; on return that of the entry not yet taken
 * @fn: called for each with its snapshot, under RCU; nonzero ends the walk
 * @arg: for @fn
 *
 * The order is that of creation, so a walk in pieces misses no entry that is
 * there all the time, and shows none twice.
 *
 * Context: process, sleeps; takes RCU itself.
 * Return: what @fn returned last, 0 at the end.
 */
int pp_neigh_walk(struct pp_net *pn, unsigned long *pos,
		  int (*fn)(const struct pp_neigh_info *ni, void *arg),
		  void *arg)
{
	struct pp_neigh_info ni;
	unsigned int seen = 0;
	struct pp_neigh *n;
	unsigned long id;
	int ret = 0;

	rcu_read_lock();
	xa_for_each_start(&pn->neigh->ids, id, n, *pos) {
		*pos = id;
		pp_neigh_info_fill(n, &ni);
		ret = fn(&ni, arg);
		if (ret)
			break;
		*pos = id + 1;
		if (!(++seen % PKTPATH_NEIGH_WALK)) {
			rcu_read_unlock();
			cond_resched();
			rcu_read_lock();
		}
	}
	rcu_read_unlock();
	return ret;
}
