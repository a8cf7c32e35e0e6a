/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of journey/ share. */
#ifndef PKTPATH_JOURNEY_JOURNEY_PRIV_H
#define PKTPATH_JOURNEY_JOURNEY_PRIV_H

#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "core/netns.h"
#include "core/stage.h"
#include "journey/filter.h"
#include "journey/journey.h"

#define PKTPATH_JOURNEY_RECS	4	/* recordings of a netns at once */
#define PKTPATH_JOURNEY_RING	16384	/* default records of a CPU */
#define PKTPATH_JOURNEY_HIST	7	/* bit of the histograms, not a slot */

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
 * struct pp_journey_wait - who polls a recording
 * @head: they
 * @rcu: epoll may look at @head a grace period longer than the recording is
 */
struct pp_journey_wait {
	wait_queue_head_t head;
	struct rcu_head rcu;
};

/**
 * struct pp_journey - one recording
 * @pn: whose packets
 * @conf: what of them, constant while it runs
 * @pidns: whose numbers processes have in the records; held
 * @lock: of one reader or writer of the file at a time
 * @slot: index in pp_journey_net.rec, -1: not started
 * @ring: by CPU; NULL for a CPU that was not there at the start
 * @strays: records of such CPUs, lost
 * @strays_told: of those, what the reader was told of
 * @wait: who polls
 * @nap: looks whether there is something for them
 */
struct pp_journey {
	struct pp_net *pn;
	struct pktpath_journey_conf conf;
	struct pid_namespace *pidns;
	struct mutex lock;		/* the file's users */
	int slot;
	struct pp_journey_ring **ring;
	atomic_t strays;
	u32 strays_told;
	struct pp_journey_wait *wait;
	struct delayed_work nap;
};

/* Cell of a time in ns: the number of its bits. */
#define PKTPATH_HIST_CELLS	40
/* The time after FREE, until the reader returns, has a row of its own. */
#define PKTPATH_HIST_FREE	PKTPATH_STAGE_MAX
#define PKTPATH_HIST_ROWS	(PKTPATH_STAGE_MAX + 1)

/**
 * struct pp_hist - times that packets spent in stages, of one CPU
 * @ns: their sum, by stage
 * @cell: their number, by stage and length
 */
struct pp_hist {
	u64 ns[PKTPATH_HIST_ROWS];
	u64 cell[PKTPATH_HIST_ROWS][PKTPATH_HIST_CELLS];
};

/**
 * struct pp_journey_net - recordings of a netns
 * @rec: those that run; RCU, written under pp_journey_lock
 * @files: open files, under pp_journey_lock
 * @live: bit per @rec that is set, and PKTPATH_JOURNEY_HIST
 * @hist_mode: 0: no histograms, 1: of samples, 2: of all
 * @hist: histograms; NULL until they were switched on
 * @serial: counter of journeys, per CPU
 */
struct pp_journey_net {
	struct pp_journey __rcu *rec[PKTPATH_JOURNEY_RECS];
	unsigned int files;
	u8 live;
	u8 hist_mode;
	struct pp_hist __percpu *hist;
	u64 __percpu *serial;
};

/* Where a packet was seen last, as far as the next stage depends on it. */
enum pp_track_state {
	PKTPATH_TRACK_OUT,	/* on its way down */
	PKTPATH_TRACK_XMIT,	/* with a driver */
	PKTPATH_TRACK_IN,	/* on its way up */
	PKTPATH_TRACK_QUEUED,	/* in a socket */
	PKTPATH_TRACK_DROPPED,
	PKTPATH_TRACK_SEND,	/* no packet yet: a process's call */
	PKTPATH_TRACK_READ,	/* no packet any more: likewise */
};

#define PKTPATH_TRACK_NEW	0xff	/* @at: nowhere yet */

/**
 * struct pp_track - a packet under way
 * @key: its skb, or the task in a call; 0: free. Written last, read first and
 *	 last: others may take the entry for another packet at any time.
 * @id: the journey
 * @last: when it was seen last, ns
 * @pn: whose. May be followed while @mask is not 0: a recording waits until no
 *	entry with its bit is left.
 * @sk: of a call, compared and never followed
 * @cookie: the socket's
 * @mask: bit per pp_journey_net.live that wants it
 * @state: enum pp_track_state
 * @at: the stage where it was seen last
 */
