// SPDX-License-Identifier: GPL-2.0
/*
 * The output chain of IPv4: header, netfilter, MTU, neighbour.
 *
 * A chain that finds no netfilter hook runs through in one go, under one RCU
 * read side. A hook may keep the packet (NFQUEUE) and come back by the
 * function named in NF_HOOK's okfn, later and in another context: nothing of
 * the packet is touched after the hook, and each okfn takes RCU itself.
 *
 * Path: udp/udp_output.c, icmp_send.c => here => neigh/arp_output.c
 * Mirrors: net/ipv4/ip_output.c
 * Locks: RCU
 */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/random.h>
#include <net/ip.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/fault.h"
#include "core/trace.h"
#include "ip/fib.h"
#include "ip/mcast.h"
#include "link/link.h"
#include "neigh/neigh.h"

/**
 * pp_ip_dont_fragment() - is DF to be set?
 * @sk: a socket of ours, or NULL (then never)
 * @dst: route of the packet
 *
 * A socket that probes sets it too; not a stream, whose segments are as long as
 * the path is known to be. Mirrors: include/net/ip.h:ip_dont_fragment,
 * net/ipv4/ip_output.c:__ip_make_skb. RFC 1191 §6.1.
 *
 * Context: any, RCU.
 * Return: true when routers must not fragment the packet.
 */
bool pp_ip_dont_fragment(const struct sock *sk, const struct pp_dst *dst)
{
	u8 pmtudisc;

	if (!sk)
		return false;
	pmtudisc = READ_ONCE(inet_sk(sk)->pmtudisc);
	return pmtudisc == IP_PMTUDISC_DO ||
	       (pmtudisc == IP_PMTUDISC_PROBE && sk->sk_type != SOCK_STREAM) ||
	       (pmtudisc == IP_PMTUDISC_WANT && !dst->rt.rt_mtu_locked);
}

/**
 * pp_ip_mtu() - how long may an IP datagram be?
 * @sk: a socket of ours, or NULL
 * @dst: its route
 *
 * A socket that probes (IP_PMTUDISC_PROBE, _INTERFACE, _OMIT) is not held to
 * the path MTU, unless it is a stream, which could not tell who sends too much.
 * Mirrors: include/net/ip.h:ip_skb_dst_mtu.
 *
 * Context: any, RCU.
 * Return: bytes, header included.
 */
unsigned int pp_ip_mtu(const struct sock *sk, const struct pp_dst *dst)
{
	if (sk && READ_ONCE(inet_sk(sk)->pmtudisc) >= IP_PMTUDISC_PROBE &&
	    sk->sk_type != SOCK_STREAM)
		return min_t(unsigned int, READ_ONCE(dst->rt.dst.dev->mtu),
			     IP_MAX_MTU);
	return pp_dst_mtu(dst);
}

/**
 * pp_ip_select_ttl() - TTL of a new packet
 * @sk: a socket of ours
 * @dst: its route
 *
 * Mirrors: net/ipv4/ip_output.c:ip_select_ttl. Never 0 (RFC 1122 §3.2.1.7)
 * but for multicast that the user keeps on this host.
 *
 * Context: any.
 * Return: the TTL.
 */
u8 pp_ip_select_ttl(const struct sock *sk, const struct pp_dst *dst)
{
	const struct inet_sock *inet = inet_sk(sk);
	int ttl;

	if (unlikely(dst->type == RTN_MULTICAST))
		return READ_ONCE(inet->mc_ttl);
	ttl = READ_ONCE(inet->uc_ttl);
	if (ttl < 0)
		ttl = pp_dst_ttl(pp_sk(sk)->pn, dst);
	return ttl;
}

/*
 * A datagram that is too long and may be divided: IP_PMTUDISC_WANT sets DF on
 * those alone that fit (RFC 1191 §6.1).
 */
static bool pp_ip_will_fragment(const struct sk_buff *skb,
				const struct sock *sk,
				const struct pp_dst *dst)
{
	return unlikely(skb->len > pp_dst_mtu(dst)) && !skb_is_gso(skb) &&
	       READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_WANT &&
	       sk->sk_type != SOCK_STREAM;
}

