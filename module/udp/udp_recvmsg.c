// SPDX-License-Identifier: GPL-2.0
/*
 * From the receive queue to the user: one datagram, one copy.
 *
 * Path: udp_rmem.c => pp_udp_do_recvmsg() => sock/af_pktpath.c
 * Mirrors: net/ipv4/udp.c (udp_recvmsg, udp_poll, udp_ioctl)
 * Locks: the receive queue's, inside udp_rmem.c
 */
#include <linux/poll.h>
#include <linux/uio.h>
#include <net/ip.h>
#include "compat/compat.h"
#include "udp/udp_priv.h"

#define PKTPATH_UDP_CMSG_FLAGS						\
	(BIT(PKTPATH_SF_RECV_PKTINFO) | BIT(PKTPATH_SF_RECV_TTL) |	\
	 BIT(PKTPATH_SF_RECV_TOS) | BIT(PKTPATH_SF_RECV_ORIGDST) |	\
	 BIT(PKTPATH_SF_RECV_OPTS) | BIT(PKTPATH_SF_RETOPTS) |		\
	 BIT(PKTPATH_SF_RECV_FRAGSIZE))

static void pp_udp_recv_cmsgs(struct sock *sk, struct msghdr *msg,
			      struct sk_buff *skb)
{
	sock_recv_cmsgs(msg, sk, skb);
	if (unlikely(test_bit(PKTPATH_UDPF_GRO, &pp_udp_sk(sk)->uflags)) &&
	    skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) {
		int gso_size = skb_shinfo(skb)->gso_size;

		put_cmsg(msg, SOL_UDP, UDP_GRO, sizeof(gso_size), &gso_size);
	}
	if (unlikely(READ_ONCE(pp_sk(sk)->flags) & PKTPATH_UDP_CMSG_FLAGS))
		pp_ip_cmsg_recv(msg, sk, skb);
}

/*
 * Copies the payload. A checksum that nobody has looked at yet is made while
 * copying, or before it when only a part is copied or the datagram stays
 * queued. -EINVAL: the sum is wrong.
 */
static int pp_udp_copy(struct sk_buff *skb, int off, struct msghdr *msg,
		       unsigned int copied, bool whole)
{
	if (unlikely(!skb_csum_unnecessary(skb))) {
		if (whole)
			return skb_copy_and_csum_datagram_msg(skb, off, msg);
		if (__skb_checksum_complete(skb))
			return -EINVAL;
	}
	if (likely(!skb_is_nonlinear(skb)))
		return copy_to_iter(skb->data + off, copied, &msg->msg_iter) ==
		       copied ? 0 : -EFAULT;
	return skb_copy_datagram_msg(skb, off, msg, copied);
}

static void pp_udp_bad_csum(struct sock *sk, struct sk_buff *skb, int flags)
{
	if (pp_udp_drop_queued(sk, skb, flags)) {
		pp_udp_count_csum_error(sk);
		pp_skb_drop(pp_sk(sk)->pn, skb, PKTPATH_STAGE_SOCK_RECV,
			    PKTPATH_DROP_UDP_CSUM);
	} else {
		kfree_skb(skb);
	}
}

/* The user's buffer is bad: a datagram taken off the queue is lost. */
static void pp_udp_bad_copy(struct sock *sk, struct sk_buff *skb, bool peek)
{
	struct pp_net *pn = pp_sk(sk)->pn;

	if (peek) {
		kfree_skb(skb);
		return;
	}
	pp_compat_sk_drops_inc(sk);
	pp_mib_inc(pn, UDP_INERRORS);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_SOCK_RECV,
		    PKTPATH_DROP_NOT_SPECIFIED);
}

/* SO_PEEK_OFF: looking moves on, taking moves back. */
static void pp_udp_peek_off(struct sock *sk, bool peek, int len)
{
	if (unlikely(READ_ONCE(sk->sk_peek_off) >= 0))
		sk_peek_offset_bwd(sk, peek ? -len : len);
}

/**
 * pp_udp_do_recvmsg() - proto.recvmsg
 * @sk: the socket
 * @msg: where to; msg_namelen is set when there is a msg_name
 * @len: room, bytes
 * @flags: MSG_*
 *
 * A datagram with a wrong checksum is dropped and the next one awaited.
 * Mirrors: net/ipv4/udp.c:udp_recvmsg
 *
 * Context: process, may sleep.
 * Return: bytes copied (with MSG_TRUNC: of the datagram), or -errno.
 */
int pp_udp_do_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		      int flags)
{
	DECLARE_SOCKADDR(struct sockaddr_in *, sin, msg->msg_name);
	bool peek = flags & MSG_PEEK;
	unsigned int ulen, copied;
	struct sk_buff *skb;
	int off, err;

	if (unlikely(flags & MSG_ERRQUEUE))
		return pp_ip_recv_error(sk, msg, len);

	for (;;) {
		off = sk_peek_offset(sk, flags);
		skb = pp_udp_dequeue(sk, flags, &off, &err);
		if (!skb)
			return err;
		if (off < 0)
			off = 0;
		ulen = skb->len;
		copied = len;
		if (copied > ulen - off)
			copied = ulen - off;
		else if (copied < ulen)
			msg->msg_flags |= MSG_TRUNC;
		err = pp_udp_copy(skb, off, msg, copied,
				  copied == ulen && !peek);
		if (likely(err != -EINVAL))
			break;
		pp_udp_bad_csum(sk, skb, flags);
		cond_resched();
		msg->msg_flags &= ~MSG_TRUNC;
	}
	if (unlikely(err)) {
		pp_udp_bad_copy(sk, skb, peek);
		return err;
	}
	if (!peek)
		pp_mib_inc(pp_sk(sk)->pn, UDP_INDATAGRAMS);
	pp_udp_recv_cmsgs(sk, msg, skb);
	if (sin) {
		pp_ip_fill_sockaddr(sk, sin, ip_hdr(skb)->saddr,
				    udp_hdr(skb)->source);
		msg->msg_namelen = sizeof(*sin);
	}
	err = flags & MSG_TRUNC ? ulen : copied;
	pp_udp_peek_off(sk, peek, err);
	consume_skb(skb);
	return err;
}

/**
 * pp_udp_poll() - proto_ops.poll
 * @file: the socket's file
 * @sock: the socket
 * @wait: poll table
 *
 * For a blocking socket, EPOLLIN promises a datagram with a good checksum.
 *
 * Context: process.
 * Return: EPOLL* bits.
 */
__poll_t pp_udp_poll(struct file *file, struct socket *sock,
		     struct poll_table_struct *wait)
{
	__poll_t mask = datagram_poll(file, sock, wait);
	struct sock *sk = sock->sk;

	if ((mask & EPOLLRDNORM) && !(file->f_flags & O_NONBLOCK) &&
	    !(sk->sk_shutdown & RCV_SHUTDOWN) && pp_udp_first_len(sk) < 0)
		mask &= ~(EPOLLIN | EPOLLRDNORM);
	return mask;
}

/**
 * pp_udp_peek_len() - proto_ops.peek_len
 * @sock: the socket
 *
 * Context: process.
 * Return: bytes of the first datagram, 0 when there is none.
 */
int pp_udp_peek_len(struct socket *sock)
{
	return max(0, pp_udp_first_len(sock->sk));
}
