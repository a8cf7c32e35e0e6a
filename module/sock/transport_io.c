// SPDX-License-Identifier: GPL-2.0
/*
 * Transports of other modules: what their packets have in common.
 *
 * A transport is called with the socket locked and never sees a route, an IP
 * header or a message of the user's. What it sends and gets passes the stages
 * and counters of the built-in ones.
 *
 * Path: pp_inet_sendmsg() => pp_tport_sendmsg() => send of the transport =>
 *	 pktpath_send_skb() => ip/ip_output.c;
 *	 ip/ip_input.c => pp_tport_rcv() => rcv of the transport =>
 *	 pktpath_queue_rcv_skb() => receive queue => pp_tport_recv()
 * Mirrors: net/ipv4/udp.c, net/ipv4/raw.c
 * Locks: socket lock with backlog
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/fault.h"
#include "core/trace.h"
#include "ip/ip.h"
#include "sock/transport_priv.h"

/* Room for link and IP header in front of the transport's. */
#define PKTPATH_TPORT_HEADROOM \
	(ALIGN(LL_MAX_HEADER, 16) + sizeof(struct iphdr))
/* Of a packet this much is linear. */
#define PKTPATH_TPORT_LINEAR 2048
/* A locked socket's timer looks again so much later. */
#define PKTPATH_TPORT_BUSY (HZ / 50 + 1)

/* Source and destination, as the header of each transport begins. */
struct pp_tport_ports {
	__be16 source, dest;
};

/* ---- Egress ---- */

/**
 * pktpath_priv() - a transport's own part of a socket
 * @sk: the socket
 *
 * Context: any.
 * Return: priv_size bytes.
 */
void *pktpath_priv(const struct sock *sk)
{
	return pp_tport_sk(sk)->priv;
}
EXPORT_SYMBOL_GPL(pktpath_priv);

/**
 * pktpath_alloc_skb() - for a packet that no user has written
 * @t: the transport
 * @len: bytes to be put behind the header
 *
 * Context: any.
 * Return: the skb at its zeroed header, or NULL.
 */
struct sk_buff *pktpath_alloc_skb(const struct pktpath_transport *t,
				  unsigned int len)
{
	struct sk_buff *skb;

	if (len > IP_MAX_MTU)
		return NULL;
	skb = alloc_skb(PKTPATH_TPORT_HEADROOM + t->header + len,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, PKTPATH_TPORT_HEADROOM);
	skb_reset_transport_header(skb);
	skb_put_zero(skb, t->header);
	return skb;
}
EXPORT_SYMBOL_GPL(pktpath_alloc_skb);

/* The user's bytes behind a header of which the ports are filled. */
static struct sk_buff *pp_tport_make_skb(struct sock *sk, struct msghdr *msg,
					 size_t len,
					 const struct pktpath_flow *fl)
{
	unsigned int header = pp_tport_sk(sk)->tp->t->header;
	size_t linear = min_t(size_t, len, PKTPATH_TPORT_LINEAR);
	struct pp_tport_ports *ports;
	struct sk_buff *skb;
	int err;

	if (pp_fault_nomem_sk(sk, PKTPATH_STAGE_TP_SEND))
		return ERR_PTR(-ENOBUFS);
	skb = sock_alloc_send_pskb(sk, PKTPATH_TPORT_HEADROOM + header + linear,
				   len - linear,
				   msg->msg_flags & MSG_DONTWAIT, &err,
				   PAGE_ALLOC_COSTLY_ORDER);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, PKTPATH_TPORT_HEADROOM);
	skb_reset_transport_header(skb);
	ports = skb_put_zero(skb, header);
	ports->source = fl->sport;
	ports->dest = fl->dport;
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len += skb->data_len;
	err = skb_copy_datagram_from_iter(skb, header, &msg->msg_iter, len);
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	return skb;
}

static int pp_tport_dest(const struct sock *sk, const struct msghdr *msg,
			 struct pktpath_flow *fl)
{
	const struct sockaddr_in *sin = msg->msg_name;