/**
 * pp_ip_push_header_bare() - put the IP header of who has no socket in front
 * @skb: at its transport header; headroom for the IP header is there
 * @saddr: source
 * @daddr: destination
 * @protocol: of the transport
 * @tos: TOS octet
 * @ttl: time to live
 * @df: do not fragment
 *
 * RFC 6864 §4: the identification is 0, or without DF a random number. A count
 * that others move would tell of them (idle scan). Priority and mark are the
 * caller's, as are length and checksum of pp_ip_local_out().
 * Mirrors: net/ipv4/ip_output.c:ip_build_and_send_pkt (v7.2)
 *
 * Context: any.
 */
void pp_ip_push_header_bare(struct sk_buff *skb, __be32 saddr, __be32 daddr,
			    u8 protocol, u8 tos, u8 ttl, bool df)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
	memset(PKTPATH_SKB_CB(skb), 0, sizeof(struct pp_skb_cb));
	*(__be16 *)iph = htons(0x4500 | tos);
	iph->id = df ? 0 : (__force __be16)get_random_u16();
	iph->frag_off = df ? htons(IP_DF) : 0;
	iph->ttl = ttl;
	iph->protocol = protocol;
	iph->saddr = saddr;
	iph->daddr = daddr;
}

/**
 * pp_ip_push_header() - put the IP header in front
 * @skb: at its transport header; headroom for the IP header is there
 * @sk: a socket of ours, or NULL: no DF, priority and mark left as they are
 * @dst: route of @skb
 * @saddr: source
 * @daddr: destination
 * @protocol: of the transport
 * @tos: TOS octet
 * @ttl: time to live
 *
 * Total length and checksum are filled by pp_ip_local_out().
 * Mirrors: net/ipv4/ip_output.c:__ip_make_skb. RFC 791 §3.1, RFC 6864 §4:
 * with DF the identification says nothing and is 0; without, a counter of the
 * connection with a random start, else the kernel's keyed generator.
 *
 * Context: any, RCU.
 */
void pp_ip_push_header(struct sk_buff *skb, const struct sock *sk,
		       const struct pp_dst *dst, __be32 saddr, __be32 daddr,
		       u8 protocol, u8 tos, u8 ttl)
{
	struct pp_skb_cb *cb = PKTPATH_SKB_CB(skb);
	unsigned int segs;
	struct iphdr *iph;

	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
	memset(cb, 0, sizeof(*cb));
	*(__be16 *)iph = htons(0x4500 | tos);
	iph->ttl = ttl;
	iph->protocol = protocol;
	iph->saddr = saddr;
	iph->daddr = daddr;
	if (likely(pp_ip_dont_fragment(sk, dst) &&
		   !pp_ip_will_fragment(skb, sk, dst))) {
		iph->frag_off = htons(IP_DF);
		iph->id = 0;
	} else {
		iph->frag_off = 0;
		segs = skb_shinfo(skb)->gso_segs ?: 1;
		if (sk && inet_sk(sk)->inet_daddr)
			iph->id = htons(atomic_add_return(segs,
							  &pp_sk(sk)->ident));
		else
			__ip_select_ident(dev_net(dst->rt.dst.dev), iph, segs);
	}
	if (sk) {
		skb->priority = READ_ONCE(sk->sk_priority);
		skb->mark = READ_ONCE(sk->sk_mark);
		if (unlikely(pp_sf(sk, PKTPATH_SF_BYPASS)))
			cb->flags = PKTPATH_CBF_BYPASS;
	}
}

/**
 * pp_ip_hdrinc_meta() - what pp_ip_push_header() notes, for a header that is
 * there already
 * @skb: at its IP header
 * @sk: the sender
 *
 * Context: any.
 */
void pp_ip_hdrinc_meta(struct sk_buff *skb, const struct sock *sk)
{
	struct pp_skb_cb *cb = PKTPATH_SKB_CB(skb);

	memset(cb, 0, sizeof(*cb));
	if (pp_sf(sk, PKTPATH_SF_BYPASS))
		cb->flags = PKTPATH_CBF_BYPASS;
}

