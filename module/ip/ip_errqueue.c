// SPDX-License-Identifier: GPL-2.0
/*
 * The error queue of a socket: ICMP errors, local errors and transmit
 * timestamps, read by recvmsg(MSG_ERRQUEUE).
 *
 * Path: icmp.c => udp/udp_input.c => here => user
 * Mirrors: net/ipv4/ip_sockglue.c (ip_icmp_error, ip_local_error,
 *	    ip_recv_error)
 * Locks: sk_error_queue.lock, inside sock_queue_err_skb()
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <net/ip.h>
#include <net/sock.h>
#include "ip/ip_priv.h"

#define PKTPATH_RFC4884_HDR	4
#define PKTPATH_RFC4884_OBJ	4
#define PKTPATH_RFC4884_MIN	128

/* RFC 4884 §8: the objects behind the quoted datagram are well formed. */
static bool pp_ip_rfc4884_valid(const struct sk_buff *skb, unsigned int off)
{
	struct icmp_extobj_hdr obj_buf, *obj;
	struct icmp_ext_hdr ext_buf, *ext;
	unsigned int len;

	BUILD_BUG_ON(sizeof(ext_buf) != PKTPATH_RFC4884_HDR);
	BUILD_BUG_ON(sizeof(obj_buf) != PKTPATH_RFC4884_OBJ);
	ext = skb_header_pointer(skb, off, sizeof(ext_buf), &ext_buf);
	if (!ext)
		return false;
	if (ext->version != 2)
		return true;	/* not ours to judge */
	if (ext->checksum &&
	    csum_fold(skb_checksum(skb, off, skb->len - off, 0)))
		return false;
	for (off += sizeof(*ext); off < skb->len; off += len) {
		obj = skb_header_pointer(skb, off, sizeof(obj_buf), &obj_buf);
		if (!obj)
			return false;
		len = ntohs(obj->length);
		if (len < sizeof(*obj) || len > skb->len - off)
			return false;
	}
	return true;
}

/*
 * Where the extension begins, as bytes from the payload that the user sees.
 * @skb is at that payload; @thlen bytes of inner headers stand before it.
 */
static void pp_ip_rfc4884(const struct sk_buff *skb, unsigned int thlen,
			  struct sock_ee_data_rfc4884 *out)
{
	const struct icmphdr *icmph = icmp_hdr(skb);
	unsigned int quoted, off;

	switch (icmph->type) {
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		break;
	default:
		return;
	}
	quoted = icmph->un.reserved[1] * 4;
	/* RFC 4884 §4.1: a length below 128 says that there is none. */
	if (quoted < PKTPATH_RFC4884_MIN || quoted < thlen)
		return;
	off = quoted - thlen;
	if (off + sizeof(struct icmp_ext_hdr) > skb->len)
		return;
	out->len = off;
	if (!pp_ip_rfc4884_valid(skb, off))
		out->flags |= SO_EE_RFC4884_FLAG_INVALID;
}

/**
 * pp_ip_icmp_error() - queue an ICMP error on a socket
 * @sk: the socket
 * @skb: the ICMP message, stays the caller's: network header outer IP,
 *	 transport header ICMP, skb->data at the inner IP header
 * @err: errno (positive)
 * @port: port of the peer, for msg_name
 * @info: MTU or parameter pointer, for ee_info
 * @payload: what the user sees, linear, behind the inner transport header
 *
 * Mirrors: net/ipv4/ip_sockglue.c:ip_icmp_error (v7.2). RFC 4884.
 *
 * Context: softirq, RCU.
 */
void pp_ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err,
		      __be16 port, u32 info, u8 *payload)
{
	unsigned int thlen = payload - skb->data;
	const struct icmphdr *icmph;
	struct sock_exterr_skb *serr;
	const struct iphdr *inner;
	int iif;

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	icmph = icmp_hdr(skb);
	inner = (const struct iphdr *)(icmph + 1);
	iif = PKTPATH_SKB_CB(skb)->h4.iif;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->header.h4.iif = iif;
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = SO_EE_ORIGIN_ICMP;
	serr->ee.ee_type = icmph->type;
	serr->ee.ee_code = icmph->code;
	serr->ee.ee_info = info;
	serr->addr_offset = (u8 *)&inner->daddr - skb_network_header(skb);
	serr->port = port;

	skb_dst_drop(skb);
	if (!skb_pull(skb, thlen))
		goto free;
	if (pp_sf(sk, PKTPATH_SF_RECVERR_RFC4884))
		pp_ip_rfc4884(skb, thlen, &serr->ee.ee_rfc4884);
	skb_reset_transport_header(skb);
	if (!sock_queue_err_skb(sk, skb))
		return;
free:
	kfree_skb(skb);
}

/**
 * pp_ip_local_error() - queue an error that arose on this host
 * @sk: the socket
 * @err: errno (positive)
 * @daddr: destination of the packet, for msg_name
 * @port: its port
 * @info: MTU, for ee_info
 *
 * Nothing happens unless the user has asked by IP_RECVERR.
 * Mirrors: net/ipv4/ip_sockglue.c:ip_local_error.
 *
 * Context: process or softirq; does not sleep.
 */
