/* SPDX-License-Identifier: GPL-2.0 */
/* TCP: timers. */
#ifndef PKTPATH_COMPAT_COMPAT_TCP_H
#define PKTPATH_COMPAT_COMPAT_TCP_H

#include <linux/hrtimer.h>
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

#endif
