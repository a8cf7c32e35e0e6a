// SPDX-License-Identifier: GPL-2.0
/*
 * Sending ICMP: errors about packets (RFC 792, 1122 §3.2.2, 1812 §4.3.2), the
 * limits on them, and the last steps that errors and replies share.
 *
 * Path: ip_input.c, ip_options.c, icmp.c => here => ip_output.c
 * Mirrors: net/ipv4/icmp.c
 * Locks: pp_icmp_net.lock (global bucket), pp_icmp_net.dest_lock[] (buckets
 *	  of destinations), both leaves, BH off; never both at once
 */
#include <linux/icmp.h>
#include <linux/netfilter.h>
#include <net/icmp.h>
#include <net/ip.h>
#include "core/drop.h"
#include "core/hash.h"
#include "core/ifaddr.h"
#include "core/trace.h"
#include "ip/icmp_rate.h"
#include "ip/ip_optparse.h"
#include "ip/ip_priv.h"

#define PKTPATH_ICMP_DESTS	1024
#define PKTPATH_ICMP_LOCKS	16
/* RFC 1812 §4.3.2.3: as much as fits without the datagram passing 576. */
#define PKTPATH_ICMP_ERROR_LEN	576

/**
 * struct pp_icmp_net - limits on the ICMP messages of a netns
 * @lock: guards @global
 * @global: bucket of all destinations
 * @dest_lock: guard @dest, by index modulo
 * @dest: buckets of destinations, by keyed hash
 */
struct pp_icmp_net {
	spinlock_t lock;	/* global */
	struct pp_icmp_global global;
	spinlock_t dest_lock[PKTPATH_ICMP_LOCKS]; /* dest, by index modulo */
	struct pp_icmp_dest dest[PKTPATH_ICMP_DESTS];
};

/**
 * pp_icmp_net_init() - state of a new netns
 * @pn: the netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_icmp_net_init(struct pp_net *pn)
{
	struct pp_icmp_net *icn;
	int i;

	icn = kvzalloc(sizeof(*icn), GFP_KERNEL_ACCOUNT);
	if (!icn)
		return -ENOMEM;
	spin_lock_init(&icn->lock);
	for (i = 0; i < PKTPATH_ICMP_LOCKS; i++)
		spin_lock_init(&icn->dest_lock[i]);
	icn->global.stamp = (u32)jiffies - HZ;
	pn->icmp = icn;
	return 0;
}

/**
 * pp_icmp_net_exit() - free what pp_icmp_net_init() made
 * @pn: the netns, no packet is under way in it
 *
 * Context: process.
 */
void pp_icmp_net_exit(struct pp_net *pn)
{
	kvfree(pn->icmp);
	pn->icmp = NULL;
}

static bool pp_icmp_rate_global(struct pp_net *pn)
{
	struct pp_icmp_net *icn = pn->icmp;
	u32 now = (u32)jiffies;
	u32 per_sec, burst;
	bool ok;

	/* A flood that has used up the credit must not meet at the lock. */
	ok = data_race(icn->global.credit) > 0;
	/* Out of step with the credit it costs an error 20 ms at most. */
	ok = ok || now - data_race(icn->global.stamp) >= HZ / 50;
	if (ok) {
		per_sec = READ_ONCE(pn->sysctl.icmp_msgs_per_sec);
		burst = READ_ONCE(pn->sysctl.icmp_msgs_burst);
		spin_lock_bh(&icn->lock);
		ok = pp_icmp_global_allow(&icn->global, now, HZ, per_sec,
					  burst);
		spin_unlock_bh(&icn->lock);
	}
	if (!ok)
		pp_mib_inc(pn, ICMP_OUTRATELIMITGLOBAL);
	return ok;
}

static bool pp_icmp_rate_dest(struct pp_net *pn, __be32 daddr)
{
	u32 hash = pp_hash_2(pn, (__force u32)daddr, 0);
	struct pp_icmp_net *icn = pn->icmp;
	unsigned int i = hash % PKTPATH_ICMP_DESTS;
	u32 limit;
	bool ok;

	limit = msecs_to_jiffies(READ_ONCE(pn->sysctl.icmp_ratelimit));
	spin_lock_bh(&icn->dest_lock[i % PKTPATH_ICMP_LOCKS]);
	ok = pp_icmp_dest_allow(&icn->dest[i], hash | 1, (u32)jiffies, limit);
	spin_unlock_bh(&icn->dest_lock[i % PKTPATH_ICMP_LOCKS]);
	if (!ok)
		pp_mib_inc(pn, ICMP_OUTRATELIMITHOST);
	return ok;
}

