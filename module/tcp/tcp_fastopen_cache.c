// SPDX-License-Identifier: GPL-2.0
/*
 * What peers have told a client of Fast Open: cookie and segment size.
 *
 * Path: tcp_fastopen_client.c
 * Mirrors: net/ipv4/tcp_metrics.c (tcp_fastopen_cache_get, ..._set)
 * Locks: its own, a leaf
 *
 * Sets of a few entries, chosen by a keyed hash: of a full set the one goes
 * that was used least recently. So it never grows (RFC 7413 §4.1.3).
 */
#include "core/hash.h"
#include "tcp/tcp_fastopen.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

#define PKTPATH_FO_SETS 64
#define PKTPATH_FO_WAYS 8

struct pp_tcp_fo_entry {
	__be32 laddr, faddr;
	unsigned long used;	/* jiffies */
	struct pp_tcp_fo_known known;
	bool valid;
};

struct pp_tcp_fo_cache {
	spinlock_t lock;		/* everything below */
	struct pp_tcp_fo_entry e[PKTPATH_FO_SETS][PKTPATH_FO_WAYS];
};

/**
 * pp_tcp_fo_cache_make() - a netns begins to use Fast Open as a client
 * @pn: netns
 *
 * Without memory nothing is remembered.
 * Context: process, sleeps.
 */
void pp_tcp_fo_cache_make(struct pp_net *pn)
{
	struct pp_tcp_fo_cache *c;

	if (READ_ONCE(pn->tcp->fo_cache))
		return;
	c = kvzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	if (!c)
		return;
	spin_lock_init(&c->lock);
	if (cmpxchg(&pn->tcp->fo_cache, NULL, c))
		kvfree(c);
}

/**
 * pp_tcp_fo_net_exit() - the netns is gone
 * @pn: netns; no socket is left
 *
 * Context: process.
 */
void pp_tcp_fo_net_exit(struct pp_net *pn)
{
	struct pp_tcp_fo_keys *keys;

	keys = rcu_dereference_protected(pn->tcp->fo_keys, true);
	kfree_sensitive(keys);
	kvfree(pn->tcp->fo_cache);
}

static struct pp_tcp_fo_entry *pp_tcp_fo_set(struct pp_net *pn,
					     struct pp_tcp_fo_cache *c,
					     __be32 laddr, __be32 faddr)
{
	u32 hash = pp_hash_2(pn, (__force u32)laddr, (__force u32)faddr);

	return c->e[hash & (PKTPATH_FO_SETS - 1)];
}

static struct pp_tcp_fo_entry *pp_tcp_fo_find(struct pp_tcp_fo_entry *e,
					      __be32 laddr, __be32 faddr)
{
	int i;

	for (i = 0; i < PKTPATH_FO_WAYS; i++)
		if (e[i].valid && e[i].laddr == laddr && e[i].faddr == faddr)
			return &e[i];
	return NULL;
}

/* An empty one, or the one used longest ago. */
static struct pp_tcp_fo_entry *pp_tcp_fo_victim(struct pp_tcp_fo_entry *e)
{
	struct pp_tcp_fo_entry *v = e;
	int i;

	for (i = 0; i < PKTPATH_FO_WAYS; i++) {
		if (!e[i].valid)
			return &e[i];
		if (time_before(e[i].used, v->used))
			v = &e[i];
	}
	return v;
}

/**
 * pp_tcp_fo_cache_get() - what is known of the peer
 * @sk: socket with both addresses
 * @known: filled; zeroes: nothing
 *
 * Context: socket locked.
 */
void pp_tcp_fo_cache_get(struct sock *sk, struct pp_tcp_fo_known *known)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_tcp_fo_cache *c = READ_ONCE(pn->tcp->fo_cache);
	struct pp_tcp_fo_entry *e;

	memset(known, 0, sizeof(*known));
	if (!c)
		return;
	e = pp_tcp_fo_set(pn, c, inet->inet_saddr, inet->inet_daddr);
	spin_lock_bh(&c->lock);
	e = pp_tcp_fo_find(e, inet->inet_saddr, inet->inet_daddr);
	if (e) {
		e->used = jiffies;
		*known = e->known;
	}
	spin_unlock_bh(&c->lock);
	/* The peer took no option of RFC 7413: try the experimental one. */
	if (!known->len && known->try_exp == 1)
		known->exp = true;
}

/**
 * pp_tcp_fo_cache_set() - what a SYN-ACK has told
 * @sk: socket with both addresses
 * @mss: of the peer
 * @o: options of the SYN-ACK; NULL: no cookie
 * @try_exp: next time: 1 the experimental option, 2 the assigned one again
 *
 * Context: socket locked, softirq.
 */
void pp_tcp_fo_cache_set(struct sock *sk, u16 mss, const struct pp_tcp_opt *o,
			 u8 try_exp)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_tcp_fo_cache *c = READ_ONCE(pn->tcp->fo_cache);
	struct pp_tcp_fo_entry *e, *set;

	if (!c)
		return;
	set = pp_tcp_fo_set(pn, c, inet->inet_saddr, inet->inet_daddr);
	spin_lock_bh(&c->lock);
	e = pp_tcp_fo_find(set, inet->inet_saddr, inet->inet_daddr);
	if (!e) {
		e = pp_tcp_fo_victim(set);
		memset(e, 0, sizeof(*e));
		e->laddr = inet->inet_saddr;
		e->faddr = inet->inet_daddr;
		e->valid = true;
	}
	e->used = jiffies;
	e->known.mss = mss;
	if (o && o->fo_len) {
		e->known.len = o->fo_len;
		e->known.exp = o->fo_exp;
		memcpy(e->known.cookie, o->fo_cookie, o->fo_len);
	} else if (try_exp > e->known.try_exp && !e->known.len) {
		e->known.try_exp = try_exp;
	}
	spin_unlock_bh(&c->lock);
}
