/* SPDX-License-Identifier: GPL-2.0 */
/* UDP (RFC 768). */
#ifndef PKTPATH_UDP_UDP_H
#define PKTPATH_UDP_UDP_H

#include <net/sock.h>
#include "core/netns.h"

extern struct proto pp_udp_prot;
extern atomic_long_t pp_udp_memory_allocated;
extern long pp_udp_mem[3];		/* pages; host-wide */

/* proto_ops members that differ by transport. */
__poll_t pp_udp_poll(struct file *file, struct socket *sock,
		     struct poll_table_struct *wait);
int pp_udp_setsockopt(struct sock *sk, int level, int optname,
		      sockptr_t optval, unsigned int optlen);
int pp_udp_getsockopt(struct sock *sk, int level, int optname,
		      char __user *optval, int __user *optlen);
/* proto_ops.peek_len: bytes of the first datagram, 0 when there is none. */
int pp_udp_peek_len(struct socket *sock);
void pp_udp_splice_eof(struct socket *sock);
/* SO_REUSEPORT after bind, needs the port table; sock lock held. */
int pp_udp_set_reuseport(struct sock *sk, bool on);

/*
 * Calls @fn for every bound socket from bucket *@bucket and entry *@skip on
 * until it returns nonzero; process context, no lock held while @fn runs, the
 * socket is held.
 */
int pp_udp_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		int (*fn)(struct sock *sk, void *arg), void *arg);

#endif
