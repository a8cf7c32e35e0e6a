// SPDX-License-Identifier: GPL-2.0
/*
 * Control plane: the generic netlink family, what all its commands share, and
 * the start and stop of the layer.
 *
 * The commands, their policies and permissions come from pktpath.yaml by way
 * of netlink_gen.c; the nl_*.c files do the work. Requests run in parallel:
 * RTNL and cfg_lock order them where they must be.
 *
 * Path: none
 * Mirrors: net/core/netdev-genl.c
 * Locks: none taken here; handlers take RTNL, then pp_net.cfg_lock
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include "core/layer.h"
#include "core/ops.h"
#include "ctl/ctl.h"

/* The family is registered; changed at start and stop, read under RCU. */
static bool pp_nl_up;

static const struct genl_multicast_group pp_nl_mcgrps[] = {
	{ .name = PKTPATH_GENL_MCGRP },
};

/*
 * resv_start_op stays 0: reserved bits and unknown attributes are refused for
 * every command. No module alias: nobody loads us by asking for the family.
 */
struct genl_family pp_nl_family __ro_after_init = {
	.name = PKTPATH_GENL_NAME,
	.version = PKTPATH_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = pp_nl_ops,
	.n_ops = ARRAY_SIZE(pp_nl_ops),
	.mcgrps = pp_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(pp_nl_mcgrps),
};

/**
 * pp_nl_msg_reply() - the head of the answer to a request
 * @m: filled
 * @info: the request
 *
 * Context: process.
 */
void pp_nl_msg_reply(struct pp_nl_msg *m, const struct genl_info *info)
{
	*m = (struct pp_nl_msg){
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
}

/**
 * pp_nl_msg_dump() - the head of a part of a dump
 * @m: filled
 * @cb: the dump
 * @cmd: PKTPATH_CMD_*
 *
 * Context: process.
 */
void pp_nl_msg_dump(struct pp_nl_msg *m, struct netlink_callback *cb, u8 cmd)
{
	*m = (struct pp_nl_msg){
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = cmd,
		.cb = cb,
	};
}

/**
 * pp_nl_put() - begin a message
 * @skb: where to
 * @m: its head
 *
 * Marks the part of a dump that saw a change since the part before.
 *
 * Context: any.
 * Return: the handle for genlmsg_end() or genlmsg_cancel(), NULL for no room
 */
void *pp_nl_put(struct sk_buff *skb, const struct pp_nl_msg *m)
{
	void *hdr = genlmsg_put(skb, m->portid, m->seq, &pp_nl_family,
				m->flags, m->cmd);

	if (hdr && m->cb)
		genl_dump_check_consistent(m->cb, hdr);
	return hdr;
}

/**
 * pp_nl_listening() - whether a notification would be heard
 * @net: the netns
 *
 * Saves the building of messages for nobody.
 *
 * Context: any.
 * Return: true when somebody has joined the group
 */
bool pp_nl_listening(struct net *net)
{
	bool ret;

	rcu_read_lock();
	ret = READ_ONCE(pp_nl_up) && genl_has_listeners(&pp_nl_family, net, 0);
	rcu_read_unlock();
	return ret;
}

/**
 * pp_nl_notify() - send a notification
 * @net: the netns
 * @skb: the message; taken; NULL when there was no memory for it
 * @err: why it could not be written, or 0
 *
 * Who listens must not take his picture for complete when a message is missing:
 * he reads ENOBUFS in its place, as when his buffer is full.
 * Never after the family is gone: stop waits for the read side here.
 *
 * Context: any.
 */
void pp_nl_notify(struct net *net, struct sk_buff *skb, int err)
{
	rcu_read_lock();
	if (!READ_ONCE(pp_nl_up)) {
		nlmsg_free(skb);
	} else if (!skb || err) {
		nlmsg_free(skb);
		genl_set_err(&pp_nl_family, net, 0, 0, -ENOBUFS);
	} else {
		genlmsg_multicast_netns(&pp_nl_family, net, skb, 0, 0,
					GFP_ATOMIC);
	}
	rcu_read_unlock();
}

/**
 * pp_nl_family_check() - require the attribute that names the address family
 * @family: attribute, or NULL
 * @extack: gets the reason of a refusal
 *
 * Context: any.
 * Return: 0, -EINVAL when missing, -EAFNOSUPPORT when not AF_INET
 */
int pp_nl_family_check(const struct nlattr *family,
		       struct netlink_ext_ack *extack)
{
	if (!family) {
		NL_SET_ERR_MSG(extack, "Address family is missing");
		return -EINVAL;
	}
	if (nla_get_u8(family) != AF_INET)
		return pp_nl_bad(extack, family, -EAFNOSUPPORT,
				 "Only addresses of AF_INET are supported");
	return 0;
}

/**
 * pp_nl_get_addr() - read an IPv4 address
 * @attr: attribute
 * @addr: gets the address
 * @extack: gets the reason of a refusal
 *
 * Context: any.
 * Return: 0, or -EINVAL for a wrong length
 */
int pp_nl_get_addr(const struct nlattr *attr, __be32 *addr,
		   struct netlink_ext_ack *extack)
{
	if (nla_len(attr) != sizeof(*addr))
		return pp_nl_bad(extack, attr, -EINVAL,
				 "An address of AF_INET has 4 bytes");
	*addr = nla_get_in_addr(attr);
	return 0;
}

/**
 * pp_nl_get_ifindex() - the device that a request names
 * @net: its netns
 * @index: attribute with the index, or NULL
 * @name: attribute with the name, or NULL
 * @ifindex: gets the index, 0 when neither is there
 * @extack: gets the reason of a refusal
 *
 * An index alone is not looked up.
 *
 * Context: process; takes RCU.
 * Return: 0, -ENODEV for no such name, -EINVAL when the two disagree
 */
int pp_nl_get_ifindex(struct net *net, const struct nlattr *index,
		      const struct nlattr *name, int *ifindex,
		      struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	int found = 0;

	*ifindex = index ? nla_get_u32(index) : 0;
	if (!name)
		return 0;
	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, nla_data(name));
	if (dev)
		found = dev->ifindex;
	rcu_read_unlock();
	if (!found)
		return pp_nl_bad(extack, name, -ENODEV,
				 "No device of that name in this netns");
	if (*ifindex && *ifindex != found)
		return pp_nl_bad(extack, name, -EINVAL,
				 "Name and index are of different devices");
	*ifindex = found;
	return 0;
}

