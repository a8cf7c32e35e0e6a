/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Longest-prefix match of 32-bit keys: a trie with a stride of 6 bits whose
 * nodes are two bitmaps and one packed array (tree bitmap), with the levels
 * left out that have one way on only, below a directly indexed root of 2^bits
 * slots that grows with the table. Pure: no skb, no lock, no allocator of its
 * own.
 *
 * Readers run with no lock under RCU. There is one writer at a time. A node
 * whose bitmaps change is copied and the old one given to ops->retire();
 * single pointers are exchanged in place.
 */
#ifndef PKTPATH_IP_LPM_H
#define PKTPATH_IP_LPM_H

#include "core/pure.h"

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/errno.h>
#include <asm/barrier.h>
#else
#include <errno.h>
#ifndef READ_ONCE
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#endif
#ifndef smp_store_release
/* pairs with READ_ONCE() as in the kernel */
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#endif
#ifndef hweight64
#define hweight64(x) ((unsigned int)__builtin_popcountll(x))
#endif
#ifndef __fls
#define __fls(x) (63 - (unsigned int)__builtin_clzll(x))
#endif
#ifndef fls
#define fls(x) ((x) ? 32 - __builtin_clz(x) : 0)
#endif
#endif

/* Bits of the key that one node takes. */
#define PKTPATH_LPM_STRIDE 6
/* Most bits that the root takes. */
#define PKTPATH_LPM_ROOT_MAX 19

/**
 * struct pp_lpm_leaf - what the table holds; embedded in the owner's object
 * @key: prefix, host byte order, bits behind the prefix are 0
 * @plen: length of the prefix, 0..32
 */
struct pp_lpm_leaf {
	u32 key;
	u8 plen;
};

/**
 * struct pp_lpm_node - prefixes base..base+5 bits long under one prefix
 * @head: for ops->retire(), two words
 * @internal: bit (1 << l) - 1 + i: the i-th prefix of base + l bits is there
 * @external: bit v: a child for the value v of the next six bits is there
 * @key: the prefix of all below
 * @base: length of @key: 1, 7, 13, 19, 25 or 31
 * @nres: number of bits in @internal
 * @nslot: length of @slot
 * @slot: leaves in the order of @internal, then children in that of @external
 */
struct pp_lpm_node {
	unsigned long head[2];
	u64 internal;
	u64 external;
	u32 key;
	u8 base;
	u8 nres;
	u8 nslot;
	void *slot[];
};

/**
 * struct pp_lpm_slot - one value of the first bits
 * @best: longest prefix shorter than the root's bits that covers the slot
 * @child: everything longer
 */
struct pp_lpm_slot {
	struct pp_lpm_leaf *best;
	struct pp_lpm_node *child;
};

/**
 * struct pp_lpm_root - directly indexed top
 * @head: for ops->retire(), two words
 * @shorts: prefixes of 1..bits-1 bits, in a root of one bit; NULL if bits is 1
 * @bits: 1, 7, 13 or 19
 * @shift: 32 - bits
 * @slot: 1 << bits of them
 */
struct pp_lpm_root {
	unsigned long head[2];
	struct pp_lpm_root *shorts;
	u8 bits;
	u8 shift;
	struct pp_lpm_slot slot[];
};

/**
 * struct pp_lpm_ops - memory
 * @alloc: zeroed bytes; @must: may not fail, and size is below a page then
 * @retire: frees when no reader can see @obj, which begins with two words for
 *	    the purpose
 */
struct pp_lpm_ops {
	void *(*alloc)(size_t size, bool must);
	void (*retire)(void *obj);
};

/**
 * struct pp_lpm - one table; everything but @root is the writer's
 * @root: never NULL between init and destroy
 * @ops: memory
 * @total: number of prefixes
 * @nodes: number of nodes
 * @bytes: of all nodes and roots
 * @count: number of prefixes of each length
 */
