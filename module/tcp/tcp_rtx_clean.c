// SPDX-License-Identifier: GPL-2.0
/*
 * What an acknowledgment covers leaves the retransmit queue and is measured.
 *
 * Path: tcp_ack.c -> here -> tcp_cc.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_clean_rtx_queue)
 * Locks: socket locked
 */
#include "compat/compat.h"
#include "tcp/tcp_priv.h"

/* First and last transmission time among what was acknowledged. */
struct pp_tcp_acked {
	u64 first_us, last_us;
	bool retrans;		/* some of it was sent more than once */
};

/* A GSO skb of which whole segments from the front are acknowledged. */
static u32 pp_tcp_rtx_partial(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 segs = cb->segs;

	if (segs <= 1 || !pp_seq_before(cb->seq, tp->snd_una))
		return 0;
	if (pp_tcp_trim_head(sk, skb, tp->snd_una - cb->seq))
		return 0;
	return segs - cb->segs;
}

static void pp_tcp_rtx_note(struct sk_buff *skb, struct pp_tcp_ack_state *st,
			    struct pp_tcp_acked *a, u32 high_seq)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	u64 us = div_u64(skb->skb_mstamp_ns, NSEC_PER_USEC);

	/* RFC 6298 §3: a segment sent twice gives no round-trip time. */
	if (cb->sacked & PKTPATH_SKB_EVER) {
		a->retrans = true;
		return;
	}
	if (cb->sacked & PKTPATH_SKB_SACKED)
		return;
	if (!a->first_us)
		a->first_us = us;
	a->last_us = us;
	if (!st->reord_valid) {
		st->reord = cb->seq;
		st->reord_valid = true;
	}
	if (!pp_seq_after(cb->end_seq, high_seq))
		st->orig_sacked = true;
}

/* Takes @segs acknowledged segments of @skb out of the sums. */
static void pp_tcp_rtx_uncount(struct pp_tcp_sock *tp, u8 sacked, u32 segs)
{
	if (sacked & PKTPATH_SKB_SACKED)
		tp->sacked_out -= segs;
	if (sacked & PKTPATH_SKB_LOST)
		tp->lost_out -= segs;
	if (sacked & PKTPATH_SKB_RETRANS)
		tp->retrans_out -= segs;
	tp->packets_out -= segs;
}

/* RFC 7323 §4: the echoed timestamp tells which transmission it was. */
static s64 pp_tcp_rtx_ts_rtt(const struct pp_tcp_sock *tp,
			     const struct pp_tcp_opt *opt)
{
	u32 ms;

	if (!tp->tstamp_ok || !opt || !opt->ts_ok || !opt->tsecr)
		return -1;
	ms = pp_tcp_tsval(tp) - opt->tsecr;
	if (ms > PKTPATH_RTO_MAX_US / USEC_PER_MSEC)
		return -1;
	return (s64)(ms ? : 1) * USEC_PER_MSEC;
}

/**
 * pp_tcp_rtt_update() - feed the estimator
 * @sk: socket
 * @st: the acknowledgment; sack_rtt_us and ca_rtt_us are read
 * @seq_rtt_us: of the oldest segment acknowledged by sequence, -1 none
 *
 * Context: socket locked.
 */
void pp_tcp_rtt_update(struct sock *sk, struct pp_tcp_ack_state *st,
		       s64 seq_rtt_us)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (seq_rtt_us < 0)
		seq_rtt_us = st->sack_rtt_us;
	if (seq_rtt_us < 0 &&
	    (st->flags & (PKTPATH_ACK_ACKED | PKTPATH_ACK_SYN))) {
		seq_rtt_us = pp_tcp_rtx_ts_rtt(tp, st->opt);
		st->ca_rtt_us = seq_rtt_us;
	}
	if (seq_rtt_us < 0)
		return;
	if (seq_rtt_us > PKTPATH_RTO_MAX_US)
		seq_rtt_us = PKTPATH_RTO_MAX_US;
	pp_tcp_rtt_sample(&tp->rtt, (u32)seq_rtt_us,
			  st->ca_rtt_us < 0 ? ~0u :
			  (u32)min_t(s64, st->ca_rtt_us, ~0u),
			  (u32)div_u64(tp->mstamp_us, USEC_PER_MSEC),
			  tp->snd_una, tp->snd_nxt);
	tp->backoff = 0;
}

