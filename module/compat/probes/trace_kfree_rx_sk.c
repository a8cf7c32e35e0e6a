// SPDX-License-Identifier: GPL-2.0
/* kfree_skb names the socket that would have received the packet. */
#include <trace/events/skb.h>

void pp_probe(void *data, struct sk_buff *skb, void *location,
	      enum skb_drop_reason reason, struct sock *rx_sk);
void pp_probe(void *data, struct sk_buff *skb, void *location,
	      enum skb_drop_reason reason, struct sock *rx_sk)
{
}

int pp_probe_check(void);
int pp_probe_check(void)
{
	check_trace_callback_type_kfree_skb(pp_probe);
	return 0;
}
