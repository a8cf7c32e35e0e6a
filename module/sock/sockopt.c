// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options: the way of each level, and the tables of our own options.
 *
 * SOL_SOCKET reaches us only where the kernel lets a family see it first;
 * then the two options that generic code refuses to foreign families are
 * served and the rest goes on. The same two stand at SOL_PKTPATH everywhere.
 *
 * Path: setsockopt(2), getsockopt(2) => pp_ip_setsockopt(), proto.setsockopt
 * Mirrors: net/core/sock.c (sk_setsockopt), net/ipv4/udp.c (udp_setsockopt)
 * Locks: socket lock around each change
 */
#include <linux/in.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "core/pp_sock.h"
#include "ip/ip.h"
#include "sock/sock.h"
#include "sock/sock_priv.h"
#include "uapi/linux/pktpath.h"
#include "udp/udp.h"

/**
 * struct pp_sockopt - one option
 * @name: number at its level
 * @set: called with the socket locked; NULL: read-only
 * @get: its value
 */
struct pp_sockopt {
	int name;
	int (*set)(struct sock *sk, int val);
	int (*get)(const struct sock *sk);
};

static int pp_sockopt_set_inet_addr(struct sock *sk, int val)
{
	if (val != 0 && val != 1)
		return -EINVAL;
	assign_bit(PKTPATH_SF_INET_ADDR, &pp_sk(sk)->flags, val);
	return 0;
}

static int pp_sockopt_get_inet_addr(const struct sock *sk)
{
	return pp_sf(sk, PKTPATH_SF_INET_ADDR);
}

/* Past the shaping and the filters of the device: as packet sockets may. */
static int pp_sockopt_set_bypass(struct sock *sk, int val)
{
	if (val != 0 && val != 1)
		return -EINVAL;
	if (val && !sockopt_ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW))
		return -EPERM;
	assign_bit(PKTPATH_SF_BYPASS, &pp_sk(sk)->flags, val);
	return 0;
}

static int pp_sockopt_get_bypass(const struct sock *sk)
{
	return pp_sf(sk, PKTPATH_SF_BYPASS);
}

/* SO_REUSEPORT takes any value and means zero or not. */
static int pp_sockopt_set_reuseport(struct sock *sk, int val)
{
	if (sk->sk_type == SOCK_DGRAM &&
	    pp_sock_wire_proto(sk) == IPPROTO_UDP)
		return pp_udp_set_reuseport(sk, !!val);
	sk->sk_reuseport = !!val;
	return 0;
}

static int pp_sockopt_get_reuseport(const struct sock *sk)
{
	return sk->sk_reuseport;
}

/* Only streams complete MSG_ZEROCOPY. */
static int pp_sockopt_set_zerocopy(struct sock *sk, int val)
{
	if (val != 0 && val != 1)
		return -EINVAL;
	if (val && sk->sk_type != SOCK_STREAM)
		return -EOPNOTSUPP;
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	return 0;
}

static int pp_sockopt_get_zerocopy(const struct sock *sk)
{
	return sock_flag(sk, SOCK_ZEROCOPY);
}

static int pp_sockopt_get_protocol(const struct sock *sk)
{
	return pp_sock_wire_proto(sk);
}

static int pp_sockopt_get_domain(const struct sock *sk)
{
	return pp_sf(sk, PKTPATH_SF_INET_ADDR) ? AF_INET : sk->sk_family;
}

static const struct pp_sockopt pp_sockopts_own[] = {
	{ PKTPATH_INET_ADDR, pp_sockopt_set_inet_addr,
	  pp_sockopt_get_inet_addr },
	{ PKTPATH_QDISC_BYPASS, pp_sockopt_set_bypass,
	  pp_sockopt_get_bypass },
	{ PKTPATH_REUSEPORT, pp_sockopt_set_reuseport,
	  pp_sockopt_get_reuseport },
	{ PKTPATH_ZEROCOPY, pp_sockopt_set_zerocopy,
	  pp_sockopt_get_zerocopy },
	{ PKTPATH_PROTOCOL, NULL, pp_sockopt_get_protocol },
	{ PKTPATH_DOMAIN, NULL, pp_sockopt_get_domain },
};

