/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recorder's clock: the processor's own counter where the kernel trusts
 * it, else CLOCK_MONOTONIC. A block of records notes both once, so that all
 * its times are CLOCK_MONOTONIC's.
 */
#ifndef PKTPATH_JOURNEY_CLOCK_H
#define PKTPATH_JOURNEY_CLOCK_H

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#ifdef CONFIG_X86_TSC
#include <asm/tsc.h>
#endif

#define PKTPATH_CLOCK_SHIFT	22

DECLARE_STATIC_KEY_FALSE(pp_clock_tsc);
extern u32 pp_clock_mult;

/* The processor's counter, in halves: some write them as they come. */
struct pp_clock {
	u32 lo;
	u32 hi;
};

/* Is it the clock? */
static __always_inline bool pp_clock_counts(void)
{
	return IS_ENABLED(CONFIG_X86_TSC) && static_branch_likely(&pp_clock_tsc);
}

/* Read it; if it is. */
static __always_inline struct pp_clock pp_clock_counter(void)
{
	struct pp_clock clk = {};

#ifdef CONFIG_X86_TSC
	asm volatile("rdtsc" : "=a" (clk.lo), "=d" (clk.hi));
#endif
	return clk;
}

static __always_inline u64 pp_clock_whole(struct pp_clock clk)
{
	return (u64)clk.hi << 32 | clk.lo;
}

static __always_inline u64 pp_clock(void)
{
	return pp_clock_counts() ? pp_clock_whole(pp_clock_counter()) :
				   ktime_get_mono_fast_ns();
}

u64 pp_clock_long(u64 diff);

/* A difference of two pp_clock(), in ns. */
static __always_inline u64 pp_clock_ns(u64 diff)
{
	/* pp_clock_mult has less than 26 bits */
	if (likely(!(diff >> 38)))
		return diff * pp_clock_mult >> PKTPATH_CLOCK_SHIFT;
	return pp_clock_long(diff);
}

#endif
