// SPDX-License-Identifier: GPL-2.0
/*
 * Policy rules: in which tables a flow looks, and in which order.
 *
 * As long as the administrator has given none, tables 255 and 254 are asked
 * without a look at any rule. The rules are one array in order, replaced as a
 * whole; there are at most PKTPATH_FIB_RULES_MAX.
 *
 * Path: ip/fib.c (pp_fib_lookup) -> here -> ip/fib.c (pp_fib_table_lookup)
 * Mirrors: net/core/fib_rules.c, net/ipv4/fib_rules.c
 * Locks: readers RCU; changes under cfg_lock
 */
#include <linux/slab.h>
#include "ip/fib.h"
#include "ip/rule.h"

#define PKTPATH_FIB_RULES_MAX 1024
/* ifindex of a device that is not attached: no flow has it */
#define PKTPATH_FIB_RULE_NODEV (-1)
/* where the kernel has its rule of VRFs, and ours stands without being shown */
#define PKTPATH_RULE_L3MDEV 1000

/**
 * struct pp_fib_rule - one rule
 * @cfg: as given
 * @smask: of @cfg.src
 * @dmask: of @cfg.dst
 * @iif: ifindex of @cfg.iif, 0: any; follows the devices
 * @oif: of @cfg.oif
 */
struct pp_fib_rule {
	struct pp_rule_cfg cfg;
	__be32 smask;
	__be32 dmask;
	int iif;
	int oif;
};

/**
 * struct pp_fib_rules - all rules of a netns
 * @rcu: frees the structure
 * @n: number of rules
 * @fine: some of them look at protocol or ports
 * @vrfs: one of them says when a VRF's table is asked; else that is unsaid, at
 *	  PKTPATH_RULE_L3MDEV, and nothing is asked behind it
 * @rule: sorted by preference
 */
struct pp_fib_rules {
	struct rcu_head rcu;
	unsigned int n;
	bool fine;
	bool vrfs;
	struct pp_fib_rule rule[];
};

#define PKTPATH_FIB_RULE(prio, tb) \
	{ .pref = prio, .table = tb, .type = RTN_UNICAST, .any_uid = true }

static const struct pp_rule_cfg pp_fib_rules_default[] = {
	PKTPATH_FIB_RULE(0, RT_TABLE_LOCAL),
	PKTPATH_FIB_RULE(32766, RT_TABLE_MAIN),
	PKTPATH_FIB_RULE(32767, RT_TABLE_DEFAULT),
};

/* What a rule that refuses gives in place of a route: no next hop. */
static struct pp_fib_entry pp_fib_rule_refusal[] = {
	{ .type = RTN_BLACKHOLE },
	{ .type = RTN_UNREACHABLE },
	{ .type = RTN_PROHIBIT },
};

static bool pp_fib_rule_port(const u16 *range, __be16 port)
{
	u16 p = ntohs(port);

	return !range[1] || (p >= range[0] && p <= range[1]);
}

/* What of a flow its addresses do not tell. */
static bool pp_fib_rule_fine(const struct pp_rule_cfg *c,
			     const struct pp_flow *fl)
{
	kuid_t uid = uid_valid(fl->uid) ? fl->uid : GLOBAL_ROOT_UID;

	return (!c->ipproto || c->ipproto == fl->proto) &&
	       pp_fib_rule_port(c->sport, fl->sport) &&
	       pp_fib_rule_port(c->dport, fl->dport) &&
	       (c->any_uid || (uid_gte(uid, c->uid[0]) &&
			       uid_lte(uid, c->uid[1])));
}

