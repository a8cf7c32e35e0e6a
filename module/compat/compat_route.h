/* SPDX-License-Identifier: GPL-2.0 */
/* Differences that the routing files meet. */
#ifndef PKTPATH_COMPAT_COMPAT_ROUTE_H
#define PKTPATH_COMPAT_COMPAT_ROUTE_H

#include <linux/workqueue.h>
#include <net/route.h>
#include "probe.h"

/* A struct rtable (or what begins with one) whose dst_entry part is set up. */
static inline void *pp_compat_dst_alloc(struct dst_ops *ops,
					struct net_device *dev, int obsolete,
					unsigned short flags)
{
#ifdef PKTPATH_HAVE_DST_ALLOC_NOREF
	return dst_alloc(ops, dev, obsolete, flags);
#else
	return dst_alloc(ops, dev, 1, obsolete, flags);
#endif
}

/* Behind the dst_entry part everything is 0. */
static inline void pp_compat_rtable_init(struct rtable *rt)
{
#ifdef PKTPATH_HAVE_RTABLE_UNCACHED
	INIT_LIST_HEAD(&rt->rt_uncached);
#endif
}

/* For work that is short. Needed until: 6.1 dropped. */
static inline struct workqueue_struct *pp_compat_system_wq(void)
{
#ifdef PKTPATH_HAVE_SYSTEM_PERCPU_WQ
	return system_percpu_wq;
#else
	return system_wq;
#endif
}

#endif
