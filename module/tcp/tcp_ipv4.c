// SPDX-License-Identifier: GPL-2.0
/*
 * TCP's edge to IP: a segment finds its socket, connect() finds its way, ICMP
 * errors are believed or not.
 *
 * Path: ip/ip_input.c => pp_tcp_v4_rcv() => tcp_input.c, tcp_state.c,
 *	 tcp_listen.c
 * Mirrors: net/ipv4/tcp_ipv4.c
 * Locks: none on entry (softirq, RCU); the socket's spinlock around processing
 */
#include <linux/icmp.h>
#include <linux/skbuff.h>
#include <net/busy_poll.h>
#include <net/checksum.h>
#include "compat/compat.h"
#include "core/hash.h"
#include "core/trace.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"

/**
 * pp_tcp_drop() - throw a segment of a connection away
 * @sk: socket it was for
 * @skb: taken
 * @cause: why
 *
 * Context: any.
 */
void pp_tcp_drop(struct sock *sk, struct sk_buff *skb,
		 enum pp_drop_cause cause)
{
	pp_compat_sk_drops_inc(sk);
	pp_skb_drop(pp_sk(sk)->pn, skb, PKTPATH_STAGE_TP_RCV, cause);
}

/* ---- Secrets (RFC 6528, RFC 7323 §5.4) ---- */

/**
 * pp_tcp_secrets() - the two numbers with which a connection begins
 * @pn: netns
 * @key: its tuple
 * @isn: initial sequence number, set. RFC 6528: M + F(tuple, secret), M counting
 *	every 64 ns so that a tuple that is used again begins above what it used
 *	before
 * @ts_offset: start of the timestamp clock in milliseconds, set. RFC 7323 §7.1:
 *	neither uptime nor another connection shows in it, unless tcp_timestamps
 *	is 2
 *
 * They are halves of one keyed hash, of which neither tells the other.
 *
 * Context: any.
 */
void pp_tcp_secrets(struct pp_net *pn, const struct pp_tcp_key *key, u32 *isn,
		    u32 *ts_offset)
{
	u64 hash = pp_hash64_4(pn, (__force u32)key->laddr,
			       (__force u32)key->faddr,
			       (__force u32)key->lport << 16 |
			       (__force u32)key->fport, 0x15e9);

	*isn = (u32)hash + (u32)(ktime_get_real_ns() >> 6);
	*ts_offset = READ_ONCE(pn->sysctl.tcp_timestamps) == 1 ? hash >> 32 : 0;
}

/* ---- connect() ---- */

static int pp_tcp_connect_route(struct sock *sk, struct sockaddr_in *sin)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_dst *dst;
	struct pp_flow fl;

	pp_flow_init_sk(&fl, sk, sin->sin_addr.s_addr, inet->inet_saddr);
	fl.proto = IPPROTO_TCP;
	fl.dport = sin->sin_port;
	fl.sport = inet->inet_sport;
	dst = pp_ip_route_output_flow(pp_sk(sk)->pn, &fl, sk);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (dst->type == RTN_BROADCAST || dst->type == RTN_MULTICAST) {
		dst_release(&dst->rt.dst);
		return -ENETUNREACH;
	}
	inet->inet_daddr = fl.daddr;
	inet->inet_dport = sin->sin_port;
	if (!inet->inet_saddr)
		inet->inet_saddr = fl.saddr;
	/* a broadcast address it was bound to has had its time */
	inet->inet_rcv_saddr = inet->inet_saddr;
	sk->sk_gso_type = SKB_GSO_TCPV4;
	sk_setup_caps(sk, &dst->rt.dst);
	return 0;
}

static int pp_tcp_connect_failed(struct sock *sk, int err)
{
	struct inet_sock *inet = inet_sk(sk);

	pp_tcp_set_state(sk, TCP_CLOSE);
	/* A SYN that was refused on its way out. */
	pp_tcp_write_queue_purge(sk);
	pp_tcp_unhash(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		pp_tcp_put_port(sk);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_saddr = 0;
		inet->inet_rcv_saddr = 0;
	}
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	sk->sk_route_caps = 0;
	return err;
}

