/* SPDX-License-Identifier: GPL-2.0 */
/* Ping sockets, private to the raw layer. */
#ifndef PKTPATH_RAW_PING_PRIV_H
#define PKTPATH_RAW_PING_PRIV_H

#include <net/sock.h>
#include "core/netns.h"

int pp_ping_get_port(struct sock *sk, unsigned short ident);
void pp_ping_unhash(struct sock *sk);
struct sock *pp_ping_lookup_rcu(const struct pp_net *pn, u16 ident,
				__be32 own_addr, const struct sk_buff *skb);

#endif