static bool pp_fib_rule_matches(const struct pp_fib_rule *r,
				const struct pp_flow *fl)
{
	int iif = READ_ONCE(r->iif), oif = READ_ONCE(r->oif);
	int in = fl->iif ?: LOOPBACK_IFINDEX, out = fl->oif;
	bool match;

	/* a rule may name the VRF in place of the device in it */
	if (unlikely(fl->l3mdev)) {
		if (fl->iif && iif == fl->l3mdev)
			in = iif;
		else if (!fl->iif && oif == fl->l3mdev)
			out = oif;
	}
	match = !((fl->saddr ^ r->cfg.src) & r->smask) &&
		!((fl->daddr ^ r->cfg.dst) & r->dmask) &&
		!((fl->mark ^ r->cfg.mark) & r->cfg.mask) &&
		(!r->cfg.tos || r->cfg.tos == (fl->tos & ~INET_ECN_MASK)) &&
		(!iif || iif == in) && (!oif || oif == out) &&
		(!r->cfg.l3mdev || fl->l3mdev) &&
		pp_fib_rule_fine(&r->cfg, fl);
	return match != r->cfg.invert;
}

/* Whether it says that the table of a flow's VRF is asked. */
static bool pp_fib_rule_is_vrf(const struct pp_rule_cfg *c)
{
	return c->l3mdev && c->type == RTN_UNICAST && !c->jump;
}

/* The table in which a rule has a flow look; 0: none. */
static u32 pp_fib_rule_table(const struct pp_net *pn,
			     const struct pp_fib_rule *r,
			     const struct pp_flow *fl)
{
	if (likely(!pp_fib_rule_is_vrf(&r->cfg)))
		return r->cfg.table;
	/* inverted, it may have met one outside of VRFs */
	return fl->l3mdev ? pp_vrf_table_rcu(pn, fl->l3mdev) : 0;
}

/* What refuses, in place of a route; NULL: it does not. */
static struct pp_fib_entry *pp_fib_rule_refuses(const struct pp_fib_rule *r)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pp_fib_rule_refusal); i++)
		if (pp_fib_rule_refusal[i].type == r->cfg.type)
			return &pp_fib_rule_refusal[i];
	return NULL;
}

static struct pp_fib_entry *pp_fib_rule_route(const struct pp_net *pn,
					      const struct pp_fib_rule *r,
					      const struct pp_flow *fl)
{
	struct pp_fib_table *tb;
	struct pp_fib_entry *fe;

	tb = pp_fib_table_find((struct pp_net *)pn,
			       pp_fib_rule_table(pn, r, fl));
	fe = tb ? pp_fib_table_lookup(tb, fl) : NULL;
	if (!fe || fe->type == RTN_THROW)
		return NULL;
	/* one that refuses counts, as in net/core/fib_rules.c */
	if (fe->leaf.plen < r->cfg.suppress && fe->type != RTN_BLACKHOLE &&
	    fe->type != RTN_UNREACHABLE && fe->type != RTN_PROHIBIT)
		return NULL;
	return fe;
}

/**
 * pp_fib_rules_lookup() - the route of a flow by rules
 * @pn: netns state
 * @rules: its rules
 * @fl: the flow
 * @table: filled with the table that has the route; may be NULL
 *
 * A flow within a VRF meets the rules up to PKTPATH_RULE_L3MDEV, but for that
 * of table 255, and then looks in the table of its VRF, and nowhere else. Where
 * a rule says that (l3mdev), it meets all, and looks there when it meets that.
 *
 * Mirrors: net/core/fib_rules.c:fib_rules_lookup (v7.2)
 *
 * Context: RCU read side.
 * Return: the route, never of type RTN_THROW, or NULL. One that refuses may
 * have no next hop.
 */
struct pp_fib_entry *pp_fib_rules_lookup(const struct pp_net *pn,
					 const struct pp_fib_rules *rules,
					 const struct pp_flow *fl, u32 *table)
{
	const struct pp_fib_rule *r;
	struct pp_fib_entry *fe;
	bool bound = unlikely(fl->l3mdev) && !rules->vrfs;
	u32 from = 0;

	for (r = rules->rule; r < rules->rule + rules->n; r++) {
		if (bound && r->cfg.pref > PKTPATH_RULE_L3MDEV)
			break;
		if (unlikely(fl->l3mdev) && !r->cfg.pref &&
		    r->cfg.table == RT_TABLE_LOCAL)
			continue;
		if (r->cfg.pref < from || !pp_fib_rule_matches(r, fl))
			continue;
		/* only forward, so this ends */
		if (r->cfg.jump) {
			from = r->cfg.jump;
			continue;
		}
		fe = pp_fib_rule_refuses(r) ?: pp_fib_rule_route(pn, r, fl);
		if (!fe)
			continue;
		if (table)
			*table = pp_fib_rule_table(pn, r, fl);
		return fe;
	}
	if (likely(!bound) || from > PKTPATH_RULE_L3MDEV)
		return NULL;
	if (table)
		*table = pp_vrf_table_rcu(pn, fl->l3mdev);
	return pp_fib_vrf_lookup(pn, fl);
}

