/* SPDX-License-Identifier: GPL-2.0 */
/* Routing tables, next hops and dsts, private to the routing files of ip. */
#ifndef PKTPATH_IP_FIB_H
#define PKTPATH_IP_FIB_H

#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/inet_ecn.h>
#include <net/pktpath_fib.h>
#include "core/hash.h"
#include "core/ifaddr.h"
#include "ip/ip_priv.h"
#include "ip/lpm.h"

/* ==== Next hops (nexthop.c) ==== */

/* States in which a next hop is passed over. */
#define PKTPATH_NH_UNUSABLE (RTNH_F_DEAD | RTNH_F_LINKDOWN)

/**
 * struct pp_nh_key - what makes two next hops the same
 * @pd: device; NULL for routes that refuse. For RTN_LOCAL the device that has
 *	the address, while packets leave by lo
 * @gw: gateway, 0: on-link
 * @prefsrc: source address asked for by the route, 0: the device's
 * @mtu: of the route in bytes, 0: the device's
 * @flags: RTNH_F_ONLINK
 * @type: RTN_*
 * @input: for packets that come in
 * @mtu_lock: no path MTU discovery
 * @cc_lock: no other congestion control than @cc_key
 * @cc_key: stands for a congestion control, 0: any
 * @weight: share of the flows among the routes of a prefix that have one, 0:
 *	    takes all
 * @m: other metrics
 */
struct pp_nh_key {
	struct pp_dev *pd;
	__be32 gw;
	__be32 prefsrc;
	u32 mtu;
	u32 flags;
	u8 type;
	bool input;
	bool mtu_lock;
	bool cc_lock;
	u32 cc_key;
	u8 weight;
	struct pp_route_metrics m;
};

/**
 * struct pp_nh_way - what routers tell of the way to a destination
 * @gw: gateway in place of the next hop's, 0: nothing was told
 * @mtu: bytes of the path, 0: nothing was told
 * @lock: with @mtu: send without DF
 */
struct pp_nh_way {
	__be32 gw;
	u32 mtu;
	bool lock;
};

/**
 * struct pp_nh - shared next hop
 * @dst: made at the first use in a generation; RCU, written under @lock
 * @flags: RTNH_F_DEAD, RTNH_F_LINKDOWN; written under cfg_lock
 * @nexc: destinations of which routers have told something
 * @l3mdev: VRF in which @key.pd is; it has left that one when @gone is set
 * @gone: no dst may be made any more; written under @lock
 * @doomed: its source address is gone, and its routes are about to be; under
 *	cfg_lock
 * @lock: nests in pp_fib.exc_lock; pp_dst_lock nests in it
 * @key: constant; holds @key.pd
 * @pn: the netns, valid while @gone is not set
 * @users: routes and devices that use it; under cfg_lock
 * @refcnt: @users as one, and each dst
 * @hash_node: in pp_fib.nh_hash, under cfg_lock
 * @src_node: in pp_fib.nh_src when it has a source address, under cfg_lock
 * @list: in pp_fib.nhs, RCU, written under cfg_lock
 * @rcu: frees the structure
 */
struct pp_nh {
	struct pp_dst __rcu *dst;
	u32 flags;
	atomic_t nexc;
	struct pp_nh_key key;
	int l3mdev;
	struct pp_net *pn;
	bool gone;
	bool doomed;
	spinlock_t lock;	/* see above */
	unsigned int users;
	refcount_t refcnt;
	struct hlist_node hash_node;
	struct hlist_node src_node;
	struct list_head list;
	struct rcu_head rcu;
};

/* Whether packets may leave by @pd. */
static inline bool pp_nh_uses(const struct pp_nh *nh, const struct pp_dev *pd)
{
	return nh->key.pd == pd &&
	       !(READ_ONCE(nh->flags) & PKTPATH_NH_UNUSABLE);
}

