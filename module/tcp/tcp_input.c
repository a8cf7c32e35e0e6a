// SPDX-License-Identifier: GPL-2.0
/*
 * A segment for an established connection: the fast path by header prediction,
 * and the checks every other segment must pass.
 *
 * Path: tcp_ipv4.c => pp_tcp_rcv_established() => tcp_ack.c, tcp_data.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_rcv_established, tcp_validate_incoming)
 * Locks: socket locked
 */
#include "tcp/tcp_priv.h"

/* Options of a segment that is not a SYN; the usual list costs no loop. */
static void pp_tcp_parse(const struct tcphdr *th, struct pp_tcp_opt *opt)
{
	unsigned int len = th->doff * 4 - sizeof(*th);
	const u8 *p = (const u8 *)(th + 1);

	if (len == 12 &&
	    pp_tcp_opt_fast_ts(p, len, &opt->tsval, &opt->tsecr)) {
		opt->ts_ok = 1;
		opt->nsacks = 0;
		opt->accecn = 0;
		return;
	}
	pp_tcp_opt_parse(p, len, th->syn, opt);
}

/**
 * pp_tcp_ts_recent() - TS.Recent follows segments that span what we acknowledged
 * @tp: connection
 * @seq: of the segment, whose acknowledgment has been checked
 * @opt: its options
 *
 * RFC 7323 §4.3.
 * Context: socket locked.
 */
void pp_tcp_ts_recent(struct pp_tcp_sock *tp, u32 seq,
		      const struct pp_tcp_opt *opt)
{
	if (!tp->tstamp_ok || !opt->ts_ok || pp_seq_after(seq, tp->rcv_wup))
		return;
	if (!tp->ts_recent || (s32)(opt->tsval - tp->ts_recent) >= 0 ||
	    pp_tcp_paws_expired(tp->ts_recent_sec)) {
		tp->ts_recent = opt->tsval;
		tp->ts_recent_sec = (u32)ktime_get_seconds();
	}
}

/* RFC 7323 §5: an older timestamp means an old duplicate. */
static bool pp_tcp_paws_reject(const struct pp_tcp_sock *tp,
			       const struct pp_tcp_opt *opt,
			       const struct tcphdr *th)
{
	if (!tp->tstamp_ok || !opt->ts_ok || th->rst)
		return false;
	/* 0 is what there is before the first, or a peer's that began so. */
	return tp->ts_recent && (s32)(opt->tsval - tp->ts_recent) < 0 &&
	       !pp_tcp_paws_expired(tp->ts_recent_sec);
}

/* A pure ACK that was overtaken is no attack and needs no answer. */
static bool pp_tcp_paws_harmless(const struct pp_tcp_sock *tp,
				 const struct pp_tcp_skb_cb *cb,
				 const struct tcphdr *th)
{
	return th->ack && cb->seq == cb->end_seq && cb->seq == tp->rcv_nxt &&
	       cb->ack_seq == tp->snd_una &&
	       ntohs(th->window) << tp->snd_wscale == tp->snd_wnd;
}

/*
 * RFC 9293 §3.10.7.4 first step: some of it lies in the window. What reaches
 * beyond is taken whole by an empty queue alone, where the peer may have counted
 * on a larger window; a FIN may always be the byte behind the window.
 */
static bool pp_tcp_sequence_ok(struct sock *sk, const struct sk_buff *skb,
			       const struct tcphdr *th)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 edge = tp->rcv_nxt + pp_tcp_rcv_window(tp);

	if (pp_seq_before(cb->end_seq, tp->rcv_wup))
		return false;
	if (!pp_seq_after(cb->end_seq - th->fin, edge))
		return true;
	if (!pp_seq_after(cb->seq, edge) &&
	    skb_queue_empty(&sk->sk_receive_queue))
		return true;
	pp_tcp_ext_inc(sk, BEYONDWINDOW);
	return false;
}

/* At most one answer per tcp_invalid_ratelimit to segments without data. */
static void pp_tcp_answer_invalid(struct sock *sk, struct sk_buff *skb,
				  bool paws)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if ((cb->seq == cb->end_seq || cb->flags & PKTPATH_TCPF_SYN) &&
	    pp_tcp_oow_limited(pp_sk(sk)->pn, &tp->invalid_jiffies)) {
		if (paws)
			pp_tcp_ext_inc(sk, ACKSKIPPEDPAWS);
		else
			pp_tcp_ext_inc(sk, ACKSKIPPEDSEQ);
		return;
	}
	pp_tcp_send_dupack(sk, skb);
}

