// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of connections that wait for accept().
 *
 * Path: tcp_listen.c => pp_tcp_accept_add(); sock/stream.c =>
 *	 pp_tcp_accept_child()
 * Mirrors: net/ipv4/inet_connection_sock.c (inet_csk_accept,
 *	    inet_csk_reqsk_queue_add)
 * Locks: lsn->lock guards the queue
 */
#include "tcp/tcp_priv.h"

/**
 * pp_tcp_accept_add() - queue a child for accept()
 * @lsk: listener, held
 * @child: its owner's reference is the queue's from now on
 *
 * It takes no memory: the peer believes to be connected.
 *
 * Context: softirq or process.
 * Return: false: the listener has closed.
 */
bool pp_tcp_accept_add(struct sock *lsk, struct sock *child)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(lsk)->lsn;
	struct hlist_node *n = &pp_sk(child)->list;
	bool ok;

	spin_lock_bh(&lsn->lock);
	ok = !lsn->closed;
	if (ok) {
		n->next = NULL;
		WRITE_ONCE(*lsn->accept_end, n);
		lsn->accept_end = &n->next;
		sk_acceptq_added(lsk);
	}
	spin_unlock_bh(&lsn->lock);
	return ok;
}

/**
 * pp_tcp_accept_take() - take the oldest child out of the queue
 * @lsk: listener
 *
 * Context: lsn->lock held, BH off.
 * Return: it, with its owner's reference, or NULL.
 */
struct sock *pp_tcp_accept_take(struct sock *lsk)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(lsk)->lsn;
	struct hlist_node *n = lsn->accept;

	lockdep_assert_held(&lsn->lock);
	if (!n)
		return NULL;
	WRITE_ONCE(lsn->accept, n->next);
	if (!n->next)
		lsn->accept_end = &lsn->accept;
	n->next = NULL;
	/* No atomic count: added to with this lock alone. */
	sk_acceptq_removed(lsk);
	return (struct sock *)container_of(n, struct pp_sock, list);
}

static int pp_tcp_accept_wait(struct sock *sk, long timeo)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(sk)->lsn;
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!READ_ONCE(lsn->accept))
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		if (READ_ONCE(lsn->accept))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
		err = 0;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * pp_tcp_accept_child() - next connection of a listener
 * @sk: listener
 * @flags: O_NONBLOCK
 * @err: set when NULL is returned: -EINVAL, -EAGAIN, -EINTR, -ERESTARTSYS
 *
 * Context: process, socket locked; sleeps, releasing it meanwhile.
 * Return: child with the reference of its owner to be, not locked.
 */
struct sock *pp_tcp_accept_child(struct sock *sk, int flags, int *err)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(sk)->lsn;
	long timeo = sock_rcvtimeo(sk, flags & O_NONBLOCK);
	struct sock *child;

	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		return NULL;
	if (!READ_ONCE(lsn->accept)) {
		*err = -EAGAIN;
		if (!timeo)
			return NULL;
		*err = pp_tcp_accept_wait(sk, timeo);
		if (*err)
			return NULL;
	}
	spin_lock_bh(&lsn->lock);
	child = pp_tcp_accept_take(sk);
	spin_unlock_bh(&lsn->lock);
	*err = 0;
	return child;
}
