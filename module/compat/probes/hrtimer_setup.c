// SPDX-License-Identifier: GPL-2.0
/* hrtimer_setup() takes the function; older kernels set it by hand. */
#include <linux/hrtimer.h>

void pp_probe(struct hrtimer *t, enum hrtimer_restart (*fn)(struct hrtimer *t));
void pp_probe(struct hrtimer *t, enum hrtimer_restart (*fn)(struct hrtimer *t))
{
	hrtimer_setup(t, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
}
