// SPDX-License-Identifier: GPL-2.0
/*
 * ARP frames from the wire (RFC 826, with RFC 1122 §2.3.2 and RFC 5227).
 *
 * What a frame may do: a request for an own address is answered, and its
 * sender noted when it is on the subnet of that address; a frame from a
 * sender already known updates the entry; a frame from one of our own
 * addresses is a conflict. Nothing else changes the table, so nobody fills it
 * by talking to others. Only a unicast reply to a request of ours proves that
 * the sender is reachable. A request that arp_ignore or arp_filter leaves to
 * another device changes nothing; it is counted as a drop (ArpIgnored), for who
 * looks for the answer.
 *
 * nft and arptables rules of the input hook apply, to our copy and once more to
 * the kernel's.
 *
 * Path: link/link_input.c (pp_link_rcv) => this => neigh_timer.c, arp_proxy.c
 * Mirrors: net/ipv4/arp.c (arp_rcv, arp_process)
 * Locks: none held; those of the table and of the entry are taken below
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include "core/claim.h"
#include "core/drop.h"
#include "core/ops.h"
#include "neigh/neigh_priv.h"

/* One frame on its way through the checks. */
struct pp_arp_in {
	struct pp_wire_arp arp;
	struct pp_dev *pd;
	struct pp_ifaddr *target;	/* own address asked for, or NULL */
	bool proxied;			/* asked for is whom we lead to */
	bool request;
	bool unicast;			/* sent to us alone */
	bool announcement;		/* "gratuitous": of itself */
};

/*
 * Addresses no host may have or ask for: neither sender nor target. 0 is the
 * sender of a probe.
 */
static bool pp_arp_martian(const struct pp_net *pn, __be32 addr)
{
	return (addr && pp_neigh_is_this_net(addr)) ||
	       ipv4_is_multicast(addr) || ipv4_is_lbcast(addr) ||
	       ipv4_is_loopback(addr) ||
	       pp_claim_lookup(pn, addr) == PKTPATH_CLAIM_BCAST;
}

/* RFC 5227 §2.4: a frame of any of our interfaces is no conflict. */
static bool pp_arp_own_mac(const struct pp_net *pn, const u8 *sha)
{
	const struct pp_dev *pd;

	list_for_each_entry_rcu(pd, &pn->devs, list)
		if (!READ_ONCE(pd->dead) && pd->dev->addr_len == ETH_ALEN &&
		    ether_addr_equal(pd->dev->dev_addr, sha))
			return true;
	return false;
}

static void pp_arp_reply(const struct pp_arp_in *in)
{
	pp_arp_send(in->pd, ARPOP_REPLY, in->arp.sha, in->arp.tpa, in->arp.sha,
		    in->arp.spa);
}

/*
 * Mirrors: net/ipv4/arp.c:arp_ignore. What 3 keeps quiet about, 127/8, is not
 * answered for anyway.
 */
static bool pp_arp_ignored(const struct pp_arp_in *in)
{
	switch (PKTPATH_CONF_MAX(in->pd, arp_ignore)) {
	case 1:
		return in->target->pd != in->pd;
	case 2:
		return in->target->pd != in->pd ||
		       (in->arp.spa &&
			!pp_ifaddr_same_subnet_rcu(in->pd, in->arp.spa,
						   in->arp.tpa));
	case 8:
		return true;
	default:
		return false;
	}
}

/* Is the answer left to the device by which the way back leads? */
static bool pp_arp_filtered(const struct pp_arp_in *in)
{
	const struct pp_neigh_ops *ops;

	if (!PKTPATH_CONF_MAX(in->pd, arp_filter))
		return false;
	ops = rcu_dereference(pp_neigh_ops);
	return !ops || !ops->leaves_by(in->pd, in->arp.spa, in->arp.tpa);
}

/*
 * RFC 5227 §2.1.1: a probe is answered and leaves no trace in the table. One
 * of another of our interfaces is none of a stranger who wants the address.
 * False: a setting has it ignored.
 */
