// SPDX-License-Identifier: GPL-2.0
/*
 * The records of a recording: one ring of blocks a CPU, written by that CPU
 * alone with interrupts off, read by one reader, who gets a record for each
 * step of a block. What finds no room is counted. The reader gets copies: with
 * the pages mapped it could change the indices that the writer trusts.
 *
 * Path: any stage -> probe.c -> here
 * Mirrors: none
 * Locks: pp_journey.lock for the reader's side; the writer has interrupts off
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "journey/journey_priv.h"

/**
 * pp_journey_ring_default() - how large a ring is when nobody says
 *
 * A hypervisor may stop the reader's CPU for a tenth of a second and let others
 * go on. With few CPUs there is room for what they record meanwhile.
 *
 * Context: any.
 * Return: records, a power of two.
 */
u32 pp_journey_ring_default(void)
{
	u32 n = rounddown_pow_of_two(PKTPATH_JOURNEY_RINGS /
				     min_t(u32, num_online_cpus(),
					   PKTPATH_JOURNEY_RINGS));

	return clamp_t(u32, n, PKTPATH_JOURNEY_RING, PKTPATH_JOURNEY_RING_MAX);
}

/**
 * pp_journey_ring_alloc() - make the rings of a recording
 * @j: the recording, its conf set
 *
 * Charged to the caller's memory cgroup.
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int pp_journey_ring_alloc(struct pp_journey *j)
{
	u32 size = roundup_pow_of_two(j->conf.ring) *
		   sizeof(struct pktpath_journey_rec);
	/* the user, who says how much, is told when that is not to be had */
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	struct pp_journey_ring *r;
	int cpu;

	j->out = kcalloc(PKTPATH_BLOCK_STEPS, sizeof(*j->out),
			 GFP_KERNEL_ACCOUNT);
	j->ring = kcalloc(nr_cpu_ids, sizeof(*j->ring), GFP_KERNEL_ACCOUNT);
	if (!j->ring || !j->out || pp_hold_alloc(j))
		goto err;
	for_each_online_cpu(cpu) {
		r = kzalloc_node(sizeof(*r), GFP_KERNEL_ACCOUNT,
				 cpu_to_node(cpu));
		if (!r)
			goto err;
		j->ring[cpu] = r;
		r->mask = size - 1;
		r->full = size - PKTPATH_BLOCK_SIZE;
		/* the last block is not cut */
		r->room = __vmalloc(size + PKTPATH_BLOCK_SIZE, gfp);
		if (!r->room)
			goto err;
	}
	return 0;
err:
	pp_journey_ring_free(j);
	return -ENOMEM;
}

/**
 * pp_journey_ring_free() - free the rings of a recording
 * @j: the recording; nobody writes or reads any more
 *
 * Context: process, may sleep.
 */
void pp_journey_ring_free(struct pp_journey *j)
{
	int cpu;

	pp_hold_free(j);
	kfree(j->out);
	j->out = NULL;
	if (!j->ring)
		return;
	for_each_possible_cpu(cpu) {
		if (!j->ring[cpu])
			continue;
		vfree(j->ring[cpu]->room);
		kfree(j->ring[cpu]);
	}
	kfree(j->ring);
	j->ring = NULL;
}

/**
 * pp_journey_ring_lose() - count records that cannot be written
 * @j: the recording
 * @cpu: whose ring has no room
 * @n: records
 *
 * Context: interrupts off.
 */
void pp_journey_ring_lose(struct pp_journey *j, int cpu, unsigned int n)
{
	struct pp_journey_ring *r = j->ring[cpu];

	if (r)
		WRITE_ONCE(r->lost, r->lost + n);
	else
		atomic_add(n, &j->strays);
}

/**
 * pp_journey_ring_any() - is there something to read?
 * @j: the recording, started
 *
 * Context: any.
 * Return: whether a read would not wait.
 */
bool pp_journey_ring_any(const struct pp_journey *j)
{
	const struct pp_journey_ring *r;
	int cpu;

	for_each_possible_cpu(cpu) {
		r = j->ring[cpu];
		if (r && (READ_ONCE(r->head) != READ_ONCE(r->tail) ||
			  READ_ONCE(r->lost) != READ_ONCE(r->told)))
			return true;
	}
	return atomic_read(&j->strays) != READ_ONCE(j->strays_told) ||
	       pp_block_any(j);
}

/* ---- Blocks ---- */

/**
 * pp_journey_ring_room() - where the next block may be built
 * @r: the ring, or NULL
 *
 * Context: interrupts off, on the ring's CPU.
 * Return: room for a block of any length, or NULL.
 */
