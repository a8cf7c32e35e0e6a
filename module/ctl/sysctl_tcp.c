// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of TCP: net.pktpath.tcp_*, with the names, units, ranges and
 * defaults of net.ipv4.tcp_*.
 *
 * Path: none
 * Mirrors: net/ipv4/sysctl_net_ipv4.c
 * Locks: none; lists of names are the registry's of congestion controls
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include "core/netns.h"
#include "ctl/ctl.h"
#include "ctl/sysctl.h"
#include "tcp/tcp.h"

/* Seconds that fit an int in jiffies, whatever HZ is. */
#define PKTPATH_SYSCTL_SECS	(INT_MAX / 1000)

#define PKTPATH_SYSCTL_CC_NAME	16

/**
 * pp_sysctl_string() - handler of a text that is kept elsewhere
 * @ctl: entry
 * @text: the present text; what was written, when it returns 0
 * @size: bytes at @text
 * @write: whether it is written
 * @buffer: text of the user's
 * @lenp: its length in bytes, updated
 * @ppos: position in the file, updated
 *
 * Context: process.
 * Return: 0 or -errno
 */
int pp_sysctl_string(PKTPATH_CTL_CONST struct ctl_table *ctl, char *text,
		     int size, int write, void *buffer, size_t *lenp,
		     loff_t *ppos)
{
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = text,
		.maxlen = size,
		.mode = ctl->mode,
	};

	return proc_dostring(&tmp, write, buffer, lenp, ppos);
}

static int pp_sysctl_cc(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			void *buffer, size_t *lenp, loff_t *ppos)
{
	struct pp_net *pn = pp_sysctl_base(ctl);
	char name[PKTPATH_SYSCTL_CC_NAME];
	int err;

	pp_tcp_cc_net_name(pn, name, sizeof(name));
	err = pp_sysctl_string(ctl, name, sizeof(name), write, buffer, lenp,
			       ppos);
	if (err || !write)
		return err;
	return pp_tcp_cc_net_default(pn, name);
}

static int pp_sysctl_cc_names(PKTPATH_CTL_CONST struct ctl_table *ctl,
			      bool allowed, int write, void *buffer,
			      size_t *lenp, loff_t *ppos)
{
	char *names = kzalloc(PKTPATH_CC_NAMES_MAX, GFP_KERNEL);
	int err;

	if (!names)
		return -ENOMEM;
	pp_tcp_cc_names(names, PKTPATH_CC_NAMES_MAX, allowed);
	err = pp_sysctl_string(ctl, names, PKTPATH_CC_NAMES_MAX, write, buffer,
			       lenp, ppos);
	if (!err && write)
		err = pp_tcp_cc_allow(names);
	kfree(names);
	return err;
}

static int pp_sysctl_cc_available(PKTPATH_CTL_CONST struct ctl_table *ctl,
				  int write, void *buffer, size_t *lenp,
				  loff_t *ppos)
{
	return write ? -EPERM : pp_sysctl_cc_names(ctl, false, 0, buffer, lenp,
						   ppos);
}

/* The list is the host's: other namespaces may look at it. */
static int pp_sysctl_cc_allowed(PKTPATH_CTL_CONST struct ctl_table *ctl,
				int write, void *buffer, size_t *lenp,
				loff_t *ppos)
{
	const struct pp_net *pn = pp_sysctl_base(ctl);

	if (write && !net_eq(pn->net, &init_net))
		return -EPERM;
	return pp_sysctl_cc_names(ctl, true, write, buffer, lenp, ppos);
}

static int pp_sysctl_tcp_pages(PKTPATH_CTL_CONST struct ctl_table *ctl,
			       int write, void *buffer, size_t *lenp,
			       loff_t *ppos)
{
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = ctl->data,
		.maxlen = ctl->maxlen,
		.mode = ctl->mode,
	};

	return proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
}

/* Beside pp_tcp_mem, whose table it is in. */
static int pp_sysctl_tcp_orphans(PKTPATH_CTL_CONST struct ctl_table *ctl,
				 int write, void *buffer, size_t *lenp,
				 loff_t *ppos)
{
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = &pp_tcp_max_orphans,
		.maxlen = sizeof(int),
		.mode = ctl->mode,
	};

	return proc_dointvec(&tmp, write, buffer, lenp, ppos);
}

/* An unsigned int that knows no limit. */
static int pp_sysctl_uint(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			  void *buffer, size_t *lenp, loff_t *ppos)
{
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = ctl->data,
		.maxlen = sizeof(unsigned int),
		.mode = ctl->mode,
	};

	return proc_douintvec(&tmp, write, buffer, lenp, ppos);
}

