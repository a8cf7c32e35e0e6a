// SPDX-License-Identifier: GPL-2.0
/*
 * Routes as the administrator gives and sees them.
 *
 * Path: ctl/nl_route.c -> here -> ip/fib.c
 * Mirrors: net/ipv4/fib_frontend.c, fib_semantics.c (fib_check_nh,
 *	    fib_create_info, fib_valid_prefsrc), fib_trie.c (fib_table_delete)
 * Locks: cfg_lock, held by the caller; the walk takes RCU itself
 */
#include "ip/fib.h"

/* As net/ipv4: what does not fit in 16 bits with a header to spare is cut. */
#define PKTPATH_FIB_MTU_MAX (65535 - 15)

#define PKTPATH_FIB_FAIL(extack, msg, err) \
	({ NL_SET_ERR_MSG(extack, msg); (err); })

static bool pp_fib_refuses(u8 type)
{
	return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE ||
	       type == RTN_PROHIBIT || type == RTN_THROW;
}

static bool pp_fib_to_groups(const struct pp_route_cfg *cfg)
{
	return ipv4_is_multicast(cfg->dst) && cfg->plen >= 4;
}

static u32 pp_fib_table_id(const struct pp_route_cfg *cfg)
{
	if (cfg->table)
		return cfg->table;
	if (cfg->type == RTN_LOCAL || cfg->type == RTN_BROADCAST)
		return RT_TABLE_LOCAL;
	return RT_TABLE_MAIN;
}

static int pp_fib_check_prefix(const struct pp_route_cfg *cfg,
			       struct netlink_ext_ack *extack)
{
	if (cfg->plen > 32)
		return PKTPATH_FIB_FAIL(extack, "Invalid prefix length",
					-EINVAL);
	if (cfg->dst & ~inet_make_mask(cfg->plen))
		return PKTPATH_FIB_FAIL(extack,
					"Invalid prefix for given prefix length",
					-EINVAL);
	return 0;
}

static int pp_fib_check_form(const struct pp_route_cfg *cfg,
			     struct netlink_ext_ack *extack)
{
	int err = pp_fib_check_prefix(cfg, extack);

	if (err)
		return err;
	if (cfg->table == U32_MAX)
		return PKTPATH_FIB_FAIL(extack, "Invalid table", -EINVAL);
	if (cfg->tos & INET_ECN_MASK)
		return PKTPATH_FIB_FAIL(extack, "Invalid TOS", -EINVAL);
	if (cfg->flags & ~(RTNH_F_ONLINK | RTNH_F_DEAD | RTNH_F_LINKDOWN) ||
	    cfg->flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
		return PKTPATH_FIB_FAIL(extack,
					"Invalid flags for nexthop", -EINVAL);
	if (cfg->weight && cfg->type != RTN_UNICAST)
		return PKTPATH_FIB_FAIL(extack,
					"Only unicast routes have a weight",
					-EINVAL);
	if (cfg->mtu && cfg->mtu < 68)
		return PKTPATH_FIB_FAIL(extack, "MTU is below 68", -EINVAL);
	if (pp_fib_refuses(cfg->type)) {
		if (cfg->gw || cfg->oif)
			return PKTPATH_FIB_FAIL(extack,
						"Route of this type takes no nexthop",
						-EINVAL);
		return 0;
	}
	if (cfg->type != RTN_UNICAST && cfg->type != RTN_LOCAL &&
	    cfg->type != RTN_BROADCAST && cfg->type != RTN_MULTICAST)
		return PKTPATH_FIB_FAIL(extack, "Invalid route type", -EINVAL);
	if (cfg->type == RTN_MULTICAST && !pp_fib_to_groups(cfg))
		return PKTPATH_FIB_FAIL(extack,
					"Multicast route not to groups",
					-EINVAL);
	if (cfg->gw && pp_fib_to_groups(cfg))
		return PKTPATH_FIB_FAIL(extack,
					"Route to groups takes no gateway",
					-EINVAL);
	if (cfg->type != RTN_UNICAST && cfg->gw)
		return PKTPATH_FIB_FAIL(extack,
					"Route with host scope can not have a gateway",
					-EINVAL);
	if (!cfg->gw && !cfg->oif)
		return PKTPATH_FIB_FAIL(extack, "Nexthop device required",
					-EINVAL);
	if (pp_fib_to_groups(cfg) && cfg->type != RTN_UNICAST &&
	    cfg->type != RTN_MULTICAST)
		return PKTPATH_FIB_FAIL(extack, "Groups are no address of ours",
					-EINVAL);
	return 0;
}

/* The VRF in which the next hop is: the device's, or that of the table. */
static int pp_fib_route_vrf(const struct pp_net *pn,
			    const struct pp_route_cfg *cfg,
			    const struct pp_dev *pd)
{
	return pd ? pd->l3mdev : pp_vrf_by_table_rcu(pn, cfg->table);
}

/*
 * Routes may lead out of a VRF, addresses do not: what is delivered is so in
 * the VRF of the device.
 */
static int pp_fib_check_vrf(const struct pp_net *pn,
			    const struct pp_route_cfg *cfg,
			    const struct pp_dev *pd,
			    struct netlink_ext_ack *extack)
{
	u32 table = pp_vrf_table_rcu(pn, pd->l3mdev);

