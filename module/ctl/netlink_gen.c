// SPDX-License-Identifier: GPL-2.0
/* Made of module/ctl/pktpath.yaml by module/ctl/gen.py. */
#include "ctl/netlink_gen.h"

static struct netlink_range_validation pp_nl_range_0_2147483647 = {
	.min = 0,
	.max = 2147483647,
};

static struct netlink_range_validation pp_nl_range_1_1000000 = {
	.min = 1,
	.max = 1000000,
};

static struct netlink_range_validation pp_nl_range_1_10000000 = {
	.min = 1,
	.max = 10000000,
};

static struct netlink_range_validation pp_nl_range_1_1073725440 = {
	.min = 1,
	.max = 1073725440,
};

static struct netlink_range_validation pp_nl_range_1_120000 = {
	.min = 1,
	.max = 120000,
};

static struct netlink_range_validation pp_nl_range_1_2147483647 = {
	.min = 1,
	.max = 2147483647,
};

static struct netlink_range_validation pp_nl_range_1_65495 = {
	.min = 1,
	.max = 65495,
};

static struct netlink_range_validation pp_nl_range_1_65535 = {
	.min = 1,
	.max = 65535,
};

static struct netlink_range_validation pp_nl_range_68_65535 = {
	.min = 68,
	.max = 65535,
};

static const struct nla_policy pp_nl_mroute_out_nested[PKTPATH_A_MROUTE_OUT_TTL + 1] = {
	[PKTPATH_A_MROUTE_OUT_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_MROUTE_OUT_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_MROUTE_OUT_TTL] = NLA_POLICY_RANGE(NLA_U8, 1, 254),
};

static const struct nla_policy pp_nl_dev_attach_policy[PKTPATH_A_DEV_IFNAME + 1] = {
	[PKTPATH_A_DEV_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_DEV_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
};

static const struct nla_policy pp_nl_dev_detach_policy[PKTPATH_A_DEV_IFNAME + 1] = {
	[PKTPATH_A_DEV_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_DEV_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
};

static const struct nla_policy pp_nl_dev_get_policy[PKTPATH_A_DEV_IFNAME + 1] = {
	[PKTPATH_A_DEV_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_DEV_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
};

static const struct nla_policy pp_nl_addr_add_policy[PKTPATH_A_ADDR_PEER + 1] = {
	[PKTPATH_A_ADDR_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_ADDR_LOCAL] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ADDR_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_ADDR_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ADDR_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_ADDR_PEER] = { .type = NLA_BINARY, .len = 16 },
};

static const struct nla_policy pp_nl_addr_del_policy[PKTPATH_A_ADDR_PEER + 1] = {
	[PKTPATH_A_ADDR_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_ADDR_LOCAL] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ADDR_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_ADDR_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ADDR_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_ADDR_PEER] = { .type = NLA_BINARY, .len = 16 },
};

static const struct nla_policy pp_nl_addr_get_policy[PKTPATH_A_ADDR_IFNAME + 1] = {
	[PKTPATH_A_ADDR_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_ADDR_LOCAL] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ADDR_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ADDR_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
};

static const struct nla_policy pp_nl_route_add_policy[PKTPATH_A_ROUTE_VRF + 1] = {
	[PKTPATH_A_ROUTE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_TABLE] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_ROUTE_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_ROUTE_TYPE] = NLA_POLICY_RANGE(NLA_U8, 1, 11),
	[PKTPATH_A_ROUTE_SCOPE] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_PROTOCOL] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_TOS] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_GATEWAY] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_PREFSRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_OIF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ROUTE_OIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_ROUTE_METRIC] = { .type = NLA_U32 },
	[PKTPATH_A_ROUTE_MTU] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_68_65535),
	[PKTPATH_A_ROUTE_MTU_LOCK] = { .type = NLA_FLAG },
	[PKTPATH_A_ROUTE_FLAGS] = { .type = NLA_U32 },
	[PKTPATH_A_ROUTE_MODE] = NLA_POLICY_MAX(NLA_U8, 3),
	[PKTPATH_A_ROUTE_CONGCTL] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_ROUTE_CONGCTL_LOCK] = { .type = NLA_FLAG },
	[PKTPATH_A_ROUTE_WEIGHT] = NLA_POLICY_RANGE(NLA_U8, 1, 255),
	[PKTPATH_A_ROUTE_ADVMSS] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_65495),
	[PKTPATH_A_ROUTE_WINDOW] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_1073725440),
	[PKTPATH_A_ROUTE_HOPLIMIT] = NLA_POLICY_RANGE(NLA_U8, 1, 255),
	[PKTPATH_A_ROUTE_INITCWND] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_65535),
	[PKTPATH_A_ROUTE_INITRWND] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_65535),
	[PKTPATH_A_ROUTE_RTO_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_120000),
	[PKTPATH_A_ROUTE_QUICKACK] = NLA_POLICY_MAX(NLA_U8, 1),
	[PKTPATH_A_ROUTE_FEATURES] = NLA_POLICY_MAX(NLA_U32, 1),
	[PKTPATH_A_ROUTE_VRF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
};

