// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: add, delete, flush and show neighbours.
 *
 * Path: none
 * Mirrors: net/core/neighbour.c (neigh_add, neigh_fill_info)
 * Locks: takes RTNL, which keeps the device attached, then pp_net.cfg_lock
 */
#include <linux/rtnetlink.h>
#include "ctl/ctl.h"
#include "neigh/neigh.h"

/* Where a dump goes on. */
struct pp_nl_neigh_pos {
	unsigned long walk;
	bool done;
};

struct pp_nl_neigh_dump {
	struct sk_buff *skb;
	struct pp_net *pn;
	struct pp_nl_msg m;
	__be32 addr;		/* filters, 0: any */
	int ifindex;
};

/* NLM_F_* of PKTPATH_MODE_*. */
static const u16 pp_nl_neigh_modes[] = {
	[PKTPATH_MODE_ADD] = NLM_F_CREATE | NLM_F_EXCL,
	[PKTPATH_MODE_REPLACE] = NLM_F_CREATE | NLM_F_REPLACE,
	[PKTPATH_MODE_CHANGE] = NLM_F_REPLACE,
};

static int pp_nl_neigh_fill(struct sk_buff *skb, const struct pp_nl_msg *m,
			    struct pp_net *pn, const struct pp_neigh_info *ni)
{
	void *hdr;

	hdr = pp_nl_put(skb, m);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u8(skb, PKTPATH_A_NEIGH_FAMILY, AF_INET) ||
	    nla_put_in_addr(skb, PKTPATH_A_NEIGH_DST, ni->addr) ||
	    nla_put_u32(skb, PKTPATH_A_NEIGH_IFINDEX, ni->ifindex) ||
	    pp_nl_put_ifname(skb, pn, PKTPATH_A_NEIGH_IFNAME, ni->ifindex) ||
	    (ni->has_ha && nla_put(skb, PKTPATH_A_NEIGH_LLADDR, ETH_ALEN,
				   ni->ha)) ||
	    nla_put_u16(skb, PKTPATH_A_NEIGH_STATE, ni->nud_state) ||
	    nla_put_u8(skb, PKTPATH_A_NEIGH_FLAGS, ni->flags) ||
	    nla_put_u32(skb, PKTPATH_A_NEIGH_PROBES, ni->probes) ||
	    nla_put_u32(skb, PKTPATH_A_NEIGH_QUEUED, ni->queued) ||
	    nla_put_u32(skb, PKTPATH_A_NEIGH_CONFIRMED, ni->confirmed_ms) ||
	    nla_put_u32(skb, PKTPATH_A_NEIGH_USED, ni->used_ms) ||
	    nla_put_u32(skb, PKTPATH_A_NEIGH_UPDATED, ni->updated_ms)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int pp_nl_neigh_dump_one(const struct pp_neigh_info *ni, void *arg)
{
	struct pp_nl_neigh_dump *d = arg;

	if ((d->ifindex && ni->ifindex != d->ifindex) ||
	    (d->addr && ni->addr != d->addr))
		return 0;
	return pp_nl_neigh_fill(d->skb, &d->m, d->pn, ni);
}

/* Writes the neighbour (@addr, @ifindex) as it stands now. */
static int pp_nl_neigh_fill_one(struct sk_buff *skb, const struct pp_nl_msg *m,
				struct pp_net *pn, __be32 addr, int ifindex)
{
	struct pp_neigh_info ni;
	int err;

