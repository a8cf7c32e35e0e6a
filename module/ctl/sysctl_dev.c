// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of an attached device: net.pktpath.conf.IF.* and
 * net.pktpath.neigh.IF.*, kept in struct pp_dev.
 *
 * They come with the attaching and go with the detaching, both under RTNL;
 * removal waits for writers under way, so handlers here take no lock.
 *
 * Path: none
 * Mirrors: net/ipv4/devinet.c (devinet_sysctl_register), net/core/neighbour.c
 *	    (neigh_sysctl_register)
 * Locks: RTNL and pp_net.cfg_lock are held by the caller
 */
#include <linux/netdevice.h>
#include <linux/sysctl.h>
#include "ctl/ctl.h"
#include "ctl/sysctl.h"

#define PKTPATH_SYSCTL_DAY	86400

/* Cached routes depend on these settings. */
static int pp_sysctl_conf(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			  void *buffer, size_t *lenp, loff_t *ppos)
{
	struct pp_dev *pd = pp_sysctl_base(ctl);
	int err;

	err = proc_dointvec_minmax(ctl, write, buffer, lenp, ppos);
	if (!err && write)
		pp_net_gen_bump(pd->pn);
	return err;
}

#define PKTPATH_SYSCTL_CONF(field, high)				\
	{ #field, offsetof(struct pp_dev, conf.field), pp_sysctl_conf,	\
	  0, high, 0 }

static const struct pp_sysctl_row pp_sysctl_conf_rows[] = {
	PKTPATH_SYSCTL_CONF(forwarding, 1),
	PKTPATH_SYSCTL_CONF(accept_local, 1),
	PKTPATH_SYSCTL_CONF(rp_filter, 2),
	PKTPATH_SYSCTL_CONF(accept_source_route, 1),
	PKTPATH_SYSCTL_CONF(accept_redirects, 1),
	PKTPATH_SYSCTL_CONF(arp_accept, 1),
	PKTPATH_SYSCTL_CONF(arp_notify, 1),
	PKTPATH_SYSCTL_CONF(log_martians, 1),
};

#define PKTPATH_SYSCTL_NEIGH(name, field, handler, low, high)		\
	{ name, offsetof(struct pp_dev, neigh.field), handler, low, high, 0 }

static const struct pp_sysctl_row pp_sysctl_neigh_rows[] = {
	PKTPATH_SYSCTL_NEIGH("base_reachable_time_ms", base_reachable_time,
			     pp_sysctl_ms, 1, PKTPATH_SYSCTL_DAY * 1000),
	PKTPATH_SYSCTL_NEIGH("retrans_time_ms", retrans_time, pp_sysctl_ms,
			     1, PKTPATH_SYSCTL_DAY * 1000),
	PKTPATH_SYSCTL_NEIGH("delay_first_probe_time", delay_probe_time,
			     pp_sysctl_sec, 0, PKTPATH_SYSCTL_DAY),
	PKTPATH_SYSCTL_NEIGH("gc_stale_time", gc_stale_time, pp_sysctl_sec,
			     0, PKTPATH_SYSCTL_DAY * 20),
	PKTPATH_SYSCTL_NEIGH("locktime", locktime, pp_sysctl_userhz,
			     0, PKTPATH_SYSCTL_DAY * 100),
	PKTPATH_SYSCTL_NEIGH("ucast_solicit", ucast_probes, NULL, 0, 255),
	PKTPATH_SYSCTL_NEIGH("mcast_solicit", mcast_probes, NULL, 0, 255),
	PKTPATH_SYSCTL_NEIGH("unres_qlen_bytes", queue_len_bytes, NULL,
			     0, INT_MAX),
	PKTPATH_SYSCTL_NEIGH("acd", acd, NULL, 0, 1),
};

/**
 * pp_sysctl_dev_add() - make the settings of a device visible
 * @pd: the device
 *
 * Without memory, or for a device called "all" or "default", which would take
 * a name that is used otherwise, the device works without its settings.
 *
 * Context: process, RTNL held.
 */
void pp_sysctl_dev_add(struct pp_dev *pd)
{
	char path[sizeof("net/pktpath/neigh/") + IFNAMSIZ];
	const char *name = pd->dev->name;
	struct net *net = pd->pn->net;

	if (!strcmp(name, "all") || !strcmp(name, "default"))
		return;
	snprintf(path, sizeof(path), "net/pktpath/conf/%s", name);
	pd->sysctl_conf = pp_sysctl_register(net, path, pp_sysctl_conf_rows,
					     ARRAY_SIZE(pp_sysctl_conf_rows),
					     pd);
	snprintf(path, sizeof(path), "net/pktpath/neigh/%s", name);
	pd->sysctl_neigh = pp_sysctl_register(net, path, pp_sysctl_neigh_rows,
					      ARRAY_SIZE(pp_sysctl_neigh_rows),
					      pd);
	if (!pd->sysctl_conf || !pd->sysctl_neigh)
		net_warn_ratelimited("pktpath: no settings for %s\n", name);
}

/**
 * pp_sysctl_dev_del() - hide the settings of a device
 * @pd: the device
 *
 * Context: process, RTNL held.
 */
void pp_sysctl_dev_del(struct pp_dev *pd)
{
	pp_sysctl_unregister(&pd->sysctl_neigh);
	pp_sysctl_unregister(&pd->sysctl_conf);
}
