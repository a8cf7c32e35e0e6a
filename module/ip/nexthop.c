// SPDX-License-Identifier: GPL-2.0
/*
 * Next hops: what many routes share, and what owns the dsts.
 *
 * Routes with the same device, gateway, source, MTU and type share one
 * struct pp_nh. It has one dst at a time, made when a packet first needs it
 * and replaced when the generation of the netns has changed, so that a dst is
 * never made valid again behind the back of a socket that cached it.
 *
 * Path MTUs and redirects are exceptions per (next hop, destination) in one
 * bounded table per netns with a keyed hash; each has a dst of its own. When
 * one is made or expires the generation changes, so no packet has to look at a
 * clock. What was learned by a device is forgotten when that goes down, and a
 * path MTU that its own MTU no longer leaves room for.
 *
 * Path: ip/route.c -> here -> ip/dst.c
 * Mirrors: net/ipv4/fib_semantics.c (struct fib_info), net/ipv4/route.c
 *	    (struct fib_nh_exception)
 * Locks: cfg_lock for the set of next hops; pp_fib.exc_lock for exceptions;
 *	  nested in it pp_nh.lock for a next hop's dst; in both pp_dst_lock
 */
#include <linux/slab.h>
#include "compat/compat.h"
#include "ip/fib.h"

#define PKTPATH_NH_HASH_BITS 4
#define PKTPATH_NH_HASH_BITS_MAX 16
/* How long a redirect holds: as the kernel's route/gc_timeout. */
#define PKTPATH_NH_REDIRECT_SECS 300

/**
 * struct pp_nh_exc - what routers have told of one destination
 * @node: in pp_fib.exc, RCU
 * @nh: next hop; not held, it removes its exceptions before it goes
 * @daddr: destination
 * @way: what was told; under exc_lock
 * @expires: jiffies; under exc_lock
 * @dst: RCU, written under exc_lock
 * @rcu: frees the structure
 */
struct pp_nh_exc {
	struct hlist_node node;
	struct pp_nh *nh;
	__be32 daddr;
	struct pp_nh_way way;
	unsigned long expires;
	struct pp_dst __rcu *dst;
	struct rcu_head rcu;
};

static u32 pp_nh_hash(const struct pp_net *pn, const struct pp_nh_key *key)
{
	return pp_hash_4(pn, key->pd ? key->pd->ifindex : 0,
			 (__force u32)key->gw, (__force u32)key->prefsrc,
			 key->mtu ^ key->cc_key ^ (u32)key->type << 24 ^
			 (u32)key->input << 16);
}

static bool pp_nh_same(const struct pp_nh_key *a, const struct pp_nh_key *b)
{
	return a->pd == b->pd && a->gw == b->gw && a->prefsrc == b->prefsrc &&
	       a->mtu == b->mtu && a->flags == b->flags &&
	       a->type == b->type && a->input == b->input &&
	       a->mtu_lock == b->mtu_lock && a->cc_key == b->cc_key &&
	       a->cc_lock == b->cc_lock && a->weight == b->weight &&
	       !memcmp(&a->m, &b->m, sizeof(a->m));
}

static struct hlist_head *pp_nh_bucket(const struct pp_fib *fib,
				       const struct pp_nh_key *key)
{
	u32 hash = pp_nh_hash(fib->pn, key);

	return &fib->nh_hash[hash & ((1U << fib->nh_bits) - 1)];
}

static struct hlist_head *pp_nh_src_bucket(const struct pp_fib *fib,
					   __be32 addr)
{
	u32 hash = pp_hash_2(fib->pn, (__force u32)addr, 0);

	return &fib->nh_src[hash & ((1U << fib->nh_bits) - 1)];
}

static void pp_nh_hash_add(struct pp_fib *fib, struct pp_nh *nh)
{
	hlist_add_head(&nh->hash_node, pp_nh_bucket(fib, &nh->key));
	if (nh->key.prefsrc)
		hlist_add_head(&nh->src_node,
			       pp_nh_src_bucket(fib, nh->key.prefsrc));
}

static void pp_nh_hash_del(struct pp_nh *nh)
{
	hlist_del_init(&nh->hash_node);
	hlist_del_init(&nh->src_node);
}

