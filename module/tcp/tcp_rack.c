// SPDX-License-Identifier: GPL-2.0
/*
 * RACK-TLP: loss by time (RFC 8985), and what the tail loss probe tells.
 *
 * Path: tcp_sack.c, tcp_rtx_clean.c -> tcp_recovery.c
 * Mirrors: net/ipv4/tcp_recovery.c
 * Locks: socket locked
 *
 * A segment is lost when one that was sent later has been delivered and the
 * reordering window has passed since then. Those of which that is not known are
 * kept by time of sending, so that a walk finds each loss once and ends at the
 * first that was sent later; of those that the window holds it looks at few.
 */
#include "tcp/tcp_priv.h"

/* Segments within the window of reordering of which the exact time is looked
 * up: with every acknowledgment it is done again.
 */
#define PKTPATH_RACK_WAITING 64

/* RFC 8985 §5.2: later in time, or at the same time later in sequence. */
static bool pp_tcp_rack_sent_after(u64 t1, u32 seq1, u64 t2, u32 seq2)
{
	return t1 > t2 || (t1 == t2 && pp_seq_after(seq1, seq2));
}

/**
 * pp_tcp_rack_advance() - a segment was delivered (RFC 8985 §6.2 step 2)
 * @tp: connection
 * @sacked: its marks before
 * @end_seq: its end
 * @xmit_us: when it was sent last
 *
 * An acknowledgment that comes sooner than any round trip after a
 * retransmission belongs to the first transmission and is ignored.
 *
 * Context: socket locked.
 */
void pp_tcp_rack_advance(struct pp_tcp_sock *tp, u8 sacked, u32 end_seq,
			 u64 xmit_us)
{
	u32 rtt_us = tp->mstamp_us > xmit_us ? tp->mstamp_us - xmit_us : 0;

	if ((sacked & PKTPATH_SKB_EVER) &&
	    rtt_us < pp_tcp_rtt_min_us(&tp->rtt))
		return;
	tp->rack.advanced = 1;
	tp->rack.rtt_us = rtt_us;
	if (pp_tcp_rack_sent_after(xmit_us, end_seq, tp->rack.mstamp_us,
				   tp->rack.end_seq)) {
		tp->rack.mstamp_us = xmit_us;
		tp->rack.end_seq = end_seq;
	}
}

/* RFC 8985 §6.2 step 4. */
static u32 pp_tcp_rack_reo_wnd(const struct sock *sk)
{
	int recovery = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_recovery);
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u64 wnd;

	if (!tp->reord_seen) {
		/* Nothing was ever reordered: three duplicates are enough. */
		if (tp->c.state >= PKTPATH_CC_RECOVERY)
			return 0;
		if (tp->sacked_out >= tp->reordering &&
		    !(recovery & PKTPATH_RACK_NO_DUPTHRESH))
			return 0;
	}
	wnd = (u64)(pp_tcp_rtt_min_us(&tp->rtt) >> 2) *
	      tp->rack.reo_wnd_steps;
	return min_t(u64, wnd, tp->rtt.srtt_us >> 3);
}

/* Marks what is lost by now; the longest wait for what may still be. */
static u32 pp_tcp_rack_detect(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 wnd = pp_tcp_rack_reo_wnd(sk);
	unsigned int waiting = 0;
	struct sk_buff *skb, *next;
	s64 left, wait = 0;

	list_for_each_entry_safe(skb, next, &tp->sent, tcp_tsorted_anchor) {
		struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
		u64 sent = div_u64(skb->skb_mstamp_ns, NSEC_PER_USEC);

		if (!pp_tcp_rack_sent_after(tp->rack.mstamp_us,
					    tp->rack.end_seq, sent,
					    cb->end_seq))
			break;
		left = (s64)tp->rack.rtt_us + wnd -
		       (s64)(tp->mstamp_us - sent);
		if (left <= 0) {
			pp_tcp_mark_lost(tp, skb);
			continue;
		}
		/* Who was sent later waits longer, but not beyond this. */
		wait = left;
		if (++waiting == PKTPATH_RACK_WAITING) {
			wait = (s64)tp->rack.rtt_us + wnd -
			       (s64)(tp->mstamp_us - tp->rack.mstamp_us);
			break;
		}
	}
	return wait;
}

/**
 * pp_tcp_rack_mark_lost() - look for losses after an acknowledgment
 * @sk: socket
 *
 * Context: socket locked.
 * Return: true when the reordering timer was armed.
 */
