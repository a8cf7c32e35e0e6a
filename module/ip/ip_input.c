// SPDX-License-Identifier: GPL-2.0
/*
 * The input chain of IPv4: checks, netfilter, route, options, delivery.
 *
 * As on output, nothing of a packet is touched after a netfilter hook but in
 * the function that goes on with it. Where no hook is registered the device
 * found by the link is handed from stage to stage; after a hook it is looked
 * up again.
 *
 * Path: link/link_input.c => here => udp/udp_input.c, icmp.c
 * Mirrors: net/ipv4/ip_input.c
 * Locks: RCU
 */
#include <linux/icmp.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <net/inet_dscp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include "core/drop.h"
#include "core/fault.h"
#include "core/trace.h"
#include "core/wire.h"
#include "ip/fib.h"
#include "ip/mroute.h"

/*
 * Counts by the kind of destination. What is for many is so for the transports
 * too, whatever the link has said: TCP does not answer it.
 */
static void pp_ip_rcv_count(struct pp_net *pn, struct sk_buff *skb, u8 type)
{
	if (likely(type == RTN_LOCAL))
		return;
	if (type == RTN_BROADCAST) {
		pp_mib_inc(pn, IPEXT_INBCASTPKTS);
		pp_mib_add(pn, IPEXT_INBCASTOCTETS, skb->len);
		skb->pkt_type = PACKET_BROADCAST;
	} else if (type == RTN_MULTICAST) {
		pp_mib_inc(pn, IPEXT_INMCASTPKTS);
		pp_mib_add(pn, IPEXT_INMCASTOCTETS, skb->len);
		skb->pkt_type = PACKET_MULTICAST;
	}
}

/* Counts segments by ECN bits (RFC 3168 §5). */
static void pp_ip_rcv_count_ecn(struct pp_net *pn, const struct sk_buff *skb,
				u8 tos)
{
	enum pp_mib id = PKTPATH_MIB_IPEXT_INNOECTPKTS + (tos & INET_ECN_MASK);

	BUILD_BUG_ON(PKTPATH_MIB_IPEXT_INECT1PKTS !=
		     PKTPATH_MIB_IPEXT_INNOECTPKTS + INET_ECN_ECT_1);
	BUILD_BUG_ON(PKTPATH_MIB_IPEXT_INECT0PKTS !=
		     PKTPATH_MIB_IPEXT_INNOECTPKTS + INET_ECN_ECT_0);
	BUILD_BUG_ON(PKTPATH_MIB_IPEXT_INCEPKTS !=
		     PKTPATH_MIB_IPEXT_INNOECTPKTS + INET_ECN_CE);
	this_cpu_add(pn->mib->c[id], skb_shinfo(skb)->gso_segs ?: 1);
}

static void pp_ip_rcv_bad(struct pp_net *pn, struct sk_buff *skb,
			  enum pp_drop_cause cause)
{
	switch (cause) {
	case PKTPATH_DROP_IP_TRUNC:
		pp_mib_inc(pn, IPEXT_INTRUNCATEDPKTS);
		break;
	case PKTPATH_DROP_NOMEM:
		pp_mib_inc(pn, IP_INDISCARDS);
		break;
	case PKTPATH_DROP_IP_CSUM:
		pp_mib_inc(pn, IPEXT_INCSUMERRORS);
		fallthrough;
	default:
		pp_mib_inc(pn, IP_INHDRERRORS);
		break;
	}
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_RCV, cause);
}

/*
 * RFC 1122 §3.2.1.1-2: version, header length, total length, checksum; what
 * the link has padded is cut off. False: the packet is gone and counted.
 */
static __always_inline bool pp_ip_rcv_core(struct pp_net *pn,
					   struct sk_buff *skb)
{
	enum pp_drop_cause cause = PKTPATH_DROP_IP_HDR;
	const struct iphdr *iph;
	unsigned int hlen, len;

