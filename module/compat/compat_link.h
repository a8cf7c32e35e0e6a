/* SPDX-License-Identifier: GPL-2.0 */
/* What the link layer needs of different kernels. */
#ifndef PKTPATH_COMPAT_COMPAT_LINK_H
#define PKTPATH_COMPAT_COMPAT_LINK_H

#include <linux/skbuff.h>

/* Needed until 6.1 is dropped, where frags are always ordinary memory. */
static inline bool pp_compat_skb_frags_readable(const struct sk_buff *skb)
{
#ifdef PKTPATH_HAVE_SKB_FRAGS_READABLE
	return skb_frags_readable(skb);
#else
	return true;
#endif
}

#endif
