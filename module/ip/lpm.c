// SPDX-License-Identifier: GPL-2.0
/*
 * Longest-prefix match: the reading half.
 *
 * Lengths are grouped so that 24, the commonest length of the Internet's
 * table, is the last of its group (19..24): such a prefix lies in the node of
 * its first 19 bits together with its neighbours. A prefix of length l >= 1
 * lives in the node with the base ((l - 1) / 6) * 6 + 1.
 *
 * Path: ip/fib.c (both ways)
 * Mirrors: net/ipv4/fib_trie.c (fib_table_lookup), with another algorithm:
 *	    Eatherton, Varghese, Dittia: Tree bitmap, CCR 34(2), 2004
 * Locks: readers none (RCU), the writer is the caller's to serialise
 */
#include "ip/lpm.h"

/*
 * For a value v of six bits: the bits of its prefixes in `internal`, which is
 * (1 << l) - 1 + (v >> (6 - l)) for each length l of 0..5.
 */
const u64 pp_lpm_above[64] = {
	0x000000008000808bULL, 0x000000008000808bULL, 0x000000010000808bULL,
	0x000000010000808bULL, 0x000000020001008bULL, 0x000000020001008bULL,
	0x000000040001008bULL, 0x000000040001008bULL, 0x000000080002010bULL,
	0x000000080002010bULL, 0x000000100002010bULL, 0x000000100002010bULL,
	0x000000200004010bULL, 0x000000200004010bULL, 0x000000400004010bULL,
	0x000000400004010bULL, 0x0000008000080213ULL, 0x0000008000080213ULL,
	0x0000010000080213ULL, 0x0000010000080213ULL, 0x0000020000100213ULL,
	0x0000020000100213ULL, 0x0000040000100213ULL, 0x0000040000100213ULL,
	0x0000080000200413ULL, 0x0000080000200413ULL, 0x0000100000200413ULL,
	0x0000100000200413ULL, 0x0000200000400413ULL, 0x0000200000400413ULL,
	0x0000400000400413ULL, 0x0000400000400413ULL, 0x0000800000800825ULL,
	0x0000800000800825ULL, 0x0001000000800825ULL, 0x0001000000800825ULL,
	0x0002000001000825ULL, 0x0002000001000825ULL, 0x0004000001000825ULL,
	0x0004000001000825ULL, 0x0008000002001025ULL, 0x0008000002001025ULL,
	0x0010000002001025ULL, 0x0010000002001025ULL, 0x0020000004001025ULL,
	0x0020000004001025ULL, 0x0040000004001025ULL, 0x0040000004001025ULL,
	0x0080000008002045ULL, 0x0080000008002045ULL, 0x0100000008002045ULL,
	0x0100000008002045ULL, 0x0200000010002045ULL, 0x0200000010002045ULL,
	0x0400000010002045ULL, 0x0400000010002045ULL, 0x0800000020004045ULL,
	0x0800000020004045ULL, 0x1000000020004045ULL, 0x1000000020004045ULL,
	0x2000000040004045ULL, 0x2000000040004045ULL, 0x4000000040004045ULL,
	0x4000000040004045ULL,
};

/* Bits of `internal` for lengths of at most base + l. */
static u64 pp_lpm_upto(unsigned int l)
{
	if (l >= PKTPATH_LPM_STRIDE - 1)
		return ~0ULL;
	return (1ULL << ((2U << l) - 1)) - 1;
}

static struct pp_lpm_leaf *pp_lpm_descend(const struct pp_lpm_node *n,
					  u32 key, unsigned int max)
{
	const struct pp_lpm_node *best = NULL;
	u64 bits = 0, here;
	unsigned int d;

	while (n && n->base <= max && !pp_lpm_differs(n, key)) {
		d = pp_lpm_digit(key, n->base);
		here = n->internal & pp_lpm_above[d] &
		       pp_lpm_upto(max - n->base);
		if (here) {
			best = n;
			bits = here;
		}
		if (!(n->external >> d & 1))
			break;
		n = READ_ONCE(*pp_lpm_child(n, d));
	}
	return best ? pp_lpm_longest(best, bits) : NULL;
}

/**
 * pp_lpm_lookup_max() - longest prefix of at most @max bits that covers @key
 * @t: table
 * @key: host byte order
 * @max: 0..32
 *
 * For going on to the next shorter prefix when the longest has no route to
 * offer.
 *
 * Context: RCU read side, or the writer.
 * Return: the leaf, or NULL.
 */
