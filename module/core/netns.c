// SPDX-License-Identifier: GPL-2.0
/*
 * State of a netns: defaults, counters, who may create sockets; and the start
 * and stop of the core layer.
 *
 * Path: none
 * Mirrors: net/ipv4/af_inet.c (inet_init_net), net/ipv4/ping.c (group range)
 * Locks: sysctl.range_lock for the group ranges
 */
#include <linux/cred.h>
#include <linux/random.h>
#include "compat/compat.h"
#include "core/claim.h"
#include "core/head.h"
#include "core/ifaddr.h"
#include "core/layer.h"
#include "core/skb_cb.h"

static void pp_netns_tcp_defaults(struct pp_sysctl *s)
{
	s->tcp_ecn = 2;
	s->tcp_timestamps = 1;
	s->tcp_sack = 1;
	s->tcp_dsack = 1;
	s->tcp_window_scaling = 1;
	s->tcp_syncookies = 1;
	s->tcp_syn_retries = 6;
	s->tcp_synack_retries = 5;
	s->tcp_retries1 = 3;
	s->tcp_retries2 = 15;
	s->tcp_fin_timeout = 60 * HZ;
	s->tcp_max_syn_backlog = 1024;
	s->tcp_max_tw_buckets = 65536;
	s->tcp_tw_reuse = 2;
	s->tcp_keepalive_time = 7200 * HZ;
	s->tcp_keepalive_intvl = 75 * HZ;
	s->tcp_keepalive_probes = 9;
	s->tcp_rmem[0] = 4096;
	s->tcp_rmem[1] = 131072;
	s->tcp_rmem[2] = 6 << 20;
	s->tcp_wmem[0] = 4096;
	s->tcp_wmem[1] = 16384;
	s->tcp_wmem[2] = 4 << 20;
	s->tcp_moderate_rcvbuf = 1;
	s->tcp_challenge_ack_limit = 10;
	s->tcp_invalid_ratelimit = HZ / 2;
	s->tcp_slow_start_after_idle = 1;
	s->tcp_min_tso_segs = 2;
	s->tcp_base_mss = 1024;
	s->tcp_mtu_probe_floor = 48;
	s->tcp_probe_threshold = 8;
	s->tcp_probe_interval = 600;
	s->tcp_min_snd_mss = 48;
	s->tcp_limit_output_bytes = 1 << 20;
	s->tcp_notsent_lowat = UINT_MAX;
	s->tcp_ecn_fallback = 1;
	s->tcp_ecn_option = 2;
	s->tcp_ecn_option_beacon = 3;
	s->tcp_reordering = 3;
	s->tcp_max_reordering = 300;
	s->tcp_early_retrans = 3;
	s->tcp_recovery = 1;
	s->tcp_tso_rtt_log = 9;
	s->tcp_rto_min_us = 200000;
	s->tcp_frto = 2;
	s->tcp_tw_reuse_delay = 1000;
	s->tcp_pacing_ss_ratio = 200;
	s->tcp_pacing_ca_ratio = 120;
	s->tcp_fastopen = 1;
}

static void pp_netns_defaults(const struct net *net, struct pp_sysctl *s)
{
	s->ip_default_ttl = 64;
	s->ip_unprivileged_port_start = 1024;
	s->ip_forward_update_priority = 1;
	s->min_pmtu = 552;
	s->mtu_expires = 600;
	s->ip_local_port_range = 32768 | 60999U << 16;
	s->icmp_echo_ignore_broadcasts = 1;
	s->icmp_ignore_bogus_error_responses = 1;
	s->icmp_ratelimit = 1000;
	/* Source Quench, Destination Unreachable, Time Exceeded, Parameter
	 * Problem
	 */
	s->icmp_ratemask = 6168;
	pp_compat_icmp_msgs(net, &s->icmp_msgs_per_sec, &s->icmp_msgs_burst);
	s->igmp_max_memberships = 20;
	s->igmp_max_msf = 10;
	s->igmp_qrv = 2;
	s->igmp_link_local_mcast_reports = 1;
	s->raw_l3mdev_accept = 1;
	s->udp_rmem_min = 4096;
	s->udp_wmem_min = 4096;
	pp_netns_tcp_defaults(s);
	s->neigh_gc_thresh1 = 128;
	s->neigh_gc_thresh2 = 512;
	s->neigh_gc_thresh3 = 1024;
	s->neigh_gc_interval = 30 * HZ;
	seqlock_init(&s->range_lock);
	/* Empty: the first is above the last. */
	s->group_range[0] = make_kgid(&init_user_ns, 1);
	s->group_range[1] = make_kgid(&init_user_ns, 0);
	s->ping_group_range[0] = s->group_range[0];
	s->ping_group_range[1] = s->group_range[1];
}

