// SPDX-License-Identifier: GPL-2.0
/*
 * From the write queue to IP: what may be sent, and its header.
 *
 * Path: tcp_sendmsg.c, tcp_ack.c => pp_tcp_write_xmit()=>pp_tcp_transmit_skb()
 *	 => ip/ip_output.c
 * Mirrors: net/ipv4/tcp_output.c
 * Locks: socket locked
 *
 * Data waits as payload-only skbs on sk_write_queue. What is sent moves to the
 * retransmit queue and a clone with headers goes down, so the payload is
 * copied once, from the user.
 */
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include "compat/compat.h"
#include "core/trace.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"

/* ---- One segment ---- */

static struct sk_buff *pp_tcp_clone(struct sk_buff *skb, gfp_t gfp)
{
	unsigned long refdst = skb->_skb_refdst;
	struct sk_buff *copy;

	/* In its place lies tp->sent, which a copy would take for a route. */
	skb->_skb_refdst = 0;
	/* A clone still in a driver must not see our header (hazard of
	 * retransmission): then the head is copied.
	 */
	if (unlikely(skb_cloned(skb)))
		copy = pskb_copy(skb, gfp);
	else
		copy = skb_clone(skb, gfp);
	skb->_skb_refdst = refdst;
	if (!copy)
		return NULL;
	/* On the queue the rb node lies over it. */
	copy->dev = NULL;
	return copy;
}

static void pp_tcp_count_sent(struct sock *sk, const struct sk_buff *skb,
			      unsigned int payload, u32 segs)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->segs_out += segs;
	if (payload) {
		tp->data_segs_out += segs;
		tp->bytes_sent += payload;
		tp->last_data_sent_jiffies = pp_jiffies32();
	}
	pp_mib_add(pp_sk(sk)->pn, TCP_OUTSEGS, segs);
}

/* An ACK leaves: nothing is owed any more. */
static void pp_tcp_event_ack_sent(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->quickack)
		tp->quickack--;
	tp->has_dsack = 0;
	pp_tcp_delack_stop(sk);
}

/* RFC 9293 §3.8.5: the pointer is relative to this segment; what it cannot reach
 * yet is beyond all that has been sent, and said to be.
 */
static void pp_tcp_header_urg(const struct pp_tcp_sock *tp, struct tcphdr *th,
			      u32 seq)
{
	u32 ahead = tp->snd_up - seq;

	if (!pp_seq_after(tp->snd_up, seq))
		return;
	if (ahead > U16_MAX) {
		if (!pp_seq_after(seq + U16_MAX, tp->snd_nxt))
			return;
		ahead = U16_MAX;
	}
	th->urg_ptr = htons(ahead);
	th->urg = 1;
}

static void pp_tcp_header(struct sock *sk, struct sk_buff *skb, u8 flags,
			  u32 seq, unsigned int hlen)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct tcphdr *th = tcp_hdr(skb);

	th->source = inet->inet_sport;
	th->dest = inet->inet_dport;
	th->seq = htonl(seq);
	th->ack_seq = flags & PKTPATH_TCPF_ACK ? htonl(tp->rcv_nxt) : 0;
	*((__be16 *)th + 6) = htons((hlen >> 2) << 12 | flags);
	th->check = 0;
	th->urg_ptr = 0;
	if (unlikely(flags & PKTPATH_TCPF_SYN))
		th->window = htons(min_t(u32, tp->rcv_wnd, U16_MAX));
	else
		th->window = htons(pp_tcp_select_window(sk));
	if (unlikely(pp_tf(tp, PKTPATH_TF_URG_OUT)))
		pp_tcp_header_urg(tp, th, seq);
}

/* Checksum left to the device or to the stack below it. */
static void pp_tcp_csum(struct sock *sk, struct sk_buff *skb)
{
	struct tcphdr *th = tcp_hdr(skb);

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	th->check = ~csum_tcpudp_magic(inet_sk(sk)->inet_saddr,
				       inet_sk(sk)->inet_daddr, skb->len,
				       IPPROTO_TCP, 0);
}

/* Route and IP header; takes the skb. */
static int pp_tcp_queue_xmit(struct sock *sk, struct sk_buff *skb, u8 tos)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_dst *dst;
	int err;

	pp_at_tp_xmit(skb, sk, skb->len);
	rcu_read_lock();
	pp_at_ip_route(skb, sk, skb->len);
	dst = pp_ip_sk_route_rcu(sk);
	if (IS_ERR(dst)) {
		rcu_read_unlock();
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE,
			    PKTPATH_DROP_IP_NOROUTE_OUT);
		return PTR_ERR(dst);
	}
	skb_dst_set_noref(skb, &dst->rt.dst);
	pp_ip_push_header(skb, sk, dst, inet_sk(sk)->inet_saddr,
			  inet_sk(sk)->inet_daddr, IPPROTO_TCP, tos,
			  pp_ip_select_ttl(sk, dst));
	err = pp_ip_send_skb_rcu(pn, skb);
	rcu_read_unlock();
	return err;
}

