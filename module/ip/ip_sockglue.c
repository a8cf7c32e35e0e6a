// SPDX-License-Identifier: GPL-2.0
/*
 * What sockets know of IP: control messages, options of level IPPROTO_IP,
 * addresses shown to the user.
 *
 * Path: sock/sockopt.c => here; udp/udp_output.c => here (control messages)
 * Mirrors: net/ipv4/ip_sockglue.c
 * Locks: socket lock for IP_TOS; all others are single words or bits
 */
#include <linux/in.h>
#include <linux/sockptr.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/route.h>
#include "compat/compat.h"
#include "core/ifaddr.h"
#include "ip/ip_optparse.h"
#include "ip/ip_priv.h"
#include "ip/mcast_sock.h"

/* ---- Control messages, out ---- */

/* The int of a control message, range checked; false: refused. */
static bool pp_ip_cmsg_int(const struct cmsghdr *cmsg, int min, int max,
			   int *val)
{
	if (cmsg->cmsg_len != CMSG_LEN(sizeof(int)))
		return false;
	*val = *(int *)CMSG_DATA(cmsg);
	return *val >= min && *val <= max;
}

static int pp_ip_cmsg_send_ip(const struct sock *sk, struct cmsghdr *cmsg,
			      struct pp_ipc *ipc)
{
	const struct in_pktinfo *info;
	int val;

	switch (cmsg->cmsg_type) {
	case IP_RETOPTS:
		return pp_ip_cmsg_options(sk, CMSG_DATA(cmsg),
					  cmsg->cmsg_len - CMSG_LEN(0), ipc);
	case IP_PKTINFO:
		if (cmsg->cmsg_len != CMSG_LEN(sizeof(*info)))
			return -EINVAL;
		info = (const struct in_pktinfo *)CMSG_DATA(cmsg);
		if (info->ipi_ifindex)
			ipc->oif = info->ipi_ifindex;
		ipc->addr = info->ipi_spec_dst.s_addr;
		return 0;
	case IP_TTL:
		if (!pp_ip_cmsg_int(cmsg, 1, 255, &val))
			return -EINVAL;
		ipc->ttl = val;
		return 0;
	case IP_TOS:
		if (cmsg->cmsg_len == CMSG_LEN(sizeof(u8)))
			val = *(u8 *)CMSG_DATA(cmsg);
		else if (!pp_ip_cmsg_int(cmsg, 0, 255, &val))
			return -EINVAL;
		ipc->tos = val;
		ipc->priority = rt_tos2priority(val);
		return 0;
	case IP_PROTOCOL:
		if (!pp_ip_cmsg_int(cmsg, 1, 255, &val))
			return -EINVAL;
		ipc->protocol = val;
		return 0;
	default:
		return -EINVAL;
	}
}

static int pp_ip_cmsg_send_udp(struct cmsghdr *cmsg, struct pp_ipc *ipc)
{
	if (cmsg->cmsg_type != UDP_SEGMENT ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(u16)))
		return -EINVAL;
	ipc->gso_size = *(u16 *)CMSG_DATA(cmsg);
	return 0;
}

/**
 * pp_ip_cmsg_send() - read the control messages of sendmsg()
 * @sk: the socket
 * @msg: the message; its control part is in kernel memory
 * @ipc: initialised by pp_ipc_init(), changed here
 * @udp: also read SOL_UDP
 *
 * Mirrors: net/ipv4/ip_sockglue.c:ip_cmsg_send, net/ipv4/udp.c:udp_cmsg_send.
 *
 * Context: process; the socket lock is not needed.
 * Return: 0, -EINVAL, -EPERM (SO_MARK, SO_PRIORITY without the capability,
 * source routes), -EOPNOTSUPP (source routes).
 */
