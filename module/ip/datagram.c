// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses and routes of datagram sockets: bind, connect, the cached route.
 *
 * The route of a connected socket is cached in sk_dst_cache, which holds a
 * reference. Senders read it under RCU without the socket lock; who finds it
 * out of date puts a new one in its place, and the last to do so wins.
 *
 * Path: sock/af_pktpath.c, udp/udp_output.c => here => route.c
 * Mirrors: net/ipv4/datagram.c, net/ipv4/af_inet.c (__inet_bind)
 * Locks: socket lock for bind, connect and disconnect; RCU for the route
 */
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>
#include <net/tcp_states.h>
#include "core/drop.h"
#include "core/trace.h"
#include "ip/ip_priv.h"

/**
 * pp_ip_bind_type() - whether a socket may have a local address
 * @sk: the socket, locked
 * @addr: address asked for, 0: any
 *
 * Mirrors: net/ipv4/af_inet.c:__inet_bind, include/net/inet_sock.h:
 * inet_addr_valid_or_nonlocal.
 *
 * Context: process, socket lock held.
 * Return: RTN_*, what kind of address it is, or -EADDRNOTAVAIL.
 */
int pp_ip_bind_type(const struct sock *sk, __be32 addr)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	unsigned int type = RTN_LOCAL;

	if (addr) {
		rcu_read_lock();
		type = pp_ip_addr_type(pn, addr,
				       pp_vrf_of(pn, sk->sk_bound_dev_if));
		rcu_read_unlock();
	}
	if (type != RTN_LOCAL && type != RTN_BROADCAST &&
	    type != RTN_MULTICAST && !pp_sf(sk, PKTPATH_SF_FREEBIND) &&
	    !pp_sf(sk, PKTPATH_SF_TRANSPARENT) &&
	    !READ_ONCE(pn->sysctl.ip_nonlocal_bind))
		return -EADDRNOTAVAIL;
	return type;
}

/**
 * pp_ip_bind_addr() - give a socket its local address
 * @sk: the socket, locked
 * @addr: address asked for, 0: any
 * @type: what pp_ip_bind_type() has said of it
 *
 * Mirrors: net/ipv4/af_inet.c:__inet_bind.
 *
 * Context: process, socket lock held.
 */
void pp_ip_bind_addr(struct sock *sk, __be32 addr, int type)
{
	struct inet_sock *inet = inet_sk(sk);

	sock_owned_by_me(sk);
	inet->inet_rcv_saddr = addr;
	/* RFC 1122 §3.2.1.3: neither may be a source. */
	if (type == RTN_BROADCAST || type == RTN_MULTICAST)
		addr = 0;
	inet->inet_saddr = addr;
}

static struct pp_dst *pp_ip_sk_route(struct sock *sk, struct pp_flow *fl,
				     __be32 daddr, __be16 dport)
{
	struct inet_sock *inet = inet_sk(sk);

	pp_flow_init_sk(fl, sk, daddr, READ_ONCE(inet->inet_saddr));
	pp_ip_mc_flow(sk, fl);
	fl->proto = pp_sock_wire_proto(sk);
	fl->sport = inet->inet_sport;
	fl->dport = dport;
	return pp_ip_route_output_flow(pp_sk(sk)->pn, fl, sk);
}

/**
 * pp_ip_datagram_connect() - connect a datagram socket
 * @sk: the socket, locked
 * @sin: the peer; family and length are checked
 *
 * 0.0.0.0 stands for this host, as on AF_INET. Calls the protocol's rehash
 * once all addresses stand.
 * Mirrors: net/ipv4/datagram.c:__ip4_datagram_connect (v7.2).
 *
 * Context: process, socket lock held.
 * Return: 0, -EACCES (broadcast without SO_BROADCAST), -ENETUNREACH,
 * -EHOSTUNREACH, -EINVAL, -ENODEV.
 */
int pp_ip_datagram_connect(struct sock *sk, struct sockaddr_in *sin)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_sock *pp = pp_sk(sk);
	__be32 daddr = sin->sin_addr.s_addr;
	struct pp_dst *dst;
	struct pp_flow fl;

	sock_owned_by_me(sk);
	sk_dst_reset(sk);
	if (!daddr)
		daddr = inet->inet_saddr ?: htonl(INADDR_LOOPBACK);
	dst = pp_ip_sk_route(sk, &fl, daddr, sin->sin_port);
	if (IS_ERR(dst)) {
		if (PTR_ERR(dst) == -ENETUNREACH)
			pp_mib_inc(pp->pn, IP_OUTNOROUTES);
		return PTR_ERR(dst);
	}
	if (dst->type == RTN_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		dst_release(&dst->rt.dst);
		return -EACCES;
	}

	WRITE_ONCE(inet->inet_daddr, daddr);
	inet->inet_dport = sin->sin_port;
	if (!inet->inet_saddr)
		WRITE_ONCE(inet->inet_saddr, fl.saddr);
	if (!inet->inet_rcv_saddr)
		WRITE_ONCE(inet->inet_rcv_saddr, fl.saddr);
	reuseport_has_conns_set(sk);
	WRITE_ONCE(sk->sk_state, TCP_ESTABLISHED);
	if (sk->sk_prot->rehash)
		sk->sk_prot->rehash(sk);
	sk_set_txhash(sk);
	atomic_set(&pp->ident, get_random_u16());
	sk_dst_set(sk, &dst->rt.dst);
	return 0;
}

