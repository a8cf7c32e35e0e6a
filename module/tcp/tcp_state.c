// SPDX-License-Identifier: GPL-2.0
/*
 * Segments in every state but ESTABLISHED, one function a state (RFC 9293
 * §3.10.7).
 *
 * Path: tcp_ipv4.c => pp_tcp_rcv_state_process()
 * Mirrors: net/ipv4/tcp_input.c (tcp_rcv_state_process,
 *	    tcp_rcv_synsent_state_process)
 * Locks: socket locked
 */
#include <linux/security.h>
#include "tcp/tcp_ao.h"
#include "tcp/tcp_priv.h"

/**
 * pp_tcp_finish_connect() - the handshake of an active open is complete
 * @sk: socket
 * @skb: the SYN-ACK, or NULL
 *
 * Context: socket locked.
 */
void pp_tcp_finish_connect(struct sock *sk, struct sk_buff *skb)
{
	if (skb)
		security_inet_conn_established(sk, skb);
	pp_tcp_established(sk);
}

/* SO_KEEPALIVE was set before, perhaps on the listener. */
static void pp_tcp_keepalive_start(struct sock *sk)
{
	if (sock_flag(sk, SOCK_KEEPOPEN))
		pp_tcp_keepalive_arm(sk, pp_tcp_keepalive_time(sk));
}

/**
 * pp_tcp_established() - start everything that data needs
 * @sk: socket, active or passive
 *
 * Context: socket locked.
 */
void pp_tcp_established(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_set_state(sk, TCP_ESTABLISHED);
	pp_tcp_mstamp_refresh(tp);
	tp->rcv_tstamp_jiffies = pp_jiffies32();
	tp->last_data_sent_jiffies = pp_jiffies32();
	tp->last_data_rcv_jiffies = pp_jiffies32();
	pp_tcp_init_metrics(sk);
	pp_tcp_cc_init(sk);
	pp_tcp_init_buffers(sk);
	pp_tcp_current_mss(sk);
	pp_tcp_mtup_init(sk);
	pp_tcp_update_pacing(sk);
	pp_tcp_keepalive_start(sk);
}

/* ---- SYN-SENT ---- */

/* What the peer's SYN offers and we asked for. */
static void pp_tcp_take_options(struct sock *sk, const struct pp_tcp_opt *opt,
				u32 irs)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->tstamp_ok = opt->ts_ok && READ_ONCE(s->tcp_timestamps) &&
			!pp_tf(tp, PKTPATH_TF_MD5);
	if (tp->tstamp_ok) {
		tp->ts_recent = opt->tsval;
		tp->ts_recent_sec = (u32)ktime_get_seconds();
	}
	tp->sack_ok = opt->sack_perm && READ_ONCE(s->tcp_sack);
	tp->wscale_ok = opt->wscale_ok && READ_ONCE(s->tcp_window_scaling);
	if (tp->wscale_ok) {
		tp->snd_wscale = opt->wscale;
	} else {
		tp->snd_wscale = 0;
		tp->rcv_wscale = 0;
		tp->window_clamp = min_t(u32, tp->window_clamp, U16_MAX);
	}
	/* RFC 9293 §3.7.1: 536 when it says nothing. */
	tp->mss_clamp = opt->mss ? : 536;
	if (tp->user_mss && tp->user_mss < tp->mss_clamp)
		tp->mss_clamp = tp->user_mss;
	tp->rcv_mss = min_t(u16, tp->mss_clamp, 536);
	if (pp_tcp_ao_signs(tp))
		pp_tcp_ao_peer_isn(sk, irs);
	tp->rcv_nxt = irs + 1;
	tp->rcv_wup = irs + 1;
	WRITE_ONCE(tp->copied_seq, irs + 1);
	tp->rcv_up = irs + 1;
}

