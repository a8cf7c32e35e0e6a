// SPDX-License-Identifier: GPL-2.0
/*
 * From the receive queue to the user: one copy, then the window opens.
 *
 * Path: tcp_data.c => pp_tcp_recvmsg() <= sock/af_pktpath.c
 * Mirrors: net/ipv4/tcp.c (tcp_recvmsg_locked, tcp_cleanup_rbuf)
 * Locks: takes the socket lock
 */
#include <linux/skbuff.h>
#include <linux/splice.h>
#include <linux/tcp.h>
#include <net/busy_poll.h>
#include "tcp/tcp_priv.h"

/* What one call is doing. */
struct pp_tcp_recv {
	struct sock *sk;
	struct msghdr *msg;
	size_t len;
	int flags;
	int copied;
	int target;
	long timeo;
	u32 *seq;		/* copied_seq, or a copy of it for MSG_PEEK */
	u32 peek_seq;
	u32 peek_off;		/* SO_PEEK_OFF at the start */
	bool urg_hole;
	struct sk_buff *stamped; /* last one with a time, for the user */
	struct pipe_inode_info *pipe;	/* splice(): to here, not to @msg */
	unsigned int pipe_flags;	/* SPLICE_F_* */
};

/**
 * pp_tcp_inq() - bytes that can be read without waiting
 * @sk: socket
 *
 * Context: socket locked, or a glance without.
 * Return: bytes; the FIN does not count.
 */
int pp_tcp_inq(struct sock *sk)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int n;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	n = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);
	/* A mark that is read, or that has not come yet, bounds nothing. */
	if (sock_flag(sk, SOCK_URGINLINE) || !tp->rcv_urg_state ||
	    pp_seq_before(tp->rcv_up, tp->copied_seq) ||
	    !pp_seq_before(tp->rcv_up, tp->rcv_nxt)) {
		if (n && sock_flag(sk, SOCK_DONE))
			n--;
		return n;
	}
	return tp->rcv_up - tp->copied_seq;
}

/**
 * pp_tcp_cleanup_rbuf() - the user has read: is a window update due?
 * @sk: socket
 * @copied: bytes read
 *
 * RFC 9293 §3.8.6.2.2: only when the window grows by a useful step.
 * Context: process, socket locked.
 */
void pp_tcp_cleanup_rbuf(struct sock *sk, int copied)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 now, next;

	if (pp_tf(tp, PKTPATH_TF_ACK_SCHED) &&
	    (tp->rcv_nxt - tp->rcv_wup > tp->rcv_mss ||
	     (copied > 0 && !tp->pingpong && !atomic_read(&sk->sk_rmem_alloc) &&
	      tp->quickack))) {
		pp_tcp_send_ack(sk);
		return;
	}
	if (copied <= 0 || (sk->sk_shutdown & RCV_SHUTDOWN))
		return;
	now = pp_tcp_rcv_window(tp);
	if (2 * now > tp->window_clamp)
		return;
	next = pp_tcp_space_to_window(sk);
	if (next && next >= 2 * now)
		pp_tcp_send_ack(sk);
}

/* Nothing queued: may we sleep? 1: go on, 0: return, <0: errno. */
static int pp_tcp_recv_idle(struct pp_tcp_recv *r)
{
	struct sock *sk = r->sk;

	if (r->copied) {
		if (!r->timeo || sk->sk_err || sk->sk_state == TCP_CLOSE ||
		    (sk->sk_shutdown & RCV_SHUTDOWN) ||
		    signal_pending(current))
			return 0;
		return 1;
	}
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!r->timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(r->timeo);
	return 1;
}

/* The skb with the byte *seq, and the byte's place in it. */
static struct sk_buff *pp_tcp_recv_find(struct pp_tcp_recv *r, u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&r->sk->sk_receive_queue, skb) {
		struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

		if (pp_seq_before(*r->seq, cb->seq))
			return NULL;
		*offset = *r->seq - cb->seq;
		if (*offset < skb->len || (cb->flags & PKTPATH_TCPF_FIN))
			return skb;
	}
	return NULL;
}

/* RFC 9293 §3.8.5: reading stops at the urgent byte, which is left out unless
 * it is inline. Returns the bytes to copy; *skip: it is the urgent one, which
 * no pipe gets.
 */
static u32 pp_tcp_recv_urg(struct pp_tcp_recv *r, u32 used, bool *skip)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(r->sk);
	u32 before;

	*skip = false;
	if (likely(!tp->rcv_urg_state))
		return used;
	before = tp->rcv_up - *r->seq;
	if (before >= used)
		return used;
	if (before)
		return before;
	if (sock_flag(r->sk, SOCK_URGINLINE) && !r->pipe)
		return used;
	*skip = true;
	return 0;
}