/**
 * pp_icmp_rate_allow() - may an ICMP message go?
 * @pn: netns
 * @pd: device it would leave by
 * @daddr: its destination
 * @type: ICMP type
 * @code: ICMP code
 *
 * RFC 1812 §4.3.2.8. Types outside icmp_ratemask, Fragmentation Needed and lo
 * are not limited. The order (is there global credit, then the destination's
 * bucket, only then the payment) and the random price keep the global bucket
 * from telling others what was sent: see icmp_rate.c.
 * Mirrors: net/ipv4/icmp.c:icmpv4_global_allow, icmpv4_xrlim_allow (v7.2).
 *
 * Context: softirq or process.
 * Return: true when it may; a refusal is counted.
 */
bool pp_icmp_rate_allow(struct pp_net *pn, const struct pp_dev *pd,
			__be32 daddr, u8 type, u8 code)
{
	struct pp_icmp_net *icn = pn->icmp;

	if (type > NR_ICMP_TYPES ||
	    !(BIT(type) & READ_ONCE(pn->sysctl.icmp_ratemask)) ||
	    (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED))
		return true;
	if (!pp_icmp_rate_global(pn))
		return false;
	if (pd->flags & PKTPATH_DEVF_LOOP)
		return true;
	if (!pp_icmp_rate_dest(pn, daddr))
		return false;
	spin_lock_bh(&icn->lock);
	pp_icmp_global_take(&icn->global, get_random_u32());
	spin_unlock_bh(&icn->lock);
	return true;
}

/* Named counters of messages sent; 0: the type has none. */
static const u16 pp_icmp_out_mib[NR_ICMP_TYPES + 1] = {
	[ICMP_ECHOREPLY] = PKTPATH_MIB_ICMP_OUTECHOREPS,
	[ICMP_DEST_UNREACH] = PKTPATH_MIB_ICMP_OUTDESTUNREACHS,
	[ICMP_SOURCE_QUENCH] = PKTPATH_MIB_ICMP_OUTSRCQUENCHS,
	[ICMP_REDIRECT] = PKTPATH_MIB_ICMP_OUTREDIRECTS,
	[ICMP_ECHO] = PKTPATH_MIB_ICMP_OUTECHOS,
	[ICMP_TIME_EXCEEDED] = PKTPATH_MIB_ICMP_OUTTIMEEXCDS,
	[ICMP_PARAMETERPROB] = PKTPATH_MIB_ICMP_OUTPARMPROBS,
	[ICMP_TIMESTAMP] = PKTPATH_MIB_ICMP_OUTTIMESTAMPS,
	[ICMP_TIMESTAMPREPLY] = PKTPATH_MIB_ICMP_OUTTIMESTAMPREPS,
	[ICMP_ADDRESS] = PKTPATH_MIB_ICMP_OUTADDRMASKS,
	[ICMP_ADDRESSREPLY] = PKTPATH_MIB_ICMP_OUTADDRMASKREPS,
};

/**
 * pp_icmp_count_out() - count an ICMP message that is sent
 * @pn: netns
 * @type: its type
 *
 * Mirrors: net/ipv4/icmp.c:icmp_out_count. RFC 2011.
 *
 * Context: any.
 */
void pp_icmp_count_out(struct pp_net *pn, u8 type)
{
	pp_mib_inc(pn, ICMP_OUTMSGS);
	this_cpu_inc(pn->mib->icmp_out[type]);
	if (type <= NR_ICMP_TYPES && pp_icmp_out_mib[type])
		this_cpu_inc(pn->mib->c[pp_icmp_out_mib[type]]);
}

/**
 * pp_icmp_alloc() - an skb for an ICMP message
 * @dst: its route, good in the caller's RCU section
 * @len: bytes behind the ICMP header
 *
 * Context: RCU; does not sleep.
 * Return: the skb with skb->data at a zeroed ICMP header, the @len bytes not
 * yet put; NULL: no memory.
 */
struct sk_buff *pp_icmp_alloc(struct pp_dst *dst, unsigned int len)
{
	struct net_device *dev = dst->rt.dst.dev;
	unsigned int room = LL_RESERVED_SPACE(dev) + sizeof(struct iphdr);
	struct sk_buff *skb;

