/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the socket layer. */
#ifndef PKTPATH_SOCK_SOCK_PRIV_H
#define PKTPATH_SOCK_SOCK_PRIV_H

#include <linux/net.h>
#include <net/sock.h>
#include "compat/compat.h"

struct pp_tport;
struct sockaddr_in;

/**
 * struct pp_inetsw - what socket(type, protocol) gives
 * @type: SOCK_*
 * @protocol: IPPROTO_*; the first row of a type also serves protocol 0;
 *	      0: any but 0
 * @reuse: SO_REUSEADDR is on from the start
 * @prot: transport
 * @ops: system calls
 */
struct pp_inetsw {
	short type;
	u8 protocol;
	bool reuse;
	struct proto *prot;
	const struct proto_ops *ops;
};

extern const struct proto_ops pp_stream_ops;
extern const struct proto_ops pp_dgram_ops;

int pp_inet_connect_family(const struct sock *sk, const void *uaddr, int len);
int pp_inet_parse_addr(const void *uaddr, int len, bool unspec,
		       struct sockaddr_in *sin);
void pp_inet_list_add(struct sock *sk);
void pp_inet_list_del(struct sock *sk);
int pp_inet_list_net_init(struct pp_net *pn);
void pp_inet_list_net_exit(struct pp_net *pn);
int pp_inet_bind(struct socket *sock, struct pp_compat_sockaddr *uaddr,
		 int addr_len);
int pp_inet_getname(struct socket *sock, struct sockaddr *uaddr, int peer);
int pp_inet_release(struct socket *sock);
void pp_inet_sock_destruct(struct sock *sk);
int pp_tport_net_init(struct pp_net *pn);
void pp_tport_net_exit(struct pp_net *pn);
struct pp_tport *pp_tport_get(int type, int protocol, struct pp_inetsw *sw);
void pp_tport_put(struct pp_tport *tp);
int pp_inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
		    int flags);
int pp_inet_setsockopt(struct socket *sock, int level, int optname,
		       sockptr_t optval, unsigned int optlen);
int pp_inet_getsockopt(struct socket *sock, int level, int optname,
		       char __user *optval, int __user *optlen);
int pp_inet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

#endif
