// SPDX-License-Identifier: GPL-2.0
/*
 * dsts: routes as packets and sockets carry them.
 *
 * A dst is made by the next hop it belongs to for one generation of the netns,
 * and is good while the generation lasts. It holds its next hop and its
 * device. A device lists its dsts, so that all of them can be made dead at once
 * when it leaves, whoever holds them: they let go of the netdevice and throw
 * packets away. At the end of the module their number tells whether somebody (a
 * qdisc, a queue of netfilter) still has one.
 *
 * Kernel code looks into them as struct rtable (netfilter, tunnels) and calls
 * every function of their struct dst_ops, so all members are real.
 *
 * Path: ip/route.c -> here -> ip/ip_output.c
 * Mirrors: net/ipv4/route.c (rt_dst_alloc, ipv4_dst_ops), net/core/dst.c
 * Locks: pp_dst_lock for the lists, taken with BH off, nests in pp_nh.lock
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include "compat/compat.h"
#include "ip/fib.h"
#include "neigh/neigh.h"

static atomic_long_t pp_dst_count;
static DEFINE_SPINLOCK(pp_dst_lock);

/*
 * For code of the kernel that has kept one of ours: it is to ask for another.
 * Our own callers use pp_dst_valid().
 */
static struct dst_entry *pp_dst_check(struct dst_entry *dst, u32 cookie)
{
	return NULL;
}

static unsigned int pp_dst_ops_mtu(const struct dst_entry *dst)
{
	return pp_dst_mtu(pp_dst(dst));
}

static unsigned int pp_dst_default_advmss(const struct dst_entry *dst)
{
	unsigned int mtu = pp_dst_mtu(pp_dst(dst));
	unsigned int hlen = sizeof(struct iphdr) + 20;

	/* RFC 9293 §3.7.1: 536 is what every host takes */
	return mtu > hlen + 536 ? mtu - hlen : 536;
}

static void pp_dst_destroy(struct dst_entry *dst)
{
	struct pp_dst *pdst = pp_dst(dst);

	dst_destroy_metrics_generic(dst);
	spin_lock_bh(&pp_dst_lock);
	list_del(&pdst->list);
	spin_unlock_bh(&pp_dst_lock);
	atomic_long_dec(&pp_dst_count);
	pp_dev_put(pdst->pd);
	pp_nh_put(pdst->nh);
}

static void pp_dst_negative_advice(struct sock *sk, struct dst_entry *dst)
{
	struct pp_dst *pdst = pp_dst(dst);

	/* dead first: only a living device keeps the netns alive */
	if (READ_ONCE(dst->obsolete) > 0 || READ_ONCE(pdst->pd->dead) ||
	    !pp_dst_valid(pdst->pd->pn, pdst))
		sk_dst_reset(sk);
}

/* A tunnel found its way barred; our sockets learn it by ICMP alone. */
static void pp_dst_link_failure(struct sk_buff *skb)
{
}

/* A tunnel's idea of the MTU is one of the kernel's routes, not of ours. */
static void pp_dst_update_pmtu(struct dst_entry *dst, struct sock *sk,
			       struct sk_buff *skb, u32 mtu,
			       bool confirm_neigh)
{
}

/* A tunnel's peer redirects the kernel's packets, not ours. */
static void pp_dst_redirect(struct dst_entry *dst, struct sock *sk,
			    struct sk_buff *skb)
{
}

/* Our neighbours are not the kernel's. */
static struct neighbour *pp_dst_neigh_lookup(const struct dst_entry *dst,
					     struct sk_buff *skb,
					     const void *daddr)
{
	return NULL;
}

static void pp_dst_confirm_neigh(const struct dst_entry *dst,
				 const void *daddr)
{
	const struct pp_dst *pdst = pp_dst(dst);
	__be32 addr = pdst->gw;

	if (!addr && daddr)
		addr = *(const __be32 *)daddr;
	rcu_read_lock();
	if (addr && pdst->type == RTN_UNICAST && !READ_ONCE(pdst->pd->dead))
		pp_neigh_confirm(pdst->pd, addr);
	rcu_read_unlock();
}

