/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of the neigh layer: the table, its state machine, ARP frames, ACD. */
#ifndef PKTPATH_NEIGH_NEIGH_PRIV_H
#define PKTPATH_NEIGH_NEIGH_PRIV_H

#include <linux/if_arp.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "core/wire.h"
#include "neigh/neigh.h"

/* Bytes of packets that may wait for resolution in one netns. */
#define PKTPATH_NEIGH_QUEUE_TOTAL	(4 << 20)

/* Who wants a new entry. */
enum pp_neigh_cause {
	PKTPATH_NEIGH_BY_INPUT,		/* a request asks for us */
	PKTPATH_NEIGH_BY_OUTPUT,
	PKTPATH_NEIGH_BY_ADMIN,		/* PERMANENT: not bounded */
};

/**
 * struct pp_neigh_table - all neighbours of one netns
 * @ht: by (device, address)
 * @pn: the netns
 * @lock: guards insertion, removal and what follows; taken before
 *	  pp_neigh.lock, BH off
 * @ids: all entries by pp_neigh.id, oldest first; RCU readers
 * @next_id: where the next id is looked for
 * @entries: those that are counted against neigh_gc_thresh*
 * @last_gc: jiffies of the last collection forced by an overflow
 * @barren: jiffies of the last one that freed nothing, by enum pp_neigh_cause
 * @dead: the netns goes away, nothing is created any more
 * @queue_bytes: truesize of all waiting packets
 * @gc_work: periodic collection, armed only above neigh_gc_thresh1
 * @proxy_lock: of @proxied, a leaf, BH off
 * @proxied: answers for others that wait, private to arp_proxy.c
 * @proxy_work: gives them
 */
struct pp_neigh_table {
	struct rhashtable ht;
	struct pp_net *pn;
	spinlock_t lock;	/* what follows */
	struct xarray ids;
	u32 next_id;
	unsigned int entries;
	unsigned long last_gc;
	unsigned long barren[PKTPATH_NEIGH_BY_ADMIN];
	bool dead;
	atomic_long_t queue_bytes;
	struct delayed_work gc_work;
	spinlock_t proxy_lock;	/* what follows */
	struct list_head proxied;
	struct delayed_work proxy_work;
};

struct pp_neigh_key {
	const struct pp_dev *pd;
	__be32 addr;
};

/*
 * Multiply-shift by a factor made of the table's secret seed: one
 * multiplication, and nobody outside can aim at a bucket.
 */
static inline u32 pp_neigh_hash(const struct pp_dev *pd, __be32 addr, u32 seed)
{
	u64 key = (__force u32)addr | (u64)pd->ifindex << 32;

	return (key * (seed * 0x9e3779b97f4a7c15ULL | 1)) >> 32;
}

static inline u32 pp_neigh_key_hashfn(const void *data, u32 len, u32 seed)
{
	const struct pp_neigh_key *key = data;

	return pp_neigh_hash(key->pd, key->addr, seed);
}

static inline u32 pp_neigh_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct pp_neigh *n = data;

	return pp_neigh_hash(n->pd, n->addr, seed);
}

static inline int pp_neigh_obj_cmpfn(struct rhashtable_compare_arg *arg,
				     const void *obj)
{
	const struct pp_neigh_key *key = arg->key;
	const struct pp_neigh *n = obj;

	return n->addr != key->addr || n->pd != key->pd;
}

static const struct rhashtable_params pp_neigh_ht_params = {
	.head_offset = offsetof(struct pp_neigh, node),
	.key_len = sizeof(struct pp_neigh_key),
	.hashfn = pp_neigh_key_hashfn,
	.obj_hashfn = pp_neigh_obj_hashfn,
	.obj_cmpfn = pp_neigh_obj_cmpfn,
	.automatic_shrinking = true,
};

/* A silent neighbour is asked again after that, when others take its place. */
#define PKTPATH_NEIGH_AGAIN	(10 * HZ)

