// SPDX-License-Identifier: GPL-2.0
/*
 * Raw sockets, sending: a datagram of the socket's protocol, or, with
 * IP_HDRINCL, one whose IP header the user has written.
 *
 * Path: pp_raw_sendmsg() => ip/ip_output.c
 * Mirrors: net/ipv4/raw.c (raw_sendmsg, raw_send_hdrinc)
 * Locks: none
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/uio.h>
#include <net/ip.h>
#include "compat/compat.h"
#include "core/fault.h"
#include "core/trace.h"
#include "ip/ip.h"
#include "neigh/neigh.h"
#include "raw/raw_priv.h"

/* Of a datagram this much is linear. */
#define PKTPATH_RAW_LINEAR 2048

/**
 * struct pp_raw_tx - a datagram on its way out
 * @ipc: its parameters
 * @fl: flow, addresses filled by the route lookup
 * @dst: route, held
 */
struct pp_raw_tx {
	struct pp_ipc ipc;
	struct pp_flow fl;
	struct pp_dst *dst;
};

/**
 * pp_raw_dest() - where a datagram is to go
 * @sk: raw or ping socket
 * @msg: as of sendmsg()
 * @daddr: the address
 *
 * Context: process.
 * Return: 0, -EDESTADDRREQ, -EINVAL, -EAFNOSUPPORT.
 */
int pp_raw_dest(const struct sock *sk, const struct msghdr *msg, __be32 *daddr)
{
	const struct sockaddr_in *sin = msg->msg_name;

	/* as on AF_INET, where raw sockets go by the length */
	if (!sin || (!msg->msg_namelen && sk->sk_type == SOCK_RAW)) {
		if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		*daddr = inet_sk(sk)->inet_daddr;
		return 0;
	}
	if (msg->msg_namelen < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != sk->sk_family && sin->sin_family != AF_INET &&
	    (sin->sin_family != AF_UNSPEC || sk->sk_type != SOCK_RAW))
		return -EAFNOSUPPORT;
	*daddr = sin->sin_addr.s_addr;
	return 0;
}

/* Looks the route up; holds it. */
static int pp_raw_route(struct sock *sk, const struct msghdr *msg,
			struct pp_raw_tx *tx, __be32 daddr)
{
	struct pp_dst *dst;

	if (!daddr)
		daddr = tx->ipc.addr ?: htonl(INADDR_LOOPBACK);
	pp_flow_init_sk(&tx->fl, sk, daddr, tx->ipc.addr);
	tx->fl.oif = tx->ipc.oif;
	pp_ip_mc_flow(sk, &tx->fl);
	tx->fl.mark = tx->ipc.sockc.mark;
	if (tx->ipc.tos >= 0)
		tx->fl.tos = tx->ipc.tos;
	tx->fl.proto = tx->ipc.protocol;
	if (msg->msg_flags & MSG_DONTROUTE)
		tx->fl.flags |= PKTPATH_FLOWF_ONLINK;
	dst = pp_ip_route_output_flow(pp_sk(sk)->pn, &tx->fl, sk);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (dst->type == RTN_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		dst_release(&dst->rt.dst);
		return -EACCES;
	}
	if (msg->msg_flags & MSG_CONFIRM) {
		rcu_read_lock();
		pp_neigh_confirm(dst->pd, dst->gw ?: tx->fl.daddr);
		rcu_read_unlock();
	}
	tx->dst = dst;
	return 0;
}

static int pp_raw_too_big(struct sock *sk, __be32 daddr, unsigned int mtu)
{
	pp_ip_local_error(sk, EMSGSIZE, daddr, inet_sk(sk)->inet_dport, mtu);
	return -EMSGSIZE;
}

/*
 * For a datagram without a header of the user's: as on AF_INET nobody waits for
 * room, and neither shutdown() nor an error that is pending keeps it back.
 */
static struct sk_buff *pp_raw_alloc(struct sock *sk, unsigned int linear,
				    unsigned int paged, int *err)
{
	struct sk_buff *skb = NULL;

	*err = -ENOBUFS;
	if ((unsigned int)sk_wmem_alloc_get(sk) <
	    2 * (unsigned int)READ_ONCE(sk->sk_sndbuf))
		skb = alloc_skb_with_frags(linear, paged,
					   PAGE_ALLOC_COSTLY_ORDER, err,
					   sk->sk_allocation);
	if (skb)
		skb_set_owner_w(skb, sk);
	return skb;
}

