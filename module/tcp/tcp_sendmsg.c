// SPDX-License-Identifier: GPL-2.0
/*
 * From the user to the write queue: one copy, into page fragments.
 *
 * Path: sock/af_pktpath.c => pp_tcp_sendmsg()=>pp_tcp_push() => tcp_output.c
 * Mirrors: net/ipv4/tcp.c (tcp_sendmsg_locked, tcp_push)
 * Locks: takes the socket lock
 */
#include <linux/skbuff.h>
#include <linux/uio.h>
#include "compat/compat.h"
#include "core/fault.h"
#include "core/trace.h"
#include "tcp/tcp_priv.h"

/* What one call is doing. */
struct pp_tcp_send {
	struct sock *sk;
	struct msghdr *msg;
	unsigned int mss;
	unsigned int goal;	/* bytes of an skb, a multiple of mss */
	int copied;
	int flags;
	long timeo;
	struct ubuf_info *uarg;	/* MSG_ZEROCOPY: completion */
	bool zc;		/* pages of the user, no copy */
	bool splice;		/* pages of a file or pipe, no copy */
	struct sockcm_cookie sockc;
};

static void pp_tcp_send_mss(struct pp_tcp_send *s)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(s->sk);

	s->mss = pp_tcp_current_mss(s->sk);
	s->goal = s->mss * (tp->gso_segs ? : 1);
	/* Half of what the window ever was, so that two can be out. */
	if (tp->max_window > 2 * s->mss)
		s->goal = min_t(u32, s->goal,
				rounddown(tp->max_window >> 1, s->mss));
	s->goal = max(s->goal, s->mss);
}

static void pp_tcp_mark_push(struct pp_tcp_sock *tp, struct sk_buff *skb)
{
	PKTPATH_TCP_CB(skb)->flags |= PKTPATH_TCPF_PSH;
	tp->pushed_seq = tp->write_seq;
}

/* Much has been queued since the last push (RFC 9293 §3.9.1.2 PSH). */
static bool pp_tcp_forced_push(const struct pp_tcp_sock *tp)
{
	return pp_seq_after(tp->write_seq,
			    tp->pushed_seq + (tp->max_window >> 1));
}

/**
 * pp_tcp_push() - send what was queued
 * @sk: socket
 * @flags: MSG_*
 * @mss: of this call
 * @nonagle: a small last segment goes too, whatever the socket says
 *
 * Context: process, socket locked.
 */
void pp_tcp_push(struct sock *sk, int flags, unsigned int mss, bool nonagle)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool cork, push = false;

	if (!skb)
		return;
	if (!(flags & MSG_MORE) || pp_tcp_forced_push(tp))
		pp_tcp_mark_push(tp, skb);
	if (flags & MSG_OOB) {
		tp->snd_up = tp->write_seq;
		set_bit(PKTPATH_TF_URG_OUT, &tp->tflags);
	}
	/* MSG_MORE is a cork for this call, and nothing is stronger. */
	cork = (flags & MSG_MORE) && !pp_tf(tp, PKTPATH_TF_CORK);
	if (cork)
		set_bit(PKTPATH_TF_CORK, &tp->tflags);
	if (flags & MSG_MORE)
		push = test_and_clear_bit(PKTPATH_TF_PUSH, &tp->tflags);
	if (pp_tcp_write_xmit(sk, mss, nonagle && !(flags & MSG_MORE),
			      false) &&
	    tp->timer_what == PKTPATH_TT_NONE)
		pp_tcp_timer_arm(sk, PKTPATH_TT_PROBE, pp_tcp_rto_jiffies(sk));
	if (cork)
		clear_bit(PKTPATH_TF_CORK, &tp->tflags);
	if (push)
		set_bit(PKTPATH_TF_PUSH, &tp->tflags);
}

/* A new skb at the end of the queue; NULL: wait for memory. */
static struct sk_buff *pp_tcp_send_new(struct pp_tcp_send *s)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(s->sk);
	struct pp_tcp_skb_cb *cb;
	struct sk_buff *skb;

	if (!sk_stream_memory_free(s->sk) ||
	    pp_fault_nomem_sk(s->sk, PKTPATH_STAGE_TP_SEND))
		return NULL;
	skb = pp_tcp_skb_alloc(s->sk, 0, s->sk->sk_allocation, false);
	if (!skb)
		return NULL;
	cb = PKTPATH_TCP_CB(skb);
	cb->seq = tp->write_seq;
	cb->end_seq = tp->write_seq;
	cb->flags = PKTPATH_TCPF_ACK;
	__skb_queue_tail(&s->sk->sk_write_queue, skb);
	pp_tcp_chrono_start(tp, PKTPATH_CHRONO_BUSY);
	/* What was to go in spite of the cork ends here. */
	if (unlikely(pp_tf(tp, PKTPATH_TF_PUSH)))
		clear_bit(PKTPATH_TF_PUSH, &tp->tflags);
	sk_wmem_queued_add(s->sk, skb->truesize);
	sk_mem_charge(s->sk, skb->truesize);
	return skb;
}