struct pp_lpm {
	struct pp_lpm_root *root;
	const struct pp_lpm_ops *ops;
	unsigned long total;
	unsigned long nodes;
	size_t bytes;
	unsigned long count[33];
};

extern const u64 pp_lpm_above[64];

/* Value of the six bits of @key behind @base. */
static inline unsigned int pp_lpm_digit(u32 key, unsigned int base)
{
	return (key << base) >> (32 - PKTPATH_LPM_STRIDE);
}

/* Whether @n does not cover @key. */
static inline bool pp_lpm_differs(const struct pp_lpm_node *n, u32 key)
{
	return (key ^ n->key) >> (32 - n->base);
}

static __always_inline struct pp_lpm_node **
pp_lpm_child(const struct pp_lpm_node *n, unsigned int digit)
{
	u64 before = n->external & ((1ULL << digit) - 1);

	return (struct pp_lpm_node **)&n->slot[n->nres + hweight64(before)];
}

/* @bits with those above @bit shifted out and @bit the highest. */
static __always_inline u64 pp_lpm_to_top(u64 bits, unsigned int bit)
{
	return bits << (~bit & 63);
}

/* The leaf of the highest bit of @bits, a nonzero part of n->internal. */
static __always_inline struct pp_lpm_leaf *
pp_lpm_longest(const struct pp_lpm_node *n, u64 bits)
{
	u64 top = pp_lpm_to_top(n->internal, __fls(bits));

	return READ_ONCE(n->slot[hweight64(top) - 1]);
}

/* RCU read side, or the writer. */
struct pp_lpm_leaf *pp_lpm_lookup_max(const struct pp_lpm *t, u32 key,
				      unsigned int max);

/*
 * Longest prefix that covers @key, or NULL; RCU read side or writer.
 *
 * Whether the nodes on the way cover @key, for all the levels that are left
 * out, only the leaf tells: one that does not was found below a node that does
 * not, and then the way is gone again with a look at each.
 */
static __always_inline struct pp_lpm_leaf *
pp_lpm_lookup(const struct pp_lpm *t, u32 key)
{
	const struct pp_lpm_root *root = READ_ONCE(t->root);
	const struct pp_lpm_slot *s = &root->slot[key >> root->shift];
	const struct pp_lpm_node *n = READ_ONCE(s->child), *best = NULL;
	u64 bits = 0, here, ways;
	struct pp_lpm_leaf *leaf;
	unsigned int d;

	if (!n)
		return READ_ONCE(s->best);
	for (;;) {
		d = pp_lpm_digit(key, n->base);
		here = n->internal & pp_lpm_above[d];
		if (here) {
			best = n;
			bits = here;
		}
		ways = pp_lpm_to_top(n->external, d);
		if (!(ways >> 63))
			break;
		n = READ_ONCE(n->slot[n->nres + hweight64(ways) - 1]);
	}
	if (!best)
		return READ_ONCE(s->best);
	leaf = pp_lpm_longest(best, bits);
	if (likely(!((leaf->key ^ key) >> (32 - leaf->plen))))
		return leaf;
	return pp_lpm_lookup_max(t, key, 32);
}

/* RCU read side, or the writer. */
struct pp_lpm_leaf *pp_lpm_find(const struct pp_lpm *t, u32 key,
				unsigned int plen);
struct pp_lpm_leaf *pp_lpm_next(const struct pp_lpm *t, u32 key,
				unsigned int plen);

/* The writer. */
int pp_lpm_init(struct pp_lpm *t, const struct pp_lpm_ops *ops);
void pp_lpm_destroy(struct pp_lpm *t);
int pp_lpm_insert(struct pp_lpm *t, struct pp_lpm_leaf *leaf);
void pp_lpm_replace(struct pp_lpm *t, struct pp_lpm_leaf *old,
		    struct pp_lpm_leaf *leaf);
void pp_lpm_remove(struct pp_lpm *t, struct pp_lpm_leaf *leaf);

#endif
