// SPDX-License-Identifier: GPL-2.0
#include <net/sock.h>

void pp_probe(struct sk_buff *skb, struct sockcm_cookie *sockc);
void pp_probe(struct sk_buff *skb, struct sockcm_cookie *sockc)
{
	skb_setup_tx_timestamp(skb, sockc);
}