/**
 * pp_ip_mc_noloop() - does the sender want no copy for this host?
 * @skb: behind pp_ip_push_header()
 * @sk: a socket of ours or of another module's transport; full, when @skb goes
 *	to a group
 * @dst: route of @skb
 *
 * Context: any.
 */
void pp_ip_mc_noloop(struct sk_buff *skb, const struct sock *sk,
		     const struct pp_dst *dst)
{
	if (unlikely(dst->type == RTN_MULTICAST) &&
	    !pp_sf(sk, PKTPATH_SF_MC_LOOP))
		PKTPATH_SKB_CB(skb)->flags |= PKTPATH_CBF_NOLOOP;
}

/* The link header of another device than was reckoned with. */
static noinline struct sk_buff *pp_ip_headroom(struct pp_net *pn,
					       struct sk_buff *skb,
					       unsigned int hh_len)
{
	skb = skb_expand_head(skb, hh_len);
	if (!skb)
		pp_drop_note(pn, NULL, PKTPATH_STAGE_IP_FINISH,
			     PKTPATH_DROP_NOMEM);
	return skb;
}

/*
 * On lo the route tells our packets from the kernel's, so there a packet holds
 * it: off one that is gone the kernel would take it, and have the packet.
 */
static noinline int pp_ip_finish_loop(struct pp_net *pn, struct sk_buff *skb)
{
	int err = pp_dst_keep(skb);

	if (likely(!err))
		return 0;
	pp_mib_inc(pn, IP_OUTDISCARDS);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_FINISH,
		    err == -ENOBUFS ? PKTPATH_DROP_NOMEM :
				      PKTPATH_DROP_LINK_DOWN);
	return err;
}

/*
 * Who sends a broadcast hears it: a copy goes over lo, with the route that
 * says which device it was for. Mirrors: net/ipv4/ip_output.c:ip_mc_output.
 */
static void pp_ip_bcast_loop(struct net *net, const struct sk_buff *skb,
			     struct pp_dst *dst)
{
	struct pp_net *pn = dst->pd->pn;
	struct pp_dev *loop = rcu_dereference(pn->loop);
	struct sk_buff *copy;
	unsigned int hh_len;

	if (!loop || loop == dst->pd)
		return;
	copy = skb_copy(skb, GFP_ATOMIC);
	if (!copy) {
		pp_drop_note(pn, skb, PKTPATH_STAGE_IP_FINISH,
			     PKTPATH_DROP_NOMEM);
		return;
	}
	hh_len = LL_RESERVED_SPACE(loop->dev);
	if (skb_headroom(copy) < hh_len) {
		copy = pp_ip_headroom(pn, copy, hh_len);
		if (!copy)
			return;
	}
	copy->dev = loop->dev;
	if (!pp_ip_finish_loop(pn, copy))
		pp_neigh_output(net, copy, loop, ip_hdr(copy)->daddr, 0);
}

/* IP_MULTICAST_LOOP, of a piece of a datagram too; and is somebody there? */
static bool pp_ip_mc_loops(const struct sk_buff *skb, const struct pp_dst *dst)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (PKTPATH_SKB_CB(skb)->flags & PKTPATH_CBF_NOLOOP)
		return false;
	if (pp_ip_sk_is_ours(skb->sk) && sk_fullsock(skb->sk) &&
	    !pp_sf(skb->sk, PKTPATH_SF_MC_LOOP))
		return false;
	return pp_mc_check_rcu(dst->pd, iph->daddr, iph->saddr, iph->protocol);
}

static noinline void pp_ip_finish_bcast(struct net *net,
					const struct sk_buff *skb,
					struct pp_dst *dst)
{
	struct pp_net *pn = dst->pd->pn;

	if (dst->type == RTN_BROADCAST) {
		pp_mib_inc(pn, IPEXT_OUTBCASTPKTS);
		pp_mib_add(pn, IPEXT_OUTBCASTOCTETS, skb->len);
		pp_ip_bcast_loop(net, skb, dst);
	} else if (dst->type == RTN_MULTICAST) {
		pp_mib_inc(pn, IPEXT_OUTMCASTPKTS);
		pp_mib_add(pn, IPEXT_OUTMCASTOCTETS, skb->len);
		if (pp_ip_mc_loops(skb, dst))
			pp_ip_bcast_loop(net, skb, dst);
	}
}