int pp_ip_cmsg_send(struct sock *sk, struct msghdr *msg, struct pp_ipc *ipc,
		    bool udp)
{
	struct sockcm_cookie *sockc = &ipc->sockc;
	struct cmsghdr *cmsg;
	u32 prio;
	int err;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		err = 0;
		switch (cmsg->cmsg_level) {
		case SOL_SOCKET:
			err = pp_compat_sock_cmsg_send(sk, msg, cmsg, sockc);
			prio = ipc->priority;
			if (!err && cmsg->cmsg_type == SO_PRIORITY)
				prio = pp_compat_sockc_priority(sockc, prio);
			ipc->priority = prio;
			break;
		case SOL_IP:
			err = pp_ip_cmsg_send_ip(sk, cmsg, ipc);
			break;
		case SOL_UDP:
			if (udp)
				err = pp_ip_cmsg_send_udp(cmsg, ipc);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

/* ---- Control messages, in ---- */

#define PKTPATH_CMSG_HDR_BITS	(BIT(PKTPATH_SF_RECV_PKTINFO) | \
				 BIT(PKTPATH_SF_RECV_TTL) | \
				 BIT(PKTPATH_SF_RECV_TOS) | \
				 BIT(PKTPATH_SF_RECV_OPTS) | \
				 BIT(PKTPATH_SF_RETOPTS))
#define PKTPATH_CMSG_BITS	(PKTPATH_CMSG_HDR_BITS | \
				 BIT(PKTPATH_SF_RECV_ORIGDST) | \
				 BIT(PKTPATH_SF_RECV_FRAGSIZE))

/**
 * pp_ip_cmsg_recv_hdr() - control messages made from the IP header
 * @msg: filled
 * @sk: the socket
 * @skb: network header and IPCB.iif valid
 * @spec_dst: local address, for IP_PKTINFO
 *
 * Mirrors: net/ipv4/ip_sockglue.c:ip_cmsg_recv_offset.
 *
 * Context: process.
 */
void pp_ip_cmsg_recv_hdr(struct msghdr *msg, const struct sock *sk,
			 const struct sk_buff *skb, __be32 spec_dst)
{
	unsigned long flags = READ_ONCE(pp_sk(sk)->flags);
	struct iphdr *iph = ip_hdr(skb);
	u8 opts[PKTPATH_IPOPT_MAX];
	struct in_pktinfo info;
	int ttl, len;

	if (flags & BIT(PKTPATH_SF_RECV_PKTINFO)) {
		info.ipi_ifindex = PKTPATH_SKB_CB(skb)->h4.iif;
		info.ipi_spec_dst.s_addr = spec_dst;
		info.ipi_addr.s_addr = iph->daddr;
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	if (flags & BIT(PKTPATH_SF_RECV_TTL)) {
		ttl = iph->ttl;
		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	}
	if (flags & BIT(PKTPATH_SF_RECV_TOS))
		put_cmsg(msg, SOL_IP, IP_TOS, sizeof(iph->tos), &iph->tos);
	if ((flags & BIT(PKTPATH_SF_RECV_OPTS)) && iph->ihl > 5)
		put_cmsg(msg, SOL_IP, IP_RECVOPTS,
			 pp_ip_received_options(skb, opts), opts);
	if (flags & BIT(PKTPATH_SF_RETOPTS)) {
		len = pp_ip_reply_options(skb, true, opts);
		if (len)
			put_cmsg(msg, SOL_IP, IP_RETOPTS, len, opts);
	}
}

/* The address to answer from: the one spoken to, or one of the device. */
static __be32 pp_ip_spec_dst(const struct sock *sk, const struct sk_buff *skb)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	int iif = PKTPATH_SKB_CB(skb)->h4.iif;
	const struct iphdr *iph = ip_hdr(skb);
	__be32 addr = iph->daddr;
	struct pp_dev *pd;

	rcu_read_lock();
	if (pp_ip_addr_type(pn, addr, pp_vrf_of(pn, iif)) != RTN_LOCAL) {
		pd = pp_dev_find_rcu(pn, iif);
		addr = pd ? pp_ifaddr_select_rcu(pd, iph->saddr) : 0;
	}
	rcu_read_unlock();
	return addr;
}

