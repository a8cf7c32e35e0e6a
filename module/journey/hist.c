// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of the time that packets spend in each stage, kept always:
 * net.pktpath.journey_hist. In mode 1 the probes are attached until so many
 * packets have been drawn and then taken off until the next period, so that a
 * busy netns pays for a sample alone and an idle one misses nothing. Mode 2
 * takes every packet.
 *
 * Path: any stage -> probe.c, attach.c -> record.c -> here
 * Mirrors: none
 * Locks: pp_journey_lock for on and off; cells are their CPU's, with
 *	  interrupts off
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "journey/journey_priv.h"

#define PKTPATH_HIST_PERIOD	(5 * HZ)
#define PKTPATH_HIST_DRAW	256	/* packets a period, of all netns */

static void pp_hist_work(struct work_struct *work);

static struct {
	struct delayed_work work;
	unsigned int nets;	/* in mode 1, under pp_journey_lock */
	bool held;		/* the probes, likewise */
	bool open;
	unsigned long since;	/* start of the period, jiffies */
	atomic_t drawn;		/* in this period */
} pp_hist = {
	.work = __DELAYED_WORK_INITIALIZER(pp_hist.work, pp_hist_work, 0),
};

/* Ends or begins the time in which packets are drawn. */
static void pp_hist_work(struct work_struct *work)
{
	long left;

	mutex_lock(&pp_journey_lock);
	if (!pp_hist.nets || READ_ONCE(pp_hist.open))
		goto unlock;
	if (pp_hist.held) {
		pp_hist.held = false;
		pp_journey_unprobe(true);
		left = pp_hist.since + PKTPATH_HIST_PERIOD - jiffies;
		schedule_delayed_work(&pp_hist.work, clamp_t(long, left, 1,
							     PKTPATH_HIST_PERIOD));
		goto unlock;
	}
	if (pp_journey_probe()) {
		schedule_delayed_work(&pp_hist.work, PKTPATH_HIST_PERIOD);
		goto unlock;
	}
	pp_hist.held = true;
	pp_hist.since = jiffies;
	atomic_set(&pp_hist.drawn, 0);
	WRITE_ONCE(pp_hist.open, true);
unlock:
	mutex_unlock(&pp_journey_lock);
}

/**
 * pp_hist_draw() - is a packet to be in the histograms?
 * @jn: its netns's, histograms are on
 *
 * Context: interrupts off, at the packet's first stage.
 * Return: whether it is.
 */
bool pp_hist_draw(const struct pp_journey_net *jn)
{
	if (READ_ONCE(jn->hist_mode) == 2)
		return true;
	if (!READ_ONCE(pp_hist.open))
		return false;
	if (time_after(jiffies, READ_ONCE(pp_hist.since) +
				PKTPATH_HIST_PERIOD)) {
		/* two may do so at once: a few packets more */
		WRITE_ONCE(pp_hist.since, jiffies);
		atomic_set(&pp_hist.drawn, 0);
	}
	if (atomic_inc_return(&pp_hist.drawn) <= PKTPATH_HIST_DRAW)
		return true;
	if (xchg(&pp_hist.open, false))
		schedule_delayed_work(&pp_hist.work, 0);
	return false;
}

static int pp_hist_on(struct pp_net *pn, u8 mode)
{
	struct pp_journey_net *jn = pn->journey;
	int err;

	if (!jn->hist) {
		jn->hist = __alloc_percpu_gfp(sizeof(*jn->hist), sizeof(u64),
					      GFP_KERNEL_ACCOUNT);
		if (!jn->hist)
			return -ENOMEM;
	}
	err = pp_journey_get();
	if (err)
		return err;
	if (mode == 2)
		err = pp_journey_probe();
	else if (!pp_hist.nets++)
		schedule_delayed_work(&pp_hist.work, 0);
	if (err) {
		pp_journey_put();
		return err;
	}
	WRITE_ONCE(jn->hist_mode, mode);
	pp_journey_live(jn, jn->live | BIT(PKTPATH_JOURNEY_HIST), mode == 2 ?
			jn->all | BIT(PKTPATH_JOURNEY_HIST) : jn->all);
	return 0;
}

