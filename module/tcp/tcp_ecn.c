// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification (RFC 3168, rules of RFC 8311), and which
 * kind of it a connection has; the other is in tcp_accecn_sk.c.
 *
 * Path: tcp_ctl_out.c (SYN), tcp_output.c (data), tcp_input.c (CE marks)
 * Mirrors: net/ipv4/tcp_input.c, tcp_output.c (tcp_ecn_*)
 * Locks: socket locked
 */
#include <net/inet_ecn.h>
#include "tcp/tcp_priv.h"

/* Whether the route asks for it. */
static bool pp_tcp_ecn_route(struct sock *sk)
{
	struct pp_dst *dst;
	bool ecn = false;

	rcu_read_lock();
	dst = pp_ip_sk_route_rcu(sk);
	if (!IS_ERR(dst))
		ecn = pp_dst_metrics(dst)->flags & PKTPATH_ROUTE_ECN;
	rcu_read_unlock();
	return ecn;
}

/**
 * pp_tcp_ecn_taken() - does this host take the ECN that a SYN offers?
 * @lsk: listener
 * @req: half-open connection
 *
 * By its settings, or because the route to the peer asks for it.
 * Context: softirq, RCU.
 * Return: true if so.
 */
bool pp_tcp_ecn_taken(const struct sock *lsk, const struct pp_tcp_req *req)
{
	const struct pp_tcp_key *k = &req->tn.key;
	struct pp_flow fl;
	struct pp_dst *dst;

	if (READ_ONCE(req->pn->sysctl.tcp_ecn))
		return true;
	pp_flow_init_sk(&fl, lsk, k->faddr, k->laddr);
	fl.mark = req->mark;
	fl.oif = req->bound_if;
	fl.proto = IPPROTO_TCP;
	fl.sport = k->lport;
	fl.dport = k->fport;
	dst = pp_ip_route_output_flow_rcu(req->pn, &fl, lsk);
	return !IS_ERR(dst) && pp_dst_metrics(dst)->flags & PKTPATH_ROUTE_ECN;
}

/**
 * pp_tcp_ecn_syn() - offer ECN in our SYN if the netns or the route asks for it
 * @sk: socket in SYN_SENT
 * @th: header of the SYN
 *
 * RFC 3168 §6.1.1, RFC 9768 §3.1.1. After a SYN with it was lost it is left
 * out (§6.1.1.1).
 * Context: socket locked.
 */
void pp_tcp_ecn_syn(struct sock *sk, struct tcphdr *th)
{
	int mode = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_ecn);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool want;

	if ((tp->ae || mode == 3 || pp_tcp_cc_wants_accecn(tp->cc)) &&
	    pp_tcp_accecn_syn(sk, th))
		return;
	want = mode == 1 || mode == 3 || mode == 4 ||
	       pp_tcp_cc_needs_ecn(tp->cc) || pp_tcp_ecn_route(sk);
	if (!want || (tp->retransmits &&
		      READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_ecn_fallback))) {
		clear_bit(PKTPATH_TF_ECN_OK, &tp->tflags);
		return;
	}
	th->ece = 1;
	th->cwr = 1;
	set_bit(PKTPATH_TF_ECN_OK, &tp->tflags);
}

/**
 * pp_tcp_ecn_synack() - what the answer to our SYN has made of it
 * @sk: socket in SYN_SENT
 * @skb: SYN-ACK, control block filled
 * @opt: its options
 *
 * Context: socket locked.
 */
void pp_tcp_ecn_synack(struct sock *sk, const struct sk_buff *skb,
		       const struct pp_tcp_opt *opt)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->ae)
		pp_tcp_accecn_synack(sk, skb, opt);
	else if (pp_tf(tp, PKTPATH_TF_ECN_OK) && !(th->ece && !th->cwr))
		clear_bit(PKTPATH_TF_ECN_OK, &tp->tflags);
}

/**
 * pp_tcp_ecn_crossed() - both sides have sent a SYN
 * @sk: socket in SYN_SENT
 * @skb: the peer's, control block filled
 *
 * Context: socket locked.
 */
void pp_tcp_ecn_crossed(struct sock *sk, const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->ae)
		pp_tcp_accecn_crossed(sk, skb);
	else if (!(th->ece && th->cwr))
		clear_bit(PKTPATH_TF_ECN_OK, &tp->tflags);
}

