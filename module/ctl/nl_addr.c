// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: add, delete and show own addresses.
 *
 * Path: none
 * Mirrors: net/ipv4/devinet.c (inet_rtm_newaddr, inet_fill_ifaddr)
 * Locks: takes RTNL, then pp_net.cfg_lock
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include "ctl/ctl.h"

/* Where a dump goes on. */
struct pp_nl_addr_pos {
	unsigned int dev;
	unsigned int addr;
	bool done;
};

/* One address as it is shown; copied, for notifications have only parts. */
struct pp_nl_addr_row {
	int ifindex;
	__be32 addr;
	__be32 peer;
	__be32 bcast;
	u8 plen;
	u8 acd;
};

static void pp_nl_addr_row(struct pp_nl_addr_row *row,
			   const struct pp_ifaddr *ifa)
{
	BUILD_BUG_ON(PKTPATH_ADDR_ACD_NONE != (int)PKTPATH_ACD_NONE ||
		     PKTPATH_ADDR_ACD_PROBE != (int)PKTPATH_ACD_PROBE ||
		     PKTPATH_ADDR_ACD_ANNOUNCE != (int)PKTPATH_ACD_ANNOUNCE ||
		     PKTPATH_ADDR_ACD_DONE != (int)PKTPATH_ACD_DONE ||
		     PKTPATH_ADDR_ACD_CONFLICT != (int)PKTPATH_ACD_CONFLICT);
	row->ifindex = ifa->pd->ifindex;
	row->addr = ifa->addr;
	row->peer = ifa->peer;
	row->bcast = ifa->bcast;
	row->plen = ifa->plen;
	row->acd = READ_ONCE(ifa->acd_state);
}

static int pp_nl_addr_fill(struct sk_buff *skb, const struct pp_nl_msg *m,
			   struct pp_net *pn, const struct pp_nl_addr_row *row)
{
	void *hdr;

	hdr = pp_nl_put(skb, m);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u8(skb, PKTPATH_A_ADDR_FAMILY, AF_INET) ||
	    nla_put_in_addr(skb, PKTPATH_A_ADDR_LOCAL, row->addr) ||
	    nla_put_u8(skb, PKTPATH_A_ADDR_PREFIXLEN, row->plen) ||
	    nla_put_u32(skb, PKTPATH_A_ADDR_IFINDEX, row->ifindex) ||
	    pp_nl_put_ifname(skb, pn, PKTPATH_A_ADDR_IFNAME, row->ifindex) ||
	    (row->bcast && nla_put_in_addr(skb, PKTPATH_A_ADDR_BROADCAST,
					   row->bcast)) ||
	    nla_put_u8(skb, PKTPATH_A_ADDR_ACD, row->acd) ||
	    (row->peer != row->addr &&
	     nla_put_in_addr(skb, PKTPATH_A_ADDR_PEER, row->peer))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static void pp_nl_addr_send(struct pp_net *pn, u8 cmd,
			    const struct pp_nl_addr_row *row, gfp_t gfp)
{
	struct pp_nl_msg m = { .cmd = cmd };
	struct sk_buff *skb;
	int err = 0;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (skb)
		err = pp_nl_addr_fill(skb, &m, pn, row);
	pp_nl_notify(pn->net, skb, err);
}

/**
 * pp_nl_addr_notify() - tell that an address was added or deleted
 * @ifa: the address
 * @cmd: PKTPATH_CMD_ADDR_NTF or PKTPATH_CMD_ADDR_DEL_NTF
 *
 * Context: process, RTNL and cfg_lock held.
 */
void pp_nl_addr_notify(const struct pp_ifaddr *ifa, u8 cmd)
{
	struct pp_net *pn = ifa->pd->pn;
	struct pp_nl_addr_row row;

	if (!pp_nl_listening(pn->net))
		return;
	pp_nl_addr_row(&row, ifa);
	pp_nl_addr_send(pn, cmd, &row, GFP_KERNEL);
}

/**
 * pp_nl_addr_acd() - tell that the probing state of an address changed
 * @pn: netns
 * @ifindex: device
 * @addr: the address
 * @peer: the other end of its link, or @addr
 * @plen: its prefix length
 * @state: enum pp_acd_state
 *
 * Context: any that may allocate atomically; RCU read side.
 */
void pp_nl_addr_acd(struct pp_net *pn, int ifindex, __be32 addr, __be32 peer,
		    u8 plen, u8 state)
{
	struct pp_nl_addr_row row = {
		.ifindex = ifindex,
		.addr = addr,
		.peer = peer,
		.plen = plen,
		.acd = state,
	};

	if (!pp_nl_listening(pn->net))
		return;
	if (plen < 31)
		row.bcast = peer | ~inet_make_mask(plen);
	pp_nl_addr_send(pn, PKTPATH_CMD_ADDR_NTF, &row, GFP_ATOMIC);
}

/* What an add or a del names, but for the device. */
static int pp_nl_addr_parse(struct genl_info *info, __be32 *addr, __be32 *peer,
			    u8 *plen)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **attrs = info->attrs;
	int err;

