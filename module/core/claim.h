/* SPDX-License-Identifier: GPL-2.0 */
/*
 * "Is this address ours?": one lookup per received frame. A claim is keyed by
 * address; a later kind can share an address by (protocol, port).
 */
#ifndef PKTPATH_CORE_CLAIM_H
#define PKTPATH_CORE_CLAIM_H

#include "core/netns.h"

enum pp_claim_kind {
	PKTPATH_CLAIM_NONE,
	PKTPATH_CLAIM_OWN,	/* unicast, taken from the kernel */
	PKTPATH_CLAIM_BCAST,	/* subnet broadcast: copied, also passed on */
};

/* Kind of claim on @addr; RCU read side, no lock, softirq or process. */
enum pp_claim_kind pp_claim_lookup(const struct pp_net *pn, __be32 addr);

/**
 * struct pp_claim - one claimed address
 * @node: in the table; two, so that a bigger table can be built while readers
 *	  walk the old one
 * @addr: the address
 * @own: how many PKTPATH_CLAIM_OWN stand on it
 * @bcast: how many PKTPATH_CLAIM_BCAST
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

/* RCU read side or cfg_lock; NULL when nobody claims @addr. */
struct pp_claim *pp_claim_find(const struct pp_net *pn, __be32 addr);

/* Writers hold cfg_lock. Claims are counted: add/del must pair. */
int pp_claim_add(struct pp_net *pn, __be32 addr, enum pp_claim_kind kind);
void pp_claim_del(struct pp_net *pn, __be32 addr, enum pp_claim_kind kind);

int pp_claim_net_init(struct pp_net *pn);
void pp_claim_net_exit(struct pp_net *pn);

#endif