	pp_mib_inc(pn, IP_INRECEIVES);
	pp_mib_add(pn, IPEXT_INOCTETS, skb->len);
	if (unlikely(!pskb_may_pull(skb, sizeof(struct iphdr))))
		goto drop;
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	if (unlikely(!pp_wire_ip_first_ok(*(const u8 *)iph)))
		goto drop;
	pp_ip_rcv_count_ecn(pn, skb, iph->tos);
	hlen = pp_wire_ip_hlen(*(const u8 *)iph);
	if (unlikely(hlen > sizeof(*iph))) {
		if (!pskb_may_pull(skb, hlen))
			goto drop;
		iph = ip_hdr(skb);
	}
	cause = PKTPATH_DROP_IP_CSUM;
	if (unlikely(ip_fast_csum(iph, iph->ihl)))
		goto drop;
	len = iph_totlen(skb, iph);
	switch (pp_wire_ip_len_check(hlen, len, skb->len)) {
	case PKTPATH_WIRE_OK:
		break;
	case PKTPATH_WIRE_TRUNC:
		cause = PKTPATH_DROP_IP_TRUNC;
		goto drop;
	default:
		cause = PKTPATH_DROP_IP_HDR;
		goto drop;
	}
	cause = PKTPATH_DROP_NOMEM;
	if (unlikely(pskb_trim_rcsum(skb, len)))
		goto drop;
	skb_set_transport_header(skb, hlen);
	return true;
drop:
	pp_ip_rcv_bad(pn, skb, cause);
	return false;
}

const struct pp_ip_raw_ops *pp_ip_raw_ops;

/**
 * pp_ip_set_raw_ops() - register who serves the raw sockets
 * @ops: see ip.h; NULL unregisters
 *
 * Context: process; waits for calls under way when @ops is NULL.
 */
void pp_ip_set_raw_ops(const struct pp_ip_raw_ops *ops)
{
	WRITE_ONCE(pp_ip_raw_ops, ops);
	if (!ops)
		synchronize_net();
}

/* Copies for raw sockets; whether there was one. */
static noinline bool pp_ip_raw_rcu(struct pp_net *pn, struct sk_buff *skb)
{
	const struct pp_ip_raw_ops *ops = READ_ONCE(pp_ip_raw_ops);

	return ops && ops->deliver(pn, skb);
}

/* Nobody but raw sockets, if they, serves the protocol. */
static noinline void pp_ip_noproto(struct pp_net *pn, struct sk_buff *skb,
				   bool raw)
{
	if (raw) {
		pp_mib_inc(pn, IP_INDELIVERS);
		consume_skb(skb);
		return;
	}
	/* RFC 1122 §3.2.2.1: Destination Unreachable, code 2. */
	pp_mib_inc(pn, IP_INUNKNOWNPROTOS);
	pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_LOCAL, PKTPATH_DROP_IP_NOPROTO);
}

static __always_inline bool pp_ip_transport_past(struct pp_net *pn,
						 struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct pp_net_protocol *prot;

	prot = rcu_dereference(pp_protocols[iph->protocol]);
	if (unlikely(!prot))
		return false;
	pp_mib_inc(pn, IP_INDELIVERS);
	__skb_pull(skb, iph->ihl * 4);
	skb_reset_transport_header(skb);
	prot->handler(skb);
	return true;
}

static void __cold pp_ip_transport_resume(struct pp_net *pn,
					  struct sk_buff *skb,
					  const struct pp_fault_at *at)
{
	if (!pp_ip_transport_past(pn, skb))
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_IP_NOPROTO);
}

static const struct pp_fault_point pp_ip_transport_point = {
	PKTPATH_STAGE_TP_RCV, pp_ip_transport_resume,
};

/* After LOCAL_IN, under RCU; the IP header is linear. */
static __always_inline void
pp_ip_protocol_deliver_rcu(struct pp_net *pn, struct sk_buff *skb)
{
	bool raw = false;

	if (unlikely(READ_ONCE(pn->nraw)))
		raw = pp_ip_raw_rcu(pn, skb);
	if (pp_fault(pn, &pp_ip_transport_point, skb, NULL))
		return;
	if (unlikely(!pp_ip_transport_past(pn, skb)))
		pp_ip_noproto(pn, skb, raw);
}

/* After LOCAL_IN, any context. */
static int pp_ip_local_deliver_finish(struct net *net, struct sock *sk,
				      struct sk_buff *skb)
{
	if (!pp_ip_hook_back(net, skb, PKTPATH_STAGE_IP_LOCAL))
		return -EPERM;
	rcu_read_lock();
	pp_ip_protocol_deliver_rcu(pp_net(net), skb);
	rcu_read_unlock();
	return 0;
}

