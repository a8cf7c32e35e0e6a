/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets: signatures of struct proto and struct proto_ops.
 *
 * A transport writes its recvmsg and ioctl in the newest form, says
 * PKTPATH_PROTO_RECVMSG(fn) and PKTPATH_PROTO_IOCTL(fn) behind them, and names
 * PKTPATH_RECVMSG_OP(fn) and PKTPATH_IOCTL_OP(fn) in its struct proto.
 */
#ifndef PKTPATH_COMPAT_COMPAT_SOCK_H
#define PKTPATH_COMPAT_COMPAT_SOCK_H

#include <linux/net.h>
#include <linux/uaccess.h>
#include <net/sock.h>
#include "probe.h"
#ifdef PKTPATH_HAVE_NET_RPS_H
#include <net/rps.h>
#endif

/* Needed until 6.12 is dropped: the address type of bind and connect. */
#ifdef PKTPATH_HAVE_SOCKADDR_UNSIZED
#define pp_compat_sockaddr sockaddr_unsized
#else
#define pp_compat_sockaddr sockaddr
#endif

/* Needed until 6.12 is dropped: who sets msg_namelen. */
#ifdef PKTPATH_HAVE_PROTO_RECVMSG_NAMELEN
#define PKTPATH_PROTO_RECVMSG(fn)
#define PKTPATH_RECVMSG_OP(fn) fn
static inline int pp_compat_recvmsg(struct sock *sk, struct msghdr *msg,
				    size_t len, int flags)
{
	return sk->sk_prot->recvmsg(sk, msg, len, flags);
}
#else
#define PKTPATH_RECVMSG_OP(fn) fn##_addr_len
#define PKTPATH_PROTO_RECVMSG(fn)					\
static int fn##_addr_len(struct sock *sk, struct msghdr *msg,		\
			 size_t len, int flags, int *addr_len)		\
{									\
	int ret = fn(sk, msg, len, flags);				\
									\
	if (ret >= 0)							\
		*addr_len = msg->msg_namelen;				\
	return ret;							\
}

static inline int pp_compat_recvmsg(struct sock *sk, struct msghdr *msg,
				    size_t len, int flags)
{
	int addr_len = 0;

	return sk->sk_prot->recvmsg(sk, msg, len, flags, &addr_len);
}
#endif

/* Needed until 6.1 is dropped: where the answer of an ioctl goes. */
#ifdef PKTPATH_HAVE_PROTO_IOCTL_KARG
#define PKTPATH_PROTO_IOCTL(fn)
#define PKTPATH_IOCTL_OP(fn) fn
static inline int pp_compat_ioctl(struct sock *sk, unsigned int cmd,
				  unsigned long arg)
{
	return sk_ioctl(sk, cmd, (void __user *)arg);
}
#else
#define PKTPATH_IOCTL_OP(fn) fn##_user
#define PKTPATH_PROTO_IOCTL(fn)						\
static int fn##_user(struct sock *sk, int cmd, unsigned long arg)	\
{									\
	int karg = 0;							\
	int ret = fn(sk, cmd, &karg);					\
									\
	return ret ? ret : put_user(karg, (int __user *)arg);		\
}

static inline int pp_compat_ioctl(struct sock *sk, unsigned int cmd,
				  unsigned long arg)
{
	return sk->sk_prot->ioctl(sk, cmd, arg);
}
#endif

/* Needed until 6.1 is dropped: whether we see SOL_SOCKET options. */
static inline void pp_compat_custom_sockopt(struct socket *sock)
{
#ifdef PKTPATH_HAVE_SOCK_CUSTOM_SOCKOPT
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
#endif
}

#endif