	if (cfg->type == RTN_UNICAST || !READ_ONCE(pn->nvrfs))
		return 0;
	if (table ? pp_fib_table_id(cfg) == table :
		    !pp_vrf_by_table_rcu(pn, pp_fib_table_id(cfg)))
		return 0;
	return PKTPATH_FIB_FAIL(extack, "Device is not in the table's VRF",
				-EINVAL);
}

/* The device by which the gateway is reached; cfg_lock and RCU. */
static int pp_fib_check_gw(struct pp_net *pn, const struct pp_route_cfg *cfg,
			   struct pp_dev **pd, struct netlink_ext_ack *extack)
{
	const struct pp_flow fl = {
		.daddr = cfg->gw,
		.oif = cfg->oif,
		.l3mdev = pp_fib_route_vrf(pn, cfg, *pd),
	};
	const struct pp_fib_entry *fe;

	if (pp_ip_addr_type(pn, cfg->gw, fl.l3mdev) != RTN_UNICAST ||
	    pp_is_this_net(cfg->gw))
		return PKTPATH_FIB_FAIL(extack, "Nexthop has invalid gateway",
					-EINVAL);
	if (cfg->flags & RTNH_F_ONLINK) {
		if (!*pd)
			return PKTPATH_FIB_FAIL(extack,
						"Nexthop device required for onlink",
						-EINVAL);
		if (!netif_running((*pd)->dev))
			return PKTPATH_FIB_FAIL(extack,
						"Device for nexthop is not up",
						-ENETDOWN);
		return 0;
	}
	if (*pd && !netif_running((*pd)->dev))
		return PKTPATH_FIB_FAIL(extack, "Device for nexthop is not up",
					-ENETDOWN);
	fe = pp_fib_lookup(pn, &fl);
	if (!fe || fe->type != RTN_UNICAST || fe->nh->key.gw)
		return PKTPATH_FIB_FAIL(extack, "Nexthop has invalid gateway",
					-ENETUNREACH);
	*pd = fe->nh->key.pd;
	return 0;
}

/* The device of the route, which stays as long as cfg_lock is held. */
static int pp_fib_check_nh(struct pp_net *pn, const struct pp_route_cfg *cfg,
			   struct pp_dev **pdp, struct netlink_ext_ack *extack)
{
	struct pp_dev *pd = NULL;
	int err = 0;

	rcu_read_lock();
	if (cfg->oif) {
		pd = pp_dev_find_rcu(pn, cfg->oif);
		if (!pd || READ_ONCE(pd->dead)) {
			err = PKTPATH_FIB_FAIL(extack,
					       "Nexthop device is not attached",
					       -ENODEV);
			goto out;
		}
		err = pp_fib_check_vrf(pn, cfg, pd, extack);
		if (err)
			goto out;
	}
	if (cfg->gw)
		err = pp_fib_check_gw(pn, cfg, &pd, extack);
	else if ((cfg->type == RTN_UNICAST || cfg->type == RTN_MULTICAST) &&
		 pd && !netif_running(pd->dev))
		err = PKTPATH_FIB_FAIL(extack, "Device for nexthop is not up",
				       -ENETDOWN);
	if (!err && cfg->prefsrc &&
	    pp_fib_local_type(pn, cfg->prefsrc,
			      pp_fib_route_vrf(pn, cfg, pd)) != RTN_LOCAL)
		err = PKTPATH_FIB_FAIL(extack, "Invalid prefsrc address",
				       -EINVAL);
out:
	rcu_read_unlock();
	*pdp = pd;
	return err;
}

static void pp_fib_nh_key(const struct pp_route_cfg *cfg, struct pp_dev *pd,
			  struct pp_nh_key *key)
{
	memset(key, 0, sizeof(*key));
	key->pd = pd;
	key->gw = cfg->gw;
	key->prefsrc = cfg->prefsrc;
	key->mtu = min_t(u32, cfg->mtu, PKTPATH_FIB_MTU_MAX);
	key->mtu_lock = cfg->mtu_lock;
	key->cc_key = cfg->cc_key;
	key->cc_lock = cfg->cc_lock;
	key->weight = cfg->weight;
	key->m = cfg->m;
	key->flags = cfg->flags & RTNH_F_ONLINK;
	/* what is sent to a group goes to many, whatever the route is called */
	key->type = cfg->type == RTN_UNICAST && pp_fib_to_groups(cfg) ?
		    RTN_MULTICAST : cfg->type;
}

/**
 * pp_fib_put_route() - adds a route that has been checked
 * @pn: netns state
 * @cfg: route; oif is not looked at
 * @pd: device, NULL for types that refuse
 * @nlflags: NLM_F_*, see pp_fib_link()
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: 0, -EEXIST, -ENOENT, -ENOMEM, -ENOSPC.
 */
int pp_fib_put_route(struct pp_net *pn, const struct pp_route_cfg *cfg,
		     struct pp_dev *pd, u16 nlflags)
{
	u32 id = pp_fib_table_id(cfg);
	struct pp_fib_table *tb;
	struct pp_fib_entry *fe;
	struct pp_nh_key key;
	struct pp_nh *nh;
	int err;

