// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options of multicast: what the user gives, read and checked.
 *
 * Path: ip_sockglue.c => here => mcast_sock.c
 * Mirrors: net/ipv4/ip_sockglue.c (do_ip_setsockopt, ip_set_mcast_msfilter)
 * Locks: none
 */
#include <linux/compat.h>
#include <linux/in.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>
#include "ip/mcast_sock.h"

/* A filter of more bytes is refused before it is read. */
#define PKTPATH_MC_OPT_MAX	(1024 * 1024)
/* Sources are never more, net.pktpath.igmp_max_msf sees to that. */
#define PKTPATH_MC_SOURCES_MAX	0xffff

/* ---- struct ip_mreqn and its shorter relatives ---- */

static int pp_mc_opt_mreq(sockptr_t optval, unsigned int optlen,
			  struct pp_mc_at *at)
{
	struct ip_mreqn mreq = {};
	unsigned int len = sizeof(struct ip_mreq);

	if (optlen < len)
		return -EINVAL;
	if (optlen >= sizeof(mreq))
		len = sizeof(mreq);
	if (copy_from_sockptr(&mreq, optval, len))
		return -EFAULT;
	at->group = mreq.imr_multiaddr.s_addr;
	at->iface = mreq.imr_address.s_addr;
	at->ifindex = mreq.imr_ifindex;
	return 0;
}

static int pp_mc_opt_if(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct pp_mc_at at = {};
	int err;

	if (optlen < sizeof(struct in_addr))
		return -EINVAL;
	if (optlen >= sizeof(struct ip_mreq))
		err = pp_mc_opt_mreq(optval, optlen, &at);
	else
		err = copy_from_sockptr(&at.iface, optval, sizeof(at.iface)) ?
		      -EFAULT : 0;
	return err ?: pp_mc_set_if(sk, &at);
}

static int pp_mc_opt_source(struct sock *sk, int optname, sockptr_t optval,
			    unsigned int optlen)
{
	struct ip_mreq_source mreq;
	struct pp_mc_at at = {};

	if (optlen != sizeof(mreq))
		return -EINVAL;
	if (copy_from_sockptr(&mreq, optval, sizeof(mreq)))
		return -EFAULT;
	at.group = mreq.imr_multiaddr;
	at.iface = mreq.imr_interface;
	switch (optname) {
	case IP_ADD_SOURCE_MEMBERSHIP:
		return pp_mc_source_join(sk, &at, mreq.imr_sourceaddr);
	case IP_DROP_SOURCE_MEMBERSHIP:
		return pp_mc_source(sk, &at, MCAST_INCLUDE, false,
				    mreq.imr_sourceaddr);
	default:
		return pp_mc_source(sk, &at, MCAST_EXCLUDE,
				    optname == IP_BLOCK_SOURCE,
				    mreq.imr_sourceaddr);
	}
}

static int pp_mc_opt_msfilter(struct sock *sk, sockptr_t optval,
			      unsigned int optlen)
{
	u32 most = READ_ONCE(pp_sk(sk)->pn->sysctl.igmp_max_msf);
	struct ip_msfilter *msf;
	struct pp_mc_at at = {};
	int err = -ENOBUFS;

	if (optlen < IP_MSFILTER_SIZE(0))
		return -EINVAL;
	if (optlen > PKTPATH_MC_OPT_MAX)
		return -ENOBUFS;
	msf = memdup_sockptr(optval, optlen);
	if (IS_ERR(msf))
		return PTR_ERR(msf);
	if (msf->imsf_numsrc > most)
		goto out;
	err = -EINVAL;
	if (IP_MSFILTER_SIZE(msf->imsf_numsrc) > optlen)
		goto out;
	at.group = msf->imsf_multiaddr;
	at.iface = msf->imsf_interface;
	err = pp_mc_msfilter(sk, &at, msf->imsf_fmode,
			     (__be32 *)((u8 *)msf + IP_MSFILTER_SIZE(0)),
			     msf->imsf_numsrc);
out:
	kfree(msf);
	return err;
}

/* ---- struct group_req and its longer relatives (RFC 3678 §5) ---- */

