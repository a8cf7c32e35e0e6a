// SPDX-License-Identifier: GPL-2.0
/*
 * Readiness of a socket, by state.
 *
 * Path: sock/stream.c
 * Mirrors: net/ipv4/tcp.c (tcp_poll)
 * Locks: none
 */
#include <linux/poll.h>
#include <net/busy_poll.h>
#include "tcp/tcp_priv.h"

static bool pp_tcp_readable(struct sock *sk, int target)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int avail = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);

	if (avail <= 0)
		return false;
	/* No more comes with the window shut, and perhaps none when memory is
	 * short: as pp_tcp_data_ready() says.
	 */
	return avail >= target ||
	       (sk->sk_rcvbuf >> 1) <= atomic_read(&sk->sk_rmem_alloc) >> 1 ||
	       pp_tcp_rcv_window(tp) <= tp->rcv_mss ||
	       pp_tcp_under_pressure(sk);
}

static __poll_t pp_tcp_poll_connected(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int target = sock_rcvlowat(sk, 0, INT_MAX);
	__poll_t mask = 0;

	/* At the urgent mark a reader gets no further by waiting for more. */
	if (tp->rcv_urg_state && READ_ONCE(tp->rcv_up) ==
	    READ_ONCE(tp->copied_seq) && !sock_flag(sk, SOCK_URGINLINE))
		target++;
	if (pp_tcp_readable(sk, target))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!(READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)) {
		if (__sk_stream_is_writeable(sk, 1)) {
			mask |= EPOLLOUT | EPOLLWRNORM;
		} else {
			sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
			set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
			/* The bit before the test: room may have come. */
			smp_mb__after_atomic();
			if (__sk_stream_is_writeable(sk, 1))
				mask |= EPOLLOUT | EPOLLWRNORM;
		}
	} else {
		mask |= EPOLLOUT | EPOLLWRNORM;
	}
	if (tp->rcv_urg_state == PKTPATH_URG_VALID)
		mask |= EPOLLPRI;
	return mask;
}

/**
 * pp_tcp_poll() - proto_ops.poll
 * @file: open file
 * @sock: socket
 * @wait: poll table
 *
 * Context: process.
 * Return: mask, as AF_INET's in every state.
 */
__poll_t pp_tcp_poll(struct file *file, struct socket *sock,
		     struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	/* Pairs with pp_tcp_set_state(). */
	state = smp_load_acquire(&sk->sk_state);
	if (state == TCP_LISTEN) {
		struct pp_tcp_listener *lsn = READ_ONCE(pp_tcp_sk(sk)->lsn);

		return lsn && READ_ONCE(lsn->accept) ?
		       EPOLLIN | EPOLLRDNORM : 0;
	}
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT &&
	    (state != TCP_SYN_RECV || pp_tf(pp_tcp_sk(sk), PKTPATH_TF_FO_PENDING)))
		mask |= pp_tcp_poll_connected(sk);
	else if (pp_tcp_fo_deferred(sk))
		mask |= EPOLLOUT | EPOLLWRNORM;
	/* Pairs with the barrier in pp_tcp_reset(): error before state. */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/**
 * pp_tcp_peek_len() - proto_ops.peek_len
 * @sock: socket
 *
 * Context: process.
 * Return: bytes that can be read.
 */
int pp_tcp_peek_len(struct socket *sock)
{
	return pp_tcp_inq(sock->sk);
}

/**
 * pp_tcp_set_rcvlowat() - SO_RCVLOWAT, proto_ops.set_rcvlowat
 * @sk: socket, locked
 * @val: bytes
 *
 * The buffer grows to hold so much.
 * Context: process, socket locked.
 * Return: 0.
 */
int pp_tcp_set_rcvlowat(struct sock *sk, int val)
{
	int cap = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_rmem[2]) >> 1;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		cap = sk->sk_rcvbuf >> 1;
	val = min(val, cap);
	WRITE_ONCE(sk->sk_rcvlowat, val ? : 1);
	pp_tcp_data_ready(sk);
	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		return 0;
	if (val << 1 > sk->sk_rcvbuf) {
		WRITE_ONCE(sk->sk_rcvbuf, val << 1);
		/* 0: none */
		if (tp->window_clamp)
			tp->window_clamp = max_t(u32, tp->window_clamp, val);
	}
	return 0;
}
