// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a netns: net.pktpath.*, with the names, units and defaults of
 * net.ipv4. The values live in struct pp_sysctl and are read there without a
 * lock; defaults are core's.
 *
 * Path: none
 * Mirrors: net/ipv4/sysctl_net_ipv4.c
 * Locks: pp_sysctl.range_lock around a range of groups
 */
#include <linux/jiffies.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/user_namespace.h>
#include <net/inet_frag.h>
#include <net/pktpath_fib.h>
#include "core/netns.h"
#include "ctl/ctl.h"
#include "ctl/sysctl.h"
#include "ip/rule.h"
#include "journey/journey.h"
#include "udp/udp.h"

/* A day: no timer of ours is longer; fits an int in every unit. */
#define PKTPATH_SYSCTL_DAY	86400
#define PKTPATH_SYSCTL_PORTS	65536
/* Neighbours that the owner of a user namespace may have in a netns. */
#define PKTPATH_SYSCTL_NEIGH_MAX	16384

#define PKTPATH_SYSCTL_OFF(field) offsetof(struct pp_net, sysctl.field)

/**
 * pp_sysctl_register() - make the files of a list of settings
 * @net: netns
 * @path: directory below /proc/sys
 * @rows: settings; must outlive the registration
 * @n: number of @rows
 * @base: what the offsets of @rows count from
 *
 * Context: process.
 * Return: the header, for pp_sysctl_unregister(), or NULL
 */
struct ctl_table_header *
pp_sysctl_register(struct net *net, const char *path,
		   const struct pp_sysctl_row *rows, size_t n, void *base)
{
	struct ctl_table_header *header;
	struct ctl_table *table;
	size_t i;

	/* One more, left zero: the end mark of older kernels. */
	table = kcalloc(n + 1, sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	for (i = 0; i < n; i++) {
		table[i].procname = rows[i].name;
		table[i].data = base + rows[i].offset;
		table[i].maxlen = rows[i].maxlen ?: (int)sizeof(int);
		table[i].mode = rows[i].mode ?: 0644;
		table[i].proc_handler = rows[i].handler ?:
					proc_dointvec_minmax;
		table[i].extra1 = (void *)&rows[i].min;
		table[i].extra2 = (void *)&rows[i].max;
	}
	header = pp_compat_register_sysctl(net, path, table, n);
	if (!header)
		kfree(table);
	return header;
}

/**
 * pp_sysctl_unregister() - remove the files of a list of settings
 * @header: what pp_sysctl_register() gave, or NULL in it; set to NULL
 *
 * Waits for reads and writes under way; afterwards a descriptor that is still
 * open reaches nothing any more.
 *
 * Context: process.
 */
void pp_sysctl_unregister(struct ctl_table_header **header)
{
	const void *table;

	if (!*header)
		return;
	table = (*header)->ctl_table_arg;
	unregister_net_sysctl_table(*header);
	*header = NULL;
	kfree(table);
}

/* An int of the file's unit, checked by the row, through *@val. */
static int pp_sysctl_int(PKTPATH_CTL_CONST struct ctl_table *ctl, int *val,
			 int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = val,
		.maxlen = sizeof(*val),
		.mode = ctl->mode,
		.extra1 = ctl->extra1,
		.extra2 = ctl->extra2,
	};

	return proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
}

/**
 * pp_sysctl_ms() - handler of a time in milliseconds, kept in jiffies
 * @ctl: entry
 * @write: whether it is written
 * @buffer: text
 * @lenp: its length in bytes, updated
 * @ppos: position in the file, updated
 *
 * Mirrors: kernel/time/jiffies.c:proc_dointvec_ms_jiffies (v7.2)
 *
 * Context: process.
 * Return: 0 or -errno
 */
int pp_sysctl_ms(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
		 void *buffer, size_t *lenp, loff_t *ppos)
{
	int *data = ctl->data;
	int val, err;

	val = jiffies_to_msecs(READ_ONCE(*data));
	err = pp_sysctl_int(ctl, &val, write, buffer, lenp, ppos);
	if (!err && write)
		WRITE_ONCE(*data, (int)msecs_to_jiffies(val));
	return err;
}

