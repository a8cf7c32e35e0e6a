// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: attach, detach and show devices.
 *
 * Path: none
 * Mirrors: net/core/rtnetlink.c (rtnl_fill_ifinfo)
 * Locks: takes RTNL; cfg_lock is taken inside by link/
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include "ctl/ctl.h"
#include "link/link.h"

/* Where a dump goes on. */
struct pp_nl_dev_pos {
	unsigned int next;
	bool done;
};

static u32 pp_nl_dev_flags(const struct pp_dev *pd,
			   const struct net_device *dev)
{
	u32 flags;

	BUILD_BUG_ON((PKTPATH_DEV_LOOP ^ PKTPATH_DEVF_LOOP) |
		     (PKTPATH_DEV_NOARP ^ PKTPATH_DEVF_NOARP) |
		     (PKTPATH_DEV_HOOK ^ PKTPATH_DEVF_HOOK) |
		     (PKTPATH_DEV_RX ^ PKTPATH_DEVF_RX));
	flags = READ_ONCE(pd->flags) &
		(PKTPATH_DEV_LOOP | PKTPATH_DEV_NOARP | PKTPATH_DEV_HOOK |
		 PKTPATH_DEV_RX);
	if (netif_running(dev))
		flags |= PKTPATH_DEV_UP;
	if (netif_carrier_ok(dev))
		flags |= PKTPATH_DEV_CARRIER;
	return flags;
}

static int pp_nl_dev_put_stats(struct sk_buff *skb, const struct pp_dev *pd)
{
	struct pp_dev_stats st;
	u64 direct;

	pp_dev_stats_read(pd, &st);
	direct = atomic_long_read(&pd->tx_direct_drops);
	if (nla_put_u64_64bit(skb, PKTPATH_A_DEV_RX_PACKETS, st.rx_packets,
			      PKTPATH_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_DEV_RX_BYTES, st.rx_bytes,
			      PKTPATH_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_DEV_RX_DROPPED, st.rx_dropped,
			      PKTPATH_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_DEV_TX_PACKETS, st.tx_packets,
			      PKTPATH_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_DEV_TX_BYTES, st.tx_bytes,
			      PKTPATH_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_DEV_TX_DROPPED, st.tx_dropped,
			      PKTPATH_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, PKTPATH_A_DEV_TX_DIRECT_DROPS, direct,
			      PKTPATH_A_DEV_PAD))
		return -EMSGSIZE;
	return 0;
}

/* RTNL or RCU read side. */
static int pp_nl_dev_fill(struct sk_buff *skb, const struct pp_nl_msg *m,
			  const struct pp_dev *pd)
{
	const struct net_device *dev = READ_ONCE(pd->dev);
	void *hdr;

	hdr = pp_nl_put(skb, m);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, PKTPATH_A_DEV_IFINDEX, pd->ifindex) ||
	    nla_put_string(skb, PKTPATH_A_DEV_IFNAME, dev->name) ||
	    nla_put_u32(skb, PKTPATH_A_DEV_FLAGS, pp_nl_dev_flags(pd, dev)) ||
	    nla_put_u32(skb, PKTPATH_A_DEV_MTU, READ_ONCE(dev->mtu)) ||
	    nla_put_u32(skb, PKTPATH_A_DEV_TYPE, dev->type) ||
	    nla_put_u32(skb, PKTPATH_A_DEV_NADDRS, READ_ONCE(pd->naddrs)) ||
	    (pd->l3mdev && nla_put_u32(skb, PKTPATH_A_DEV_VRF,
				       READ_ONCE(pd->l3mdev))) ||
	    (dev->addr_len && nla_put(skb, PKTPATH_A_DEV_LLADDR, dev->addr_len,
				      dev->dev_addr)) ||
	    pp_nl_dev_put_stats(skb, pd)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * pp_nl_dev_notify() - tell that a device was attached, changed or detached
 * @pd: the device
 * @cmd: PKTPATH_CMD_DEV_NTF or PKTPATH_CMD_DEV_DEL_NTF
 *
 * Context: process, RTNL held.
 */
void pp_nl_dev_notify(struct pp_dev *pd, u8 cmd)
{
	struct pp_nl_msg m = { .cmd = cmd };
	struct net *net = pd->pn->net;
	struct sk_buff *skb;
	int err = 0;

	if (!pp_nl_listening(net))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (skb)
		err = pp_nl_dev_fill(skb, &m, pd);
	pp_nl_notify(net, skb, err);
}