/* Room for a header and the options behind it, which are written; 0: no memory.
 * Apart, because a list of options takes much of the stack.
 */
static noinline unsigned int pp_tcp_push_rare(struct sock *sk,
					      struct sk_buff *skb, u8 flags,
					      gfp_t gfp)
{
	bool syn = flags & PKTPATH_TCPF_SYN;
	struct pp_tcp_opt opt;
	unsigned int hlen;

	if (syn)
		pp_tcp_syn_options(sk, &opt, flags & PKTPATH_TCPF_ACK);
	else
		pp_tcp_data_options(sk, &opt, false);
	hlen = sizeof(struct tcphdr) + pp_tcp_opt_size(&opt, syn);
	if (unlikely(skb_headroom(skb) < hlen + sizeof(struct iphdr)) &&
	    pskb_expand_head(skb, PKTPATH_TCP_HEADROOM, 0, gfp))
		return 0;
	__skb_push(skb, hlen);
	pp_tcp_opt_build(skb->data + sizeof(struct tcphdr), &opt, syn);
	if (pp_tcp_sk(sk)->ae && !syn)
		pp_tcp_accecn_sent(pp_tcp_sk(sk), &opt);
	return hlen;
}

static unsigned int pp_tcp_push_options(struct sock *sk, struct sk_buff *skb,
					u8 flags, gfp_t gfp)
{
	const unsigned int hlen = sizeof(struct tcphdr) + 12;
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (unlikely((flags & PKTPATH_TCPF_SYN) || !tp->tstamp_ok ||
		     tp->num_sacks || tp->has_dsack || tp->ae ||
		     pp_tcp_ao_signs(tp) ||
		     skb_headroom(skb) < hlen + sizeof(struct iphdr)))
		return pp_tcp_push_rare(sk, skb, flags, gfp);
	__skb_push(skb, hlen);
	pp_tcp_opt_build_fast_ts(skb->data + sizeof(struct tcphdr),
				 pp_tcp_tsval(tp), tp->ts_recent);
	return hlen;
}

/**
 * pp_tcp_transmit_skb() - send one skb, a segment or a super-packet
 * @sk: socket
 * @skb: payload and control block; taken unless @clone
 * @clone: @skb stays on its queue, a clone goes
 * @gfp: for the clone
 *
 * Context: socket locked, softirq or process.
 * Return: 0; -ENOMEM; -ENOBUFS: a queue below was full; other -errno of the
 * route. With all of them nothing was sent.
 */
int pp_tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool clone,
			gfp_t gfp)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 seq = cb->seq, segs = cb->segs;
	unsigned int payload = skb->len;
	struct sk_buff *orig = skb;
	unsigned int hlen;
	u8 flags = cb->flags;
	bool syn = flags & PKTPATH_TCPF_SYN;
	bool new_data;
	u8 tos;
	int err;

	new_data = payload && seq == tp->snd_nxt;
	/* A receiver's GRO hands a pushed super-packet on at once. */
	if (segs > 1)
		flags |= PKTPATH_TCPF_PSH;
	if (clone) {
		skb = pp_tcp_clone(orig, gfp);
		if (unlikely(!skb))
			return -ENOMEM;
	}
	hlen = pp_tcp_push_options(sk, skb, flags, gfp);
	if (unlikely(!hlen)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	skb_reset_transport_header(skb);
	pp_tcp_header(sk, skb, flags, seq, hlen);
	skb_set_owner_w(skb, sk);
	skb_clear_tstamp(skb);
	skb_shinfo(skb)->gso_segs = segs;
	skb_shinfo(skb)->gso_type = segs > 1 ? SKB_GSO_TCPV4 : 0;
	if (segs <= 1)
		skb_shinfo(skb)->gso_size = 0;
	tos = inet_sk(sk)->tos & ~INET_ECN_MASK;
	if (unlikely(tp->ae) && !syn) {
		tos |= pp_tcp_accecn_send(sk, skb, payload);
	} else if (!syn) {
		if (pp_tf(tp, PKTPATH_TF_ECN_OK)) {
			pp_tcp_ecn_send(sk, skb, tcp_hdr(skb), new_data);
			if (new_data || pp_tcp_cc_needs_ecn(tp->cc))
				tos |= INET_ECN_ECT_0;
		}
	} else if (!(flags & PKTPATH_TCPF_ACK)) {
		pp_tcp_ecn_syn(sk, tcp_hdr(skb));
	} else if (tp->ae) {
		pp_tcp_accecn_send_synack(tp, tcp_hdr(skb));
	}
	if (pp_tcp_md5_used() && pp_tf(tp, PKTPATH_TF_MD5))
		pp_tcp_md5_sign_sk(sk, skb);
	if (pp_tcp_ao_signs(tp))
		pp_tcp_ao_sign_sk(sk, skb);
	pp_tcp_csum(sk, skb);
	if (likely(flags & PKTPATH_TCPF_ACK))
		pp_tcp_event_ack_sent(sk);
	pp_tcp_count_sent(sk, skb, payload, segs);
	err = pp_tcp_queue_xmit(sk, skb, tos);
	/* A full queue of this host is congestion, too. */
	if (unlikely(err == -ENOBUFS))
		pp_tcp_enter_cwr(sk);
	if (clone && !err)
		orig->skb_mstamp_ns = tp->mstamp_us * NSEC_PER_USEC;
	return err;
}

