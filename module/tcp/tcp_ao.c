// SPDX-License-Identifier: GPL-2.0
/*
 * Authenticated segments (RFC 5925): the keys of a socket, and what becomes of
 * them when a connection begins and ends.
 *
 * Path: tcp_ctl_out.c, tcp_minisocks.c -> here; tcp_ao_sign.c, tcp_ao_check.c
 * Mirrors: net/ipv4/tcp_ao.c (tcp_ao_connect_init, tcp_ao_copy_all_matching,
 *	    tcp_ao_time_wait)
 * Locks: pp_tcp_sock.ao and its list are read under RCU, changed under the
 * socket lock. A listener's keys are for many peers; those of a connection are
 * for its peer alone. What is left in TIME_WAIT has a copy of its own.
 */
#include <linux/inetdevice.h>
#include <net/sock.h>
#include "core/vrf.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"

DEFINE_STATIC_KEY_FALSE(pp_tcp_ao_on);

/**
 * pp_tcp_ao_enable() - from now on segments are looked at
 *
 * Kept until the module goes.
 *
 * Context: process, sleeps; no socket locked.
 * Return: 0; -ENOPROTOOPT: counters of 64 bits are not read whole here.
 */
int pp_tcp_ao_enable(void)
{
	if (!IS_ENABLED(CONFIG_64BIT))
		return -ENOPROTOOPT;
	static_branch_enable(&pp_tcp_ao_on);
	return 0;
}

/**
 * pp_tcp_ao_exit() - the module goes; no socket is left
 *
 * Context: process.
 */
void pp_tcp_ao_exit(void)
{
	pp_tcp_ao_mac_exit();
}

/* ---- Which key ---- */

/**
 * pp_tcp_ao_match() - is a key for a peer?
 * @k: key
 * @l3mdev: VRF in which the peer is, 0: in none; -1: whichever
 * @peer: its address, or a network
 * @prefixlen: bits that count
 *
 * Context: key under RCU or socket locked.
 * Return: true if so. 0.0.0.0 on either side is everybody.
 */
bool pp_tcp_ao_match(const struct pp_tcp_ao_key *k, int l3mdev, __be32 peer,
		     unsigned int prefixlen)
{
	if (l3mdev >= 0 && k->mkt.flags & PKTPATH_AO_IFINDEX &&
	    k->l3mdev != l3mdev)
		return false;
	return !k->peer || !peer ||
	       !((k->peer ^ peer) & inet_make_mask(prefixlen));
}

/**
 * pp_tcp_ao_for() - find a key for a peer
 * @ao: keys
 * @l3mdev: VRF in which the peer is, 0: in none; -1: whichever
 * @peer: its address
 * @sndid: KeyID that we send, -1: any
 * @rcvid: KeyID that we receive, -1: any
 *
 * Context: RCU or socket locked.
 * Return: key or NULL.
 */
struct pp_tcp_ao_key *pp_tcp_ao_for(const struct pp_tcp_ao *ao, int l3mdev,
				    __be32 peer, int sndid, int rcvid)
{
	struct pp_tcp_ao_key *k;

	hlist_for_each_entry_rcu(k, &ao->keys, node, true) {
		if ((sndid >= 0 && k->mkt.sndid != sndid) ||
		    (rcvid >= 0 && k->mkt.rcvid != rcvid))
			continue;
		if (pp_tcp_ao_match(k, l3mdev, peer, k->prefixlen))
			return k;
	}
	return NULL;
}

/**
 * pp_tcp_ao_by() - find a key of a connection, all of which are for its peer
 * @ao: keys
 * @sndid: KeyID that we send, -1: any
 * @rcvid: KeyID that we receive, -1: any
 *
 * Context: RCU or socket locked.
 * Return: key or NULL.
 */
struct pp_tcp_ao_key *pp_tcp_ao_by(const struct pp_tcp_ao *ao, int sndid,
				   int rcvid)
{
	return pp_tcp_ao_for(ao, -1, 0, sndid, rcvid);
}

