// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks of records. What one packet meets on one CPU goes into one block,
 * built where the reader will find it and given to it when the next packet
 * comes to a stage on that CPU, or when the reader asks. What all records of
 * a block share is written once: the journey, the process, the clock.
 *
 * Path: any stage -> probe.c -> record.c -> here -> ring.c
 * Mirrors: none
 * Locks: none; a CPU's open block is that CPU's, with interrupts off
 */
#include <linux/cpu.h>
#include <linux/math64.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include "journey/fast.h"
#include "journey/journey_priv.h"

#define PKTPATH_BLOCK_READS	3	/* of the clocks, to get both at once */
#define PKTPATH_BLOCK_APART	4096	/* so far apart they are not */

DEFINE_STATIC_KEY_FALSE(pp_clock_tsc);
u32 pp_clock_mult __read_mostly = 1U << PKTPATH_CLOCK_SHIFT;

/* No packet's: what a CPU without an open block points to. */
struct pp_track pp_block_none = { .key = PKTPATH_TRACK_TAKEN };

DEFINE_PER_CPU(struct pp_probe_cpu, pp_probe_cpus);

/**
 * pp_block_init() - no CPU knows a packet
 *
 * Also for who uses the tracepoints and records nothing: a stage looks here
 * before its tracepoint is on, and after it is off.
 *
 * Context: process; no stage is reached yet.
 */
void pp_block_init(void)
{
	struct pp_probe_cpu *pc;
	int cpu;

	/* a module's per-CPU pointers have no initial value */
	for_each_possible_cpu(cpu) {
		pc = per_cpu_ptr(&pp_probe_cpus, cpu);
		pc->self = pc;
		pc->e = &pp_block_none;
	}
}

/**
 * pp_block_start() - choose the clock
 *
 * Context: process, may sleep; no probe is there yet.
 */
void pp_block_start(void)
{
#ifdef CONFIG_X86_TSC
	if (tsc_khz >= 100000 && !check_tsc_unstable()) {
		pp_clock_mult = div_u64(1000000ULL << PKTPATH_CLOCK_SHIFT,
					tsc_khz);
		static_branch_enable(&pp_clock_tsc);
		return;
	}
#endif
	pp_clock_mult = 1U << PKTPATH_CLOCK_SHIFT;
	static_branch_disable(&pp_clock_tsc);
}

/**
 * pp_clock_long() - of pp_clock_ns(): a long time
 * @diff: of two pp_clock()
 *
 * Context: any.
 * Return: ns.
 */
noinline u64 pp_clock_long(u64 diff)
{
	return mul_u64_u32_shr(diff, pp_clock_mult, PKTPATH_CLOCK_SHIFT);
}

/* Reads both clocks at once. */
static noinline void pp_block_base(struct pp_probe_cpu *pc)
{
	int i;

	for (i = 0; i < PKTPATH_BLOCK_READS; i++) {
		pc->base_clk = pp_clock();
		pc->base_mono = ktime_get_mono_fast_ns();
		if (pp_clock() - pc->base_clk < PKTPATH_BLOCK_APART)
			break;
	}
}

/* What CLOCK_MONOTONIC said when pp_clock() said @clk, not long ago. */
static u64 pp_block_mono(struct pp_probe_cpu *pc, u64 clk)
{
	if (clk - pc->base_clk <= PKTPATH_BLOCK_SPAN)
		return pc->base_mono + pp_clock_ns(clk - pc->base_clk);
	pp_block_base(pc);
	return pc->base_mono - pp_clock_ns(pc->base_clk - clk);
}

/**
 * pp_block_recs() - the length of a block
 * @b: the block
 *
 * Context: any.
 * Return: stages that are in it.
 */
unsigned int pp_block_recs(const struct pp_block *b)
{
	unsigned int i, n = 0;

	for (i = 0; i < pp_block_steps(b); i++)
		n += b->step[i].stage < PKTPATH_STEP_OWNER;
	return n;
}

/*
 * To the recordings it was not built for, those that had no room for it, and
 * those that do not know yet whether they want it.
 */