/* ---- How much may be sent ---- */

/**
 * pp_tcp_current_mss() - payload of a segment sent now
 * @sk: socket
 *
 * Looks whether the route's MTU has changed; SACK blocks take their space.
 *
 * Context: socket locked.
 * Return: bytes, > 0.
 */
unsigned int pp_tcp_current_mss(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int mss = tp->mss_cache, mtu;
	struct pp_tcp_opt o;
	struct pp_dst *dst;

	rcu_read_lock();
	dst = pp_ip_sk_route_rcu(sk);
	if (!IS_ERR(dst)) {
		mtu = pp_dst_mtu(dst);
		if (unlikely(min_t(u32, mtu, U16_MAX) != tp->pmtu_cookie))
			mss = pp_tcp_sync_mss(sk, mtu);
	}
	rcu_read_unlock();
	if (unlikely(tp->num_sacks || tp->has_dsack || tp->ae)) {
		unsigned int size, base;

		pp_tcp_data_options(sk, &o, true);
		size = pp_tcp_opt_size(&o, false);
		o.nsacks = 0;
		o.accecn = 0;
		base = pp_tcp_opt_size(&o, false);
		size -= base;
		mss = mss > size + 8 ? mss - size : 8;
	}
	return mss;
}

/**
 * pp_tcp_tso_segs() - segments of the next super-packet
 * @sk: socket
 * @mss: of a segment
 *
 * What leaves in a millisecond at the pacing rate, so that a long path gets no
 * bursts; the nearer the peer the more, for bursts do no harm there.
 *
 * Context: socket locked.
 * Return: at least 1.
 */
u32 pp_tcp_tso_segs(struct sock *sk, unsigned int mss)
{
	const struct pp_sysctl *set = &pp_sk(sk)->pn->sysctl;
	u32 least = READ_ONCE(set->tcp_min_tso_segs);
	u32 shift = READ_ONCE(set->tcp_tso_rtt_log);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 near = shift < 32 ? pp_tcp_rtt_min_us(&tp->rtt) >> shift : 0;
	u64 bytes = READ_ONCE(sk->sk_pacing_rate) >> 10;

	if (unlikely(tp->ae) && !pp_tcp_accecn_gso_ok(tp))
		return 1;
	if (near < 32)
		bytes += READ_ONCE(sk->sk_gso_max_size) >> near;
	bytes = min_t(u64, bytes, READ_ONCE(sk->sk_gso_max_size));
	return max_t(u32, 1, min_t(u32, tp->gso_segs,
				   max_t(u32, (u32)bytes / mss, least)));
}

static u32 pp_tcp_cwnd_quota(const struct pp_tcp_sock *tp,
			     const struct sk_buff *skb)
{
	u32 in_flight = pp_tcp_in_flight(tp), cwnd = tp->c.cwnd;

	/* A lone FIN goes in any case: it ends things. */
	if ((PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_FIN) && !skb->len)
		return 1;
	if (in_flight >= cwnd)
		return 0;
	return min(max(cwnd >> 1, 1u), cwnd - in_flight);
}

