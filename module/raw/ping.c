// SPDX-License-Identifier: GPL-2.0
/*
 * Ping sockets: echo requests out, their replies and errors in.
 *
 * A ping socket needs no privilege over the wire: it sends echo requests
 * alone, always with its own identifier, and gets back the replies to that
 * identifier alone.
 *
 * Path: pp_inet_sendmsg() => pp_ping_sendmsg() => pp_ip_send_skb();
 *	 pp_icmp_rcv() => pp_ping_rcv() => receive queue => pp_ping_recvmsg()
 * Mirrors: net/ipv4/ping.c
 * Locks: socket lock for connect and abort; sending and receiving take none
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "core/dev.h"
#include "core/drop.h"
#include "core/fault.h"
#include "core/layer.h"
#include "core/trace.h"
#include "ip/ip.h"
#include "neigh/neigh.h"
#include "raw/ping_priv.h"
#include "raw/raw.h"
#include "raw/raw_priv.h"

/* Room for link and IP header in front of the ICMP header. */
#define PKTPATH_PING_HEADROOM \
	(ALIGN(LL_MAX_HEADER, 16) + sizeof(struct iphdr))
/* Of a message this much, ICMP header included, is linear. */
#define PKTPATH_PING_LINEAR 2048

/* ---- Egress ---- */

/* The ICMP header the user wrote: only an echo request will do. */
static int pp_ping_get_header(struct msghdr *msg, size_t len,
			      struct icmphdr *icmph)
{
	if (len > U16_MAX)
		return -EMSGSIZE;
	if (len < sizeof(*icmph))
		return -EINVAL;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (memcpy_from_msg(icmph, msg, sizeof(*icmph)))
		return -EFAULT;
	if (icmph->type != ICMP_ECHO || icmph->code != 0)
		return -EINVAL;
	return 0;
}

/* The route of the request, held; fills @fl->saddr. */
static struct pp_dst *pp_ping_route(struct sock *sk, const struct msghdr *msg,
				    const struct pp_ipc *ipc,
				    struct pp_flow *fl)
{
	struct pp_dst *dst;

	if (ipc->oif)
		fl->oif = ipc->oif;
	pp_ip_mc_flow(sk, fl);
	fl->mark = ipc->sockc.mark;
	if (ipc->tos >= 0)
		fl->tos = ipc->tos;
	if (msg->msg_flags & MSG_DONTROUTE)
		fl->flags |= PKTPATH_FLOWF_ONLINK;
	dst = pp_ip_route_output_flow(pp_sk(sk)->pn, fl, sk);
	if (IS_ERR(dst))
		return dst;
	if (dst->type == RTN_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		dst_release(&dst->rt.dst);
		return ERR_PTR(-EACCES);
	}
	return dst;
}

/* The message with its header in place and summed; skb->data is at it. */
static struct sk_buff *pp_ping_make_skb(struct sock *sk, struct msghdr *msg,
					size_t len,
					const struct icmphdr *user)
{
	size_t linear = min_t(size_t, len, PKTPATH_PING_LINEAR);
	struct icmphdr *icmph;
	struct sk_buff *skb;
	int err;

	if (pp_fault_nomem_sk(sk, PKTPATH_STAGE_TP_SEND))
		return ERR_PTR(-ENOBUFS);
	skb = sock_alloc_send_pskb(sk, PKTPATH_PING_HEADROOM + linear,
				   len - linear,
				   msg->msg_flags & MSG_DONTWAIT, &err,
				   PAGE_ALLOC_COSTLY_ORDER);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, PKTPATH_PING_HEADROOM);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len += skb->data_len;
	skb_reset_transport_header(skb);
	err = skb_copy_datagram_from_iter(skb, sizeof(*icmph), &msg->msg_iter,
					  len - sizeof(*icmph));
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	icmph = (struct icmphdr *)skb->data;
	*icmph = *user;
	icmph->un.echo.id = inet_sk(sk)->inet_sport;
	icmph->checksum = 0;
	icmph->checksum = csum_fold(skb_checksum(skb, 0, len, 0));
	return skb;
}