bool pp_tcp_rack_mark_lost(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 wait;

	if (!tp->rack.advanced)
		return false;
	tp->rack.advanced = 0;
	wait = pp_tcp_rack_detect(sk);
	if (!wait)
		return false;
	pp_tcp_timer_arm(sk, PKTPATH_TT_REO, usecs_to_jiffies(wait) + 1);
	return true;
}

/**
 * pp_tcp_rack_reo_timeout() - the reordering window has passed
 * @sk: socket
 *
 * Context: softirq or process, socket locked.
 */
void pp_tcp_rack_reo_timeout(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 prior_in_flight = pp_tcp_in_flight(tp), lost = tp->c.lost;
	u32 wait;

	wait = pp_tcp_rack_detect(sk);
	if (prior_in_flight != pp_tcp_in_flight(tp)) {
		if (tp->c.state != PKTPATH_CC_RECOVERY) {
			pp_tcp_enter_recovery(sk, false);
			if (!tp->cc->cong_control)
				pp_tcp_cwnd_reduction(sk, 1,
						      tp->c.lost - lost, 0);
		}
		pp_tcp_xmit_retransmit_queue(sk);
	}
	if (wait)
		pp_tcp_timer_arm(sk, PKTPATH_TT_REO,
				 usecs_to_jiffies(wait) + 1);
	else if (tp->timer_what == PKTPATH_TT_NONE ||
		 tp->timer_what == PKTPATH_TT_REO)
		pp_tcp_rearm_rto(sk);
}

/**
 * pp_tcp_rack_update_reo_wnd() - widen the window after a D-SACK
 * @sk: socket
 *
 * RFC 8985 §6.2 step 4: a step wider for each round trip with a D-SACK, back
 * to a quarter of the round trip after sixteen recoveries without.
 *
 * Context: socket locked.
 */
void pp_tcp_rack_update_reo_wnd(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool dsack_seen = tp->rack.dsack_seen;

	tp->rack.dsack_seen = 0;
	if (READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_recovery) &
	    PKTPATH_RACK_STATIC_WND)
		return;
	/* Once per round trip. */
	if ((s32)(tp->rack.last_delivered - tp->rate.delivered) > 0)
		return;
	if (dsack_seen) {
		tp->rack.reo_wnd_steps = min_t(u32, 255,
					       tp->rack.reo_wnd_steps + 1);
		tp->rack.last_delivered = tp->rate.delivered +
					  pp_tcp_in_flight(tp);
		tp->rack.reo_wnd_persist = PKTPATH_RACK_PERSIST;
	} else if (!tp->rack.reo_wnd_persist) {
		tp->rack.reo_wnd_steps = 1;
	}
}

/**
 * pp_tcp_process_tlp_ack() - was the tail loss probe needed?
 * @sk: socket with tlp_high_seq set
 * @ack: acknowledgment
 * @flags: PKTPATH_ACK_*
 *
 * RFC 8985 §7.4.2: its D-SACK or a plain duplicate says that the original had
 * arrived; an acknowledgment of the probe without either says that it
 * repaired a loss, which the window must feel.
 *
 * Context: socket locked.
 */
void pp_tcp_process_tlp_ack(struct sock *sk, u32 ack, u32 flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (pp_seq_before(ack, tp->tlp_high_seq))
		return;
	if (!pp_tf(tp, PKTPATH_TF_TLP_RETRANS)) {
		/* The probe was new data: nothing to conclude. */
		tp->tlp_high_seq = 0;
	} else if (flags & PKTPATH_ACK_DSACK_TLP) {
		tp->tlp_high_seq = 0;
	} else if (pp_seq_after(ack, tp->tlp_high_seq)) {
		tp->tlp_high_seq = 0;
		pp_tcp_ext_inc(sk, LOSSPROBERECOVERY);
		pp_tcp_enter_cwr(sk);
		pp_tcp_end_reduction(sk);
		if (tp->c.state == PKTPATH_CC_CWR)
			pp_tcp_cc_state(sk, PKTPATH_CC_OPEN);
	} else if (!(flags & (PKTPATH_ACK_UNA | PKTPATH_ACK_DATA |
			      PKTPATH_ACK_WIN | PKTPATH_ACK_SACKED))) {
		tp->tlp_high_seq = 0;
	}
}