/* A peer whose FIN we have may count it no longer when it resets. */
static bool pp_tcp_reset_before_fin(const struct sock *sk, u32 seq)
{
	return seq == pp_tcp_sk(sk)->rcv_nxt - 1 &&
	       (1 << sk->sk_state) & (TCPF_CLOSE_WAIT | TCPF_LAST_ACK |
				      TCPF_CLOSING);
}

/* RFC 5961 §3.2: exact, or at the edge of a SACKed hole; else a challenge. */
static bool pp_tcp_reset_ok(const struct sock *sk, u32 seq)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 max_sack = tp->rcv_nxt;
	unsigned int i;

	if (seq == tp->rcv_nxt || pp_tcp_reset_before_fin(sk, seq))
		return true;
	/* The peer may have sent it behind data that was lost. */
	for (i = 0; i < tp->num_sacks; i++)
		if (pp_seq_after(tp->sacks->own[i].end, max_sack))
			max_sack = tp->sacks->own[i].end;
	return tp->num_sacks && seq == max_sack;
}

/* RFC 5961 §4.2; it may be a SYN-ACK that comes again (RFC 9768 §3.2.2.1). */
static void pp_tcp_challenge_syn(struct sock *sk, u8 dsfield)
{
	if (unlikely(pp_tcp_sk(sk)->ae))
		pp_tcp_accecn_answer(sk, dsfield, pp_tcp_send_challenge_ack);
	else
		pp_tcp_send_challenge_ack(sk);
}

/**
 * pp_tcp_validate_incoming() - may this segment be looked at?
 * @sk: socket in a synchronised state
 * @skb: at its TCP header, control block filled; freed when refused
 * @th: its header
 * @opt: filled
 * @syn_ok: a SYN is part of the state (SYN_RECV)
 *
 * PAWS, window, RST and SYN in the order of RFC 9293 §3.10.7.4 as changed by
 * RFC 5961 and RFC 7323.
 *
 * Context: socket locked.
 * Return: true to go on; false: the skb is gone and was answered.
 */
bool pp_tcp_validate_incoming(struct sock *sk, struct sk_buff *skb,
			      const struct tcphdr *th, struct pp_tcp_opt *opt,
			      bool syn_ok)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_parse(th, opt);
	if (pp_tcp_paws_reject(tp, opt, th)) {
		if (pp_tcp_paws_harmless(tp, cb, th)) {
			pp_tcp_ext_inc(sk, PAWSOLDACK);
		} else {
			pp_tcp_ext_inc(sk, PAWSESTAB);
			pp_tcp_answer_invalid(sk, skb, true);
		}
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_PAWS);
		return false;
	}
	if (!pp_tcp_sequence_ok(sk, skb, th)) {
		if (th->rst) {
			if (pp_tcp_reset_before_fin(sk, cb->seq))
				goto reset;
			pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_SEQUENCE);
			return false;
		}
		if (th->syn) {
			pp_tcp_ext_inc(sk, SYNCHALLENGE);
			pp_tcp_challenge_syn(sk, cb->ip_dsfield);
		} else {
			pp_tcp_answer_invalid(sk, skb, false);
		}
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_SEQUENCE);
		return false;
	}
	if (th->rst) {
		if (pp_tcp_reset_ok(sk, cb->seq))
			goto reset;
		pp_tcp_send_challenge_ack(sk);
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_RESET);
		return false;
	}
	/* RFC 5961 §4.2; crossed SYNs end with one that acknowledges ours. */
	if (th->syn && !(syn_ok && th->ack && cb->seq + 1 == cb->end_seq &&
			 cb->end_seq == tp->rcv_nxt &&
			 cb->ack_seq == tp->snd_nxt)) {
		pp_tcp_ext_inc(sk, SYNCHALLENGE);
		pp_tcp_challenge_syn(sk, cb->ip_dsfield);
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_SYN);
		return false;
	}
	if (unlikely(tp->ae))
		pp_tcp_accecn_rcv(sk, skb);
	return true;
reset:
	pp_tcp_reset(sk, 0);
	pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_RESET);
	return false;
}

/* ---- Fast path ---- */

/*
 * Header prediction (RFC 7323 appendix E): flags are ACK and perhaps PSH, the
 * segment is the next one and within our window, the peer's has not changed,
 * and nothing waits that needs thought.
 */
