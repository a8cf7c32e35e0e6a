// SPDX-License-Identifier: GPL-2.0
/*
 * Route lookup for packets that we send.
 *
 * Path: datagram.c, udp/udp_output.c -> pp_ip_route_output_flow() -> ip_output.c
 * Mirrors: net/ipv4/route.c (ip_route_output_key_hash_rcu)
 * Locks: none; RCU
 */
#include <net/inet_sock.h>
#include "core/fault.h"
#include "core/trace.h"
#include "ip/fib.h"

/* How often a lookup that meets a route being removed begins anew. */
#define PKTPATH_ROUTE_TRIES 4

/**
 * pp_ip_addr_type() - what kind of address it is to us
 * @pn: netns state
 * @addr: address
 * @l3mdev: VRF in which the question is asked, 0: outside of all
 *
 * Mirrors: net/ipv4/fib_frontend.c:__inet_dev_addr_type (v7.2)
 *
 * Context: RCU read side.
 * Return: RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST or RTN_UNICAST.
 */
unsigned int pp_ip_addr_type(struct pp_net *pn, __be32 addr, int l3mdev)
{
	unsigned int type;

	if (!addr || ipv4_is_lbcast(addr))
		return RTN_BROADCAST;
	if (ipv4_is_multicast(addr))
		return RTN_MULTICAST;
	type = pp_fib_local_type(pn, addr, l3mdev);
	return type == RTN_LOCAL || type == RTN_BROADCAST ? type : RTN_UNICAST;
}

/**
 * pp_flow_init_sk() - what a lookup for a socket is about
 * @fl: filled whole
 * @sk: one of our sockets
 * @daddr: destination
 * @saddr: source, 0: to be chosen
 *
 * Mirrors: include/net/flow.h:flowi4_init_output (v7.2)
 *
 * Context: any; the socket lock is not needed.
 */
void pp_flow_init_sk(struct pp_flow *fl, const struct sock *sk, __be32 daddr,
		     __be32 saddr)
{
	const struct inet_sock *inet = inet_sk(sk);

	fl->daddr = daddr;
	fl->saddr = saddr;
	fl->oif = READ_ONCE(sk->sk_bound_dev_if);
	fl->iif = 0;
	fl->l3mdev = 0;
	fl->mark = READ_ONCE(sk->sk_mark);
	fl->tos = READ_ONCE(inet->tos);
	fl->proto = pp_sock_wire_proto(sk);
	fl->flags = pp_flow_sk_flags(sk);
	fl->sport = 0;
	fl->dport = 0;
	/* a raw socket's are its protocol, a ping socket's its identifier */
	if (sk->sk_type != SOCK_RAW && fl->proto != IPPROTO_ICMP) {
		fl->sport = inet->inet_sport;
		fl->dport = inet->inet_dport;
	}
	fl->uid = sock_net_uid(sock_net(sk), sk);
}

/**
 * pp_ip_route_has_ports() - can the ports of a flow change its route?
 * @pn: netns state
 *
 * By policy rules, or where routes share the flows.
 *
 * Context: any.
 * Return: whether.
 */
bool pp_ip_route_has_ports(const struct pp_net *pn)
{
	bool fine;

	if (READ_ONCE(pn->sysctl.fib_multipath_hash_policy))
		return true;
	rcu_read_lock();
	fine = pp_fib_rules_fine(pn);
	rcu_read_unlock();
	return fine;
}

static noinline int pp_route_check_src(const struct pp_net *pn,
				       const struct pp_flow *fl)
{
	__be32 saddr = fl->saddr;

	/* RFC 1122 §3.2.1.3: no such source */
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr) ||
	    pp_is_this_net(saddr))
		return -EINVAL;
	if (fl->flags & PKTPATH_FLOWF_ANYSRC)
		return 0;
	return pp_fib_local_type(pn, saddr, fl->l3mdev) == RTN_LOCAL ? 0 :
	       -ENETUNREACH;
}

static struct pp_nh *pp_route_dev_nh(const struct pp_net *pn,
				     const struct pp_dev *pd,
				     enum pp_fib_dev_nh kind)
{
	struct pp_fib_dev *fd = pp_fib_dev_rcu(pn, pd);
	struct pp_nh *nh;

