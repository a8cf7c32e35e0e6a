// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/pktpath: snmp, netstat, route, arp and dev in the formats of the
 * files of the same names in /proc/net, for the tools that parse those.
 *
 * Path: none
 * Mirrors: net/ipv4/proc.c, net/ipv4/fib_trie.c (fib_route_seq_show),
 *	    net/ipv4/arp.c (arp_seq_show), net/core/net-procfs.c
 * Locks: none; everything is read under RCU
 */
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/proc_fs.h>
#include <linux/route.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file_net.h>
#include <linux/seq_file.h>
#include "core/drop.h"
#include "ctl/ctl.h"
#include "ip/ip.h"
#include "journey/journey.h"
#include "neigh/neigh.h"

static struct pp_net *pp_proc_net(const struct seq_file *seq)
{
	return pp_net(seq_file_single_net((struct seq_file *)seq));
}

/* ---- snmp, netstat ---- */

/* A line of names and a line of values of the counters of @group. */
static void pp_proc_group(struct seq_file *seq, const char *group,
			  const char *names, const char *values)
{
	const struct pp_net *pn = pp_proc_net(seq);
	int i;

	seq_printf(seq, "%s:%s", group, names);
	for (i = 0; i < PKTPATH_MIB_MAX; i++)
		if (!strcmp(pp_mib_rows[i].group, group))
			seq_printf(seq, " %s", pp_mib_rows[i].name);
	seq_printf(seq, "\n%s:%s", group, values);
	for (i = 0; i < PKTPATH_MIB_MAX; i++)
		if (!strcmp(pp_mib_rows[i].group, group))
			seq_printf(seq, " %lu", pp_mib_read(pn, i));
	seq_putc(seq, '\n');
}

/* ICMP messages by type: only types that were seen, as in net/snmp. */
static void pp_proc_icmpmsg(struct seq_file *seq)
{
	const struct pp_net *pn = pp_proc_net(seq);
	bool any = false;
	int i;

	for (i = 0; i < 512; i++) {
		if (!pp_mib_read_icmp(pn, i >= 256, i))
			continue;
		seq_printf(seq, "%s %sType%d", any ? "" : "IcmpMsg:",
			   i >= 256 ? "Out" : "In", i & 255);
		any = true;
	}
	if (!any)
		return;
	seq_puts(seq, "\nIcmpMsg:");
	for (i = 0; i < 512; i++)
		if (pp_mib_read_icmp(pn, i >= 256, i))
			seq_printf(seq, " %lu",
				   pp_mib_read_icmp(pn, i >= 256, i));
	seq_putc(seq, '\n');
}

/* RFC 1213 ipForwarding: 1 when any device forwards, else 2. */
static int pp_proc_forwarding(const struct pp_net *pn)
{
	const struct pp_dev *pd;
	int ret = 2;

	rcu_read_lock();
	list_for_each_entry_rcu(pd, &pn->devs, list)
		if (READ_ONCE(pd->conf.forwarding))
			ret = 1;
	rcu_read_unlock();
	return ret;
}

static int pp_proc_snmp_show(struct seq_file *seq, void *v)
{
	const struct pp_net *pn = pp_proc_net(seq);
	char values[24];

	snprintf(values, sizeof(values), " %d %d", pp_proc_forwarding(pn),
		 READ_ONCE(pn->sysctl.ip_default_ttl));
	pp_proc_group(seq, "Ip", " Forwarding DefaultTTL", values);
	pp_proc_group(seq, "Icmp", "", "");
	pp_proc_icmpmsg(seq);
	/* RFC 2012: RTO by van Jacobson's algorithm, times in ms. */
	pp_proc_group(seq, "Tcp", " RtoAlgorithm RtoMin RtoMax MaxConn",
		      " 1 200 120000 -1");
	pp_proc_group(seq, "Udp", "", "");
	return 0;
}

static int pp_proc_netstat_show(struct seq_file *seq, void *v)
{
	const struct pp_net *pn = pp_proc_net(seq);
	int i;

	pp_proc_group(seq, "TcpExt", "", "");
	pp_proc_group(seq, "IpExt", "", "");
	pp_proc_group(seq, "Pp", "", "");
	seq_puts(seq, "Drop:");
	for (i = 0; i < PKTPATH_DROP_MAX; i++)
		seq_printf(seq, " %s", pp_drop_descs[i].name);
	seq_puts(seq, "\nDrop:");
	for (i = 0; i < PKTPATH_DROP_MAX; i++)
		seq_printf(seq, " %lu", pp_mib_read_drop(pn, i));
	seq_putc(seq, '\n');
	return 0;
}

/* ---- dev ---- */

