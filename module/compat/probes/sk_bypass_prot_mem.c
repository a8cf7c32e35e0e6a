// SPDX-License-Identifier: GPL-2.0
/* A socket may be left out of the counts of its protocol. */
#include <net/sock.h>

bool pp_probe(const struct sock *sk);
bool pp_probe(const struct sock *sk)
{
	return sk->sk_bypass_prot_mem;
}
