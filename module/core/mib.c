// SPDX-License-Identifier: GPL-2.0
/*
 * Names and sums of the counters.
 *
 * Path: none
 * Mirrors: net/ipv4/proc.c (the name tables)
 * Locks: none; per-CPU counters are summed without stopping anybody
 */
#include "core/netns.h"

const struct pp_mib_row pp_mib_rows[PKTPATH_MIB_MAX] = {
#define PKTPATH_MIB_ROW(id, group, name) \
	[PKTPATH_MIB_##id] = { group, name },
	PKTPATH_MIBS(PKTPATH_MIB_ROW)
#undef PKTPATH_MIB_ROW
};

/**
 * pp_mib_read() - sum of one counter over all CPUs
 * @pn: netns state
 * @id: which counter
 *
 * Context: any.
 * Return: the sum; it may be older than concurrent increments.
 */
unsigned long pp_mib_read(const struct pp_net *pn, enum pp_mib id)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(pn->mib, cpu)->c[id]);
	return sum;
}

/**
 * pp_mib_read_drop() - packets dropped for one cause
 * @pn: netns state
 * @cause: enum pp_drop_cause
 *
 * Context: any.
 * Return: the sum over all CPUs, 0 for an unknown cause.
 */
unsigned long pp_mib_read_drop(const struct pp_net *pn, unsigned int cause)
{
	unsigned long sum = 0;
	int cpu;

	if (cause >= PKTPATH_DROP_MAX)
		return 0;
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(pn->mib, cpu)->drops[cause]);
	return sum;
}

/**
 * pp_mib_read_icmp() - ICMP messages of one type
 * @pn: netns state
 * @out: sent ones, else received ones
 * @type: ICMP type
 *
 * Context: any.
 * Return: the sum over all CPUs.
 */
unsigned long pp_mib_read_icmp(const struct pp_net *pn, bool out, u8 type)
{
	const struct pp_mib_cpu *m;
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		m = per_cpu_ptr(pn->mib, cpu);
		sum += READ_ONCE(*(out ? &m->icmp_out[type] :
					 &m->icmp_in[type]));
	}
	return sum;
}
