/* SPDX-License-Identifier: GPL-2.0 */
/* Delivery rate estimation (draft-cheng-iccrg-delivery-rate); pure. */
#ifndef PKTPATH_TCP_TCP_RATE_H
#define PKTPATH_TCP_TCP_RATE_H

#include "core/pure.h"

/* Of a connection. Times: microseconds, truncated to 32 bits. */
struct pp_tcp_rate {
	u32 delivered;		/* segments */
	u32 delivered_us;	/* when @delivered changed last */
	u32 first_tx_us;	/* start of the current send window */
	u32 app_limited;	/* delivered count at which it ends, 0 not */
	u32 rate_delivered;	/* best sample, for tools */
	u32 rate_interval_us:31, rate_app_limited:1;
};

/* Of a segment, stored when it is sent. */
struct pp_tcp_rate_tx {
	u32 delivered;
	u32 delivered_us;
	u32 first_tx_us;
	bool app_limited;
};

/* Of an acknowledgment, being collected. */
struct pp_tcp_rate_sample {
	u32 prior_delivered;
	u32 prior_us;		/* 0: nothing was delivered */
	u32 sent_us;		/* of the newest segment delivered */
	u32 send_interval_us;
	bool app_limited, retrans;
	s64 interval_us;	/* result, -1 invalid */
	u32 delivered;		/* result */
};

/* A segment leaves; @nothing_out: a new send window begins with it. */
static inline void pp_tcp_rate_sent(struct pp_tcp_rate *r,
				    struct pp_tcp_rate_tx *tx, u32 now_us,
				    bool nothing_out)
{
	if (nothing_out) {
		r->first_tx_us = now_us;
		r->delivered_us = now_us;
	}
	tx->first_tx_us = r->first_tx_us;
	tx->delivered_us = r->delivered_us;
	tx->delivered = r->delivered;
	tx->app_limited = r->app_limited != 0;
}

void pp_tcp_rate_delivered(struct pp_tcp_rate *r,
			   const struct pp_tcp_rate_tx *tx,
			   struct pp_tcp_rate_sample *s, u32 sent_us,
			   bool was_retrans);
void pp_tcp_rate_gen(struct pp_tcp_rate *r, struct pp_tcp_rate_sample *s,
		     u32 now_us, u32 min_rtt_us, bool reneged);

#endif
