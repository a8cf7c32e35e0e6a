/* SPDX-License-Identifier: GPL-2.0 */
/* Round-trip time and retransmission time-out (RFC 6298); pure. */
#ifndef PKTPATH_TCP_TCP_RTT_H
#define PKTPATH_TCP_TCP_RTT_H

#include "core/pure.h"

#define PKTPATH_RTO_MIN_US	200000u		/* the kernel's */
#define PKTPATH_RTO_MAX_US	120000000u
#define PKTPATH_RTO_INIT_US	1000000u

/* Sliding minimum over a window: best three, as Kathleen Nichols' filter. */
struct pp_tcp_minmax {
	u32 t[3];	/* ms */
	u32 v[3];
};

/* Times in microseconds; srtt is shifted by 3, mdev and rttvar by 2. */
struct pp_tcp_rtt {
	u32 srtt_us, mdev_us, mdev_max_us, rttvar_us;
	u32 rtt_seq;		/* sequence that ends this measuring window */
	u32 rto_us;		/* without backoff */
	u32 rto_min_us;		/* beyond the round trip */
	struct pp_tcp_minmax min;
};

void pp_tcp_rtt_init(struct pp_tcp_rtt *r);
/* @snd_una, @snd_nxt: for the once-per-window decay of the variance. */
void pp_tcp_rtt_sample(struct pp_tcp_rtt *r, u32 rtt_us, u32 last_us,
		       u32 now_ms, u32 snd_una, u32 snd_nxt);
void pp_tcp_rtt_set_min(struct pp_tcp_rtt *r, u32 us);
/* RTO with 2^@backoff, bounded. */
u32 pp_tcp_rtt_rto_us(const struct pp_tcp_rtt *r, unsigned int backoff);

/* Smallest round trip of the last minutes, ~0 unknown. */
static inline u32 pp_tcp_rtt_min_us(const struct pp_tcp_rtt *r)
{
	return r->min.v[0];
}

#endif
