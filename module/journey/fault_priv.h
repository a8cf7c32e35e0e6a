/* SPDX-License-Identifier: GPL-2.0 */
/* What the two files of faults share. */
#ifndef PKTPATH_JOURNEY_FAULT_PRIV_H
#define PKTPATH_JOURNEY_FAULT_PRIV_H

#include <linux/hrtimer.h>
#include <linux/prandom.h>
#include "core/fault.h"
#include "journey/fault.h"
#include "journey/journey_priv.h"

#define PKTPATH_FAULT_HELD	1000	/* packets of a netns */

struct pp_fault_held;

/**
 * struct pp_fault_rule - one rule
 * @list: in pp_fault_net.rules
 * @cfg: constant
 * @rnd: state of its numbers; under pp_fault_net.lock, as all below
 * @count: what it has done
 * @held: of REORDER: the packet that waits, or NULL
 * @passed: how many it has let pass
 * @dead: deleted: it touches no packet any more
 * @rcu: frees the structure
 */
struct pp_fault_rule {
	struct list_head list;
	struct pp_fault_cfg cfg;
	struct rnd_state rnd;
	struct pp_fault_count count;
	struct pp_fault_held *held;
	u32 passed;
	bool dead;
	struct rcu_head rcu;
};

/**
 * struct pp_fault_held - a packet that waits
 * @list: in pp_fault_net.held
 * @skb: the packet, with references of its own
 * @rule: REORDER's that waits for others to pass; NULL: for @due alone
 * @at: where it goes on; its pd is looked up again
 * @ifindex: device of that pd
 * @due: when, CLOCK_MONOTONIC
 */
struct pp_fault_held {
	struct list_head list;
	struct sk_buff *skb;
	struct pp_fault_rule *rule;
	struct pp_fault_at at;
	int ifindex;
	ktime_t due;
};

/**
 * struct pp_fault_net - faults of a netns
 * @pn: the netns
 * @rules: RCU, written under pp_fault_mutex
 * @nrules: their number, likewise
 * @last_id: the last number given, likewise
 * @stages: bit per stage that has a rule
 * @lock: of everything below and of what rules count
 * @held: packets that wait, first due first
 * @nheld: their number
 * @closed: no packet is held any more
 * @timer: when the first is due
 * @all: in the list of all netns
 */
struct pp_fault_net {
	struct pp_net *pn;
	struct list_head rules;
	u32 nrules;
	u32 last_id;
	u32 stages;
	spinlock_t lock;		/* see above and LOCKING.md */
	struct list_head held;
	unsigned int nheld;
	bool closed;
	struct hrtimer timer;
	struct list_head all;
};

/* ---- fault_hold.c ---- */

void pp_fault_hold_init(struct pp_fault_net *fn);
bool pp_fault_hold(struct pp_fault_net *fn, struct pp_fault_rule *rule,
		   const struct pp_fault_at *at, struct sk_buff *skb,
		   u32 usec);
struct pp_fault_held *pp_fault_unhold(struct pp_fault_net *fn,
				      struct pp_fault_rule *rule);
void pp_fault_resume(struct pp_fault_net *fn, struct pp_fault_held *e);
void pp_fault_hold_leave(struct pp_fault_net *fn, struct pp_fault_rule *rule);
void pp_fault_hold_drop(struct pp_fault_net *fn, int ifindex);
void pp_fault_hold_close(struct pp_fault_net *fn);

/* ---- fault.c ---- */

int pp_fault_net_init(struct pp_net *pn);
void pp_fault_net_pre_exit(struct pp_net *pn);
void pp_fault_net_exit(struct pp_net *pn);
int pp_fault_init(void);
void pp_fault_exit(void);
void pp_fault_start(void);
void pp_fault_stop(void);

#endif