static void pp_ip_cmsg_recv_dstaddr(struct msghdr *msg, const struct sock *sk,
				    const struct sk_buff *skb)
{
	struct sockaddr_in sin;
	__be16 buf[2], *ports;

	ports = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(buf),
				   buf);
	if (!ports)
		return;
	pp_ip_fill_sockaddr(sk, &sin, ip_hdr(skb)->daddr, ports[1]);
	put_cmsg(msg, SOL_IP, IP_ORIGDSTADDR, sizeof(sin), &sin);
}

/**
 * pp_ip_cmsg_recv() - control messages of a received datagram
 * @msg: filled
 * @sk: the socket
 * @skb: network and transport header and IPCB.iif as ip_input.c left them
 *
 * Mirrors: net/ipv4/ip_sockglue.c:ip_cmsg_recv_offset.
 *
 * Context: process.
 */
void pp_ip_cmsg_recv(struct msghdr *msg, struct sock *sk, struct sk_buff *skb)
{
	unsigned long flags = READ_ONCE(pp_sk(sk)->flags);
	__be32 spec_dst = 0;
	int size;

	if (likely(!(flags & PKTPATH_CMSG_BITS)))
		return;
	if (flags & BIT(PKTPATH_SF_RECV_PKTINFO))
		spec_dst = pp_ip_spec_dst(sk, skb);
	if (flags & PKTPATH_CMSG_HDR_BITS)
		pp_ip_cmsg_recv_hdr(msg, sk, skb, spec_dst);
	if (flags & BIT(PKTPATH_SF_RECV_ORIGDST))
		pp_ip_cmsg_recv_dstaddr(msg, sk, skb);
	size = PKTPATH_SKB_CB(skb)->h4.frag_max_size;
	if ((flags & BIT(PKTPATH_SF_RECV_FRAGSIZE)) && size)
		put_cmsg(msg, SOL_IP, IP_RECVFRAGSIZE, sizeof(size), &size);
}

/**
 * pp_ip_fill_sockaddr() - an address for the user
 * @sk: the socket; says whether the family is shown as AF_INET
 * @sin: filled, padding too
 * @addr: address
 * @port: port
 *
 * Context: any.
 */
void pp_ip_fill_sockaddr(const struct sock *sk, struct sockaddr_in *sin,
			 __be32 addr, __be16 port)
{
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = pp_sf(sk, PKTPATH_SF_INET_ADDR) ? AF_INET :
							    sk->sk_family;
	sin->sin_addr.s_addr = addr;
	sin->sin_port = port;
}

/* ---- Options ---- */

/**
 * struct pp_ip_sockopt - one option of level IPPROTO_IP
 * @name: its number
 * @min_len: bytes the user must give; with fewer -EINVAL
 * @exact: with more, too
 * @bit: PKTPATH_SF_* that holds it, or -1
 * @min: smallest value, when @min < @max
 * @max: greatest value
 * @set: check and store; NULL: the bit
 * @get: the value or -errno in *@val; NULL: the bit
 */
struct pp_ip_sockopt {
	int name;
	u8 min_len;
	bool exact;
	s8 bit;
	s16 min, max;
	int (*set)(struct sock *sk, int val);
	int (*get)(struct sock *sk, int *val);
};

static int pp_ip_set_recverr(struct sock *sk, int val)
{
	assign_bit(PKTPATH_SF_RECVERR, &pp_sk(sk)->flags, val);
	if (!val)
		pp_ip_error_purge(sk);
	return 0;
}

static int pp_ip_set_fragsize(struct sock *sk, int val)
{
	if (sk->sk_type != SOCK_RAW && sk->sk_type != SOCK_DGRAM)
		return -EINVAL;
	assign_bit(PKTPATH_SF_RECV_FRAGSIZE, &pp_sk(sk)->flags, val);
	return 0;
}

static int pp_ip_set_transparent(struct sock *sk, int val)
{
	struct user_namespace *ns = sock_net(sk)->user_ns;

	if (val && !sockopt_ns_capable(ns, CAP_NET_RAW) &&
	    !sockopt_ns_capable(ns, CAP_NET_ADMIN))
		return -EPERM;
	assign_bit(PKTPATH_SF_TRANSPARENT, &pp_sk(sk)->flags, val);
	return 0;
}

