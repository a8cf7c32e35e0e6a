// SPDX-License-Identifier: GPL-2.0
/*
 * Who is a segment for: connections by four-tuple, listeners by port.
 *
 * Path: tcp_ipv4.c
 * Mirrors: net/ipv4/inet_hashtables.c
 * Locks: lookups are RCU. The table of connections is an rhashtable, which
 * grows with its content; listeners stand in buckets with a spinlock each.
 *
 * Established, half-open and TIME_WAIT objects share struct pp_tcp_node: one
 * walk finds whichever there is. A node's memory is freed after a grace
 * period, and a reference is taken only from a count that is not zero.
 */
#include <linux/hash.h>
#include <net/sock_reuseport.h>
#include "core/hash.h"
#include "core/vrf.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

static u32 pp_tcp_key_hash(const void *data, u32 len, u32 seed)
{
	const struct pp_tcp_key *k = data;

	/* @seed is the table's secret: a peer chooses address and port. */
	return jhash_3words((__force u32)k->laddr, (__force u32)k->faddr,
			    (__force u32)k->lport << 16 |
			    (__force u32)k->fport, seed + k->l3mdev);
}

/* 0: @obj has the key. The table's own way is a call of memcmp(). */
static int pp_tcp_key_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct pp_tcp_key *a = arg->key;
	const struct pp_tcp_key *b = &((const struct pp_tcp_node *)obj)->key;

	return a->faddr != b->faddr || a->fport != b->fport ||
	       a->lport != b->lport || a->laddr != b->laddr ||
	       a->l3mdev != b->l3mdev;
}

static const struct rhashtable_params pp_tcp_conn_params = {
	.key_len = sizeof(struct pp_tcp_key),
	.key_offset = offsetof(struct pp_tcp_node, key),
	.head_offset = offsetof(struct pp_tcp_node, node),
	.hashfn = pp_tcp_key_hash,
	.obj_cmpfn = pp_tcp_key_cmp,
	.automatic_shrinking = true,
	.min_size = 256,
};

static struct sock *pp_tcp_node_sk(struct pp_tcp_node *n)
{
	return (struct sock *)container_of(n, struct pp_tcp_sock, tn);
}

/**
 * pp_tcp_node_get() - take a reference of what a reader has found
 * @n: node
 *
 * Context: RCU.
 * Return: false: its last one is gone.
 */
bool pp_tcp_node_get(struct pp_tcp_node *n)
{
	if (n->kind == PKTPATH_TCP_FULL)
		return refcount_inc_not_zero(&pp_tcp_node_sk(n)->sk_refcnt);
	return refcount_inc_not_zero(pp_tcp_node_ref(n));
}

/**
 * pp_tcp_node_put() - give a reference of pp_tcp_lookup_conn() back
 * @n: node
 *
 * Context: any.
 */
void pp_tcp_node_put(struct pp_tcp_node *n)
{
	if (n->kind == PKTPATH_TCP_FULL)
		sock_put(pp_tcp_node_sk(n));
	else if (refcount_dec_and_test(pp_tcp_node_ref(n)))
		pp_tcp_mini_free(n);
}

/**
 * pp_tcp_lookup_conn() - find the object of a four-tuple
 * @pn: netns
 * @key: the tuple
 *
 * Context: RCU.
 * Return: referenced node, or NULL.
 */
struct pp_tcp_node *pp_tcp_lookup_conn(struct pp_net *pn,
				       const struct pp_tcp_key *key)
{
	struct pp_tcp_node *n;

	n = rhashtable_lookup(&pn->tcp->conns, key, pp_tcp_conn_params);
	if (!n || !pp_tcp_node_get(n))
		return NULL;
	return n;
}

static int pp_tcp_node_bound(struct pp_tcp_node *n)
{
	switch (n->kind) {
	case PKTPATH_TCP_FULL:
		return READ_ONCE(pp_tcp_node_sk(n)->sk_bound_dev_if);
	case PKTPATH_TCP_REQ:
		return container_of(n, struct pp_tcp_req, tn)->bound_if;
	default:
		return container_of(n, struct pp_tcp_tw, tn)->bound_if;
	}
}

/* With tcp_l3mdev_accept who is bound to no device hears of VRFs, too. */
static noinline struct pp_tcp_node *
pp_tcp_lookup_unbound(struct pp_net *pn, const struct pp_tcp_key *key)
{
	struct pp_tcp_key outside = *key;
	struct pp_tcp_node *n;

	if (!READ_ONCE(pn->sysctl.tcp_l3mdev_accept))
		return NULL;
	outside.l3mdev = 0;
	n = pp_tcp_lookup_conn(pn, &outside);
	if (!n || !pp_tcp_node_bound(n))
		return n;
	pp_tcp_node_put(n);
	return NULL;
}

/**
 * pp_tcp_lookup_in() - find the object of a segment, or of an ICMP error
 * @pn: netns
 * @key: the tuple, in the VRF in which the packet is
 *
 * Mirrors: net/ipv4/inet_hashtables.c:__inet_lookup_established (v7.2)
 *
 * Context: RCU.
 * Return: referenced node, or NULL.
 */
