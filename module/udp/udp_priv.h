/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the UDP layer: what its files know of each other. */
#ifndef PKTPATH_UDP_UDP_PRIV_H
#define PKTPATH_UDP_UDP_PRIV_H

#include <linux/udp.h>
#include <net/udp.h>
#include "core/drop.h"
#include "core/pp_sock.h"
#include "core/skb_cb.h"
#include "ip/ip.h"
#include "udp/udp.h"

#define PKTPATH_UDP_HLEN	((unsigned int)sizeof(struct udphdr))
#define PKTPATH_UDP_IPHLEN	((unsigned int)sizeof(struct iphdr))

/* Bits of pp_udp_sock.uflags. */
enum {
	PKTPATH_UDPF_CORK,	/* UDP_CORK is on */
	PKTPATH_UDPF_GRO,	/* UDP_GRO is on */
};

struct pp_udp_cork;

/**
 * struct pp_udp_sock - a UDP socket
 * @pp: common part, first
 * @port: the port it is bound to, or NULL; under both locks of the table
 * @port_node: in @port's list, RCU
 * @addr_node: in the address hash, by generation of the hash
 * @bound_seq: order of binding, the younger wins a tie
 * @bound_addr: local address when it was last hashed
 * @bound_dev: device, likewise
 * @growth: pp_udp_table.growths when it was last linked into a new hash
 * @bound_reuse: SO_REUSEADDR was on at bind
 * @bound_reuseport: SO_REUSEPORT was on at bind
 * @pending: a corked datagram waits; written under the socket lock
 * @uflags: PKTPATH_UDPF_*
 * @gso_size: UDP_SEGMENT, bytes, 0: off
 * @cork: the datagram, NULL but while one is being written; socket lock
 * @destruct: sk_destruct of the layer above
 */
struct pp_udp_sock {
	struct pp_sock pp;
	struct pp_udp_port *port;
	struct hlist_node port_node;
	struct hlist_node addr_node[2];
	u32 bound_seq;
	__be32 bound_addr;
	int bound_dev;
	u32 growth;
	bool bound_reuse;
	bool bound_reuseport;
	bool pending;
	u16 gso_size;
	unsigned long uflags;
	struct pp_udp_cork *cork;
	void (*destruct)(struct sock *sk);
};

static inline struct pp_udp_sock *pp_udp_sk(const struct sock *sk)
{
	return (struct pp_udp_sock *)sk;
}

/**
 * struct pp_udp_port - a port with at least one socket
 * @socks: its sockets, the youngest first; RCU
 * @num: the port
 * @n: sockets in @socks
 * @n_reuse: of these, bound with SO_REUSEADDR
 * @n_reuseport: of these, bound with SO_REUSEPORT by @uid
 * @uid: owner of the first socket
 * @rcu: for freeing
 */
struct pp_udp_port {
	struct hlist_head socks;
	u16 num;
	u32 n, n_reuse, n_reuseport;
	kuid_t uid;
	struct rcu_head rcu;
};

/* Up to this many sockets a port's list is searched, above it the hash. */
#define PKTPATH_UDP_LIST_MAX	8

struct pp_udp_page {
	struct pp_udp_port __rcu *port[256];
};

/**
 * struct pp_udp_hash - sockets by address; see udp_table.c
 * @mask: number of chains less one
 * @gen: which of pp_udp_sock.addr_node it links
 * @chain: the chains, RCU
 */
struct pp_udp_hash {
	u32 mask;
	u32 gen;
	struct hlist_head chain[];
};

/**
 * struct pp_udp_table - the ports of a netns
 * @lock: taken by who binds or closes, inside the socket lock
 * @hash_lock: of the chains of @hash and @next, of @moves and of reuseport
 *	       groups; inside @lock
 * @key: of the hash
 * @moves: changed before and after a linked socket changes its chain; a
 *	   reader that has seen it change looks again
 * @nsocks: bound sockets
 * @seq: last pp_udp_sock.bound_seq
 * @growths: how often @hash has grown
 * @hash: current address hash; written under both locks
 * @next: the larger one while it is filled
 * @grow: makes a larger one
 * @page: ports by the upper and lower byte of their number
 */
struct pp_udp_table {
	struct mutex lock;	/* of ports, sockets and their numbers */
	spinlock_t hash_lock;	/* of who is where in the hash */
	hsiphash_key_t key;
	u32 moves;
	u32 nsocks;
	u32 seq;
	u32 growths;
	struct pp_udp_hash __rcu *hash;
	struct pp_udp_hash *next;
	struct work_struct grow;
	struct pp_udp_page __rcu *page[256];
};

/* ---- udp_table.c ---- */

