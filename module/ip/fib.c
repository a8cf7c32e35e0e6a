// SPDX-License-Identifier: GPL-2.0
/*
 * Routing tables.
 *
 * A table maps prefixes to lists of routes by one algorithm of longest-prefix
 * match, lpm.c or that of another module (fib_alg.c). A lookup takes the first
 * usable route of the longest prefix, and goes on to the next shorter prefix
 * when there is none (device down, other device asked for, other TOS). Routes
 * of one prefix and rank that have a weight share the flows by a hash. Table
 * 255 (local) comes before 254 (main), unless policy rules say otherwise
 * (fib_rules.c).
 *
 * Path: ip/route.c -> here -> ip/nexthop.c
 * Mirrors: net/ipv4/fib_trie.c (fib_table_lookup, fib_table_insert),
 *	    net/ipv4/fib_frontend.c (fib_get_table)
 * Locks: readers RCU; changes under cfg_lock
 */
#include <linux/slab.h>
#include "ip/fib.h"

static struct kmem_cache *pp_fib_cache;

static void *pp_fib_lpm_alloc(size_t size, bool must)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO;

	/* what must not fail is a copy of a node, below a page */
	if (must)
		return kmalloc(size, gfp | __GFP_NOFAIL);
	return kvmalloc(size, gfp);
}

static void pp_fib_lpm_free_rcu(struct rcu_head *head)
{
	kvfree(head);
}

static void pp_fib_lpm_retire(void *obj)
{
	BUILD_BUG_ON(offsetof(struct pp_lpm_node, head) != 0);
	BUILD_BUG_ON(offsetof(struct pp_lpm_root, head) != 0);
	BUILD_BUG_ON(sizeof(struct rcu_head) >
		     sizeof_field(struct pp_lpm_node, head));
	call_rcu((struct rcu_head *)obj, pp_fib_lpm_free_rcu);
}

static const struct pp_lpm_ops pp_fib_lpm_mem = {
	.alloc = pp_fib_lpm_alloc,
	.retire = pp_fib_lpm_retire,
};

static struct pp_fib_entry *
pp_fib_pick(struct pp_lpm_leaf *leaf, const struct pp_flow *fl)
{
	struct pp_fib_entry *fe = pp_fib_first(leaf);

	while (fe && !pp_fib_fits(fe, fl))
		fe = rcu_dereference(fe->next);
	if (!fe || likely(!rcu_access_pointer(fe->next)) ||
	    fl->flags & PKTPATH_FLOWF_FIRST)
		return fe;
	if (fe->nh->key.weight)
		return pp_fib_pick_way(fe, fl);
	return fe->nh->key.gw ? pp_fib_pick_heard(fe, fl) : fe;
}

/**
 * pp_fib_leaf_lookup() - the route of a flow from a prefix on
 * @tb: table
 * @leaf: longest prefix of the destination there, or NULL
 * @fl: destination, device and TOS are looked at
 *
 * Context: RCU read side.
 * Return: the route, whatever its type, or NULL.
 */
struct pp_fib_entry *pp_fib_leaf_lookup(const struct pp_fib_table *tb,
					struct pp_lpm_leaf *leaf,
					const struct pp_flow *fl)
{
	struct pp_fib_entry *fe;

	while (leaf) {
		fe = pp_fib_pick(leaf, fl);
		if (fe)
			return fe;
		if (!leaf->plen)
			break;
		leaf = pp_fib_tb_lookup_max(tb, leaf->key, leaf->plen - 1);
	}
	return NULL;
}

/**
 * pp_fib_table_lookup() - the route of a flow in one table
 * @tb: table
 * @fl: destination, device and TOS are looked at
 *
 * Mirrors: net/ipv4/fib_trie.c:fib_table_lookup (v7.2)
 *
 * Context: RCU read side.
 * Return: the route, or NULL.
 */
struct pp_fib_entry *pp_fib_table_lookup(const struct pp_fib_table *tb,
					 const struct pp_flow *fl)
{
	return pp_fib_table_look(tb, fl);
}

