// SPDX-License-Identifier: GPL-2.0
/*
 * The acknowledgment field of a segment (RFC 9293 §3.10.7.4, fifth step).
 *
 * Path: tcp_input.c, tcp_state.c -> here -> tcp_rtx_clean.c, tcp_sack.c,
 *	 tcp_recovery.c, tcp_cc.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_ack)
 * Locks: socket locked
 */
#include "tcp/tcp_priv.h"

/* RFC 9293 §3.10.7.4 "SND.WL1 < SEG.SEQ or ...": is the window news? */
static bool pp_tcp_window_is_news(const struct pp_tcp_sock *tp, u32 ack,
				  u32 seq, u32 wnd)
{
	return pp_seq_after(ack, tp->snd_una) ||
	       pp_seq_after(seq, tp->snd_wl1) ||
	       (seq == tp->snd_wl1 && (wnd > tp->snd_wnd || !wnd));
}

/* Behind data that the peer has sent since it may answer anything: no duplicate,
 * even if the window is what it was.
 */
static u32 pp_tcp_update_window(struct sock *sk, const struct sk_buff *skb,
				u32 ack, u32 seq)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 wnd = ntohs(th->window);

	/* RFC 7323 §2.2: the window of a SYN is never scaled. */
	if (!th->syn)
		wnd <<= tp->snd_wscale;
	if (!pp_tcp_window_is_news(tp, ack, seq, wnd))
		return 0;
	tp->snd_wl1 = seq;
	if (tp->snd_wnd != wnd) {
		tp->snd_wnd = wnd;
		if (wnd > tp->max_window) {
			/* Half of the old one may have bounded segments. */
			bool small = tp->max_window >> 1 < tp->pmtu_cookie;

			tp->max_window = wnd;
			if (small)
				pp_tcp_sync_mss(sk, 0);
		}
	}
	return PKTPATH_ACK_WIN;
}

/* Nothing is in flight: a window that opened, or a probe that was answered. */
static void pp_tcp_ack_probe(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *head = skb_peek(&sk->sk_write_queue);

	if (!head) {
		tp->probes_since_ms = 0;
		return;
	}
	if (!pp_seq_after(PKTPATH_TCP_CB(head)->end_seq,
			  pp_tcp_wnd_end(tp))) {
		tp->backoff = 0;
		tp->probes_since_ms = 0;
		pp_tcp_timer_stop(sk);
	} else {
		pp_tcp_timer_arm(sk, PKTPATH_TT_PROBE,
				 pp_tcp_clamp_to_user(tp, tp->probes_since_ms,
						      pp_tcp_rto_jiffies(sk)));
	}
}

static bool pp_tcp_ack_is_dubious(const struct pp_tcp_sock *tp, u32 flags)
{
	return !(flags & (PKTPATH_ACK_DATA | PKTPATH_ACK_WIN |
			  PKTPATH_ACK_ACKED | PKTPATH_ACK_SYN)) ||
	       (flags & (PKTPATH_ACK_SACKED | PKTPATH_ACK_ECE |
			 PKTPATH_ACK_LOST | PKTPATH_ACK_DSACK)) ||
	       tp->c.state != PKTPATH_CC_OPEN;
}

/* After the states have settled: send again what they call for. */
static void pp_tcp_xmit_recovery(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	/* The data of a SYN goes again when the handshake is over. */
	if (tp->c.state < PKTPATH_CC_RECOVERY || sk->sk_state == TCP_SYN_SENT)
		return;
	if (tp->frto && !tp->lost_out)
		return;
	/* RFC 5682 step 2b: after the head, new data shows what was lost. */
	if (tp->frto && pp_seq_before(tp->snd_una, tp->high_seq) &&
	    !skb_queue_empty(&sk->sk_write_queue) &&
	    tp->snd_nxt == tp->high_seq) {
		pp_tcp_write_xmit(sk, pp_tcp_current_mss(sk), false, false);
		if (tp->snd_nxt != tp->high_seq)
			return;
		tp->frto = 0;
	}
	pp_tcp_xmit_retransmit_queue(sk);
}