struct pp_lpm_leaf *pp_lpm_lookup_max(const struct pp_lpm *t, u32 key,
				      unsigned int max)
{
	const struct pp_lpm_root *root = READ_ONCE(t->root);
	const struct pp_lpm_slot *s = &root->slot[key >> root->shift];
	struct pp_lpm_leaf *leaf;

	if (max >= root->bits) {
		leaf = pp_lpm_descend(READ_ONCE(s->child), key, max);
		if (leaf)
			return leaf;
	}
	if (max + 1 >= root->bits)
		return READ_ONCE(s->best);
	s = &root->shorts->slot[key >> root->shorts->shift];
	leaf = pp_lpm_descend(READ_ONCE(s->child), key, max);
	return leaf ?: READ_ONCE(s->best);
}

/**
 * pp_lpm_find() - the very prefix
 * @t: table
 * @key: host byte order, bits behind the prefix are 0
 * @plen: 0..32
 *
 * Context: RCU read side, or the writer.
 * Return: the leaf, or NULL.
 */
struct pp_lpm_leaf *pp_lpm_find(const struct pp_lpm *t, u32 key,
				unsigned int plen)
{
	struct pp_lpm_leaf *leaf = pp_lpm_lookup_max(t, key, plen);

	return leaf && leaf->plen == plen ? leaf : NULL;
}

static bool pp_lpm_before(const struct pp_lpm_leaf *leaf, u32 key,
			  unsigned int plen)
{
	return leaf->key < key || (leaf->key == key && leaf->plen < plen);
}

/* First leaf of @n that starts at @digit, is longer than none, >= the key. */
static struct pp_lpm_leaf *pp_lpm_starts(const struct pp_lpm_node *n,
					 unsigned int digit, u32 key,
					 unsigned int plen)
{
	struct pp_lpm_leaf *leaf;
	unsigned int l, bit;

	for (l = 0; l < PKTPATH_LPM_STRIDE; l++) {
		if (digit & ((1U << (PKTPATH_LPM_STRIDE - l)) - 1))
			continue;
		bit = (1U << l) - 1 + (digit >> (PKTPATH_LPM_STRIDE - l));
		if (!(n->internal >> bit & 1))
			continue;
		leaf = pp_lpm_longest(n, 1ULL << bit);
		if (!pp_lpm_before(leaf, key, plen))
			return leaf;
	}
	return NULL;
}

/* Recursion is as deep as there are bases: 6. */
static struct pp_lpm_leaf *pp_lpm_node_next(const struct pp_lpm_node *n,
					    u32 key, unsigned int plen)
{
	struct pp_lpm_leaf *leaf;
	unsigned int d;

	if (pp_lpm_differs(n, key)) {
		if (key > n->key)
			return NULL;
		key = n->key;
		plen = 0;
	}
	for (d = pp_lpm_digit(key, n->base); d < 64; d++) {
		leaf = pp_lpm_starts(n, d, key, plen);
		if (leaf)
			return leaf;
		if (!(n->external >> d & 1))
			continue;
		leaf = pp_lpm_node_next(READ_ONCE(*pp_lpm_child(n, d)), key,
					plen);
		if (leaf)
			return leaf;
	}
	return NULL;
}

static struct pp_lpm_leaf *pp_lpm_root_next(const struct pp_lpm_root *root,
					    u32 key, unsigned int plen,
					    u32 last)
{
	const struct pp_lpm_node *n;
	struct pp_lpm_leaf *leaf;
	u32 i;

	for (i = key >> root->shift; i <= last >> root->shift; i++) {
		n = READ_ONCE(root->slot[i].child);
		leaf = n ? pp_lpm_node_next(n, key, plen) : NULL;
		if (leaf)
			return leaf;
	}
	return NULL;
}

/**
 * pp_lpm_next() - first prefix at or behind a position
 * @t: table
 * @key: position, host byte order
 * @plen: 0..32
 *
 * Order: by key, then by length.
 *
 * Context: RCU read side, or the writer.
 * Return: the leaf, or NULL at the end.
 */
struct pp_lpm_leaf *pp_lpm_next(const struct pp_lpm *t, u32 key,
				unsigned int plen)
{
	const struct pp_lpm_root *root = READ_ONCE(t->root);
	const struct pp_lpm_root *shorts = root->shorts;
	struct pp_lpm_leaf *a = NULL, *b;

	if (!key && !plen) {
		a = READ_ONCE((shorts ?: root)->slot[0].best);
		if (a)
			return a;
	}
	if (shorts)
		a = pp_lpm_root_next(shorts, key, plen, ~0U);
	/* not behind what is found: a sparse root is not searched in vain */
	b = pp_lpm_root_next(root, key, plen, a ? a->key : ~0U);
	if (a && b)
		return pp_lpm_before(a, b->key, b->plen) ? a : b;
	return a ?: b;
}