/**
 * pp_nl_get_dev() - an attached device by index
 * @pn: its netns
 * @ifindex: index of the netdevice; 0: none was given
 * @extack: gets the reason of a refusal
 *
 * Context: process; the caller holds RTNL or RCU as long as it uses the
 * device.
 * Return: the device or ERR_PTR: -EINVAL, -ENODEV
 */
struct pp_dev *pp_nl_get_dev(struct pp_net *pn, int ifindex,
			     struct netlink_ext_ack *extack)
{
	struct pp_dev *pd;

	if (!ifindex) {
		NL_SET_ERR_MSG(extack, "Device is missing: index or name");
		return ERR_PTR(-EINVAL);
	}
	rcu_read_lock();
	pd = pp_dev_find_rcu(pn, ifindex);
	rcu_read_unlock();
	if (!pd || READ_ONCE(pd->dead)) {
		NL_SET_ERR_MSG(extack, "Device is not attached to pktpath");
		return ERR_PTR(-ENODEV);
	}
	return pd;
}

/**
 * pp_nl_put_ifname() - write the name of a device, if it still has one
 * @skb: message
 * @pn: netns
 * @attr: attribute number
 * @ifindex: the device, attached or not
 *
 * Context: any; takes RCU.
 * Return: 0 or -EMSGSIZE
 */
int pp_nl_put_ifname(struct sk_buff *skb, struct pp_net *pn, int attr,
		     int ifindex)
{
	struct net_device *dev;
	int err = 0;

	rcu_read_lock();
	dev = ifindex ? dev_get_by_index_rcu(pn->net, ifindex) : NULL;
	if (dev)
		err = nla_put_string(skb, attr, dev->name);
	rcu_read_unlock();
	return err;
}

static int pp_nl_ops_added(struct pp_ifaddr *ifa,
			   struct netlink_ext_ack *extack)
{
	pp_nl_addr_notify(ifa, PKTPATH_CMD_ADDR_NTF);
	return 0;
}

static void pp_nl_ops_removed(struct pp_ifaddr *ifa)
{
	pp_nl_addr_notify(ifa, PKTPATH_CMD_ADDR_DEL_NTF);
}

