// SPDX-License-Identifier: GPL-2.0
/*
 * Other algorithms of longest-prefix match in place of the built-in one.
 *
 * A netns that asks for one has every table rebuilt with it: the new state is
 * filled, shown to readers, and after a grace period the old one is emptied.
 * The routes are the same objects all the time.
 *
 * Path: ip/fib.c -> here
 * Mirrors: -
 * Locks: pp_fib_alg_lock for the list of algorithms, nests in cfg_lock
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "ip/fib.h"
#include "ip/rule.h"

static LIST_HEAD(pp_fib_algs);
static DEFINE_MUTEX(pp_fib_alg_lock);

/**
 * struct pp_fib_alg_item - one registered algorithm
 * @list: in pp_fib_algs
 * @ops: its calls
 */
struct pp_fib_alg_item {
	struct list_head list;
	const struct pktpath_fib_ops *ops;
};

static struct pp_fib_alg_item *pp_fib_alg_find(const char *name)
{
	struct pp_fib_alg_item *item;

	lockdep_assert_held(&pp_fib_alg_lock);
	list_for_each_entry(item, &pp_fib_algs, list)
		if (!strcmp(item->ops->name, name))
			return item;
	return NULL;
}

/**
 * pktpath_fib_register() - makes an algorithm known
 * @ops: its calls, all of them
 *
 * Context: process.
 * Return: 0, -EINVAL, -EEXIST, -ENOMEM.
 */
int pktpath_fib_register(const struct pktpath_fib_ops *ops)
{
	struct pp_fib_alg_item *item;
	int err = -EEXIST;

	if (!ops->name[0] || strnlen(ops->name, sizeof(ops->name)) ==
	    sizeof(ops->name) || !ops->init || !ops->destroy ||
	    !ops->lookup || !ops->find || !ops->next || !ops->insert ||
	    !ops->replace || !ops->remove)
		return -EINVAL;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return -ENOMEM;
	item->ops = ops;
	mutex_lock(&pp_fib_alg_lock);
	if (!pp_fib_alg_find(ops->name) &&
	    strcmp(ops->name, PKTPATH_FIB_ALG_BUILTIN)) {
		list_add_tail(&item->list, &pp_fib_algs);
		err = 0;
	}
	mutex_unlock(&pp_fib_alg_lock);
	if (err)
		kfree(item);
	return err;
}
EXPORT_SYMBOL_GPL(pktpath_fib_register);

/**
 * pktpath_fib_unregister() - the opposite
 * @ops: as registered; its module is going, so no table uses it
 *
 * Context: process.
 */
void pktpath_fib_unregister(const struct pktpath_fib_ops *ops)
{
	struct pp_fib_alg_item *item;

	mutex_lock(&pp_fib_alg_lock);
	item = pp_fib_alg_find(ops->name);
	if (item && item->ops == ops) {
		list_del(&item->list);
		kfree(item);
	}
	mutex_unlock(&pp_fib_alg_lock);
}
EXPORT_SYMBOL_GPL(pktpath_fib_unregister);

/* State of an empty table; holds the module. */
static struct pp_fib_alg *pp_fib_alg_make(const struct pktpath_fib_ops *ops)
{
	struct pp_fib_alg *alg = kzalloc(sizeof(*alg), GFP_KERNEL_ACCOUNT);

	if (!alg)
		return NULL;
	alg->ops = ops;
	alg->priv = ops->init();
	if (!alg->priv) {
		kfree(alg);
		return NULL;
	}
	__module_get(ops->owner);
	return alg;
}

static void pp_fib_alg_free(struct pp_fib_alg *alg)
{
	struct module *owner = alg->ops->owner;

	alg->ops->destroy(alg->priv);
	kfree(alg);
	module_put(owner);
}

/* Calls @fn for every leaf that readers of the table find. */
static int pp_fib_alg_each(struct pp_fib_table *tb, struct pp_fib_alg *alg,
			   int (*fn)(struct pp_fib_table *tb,
				     struct pp_fib_alg *alg,
				     struct pp_lpm_leaf *leaf))
{
	struct pp_lpm_leaf *leaf;
	unsigned int plen = 0;
	u32 key = 0;
	int err;

	while ((leaf = pp_fib_tb_next(tb, key, plen))) {
		err = fn(tb, alg, leaf);
		if (err)
			return err;
		key = leaf->key;
		plen = leaf->plen + 1;
		if (plen > 32) {
			if (key == U32_MAX)
				break;
			key++;
			plen = 0;
		}
		cond_resched();
	}
	return 0;
}

/* @alg NULL: the built-in one. */
static int pp_fib_alg_put_leaf(struct pp_fib_table *tb, struct pp_fib_alg *alg,
			       struct pp_lpm_leaf *leaf)
{
	if (!alg)
		return pp_lpm_insert(&tb->lpm, leaf);
	return alg->ops->insert(alg->priv, pp_fib_leaf_out(leaf));
}

static int pp_fib_alg_drop_leaf(struct pp_fib_table *tb,
				struct pp_fib_alg *alg,
				struct pp_lpm_leaf *leaf)
{
	if (pp_lpm_find(&tb->lpm, leaf->key, leaf->plen))
		pp_lpm_remove(&tb->lpm, leaf);
	return 0;
}

