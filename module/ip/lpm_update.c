// SPDX-License-Identifier: GPL-2.0
/*
 * Longest-prefix match: the writing half.
 *
 * A node is never changed but in single pointers: what changes its bitmaps
 * makes a copy, hangs that in and retires the old one. Removing must not
 * fail, so the (small) copies it needs are asked for as such.
 *
 * Path: ip/fib.c
 * Mirrors: net/ipv4/fib_trie.c (fib_insert_node, fib_remove_alias)
 * Locks: the caller's; one writer at a time
 */
#include "ip/lpm.h"

/* Number of long prefixes from which a wider root pays. */
static const struct {
	u8 bits;
	unsigned long from;
} pp_lpm_sizes[] = {
	{ PKTPATH_LPM_ROOT_MAX, 262144 },
	{ 13, 2048 },
	{ 7, 4 },
};

static u32 pp_lpm_mask(unsigned int plen)
{
	return plen ? ~0U << (32 - plen) : 0;
}

static unsigned int pp_lpm_base(unsigned int plen)
{
	return (plen - 1) / PKTPATH_LPM_STRIDE * PKTPATH_LPM_STRIDE + 1;
}

static size_t pp_lpm_node_size(unsigned int nslot)
{
	return offsetof(struct pp_lpm_node, slot) + nslot * sizeof(void *);
}

static size_t pp_lpm_root_size(unsigned int bits)
{
	return offsetof(struct pp_lpm_root, slot) +
	       (sizeof(struct pp_lpm_slot) << bits);
}

/* Bit of @leaf in the bitmap `internal` of its node. */
static unsigned int pp_lpm_bit(const struct pp_lpm_leaf *leaf)
{
	unsigned int base = pp_lpm_base(leaf->plen);
	unsigned int l = leaf->plen - base;

	return (1U << l) - 1 + (pp_lpm_digit(leaf->key, base) >>
				(PKTPATH_LPM_STRIDE - l));
}

static unsigned int pp_lpm_rank(u64 bits, unsigned int bit)
{
	return hweight64(bits & ((1ULL << bit) - 1));
}

/* Makes @obj, which is complete, visible to readers at @link. */
static void pp_lpm_publish(void *link, void *obj)
{
	/* pairs with the address dependency of the readers' READ_ONCE() */
	smp_store_release((void **)link, obj);
}

static struct pp_lpm_node *pp_lpm_node_new(struct pp_lpm *t, u32 key,
					   unsigned int base,
					   unsigned int nslot, bool must)
{
	struct pp_lpm_node *n = t->ops->alloc(pp_lpm_node_size(nslot), must);

	if (!n)
		return NULL;
	n->key = key & pp_lpm_mask(base);
	n->base = base;
	n->nslot = nslot;
	t->nodes++;
	t->bytes += pp_lpm_node_size(nslot);
	return n;
}

static void pp_lpm_node_retire(struct pp_lpm *t, struct pp_lpm_node *n)
{
	t->nodes--;
	t->bytes -= pp_lpm_node_size(n->nslot);
	t->ops->retire(n);
}

/* A node that holds @leaf alone. */
static struct pp_lpm_node *pp_lpm_node_single(struct pp_lpm *t,
					      struct pp_lpm_leaf *leaf,
					      unsigned int room)
{
	struct pp_lpm_node *n;

	n = pp_lpm_node_new(t, leaf->key, pp_lpm_base(leaf->plen), 1 + room,
			    false);
	if (!n)
		return NULL;
	n->internal = 1ULL << pp_lpm_bit(leaf);
	n->nres = 1;
	n->slot[0] = leaf;
	return n;
}

/* A copy of @n with @ptr put in at @pos, or without the one at @pos. */
static struct pp_lpm_node *pp_lpm_node_copy(struct pp_lpm *t,
					    const struct pp_lpm_node *n,
					    unsigned int pos, void *ptr)
{
	unsigned int nslot = ptr ? n->nslot + 1 : n->nslot - 1;
	unsigned int skip = ptr ? 0 : 1;
	struct pp_lpm_node *c;

	c = pp_lpm_node_new(t, n->key, n->base, nslot, !ptr);
	if (!c)
		return NULL;
	c->internal = n->internal;
	c->external = n->external;
	c->nres = n->nres;
	memcpy(c->slot, n->slot, pos * sizeof(void *));
	if (ptr)
		c->slot[pos] = ptr;
	memcpy(&c->slot[pos + 1 - skip], &n->slot[pos + skip],
	       (n->nslot - pos - skip) * sizeof(void *));
	return c;
}

