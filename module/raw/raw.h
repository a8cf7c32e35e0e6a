/* SPDX-License-Identifier: GPL-2.0 */
/* Ping sockets (SOCK_DGRAM, IPPROTO_ICMP) and raw sockets. */
#ifndef PKTPATH_RAW_RAW_H
#define PKTPATH_RAW_RAW_H

#include <net/sock.h>
#include "core/netns.h"

extern struct proto pp_ping_prot;
extern struct proto pp_raw_prot;

/* As pp_udp_walk(). */
int pp_ping_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		 int (*fn)(struct sock *sk, void *arg), void *arg);
int pp_raw_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		int (*fn)(struct sock *sk, void *arg), void *arg);

#endif
