// SPDX-License-Identifier: GPL-2.0
/*
 * Route lookup for packets that come in.
 *
 * Each CPU remembers answers: pairs of an address of ours and a source that is
 * not, and what it has forwarded. An answer of another generation is none, and
 * outside of softirqs, which one could interrupt, none is asked for or kept.
 *
 * Path: ip_input.c (pp_ip_rcv_finish) -> here -> ip_input.c, ip_forward.c
 * Mirrors: net/ipv4/route.c (ip_route_input_slow, ip_mkroute_input),
 *	    net/ipv4/fib_frontend.c (fib_validate_source)
 * Locks: none; RCU
 */
#include <linux/hash.h>
#include <linux/ip.h>
#include "core/fault.h"
#include "ip/fib.h"
#include "ip/mcast.h"
#include "ip/mroute.h"

static bool pp_route_is_class_e(__be32 addr)
{
	return (addr & htonl(0xf0000000)) == htonl(0xf0000000);
}

/*
 * Where what goes back would come in: by the device that the packet leaves by,
 * or it is of this host. Rules may ask.
 */
static int pp_route_back_iif(const struct pp_net *pn, const struct pp_flow *fl,
			     unsigned int dtype)
{
	const struct pp_fib_entry *fe;

	/* without rules nobody does */
	if (dtype != RTN_UNICAST || !rcu_access_pointer(pn->fib->rules))
		return LOOPBACK_IFINDEX;
	fe = pp_fib_lookup(pn, fl);
	return fe && fe->type == RTN_UNICAST && fe->nh->key.pd ?
	       fe->nh->key.pd->ifindex : LOOPBACK_IFINDEX;
}

/*
 * RFC 3704: whether the source lies behind the device; 1 strict, 2 loose.
 * @dtype: RTN_* of the destination.
 */
static noinline bool pp_route_rp_ok(const struct pp_net *pn,
				    const struct pp_flow *fl,
				    const struct pp_dev *pd, int mode,
				    unsigned int dtype)
{
	const struct pp_flow back = {
		.daddr = fl->saddr,
		.saddr = fl->daddr,
		.tos = fl->tos,
		.iif = pp_route_back_iif(pn, fl, dtype),
		.l3mdev = fl->l3mdev,
		.mark = PKTPATH_CONF_MAX(pd, src_valid_mark) ? fl->mark : 0,
		.proto = fl->proto,
		.sport = fl->dport,
		.dport = fl->sport,
		.flags = PKTPATH_FLOWF_FIRST,
	};
	const struct pp_fib_entry *best = pp_fib_lookup(pn, &back), *fe;

	if (!best || best->type != RTN_UNICAST)
		return false;
	if (mode != 1)
		return true;
	/* a worse route back by the device does not count */
	for (fe = best; fe && pp_fib_same_rank(fe, best);
	     fe = rcu_dereference(fe->next))
		if (pp_nh_uses(fe->nh, pd))
			return true;
	return false;
}

/* Of class A, B or C, but for 0/8 and 127/8: nothing is wrong with it. */
static bool pp_route_is_plain(__be32 addr)
{
	u32 top = ntohl(addr) >> 24;

	return top - 1 < 0xe0 - 1 && top != IN_LOOPBACKNET;
}

/* RFC 1122 §3.2.1.3, RFC 1812 §5.3.7: addresses that no frame may bear. */
static enum pp_drop_cause pp_route_in_form(__be32 daddr, __be32 saddr,
					   u8 proto)
{
	if (ipv4_is_multicast(saddr) || pp_route_is_class_e(saddr) ||
	    ipv4_is_loopback(saddr))
		return PKTPATH_DROP_IP_MARTIAN_SRC;
	/* a host that asks for its address sends from 0.0.0.0 to all */
	if (ipv4_is_lbcast(daddr) && !saddr)
		return PKTPATH_DROP_NOT_SPECIFIED;
	/* RFC 3376 §4.2.13: so does one that reports its groups without one */
	if (!saddr && (ipv4_is_local_multicast(daddr) ||
		       (ipv4_is_multicast(daddr) && proto == IPPROTO_IGMP)))
		return PKTPATH_DROP_NOT_SPECIFIED;
	if (pp_is_this_net(saddr))
		return PKTPATH_DROP_IP_MARTIAN_SRC;
	if (pp_is_this_net(daddr) || ipv4_is_loopback(daddr))
		return PKTPATH_DROP_IP_MARTIAN_DST;
	return PKTPATH_DROP_NOT_SPECIFIED;
}

