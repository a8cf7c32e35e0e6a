/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of journey/ share. */
#ifndef PKTPATH_JOURNEY_JOURNEY_PRIV_H
#define PKTPATH_JOURNEY_JOURNEY_PRIV_H

#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include "core/netns.h"
#include "core/stage.h"
#include "journey/filter.h"
#include "journey/journey.h"

#define PKTPATH_JOURNEY_RECS	4	/* recordings of a netns at once */
#define PKTPATH_JOURNEY_RING	16384	/* default records of a CPU */

/**
 * struct pp_journey_ring - records of one CPU
 * @head: records ever written; the CPU's, with interrupts off
 * @lost: records that found no room, likewise
 * @seen: packets ever considered, for sampling, likewise
 * @tail: records ever read; the reader's
 * @told: of @lost, what the reader was told of
 * @mask: records - 1
 * @rec: the records
 */
struct pp_journey_ring {
	u32 head;
	u32 seen;
	u64 lost;
	u32 tail ____cacheline_aligned_in_smp;
	u64 told;
	u32 mask;
	struct pktpath_journey_rec *rec;
};

/**
 * struct pp_journey - one recording
 * @pn: whose packets
 * @conf: what of them, constant while it runs
 * @pidns: whose numbers processes have in the records; held
 * @lock: of one reader or writer of the file at a time
 * @slot: index in pp_journey_net.rec, -1: not started
 * @dead: the netns or the module goes
 * @ring: by CPU; NULL for a CPU that was not there at the start
 * @strays: records of such CPUs, lost
 * @strays_told: of those, what the reader was told of
 */
struct pp_journey {
	struct pp_net *pn;
	struct pktpath_journey_conf conf;
	struct pid_namespace *pidns;
	struct mutex lock;		/* the file's users */
	int slot;
	bool dead;
	struct pp_journey_ring **ring;
	atomic_t strays;
	u32 strays_told;
};

/**
 * struct pp_journey_net - recordings of a netns
 * @rec: those that run; RCU, written under pp_journey_lock
 * @files: open files, under pp_journey_lock
 * @running: how many of @rec are set
 * @serial: counter of journeys, per CPU
 */
struct pp_journey_net {
	struct pp_journey __rcu *rec[PKTPATH_JOURNEY_RECS];
	unsigned int files;
	unsigned int running;
	u64 __percpu *serial;
};

/* Where a packet was seen last, as far as the next stage depends on it. */
enum pp_track_state {
	PKTPATH_TRACK_OUT,	/* on its way down */
	PKTPATH_TRACK_XMIT,	/* with a driver */
	PKTPATH_TRACK_IN,	/* on its way up */
	PKTPATH_TRACK_QUEUED,	/* in a socket */
	PKTPATH_TRACK_DROPPED,
	PKTPATH_TRACK_CALL,	/* no packet yet or any more: a process's call */
};

/**
 * struct pp_track - a packet under way
 * @key: its skb, or the task in a call; 0: free. Written last, read first and
 *	 last: others may take the entry for another packet at any time.
 * @id: the journey
 * @pn: whose
 * @sk: of a call, compared and never followed
 * @cookie: the socket's
 * @mask: bit per pp_journey_net.rec that wants it
 * @state: enum pp_track_state
 */
struct pp_track {
	unsigned long key;
	u64 id;
	struct pp_net *pn;
	const struct sock *sk;
	u64 cookie;
	u8 mask;
	u8 state;
};

/* ---- track.c ---- */

int pp_track_start(void);
void pp_track_stop(void);
struct pp_track *pp_track_find(unsigned long key, struct pp_track *copy);
void pp_track_set(const struct pp_track *t);
void pp_track_del(struct pp_track *t, unsigned long key);
void pp_track_forget(const struct pp_net *pn, unsigned int slot);

/* ---- ring.c ---- */

int pp_journey_ring_alloc(struct pp_journey *j);
void pp_journey_ring_free(struct pp_journey *j);
void pp_journey_ring_put(struct pp_journey *j,
			 const struct pktpath_journey_rec *rec);
int pp_journey_ring_read(struct pp_journey *j, char __user *buf, size_t n);

/* ---- probe.c ---- */

int pp_journey_probes_on(void);
void pp_journey_probes_off(void);

#endif