static int pp_nh_hash_alloc(struct pp_fib *fib, unsigned int bits)
{
	struct hlist_head *hash;

	hash = kvcalloc(2UL << bits, sizeof(*hash), GFP_KERNEL_ACCOUNT);
	if (!hash)
		return -ENOMEM;
	fib->nh_hash = hash;
	fib->nh_src = hash + (1UL << bits);
	fib->nh_bits = bits;
	return 0;
}

/* Without memory the lists just get longer. */
static void pp_nh_grow(struct pp_fib *fib)
{
	unsigned int bits = fib->nh_bits + 2;
	struct hlist_head *old = fib->nh_hash;
	struct pp_nh *nh;

	if (fib->nh_count >> fib->nh_bits < 4 ||
	    bits > PKTPATH_NH_HASH_BITS_MAX || pp_nh_hash_alloc(fib, bits))
		return;
	list_for_each_entry(nh, &fib->nhs, list) {
		pp_nh_hash_del(nh);
		pp_nh_hash_add(fib, nh);
	}
	kvfree(old);
}

/**
 * pp_nh_find() - the next hop with a key
 * @pn: netns state
 * @key: what it is
 *
 * Context: process, cfg_lock held.
 * Return: the next hop, no reference taken, or NULL.
 */
struct pp_nh *pp_nh_find(struct pp_net *pn, const struct pp_nh_key *key)
{
	struct pp_nh *nh;

	lockdep_assert_held(&pn->cfg_lock);
	hlist_for_each_entry(nh, pp_nh_bucket(pn->fib, key), hash_node)
		if (pp_nh_same(&nh->key, key))
			return nh;
	return NULL;
}

static u32 pp_nh_state(const struct pp_nh_key *key)
{
	const struct net_device *dev;

	/* own addresses stay reachable from within when the device is down */
	if (!key->pd || key->input || key->type == RTN_LOCAL)
		return 0;
	dev = READ_ONCE(key->pd->dev);
	if (READ_ONCE(key->pd->dead) || !netif_running(dev))
		return RTNH_F_DEAD | RTNH_F_LINKDOWN;
	return netif_carrier_ok(dev) ? 0 : RTNH_F_LINKDOWN;
}

/**
 * pp_nh_update_flags() - looks whether the device can send
 * @nh: next hop
 *
 * Context: process, cfg_lock held.
 * Return: whether anything has changed.
 */
bool pp_nh_update_flags(struct pp_nh *nh)
{
	u32 flags = pp_nh_state(&nh->key);

	if (flags == nh->flags)
		return false;
	WRITE_ONCE(nh->flags, flags);
	return true;
}

/**
 * pp_nh_get() - the next hop with a key, made if need be
 * @pn: netns state
 * @key: what it is; the device is held by the next hop from now on
 *
 * Mirrors: net/ipv4/fib_semantics.c:fib_create_info (v7.2)
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: the next hop, to be given back by pp_nh_unuse(), or NULL when memory
 * is short.
 */
struct pp_nh *pp_nh_get(struct pp_net *pn, const struct pp_nh_key *key)
{
	struct pp_nh *nh = pp_nh_find(pn, key);
	struct pp_fib *fib = pn->fib;

	if (nh) {
		nh->users++;
		return nh;
	}
	nh = kzalloc(sizeof(*nh), GFP_KERNEL_ACCOUNT);
	if (!nh)
		return NULL;
	nh->key = *key;
	nh->l3mdev = key->pd ? key->pd->l3mdev : 0;
	nh->pn = pn;
	nh->users = 1;
	refcount_set(&nh->refcnt, 1);
	atomic_set(&nh->nexc, 0);
	spin_lock_init(&nh->lock);
	if (key->pd)
		pp_dev_hold(key->pd);
	pp_nh_update_flags(nh);
	list_add_tail_rcu(&nh->list, &fib->nhs);
	pp_nh_hash_add(fib, nh);
	fib->nh_count++;
	pp_nh_grow(fib);
	return nh;
}

static void pp_nh_exc_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct pp_nh_exc, rcu));
}

static void pp_nh_exc_dst_set(struct pp_fib *fib, struct pp_nh_exc *e,
			      struct pp_dst *dst)
{
	struct pp_dst *old;

	old = rcu_replace_pointer(e->dst, dst,
				  lockdep_is_held(&fib->exc_lock));
	if (old)
		dst_release(&old->rt.dst);
}