/*
 * Own addresses do not come from outside; rp_filter. @type: of the source,
 * @dtype: of the destination.
 */
static bool pp_route_in_src_ok(const struct pp_net *pn,
			       const struct pp_flow *fl,
			       const struct pp_dev *pd, unsigned int type,
			       unsigned int dtype)
{
	int mode = PKTPATH_CONF_MAX(pd, rp_filter);

	if (type == RTN_LOCAL)
		return PKTPATH_CONF_MAX(pd, accept_local);
	if (type == RTN_BROADCAST)
		return false;
	return !mode || pp_route_rp_ok(pn, fl, pd, mode, dtype);
}

/* The kernel may get a local route, which goes first: its generation counts. */
static u64 pp_route_gen_tos(const struct pp_net *pn, u64 gen, u8 tos)
{
	/* both only grow, so the sum is new when one of them is */
	return (gen + (u32)rt_genid_ipv4(pn->net)) << 8 | tos;
}

/*
 * Whether nobody else can be in what this CPU remembers: between softirqs of
 * PREEMPT_RT somebody can.
 */
static __always_inline bool pp_route_alone(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && softirq_count();
}

static __always_inline struct pp_route_fwd *
pp_route_fwd_slot(const struct pp_net *pn, __be32 daddr, __be32 saddr)
{
	u32 hash = hash_32((__force u32)daddr ^
			   (__force u32)saddr * GOLDEN_RATIO_32,
			   PKTPATH_ROUTE_FWD_BITS);

	return this_cpu_ptr(&pn->fib->in->fwd[hash]);
}

/*
 * The next hop that such a packet took last, or NULL. Softirq, RCU. Asked twice
 * of every packet that is sent on, hence without a flow, which costs stores.
 */
static __always_inline struct pp_nh *
pp_route_fwd_cached(const struct pp_net *pn, const struct sk_buff *skb,
		    const struct iphdr *iph, const struct pp_dev *pd, u64 gen)
{
	const struct pp_route_fwd *fwd;

	fwd = pp_route_fwd_slot(pn, iph->daddr, iph->saddr);
	if (likely(fwd->daddr == iph->daddr && fwd->saddr == iph->saddr &&
		   fwd->gen_tos == pp_route_gen_tos(pn, gen, iph->tos) &&
		   fwd->iif == pd->ifindex && fwd->mark == skb->mark))
		return fwd->nh;
	return NULL;
}

static void pp_route_fwd_keep(const struct pp_net *pn,
			      const struct pp_flow *fl, struct pp_nh *nh,
			      u64 gen)
{
	struct pp_route_fwd *fwd;

	fwd = pp_route_fwd_slot(pn, fl->daddr, fl->saddr);
	fwd->daddr = fl->daddr;
	fwd->saddr = fl->saddr;
	fwd->iif = fl->iif;
	fwd->mark = fl->mark;
	fwd->gen_tos = pp_route_gen_tos(pn, gen, fl->tos);
	fwd->nh = nh;
}

/*
 * An address of the kernel's stack is never ours to lead to. Frames to it are
 * not taken: NAT or a source route has turned to it what came to another.
 */
static bool pp_route_in_kernel(const struct pp_net *pn,
			       const struct pp_flow *fl,
			       const struct pp_dev *pd)
{
	return inet_addr_type_dev_table(pn->net, READ_ONCE(pd->dev),
					fl->daddr) != RTN_UNICAST;
}

/*
 * Where a packet to an address that is not ours goes. NULL: *@cause. What
 * table 254 calls ours, a broadcast or a group is not for a router to send on.
 */
static struct pp_nh *pp_route_in_forward(const struct pp_net *pn,
					 const struct pp_flow *fl,
					 const struct pp_dev *pd, u64 gen,
					 enum pp_drop_cause *cause)
{
	const struct pp_fib_entry *fe;

