// SPDX-License-Identifier: GPL-2.0
/*
 * From the IP header to the link: cached header, resolution, ARP requests.
 *
 * Path: ip/ip_output.c (pp_ip_finish_output) => this =>
 *	 link/link_output.c (pp_link_xmit)
 * Mirrors: include/net/neighbour.h (neigh_output, neigh_hh_output),
 *	    net/core/neighbour.c (neigh_resolve_output),
 *	    net/ipv4/arp.c (arp_solicit, arp_create)
 * Locks: none on the fast path; RCU
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include <net/ip.h>
#include <net/pkt_sched.h>
#include "core/claim.h"
#include "core/drop.h"
#include "core/fault.h"
#include "core/trace.h"
#include "link/link.h"
#include "neigh/neigh_priv.h"

static int pp_neigh_discard(struct pp_net *pn, struct sk_buff *skb,
			    enum pp_drop_cause cause, int err)
{
	pp_skb_drop(pn, skb, PKTPATH_STAGE_NEIGH, cause);
	return err;
}

/* Pushes a link header to @dest and sends; @skb's room is checked. */
static int pp_neigh_send_to(struct sk_buff *skb, struct pp_dev *pd,
			    const u8 *dest, unsigned int xmit_flags)
{
	struct net_device *dev = pd->dev;
	struct ethhdr *eth;

	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dev))))
		return pp_neigh_discard(pd->pn, skb, PKTPATH_DROP_NOMEM,
					-ENOMEM);
	if (likely(dev->header_ops && dev->header_ops->create == eth_header)) {
		eth = __skb_push(skb, ETH_HLEN);
		ether_addr_copy(eth->h_dest, dest);
		ether_addr_copy(eth->h_source, dev->dev_addr);
		eth->h_proto = htons(ETH_P_IP);
	} else if (dev_hard_header(skb, dev, ETH_P_IP, dest, NULL,
				   skb->len) < 0) {
		return pp_neigh_discard(pd->pn, skb, PKTPATH_DROP_NEIGH_HDR,
					-EINVAL);
	}
	return pp_link_xmit(dev_net(dev), skb, pd, xmit_flags);
}

/**
 * pp_neigh_xmit() - send to a neighbour whose link address is valid
 * @n: neighbour
 * @skb: at its IP header, skb->dev and protocol set; always taken
 * @xmit_flags: as for pp_link_xmit()
 *
 * Context: process or softirq, RCU read side, n->lock not held.
 * Return: 0 or -errno of pp_link_xmit(), -ENOMEM, -ENETDOWN.
 */
int pp_neigh_xmit(struct pp_neigh *n, struct sk_buff *skb,
		  unsigned int xmit_flags)
{
	const struct ethhdr *eth;
	u8 dest[ETH_ALEN];
	unsigned int seq;

	if (READ_ONCE(n->pd->dead))
		return pp_neigh_discard(n->pd->pn, skb, PKTPATH_DROP_LINK_DOWN,
					-ENETDOWN);
	eth = (const struct ethhdr *)(n->hh + PKTPATH_HH_LEN - ETH_HLEN);
	do {
		seq = read_seqcount_begin(&n->hh_seq);
		memcpy(dest, eth->h_dest, ETH_ALEN);
	} while (read_seqcount_retry(&n->hh_seq, seq));
	return pp_neigh_send_to(skb, n->pd, dest, xmit_flags);
}

/* Out of line, so that the fast path has no array on its stack. */
static noinline int pp_neigh_output_mc(struct sk_buff *skb, struct pp_dev *pd,
				       __be32 group, unsigned int xmit_flags)
{
	u8 dest[ETH_ALEN];

	ip_eth_mc_map(group, dest);
	return pp_neigh_send_to(skb, pd, dest, xmit_flags);
}

/* L3 devices; what create() there is knows what to write. */
static noinline int pp_neigh_output_l3(struct sk_buff *skb, struct pp_dev *pd,
				       unsigned int xmit_flags)
{
	struct net_device *dev = pd->dev;

	if (skb_cow_head(skb, LL_RESERVED_SPACE(dev)))
		return pp_neigh_discard(pd->pn, skb, PKTPATH_DROP_NOMEM,
					-ENOMEM);
	if (dev_hard_header(skb, dev, ETH_P_IP, NULL, NULL, skb->len) < 0)
		return pp_neigh_discard(pd->pn, skb, PKTPATH_DROP_NEIGH_HDR,
					-EINVAL);
	return pp_link_xmit(dev_net(dev), skb, pd, xmit_flags);
}