static void pp_nh_exc_del(struct pp_fib *fib, struct pp_nh_exc *e)
{
	lockdep_assert_held(&fib->exc_lock);
	hlist_del_rcu(&e->node);
	atomic_dec(&e->nh->nexc);
	pp_nh_exc_dst_set(fib, e, NULL);
	call_rcu(&e->rcu, pp_nh_exc_free_rcu);
}

/* Those of @nh, or all when it is NULL. */
static void pp_nh_exc_purge(struct pp_fib *fib, const struct pp_nh *nh)
{
	struct hlist_node *tmp;
	struct pp_nh_exc *e;
	unsigned int i;

	spin_lock_bh(&fib->exc_lock);
	for (i = 0; i < PKTPATH_FIB_EXC_HASH; i++)
		hlist_for_each_entry_safe(e, tmp, &fib->exc[i], node)
			if (!nh || e->nh == nh)
				pp_nh_exc_del(fib, e);
	spin_unlock_bh(&fib->exc_lock);
}

/**
 * pp_nh_kill() - ends the making of dsts, drops those there are
 * @nh: next hop
 *
 * For a device that leaves; the routes are removed afterwards.
 *
 * Context: process, cfg_lock held.
 */
void pp_nh_kill(struct pp_nh *nh)
{
	struct pp_fib *fib = nh->pn->fib;
	struct pp_dst *dst;

	/* exc_lock orders this with the making of exceptions */
	spin_lock_bh(&fib->exc_lock);
	spin_lock(&nh->lock);
	WRITE_ONCE(nh->gone, true);
	dst = rcu_replace_pointer(nh->dst, NULL, lockdep_is_held(&nh->lock));
	spin_unlock(&nh->lock);
	spin_unlock_bh(&fib->exc_lock);
	if (dst)
		dst_release(&dst->rt.dst);
	if (atomic_read(&nh->nexc))
		pp_nh_exc_purge(fib, nh);
}

/**
 * pp_nh_doom_src() - marks what sends from an address
 * @pn: netns state
 * @addr: address that is gone
 * @l3mdev: VRF in which it was, 0: none
 *
 * The caller removes the routes of those marked before it gives up cfg_lock.
 *
 * Context: process, cfg_lock held.
 * Return: whether there is any.
 */
bool pp_nh_doom_src(struct pp_net *pn, __be32 addr, int l3mdev)
{
	bool any = false;
	struct pp_nh *nh;

	lockdep_assert_held(&pn->cfg_lock);
	hlist_for_each_entry(nh, pp_nh_src_bucket(pn->fib, addr), src_node) {
		if (nh->key.prefsrc != addr || nh->l3mdev != l3mdev)
			continue;
		nh->doomed = true;
		any = true;
	}
	return any;
}

/**
 * pp_nh_put() - gives back a reference
 * @nh: next hop; freed a grace period after the last
 *
 * Context: any.
 */
void pp_nh_put(struct pp_nh *nh)
{
	if (!refcount_dec_and_test(&nh->refcnt))
		return;
	if (nh->key.pd)
		pp_dev_put(nh->key.pd);
	kfree_rcu(nh, rcu);
}

/**
 * pp_nh_unuse() - a route or device gives its next hop back
 * @nh: next hop; readers may find it for a grace period
 *
 * Context: process, cfg_lock held.
 */
void pp_nh_unuse(struct pp_nh *nh)
{
	struct pp_fib *fib = nh->pn->fib;

	if (--nh->users)
		return;
	pp_nh_hash_del(nh);
	list_del_rcu(&nh->list);
	fib->nh_count--;
	pp_nh_kill(nh);
	/* before it is freed: pairs with pp_route_fwd_cached() */
	pp_fib_changed(nh->pn);
	pp_nh_put(nh);
}

/**
 * pp_nh_refresh() - the dst of a next hop for a generation
 * @nh: next hop found under the caller's RCU read side
 * @gen: generation, read before the route was looked up
 *
 * Context: RCU read side, softirq or process; takes nh->lock.
 * Return: the dst, good inside the RCU section, or ERR_PTR: -EAGAIN when the
 * next hop has just been removed, -ENOBUFS, -ENETUNREACH.
 */
struct pp_dst *pp_nh_refresh(struct pp_nh *nh, u32 gen)
{
	struct pp_dst *dst, *old;