struct pp_nh *pp_nh_get(struct pp_net *pn, const struct pp_nh_key *key);
struct pp_nh *pp_nh_find(struct pp_net *pn, const struct pp_nh_key *key);
void pp_nh_unuse(struct pp_nh *nh);
void pp_nh_kill(struct pp_nh *nh);
bool pp_nh_doom_src(struct pp_net *pn, __be32 addr, int l3mdev);
void pp_nh_put(struct pp_nh *nh);
bool pp_nh_update_flags(struct pp_nh *nh);
struct pp_dst *pp_nh_refresh(struct pp_nh *nh, u32 gen);
struct pp_dst *pp_nh_exc_dst(struct pp_nh *nh, __be32 daddr, u32 gen);
bool pp_nh_exc_unchecked(struct pp_fib *fib);
int pp_nh_exc_learn(struct pp_nh *nh, __be32 daddr,
		    const struct pp_nh_way *way);
void pp_nh_exc_unlearn_gw(struct pp_nh *nh, __be32 daddr, __be32 gw);
void pp_nh_exc_forget(const struct pp_dev *pd, u32 mtu);
int pp_nh_net_init(struct pp_net *pn);
void pp_nh_net_exit(struct pp_net *pn);

/* ==== dsts (dst.c) ==== */

struct pp_dst *pp_dst_make(struct pp_nh *nh, u32 gen,
			   const struct pp_nh_way *way);
int pp_dst_keep(struct sk_buff *skb);
void pp_dst_dev_gone(struct pp_dev *pd);
int pp_dst_init(void);
void pp_dst_exit(void);

/* The dst of a next hop in this generation, whatever has been learned of
 * single destinations; RCU. ERR_PTR: -EAGAIN when the next hop has just gone (look the
 * route up again), -ENOBUFS, -ENETUNREACH.
 */
static inline struct pp_dst *pp_nh_dst_plain(struct pp_nh *nh, u32 gen)
{
	struct pp_dst *dst = rcu_dereference(nh->dst);

	if (likely(dst && dst->gen == gen))
		return dst;
	return pp_nh_refresh(nh, gen);
}

/* The same with what routers have told of the way to a destination. */
static inline struct pp_dst *pp_nh_dst(struct pp_nh *nh, __be32 daddr, u32 gen)
{
	struct pp_dst *dst;

	if (unlikely(atomic_read(&nh->nexc))) {
		dst = pp_nh_exc_dst(nh, daddr, gen);
		if (dst)
			return dst;
	}
	return pp_nh_dst_plain(nh, gen);
}

/* ==== Tables (fib.c) ==== */

/**
 * struct pp_fib_entry - one route
 * @leaf: prefix; first, so that the table's leaf is the prefix's first route
 * @metric: lower wins
 * @tos: 0: any
 * @type: RTN_*
 * @scope: RT_SCOPE_*
 * @protocol: RTPROT_*
 * @next: of the same prefix, sorted by tos (higher first), then metric; RCU
 * @nh: held
 * @rcu: frees the structure
 */
struct pp_fib_entry {
	struct pp_lpm_leaf leaf;
	u32 metric;
	u8 tos;
	u8 type;
	u8 scope;
	u8 protocol;
	struct pp_fib_entry __rcu *next;
	struct pp_nh *nh;
	struct rcu_head rcu;
};

struct pp_fib_rules;

#define PKTPATH_FIB_ALG_BUILTIN "lpm"

/**
 * struct pp_fib_alg - another algorithm than the built-in one, in one table
 * @ops: its calls; their module is held
 * @priv: its state
 */
struct pp_fib_alg {
	const struct pktpath_fib_ops *ops;
	void *priv;
};

/**
 * struct pp_fib_table - one table
 * @lpm: state of the built-in algorithm
 * @alg: another algorithm, or NULL; RCU, written under cfg_lock
 * @was: what it was before, while @changed: readers may look at it still
 * @changed: see @was; both under cfg_lock
 * @id: RT_TABLE_*
 * @count: routes
 * @node: in pp_fib.tables, RCU
 */
struct pp_fib_table {
	struct pp_lpm lpm;
	struct pp_fib_alg __rcu *alg;
	struct pp_fib_alg *was;
	bool changed;
	u32 id;
	unsigned long count;
	struct hlist_node node;
};

/* What other modules know a leaf as (include/net/pktpath_fib.h). */
static inline struct pktpath_fib_leaf *pp_fib_leaf_out(struct pp_lpm_leaf *leaf)
{
	BUILD_BUG_ON(sizeof(struct pktpath_fib_leaf) !=
		     sizeof(struct pp_lpm_leaf));
	BUILD_BUG_ON(offsetof(struct pktpath_fib_leaf, plen) !=
		     offsetof(struct pp_lpm_leaf, plen));
	return (struct pktpath_fib_leaf *)leaf;
}

