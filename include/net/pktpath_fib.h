/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktpath for other kernel modules: register an algorithm of longest-prefix
 * match, which then holds the routing tables of the network namespaces that
 * ask for it (sysctl net.pktpath.fib_algorithm).
 *
 * What a table holds are prefixes embedded in routes of pktpath's: the
 * algorithm keeps pointers to them and never frees them.
 */
#ifndef _NET_PKTPATH_FIB_H
#define _NET_PKTPATH_FIB_H

#include <linux/types.h>

struct module;

#define PKTPATH_FIB_NAME_MAX 16

/**
 * struct pktpath_fib_leaf - a prefix; constant while it is in a table
 * @key: host byte order, bits behind the prefix are 0
 * @plen: length of the prefix, 0..32
 */
struct pktpath_fib_leaf {
	u32 key;
	u8 plen;
};

/**
 * struct pktpath_fib_ops - one algorithm
 * @name: by which it is asked for
 * @owner: THIS_MODULE; held while a table uses it
 * @init: state of an empty table, NULL when memory is short; may sleep
 * @destroy: frees the state, leaves may still be in it; no reader is left
 * @lookup: longest prefix of at most @max bits that covers @key, or NULL;
 *	    under RCU, from softirqs
 * @find: the very prefix, or NULL; under RCU, or by the writer
 * @next: first prefix at or behind (@key, @plen), by key, then by length, or
 *	  NULL; as @find
 * @insert: 0 or -ENOMEM; the prefix is not there. This and the next two come
 *	    from one writer at a time, which may sleep; readers go on
 * @replace: another leaf for the same prefix; must not fail
 * @remove: must not fail. A leaf is freed a grace period after it was removed
 *	    or replaced
 */
struct pktpath_fib_ops {
	char name[PKTPATH_FIB_NAME_MAX];
	struct module *owner;
	void *(*init)(void);
	void (*destroy)(void *priv);
	struct pktpath_fib_leaf *(*lookup)(const void *priv, u32 key,
					   unsigned int max);
	struct pktpath_fib_leaf *(*find)(const void *priv, u32 key,
					 unsigned int plen);
	struct pktpath_fib_leaf *(*next)(const void *priv, u32 key,
					 unsigned int plen);
	int (*insert)(void *priv, struct pktpath_fib_leaf *leaf);
	void (*replace)(void *priv, struct pktpath_fib_leaf *old,
			struct pktpath_fib_leaf *leaf);
	void (*remove)(void *priv, struct pktpath_fib_leaf *leaf);
};

/* 0, -EEXIST, -EINVAL or -ENOMEM. @ops stays until it is unregistered. */
int pktpath_fib_register(const struct pktpath_fib_ops *ops);
/* From module exit: no table uses it then. */
void pktpath_fib_unregister(const struct pktpath_fib_ops *ops);

#endif