	spin_lock_bh(&nh->lock);
	old = rcu_dereference_protected(nh->dst, lockdep_is_held(&nh->lock));
	if (nh->gone) {
		dst = ERR_PTR(-EAGAIN);
	} else if (old && old->gen == gen) {
		dst = old;
	} else {
		dst = pp_dst_make(nh, gen, NULL);
		if (!IS_ERR(dst)) {
			rcu_assign_pointer(nh->dst, dst);
			if (old)
				dst_release(&old->rt.dst);
		}
	}
	spin_unlock_bh(&nh->lock);
	return dst;
}

static struct hlist_head *pp_nh_exc_bucket(const struct pp_fib *fib,
					   const struct pp_nh *nh,
					   __be32 daddr)
{
	u32 hash = pp_hash_2(fib->pn, (__force u32)daddr,
			     (u32)((unsigned long)nh >> 5));

	return &fib->exc[hash % PKTPATH_FIB_EXC_HASH];
}

static struct pp_nh_exc *pp_nh_exc_find(const struct pp_fib *fib,
					const struct pp_nh *nh, __be32 daddr)
{
	struct pp_nh_exc *e;

	hlist_for_each_entry_rcu(e, pp_nh_exc_bucket(fib, nh, daddr), node,
				 lockdep_is_held(&fib->exc_lock))
		if (e->daddr == daddr && e->nh == nh)
			return e;
	return NULL;
}

/**
 * pp_nh_exc_dst() - the dst with what was told of a destination
 * @nh: next hop
 * @daddr: destination
 * @gen: generation, read before the route was looked up
 *
 * Context: RCU read side, softirq or process; takes exc_lock at the first use
 * in a generation.
 * Return: the dst, good inside the RCU section, or NULL when there is no
 * exception (or no memory: it will be told again).
 */
struct pp_dst *pp_nh_exc_dst(struct pp_nh *nh, __be32 daddr, u32 gen)
{
	struct pp_fib *fib = nh->pn->fib;
	struct pp_dst *dst;
	struct pp_nh_exc *e;

	e = pp_nh_exc_find(fib, nh, daddr);
	if (!e)
		return NULL;
	dst = rcu_dereference(e->dst);
	if (dst && dst->gen == gen)
		return dst;

	dst = NULL;
	spin_lock_bh(&fib->exc_lock);
	/* it may have been deleted meanwhile */
	e = pp_nh_exc_find(fib, nh, daddr);
	if (e && !nh->gone && time_before(jiffies, e->expires)) {
		dst = pp_dst_make(nh, gen, &e->way);
		if (IS_ERR(dst))
			dst = NULL;
		else
			pp_nh_exc_dst_set(fib, e, dst);
	}
	spin_unlock_bh(&fib->exc_lock);
	return dst;
}

/* A place in the bucket: a new exception, or the one that ends first. */
static struct pp_nh_exc *pp_nh_exc_new(struct pp_fib *fib, struct pp_nh *nh,
				       __be32 daddr)
{
	struct hlist_head *head = pp_nh_exc_bucket(fib, nh, daddr);
	struct pp_nh_exc *e, *oldest = NULL;
	unsigned int depth = 0;

	hlist_for_each_entry(e, head, node) {
		depth++;
		if (!oldest || time_before(e->expires, oldest->expires))
			oldest = e;
	}
	if (depth >= PKTPATH_FIB_EXC_DEPTH)
		pp_nh_exc_del(fib, oldest);
	e = kzalloc(sizeof(*e), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!e)
		return NULL;
	e->nh = nh;
	e->daddr = daddr;
	atomic_inc(&nh->nexc);
	hlist_add_head_rcu(&e->node, head);
	return e;
}

/* Has the worker come at @when (jiffies) at the latest. */
static void pp_nh_exc_arm(struct pp_fib *fib, unsigned long when)
{
	struct delayed_work *work = &fib->exc_work;
	unsigned long now = jiffies;

	lockdep_assert_held(&fib->exc_lock);
	if (READ_ONCE(fib->pn->exiting))
		return;
	if (!delayed_work_pending(work) ||
	    time_before(when, READ_ONCE(work->timer.expires)))
		mod_delayed_work(pp_compat_system_wq(), work,
				 1 + (time_after(when, now) ? when - now : 0));
}

