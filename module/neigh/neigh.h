/* SPDX-License-Identifier: GPL-2.0 */
/* Neighbours: ARP (RFC 826, 1122 §2.3.2, 5227), our own table. */
#ifndef PKTPATH_NEIGH_NEIGH_H
#define PKTPATH_NEIGH_NEIGH_H

#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <net/neighbour.h>
#include "core/dev.h"
#include "core/ifaddr.h"

/* State numbers are the kernel's NUD_*, so tools show the usual words. */

/**
 * struct pp_neigh - one neighbour
 * @lock: guards everything below it
 * @hh: cached link header, valid while @nud_state is in NUD_VALID; read under
 *	@hh_seq by the fast path
 * @confirmed: jiffies of the last proof that it is reachable
 * @used: jiffies of the last use
 * @queue: packets waiting for resolution, bounded by queue_len_bytes
 */
struct pp_neigh {
	struct rhash_head node;
	__be32 addr;
	struct pp_dev *pd;
	refcount_t refcnt;
	u8 nud_state;
	u8 dead;
	u8 hh_len;
	u8 flags;
	seqlock_t hh_seq;
	u8 hh[ALIGN(ETH_HLEN, 4) + 16];
	unsigned long confirmed;
	unsigned long used;
	spinlock_t lock;
	unsigned long updated;
	unsigned int probes;
	unsigned int queue_bytes;
	struct sk_buff_head queue;
	struct timer_list timer;
	u8 ha[ETH_ALEN];
	struct list_head gc_list;
	struct rcu_head rcu;
};

/*
 * Sends @skb (at its IP header) on @pd to @nexthop: header cached, or queued
 * for resolution, or plain on devices without ARP. Always takes the skb.
 * Broadcast and multicast next hops are mapped, not resolved. @xmit_flags as
 * for pp_link_xmit(). RCU read side. Returns 0 or -errno.
 */
int pp_neigh_output(struct net *net, struct sk_buff *skb, struct pp_dev *pd,
		    __be32 nexthop, unsigned int xmit_flags);

/* Fresh proof from an upper layer (MSG_CONFIRM, ACK progress). RCU. */
void pp_neigh_confirm(struct pp_dev *pd, __be32 addr);

/* Control; cfg_lock held, extack set on every refusal. */
int pp_neigh_add(struct pp_dev *pd, __be32 addr, const u8 *lladdr, u16 state,
		 u16 nlflags, struct netlink_ext_ack *extack);
int pp_neigh_del(struct pp_dev *pd, __be32 addr,
		 struct netlink_ext_ack *extack);
/* Deletes all of @pd, or of the netns when NULL; @perm: also PERMANENT. */
void pp_neigh_flush(struct pp_net *pn, struct pp_dev *pd, bool perm);

/* A snapshot of one neighbour for dumps. */
struct pp_neigh_info {
	__be32 addr;
	int ifindex;
	u8 ha[ETH_ALEN];
	u8 nud_state;
	u8 flags;
	bool has_ha;
	u32 probes;
	u32 queued;			/* packets */
	u32 confirmed_ms, used_ms, updated_ms;	/* ago */
};

/*
 * Calls @fn for neighbours from position *@pos on until it returns nonzero;
 * *@pos then names the entry not yet taken. Takes RCU itself. The order is
 * stable enough for netlink and seq_file dumps.
 */
int pp_neigh_walk(struct pp_net *pn, unsigned long *pos,
		  int (*fn)(const struct pp_neigh_info *ni, void *arg),
		  void *arg);

void pp_neigh_parms_default(struct pp_neigh_parms *p);

#endif
