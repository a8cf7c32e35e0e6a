// SPDX-License-Identifier: GPL-2.0
/*
 * Options of a user of TCP-AO: TCP_AO_ADD_KEY, TCP_AO_DEL_KEY, TCP_AO_INFO,
 * TCP_AO_GET_KEYS, as AF_INET has them since 6.7.
 *
 * Path: tcp_sockopt.c
 * Mirrors: net/ipv4/tcp_ao.c (tcp_ao_add_cmd, tcp_ao_del_cmd, tcp_ao_info_cmd,
 *	    tcp_ao_copy_mkts_to_user)
 * Locks: the socket's, taken here; algorithms are found before it is
 */
#include <linux/inetdevice.h>
#include <net/sock.h>
#include "core/vrf.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"

#define PKTPATH_AO_MACLEN	12	/* RFC 5925 §2.2 */
#define PKTPATH_AO_SPACE	20	/* beside MSS, timestamps, scale of a SYN */
#define PKTPATH_AES_KEY		16

/* A structure that may have grown: what we do not know must be 0. */
static int pp_tcp_ao_read(void *to, unsigned int size, sockptr_t from,
			  unsigned int len)
{
	unsigned int at;
	u8 c;

	memset(to, 0, size);
	if (copy_from_sockptr(to, from, min(size, len)))
		return -EFAULT;
	if (len > PAGE_SIZE)
		return -E2BIG;
	for (at = size; at < len; at++) {
		if (copy_from_sockptr_offset(&c, from, at, 1))
			return -EFAULT;
		if (c)
			return -E2BIG;
	}
	return 0;
}

/* A network without bits behind its prefix, and everybody without a prefix. */
static bool pp_tcp_ao_net_ok(__be32 addr, unsigned int prefix)
{
	if (!prefix)
		return !addr;
	return addr && prefix <= 32 && !(addr & ~inet_make_mask(prefix));
}

static bool pp_tcp_ao_idle(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN);
}

/* Which keys are in use says no listener. */
static bool pp_tcp_ao_may_choose(const struct sock *sk, bool want)
{
	return !want || sk->sk_state != TCP_LISTEN;
}

/* Keys of a socket, made if need be; socket locked. */
static struct pp_tcp_ao *pp_tcp_ao_get_or_make(struct sock *sk)
{
	struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);

	if (ao)
		return ao;
	/* What was agreed with the peer stands. */
	if (!pp_tcp_ao_idle(sk))
		return ERR_PTR(-EISCONN);
	ao = pp_tcp_ao_alloc(GFP_KERNEL);
	return ao ? : ERR_PTR(-ENOMEM);
}

/* ---- TCP_AO_ADD_KEY ---- */

/* What can be said of a new key without its socket. */
static int pp_tcp_ao_add_check(struct sock *sk, const struct pp_ao_user_add *a)
{
	const struct sockaddr_in *sin = (const void *)&a->addr;

	if (a->keylen > PKTPATH_AO_MAXKEYLEN || a->reserved || a->reserved2)
		return -EINVAL;
	if (sin->sin_family != AF_INET && sin->sin_family != sk->sk_family)
		return -EINVAL;
	if (sin->sin_port ||
	    !pp_tcp_ao_net_ok(sin->sin_addr.s_addr, a->prefix))
		return -EINVAL;
	if (a->keyflags & ~(PKTPATH_AO_IFINDEX | PKTPATH_AO_EXCLUDE_OPT))
		return -EINVAL;
	if (a->ifindex && !(a->keyflags & PKTPATH_AO_IFINDEX))
		return -EINVAL;
	return 0;
}

/* RFC 5926 §3.1.1.2: a key of another length is made one of AES first. */
static int pp_tcp_ao_extract(struct pp_tcp_ao_mkt *m,
			     const struct pp_ao_user_add *a)
{
	static const u8 zero[PKTPATH_AES_KEY];
	u8 out[PKTPATH_AO_TKEY];

	if (!pp_tcp_ao_mac_sum(m->alg, zero, sizeof(zero), a->key, a->keylen,
			       NULL, out))
		return -EINVAL;
	memcpy(m->key, out, PKTPATH_AES_KEY);
	m->len = PKTPATH_AES_KEY;
	memzero_explicit(out, sizeof(out));
	return 0;
}