static void pp_tcp_synsent_wake(struct sock *sk)
{
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/* SYN-ACK for our SYN: established. */
static void pp_tcp_synsent_synack(struct sock *sk, struct sk_buff *skb,
				  const struct pp_tcp_opt *opt)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool again;

	pp_tcp_ecn_synack(sk, skb, opt);
	pp_tcp_take_options(sk, opt, cb->seq);
	tp->snd_wl1 = cb->seq;
	pp_tcp_ack(sk, skb, opt, PKTPATH_ACK_SLOW);
	tp->first_rtx_us_ts = 0;
	tp->snd_wnd = ntohs(th->window);
	tp->max_window = max(tp->max_window, tp->snd_wnd);
	pp_tcp_sync_mss(sk, tp->pmtu_cookie);
	tp->rcv_ssthresh = tp->rcv_wnd;
	pp_tcp_finish_connect(sk, skb);
	if (tp->ae)
		pp_tcp_accecn_answer(sk, cb->ip_dsfield, pp_tcp_send_ack);
	again = pp_tcp_fo_synack(sk, opt);
	pp_tcp_synsent_wake(sk);
	if (again || tp->ae)
		return;
	if (!skb_queue_empty(&sk->sk_write_queue) || tp->defer_accept ||
	    tp->pingpong) {
		/* Our data will carry the acknowledgment. */
		set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
		tp->ato_jiffies = HZ / 25;
		pp_tcp_enter_quickack(sk, 16);
		pp_tcp_delack_arm(sk, HZ / 5);
	} else {
		pp_tcp_send_ack(sk);
	}
}

/* RFC 7413 §4.2.1: the SYN-ACK may have data. True: the skb is taken. */
static bool pp_tcp_synsent_data(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

	if (!pp_tf(pp_tcp_sk(sk), PKTPATH_TF_SYN_FASTOPEN) ||
	    cb->end_seq == cb->seq + 1)
		return false;
	cb->seq++;
	cb->flags &= ~PKTPATH_TCPF_SYN;
	pp_tcp_data_queue(sk, skb);
	pp_tcp_ack_snd_check(sk, false);
	return true;
}

/* RFC 9293 §3.5 figure 8: both sides opened at once. */
static int pp_tcp_synsent_crossed(struct sock *sk, struct sk_buff *skb,
				  const struct pp_tcp_opt *opt)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_set_state(sk, TCP_SYN_RECV);
	pp_tcp_take_options(sk, opt, cb->seq);
	tp->snd_wnd = ntohs(th->window);
	tp->snd_wl1 = cb->seq;
	tp->max_window = tp->snd_wnd;
	pp_tcp_ecn_crossed(sk, skb);
	pp_tcp_sync_mss(sk, tp->pmtu_cookie);
	pp_tcp_send_synack_full(sk);
	return 0;
}

/* RFC 9293 §3.10.7.3. 1: answer with a reset. */
static int pp_tcp_rcv_synsent(struct sock *sk, struct sk_buff *skb)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_opt opt;
	int ret = 0;

	/* The SYN waits for data: this cannot be about it. */
	if (pp_tcp_fo_deferred(sk)) {
		if (th->ack)
			return 1;
		goto drop;
	}
	pp_tcp_opt_parse((const u8 *)(th + 1), th->doff * 4 - sizeof(*th),
			 th->syn, &opt);
	if (th->ack) {
		if (!pp_seq_after(cb->ack_seq, tp->snd_una) ||
		    pp_seq_after(cb->ack_seq, tp->snd_nxt)) {
			/* RFC 5961: the peer holds an old connection, which
			 * our reset ends; do not wait to try again.
			 */
			if (!tp->retransmits)
				pp_tcp_timer_arm(sk, PKTPATH_TT_RTO, 2);
			return 1;
		}
		/* RFC 7323 §5.8: the echo must be of a SYN we sent. */
		if (opt.ts_ok && opt.tsecr &&
		    pp_tcp_tsval(tp) - opt.tsecr >
		    pp_tcp_tsval(tp) - tp->first_rtx_us_ts) {
			pp_tcp_ext_inc(sk, PAWSACTIVE);
			return 1;
		}
		if (th->rst) {
			pp_tcp_reset(sk, 0);
			goto drop;
		}
		if (!th->syn)
			goto drop;
		pp_tcp_synsent_synack(sk, skb, &opt);
		if (pp_tcp_synsent_data(sk, skb))
			return 0;
		goto drop;
	}
	/* Without ACK a reset proves nothing, anything but SYN is noise. */
	if (!th->rst && th->syn)
		ret = pp_tcp_synsent_crossed(sk, skb, &opt);
drop:
	kfree_skb(skb);
	return ret;
}

/* ---- The closing states ---- */

