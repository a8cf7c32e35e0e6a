// SPDX-License-Identifier: GPL-2.0
/* Handlers of settings take a const table. */
#include <linux/sysctl.h>

static int pp_probe_handler(const struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	return 0;
}

extern proc_handler *pp_probe;
proc_handler *pp_probe = pp_probe_handler;
