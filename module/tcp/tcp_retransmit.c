// SPDX-License-Identifier: GPL-2.0
/*
 * Sending again: what is marked lost, the head after a time-out, tail probes.
 *
 * Path: tcp_recovery.c, tcp_timer.c -> here -> tcp_output.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_retransmit_skb,
 *	    tcp_xmit_retransmit_queue, tcp_send_loss_probe)
 * Locks: socket locked
 */
#include "tcp/tcp_priv.h"

/* The first bytes may have been acknowledged since; the rest is cut to fit. */
static int pp_tcp_rtx_prepare(struct sock *sk, struct sk_buff *skb,
			      unsigned int mss, unsigned int segs)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 len, room, was = cb->segs;

	if (pp_seq_before(cb->seq, tp->snd_una)) {
		if (pp_seq_before(cb->end_seq, tp->snd_una))
			return -EINVAL;
		if (skb->len && pp_tcp_trim_head(sk, skb,
						 tp->snd_una - cb->seq))
			return -ENOMEM;
		if (cb->segs != was)
			pp_tcp_segs_recount(tp, skb, was);
	}
	/* RFC 9293 §3.8.6: the peer may have shrunk its window; then only the
	 * head is sent, as a probe.
	 */
	room = pp_tcp_wnd_end(tp) - cb->seq;
	if ((s32)room <= 0) {
		if (cb->seq != tp->snd_una)
			return -EAGAIN;
		room = mss;
	}
	len = min(mss * segs, room);
	if (skb->len > len) {
		if (len > mss)
			len = rounddown(len, mss);
		if (pp_tcp_fragment(sk, true, skb, len, mss, GFP_ATOMIC))
			return -ENOMEM;
	} else if (pp_tcp_unclone(sk, skb, GFP_ATOMIC)) {
		return -ENOMEM;
	}
	return 0;
}

static bool pp_tcp_head_busy(const struct sock *sk, const struct sk_buff *skb)
{
	return unlikely(skb_cloned(skb)) &&
	       sk_wmem_alloc_get(sk) >= (int)skb->truesize;
}

/* Does what was sent of @skb still wait in a queue of this host? Its head is
 * shared then, and so much of the socket's is on its way. What is lost goes on
 * when that has left.
 */
static bool pp_tcp_in_host(struct sock *sk, const struct sk_buff *skb)
{
	if (likely(!pp_tcp_head_busy(sk, skb)))
		return false;
	return !pp_tcp_throttle(sk) || pp_tcp_head_busy(sk, skb);
}

/* As pp_tcp_retransmit_skb(), of what may not be lost. */
static int pp_tcp_resend_skb(struct sock *sk, struct sk_buff *skb,
			     unsigned int segs)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int mss;
	int err;

	/* Whether a probe passes cannot be told any more. */
	if (unlikely(tp->mtup))
		tp->mtup->probe = 0;
	if (pp_tcp_in_host(sk, skb)) {
		pp_tcp_ext_inc(sk, SPURIOUSRTXHOSTQUEUES);
		return -EBUSY;
	}
	mss = pp_tcp_current_mss(sk);
	err = pp_tcp_rtx_prepare(sk, skb, mss, segs);
	if (err)
		return err;
	if (skb->len > mss || cb->segs > 1) {
		u32 was = cb->segs;

		pp_tcp_set_segs(skb, mss);
		if (cb->segs != was)
			pp_tcp_segs_recount(tp, skb, was);
	}
	/* RFC 3168 §6.1.1.1: a lost SYN may have been lost for its ECN bits;
	 * pp_tcp_ecn_syn() leaves them out.
	 */
	err = pp_tcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
	tp->total_retrans += cb->segs;
	tp->bytes_retrans += skb->len;
	pp_mib_add(pp_sk(sk)->pn, TCP_RETRANSSEGS, cb->segs);
	if (cb->flags & PKTPATH_TCPF_SYN)
		pp_tcp_ext_inc(sk, SYNRETRANS);
	if (err) {
		pp_tcp_ext_add(sk, RETRANSFAIL, cb->segs);
		return err;
	}
	pp_tcp_sent_last(tp, skb);
	pp_tcp_rate_sent(&tp->rate, &cb->tx, (u32)tp->mstamp_us ? : 1,
			 false);
	cb->sacked |= PKTPATH_SKB_EVER;
	return 0;
}