/**
 * pp_fib_vrf_table() - the table of a VRF
 * @pn: netns state
 * @l3mdev: index of the VRF device
 *
 * Context: RCU read side.
 * Return: the table, or NULL: it has no route.
 */
struct pp_fib_table *pp_fib_vrf_table(const struct pp_net *pn, int l3mdev)
{
	u32 id = pp_vrf_table_rcu(pn, l3mdev);

	return id ? pp_fib_table_find((struct pp_net *)pn, id) : NULL;
}

/**
 * pp_fib_vrf_lookup() - the route of a flow within a VRF
 * @pn: netns state
 * @fl: the flow, with the VRF in which it is
 *
 * No other table is asked: what the VRF has no route for has none.
 *
 * Context: RCU read side.
 * Return: the route, never of type RTN_THROW, or NULL.
 */
struct pp_fib_entry *pp_fib_vrf_lookup(const struct pp_net *pn,
				       const struct pp_flow *fl)
{
	const struct pp_fib_table *tb = pp_fib_vrf_table(pn, fl->l3mdev);
	struct pp_fib_entry *fe = tb ? pp_fib_table_lookup(tb, fl) : NULL;

	return fe && likely(fe->type != RTN_THROW) ? fe : NULL;
}

/**
 * pp_fib_table_of() - the table that has the route of a flow
 * @pn: netns state
 * @fl: the flow
 *
 * Context: RCU read side.
 * Return: RT_TABLE_*, 0 when there is no route.
 */
u32 pp_fib_table_of(const struct pp_net *pn, const struct pp_flow *fl)
{
	const struct pp_fib_rules *rules = rcu_dereference(pn->fib->rules);
	const struct pp_fib_entry *fe;
	u32 table = 0;

	if (rules) {
		pp_fib_rules_lookup(pn, rules, fl, &table);
		return table;
	}
	if (fl->l3mdev)
		return pp_fib_vrf_lookup(pn, fl) ?
		       pp_vrf_table_rcu(pn, fl->l3mdev) : 0;
	fe = pp_fib_table_lookup(&pn->fib->local, fl);
	if (fe && fe->type != RTN_THROW)
		return RT_TABLE_LOCAL;
	return pp_fib_table_lookup(&pn->fib->main, fl) ? RT_TABLE_MAIN : 0;
}

/**
 * pp_fib_lookup() - the route of a flow
 * @pn: netns state
 * @fl: destination, device and TOS are looked at
 *
 * Mirrors: include/net/ip_fib.h:fib_lookup (v7.2)
 *
 * Context: RCU read side.
 * Return: the route, never of type RTN_THROW, or NULL.
 */
struct pp_fib_entry *pp_fib_lookup(const struct pp_net *pn,
				   const struct pp_flow *fl)
{
	return pp_fib_look(pn, fl);
}

/**
 * pp_fib_table_find() - a table by number
 * @pn: netns state
 * @id: RT_TABLE_*
 *
 * Context: RCU read side, or cfg_lock held.
 * Return: the table, which stays as long as the netns, or NULL.
 */
struct pp_fib_table *pp_fib_table_find(struct pp_net *pn, u32 id)
{
	struct pp_fib *fib = pn->fib;
	struct pp_fib_table *tb;

	hlist_for_each_entry_rcu(tb, &fib->tables[id % PKTPATH_FIB_TABLE_HASH],
				 node, lockdep_is_held(&pn->cfg_lock))
		if (tb->id == id)
			return tb;
	return NULL;
}

static int pp_fib_table_setup(struct pp_fib *fib, struct pp_fib_table *tb,
			      u32 id)
{
	int err;

	tb->id = id;
	err = pp_lpm_init(&tb->lpm, &pp_fib_lpm_mem);
	if (err)
		return err;
	err = pp_fib_alg_table(fib->pn, tb);
	if (err) {
		pp_lpm_destroy(&tb->lpm);
		return err;
	}
	hlist_add_head_rcu(&tb->node,
			   &fib->tables[id % PKTPATH_FIB_TABLE_HASH]);
	fib->ntables++;
	return 0;
}