/* RFC 9293 §3.7.4 with Minshall's change: one small segment at a time. */
static bool pp_tcp_nagle_test(const struct pp_tcp_sock *tp,
			      const struct sk_buff *skb, unsigned int mss,
			      bool nonagle, bool last)
{
	if (nonagle || !last)
		return true;
	if (PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_FIN ||
	    pp_tcp_urg_mode(tp))
		return true;
	if (skb->len >= mss)
		return true;
	if (pp_tf(tp, PKTPATH_TF_PUSH))
		return true;
	if (pp_tf(tp, PKTPATH_TF_CORK))
		return false;
	if (pp_tf(tp, PKTPATH_TF_NODELAY))
		return true;
	return !tp->packets_out ||
	       !(pp_seq_after(tp->snd_sml, tp->snd_una) &&
		 !pp_seq_after(tp->snd_sml, tp->snd_nxt));
}

/* Bytes of @skb to be sent now: whole segments unless all of it may go. */
static u32 pp_tcp_split_point(const struct pp_tcp_sock *tp,
			      const struct sk_buff *skb, unsigned int mss,
			      u32 quota, bool nonagle)
{
	u32 window = pp_tcp_wnd_end(tp) - PKTPATH_TCP_CB(skb)->seq;
	u32 most = quota * mss;
	u32 len = min(window, most), part;

	if (skb->len <= len) {
		part = skb->len % mss;
		if (!part || nonagle || skb->len < mss ||
		    (pp_tf(tp, PKTPATH_TF_NODELAY) &&
		     !pp_tf(tp, PKTPATH_TF_CORK)))
			return skb->len;
		/* A short tail waits for Nagle alone. */
		if (!pp_tcp_nagle_test(tp, skb, mss + skb->len, nonagle, true))
			return skb->len - part;
		return skb->len;
	}
	return len < mss ? len : rounddown(len, mss);
}

/* RFC 9293 §3.8.6.2.1: the first segment must fit into the window. */
static bool pp_tcp_snd_wnd_test(const struct pp_tcp_sock *tp,
				const struct sk_buff *skb, unsigned int mss)
{
	u32 end = PKTPATH_TCP_CB(skb)->end_seq;

	if (skb->len > mss)
		end = PKTPATH_TCP_CB(skb)->seq + mss;
	return !pp_seq_after(end, pp_tcp_wnd_end(tp));
}

/**
 * pp_tcp_new_data_sent() - a segment has left for the first time
 * @sk: socket
 * @skb: head of the write queue; is on the retransmit queue afterwards
 *
 * Context: socket locked.
 * Return: true when the retransmit timer is to start anew.
 */
bool pp_tcp_new_data_sent(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 prior = tp->packets_out;

	if (!pp_tcp_in_flight(tp))
		pp_tcp_cc_event(sk, PKTPATH_CC_TX_START);
	/* What doubled between probes is not the time-out. */
	if (!prior && tp->timer_what == PKTPATH_TT_PROBE)
		tp->backoff = 0;
	tp->snd_nxt = cb->end_seq;
	pp_tcp_rate_sent(&tp->rate, &cb->tx, (u32)tp->mstamp_us ? : 1, !prior);
	__skb_unlink(skb, &sk->sk_write_queue);
	pp_tcp_rtx_insert(sk, skb);
	tp->packets_out += cb->segs;
	pp_tcp_ext_add(sk, ORIGDATASENT, cb->segs);
	if (cb->flags & PKTPATH_TCPF_FIN)
		set_bit(PKTPATH_TF_FIN_SENT, &tp->tflags);
	return !prior || tp->timer_what == PKTPATH_TT_TLP;
}

/* Why the loop of write_xmit stops before @skb, or 0. */
enum pp_tcp_stop {
	PKTPATH_STOP_NOT,
	PKTPATH_STOP_OTHER,
	PKTPATH_STOP_CWND,
	PKTPATH_STOP_WND,
};

static enum pp_tcp_stop pp_tcp_may_send(struct sock *sk, struct sk_buff *skb,
					unsigned int mss, bool nonagle,
					u32 *quota)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (pp_tcp_pacing_check(sk))
		return PKTPATH_STOP_OTHER;
	*quota = pp_tcp_cwnd_quota(tp, skb);
	if (!*quota)
		return PKTPATH_STOP_CWND;
	if (!pp_tcp_snd_wnd_test(tp, skb, mss))
		return PKTPATH_STOP_WND;
	if (PKTPATH_TCP_CB(skb)->segs == 1 &&
	    !pp_tcp_nagle_test(tp, skb, mss, nonagle,
			       skb_queue_is_last(&sk->sk_write_queue, skb)))
		return PKTPATH_STOP_OTHER;
	return PKTPATH_STOP_NOT;
}

