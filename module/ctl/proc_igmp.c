// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/pktpath/igmp, mcfilter and ip_mr_cache, in the formats of net/igmp,
 * net/mcfilter and net/ip_mr_cache.
 *
 * Path: none
 * Mirrors: net/ipv4/igmp.c (igmp_mc_seq_show, igmp_mcf_seq_show),
 *	    net/ipv4/ipmr.c (ipmr_mfc_seq_show)
 * Locks: none; everything is read under RCU
 */
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include "ctl/ctl.h"
#include "ip/mcast_info.h"
#include "ip/mroute.h"

struct pp_proc_igmp {
	struct seq_file *seq;
	int ifindex;		/* of the line before */
};

static bool pp_proc_igmp_group(const struct pp_mc_info *info, void *arg)
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
	/* what does not fit is asked for once more, with more room */
	return !seq_has_overflowed(pi->seq);
}

static int pp_proc_igmp_show(struct seq_file *seq, void *v)
{
	struct pp_proc_igmp pi = { .seq = seq };

	seq_puts(seq, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
	pp_mc_walk(pp_net(seq_file_single_net(seq)), pp_proc_igmp_group, &pi);
	return 0;
}

static bool pp_proc_mcfilter_group(const struct pp_mc_info *info, void *arg)
{
	bool include = info->mode == MCAST_INCLUDE;
	struct seq_file *seq = arg;
	unsigned int i;

	for (i = 0; i < info->nsrc && !seq_has_overflowed(seq); i++)
		seq_printf(seq, "%3d %6.6s 0x%08x 0x%08x %6d %6d\n",
			   info->ifindex, info->name, ntohl(info->addr),
			   ntohl(info->src[i]), include, !include);
	return !seq_has_overflowed(seq);
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

/* Devices are named by their index, where the kernel has numbers of its own. */
static bool pp_proc_mroute_entry(const struct pp_mroute_cfg *cfg, void *arg)
{
	struct seq_file *seq = arg;
	unsigned int i;

	seq_printf(seq, "%08X %08X %-3d %8llu %8llu %8llu",
		   (__force u32)cfg->group, (__force u32)cfg->src, cfg->iif,
		   cfg->packets, cfg->bytes, cfg->wrong_if);
	for (i = 0; i < cfg->n; i++)
		seq_printf(seq, " %2d:%-3d", cfg->out[i].ifindex,
			   cfg->out[i].ttl);
	seq_putc(seq, '\n');
	return !seq_has_overflowed(seq);
}

static int pp_proc_mroute_show(struct seq_file *seq, void *v)
{
	seq_puts(seq, "Group    Origin   Iif     Pkts    Bytes    Wrong Oifs\n");
	pp_mroute_walk(pp_net(seq_file_single_net(seq)), pp_proc_mroute_entry,
		       seq);
	return 0;
}

/**
 * pp_proc_mroute_init() - make the file of the routes of multicast
 * @net: the netns
 * @dir: /proc/net/pktpath
 *
 * Context: process.
 * Return: 0 or -ENOMEM; what was made goes with @dir.
 */
int pp_proc_mroute_init(struct net *net, struct proc_dir_entry *dir)
{
	return proc_create_net_single("ip_mr_cache", 0444, dir,
				      pp_proc_mroute_show, NULL) ? 0 : -ENOMEM;
}
