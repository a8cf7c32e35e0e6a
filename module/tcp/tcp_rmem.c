// SPDX-License-Identifier: GPL-2.0
/*
 * Memory: how much is taken to receive, how both buffers grow.
 *
 * Path: tcp_data.c, tcp_recvmsg.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_rcv_space_adjust, tcp_grow_window,
 *	    tcp_try_rmem_schedule, tcp_prune_queue)
 * Locks: socket locked
 */
#include "tcp/tcp_priv.h"

/*
 * Room for two windows, as a writer of single segments needs it: one is on its
 * way while the other is written.
 * Mirrors: net/ipv4/tcp_input.c:tcp_sndbuf_expand (v7.2)
 */
static void pp_tcp_sndbuf_expand(struct sock *sk)
{
	int max = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_wmem[2]);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 segs, per;
	u64 want;

	per = roundup_pow_of_two(tp->mss_cache + PKTPATH_TCP_HEADROOM +
			SKB_DATA_ALIGN(sizeof(struct skb_shared_info))) +
	      SKB_DATA_ALIGN(sizeof(struct sk_buff));
	segs = max3(10U, tp->c.cwnd, tp->reordering + 1);
	want = 2ull * segs * per;
	if (want > READ_ONCE(sk->sk_sndbuf))
		WRITE_ONCE(sk->sk_sndbuf, min_t(u64, want, max));
}

/**
 * pp_tcp_init_buffers() - at the start of data
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_init_buffers(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->rcvq_space = min_t(u32, tp->rcv_wnd, 10 * tp->advmss);
	tp->rcvq_seq = tp->copied_seq;
	tp->rcvq_time_us = (u32)tp->mstamp_us;
	if (!(sk->sk_userlocks & SOCK_SNDBUF_LOCK))
		pp_tcp_sndbuf_expand(sk);
}

/**
 * pp_tcp_new_space() - a writer waits, and something was acknowledged
 * @sk: socket
 *
 * The buffer grows with the window, if it is what keeps the window from being
 * filled.
 * Mirrors: net/ipv4/tcp_input.c:tcp_new_space (v7.2)
 *
 * Context: socket locked.
 */
void pp_tcp_new_space(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!(sk->sk_userlocks & SOCK_SNDBUF_LOCK) &&
	    !pp_tcp_under_pressure(sk) &&
	    atomic_long_read(&pp_tcp_memory_allocated) < pp_tcp_mem[0] &&
	    pp_tcp_in_flight(tp) < tp->c.cwnd)
		pp_tcp_sndbuf_expand(sk);
	pp_tcp_stream_memfree(sk);
}

/**
 * pp_tcp_rcv_rtt_measure() - round trip as the receiver sees it
 * @sk: socket
 * @skb: data segment
 *
 * The time in which one window of data comes.
 * Context: socket locked.
 */
void pp_tcp_rcv_rtt_measure(struct sock *sk, const struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 us;

	if (!tp->rcv_rtt_time_us)
		goto restart;
	if (pp_seq_before(tp->rcv_nxt, tp->rcv_rtt_seq))
		return;
	us = max_t(u32, (u32)tp->mstamp_us - tp->rcv_rtt_time_us, 1);
	if (!tp->rcv_rtt_us || us < tp->rcv_rtt_us)
		tp->rcv_rtt_us = us;
	else
		tp->rcv_rtt_us += (us - tp->rcv_rtt_us) >> 3;
restart:
	tp->rcv_rtt_seq = tp->rcv_nxt + tp->rcv_wnd;
	tp->rcv_rtt_time_us = (u32)tp->mstamp_us ? : 1;
}

/**
 * pp_tcp_rcvbuf_grow() - room for twice what is read in a round trip
 * @sk: socket
 * @copied: bytes that were
 *
 * What waits behind a hole is in nobody's way: the sender goes on as fast while
 * the hole is repaired.
 * Mirrors: net/ipv4/tcp_input.c:tcp_rcvbuf_grow (v7.2)
 *
 * Context: socket locked.
 */