#define PKTPATH_MC_SS	((unsigned int)sizeof(struct __kernel_sockaddr_storage))

/* Bytes before the address of the group: a 32 bit caller does not pad. */
static unsigned int pp_mc_opt_base(void)
{
	return in_compat_syscall() ? 4 : offsetof(struct group_req, gr_group);
}

/* An address in a struct sockaddr_storage; @other: errno for other families */
static int pp_mc_opt_addr(const struct sock *sk, const u8 *ss, __be32 *addr,
			  int other)
{
	struct sockaddr_in sin;

	memcpy(&sin, ss, sizeof(sin));
	if (sin.sin_family != AF_INET && sin.sin_family != sk->sk_family)
		return other;
	*addr = sin.sin_addr.s_addr;
	return 0;
}

static int pp_mc_opt_group(struct sock *sk, int optname, sockptr_t optval,
			   unsigned int optlen)
{
	u8 buf[offsetof(struct group_req, gr_group) + PKTPATH_MC_SS];
	unsigned int base = pp_mc_opt_base();
	struct pp_mc_at at = {};
	int err;

	if (optlen < base + PKTPATH_MC_SS)
		return -EINVAL;
	if (copy_from_sockptr(buf, optval, base + PKTPATH_MC_SS))
		return -EFAULT;
	err = pp_mc_opt_addr(sk, buf + base, &at.group, -EINVAL);
	if (err)
		return err;
	memcpy(&at.ifindex, buf, sizeof(at.ifindex));
	return optname == MCAST_JOIN_GROUP ? pp_mc_join(sk, &at) :
					     pp_mc_leave(sk, &at);
}

static int pp_mc_opt_group_source(struct sock *sk, int optname,
				  sockptr_t optval, unsigned int optlen)
{
	u8 buf[offsetof(struct group_req, gr_group) + 2 * PKTPATH_MC_SS];
	unsigned int base = pp_mc_opt_base();
	struct pp_mc_at at = {};
	__be32 src;
	int err;

	if (optlen != base + 2 * PKTPATH_MC_SS)
		return -EINVAL;
	if (copy_from_sockptr(buf, optval, base + 2 * PKTPATH_MC_SS))
		return -EFAULT;
	err = pp_mc_opt_addr(sk, buf + base, &at.group, -EADDRNOTAVAIL);
	if (!err)
		err = pp_mc_opt_addr(sk, buf + base + PKTPATH_MC_SS, &src,
				     -EADDRNOTAVAIL);
	if (err)
		return err;
	memcpy(&at.ifindex, buf, sizeof(at.ifindex));
	switch (optname) {
	case MCAST_JOIN_SOURCE_GROUP:
		return pp_mc_source_join(sk, &at, src);
	case MCAST_LEAVE_SOURCE_GROUP:
		return pp_mc_source(sk, &at, MCAST_INCLUDE, false, src);
	default:
		return pp_mc_source(sk, &at, MCAST_EXCLUDE,
				    optname == MCAST_BLOCK_SOURCE, src);
	}
}

/* The head of a struct group_filter. */
struct pp_mc_gf {
	struct pp_mc_at at;
	u32 mode;
	u32 n;
};

static unsigned int pp_mc_gf_hlen(void)
{
	return pp_mc_opt_base() + PKTPATH_MC_SS + 2 * sizeof(u32);
}

static int pp_mc_gf_read(const struct sock *sk, const u8 *buf,
			 struct pp_mc_gf *gf, int other)
{
	unsigned int base = pp_mc_opt_base();

	memset(gf, 0, sizeof(*gf));
	memcpy(&gf->at.ifindex, buf, sizeof(gf->at.ifindex));
	memcpy(&gf->mode, buf + base + PKTPATH_MC_SS, sizeof(gf->mode));
	memcpy(&gf->n, buf + base + PKTPATH_MC_SS + sizeof(gf->mode),
	       sizeof(gf->n));
	return pp_mc_opt_addr(sk, buf + base, &gf->at.group, other);
}

