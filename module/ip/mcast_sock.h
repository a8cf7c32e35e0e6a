/* SPDX-License-Identifier: GPL-2.0 */
/* Groups of sockets, as socket options ask for them. */
#ifndef PKTPATH_IP_MCAST_SOCK_H
#define PKTPATH_IP_MCAST_SOCK_H

#include "ip/mcast.h"

/**
 * struct pp_mc_at - a group on a device
 * @group: the group
 * @iface: address of the device, when @ifindex is 0; 0: by the route
 * @ifindex: the device
 */
struct pp_mc_at {
	__be32 group;
	__be32 iface;
	int ifindex;
};

int pp_mc_join(struct sock *sk, struct pp_mc_at *at);
int pp_mc_leave(struct sock *sk, struct pp_mc_at *at);
int pp_mc_source(struct sock *sk, struct pp_mc_at *at, u8 mode, bool add,
		 __be32 src);
int pp_mc_source_join(struct sock *sk, struct pp_mc_at *at, __be32 src);
int pp_mc_msfilter(struct sock *sk, struct pp_mc_at *at, u32 mode,
		   __be32 *src, u32 n);
int pp_mc_msfget(struct sock *sk, struct pp_mc_at *at, bool by_index,
		 u32 *mode, __be32 *src, u32 *n);
int pp_mc_set_if(struct sock *sk, struct pp_mc_at *at);
__be32 pp_mc_get_if(const struct sock *sk);
int pp_mc_set_unicast_if(struct sock *sk, int ifindex);
int pp_mc_get_unicast_if(const struct sock *sk);

/* mcast_opt.c; -ENOPROTOOPT: not an option of multicast. */
int pp_mc_setsockopt(struct sock *sk, int optname, sockptr_t optval,
		     unsigned int optlen);
int pp_mc_getsockopt(struct sock *sk, int optname, char __user *optval,
		     int __user *optlen);

#endif
