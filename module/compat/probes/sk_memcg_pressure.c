// SPDX-License-Identifier: GPL-2.0
/* The memory cgroup of a socket is asked by way of the socket. */
#include <net/sock.h>

bool pp_probe(const struct sock *sk);
bool pp_probe(const struct sock *sk)
{
	return mem_cgroup_sk_enabled(sk) &&
	       mem_cgroup_sk_under_memory_pressure(sk);
}
