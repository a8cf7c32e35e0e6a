// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams and ICMP errors from the network to the socket.
 *
 * Path: ip/ip_input.c => pp_udp_rcv()=>pp_udp_queue_rcv_skb() => udp_rmem.c
 * Mirrors: net/ipv4/udp.c (udp_rcv, udp_queue_rcv_one_skb)
 * Locks: RCU; the receive queue's
 */
#include <linux/icmp.h>
#include <linux/rculist.h>
#include <net/busy_poll.h>
#include <net/ip.h>
#include "compat/compat.h"
#include "core/ops.h"
#include "core/trace.h"
#include "core/wire.h"
#include "udp/udp_priv.h"

/**
 * pp_udp_count_csum_error() - count a datagram of a socket with a wrong sum
 * @sk: the socket
 *
 * Context: any.
 */
void pp_udp_count_csum_error(struct sock *sk)
{
	struct pp_net *pn = pp_sk(sk)->pn;

	pp_compat_sk_drops_inc(sk);
	pp_mib_inc(pn, UDP_INCSUMERRORS);
	pp_mib_inc(pn, UDP_INERRORS);
}

/* ---- To the queue ---- */

static void pp_udp_data_ready(struct sock *sk)
{
	void (*ready)(struct sock *sk) = READ_ONCE(sk->sk_data_ready);

	if (likely(!sock_flag(sk, SOCK_DEAD)))
		ready(sk);
}

static void pp_udp_mark_flow(struct sock *sk, const struct sk_buff *skb)
{
	if (inet_sk(sk)->inet_daddr) {
		sock_rps_save_rxhash(sk, skb);
		sk_mark_napi_id(sk, skb);
		sk_incoming_cpu_update(sk);
	} else {
		sk_mark_napi_id_once(sk, skb);
	}
}

static void pp_udp_drop_sock(struct sock *sk, struct sk_buff *skb,
			     enum pp_drop_cause cause)
{
	struct pp_net *pn = pp_sk(sk)->pn;

	pp_at_found(skb, sk);
	pp_compat_sk_drops_inc(sk);
	pp_mib_inc(pn, UDP_INERRORS);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_SOCK_QUEUE, cause);
}

/* The header leaves; what the late check needs of it stays in skb->csum. */
static void pp_udp_pull_header(struct sk_buff *skb)
{
	const void *uh = skb->data;

	if (!skb->csum_valid && skb->ip_summed == CHECKSUM_NONE)
		skb->csum = csum_partial(uh, PKTPATH_UDP_HLEN, skb->csum);
	__skb_pull(skb, PKTPATH_UDP_HLEN);
	skb_postpull_rcsum(skb, uh, PKTPATH_UDP_HLEN);
}

/**
 * pp_udp_queue_one() - queue one datagram on a socket
 * @sk: the socket
 * @skb: taken always; data at the UDP header, checksum good or to be checked
 *
 * The checksum of a filtered datagram is checked first: a filter may trim the
 * datagram, and is not to see a bad one.
 * Mirrors: net/ipv4/udp.c:udp_queue_rcv_one_skb
 *
 * Context: softirq, RCU.
 */
void pp_udp_queue_one(struct sock *sk, struct sk_buff *skb)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	int err;

	nf_reset_ct(skb);
	if (rcu_access_pointer(sk->sk_filter) && !pp_udp_csum_ok(skb)) {
		pp_mib_inc(pn, UDP_INCSUMERRORS);
		pp_udp_drop_sock(sk, skb, PKTPATH_DROP_UDP_CSUM);
		return;
	}
	if (pp_compat_sk_filter(sk, skb, PKTPATH_UDP_HLEN)) {
		pp_udp_drop_sock(sk, skb, PKTPATH_DROP_SOCK_FILTER);
		return;
	}
	pp_udp_pull_header(skb);
	pp_at_sock_queue(skb, sk, skb->len);
	pp_udp_mark_flow(sk, skb);
	/* a queued datagram must hold neither route nor device */
	skb_dst_drop(skb);
	skb->dev = NULL;

	err = pp_udp_enqueue(sk, skb);
	if (likely(!err)) {
		pp_udp_data_ready(sk);
		return;
	}
	if (err == -ENOMEM) {
		pp_mib_inc(pn, UDP_RCVBUFERRORS);
		pp_udp_drop_sock(sk, skb, PKTPATH_DROP_SOCK_RCVBUF);
	} else {
		pp_mib_inc(pn, UDP_MEMERRORS);
		pp_udp_drop_sock(sk, skb, PKTPATH_DROP_SOCK_MEM);
	}
}

