// SPDX-License-Identifier: GPL-2.0
/*
 * Groups that sockets are members of, each with a source filter of its own.
 *
 * Path: mcast_opt.c -> here -> mcast.c; udp/udp_input.c, raw/raw.c -> here
 * Mirrors: net/ipv4/igmp.c (ip_mc_join_group, ip_mc_source, ip_mc_msfilter)
 * Locks: RTNL and cfg_lock for changes; RCU for who delivers and sends
 */
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/l3mdev.h>
#include "ip/fib.h"
#include "ip/mcast_sock.h"

static void pp_mc_lock(struct pp_net *pn)
{
	rtnl_lock();
	mutex_lock(&pn->cfg_lock);
}

static void pp_mc_unlock(struct pp_net *pn)
{
	mutex_unlock(&pn->cfg_lock);
	rtnl_unlock();
}

static struct pp_mc_sock *pp_mc_sk(const struct sock *sk)
{
	return rcu_dereference_protected(pp_sk(sk)->mc,
					 lockdep_rtnl_is_held());
}

/* Without RTNL too: once there, it stays until the socket is closed. */
static struct pp_mc_sock *pp_mc_sk_open(const struct sock *sk)
{
	return rcu_dereference_protected(pp_sk(sk)->mc, true);
}

static struct pp_mc_sock *pp_mc_sk_get(struct sock *sk)
{
	struct pp_mc_sock *ms = pp_mc_sk_open(sk), *other;

	if (ms)
		return ms;
	ms = kzalloc(sizeof(*ms), GFP_KERNEL_ACCOUNT);
	if (!ms)
		return NULL;
	other = unrcu_pointer(cmpxchg(&pp_sk(sk)->mc, NULL,
				      RCU_INITIALIZER(ms)));
	if (!other)
		return ms;
	kfree(ms);
	return other;
}

static struct pp_mc_filter *pp_mc_own_filter(const struct pp_mc_member *m)
{
	return rcu_dereference_protected(m->filter, lockdep_rtnl_is_held());
}

/*
 * The device that @at names: by index, by an address of it, or by the route to
 * the group, in the VRF to which the socket is bound. RTNL keeps it. NULL: none;
 * else at->ifindex is filled.
 */
static struct pp_dev *pp_mc_find_dev(const struct sock *sk,
				     struct pp_mc_at *at)
{
	struct pp_flow fl = { .daddr = at->group };
	struct pp_net *pn = pp_sk(sk)->pn;
	const struct pp_ifaddr *ifa;
	struct pp_dev *pd = NULL;
	struct pp_dst *dst;

	fl.l3mdev = pp_vrf_of(pn, READ_ONCE(sk->sk_bound_dev_if));
	rcu_read_lock();
	if (at->ifindex) {
		pd = pp_dev_find_rcu(pn, at->ifindex);
	} else if (at->iface) {
		pd = pp_fib_local_dev(pn, at->iface, fl.l3mdev);
		/* who is in no VRF may name an address in one */
		ifa = pd || fl.l3mdev ? NULL :
		      pp_ifaddr_find_rcu(pn, at->iface);
		if (ifa)
			pd = ifa->pd;
	} else {
		dst = pp_ip_route_output_flow_rcu(pn, &fl, NULL);
		pd = IS_ERR(dst) ? NULL : dst->pd;
	}
	rcu_read_unlock();
	if (pd)
		at->ifindex = pd->ifindex;
	return pd;
}

static struct pp_mc_member *pp_mc_find(const struct sock *sk,
				       const struct pp_mc_at *at)
{
	struct pp_mc_sock *ms = pp_mc_sk(sk);
	struct pp_mc_member *m;

	if (!ms)
		return NULL;
	hlist_for_each_entry(m, &ms->members, node)
		if (m->addr == at->group && m->ifindex == at->ifindex)
			return m;
	return NULL;
}

static unsigned int pp_mc_count(const struct pp_mc_sock *ms)
{
	const struct pp_mc_member *m;
	unsigned int n = 0;

	hlist_for_each_entry(m, &ms->members, node)
		n++;
	return n;
}

