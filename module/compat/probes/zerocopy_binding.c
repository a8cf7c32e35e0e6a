// SPDX-License-Identifier: GPL-2.0
#include <linux/skbuff.h>
#include <net/sock.h>

struct ubuf_info *pp_probe(struct sock *sk, size_t size);
struct ubuf_info *pp_probe(struct sock *sk, size_t size)
{
	return msg_zerocopy_realloc(sk, size, NULL, false);
}