struct pp_track {
	unsigned long key;
	u64 id;
	u64 last;
	struct pp_net *pn;
	const struct sock *sk;
	u64 cookie;
	u8 mask;
	u8 state;
	u8 at;
};

/* Whether a packet may be drawn as one of a sample. */
enum pp_draw {
	PKTPATH_DRAW_FIRST,	/* at its first stage alone, so that no journey */
	PKTPATH_DRAW_LATER,	/* is begun in the middle */
	PKTPATH_DRAW_CALL,	/* a stream's call: whose packets are drawn */
};

/* ---- journey.c: under pp_journey_lock ---- */

extern struct mutex pp_journey_lock;

int pp_journey_get(void);
void pp_journey_put(void);
int pp_journey_probe(void);
void pp_journey_unprobe(bool now);
void pp_journey_leave(struct pp_net *pn, unsigned int bit);

/* ---- track.c ---- */

int pp_track_start(void);
void pp_track_stop(void);
void pp_track_clear(void);
struct pp_track *pp_track_find(unsigned long key, struct pp_track *copy);
struct pp_track *pp_track_set(const struct pp_track *t, struct pp_track *gone);
void pp_track_step(struct pp_track *e, const struct pp_track *t);
void pp_track_del(struct pp_track *t, unsigned long key);
void pp_track_forget(const struct pp_net *pn, unsigned int bit);

/* ---- ring.c ---- */

int pp_journey_ring_alloc(struct pp_journey *j);
void pp_journey_ring_free(struct pp_journey *j);
void pp_journey_ring_put(struct pp_journey *j,
			 const struct pktpath_journey_rec *rec);
void pp_journey_ring_lose(struct pp_journey *j);
bool pp_journey_ring_any(const struct pp_journey *j);
int pp_journey_ring_read(struct pp_journey *j, char __user *buf, size_t n);

/* ---- hist.c ---- */

int pp_hist_proc_init(struct pp_net *pn, struct proc_dir_entry *dir);
void pp_hist_exit(void);
bool pp_hist_draw(const struct pp_journey_net *jn);
void pp_hist_step(const struct pp_journey_net *jn, const struct pp_track *t,
		  u64 now);

/* ---- record.c: with interrupts off ---- */

static inline struct pp_journey_net *pp_probe_net(const struct net *net)
{
	struct pp_journey_net *jn = READ_ONCE(pp_net(net)->journey);

	return jn && READ_ONCE(jn->live) ? jn : NULL;
}

void pp_probe_sk_flow(const struct sock *sk, bool out,
		      struct pp_journey_flow *flow);
bool pp_probe_skb_flow(const struct sk_buff *skb, struct pp_journey_flow *flow);
u8 pp_probe_decide(struct pp_journey_net *jn,
		   const struct pp_journey_flow *flow, enum pp_draw draw);
u8 pp_probe_decide_drop(struct pp_journey_net *jn,
			const struct pp_journey_flow *flow);
u8 pp_probe_refine(struct pp_journey_net *jn, u8 mask,
		   const struct pp_journey_flow *flow);
u64 pp_probe_new_id(const struct pp_journey_net *jn);
u64 pp_probe_cookie(const struct sock *sk);
unsigned long pp_probe_call_key(void);
struct pp_track *pp_probe_enter(struct pp_track *t);
void pp_probe_put(struct pp_track *e, struct pp_track *t,
		  struct pktpath_journey_rec *rec);
void pp_probe_rec_flow(struct pktpath_journey_rec *rec,
		       const struct pp_journey_flow *flow);
void pp_probe_rec_skb(struct pktpath_journey_rec *rec, u8 stage,
		      const struct sk_buff *skb);

/* ---- probe.c ---- */

/**
 * struct pp_probe_cpu - what one probe tells a later one on the same CPU
 * @rx_time: when the frame now received came to the stack; 0: none
 */
struct pp_probe_cpu {
	u64 rx_time;
};

DECLARE_PER_CPU(struct pp_probe_cpu, pp_probe_cpus);

void pp_probe_stage(u8 stage, const struct sk_buff *skb, const struct sock *sk,
		    unsigned int len);

/* ---- attach.c ---- */

int pp_journey_probes_on(void);
void pp_journey_probes_off(void);

#endif