static void pp_tcp_rtx_times(struct sock *sk, struct pp_tcp_ack_state *st,
			     const struct pp_tcp_acked *a)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	s64 seq_rtt_us = -1;

	st->ca_rtt_us = -1;
	st->sack_rtt_us = -1;
	if (a->first_us && !a->retrans) {
		seq_rtt_us = tp->mstamp_us - a->first_us;
		st->ca_rtt_us = tp->mstamp_us - a->last_us;
	}
	if (st->first_sackt_us) {
		st->sack_rtt_us = tp->mstamp_us - st->first_sackt_us;
		st->ca_rtt_us = tp->mstamp_us - st->last_sackt_us;
	}
	pp_tcp_rtt_update(sk, st, seq_rtt_us);
}

/* Without SACK duplicates were counted as arrivals: take them back. */
static void pp_tcp_rtx_reno(struct sock *sk, u32 acked)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (acked > 1) {
		if (acked - 1 >= tp->sacked_out)
			tp->sacked_out = 0;
		else
			tp->sacked_out -= acked - 1;
	}
	pp_tcp_limit_reno(tp);
}

/**
 * pp_tcp_clean_rtx_queue() - drop what is acknowledged
 * @sk: socket; snd_una is the new one
 * @st: the acknowledgment; flags and times are added
 *
 * Context: socket locked.
 */
void pp_tcp_clean_rtx_queue(struct sock *sk, struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_acked a = {};
	struct sk_buff *skb, *next;
	u32 had_sacked = tp->sacked_out;
	u32 total = 0;

	st->reord_valid = false;
	for (skb = pp_tcp_rtx_head(tp); skb; skb = next) {
		struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
		bool whole = !pp_seq_after(cb->end_seq, tp->snd_una);
		u32 segs = cb->segs;
		u8 sacked = cb->sacked;

		next = NULL;
		if (!whole) {
			segs = pp_tcp_rtx_partial(sk, skb);
			if (!segs)
				break;
		}
		pp_tcp_rtx_note(skb, st, &a, tp->high_seq);
		if (cb->flags & PKTPATH_TCPF_SYN)
			st->flags |= PKTPATH_ACK_SYN;
		else
			st->flags |= PKTPATH_ACK_ACKED;
		if (sacked & PKTPATH_SKB_EVER)
			st->flags |= PKTPATH_ACK_RETRANS;
		if (!(sacked & PKTPATH_SKB_SACKED) &&
		    (tp->sack_ok || !had_sacked)) {
			u16 left = cb->segs;

			cb->segs = segs;
			pp_tcp_delivered(sk, skb, st);
			cb->segs = left;
		} else if (!tp->sack_ok) {
			tp->rate.delivered_us = (u32)tp->mstamp_us ? : 1;
		}
		pp_tcp_rtx_uncount(tp, sacked, segs);
		total += segs;
		if (!whole)
			break;
		next = skb_rb_next(skb);
		pp_tcp_rtx_unlink(sk, skb);
		if (unlikely(cb->tstamp_ack))
			pp_compat_tstamp_ack(skb, sk);
		pp_tcp_skb_free(sk, skb);
	}
	if (!skb && tp->chrono_what)
		pp_tcp_chrono_end(sk, PKTPATH_CHRONO_BUSY);
	st->acked_segs = total;
	if (total && unlikely(tp->mtup))
		pp_tcp_mtup_acked(sk);
	if (total && !tp->sack_ok && had_sacked) {
		/* Each duplicate was one delivered already. */
		if (total > had_sacked)
			tp->rate.delivered += total - had_sacked;
		pp_tcp_rtx_reno(sk, total);
	} else if (total && tp->sack_ok && st->reord_valid &&
		   pp_seq_before(st->reord, st->prior_fack)) {
		pp_tcp_check_reordering(sk, st->reord);
	}
	if (!tp->sacked_out)
		tp->fack_seq = tp->snd_una;
	if (tp->snd_up == st->prior_una ||
	    pp_seq_between(st->prior_una, tp->snd_up, tp->snd_una))
		tp->snd_up = tp->snd_una;
	if (total)
		st->flags |= PKTPATH_ACK_REARM;
	pp_tcp_rtx_times(sk, st, &a);
}