/* Devices without ARP: the header is the same for everybody. */
static __always_inline int
pp_neigh_output_plain(struct sk_buff *skb, struct pp_dev *pd, __be32 nexthop,
		      unsigned int xmit_flags)
{
	const struct net_device *dev = pd->dev;

	if (unlikely(dev->type != ARPHRD_ETHER &&
		     dev->type != ARPHRD_LOOPBACK))
		return pp_neigh_output_l3(skb, pd, xmit_flags);
	if (unlikely(ipv4_is_multicast(nexthop)))
		return pp_neigh_output_mc(skb, pd, nexthop, xmit_flags);
	return pp_neigh_send_to(skb, pd, dev->dev_addr, xmit_flags);
}

/* RFC 1112 §6.4, RFC 1122 §3.3.6: groups and broadcasts are mapped. */
static bool pp_neigh_map(const struct pp_dev *pd, __be32 addr, u8 *dest)
{
	if (ipv4_is_multicast(addr)) {
		ip_eth_mc_map(addr, dest);
		return true;
	}
	if (ipv4_is_lbcast(addr) ||
	    pp_claim_lookup(pd->pn, addr) == PKTPATH_CLAIM_BCAST) {
		memcpy(dest, pd->dev->broadcast, ETH_ALEN);
		return true;
	}
	return false;
}

static noinline struct pp_neigh *pp_neigh_make(struct pp_net *pn,
					       struct pp_dev *pd, __be32 addr,
					       const struct sk_buff *skb)
{
	if (pp_fault_nomem(pn, PKTPATH_STAGE_NEIGH, skb))
		return ERR_PTR(-ENOMEM);
	return pp_neigh_create(pn->neigh, pd, addr, PKTPATH_NEIGH_BY_OUTPUT);
}

/* The slow way: map, find or make the entry, then send or wait. */
static noinline int pp_neigh_resolve_output(struct sk_buff *skb,
					    struct pp_dev *pd, __be32 nexthop,
					    unsigned int xmit_flags)
{
	struct pp_net *pn = pd->pn;
	struct pp_neigh *n;
	u8 dest[ETH_ALEN];
	int tries = 2;
	int ret;

	if (!netif_running(pd->dev))
		return pp_neigh_discard(pn, skb, PKTPATH_DROP_LINK_DOWN,
					-ENETDOWN);
	do {
		n = pp_neigh_lookup(pn->neigh, pd, nexthop);
		if (!n) {
			if (pp_neigh_map(pd, nexthop, dest))
				return pp_neigh_send_to(skb, pd, dest,
							xmit_flags);
			n = pp_neigh_make(pn, pd, nexthop, skb);
			if (IS_ERR(n))
				return pp_neigh_discard(pn, skb,
						PKTPATH_DROP_NEIGH_CREATE,
						PTR_ERR(n));
		}
		ret = pp_neigh_event(n, skb, xmit_flags);
	} while (ret < 0 && --tries);

	if (ret < 0)
		return pp_neigh_discard(pn, skb, PKTPATH_DROP_NEIGH_DEAD,
					-EHOSTUNREACH);
	return ret ? 0 : pp_neigh_xmit(n, skb, xmit_flags);
}

/* Behind the stage by the slow way, which finds all that the fast one does. */
static void __cold pp_neigh_output_resume(struct pp_net *pn,
					  struct sk_buff *skb,
					  const struct pp_fault_at *at)
{
	struct pp_dev *pd = at->pd;

	if (READ_ONCE(pd->dead)) {
		pp_neigh_discard(pn, skb, PKTPATH_DROP_LINK_DOWN, -ENETDOWN);
		return;
	}
	skb->dev = pd->dev;
	skb->protocol = htons(ETH_P_IP);
	if (pp_neigh_dev_arp(pd->dev))
		pp_neigh_resolve_output(skb, pd, at->nexthop, at->flags);
	else
		pp_neigh_output_plain(skb, pd, at->nexthop, at->flags);
}

static const struct pp_fault_point pp_neigh_output_point = {
	PKTPATH_STAGE_NEIGH, pp_neigh_output_resume,
};

/**
 * pp_neigh_output() - put the link header in front and send
 * @net: netns of the packet
 * @skb: at its IP header; always taken
 * @pd: device to leave by; the caller's RCU section or reference covers it
 * @nexthop: gateway, or the destination when it is on-link
 * @xmit_flags: as for pp_link_xmit()
 *
 * The fast path, one lookup and a copy of the cached header, writes to the
 * neighbour only once a jiffy.
 *
 * Mirrors: include/net/neighbour.h:neigh_output
 *
 * Context: process or softirq, RCU read side.
 * Return: 0 when sent or waiting for resolution, else -errno.
 */