/**
 * pp_sysctl_sec() - handler of a time in seconds, kept in jiffies
 * @ctl: entry
 * @write: whether it is written
 * @buffer: text
 * @lenp: its length in bytes, updated
 * @ppos: position in the file, updated
 *
 * Mirrors: kernel/time/jiffies.c:proc_dointvec_jiffies (v7.2)
 *
 * Context: process.
 * Return: 0 or -errno
 */
int pp_sysctl_sec(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
		  void *buffer, size_t *lenp, loff_t *ppos)
{
	int *data = ctl->data;
	int val, err;

	val = READ_ONCE(*data) / HZ;
	err = pp_sysctl_int(ctl, &val, write, buffer, lenp, ppos);
	if (!err && write)
		WRITE_ONCE(*data, val * HZ);
	return err;
}

/**
 * pp_sysctl_userhz() - handler of a time in USER_HZ ticks, kept in jiffies
 * @ctl: entry
 * @write: whether it is written
 * @buffer: text
 * @lenp: its length in bytes, updated
 * @ppos: position in the file, updated
 *
 * Mirrors: kernel/time/jiffies.c:proc_dointvec_userhz_jiffies (v7.2)
 *
 * Context: process.
 * Return: 0 or -errno
 */
int pp_sysctl_userhz(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
		     void *buffer, size_t *lenp, loff_t *ppos)
{
	int *data = ctl->data;
	int val, err;

	val = jiffies_to_clock_t(READ_ONCE(*data));
	err = pp_sysctl_int(ctl, &val, write, buffer, lenp, ppos);
	if (!err && write)
		WRITE_ONCE(*data, (int)clock_t_to_jiffies(val));
	return err;
}

/*
 * Two ports, low and high, kept as one word so that a reader never sees half
 * of a change. As in net.ipv4 the range may not reach into the ports that need
 * a privilege.
 */
static int pp_sysctl_port_range(PKTPATH_CTL_CONST struct ctl_table *ctl,
				int write, void *buffer, size_t *lenp,
				loff_t *ppos)
{
	struct pp_net *pn = pp_sysctl_base(ctl);
	u32 word = READ_ONCE(pn->sysctl.ip_local_port_range);
	int range[2] = { word & 0xffff, word >> 16 };
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = range,
		.maxlen = sizeof(range),
		.mode = ctl->mode,
		.extra1 = ctl->extra1,
		.extra2 = ctl->extra2,
	};
	int err;

	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (range[0] > range[1] ||
	    range[0] < READ_ONCE(pn->sysctl.ip_unprivileged_port_start))
		return -EINVAL;
	WRITE_ONCE(pn->sysctl.ip_local_port_range,
		   (u32)range[0] | (u32)range[1] << 16);
	return 0;
}

/* The first port without a privilege, not above the low end of the range. */
static int pp_sysctl_port_start(PKTPATH_CTL_CONST struct ctl_table *ctl,
				int write, void *buffer, size_t *lenp,
				loff_t *ppos)
{
	struct pp_net *pn = pp_sysctl_base(ctl);
	int val = READ_ONCE(pn->sysctl.ip_unprivileged_port_start);
	int err;

	err = pp_sysctl_int(ctl, &val, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (val > (int)(READ_ONCE(pn->sysctl.ip_local_port_range) & 0xffff))
		return -EINVAL;
	WRITE_ONCE(pn->sysctl.ip_unprivileged_port_start, val);
	return 0;
}

static void pp_sysctl_range_get(struct pp_net *pn, const kgid_t *range,
				kgid_t *low, kgid_t *high)
{
	unsigned int seq;

	do {
		seq = read_seqbegin(&pn->sysctl.range_lock);
		*low = range[0];
		*high = range[1];
	} while (read_seqretry(&pn->sysctl.range_lock, seq));
}

static void pp_sysctl_range_set(struct pp_net *pn, kgid_t *range, kgid_t low,
				kgid_t high)
{
	write_seqlock(&pn->sysctl.range_lock);
	range[0] = low;
	range[1] = high;
	write_sequnlock(&pn->sysctl.range_lock);
}

/*
 * Two group ids, in the user namespace of who reads or writes; first above
 * second: no group. Twin of net.ipv4.ping_group_range.
 */
static int pp_sysctl_groups(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	unsigned long max[2] = { (gid_t)~0U - 1, (gid_t)~0U - 1 };
	struct user_namespace *user_ns = current_user_ns();
	struct pp_net *pn = pp_sysctl_base(ctl);
	unsigned long min[2] = {};
	kgid_t *range = ctl->data;
	unsigned long gid[2];
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = gid,
		.maxlen = sizeof(gid),
		.mode = ctl->mode,
		.extra1 = min,
		.extra2 = max,
	};
	kgid_t low, high;
	int err;

	pp_sysctl_range_get(pn, range, &low, &high);
	gid[0] = from_kgid_munged(user_ns, low);
	gid[1] = from_kgid_munged(user_ns, high);
	err = proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	low = make_kgid(user_ns, gid[0]);
	high = make_kgid(user_ns, gid[1]);
	if (!gid_valid(low) || !gid_valid(high))
		return -EINVAL;
	if (gid[1] < gid[0] || gid_lt(high, low)) {
		low = make_kgid(&init_user_ns, 1);
		high = make_kgid(&init_user_ns, 0);
	}
	pp_sysctl_range_set(pn, range, low, high);
	return 0;
}