/* The neighbour, or NULL; RCU, no reference. */
static __always_inline struct pp_neigh *
pp_neigh_lookup(struct pp_neigh_table *tbl, const struct pp_dev *pd,
		__be32 addr)
{
	struct pp_neigh_key key = { .pd = pd, .addr = addr };

	return rhashtable_lookup(&tbl->ht, &key, pp_neigh_ht_params);
}

/* 0/8, "this network" (RFC 1122 §3.2.1.3): nobody's address. */
static inline bool pp_neigh_is_this_net(__be32 addr)
{
	return !(addr & htonl(0xff000000));
}

/* Whether neighbours of @dev are found by ARP. */
static inline bool pp_neigh_dev_arp(const struct net_device *dev)
{
	return !(READ_ONCE(dev->flags) & (IFF_NOARP | IFF_LOOPBACK)) &&
	       dev->type == ARPHRD_ETHER;
}

/* State with a confirmation that ran out taken into account; any context. */
static inline u8 pp_neigh_state(const struct pp_neigh *n)
{
	u8 state = READ_ONCE(n->nud_state);

	if (state == NUD_REACHABLE &&
	    time_after(jiffies, READ_ONCE(n->confirmed) +
				READ_ONCE(n->reachable)))
		return NUD_STALE;
	return state;
}

/* neigh.c */
struct pp_neigh *pp_neigh_create(struct pp_neigh_table *tbl,
				 struct pp_dev *pd, __be32 addr,
				 enum pp_neigh_cause cause);
void pp_neigh_unlink(struct pp_neigh_table *tbl, struct pp_neigh *n,
		     struct sk_buff_head *drop);
void pp_neigh_put(struct pp_neigh *n);
void pp_neigh_queue_take(struct pp_neigh *n, struct sk_buff_head *to);
void pp_neigh_queue_drop(struct pp_net *pn, struct sk_buff_head *q,
			 enum pp_drop_cause cause);
bool pp_neigh_flush_addr(struct pp_dev *pd, __be32 addr);

/* neigh_timer.c */
enum {
	PKTPATH_NEIGH_OVERRIDE = 0x1,	/* may change a valid link address */
	PKTPATH_NEIGH_ADMIN = 0x2,	/* may change a PERMANENT entry */
};

void pp_neigh_timer(struct timer_list *t);
int pp_neigh_update(struct pp_neigh *n, const u8 *ha, u8 state,
		    unsigned int flags);
int pp_neigh_event(struct pp_neigh *n, struct sk_buff *skb,
		   unsigned int xmit_flags);
void pp_neigh_hh_build(struct pp_neigh *n);

/* arp_output.c */
int pp_neigh_xmit(struct pp_neigh *n, struct sk_buff *skb,
		  unsigned int xmit_flags);
void pp_arp_solicit(struct pp_dev *pd, __be32 target, __be32 saddr,
		    const u8 *ucast);
void pp_arp_send(struct pp_dev *pd, u16 op, const u8 *dest, __be32 spa,
		 const u8 *tha, __be32 tpa);

/* arp_proxy.c */
void pp_arp_proxy_init(struct pp_neigh_table *tbl);
void pp_arp_proxy_end(struct pp_neigh_table *tbl);
bool pp_arp_proxies(struct pp_dev *pd, __be32 tpa, __be32 spa);
void pp_arp_proxy(struct pp_dev *pd, const struct pp_wire_arp *arp,
		  bool unicast);

/* arp_input.c */
void pp_arp_rcv(struct sk_buff *skb, struct pp_dev *pd);

/* acd.c */
int pp_acd_init(void);
void pp_acd_exit(void);
void pp_acd_flush(void);
int pp_acd_start(struct pp_ifaddr *ifa, struct netlink_ext_ack *extack);
void pp_acd_stop(struct pp_ifaddr *ifa);
void pp_acd_link(struct pp_dev *pd, bool up);
void pp_acd_announce_dev(struct pp_dev *pd);
bool pp_acd_quiet(const struct pp_ifaddr *ifa);
bool pp_acd_probe_seen(struct pp_ifaddr *ifa);
void pp_acd_conflict(struct pp_ifaddr *ifa);

#endif