struct pp_tcp_node *pp_tcp_lookup_in(struct pp_net *pn,
				     const struct pp_tcp_key *key)
{
	struct pp_tcp_node *n = pp_tcp_lookup_conn(pn, key);

	if (likely(n || !key->l3mdev))
		return n;
	return pp_tcp_lookup_unbound(pn, key);
}

/**
 * pp_tcp_conn_insert() - make a node findable
 * @pn: netns
 * @n: node, its key set
 * @old: node of the same key that it takes the place of, or NULL
 *
 * Context: softirq or process, BH off or on.
 * Return: 0, -EADDRNOTAVAIL when the tuple is taken, -ENOMEM.
 */
int pp_tcp_conn_insert(struct pp_net *pn, struct pp_tcp_node *n,
		       struct pp_tcp_node *old)
{
	int err;

	if (old)
		err = rhashtable_replace_fast(&pn->tcp->conns, &old->node,
					      &n->node, pp_tcp_conn_params);
	else
		err = rhashtable_lookup_insert_fast(&pn->tcp->conns, &n->node,
						    pp_tcp_conn_params);
	if (!err) {
		n->hashed = 1;
		if (old)
			old->hashed = 0;
		return 0;
	}
	return err == -EEXIST || err == -ENOENT ? -EADDRNOTAVAIL : -ENOMEM;
}

/**
 * pp_tcp_conn_remove() - a node is found no more
 * @pn: netns
 * @n: node
 *
 * Context: any; whoever owns the node calls it once.
 * Return: true when it was in the table.
 */
bool pp_tcp_conn_remove(struct pp_net *pn, struct pp_tcp_node *n)
{
	if (!n->hashed)
		return false;
	n->hashed = 0;
	return !rhashtable_remove_fast(&pn->tcp->conns, &n->node,
				       pp_tcp_conn_params);
}

/* ---- Listeners ---- */

static struct pp_tcp_lbucket *pp_tcp_lbucket(struct pp_net *pn, __be16 port)
{
	return &pn->tcp->listen[ntohs(port) & (PKTPATH_TCP_LBUCKETS - 1)];
}

/* How well a listener fits, or -1. */
static int pp_tcp_listen_score(const struct sock *sk,
			       const struct pp_tcp_key *key, int dif,
			       bool accept)
{
	int score = 1, bound = READ_ONCE(sk->sk_bound_dev_if);

	if (inet_sk(sk)->inet_sport != key->lport || sk->sk_state != TCP_LISTEN)
		return -1;
	if (sk->sk_rcv_saddr) {
		if (sk->sk_rcv_saddr != key->laddr)
			return -1;
		score += 4;
	}
	if (!pp_vrf_bound_eq(accept, bound, dif, key->l3mdev))
		return -1;
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score++;
	return bound ? score + 2 : score;
}

/**
 * pp_tcp_lookup_listener() - who listens there
 * @pn: netns
 * @skb: segment
 * @key: its tuple, in the VRF in which it came
 *
 * The most specific listener; among a reuseport group the hash of the
 * four-tuple or the group's program decides.
 *
 * Context: RCU.
 * Return: referenced listener, or NULL.
 */
struct sock *pp_tcp_lookup_listener(struct pp_net *pn, struct sk_buff *skb,
				    const struct pp_tcp_key *key)
{
	const struct hlist_head *head = &pp_tcp_lbucket(pn, key->lport)->head;
	int high, dif = IPCB(skb)->iif;
	struct pp_tcp_listener *lsn;
	struct sock *best;
	bool accept;
	u32 hash;

	accept = unlikely(key->l3mdev) &&
		 READ_ONCE(pn->sysctl.tcp_l3mdev_accept);
again:
	best = NULL;
	high = 0;
	hlist_for_each_entry_rcu(lsn, head, node) {
		struct sock *sk = lsn->sk, *sel;
		int score = pp_tcp_listen_score(sk, key, dif, accept);

		if (score <= high)
			continue;
		high = score;
		best = sk;
		if (!sk->sk_reuseport)
			continue;
		hash = pp_hash_4(pn, (__force u32)key->laddr,
				 (__force u32)key->faddr,
				 (__force u32)key->lport,
				 (__force u32)key->fport);
		sel = reuseport_select_sock(sk, hash, skb,
					    tcp_hdr(skb)->doff * 4);
		if (!IS_ERR_OR_NULL(sel))
			best = sel;
	}
	/* It has closed meanwhile, and is found no more; of its group others
	 * may be left, who must not see their peers refused.
	 */
	if (best && unlikely(!refcount_inc_not_zero(&best->sk_refcnt)))
		goto again;
	return best;
}

