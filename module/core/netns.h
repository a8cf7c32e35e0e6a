/* SPDX-License-Identifier: GPL-2.0 */
/* State of one network namespace: one struct pp_net, reached by pp_net(). */
#ifndef PKTPATH_CORE_NETNS_H
#define PKTPATH_CORE_NETNS_H

#include <linux/siphash.h>
#include <linux/mutex.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "core/mib.h"

struct fqdir;
struct pktpath_cc_ops;
struct pp_claim_table;
struct pp_fault_net;
struct pp_fib;
struct pp_icmp_net;
struct pp_journey_net;
struct pp_mroute_net;
struct pp_neigh_table;
struct pp_raw_table;
struct pp_sock_table;
struct pp_tcp_table;
struct pp_tport_table;
struct pp_udp_table;
struct pp_ctl_net;

/*
 * Settings per netns, each the twin of the net.ipv4 name of the same name;
 * written by ctl/sysctl*.c only, read with READ_ONCE() on the path.
 */
struct pp_sysctl {
	int ip_default_ttl;
	int ip_no_pmtu_disc;
	int ip_nonlocal_bind;
	int ip_forward_update_priority;
	int fib_multipath_hash_policy;	/* 0: addresses, 1: ports too */
	int ip_unprivileged_port_start;
	int min_pmtu;			/* bytes */
	int mtu_expires;		/* seconds */
	u32 ip_local_port_range;	/* low | high << 16, read as one word */
	unsigned long *ip_local_reserved_ports;	/* bitmap of 65536, or NULL */
	int icmp_echo_ignore_all;
	int icmp_echo_ignore_broadcasts;
	int icmp_ignore_bogus_error_responses;
	int icmp_errors_use_inbound_ifaddr;
	int icmp_ratelimit;		/* milliseconds between two */
	int icmp_ratemask;		/* bit per ICMP type */
	int icmp_msgs_per_sec;
	int icmp_msgs_burst;
	int igmp_max_memberships;	/* groups of a socket */
	int igmp_max_msf;		/* sources of a group of a socket */
	int igmp_qrv;			/* robustness until a querier tells */
	int igmp_link_local_mcast_reports;
	int udp_l3mdev_accept;		/* unbound sockets take from VRFs */
	int raw_l3mdev_accept;
	int udp_rmem_min;		/* bytes */
	int udp_wmem_min;		/* bytes */
	int inet_addr;			/* getname shows AF_INET by default */
	int neigh_gc_thresh1;
	int neigh_gc_thresh2;
	int neigh_gc_thresh3;
	int neigh_gc_interval;		/* jiffies */

	/* tcp_*; times in jiffies where net.ipv4 shows seconds or ms. */
	const struct pktpath_cc_ops *tcp_congestion_control; /* RCU; held */
	int tcp_ecn;
	int tcp_timestamps;
	int tcp_sack;
	int tcp_dsack;
	int tcp_window_scaling;
	int tcp_syncookies;
	int tcp_syn_retries;
	int tcp_synack_retries;
	int tcp_retries1;
	int tcp_retries2;
	int tcp_orphan_retries;
	int tcp_fin_timeout;
	int tcp_max_syn_backlog;
	int tcp_max_tw_buckets;
	int tcp_tw_reuse;
	int tcp_rfc1337;
	int tcp_keepalive_time;
	int tcp_keepalive_intvl;
	int tcp_keepalive_probes;
	int tcp_rmem[3];		/* bytes */
	int tcp_wmem[3];		/* bytes */
	int tcp_moderate_rcvbuf;
	int tcp_abort_on_overflow;
	int tcp_challenge_ack_limit;	/* a second and socket */
	int tcp_invalid_ratelimit;
	int tcp_slow_start_after_idle;
	int tcp_min_tso_segs;
	int tcp_base_mss;		/* bytes */
	int tcp_mtu_probing;		/* 0 never, 1 black holes, 2 always */
	int tcp_mtu_probe_floor;	/* bytes of payload */
	int tcp_probe_threshold;	/* bytes: a search ends */
	unsigned int tcp_probe_interval;	/* seconds: and begins again */
	int tcp_min_snd_mss;		/* bytes */
	int tcp_limit_output_bytes;
	unsigned int tcp_notsent_lowat;	/* bytes */
	int tcp_ecn_fallback;
	int tcp_ecn_option;		/* Accurate ECN: as the kernel's */
	int tcp_ecn_option_beacon;	/* options a round trip */
	int tcp_reordering;		/* segments */
	int tcp_max_reordering;		/* segments */
	int tcp_early_retrans;		/* 3, 4: tail loss probes */
	int tcp_recovery;		/* RACK: PKTPATH_RACK_* */
	int tcp_tso_rtt_log;
	int tcp_rto_min_us;
	int tcp_reflect_tos;
	int tcp_fwmark_accept;
	int tcp_frto;
	int tcp_stdurg;
	int tcp_tw_reuse_delay;		/* ms */
	int tcp_pacing_ss_ratio;	/* percent */
	int tcp_pacing_ca_ratio;	/* percent */
	int tcp_migrate_req;		/* queues outlive their listener */
	int tcp_l3mdev_accept;
	int tcp_fastopen;		/* PKTPATH_FO_* */
	int tcp_fastopen_blackhole_timeout;	/* seconds */

	seqlock_t range_lock;		/* of the two ranges below */
	kgid_t group_range[2];		/* who may create sockets */
	kgid_t ping_group_range[2];
};