	err = pp_neigh_get(pn, ifindex, addr, &ni);
	return err ?: pp_nl_neigh_fill(skb, m, pn, &ni);
}

static void pp_nl_neigh_notify(struct pp_net *pn, u8 cmd, __be32 addr,
			       int ifindex, gfp_t gfp)
{
	struct pp_neigh_info gone = { .addr = addr, .ifindex = ifindex };
	struct pp_nl_msg m = { .cmd = cmd };
	struct sk_buff *skb;
	int err = 0;

	if (!pp_nl_listening(pn->net))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (skb && cmd == PKTPATH_CMD_NEIGH_DEL_NTF)
		err = pp_nl_neigh_fill(skb, &m, pn, &gone);
	else if (skb)
		err = pp_nl_neigh_fill_one(skb, &m, pn, addr, ifindex);
	/* gone again meanwhile: who took it away tells of that */
	if (err == -ENOENT)
		nlmsg_free(skb);
	else
		pp_nl_notify(pn->net, skb, err);
}

/**
 * pp_nl_neigh_gone() - tell of a neighbour that was flushed
 * @pn: netns
 * @ifindex: its device
 * @addr: its address
 *
 * Mirrors: net/core/neighbour.c:neigh_cleanup_and_release (v7.2)
 *
 * Context: any, RCU read side; does not sleep.
 */
void pp_nl_neigh_gone(struct pp_net *pn, int ifindex, __be32 addr)
{
	pp_nl_neigh_notify(pn, PKTPATH_CMD_NEIGH_DEL_NTF, addr, ifindex,
			   GFP_ATOMIC);
}

/* FAMILY and DST of a request that is about one neighbour. */
static int pp_nl_neigh_addr(struct genl_info *info, __be32 *addr)
{
	struct nlattr **a = info->attrs;
	int err;

	err = pp_nl_family_check(a[PKTPATH_A_NEIGH_FAMILY], info->extack);
	if (err)
		return err;
	if (!a[PKTPATH_A_NEIGH_DST])
		return pp_nl_missing(info->extack, PKTPATH_A_NEIGH_DST,
				     "Address of the neighbour is missing");
	err = pp_nl_get_addr(a[PKTPATH_A_NEIGH_DST], addr, info->extack);
	if (err)
		return err;
	if (!*addr)
		return pp_nl_bad(info->extack, a[PKTPATH_A_NEIGH_DST], -EINVAL,
				 "Not the address of a neighbour");
	return 0;
}

/* Its device; RTNL held. */
static struct pp_dev *pp_nl_neigh_dev(struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	int ifindex, err;

	err = pp_nl_get_ifindex(pn->net, info->attrs[PKTPATH_A_NEIGH_IFINDEX],
				info->attrs[PKTPATH_A_NEIGH_IFNAME], &ifindex,
				info->extack);
	if (err)
		return ERR_PTR(err);
	return pp_nl_get_dev(pn, ifindex, info->extack);
}

/* What an add says of a neighbour. */
struct pp_nl_neigh_add {
	const u8 *lladdr;
	u16 state;
	u16 nlflags;
};

/* LLADDR, STATE and MODE of an add. */
static int pp_nl_neigh_parse(struct genl_info *info,
			     struct pp_nl_neigh_add *add)
{
	const struct nlattr *ha = info->attrs[PKTPATH_A_NEIGH_LLADDR];
	const struct nlattr *mode = info->attrs[PKTPATH_A_NEIGH_MODE];
	const struct nlattr *st = info->attrs[PKTPATH_A_NEIGH_STATE];

	add->lladdr = NULL;
	if (ha && nla_len(ha) != ETH_ALEN)
		return pp_nl_bad(info->extack, ha, -EINVAL,
				 "A hardware address has 6 bytes");
	if (ha)
		add->lladdr = nla_data(ha);
	add->state = st ? nla_get_u16(st) : NUD_PERMANENT;
	if (add->state > U8_MAX || hweight16(add->state) != 1)
		return pp_nl_bad(info->extack, st, -EINVAL,
				 "Not a state of a neighbour");
	if ((add->state & NUD_VALID) && !(add->state & NUD_NOARP) && !ha)
		return pp_nl_missing(info->extack, PKTPATH_A_NEIGH_LLADDR,
				     "Hardware address is missing");
	add->nlflags = pp_nl_neigh_modes[mode ? nla_get_u8(mode) :
						PKTPATH_MODE_ADD];
	return 0;
}

/* Adds it, or deletes it when there is no @add. */
static int pp_nl_neigh_change(struct genl_info *info, __be32 addr,
			      const struct pp_nl_neigh_add *add)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_dev *pd;
	int err;

	rtnl_lock();
	pd = pp_nl_neigh_dev(info);
	err = PTR_ERR_OR_ZERO(pd);
	if (err)
		goto out;
	mutex_lock(&pn->cfg_lock);
	if (add)
		err = pp_neigh_add(pd, addr, add->lladdr, add->state,
				   add->nlflags, info->extack);
	else
		err = pp_neigh_del(pd, addr, info->extack);
	if (!err)
		pp_nl_neigh_notify(pn, add ? PKTPATH_CMD_NEIGH_NTF :
					     PKTPATH_CMD_NEIGH_DEL_NTF,
				   addr, pd->ifindex, GFP_KERNEL);
	mutex_unlock(&pn->cfg_lock);
out:
	rtnl_unlock();
	return err;
}