static int pp_proc_dev_show(struct seq_file *seq, void *v)
{
	const struct pp_net *pn = pp_proc_net(seq);
	const struct pp_dev *pd;
	struct pp_dev_stats st;

	seq_puts(seq, "Inter-|   Receive                            ");
	seq_puts(seq, "                    |  Transmit\n");
	seq_puts(seq, " face |bytes    packets errs drop fifo frame ");
	seq_puts(seq, "compressed multicast|bytes    packets errs ");
	seq_puts(seq, "drop fifo colls carrier compressed\n");
	rcu_read_lock();
	list_for_each_entry_rcu(pd, &pn->devs, list) {
		pp_dev_stats_read(pd, &st);
		st.tx_dropped += atomic_long_read(&pd->tx_direct_drops);
		seq_printf(seq, "%6s: %7llu %7llu %4u %4llu %4u %5u %10u %9u",
			   READ_ONCE(pd->dev)->name, st.rx_bytes,
			   st.rx_packets, 0, st.rx_dropped, 0, 0, 0, 0);
		seq_printf(seq, " %8llu %7llu %4u %4llu %4u %5u %7u %10u\n",
			   st.tx_bytes, st.tx_packets, 0, st.tx_dropped,
			   0, 0, 0, 0);
	}
	rcu_read_unlock();
	return 0;
}

/* ---- Tables that a walk gives ---- */

/* Where a reader of route or arp is, and the entry it has in hand. */
struct pp_proc_iter {
	struct seq_net_private p;
	loff_t next;		/* number of the entry after @route, @neigh */
	bool have;
	union {
		struct pp_fib_pos fib;
		unsigned long neigh_pos;
	};
	union {
		struct pp_route_cfg route;
		struct pp_neigh_info neigh;
	};
};

/* A walk stops at the second entry that is fit to be shown. */
static int pp_proc_route_take(const struct pp_route_cfg *cfg, void *arg)
{
	struct pp_proc_iter *it = arg;

	if (it->have)
		return 1;
	if (cfg->table == RT_TABLE_MAIN && cfg->type != RTN_BROADCAST &&
	    cfg->type != RTN_MULTICAST) {
		it->route = *cfg;
		it->have = true;
	}
	return 0;
}

static void pp_proc_route_step(struct pp_net *pn, struct pp_proc_iter *it,
			       bool rewind)
{
	if (rewind)
		memset(&it->fib, 0, sizeof(it->fib));
	it->have = false;
	pp_fib_walk(pn, &it->fib, pp_proc_route_take, it);
}

static int pp_proc_arp_take(const struct pp_neigh_info *ni, void *arg)
{
	struct pp_proc_iter *it = arg;

	if (it->have)
		return 1;
	if (!(ni->nud_state & NUD_NOARP)) {
		it->neigh = *ni;
		it->have = true;
	}
	return 0;
}

static void pp_proc_arp_step(struct pp_net *pn, struct pp_proc_iter *it,
			     bool rewind)
{
	if (rewind)
		it->neigh_pos = 0;
	it->have = false;
	pp_neigh_walk(pn, &it->neigh_pos, pp_proc_arp_take, it);
}

typedef void (*pp_proc_step_t)(struct pp_net *pn, struct pp_proc_iter *it,
			       bool rewind);

/* Entry number *@pos, from 1 on; 0 is the heading. */
static void *pp_proc_seek(struct seq_file *seq, loff_t *pos,
			  pp_proc_step_t step)
{
	struct pp_net *pn = pp_net(seq_file_net(seq));
	struct pp_proc_iter *it = seq->private;
	bool rewind;

	if (!*pos) {
		it->next = 1;
		it->have = false;
		return SEQ_START_TOKEN;
	}
	if (it->have && *pos == it->next - 1)
		return it;
	if (*pos < it->next)
		it->next = 1;
	while (it->next <= *pos) {
		rewind = it->next == 1;
		step(pn, it, rewind);
		if (!it->have)
			return NULL;
		it->next++;
	}
	return it;
}

static void *pp_proc_route_start(struct seq_file *seq, loff_t *pos)
{
	return pp_proc_seek(seq, pos, pp_proc_route_step);
}

static void *pp_proc_route_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return pp_proc_seek(seq, pos, pp_proc_route_step);
}

static void *pp_proc_arp_start(struct seq_file *seq, loff_t *pos)
{
	return pp_proc_seek(seq, pos, pp_proc_arp_step);
}

static void *pp_proc_arp_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return pp_proc_seek(seq, pos, pp_proc_arp_step);
}

static void pp_proc_stop(struct seq_file *seq, void *v)
{
}