static inline struct pp_lpm_leaf *pp_fib_leaf_in(struct pktpath_fib_leaf *leaf)
{
	return (struct pp_lpm_leaf *)leaf;
}

/*
 * A table by whichever algorithm it has. The readers' three: RCU read side or
 * cfg_lock; the others: cfg_lock.
 */
static __always_inline struct pp_fib_alg *
pp_fib_tb_alg(const struct pp_fib_table *tb)
{
	return rcu_dereference_check(tb->alg, true);
}

/* Longest prefix that covers @key, or NULL. */
static __always_inline struct pp_lpm_leaf *
pp_fib_tb_lookup(const struct pp_fib_table *tb, u32 key)
{
	const struct pp_fib_alg *alg = pp_fib_tb_alg(tb);

	if (likely(!alg))
		return pp_lpm_lookup(&tb->lpm, key);
	return pp_fib_leaf_in(alg->ops->lookup(alg->priv, key, 32));
}

/* The same among those of at most @max bits. */
static inline struct pp_lpm_leaf *
pp_fib_tb_lookup_max(const struct pp_fib_table *tb, u32 key, unsigned int max)
{
	const struct pp_fib_alg *alg = pp_fib_tb_alg(tb);

	if (likely(!alg))
		return pp_lpm_lookup_max(&tb->lpm, key, max);
	return pp_fib_leaf_in(alg->ops->lookup(alg->priv, key, max));
}

/* The very prefix, or NULL. */
static inline struct pp_lpm_leaf *
pp_fib_tb_find(const struct pp_fib_table *tb, u32 key, unsigned int plen)
{
	const struct pp_fib_alg *alg = pp_fib_tb_alg(tb);

	if (likely(!alg))
		return pp_lpm_find(&tb->lpm, key, plen);
	return pp_fib_leaf_in(alg->ops->find(alg->priv, key, plen));
}

/* First prefix at or behind (key, plen), by key, then length. */
static inline struct pp_lpm_leaf *
pp_fib_tb_next(const struct pp_fib_table *tb, u32 key, unsigned int plen)
{
	const struct pp_fib_alg *alg = pp_fib_tb_alg(tb);

	if (likely(!alg))
		return pp_lpm_next(&tb->lpm, key, plen);
	return pp_fib_leaf_in(alg->ops->next(alg->priv, key, plen));
}

/* 0, -EEXIST, -ENOMEM */
static inline int pp_fib_tb_insert(struct pp_fib_table *tb,
				   struct pp_lpm_leaf *leaf)
{
	const struct pp_fib_alg *alg = pp_fib_tb_alg(tb);

	if (likely(!alg))
		return pp_lpm_insert(&tb->lpm, leaf);
	return alg->ops->insert(alg->priv, pp_fib_leaf_out(leaf));
}

static inline void pp_fib_tb_replace(struct pp_fib_table *tb,
				     struct pp_lpm_leaf *old,
				     struct pp_lpm_leaf *leaf)
{
	const struct pp_fib_alg *alg = pp_fib_tb_alg(tb);

	if (likely(!alg))
		pp_lpm_replace(&tb->lpm, old, leaf);
	else
		alg->ops->replace(alg->priv, pp_fib_leaf_out(old),
				  pp_fib_leaf_out(leaf));
}

static inline void pp_fib_tb_remove(struct pp_fib_table *tb,
				    struct pp_lpm_leaf *leaf)
{
	const struct pp_fib_alg *alg = pp_fib_tb_alg(tb);

	if (likely(!alg))
		pp_lpm_remove(&tb->lpm, leaf);
	else
		alg->ops->remove(alg->priv, pp_fib_leaf_out(leaf));
}

int pp_fib_alg_table(struct pp_net *pn, struct pp_fib_table *tb);
void pp_fib_alg_gone(struct pp_fib_table *tb);