	if (!fd)
		return ERR_PTR(-ENETUNREACH);
	nh = fd->nh[kind];
	if (READ_ONCE(nh->flags) & PKTPATH_NH_UNUSABLE)
		return ERR_PTR(-ENETUNREACH);
	return nh;
}

static struct pp_nh *pp_route_by_entry(const struct pp_fib_entry *fe)
{
	switch (fe->type) {
	case RTN_BLACKHOLE:
		return ERR_PTR(-EINVAL);
	case RTN_UNREACHABLE:
		return ERR_PTR(-EHOSTUNREACH);
	case RTN_PROHIBIT:
		return ERR_PTR(-EACCES);
	default:
		return fe->nh;
	}
}

/*
 * What a route says of a group by a device that has been chosen, or NULL: the
 * device is enough. The source is the device's then, whatever the route says.
 */
static struct pp_nh *pp_route_to_group(const struct pp_net *pn,
				       struct pp_flow *fl,
				       const struct pp_dev *pd)
{
	const struct pp_fib_entry *fe;
	struct pp_nh *nh;

	if (!ipv4_is_multicast(fl->daddr))
		return NULL;
	if (!fl->saddr)
		fl->saddr = pp_ifaddr_select_rcu(pd, 0);
	/* groups of the link itself are not routed */
	fe = ipv4_is_local_multicast(fl->daddr) ? NULL : pp_fib_lookup(pn, fl);
	nh = fe ? pp_route_by_entry(fe) : NULL;
	return IS_ERR_OR_NULL(nh) || nh->key.type != RTN_MULTICAST ? NULL : nh;
}

/*
 * To 255.255.255.255 or a group: there is no gateway, but a device. The source
 * is filled in when the route has one.
 *
 * Mirrors: net/ipv4/route.c:ip_route_output_key_hash_rcu (v7.2)
 */
static noinline struct pp_nh *pp_route_to_many(const struct pp_net *pn,
					       struct pp_flow *fl)
{
	const struct pp_fib_entry *fe;
	const struct pp_dev *pd = NULL;
	struct pp_nh *nh;

	if (fl->oif) {
		pd = pp_dev_find_rcu(pn, fl->oif);
		if (!pd)
			return ERR_PTR(-ENODEV);
		nh = pp_route_to_group(pn, fl, pd);
		if (nh)
			return nh;
	} else if (fl->saddr) {
		pd = pp_fib_local_dev(pn, fl->saddr, fl->l3mdev);
	}
	if (!pd) {
		fe = pp_fib_lookup(pn, fl);
		nh = fe ? pp_route_by_entry(fe) : ERR_PTR(-ENETUNREACH);
		if (IS_ERR(nh) || nh->key.type == RTN_MULTICAST)
			return nh;
		if (nh->key.type != RTN_UNICAST)
			return ERR_PTR(-ENETUNREACH);
		if (!fl->saddr)
			fl->saddr = nh->key.prefsrc;
		pd = nh->key.pd;
	}
	return pp_route_dev_nh(pn, pd, ipv4_is_multicast(fl->daddr) ?
			       PKTPATH_FIB_OUT_MCAST : PKTPATH_FIB_OUT_BCAST);
}

/* The first group; class E and 255.255.255.255 are behind the last one. */
#define PKTPATH_ROUTE_MANY 0xe0000000

static noinline bool pp_route_is_to_many(__be32 daddr)
{
	return ipv4_is_multicast(daddr) || ipv4_is_lbcast(daddr);
}

/*
 * No route, but bound to a device: taken to be on its link, as net/ipv4, but
 * for a device in a VRF.
 */
static noinline struct pp_nh *pp_route_onlink(const struct pp_net *pn,
					      const struct pp_flow *fl)
{
	const struct pp_dev *pd;

	if (!fl->oif || fl->l3mdev)
		return ERR_PTR(-ENETUNREACH);
	pd = pp_dev_find_rcu(pn, fl->oif);
	if (!pd)
		return ERR_PTR(-ENODEV);
	return pp_route_dev_nh(pn, pd, PKTPATH_FIB_OUT_ONLINK);
}

/**
 * pp_route_flow_vrf() - in which VRF a flow is
 * @pn: netns state
 * @fl: the flow; l3mdev is filled, and oif cleared when that is the VRF itself
 *
 * Mirrors: net/l3mdev/l3mdev.c:l3mdev_update_flow (v7.2)
 *
 * Context: RCU read side.
 */