/**
 * pp_fib_rules_fine() - do rules look at more than a packet's addresses?
 * @pn: netns state
 *
 * Context: RCU read side.
 * Return: true when they ask for protocol or ports.
 */
bool pp_fib_rules_fine(const struct pp_net *pn)
{
	const struct pp_fib_rules *rules = rcu_dereference(pn->fib->rules);

	return unlikely(rules) && rules->fine;
}

static int pp_fib_rule_ifindex(const struct pp_net *pn, const char *name)
{
	int ifindex = PKTPATH_FIB_RULE_NODEV;
	const struct pp_vrf *vrf;
	const struct pp_dev *pd;

	if (!*name)
		return 0;
	rcu_read_lock();
	list_for_each_entry_rcu(pd, &pn->devs, list)
		if (!READ_ONCE(pd->dead) &&
		    !strcmp(READ_ONCE(pd->dev)->name, name))
			ifindex = pd->ifindex;
	vrf = pp_vrf_by_name_rcu(pn, name);
	if (vrf)
		ifindex = vrf->ifindex;
	rcu_read_unlock();
	return ifindex;
}

static void pp_fib_rule_dev(const char *name, int *ifindex,
			    const struct net_device *dev, bool there)
{
	if (!*name)
		return;
	if (there && !strcmp(dev->name, name))
		WRITE_ONCE(*ifindex, dev->ifindex);
	else if (*ifindex == dev->ifindex)
		WRITE_ONCE(*ifindex, PKTPATH_FIB_RULE_NODEV);
}

/**
 * pp_fib_rules_dev() - a device has come, goes, or has another name
 * @pn: netns state
 * @dev: an attached device, or a VRF
 * @there: whether it may be used
 *
 * Mirrors: net/core/fib_rules.c:attach_rules, detach_rules (v7.2)
 *
 * Context: process, cfg_lock held.
 */
void pp_fib_rules_dev(struct pp_net *pn, const struct net_device *dev,
		      bool there)
{
	struct pp_fib_rules *rules;
	unsigned int i;

	rules = rcu_dereference_protected(pn->fib->rules,
					  lockdep_is_held(&pn->cfg_lock));
	for (i = 0; rules && i < rules->n; i++) {
		struct pp_fib_rule *r = &rules->rule[i];

		pp_fib_rule_dev(r->cfg.iif, &r->iif, dev, there);
		pp_fib_rule_dev(r->cfg.oif, &r->oif, dev, there);
	}
	if (rules)
		pp_fib_changed(pn);
}

static void pp_fib_rule_set(const struct pp_net *pn, struct pp_fib_rule *r,
			    const struct pp_rule_cfg *cfg)
{
	r->cfg = *cfg;
	r->smask = inet_make_mask(cfg->src_len);
	r->dmask = inet_make_mask(cfg->dst_len);
	r->iif = pp_fib_rule_ifindex(pn, cfg->iif);
	r->oif = pp_fib_rule_ifindex(pn, cfg->oif);
}

static struct pp_fib_rules *pp_fib_rules_alloc(unsigned int n)
{
	struct pp_fib_rules *rules;

	rules = kvzalloc(struct_size(rules, rule, n), GFP_KERNEL_ACCOUNT);
	if (rules)
		rules->n = n;
	return rules;
}