static void pp_nl_ops_event(struct pp_dev *pd, enum pp_dev_event event)
{
	switch (event) {
	case PKTPATH_DEV_ATTACHED:
		pp_sysctl_dev_add(pd);
		break;
	case PKTPATH_DEV_DETACHING:
		pp_sysctl_dev_del(pd);
		pp_nl_dev_notify(pd, PKTPATH_CMD_DEV_DEL_NTF);
		return;
	case PKTPATH_DEV_NAME:
		pp_sysctl_dev_del(pd);
		pp_sysctl_dev_add(pd);
		break;
	case PKTPATH_DEV_RESEND:
	case PKTPATH_DEV_PEERS:
	case PKTPATH_DEV_VRF_LEAVES:
		return;
	default:
		break;
	}
	pp_nl_dev_notify(pd, PKTPATH_CMD_DEV_NTF);
}

static struct pp_addr_ops pp_ctl_addr_ops = {
	.added = pp_nl_ops_added,
	.removed = pp_nl_ops_removed,
	.dev_event = pp_nl_ops_event,
};

static const struct pp_notify_ops pp_ctl_notify_ops = {
	.acd = pp_nl_addr_acd,
	.route = pp_nl_route_tell,
	.mroute = pp_nl_mroute_tell,
	.neigh_gone = pp_nl_neigh_gone,
};

static int pp_ctl_init(void)
{
	pp_addr_ops_register(&pp_ctl_addr_ops);
	return 0;
}

static void pp_ctl_exit(void)
{
	pp_addr_ops_unregister(&pp_ctl_addr_ops);
}

/* The module is going: no netns has files of ours any more. */
static bool pp_ctl_hidden;

static int pp_ctl_net_init(struct pp_net *pn)
{
	int err;

	pn->ctl = kzalloc(sizeof(*pn->ctl), GFP_KERNEL_ACCOUNT);
	if (!pn->ctl)
		return -ENOMEM;
	if (READ_ONCE(pp_ctl_hidden))
		return 0;
	err = pp_sysctl_net_init(pn);
	if (err)
		goto err_free;
	err = pp_sysctl_dev_init(pn);
	if (err)
		goto err_sysctl;
	err = pp_proc_net_init(pn);
	if (err)
		goto err_dev;
	return 0;

err_dev:
	pp_sysctl_dev_exit(pn);
err_sysctl:
	pp_sysctl_net_stop(pn);
	pp_sysctl_net_exit(pn);
err_free:
	kfree(pn->ctl);
	pn->ctl = NULL;
	return err;
}

static void pp_ctl_net_pre_exit(struct pp_net *pn)
{
	pp_proc_net_exit(pn);
	pp_sysctl_dev_exit(pn);
	pp_sysctl_net_stop(pn);
}

static void pp_ctl_net_exit(struct pp_net *pn)
{
	pp_sysctl_net_exit(pn);
	kfree(pn->ctl);
	pn->ctl = NULL;
}

static int pp_ctl_start(void)
{
	int err;

	err = genl_register_family(&pp_nl_family);
	if (err)
		return err;
	WRITE_ONCE(pp_nl_up, true);
	pp_notify_ops_set(&pp_ctl_notify_ops);
	return 0;
}

/* A netns with files of ours that is not going by itself, held; NULL: none. */
static struct net *pp_ctl_get_shown(void)
{
	struct net *net, *found = NULL;

	down_read(&net_rwsem);
	for_each_net(net) {
		if (!READ_ONCE(pp_net(net)->ctl->proc))
			continue;
		found = maybe_get_net(net);
		if (found)
			break;
	}
	up_read(&net_rwsem);
	return found;
}

/*
 * Files wait for who reads them, and a reader whose memory a file system of his
 * own provides takes as long as he likes: so here, before the rest is done
 * under the kernel's lock of all namespaces, which others need to make one.
 */
static void pp_ctl_hide(void)
{
	struct net *net;

	WRITE_ONCE(pp_ctl_hidden, true);
	while ((net = pp_ctl_get_shown())) {
		pp_ctl_net_pre_exit(pp_net(net));
		put_net(net);
	}
}

static void pp_ctl_stop(void)
{
	pp_notify_ops_set(NULL);
	WRITE_ONCE(pp_nl_up, false);
	synchronize_rcu();
	genl_unregister_family(&pp_nl_family);
	pp_ctl_hide();
}

const struct pp_layer pp_ctl_layer = {
	.name = "ctl",
	.init = pp_ctl_init,
	.exit = pp_ctl_exit,
	.net_init = pp_ctl_net_init,
	.net_pre_exit = pp_ctl_net_pre_exit,
	.net_exit = pp_ctl_net_exit,
	.start = pp_ctl_start,
	.stop = pp_ctl_stop,
};