/**
 * pp_fib_table_get() - a table by number, made if need be
 * @pn: netns state
 * @id: RT_TABLE_*
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: the table, which stays as long as the netns, or ERR_PTR: -ENOMEM,
 * -ENOSPC when there are too many.
 */
struct pp_fib_table *pp_fib_table_get(struct pp_net *pn, u32 id)
{
	struct pp_fib_table *tb = pp_fib_table_find(pn, id);

	if (tb)
		return tb;
	if (pn->fib->ntables >= PKTPATH_FIB_TABLE_MAX)
		return ERR_PTR(-ENOSPC);
	if (id == RT_TABLE_DEFAULT && pp_fib_rules_spell(pn))
		return ERR_PTR(-ENOMEM);
	tb = kzalloc(sizeof(*tb), GFP_KERNEL_ACCOUNT);
	if (tb && !pp_fib_table_setup(pn->fib, tb, id))
		return tb;
	kfree(tb);
	return ERR_PTR(-ENOMEM);
}

/**
 * pp_fib_table_after() - the table with the next number
 * @pn: netns state
 * @id: number from which to look
 *
 * Context: RCU read side, or cfg_lock held.
 * Return: the table with the least number >= @id, or NULL.
 */
struct pp_fib_table *pp_fib_table_after(struct pp_net *pn, u32 id)
{
	struct pp_fib_table *tb, *best = NULL;
	struct pp_fib *fib = pn->fib;
	unsigned int i;

	for (i = 0; i < PKTPATH_FIB_TABLE_HASH; i++)
		hlist_for_each_entry_rcu(tb, &fib->tables[i], node,
					 lockdep_is_held(&pn->cfg_lock))
			if (tb->id >= id && (!best || tb->id < best->id))
				best = tb;
	return best;
}

/**
 * pp_fib_dev_rcu() - routing's part of a device
 * @pn: netns state
 * @pd: the device
 *
 * Context: RCU read side, or cfg_lock held.
 * Return: it, or NULL when the device is leaving.
 */
struct pp_fib_dev *pp_fib_dev_rcu(const struct pp_net *pn,
				  const struct pp_dev *pd)
{
	struct pp_fib *fib = pn->fib;
	unsigned int i = (unsigned int)pd->ifindex % PKTPATH_FIB_DEV_HASH;
	struct pp_fib_dev *fd;

	hlist_for_each_entry_rcu(fd, &fib->devs[i], node,
				 lockdep_is_held(&pn->cfg_lock))
		if (fd->pd == pd)
			return fd;
	return NULL;
}

/**
 * pp_fib_entry_new() - a route that is in no table yet
 * @cfg: checked configuration
 * @nh: next hop; the caller's reference goes over to the route on success
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: the route, or NULL when memory is short.
 */
struct pp_fib_entry *pp_fib_entry_new(const struct pp_route_cfg *cfg,
				      struct pp_nh *nh)
{
	struct pp_fib_entry *fe = kmem_cache_zalloc(pp_fib_cache, GFP_KERNEL);

	if (!fe)
		return NULL;
	fe->leaf.key = ntohl(cfg->dst);
	fe->leaf.plen = cfg->plen;
	fe->metric = cfg->metric;
	fe->tos = cfg->tos;
	fe->type = cfg->type;
	fe->scope = cfg->scope;
	fe->protocol = cfg->protocol;
	fe->nh = nh;
	return fe;
}

static void pp_fib_entry_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(pp_fib_cache,
			container_of(head, struct pp_fib_entry, rcu));
}

/**
 * pp_fib_entry_free() - frees a route that no new reader can find
 * @fe: route; its next hop is given back
 *
 * Context: process, cfg_lock held.
 */
void pp_fib_entry_free(struct pp_fib_entry *fe)
{
	pp_nh_unuse(fe->nh);
	call_rcu(&fe->rcu, pp_fib_entry_free_rcu);
}

static struct pp_fib_entry *pp_fib_next(const struct pp_net *pn,
					const struct pp_fib_entry *fe)
{
	return rcu_dereference_protected(fe->next,
					 lockdep_is_held(&pn->cfg_lock));
}