/* 1: the packet goes on; else the hooks have taken it. */
static noinline int pp_ip_hook_local_in(struct pp_net *pn, struct sk_buff *skb)
{
	int err;

	err = pp_ip_hook_rcu(NF_INET_LOCAL_IN, pn->net, NULL, skb,
			     skb->dev, NULL, pp_ip_local_deliver_finish);
	if (err < 0)
		pp_drop_note(pn, NULL, PKTPATH_STAGE_IP_LOCAL,
			     PKTPATH_DROP_NETFILTER);
	return err;
}

static __always_inline int
pp_ip_local_deliver_past(struct pp_net *pn, struct sk_buff *skb)
{
	int err;

	if (unlikely(ip_is_fragment(ip_hdr(skb))) && !pp_ip_defrag(pn, skb))
		return 0;
	if (pp_ip_hooked(pn->net, NF_INET_LOCAL_IN)) {
		err = pp_ip_hook_local_in(pn, skb);
		if (err != 1)
			return err;
	}
	pp_ip_protocol_deliver_rcu(pn, skb);
	return 0;
}

static void __cold pp_ip_local_resume(struct pp_net *pn, struct sk_buff *skb,
				      const struct pp_fault_at *at)
{
	pp_ip_local_deliver_past(pn, skb);
}

static const struct pp_fault_point pp_ip_local_point = {
	PKTPATH_STAGE_IP_LOCAL, pp_ip_local_resume,
};

static __always_inline int
pp_ip_local_deliver_pn(struct pp_net *pn, struct sk_buff *skb)
{
	pp_at_ip_local(skb, NULL, skb->len);
	if (pp_fault(pn, &pp_ip_local_point, skb, NULL))
		return 0;
	return pp_ip_local_deliver_past(pn, skb);
}

/**
 * pp_ip_local_deliver() - a packet is for this host
 * @skb: taken always; at its IP header, checked, with a dst of ours
 *
 * The input function of our local routes. A fragment waits for the rest of
 * its datagram, unless netfilter has put that together before.
 * Mirrors: net/ipv4/ip_input.c:ip_local_deliver (v7.2).
 *
 * Context: softirq, or process with BH off; takes RCU.
 * Return: 0, or the verdict of a hook that did not let it pass.
 */
int pp_ip_local_deliver(struct sk_buff *skb)
{
	int err;

	rcu_read_lock();
	err = pp_ip_local_deliver_pn(pp_net(dev_net(skb->dev)), skb);
	rcu_read_unlock();
	return err;
}

/* Options as the kernel's stack wants them; it has a route of the kernel's. */
static bool pp_ip_kernel_options(struct sk_buff *skb)
{
	struct ip_options *opt = &IPCB(skb)->opt;

	if (likely(ip_hdr(skb)->ihl == 5))
		return true;
	if (skb_cow(skb, skb_headroom(skb)))
		return false;
	opt->optlen = ip_hdrlen(skb) - sizeof(struct iphdr);
	return !ip_options_compile(dev_net(skb->dev), opt, skb) && !opt->srr;
}

/*
 * A rule has turned the destination to an address of the kernel's: its stack
 * goes on behind PRE_ROUTING, where ours has been. Not for a broadcast, of which
 * it had the frame when we got a copy.
 * Mirrors: net/ipv4/ip_input.c:ip_rcv_finish (v7.2).
 */
static noinline void pp_ip_rcv_kernel(struct pp_net *pn, struct sk_buff *skb)
{
	const struct iphdr *iph;

	/* of a VRF; an rx handler of its own may take the packet */
	skb = l3mdev_ip_rcv(skb);
	if (!skb)
		return;
	skb_dst_drop(skb);
	iph = ip_hdr(skb);
	if (ip_route_input(skb, iph->daddr, iph->saddr,
			   inet_dsfield_to_dscp(iph->tos), skb->dev) ||
	    skb_rtable(skb)->rt_type != RTN_LOCAL ||
	    !pp_ip_kernel_options(skb)) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_IP_KERNEL);
		return;
	}
	pp_mib_inc(pn, PP_TO_KERNEL);
	dst_input(skb);
}

