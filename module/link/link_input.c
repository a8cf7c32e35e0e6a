// SPDX-License-Identifier: GPL-2.0
/*
 * Link layer, in: decides for every received frame whether it is ours, and
 * takes it from the kernel if so.
 *
 * The question must cost next to nothing for the others, which are most: type,
 * destination, one lookup. Nothing is written before the answer is yes.
 *
 *   unicast to an own address		taken
 *   unicast of others that we route	taken, where the device forwards
 *   broadcast of a subnet of ours,
 *   limited broadcast, ARP		copied, and passed on to the kernel
 *   groups that the device is in	likewise
 *   on lo: a packet that we sent	taken (its dst is ours)
 *   all else				passed on untouched
 *
 * Path: __netif_receive_skb_core (kernel) -> pp_link_rcv -> pp_ip_rcv
 * Mirrors: the rx handlers of net/bridge/br_input.c, drivers/net/macvlan.c
 * Locks: none; RCU of the receive path
 */
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "core/claim.h"
#include "core/drop.h"
#include "core/fault.h"
#include "core/ops.h"
#include "core/skb_cb.h"
#include "core/trace.h"
#include "link/link_priv.h"

static void pp_link_drop_in(struct sk_buff *skb, struct pp_dev *pd,
			    enum pp_drop_cause cause)
{
	this_cpu_inc(pd->stats->rx_dropped);
	pp_skb_drop(pd->pn, skb, PKTPATH_STAGE_LINK_RCV, cause);
}

/* Makes the frame readable for us for as long as we like; NULL: dropped. */
static __always_inline struct sk_buff *
pp_link_make_ours(struct sk_buff *skb, struct pp_dev *pd)
{
	/* A tap may hold it too. */
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb)) {
		pp_link_drop_in(NULL, pd, PKTPATH_DROP_LINK_SHARED);
		return NULL;
	}
	/* veth leaves the sender's socket, and its user's pages, attached. */
	skb_orphan(skb);
	if (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC))) {
		pp_link_drop_in(skb, pd, PKTPATH_DROP_NOMEM);
		return NULL;
	}
	if (unlikely(!pp_compat_skb_frags_readable(skb))) {
		pp_link_drop_in(skb, pd, PKTPATH_DROP_LINK_UNREADABLE);
		return NULL;
	}
	return skb;
}

static __always_inline void pp_link_hand_up(struct sk_buff *skb,
					    struct pp_dev *pd)
{
	pp_link_rcv_fn *rcv = rcu_dereference(pp_link_ip_rcv);

	pp_mib_inc(pd->pn, PP_LINK_IN);
	this_cpu_inc(pd->stats->rx_packets);
	this_cpu_add(pd->stats->rx_bytes, skb->len);
	if (likely(rcv))
		rcv(skb, pd);
	else
		pp_link_drop_in(skb, pd, PKTPATH_DROP_TEARDOWN);
}

static void __cold pp_link_take_resume(struct pp_net *pn, struct sk_buff *skb,
				       const struct pp_fault_at *at)
{
	pp_link_hand_up(skb, at->pd);
}

static const struct pp_fault_point pp_link_take_point = {
	PKTPATH_STAGE_LINK_RCV, pp_link_take_resume,
};

static __always_inline void pp_link_take(struct sk_buff *skb,
					 struct pp_dev *pd)
{
	skb = pp_link_make_ours(skb, pd);
	if (unlikely(!skb))
		return;
	if (!(pd->flags & PKTPATH_DEVF_LOOP))
		skb_dst_drop(skb);
	/* a priority was one of this link, not of where we forward it */
	__vlan_hwaccel_clear_tag(skb);
	skb_clear_delivery_time(skb);
	pp_at_link_rcv(skb, NULL, skb->len);
	if (!pp_fault(pd->pn, &pp_link_take_point, skb, pd))
		pp_link_hand_up(skb, pd);
}

/* A copy for us; the original goes on. */
static void pp_link_copy(struct sk_buff *skb, struct pp_dev *pd)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (unlikely(!copy))
		pp_link_drop_in(NULL, pd, PKTPATH_DROP_NOMEM);
	else
		pp_link_take(copy, pd);
}

