// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/pktpath/igmp and mcfilter, in the formats of net/igmp and
 * net/mcfilter.
 *
 * Path: none
 * Mirrors: net/ipv4/igmp.c (igmp_mc_seq_show, igmp_mcf_seq_show)
 * Locks: none; everything is read under RCU
 */
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include "ctl/ctl.h"
#include "ip/mcast_info.h"

struct pp_proc_igmp {
	struct seq_file *seq;
	int ifindex;		/* of the line before */
};

static void pp_proc_igmp_group(const struct pp_mc_info *info, void *arg)
{
	struct pp_proc_igmp *pi = arg;
	unsigned long delay = info->delay > 0 ? info->delay : 0;

	if (pi->ifindex != info->ifindex)
		seq_printf(pi->seq, "%d\t%-10s: %5u      V%d\n", info->ifindex,
			   info->name, info->groups, info->version);
	pi->ifindex = info->ifindex;
	seq_printf(pi->seq, "\t\t\t\t%08X %5u %d:%08lX\t\t%d\n",
		   (__force u32)info->addr, info->users, info->answers,
		   (unsigned long)jiffies_to_clock_t(delay), info->reporter);
}

static int pp_proc_igmp_show(struct seq_file *seq, void *v)
{
	struct pp_proc_igmp pi = { .seq = seq };

	seq_puts(seq, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
	pp_mc_walk(pp_net(seq_file_single_net(seq)), pp_proc_igmp_group, &pi);
	return 0;
}

static void pp_proc_mcfilter_group(const struct pp_mc_info *info, void *arg)
{
	bool include = info->mode == MCAST_INCLUDE;
	struct seq_file *seq = arg;
	unsigned int i;

	for (i = 0; i < info->nsrc; i++)
		seq_printf(seq, "%3d %6.6s 0x%08x 0x%08x %6d %6d\n",
			   info->ifindex, info->name, ntohl(info->addr),
			   ntohl(info->src[i]), include, !include);
}

static int pp_proc_mcfilter_show(struct seq_file *seq, void *v)
{
	seq_puts(seq, "Idx Device        MCA        SRC    INC    EXC\n");
	pp_mc_walk(pp_net(seq_file_single_net(seq)), pp_proc_mcfilter_group,
		   seq);
	return 0;
}

/**
 * pp_proc_igmp_init() - make the files of groups
 * @net: the netns
 * @dir: /proc/net/pktpath
 *
 * Context: process.
 * Return: 0 or -ENOMEM; what was made goes with @dir.
 */
int pp_proc_igmp_init(struct net *net, struct proc_dir_entry *dir)
{
	if (proc_create_net_single("igmp", 0444, dir, pp_proc_igmp_show,
				   NULL) &&
	    proc_create_net_single("mcfilter", 0444, dir,
				   pp_proc_mcfilter_show, NULL))
		return 0;
	return -ENOMEM;
}
