/* SPDX-License-Identifier: GPL-2.0 */
/* Raw sockets, private to the raw layer. */
#ifndef PKTPATH_RAW_RAW_PRIV_H
#define PKTPATH_RAW_RAW_PRIV_H

#include <linux/icmp.h>
#include "core/pp_sock.h"

/**
 * struct pp_raw_sock - a raw socket
 * @pp: common part
 * @node: in the table by protocol, RCU
 * @filter: ICMP_FILTER, bit per type
 */
struct pp_raw_sock {
	struct pp_sock pp;
	struct hlist_node node;
	u32 filter;
};

static inline struct pp_raw_sock *pp_raw_sk(const struct sock *sk)
{
	return (struct pp_raw_sock *)sk;
}

/* What a datagram says of the sockets it is for. */
struct pp_raw_key {
	u8 protocol;
	__be32 own, other;
	int ifindex;
};

int pp_raw_net_init(struct pp_net *pn);
void pp_raw_net_exit(struct pp_net *pn);
void pp_raw_hash(struct sock *sk);
void pp_raw_unhash(struct sock *sk);
/* The next match behind @prev, or the first; not held, valid under RCU. */
struct sock *pp_raw_next_rcu(struct pp_net *pn, struct sock *prev,
			     const struct pp_raw_key *key);
bool pp_raw_deliver(struct pp_net *pn, struct sk_buff *skb);
bool pp_raw_err(struct pp_net *pn, struct sk_buff *skb, u32 info);
int pp_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

#endif
