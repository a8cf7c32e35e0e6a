// SPDX-License-Identifier: GPL-2.0
/*
 * Acknowledgments we send: at once, delayed, duplicate, challenge; probes.
 *
 * Path: tcp_data.c, tcp_input.c -> here -> tcp_output.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_send_ack, tcp_send_delayed_ack,
 *	    tcp_write_wakeup), tcp_input.c (__tcp_ack_snd_check)
 * Locks: socket locked
 */
#include "tcp/tcp_priv.h"

#define PKTPATH_DELACK_MIN	(HZ / 25)
#define PKTPATH_DELACK_MAX	(HZ / 5)
#define PKTPATH_QUICKACKS	16

/* A segment without data and without a place in sequence space. */
static int pp_tcp_send_pure(struct sock *sk, u32 seq, u8 flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_skb_cb *cb;
	struct sk_buff *skb;

	skb = pp_tcp_head_skb(GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, PKTPATH_TCP_HEADROOM);
	cb = PKTPATH_TCP_CB(skb);
	memset(cb, 0, sizeof(*cb));
	cb->seq = seq;
	cb->end_seq = seq;
	cb->flags = flags;
	cb->segs = 1;
	pp_tcp_mstamp_refresh(tp);
	return pp_tcp_transmit_skb(sk, skb, false, GFP_ATOMIC);
}

/* RFC 9293 §3.10.7.4: <SEQ=SND.NXT>, but never beyond the peer's window. */
static u32 pp_tcp_acceptable_seq(const struct pp_tcp_sock *tp)
{
	if (!pp_seq_before(pp_tcp_wnd_end(tp), tp->snd_nxt))
		return tp->snd_nxt;
	return pp_tcp_wnd_end(tp);
}

/**
 * pp_tcp_send_ack() - acknowledge now
 * @sk: socket
 *
 * Without memory it is tried again by the delayed-ACK timer.
 * Context: socket locked.
 */
void pp_tcp_send_ack(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (sk->sk_state == TCP_CLOSE)
		return;
	clear_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
	if (pp_tcp_send_pure(sk, pp_tcp_acceptable_seq(tp),
			     PKTPATH_TCPF_ACK) != -ENOMEM)
		return;
	set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
	pp_tcp_delack_arm(sk, PKTPATH_DELACK_MAX);
}

/* More to acknowledge at once, unless our data answers theirs. */
static void pp_tcp_more_quickacks(struct pp_tcp_sock *tp, unsigned int max)
{
	unsigned int n = tp->rcv_wnd / (2 * max_t(u32, tp->rcv_mss, 1));

	n = min(max_t(unsigned int, n, 2), max);
	if (n > tp->quickack)
		tp->quickack = n;
}

/**
 * pp_tcp_enter_quickack() - acknowledge the next segments at once
 * @sk: socket
 * @max: how many
 *
 * Context: socket locked.
 */
void pp_tcp_enter_quickack(struct sock *sk, unsigned int max)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_more_quickacks(tp, max);
	tp->pingpong = 0;
	tp->ato_jiffies = PKTPATH_DELACK_MIN;
}

/**
 * pp_tcp_send_delayed_ack() - acknowledge soon, together with data if there is
 * @sk: socket
 *
 * RFC 9293 §3.8.6.3: within 0.5 s; 40 to 200 ms here, by the rhythm of what
 * comes and by the round trip; with the next tick if no data has come ever.
 *
 * Context: socket locked.
 */
