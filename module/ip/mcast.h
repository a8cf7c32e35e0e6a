/* SPDX-License-Identifier: GPL-2.0 */
/* Groups of devices and of sockets, IGMP; private to the IP layer. */
#ifndef PKTPATH_IP_MCAST_H
#define PKTPATH_IP_MCAST_H

#include <linux/igmp.h>
#include <linux/workqueue.h>
#include "core/hash.h"
#include "ip/igmp_msg.h"
#include "ip/ip_priv.h"

/**
 * struct pp_mc_filter - which sources of a group are wanted; never changes
 * @rcu: frees it
 * @mode: MCAST_INCLUDE or MCAST_EXCLUDE
 * @n: sources
 * @src: these, a set as of igmp_msg.h
 */
struct pp_mc_filter {
	struct rcu_head rcu;
	u8 mode;
	u32 n;
	__be32 src[];
};

/* A source whose change has still to be told so many times. */
struct pp_mc_left {
	__be32 addr;
	u8 left;
};

/**
 * struct pp_mc_group - a group that a device is, or just was, a member of
 * @node: in pp_mc_dev.hash, RCU; written under cfg_lock and pp_mc_dev.lock
 * @addr: the group
 * @filter: what its members want together; NULL: there is none any more. RCU;
 *	    written under both locks
 * @members: struct pp_mc_member; cfg_lock
 * @nmembers: length of @members; cfg_lock
 * @self: the device itself is a member, as of 224.0.0.1; cfg_lock
 * @mode_left: reports of a change of mode still to be sent (RFC 3376 §5.1);
 *	       this and all below under pp_mc_dev.lock
 * @unsolicited: reports of version 1 and 2 still to be sent
 * @reporter: the last report of version 1 or 2 was ours
 * @answer: a query is to be answered at @due
 * @by_source: it asks for the sources @asked only
 * @due: jiffies
 * @asked: a set, or NULL
 * @nasked: its size
 * @left: sources with a change still to be told, by address
 * @nleft: how many
 * @rcu: frees it
 */
struct pp_mc_group {
	struct hlist_node node;
	__be32 addr;
	struct pp_mc_filter __rcu *filter;
	struct hlist_head members;
	unsigned int nmembers;
	bool self;
	u8 mode_left;
	u8 unsolicited;
	bool reporter;
	bool answer;
	bool by_source;
	unsigned long due;
	__be32 *asked;
	u32 nasked;
	struct pp_mc_left *left;
	u32 nleft;
	struct rcu_head rcu;
};

#define PKTPATH_MC_HASH 256
/* Sources of merged queries; for more the whole group is reported. */
#define PKTPATH_MC_ASKED_MAX 1024
/* Changed sources of a group that are told one by one. */
#define PKTPATH_MC_LEFT_MAX 1024
/* Messages that one timer, or one query, makes. */
#define PKTPATH_IGMP_OUT_MAX 1024

/**
 * struct pp_mc_dev - groups of an attached device
 * @pd: the device, whose life it shares
 * @hash: struct pp_mc_group by address; RCU, written under both locks
 * @count: groups; cfg_lock
 * @lock: of what timers change; nests in cfg_lock, taken with BH off
 * @dead: the device is leaving; this and all below under @lock
 * @all: a general query is to be answered at @all_due
 * @all_due: jiffies
 * @change: changes are to be told at @change_due
 * @change_due: jiffies
 * @qrv: robustness that the querier has told
 * @qqi: seconds between its queries
 * @qri: seconds that it gives to answer
 * @v1_until: jiffies until when a querier of version 1 is there
 * @v2_until: likewise, of version 2
 * @v1_seen: @v1_until is of meaning
 * @v2_seen: likewise
 * @armed: @work is to run at @next
 * @next: jiffies
 * @work: sends what is due
 * @rcu: frees it
 */
struct pp_mc_dev {
	struct pp_dev *pd;
	struct hlist_head hash[PKTPATH_MC_HASH];
	unsigned int count;
	spinlock_t lock;	/* see above */
	bool dead;
	bool all;
	bool change;
	bool v1_seen;
	bool v2_seen;
	bool armed;
	u8 qrv;
	u32 qqi;
	u32 qri;
	unsigned long all_due;
	unsigned long change_due;
	unsigned long v1_until;
	unsigned long v2_until;
	unsigned long next;
	struct delayed_work work;
	struct rcu_head rcu;
};

/**
 * struct pp_mc_member - a socket's membership
 * @node: in pp_mc_sock.members, RCU; written under cfg_lock
 * @group_node: in pp_mc_group.members; cfg_lock
 * @group: NULL when the device has gone; cfg_lock
 * @addr: the group
 * @iface: address by which the device was chosen, or 0
 * @ifindex: the device
 * @filter: what the socket wants, never NULL; RCU, written under cfg_lock
 * @rcu: frees it
 */
