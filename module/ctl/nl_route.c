// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: add, delete, show and resolve routes.
 *
 * Path: none
 * Mirrors: net/ipv4/fib_frontend.c (inet_rtm_newroute), net/ipv4/route.c
 *	    (inet_rtm_getroute)
 * Locks: takes pp_net.cfg_lock
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include "ctl/ctl.h"
#include "ip/ip.h"
#include "tcp/tcp.h"

/* Where a dump goes on. */
struct pp_nl_route_pos {
	struct pp_fib_pos fib;
	bool done;
};

struct pp_nl_route_dump {
	struct sk_buff *skb;
	struct pp_net *pn;
	struct pp_nl_msg m;
	u32 table;		/* filters, 0: any */
	int oif;
	u8 type;
	u8 protocol;
};

/* NLM_F_* of PKTPATH_MODE_*. */
static const u16 pp_nl_route_modes[] = {
	[PKTPATH_MODE_ADD] = NLM_F_CREATE | NLM_F_EXCL,
	[PKTPATH_MODE_REPLACE] = NLM_F_CREATE | NLM_F_REPLACE,
	[PKTPATH_MODE_CHANGE] = NLM_F_REPLACE,
	[PKTPATH_MODE_APPEND] = NLM_F_CREATE | NLM_F_APPEND,
};

