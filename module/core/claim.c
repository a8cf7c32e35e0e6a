// SPDX-License-Identifier: GPL-2.0
/*
 * The claim table: which IPv4 addresses belong to pktpath in a netns. Every
 * frame that a device receives asks it once, most often in vain.
 *
 * The table is a power of two of buckets, at least four times the number
 * of claims. The hash is multiply-shift with a random odd factor (universal, so
 * chains stay short whatever addresses are configured); what the wire sends
 * cannot add entries. To grow, the other node of each claim is linked into a
 * table twice the size, which is then published; the old one is free after a
 * grace period, and so is its node.
 *
 * Path: core/claim.c is asked by link/link_input.c
 * Mirrors: net/ipv4/devinet.c (inet_addr_lst)
 * Locks: cfg_lock for writers; readers RCU
 */
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "core/claim.h"

#define PKTPATH_CLAIM_BITS_MIN 6
#define PKTPATH_CLAIM_BITS_MAX 20
/* Buckets per claim; most questions then end at an empty bucket. */
#define PKTPATH_CLAIM_SPREAD 4

static struct pp_claim_hash *pp_claim_hash_alloc(u64 mul, u8 bits, u8 ver)
{
	struct pp_claim_hash *h;

	h = kvzalloc(struct_size(h, buckets, 1UL << bits), GFP_KERNEL_ACCOUNT);
	if (!h)
		return NULL;
	h->mul = mul;
	h->shift = 64 - bits;
	h->ver = ver;
	return h;
}

/**
 * pp_claim_lookup() - is this address ours?
 * @pn: netns state
 * @addr: destination of a frame
 *
 * Context: RCU read side, softirq or process.
 * Return: the strongest kind of claim on @addr.
 */
enum pp_claim_kind pp_claim_lookup(const struct pp_net *pn, __be32 addr)
{
	const struct pp_claim *c = pp_claim_find(pn, addr);

	if (likely(!c))
		return PKTPATH_CLAIM_NONE;
	if (READ_ONCE(c->own))
		return PKTPATH_CLAIM_OWN;
	return unlikely(ipv4_is_multicast(addr)) ? PKTPATH_CLAIM_MCAST :
						   PKTPATH_CLAIM_BCAST;
}

/* Failure to grow is no error: chains only get longer. */
static void pp_claim_grow(struct pp_net *pn)
{
	struct pp_claim_hash *old, *new;
	struct hlist_node *n;
	struct pp_claim *c;
	size_t i, size;
	u8 bits;

	old = rcu_dereference_protected(pn->claims->hash,
					lockdep_is_held(&pn->cfg_lock));
	bits = 64 - old->shift;
	size = 1UL << bits;
	if (pn->claims->count * PKTPATH_CLAIM_SPREAD <= size || bits >= PKTPATH_CLAIM_BITS_MAX)
		return;
	new = pp_claim_hash_alloc(old->mul, bits + 1, !old->ver);
	if (!new)
		return;
	for (i = 0; i < size; i++) {
		for (n = old->buckets[i].first; n; n = n->next) {
			c = container_of(n, struct pp_claim, node[old->ver]);
			hlist_add_head_rcu(&c->node[new->ver],
					   pp_claim_bucket(new, c->addr));
		}
	}
	rcu_assign_pointer(pn->claims->hash, new);
	synchronize_net();
	kvfree(old);
}

/**
 * pp_claim_add() - claims an address
 * @pn: netns state
 * @addr: the address
 * @kind: PKTPATH_CLAIM_OWN, _BCAST or, of a group, _MCAST; counted, so that
 *	  several addresses can share one broadcast address, devices a group
 *
 * Context: process, cfg_lock held, may sleep.
 * Return: 0 or -ENOMEM.
 */
int pp_claim_add(struct pp_net *pn, __be32 addr, enum pp_claim_kind kind)
{
	struct pp_claim_hash *h;
	struct pp_claim *c;

	lockdep_assert_held(&pn->cfg_lock);
	c = pp_claim_find(pn, addr);
	if (!c) {
		pp_claim_grow(pn);
		c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
		if (!c)
			return -ENOMEM;
		c->addr = addr;
		if (kind == PKTPATH_CLAIM_OWN)
			c->own = 1;
		else
			c->bcast = 1;
		h = rcu_dereference_protected(pn->claims->hash,
					      lockdep_is_held(&pn->cfg_lock));
		hlist_add_head_rcu(&c->node[h->ver], pp_claim_bucket(h, addr));
		pn->claims->count++;
		return 0;
	}
	if (kind == PKTPATH_CLAIM_OWN)
		WRITE_ONCE(c->own, c->own + 1);
	else
		c->bcast++;
	return 0;
}

/**
 * pp_claim_del() - gives a claim back
 * @pn: netns state
 * @addr: the address
 * @kind: as it was added
 *
 * Context: process, cfg_lock held.
 */
void pp_claim_del(struct pp_net *pn, __be32 addr, enum pp_claim_kind kind)
{
	struct pp_claim_hash *h;
	struct pp_claim *c;

	lockdep_assert_held(&pn->cfg_lock);
	c = pp_claim_find(pn, addr);
	if (WARN_ON_ONCE(!c))
		return;
	if (kind == PKTPATH_CLAIM_OWN)
		WRITE_ONCE(c->own, c->own - 1);
	else
		c->bcast--;
	if (c->own || c->bcast)
		return;
	h = rcu_dereference_protected(pn->claims->hash,
				      lockdep_is_held(&pn->cfg_lock));
	hlist_del_rcu(&c->node[h->ver]);
	pn->claims->count--;
	kfree_rcu(c, rcu);
}

/**
 * pp_claim_net_init() - makes the empty table of a netns
 * @pn: netns state
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int pp_claim_net_init(struct pp_net *pn)
{
	struct pp_claim_hash *h;

	pn->claims = kzalloc(sizeof(*pn->claims), GFP_KERNEL_ACCOUNT);
	if (!pn->claims)
		return -ENOMEM;
	h = pp_claim_hash_alloc(get_random_u64() | 1, PKTPATH_CLAIM_BITS_MIN,
				0);
	if (!h) {
		kfree(pn->claims);
		pn->claims = NULL;
		return -ENOMEM;
	}
	RCU_INIT_POINTER(pn->claims->hash, h);
	return 0;
}

/**
 * pp_claim_net_exit() - frees the table of a netns
 * @pn: netns state; devices and their addresses are gone, and with them the
 *	claims
 *
 * Context: process; no reader is left.
 */
void pp_claim_net_exit(struct pp_net *pn)
{
	WARN_ON_ONCE(pn->claims->count);
	kvfree(rcu_dereference_protected(pn->claims->hash, true));
	kfree(pn->claims);
	pn->claims = NULL;
}