void pp_tcp_rcvbuf_grow(struct sock *sk, u32 copied)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 want;

	if (!READ_ONCE(s->tcp_moderate_rcvbuf) ||
	    (sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		return;
	/* Twice the window, and memory for overhead. */
	want = copied * 2 + 16 * tp->advmss;
	if (tp->ooo_last)
		want += PKTPATH_TCP_CB(tp->ooo_last)->end_seq - tp->rcv_nxt;
	want = min_t(u32, pp_tcp_space_from_win(tp, want),
		     READ_ONCE(s->tcp_rmem[2]));
	if (want <= sk->sk_rcvbuf)
		return;
	WRITE_ONCE(sk->sk_rcvbuf, want);
	want = pp_tcp_win_from_space(tp, want);
	tp->window_clamp = max(tp->window_clamp, want);
}

/**
 * pp_tcp_rcv_space_adjust() - grow the receive buffer with the reader
 * @sk: socket
 *
 * Twice what was read in a round trip, so that the sender's slow start has
 * room (dynamic right-sizing). Nothing less than the most so far can make it
 * grow, so the clock is not asked before that much has been read; what took
 * several round trips counts by the one.
 *
 * Context: process, socket locked.
 */
void pp_tcp_rcv_space_adjust(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 copied = tp->copied_seq - tp->rcvq_seq, us;

	if (copied <= tp->rcvq_space || !tp->rcv_rtt_us)
		return;
	pp_tcp_mstamp_refresh(tp);
	us = (u32)tp->mstamp_us - tp->rcvq_time_us;
	if (us < tp->rcv_rtt_us)
		return;
	if (us >= 2 * tp->rcv_rtt_us)
		copied = div_u64((u64)copied * tp->rcv_rtt_us, us);
	if (copied > tp->rcvq_space) {
		pp_tcp_rcvbuf_grow(sk, copied);
		tp->rcvq_space = copied;
	}
	tp->rcvq_seq = tp->copied_seq;
	tp->rcvq_time_us = (u32)tp->mstamp_us;
}

/**
 * pp_tcp_shrink_ssthresh() - offer little, because memory is short
 * @sk: socket
 *
 * Four segments, or what the socket has reserved (SO_RESERVE_MEM).
 * Mirrors: include/net/tcp.h:tcp_adjust_rcv_ssthresh (v7.2)
 *
 * Context: socket locked.
 */
void pp_tcp_shrink_ssthresh(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int reserved = sk_unused_reserved_mem(sk);
	u32 most = 4 * (tp->advmss - (tp->tstamp_ok ? 12 : 0));

	if (reserved)
		most = max_t(u32, most, pp_tcp_win_from_space(tp, reserved));
	tp->rcv_ssthresh = min(tp->rcv_ssthresh, most);
}

/* A segment that wastes its memory earns a step only while the window is small
 * enough for the largest buffer to bear the waste.
 */
static int pp_tcp_grow_step(struct sock *sk, const struct sk_buff *skb)
{
	int most = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_rmem[2]);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 cost = pp_tcp_win_from_space(tp, skb->truesize);
	u32 bound = pp_tcp_win_from_space(tp, most);

	if (cost <= skb->len)
		return 2 * tp->advmss;
	do {
		bound >>= 1;
		cost >>= 1;
		if (tp->rcv_ssthresh > bound)
			return 0;
	} while (cost > skb->len);
	return 2 * tp->rcv_mss;
}

/**
 * pp_tcp_grow_window() - offer more when segments are well filled
 * @sk: socket
 * @skb: segment just taken
 *
 * Context: socket locked.
 */
void pp_tcp_grow_window(struct sock *sk, const struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int room = min_t(int, tp->window_clamp, pp_tcp_free_space(sk)) -
		   tp->rcv_ssthresh;
	int step;

	if (room <= 0)
		return;
	if (pp_tcp_under_pressure(sk)) {
		pp_tcp_shrink_ssthresh(sk);
		return;
	}
	step = pp_tcp_grow_step(sk, skb);
	if (!step)
		return;
	tp->rcv_ssthresh += min_t(int, room, max_t(int, step, 2 * skb->len));
	tp->quickack |= 1;
}

#define PKTPATH_COLLAPSE_MAX	SKB_MAX_ORDER(0, 0)

/* More than half of it is not payload. */
static bool pp_tcp_wasteful(const struct sk_buff *skb)
{
	return skb->len < skb->truesize >> 1;
}

/* How many of the queue from @skb on, @len bytes, may move together. */
static unsigned int pp_tcp_collapse_len(const struct sk_buff_head *q,
					const struct sk_buff *skb,
					unsigned int *len)
{
	u32 end = PKTPATH_TCP_CB(skb)->seq;
	unsigned int n = 0;

	*len = 0;
	for (; skb != (const struct sk_buff *)q; skb = skb->next) {
		if (PKTPATH_TCP_CB(skb)->flags &
		    (PKTPATH_TCPF_SYN | PKTPATH_TCPF_FIN) ||
		    PKTPATH_TCP_CB(skb)->seq != end ||
		    skb->len > PKTPATH_COLLAPSE_MAX)
			break;
		end = PKTPATH_TCP_CB(skb)->end_seq;
		*len += skb->len;
		n++;
	}
	return n;
}

/* An empty one in front of @skb, for what of it begins at @off and more. */
static struct sk_buff *pp_tcp_collapse_new(struct sock *sk, struct sk_buff *skb,
					   unsigned int off, unsigned int len)
{
	struct sk_buff *to;

	to = alloc_skb(min_t(unsigned int, len, PKTPATH_COLLAPSE_MAX),
		       GFP_ATOMIC | __GFP_NOWARN);
	if (!to)
		return NULL;
	memcpy(to->cb, skb->cb, sizeof(skb->cb));
	PKTPATH_TCP_CB(to)->seq += off;
	PKTPATH_TCP_CB(to)->end_seq = PKTPATH_TCP_CB(to)->seq;
	__skb_queue_before(&sk->sk_receive_queue, skb, to);
	skb_set_owner_r(to, sk);
	return to;
}