static void pp_ip_rcv_noroute(struct pp_net *pn, struct sk_buff *skb,
			      struct pp_dev *pd, enum pp_drop_cause cause)
{
	switch (cause) {
	case PKTPATH_DROP_IP_NOT_LOCAL:
	case PKTPATH_DROP_IP_BLACKHOLE:
	case PKTPATH_DROP_IP_UNREACHABLE:
	case PKTPATH_DROP_IP_PROHIBIT:
	case PKTPATH_DROP_IP_NOROUTE_IN:
		pp_ip_forward_error(pn, skb, pd, cause);
		return;
	case PKTPATH_DROP_IP_KERNEL:
		pp_ip_rcv_kernel(pn, skb);
		return;
	case PKTPATH_DROP_IP_MARTIAN_DST:
		pp_mib_inc(pn, IP_INADDRERRORS);
		break;
	case PKTPATH_DROP_NOMEM:
		pp_mib_inc(pn, IP_INDISCARDS);
		break;
	default:
		break;
	}
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN, cause);
}

/*
 * A copy of a broadcast or to a group that we have sent: it comes over lo and is taken as if
 * it came in by the device it was for. False: that one is gone.
 */
static bool pp_ip_rcv_own_bcast(struct sk_buff *skb, const struct pp_dev *loop,
				const struct pp_dst *dst)
{
	const struct pp_dev *pd = dst->pd;

	if ((dst->type != RTN_BROADCAST && dst->type != RTN_MULTICAST) ||
	    !(loop->flags & PKTPATH_DEVF_LOOP) || READ_ONCE(pd->dead))
		return false;
	skb->dev = READ_ONCE(pd->dev);
	skb->skb_iif = pd->ifindex;
	PKTPATH_SKB_CB(skb)->h4.iif = pd->ifindex;
	return true;
}

/* What we have sent to an address in a VRF comes in by the VRF, not by lo. */
static noinline void pp_ip_rcv_own_vrf(struct sk_buff *skb, int l3mdev)
{
	skb->skb_iif = l3mdev;
	PKTPATH_SKB_CB(skb)->h4.iif = l3mdev;
}

/*
 * The route of @skb: the one it carries from lo, else a lookup. NULL: the
 * packet is gone. Under RCU.
 */
static __always_inline struct pp_dst *
pp_ip_rcv_route(struct pp_net *pn, struct sk_buff *skb, struct pp_dev *pd)
{
	struct dst_entry *old = skb_dst(skb);
	struct pp_dst *dst;

	if (old) {
		dst = pp_dst(old);
		if (pp_dst_is_ours(old) && likely(pp_dst_is_local(dst))) {
			if (unlikely(dst->l3mdev))
				pp_ip_rcv_own_vrf(skb, dst->l3mdev);
			return dst;
		}
		if (pp_dst_is_ours(old) && pp_ip_rcv_own_bcast(skb, pd, dst))
			return dst;
		skb_dst_drop(skb);
	}
	if (unlikely(READ_ONCE(pd->conf.forwarding))) {
		dst = pp_ip_route_fwd_rcu(pn, skb, pd);
		if (likely(dst))
			goto out;
	}
	if (pp_fault_nomem(pn, PKTPATH_STAGE_IP_ROUTE_IN, skb))
		dst = ERR_PTR(-(long)PKTPATH_DROP_NOMEM);
	else
		dst = pp_ip_route_skb_rcu(pn, skb, pd);
	/* never NULL: said to the compiler, which asks again else */
	if (IS_ERR_OR_NULL(dst)) {
		pp_ip_rcv_noroute(pn, skb, pd, -PTR_ERR(dst));
		return NULL;
	}
out:
	skb_dst_set_noref(skb, &dst->rt.dst);
	return dst;
}

static __always_inline int pp_ip_rcv_finish_past(struct pp_net *pn,
						 struct sk_buff *skb,
						 struct pp_dev *pd)
{
	struct pp_dst *dst;

	pp_skb_cb_defragged(skb);
	dst = pp_ip_rcv_route(pn, skb, pd);
	if (unlikely(!dst))
		return 0;
	if (unlikely(ip_hdr(skb)->ihl > 5)) {
		if (!pp_ip_rcv_options(pn, skb, pd))
			return 0;
		dst = pp_dst(skb_dst(skb));
	}
	pp_ip_rcv_count(pn, skb, dst->type);
	/* RFC 1122 §3.3.6: unicast IP in a link broadcast, silently. */
	if (unlikely(skb->pkt_type != PACKET_HOST) &&
	    dst->type == RTN_LOCAL &&
	    (skb->pkt_type == PACKET_BROADCAST ||
	     skb->pkt_type == PACKET_MULTICAST)) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_IP_LINK_BCAST);
		return 0;
	}
	if (unlikely(dst->type == RTN_UNICAST))
		return pp_ip_forward(pn, skb, pd, dst);
	/* not what we have sent ourselves, or sent on by a member's device */
	if (unlikely(dst->type == RTN_MULTICAST) && dst->rt.rt_is_input &&
	    pp_mroute_may(pd, ip_hdr(skb)->daddr))
		return pp_mroute_rcv(pn, skb, pd);
	return pp_ip_local_deliver_pn(pn, skb);
}

