// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: add, delete and show static routes of multicast.
 *
 * Path: none
 * Mirrors: net/ipv4/ipmr.c (ipmr_rtm_route, ipmr_rtm_dumproute)
 * Locks: takes RTNL, then pp_net.cfg_lock; RCU to show
 */
#include <linux/rtnetlink.h>
#include "ctl/ctl.h"
#include "ip/mroute.h"

/* Room for an entry with all its devices. */
#define PKTPATH_NL_MROUTE_SIZE	(512 + PKTPATH_MROUTE_OUTS * 48)

static int pp_nl_mroute_put_outs(struct sk_buff *skb, struct pp_net *pn,
				 const struct pp_mroute_cfg *c)
{
	struct nlattr *outs, *out;
	unsigned int i;

	outs = nla_nest_start(skb, PKTPATH_A_MROUTE_OUTS);
	if (!outs)
		return -EMSGSIZE;
	for (i = 0; i < c->n; i++) {
		out = nla_nest_start(skb, i + 1);
		if (!out ||
		    nla_put_u32(skb, PKTPATH_A_MROUTE_OUT_IFINDEX,
				c->out[i].ifindex) ||
		    pp_nl_put_ifname(skb, pn, PKTPATH_A_MROUTE_OUT_IFNAME,
				     c->out[i].ifindex) ||
		    nla_put_u8(skb, PKTPATH_A_MROUTE_OUT_TTL, c->out[i].ttl))
			return -EMSGSIZE;
		nla_nest_end(skb, out);
	}
	nla_nest_end(skb, outs);
	return 0;
}

static int pp_nl_mroute_put(struct sk_buff *skb, struct pp_net *pn,
			    const struct pp_mroute_cfg *c)
{
	if (nla_put_u8(skb, PKTPATH_A_MROUTE_FAMILY, AF_INET) ||
	    nla_put_in_addr(skb, PKTPATH_A_MROUTE_GROUP, c->group) ||
	    nla_put_u32(skb, PKTPATH_A_MROUTE_IIF, c->iif) ||
	    pp_nl_put_ifname(skb, pn, PKTPATH_A_MROUTE_IIFNAME, c->iif))
		return -EMSGSIZE;
	if (c->src && nla_put_in_addr(skb, PKTPATH_A_MROUTE_SRC, c->src))
		return -EMSGSIZE;
	if (pp_nl_mroute_put_outs(skb, pn, c))
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, PKTPATH_A_MROUTE_PACKETS, c->packets,
			      PKTPATH_A_MROUTE_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_MROUTE_BYTES, c->bytes,
			      PKTPATH_A_MROUTE_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_MROUTE_WRONG_IF, c->wrong_if,
			      PKTPATH_A_MROUTE_PAD))
		return -EMSGSIZE;
	return 0;
}