static int pp_ip_set_ttl(struct sock *sk, int val)
{
	if (!val)
		return -EINVAL;
	WRITE_ONCE(inet_sk(sk)->uc_ttl, val);
	return 0;
}

static int pp_ip_get_ttl(struct sock *sk, int *val)
{
	*val = READ_ONCE(inet_sk(sk)->uc_ttl);
	if (*val < 0)
		*val = READ_ONCE(pp_sk(sk)->pn->sysctl.ip_default_ttl);
	return 0;
}

DEFINE_STATIC_KEY_FALSE(pp_ip_minttl_on);

static int pp_ip_set_minttl(struct sock *sk, int val)
{
	WRITE_ONCE(inet_sk(sk)->min_ttl, val);
	if (val)
		static_branch_enable(&pp_ip_minttl_on);
	return 0;
}

static int pp_ip_get_minttl(struct sock *sk, int *val)
{
	*val = READ_ONCE(inet_sk(sk)->min_ttl);
	return 0;
}

static int pp_ip_set_mcttl(struct sock *sk, int val)
{
	if (sk->sk_type == SOCK_STREAM)
		return -EINVAL;
	WRITE_ONCE(inet_sk(sk)->mc_ttl, val == -1 ? 1 : val);
	return 0;
}

static int pp_ip_get_mcttl(struct sock *sk, int *val)
{
	*val = READ_ONCE(inet_sk(sk)->mc_ttl);
	return 0;
}

static int pp_ip_set_pmtudisc(struct sock *sk, int val)
{
	WRITE_ONCE(inet_sk(sk)->pmtudisc, val);
	return 0;
}

static int pp_ip_get_pmtudisc(struct sock *sk, int *val)
{
	*val = READ_ONCE(inet_sk(sk)->pmtudisc);
	return 0;
}

static int pp_ip_set_tos(struct sock *sk, int val)
{
	struct inet_sock *inet = inet_sk(sk);

	sockopt_lock_sock(sk);
	if (sk->sk_type == SOCK_STREAM) {
		/* RFC 3168 §6.1.1: the transport has the ECN bits. */
		val &= ~INET_ECN_MASK;
		val |= inet->tos & INET_ECN_MASK;
	}
	if (inet->tos != val) {
		WRITE_ONCE(inet->tos, val);
		WRITE_ONCE(sk->sk_priority, rt_tos2priority(val));
		sk_dst_reset(sk);
	}
	sockopt_release_sock(sk);
	return 0;
}

static int pp_ip_get_tos(struct sock *sk, int *val)
{
	*val = READ_ONCE(inet_sk(sk)->tos);
	return 0;
}

/* The path MTU of a connected socket; read only. */
static int pp_ip_get_mtu(struct sock *sk, int *val)
{
	struct pp_dst *dst;
	int err = -ENOTCONN;

	rcu_read_lock();
	/* a stream may be in any state that has a peer */
	if (READ_ONCE(inet_sk(sk)->inet_daddr)) {
		dst = pp_ip_sk_route_rcu(sk);
		if (!IS_ERR(dst)) {
			*val = pp_dst_mtu(dst);
			err = 0;
		}
	}
	rcu_read_unlock();
	return err;
}

/* The port, of a raw socket the protocol. */
static int pp_ip_get_protocol(struct sock *sk, int *val)
{
	*val = READ_ONCE(inet_sk(sk)->inet_num);
	return 0;
}

/* In network order, as the twin of IPv6 has it. */
static int pp_ip_set_unicast_if(struct sock *sk, int val)
{
	return pp_mc_set_unicast_if(sk, ntohl((__force __be32)val));
}

static int pp_ip_get_unicast_if(struct sock *sk, int *val)
{
	*val = (__force int)htonl(pp_mc_get_unicast_if(sk));
	return 0;
}

