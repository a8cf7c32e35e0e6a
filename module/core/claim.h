/* SPDX-License-Identifier: GPL-2.0 */
/*
 * "Is this address ours?": one lookup per received frame. A claim is keyed by
 * address; a later kind can share an address by (protocol, port).
 */
#ifndef PKTPATH_CORE_CLAIM_H
#define PKTPATH_CORE_CLAIM_H

#include <linux/rculist.h>
#include "core/netns.h"

enum pp_claim_kind {
	PKTPATH_CLAIM_NONE,
	PKTPATH_CLAIM_OWN,	/* unicast, taken from the kernel */
	PKTPATH_CLAIM_BCAST,	/* subnet broadcast: copied, also passed on */
	PKTPATH_CLAIM_MCAST,	/* group of some device: likewise, if it is */
};

/* Kind of claim on @addr; RCU read side, no lock, softirq or process. */
enum pp_claim_kind pp_claim_lookup(const struct pp_net *pn, __be32 addr);

/**
 * struct pp_claim - one claimed address
 * @node: in the table; two, so that a bigger table can be built while readers
 *	  walk the old one
 * @addr: the address
 * @own: how many PKTPATH_CLAIM_OWN stand on it
 * @bcast: how many PKTPATH_CLAIM_BCAST; of a group, PKTPATH_CLAIM_MCAST
 * @ifaddrs: struct pp_ifaddr by addr_node, RCU; kept by core/ifaddr.c
 * @rcu: frees the structure
 */
struct pp_claim {
	struct hlist_node node[2];
	__be32 addr;
	unsigned int own;
	unsigned int bcast;
	struct hlist_head ifaddrs;
	struct rcu_head rcu;
};

/**
 * struct pp_claim_hash - one size of the table, see core/claim.c
 * @mul: odd random factor
 * @shift: 64 minus the binary logarithm of the number of buckets
 * @ver: which node of a claim links it here
 * @buckets: the chains
 */
struct pp_claim_hash {
	u64 mul;
	u8 shift;
	u8 ver;
	struct hlist_head buckets[];
};

/**
 * struct pp_claim_table - the claims of a netns
 * @hash: the present size, RCU
 * @count: number of claims, under cfg_lock
 */
struct pp_claim_table {
	struct pp_claim_hash __rcu *hash;
	unsigned int count;
};

static inline struct hlist_head *pp_claim_bucket(struct pp_claim_hash *h,
						 __be32 addr)
{
	return &h->buckets[((__force u32)addr * h->mul) >> h->shift];
}

/*
 * The claims on @addr, or NULL. RCU read side or cfg_lock. Inline: it is most
 * of what a frame that is not ours costs.
 */
static __always_inline struct pp_claim *
pp_claim_find(const struct pp_net *pn, __be32 addr)
{
	struct pp_claim_hash *h;
	struct hlist_node *n;
	struct pp_claim *c;

	h = rcu_dereference_check(pn->claims->hash,
				  lockdep_is_held(&pn->cfg_lock));
	n = rcu_dereference_raw(hlist_first_rcu(pp_claim_bucket(h, addr)));
	while (n) {
		c = container_of(n, struct pp_claim, node[h->ver]);
		if (c->addr == addr)
			return c;
		n = rcu_dereference_raw(hlist_next_rcu(n));
	}
	return NULL;
}

/* Writers hold cfg_lock. Claims are counted: add/del must pair. */
int pp_claim_add(struct pp_net *pn, __be32 addr, enum pp_claim_kind kind);
void pp_claim_del(struct pp_net *pn, __be32 addr, enum pp_claim_kind kind);

int pp_claim_net_init(struct pp_net *pn);
void pp_claim_net_exit(struct pp_net *pn);

#endif