/* ---- Filters of sockets ---- */

static struct pp_mc_filter *pp_mc_filter_make(struct sock *sk, u8 mode,
					      const __be32 *src, u32 n)
{
	struct pp_mc_filter *f;

	f = sock_kmalloc(sk, struct_size(f, src, n), GFP_KERNEL);
	if (!f)
		return NULL;
	f->mode = mode;
	f->n = n;
	if (n)
		memcpy(f->src, src, n * sizeof(*src));
	return f;
}

/* The socket's account is settled at once, readers keep the memory. */
static void pp_mc_filter_drop(struct sock *sk, struct pp_mc_filter *f)
{
	atomic_sub(struct_size(f, src, f->n), &sk->sk_omem_alloc);
	kfree_rcu(f, rcu);
}

/* Another filter for @m; it is taken. */
static int pp_mc_filter_set(struct sock *sk, struct pp_mc_member *m,
			    struct pp_mc_filter *f)
{
	struct pp_mc_filter *old = pp_mc_own_filter(m);
	int err;

	rcu_assign_pointer(m->filter, f);
	err = pp_mc_member_changed(pp_sk(sk)->pn, m);
	if (err) {
		rcu_assign_pointer(m->filter, old);
		pp_mc_filter_drop(sk, f);
		return -ENOBUFS;
	}
	pp_mc_filter_drop(sk, old);
	return 0;
}

/* ---- Join and leave ---- */

/* RTNL and cfg_lock. */
static int pp_mc_join_locked(struct sock *sk, struct pp_mc_at *at, u8 mode)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_dev *pd = pp_mc_find_dev(sk, at);
	struct pp_mc_filter *f;
	struct pp_mc_member *m;
	struct pp_mc_sock *ms;
	struct pp_mc_dev *mc;

	mc = pd ? pp_mc_dev_cfg(pd) : NULL;
	if (!mc)
		return -ENODEV;
	if (pp_mc_find(sk, at))
		return -EADDRINUSE;
	ms = pp_mc_sk_get(sk);
	if (!ms || pp_mc_count(ms) >= READ_ONCE(pn->sysctl.igmp_max_memberships))
		return -ENOBUFS;
	m = sock_kmalloc(sk, sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOBUFS;
	memset(m, 0, sizeof(*m));
	f = pp_mc_filter_make(sk, mode, NULL, 0);
	if (!f)
		goto err;
	m->addr = at->group;
	m->iface = at->iface;
	m->ifindex = at->ifindex;
	RCU_INIT_POINTER(m->filter, f);
	if (pp_mc_member_join(mc, m)) {
		pp_mc_filter_drop(sk, f);
		goto err;
	}
	hlist_add_head_rcu(&m->node, &ms->members);
	return 0;
err:
	sock_kfree_s(sk, m, sizeof(*m));
	return -ENOBUFS;
}

static void pp_mc_drop(struct sock *sk, struct pp_mc_member *m)
{
	pp_mc_member_leave(pp_sk(sk)->pn, m);
	hlist_del_rcu(&m->node);
	pp_mc_filter_drop(sk, pp_mc_own_filter(m));
	atomic_sub(sizeof(*m), &sk->sk_omem_alloc);
	kfree_rcu(m, rcu);
}