static const struct nla_policy pp_nl_route_del_policy[PKTPATH_A_ROUTE_VRF + 1] = {
	[PKTPATH_A_ROUTE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_TABLE] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_ROUTE_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_ROUTE_TYPE] = NLA_POLICY_RANGE(NLA_U8, 1, 11),
	[PKTPATH_A_ROUTE_SCOPE] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_PROTOCOL] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_TOS] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_GATEWAY] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_PREFSRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_OIF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ROUTE_OIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_ROUTE_METRIC] = { .type = NLA_U32 },
	[PKTPATH_A_ROUTE_VRF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
};

static const struct nla_policy pp_nl_route_get_policy[PKTPATH_A_ROUTE_VRF + 1] = {
	[PKTPATH_A_ROUTE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_TABLE] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_ROUTE_TYPE] = NLA_POLICY_RANGE(NLA_U8, 1, 11),
	[PKTPATH_A_ROUTE_PROTOCOL] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_OIF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ROUTE_OIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_ROUTE_VRF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
};

static const struct nla_policy pp_nl_route_resolve_policy[PKTPATH_A_ROUTE_DPORT + 1] = {
	[PKTPATH_A_ROUTE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_TOS] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_OIF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ROUTE_OIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_ROUTE_SRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_ROUTE_IIF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_ROUTE_MARK] = { .type = NLA_U32 },
	[PKTPATH_A_ROUTE_UID] = { .type = NLA_U32 },
	[PKTPATH_A_ROUTE_IPPROTO] = { .type = NLA_U8 },
	[PKTPATH_A_ROUTE_SPORT] = { .type = NLA_U16 },
	[PKTPATH_A_ROUTE_DPORT] = { .type = NLA_U16 },
};

static const struct nla_policy pp_nl_neigh_add_policy[PKTPATH_A_NEIGH_MODE + 1] = {
	[PKTPATH_A_NEIGH_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_NEIGH_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_NEIGH_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_NEIGH_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_NEIGH_LLADDR] = { .type = NLA_BINARY, .len = 32 },
	[PKTPATH_A_NEIGH_STATE] = { .type = NLA_U16 },
	[PKTPATH_A_NEIGH_MODE] = NLA_POLICY_MAX(NLA_U8, 2),
};

