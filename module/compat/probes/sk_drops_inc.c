// SPDX-License-Identifier: GPL-2.0
#include <net/sock.h>

void pp_probe(struct sock *sk);
void pp_probe(struct sock *sk)
{
	sk_drops_inc(sk);
}