/**
 * pp_tcp_connect_deferred() - the first data of a socket that connect() left
 * waiting for it
 * @sk: socket of pp_tcp_fo_deferred()
 * @fo: data for the SYN
 *
 * Context: process, socket locked.
 * Return: as pp_tcp_v4_connect().
 */
int pp_tcp_connect_deferred(struct sock *sk, struct pp_tcp_fo_data *fo)
{
	int err;

	clear_bit(PKTPATH_TF_FO_DEFER, &pp_tcp_sk(sk)->tflags);
	err = pp_tcp_connect(sk, fo);
	return err ? pp_tcp_connect_failed(sk, err) : 0;
}

/**
 * pp_tcp_v4_connect() - active OPEN
 * @sk: socket in CLOSE
 * @sin: destination, form checked
 * @fo: data for the SYN, or NULL
 *
 * RFC 9293 §3.10.1.
 * Context: process, socket locked.
 * Return: 0: the SYN is out, or deferred; -errno of route or port, the socket
 * is in CLOSE.
 */
int pp_tcp_v4_connect(struct sock *sk, struct sockaddr_in *sin,
		      struct pp_tcp_fo_data *fo)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_tcp_key old = tp->tn.key;
	u32 above = tp->write_seq, isn;
	bool any;
	int err;

	/* To 0.0.0.0 means to this host. */
	if (!sin->sin_addr.s_addr)
		sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	err = pp_tcp_connect_route(sk, sin);
	if (err)
		return err;
	tp->write_seq = 0;
	pp_tcp_set_state(sk, TCP_SYN_SENT);
	any = !inet->inet_sport;
	err = pp_tcp_connect_port(sk);
	if (err)
		goto fail;
	if (any && pp_ip_route_has_ports(pn))
		sk_dst_reset(sk);
	/* RFC 9293 §3.6.1: beyond what this socket used on the tuple. */
	if (!tp->write_seq && !memcmp(&old, &tp->tn.key, sizeof(old)))
		tp->write_seq = above;
	pp_tcp_secrets(pn, &tp->tn.key, &isn, &tp->ts_offset);
	if (!tp->write_seq)
		tp->write_seq = isn;
	sk_set_txhash(sk);
	atomic_set(&pp_sk(sk)->ident, sk->sk_txhash);
	if (!fo && pp_tcp_fo_defer(sk))
		return 0;
	err = pp_tcp_connect(sk, fo);
	if (!err)
		return 0;
fail:
	return pp_tcp_connect_failed(sk, err);
}

/* ---- Input ---- */

/* RFC 9293 §3.1 MUST-2, MUST-3. */
static bool pp_tcp_csum_ok(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (skb_csum_unnecessary(skb))
		return true;
	if (skb->ip_summed == CHECKSUM_COMPLETE &&
	    !csum_tcpudp_magic(iph->saddr, iph->daddr, skb->len, IPPROTO_TCP,
			       skb->csum)) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		return true;
	}
	skb->csum = csum_tcpudp_nofold(iph->saddr, iph->daddr, skb->len,
				       IPPROTO_TCP, 0);
	return !__skb_checksum_complete(skb);
}

/* Sequence numbers and flags where everybody looks for them. */
static void pp_tcp_fill_cb(struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

	cb->seq = ntohl(th->seq);
	cb->end_seq = cb->seq + th->syn + th->fin + skb->len - th->doff * 4;
	cb->ack_seq = ntohl(th->ack_seq);
	cb->flags = ((u8 *)th)[13];
	cb->ip_dsfield = ip_hdr(skb)->tos;
	cb->sacked = 0;
	cb->segs = max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	cb->eor = 0;
	cb->has_rxtstamp = skb->tstamp || skb_hwtstamps(skb)->hwtstamp;
}

