// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding: packets of others, from one attached device to another.
 *
 * Only devices whose `forwarding` is set take such packets at all, see
 * route_in.c (pp_ip_wants). The packet keeps its checksum as it came;
 * a super-packet stays whole when its segments fit.
 *
 * Path: ip_input.c (pp_ip_rcv_finish) => here => ip_output.c (pp_ip_output)
 * Mirrors: net/ipv4/ip_forward.c, net/ipv4/route.c (ip_rt_send_redirect,
 *	    ip_error)
 * Locks: pp_fib.redirect_lock for the limits on redirects
 */
#include <linux/icmp.h>
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/route.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/fault.h"
#include "core/hash.h"
#include "core/trace.h"
#include "ip/fib.h"

/* As net/ipv4: to one host so many redirects, each twice as late, and then
 * none until it has been quiet for long.
 */
#define PKTPATH_REDIRECT_NUMBER	9
#define PKTPATH_REDIRECT_LOAD	max(HZ / 50, 1)
#define PKTPATH_REDIRECT_SILENCE (PKTPATH_REDIRECT_LOAD << \
				  (PKTPATH_REDIRECT_NUMBER + 1))

static int pp_ip_forward_drop(struct pp_net *pn, struct sk_buff *skb,
			      enum pp_drop_cause cause)
{
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_FORWARD, cause);
	return 0;
}

/**
 * pp_ip_forward_error() - a packet for others that has no way
 * @pn: netns
 * @skb: taken always; checked, at its IP header
 * @pd: device it came in by
 * @cause: why
 *
 * A host says nothing (RFC 1122 §3.2.1.3), a router tells the sender (RFC 1812
 * §5.2.7.1). Mirrors: net/ipv4/route.c:ip_error (v7.2).
 *
 * Context: softirq, RCU.
 */
void pp_ip_forward_error(struct pp_net *pn, struct sk_buff *skb,
			 struct pp_dev *pd, enum pp_drop_cause cause)
{
	pp_at_ip_forward(skb, NULL, skb->len);
	switch (cause) {
	case PKTPATH_DROP_IP_UNREACHABLE:
		pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
		break;
	case PKTPATH_DROP_IP_PROHIBIT:
		pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0);
		break;
	case PKTPATH_DROP_IP_NOROUTE_IN:
		pp_mib_inc(pn, IPEXT_INNOROUTES);
		if (READ_ONCE(pd->conf.forwarding))
			pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_NET_UNREACH,
				     0);
		break;
	case PKTPATH_DROP_IP_NOT_LOCAL:
		pp_mib_inc(pn, IP_INADDRERRORS);
		break;
	default:
		break;
	}
	pp_ip_forward_drop(pn, skb, cause);
}

static bool pp_ip_redirect_allow(struct pp_net *pn, __be32 to)
{
	struct pp_fib *fib = pn->fib;
	struct pp_redirect *r;
	u32 now = (u32)jiffies;
	bool ok = false;

	r = &fib->redirect[pp_hash_2(pn, (__force u32)to, 0) %
			   PKTPATH_FIB_REDIRECTS];
	spin_lock_bh(&fib->redirect_lock);
	if (r->to != to || now - r->last > PKTPATH_REDIRECT_SILENCE) {
		r->to = to;
		r->sent = 0;
	}
	if (r->sent >= PKTPATH_REDIRECT_NUMBER) {
		/* what it sends on in spite of them keeps us silent */
		r->last = now;
	} else if (!r->sent ||
		   now - r->last > (u32)PKTPATH_REDIRECT_LOAD << r->sent) {
		r->sent++;
		r->last = now;
		ok = true;
	}
	spin_unlock_bh(&fib->redirect_lock);
	return ok;
}

/*
 * It leaves by the link it came from: the sender could have sent it to the
 * next hop itself (RFC 1812 §5.2.7.2).
 */
static noinline void pp_ip_send_redirect(struct pp_net *pn,
					 struct sk_buff *skb,
					 const struct pp_dev *pd,
					 const struct pp_dst *dst)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be32 gw = pp_dst_nexthop(dst, iph->daddr);

	if (!PKTPATH_CONF_MAX(pd, send_redirects) || iph->saddr == gw ||
	    pp_ip_source_routed(iph))
		return;
	if (!PKTPATH_CONF_MAX(pd, shared_media) &&
	    !pp_ifaddr_same_subnet_rcu(pd, iph->saddr, gw))
		return;
	if (pp_ip_redirect_allow(pn, iph->saddr))
		pp_icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw);
}

/**
 * pp_ip_forward_too_big() - too long for the link, and not to be divided?
 * @skb: packet to be forwarded
 * @mtu: of the link
 *
 * Mirrors: net/ipv4/ip_forward.c:ip_exceeds_mtu (v7.2). RFC 1191 §3.
 *
 * Context: any.
 * Return: true when it has to be dropped.
 */