void pp_tcp_send_delayed_ack(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned long ato = tp->ato_jiffies;

	if (ato > PKTPATH_DELACK_MIN) {
		unsigned long max_ato = HZ / 2;

		if (tp->pingpong)
			max_ato = PKTPATH_DELACK_MAX;
		if (tp->rtt.srtt_us)
			max_ato = clamp_t(unsigned long,
					  usecs_to_jiffies(tp->rtt.srtt_us >>
							   3),
					  PKTPATH_DELACK_MIN, max_ato);
		ato = min(ato, max_ato);
	}
	ato = min_t(unsigned long, ato, PKTPATH_DELACK_MAX);
	/* the peer's time-outs may be as short as this route makes ours */
	if (unlikely(tp->rtt.rto_min_us < PKTPATH_RTO_MIN_US))
		ato = min(ato, max(usecs_to_jiffies(tp->rtt.rto_min_us), 2UL) -
			       1);
	if (pp_tf(tp, PKTPATH_TF_ACK_TIMER)) {
		s32 left = pp_tcp_until(tp->delack_when);

		/* Owed already: nearly due, or sooner than this one. */
		if (left <= (s32)(ato >> 2)) {
			pp_tcp_send_ack(sk);
			return;
		}
		if (left <= (s32)ato)
			return;
	}
	set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
	pp_tcp_delack_arm(sk, ato);
}

/**
 * pp_tcp_ack_snd_check() - data came in: acknowledge now or later?
 * @sk: socket
 * @ooo: the segment, or the queue, is out of order
 *
 * RFC 9293 §3.8.6.3, RFC 5681 §4.2: at least every second full segment, at
 * once when there is a hole or one was filled, or when the window opens.
 * Segments that waited for the user of the socket are answered together, when
 * he releases it (MUST-59); a hole is not, for the peer counts duplicates.
 *
 * Context: socket locked.
 */
void pp_tcp_ack_snd_check(struct sock *sk, bool ooo)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!pp_tf(tp, PKTPATH_TF_ACK_SCHED) && !pp_tf(tp, PKTPATH_TF_ACK_NOW))
		return;
	if (ooo || !RB_EMPTY_ROOT(&tp->ooo_queue)) {
		pp_tcp_send_ack(sk);
		return;
	}
	if ((tp->rcv_nxt - tp->rcv_wup > tp->rcv_mss &&
	     (tp->rcv_nxt - tp->copied_seq < sk->sk_rcvlowat ||
	      pp_tcp_space_to_window(sk) >= tp->rcv_wnd)) ||
	    (tp->quickack && !tp->pingpong) ||
	    pp_tf(tp, PKTPATH_TF_ACK_NOW) || pp_tf(tp, PKTPATH_TF_QUICKACK)) {
		if (sock_owned_by_user_nocheck(sk))
			set_bit(PKTPATH_TD_ACK, &tp->tflags);
		else
			pp_tcp_send_ack(sk);
		return;
	}
	pp_tcp_send_delayed_ack(sk);
}

/**
 * pp_tcp_measure_rcv_mss() - a guess at the size of the peer's segments
 * @sk: socket
 * @skb: data segment
 *
 * RFC 9293 §3.8.6.2.2; and how much memory their payload takes.
 * Context: socket locked.
 */
void pp_tcp_measure_rcv_mss(struct sock *sk, const struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int len = skb_shinfo(skb)->gso_size ? : skb->len;

	if (len > tp->rcv_mss && skb->truesize) {
		u8 ratio = clamp_t(u64, div_u64((u64)skb->len << 8,
						skb->truesize), 1, U8_MAX);

		if (ratio != tp->scaling_ratio) {
			tp->scaling_ratio = ratio;
			tp->window_clamp =
				pp_tcp_win_from_space(tp, sk->sk_rcvbuf);
		}
	}
	if (len >= tp->rcv_mss) {
		tp->rcv_mss = min_t(unsigned int, len, tp->advmss);
		return;
	}
	/* A smaller segment that was pushed says nothing about its limit. */
	if (!(PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_PSH) && len >= 88 &&
	    len > tp->rcv_mss >> 1)
		tp->rcv_mss = len;
}

/**
 * pp_tcp_event_data_recv() - the rhythm of what comes in
 * @sk: socket
 * @skb: data segment, its payload not yet pulled further
 *
 * Context: socket locked.
 */
