/* SPDX-License-Identifier: GPL-2.0 */
/* Small buffers of outgoing packets. */
#ifndef PKTPATH_CORE_HEAD_H
#define PKTPATH_CORE_HEAD_H

#include <linux/skbuff.h>

/* As alloc_skb(), which is to be tried when it returns NULL: @len too long, or
 * no page to spare.
 */
struct sk_buff *pp_head_skb(unsigned int len, gfp_t gfp);
void pp_heads_exit(void);

#endif