static int pp_tcp_ao_parse(struct pp_tcp_ao_mkt *m,
			   const struct pp_ao_user_add *a)
{
	const char *name = a->alg_name;
	u8 sum[PKTPATH_AO_TKEY];
	unsigned int alg;
	bool cmac, ok;
	int err;

	/* of the two names one takes keys of any length */
	cmac = !strcmp(name, "cmac(aes128)");
	if (cmac || (!strcmp(name, "cmac(aes)") &&
		     a->keylen == PKTPATH_AES_KEY))
		name = "cmac(aes)";
	else if (!strcmp(name, "cmac(aes)"))
		return -ENOENT;
	err = pp_tcp_ao_mac_get(name, &alg);
	if (err)
		return err;
	m->alg = alg;
	m->maclen = a->maclen ? : PKTPATH_AO_MACLEN;
	m->sndid = a->sndid;
	m->rcvid = a->rcvid;
	m->flags = a->keyflags;
	if (round_up(4 + m->maclen, 4) > PKTPATH_AO_SPACE)
		return -EMSGSIZE;
	if (m->maclen > pp_tcp_ao_mac_bytes(alg))
		return -EINVAL;
	if (cmac && a->keylen != PKTPATH_AES_KEY)
		return pp_tcp_ao_extract(m, a);
	memcpy(m->key, a->key, a->keylen);
	m->len = a->keylen;
	/* one that the kernel refuses (FIPS) would sign nothing */
	ok = pp_tcp_ao_mac_sum(alg, m->key, m->len, a->key, 0, NULL, sum);
	memzero_explicit(sum, sizeof(sum));
	return ok ? 0 : -EINVAL;
}

/* The VRF of a new key, -1: whichever; socket locked. Every key of a connection
 * is for its peer.
 */
static int pp_tcp_ao_add_vrf(struct sock *sk, const struct pp_ao_user_add *a,
			     int *l3mdev)
{
	*l3mdev = -1;
	if (!(a->keyflags & PKTPATH_AO_IFINDEX))
		return 0;
	/* of a VRF, not of one who is in it */
	if (a->ifindex &&
	    pp_vrf_of(pp_sk(sk)->pn, a->ifindex) != a->ifindex)
		return -EINVAL;
	if (!pp_tcp_ao_idle(sk) &&
	    pp_tcp_sk(sk)->tn.key.l3mdev != a->ifindex)
		return -EINVAL;
	*l3mdev = a->ifindex;
	return 0;
}

/* RFC 5925 §3.1: IDs must not overlap where peers do: a key of whichever VRF
 * overlaps all, what the kernel lets pass.
 */
static bool pp_tcp_ao_overlaps(const struct pp_tcp_ao *ao, __be32 peer,
			       int l3mdev, const struct pp_ao_user_add *a)
{
	const struct pp_tcp_ao_key *k;

	hlist_for_each_entry(k, &ao->keys, node)
		if ((k->mkt.sndid == a->sndid || k->mkt.rcvid == a->rcvid) &&
		    pp_tcp_ao_match(k, l3mdev, peer,
				    min(a->prefix, k->prefixlen)))
			return true;
	return false;
}

/* A key may make segments longer; what is queued is cut when it is sent. */
static void pp_tcp_ao_added(struct sock *sk, struct pp_tcp_ao *ao,
			    struct pp_tcp_ao_key *k,
			    const struct pp_ao_user_add *a)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (pp_tf(tp, PKTPATH_TF_AO) && ao->ready)
		pp_tcp_ao_derive(&tp->tn.key, ao, k);
	pp_tcp_ao_link(ao, k);
	if (a->set_current)
		WRITE_ONCE(ao->cur, k);
	if (a->set_rnext)
		WRITE_ONCE(ao->rnext, k);
	rcu_assign_pointer(tp->ao, ao);
	if (!pp_tcp_ao_idle(sk))
		pp_tcp_sync_mss(sk, tp->pmtu_cookie);
}

