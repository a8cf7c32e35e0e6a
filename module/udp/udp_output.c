// SPDX-License-Identifier: GPL-2.0
/*
 * From the user to IP: one skb a datagram, one copy, no lock.
 *
 * The route of a connected socket is looked at twice under RCU, before the
 * copy (which may sleep) for MTU and headroom and after it to send; no
 * reference is taken. That of an unconnected one is looked up once and held
 * over the copy.
 *
 * Path: sock/af_pktpath.c => pp_udp_sendmsg()=>pp_udp_send_skb() =>
 *	 ip/ip_output.c
 * Mirrors: net/ipv4/udp.c (udp_sendmsg, udp_send_skb), net/ipv4/ip_output.c
 *	    (ip_make_skb)
 * Locks: none; the socket lock only for corking
 */
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/uio.h>
#include <net/checksum.h>
#include <net/ip.h>
#include "compat/compat.h"
#include "core/fault.h"
#include "core/head.h"
#include "core/trace.h"
#include "neigh/neigh.h"
#include "udp/udp_priv.h"

#define PKTPATH_UDP_CSUM_CAPS	(NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)
/* A longer datagram has its payload in page fragments. */
#define PKTPATH_UDP_LINEAR_MAX	SKB_MAX_HEAD(0)

/* ---- skb ---- */

/*
 * As sock_alloc_send_pskb(), with a short way for the usual case: room in the
 * send buffer, no error pending, nothing in fragments.
 */
static struct sk_buff *pp_udp_alloc_skb(struct sock *sk, unsigned int linear,
					unsigned int paged, int noblock,
					int *err)
{
	struct sk_buff *skb;

	if (pp_fault_nomem_sk(sk, PKTPATH_STAGE_TP_SEND)) {
		*err = -ENOBUFS;
		return NULL;
	}
	if (likely(!paged && !sk->sk_err &&
		   !(READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN) &&
		   sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf))) {
		skb = pp_head_skb(linear, sk->sk_allocation);
		if (unlikely(!skb))
			skb = alloc_skb(linear, sk->sk_allocation);
		if (likely(skb))
			skb_set_owner_w(skb, sk);
		else
			*err = -ENOBUFS;
		return skb;
	}
	return sock_alloc_send_pskb(sk, linear, paged, noblock, err,
				    PAGE_ALLOC_COSTLY_ORDER);
}

/* Copies the payload behind the UDP header; its sum into skb->csum. */
static int pp_udp_fill(struct sk_buff *skb, struct msghdr *msg,
		       unsigned int linear, unsigned int paged, bool sum)
{
	struct iov_iter *from = &msg->msg_iter;
	void *data = skb_put(skb, linear);

	if (paged) {
		skb->data_len = paged;
		skb->len += paged;
		if (skb_copy_datagram_from_iter(skb, PKTPATH_UDP_HLEN, from,
						linear + paged))
			return -EFAULT;
		if (sum)
			skb->csum = skb_checksum(skb, PKTPATH_UDP_HLEN,
						 linear + paged, 0);
		return 0;
	}
	if (sum) {
		skb->csum = 0;
		return csum_and_copy_from_iter_full(data, linear, &skb->csum,
						    from) ? 0 : -EFAULT;
	}
	return copy_from_iter_full(data, linear, from) ? 0 : -EFAULT;
}

/**
 * pp_udp_make_skb() - a datagram from the user's data
 * @sk: the sender
 * @tx: what is known of the datagram
 * @msg: its data
 * @len: bytes of @msg to take
 * @err: reason when there is none
 *
 * ip_summed is PARTIAL when the device makes the checksum, else NONE with the
 * sum of the payload in skb->csum.
 *
 * Context: process, may sleep.
 * Return: an skb at its unwritten UDP header, or NULL.
 */
struct sk_buff *pp_udp_make_skb(struct sock *sk, const struct pp_udp_tx *tx,
				struct msghdr *msg, unsigned int len, int *err)
{
	unsigned int hlen = tx->hh_len + PKTPATH_UDP_IPHLEN + PKTPATH_UDP_HLEN;
	unsigned int linear = len, paged = 0;
	bool sum = !tx->hw_csum;
	struct sk_buff *skb;

	/* No device sums a datagram that goes in pieces. */
	if (unlikely(hlen - tx->hh_len + len > tx->mtu))
		sum = true;
	if (sk->sk_no_check_tx || tx->ipc.gso_size)
		sum = false;
	if (unlikely(hlen + len > PKTPATH_UDP_LINEAR_MAX)) {
		linear = 0;
		paged = len;
	}
	skb = pp_udp_alloc_skb(sk, hlen + linear, paged,
			       msg->msg_flags & MSG_DONTWAIT, err);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, tx->hh_len + PKTPATH_UDP_IPHLEN);
	__skb_put(skb, PKTPATH_UDP_HLEN);
	skb->ip_summed = sum ? CHECKSUM_NONE : CHECKSUM_PARTIAL;
	*err = pp_udp_fill(skb, msg, linear, paged, sum);
	if (unlikely(*err)) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/* RFC 768, RFC 1122 §4.1.3.4: a computed zero is sent as all ones. */
