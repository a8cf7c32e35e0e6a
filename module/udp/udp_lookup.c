// SPDX-License-Identifier: GPL-2.0
/*
 * Which socket is a datagram for? Without locks and flat in their number.
 *
 * The best match wins: bound to the local address, then connected to the
 * sender, then bound to the device, then last used on this CPU; among equals
 * the one bound last. Among the members of a reuseport group the kernel's
 * selection decides.
 *
 * Path: udp_input.c, ICMP errors => here
 * Mirrors: net/ipv4/udp.c (__udp4_lib_lookup, compute_score)
 * Locks: RCU
 */
#include <linux/rculist.h>
#include <net/sock_reuseport.h>
#include "compat/compat.h"
#include "core/hash.h"
#include "core/vrf.h"
#include "udp/udp_priv.h"

#define PKTPATH_UDP_RETRIES	3

struct pp_udp_best {
	struct sock *sk;
	int score;
};

/* -1: not for this socket. */
static int pp_udp_score(const struct sock *sk, const struct pp_udp_key *key)
{
	const struct inet_sock *inet = inet_sk(sk);
	__be32 bound = READ_ONCE(inet->inet_rcv_saddr);
	__be32 daddr = READ_ONCE(inet->inet_daddr);
	int dev = READ_ONCE(sk->sk_bound_dev_if);
	int score = 0;

	if (READ_ONCE(inet->inet_num) != key->num)
		return -1;
	if (bound) {
		if (bound != key->daddr)
			return -1;
		score = 64;
	}
	if (daddr) {
		if (daddr != key->saddr ||
		    READ_ONCE(inet->inet_dport) != key->sport)
			return -1;
		score += 8;
	}
	if (!pp_vrf_bound_eq(key->accept, dev, key->dif, key->sdif))
		return -1;
	if (dev)
		score += 4;
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score++;
	return score;
}

/**
 * pp_udp_match() - is a datagram for this socket, among others?
 * @sk: a socket of the port
 * @key: the datagram
 *
 * Context: RCU.
 * Return: true when it is.
 */
bool pp_udp_match(const struct sock *sk, const struct pp_udp_key *key)
{
	return pp_udp_score(sk, key) >= 0;
}

static void pp_udp_consider(struct pp_udp_best *best, struct pp_udp_sock *up,
			    const struct pp_udp_key *key)
{
	struct sock *sk = (struct sock *)up;
	int score = pp_udp_score(sk, key);

	if (score > best->score ||
	    (score == best->score && score >= 0 &&
	     (s32)(up->bound_seq - pp_udp_sk(best->sk)->bound_seq) > 0)) {
		best->sk = sk;
		best->score = score;
	}
}

static void pp_udp_search_chain(const struct pp_udp_hash *h, u32 hash,
				struct pp_udp_best *best,
				const struct pp_udp_key *key)
{
	const struct hlist_head *chain = &h->chain[hash & h->mask];
	struct pp_udp_sock *up;

	hlist_for_each_entry_rcu(up, chain, addr_node[h->gen]) {
		pp_udp_consider(best, up, key);
		/* members of a group are alike: one stands for all */
		if (best->sk == (struct sock *)up &&
		    rcu_access_pointer(best->sk->sk_reuseport_cb) &&
		    best->sk->sk_state != TCP_ESTABLISHED)
			break;
	}
}

/* Many sockets on the port: connected, bound to the address, or to any. */
static void pp_udp_search_hash(const struct pp_udp_table *tab,
			       struct pp_udp_best *best,
			       const struct pp_udp_key *key)
{
	const struct pp_udp_hash *h = rcu_dereference(tab->hash);
	u32 ports = key->num << 16 | (__force u16)key->sport;

	pp_udp_search_chain(h, hsiphash_3u32((__force u32)key->daddr,
					     (__force u32)key->saddr, ports,
					     &tab->key), best, key);
	if (best->sk)
		return;
	pp_udp_search_chain(h, hsiphash_2u32((__force u32)key->daddr, key->num,
					     &tab->key), best, key);
	if (best->sk)
		return;
	pp_udp_search_chain(h, hsiphash_2u32(0, key->num, &tab->key), best,
			    key);
}

static void pp_udp_search(const struct pp_udp_table *tab,
			  struct pp_udp_best *best,
			  const struct pp_udp_key *key)
{
	struct pp_udp_port *port = pp_udp_port_rcu(tab, key->num);
	struct pp_udp_sock *up;

	best->sk = NULL;
	best->score = -1;
	if (!port)
		return;
	if (unlikely(READ_ONCE(port->n) > PKTPATH_UDP_LIST_MAX)) {
		pp_udp_search_hash(tab, best, key);
		return;
	}
	up = hlist_entry_safe(rcu_dereference(hlist_first_rcu(&port->socks)),
			      struct pp_udp_sock, port_node);
	if (!up)
		return;
	best->score = pp_udp_score((struct sock *)up, key);
	if (best->score >= 0)
		best->sk = (struct sock *)up;
	hlist_for_each_entry_continue_rcu(up, port_node)
		pp_udp_consider(best, up, key);
}

static struct sock *pp_udp_select(struct pp_net *pn, struct sock *sk,
				  const struct pp_udp_key *key,
				  struct sk_buff *skb)
{
	u32 ports = key->num << 16 | (__force u16)key->sport;
	struct sock *member;
	u32 hash;

	hash = pp_hash_4(pn, (__force u32)key->saddr, (__force u32)key->daddr,
			 ports, 0);
	member = reuseport_select_sock(sk, hash, skb, PKTPATH_UDP_HLEN);
	return IS_ERR_OR_NULL(member) ? sk : member;
}

/**
 * pp_udp_lookup_rcu() - find the socket of a datagram
 * @pn: netns
 * @key: addresses and ports of the datagram
 * @skb: the datagram at its UDP header, for the group's program, or NULL for
 *	 an ICMP error
 *
 * Context: RCU read side; softirq.
 * Return: a socket good until the end of the RCU section, or NULL.
 */
struct sock *pp_udp_lookup_rcu(struct pp_net *pn, const struct pp_udp_key *key,
			       struct sk_buff *skb)
{
	const struct pp_udp_table *tab = pn->udp;
	int tries = PKTPATH_UDP_RETRIES;
	struct pp_udp_best best;
	struct sock *sk;
	u32 moves;

	do {
		moves = READ_ONCE(tab->moves);
		smp_rmb();	/* pairs with pp_udp_moved() */
		pp_udp_search(tab, &best, key);
		smp_rmb();	/* likewise */
	} while (unlikely(moves != READ_ONCE(tab->moves)) && --tries);

	sk = best.sk;
	if (sk && sk->sk_reuseport && sk->sk_state != TCP_ESTABLISHED &&
	    rcu_access_pointer(sk->sk_reuseport_cb))
		sk = pp_udp_select(pn, sk, key, skb);
	return sk;
}
