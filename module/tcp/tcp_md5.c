// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures of segments: keys of a socket, making and checking.
 *
 * Path: tcp_output.c, tcp_ctl_out.c (sign), tcp_ipv4.c (check)
 * Mirrors: net/ipv4/tcp_ipv4.c (tcp_md5_do_add, tcp_v4_md5_hash_skb),
 *	    net/ipv4/tcp.c (tcp_inbound_md5_hash)
 * Locks: keys are read under RCU, changed under the socket lock
 *
 * A connection whose peer has a key signs all it sends, has no timestamps
 * (there is no room for both and SACK) and sends single segments: each has a
 * digest of its own. As long as no socket has had a key the path does not ask.
 */
#include <crypto/algapi.h>
#include <linux/inetdevice.h>
#include <linux/skbuff.h>
#include <net/sock.h>
#include "compat/compat_md5.h"
#include "core/vrf.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"

#define PKTPATH_MD5_LEN 16

DEFINE_STATIC_KEY_FALSE(pp_tcp_md5_on);

static DEFINE_MUTEX(pp_tcp_md5_mutex);
static struct crypto_shash *pp_tcp_md5_alg;

/* ---- Keys ---- */

/* From the first key on; kept until the module goes. */
static int pp_tcp_md5_enable(void)
{
	int err = 0;

	mutex_lock(&pp_tcp_md5_mutex);
	if (!static_key_enabled(&pp_tcp_md5_on)) {
		err = pp_compat_md5_get(&pp_tcp_md5_alg);
		if (!err)
			static_branch_enable(&pp_tcp_md5_on);
	}
	mutex_unlock(&pp_tcp_md5_mutex);
	return err;
}

/**
 * pp_tcp_md5_exit() - the module goes; no socket is left
 *
 * Context: process.
 */
void pp_tcp_md5_exit(void)
{
	if (static_key_enabled(&pp_tcp_md5_on))
		pp_compat_md5_put(pp_tcp_md5_alg);
}

static void pp_tcp_md5_key_rcu(struct rcu_head *head)
{
	kfree_sensitive(container_of(head, struct pp_tcp_md5_key, rcu));
}

static void pp_tcp_md5_unlink(struct sock *sk, struct pp_tcp_md5_key *k)
{
	hlist_del_rcu(&k->node);
	atomic_sub(sizeof(*k), &sk->sk_omem_alloc);
	call_rcu(&k->rcu, pp_tcp_md5_key_rcu);
}

/**
 * pp_tcp_md5_free_keys() - the socket is freed
 * @sk: socket without a reader
 *
 * Context: any.
 */
void pp_tcp_md5_free_keys(struct sock *sk)
{
	struct pp_tcp_md5_key *k;
	struct hlist_node *next;

	hlist_for_each_entry_safe(k, next, &pp_tcp_sk(sk)->md5_keys, node)
		pp_tcp_md5_unlink(sk, k);
}

static bool pp_tcp_md5_better(const struct pp_tcp_md5_key *k,
			      const struct pp_tcp_md5_key *than)
{
	if (!than || !k->l3mdev != !than->l3mdev)
		return !than || k->l3mdev;
	return k->prefixlen > than->prefixlen;
}

/**
 * pp_tcp_md5_find() - which key is for a peer?
 * @sk: socket
 * @peer: its address
 * @l3mdev: VRF in which it is, or 0
 *
 * One of that VRF before one of any, then the longest prefix.
 *
 * Context: RCU or socket locked.
 * Return: key, or NULL: segments from and to it are not signed.
 */
const struct pp_tcp_md5_key *pp_tcp_md5_find(const struct sock *sk,
					     __be32 peer, int l3mdev)
{
	const struct pp_tcp_md5_key *k, *best = NULL;

	hlist_for_each_entry_rcu(k, &pp_tcp_sk(sk)->md5_keys, node,
				 lockdep_sock_is_held(sk)) {
		if (k->l3mdev && k->l3mdev != l3mdev)
			continue;
		if ((k->peer ^ peer) & inet_make_mask(k->prefixlen))
			continue;
		if (pp_tcp_md5_better(k, best))
			best = k;
	}
	return best;
}

/**
 * pp_tcp_md5_any() - is there a key for a peer?
 * @sk: socket
 * @peer: its address, or a network
 * @l3mdev: VRF in which it is, 0: in none; -1: whichever
 *
 * Context: socket locked.
 * Return: true if so.
 */
bool pp_tcp_md5_any(const struct sock *sk, __be32 peer, int l3mdev)
{
	const struct pp_tcp_md5_key *k;

	hlist_for_each_entry(k, &pp_tcp_sk(sk)->md5_keys, node)
		if ((l3mdev < 0 || !k->l3mdev || k->l3mdev == l3mdev) &&
		    !((k->peer ^ peer) & inet_make_mask(k->prefixlen)))
			return true;
	return false;
}

