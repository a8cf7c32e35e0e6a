// SPDX-License-Identifier: GPL-2.0
/*
 * Loss recovery: the congestion states and what moves between them.
 *
 * Path: tcp_ack.c -> here -> tcp_retransmit.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_fastretrans_alert)
 * Locks: socket locked
 *
 *   OPEN      nothing wrong; DISORDER: duplicates or SACKs, no loss yet
 *   CWR       the window is being reduced without loss (ECN, local drop)
 *   RECOVERY  fast retransmit; ends when high_seq is acknowledged (RFC 6675)
 *   LOSS      after a time-out; ends likewise, or by F-RTO (RFC 5682)
 *
 * The window is reduced by proportional rate reduction (RFC 9937).
 */
#include "tcp/tcp_priv.h"

/**
 * pp_tcp_mark_lost() - a segment, or its retransmission, is lost
 * @tp: connection
 * @skb: on the retransmit queue, not SACKed
 *
 * Context: socket locked.
 */
void pp_tcp_mark_lost(struct pp_tcp_sock *tp, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

	if (cb->sacked & PKTPATH_SKB_SACKED)
		return;
	if ((cb->sacked & (PKTPATH_SKB_LOST | PKTPATH_SKB_RETRANS)) ==
	    PKTPATH_SKB_LOST)
		return;
	pp_tcp_sent_del(skb);
	/* A hint from long ago says nothing. */
	if (pp_seq_before(tp->rtx_hint, tp->snd_una))
		tp->rtx_hint = tp->snd_una;
	else if (pp_seq_before(cb->seq, tp->rtx_hint))
		tp->rtx_hint = cb->seq;
	if (cb->sacked & PKTPATH_SKB_LOST) {
		/* The retransmission is lost as well. */
		cb->sacked &= ~PKTPATH_SKB_RETRANS;
		tp->retrans_out -= cb->segs;
		tp->c.lost += cb->segs;
		pp_mib_add(tp->pp.pn, TCPEXT_LOSTRETRANSMIT, cb->segs);
		return;
	}
	if (cb->sacked & PKTPATH_SKB_RETRANS) {
		cb->sacked &= ~PKTPATH_SKB_RETRANS;
		tp->retrans_out -= cb->segs;
	}
	cb->sacked |= PKTPATH_SKB_LOST;
	tp->lost_out += cb->segs;
	tp->c.lost += cb->segs;
}

/**
 * pp_tcp_limit_reno() - without SACK not all can have arrived
 * @tp: connection without SACK
 *
 * At least one is missing, or the duplicates would not have come.
 *
 * Context: socket locked.
 */
void pp_tcp_limit_reno(struct pp_tcp_sock *tp)
{
	u32 holes = clamp(tp->lost_out, 1u, max(tp->packets_out, 1u));

	if (tp->sacked_out + holes > tp->packets_out)
		tp->sacked_out = tp->packets_out > holes ?
				 tp->packets_out - holes : 0;
}

/* RFC 6582 without SACK: one hole at a time, the head. */
static void pp_tcp_newreno_mark_lost(struct sock *sk, bool una_moved)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb = pp_tcp_rtx_head(tp);
	u32 mss;

	if (!skb)
		return;
	if (!((tp->c.state < PKTPATH_CC_RECOVERY &&
	       tp->sacked_out >= tp->reordering) ||
	      (tp->c.state == PKTPATH_CC_RECOVERY && una_moved)))
		return;
	if (PKTPATH_TCP_CB(skb)->sacked & PKTPATH_SKB_LOST)
		return;
	mss = skb_shinfo(skb)->gso_size;
	if (PKTPATH_TCP_CB(skb)->segs > 1 && mss && skb->len > mss &&
	    pp_tcp_fragment(sk, true, skb, mss, mss, GFP_ATOMIC))
		return;
	pp_tcp_mark_lost(tp, skb);
	pp_tcp_limit_reno(tp);
}

static void pp_tcp_identify_loss(struct sock *sk, struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 lost = tp->c.lost;

	if (!pp_tcp_rtx_head(tp))
		return;
	if (!tp->sack_ok)
		pp_tcp_newreno_mark_lost(sk, st->flags & PKTPATH_ACK_UNA);
	else if (pp_tcp_rack_mark_lost(sk))
		st->flags &= ~PKTPATH_ACK_REARM;
	if (tp->c.lost != lost)
		st->flags |= PKTPATH_ACK_LOST;
}

