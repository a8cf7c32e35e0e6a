// SPDX-License-Identifier: GPL-2.0
/*
 * Accurate ECN (RFC 9768) of a connection; its counters are in tcp_accecn.c.
 *
 * Path: tcp_ecn.c, tcp_state.c (handshake), tcp_input.c (packets that come),
 *	 tcp_ack.c (what the peer has counted), tcp_output.c (segments)
 * Mirrors: include/net/tcp_ecn.h
 * Locks: socket locked
 *
 * A connection without it has no struct pp_accecn and pays for one comparison
 * a segment; one with it does not use header prediction, whose flags its
 * counter would change all the time.
 */
#include <net/inet_ecn.h>
#include "tcp/tcp_accecn.h"
#include "tcp/tcp_priv.h"

static u8 *pp_tcp_accecn_th(const struct sk_buff *skb)
{
	return (u8 *)tcp_hdr(skb);
}

static void pp_tcp_accecn_drop(struct pp_tcp_sock *tp)
{
	kfree(tp->ae);
	tp->ae = NULL;
}

static bool pp_tcp_accecn_alloc(struct pp_tcp_sock *tp)
{
	if (!tp->ae)
		tp->ae = kzalloc(sizeof(*tp->ae), GFP_ATOMIC | __GFP_NOWARN);
	return tp->ae;
}

/* net.pktpath.tcp_ecn_fallback: does a sign of mangling turn things off? */
static bool pp_tcp_accecn_fallback(const struct sock *sk)
{
	return READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_ecn_fallback);
}

/* SYNs or SYN-ACKs before this one that nobody has answered. */
static unsigned int pp_tcp_accecn_again(const struct pp_tcp_sock *tp)
{
	const struct pp_tcp_fo_child *fo = pp_tcp_fo(tp);

	return fo ? fo->timeouts : tp->retransmits;
}

/* ---- Handshake ---- */

/**
 * pp_tcp_accecn_syn() - ask for it in our SYN
 * @sk: socket in SYN_SENT
 * @th: header of the SYN
 *
 * §3.1.1; §3.1.4.1: once more when the first is lost, then without.
 * Context: socket locked.
 * Return: false: no memory, nothing was asked for.
 */
bool pp_tcp_accecn_syn(struct sock *sk, struct tcphdr *th)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!pp_tcp_accecn_alloc(tp))
		return false;
	if (tp->retransmits > 1 && pp_tcp_accecn_fallback(sk))
		return true;
	pp_accecn_set_ace((u8 *)th, PKTPATH_ACE_ALL);
	return true;
}

/* Both ends are in the mode. */
static void pp_tcp_accecn_start(struct pp_tcp_sock *tp, u8 ecn)
{
	struct pp_accecn *a = tp->ae;

	a->on = 1;
	a->syn_rcv = ecn & INET_ECN_MASK;
	a->last = a->syn_rcv;
}

/**
 * pp_tcp_accecn_synack() - what the answer to our SYN has made of it
 * @sk: socket in SYN_SENT with tp->ae
 * @skb: SYN-ACK, control block filled
 * @opt: its options
 *
 * Context: socket locked.
 */
void pp_tcp_accecn_synack(struct sock *sk, const struct sk_buff *skb,
			  const struct pp_tcp_opt *opt)
{
	u8 ace = pp_accecn_ace(pp_tcp_accecn_th(skb));
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool fallback = pp_tcp_accecn_fallback(sk);
	enum pp_ecn_mode mode = pp_accecn_of_synack(ace);

	if (mode != PKTPATH_ECN_ACCURATE) {
		/* RFC 3168 §6.1.1.1: not after a SYN without ECN. */
		if (mode == PKTPATH_ECN_CLASSIC &&
		    !(tp->retransmits > 1 && fallback))
			set_bit(PKTPATH_TF_ECN_OK, &tp->tflags);
		pp_tcp_accecn_drop(tp);
		return;
	}
	pp_tcp_accecn_start(tp, PKTPATH_TCP_CB(skb)->ip_dsfield);
	tp->ae->first = 1;
	tp->ae->demand = 2;
	/* §3.2.2.2: it counts once, however often the SYN-ACK comes. */
	tp->ae->r_ce = tp->ae->syn_rcv == INET_ECN_CE;
	if (fallback && pp_accecn_mangled(ace, INET_ECN_NOT_ECT))
		tp->ae->fail |= PKTPATH_ACCECN_ACE_RECV;
	if (opt->accecn)
		pp_accecn_opt_seen(tp->ae, opt);
}

