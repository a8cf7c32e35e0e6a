// SPDX-License-Identifier: GPL-2.0
/*
 * Raw sockets: any protocol, with or without the IP header of one's own.
 *
 * Each gets a copy of every datagram of its protocol that this host takes,
 * whatever else happens to that, and of the ICMP errors about such. What it
 * reads begins with the IP header.
 *
 * Path: pp_inet_sendmsg() => pp_raw_sendmsg() => ip/ip_output.c;
 *	 ip/ip_input.c => pp_raw_deliver() => receive queue => pp_raw_recvmsg()
 * Mirrors: net/ipv4/raw.c
 * Locks: socket lock for connect and abort; sending and receiving take none
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/sockios.h>
#include <linux/sockptr.h>
#include <net/ip.h>
#include <net/sock.h>
#include <asm/ioctls.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/trace.h"
#include "ip/ip.h"
#include "raw/raw.h"
#include "raw/raw_priv.h"

/* ---- Ingress ---- */

/* ICMP_FILTER: the types that the user does not want to see. */
static bool pp_raw_icmp_filtered(const struct sock *sk,
				 const struct sk_buff *skb)
{
	u32 filter = READ_ONCE(pp_raw_sk(sk)->filter);
	const u8 *type;
	u8 buf;

	if (likely(!filter) || pp_sock_wire_proto(sk) != IPPROTO_ICMP)
		return false;
	type = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(buf), &buf);
	if (!type)
		return true;
	return *type < 32 && (filter & BIT(*type));
}

/* Takes the skb always; skb->data at the IP header. */
static int pp_raw_queue(struct sock *sk, struct sk_buff *skb)
{
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	return pp_ip_queue_rcv_skb(sk, skb);
}

static void pp_raw_key_dev(struct pp_net *pn, const struct sk_buff *skb,
			   struct pp_raw_key *key)
{
	key->sdif = pp_skb_sdif(skb);
	key->ifindex = pp_skb_dif(skb, key->sdif);
	key->accept = READ_ONCE(pn->sysctl.raw_l3mdev_accept);
}

/**
 * pp_raw_deliver() - copies of a datagram for the raw sockets
 * @pn: netns
 * @skb: stays the caller's; at its IP header, which is linear
 *
 * Mirrors: net/ipv4/raw.c:raw_v4_input, raw_rcv (v7.2).
 *
 * Context: softirq, RCU.
 * Return: true when there is a socket for it, so that the protocol is known.
 */
bool pp_raw_deliver(struct pp_net *pn, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_raw_key key = {
		.protocol = iph->protocol,
		.own = iph->daddr,
		.other = iph->saddr,
	};
	struct sk_buff *copy;
	struct sock *sk;
	bool found = false;

	pp_raw_key_dev(pn, skb, &key);
	for (sk = pp_raw_next_rcu(pn, NULL, &key); sk;
	     sk = pp_raw_next_rcu(pn, sk, &key)) {
		if (!pp_ip_mc_sf_allow(sk, key.own, key.other, key.ifindex))
			continue;
		found = true;
		if (pp_raw_icmp_filtered(sk, skb))
			continue;
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			pp_raw_queue(sk, copy);
		else
			pp_drop_note(pn, skb, PKTPATH_STAGE_TP_RCV,
				     PKTPATH_DROP_NOMEM);
	}
	return found;
}

/* What an ICMP error means to a raw socket; .error 0: nothing. */
static struct pp_icmp_err pp_raw_errno(const struct sock *sk, u8 type, u8 code)
{
	struct pp_icmp_err e;

	if (type != ICMP_DEST_UNREACH && type != ICMP_TIME_EXCEEDED &&
	    type != ICMP_PARAMETERPROB)
		return (struct pp_icmp_err){ 0, false };
	e = pp_icmp_to_errno(type, code);
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED)
		e.fatal = READ_ONCE(inet_sk(sk)->pmtudisc) !=
			  IP_PMTUDISC_DONT;
	return e;
}

static void pp_raw_err_sk(struct sock *sk, struct sk_buff *skb, u32 info)
{
	const struct iphdr *inner = (const struct iphdr *)skb->data;
	u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	bool recverr = pp_sf(sk, PKTPATH_SF_RECVERR);
	struct pp_icmp_err e;
	u8 *payload;

	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED)
		pp_ip_update_pmtu(pp_sk(sk)->pn, sk, inner->daddr,
				  READ_ONCE(sk->sk_bound_dev_if) ?:
				  pp_skb_sdif(skb), info);
	if (type == ICMP_REDIRECT)
		pp_ip_redirect(sk, skb);
	/* RFC 1122 §3.4: who did not ask is told when it is connected. */
	if (!recverr && READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		return;
	e = pp_raw_errno(sk, type, code);
	if (!e.error)
		return;
	if (recverr) {
		payload = skb->data;
		if (!pp_sf(sk, PKTPATH_SF_HDRINCL))
			payload += inner->ihl * 4;
		pp_ip_icmp_error(sk, skb, e.error, 0, info, payload);
	}
	if (recverr || e.fatal) {
		sk->sk_err = e.error;
		sk_error_report(sk);
	}
}

/**
 * pp_raw_err() - an ICMP error for the raw sockets that may have caused it
 * @pn: netns
 * @skb: stays the caller's; at the inner IP header, as pp_net_protocol.err
 * @info: MTU or pointer
 *
 * Mirrors: net/ipv4/raw.c:raw_icmp_error, raw_err (v7.2).
 *
 * Context: softirq, RCU.
 * Return: true when there was one.
 */
