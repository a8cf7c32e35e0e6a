/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of TCP in one netns; for tcp_table.c, tcp_bind.c, tcp_minisocks.c. */
#ifndef PKTPATH_TCP_TCP_TABLE_H
#define PKTPATH_TCP_TCP_TABLE_H

#include <linux/rhashtable.h>
#include "compat/compat.h"
#include "tcp/tcp_sock.h"

#define PKTPATH_TCP_LBUCKETS 256	/* PKTPATH_TCP_WALK_CONNS */
#define PKTPATH_TCP_BBUCKETS 1024

struct pp_tcp_lbucket {
	spinlock_t lock;		/* writers of @head */
	struct hlist_head head;		/* pp_tcp_listener.node, RCU */
};

struct pp_tcp_bbucket {
	spinlock_t lock;		/* everything of its ports */
	struct hlist_head head;		/* struct pp_tcp_bind */
};

/**
 * struct pp_tcp_bind - a local port in use
 * @node: in its bucket, whose lock guards all
 * @owners: sk_bind_node of sockets
 * @tws: pp_tcp_tw.bind_node
 * @port: host order
 * @autobound: only connect() has taken it: others may by connect() too
 */
struct pp_tcp_bind {
	struct hlist_node node;
	struct hlist_head owners;
	struct hlist_head tws;
	u16 port;
	bool autobound;
};

/**
 * struct pp_tcp_table - pn->tcp
 * @conns: struct pp_tcp_node by key
 * @listen: listeners by port
 * @bind: ports in use
 * @tw_lock: guards @tws
 * @tws: every TIME_WAIT object, so that a dying netns can end them
 * @ntws: how many
 * @fo_keys: of Fast Open's cookies, RCU
 * @fo_cache: what Fast Open's clients know, NULL until there is one
 * @fo_off_jiffies: when a network was last found to swallow Fast Open
 * @fo_off: how often, since it last worked
 */
struct pp_tcp_table {
	struct rhashtable conns;
	struct pp_tcp_lbucket listen[PKTPATH_TCP_LBUCKETS];
	struct pp_tcp_bbucket bind[PKTPATH_TCP_BBUCKETS];
	spinlock_t tw_lock;		/* see above */
	struct list_head tws;
	atomic_t ntws;
	struct pp_tcp_fo_keys __rcu *fo_keys;
	struct pp_tcp_fo_cache *fo_cache;
	unsigned long fo_off_jiffies;
	atomic_t fo_off;
};

struct pp_tcp_bbucket *pp_tcp_bbucket(struct pp_net *pn, u16 port);
/* Bucket locked. */
void pp_tcp_bind_put(struct pp_tcp_bind *b);

#endif
