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

/**
 * struct pp_proc_igmp - a reader of a file of groups
 * @p: of seq_file
 * @at: the group of this line
 * @info: what it is, good while it is shown
 * @pos: number of the line
 * @before: device of the line before, 0: there is none
 * @src: the source of this line, in mcfilter
 */
struct pp_proc_igmp {
	struct seq_net_private p;
	struct pp_mc_cursor at;
	struct pp_mc_info info;
	loff_t pos;
	int before;
	unsigned int src;
};

/* The group of @at or behind that has source @src or one behind it. */
static bool pp_proc_mcf_settle(struct pp_net *pn, struct pp_proc_igmp *pi,
			       bool found)
{
	while (found && pi->src >= pi->info.nsrc) {
		pi->src = 0;
		found = pp_mc_next_rcu(pn, &pi->at, &pi->info);
	}
	return found;
}

static bool pp_proc_igmp_seek(struct pp_net *pn, struct pp_proc_igmp *pi,
			      bool sources)
{
	struct pp_mc_cursor was = pi->at;
	bool found = pp_mc_seek_rcu(pn, &pi->at, &pi->info);

	/* another group than that of the source */
	if (was.dev != pi->at.dev || was.bucket != pi->at.bucket ||
	    was.group != pi->at.group)
		pi->src = 0;
	return sources ? pp_proc_mcf_settle(pn, pi, found) : found;
}

static bool pp_proc_igmp_step(struct pp_net *pn, struct pp_proc_igmp *pi,
			      bool sources)
{
	pi->before = pi->info.ifindex;
	if (!sources)
		return pp_mc_next_rcu(pn, &pi->at, &pi->info);
	pi->src++;
	return pp_proc_mcf_settle(pn, pi, true);
}

/* Line 0 is the head; RCU is held until stop(), for a buffer at most. */
static void *pp_proc_igmp_begin(struct seq_file *seq, loff_t pos, bool sources)
	__acquires(RCU)
{
	struct pp_net *pn = pp_net(seq_file_net(seq));
	struct pp_proc_igmp *pi = seq->private;
	bool found;

	rcu_read_lock();
	if (!pos || pos != pi->pos) {
		memset(&pi->at, 0, sizeof(pi->at));
		pi->before = 0;
		pi->src = 0;
		pi->pos = 1;
	}
	if (!pos)
		return SEQ_START_TOKEN;
	found = pp_proc_igmp_seek(pn, pi, sources);
	for (; found && pi->pos < pos; pi->pos++)
		found = pp_proc_igmp_step(pn, pi, sources);
	return found ? pi : NULL;
}

static void *pp_proc_igmp_go_on(struct seq_file *seq, void *v, loff_t *pos,
				bool sources)
{
	struct pp_net *pn = pp_net(seq_file_net(seq));
	struct pp_proc_igmp *pi = seq->private;
	bool found;

	pi->pos = ++*pos;
	found = v == SEQ_START_TOKEN ? pp_proc_igmp_seek(pn, pi, sources) :
				       pp_proc_igmp_step(pn, pi, sources);
	return found ? pi : NULL;
}

static void *pp_proc_igmp_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	return pp_proc_igmp_begin(seq, *pos, false);
}

static void *pp_proc_igmp_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return pp_proc_igmp_go_on(seq, v, pos, false);
}

static void *pp_proc_mcfilter_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	return pp_proc_igmp_begin(seq, *pos, true);
}

static void *pp_proc_mcfilter_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return pp_proc_igmp_go_on(seq, v, pos, true);
}

static void pp_proc_igmp_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

static int pp_proc_igmp_show(struct seq_file *seq, void *v)
{
	const struct pp_proc_igmp *pi = seq->private;
	const struct pp_mc_info *info = &pi->info;
	unsigned long delay;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
		return 0;
	}
	if (pi->before != info->ifindex)
		seq_printf(seq, "%d\t%-10s: %5u      V%d\n", info->ifindex,
			   info->name, info->groups, info->version);
	delay = info->delay > 0 ? info->delay : 0;
	seq_printf(seq, "\t\t\t\t%08X %5u %d:%08lX\t\t%d\n",
		   (__force u32)info->addr, info->users, info->answers,
		   (unsigned long)jiffies_to_clock_t(delay), info->reporter);
	return 0;
}

static int pp_proc_mcfilter_show(struct seq_file *seq, void *v)
{
	const struct pp_proc_igmp *pi = seq->private;
	const struct pp_mc_info *info = &pi->info;
	bool include = info->mode == MCAST_INCLUDE;

	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "Idx Device        MCA        SRC    INC    EXC\n");
	else
		seq_printf(seq, "%3d %6.6s 0x%08x 0x%08x %6d %6d\n",
			   info->ifindex, info->name, ntohl(info->addr),
			   ntohl(info->src[pi->src]), include, !include);
	return 0;
}

static const struct seq_operations pp_proc_igmp_ops = {
	.start = pp_proc_igmp_start,
	.next = pp_proc_igmp_next,
	.stop = pp_proc_igmp_stop,
	.show = pp_proc_igmp_show,
};

static const struct seq_operations pp_proc_mcfilter_ops = {
	.start = pp_proc_mcfilter_start,
	.next = pp_proc_mcfilter_next,
	.stop = pp_proc_igmp_stop,
	.show = pp_proc_mcfilter_show,
};

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
	if (proc_create_net("igmp", 0444, dir, &pp_proc_igmp_ops,
			    sizeof(struct pp_proc_igmp)) &&
	    proc_create_net("mcfilter", 0444, dir, &pp_proc_mcfilter_ops,
			    sizeof(struct pp_proc_igmp)))
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