	if (!sin) {
		if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		fl->daddr = READ_ONCE(inet_sk(sk)->inet_daddr);
		fl->dport = READ_ONCE(inet_sk(sk)->inet_dport);
		return 0;
	}
	if (msg->msg_namelen < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != sk->sk_family && sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	fl->daddr = sin->sin_addr.s_addr;
	fl->dport = sin->sin_port;
	return fl->dport ? 0 : -EINVAL;
}

/* Where the message goes, by address, control messages and options. */
static int pp_tport_flow(struct sock *sk, struct msghdr *msg,
			 struct pktpath_flow *fl)
{
	struct pp_ipc ipc;
	int err;

	memset(fl, 0, sizeof(*fl));
	err = pp_tport_dest(sk, msg, fl);
	if (err)
		return err;
	pp_ipc_init(&ipc, sk);
	if (msg->msg_controllen) {
		err = pp_ip_cmsg_send(sk, msg, &ipc, false);
		if (err)
			return err;
		/* a flow has no room for them */
		if (ipc.opts_given)
			return -EINVAL;
	}
	if (!fl->daddr)
		fl->daddr = ipc.addr ?: htonl(INADDR_LOOPBACK);
	fl->saddr = ipc.addr;
	fl->sport = READ_ONCE(inet_sk(sk)->inet_sport);
	fl->oif = ipc.oif;
	fl->mark = ipc.sockc.mark;
	fl->priority = ipc.priority;
	fl->tos = ipc.tos >= 0 ? ipc.tos : READ_ONCE(inet_sk(sk)->tos);
	fl->ttl = ipc.ttl;
	return 0;
}

/**
 * pp_tport_sendmsg() - proto.sendmsg
 * @sk: the socket
 * @msg: the message
 * @len: bytes in @msg
 *
 * Waits for memory before the lock is taken, so that what frees it is not
 * kept out.
 *
 * Context: process, may sleep.
 * Return: @len, or -errno.
 */
int pp_tport_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct pp_tport_sock *ts = pp_tport_sk(sk);
	struct pktpath_flow fl;
	struct sk_buff *skb;
	int err;

	pp_at_tp_send(NULL, sk, len);
	if (len > IP_MAX_MTU - sizeof(struct iphdr) - ts->tp->t->header)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (pp_sf(sk, PKTPATH_SF_ABORTED) ||
	    READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return -EPIPE;
	err = pp_tport_flow(sk, msg, &fl);
	if (err)
		return err;
	skb = pp_tport_make_skb(sk, msg, len, &fl);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	lock_sock(sk);
	if (ts->closed) {
		kfree_skb(skb);
		err = -EPIPE;
	} else {
		err = ts->tp->t->send(sk, skb, &fl);
	}
	release_sock(sk);
	return err ?: len;
}

/* The route, held; @f is filled. */
static struct pp_dst *pp_tport_route(const struct pktpath_transport *t,
				     struct pp_net *pn, struct sock *sk,
				     const struct pktpath_flow *fl,
				     struct pp_flow *f)
{
	struct pp_dst *dst;