static int pp_sysctl_fo_key(PKTPATH_CTL_CONST struct ctl_table *ctl, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	struct pp_net *pn = pp_sysctl_base(ctl);
	char text[PKTPATH_FO_KEY_TEXT];
	int err;

	pp_tcp_fo_key_text(pn, text);
	err = pp_sysctl_string(ctl, text, sizeof(text), write, buffer, lenp,
			       ppos);
	if (!err && write)
		err = pp_tcp_fo_key_set(pn, text);
	memzero_explicit(text, sizeof(text));
	return err;
}

/* Whoever sets it wants to try again. */
static int pp_sysctl_fo_blackhole(PKTPATH_CTL_CONST struct ctl_table *ctl,
				  int write, void *buffer, size_t *lenp,
				  loff_t *ppos)
{
	struct pp_net *pn = pp_sysctl_base(ctl);
	struct ctl_table tmp = {
		.procname = ctl->procname,
		.data = ctl->data,
		.maxlen = sizeof(int),
		.mode = ctl->mode,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_INT_MAX,
	};
	int err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);

	if (!err && write)
		pp_tcp_fo_off_reset(pn);
	return err;
}

#define PKTPATH_SYSCTL_TCP(field, fn, low, high, len)			\
	{ #field, offsetof(struct pp_net, sysctl.field), fn, low, high, len }
#define PKTPATH_SYSCTL_TCP_INT(field, low, high)			\
	PKTPATH_SYSCTL_TCP(field, NULL, low, high, 0)
#define PKTPATH_SYSCTL_TCP_U8(field)	PKTPATH_SYSCTL_TCP_INT(field, 0, 255)
#define PKTPATH_SYSCTL_TCP_ANY(field)					\
	PKTPATH_SYSCTL_TCP_INT(field, INT_MIN, INT_MAX)

static const struct pp_sysctl_row pp_sysctl_tcp[] = {
	PKTPATH_SYSCTL_TCP(tcp_congestion_control, pp_sysctl_cc, 0, 0,
			   PKTPATH_SYSCTL_CC_NAME),
	{ "tcp_available_congestion_control", 0, pp_sysctl_cc_available, 0, 0,
	  PKTPATH_CC_NAMES_MAX, 0444 },
	{ "tcp_allowed_congestion_control", 0, pp_sysctl_cc_allowed, 0, 0,
	  PKTPATH_CC_NAMES_MAX },
	PKTPATH_SYSCTL_TCP_INT(tcp_ecn, 0, 5),
	PKTPATH_SYSCTL_TCP_INT(tcp_ecn_option, 0, 3),
	PKTPATH_SYSCTL_TCP_INT(tcp_ecn_option_beacon, 0, 3),
	PKTPATH_SYSCTL_TCP_INT(tcp_ecn_fallback, 0, 1),
	PKTPATH_SYSCTL_TCP_U8(tcp_timestamps),
	PKTPATH_SYSCTL_TCP_U8(tcp_sack),
	PKTPATH_SYSCTL_TCP_U8(tcp_dsack),
	PKTPATH_SYSCTL_TCP_U8(tcp_window_scaling),
	PKTPATH_SYSCTL_TCP_U8(tcp_syncookies),
	PKTPATH_SYSCTL_TCP_INT(tcp_syn_retries, 1, 127),
	PKTPATH_SYSCTL_TCP_U8(tcp_synack_retries),
	PKTPATH_SYSCTL_TCP_U8(tcp_retries1),
	PKTPATH_SYSCTL_TCP_U8(tcp_retries2),
	PKTPATH_SYSCTL_TCP_U8(tcp_orphan_retries),
	PKTPATH_SYSCTL_TCP(tcp_fin_timeout, pp_sysctl_sec, 1,
			   PKTPATH_SYSCTL_SECS, 0),
	PKTPATH_SYSCTL_TCP_ANY(tcp_max_syn_backlog),
	PKTPATH_SYSCTL_TCP_ANY(tcp_max_tw_buckets),
	PKTPATH_SYSCTL_TCP_INT(tcp_tw_reuse, 0, 2),
	PKTPATH_SYSCTL_TCP_INT(tcp_tw_reuse_delay, 1, 60000),
	PKTPATH_SYSCTL_TCP_U8(tcp_rfc1337),
	PKTPATH_SYSCTL_TCP_U8(tcp_stdurg),
	PKTPATH_SYSCTL_TCP(tcp_keepalive_time, pp_sysctl_sec, 1,
			   PKTPATH_SYSCTL_SECS, 0),
	PKTPATH_SYSCTL_TCP(tcp_keepalive_intvl, pp_sysctl_sec, 1,
			   PKTPATH_SYSCTL_SECS, 0),
	PKTPATH_SYSCTL_TCP_U8(tcp_keepalive_probes),
	PKTPATH_SYSCTL_TCP(tcp_rmem, NULL, 4096, INT_MAX, 3 * sizeof(int)),
	PKTPATH_SYSCTL_TCP(tcp_wmem, NULL, 1, INT_MAX, 3 * sizeof(int)),
	PKTPATH_SYSCTL_TCP_U8(tcp_moderate_rcvbuf),
	PKTPATH_SYSCTL_TCP_U8(tcp_abort_on_overflow),
	PKTPATH_SYSCTL_TCP_ANY(tcp_challenge_ack_limit),
	PKTPATH_SYSCTL_TCP(tcp_invalid_ratelimit, pp_sysctl_ms, 0,
			   86400 * 1000, 0),
	PKTPATH_SYSCTL_TCP_U8(tcp_slow_start_after_idle),
	PKTPATH_SYSCTL_TCP_INT(tcp_min_tso_segs, 1, 255),
	PKTPATH_SYSCTL_TCP_INT(tcp_min_snd_mss, 48, 65535),
	PKTPATH_SYSCTL_TCP_U8(tcp_mtu_probing),
	PKTPATH_SYSCTL_TCP_ANY(tcp_base_mss),
	PKTPATH_SYSCTL_TCP_INT(tcp_mtu_probe_floor, 48, 65535),
	PKTPATH_SYSCTL_TCP_ANY(tcp_probe_threshold),
	PKTPATH_SYSCTL_TCP(tcp_probe_interval, pp_sysctl_uint, 0, 0,
			   sizeof(unsigned int)),
	PKTPATH_SYSCTL_TCP_ANY(tcp_limit_output_bytes),
	PKTPATH_SYSCTL_TCP(tcp_notsent_lowat, pp_sysctl_uint, 0, 0,
			   sizeof(unsigned int)),
	PKTPATH_SYSCTL_TCP_INT(tcp_reordering, 1, 300),
	PKTPATH_SYSCTL_TCP_INT(tcp_max_reordering, 1, INT_MAX),
	PKTPATH_SYSCTL_TCP_INT(tcp_early_retrans, 0, 4),
	PKTPATH_SYSCTL_TCP_U8(tcp_frto),
	PKTPATH_SYSCTL_TCP_U8(tcp_recovery),
	PKTPATH_SYSCTL_TCP_U8(tcp_tso_rtt_log),
	PKTPATH_SYSCTL_TCP_INT(tcp_rto_min_us, 1, INT_MAX),
	PKTPATH_SYSCTL_TCP_INT(tcp_reflect_tos, 0, 1),
	PKTPATH_SYSCTL_TCP_U8(tcp_fwmark_accept),
	PKTPATH_SYSCTL_TCP_INT(tcp_pacing_ss_ratio, 0, 1000),
	PKTPATH_SYSCTL_TCP_INT(tcp_pacing_ca_ratio, 0, 1000),
	PKTPATH_SYSCTL_TCP_INT(tcp_migrate_req, 0, 1),
	PKTPATH_SYSCTL_TCP_INT(tcp_l3mdev_accept, 0, 1),
	PKTPATH_SYSCTL_TCP_ANY(tcp_fastopen),
	{ "tcp_fastopen_key", 0, pp_sysctl_fo_key, 0, 0, PKTPATH_FO_KEY_TEXT,
	  0600 },
	{ "tcp_fastopen_blackhole_timeout_sec",
	  offsetof(struct pp_net, sysctl.tcp_fastopen_blackhole_timeout),
	  pp_sysctl_fo_blackhole },
};

/* Host-wide, so the data are the module's and only the initial netns has it. */
static const struct pp_sysctl_row pp_sysctl_tcp_host[] = {
	{ "tcp_mem", 0, pp_sysctl_tcp_pages, 0, 0, sizeof(pp_tcp_mem) },
	{ "tcp_max_orphans", 0, pp_sysctl_tcp_orphans, 0, 0, sizeof(int) },
};

/**
 * pp_sysctl_tcp_init() - make the settings of TCP of a netns visible
 * @pn: the netns; its values are set
 *
 * Context: process.
 * Return: 0 or -ENOMEM; the caller calls pp_sysctl_tcp_stop() then too
 */
int pp_sysctl_tcp_init(struct pp_net *pn)
{
	bool host = net_eq(pn->net, &init_net);
	struct pp_ctl_net *cn = pn->ctl;

	cn->tcp = pp_sysctl_register(pn->net, "net/pktpath", pp_sysctl_tcp,
				     ARRAY_SIZE(pp_sysctl_tcp), pn);
	if (host)
		cn->tcp_host = pp_sysctl_register(pn->net, "net/pktpath",
						  pp_sysctl_tcp_host,
						  ARRAY_SIZE(pp_sysctl_tcp_host),
						  pp_tcp_mem);
	return cn->tcp && (cn->tcp_host || !host) ? 0 : -ENOMEM;
}

/**
 * pp_sysctl_tcp_stop() - hide them
 * @pn: the netns; its values stay as they are
 *
 * May be called twice.
 *
 * Context: process.
 */
void pp_sysctl_tcp_stop(struct pp_net *pn)
{
	pp_sysctl_unregister(&pn->ctl->tcp_host);
	pp_sysctl_unregister(&pn->ctl->tcp);
}