/*
 * RFC 1112 §6.1: with a TTL of 0 a datagram stays on its host. What lo sends
 * does so anyhow, and comes in by it only when lo is a member.
 */
static bool pp_ip_mc_stays(const struct sk_buff *skb, const struct pp_dst *dst)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (dst->type != RTN_MULTICAST)
		return false;
	if (dst->pd->flags & PKTPATH_DEVF_LOOP)
		return !pp_mc_check_rcu(dst->pd, iph->daddr, iph->saddr,
					iph->protocol);
	return !iph->ttl;
}

static int pp_ip_finish_output2(struct net *net, struct sk_buff *skb,
				struct pp_dst *dst)
{
	struct net_device *dev = dst->rt.dst.dev;
	unsigned int hh_len = LL_RESERVED_SPACE(dev);
	struct pp_net *pn = dst->pd->pn;
	unsigned int flags = 0;
	int err;

	if (unlikely(dst->type != RTN_UNICAST && dst->type != RTN_LOCAL)) {
		pp_ip_finish_bcast(net, skb, dst);
		if (pp_ip_mc_stays(skb, dst)) {
			consume_skb(skb);
			return 0;
		}
	}
	pp_mib_add(pn, IPEXT_OUTOCTETS, skb->len);

	if (unlikely(skb_headroom(skb) < hh_len && dev->header_ops)) {
		skb = pp_ip_headroom(pn, skb, hh_len);
		if (!skb)
			return -ENOMEM;
	}
	if (PKTPATH_SKB_CB(skb)->flags & PKTPATH_CBF_BYPASS)
		flags = PKTPATH_XMIT_BYPASS;
	if (unlikely(dst->pd->flags & PKTPATH_DEVF_LOOP)) {
		err = pp_ip_finish_loop(pn, skb);
		if (unlikely(err))
			return err;
	}
	return pp_neigh_output(net, skb, dst->pd,
			       pp_dst_nexthop(dst, ip_hdr(skb)->daddr), flags);
}

/* The twin of ip_finish_output2() for pp_ip_fragment(). RCU. */
static int pp_ip_finish_piece(struct net *net, struct sock *sk,
			      struct sk_buff *skb)
{
	return pp_ip_finish_output2(net, skb, pp_dst(skb_dst(skb)));
}

/*
 * A GSO packet whose segments do not fit: the route has changed since it was
 * built. It is divided here and its segments are fragmented or refused.
 */
static int pp_ip_finish_segments(struct net *net, struct sk_buff *skb,
				 struct pp_dst *dst, unsigned int mtu)
{
	struct pp_net *pn = pp_net(net);
	struct sk_buff *segs, *next;
	netdev_features_t features;
	int err, ret = 0;

	BUILD_BUG_ON(sizeof(struct pp_skb_cb) > SKB_GSO_CB_OFFSET);
	features = netif_skb_features(skb);
	segs = skb_gso_segment(skb, features & ~NETIF_F_GSO_MASK);
	if (IS_ERR_OR_NULL(segs)) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_FINISH,
			    PKTPATH_DROP_IP_GSO);
		return -ENOMEM;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, segs, next) {
		skb_mark_not_on_list(segs);
		if (segs->len > mtu)
			err = pp_ip_fragment(net, segs->sk, segs, mtu,
					     pp_ip_finish_piece);
		else
			err = pp_ip_finish_output2(net, segs, dst);
		if (err && !ret)
			ret = err;
	}
	return ret;
}

static noinline int pp_ip_finish_long(struct net *net, struct sk_buff *skb,
				      struct pp_dst *dst)
{
	struct sock *sk = pp_ip_sk_is_ours(skb->sk) ? skb->sk : NULL;
	unsigned int mtu = pp_ip_mtu(sk, dst);

