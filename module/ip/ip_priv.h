/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the IP layer: what its files know of each other. */
#ifndef PKTPATH_IP_IP_PRIV_H
#define PKTPATH_IP_IP_PRIV_H

#include "core/drop_causes.h"
#include "core/ops.h"
#include "ip/ip.h"

/* ==== Routing: route.c, dst.c, nexthop.c, fib.c, fib_conf.c ==== */

/*
 * Life of the routing part, called by pp_ip_layer (ip_init.c).
 * pp_route_init() and _exit(): from layer init and exit; init also registers
 * the address and device events (they must arrive from the first device on,
 * and until the last is detached), exit unregisters them, waits until no dst
 * is left and destroys the cache. Packets that hold one of our dsts
 * (nf_queue) must have been dropped before exit.
 * net_init/net_pre_exit/net_exit: the same members of the layer.
 */
int pp_route_init(void);
void pp_route_exit(void);
int pp_route_net_init(struct pp_net *pn);
void pp_route_net_pre_exit(struct pp_net *pn);
void pp_route_net_exit(struct pp_net *pn);

/*
 * Input route of a packet that arrived on @pd with no dst of ours. RCU read
 * side. Returns a dst good inside the RCU section (skb_dst_set_noref), of
 * type RTN_LOCAL or RTN_BROADCAST and dst.input pp_ip_local_deliver, or NULL
 * with the reason in *@cause: IP_MARTIAN_SRC, IP_MARTIAN_DST, IP_NOT_LOCAL
 * (to be forwarded, or multicast), IP_NOROUTE_IN, NOMEM. Packets from lo carry
 * their dst already and are not to be routed again.
 */
struct pp_dst *pp_ip_route_input_rcu(struct pp_net *pn, struct sk_buff *skb,
				     __be32 daddr, __be32 saddr, u8 tos,
				     struct pp_dev *pd,
				     enum pp_drop_cause *cause);

/*
 * Whether a dst that a socket has cached may still be used: nothing that it
 * depends on has changed. A dst is never made valid again, a new one is.
 */
static inline bool pp_dst_valid(const struct pp_net *pn,
				const struct pp_dst *dst)
{
	return likely(dst->gen == pp_net_gen(pn));
}

/* Bytes of an IP datagram that fit: device, route and path MTU. RCU. */
static inline unsigned int pp_dst_mtu(const struct pp_dst *dst)
{
	unsigned int mtu = READ_ONCE(dst->rt.dst.dev->mtu);
	unsigned int pmtu = dst->rt.rt_pmtu;

	if (pmtu && pmtu < mtu)
		mtu = pmtu;
	return min_t(unsigned int, mtu, IP_MAX_MTU);
}

/* The next hop's address for pp_neigh_output(). */
static inline __be32 pp_dst_nexthop(const struct pp_dst *dst, __be32 daddr)
{
	return dst->gw ?: daddr;
}

static inline bool pp_dst_is_local(const struct pp_dst *dst)
{
	return dst->type == RTN_LOCAL;
}

/* ==== Chains: ip_output.c, ip_input.c; targets of dst.output, .input ==== */

int pp_ip_output(struct net *net, struct sock *sk, struct sk_buff *skb);
int pp_ip_local_deliver(struct sk_buff *skb);

#endif
