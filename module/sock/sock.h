/* SPDX-License-Identifier: GPL-2.0 */
/* The user's edge: family, proto_ops, socket options. */
#ifndef PKTPATH_SOCK_SOCK_H
#define PKTPATH_SOCK_SOCK_H

#include <net/sock.h>
#include "core/netns.h"

extern int pp_family;			/* AF in force, read-only */

/*
 * Ends a socket from outside (`sock kill`, `down`): error ECONNABORTED, both
 * directions shut, unhashed, queues purged; the owner's descriptor stays open
 * but useless. Process context; takes the socket lock.
 */
void pp_sock_abort(struct sock *sk, int err);

/* Calls @fn for every socket of the netns, bound or not, as pp_udp_walk();
 * each socket is held while @fn runs.
 */
int pp_sock_walk(struct pp_net *pn, u64 *pos,
		 int (*fn)(struct sock *sk, void *arg), void *arg);

#endif