static const struct nla_policy pp_nl_neigh_del_policy[PKTPATH_A_NEIGH_IFNAME + 1] = {
	[PKTPATH_A_NEIGH_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_NEIGH_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_NEIGH_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_NEIGH_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
};

static const struct nla_policy pp_nl_neigh_get_policy[PKTPATH_A_NEIGH_IFNAME + 1] = {
	[PKTPATH_A_NEIGH_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_NEIGH_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_NEIGH_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_NEIGH_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
};

static const struct nla_policy pp_nl_neigh_flush_policy[PKTPATH_A_NEIGH_PERMANENT + 1] = {
	[PKTPATH_A_NEIGH_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_NEIGH_IFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_NEIGH_PERMANENT] = { .type = NLA_FLAG },
};

static const struct nla_policy pp_nl_sock_get_policy[PKTPATH_A_SOCK_WANT + 1] = {
	[PKTPATH_A_SOCK_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_SOCK_PROTOCOL] = { .type = NLA_U8 },
	[PKTPATH_A_SOCK_STATES] = { .type = NLA_U32 },
	[PKTPATH_A_SOCK_SRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_SOCK_SRC_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_SOCK_SPORT] = { .type = NLA_U16 },
	[PKTPATH_A_SOCK_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_SOCK_DST_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_SOCK_DPORT] = { .type = NLA_U16 },
	[PKTPATH_A_SOCK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_0_2147483647),
	[PKTPATH_A_SOCK_COOKIE] = { .type = NLA_U64 },
	[PKTPATH_A_SOCK_UID] = { .type = NLA_U32 },
	[PKTPATH_A_SOCK_MARK] = { .type = NLA_U32 },
	[PKTPATH_A_SOCK_WANT] = { .type = NLA_U32 },
};

static const struct nla_policy pp_nl_sock_kill_policy[PKTPATH_A_SOCK_ALL + 1] = {
	[PKTPATH_A_SOCK_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_SOCK_PROTOCOL] = { .type = NLA_U8 },
	[PKTPATH_A_SOCK_STATES] = { .type = NLA_U32 },
	[PKTPATH_A_SOCK_SRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_SOCK_SRC_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_SOCK_SPORT] = { .type = NLA_U16 },
	[PKTPATH_A_SOCK_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_SOCK_DST_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_SOCK_DPORT] = { .type = NLA_U16 },
	[PKTPATH_A_SOCK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_0_2147483647),
	[PKTPATH_A_SOCK_COOKIE] = { .type = NLA_U64 },
	[PKTPATH_A_SOCK_UID] = { .type = NLA_U32 },
	[PKTPATH_A_SOCK_MARK] = { .type = NLA_U32 },
	[PKTPATH_A_SOCK_ALL] = { .type = NLA_FLAG },
};

static const struct nla_policy pp_nl_stat_get_policy[PKTPATH_A_STAT_GROUP + 1] = {
	[PKTPATH_A_STAT_GROUP] = { .type = NLA_NUL_STRING, .len = 31 },
};

static const struct nla_policy pp_nl_down_policy[PKTPATH_A_DOWN_ALL + 1] = {
	[PKTPATH_A_DOWN_ALL] = { .type = NLA_FLAG },
};

static const struct nla_policy pp_nl_rule_add_policy[PKTPATH_A_RULE_L3MDEV + 1] = {
	[PKTPATH_A_RULE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_RULE_PREF] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_TABLE] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_RULE_TYPE] = NLA_POLICY_RANGE(NLA_U8, 1, 11),
	[PKTPATH_A_RULE_SRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_RULE_SRC_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_RULE_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_RULE_DST_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_RULE_TOS] = { .type = NLA_U8 },
	[PKTPATH_A_RULE_MARK] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_MASK] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_IIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_RULE_OIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_RULE_INVERT] = { .type = NLA_FLAG },
	[PKTPATH_A_RULE_IPPROTO] = NLA_POLICY_MIN(NLA_U8, 1),
	[PKTPATH_A_RULE_SPORT] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_SPORT_LAST] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_DPORT] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_DPORT_LAST] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_UID] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_UID_LAST] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_SUPPRESS_PREFIXLEN] = NLA_POLICY_MAX(NLA_U32, 32),
	[PKTPATH_A_RULE_GOTO] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_RULE_L3MDEV] = { .type = NLA_FLAG },
};

static const struct nla_policy pp_nl_rule_del_policy[PKTPATH_A_RULE_L3MDEV + 1] = {
	[PKTPATH_A_RULE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_RULE_PREF] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_TABLE] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_RULE_TYPE] = NLA_POLICY_RANGE(NLA_U8, 1, 11),
	[PKTPATH_A_RULE_SRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_RULE_SRC_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_RULE_DST] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_RULE_DST_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[PKTPATH_A_RULE_TOS] = { .type = NLA_U8 },
	[PKTPATH_A_RULE_MARK] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_MASK] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_IIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_RULE_OIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_RULE_INVERT] = { .type = NLA_FLAG },
	[PKTPATH_A_RULE_IPPROTO] = NLA_POLICY_MIN(NLA_U8, 1),
	[PKTPATH_A_RULE_SPORT] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_SPORT_LAST] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_DPORT] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_DPORT_LAST] = { .type = NLA_U16 },
	[PKTPATH_A_RULE_UID] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_UID_LAST] = { .type = NLA_U32 },
	[PKTPATH_A_RULE_SUPPRESS_PREFIXLEN] = NLA_POLICY_MAX(NLA_U32, 32),
	[PKTPATH_A_RULE_GOTO] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_RULE_L3MDEV] = { .type = NLA_FLAG },
};

static const struct nla_policy pp_nl_rule_get_policy[PKTPATH_A_RULE_FAMILY + 1] = {
	[PKTPATH_A_RULE_FAMILY] = { .type = NLA_U8 },
};