static int pp_mc_leave_locked(struct sock *sk, struct pp_mc_at *at)
{
	struct pp_mc_sock *ms = pp_mc_sk(sk);
	struct pp_mc_member *m;
	struct hlist_node *n;

	if (!pp_mc_find_dev(sk, at) && !at->ifindex && !at->iface)
		return -ENODEV;
	if (!ms)
		return -EADDRNOTAVAIL;
	hlist_for_each_entry_safe(m, n, &ms->members, node) {
		if (m->addr != at->group)
			continue;
		if (at->ifindex ? m->ifindex != at->ifindex :
				  m->iface != at->iface)
			continue;
		pp_mc_drop(sk, m);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

/**
 * pp_mc_join() - become a member of a group
 * @sk: the socket, no stream
 * @at: group and device; ifindex filled
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_join_group (v7.2)
 *
 * Context: process, no lock held.
 * Return: 0, -EINVAL (no group), -ENODEV, -EADDRINUSE, -ENOBUFS.
 */
int pp_mc_join(struct sock *sk, struct pp_mc_at *at)
{
	int err;

	if (!ipv4_is_multicast(at->group))
		return -EINVAL;
	pp_mc_lock(pp_sk(sk)->pn);
	err = pp_mc_join_locked(sk, at, MCAST_EXCLUDE);
	pp_mc_unlock(pp_sk(sk)->pn);
	return err;
}

/**
 * pp_mc_leave() - be a member no more
 * @sk: the socket
 * @at: group and device
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_leave_group (v7.2)
 *
 * Context: process, no lock held.
 * Return: 0, -ENODEV, -EADDRNOTAVAIL.
 */
int pp_mc_leave(struct sock *sk, struct pp_mc_at *at)
{
	int err;

	pp_mc_lock(pp_sk(sk)->pn);
	err = pp_mc_leave_locked(sk, at);
	pp_mc_unlock(pp_sk(sk)->pn);
	return err;
}

/* ---- Sources ---- */

static int pp_mc_source_add(struct sock *sk, struct pp_mc_member *m,
			    __be32 src)
{
	const struct pp_mc_filter *old = pp_mc_own_filter(m);
	struct pp_mc_filter *f;

	if (old->n >= READ_ONCE(pp_sk(sk)->pn->sysctl.igmp_max_msf))
		return -ENOBUFS;
	if (pp_mcset_has(old->src, old->n, src))
		return -EADDRNOTAVAIL;
	f = sock_kmalloc(sk, struct_size(f, src, old->n + 1), GFP_KERNEL);
	if (!f)
		return -ENOBUFS;
	f->mode = old->mode;
	f->n = pp_mcset_or(f->src, old->src, old->n, &src, 1);
	return pp_mc_filter_set(sk, m, f);
}

static int pp_mc_source_del(struct sock *sk, struct pp_mc_member *m,
			    __be32 src)
{
	const struct pp_mc_filter *old = pp_mc_own_filter(m);
	struct pp_mc_filter *f;

	if (!pp_mcset_has(old->src, old->n, src))
		return -EADDRNOTAVAIL;
	/* RFC 3376 §3.1: to include nothing is to leave */
	if (old->n == 1 && old->mode == MCAST_INCLUDE) {
		pp_mc_drop(sk, m);
		return 0;
	}
	f = sock_kmalloc(sk, struct_size(f, src, old->n - 1), GFP_KERNEL);
	if (!f)
		return -ENOBUFS;
	f->mode = old->mode;
	f->n = pp_mcset_minus(f->src, old->src, old->n, &src, 1);
	return pp_mc_filter_set(sk, m, f);
}

static int pp_mc_source_locked(struct sock *sk, struct pp_mc_at *at, u8 mode,
			       bool add, __be32 src)
{
	struct pp_mc_filter *f;
	struct pp_mc_member *m;
	int err;

	if (!pp_mc_find_dev(sk, at))
		return -ENODEV;
	m = pp_mc_find(sk, at);
	if (!m)
		return -EINVAL;
	if (pp_mc_own_filter(m)->mode != mode) {
		/* it may change as long as there is no source */
		if (pp_mc_own_filter(m)->n)
			return -EINVAL;
		f = pp_mc_filter_make(sk, mode, NULL, 0);
		err = f ? pp_mc_filter_set(sk, m, f) : -ENOBUFS;
		if (err)
			return err;
	}
	return add ? pp_mc_source_add(sk, m, src) :
		     pp_mc_source_del(sk, m, src);
}

/**
 * pp_mc_source() - change a filter by one source
 * @sk: the socket
 * @at: group and device; ifindex filled
 * @mode: MCAST_INCLUDE or _EXCLUDE that it must be, or be able to become
 * @add: into the list, else out of it
 * @src: the source
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_source (v7.2)
 *
 * Context: process, no lock held.
 * Return: 0, -EINVAL (no group, no member, other mode), -ENODEV,
 * -EADDRNOTAVAIL, -ENOBUFS.
 */
int pp_mc_source(struct sock *sk, struct pp_mc_at *at, u8 mode, bool add,
		 __be32 src)
{
	int err;

	if (!ipv4_is_multicast(at->group))
		return -EINVAL;
	pp_mc_lock(pp_sk(sk)->pn);
	err = pp_mc_source_locked(sk, at, mode, add, src);
	pp_mc_unlock(pp_sk(sk)->pn);
	return err;
}

/**
 * pp_mc_source_join() - want a group from one source, or from one more
 * @sk: the socket
 * @at: group and device; ifindex filled
 * @src: the source
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_join_group_ssm with ip_mc_source (v7.2)
 *
 * Context: process, no lock held.
 * Return: as pp_mc_join() and pp_mc_source().
 */
int pp_mc_source_join(struct sock *sk, struct pp_mc_at *at, __be32 src)
{
	bool joined;
	int err;

	if (!ipv4_is_multicast(at->group))
		return -EINVAL;
	pp_mc_lock(pp_sk(sk)->pn);
	err = pp_mc_join_locked(sk, at, MCAST_INCLUDE);
	joined = !err;
	if (!err || err == -EADDRINUSE)
		err = pp_mc_source_locked(sk, at, MCAST_INCLUDE, true, src);
	/* a member who includes nothing is of no use */
	if (err && joined)
		pp_mc_leave_locked(sk, at);
	pp_mc_unlock(pp_sk(sk)->pn);
	return err;
}

static int pp_mc_msfilter_locked(struct sock *sk, struct pp_mc_at *at, u8 mode,
				 const __be32 *src, u32 n)
{
	struct pp_mc_filter *f;
	struct pp_mc_member *m;

	if (!pp_mc_find_dev(sk, at))
		return -ENODEV;
	if (mode == MCAST_INCLUDE && !n)
		return pp_mc_leave_locked(sk, at);
	m = pp_mc_find(sk, at);
	if (!m)
		return -EINVAL;
	f = pp_mc_filter_make(sk, mode, src, n);
	return f ? pp_mc_filter_set(sk, m, f) : -ENOBUFS;
}

/**
 * pp_mc_msfilter() - set the whole filter
 * @sk: the socket
 * @at: group and device; ifindex filled
 * @mode: MCAST_INCLUDE or _EXCLUDE
 * @src: sources, sorted here
 * @n: how many
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_msfilter (v7.2)
 *
 * Context: process, no lock held.
 * Return: 0, -EINVAL, -ENODEV, -EADDRNOTAVAIL, -ENOBUFS.
 */
int pp_mc_msfilter(struct sock *sk, struct pp_mc_at *at, u32 mode,
		   __be32 *src, u32 n)
{
	int err;

	if (!ipv4_is_multicast(at->group) ||
	    (mode != MCAST_INCLUDE && mode != MCAST_EXCLUDE))
		return -EINVAL;
	n = pp_mcset_sort(src, n);
	pp_mc_lock(pp_sk(sk)->pn);
	err = pp_mc_msfilter_locked(sk, at, mode, src, n);
	pp_mc_unlock(pp_sk(sk)->pn);
	return err;
}

/**
 * pp_mc_msfget() - read the whole filter
 * @sk: the socket
 * @at: group and device; ifindex filled
 * @by_index: the device is what ifindex says, 0 too
 * @mode: filled
 * @src: filled with as many as there is room for
 * @n: room in, sources that there are out
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_msfget, ip_mc_gsfget (v7.2)
 *
 * Context: process, no lock held.
 * Return: 0, -EINVAL, -ENODEV, -EADDRNOTAVAIL.
 */
int pp_mc_msfget(struct sock *sk, struct pp_mc_at *at, bool by_index,
		 u32 *mode, __be32 *src, u32 *n)
{
	const struct pp_mc_filter *f;
	struct pp_mc_member *m;
	int err = 0;

	if (!ipv4_is_multicast(at->group))
		return -EINVAL;
	rtnl_lock();
	if (!by_index && !pp_mc_find_dev(sk, at)) {
		err = -ENODEV;
		goto out;
	}
	m = pp_mc_find(sk, at);
	if (!m) {
		err = -EADDRNOTAVAIL;
		goto out;
	}
	f = pp_mc_own_filter(m);
	*mode = f->mode;
	if (f->n && *n)
		memcpy(src, f->src, min(f->n, *n) * sizeof(*src));
	*n = f->n;
out:
	rtnl_unlock();
	return err;
}

/* ---- IP_MULTICAST_IF ---- */

/**
 * pp_mc_set_if() - the device that multicast leaves by
 * @sk: the socket, no stream
 * @at: device by index or address; neither: none
 *
 * Mirrors: net/ipv4/ip_sockglue.c:do_ip_setsockopt (v7.2)
 *
 * Context: process, no lock held.
 * Return: 0, -EADDRNOTAVAIL, -EINVAL (bound to another), -ENOBUFS.
 */
int pp_mc_set_if(struct sock *sk, struct pp_mc_at *at)
{
	int bound = READ_ONCE(sk->sk_bound_dev_if), err = 0;
	struct pp_mc_sock *ms;

	rtnl_lock();
	if ((at->ifindex || at->iface) &&
	    !pp_mc_find_dev(sk, at)) {
		err = -EADDRNOTAVAIL;
		goto out;
	}
	if (at->ifindex && bound && bound != at->ifindex &&
	    bound != pp_vrf_of(pp_sk(sk)->pn, at->ifindex)) {
		err = -EINVAL;
		goto out;
	}
	ms = pp_mc_sk_get(sk);
	if (!ms) {
		err = -ENOBUFS;
		goto out;
	}
	WRITE_ONCE(ms->ifindex, at->ifindex);
	WRITE_ONCE(ms->addr, at->iface);
out:
	rtnl_unlock();
	if (!err)
		sk_dst_reset(sk);
	return err;
}

/**
 * pp_mc_get_if() - the address that was given for the device
 * @sk: the socket
 *
 * Context: process, no lock held.
 * Return: the address, or 0.
 */
__be32 pp_mc_get_if(const struct sock *sk)
{
	const struct pp_mc_sock *ms;
	__be32 addr;

	rcu_read_lock();
	ms = rcu_dereference(pp_sk(sk)->mc);
	addr = ms ? READ_ONCE(ms->addr) : 0;
	rcu_read_unlock();
	return addr;
}

/* ---- IP_UNICAST_IF ---- */

/**
 * pp_mc_set_unicast_if() - the device that all else leaves by
 * @sk: the socket; a stream remembers it alone, as in AF_INET
 * @ifindex: of the device, 0: by the route
 *
 * Mirrors: net/ipv4/ip_sockglue.c:do_ip_setsockopt (v7.2)
 *
 * Context: process, no lock held.
 * Return: 0, -EADDRNOTAVAIL, -EINVAL (bound, and not to its VRF), -ENOBUFS.
 */
int pp_mc_set_unicast_if(struct sock *sk, int ifindex)
{
	int bound = READ_ONCE(sk->sk_bound_dev_if), err = 0;
	struct net_device *dev;
	struct pp_mc_sock *ms;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(sk), ifindex);
	if (ifindex && !dev)
		err = -EADDRNOTAVAIL;
	else if (ifindex && bound && bound != l3mdev_master_ifindex_rcu(dev))
		err = -EINVAL;
	rcu_read_unlock();
	if (!err && sk->sk_type == SOCK_STREAM) {
		WRITE_ONCE(pp_sk(sk)->unicast_if, ifindex);
	} else if (!err) {
		ms = ifindex ? pp_mc_sk_get(sk) : pp_mc_sk_open(sk);
		if (ms)
			WRITE_ONCE(ms->unicast_if, ifindex);
		else if (ifindex)
			err = -ENOBUFS;
	}
	if (!err)
		sk_dst_reset(sk);
	return err;
}

/**
 * pp_mc_get_unicast_if() - IP_UNICAST_IF of a socket
 * @sk: the socket
 *
 * Context: process, no lock held.
 * Return: index of the device, or 0.
 */
int pp_mc_get_unicast_if(const struct sock *sk)
{
	const struct pp_mc_sock *ms;
	int ifindex;

	if (sk->sk_type == SOCK_STREAM)
		return READ_ONCE(pp_sk(sk)->unicast_if);
	rcu_read_lock();
	ms = rcu_dereference(pp_sk(sk)->mc);
	ifindex = ms ? READ_ONCE(ms->unicast_if) : 0;
	rcu_read_unlock();
	return ifindex;
}

/* RCU; as udp_sendmsg() of the kernel's. */
static void pp_mc_flow_unicast(const struct sock *sk,
			       const struct pp_mc_sock *ms, struct pp_flow *fl)
{
	int oif = READ_ONCE(ms->unicast_if);

	if (!oif)
		return;
	/* to be bound to a VRF leaves the device of a broadcast open */
	if (!fl->oif || (ipv4_is_lbcast(fl->daddr) &&
			 fl->oif == pp_vrf_of(pp_sk(sk)->pn, oif)))
		fl->oif = oif;
}

/**
 * pp_ip_mc_flow_set() - how a datagram leaves of a socket that set something
 * @sk: the sender, no stream
 * @fl: its flow; the device, to a group the source too, filled when they are
 *	open and the socket has set them
 *
 * Context: any.
 */
void pp_ip_mc_flow_set(const struct sock *sk, struct pp_flow *fl)
{
	const struct pp_mc_sock *ms;
	int oif;

	rcu_read_lock();
	ms = rcu_dereference(pp_sk(sk)->mc);
	if (ms && !ipv4_is_multicast(fl->daddr)) {
		pp_mc_flow_unicast(sk, ms, fl);
		goto out;
	}
	oif = ms ? READ_ONCE(ms->ifindex) : 0;
	/* to be bound to a VRF leaves the device open */
	if (oif && (!fl->oif || fl->oif == pp_vrf_of(pp_sk(sk)->pn, oif)))
		fl->oif = oif;
	if (ms && !fl->saddr)
		fl->saddr = READ_ONCE(ms->addr);
out:
	rcu_read_unlock();
}

/* ---- Delivery and the end ---- */

/**
 * pp_ip_mc_sf_allow() - does a socket want a packet to a group?
 * @sk: a socket that it matches otherwise, no stream
 * @group: its destination; what is no group is wanted
 * @src: its source
 * @dif: device it came in by
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_sf_allow (v7.2)
 *
 * Context: RCU, softirq.
 * Return: true when it does.
 */
bool pp_ip_mc_sf_allow(const struct sock *sk, __be32 group, __be32 src,
		       int dif)
{
	const struct pp_mc_sock *ms;
	struct pp_mc_member *m;

	if (!ipv4_is_multicast(group))
		return true;
	ms = rcu_dereference(pp_sk(sk)->mc);
	if (ms)
		hlist_for_each_entry_rcu(m, &ms->members, node)
			if (m->addr == group && m->ifindex == dif)
				return pp_mc_filter_passes(rcu_dereference(m->filter),
							   src);
	return pp_sf(sk, PKTPATH_SF_MC_ALL);
}

/**
 * pp_ip_mc_drop_socket() - leave all groups
 * @sk: a socket that is being closed, no stream
 *
 * Mirrors: net/ipv4/igmp.c:ip_mc_drop_socket (v7.2)
 *
 * Context: process, no lock held.
 */
void pp_ip_mc_drop_socket(struct sock *sk)
{
	struct pp_mc_sock *ms;
	struct pp_mc_member *m;
	struct hlist_node *n;

	if (!rcu_access_pointer(pp_sk(sk)->mc))
		return;
	pp_mc_lock(pp_sk(sk)->pn);
	ms = pp_mc_sk(sk);
	hlist_for_each_entry_safe(m, n, &ms->members, node)
		pp_mc_drop(sk, m);
	RCU_INIT_POINTER(pp_sk(sk)->mc, NULL);
	pp_mc_unlock(pp_sk(sk)->pn);
	kfree_rcu(ms, rcu);
}