/* Socket locked. */
static int pp_tcp_ao_add_locked(struct sock *sk, const struct pp_ao_user_add *a,
				const struct pp_tcp_ao_mkt *m)
{
	const struct sockaddr_in *sin = (const void *)&a->addr;
	const __be32 peer = sin->sin_addr.s_addr;
	const __be32 daddr = inet_sk(sk)->inet_daddr;
	struct pp_tcp_ao_key *k;
	struct pp_tcp_ao *ao;
	int l3mdev, err;

	if (a->prefix && daddr && (daddr ^ peer) & inet_make_mask(a->prefix))
		return -EINVAL;
	if (!pp_tcp_ao_may_choose(sk, a->set_current || a->set_rnext))
		return -EINVAL;
	err = pp_tcp_ao_add_vrf(sk, a, &l3mdev);
	if (err)
		return err;
	if (pp_tcp_md5_used() && pp_tcp_md5_any(sk, peer, l3mdev))
		return -EKEYREJECTED;
	ao = pp_tcp_ao_get_or_make(sk);
	if (IS_ERR(ao))
		return PTR_ERR(ao);
	err = -EEXIST;
	if (pp_tcp_ao_overlaps(ao, peer, l3mdev, a))
		goto fail;
	err = -ENOMEM;
	k = sock_kmalloc(sk, sizeof(*k), GFP_KERNEL | __GFP_ZERO);
	if (!k)
		goto fail;
	k->peer = peer;
	k->l3mdev = max(l3mdev, 0);
	k->prefixlen = a->prefix;
	k->mkt = *m;
	pp_tcp_ao_added(sk, ao, k, a);
	return 0;
fail:
	if (!pp_tcp_ao_locked(sk))
		kfree(ao);
	return err;
}

static int pp_tcp_ao_add(struct sock *sk, sockptr_t optval,
			 unsigned int optlen)
{
	struct pp_tcp_ao_mkt m = {};
	struct pp_ao_user_add a;
	int err;

	if (optlen < sizeof(a))
		return -EINVAL;
	err = pp_tcp_ao_read(&a, sizeof(a), optval, optlen);
	a.alg_name[sizeof(a.alg_name) - 1] = 0;
	err = err ? : pp_tcp_ao_add_check(sk, &a);
	err = err ? : pp_tcp_ao_parse(&m, &a);
	err = err ? : pp_tcp_ao_enable();
	if (!err) {
		sockopt_lock_sock(sk);
		err = pp_tcp_ao_add_locked(sk, &a, &m);
		sockopt_release_sock(sk);
	}
	memzero_explicit(&a, sizeof(a));
	memzero_explicit(&m, sizeof(m));
	return err;
}

/* ---- Which keys are in use ---- */

/* By KeyIDs, -1: as it is. Nothing changes with an error. */
static int pp_tcp_ao_choose(struct pp_tcp_ao *ao, int cur, int rnext,
			    struct pp_tcp_ao_key **new_cur,
			    struct pp_tcp_ao_key **new_rnext)
{
	*new_cur = cur >= 0 ? pp_tcp_ao_by(ao, cur, -1) : NULL;
	*new_rnext = rnext >= 0 ? pp_tcp_ao_by(ao, -1, rnext) : NULL;
	if ((cur >= 0 && !*new_cur) || (rnext >= 0 && !*new_rnext))
		return -ENOENT;
	return 0;
}

static void pp_tcp_ao_use(struct pp_tcp_ao *ao, struct pp_tcp_ao_key *cur,
			  struct pp_tcp_ao_key *rnext)
{
	if (cur)
		WRITE_ONCE(ao->cur, cur);
	if (rnext)
		WRITE_ONCE(ao->rnext, rnext);
}

/* ---- TCP_AO_DEL_KEY ---- */

static struct pp_tcp_ao_key *pp_tcp_ao_same(struct pp_tcp_ao *ao,
					    const struct pp_ao_user_del *d,
					    const struct pp_tcp_ao_key *cur,
					    const struct pp_tcp_ao_key *rnext)
{
	const struct sockaddr_in *sin = (const void *)&d->addr;
	bool ifindex = d->keyflags & PKTPATH_AO_IFINDEX;
	struct pp_tcp_ao_key *k;

	hlist_for_each_entry(k, &ao->keys, node)
		if (k->mkt.sndid == d->sndid && k->mkt.rcvid == d->rcvid &&
		    k->prefixlen == d->prefix &&
		    k->peer == sin->sin_addr.s_addr &&
		    !(k->mkt.flags & PKTPATH_AO_IFINDEX) == !ifindex &&
		    k->l3mdev == (ifindex ? d->ifindex : 0) && k != cur &&
		    k != rnext)
			return k;
	return NULL;
}

/* A segment that is at work may choose the key: it must not be found, and who
 * has found it must be done, before it can be said that it is not in use.
 */
