/* SPDX-License-Identifier: GPL-2.0 */
/* The recorder of packets' ways, for ctl. */
#ifndef PKTPATH_JOURNEY_JOURNEY_H
#define PKTPATH_JOURNEY_JOURNEY_H

#include <linux/proc_fs.h>
#include "core/netns.h"

int pp_journey_proc_init(struct pp_net *pn, struct proc_dir_entry *dir);
int pp_hist_set(struct pp_net *pn, int mode);
int pp_hist_mode(const struct pp_net *pn);

#endif