/**
 * pp_tcp_reno_dupack() - without SACK a duplicate means one segment arrived
 * @sk: socket
 * @st: the acknowledgment
 * @segs: duplicates it stands for
 *
 * Context: socket locked.
 */
void pp_tcp_reno_dupack(struct sock *sk, struct pp_tcp_ack_state *st, u32 segs)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 had = tp->sacked_out;

	/* RFC 5681 §3.2 asks for three; more arrivals than there were are a
	 * receiver's lie (ACK division) and counted no further.
	 */
	tp->sacked_out += segs;
	pp_tcp_limit_reno(tp);
	segs = tp->sacked_out > had ? tp->sacked_out - had : 0;
	tp->rate.delivered += segs;
	if (segs)
		st->flags |= PKTPATH_ACK_SACKED;
}

/* ---- Window reduction (RFC 9937) ---- */

static void pp_tcp_init_reduction(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	tp->c.cwnd_cnt = 0;
	tp->c.prior_cwnd = tp->c.cwnd;
	tp->prr_delivered = 0;
	tp->prr_out = 0;
	tp->c.ssthresh = tp->cc->ssthresh(&tp->c);
	set_bit(PKTPATH_TF_ECN_CWR, &tp->tflags);
}

/**
 * pp_tcp_cwnd_reduction() - how much may be sent for what was delivered
 * @sk: socket in CWR or RECOVERY
 * @newly_acked: segments delivered by this acknowledgment
 * @newly_lost: segments marked lost by it
 * @flags: PKTPATH_ACK_*
 *
 * RFC 9937 §6.2: while more is in flight than ssthresh, ssthresh / prior_cwnd
 * of each delivery; below it, slow start up to ssthresh when the last
 * acknowledgment repaired something and lost nothing, else as much as came.
 *
 * Context: socket locked.
 */
void pp_tcp_cwnd_reduction(struct sock *sk, u32 newly_acked, u32 newly_lost,
			   u32 flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 in_flight = pp_tcp_in_flight(tp);
	s32 delta = (s32)tp->c.ssthresh - (s32)in_flight, send;

	if (!newly_acked || !tp->c.prior_cwnd)
		return;
	tp->prr_delivered += newly_acked;
	if (delta < 0) {
		u64 due = (u64)tp->c.ssthresh * tp->prr_delivered +
			  tp->c.prior_cwnd - 1;

		send = (s32)div_u64(due, tp->c.prior_cwnd) - (s32)tp->prr_out;
	} else {
		send = max_t(s32, tp->prr_delivered - tp->prr_out,
			     newly_acked);
		if ((flags & PKTPATH_ACK_UNA) && !newly_lost)
			send++;
		send = min(delta, send);
	}
	/* The first retransmission goes at once. */
	send = max(send, tp->prr_out ? 0 : 1);
	tp->c.cwnd = max_t(u32, 1, in_flight + send);
}

/**
 * pp_tcp_end_reduction() - CWR or RECOVERY is over
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_end_reduction(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->cc->cong_control)
		return;
	if (tp->c.ssthresh < 0x7fffffff &&
	    (tp->c.state == PKTPATH_CC_CWR || tp->undo_marker))
		tp->c.cwnd = tp->c.ssthresh;
	pp_tcp_cc_event(sk, PKTPATH_CC_COMPLETE_CWR);
}

/**
 * pp_tcp_enter_cwr() - reduce the window without a loss
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_enter_cwr(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->prior_ssthresh = 0;
	if (tp->c.state >= PKTPATH_CC_CWR)
		return;
	tp->undo_marker = 0;
	pp_tcp_init_reduction(sk);
	pp_tcp_cc_state(sk, PKTPATH_CC_CWR);
}

static void pp_tcp_undo_start(struct pp_tcp_sock *tp)
{
	/* Of what is out twice now D-SACKs may come, which say nothing. */
	tp->undo_marker = tp->snd_una;
	tp->undo_retrans = tp->retrans_out;
	if (tp->tlp_high_seq && pp_tf(tp, PKTPATH_TF_TLP_RETRANS))
		tp->undo_retrans++;
	if (!tp->undo_retrans)
		tp->undo_retrans = ~0u;
}

