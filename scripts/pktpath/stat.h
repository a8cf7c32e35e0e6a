/* SPDX-License-Identifier: GPL-2.0 */
/* pktpath stat: what its files share. */
#ifndef PKTPATH_STAT_H
#define PKTPATH_STAT_H

#include "pktpath.h"

/* What a number is to Prometheus. */
enum stat_kind { STAT_COUNTER, STAT_GAUGE, STAT_DROP };

/* Prints all numbers of a kind as samples of the metric @name; exit status. */
typedef int (*stat_each_fn)(enum stat_kind kind, const char *name);

int stat_stages(void);
int stat_openmetrics(stat_each_fn each);

#endif