	*cause = PKTPATH_DROP_IP_KERNEL;
	if (unlikely(pp_route_in_kernel(pn, fl, pd)))
		return NULL;
	*cause = PKTPATH_DROP_IP_NOT_LOCAL;
	if (!READ_ONCE(pd->conf.forwarding))
		return NULL;
	fe = pp_fib_lookup(pn, fl);
	*cause = PKTPATH_DROP_IP_NOROUTE_IN;
	if (!fe)
		return NULL;
	switch (fe->type) {
	case RTN_UNICAST:
		/* A hash of ports is not known by the addresses alone. */
		if (likely(pp_route_alone()) && !fe->nh->key.weight &&
		    !pp_fib_rules_fine(pn))
			pp_route_fwd_keep(pn, fl, fe->nh, gen);
		return fe->nh;
	case RTN_BLACKHOLE:
		*cause = PKTPATH_DROP_IP_BLACKHOLE;
		return NULL;
	case RTN_UNREACHABLE:
		*cause = PKTPATH_DROP_IP_UNREACHABLE;
		return NULL;
	case RTN_PROHIBIT:
		*cause = PKTPATH_DROP_IP_PROHIBIT;
		return NULL;
	default:
		*cause = PKTPATH_DROP_IP_MARTIAN_DST;
		return NULL;
	}
}

static struct pp_nh *pp_route_in_nh(const struct pp_net *pn, unsigned int type,
				    const struct pp_flow *fl,
				    const struct pp_dev *pd,
				    enum pp_drop_cause *cause)
{
	const struct pp_fib_dev *fd = pp_fib_dev_rcu(pn, pd);
	struct pp_nh *nh;

	if (unlikely(!fd)) {
		*cause = PKTPATH_DROP_IP_NOROUTE_IN;
		return NULL;
	}
	nh = fd->nh[likely(type == RTN_LOCAL) ? PKTPATH_FIB_IN_LOCAL :
		    type == RTN_MULTICAST ? PKTPATH_FIB_IN_MCAST :
					    PKTPATH_FIB_IN_BCAST];
	/* the device has just gone to another VRF than was asked */
	if (unlikely(nh->l3mdev != fl->l3mdev)) {
		*cause = PKTPATH_DROP_LINK_DOWN;
		return NULL;
	}
	return nh;
}

/*
 * To a group: one that the device is in, from a source that is wanted; any,
 * where groups are forwarded, from a source that may be told to others.
 * Mirrors: net/ipv4/route.c:ip_route_input_mc (v7.2)
 */
static noinline struct pp_nh *pp_route_in_group(const struct pp_net *pn,
						const struct pp_flow *fl,
						const struct pp_dev *pd,
						enum pp_drop_cause *cause)
{
	unsigned int type;

	*cause = PKTPATH_DROP_IP_NOT_MEMBER;
	if (!pp_mc_check_rcu(pd, fl->daddr, fl->saddr, fl->proto) &&
	    (!fl->saddr || !pp_mroute_may(pd, fl->daddr)))
		return NULL;
	*cause = PKTPATH_DROP_IP_MARTIAN_SRC;
	if (fl->saddr) {
		type = pp_fib_local_type(pn, fl->saddr, fl->l3mdev);
		if (!pp_route_in_src_ok(pn, fl, pd, type, RTN_MULTICAST))
			return NULL;
	}
	return pp_route_in_nh(pn, RTN_MULTICAST, fl, pd, cause);
}

static __always_inline struct pp_route_in *
pp_route_in_slot(const struct pp_net *pn, __be32 saddr)
{
	u32 slot = hash_32((__force u32)saddr, PKTPATH_ROUTE_IN_BITS);

	return this_cpu_ptr(&pn->fib->in->e[slot]);
}

/*
 * The next hop of a packet from a source that has sent to the same address of
 * ours before, or NULL: it is to be asked for. Saves two lookups, and the flow,
 * for most packets outside of VRFs.
 */
static __always_inline struct pp_nh *
pp_route_in_known(const struct pp_net *pn, const struct iphdr *iph,
		  const struct pp_dev *pd, u64 gen)
{
	const struct pp_route_in *in;
	const struct pp_fib_dev *fd;
	struct pp_nh *nh;

	if (unlikely(!pp_route_alone() || READ_ONCE(pd->l3mdev)))
		return NULL;
	in = pp_route_in_slot(pn, iph->saddr);
	if (unlikely(in->saddr != iph->saddr || in->daddr != iph->daddr ||
		     in->gen != gen || PKTPATH_CONF_MAX(pd, rp_filter)))
		return NULL;
	fd = pp_fib_dev_rcu(pn, pd);
	if (unlikely(!fd))
		return NULL;
	nh = fd->nh[PKTPATH_FIB_IN_LOCAL];
	/* the device has just gone to another VRF than was asked */
	return unlikely(nh->l3mdev) ? NULL : nh;
}