static const struct pp_sockopt pp_sockopts_socket[] = {
	{ SO_REUSEPORT, pp_sockopt_set_reuseport, NULL },
	{ SO_ZEROCOPY, pp_sockopt_set_zerocopy, NULL },
};

static const struct pp_sockopt *pp_sockopt_find(const struct pp_sockopt *tab,
						int n, int name)
{
	int i;

	for (i = 0; i < n; i++)
		if (tab[i].name == name)
			return &tab[i];
	return NULL;
}

static int pp_sockopt_set(struct sock *sk, const struct pp_sockopt *opt,
			  sockptr_t optval, unsigned int optlen)
{
	int val, err;

	if (!opt || !opt->set)
		return -ENOPROTOOPT;
	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	sockopt_lock_sock(sk);
	err = opt->set(sk, val);
	sockopt_release_sock(sk);
	return err;
}

static int pp_sockopt_set_socket(struct socket *sock, int optname,
				 sockptr_t optval, unsigned int optlen)
{
	const struct pp_sockopt *opt;

	opt = pp_sockopt_find(pp_sockopts_socket,
			      ARRAY_SIZE(pp_sockopts_socket), optname);
	if (opt)
		return pp_sockopt_set(sock->sk, opt, optval, optlen);
	/*
	 * Generic code keeps its account under the socket lock, datagrams are
	 * charged under their queue's; 7.2 has it for streams only.
	 */
	if (optname == SO_RESERVE_MEM && sock->sk->sk_type != SOCK_STREAM)
		return -EOPNOTSUPP;
	return sock_setsockopt(sock, SOL_SOCKET, optname, optval, optlen);
}

static int pp_sockopt_get_own(const struct sock *sk, int optname,
			      char __user *optval, int __user *optlen)
{
	const struct pp_sockopt *opt;
	int val, len;

	opt = pp_sockopt_find(pp_sockopts_own, ARRAY_SIZE(pp_sockopts_own),
			      optname);
	if (!opt)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(unsigned int, len, sizeof(val));
	val = opt->get(sk);
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}

/* The level of the options of the transport's own. */
static int pp_sockopt_level(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW ? SOL_RAW : pp_sock_wire_proto(sk);
}

/**
 * pp_inet_setsockopt() - setsockopt(2) of our sockets
 * @sock: the socket
 * @level: SOL_*
 * @optname: option of that level
 * @optval: value, user or kernel memory
 * @optlen: its length, bytes
 *
 * Context: process.
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT or what the option says.
 */
int pp_inet_setsockopt(struct socket *sock, int level, int optname,
		       sockptr_t optval, unsigned int optlen)
{
	const struct pp_sockopt *opt;
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_SOCKET:
		return pp_sockopt_set_socket(sock, optname, optval, optlen);
	case SOL_IP:
		return pp_ip_setsockopt(sk, optname, optval, optlen);
	case SOL_PKTPATH:
		opt = pp_sockopt_find(pp_sockopts_own,
				      ARRAY_SIZE(pp_sockopts_own), optname);
		return pp_sockopt_set(sk, opt, optval, optlen);
	}
	if (level == pp_sockopt_level(sk) && sk->sk_prot->setsockopt)
		return sk->sk_prot->setsockopt(sk, level, optname, optval,
					       optlen);
	return -ENOPROTOOPT;
}

/**
 * pp_inet_getsockopt() - getsockopt(2) of our sockets
 * @sock: the socket
 * @level: SOL_*; never SOL_SOCKET, which generic code answers
 * @optname: option of that level
 * @optval: room for the value
 * @optlen: its size; the length of the value on return
 *
 * Context: process.
 * Return: 0, -EOPNOTSUPP (as AF_INET says of a level that the socket has not),
 * -ENOPROTOOPT, -EINVAL or -EFAULT.
 */
int pp_inet_getsockopt(struct socket *sock, int level, int optname,
		       char __user *optval, int __user *optlen)
{
	struct sock *sk = sock->sk;

	if (level == SOL_IP)
		return pp_ip_getsockopt(sk, optname, optval, optlen);
	if (level == SOL_PKTPATH)
		return pp_sockopt_get_own(sk, optname, optval, optlen);
	if (level == pp_sockopt_level(sk) && sk->sk_prot->getsockopt)
		return sk->sk_prot->getsockopt(sk, level, optname, optval,
					       optlen);
	return -EOPNOTSUPP;
}