/**
 * pp_tcp_ao_locked() - the keys of a socket
 * @sk: socket
 *
 * Context: socket locked.
 * Return: keys or NULL.
 */
struct pp_tcp_ao *pp_tcp_ao_locked(const struct sock *sk)
{
	return rcu_dereference_protected(pp_tcp_sk(sk)->ao,
					 lockdep_sock_is_held(sk));
}

/**
 * pp_tcp_ao_wants() - does TCP-AO stand in the way of another signature?
 * @sk: socket
 * @l3mdev: VRF, 0: in none; -1: whichever
 * @peer: address or network
 *
 * Context: socket locked.
 * Return: true: there is a key for this peer, or everybody must have one.
 */
bool pp_tcp_ao_wants(const struct sock *sk, int l3mdev, __be32 peer)
{
	const struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);

	return ao && (READ_ONCE(ao->required) ||
		      pp_tcp_ao_for(ao, l3mdev, peer, -1, -1));
}

/* ---- Birth and death ---- */

/**
 * pp_tcp_ao_alloc() - no keys yet
 * @gfp: how
 *
 * Context: as @gfp.
 * Return: to be freed by pp_tcp_ao_free(); NULL: no memory.
 */
struct pp_tcp_ao *pp_tcp_ao_alloc(gfp_t gfp)
{
	return kzalloc(sizeof(struct pp_tcp_ao), gfp);
}

/**
 * pp_tcp_ao_free() - keys of which no socket is charged
 * @ao: keys without a reader, or NULL
 *
 * Context: any.
 */
void pp_tcp_ao_free(struct pp_tcp_ao *ao)
{
	struct pp_tcp_ao_key *k;
	struct hlist_node *next;

	if (likely(!ao))
		return;
	hlist_for_each_entry_safe(k, next, &ao->keys, node)
		kfree_sensitive(k);
	kfree(ao);
}

static void pp_tcp_ao_rcu(struct rcu_head *head)
{
	pp_tcp_ao_free(container_of(head, struct pp_tcp_ao, rcu));
}

/**
 * pp_tcp_ao_detach() - a socket has no keys any more
 * @sk: socket, locked, or freed without a reader
 *
 * Context: any.
 */
void pp_tcp_ao_detach(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_ao *ao = rcu_dereference_protected(tp->ao, true);
	struct pp_tcp_ao_key *k;

	if (likely(!ao))
		return;
	hlist_for_each_entry(k, &ao->keys, node)
		atomic_sub(sizeof(*k), &sk->sk_omem_alloc);
	RCU_INIT_POINTER(tp->ao, NULL);
	call_rcu(&ao->rcu, pp_tcp_ao_rcu);
}

static void pp_tcp_ao_key_rcu(struct rcu_head *head)
{
	kfree_sensitive(container_of(head, struct pp_tcp_ao_key, rcu));
}

/**
 * pp_tcp_ao_link() - add a key
 * @ao: of a socket that is locked, or that nobody sees
 * @k: key, complete
 *
 * Context: any.
 */
void pp_tcp_ao_link(struct pp_tcp_ao *ao, struct pp_tcp_ao_key *k)
{
	unsigned int bytes = (4 + k->mkt.maclen + 3) & ~3;

	ao->space = max_t(unsigned int, ao->space, bytes);
	hlist_add_head_rcu(&k->node, &ao->keys);
}

/**
 * pp_tcp_ao_key_free() - a key is in no list and not in use any more
 * @sk: socket that is charged, locked
 * @k: its key; whoever has seen it in use may still look at it
 *
 * Context: any.
 */
void pp_tcp_ao_key_free(struct sock *sk, struct pp_tcp_ao_key *k)
{
	atomic_sub(sizeof(*k), &sk->sk_omem_alloc);
	call_rcu(&k->rcu, pp_tcp_ao_key_rcu);
}

/* ---- Active open ---- */

/* What is for others. A segment of the connection before may still be at work
 * and choose one of them.
 */
