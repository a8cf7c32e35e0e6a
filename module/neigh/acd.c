// SPDX-License-Identifier: GPL-2.0
/*
 * Address conflict detection (RFC 5227), in the background of each address.
 *
 *	PROBE (3 requests from 0) -> ANNOUNCE (2) -> DONE
 *	PROBE --somebody has it or probes for it--> CONFLICT, quiet
 *	ANNOUNCE, DONE --somebody else claims it--> CONFLICT, defended
 *
 * Deviates: an address may be used while it is probed. Once probing found an
 * owner we are quiet: requests for the address are not answered and nothing is
 * announced, so the owner keeps its peers; after RATE_LIMIT_INTERVAL we probe
 * again, still quiet until that succeeds. An address that we had first is
 * defended for ever, with no more than one announcement in DEFEND_INTERVAL
 * (§2.4 c).
 *
 * The object belongs to the address by one reference; queued work owns
 * another. Removal clears @ifa under the lock, after which nothing is queued
 * and the work does nothing, so nobody has to wait for it under RTNL.
 *
 * Path: arp_input.c => this => arp_output.c (pp_arp_send)
 * Mirrors: none (the kernel leaves it to user space)
 * Locks: pp_acd.lock, BH off, innermost; frames are sent without it
 */
#include <linux/random.h>
#include <linux/slab.h>
#include "core/ops.h"
#include "neigh/neigh_priv.h"

/* RFC 5227 §1.1, in jiffies. */
#define PKTPATH_ACD_PROBE_WAIT		HZ
#define PKTPATH_ACD_PROBE_NUM		3
#define PKTPATH_ACD_PROBE_MIN		HZ
#define PKTPATH_ACD_PROBE_MAX		(2 * HZ)
#define PKTPATH_ACD_ANNOUNCE_WAIT	(2 * HZ)
#define PKTPATH_ACD_ANNOUNCE_NUM	2
#define PKTPATH_ACD_ANNOUNCE_INTERVAL	(2 * HZ)
#define PKTPATH_ACD_RATE_LIMIT		(60 * HZ)
#define PKTPATH_ACD_DEFEND_INTERVAL	(10 * HZ)
/* Silence after which a defended conflict counts as over. */
#define PKTPATH_ACD_QUIET		(2 * PKTPATH_ACD_DEFEND_INTERVAL)

/**
 * struct pp_acd - conflict detection of one address
 * @work: next step or notification; queued, it owns a reference
 * @lock: guards all that is not constant
 * @ifa: the address, NULL once it is removed
 * @pd: its device; held
 * @addr: the address itself
 * @peer: the other end of its link, or @addr
 * @plen: its prefix length
 * @state: enum pp_acd_state, copied to @ifa
 * @told: state that was last notified
 * @sent: frames sent in this state
 * @link: the device was usable when we last heard of it
 * @active: a step is due at @due
 * @quiet: probing found another owner; RCU readers
 * @defended_once: @defended is valid
 * @due: jiffies of the next step
 * @defended: jiffies of the last defence
 * @seen: jiffies of the last conflict
 * @refcnt: the address, queued work
 * @rcu: of the delayed free
 */
struct pp_acd {
	struct delayed_work work;
	spinlock_t lock;	/* all below that changes */
	struct pp_ifaddr *ifa;
	struct pp_dev *pd;
	__be32 addr;
	__be32 peer;
	u8 plen;
	u8 state;
	u8 told;
	u8 sent;
	bool link;
	bool active;
	bool quiet;
	bool defended_once;
	unsigned long due;
	unsigned long defended;
	unsigned long seen;
	refcount_t refcnt;
	struct rcu_head rcu;
};

enum pp_acd_frame {
	PKTPATH_ACD_SEND_NONE,
	PKTPATH_ACD_SEND_PROBE,
	PKTPATH_ACD_SEND_ANNOUNCE,
};

static struct workqueue_struct *pp_acd_wq;

static void pp_acd_put(struct pp_acd *acd)
{
	if (!refcount_dec_and_test(&acd->refcnt))
		return;
	pp_dev_put(acd->pd);
	kfree_rcu(acd, rcu);
}

static void pp_acd_queue(struct pp_acd *acd, unsigned long delay)
{
	lockdep_assert_held(&acd->lock);
	if (!mod_delayed_work(pp_acd_wq, &acd->work, delay))
		refcount_inc(&acd->refcnt);
}