/* Puts @fe where @prev points to, before @next. */
static int pp_fib_hang(struct pp_fib_table *tb, struct pp_fib_entry *prev,
		       struct pp_fib_entry *fe, struct pp_fib_entry *next)
{
	RCU_INIT_POINTER(fe->next, next);
	if (prev) {
		rcu_assign_pointer(prev->next, fe);
		return 0;
	}
	if (!next)
		return pp_fib_tb_insert(tb, &fe->leaf);
	pp_fib_tb_replace(tb, &next->leaf, &fe->leaf);
	return 0;
}

static void pp_fib_swap(const struct pp_net *pn, struct pp_fib_table *tb,
			struct pp_fib_entry *prev, struct pp_fib_entry *old,
			struct pp_fib_entry *fe)
{
	RCU_INIT_POINTER(fe->next, pp_fib_next(pn, old));
	if (prev)
		rcu_assign_pointer(prev->next, fe);
	else
		pp_fib_tb_replace(tb, &old->leaf, &fe->leaf);
	pp_fib_entry_free(old);
}

static bool pp_fib_ranks_before(const struct pp_fib_entry *a,
				const struct pp_fib_entry *b)
{
	return a->tos > b->tos || (a->tos == b->tos && a->metric < b->metric);
}

static bool pp_fib_same_route(const struct pp_fib_entry *a,
			      const struct pp_fib_entry *b)
{
	return a->type == b->type && a->scope == b->scope && a->nh == b->nh &&
	       a->protocol == b->protocol;
}

static void pp_fib_counted(struct pp_net *pn, struct pp_fib_table *tb,
			   long by)
{
	tb->count += by;
	pp_fib_changed(pn);
}

/* Takes out @fe, which follows @prev; NULL: is the first of its prefix. */
static void pp_fib_unlink_after(struct pp_net *pn, struct pp_fib_table *tb,
				struct pp_fib_entry *prev,
				struct pp_fib_entry *fe)
{
	struct pp_fib_entry *next = pp_fib_next(pn, fe);

	if (prev)
		rcu_assign_pointer(prev->next, next);
	else if (next)
		pp_fib_tb_replace(tb, &fe->leaf, &next->leaf);
	else
		pp_fib_tb_remove(tb, &fe->leaf);
	pp_fib_local_counted(pn->fib, tb, &fe->leaf, -1);
	pp_fib_entry_free(fe);
	pp_fib_counted(pn, tb, -1);
}

/*
 * @keep takes the place of all routes that shared the flows, from @at, which
 * follows @prev, to before @end.
 */
static void pp_fib_drop_ways(struct pp_net *pn, struct pp_fib_table *tb,
			     struct pp_fib_entry *prev,
			     struct pp_fib_entry *at,
			     const struct pp_fib_entry *keep,
			     const struct pp_fib_entry *end)
{
	struct pp_fib_entry *next;

	for (; at != end; at = next) {
		next = pp_fib_next(pn, at);
		if (at != keep && at->nh->key.weight)
			pp_fib_unlink_after(pn, tb, prev, at);
		else
			prev = at;
	}
}

/**
 * pp_fib_link() - puts a route in a table
 * @pn: netns state
 * @tb: table
 * @fe: route; the table's on success
 * @nlflags: NLM_F_CREATE, _EXCL, _REPLACE, _APPEND with the meaning they have
 *	     for `ip route`: add, append, prepend, change, replace
 *
 * Routes of one prefix with the same TOS and metric are alternatives: the
 * first usable is taken, which is the one put in last unless it was appended.
 *
 * Mirrors: net/ipv4/fib_trie.c:fib_table_insert (v7.2)
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: 0, -EEXIST, -ENOENT, -ENOMEM; the route stays the caller's then.
 */
int pp_fib_link(struct pp_net *pn, struct pp_fib_table *tb,
		struct pp_fib_entry *fe, u16 nlflags)
{
	struct pp_fib_entry *prev = NULL, *at, *first, *same = NULL;
	struct pp_fib_entry *last, *first_prev;
	struct pp_lpm_leaf *leaf;
	int err;

