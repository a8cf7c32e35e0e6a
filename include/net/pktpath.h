/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktpath for other kernel modules: register a congestion control.
 *
 * An algorithm sees struct pktpath_cc and nothing else of a connection, so it
 * also compiles in user space for unit tests. All calls come with the socket
 * locked, in softirq or process context, and must not sleep.
 */
#ifndef _NET_PKTPATH_H
#define _NET_PKTPATH_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/list.h>
struct module;
#endif

#define PKTPATH_CC_NAME_MAX 16
#define PKTPATH_CC_PRIV_U64 8

/* Congestion states; numbers of TCP_CA_* in TCP_INFO. */
enum pktpath_cc_state {
	PKTPATH_CC_OPEN,
	PKTPATH_CC_DISORDER,
	PKTPATH_CC_CWR,
	PKTPATH_CC_RECOVERY,
	PKTPATH_CC_LOSS,
};

enum pktpath_cc_event {
	PKTPATH_CC_TX_START,	/* first segment after idle */
	PKTPATH_CC_CWND_RESTART, /* cwnd was cut after idle */
	PKTPATH_CC_COMPLETE_CWR,
	PKTPATH_CC_LOSS_EVENT,	/* RTO */
	PKTPATH_CC_ECN_CE,	/* a CE mark came in (receiver side) */
	PKTPATH_CC_ECN_NO_CE,
};

/**
 * struct pktpath_cc - what an algorithm may read and write
 * @cwnd: congestion window, segments, >= 1; written by the algorithm
 * @ssthresh: slow start threshold, segments; written by the algorithm
 * @cwnd_cnt: segments counted towards the next increase; the algorithm's
 * @cwnd_clamp: cwnd never exceeds it
 * @prior_cwnd: cwnd before the last reduction
 * @pacing_rate: bytes a second, 0: chosen by the stack; the algorithm's
 * @mss: payload bytes of a segment
 * @in_flight: segments in flight
 * @delivered: segments delivered so far
 * @delivered_ce: of these acknowledged with an ECN mark
 * @lost: segments marked lost so far
 * @srtt_us: smoothed round-trip time, 0 unknown
 * @min_rtt_us: smallest in the last minutes, ~0 unknown
 * @now_us: monotonic clock at this call
 * @state: enum pktpath_cc_state
 * @cwnd_limited: the window, not the application, bounds sending
 * @pad: zero
 * @priv: the algorithm's own; zeroed before init. Who needs more allocates it
 *	  in init (which must not sleep, and may do without) and frees it in
 *	  release
 */
struct pktpath_cc {
	__u32 cwnd;
	__u32 ssthresh;
	__u32 cwnd_cnt;
	__u32 cwnd_clamp;
	__u32 prior_cwnd;
	__u32 mss;
	__u64 pacing_rate;
	__u32 in_flight;
	__u32 delivered;
	__u32 delivered_ce;
	__u32 lost;
	__u32 srtt_us;
	__u32 min_rtt_us;
	__u64 now_us;
	__u8 state;
	__u8 cwnd_limited;
	__u8 pad[6];
	__u64 priv[PKTPATH_CC_PRIV_U64];
};

/**
 * struct pktpath_cc_sample - one acknowledgment, measured
 * @acked: segments newly delivered (cumulative and selective)
 * @lost: segments newly marked lost
 * @rtt_us: sample, -1 none
 * @delivered: segments delivered over @interval_us
 * @interval_us: span of the sample, -1 invalid
 * @prior_delivered: pktpath_cc.delivered when the newest acked was sent
 * @prior_in_flight: in flight before this acknowledgment
 * @app_limited: the sample was limited by the application
 */
struct pktpath_cc_sample {
	__u32 acked;
	__u32 lost;
	__s64 rtt_us;
	__u32 delivered;
	__u32 prior_delivered;
	__s64 interval_us;
	__u32 prior_in_flight;
	__u32 app_limited;
};

#define PKTPATH_CC_NEEDS_ECN	0x1	/* ECN is always negotiated */
#define PKTPATH_CC_ECN_EXACT	0x2	/* each mark is echoed (RFC 8257 §3.2) */
#define PKTPATH_CC_UNRESTRICTED	0x4	/* everybody may choose it */

/**
 * struct pktpath_cc_ops - one algorithm; @ssthresh, @undo_cwnd and one of
 * @cong_avoid and @cong_control are mandatory
 * @init: start on a connection; @c->priv is zeroed
 * @release: end; after it @priv may be reused by another algorithm
 * @ssthresh: new slow start threshold after loss, >= 2
 * @cong_avoid: grow the window for @acked segments
 * @cong_control: replaces @cong_avoid and the stack's own reduction
 * @set_state: before the state changes to @new_state
 * @event: enum pktpath_cc_event
 * @acked: every acknowledgment, before the window is changed
 * @undo_cwnd: window after a reduction proved spurious
 * @info: fills up to five u32 for tools; returns how many
 * @name: unique, shown by TCP_CONGESTION
 * @flags: PKTPATH_CC_NEEDS_ECN, _ECN_EXACT, _UNRESTRICTED; the last is changed
 *	   by net.pktpath.tcp_allowed_congestion_control
 * @owner: the module, THIS_MODULE
 * @list: the registry's
 */
struct pktpath_cc_ops {
	void (*init)(struct pktpath_cc *c);
	void (*release)(struct pktpath_cc *c);
	__u32 (*ssthresh)(struct pktpath_cc *c);
	void (*cong_avoid)(struct pktpath_cc *c, __u32 acked);
	void (*cong_control)(struct pktpath_cc *c,
			     const struct pktpath_cc_sample *s);
	void (*set_state)(struct pktpath_cc *c, __u8 new_state);
	void (*event)(struct pktpath_cc *c, enum pktpath_cc_event event);
	void (*acked)(struct pktpath_cc *c, const struct pktpath_cc_sample *s);
	__u32 (*undo_cwnd)(struct pktpath_cc *c);
	unsigned int (*info)(const struct pktpath_cc *c, __u32 out[5]);
	char name[PKTPATH_CC_NAME_MAX];
	__u32 flags;
#ifdef __KERNEL__
	struct module *owner;
	struct list_head list;	/* the registry's */
#endif
};

static inline __u32 pktpath_cc_slow_start(struct pktpath_cc *c, __u32 acked)
{
	__u32 cwnd = c->cwnd + acked;

	if (cwnd > c->ssthresh)
		cwnd = c->ssthresh;
	acked -= cwnd - c->cwnd;
	c->cwnd = cwnd < c->cwnd_clamp ? cwnd : c->cwnd_clamp;
	return acked;
}

#ifdef __KERNEL__
/* Loaded when an administrator asks for an algorithm of that name. */
#define MODULE_ALIAS_PKTPATH_CC(name) MODULE_ALIAS("pktpath_cc_" name)

/* Process context. 0, -EEXIST (name), -EINVAL (a mandatory call missing). */
int pktpath_cc_register(struct pktpath_cc_ops *ops);
/* Waits for nothing: connections using it hold a reference on the module. */
void pktpath_cc_unregister(struct pktpath_cc_ops *ops);
#endif

#endif