/* Empties what readers do not look at, or has them look at it no more. */
static void pp_fib_alg_forget(struct pp_fib_table *tb, struct pp_fib_alg *alg)
{
	if (alg)
		pp_fib_alg_free(alg);
	else
		pp_fib_alg_each(tb, NULL, pp_fib_alg_drop_leaf);
}

/* Readers may still look at what was there: pp_fib_alg_settle() frees it. */
static int pp_fib_alg_switch(struct pp_net *pn, struct pp_fib_table *tb,
			     const struct pktpath_fib_ops *ops)
{
	struct pp_fib_alg *new = NULL, *old;
	int err;

	old = rcu_dereference_protected(tb->alg,
					lockdep_is_held(&pn->cfg_lock));
	if ((old ? old->ops : NULL) == ops)
		return 0;
	if (ops) {
		new = pp_fib_alg_make(ops);
		if (!new)
			return -ENOMEM;
	}
	err = pp_fib_alg_each(tb, new, pp_fib_alg_put_leaf);
	if (err) {
		pp_fib_alg_forget(tb, new);
		return err;
	}
	rcu_assign_pointer(tb->alg, new);
	tb->was = old;
	tb->changed = true;
	return 0;
}

/* No reader looks at what the table was any more. */
static void pp_fib_alg_settle(struct pp_fib_table *tb)
{
	if (!tb->changed)
		return;
	pp_fib_alg_forget(tb, tb->was);
	tb->was = NULL;
	tb->changed = false;
}

/* One grace period for all tables: who waits for cfg_lock may hold RTNL. */
static int pp_fib_alg_switch_all(struct pp_net *pn,
				 const struct pktpath_fib_ops *ops)
{
	struct hlist_head *heads = pn->fib->tables;
	struct pp_fib_table *tb;
	unsigned int i;
	int err = 0;

	for (i = 0; i < PKTPATH_FIB_TABLE_HASH; i++) {
		hlist_for_each_entry(tb, &heads[i], node) {
			if (!err)
				err = pp_fib_alg_switch(pn, tb, ops);
		}
	}
	synchronize_rcu();
	for (i = 0; i < PKTPATH_FIB_TABLE_HASH; i++) {
		hlist_for_each_entry(tb, &heads[i], node)
			pp_fib_alg_settle(tb);
	}
	return err;
}

/**
 * pp_fib_alg_table() - gives a new table the algorithm of its netns
 * @pn: netns state
 * @tb: the table, empty, without readers
 *
 * Context: process, cfg_lock held.
 * Return: 0 or -ENOMEM.
 */
int pp_fib_alg_table(struct pp_net *pn, struct pp_fib_table *tb)
{
	int err = pp_fib_alg_switch(pn, tb, pn->fib->alg_ops);

	pp_fib_alg_settle(tb);
	return err;
}

/**
 * pp_fib_alg_gone() - a table goes
 * @tb: the table, empty, without readers
 *
 * Context: process.
 */
void pp_fib_alg_gone(struct pp_fib_table *tb)
{
	struct pp_fib_alg *alg = rcu_dereference_protected(tb->alg, true);

	RCU_INIT_POINTER(tb->alg, NULL);
	if (alg)
		pp_fib_alg_free(alg);
}

/**
 * pp_fib_alg_set() - has all tables of a netns use an algorithm
 * @pn: netns state
 * @name: of a registered one, or the built-in one's
 *
 * When memory runs out some tables may have changed; they are right all the
 * same.
 *
 * Context: process, sleeps; takes cfg_lock.
 * Return: 0, -ENOENT, -ENOMEM.
 */
int pp_fib_alg_set(struct pp_net *pn, const char *name)
{
	const struct pktpath_fib_ops *ops = NULL;
	struct pp_fib_alg_item *item;
	int err = -ENOENT;

	mutex_lock(&pn->cfg_lock);
	mutex_lock(&pp_fib_alg_lock);
	item = pp_fib_alg_find(name);
	if (item && try_module_get(item->ops->owner))
		ops = item->ops;
	mutex_unlock(&pp_fib_alg_lock);
	if (!ops && strcmp(name, PKTPATH_FIB_ALG_BUILTIN))
		goto out;
	err = pp_fib_alg_switch_all(pn, ops);
	if (!err)
		pn->fib->alg_ops = ops;
	pp_fib_changed(pn);
	/* the tables hold it now, table 254 for one */
	if (ops)
		module_put(ops->owner);
out:
	mutex_unlock(&pn->cfg_lock);
	return err;
}

/**
 * pp_fib_alg_name() - which algorithm the tables of a netns use
 * @pn: netns state
 * @name: filled, PKTPATH_FIB_NAME_MAX bytes
 *
 * Context: process, sleeps; takes cfg_lock.
 */
void pp_fib_alg_name(struct pp_net *pn, char *name)
{
	mutex_lock(&pn->cfg_lock);
	strscpy(name, pn->fib->alg_ops ? pn->fib->alg_ops->name :
		PKTPATH_FIB_ALG_BUILTIN, PKTPATH_FIB_NAME_MAX);
	mutex_unlock(&pn->cfg_lock);
}