static void pp_tcp_recv_eat(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_receive_queue);
	consume_skb(skb);
}

/* The time of the last segment read goes to the user (SO_TIMESTAMP). */
static void pp_tcp_recv_note_time(struct pp_tcp_recv *r, struct sk_buff *skb)
{
	const struct sock *sk = r->sk;

	if (!sock_flag(sk, SOCK_RCVTSTAMP) && !READ_ONCE(sk->sk_tsflags))
		return;
	consume_skb(r->stamped);
	r->stamped = skb_get(skb);
}

/* Takes what it can from @skb. 1: go on, 0: the call is done, <0: errno. */
static int pp_tcp_recv_skb(struct pp_tcp_recv *r, struct sk_buff *skb,
			   u32 offset)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(r->sk);
	u32 used = 0;
	bool skip;
	int ret;

	if (offset < skb->len) {
		used = min_t(size_t, skb->len - offset, r->len);
		used = pp_tcp_recv_urg(r, used, &skip);
		/* It stays there for recv(): waiting would bring no more. */
		if (unlikely(skip && r->pipe))
			return r->timeo ? 0 : -EAGAIN;
		if (skip) {
			WRITE_ONCE(*r->seq, *r->seq + 1);
			r->urg_hole = true;
			offset++;
		} else if (r->pipe) {
			ret = skb_splice_bits(skb, r->sk, offset, r->pipe,
					      used, r->pipe_flags);
			if (ret <= 0)
				return r->copied ? 0 : ret ? : -EAGAIN;
			used = ret;
		} else if (!(r->flags & MSG_TRUNC)) {
			if (skb_copy_datagram_msg(skb, offset, r->msg, used))
				return r->copied ? 0 : -EFAULT;
		}
	}
	if (used && unlikely(cb->has_rxtstamp))
		pp_tcp_recv_note_time(r, skb);
	WRITE_ONCE(*r->seq, *r->seq + used);
	r->copied += used;
	r->len -= used;
	if (r->flags & MSG_PEEK)
		sk_peek_offset_fwd(r->sk, used);
	else
		sk_peek_offset_bwd(r->sk, used);
	pp_tcp_rcv_space_adjust(r->sk);
	if (tp->rcv_urg_state && pp_seq_after(tp->copied_seq, tp->rcv_up) &&
	    !(r->flags & MSG_PEEK))
		tp->rcv_urg_state = 0;
	if (used + offset < skb->len)
		return 1;
	if (cb->flags & PKTPATH_TCPF_FIN) {
		WRITE_ONCE(*r->seq, *r->seq + 1);
		if (!(r->flags & MSG_PEEK))
			pp_tcp_recv_eat(r->sk, skb);
		return 0;
	}
	if (!(r->flags & MSG_PEEK))
		pp_tcp_recv_eat(r->sk, skb);
	return 1;
}

static int pp_tcp_recv_loop(struct pp_tcp_recv *r)
{
	struct sock *sk = r->sk;
	struct sk_buff *skb;
	u32 offset;
	int ret;

	do {
		struct pp_tcp_sock *tp = pp_tcp_sk(sk);

		/* At the mark: what was read so far is one piece. */
		if (tp->rcv_urg_state && tp->rcv_up == *r->seq && r->copied)
			break;
		skb = pp_tcp_recv_find(r, &offset);
		if (skb) {
			ret = pp_tcp_recv_skb(r, skb, offset);
			if (ret <= 0)
				return ret;
			continue;
		}
		if (r->copied >= r->target && !READ_ONCE(sk->sk_backlog.tail))
			break;
		ret = pp_tcp_recv_idle(r);
		if (ret <= 0)
			return ret;
		if (r->copied >= r->target) {
			/* Work off the backlog, there may be more. */
			release_sock(sk);
			lock_sock(sk);
		} else {
			pp_tcp_cleanup_rbuf(sk, r->copied);
			ret = sk_wait_data(sk, &r->timeo,
					   skb_peek_tail(&sk->sk_receive_queue));
			/* The connection was given up meanwhile. */
			if (ret < 0)
				return ret;
		}
		if ((r->flags & MSG_PEEK) &&
		    r->peek_seq - r->peek_off - r->copied - r->urg_hole !=
		    tp->copied_seq)
			r->peek_seq = tp->copied_seq + r->peek_off;
	} while (r->len > 0);
	return 0;
}