static int pp_nl_mroute_fill(struct sk_buff *skb, struct pp_net *pn,
			     const struct pp_nl_msg *m,
			     const struct pp_mroute_cfg *cfg)
{
	void *hdr;

	hdr = pp_nl_put(skb, m);
	if (!hdr)
		return -EMSGSIZE;
	if (pp_nl_mroute_put(skb, pn, cfg)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * pp_nl_mroute_tell() - tell of a route of multicast
 * @pn: netns
 * @cfg: the route
 * @add: whether it is there
 *
 * Mirrors: net/ipv4/ipmr.c:mroute_netlink_event (v7.2)
 *
 * Context: any, RCU read side.
 */
void pp_nl_mroute_tell(struct pp_net *pn, const struct pp_mroute_cfg *cfg,
		       bool add)
{
	struct pp_nl_msg m = {
		.cmd = add ? PKTPATH_CMD_MROUTE_NTF :
			     PKTPATH_CMD_MROUTE_DEL_NTF,
	};
	struct sk_buff *skb;
	int err = 0;

	if (!pp_nl_listening(pn->net))
		return;
	skb = genlmsg_new(PKTPATH_NL_MROUTE_SIZE, GFP_ATOMIC);
	if (skb)
		err = pp_nl_mroute_fill(skb, pn, &m, cfg);
	pp_nl_notify(pn->net, skb, err);
}

static int pp_nl_mroute_out(struct net *net, const struct nlattr *attr,
			    struct pp_mroute_cfg *cfg,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[PKTPATH_A_MROUTE_OUT_MAX + 1];
	int err;

	if (cfg->n == PKTPATH_MROUTE_OUTS)
		return pp_nl_bad(extack, attr, -EINVAL, "Too many devices");
	err = nla_parse_nested(tb, PKTPATH_A_MROUTE_OUT_MAX, attr, NULL,
			       extack);
	if (err)
		return err;
	err = pp_nl_get_ifindex(net, tb[PKTPATH_A_MROUTE_OUT_IFINDEX],
				tb[PKTPATH_A_MROUTE_OUT_IFNAME],
				&cfg->out[cfg->n].ifindex, extack);
	if (err)
		return err;
	if (tb[PKTPATH_A_MROUTE_OUT_TTL])
		cfg->out[cfg->n].ttl = nla_get_u8(tb[PKTPATH_A_MROUTE_OUT_TTL]);
	cfg->n++;
	return 0;
}

/* Group and source. */
static int pp_nl_mroute_key(struct genl_info *info, struct pp_mroute_cfg *cfg)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **a = info->attrs;
	int err;

	memset(cfg, 0, sizeof(*cfg));
	err = pp_nl_family_check(a[PKTPATH_A_MROUTE_FAMILY], extack);
	if (err)
		return err;
	if (!a[PKTPATH_A_MROUTE_GROUP])
		return pp_nl_missing(extack, PKTPATH_A_MROUTE_GROUP,
				     "Group is missing");
	err = pp_nl_get_addr(a[PKTPATH_A_MROUTE_GROUP], &cfg->group, extack);
	if (err || !a[PKTPATH_A_MROUTE_SRC])
		return err;
	return pp_nl_get_addr(a[PKTPATH_A_MROUTE_SRC], &cfg->src, extack);
}

static int pp_nl_mroute_parse(struct genl_info *info,
			      struct pp_mroute_cfg *cfg)
{
	struct netlink_ext_ack *extack = info->extack;
	struct net *net = genl_info_net(info);
	struct nlattr **a = info->attrs, *out;
	int err, rem;

	err = pp_nl_mroute_key(info, cfg);
	if (err)
		return err;
	err = pp_nl_get_ifindex(net, a[PKTPATH_A_MROUTE_IIF],
				a[PKTPATH_A_MROUTE_IIFNAME], &cfg->iif,
				extack);
	if (err)
		return err;
	if (!a[PKTPATH_A_MROUTE_OUTS])
		return pp_nl_missing(extack, PKTPATH_A_MROUTE_OUTS,
				     "Devices to send to are missing");
	nla_for_each_nested(out, a[PKTPATH_A_MROUTE_OUTS], rem) {
		err = pp_nl_mroute_out(net, out, cfg, extack);
		if (err)
			return err;
	}
	return 0;
}

/**
 * pp_nl_mroute_add_doit() - add a route of multicast
 * @skb: request
 * @info: its attributes: FAMILY, GROUP, IIF, OUTS, perhaps SRC
 *
 * Context: process; takes RTNL and cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_mroute_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_mroute_cfg cfg;
	int err;

	err = pp_nl_mroute_parse(info, &cfg);
	if (err)
		return err;
	rtnl_lock();
	mutex_lock(&pn->cfg_lock);
	err = pp_mroute_add(pn, &cfg, info->extack);
	mutex_unlock(&pn->cfg_lock);
	rtnl_unlock();
	return err;
}

/**
 * pp_nl_mroute_del_doit() - delete a route of multicast
 * @skb: request
 * @info: its attributes: FAMILY, GROUP, perhaps SRC
 *
 * Context: process; takes RTNL and cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_mroute_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_mroute_cfg cfg;
	int err;

	err = pp_nl_mroute_key(info, &cfg);
	if (err)
		return err;
	rtnl_lock();
	mutex_lock(&pn->cfg_lock);
	err = pp_mroute_del(pn, &cfg, info->extack);
	mutex_unlock(&pn->cfg_lock);
	rtnl_unlock();
	return err;
}

/**
 * pp_nl_mroute_get_dumpit() - show the routes of multicast
 * @skb: where to write
 * @cb: the dump
 *
 * Context: process; takes RCU.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_mroute_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pp_net *pn = pp_nl_cb_net(cb);
	struct pp_mroute_cfg cfg;
	struct pp_nl_msg m;
	int err = 0;

	cb->seq = pp_net_gen(pn) ?: 1;
	pp_nl_msg_dump(&m, cb, PKTPATH_CMD_MROUTE_GET);
	rcu_read_lock();
	while (!err && pp_mroute_nth_rcu(pn, cb->args[0], &cfg)) {
		err = pp_nl_mroute_fill(skb, pn, &m, &cfg);
		if (!err)
			cb->args[0]++;
	}
	rcu_read_unlock();
	return pp_nl_dump_end(skb, err);
}
