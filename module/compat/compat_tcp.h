/* SPDX-License-Identifier: GPL-2.0 */
/* TCP: timers, accept(). */
#ifndef PKTPATH_COMPAT_COMPAT_TCP_H
#define PKTPATH_COMPAT_COMPAT_TCP_H

#include <linux/hrtimer.h>
#include <net/sock.h>
#include "probe.h"

/* Needed until 6.12 is dropped. */
static inline void
pp_compat_hrtimer_setup(struct hrtimer *t,
			enum hrtimer_restart (*fn)(struct hrtimer *t),
			clockid_t clock, enum hrtimer_mode mode)
{
#ifdef PKTPATH_HAVE_HRTIMER_SETUP
	hrtimer_setup(t, fn, clock, mode);
#else
	hrtimer_init(t, clock, mode);
	t->function = fn;
#endif
}

/* Needed until 6.1 is dropped: fn(sock, newsock, flags) as proto_ops.accept. */
#define PKTPATH_OPS_ACCEPT_OP(fn) fn##_op
#ifdef PKTPATH_HAVE_ACCEPT_ARG
#define PKTPATH_OPS_ACCEPT(fn)						\
static int fn##_op(struct socket *sock, struct socket *newsock,	\
		   struct proto_accept_arg *arg)			\
{									\
	return fn(sock, newsock, arg->flags);				\
}
#else
#define PKTPATH_OPS_ACCEPT(fn)						\
static int fn##_op(struct socket *sock, struct socket *newsock,	\
		   int flags, bool kern)				\
{									\
	return fn(sock, newsock, flags);				\
}
#endif

#endif