/* MSG_OOB (RFC 9293 §3.8.5, the one byte of RFC 1122). */
static int pp_tcp_recv_oob(struct sock *sk, struct msghdr *msg, size_t len,
			   int flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (sock_flag(sk, SOCK_URGINLINE) || !tp->rcv_urg_state ||
	    tp->rcv_urg_state == PKTPATH_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tp->rcv_urg_state == PKTPATH_URG_VALID) {
		char c = tp->urg_byte;

		/* Deviates: the kernel loses the byte to a bad address. */
		if (len && !(flags & MSG_TRUNC) && memcpy_to_msg(msg, &c, 1))
			return -EFAULT;
		if (!(flags & MSG_PEEK))
			tp->rcv_urg_state = PKTPATH_URG_READ;
		msg->msg_flags |= MSG_OOB;
		if (!len)
			msg->msg_flags |= MSG_TRUNC;
		return len ? 1 : 0;
	}
	if (sk->sk_state == TCP_CLOSE || (sk->sk_shutdown & RCV_SHUTDOWN))
		return 0;
	return -EAGAIN;
}

static int pp_tcp_recvmsg_locked(struct sock *sk, struct msghdr *msg,
				 size_t len, int flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_recv r = {
		.sk = sk, .msg = msg, .len = len, .flags = flags,
		.seq = &tp->copied_seq,
	};
	int ret;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	r.timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	if (flags & MSG_OOB)
		return pp_tcp_recv_oob(sk, msg, len, flags);
	if (flags & MSG_PEEK) {
		r.peek_off = max(sk_peek_offset(sk, flags), 0);
		r.peek_seq = tp->copied_seq + r.peek_off;
		r.seq = &r.peek_seq;
	}
	r.target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	ret = pp_tcp_recv_loop(&r);
	if (unlikely(r.stamped)) {
		sock_recv_timestamp(msg, sk, r.stamped);
		consume_skb(r.stamped);
	}
	if (!(flags & MSG_PEEK))
		pp_tcp_cleanup_rbuf(sk, r.copied);
	return r.copied ? : ret;
}

/**
 * pp_tcp_recvmsg() - recv() and its kin
 * @sk: socket
 * @msg: message
 * @len: room
 * @flags: MSG_*
 *
 * RFC 9293 §3.10.3.
 * Context: process, sleeps.
 * Return: bytes, 0 at the end, or -errno as AF_INET.
 */
int pp_tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int ret, inq = -1;

	msg->msg_namelen = 0;
	if (unlikely(flags & MSG_ERRQUEUE))
		return pp_ip_recv_error(sk, msg, len);
	if (sk_can_busy_loop(sk) && sk->sk_state == TCP_ESTABLISHED &&
	    skb_queue_empty_lockless(&sk->sk_receive_queue))
		sk_busy_loop(sk, flags & MSG_DONTWAIT);
	lock_sock(sk);
	ret = pp_tcp_recvmsg_locked(sk, msg, len, flags);
	if ((pp_tf(tp, PKTPATH_TF_INQ) || msg->msg_get_inq) && ret >= 0)
		inq = pp_tcp_inq(sk) + sock_flag(sk, SOCK_DONE);
	release_sock(sk);
	if (inq < 0)
		return ret;
	/* for who asks inside the kernel: io_uring */
	if (msg->msg_get_inq)
		msg->msg_inq = inq;
	if (pp_tf(tp, PKTPATH_TF_INQ))
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
	return ret;
}

/**
 * pp_tcp_splice_read() - proto_ops.splice_read: data into a pipe, uncopied
 * @sock: socket
 * @ppos: not used by streams
 * @pipe: where to
 * @len: at most
 * @flags: SPLICE_F_*
 *
 * Mirrors: net/ipv4/tcp.c (tcp_splice_read)
 * Context: process, sleeps.
 * Return: bytes, 0 at the end, or -errno.
 */
ssize_t pp_tcp_splice_read(struct socket *sock, loff_t *ppos,
			   struct pipe_inode_info *pipe, size_t len,
			   unsigned int flags)
{
	struct sock *sk = sock->sk;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_recv r = {
		.sk = sk, .len = len, .pipe = pipe, .pipe_flags = flags,
		.seq = &tp->copied_seq, .target = 1,
	};
	int ret = -ENOTCONN;

	if (*ppos)
		return -ESPIPE;
	sock_rps_record_flow(sk);
	lock_sock(sk);
	if (sk->sk_state != TCP_LISTEN) {
		r.timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK ||
					flags & SPLICE_F_NONBLOCK);
		ret = pp_tcp_recv_loop(&r);
		consume_skb(r.stamped);
		pp_tcp_cleanup_rbuf(sk, r.copied);
	}
	release_sock(sk);
	return r.copied ? : ret;
}
