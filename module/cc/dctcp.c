// SPDX-License-Identifier: GPL-2.0
/*
 * DCTCP (RFC 8257) as a module of its own, pktpath_dctcp: how a congestion
 * control is added to pktpath. It needs include/net/pktpath.h and nothing else.
 *
 * Path: module/tcp/tcp_cc.c
 * Mirrors: net/ipv4/tcp_dctcp.c
 * Locks: none, pure; the connection is locked by the caller
 *
 * The receiver's half (§3.2), echoing each mark, is the stack's and asked for
 * by PKTPATH_CC_ECN_EXACT. The sender's half is here: once a window of data
 * the share of marked segments goes into alpha, and a mark then costs
 * alpha / 2 of the window instead of a half.
 */
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/module.h>
#else
#include <assert.h>
#endif
#include <linux/types.h>
#include <net/pktpath.h>

#define DCTCP_ONE	1024u	/* alpha of 1.0 */
#define DCTCP_SHIFT_G	4	/* g = 1/16, §4.2 */

struct dctcp {
	__u32 alpha;		/* share of marks, of DCTCP_ONE */
	__u32 window_end;	/* delivered count that ends the window */
	__u32 delivered;	/* counts at its start */
	__u32 delivered_ce;
	__u32 last_ecn, last_all; /* of the last whole window, for tools */
	__u32 ce_state;		/* the mark that came in last */
};

static_assert(sizeof(struct dctcp) <= 8 * PKTPATH_CC_PRIV_U64);

static struct dctcp *dctcp_priv(const struct pktpath_cc *c)
{
	return (struct dctcp *)c->priv;
}

static void dctcp_window(const struct pktpath_cc *c, struct dctcp *d)
{
	d->delivered = c->delivered;
	d->delivered_ce = c->delivered_ce;
	d->window_end = c->delivered + (c->in_flight ? c->in_flight : 1);
}

/* §4.2: alpha begins at 1, so that the first mark is taken seriously. */
static void dctcp_init(struct pktpath_cc *c)
{
	struct dctcp *d = dctcp_priv(c);

	d->alpha = DCTCP_ONE;
	dctcp_window(c, d);
}

/* §3.3 (7): alpha = alpha * (1 - g) + g * M, once a window of data. */
static void dctcp_acked(struct pktpath_cc *c, const struct pktpath_cc_sample *s)
{
	struct dctcp *d = dctcp_priv(c);
	__u32 all, ecn, decay;

	if (!s->acked || (__s32)(c->delivered - d->window_end) < 0)
		return;
	all = c->delivered - d->delivered;
	ecn = c->delivered_ce - d->delivered_ce;
	if (ecn > all)
		ecn = all;
	/* What is too little to decay goes at once, or it would stay. */
	decay = d->alpha >> DCTCP_SHIFT_G;
	d->alpha -= decay ? decay : d->alpha;
	if (ecn)
		d->alpha += ecn * (DCTCP_ONE >> DCTCP_SHIFT_G) / all;
	if (d->alpha > DCTCP_ONE)
		d->alpha = DCTCP_ONE;
	d->last_ecn = ecn;
	d->last_all = all;
	dctcp_window(c, d);
}

/* §3.3 (8): cwnd = cwnd * (1 - alpha / 2). */
static __u32 dctcp_ssthresh(struct pktpath_cc *c)
{
	__u64 cut = (__u64)c->cwnd * dctcp_priv(c)->alpha / (2 * DCTCP_ONE);
	__u32 cwnd = c->cwnd - (__u32)cut;

	return cwnd > 2 ? cwnd : 2;
}

/* §3.5: a loss is answered as by any other TCP. */
static void dctcp_loss(struct pktpath_cc *c)
{
	__u32 half = c->cwnd >> 1;

	c->ssthresh = half > 2 ? half : 2;
}

static void dctcp_set_state(struct pktpath_cc *c, __u8 new_state)
{
	if (new_state == PKTPATH_CC_RECOVERY && c->state != new_state)
		dctcp_loss(c);
}

static void dctcp_event(struct pktpath_cc *c, enum pktpath_cc_event event)
{
	if (event == PKTPATH_CC_LOSS_EVENT)
		dctcp_loss(c);
	else if (event == PKTPATH_CC_ECN_CE)
		dctcp_priv(c)->ce_state = 1;
	else if (event == PKTPATH_CC_ECN_NO_CE)
		dctcp_priv(c)->ce_state = 0;
}

/* §3.3: between the marks the window grows as in RFC 5681. */
static void dctcp_cong_avoid(struct pktpath_cc *c, __u32 acked)
{
	if (!c->cwnd_limited)
		return;
	if (c->cwnd < c->ssthresh)
		acked = pktpath_cc_slow_start(c, acked);
	for (c->cwnd_cnt += acked; c->cwnd_cnt >= c->cwnd; c->cwnd++)
		c->cwnd_cnt -= c->cwnd;
	if (c->cwnd > c->cwnd_clamp)
		c->cwnd = c->cwnd_clamp;
}

static __u32 dctcp_undo(struct pktpath_cc *c)
{
	return c->cwnd > c->prior_cwnd ? c->cwnd : c->prior_cwnd;
}

/* As ss prints them: ce_state, alpha, ab_ecn, ab_tot. */
static unsigned int dctcp_info(const struct pktpath_cc *c, __u32 out[5])
{
	const struct dctcp *d = dctcp_priv(c);

	out[0] = d->ce_state;
	out[1] = d->alpha;
	out[2] = d->last_ecn;
	out[3] = d->last_all;
	return 4;
}

static struct pktpath_cc_ops dctcp_ops = {
	.init = dctcp_init,
	.ssthresh = dctcp_ssthresh,
	.cong_avoid = dctcp_cong_avoid,
	.set_state = dctcp_set_state,
	.event = dctcp_event,
	.acked = dctcp_acked,
	.undo_cwnd = dctcp_undo,
	.info = dctcp_info,
	.name = "dctcp",
	.flags = PKTPATH_CC_NEEDS_ECN | PKTPATH_CC_ECN_EXACT,
#ifdef __KERNEL__
	.owner = THIS_MODULE,
#endif
};

#ifdef __KERNEL__
static int __init dctcp_start(void)
{
	return pktpath_cc_register(&dctcp_ops);
}

static void __exit dctcp_stop(void)
{
	pktpath_cc_unregister(&dctcp_ops);
}

module_init(dctcp_start);
module_exit(dctcp_stop);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("DCTCP for pktpath");
MODULE_ALIAS_PKTPATH_CC("dctcp");
#endif
