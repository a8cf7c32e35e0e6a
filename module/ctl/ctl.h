/* SPDX-License-Identifier: GPL-2.0 */
/* Control plane: what its files share. Nothing below includes this. */
#ifndef PKTPATH_CTL_CTL_H
#define PKTPATH_CTL_CTL_H

#include <net/genetlink.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "core/dev.h"
#include "core/ifaddr.h"
#include "ctl/netlink_gen.h"

struct pp_mroute_cfg;
struct pp_route_cfg;

extern struct genl_family pp_nl_family;

/**
 * struct pp_ctl_net - control plane of one netns
 * @proc: /proc/net/pktpath
 * @main: net.pktpath.*
 * @route: net.pktpath.route.*
 * @neigh: net.pktpath.neigh.default.*, of the table
 * @neigh_default: the same directory, what devices start with
 * @conf_all: net.pktpath.conf.all.*
 * @conf_default: net.pktpath.conf.default.*
 * @tcp: net.pktpath.tcp_*
 * @frag: limits of reassembly
 * @host: host-wide settings, initial netns only
 * @tcp_host: those of TCP
 */
struct pp_ctl_net {
	struct proc_dir_entry *proc;
	struct ctl_table_header *main;
	struct ctl_table_header *route;
	struct ctl_table_header *neigh;
	struct ctl_table_header *neigh_default;
	struct ctl_table_header *conf_all;
	struct ctl_table_header *conf_default;
	struct ctl_table_header *tcp;
	struct ctl_table_header *frag;
	struct ctl_table_header *host;
	struct ctl_table_header *tcp_host;
};

/**
 * struct pp_nl_msg - head of a message that is about to be written
 * @portid: netlink port of the receiver, 0 for a notification
 * @seq: sequence number of the request
 * @flags: NLM_F_*
 * @cmd: PKTPATH_CMD_*
 * @cb: the dump it is part of, or NULL
 */
struct pp_nl_msg {
	u32 portid;
	u32 seq;
	u16 flags;
	u8 cmd;
	struct netlink_callback *cb;
};

/* Refuses a request for want of an attribute; @text is a literal. */
static inline int pp_nl_missing(struct netlink_ext_ack *extack, u16 attr,
				const char *text)
{
	if (extack)
		extack->_msg = text;
	NL_SET_ERR_ATTR_MISS(extack, NULL, attr);
	return -EINVAL;
}

/* Refuses the value of an attribute with @err; @text is a literal. */
static inline int pp_nl_bad(struct netlink_ext_ack *extack,
			    const struct nlattr *attr, int err,
			    const char *text)
{
	if (extack)
		extack->_msg = text;
	NL_SET_BAD_ATTR(extack, attr);
	return err;
}

static inline struct pp_net *pp_nl_info_net(struct genl_info *info)
{
	return pp_net(genl_info_net(info));
}

static inline struct pp_net *pp_nl_cb_net(const struct netlink_callback *cb)
{
	return pp_net(sock_net(cb->skb->sk));
}

/* The end of a dump call: @err of the writer, if nothing was written. */
static inline int pp_nl_dump_end(const struct sk_buff *skb, int err)
{
	return err < 0 && !skb->len ? err : skb->len;
}

void pp_nl_msg_reply(struct pp_nl_msg *m, const struct genl_info *info);
void pp_nl_msg_dump(struct pp_nl_msg *m, struct netlink_callback *cb, u8 cmd);
void *pp_nl_put(struct sk_buff *skb, const struct pp_nl_msg *m);
bool pp_nl_listening(struct net *net);
void pp_nl_notify(struct net *net, struct sk_buff *skb, int err);
int pp_nl_family_check(const struct nlattr *family,
		       struct netlink_ext_ack *extack);
int pp_nl_get_addr(const struct nlattr *attr, __be32 *addr,
		   struct netlink_ext_ack *extack);
int pp_nl_get_ifindex(struct net *net, const struct nlattr *index,
		      const struct nlattr *name, int *ifindex,
		      struct netlink_ext_ack *extack);
struct pp_dev *pp_nl_get_dev(struct pp_net *pn, int ifindex,
			     struct netlink_ext_ack *extack);
int pp_nl_put_ifname(struct sk_buff *skb, struct pp_net *pn, int attr,
		     int ifindex);

/* Notifications, from core's events; RTNL and cfg_lock held. */
void pp_nl_dev_notify(struct pp_dev *pd, u8 cmd);
void pp_nl_addr_notify(const struct pp_ifaddr *ifa, u8 cmd);
/* From neigh, RCU read side. */
void pp_nl_addr_acd(struct pp_net *pn, int ifindex, __be32 addr, __be32 peer,
		    u8 plen, u8 state);
/* From ip, RCU read side and cfg_lock. */
void pp_nl_neigh_gone(struct pp_net *pn, int ifindex, __be32 addr);
void pp_nl_route_tell(struct pp_net *pn, const struct pp_route_cfg *cfg,
		      bool add);
void pp_nl_mroute_tell(struct pp_net *pn, const struct pp_mroute_cfg *cfg,
		       bool add);

int pp_sysctl_net_init(struct pp_net *pn);
void pp_sysctl_net_stop(struct pp_net *pn);
void pp_sysctl_net_exit(struct pp_net *pn);
int pp_sysctl_dev_init(struct pp_net *pn);
void pp_sysctl_dev_exit(struct pp_net *pn);
int pp_sysctl_tcp_init(struct pp_net *pn);
void pp_sysctl_tcp_stop(struct pp_net *pn);
void pp_sysctl_dev_add(struct pp_dev *pd);
void pp_sysctl_dev_del(struct pp_dev *pd);

int pp_proc_net_init(struct pp_net *pn);
void pp_proc_net_exit(struct pp_net *pn);
int pp_proc_sock_init(struct net *net, struct proc_dir_entry *dir);
int pp_proc_igmp_init(struct net *net, struct proc_dir_entry *dir);
int pp_proc_mroute_init(struct net *net, struct proc_dir_entry *dir);
int pp_proc_tcp_init(struct net *net, struct proc_dir_entry *dir);

#endif
