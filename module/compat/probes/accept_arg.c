// SPDX-License-Identifier: GPL-2.0
/* accept() has its flags in a struct. */
#include <linux/net.h>
#include <net/sock.h>

int pp_probe(struct proto_accept_arg *a);
int pp_probe(struct proto_accept_arg *a)
{
	return a->flags;
}