static void pp_acd_due(struct pp_acd *acd, unsigned long delay)
{
	acd->active = true;
	acd->due = jiffies + delay;
}

static void pp_acd_set_state(struct pp_acd *acd, u8 state)
{
	lockdep_assert_held(&acd->lock);
	acd->state = state;
	acd->sent = 0;
	WRITE_ONCE(acd->ifa->acd_state, state);
}

static unsigned long pp_acd_random(unsigned long ceil)
{
	return get_random_u32_below(ceil);
}

/* Starts over, as a link that came up asks for (§2.1). */
static void pp_acd_begin(struct pp_acd *acd)
{
	acd->active = false;
	if (READ_ONCE(acd->pd->neigh.acd)) {
		pp_acd_set_state(acd, PKTPATH_ACD_PROBE);
		if (acd->link)
			pp_acd_due(acd, pp_acd_random(PKTPATH_ACD_PROBE_WAIT));
	} else if (PKTPATH_CONF_MAX(acd->pd, arp_notify)) {
		pp_acd_set_state(acd, PKTPATH_ACD_ANNOUNCE);
		if (acd->link)
			pp_acd_due(acd, 0);
	} else {
		pp_acd_set_state(acd, PKTPATH_ACD_NONE);
	}
	pp_acd_queue(acd, acd->active ? acd->due - jiffies : 0);
}

static enum pp_acd_frame pp_acd_step_probe(struct pp_acd *acd)
{
	unsigned long delay = PKTPATH_ACD_ANNOUNCE_WAIT;

	if (++acd->sent < PKTPATH_ACD_PROBE_NUM)
		delay = PKTPATH_ACD_PROBE_MIN +
			pp_acd_random(PKTPATH_ACD_PROBE_MAX -
				      PKTPATH_ACD_PROBE_MIN);
	pp_acd_due(acd, delay);
	return PKTPATH_ACD_SEND_PROBE;
}

static enum pp_acd_frame pp_acd_step_announce(struct pp_acd *acd)
{
	if (++acd->sent < PKTPATH_ACD_ANNOUNCE_NUM)
		pp_acd_due(acd, PKTPATH_ACD_ANNOUNCE_INTERVAL);
	else
		pp_acd_set_state(acd, READ_ONCE(acd->pd->neigh.acd) ?
				      PKTPATH_ACD_DONE : PKTPATH_ACD_NONE);
	return PKTPATH_ACD_SEND_ANNOUNCE;
}

/* The step that is due; says which frame to send. */
static enum pp_acd_frame pp_acd_step(struct pp_acd *acd)
{
	acd->active = false;
	switch (acd->state) {
	case PKTPATH_ACD_PROBE:
		if (acd->sent < PKTPATH_ACD_PROBE_NUM)
			return pp_acd_step_probe(acd);
		WRITE_ONCE(acd->quiet, false);
		pp_acd_set_state(acd, PKTPATH_ACD_ANNOUNCE);
		return pp_acd_step_announce(acd);
	case PKTPATH_ACD_ANNOUNCE:
		return pp_acd_step_announce(acd);
	case PKTPATH_ACD_CONFLICT:
		if (acd->quiet) {
			pp_acd_begin(acd);
		} else if (time_before(jiffies,
				       acd->seen + PKTPATH_ACD_QUIET)) {
			acd->active = true;
			acd->due = acd->seen + PKTPATH_ACD_QUIET;
		} else {
			pp_acd_set_state(acd, PKTPATH_ACD_DONE);
		}
	}
	return PKTPATH_ACD_SEND_NONE;
}

/* §2.1.1: a probe is from 0; §2.3: an announcement asks for itself. */
static void pp_acd_send(const struct pp_acd *acd, enum pp_acd_frame frame)
{
	if (frame == PKTPATH_ACD_SEND_NONE || READ_ONCE(acd->pd->dead))
		return;
	pp_arp_send(acd->pd, ARPOP_REQUEST, acd->pd->dev->broadcast,
		    frame == PKTPATH_ACD_SEND_PROBE ? 0 : acd->addr, NULL,
		    acd->addr);
}

static void pp_acd_notify(const struct pp_acd *acd, u8 state)
{
	const struct pp_notify_ops *ops = rcu_dereference(pp_notify_ops);

	if (ops && ops->acd)
		ops->acd(acd->pd->pn, acd->pd->ifindex, acd->addr, acd->peer,
			 acd->plen, state);
}