static void pp_link_copy_arp(struct sk_buff *skb, struct pp_dev *pd)
{
	pp_link_rcv_fn *rcv = rcu_dereference(pp_link_arp_rcv);
	struct sk_buff *copy;

	if (!rcv || (pd->flags & PKTPATH_DEVF_NOARP))
		return;
	copy = skb_clone(skb, GFP_ATOMIC);
	if (unlikely(!copy)) {
		pp_link_drop_in(NULL, pd, PKTPATH_DROP_NOMEM);
		return;
	}
	copy = pp_link_make_ours(copy, pd);
	if (unlikely(!copy))
		return;
	skb_dst_drop(copy);
	memset(copy->cb, 0, sizeof(struct pp_skb_cb));
	rcv(copy, pd);
}

/*
 * A tag that no VLAN device has taken off: not this device's traffic, but for
 * VID 0, which is a priority only. A hook sees frames before VLAN devices do.
 */
static bool pp_link_tag_ok(const struct sk_buff *skb, const struct pp_dev *pd)
{
	return !skb_vlan_tag_get_id(skb) && !(pd->flags & PKTPATH_DEVF_HOOK);
}

/* What a first look at a frame says. */
enum pp_link_look {
	PKTPATH_LINK_FOREIGN,
	PKTPATH_LINK_LOOK_CLOSER,
	PKTPATH_LINK_OTHERS,	/* to nobody here: to be forwarded? */
	PKTPATH_LINK_OURS,
};

/*
 * The answer "no" is what every frame of others on the device pays for, so
 * nothing else is asked first.
 */
static __always_inline enum pp_link_look
pp_link_look(const struct sk_buff *skb, const struct pp_dev *pd)
{
	const struct pp_claim *c;
	__be32 daddr;

	if (unlikely(skb->protocol != htons(ETH_P_IP)))
		return skb->protocol == htons(ETH_P_ARP) ?
		       PKTPATH_LINK_LOOK_CLOSER : PKTPATH_LINK_FOREIGN;
	if (unlikely(skb_headlen(skb) < sizeof(struct iphdr)))
		return PKTPATH_LINK_LOOK_CLOSER;
	daddr = ((const struct iphdr *)skb->data)->daddr;
	c = pp_claim_find(pd->pn, daddr);
	if (!c) {
		if (daddr == htonl(INADDR_BROADCAST))
			return PKTPATH_LINK_LOOK_CLOSER;
		if (likely(!READ_ONCE(pd->conf.forwarding)))
			return PKTPATH_LINK_FOREIGN;
		return skb->pkt_type == PACKET_HOST &&
		       !skb_vlan_tag_present(skb) ?
		       PKTPATH_LINK_OTHERS : PKTPATH_LINK_LOOK_CLOSER;
	}
	if (likely(READ_ONCE(c->own) && skb->pkt_type == PACKET_HOST &&
		   !skb_vlan_tag_present(skb)))
		return PKTPATH_LINK_OURS;
	return PKTPATH_LINK_LOOK_CLOSER;
}

/* What the addresses alone do not say: a group that some device is in, a packet
 * of others that came to our hardware address.
 */
static __always_inline bool pp_link_wanted(const struct sk_buff *skb,
					   struct pp_dev *pd)
{
	pp_link_wants_fn *wants = rcu_dereference(pp_link_ip_wants);

	return wants && wants(skb, pd);
}

/* To our hardware address and to none of ours: is it for us to forward? */
static bool pp_link_forwards(const struct sk_buff *skb, struct pp_dev *pd)
{
	return READ_ONCE(pd->conf.forwarding) &&
	       skb->pkt_type == PACKET_HOST && pp_link_wanted(skb, pd);
}

/**
 * pp_link_rcv() - is this frame ours?
 * @skb: IPv4 or ARP frame as the kernel has it, at the network header; it
 *	 stays the kernel's unless true is returned, perhaps shared
 * @pd: device that received it
 *
 * Mirrors: net/core/dev.c:__netif_receive_skb_core (v7.2), as one of its
 * receivers
 *
 * Context: softirq, RCU read side.
 * Return: true when the frame has been taken.
 */