/* Next hops that belong to a device itself. */
enum pp_fib_dev_nh {
	PKTPATH_FIB_IN_LOCAL,	/* packets that come in, for us */
	PKTPATH_FIB_IN_BCAST,
	PKTPATH_FIB_IN_MCAST,
	PKTPATH_FIB_OUT_ONLINK,	/* bound to the device, no route */
	PKTPATH_FIB_OUT_BCAST,
	PKTPATH_FIB_OUT_MCAST,
	PKTPATH_FIB_DEV_NHS
};

/**
 * struct pp_fib_dev - routing's part of an attached device
 * @node: in pp_fib.devs, RCU
 * @pd: the device; held
 * @nh: one of each kind; held
 * @rcu: frees the structure
 */
struct pp_fib_dev {
	struct hlist_node node;
	struct pp_dev *pd;
	struct pp_nh *nh[PKTPATH_FIB_DEV_NHS];
	struct rcu_head rcu;
};

/**
 * struct pp_redirect - what one host has been told
 * @to: the host
 * @last: jiffies of the last redirect
 * @sent: how many
 */
struct pp_redirect {
	__be32 to;
	u32 last;
	u8 sent;
};

#define PKTPATH_FIB_REDIRECTS 256
#define PKTPATH_FIB_TABLE_HASH 256
/* Tables of a netns: some events look at every one with RTNL held. */
#define PKTPATH_FIB_TABLE_MAX 4096
#define PKTPATH_FIB_DEV_HASH 64
/* What routers tell of destinations: at most buckets times depth. */
#define PKTPATH_FIB_EXC_HASH 1024
#define PKTPATH_FIB_EXC_DEPTH 5

struct pp_nh_exc;

/**
 * struct pp_route_in - an answer for packets that come in
 * @daddr: an address of ours
 * @saddr: neither an address of ours nor a broadcast address
 * @gen: generation in which both are true
 */
struct pp_route_in {
	__be32 daddr;
	__be32 saddr;
	u64 gen;
};

/**
 * struct pp_route_fwd - an answer for packets that are forwarded
 * @daddr: destination, an address of others
 * @saddr: source, acceptable from @iif
 * @iif: device it came in by
 * @mark: of the packet
 * @gen_tos: generations in which this is true, ours and that of the kernel's
 *	     routes, and TOS of the packet
 * @nh: where it goes; while the generation lasts it is there for who is under
 *	RCU, because that changes before a next hop is given up
 */
struct pp_route_fwd {
	__be32 daddr;
	__be32 saddr;
	int iif;
	u32 mark;
	u64 gen_tos;
	struct pp_nh *nh;
};

/* The last answers, per CPU, by source; by both addresses. */
#define PKTPATH_ROUTE_IN_BITS 4
#define PKTPATH_ROUTE_FWD_BITS 6

struct pp_route_in_cpu {
	struct pp_route_in e[1 << PKTPATH_ROUTE_IN_BITS];
	struct pp_route_fwd fwd[1 << PKTPATH_ROUTE_FWD_BITS];
};

/**
 * struct pp_fib - routing of one netns; written under cfg_lock
 * @local: table 255
 * @main: table 254
 * @local_near: how many routes of @local there are by the first octet
 * @tables: all tables by id, RCU
 * @devs: struct pp_fib_dev by ifindex, RCU
 * @ntables: how many tables there are
 * @alg_ops: algorithm of new tables, NULL: the built-in one
 * @rules: policy rules; NULL: those that hold as long as none was given; RCU
 * @nhs: all next hops
 * @nh_hash: the same by key, 1 << @nh_bits lists
 * @nh_src: those with a source address by it, as many lists behind @nh_hash
 * @nh_bits: see @nh_hash
 * @nh_count: length of @nhs
 * @pn: the netns
 * @in: what input has found out; only softirqs use it
 * @redirect_lock: of @redirect, a leaf
 * @redirect: limits on the redirects that we send, by keyed hash of the host
 * @exc_lock: of the exceptions; pp_nh.lock nests in it
 * @exc_tokens: how many unchecked reports of a path MTU are listened to,
 *	in 1/HZ; of @exc_stamp (jiffies), under @exc_lock
 * @exc_stamp: see @exc_tokens
 * @exc: what routers have told, by (next hop, destination), RCU
 * @exc_work: removes those that have expired
 */