/* The netdevice a request names; RTNL held. */
static struct net_device *pp_nl_dev_find(struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct net_device *dev;
	int ifindex, err;

	err = pp_nl_get_ifindex(net, info->attrs[PKTPATH_A_DEV_IFINDEX],
				info->attrs[PKTPATH_A_DEV_IFNAME], &ifindex,
				info->extack);
	if (err)
		return ERR_PTR(err);
	if (!ifindex) {
		err = pp_nl_missing(info->extack, PKTPATH_A_DEV_IFINDEX,
				    "Device is missing: index or name");
		return ERR_PTR(err);
	}
	dev = __dev_get_by_index(net, ifindex);
	if (!dev) {
		GENL_SET_ERR_MSG(info, "No such device in this netns");
		return ERR_PTR(-ENODEV);
	}
	return dev;
}

static int pp_nl_dev_change(struct genl_info *info,
			    int (*change)(struct pp_net *pn,
					  struct net_device *dev,
					  struct netlink_ext_ack *extack))
{
	struct net_device *dev;
	int err;

	rtnl_lock();
	dev = pp_nl_dev_find(info);
	err = PTR_ERR_OR_ZERO(dev);
	if (!err)
		err = change(pp_nl_info_net(info), dev, info->extack);
	rtnl_unlock();
	return err;
}

/**
 * pp_nl_dev_attach_doit() - give a device to pktpath
 * @skb: request
 * @info: its attributes: IFINDEX or IFNAME
 *
 * Context: process; takes RTNL.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_dev_attach_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pp_nl_dev_change(info, pp_link_attach);
}

/**
 * pp_nl_dev_detach_doit() - take a device back from pktpath
 * @skb: request
 * @info: its attributes: IFINDEX or IFNAME
 *
 * Context: process; takes RTNL.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_dev_detach_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pp_nl_dev_change(info, pp_link_detach);
}

/**
 * pp_nl_dev_get_doit() - show one attached device
 * @skb: request
 * @info: its attributes: IFINDEX or IFNAME
 *
 * Context: process; takes RCU.
 * Return: 0 or -errno, the reason is in the extended acknowledgment
 */
int pp_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pp_net *pn = pp_nl_info_net(info);
	struct sk_buff *reply;
	struct pp_nl_msg m;
	struct pp_dev *pd;
	int ifindex, err;

	err = pp_nl_get_ifindex(pn->net, info->attrs[PKTPATH_A_DEV_IFINDEX],
				info->attrs[PKTPATH_A_DEV_IFNAME], &ifindex,
				info->extack);
	if (err)
		return err;
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	pp_nl_msg_reply(&m, info);
	rcu_read_lock();
	pd = pp_nl_get_dev(pn, ifindex, info->extack);
	err = PTR_ERR_OR_ZERO(pd);
	if (!err)
		err = pp_nl_dev_fill(reply, &m, pd);
	rcu_read_unlock();
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/**
 * pp_nl_dev_get_dumpit() - show the attached devices
 * @skb: where to write
 * @cb: the dump; filter IFINDEX or IFNAME
 *
 * Context: process; takes RCU.
 * Return: bytes written, 0 at the end, or -errno
 */
int pp_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = pp_compat_genl_dump_attrs(cb);
	struct pp_nl_dev_pos *pos = (void *)cb->ctx;
	struct pp_net *pn = pp_nl_cb_net(cb);
	unsigned int i = 0;
	struct pp_nl_msg m;
	struct pp_dev *pd;
	int ifindex, err;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));
	if (pos->done)
		return 0;
	err = pp_nl_get_ifindex(pn->net, attrs[PKTPATH_A_DEV_IFINDEX],
				attrs[PKTPATH_A_DEV_IFNAME], &ifindex,
				cb->extack);
	if (err)
		return err;
	cb->seq = pp_net_gen(pn) ?: 1;
	pp_nl_msg_dump(&m, cb, PKTPATH_CMD_DEV_GET);
	rcu_read_lock();
	list_for_each_entry_rcu(pd, &pn->devs, list) {
		if (i++ < pos->next || (ifindex && pd->ifindex != ifindex))
			continue;
		err = pp_nl_dev_fill(skb, &m, pd);
		if (err)
			break;
		pos->next = i;
	}
	rcu_read_unlock();
	pos->done = !err;
	return pp_nl_dump_end(skb, err);
}
