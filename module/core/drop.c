// SPDX-License-Identifier: GPL-2.0
/*
 * The end of every packet that is thrown away: counter, tracepoint, free.
 *
 * Path: any stage -> pp_skb_drop
 * Mirrors: net/core/skbuff.c (sk_skb_reason_drop)
 * Locks: none
 */
#include "core/drop.h"
#include "core/trace.h"

const struct pp_drop_desc pp_drop_descs[PKTPATH_DROP_MAX] = {
#define PKTPATH_DROP_DESC(id, name, reason) \
	[PKTPATH_DROP_##id] = { name, SKB_DROP_REASON_##reason },
	PKTPATH_DROPS(PKTPATH_DROP_DESC)
#undef PKTPATH_DROP_DESC
};

const char *const pp_drop_stage_names[PKTPATH_STAGE_MAX] = {
#define PKTPATH_DROP_STAGE(id, tp, dir, name, fn, file, twin) \
	[PKTPATH_STAGE_##id] = name,
	PKTPATH_STAGES(PKTPATH_DROP_STAGE)
#undef PKTPATH_DROP_STAGE
};

/**
 * pp_drop_note() - counts and traces a drop, frees nothing
 * @pn: netns state
 * @skb: the packet if it can still be read, else NULL
 * @stage: where
 * @cause: why
 *
 * Context: any.
 */
void pp_drop_note(struct pp_net *pn, const struct sk_buff *skb,
		  enum pp_stage stage, enum pp_drop_cause cause)
{
	this_cpu_inc(pn->mib->drops[cause]);
	trace_pp_drop(skb, stage, cause, pn->net);
}

/**
 * pp_skb_drop() - drops a packet
 * @pn: netns state
 * @skb: the packet, taken; NULL counts a packet that could not be made
 * @stage: where
 * @cause: why; its core reason goes to kfree_skb_reason()
 *
 * Context: any.
 */
void pp_skb_drop(struct pp_net *pn, struct sk_buff *skb, enum pp_stage stage,
		 enum pp_drop_cause cause)
{
	pp_drop_note(pn, skb, stage, cause);
	kfree_skb_reason(skb, pp_drop_descs[cause].reason);
}
