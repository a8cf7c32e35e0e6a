/* SPDX-License-Identifier: GPL-2.0 */
/* Control plane: settings, generic netlink dumps, what is read of sockets. */
#ifndef PKTPATH_COMPAT_COMPAT_CTL_H
#define PKTPATH_COMPAT_COMPAT_CTL_H

#include <linux/sysctl.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include "probe.h"

/* Needed until: 6.1 dropped. */
#ifdef PKTPATH_HAVE_CTL_TABLE_CONST
#define PKTPATH_CTL_CONST const
#else
#define PKTPATH_CTL_CONST
#endif

/* @table has @n rows and a zeroed one behind. Needed until: 6.1 dropped. */
static inline struct ctl_table_header *
pp_compat_register_sysctl(struct net *net, const char *path, void *table,
			  size_t n)
{
#ifdef PKTPATH_HAVE_SYSCTL_SZ
	return register_net_sysctl_sz(net, path, table, n);
#else
	return register_net_sysctl(net, path, table);
#endif
}

/* Attributes of a dump's request. Needed until: 6.1 dropped. */
static inline struct nlattr **
pp_compat_genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef PKTPATH_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* Needed until: 6.12 dropped. */
static inline kuid_t pp_compat_sk_uid(const struct sock *sk)
{
#ifdef PKTPATH_HAVE_SK_UID
	return sk_uid(sk);
#else
	return sk->sk_uid;
#endif
}

/* Needed until: 6.12 dropped. */
static inline unsigned int pp_compat_sk_drops(const struct sock *sk)
{
#ifdef PKTPATH_HAVE_SK_DROPS_READ
	return sk_drops_read(sk);
#else
	return atomic_read(&sk->sk_drops);
#endif
}

#endif
