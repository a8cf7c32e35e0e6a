// SPDX-License-Identifier: GPL-2.0
/*
 * Ping sockets by identifier: for a ping socket the port is the identifier
 * of its echo requests.
 *
 * Path: pp_ping_rcv() => pp_ping_lookup_rcu()
 * Mirrors: net/ipv4/ping.c (ping_table, ping_get_port, ping_lookup)
 * Locks: pp_ping_table.lock for writers; readers use RCU
 */
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/sock.h>
#include "raw/ping_priv.h"
#include "raw/raw.h"

#define PKTPATH_PING_BUCKETS 256	/* low bits of the identifier */

/**
 * struct pp_ping_table - bound ping sockets of one netns
 * @lock: taken by writers, in process context
 * @buckets: by the low bits of inet_num, in host order
 */
struct pp_ping_table {
	spinlock_t lock;	/* writers of buckets */
	struct hlist_head buckets[PKTPATH_PING_BUCKETS];
};

static struct hlist_head *pp_ping_bucket(const struct pp_net *pn, u16 ident)
{
	return &pn->ping->buckets[ident % PKTPATH_PING_BUCKETS];
}

/**
 * pp_ping_net_init() - make the table of a netns
 * @pn: the netns
 *
 * Return: 0 or -ENOMEM.
 */
int pp_ping_net_init(struct pp_net *pn)
{
	pn->ping = kzalloc(sizeof(*pn->ping), GFP_KERNEL);
	if (!pn->ping)
		return -ENOMEM;
	spin_lock_init(&pn->ping->lock);
	return 0;
}

/**
 * pp_ping_net_exit() - free the table of a netns
 * @pn: the netns; no socket of it is left
 */
void pp_ping_net_exit(struct pp_net *pn)
{
	kfree(pn->ping);
	pn->ping = NULL;
}

/*
 * Whether @sk may have @ident; table locked. As on AF_INET sockets share an
 * identifier when all of them have SO_REUSEADDR, which is their default;
 * @alone asks for one that nobody has.
 */
static bool pp_ping_ident_free(const struct sock *sk, u16 ident, bool alone)
{
	const struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_ping_sock *other;

	hlist_for_each_entry(other, pp_ping_bucket(pn, ident), node) {
		const struct sock *sk2 = (const struct sock *)other;

		if (sk2 == sk || other->pp.sk.sk_num != ident)
			continue;
		if (alone || !sk2->sk_reuse || !sk->sk_reuse)
			return false;
	}
	return true;
}

/* RFC 6056 §3.3.1: start at random, so that the next one is not known. */
static u16 pp_ping_choose_ident(const struct sock *sk)
{
	u16 ident = get_random_u32();
	int i;

	for (i = 0; i <= U16_MAX; i++, ident++)
		if (ident && pp_ping_ident_free(sk, ident, true))
			return ident;
	return 0;
}

/**
 * pp_ping_get_port() - take an identifier and enter the table
 * @sk: the socket, locked, not in the table
 * @ident: identifier in host order, or 0 for any free one
 *
 * Context: process.
 * Return: 0 with inet_num set, or -EADDRINUSE.
 */
int pp_ping_get_port(struct sock *sk, unsigned short ident)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	int err = -EADDRINUSE;

	spin_lock(&pn->ping->lock);
	if (!ident)
		ident = pp_ping_choose_ident(sk);
	else if (!pp_ping_ident_free(sk, ident, false))
		ident = 0;
	if (ident) {
		WRITE_ONCE(inet_sk(sk)->inet_num, ident);
		hlist_add_head_rcu(&pp_ping_sk(sk)->node,
				   pp_ping_bucket(pn, ident));
		err = 0;
	}
	spin_unlock(&pn->ping->lock);
	return err;
}

/**
 * pp_ping_unhash() - leave the table and give the identifier back
 * @sk: the socket, locked or dying; need not be in the table
 *
 * Context: process.
 */
void pp_ping_unhash(struct sock *sk)
{
	struct pp_ping_table *t = pp_sk(sk)->pn->ping;
	struct inet_sock *inet = inet_sk(sk);

	spin_lock(&t->lock);
	if (!hlist_unhashed(&pp_ping_sk(sk)->node)) {
		hlist_del_init_rcu(&pp_ping_sk(sk)->node);
		WRITE_ONCE(inet->inet_num, 0);
		inet->inet_sport = 0;
	}
	spin_unlock(&t->lock);
}

/**
 * pp_ping_lookup_rcu() - whose identifier is it?
 * @pn: the netns
 * @ident: identifier, host order
 * @own_addr: our address: destination of a reply, source of a request
 * @ifindex: device it came in by
 *
 * Mirrors: net/ipv4/ping.c:ping_lookup
 *
 * Context: RCU read side.
 * Return: the socket, not held, valid under RCU; NULL if there is none.
 */
struct sock *pp_ping_lookup_rcu(const struct pp_net *pn, u16 ident,
				__be32 own_addr, int ifindex)
{
	struct pp_ping_sock *ps;

	hlist_for_each_entry_rcu(ps, pp_ping_bucket(pn, ident), node) {
		struct sock *sk = (struct sock *)ps;
		__be32 bound = READ_ONCE(ps->pp.sk.sk_rcv_saddr);
		int dev = READ_ONCE(sk->sk_bound_dev_if);

		if (READ_ONCE(ps->pp.sk.sk_num) == ident &&
		    (!bound || bound == own_addr) &&
		    (!dev || dev == ifindex))
			return sk;
	}
	return NULL;
}

/* The @skip-th socket of a bucket, held; NULL behind the last. */
static struct sock *pp_ping_nth(struct pp_net *pn, unsigned int bucket,
				unsigned int skip)
{
	struct sock *found = NULL;
	struct pp_ping_sock *ps;

	rcu_read_lock();
	hlist_for_each_entry_rcu(ps, &pn->ping->buckets[bucket], node) {
		struct sock *sk = (struct sock *)ps;

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

/**
 * pp_ping_walk() - call a function for every bound ping socket
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
int pp_ping_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		 int (*fn)(struct sock *sk, void *arg), void *arg)
{
	struct sock *sk;
	int err;

	while (*bucket < PKTPATH_PING_BUCKETS) {
		sk = pp_ping_nth(pn, *bucket, *skip);
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