static void pp_tcp_rcv_syn_recv(struct sock *sk, struct sk_buff *skb,
				const struct pp_tcp_opt *opt)
{
	struct pp_tcp_ack_state st = {
		.flags = PKTPATH_ACK_ACKED,
		.ca_rtt_us = -1,
		.sack_rtt_us = -1,
		.opt = opt,
	};
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->ae)
		pp_tcp_accecn_third(sk, skb, opt);
	if (pp_tcp_fo(tp)) {
		pp_tcp_fo_complete(sk);
		pp_tcp_set_state(sk, TCP_ESTABLISHED);
		pp_tcp_mtup_init(sk);
		pp_tcp_keepalive_start(sk);
		goto window;
	}
	/* A SYN-ACK that was repeated is timed by its timestamp only. */
	if (!tp->rtt.srtt_us)
		pp_tcp_rtt_update(sk, &st, -1);

	tp->first_rtx_us_ts = 0;
	/* Passive: the SYN-ACK was sent without this socket; as the kernel it
	 * counts as a segment, but not as a byte.
	 */
	if (!tp->rate.delivered) {
		tp->rate.delivered++;
		tp->bytes_acked--;
	}
	pp_tcp_established(sk);
	tp->rcv_ssthresh = tp->rcv_wnd;
window:
	tp->snd_wnd = (u32)ntohs(th->window) << tp->snd_wscale;
	tp->snd_wl1 = PKTPATH_TCP_CB(skb)->seq;
	if (tp->snd_wnd > tp->max_window) {
		tp->max_window = tp->snd_wnd;
		pp_tcp_sync_mss(sk, 0);
	}
	if (sk->sk_socket)
		pp_tcp_synsent_wake(sk);
	/* It was asked for while the handshake went on. */
	if (sk->sk_shutdown & SEND_SHUTDOWN)
		pp_tcp_shutdown_send(sk);
}

/* Data of Fast Open behind it may not be. */
static bool pp_tcp_syn_acked(const struct pp_tcp_sock *tp)
{
	const struct sk_buff *head = pp_tcp_rtx_head(tp);

	return head ? !(PKTPATH_TCP_CB(head)->flags & PKTPATH_TCPF_SYN) :
		      tp->snd_una == tp->snd_nxt;
}

enum pp_tcp_closing {
	PKTPATH_CLOSING_GO_ON,
	PKTPATH_CLOSING_GONE,	/* the socket has ended */
	PKTPATH_CLOSING_RESET,	/* and the peer is told */
};

/* Our FIN is acknowledged. */
static enum pp_tcp_closing pp_tcp_rcv_fin_wait1(struct sock *sk,
						struct sk_buff *skb)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int tmo;

	pp_tcp_set_state(sk, TCP_FIN_WAIT2);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		return PKTPATH_CLOSING_GO_ON;
	}
	if (tp->linger2_sec < 0) {
		pp_tcp_ext_inc(sk, ABORTONDATA);
		pp_tcp_done(sk);
		return PKTPATH_CLOSING_RESET;
	}
	/* RFC 9293 §3.10.7.4: data for somebody who is gone: reset. */
	if (cb->end_seq != cb->seq &&
	    pp_seq_after(cb->end_seq - tcp_hdr(skb)->fin, tp->rcv_nxt)) {
		pp_tcp_ext_inc(sk, ABORTONDATA);
		pp_tcp_done(sk);
		return PKTPATH_CLOSING_RESET;
	}
	tmo = tp->linger2_sec * HZ ? :
	      READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fin_timeout);
	if (tmo > 60 * HZ) {
		pp_tcp_keepalive_arm(sk, tmo - 60 * HZ);
		return PKTPATH_CLOSING_GO_ON;
	}
	if (tcp_hdr(skb)->fin || sock_owned_by_user(sk)) {
		/* Let the FIN be processed first. */
		pp_tcp_keepalive_arm(sk, tmo);
		return PKTPATH_CLOSING_GO_ON;
	}
	pp_tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
	return PKTPATH_CLOSING_GONE;
}