static const struct nla_policy pp_nl_mroute_add_policy[PKTPATH_A_MROUTE_OUTS + 1] = {
	[PKTPATH_A_MROUTE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_MROUTE_GROUP] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_MROUTE_SRC] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_MROUTE_IIF] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_2147483647),
	[PKTPATH_A_MROUTE_IIFNAME] = { .type = NLA_NUL_STRING, .len = 15 },
	[PKTPATH_A_MROUTE_OUTS] = NLA_POLICY_NESTED_ARRAY(pp_nl_mroute_out_nested),
};

static const struct nla_policy pp_nl_mroute_del_policy[PKTPATH_A_MROUTE_SRC + 1] = {
	[PKTPATH_A_MROUTE_FAMILY] = { .type = NLA_U8 },
	[PKTPATH_A_MROUTE_GROUP] = { .type = NLA_BINARY, .len = 16 },
	[PKTPATH_A_MROUTE_SRC] = { .type = NLA_BINARY, .len = 16 },
};

static const struct nla_policy pp_nl_mroute_get_policy[PKTPATH_A_MROUTE_FAMILY + 1] = {
	[PKTPATH_A_MROUTE_FAMILY] = { .type = NLA_U8 },
};

static const struct nla_policy pp_nl_fault_add_policy[PKTPATH_A_FAULT_WHERE + 1] = {
	[PKTPATH_A_FAULT_STAGE] = { .type = NLA_NUL_STRING, .len = 31 },
	[PKTPATH_A_FAULT_ACTION] = NLA_POLICY_MAX(NLA_U8, 5),
	[PKTPATH_A_FAULT_FILTER] = { .type = NLA_BINARY, .len = 40 },
	[PKTPATH_A_FAULT_PROB] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_1000000),
	[PKTPATH_A_FAULT_EVERY] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_FAULT_SEED] = { .type = NLA_U32 },
	[PKTPATH_A_FAULT_DELAY] = NLA_POLICY_FULL_RANGE(NLA_U32, &pp_nl_range_1_10000000),
	[PKTPATH_A_FAULT_GAP] = NLA_POLICY_RANGE(NLA_U32, 1, 1000),
	[PKTPATH_A_FAULT_WHERE] = NLA_POLICY_MAX(NLA_U8, 1),
};

