// SPDX-License-Identifier: GPL-2.0
/*
 * Round-trip time estimator and retransmission time-out.
 *
 * Path: tcp_rtx_clean.c (samples), tcp_timer.c (time-out)
 * Mirrors: net/ipv4/tcp_input.c (tcp_rtt_estimator), lib/win_minmax.c
 * Locks: none, pure
 */
#include "tcp/tcp_rtt.h"
#include "tcp/tcp_opt.h"

/* RFC 8985 §6.2 leaves the window of the minimum open; five minutes here. */
#define MIN_WINDOW_MS 300000u

/**
 * pp_tcp_rtt_init() - before the first sample
 * @r: estimator
 *
 * RFC 6298 (2.1): one second until a round trip has been measured.
 * Context: any, pure.
 */
void pp_tcp_rtt_init(struct pp_tcp_rtt *r)
{
	memset(r, 0, sizeof(*r));
	r->rto_us = PKTPATH_RTO_INIT_US;
	r->rto_min_us = PKTPATH_RTO_MIN_US;
	r->min.v[0] = ~0u;
	r->min.v[1] = ~0u;
	r->min.v[2] = ~0u;
}

/* The three smallest of the last window, in order of age. */
static void pp_tcp_rtt_min_add(struct pp_tcp_minmax *m, u32 v, u32 now_ms)
{
	int i;

	if (v <= m->v[0] || now_ms - m->t[2] > MIN_WINDOW_MS) {
		for (i = 0; i < 3; i++) {
			m->v[i] = v;
			m->t[i] = now_ms;
		}
		return;
	}
	if (v <= m->v[1]) {
		m->v[1] = v;
		m->t[1] = now_ms;
		m->v[2] = v;
		m->t[2] = now_ms;
	} else if (v <= m->v[2]) {
		m->v[2] = v;
		m->t[2] = now_ms;
	}
	/* What is older than the window makes way for the next best. */
	if (now_ms - m->t[0] > MIN_WINDOW_MS) {
		m->v[0] = m->v[1];
		m->t[0] = m->t[1];
		m->v[1] = m->v[2];
		m->t[1] = m->t[2];
		m->v[2] = v;
		m->t[2] = now_ms;
	} else if (m->t[1] == m->t[0] &&
		   now_ms - m->t[1] > MIN_WINDOW_MS / 4) {
		m->v[1] = v;
		m->t[1] = now_ms;
		m->v[2] = v;
		m->t[2] = now_ms;
	} else if (m->t[2] == m->t[1] &&
		   now_ms - m->t[2] > MIN_WINDOW_MS / 2) {
		m->v[2] = v;
		m->t[2] = now_ms;
	}
}

static void pp_tcp_rtt_set_rto(struct pp_tcp_rtt *r)
{
	u32 var = r->rttvar_us;

	if (var < r->rto_min_us)
		var = r->rto_min_us;
	r->rto_us = (r->srtt_us >> 3) + var;
	if (r->rto_us > PKTPATH_RTO_MAX_US)
		r->rto_us = PKTPATH_RTO_MAX_US;
}

/**
 * pp_tcp_rtt_sample() - take one measurement
 * @r: estimator
 * @rtt_us: measured, never of a retransmitted segment (Karn, RFC 6298 §3); of
 *	    several segments the first, which waited longest for its ACK
 * @last_us: of the last, for the minimum; ~0u when there is one only
 * @now_ms: clock for the sliding minimum
 * @snd_una: to end a window of measurement once per round trip
 * @snd_nxt: where the next window ends
 *
 * RFC 6298 (2.2) and (2.3) with alpha 1/8 and beta 1/4. As the kernel does,
 * the variance that counts is the largest of a round trip and decays by a
 * quarter in each, and a falling time moves the deviation eight times slower,
 * so that the time-out does not collapse when the path gets faster.
 *
 * Context: any, pure.
 */
void pp_tcp_rtt_sample(struct pp_tcp_rtt *r, u32 rtt_us, u32 last_us,
		       u32 now_ms, u32 snd_una, u32 snd_nxt)
{
	s64 err;

	if (rtt_us > PKTPATH_RTO_MAX_US)
		rtt_us = PKTPATH_RTO_MAX_US;
	if (!rtt_us)
		rtt_us = 1;
	if (last_us > rtt_us)
		last_us = rtt_us;
	pp_tcp_rtt_min_add(&r->min, last_us ? last_us : 1, now_ms);
	if (!r->srtt_us) {
		r->srtt_us = rtt_us << 3;
		r->mdev_us = rtt_us << 1;
		r->rttvar_us = r->mdev_us;
		if (r->rttvar_us < r->rto_min_us)
			r->rttvar_us = r->rto_min_us;
		r->mdev_max_us = r->rttvar_us;
		r->rtt_seq = snd_nxt;
		pp_tcp_rtt_set_rto(r);
		return;
	}
	err = (s64)rtt_us - (r->srtt_us >> 3);
	r->srtt_us += (s32)err;
	if (err < 0) {
		err = -err - (r->mdev_us >> 2);
		if (err > 0)
			err >>= 3;
	} else {
		err -= r->mdev_us >> 2;
	}
	r->mdev_us += (s32)err;
	if (r->mdev_us > r->mdev_max_us) {
		r->mdev_max_us = r->mdev_us;
		if (r->mdev_max_us > r->rttvar_us)
			r->rttvar_us = r->mdev_max_us;
	}
	if (pp_seq_after(snd_una, r->rtt_seq)) {
		if (r->mdev_max_us < r->rttvar_us)
			r->rttvar_us -= (r->rttvar_us - r->mdev_max_us) >> 2;
		r->rtt_seq = snd_nxt;
		r->mdev_max_us = r->rto_min_us;
	}
	pp_tcp_rtt_set_rto(r);
}

/**
 * pp_tcp_rtt_set_min() - another lower bound than the kernel's 200 ms
 * @r: estimator, perhaps with the sample of a handshake
 * @us: bound of what the time-out has beyond the round trip, microseconds
 *
 * Context: any, pure.
 */
void pp_tcp_rtt_set_min(struct pp_tcp_rtt *r, u32 us)
{
	r->rto_min_us = us;
	if (!r->srtt_us)
		return;
	r->rttvar_us = r->mdev_us > us ? r->mdev_us : us;
	r->mdev_max_us = r->rttvar_us;
	pp_tcp_rtt_set_rto(r);
}

/**
 * pp_tcp_rtt_rto_us() - time-out now
 * @r: estimator
 * @backoff: doublings, RFC 6298 (5.5)
 *
 * Context: any, pure.
 * Return: microseconds, up to 120 s.
 */
u32 pp_tcp_rtt_rto_us(const struct pp_tcp_rtt *r, unsigned int backoff)
{
	u64 rto = r->rto_us;

	if (backoff > 20)
		backoff = 20;
	rto <<= backoff;
	return rto > PKTPATH_RTO_MAX_US ? PKTPATH_RTO_MAX_US : (u32)rto;
}