/**
 * pp_tcp_retransmit_skb() - send a segment again
 * @sk: socket
 * @skb: on the retransmit queue, not SACKed, marked lost
 * @segs: at most so many segments of it; the rest stays behind it
 *
 * RFC 9293 §3.10.8. Not while the first copy still waits in a queue of this
 * host: it was then never on the wire.
 *
 * Context: socket locked.
 * Return: 0; -EBUSY; -EAGAIN: window shut; -ENOMEM; other errno of the route.
 */
int pp_tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb,
			  unsigned int segs)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int err = pp_tcp_resend_skb(sk, skb, segs);

	if (err)
		return err;
	if (!(cb->sacked & PKTPATH_SKB_RETRANS))
		tp->retrans_out += cb->segs;
	cb->sacked |= PKTPATH_SKB_RETRANS;
	if (!tp->first_rtx_us_ts)
		tp->first_rtx_us_ts = pp_tcp_tsval(tp);
	if (tp->undo_retrans == ~0u)
		tp->undo_retrans = 0;
	tp->undo_retrans += cb->segs;
	return 0;
}

/**
 * pp_tcp_xmit_retransmit_queue() - send again what is lost, as the window allows
 * @sk: socket in RECOVERY or LOSS
 *
 * Context: socket locked.
 */
void pp_tcp_xmit_retransmit_queue(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb;
	bool rearm = false;
	u32 segs = 1;

	if (!tp->packets_out || tp->lost_out <= tp->retrans_out)
		goto out;
	if (pp_seq_before(tp->rtx_hint, tp->snd_una))
		tp->rtx_hint = tp->snd_una;
	if (!pp_tcp_urg_mode(tp))
		segs = pp_tcp_tso_segs(sk, pp_tcp_current_mss(sk));
	for (skb = pp_tcp_rtx_find(tp, tp->rtx_hint); skb;
	     skb = skb_rb_next(skb)) {
		struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
		u32 room;

		tp->rtx_hint = cb->seq;
		if (tp->lost_out <= tp->retrans_out)
			break;
		if (pp_tcp_pacing_check(sk))
			break;
		room = tp->c.cwnd > pp_tcp_in_flight(tp) ?
		       tp->c.cwnd - pp_tcp_in_flight(tp) : 0;
		if (!room)
			break;
		if ((cb->sacked & (PKTPATH_SKB_SACKED | PKTPATH_SKB_RETRANS |
				   PKTPATH_SKB_LOST)) != PKTPATH_SKB_LOST)
			continue;
		room = min(room, segs);
		if (pp_tcp_small_queue_check(sk, skb))
			break;
		if (pp_tcp_retransmit_skb(sk, skb, room))
			break;
		if (tp->c.state == PKTPATH_CC_LOSS)
			pp_tcp_ext_add(sk, SLOWSTARTRETRANS, cb->segs);
		else
			pp_tcp_ext_add(sk, FASTRETRANS, cb->segs);
		if (tp->c.state == PKTPATH_CC_CWR ||
		    tp->c.state == PKTPATH_CC_RECOVERY)
			tp->prr_out += cb->segs;
		pp_tcp_pace_sent(sk, skb->len);
		if (skb == pp_tcp_rtx_head(tp) &&
		    tp->timer_what != PKTPATH_TT_REO)
			rearm = true;
	}
out:
	if (rearm)
		pp_tcp_timer_arm(sk, PKTPATH_TT_RTO, pp_tcp_rto_jiffies(sk));
	/* RFC 6675 §5 (C): with room left new data goes too. */
	if (!skb_queue_empty(&sk->sk_write_queue) &&
	    tp->c.cwnd > pp_tcp_in_flight(tp) &&
	    tp->lost_out <= tp->retrans_out)
		pp_tcp_write_xmit(sk, pp_tcp_current_mss(sk), false, false);
}

