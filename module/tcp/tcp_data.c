// SPDX-License-Identifier: GPL-2.0
/*
 * Payload: in order to the socket's queue, out of order to a tree (RFC 9293
 * §3.10.7.4, seventh and eighth step).
 *
 * Path: tcp_input.c, tcp_state.c -> here -> tcp_recvmsg.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_data_queue, tcp_fin)
 * Locks: socket locked
 */
#include "core/trace.h"
#include "tcp/tcp_priv.h"

/**
 * pp_tcp_data_ready() - wake who reads, if there is enough
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_data_ready(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int avail = tp->rcv_nxt - READ_ONCE(tp->copied_seq);

	if (avail < READ_ONCE(sk->sk_rcvlowat) && !sock_flag(sk, SOCK_DONE) &&
	    !(sk->sk_shutdown & RCV_SHUTDOWN) &&
	    pp_tcp_rcv_window(tp) > tp->rcv_mss && !pp_tcp_under_pressure(sk))
		return;
	pp_at_sock_wake(NULL, sk, avail > 0 ? avail : 0);
	sk->sk_data_ready(sk);
}

/* Joins @from behind @to; then @from's head may be freed. */
static bool pp_tcp_try_coalesce(struct sock *sk, struct sk_buff *to,
				struct sk_buff *from, bool *stolen)
{
	int delta;

	*stolen = false;
	if (PKTPATH_TCP_CB(from)->seq != PKTPATH_TCP_CB(to)->end_seq)
		return false;
	if (skb_cmp_decrypted(from, to))
		return false;
	if (!skb_try_coalesce(to, from, stolen, &delta))
		return false;
	pp_tcp_ext_inc(sk, RCVCOALESCE);
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	PKTPATH_TCP_CB(to)->end_seq = PKTPATH_TCP_CB(from)->end_seq;
	PKTPATH_TCP_CB(to)->ack_seq = PKTPATH_TCP_CB(from)->ack_seq;
	PKTPATH_TCP_CB(to)->flags |= PKTPATH_TCP_CB(from)->flags;
	if (PKTPATH_TCP_CB(from)->has_rxtstamp) {
		PKTPATH_TCP_CB(to)->has_rxtstamp = 1;
		to->tstamp = from->tstamp;
		skb_hwtstamps(to)->hwtstamp = skb_hwtstamps(from)->hwtstamp;
	}
	return true;
}

static void pp_tcp_set_owner_r(struct sock *sk, struct sk_buff *skb)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_rfree;
	atomic_add(skb->truesize, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, skb->truesize);
}

/* In order: behind the last one, or joined to it. Takes the skb. */
static void pp_tcp_queue_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 end = PKTPATH_TCP_CB(skb)->end_seq;
	bool stolen;

	pp_at_sock_queue(skb, sk, skb->len);
	tp->bytes_received += end - tp->rcv_nxt;
	WRITE_ONCE(tp->rcv_nxt, end);
	if (tail && pp_tcp_try_coalesce(sk, tail, skb, &stolen)) {
		kfree_skb_partial(skb, stolen);
		return;
	}
	__skb_queue_tail(&sk->sk_receive_queue, skb);
	pp_tcp_set_owner_r(sk, skb);
}

/* ---- Out of order ---- */