/**
 * pp_nl_neigh_add_doit() - add or change a neighbour
 * @skb: request
 * @info: its attributes: FAMILY, DST, IFINDEX or IFNAME, LLADDR; perhaps
 *	  STATE, MODE
 *
 * Context: process; takes RTNL and cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_neigh_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_nl_neigh_add add;
	__be32 addr;
	int err;

	err = pp_nl_neigh_addr(info, &addr);
	if (!err)
		err = pp_nl_neigh_parse(info, &add);
	return err ?: pp_nl_neigh_change(info, addr, &add);
}

/**
 * pp_nl_neigh_del_doit() - delete a neighbour
 * @skb: request
 * @info: its attributes: FAMILY, DST, IFINDEX or IFNAME
 *
 * Context: process; takes RTNL and cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_neigh_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	__be32 addr;
	int err;

	err = pp_nl_neigh_addr(info, &addr);
	return err ?: pp_nl_neigh_change(info, addr, NULL);
}

/**
 * pp_nl_neigh_flush_doit() - delete all neighbours of a device or the netns
 * @skb: request
 * @info: its attributes: perhaps IFINDEX or IFNAME, PERMANENT
 *
 * Context: process; takes RTNL and cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_neigh_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool perm = nla_get_flag(info->attrs[PKTPATH_A_NEIGH_PERMANENT]);
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_dev *pd = NULL;
	int err = 0;

	rtnl_lock();
	if (info->attrs[PKTPATH_A_NEIGH_IFINDEX] ||
	    info->attrs[PKTPATH_A_NEIGH_IFNAME]) {
		pd = pp_nl_neigh_dev(info);
		err = PTR_ERR_OR_ZERO(pd);
	}
	if (!err) {
		mutex_lock(&pn->cfg_lock);
		pp_neigh_flush(pn, pd, perm);
		mutex_unlock(&pn->cfg_lock);
	}
	rtnl_unlock();
	return err;
}

/**
 * pp_nl_neigh_get_doit() - show one neighbour
 * @skb: request
 * @info: its attributes: FAMILY, DST, IFINDEX or IFNAME
 *
 * Context: process; takes RCU.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_neigh_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct sk_buff *reply;
	struct pp_nl_msg m;
	int ifindex, err;
	__be32 addr;

	err = pp_nl_neigh_addr(info, &addr);
	if (err)
		return err;
	err = pp_nl_get_ifindex(pn->net, info->attrs[PKTPATH_A_NEIGH_IFINDEX],
				info->attrs[PKTPATH_A_NEIGH_IFNAME], &ifindex,
				info->extack);
	if (err)
		return err;
	if (!ifindex)
		return pp_nl_missing(info->extack, PKTPATH_A_NEIGH_IFINDEX,
				     "Device is missing: index or name");
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	pp_nl_msg_reply(&m, info);
	err = pp_nl_neigh_fill_one(reply, &m, pn, addr, ifindex);
	if (err) {
		if (err == -ENOENT)
			GENL_SET_ERR_MSG(info, "No such neighbour");
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/**
 * pp_nl_neigh_get_dumpit() - show the neighbours
 * @skb: where to write
 * @cb: the dump; filters IFINDEX or IFNAME, FAMILY with DST
 *
 * Context: process; takes RCU.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_neigh_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **a = pp_compat_genl_dump_attrs(cb);
	struct pp_nl_neigh_pos *pos = (void *)cb->ctx;
	struct pp_nl_neigh_dump d = {
		.skb = skb,
		.pn = pp_nl_cb_net(cb),
	};
	int err;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));
	if (pos->done)
		return 0;
	if (a[PKTPATH_A_NEIGH_FAMILY] || a[PKTPATH_A_NEIGH_DST]) {
		err = pp_nl_family_check(a[PKTPATH_A_NEIGH_FAMILY],
					 cb->extack);
		if (err)
			return err;
	}
	if (a[PKTPATH_A_NEIGH_DST]) {
		err = pp_nl_get_addr(a[PKTPATH_A_NEIGH_DST], &d.addr,
				     cb->extack);
		if (err)
			return err;
	}
	err = pp_nl_get_ifindex(d.pn->net, a[PKTPATH_A_NEIGH_IFINDEX],
				a[PKTPATH_A_NEIGH_IFNAME], &d.ifindex,
				cb->extack);
	if (err)
		return err;
	pp_nl_msg_dump(&d.m, cb, PKTPATH_CMD_NEIGH_GET);
	err = pp_neigh_walk(d.pn, &pos->walk, pp_nl_neigh_dump_one, &d);
	pos->done = !err;
	return pp_nl_dump_end(skb, err);
}