/*
 * RTN_* of the destination, or RTN_UNSPEC when the source is not acceptable.
 * What is found of an address of ours outside of VRFs is remembered.
 */
static unsigned int pp_route_in_type(const struct pp_net *pn,
				     const struct pp_flow *fl,
				     const struct pp_dev *pd, u64 gen)
{
	unsigned int stype = RTN_UNICAST, dtype = RTN_BROADCAST;
	struct pp_route_in *in;

	if (!ipv4_is_lbcast(fl->daddr))
		dtype = pp_fib_local_type(pn, fl->daddr, fl->l3mdev);
	if (fl->saddr) {
		stype = pp_fib_local_type(pn, fl->saddr, fl->l3mdev);
		if (!pp_route_in_src_ok(pn, fl, pd, stype, dtype))
			return RTN_UNSPEC;
	}
	if (pp_route_alone() && !fl->l3mdev && fl->saddr &&
	    stype == RTN_UNICAST && dtype == RTN_LOCAL) {
		in = pp_route_in_slot(pn, fl->saddr);
		in->saddr = fl->saddr;
		in->daddr = fl->daddr;
		in->gen = gen;
	}
	return dtype;
}

static noinline void pp_route_log_martian(const struct pp_dev *pd,
					  const struct pp_flow *fl)
{
	if (PKTPATH_CONF_MAX(pd, log_martians))
		net_warn_ratelimited("pktpath: martian packet from %pI4 to %pI4 on %s\n",
				     &fl->saddr, &fl->daddr,
				     READ_ONCE(pd->dev)->name);
}

/* The next hop of an incoming packet, or NULL and *@cause. */
static struct pp_nh *pp_route_in_resolve(const struct pp_net *pn,
					 const struct pp_flow *fl,
					 const struct pp_dev *pd, u64 gen,
					 enum pp_drop_cause *cause)
{
	unsigned int type;

	if (unlikely(!pp_route_is_plain(fl->daddr) ||
		     !pp_route_is_plain(fl->saddr))) {
		*cause = pp_route_in_form(fl->daddr, fl->saddr, fl->proto);
		if (*cause != PKTPATH_DROP_NOT_SPECIFIED)
			return NULL;
		if (ipv4_is_multicast(fl->daddr))
			return pp_route_in_group(pn, fl, pd, cause);
	}
	type = pp_route_in_type(pn, fl, pd, gen);
	if (unlikely(type == RTN_UNSPEC)) {
		*cause = PKTPATH_DROP_IP_MARTIAN_SRC;
		return NULL;
	}
	if (unlikely(type != RTN_LOCAL && type != RTN_BROADCAST))
		return pp_route_in_forward(pn, fl, pd, gen, cause);
	return pp_route_in_nh(pn, type, fl, pd, cause);
}

/**
 * pp_ip_route_fwd_rcu() - input route of a packet like one sent on before
 * @pn: netns state
 * @skb: at its IP header
 * @pd: device it came in by; it forwards
 *
 * What is remembered has passed every check of pp_ip_route_input_rcu().
 *
 * Context: RCU read side, softirq or process.
 * Return: a dst of type RTN_UNICAST, good inside the RCU section, or NULL: it
 * is to be asked for.
 */
struct pp_dst *pp_ip_route_fwd_rcu(struct pp_net *pn, const struct sk_buff *skb,
				   const struct pp_dev *pd)
{
	u64 gen = pp_net_gen_full(pn);
	struct pp_dst *dst;
	struct pp_nh *nh;

	if (!pp_route_alone() || static_branch_unlikely(&pp_fault_key.key))
		return NULL;
	/* generation before tables: pairs with pp_fib_changed() */
	smp_rmb();
	nh = pp_route_fwd_cached(pn, skb, ip_hdr(skb), pd, gen);
	if (unlikely(!nh))
		return NULL;
	dst = pp_nh_dst_plain(nh, (u32)gen);
	return IS_ERR(dst) ? NULL : dst;
}

/**
 * pp_ip_route_input_rcu() - input route
 * @pn: netns state
 * @fl: addresses, TOS and mark of the packet; iif is @pd, l3mdev its VRF
 * @pd: device it came in by, not lo
 * @log: whether a martian is to be logged: it is a packet, not a question
 * @cause: why there is no route
 *
 * Mirrors: net/ipv4/route.c:ip_route_input_slow (v7.2)
 * RFC 1122 §3.2.1.3, RFC 1812 §5.2.1, §5.3.7, RFC 3704
 *
 * Context: RCU read side, softirq or process.
 * Return: a dst of type RTN_LOCAL, RTN_BROADCAST or, to be forwarded,
 * RTN_UNICAST, good inside the RCU section, or NULL and *@cause as ip_priv.h
 * lists them.
 */
