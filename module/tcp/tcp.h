/* SPDX-License-Identifier: GPL-2.0 */
/* TCP (RFC 9293): what the layers above see. */
#ifndef PKTPATH_TCP_TCP_H
#define PKTPATH_TCP_TCP_H

#include <net/sock.h>
#include "core/netns.h"

struct sockaddr_in;

extern struct proto pp_tcp_prot;
extern atomic_long_t pp_tcp_memory_allocated;
extern long pp_tcp_mem[3];		/* pages; host-wide */
extern unsigned long pp_tcp_memory_pressure;
extern int pp_tcp_max_orphans;		/* host-wide */

/* What the stream proto_ops of sock/ call; the socket is not locked. */
__poll_t pp_tcp_poll(struct file *file, struct socket *sock,
		     struct poll_table_struct *wait);
int pp_tcp_setsockopt(struct sock *sk, int level, int optname,
		      sockptr_t optval, unsigned int optlen);
int pp_tcp_getsockopt(struct sock *sk, int level, int optname,
		      char __user *optval, int __user *optlen);
int pp_tcp_set_rcvlowat(struct sock *sk, int val);
int pp_tcp_peek_len(struct socket *sock);
ssize_t pp_tcp_splice_read(struct socket *sock, loff_t *ppos,
			   struct pipe_inode_info *pipe, size_t len,
			   unsigned int flags);
void pp_tcp_splice_eof(struct socket *sock);

int pp_tcp_set_reuseport(struct sock *sk, bool on);

/**
 * struct pp_tcp_fo_data - Fast Open: a write that opens the connection
 * @msg: what is written
 * @size: its length
 * @copied: bytes that went with the SYN
 * @uarg: MSG_ZEROCOPY: completion
 */
struct pp_tcp_fo_data {
	struct msghdr *msg;
	size_t size;
	int copied;
	struct ubuf_info *uarg;
};

/* Socket locked. connect(): the SYN is out, or waits for data to go with it
 * (pp_tcp_fo_deferred()), or -errno. @fo: data for it, or NULL.
 */
int pp_tcp_v4_connect(struct sock *sk, struct sockaddr_in *sin,
		      struct pp_tcp_fo_data *fo);
/* The same for a socket that has waited. */
int pp_tcp_connect_deferred(struct sock *sk, struct pp_tcp_fo_data *fo);
bool pp_tcp_fo_deferred(const struct sock *sk);
int pp_tcp_fo_begin(struct sock *sk, struct pp_tcp_fo_data *fo,
		    struct msghdr *msg, size_t size);
int pp_tcp_fo_end(struct sock *sk, struct pp_tcp_fo_data *fo);

/* Two keys as net.pktpath.tcp_fastopen_key shows them. */
#define PKTPATH_FO_KEY_TEXT 80

void pp_tcp_fo_key_text(struct pp_net *pn, char *buf);
int pp_tcp_fo_key_set(struct pp_net *pn, const char *buf);
void pp_tcp_fo_off_reset(struct pp_net *pn);
/* Socket locked. listen(): LISTEN, or only the new backlog. 0 or -errno. */
int pp_tcp_listen_start(struct sock *sk, int backlog);
/* Socket locked: next established child, sleeping as @flags allow. */
struct sock *pp_tcp_accept_child(struct sock *sk, int flags, int *err);
/* Socket locked: shutdown(SHUT_WR) half. */
void pp_tcp_shutdown_send(struct sock *sk);

/* ---- Congestion control by name ---- */

struct pktpath_cc_ops;

#define PKTPATH_CC_NAMES_MAX 256

int pp_tcp_cc_names(char *buf, size_t size, bool allowed_only);
int pp_tcp_cc_allow(char *names);	/* changes @names */
int pp_tcp_cc_net_default(struct pp_net *pn, const char *name);
void pp_tcp_cc_net_name(struct pp_net *pn, char *name, size_t size);
/* What stands for a name in a route; 0: there is no such algorithm. */
u32 pp_tcp_cc_key(const char *name);
bool pp_tcp_cc_key_name(u32 key, char *name, size_t size);

/* ---- For tools ---- */

/* As /proc/net/tcp has them. */
#define PKTPATH_TCP_TIMER_RTX		1
#define PKTPATH_TCP_TIMER_KEEPALIVE	2
#define PKTPATH_TCP_TIMER_TIMEWAIT	3
#define PKTPATH_TCP_TIMER_PROBE		4

/**
 * struct pp_tcp_view - an object of TCP as tools see it
 * @sk: listener or connection; NULL: half-open or in TIME_WAIT
 * @node: in the table of connections; NULL: not in it
 * @laddr: our address
 * @faddr: the peer's
 * @lport: our port
 * @fport: the peer's
 * @state: TCP_*
 * @timer: PKTPATH_TCP_TIMER_*, 0 none
 * @retrans: retransmissions of the oldest segment
 * @probes: window or keepalive probes without answer
 * @left: jiffies until the timer fires
 * @rqueue: bytes to read; of a listener: children to accept
 * @wqueue: bytes not acknowledged; of a listener: its backlog
 * @mark: mark of its packets
 * @ifindex: device it is bound to, 0 none
 * @refs: references, the walk's not counted
 * @uid: owner
 */
struct pp_tcp_view {
	struct sock *sk;
	struct pp_tcp_node *node;
	__be32 laddr, faddr;
	__be16 lport, fport;
	u8 state, timer, retrans, probes;
	unsigned long left;
	u32 rqueue, wqueue;
	u32 mark;
	int ifindex, refs;
	kuid_t uid;
};

#define PKTPATH_TCP_WALK_CONNS 256	/* first bucket behind the listeners */

void pp_tcp_view_sk(struct sock *sk, struct pp_tcp_view *v);
int pp_tcp_view_kill(const struct pp_tcp_view *v);
int pp_tcp_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		int (*fn)(const struct pp_tcp_view *v, void *arg), void *arg);

/* What /proc/net/tcp shows of a connection beside its view. */
struct pp_tcp_numbers {
	u32 rto_jiffies, ato_jiffies, quick, cwnd;
	int ssthresh;
};

void pp_tcp_view_numbers(struct sock *sk, struct pp_tcp_numbers *n);

struct tcp_info;
void pp_tcp_get_info(struct sock *sk, struct tcp_info *i);
bool pp_tcp_try_info(struct sock *sk, struct tcp_info *i, char *name,
		     size_t size, u32 cc[5], unsigned int *n);
/* Name of the algorithm, and what it tells: up to five u32. */
unsigned int pp_tcp_get_cc(struct sock *sk, char *name, size_t size,
			   u32 info[5]);

#endif