static int pp_tcp_ao_remove(struct sock *sk, struct pp_tcp_ao *ao,
			    struct pp_tcp_ao_key *k, struct pp_tcp_ao_key *cur,
			    struct pp_tcp_ao_key *rnext)
{
	hlist_del_rcu(&k->node);
	synchronize_rcu();
	pp_tcp_ao_use(ao, cur, rnext);
	if (READ_ONCE(ao->cur) == k || READ_ONCE(ao->rnext) == k) {
		hlist_add_head_rcu(&k->node, &ao->keys);
		return -EBUSY;
	}
	/* until a moment ago it could be seen as the one in use */
	pp_tcp_ao_key_free(sk, k);
	return 0;
}

/* Socket locked. */
static int pp_tcp_ao_del_locked(struct sock *sk, const struct pp_ao_user_del *d)
{
	struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);
	const struct sockaddr_in *sin = (const void *)&d->addr;
	struct pp_tcp_ao_key *k, *cur, *rnext;
	int err;

	if (!ao)
		return pp_tcp_ao_idle(sk) ? -ENOENT : -EISCONN;
	if (!pp_tcp_ao_may_choose(sk, d->set_current || d->set_rnext))
		return -EINVAL;
	err = pp_tcp_ao_choose(ao, d->set_current ? d->current_key : -1,
			       d->set_rnext ? d->rnext : -1, &cur, &rnext);
	if (err)
		return err;
	if (d->del_async && sk->sk_state != TCP_LISTEN)
		return -EINVAL;
	if (sin->sin_port)
		return -EINVAL;
	k = pp_tcp_ao_same(ao, d, cur, rnext);
	if (!k)
		return -ENOENT;
	if (!d->del_async)
		return pp_tcp_ao_remove(sk, ao, k, cur, rnext);
	/* a listener uses none itself, and may have been a connection */
	if (ao->cur == k)
		WRITE_ONCE(ao->cur, NULL);
	if (ao->rnext == k)
		WRITE_ONCE(ao->rnext, NULL);
	hlist_del_rcu(&k->node);
	pp_tcp_ao_key_free(sk, k);
	return 0;
}

static int pp_tcp_ao_del(struct sock *sk, sockptr_t optval,
			 unsigned int optlen)
{
	struct pp_ao_user_del d;
	int err;

	if (optlen < sizeof(d))
		return -EINVAL;
	err = pp_tcp_ao_read(&d, sizeof(d), optval, optlen);
	if (err)
		return err;
	if (d.reserved || d.reserved2 || d.keyflags & ~PKTPATH_AO_IFINDEX ||
	    (d.ifindex && !(d.keyflags & PKTPATH_AO_IFINDEX)))
		return -EINVAL;
	sockopt_lock_sock(sk);
	err = pp_tcp_ao_del_locked(sk, &d);
	sockopt_release_sock(sk);
	return err;
}

/* ---- TCP_AO_INFO ---- */

/* Socket locked. */
static int pp_tcp_ao_info_locked(struct sock *sk,
				 const struct pp_ao_user_info *o)
{
	struct pp_tcp_ao_key *cur, *rnext;
	struct pp_tcp_ao *ao;
	int err;

	if (!pp_tcp_ao_may_choose(sk, o->set_current || o->set_rnext))
		return -EINVAL;
	ao = pp_tcp_ao_get_or_make(sk);
	if (IS_ERR(ao))
		return PTR_ERR(ao);
	err = pp_tcp_ao_choose(ao, o->set_current ? o->current_key : -1,
			       o->set_rnext ? o->rnext : -1, &cur, &rnext);
	if (o->ao_required && !hlist_empty(&pp_tcp_sk(sk)->md5_keys))
		err = -EKEYREJECTED;
	if (err) {
		if (!pp_tcp_ao_locked(sk))
			kfree(ao);
		return err;
	}
	if (o->set_counters) {
		atomic64_set(&ao->good, o->pkt_good);
		atomic64_set(&ao->bad, o->pkt_bad);
		atomic64_set(&ao->not_found, o->pkt_key_not_found);
		atomic64_set(&ao->wanting, o->pkt_ao_required);
		atomic64_set(&ao->icmps, o->pkt_dropped_icmp);
	}
	WRITE_ONCE(ao->required, o->ao_required);
	WRITE_ONCE(ao->accept_icmps, o->accept_icmps);
	pp_tcp_ao_use(ao, cur, rnext);
	rcu_assign_pointer(pp_tcp_sk(sk)->ao, ao);
	return 0;
}

