/* SPDX-License-Identifier: GPL-2.0 */
/* Inside the link layer: the receive hooks that link_dev.c installs. */
#ifndef PKTPATH_LINK_LINK_PRIV_H
#define PKTPATH_LINK_LINK_PRIV_H

#include <linux/netfilter.h>
#include "link/link.h"

bool pp_link_rcv(struct sk_buff *skb, struct pp_dev *pd);
rx_handler_result_t pp_link_rx_handler(struct sk_buff **pskb);
rx_handler_result_t pp_link_rx_loop(struct sk_buff **pskb);
unsigned int pp_link_nf_ingress(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state);

int pp_link_vrf_master(struct net_device *dev);
int pp_link_vrf_event(struct pp_net *pn, struct net_device *dev,
		      struct pp_dev *pd, unsigned long event);

#endif