/**
 * pp_tcp_v4_do_rcv() - process a segment
 * @sk: full socket, not a listener
 * @skb: at its TCP header; taken
 *
 * proto.backlog_rcv as well.
 * Context: socket locked, softirq or process.
 * Return: 0.
 */
int pp_tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->segs_in += PKTPATH_TCP_CB(skb)->segs;
	if (skb->len > tcp_hdrlen(skb))
		tp->data_segs_in += PKTPATH_TCP_CB(skb)->segs;
	if (sk->sk_state == TCP_ESTABLISHED) {
		pp_tcp_rcv_established(sk, skb);
		return 0;
	}
	if (pp_tcp_rcv_state_process(sk, skb)) {
		pp_tcp_send_reset(sk, skb);
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_FLAGS);
	}
	return 0;
}

/* False: dropped. The filter may cut the payload, so that numbers are looked at
 * after it.
 */
static bool pp_tcp_admits(struct sock *sk, struct sk_buff *skb)
{
	if (pp_ip_below_minttl(sk, ip_hdr(skb))) {
		pp_tcp_ext_inc(sk, MINTTLDROP);
		pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_MINTTL);
		return false;
	}
	if (!pp_compat_sk_filter(sk, skb, tcp_hdrlen(skb)))
		return true;
	pp_tcp_drop(sk, skb, PKTPATH_DROP_SOCK_FILTER);
	return false;
}

/* A segment for a full socket whose reference we have. Takes both. */
static void pp_tcp_rcv_full(struct sock *sk, struct sk_buff *skb)
{
	u32 limit;

	pp_at_found(skb, sk);
	if (!pp_tcp_admits(sk, skb)) {
		sock_put(sk);
		return;
	}
	pp_tcp_fill_cb(skb);
	skb->dev = NULL;
	sk_mark_napi_id(sk, skb);
	sock_rps_save_rxhash(sk, skb);
	sk_incoming_cpu_update(sk);
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk)) {
		pp_tcp_v4_do_rcv(sk, skb);
	} else {
		limit = (u32)READ_ONCE(sk->sk_rcvbuf) +
			(u32)(READ_ONCE(sk->sk_sndbuf) >> 1) + 65536;
		skb_dst_drop(skb);
		if (unlikely(sk_add_backlog(sk, skb, limit))) {
			pp_tcp_ext_inc(sk, BACKLOGDROP);
			pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_BACKLOG);
		}
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

/**
 * pp_tcp_skb_key() - whose segment is it?
 * @skb: at its TCP header, with the route it came in by
 * @key: filled
 *
 * Context: softirq, RCU.
 */
void pp_tcp_skb_key(const struct sk_buff *skb, struct pp_tcp_key *key)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);

	key->laddr = iph->daddr;
	key->faddr = iph->saddr;
	key->lport = th->dest;
	key->fport = th->source;
	key->l3mdev = pp_skb_sdif(skb);
}

/* A segment that came to the listener, for its child. False: there is none. */
static bool pp_tcp_rcv_child(struct sock *lsk, struct sk_buff *skb)
{
	struct pp_tcp_key key;
	struct pp_tcp_node *n;

	pp_tcp_skb_key(skb, &key);
	n = pp_tcp_lookup_in(pp_sk(lsk)->pn, &key);
	if (!n)
		return false;
	if (n->kind != PKTPATH_TCP_FULL) {
		pp_tcp_node_put(n);
		return false;
	}
	pp_tcp_rcv_full((struct sock *)container_of(n, struct pp_tcp_sock, tn),
			skb);
	return true;
}

static const struct pp_tcp_md5_key *
pp_tcp_listener_key(const struct sock *lsk, const struct sk_buff *skb)
{
	if (!pp_tcp_md5_used())
		return NULL;
	return pp_tcp_md5_find(lsk, ip_hdr(skb)->saddr, pp_skb_sdif(skb));
}