static void pp_tcp_ooo_unlink(struct pp_tcp_sock *tp, struct sk_buff *skb)
{
	if (tp->ooo_last == skb)
		tp->ooo_last = skb_rb_prev(skb);
	rb_erase(&skb->rbnode, &tp->ooo_queue);
	RB_CLEAR_NODE(&skb->rbnode);
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

/* rcv_nxt has reached what waited: hand it on. */
static void pp_tcp_ooo_drain(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tp->ooo_queue))) {
		struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
		struct sk_buff *tail;
		bool fin, stolen;

		if (pp_seq_after(cb->seq, tp->rcv_nxt))
			break;
		pp_tcp_ooo_unlink(tp, skb);
		if (!pp_seq_after(cb->end_seq, tp->rcv_nxt)) {
			/* All of it came by another way meanwhile. */
			pp_tcp_dsack_extend(sk, cb->seq, cb->end_seq);
			kfree_skb(skb);
			continue;
		}
		if (pp_seq_before(cb->seq, tp->rcv_nxt))
			pp_tcp_dsack_extend(sk, cb->seq, tp->rcv_nxt);
		fin = cb->flags & PKTPATH_TCPF_FIN;
		tp->bytes_received += cb->end_seq - tp->rcv_nxt;
		WRITE_ONCE(tp->rcv_nxt, cb->end_seq);
		/* It is accounted already. */
		tail = skb_peek_tail(&sk->sk_receive_queue);
		if (tail && pp_tcp_try_coalesce(sk, tail, skb, &stolen))
			kfree_skb_partial(skb, stolen);
		else
			__skb_queue_tail(&sk->sk_receive_queue, skb);
		if (fin) {
			pp_tcp_fin(sk);
			break;
		}
	}
}

/**
 * pp_tcp_ooo_purge() - forget what came out of order
 * @sk: socket
 *
 * RFC 2018 §8 allows it; the peer sends it again.
 * Context: socket locked.
 */
void pp_tcp_ooo_purge(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tp->ooo_queue))) {
		pp_tcp_ooo_unlink(tp, skb);
		kfree_skb(skb);
	}
	tp->ooo_last = NULL;
	tp->num_sacks = 0;
}

/**
 * pp_tcp_ooo_prune() - make room by forgetting what came farthest ahead
 * @sk: socket
 * @in: segment that room is wanted for; what stands before it stays
 *
 * RFC 2018 §8 allows it. An eighth of the buffer at a time, so that a stream of
 * tiny segments does not buy a walk with each; what a hole in front holds up is
 * not asked for again.
 * Mirrors: net/ipv4/tcp_input.c:tcp_prune_ofo_queue (v7.2)
 *
 * Context: socket locked.
 * Return: true if something was freed.
 */
bool pp_tcp_ooo_prune(struct sock *sk, const struct sk_buff *in)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int goal = sk->sk_rcvbuf >> 3;
	bool pruned = false;
	struct sk_buff *skb;

	while ((skb = tp->ooo_last)) {
		if (pp_seq_after(PKTPATH_TCP_CB(in)->seq,
				 PKTPATH_TCP_CB(skb)->seq))
			break;
		goal -= skb->truesize;
		pp_tcp_ooo_unlink(tp, skb);
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_PRUNED);
		pruned = true;
		if (goal > 0)
			continue;
		if (atomic_read(&sk->sk_rmem_alloc) <= sk->sk_rcvbuf &&
		    !pp_tcp_under_pressure(sk))
			break;
		goal = sk->sk_rcvbuf >> 3;
	}
	if (!pruned)
		return false;
	pp_tcp_ext_inc(sk, OFOPRUNED);
	/* a block may tell of what is gone */
	tp->num_sacks = 0;
	return true;
}

/* After @skb was put in: what it covers behind it is a duplicate. */
static void pp_tcp_ooo_trim(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *next;

	while ((next = skb_rb_next(skb))) {
		struct pp_tcp_skb_cb *n = PKTPATH_TCP_CB(next);

		if (!pp_seq_after(cb->end_seq, n->seq))
			return;
		if (pp_seq_before(cb->end_seq, n->end_seq)) {
			pp_tcp_dsack_extend(sk, n->seq, cb->end_seq);
			return;
		}
		pp_tcp_dsack_extend(sk, n->seq, n->end_seq);
		if (n->flags & PKTPATH_TCPF_FIN && n->end_seq == cb->end_seq)
			cb->flags |= PKTPATH_TCPF_FIN;
		pp_tcp_ext_inc(sk, OFOMERGE);
		pp_tcp_ooo_unlink(tp, next);
		kfree_skb(next);
	}
}