/* News about @e; whether there are any, and not just the same once more. */
static bool pp_nh_exc_set(struct pp_fib *fib, struct pp_nh_exc *e,
			  const struct pp_nh_way *way)
{
	unsigned long secs = READ_ONCE(fib->pn->sysctl.mtu_expires);
	bool news = false;

	if (way->mtu) {
		e->way.mtu = way->mtu;
		e->way.lock = way->lock;
		news = true;
	} else {
		secs = PKTPATH_NH_REDIRECT_SECS;
	}
	if (way->gw && way->gw != e->way.gw) {
		e->way.gw = way->gw;
		news = true;
	}
	e->expires = jiffies + secs * HZ;
	if (news)
		pp_nh_exc_dst_set(fib, e, NULL);
	/* they do not all last equally long */
	pp_nh_exc_arm(fib, e->expires);
	return news;
}

/**
 * pp_nh_exc_unchecked() - may a report be believed that no socket could check?
 * @fib: routing of the netns
 *
 * Each changes the generation of the netns, so that whoever can make them up
 * has every socket look up its route again: 200, then 50 a second.
 *
 * Context: RCU read side, softirq or process; takes exc_lock.
 * Return: whether there is a token for it, which is taken.
 */
bool pp_nh_exc_unchecked(struct pp_fib *fib)
{
	unsigned long now = jiffies, gone;
	bool may;

	spin_lock_bh(&fib->exc_lock);
	gone = min(now - fib->exc_stamp, 4UL * HZ);
	fib->exc_tokens = min_t(u32, fib->exc_tokens + gone * 50, 200 * HZ);
	fib->exc_stamp = now;
	may = fib->exc_tokens >= HZ;
	if (may)
		fib->exc_tokens -= HZ;
	spin_unlock_bh(&fib->exc_lock);
	return may;
}

/**
 * pp_nh_exc_learn() - notes what a router has told of a destination
 * @nh: next hop that leads to it
 * @daddr: destination
 * @way: a path MTU, which the caller has checked to be less than what is
 *	 known, or a gateway, which it believes
 *
 * Mirrors: net/ipv4/route.c:update_or_create_fnhe (v7.2)
 *
 * Context: RCU read side, softirq or process; takes exc_lock.
 * Return: 0, -ENOMEM, or -ENOENT when the next hop has just gone.
 */
int pp_nh_exc_learn(struct pp_nh *nh, __be32 daddr,
		    const struct pp_nh_way *way)
{
	struct pp_fib *fib = nh->pn->fib;
	struct pp_nh_exc *e;
	bool news = false;
	int err = -ENOENT;

	spin_lock_bh(&fib->exc_lock);
	if (nh->gone)
		goto out;
	e = pp_nh_exc_find(fib, nh, daddr);
	if (!e)
		e = pp_nh_exc_new(fib, nh, daddr);
	err = -ENOMEM;
	if (!e)
		goto out;
	news = pp_nh_exc_set(fib, e, way);
	err = 0;
out:
	spin_unlock_bh(&fib->exc_lock);
	if (news)
		pp_fib_changed(nh->pn);
	return err;
}

/**
 * pp_nh_exc_unlearn_gw() - forgets a redirect whose gateway does not answer
 * @nh: next hop that leads to the destination
 * @daddr: destination
 * @gw: the gateway
 *
 * RFC 1122 §3.3.1.5: back to the way that the tables say.
 *
 * Context: RCU read side, softirq or process; takes exc_lock.
 */
void pp_nh_exc_unlearn_gw(struct pp_nh *nh, __be32 daddr, __be32 gw)
{
	struct pp_fib *fib = nh->pn->fib;
	struct pp_nh_exc *e;
	bool found;

	spin_lock_bh(&fib->exc_lock);
	e = nh->gone ? NULL : pp_nh_exc_find(fib, nh, daddr);
	found = e && e->way.gw == gw;
	if (found && !e->way.mtu) {
		pp_nh_exc_del(fib, e);
	} else if (found) {
		e->way.gw = 0;
		pp_nh_exc_dst_set(fib, e, NULL);
	}
	spin_unlock_bh(&fib->exc_lock);
	if (found)
		pp_fib_changed(nh->pn);
}