/**
 * pp_ip_datagram_disconnect() - dissolve the connection of a datagram socket
 * @sk: the socket, locked
 *
 * What the user had bound stays bound.
 * Mirrors: net/ipv4/udp.c:__udp_disconnect.
 *
 * Context: process, socket lock held.
 * Return: 0.
 */
int pp_ip_datagram_disconnect(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	sock_owned_by_me(sk);
	WRITE_ONCE(sk->sk_state, TCP_CLOSE);
	WRITE_ONCE(inet->inet_daddr, 0);
	inet->inet_dport = 0;
	sock_rps_reset_rxhash(sk);
	WRITE_ONCE(sk->sk_bound_dev_if, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		WRITE_ONCE(inet->inet_rcv_saddr, 0);
		WRITE_ONCE(inet->inet_saddr, 0);
	}
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		if (sk->sk_prot->unhash)
			sk->sk_prot->unhash(sk);
		inet->inet_sport = 0;
	} else if (sk->sk_prot->rehash) {
		sk->sk_prot->rehash(sk);
	}
	sk_dst_reset(sk);
	return 0;
}

/**
 * pp_ip_sk_route_renew() - look the route of a connected socket up and cache it
 * @sk: the socket, locked or not
 *
 * Context: process or softirq, RCU.
 * Return: as pp_ip_sk_route_rcu().
 */
struct pp_dst *pp_ip_sk_route_renew(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct pp_dst *dst;
	struct pp_flow fl;
	__be32 daddr;

	daddr = READ_ONCE(inet->inet_daddr);
	if (!daddr)
		return ERR_PTR(-ENOTCONN);
	dst = pp_ip_sk_route(sk, &fl, daddr, inet->inet_dport);
	if (IS_ERR(dst)) {
		if (PTR_ERR(dst) == -ENETUNREACH)
			pp_mib_inc(pp_sk(sk)->pn, IP_OUTNOROUTES);
		return dst;
	}
	sk_dst_set(sk, &dst->rt.dst);
	/* connected to another meanwhile: the route is good for this one packet */
	if (unlikely(READ_ONCE(inet->inet_daddr) != daddr))
		sk_dst_reset(sk);
	return dst;
}

/**
 * pp_ip_sk_route_again_rcu() - the route once more, after a sleep
 * @sk: the socket, locked or not
 *
 * A packet comes to IP_ROUTE again only when the route changed meanwhile.
 *
 * Mirrors: net/core/sock.c:sk_dst_check.
 *
 * Context: as pp_ip_sk_route_rcu().
 * Return: likewise.
 */
struct pp_dst *pp_ip_sk_route_again_rcu(struct sock *sk)
{
	struct dst_entry *dst = rcu_dereference(sk->sk_dst_cache);

	if (likely(dst && pp_dst_valid(pp_sk(sk)->pn, pp_dst(dst))))
		return pp_dst(dst);
	return pp_ip_sk_route_renew(sk);
}

/**
 * pp_ip_queue_rcv_skb() - a packet for a socket's receive queue
 * @sk: the socket
 * @skb: taken always; its route and conntrack entry have been given back
 *
 * Mirrors: net/core/sock.c:sock_queue_rcv_skb_reason.
 *
 * Context: softirq or process.
 * Return: 0; -ENOMEM: the buffer is full; -ENOBUFS; -EPERM: the filter is
 * against it. Dropped and counted then.
 */
int pp_ip_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	enum pp_drop_cause cause;
	int err;

	pp_at_sock_queue(skb, sk, skb->len);
	err = sock_queue_rcv_skb(sk, skb);
	if (!err)
		return 0;
	if (err == -ENOMEM)
		cause = PKTPATH_DROP_SOCK_RCVBUF;
	else if (err == -ENOBUFS)
		cause = PKTPATH_DROP_SOCK_MEM;
	else
		cause = PKTPATH_DROP_SOCK_FILTER;
	pp_skb_drop(pp_sk(sk)->pn, skb, PKTPATH_STAGE_SOCK_QUEUE, cause);
	return err;
}