struct dst_ops pp_dst_ops = {
	.family = AF_INET,
	.check = pp_dst_check,
	.default_advmss = pp_dst_default_advmss,
	.mtu = pp_dst_ops_mtu,
	.cow_metrics = dst_cow_metrics_generic,
	.destroy = pp_dst_destroy,
	.negative_advice = pp_dst_negative_advice,
	.link_failure = pp_dst_link_failure,
	.update_pmtu = pp_dst_update_pmtu,
	.redirect = pp_dst_redirect,
	.local_out = pp_ip_local_out,
	.neigh_lookup = pp_dst_neigh_lookup,
	.confirm_neigh = pp_dst_confirm_neigh,
};

static unsigned int pp_dst_rt_flags(const struct pp_nh_key *key)
{
	switch (key->type) {
	case RTN_LOCAL:
		return RTCF_LOCAL;
	case RTN_BROADCAST:
		return RTCF_BROADCAST | (key->input ? RTCF_LOCAL : 0);
	case RTN_MULTICAST:
		return RTCF_MULTICAST | (key->input ? RTCF_LOCAL : 0);
	default:
		return 0;
	}
}

static void pp_dst_fill(struct pp_dst *dst, struct pp_nh *nh,
			struct pp_dev *pd, const struct pp_nh_way *way)
{
	const struct pp_nh_key *key = &nh->key;
	__be32 gw = way && way->gw ? way->gw : key->gw;
	struct rtable *rt = &dst->rt;

	pp_compat_rtable_init(rt);
	rt->rt_flags = pp_dst_rt_flags(key);
	rt->rt_type = key->type;
	rt->rt_is_input = key->input;
	rt->rt_iif = key->input ? pd->ifindex : 0;
	if (gw) {
		rt->rt_uses_gateway = 1;
		rt->rt_gw_family = AF_INET;
		rt->rt_gw4 = gw;
	}
	if (gw != key->gw)
		rt->rt_flags |= RTCF_REDIRECTED;
	rt->rt_mtu_locked = way && way->mtu ? way->lock : key->mtu_lock;
	rt->rt_pmtu = way && way->mtu ? way->mtu : key->mtu;
	if (!key->input)
		rt->dst.output = pp_ip_output;
	if (rt->rt_flags & RTCF_LOCAL)
		rt->dst.input = pp_ip_local_deliver;
	dst->pd = pd;
	dst->nh = nh;
	dst->gw = gw;
	dst->type = key->type;
	dst->l3mdev = nh->l3mdev;
	dst->cc_key = key->cc_key;
	dst->cc_lock = key->cc_lock;
	dst->prefsrc = key->prefsrc;
	if (!dst->prefsrc && key->type != RTN_LOCAL)
		dst->prefsrc = pp_ifaddr_select_rcu(pd, key->gw);
}

/**
 * pp_dst_metrics() - what its route says besides
 * @dst: a dst of ours
 *
 * Context: any; good as long as @dst is.
 * Return: the metrics.
 */
const struct pp_route_metrics *pp_dst_metrics(const struct pp_dst *dst)
{
	return &dst->nh->key.m;
}

/**
 * pp_dst_ttl() - TTL of a packet whose sender does not say it
 * @pn: netns
 * @dst: route of the packet
 *
 * Mirrors: include/net/route.h:ip4_dst_hoplimit (v7.2).
 *
 * Context: any.
 * Return: the TTL.
 */
u8 pp_dst_ttl(const struct pp_net *pn, const struct pp_dst *dst)
{
	return dst->nh->key.m.hoplimit ?: READ_ONCE(pn->sysctl.ip_default_ttl);
}

/**
 * pp_dst_make() - a new dst of a next hop
 * @nh: next hop, held by the caller; the dst takes references of its own on
 *	it and on the device
 * @gen: generation of the netns, read before the route was looked up
 * @way: what has been told of the destination, or NULL
 *
 * Mirrors: net/ipv4/route.c:rt_dst_alloc, __mkroute_output (v7.2)
 *
 * Context: RCU read side, softirq or process; takes pp_dst_lock.
 * Return: the dst with one reference, or ERR_PTR: -ENOBUFS, or -ENETUNREACH
 * when the device is leaving.
 */
