/* SPDX-License-Identifier: GPL-2.0 */
/* Which packets a recording wants. Pure. */
#ifndef PKTPATH_JOURNEY_FILTER_H
#define PKTPATH_JOURNEY_FILTER_H

#include "core/pure.h"
#include <linux/pktpath.h>

/**
 * struct pp_journey_flow - what a filter looks at; 0: not known (yet)
 * @saddr: source
 * @daddr: destination
 * @seq: TCP sequence number or IP identification
 * @sport: source port
 * @dport: destination port
 * @proto: IPPROTO_*
 * @tcp_flags: byte 13 of a TCP header
 */
struct pp_journey_flow {
	__be32 saddr;
	__be32 daddr;
	u32 seq;
	__be16 sport;
	__be16 dport;
	u8 proto;
	u8 tcp_flags;
};

/*
 * What a filter may ask that a packet's first stage does not know, or not for
 * sure: a packet may yet come to the socket, or go by the device.
 */
#define PKTPATH_LATE_SOCK	0x1
#define PKTPATH_LATE_PID	0x2
#define PKTPATH_LATE_CGROUP	0x4
#define PKTPATH_LATE_DEV	0x8
#define PKTPATH_LATE_BITS	4
#define PKTPATH_LATE_ALL	((1U << PKTPATH_LATE_BITS) - 1)

u8 pp_journey_conf_late(const struct pktpath_journey_conf *conf);
bool pp_journey_conf_ok(const struct pktpath_journey_conf *conf);
bool pp_journey_conf_all(const struct pktpath_journey_conf *conf);
bool pp_journey_match(const struct pktpath_journey_conf *conf,
		      const struct pp_journey_flow *flow);
unsigned int pp_journey_parse(struct pp_journey_flow *flow, const u8 *head,
			      unsigned int len);

#endif