void pp_route_flow_vrf(const struct pp_net *pn, struct pp_flow *fl)
{
	if (!fl->l3mdev)
		fl->l3mdev = pp_vrf_of(pn, fl->iif ?: fl->oif);
	if (fl->l3mdev && fl->oif == fl->l3mdev)
		fl->oif = 0;
}

/**
 * pp_route_resolve() - the next hop that a flow takes
 * @pn: netns state
 * @fl: the flow; daddr 0 becomes our own address, its VRF is filled in, and the
 *	source that a route has for what goes to many
 *
 * Mirrors: net/ipv4/route.c:ip_route_output_key_hash_rcu (v7.2)
 *
 * Context: RCU read side, softirq or process.
 * Return: the next hop, good inside the RCU section, or ERR_PTR: -EINVAL
 * (source not ours, blackhole, 127/8 by a link), -ENODEV, -ENETUNREACH,
 * -EHOSTUNREACH, -EACCES.
 */
struct pp_nh *pp_route_resolve(struct pp_net *pn, struct pp_flow *fl)
{
	const struct pp_fib_entry *fe;
	struct pp_nh *nh;
	int err;

	if (unlikely(READ_ONCE(pn->nvrfs)))
		pp_route_flow_vrf(pn, fl);
	if (fl->saddr) {
		err = pp_route_check_src(pn, fl);
		if (err)
			return ERR_PTR(err);
	}
	if (unlikely(!fl->daddr))
		fl->daddr = fl->saddr ?: htonl(INADDR_LOOPBACK);
	/* one look at the first octet leaves out the questions of the few */
	if (unlikely(ntohl(fl->daddr) >= PKTPATH_ROUTE_MANY &&
		     pp_route_is_to_many(fl->daddr))) {
		nh = pp_route_to_many(pn, fl);
	} else {
		fe = pp_fib_look(pn, fl);
		nh = fe ? pp_route_by_entry(fe) : pp_route_onlink(pn, fl);
	}
	if (IS_ERR(nh))
		return nh;
	/* RFC 1122 §3.2.1.3 (g): 127/8 must not appear outside a host */
	if (unlikely(ipv4_is_loopback(fl->saddr) ||
		     ipv4_is_loopback(fl->daddr)) &&
	    nh->key.type != RTN_LOCAL &&
	    !(nh->key.pd->flags & PKTPATH_DEVF_LOOP))
		return ERR_PTR(-EINVAL);
	return nh;
}

static __be32 pp_route_src(const struct pp_net *pn, const struct pp_dst *dst,
			   const struct pp_flow *fl)
{
	if (likely(dst->prefsrc))
		return dst->prefsrc;
	/* the device has no address: one of another device will do */
	return pp_dst_is_local(dst) ? fl->daddr :
		pp_ifaddr_select_any_rcu(pn, fl->l3mdev);
}

/* Is memory to be refused on purpose? */
static noinline bool pp_route_nomem(struct pp_net *pn,
				    const struct pp_flow *fl)
{
	struct pp_fault_flow flow = {
		.saddr = fl->saddr,
		.daddr = fl->daddr,
		.sport = fl->sport,
		.dport = fl->dport,
		.proto = fl->proto,
	};

	return pp_fault_hit_nomem(pn, PKTPATH_STAGE_IP_ROUTE, &flow, NULL);
}

static __always_inline struct pp_dst *
pp_route_output(struct pp_net *pn, struct pp_flow *fl, const struct sock *sk)
{
	struct pp_dst *dst = ERR_PTR(-ENETUNREACH);
	const __be32 saddr = fl->saddr;
	unsigned int tries;
	struct pp_nh *nh;
	u32 gen;

	pp_at_ip_route(NULL, sk, 0);
	if (static_branch_unlikely(&pp_fault_key.key) &&
	    pp_route_nomem(pn, fl))
		return ERR_PTR(-ENOBUFS);
	for (tries = 0; tries < PKTPATH_ROUTE_TRIES; tries++) {
		gen = pp_net_gen(pn);
		/* generation before tables: pairs with pp_fib_changed() */
		smp_rmb();
		nh = pp_route_resolve(pn, fl);
		if (IS_ERR(nh))
			return ERR_CAST(nh);
		dst = pp_nh_dst(nh, fl->daddr, gen);
		if (!IS_ERR(dst)) {
			if (!fl->saddr)
				fl->saddr = pp_route_src(pn, dst, fl);
			return dst;
		}
		if (PTR_ERR(dst) != -EAGAIN)
			return dst;
		fl->saddr = saddr;
	}
	return ERR_PTR(-ENETUNREACH);
}