u32 pp_udp_hash_sk(const struct pp_udp_table *tab, const struct sock *sk);
int pp_udp_get_port(struct sock *sk, unsigned short num);
void pp_udp_unhash(struct sock *sk);
void pp_udp_rehash(struct sock *sk);
int pp_udp_table_init(struct pp_net *pn);
void pp_udp_table_exit(struct pp_net *pn);

static inline struct pp_udp_port *pp_udp_port_rcu(const struct pp_udp_table *t,
						  u16 num)
{
	struct pp_udp_page *page = rcu_dereference(t->page[num >> 8]);

	return page ? rcu_dereference(page->port[num & 0xff]) : NULL;
}

/* ---- udp_lookup.c ---- */

/* What a datagram says about the socket it is for. */
struct pp_udp_key {
	__be32 saddr, daddr;
	__be16 sport;
	u16 num;		/* local port */
	int dif;		/* device it came in by */
	int sdif;		/* its VRF, or 0 */
	bool accept;		/* in a VRF, for who is bound to none */
};

static inline void pp_udp_key_dev(struct pp_udp_key *key, struct pp_net *pn,
				  int dif, int sdif)
{
	key->dif = dif;
	key->sdif = sdif;
	key->accept = unlikely(sdif) &&
		      READ_ONCE(pn->sysctl.udp_l3mdev_accept);
}

struct sock *pp_udp_lookup_rcu(struct pp_net *pn, const struct pp_udp_key *key,
			       struct sk_buff *skb);
bool pp_udp_match(const struct sock *sk, const struct pp_udp_key *key);

/* ---- udp_rmem.c ---- */

int pp_udp_enqueue(struct sock *sk, struct sk_buff *skb);
struct sk_buff *pp_udp_dequeue(struct sock *sk, int flags, int *off, int *err);
bool pp_udp_drop_queued(struct sock *sk, struct sk_buff *skb, int flags);
int pp_udp_first_len(struct sock *sk);
void pp_udp_purge(struct sock *sk);
void pp_udp_mem_init(void);

/* ---- udp_input.c, udp_recvmsg.c, udp_gso.c ---- */

extern const struct pp_net_protocol pp_udp_protocol;

void pp_udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
void pp_udp_queue_one(struct sock *sk, struct sk_buff *skb);
int pp_udp_backlog_rcv(struct sock *sk, struct sk_buff *skb);
void pp_udp_count_csum_error(struct sock *sk);
int pp_udp_do_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		      int flags);
bool pp_udp_gso_unexpected(const struct sock *sk, const struct sk_buff *skb);
void pp_udp_gso_rcv(struct sock *sk, struct sk_buff *skb);
int pp_udp_gso_setup(const struct sock *sk, struct sk_buff *skb,
		     unsigned int gso_size, unsigned int mtu);

/* ---- udp_output.c, udp_cork.c ---- */

/**
 * struct pp_udp_tx - one datagram on its way out
 * @ipc: its parameters
 * @dst: its route, held; NULL: the connected socket's, looked up under RCU
 * @saddr: source
 * @daddr: destination
 * @dport: port at @daddr
 * @hh_len: headroom for the link header, bytes
 * @mtu: longest IP datagram, bytes
 * @hw_csum: the device makes the checksum
 */
struct pp_udp_tx {
	struct pp_ipc ipc;
	struct pp_dst *dst;
	__be32 saddr, daddr;
	__be16 dport;
	unsigned int hh_len;
	unsigned int mtu;
	bool hw_csum;
};

/**
 * struct pp_udp_cork - a datagram that the user is still writing
 * @skb: what there is of it, data at the UDP header; NULL before the first
 *	 part
 * @tx: everything else about it; the route is held
 *
 * Guarded by the socket lock.
 */
struct pp_udp_cork {
	struct sk_buff *skb;
	struct pp_udp_tx tx;
};

int pp_udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int pp_udp_check_len(struct sock *sk, const struct pp_udp_tx *tx,
		     unsigned int len);
struct sk_buff *pp_udp_make_skb(struct sock *sk, const struct pp_udp_tx *tx,
				struct msghdr *msg, unsigned int len,
				int *err);
int pp_udp_send_skb(struct sk_buff *skb, struct sock *sk, struct pp_dst *dst,
		    const struct pp_udp_tx *tx);
int pp_udp_cork_start(struct sock *sk, struct pp_udp_tx *tx,
		      struct msghdr *msg, size_t len);
int pp_udp_cork_more(struct sock *sk, struct msghdr *msg, size_t len,
		     bool more);
int pp_udp_cork_push(struct sock *sk);
void pp_udp_cork_flush(struct sock *sk);

/* True when no reader may find the checksum wrong later. */
static inline bool pp_udp_csum_ok(struct sk_buff *skb)
{
	return skb_csum_unnecessary(skb) || !__skb_checksum_complete(skb);
}

#endif