static void pp_acd_work(struct work_struct *work)
{
	struct pp_acd *acd = container_of(to_delayed_work(work),
					  struct pp_acd, work);
	enum pp_acd_frame frame = PKTPATH_ACD_SEND_NONE;
	bool tell = false;
	u8 state = 0;

	/* The netns outlives the section: exit waits a grace period. */
	rcu_read_lock();
	spin_lock_bh(&acd->lock);
	if (acd->ifa) {
		if (acd->active && acd->link &&
		    time_after_eq(jiffies, acd->due))
			frame = pp_acd_step(acd);
		state = acd->state;
		tell = state != acd->told;
		acd->told = state;
		if (acd->active && acd->link)
			pp_acd_queue(acd, time_after(acd->due, jiffies) ?
					  acd->due - jiffies : 0);
	}
	spin_unlock_bh(&acd->lock);
	pp_acd_send(acd, frame);
	if (tell)
		pp_acd_notify(acd, state);
	rcu_read_unlock();
	pp_acd_put(acd);
}

/**
 * pp_acd_start() - begin detection for a new address
 * @ifa: the address, published
 * @extack: gets the reason of a refusal
 *
 * Context: process, RTNL and cfg_lock held.
 * Return: 0 or -ENOMEM.
 */
int pp_acd_start(struct pp_ifaddr *ifa, struct netlink_ext_ack *extack)
{
	struct pp_acd *acd;

	if (ifa->pd->dev->type != ARPHRD_ETHER)
		return 0;
	acd = kzalloc(sizeof(*acd), GFP_KERNEL_ACCOUNT);
	if (!acd) {
		NL_SET_ERR_MSG(extack, "No memory for conflict detection");
		return -ENOMEM;
	}
	INIT_DELAYED_WORK(&acd->work, pp_acd_work);
	spin_lock_init(&acd->lock);
	refcount_set(&acd->refcnt, 1);
	pp_dev_hold(ifa->pd);
	acd->ifa = ifa;
	acd->pd = ifa->pd;
	acd->addr = ifa->addr;
	acd->peer = ifa->peer;
	acd->plen = ifa->plen;
	acd->link = pp_dev_usable(ifa->pd);
	/* Pairs with the dependent reads of whoever finds the address. */
	smp_store_release(&ifa->acd, acd);

	spin_lock_bh(&acd->lock);
	pp_acd_begin(acd);
	spin_unlock_bh(&acd->lock);
	return 0;
}

/**
 * pp_acd_stop() - end detection for an address that goes
 * @ifa: the address, unpublished
 *
 * Context: process, RTNL and cfg_lock held. Does not wait for work that runs.
 */
void pp_acd_stop(struct pp_ifaddr *ifa)
{
	struct pp_acd *acd = ifa->acd;

	if (!acd)
		return;
	WRITE_ONCE(ifa->acd, NULL);
	spin_lock_bh(&acd->lock);
	acd->ifa = NULL;
	spin_unlock_bh(&acd->lock);
	if (cancel_delayed_work(&acd->work))
		pp_acd_put(acd);
	pp_acd_put(acd);
}

/**
 * pp_acd_link() - the device became usable or no longer is
 * @pd: device
 * @up: usable now
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_acd_link(struct pp_dev *pd, bool up)
{
	struct pp_ifaddr *ifa;
	struct pp_acd *acd;

	hlist_for_each_entry(ifa, &pd->addrs, node) {
		acd = ifa->acd;
		if (!acd)
			continue;
		spin_lock_bh(&acd->lock);
		if (acd->link != up) {
			acd->link = up;
			acd->active = false;
			WRITE_ONCE(acd->quiet, false);
			if (up)
				pp_acd_begin(acd);
		}
		spin_unlock_bh(&acd->lock);
	}
}

/**
 * pp_acd_announce_dev() - the device is elsewhere, or has another link address:
 * tell everybody
 * @pd: device
 *
 * Mirrors: net/ipv4/devinet.c:inetdev_send_gratuitous_arp (v7.2)
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_acd_announce_dev(struct pp_dev *pd)
{
	struct pp_ifaddr *ifa;
	struct pp_acd *acd;

	hlist_for_each_entry(ifa, &pd->addrs, node) {
		acd = ifa->acd;
		if (!acd)
			continue;
		spin_lock_bh(&acd->lock);
		if (acd->link && acd->state != PKTPATH_ACD_PROBE &&
		    !acd->quiet) {
			pp_acd_set_state(acd, PKTPATH_ACD_ANNOUNCE);
			pp_acd_due(acd, 0);
			pp_acd_queue(acd, 0);
		}
		spin_unlock_bh(&acd->lock);
	}
}

/**
 * pp_acd_quiet() - whether an own address belongs to somebody else
 * @ifa: own address
 *
 * Context: any, RCU read side.
 * Return: true when requests for it must not be answered.
 */
