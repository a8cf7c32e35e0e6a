// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC congestion control (RFC 9438), the default.
 *
 * Path: tcp_cc.c
 * Mirrors: net/ipv4/tcp_cubic.c
 * Locks: none, pure
 *
 * Fixed point: time in 1/1024 s, windows in segments, the constants C = 0.4
 * and beta = 0.7 as fractions. HyStart (delay and ACK train) ends slow start
 * before the queue overflows.
 */
#include "tcp/tcp_reno.h"

#define BETA_NUM	717u	/* 0.7 * 1024 */
#define HZ_SHIFT	10
/* K = cbrt((W_max - cwnd) / C) in 1/1024 s: cbrt(d * 2^30 / 0.4). */
#define K_FACTOR	((1ull << (3 * HZ_SHIFT)) * 10 / 4)

#define HYSTART_MIN_CWND	16u
#define HYSTART_MIN_SAMPLES	8u
#define HYSTART_DELAY_MIN_US	4000u
#define HYSTART_DELAY_MAX_US	16000u
#define HYSTART_ACK_GAP_US	2000u
/* A train is made of what leaves at once: four of the largest packets. */
#define HYSTART_BURST		(4u * 65536)
#define HYSTART_BURST_MAX_US	1000u

/* Lives in pktpath_cc.priv. */
struct pp_cubic {
	u64 epoch_us;		/* start of this growth, 0 none */
	u32 round_us;		/* HyStart: start of this round */
	u32 last_ack_us;	/* HyStart: last ACK of the train */
	u32 w_max;		/* W_max: window at the last reduction, or less */
	u32 prior;		/* cwnd_prior: window at the last reduction */
	u32 origin;		/* W_max of this epoch */
	u32 k;			/* 1/1024 s from epoch to origin */
	u32 w_est;		/* what Reno would have */
	u32 est_cnt;
	u32 ack_us;		/* the last ACK */
	u32 round_end;		/* HyStart: delivered count ending a round */
	u32 round_min_us;
	u32 samples;
	u32 delay_min_us;
	bool found;
	bool in_round;
};

static_assert(sizeof(struct pp_cubic) <= 8 * PKTPATH_CC_PRIV_U64);

static struct pp_cubic *pp_cubic_priv(struct pktpath_cc *c)
{
	return (struct pp_cubic *)c->priv;
}

static void pp_cubic_init(struct pktpath_cc *c)
{
	memset(c->priv, 0, sizeof(c->priv));
}

/* Largest r with r^3 <= a, one bit at a time from the top. */
static u32 pp_cubic_cbrt(u64 a)
{
	u64 r = 0;
	int s;

	for (s = 63; s >= 0; s -= 3) {
		u64 b;

		r <<= 1;
		b = 3 * r * (r + 1) + 1;
		if (a >> s >= b) {
			a -= b << s;
			r++;
		}
	}
	return (u32)r;
}

static void pp_cubic_epoch(struct pktpath_cc *c, struct pp_cubic *q)
{
	q->epoch_us = c->now_us ? c->now_us : 1;
	q->est_cnt = 0;
	q->w_est = c->cwnd;
	if (q->w_max <= c->cwnd) {
		q->k = 0;
		q->origin = c->cwnd;
	} else {
		q->k = pp_cubic_cbrt(K_FACTOR * (q->w_max - c->cwnd));
		q->origin = q->w_max;
	}
}

/* RFC 9438 (1): W(t) = C (t - K)^3 + W_max, at t one round trip ahead. */
static u32 pp_cubic_target(struct pktpath_cc *c, struct pp_cubic *q)
{
	u64 t, d, delta;

	t = c->now_us - q->epoch_us + q->delay_min_us;
	t = div_u64(t << HZ_SHIFT, 1000000);
	if (t > 1u << 20)
		t = 1u << 20;	/* 17 minutes: far beyond any clamp */
	d = t < q->k ? q->k - t : t - q->k;
	delta = d > 1u << 17 ? 1ull << 31 :
		div_u64((4 * d * d * d) >> (3 * HZ_SHIFT), 10);
	if (t < q->k)
		return delta < q->origin ? q->origin - (u32)delta : 1;
	return delta + q->origin > 1u << 30 ? 1u << 30 :
					      (u32)(q->origin + delta);
}

/*
 * RFC 9438 (4): alpha = 3 (1 - beta) / (1 + beta) = 9/17 more per window that
 * is acknowledged, and 1 once W_est is where the window was.
 */
static void pp_cubic_reno_friendly(struct pp_cubic *q, u32 cwnd, u32 acked)
{
	u32 per = q->w_est < q->prior ? cwnd * 17 / 9 : cwnd;

	if (q->w_est > 1u << 26 || cwnd > 1u << 26)
		return;
	q->est_cnt += acked;
	if (!per)
		per = 1;
	if (q->est_cnt >= per) {
		q->w_est += q->est_cnt / per;
		q->est_cnt %= per;
	}
}

