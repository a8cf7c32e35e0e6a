/* SPDX-License-Identifier: GPL-2.0 */
/* Settings: one row is one file of /proc/sys. */
#ifndef PKTPATH_CTL_SYSCTL_H
#define PKTPATH_CTL_SYSCTL_H

#include "ctl/ctl.h"

/**
 * struct pp_sysctl_row - one setting
 * @name: of the file
 * @offset: of its int from the base given to pp_sysctl_register()
 * @handler: reads and writes it; NULL: an int between @min and @max
 * @min: smallest value, in the unit of the file
 * @max: greatest value, in the unit of the file
 * @maxlen: bytes behind @offset, 0: one int
 * @mode: of the file, 0: 0644
 */
struct pp_sysctl_row {
	const char *name;
	size_t offset;
	proc_handler *handler;
	int min;
	int max;
	int maxlen;
	umode_t mode;
};

/* The row of an entry, and the base its offset counts from. */
static inline const struct pp_sysctl_row *
pp_sysctl_row(PKTPATH_CTL_CONST struct ctl_table *ctl)
{
	return container_of(ctl->extra1, struct pp_sysctl_row, min);
}

static inline void *pp_sysctl_base(PKTPATH_CTL_CONST struct ctl_table *ctl)
{
	return ctl->data - pp_sysctl_row(ctl)->offset;
}

struct ctl_table_header *
pp_sysctl_register(struct net *net, const char *path,
		   const struct pp_sysctl_row *rows, size_t n, void *base);
void pp_sysctl_unregister(struct ctl_table_header **header);

int pp_sysctl_ms(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
		 void *buffer, size_t *lenp, loff_t *ppos);
int pp_sysctl_sec(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
		  void *buffer, size_t *lenp, loff_t *ppos);
int pp_sysctl_userhz(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
		     void *buffer, size_t *lenp, loff_t *ppos);
int pp_sysctl_ip_forward(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			 void *buffer, size_t *lenp, loff_t *ppos);
int pp_sysctl_string(PKTPATH_CTL_CONST struct ctl_table *ctl, char *text,
		     int size, int write, void *buffer, size_t *lenp,
		     loff_t *ppos);

#endif