bool pp_acd_quiet(const struct pp_ifaddr *ifa)
{
	const struct pp_acd *acd = READ_ONCE(ifa->acd);

	return acd && READ_ONCE(acd->quiet);
}

/* Probing found an owner; lock held. */
static void pp_acd_found(struct pp_acd *acd)
{
	pp_acd_set_state(acd, PKTPATH_ACD_CONFLICT);
	WRITE_ONCE(acd->quiet, true);
	pp_acd_due(acd, PKTPATH_ACD_RATE_LIMIT);
	pp_acd_queue(acd, 0);
	pp_mib_inc(acd->pd->pn, PP_ARP_CONFLICTS);
}

/**
 * pp_acd_probe_seen() - another host probes for an own address
 * @ifa: own address
 *
 * RFC 5227 §2.1.1: whoever sees another's probe while probing gives way.
 *
 * Context: softirq, RCU read side.
 * Return: true when it was a conflict of two probes and gets no answer.
 */
bool pp_acd_probe_seen(struct pp_ifaddr *ifa)
{
	struct pp_acd *acd = READ_ONCE(ifa->acd);
	bool ret;

	if (!acd)
		return false;
	spin_lock_bh(&acd->lock);
	ret = acd->ifa && acd->state == PKTPATH_ACD_PROBE;
	if (ret)
		pp_acd_found(acd);
	spin_unlock_bh(&acd->lock);
	return ret;
}

/**
 * pp_acd_conflict() - another host claims an own address
 * @ifa: own address that was the sender of a foreign frame
 *
 * Context: softirq, RCU read side; may send one announcement.
 */
void pp_acd_conflict(struct pp_ifaddr *ifa)
{
	struct pp_acd *acd = READ_ONCE(ifa->acd);
	bool defend = false;

	if (!acd)
		return;
	spin_lock_bh(&acd->lock);
	if (!acd->ifa)
		goto out;
	if (acd->state == PKTPATH_ACD_PROBE) {
		pp_acd_found(acd);
		goto out;
	}
	if (acd->quiet)
		goto out;
	pp_mib_inc(acd->pd->pn, PP_ARP_CONFLICTS);
	if (!READ_ONCE(acd->pd->neigh.acd))
		goto out;
	acd->seen = jiffies;
	if (!acd->defended_once ||
	    time_after_eq(jiffies, acd->defended +
				   PKTPATH_ACD_DEFEND_INTERVAL)) {
		defend = true;
		acd->defended_once = true;
		acd->defended = jiffies;
		pp_mib_inc(acd->pd->pn, PP_ARP_DEFENDS);
	}
	if (acd->state != PKTPATH_ACD_CONFLICT) {
		pp_acd_set_state(acd, PKTPATH_ACD_CONFLICT);
		pp_acd_due(acd, PKTPATH_ACD_QUIET);
		pp_acd_queue(acd, 0);
	}
out:
	spin_unlock_bh(&acd->lock);
	if (defend)
		pp_acd_send(acd, PKTPATH_ACD_SEND_ANNOUNCE);
}

/**
 * pp_acd_flush() - wait for work that is running
 *
 * Context: process, may sleep.
 */
void pp_acd_flush(void)
{
	flush_workqueue(pp_acd_wq);
}

/**
 * pp_acd_init() - make what all addresses share
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_acd_init(void)
{
	pp_acd_wq = alloc_workqueue("pktpath_acd", WQ_UNBOUND, 0);
	return pp_acd_wq ? 0 : -ENOMEM;
}

/**
 * pp_acd_exit() - undo pp_acd_init()
 *
 * Context: process; no address is left.
 */
void pp_acd_exit(void)
{
	destroy_workqueue(pp_acd_wq);
}