/**
 * pp_tcp_enter_recovery() - fast retransmit begins
 * @sk: socket
 * @ece: by an ECN echo, not by a loss
 *
 * Context: socket locked.
 */
void pp_tcp_enter_recovery(struct sock *sk, bool ece)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->sack_ok)
		pp_tcp_ext_inc(sk, SACKRECOVERY);
	else
		pp_tcp_ext_inc(sk, RENORECOVERY);
	tp->prior_ssthresh = 0;
	pp_tcp_undo_start(tp);
	if (tp->c.state < PKTPATH_CC_CWR) {
		if (!ece)
			tp->prior_ssthresh = tp->c.ssthresh;
		pp_tcp_init_reduction(sk);
	} else if (tp->c.state == PKTPATH_CC_LOSS) {
		/* The time-out has reduced; what is left of a recovery before
		 * it counts no more.
		 */
		tp->c.prior_cwnd = max(tp->c.cwnd, 1u);
		tp->prr_delivered = 0;
		tp->prr_out = 0;
	}
	tp->high_seq = tp->snd_nxt;
	pp_tcp_cc_state(sk, PKTPATH_CC_RECOVERY);
}

/* No acknowledgment can have come yet. Without SACK nothing would find out
 * later that it is lost.
 */
static bool pp_tcp_sent_lately(const struct pp_tcp_sock *tp,
			       const struct sk_buff *skb)
{
	u64 sent = div_u64(skb->skb_mstamp_ns, NSEC_PER_USEC);

	return tp->sack_ok && (s64)(tp->mstamp_us - sent) < tp->rack.rtt_us;
}

/**
 * pp_tcp_enter_loss() - the retransmission timer has fired
 * @sk: socket
 *
 * RFC 5681 §3.1 (4), RFC 6298 (5.4): everything not SACKed counts as lost, but
 * for what was sent less than a round trip ago (RFC 8985 §6.3); one segment more
 * may be in flight. A head that is SACKed means the receiver took its SACKs back
 * (RFC 2018 §8): they are forgotten.
 *
 * Context: softirq or process, socket locked.
 */
void pp_tcp_enter_loss(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *head = pp_tcp_rtx_head(tp), *skb = head;
	bool new_recovery = tp->c.state < PKTPATH_CC_RECOVERY;
	bool reneg = skb && (PKTPATH_TCP_CB(skb)->sacked &
			     PKTPATH_SKB_SACKED);

	if (tp->c.state <= PKTPATH_CC_DISORDER ||
	    !pp_seq_after(tp->high_seq, tp->snd_una) ||
	    (tp->c.state == PKTPATH_CC_LOSS && !tp->retransmits)) {
		tp->prior_ssthresh = tp->c.ssthresh;
		tp->c.prior_cwnd = tp->c.cwnd;
		tp->c.ssthresh = tp->cc->ssthresh(&tp->c);
		pp_tcp_cc_event(sk, PKTPATH_CC_LOSS_EVENT);
		pp_tcp_undo_start(tp);
	}
	if (reneg)
		pp_tcp_ext_inc(sk, SACKRENEGING);
	if (reneg || !tp->sack_ok) {
		tp->sacked_out = 0;
		if (tp->sacks)
			memset(tp->sacks->seen, 0,
			       sizeof(tp->sacks->seen));
	}
	for (; skb; skb = skb_rb_next(skb)) {
		if (reneg)
			PKTPATH_TCP_CB(skb)->sacked &= ~PKTPATH_SKB_SACKED;
		else if (skb != head && pp_tcp_sent_lately(tp, skb))
			continue;
		pp_tcp_mark_lost(tp, skb);
	}
	tp->c.cwnd = pp_tcp_in_flight(tp) + 1;
	tp->c.cwnd_cnt = 0;
	if (tp->c.state <= PKTPATH_CC_DISORDER &&
	    tp->sacked_out >= tp->reordering)
		tp->reordering = min_t(u32, tp->reordering,
				       READ_ONCE(s->tcp_reordering));
	pp_tcp_cc_state(sk, PKTPATH_CC_LOSS);
	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	set_bit(PKTPATH_TF_ECN_CWR, &tp->tflags);
	/* RFC 5682 §3.1: only for the first time-out of a loss episode. */
	tp->frto = READ_ONCE(s->tcp_frto) && new_recovery &&
		   tp->snd_una != tp->snd_nxt && !pp_sk(sk)->pn->exiting &&
		   !(tp->mtup && tp->mtup->probe);
}