static int pp_tcp_ao_info_set(struct sock *sk, sockptr_t optval,
			      unsigned int optlen)
{
	struct pp_ao_user_info o;
	int err;

	if (optlen < sizeof(o))
		return -EINVAL;
	err = pp_tcp_ao_read(&o, sizeof(o), optval, optlen);
	if (!err && (o.reserved || o.reserved2))
		err = -EINVAL;
	err = err ? : pp_tcp_ao_enable();
	if (err)
		return err;
	sockopt_lock_sock(sk);
	err = pp_tcp_ao_info_locked(sk, &o);
	sockopt_release_sock(sk);
	return err;
}

/**
 * pp_tcp_ao_set() - TCP_AO_ADD_KEY, TCP_AO_DEL_KEY, TCP_AO_INFO
 * @sk: socket
 * @optname: which
 * @optval: struct pp_ao_user_add, pp_ao_user_del, pp_ao_user_info
 * @optlen: its length
 *
 * Keys of a signed connection come and go; whether it is signed is decided
 * before it begins (RFC 5925 §7.4).
 *
 * Context: process, sleeps, takes the socket lock.
 * Return: 0; -EINVAL; -E2BIG; -ENOENT: no such key or algorithm; -EEXIST;
 * -EISCONN; -EKEYREJECTED: there is a key of RFC 2385; -EMSGSIZE: the MAC does
 * not fit; -EBUSY: the key is in use; -ENOMEM.
 */
int pp_tcp_ao_set(struct sock *sk, int optname, sockptr_t optval,
		  unsigned int optlen)
{
	if (optname == PKTPATH_TCP_AO_ADD_KEY)
		return pp_tcp_ao_add(sk, optval, optlen);
	if (optname == PKTPATH_TCP_AO_DEL_KEY)
		return pp_tcp_ao_del(sk, optval, optlen);
	return pp_tcp_ao_info_set(sk, optval, optlen);
}

/* ---- What there is ---- */

static int pp_tcp_ao_info_get(struct sock *sk, char __user *optval, int len)
{
	struct pp_ao_user_info in, out = {};
	const struct pp_tcp_ao_key *cur;
	const struct pp_tcp_ao *ao;
	int err;

	err = pp_tcp_ao_read(&in, sizeof(in), USER_SOCKPTR(optval), len);
	if (err)
		return err;
	if (in.reserved || in.reserved2)
		return -EINVAL;
	lock_sock(sk);
	ao = pp_tcp_ao_locked(sk);
	if (ao) {
		out.ao_required = ao->required;
		out.accept_icmps = ao->accept_icmps;
		out.pkt_good = atomic64_read(&ao->good);
		out.pkt_bad = atomic64_read(&ao->bad);
		out.pkt_key_not_found = atomic64_read(&ao->not_found);
		out.pkt_ao_required = atomic64_read(&ao->wanting);
		out.pkt_dropped_icmp = atomic64_read(&ao->icmps);
		cur = READ_ONCE(ao->cur);
		out.set_current = !!cur;
		out.current_key = cur ? cur->mkt.sndid : 0;
		out.set_rnext = !!ao->rnext;
		out.rnext = ao->rnext ? ao->rnext->mkt.rcvid : 0;
	}
	release_sock(sk);
	if (!ao)
		return -ENOENT;
	return copy_to_user(optval, &out, min_t(int, len, sizeof(out))) ?
	       -EFAULT : 0;
}

static int pp_tcp_ao_keys_check(const struct sock *sk,
				const struct pp_ao_user_keys *in)
{
	const struct sockaddr_in *sin = (const void *)&in->addr;
	bool use = in->is_current || in->is_rnext;
	bool all = in->get_all || use;

	if (in->pkt_good || in->pkt_bad || in->reserved ||
	    in->keyflags & ~PKTPATH_AO_IFINDEX ||
	    (in->ifindex && !(in->keyflags & PKTPATH_AO_IFINDEX)) ||
	    (in->get_all && use))
		return -EINVAL;
	if (!sin->sin_family)
		return !all ? -EAFNOSUPPORT :
		       in->prefix || in->sndid || in->rcvid ? -EINVAL : 0;
	if (sin->sin_family != AF_INET && sin->sin_family != sk->sk_family)
		return -EAFNOSUPPORT;
	if (all || !pp_tcp_ao_net_ok(sin->sin_addr.s_addr, in->prefix))
		return -EINVAL;
	return 0;
}

