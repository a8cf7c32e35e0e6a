/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the socket layer. */
#ifndef PKTPATH_SOCK_SOCK_PRIV_H
#define PKTPATH_SOCK_SOCK_PRIV_H

#include <linux/net.h>
#include <net/sock.h>
#include "compat/compat.h"

struct sockaddr_in;

extern const struct proto_ops pp_stream_ops;

int pp_inet_connect_family(const struct sock *sk, const void *uaddr, int len);
int pp_inet_parse_addr(const void *uaddr, int len, bool unspec,
		       struct sockaddr_in *sin);
int pp_inet_list_add(struct sock *sk);
int pp_inet_bind(struct socket *sock, struct pp_compat_sockaddr *uaddr,
		 int addr_len);
int pp_inet_getname(struct socket *sock, struct sockaddr *uaddr, int peer);
int pp_inet_release(struct socket *sock);
int pp_inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
		    int flags);
int pp_inet_setsockopt(struct socket *sock, int level, int optname,
		       sockptr_t optval, unsigned int optlen);
int pp_inet_getsockopt(struct socket *sock, int level, int optname,
		       char __user *optval, int __user *optlen);
int pp_inet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

#endif