	if (sk)
		pp_flow_init_sk(f, sk, fl->daddr, fl->saddr);
	else
		*f = (struct pp_flow){
			.daddr = fl->daddr,
			.saddr = fl->saddr,
			.uid = GLOBAL_ROOT_UID,
		};
	if (fl->oif)
		f->oif = fl->oif;
	if (sk)
		pp_ip_mc_flow(sk, f);
	f->mark = fl->mark;
	f->tos = fl->tos;
	f->proto = t->protocol;
	f->sport = fl->sport;
	f->dport = fl->dport;
	dst = pp_ip_route_output_flow(pn, f, sk);
	if (IS_ERR(dst)) {
		if (PTR_ERR(dst) == -ENETUNREACH)
			pp_mib_inc(pn, IP_OUTNOROUTES);
		return dst;
	}
	if (dst->type == RTN_BROADCAST &&
	    !(sk && sock_flag(sk, SOCK_BROADCAST))) {
		dst_release(&dst->rt.dst);
		return ERR_PTR(-EACCES);
	}
	return dst;
}

static u8 pp_tport_ttl(const struct pp_net *pn, const struct sock *sk,
		       const struct pp_dst *dst, u8 ttl)
{
	if (ttl)
		return ttl;
	return sk ? pp_ip_select_ttl(sk, dst) : pp_dst_ttl(pn, dst);
}

/* Whether it fits, with room for the headers; tells the user if not. */
static int pp_tport_fits(struct sock *sk, struct sk_buff *skb,
			 const struct pp_dst *dst, const struct pp_flow *f)
{
	unsigned int most = IP_MAX_MTU, room;

	rcu_read_lock();
	if (sk && !pp_ip_may_fragment(sk))
		most = pp_ip_mtu(sk, dst);
	room = LL_RESERVED_SPACE(READ_ONCE(dst->rt.dst.dev));
	rcu_read_unlock();
	if (skb->len + sizeof(struct iphdr) > most) {
		if (sk && pp_sf(sk, PKTPATH_SF_RECVERR))
			pp_ip_local_error(sk, EMSGSIZE, f->daddr, f->dport,
					  most);
		return -EMSGSIZE;
	}
	return skb_cow_head(skb, room + sizeof(struct iphdr)) ? -ENOBUFS : 0;
}

static int pp_tport_send(const struct pktpath_transport *t, struct net *net,
			 struct sock *sk, struct sk_buff *skb,
			 const struct pktpath_flow *fl)
{
	struct pp_net *pn = pp_net(net);
	struct pp_dst *dst;
	struct pp_flow f;
	int err;

	dst = pp_tport_route(t, pn, sk, fl, &f);
	if (IS_ERR(dst)) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE,
			    PKTPATH_DROP_IP_NOROUTE_OUT);
		return PTR_ERR(dst);
	}
	err = pp_tport_fits(sk, skb, dst, &f);
	if (err) {
		dst_release(&dst->rt.dst);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_XMIT,
			    err == -EMSGSIZE ? PKTPATH_DROP_IP_TOOBIG :
					       PKTPATH_DROP_NOMEM);
		return err;
	}
	if (sk && !skb->sk)
		skb_set_owner_w(skb, sk);
	skb_reset_transport_header(skb);
	skb_dst_drop(skb);
	skb_dst_set(skb, &dst->rt.dst);
	rcu_read_lock();
	pp_ip_push_header(skb, sk, dst, f.saddr, f.daddr, t->protocol, f.tos,
			  pp_tport_ttl(pn, sk, dst, fl->ttl));
	if (sk)
		pp_ip_mc_noloop(skb, sk, dst);
	rcu_read_unlock();
	skb->mark = fl->mark;
	skb->priority = fl->priority;
	pp_at_tp_xmit(skb, sk, skb->len);
	return pp_ip_send_skb(pn, skb);
}

/**
 * pktpath_send_skb() - down to IP
 * @sk: whose it is
 * @skb: taken always; at its transport header
 * @fl: where to
 *
 * Mirrors: net/ipv4/ip_output.c:ip_make_skb, ip_send_skb.
 *
 * Context: any.
 * Return: 0 or -errno, see include/net/pktpath.h.
 */
int pktpath_send_skb(struct sock *sk, struct sk_buff *skb,
		     const struct pktpath_flow *fl)
{
	return pp_tport_send(pp_tport_sk(sk)->tp->t, sock_net(sk), sk, skb,
			     fl);
}
EXPORT_SYMBOL_GPL(pktpath_send_skb);

/**
 * pktpath_send_skb_net() - down to IP, in no socket's name
 * @t: the transport
 * @net: netns
 * @skb: taken always; at its transport header
 * @fl: where to
 *
 * Context: any.
 * Return: as pktpath_send_skb().
 */
int pktpath_send_skb_net(const struct pktpath_transport *t, struct net *net,
			 struct sk_buff *skb, const struct pktpath_flow *fl)
{
	return pp_tport_send(t, net, NULL, skb, fl);
}
EXPORT_SYMBOL_GPL(pktpath_send_skb_net);

/**
 * pktpath_flow_reply() - the way back
 * @fl: filled
 * @skb: a packet that came in, at its transport header
 *
 * Context: any.
 */