void pp_tcp_event_data_recv(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 now = pp_jiffies32();

	set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
	pp_tcp_measure_rcv_mss(sk, skb);
	pp_tcp_rcv_rtt_measure(sk, skb);
	if (!tp->ato_jiffies) {
		/* RFC 5681 slow start of the peer needs quick ACKs. */
		pp_tcp_more_quickacks(tp, PKTPATH_QUICKACKS);
		tp->ato_jiffies = PKTPATH_DELACK_MIN;
	} else {
		s32 gap = now - tp->last_data_rcv_jiffies;

		if (gap <= PKTPATH_DELACK_MIN / 2)
			tp->ato_jiffies = (tp->ato_jiffies >> 1) +
					  PKTPATH_DELACK_MIN / 2;
		else if (gap < tp->ato_jiffies)
			tp->ato_jiffies = min_t(u32, pp_tcp_rto_jiffies(sk),
						(tp->ato_jiffies >> 1) + gap);
		else if (gap > (s32)pp_tcp_rto_jiffies(sk))
			pp_tcp_more_quickacks(tp, PKTPATH_QUICKACKS);
	}
	tp->last_data_rcv_jiffies = now;
	pp_tcp_ecn_rcv(sk, skb);
	if (skb->len >= 128)
		pp_tcp_grow_window(sk, skb);
}

/**
 * pp_tcp_send_dupack() - tell the peer where we are
 * @sk: socket
 * @skb: segment that was outside the window; it becomes a D-SACK
 *
 * Context: socket locked.
 */
void pp_tcp_send_dupack(struct sock *sk, const struct sk_buff *skb)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (cb->end_seq != cb->seq && pp_seq_before(cb->seq, tp->rcv_nxt)) {
		pp_tcp_ext_inc(sk, DELAYEDACKLOST);
		pp_tcp_enter_quickack(sk, PKTPATH_QUICKACKS);
		if (tp->sack_ok &&
		    READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_dsack)) {
			u32 end = cb->end_seq;

			if (pp_seq_after(end, tp->rcv_nxt))
				end = tp->rcv_nxt;
			pp_tcp_dsack_set(sk, cb->seq, end);
		}
	}
	pp_tcp_send_ack(sk);
}

/**
 * pp_tcp_oow_limited() - was a segment out of place answered a moment ago?
 * @pn: netns
 * @last: jiffies of the last such answer, 0 never; set when the answer is no
 *
 * Two peers that have lost each other's place must not talk without end: at
 * most one answer in tcp_invalid_ratelimit.
 *
 * Context: whatever guards @last.
 * Return: true: say nothing.
 */
bool pp_tcp_oow_limited(struct pp_net *pn, u32 *last)
{
	u32 now = pp_jiffies32();

	if (*last && now - *last <
	    (u32)READ_ONCE(pn->sysctl.tcp_invalid_ratelimit))
		return true;
	*last = now ? : 1;
	return false;
}

/**
 * pp_tcp_send_challenge_ack() - ask whether the segment was meant
 * @sk: socket
 *
 * RFC 5961 §7: one in tcp_invalid_ratelimit, and at most
 * tcp_challenge_ack_limit a second; counted per socket so that nobody can
 * measure it from another connection.
 *
 * Context: socket locked.
 */
void pp_tcp_send_challenge_ack(struct sock *sk)
{
	int limit = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_challenge_ack_limit);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 now = pp_jiffies32();

	if (pp_tcp_oow_limited(pp_sk(sk)->pn, &tp->invalid_jiffies)) {
		pp_tcp_ext_inc(sk, ACKSKIPPEDCHALLENGE);
		return;
	}
	if (now - tp->challenge_jiffies >= HZ) {
		tp->challenge_jiffies = now;
		tp->challenge_count = 0;
	}
	if (tp->challenge_count >= limit) {
		pp_tcp_ext_inc(sk, ACKSKIPPEDCHALLENGE);
		return;
	}
	tp->challenge_count++;
	pp_tcp_ext_inc(sk, CHALLENGEACK);
	pp_tcp_send_ack(sk);
}

/* ---- Zero window and keepalive probes ---- */