bool pp_raw_err(struct pp_net *pn, struct sk_buff *skb, u32 info)
{
	const struct iphdr *inner = (const struct iphdr *)skb->data;
	struct pp_raw_key key = {
		.protocol = inner->protocol,
		.own = inner->saddr,
		.other = inner->daddr,
	};
	struct sock *sk, *next;

	pp_raw_key_dev(pn, skb, &key);
	sk = pp_raw_next_rcu(pn, NULL, &key);
	if (!sk)
		return false;
	for (; sk; sk = next) {
		pp_raw_err_sk(sk, skb, info);
		next = pp_raw_next_rcu(pn, sk, &key);
	}
	return true;
}

/**
 * pp_raw_recv() - take the next datagram of a raw or a ping socket
 * @sk: socket
 * @msg: where to, filled with address and control messages
 * @len: room in bytes
 * @flags: MSG_*
 * @full: set to the bytes that the datagram has
 *
 * Mirrors: net/ipv4/raw.c:raw_recvmsg, net/ipv4/ping.c:ping_recvmsg.
 *
 * Context: process, may sleep.
 * Return: bytes copied or -errno.
 */
int pp_raw_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		unsigned int *full)
{
	struct sockaddr_in *sin = msg->msg_name;
	struct sk_buff *skb;
	int copied, err;

	*full = 0;
	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return pp_ip_recv_error(sk, msg, len);
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	*full = skb->len;
	copied = skb->len;
	if (copied > len) {
		msg->msg_flags |= MSG_TRUNC;
		copied = len;
	}
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (!err) {
		sock_recv_cmsgs(msg, sk, skb);
		if (sin) {
			pp_ip_fill_sockaddr(sk, sin, ip_hdr(skb)->saddr, 0);
			msg->msg_namelen = sizeof(*sin);
		}
		pp_ip_cmsg_recv(msg, sk, skb);
		err = copied;
	}
	skb_free_datagram(sk, skb);
	return err;
}

static int pp_raw_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			  int flags)
{
	unsigned int full;
	int n = pp_raw_recv(sk, msg, len, flags, &full);

	return n >= 0 && full && flags & MSG_TRUNC ? full : n;
}

PKTPATH_PROTO_RECVMSG(pp_raw_recvmsg)

/* ---- Options ---- */

static int pp_raw_ioctl(struct sock *sk, int cmd, int *karg)
{
	struct sk_buff *skb;

	switch (cmd) {
	case SIOCOUTQ:
		*karg = sk_wmem_alloc_get(sk);
		return 0;
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		*karg = skb ? skb->len : 0;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

PKTPATH_PROTO_IOCTL(pp_raw_ioctl)

static int pp_raw_setsockopt(struct sock *sk, int level, int optname,
			     sockptr_t optval, unsigned int optlen)
{
	struct icmp_filter filter = { READ_ONCE(pp_raw_sk(sk)->filter) };

	if (optname != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (pp_sock_wire_proto(sk) != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	optlen = min_t(unsigned int, optlen, sizeof(filter));
	if (copy_from_sockptr(&filter, optval, optlen))
		return -EFAULT;
	WRITE_ONCE(pp_raw_sk(sk)->filter, filter.data);
	return 0;
}

static int pp_raw_getsockopt(struct sock *sk, int level, int optname,
			     char __user *optval, int __user *optlen)
{
	struct icmp_filter filter = { READ_ONCE(pp_raw_sk(sk)->filter) };
	int len;

	if (optname != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (pp_sock_wire_proto(sk) != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(int, len, sizeof(filter));
	if (put_user(len, optlen) || copy_to_user(optval, &filter, len))
		return -EFAULT;
	return 0;
}

/* ---- Life ---- */

static int pp_raw_init_sock(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	/* What AF_INET shows as port is the protocol; it is never let go. */
	inet->inet_num = pp_sock_wire_proto(sk);
	inet->inet_sport = htons(inet->inet_num);
	sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	if (inet->inet_num == IPPROTO_RAW)
		set_bit(PKTPATH_SF_HDRINCL, &pp_sk(sk)->flags);
	pp_raw_hash(sk);
	return 0;
}

static void pp_raw_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

static int pp_raw_connect(struct sock *sk, struct pp_compat_sockaddr *uaddr,
			  int len)
{
	int err;

	lock_sock(sk);
	err = pp_ip_datagram_connect(sk, (struct sockaddr_in *)uaddr);
	release_sock(sk);
	return err;
}

static int pp_raw_disconnect(struct sock *sk, int flags)
{
	int err;

	lock_sock(sk);
	err = pp_ip_datagram_disconnect(sk);
	release_sock(sk);
	return err;
}

static int pp_raw_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sock_flag(sk, SOCK_DEAD))
		goto release;
	pp_raw_unhash(sk);
	pp_ip_datagram_disconnect(sk);
	skb_queue_purge(&sk->sk_receive_queue);
	skb_queue_purge(&sk->sk_error_queue);
	sk->sk_err = err;
	sk_error_report(sk);
	sk->sk_state_change(sk);
release:
	release_sock(sk);
	return 0;
}

struct proto pp_raw_prot = {
	.name = "PP_RAW",
	.owner = THIS_MODULE,
	.init = pp_raw_init_sock,
	.close = pp_raw_close,
	.connect = pp_raw_connect,
	.disconnect = pp_raw_disconnect,
	.ioctl = PKTPATH_IOCTL_OP(pp_raw_ioctl),
	.setsockopt = pp_raw_setsockopt,
	.getsockopt = pp_raw_getsockopt,
	.sendmsg = pp_raw_sendmsg,
	.recvmsg = PKTPATH_RECVMSG_OP(pp_raw_recvmsg),
	.backlog_rcv = pp_raw_queue,
	.unhash = pp_raw_unhash,
	.diag_destroy = pp_raw_abort,
	.obj_size = PKTPATH_SOCK_SIZE(struct pp_raw_sock),
};