/* RFC 9293 §3.10.7.2. Takes the skb and the listener's reference. */
static void pp_tcp_rcv_listen(struct sock *lsk, struct sk_buff *skb, u32 isn)
{
	const struct tcphdr *th;
	enum pp_drop_cause cause;
	struct pp_tcp_opt opt;
	struct sock *child;

	pp_at_found(skb, lsk);
	if (!pp_tcp_md5_genuine(pp_sk(lsk)->pn, pp_tcp_listener_key(lsk, skb),
				skb, &cause) ||
	    (pp_tcp_ao_used() &&
	     !pp_tcp_ao_listener_genuine(lsk, skb, &cause))) {
		pp_tcp_drop(lsk, skb, cause);
		goto out;
	}
	if (!pp_tcp_admits(lsk, skb))
		goto out;
	/* The filter may have moved it. */
	th = tcp_hdr(skb);
	pp_tcp_fill_cb(skb);
	if (th->rst || (th->syn && th->fin && !th->ack)) {
		pp_tcp_drop(lsk, skb, PKTPATH_DROP_TCP_FLAGS);
		goto out;
	}
	if (th->ack) {
		pp_tcp_opt_parse((const u8 *)(th + 1),
				 th->doff * 4 - sizeof(*th), false, &opt);
		child = th->syn ? NULL :
			pp_tcp_cookie_check(lsk, skb, &opt);
		/* Another segment of it may have made one meanwhile. */
		if (IS_ERR(child) && pp_tcp_rcv_child(lsk, skb))
			goto out;
		if (IS_ERR(child)) {
			pp_tcp_drop(lsk, skb, PKTPATH_DROP_NOMEM);
			goto out;
		}
		if (child) {
			pp_tcp_child_rcv(lsk, child, skb);
			goto out;
		}
		pp_tcp_send_reset(lsk, skb);
		pp_tcp_drop(lsk, skb, PKTPATH_DROP_TCP_FLAGS);
		goto out;
	}
	if (!th->syn)
		pp_tcp_drop(lsk, skb, PKTPATH_DROP_TCP_FLAGS);
	else
		pp_tcp_conn_request(lsk, skb, isn);
out:
	sock_put(lsk);
}

/* Nobody: RFC 9293 §3.10.7.1. */
static void pp_tcp_rcv_nobody(struct pp_net *pn, struct sk_buff *skb)
{
	pp_tcp_send_reset(NULL, skb);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, PKTPATH_DROP_TCP_NOPORT);
}

static bool pp_tcp_header_ok(struct pp_net *pn, struct sk_buff *skb)
{
	enum pp_drop_cause cause = PKTPATH_DROP_TCP_TRUNC;
	const struct tcphdr *th;

	if (skb->pkt_type != PACKET_HOST) {
		cause = PKTPATH_DROP_NOT_SPECIFIED;
		goto drop;
	}
	pp_mib_inc(pn, TCP_INSEGS);
	if (!pskb_may_pull(skb, sizeof(*th)))
		goto err;
	th = tcp_hdr(skb);
	if (th->doff < sizeof(*th) / 4 || !pskb_may_pull(skb, th->doff * 4))
		goto err;
	if (pp_tcp_csum_ok(skb))
		return true;
	cause = PKTPATH_DROP_TCP_CSUM;
	pp_mib_inc(pn, TCP_INCSUMERRORS);
err:
	pp_mib_inc(pn, TCP_INERRS);
drop:
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, cause);
	return false;
}

/**
 * pp_tcp_v4_rcv() - a segment from IP
 * @skb: at its TCP header, network header valid; taken
 *
 * Context: softirq, RCU.
 * Return: 0.
 */