	err = pp_nl_family_check(attrs[PKTPATH_A_ADDR_FAMILY], extack);
	if (err)
		return err;
	if (!attrs[PKTPATH_A_ADDR_LOCAL])
		return pp_nl_missing(extack, PKTPATH_A_ADDR_LOCAL,
				     "Address is missing");
	err = pp_nl_get_addr(attrs[PKTPATH_A_ADDR_LOCAL], addr, extack);
	if (err)
		return err;
	*peer = *addr;
	if (attrs[PKTPATH_A_ADDR_PEER])
		err = pp_nl_get_addr(attrs[PKTPATH_A_ADDR_PEER], peer, extack);
	if (err)
		return err;
	if (!attrs[PKTPATH_A_ADDR_PREFIXLEN])
		return pp_nl_missing(extack, PKTPATH_A_ADDR_PREFIXLEN,
				     "Prefix length is missing");
	*plen = nla_get_u8(attrs[PKTPATH_A_ADDR_PREFIXLEN]);
	if (*plen > 32)
		return pp_nl_bad(extack, attrs[PKTPATH_A_ADDR_PREFIXLEN],
				 -EINVAL, "Prefix length is above 32");
	return 0;
}

static int pp_nl_addr_change(struct genl_info *info,
			     int (*change)(struct pp_dev *pd, __be32 addr,
					   __be32 peer, u8 plen,
					   struct netlink_ext_ack *extack))
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_dev *pd;
	int ifindex, err;
	__be32 addr, peer;
	u8 plen;

	err = pp_nl_addr_parse(info, &addr, &peer, &plen);
	if (err)
		return err;
	rtnl_lock();
	err = pp_nl_get_ifindex(pn->net, info->attrs[PKTPATH_A_ADDR_IFINDEX],
				info->attrs[PKTPATH_A_ADDR_IFNAME], &ifindex,
				info->extack);
	if (err)
		goto out;
	pd = pp_nl_get_dev(pn, ifindex, info->extack);
	err = PTR_ERR_OR_ZERO(pd);
	if (err)
		goto out;
	mutex_lock(&pn->cfg_lock);
	err = change(pd, addr, peer, plen, info->extack);
	mutex_unlock(&pn->cfg_lock);
out:
	rtnl_unlock();
	return err;
}

/**
 * pp_nl_addr_add_doit() - add an own address
 * @skb: request
 * @info: its attributes: FAMILY, LOCAL, PREFIXLEN, IFINDEX or IFNAME, perhaps
 *	  PEER
 *
 * Context: process; takes RTNL and cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_addr_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pp_nl_addr_change(info, pp_ifaddr_add);
}

/**
 * pp_nl_addr_del_doit() - delete an own address
 * @skb: request
 * @info: its attributes: FAMILY, LOCAL, PREFIXLEN, IFINDEX or IFNAME, perhaps
 *	  PEER
 *
 * Context: process; takes RTNL and cfg_lock.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_addr_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pp_nl_addr_change(info, pp_ifaddr_del);
}

/* What a request to show names; *@has: by address. */
static int pp_nl_addr_filter(struct pp_net *pn, struct nlattr **attrs,
			     __be32 *addr, bool *has, int *ifindex,
			     struct netlink_ext_ack *extack)
{
	int err;

