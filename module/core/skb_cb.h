/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Our use of skb->cb. The first bytes are struct inet_skb_parm because
 * netfilter, conntrack and fragmentation read them as IPCB; the last four
 * belong to SOCK_SKB_CB.
 */
#ifndef PKTPATH_CORE_SKB_CB_H
#define PKTPATH_CORE_SKB_CB_H

#include <linux/skbuff.h>
#include <net/ip.h>

/**
 * struct pp_skb_cb - control block between link_rcv and the socket queue
 * @h4: IPCB: options, flags, frag_max_size, iif
 * @gso_size: segment size of a super-packet handed up whole (UDP_GRO)
 * @flags: private to the layer that has the skb
 */
struct pp_skb_cb {
	struct inet_skb_parm h4;
	u16 gso_size;
	u16 flags;
};

#define PKTPATH_SKB_CB(skb) ((struct pp_skb_cb *)((skb)->cb))

/*
 * The fragment library, the kernel's or ours, has kept its own notes behind
 * IPCB. A frag_max_size tells that it was at work.
 */
static inline void pp_skb_cb_defragged(struct sk_buff *skb)
{
	struct pp_skb_cb *cb = PKTPATH_SKB_CB(skb);

	if (unlikely(cb->h4.frag_max_size)) {
		cb->gso_size = 0;
		cb->flags = 0;
	}
}

static inline void pp_skb_cb_check(void)
{
	sock_skb_cb_check_size(sizeof(struct pp_skb_cb));
}

#endif