/* RFC 2018 §8: a SACKed head that is not acknowledged was taken back. */
static bool pp_tcp_check_reneging(struct sock *sk, u32 flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *head;

	if (!(flags & PKTPATH_ACK_UNA) || !tp->sacked_out)
		return false;
	head = pp_tcp_rtx_head(tp);
	if (!head || !(PKTPATH_TCP_CB(head)->sacked & PKTPATH_SKB_SACKED))
		return false;
	/* Half a round trip of grace, then as after a time-out. */
	pp_tcp_timer_arm(sk, PKTPATH_TT_RTO,
			 usecs_to_jiffies(max_t(u32, tp->rtt.srtt_us >> 4,
						10000)));
	return true;
}

static void pp_tcp_ack_old(struct sock *sk, struct sk_buff *skb,
			   struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	/* Its SACKs may still be news. */
	if (!tp->sack_ok || !st->opt || !st->opt->nsacks || !tp->packets_out)
		return;
	pp_tcp_sack_process(sk, skb, st);
	pp_tcp_fastretrans_alert(sk, st);
	if (!(st->flags & PKTPATH_ACK_SACKED))
		return;
	pp_tcp_rate_gen(&tp->rate, &st->rs, (u32)tp->mstamp_us,
			pp_tcp_rtt_min_us(&tp->rtt), false);
	pp_tcp_cc_acked(sk, st);
	pp_tcp_xmit_recovery(sk);
}

/* Everything after the window: queue, states, congestion control, sending. */
static void pp_tcp_ack_queue(struct sock *sk, const struct sk_buff *skb,
			     struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_clean_rtx_queue(sk, st);
	if (unlikely(tp->ae))
		pp_tcp_accecn_acked(sk, skb, st);
	/* It is one step wide but for a while after a D-SACK. */
	if (unlikely(tp->rack.dsack_seen || tp->rack.reo_wnd_steps != 1))
		pp_tcp_rack_update_reo_wnd(sk);
	if (tp->tlp_high_seq)
		pp_tcp_process_tlp_ack(sk, tp->snd_una, st->flags);
	if (unlikely(pp_tcp_check_reneging(sk, st->flags)))
		st->flags &= ~PKTPATH_ACK_REARM;
	else if (pp_tcp_ack_is_dubious(tp, st->flags))
		pp_tcp_fastretrans_alert(sk, st);
	if ((st->flags & PKTPATH_ACK_REARM) &&
	    (!tp->packets_out ||
	     (tp->timer_what != PKTPATH_TT_REO &&
	      !pp_tcp_schedule_loss_probe(sk, true))))
		pp_tcp_rearm_rto(sk);
	pp_tcp_rate_gen(&tp->rate, &st->rs, (u32)tp->mstamp_us,
			pp_tcp_rtt_min_us(&tp->rtt), false);
	pp_tcp_cc_acked(sk, st);
	pp_tcp_xmit_recovery(sk);
}

/* Nothing is in flight: late news of what was sent twice, or of the window. */
static void pp_tcp_ack_empty(struct sock *sk, const struct sk_buff *skb,
			     struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (unlikely(tp->ae))
		pp_tcp_accecn_acked(sk, skb, st);
	if (st->flags & PKTPATH_ACK_DSACK)
		pp_tcp_fastretrans_alert(sk, st);
	if (tp->tlp_high_seq)
		pp_tcp_process_tlp_ack(sk, tp->snd_una, st->flags);
	pp_tcp_ack_probe(sk);
}

/**
 * pp_tcp_drop_ack() - drop a segment whose acknowledgment was refused
 * @sk: socket
 * @skb: what pp_tcp_ack() has just returned -1 for; taken
 *
 * Context: socket locked.
 */
void pp_tcp_drop_ack(struct sock *sk, struct sk_buff *skb)
{
	bool old = pp_seq_before(PKTPATH_TCP_CB(skb)->ack_seq,
				 pp_tcp_sk(sk)->snd_una);

	pp_tcp_drop(sk, skb, old ? PKTPATH_DROP_TCP_OLD_ACK :
				   PKTPATH_DROP_TCP_ACK_UNSENT);
}