/* False: the segment adds nothing. Takes the skb in any case. */
static bool pp_tcp_ooo_insert(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct rb_node **p = &tp->ooo_queue.rb_node, *parent = NULL;
	bool stolen;

	/* The usual case: behind the last. */
	if (tp->ooo_last && pp_tcp_try_coalesce(sk, tp->ooo_last, skb,
						&stolen)) {
		kfree_skb_partial(skb, stolen);
		return true;
	}
	while (*p) {
		struct pp_tcp_skb_cb *o;

		parent = *p;
		o = PKTPATH_TCP_CB(rb_to_skb(parent));
		if (pp_seq_before(cb->seq, o->seq)) {
			p = &parent->rb_left;
			continue;
		}
		if (pp_seq_before(cb->seq, o->end_seq)) {
			if (!pp_seq_after(cb->end_seq, o->end_seq)) {
				pp_tcp_ext_inc(sk, OFOMERGE);
				pp_tcp_dsack_set(sk, cb->seq, cb->end_seq);
				pp_tcp_drop(sk, skb,
					    PKTPATH_DROP_TCP_OLD_DATA);
				return false;
			}
			if (pp_seq_after(cb->seq, o->seq))
				pp_tcp_dsack_set(sk, cb->seq, o->end_seq);
		} else if (pp_tcp_try_coalesce(sk, rb_to_skb(parent), skb,
					       &stolen)) {
			kfree_skb_partial(skb, stolen);
			pp_tcp_ooo_trim(sk, rb_to_skb(parent));
			return true;
		}
		p = &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &tp->ooo_queue);
	pp_tcp_set_owner_r(sk, skb);
	pp_tcp_ooo_trim(sk, skb);
	if (!skb_rb_next(skb))
		tp->ooo_last = skb;
	return true;
}

static void pp_tcp_data_queue_ooo(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 seq = PKTPATH_TCP_CB(skb)->seq, end = PKTPATH_TCP_CB(skb)->end_seq;

	set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
	if (!pp_tcp_try_rmem(sk, skb, skb->truesize)) {
		pp_tcp_ext_inc(sk, OFODROP);
		pp_tcp_drop(sk, skb, PKTPATH_DROP_SOCK_RCVBUF);
		return;
	}
	pp_tcp_measure_rcv_mss(sk, skb);
	if (pp_tcp_sacks(tp))
		tp->sacks->count.ooo += max_t(u16, 1,
					      skb_shinfo(skb)->gso_segs);
	pp_tcp_ext_add(sk, OFOQUEUE, max_t(u16, 1, skb_shinfo(skb)->gso_segs));
	pp_at_sock_queue(skb, sk, skb->len);
	pp_tcp_ecn_rcv(sk, skb);
	/* Before it may become a part of another. */
	pp_tcp_grow_window(sk, skb);
	if (pp_tcp_ooo_insert(sk, skb) && tp->sack_ok)
		pp_tcp_sack_new_ooo(sk, seq, end);
	/* Not before somebody has accepted it. */
	if (sk->sk_socket)
		pp_tcp_rcvbuf_grow(sk, tp->rcvq_space);
}

/* ---- In order ---- */

