// SPDX-License-Identifier: GPL-2.0
/*
 * Shows the groups of devices to others.
 *
 * Path: ctl/proc_igmp.c -> here
 * Mirrors: net/ipv4/igmp.c (igmp_mc_seq_show, igmp_mcf_seq_show)
 * Locks: RCU; pp_mc_dev.lock
 */
#include "ip/mcast.h"
#include "ip/mcast_info.h"

static void pp_mc_walk_group(struct pp_mc_dev *mc, struct pp_mc_group *g,
			     struct pp_mc_info *info)
{
	const struct pp_mc_filter *f = rcu_dereference(g->filter);

	info->addr = g->addr;
	info->users = READ_ONCE(g->nmembers) + READ_ONCE(g->self);
	info->mode = f ? f->mode : MCAST_INCLUDE;
	info->src = f ? f->src : NULL;
	info->nsrc = f ? f->n : 0;
	spin_lock_bh(&mc->lock);
	info->version = pp_igmp_version(mc);
	info->answers = g->answer;
	info->delay = g->answer ? (long)(g->due - jiffies) : 0;
	info->reporter = g->reporter;
	spin_unlock_bh(&mc->lock);
}

static bool pp_mc_walk_dev(struct pp_mc_dev *mc, struct pp_mc_info *info,
			   bool (*fn)(const struct pp_mc_info *info,
				      void *arg),
			   void *arg)
{
	struct pp_mc_group *g;
	unsigned int i;

	info->name = READ_ONCE(mc->pd->dev)->name;
	info->ifindex = mc->pd->ifindex;
	info->groups = READ_ONCE(mc->count);
	for (i = 0; i < PKTPATH_MC_HASH; i++) {
		hlist_for_each_entry_rcu(g, &mc->hash[i], node) {
			if (!rcu_access_pointer(g->filter))
				continue;
			pp_mc_walk_group(mc, g, info);
			if (!fn(info, arg))
				return false;
		}
	}
	return true;
}

/**
 * pp_mc_walk() - call a function for every group of every device
 * @pn: netns
 * @fn: must not sleep; what it is given is good until it returns. False: enough
 * @arg: handed to @fn
 *
 * Context: process or softirq; takes RCU itself.
 */
void pp_mc_walk(struct pp_net *pn,
		bool (*fn)(const struct pp_mc_info *info, void *arg),
		void *arg)
{
	struct pp_mc_info info;
	struct pp_mc_dev *mc;
	struct pp_dev *pd;

	rcu_read_lock();
	list_for_each_entry_rcu(pd, &pn->devs, list) {
		mc = rcu_dereference(pd->mc);
		if (mc && !pp_mc_walk_dev(mc, &info, fn, arg))
			break;
	}
	rcu_read_unlock();
}