int pp_neigh_output(struct net *net, struct sk_buff *skb, struct pp_dev *pd,
		    __be32 nexthop, unsigned int xmit_flags)
{
	struct net_device *dev;
	unsigned long fresh;
	unsigned long now;
	struct pp_neigh *n;
	unsigned int seq;

	pp_at_neigh(skb, skb->sk, skb->len);
	if (pp_fault_xmit(pd->pn, &pp_neigh_output_point, skb, pd, nexthop,
			  xmit_flags))
		return 0;
	if (unlikely(READ_ONCE(pd->dead)))
		return pp_neigh_discard(pd->pn, skb, PKTPATH_DROP_LINK_DOWN,
					-ENETDOWN);
	dev = pd->dev;
	skb->dev = dev;
	skb->protocol = htons(ETH_P_IP);
	if (!pp_neigh_dev_arp(dev))
		return pp_neigh_output_plain(skb, pd, nexthop, xmit_flags);

	n = pp_neigh_lookup(pd->pn->neigh, pd, nexthop);
	if (unlikely(!n))
		goto resolve;
	now = READ_ONCE(jiffies);
	fresh = smp_load_acquire(&n->fresh); /* pp_neigh_set_state() */
	if (unlikely(now - READ_ONCE(n->confirmed) >= fresh))
		goto resolve;
	if (unlikely(skb_headroom(skb) < PKTPATH_HH_LEN))
		goto resolve;
	if (READ_ONCE(n->used) != now)
		WRITE_ONCE(n->used, now);
	do {
		seq = read_seqcount_begin(&n->hh_seq);
		memcpy(skb->data - PKTPATH_HH_LEN, n->hh, PKTPATH_HH_LEN);
	} while (read_seqcount_retry(&n->hh_seq, seq));
	__skb_push(skb, ETH_HLEN);
	return pp_link_xmit(net, skb, pd, xmit_flags);

resolve:
	return pp_neigh_resolve_output(skb, pd, nexthop, xmit_flags);
}

/**
 * pp_neigh_ready() - is the link address of a neighbour known?
 * @pd: device
 * @addr: address of the neighbour
 *
 * If not, it is asked for.
 * Mirrors: net/ipv4/route.c:__ip_do_redirect (v7.2)
 *
 * Context: process or softirq, RCU read side.
 * Return: whether packets may go there at once.
 */
bool pp_neigh_ready(struct pp_dev *pd, __be32 addr)
{
	struct pp_neigh_table *tbl = pd->pn->neigh;
	struct pp_neigh *n;

	if (READ_ONCE(pd->dead))
		return false;
	if (!pp_neigh_dev_arp(pd->dev))
		return true;
	n = pp_neigh_lookup(tbl, pd, addr);
	if (!n)
		n = pp_neigh_create(tbl, pd, addr, PKTPATH_NEIGH_BY_OUTPUT);
	return !IS_ERR(n) && !pp_neigh_event(n, NULL, 0);
}

/**
 * pp_neigh_silent() - has a neighbour failed to answer?
 * @pd: device
 * @addr: address of the neighbour
 *
 * One of which nothing was heard since is asked again after a while, so that
 * who goes round it will know when it is back.
 *
 * Context: process or softirq, RCU read side.
 * Return: whether.
 */
bool pp_neigh_silent(struct pp_dev *pd, __be32 addr)
{
	struct pp_neigh *n;

	if (READ_ONCE(pd->dead))
		return false;
	n = pp_neigh_lookup(pd->pn->neigh, pd, addr);
	if (!n || likely(!READ_ONCE(n->silent)))
		return false;
	if (READ_ONCE(n->nud_state) == NUD_FAILED &&
	    time_after(jiffies, READ_ONCE(n->updated) + PKTPATH_NEIGH_AGAIN))
		pp_neigh_event(n, NULL, 0);
	return true;
}

/**
 * pp_neigh_confirm() - fresh proof that a neighbour is reachable
 * @pd: device
 * @addr: address of the neighbour
 *
 * Mirrors: net/ipv4/route.c:ipv4_confirm_neigh
 *
 * Context: any, RCU read side.
 */
void pp_neigh_confirm(struct pp_dev *pd, __be32 addr)
{
	unsigned long now = READ_ONCE(jiffies);
	struct pp_neigh *n;

	n = pp_neigh_lookup(pd->pn->neigh, pd, addr);
	if (n && READ_ONCE(n->confirmed) != now)
		WRITE_ONCE(n->confirmed, now);
}

