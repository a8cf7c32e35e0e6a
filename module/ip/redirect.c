// SPDX-License-Identifier: GPL-2.0
/*
 * Redirects received (RFC 1122 §3.2.2.2): a router says that another one on
 * the link is nearer to a destination.
 *
 * Nobody is believed by default (net.pktpath.conf.*.accept_redirects). Where
 * they are, it must be the router that the packet went to who says so, by the
 * device it left by, quoting a packet of a socket of ours; and the gateway it
 * names must be another host on that link which answers. What is believed is
 * an exception of the next hop for that one destination and holds some minutes.
 * Routers do not follow redirects (RFC 1812 §5.2.7.2): forwarding does not look
 * at exceptions.
 *
 * Path: icmp.c => udp/udp_input.c, tcp/tcp_ipv4.c, raw/ => here => nexthop.c
 * Mirrors: net/ipv4/route.c (__ip_do_redirect, ipv4_sk_redirect)
 * Locks: RCU; pp_fib.exc_lock in nexthop.c
 */
#include <linux/icmp.h>
#include <net/ip.h>
#include "ip/fib.h"
#include "neigh/neigh.h"

/* Next hops of a netns that are looked through for one redirect. */
#define PKTPATH_REDIRECT_GW_MAX 4096

/**
 * pp_ip_redirect_wanted() - does a device listen to redirects?
 * @pd: the device
 *
 * A host: when it or all devices do; where packets are forwarded, when both do.
 * Mirrors: include/linux/inetdevice.h:IN_DEV_RX_REDIRECTS
 *
 * Context: RCU.
 * Return: whether.
 */
bool pp_ip_redirect_wanted(const struct pp_dev *pd)
{
	bool all = READ_ONCE(pd->pn->conf_all.accept_redirects);
	bool one = READ_ONCE(pd->conf.accept_redirects);

	if (READ_ONCE(pd->conf.forwarding))
		return all && one;
	return all || one;
}

/*
 * Whether some route of ours by @pd has this gateway. Hosts have few; where
 * there are very many, the first ones alone count.
 */
static bool pp_redirect_gw_listed(const struct pp_net *pn,
				  const struct pp_dev *pd, __be32 gw)
{
	unsigned int left = PKTPATH_REDIRECT_GW_MAX;
	const struct pp_nh *nh;

	list_for_each_entry_rcu(nh, &pn->fib->nhs, list) {
		if (nh->key.gw == gw && pp_nh_uses(nh, pd))
			return true;
		if (!--left)
			break;
	}
	return false;
}

/* Whether @addr is a neighbour on @pd by the routes, not behind a gateway. */
static bool pp_redirect_onlink(const struct pp_net *pn,
			       const struct pp_dev *pd, __be32 addr)
{
	const struct pp_flow fl = {
		.daddr = addr,
		.oif = pd->ifindex,
		.l3mdev = READ_ONCE(pd->l3mdev),
	};
	const struct pp_fib_entry *fe = pp_fib_lookup(pn, &fl);

	return fe && fe->type == RTN_UNICAST && !fe->nh->key.gw &&
	       pp_nh_uses(fe->nh, pd);
}

/* Whether @gw, named by the router @from, may be what it says. */
static bool pp_redirect_gw_ok(struct pp_net *pn, const struct pp_dev *pd,
			      __be32 from, __be32 gw)
{
	if (gw == from || pp_is_this_net(gw) || ipv4_is_loopback(gw) ||
	    (gw & htonl(0xf0000000)) == htonl(0xf0000000) ||
	    pp_ip_addr_type(pn, gw, READ_ONCE(pd->l3mdev)) != RTN_UNICAST)
		return false;
	if (PKTPATH_CONF_MAX(pd, shared_media))
		return pp_redirect_onlink(pn, pd, gw);
	if (!pp_ifaddr_same_subnet_rcu(pd, gw, from))
		return false;
	return !PKTPATH_CONF_MAX(pd, secure_redirects) ||
	       pp_redirect_gw_listed(pn, pd, gw);
}

/**
 * pp_ip_redirect() - a redirect about a packet of a socket of ours
 * @sk: the socket
 * @skb: at the IP header of the packet that it quotes; stays the caller's
 *
 * Mirrors: net/ipv4/route.c:ipv4_sk_redirect (v7.2)
 *
 * Context: softirq, RCU; the socket lock is not needed.
 */
void pp_ip_redirect(const struct sock *sk, const struct sk_buff *skb)
{
	const struct iphdr *inner = (const struct iphdr *)skb->data;
	struct pp_nh_way way = { .gw = icmp_hdr(skb)->un.gateway };
	__be32 from = ip_hdr(skb)->saddr;
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_dst *dst;
	struct pp_dev *pd;
	struct pp_flow fl;
	struct pp_nh *nh;
	u32 gen;

	pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
	if (!pd || !pp_ip_redirect_wanted(pd))
		return;
	pp_flow_init_sk(&fl, sk, inner->daddr, inner->saddr);
	fl.tos = inner->tos;
	gen = pp_net_gen(pn);
	/* generation before tables: pairs with pp_fib_changed() */
	smp_rmb();
	nh = pp_route_resolve(pn, &fl);
	if (IS_ERR(nh) || nh->key.type != RTN_UNICAST || nh->key.pd != pd)
		return;
	dst = pp_nh_dst(nh, fl.daddr, gen);
	if (IS_ERR(dst) || !dst->gw || dst->gw != from)
		return;
	if (!pp_redirect_gw_ok(pn, pd, from, way.gw)) {
		if (PKTPATH_CONF_MAX(pd, log_martians))
			net_info_ratelimited("pktpath: redirect from %pI4 on %s to %pI4 ignored\n",
					     &from, READ_ONCE(pd->dev)->name,
					     &way.gw);
		return;
	}
	if (!pp_route_sk_knows(sk) && !pp_nh_exc_unchecked(pn->fib))
		return;
	/* the next one will be followed, when it has answered to ARP */
	if (pp_neigh_ready(pd, way.gw))
		pp_nh_exc_learn(nh, fl.daddr, &way);
}

/**
 * pp_ip_redirect_failed() - a gateway did not answer
 * @skb: packet that was to go to it; stays the caller's
 * @gw: its address
 *
 * RFC 1122 §3.3.1.5. When a redirect has led there, it is forgotten.
 *
 * Context: RCU, any that may take exc_lock.
 */
void pp_ip_redirect_failed(const struct sk_buff *skb, __be32 gw)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (pp_dst_is_ours(dst) && pp_dst(dst)->gw == gw &&
	    (pp_dst(dst)->rt.rt_flags & RTCF_REDIRECTED))
		pp_nh_exc_unlearn_gw(pp_dst(dst)->nh, ip_hdr(skb)->daddr, gw);
}