/* MSG_ZEROCOPY: the user's pages themselves. As pp_tcp_send_copy(). */
static int pp_tcp_send_pages(struct pp_tcp_send *s, struct sk_buff *skb,
			     size_t want)
{
	int n;

	if (!sk_wmem_schedule(s->sk, want))
		return -ENOMEM;
	n = pp_compat_zerocopy_iter_stream(s->sk, skb, s->msg, want, s->uarg);
	/* Full, or it belongs to another completion. */
	return n == -EMSGSIZE || n == -EEXIST ? 0 : n;
}

/* MSG_SPLICE_PAGES: pages of a file or pipe. As pp_tcp_send_copy(). */
static int pp_tcp_send_splice(struct pp_tcp_send *s, struct sk_buff *skb,
			      size_t want)
{
	ssize_t n;

	if (!sk_wmem_schedule(s->sk, want))
		return -ENOMEM;
	n = pp_compat_splice_from_iter(skb, &s->msg->msg_iter, want,
				       s->sk->sk_allocation);
	if (n < 0)
		return n == -EMSGSIZE ? 0 : n;
	/* A file's page may be written meanwhile: nobody works in place. */
	if (!(s->flags & MSG_NO_SHARED_FRAGS))
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(s->sk, n);
	sk_mem_charge(s->sk, n);
	return n;
}

/* Copies up to @want bytes behind @skb. > 0 bytes; 0: no room in it; -ENOMEM:
 * wait; -EFAULT.
 */
static int pp_tcp_send_copy(struct pp_tcp_send *s, struct sk_buff *skb,
			    size_t want)
{
	struct page_frag *pf = sk_page_frag(s->sk);
	int i = skb_shinfo(skb)->nr_frags, err;
	bool merge;

	if (s->zc)
		return pp_tcp_send_pages(s, skb, want);
	if (s->splice)
		return pp_tcp_send_splice(s, skb, want);
	skb_zcopy_downgrade_managed(skb);
	if (!sk_page_frag_refill(s->sk, pf))
		return -ENOMEM;
	merge = skb_can_coalesce(skb, i, pf->page, pf->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return 0;
	want = min_t(size_t, want, pf->size - pf->offset);
	if (!sk_wmem_schedule(s->sk, want))
		return -ENOMEM;
	err = skb_copy_to_page_nocache(s->sk, &s->msg->msg_iter, skb,
				       pf->page, pf->offset, want);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], want);
	} else {
		skb_fill_page_desc(skb, i, pf->page, pf->offset, want);
		get_page(pf->page);
	}
	pf->offset += want;
	return want;
}

/* An skb that got nothing must not stay: it has no place in the sequence. */
static void pp_tcp_send_trim(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb && PKTPATH_TCP_CB(skb)->seq == PKTPATH_TCP_CB(skb)->end_seq) {
		__skb_unlink(skb, &sk->sk_write_queue);
		pp_tcp_skb_free(sk, skb);
	}
}

static int pp_tcp_send_wait(struct pp_tcp_send *s)
{
	int err;

	set_bit(SOCK_NOSPACE, &s->sk->sk_socket->flags);
	pp_tcp_send_trim(s->sk);
	if (s->copied)
		pp_tcp_push(s->sk, s->flags & ~MSG_MORE, s->mss, true);
	err = sk_stream_wait_memory(s->sk, &s->timeo);
	if (!err)
		pp_tcp_send_mss(s);
	return err;
}

/* Sends on the way when a lot is queued. */
static void pp_tcp_send_full(struct pp_tcp_send *s, struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(s->sk);

	if (pp_tcp_forced_push(tp)) {
		pp_tcp_mark_push(tp, skb);
		pp_tcp_write_xmit(s->sk, s->mss, true, false);
	} else if (skb == skb_peek(&s->sk->sk_write_queue)) {
		pp_tcp_write_xmit(s->sk, s->mss, false, false);
	}
}