/* Three page counts; extra1 and extra2 are the row's, not limits of these. */
static int pp_sysctl_pages(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			   void *buffer, size_t *lenp, loff_t *ppos)
{
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = ctl->data,
		.maxlen = ctl->maxlen,
		.mode = ctl->mode,
	};

	return proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
}

/* The algorithm of the routing tables, by name. */
static int pp_sysctl_fib_alg(PKTPATH_CTL_CONST struct ctl_table *ctl,
			     int write, void *buffer, size_t *lenp,
			     loff_t *ppos)
{
	struct pp_net *pn = pp_sysctl_base(ctl);
	char name[PKTPATH_FIB_NAME_MAX];
	int err;

	pp_fib_alg_name(pn, name);
	err = pp_sysctl_string(ctl, name, sizeof(name), write, buffer, lenp,
			       ppos);
	if (err || !write)
		return err;
	/* what an algorithm costs under RTNL all namespaces pay */
	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	return pp_fib_alg_set(pn, name);
}

/* Entries of the neighbour table. */
static int pp_sysctl_neigh_thresh(PKTPATH_CTL_CONST struct ctl_table *ctl,
				  int write, void *buffer, size_t *lenp,
				  loff_t *ppos)
{
	int *data = ctl->data, val = READ_ONCE(*data), err;

	err = pp_sysctl_int(ctl, &val, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	/* the memory is the machine's: no cgroup pays for what packets make */
	if (val > PKTPATH_SYSCTL_NEIGH_MAX && !capable(CAP_NET_ADMIN))
		return -EPERM;
	WRITE_ONCE(*data, val);
	return 0;
}

/* Bytes; ipfrag_low_thresh is never above ipfrag_high_thresh. */
static int pp_sysctl_frag_thresh(PKTPATH_CTL_CONST struct ctl_table *ctl,
				 int write, void *buffer, size_t *lenp,
				 loff_t *ppos)
{
	unsigned long *data = ctl->data, min = 0, max = LONG_MAX;
	struct fqdir *fqdir = pp_sysctl_base(ctl);
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = data,
		.maxlen = ctl->maxlen,
		.mode = ctl->mode,
		.extra1 = &min,
		.extra2 = &max,
	};

	if (data == (unsigned long *)&fqdir->high_thresh)
		min = READ_ONCE(fqdir->low_thresh);
	else
		max = READ_ONCE(fqdir->high_thresh);
	return proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
}