/**
 * pp_tcp_accecn_crossed() - both sides have sent a SYN
 * @sk: socket in SYN_SENT with tp->ae
 * @skb: the peer's
 *
 * Context: socket locked.
 */
void pp_tcp_accecn_crossed(struct sock *sk, const struct sk_buff *skb)
{
	u8 ace = pp_accecn_ace(pp_tcp_accecn_th(skb));
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (pp_accecn_syn_asks(ace)) {
		pp_tcp_accecn_start(tp, PKTPATH_TCP_CB(skb)->ip_dsfield);
		return;
	}
	if (ace == PKTPATH_ACE_CLASSIC)
		set_bit(PKTPATH_TF_ECN_OK, &tp->tflags);
	pp_tcp_accecn_drop(tp);
}

/**
 * pp_tcp_accecn_child() - a passive connection has agreed to it
 * @sk: child
 * @req: what it is made from
 *
 * Context: socket locked, softirq.
 * Return: false: no memory.
 */
bool pp_tcp_accecn_child(struct sock *sk, const struct pp_tcp_req *req)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!req->accecn)
		return true;
	if (!pp_tcp_accecn_alloc(tp))
		return false;
	pp_tcp_accecn_start(tp, req->ecn_rcv);
	tp->ae->demand = 1;
	if (req->accecn_bare)
		tp->ae->fail |= PKTPATH_ACCECN_ACE_SEND;
	return true;
}

/**
 * pp_tcp_accecn_third() - the segment that ends the handshake of a passive open
 * @sk: socket in SYN_RECV with tp->ae
 * @skb: the segment
 * @opt: its options
 *
 * §3.2.2.1 table 4.
 * Context: socket locked.
 */
void pp_tcp_accecn_third(struct sock *sk, const struct sk_buff *skb,
			 const struct pp_tcp_opt *opt)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tcp_hdr(skb)->syn)
		return;
	pp_accecn_third(tp->ae, pp_accecn_ace(pp_tcp_accecn_th(skb)),
			cb->seq == cb->end_seq && !opt->nsacks,
			pp_tcp_accecn_fallback(sk));
	tp->c.delivered_ce = tp->ae->s_ce;
	if (opt->accecn)
		pp_accecn_opt_seen(tp->ae, opt);
}

/**
 * pp_tcp_accecn_answer() - acknowledge a SYN-ACK, telling how it came
 * @sk: socket with tp->ae
 * @ecn: codepoint
 * @send: sends the acknowledgment, or not
 *
 * §3.2.2.1: a segment that has nothing else, even if data waits.
 * Context: socket locked.
 */
void pp_tcp_accecn_answer(struct sock *sk, u8 ecn,
			  void (*send)(struct sock *sk))
{
	struct pp_accecn *a = pp_tcp_sk(sk)->ae;

	a->syn_rcv = ecn & INET_ECN_MASK;
	a->reflect = 1;
	send(sk);
	a->reflect = 0;
}

/* ---- In ---- */

/**
 * pp_tcp_accecn_rcv() - an acceptable segment has come
 * @sk: socket with tp->ae
 * @skb: control block filled; loses the flags that are ACE
 *
 * Context: socket locked.
 */
void pp_tcp_accecn_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	u8 ecn = cb->ip_dsfield & INET_ECN_MASK;
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 len = cb->end_seq - cb->seq - th->syn - th->fin;
	struct pp_accecn *a = tp->ae;
	bool now;

	if (!a->on || th->syn)
		return;
	cb->flags &= ~(PKTPATH_TCPF_ECE | PKTPATH_TCPF_CWR);
	if (ecn && !pp_tf(tp, PKTPATH_TF_ECN_SEEN))
		set_bit(PKTPATH_TF_ECN_SEEN, &tp->tflags);
	if (ecn && len)
		pp_tcp_cc_event(sk, ecn == INET_ECN_CE ? PKTPATH_CC_ECN_CE :
							 PKTPATH_CC_ECN_NO_CE);
	now = pp_accecn_rcv(a, ecn, cb->segs, len);
	if (now || pp_accecn_owed(a, len || tp->rcv_nxt != tp->rcv_wup)) {
		set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
		set_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
	}
	/* §3.2.3.2.2: what we have acknowledged twice comes again. */
	if (a->sent_dsack && len && tp->sacks &&
	    cb->seq == tp->sacks->dsack.start &&
	    pp_seq_before(cb->seq, tp->rcv_nxt))
		a->fail |= PKTPATH_ACCECN_OPT_SEND;
}

