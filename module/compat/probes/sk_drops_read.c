// SPDX-License-Identifier: GPL-2.0
/* A socket's drops are read by a function. */
#include <net/sock.h>

int pp_probe(const struct sock *sk);
int pp_probe(const struct sock *sk)
{
	return sk_drops_read(sk);
}
