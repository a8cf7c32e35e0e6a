/* SPDX-License-Identifier: GPL-2.0 */
/* What every pktpath socket has: see kernel-facing rules at struct pp_sock. */
#ifndef PKTPATH_CORE_PP_SOCK_H
#define PKTPATH_CORE_PP_SOCK_H

#include <linux/sched.h>
#include <net/inet_sock.h>
#include "core/netns.h"

struct pp_mc_sock;

/*
 * sk_protocol is private: generic code that casts by IPPROTO_TCP or _UDP
 * without a look at the family then never fires on our sockets.
 */
#define PKTPATH_SK_PROTO(p) (0x200 | (p))

/* Bits of pp_sock.flags; changed under the socket lock, read anywhere. */
enum {
	PKTPATH_SF_INET_ADDR,	/* addresses shown as AF_INET */
	PKTPATH_SF_BYPASS,	/* send past the qdisc */
	PKTPATH_SF_RECVERR,
	PKTPATH_SF_RECVERR_RFC4884,
	PKTPATH_SF_FREEBIND,
	PKTPATH_SF_TRANSPARENT,
	PKTPATH_SF_BIND_NOPORT,
	PKTPATH_SF_DEFER_CONNECT,
	PKTPATH_SF_RECV_PKTINFO,
	PKTPATH_SF_RECV_TTL,
	PKTPATH_SF_RECV_TOS,
	PKTPATH_SF_RECV_ORIGDST,
	PKTPATH_SF_RECV_OPTS,
	PKTPATH_SF_RETOPTS,
	PKTPATH_SF_RECV_FRAGSIZE,
	PKTPATH_SF_MC_LOOP,
	PKTPATH_SF_MC_ALL,
	PKTPATH_SF_HDRINCL,	/* of raw sockets alone */
	PKTPATH_SF_NODEFRAG,	/* likewise */
	PKTPATH_SF_ABORTED,	/* ended from outside, of no use any more */
};

/**
 * struct pp_sock - common part of our sockets
 * @sk: first, as all of the kernel wants it
 * @inet: an inet_sock but for its end: what IP_UNICAST_IF and multicast set,
 *	  and the cork, by far the largest member. Only AF_INET's own calls and
 *	  output look at these, and any stray inet_sk() is in bounds
 *	  (PKTPATH_SOCK_SIZE). Of the rest we use inet_daddr, inet_dport,
 *	  inet_num, inet_rcv_saddr, inet_saddr, inet_sport, inet_opt (RCU),
 *	  tos, uc_ttl, mc_ttl, min_ttl, pmtudisc only; its flag bits stay 0
 * @pn: our netns state; the socket holds the netns
 * @flags: PKTPATH_SF_*
 * @ident: counter of IP identifications of a connected socket
 * @id: its place in the netns's list of all sockets
 * @list: in that list
 * @tskey_base: taken off the key of a transmit timestamp: a stream counts its
 *	bytes from where SOF_TIMESTAMPING_OPT_ID was asked for
 * @unicast_if: of a stream, which only remembers it: IP_UNICAST_IF
 * @owner: the process (pid of its first namespace) that made it, or was the last
 *	to call bind(), connect(), listen() or accept() for it or, being recorded,
 *	to send or read by it; only told to who watches
 * @mc: not of a stream: its groups, or NULL; private to ip; set once and there
 *	until the socket is closed
 */
struct pp_sock {
	union {
		struct sock sk;
		u8 inet[offsetof(struct inet_sock, uc_index)] __aligned(8);
	};
	struct pp_net *pn;
	unsigned long flags;
	atomic_t ident;
	u32 id;
	struct hlist_node list;
	union {
		struct {
			u32 tskey_base;
			int unicast_if;
		};
		struct pp_mc_sock __rcu *mc;
	};
	pid_t owner;
};

/* proto.obj_size of a transport whose sockets are of that type. */
#define PKTPATH_SOCK_SIZE(type) \
	sizeof(union { type own; struct inet_sock inet; })

static inline struct pp_sock *pp_sk(const struct sock *sk)
{
	return (struct pp_sock *)sk;
}

static inline bool pp_sf(const struct sock *sk, int bit)
{
	return test_bit(bit, &pp_sk(sk)->flags);
}

/* The caller's from now on. */
static inline void pp_sock_own(const struct sock *sk)
{
	struct pp_sock *ps = pp_sk(sk);

	if (READ_ONCE(ps->owner) != current->tgid)
		WRITE_ONCE(ps->owner, current->tgid);
}

/* False: not yet accepted, or let go by its owner. */
static inline bool pp_sock_listed(const struct sock *sk)
{
	return !hlist_unhashed_lockless(&pp_sk(sk)->list);
}

static inline bool pp_sock_ours(const struct sock *sk)
{
	return (sk->sk_protocol & ~0xff) == PKTPATH_SK_PROTO(0);
}

static inline u8 pp_sock_wire_proto(const struct sock *sk)
{
	return sk->sk_protocol & 0xff;
}

#endif
