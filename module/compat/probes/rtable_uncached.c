// SPDX-License-Identifier: GPL-2.0
/* the list of uncached routes is in struct rtable, not in struct dst_entry */
#include <net/route.h>

void pp_probe(struct rtable *rt);
void pp_probe(struct rtable *rt)
{
	INIT_LIST_HEAD(&rt->rt_uncached);
}