void pktpath_flow_reply(struct pktpath_flow *fl, const struct sk_buff *skb)
{
	const struct pp_tport_ports *ports = (const void *)skb->data;
	const struct iphdr *iph = ip_hdr(skb);

	memset(fl, 0, sizeof(*fl));
	fl->daddr = iph->saddr;
	if (skb->pkt_type == PACKET_HOST)
		fl->saddr = iph->daddr;
	fl->sport = ports->dest;
	fl->dport = ports->source;
}
EXPORT_SYMBOL_GPL(pktpath_flow_reply);

/* ---- Timer ---- */

/**
 * pktpath_timer() - have the transport called later
 * @sk: socket, locked
 * @delay: jiffies
 *
 * Context: any.
 */
void pktpath_timer(struct sock *sk, unsigned long delay)
{
	pp_tport_sk(sk)->armed = true;
	sk_reset_timer(sk, &pp_tport_sk(sk)->timer, jiffies + delay);
}
EXPORT_SYMBOL_GPL(pktpath_timer);

/**
 * pktpath_timer_stop() - have it called no more
 * @sk: socket, locked
 *
 * Context: any.
 */
void pktpath_timer_stop(struct sock *sk)
{
	pp_tport_sk(sk)->armed = false;
	sk_stop_timer(sk, &pp_tport_sk(sk)->timer);
}
EXPORT_SYMBOL_GPL(pktpath_timer_stop);

/**
 * pp_tport_expired() - the timer
 * @timer: in the socket, which it holds
 *
 * Context: softirq.
 */
void pp_tport_expired(struct timer_list *timer)
{
	struct pp_tport_sock *ts = container_of(timer, struct pp_tport_sock,
						timer);
	const struct pktpath_transport *t = ts->tp->t;
	struct sock *sk = (struct sock *)ts;

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		/* unless the owner has just said when */
		if (!timer_pending(timer))
			sk_reset_timer(sk, timer,
				       jiffies + PKTPATH_TPORT_BUSY);
	} else if (ts->armed && !timer_pending(timer)) {
		ts->armed = false;
		if (t->timer)
			t->timer(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* ---- Ingress ---- */

/**
 * pktpath_drop_skb_net() - throw a packet away
 * @net: netns
 * @skb: freed; NULL: gone already
 * @at: where
 * @why: why
 *
 * Context: any.
 */
void pktpath_drop_skb_net(struct net *net, struct sk_buff *skb,
			  enum pktpath_at at, enum pktpath_why why)
{
	static const enum pp_stage stages[] = {
		[PKTPATH_DROP_AT_SEND] = PKTPATH_STAGE_TP_SEND,
		[PKTPATH_DROP_AT_XMIT] = PKTPATH_STAGE_TP_XMIT,
		[PKTPATH_DROP_AT_RCV] = PKTPATH_STAGE_TP_RCV,
	};
	static const enum pp_drop_cause causes[] = {
		[PKTPATH_WHY_TRUNCATED] = PKTPATH_DROP_TP_TRUNC,
		[PKTPATH_WHY_CHECKSUM] = PKTPATH_DROP_TP_CSUM,
		[PKTPATH_WHY_INVALID] = PKTPATH_DROP_TP_INVALID,
		[PKTPATH_WHY_DUPLICATE] = PKTPATH_DROP_TP_DUPLICATE,
		[PKTPATH_WHY_GIVEN_UP] = PKTPATH_DROP_TP_GIVEN_UP,
		[PKTPATH_WHY_MEMORY] = PKTPATH_DROP_NOMEM,
	};
	enum pp_drop_cause cause = PKTPATH_DROP_NOT_SPECIFIED;
	enum pp_stage stage = PKTPATH_STAGE_TP_RCV;

	if ((unsigned int)at < ARRAY_SIZE(stages))
		stage = stages[at];
	if ((unsigned int)why < ARRAY_SIZE(causes))
		cause = causes[why];
	if (skb)
		pp_skb_drop(pp_net(net), skb, stage, cause);
	else
		pp_drop_note(pp_net(net), NULL, stage, cause);
}
EXPORT_SYMBOL_GPL(pktpath_drop_skb_net);

/**
 * pktpath_drop_skb() - throw a packet of a socket away
 * @sk: the socket
 * @skb: freed; NULL: gone already
 * @at: where
 * @why: why
 *
 * Context: any.
 */
void pktpath_drop_skb(const struct sock *sk, struct sk_buff *skb,
		      enum pktpath_at at, enum pktpath_why why)
{
	pktpath_drop_skb_net(sock_net(sk), skb, at, why);
}
EXPORT_SYMBOL_GPL(pktpath_drop_skb);

/**
 * pktpath_error() - tell the user
 * @sk: socket, locked
 * @err: positive errno
 *
 * Context: any.
 */
void pktpath_error(struct sock *sk, int err)
{
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
}
EXPORT_SYMBOL_GPL(pktpath_error);

/**
 * pktpath_queue_rcv_skb() - up to the user
 * @sk: socket, locked
 * @skb: taken always; at its transport header
 *
 * Context: softirq or process.
 * Return: 0, -ENOMEM, -ENOBUFS, -EPERM.
 */
int pktpath_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	__skb_pull(skb, pp_tport_sk(sk)->tp->t->header);
	return pp_ip_queue_rcv_skb(sk, skb);
}
EXPORT_SYMBOL_GPL(pktpath_queue_rcv_skb);

/**
 * pp_tport_backlog() - proto.backlog_rcv: a packet for a locked socket
 * @sk: the socket, locked
 * @skb: taken always; at its transport header
 *
 * Context: softirq or process.
 * Return: 0.
 */
int pp_tport_backlog(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tport_sock *ts = pp_tport_sk(sk);

	if (ts->closed)
		pp_skb_drop(pp_sk(sk)->pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_SOCK_CLOSED);
	else
		ts->tp->t->rcv(sk, skb);
	return 0;
}

/* Nobody has that port: RFC 1122 §4.1.3.1, for other transports too. */
static void pp_tport_no_port(struct pp_net *pn, struct sk_buff *skb)
{
	__skb_push(skb, skb_network_header_len(skb));
	pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, PKTPATH_DROP_SOCK_CLOSED);
}