/* Behind the filter, perhaps later and in process context. */
static int pp_arp_xmit(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(net);
	struct pp_dev *pd;
	int err = -ENODEV;

	rcu_read_lock();
	pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
	if (!pd) {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_ARP,
			    PKTPATH_DROP_LINK_DOWN);
		goto out;
	}
	if (arp_hdr(skb)->ar_op == htons(ARPOP_REQUEST))
		pp_mib_inc(pn, PP_ARP_OUTREQUESTS);
	else
		pp_mib_inc(pn, PP_ARP_OUTREPLIES);
	err = pp_link_xmit(net, skb, pd, 0);
out:
	rcu_read_unlock();
	return err;
}

/**
 * pp_arp_send() - send one ARP frame
 * @pd: device with ARP
 * @op: ARPOP_REQUEST or ARPOP_REPLY
 * @dest: link address the frame goes to
 * @spa: sender protocol address
 * @tha: target hardware address, or NULL for zeros
 * @tpa: target protocol address
 *
 * Mirrors: net/ipv4/arp.c:arp_send_dst; RFC 826
 *
 * Context: process or softirq, RCU read side. Failure to allocate is silent:
 * ARP repeats itself.
 */
void pp_arp_send(struct pp_dev *pd, u16 op, const u8 *dest, __be32 spa,
		 const u8 *tha, __be32 tpa)
{
	static const u8 zero[ETH_ALEN];
	struct net_device *dev;
	struct sk_buff *skb;
	int hlen, tlen;

	if (READ_ONCE(pd->dead))
		return;
	dev = pd->dev;
	if (!netif_running(dev) || !pp_neigh_dev_arp(dev))
		return;
	hlen = LL_RESERVED_SPACE(dev);
	tlen = dev->needed_tailroom;
	skb = alloc_skb(hlen + PKTPATH_WIRE_ARP_LEN + tlen, GFP_ATOMIC);
	if (!skb)
		return;
	skb_reserve(skb, hlen);
	skb_reset_network_header(skb);
	pp_wire_arp_build(skb_put(skb, PKTPATH_WIRE_ARP_LEN), op,
			  dev->dev_addr, spa, tha ? tha : zero, tpa);
	skb->dev = dev;
	skb->protocol = htons(ETH_P_ARP);
	skb->priority = TC_PRIO_CONTROL;
	if (dev_hard_header(skb, dev, ETH_P_ARP, dest, NULL, skb->len) < 0) {
		pp_skb_drop(pd->pn, skb, PKTPATH_STAGE_ARP,
			    PKTPATH_DROP_NEIGH_HDR);
		return;
	}
	NF_HOOK(NFPROTO_ARP, NF_ARP_OUT, pd->pn->net, NULL, skb, NULL, dev,
		pp_arp_xmit);
}

/*
 * Which address of ours asks: that of the packet that waits, unless arp_announce
 * is narrower, else one of the device, else any.
 */
static __be32 pp_arp_source(const struct pp_dev *pd, __be32 target,
			    __be32 saddr)
{
	int announce = PKTPATH_CONF_MAX(pd, arp_announce);
	int l3mdev = READ_ONCE(pd->l3mdev);

	if (announce > 1 ||
	    (announce && !pp_ifaddr_same_subnet_rcu(pd, target, saddr)))
		saddr = 0;
	if (saddr && pp_ifaddr_find_vrf_rcu(pd->pn, saddr, l3mdev))
		return saddr;
	return pp_ifaddr_select_rcu(pd, target) ?:
	       pp_ifaddr_select_any_rcu(pd->pn, l3mdev);
}

/**
 * pp_arp_solicit() - ask for a neighbour
 * @pd: device
 * @target: address asked for
 * @saddr: source address of the packet that waits, 0 if none
 * @ucast: link address to ask directly, or NULL to broadcast
 *
 * Without an address of ours nothing is sent, since a request from 0 would be a
 * probe of RFC 5227.
 *
 * Mirrors: net/ipv4/arp.c:arp_solicit
 *
 * Context: process or softirq, RCU read side.
 */
void pp_arp_solicit(struct pp_dev *pd, __be32 target, __be32 saddr,
		    const u8 *ucast)
{
	if (READ_ONCE(pd->dead))
		return;
	saddr = pp_arp_source(pd, target, saddr);
	if (saddr)
		pp_arp_send(pd, ARPOP_REQUEST,
			    ucast ? ucast : pd->dev->broadcast, saddr, NULL,
			    target);
}