/* Name of a device into @name; "*" when there is none. */
static void pp_proc_ifname(struct seq_file *seq, int ifindex, char *name)
{
	struct net_device *dev = NULL;

	rcu_read_lock();
	if (ifindex)
		dev = dev_get_by_index_rcu(seq_file_net(seq), ifindex);
	strscpy(name, dev ? dev->name : "*", IFNAMSIZ);
	rcu_read_unlock();
}

static int pp_proc_route_show(struct seq_file *seq, void *v)
{
	const struct pp_proc_iter *it = seq->private;
	const struct pp_route_cfg *cfg = &it->route;
	unsigned int flags = RTF_UP;
	char name[IFNAMSIZ];

	seq_setwidth(seq, 127);
	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse");
		seq_puts(seq, "\tMetric\tMask\t\tMTU\tWindow\tIRTT");
		seq_pad(seq, '\n');
		return 0;
	}
	pp_proc_ifname(seq, cfg->oif, name);
	if (cfg->type == RTN_UNREACHABLE || cfg->type == RTN_PROHIBIT)
		flags = RTF_REJECT;
	if (cfg->gw)
		flags |= RTF_GATEWAY;
	if (cfg->plen == 32)
		flags |= RTF_HOST;
	seq_printf(seq, "%s\t%08X\t%08X\t%04X\t%d\t%u\t%d\t%08X\t%d\t%u\t%u",
		   name, (__force u32)cfg->dst, (__force u32)cfg->gw, flags, 0,
		   0, cfg->metric, (__force u32)inet_make_mask(cfg->plen),
		   cfg->mtu, 0, 0);
	seq_pad(seq, '\n');
	return 0;
}

static int pp_proc_arp_show(struct seq_file *seq, void *v)
{
	const struct pp_proc_iter *it = seq->private;
	const struct pp_neigh_info *ni = &it->neigh;
	unsigned int flags = 0;
	char name[IFNAMSIZ];
	char ip[16];

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "IP address       HW type     Flags       ");
		seq_puts(seq, "HW address            Mask     Device\n");
		return 0;
	}
	pp_proc_ifname(seq, ni->ifindex, name);
	if (ni->nud_state & NUD_PERMANENT)
		flags = ATF_PERM | ATF_COM;
	else if (ni->nud_state & NUD_VALID)
		flags = ATF_COM;
	snprintf(ip, sizeof(ip), "%pI4", &ni->addr);
	seq_printf(seq, "%-16s 0x%-10x0x%-10x%pM     *        %s\n", ip,
		   ARPHRD_ETHER, flags, ni->ha, name);
	return 0;
}

static const struct seq_operations pp_proc_route_ops = {
	.start = pp_proc_route_start,
	.next = pp_proc_route_next,
	.stop = pp_proc_stop,
	.show = pp_proc_route_show,
};

static const struct seq_operations pp_proc_arp_ops = {
	.start = pp_proc_arp_start,
	.next = pp_proc_arp_next,
	.stop = pp_proc_stop,
	.show = pp_proc_arp_show,
};

/**
 * pp_proc_net_init() - make /proc/net/pktpath of a netns
 * @pn: the netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM
 */
int pp_proc_net_init(struct pp_net *pn)
{
	struct net *net = pn->net;
	struct proc_dir_entry *dir;

	dir = proc_net_mkdir(net, "pktpath", net->proc_net);
	if (!dir)
		return -ENOMEM;
	pn->ctl->proc = dir;
	if (!proc_create_net_single("snmp", 0444, dir, pp_proc_snmp_show,
				    NULL) ||
	    !proc_create_net_single("netstat", 0444, dir, pp_proc_netstat_show,
				    NULL) ||
	    !proc_create_net_single("dev", 0444, dir, pp_proc_dev_show, NULL) ||
	    !proc_create_net("route", 0444, dir, &pp_proc_route_ops,
			     sizeof(struct pp_proc_iter)) ||
	    !proc_create_net("arp", 0444, dir, &pp_proc_arp_ops,
			     sizeof(struct pp_proc_iter)) ||
	    pp_proc_sock_init(net, dir) || pp_proc_tcp_init(net, dir) ||
	    pp_proc_igmp_init(net, dir) || pp_proc_mroute_init(net, dir) ||
	    pp_journey_proc_init(pn, dir)) {
		pp_proc_net_exit(pn);
		return -ENOMEM;
	}
	return 0;
}

/**
 * pp_proc_net_exit() - remove /proc/net/pktpath of a netns
 * @pn: the netns
 *
 * Waits for readers under way. May be called twice.
 *
 * Context: process.
 */
void pp_proc_net_exit(struct pp_net *pn)
{
	if (pn->ctl->proc)
		proc_remove(pn->ctl->proc);
	pn->ctl->proc = NULL;
}