	lockdep_assert_held(&pn->cfg_lock);
	leaf = pp_fib_tb_find(tb, fe->leaf.key, fe->leaf.plen);
	at = leaf ? pp_fib_first(leaf) : NULL;
	while (at && pp_fib_ranks_before(at, fe)) {
		prev = at;
		at = pp_fib_next(pn, at);
	}
	first = at;
	first_prev = prev;
	last = prev;
	while (at && pp_fib_same_rank(at, fe)) {
		if (!same && pp_fib_same_route(at, fe))
			same = at;
		last = at;
		at = pp_fib_next(pn, at);
	}
	if (first == at) {
		if (!(nlflags & NLM_F_CREATE))
			return -ENOENT;
	} else if (nlflags & NLM_F_EXCL) {
		return -EEXIST;
	} else if (nlflags & NLM_F_REPLACE) {
		if (same && same != first && !same->nh->key.weight)
			return -EEXIST;
		if (same) {
			pp_fib_drop_ways(pn, tb, first_prev, first, same, at);
			return -EALREADY;
		}
		pp_fib_swap(pn, tb, first_prev, first, fe);
		pp_fib_drop_ways(pn, tb, first_prev, fe, fe, at);
		pp_fib_changed(pn);
		return 0;
	} else if (same) {
		return -EEXIST;
	} else if (!(nlflags & NLM_F_CREATE)) {
		return -ENOENT;
	}
	pp_fib_local_counted(pn->fib, tb, &fe->leaf, 1);
	if (nlflags & NLM_F_APPEND)
		err = pp_fib_hang(tb, last, fe, at);
	else
		err = pp_fib_hang(tb, first_prev, fe, first);
	if (!err)
		pp_fib_counted(pn, tb, 1);
	else
		pp_fib_local_counted(pn->fib, tb, &fe->leaf, -1);
	return err;
}

/**
 * pp_fib_unlink() - takes a route out of its table and frees it
 * @pn: netns state
 * @tb: table
 * @fe: route in it; not to be touched afterwards
 *
 * Mirrors: net/ipv4/fib_trie.c:fib_remove_alias (v7.2)
 *
 * Context: process, cfg_lock held.
 */
void pp_fib_unlink(struct pp_net *pn, struct pp_fib_table *tb,
		   struct pp_fib_entry *fe)
{
	struct pp_fib_entry *at, *prev = NULL;

	lockdep_assert_held(&pn->cfg_lock);
	at = pp_fib_first(pp_fib_tb_find(tb, fe->leaf.key, fe->leaf.plen));
	while (at != fe) {
		prev = at;
		at = pp_fib_next(pn, at);
	}
	pp_fib_unlink_after(pn, tb, prev, fe);
}

/**
 * pp_fib_remove_if() - removes routes of a table
 * @pn: netns state
 * @tb: table
 * @match: whether a route is to go
 * @arg: for @match
 *
 * Context: process, cfg_lock held, sleeps.
 */
void pp_fib_remove_if(struct pp_net *pn, struct pp_fib_table *tb,
		      bool (*match)(const struct pp_fib_entry *fe, void *arg),
		      void *arg)
{
	struct pp_fib_entry *fe, *next, *prev;
	struct pp_lpm_leaf *leaf;
	unsigned int plen = 0;
	u32 key = 0;

	while ((leaf = pp_fib_tb_next(tb, key, plen))) {
		key = leaf->key;
		plen = leaf->plen + 1;
		prev = NULL;
		for (fe = pp_fib_first(leaf); fe; fe = next) {
			next = pp_fib_next(pn, fe);
			if (match(fe, arg))
				pp_fib_unlink_after(pn, tb, prev, fe);
			else
				prev = fe;
			cond_resched();
		}
		if (plen > 32) {
			if (key == U32_MAX)
				break;
			key++;
			plen = 0;
		}
		cond_resched();
	}
}

