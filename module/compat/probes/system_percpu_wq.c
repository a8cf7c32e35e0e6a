// SPDX-License-Identifier: GPL-2.0
/* The work queue of everybody says in its name that it is of a CPU. */
#include <linux/workqueue.h>

struct workqueue_struct *pp_probe(void);
struct workqueue_struct *pp_probe(void)
{
	return system_percpu_wq;
}