static void pp_fib_rules_publish(struct pp_net *pn, struct pp_fib_rules *new)
{
	struct pp_fib_rules *old;
	unsigned int i;

	for (i = 0; new && i < new->n; i++) {
		const struct pp_rule_cfg *c = &new->rule[i].cfg;

		new->fine |= c->ipproto || c->sport[1] || c->dport[1];
		new->vrfs |= pp_fib_rule_is_vrf(c);
	}
	old = rcu_replace_pointer(pn->fib->rules, new,
				  lockdep_is_held(&pn->cfg_lock));
	pp_fib_changed(pn);
	if (old)
		kvfree_rcu(old, rcu);
}

/* A rule that stays; what it has of the devices is kept by pp_fib_rules_dev(). */
static void pp_fib_rule_keep(const struct pp_net *pn,
			     const struct pp_fib_rules *old, unsigned int i,
			     struct pp_fib_rule *to)
{
	if (old)
		*to = old->rule[i];
	else
		pp_fib_rule_set(pn, to, &pp_fib_rules_default[i]);
}

/* The present rules, or those that hold as long as none was given. */
static struct pp_rule_cfg pp_fib_rules_get(const struct pp_fib_rules *rules,
					   unsigned int i)
{
	return rules ? rules->rule[i].cfg : pp_fib_rules_default[i];
}

/**
 * pp_fib_rules_spell() - has the rules that hold at first looked at one by one
 * @pn: netns state
 *
 * Without them table 253 is not asked.
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: 0, also when there are rules, or -ENOMEM.
 */
int pp_fib_rules_spell(struct pp_net *pn)
{
	struct pp_fib_rules *new;
	unsigned int i;

	if (rcu_access_pointer(pn->fib->rules))
		return 0;
	new = pp_fib_rules_alloc(ARRAY_SIZE(pp_fib_rules_default));
	if (!new)
		return -ENOMEM;
	for (i = 0; i < new->n; i++)
		pp_fib_rule_keep(pn, NULL, i, &new->rule[i]);
	pp_fib_rules_publish(pn, new);
	return 0;
}

static unsigned int pp_fib_rules_count(const struct pp_fib_rules *rules)
{
	return rules ? rules->n : ARRAY_SIZE(pp_fib_rules_default);
}

static bool pp_fib_rule_same_ranges(const struct pp_rule_cfg *a,
				    const struct pp_rule_cfg *b)
{
	return !memcmp(a->sport, b->sport, sizeof(a->sport)) &&
	       !memcmp(a->dport, b->dport, sizeof(a->dport)) &&
	       a->any_uid == b->any_uid &&
	       (a->any_uid || (uid_eq(a->uid[0], b->uid[0]) &&
			       uid_eq(a->uid[1], b->uid[1])));
}

static bool pp_fib_rule_same(const struct pp_rule_cfg *a,
			     const struct pp_rule_cfg *b)
{
	return a->pref == b->pref && a->table == b->table &&
	       a->mark == b->mark && a->mask == b->mask && a->src == b->src &&
	       a->dst == b->dst && a->src_len == b->src_len &&
	       a->dst_len == b->dst_len && a->tos == b->tos &&
	       a->type == b->type && a->invert == b->invert &&
	       a->l3mdev == b->l3mdev && a->ipproto == b->ipproto &&
	       a->suppress == b->suppress && a->jump == b->jump &&
	       pp_fib_rule_same_ranges(a, b) &&
	       !strcmp(a->iif, b->iif) && !strcmp(a->oif, b->oif);
}

static int pp_rule_check(const struct pp_rule_cfg *cfg,
			 struct netlink_ext_ack *extack)
{
	const char *msg = NULL;

