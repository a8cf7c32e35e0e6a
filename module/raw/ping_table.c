// SPDX-License-Identifier: GPL-2.0
/*
 * Ping sockets by identifier: for a ping socket the port is the identifier
 * of its echo requests.
 *
 * Path: pp_ping_rcv() => pp_ping_lookup_rcu()
 * Mirrors: net/ipv4/ping.c (ping_table, ping_get_port, ping_lookup)
 * Locks: pp_raw_table.lock for writers; readers use RCU
 */
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <net/sock.h>
#include "ip/ip.h"
#include "raw/ping_priv.h"
#include "raw/raw_priv.h"

static struct hlist_head *pp_ping_bucket(const struct pp_net *pn, u16 ident)
{
	return &pn->ping->buckets[ident % PKTPATH_RAW_BUCKETS];
}

/*
 * Whether @sk may have @ident; table locked. As on AF_INET sockets share an
 * identifier when all of them have SO_REUSEADDR, which is their default;
 * @alone asks for one that nobody has.
 */
static bool pp_ping_ident_free(const struct sock *sk, u16 ident, bool alone)
{
	const struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_raw_sock *other;

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

	for (i = 0; i <= U16_MAX; i++, ident++) {
		if (ident && pp_ping_ident_free(sk, ident, true))
			return ident;
		/* as many as like may share one: lists have no bound */
		cond_resched();
	}
	return 0;
}

/**
 * pp_ping_get_port() - take an identifier and enter the table
 * @sk: the socket, locked, not in the table
 * @ident: identifier in host order, or 0 for any free one
 *
 * Context: process, may sleep.
 * Return: 0 with inet_num set, or -EADDRINUSE.
 */
int pp_ping_get_port(struct sock *sk, unsigned short ident)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	int err = -EADDRINUSE;

	/* or readers would follow it from its old bucket into the new one */
	if (pp_raw_sk(sk)->left)
		cond_synchronize_rcu(pp_raw_sk(sk)->grace);
	mutex_lock(&pn->ping->lock);
	if (!ident)
		ident = pp_ping_choose_ident(sk);
	else if (!pp_ping_ident_free(sk, ident, false))
		ident = 0;
	if (ident) {
		WRITE_ONCE(inet_sk(sk)->inet_num, ident);
		hlist_add_head_rcu(&pp_raw_sk(sk)->node,
				   pp_ping_bucket(pn, ident));
		err = 0;
	}
	mutex_unlock(&pn->ping->lock);
	return err;
}

/**
 * pp_ping_unhash() - leave the table and give the identifier back
 * @sk: the socket, locked or dying; need not be in the table
 *
 * Context: process, may sleep.
 */
void pp_ping_unhash(struct sock *sk)
{
	struct pp_raw_table *t = pp_sk(sk)->pn->ping;
	struct inet_sock *inet = inet_sk(sk);

	mutex_lock(&t->lock);
	if (!hlist_unhashed(&pp_raw_sk(sk)->node)) {
		hlist_del_init_rcu(&pp_raw_sk(sk)->node);
		pp_raw_sk(sk)->grace = get_state_synchronize_rcu();
		pp_raw_sk(sk)->left = true;
		WRITE_ONCE(inet->inet_num, 0);
		inet->inet_sport = 0;
	}
	mutex_unlock(&t->lock);
}

/**
 * pp_ping_lookup_rcu() - whose identifier is it?
 * @pn: the netns
 * @ident: identifier, host order
 * @own_addr: our address: destination of a reply, source of a request
 * @skb: the packet, for the device it came in by
 *
 * Who is bound to the device, or to its VRF, comes before who is bound to none.
 *
 * Mirrors: net/ipv4/ping.c:ping_lookup
 *
 * Context: RCU read side.
 * Return: the socket, not held, valid under RCU; NULL if there is none.
 */
struct sock *pp_ping_lookup_rcu(const struct pp_net *pn, u16 ident,
				__be32 own_addr, const struct sk_buff *skb)
{
	int sdif = pp_skb_sdif(skb), dif = pp_skb_dif(skb, sdif);
	struct sock *unbound = NULL;
	struct pp_raw_sock *ps;

	hlist_for_each_entry_rcu(ps, pp_ping_bucket(pn, ident), node) {
		struct sock *sk = (struct sock *)ps;
		__be32 bound = READ_ONCE(ps->pp.sk.sk_rcv_saddr);
		int dev = READ_ONCE(sk->sk_bound_dev_if);

		if (READ_ONCE(ps->pp.sk.sk_num) != ident ||
		    (bound && bound != own_addr) ||
		    !pp_vrf_bound_eq(true, dev, dif, sdif))
			continue;
		if (dev || likely(!sdif))
			return sk;
		unbound = unbound ?: sk;
	}
	return unbound;
}
