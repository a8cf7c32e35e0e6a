// SPDX-License-Identifier: GPL-2.0
/* Tables of settings have a size, not a sentinel. */
#include <net/net_namespace.h>

void *pp_probe(struct net *net, struct ctl_table *table);
void *pp_probe(struct net *net, struct ctl_table *table)
{
	return register_net_sysctl_sz(net, "net", table, 1);
}
