// SPDX-License-Identifier: GPL-2.0
/*
 * ARP for others (RFC 1027): a device with proxy_arp answers for the hosts that
 * we forward to by another one.
 *
 * Asked by broadcast, some time within proxy_delay passes first, so that the
 * host itself, if it is on the link after all, is heard before us. What waits
 * names its device by index and is looked at again when its time has come.
 *
 * Path: arp_input.c => this => arp_output.c
 * Mirrors: net/ipv4/arp.c (arp_process, arp_fwd_proxy), net/core/neighbour.c
 *	    (pneigh_enqueue, neigh_proxy_process)
 * Locks: pp_neigh_table.proxy_lock, a leaf, BH off
 */
#include <linux/etherdevice.h>
#include <linux/random.h>
#include "core/ops.h"
#include "neigh/neigh_priv.h"

/* Answers that wait in a netns, whatever its devices allow. */
#define PKTPATH_ARP_PROXY_MAX 4096

/**
 * struct pp_arp_waiting - an answer for another host that waits
 * @list: in pp_neigh_table.proxied
 * @due: jiffies
 * @ifindex: device by which the question came
 * @arp: the question
 */
struct pp_arp_waiting {
	struct list_head list;
	unsigned long due;
	int ifindex;
	struct pp_wire_arp arp;
};

/**
 * pp_arp_proxies() - is a device to answer for a host?
 * @pd: device by which the question came
 * @tpa: the host
 * @spa: who asks
 *
 * Context: softirq or process, RCU read side.
 * Return: whether.
 */
bool pp_arp_proxies(struct pp_dev *pd, __be32 tpa, __be32 spa)
{
	const struct pp_neigh_ops *ops;

	if (likely(!PKTPATH_CONF_MAX(pd, proxy_arp)))
		return false;
	ops = rcu_dereference(pp_neigh_ops);
	return ops && ops->sent_on(pd, tpa, spa);
}

static void pp_arp_proxy_reply(struct pp_dev *pd, const struct pp_wire_arp *arp)
{
	pp_arp_send(pd, ARPOP_REPLY, arp->sha, arp->tpa, arp->sha, arp->spa);
}

/* Has the worker come at @due at the latest. */
static void pp_arp_proxy_arm(struct pp_neigh_table *tbl, unsigned long due)
{
	struct delayed_work *work = &tbl->proxy_work;
	unsigned long now = jiffies;

	lockdep_assert_held(&tbl->proxy_lock);
	if (READ_ONCE(tbl->pn->exiting))
		return;
	if (!delayed_work_pending(work) ||
	    time_before(due, READ_ONCE(work->timer.expires)))
		mod_delayed_work(system_power_efficient_wq, work,
				 time_after(due, now) ? due - now : 0);
}

/* Whether one more may wait, of @pd and of all. */
static bool pp_arp_proxy_room(const struct pp_neigh_table *tbl,
			      const struct pp_dev *pd)
{
	int mine = 0, all = 0, limit = READ_ONCE(pd->neigh.proxy_qlen);
	const struct pp_arp_waiting *w;

	list_for_each_entry(w, &tbl->proxied, list) {
		all++;
		mine += w->ifindex == pd->ifindex;
	}
	/* one more than it says, as in the kernel */
	return mine <= limit && all < PKTPATH_ARP_PROXY_MAX;
}

static void pp_arp_proxy_wait(struct pp_dev *pd, const struct pp_wire_arp *arp,
			      unsigned int delay)
{
	struct pp_neigh_table *tbl = pd->pn->neigh;
	struct pp_arp_waiting *w;

	w = kmalloc(sizeof(*w), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!w)
		return;
	w->due = jiffies + get_random_u32_below(delay);
	w->ifindex = pd->ifindex;
	w->arp = *arp;
	spin_lock_bh(&tbl->proxy_lock);
	if (!READ_ONCE(tbl->pn->exiting) && pp_arp_proxy_room(tbl, pd)) {
		list_add_tail(&w->list, &tbl->proxied);
		pp_arp_proxy_arm(tbl, w->due);
		w = NULL;
	}
	spin_unlock_bh(&tbl->proxy_lock);
	kfree(w);
}

/**
 * pp_arp_proxy() - answer for another host, now or a little later
 * @pd: device by which the question came; pp_arp_proxies()
 * @arp: the question
 * @unicast: it came to us alone
 *
 * Context: softirq or process, RCU read side; takes proxy_lock. Failure to
 * allocate is silent: ARP repeats itself.
 */
void pp_arp_proxy(struct pp_dev *pd, const struct pp_wire_arp *arp,
		  bool unicast)
{
	unsigned int delay = READ_ONCE(pd->neigh.proxy_delay);

	if (unicast || !delay)
		pp_arp_proxy_reply(pd, arp);
	else
		pp_arp_proxy_wait(pd, arp, delay);
}

/* Puts what is due into @now, and comes again for the rest. */
static void pp_arp_proxy_take(struct pp_neigh_table *tbl, struct list_head *now)
{
	unsigned long next = 0, at = jiffies;
	struct pp_arp_waiting *w, *tmp;
	bool more = false;

	spin_lock_bh(&tbl->proxy_lock);
	list_for_each_entry_safe(w, tmp, &tbl->proxied, list) {
		if (time_before_eq(w->due, at)) {
			list_move_tail(&w->list, now);
			continue;
		}
		if (!more || time_before(w->due, next))
			next = w->due;
		more = true;
	}
	if (more)
		pp_arp_proxy_arm(tbl, next);
	spin_unlock_bh(&tbl->proxy_lock);
}

static void pp_arp_proxy_work(struct work_struct *work)
{
	struct pp_neigh_table *tbl = container_of(to_delayed_work(work),
						  struct pp_neigh_table,
						  proxy_work);
	struct pp_arp_waiting *w, *tmp;
	struct pp_dev *pd;
	LIST_HEAD(now);

	pp_arp_proxy_take(tbl, &now);
	list_for_each_entry_safe(w, tmp, &now, list) {
		rcu_read_lock();
		pd = pp_dev_find_rcu(tbl->pn, w->ifindex);
		if (pd && pp_arp_proxies(pd, w->arp.tpa, w->arp.spa))
			pp_arp_proxy_reply(pd, &w->arp);
		rcu_read_unlock();
		kfree(w);
	}
}

/**
 * pp_arp_proxy_init() - nothing waits yet
 * @tbl: the table of a netns that begins
 *
 * Context: process.
 */
void pp_arp_proxy_init(struct pp_neigh_table *tbl)
{
	spin_lock_init(&tbl->proxy_lock);
	INIT_LIST_HEAD(&tbl->proxied);
	INIT_DELAYED_WORK(&tbl->proxy_work, pp_arp_proxy_work);
}

/**
 * pp_arp_proxy_end() - nothing waits any more
 * @tbl: the table of a netns that ends; pp_net.exiting is set
 *
 * May be called twice.
 *
 * Context: process, sleeps.
 */
void pp_arp_proxy_end(struct pp_neigh_table *tbl)
{
	struct pp_arp_waiting *w, *tmp;
	LIST_HEAD(rest);

	/* whoever saw pp_net.exiting unset has queued it by then */
	spin_lock_bh(&tbl->proxy_lock);
	list_splice_init(&tbl->proxied, &rest);
	spin_unlock_bh(&tbl->proxy_lock);
	cancel_delayed_work_sync(&tbl->proxy_work);
	list_for_each_entry_safe(w, tmp, &rest, list)
		kfree(w);
}