struct pp_dst *pp_ip_route_input_rcu(struct pp_net *pn,
				     const struct pp_flow *fl,
				     struct pp_dev *pd, bool log,
				     enum pp_drop_cause *cause)
{
	u64 gen = pp_net_gen_full(pn);
	struct pp_dst *dst;
	struct pp_nh *nh;

	/* generation before tables: pairs with pp_fib_changed() */
	smp_rmb();
	nh = pp_route_in_resolve(pn, fl, pd, gen, cause);
	if (unlikely(!nh)) {
		if (log && (*cause == PKTPATH_DROP_IP_MARTIAN_SRC ||
			    *cause == PKTPATH_DROP_IP_MARTIAN_DST))
			pp_route_log_martian(pd, fl);
		return NULL;
	}
	/* what others send is not held to the path MTUs that we learn */
	dst = pp_nh_dst_plain(nh, (u32)gen);
	if (!IS_ERR(dst))
		return dst;
	/* else its device has gone this very moment */
	*cause = PTR_ERR(dst) == -ENOBUFS ? PKTPATH_DROP_NOMEM :
					    PKTPATH_DROP_LINK_DOWN;
	return NULL;
}

/* The route of a packet, which no CPU remembers; else as below. */
static noinline struct pp_dst *pp_route_in_ask(struct pp_net *pn,
					       const struct sk_buff *skb,
					       struct pp_dev *pd)
{
	enum pp_drop_cause cause = PKTPATH_DROP_IP_NOROUTE_IN;
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_flow fl = {
		.daddr = iph->daddr,
		.saddr = iph->saddr,
		.iif = pd->ifindex,
		.l3mdev = READ_ONCE(pd->l3mdev),
		.mark = skb->mark,
		.tos = iph->tos,
		.proto = iph->protocol,
	};
	struct pp_dst *dst;

	BUILD_BUG_ON(PKTPATH_DROP_MAX > MAX_ERRNO);
	if (pp_ip_route_has_ports(pn))
		pp_route_in_ports(skb, iph, &fl);
	dst = pp_ip_route_input_rcu(pn, &fl, pd, true, &cause);
	return dst ?: ERR_PTR(-(long)cause);
}

/**
 * pp_ip_route_skb_rcu() - input route of a packet
 * @pn: netns state
 * @skb: at its IP header
 * @pd: device it came in by, not lo
 *
 * As pp_ip_route_input_rcu(), a martian being logged.
 *
 * Context: RCU read side, softirq or process.
 * Return: as pp_ip_route_input_rcu(); without a route its cause, negative, as
 * an error pointer.
 */
struct pp_dst *pp_ip_route_skb_rcu(struct pp_net *pn, const struct sk_buff *skb,
				   struct pp_dev *pd)
{
	u64 gen = pp_net_gen_full(pn);
	struct pp_dst *dst;
	struct pp_nh *nh;

	/* generation before tables: pairs with pp_fib_changed() */
	smp_rmb();
	nh = pp_route_in_known(pn, ip_hdr(skb), pd, gen);
	if (likely(nh)) {
		dst = pp_nh_dst_plain(nh, (u32)gen);
		if (!IS_ERR(dst))
			return dst;
	}
	return pp_route_in_ask(pn, skb, pd);
}

/**
 * pp_route_in_ports() - ports of a packet, for rules and ways that ask for them
 * @skb: at its IP header
 * @iph: that header; it may say anything
 * @fl: filled; of fragments and other protocols than TCP and UDP not
 *
 * Context: any.
 */
void pp_route_in_ports(const struct sk_buff *skb, const struct iphdr *iph,
		       struct pp_flow *fl)
{
	const __be16 *ports;
	__be16 buf[2];

	if ((fl->proto != IPPROTO_TCP && fl->proto != IPPROTO_UDP) ||
	    ip_is_fragment(iph))
		return;
	ports = skb_header_pointer(skb, iph->ihl * 4, sizeof(buf), buf);
	if (!ports)
		return;
	fl->sport = ports[0];
	fl->dport = ports[1];
}

