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
 * Context: softirq.
 * Return: false: the listener has closed, or no memory.
 */
bool pp_tcp_accept_add(struct sock *lsk, struct sock *child)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(lsk)->lsn;
	struct pp_tcp_child *c = kmalloc(sizeof(*c), GFP_ATOMIC);
	bool ok;

	if (!c)
		return false;
	c->sk = child;
	spin_lock_bh(&lsn->lock);
	ok = !lsn->closed;
	if (ok) {
		list_add_tail(&c->list, &lsn->accept);
		sk_acceptq_added(lsk);
	}
	spin_unlock_bh(&lsn->lock);
	if (!ok)
		kfree(c);
	return ok;
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
		if (list_empty_careful(&lsn->accept))
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		if (!list_empty(&lsn->accept))
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
	struct pp_tcp_child *c;
	struct sock *child;

	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		return NULL;
	if (list_empty(&lsn->accept)) {
		*err = -EAGAIN;
		if (!timeo)
			return NULL;
		*err = pp_tcp_accept_wait(sk, timeo);
		if (*err)
			return NULL;
	}
	spin_lock_bh(&lsn->lock);
	c = list_first_entry(&lsn->accept, struct pp_tcp_child, list);
	list_del(&c->list);
	/* No atomic count: added to with this lock alone. */
	sk_acceptq_removed(sk);
	spin_unlock_bh(&lsn->lock);
	child = c->sk;
	kfree(c);
	*err = 0;
	return child;
}