int pp_tcp_v4_rcv(struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	enum pp_drop_cause cause;
	struct pp_tcp_key key;
	struct pp_tcp_node *n;
	struct sock *lsk;
	u32 isn = 0;

	pp_at_tp_rcv(skb, NULL, skb->len);
	if (!pp_tcp_header_ok(pn, skb))
		return 0;
	/* Data that is not read must not keep what tracked it. */
	nf_reset_ct(skb);
	pp_tcp_skb_key(skb, &key);
again:
	n = pp_tcp_lookup_in(pn, &key);
	if ((pp_tcp_md5_used() && n &&
	     !pp_tcp_md5_node_genuine(pn, n, skb, &cause)) ||
	    (pp_tcp_ao_used() && n &&
	     !pp_tcp_ao_node_genuine(pn, n, skb, &cause))) {
		pp_tcp_node_put(n);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, cause);
		return 0;
	}
	if (n && n->kind == PKTPATH_TCP_FULL) {
		pp_tcp_rcv_full((struct sock *)
				container_of(n, struct pp_tcp_sock, tn), skb);
		return 0;
	}
	/* Until there is a child it is the listener's to choose. */
	if (n && n->kind == PKTPATH_TCP_REQ &&
	    !pp_tcp_admits(READ_ONCE(container_of(n, struct pp_tcp_req,
						  tn)->lsk), skb)) {
		pp_tcp_node_put(n);
		return 0;
	}
	pp_tcp_fill_cb(skb);
	if (n && n->kind == PKTPATH_TCP_REQ) {
		if (pp_tcp_req_rcv(container_of(n, struct pp_tcp_req, tn), skb))
			goto again;
		return 0;
	}
	if (n && !pp_tcp_tw_rcv(container_of(n, struct pp_tcp_tw, tn), skb,
				&isn))
		return 0;
	lsk = pp_tcp_lookup_listener(pn, skb, &key);
	if (lsk)
		pp_tcp_rcv_listen(lsk, skb, isn);
	else
		pp_tcp_rcv_nobody(pn, skb);
	return 0;
}

/* ---- ICMP ---- */

/* RFC 1191 with the checks of RFC 5927 §7: it quotes what is in flight.
 * The route knows an MTU for routers that tell none.
 */
static void pp_tcp_err_mtu(struct sock *sk, u32 mtu)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (sk->sk_state == TCP_LISTEN || (mtu && mtu < 68))
		return;
	pp_ip_update_pmtu(pp_sk(sk)->pn, sk, inet_sk(sk)->inet_daddr,
			  sk->sk_bound_dev_if, mtu);
	WRITE_ONCE(tp->mtu_reduced_to, clamp_t(u32, mtu, 68, U16_MAX));
	if (!sock_owned_by_user(sk))
		pp_tcp_mtu_reduced(sk);
	else if (!test_and_set_bit(PKTPATH_TD_MTU, &tp->tflags))
		sock_hold(sk);
}

static void pp_tcp_err_report(struct sock *sk, struct sk_buff *skb,
			      struct pp_icmp_err e, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (void *)((u8 *)iph + iph->ihl * 4);

	/* One of Fast Open that a user has is as good as connected. */
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) &&
	    !(pp_tf(pp_tcp_sk(sk), PKTPATH_TF_FO_PENDING) && sk->sk_socket)) {
		/* For a tool that traces a route, asked for or not. */
		pp_ip_icmp_error(sk, skb, e.error, th->dest, info, (u8 *)th);
		/* RFC 9293 §3.9.2.2: only this ends an attempt. */
		if (sock_owned_by_user(sk)) {
			WRITE_ONCE(sk->sk_err_soft, e.error);
			return;
		}
		WRITE_ONCE(sk->sk_err, e.error);
		sk_error_report(sk);
		pp_tcp_done(sk);
		return;
	}
	if (pp_sf(sk, PKTPATH_SF_RECVERR) && !sock_owned_by_user(sk)) {
		WRITE_ONCE(sk->sk_err, e.error);
		sk_error_report(sk);
		return;
	}
	WRITE_ONCE(sk->sk_err_soft, e.error);
}

