// SPDX-License-Identifier: GPL-2.0
/*
 * Packetization-layer path MTU discovery (RFC 4821): what size passes is found
 * out by segments that are larger, or smaller, than the others.
 *
 * Path: tcp_output.c, tcp_timer.c, tcp_recovery.c, tcp_rtx_clean.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_mtu_probe), tcp_timer.c
 *	    (tcp_mtu_probing), tcp_input.c (tcp_mtup_probe_success, ..._failed)
 * Locks: socket locked
 *
 * tcp_mtu_probing 0: never. 1: after several time-outs of one segment, which
 * may be too big for a router that does not say so. 2: always. A connection
 * that probes has a struct pp_tcp_mtup.
 */
#include "tcp/tcp_priv.h"

static u16 pp_tcp_mss_to_mtu(const struct pp_tcp_sock *tp, unsigned int mss)
{
	mss += 20 + 20 + pp_tcp_ip_optlen((const struct sock *)tp);
	return min_t(unsigned int, mss + (tp->tstamp_ok ? 12 : 0), U16_MAX);
}

static u32 pp_tcp_current_ssthresh(const struct pp_tcp_sock *tp)
{
	if (tp->c.state == PKTPATH_CC_CWR || tp->c.state == PKTPATH_CC_RECOVERY)
		return tp->c.ssthresh;
	return max(tp->c.ssthresh, (tp->c.cwnd >> 1) + (tp->c.cwnd >> 2));
}

/* What neither the peer nor the route forbids. */
static u16 pp_tcp_mtup_high(const struct pp_tcp_sock *tp)
{
	unsigned int mtu = tp->pmtu_cookie;

	if (tp->mss_clamp)
		mtu = min_t(unsigned int, mtu, tp->mss_clamp + 20 + 20);
	return mtu;
}

static bool pp_tcp_mtup_start(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_mtup *mp;

	mp = kzalloc(sizeof(*mp), GFP_ATOMIC | __GFP_NOWARN);
	if (!mp)
		return false;
	mp->high = pp_tcp_mtup_high(tp);
	mp->low = pp_tcp_mss_to_mtu(tp, READ_ONCE(s->tcp_base_mss));
	mp->since = pp_jiffies32();
	tp->mtup = mp;
	return true;
}

/**
 * pp_tcp_mtup_init() - a connection is established: does it probe?
 * @sk: socket
 *
 * Without memory it does not.
 * Context: socket locked.
 */
void pp_tcp_mtup_init(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (likely(READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_mtu_probing) <= 1))
		return;
	if (!tp->mtup && pp_tcp_mtup_start(sk))
		pp_tcp_sync_mss(sk, tp->pmtu_cookie);
}

/**
 * pp_tcp_mtup_black_hole() - one segment was sent again and again
 * @sk: socket
 *
 * RFC 4821 §7.7: the size may be why. The first time tcp_base_mss is tried,
 * then the half of it, and so on.
 *
 * Context: socket locked.
 */
void pp_tcp_mtup_black_hole(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int mss;

	if (likely(!READ_ONCE(s->tcp_mtu_probing)))
		return;
	if (!tp->mtup) {
		if (!pp_tcp_mtup_start(sk))
			return;
	} else {
		mss = pp_tcp_mtu_to_mss(sk, tp->mtup->low) >> 1;
		mss = min(mss, READ_ONCE(s->tcp_base_mss));
		mss = max(mss, READ_ONCE(s->tcp_mtu_probe_floor));
		mss = max(mss, READ_ONCE(s->tcp_min_snd_mss));
		tp->mtup->low = pp_tcp_mss_to_mtu(tp, mss);
	}
	pp_tcp_sync_mss(sk, tp->pmtu_cookie);
}

/**
 * pp_tcp_mtup_failed() - is it the probe that was lost, and alone?
 * @sk: socket, something is marked lost
 *
 * RFC 4821 §7.6.2: that is no sign of congestion. The bytes are sent again in
 * segments of the usual size.
 *
 * Context: socket locked.
 * Return: true when it was; there is nothing to recover from.
 */