	tb = nlflags & NLM_F_CREATE ? pp_fib_table_get(pn, id) :
				      pp_fib_table_find(pn, id);
	if (IS_ERR_OR_NULL(tb))
		return tb ? PTR_ERR(tb) : -ENOENT;
	pp_fib_nh_key(cfg, pd, &key);
	nh = pp_nh_get(pn, &key);
	if (!nh)
		return -ENOMEM;
	fe = pp_fib_entry_new(cfg, nh);
	if (!fe) {
		pp_nh_unuse(nh);
		return -ENOMEM;
	}
	err = pp_fib_link(pn, tb, fe, nlflags);
	if (err)
		pp_fib_entry_free(fe);
	/* replacing a route by itself is no error */
	return err == -EALREADY ? 0 : err;
}

/**
 * pp_fib_drop_route() - removes the very route, if it is there
 * @pn: netns state
 * @cfg: route as it was given to pp_fib_put_route()
 * @pd: its device
 *
 * Context: process, cfg_lock held.
 * Return: whether it was there.
 */
bool pp_fib_drop_route(struct pp_net *pn, const struct pp_route_cfg *cfg,
		       const struct pp_dev *pd)
{
	struct pp_fib_table *tb = pp_fib_table_find(pn, pp_fib_table_id(cfg));
	struct pp_fib_entry *fe;
	struct pp_lpm_leaf *leaf;
	struct pp_nh_key key;
	struct pp_nh *nh;

	pp_fib_nh_key(cfg, (struct pp_dev *)pd, &key);
	nh = pp_nh_find(pn, &key);
	leaf = tb ? pp_fib_tb_find(tb, ntohl(cfg->dst), cfg->plen) : NULL;
	if (!nh || !leaf)
		return false;
	for (fe = pp_fib_first(leaf); fe;
	     fe = rcu_dereference_protected(fe->next,
					    lockdep_is_held(&pn->cfg_lock))) {
		if (fe->nh == nh && fe->protocol == cfg->protocol &&
		    fe->metric == cfg->metric && fe->tos == cfg->tos) {
			pp_fib_unlink(pn, tb, fe);
			return true;
		}
	}
	return false;
}

/**
 * pp_fib_add() - adds or changes a route
 * @pn: netns state
 * @cfg: route; table 0: 255 for local and broadcast routes, else 254. What was
 *	 left open is filled in on success
 * @nlflags: NLM_F_CREATE, _EXCL, _REPLACE, _APPEND
 * @extack: says why not
 *
 * Mirrors: net/ipv4/fib_frontend.c:inet_rtm_newroute (v7.2)
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: 0; -EINVAL, -EOPNOTSUPP; -ENODEV: device not attached; -ENETDOWN;
 * -ENETUNREACH: gateway not on link; -EEXIST; -ENOENT: nothing to change;
 * -ENOMEM; -ENOSPC: too many tables.
 */
int pp_fib_add(struct pp_net *pn, struct pp_route_cfg *cfg, u16 nlflags,
	       struct netlink_ext_ack *extack)
{
	struct pp_dev *pd;
	int err;