/* The user's bytes behind room for link header and @room bytes. */
static struct sk_buff *pp_raw_make_skb(struct sock *sk, struct msghdr *msg,
				       size_t len, unsigned int room,
				       bool hdrinc)
{
	unsigned int linear = min_t(size_t, len, PKTPATH_RAW_LINEAR);
	struct sk_buff *skb;
	int err;

	if (pp_fault_nomem_sk(sk, PKTPATH_STAGE_TP_SEND))
		return ERR_PTR(-ENOBUFS);
	if (hdrinc)
		skb = sock_alloc_send_pskb(sk, room + linear, len - linear,
					   msg->msg_flags & MSG_DONTWAIT, &err,
					   PAGE_ALLOC_COSTLY_ORDER);
	else
		skb = pp_raw_alloc(sk, room + linear, len - linear, &err);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, room);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len += skb->data_len;
	err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len);
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	skb->ip_summed = CHECKSUM_NONE;
	return skb;
}

static unsigned int pp_raw_room(const struct pp_dst *dst)
{
	unsigned int room;

	rcu_read_lock();
	room = LL_RESERVED_SPACE(READ_ONCE(dst->rt.dst.dev));
	rcu_read_unlock();
	return room;
}

/* Control messages that change how the datagram goes. */
static void pp_raw_set_meta(struct sk_buff *skb, const struct sock *sk,
			    const struct pp_ipc *ipc)
{
	skb->priority = ipc->priority;
	skb->mark = ipc->sockc.mark;
	pp_compat_skb_set_txtime(skb, sk, ipc->sockc.transmit_time);
	pp_compat_skb_tx_timestamp(skb, &ipc->sockc);
}

/* A full queue on the way is told to those alone who ask for errors. */
static int pp_raw_send_skb(struct sock *sk, struct sk_buff *skb,
			   const struct pp_ipc *ipc)
{
	int err;

	pp_at_tp_xmit(skb, sk, skb->len);
	err = pp_ip_send_ipc(pp_sk(sk)->pn, skb, ipc);
	if (err == -ENOBUFS && !pp_sf(sk, PKTPATH_SF_RECVERR))
		err = 0;
	return err;
}

/* Without a header of the user's. */
static int pp_raw_send(struct sock *sk, struct msghdr *msg, size_t len,
		       struct pp_raw_tx *tx)
{
	struct pp_dst *dst = tx->dst;
	struct sk_buff *skb;
	unsigned int most;

	rcu_read_lock();
	most = pp_ip_may_fragment(sk) ? IP_MAX_MTU : pp_ip_mtu(sk, dst);
	rcu_read_unlock();
	if (len + sizeof(struct iphdr) > most)
		return pp_raw_too_big(sk, tx->fl.daddr, most);
	skb = pp_raw_make_skb(sk, msg, len,
			      pp_raw_room(dst) + sizeof(struct iphdr), false);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	skb_reset_transport_header(skb);
	if (tx->ipc.protocol == IPPROTO_ICMP && len)
		pp_icmp_count_out(pp_sk(sk)->pn, *skb->data);
	tx->dst = NULL;
	skb_dst_set(skb, &dst->rt.dst);
	rcu_read_lock();
	pp_ip_push_header(skb, sk, dst, tx->fl.saddr, tx->fl.daddr,
			  tx->ipc.protocol, tx->fl.tos,
			  tx->ipc.ttl ?: pp_ip_select_ttl(sk, dst));
	rcu_read_unlock();
	pp_raw_set_meta(skb, sk, &tx->ipc);
	return pp_raw_send_skb(sk, skb, &tx->ipc);
}

/*
 * The header that the user has written: length, checksum and, when they are 0,
 * source and identification are filled in. Deviates: a header that is shorter
 * than 20 octets is refused, not sent as it is.
 */
