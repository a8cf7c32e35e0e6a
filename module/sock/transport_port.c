// SPDX-License-Identifier: GPL-2.0
/*
 * Ports of the transports of other modules: bind, and whose packet it is.
 *
 * Path: transport_io.c => pp_tport_lookup()
 * Mirrors: net/ipv4/udp.c (udp_lib_get_port, udp4_lib_lookup2)
 * Locks: pp_tport_table.lock for writers; readers use RCU
 */
#include <linux/bitmap.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/sock.h>
#include "ip/ip.h"
#include "sock/sock_priv.h"
#include "sock/transport_priv.h"

/**
 * pp_tport_net_init() - ports of a netns
 * @pn: its state
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_tport_net_init(struct pp_net *pn)
{
	pn->tports = kzalloc(sizeof(*pn->tports), GFP_KERNEL_ACCOUNT);
	if (!pn->tports)
		return -ENOMEM;
	spin_lock_init(&pn->tports->lock);
	return 0;
}

/**
 * pp_tport_net_exit() - undoes pp_tport_net_init()
 * @pn: state of a netns, of which no socket and no packet is left
 *
 * Context: process.
 */
void pp_tport_net_exit(struct pp_net *pn)
{
	kfree(pn->tports);
	pn->tports = NULL;
}

static struct hlist_head *pp_tport_bucket(struct pp_tport_table *tab, u16 num)
{
	return &tab->buckets[num % PKTPATH_TPORT_BUCKETS];
}

static bool pp_tport_overlap(const struct sock *a, const struct sock *b)
{
	__be32 x = inet_sk(a)->inet_rcv_saddr, y = inet_sk(b)->inet_rcv_saddr;
	int i = a->sk_bound_dev_if, j = b->sk_bound_dev_if;

	return (!x || !y || x == y) && (!i || !j || i == j);
}

/* Whether @sk cannot have the port of @other. */
static bool pp_tport_in_way(const struct sock *sk,
			    const struct pp_tport_sock *other)
{
	const struct sock *sk2 = (const struct sock *)other;

	return sk2 != sk && other->tp == pp_tport_sk(sk)->tp &&
	       pp_tport_overlap(sk, sk2) && !(sk2->sk_reuse && sk->sk_reuse);
}

/* Whether @sk may have @num; table locked. */
static bool pp_tport_port_free(struct pp_tport_table *tab,
			       const struct sock *sk, u16 num)
{
	struct pp_tport_sock *other;

	hlist_for_each_entry(other, pp_tport_bucket(tab, num), node) {
		if (((struct sock *)other)->sk_num == num &&
		    pp_tport_in_way(sk, other))
			return false;
	}
	return true;
}

/* One pass over the table, not one a port: that many sockets may share one. */
static void pp_tport_find_used(struct pp_tport_table *tab,
			       const struct sock *sk, unsigned long *used)
{
	struct pp_tport_sock *other;
	unsigned int i;

	for (i = 0; i < PKTPATH_TPORT_BUCKETS; i++)
		hlist_for_each_entry(other, &tab->buckets[i], node)
			if (pp_tport_in_way(sk, other))
				__set_bit(((struct sock *)other)->sk_num, used);
}

/*
 * RFC 6056 §3.3.1: from a random one on. @used: room for a bit a port. 0: none
 * is free.
 */
static u16 pp_tport_choose_port(struct pp_tport_table *tab,
				const struct sock *sk, unsigned long *used)
{
	const struct pp_net *pn = pp_sk(sk)->pn;
	u32 range = READ_ONCE(pn->sysctl.ip_local_port_range);
	const unsigned long *reserved = pn->sysctl.ip_local_reserved_ports;
	u32 low = range & 0xffff, high = range >> 16;
	u32 count, first, i;
	u16 num;

	if (!low || low > high)
		return 0;
	count = high - low + 1;
	first = get_random_u32() % count;
	pp_tport_find_used(tab, sk, used);
	for (i = 0; i < count; i++) {
		num = low + (first + i) % count;
		if (!(reserved && test_bit(num, reserved)) &&
		    !test_bit(num, used))
			return num;
	}
	return 0;
}