static noinline void pp_block_copy(struct pp_probe_cpu *pc)
{
	struct pp_journey_net *jn = READ_ONCE(pc->pn->journey);
	unsigned long left = pc->mask & PKTPATH_JOURNEY_MASK;
	struct pp_block *b = pc->block, *to;
	struct pp_journey *j;
	int i;

	if (pc->ring)
		left &= left - 1;
	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (!j)
			continue;
		if (pp_late_of(pc->open, i)) {
			pp_hold_add(j, b, pc->pid[i]);
			continue;
		}
		to = pp_journey_ring_room(j->ring[b->cpu]);
		if (!to) {
			pp_journey_ring_lose(j, b->cpu, pp_block_recs(b));
			continue;
		}
		memcpy(to, b, b->size);
		to->pid = pc->pid[i];
		pp_journey_ring_put(j->ring[b->cpu], to);
	}
}

/**
 * pp_block_close() - give who wants it the open block
 * @pc: its CPU's, which knows no packet then
 *
 * Context: on that CPU with interrupts off, or when that CPU is off.
 */
void pp_block_close(struct pp_probe_cpu *pc)
{
	struct pp_block *b = pc->block;

	pc->e = &pp_block_none;
	if (!b)
		return;
	b->size = (u8 *)pc->next - (u8 *)b;
	if (pc->several || !pc->ring)
		pp_block_copy(pc);
	if (pc->ring)
		pp_journey_ring_put(pc->ring, b);
	pc->ring = NULL;
	WRITE_ONCE(pc->block, NULL);
}

static u32 pp_block_pid(const struct pp_journey *j,
			const struct task_struct *task)
{
	const struct signal_struct *sig = task ? task->signal : NULL;

	/* of whoever calls, never of whoever is interrupted or has ended */
	return sig && j ? pid_nr_ns(sig->pids[PIDTYPE_TGID], j->pidns) : 0;
}

/* The process's numbers for recordings that get copies. */
static noinline void pp_block_pids(struct pp_probe_cpu *pc,
				   const struct pp_journey_net *jn)
{
	int i;

	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++)
		pc->pid[i] = pp_block_pid(rcu_dereference_sched(jn->rec[i]),
					  pc->task);
}

static void pp_block_open(struct pp_probe_cpu *pc, const struct pp_track *t,
			  u64 clk, const struct task_struct *task)
{
	unsigned long left = t->mask & PKTPATH_JOURNEY_MASK;
	const struct pp_journey_net *jn = READ_ONCE(t->pn->journey);
	u64 mono = pp_block_mono(pc, clk), was;
	int cpu = smp_processor_id();
	struct pp_journey *j;
	struct pp_block *b;

	/* a journey's times do not go back where one block follows another */
	if (pc->id && pc->id == t->id && pc->pn == t->pn && clk >= pc->clk) {
		was = pc->mono + pp_clock_ns(clk - pc->clk);
		mono = max(mono, was);
	}
	pp_block_close(pc);
	/* these two are read from afar */
	WRITE_ONCE(pc->mask, t->mask);
	WRITE_ONCE(pc->pn, t->pn);
	pc->task = task;
	pc->born = task ? task->start_time : 0;
	pc->clk = clk;
	pc->mono = mono;
	j = rcu_dereference_sched(jn->rec[__ffs(left)]);
	WRITE_ONCE(pc->open, t->open);
	pc->ring = j && !t->open ? j->ring[cpu] : NULL;
	b = pp_journey_ring_room(pc->ring);
	if (unlikely(!b)) {
		pc->ring = NULL;
		b = (struct pp_block *)pc->spare;
	}
	pc->several = left & (left - 1);
	if (unlikely(pc->several || !pc->ring))
		pp_block_pids(pc, jn);
	b->id = t->id;
	b->cookie = t->cookie;
	b->clk = clk;
	b->mono = mono;
	b->pid = pp_block_pid(j, task);
	b->cpu = cpu;
	b->task = !!task;
	pc->next = b->step;
	pc->end = b->step + PKTPATH_BLOCK_STEPS;
	/* seen by pp_block_sweep() */
	WRITE_ONCE(pc->block, b);
}