bool pp_ip_forward_too_big(const struct sk_buff *skb, unsigned int mtu)
{
	unsigned int frag = IPCB(skb)->frag_max_size;

	if (skb->len <= mtu)
		return false;
	if (!(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return false;
	/* it came in pieces that fit */
	if (unlikely(frag && frag <= mtu))
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

/* RCU. */
static int pp_ip_forward_finish(struct net *net, struct sk_buff *skb)
{
	skb_clear_tstamp(skb);
	/* see pp_ip_hook_forward() */
	IPCB(skb)->opt.optlen = 0;
	if (unlikely(ip_hdr(skb)->ihl > 5 &&
		     !pp_ip_forward_options(pp_net(net), skb))) {
		pp_mib_inc(pp_net(net), IP_OUTDISCARDS);
		return pp_ip_forward_drop(pp_net(net), skb, PKTPATH_DROP_NOMEM);
	}
	return pp_ip_output_forwarded(net, skb);
}

/* After FORWARD, any context. */
static int pp_ip_forward_back(struct net *net, struct sock *sk,
			      struct sk_buff *skb)
{
	int err;

	if (!pp_ip_hook_back(net, skb, PKTPATH_STAGE_IP_FORWARD))
		return -EPERM;
	rcu_read_lock();
	err = pp_ip_forward_finish(net, skb);
	rcu_read_unlock();
	return err;
}

/* 1: the packet goes on; else the hooks have taken it. */
static noinline int pp_ip_hook_forward(struct pp_net *pn, struct sk_buff *skb,
				       struct net_device *out)
{
	int err;

	/*
	 * Nobody is to offload the flow: it would keep our dst, and send what
	 * follows by the kernel's neighbours. Packets with options are spared.
	 */
	IPCB(skb)->opt.optlen = sizeof(u32);
	err = pp_ip_hook_rcu(NF_INET_FORWARD, pn->net, NULL, skb, skb->dev,
			     out, pp_ip_forward_back);
	if (err < 0)
		pp_drop_note(pn, NULL, PKTPATH_STAGE_IP_FORWARD,
			     PKTPATH_DROP_NETFILTER);
	return err;
}

static __always_inline int
pp_ip_forward_rest(struct pp_net *pn, struct sk_buff *skb,
		   struct net_device *out)
{
	int err;

	if (pp_ip_hooked(pn->net, NF_INET_FORWARD)) {
		err = pp_ip_hook_forward(pn, skb, out);
		if (err != 1)
			return err;
	}
	return pp_ip_forward_finish(pn->net, skb);
}

/**
 * pp_ip_forward_out() - the last part of forwarding: NF_INET_FORWARD, output
 * @pn: netns
 * @skb: taken always; its header may be written, TTL decreased, with a dst
 * @out: device of that
 *
 * Context: softirq, RCU.
 * Return: 0, or what the output or a hook returned.
 */
int pp_ip_forward_out(struct pp_net *pn, struct sk_buff *skb,
		      struct net_device *out)
{
	return pp_ip_forward_rest(pn, skb, out);
}

static __always_inline int pp_ip_forward_past(struct pp_net *pn,
					      struct sk_buff *skb,
					      struct pp_dev *pd,
					      struct pp_dst *dst)
{
	struct net_device *out = dst->rt.dst.dev;
	struct iphdr *iph = ip_hdr(skb);
	unsigned int mtu;

	if (unlikely(skb->pkt_type != PACKET_HOST))
		return pp_ip_forward_drop(pn, skb, PKTPATH_DROP_IP_LINK_BCAST);
	/* it would be charged for what it has not sent */
	if (unlikely(skb->sk))
		return pp_ip_forward_drop(pn, skb, PKTPATH_DROP_NETFILTER);
	if (unlikely(skb_warn_if_lro(skb)))
		return pp_ip_forward_drop(pn, skb, PKTPATH_DROP_IP_GSO);
	skb_forward_csum(skb);
	if (unlikely(iph->ttl <= 1)) {
		pp_mib_inc(pn, IP_INHDRERRORS);
		pp_icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		return pp_ip_forward_drop(pn, skb, PKTPATH_DROP_IP_TTL);
	}
	IPCB(skb)->flags |= IPSKB_FORWARDED;
	mtu = pp_dst_mtu(dst);
	if (unlikely(skb->len > mtu && pp_ip_forward_too_big(skb, mtu))) {
		pp_mib_inc(pn, IP_FRAGFAILS);
		pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			     htonl(mtu));
		return pp_ip_forward_drop(pn, skb, PKTPATH_DROP_IP_TOOBIG);
	}
	if (unlikely(skb_cow(skb, LL_RESERVED_SPACE(out)))) {
		pp_mib_inc(pn, IP_OUTDISCARDS);
		return pp_ip_forward_drop(pn, skb, PKTPATH_DROP_NOMEM);
	}
	iph = ip_hdr(skb);
	ip_decrease_ttl(iph);
	if (unlikely(dst->pd == pd))
		pp_ip_send_redirect(pn, skb, pd, dst);
	if (READ_ONCE(pn->sysctl.ip_forward_update_priority))
		skb->priority = rt_tos2priority(iph->tos);
	pp_mib_inc(pn, IP_FORWDATAGRAMS);
	return pp_ip_forward_rest(pn, skb, out);
}

static void __cold pp_ip_forward_resume(struct pp_net *pn, struct sk_buff *skb,
					const struct pp_fault_at *at)
{
	pp_ip_forward_past(pn, skb, at->pd, pp_dst(skb_dst(skb)));
}

static const struct pp_fault_point pp_ip_forward_point = {
	PKTPATH_STAGE_IP_FORWARD, pp_ip_forward_resume,
};

/**
 * pp_ip_forward() - send on a packet of others
 * @pn: netns
 * @skb: taken always; checked, at its IP header, with @dst
 * @pd: device it came in by
 * @dst: its route, of type RTN_UNICAST
 *
 * TTL and Time Exceeded, Fragmentation Needed, redirects, NF_INET_FORWARD.
 * Mirrors: net/ipv4/ip_forward.c:ip_forward (v7.2). RFC 1812 §5.3.1, §5.2.7,
 * RFC 1191 §3.
 *
 * Context: softirq, RCU.
 * Return: 0, or what the output or a hook returned.
 */
int pp_ip_forward(struct pp_net *pn, struct sk_buff *skb, struct pp_dev *pd,
		  struct pp_dst *dst)
{
	pp_at_ip_forward(skb, NULL, skb->len);
	if (pp_fault(pn, &pp_ip_forward_point, skb, pd))
		return 0;
	return pp_ip_forward_past(pn, skb, pd, dst);
}