/**
 * pp_fib_remove_all_if() - removes routes of every table
 * @pn: netns state
 * @match: whether a route is to go
 * @arg: for @match
 *
 * Context: process, cfg_lock held, sleeps.
 */
void pp_fib_remove_all_if(struct pp_net *pn,
			  bool (*match)(const struct pp_fib_entry *fe,
					void *arg),
			  void *arg)
{
	struct pp_fib_table *tb;
	unsigned int i;

	for (i = 0; i < PKTPATH_FIB_TABLE_HASH; i++) {
		hlist_for_each_entry(tb, &pn->fib->tables[i], node) {
			if (tb->count)
				pp_fib_remove_if(pn, tb, match, arg);
			cond_resched();
		}
	}
}

/**
 * pp_fib_changed() - makes cached routes be looked up again
 * @pn: netns state
 *
 * Context: any.
 */
void pp_fib_changed(struct pp_net *pn)
{
	/*
	 * The change is seen before the generation: pairs with smp_rmb() in
	 * pp_ip_route_output_flow_rcu() and pp_ip_route_input_rcu().
	 */
	smp_wmb();
	pp_net_gen_bump(pn);
}

/**
 * pp_fib_init() - makes the cache of routes
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_fib_init(void)
{
	pp_fib_cache = KMEM_CACHE(pp_fib_entry, SLAB_ACCOUNT);
	return pp_fib_cache ? 0 : -ENOMEM;
}

/**
 * pp_fib_exit() - destroys the cache of routes
 *
 * Context: process, after an rcu_barrier().
 */
void pp_fib_exit(void)
{
	kmem_cache_destroy(pp_fib_cache);
}

/**
 * pp_fib_net_init() - empty tables 254 and 255
 * @pn: netns state with pn->fib
 *
 * Context: process, sleeps; takes cfg_lock.
 * Return: 0 or -ENOMEM.
 */
int pp_fib_net_init(struct pp_net *pn)
{
	struct pp_fib *fib = pn->fib;
	int err;

	fib->in = alloc_percpu_gfp(struct pp_route_in_cpu, GFP_KERNEL_ACCOUNT);
	if (!fib->in)
		return -ENOMEM;
	mutex_lock(&pn->cfg_lock);
	err = pp_fib_table_setup(fib, &fib->local, RT_TABLE_LOCAL);
	if (err)
		goto free;
	err = pp_fib_table_setup(fib, &fib->main, RT_TABLE_MAIN);
	if (err)
		goto destroy;
	mutex_unlock(&pn->cfg_lock);
	return 0;

destroy:
	pp_lpm_destroy(&fib->local.lpm);
free:
	mutex_unlock(&pn->cfg_lock);
	free_percpu(fib->in);
	return err;
}

static bool pp_fib_any(const struct pp_fib_entry *fe, void *arg)
{
	return true;
}

/**
 * pp_fib_clear() - removes all routes, those of addresses and devices too
 * @pn: netns state
 *
 * Context: process, sleeps; takes cfg_lock.
 */
void pp_fib_clear(struct pp_net *pn)
{
	mutex_lock(&pn->cfg_lock);
	pp_fib_remove_all_if(pn, pp_fib_any, NULL);
	mutex_unlock(&pn->cfg_lock);
}

/**
 * pp_fib_net_exit() - frees all tables
 * @pn: netns state; no reader is left
 *
 * Context: process, sleeps; takes cfg_lock.
 */
void pp_fib_net_exit(struct pp_net *pn)
{
	struct pp_fib *fib = pn->fib;
	struct pp_fib_table *tb;
	struct hlist_node *tmp;
	unsigned int i;

	pp_fib_clear(pn);
	pp_fib_rules_exit(pn);
	for (i = 0; i < PKTPATH_FIB_TABLE_HASH; i++) {
		hlist_for_each_entry_safe(tb, tmp, &fib->tables[i], node) {
			hlist_del(&tb->node);
			pp_fib_alg_gone(tb);
			pp_lpm_destroy(&tb->lpm);
			if (tb != &fib->local && tb != &fib->main)
				kfree(tb);
		}
	}
	free_percpu(fib->in);
}