static void pp_udp_checksum(struct sk_buff *skb, const struct sock *sk,
			    const struct pp_udp_tx *tx)
{
	/* read once: what is divided later has been promised a checksum */
	bool none = !tx->ipc.gso_size && sk->sk_no_check_tx;
	struct udphdr *uh = udp_hdr(skb);
	unsigned int len = skb->len;

	if (skb->ip_summed == CHECKSUM_PARTIAL && !none) {
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct udphdr, check);
		uh->check = ~csum_tcpudp_magic(tx->saddr, tx->daddr, len,
					       IPPROTO_UDP, 0);
		return;
	}
	if (none) {
		skb->ip_summed = CHECKSUM_NONE;
		return;
	}
	skb->csum = csum_partial(uh, PKTPATH_UDP_HLEN, skb->csum);
	uh->check = csum_tcpudp_magic(tx->saddr, tx->daddr, len, IPPROTO_UDP,
				      skb->csum);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

/* Control messages that change how the datagram goes to the device. */
static void pp_udp_set_times(struct sk_buff *skb, const struct sock *sk,
			     const struct pp_udp_tx *tx)
{
	if (unlikely(tx->ipc.sockc.tsflags))
		pp_compat_skb_tx_timestamp(skb, &tx->ipc.sockc);
	if (unlikely(tx->ipc.sockc.transmit_time))
		pp_compat_skb_set_txtime(skb, sk, tx->ipc.sockc.transmit_time);
}

/**
 * pp_udp_send_skb() - put the headers on a datagram and send it
 * @skb: taken always; data at the UDP header, as pp_udp_make_skb() left it
 * @sk: the sender, owner of @skb
 * @dst: route, already on @skb
 * @tx: everything else
 *
 * Mirrors: net/ipv4/udp.c:udp_send_skb, net/ipv4/ip_output.c:__ip_make_skb
 *
 * Context: process; RCU read side.
 * Return: 0 or -errno. A full queue is an error only with IP_RECVERR.
 */
int pp_udp_send_skb(struct sk_buff *skb, struct sock *sk, struct pp_dst *dst,
		    const struct pp_udp_tx *tx)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	struct udphdr *uh;
	int err;

	skb_reset_transport_header(skb);
	uh = udp_hdr(skb);
	uh->source = inet_sk(sk)->inet_sport;
	uh->dest = tx->dport;
	uh->len = htons(skb->len);
	uh->check = 0;
	if (unlikely(tx->ipc.gso_size)) {
		err = pp_udp_gso_setup(sk, skb, tx->ipc.gso_size, tx->mtu);
		if (err) {
			kfree_skb(skb);
			return err;
		}
	}
	pp_udp_checksum(skb, sk, tx);
	pp_udp_set_times(skb, sk, tx);
	pp_ip_push_header(skb, sk, dst, tx->saddr, tx->daddr, IPPROTO_UDP,
			  tx->ipc.tos >= 0 ? tx->ipc.tos :
			  READ_ONCE(inet_sk(sk)->tos),
			  tx->ipc.ttl ?: pp_ip_select_ttl(sk, dst));
	pp_at_tp_xmit(skb, sk, skb->len);
	skb->priority = tx->ipc.priority;
	skb->mark = tx->ipc.sockc.mark;

	err = pp_ip_send_ipc(pn, skb, &tx->ipc);
	if (likely(!err)) {
		pp_mib_inc(pn, UDP_OUTDATAGRAMS);
	} else if (err == -ENOBUFS && !pp_sf(sk, PKTPATH_SF_RECVERR)) {
		pp_mib_inc(pn, UDP_SNDBUFERRORS);
		err = 0;
	}
	return err;
}

/* ---- Where to ---- */

/* What of the route is needed before the copy. RCU. */
static void pp_udp_tx_route(struct pp_udp_tx *tx, const struct sock *sk,
			    const struct pp_dst *dst)
{
	const struct net_device *dev = READ_ONCE(dst->rt.dst.dev);

	tx->hh_len = LL_RESERVED_SPACE(dev);
	tx->hw_csum = dev->features & PKTPATH_UDP_CSUM_CAPS;
	tx->mtu = pp_ip_mtu(sk, dst);
}

/*
 * MSG_CONFIRM: the next hop is alive (RFC 1122 §2.3.2.1). MSG_PROBE only says
 * so; true: nothing is to be sent.
 */