	pp_skb_cb_defragged(skb);
	/* pieces have no socket to ask */
	if (sk)
		pp_ip_mc_noloop(skb, sk, dst);
	if (skb_is_gso(skb)) {
		if (likely(skb_gso_validate_network_len(skb, mtu)))
			return pp_ip_finish_output2(net, skb, dst);
		return pp_ip_finish_segments(net, skb, dst, mtu);
	}
	if (skb->len <= mtu && !PKTPATH_SKB_CB(skb)->h4.frag_max_size)
		return pp_ip_finish_output2(net, skb, dst);
	return pp_ip_fragment(net, sk, skb, mtu, pp_ip_finish_piece);
}

/* A hook has put another route in: it must not be read as ours. */
static noinline int pp_ip_finish_foreign(struct net *net, struct sk_buff *skb)
{
	pp_skb_drop(pp_net(net), skb, PKTPATH_STAGE_IP_FINISH,
		    PKTPATH_DROP_REROUTE);
	return -EHOSTUNREACH;
}

static __always_inline int
pp_ip_finish_output_past(struct net *net, struct sk_buff *skb,
			 struct pp_dst *dst)
{
	if (unlikely(skb->len > pp_dst_mtu(dst) ||
		     PKTPATH_SKB_CB(skb)->h4.frag_max_size))
		return pp_ip_finish_long(net, skb, dst);
	return pp_ip_finish_output2(net, skb, dst);
}

static void __cold pp_ip_finish_resume(struct pp_net *pn, struct sk_buff *skb,
				       const struct pp_fault_at *at)
{
	pp_ip_finish_output_past(pn->net, skb, pp_dst(skb_dst(skb)));
}

static const struct pp_fault_point pp_ip_finish_point = {
	PKTPATH_STAGE_IP_FINISH, pp_ip_finish_resume,
};

/* Under RCU; the twin of ip_finish_output(). */
static __always_inline int
pp_ip_finish_output_rcu(struct net *net, struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);

	pp_at_ip_finish(skb, skb->sk, skb->len);
	if (unlikely(!pp_dst_is_ours(dst)))
		return pp_ip_finish_foreign(net, skb);
	if (pp_fault(pp_dst(dst)->pd->pn, &pp_ip_finish_point, skb,
		     pp_dst(dst)->pd))
		return 0;
	return pp_ip_finish_output_past(net, skb, pp_dst(dst));
}

/* After POST_ROUTING, any context. */
static int pp_ip_finish_output(struct net *net, struct sock *sk,
			       struct sk_buff *skb)
{
	int err;

	if (!pp_ip_hook_back(net, skb, PKTPATH_STAGE_IP_OUTPUT))
		return -EPERM;
	rcu_read_lock();
	err = pp_ip_finish_output_rcu(net, skb);
	rcu_read_unlock();
	return err;
}

/* 1: the packet goes on; else the hooks have taken it. */
static noinline int pp_ip_hook_post_routing(struct net *net, struct sock *sk,
					    struct sk_buff *skb)
{
	int err;

	err = pp_ip_hook_rcu(NF_INET_POST_ROUTING, net, sk, skb, NULL,
			     skb->dev, pp_ip_finish_output);
	if (err < 0)
		pp_drop_note(pp_net(net), NULL, PKTPATH_STAGE_IP_OUTPUT,
			     PKTPATH_DROP_NETFILTER);
	return err;
}

static __always_inline int
pp_ip_output_past(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	int err;

	if (pp_ip_hooked(net, NF_INET_POST_ROUTING)) {
		err = pp_ip_hook_post_routing(net, sk, skb);
		if (err != 1)
			return err;
	}
	return pp_ip_finish_output_rcu(net, skb);
}

static void __cold pp_ip_output_resume(struct pp_net *pn, struct sk_buff *skb,
				       const struct pp_fault_at *at)
{
	pp_ip_output_past(pn->net, skb->sk, skb);
}

static const struct pp_fault_point pp_ip_output_point = {
	PKTPATH_STAGE_IP_OUTPUT, pp_ip_output_resume,
};