static int pp_lpm_add_leaf(struct pp_lpm *t, struct pp_lpm_node **link,
			   struct pp_lpm_leaf *leaf)
{
	unsigned int bit = pp_lpm_bit(leaf);
	struct pp_lpm_node *n = *link, *c;

	c = pp_lpm_node_copy(t, n, pp_lpm_rank(n->internal, bit), leaf);
	if (!c)
		return -ENOMEM;
	c->internal |= 1ULL << bit;
	c->nres++;
	pp_lpm_publish(link, c);
	pp_lpm_node_retire(t, n);
	return 0;
}

static int pp_lpm_add_child(struct pp_lpm *t, struct pp_lpm_node **link,
			    struct pp_lpm_leaf *leaf)
{
	struct pp_lpm_node *n = *link, *c, *child;
	unsigned int d = pp_lpm_digit(leaf->key, n->base);

	child = pp_lpm_node_single(t, leaf, 0);
	if (!child)
		return -ENOMEM;
	c = pp_lpm_node_copy(t, n, n->nres + pp_lpm_rank(n->external, d),
			     child);
	if (!c) {
		pp_lpm_node_retire(t, child);
		return -ENOMEM;
	}
	c->external |= 1ULL << d;
	pp_lpm_publish(link, c);
	pp_lpm_node_retire(t, n);
	return 0;
}

/* @leaf becomes the parent, or a sibling under a new parent, of *@link. */
static int pp_lpm_split(struct pp_lpm *t, struct pp_lpm_node **link,
			struct pp_lpm_leaf *leaf)
{
	unsigned int base = pp_lpm_base(leaf->plen), same, fork;
	struct pp_lpm_node *n = *link, *p, *sib;

	/* base of the last level up to which both agree; the root's bits do */
	same = 32 - fls(n->key ^ leaf->key);
	fork = pp_lpm_base(same);
	if (fork >= base) {
		p = pp_lpm_node_single(t, leaf, 1);
		if (!p)
			return -ENOMEM;
		p->slot[1] = n;
		p->external = 1ULL << pp_lpm_digit(n->key, p->base);
		pp_lpm_publish(link, p);
		return 0;
	}
	sib = pp_lpm_node_single(t, leaf, 0);
	if (!sib)
		return -ENOMEM;
	p = pp_lpm_node_new(t, leaf->key, fork, 2, false);
	if (!p) {
		pp_lpm_node_retire(t, sib);
		return -ENOMEM;
	}
	p->external = 1ULL << pp_lpm_digit(n->key, fork) |
		      1ULL << pp_lpm_digit(leaf->key, fork);
	p->slot[n->key > leaf->key] = n;
	p->slot[n->key < leaf->key] = sib;
	pp_lpm_publish(link, p);
	return 0;
}

static int pp_lpm_node_insert(struct pp_lpm *t, struct pp_lpm_node **link,
			      struct pp_lpm_leaf *leaf)
{
	unsigned int base = pp_lpm_base(leaf->plen), d;
	struct pp_lpm_node *n;

	for (;;) {
		n = *link;
		if (!n) {
			n = pp_lpm_node_single(t, leaf, 0);
			if (!n)
				return -ENOMEM;
			pp_lpm_publish(link, n);
			return 0;
		}
		if (n->base > base || pp_lpm_differs(n, leaf->key))
			return pp_lpm_split(t, link, leaf);
		if (n->base == base)
			return pp_lpm_add_leaf(t, link, leaf);
		d = pp_lpm_digit(leaf->key, n->base);
		if (!(n->external >> d & 1))
			return pp_lpm_add_child(t, link, leaf);
		link = pp_lpm_child(n, d);
	}
}

/* Hangs @c in for @n at @link; a node with one child only is left out. */
static void pp_lpm_shrink(struct pp_lpm *t, struct pp_lpm_node **link,
			  struct pp_lpm_node *n, unsigned int pos,
			  u64 internal, u64 external)
{
	struct pp_lpm_node *c;

	if (!internal && n->nslot == 2) {
		/* the other slot is the only child */
		pp_lpm_publish(link, n->slot[!pos]);
	} else {
		c = pp_lpm_node_copy(t, n, pos, NULL);
		c->internal = internal;
		c->external = external;
		c->nres = hweight64(internal);
		pp_lpm_publish(link, c);
	}
	pp_lpm_node_retire(t, n);
}