/* pp_net_protocol.handler */
static int pp_tport_rcv(struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	const struct pp_tport_ports *ports;
	struct pp_tport_key key;
	struct pp_tport *tp;
	struct sock *sk;

	tp = rcu_dereference(pp_tports[ip_hdr(skb)->protocol]);
	if (!tp || !pskb_may_pull(skb, tp->t->header)) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_TP_TRUNC);
		return 0;
	}
	if (tp->t->input) {
		pp_at_tp_rcv(skb, NULL, skb->len);
		tp->t->input(pn->net, skb);
		return 0;
	}
	ports = (const void *)skb->data;
	key = (struct pp_tport_key){
		.net = pn->net,
		.own = ip_hdr(skb)->daddr,
		.other = ip_hdr(skb)->saddr,
		.sport = ports->source,
		.num = ntohs(ports->dest),
		.ifindex = inet_iif(skb),
		.sdif = pp_skb_sdif(skb),
	};
	sk = pp_tport_lookup(tp, &key);
	pp_at_tp_rcv(skb, sk, skb->len);
	if (!sk) {
		pp_tport_no_port(pn, skb);
		return 0;
	}
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	/* A backlog does not hold the device. */
	skb->dev = NULL;
	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		pp_tport_backlog(sk, skb);
	else if (sk_add_backlog(sk, skb, READ_ONCE(sk->sk_rcvbuf)))
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_SOCK_RCVBUF);
	bh_unlock_sock(sk);
	sock_put(sk);
	return 0;
}

/* RFC 1191 with a check of RFC 5927 §7.2, as of datagrams. */
static bool pp_tport_err_pmtu(struct sock *sk, const struct iphdr *inner,
			      u32 mtu)
{
	if (mtu && ntohs(inner->tot_len) <= mtu)
		return false;
	pp_ip_update_pmtu(pp_sk(sk)->pn, sk, inner->daddr,
			  READ_ONCE(sk->sk_bound_dev_if), mtu);
	return READ_ONCE(inet_sk(sk)->pmtudisc) != IP_PMTUDISC_DONT;
}