static void pp_tcp_ao_prune(struct sock *sk, struct pp_tcp_ao *ao)
{
	const struct pp_tcp_key *key = &pp_tcp_sk(sk)->tn.key;
	struct pp_tcp_ao_key *k;
	struct hlist_node *next;
	bool waited = false;

	hlist_for_each_entry_safe(k, next, &ao->keys, node) {
		if (pp_tcp_ao_match(k, key->l3mdev, key->faddr, k->prefixlen))
			continue;
		if (!waited)
			synchronize_rcu();
		waited = true;
		if (ao->cur == k)
			WRITE_ONCE(ao->cur, NULL);
		if (ao->rnext == k)
			WRITE_ONCE(ao->rnext, NULL);
		hlist_del_rcu(&k->node);
		pp_tcp_ao_key_free(sk, k);
	}
}

/**
 * pp_tcp_ao_begin() - an active open: is it to be signed?
 * @sk: socket with its addresses and write_seq
 *
 * Context: process, socket locked, sleeps.
 * Return: 0; -EKEYREJECTED: keys, but none for this peer, or one for each of
 * the two kinds of signatures.
 */
int pp_tcp_ao_begin(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);
	const struct pp_tcp_key *key = &tp->tn.key;
	struct pp_tcp_ao_key *k;
	bool md5;

	clear_bit(PKTPATH_TF_AO, &tp->tflags);
	if (!ao)
		return 0;
	md5 = pp_tcp_md5_used() &&
	      pp_tcp_md5_find(sk, key->faddr, key->l3mdev);
	k = pp_tcp_ao_for(ao, key->l3mdev, key->faddr, -1, -1);
	if (md5 && !k && !ao->required) {
		pp_tcp_ao_detach(sk);
		return 0;
	}
	if (md5 || !k)
		return -EKEYREJECTED;
	WRITE_ONCE(ao->ready, false);
	pp_tcp_ao_prune(sk, ao);
	if (!ao->cur)
		WRITE_ONCE(ao->cur, k);
	if (!ao->rnext)
		WRITE_ONCE(ao->rnext, k);
	ao->lisn = tp->write_seq;
	ao->risn = 0;
	set_bit(PKTPATH_TF_AO, &tp->tflags);
	return 0;
}

/* Both numbers are known: from here on it is these keys. */
static void pp_tcp_ao_ready(const struct pp_tcp_key *key, struct pp_tcp_ao *ao)
{
	struct pp_tcp_ao_key *k;

	hlist_for_each_entry(k, &ao->keys, node)
		pp_tcp_ao_derive(key, ao, k);
	/* pairs with smp_load_acquire() of who checks without the lock */
	smp_store_release(&ao->ready, true);
}

/**
 * pp_tcp_ao_peer_isn() - the peer's SYN has come
 * @sk: socket that has sent its own
 * @irs: the peer's initial number
 *
 * Context: socket locked.
 */
void pp_tcp_ao_peer_isn(struct sock *sk, u32 irs)
{
	struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);

	if (!ao)
		return;
	ao->risn = irs;
	pp_tcp_ao_ready(&pp_tcp_sk(sk)->tn.key, ao);
}

/* ---- Copies ---- */

/* Keys of @from for @key's peer, NULL: all. @sk is charged unless NULL. */
static bool pp_tcp_ao_copy_keys(struct pp_tcp_ao *to, struct sock *sk,
				const struct pp_tcp_ao *from,
				const struct pp_tcp_key *key)
{
	struct pp_tcp_ao_key *k, *copy;

	hlist_for_each_entry_rcu(k, &from->keys, node, true) {
		if (key && !pp_tcp_ao_match(k, key->l3mdev, key->faddr,
					    k->prefixlen))
			continue;
		copy = sk ? sock_kmalloc(sk, sizeof(*k), GFP_ATOMIC) :
			    kmalloc(sizeof(*k), GFP_ATOMIC);
		if (!copy)
			return false;
		*copy = *k;
		atomic64_set(&copy->good, 0);
		atomic64_set(&copy->bad, 0);
		if (READ_ONCE(from->cur) == k)
			to->cur = copy;
		if (READ_ONCE(from->rnext) == k)
			to->rnext = copy;
		pp_tcp_ao_link(to, copy);
	}
	return true;
}