static const struct nla_policy pp_nl_fault_del_policy[PKTPATH_A_FAULT_ALL + 1] = {
	[PKTPATH_A_FAULT_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[PKTPATH_A_FAULT_ALL] = { .type = NLA_FLAG },
};

static const struct nla_policy pp_nl_fault_get_policy[1 + 1] = {};

const struct genl_ops pp_nl_ops[PKTPATH_NL_NOPS] = {
	{
		.cmd = PKTPATH_CMD_DEV_ATTACH,
		.doit = pp_nl_dev_attach_doit,
		.policy = pp_nl_dev_attach_policy,
		.maxattr = PKTPATH_A_DEV_IFNAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_DEV_DETACH,
		.doit = pp_nl_dev_detach_doit,
		.policy = pp_nl_dev_detach_policy,
		.maxattr = PKTPATH_A_DEV_IFNAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_DEV_GET,
		.doit = pp_nl_dev_get_doit,
		.dumpit = pp_nl_dev_get_dumpit,
		.policy = pp_nl_dev_get_policy,
		.maxattr = PKTPATH_A_DEV_IFNAME,
	},
	{
		.cmd = PKTPATH_CMD_ADDR_ADD,
		.doit = pp_nl_addr_add_doit,
		.policy = pp_nl_addr_add_policy,
		.maxattr = PKTPATH_A_ADDR_PEER,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_ADDR_DEL,
		.doit = pp_nl_addr_del_doit,
		.policy = pp_nl_addr_del_policy,
		.maxattr = PKTPATH_A_ADDR_PEER,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_ADDR_GET,
		.doit = pp_nl_addr_get_doit,
		.dumpit = pp_nl_addr_get_dumpit,
		.policy = pp_nl_addr_get_policy,
		.maxattr = PKTPATH_A_ADDR_IFNAME,
	},
	{
		.cmd = PKTPATH_CMD_ROUTE_ADD,
		.doit = pp_nl_route_add_doit,
		.policy = pp_nl_route_add_policy,
		.maxattr = PKTPATH_A_ROUTE_VRF,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_ROUTE_DEL,
		.doit = pp_nl_route_del_doit,
		.policy = pp_nl_route_del_policy,
		.maxattr = PKTPATH_A_ROUTE_VRF,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_ROUTE_GET,
		.dumpit = pp_nl_route_get_dumpit,
		.policy = pp_nl_route_get_policy,
		.maxattr = PKTPATH_A_ROUTE_VRF,
	},
	{
		.cmd = PKTPATH_CMD_ROUTE_RESOLVE,
		.doit = pp_nl_route_resolve_doit,
		.policy = pp_nl_route_resolve_policy,
		.maxattr = PKTPATH_A_ROUTE_DPORT,
	},
	{
		.cmd = PKTPATH_CMD_NEIGH_ADD,
		.doit = pp_nl_neigh_add_doit,
		.policy = pp_nl_neigh_add_policy,
		.maxattr = PKTPATH_A_NEIGH_MODE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_NEIGH_DEL,
		.doit = pp_nl_neigh_del_doit,
		.policy = pp_nl_neigh_del_policy,
		.maxattr = PKTPATH_A_NEIGH_IFNAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_NEIGH_GET,
		.doit = pp_nl_neigh_get_doit,
		.dumpit = pp_nl_neigh_get_dumpit,
		.policy = pp_nl_neigh_get_policy,
		.maxattr = PKTPATH_A_NEIGH_IFNAME,
	},
	{
		.cmd = PKTPATH_CMD_NEIGH_FLUSH,
		.doit = pp_nl_neigh_flush_doit,
		.policy = pp_nl_neigh_flush_policy,
		.maxattr = PKTPATH_A_NEIGH_PERMANENT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_SOCK_GET,
		.dumpit = pp_nl_sock_get_dumpit,
		.policy = pp_nl_sock_get_policy,
		.maxattr = PKTPATH_A_SOCK_WANT,
	},
	{
		.cmd = PKTPATH_CMD_SOCK_KILL,
		.doit = pp_nl_sock_kill_doit,
		.policy = pp_nl_sock_kill_policy,
		.maxattr = PKTPATH_A_SOCK_ALL,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_STAT_GET,
		.dumpit = pp_nl_stat_get_dumpit,
		.policy = pp_nl_stat_get_policy,
		.maxattr = PKTPATH_A_STAT_GROUP,
	},
	{
		.cmd = PKTPATH_CMD_DOWN,
		.doit = pp_nl_down_doit,
		.policy = pp_nl_down_policy,
		.maxattr = PKTPATH_A_DOWN_ALL,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_RULE_ADD,
		.doit = pp_nl_rule_add_doit,
		.policy = pp_nl_rule_add_policy,
		.maxattr = PKTPATH_A_RULE_L3MDEV,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_RULE_DEL,
		.doit = pp_nl_rule_del_doit,
		.policy = pp_nl_rule_del_policy,
		.maxattr = PKTPATH_A_RULE_L3MDEV,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_RULE_GET,
		.dumpit = pp_nl_rule_get_dumpit,
		.policy = pp_nl_rule_get_policy,
		.maxattr = PKTPATH_A_RULE_FAMILY,
	},
	{
		.cmd = PKTPATH_CMD_MROUTE_ADD,
		.doit = pp_nl_mroute_add_doit,
		.policy = pp_nl_mroute_add_policy,
		.maxattr = PKTPATH_A_MROUTE_OUTS,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_MROUTE_DEL,
		.doit = pp_nl_mroute_del_doit,
		.policy = pp_nl_mroute_del_policy,
		.maxattr = PKTPATH_A_MROUTE_SRC,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_MROUTE_GET,
		.dumpit = pp_nl_mroute_get_dumpit,
		.policy = pp_nl_mroute_get_policy,
		.maxattr = PKTPATH_A_MROUTE_FAMILY,
	},
	{
		.cmd = PKTPATH_CMD_FAULT_ADD,
		.doit = pp_nl_fault_add_doit,
		.policy = pp_nl_fault_add_policy,
		.maxattr = PKTPATH_A_FAULT_WHERE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_FAULT_DEL,
		.doit = pp_nl_fault_del_doit,
		.policy = pp_nl_fault_del_policy,
		.maxattr = PKTPATH_A_FAULT_ALL,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PKTPATH_CMD_FAULT_GET,
		.dumpit = pp_nl_fault_get_dumpit,
		.policy = pp_nl_fault_get_policy,
		.maxattr = 1,
		.flags = GENL_UNS_ADMIN_PERM,
	},
};
