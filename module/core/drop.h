/* SPDX-License-Identifier: GPL-2.0 */
/* The one way to throw a packet away. */
#ifndef PKTPATH_CORE_DROP_H
#define PKTPATH_CORE_DROP_H

#include <linux/skbuff.h>
#include "core/netns.h"
#include "core/stage.h"

struct pp_drop_desc {
	const char *name;
	enum skb_drop_reason reason;
};

extern const struct pp_drop_desc pp_drop_descs[PKTPATH_DROP_MAX];
extern const char *const pp_drop_stage_names[PKTPATH_STAGE_MAX];

void pp_skb_drop(struct pp_net *pn, struct sk_buff *skb, enum pp_stage stage,
		 enum pp_drop_cause cause);
/* Counts and traces a drop whose skb somebody else has freed or keeps. */
void pp_drop_note(struct pp_net *pn, const struct sk_buff *skb,
		  enum pp_stage stage, enum pp_drop_cause cause);

#endif
