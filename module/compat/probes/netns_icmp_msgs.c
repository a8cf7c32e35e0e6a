// SPDX-License-Identifier: GPL-2.0
/* The limits of ICMP errors belong to a netns. */
#include <net/net_namespace.h>

int pp_probe(const struct net *net);
int pp_probe(const struct net *net)
{
	return net->ipv4.sysctl_icmp_msgs_per_sec +
	       net->ipv4.sysctl_icmp_msgs_burst;
}