static bool pp_arp_probe(const struct pp_arp_in *in)
{
	if (!in->request || !in->target)
		return true;
	if (in->target->pd == in->pd &&
	    !pp_arp_own_mac(in->pd->pn, in->arp.sha) &&
	    pp_acd_probe_seen(in->target))
		return true;
	if (pp_acd_quiet(in->target))
		return true;
	if (pp_arp_ignored(in))
		return false;
	pp_arp_reply(in);
	return true;
}

/* Whether the sender is worth an entry of its own. */
static bool pp_arp_may_create(const struct pp_arp_in *in)
{
	const struct pp_ifaddr *ifa = in->target;
	__be32 src;

	if (ifa && in->request)
		return ifa->pd == in->pd &&
		       !((ifa->addr ^ in->arp.spa) & ifa->mask);
	if (in->proxied)
		return pp_ifaddr_same_subnet_rcu(in->pd, in->arp.spa,
						 in->arp.spa);
	if (!PKTPATH_CONF_MAX(in->pd, arp_accept))
		return false;
	if (in->request && in->arp.spa != in->arp.tpa)
		return false;
	src = pp_ifaddr_select_rcu(in->pd, in->arp.spa);
	ifa = src ? pp_ifaddr_find_dev_rcu(in->pd, src) : NULL;
	return ifa && !((ifa->addr ^ in->arp.spa) & ifa->mask);
}

/* RFC 826: update the known sender, else note it if we are the target. */
static void pp_arp_learn(const struct pp_arp_in *in)
{
	struct pp_neigh_table *tbl = in->pd->pn->neigh;
	unsigned int flags = 0;
	u8 state = NUD_STALE;
	struct pp_neigh *n;

	n = pp_neigh_lookup(tbl, in->pd, in->arp.spa);
	if (!n) {
		if (!pp_arp_may_create(in))
			return;
		n = pp_neigh_create(tbl, in->pd, in->arp.spa,
				    PKTPATH_NEIGH_BY_INPUT);
		if (IS_ERR(n))
			return;
	}
	/*
	 * Deviates from RFC 826: the first answer wins for locktime, but over
	 * an announcement (RFC 5227 §3), which nobody has asked for.
	 */
	if (in->announcement ||
	    time_after(jiffies, READ_ONCE(n->updated) +
				READ_ONCE(in->pd->neigh.locktime)))
		flags = PKTPATH_NEIGH_OVERRIDE;
	if (!in->request && in->unicast && in->target &&
	    READ_ONCE(n->nud_state) &
	    (NUD_INCOMPLETE | NUD_DELAY | NUD_PROBE))
		state = NUD_REACHABLE;
	pp_neigh_update(n, in->arp.sha, state, flags);
}

/* False: a setting has it ignored. */
static bool pp_arp_process(struct pp_arp_in *in)
{
	struct pp_net *pn = in->pd->pn;
	struct pp_ifaddr *sender;

	in->target = pp_ifaddr_find_dev_rcu(in->pd, in->arp.tpa);
	if (!in->arp.spa)
		return pp_arp_probe(in);
	sender = pp_ifaddr_find_dev_rcu(in->pd, in->arp.spa);
	if (sender) {
		if (sender->pd == in->pd && !pp_arp_own_mac(pn, in->arp.sha))
			pp_acd_conflict(sender);
		return true;
	}
	if (in->arp.spa == in->arp.tpa &&
	    PKTPATH_CONF_MAX(in->pd, drop_gratuitous_arp))
		return false;
	if (in->target && pp_acd_quiet(in->target))
		return true;
	if (in->request && in->target &&
	    (pp_arp_ignored(in) || pp_arp_filtered(in)))
		return false;
	in->proxied = in->request && !in->target &&
		      pp_arp_proxies(in->pd, in->arp.tpa, in->arp.spa);
	pp_arp_learn(in);
	if (in->request && in->target)
		pp_arp_reply(in);
	else if (in->proxied)
		pp_arp_proxy(in->pd, &in->arp, in->unicast);
	return true;
}