/**
 * pp_ip_route_output_flow_rcu() - output route, not held
 * @pn: netns state
 * @fl: the flow; saddr is filled when it was 0, daddr when it was 0
 * @sk: socket on whose behalf, for the tracepoint; may be NULL
 *
 * Mirrors: net/ipv4/route.c:ip_route_output_flow (v7.2)
 *
 * Context: RCU read side, softirq or process.
 * Return: the dst, good inside the RCU section (skb_dst_set_noref()), or
 * ERR_PTR: -EINVAL (no such source, blackhole), -ENODEV, -ENETUNREACH (also:
 * source not ours), -EHOSTUNREACH, -EACCES, -ENOBUFS.
 */
struct pp_dst *pp_ip_route_output_flow_rcu(struct pp_net *pn,
					   struct pp_flow *fl,
					   const struct sock *sk)
{
	return pp_route_output(pn, fl, sk);
}

/**
 * pp_ip_route_output_flow() - output route, held
 * @pn: netns state
 * @fl: the flow; saddr is filled when it was 0, daddr when it was 0
 * @sk: socket on whose behalf, for the tracepoint; may be NULL
 *
 * Mirrors: net/ipv4/route.c:ip_route_output_flow (v7.2)
 *
 * Context: softirq or process; takes RCU itself.
 * Return: the dst with a reference for the caller, or ERR_PTR as
 * pp_ip_route_output_flow_rcu().
 */
struct pp_dst *pp_ip_route_output_flow(struct pp_net *pn, struct pp_flow *fl,
				       const struct sock *sk)
{
	struct pp_dst *dst;
	unsigned int tries;

	rcu_read_lock();
	dst = pp_route_output(pn, fl, sk);
	/* else it has been replaced this very moment */
	for (tries = 1; !IS_ERR(dst) && unlikely(!dst_hold_safe(&dst->rt.dst));
	     tries++)
		dst = tries < PKTPATH_ROUTE_TRIES ?
		      pp_ip_route_output_flow_rcu(pn, fl, sk) :
		      ERR_PTR(-ENOBUFS);
	rcu_read_unlock();
	return dst;
}

/**
 * pp_ip_gateway_failed() - a gateway did not answer
 * @skb: packet that was to go to it; stays the caller's
 * @gw: its address
 *
 * RFC 1122 §3.3.1.4. Where another way is taken now, everybody looks his route
 * up anew.
 *
 * Context: RCU read side, softirq or process.
 */
void pp_ip_gateway_failed(const struct sk_buff *skb, __be32 gw)
{
	const struct dst_entry *dst = skb_dst(skb);
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_flow fl = {
		.daddr = iph->daddr,
		.saddr = iph->saddr,
		.tos = iph->tos,
		.mark = skb->mark,
		.proto = iph->protocol,
		.flags = PKTPATH_FLOWF_ANYSRC,
	};
	struct pp_net *pn;
	struct pp_nh *nh;

	if (!pp_dst_is_ours(dst) || pp_dst(dst)->gw != gw)
		return;
	pn = pp_dst(dst)->pd->pn;
	fl.l3mdev = pp_dst(dst)->l3mdev;
	if (pp_dst(dst)->gen != pp_net_gen(pn))
		return;
	nh = pp_route_resolve(pn, &fl);
	if (!IS_ERR(nh) && nh != pp_dst(dst)->nh)
		pp_net_gen_bump(pn);
}

/**
 * pp_route_sk_knows() - can a socket tell what it has sent from what it has not?
 * @sk: socket that an ICMP error quotes, or NULL
 *
 * One that is connected knows its peer, a stream its sequence numbers too. Of
 * any other an attacker off the path only has to guess the port.
 *
 * Context: any; the socket lock is not needed.
 * Return: whether.
 */
bool pp_route_sk_knows(const struct sock *sk)
{
	if (!sk || sk->sk_type == SOCK_RAW)
		return false;
	return sk->sk_type == SOCK_STREAM ||
	       READ_ONCE(sk->sk_state) == TCP_ESTABLISHED;
}

