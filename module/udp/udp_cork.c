// SPDX-License-Identifier: GPL-2.0
/*
 * One datagram from several calls: MSG_MORE and UDP_CORK.
 *
 * The first part decides destination, options and route and makes the skb;
 * later parts are copied into page fragments behind it. The datagram leaves
 * when a part comes without MSG_MORE, or the cork is drawn. An error throws
 * away all of it, as on AF_INET.
 *
 * Path: pp_udp_sendmsg() => here => pp_udp_send_skb()
 * Mirrors: net/ipv4/ip_output.c (__ip_append_data), net/ipv4/udp.c
 *	    (udp_push_pending_frames)
 * Locks: socket lock
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "compat/compat.h"
#include "udp/udp_priv.h"

/**
 * pp_udp_cork_flush() - throw the unfinished datagram away
 * @sk: locked socket
 *
 * Context: process.
 */
void pp_udp_cork_flush(struct sock *sk)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);
	struct pp_udp_cork *cork = up->cork;

	if (!up->pending)
		return;
	WRITE_ONCE(up->pending, false);
	kfree_skb(cork->skb);
	cork->skb = NULL;
	if (cork->tx.dst)
		dst_release(&cork->tx.dst->rt.dst);
	cork->tx.dst = NULL;
}

/**
 * pp_udp_cork_push() - send the unfinished datagram
 * @sk: locked socket
 *
 * Context: process.
 * Return: 0 or -errno; also 0 when there is none.
 */
int pp_udp_cork_push(struct sock *sk)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);
	struct pp_udp_cork *cork = up->cork;
	struct pp_dst *dst;
	struct sk_buff *skb;
	int err;

	if (!up->pending)
		return 0;
	skb = cork->skb;
	dst = cork->tx.dst;
	cork->skb = NULL;
	cork->tx.dst = NULL;
	WRITE_ONCE(up->pending, false);
	if (skb->ip_summed == CHECKSUM_NONE)
		skb->csum = skb_checksum(skb, PKTPATH_UDP_HLEN,
					 skb->len - PKTPATH_UDP_HLEN, 0);
	skb_dst_set(skb, &dst->rt.dst);
	rcu_read_lock();
	err = pp_udp_send_skb(skb, sk, dst, &cork->tx);
	rcu_read_unlock();
	return err;
}

/**
 * pp_udp_splice_eof() - proto_ops.splice_eof: sendfile() has no more
 * @sock: socket
 *
 * It had announced more than came: that is the whole datagram, unless the
 * cork is the user's.
 *
 * Mirrors: net/ipv4/udp.c:udp_splice_eof
 *
 * Context: process, may sleep; takes the socket lock.
 */
void pp_udp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct pp_udp_sock *up = pp_udp_sk(sk);

	if (!READ_ONCE(up->pending) ||
	    test_bit(PKTPATH_UDPF_CORK, &up->uflags))
		return;
	lock_sock(sk);
	if (!test_bit(PKTPATH_UDPF_CORK, &up->uflags))
		pp_udp_cork_push(sk);
	release_sock(sk);
}

/* Copies into the socket's or task's page fragment; adds it to @skb. */
static int pp_udp_cork_page(struct sock *sk, struct sk_buff *skb,
			    struct iov_iter *from, unsigned int *len)
{
	struct page_frag *pfrag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags;
	unsigned int copy;
	void *to;

	if (!skb_page_frag_refill(32U, pfrag, sk->sk_allocation))
		return -ENOMEM;
	copy = min_t(unsigned int, *len, pfrag->size - pfrag->offset);
	to = page_address(pfrag->page) + pfrag->offset;
	if (!skb_can_coalesce(skb, i, pfrag->page, pfrag->offset) &&
	    i == MAX_SKB_FRAGS)
		return -EMSGSIZE;
	if (!copy_from_iter_full(to, copy, from))
		return -EFAULT;
	if (skb_can_coalesce(skb, i, pfrag->page, pfrag->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], copy);
	} else {
		get_page(pfrag->page);
		skb_fill_page_desc(skb, i, pfrag->page, pfrag->offset, copy);
	}
	pfrag->offset += copy;
	skb->len += copy;
	skb->data_len += copy;
	skb->truesize += copy;
	refcount_add(copy, &sk->sk_wmem_alloc);
	*len -= copy;
	return 0;
}