/**
 * pp_tcp_ao_req() - how was the first segment of a passive open signed?
 * @req: half-open object, in no table
 * @skb: SYN, or the ACK that carries a cookie, verified; at its TCP header
 *
 * RFC 5925 §7.4: it is decided by the SYN.
 *
 * Context: softirq.
 */
void pp_tcp_ao_req(struct pp_tcp_req *req, const struct sk_buff *skb)
{
	const u8 *opt;

	pp_tcp_ao_find(skb->data + sizeof(struct tcphdr),
		       tcp_hdrlen(skb) - sizeof(struct tcphdr), &opt);
	if (!opt)
		return;
	req->ao = 1;
	req->ao_rcvid = opt[2];
	req->ao_sndid = opt[3];
}

/**
 * pp_tcp_ao_inherit() - a passive open: the listener's keys for this peer
 * @sk: child, locked, its tuple and numbers set, in no table
 * @lsk: listener, held
 * @req: from which it is made
 *
 * Context: softirq, RCU.
 * Return: false: no memory, or the listener has no such key any more.
 */
bool pp_tcp_ao_inherit(struct sock *sk, const struct sock *lsk,
		       const struct pp_tcp_req *req)
{
	const struct pp_tcp_ao *from = rcu_dereference(pp_tcp_sk(lsk)->ao);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_ao_key *first;
	struct pp_tcp_ao *ao;

	clear_bit(PKTPATH_TF_AO, &tp->tflags);
	if (!req->ao)
		return true;
	ao = from ? pp_tcp_ao_alloc(GFP_ATOMIC) : NULL;
	if (!ao)
		return false;
	/* The socket has it, and frees it if this fails. */
	RCU_INIT_POINTER(tp->ao, ao);
	if (!pp_tcp_ao_copy_keys(ao, sk, from, &req->tn.key) ||
	    hlist_empty(&ao->keys))
		return false;
	ao->required = READ_ONCE(from->required);
	ao->accept_icmps = READ_ONCE(from->accept_icmps);
	ao->lisn = req->iss;
	ao->risn = req->irs;
	first = hlist_entry(ao->keys.first, struct pp_tcp_ao_key, node);
	ao->cur = pp_tcp_ao_by(ao, req->ao_sndid, -1) ? : first;
	ao->rnext = pp_tcp_ao_by(ao, -1, req->ao_rcvid) ? : first;
	pp_tcp_ao_ready(&req->tn.key, ao);
	set_bit(PKTPATH_TF_AO, &tp->tflags);
	return true;
}

/**
 * pp_tcp_ao_copy() - the keys of a connection, for what outlives it
 * @sk: socket
 * @ok: set to false without memory
 *
 * Context: socket locked.
 * Return: for pp_tcp_ao_free(); NULL: it has none, or no memory.
 */
struct pp_tcp_ao *pp_tcp_ao_copy(struct sock *sk, bool *ok)
{
	const struct pp_tcp_ao *from = pp_tcp_ao_locked(sk);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_ao *ao;

	if (!from || !pp_tf(tp, PKTPATH_TF_AO))
		return NULL;
	ao = pp_tcp_ao_alloc(GFP_ATOMIC);
	*ok = ao && pp_tcp_ao_copy_keys(ao, NULL, from, NULL);
	if (!*ok) {
		pp_tcp_ao_free(ao);
		return NULL;
	}
	ao->lisn = from->lisn;
	ao->risn = from->risn;
	ao->accept_icmps = from->accept_icmps;
	ao->snd64 = (u64)ao->lisn + tp->bytes_acked;
	ao->rcv64 = (u64)ao->risn + tp->bytes_received;
	/* one that a segment has just chosen may have missed the copy */
	if (!ao->cur)
		ao->cur = ao->rnext;
	ao->ready = from->ready;
	return ao;
}