	skb = alloc_skb(room + sizeof(struct icmphdr) + len +
			dev->needed_tailroom, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_reset_transport_header(skb);
	skb_put_zero(skb, sizeof(struct icmphdr));
	skb_dst_set_noref(skb, &dst->rt.dst);
	return skb;
}

/**
 * pp_icmp_xmit_opts() - checksum an ICMP message and send it with IP options
 * @pn: netns
 * @skb: taken always; linear, at its ICMP header, dst set
 * @fl: addresses and TOS octet
 * @opts: well formed
 * @optlen: bytes at @opts, a multiple of 4; 0: none
 *
 * Context: RCU, softirq or process.
 */
void pp_icmp_xmit_opts(struct pp_net *pn, struct sk_buff *skb,
		       const struct pp_flow *fl, const u8 *opts,
		       unsigned int optlen)
{
	struct icmphdr *icmph = icmp_hdr(skb);
	u8 type = icmph->type;
	u8 ttl;

	icmph->checksum = 0;
	icmph->checksum = csum_fold(csum_partial(icmph, skb->len, 0));
	skb->ip_summed = CHECKSUM_NONE;
	ttl = pp_dst_ttl(pn, pp_dst(skb_dst(skb)));
	pp_ip_push_header(skb, NULL, pp_dst(skb_dst(skb)), fl->saddr,
			  fl->daddr, IPPROTO_ICMP, fl->tos, ttl);
	if (unlikely(optlen) && pp_ip_insert_options(pn, skb, opts, optlen)) {
		pp_mib_inc(pn, ICMP_OUTERRORS);
		kfree_skb(skb);
		return;
	}
	pp_icmp_count_out(pn, type);
	if (pp_ip_send_skb(pn, skb))
		pp_mib_inc(pn, ICMP_OUTERRORS);
}

/* The VRF in which the sender of a packet is; 0: none. */
static int pp_icmp_vrf(const struct pp_net *pn, const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (likely(!READ_ONCE(pn->nvrfs)))
		return 0;
	/* on its way out it has the other device */
	if (IPCB(skb)->flags & IPSKB_FORWARDED)
		return pp_vrf_of(pn, IPCB(skb)->iif);
	if (pp_dst_is_ours(dst) && pp_dst(dst)->rt.rt_flags & RTCF_LOCAL)
		return pp_dst(dst)->l3mdev;
	return pp_vrf_of(pn, (skb->dev ?: dst->dev)->ifindex);
}

/*
 * RFC 1122 §3.2.2: no error about an error, a broadcast or multicast of the
 * link or of IP, a fragment other than the first, or a source that is not
 * one host.
 */
static bool pp_icmp_may_answer(struct pp_net *pn, const struct sk_buff *skb,
			       int l3mdev)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int src, dst;
	const u8 *inner;
	u8 type;

	if (skb->pkt_type != PACKET_HOST)
		return false;
	if (iph->frag_off & htons(IP_OFFSET))
		return false;
	if (pp_is_this_net(iph->saddr) || ipv4_is_multicast(iph->saddr) ||
	    ipv4_is_lbcast(iph->saddr))
		return false;
	dst = pp_ip_addr_type(pn, iph->daddr, l3mdev);
	if (dst == RTN_BROADCAST || dst == RTN_MULTICAST)
		return false;
	src = pp_ip_addr_type(pn, iph->saddr, l3mdev);
	if (src == RTN_BROADCAST || src == RTN_MULTICAST)
		return false;
	if (iph->protocol != IPPROTO_ICMP)
		return true;
	inner = skb_header_pointer(skb, skb_network_offset(skb) + iph->ihl * 4,
				   sizeof(type), &type);
	/* An unknown type could be an error: RFC 1122 leaves no other way. */
	return inner && *inner <= NR_ICMP_TYPES && !pp_icmp_type_is_error(*inner);
}

/* RFC 1122 §3.2.2: from the address that was spoken to, when it is ours. */
static __be32 pp_icmp_error_saddr(struct pp_net *pn, const struct sk_buff *skb,
				  int l3mdev)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_dev *pd;
	int iif;

	if (pp_ip_addr_type(pn, iph->daddr, l3mdev) == RTN_LOCAL)
		return iph->daddr;
	if (!READ_ONCE(pn->sysctl.icmp_errors_use_inbound_ifaddr) || !skb->dev)
		return 0;
	/* on its way out it has the other device */
	iif = IPCB(skb)->flags & IPSKB_FORWARDED ? IPCB(skb)->iif :
						   skb->dev->ifindex;
	pd = pp_dev_find_rcu(pn, iif);
	return pd ? pp_ifaddr_select_rcu(pd, iph->saddr) : 0;
}