/* May the open block have another three steps, of this packet? */
static bool pp_block_fits(const struct pp_probe_cpu *pc,
			  const struct pp_track *t, u64 clk,
			  const struct task_struct *task)
{
	const struct pp_block *b = pc->block;

	return b && b->id == t->id && b->cookie == t->cookie &&
	       pc->mask == t->mask && pc->open == t->open && pc->pn == t->pn &&
	       pc->task == task && clk - pc->clk <= PKTPATH_BLOCK_SPAN &&
	       pc->end - pc->next > 2;
}

/* What its headers tell stands before the step. */
static void pp_block_flow(struct pp_step *s, const struct pp_journey_flow *flow)
{
	BUILD_BUG_ON(sizeof(*flow) > offsetof(struct pp_step, stage));
	memcpy(s, flow, sizeof(*flow));
	s->stage = PKTPATH_STEP_FLOW;
}

/* As does whose the socket is. */
static void pp_block_owner(struct pp_step *s, const struct sock *sk)
{
	u64 cgroup = pp_probe_cgroup(sk);

	s->owner = READ_ONCE(pp_sk(sk)->owner);
	memcpy(s->cgroup, &cgroup, sizeof(s->cgroup));
	s->stage = PKTPATH_STEP_OWNER;
}

static void pp_block_put(struct pp_probe_cpu *pc, const struct pp_track *t,
			 const struct pp_probe_at *at, u64 clk,
			 const struct task_struct *task)
{
	struct pp_step *s;

	if (!pp_block_fits(pc, t, clk, task))
		pp_block_open(pc, t, clk, task);
	s = pc->next;
	if (at->owner)
		pp_block_owner(s++, at->sk);
	if (at->flow)
		pp_block_flow(s++, at->flow);
	s->clk = clk;
	s->clk_hi = clk >> 32;
	s->len = at->len;
	s->ifindex = at->ifindex;
	s->segs = at->segs;
	s->stage = at->stage;
	s->flags = at->flags;
	s->cause = at->cause;
	pc->next = s + 1;
}

/* A packet leaves stage @at, where it was at @last. */
static void pp_hist_step(struct pp_hist *h, unsigned int at, u64 now, u64 last)
{
	unsigned int row = at == PKTPATH_AT_FREE ? PKTPATH_HIST_FREE : at;
	u64 ns;

	if (row >= PKTPATH_HIST_ROWS || now < last)
		return;
	ns = pp_clock_ns(now - last);
	h->ns[row] += ns;
	h->cell[row][min(fls64(ns), PKTPATH_HIST_CELLS - 1)]++;
}

/**
 * pp_probe_put() - a packet has come to a stage
 * @e: its entry, or NULL
 * @t: what is known of it; where and when it was seen last is set
 * @at: the stage; @at->clk 0 is now
 *
 * Context: interrupts off.
 */
void pp_probe_put(struct pp_track *e, struct pp_track *t,
		  const struct pp_probe_at *at)
{
	const struct task_struct *task = in_task() ? current : NULL;
	struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);
	struct pp_journey_net *jn;
	u64 clk;

	if (unlikely(t->open))
		pp_late_step(e, t, at);
	if (!t->mask)
		return;
	clk = at->clk ?: pp_clock();
	if (t->mask & PKTPATH_JOURNEY_MASK)
		pp_block_put(pc, t, at, clk, task);
	else
		pp_block_close(pc);
	WRITE_ONCE(pc->pn, t->pn);
	pc->hist = NULL;
	if (t->mask & BIT(PKTPATH_JOURNEY_HIST)) {
		jn = READ_ONCE(t->pn->journey);
		pc->hist = this_cpu_ptr(jn->hist);
		pp_hist_step(pc->hist, t->at, clk, t->last);
	}
	t->last = clk;
	t->at = at->stage;
	if (e)
		pp_track_step(e, t);
	pc->id = t->id;
	pc->task = task;
	pc->ctx = pp_probe_ctx();
	pc->net = t->pn->net;
	pc->e = e ?: &pp_block_none;
	pc->seen = READ_ONCE(pc->e->seen) & cpu_to_le32(~PKTPATH_SEEN_AT);
	if (unlikely(t->open) && pp_late_handed(at->stage))
		pp_block_close(pc);
	if (!pp_clock_counts() || pc->hist || !pc->block || t->open)
		pc->seen |= cpu_to_le32(PKTPATH_SEEN_SLOW);
	if (!pp_clock_counts())
		return;
	if (t->key == pp_probe_call_key() && task) {
		pc->call_key = t->key;
		pc->call = pp_track_set_of(t->key);
	}
}

