/* SPDX-License-Identifier: GPL-2.0 */
/* Prototypes of probes on the kernel's tracepoints, which journey/ attaches. */
#ifndef PKTPATH_COMPAT_COMPAT_TRACE_H
#define PKTPATH_COMPAT_COMPAT_TRACE_H

#include <linux/skbuff.h>
#include "probe.h"

/* Parameters of a probe on consume_skb. Needed until: 6.1 dropped. */
#ifdef PKTPATH_HAVE_TRACE_CONSUME_LOCATION
#define PKTPATH_CONSUME_PROTO void *data, struct sk_buff *skb, void *location
#else
#define PKTPATH_CONSUME_PROTO void *data, struct sk_buff *skb
#endif

/* Parameters of a probe on kfree_skb. Needed until: 6.12 dropped. */
#if defined(PKTPATH_HAVE_TRACE_KFREE_RX_CONST)
#define PKTPATH_KFREE_PROTO void *data, struct sk_buff *skb, void *location, \
	enum skb_drop_reason reason, const struct sock *rx_sk
#elif defined(PKTPATH_HAVE_TRACE_KFREE_RX_SK)
#define PKTPATH_KFREE_PROTO void *data, struct sk_buff *skb, void *location, \
	enum skb_drop_reason reason, struct sock *rx_sk
#else
#define PKTPATH_KFREE_PROTO void *data, struct sk_buff *skb, void *location, \
	enum skb_drop_reason reason
#endif

#endif
