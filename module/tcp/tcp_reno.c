// SPDX-License-Identifier: GPL-2.0
/*
 * NewReno congestion control (RFC 5681 §3.1, RFC 6582); the shortest example
 * of struct pktpath_cc_ops.
 *
 * Path: tcp_cc.c
 * Mirrors: net/ipv4/tcp_cong.c
 * Locks: none, pure
 */
#include "tcp/tcp_reno.h"

/**
 * pp_tcp_reno_ssthresh() - half of what is in use, at least two
 * @c: connection
 *
 * RFC 5681 (4), with the window for the flight size as the kernel does.
 * Context: any, pure.
 * Return: segments.
 */
u32 pp_tcp_reno_ssthresh(struct pktpath_cc *c)
{
	return c->cwnd >> 1 > 2 ? c->cwnd >> 1 : 2;
}

/**
 * pp_tcp_reno_undo() - the window from before a spurious reduction
 * @c: connection
 *
 * Context: any, pure.
 * Return: segments.
 */
u32 pp_tcp_reno_undo(struct pktpath_cc *c)
{
	return c->cwnd > c->prior_cwnd ? c->cwnd : c->prior_cwnd;
}

/**
 * pp_tcp_reno_ai() - additive increase: one segment for every @w acknowledged
 * @c: connection
 * @w: acknowledged segments per increase, >= 1
 * @acked: newly acknowledged
 *
 * RFC 5681 (3), appropriate byte counting by segments.
 * Context: any, pure.
 */
void pp_tcp_reno_ai(struct pktpath_cc *c, u32 w, u32 acked)
{
	if (!w)
		w = 1;
	if (c->cwnd_cnt >= w) {
		c->cwnd_cnt = 0;
		c->cwnd++;
	}
	c->cwnd_cnt += acked;
	if (c->cwnd_cnt >= w) {
		u32 delta = c->cwnd_cnt / w;

		c->cwnd_cnt -= delta * w;
		c->cwnd += delta;
	}
	if (c->cwnd > c->cwnd_clamp)
		c->cwnd = c->cwnd_clamp;
}

static void pp_tcp_reno_cong_avoid(struct pktpath_cc *c, u32 acked)
{
	if (!c->cwnd_limited)
		return;
	if (c->cwnd < c->ssthresh) {
		acked = pktpath_cc_slow_start(c, acked);
		if (!acked)
			return;
	}
	pp_tcp_reno_ai(c, c->cwnd, acked);
}

struct pktpath_cc_ops pp_tcp_reno = {
	.ssthresh = pp_tcp_reno_ssthresh,
	.cong_avoid = pp_tcp_reno_cong_avoid,
	.undo_cwnd = pp_tcp_reno_undo,
	.name = "reno",
	.flags = PKTPATH_CC_UNRESTRICTED,
};
