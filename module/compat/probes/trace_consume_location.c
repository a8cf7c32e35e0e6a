// SPDX-License-Identifier: GPL-2.0
/* consume_skb says where the packet was freed. */
#include <trace/events/skb.h>

void pp_probe(void *data, struct sk_buff *skb, void *location);
void pp_probe(void *data, struct sk_buff *skb, void *location)
{
}

int pp_probe_check(void);
int pp_probe_check(void)
{
	check_trace_callback_type_consume_skb(pp_probe);
	return 0;
}