/**
 * pp_tcp_ecn_req() - what a SYN gets
 * @req: half-open connection, its tos is the SYN's
 * @lsk: listener
 * @th: header of the SYN
 *
 * RFC 3168 §6.1.1: only if the SYN itself had no mark.
 * Context: softirq.
 */
void pp_tcp_ecn_req(struct pp_tcp_req *req, const struct sock *lsk,
		    const struct tcphdr *th)
{
	req->ecn_ok = th->ece && th->cwr &&
		      (pp_tcp_cc_needs_ecn(READ_ONCE(pp_tcp_sk(lsk)->cc)) ||
		       (!(req->tos & INET_ECN_MASK) &&
			pp_tcp_ecn_taken(lsk, req)));
	pp_tcp_accecn_req(req, lsk, th);
}

/**
 * pp_tcp_ecn_send() - ECN bits of a segment of an established connection
 * @sk: socket
 * @skb: segment, its TOS is in inet->tos and set by the IP layer
 * @th: header, written
 * @new_data: has data sent for the first time: only such carry ECT (§6.1.4,
 *	      §6.1.5, §6.1.6)
 *
 * Context: socket locked.
 */
void pp_tcp_ecn_send(struct sock *sk, struct sk_buff *skb, struct tcphdr *th,
		     bool new_data)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!pp_tf(tp, PKTPATH_TF_ECN_OK))
		return;
	if (pp_tf(tp, PKTPATH_TF_ECN_ECHO))
		th->ece = 1;
	if (new_data && test_and_clear_bit(PKTPATH_TF_ECN_CWR, &tp->tflags)) {
		th->cwr = 1;
		/* Only the first segment of a super-packet keeps CWR. */
		if (skb_is_gso(skb))
			skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ECN;
	}
}

/*
 * RFC 8257 §3.2: the echo follows the marks. What came before a change is
 * acknowledged with the old echo, so that the sender can count.
 */
static void pp_tcp_ecn_exact(struct sock *sk, bool ce)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_cc_event(sk, ce ? PKTPATH_CC_ECN_CE : PKTPATH_CC_ECN_NO_CE);
	if (ce == pp_tf(tp, PKTPATH_TF_ECN_ECHO))
		return;
	if (tp->rcv_nxt != tp->rcv_wup)
		pp_tcp_send_ack(sk);
	if (ce)
		set_bit(PKTPATH_TF_ECN_ECHO, &tp->tflags);
	else
		clear_bit(PKTPATH_TF_ECN_ECHO, &tp->tflags);
	set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
	set_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
}

/**
 * pp_tcp_ecn_rcv() - look at the IP header's mark and at CWR
 * @sk: socket
 * @skb: segment with data; control block filled
 *
 * RFC 3168 §6.1.3: a CE mark is echoed until CWR comes.
 * Context: socket locked.
 */
void pp_tcp_ecn_rcv(struct sock *sk, const struct sk_buff *skb)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!pp_tf(tp, PKTPATH_TF_ECN_OK))
		return;
	if ((cb->ip_dsfield & INET_ECN_MASK) &&
	    !pp_tf(tp, PKTPATH_TF_ECN_SEEN))
		set_bit(PKTPATH_TF_ECN_SEEN, &tp->tflags);
	if (tp->cc->flags & PKTPATH_CC_ECN_EXACT) {
		if (cb->ip_dsfield & INET_ECN_MASK)
			pp_tcp_ecn_exact(sk, INET_ECN_is_ce(cb->ip_dsfield));
		return;
	}
	if (cb->flags & PKTPATH_TCPF_CWR)
		clear_bit(PKTPATH_TF_ECN_ECHO, &tp->tflags);
	switch (cb->ip_dsfield & INET_ECN_MASK) {
	case INET_ECN_CE:
		pp_tcp_cc_event(sk, PKTPATH_CC_ECN_CE);
		if (!test_and_set_bit(PKTPATH_TF_ECN_ECHO, &tp->tflags))
			pp_tcp_enter_quickack(sk, 2);
		break;
	case INET_ECN_ECT_0:
	case INET_ECN_ECT_1:
		pp_tcp_cc_event(sk, PKTPATH_CC_ECN_NO_CE);
		break;
	}
}
