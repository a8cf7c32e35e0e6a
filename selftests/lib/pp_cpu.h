/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test that sends and then looks runs on one processor: what softirqs owe it
 * there they have done when its call returns (see selftests/run.sh), and what it
 * sent has kept its order. On two, it could look from the other one before that,
 * and packets could overtake each other.
 */
#ifndef PKTPATH_SELFTESTS_LIB_PP_CPU_H
#define PKTPATH_SELFTESTS_LIB_PP_CPU_H

#include <sched.h>
#include <string.h>

/* Stays where it is, with its threads and children to come. */
static inline void pp_one_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* For tests of what happens at once: all processors again. */
static inline void pp_all_cpus(void)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	sched_setaffinity(0, sizeof(set), &set);
}

#endif