static int pp_raw_fix_header(struct sock *sk, struct sk_buff *skb,
			     const struct pp_raw_tx *tx)
{
	struct iphdr *iph = ip_hdr(skb);
	unsigned int hlen = iph->ihl * 4;

	if (hlen < sizeof(*iph) || hlen > skb_headlen(skb))
		return -EINVAL;
	if (!iph->saddr)
		iph->saddr = tx->fl.saddr;
	/* RFC 6864 §4.1: with DF it says nothing. */
	if (!iph->id && !(iph->frag_off & htons(IP_DF)))
		__ip_select_ident(sock_net(sk), iph, 1);
	skb->transport_header += hlen;
	if (iph->protocol == IPPROTO_ICMP &&
	    skb_headlen(skb) >= hlen + sizeof(struct icmphdr))
		pp_icmp_count_out(pp_sk(sk)->pn, *(u8 *)(skb->data + hlen));
	/* Fragments of the user's are not put together on the way out. */
	if (pp_sf(sk, PKTPATH_SF_NODEFRAG) && ip_is_fragment(iph))
		skb_set_nfct(skb, IP_CT_UNTRACKED);
	return 0;
}

static int pp_raw_send_hdrinc(struct sock *sk, struct msghdr *msg, size_t len,
			      struct pp_raw_tx *tx)
{
	struct pp_dst *dst = tx->dst;
	struct sk_buff *skb;
	unsigned int mtu;
	int err;

	rcu_read_lock();
	mtu = READ_ONCE(READ_ONCE(dst->rt.dst.dev)->mtu);
	rcu_read_unlock();
	if (len > min_t(unsigned int, mtu, IP_MAX_MTU))
		return pp_raw_too_big(sk, tx->fl.daddr, mtu);
	if (len < sizeof(struct iphdr))
		return -EINVAL;
	skb = pp_raw_make_skb(sk, msg, len, pp_raw_room(dst), true);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	skb_reset_network_header(skb);
	skb->transport_header = skb->network_header;
	skb->protocol = htons(ETH_P_IP);
	err = pp_raw_fix_header(sk, skb, tx);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	pp_ip_hdrinc_meta(skb, sk);
	pp_raw_set_meta(skb, sk, &tx->ipc);
	tx->dst = NULL;
	skb_dst_set(skb, &dst->rt.dst);
	return pp_raw_send_skb(sk, skb, &tx->ipc);
}

/**
 * pp_raw_sendmsg() - proto.sendmsg
 * @sk: the socket
 * @msg: the datagram
 * @len: bytes in @msg
 *
 * Deviates: MSG_MORE does not wait for more.
 * Mirrors: net/ipv4/raw.c:raw_sendmsg (v7.2).
 *
 * Context: process, may sleep.
 * Return: @len, or -errno.
 */
int pp_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct pp_raw_tx tx;
	__be32 daddr;
	bool hdrinc;
	int err;

	pp_at_tp_send(NULL, sk, len);
	if (len > U16_MAX)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (pp_sf(sk, PKTPATH_SF_ABORTED))
		return -EPIPE;
	err = pp_raw_dest(sk, msg, &daddr);
	if (err)
		return err;
	/* it may change while we sleep */
	hdrinc = pp_sf(sk, PKTPATH_SF_HDRINCL);
	pp_ipc_init(&tx.ipc, sk);
	if (hdrinc)
		tx.ipc.protocol = IPPROTO_RAW;
	if (msg->msg_controllen) {
		err = pp_ip_cmsg_send(sk, msg, &tx.ipc, false);
		if (err)
			return err;
	}
	/* As on AF_INET, IP_PROTOCOL is for those with their own header, ... */
	if (!hdrinc)
		tx.ipc.protocol = pp_sock_wire_proto(sk);
	/* ... which has the options */
	else if (tx.ipc.opts_given)
		return -EINVAL;
	err = pp_raw_route(sk, msg, &tx, daddr);
	if (err)
		return err;
	if (!(msg->msg_flags & MSG_PROBE))
		err = hdrinc ? pp_raw_send_hdrinc(sk, msg, len, &tx) :
			       pp_raw_send(sk, msg, len, &tx);
	if (tx.dst)
		dst_release(&tx.dst->rt.dst);
	return err ?: len;
}