/* IP_PMTUDISC_INTERFACE and _OMIT: nothing that is told is of use to it. */
static bool pp_route_sk_takes_pmtu(const struct sock *sk)
{
	u8 mode = READ_ONCE(inet_sk(sk)->pmtudisc);

	return sk->sk_type == SOCK_STREAM ||
	       (mode != IP_PMTUDISC_INTERFACE && mode != IP_PMTUDISC_OMIT);
}

/**
 * pp_ip_update_pmtu() - a router told of a smaller MTU on the way
 * @pn: netns state
 * @sk: socket whose packet it was, or NULL
 * @daddr: destination of that packet
 * @oif: device it left by, 0: whichever the route says
 * @mtu: bytes, as told; 0 when the router does not tell
 *
 * Never raises the MTU. Below net.pktpath.min_pmtu it is not believed: that
 * many bytes are sent, without DF (RFC 1191 §3; CVE-2004-1060).
 *
 * Mirrors: net/ipv4/route.c:__ip_rt_update_pmtu (v7.2)
 *
 * Context: softirq or process; takes RCU itself.
 */
void pp_ip_update_pmtu(struct pp_net *pn, const struct sock *sk, __be32 daddr,
		       int oif, u32 mtu)
{
	u32 least = READ_ONCE(pn->sysctl.min_pmtu), now;
	struct pp_flow fl = { .daddr = daddr };
	struct pp_nh_way way = {};
	struct pp_dst *dst;
	struct pp_nh *nh;

	/* or it would be a way to have others send in small pieces */
	if (sk && !pp_route_sk_takes_pmtu(sk))
		return;
	if (sk)
		pp_flow_init_sk(&fl, sk, daddr, inet_sk(sk)->inet_saddr);
	if (oif)
		fl.oif = oif;
	rcu_read_lock();
	nh = pp_route_resolve(pn, &fl);
	if (IS_ERR(nh) || nh->key.type != RTN_UNICAST)
		goto out;
	dst = pp_nh_dst(nh, daddr, pp_net_gen(pn));
	if (IS_ERR(dst) || dst->rt.rt_mtu_locked)
		goto out;
	now = pp_dst_mtu(dst);
	way.lock = mtu < least;
	way.mtu = way.lock ? min(now, least) : mtu;
	if ((way.lock || mtu < now) &&
	    (pp_route_sk_knows(sk) || pp_nh_exc_unchecked(pn->fib)))
		pp_nh_exc_learn(nh, daddr, &way);
out:
	rcu_read_unlock();
}

/* @asked: the flow as it was looked up, without what the answer filled in */
static void pp_route_describe(const struct pp_net *pn,
			      const struct pp_flow *asked,
			      const struct pp_flow *fl,
			      const struct pp_dst *dst,
			      struct pp_route_cfg *out, u32 *mtu)
{
	const struct pp_dev *loop = rcu_dereference(pn->loop);

	memset(out, 0, sizeof(*out));
	out->table = pp_vrf_table_rcu(pn, fl->l3mdev) ?: RT_TABLE_LOCAL;
	/* a group is sent to by the route that covers it, as to any other */
	if (dst->type == RTN_UNICAST ||
	    (!asked->iif && dst->type != RTN_LOCAL))
		out->table = pp_fib_table_of(pn, asked) ?: RT_TABLE_MAIN;
	out->dst = fl->daddr;
	out->plen = 32;
	out->type = dst->type;
	out->tos = fl->tos;
	out->gw = dst->gw;
	out->prefsrc = fl->saddr;
	out->oif = dst->pd->ifindex;
	if (dst->type == RTN_LOCAL && loop)
		out->oif = dst->l3mdev ?: loop->ifindex;
	out->mtu = dst->rt.rt_pmtu;
	out->mtu_lock = dst->rt.rt_mtu_locked;
	out->cc_key = dst->cc_key;
	out->cc_lock = dst->cc_lock;
	out->m = *pp_dst_metrics(dst);
	*mtu = pp_dst_mtu(dst);
}