struct pp_fib {
	struct pp_fib_table local;
	struct pp_fib_table main;
	u32 local_near[256];
	struct hlist_head tables[PKTPATH_FIB_TABLE_HASH];
	struct hlist_head devs[PKTPATH_FIB_DEV_HASH];
	unsigned int ntables;
	const struct pktpath_fib_ops *alg_ops;
	struct pp_fib_rules __rcu *rules;
	struct list_head nhs;
	struct hlist_head *nh_hash;
	struct hlist_head *nh_src;
	unsigned int nh_bits;
	unsigned int nh_count;
	struct pp_net *pn;
	struct pp_route_in_cpu __percpu *in;
	spinlock_t redirect_lock;	/* see above */
	struct pp_redirect redirect[PKTPATH_FIB_REDIRECTS];
	spinlock_t exc_lock;	/* see above */
	u32 exc_tokens;
	unsigned long exc_stamp;
	struct hlist_head *exc;
	struct delayed_work exc_work;
};

/* Whether two routes have the same place in their prefix. */
static inline bool pp_fib_same_rank(const struct pp_fib_entry *a,
				    const struct pp_fib_entry *b)
{
	return a->tos == b->tos && a->metric == b->metric;
}

/* Whether a flow may take a route. */
static __always_inline bool pp_fib_fits(const struct pp_fib_entry *fe,
					const struct pp_flow *fl)
{
	const struct pp_nh *nh = fe->nh;

	if (unlikely(READ_ONCE(nh->flags) & PKTPATH_NH_UNUSABLE))
		return false;
	if (fe->tos && fe->tos != (fl->tos & ~INET_ECN_MASK))
		return false;
	if (!nh->key.pd)
		return true;
	if (fl->oif && fl->oif != nh->key.pd->ifindex)
		return false;
	return !(fl->flags & PKTPATH_FLOWF_ONLINK) || !nh->key.gw;
}

/* The first route of a leaf. */
static inline struct pp_fib_entry *pp_fib_first(struct pp_lpm_leaf *leaf)
{
	return (struct pp_fib_entry *)leaf;
}

/* ---- fib_local.c ---- */

/* Whether table 255 can have a route to @addr; RCU. */
static inline bool pp_fib_local_near(const struct pp_fib *fib, __be32 addr)
{
	return READ_ONCE(fib->local_near[ntohl(addr) >> 24]);
}

void pp_fib_local_counted(struct pp_fib *fib, const struct pp_fib_table *tb,
			  const struct pp_lpm_leaf *leaf, int by);
struct pp_dev *pp_fib_local_dev(const struct pp_net *pn, __be32 addr,
				int l3mdev);
unsigned int pp_fib_local_type(const struct pp_net *pn, __be32 addr,
			       int l3mdev);

/* ---- fib_ways.c ---- */

struct pp_fib_entry *pp_fib_pick_way(struct pp_fib_entry *first,
				     const struct pp_flow *fl);
struct pp_fib_entry *pp_fib_pick_heard(struct pp_fib_entry *first,
				       const struct pp_flow *fl);

struct pp_fib_entry *pp_fib_leaf_lookup(const struct pp_fib_table *tb,
					struct pp_lpm_leaf *leaf,
					const struct pp_flow *fl);
struct pp_fib_entry *pp_fib_table_lookup(const struct pp_fib_table *tb,
					 const struct pp_flow *fl);
struct pp_fib_entry *pp_fib_lookup(const struct pp_net *pn,
				   const struct pp_flow *fl);
u32 pp_fib_table_of(const struct pp_net *pn, const struct pp_flow *fl);
struct pp_fib_table *pp_fib_vrf_table(const struct pp_net *pn, int l3mdev);
struct pp_fib_entry *pp_fib_vrf_lookup(const struct pp_net *pn,
				       const struct pp_flow *fl);
struct pp_fib_table *pp_fib_table_find(struct pp_net *pn, u32 id);
struct pp_fib_table *pp_fib_table_get(struct pp_net *pn, u32 id);
struct pp_fib_table *pp_fib_table_after(struct pp_net *pn, u32 id);
struct pp_fib_dev *pp_fib_dev_rcu(const struct pp_net *pn,
				  const struct pp_dev *pd);

struct pp_fib_entry *pp_fib_entry_new(const struct pp_route_cfg *cfg,
				      struct pp_nh *nh);