/* The route of a packet of others that no CPU remembers. */
static noinline bool pp_ip_wants_route(const struct sk_buff *skb,
				       const struct pp_dev *pd,
				       const struct iphdr *iph)
{
	const struct pp_net *pn = pd->pn;
	struct pp_flow fl = {
		.daddr = iph->daddr,
		.saddr = iph->saddr,
		.tos = iph->tos,
		.iif = pd->ifindex,
		.l3mdev = READ_ONCE(pd->l3mdev),
		.mark = skb->mark,
		.proto = iph->protocol,
	};

	if (!pp_route_is_plain(fl.daddr))
		return false;
	if (pp_fib_rules_fine(pn))
		pp_route_in_ports(skb, iph, &fl);
	return !pp_route_in_kernel(pn, &fl, pd) && pp_fib_lookup(pn, &fl);
}

static __always_inline bool
pp_ip_wants_header(const struct sk_buff *skb, struct pp_dev *pd,
		   const struct iphdr *iph)
{
	if (unlikely(ipv4_is_multicast(iph->daddr)))
		return pp_mc_joined_rcu(pd, iph->daddr) ||
		       pp_mroute_wants_rcu(pd, iph->daddr, iph->saddr);
	if (likely(pp_route_fwd_cached(pd->pn, skb, iph, pd,
				       pp_net_gen_full(pd->pn))))
		return true;
	return pp_ip_wants_route(skb, pd, iph);
}

/* The header lies elsewhere: the frame is the kernel's, which may pull it. */
static noinline bool pp_ip_wants_far(const struct sk_buff *skb,
				     struct pp_dev *pd)
{
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	return iph && pp_ip_wants_header(skb, pd, iph);
}

/**
 * pp_ip_wants() - is a frame for us to forward, or to a group of the device?
 * @skb: IPv4 frame to our hardware address, or to a group, at its IP header;
 *	 the kernel's
 * @pd: device it came in by; it forwards, but for a group
 *
 * A frame of others, when a route of ours covers the destination, be it one that
 * refuses, and the address is not one of the kernel's. Whether the source is
 * acceptable is asked later, so that a refusal is counted.
 *
 * Context: softirq, RCU read side.
 * Return: whether to take it.
 */
bool pp_ip_wants(const struct sk_buff *skb, struct pp_dev *pd)
{
	if (unlikely(skb_headlen(skb) < sizeof(struct iphdr)))
		return pp_ip_wants_far(skb, pd);
	return pp_ip_wants_header(skb, pd, (const struct iphdr *)skb->data);
}

/**
 * pp_ip_route_leaves_by() - is a device the way back to who asks by ARP?
 * @pd: device by which the question came
 * @daddr: who asks
 * @saddr: address of ours that is asked for
 *
 * Mirrors: net/ipv4/arp.c:arp_filter (v7.2)
 *
 * Context: RCU read side, softirq or process.
 * Return: whether.
 */
bool pp_ip_route_leaves_by(struct pp_dev *pd, __be32 daddr, __be32 saddr)
{
	struct pp_flow fl = {
		.daddr = daddr,
		.saddr = saddr,
		.l3mdev = READ_ONCE(pd->l3mdev),
	};
	const struct pp_nh *nh = pp_route_resolve(pd->pn, &fl);

	return !IS_ERR(nh) && nh->key.type == RTN_UNICAST && nh->key.pd == pd;
}

/**
 * pp_ip_route_sent_on() - do we lead to whom ARP asks for?
 * @pd: device by which the question came
 * @daddr: who is asked for
 * @saddr: who asks
 *
 * By another device only: on this one the host answers for itself. An address
 * of the kernel's stack is never ours to lead to.
 *
 * Mirrors: net/ipv4/arp.c:arp_process, arp_fwd_proxy (v7.2)
 *
 * Context: RCU read side, softirq or process.
 * Return: whether.
 */
bool pp_ip_route_sent_on(struct pp_dev *pd, __be32 daddr, __be32 saddr)
{
	enum pp_drop_cause cause;
	const struct pp_dst *dst;
	const struct pp_flow fl = {
		.daddr = daddr,
		.saddr = saddr,
		.iif = pd->ifindex,
		.l3mdev = READ_ONCE(pd->l3mdev),
	};

	if (!READ_ONCE(pd->conf.forwarding))
		return false;
	dst = pp_ip_route_input_rcu(pd->pn, &fl, pd, false, &cause);
	return dst && dst->type == RTN_UNICAST && dst->pd != pd;
}
