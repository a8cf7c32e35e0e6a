// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of raw sockets, by protocol, and of ping sockets (ping_table.c).
 *
 * Path: pp_raw_deliver() => pp_raw_next_rcu()
 * Mirrors: net/ipv4/raw.c (raw_hash_sk, raw_v4_match)
 * Locks: pp_raw_table.lock for writers; readers use RCU
 */
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/sock.h>
#include "ip/ip.h"
#include "raw/raw.h"
#include "raw/raw_priv.h"

static struct pp_raw_table *pp_raw_table_make(void)
{
	struct pp_raw_table *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);

	if (t)
		mutex_init(&t->lock);
	return t;
}

/**
 * pp_raw_net_init() - make the tables of a netns
 * @pn: the netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_raw_net_init(struct pp_net *pn)
{
	pn->raw = pp_raw_table_make();
	pn->ping = pp_raw_table_make();
	if (pn->raw && pn->ping)
		return 0;
	pp_raw_net_exit(pn);
	return -ENOMEM;
}

/**
 * pp_raw_net_exit() - free the tables of a netns
 * @pn: the netns; no socket of it is left
 *
 * Context: process.
 */
void pp_raw_net_exit(struct pp_net *pn)
{
	kfree(pn->raw);
	pn->raw = NULL;
	kfree(pn->ping);
	pn->ping = NULL;
}

/**
 * pp_raw_hash() - enter the table
 * @sk: a new socket; its protocol is set
 *
 * Context: process.
 */
void pp_raw_hash(struct sock *sk)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_raw_table *t = pn->raw;

	mutex_lock(&t->lock);
	hlist_add_head_rcu(&pp_raw_sk(sk)->node,
			   &t->buckets[pp_sock_wire_proto(sk)]);
	WRITE_ONCE(pn->nraw, pn->nraw + 1);
	mutex_unlock(&t->lock);
}

/**
 * pp_raw_unhash() - leave the table
 * @sk: the socket; need not be in the table
 *
 * Context: process.
 */
void pp_raw_unhash(struct sock *sk)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_raw_table *t = pn->raw;

	mutex_lock(&t->lock);
	if (!hlist_unhashed(&pp_raw_sk(sk)->node)) {
		hlist_del_init_rcu(&pp_raw_sk(sk)->node);
		WRITE_ONCE(pn->nraw, pn->nraw - 1);
	}
	mutex_unlock(&t->lock);
}

static bool pp_raw_match(const struct sock *sk, const struct pp_raw_key *key)
{
	const struct inet_sock *inet = inet_sk(sk);
	__be32 own = READ_ONCE(inet->inet_rcv_saddr);
	__be32 other = READ_ONCE(inet->inet_daddr);
	int dev = READ_ONCE(sk->sk_bound_dev_if);

	return (!own || own == key->own) && (!other || other == key->other) &&
	       pp_vrf_bound_eq(key->accept, dev, key->ifindex, key->sdif);
}

/**
 * pp_raw_next_rcu() - whose datagram is it?
 * @pn: the netns
 * @prev: the match before, or NULL for the first; same RCU section
 * @key: what the datagram says
 *
 * Mirrors: net/ipv4/raw.c:raw_v4_match
 *
 * Context: RCU read side.
 * Return: a socket, not held, valid under RCU; NULL behind the last.
 */
struct sock *pp_raw_next_rcu(struct pp_net *pn, struct sock *prev,
			     const struct pp_raw_key *key)
{
	struct hlist_node *n;

	n = prev ? rcu_dereference(hlist_next_rcu(&pp_raw_sk(prev)->node)) :
		   rcu_dereference(hlist_first_rcu(&pn->raw->buckets
						   [key->protocol]));
	for (; n; n = rcu_dereference(hlist_next_rcu(n))) {
		struct pp_raw_sock *rs = hlist_entry(n, struct pp_raw_sock,
						     node);

		if (pp_raw_match((struct sock *)rs, key))
			return (struct sock *)rs;
	}
	return NULL;
}

/* The @skip-th socket of a bucket, held; NULL behind the last. */
static struct sock *pp_raw_nth(const struct pp_raw_table *t,
			       unsigned int bucket, unsigned int skip)
{
	struct sock *found = NULL;
	struct pp_raw_sock *rs;

	rcu_read_lock();
	hlist_for_each_entry_rcu(rs, &t->buckets[bucket], node) {
		struct sock *sk = (struct sock *)rs;

		if (skip) {
			skip--;
			continue;
		}
		if (refcount_inc_not_zero(&sk->sk_refcnt)) {
			found = sk;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

static int pp_raw_table_walk(const struct pp_raw_table *t,
			     unsigned int *bucket, unsigned int *skip,
			     int (*fn)(struct sock *sk, void *arg), void *arg)
{
	struct sock *sk;
	int err;

	while (*bucket < PKTPATH_RAW_BUCKETS) {
		sk = pp_raw_nth(t, *bucket, *skip);
		if (!sk) {
			++*bucket;
			*skip = 0;
			continue;
		}
		err = fn(sk, arg);
		sock_put(sk);
		if (err)
			return err;
		++*skip;
	}
	return 0;
}

/**
 * pp_raw_walk() - call a function for every raw socket
 * @pn: the netns
 * @bucket: where to go on, 0 to begin
 * @skip: entry of that bucket to go on with, 0 to begin
 * @fn: called with the socket held and no lock taken
 * @arg: handed to @fn
 *
 * When @fn stops the walk, the position names the socket it stopped at.
 *
 * Context: process.
 * Return: what stopped the walk, or 0 at the end.
 */
int pp_raw_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		int (*fn)(struct sock *sk, void *arg), void *arg)
{
	return pp_raw_table_walk(pn->raw, bucket, skip, fn, arg);
}

/**
 * pp_ping_walk() - call a function for every bound ping socket
 * @pn: the netns
 * @bucket: as pp_raw_walk()
 * @skip: as pp_raw_walk()
 * @fn: as pp_raw_walk()
 * @arg: handed to @fn
 *
 * Context: process.
 * Return: what stopped the walk, or 0 at the end.
 */
int pp_ping_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		 int (*fn)(struct sock *sk, void *arg), void *arg)
{
	return pp_raw_table_walk(pn->ping, bucket, skip, fn, arg);
}