static void pp_tcp_err_full(struct sock *sk, struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (void *)((u8 *)iph + iph->ihl * 4);
	const struct icmphdr *icmp = icmp_hdr(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 seq = ntohl(th->seq), first;
	struct pp_icmp_err e;

	bh_lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		goto out;
	if (pp_ip_below_minttl(sk, iph)) {
		pp_tcp_ext_inc(sk, MINTTLDROP);
		goto out;
	}
	if (pp_tcp_ao_used() && pp_tcp_ao_ignores(sk, icmp))
		goto out;
	/* RFC 5927 §4.1: it must quote something in flight. */
	first = tp->snd_una;
	/* A SYN-ACK that is not acknowledged has the number before. Its object
	 * is the owner's, who may be at work.
	 */
	if (pp_tf(tp, PKTPATH_TF_FO_PENDING))
		first--;
	if (pp_seq_before(seq, first) || !pp_seq_before(seq, tp->snd_nxt)) {
		pp_tcp_ext_inc(sk, OUTOFWINDOWICMPS);
		goto out;
	}
	if (icmp->type == ICMP_DEST_UNREACH &&
	    icmp->code == ICMP_FRAG_NEEDED) {
		pp_tcp_err_mtu(sk, info);
		goto out;
	}
	if (icmp->type == ICMP_REDIRECT) {
		pp_ip_redirect(sk, skb);
		goto out;
	}
	if (sock_owned_by_user(sk))
		pp_tcp_ext_inc(sk, LOCKDROPPEDICMPS);
	if (icmp->type == ICMP_DEST_UNREACH &&
	    (icmp->code == ICMP_NET_UNREACH || icmp->code == ICMP_HOST_UNREACH))
		pp_tcp_rto_revert(sk, seq);
	e = pp_icmp_to_errno(icmp->type, icmp->code);
	if (e.error)
		pp_tcp_err_report(sk, skb, e, info);
out:
	bh_unlock_sock(sk);
}

/* Errors that end what no user knows of; a port that is shut is none: somebody
 * else may have sent the SYN.
 * Mirrors: net/ipv4/tcp_ipv4.c:tcp_req_err (v7.2)
 */
static void pp_tcp_err_req(struct pp_tcp_req *req, const struct icmphdr *icmp,
			   u32 seq)
{
	if (seq != req->iss)
		pp_mib_inc(req->pn, TCPEXT_OUTOFWINDOWICMPS);
	else if ((icmp->type == ICMP_PARAMETERPROB ||
		  icmp->type == ICMP_TIME_EXCEEDED ||
		  (icmp->type == ICMP_DEST_UNREACH &&
		   (icmp->code == ICMP_NET_UNREACH ||
		    icmp->code == ICMP_HOST_UNREACH))) &&
		 pp_tcp_req_drop(req))
		pp_mib_inc(req->pn, TCPEXT_LISTENDROPS);
}

/**
 * pp_tcp_v4_err() - an ICMP error about a segment of ours
 * @skb: at the inner IP header; stays the caller's
 * @info: MTU of Fragmentation Needed
 *
 * Context: softirq, RCU.
 * Return: 0, or -ENOENT when it is about nobody.
 */
int pp_tcp_v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (void *)((u8 *)iph + iph->ihl * 4);
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	const struct pp_tcp_key key = {
		iph->saddr, iph->daddr, th->source, th->dest, pp_skb_sdif(skb)
	};
	struct pp_tcp_node *n;

	n = pp_tcp_lookup_in(pn, &key);
	if (!n)
		return -ENOENT;
	if (n->kind == PKTPATH_TCP_FULL) {
		struct pp_tcp_sock *tp = container_of(n, struct pp_tcp_sock,
						      tn);

		pp_tcp_err_full((struct sock *)tp, skb, info);
	} else if (n->kind == PKTPATH_TCP_REQ) {
		pp_tcp_err_req(container_of(n, struct pp_tcp_req, tn),
			       icmp_hdr(skb), ntohl(th->seq));
	}
	pp_tcp_node_put(n);
	return 0;
}
