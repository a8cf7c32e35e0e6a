// SPDX-License-Identifier: GPL-2.0
/*
 * Delivery rate: how fast the network took what we sent.
 *
 * Path: tcp_output.c (sent), tcp_rtx_clean.c and tcp_sack.c (delivered)
 * Mirrors: net/ipv4/tcp_input.c (tcp_rate_gen)
 * Locks: none, pure
 *
 * draft-cheng-iccrg-delivery-rate-estimation: a segment remembers how much had
 * been delivered when it was sent. When it is delivered itself, the difference
 * over the longer of the send and the acknowledgment interval is a sample that
 * never exceeds the bottleneck.
 */
#include "tcp/tcp_rate.h"

/**
 * pp_tcp_rate_delivered() - a segment has arrived at the peer
 * @r: connection
 * @tx: what pp_tcp_rate_sent() noted; @tx->delivered_us 0: sampled already
 * @s: sample of this acknowledgment
 * @sent_us: when the segment was sent last
 * @was_retrans: it was retransmitted
 *
 * The newest segment of an acknowledgment makes the sample.
 *
 * Context: any, pure.
 */
void pp_tcp_rate_delivered(struct pp_tcp_rate *r,
			   const struct pp_tcp_rate_tx *tx,
			   struct pp_tcp_rate_sample *s, u32 sent_us,
			   bool was_retrans)
{
	if (!tx->delivered_us)
		return;
	if (s->prior_us && (s32)(sent_us - s->sent_us) < 0)
		return;
	s->prior_delivered = tx->delivered;
	s->prior_us = tx->delivered_us;
	s->sent_us = sent_us;
	s->app_limited = tx->app_limited;
	s->retrans = was_retrans;
	s->send_interval_us = sent_us - tx->first_tx_us;
	r->first_tx_us = sent_us;
}

/**
 * pp_tcp_rate_gen() - finish the sample of an acknowledgment
 * @r: connection; @r->delivered counts this acknowledgment already
 * @s: collected by pp_tcp_rate_delivered(), results are set
 * @now_us: clock
 * @min_rtt_us: intervals below it are measuring errors
 * @reneged: the peer took back a SACK: no sample
 *
 * Context: any, pure.
 */
void pp_tcp_rate_gen(struct pp_tcp_rate *r, struct pp_tcp_rate_sample *s,
		     u32 now_us, u32 min_rtt_us, bool reneged)
{
	u32 ack_us;

	if (r->app_limited && (s32)(r->delivered - r->app_limited) > 0)
		r->app_limited = 0;
	if (!s->prior_us || reneged) {
		s->delivered = 0;
		s->interval_us = -1;
		return;
	}
	s->delivered = r->delivered - s->prior_delivered;
	ack_us = now_us - s->prior_us;
	s->interval_us = s->send_interval_us > ack_us ? s->send_interval_us :
							ack_us;
	if (s->interval_us < min_rtt_us) {
		s->interval_us = -1;
		return;
	}
	if (!s->app_limited ||
	    (u64)s->delivered * r->rate_interval_us >=
	    (u64)r->rate_delivered * (u64)s->interval_us) {
		r->rate_delivered = s->delivered;
		r->rate_interval_us = (u32)s->interval_us;
		r->rate_app_limited = s->app_limited;
	}
}