/**
 * pp_tcp_ack() - take in an acknowledgment
 * @sk: socket, in a synchronised state or SYN_SENT
 * @skb: segment with ACK; control block filled; stays the caller's
 * @opt: its options
 * @flags: PKTPATH_ACK_SLOW unless by header prediction, PKTPATH_ACK_DATA
 *
 * RFC 5961 §5.2: an acknowledgment older than the largest window, or of what
 * was never sent, is answered by a challenge ACK.
 *
 * Context: socket locked, softirq or process.
 * Return: 1 acceptable, 0 old, -1 drop the segment.
 */
int pp_tcp_ack(struct sock *sk, struct sk_buff *skb,
	       const struct pp_tcp_opt *opt, u32 flags)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_ack_state st = {
		.prior_una = tp->snd_una,
		.prior_fack = tp->sacked_out ? tp->fack_seq : tp->snd_una,
		.prior_in_flight = pp_tcp_in_flight(tp),
		.prior_delivered = tp->rate.delivered,
		.prior_lost = tp->c.lost,
		.ca_rtt_us = -1,
		.sack_rtt_us = -1,
		.opt = opt,
	};
	u32 ack = cb->ack_seq;

	if (pp_seq_before(ack, tp->snd_una)) {
		/* RFC 5961 §5.2; nobody acknowledges what was never sent. */
		if (pp_seq_before(ack, tp->snd_una -
				  (u32)min_t(u64, tp->max_window,
					     tp->bytes_acked))) {
			if (sk->sk_state != TCP_SYN_RECV)
				pp_tcp_send_challenge_ack(sk);
			return -1;
		}
		st.flags = flags;
		/* RFC 7323 §4.3 asks for the sequence number alone. */
		if (opt)
			pp_tcp_ts_recent(tp, cb->seq, opt);
		pp_tcp_ack_old(sk, skb, &st);
		return 0;
	}
	if (pp_seq_after(ack, tp->snd_nxt)) {
		if (sk->sk_state != TCP_SYN_RECV)
			pp_tcp_send_challenge_ack(sk);
		return -1;
	}
	if (opt && (flags & PKTPATH_ACK_SLOW))
		pp_tcp_ts_recent(tp, cb->seq, opt);
	if (cb->seq != cb->end_seq)
		flags |= PKTPATH_ACK_DATA;
	if (tcp_hdr(skb)->ece && pp_tf(tp, PKTPATH_TF_ECN_OK) &&
	    !tcp_hdr(skb)->syn)
		flags |= PKTPATH_ACK_ECE;
	flags |= pp_tcp_update_window(sk, skb, ack, cb->seq);
	st.flags = flags;
	if (opt && opt->nsacks && (flags & PKTPATH_ACK_SLOW))
		pp_tcp_sack_process(sk, skb, &st);
	if (!(flags & PKTPATH_ACK_SLOW) && ack != tp->snd_una)
		pp_tcp_ext_inc(sk, HPACKS);
	else if (cb->seq == cb->end_seq)
		pp_tcp_ext_inc(sk, PUREACKS);
	if (ack != tp->snd_una) {
		st.flags |= PKTPATH_ACK_UNA;
		tp->bytes_acked += ack - tp->snd_una;
		tp->snd_una = ack;
		tp->retransmits = 0;
		if (unlikely(tp->sacks && tp->sacks->count.rto_start_ms)) {
			struct pp_tcp_counts *n = &tp->sacks->count;

			n->rto_ms += pp_tcp_ms(tp) - n->rto_start_ms;
			n->rto_start_ms = 0;
		}
	}
	sk->sk_err_soft = 0;
	tp->probes_out = 0;
	tp->rcv_tstamp_jiffies = pp_jiffies32();
	if (tp->packets_out)
		pp_tcp_ack_queue(sk, skb, &st);
	else
		pp_tcp_ack_empty(sk, skb, &st);
	return 1;
}