/**
 * pp_tport_get_port() - proto.get_port: bind to a port
 * @sk: the socket, locked, not bound
 * @num: port in host order, 0: any
 *
 * Mirrors: net/ipv4/udp.c:udp_lib_get_port.
 *
 * Context: process, may sleep.
 * Return: 0 with inet_num set, -EADDRINUSE or -ENOMEM.
 */
int pp_tport_get_port(struct sock *sk, unsigned short num)
{
	struct pp_tport_table *tab = pp_sk(sk)->pn->tports;
	unsigned long *used = NULL;

	/* or readers would follow it from its old bucket into the new one */
	if (pp_tport_sk(sk)->left)
		cond_synchronize_rcu(pp_tport_sk(sk)->grace);
	if (!num) {
		used = bitmap_zalloc(1 << 16, GFP_KERNEL_ACCOUNT);
		if (!used)
			return -ENOMEM;
	}
	spin_lock_bh(&tab->lock);
	if (!num)
		num = pp_tport_choose_port(tab, sk, used);
	else if (!pp_tport_port_free(tab, sk, num))
		num = 0;
	if (num) {
		WRITE_ONCE(inet_sk(sk)->inet_num, num);
		hlist_add_head_rcu(&pp_tport_sk(sk)->node,
				   pp_tport_bucket(tab, num));
	}
	spin_unlock_bh(&tab->lock);
	bitmap_free(used);
	return num ? 0 : -EADDRINUSE;
}

/**
 * pp_tport_unhash() - proto.unhash: give the port back
 * @sk: the socket, locked or dying; need not be bound
 *
 * Context: process.
 */
void pp_tport_unhash(struct sock *sk)
{
	struct pp_tport_table *tab = pp_sk(sk)->pn->tports;
	struct pp_tport_sock *ts = pp_tport_sk(sk);

	spin_lock_bh(&tab->lock);
	if (!hlist_unhashed(&ts->node)) {
		hlist_del_init_rcu(&ts->node);
		ts->grace = get_state_synchronize_rcu();
		ts->left = true;
		WRITE_ONCE(inet_sk(sk)->inet_num, 0);
		inet_sk(sk)->inet_sport = 0;
	}
	spin_unlock_bh(&tab->lock);
}

/* How well @sk suits, -1: not at all. */
static int pp_tport_score(const struct sock *sk, const struct pp_tport_key *key)
{
	const struct inet_sock *inet = inet_sk(sk);
	__be32 own = READ_ONCE(inet->inet_rcv_saddr);
	__be32 other = READ_ONCE(inet->inet_daddr);
	int dev = READ_ONCE(sk->sk_bound_dev_if);

	if (READ_ONCE(inet->inet_num) != key->num ||
	    (own && own != key->own) ||
	    !pp_vrf_bound_eq(false, dev, key->ifindex, key->sdif))
		return -1;
	if (other && (other != key->other ||
		      READ_ONCE(inet->inet_dport) != key->sport))
		return -1;
	return (other ? 4 : 0) + (own ? 2 : 0) + (dev ? 1 : 0);
}

/**
 * pp_tport_lookup() - whose packet is it?
 * @tp: transport
 * @key: what the packet says
 *
 * Mirrors: net/ipv4/udp.c:__udp4_lib_lookup.
 *
 * Context: RCU read side.
 * Return: the socket that suits best, held, or NULL.
 */
struct sock *pp_tport_lookup(struct pp_tport *tp,
			     const struct pp_tport_key *key)
{
	struct sock *best = NULL;
	struct pp_tport_sock *ts;
	int score, most = -1;

	hlist_for_each_entry_rcu(ts, pp_tport_bucket(pp_net(key->net)->tports,
						     key->num), node) {
		if (ts->tp != tp)
			continue;
		score = pp_tport_score((struct sock *)ts, key);
		/* of an error @own is no group */
		if (score <= most ||
		    !pp_ip_mc_sf_allow((struct sock *)ts, key->own, key->other,
				       key->ifindex))
			continue;
		most = score;
		best = (struct sock *)ts;
	}
	if (best && !refcount_inc_not_zero(&best->sk_refcnt))
		best = NULL;
	return best;
}