/* Nothing older than what was taken in already (appendix A.1). */
static bool pp_tcp_accecn_news(struct pp_tcp_sock *tp,
			       const struct pp_tcp_ack_state *st)
{
	struct pp_accecn *a = tp->ae;
	bool newer = tp->tstamp_ok && st->opt && st->opt->ts_ok &&
		     (!a->ts_known ||
		      (s32)(st->opt->tsval - a->ts_last) > 0);

	if (newer) {
		a->ts_known = 1;
		a->ts_last = st->opt->tsval;
	}
	return newer || st->flags & (PKTPATH_ACK_ACKED | PKTPATH_ACK_SYN |
				     PKTPATH_ACK_UNA | PKTPATH_ACK_SACKED);
}

/**
 * pp_tcp_accecn_acked() - what the peer says to have seen of our packets
 * @sk: socket with tp->ae
 * @skb: segment that says so
 * @st: its acknowledgment, worked off; PKTPATH_ACK_ECE is added if there were
 *	marks
 *
 * A peer that lies gets a slower or a more aggressive sender, as with RFC 3168,
 * and nothing else.
 * Context: socket locked.
 */
void pp_tcp_accecn_acked(struct sock *sk, const struct sk_buff *skb,
			 struct pp_tcp_ack_state *st)
{
	u8 ace = pp_accecn_ace(pp_tcp_accecn_th(skb));
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_accecn *a = tp->ae;
	struct pp_accecn_ack k = {
		.segs = tp->rate.delivered - st->prior_delivered,
		.mss = tp->mss_cache,
		.sure = tp->sack_ok || tp->c.state == PKTPATH_CC_OPEN ||
			tp->c.state == PKTPATH_CC_CWR,
	};
	bool option;

	if (!a->on || tcp_hdr(skb)->syn || sk->sk_state == TCP_SYN_RECV)
		return;
	option = (st->flags & PKTPATH_ACK_SLOW) && st->opt &&
		 st->opt->accecn;
	if (option)
		pp_accecn_opt_seen(a, st->opt);
	/* Too late: its counters may have gone round. */
	else if (!a->seen && tp->bytes_sent >= (1 << 23) - 1)
		a->fail |= PKTPATH_ACCECN_OPT_RECV;
	if (!pp_tcp_accecn_news(tp, st))
		return;
	/* §3.2.2.4 */
	if (a->first && !ace) {
		a->fail |= PKTPATH_ACCECN_ACE_RECV | PKTPATH_ACCECN_OPT_RECV;
		a->mute = 1;
	}
	a->first = 0;
	if (a->mute)
		return;
	if (option && !(a->fail & PKTPATH_ACCECN_OPT_RECV))
		k.bytes_ok = pp_accecn_opt_read(a, st->opt, &k.ce_bytes);
	st->ce = pp_accecn_delta(a, ace, &k);
	a->s_ce += st->ce;
	if (k.bytes_ok)
		a->s_ce_opt = a->s_ce;
	if (!st->ce)
		return;
	tp->c.delivered_ce += st->ce;
	st->flags |= PKTPATH_ACK_ECE;
}

/* ---- Out ---- */

/**
 * pp_tcp_accecn_gso_ok() - may segments be cut from a super-packet now?
 * @tp: connection with tp->ae
 *
 * Where the stack below takes CWR for that of RFC 3168, and so clears it in all
 * segments but the first, the counter must not have this bit (§3.3.4).
 * Context: socket locked.
 * Return: false: one by one.
 */
bool pp_tcp_accecn_gso_ok(const struct pp_tcp_sock *tp)
{
	return PKTPATH_COMPAT_GSO_ACCECN || !tp->ae->on ||
	       !(pp_accecn_counter(tp->ae) & PKTPATH_ACE_CWR);
}

/**
 * pp_tcp_accecn_send() - the field of a segment without SYN
 * @sk: socket with tp->ae
 * @skb: segment, written
 * @payload: it has data
 *
 * Packets without data are ECT too, but where they could be taken for
 * duplicates when they are answered (§3.2.2.5.1).
 * Context: socket locked.
 * Return: its codepoint.
 */