/* Options of raw sockets; to others they are unknown. */
static int pp_ip_set_hdrincl(struct sock *sk, int val)
{
	if (sk->sk_type != SOCK_RAW)
		return -ENOPROTOOPT;
	assign_bit(PKTPATH_SF_HDRINCL, &pp_sk(sk)->flags, val);
	return 0;
}

static int pp_ip_set_nodefrag(struct sock *sk, int val)
{
	if (sk->sk_type != SOCK_RAW)
		return -ENOPROTOOPT;
	assign_bit(PKTPATH_SF_NODEFRAG, &pp_sk(sk)->flags, val);
	return 0;
}

static int pp_ip_set_none(struct sock *sk, int val)
{
	return -ENOPROTOOPT;
}

#define PKTPATH_IPOPT_BIT(nm, ln, bt) { .name = nm, .min_len = ln, .bit = bt }

static const struct pp_ip_sockopt pp_ip_sockopts[] = {
	PKTPATH_IPOPT_BIT(IP_PKTINFO, 0, PKTPATH_SF_RECV_PKTINFO),
	PKTPATH_IPOPT_BIT(IP_RECVTTL, 0, PKTPATH_SF_RECV_TTL),
	PKTPATH_IPOPT_BIT(IP_RECVTOS, 0, PKTPATH_SF_RECV_TOS),
	PKTPATH_IPOPT_BIT(IP_RECVOPTS, 0, PKTPATH_SF_RECV_OPTS),
	PKTPATH_IPOPT_BIT(IP_RETOPTS, 0, PKTPATH_SF_RETOPTS),
	PKTPATH_IPOPT_BIT(IP_RECVORIGDSTADDR, 0, PKTPATH_SF_RECV_ORIGDST),
	PKTPATH_IPOPT_BIT(IP_BIND_ADDRESS_NO_PORT, 0, PKTPATH_SF_BIND_NOPORT),
	PKTPATH_IPOPT_BIT(IP_FREEBIND, 1, PKTPATH_SF_FREEBIND),
	PKTPATH_IPOPT_BIT(IP_MULTICAST_LOOP, 1, PKTPATH_SF_MC_LOOP),
	{
		.name = IP_MULTICAST_ALL, .min_len = 1, .min = 0, .max = 1,
		.bit = PKTPATH_SF_MC_ALL,
	}, {
		.name = IP_RECVERR_RFC4884, .min = 0, .max = 1,
		.bit = PKTPATH_SF_RECVERR_RFC4884,
	}, {
		.name = IP_RECVERR, .bit = PKTPATH_SF_RECVERR,
		.set = pp_ip_set_recverr,
	}, {
		.name = IP_RECVFRAGSIZE, .bit = PKTPATH_SF_RECV_FRAGSIZE,
		.set = pp_ip_set_fragsize,
	}, {
		.name = IP_HDRINCL, .bit = PKTPATH_SF_HDRINCL,
		.set = pp_ip_set_hdrincl,
	}, {
		.name = IP_NODEFRAG, .bit = PKTPATH_SF_NODEFRAG,
		.set = pp_ip_set_nodefrag,
	}, {
		.name = IP_TRANSPARENT, .min_len = 1,
		.bit = PKTPATH_SF_TRANSPARENT, .set = pp_ip_set_transparent,
	}, {
		.name = IP_TTL, .min_len = 1, .bit = -1, .min = -1, .max = 255,
		.set = pp_ip_set_ttl, .get = pp_ip_get_ttl,
	}, {
		.name = IP_MINTTL, .min_len = 1, .bit = -1, .max = 255,
		.set = pp_ip_set_minttl, .get = pp_ip_get_minttl,
	}, {
		.name = IP_MULTICAST_TTL, .min_len = 1, .bit = -1,
		.min = -1, .max = 255,
		.set = pp_ip_set_mcttl, .get = pp_ip_get_mcttl,
	}, {
		.name = IP_MTU_DISCOVER, .bit = -1,
		.min = IP_PMTUDISC_DONT, .max = IP_PMTUDISC_OMIT,
		.set = pp_ip_set_pmtudisc, .get = pp_ip_get_pmtudisc,
	}, {
		.name = IP_TOS, .bit = -1,
		.set = pp_ip_set_tos, .get = pp_ip_get_tos,
	}, {
		.name = IP_UNICAST_IF, .min_len = sizeof(int), .exact = true,
		.bit = -1,
		.set = pp_ip_set_unicast_if, .get = pp_ip_get_unicast_if,
	}, {
		.name = IP_MTU, .bit = -1,
		.set = pp_ip_set_none, .get = pp_ip_get_mtu,
	}, {
		.name = IP_PROTOCOL, .bit = -1,
		.set = pp_ip_set_none, .get = pp_ip_get_protocol,
	},
};