bool pp_tcp_mtup_failed(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_mtup *mp = tp->mtup;

	if (likely(!mp) || !mp->probe || tp->snd_una != mp->start ||
	    tp->c.state >= PKTPATH_CC_CWR)
		return false;
	mp->high = mp->probe - 1;
	mp->probe = 0;
	pp_tcp_ext_inc(sk, MTUPFAIL);
	/* It had been taken away for the probe. */
	tp->c.cwnd++;
	pp_tcp_simple_retransmit(sk);
	if (tp->c.state != PKTPATH_CC_LOSS && tp->lost_out)
		pp_tcp_retransmit_lost(sk);
	return true;
}

/**
 * pp_tcp_mtup_acked() - something was acknowledged while a probe is under way
 * @sk: socket; snd_una is the new one
 *
 * RFC 4821 §7.6.1: segments grow to its size; the window stays the same in
 * bytes.
 *
 * Context: socket locked.
 */
void pp_tcp_mtup_acked(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_mtup *mp = tp->mtup;
	u64 cwnd;

	if (!mp->probe || pp_seq_after(mp->end, tp->snd_una))
		return;
	tp->prior_ssthresh = pp_tcp_current_ssthresh(tp);
	cwnd = (u64)tp->c.cwnd * pp_tcp_mss_to_mtu(tp, tp->mss_cache);
	tp->c.cwnd = max_t(u32, 1, div_u64(cwnd, mp->probe));
	tp->c.cwnd_cnt = 0;
	tp->c.ssthresh = pp_tcp_current_ssthresh(tp);
	mp->low = mp->probe;
	mp->probe = 0;
	pp_tcp_sync_mss(sk, tp->pmtu_cookie);
	pp_tcp_ext_inc(sk, MTUPSUCCESS);
}

/* The search is over; after a while paths may have changed. */
static void pp_tcp_mtup_again(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_mtup *mp = tp->mtup;
	u64 passed = pp_jiffies32() - mp->since;

	if (passed < (u64)READ_ONCE(s->tcp_probe_interval) * HZ)
		return;
	mp->high = pp_tcp_mtup_high(tp);
	mp->low = pp_tcp_mss_to_mtu(tp, tp->mss_cache);
	mp->since = pp_jiffies32();
}

/* May the first @size bytes of the write queue become one segment? */
static bool pp_tcp_mtup_joinable(struct sock *sk, unsigned int size)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_write_queue, skb) {
		/* It loses its front. */
		if (size < skb->len)
			return !skb_cloned(skb);
		size -= skb->len;
		if (!size)
			return true;
		if (PKTPATH_TCP_CB(skb)->eor || PKTPATH_TCP_CB(skb)->tstamp_ack ||
		    skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP)
			return false;
	}
	return false;
}

/* Takes @size bytes off the front of the write queue. */
static void pp_tcp_mtup_fill(struct sock *sk, struct sk_buff *probe,
			     unsigned int size)
{
	struct pp_tcp_skb_cb *to = PKTPATH_TCP_CB(probe);
	struct sk_buff *skb;

	while (size) {
		struct pp_tcp_skb_cb *cb;
		unsigned int n;

		skb = skb_peek(&sk->sk_write_queue);
		cb = PKTPATH_TCP_CB(skb);
		n = min(skb->len, size);
		/* Lengths are ours: neither call can fail. */
		if (skb_copy_bits(skb, 0, skb_put(probe, n), n))
			break;
		size -= n;
		to->end_seq += n;
		if (n < skb->len) {
			if (pp_tcp_trim_head(sk, skb, n))
				break;
			continue;
		}
		to->flags |= cb->flags;
		to->eor = cb->eor;
		to->tstamp_ack = cb->tstamp_ack;
		skb_shinfo(probe)->tx_flags |=
			skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP;
		skb_shinfo(probe)->tskey = skb_shinfo(skb)->tskey;
		__skb_unlink(skb, &sk->sk_write_queue);
		pp_tcp_skb_free(sk, skb);
	}
}