static bool pp_tcp_ao_asked(const struct pp_tcp_ao *ao,
			    const struct pp_tcp_ao_key *k,
			    const struct pp_tcp_ao_key *cur,
			    const struct pp_ao_user_keys *in)
{
	const struct sockaddr_in *sin = (const void *)&in->addr;
	int l3mdev = in->keyflags & PKTPATH_AO_IFINDEX ? in->ifindex : -1;

	if (in->get_all || in->is_current || in->is_rnext)
		return in->get_all || (in->is_current && k == cur) ||
		       (in->is_rnext && k == ao->rnext);
	return k->mkt.sndid == in->sndid && k->mkt.rcvid == in->rcvid &&
	       pp_tcp_ao_match(k, l3mdev, sin->sin_addr.s_addr, in->prefix);
}

static void pp_tcp_ao_show(const struct pp_tcp_ao *ao,
			   const struct pp_tcp_ao_key *k,
			   const struct pp_tcp_ao_key *cur,
			   struct pp_ao_user_keys *out)
{
	struct sockaddr_in *sin = (void *)&out->addr;

	memset(out, 0, sizeof(*out));
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = k->peer;
	out->sndid = k->mkt.sndid;
	out->rcvid = k->mkt.rcvid;
	out->prefix = k->prefixlen;
	out->keyflags = k->mkt.flags;
	out->is_current = k == cur;
	out->is_rnext = k == ao->rnext;
	out->maclen = k->mkt.maclen;
	out->keylen = k->mkt.len;
	out->ifindex = k->l3mdev;
	out->pkt_good = atomic64_read(&k->good);
	out->pkt_bad = atomic64_read(&k->bad);
	memcpy(out->key, k->mkt.key, k->mkt.len);
	strscpy(out->alg_name, pp_tcp_ao_mac_name(k->mkt.alg),
		sizeof(out->alg_name));
}

/* Those that were asked for, as far as there is room; the first says how many
 * there are. Socket locked: nothing but the key in use changes.
 */
static int pp_tcp_ao_keys_put(struct sock *sk,
			      const struct pp_ao_user_keys *in,
			      char __user *optval, int len)
{
	const int size = min_t(int, len, sizeof(struct pp_ao_user_keys));
	const struct pp_tcp_ao *ao = pp_tcp_ao_locked(sk);
	const struct pp_tcp_ao_key *k, *cur;
	struct pp_ao_user_keys out;
	char __user *to = optval;
	u32 n = 0;
	int err = 0;

	if (!ao)
		return -ENOENT;
	cur = READ_ONCE(ao->cur);
	hlist_for_each_entry(k, &ao->keys, node) {
		if (!pp_tcp_ao_asked(ao, k, cur, in) || n++ >= in->nkeys)
			continue;
		pp_tcp_ao_show(ao, k, cur, &out);
		if (copy_to_user(to, &out, size)) {
			err = -EFAULT;
			break;
		}
		to += len;
	}
	memzero_explicit(&out, sizeof(out));
	if (err)
		return err;
	/* of a shorter structure, which has no room for it, none were put */
	if (len < (int)offsetofend(struct pp_ao_user_keys, nkeys))
		return 0;
	to = optval + offsetof(struct pp_ao_user_keys, nkeys);
	return copy_to_user(to, &n, sizeof(n)) ? -EFAULT : 0;
}

static int pp_tcp_ao_keys_get(struct sock *sk, char __user *optval,
			      int __user *optlen, int len)
{
	struct pp_ao_user_keys in;
	int err;

	err = pp_tcp_ao_read(&in, sizeof(in), USER_SOCKPTR(optval), len);
	err = err ? : pp_tcp_ao_keys_check(sk, &in);
	if (err)
		return err;
	lock_sock(sk);
	err = pp_tcp_ao_keys_put(sk, &in, optval, len);
	release_sock(sk);
	if (!err && put_user((int)sizeof(in), optlen))
		err = -EFAULT;
	return err;
}

/**
 * pp_tcp_ao_get() - TCP_AO_INFO, TCP_AO_GET_KEYS
 * @sk: socket
 * @optname: which
 * @optval: struct pp_ao_user_info, or pp_ao_user_keys and room behind it
 * @optlen: length of one
 *
 * Context: process, sleeps, takes the socket lock.
 * Return: 0; -EINVAL; -E2BIG; -EAFNOSUPPORT; -ENOENT: no keys; -EFAULT.
 */
int pp_tcp_ao_get(struct sock *sk, int optname, char __user *optval,
		  int __user *optlen)
{
	int len;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len <= 0)
		return -EINVAL;
	if (optname == PKTPATH_TCP_AO_INFO)
		return pp_tcp_ao_info_get(sk, optval, len);
	return pp_tcp_ao_keys_get(sk, optval, optlen, len);
}
