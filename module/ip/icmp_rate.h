/* SPDX-License-Identifier: GPL-2.0 */
/* Pure token buckets that limit the ICMP errors a host sends. */
#ifndef PKTPATH_IP_ICMP_RATE_H
#define PKTPATH_IP_ICMP_RATE_H

#include "core/pure.h"

/* Errors that one destination may get at once after a quiet time. */
#define PKTPATH_ICMP_DEST_BURST 6

/**
 * struct pp_icmp_global - bucket of all destinations
 * @stamp: tick of the last refill
 * @credit: messages that may go now; may be below zero by the jitter
 */
struct pp_icmp_global {
	u32 stamp;
	s32 credit;
};

/**
 * struct pp_icmp_dest - bucket of one destination
 * @tag: hash of the destination that has it, 0: free
 * @stamp: tick of the last refill
 * @tokens: ticks saved up; one message costs the limit's ticks
 */
struct pp_icmp_dest {
	u32 tag;
	u32 stamp;
	u32 tokens;
};

bool pp_icmp_global_allow(struct pp_icmp_global *g, u32 now, u32 hz,
			  u32 per_sec, u32 burst);
void pp_icmp_global_take(struct pp_icmp_global *g, u32 random);
bool pp_icmp_dest_allow(struct pp_icmp_dest *d, u32 tag, u32 now, u32 limit);

#endif