/* Cuts off what is sent later. @segs: of a super-packet, 0 until it is known. */
static int pp_tcp_cut(struct sock *sk, struct sk_buff *skb, unsigned int mss,
		      bool nonagle, u32 quota, u32 *segs)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 limit;

	if (skb->len <= mss &&
	    !pp_seq_after(PKTPATH_TCP_CB(skb)->end_seq, pp_tcp_wnd_end(tp)))
		return 0;
	if (!*segs)
		*segs = pp_tcp_urg_mode(tp) ? 1 : pp_tcp_tso_segs(sk, mss);
	limit = pp_tcp_split_point(tp, skb, mss, min(quota, *segs), nonagle);
	if (skb->len <= limit)
		return 0;
	return pp_tcp_fragment(sk, false, skb, limit, mss, GFP_ATOMIC);
}

/**
 * pp_tcp_write_xmit() - send what may be sent
 * @sk: socket
 * @mss: of pp_tcp_current_mss()
 * @nonagle: a small last segment goes too, whatever the socket says
 * @push_one: one skb at most, the congestion window does not matter (probe)
 *
 * Context: socket locked, softirq or process.
 * Return: true when data waits and nothing is in flight, so that the window
 * must be probed.
 */
bool pp_tcp_write_xmit(struct sock *sk, unsigned int mss, bool nonagle,
		       bool push_one)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool limited = false, sent = false, rearm = false;
	bool first = !tp->packets_out;
	enum pp_tcp_stop stop = PKTPATH_STOP_NOT;
	struct sk_buff *skb;
	u32 segs = 0, quota;

	pp_tcp_mstamp_refresh(tp);
	if (!tp->packets_out && !tp->cc->cong_control &&
	    pp_jiffies32() - tp->last_data_sent_jiffies >
	    pp_tcp_rto_jiffies(sk) &&
	    READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_slow_start_after_idle))
		pp_tcp_cwnd_restart(sk);
	if (unlikely(tp->mtup) && !push_one) {
		int probed = pp_tcp_mtup_probe(sk, &rearm);

		if (!probed)
			return false;
		sent = probed > 0;
	}
	while ((skb = skb_peek(&sk->sk_write_queue))) {
		pp_tcp_set_segs(skb, mss);
		stop = pp_tcp_may_send(sk, skb, mss, nonagle, &quota);
		if (stop == PKTPATH_STOP_CWND && push_one)
			quota = 1;
		else if (stop == PKTPATH_STOP_CWND)
			limited = true;
		if (stop && !(stop == PKTPATH_STOP_CWND && push_one))
			break;
		if (pp_tcp_cut(sk, skb, mss, nonagle, quota, &segs))
			break;
		if (pp_tcp_small_queue_check(sk, skb))
			break;
		if (pp_tcp_transmit_skb(sk, skb, true, GFP_ATOMIC))
			break;
		pp_tcp_pace_sent(sk, skb->len);
		/* A super-packet with a short tail ends in a small one. */
		if (skb->len < PKTPATH_TCP_CB(skb)->segs * mss)
			tp->snd_sml = PKTPATH_TCP_CB(skb)->end_seq;
		if (tp->c.state == PKTPATH_CC_CWR ||
		    tp->c.state == PKTPATH_CC_RECOVERY)
			tp->prr_out += PKTPATH_TCP_CB(skb)->segs;
		rearm |= pp_tcp_new_data_sent(sk, skb);
		sent = true;
		if (push_one)
			break;
	}
	if (unlikely(stop == PKTPATH_STOP_WND))
		pp_tcp_chrono_start(tp, PKTPATH_CHRONO_RWND);
	else
		pp_tcp_chrono_stop(sk, PKTPATH_CHRONO_RWND);
	/* All is sent, and the writer waits for room: the buffer is small. */
	if (sent && !limited && skb_queue_empty(&sk->sk_write_queue) &&
	    sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		pp_tcp_chrono_start(tp, PKTPATH_CHRONO_SNDBUF);
	if (limited || sent)
		pp_tcp_cwnd_validate(sk, limited ||
				     pp_tcp_in_flight(tp) >= tp->c.cwnd);
	if (sent && (push_one || !pp_tcp_schedule_loss_probe(sk, first)) && rearm)
		pp_tcp_rearm_rto(sk);
	return !tp->packets_out && !skb_queue_empty(&sk->sk_write_queue);
}

/**
 * pp_tcp_push_pending() - send, and probe if nothing could be
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_push_pending(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (skb_queue_empty(&sk->sk_write_queue) || sk->sk_state == TCP_CLOSE)
		return;
	if (pp_tcp_write_xmit(sk, pp_tcp_current_mss(sk), false, false) &&
	    tp->timer_what == PKTPATH_TT_NONE)
		pp_tcp_timer_arm(sk, PKTPATH_TT_PROBE, pp_tcp_rto_jiffies(sk));
}
