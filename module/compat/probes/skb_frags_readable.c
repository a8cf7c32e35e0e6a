// SPDX-License-Identifier: GPL-2.0
/* skb_frags_readable(): frags may be device memory. */
#include <linux/skbuff.h>

bool pp_probe(const struct sk_buff *skb);
bool pp_probe(const struct sk_buff *skb)
{
	return skb_frags_readable(skb);
}