/* The journey keeps the value: switching may fail. */
static int pp_sysctl_journey(PKTPATH_CTL_CONST struct ctl_table *ctl,
			     int write, void *buffer, size_t *lenp,
			     loff_t *ppos)
{
	struct pp_net *pn = ctl->data;
	int val = pp_hist_mode(pn), err;

	err = pp_sysctl_int(ctl, &val, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	/* its probes are the machine's, and so are the samples of mode 1 */
	if (val && !capable(CAP_NET_ADMIN))
		return -EPERM;
	return pp_hist_set(pn, val);
}

#define PKTPATH_SYSCTL_ROW(field, low, high)				\
	{ #field, PKTPATH_SYSCTL_OFF(field), NULL, low, high, 0 }

static const struct pp_sysctl_row pp_sysctl_main[] = {
	PKTPATH_SYSCTL_ROW(ip_default_ttl, 1, 255),
	PKTPATH_SYSCTL_ROW(ip_no_pmtu_disc, 0, 3),
	PKTPATH_SYSCTL_ROW(ip_nonlocal_bind, 0, 1),
	{ "ip_forward", offsetof(struct pp_net, conf_all.forwarding),
	  pp_sysctl_ip_forward, 0, 1 },
	PKTPATH_SYSCTL_ROW(ip_forward_update_priority, 0, 1),
	PKTPATH_SYSCTL_ROW(fib_multipath_hash_policy, 0, 1),
	{ "fib_algorithm", 0, pp_sysctl_fib_alg, 0, 0, PKTPATH_FIB_NAME_MAX },
	{ "ip_unprivileged_port_start",
	  PKTPATH_SYSCTL_OFF(ip_unprivileged_port_start), pp_sysctl_port_start,
	  0, 65535, 0 },
	{ "ip_local_port_range", PKTPATH_SYSCTL_OFF(ip_local_port_range),
	  pp_sysctl_port_range, 1, 65535, 0 },
	{ "ip_local_reserved_ports",
	  PKTPATH_SYSCTL_OFF(ip_local_reserved_ports), proc_do_large_bitmap,
	  0, 0, PKTPATH_SYSCTL_PORTS },
	PKTPATH_SYSCTL_ROW(icmp_echo_ignore_all, 0, 1),
	PKTPATH_SYSCTL_ROW(icmp_echo_ignore_broadcasts, 0, 1),
	PKTPATH_SYSCTL_ROW(icmp_ignore_bogus_error_responses, 0, 1),
	PKTPATH_SYSCTL_ROW(icmp_errors_use_inbound_ifaddr, 0, 1),
	PKTPATH_SYSCTL_ROW(icmp_ratelimit, 0, PKTPATH_SYSCTL_DAY * 1000),
	PKTPATH_SYSCTL_ROW(icmp_ratemask, INT_MIN, INT_MAX),
	PKTPATH_SYSCTL_ROW(icmp_msgs_per_sec, 0, INT_MAX),
	PKTPATH_SYSCTL_ROW(icmp_msgs_burst, 0, INT_MAX),
	PKTPATH_SYSCTL_ROW(igmp_max_memberships, 0, INT_MAX),
	PKTPATH_SYSCTL_ROW(igmp_max_msf, 0, 0xffff),
	PKTPATH_SYSCTL_ROW(igmp_qrv, 1, 7),
	PKTPATH_SYSCTL_ROW(igmp_link_local_mcast_reports, 0, 1),
	PKTPATH_SYSCTL_ROW(udp_l3mdev_accept, 0, 1),
	PKTPATH_SYSCTL_ROW(raw_l3mdev_accept, 0, 1),
	PKTPATH_SYSCTL_ROW(udp_rmem_min, 1, INT_MAX),
	PKTPATH_SYSCTL_ROW(udp_wmem_min, 1, INT_MAX),
	PKTPATH_SYSCTL_ROW(inet_addr, 0, 1),
	{ "journey_hist", 0, pp_sysctl_journey, 0, 2, 0 },
	{ "group_range", PKTPATH_SYSCTL_OFF(group_range), pp_sysctl_groups,
	  0, 0, sizeof(kgid_t [2]) },
	{ "ping_group_range", PKTPATH_SYSCTL_OFF(ping_group_range),
	  pp_sysctl_groups, 0, 0, sizeof(kgid_t [2]) },
};

static const struct pp_sysctl_row pp_sysctl_route[] = {
	PKTPATH_SYSCTL_ROW(min_pmtu, 68, 65535),
	PKTPATH_SYSCTL_ROW(mtu_expires, 1, PKTPATH_SYSCTL_DAY * 20),
};

static const struct pp_sysctl_row pp_sysctl_neigh[] = {
	{ "gc_thresh1", PKTPATH_SYSCTL_OFF(neigh_gc_thresh1),
	  pp_sysctl_neigh_thresh, 0, INT_MAX, 0 },
	{ "gc_thresh2", PKTPATH_SYSCTL_OFF(neigh_gc_thresh2),
	  pp_sysctl_neigh_thresh, 0, INT_MAX, 0 },
	{ "gc_thresh3", PKTPATH_SYSCTL_OFF(neigh_gc_thresh3),
	  pp_sysctl_neigh_thresh, 0, INT_MAX, 0 },
	{ "gc_interval", PKTPATH_SYSCTL_OFF(neigh_gc_interval), pp_sysctl_sec,
	  1, PKTPATH_SYSCTL_DAY, 0 },
};

#define PKTPATH_SYSCTL_FRAG(nm, field, fn, high, size)			\
	{ nm, offsetof(struct fqdir, field), fn, 0, high, size }

/* Where the fragment library has them. */
static const struct pp_sysctl_row pp_sysctl_frag[] = {
	PKTPATH_SYSCTL_FRAG("ipfrag_high_thresh", high_thresh,
			    pp_sysctl_frag_thresh, 0, sizeof(long)),
	PKTPATH_SYSCTL_FRAG("ipfrag_low_thresh", low_thresh,
			    pp_sysctl_frag_thresh, 0, sizeof(long)),
	PKTPATH_SYSCTL_FRAG("ipfrag_time", timeout, pp_sysctl_sec,
			    PKTPATH_SYSCTL_DAY, 0),
	PKTPATH_SYSCTL_FRAG("ipfrag_max_dist", max_dist, NULL, INT_MAX, 0),
};

/* Host-wide, so the data are the module's and only the initial netns has it. */
static const struct pp_sysctl_row pp_sysctl_host[] = {
	{ "udp_mem", 0, pp_sysctl_pages, 0, 0, sizeof(pp_udp_mem) },
};

/**
 * pp_sysctl_net_init() - make the settings of a netns visible
 * @pn: the netns; its values are set
 *
 * Context: process.
 * Return: 0 or -ENOMEM
 */
int pp_sysctl_net_init(struct pp_net *pn)
{
	struct pp_ctl_net *cn = pn->ctl;

	pn->sysctl.ip_local_reserved_ports =
		bitmap_zalloc(PKTPATH_SYSCTL_PORTS, GFP_KERNEL_ACCOUNT);
	if (!pn->sysctl.ip_local_reserved_ports)
		return -ENOMEM;
	cn->main = pp_sysctl_register(pn->net, "net/pktpath", pp_sysctl_main,
				      ARRAY_SIZE(pp_sysctl_main), pn);
	cn->route = pp_sysctl_register(pn->net, "net/pktpath/route",
				       pp_sysctl_route,
				       ARRAY_SIZE(pp_sysctl_route), pn);
	cn->neigh = pp_sysctl_register(pn->net, "net/pktpath/neigh/default",
				       pp_sysctl_neigh,
				       ARRAY_SIZE(pp_sysctl_neigh), pn);
	cn->frag = pp_sysctl_register(pn->net, "net/pktpath", pp_sysctl_frag,
				      ARRAY_SIZE(pp_sysctl_frag), pn->frags);
	if (net_eq(pn->net, &init_net))
		cn->host = pp_sysctl_register(pn->net, "net/pktpath",
					      pp_sysctl_host,
					      ARRAY_SIZE(pp_sysctl_host),
					      pp_udp_mem);
	if (cn->main && cn->route && cn->neigh && cn->frag &&
	    (cn->host || !net_eq(pn->net, &init_net)) &&
	    !pp_sysctl_tcp_init(pn))
		return 0;
	pp_sysctl_net_stop(pn);
	pp_sysctl_net_exit(pn);
	return -ENOMEM;
}

/**
 * pp_sysctl_net_stop() - hide the settings of a netns
 * @pn: the netns; its values stay as they are
 *
 * May be called twice.
 *
 * Context: process.
 */
void pp_sysctl_net_stop(struct pp_net *pn)
{
	struct pp_ctl_net *cn = pn->ctl;

	pp_sysctl_tcp_stop(pn);
	pp_sysctl_unregister(&cn->host);
	pp_sysctl_unregister(&cn->frag);
	pp_sysctl_unregister(&cn->neigh);
	pp_sysctl_unregister(&cn->route);
	pp_sysctl_unregister(&cn->main);
}

/**
 * pp_sysctl_net_exit() - free what settings point to
 * @pn: the netns; hidden, and nobody reads them any more
 *
 * Context: process.
 */
void pp_sysctl_net_exit(struct pp_net *pn)
{
	bitmap_free(pn->sysctl.ip_local_reserved_ports);
	pn->sysctl.ip_local_reserved_ports = NULL;
}
