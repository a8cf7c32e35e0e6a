/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the raw layer. */
#ifndef PKTPATH_RAW_PING_PRIV_H
#define PKTPATH_RAW_PING_PRIV_H

#include "core/pp_sock.h"

/**
 * struct pp_ping_sock - a ping socket
 * @pp: common part
 * @node: in the table by identifier, RCU; own, so that generic code takes the
 *	  socket for unhashed
 */
struct pp_ping_sock {
	struct pp_sock pp;
	struct hlist_node node;
};

static inline struct pp_ping_sock *pp_ping_sk(const struct sock *sk)
{
	return (struct pp_ping_sock *)sk;
}

int pp_ping_net_init(struct pp_net *pn);
void pp_ping_net_exit(struct pp_net *pn);
int pp_ping_get_port(struct sock *sk, unsigned short ident);
void pp_ping_unhash(struct sock *sk);
struct sock *pp_ping_lookup_rcu(const struct pp_net *pn, u16 ident,
				__be32 own_addr, int ifindex);

#endif
