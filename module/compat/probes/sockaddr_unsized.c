// SPDX-License-Identifier: GPL-2.0
/* bind and connect take a struct sockaddr_unsized. */
#include <net/sock.h>

int pp_probe(struct proto *p, struct sock *sk, struct sockaddr_unsized *a);
int pp_probe(struct proto *p, struct sock *sk, struct sockaddr_unsized *a)
{
	return p->connect(sk, a, sizeof(*a));
}