/**
 * pp_tcp_simple_retransmit() - segments became too big for the path
 * @sk: socket
 *
 * They are sent again in smaller pieces; it is no sign of congestion, so the
 * window stays (RFC 1191 §6.4).
 *
 * Context: socket locked.
 */
void pp_tcp_simple_retransmit(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int mss = pp_tcp_current_mss(sk);
	u32 lost = tp->lost_out;
	struct sk_buff *skb;
	bool all;

	/* Fast Open's SYN and its data were one segment, and are two here. */
	all = sk->sk_state == TCP_SYN_SENT && pp_tf(tp, PKTPATH_TF_SYN_DATA);
	for (skb = pp_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb))
		if (all || skb_shinfo(skb)->gso_size > mss ||
		    (PKTPATH_TCP_CB(skb)->segs == 1 && skb->len > mss))
			pp_tcp_mark_lost(tp, skb);
	if (!tp->sack_ok)
		pp_tcp_limit_reno(tp);
	if (tp->lost_out != lost)
		pp_tcp_retransmit_lost(sk);
}

/**
 * pp_tcp_retransmit_lost() - send again what was lost, but not by congestion
 * @sk: socket, segments are marked lost
 *
 * Context: socket locked.
 */
void pp_tcp_retransmit_lost(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->c.state != PKTPATH_CC_LOSS) {
		tp->high_seq = tp->snd_nxt;
		tp->c.ssthresh = max(tp->c.ssthresh, tp->c.cwnd);
		tp->prior_ssthresh = 0;
		tp->undo_marker = 0;
		pp_tcp_cc_state(sk, PKTPATH_CC_LOSS);
	}
	pp_tcp_xmit_retransmit_queue(sk);
}

/* ---- Transitions ---- */

/* Something that was sent again is not acknowledged yet. */
static bool pp_tcp_any_retrans(const struct pp_tcp_sock *tp)
{
	const struct sk_buff *head = pp_tcp_rtx_head(tp);

	return tp->retrans_out ||
	       (head && PKTPATH_TCP_CB(head)->sacked & PKTPATH_SKB_EVER);
}

/**
 * pp_tcp_reno_holds() - may duplicates of the end still come?
 * @tp: connection, high_seq is acknowledged
 *
 * RFC 6582 §3.2 step 1, §4.1: without SACK they look like a loss of what
 * follows, until more than high_seq is acknowledged.
 *
 * Context: socket locked.
 * Return: true: the state stays.
 */
bool pp_tcp_reno_holds(struct pp_tcp_sock *tp)
{
	if (tp->sack_ok || tp->snd_una != tp->high_seq)
		return false;
	if (!pp_tcp_any_retrans(tp))
		tp->first_rtx_us_ts = 0;
	return true;
}

static void pp_tcp_try_to_open(struct sock *sk, u32 flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u8 state = PKTPATH_CC_OPEN;

	if (!pp_tcp_any_retrans(tp))
		tp->first_rtx_us_ts = 0;
	if (flags & PKTPATH_ACK_ECE)
		pp_tcp_enter_cwr(sk);
	if (tp->c.state == PKTPATH_CC_CWR)
		return;
	if (tp->sacked_out || tp->lost_out || pp_tcp_any_retrans(tp))
		state = PKTPATH_CC_DISORDER;
	if (tp->c.state != state) {
		pp_tcp_cc_state(sk, state);
		tp->high_seq = tp->snd_nxt;
	}
}

