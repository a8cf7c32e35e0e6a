/* SPDX-License-Identifier: GPL-2.0 */
/* Transports of other modules, private to the socket layer. */
#ifndef PKTPATH_SOCK_TRANSPORT_PRIV_H
#define PKTPATH_SOCK_TRANSPORT_PRIV_H

#include <linux/net.h>
#include <linux/timer.h>
#include <net/pktpath.h>
#include "core/ops.h"
#include "core/pp_sock.h"

#define PKTPATH_TPORT_BUCKETS 256

/**
 * struct pp_tport - a registered transport
 * @t: what it registered
 * @list: of all, in the order of registration
 * @socks: its sockets, and those under construction
 * @prot: of its sockets
 * @ops: likewise
 */
struct pp_tport {
	const struct pktpath_transport *t;
	struct list_head list;
	atomic_t socks;
	struct proto prot;
	struct proto_ops ops;
};

/**
 * struct pp_tport_table - who has which port, in one netns
 * @lock: writers of @buckets
 * @buckets: bound sockets of all transports by port, RCU
 *
 * One a netns, so that nobody slows down but his own.
 */
struct pp_tport_table {
	spinlock_t lock;	/* writers of buckets */
	struct hlist_head buckets[PKTPATH_TPORT_BUCKETS];
};

/**
 * struct pp_tport_sock - a socket of such a transport
 * @pp: common part
 * @node: in pp_tport_table.buckets, RCU
 * @tp: its transport
 * @timer: pktpath_timer(); holds the socket
 * @grace: RCU state when @node left its bucket; with @left
 * @left: @grace is set
 * @armed: the transport waits for it, socket lock
 * @closed: destroy has been called; changed under the socket lock
 * @err_kept: @err waits for the user's call to end; socket's spinlock
 * @err_fatal: it is fatal
 * @err: positive errno
 * @err_header: of the packet that the error names
 * @priv: the transport's
 */
struct pp_tport_sock {
	struct pp_sock pp;
	struct hlist_node node;
	struct pp_tport *tp;
	struct timer_list timer;
	unsigned long grace;
	bool left;
	bool armed;
	bool closed;
	bool err_kept;
	bool err_fatal;
	int err;
	u8 err_header[8];
	u64 priv[];
};

static inline struct pp_tport_sock *pp_tport_sk(const struct sock *sk)
{
	return (struct pp_tport_sock *)sk;
}

/* What a packet says of the socket it is for. */
struct pp_tport_key {
	const struct net *net;
	__be32 own, other;
	__be16 sport;		/* the other's */
	u16 num;
	int ifindex;
	int sdif;		/* the VRF in which it is, or 0 */
};

/* By IP protocol number, RCU. */
extern struct pp_tport __rcu *pp_tports[256];
extern const struct pp_net_protocol pp_tport_protocol;

int pp_tport_get_port(struct sock *sk, unsigned short num);
void pp_tport_unhash(struct sock *sk);
struct sock *pp_tport_lookup(struct pp_tport *tp,
			     const struct pp_tport_key *key);
int pp_tport_backlog(struct sock *sk, struct sk_buff *skb);
void pp_tport_expired(struct timer_list *timer);
void pp_tport_release_cb(struct sock *sk);
int pp_tport_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int pp_tport_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags);

#endif