static const struct pp_ip_sockopt *pp_ip_sockopt_find(int name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pp_ip_sockopts); i++)
		if (pp_ip_sockopts[i].name == name)
			return &pp_ip_sockopts[i];
	return NULL;
}

/**
 * pp_ip_setsockopt() - set an option of level IPPROTO_IP
 * @sk: the socket
 * @optname: IP_*
 * @optval: an int, or an unsigned char when @optlen is below 4, or nothing,
 *	    which is 0
 * @optlen: bytes at @optval
 *
 * Mirrors: net/ipv4/ip_sockglue.c:do_ip_setsockopt (v7.2), errno for errno.
 *
 * Context: process; takes the socket lock for IP_TOS.
 * Return: 0, -EINVAL, -EFAULT, -EPERM, -ENOPROTOOPT; of IP_UNICAST_IF also
 * -EADDRNOTAVAIL, -ENOBUFS.
 */
int pp_ip_setsockopt(struct sock *sk, int optname, sockptr_t optval,
		     unsigned int optlen)
{
	const struct pp_ip_sockopt *opt = pp_ip_sockopt_find(optname);
	unsigned char byte;
	int val = 0;

	if (optname == IP_OPTIONS)
		return pp_ip_set_options(sk, optval, optlen);
	if (!opt)
		return pp_mc_setsockopt(sk, optname, optval, optlen);
	if (optlen >= sizeof(val)) {
		if (copy_from_sockptr(&val, optval, sizeof(val)))
			return -EFAULT;
	} else if (optlen >= sizeof(byte)) {
		if (copy_from_sockptr(&byte, optval, sizeof(byte)))
			return -EFAULT;
		val = byte;
	}
	if (optlen < opt->min_len || (opt->exact && optlen > opt->min_len))
		return -EINVAL;
	if (opt->min < opt->max && (val < opt->min || val > opt->max))
		return -EINVAL;
	if (opt->set)
		return opt->set(sk, val);
	assign_bit(opt->bit, &pp_sk(sk)->flags, val);
	return 0;
}

/**
 * pp_ip_getsockopt() - read an option of level IPPROTO_IP
 * @sk: the socket
 * @optname: IP_*
 * @optval: the user's buffer
 * @optlen: its size in, the bytes written out
 *
 * A buffer shorter than an int gets a value up to 255 as one byte.
 * Mirrors: net/ipv4/ip_sockglue.c:do_ip_getsockopt (v7.2).
 *
 * Context: process.
 * Return: 0, -EINVAL, -EFAULT, -ENOTCONN (IP_MTU), -ENOPROTOOPT.
 */
int pp_ip_getsockopt(struct sock *sk, int optname, char __user *optval,
		     int __user *optlen)
{
	const struct pp_ip_sockopt *opt = pp_ip_sockopt_find(optname);
	int val, len, err;

	if (optname == IP_OPTIONS)
		return pp_ip_get_options(sk, optval, optlen);
	if (!opt)
		return pp_mc_getsockopt(sk, optname, optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (opt->get) {
		err = opt->get(sk, &val);
		if (err)
			return err;
	} else {
		val = pp_sf(sk, opt->bit);
	}
	if (len < sizeof(val) && len > 0 && val >= 0 && val <= 255) {
		len = 1;
		if (put_user(len, optlen) ||
		    put_user((char)val, optval))
			return -EFAULT;
		return 0;
	}
	len = min_t(unsigned int, sizeof(val), len);
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}