/* Sends the datagram over @dst, whose reference becomes the skb's. */
static int pp_ping_xmit(struct sock *sk, struct sk_buff *skb,
			struct pp_dst *dst, const struct pp_flow *fl,
			const struct pp_ipc *ipc)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	u8 ttl = ipc->ttl ? ipc->ttl : pp_ip_select_ttl(sk, dst);

	skb_dst_set(skb, &dst->rt.dst);
	/* a route holds the device that it names now, not the one before */
	rcu_read_lock();
	pp_ip_push_header(skb, sk, dst, fl->saddr, fl->daddr, IPPROTO_ICMP,
			  fl->tos, ttl);
	rcu_read_unlock();
	skb->mark = ipc->sockc.mark;
	skb->priority = ipc->priority;
	pp_compat_skb_set_txtime(skb, sk, ipc->sockc.transmit_time);
	pp_compat_skb_tx_timestamp(skb, &ipc->sockc);
	pp_icmp_count_out(pn, ICMP_ECHO);
	pp_at_tp_xmit(skb, sk, skb->len);
	return pp_ip_send_ipc(pn, skb, ipc);
}

/* A request that does not fit. */
static int pp_ping_too_big(struct sock *sk, __be32 daddr, unsigned int mtu)
{
	if (pp_sf(sk, PKTPATH_SF_RECVERR))
		pp_ip_local_error(sk, EMSGSIZE, daddr, 0, mtu);
	return -EMSGSIZE;
}

static int pp_ping_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct icmphdr icmph;
	struct sk_buff *skb;
	struct pp_dst *dst;
	struct pp_ipc ipc;
	struct pp_flow fl;
	unsigned int mtu;
	__be32 daddr;
	int err;

	err = pp_ping_get_header(msg, len, &icmph);
	if (err)
		return err;
	err = pp_raw_dest(sk, msg, &daddr);
	if (err)
		return err;
	pp_ipc_init(&ipc, sk);
	if (msg->msg_controllen) {
		err = pp_ip_cmsg_send(sk, msg, &ipc, false);
		if (err)
			return err;
	}
	pp_flow_init_sk(&fl, sk, daddr, ipc.addr);
	fl.proto = IPPROTO_ICMP;
	dst = pp_ping_route(sk, msg, &ipc, &fl);
	if (IS_ERR(dst))
		return PTR_ERR(dst);

	if (msg->msg_flags & MSG_CONFIRM) {
		rcu_read_lock();
		pp_neigh_confirm(dst->pd, dst->gw ? dst->gw : fl.daddr);
		rcu_read_unlock();
	}
	if (msg->msg_flags & MSG_PROBE) {
		err = len;
		goto release;
	}
	rcu_read_lock();
	mtu = pp_ip_may_fragment(sk) ? IP_MAX_MTU : pp_ip_mtu(sk, dst);
	rcu_read_unlock();
	if (len + sizeof(struct iphdr) > mtu) {
		err = pp_ping_too_big(sk, fl.daddr, mtu);
		goto release;
	}
	skb = pp_ping_make_skb(sk, msg, len, &icmph);
	if (IS_ERR(skb)) {
		err = PTR_ERR(skb);
		goto release;
	}
	pp_at_tp_send(skb, sk, skb->len);
	err = pp_ping_xmit(sk, skb, dst, &fl, &ipc);
	return err ? err : len;

release:
	dst_release(&dst->rt.dst);
	return err;
}

/* ---- Ingress ---- */

/* Takes the skb always; skb->data at the ICMP header. */
static int pp_ping_queue(struct sock *sk, struct sk_buff *skb)
{
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	return pp_ip_queue_rcv_skb(sk, skb);
}

/*
 * An echo reply came in; takes the skb always. skb->data is at the ICMP
 * header, of which 8 bytes are linear.
 */
static bool pp_ping_rcv(struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	struct sock *sk;

	sk = pp_ping_lookup_rcu(pn, ntohs(icmp_hdr(skb)->un.echo.id),
				ip_hdr(skb)->daddr, skb);
	if (!sk) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_SOCK_CLOSED);
		return false;
	}
	pp_at_tp_rcv(skb, sk, skb->len);
	return !pp_ping_queue(sk, skb);
}

/*
 * An ICMP error about one of our echo requests. skb->data is at the inner IP
 * header, which is linear with 8 bytes behind it; @skb stays the caller's.
 * RFC 1122 §4.1.3.3: handed to the application when it asked for errors, and
 * hard ones also when it is connected.
 */