static bool pp_udp_tx_confirm(const struct msghdr *msg, size_t len,
			      const struct pp_dst *dst, __be32 daddr)
{
	pp_neigh_confirm(dst->pd, dst->gw ?: daddr);
	return (msg->msg_flags & MSG_PROBE) && !len;
}

/* Destination of sendto() or connect(); 1 when it is the latter. */
static int pp_udp_tx_addr(const struct sock *sk, const struct msghdr *msg,
			  struct pp_udp_tx *tx)
{
	DECLARE_SOCKADDR(const struct sockaddr_in *, sin, msg->msg_name);
	const struct inet_sock *inet = inet_sk(sk);

	if (!sin) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		tx->daddr = inet->inet_daddr;
		tx->dport = inet->inet_dport;
		return 1;
	}
	if (msg->msg_namelen < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != sk->sk_family && sin->sin_family != AF_INET &&
	    sin->sin_family != AF_UNSPEC)
		return -EAFNOSUPPORT;
	if (!sin->sin_port)
		return -EINVAL;
	tx->daddr = sin->sin_addr.s_addr;
	tx->dport = sin->sin_port;
	return 0;
}

/* Whether control messages left the way to the peer as it was. */
static bool pp_udp_same_way(const struct sock *sk, const struct pp_ipc *ipc)
{
	return ipc->addr == inet_sk(sk)->inet_saddr && ipc->tos < 0 &&
	       ipc->oif == READ_ONCE(sk->sk_bound_dev_if) &&
	       ipc->sockc.mark == READ_ONCE(sk->sk_mark);
}

/* Own route lookup; holds the route. 1: MSG_PROBE has been answered. */
static int pp_udp_tx_lookup(struct sock *sk, const struct msghdr *msg,
			    size_t len, struct pp_udp_tx *tx)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	/* of what pp_flow_init_sk() reads, most is known here */
	struct pp_flow fl = {
		.daddr = tx->daddr,
		.saddr = tx->ipc.addr,
		.oif = tx->ipc.oif,
		.mark = tx->ipc.sockc.mark,
		.tos = tx->ipc.tos >= 0 ? tx->ipc.tos :
		       READ_ONCE(inet_sk(sk)->tos),
		.proto = IPPROTO_UDP,
		.flags = pp_flow_sk_flags(sk),
		.sport = inet_sk(sk)->inet_sport,
		.dport = tx->dport,
		.uid = sock_net_uid(sock_net(sk), sk),
	};
	struct pp_dst *dst;
	int err = 0;

	if (msg->msg_flags & MSG_DONTROUTE)
		fl.flags |= PKTPATH_FLOWF_ONLINK;
	pp_ip_mc_flow(sk, &fl);
	dst = pp_ip_route_output_flow(pn, &fl, sk);
	if (IS_ERR(dst)) {
		if (PTR_ERR(dst) == -ENETUNREACH)
			pp_mib_inc(pn, IP_OUTNOROUTES);
		return PTR_ERR(dst);
	}
	tx->saddr = fl.saddr;
	tx->daddr = fl.daddr;
	if (dst->type == RTN_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		dst_release(&dst->rt.dst);
		return -EACCES;
	}
	rcu_read_lock();
	pp_udp_tx_route(tx, sk, dst);
	if (unlikely(msg->msg_flags & MSG_CONFIRM))
		err = pp_udp_tx_confirm(msg, len, dst, tx->daddr);
	rcu_read_unlock();
	if (err)
		dst_release(&dst->rt.dst);
	else
		tx->dst = dst;
	return err;
}

static int pp_udp_tx_connected(struct sock *sk, const struct msghdr *msg,
			       size_t len, struct pp_udp_tx *tx)
{
	struct pp_dst *dst;
	int err = 0;

	tx->saddr = inet_sk(sk)->inet_saddr;
	rcu_read_lock();
	dst = pp_ip_sk_route_rcu(sk);
	if (IS_ERR(dst)) {
		err = PTR_ERR(dst);
	} else {
		pp_udp_tx_route(tx, sk, dst);
		if (unlikely(msg->msg_flags & MSG_CONFIRM))
			err = pp_udp_tx_confirm(msg, len, dst, tx->daddr);
	}
	rcu_read_unlock();
	return err;
}

/* Everything about a datagram but its data. 1: nothing is to be sent. */
static int pp_udp_tx_init(struct sock *sk, struct msghdr *msg, size_t len,
			  struct pp_udp_tx *tx)
{
	bool connected;
	int err;