struct pp_mc_member {
	struct hlist_node node;
	struct hlist_node group_node;
	struct pp_mc_group *group;
	__be32 addr;
	__be32 iface;
	int ifindex;
	struct pp_mc_filter __rcu *filter;
	struct rcu_head rcu;
};

/**
 * struct pp_mc_sock - what a socket has to do with multicast, and with devices
 * @ifindex: IP_MULTICAST_IF
 * @unicast_if: IP_UNICAST_IF
 * @addr: likewise
 * @members: struct pp_mc_member, RCU; written under RTNL and cfg_lock
 * @rcu: frees it
 */
struct pp_mc_sock {
	int ifindex;
	int unicast_if;
	__be32 addr;
	struct hlist_head members;
	struct rcu_head rcu;
};

static inline struct hlist_head *pp_mc_bucket(struct pp_mc_dev *mc,
					      __be32 addr)
{
	u32 hash = pp_hash_2(mc->pd->pn, (__force u32)addr, 0);

	return &mc->hash[hash % PKTPATH_MC_HASH];
}

/* RCU read side or cfg_lock. */
static inline struct pp_mc_group *pp_mc_group_find(struct pp_mc_dev *mc,
						   __be32 addr)
{
	struct pp_mc_group *g;

	hlist_for_each_entry_rcu(g, pp_mc_bucket(mc, addr), node,
				 lockdep_is_held(&mc->pd->pn->cfg_lock))
		if (g->addr == addr)
			return g;
	return NULL;
}

static inline bool pp_mc_filter_passes(const struct pp_mc_filter *f,
				       __be32 src)
{
	return pp_mcset_has(f->src, f->n, src) == (f->mode == MCAST_INCLUDE);
}

/* ---- mcast.c: groups of devices ---- */

int pp_mc_init(void);
void pp_mc_exit(void);
/* cfg_lock, RTNL. -ENODEV, -ENOMEM */
int pp_mc_member_join(struct pp_mc_dev *mc, struct pp_mc_member *m);
void pp_mc_member_leave(struct pp_net *pn, struct pp_mc_member *m);
/* The filter of a member has changed, or is about to. -ENOMEM: undo it. */
int pp_mc_member_changed(struct pp_net *pn, struct pp_mc_member *m);
struct pp_mc_dev *pp_mc_dev_cfg(const struct pp_dev *pd);
/* Counts who wants frames to @group of the hardware; RTNL. */
void pp_mc_hardware(struct pp_dev *pd, __be32 group, bool add);
/* Whether a frame to @group that came in by @pd is to be looked at; RCU. */
bool pp_mc_joined_rcu(const struct pp_dev *pd, __be32 group);
/* Whether the device takes such a packet; @src 0: of some source. RCU. */
bool pp_mc_check_rcu(const struct pp_dev *pd, __be32 group, __be32 src,
		     u8 protocol);

/* ---- igmp.c, igmp_out.c: the protocol; pp_mc_dev.lock held ---- */

extern const struct pp_net_protocol pp_igmp_protocol;
extern struct workqueue_struct *pp_mc_wq;

/* 1, 2 or 3, by the queriers that are there. */
int pp_igmp_version(struct pp_mc_dev *mc);
unsigned int pp_igmp_robustness(const struct pp_mc_dev *mc);
/* Whether the group is spoken of on the wire at all. */
bool pp_igmp_spoken(const struct pp_mc_dev *mc, __be32 group);
void pp_mc_arm(struct pp_mc_dev *mc, unsigned long due);
void pp_mc_change(struct pp_mc_dev *mc, unsigned long due);
void pp_mc_answer(struct pp_mc_dev *mc, struct pp_mc_group *g,
		  unsigned long due);
/* Reports every group at once, unasked. */
void pp_igmp_tell_all(struct pp_mc_dev *mc);
void pp_mc_work(struct work_struct *work);

/**
 * struct pp_igmp_out - messages to be sent when the lock is let go
 * @mc: the device
 * @q: messages
 * @skb: the report being written, or NULL
 * @r: what is in it
 */
struct pp_igmp_out {
	struct pp_mc_dev *mc;
	struct sk_buff_head *q;
	struct sk_buff *skb;
	struct pp_igmp_report r;
};

void pp_igmp_out_short(struct pp_igmp_out *o, u8 type, __be32 group);
bool pp_igmp_out_add(struct pp_igmp_out *o, u8 type, __be32 group,
		     const __be32 *src, u32 n);
void pp_igmp_out_end(struct pp_igmp_out *o);
void pp_igmp_send_all(struct pp_dev *pd, struct sk_buff_head *q);
/* Nothing is left to say about a group that has no member: it goes. */
void pp_mc_group_done(struct pp_mc_dev *mc, struct pp_mc_group *g);

#endif
