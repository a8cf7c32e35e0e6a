/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel differences that ip/ meets. */
#ifndef PKTPATH_COMPAT_COMPAT_IP_H
#define PKTPATH_COMPAT_COMPAT_IP_H

#include <net/sock.h>
#include "probe.h"

/* Needed until: 6.1 dropped. */
static inline int pp_compat_sock_cmsg_send(struct sock *sk, struct msghdr *msg,
					   struct cmsghdr *cmsg,
					   struct sockcm_cookie *sockc)
{
#ifdef PKTPATH_HAVE_SOCK_CMSG_3ARGS
	return __sock_cmsg_send(sk, cmsg, sockc);
#else
	return __sock_cmsg_send(sk, msg, cmsg, sockc);
#endif
}

/*
 * Priority that a SO_PRIORITY control message asked for, else @def. Needed
 * until: 6.12 dropped.
 */
static inline u32 pp_compat_sockc_priority(const struct sockcm_cookie *sockc,
					   u32 def)
{
#ifdef PKTPATH_HAVE_SOCKC_PRIORITY
	return sockc->priority;
#else
	return def;
#endif
}

/* Exported for modules like this one, but declared in a private header. */
void nf_queue_nf_hook_drop(struct net *net);

#endif
