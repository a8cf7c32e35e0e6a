// SPDX-License-Identifier: GPL-2.0
/*
 * A listener of a reuseport group closes: the others take its queues.
 *
 * Path: tcp_listen.c -> here
 * Mirrors: net/ipv4/inet_connection_sock.c (inet_csk_listen_stop, v7.2)
 * Locks: req->lock, and inside it the lsn->lock of one listener at a time
 */
#include <linux/jhash.h>
#include "tcp/tcp_priv.h"

/* Who takes over what a peer has opened; referenced, or NULL. */
static struct sock *pp_tcp_migrate_to(struct sock *sk,
				      const struct pp_tcp_key *k)
{
	struct pp_net *pn = pp_sk(sk)->pn;

	if (!sk->sk_reuseport || !READ_ONCE(pn->sysctl.tcp_migrate_req) ||
	    READ_ONCE(pn->exiting))
		return NULL;
	return pp_tcp_listen_other(sk, jhash_2words((__force u32)k->faddr,
						    (__force u32)k->fport, 0));
}

static bool pp_tcp_migrated(struct sock *sk, bool ok)
{
	if (ok)
		pp_tcp_ext_inc(sk, MIGRATEREQSUCCESS);
	else
		pp_tcp_ext_inc(sk, MIGRATEREQFAILURE);
	return ok;
}

/**
 * pp_tcp_migrate_child() - a connection that waits for accept()
 * @sk: listener that closes, found by nobody any more
 * @child: in no list, held by its owner's reference
 *
 * Context: process, @sk locked.
 * Return: true: another listener has it.
 */
bool pp_tcp_migrate_child(struct sock *sk, struct sock *child)
{
	struct sock *to = pp_tcp_migrate_to(sk, &pp_tcp_sk(child)->tn.key);
	bool ok;

	if (!to)
		return false;
	ok = pp_tcp_accept_add(to, child);
	if (ok)
		to->sk_data_ready(to);
	pp_tcp_migrated(to, ok);
	sock_put(to);
	return ok;
}

/**
 * pp_tcp_migrate_req() - a half-open connection
 * @sk: listener that closes, found by nobody any more
 * @req: of it, held; in its list no more on return
 *
 * Context: process, @sk locked.
 * Return: true: another listener has it.
 */
bool pp_tcp_migrate_req(struct sock *sk, struct pp_tcp_req *req)
{
	struct sock *to = pp_tcp_migrate_to(sk, &req->tn.key);
	struct pp_tcp_listener *old = pp_tcp_sk(sk)->lsn, *lsn;
	bool ok;

	if (!to)
		return false;
	lsn = pp_tcp_sk(to)->lsn;
	spin_lock_bh(&req->lock);
	spin_lock(&old->lock);
	ok = !req->dead && !list_empty(&req->list);
	if (ok) {
		list_del_init(&req->list);
		old->nreqs--;
	}
	spin_unlock(&old->lock);
	spin_lock(&lsn->lock);
	ok = ok && !lsn->closed;
	if (ok) {
		list_add_tail(&req->list, &lsn->reqs);
		lsn->nreqs++;
		/* Who has read the old one is in an RCU section, or waits for
		 * the lock; it is freed after both.
		 */
		sock_hold(to);
		WRITE_ONCE(req->lsk, to);
	}
	spin_unlock(&lsn->lock);
	spin_unlock_bh(&req->lock);
	if (ok)
		sock_put(sk);
	pp_tcp_migrated(to, ok);
	sock_put(to);
	return ok;
}
