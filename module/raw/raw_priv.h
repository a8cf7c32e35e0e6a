/* SPDX-License-Identifier: GPL-2.0 */
/* Raw and ping sockets, private to the raw layer. */
#ifndef PKTPATH_RAW_RAW_PRIV_H
#define PKTPATH_RAW_RAW_PRIV_H

#include <linux/icmp.h>
#include "core/pp_sock.h"

#define PKTPATH_RAW_BUCKETS 256

/**
 * struct pp_raw_table - raw or ping sockets of one netns
 * @lock: taken by writers, in process context
 * @buckets: by protocol, or by the low bits of the identifier
 */
struct pp_raw_table {
	struct mutex lock;	/* writers of buckets */
	struct hlist_head buckets[PKTPATH_RAW_BUCKETS];
};

/**
 * struct pp_raw_sock - a raw or a ping socket
 * @pp: common part
 * @node: in its table, RCU; own, so that generic code takes the socket for
 *	  unhashed
 * @left: a ping one that has left its table once; @grace is set then
 * @grace: RCU readers who may still stand on @node
 * @filter: ICMP_FILTER of a raw one, bit per type
 */
struct pp_raw_sock {
	struct pp_sock pp;
	struct hlist_node node;
	bool left;
	unsigned long grace;
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
	int sdif;		/* the VRF in which it is, or 0 */
	bool accept;		/* of VRFs, who is bound to no device */
};

int pp_raw_net_init(struct pp_net *pn);
void pp_raw_net_exit(struct pp_net *pn);
int pp_raw_dest(const struct sock *sk, const struct msghdr *msg,
		__be32 *daddr);
int pp_raw_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		unsigned int *full);
void pp_raw_hash(struct sock *sk);
void pp_raw_unhash(struct sock *sk);
/* The next match behind @prev, or the first; not held, valid under RCU. */
struct sock *pp_raw_next_rcu(struct pp_net *pn, struct sock *prev,
			     const struct pp_raw_key *key);
bool pp_raw_deliver(struct pp_net *pn, struct sk_buff *skb);
bool pp_raw_err(struct pp_net *pn, struct sk_buff *skb, u32 info);
int pp_raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

#endif