	lockdep_assert_held(&pn->cfg_lock);
	err = pp_fib_check_form(cfg, extack);
	if (err)
		return err;
	err = pp_fib_check_nh(pn, cfg, &pd, extack);
	if (err)
		return err;
	err = pp_fib_put_route(pn, cfg, pd, nlflags);
	if (!err) {
		cfg->table = pp_fib_table_id(cfg);
		cfg->oif = pd ? pd->ifindex : 0;
		cfg->mtu = min_t(u32, cfg->mtu, PKTPATH_FIB_MTU_MAX);
	}
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "Route exists");
	else if (err == -ENOENT)
		NL_SET_ERR_MSG(extack, "No such route");
	else if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "Out of memory");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG(extack, "Too many routing tables");
	return err;
}

/* Fields that are 0 (scope: RT_SCOPE_NOWHERE) match any route. */
static bool pp_fib_matches(const struct pp_fib_entry *fe,
			   const struct pp_route_cfg *cfg)
{
	const struct pp_nh_key *key = &fe->nh->key;

	return fe->tos == cfg->tos &&
	       (!cfg->metric || cfg->metric == fe->metric) &&
	       (!cfg->type || cfg->type == fe->type) &&
	       (cfg->scope == RT_SCOPE_NOWHERE || cfg->scope == fe->scope) &&
	       (!cfg->protocol || cfg->protocol == fe->protocol) &&
	       (!cfg->prefsrc || cfg->prefsrc == key->prefsrc) &&
	       (!cfg->gw || cfg->gw == key->gw) &&
	       (!cfg->oif || (key->pd && cfg->oif == key->pd->ifindex)) &&
	       (!cfg->mtu || cfg->mtu == key->mtu);
}

static void pp_fib_del_one(struct pp_net *pn, struct pp_fib_table *tb,
			   struct pp_fib_entry *fe, pp_fib_gone_t gone)
{
	struct pp_route_cfg cfg;

	pp_fib_to_cfg(tb->id, fe, &cfg);
	pp_fib_unlink(pn, tb, fe);
	gone(pn, &cfg);
}

/* Removes @fe, and if @all those that it shares the flows with. */
static void pp_fib_del_ways(struct pp_net *pn, struct pp_fib_table *tb,
			    struct pp_fib_entry *fe, bool all,
			    pp_fib_gone_t gone)
{
	struct pp_fib_entry *at, *next;
	const u32 metric = fe->metric;
	const u8 tos = fe->tos;

	at = rcu_dereference_protected(fe->next,
				       lockdep_is_held(&pn->cfg_lock));
	all = all && fe->nh->key.weight;
	pp_fib_del_one(pn, tb, fe, gone);
	for (; all && at && at->metric == metric && at->tos == tos; at = next) {
		next = rcu_dereference_protected(at->next,
						 lockdep_is_held(&pn->cfg_lock));
		if (at->nh->key.weight)
			pp_fib_del_one(pn, tb, at, gone);
	}
}

/**
 * pp_fib_del() - removes the first route that matches
 * @pn: netns state
 * @cfg: what is known of the route; prefix and TOS must be equal, the rest is
 *	 compared unless 0 (scope: RT_SCOPE_NOWHERE)
 * @gone: called for each route that went: several when they shared the flows
 * @extack: says why not
 *
 * Mirrors: net/ipv4/fib_trie.c:fib_table_delete (v7.2)
 *
 * Context: process, cfg_lock held.
 * Return: 0, -ESRCH, -EINVAL.
 */
int pp_fib_del(struct pp_net *pn, const struct pp_route_cfg *cfg,
	       pp_fib_gone_t gone, struct netlink_ext_ack *extack)
{
	struct pp_fib_table *tb = pp_fib_table_find(pn, pp_fib_table_id(cfg));
	struct pp_fib_entry *fe;
	struct pp_lpm_leaf *leaf;
	int err;

	lockdep_assert_held(&pn->cfg_lock);
	err = pp_fib_check_prefix(cfg, extack);
	if (err)
		return err;
	leaf = tb ? pp_fib_tb_find(tb, ntohl(cfg->dst), cfg->plen) : NULL;
	for (fe = leaf ? pp_fib_first(leaf) : NULL; fe;
	     fe = rcu_dereference_protected(fe->next,
					    lockdep_is_held(&pn->cfg_lock))) {
		if (pp_fib_matches(fe, cfg)) {
			pp_fib_del_ways(pn, tb, fe, !cfg->gw && !cfg->oif,
					gone);
			return 0;
		}
	}
	return PKTPATH_FIB_FAIL(extack, "No such route", -ESRCH);
}

static bool pp_fib_by_admin(const struct pp_fib_entry *fe, void *arg)
{
	return fe->protocol != RTPROT_KERNEL;
}

/**
 * pp_fib_flush() - removes the routes that the administrator has added
 * @pn: netns state
 * @table: number, 0: all tables
 *
 * Context: process, cfg_lock held, sleeps.
 */
