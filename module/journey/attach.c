// SPDX-License-Identifier: GPL-2.0
/*
 * What the stages call while there is a recording or a user of their
 * tracepoints: without a stage costs its one patched branch. And probes on the
 * tracepoint of drops and on four of the kernel's.
 *
 * Path: any stage -> here -> probe.c, record.c
 * Mirrors: none
 * Locks: pp_journey_lock for on and off; probes run with interrupts off
 */
#include <linux/tracepoint.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/trace.h"
#include "journey/fast.h"
#include "journey/journey_priv.h"

/* The user's numbers of stages are ours, else there is a division by 0. */
static const u8 pp_probe_same[] __maybe_unused = {
#define PKTPATH_STAGE_SAME(id, tp, dir, name, fn, file, twin) \
	[PKTPATH_STAGE_##id] = \
		1 / ((int)PKTPATH_STAGE_##id == (int)PKTPATH_AT_##id),
	PKTPATH_STAGES(PKTPATH_STAGE_SAME)
#undef PKTPATH_STAGE_SAME
};

/* ---- Drops ---- */

static void pp_probe_drop(void *data, const struct sk_buff *skb,
			  enum pp_stage stage, enum pp_drop_cause cause,
			  const struct net *net)
{
	struct pp_journey_flow flow = {};
	struct pp_probe_at at = {};
	struct pp_track t __uninitialized, *e = NULL;
	struct pp_journey_net *jn;
	unsigned long flags;
	u8 wants;

	local_irq_save(flags);
	jn = pp_probe_net(net);
	if (!jn)
		goto out;
	if (skb) {
		e = pp_probe_find((unsigned long)skb, &t);
		/* it may have been in a tree, which uses its @dev */
		at.len = skb->len;
		at.ifindex = skb->skb_iif;
		if (pp_probe_skb_flow(skb, &flow))
			at.flow = &flow;
	}
	if (!e || t.pn != pp_net(net)) {
		memset(&t, 0, sizeof(t));
		t.pn = pp_net(net);
		t.id = pp_probe_new_id(jn);
		t.at = PKTPATH_TRACK_NEW;
		e = NULL;
	}
	wants = pp_probe_decide_drop(jn, &flow) & ~t.mask;
	t.mask |= wants;
	t.open |= pp_late_begin(jn, wants);
	if (e) {
		t.state = PKTPATH_TRACK_DROPPED;
		e = pp_probe_enter(e, &t);
	}
	at.stage = stage;
	at.cause = cause;
	at.flags = PKTPATH_JREC_DROP;
	pp_probe_put(e, &t, &at);
out:
	local_irq_restore(flags);
}

/* ---- The kernel's ---- */

/* Interrupts are off, and were as in @flags. */
static noinline void pp_probe_xmit(const struct sk_buff *skb,
				   const struct net_device *dev,
				   unsigned long flags)
{
	struct pp_journey_flow flow __uninitialized;
	struct pp_probe_at at __uninitialized;
	struct pp_track t __uninitialized, *e;

	e = pp_probe_find((unsigned long)skb, &t);
	/* of buffers that come from elsewhere one may have died unseen */
	if ((!e || (t.mask && t.at != PKTPATH_STAGE_DEV_QUEUE)) &&
	    unlikely(READ_ONCE(pp_split_any)))
		pp_split_xmit(skb, dev);
	if (!e || t.at != PKTPATH_STAGE_DEV_QUEUE ||
	    !pp_probe_of(&t, dev_net(dev)))
		goto out;
	pp_probe_at_skb(&at, PKTPATH_STAGE_DEV_XMIT, skb);
	if (t.mask & PKTPATH_JOURNEY_MASK && pp_probe_skb_flow(skb, &flow))
		at.flow = &flow;
	t.state = PKTPATH_TRACK_XMIT;
	pp_probe_put(e, &t, &at);
out:
	local_irq_restore(flags);
}

static void pp_probe_dev_xmit(void *data, const struct sk_buff *skb,
			      const struct net_device *dev)
{
	unsigned long flags;

	local_irq_save(flags);
	if (pp_fast_dev_xmit(this_cpu_read(pp_probe_cpus.self), skb, dev))
		local_irq_restore(flags);
	else
		pp_probe_xmit(skb, dev, flags);
}

/* Back by lo or a link to the same netns, or for ever with another's. */
static void pp_probe_back(struct pp_track *e, struct pp_track *t,
			  const struct sk_buff *skb)
{
	struct pp_probe_at at __uninitialized;

	if (pp_probe_of(t, dev_net(skb->dev))) {
		pp_probe_at_skb(&at, PKTPATH_STAGE_DEV_RX, skb);
		t->state = PKTPATH_TRACK_IN;
	} else {
		at = (struct pp_probe_at) {
			.stage = PKTPATH_STAGE_TX_DONE,
			.flags = PKTPATH_JREC_HANDOVER,
		};
		pp_track_del(e, t->key);
		e = NULL;
	}
	pp_probe_put(e, t, &at);
}

static void pp_probe_dev_rx(void *data, struct sk_buff *skb)
{
	struct pp_probe_cpu *pc;
	struct pp_track t __uninitialized, *e;
	unsigned long flags;

	local_irq_save(flags);
	pc = this_cpu_ptr(&pp_probe_cpus);
	pc->rx_time = 0;
	e = pp_probe_find((unsigned long)skb, &t);
	if (e && t.state == PKTPATH_TRACK_XMIT)
		pp_probe_back(e, &t, skb);
	if ((!e || t.state != PKTPATH_TRACK_IN) &&
	    pp_probe_net(dev_net(skb->dev)))
		pc->rx_time = pp_clock();
	local_irq_restore(flags);
}

/*
 * A buffer ends: sent, read by a process, or thrown away by the kernel. On the
 * way up it is ours: what we throw away has been at pp_drop, and what is freed
 * without a reason has been used. Interrupts are off, and were as in @flags.
 */
static noinline void pp_probe_end(const struct sk_buff *skb,
				  unsigned int reason, unsigned long flags)
{
	struct pp_probe_at at = { .stage = PKTPATH_AT_FREE };
	struct pp_journey_flow flow __uninitialized;
	struct pp_track t __uninitialized, *e;

	e = pp_probe_find((unsigned long)skb, &t);
	if (!e)
		goto out;
	pp_track_del(e, t.key);
	/* its drop was the last that is told of it */
	if (t.state == PKTPATH_TRACK_DROPPED)
		goto out;
	if (t.state == PKTPATH_TRACK_XMIT)
		at.stage = PKTPATH_AT_TX_DONE;
	if (reason == SKB_DROP_REASON_NOT_SPECIFIED &&
	    (t.state == PKTPATH_TRACK_IN || t.state == PKTPATH_TRACK_QUEUED))
		reason = 0;
	if (reason) {
		at.cause = min(reason, 255U);
		at.flags = PKTPATH_JREC_DROP | PKTPATH_JREC_KERNEL;
	}
	if (t.at == PKTPATH_STAGE_DEV_QUEUE && !reason)
		pp_split_tell(skb, &at, &flow);
	pp_probe_put(NULL, &t, &at);
	if (at.segs)
		pp_split_note(&t, &at);
	if (t.state == PKTPATH_TRACK_QUEUED && !reason && in_task()) {
		t.key = pp_probe_call_key();
		t.state = PKTPATH_TRACK_READ;
		pp_probe_enter(NULL, &t);
	}
out:
	local_irq_restore(flags);
}

static void pp_probe_consume(PKTPATH_CONSUME_PROTO)
{
	unsigned long flags;

	local_irq_save(flags);
	if (pp_fast_tx_done(this_cpu_read(pp_probe_cpus.self), skb))
		local_irq_restore(flags);
	else
		pp_probe_end(skb, 0, flags);
}

static void pp_probe_kfree(PKTPATH_KFREE_PROTO)
{
	unsigned long flags;

	local_irq_save(flags);
	pp_probe_end(skb, reason, flags);
}

/* ---- Ours ---- */

/* Off, who comes late must not look for packets. */
static bool pp_probes_on;

/* What pp_fast() did not do; interrupts are off, on return they are on. */
static noinline void pp_probe_slow(const struct sk_buff *skb,
				   const struct sock *sk, unsigned int len,
				   u8 stage)
{
	u64 clk;

	if (READ_ONCE(pp_probes_on)) {
		clk = pp_clock();
		if (!pp_probe_more(stage, skb, sk, len, clk))
			pp_probe_stage(stage, skb, sk, len, clk);
	}
	local_irq_enable();
}

/*
 * core/trace.h says what they are called with; not to be traced in turn. The
 * path is where softirqs and processes are, never with interrupts off: whether
 * they were on need not be remembered.
 */
#define PKTPATH_RECORD_OUT(id, tp) \
static noinline void pp_trace_##tp(const struct sk_buff *skb, \
				   const struct sock *sk, unsigned int len) \
{ \
	trace_##tp(skb, sk, len); \
	local_irq_disable(); \
	pp_probe_slow(skb, sk, len, PKTPATH_STAGE_##id); \
} \
\
notrace void pp_record_##tp(const struct sk_buff *skb, const struct sock *sk, \
			    unsigned int len) \
{ \
	lockdep_assert_irqs_enabled(); \
	if (trace_##tp##_enabled()) { \
		pp_trace_##tp(skb, sk, len); \
		return; \
	} \
	local_irq_disable(); \
	if (pp_fast(PKTPATH_STAGE_##id, skb, sk, len)) \
		local_irq_enable(); \
	else \
		pp_probe_slow(skb, sk, len, PKTPATH_STAGE_##id); \
}

#define PKTPATH_RECORD_IN(id, tp)	PKTPATH_RECORD_OUT(id, tp)
#define PKTPATH_RECORD_KOUT(id, tp)
#define PKTPATH_RECORD_KIN(id, tp)
#define PKTPATH_RECORD(id, tp, dir, name, fn, file, twin) \
	PKTPATH_RECORD_##dir(id, tp)
PKTPATH_STAGES(PKTPATH_RECORD)

/**
 * pp_record_found() - the socket of a received packet has been found
 * @skb: the packet
 * @sk: the socket
 *
 * Context: softirq or process, interrupts on.
 */
void pp_record_found(const struct sk_buff *skb, const struct sock *sk)
{
	local_irq_disable();
	if (READ_ONCE(pp_probes_on))
		pp_probe_found(skb, sk);
	local_irq_enable();
}

/* The kernel's tracepoints are looked for by name. */
static struct {
	const char *name;
	void *fn;
	struct tracepoint *tp;
	bool on;
} pp_probes[] = {
	{ "pp_drop", pp_probe_drop, &__tracepoint_pp_drop },
	{ "net_dev_start_xmit", pp_probe_dev_xmit },
	{ "netif_receive_skb", pp_probe_dev_rx },
	{ "consume_skb", pp_probe_consume },
	{ "kfree_skb", pp_probe_kfree },
};

static void pp_probe_look(struct tracepoint *tp, void *arg)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pp_probes); i++)
		if (!pp_probes[i].tp && !strcmp(pp_probes[i].name, tp->name))
			pp_probes[i].tp = tp;
}

/**
 * pp_journey_probes_on() - have the stages call, attach to tracepoints
 *
 * Context: process, pp_journey_lock held.
 * Return: 0, -ENOENT when the kernel lacks one, or -errno.
 */
int pp_journey_probes_on(void)
{
	int i, err = 0;

	pp_block_start();
	for_each_kernel_tracepoint(pp_probe_look, NULL);
	for (i = 0; i < ARRAY_SIZE(pp_probes) && !err; i++) {
		err = pp_probes[i].tp ?
		      tracepoint_probe_register(pp_probes[i].tp,
						pp_probes[i].fn, NULL) :
		      -ENOENT;
		pp_probes[i].on = !err;
	}
	if (err) {
		pp_journey_probes_off();
		return err;
	}
	WRITE_ONCE(pp_probes_on, true);
	pp_stages_get();
	return 0;
}

/**
 * pp_journey_probes_off() - undo that
 *
 * On return no probe runs any more, and who was called by a stage before and
 * has not begun yet finds nothing to do.
 *
 * Context: process, pp_journey_lock held; sleeps.
 */
void pp_journey_probes_off(void)
{
	int i;

	if (pp_probes_on)
		pp_stages_put();
	WRITE_ONCE(pp_probes_on, false);
	for (i = 0; i < ARRAY_SIZE(pp_probes); i++) {
		if (!pp_probes[i].on)
			continue;
		tracepoint_probe_unregister(pp_probes[i].tp, pp_probes[i].fn,
					    NULL);
		pp_probes[i].on = false;
	}
	tracepoint_synchronize_unregister();
}
