// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: add, delete and show faults on purpose.
 *
 * Path: none
 * Mirrors: none
 * Locks: pp_fault_mutex, in journey/fault.c
 */
#include <linux/random.h>
#include "core/drop.h"
#include "ctl/ctl.h"
#include "journey/fault.h"

#define PKTPATH_FAULT_REORDER_US	10000	/* default: 10 ms at most */

static int pp_nl_fault_stage(const struct nlattr *attr, u8 *stage,
			     struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i < PKTPATH_STAGE_MAX; i++) {
		if (nla_strcmp(attr, pp_drop_stage_names[i]))
			continue;
		*stage = i;
		return 0;
	}
	return pp_nl_bad(extack, attr, -EINVAL,
			 "There is no such stage; those where a packet can be taken are IP_LOCAL_OUT, IP_OUTPUT, IP_FINISH, NEIGH, DEV_QUEUE, LINK_RCV, IP_RCV, IP_ROUTE_IN, IP_FORWARD, IP_LOCAL, TP_RCV; nomem knows TP_SEND and IP_ROUTE, too");
}

/* Without one every packet is meant. */
static int pp_nl_fault_filter(const struct nlattr *attr,
			      struct pktpath_journey_conf *filter,
			      struct netlink_ext_ack *extack)
{
	/* as the specification says */
	BUILD_BUG_ON(offsetof(struct pktpath_journey_conf, ifindex) !=
		     PKTPATH_JOURNEY_CONF_FLOW);
	if (!attr) {
		filter->version = PKTPATH_JOURNEY_VERSION;
		return 0;
	}
	if (nla_len(attr) != PKTPATH_JOURNEY_CONF_FLOW)
		return pp_nl_bad(extack, attr, -EINVAL,
				 "Filter is a struct pktpath_journey_conf");
	memcpy(filter, nla_data(attr), PKTPATH_JOURNEY_CONF_FLOW);
	return 0;
}

static u32 pp_nl_fault_u32(const struct nlattr *attr, u32 dflt)
{
	return attr ? nla_get_u32(attr) : dflt;
}

/* What an action does not know is refused, not ignored. */
static int pp_nl_fault_fits(struct nlattr **a, u8 action,
			    struct netlink_ext_ack *extack)
{
	if (a[PKTPATH_A_FAULT_DELAY] && action != PKTPATH_FAULT_DELAY &&
	    action != PKTPATH_FAULT_REORDER)
		return pp_nl_bad(extack, a[PKTPATH_A_FAULT_DELAY], -EINVAL,
				 "Only delay and reorder have a time");
	if (a[PKTPATH_A_FAULT_GAP] && action != PKTPATH_FAULT_REORDER)
		return pp_nl_bad(extack, a[PKTPATH_A_FAULT_GAP], -EINVAL,
				 "Only reorder has a gap");
	if (a[PKTPATH_A_FAULT_WHERE] && action != PKTPATH_FAULT_CORRUPT)
		return pp_nl_bad(extack, a[PKTPATH_A_FAULT_WHERE], -EINVAL,
				 "Only corrupt has a place");
	if (!a[PKTPATH_A_FAULT_DELAY] && action == PKTPATH_FAULT_DELAY)
		return pp_nl_missing(extack, PKTPATH_A_FAULT_DELAY,
				     "How long is the delay?");
	return 0;
}

static int pp_nl_fault_parse(struct genl_info *info, struct pp_fault_cfg *cfg)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **a = info->attrs;
	int err;

	memset(cfg, 0, sizeof(*cfg));
	if (!a[PKTPATH_A_FAULT_STAGE])
		return pp_nl_missing(extack, PKTPATH_A_FAULT_STAGE,
				     "Stage is missing");
	if (!a[PKTPATH_A_FAULT_ACTION])
		return pp_nl_missing(extack, PKTPATH_A_FAULT_ACTION,
				     "Action is missing");
	err = pp_nl_fault_stage(a[PKTPATH_A_FAULT_STAGE], &cfg->stage, extack);
	if (err)
		return err;
	cfg->action = nla_get_u8(a[PKTPATH_A_FAULT_ACTION]);
	err = pp_nl_fault_fits(a, cfg->action, extack);
	if (err)
		return err;
	if (a[PKTPATH_A_FAULT_WHERE])
		cfg->where = nla_get_u8(a[PKTPATH_A_FAULT_WHERE]);
	cfg->prob = pp_nl_fault_u32(a[PKTPATH_A_FAULT_PROB],
				    PKTPATH_FAULT_SURE);
	cfg->every = pp_nl_fault_u32(a[PKTPATH_A_FAULT_EVERY], 0);
	cfg->delay = pp_nl_fault_u32(a[PKTPATH_A_FAULT_DELAY],
				     PKTPATH_FAULT_REORDER_US);
	cfg->gap = pp_nl_fault_u32(a[PKTPATH_A_FAULT_GAP], 1);
	cfg->seed = a[PKTPATH_A_FAULT_SEED] ?
		    nla_get_u32(a[PKTPATH_A_FAULT_SEED]) : get_random_u32();
	return pp_nl_fault_filter(a[PKTPATH_A_FAULT_FILTER], &cfg->filter,
				  extack);
}

