/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the socket layer. */
#ifndef PKTPATH_SOCK_SOCK_PRIV_H
#define PKTPATH_SOCK_SOCK_PRIV_H

#include <linux/net.h>
#include <net/sock.h>

int pp_inet_setsockopt(struct socket *sock, int level, int optname,
		       sockptr_t optval, unsigned int optlen);
int pp_inet_getsockopt(struct socket *sock, int level, int optname,
		       char __user *optval, int __user *optlen);
int pp_inet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

#endif