static void pp_tcp_data_in_order(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool fin = PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_FIN;
	bool data = skb->len;

	/* A FIN alone takes no room. */
	if (!pp_tcp_rcv_window(tp) && (data || !fin)) {
		/* A probe into a shut window: answered, not taken. */
		set_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
		set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
		pp_tcp_ext_inc(sk, ZEROWINDOWDROP);
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_ZEROWINDOW);
		return;
	}
	/* A reader who waits gets one whatever the others have. */
	if (skb_queue_empty(&sk->sk_receive_queue))
		pp_tcp_mem_force(sk, skb->truesize);
	if (!pp_tcp_try_rmem(sk, skb, skb->truesize)) {
		set_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
		set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
		if (data && !skb_queue_empty(&sk->sk_receive_queue)) {
			pp_tcp_ext_inc(sk, RCVQDROP);
			pp_tcp_drop(sk, skb, PKTPATH_DROP_SOCK_RCVBUF);
			/* Who reads makes room. */
			if (!sock_flag(sk, SOCK_DEAD))
				sk->sk_data_ready(sk);
			return;
		}
		pp_tcp_mem_force(sk, skb->truesize);
	}
	if (data)
		pp_tcp_event_data_recv(sk, skb);
	pp_tcp_queue_rcv(sk, skb);
	if (fin)
		pp_tcp_fin(sk);
	if (!RB_EMPTY_ROOT(&tp->ooo_queue)) {
		pp_tcp_ooo_drain(sk);
		/* RFC 5681 §4.2: a filled hole is acknowledged at once. */
		if (RB_EMPTY_ROOT(&tp->ooo_queue))
			set_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
	}
	if (tp->num_sacks)
		pp_tcp_sack_remove(tp);
	if (!sock_flag(sk, SOCK_DEAD))
		pp_tcp_data_ready(sk);
}

/**
 * pp_tcp_data_queue() - take in the payload of an acceptable segment
 * @sk: socket in a state that receives
 * @skb: at its TCP header; control block filled; taken
 *
 * Context: socket locked.
 */
void pp_tcp_data_queue(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (cb->seq == cb->end_seq) {
		kfree_skb(skb);
		return;
	}
	skb_dst_drop(skb);
	__skb_pull(skb, tcp_hdr(skb)->doff * 4);
	/* Its window is small now: it must not wait for us. */
	if (unlikely(cb->flags & PKTPATH_TCPF_CWR))
		set_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
	if (cb->seq == tp->rcv_nxt) {
		pp_tcp_data_in_order(sk, skb);
		return;
	}
	if (!pp_seq_after(cb->end_seq, tp->rcv_nxt)) {
		/* Nothing new: our ACK was lost. RFC 2883. */
		pp_tcp_ext_inc(sk, DELAYEDACKLOST);
		pp_tcp_dsack_set(sk, cb->seq, cb->end_seq);
		goto old;
	}
	if (!pp_seq_before(cb->seq, tp->rcv_nxt + pp_tcp_rcv_window(tp))) {
		pp_tcp_ext_inc(sk, BEYONDWINDOW);
		goto old;
	}
	if (pp_seq_before(cb->seq, tp->rcv_nxt)) {
		/* The reader skips what it has by copied_seq. */
		pp_tcp_dsack_set(sk, cb->seq, tp->rcv_nxt);
		pp_tcp_data_in_order(sk, skb);
		return;
	}
	pp_tcp_data_queue_ooo(sk, skb);
	return;
old:
	pp_tcp_enter_quickack(sk, 16);
	set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
	pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_OLD_DATA);
}

/**
 * pp_tcp_fin() - the peer has no more to send
 * @sk: socket; rcv_nxt is behind the FIN
 *
 * RFC 9293 §3.10.7.4 eighth step.
 * Context: socket locked.
 */
void pp_tcp_fin(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	/* Delayed: our own FIN may be about to carry it. */
	set_bit(PKTPATH_TF_ACK_SCHED, &tp->tflags);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		pp_tcp_set_state(sk, TCP_CLOSE_WAIT);
		/* The ACK may ride on our FIN. */
		tp->pingpong = 1;
		break;
	case TCP_FIN_WAIT1:
		/* Simultaneous close. */
		pp_tcp_send_ack(sk);
		pp_tcp_set_state(sk, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		pp_tcp_send_ack(sk);
		pp_tcp_time_wait(sk, TCP_TIME_WAIT, 0);
		break;
	default:
		set_bit(PKTPATH_TF_ACK_NOW, &tp->tflags);
		break;
	}
	pp_tcp_ooo_purge(sk);
	/* Nobody sends again after his FIN: duplicates need no report. */
	tp->has_dsack = 0;
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	if (sk->sk_shutdown == SHUTDOWN_MASK || sk->sk_state == TCP_CLOSE)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
}