struct pp_block *pp_journey_ring_room(struct pp_journey_ring *r)
{
	/* pairs with the release of the reader: it is done with the room */
	if (!r || r->head - smp_load_acquire(&r->tail) > r->full)
		return NULL;
	return (struct pp_block *)(r->room + (r->head & r->mask));
}

/**
 * pp_journey_ring_put() - give the reader a block
 * @r: the ring
 * @b: the block, built in pp_journey_ring_room()
 *
 * Context: as there.
 */
void pp_journey_ring_put(struct pp_journey_ring *r, const struct pp_block *b)
{
	/* the block before its index */
	smp_store_release(&r->head, r->head + b->size);
}

/* ---- Reading ---- */

static void pp_journey_rec_flow(struct pktpath_journey_rec *rec,
				const struct pp_journey_flow *flow)
{
	rec->saddr = flow->saddr;
	rec->daddr = flow->daddr;
	rec->sport = flow->sport;
	rec->dport = flow->dport;
	rec->seq = flow->seq;
	rec->proto = flow->proto;
	rec->tcp_flags = flow->tcp_flags;
	rec->flags |= PKTPATH_JREC_FLOW;
}

/* The same of the header of a datagram, as far as it is in the step. */
static void pp_journey_rec_raw(struct pktpath_journey_rec *rec,
			       const struct pp_step *s)
{
	u8 head[sizeof(struct iphdr) + sizeof(struct udphdr)] = { 0x45 };
	struct pp_journey_flow flow;

	memcpy(head + sizeof(u32), s->ip, sizeof(s->ip));
	memcpy(head + sizeof(struct iphdr), &s->ports, sizeof(s->ports));
	pp_journey_parse(&flow, head, sizeof(head));
	pp_journey_rec_flow(rec, &flow);
}

/* The same of a datagram that is not written yet. */
static void pp_journey_rec_sock(struct pktpath_journey_rec *rec,
				const struct pp_step *s)
{
	struct pp_journey_flow flow = {
		.saddr = s->saddr,
		.daddr = s->daddr,
		.proto = IPPROTO_UDP,
	};
	struct sock_common skc;

	skc.skc_portpair = s->dport;
	flow.dport = skc.skc_dport;
	flow.sport = htons(skc.skc_num);
	pp_journey_rec_flow(rec, &flow);
}

static void pp_journey_rec_step(struct pktpath_journey_rec *rec,
				const struct pp_block *b,
				const struct pp_step *s,
				const struct pp_step *was)
{
	u64 clk = ((u64)s->clk_hi << 32 | s->clk) - b->clk;

	clk &= BIT_ULL(PKTPATH_STEP_CLK) - 1;
	rec->time = b->mono + pp_clock_ns(clk);
	rec->id = b->id;
	rec->cookie = b->cookie;
	rec->len = s->len;
	rec->ifindex = s->flags & PKTPATH_STEP_SAME_DEV ? was->ifindex :
							  s->ifindex;
	rec->pid = b->pid;
	rec->cpu = b->cpu;
	rec->stage = s->stage;
	if (s->flags & PKTPATH_JREC_DROP)
		rec->cause = s->cause;
	rec->segs = s->flags & PKTPATH_STEP_SAME ? was->segs : s->segs;
	rec->flags |= s->flags & ~(PKTPATH_STEP_SAME | PKTPATH_STEP_SAME_DEV);
	if (b->task)
		rec->flags |= PKTPATH_JREC_TASK;
}

/* A record that says what was lost. 0 or -EFAULT. */
static int pp_journey_tell(char __user *buf, unsigned int cpu, u64 lost)
{
	struct pktpath_journey_rec rec = {
		.time = ktime_get_mono_fast_ns(),
		.id = lost,
		.cpu = cpu,
		.stage = PKTPATH_AT_LOST,
	};

	return copy_to_user(buf, &rec, sizeof(rec)) ? -EFAULT : 0;
}

/* A process's number for the reader; 0: it sees none, or it has ended. */
static u32 pp_journey_ring_pid(const struct pp_journey *j, pid_t tgid)
{
	u32 nr;

	if (j->pidns == &init_pid_ns)
		return tgid;
	rcu_read_lock();
	nr = pid_nr_ns(find_pid_ns(tgid, &init_pid_ns), j->pidns);
	rcu_read_unlock();
	return nr;
}

/* Whose the socket is, of the record before. */
static unsigned int pp_journey_ring_owner(const struct pp_journey *j,
					  const struct pp_block *b,
					  const struct pp_step *s,
					  struct pktpath_journey_rec *rec)
{
	if (!s->stage || !(j->conf.flags & PKTPATH_JOURNEY_OWNERS))
		return 0;
	rec->time = rec[-1].time;
	rec->id = b->id;
	rec->cookie = b->cookie;
	memcpy(&rec->cgroup, s->cgroup, sizeof(s->cgroup));
	rec->cpu = b->cpu;
	rec->stage = PKTPATH_AT_OWNER;
	rec->pid = s->stage == PKTPATH_STEP_SOCK ?
		   b->pid : pp_journey_ring_pid(j, s->owner);
	return 1;
}