static void pp_hist_off(struct pp_net *pn)
{
	struct pp_journey_net *jn = pn->journey;
	bool put = jn->hist_mode == 2;

	pp_journey_live(jn, jn->live & ~BIT(PKTPATH_JOURNEY_HIST),
			jn->all & ~BIT(PKTPATH_JOURNEY_HIST));
	if (jn->hist_mode == 1 && !--pp_hist.nets) {
		put = pp_hist.held;
		pp_hist.held = false;
		WRITE_ONCE(pp_hist.open, false);
	}
	WRITE_ONCE(jn->hist_mode, 0);
	pp_journey_leave(pn, PKTPATH_JOURNEY_HIST);
	if (put)
		pp_journey_unprobe(false);
	pp_journey_put();
}

/**
 * pp_hist_set() - switch the histograms of a netns
 * @pn: the netns
 * @mode: 0: off, 1: of a sample, 2: of every packet; what was counted stays
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, -ENODEV when the netns goes, or -ENOENT when the kernel
 * lacks a tracepoint.
 */
int pp_hist_set(struct pp_net *pn, int mode)
{
	struct pp_journey_net *jn;
	int err = 0;

	mutex_lock(&pp_journey_lock);
	jn = pn->journey;
	if (!jn) {
		err = -ENODEV;
	} else if (jn->hist_mode != mode) {
		if (jn->hist_mode)
			pp_hist_off(pn);
		if (mode)
			err = pp_hist_on(pn, mode);
	}
	mutex_unlock(&pp_journey_lock);
	return err;
}

/**
 * pp_hist_mode() - how the histograms of a netns are kept
 * @pn: the netns
 *
 * Context: any.
 * Return: as it was given to pp_hist_set().
 */
int pp_hist_mode(const struct pp_net *pn)
{
	return pn->journey ? READ_ONCE(pn->journey->hist_mode) : 0;
}

/**
 * pp_hist_exit() - wait for what is under way
 *
 * Context: process; all netns are gone.
 */
void pp_hist_exit(void)
{
	cancel_delayed_work_sync(&pp_hist.work);
}

/* ---- /proc/net/pktpath/stages ---- */

static const char *const pp_hist_names[PKTPATH_HIST_ROWS] = {
#define PKTPATH_HIST_NAME(id, tp, dir, name, fn, file, twin) name,
	PKTPATH_STAGES(PKTPATH_HIST_NAME)
#undef PKTPATH_HIST_NAME
	"FREE",
};

static void pp_hist_sum(const struct pp_journey_net *jn, unsigned int row,
			u64 cell[PKTPATH_HIST_CELLS], u64 *ns)
{
	const struct pp_hist *h;
	int cpu, i;

	memset(cell, 0, sizeof(*cell) * PKTPATH_HIST_CELLS);
	*ns = 0;
	if (!jn->hist)
		return;
	for_each_possible_cpu(cpu) {
		h = per_cpu_ptr(jn->hist, cpu);
		*ns += READ_ONCE(h->ns[row]);
		for (i = 0; i < PKTPATH_HIST_CELLS; i++)
			cell[i] += READ_ONCE(h->cell[row][i]);
	}
}

/* "STAGE count ns cells...": cell n counts times of n bits, as ns < 1 << n. */
static int pp_hist_show(struct seq_file *seq, void *v)
{
	const struct pp_net *pn = pp_net(seq_file_single_net(seq));
	u64 cell[PKTPATH_HIST_CELLS], n, ns;
	unsigned int row;
	int i;

	mutex_lock(&pp_journey_lock);
	for (row = 0; pn->journey && row < PKTPATH_HIST_ROWS; row++) {
		pp_hist_sum(pn->journey, row, cell, &ns);
		for (n = 0, i = 0; i < PKTPATH_HIST_CELLS; i++)
			n += cell[i];
		seq_printf(seq, "%s %llu %llu", pp_hist_names[row], n, ns);
		for (i = 0; i < PKTPATH_HIST_CELLS; i++)
			seq_printf(seq, " %llu", cell[i]);
		seq_putc(seq, '\n');
	}
	mutex_unlock(&pp_journey_lock);
	return 0;
}

/**
 * pp_hist_proc_init() - make /proc/net/pktpath/stages
 * @pn: the netns
 * @dir: its directory
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_hist_proc_init(struct pp_net *pn, struct proc_dir_entry *dir)
{
	/* an open file holds the netns: nobody waits for a slow reader's page */
	return proc_create_net_single("stages", 0444, dir, pp_hist_show, NULL) ?
	       0 : -ENOMEM;
}
