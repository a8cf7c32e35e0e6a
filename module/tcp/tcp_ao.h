/* SPDX-License-Identifier: GPL-2.0 */
/* The authentication option (RFC 5925), which replaces that of RFC 2385. */
#ifndef PKTPATH_TCP_TCP_AO_H
#define PKTPATH_TCP_TCP_AO_H

#include <linux/icmp.h>
#include <linux/jump_label.h>
#include <linux/tcp.h>
#include "tcp/tcp_ao_input.h"
#include "tcp/tcp_ao_user.h"
#include "tcp/tcp_sock.h"

#define PKTPATH_AO_TKEY 32	/* bytes of the longest traffic key */

/**
 * struct pp_tcp_ao_mkt - what master key a segment is signed with, and how
 * @alg: of tcp_ao_mac.c
 * @maclen: bytes of the MAC in the option
 * @sndid: KeyID of what we send
 * @rcvid: KeyID of what we receive
 * @flags: PKTPATH_AO_IFINDEX, PKTPATH_AO_EXCLUDE_OPT
 * @len: bytes of @key
 * @key: the secret
 */
struct pp_tcp_ao_mkt {
	u8 alg, maclen, sndid, rcvid, flags, len;
	u8 key[PKTPATH_AO_MAXKEYLEN];
};

/**
 * struct pp_tcp_ao_key - a master key and whom it is for
 * @node: in pp_tcp_ao.keys, RCU, written under the socket lock
 * @rcu: frees it
 * @good: segments that were verified with it
 * @bad: that were not
 * @peer: address, or network with @prefixlen
 * @l3mdev: with PKTPATH_AO_IFINDEX only in this VRF, or 0: in none
 * @prefixlen: 0..32
 * @mkt: the key
 * @snd: traffic key of what we send, once pp_tcp_ao.ready
 * @rcv: of what we receive
 *
 * But for counters and traffic keys it is constant once it is linked.
 */
struct pp_tcp_ao_key {
	struct hlist_node node;
	struct rcu_head rcu;
	atomic64_t good, bad;
	__be32 peer;
	int l3mdev;
	u8 prefixlen;
	struct pp_tcp_ao_mkt mkt;
	u8 snd[PKTPATH_AO_TKEY], rcv[PKTPATH_AO_TKEY];
};

/**
 * struct pp_tcp_ao - keys of a socket, or of what is left of a connection
 * @keys: struct pp_tcp_ao_key
 * @cur: signs what we send; segments change it without the socket lock
 * @rnext: which the peer is asked to use
 * @rcu: frees it with its keys
 * @good: segments that were verified
 * @bad: that were not
 * @not_found: that named no key
 * @wanting: that should have been signed
 * @icmps: errors that were ignored
 * @lisn: our initial number
 * @risn: the peer's
 * @snd64: for TIME_WAIT: where sending ended, of 64 bits
 * @rcv64: and receiving
 * @required: whoever has no key is refused
 * @accept_icmps: hard errors count (§7.8)
 * @ready: both initial numbers and the traffic keys are there; release, acquire
 * @space: most bytes that the option takes
 */
struct pp_tcp_ao {
	struct hlist_head keys;
	struct pp_tcp_ao_key *cur, *rnext;
	struct rcu_head rcu;
	atomic64_t good, bad, not_found, wanting, icmps;
	u32 lisn, risn;
	u64 snd64, rcv64;
	bool required, accept_icmps, ready;
	u8 space;
};

/* All that it takes to sign one segment; a copy. */
struct pp_tcp_ao_sign {
	u8 alg, maclen;		/* @maclen 0: not signed */
	u8 keyid, rnext;
	bool exclude;
	u32 sne;
	u8 tkey[PKTPATH_AO_TKEY];
};

/* On from the first key of any socket on. */
DECLARE_STATIC_KEY_FALSE(pp_tcp_ao_on);

static inline bool pp_tcp_ao_used(void)
{
	return static_branch_unlikely(&pp_tcp_ao_on);
}

/* Is this connection signed? Costs nothing as long as none is. */
static inline bool pp_tcp_ao_signs(const struct pp_tcp_sock *tp)
{
	return pp_tcp_ao_used() && pp_tf(tp, PKTPATH_TF_AO);
}