/* Tells the transport, or keeps it for pp_tport_release_cb(); locked. */
static void pp_tport_err_tell(struct sock *sk, const void *header, int err,
			      bool fatal)
{
	struct pp_tport_sock *ts = pp_tport_sk(sk);

	if (ts->closed || !ts->tp->t->err)
		return;
	if (!sock_owned_by_user(sk)) {
		ts->tp->t->err(sk, header, err, fatal);
	} else if (fatal || !ts->err_kept || !ts->err_fatal) {
		ts->err_kept = true;
		ts->err_fatal = fatal;
		ts->err = err;
		memcpy(ts->err_header, header, sizeof(ts->err_header));
	}
}

/**
 * pp_tport_release_cb() - proto.release_cb: what came while a call had the socket
 * @sk: socket, locked, and still owned
 *
 * Context: process, bottom halves off.
 */
void pp_tport_release_cb(struct sock *sk)
{
	struct pp_tport_sock *ts = pp_tport_sk(sk);

	if (likely(!ts->err_kept))
		return;
	ts->err_kept = false;
	if (!ts->closed)
		ts->tp->t->err(sk, ts->err_header, ts->err, ts->err_fatal);
}

/* An ICMP error for a socket: RFC 1122 §4.1.3.3. */
static void pp_tport_err_sk(struct sock *sk, struct sk_buff *skb, u32 info)
{
	const struct iphdr *inner = (const struct iphdr *)skb->data;
	struct pp_tport_ports *ports = (void *)(skb->data + inner->ihl * 4);
	u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	struct pp_icmp_err e;

	if (type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT)
		return;
	e = pp_icmp_to_errno(type, code);
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		if (!pp_tport_err_pmtu(sk, inner, info))
			return;
		e.error = EMSGSIZE;
		e.fatal = true;
	}
	if (pp_sf(sk, PKTPATH_SF_RECVERR)) {
		pp_ip_icmp_error(sk, skb, e.error, ports->dest, info,
				 (u8 *)ports + 8);
		pktpath_error(sk, e.error);
	}
	bh_lock_sock(sk);
	pp_tport_err_tell(sk, ports, e.error, e.fatal);
	bh_unlock_sock(sk);
}

/* pp_net_protocol.err */
static int pp_tport_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *inner = (const struct iphdr *)skb->data;
	const struct pp_tport_ports *ports;
	struct pp_tport_key key;
	struct pp_tport *tp;
	struct sock *sk;

	tp = rcu_dereference(pp_tports[inner->protocol]);
	if (!tp)
		return -ENOENT;
	ports = (const void *)(skb->data + inner->ihl * 4);
	key = (struct pp_tport_key){
		.net = dev_net(skb->dev),
		.own = inner->saddr,
		.other = inner->daddr,
		.sport = ports->dest,
		.num = ntohs(ports->source),
		.sdif = pp_skb_sdif(skb),
	};
	key.ifindex = pp_skb_dif(skb, key.sdif);
	sk = pp_tport_lookup(tp, &key);
	if (!sk)
		return -ENOENT;
	pp_tport_err_sk(sk, skb, info);
	sock_put(sk);
	return 0;
}

const struct pp_net_protocol pp_tport_protocol = {
	.handler = pp_tport_rcv,
	.err = pp_tport_err,
};

/**
 * pp_tport_recv() - proto.recvmsg
 * @sk: socket
 * @msg: where to, filled with address and control messages
 * @len: room in bytes
 * @flags: MSG_*
 *
 * Mirrors: net/ipv4/udp.c:udp_recvmsg.
 *
 * Context: process, may sleep.
 * Return: bytes copied or -errno.
 */
int pp_tport_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct sockaddr_in *sin = msg->msg_name;
	const struct pp_tport_ports *ports;
	unsigned int full, copied;
	struct sk_buff *skb;
	int err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return pp_ip_recv_error(sk, msg, len);
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	full = skb->len;
	copied = min_t(size_t, full, len);
	if (copied < full)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (!err) {
		sock_recv_cmsgs(msg, sk, skb);
		if (sin) {
			ports = (const void *)skb_transport_header(skb);
			pp_ip_fill_sockaddr(sk, sin, ip_hdr(skb)->saddr,
					    ports->source);
			msg->msg_namelen = sizeof(*sin);
		}
		pp_ip_cmsg_recv(msg, sk, skb);
		err = flags & MSG_TRUNC ? full : copied;
	}
	skb_free_datagram(sk, skb);
	return err;
}
