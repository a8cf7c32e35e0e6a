// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of an attached device: net.pktpath.conf.IF.* and
 * net.pktpath.neigh.IF.*, kept in struct pp_dev; of all devices, conf.all; and
 * what a device starts with, conf.default and neigh.default.
 *
 * Those of a device come with the attaching and go with the detaching, both
 * under RTNL; removal waits for writers under way, so handlers here wait for
 * no lock.
 *
 * Path: none
 * Mirrors: net/ipv4/devinet.c (devinet_sysctl_register), net/core/neighbour.c
 *	    (neigh_sysctl_register)
 * Locks: RTNL and pp_net.cfg_lock are held by the caller
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>
#include <linux/sysctl.h>
#include "ctl/ctl.h"
#include "ctl/sysctl.h"

#define PKTPATH_SYSCTL_DAY	86400

/* Cached routes depend on these settings. */
static int pp_sysctl_conf(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			  void *buffer, size_t *lenp, loff_t *ppos)
{
	struct pp_dev_conf *conf = pp_sysctl_base(ctl);
	int err;

	err = proc_dointvec_minmax(ctl, write, buffer, lenp, ppos);
	if (!err && write)
		pp_net_gen_bump(conf->pn);
	return err;
}

static int *pp_sysctl_conf_at(struct pp_dev_conf *conf, size_t offset)
{
	return (int *)((char *)conf + offset);
}

/*
 * Forwarding of all devices is no setting beside theirs: it sets every one,
 * and what new ones start with, as net.ipv4.conf.all.forwarding does; that of
 * groups likewise. RTNL keeps the list; waiting for it could deadlock with a
 * removal of this file.
 */