static int pp_fib_resolve_err(enum pp_drop_cause cause)
{
	switch (cause) {
	case PKTPATH_DROP_IP_MARTIAN_SRC:
	case PKTPATH_DROP_IP_MARTIAN_DST:
	case PKTPATH_DROP_IP_BLACKHOLE:
		return -EINVAL;
	case PKTPATH_DROP_IP_PROHIBIT:
		return -EACCES;
	case PKTPATH_DROP_IP_NOROUTE_IN:
		return -ENETUNREACH;
	default:
		return -EHOSTUNREACH;
	}
}

/**
 * pp_fib_resolve() - the route that a packet would take
 * @pn: netns state
 * @fl: the flow; filled as by pp_ip_route_output_flow_rcu()
 * @iif: device the packet would come in by, 0: it would be ours
 * @out: filled: the destination with /32, and what was found
 * @mtu: filled: bytes that would fit
 *
 * Context: process; takes RCU itself.
 * Return: 0; -ENODEV; -EINVAL: martian, or as the lookup; -EHOSTUNREACH: not
 * for us; -EACCES, -ENETUNREACH.
 */
int pp_fib_resolve(struct pp_net *pn, struct pp_flow *fl, int iif,
		   struct pp_route_cfg *out, u32 *mtu)
{
	struct pp_flow asked;
	enum pp_drop_cause cause;
	struct pp_dst *dst;
	struct pp_dev *pd;
	int err = 0;

	rcu_read_lock();
	fl->iif = iif;
	pp_route_flow_vrf(pn, fl);
	asked = *fl;
	if (!iif) {
		dst = pp_ip_route_output_flow_rcu(pn, fl, NULL);
		err = PTR_ERR_OR_ZERO(dst);
	} else {
		pd = pp_dev_find_rcu(pn, iif);
		dst = pd ? pp_ip_route_input_rcu(pn, fl, pd, false, &cause) :
			   NULL;
		if (!pd)
			err = -ENODEV;
		else if (!dst)
			err = pp_fib_resolve_err(cause);
	}
	if (!err)
		pp_route_describe(pn, &asked, fl, dst, out, mtu);
	rcu_read_unlock();
	return err;
}

/**
 * pp_route_init() - caches, and the events of addresses and devices
 *
 * Context: process, module init.
 * Return: 0 or -ENOMEM.
 */
int pp_route_init(void)
{
	int err;

	err = pp_fib_init();
	if (err)
		return err;
	err = pp_dst_init();
	if (err) {
		pp_fib_exit();
		return err;
	}
	pp_fib_event_init();
	return 0;
}

/**
 * pp_route_exit() - undoes pp_route_init(); waits for the last dst
 *
 * Context: process, module exit, after an rcu_barrier().
 */
void pp_route_exit(void)
{
	pp_fib_event_exit();
	pp_dst_exit();
	pp_fib_exit();
}

/**
 * pp_route_net_init() - routing of a new netns
 * @pn: netns state
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_route_net_init(struct pp_net *pn)
{
	struct pp_fib *fib = kzalloc(sizeof(*fib), GFP_KERNEL_ACCOUNT);
	int err;

	if (!fib)
		return -ENOMEM;
	fib->pn = pn;
	spin_lock_init(&fib->redirect_lock);
	pn->fib = fib;
	err = pp_nh_net_init(pn);
	if (err)
		goto err_nh;
	err = pp_fib_net_init(pn);
	if (err)
		goto err_fib;
	return 0;

err_fib:
	pp_nh_net_exit(pn);
err_nh:
	pn->fib = NULL;
	kfree(fib);
	return err;
}

/**
 * pp_route_net_pre_exit() - a netns is dying
 * @pn: netns state, marked exiting
 *
 * Context: process, sleeps; takes cfg_lock.
 */
void pp_route_net_pre_exit(struct pp_net *pn)
{
	/* the work sees pn->exiting and does not queue itself again */
	cancel_delayed_work(&pn->fib->exc_work);
	/* or each device that leaves, all under one RTNL, looks through them */
	pp_fib_clear(pn);
}

/**
 * pp_route_net_exit() - frees the routing of a netns
 * @pn: netns state; its devices are detached, no packet is on its way
 *
 * Context: process, sleeps; takes cfg_lock.
 */
void pp_route_net_exit(struct pp_net *pn)
{
	struct pp_fib *fib = pn->fib;

	pp_fib_net_exit(pn);
	pp_nh_net_exit(pn);
	pn->fib = NULL;
	kfree(fib);
}