/* high_seq is acknowledged. True: leave it at that. */
static bool pp_tcp_episode_over(struct sock *sk, struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	switch (tp->c.state) {
	case PKTPATH_CC_CWR:
		/* The reduction lasts until something beyond it is acked. */
		if (tp->snd_una != tp->high_seq) {
			pp_tcp_end_reduction(sk);
			pp_tcp_cc_state(sk, PKTPATH_CC_OPEN);
		}
		break;
	case PKTPATH_CC_RECOVERY:
		if (!tp->sack_ok)
			tp->sacked_out = 0;
		if (pp_tcp_try_undo(sk, st))
			return true;
		pp_tcp_rack_recovered(tp);
		if (pp_tcp_reno_holds(tp))
			return true;
		pp_tcp_end_reduction(sk);
		break;
	}
	return false;
}

static void pp_tcp_in_recovery(struct sock *sk, struct pp_tcp_ack_state *st,
			       u32 dupacks)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!(st->flags & PKTPATH_ACK_UNA)) {
		if (!tp->sack_ok && dupacks)
			pp_tcp_reno_dupack(sk, st, dupacks);
	} else if (pp_tcp_try_undo(sk, st)) {
		return;
	}
	pp_tcp_identify_loss(sk, st);
}

static void pp_tcp_in_open(struct sock *sk, struct pp_tcp_ack_state *st,
			   u32 dupacks)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!tp->sack_ok) {
		if (st->flags & PKTPATH_ACK_UNA)
			tp->sacked_out = 0;
		if (dupacks)
			pp_tcp_reno_dupack(sk, st, dupacks);
	}
	if (tp->c.state <= PKTPATH_CC_DISORDER)
		pp_tcp_try_undo(sk, st);
	pp_tcp_identify_loss(sk, st);
	if (!tp->lost_out) {
		pp_tcp_try_to_open(sk, st->flags);
		return;
	}
	if (pp_tcp_mtup_failed(sk))
		return;
	pp_tcp_enter_recovery(sk, st->flags & PKTPATH_ACK_ECE);
}

/**
 * pp_tcp_fastretrans_alert() - an acknowledgment that is not plain sailing
 * @sk: socket
 * @st: what it did
 *
 * Called for duplicates, SACKs, ECN echoes and in every state but OPEN.
 *
 * Context: socket locked.
 */
void pp_tcp_fastretrans_alert(struct sock *sk, struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 dupacks = !(st->flags & (PKTPATH_ACK_UNA | PKTPATH_ACK_DATA |
				     PKTPATH_ACK_WIN | PKTPATH_ACK_DSACK)) &&
		      tp->packets_out;

	if (st->flags & PKTPATH_ACK_ECE)
		tp->prior_ssthresh = 0;
	if (tp->c.state == PKTPATH_CC_OPEN)
		tp->first_rtx_us_ts = 0;
	else if (!pp_seq_before(tp->snd_una, tp->high_seq) &&
		 pp_tcp_episode_over(sk, st))
		return;
	switch (tp->c.state) {
	case PKTPATH_CC_RECOVERY:
		if (pp_seq_before(tp->snd_una, tp->high_seq)) {
			pp_tcp_in_recovery(sk, st, dupacks);
			/* It was undone, but something is lost: another. */
			if (tp->c.state == PKTPATH_CC_OPEN && tp->lost_out)
				pp_tcp_enter_recovery(sk, st->flags &
						      PKTPATH_ACK_ECE);
			break;
		}
		pp_tcp_cc_state(sk, PKTPATH_CC_OPEN);
		tp->first_rtx_us_ts = 0;
		pp_tcp_in_open(sk, st, dupacks);
		break;
	case PKTPATH_CC_LOSS:
		pp_tcp_process_loss(sk, st, dupacks);
		if (tp->c.state == PKTPATH_CC_LOSS)
			pp_tcp_identify_loss(sk, st);
		else
			pp_tcp_in_open(sk, st, 0);
		break;
	default:
		pp_tcp_in_open(sk, st, dupacks);
	}
}

#define PKTPATH_CWND_KEPT	(300 * HZ)	/* a window that is not filled */

/**
 * pp_tcp_cwnd_restart() - the connection was idle for longer than an RTO
 * @sk: socket
 *
 * RFC 5681 §4.1: the window decays to the restart window.
 * Context: socket locked.
 */