/* ---- tcp_ao_mac.c ---- */

int pp_tcp_ao_mac_get(const char *name, unsigned int *alg);
const char *pp_tcp_ao_mac_name(unsigned int alg);
unsigned int pp_tcp_ao_mac_bytes(unsigned int alg);
bool pp_tcp_ao_mac_sum(unsigned int alg, const u8 *key, unsigned int keylen,
		       const u8 *head, unsigned int headlen,
		       struct sk_buff *skb, u8 *out);
void pp_tcp_ao_mac_exit(void);

/* ---- tcp_ao.c ---- */

bool pp_tcp_ao_match(const struct pp_tcp_ao_key *k, int l3mdev, __be32 peer,
		     unsigned int prefixlen);
struct pp_tcp_ao_key *pp_tcp_ao_for(const struct pp_tcp_ao *ao, int l3mdev,
				    __be32 peer, int sndid, int rcvid);
struct pp_tcp_ao_key *pp_tcp_ao_by(const struct pp_tcp_ao *ao, int sndid,
				   int rcvid);
struct pp_tcp_ao *pp_tcp_ao_locked(const struct sock *sk);
bool pp_tcp_ao_wants(const struct sock *sk, int l3mdev, __be32 peer);
int pp_tcp_ao_enable(void);
struct pp_tcp_ao *pp_tcp_ao_alloc(gfp_t gfp);
void pp_tcp_ao_link(struct pp_tcp_ao *ao, struct pp_tcp_ao_key *k);
void pp_tcp_ao_key_free(struct sock *sk, struct pp_tcp_ao_key *k);
void pp_tcp_ao_free(struct pp_tcp_ao *ao);
void pp_tcp_ao_detach(struct sock *sk);
int pp_tcp_ao_begin(struct sock *sk);
void pp_tcp_ao_peer_isn(struct sock *sk, u32 irs);
bool pp_tcp_ao_inherit(struct sock *sk, const struct sock *lsk,
		       const struct pp_tcp_req *req);
struct pp_tcp_ao *pp_tcp_ao_copy(struct sock *sk, bool *ok);
void pp_tcp_ao_req(struct pp_tcp_req *req, const struct sk_buff *skb);
void pp_tcp_ao_exit(void);

/* ---- tcp_ao_opt.c ---- */

int pp_tcp_ao_set(struct sock *sk, int optname, sockptr_t optval,
		  unsigned int optlen);
int pp_tcp_ao_get(struct sock *sk, int optname, char __user *optval,
		  int __user *optlen);

/* ---- tcp_ao_sign.c ---- */

void pp_tcp_ao_tkey(const struct pp_tcp_ao_mkt *m, u8 *out,
		    const struct pp_tcp_ao_way *w);
void pp_tcp_ao_derive(const struct pp_tcp_key *key, const struct pp_tcp_ao *ao,
		      struct pp_tcp_ao_key *k);
void pp_tcp_ao_option(struct sock *sk, struct pp_tcp_opt *o);
void pp_tcp_ao_sign_sk(struct sock *sk, struct sk_buff *skb);
void pp_tcp_ao_sign(struct sk_buff *skb, const struct pp_tcp_ao_sign *s,
		    __be32 saddr, __be32 daddr);
bool pp_tcp_ao_for_req(const struct pp_tcp_req *req, u32 seq,
		       struct pp_tcp_ao_sign *s);
void pp_tcp_ao_for_tw(const struct pp_tcp_ao *ao, const struct sk_buff *skb,
		      u32 seq, struct pp_tcp_ao_sign *s);
bool pp_tcp_ao_for_reset(const struct sock *sk, const struct sk_buff *skb,
			 u32 seq, struct pp_tcp_ao_sign *s);

/* ---- tcp_ao_check.c ---- */

bool pp_tcp_ao_node_genuine(struct pp_net *pn, struct pp_tcp_node *n,
			    struct sk_buff *skb, enum pp_drop_cause *cause);
bool pp_tcp_ao_listener_genuine(const struct sock *lsk, struct sk_buff *skb,
				enum pp_drop_cause *cause);
bool pp_tcp_ao_ignores(const struct sock *sk, const struct icmphdr *icmp);

#endif