static int pp_nl_fault_put(struct sk_buff *skb, const struct pp_fault_cfg *c,
			   const struct pp_fault_count *count)
{
	if (nla_put_u32(skb, PKTPATH_A_FAULT_ID, c->id) ||
	    nla_put_string(skb, PKTPATH_A_FAULT_STAGE,
			   pp_drop_stage_names[c->stage]) ||
	    nla_put_u8(skb, PKTPATH_A_FAULT_ACTION, c->action) ||
	    nla_put(skb, PKTPATH_A_FAULT_FILTER, PKTPATH_JOURNEY_CONF_FLOW,
		    &c->filter) ||
	    nla_put_u32(skb, PKTPATH_A_FAULT_PROB, c->prob) ||
	    nla_put_u32(skb, PKTPATH_A_FAULT_SEED, c->seed) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_FAULT_SEEN, count->seen,
			      PKTPATH_A_FAULT_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_FAULT_HITS, count->hits,
			      PKTPATH_A_FAULT_PAD))
		return -EMSGSIZE;
	if (c->every && nla_put_u32(skb, PKTPATH_A_FAULT_EVERY, c->every))
		return -EMSGSIZE;
	switch (c->action) {
	case PKTPATH_FAULT_REORDER:
		if (nla_put_u32(skb, PKTPATH_A_FAULT_GAP, c->gap))
			return -EMSGSIZE;
		fallthrough;
	case PKTPATH_FAULT_DELAY:
		return nla_put_u32(skb, PKTPATH_A_FAULT_DELAY, c->delay);
	case PKTPATH_FAULT_CORRUPT:
		return nla_put_u8(skb, PKTPATH_A_FAULT_WHERE, c->where);
	default:
		return 0;
	}
}

/* @count NULL: the answer to an addition, the number alone. */
static int pp_nl_fault_fill(struct sk_buff *skb, const struct pp_nl_msg *m,
			    const struct pp_fault_cfg *cfg,
			    const struct pp_fault_count *count)
{
	void *hdr = pp_nl_put(skb, m);

	if (!hdr)
		return -EMSGSIZE;
	if (count ? pp_nl_fault_put(skb, cfg, count) :
		    nla_put_u32(skb, PKTPATH_A_FAULT_ID, cfg->id)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * pp_nl_fault_add_doit() - add a fault
 * @skb: request
 * @info: its attributes: STAGE, ACTION, and what goes with it
 *
 * Context: process.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_fault_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_fault_cfg cfg;
	struct sk_buff *reply;
	struct pp_nl_msg m;
	int err;

	err = pp_nl_fault_parse(info, &cfg);
	if (err)
		return err;
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	err = pp_fault_add(pp_nl_info_net(info), &cfg, info->extack);
	if (!err) {
		pp_nl_msg_reply(&m, info);
		/* a message has room for one number */
		err = pp_nl_fault_fill(reply, &m, &cfg, NULL);
	}
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/**
 * pp_nl_fault_del_doit() - delete a fault, or all
 * @skb: request
 * @info: its attributes: ID or ALL
 *
 * Context: process.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_fault_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[PKTPATH_A_FAULT_ID];
	bool all = nla_get_flag(info->attrs[PKTPATH_A_FAULT_ALL]);

	if (all == !!id)
		return pp_nl_missing(info->extack, PKTPATH_A_FAULT_ID,
				     "Say which fault, or all");
	if (pp_fault_del(pp_nl_info_net(info), id ? nla_get_u32(id) : 0))
		return pp_nl_bad(info->extack, id, -ENOENT,
				 "There is no fault of that number");
	return 0;
}

/**
 * pp_nl_fault_get_dumpit() - show the faults
 * @skb: where to write
 * @cb: the dump
 *
 * Context: process.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_fault_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pp_net *pn = pp_nl_cb_net(cb);
	struct pp_fault_count count;
	struct pp_fault_cfg cfg;
	struct pp_nl_msg m;
	int err = 0;

	pp_nl_msg_dump(&m, cb, PKTPATH_CMD_FAULT_GET);
	while (!err && pp_fault_next(pn, cb->args[0], &cfg, &count)) {
		err = pp_nl_fault_fill(skb, &m, &cfg, &count);
		if (!err)
			cb->args[0] = cfg.id;
	}
	return pp_nl_dump_end(skb, err);
}