/* @n bytes of @skb from @off on move to the end of @to. */
static void pp_tcp_collapse_part(struct sk_buff *to, struct sk_buff *skb,
				 unsigned int off, unsigned int n)
{
	const struct pp_tcp_skb_cb *from = PKTPATH_TCP_CB(skb);
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(to);

	/* What was queued can be copied. */
	WARN_ON_ONCE(skb_copy_bits(skb, off, skb_put(to, n), n));
	cb->end_seq += n;
	cb->flags |= from->flags;
	if (from->has_rxtstamp) {
		cb->has_rxtstamp = 1;
		to->tstamp = skb->tstamp;
		skb_hwtstamps(to)->hwtstamp = skb_hwtstamps(skb)->hwtstamp;
	}
}

/* Fills new skbs with @len bytes from @skb on. Returns what stands behind them,
 * or NULL without memory.
 */
static struct sk_buff *pp_tcp_collapse_copy(struct sock *sk,
					    struct sk_buff *skb,
					    unsigned int len)
{
	struct sk_buff *to = NULL, *next;
	unsigned int off = 0, n;

	while (len) {
		if (!to || !skb_tailroom(to)) {
			next = pp_tcp_collapse_new(sk, skb, off, len);
			if (!next)
				break;
			to = next;
		}
		n = min_t(unsigned int, skb->len - off, skb_tailroom(to));
		pp_tcp_collapse_part(to, skb, off, n);
		off += n;
		len -= n;
		if (off < skb->len)
			continue;
		next = skb->next;
		__skb_unlink(skb, &sk->sk_receive_queue);
		consume_skb(skb);
		pp_tcp_ext_inc(sk, RCVCOLLAPSED);
		skb = next;
		off = 0;
	}
	if (!len)
		return skb;
	/* What was split is whole again; @to has bytes of others, too, for one
	 * alone would have fitted.
	 */
	if (off) {
		__skb_trim(to, to->len - off);
		PKTPATH_TCP_CB(to)->end_seq -= off;
	}
	return NULL;
}

/* Small segments in big buffers make room by moving together, with what follows
 * the first of them.
 */
static void pp_tcp_collapse(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb = q->next;
	unsigned int n, len;

	while (skb && skb != (struct sk_buff *)q) {
		n = pp_tcp_wasteful(skb) ? pp_tcp_collapse_len(q, skb, &len) : 0;
		if (n > 1 || (n && SKB_TRUESIZE(len) < skb->truesize))
			skb = pp_tcp_collapse_copy(sk, skb, len);
		else
			skb = skb->next;
	}
}

/* The buffer may grow to hold what the window has promised. */
static void pp_tcp_clamp_window(struct sock *sk)
{
	int most = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_rmem[2]);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int used = atomic_read(&sk->sk_rmem_alloc);

	tp->quickack = 0;
	if (sk->sk_rcvbuf < most && !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) &&
	    !pp_tcp_under_pressure(sk) &&
	    atomic_long_read(&pp_tcp_memory_allocated) < pp_tcp_mem[0])
		WRITE_ONCE(sk->sk_rcvbuf, max(sk->sk_rcvbuf, min(used, most)));
	if (used > sk->sk_rcvbuf)
		tp->rcv_ssthresh = min_t(u32, tp->window_clamp,
					 2 * tp->advmss);
}

/* Beyond the buffer: what came out of order goes last (RFC 2018 §8). */
static bool pp_tcp_prune(struct sock *sk, const struct sk_buff *in)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_ext_inc(sk, PRUNECALLED);
	if (atomic_read(&sk->sk_rmem_alloc) >= sk->sk_rcvbuf)
		pp_tcp_clamp_window(sk);
	else if (pp_tcp_under_pressure(sk))
		pp_tcp_shrink_ssthresh(sk);
	pp_tcp_collapse(sk);
	if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf)
		return true;
	pp_tcp_ooo_prune(sk, in);
	tp->rcv_ssthresh = min_t(u32, tp->rcv_ssthresh, 4 * tp->advmss);
	if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf)
		return true;
	pp_tcp_ext_inc(sk, RCVPRUNED);
	return false;
}

/**
 * pp_tcp_try_rmem() - may a segment of @size be kept?
 * @sk: socket
 * @skb: segment
 * @size: its memory
 *
 * Context: socket locked.
 * Return: true if so; the caller charges it.
 */
bool pp_tcp_try_rmem(struct sock *sk, struct sk_buff *skb, unsigned int size)
{
	if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf &&
	    sk_rmem_schedule(sk, skb, size))
		return true;
	if (!pp_tcp_prune(sk, skb))
		return false;
	while (!sk_rmem_schedule(sk, skb, size))
		if (!pp_tcp_ooo_prune(sk, skb))
			return false;
	return true;
}
