// SPDX-License-Identifier: GPL-2.0
/*
 * The list of all sockets of a netns, bound or not.
 *
 * Path: none, called by socket(), accept(), close() and ctl/
 * Mirrors: nothing; AF_INET is listed by its hash tables
 * Locks: a bucket's; readers use RCU
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include "core/pp_sock.h"
#include "sock/sock.h"
#include "sock/sock_priv.h"

#define PKTPATH_SOCK_BITS 8

/**
 * struct pp_sock_bucket - some of the sockets of a netns
 * @lock: guards all of it, leaf
 * @last: pp_sock.id of the youngest
 * @head: pp_sock.list, the youngest first; readers use RCU (sockets are
 *	  SOCK_RCU_FREE)
 */
struct pp_sock_bucket {
	spinlock_t lock;		/* see above */
	u32 last;
	struct hlist_head head;
};

/* All of them, bound or not. */
struct pp_sock_table {
	struct pp_sock_bucket bucket[1 << PKTPATH_SOCK_BITS];
};

static struct pp_sock_bucket *pp_sock_bucket(const struct pp_sock *ps)
{
	return &ps->pn->socks->bucket[hash_ptr(ps, PKTPATH_SOCK_BITS)];
}

/**
 * pp_inet_list_add() - show the socket in pp_sock_walk()
 * @sk: socket of a user
 *
 * Context: process.
 */
void pp_inet_list_add(struct sock *sk)
{
	struct pp_sock *ps = pp_sk(sk);
	struct pp_sock_bucket *b = pp_sock_bucket(ps);

	spin_lock(&b->lock);
	/* The one below is not 0, where a walk begins. */
	do {
		ps->id = ++b->last;
	} while (ps->id < 2);
	hlist_add_head_rcu(&ps->list, &b->head);
	spin_unlock(&b->lock);
}

/**
 * pp_inet_list_del() - the owner lets go
 * @sk: socket, perhaps in the list
 *
 * Context: process.
 */
void pp_inet_list_del(struct sock *sk)
{
	struct pp_sock *ps = pp_sk(sk);
	struct pp_sock_bucket *b;

	if (!pp_sock_listed(sk))
		return;
	b = pp_sock_bucket(ps);
	spin_lock(&b->lock);
	hlist_del_init_rcu(&ps->list);
	spin_unlock(&b->lock);
}

/* The socket behind @ps if that is still listed, else the first that is not
 * younger than @id, 0 being for all; held. RCU.
 */
static struct pp_sock *pp_sock_next(struct pp_sock_bucket *b,
				    const struct pp_sock *ps, u32 id)
{
	struct hlist_node *n;

	if (ps && pp_sock_listed(&ps->sk))
		n = rcu_dereference(hlist_next_rcu(&ps->list));
	else
		n = rcu_dereference(hlist_first_rcu(&b->head));
	for (; n; n = rcu_dereference(hlist_next_rcu(n))) {
		struct pp_sock *found = hlist_entry(n, struct pp_sock, list);

		if ((!id || (s32)(found->id - id) <= 0) &&
		    refcount_inc_not_zero(&found->sk.sk_refcnt))
			return found;
	}
	return NULL;
}

/**
 * pp_sock_walk() - call a function for every socket of a netns
 * @pn: the netns, kept alive by the caller
 * @pos: where to go on; 0 to begin
 * @fn: called with the socket held and no lock taken
 * @arg: handed to @fn
 *
 * Sockets that come or go meanwhile may be seen or not; none is seen twice.
 * When @fn stops the walk, *@pos names the socket it stopped at.
 *
 * Context: process, may sleep if @fn does.
 * Return: what stopped the walk, or 0 at the end.
 */
int pp_sock_walk(struct pp_net *pn, u64 *pos,
		 int (*fn)(struct sock *sk, void *arg), void *arg)
{
	struct pp_sock *ps = NULL, *next;
	u32 i = *pos >> 32;
	int err;

	while (i < ARRAY_SIZE(pn->socks->bucket)) {
		rcu_read_lock();
		next = pp_sock_next(&pn->socks->bucket[i], ps, (u32)*pos);
		rcu_read_unlock();
		if (ps)
			sock_put(&ps->sk);
		ps = next;
		if (!ps) {
			i++;
			*pos = (u64)i << 32;
			continue;
		}
		*pos = (u64)i << 32 | ps->id;
		err = fn(&ps->sk, arg);
		if (err) {
			sock_put(&ps->sk);
			return err;
		}
		--*pos;
	}
	return 0;
}

/**
 * pp_inet_list_net_init() - the list of a new netns
 * @pn: netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_inet_list_net_init(struct pp_net *pn)
{
	unsigned int i;

	pn->socks = kvzalloc(sizeof(*pn->socks), GFP_KERNEL_ACCOUNT);
	if (!pn->socks)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(pn->socks->bucket); i++)
		spin_lock_init(&pn->socks->bucket[i].lock);
	return 0;
}

/**
 * pp_inet_list_net_exit() - the netns is gone, and its sockets before it
 * @pn: netns
 *
 * Context: process.
 */
void pp_inet_list_net_exit(struct pp_net *pn)
{
	unsigned int i;

	if (!pn->socks)
		return;
	for (i = 0; i < ARRAY_SIZE(pn->socks->bucket); i++)
		WARN_ON_ONCE(!hlist_empty(&pn->socks->bucket[i].head));
	kvfree(pn->socks);
	pn->socks = NULL;
}