/* The sources of @buf, packed at its begin. */
static int pp_mc_gf_sources(const struct sock *sk, u8 *buf, u32 n)
{
	const u8 *ss = buf + pp_mc_gf_hlen();
	__be32 src;
	u32 i;

	for (i = 0; i < n; i++) {
		if (pp_mc_opt_addr(sk, ss + i * PKTPATH_MC_SS, &src,
				   -EADDRNOTAVAIL))
			return -EADDRNOTAVAIL;
		memcpy(buf + i * sizeof(src), &src, sizeof(src));
	}
	return 0;
}

static int pp_mc_opt_group_filter(struct sock *sk, sockptr_t optval,
				  unsigned int optlen)
{
	u32 most = READ_ONCE(pp_sk(sk)->pn->sysctl.igmp_max_msf);
	unsigned int hlen = pp_mc_gf_hlen();
	struct pp_mc_gf gf;
	u8 *buf;
	int err, family;

	if (optlen < hlen)
		return -EINVAL;
	if (optlen > PKTPATH_MC_OPT_MAX)
		return -ENOBUFS;
	buf = memdup_sockptr(optval, optlen);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	family = pp_mc_gf_read(sk, buf, &gf, -EADDRNOTAVAIL);
	err = -ENOBUFS;
	if (gf.n > most)
		goto out;
	err = -EINVAL;
	if ((optlen - hlen) / PKTPATH_MC_SS < gf.n)
		goto out;
	err = family ?: pp_mc_gf_sources(sk, buf, gf.n);
	if (!err)
		err = pp_mc_msfilter(sk, &gf.at, gf.mode, (__be32 *)buf, gf.n);
out:
	kfree(buf);
	return err;
}

/**
 * pp_mc_setsockopt() - set an option of multicast
 * @sk: the socket
 * @optname: IP_* or MCAST_*
 * @optval: what it says
 * @optlen: bytes at @optval
 *
 * Deviates: to streams none is known; AF_INET lets a TCP socket be a member by
 * some of them, which is of no use.
 *
 * Context: process, no lock held.
 * Return: 0 or -errno; -ENOPROTOOPT: not of multicast.
 */
int pp_mc_setsockopt(struct sock *sk, int optname, sockptr_t optval,
		     unsigned int optlen)
{
	bool stream = sk->sk_type == SOCK_STREAM;
	struct pp_mc_at at;
	int err;

	switch (optname) {
	case IP_MULTICAST_IF:
		return stream ? -EINVAL : pp_mc_opt_if(sk, optval, optlen);
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		if (stream)
			return -EPROTO;
		err = pp_mc_opt_mreq(optval, optlen, &at);
		if (err)
			return err;
		return optname == IP_ADD_MEMBERSHIP ? pp_mc_join(sk, &at) :
						      pp_mc_leave(sk, &at);
	case IP_BLOCK_SOURCE:
	case IP_UNBLOCK_SOURCE:
	case IP_ADD_SOURCE_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
		return stream ? -EPROTO :
				pp_mc_opt_source(sk, optname, optval, optlen);
	case IP_MSFILTER:
		return stream ? -EPROTO :
				pp_mc_opt_msfilter(sk, optval, optlen);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return stream ? -EPROTO :
				pp_mc_opt_group(sk, optname, optval, optlen);
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
		return stream ? -EPROTO :
				pp_mc_opt_group_source(sk, optname, optval,
						       optlen);
	case MCAST_MSFILTER:
		return stream ? -EPROTO :
				pp_mc_opt_group_filter(sk, optval, optlen);
	default:
		return -ENOPROTOOPT;
	}
}

/* ---- Reading ---- */

/* Room for the sources that the user has room for. */
static __be32 *pp_mc_opt_room(u32 *n)
{
	*n = min_t(u32, *n, PKTPATH_MC_SOURCES_MAX);
	return kvmalloc_array(max_t(u32, *n, 1), sizeof(__be32),
			      GFP_KERNEL_ACCOUNT);
}

