// SPDX-License-Identifier: GPL-2.0
/*
 * Was the reduction needed? Undo what proves to be spurious.
 *
 * Path: tcp_recovery.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_try_undo_*, tcp_process_loss)
 * Locks: socket locked
 *
 * Three proofs: every retransmission came back as a duplicate (D-SACK, RFC
 * 3708); the acknowledgment echoes a timestamp from before the first
 * retransmission (Eifel, RFC 3522); after a time-out new acknowledgments come
 * for what was never retransmitted (F-RTO, RFC 5682).
 */
#include "tcp/tcp_priv.h"

/* RFC 3522: the echo is older than the first retransmission. */
static bool pp_tcp_eifel(const struct pp_tcp_sock *tp,
			 const struct pp_tcp_opt *opt)
{
	return tp->tstamp_ok && opt && opt->ts_ok && opt->tsecr &&
	       tp->first_rtx_us_ts &&
	       (s32)(opt->tsecr - tp->first_rtx_us_ts) < 0;
}

static bool pp_tcp_may_undo(const struct pp_tcp_sock *tp,
			    const struct pp_tcp_opt *opt)
{
	return tp->undo_marker && (!tp->undo_retrans || pp_tcp_eifel(tp, opt));
}

static void pp_tcp_undo_window(struct sock *sk, bool unmark)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb;

	if (unmark && tp->lost_out) {
		for (skb = pp_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb)) {
			struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

			if (!(cb->sacked & PKTPATH_SKB_LOST))
				continue;
			cb->sacked &= ~PKTPATH_SKB_LOST;
			pp_tcp_sent_last(tp, skb);
		}
		pp_tcp_sent_sort(tp);
		tp->lost_out = 0;
	}
	if (tp->prior_ssthresh) {
		tp->c.cwnd = tp->cc->undo_cwnd(&tp->c);
		if (tp->prior_ssthresh > tp->c.ssthresh) {
			tp->c.ssthresh = tp->prior_ssthresh;
			clear_bit(PKTPATH_TF_ECN_CWR, &tp->tflags);
		}
	}
	tp->undo_marker = 0;
	tp->rack.advanced = 1;
}

/**
 * pp_tcp_try_undo() - take back a fast recovery that was not needed
 * @sk: socket in OPEN, DISORDER or RECOVERY
 * @st: the acknowledgment
 *
 * Context: socket locked.
 * Return: true when it was undone and nothing is left to be done about it.
 */
bool pp_tcp_try_undo(struct sock *sk, struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool over = !pp_seq_before(tp->snd_una, tp->high_seq);

	/* Afterwards an echo tells of other segments. */
	if (!pp_tcp_may_undo(tp, tp->c.state == PKTPATH_CC_RECOVERY ?
			     st->opt : NULL))
		return false;
	/* Partial: only the clock of the echo is proof for what is still out.
	 */
	if (tp->c.state == PKTPATH_CC_RECOVERY && !over && tp->undo_retrans) {
		if (tp->retrans_out)
			return true;
		pp_tcp_ext_inc(sk, PARTIALUNDO);
		pp_tcp_undo_window(sk, true);
		pp_tcp_cc_state(sk, PKTPATH_CC_OPEN);
		return true;
	}
	if (tp->c.state == PKTPATH_CC_RECOVERY && over) {
		pp_tcp_ext_inc(sk, FULLUNDO);
	} else {
		pp_tcp_ext_inc(sk, DSACKUNDO);
		tp->rack.reo_wnd_persist = min(PKTPATH_RACK_PERSIST,
					       tp->rack.reo_wnd_persist + 1);
	}
	pp_tcp_undo_window(sk, false);
	if (tp->c.state != PKTPATH_CC_RECOVERY)
		return false;
	if (over && pp_tcp_reno_holds(tp))
		return true;
	pp_tcp_cc_state(sk, PKTPATH_CC_OPEN);
	tp->first_rtx_us_ts = 0;
	return over;
}

static void pp_tcp_undo_loss(struct sock *sk, bool frto)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_ext_inc(sk, LOSSUNDO);
	pp_tcp_undo_window(sk, true);
	tp->retransmits = 0;
	tp->frto = 0;
	if (!pp_tcp_reno_holds(tp) && (frto || tp->sack_ok))
		pp_tcp_cc_state(sk, PKTPATH_CC_OPEN);
}

/**
 * pp_tcp_process_loss() - an acknowledgment in LOSS
 * @sk: socket
 * @st: the acknowledgment
 * @dupacks: it says nothing new
 *
 * RFC 5682 §3.1: after the head was sent again, step 2 sends new data; an
 * acknowledgment of data that was sent once only proves the time-out wrong
 * (step 3b).
 *
 * Context: socket locked.
 */
void pp_tcp_process_loss(struct sock *sk, struct pp_tcp_ack_state *st,
			 u32 dupacks)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool recovered = !pp_seq_before(tp->snd_una, tp->high_seq);

	if ((st->flags & PKTPATH_ACK_UNA) && pp_tcp_may_undo(tp, st->opt)) {
		pp_tcp_undo_loss(sk, false);
		return;
	}
	if (tp->frto) {
		/* Step 3b. Without SACK nothing tells which transmission of
		 * what was sent twice has arrived.
		 */
		if (st->orig_sacked &&
		    (st->flags & (PKTPATH_ACK_SACKED | PKTPATH_ACK_ACKED)) &&
		    (tp->sack_ok || !(st->flags & PKTPATH_ACK_RETRANS)) &&
		    tp->undo_marker) {
			pp_tcp_ext_inc(sk, SPURIOUSRTOS);
			pp_tcp_undo_loss(sk, true);
			return;
		}
		if (pp_seq_after(tp->snd_nxt, tp->high_seq)) {
			if ((st->flags & PKTPATH_ACK_SACKED) || dupacks)
				tp->frto = 0;	/* step 3a: it was lost */
		} else if ((st->flags & PKTPATH_ACK_UNA) && !recovered) {
			tp->high_seq = tp->snd_nxt;
		}
	}
	if (recovered) {
		tp->frto = 0;
		if (!tp->sack_ok)
			tp->sacked_out = 0;
		pp_tcp_rack_recovered(tp);
		if (pp_tcp_reno_holds(tp))
			return;
		pp_tcp_cc_state(sk, PKTPATH_CC_OPEN);
		tp->first_rtx_us_ts = 0;
		return;
	}
	if (!tp->sack_ok) {
		/* What was sent since the time-out arrives. */
		if (dupacks && pp_seq_after(tp->snd_nxt, tp->high_seq))
			pp_tcp_reno_dupack(sk, st, dupacks);
		else if (st->flags & PKTPATH_ACK_UNA)
			tp->sacked_out = 0;
	}
}