/* An old sequence number makes the peer answer with its window. */
static int pp_tcp_xmit_probe(struct sock *sk, bool urgent)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	/* Without data it is the idle connection that is probed. */
	if (skb_queue_empty(&sk->sk_write_queue))
		pp_tcp_ext_inc(sk, KEEPALIVE);
	else
		pp_tcp_ext_inc(sk, WINPROBE);
	return pp_tcp_send_pure(sk, tp->snd_una - !urgent, PKTPATH_TCPF_ACK);
}

/* The head of the write queue as one segment, new data that the window takes. */
static int pp_tcp_xmit_head(struct sock *sk, struct sk_buff *skb,
			    unsigned int mss)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 seg = pp_tcp_wnd_end(tp) - PKTPATH_TCP_CB(skb)->seq;
	u32 space = PKTPATH_TCP_CB(skb)->end_seq - PKTPATH_TCP_CB(skb)->seq;
	int err;

	/* A FIN takes a number too: what it does not fit with goes alone. */
	if ((seg < space || skb->len > mss) &&
	    pp_tcp_fragment(sk, false, skb, min(seg, mss), mss, GFP_ATOMIC))
		return -ENOMEM;
	pp_tcp_set_segs(skb, mss);
	PKTPATH_TCP_CB(skb)->flags |= PKTPATH_TCPF_PSH;
	pp_tcp_mstamp_refresh(tp);
	err = pp_tcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
	if (err)
		return err;
	pp_tcp_pace_sent(sk, skb->len);
	/* It was of the probes, and this begins a time-out. */
	if (!tp->packets_out)
		tp->backoff = 0;
	if (pp_tcp_new_data_sent(sk, skb))
		pp_tcp_rearm_rto(sk);
	return 0;
}

/**
 * pp_tcp_write_wakeup() - probe the window
 * @sk: socket
 *
 * RFC 9293 §3.8.6.1: new data if the window takes any, else a probe; before it
 * goes one that the peer finds acceptable, if there is an urgent pointer to be
 * seen (RFC 9293 §3.8.5: a shut window does not hold that back).
 *
 * Context: socket locked.
 * Return: 0; -errno of sending, without memory or a way as if the peer had not
 * answered; -1 when the socket is closed; 1: a queue of this host was full.
 */
int pp_tcp_write_wakeup(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	int err;

	if (sk->sk_state == TCP_CLOSE)
		return -1;
	if (!skb || !pp_seq_before(PKTPATH_TCP_CB(skb)->seq,
				   pp_tcp_wnd_end(tp))) {
		if (pp_tcp_urg_mode(tp) && tp->snd_up - tp->snd_una <= U16_MAX)
			pp_tcp_xmit_probe(sk, true);
		err = pp_tcp_xmit_probe(sk, false);
	} else {
		err = pp_tcp_xmit_head(sk, skb, pp_tcp_current_mss(sk));
	}
	return err == -ENOBUFS ? 1 : err;
}

/**
 * pp_tcp_send_probe0() - the probe timer: ask, and wait longer next time
 * @sk: socket with data that waits and nothing in flight
 *
 * RFC 9293 §3.8.6.1: exponential, never given up while answers come.
 *
 * Context: socket locked.
 */
void pp_tcp_send_probe0(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int err;

	err = pp_tcp_write_wakeup(sk);
	if (tp->packets_out || skb_queue_empty(&sk->sk_write_queue)) {
		tp->probes_out = 0;
		tp->probes_since_ms = 0;
		tp->backoff = 0;
		return;
	}
	tp->probes_out++;
	if (err <= 0 && tp->backoff < READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_retries2))
		tp->backoff++;
	/* Others want the same queue: without backoff, but without haste. */
	pp_tcp_timer_arm(sk, PKTPATH_TT_PROBE,
			 pp_tcp_clamp_to_user(tp, tp->probes_since_ms,
					      err > 0 ? HZ / 2 :
					      pp_tcp_rto_jiffies(sk)));
}