static void pp_netns_conf_defaults(struct pp_net *pn, struct pp_dev_conf *conf)
{
	conf->pn = pn;
	conf->secure_redirects = 1;
	conf->send_redirects = 1;
	conf->shared_media = 1;
}

/**
 * pp_netns_init() - makes the core's state of a netns
 * @pn: netns state, zeroed but for @net
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int pp_netns_init(struct pp_net *pn)
{
	int err;

	pp_netns_defaults(pn->net, &pn->sysctl);
	pp_netns_conf_defaults(pn, &pn->conf_all);
	pp_netns_conf_defaults(pn, &pn->conf_default);
	get_random_bytes(&pn->hash_key, sizeof(pn->hash_key));
	atomic64_set(&pn->gen, 1);
	mutex_init(&pn->cfg_lock);
	INIT_LIST_HEAD(&pn->devs);
	pn->mib = alloc_percpu_gfp(struct pp_mib_cpu, GFP_KERNEL_ACCOUNT);
	if (!pn->mib)
		return -ENOMEM;
	err = pp_claim_net_init(pn);
	if (err)
		free_percpu(pn->mib);
	return err;
}

/**
 * pp_netns_exit() - frees the core's state of a netns
 * @pn: netns state
 *
 * Context: process; no packet, socket or device is left.
 */
void pp_netns_exit(struct pp_net *pn)
{
	WARN_ON_ONCE(!list_empty(&pn->devs));
	pp_claim_net_exit(pn);
	free_percpu(pn->mib);
	mutex_destroy(&pn->cfg_lock);
}

/**
 * pp_netns_gid_allowed() - is the caller in a range of groups?
 * @pn: netns state
 * @range: pn->sysctl.group_range or .ping_group_range
 *
 * Mirrors: net/ipv4/ping.c:ping_init_sock (v7.2)
 *
 * Context: process.
 * Return: whether the effective or a supplementary group is in the range.
 */
bool pp_netns_gid_allowed(struct pp_net *pn, const kgid_t range[2])
{
	struct group_info *groups;
	kgid_t low, high, gid;
	unsigned int seq;
	bool ok = false;
	int i;

	do {
		seq = read_seqbegin(&pn->sysctl.range_lock);
		low = range[0];
		high = range[1];
	} while (read_seqretry(&pn->sysctl.range_lock, seq));

	gid = current_egid();
	if (gid_lte(low, gid) && gid_lte(gid, high))
		return true;
	groups = get_current_groups();
	for (i = 0; i < groups->ngroups && !ok; i++) {
		gid = groups->gid[i];
		ok = gid_lte(low, gid) && gid_lte(gid, high);
	}
	put_group_info(groups);
	return ok;
}

static int pp_netns_layer_init(void)
{
	pp_skb_cb_check();
	return 0;
}

/*
 * The last layer to go. A callback may put the last reference to something
 * that is itself freed by a callback: neighbour or route, next hop, device.
 */
static void pp_netns_layer_exit(void)
{
	pp_heads_exit();
	rcu_barrier();
	rcu_barrier();
}

const struct pp_layer pp_core_layer = {
	.name = "core",
	.init = pp_netns_layer_init,
	.exit = pp_netns_layer_exit,
	.net_init = pp_netns_init,
	.net_exit = pp_netns_exit,
	.start = pp_ifaddr_init,
	.stop = pp_ifaddr_exit,
};