static enum pp_drop_cause pp_arp_check(struct sk_buff *skb,
				       const struct pp_dev *pd,
				       struct pp_wire_arp *arp)
{
	if (!pskb_may_pull(skb, PKTPATH_WIRE_ARP_LEN))
		return PKTPATH_DROP_ARP_TRUNC;
	switch (pp_wire_arp_parse(skb->data, skb_headlen(skb), arp)) {
	case PKTPATH_WIRE_OK:
		break;
	case PKTPATH_WIRE_TRUNC:
		return PKTPATH_DROP_ARP_TRUNC;
	default:
		return PKTPATH_DROP_ARP_HDR;
	}
	if (arp->op != ARPOP_REQUEST && arp->op != ARPOP_REPLY)
		return PKTPATH_DROP_ARP_HDR;
	/* A group address as sender would turn our answers into floods. */
	if (!is_valid_ether_addr(arp->sha))
		return PKTPATH_DROP_ARP_HDR;
	if (pp_arp_martian(pd->pn, arp->spa) ||
	    pp_arp_martian(pd->pn, arp->tpa))
		return PKTPATH_DROP_ARP_MARTIAN;
	return PKTPATH_DROP_MAX;
}

/* Behind the filter, perhaps later and in process context. */
static int pp_arp_rcv_finish(struct net *net, struct sock *sk,
			     struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(net);
	struct pp_arp_in in = {};
	enum pp_drop_cause cause;

	rcu_read_lock();
	in.pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
	if (!in.pd) {
		consume_skb(skb);
		goto out;
	}
	cause = pp_arp_check(skb, in.pd, &in.arp);
	if (cause != PKTPATH_DROP_MAX) {
		pp_mib_inc(pn, PP_ARP_INERRORS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_ARP, cause);
		goto out;
	}
	in.request = in.arp.op == ARPOP_REQUEST;
	in.unicast = skb->pkt_type == PACKET_HOST;
	in.announcement = in.arp.spa == in.arp.tpa &&
			  (in.request ||
			   ether_addr_equal(in.arp.tha, in.arp.sha));
	if (in.request)
		pp_mib_inc(pn, PP_ARP_INREQUESTS);
	else
		pp_mib_inc(pn, PP_ARP_INREPLIES);
	/* Not our own frames, come back. */
	if (!ether_addr_equal(in.arp.sha, in.pd->dev->dev_addr) &&
	    !pp_arp_process(&in))
		pp_skb_drop(pn, skb, PKTPATH_STAGE_ARP,
			    PKTPATH_DROP_ARP_IGNORED);
	else
		consume_skb(skb);
out:
	rcu_read_unlock();
	return 0;
}

/**
 * pp_arp_rcv() - take in one ARP frame
 * @skb: our own clone of the frame, data at the ARP header; always taken
 * @pd: device it came in by
 *
 * Mirrors: net/ipv4/arp.c:arp_rcv; RFC 826
 *
 * Context: softirq, RCU read side.
 */
void pp_arp_rcv(struct sk_buff *skb, struct pp_dev *pd)
{
	if (READ_ONCE(pd->dead) || !pp_neigh_dev_arp(pd->dev) ||
	    skb->pkt_type == PACKET_OTHERHOST ||
	    skb->pkt_type == PACKET_LOOPBACK) {
		consume_skb(skb);
		return;
	}
	/* Rules look at the whole frame. */
	if (!pskb_may_pull(skb, PKTPATH_WIRE_ARP_LEN)) {
		pp_mib_inc(pd->pn, PP_ARP_INERRORS);
		pp_skb_drop(pd->pn, skb, PKTPATH_STAGE_ARP,
			    PKTPATH_DROP_ARP_TRUNC);
		return;
	}
	NF_HOOK(NFPROTO_ARP, NF_ARP_IN, pd->pn->net, NULL, skb, skb->dev, NULL,
		pp_arp_rcv_finish);
}
