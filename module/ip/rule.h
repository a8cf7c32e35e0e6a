/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4 layer, for ctl: policy rules, which say in which table a flow looks. */
#ifndef PKTPATH_IP_RULE_H
#define PKTPATH_IP_RULE_H

#include <linux/netlink.h>
#include "core/netns.h"

/**
 * struct pp_rule_cfg - one rule as the administrator gives and sees it
 * @pref: order; lower is asked first
 * @table: where to look, when @type is RTN_UNICAST
 * @mark: of the flow, in the bits of @mask
 * @mask: 0: any mark
 * @src: source prefix
 * @dst: destination prefix
 * @src_len: bits of @src
 * @dst_len: bits of @dst
 * @tos: 0: any
 * @ipproto: protocol, 0: any
 * @suppress: routes of fewer bits than this do not count, 0: all count
 * @type: RTN_UNICAST, _BLACKHOLE, _UNREACHABLE, _PROHIBIT; 0 in a del: any
 * @sport: first and last source port; 0 and 0: any
 * @dport: first and last destination port
 * @uid: first and last user, when @any_uid is not set; what comes in is root's
 * @any_uid: the user does not matter
 * @jump: go on at the first rule with this preference or a higher one, 0: no
 * @invert: every flow that does not match
 * @l3mdev: flows within a VRF alone; with RTN_UNICAST and neither @table nor
 *	    @jump, in the table of that
 * @any_pref: no @pref was given
 * @iif: name of the device it came in by, lo: it is ours; empty: any
 * @oif: name of the device that was asked for
 */
struct pp_rule_cfg {
	u32 pref;
	u32 table;
	u32 mark;
	u32 mask;
	__be32 src;
	__be32 dst;
	u8 src_len;
	u8 dst_len;
	u8 tos;
	u8 ipproto;
	u8 suppress;
	u8 type;
	u16 sport[2];
	u16 dport[2];
	kuid_t uid[2];
	bool any_uid;
	u32 jump;
	bool invert;
	bool l3mdev;
	bool any_pref;
	char iif[IFNAMSIZ];
	char oif[IFNAMSIZ];
};

/* cfg_lock held; add fills @cfg->pref, del what was deleted. */
int pp_rule_add(struct pp_net *pn, struct pp_rule_cfg *cfg,
		struct netlink_ext_ack *extack);
int pp_rule_del(struct pp_net *pn, struct pp_rule_cfg *cfg,
		struct netlink_ext_ack *extack);
/* By which algorithm tables look prefixes up (fib_alg.c); @name has room for
 * PKTPATH_FIB_NAME_MAX bytes. set: 0, -ENOENT, -ENOMEM. Both take cfg_lock.
 */
int pp_fib_alg_set(struct pp_net *pn, const char *name);
void pp_fib_alg_name(struct pp_net *pn, char *name);
/* The rule at place @i in order: false behind the last. Takes RCU. */
bool pp_rule_nth(struct pp_net *pn, unsigned int i, struct pp_rule_cfg *cfg);

#endif