void pp_fib_flush(struct pp_net *pn, u32 table)
{
	struct pp_fib_table *tb;

	lockdep_assert_held(&pn->cfg_lock);
	if (!table) {
		pp_fib_remove_all_if(pn, pp_fib_by_admin, NULL);
		return;
	}
	tb = pp_fib_table_find(pn, table);
	if (tb)
		pp_fib_remove_if(pn, tb, pp_fib_by_admin, NULL);
}

/**
 * pp_fib_to_cfg() - a route as the administrator sees it
 * @table: its table
 * @fe: route
 * @cfg: filled
 *
 * Context: RCU read side, or cfg_lock held.
 */
void pp_fib_to_cfg(u32 table, const struct pp_fib_entry *fe,
		   struct pp_route_cfg *cfg)
{
	const struct pp_nh_key *key = &fe->nh->key;

	memset(cfg, 0, sizeof(*cfg));
	cfg->table = table;
	cfg->dst = htonl(fe->leaf.key);
	cfg->plen = fe->leaf.plen;
	cfg->type = fe->type;
	cfg->scope = fe->scope;
	cfg->protocol = fe->protocol;
	cfg->tos = fe->tos;
	cfg->metric = fe->metric;
	cfg->gw = key->gw;
	cfg->prefsrc = key->prefsrc;
	cfg->oif = key->pd ? key->pd->ifindex : 0;
	cfg->mtu = key->mtu;
	cfg->mtu_lock = key->mtu_lock;
	cfg->cc_key = key->cc_key;
	cfg->cc_lock = key->cc_lock;
	cfg->weight = key->weight;
	cfg->m = key->m;
	cfg->flags = key->flags | READ_ONCE(fe->nh->flags);
}

/* Routes of one prefix from pos->index on. */
static int pp_fib_walk_leaf(const struct pp_fib_table *tb,
			    struct pp_lpm_leaf *leaf, struct pp_fib_pos *pos,
			    int (*fn)(const struct pp_route_cfg *cfg,
				      void *arg), void *arg)
{
	struct pp_fib_entry *fe = pp_fib_first(leaf);
	struct pp_route_cfg cfg;
	u32 i = 0;
	int err;

	if (pos->key != leaf->key || pos->plen != leaf->plen)
		pos->index = 0;
	pos->key = leaf->key;
	pos->plen = leaf->plen;
	for (; fe; fe = rcu_dereference(fe->next), i++) {
		if (i < pos->index)
			continue;
		pp_fib_to_cfg(tb->id, fe, &cfg);
		err = fn(&cfg, arg);
		if (err)
			return err;
		pos->index++;
	}
	pos->index = 0;
	pos->plen++;
	if (pos->plen > 32) {
		pos->plen = 0;
		pos->key++;
	}
	return 0;
}

/**
 * pp_fib_walk() - calls a function for every route
 * @pn: netns state
 * @pos: where to begin, zeroed at first; moved
 * @fn: called under RCU; nonzero ends the walk, @pos then names the route that
 *	was not taken
 * @arg: for @fn
 *
 * Order: table, prefix, length, rank. Routes that come or go meanwhile may be
 * seen or not; no other is seen twice or missed.
 *
 * Context: process; takes RCU itself.
 * Return: what @fn returned, 0 at the end.
 */
int pp_fib_walk(struct pp_net *pn, struct pp_fib_pos *pos,
		int (*fn)(const struct pp_route_cfg *cfg, void *arg),
		void *arg)
{
	const struct pp_fib_table *tb;
	struct pp_lpm_leaf *leaf;
	unsigned int n = 0;
	int err = 0;

	rcu_read_lock();
	while (!err && (tb = pp_fib_table_after(pn, pos->table))) {
		if (pos->started && tb->id != pos->table)
			pos->started = false;
		if (!pos->started) {
			pos->table = tb->id;
			pos->key = 0;
			pos->plen = 0;
			pos->index = 0;
			pos->started = true;
		}
		leaf = pp_fib_tb_next(tb, pos->key, pos->plen);
		if (leaf)
			err = pp_fib_walk_leaf(tb, leaf, pos, fn, arg);
		/* key 0 behind a prefix: all 32 bits are through */
		if (!err && (!leaf || (leaf->key == U32_MAX && !pos->key))) {
			if (tb->id == U32_MAX)
				break;
			pos->table = tb->id + 1;
			pos->started = false;
		}
		if (!(++n & 255)) {
			rcu_read_unlock();
			cond_resched();
			rcu_read_lock();
		}
	}
	rcu_read_unlock();
	return err;
}