	if (cfg->src & ~inet_make_mask(cfg->src_len) ||
	    cfg->dst & ~inet_make_mask(cfg->dst_len))
		msg = "Prefix has bits beyond its length";
	else if (cfg->tos & INET_ECN_MASK)
		msg = "Invalid TOS";
	else if (cfg->mark & ~cfg->mask)
		msg = "Mark has bits beyond its mask";
	else if (cfg->sport[0] > cfg->sport[1] ||
		 cfg->dport[0] > cfg->dport[1])
		msg = "Range of ports is upside down";
	else if (!cfg->any_uid && uid_gt(cfg->uid[0], cfg->uid[1]))
		msg = "Range of users is upside down";
	else if (cfg->l3mdev && cfg->table)
		msg = "A rule of VRFs looks in the tables of these";
	else if (cfg->jump && (cfg->table || cfg->type != RTN_UNICAST))
		msg = "A rule that goes on elsewhere has no table";
	else if (cfg->suppress && !cfg->table && !pp_fib_rule_is_vrf(cfg))
		msg = "No table whose routes could be suppressed";
	else if (cfg->type == RTN_UNICAST && !cfg->table && !cfg->jump &&
		 !cfg->l3mdev)
		msg = "A rule needs a table or a refusal";
	else if (cfg->type != RTN_UNICAST && cfg->type != RTN_BLACKHOLE &&
		 cfg->type != RTN_UNREACHABLE && cfg->type != RTN_PROHIBIT)
		msg = "Invalid action of a rule";
	else if (cfg->type != RTN_UNICAST && cfg->table)
		msg = "A rule that refuses has no table";
	if (!msg)
		return 0;
	if (extack)
		extack->_msg = msg;
	return -EINVAL;
}

/**
 * pp_rule_add() - adds a rule, behind those of its preference
 * @pn: netns state
 * @cfg: the rule; without a preference it gets one below the lowest but that
 *	 of table 255
 * @extack: says why not
 *
 * Mirrors: net/core/fib_rules.c:fib_newrule (v7.2)
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: 0, -EINVAL, -EEXIST, -ENOSPC, -ENOMEM.
 */
int pp_rule_add(struct pp_net *pn, struct pp_rule_cfg *cfg,
		struct netlink_ext_ack *extack)
{
	struct pp_fib_rules *old, *new;
	unsigned int i, n, at;
	struct pp_rule_cfg c;
	int err;

	lockdep_assert_held(&pn->cfg_lock);
	err = pp_rule_check(cfg, extack);
	if (err)
		return err;
	old = rcu_dereference_protected(pn->fib->rules,
					lockdep_is_held(&pn->cfg_lock));
	n = pp_fib_rules_count(old);
	if (n >= PKTPATH_FIB_RULES_MAX) {
		NL_SET_ERR_MSG(extack, "Too many rules");
		return -ENOSPC;
	}
	if (cfg->any_pref) {
		cfg->pref = 0;
		if (n > 1)
			cfg->pref = pp_fib_rules_get(old, 1).pref;
		if (cfg->pref)
			cfg->pref--;
		cfg->any_pref = false;
	}
	if (cfg->jump && cfg->jump <= cfg->pref) {
		NL_SET_ERR_MSG(extack, "Rules go on forward only");
		return -EINVAL;
	}
	new = pp_fib_rules_alloc(n + 1);
	if (!new)
		return -ENOMEM;
	at = n;
	for (i = 0; i < n; i++) {
		c = pp_fib_rules_get(old, i);
		if (pp_fib_rule_same(&c, cfg)) {
			kvfree(new);
			NL_SET_ERR_MSG(extack, "Rule exists");
			return -EEXIST;
		}
		if (at == n && c.pref > cfg->pref)
			at = i;
		pp_fib_rule_keep(pn, old, i, &new->rule[i + (i >= at)]);
	}
	pp_fib_rule_set(pn, &new->rule[at], cfg);
	pp_fib_rules_publish(pn, new);
	return 0;
}