u8 pp_tcp_accecn_send(struct sock *sk, struct sk_buff *skb, bool payload)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_accecn *a = tp->ae;
	u8 ace;

	if (!a->on)
		return INET_ECN_NOT_ECT;
	if (unlikely(a->reflect && !payload && !tp->num_sacks &&
		     !tp->has_dsack)) {
		ace = pp_accecn_reflect(a->syn_rcv);
	} else {
		ace = pp_accecn_counter(a);
		a->pending = 0;
	}
	pp_accecn_set_ace(pp_tcp_accecn_th(skb), ace);
	if (skb_is_gso(skb) && ace & PKTPATH_ACE_CWR)
		skb_shinfo(skb)->gso_type |= PKTPATH_COMPAT_GSO_ACCECN;
	if (a->fail & (PKTPATH_ACCECN_ACE_SEND | PKTPATH_ACCECN_ACE_RECV) ||
	    (!payload && !tp->sack_ok))
		return INET_ECN_NOT_ECT;
	return INET_ECN_ECT_0;
}

/**
 * pp_tcp_accecn_send_synack() - the flags of a full socket's SYN-ACK
 * @tp: connection with tp->ae
 * @th: header, written
 *
 * Table 2; §3.1.4.2: from the second repetition on without them, and then our
 * packets cannot be ECT any more (§3.1.5).
 * Context: socket locked.
 */
void pp_tcp_accecn_send_synack(struct pp_tcp_sock *tp, struct tcphdr *th)
{
	struct pp_accecn *a = tp->ae;

	if (!a->on)
		return;
	if (pp_tcp_accecn_again(tp) > 1)
		a->fail |= PKTPATH_ACCECN_ACE_SEND;
	else
		pp_accecn_set_ace((u8 *)th, pp_accecn_reflect(a->syn_rcv));
}

/* §3.2.3.3 by net.pktpath.tcp_ecn_option; the peer must have sent one, and the
 * second time-out of a segment may be the option's fault.
 */
static bool pp_tcp_accecn_opt_due(const struct sock *sk, bool room)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int mode = READ_ONCE(s->tcp_ecn_option);
	const struct pp_accecn *a = tp->ae;

	if (!a->on || !mode || !a->seen)
		return false;
	if (mode < 3 && (a->fail & PKTPATH_ACCECN_OPT_SEND ||
			 tp->retransmits > 1))
		return false;
	if (mode > 1 || a->demand || room)
		return true;
	return ((u64)((u32)tp->mstamp_us - a->opt_us) *
		READ_ONCE(s->tcp_ecn_option_beacon)) >= tp->rtt.srtt_us >> 3 &&
	       READ_ONCE(s->tcp_ecn_option_beacon);
}

/**
 * pp_tcp_accecn_option() - add the option to those of a segment
 * @sk: socket with tp->ae
 * @o: its options
 * @room: only to know what room it may take, due or not
 *
 * Context: socket locked.
 */
void pp_tcp_accecn_option(struct sock *sk, struct pp_tcp_opt *o, bool room)
{
	if (pp_tcp_accecn_opt_due(sk, room))
		pp_accecn_opt_fill(pp_tcp_sk(sk)->ae, o);
}

/**
 * pp_tcp_accecn_option_synack() - the option of a full socket's SYN-ACK
 * @sk: socket with tp->ae
 * @o: its options
 *
 * §3.2.3.2.2: not when it is repeated.
 * Context: socket locked.
 */
void pp_tcp_accecn_option_synack(struct sock *sk, struct pp_tcp_opt *o)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->ae->on && !pp_tcp_accecn_again(tp) &&
	    READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_ecn_option))
		pp_accecn_opt_fill(tp->ae, o);
}

/**
 * pp_tcp_accecn_sent() - a segment without SYN leaves
 * @tp: connection with tp->ae
 * @o: its options
 *
 * Context: socket locked.
 */
void pp_tcp_accecn_sent(struct pp_tcp_sock *tp, const struct pp_tcp_opt *o)
{
	struct pp_accecn *a = tp->ae;

	a->sent_dsack = o->accecn && tp->has_dsack;
	if (!o->accecn)
		return;
	a->need = 0;
	a->opt_us = (u32)tp->mstamp_us;
	if (a->demand)
		a->demand--;
}

/* ---- Half-open connections ---- */

