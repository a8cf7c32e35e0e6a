/* SPDX-License-Identifier: GPL-2.0 */
/* Neighbours: ARP (RFC 826, 1122 §2.3.2, 5227), our own table. */
#ifndef PKTPATH_NEIGH_NEIGH_H
#define PKTPATH_NEIGH_NEIGH_H

#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/rhashtable-types.h>
#include <linux/seqlock.h>
#include <linux/timer.h>
#include <net/neighbour.h>
#include "core/dev.h"
#include "core/ifaddr.h"

/* State numbers are the kernel's NUD_*, so tools show the usual words. */

#define PKTPATH_HH_LEN	16	/* of the Ethernet header, front padded */

/**
 * struct pp_neigh - one neighbour
 * @node: in the table; the lookup key is (@pd, @addr)
 * @pd: device it is on; held
 * @addr: its IPv4 address
 * @hh_seq: of @hh and @ha; written under @lock
 * @fresh: jiffies since @confirmed during which the fast path may use @hh:
 *	   0 never, ULONG_MAX always
 * @confirmed: jiffies of the last proof that it is reachable
 * @used: jiffies of the last output to it
 * @hh: cached Ethernet header behind two bytes of padding
 * @lock: guards everything below it, and all writes above but those of @used
 *	  and @confirmed
 * @nud_state: NUD_*; REACHABLE that is no longer confirmed counts as STALE
 * @dead: unlinked; no timer may be armed and nothing queued any more
 * @hh_len: bytes of @hh in use, 0 when the device has no cacheable header
 * @input: made by a request from it and never used for output since
 * @silent: it has failed, and was not heard of since
 * @updated: jiffies of the last change of state or link address
 * @solicited: jiffies of the last request for it
 * @reachable: time a confirmation lasts, jiffies
 * @probes: requests sent in this state
 * @queue_bytes: truesize of @queue, bounded by queue_len_bytes
 * @queue: packets waiting for resolution
 * @timer: of INCOMPLETE, DELAY and PROBE; armed, it owns a reference
 * @ha: link address, valid when @nud_state is in NUD_VALID
 * @refcnt: the table, the armed timer and whoever works without RCU
 * @counted: not PERMANENT, so bounded and collected; under the table's lock
 * @id: place in the table's order of creation, the position of dumps
 * @rcu: of the delayed free
 */
struct pp_neigh {
	struct rhash_head node;
	struct pp_dev *pd;
	__be32 addr;
	seqcount_spinlock_t hh_seq;
	unsigned long fresh;
	unsigned long confirmed;
	unsigned long used;
	u8 hh[PKTPATH_HH_LEN] __aligned(8);

	spinlock_t lock;	/* what follows */
	u8 nud_state;
	u8 dead;
	u8 hh_len;
	u8 input;
	u8 silent;
	unsigned long updated;
	unsigned long solicited;
	unsigned long reachable;
	unsigned int probes;
	unsigned int queue_bytes;
	struct sk_buff_head queue;
	struct timer_list timer;
	u8 ha[ETH_ALEN];
	refcount_t refcnt;
	bool counted;
	u32 id;
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

/* Whether packets may go to @addr at once; if not, it is asked. RCU. */
bool pp_neigh_ready(struct pp_dev *pd, __be32 addr);

/* Whether @addr did not answer when it was last asked. RCU. */
bool pp_neigh_silent(struct pp_dev *pd, __be32 addr);

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

/* One of them; -ENOENT. Takes RCU itself. */
int pp_neigh_get(struct pp_net *pn, int ifindex, __be32 addr,
		 struct pp_neigh_info *ni);

/*
 * Calls @fn for neighbours from position *@pos on until it returns nonzero;
 * *@pos then names the entry not yet taken. Sleeps, takes RCU itself. The
 * order is stable enough for netlink and seq_file dumps.
 */
int pp_neigh_walk(struct pp_net *pn, unsigned long *pos,
		  int (*fn)(const struct pp_neigh_info *ni, void *arg),
		  void *arg);

void pp_neigh_parms_default(struct pp_neigh_parms *p);

#endif