static int pp_sysctl_forward(PKTPATH_CTL_CONST struct ctl_table *ctl,
			     struct pp_dev_conf *conf, int write, void *buffer,
			     size_t *lenp, loff_t *ppos)
{
	struct pp_net *pn = conf->pn;
	int *val = ctl->data;
	size_t offset = (char *)val - (char *)conf;
	loff_t pos = *ppos;
	struct pp_dev *pd;
	int err, old;

	old = READ_ONCE(*val);
	err = proc_dointvec_minmax(ctl, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (conf != &pn->conf_all) {
		pp_net_gen_bump(pn);
		return 0;
	}
	if (!rtnl_trylock()) {
		WRITE_ONCE(*val, old);
		*ppos = pos;
		return restart_syscall();
	}
	WRITE_ONCE(*pp_sysctl_conf_at(&pn->conf_default, offset), *val);
	list_for_each_entry(pd, &pn->devs, list)
		WRITE_ONCE(*pp_sysctl_conf_at(&pd->conf, offset), *val);
	pp_net_gen_bump(pn);
	rtnl_unlock();
	return 0;
}

static int pp_sysctl_forwarding(PKTPATH_CTL_CONST struct ctl_table *ctl,
				int write, void *buffer, size_t *lenp,
				loff_t *ppos)
{
	return pp_sysctl_forward(ctl, pp_sysctl_base(ctl), write, buffer, lenp,
				 ppos);
}

/**
 * pp_sysctl_ip_forward() - handler of ip_forward, conf.all.forwarding's alias
 * @ctl: entry whose offset counts from the netns
 * @write: whether it is written
 * @buffer: text
 * @lenp: its length in bytes, updated
 * @ppos: position in the file, updated
 *
 * Mirrors: net/ipv4/devinet.c:devinet_sysctl_forward (v7.2)
 *
 * Context: process.
 * Return: 0 or -errno
 */
int pp_sysctl_ip_forward(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			 void *buffer, size_t *lenp, loff_t *ppos)
{
	struct pp_net *pn = pp_sysctl_base(ctl);

	return pp_sysctl_forward(ctl, &pn->conf_all, write, buffer, lenp, ppos);
}

#define PKTPATH_SYSCTL_CONF(field, handler, high)			\
	{ #field, offsetof(struct pp_dev_conf, field), handler, 0, high, 0 }

static const struct pp_sysctl_row pp_sysctl_conf_rows[] = {
	PKTPATH_SYSCTL_CONF(forwarding, pp_sysctl_forwarding, 1),
	PKTPATH_SYSCTL_CONF(mc_forwarding, pp_sysctl_forwarding, 1),
	PKTPATH_SYSCTL_CONF(accept_local, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(rp_filter, pp_sysctl_conf, 2),
	PKTPATH_SYSCTL_CONF(accept_source_route, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(accept_redirects, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(secure_redirects, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(send_redirects, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(shared_media, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(src_valid_mark, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(arp_accept, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(arp_announce, pp_sysctl_conf, 2),
	PKTPATH_SYSCTL_CONF(arp_filter, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(arp_ignore, pp_sysctl_conf, 8),
	PKTPATH_SYSCTL_CONF(arp_notify, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(drop_gratuitous_arp, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(proxy_arp, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(log_martians, pp_sysctl_conf, 1),
	PKTPATH_SYSCTL_CONF(force_igmp_version, pp_sysctl_conf, 3),
};

#define PKTPATH_SYSCTL_NEIGH(name, field, handler, low, high)		\
	{ name, offsetof(struct pp_neigh_parms, field), handler, low, high, 0 }

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
	PKTPATH_SYSCTL_NEIGH("proxy_delay", proxy_delay, pp_sysctl_userhz,
			     0, PKTPATH_SYSCTL_DAY * 100),
	PKTPATH_SYSCTL_NEIGH("proxy_qlen", proxy_qlen, NULL, 0, 65535),
	PKTPATH_SYSCTL_NEIGH("ucast_solicit", ucast_probes, NULL, 0, 255),
	PKTPATH_SYSCTL_NEIGH("mcast_solicit", mcast_probes, NULL, 0, 255),
	PKTPATH_SYSCTL_NEIGH("unres_qlen_bytes", queue_len_bytes, NULL,
			     0, INT_MAX),
	PKTPATH_SYSCTL_NEIGH("acd", acd, NULL, 0, 1),
};

static struct ctl_table_header *
pp_sysctl_conf_add(struct net *net, const char *path, struct pp_dev_conf *conf)
{
	return pp_sysctl_register(net, path, pp_sysctl_conf_rows,
				  ARRAY_SIZE(pp_sysctl_conf_rows), conf);
}

static struct ctl_table_header *
pp_sysctl_neigh_add(struct net *net, const char *path,
		    struct pp_neigh_parms *parms)
{
	return pp_sysctl_register(net, path, pp_sysctl_neigh_rows,
				  ARRAY_SIZE(pp_sysctl_neigh_rows), parms);
}

/**
 * pp_sysctl_dev_init() - make the settings for all and for new devices visible
 * @pn: the netns; its values are set
 *
 * Mirrors: net/ipv4/devinet.c:devinet_init_net (v7.2)
 *
 * Context: process.
 * Return: 0 or -ENOMEM
 */
int pp_sysctl_dev_init(struct pp_net *pn)
{
	struct pp_ctl_net *cn = pn->ctl;

	cn->conf_all = pp_sysctl_conf_add(pn->net, "net/pktpath/conf/all",
					  &pn->conf_all);
	cn->conf_default = pp_sysctl_conf_add(pn->net,
					      "net/pktpath/conf/default",
					      &pn->conf_default);
	cn->neigh_default = pp_sysctl_neigh_add(pn->net,
						"net/pktpath/neigh/default",
						&pn->neigh_default);
	if (cn->conf_all && cn->conf_default && cn->neigh_default)
		return 0;
	pp_sysctl_dev_exit(pn);
	return -ENOMEM;
}

/**
 * pp_sysctl_dev_exit() - hide the settings for all and for new devices
 * @pn: the netns
 *
 * May be called twice.
 *
 * Context: process, no RTNL.
 */
void pp_sysctl_dev_exit(struct pp_net *pn)
{
	struct pp_ctl_net *cn = pn->ctl;

	pp_sysctl_unregister(&cn->neigh_default);
	pp_sysctl_unregister(&cn->conf_default);
	pp_sysctl_unregister(&cn->conf_all);
}

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
	pd->sysctl_conf = pp_sysctl_conf_add(net, path, &pd->conf);
	snprintf(path, sizeof(path), "net/pktpath/neigh/%s", name);
	pd->sysctl_neigh = pp_sysctl_neigh_add(net, path, &pd->neigh);
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