struct pp_dst *pp_dst_make(struct pp_nh *nh, u32 gen,
			   const struct pp_nh_way *way)
{
	struct pp_dev *pd = nh->key.pd;
	struct pp_dst *dst;
	bool dead;

	/* what is for us goes round by lo, whichever device has the address */
	if (nh->key.type == RTN_LOCAL && !nh->key.input)
		pd = rcu_dereference(nh->pn->loop);
	if (!pd || !pp_dev_hold_safe(pd))
		return ERR_PTR(-ENETUNREACH);
	dst = pp_compat_dst_alloc(&pp_dst_ops, READ_ONCE(pd->dev),
				  DST_OBSOLETE_FORCE_CHK,
				  DST_NOXFRM | DST_NOPOLICY);
	if (!dst) {
		pp_dev_put(pd);
		return ERR_PTR(-ENOBUFS);
	}
	memset((char *)dst + sizeof(struct dst_entry), 0,
	       sizeof(*dst) - sizeof(struct dst_entry));
	pp_dst_fill(dst, nh, pd, way);
	dst->gen = gen;
	refcount_inc(&nh->refcnt);
	atomic_long_inc(&pp_dst_count);

	spin_lock_bh(&pp_dst_lock);
	dead = READ_ONCE(pd->dead);
	list_add(&dst->list, &pd->dsts);
	/* once: under the lock pp_dst_dev_gone() sees what was done here */
	if (dead)
		dst_dev_put(&dst->rt.dst);
	spin_unlock_bh(&pp_dst_lock);
	if (!dead)
		return dst;
	dst_release(&dst->rt.dst);
	return ERR_PTR(-ENETUNREACH);
}

/**
 * pp_dst_keep() - has a packet hold its route, or one that is as good
 * @skb: packet on its way out by lo, with a route of ours
 *
 * The next hop may have given its dst up since the packet got it. Nobody can
 * hold that one any more, so the packet gets another, as old.
 *
 * Mirrors: include/net/dst.h:skb_dst_force (v7.2)
 *
 * Context: RCU read side, the one in which the packet got its route unless it
 * holds it; softirq or process; takes pp_dst_lock.
 * Return: 0, -ENOBUFS, or -ENETUNREACH when the device is leaving; without a
 * route then.
 */
int pp_dst_keep(struct sk_buff *skb)
{
	struct pp_dst *dst = pp_dst(skb_dst(skb));

	/* takes it off @skb when it fails */
	if (likely(skb_dst_force(skb)))
		return 0;
	/* a dst holds its next hop for a grace period after its end */
	dst = pp_dst_make(dst->nh, dst->gen, NULL);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	skb_dst_set(skb, &dst->rt.dst);
	return 0;
}

/**
 * pp_dst_dev_gone() - makes every dst on a device dead
 * @pd: the device, marked dead
 *
 * Mirrors: net/ipv4/route.c:rt_flush_dev (v7.2)
 *
 * Context: process, cfg_lock held; takes pp_dst_lock.
 */
void pp_dst_dev_gone(struct pp_dev *pd)
{
	struct pp_dst *dst;

	spin_lock_bh(&pp_dst_lock);
	list_for_each_entry(dst, &pd->dsts, list)
		if (READ_ONCE(dst->rt.dst.obsolete) <= 0)
			dst_dev_put(&dst->rt.dst);
	spin_unlock_bh(&pp_dst_lock);
}

/**
 * pp_dst_init() - makes the cache of dsts
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_dst_init(void)
{
	int err;

	pp_dst_ops.kmem_cachep = kmem_cache_create("pp_dst",
						   sizeof(struct pp_dst), 0,
						   SLAB_HWCACHE_ALIGN, NULL);
	if (!pp_dst_ops.kmem_cachep)
		return -ENOMEM;
	err = dst_entries_init(&pp_dst_ops);
	if (err)
		kmem_cache_destroy(pp_dst_ops.kmem_cachep);
	return err;
}

/**
 * pp_dst_exit() - waits for the last dst and destroys their cache
 *
 * The code and the cache must stay as long as anybody can drop a dst: a packet
 * in a qdisc, say, whose device is stopped. Says so when it takes long.
 *
 * Context: process, sleeps.
 */
void pp_dst_exit(void)
{
	unsigned long warn = jiffies + 10 * HZ;

	for (;;) {
		rcu_barrier();
		if (!atomic_long_read(&pp_dst_count))
			break;
		if (time_after(jiffies, warn)) {
			pr_warn("pktpath: waiting for packets that hold a route\n");
			warn = jiffies + 60 * HZ;
		}
		msleep(20);
	}
	/* the last may have counted itself out, but not yet freed itself */
	rcu_barrier();
	dst_entries_destroy(&pp_dst_ops);
	kmem_cache_destroy(pp_dst_ops.kmem_cachep);
}