/* What was given as a name; nothing is shown of a module that has gone. */
static int pp_nl_route_put_congctl(struct sk_buff *skb,
				   const struct pp_route_cfg *cfg)
{
	char name[16];

	if (!cfg->cc_key ||
	    !pp_tcp_cc_key_name(cfg->cc_key, name, sizeof(name)))
		return 0;
	if (nla_put_string(skb, PKTPATH_A_ROUTE_CONGCTL, name) ||
	    (cfg->cc_lock && nla_put_flag(skb, PKTPATH_A_ROUTE_CONGCTL_LOCK)))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_route_put_metrics(struct sk_buff *skb,
				   const struct pp_route_metrics *m)
{
	if ((m->advmss &&
	     nla_put_u32(skb, PKTPATH_A_ROUTE_ADVMSS, m->advmss)) ||
	    (m->window &&
	     nla_put_u32(skb, PKTPATH_A_ROUTE_WINDOW, m->window)) ||
	    (m->hoplimit &&
	     nla_put_u8(skb, PKTPATH_A_ROUTE_HOPLIMIT, m->hoplimit)) ||
	    (m->initcwnd &&
	     nla_put_u32(skb, PKTPATH_A_ROUTE_INITCWND, m->initcwnd)) ||
	    (m->initrwnd &&
	     nla_put_u32(skb, PKTPATH_A_ROUTE_INITRWND, m->initrwnd)) ||
	    (m->rto_min_ms &&
	     nla_put_u32(skb, PKTPATH_A_ROUTE_RTO_MIN, m->rto_min_ms)) ||
	    (m->flags & PKTPATH_ROUTE_QUICKACK &&
	     nla_put_u8(skb, PKTPATH_A_ROUTE_QUICKACK, 1)) ||
	    (m->flags & PKTPATH_ROUTE_ECN &&
	     nla_put_u32(skb, PKTPATH_A_ROUTE_FEATURES, RTAX_FEATURE_ECN)))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_route_put(struct sk_buff *skb, struct pp_net *pn,
			   const struct pp_route_cfg *cfg)
{
	if (nla_put_u8(skb, PKTPATH_A_ROUTE_FAMILY, AF_INET) ||
	    nla_put_u32(skb, PKTPATH_A_ROUTE_TABLE, cfg->table) ||
	    nla_put_in_addr(skb, PKTPATH_A_ROUTE_DST, cfg->dst) ||
	    nla_put_u8(skb, PKTPATH_A_ROUTE_PREFIXLEN, cfg->plen) ||
	    nla_put_u8(skb, PKTPATH_A_ROUTE_TYPE, cfg->type) ||
	    nla_put_u8(skb, PKTPATH_A_ROUTE_SCOPE, cfg->scope) ||
	    nla_put_u8(skb, PKTPATH_A_ROUTE_PROTOCOL, cfg->protocol) ||
	    nla_put_u8(skb, PKTPATH_A_ROUTE_TOS, cfg->tos) ||
	    nla_put_u32(skb, PKTPATH_A_ROUTE_METRIC, cfg->metric) ||
	    nla_put_u32(skb, PKTPATH_A_ROUTE_FLAGS, cfg->flags))
		return -EMSGSIZE;
	if (cfg->gw && nla_put_in_addr(skb, PKTPATH_A_ROUTE_GATEWAY, cfg->gw))
		return -EMSGSIZE;
	if (cfg->prefsrc && nla_put_in_addr(skb, PKTPATH_A_ROUTE_PREFSRC,
					    cfg->prefsrc))
		return -EMSGSIZE;
	if (cfg->oif && (nla_put_u32(skb, PKTPATH_A_ROUTE_OIF, cfg->oif) ||
			 pp_nl_put_ifname(skb, pn, PKTPATH_A_ROUTE_OIFNAME,
					  cfg->oif)))
		return -EMSGSIZE;
	if (cfg->mtu && nla_put_u32(skb, PKTPATH_A_ROUTE_MTU, cfg->mtu))
		return -EMSGSIZE;
	if (cfg->mtu_lock && nla_put_flag(skb, PKTPATH_A_ROUTE_MTU_LOCK))
		return -EMSGSIZE;
	if (cfg->weight &&
	    nla_put_u8(skb, PKTPATH_A_ROUTE_WEIGHT, cfg->weight))
		return -EMSGSIZE;
	return pp_nl_route_put_metrics(skb, &cfg->m) ? :
	       pp_nl_route_put_congctl(skb, cfg);
}

static int pp_nl_route_fill(struct sk_buff *skb, const struct pp_nl_msg *m,
			    struct pp_net *pn, const struct pp_route_cfg *cfg)
{
	void *hdr;

	hdr = pp_nl_put(skb, m);
	if (!hdr)
		return -EMSGSIZE;
	if (pp_nl_route_put(skb, pn, cfg)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static void pp_nl_route_notify(struct pp_net *pn, u8 cmd,
			       const struct pp_route_cfg *cfg, gfp_t gfp)
{
	struct pp_nl_msg m = { .cmd = cmd };
	struct sk_buff *skb;
	int err = 0;

	if (!pp_nl_listening(pn->net))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (skb)
		err = pp_nl_route_fill(skb, &m, pn, cfg);
	pp_nl_notify(pn->net, skb, err);
}

/**
 * pp_nl_route_tell() - tell of a route that came or went with an address
 * @pn: netns
 * @cfg: the route
 * @add: whether it came
 *
 * Mirrors: net/ipv4/fib_frontend.c:fib_magic (v7.2)
 *
 * Context: any, RCU read side.
 */
void pp_nl_route_tell(struct pp_net *pn, const struct pp_route_cfg *cfg,
		      bool add)
{
	pp_nl_route_notify(pn, add ? PKTPATH_CMD_ROUTE_NTF :
				     PKTPATH_CMD_ROUTE_DEL_NTF, cfg,
			   GFP_ATOMIC);
}

/* An optional address; absent: untouched. */
static int pp_nl_route_addr(const struct nlattr *attr, __be32 *addr,
			    struct netlink_ext_ack *extack)
{
	return attr ? pp_nl_get_addr(attr, addr, extack) : 0;
}

/* DST and PREFIXLEN: without both the default route, without the latter /32. */
static int pp_nl_route_prefix(struct nlattr **attrs, struct pp_route_cfg *cfg,
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *plen = attrs[PKTPATH_A_ROUTE_PREFIXLEN];
	const struct nlattr *dst = attrs[PKTPATH_A_ROUTE_DST];
	int err;

	err = pp_nl_route_addr(dst, &cfg->dst, extack);
	if (err)
		return err;
	cfg->plen = plen ? nla_get_u8(plen) : (dst ? 32 : 0);
	if (cfg->plen > 32)
		return pp_nl_bad(extack, plen, -EINVAL,
				 "Prefix length is above 32");
	if (cfg->plen && !dst)
		return pp_nl_missing(extack, PKTPATH_A_ROUTE_DST,
				     "Prefix length without destination");
	if (cfg->dst & ~inet_make_mask(cfg->plen))
		return pp_nl_bad(extack, dst, -EINVAL,
				 "Destination has bits beyond its prefix");
	return 0;
}

static u8 pp_nl_route_u8(const struct nlattr *attr, u8 def)
{
	return attr ? nla_get_u8(attr) : def;
}

/* The table by its number or by its VRF; neither: untouched. */
static int pp_nl_route_table(const struct pp_net *pn, struct nlattr **a,
			     u32 *table, struct netlink_ext_ack *extack)
{
	u32 of_vrf;

	if (a[PKTPATH_A_ROUTE_TABLE])
		*table = nla_get_u32(a[PKTPATH_A_ROUTE_TABLE]);
	if (!a[PKTPATH_A_ROUTE_VRF])
		return 0;
	rcu_read_lock();
	of_vrf = pp_vrf_table_rcu(pn, nla_get_u32(a[PKTPATH_A_ROUTE_VRF]));
	rcu_read_unlock();
	if (!of_vrf)
		return pp_nl_bad(extack, a[PKTPATH_A_ROUTE_VRF], -ENODEV,
				 "Device is no VRF");
	if (a[PKTPATH_A_ROUTE_TABLE] && *table != of_vrf)
		return pp_nl_bad(extack, a[PKTPATH_A_ROUTE_VRF], -EINVAL,
				 "Table is not the VRF's");
	*table = of_vrf;
	return 0;
}

/* Everything an add and a del have in common, no defaults. */
static int pp_nl_route_parse(struct genl_info *info, struct pp_route_cfg *cfg)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **a = info->attrs;
	int err;

	memset(cfg, 0, sizeof(*cfg));
	err = pp_nl_family_check(a[PKTPATH_A_ROUTE_FAMILY], extack);
	if (err)
		return err;
	err = pp_nl_route_prefix(a, cfg, extack);
	if (err)
		return err;
	err = pp_nl_route_addr(a[PKTPATH_A_ROUTE_GATEWAY], &cfg->gw, extack);
	if (err)
		return err;
	err = pp_nl_route_addr(a[PKTPATH_A_ROUTE_PREFSRC], &cfg->prefsrc,
			       extack);
	if (err)
		return err;
	err = pp_nl_get_ifindex(genl_info_net(info), a[PKTPATH_A_ROUTE_OIF],
				a[PKTPATH_A_ROUTE_OIFNAME], &cfg->oif, extack);
	if (err)
		return err;
	cfg->table = RT_TABLE_MAIN;
	err = pp_nl_route_table(pp_nl_info_net(info), a, &cfg->table, extack);
	if (err)
		return err;
	if (a[PKTPATH_A_ROUTE_METRIC])
		cfg->metric = nla_get_u32(a[PKTPATH_A_ROUTE_METRIC]);
	cfg->tos = pp_nl_route_u8(a[PKTPATH_A_ROUTE_TOS], 0);
	cfg->type = pp_nl_route_u8(a[PKTPATH_A_ROUTE_TYPE], RTN_UNSPEC);
	cfg->scope = pp_nl_route_u8(a[PKTPATH_A_ROUTE_SCOPE],
				    RT_SCOPE_NOWHERE);
	cfg->protocol = pp_nl_route_u8(a[PKTPATH_A_ROUTE_PROTOCOL],
				       RTPROT_UNSPEC);
	return 0;
}

/* As `ip route`: how far away the destination is, by what the route says. */
static u8 pp_nl_route_scope(const struct pp_route_cfg *cfg)
{
	switch (cfg->type) {
	case RTN_LOCAL:
		return RT_SCOPE_HOST;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return RT_SCOPE_LINK;
	case RTN_UNICAST:
		return cfg->gw ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	default:
		return RT_SCOPE_UNIVERSE;
	}
}

static u32 pp_nl_route_u32(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static void pp_nl_route_parse_metrics(struct nlattr **a,
				      struct pp_route_metrics *m)
{
	m->advmss = pp_nl_route_u32(a[PKTPATH_A_ROUTE_ADVMSS]);
	m->window = pp_nl_route_u32(a[PKTPATH_A_ROUTE_WINDOW]);
	m->hoplimit = pp_nl_route_u8(a[PKTPATH_A_ROUTE_HOPLIMIT], 0);
	m->initcwnd = pp_nl_route_u32(a[PKTPATH_A_ROUTE_INITCWND]);
	m->initrwnd = pp_nl_route_u32(a[PKTPATH_A_ROUTE_INITRWND]);
	m->rto_min_ms = pp_nl_route_u32(a[PKTPATH_A_ROUTE_RTO_MIN]);
	if (pp_nl_route_u8(a[PKTPATH_A_ROUTE_QUICKACK], 0))
		m->flags |= PKTPATH_ROUTE_QUICKACK;
	if (pp_nl_route_u32(a[PKTPATH_A_ROUTE_FEATURES]) & RTAX_FEATURE_ECN)
		m->flags |= PKTPATH_ROUTE_ECN;
}

/* What only an add has, and its defaults. */
static int pp_nl_route_parse_add(struct genl_info *info,
				 struct pp_route_cfg *cfg, u16 *nlflags)
{
	struct nlattr **a = info->attrs;

	if (cfg->type == RTN_UNSPEC)
		cfg->type = RTN_UNICAST;
	if (!a[PKTPATH_A_ROUTE_SCOPE])
		cfg->scope = pp_nl_route_scope(cfg);
	if (!a[PKTPATH_A_ROUTE_PROTOCOL])
		cfg->protocol = RTPROT_BOOT;
	if (a[PKTPATH_A_ROUTE_FLAGS])
		cfg->flags = nla_get_u32(a[PKTPATH_A_ROUTE_FLAGS]);
	if (cfg->flags & ~RTNH_F_ONLINK)
		return pp_nl_bad(info->extack, a[PKTPATH_A_ROUTE_FLAGS],
				 -EINVAL, "Only the flag onlink may be set");
	if (a[PKTPATH_A_ROUTE_MTU])
		cfg->mtu = nla_get_u32(a[PKTPATH_A_ROUTE_MTU]);
	cfg->mtu_lock = nla_get_flag(a[PKTPATH_A_ROUTE_MTU_LOCK]);
	if (cfg->mtu_lock && !cfg->mtu)
		return pp_nl_missing(info->extack, PKTPATH_A_ROUTE_MTU,
				     "A locked MTU needs a value");
	if (a[PKTPATH_A_ROUTE_CONGCTL]) {
		cfg->cc_key = pp_tcp_cc_key(nla_data(a[PKTPATH_A_ROUTE_CONGCTL]));
		if (!cfg->cc_key)
			return pp_nl_bad(info->extack,
					 a[PKTPATH_A_ROUTE_CONGCTL], -EINVAL,
					 "There is no such congestion control");
	}
	cfg->cc_lock = nla_get_flag(a[PKTPATH_A_ROUTE_CONGCTL_LOCK]);
	if (cfg->cc_lock && !cfg->cc_key)
		return pp_nl_missing(info->extack, PKTPATH_A_ROUTE_CONGCTL,
				     "A locked congestion control needs a name");
	cfg->weight = pp_nl_route_u8(a[PKTPATH_A_ROUTE_WEIGHT], 0);
	pp_nl_route_parse_metrics(a, &cfg->m);
	*nlflags = pp_nl_route_modes[pp_nl_route_u8(a[PKTPATH_A_ROUTE_MODE],
						    PKTPATH_MODE_ADD)];
	return 0;
}

/**
 * pp_nl_route_add_doit() - add, change or append a route
 * @skb: request
 * @info: its attributes: FAMILY, DST, PREFIXLEN, OIF or GATEWAY, ...
 *
 * Context: process; takes cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_route_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_route_cfg cfg;
	u16 nlflags;
	int err;

	err = pp_nl_route_parse(info, &cfg);
	if (err)
		return err;
	err = pp_nl_route_parse_add(info, &cfg, &nlflags);
	if (err)
		return err;
	mutex_lock(&pn->cfg_lock);
	err = pp_fib_add(pn, &cfg, nlflags, info->extack);
	if (!err)
		pp_nl_route_notify(pn, PKTPATH_CMD_ROUTE_NTF, &cfg,
				   GFP_KERNEL);
	mutex_unlock(&pn->cfg_lock);
	return err;
}

static void pp_nl_route_gone(struct pp_net *pn, const struct pp_route_cfg *cfg)
{
	pp_nl_route_notify(pn, PKTPATH_CMD_ROUTE_DEL_NTF, cfg, GFP_KERNEL);
}

/**
 * pp_nl_route_del_doit() - delete the first route that matches
 * @skb: request
 * @info: its attributes; what is not given matches anything
 *
 * Context: process; takes cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_route_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_route_cfg cfg;
	int err;

	err = pp_nl_route_parse(info, &cfg);
	if (err)
		return err;
	mutex_lock(&pn->cfg_lock);
	err = pp_fib_del(pn, &cfg, pp_nl_route_gone, info->extack);
	mutex_unlock(&pn->cfg_lock);
	return err;
}

static int pp_nl_route_dump_one(const struct pp_route_cfg *cfg, void *arg)
{
	struct pp_nl_route_dump *d = arg;

	if ((d->table && cfg->table != d->table) ||
	    (d->oif && cfg->oif != d->oif) ||
	    (d->type && cfg->type != d->type) ||
	    (d->protocol && cfg->protocol != d->protocol))
		return 0;
	return pp_nl_route_fill(d->skb, &d->m, d->pn, cfg);
}

/**
 * pp_nl_route_get_dumpit() - show the routes
 * @skb: where to write
 * @cb: the dump; filters FAMILY, TABLE or VRF, TYPE, PROTOCOL, OIF or OIFNAME
 *
 * Context: process; takes RCU.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_route_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **a = pp_compat_genl_dump_attrs(cb);
	struct pp_nl_route_pos *pos = (void *)cb->ctx;
	struct pp_nl_route_dump d = {
		.skb = skb,
		.pn = pp_nl_cb_net(cb),
	};
	int err;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));
	if (pos->done)
		return 0;
	if (a[PKTPATH_A_ROUTE_FAMILY]) {
		err = pp_nl_family_check(a[PKTPATH_A_ROUTE_FAMILY],
					 cb->extack);
		if (err)
			return err;
	}
	err = pp_nl_get_ifindex(d.pn->net, a[PKTPATH_A_ROUTE_OIF],
				a[PKTPATH_A_ROUTE_OIFNAME], &d.oif,
				cb->extack);
	if (err)
		return err;
	err = pp_nl_route_table(d.pn, a, &d.table, cb->extack);
	if (err)
		return err;
	d.type = pp_nl_route_u8(a[PKTPATH_A_ROUTE_TYPE], 0);
	d.protocol = pp_nl_route_u8(a[PKTPATH_A_ROUTE_PROTOCOL], 0);
	cb->seq = pp_net_gen(d.pn) ?: 1;
	pp_nl_msg_dump(&d.m, cb, PKTPATH_CMD_ROUTE_GET);
	err = pp_fib_walk(d.pn, &pos->fib, pp_nl_route_dump_one, &d);
	pos->done = !err;
	return pp_nl_dump_end(skb, err);
}

/* The flow of a ROUTE_RESOLVE. */
static int pp_nl_route_flow(struct genl_info *info, struct pp_flow *fl,
			    int *iif)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **a = info->attrs;
	int err;

	memset(fl, 0, sizeof(*fl));
	err = pp_nl_family_check(a[PKTPATH_A_ROUTE_FAMILY], extack);
	if (err)
		return err;
	if (!a[PKTPATH_A_ROUTE_DST])
		return pp_nl_missing(extack, PKTPATH_A_ROUTE_DST,
				     "Destination is missing");
	err = pp_nl_get_addr(a[PKTPATH_A_ROUTE_DST], &fl->daddr, extack);
	if (err)
		return err;
	err = pp_nl_route_addr(a[PKTPATH_A_ROUTE_SRC], &fl->saddr, extack);
	if (err)
		return err;
	err = pp_nl_get_ifindex(genl_info_net(info), a[PKTPATH_A_ROUTE_OIF],
				a[PKTPATH_A_ROUTE_OIFNAME], &fl->oif, extack);
	if (err)
		return err;
	*iif = 0;
	if (a[PKTPATH_A_ROUTE_IIF])
		*iif = nla_get_u32(a[PKTPATH_A_ROUTE_IIF]);
	fl->tos = pp_nl_route_u8(a[PKTPATH_A_ROUTE_TOS], 0);
	fl->proto = pp_nl_route_u8(a[PKTPATH_A_ROUTE_IPPROTO], IPPROTO_UDP);
	if (a[PKTPATH_A_ROUTE_MARK])
		fl->mark = nla_get_u32(a[PKTPATH_A_ROUTE_MARK]);
	if (a[PKTPATH_A_ROUTE_SPORT])
		fl->sport = nla_get_be16(a[PKTPATH_A_ROUTE_SPORT]);
	if (a[PKTPATH_A_ROUTE_DPORT])
		fl->dport = nla_get_be16(a[PKTPATH_A_ROUTE_DPORT]);
	fl->uid = *iif ? INVALID_UID : current_uid();
	if (a[PKTPATH_A_ROUTE_UID]) {
		fl->uid = make_kuid(current_user_ns(),
				    nla_get_u32(a[PKTPATH_A_ROUTE_UID]));
		if (!uid_valid(fl->uid))
			return pp_nl_bad(extack, a[PKTPATH_A_ROUTE_UID],
					 -EINVAL,
					 "No such user in this namespace");
	}
	return 0;
}

static int pp_nl_route_fill_flow(struct sk_buff *skb, struct genl_info *info,
				 const struct pp_route_cfg *cfg,
				 const struct pp_flow *fl, int iif)
{
	struct pp_nl_msg m;
	void *hdr;

	pp_nl_msg_reply(&m, info);
	hdr = pp_nl_put(skb, &m);
	if (!hdr || pp_nl_route_put(skb, pp_nl_info_net(info), cfg) ||
	    (fl->saddr && nla_put_in_addr(skb, PKTPATH_A_ROUTE_SRC,
					  fl->saddr)) ||
	    (iif && nla_put_u32(skb, PKTPATH_A_ROUTE_IIF, iif)) ||
	    (fl->mark && nla_put_u32(skb, PKTPATH_A_ROUTE_MARK, fl->mark)) ||
	    (uid_valid(fl->uid) &&
	     nla_put_u32(skb, PKTPATH_A_ROUTE_UID,
			 from_kuid_munged(current_user_ns(), fl->uid))))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

static void pp_nl_route_refusal(struct genl_info *info, int err)
{
	switch (err) {
	case -EHOSTUNREACH:
		GENL_SET_ERR_MSG(info, "Destination is unreachable by a route");
		break;
	case -EACCES:
		GENL_SET_ERR_MSG(info, "Destination is prohibited by a route");
		break;
	case -ENODEV:
		GENL_SET_ERR_MSG(info, "Device is not attached to pktpath");
		break;
	case -EINVAL:
		GENL_SET_ERR_MSG(info, "No packet may have these addresses");
		break;
	default:
		GENL_SET_ERR_MSG(info, "No route to the destination");
		break;
	}
}

/**
 * pp_nl_route_resolve_doit() - the route that a flow would take
 * @skb: request
 * @info: its attributes: FAMILY, DST; perhaps SRC, TOS, OIF, IIF, MARK, UID,
 *	  IPPROTO, SPORT, DPORT
 *
 * Context: process; takes RCU.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_route_resolve_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_route_cfg cfg = {};
	struct sk_buff *reply;
	struct pp_flow fl;
	u32 mtu = 0;
	int iif, err;

	err = pp_nl_route_flow(info, &fl, &iif);
	if (err)
		return err;
	err = pp_fib_resolve(pn, &fl, iif, &cfg, &mtu);
	if (err) {
		pp_nl_route_refusal(info, err);
		return err;
	}
	cfg.mtu = mtu;
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	err = pp_nl_route_fill_flow(reply, info, &cfg, &fl, iif);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}
