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

/* Socket locked. connect(): the SYN is out, or -errno. */
int pp_tcp_v4_connect(struct sock *sk, struct sockaddr_in *sin);
/* Socket locked. listen(): LISTEN, or only the new backlog. 0 or -errno. */
int pp_tcp_listen_start(struct sock *sk, int backlog);
/* Socket locked: next established child, sleeping as @flags allow. */
struct sock *pp_tcp_accept_child(struct sock *sk, int flags, int *err);
/* Socket locked: shutdown(SHUT_WR) half. */
void pp_tcp_shutdown_send(struct sock *sk);

/* As pp_udp_walk(), for listeners and connections. */
int pp_tcp_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		int (*fn)(struct sock *sk, void *arg), void *arg);

#endif