static void pp_lpm_node_remove(struct pp_lpm *t, struct pp_lpm_node **link,
			       const struct pp_lpm_leaf *leaf)
{
	struct pp_lpm_node **up = NULL, *n = *link, *p;
	unsigned int base = pp_lpm_base(leaf->plen), bit, d = 0;

	while (n->base < base) {
		d = pp_lpm_digit(leaf->key, n->base);
		up = link;
		link = pp_lpm_child(n, d);
		n = *link;
	}
	if (n->nslot > 1) {
		bit = pp_lpm_bit(leaf);
		pp_lpm_shrink(t, link, n, pp_lpm_rank(n->internal, bit),
			      n->internal & ~(1ULL << bit), n->external);
		return;
	}
	if (up) {
		p = *up;
		pp_lpm_shrink(t, up, p, link - (struct pp_lpm_node **)p->slot,
			      p->internal, p->external & ~(1ULL << d));
	} else {
		pp_lpm_publish(link, NULL);
	}
	pp_lpm_node_retire(t, n);
}

static struct pp_lpm_leaf **pp_lpm_place(struct pp_lpm_node *n,
					 const struct pp_lpm_leaf *leaf)
{
	unsigned int base = pp_lpm_base(leaf->plen);

	while (n->base < base)
		n = *pp_lpm_child(n, pp_lpm_digit(leaf->key, n->base));
	return (struct pp_lpm_leaf **)
		&n->slot[pp_lpm_rank(n->internal, pp_lpm_bit(leaf))];
}

/* Puts @leaf, or with @old what comes instead of it, in the slots it covers. */
static void pp_lpm_push(struct pp_lpm_root *root,
			const struct pp_lpm_leaf *old,
			struct pp_lpm_leaf *leaf)
{
	const struct pp_lpm_leaf *at = old ?: leaf;
	unsigned long n = 1UL << (root->bits - at->plen);
	struct pp_lpm_slot *s = &root->slot[at->key >> root->shift];

	for (; n; n--, s++) {
		if (old ? s->best == old :
			  !s->best || s->best->plen < leaf->plen)
			pp_lpm_publish(&s->best, leaf);
	}
}

static struct pp_lpm_root *pp_lpm_root_new(struct pp_lpm *t,
					   unsigned int bits)
{
	struct pp_lpm_root *root = t->ops->alloc(pp_lpm_root_size(bits), false);

	if (!root)
		return NULL;
	t->bytes += pp_lpm_root_size(bits);
	root->bits = bits;
	root->shift = 32 - bits;
	if (bits == 1)
		return root;
	root->shorts = pp_lpm_root_new(t, 1);
	if (root->shorts)
		return root;
	t->bytes -= pp_lpm_root_size(bits);
	t->ops->retire(root);
	return NULL;
}

/* Recursion is as deep as there are bases: 6. */
static void pp_lpm_tree_retire(struct pp_lpm *t, struct pp_lpm_node *n)
{
	unsigned int i;

	for (i = n->nres; i < n->nslot; i++)
		pp_lpm_tree_retire(t, n->slot[i]);
	pp_lpm_node_retire(t, n);
}

static void pp_lpm_root_retire(struct pp_lpm *t, struct pp_lpm_root *root)
{
	u32 i;

	if (root->shorts)
		pp_lpm_root_retire(t, root->shorts);
	for (i = 0; i < 1U << root->bits; i++)
		if (root->slot[i].child)
			pp_lpm_tree_retire(t, root->slot[i].child);
	t->bytes -= pp_lpm_root_size(root->bits);
	t->ops->retire(root);
}

static int pp_lpm_root_insert(struct pp_lpm *t, struct pp_lpm_root *root,
			      struct pp_lpm_leaf *leaf)
{
	struct pp_lpm_slot *s;
	int err;

	if (leaf->plen >= root->bits) {
		s = &root->slot[leaf->key >> root->shift];
		return pp_lpm_node_insert(t, &s->child, leaf);
	}
	if (root->shorts) {
		err = pp_lpm_root_insert(t, root->shorts, leaf);
		if (err)
			return err;
	}
	pp_lpm_push(root, NULL, leaf);
	return 0;
}

static unsigned int pp_lpm_want_bits(const struct pp_lpm *t)
{
	unsigned int i, l, now = t->root->bits;
	unsigned long longs;

	for (i = 0; i < ARRAY_SIZE(pp_lpm_sizes); i++) {
		longs = 0;
		for (l = pp_lpm_sizes[i].bits; l <= 32; l++)
			longs += t->count[l];
		/* to shrink, wait until it is far below */
		if (now >= pp_lpm_sizes[i].bits)
			longs *= 4;
		if (longs >= pp_lpm_sizes[i].from)
			return pp_lpm_sizes[i].bits;
	}
	return 1;
}

