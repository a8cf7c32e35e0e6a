// SPDX-License-Identifier: GPL-2.0
/* 6.1: the function also takes the msghdr. */
#include <net/sock.h>

int pp_probe(struct sock *sk, struct cmsghdr *cmsg, struct sockcm_cookie *sc);
int pp_probe(struct sock *sk, struct cmsghdr *cmsg, struct sockcm_cookie *sc)
{
	return __sock_cmsg_send(sk, cmsg, sc);
}
