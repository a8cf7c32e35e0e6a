// SPDX-License-Identifier: GPL-2.0
/*
 * IGMP messages on their way out.
 *
 * Path: igmp.c => here => ip_output.c
 * Mirrors: net/ipv4/igmp.c (igmpv3_newpack, igmpv3_sendpack, igmp_send_report)
 * Locks: pp_mc_dev.lock while a message is written; none when it is sent
 */
#include <linux/igmp.h>
#include <linux/pkt_sched.h>
#include <linux/skbuff.h>
#include "ip/mcast.h"

/* RFC 2113: routers look at it. */
static const u8 pp_igmp_alert[4] = { 0x94, 4, 0, 0 };

#define PKTPATH_IGMP_IP_HLEN	(sizeof(struct iphdr) + sizeof(pp_igmp_alert))
/* A longer report is divided; all of it is linear. */
#define PKTPATH_IGMP_MAX	4096

/* Where a message goes, until the IP header says it. */
static __be32 *pp_igmp_dest(struct sk_buff *skb)
{
	return (__be32 *)skb->cb;
}

static struct sk_buff *pp_igmp_alloc(__be32 dest, unsigned int size)
{
	struct sk_buff *skb;

	skb = alloc_skb(LL_MAX_HEADER + PKTPATH_IGMP_IP_HLEN + size,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER + PKTPATH_IGMP_IP_HLEN);
	*pp_igmp_dest(skb) = dest;
	return skb;
}

/**
 * pp_igmp_out_short() - a message of version 1 or 2
 * @o: where it is collected
 * @type: PKTPATH_IGMP_V2_LEAVE or a report
 * @group: the group
 *
 * Without memory it is not sent.
 *
 * Context: pp_mc_dev.lock held.
 */
void pp_igmp_out_short(struct pp_igmp_out *o, u8 type, __be32 group)
{
	struct sk_buff *skb;

	if (skb_queue_len(o->q) >= PKTPATH_IGMP_OUT_MAX)
		return;
	skb = pp_igmp_alloc(type == PKTPATH_IGMP_V2_LEAVE ?
			    htonl(INADDR_ALLRTRS_GROUP) : group,
			    sizeof(struct igmphdr));
	if (!skb)
		return;
	pp_igmp_short(skb_put(skb, sizeof(struct igmphdr)), type, group);
	__skb_queue_tail(o->q, skb);
}

static bool pp_igmp_out_start(struct pp_igmp_out *o)
{
	unsigned int mtu = READ_ONCE(READ_ONCE(o->mc->pd->dev)->mtu);
	unsigned int size;

	/* they are made at one go, with the lock held */
	if (skb_queue_len(o->q) >= PKTPATH_IGMP_OUT_MAX)
		return false;
	size = clamp_t(unsigned int, mtu, 68, PKTPATH_IGMP_MAX) -
	       PKTPATH_IGMP_IP_HLEN;
	o->skb = pp_igmp_alloc(IGMPV3_ALL_MCR, size);
	if (!o->skb)
		return false;
	pp_igmp_report_start(&o->r, o->skb->data, size);
	return true;
}

/**
 * pp_igmp_out_end() - the report being written is complete
 * @o: where it is collected
 *
 * Context: pp_mc_dev.lock held.
 */
void pp_igmp_out_end(struct pp_igmp_out *o)
{
	if (!o->skb)
		return;
	pp_igmp_report_end(&o->r);
	skb_put(o->skb, o->r.len);
	__skb_queue_tail(o->q, o->skb);
	o->skb = NULL;
}

/**
 * pp_igmp_out_add() - a group record
 * @o: where it is collected
 * @type: PKTPATH_IGMP_IS_IN and so on
 * @group: the group
 * @src: sources
 * @n: how many
 *
 * RFC 3376 §4.2.16: what does not fit goes on in the next report; of what is
 * excluded, which cannot be told in parts, only as much as fits is told.
 *
 * Context: pp_mc_dev.lock held.
 * Return: false: there was no room for it, or for a part.
 */
bool pp_igmp_out_add(struct pp_igmp_out *o, u8 type, __be32 group,
		     const __be32 *src, u32 n)
{
	bool exclude = type == PKTPATH_IGMP_IS_EX ||
		       type == PKTPATH_IGMP_TO_EX;
	u32 put;

	if (exclude && o->skb && o->r.size - o->r.len < 8 + n * 4)
		pp_igmp_out_end(o);
	do {
		if (!o->skb && !pp_igmp_out_start(o))
			return false;
		put = pp_igmp_report_add(&o->r, type, group, src, n);
		if (put == PKTPATH_IGMP_REPORT_FULL) {
			pp_igmp_out_end(o);
			continue;
		}
		src += put;
		n -= put;
	} while (put == PKTPATH_IGMP_REPORT_FULL || (n && !exclude));
	return true;
}

/* RFC 3376 §4: TTL 1, Router Alert, precedence; from 0.0.0.0 if need be. */
static int pp_igmp_send(struct pp_dev *pd, struct sk_buff *skb)
{
	__be32 daddr = *pp_igmp_dest(skb);
	struct pp_flow fl = { .daddr = daddr, .oif = pd->ifindex };
	struct pp_net *pn = pd->pn;
	struct igmphdr *ih;
	struct pp_dst *dst;

	dst = pp_ip_route_output_flow_rcu(pn, &fl, NULL);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb_dst_set_noref(skb, &dst->rt.dst);
	skb->priority = TC_PRIO_CONTROL;
	skb_reset_transport_header(skb);
	ih = (struct igmphdr *)skb->data;
	ih->csum = ip_compute_csum(skb->data, skb->len);
	pp_ip_push_header(skb, NULL, dst, dst->prefsrc, daddr, IPPROTO_IGMP,
			  0xc0, 1);
	ip_hdr(skb)->frag_off = htons(IP_DF);
	if (pp_ip_insert_options(pn, skb, pp_igmp_alert,
				 sizeof(pp_igmp_alert))) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	return pp_ip_local_out(pn->net, NULL, skb);
}

/**
 * pp_igmp_send_all() - send what has been collected
 * @pd: the device
 * @q: emptied
 *
 * Context: process, no lock held.
 */
void pp_igmp_send_all(struct pp_dev *pd, struct sk_buff_head *q)
{
	struct sk_buff *skb;

	rcu_read_lock();
	while ((skb = __skb_dequeue(q)))
		pp_igmp_send(pd, skb);
	rcu_read_unlock();
}