/**
 * pp_probe_more() - of pp_fast(): with histograms, or another clock
 * @stage: where a packet, or a call, came to
 * @skb: it, or NULL
 * @sk: its socket, or NULL
 * @len: its length
 * @clk: when, pp_clock()
 *
 * Context: interrupts off.
 * Return: whether a record was made; else it is pp_probe_stage()'s.
 */
bool pp_probe_more(u8 stage, const struct sk_buff *skb, const struct sock *sk,
		   unsigned int len, u64 clk)
{
	struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);
	bool call = pp_fast_call(stage, skb);
	struct pp_track *e = pc->e;
	u32 at = pp_fast_at(pc, e) & ~PKTPATH_SEEN_SLOW;

	if (pc->open ||
	    !pp_fast_is(e, call ? pp_probe_call_key() : (unsigned long)skb) ||
	    !pp_fast_from(stage, call, at) || !pp_fast_ctx(stage, call, pc) ||
	    !pp_fast_ok(stage, call, pc, e, skb, sk))
		return false;
	if (pc->block) {
		if (pc->next >= pc->end || clk - pc->clk > PKTPATH_BLOCK_SPAN)
			return false;
		pc->next->clk = clk;
		pc->next->clk_hi = clk >> 32;
		pp_fast_put(pc->next, stage, len, skb);
		pc->next++;
	}
	if (pc->hist) {
		pp_hist_step(pc->hist, at, clk, e->last);
		e->last = clk;
	}
	WRITE_ONCE(e->at, stage);
	return true;
}

/* As pp_block_close(); nor does it know entries any more, which may go. */
static void pp_block_forget(struct pp_probe_cpu *pc)
{
	pp_block_close(pc);
	pc->call_key = 0;
}

static void pp_block_close_here(void *unused)
{
	unsigned long flags;

	local_irq_save(flags);
	pp_block_forget(this_cpu_ptr(&pp_probe_cpus));
	local_irq_restore(flags);
}

/* May a recording want the open block of a CPU? Read from afar. */
static bool pp_block_of(const struct pp_probe_cpu *pc,
			const struct pp_journey *j)
{
	return READ_ONCE(pc->block) && READ_ONCE(pc->pn) == j->pn &&
	       READ_ONCE(pc->mask) & BIT(j->slot);
}

/**
 * pp_block_any() - is a block open that a recording wants, for sure?
 * @j: the recording, started
 *
 * Context: any.
 * Return: whether pp_block_sweep() would find one.
 */
bool pp_block_any(const struct pp_journey *j)
{
	const struct pp_probe_cpu *pc;
	int cpu;

	for_each_possible_cpu(cpu) {
		pc = per_cpu_ptr(&pp_probe_cpus, cpu);
		if (pp_block_of(pc, j) &&
		    !pp_late_of(READ_ONCE(pc->open), j->slot))
			return true;
	}
	return false;
}

/**
 * pp_block_sweep() - close the open blocks
 * @j: those that this recording may want; NULL: all, so that no CPU knows a
 *     packet or a recording
 *
 * Context: process, may sleep.
 */
void pp_block_sweep(const struct pp_journey *j)
{
	struct pp_probe_cpu *pc;
	unsigned long flags;
	int cpu;

	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		pc = per_cpu_ptr(&pp_probe_cpus, cpu);
		if (j && !pp_block_of(pc, j))
			continue;
		if (!smp_call_function_single(cpu, pp_block_close_here, NULL,
					      1))
			continue;
		/* it is off, and stays so */
		local_irq_save(flags);
		pp_block_forget(pc);
		local_irq_restore(flags);
	}
	cpus_read_unlock();
	if (!j)
		pp_split_forget();
}