/**
 * pp_tcp_schedule_loss_probe() - arm the tail loss probe
 * @sk: socket
 * @advancing: the RTO, were it armed, would count from now; else from when the
 *	oldest segment was sent
 *
 * RFC 8985 §7.2: two round trips, and the peer's delayed ACK when only one
 * segment is out; never later than the RTO.
 *
 * Context: socket locked.
 * Return: true when it was armed in place of the RTO.
 */
bool pp_tcp_schedule_loss_probe(struct sock *sk, bool advancing)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned long timeout;

	if (READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_early_retrans) < 3 ||
	    !tp->packets_out || !tp->sack_ok || tp->sacked_out ||
	    (tp->c.state != PKTPATH_CC_OPEN && tp->c.state != PKTPATH_CC_CWR))
		return false;
	if (tp->timer_what == PKTPATH_TT_REO || pp_tcp_fo(tp))
		return false;
	timeout = HZ;
	if (tp->rtt.srtt_us) {
		timeout = usecs_to_jiffies(tp->rtt.srtt_us >> 2);
		timeout += tp->packets_out == 1 ?
			   usecs_to_jiffies(tp->rtt.rto_min_us) : 2;
	}
	timeout = min_t(unsigned long, timeout, advancing ?
			pp_tcp_rto_jiffies(sk) : pp_tcp_rto_left(sk));
	pp_tcp_timer_arm(sk, PKTPATH_TT_TLP, timeout);
	return true;
}

/**
 * pp_tcp_send_loss_probe() - the tail loss probe timer has fired
 * @sk: socket
 *
 * RFC 8985 §7.3: new data if the window allows, else the last segment again.
 *
 * Context: socket locked.
 */
void pp_tcp_send_loss_probe(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int mss = pp_tcp_current_mss(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	u32 prior = tp->packets_out;

	if (tp->tlp_high_seq)
		goto rearm;
	clear_bit(PKTPATH_TF_TLP_RETRANS, &tp->tflags);
	if (skb && pp_tcp_wnd_end(tp) != PKTPATH_TCP_CB(skb)->seq &&
	    !pp_seq_before(pp_tcp_wnd_end(tp), PKTPATH_TCP_CB(skb)->seq)) {
		pp_tcp_write_xmit(sk, mss, true, true);
		if (tp->packets_out > prior)
			goto probed;
	}
	skb = skb_rb_last(&tp->pp.sk.tcp_rtx_queue);
	/* What has arrived is no tail. */
	if (!skb || PKTPATH_TCP_CB(skb)->sacked & PKTPATH_SKB_SACKED)
		goto rearm;
	if (PKTPATH_TCP_CB(skb)->segs > 1) {
		u32 keep = (PKTPATH_TCP_CB(skb)->segs - 1) *
			   skb_shinfo(skb)->gso_size;

		if (keep && keep < skb->len &&
		    !pp_tcp_fragment(sk, true, skb, keep,
				     skb_shinfo(skb)->gso_size, GFP_ATOMIC))
			skb = skb_rb_next(skb);
	}
	if (!skb)
		goto rearm;
	/* Unless it is known to be lost, no time runs, nothing can be undone,
	 * and it fills no gap.
	 */
	if (PKTPATH_TCP_CB(skb)->sacked & PKTPATH_SKB_LOST ?
	    pp_tcp_retransmit_skb(sk, skb, 1) : pp_tcp_resend_skb(sk, skb, 1))
		goto rearm;
	set_bit(PKTPATH_TF_TLP_RETRANS, &tp->tflags);
probed:
	pp_tcp_ext_inc(sk, LOSSPROBES);
	tp->tlp_high_seq = tp->snd_nxt;
	/* RFC 8985 §7.3: the answer has all of an RTO to come. */
	tp->timer_what = PKTPATH_TT_NONE;
rearm:
	pp_tcp_rearm_rto(sk);
}
