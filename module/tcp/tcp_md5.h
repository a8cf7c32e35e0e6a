/* SPDX-License-Identifier: GPL-2.0 */
/* Signatures of segments (RFC 2385), for sessions of BGP. */
#ifndef PKTPATH_TCP_TCP_MD5_H
#define PKTPATH_TCP_TCP_MD5_H

#include <linux/jump_label.h>
#include <linux/tcp.h>
#include "tcp/tcp_sock.h"

/* The digest behind the fixed header: the option comes first, behind two NOPs. */
#define PKTPATH_TCP_MD5_AT (sizeof(struct tcphdr) + 4)

/**
 * struct pp_tcp_md5_key - the secret shared with some peers
 * @node: in pp_tcp_sock.md5_keys, RCU, written under the socket lock
 * @rcu: frees it
 * @peer: address, or network with @prefixlen
 * @prefixlen: 0..32
 * @len: bytes of @key
 * @l3mdev: only in this VRF; 0: wherever
 * @key: the secret
 *
 * Constant once it is linked.
 */
struct pp_tcp_md5_key {
	struct hlist_node node;
	struct rcu_head rcu;
	__be32 peer;
	u8 prefixlen, len;
	int l3mdev;
	u8 key[TCP_MD5SIG_MAXKEYLEN];
};

/* On from the first key of any socket on. */
DECLARE_STATIC_KEY_FALSE(pp_tcp_md5_on);

static inline bool pp_tcp_md5_used(void)
{
	return static_branch_unlikely(&pp_tcp_md5_on);
}

int pp_tcp_md5_set(struct sock *sk, int optname, sockptr_t optval,
		   unsigned int optlen);
const struct pp_tcp_md5_key *pp_tcp_md5_find(const struct sock *sk,
					     __be32 peer, int l3mdev);
bool pp_tcp_md5_any(const struct sock *sk, __be32 peer, int l3mdev);
void pp_tcp_md5_begin(struct sock *sk);
bool pp_tcp_md5_inherit(struct sock *sk, const struct sock *lsk);
struct pp_tcp_md5_key *pp_tcp_md5_copy(struct sock *sk, bool *ok);
void pp_tcp_md5_free_keys(struct sock *sk);
void pp_tcp_md5_sign(struct sk_buff *skb, const struct pp_tcp_md5_key *key,
		     __be32 saddr, __be32 daddr);
void pp_tcp_md5_sign_sk(struct sock *sk, struct sk_buff *skb);
bool pp_tcp_md5_genuine(struct pp_net *pn, const struct pp_tcp_md5_key *key,
			struct sk_buff *skb, enum pp_drop_cause *cause);
bool pp_tcp_md5_node_genuine(struct pp_net *pn, struct pp_tcp_node *n,
			     struct sk_buff *skb, enum pp_drop_cause *cause);
const struct pp_tcp_md5_key *pp_tcp_md5_for_reset(struct pp_net *pn,
						  const struct sock *sk,
						  struct sk_buff *skb,
						  struct sock **held, bool *ok);
void pp_tcp_md5_exit(void);

#endif
