/* SPDX-License-Identifier: GPL-2.0 */
/* Rules of faults on purpose, for ctl. */
#ifndef PKTPATH_JOURNEY_FAULT_H
#define PKTPATH_JOURNEY_FAULT_H

#include <linux/netlink.h>
#include <linux/pktpath.h>
#include "core/netns.h"

#define PKTPATH_FAULT_RULES	64		/* of a netns */
#define PKTPATH_FAULT_SURE	1000000		/* of @prob */

/**
 * struct pp_fault_cfg - a rule as the administrator gives and sees it
 * @filter: whose packets; as of a recording
 * @id: its number, given by us
 * @stage: enum pp_stage
 * @action: PKTPATH_FAULT_*
 * @where: PKTPATH_FAULT_PAYLOAD or _HEADER, of CORRUPT
 * @prob: in millionths
 * @every: one packet in so many, 0: any
 * @seed: of the numbers that @prob and CORRUPT draw
 * @delay: in us: how long DELAY holds a packet, and REORDER at most
 * @gap: how many packets REORDER lets pass
 */
struct pp_fault_cfg {
	struct pktpath_journey_conf filter;
	u32 id;
	u8 stage;
	u8 action;
	u8 where;
	u32 prob;
	u32 every;
	u32 seed;
	u32 delay;
	u32 gap;
};

/**
 * struct pp_fault_count - what a rule has done
 * @seen: packets that its filter let through
 * @hits: those that it was applied to
 */
struct pp_fault_count {
	u64 seen;
	u64 hits;
};

int pp_fault_add(struct pp_net *pn, struct pp_fault_cfg *cfg,
		 struct netlink_ext_ack *extack);
int pp_fault_del(struct pp_net *pn, u32 id);
void pp_fault_flush(struct pp_net *pn);
bool pp_fault_next(struct pp_net *pn, u32 after, struct pp_fault_cfg *cfg,
		   struct pp_fault_count *count);

#endif
