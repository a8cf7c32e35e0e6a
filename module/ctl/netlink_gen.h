/* SPDX-License-Identifier: GPL-2.0 */
/* Made of module/ctl/pktpath.yaml by module/ctl/gen.py. */
#ifndef PKTPATH_CTL_NETLINK_GEN_H
#define PKTPATH_CTL_NETLINK_GEN_H

#include <net/genetlink.h>
#include <uapi/linux/pktpath.h>

int pp_nl_dev_attach_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_dev_detach_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_dev_get_dumpit(struct sk_buff *skb,
			 struct netlink_callback *cb);
int pp_nl_addr_add_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_addr_del_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_addr_get_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_addr_get_dumpit(struct sk_buff *skb,
			  struct netlink_callback *cb);
int pp_nl_route_add_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_route_del_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_route_get_dumpit(struct sk_buff *skb,
			   struct netlink_callback *cb);
int pp_nl_route_resolve_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_neigh_add_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_neigh_del_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_neigh_get_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_neigh_get_dumpit(struct sk_buff *skb,
			   struct netlink_callback *cb);
int pp_nl_neigh_flush_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_sock_get_dumpit(struct sk_buff *skb,
			  struct netlink_callback *cb);
int pp_nl_sock_kill_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_stat_get_dumpit(struct sk_buff *skb,
			  struct netlink_callback *cb);
int pp_nl_down_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_rule_add_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_rule_get_dumpit(struct sk_buff *skb,
			  struct netlink_callback *cb);
int pp_nl_mroute_add_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_mroute_del_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_mroute_get_dumpit(struct sk_buff *skb,
			    struct netlink_callback *cb);
int pp_nl_fault_add_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_fault_del_doit(struct sk_buff *skb, struct genl_info *info);
int pp_nl_fault_get_dumpit(struct sk_buff *skb,
			   struct netlink_callback *cb);

#define PKTPATH_NL_NOPS 27

extern const struct genl_ops pp_nl_ops[PKTPATH_NL_NOPS];

#endif