static bool pp_tcp_predicted(const struct pp_tcp_sock *tp,
			     const struct sk_buff *skb,
			     const struct tcphdr *th)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

	return (cb->flags & ~PKTPATH_TCPF_PSH) == PKTPATH_TCPF_ACK &&
	       cb->seq == tp->rcv_nxt &&
	       !pp_seq_after(cb->end_seq, tp->rcv_wup + tp->rcv_wnd) &&
	       (u32)ntohs(th->window) << tp->snd_wscale == tp->snd_wnd &&
	       !pp_seq_after(cb->ack_seq, tp->snd_nxt) &&
	       !pp_seq_before(cb->ack_seq, tp->snd_una) &&
	       RB_EMPTY_ROOT(&tp->ooo_queue) && !tp->rcv_urg_state &&
	       tp->c.state == PKTPATH_CC_OPEN && !tp->ae;
}

/* False: not for the fast path, @opt may be spoilt. */
static bool pp_tcp_fast_options(const struct pp_tcp_sock *tp,
				const struct tcphdr *th,
				struct pp_tcp_opt *opt)
{
	unsigned int len = th->doff * 4 - sizeof(*th);

	opt->nsacks = 0;
	opt->ts_ok = 0;
	if (!tp->tstamp_ok)
		return !len;
	if (!pp_tcp_opt_fast_ts((const u8 *)(th + 1), len, &opt->tsval,
				&opt->tsecr))
		return false;
	opt->ts_ok = 1;
	return (s32)(opt->tsval - tp->ts_recent) >= 0;
}

static void pp_tcp_fast_data(struct sock *sk, struct sk_buff *skb,
			     const struct pp_tcp_opt *opt)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool acked = cb->ack_seq != tp->snd_una;
	int kept;

	if (acked) {
		/* Memory the data will need does not go back by the page just
		 * because the ACK frees some more.
		 */
		kept = skb->truesize;
		if (kept > sk->sk_forward_alloc)
			kept = 0;
		sk_mem_charge(sk, kept);
		pp_tcp_ack(sk, skb, opt, PKTPATH_ACK_DATA);
		sk_forward_alloc_add(sk, kept);
		if (unlikely(sk->sk_state == TCP_CLOSE)) {
			sk_mem_reclaim(sk);
			kfree_skb(skb);
			return;
		}
	}
	tp->snd_wl1 = cb->seq;
	pp_tcp_ext_inc(sk, HPHITS);
	pp_tcp_data_queue(sk, skb);
	/* Else nothing has made room, and what waits for more goes on waiting. */
	if (acked)
		pp_tcp_data_snd_check(sk);
	pp_tcp_ack_snd_check(sk, false);
}

/**
 * pp_tcp_data_snd_check() - an acknowledgment made room: send, wake writers
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_data_snd_check(struct sock *sk)
{
	pp_tcp_push_pending(sk);
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags)) {
		pp_tcp_new_space(sk);
		if (!test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
			pp_tcp_chrono_stop(sk, PKTPATH_CHRONO_SNDBUF);
	}
}

/**
 * pp_tcp_rcv_established() - a segment in ESTABLISHED
 * @sk: socket
 * @skb: at its TCP header, control block filled; taken
 *
 * RFC 9293 §3.10.7.4.
 * Context: socket locked, softirq or process (backlog).
 */
void pp_tcp_rcv_established(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_opt opt;

	pp_tcp_mstamp_refresh(tp);
	if (likely(pp_tcp_predicted(tp, skb, th)) &&
	    pp_tcp_fast_options(tp, th, &opt)) {
		pp_tcp_ts_recent(tp, cb->seq, &opt);
		if (skb->len > th->doff * 4) {
			pp_tcp_fast_data(sk, skb, &opt);
			return;
		}
		pp_tcp_ack(sk, skb, &opt, 0);
		kfree_skb(skb);
		pp_tcp_data_snd_check(sk);
		return;
	}
	/* RFC 9293: without ACK it is dropped, before it is answered. */
	if (!th->ack && !th->rst && !th->syn) {
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_FLAGS);
		return;
	}
	if (!pp_tcp_validate_incoming(sk, skb, th, &opt, false))
		return;
	if (pp_tcp_ack(sk, skb, &opt, PKTPATH_ACK_SLOW) < 0) {
		pp_tcp_drop_ack(sk, skb);
		return;
	}
	pp_tcp_urg_data(sk, skb, th);
	pp_tcp_data_queue(sk, skb);
	pp_tcp_data_snd_check(sk);
	pp_tcp_ack_snd_check(sk, false);
}