void pp_tcp_cwnd_restart(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	s32 idle = pp_jiffies32() - tp->last_data_sent_jiffies;
	u32 cwnd = tp->c.cwnd, rto = pp_tcp_rto_jiffies(sk);
	u32 restart = min(tp->init_cwnd, cwnd);

	pp_tcp_cc_event(sk, PKTPATH_CC_CWND_RESTART);
	tp->c.ssthresh = max(tp->c.ssthresh, (cwnd >> 1) + (cwnd >> 2));
	while ((idle -= rto) > 0 && cwnd > restart)
		cwnd >>= 1;
	tp->c.cwnd = max(cwnd, restart);
	tp->c.cwnd_cnt = 0;
	tp->cwnd_stamp = pp_jiffies32();
}

/* RFC 7661 §4.4.3: what was true of the path five minutes ago is not known now. */
static void pp_tcp_cwnd_unused(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 cwnd = tp->c.cwnd;

	tp->cwnd_stamp = pp_jiffies32();
	if (tp->c.state != PKTPATH_CC_OPEN || cwnd <= tp->init_cwnd)
		return;
	tp->c.ssthresh = max(tp->c.ssthresh, (cwnd >> 1) + (cwnd >> 2));
	tp->c.cwnd = max(cwnd >> 1, tp->init_cwnd);
	tp->c.cwnd_cnt = 0;
}

/**
 * pp_tcp_cwnd_validate() - is it the window that holds us back?
 * @sk: socket; something was sent, or not for the window
 * @limited: write_xmit stopped because of the window
 *
 * RFC 2861, RFC 7661: a window that is not used must not grow, and is not kept for
 * ever, as AF_INET's is. What one flight needed at most counts until it is
 * acknowledged.
 *
 * Context: socket locked.
 */
void pp_tcp_cwnd_validate(struct sock *sk, bool limited)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (limited || !pp_seq_before(tp->snd_una, tp->flight_seq) ||
	    (!tp->cwnd_full && tp->packets_out > tp->flight_max)) {
		tp->cwnd_full = limited;
		tp->flight_max = tp->packets_out;
		tp->flight_seq = tp->snd_nxt;
	}
	if (pp_tcp_cwnd_is_limited(tp))
		tp->cwnd_stamp = pp_jiffies32();
	else if (unlikely(pp_jiffies32() - tp->cwnd_stamp >=
			  PKTPATH_CWND_KEPT) &&
		 !tp->cc->cong_control &&
		 READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_slow_start_after_idle))
		pp_tcp_cwnd_unused(sk);
}

/* What the route says of a connection; on either side. */
static void pp_tcp_route_metrics(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pp_route_metrics *m;
	struct pp_dst *dst;

	rcu_read_lock();
	dst = pp_ip_sk_route_rcu(sk);
	if (!IS_ERR(dst)) {
		m = pp_dst_metrics(dst);
		if (m->initcwnd)
			tp->init_cwnd = m->initcwnd;
		if (m->rto_min_ms)
			pp_tcp_rtt_set_min(&tp->rtt,
					   m->rto_min_ms * USEC_PER_MSEC);
		if (m->flags & PKTPATH_ROUTE_QUICKACK)
			set_bit(PKTPATH_TF_QUICKACK, &tp->tflags);
	}
	rcu_read_unlock();
}

/**
 * pp_tcp_init_metrics() - windows and estimators of a new connection
 * @sk: socket, just established
 *
 * RFC 6928: ten segments, unless the route says otherwise; one if the SYN or the
 * SYN-ACK was lost more than once (RFC 5681 §3.1, as the kernel counts it).
 * Context: socket locked.
 */
void pp_tcp_init_metrics(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->c.cwnd_clamp = ~0u;
	tp->c.ssthresh = 0x7fffffff;
	tp->init_cwnd = 10;
	tp->cwnd_stamp = pp_jiffies32();
	tp->c.state = PKTPATH_CC_OPEN;
	tp->reordering = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_reordering);
	tp->rack.reo_wnd_steps = 1;
	pp_tcp_route_metrics(sk);
	tp->c.cwnd = tp->total_retrans > 1 ? 1 : tp->init_cwnd;
	/* RFC 6298 (5.7): the handshake was not timed: three seconds. How often
	 * the SYN was repeated says nothing of data.
	 */
	if (!tp->rtt.srtt_us && tp->rtt.rto_us < 3000000)
		tp->rtt.rto_us = 3000000;
	tp->backoff = 0;
}