/* Under RCU, our dst. */
static __always_inline int
pp_ip_output_rcu(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	skb->dev = skb_dst(skb)->dev;
	pp_at_ip_output(skb, sk, skb->len);
	if (pp_fault(pp_dst(skb_dst(skb))->pd->pn, &pp_ip_output_point, skb,
		     pp_dst(skb_dst(skb))->pd))
		return 0;
	return pp_ip_output_past(net, sk, skb);
}

/**
 * pp_ip_output() - send a packet whose route is known
 * @net: netns
 * @sk: the sender, or NULL
 * @skb: taken always; complete IP packet with a dst of ours
 *
 * The output function of our routes. Mirrors: net/ipv4/ip_output.c:ip_output.
 *
 * Context: any that may transmit; takes RCU.
 * Return: 0 or -errno.
 */
int pp_ip_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	int err;

	rcu_read_lock();
	err = pp_ip_output_rcu(net, sk, skb);
	rcu_read_unlock();
	return err;
}

/**
 * pp_ip_output_forwarded() - send on a packet of others
 * @net: netns
 * @skb: taken always; complete IP packet with a dst of ours, no owner
 *
 * pp_ip_output() for who is in an RCU section already.
 *
 * Context: RCU read side, any that may transmit.
 * Return: 0 or -errno.
 */
int pp_ip_output_forwarded(struct net *net, struct sk_buff *skb)
{
	return pp_ip_output_rcu(net, NULL, skb);
}

/*
 * LOCAL_OUT has put a route of the kernel's in place of ours, because the
 * mark or an address changed: look up our own with the new values.
 */
static noinline int pp_ip_reroute(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_net *pn = pp_net(net);
	struct pp_flow fl = {
		.daddr = iph->daddr,
		.saddr = iph->saddr,
		.l3mdev = PKTPATH_SKB_CB(skb)->h4.iif,
		.mark = skb->mark,
		.tos = iph->tos,
		.proto = iph->protocol,
		.flags = PKTPATH_FLOWF_ANYSRC,
		.uid = GLOBAL_ROOT_UID,
	};
	struct sock *sk = NULL;
	struct pp_dst *dst;

	if (pp_ip_sk_is_ours(skb->sk)) {
		sk = skb->sk;
		fl.oif = READ_ONCE(sk->sk_bound_dev_if);
	}
	if (pp_ip_route_has_ports(pn))
		pp_route_in_ports(skb, iph, &fl);
	skb_dst_drop(skb);
	dst = pp_ip_route_output_flow_rcu(pn, &fl, sk);
	if (IS_ERR(dst)) {
		pp_mib_inc(pn, IP_OUTNOROUTES);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_LOCAL_OUT,
			    PKTPATH_DROP_REROUTE);
		return PTR_ERR(dst);
	}
	skb_dst_set_noref(skb, &dst->rt.dst);
	return 0;
}

static __always_inline int
pp_ip_dst_output_rcu(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	int err;

	if (unlikely(!pp_dst_is_ours(skb_dst(skb)))) {
		err = pp_ip_reroute(net, skb);
		if (err)
			return err;
	}
	return pp_ip_output_rcu(net, sk, skb);
}

/* After LOCAL_OUT, any context: the twin of dst_output(). */
static int pp_ip_dst_output(struct net *net, struct sock *sk,
			    struct sk_buff *skb)
{
	int err;

	if (!pp_ip_hook_back(net, skb, PKTPATH_STAGE_IP_LOCAL_OUT))
		return -EPERM;
	rcu_read_lock();
	err = pp_ip_dst_output_rcu(net, sk, skb);
	rcu_read_unlock();
	return err;
}

/* 1: the packet goes on; else the hooks have taken it. */
static noinline int pp_ip_hook_local_out(struct net *net, struct sock *sk,
					 struct sk_buff *skb)
{
	int err;

	err = pp_ip_hook_rcu(NF_INET_LOCAL_OUT, net, sk, skb, NULL,
			     skb->dev, pp_ip_dst_output);
	if (err < 0)
		pp_drop_note(pp_net(net), NULL, PKTPATH_STAGE_IP_LOCAL_OUT,
			     PKTPATH_DROP_NETFILTER);
	return err;
}

