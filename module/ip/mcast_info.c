// SPDX-License-Identifier: GPL-2.0
/*
 * Shows the groups of devices to others, one by one from any place, so that
 * nobody has to look at all of them in one go.
 *
 * Path: ctl/proc_igmp.c -> here
 * Mirrors: net/ipv4/igmp.c (igmp_mc_seq_show, igmp_mcf_seq_show)
 * Locks: RCU; pp_mc_dev.lock
 */
#include "ip/mcast.h"
#include "ip/mcast_info.h"

static void pp_mc_cursor_fill(const struct pp_mc_cursor *c,
			      struct pp_mc_info *info)
{
	const struct pp_mc_filter *f = rcu_dereference(c->g->filter);
	struct pp_mc_dev *mc = c->mc;

	info->name = READ_ONCE(mc->pd->dev)->name;
	info->ifindex = mc->pd->ifindex;
	info->groups = READ_ONCE(mc->count);
	info->addr = c->g->addr;
	info->users = READ_ONCE(c->g->nmembers) + READ_ONCE(c->g->self);
	info->mode = f ? f->mode : MCAST_INCLUDE;
	info->src = f ? f->src : NULL;
	info->nsrc = f ? f->n : 0;
	spin_lock_bh(&mc->lock);
	info->version = pp_igmp_version(mc);
	info->answers = c->g->answer;
	info->delay = c->g->answer ? (long)(c->g->due - jiffies) : 0;
	info->reporter = c->g->reporter;
	spin_unlock_bh(&mc->lock);
}

/* The group at the cursor's place in its bucket, or NULL. */
static struct pp_mc_group *pp_mc_cursor_find(const struct pp_mc_cursor *c)
{
	struct pp_mc_group *g;
	unsigned int i = 0;

	hlist_for_each_entry_rcu(g, &c->mc->hash[c->bucket], node)
		if (i++ == c->group)
			return g;
	return NULL;
}

static void pp_mc_cursor_step(struct pp_mc_cursor *c)
{
	c->g = hlist_entry_safe(rcu_dereference(hlist_next_rcu(&c->g->node)),
				struct pp_mc_group, node);
	c->group++;
}

/* From the cursor's group on, those without members left out; false: none. */
static bool pp_mc_cursor_group(struct pp_mc_cursor *c)
{
	while (c->g && !rcu_access_pointer(c->g->filter))
		pp_mc_cursor_step(c);
	return c->g;
}

/* From the cursor's bucket on, on its device. */
static bool pp_mc_cursor_bucket(struct pp_mc_cursor *c)
{
	for (; c->bucket < PKTPATH_MC_HASH; c->bucket++, c->group = 0) {
		c->g = pp_mc_cursor_find(c);
		if (pp_mc_cursor_group(c))
			return true;
	}
	return false;
}

static bool pp_mc_cursor_dev(struct pp_mc_cursor *c, struct pp_dev *pd)
{
	c->pd = pd;
	c->mc = rcu_dereference(pd->mc);
	return c->mc && pp_mc_cursor_bucket(c);
}

/**
 * pp_mc_seek_rcu() - the group at a place, or the first one behind
 * @pn: netns
 * @c: the place, all 0 for the first; moved to where the group is
 * @info: filled, good inside the RCU section
 *
 * Context: RCU, process or softirq.
 * Return: false: there is none.
 */
bool pp_mc_seek_rcu(struct pp_net *pn, struct pp_mc_cursor *c,
		    struct pp_mc_info *info)
{
	unsigned int i = 0;
	struct pp_dev *pd;

	list_for_each_entry_rcu(pd, &pn->devs, list) {
		if (i++ < c->dev)
			continue;
		if (i - 1 > c->dev)
			*c = (struct pp_mc_cursor){ .dev = i - 1 };
		if (pp_mc_cursor_dev(c, pd)) {
			pp_mc_cursor_fill(c, info);
			return true;
		}
	}
	return false;
}

/**
 * pp_mc_next_rcu() - the group behind the one found last
 * @pn: netns
 * @c: of pp_mc_seek_rcu() or of this function, in the same RCU section
 * @info: filled, good inside the RCU section
 *
 * Context: RCU, process or softirq.
 * Return: false: that was the last; @c stands behind it.
 */
bool pp_mc_next_rcu(struct pp_net *pn, struct pp_mc_cursor *c,
		    struct pp_mc_info *info)
{
	struct pp_dev *pd = c->pd;
	bool found;

	pp_mc_cursor_step(c);
	found = pp_mc_cursor_group(c);
	if (!found) {
		c->bucket++;
		c->group = 0;
		found = pp_mc_cursor_bucket(c);
	}
	if (!found) {
		list_for_each_entry_continue_rcu(pd, &pn->devs, list) {
			*c = (struct pp_mc_cursor){ .dev = c->dev + 1 };
			found = pp_mc_cursor_dev(c, pd);
			if (found)
				break;
		}
	}
	if (found)
		pp_mc_cursor_fill(c, info);
	return found;
}