/* Widens or narrows the root when due; without memory it stays as it is. */
static void pp_lpm_resize(struct pp_lpm *t)
{
	struct pp_lpm_root *old = t->root, *root;
	unsigned int bits = pp_lpm_want_bits(t);
	struct pp_lpm_leaf *leaf;

	if (bits == old->bits)
		return;
	root = pp_lpm_root_new(t, bits);
	if (!root)
		return;
	leaf = pp_lpm_next(t, 0, 0);
	while (leaf) {
		if (pp_lpm_root_insert(t, root, leaf)) {
			pp_lpm_root_retire(t, root);
			return;
		}
		if (leaf->plen < 32)
			leaf = pp_lpm_next(t, leaf->key, leaf->plen + 1);
		else
			leaf = ~leaf->key ? pp_lpm_next(t, leaf->key + 1, 0) :
					    NULL;
	}
	pp_lpm_publish(&t->root, root);
	pp_lpm_root_retire(t, old);
}

/* Looked at now and then only: a table that cannot grow is not held up. */
static void pp_lpm_changed(struct pp_lpm *t)
{
	if (t->total < 64 || !(t->total & 63))
		pp_lpm_resize(t);
}

/**
 * pp_lpm_init() - make an empty table
 * @t: table, of any content
 * @ops: memory; must outlive the table
 *
 * Context: whatever ops->alloc() needs.
 * Return: 0 or -ENOMEM.
 */
int pp_lpm_init(struct pp_lpm *t, const struct pp_lpm_ops *ops)
{
	memset(t, 0, sizeof(*t));
	t->ops = ops;
	t->root = pp_lpm_root_new(t, 1);
	return t->root ? 0 : -ENOMEM;
}

/**
 * pp_lpm_destroy() - retire everything
 * @t: table; the leaves stay the caller's
 *
 * Context: writer; no reader may enter any more.
 */
void pp_lpm_destroy(struct pp_lpm *t)
{
	if (t->root)
		pp_lpm_root_retire(t, t->root);
	t->root = NULL;
}

/**
 * pp_lpm_insert() - add a prefix
 * @t: table
 * @leaf: the caller's, must stay until a grace period after its removal; key
 *	  masked, plen 0..32
 *
 * Context: writer.
 * Return: 0, -EEXIST or -ENOMEM (nothing changed).
 */
int pp_lpm_insert(struct pp_lpm *t, struct pp_lpm_leaf *leaf)
{
	int err;

	if (pp_lpm_find(t, leaf->key, leaf->plen))
		return -EEXIST;
	err = pp_lpm_root_insert(t, t->root, leaf);
	if (err)
		return err;
	t->total++;
	t->count[leaf->plen]++;
	pp_lpm_changed(t);
	return 0;
}

/**
 * pp_lpm_replace() - exchange the leaf of a prefix
 * @t: table
 * @old: leaf that is in the table; a grace period later unseen
 * @leaf: leaf of the same prefix
 *
 * Context: writer.
 */
void pp_lpm_replace(struct pp_lpm *t, struct pp_lpm_leaf *old,
		    struct pp_lpm_leaf *leaf)
{
	struct pp_lpm_root *root = t->root;
	struct pp_lpm_slot *s;

	while (root && leaf->plen < root->bits) {
		pp_lpm_push(root, old, leaf);
		root = root->shorts;
	}
	if (!root)
		return;
	s = &root->slot[leaf->key >> root->shift];
	pp_lpm_publish(pp_lpm_place(s->child, leaf), leaf);
}

/**
 * pp_lpm_remove() - take a prefix out
 * @t: table
 * @leaf: leaf that is in the table; a grace period later unseen
 *
 * Context: writer. Never fails.
 */
void pp_lpm_remove(struct pp_lpm *t, struct pp_lpm_leaf *leaf)
{
	struct pp_lpm_root *root = t->root;
	struct pp_lpm_leaf *cover = NULL;
	struct pp_lpm_slot *s;

	if (leaf->plen)
		cover = pp_lpm_lookup_max(t, leaf->key, leaf->plen - 1);
	while (root && leaf->plen < root->bits) {
		pp_lpm_push(root, leaf, cover);
		root = root->shorts;
	}
	if (root) {
		s = &root->slot[leaf->key >> root->shift];
		pp_lpm_node_remove(t, &s->child, leaf);
	}
	t->total--;
	t->count[leaf->plen]--;
	pp_lpm_changed(t);
}