static int pp_ping_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *inner = (const struct iphdr *)skb->data;
	u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	struct pp_icmp_err e;
	struct icmphdr *icmph;
	struct sock *sk;

	icmph = (struct icmphdr *)(skb->data + inner->ihl * 4);
	if (icmph->type != ICMP_ECHO)
		return -ENOENT;
	sk = pp_ping_lookup_rcu(pn, ntohs(icmph->un.echo.id), inner->saddr,
				skb);
	if (!sk)
		return -ENOENT;
	if (type == ICMP_REDIRECT) {
		pp_ip_redirect(sk, skb);
		return 0;
	}
	e = pp_icmp_to_errno(type, code);
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		pp_ip_update_pmtu(pn, sk, inner->daddr,
				  READ_ONCE(sk->sk_bound_dev_if) ?:
				  pp_skb_sdif(skb), info);
		if (READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT)
			return 0;
		e.error = EMSGSIZE;
		e.fatal = true;
	}
	if (pp_sf(sk, PKTPATH_SF_RECVERR))
		pp_ip_icmp_error(sk, skb, e.error, 0, info, (u8 *)icmph);
	else if (!e.fatal || READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		return 0;
	sk->sk_err = e.error;
	sk_error_report(sk);
	return 0;
}

static int pp_ping_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			   int flags)
{
	unsigned int full;

	return pp_raw_recv(sk, msg, len, flags, &full);
}

PKTPATH_PROTO_RECVMSG(pp_ping_recvmsg)

/* ---- Life ---- */

static void pp_ping_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

static int pp_ping_connect(struct sock *sk, struct pp_compat_sockaddr *uaddr,
			   int len)
{
	int err;

	lock_sock(sk);
	err = pp_ip_datagram_connect(sk, (struct sockaddr_in *)uaddr);
	release_sock(sk);
	return err;
}

static int pp_ping_disconnect_locked(struct sock *sk)
{
	int err = pp_ip_datagram_disconnect(sk);

	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		pp_ping_unhash(sk);
	return err;
}

static int pp_ping_disconnect(struct sock *sk, int flags)
{
	int err;

	lock_sock(sk);
	err = pp_ping_disconnect_locked(sk);
	release_sock(sk);
	return err;
}

static int pp_ping_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sock_flag(sk, SOCK_DEAD))
		goto release;
	sk->sk_userlocks &= ~(SOCK_BINDPORT_LOCK | SOCK_BINDADDR_LOCK);
	pp_ping_disconnect_locked(sk);
	skb_queue_purge(&sk->sk_receive_queue);
	skb_queue_purge(&sk->sk_error_queue);
	sk->sk_err = err;
	sk_error_report(sk);
	sk->sk_state_change(sk);
release:
	release_sock(sk);
	return 0;
}

struct proto pp_ping_prot = {
	.name = "PP_PING",
	.owner = THIS_MODULE,
	.close = pp_ping_close,
	.connect = pp_ping_connect,
	.disconnect = pp_ping_disconnect,
	.sendmsg = pp_ping_sendmsg,
	.recvmsg = PKTPATH_RECVMSG_OP(pp_ping_recvmsg),
	.backlog_rcv = pp_ping_queue,
	.unhash = pp_ping_unhash,
	.get_port = pp_ping_get_port,
	.diag_destroy = pp_ping_abort,
	.obj_size = PKTPATH_SOCK_SIZE(struct pp_raw_sock),
};

static const struct pp_ip_raw_ops pp_raw_ip_ops = {
	.deliver = pp_raw_deliver,
	.err = pp_raw_err,
};

static int pp_raw_layer_init(void)
{
	int err;

	err = proto_register(&pp_ping_prot, 1);
	if (err)
		return err;
	err = proto_register(&pp_raw_prot, 1);
	if (err)
		proto_unregister(&pp_ping_prot);
	return err;
}

static void pp_raw_layer_exit(void)
{
	proto_unregister(&pp_raw_prot);
	proto_unregister(&pp_ping_prot);
}

static int pp_raw_layer_start(void)
{
	pp_ip_set_raw_ops(&pp_raw_ip_ops);
	pp_icmp_set_echo_reply(pp_ping_rcv);
	pp_icmp_set_ping_err(pp_ping_err);
	return 0;
}

static void pp_raw_layer_stop(void)
{
	pp_ip_set_raw_ops(NULL);
	pp_icmp_set_ping_err(NULL);
	pp_icmp_set_echo_reply(NULL);
}

const struct pp_layer pp_raw_layer = {
	.name = "raw",
	.init = pp_raw_layer_init,
	.exit = pp_raw_layer_exit,
	.net_init = pp_raw_net_init,
	.net_exit = pp_raw_net_exit,
	.start = pp_raw_layer_start,
	.stop = pp_raw_layer_stop,
};