bool pp_link_rcv(struct sk_buff *skb, struct pp_dev *pd)
{
	__be32 buf, *daddr;

	if (skb->pkt_type > PACKET_MULTICAST)
		return false;
	if (skb_vlan_tag_present(skb) && !pp_link_tag_ok(skb, pd))
		return false;
	if (skb->protocol == htons(ETH_P_ARP)) {
		pp_link_copy_arp(skb, pd);
		return false;
	}
	daddr = skb_header_pointer(skb, offsetof(struct iphdr, daddr),
				   sizeof(buf), &buf);
	if (!daddr)
		return false;
	switch (pp_claim_lookup(pd->pn, *daddr)) {
	case PKTPATH_CLAIM_OWN:
		pp_link_take(skb, pd);
		return true;
	case PKTPATH_CLAIM_BCAST:
		pp_link_copy(skb, pd);
		return false;
	case PKTPATH_CLAIM_MCAST:
		if (pp_link_wanted(skb, pd))
			pp_link_copy(skb, pd);
		return false;
	default:
		break;
	}
	if (*daddr == htonl(INADDR_BROADCAST)) {
		pp_link_copy(skb, pd);
		return false;
	}
	if (!pp_link_forwards(skb, pd))
		return false;
	pp_link_take(skb, pd);
	return true;
}

/**
 * pp_link_rx_handler() - receive hook of an attached device
 * @pskb: the frame
 *
 * Context: softirq, RCU read side.
 * Return: RX_HANDLER_CONSUMED when the frame was ours, else RX_HANDLER_PASS.
 */
rx_handler_result_t pp_link_rx_handler(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct pp_dev *pd = rcu_dereference(skb->dev->rx_handler_data);

	switch (pp_link_look(skb, pd)) {
	case PKTPATH_LINK_OURS:
		pp_link_take(skb, pd);
		return RX_HANDLER_CONSUMED;
	case PKTPATH_LINK_OTHERS:
		if (!pp_link_wanted(skb, pd))
			return RX_HANDLER_PASS;
		pp_link_take(skb, pd);
		return RX_HANDLER_CONSUMED;
	case PKTPATH_LINK_LOOK_CLOSER:
		return pp_link_rcv(skb, pd) ? RX_HANDLER_CONSUMED :
					      RX_HANDLER_PASS;
	default:
		return RX_HANDLER_PASS;
	}
}

static bool pp_link_rcv_loop(struct sk_buff *skb, struct pp_dev *pd)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (likely(!dst || dst->ops != &pp_dst_ops))
		return false;
	pp_link_take(skb, pd);
	return true;
}

/**
 * pp_link_rx_loop() - receive hook of lo
 * @pskb: the frame
 *
 * Context: softirq, RCU read side.
 * Return: RX_HANDLER_CONSUMED when we had sent the frame, else
 * RX_HANDLER_PASS.
 */
rx_handler_result_t pp_link_rx_loop(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;

	if (pp_link_rcv_loop(skb, rcu_dereference(skb->dev->rx_handler_data)))
		return RX_HANDLER_CONSUMED;
	return RX_HANDLER_PASS;
}

/**
 * pp_link_nf_ingress() - receive hook of a device that has another rx handler
 * @priv: the struct pp_dev
 * @skb: the frame
 * @state: of netfilter
 *
 * Context: softirq, RCU read side.
 * Return: NF_STOLEN when the frame was ours, else NF_ACCEPT.
 */
unsigned int pp_link_nf_ingress(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct pp_dev *pd = priv;
	bool ours;

	if (pd->flags & PKTPATH_DEVF_LOOP)
		ours = pp_link_rcv_loop(skb, pd);
	else
		ours = pp_link_look(skb, pd) != PKTPATH_LINK_FOREIGN &&
		       pp_link_rcv(skb, pd);
	return ours ? NF_STOLEN : NF_ACCEPT;
}