/**
 * pp_udp_queue_rcv_skb() - hand a packet to its socket
 * @sk: the socket
 * @skb: taken always; data at the UDP header; one datagram or, from a sender
 *	 that left segmentation to the device, many
 *
 * Mirrors: net/ipv4/udp.c:udp_queue_rcv_skb
 *
 * Context: softirq, RCU.
 */
void pp_udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	if (unlikely(skb_is_gso(skb)) && pp_udp_gso_unexpected(sk, skb))
		pp_udp_gso_rcv(sk, skb);
	else
		pp_udp_queue_one(sk, skb);
}

/**
 * pp_udp_backlog_rcv() - proto.backlog_rcv; UDP does not use the backlog
 * @sk: the socket
 * @skb: taken
 *
 * Context: process or softirq.
 * Return: 0.
 */
int pp_udp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	pp_skb_drop(pp_sk(sk)->pn, skb, PKTPATH_STAGE_SOCK_QUEUE,
		    PKTPATH_DROP_SOCK_CLOSED);
	return 0;
}

/* ---- From IP ---- */

/*
 * A broadcast, or what is sent to a group, goes to every socket of the port
 * that it matches. Each gets a clone, the last one the datagram.
 */
static int pp_udp_rcv_bcast(struct pp_net *pn, struct sk_buff *skb,
			    const struct pp_udp_key *key)
{
	struct pp_udp_port *port = pp_udp_port_rcu(pn->udp, key->num);
	struct sock *last = NULL;
	struct pp_udp_sock *up;
	struct sk_buff *clone;

	if (!port)
		goto nobody;
	hlist_for_each_entry_rcu(up, &port->socks, port_node) {
		struct sock *sk = (struct sock *)up;

		if (!pp_udp_match(sk, key) ||
		    !pp_ip_mc_sf_allow(sk, key->daddr, key->saddr, key->dif))
			continue;
		if (last) {
			clone = skb_clone(skb, GFP_ATOMIC);
			if (clone) {
				pp_udp_queue_rcv_skb(last, clone);
			} else {
				pp_compat_sk_drops_inc(last);
				pp_mib_inc(pn, UDP_RCVBUFERRORS);
				pp_mib_inc(pn, UDP_INERRORS);
			}
		}
		last = sk;
	}
	if (last) {
		pp_udp_queue_rcv_skb(last, skb);
		return 0;
	}
nobody:
	pp_mib_inc(pn, UDP_IGNOREDMULTI);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, PKTPATH_DROP_UDP_NOPORT);
	return 0;
}

/*
 * RFC 768: a zero field means no checksum. Short datagrams are checked now,
 * longer ones when they are copied. Nonzero: the sum is wrong.
 */
static int pp_udp_csum_init(struct sk_buff *skb, const struct udphdr *uh)
{
	if (skb_checksum_init_zero_check(skb, IPPROTO_UDP, uh->check,
					 inet_compute_pseudo))
		return 1;
	if (skb->ip_summed == CHECKSUM_COMPLETE && !skb->csum_valid) {
		if (skb->csum_complete_sw)
			return 1;
		/* the device says it is wrong: see for ourselves */
		skb_checksum_complete_unset(skb);
	}
	return 0;
}

static int pp_udp_no_port(struct pp_net *pn, struct sk_buff *skb)
{
	/* RFC 1122 §4.1.3.4: a bad datagram is dropped without a word */
	if (!pp_udp_csum_ok(skb)) {
		pp_mib_inc(pn, UDP_INCSUMERRORS);
		pp_mib_inc(pn, UDP_INERRORS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_UDP_CSUM);
		return 0;
	}
	pp_mib_inc(pn, UDP_NOPORTS);
	__skb_push(skb, skb_network_header_len(skb));
	pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, PKTPATH_DROP_UDP_NOPORT);
	return 0;
}

static int pp_udp_bad(struct pp_net *pn, struct sk_buff *skb,
		      enum pp_drop_cause cause)
{
	if (cause == PKTPATH_DROP_UDP_CSUM)
		pp_mib_inc(pn, UDP_INCSUMERRORS);
	pp_mib_inc(pn, UDP_INERRORS);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, cause);
	return 0;
}

/*
 * A UDP packet for this host: RFC 768 lengths, checksum, socket.
 * Mirrors: net/ipv4/udp.c:udp_rcv
 */
