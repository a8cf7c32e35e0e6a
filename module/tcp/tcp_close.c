// SPDX-License-Identifier: GPL-2.0
/*
 * The end from our side: shutdown, close, disconnect.
 *
 * Path: sock/stream.c -> here -> tcp_ctl_out.c
 * Mirrors: net/ipv4/tcp.c (tcp_close, tcp_shutdown, tcp_disconnect)
 * Locks: socket locked
 */
#include "compat/compat.h"
#include "tcp/tcp_priv.h"

/* RFC 9293 §3.10.4: the state after our CLOSE; true: a FIN must be sent. */
static bool pp_tcp_close_state(struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_ESTABLISHED:
	case TCP_SYN_RECV:
		pp_tcp_set_state(sk, TCP_FIN_WAIT1);
		return true;
	case TCP_CLOSE_WAIT:
		pp_tcp_set_state(sk, TCP_LAST_ACK);
		return true;
	case TCP_SYN_SENT:
	case TCP_LISTEN:
		pp_tcp_set_state(sk, TCP_CLOSE);
		return false;
	default:
		return false;
	}
}

/**
 * pp_tcp_shutdown_send() - shutdown(SHUT_WR)
 * @sk: socket
 *
 * Context: process, socket locked.
 */
void pp_tcp_shutdown_send(struct sock *sk)
{
	if (!((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_SYN_SENT |
				     TCPF_CLOSE_WAIT)))
		return;
	if (pp_tcp_close_state(sk))
		pp_tcp_send_fin(sk);
}

/* What the user has not read tells the peer that it was lost (RFC 2525). */
static bool pp_tcp_purge_unread(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool unread = false;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_receive_queue))) {
		u32 end = PKTPATH_TCP_CB(skb)->end_seq;

		if (PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_FIN)
			end--;
		if (pp_seq_after(end, tp->copied_seq))
			unread = true;
		consume_skb(skb);
	}
	return unread;
}

/* Sends what the state asks for. True: wait for it (SO_LINGER). */
static bool pp_tcp_close_send(struct sock *sk, long timeout)
{
	bool unread = pp_tcp_purge_unread(sk);

	if (sk->sk_state == TCP_CLOSE)
		return false;
	if (unread) {
		pp_tcp_ext_inc(sk, ABORTONCLOSE);
		pp_tcp_set_state(sk, TCP_CLOSE);
		pp_tcp_send_active_reset(sk, sk->sk_allocation);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		pp_tcp_ext_inc(sk, ABORTONDATA);
		pp_tcp_disconnect(sk, 0);
	} else if (pp_tcp_close_state(sk)) {
		pp_tcp_send_fin(sk);
	}
	return timeout;
}