static int pp_udp_cork_append(struct sock *sk, struct msghdr *msg,
			      unsigned int len)
{
	struct pp_udp_cork *cork = pp_udp_sk(sk)->cork;
	struct sk_buff *skb = cork->skb;
	int err;

	if (msg->msg_flags & MSG_PROBE)
		return 0;
	if (!skb) {
		err = pp_udp_check_len(sk, &cork->tx, len);
		if (err)
			return err;
		cork->skb = pp_udp_make_skb(sk, &cork->tx, msg, len, &err);
		return cork->skb ? 0 : err;
	}
	err = pp_udp_check_len(sk, &cork->tx,
			       skb->len - PKTPATH_UDP_HLEN + len);
	if (!err && sk_wmem_alloc_get(sk) + len >
		    2 * (unsigned int)READ_ONCE(sk->sk_sndbuf))
		err = -ENOBUFS;
	while (!err && len)
		err = pp_udp_cork_page(sk, skb, &msg->msg_iter, &len);
	return err;
}

/* An error flushes; the last part sends. */
static int pp_udp_cork_part(struct sock *sk, struct msghdr *msg, size_t len,
			    bool more)
{
	int err = pp_udp_cork_append(sk, msg, len);

	if (err)
		pp_udp_cork_flush(sk);
	else if (!more)
		err = pp_udp_cork_push(sk);
	return err;
}

/**
 * pp_udp_cork_start() - first part of a datagram
 * @sk: the socket, not locked
 * @tx: destination and options; a route that it holds is taken from it
 * @msg: data
 * @len: bytes of @msg
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: 0 or -errno: -EINVAL when another thread has begun a datagram.
 */
int pp_udp_cork_start(struct sock *sk, struct pp_udp_tx *tx,
		      struct msghdr *msg, size_t len)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);
	struct pp_dst *dst;
	int err;

	lock_sock(sk);
	err = -EINVAL;
	if (up->pending)
		goto release;
	if (!up->cork) {
		up->cork = kzalloc(sizeof(*up->cork), GFP_KERNEL_ACCOUNT);
		err = -ENOBUFS;
		if (!up->cork)
			goto release;
	}
	if (!tx->dst) {
		rcu_read_lock();
		dst = pp_ip_sk_route_rcu(sk);
		if (!IS_ERR(dst) && !dst_hold_safe(&dst->rt.dst))
			dst = ERR_PTR(-EHOSTUNREACH);
		rcu_read_unlock();
		err = PTR_ERR(dst);
		if (IS_ERR(dst))
			goto release;
		tx->dst = dst;
	}
	up->cork->tx = *tx;
	tx->dst = NULL;
	WRITE_ONCE(up->pending, true);
	err = pp_udp_cork_part(sk, msg, len, true);
release:
	release_sock(sk);
	return err;
}

/**
 * pp_udp_cork_more() - a further part of a datagram
 * @sk: the socket, not locked
 * @msg: data; its address and control messages do not count
 * @len: bytes of @msg
 * @more: it is not the last part
 *
 * Context: process, may sleep; takes the socket lock.
 * Return: 0, -errno, or 1 when there is no unfinished datagram any more.
 */
int pp_udp_cork_more(struct sock *sk, struct msghdr *msg, size_t len,
		     bool more)
{
	int err = 1;

	lock_sock(sk);
	if (pp_udp_sk(sk)->pending)
		err = pp_udp_cork_part(sk, msg, len, more);
	release_sock(sk);
	return err;
}