/* Fifth step for the states after ESTABLISHED. */
static enum pp_tcp_closing pp_tcp_acked_closing(struct sock *sk,
						struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->snd_una != tp->write_seq)
		return PKTPATH_CLOSING_GO_ON;
	switch (sk->sk_state) {
	case TCP_FIN_WAIT1:
		return pp_tcp_rcv_fin_wait1(sk, skb);
	case TCP_CLOSING:
		pp_tcp_time_wait(sk, TCP_TIME_WAIT, 0);
		return PKTPATH_CLOSING_GONE;
	case TCP_LAST_ACK:
		pp_tcp_done(sk);
		return PKTPATH_CLOSING_GONE;
	}
	return PKTPATH_CLOSING_GO_ON;
}

/* Data after we have shut the receiving side: RFC 9293 §3.10.7.4, RFC 2525. */
static bool pp_tcp_data_unwanted(struct sock *sk, struct sk_buff *skb)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!(sk->sk_shutdown & RCV_SHUTDOWN))
		return false;
	return cb->end_seq != cb->seq &&
	       pp_seq_after(cb->end_seq - tcp_hdr(skb)->fin, tp->rcv_nxt);
}

static void pp_tcp_text(struct sock *sk, struct sk_buff *skb)
{
	switch (sk->sk_state) {
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		/* The FIN has come: what follows is a duplicate. */
		if (!pp_seq_before(PKTPATH_TCP_CB(skb)->seq,
				   pp_tcp_sk(sk)->rcv_nxt)) {
			kfree_skb(skb);
			break;
		}
		fallthrough;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		if (pp_tcp_data_unwanted(sk, skb)) {
			pp_tcp_ext_inc(sk, ABORTONDATA);
			pp_tcp_reset(sk, 0);
			pp_tcp_send_reset(sk, skb);
			pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_CLOSED);
			return;
		}
		fallthrough;
	default:
		pp_tcp_data_queue(sk, skb);
	}
	if (sk->sk_state == TCP_CLOSE)
		return;
	/* Its acknowledgment may let us send, in CLOSE_WAIT for long yet. */
	pp_tcp_data_snd_check(sk);
	pp_tcp_ack_snd_check(sk, false);
}

/**
 * pp_tcp_rcv_state_process() - a segment in any state but ESTABLISHED
 * @sk: socket; never a listener
 * @skb: at its TCP header, control block filled; taken unless 1 is returned
 *
 * Context: socket locked, softirq or process (backlog).
 * Return: 0; 1: the caller answers with a reset and frees the skb.
 */
int pp_tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	enum pp_tcp_closing closing;
	struct pp_tcp_opt opt;
	int acceptable;

	pp_tcp_mstamp_refresh(tp);
	switch (sk->sk_state) {
	case TCP_CLOSE:
	case TCP_LISTEN:
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_CLOSED);
		return 0;
	case TCP_SYN_SENT:
		if (pp_tcp_rcv_synsent(sk, skb))
			return 1;
		if (sk->sk_state != TCP_CLOSE)
			pp_tcp_data_snd_check(sk);
		return 0;
	}
	if (!th->ack && !th->rst && !th->syn) {
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_FLAGS);
		return 0;
	}
	if (pp_tcp_fo(tp) && pp_tcp_fo_syn_again(sk, skb))
		return 0;
	if (!pp_tcp_validate_incoming(sk, skb, th, &opt,
				      sk->sk_state == TCP_SYN_RECV &&
				      sk->sk_socket))
		return 0;
	acceptable = pp_tcp_ack(sk, skb, &opt, PKTPATH_ACK_SLOW);
	if (sk->sk_state == TCP_SYN_RECV) {
		if (acceptable <= 0 ||
		    (!pp_tcp_fo(tp) && !pp_tcp_syn_acked(tp)))
			return 1;
		pp_tcp_rcv_syn_recv(sk, skb, &opt);
	} else if (pp_tcp_fo(tp) && acceptable > 0) {
		pp_tcp_fo_complete(sk);
	}
	if (acceptable < 0) {
		pp_tcp_drop_ack(sk, skb);
		return 0;
	}
	closing = pp_tcp_acked_closing(sk, skb);
	if (closing == PKTPATH_CLOSING_RESET)
		return 1;
	if (closing == PKTPATH_CLOSING_GONE || sk->sk_state == TCP_CLOSE) {
		kfree_skb(skb);
		return 0;
	}
	pp_tcp_urg_data(sk, skb, th);
	pp_tcp_text(sk, skb);
	return 0;
}