static bool pp_tcp_same_group(const struct sock *sk, const struct sock *o)
{
	return o != sk && o->sk_reuseport &&
	       inet_sk(o)->inet_sport == inet_sk(sk)->inet_sport &&
	       o->sk_rcv_saddr == sk->sk_rcv_saddr &&
	       o->sk_bound_dev_if == sk->sk_bound_dev_if &&
	       uid_eq(pp_compat_sk_uid(o), pp_compat_sk_uid(sk));
}

/* Joins the reuseport group of a listener with the same address. */
static int pp_tcp_listen_group(struct pp_tcp_lbucket *b, struct sock *sk)
{
	struct pp_tcp_listener *lsn;

	hlist_for_each_entry(lsn, &b->head, node)
		if (pp_tcp_same_group(sk, lsn->sk))
			return reuseport_add_sock(sk, lsn->sk,
						  !sk->sk_rcv_saddr);
	return reuseport_alloc(sk, !sk->sk_rcv_saddr);
}

/**
 * pp_tcp_listen_other() - another listener of the same reuseport group
 * @sk: listener
 * @hash: chooses among several
 *
 * Context: any.
 * Return: referenced listener, or NULL.
 */
struct sock *pp_tcp_listen_other(struct sock *sk, u32 hash)
{
	struct pp_tcp_lbucket *b = pp_tcp_lbucket(pp_sk(sk)->pn,
						  inet_sk(sk)->inet_sport);
	struct pp_tcp_listener *lsn;
	struct sock *best;
	u32 high;

	rcu_read_lock();
again:
	best = NULL;
	high = 0;
	hlist_for_each_entry_rcu(lsn, &b->head, node) {
		u32 weight = hash_ptr(lsn, 32) ^ hash;

		if (!pp_tcp_same_group(sk, lsn->sk) ||
		    lsn->sk->sk_state != TCP_LISTEN || weight < high)
			continue;
		high = weight;
		best = lsn->sk;
	}
	/* it has closed meanwhile, and is found no more */
	if (best && unlikely(!refcount_inc_not_zero(&best->sk_refcnt)))
		goto again;
	rcu_read_unlock();
	return best;
}

/**
 * pp_tcp_listen_hash() - a listener becomes findable
 * @sk: socket in LISTEN, bound, with its listener's part
 *
 * Context: process, socket locked.
 * Return: 0 or -ENOMEM.
 */
int pp_tcp_listen_hash(struct sock *sk)
{
	struct pp_tcp_lbucket *b = pp_tcp_lbucket(pp_sk(sk)->pn,
						  inet_sk(sk)->inet_sport);
	struct pp_tcp_listener *lsn = pp_tcp_sk(sk)->lsn;
	int err = 0;

	spin_lock_bh(&b->lock);
	if (sk->sk_reuseport)
		err = pp_tcp_listen_group(b, sk);
	if (!err && hlist_unhashed(&lsn->node))
		hlist_add_head_rcu(&lsn->node, &b->head);
	spin_unlock_bh(&b->lock);
	return err;
}

/**
 * pp_tcp_unhash() - nobody finds the socket any more
 * @sk: socket
 *
 * proto.unhash. The local port stays taken until pp_tcp_put_port().
 * Context: softirq or process.
 */
void pp_tcp_unhash(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;

	if (tp->lsn && !hlist_unhashed(&tp->lsn->node)) {
		struct pp_tcp_lbucket *b;

		b = pp_tcp_lbucket(pn, inet_sk(sk)->inet_sport);
		spin_lock_bh(&b->lock);
		hlist_del_init_rcu(&tp->lsn->node);
		spin_unlock_bh(&b->lock);
		if (rcu_access_pointer(sk->sk_reuseport_cb))
			reuseport_detach_sock(sk);
	}
	pp_tcp_conn_remove(pn, &tp->tn);
}

/* ---- Netns ---- */

/**
 * pp_tcp_table_net_init() - tables of a netns
 * @pn: netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_tcp_table_net_init(struct pp_net *pn)
{
	struct pp_tcp_table *t = kvzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	unsigned int i;
	int err;

	if (!t)
		return -ENOMEM;
	err = rhashtable_init(&t->conns, &pp_tcp_conn_params);
	if (err) {
		kvfree(t);
		return err;
	}
	for (i = 0; i < PKTPATH_TCP_LBUCKETS; i++)
		spin_lock_init(&t->listen[i].lock);
	for (i = 0; i < PKTPATH_TCP_BBUCKETS; i++)
		spin_lock_init(&t->bind[i].lock);
	spin_lock_init(&t->tw_lock);
	INIT_LIST_HEAD(&t->tws);
	pn->tcp = t;
	return 0;
}

/**
 * pp_tcp_table_net_exit() - the netns is gone
 * @pn: netns; no packet and no socket is left
 *
 * Context: process, sleeps.
 */
void pp_tcp_table_net_exit(struct pp_net *pn)
{
	if (!pn->tcp)
		return;
	rhashtable_destroy(&pn->tcp->conns);
	pp_tcp_fo_net_exit(pn);
	kvfree(pn->tcp);
	pn->tcp = NULL;
}