static int pp_mc_opt_get_msfilter(struct sock *sk, char __user *optval,
				  int __user *optlen, int len)
{
	struct pp_mc_at at = {};
	struct ip_msfilter msf;
	u32 room, n, mode;
	__be32 *src;
	int err;

	if (len < (int)IP_MSFILTER_SIZE(0))
		return -EINVAL;
	if (copy_from_user(&msf, optval, IP_MSFILTER_SIZE(0)))
		return -EFAULT;
	room = msf.imsf_numsrc;
	src = pp_mc_opt_room(&room);
	if (!src)
		return -ENOBUFS;
	at.group = msf.imsf_multiaddr;
	at.iface = msf.imsf_interface;
	n = room;
	err = pp_mc_msfget(sk, &at, false, &mode, src, &n);
	if (err)
		goto out;
	msf.imsf_fmode = mode;
	msf.imsf_numsrc = n;
	n = min(n, room);
	err = -EFAULT;
	if (put_user((int)IP_MSFILTER_SIZE(n), optlen) ||
	    copy_to_user(optval, &msf, IP_MSFILTER_SIZE(0)) ||
	    copy_to_user(optval + IP_MSFILTER_SIZE(0), src, n * sizeof(*src)))
		goto out;
	err = 0;
out:
	kvfree(src);
	return err;
}

static int pp_mc_gf_write(char __user *to, const __be32 *src, u32 n)
{
	u8 ss[PKTPATH_MC_SS];
	struct sockaddr_in sin = { .sin_family = AF_INET };
	u32 i;

	memset(ss, 0, sizeof(ss));
	for (i = 0; i < n; i++) {
		sin.sin_addr.s_addr = src[i];
		memcpy(ss, &sin, sizeof(sin));
		if (copy_to_user(to + i * sizeof(ss), ss, sizeof(ss)))
			return -EFAULT;
	}
	return 0;
}

static int pp_mc_opt_get_group_filter(struct sock *sk, char __user *optval,
				      int __user *optlen, int len)
{
	u8 buf[offsetof(struct group_req, gr_group) + PKTPATH_MC_SS + 8];
	int hlen = pp_mc_gf_hlen(), err;
	struct pp_mc_gf gf;
	__be32 *src;
	u32 n, room;

	if (len < hlen)
		return -EINVAL;
	if (copy_from_user(buf, optval, hlen))
		return -EFAULT;
	err = pp_mc_gf_read(sk, buf, &gf, -EINVAL);
	if (err)
		return err;
	room = gf.n;
	src = pp_mc_opt_room(&room);
	if (!src)
		return -ENOBUFS;
	n = room;
	err = pp_mc_msfget(sk, &gf.at, true, &gf.mode, src, &n);
	if (err)
		goto out;
	memcpy(buf + hlen - 8, &gf.mode, 4);
	memcpy(buf + hlen - 4, &n, 4);
	n = min(n, room);
	err = -EFAULT;
	if (put_user((int)(hlen + n * PKTPATH_MC_SS), optlen) ||
	    copy_to_user(optval, buf, hlen))
		goto out;
	err = pp_mc_gf_write(optval + hlen, src, n);
out:
	kvfree(src);
	return err;
}

/**
 * pp_mc_getsockopt() - read an option of multicast
 * @sk: the socket
 * @optname: IP_* or MCAST_*
 * @optval: the user's buffer
 * @optlen: its size in, the bytes written out
 *
 * Context: process, no lock held.
 * Return: 0 or -errno; -ENOPROTOOPT: not of multicast.
 */
int pp_mc_getsockopt(struct sock *sk, int optname, char __user *optval,
		     int __user *optlen)
{
	bool stream = sk->sk_type == SOCK_STREAM;
	__be32 addr;
	int len;

	/* looked at first, whatever the option is */
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (optname == IP_MULTICAST_IF) {
		addr = stream ? 0 : pp_mc_get_if(sk);
		len = min_t(int, len, sizeof(addr));
		return put_user(len, optlen) ||
		       copy_to_user(optval, &addr, len) ? -EFAULT : 0;
	}
	if (optname != IP_MSFILTER && optname != MCAST_MSFILTER)
		return -ENOPROTOOPT;
	if (stream)
		return -EADDRNOTAVAIL;
	if (optname == IP_MSFILTER)
		return pp_mc_opt_get_msfilter(sk, optval, optlen, len);
	return pp_mc_opt_get_group_filter(sk, optval, optlen, len);
}