static int pp_tcp_send_loop(struct pp_tcp_send *s)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(s->sk);
	struct sk_buff *skb;
	size_t left;
	int n;

	while ((left = msg_data_left(s->msg))) {
		skb = skb_peek_tail(&s->sk->sk_write_queue);
		if (s->sk->sk_err || (s->sk->sk_shutdown & SEND_SHUTDOWN))
			return -EPIPE;
		n = 0;
		if (skb && !PKTPATH_TCP_CB(skb)->eor && skb->len < s->goal)
			n = pp_tcp_send_copy(s, skb,
					     min_t(size_t, left,
						   s->goal - skb->len));
		if (!n) {
			skb = pp_tcp_send_new(s);
			n = -ENOMEM;
			if (skb)
				n = pp_tcp_send_copy(s, skb,
						     min_t(size_t, left,
							   s->goal)) ? :
				    -EMSGSIZE;
		}
		if (n == -ENOMEM) {
			n = pp_tcp_send_wait(s);
			if (n)
				return n;
			continue;
		}
		if (n < 0)
			return n;
		if (!s->copied)
			PKTPATH_TCP_CB(skb)->flags &= ~PKTPATH_TCPF_PSH;
		WRITE_ONCE(tp->write_seq, tp->write_seq + n);
		PKTPATH_TCP_CB(skb)->end_seq += n;
		PKTPATH_TCP_CB(skb)->segs = 0;
		s->copied += n;
		if (!msg_data_left(s->msg)) {
			if (s->flags & MSG_EOR)
				PKTPATH_TCP_CB(skb)->eor = 1;
			break;
		}
		if (skb->len >= s->goal && !(s->flags & MSG_OOB))
			pp_tcp_send_full(s, skb);
	}
	return 0;
}

/* Whether and how the user's pages are sent as they are. */
static int pp_tcp_send_zerocopy(struct pp_tcp_send *s, size_t size)
{
	struct sk_buff *skb = skb_peek_tail(&s->sk->sk_write_queue);
	bool sg = s->sk->sk_route_caps & NETIF_F_SG;

	if (s->msg->msg_ubuf) {
		/* Held by who gave it. */
		s->uarg = s->msg->msg_ubuf;
		s->zc = sg;
		return 0;
	}
	if (!sock_flag(s->sk, SOCK_ZEROCOPY))
		return 0;
	s->uarg = pp_compat_zerocopy_realloc(s->sk, size,
					     skb ? skb_zcopy(skb) : NULL);
	if (!s->uarg)
		return -ENOBUFS;
	s->zc = sg;
	if (!sg)
		uarg_to_msgzc(s->uarg)->zerocopy = 0;
	return 0;
}

static void pp_tcp_send_zerocopy_end(struct pp_tcp_send *s)
{
	if (!s->uarg || s->msg->msg_ubuf)
		return;
	if (s->copied)
		net_zcopy_put(s->uarg);
	else
		net_zcopy_put_abort(s->uarg, true);
}

/* The last byte of this call is stamped on its way (SO_TIMESTAMPING). */
static void pp_tcp_send_tstamp(struct pp_tcp_send *s)
{
	u32 flags = s->sockc.tsflags;
	struct pp_tcp_sock *tp = pp_tcp_sk(s->sk);
	struct skb_shared_info *si;
	struct sk_buff *skb;

	if (likely(!flags))
		return;
	skb = skb_peek_tail(&s->sk->sk_write_queue);
	if (!skb)
		skb = skb_rb_last(&tp->pp.sk.tcp_rtx_queue);
	if (!skb || !skb->len)
		return;
	si = skb_shinfo(skb);
	pp_compat_sock_tx_flags(s->sk, &s->sockc, &si->tx_flags);
	if (flags & SOF_TIMESTAMPING_TX_ACK)
		PKTPATH_TCP_CB(skb)->tstamp_ack = 1;
	if (flags & SOF_TIMESTAMPING_TX_RECORD_MASK)
		si->tskey = PKTPATH_TCP_CB(skb)->seq + skb->len - 1;
}

/* Timestamps asked for, by option or by control message. */
static int pp_tcp_send_cmsg(struct pp_tcp_send *s)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(s->sk);
	int err = 0;

	s->sockc.tsflags = READ_ONCE(s->sk->sk_tsflags);
	if (unlikely(s->msg->msg_controllen))
		err = sock_cmsg_send(s->sk, s->msg, &s->sockc);
	if (likely(!s->sockc.tsflags))
		return err;
	/* Keys count bytes from here on, as SOF_TIMESTAMPING_OPT_ID says. */
	if (!(s->sockc.tsflags & SOF_TIMESTAMPING_OPT_ID)) {
		clear_bit(PKTPATH_TF_TSKEY, &tp->tflags);
	} else if (!pp_tf(tp, PKTPATH_TF_TSKEY)) {
		WRITE_ONCE(tp->pp.tskey_base, tp->write_seq);
		set_bit(PKTPATH_TF_TSKEY, &tp->tflags);
	}
	return err;
}