/**
 * pp_tcp_accecn_req() - does a SYN ask for it, and may it have it?
 * @req: half-open connection, its tos is the SYN's
 * @lsk: listener
 * @th: header of the SYN
 *
 * Context: softirq.
 */
void pp_tcp_accecn_req(struct pp_tcp_req *req, const struct sock *lsk,
		       const struct tcphdr *th)
{
	if (READ_ONCE(req->pn->sysctl.tcp_ecn) < 3 &&
	    !pp_tcp_cc_wants_accecn(READ_ONCE(pp_tcp_sk(lsk)->cc)))
		return;
	if (!pp_accecn_syn_asks(pp_accecn_ace((const u8 *)th)))
		return;
	req->accecn = 1;
	req->ecn_ok = 0;
	req->ecn_rcv = req->tos & INET_ECN_MASK;
}

/**
 * pp_tcp_accecn_req_cookie() - an ACK came with our cookie: was it agreed on?
 * @req: made from the ACK, ecn_ok as the cookie tells
 * @lsk: listener
 * @th: header of the ACK
 *
 * §5.1: without state its field tells, for without AccECN it is 0 or 1.
 * Context: softirq.
 */
void pp_tcp_accecn_req_cookie(struct pp_tcp_req *req, const struct sock *lsk,
			      const struct tcphdr *th)
{
	req->accecn = 0;
	if (!req->ecn_ok && pp_accecn_ace((const u8 *)th) > 1 &&
	    (READ_ONCE(req->pn->sysctl.tcp_ecn) >= 3 ||
	     pp_tcp_cc_wants_accecn(READ_ONCE(pp_tcp_sk(lsk)->cc)))) {
		req->accecn = 1;
		req->ecn_rcv = INET_ECN_NOT_ECT;
	}
}

/**
 * pp_tcp_accecn_req_again() - the SYN has come again
 * @req: half-open connection, locked
 * @skb: the SYN
 *
 * §3.1.5: the last one is told of; if one did not ask, we do not send ECT.
 * Context: softirq.
 */
void pp_tcp_accecn_req_again(struct pp_tcp_req *req, const struct sk_buff *skb)
{
	if (!req->accecn)
		return;
	req->ecn_rcv = PKTPATH_TCP_CB(skb)->ip_dsfield & INET_ECN_MASK;
	if (!pp_accecn_ace(pp_tcp_accecn_th(skb)))
		req->accecn_bare = 1;
}

/**
 * pp_tcp_accecn_req_synack() - flags and option of a half-open one's SYN-ACK
 * @req: half-open connection
 * @o: options, added to
 *
 * §3.1.4.2, §3.2.3.2.2: the first repetition is without the option, more are
 * without the flags too.
 * Context: softirq or timer.
 * Return: flags as in the header's first 16 bits of its fourth word.
 */
u16 pp_tcp_accecn_req_synack(struct pp_tcp_req *req, struct pp_tcp_opt *o)
{
	static const struct pp_accecn fresh;
	u8 th[20] = {};

	if (req->retrans) {
		req->accecn_bare = 1;
		return 0;
	}
	if (!req->resent && READ_ONCE(req->pn->sysctl.tcp_ecn_option))
		pp_accecn_opt_fill(&fresh, o);
	pp_accecn_set_ace(th, pp_accecn_reflect(req->ecn_rcv));
	return th[12] << 8 | th[13];
}

/**
 * pp_tcp_accecn_info() - what TCP_INFO shows
 * @tp: connection
 * @i: filled
 *
 * Context: socket locked.
 */
void pp_tcp_accecn_info(const struct pp_tcp_sock *tp, struct tcp_info *i)
{
	const struct pp_accecn *a = tp->ae;

	if (!a) {
		pp_compat_info_ecn_mode(i, pp_tf(tp, PKTPATH_TF_ECN_OK) ?
					PKTPATH_COMPAT_ECN_CLASSIC : 0);
		return;
	}
	if (!a->on) {
		pp_compat_info_ecn_mode(i, PKTPATH_COMPAT_ECN_PENDING);
		return;
	}
	i->tcpi_options |= TCPI_OPT_ECN;
	pp_compat_info_ecn_mode(i, PKTPATH_COMPAT_ECN_ACCURATE);
	pp_compat_info_accecn(i, a->fail, a->seen, a->r_ce, a->s_bytes,
			      a->r_bytes);
}