	*has = attrs[PKTPATH_A_ADDR_LOCAL];
	if (*has || attrs[PKTPATH_A_ADDR_FAMILY]) {
		err = pp_nl_family_check(attrs[PKTPATH_A_ADDR_FAMILY], extack);
		if (err)
			return err;
	}
	if (*has) {
		err = pp_nl_get_addr(attrs[PKTPATH_A_ADDR_LOCAL], addr, extack);
		if (err)
			return err;
	}
	return pp_nl_get_ifindex(pn->net, attrs[PKTPATH_A_ADDR_IFINDEX],
				 attrs[PKTPATH_A_ADDR_IFNAME], ifindex, extack);
}

/**
 * pp_nl_addr_get_doit() - show one own address
 * @skb: request
 * @info: its attributes: FAMILY, LOCAL; perhaps IFINDEX or IFNAME
 *
 * Context: process; takes RCU.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_addr_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct pp_nl_addr_row row;
	struct pp_ifaddr *ifa;
	struct sk_buff *reply;
	struct pp_dev *pd;
	struct pp_nl_msg m;
	int ifindex, err;
	__be32 addr = 0;
	bool has;

	err = pp_nl_addr_filter(pn, info->attrs, &addr, &has, &ifindex,
				info->extack);
	if (err)
		return err;
	if (!has)
		return pp_nl_missing(info->extack, PKTPATH_A_ADDR_LOCAL,
				     "Address is missing");
	rcu_read_lock();
	pd = ifindex ? pp_dev_find_rcu(pn, ifindex) : NULL;
	ifa = pd ? pp_ifaddr_find_dev_rcu(pd, addr) :
		   pp_ifaddr_find_rcu(pn, addr);
	if (ifa && (!ifindex || ifa->pd->ifindex == ifindex))
		pp_nl_addr_row(&row, ifa);
	else
		err = -EADDRNOTAVAIL;
	rcu_read_unlock();
	if (err)
		return pp_nl_bad(info->extack, info->attrs[PKTPATH_A_ADDR_LOCAL],
				 err, "Not an own address of pktpath");
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	pp_nl_msg_reply(&m, info);
	err = pp_nl_addr_fill(reply, &m, pn, &row);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/* The addresses of one device from @pos->addr on; RCU read side. */
static int pp_nl_addr_dump_dev(struct sk_buff *skb, const struct pp_nl_msg *m,
			       const struct pp_dev *pd, const __be32 *only,
			       struct pp_nl_addr_pos *pos)
{
	struct pp_nl_addr_row row;
	struct pp_ifaddr *ifa;
	unsigned int i = 0;
	int err;

	hlist_for_each_entry_rcu(ifa, &pd->addrs, node) {
		if (i++ < pos->addr || (only && ifa->addr != *only))
			continue;
		pp_nl_addr_row(&row, ifa);
		err = pp_nl_addr_fill(skb, m, pd->pn, &row);
		if (err)
			return err;
		pos->addr = i;
	}
	return 0;
}

/**
 * pp_nl_addr_get_dumpit() - show the own addresses
 * @skb: where to write
 * @cb: the dump; filter IFINDEX, IFNAME, FAMILY with LOCAL
 *
 * Context: process; takes RCU.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_addr_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pp_nl_addr_pos *pos = (void *)cb->ctx;
	struct pp_net *pn = pp_nl_cb_net(cb);
	unsigned int i = 0;
	struct pp_nl_msg m;
	struct pp_dev *pd;
	int ifindex, err;
	__be32 addr = 0;
	bool has;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));
	if (pos->done)
		return 0;
	err = pp_nl_addr_filter(pn, pp_compat_genl_dump_attrs(cb), &addr, &has,
				&ifindex, cb->extack);
	if (err)
		return err;
	cb->seq = pp_net_gen(pn) ?: 1;
	pp_nl_msg_dump(&m, cb, PKTPATH_CMD_ADDR_GET);
	rcu_read_lock();
	list_for_each_entry_rcu(pd, &pn->devs, list) {
		if (i++ < pos->dev)
			continue;
		if (!ifindex || pd->ifindex == ifindex)
			err = pp_nl_addr_dump_dev(skb, &m, pd,
						  has ? &addr : NULL, pos);
		if (err)
			break;
		pos->dev = i;
		pos->addr = 0;
	}
	rcu_read_unlock();
	pos->done = !err;
	return pp_nl_dump_end(skb, err);
}