static __always_inline int
pp_ip_local_out_past(struct pp_net *pn, struct sock *sk, struct sk_buff *skb)
{
	int err;

	if (pp_ip_hooked(pn->net, NF_INET_LOCAL_OUT)) {
		skb->dev = skb_dst(skb)->dev;
		/* for pp_ip_reroute(), which does not see our route again */
		PKTPATH_SKB_CB(skb)->h4.iif = pp_dst(skb_dst(skb))->l3mdev;
		err = pp_ip_hook_local_out(pn->net, sk, skb);
		if (err != 1)
			return err;
	}
	return pp_ip_dst_output_rcu(pn->net, sk, skb);
}

static void __cold pp_ip_local_out_resume(struct pp_net *pn,
					  struct sk_buff *skb,
					  const struct pp_fault_at *at)
{
	pp_ip_local_out_past(pn, skb->sk, skb);
}

static const struct pp_fault_point pp_ip_local_out_point = {
	PKTPATH_STAGE_IP_LOCAL_OUT, pp_ip_local_out_resume,
};

static int pp_ip_local_out_rcu(struct pp_net *pn, struct sock *sk,
			       struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);
	int err;

	pp_at_ip_local_out(skb, sk, skb->len);
	pp_mib_inc(pn, IP_OUTREQUESTS);
	if (unlikely(sk && rcu_access_pointer(inet_sk(sk)->inet_opt)) &&
	    !(PKTPATH_SKB_CB(skb)->flags & PKTPATH_CBF_OPTS)) {
		err = pp_ip_build_options(pn, sk, skb);
		if (err) {
			pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_LOCAL_OUT,
				    PKTPATH_DROP_IP_OPTIONS);
			return err;
		}
		iph = ip_hdr(skb);
	}
	iph_set_totlen(iph, skb->len);
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
	if (pp_fault(pn, &pp_ip_local_out_point, skb,
		     pp_dst(skb_dst(skb))->pd))
		return 0;
	return pp_ip_local_out_past(pn, sk, skb);
}

/**
 * pp_ip_local_out() - send a packet made on this host
 * @net: netns
 * @sk: the sender, or NULL
 * @skb: taken always; at its IP header, with a dst of ours
 *
 * Fills total length and checksum (RFC 791 §3.1), then NF_INET_LOCAL_OUT.
 * Mirrors: net/ipv4/ip_output.c:ip_local_out, __ip_local_out.
 *
 * Context: process or softirq; takes RCU.
 * Return: 0, -EPERM (netfilter), -ENOBUFS (queue full) or other -errno.
 */
int pp_ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	int err;

	rcu_read_lock();
	err = pp_ip_local_out_rcu(pp_net(net), sk, skb);
	rcu_read_unlock();
	return err;
}

/**
 * pp_ip_send_skb_rcu() - send a datagram and count what goes wrong
 * @pn: netns
 * @skb: taken always; as pp_ip_local_out()
 *
 * Mirrors: net/ipv4/ip_output.c:ip_send_skb.
 *
 * Context: process or softirq, RCU.
 * Return: 0 or -errno, -ENOBUFS when a queue on the way was full.
 */
int pp_ip_send_skb_rcu(struct pp_net *pn, struct sk_buff *skb)
{
	int err = pp_ip_local_out_rcu(pn, skb->sk, skb);

	if (unlikely(err)) {
		if (err > 0)
			err = net_xmit_errno(err);
		if (err)
			pp_mib_inc(pn, IP_OUTDISCARDS);
	}
	return err;
}

/**
 * pp_ip_send_skb() - pp_ip_send_skb_rcu() from outside of RCU
 * @pn: netns
 * @skb: taken always
 *
 * Context: process or softirq.
 * Return: as pp_ip_send_skb_rcu().
 */
int pp_ip_send_skb(struct pp_net *pn, struct sk_buff *skb)
{
	int err;

	rcu_read_lock();
	err = pp_ip_send_skb_rcu(pn, skb);
	rcu_read_unlock();
	return err;
}