static void pp_icmp_send_error(struct pp_net *pn, struct sk_buff *orig,
			       int l3mdev, u8 type, u8 code, __be32 info)
{
	const struct iphdr *iph = ip_hdr(orig);
	struct pp_flow fl = {
		.daddr = iph->saddr,
		.saddr = pp_icmp_error_saddr(pn, orig, l3mdev),
		.l3mdev = l3mdev,
		.tos = (iph->tos & IPTOS_TOS_MASK) |
			IPTOS_PREC_INTERNETCONTROL,
		.proto = IPPROTO_ICMP,
		.uid = GLOBAL_ROOT_UID,
	};
	u8 opts[PKTPATH_IPOPT_MAX];
	unsigned int room, len, optlen;
	struct icmphdr *icmph;
	struct sk_buff *skb;
	struct pp_dst *dst;

	dst = pp_ip_route_output_flow_rcu(pn, &fl, NULL);
	if (IS_ERR(dst))
		return;
	if (!pp_icmp_rate_allow(pn, dst->pd, fl.daddr, type, code))
		return;
	room = min_t(unsigned int, pp_dst_mtu(dst), PKTPATH_ICMP_ERROR_LEN);
	/* bad parameters are found before this host is counted */
	optlen = pp_ip_reply_options(orig, type != ICMP_PARAMETERPROB, opts);
	if (room <= 2 * sizeof(struct iphdr) + sizeof(struct icmphdr) + optlen)
		return;
	room -= sizeof(struct iphdr) + sizeof(struct icmphdr) + optlen;
	len = min_t(unsigned int, orig->len - skb_network_offset(orig), room);

	skb = pp_icmp_alloc(dst, len);
	if (!skb) {
		pp_mib_inc(pn, ICMP_OUTERRORS);
		return;
	}
	icmph = icmp_hdr(skb);
	icmph->type = type;
	icmph->code = code;
	icmph->un.gateway = info;
	if (skb_copy_bits(orig, skb_network_offset(orig), skb_put(skb, len),
			  len)) {
		pp_mib_inc(pn, ICMP_OUTERRORS);
		kfree_skb(skb);
		return;
	}
	nf_ct_attach(skb, orig);
	pp_icmp_xmit_opts(pn, skb, &fl, opts, optlen);
}

/**
 * pp_icmp_send() - send an ICMP error about a packet
 * @skb: the packet, stays the caller's; network header valid and linear
 * @type: ICMP type, an error
 * @code: ICMP code
 * @info: second word of the ICMP header: MTU, pointer or 0
 *
 * By the rules of RFC 1122 §3.2.2 and within the limits of RFC 1812 §4.3.2.8.
 * Quotes as much as fits in 576 bytes (RFC 1812 §4.3.2.3), and goes with the
 * packet's Record Route and Timestamp, within the VRF that it came in by.
 * Mirrors: net/ipv4/icmp.c:__icmp_send (v7.2).
 *
 * Context: softirq or process; takes RCU.
 */
void pp_icmp_send(struct sk_buff *skb, u8 type, u8 code, __be32 info)
{
	struct dst_entry *dst = skb_dst(skb);
	struct net_device *dev;
	struct pp_net *pn;
	int l3mdev;

	dev = skb->dev ?: (dst ? dst->dev : NULL);
	if (!dev || dev == blackhole_netdev)
		return;
	if (skb_network_header(skb) < skb->head ||
	    skb_network_header(skb) + sizeof(struct iphdr) >
	    skb_tail_pointer(skb) ||
	    skb_network_header(skb) + ip_hdr(skb)->ihl * 4 >
	    skb_tail_pointer(skb))
		return;
	pn = pp_net(dev_net(dev));
	rcu_read_lock();
	l3mdev = pp_icmp_vrf(pn, skb);
	if (pp_icmp_may_answer(pn, skb, l3mdev))
		pp_icmp_send_error(pn, skb, l3mdev, type, code, info);
	rcu_read_unlock();
}