/**
 * pp_tcp_send_syn_data() - payload for a SYN (RFC 7413)
 * @sk: socket
 * @fo: where it comes from; copied is set
 * @space: most bytes
 *
 * Context: process, socket locked.
 * Return: charged skb on no queue; NULL: no memory, or the user's is bad.
 */
struct sk_buff *pp_tcp_send_syn_data(struct sock *sk,
				     struct pp_tcp_fo_data *fo,
				     unsigned int space)
{
	struct pp_tcp_send s = { .sk = sk, .msg = fo->msg };
	u32 want = min_t(size_t, space, fo->size);
	struct sk_buff *skb;
	int n = 1;

	skb = pp_tcp_skb_alloc(sk, 0, sk->sk_allocation, false);
	if (!skb)
		return NULL;
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	while (n > 0 && skb->len < want)
		n = pp_tcp_send_copy(&s, skb, want - skb->len);
	if (want && !skb->len) {
		pp_tcp_skb_free(sk, skb);
		return NULL;
	}
	if (fo->uarg && skb->len)
		skb_zcopy_set(skb, fo->uarg, NULL);
	fo->copied = skb->len;
	return skb;
}

/* What is measured next says how fast the program writes, not the path: all it
 * wrote has left, and more could have.
 */
static void pp_tcp_rate_idle(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 in_flight = pp_tcp_in_flight(tp);

	if (in_flight < tp->c.cwnd &&
	    tp->write_seq - tp->snd_nxt < tp->mss_cache &&
	    tp->lost_out <= tp->retrans_out &&
	    sk_wmem_alloc_get(sk) < (int)SKB_TRUESIZE(1))
		tp->rate.app_limited = tp->rate.delivered + in_flight ? : 1;
}

static int pp_tcp_sendmsg_locked(struct sock *sk, struct msghdr *msg,
				 size_t size)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_send s = {
		.sk = sk, .msg = msg, .flags = msg->msg_flags,
	};
	int err;

	if (s.flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	pp_tcp_rate_idle(sk);
	s.timeo = sock_sndtimeo(sk, s.flags & MSG_DONTWAIT);
	if ((1 << sk->sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) &&
	    !(sk->sk_state == TCP_SYN_RECV && pp_tcp_fo(tp))) {
		err = sk_stream_wait_connect(sk, &s.timeo);
		if (err)
			return sk_stream_error(sk, s.flags, err);
	}
	err = pp_tcp_send_cmsg(&s);
	if (!err && unlikely(s.flags & MSG_ZEROCOPY) && size)
		err = pp_tcp_send_zerocopy(&s, size);
	else if (s.flags & PKTPATH_SPLICE_FLAG)
		s.splice = sk->sk_route_caps & NETIF_F_SG;
	if (err)
		return err;
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	pp_tcp_send_mss(&s);
	err = sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN) ? -EPIPE :
	      pp_tcp_send_loop(&s);
	pp_tcp_send_trim(sk);
	pp_tcp_send_zerocopy_end(&s);
	if (s.copied) {
		pp_tcp_send_tstamp(&s);
		/* Data that answers data: acknowledgments may ride on it. No
		 * data has come yet if there is no rhythm.
		 */
		if (pp_jiffies32() - tp->last_data_rcv_jiffies <
		    tp->ato_jiffies)
			tp->pingpong = 1;
		pp_tcp_push(sk, s.flags, s.mss, false);
		return s.copied;
	}
	if (!err)
		return 0;
	err = sk_stream_error(sk, s.flags, err);
	if (skb_queue_empty(&sk->sk_write_queue) && err == -EAGAIN)
		pp_tcp_stream_memfree(sk);
	return err;
}

/**
 * pp_tcp_sendmsg() - send() and its kin
 * @sk: socket
 * @msg: message
 * @size: its length
 *
 * RFC 9293 §3.10.2.
 * Context: process, sleeps.
 * Return: bytes taken, or -errno as AF_INET.
 */
int pp_tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	int ret;

	pp_at_tp_send(NULL, sk, size);
	lock_sock(sk);
	ret = pp_tcp_sendmsg_locked(sk, msg, size);
	release_sock(sk);
	return ret;
}

/**
 * pp_tcp_splice_eof() - proto_ops.splice_eof: sendfile() has no more
 * @sock: socket
 *
 * What was held back by MSG_MORE goes.
 * Context: process, sleeps.
 */
void pp_tcp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (skb_queue_empty_lockless(&sk->sk_write_queue))
		return;
	lock_sock(sk);
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		pp_tcp_push(sk, 0, pp_tcp_current_mss(sk), false);
	release_sock(sk);
}
