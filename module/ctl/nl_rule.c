// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: add, delete and show policy rules.
 *
 * Path: none
 * Mirrors: net/core/fib_rules.c (fib_newrule, fib_delrule, fib_nl_dumprule)
 * Locks: takes pp_net.cfg_lock
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include "ctl/ctl.h"
#include "ip/rule.h"

static int pp_nl_rule_put_more(struct sk_buff *skb,
			       const struct pp_rule_cfg *c)
{
	struct user_namespace *ns = current_user_ns();

	if (c->ipproto && nla_put_u8(skb, PKTPATH_A_RULE_IPPROTO, c->ipproto))
		return -EMSGSIZE;
	if (c->sport[1] &&
	    (nla_put_u16(skb, PKTPATH_A_RULE_SPORT, c->sport[0]) ||
	     nla_put_u16(skb, PKTPATH_A_RULE_SPORT_LAST, c->sport[1])))
		return -EMSGSIZE;
	if (c->dport[1] &&
	    (nla_put_u16(skb, PKTPATH_A_RULE_DPORT, c->dport[0]) ||
	     nla_put_u16(skb, PKTPATH_A_RULE_DPORT_LAST, c->dport[1])))
		return -EMSGSIZE;
	if (!c->any_uid &&
	    (nla_put_u32(skb, PKTPATH_A_RULE_UID,
			 from_kuid_munged(ns, c->uid[0])) ||
	     nla_put_u32(skb, PKTPATH_A_RULE_UID_LAST,
			 from_kuid_munged(ns, c->uid[1]))))
		return -EMSGSIZE;
	if (c->suppress && nla_put_u32(skb, PKTPATH_A_RULE_SUPPRESS_PREFIXLEN,
				       c->suppress - 1))
		return -EMSGSIZE;
	if (c->jump && nla_put_u32(skb, PKTPATH_A_RULE_GOTO, c->jump))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_rule_put(struct sk_buff *skb, const struct pp_rule_cfg *c)
{
	if (nla_put_u8(skb, PKTPATH_A_RULE_FAMILY, AF_INET) ||
	    nla_put_u32(skb, PKTPATH_A_RULE_PREF, c->pref) ||
	    nla_put_u8(skb, PKTPATH_A_RULE_TYPE, c->type))
		return -EMSGSIZE;
	if (c->table && nla_put_u32(skb, PKTPATH_A_RULE_TABLE, c->table))
		return -EMSGSIZE;
	if (c->src_len &&
	    (nla_put_in_addr(skb, PKTPATH_A_RULE_SRC, c->src) ||
	     nla_put_u8(skb, PKTPATH_A_RULE_SRC_LEN, c->src_len)))
		return -EMSGSIZE;
	if (c->dst_len &&
	    (nla_put_in_addr(skb, PKTPATH_A_RULE_DST, c->dst) ||
	     nla_put_u8(skb, PKTPATH_A_RULE_DST_LEN, c->dst_len)))
		return -EMSGSIZE;
	if (c->tos && nla_put_u8(skb, PKTPATH_A_RULE_TOS, c->tos))
		return -EMSGSIZE;
	if (c->mask && (nla_put_u32(skb, PKTPATH_A_RULE_MARK, c->mark) ||
			nla_put_u32(skb, PKTPATH_A_RULE_MASK, c->mask)))
		return -EMSGSIZE;
	if (*c->iif && nla_put_string(skb, PKTPATH_A_RULE_IIFNAME, c->iif))
		return -EMSGSIZE;
	if (*c->oif && nla_put_string(skb, PKTPATH_A_RULE_OIFNAME, c->oif))
		return -EMSGSIZE;
	if (c->invert && nla_put_flag(skb, PKTPATH_A_RULE_INVERT))
		return -EMSGSIZE;
	if (c->l3mdev && nla_put_flag(skb, PKTPATH_A_RULE_L3MDEV))
		return -EMSGSIZE;
	return pp_nl_rule_put_more(skb, c);
}

static int pp_nl_rule_fill(struct sk_buff *skb, const struct pp_nl_msg *m,
			   const struct pp_rule_cfg *cfg)
{
	void *hdr;

	hdr = pp_nl_put(skb, m);
	if (!hdr)
		return -EMSGSIZE;
	if (pp_nl_rule_put(skb, cfg)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static void pp_nl_rule_notify(struct pp_net *pn, u8 cmd,
			      const struct pp_rule_cfg *cfg)
{
	struct pp_nl_msg m = { .cmd = cmd };
	struct sk_buff *skb;
	int err = 0;

	if (!pp_nl_listening(pn->net))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (skb)
		err = pp_nl_rule_fill(skb, &m, cfg);
	pp_nl_notify(pn->net, skb, err);
}

/* A prefix: without a length all 32 bits. */
static int pp_nl_rule_prefix(const struct nlattr *addr,
			     const struct nlattr *len, __be32 *prefix,
			     u8 *bits, struct netlink_ext_ack *extack)
{
	int err;

	if (!addr)
		return len ? pp_nl_bad(extack, len, -EINVAL,
				       "Prefix length without address") : 0;
	err = pp_nl_get_addr(addr, prefix, extack);
	if (err)
		return err;
	*bits = len ? nla_get_u8(len) : 32;
	if (*bits > 32)
		return pp_nl_bad(extack, len, -EINVAL,
				 "Prefix length is above 32");
	return 0;
}

static void pp_nl_rule_ports(const struct nlattr *first,
			     const struct nlattr *last, u16 *range)
{
	if (first)
		range[0] = nla_get_u16(first);
	range[1] = last ? nla_get_u16(last) : range[0];
}

static int pp_nl_rule_uids(struct genl_info *info, struct pp_rule_cfg *cfg)
{
	struct user_namespace *ns = current_user_ns();
	const struct nlattr *first, *last;

	first = info->attrs[PKTPATH_A_RULE_UID];
	last = info->attrs[PKTPATH_A_RULE_UID_LAST] ?: first;
	cfg->any_uid = !first;
	if (!first)
		return 0;
	cfg->uid[0] = make_kuid(ns, nla_get_u32(first));
	cfg->uid[1] = make_kuid(ns, nla_get_u32(last));
	if (!uid_valid(cfg->uid[0]) || !uid_valid(cfg->uid[1]))
		return pp_nl_bad(info->extack, first, -EINVAL,
				 "No such user in this namespace");
	return 0;
}

static int pp_nl_rule_more(struct genl_info *info, struct pp_rule_cfg *cfg)
{
	struct nlattr **a = info->attrs;

	if (a[PKTPATH_A_RULE_IPPROTO])
		cfg->ipproto = nla_get_u8(a[PKTPATH_A_RULE_IPPROTO]);
	pp_nl_rule_ports(a[PKTPATH_A_RULE_SPORT], a[PKTPATH_A_RULE_SPORT_LAST],
			 cfg->sport);
	pp_nl_rule_ports(a[PKTPATH_A_RULE_DPORT], a[PKTPATH_A_RULE_DPORT_LAST],
			 cfg->dport);
	if (a[PKTPATH_A_RULE_SUPPRESS_PREFIXLEN])
		cfg->suppress = 1 +
			nla_get_u32(a[PKTPATH_A_RULE_SUPPRESS_PREFIXLEN]);
	if (a[PKTPATH_A_RULE_GOTO])
		cfg->jump = nla_get_u32(a[PKTPATH_A_RULE_GOTO]);
	return pp_nl_rule_uids(info, cfg);
}

static int pp_nl_rule_parse(struct genl_info *info, struct pp_rule_cfg *cfg)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **a = info->attrs;
	int err;

	memset(cfg, 0, sizeof(*cfg));
	err = pp_nl_family_check(a[PKTPATH_A_RULE_FAMILY], extack);
	if (err)
		return err;
	err = pp_nl_rule_prefix(a[PKTPATH_A_RULE_SRC],
				a[PKTPATH_A_RULE_SRC_LEN], &cfg->src,
				&cfg->src_len, extack);
	if (err)
		return err;
	err = pp_nl_rule_prefix(a[PKTPATH_A_RULE_DST],
				a[PKTPATH_A_RULE_DST_LEN], &cfg->dst,
				&cfg->dst_len, extack);
	if (err)
		return err;
	cfg->any_pref = !a[PKTPATH_A_RULE_PREF];
	if (a[PKTPATH_A_RULE_PREF])
		cfg->pref = nla_get_u32(a[PKTPATH_A_RULE_PREF]);
	if (a[PKTPATH_A_RULE_TABLE])
		cfg->table = nla_get_u32(a[PKTPATH_A_RULE_TABLE]);
	if (a[PKTPATH_A_RULE_TYPE])
		cfg->type = nla_get_u8(a[PKTPATH_A_RULE_TYPE]);
	if (a[PKTPATH_A_RULE_TOS])
		cfg->tos = nla_get_u8(a[PKTPATH_A_RULE_TOS]);
	if (a[PKTPATH_A_RULE_MARK]) {
		cfg->mark = nla_get_u32(a[PKTPATH_A_RULE_MARK]);
		cfg->mask = U32_MAX;
	}
	if (a[PKTPATH_A_RULE_MASK])
		cfg->mask = nla_get_u32(a[PKTPATH_A_RULE_MASK]);
	if (a[PKTPATH_A_RULE_IIFNAME])
		nla_strscpy(cfg->iif, a[PKTPATH_A_RULE_IIFNAME],
			    sizeof(cfg->iif));
	if (a[PKTPATH_A_RULE_OIFNAME])
		nla_strscpy(cfg->oif, a[PKTPATH_A_RULE_OIFNAME],
			    sizeof(cfg->oif));
	cfg->invert = nla_get_flag(a[PKTPATH_A_RULE_INVERT]);
	cfg->l3mdev = nla_get_flag(a[PKTPATH_A_RULE_L3MDEV]);
	return pp_nl_rule_more(info, cfg);
}

/**
 * pp_nl_rule_add_doit() - add a policy rule
 * @skb: request
 * @info: its attributes: FAMILY, TABLE or TYPE, and what must match
 *
 * Context: process; takes cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_rule_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_rule_cfg cfg;
	int err;

	err = pp_nl_rule_parse(info, &cfg);
	if (err)
		return err;
	if (!cfg.type)
		cfg.type = RTN_UNICAST;
	mutex_lock(&pn->cfg_lock);
	err = pp_rule_add(pn, &cfg, info->extack);
	if (!err)
		pp_nl_rule_notify(pn, PKTPATH_CMD_RULE_NTF, &cfg);
	mutex_unlock(&pn->cfg_lock);
	return err;
}

/**
 * pp_nl_rule_del_doit() - delete the first policy rule that matches
 * @skb: request
 * @info: its attributes; what is not given matches anything
 *
 * Context: process; takes cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_rule_cfg cfg;
	int err;

	err = pp_nl_rule_parse(info, &cfg);
	if (err)
		return err;
	if (cfg.any_pref && !cfg.table && !cfg.type && !cfg.src_len &&
	    !cfg.dst_len && !cfg.mask && !cfg.tos && !*cfg.iif && !*cfg.oif &&
	    !cfg.ipproto && !cfg.sport[1] && !cfg.dport[1] && cfg.any_uid &&
	    !cfg.suppress && !cfg.jump && !cfg.l3mdev)
		return pp_nl_missing(info->extack, PKTPATH_A_RULE_PREF,
				     "Which rule?");
	mutex_lock(&pn->cfg_lock);
	err = pp_rule_del(pn, &cfg, info->extack);
	if (!err)
		pp_nl_rule_notify(pn, PKTPATH_CMD_RULE_DEL_NTF, &cfg);
	mutex_unlock(&pn->cfg_lock);
	return err;
}

/**
 * pp_nl_rule_get_dumpit() - show the policy rules
 * @skb: where to write
 * @cb: the dump
 *
 * Context: process; takes RCU.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pp_net *pn = pp_nl_cb_net(cb);
	struct pp_rule_cfg cfg;
	struct pp_nl_msg m;
	int err = 0;

	cb->seq = pp_net_gen(pn) ?: 1;
	pp_nl_msg_dump(&m, cb, PKTPATH_CMD_RULE_GET);
	while (!err && pp_rule_nth(pn, cb->args[0], &cfg)) {
		err = pp_nl_rule_fill(skb, &m, &cfg);
		if (!err)
			cb->args[0]++;
	}
	return pp_nl_dump_end(skb, err);
}