void pp_fib_entry_free(struct pp_fib_entry *fe);
int pp_fib_link(struct pp_net *pn, struct pp_fib_table *tb,
		struct pp_fib_entry *fe, u16 nlflags);
void pp_fib_unlink(struct pp_net *pn, struct pp_fib_table *tb,
		   struct pp_fib_entry *fe);
void pp_fib_remove_if(struct pp_net *pn, struct pp_fib_table *tb,
		      bool (*match)(const struct pp_fib_entry *fe, void *arg),
		      void *arg);
void pp_fib_remove_all_if(struct pp_net *pn,
			  bool (*match)(const struct pp_fib_entry *fe,
					void *arg),
			  void *arg);
void pp_fib_clear(struct pp_net *pn);
void pp_fib_changed(struct pp_net *pn);
int pp_fib_init(void);
void pp_fib_exit(void);
int pp_fib_net_init(struct pp_net *pn);
void pp_fib_net_exit(struct pp_net *pn);

/* ==== Routes by configuration (fib_conf.c) and by event (fib_event.c) ==== */

int pp_fib_put_route(struct pp_net *pn, const struct pp_route_cfg *cfg,
		     struct pp_dev *pd, u16 nlflags);
bool pp_fib_drop_route(struct pp_net *pn, const struct pp_route_cfg *cfg,
		       const struct pp_dev *pd);
void pp_fib_to_cfg(u32 table, const struct pp_fib_entry *fe,
		   struct pp_route_cfg *cfg);
void pp_fib_event_init(void);
void pp_fib_event_exit(void);

/* ==== Policy rules (fib_rules.c) ==== */

struct pp_fib_entry *pp_fib_rules_lookup(const struct pp_net *pn,
					 const struct pp_fib_rules *rules,
					 const struct pp_flow *fl, u32 *table);
bool pp_fib_rules_fine(const struct pp_net *pn);
int pp_fib_rules_spell(struct pp_net *pn);
void pp_fib_rules_dev(struct pp_net *pn, const struct net_device *dev,
		      bool there);
void pp_fib_rules_exit(struct pp_net *pn);

/* ==== Lookup for packets (route.c, route_in.c) ==== */

/* As pp_fib_table_lookup(), for the few places where each call counts. */
static __always_inline struct pp_fib_entry *
pp_fib_table_look(const struct pp_fib_table *tb, const struct pp_flow *fl)
{
	struct pp_lpm_leaf *leaf = pp_fib_tb_lookup(tb, ntohl(fl->daddr));
	struct pp_fib_entry *fe;

	if (!leaf)
		return NULL;
	fe = pp_fib_first(leaf);
	if (likely(!rcu_access_pointer(fe->next) && pp_fib_fits(fe, fl)))
		return fe;
	return pp_fib_leaf_lookup(tb, leaf, fl);
}

/* As pp_fib_lookup(), likewise. */
static __always_inline struct pp_fib_entry *
pp_fib_look(const struct pp_net *pn, const struct pp_flow *fl)
{
	const struct pp_fib *fib = pn->fib;
	const struct pp_fib_rules *rules = rcu_dereference_check(fib->rules,
					lockdep_is_held(&pn->cfg_lock));
	struct pp_fib_entry *fe;

	if (unlikely(rules))
		return pp_fib_rules_lookup(pn, rules, fl, NULL);
	if (unlikely(fl->l3mdev))
		return pp_fib_vrf_lookup(pn, fl);
	if (pp_fib_local_near(fib, fl->daddr)) {
		fe = pp_fib_table_lookup(&fib->local, fl);
		if (fe && likely(fe->type != RTN_THROW))
			return fe;
	}
	fe = pp_fib_table_look(&fib->main, fl);
	return fe && likely(fe->type != RTN_THROW) ? fe : NULL;
}

void pp_route_in_ports(const struct sk_buff *skb, const struct iphdr *iph,
		       struct pp_flow *fl);
void pp_route_flow_vrf(const struct pp_net *pn, struct pp_flow *fl);
struct pp_nh *pp_route_resolve(struct pp_net *pn, struct pp_flow *fl);
bool pp_route_sk_knows(const struct sock *sk);

#endif