/* SO_LINGER: until the FIN is acknowledged, or the time is over. */
static void pp_tcp_wait_close(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	while (timeout && !signal_pending(current) &&
	       (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING |
				      TCPF_LAST_ACK))
		sk_wait_event(sk, &timeout,
			      !((1 << sk->sk_state) &
				(TCPF_FIN_WAIT1 | TCPF_CLOSING |
				 TCPF_LAST_ACK)), &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* FIN_WAIT_2 without a user is a small object, or a timer. True: gone. */
static bool pp_tcp_close_fin_wait2(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int tmo;

	if (tp->linger2_sec < 0) {
		pp_tcp_ext_inc(sk, ABORTONLINGER);
		pp_tcp_set_state(sk, TCP_CLOSE);
		pp_tcp_send_active_reset(sk, GFP_ATOMIC);
		return false;
	}
	tmo = tp->linger2_sec * HZ ? :
	      READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fin_timeout);
	if (tmo > 60 * HZ) {
		pp_tcp_keepalive_arm(sk, tmo - 60 * HZ);
		return false;
	}
	pp_tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
	return true;
}

/**
 * pp_tcp_close() - proto.close: the last descriptor is gone
 * @sk: socket; the owner's reference is given up
 * @timeout: jiffies to linger
 *
 * Context: process, sleeps.
 */
void pp_tcp_close(struct sock *sk, long timeout)
{
	int old;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		pp_tcp_set_state(sk, TCP_CLOSE);
		pp_tcp_listen_stop(sk);
	} else if (pp_tcp_close_send(sk, timeout)) {
		pp_tcp_wait_close(sk, timeout);
	}
	old = sk->sk_state;
	sock_hold(sk);
	pp_tcp_orphan(sk);
	/* What came meanwhile is worked off before the end is decided. */
	for (;;) {
		sk_flush_backlog(sk);
		local_bh_disable();
		bh_lock_sock(sk);
		if (!sk->sk_backlog.tail)
			break;
		bh_unlock_sock(sk);
		local_bh_enable();
	}
	if (old != TCP_CLOSE && sk->sk_state == TCP_CLOSE)
		goto out;
	if (sk->sk_state == TCP_FIN_WAIT2 && pp_tcp_close_fin_wait2(sk))
		goto out;
	if (sk->sk_state != TCP_CLOSE && pp_tcp_too_many_orphans(sk)) {
		pp_tcp_set_state(sk, TCP_CLOSE);
		pp_tcp_send_active_reset(sk, GFP_ATOMIC);
	}
	if (sk->sk_state == TCP_CLOSE)
		pp_tcp_destroy_orphan(sk);
out:
	bh_unlock_sock(sk);
	local_bh_enable();
	release_sock(sk);
	sock_put(sk);
}

/* RFC 9293 §3.10.5: in CLOSING and LAST_ACK both sides have said all, once our
 * FIN is out.
 * Mirrors: net/ipv4/tcp.c:tcp_disconnect (v7.2)
 */
static bool pp_tcp_needs_reset(const struct pp_tcp_sock *tp, int state)
{
	if ((1 << state) & (TCPF_CLOSING | TCPF_LAST_ACK))
		return tp->snd_nxt != tp->write_seq;
	return (1 << state) & (TCPF_ESTABLISHED | TCPF_SYN_RECV |
			       TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 |
			       TCPF_CLOSE_WAIT);
}

/**
 * pp_tcp_disconnect() - back to a socket without a connection
 * @sk: socket
 * @flags: unused
 *
 * connect(AF_UNSPEC), and close with a linger time of zero: RFC 9293 §3.10.5.
 * proto.disconnect.
 *
 * Context: process, socket locked.
 * Return: 0.
 */
int pp_tcp_disconnect(struct sock *sk, int flags)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int old = sk->sk_state;

	/* Who waits for this connection must not go on with the next one. */
	sk->sk_disconnects++;
	if (old != TCP_CLOSE)
		pp_tcp_set_state(sk, TCP_CLOSE);
	if (old == TCP_LISTEN) {
		pp_tcp_listen_stop(sk);
	} else if (pp_tcp_needs_reset(tp, old)) {
		pp_tcp_send_active_reset(sk, gfp_any());
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	} else if (old == TCP_SYN_SENT) {
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	}
	pp_tcp_timers_clear(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	WRITE_ONCE(tp->copied_seq, tp->rcv_nxt);
	pp_tcp_write_queue_purge(sk);
	pp_tcp_ooo_purge(sk);
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
	}
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	pp_tcp_cc_pause(sk);
	/* Where it goes on, should it take the same tuple again. */
	if (tp->write_seq)
		tp->write_seq = tp->write_seq + tp->max_window + 2 ? : 1;
	tp->snd_una = tp->write_seq;
	tp->snd_nxt = tp->write_seq;
	pp_tcp_init_sock_fields(sk);
	tp->window_clamp = 0;
	kfree(tp->open.saved_syn);
	tp->open.saved_syn = NULL;
	sk_dst_reset(sk);
	/* A stale page would be put twice by a child. */
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	sk_error_report(sk);
	return 0;
}