/* @n is made: the next one, of zeroes. */
static unsigned int pp_journey_rec_next(struct pktpath_journey_rec *out,
					unsigned int n)
{
	if (++n < PKTPATH_BLOCK_STEPS)
		memset(out + n, 0, sizeof(*out));
	return n;
}

/* The records of a block. Number. */
static unsigned int pp_journey_ring_expand(const struct pp_journey *j,
					   const struct pp_block *b)
{
	struct pktpath_journey_rec *out = j->out;
	struct pp_step s, was = {}, owner = {};
	unsigned int i, n = 0;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < pp_block_steps(b); i++) {
		s = b->step[i];
		if (s.stage == PKTPATH_STEP_FLOW) {
			pp_journey_rec_flow(out + n, &s.flow);
			continue;
		}
		if (s.stage == PKTPATH_STEP_RAW) {
			pp_journey_rec_raw(out + n, &s);
			continue;
		}
		if (s.stage == PKTPATH_STEP_SOCK)
			pp_journey_rec_sock(out + n, &s);
		if (s.stage == PKTPATH_STEP_SOCK ||
		    s.stage == PKTPATH_STEP_OWNER) {
			owner = s;
			continue;
		}
		pp_journey_rec_step(out + n, b, &s, &was);
		was.ifindex = out[n].ifindex;
		was.segs = out[n].segs;
		n = pp_journey_rec_next(out, n);
		if (pp_journey_ring_owner(j, b, &owner, out + n))
			n = pp_journey_rec_next(out, n);
		owner.stage = 0;
	}
	return n;
}

/* Up to @n records of one ring. Number, or -EFAULT. */
static int pp_journey_ring_take(struct pp_journey *j, unsigned int cpu,
				char __user *buf, size_t n)
{
	struct pp_journey_ring *r = j->ring[cpu];
	/* pairs with the release of the writer */
	u32 head = smp_load_acquire(&r->head), tail = r->tail;
	u64 lost = READ_ONCE(r->lost);
	const struct pp_block *b;
	size_t done = 0, run, got;

	while (done < n && tail != head) {
		b = (struct pp_block *)(r->room + (tail & r->mask));
		got = pp_journey_ring_expand(j, b);
		run = min(n - done, got - r->given);
		if (copy_to_user(buf + done * sizeof(*j->out),
				 j->out + r->given, run * sizeof(*j->out)))
			return done ? done : -EFAULT;
		done += run;
		r->given += run;
		if (r->given < got)
			break;
		r->given = 0;
		tail += b->size;
		/* the copies before the room is given back */
		smp_store_release(&r->tail, tail);
	}
	if (done < n && lost != r->told) {
		if (pp_journey_tell(buf + done * sizeof(*j->out), cpu,
				    lost - r->told))
			return done ? done : -EFAULT;
		WRITE_ONCE(r->told, lost);
		done++;
	}
	return done;
}

/**
 * pp_journey_ring_read() - give records to the reader
 * @j: the recording, locked
 * @buf: where to
 * @n: room, in records
 *
 * Context: process, may sleep.
 * Return: number of records, or -EFAULT when none could be written.
 */
int pp_journey_ring_read(struct pp_journey *j, char __user *buf, size_t n)
{
	unsigned int i, cpu;
	size_t done = 0;
	u32 strays;
	int got;

	pp_block_sweep(j);
	strays = atomic_read(&j->strays);
	n = min_t(size_t, n, INT_MAX / sizeof(struct pktpath_journey_rec));
	for (i = 0; i < nr_cpu_ids && done < n; i++) {
		cpu = j->first;
		/* one that fills what there is room for is not to starve others */
		j->first = cpu + 1 < nr_cpu_ids ? cpu + 1 : 0;
		if (!j->ring[cpu])
			continue;
		got = pp_journey_ring_take(j, cpu, buf + done *
					   sizeof(struct pktpath_journey_rec),
					   n - done);
		if (got < 0)
			return done ? done : got;
		done += got;
	}
	if (done < n && strays != j->strays_told) {
		if (pp_journey_tell(buf + done *
				    sizeof(struct pktpath_journey_rec), 0xffff,
				    strays - j->strays_told))
			return done ? done : -EFAULT;
		WRITE_ONCE(j->strays_told, strays);
		done++;
	}
	return done;
}
