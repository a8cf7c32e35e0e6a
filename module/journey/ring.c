// SPDX-License-Identifier: GPL-2.0
/*
 * The records of a recording: one ring a CPU, written by that CPU alone with
 * interrupts off, read by one reader. What finds no room is counted. The
 * reader gets copies: with the pages mapped it could change the indices that
 * the writer trusts.
 *
 * Path: any stage -> probe.c -> here
 * Mirrors: none
 * Locks: pp_journey.lock for the reader's side; the writer has interrupts off
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "journey/journey_priv.h"

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
	u32 n = roundup_pow_of_two(j->conf.ring ?: PKTPATH_JOURNEY_RING);
	struct pp_journey_ring *r;
	int cpu;

	j->ring = kcalloc(nr_cpu_ids, sizeof(*j->ring), GFP_KERNEL_ACCOUNT);
	if (!j->ring)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		r = kzalloc_node(sizeof(*r), GFP_KERNEL_ACCOUNT,
				 cpu_to_node(cpu));
		if (!r)
			goto err;
		j->ring[cpu] = r;
		r->mask = n - 1;
		r->rec = __vmalloc(array_size(n, sizeof(*r->rec)),
				   GFP_KERNEL_ACCOUNT);
		if (!r->rec)
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

	if (!j->ring)
		return;
	for_each_possible_cpu(cpu) {
		if (!j->ring[cpu])
			continue;
		vfree(j->ring[cpu]->rec);
		kfree(j->ring[cpu]);
	}
	kfree(j->ring);
	j->ring = NULL;
}

/**
 * pp_journey_ring_lose() - count a record that cannot be written
 * @j: the recording
 *
 * Context: interrupts off.
 */
void pp_journey_ring_lose(struct pp_journey *j)
{
	struct pp_journey_ring *r = j->ring[smp_processor_id()];

	if (r)
		WRITE_ONCE(r->lost, r->lost + 1);
	else
		atomic_inc(&j->strays);
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
	return atomic_read(&j->strays) != READ_ONCE(j->strays_told);
}

static bool pp_journey_ring_room(const struct pp_journey_ring *r)
{
	/* pairs with the release of the reader: it is done with the room */
	return r->head - smp_load_acquire(&r->tail) <= r->mask;
}

/**
 * pp_journey_ring_put() - write a record
 * @j: the recording
 * @rec: the record, copied
 *
 * Context: interrupts off.
 */
void pp_journey_ring_put(struct pp_journey *j,
			 const struct pktpath_journey_rec *rec)
{
	struct pp_journey_ring *r = j->ring[smp_processor_id()];

	if (unlikely(!r || !pp_journey_ring_room(r))) {
		pp_journey_ring_lose(j);
		return;
	}
	r->rec[r->head & r->mask] = *rec;
	/* the record before its index */
	smp_store_release(&r->head, r->head + 1);
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

/* Up to @n records of one ring. Number, or -EFAULT. */
static int pp_journey_ring_take(struct pp_journey_ring *r, unsigned int cpu,
				char __user *buf, size_t n)
{
	/* pairs with the release of the writer */
	u32 head = smp_load_acquire(&r->head), tail = r->tail;
	u64 lost = READ_ONCE(r->lost);
	size_t done = 0, run;

	while (done < n && tail != head) {
		run = min3((u32)(n - done), head - tail,
			   r->mask + 1 - (tail & r->mask));
		if (copy_to_user(buf + done * sizeof(*r->rec),
				 r->rec + (tail & r->mask),
				 run * sizeof(*r->rec)))
			return done ? done : -EFAULT;
		done += run;
		tail += run;
		/* the copies before the room is given back */
		smp_store_release(&r->tail, tail);
	}
	if (done < n && lost != r->told) {
		if (pp_journey_tell(buf + done * sizeof(*r->rec), cpu,
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
	u32 strays = atomic_read(&j->strays);
	size_t done = 0;
	int cpu, got;

	n = min_t(size_t, n, INT_MAX / sizeof(struct pktpath_journey_rec));
	for_each_possible_cpu(cpu) {
		if (done == n || !j->ring[cpu])
			continue;
		got = pp_journey_ring_take(j->ring[cpu], cpu, buf + done *
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