/* What was given of a rule; at least something must have been. */
static bool pp_rule_wanted(const struct pp_rule_cfg *c,
			   const struct pp_rule_cfg *w)
{
	return (w->any_pref || c->pref == w->pref) &&
	       (!w->table || c->table == w->table) &&
	       (!w->mask || (c->mark == w->mark && c->mask == w->mask)) &&
	       (!w->src_len || (c->src == w->src &&
				c->src_len == w->src_len)) &&
	       (!w->dst_len || (c->dst == w->dst &&
				c->dst_len == w->dst_len)) &&
	       (!w->tos || c->tos == w->tos) &&
	       (!w->type || c->type == w->type) &&
	       (!w->ipproto || c->ipproto == w->ipproto) &&
	       (!w->suppress || c->suppress == w->suppress) &&
	       (!w->jump || c->jump == w->jump) &&
	       (!w->sport[1] || !memcmp(c->sport, w->sport,
					sizeof(c->sport))) &&
	       (!w->dport[1] || !memcmp(c->dport, w->dport,
					sizeof(c->dport))) &&
	       (w->any_uid || (!c->any_uid && uid_eq(c->uid[0], w->uid[0]) &&
			       uid_eq(c->uid[1], w->uid[1]))) &&
	       (!w->invert || c->invert) && (!w->l3mdev || c->l3mdev) &&
	       (!*w->iif || !strcmp(c->iif, w->iif)) &&
	       (!*w->oif || !strcmp(c->oif, w->oif));
}

/**
 * pp_rule_del() - deletes the first rule that matches what is given
 * @pn: netns state
 * @cfg: what is given; becomes what was deleted
 * @extack: says why not
 *
 * The rule of table 255 stays: what is ours is asked there. When only those
 * are left that were there at first, no rule is looked at any more.
 *
 * Mirrors: net/core/fib_rules.c:fib_delrule (v7.2)
 *
 * Context: process, cfg_lock held, sleeps.
 * Return: 0, -ENOENT, -EPERM, -ENOMEM.
 */
int pp_rule_del(struct pp_net *pn, struct pp_rule_cfg *cfg,
		struct netlink_ext_ack *extack)
{
	struct pp_fib_rules *old, *new;
	struct pp_rule_cfg c;
	unsigned int i, n, at;
	bool plain;

	lockdep_assert_held(&pn->cfg_lock);
	old = rcu_dereference_protected(pn->fib->rules,
					lockdep_is_held(&pn->cfg_lock));
	n = pp_fib_rules_count(old);
	for (at = 0; at < n; at++) {
		c = pp_fib_rules_get(old, at);
		if (pp_rule_wanted(&c, cfg))
			break;
	}
	if (at == n) {
		NL_SET_ERR_MSG(extack, "No such rule");
		return -ENOENT;
	}
	if (c.table == RT_TABLE_LOCAL && !c.pref) {
		NL_SET_ERR_MSG(extack, "The rule of table local stays");
		return -EPERM;
	}
	*cfg = c;
	new = pp_fib_rules_alloc(n - 1);
	if (!new)
		return -ENOMEM;
	plain = n - 1 == ARRAY_SIZE(pp_fib_rules_default);
	for (i = 0; i < n - 1; i++) {
		c = pp_fib_rules_get(old, i + (i >= at));
		pp_fib_rule_keep(pn, old, i + (i >= at), &new->rule[i]);
		plain = plain && pp_fib_rule_same(&c, &pp_fib_rules_default[i]);
	}
	if (plain && !pp_fib_table_find(pn, RT_TABLE_DEFAULT)) {
		kvfree(new);
		new = NULL;
	}
	pp_fib_rules_publish(pn, new);
	return 0;
}

/**
 * pp_rule_nth() - one rule, by its place in the order
 * @pn: netns state
 * @i: its place, from 0
 * @cfg: filled
 *
 * Context: process; takes RCU itself.
 * Return: whether there is one.
 */
bool pp_rule_nth(struct pp_net *pn, unsigned int i, struct pp_rule_cfg *cfg)
{
	const struct pp_fib_rules *rules;
	bool there;

	rcu_read_lock();
	rules = rcu_dereference(pn->fib->rules);
	there = i < pp_fib_rules_count(rules);
	if (there)
		*cfg = pp_fib_rules_get(rules, i);
	rcu_read_unlock();
	return there;
}

/**
 * pp_fib_rules_exit() - frees the rules of a netns
 * @pn: netns state; no reader is left
 *
 * Context: process.
 */
void pp_fib_rules_exit(struct pp_net *pn)
{
	kvfree(rcu_dereference_protected(pn->fib->rules, true));
	RCU_INIT_POINTER(pn->fib->rules, NULL);
}