/* The very same network and VRF. */
static struct pp_tcp_md5_key *pp_tcp_md5_same(struct sock *sk,
					      const struct pp_tcp_md5_key *want)
{
	struct pp_tcp_md5_key *k;

	hlist_for_each_entry(k, &pp_tcp_sk(sk)->md5_keys, node)
		if (k->peer == want->peer && k->l3mdev == want->l3mdev &&
		    k->prefixlen == want->prefixlen)
			return k;
	return NULL;
}

static struct pp_tcp_md5_key *
pp_tcp_md5_add(struct sock *sk, const struct pp_tcp_md5_key *from, gfp_t gfp)
{
	struct pp_tcp_md5_key *k = sock_kmalloc(sk, sizeof(*k), gfp);

	if (!k)
		return NULL;
	*k = *from;
	hlist_add_head_rcu(&k->node, &pp_tcp_sk(sk)->md5_keys);
	return k;
}

/* Socket locked. A key without bytes takes one away. */
static int pp_tcp_md5_change(struct sock *sk, const struct pp_tcp_md5_key *want)
{
	struct pp_tcp_md5_key *old = pp_tcp_md5_same(sk, want);

	if (!want->len && !old)
		return -ENOENT;
	if (want->len && pp_tcp_ao_wants(sk, want->l3mdev ? : -1, want->peer))
		return -EKEYREJECTED;
	/* What was agreed with the peer stands: a signature takes room. */
	if ((!want->len || !old) &&
	    !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return -EISCONN;
	if (want->len && !pp_tcp_md5_add(sk, want, GFP_KERNEL))
		return -ENOMEM;
	if (old)
		pp_tcp_md5_unlink(sk, old);
	return 0;
}

static int pp_tcp_md5_read(struct sock *sk, int optname,
			   const struct tcp_md5sig *sig,
			   struct pp_tcp_md5_key *k)
{
	const struct sockaddr_in *sin = (const void *)&sig->tcpm_addr;
	bool ext = optname == TCP_MD5SIG_EXT;

	if (sin->sin_family != AF_INET && sin->sin_family != sk->sk_family)
		return -EINVAL;
	k->peer = sin->sin_addr.s_addr;
	k->prefixlen = 32;
	if (ext && sig->tcpm_flags & TCP_MD5SIG_FLAG_PREFIX)
		k->prefixlen = sig->tcpm_prefixlen;
	if (k->prefixlen > 32 || sig->tcpm_keylen > sizeof(k->key))
		return -EINVAL;
	if (ext && sig->tcpm_flags & TCP_MD5SIG_FLAG_IFINDEX &&
	    sig->tcpm_ifindex) {
		k->l3mdev = sig->tcpm_ifindex;
		/* of a VRF, not of one who is in it */
		if (pp_vrf_of(pp_sk(sk)->pn, k->l3mdev) != k->l3mdev)
			return -EINVAL;
	}
	k->len = sig->tcpm_keylen;
	memcpy(k->key, sig->tcpm_key, k->len);
	return 0;
}

/**
 * pp_tcp_md5_set() - TCP_MD5SIG, TCP_MD5SIG_EXT
 * @sk: socket
 * @optname: which of the two
 * @optval: struct tcp_md5sig
 * @optlen: its length
 *
 * Once a connection has begun its key may be replaced, and no more.
 *
 * Context: process, sleeps, takes the socket lock.
 * Return: 0; -EINVAL; -ENOENT: there is no such key, or the kernel has no MD5;
 * -EISCONN; -EKEYREJECTED: there is a key of TCP-AO; -ENOMEM.
 */
int pp_tcp_md5_set(struct sock *sk, int optname, sockptr_t optval,
		   unsigned int optlen)
{
	struct pp_tcp_md5_key want = {};
	struct tcp_md5sig sig;
	int err;

	if (optlen < sizeof(sig))
		return -EINVAL;
	if (copy_from_sockptr(&sig, optval, sizeof(sig)))
		return -EFAULT;
	err = pp_tcp_md5_read(sk, optname, &sig, &want);
	if (!err && want.len)
		err = pp_tcp_md5_enable();
	if (!err) {
		sockopt_lock_sock(sk);
		err = pp_tcp_md5_change(sk, &want);
		sockopt_release_sock(sk);
	}
	memzero_explicit(&sig, sizeof(sig));
	memzero_explicit(&want, sizeof(want));
	return err;
}

/**
 * pp_tcp_md5_begin() - an active open: is it to be signed?
 * @sk: socket with its addresses
 *
 * Context: process, socket locked.
 */
void pp_tcp_md5_begin(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (pp_tcp_md5_find(sk, tp->tn.key.faddr, tp->tn.key.l3mdev))
		set_bit(PKTPATH_TF_MD5, &tp->tflags);
	else
		clear_bit(PKTPATH_TF_MD5, &tp->tflags);
}

/**
 * pp_tcp_md5_inherit() - a passive open: the listener's key for this peer
 * @sk: child, locked, its tuple and numbers set, in no table
 * @lsk: listener, held
 *
 * Context: softirq, RCU.
 * Return: false: no memory.
 */
bool pp_tcp_md5_inherit(struct sock *sk, const struct sock *lsk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pp_tcp_md5_key *k;

	k = pp_tcp_md5_find(lsk, tp->tn.key.faddr, tp->tn.key.l3mdev);
	if (!k)
		return true;
	if (!pp_tcp_md5_add(sk, k, GFP_ATOMIC))
		return false;
	set_bit(PKTPATH_TF_MD5, &tp->tflags);
	/* agreed on before there was a key, or claimed by who sends a cookie
	 * back: a digest has no place in a list of timestamps alone
	 */
	tp->tstamp_ok = false;
	return true;
}

/**
 * pp_tcp_md5_copy() - the key of a connection, for what outlives it
 * @sk: socket
 * @ok: set to false without memory
 *
 * Context: socket locked.
 * Return: copy, to be freed with kfree_sensitive() after a grace period; NULL:
 * it has none, or no memory.
 */
struct pp_tcp_md5_key *pp_tcp_md5_copy(struct sock *sk, bool *ok)
{
	const struct pp_tcp_key *key = &pp_tcp_sk(sk)->tn.key;
	const struct pp_tcp_md5_key *k;
	struct pp_tcp_md5_key *copy;

	if (!pp_tf(pp_tcp_sk(sk), PKTPATH_TF_MD5))
		return NULL;
	k = pp_tcp_md5_find(sk, key->faddr, key->l3mdev);
	if (!k)
		return NULL;
	copy = kmemdup(k, sizeof(*k), GFP_ATOMIC);
	if (!copy)
		*ok = false;
	return copy;
}

/* ---- Digests ---- */

/* RFC 2385 §2.0: pseudo-header, header without options and with a checksum of
 * 0, payload, key. @skb is at its TCP header.
 */
static void pp_tcp_md5_hash(u8 *out, const struct pp_tcp_md5_key *key,
			    __be32 saddr, __be32 daddr, struct sk_buff *skb)
{
	const unsigned int hlen = tcp_hdrlen(skb);
	struct {
		__be32 saddr, daddr;
		u8 zero, proto;
		__be16 len;
		struct tcphdr th;
	} __packed head = {
		.saddr = saddr, .daddr = daddr, .proto = IPPROTO_TCP,
		.len = htons(skb->len), .th = *tcp_hdr(skb),
	};
	struct pp_compat_md5 m;
	struct skb_seq_state st;
	unsigned int done = 0, n;
	const u8 *data;

	head.th.check = 0;
	pp_compat_md5_init(&m, pp_tcp_md5_alg);
	pp_compat_md5_update(&m, &head, sizeof(head));
	skb_prepare_seq_read(skb, hlen, skb->len, &st);
	while ((n = skb_seq_read(done, &data, &st))) {
		pp_compat_md5_update(&m, data, n);
		done += n;
	}
	pp_compat_md5_update(&m, key->key, key->len);
	pp_compat_md5_final(&m, out);
}

/**
 * pp_tcp_md5_sign() - fill in the digest of a segment
 * @skb: at its TCP header, complete but for the checksum, one segment, with
 *	room for the option in front
 * @key: with which
 * @saddr: source
 * @daddr: destination
 *
 * Context: any; key under RCU.
 */
void pp_tcp_md5_sign(struct sk_buff *skb, const struct pp_tcp_md5_key *key,
		     __be32 saddr, __be32 daddr)
{
	pp_tcp_md5_hash(skb->data + PKTPATH_TCP_MD5_AT, key, saddr, daddr, skb);
}

/**
 * pp_tcp_md5_sign_sk() - the same for a segment of a connection
 * @sk: socket with PKTPATH_TF_MD5
 * @skb: as above
 *
 * Context: socket locked.
 */
void pp_tcp_md5_sign_sk(struct sock *sk, struct sk_buff *skb)
{
	const struct pp_tcp_key *key = &pp_tcp_sk(sk)->tn.key;
	const struct pp_tcp_md5_key *k;

	k = pp_tcp_md5_find(sk, key->faddr, key->l3mdev);
	if (!WARN_ON_ONCE(!k))
		pp_tcp_md5_sign(skb, k, key->laddr, key->faddr);
}

/**
 * pp_tcp_md5_genuine() - does a segment have the signature it should have?
 * @pn: netns
 * @key: for its sender, NULL: it should have none
 * @skb: at its TCP header
 * @cause: set when it has not
 *
 * RFC 2385 §2.0: one that has not is dropped without an answer.
 *
 * Context: softirq or process, RCU.
 * Return: true if so.
 */
bool pp_tcp_md5_genuine(struct pp_net *pn, const struct pp_tcp_md5_key *key,
			struct sk_buff *skb, enum pp_drop_cause *cause)
{
	const struct iphdr *iph = ip_hdr(skb);
	const u8 *sig = pp_tcp_opt_md5(skb->data + sizeof(struct tcphdr),
				       tcp_hdrlen(skb) - sizeof(struct tcphdr));
	u8 want[PKTPATH_MD5_LEN];

	if (likely(!key && !sig))
		return true;
	if (!sig) {
		pp_mib_inc(pn, TCPEXT_MD5NOTFOUND);
		*cause = PKTPATH_DROP_TCP_MD5_NONE;
		return false;
	}
	if (!key) {
		pp_mib_inc(pn, TCPEXT_MD5UNEXPECTED);
		*cause = PKTPATH_DROP_TCP_MD5_UNEXPECTED;
		return false;
	}
	pp_tcp_md5_hash(want, key, iph->saddr, iph->daddr, skb);
	if (!crypto_memneq(want, sig, sizeof(want)))
		return true;
	pp_mib_inc(pn, TCPEXT_MD5FAILURE);
	*cause = PKTPATH_DROP_TCP_MD5_WRONG;
	return false;
}

/**
 * pp_tcp_md5_node_genuine() - the same for what a look-up has found
 * @pn: netns
 * @n: connection, half-open one or TIME_WAIT, held
 * @skb: at its TCP header
 * @cause: set when it is not
 *
 * Context: softirq, RCU.
 * Return: true if so.
 */
bool pp_tcp_md5_node_genuine(struct pp_net *pn, struct pp_tcp_node *n,
			     struct sk_buff *skb, enum pp_drop_cause *cause)
{
	const struct pp_tcp_md5_key *key = NULL;
	const struct sock *sk = NULL;

	if (n->kind == PKTPATH_TCP_FULL)
		sk = (struct sock *)container_of(n, struct pp_tcp_sock, tn);
	else if (n->kind == PKTPATH_TCP_REQ)
		sk = READ_ONCE(container_of(n, struct pp_tcp_req, tn)->lsk);
	else
		key = container_of(n, struct pp_tcp_tw, tn)->md5;
	if (sk)
		key = pp_tcp_md5_find(sk, n->key.faddr, n->key.l3mdev);
	return pp_tcp_md5_genuine(pn, key, skb, cause);
}

/**
 * pp_tcp_md5_for_reset() - with which key a reset is signed
 * @pn: netns
 * @sk: socket the segment was for, or NULL
 * @skb: the segment, at its TCP header
 * @held: set to a socket that has the key, to be put by the caller, or NULL
 * @ok: set to false: there must be no reset
 *
 * Of a connection that is lost here, a listener on the peer's port may still
 * know the secret: that of a protocol whose both ends listen on one port. What
 * is signed and cannot be checked is not answered.
 *
 * Context: softirq or process, RCU.
 * Return: key, or NULL: none.
 */
const struct pp_tcp_md5_key *pp_tcp_md5_for_reset(struct pp_net *pn,
						  const struct sock *sk,
						  struct sk_buff *skb,
						  struct sock **held, bool *ok)
{
	const struct pp_tcp_md5_key *key;
	enum pp_drop_cause cause;
	struct pp_tcp_key who;
	struct sock *lsk;

	*held = NULL;
	*ok = true;
	/* One that waited for its socket has no device any more. */
	if (sk)
		return !pp_tcp_md5_used() ? NULL :
		       pp_tcp_md5_find(sk, ip_hdr(skb)->saddr, skb->dev ?
				       pp_skb_sdif(skb) :
				       pp_tcp_sk(sk)->tn.key.l3mdev);
	if (!pp_tcp_opt_md5(skb->data + sizeof(struct tcphdr),
			    tcp_hdrlen(skb) - sizeof(struct tcphdr)))
		return NULL;
	*ok = false;
	if (!pp_tcp_md5_used())
		return NULL;
	pp_tcp_skb_key(skb, &who);
	who.lport = who.fport;
	lsk = pp_tcp_lookup_listener(pn, skb, &who);
	if (!lsk)
		return NULL;
	*held = lsk;
	key = pp_tcp_md5_find(lsk, who.faddr, who.l3mdev);
	*ok = key && pp_tcp_md5_genuine(pn, key, skb, &cause);
	return key;
}