	err = pp_udp_tx_addr(sk, msg, tx);
	if (unlikely(err < 0))
		return err;
	connected = err;
	tx->dst = NULL;
	pp_ipc_init(&tx->ipc, sk);
	tx->ipc.gso_size = READ_ONCE(pp_udp_sk(sk)->gso_size);
	if (unlikely(msg->msg_controllen)) {
		err = pp_ip_cmsg_send(sk, msg, &tx->ipc, true);
		if (err)
			return err;
		connected = connected && pp_udp_same_way(sk, &tx->ipc);
	}
	if (connected && !(msg->msg_flags & MSG_DONTROUTE) &&
	    !sock_flag(sk, SOCK_LOCALROUTE))
		return pp_udp_tx_connected(sk, msg, len, tx);
	/* 0.0.0.0 is this host */
	if (unlikely(!tx->daddr))
		tx->daddr = tx->ipc.addr ?: htonl(INADDR_LOOPBACK);
	return pp_udp_tx_lookup(sk, msg, len, tx);
}

/**
 * pp_udp_check_len() - does a datagram fit?
 * @sk: the sender
 * @tx: the datagram
 * @len: payload, bytes
 *
 * What is longer than the path MTU goes in fragments; a socket that forbids
 * that (IP_MTU_DISCOVER) has it refused, with the MTU on the error queue for
 * those who ask. Segments of UDP_SEGMENT are checked one by one later.
 *
 * Context: process.
 * Return: 0 or -EMSGSIZE.
 */
int pp_udp_check_len(struct sock *sk, const struct pp_udp_tx *tx,
		     unsigned int len)
{
	unsigned int max = tx->mtu;

	len += PKTPATH_UDP_IPHLEN + PKTPATH_UDP_HLEN;
	if (likely(len <= max))
		return 0;
	if (tx->ipc.gso_size || pp_ip_may_fragment(sk))
		max = IP_MAX_MTU;
	if (len <= max)
		return 0;
	if (pp_sf(sk, PKTPATH_SF_RECVERR))
		pp_ip_local_error(sk, EMSGSIZE, tx->daddr,
				  inet_sk(sk)->inet_dport, max);
	return -EMSGSIZE;
}

/* ---- Send ---- */

static int pp_udp_send_now(struct sock *sk, struct msghdr *msg, size_t len,
			   struct pp_udp_tx *tx)
{
	struct pp_dst *dst;
	struct sk_buff *skb;
	int err;

	err = pp_udp_check_len(sk, tx, len);
	if (unlikely(err))
		return err;
	skb = pp_udp_make_skb(sk, tx, msg, len, &err);
	if (unlikely(!skb))
		return err;
	rcu_read_lock();
	dst = tx->dst;
	if (likely(!dst)) {
		dst = pp_ip_sk_route_again_rcu(sk);
		if (IS_ERR(dst)) {
			kfree_skb(skb);
			err = PTR_ERR(dst);
			goto unlock;
		}
		skb_dst_set_noref(skb, &dst->rt.dst);
	} else {
		skb_dst_set(skb, &dst->rt.dst);
		tx->dst = NULL;
	}
	err = pp_udp_send_skb(skb, sk, dst, tx);
unlock:
	rcu_read_unlock();
	return err;
}

static int pp_udp_sendto(struct sock *sk, struct msghdr *msg, size_t len,
			 bool cork)
{
	struct pp_udp_tx tx;
	int err;

	err = pp_udp_tx_init(sk, msg, len, &tx);
	if (unlikely(err))
		return err < 0 ? err : 0;
	/* asks for the way alone */
	if (unlikely(msg->msg_flags & MSG_PROBE))
		err = 0;
	else if (likely(!cork))
		err = pp_udp_send_now(sk, msg, len, &tx);
	else
		err = pp_udp_cork_start(sk, &tx, msg, len);
	if (tx.dst)
		dst_release(&tx.dst->rt.dst);
	return err;
}

/**
 * pp_udp_sendmsg() - proto.sendmsg
 * @sk: a bound socket
 * @msg: the datagram, or with MSG_MORE or UDP_CORK a part of it
 * @len: bytes in @msg
 *
 * Mirrors: net/ipv4/udp.c:udp_sendmsg
 *
 * Context: process, may sleep.
 * Return: @len, or -errno.
 */
int pp_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);
	bool cork = test_bit(PKTPATH_UDPF_CORK, &up->uflags) ||
		    msg->msg_flags & MSG_MORE;
	int err = 1;

	pp_at_tp_send(NULL, sk, len);
	if (unlikely(len > 0xffff))
		return -EMSGSIZE;
	if (unlikely(msg->msg_flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (unlikely(READ_ONCE(up->pending)))
		err = pp_udp_cork_more(sk, msg, len, cork);
	if (likely(err > 0))
		err = pp_udp_sendto(sk, msg, len, cork);
	if (likely(!err))
		return len;
	if (err == -ENOBUFS || test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		pp_mib_inc(pp_sk(sk)->pn, UDP_SNDBUFERRORS);
	return err;
}