static void __cold pp_ip_rcv_finish_resume(struct pp_net *pn,
					   struct sk_buff *skb,
					   const struct pp_fault_at *at)
{
	pp_ip_rcv_finish_past(pn, skb, at->pd);
}

static const struct pp_fault_point pp_ip_rcv_finish_point = {
	PKTPATH_STAGE_IP_ROUTE_IN, pp_ip_rcv_finish_resume,
};

/* After PRE_ROUTING, under RCU: route, options, and on to one of the ways. */
static int pp_ip_rcv_finish_rcu(struct pp_net *pn, struct sk_buff *skb,
				struct pp_dev *pd)
{
	pp_at_ip_route_in(skb, NULL, skb->len);
	if (pp_fault(pn, &pp_ip_rcv_finish_point, skb, pd))
		return 0;
	return pp_ip_rcv_finish_past(pn, skb, pd);
}

/* After PRE_ROUTING, any context. */
static int pp_ip_rcv_finish(struct net *net, struct sock *sk,
			    struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(net);
	struct pp_dev *pd;
	int err = 0;

	if (!pp_ip_hook_back(net, skb, PKTPATH_STAGE_IP_RCV))
		return -EPERM;
	skb_orphan(skb);
	rcu_read_lock();
	pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
	if (likely(pd))
		err = pp_ip_rcv_finish_rcu(pn, skb, pd);
	else
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_LINK_DOWN);
	rcu_read_unlock();
	return err;
}

/*
 * 1: the packet goes on; else the hooks have taken it. TPROXY gives it to a
 * socket of the kernel's: ours are found otherwise, and what is forwarded must
 * not have one.
 */
static noinline int pp_ip_hook_pre_routing(struct pp_net *pn,
					   struct sk_buff *skb)
{
	int err;

	err = pp_ip_hook_rcu(NF_INET_PRE_ROUTING, pn->net, NULL, skb,
			     skb->dev, NULL, pp_ip_rcv_finish);
	if (err == 1)
		skb_orphan(skb);
	if (err < 0)
		pp_drop_note(pn, NULL, PKTPATH_STAGE_IP_RCV,
			     PKTPATH_DROP_NETFILTER);
	return err;
}

static __always_inline void pp_ip_rcv_past(struct sk_buff *skb,
					   struct pp_dev *pd)
{
	struct pp_skb_cb *cb = PKTPATH_SKB_CB(skb);
	struct pp_net *pn = pd->pn;

	if (!pp_ip_rcv_core(pn, skb))
		return;
	memset(cb, 0, sizeof(*cb));
	cb->h4.iif = pd->ifindex;

	if (pp_ip_hooked(pn->net, NF_INET_PRE_ROUTING) &&
	    pp_ip_hook_pre_routing(pn, skb) != 1)
		return;
	pp_ip_rcv_finish_rcu(pn, skb, pd);
}

static void __cold pp_ip_rcv_resume(struct pp_net *pn, struct sk_buff *skb,
				    const struct pp_fault_at *at)
{
	pp_ip_rcv_past(skb, at->pd);
}

static const struct pp_fault_point pp_ip_rcv_point = {
	PKTPATH_STAGE_IP_RCV, pp_ip_rcv_resume,
};

/**
 * pp_ip_rcv() - an IPv4 packet came in
 * @skb: taken always; ours alone, skb->data at the IP header, no owner
 * @pd: the device, alive for the RCU section
 *
 * Mirrors: net/ipv4/ip_input.c:ip_rcv, ip_rcv_core (v7.2). RFC 1122 §3.2.1.
 *
 * Context: softirq, RCU.
 */
void pp_ip_rcv(struct sk_buff *skb, struct pp_dev *pd)
{
	struct pp_net *pn = pd->pn;

	pp_at_ip_rcv(skb, NULL, skb->len);
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST)) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_RCV,
			    PKTPATH_DROP_OTHERHOST);
		return;
	}
	if (!pp_fault(pn, &pp_ip_rcv_point, skb, pd))
		pp_ip_rcv_past(skb, pd);
}