void pp_ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 port,
		       u32 info)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;
	struct iphdr *iph;

	if (!pp_sf(sk, PKTPATH_SF_RECVERR))
		return;
	skb = alloc_skb(sizeof(struct iphdr), GFP_ATOMIC);
	if (!skb)
		return;
	iph = skb_put_zero(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph->daddr = daddr;

	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr->ee.ee_info = info;
	serr->addr_offset = offsetof(struct iphdr, daddr);
	serr->port = port;

	__skb_pull(skb, sizeof(*iph));
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/**
 * pp_ip_error_purge() - the user wants no errors any more
 * @sk: the socket
 *
 * What else waits there has been asked for by other options: times of what was
 * sent, and that pages may be used again.
 *
 * Mirrors: net/core/skbuff.c:skb_errqueue_purge (v7.2), which 6.1 lacks.
 *
 * Context: process; takes the lock of the queue.
 */
void pp_ip_error_purge(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_error_queue, errors;
	struct sk_buff *skb, *next;
	unsigned long flags;
	u8 origin;

	__skb_queue_head_init(&errors);
	spin_lock_irqsave(&q->lock, flags);
	skb_queue_walk_safe(q, skb, next) {
		origin = SKB_EXT_ERR(skb)->ee.ee_origin;
		if (origin == SO_EE_ORIGIN_ZEROCOPY ||
		    origin == SO_EE_ORIGIN_TIMESTAMPING)
			continue;
		__skb_unlink(skb, q);
		__skb_queue_tail(&errors, skb);
	}
	spin_unlock_irqrestore(&q->lock, flags);
	__skb_queue_purge(&errors);
}

/* Whether the entry has an address to show as msg_name. */
static bool pp_ip_errqueue_has_addr(const struct sock_exterr_skb *serr)
{
	return serr->ee.ee_origin == SO_EE_ORIGIN_ICMP ||
	       serr->ee.ee_origin == SO_EE_ORIGIN_LOCAL || serr->port;
}

/*
 * Whether control messages can be read from the entry's headers: not of a
 * local error, which has none, and of a timestamp only when the user asked
 * for them (OPT_CMSG) and the packet came back with it (no OPT_TSONLY).
 */
static bool pp_ip_errqueue_has_cmsg(const struct sock *sk,
				    const struct sock_exterr_skb *serr)
{
	if (serr->ee.ee_origin == SO_EE_ORIGIN_ICMP)
		return true;
	if (serr->ee.ee_origin == SO_EE_ORIGIN_LOCAL)
		return false;
	return (READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_CMSG) &&
	       serr->header.h4.iif;
}

/**
 * pp_ip_recv_error() - recvmsg() of MSG_ERRQUEUE
 * @sk: the socket
 * @msg: filled
 * @len: bytes of the user's buffer
 *
 * Mirrors: net/ipv4/ip_sockglue.c:ip_recv_error (v7.2).
 *
 * Context: process; the socket lock is not needed.
 * Return: bytes copied, -EAGAIN when the queue is empty, -EFAULT.
 */
int pp_ip_recv_error(struct sock *sk, struct msghdr *msg, int len)
{
	DECLARE_SOCKADDR(struct sockaddr_in *, sin, msg->msg_name);
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} errhdr;
	struct sock_exterr_skb *serr;
	const struct iphdr *iph;
	struct sk_buff *skb;
	int copied, err;

	skb = sock_dequeue_err_skb(sk);
	if (!skb)
		return -EAGAIN;
	copied = skb->len;
	if (copied > len) {
		msg->msg_flags |= MSG_TRUNC;
		copied = len;
	}
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (unlikely(err)) {
		kfree_skb(skb);
		return err;
	}
	sock_recv_timestamp(msg, sk, skb);

	serr = SKB_EXT_ERR(skb);
	if (sin && pp_ip_errqueue_has_addr(serr)) {
		pp_ip_fill_sockaddr(sk, sin,
				    *(__be32 *)(skb_network_header(skb) +
						serr->addr_offset),
				    serr->port);
		msg->msg_namelen = sizeof(*sin);
	}
	memset(&errhdr, 0, sizeof(errhdr));
	errhdr.ee = serr->ee;
	if (errhdr.ee.ee_origin == SO_EE_ORIGIN_TIMESTAMPING &&
	    (READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID) &&
	    sk->sk_type == SOCK_STREAM)
		errhdr.ee.ee_data -= READ_ONCE(pp_sk(sk)->tskey_base);
	if (pp_ip_errqueue_has_cmsg(sk, serr)) {
		iph = ip_hdr(skb);
		pp_ip_fill_sockaddr(sk, &errhdr.offender, iph->saddr, 0);
		pp_ip_cmsg_recv_hdr(msg, sk, skb,
				    serr->ee.ee_origin == SO_EE_ORIGIN_ICMP ?
				    iph->daddr : iph->saddr);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(errhdr), &errhdr);

	msg->msg_flags |= MSG_ERRQUEUE;
	consume_skb(skb);
	return copied;
}