/* One segment of the next @size bytes, at the head of the write queue. */
static struct sk_buff *pp_tcp_mtup_build(struct sock *sk, unsigned int size)
{
	struct pp_tcp_skb_cb *cb;
	struct sk_buff *probe;

	if (!pp_tcp_mtup_joinable(sk, size))
		return NULL;
	probe = pp_tcp_skb_alloc(sk, size, GFP_ATOMIC | __GFP_NOWARN, true);
	if (!probe)
		return NULL;
	sk_wmem_queued_add(sk, probe->truesize);
	sk_mem_charge(sk, probe->truesize);
	cb = PKTPATH_TCP_CB(probe);
	cb->seq = PKTPATH_TCP_CB(skb_peek(&sk->sk_write_queue))->seq;
	cb->end_seq = cb->seq;
	cb->flags = PKTPATH_TCPF_ACK;
	pp_tcp_mtup_fill(sk, probe, size);
	pp_tcp_set_segs(probe, probe->len);
	__skb_queue_head(&sk->sk_write_queue, probe);
	return probe;
}

/* Enough behind it to tell its loss by, and room for that: 1, 0 or -1. */
static int pp_tcp_mtup_room(const struct pp_tcp_sock *tp, unsigned int size)
{
	u32 need = size + (tp->reordering + 1) * tp->mss_cache;

	if (tp->write_seq - tp->snd_nxt < need || tp->snd_wnd < need)
		return -1;
	if (pp_seq_after(tp->snd_nxt + need, pp_tcp_wnd_end(tp)))
		return 0;
	if (pp_tcp_in_flight(tp) + 2 > tp->c.cwnd)
		return pp_tcp_in_flight(tp) ? 0 : -1;
	return 1;
}

/**
 * pp_tcp_mtup_probe() - send a segment that is larger than the others
 * @sk: socket that probes, tp->mtup
 * @rearm: set when the retransmit timer is to start anew
 *
 * RFC 4821 §7.2, §7.5.3: half way between what has passed and what is not
 * known to be too much. The window pays for it as for two segments.
 *
 * Context: socket locked.
 * Return: 1 sent, 0 wait for the window, -1 not now.
 */
int pp_tcp_mtup_probe(struct sock *sk, bool *rearm)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_mtup *mp = tp->mtup;
	struct sk_buff *skb;
	unsigned int size;
	int room;

	if (mp->probe || tp->c.state != PKTPATH_CC_OPEN || tp->c.cwnd < 11 ||
	    tp->num_sacks || tp->has_dsack || tp->ae)
		return -1;
	size = pp_tcp_mtu_to_mss(sk, (mp->high + mp->low) >> 1);
	if (size > pp_tcp_mtu_to_mss(sk, mp->high) || size <= tp->mss_cache ||
	    mp->high - mp->low <
	    READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_probe_threshold)) {
		pp_tcp_mtup_again(sk);
		return -1;
	}
	room = pp_tcp_mtup_room(tp, size);
	if (room <= 0)
		return room;
	skb = pp_tcp_mtup_build(sk, size);
	/* One that cannot leave is cut again by pp_tcp_write_xmit(). */
	if (!skb || pp_tcp_transmit_skb(sk, skb, true, GFP_ATOMIC))
		return -1;
	tp->c.cwnd--;
	mp->probe = pp_tcp_mss_to_mtu(tp, skb->len);
	mp->start = PKTPATH_TCP_CB(skb)->seq;
	mp->end = PKTPATH_TCP_CB(skb)->end_seq;
	pp_tcp_pace_sent(sk, skb->len);
	*rearm |= pp_tcp_new_data_sent(sk, skb);
	return 1;
}