static int pp_udp_rcv(struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);
	struct pp_udp_key key;
	const struct udphdr *uh;
	const struct iphdr *iph;
	struct pp_net *pn;
	unsigned int ulen;
	struct sock *sk;

	pp_at_tp_rcv(skb, NULL, skb->len);
	pn = likely(pp_dst_is_ours(dst)) ? pp_dst(dst)->pd->pn :
					   pp_net(dev_net(skb->dev));
	if (unlikely(!pskb_may_pull(skb, PKTPATH_UDP_HLEN)))
		return pp_udp_bad(pn, skb, PKTPATH_DROP_UDP_TRUNC);
	uh = udp_hdr(skb);
	ulen = ntohs(uh->len);
	if (unlikely(ulen != skb->len)) {
		if (!pp_wire_udp_len_ok(ulen, skb->len))
			return pp_udp_bad(pn, skb, PKTPATH_DROP_UDP_LEN);
		if (pskb_trim_rcsum(skb, ulen))
			return pp_udp_bad(pn, skb, PKTPATH_DROP_NOMEM);
		uh = udp_hdr(skb);
	}
	if (unlikely(pp_udp_csum_init(skb, uh)))
		return pp_udp_bad(pn, skb, PKTPATH_DROP_UDP_CSUM);

	iph = ip_hdr(skb);
	key.saddr = iph->saddr;
	key.daddr = iph->daddr;
	key.sport = uh->source;
	key.num = ntohs(uh->dest);
	pp_udp_key_dev(&key, pn, inet_iif(skb), pp_skb_sdif(skb));
	if (unlikely(pp_dst_is_ours(dst) && pp_dst(dst)->type != RTN_LOCAL &&
		     pp_dst(dst)->type != RTN_UNICAST))
		return pp_udp_rcv_bcast(pn, skb, &key);

	sk = pp_udp_lookup_rcu(pn, &key, skb);
	if (unlikely(!sk))
		return pp_udp_no_port(pn, skb);
	pp_udp_queue_rcv_skb(sk, skb);
	return 0;
}

/* ---- ICMP errors ---- */

/*
 * RFC 1191 with a check of RFC 5927 §7.2: the datagram that is said to be too
 * big must have been bigger than the MTU it is said to exceed.
 */
static bool pp_udp_err_pmtu(struct sock *sk, const struct iphdr *iph, int sdif,
			    u32 mtu)
{
	if (mtu && ntohs(iph->tot_len) <= mtu)
		return false;
	pp_ip_update_pmtu(pp_sk(sk)->pn, sk, iph->daddr,
			  READ_ONCE(sk->sk_bound_dev_if) ?: sdif, mtu);
	return READ_ONCE(inet_sk(sk)->pmtudisc) != IP_PMTUDISC_DONT;
}

/*
 * An ICMP error about one of our datagrams. A connected socket hears of hard
 * errors, one with IP_RECVERR of all (RFC 1122 §4.1.3.3).
 * Mirrors: net/ipv4/udp.c:udp_err
 */
static int pp_udp_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct udphdr *uh = (struct udphdr *)(skb->data + iph->ihl * 4);
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	const struct icmphdr *icmph = icmp_hdr(skb);
	struct pp_udp_key key = {
		.saddr = iph->daddr,
		.daddr = iph->saddr,
		.sport = uh->dest,
		.num = ntohs(uh->source),
	};
	int sdif = pp_skb_sdif(skb);
	u8 type = icmph->type, code = icmph->code;
	struct pp_icmp_err err;
	struct sock *sk;

	pp_udp_key_dev(&key, pn, pp_skb_dif(skb, sdif), sdif);
	sk = pp_udp_lookup_rcu(pn, &key, NULL);
	if (!sk) {
		pp_mib_inc(pn, ICMP_INERRORS);
		return -ENOENT;
	}
	if (type == ICMP_REDIRECT) {
		pp_ip_redirect(sk, skb);
		return 0;
	}
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		if (!pp_udp_err_pmtu(sk, iph, sdif, info))
			return 0;
		err.error = EMSGSIZE;
		err.fatal = true;
	} else {
		err = pp_icmp_to_errno(type, code);
	}
	if (pp_sf(sk, PKTPATH_SF_RECVERR))
		pp_ip_icmp_error(sk, skb, err.error, uh->dest, info,
				 (u8 *)(uh + 1));
	else if (!err.fatal || sk->sk_state != TCP_ESTABLISHED)
		return 0;
	WRITE_ONCE(sk->sk_err, err.error);
	sk_error_report(sk);
	return 0;
}

const struct pp_net_protocol pp_udp_protocol = {
	.handler = pp_udp_rcv,
	.err = pp_udp_err,
};