/* No path MTU any more; @e goes when it says nothing else. */
static void pp_nh_exc_drop_mtu(struct pp_fib *fib, struct pp_nh_exc *e)
{
	if (!e->way.gw) {
		pp_nh_exc_del(fib, e);
		return;
	}
	e->way.mtu = 0;
	e->way.lock = false;
	pp_nh_exc_dst_set(fib, e, NULL);
}

/**
 * pp_nh_exc_forget() - ends what was learned by a device
 * @pd: the device
 * @mtu: path MTUs of so many bytes or more, 0: all, and redirects too
 *
 * With the MTU of the device as @mtu a path MTU does not outlive the time in
 * which the link is no wider than that, as in the kernel, where it follows the
 * link down and up again.
 *
 * Mirrors: net/ipv4/fib_semantics.c:fib_sync_down_dev, fib_nhc_update_mtu
 * (v7.2)
 *
 * Context: process, cfg_lock held; takes exc_lock. The caller changes the
 * generation.
 */
void pp_nh_exc_forget(const struct pp_dev *pd, u32 mtu)
{
	struct pp_fib *fib = pd->pn->fib;
	struct hlist_node *tmp;
	struct pp_nh_exc *e;
	unsigned int i;

	lockdep_assert_held(&pd->pn->cfg_lock);
	for (i = 0; i < PKTPATH_FIB_EXC_HASH; i++) {
		spin_lock_bh(&fib->exc_lock);
		hlist_for_each_entry_safe(e, tmp, &fib->exc[i], node) {
			if (e->nh->key.pd != pd)
				continue;
			if (!mtu)
				pp_nh_exc_del(fib, e);
			else if (e->way.mtu >= mtu)
				pp_nh_exc_drop_mtu(fib, e);
		}
		spin_unlock_bh(&fib->exc_lock);
	}
}

static void pp_nh_exc_expire(struct work_struct *work)
{
	struct pp_fib *fib = container_of(to_delayed_work(work), struct pp_fib,
					  exc_work);
	unsigned long next = 0, now = jiffies;
	struct hlist_node *tmp;
	struct pp_nh_exc *e;
	bool any = false;
	unsigned int i;

	for (i = 0; i < PKTPATH_FIB_EXC_HASH; i++) {
		spin_lock_bh(&fib->exc_lock);
		hlist_for_each_entry_safe(e, tmp, &fib->exc[i], node) {
			if (time_after_eq(now, e->expires)) {
				pp_nh_exc_del(fib, e);
				any = true;
			} else if (!next || e->expires - now < next) {
				next = e->expires - now;
			}
		}
		spin_unlock_bh(&fib->exc_lock);
	}
	if (any)
		pp_fib_changed(fib->pn);
	if (!next)
		return;
	spin_lock_bh(&fib->exc_lock);
	pp_nh_exc_arm(fib, now + next);
	spin_unlock_bh(&fib->exc_lock);
}

/**
 * pp_nh_net_init() - tables of next hops and exceptions
 * @pn: netns state with pn->fib
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_nh_net_init(struct pp_net *pn)
{
	struct pp_fib *fib = pn->fib;

	INIT_LIST_HEAD(&fib->nhs);
	spin_lock_init(&fib->exc_lock);
	INIT_DELAYED_WORK(&fib->exc_work, pp_nh_exc_expire);
	fib->exc = kvcalloc(PKTPATH_FIB_EXC_HASH, sizeof(*fib->exc),
			    GFP_KERNEL_ACCOUNT);
	if (!fib->exc)
		return -ENOMEM;
	if (!pp_nh_hash_alloc(fib, PKTPATH_NH_HASH_BITS))
		return 0;
	kvfree(fib->exc);
	return -ENOMEM;
}

/**
 * pp_nh_net_exit() - undoes pp_nh_net_init()
 * @pn: netns state; no route and no device is left
 *
 * Context: process, sleeps.
 */
void pp_nh_net_exit(struct pp_net *pn)
{
	struct pp_fib *fib = pn->fib;

	/* pn->exiting keeps it from being queued again */
	cancel_delayed_work_sync(&fib->exc_work);
	pp_nh_exc_purge(fib, NULL);
	WARN_ON_ONCE(!list_empty(&fib->nhs));
	kvfree(fib->nh_hash);
	kvfree(fib->exc);
}