/* Settings of the ARP state machine; times in jiffies (RFC 1122, 4861). */
struct pp_neigh_parms {
	int base_reachable_time;
	int retrans_time;
	int delay_probe_time;
	int gc_stale_time;
	int locktime;
	int proxy_delay;	/* at most, until an answer for another host */
	int proxy_qlen;		/* answers of a device that wait for it */
	int ucast_probes;
	int mcast_probes;
	int queue_len_bytes;
	int acd;		/* RFC 5227 probing of new addresses, 0/1 */
};

/* net.pktpath.conf.{all,default,IF}.*; 0/1 unless said otherwise. */
struct pp_dev_conf {
	struct pp_net *pn;	/* whose cached routes depend on these */
	int forwarding;
	int mc_forwarding;	/* of groups, by static routes */
	int accept_local;
	int rp_filter;		/* 0 off, 1 strict, 2 loose */
	int accept_source_route;
	int accept_redirects;
	int secure_redirects;	/* believe listed gateways only */
	int send_redirects;
	int shared_media;
	int src_valid_mark;	/* rp_filter looks at the mark */
	int arp_accept;
	int arp_announce;	/* 0 any source, 1 of the target's subnet, 2 best */
	int arp_filter;		/* answer where the route back leaves */
	int arp_ignore;		/* 1 by the device, 2 by its subnet too, 8 all */
	int arp_notify;
	int drop_gratuitous_arp;
	int proxy_arp;		/* answer for those whom we forward to */
	int log_martians;
	int force_igmp_version;	/* 0: by the querier */
};

/**
 * struct pp_net - all of pktpath in one netns
 * @net: the netns (not held: we live inside it)
 * @mib: counters per CPU
 * @nraw: number of raw sockets; read for every packet
 * @nvrfs: number of VRF devices, as often read; written under RTNL
 * @sysctl: settings
 * @conf_all: settings of IP for all devices, see PKTPATH_CONF_MAX()
 * @conf_default: what a device starts with, likewise @neigh_default
 * @neigh_default: settings of ARP that a device starts with
 * @hash_key: key of every hash over values that the wire or a user can choose
 * @gen: generation of everything a cached route depends on (addresses,
 *	 routes, links); changed by pp_net_gen_bump()
 * @cfg_lock: serialises changes of devices, addresses and routes; taken
 *	      inside RTNL, never around it
 * @devs: attached devices, under RTNL; RCU readers allowed
 * @dev_hash: the same by ifindex, RCU
 * @vrfs: VRF devices by ifindex, private to core/vrf.c
 * @loop: the always attached loopback device, or NULL before lo exists; RCU
 * @exiting: set in pre_exit: no new state may be created
 * @claims: own addresses, core/claim.c
 * @neigh: neighbours, private to neigh
 * @fib: routes, private to ip
 * @mroute: routes of groups, private to ip
 * @icmp: rate limits, private to ip
 * @frags: datagrams of which not all has come, and their limits; the
 *	   settings are ctl's to change, the rest is private to ip
 * @frag_src: counts of fragments by source, private to ip
 * @tcp: connections, listeners and ports, private to tcp
 * @udp: bound sockets, private to udp
 * @ping: bound sockets, private to raw
 * @raw: raw sockets, private to raw
 * @socks: all sockets, private to sock
 * @tports: ports of the transports of other modules, private to sock
 * @ctl: netlink and sysctl, private to ctl
 * @journey: recordings, private to journey
 * @fault: rules of faults on purpose, private to journey
 */
struct pp_net {
	struct net *net;
	struct pp_mib_cpu __percpu *mib;
	unsigned int nraw;
	unsigned int nvrfs;
	struct pp_sysctl sysctl;
	struct pp_dev_conf conf_all;
	struct pp_dev_conf conf_default;
	struct pp_neigh_parms neigh_default;
	siphash_key_t hash_key;
	atomic64_t gen;
	struct mutex cfg_lock;		/* see above and LOCKING.md */
	struct list_head devs;
#define PKTPATH_DEV_HASH 64
	struct hlist_head dev_hash[PKTPATH_DEV_HASH];
#define PKTPATH_VRF_HASH 16
	struct hlist_head vrfs[PKTPATH_VRF_HASH];
	struct pp_dev __rcu *loop;
	bool exiting;

	/* Layers' own state; each is opaque outside its layer. */
	struct pp_claim_table *claims;
	struct pp_neigh_table *neigh;
	struct pp_fib *fib;
	struct pp_mroute_net *mroute;
	struct pp_icmp_net *icmp;
	struct fqdir *frags;
	atomic64_t *frag_src;
	struct pp_udp_table *udp;
	struct pp_tcp_table *tcp;
	struct pp_raw_table *ping, *raw;
	struct pp_sock_table *socks;
	struct pp_tport_table *tports;
	struct pp_ctl_net *ctl;
	struct pp_journey_net *journey;
	struct pp_fault_net *fault;
};

extern unsigned int pp_net_id;

/* pp_net of a netns; valid from our pernet init to our pernet exit. */
static inline struct pp_net *pp_net(const struct net *net)
{
	return net_generic(net, pp_net_id);
}

static inline u32 pp_net_gen(const struct pp_net *pn)
{
	return (u32)atomic64_read(&pn->gen);
}

/* Makes every cached route of the netns be looked up again. */
/* The same for who follows what it does not hold: this one never wraps. */
static inline u64 pp_net_gen_full(const struct pp_net *pn)
{
	return (u64)atomic64_read(&pn->gen);
}

static inline void pp_net_gen_bump(struct pp_net *pn)
{
	atomic64_inc(&pn->gen);
}

int pp_netns_init(struct pp_net *pn);
void pp_netns_exit(struct pp_net *pn);
bool pp_netns_gid_allowed(struct pp_net *pn, const kgid_t range[2]);

#endif
