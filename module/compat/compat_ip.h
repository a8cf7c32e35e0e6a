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

/*
 * What the kernel allows itself of ICMP errors in a second and at once. Before
 * 6.13 these are variables of the machine that no module sees. Needed until:
 * 6.12 dropped.
 */
static inline void pp_compat_icmp_msgs(const struct net *net, int *per_sec,
				       int *burst)
{
#ifdef PKTPATH_HAVE_NETNS_ICMP_MSGS
	*per_sec = READ_ONCE(net->ipv4.sysctl_icmp_msgs_per_sec);
	*burst = READ_ONCE(net->ipv4.sysctl_icmp_msgs_burst);
#else
	*per_sec = 1000;
	*burst = 50;
#endif
}

/* Exported for modules like this one, but declared in a private header. */
void nf_queue_nf_hook_drop(struct net *net);

#endif
