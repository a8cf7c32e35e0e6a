/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel differences of the fragment library. */
#ifndef PKTPATH_COMPAT_COMPAT_FRAG_H
#define PKTPATH_COMPAT_COMPAT_FRAG_H

#include <linux/skbuff.h>
#include <net/inet_frag.h>
#include "probe.h"

/*
 * Takes a queue out of the table; *@refs counts what the caller puts later.
 * Needed until: 6.12 dropped.
 */
static inline void pp_compat_frag_kill(struct inet_frag_queue *q, int *refs)
{
#ifdef PKTPATH_HAVE_FRAG_KILL_REFS
	inet_frag_kill(q, refs);
#else
	inet_frag_kill(q);
#endif
}

/* Ends the use of a queue, found or given to its timer. */
static inline void pp_compat_frag_put(struct inet_frag_queue *q, int refs)
{
#ifdef PKTPATH_HAVE_FRAG_KILL_REFS
	inet_frag_putn(q, refs);
#else
	inet_frag_put(q);
#endif
}

/* Throws away what a queue has; its lock is held. */
static inline void pp_compat_frag_flush(struct inet_frag_queue *q)
{
#ifdef PKTPATH_HAVE_FRAG_QUEUE_FLUSH
	inet_frag_queue_flush(q, 0);
#else
	unsigned int sum = inet_frag_rbtree_purge(&q->rb_fragments);

	sub_frag_mem_limit(q->fqdir, sum);
	q->rb_fragments = RB_ROOT;
	q->fragments_tail = NULL;
	q->last_run_head = NULL;
#endif
}

/* The time stamp that the datagram will have. */
static inline void pp_compat_frag_stamp(struct inet_frag_queue *q,
					const struct sk_buff *skb)
{
	q->stamp = skb->tstamp;
#ifdef PKTPATH_HAVE_FRAG_TSTAMP_TYPE
	q->tstamp_type = skb->tstamp_type;
#else
	q->mono_delivery_time = skb->mono_delivery_time;
#endif
}

#endif
