// SPDX-License-Identifier: GPL-2.0
/*
 * Longest-prefix match as a module of its own, pktpath_fib_hash: how another
 * algorithm is added to pktpath. It needs include/net/pktpath_fib.h and
 * nothing else.
 *
 * One hash table for each length of prefix; a lookup asks those that are not
 * empty, the longest first. Simple, and slow where many lengths are in use;
 * walking in order looks at everything at each step.
 *
 * Path: module/ip/fib_alg.c
 * Mirrors: the fib_hash that net/ipv4 had once
 * Locks: none; one writer at a time, readers under RCU
 */
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/pktpath_fib.h>

#define FIB_HASH_BITS 10

/**
 * struct fib_hash_node - one prefix
 * @node: in the bucket, RCU
 * @leaf: what pktpath gave; RCU, replaced in place
 * @key: of @leaf
 * @rcu: frees the structure
 */
struct fib_hash_node {
	struct hlist_node node;
	struct pktpath_fib_leaf *leaf;
	u32 key;
	struct rcu_head rcu;
};

/**
 * struct fib_hash - one table
 * @lens: bit l: there are prefixes of l bits
 * @count: how many, by length
 * @bucket: chains by length and key
 */
struct fib_hash {
	u64 lens;
	unsigned int count[33];
	struct hlist_head bucket[33][1 << FIB_HASH_BITS];
};

static u32 fib_hash_mask(unsigned int plen)
{
	return plen ? ~0U << (32 - plen) : 0;
}

static struct fib_hash_node *fib_hash_get(const struct fib_hash *h, u32 key,
					  unsigned int plen)
{
	struct fib_hash_node *n;

	hlist_for_each_entry_rcu(n, &h->bucket[plen][hash_32(key,
							     FIB_HASH_BITS)],
				 node, true)
		if (n->key == key)
			return n;
	return NULL;
}

static void *fib_hash_init(void)
{
	return kvzalloc(sizeof(struct fib_hash), GFP_KERNEL_ACCOUNT);
}

static void fib_hash_destroy(void *priv)
{
	struct fib_hash *h = priv;
	struct fib_hash_node *n;
	struct hlist_node *tmp;
	unsigned int l, i;

	for (l = 0; l <= 32; l++)
		for (i = 0; i < 1 << FIB_HASH_BITS; i++)
			hlist_for_each_entry_safe(n, tmp, &h->bucket[l][i],
						  node)
				kfree(n);
	kvfree(h);
}

static struct pktpath_fib_leaf *fib_hash_lookup(const void *priv, u32 key,
						unsigned int max)
{
	const struct fib_hash *h = priv;
	const struct fib_hash_node *n;
	unsigned int plen;
	u64 lens;

	lens = READ_ONCE(h->lens) & GENMASK_ULL(max, 0);
	while (lens) {
		plen = fls64(lens) - 1;
		n = fib_hash_get(h, key & fib_hash_mask(plen), plen);
		if (n)
			return READ_ONCE(n->leaf);
		lens &= ~BIT_ULL(plen);
	}
	return NULL;
}

static struct pktpath_fib_leaf *fib_hash_find(const void *priv, u32 key,
					      unsigned int plen)
{
	const struct fib_hash_node *n = fib_hash_get(priv, key, plen);

	return n ? READ_ONCE(n->leaf) : NULL;
}

static struct pktpath_fib_leaf *fib_hash_next(const void *priv, u32 key,
					      unsigned int plen)
{
	const struct fib_hash *h = priv;
	struct pktpath_fib_leaf *leaf = NULL;
	u64 from = (u64)key << 6 | plen, best = ~0ULL, at;
	const struct fib_hash_node *n;
	unsigned int l, i;

	for (l = 0; l <= 32; l++) {
		if (!h->count[l])
			continue;
		for (i = 0; i < 1 << FIB_HASH_BITS; i++) {
			hlist_for_each_entry_rcu(n, &h->bucket[l][i], node,
						 true) {
				at = (u64)n->key << 6 | l;
				if (at < from || at >= best)
					continue;
				best = at;
				leaf = READ_ONCE(n->leaf);
			}
		}
	}
	return leaf;
}

static int fib_hash_insert(void *priv, struct pktpath_fib_leaf *leaf)
{
	struct fib_hash *h = priv;
	struct fib_hash_node *n = kmalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);

	if (!n)
		return -ENOMEM;
	n->key = leaf->key;
	n->leaf = leaf;
	hlist_add_head_rcu(&n->node, &h->bucket[leaf->plen]
			   [hash_32(leaf->key, FIB_HASH_BITS)]);
	h->count[leaf->plen]++;
	WRITE_ONCE(h->lens, h->lens | BIT_ULL(leaf->plen));
	return 0;
}

static void fib_hash_replace(void *priv, struct pktpath_fib_leaf *old,
			     struct pktpath_fib_leaf *leaf)
{
	struct fib_hash_node *n = fib_hash_get(priv, old->key, old->plen);

	/* what it leads to is seen before it: pairs with READ_ONCE() */
	smp_store_release(&n->leaf, leaf);
}

static void fib_hash_remove(void *priv, struct pktpath_fib_leaf *leaf)
{
	struct fib_hash_node *n = fib_hash_get(priv, leaf->key, leaf->plen);
	struct fib_hash *h = priv;

	hlist_del_rcu(&n->node);
	if (!--h->count[leaf->plen])
		WRITE_ONCE(h->lens, h->lens & ~BIT_ULL(leaf->plen));
	kfree_rcu(n, rcu);
}

static const struct pktpath_fib_ops fib_hash_ops = {
	.name = "hash",
	.owner = THIS_MODULE,
	.init = fib_hash_init,
	.destroy = fib_hash_destroy,
	.lookup = fib_hash_lookup,
	.find = fib_hash_find,
	.next = fib_hash_next,
	.insert = fib_hash_insert,
	.replace = fib_hash_replace,
	.remove = fib_hash_remove,
};

static int __init fib_hash_module_init(void)
{
	return pktpath_fib_register(&fib_hash_ops);
}

static void __exit fib_hash_module_exit(void)
{
	pktpath_fib_unregister(&fib_hash_ops);
	/* nodes on their way are freed by the kernel's own code */
}

module_init(fib_hash_module_init);
module_exit(fib_hash_module_exit);
MODULE_DESCRIPTION("Hash tables as routing tables of pktpath");
MODULE_LICENSE("GPL");