static void pp_cubic_cong_avoid(struct pktpath_cc *c, u32 acked)
{
	struct pp_cubic *q = pp_cubic_priv(c);
	u32 target, w;

	if (!c->cwnd_limited)
		return;
	if (c->cwnd < c->ssthresh) {
		acked = pktpath_cc_slow_start(c, acked);
		if (!acked)
			return;
	}
	if (!q->epoch_us)
		pp_cubic_epoch(c, q);
	pp_cubic_reno_friendly(q, c->cwnd, acked);
	target = pp_cubic_target(c, q);
	if (target < q->w_est)
		target = q->w_est;
	/* §4.4: at most half a window more in one round trip. */
	if (target > c->cwnd + (c->cwnd >> 1))
		target = c->cwnd + (c->cwnd >> 1);
	if (target > c->cwnd)
		w = c->cwnd / (target - c->cwnd);
	else
		w = 100 * c->cwnd;
	pp_tcp_reno_ai(c, w < 2 ? 2 : w, acked);
}

/* RFC 9438 (5) and §4.7 fast convergence. */
static u32 pp_cubic_ssthresh(struct pktpath_cc *c)
{
	struct pp_cubic *q = pp_cubic_priv(c);
	u32 w;

	q->epoch_us = 0;
	if (c->cwnd < q->w_max)
		q->w_max = (u32)(((u64)c->cwnd * (1024 + BETA_NUM)) >> 11);
	else
		q->w_max = c->cwnd;
	q->prior = c->cwnd;
	w = (u32)(((u64)c->cwnd * BETA_NUM) >> 10);
	return w > 2 ? w : 2;
}

static void pp_cubic_set_state(struct pktpath_cc *c, u8 new_state)
{
	struct pp_cubic *q = pp_cubic_priv(c);

	if (new_state != PKTPATH_CC_LOSS)
		return;
	/* After a time-out the path may be another one. */
	q->epoch_us = 0;
	q->in_round = false;
	q->found = false;
}

static void pp_cubic_event(struct pktpath_cc *c, enum pktpath_cc_event event)
{
	struct pp_cubic *q = pp_cubic_priv(c);

	/* §4.2: time in which the application had nothing does not count. */
	if (event != PKTPATH_CC_TX_START || !q->epoch_us)
		return;
	/* beyond what ack_us can tell */
	if ((c->now_us - q->epoch_us) >> 32)
		q->epoch_us = 0;
	else
		q->epoch_us += (u32)c->now_us - q->ack_us;
}

static void pp_cubic_round(struct pktpath_cc *c, struct pp_cubic *q)
{
	q->in_round = true;
	q->round_us = (u32)c->now_us;
	q->last_ack_us = (u32)c->now_us;
	q->round_end = c->delivered + c->in_flight;
	q->round_min_us = ~0u;
	q->samples = 0;
}

/* How long a burst takes at twice what the window allows, as is sent now. */
static u32 pp_cubic_burst_us(const struct pktpath_cc *c)
{
	u64 window = 2ull * c->cwnd * c->mss, us;

	if (!window)
		return HYSTART_BURST_MAX_US;
	if (window >> 32)
		return 0;
	us = div_u64((u64)HYSTART_BURST * c->srtt_us, (u32)window);
	return us < HYSTART_BURST_MAX_US ? (u32)us : HYSTART_BURST_MAX_US;
}

/* HyStart: slow start ends when delay rises or a train is a round trip long. */
static void pp_cubic_hystart(struct pktpath_cc *c, struct pp_cubic *q,
			     u32 rtt_us)
{
	u32 thresh = q->delay_min_us >> 3;

	/* With the first that was sent after it began another round begins. */
	if (!q->in_round || (s32)(c->delivered - q->round_end) > 0)
		pp_cubic_round(c, q);
	if ((u32)c->now_us - q->last_ack_us <= HYSTART_ACK_GAP_US) {
		q->last_ack_us = (u32)c->now_us;
		if ((u32)c->now_us - q->round_us >
		    (q->delay_min_us + pp_cubic_burst_us(c)) >> 1)
			q->found = true;
	}
	if (rtt_us < q->round_min_us)
		q->round_min_us = rtt_us;
	if (q->samples < HYSTART_MIN_SAMPLES) {
		q->samples++;
	} else {
		if (thresh < HYSTART_DELAY_MIN_US)
			thresh = HYSTART_DELAY_MIN_US;
		if (thresh > HYSTART_DELAY_MAX_US)
			thresh = HYSTART_DELAY_MAX_US;
		if (q->round_min_us > q->delay_min_us + thresh)
			q->found = true;
	}
	if (q->found)
		c->ssthresh = c->cwnd;
}

static void pp_cubic_acked(struct pktpath_cc *c,
			   const struct pktpath_cc_sample *s)
{
	struct pp_cubic *q = pp_cubic_priv(c);
	u32 rtt;

	q->ack_us = (u32)c->now_us;
	if (s->rtt_us < 0)
		return;
	rtt = s->rtt_us > 0xffffffff ? 0xffffffffu : (u32)s->rtt_us;
	if (!rtt)
		rtt = 1;
	if (!q->delay_min_us || rtt < q->delay_min_us)
		q->delay_min_us = rtt;
	if (!q->found && c->cwnd < c->ssthresh && c->cwnd >= HYSTART_MIN_CWND)
		pp_cubic_hystart(c, q, rtt);
}

struct pktpath_cc_ops pp_tcp_cubic = {
	.init = pp_cubic_init,
	.ssthresh = pp_cubic_ssthresh,
	.cong_avoid = pp_cubic_cong_avoid,
	.set_state = pp_cubic_set_state,
	.event = pp_cubic_event,
	.acked = pp_cubic_acked,
	.undo_cwnd = pp_tcp_reno_undo,
	.name = "cubic",
	.flags = PKTPATH_CC_UNRESTRICTED,
};
