// SPDX-License-Identifier: GPL-2.0
/* skb and fragment queue name the clock of their time stamp. */
#include <linux/skbuff.h>
#include <net/inet_frag.h>

void pp_probe(struct inet_frag_queue *q, const struct sk_buff *skb);
void pp_probe(struct inet_frag_queue *q, const struct sk_buff *skb)
{
	q->tstamp_type = skb->tstamp_type;
}
