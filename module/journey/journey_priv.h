/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of journey/ share. */
#ifndef PKTPATH_JOURNEY_JOURNEY_PRIV_H
#define PKTPATH_JOURNEY_JOURNEY_PRIV_H

#include <linux/cgroup.h>
#include <linux/hash.h>
#include <linux/ip.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/ip.h>
#include "core/netns.h"
#include "core/pp_sock.h"
#include "core/stage.h"
#include "journey/clock.h"
#include "journey/filter.h"
#include "journey/journey.h"

#define PKTPATH_JOURNEY_RECS	4	/* recordings of a netns at once */
#define PKTPATH_JOURNEY_RING	16384	/* least default records of a CPU */
#define PKTPATH_JOURNEY_RINGS	262144	/* and of all CPUs together */
#define PKTPATH_JOURNEY_HIST	7	/* bit of the histograms, not a slot */
#define PKTPATH_JOURNEY_MASK	(BIT(PKTPATH_JOURNEY_RECS) - 1)

#define PKTPATH_BLOCK_STEPS	32
/* Longest time from its first step to one that looks, pp_clock(). */
#define PKTPATH_BLOCK_SPAN	BIT(20)

#define PKTPATH_STEP_FLOW	0xff	/* @stage: the next step's headers */
#define PKTPATH_STEP_RAW	0xfe	/* likewise, as they stand in the packet */
#define PKTPATH_STEP_SOCK	0xfd	/* what its socket will write into them */
#define PKTPATH_STEP_OWNER	0xfc	/* @stage: whose the next step's socket is */
/* Beside PKTPATH_JREC_*: as at the step before. */
#define PKTPATH_STEP_SAME	0x40	/* @segs */
#define PKTPATH_STEP_SAME_DEV	0x80	/* @ifindex */

/**
 * struct pp_step - a packet at a stage, or what its headers tell
 * @clk: when, the low bits of pp_clock()
 * @len: bytes
 * @ifindex: device, 0: none
 * @segs: of a super-packet, else 0
 * @clk_hi: the next bits of @clk
 * @cause: of a drop
 * @flow: with PKTPATH_STEP_FLOW; else the above
 * @ip: with PKTPATH_STEP_RAW: a header without options, but for its first word
 * @ports: and what follows it
 * @saddr: with PKTPATH_STEP_SOCK, of a datagram's socket; the next two likewise
 * @daddr: see there
 * @dport: and the number of its own port
 * @cgroup: with PKTPATH_STEP_SOCK and PKTPATH_STEP_OWNER: the socket's, halves
 * @owner: with PKTPATH_STEP_OWNER: pp_sock.owner
 * @stage: enum pktpath_stage, or PKTPATH_STEP_*
 * @flags: PKTPATH_JREC_*, PKTPATH_STEP_*
 * @at: both
 */
struct pp_step {
	union {
		struct {
			u32 clk;
			u32 len;
			u32 ifindex;
			u16 segs;
			u16 clk_hi;
			u8 cause;
		};
		struct pp_journey_flow flow;
		struct {
			u32 ip[4];
			u32 ports;
		};
		struct {
			union {
				struct {
					__be32 saddr;
					__be32 daddr;
				};
				u32 owner;
			};
			__portpair dport;
			u32 cgroup[2];
		};
	};
	union {
		struct {
			u8 stage;
			u8 flags;
		};
		__le32 at;
	};
};

/* Bits of a clock in a step. */
#define PKTPATH_STEP_CLK	48

/* When a packet was there. */
static __always_inline void pp_step_clk(struct pp_step *s, struct pp_clock clk)
{
	s->clk = clk.lo;
	s->clk_hi = clk.hi;
}

/* Where it was; in one store. */
static __always_inline void pp_step_at(struct pp_step *s, u8 stage, u8 flags)
{
	s->at = cpu_to_le32(stage | flags << 8);
}

/**
 * struct pp_block - what a packet met on one CPU, in one process
 * @id: the journey
 * @cookie: the socket's
 * @clk: pp_clock() not long before the first step
 * @mono: CLOCK_MONOTONIC then, ns
 * @pid: the process's number, with @task
 * @cpu: where
 * @task: in a process's context
 * @who: these three
 * @size: bytes, with @step
 * @unused: makes that a whole number of words
 * @step: they
 */
struct pp_block {
	u64 id;
	u64 cookie;
	u64 clk;
	u64 mono;
	union {
		struct {
			u32 pid;
			u16 cpu;
			u16 task;
		};
		u64 who;
	};
	u32 size;
	u32 unused;
	struct pp_step step[];
};

static inline unsigned int pp_block_steps(const struct pp_block *b)
{
	return (b->size - sizeof(*b)) / sizeof(*b->step);
}

/* Longest block, bytes. */
#define PKTPATH_BLOCK_SIZE \
	(sizeof(struct pp_block) + \
	 PKTPATH_BLOCK_STEPS * sizeof(struct pp_step))

/**
 * struct pp_journey_ring - blocks of one CPU
 * @head: bytes ever written; the CPU's, with interrupts off
 * @seen: packets ever considered, for sampling, likewise
 * @lost: records that found no room, likewise
 * @mask: size - 1
 * @full: so many that were not read leave no room for a block
 * @room: the bytes, and behind them the rest of a block that begins in them
 * @tail: bytes ever read; the reader's
 * @given: records of the block there that were read
 * @told: of @lost, what the reader was told of
 */
struct pp_journey_ring {
	u32 head;
	u32 seen;
	u64 lost;
	u32 mask;
	u32 full;
	u8 *room;
	u32 tail ____cacheline_aligned_in_smp;
	u32 given;
	u64 told;
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
 * @all: @conf wants all packets
 * @late: PKTPATH_LATE_* that @conf asks
 * @tgid: the process it asks for, as the first pid namespace counts
 * @hold: what of @late is not decided; NULL without
 * @pidns: whose numbers processes have in the records; held
 * @lock: of one reader or writer of the file at a time
 * @slot: index in pp_journey_net.rec, -1: not started
 * @ring: by CPU; NULL for a CPU that was not there at the start
 * @first: whose ring the next read begins with
 * @out: the records of a block, the reader's
 * @strays: records of such CPUs, lost
 * @strays_told: of those, what the reader was told of
 * @wait: who polls
 * @nap: looks whether there is something for them
 */
struct pp_journey {
	struct pp_net *pn;
	struct pktpath_journey_conf conf;
	bool all;
	u8 late;
	pid_t tgid;
	struct pp_hold *hold;
	struct pid_namespace *pidns;
	struct mutex lock;		/* the file's users */
	int slot;
	struct pp_journey_ring **ring;
	unsigned int first;
	struct pktpath_journey_rec *out;
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
 * @all: those of @live that want every packet there is
 * @only: @live, if it is one recording that wants every packet; else 0
 * @late: those of @live with pp_journey.late
 * @hist_mode: 0: no histograms, 1: of samples, 2: of all
 * @hist: histograms; NULL until they were switched on
 * @serial: of the journey last begun, per CPU: steps of nr_cpu_ids
 */
struct pp_journey_net {
	struct pp_journey __rcu *rec[PKTPATH_JOURNEY_RECS];
	unsigned int files;
	u8 live;
	u8 all;
	u8 only;
	u8 late;
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
 * @last: when it was seen last, pp_clock()
 * @pn: whose. May be followed while @mask is not 0: a recording waits until no
 *	entry with its bit is left.
 * @sk: of a call, compared and never followed
 * @cookie: the socket's
 * @mask: bit per pp_journey_net.live that wants it
 * @state: enum pp_track_state
 * @open: of these, what they ask that is not known yet: PKTPATH_LATE_* of each
 * @want: these three, in one store
 * @seen: changes with each packet that is entered, and with @at
 * @at: the stage where it was seen last; the lowest byte of @seen
 * @both: @want and @seen
 */
struct pp_track {
	unsigned long key;
	u64 id;
	u64 last;
	struct pp_net *pn;
	const struct sock *sk;
	u64 cookie;
	union {
		struct {
			union {
				struct {
					u8 mask;
					u8 state;
					u16 open;
				};
				__le32 want;
			};
			union {
				__le32 seen;
				u8 at;
			};
		};
		u64 both;
	};
};

#define PKTPATH_SEEN_AT		0xffU	/* pp_track.at in pp_track.seen */
#define PKTPATH_SEEN_SLOW	0x80U	/* no stage's */

#define PKTPATH_TRACK_TAKEN	1UL	/* @key of an entry being filled */

#define PKTPATH_TRACK_BITS	12	/* sets */
#define PKTPATH_TRACK_WAYS	8

/**
 * struct pp_probe_cpu - the packet that was at a stage last, of each CPU
 * @self: this
 * @e: its entry, or one that is no packet's
 * @ctx: the context it was in, see pp_probe_ctx()
 * @next: of @block, where the next step goes
 * @end: behind its last step
 * @seen: of @e, when it was this packet's, @at being 0; with PKTPATH_SEEN_SLOW
 *	  where its next stage must not be pp_fast()'s
 * @mask: who want it
 * @open: see struct pp_track; of @block
 * @several: more than one recording wants it
 * @ring: where @block is, NULL: in @spare, or there is none
 * @block: its open block, or NULL
 * @pn: whose it, and @block, is
 * @net: whose it is
 * @born: start_time of the process in whose context: another may have come to
 *	  its address
 * @base_clk: pp_clock() when both clocks were read
 * @base_mono: CLOCK_MONOTONIC then
 * @call: entries where the call of @call_key would be
 * @call_key: a process's, see pp_probe_call_key()
 * @id: its journey
 * @clk: pp_clock() not long before the first step of @block
 * @mono: CLOCK_MONOTONIC at @clk
 * @task: the process in whose context, NULL: in none's
 * @hist: histograms that want it, or NULL
 * @pid: the process's numbers, by recording, with @several
 * @rx_time: when the frame now received came to the stack; 0: none
 * @spare: a block for which there was no room
 */
struct pp_probe_cpu {
	struct pp_probe_cpu *self;
	struct pp_track *e;
	unsigned long ctx;
	struct pp_step *next;
	struct pp_step *end;
	__le32 seen;
	u8 mask;
	bool several;
	u16 open;
	struct pp_journey_ring *ring;
	struct pp_block *block;
	struct pp_net *pn;
	const struct net *net;
	u64 born;
	u64 base_clk;
	u64 base_mono;
	struct pp_track *call;
	unsigned long call_key;
	u64 id;
	u64 clk;
	u64 mono;
	const struct task_struct *task;
	struct pp_hist *hist;
	u32 pid[PKTPATH_JOURNEY_RECS];
	u64 rx_time;
	u8 spare[PKTPATH_BLOCK_SIZE] __aligned(sizeof(u64));
};

DECLARE_PER_CPU(struct pp_probe_cpu, pp_probe_cpus);

/* No packet's: what a CPU without an open block points to. */
extern struct pp_track pp_block_none;

/**
 * struct pp_probe_at - a record to be
 * @clk: when, pp_clock(); 0: now
 * @flow: what the headers tell, or NULL
 * @sk: the socket, if it is known here, or NULL
 * @owner: tell whose @sk is
 * @len: see struct pp_step, the others likewise
 * @ifindex: see there
 * @segs: see there
 * @stage: see there
 * @flags: see there
 * @cause: see there
 */
struct pp_probe_at {
	u64 clk;
	const struct pp_journey_flow *flow;
	const struct sock *sk;
	u32 len;
	u32 ifindex;
	u16 segs;
	u8 stage;
	u8 flags;
	u8 cause;
	bool owner;
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
void pp_journey_live(struct pp_journey_net *jn, u8 live, u8 all);

/* ---- track.c ---- */

extern struct pp_track *pp_tracks;

int pp_track_start(void);
void pp_track_stop(void);
void pp_track_clear(void);
struct pp_track *pp_track_find(unsigned long key, struct pp_track *copy);
struct pp_track *pp_track_set(struct pp_track *e, const struct pp_track *t,
			      struct pp_track *gone);
void pp_track_forget(const struct pp_net *pn, unsigned int bit);

static __always_inline struct pp_track *pp_track_set_of(unsigned long key)
{
	return pp_tracks + hash_long(key, PKTPATH_TRACK_BITS) *
			   PKTPATH_TRACK_WAYS;
}

/* The entry that has @want, where @key may be; NULL: none. */
static __always_inline struct pp_track *pp_track_way(unsigned long key,
						     unsigned long want)
{
	struct pp_track *t = pp_track_set_of(key);
	int i;

#pragma GCC unroll 8
	for (i = 0; i < PKTPATH_TRACK_WAYS; i++)
		if (READ_ONCE(t[i].key) == want)
			return t + i;
	return NULL;
}

/*
 * The first entry of the set @t of a packet that has none is the caller's until
 * its key is set; false: there are others, maybe its own. Interrupts off.
 */
static __always_inline bool pp_track_claim(struct pp_track *t)
{
	unsigned long any = 0, none = 0;
	int i;

#pragma GCC unroll 8
	for (i = 0; i < PKTPATH_TRACK_WAYS; i++)
		/* others' come and go, its own is the caller's to set */
		any |= data_race(t[i].key);
	return !any && try_cmpxchg(&t->key, &none, PKTPATH_TRACK_TAKEN);
}

/* Another packet's from now on; what pp_track.seen is with @at 0. Likewise. */
static __always_inline __le32 pp_track_renew(struct pp_track *e)
{
	e->seen = cpu_to_le32((le32_to_cpu(e->seen) | PKTPATH_SEEN_AT) + 1);
	return e->seen;
}

/*
 * Notes the stage a packet has come to. Should the entry be taken away in
 * between, another packet's record of the next stage may be wrong or missing;
 * it is of no other netns then, either. Interrupts off.
 */
static inline void pp_track_step(struct pp_track *e, const struct pp_track *t)
{
	if (READ_ONCE(e->key) != t->key)
		return;
	WRITE_ONCE(e->last, t->last);
	WRITE_ONCE(e->state, t->state);
	WRITE_ONCE(e->at, t->at);
}

/*
 * Notes who wants a packet and its socket, never in another's entry: that may
 * be of a netns which ends. Interrupts off.
 */
static inline void pp_track_want(struct pp_track *e, const struct pp_track *t,
				 const struct pp_journey_net *jn)
{
	if (cmpxchg(&e->key, t->key, PKTPATH_TRACK_TAKEN) != t->key)
		return;
	/* pp_track_forget() passes over it: no bit of a recording that ends */
	e->mask = t->mask & READ_ONCE(jn->live);
	e->open = e->mask ? t->open : 0;
	e->cookie = t->cookie;
	/* content before key: pairs with pp_track_find() */
	smp_store_release(&e->key, t->key);
}

/* Forgets a packet that was found by @key. Interrupts off. */
static inline void pp_track_del(struct pp_track *e, unsigned long key)
{
	cmpxchg(&e->key, key, 0);
}

/* ---- ring.c ---- */

u32 pp_journey_ring_default(void);
int pp_journey_ring_alloc(struct pp_journey *j);
void pp_journey_ring_free(struct pp_journey *j);
struct pp_block *pp_journey_ring_room(struct pp_journey_ring *r);
void pp_journey_ring_put(struct pp_journey_ring *r, const struct pp_block *b);
void pp_journey_ring_lose(struct pp_journey *j, int cpu, unsigned int n);
bool pp_journey_ring_any(const struct pp_journey *j);
int pp_journey_ring_read(struct pp_journey *j, char __user *buf, size_t n);

/* ---- hist.c ---- */

int pp_hist_proc_init(struct pp_net *pn, struct proc_dir_entry *dir);
void pp_hist_exit(void);
bool pp_hist_draw(const struct pp_journey_net *jn);

/* ---- block.c ---- */

void pp_block_init(void);
void pp_block_start(void);
unsigned int pp_block_recs(const struct pp_block *b);
void pp_block_close(struct pp_probe_cpu *pc);
void pp_probe_put(struct pp_track *e, struct pp_track *t,
		  const struct pp_probe_at *at);
bool pp_probe_more(u8 stage, const struct sk_buff *skb, const struct sock *sk,
		   unsigned int len, u64 clk);
bool pp_block_any(const struct pp_journey *j);
void pp_block_sweep(const struct pp_journey *j);

/* ---- late.c ---- */

int pp_hold_alloc(struct pp_journey *j);
void pp_hold_free(struct pp_journey *j);
void pp_hold_add(struct pp_journey *j, struct pp_block *b, u32 pid);
u16 pp_late_begin(const struct pp_journey_net *jn, u8 mask);
u8 pp_late_call(const struct pp_journey_net *jn, u8 mask,
		const struct sock *sk, u8 stage);
bool pp_late_handed(u8 stage);
void pp_late_step(struct pp_track *e, struct pp_track *t,
		  const struct pp_probe_at *at);
void pp_late_end(struct pp_track *t, u8 mask);

/* What recording @i asks of it. */
static inline u8 pp_late_of(u16 open, int i)
{
	return open >> i * PKTPATH_LATE_BITS & PKTPATH_LATE_ALL;
}

/* ---- record.c: with interrupts off ---- */

/* Where it was last, most often: on this CPU. */
static inline struct pp_track *pp_probe_find(unsigned long key,
					     struct pp_track *copy)
{
	struct pp_track *e = this_cpu_read(pp_probe_cpus.e);

	if (READ_ONCE(e->key) == key) {
		/* key, content, key: as in pp_track_find() */
		smp_rmb();
		*copy = *e;
		/* likewise */
		smp_rmb();
		if (READ_ONCE(e->key) == key)
			return e;
	}
	return pp_track_find(key, copy);
}

static inline struct pp_journey_net *pp_probe_pn(const struct pp_net *pn)
{
	struct pp_journey_net *jn = READ_ONCE(pn->journey);

	return jn && READ_ONCE(jn->live) ? jn : NULL;
}

static inline struct pp_journey_net *pp_probe_net(const struct net *net)
{
	return pp_probe_pn(pp_net(net));
}

/* A journey begins: its number, unique in the netns. */
static inline u64 pp_probe_new_id(const struct pp_journey_net *jn)
{
	return this_cpu_add_return(*jn->serial, nr_cpu_ids);
}

/*
 * Where a step is made: the process, and another than that when it is
 * interrupted.
 */
static __always_inline unsigned long pp_probe_ctx(void)
{
	/* softirqs are not counted there */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return (unsigned long)current + (in_task() ? 0 : 1);
	return (unsigned long)current +
	       (preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET));
}

/*
 * A packet goes on in another context, where one stage calls the next most
 * often: see pp_fast_ctx().
 */
static inline void pp_probe_moved(void)
{
	this_cpu_write(pp_probe_cpus.e, &pp_block_none);
}

/* Of what an entry says: is it wanted, and of this netns? */
static inline bool pp_probe_of(const struct pp_track *t, const struct net *net)
{
	return t->mask && t->pn->net == net;
}

struct pp_probe_addrs {
	__be32 saddr;
	__be32 daddr;
};

struct pp_probe_ports {
	__be16 sport;
	__be16 dport;
};

/* A datagram or a segment as most are: without options, not a fragment. */
static __always_inline bool pp_probe_plain_flow(const u8 *head, int len,
						struct pp_journey_flow *flow)
{
	const struct iphdr *iph = (const struct iphdr *)head;
	const struct tcphdr *th = (const struct tcphdr *)(iph + 1);

	if (len < (int)(sizeof(*iph) + sizeof(struct udphdr)) ||
	    *head != 0x45 || iph->frag_off & htons(IP_OFFSET))
		return false;
	/* two at once: their order is the same */
	*(struct pp_probe_addrs *)&flow->saddr =
		*(const struct pp_probe_addrs *)&iph->saddr;
	*(struct pp_probe_ports *)&flow->sport =
		*(const struct pp_probe_ports *)&th->source;
	flow->proto = iph->protocol;
	if (flow->proto == IPPROTO_UDP) {
		flow->seq = ntohs(iph->id);
		flow->tcp_flags = 0;
		return true;
	}
	if (flow->proto != IPPROTO_TCP ||
	    len < (int)(sizeof(*iph) + sizeof(*th)))
		return false;
	flow->seq = ntohl(th->seq);
	flow->tcp_flags = ((const u8 *)th)[13];
	return true;
}

static inline bool pp_probe_is_tcp(const struct sock *sk)
{
	/* there are raw sockets of that protocol, too */
	return sk->sk_type == SOCK_STREAM &&
	       sk->sk_protocol == PKTPATH_SK_PROTO(IPPROTO_TCP);
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
u64 pp_probe_cookie(const struct sock *sk);

/* The number of a socket's cgroup. A socket has one, be it the root. */
static __always_inline u64 pp_probe_cgroup(const struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	return cgroup_id(sk->sk_cgrp_data.cgroup);
#else
	return 0;
#endif
}

/* Key of the call that the current process is in; one that no skb has. */
static inline unsigned long pp_probe_call_key(void)
{
	return (unsigned long)current | 1;
}

struct pp_track *pp_probe_enter(struct pp_track *e, struct pp_track *t);
void pp_probe_at_skb(struct pp_probe_at *at, u8 stage,
		     const struct sk_buff *skb);

/* ---- probe.c ---- */

void pp_probe_sk(u8 stage, const struct sock *sk, unsigned int len, u64 clk);
void pp_probe_tp_xmit(const struct sk_buff *skb, const struct sock *sk);
void pp_probe_link_rcv(const struct sk_buff *skb);
void pp_probe_found(const struct sk_buff *skb, const struct sock *sk);
void pp_probe_skb(u8 stage, const struct sk_buff *skb, const struct sock *sk);

/*
 * May a packet that was at @at come to @stage, where others of its kind begin?
 * One that died unseen at its address has been elsewhere, most often.
 */
static __always_inline bool pp_probe_follows(u8 stage, u8 at)
{
	switch (stage) {
	case PKTPATH_STAGE_IP_LOCAL_OUT:
		return at <= PKTPATH_STAGE_IP_ROUTE;
	case PKTPATH_STAGE_NEIGH:
		return at == PKTPATH_STAGE_IP_FINISH;
	case PKTPATH_STAGE_IP_FORWARD:
		return at == PKTPATH_STAGE_IP_ROUTE_IN;
	case PKTPATH_STAGE_SOCK_QUEUE:
		return at == PKTPATH_STAGE_TP_RCV;
	default:
		return true;
	}
}

/* A packet, or a call, has come to a stage of ours, at @clk. */
static inline void pp_probe_stage(u8 stage, const struct sk_buff *skb,
				  const struct sock *sk, unsigned int len,
				  u64 clk)
{
	if (!skb || stage == PKTPATH_STAGE_TP_SEND)
		pp_probe_sk(stage, sk, len, clk);
	else if (stage == PKTPATH_STAGE_TP_XMIT && sk)
		pp_probe_tp_xmit(skb, sk);
	else if (stage == PKTPATH_STAGE_LINK_RCV)
		pp_probe_link_rcv(skb);
	else
		pp_probe_skb(stage, skb, sk);
}

/* ---- split.c ---- */

/* Super-packets were cut whose segments are still to come. */
extern bool pp_split_any;

void pp_split_tell(const struct sk_buff *skb, struct pp_probe_at *at,
		   struct pp_journey_flow *flow);
void pp_split_note(const struct pp_track *t, const struct pp_probe_at *at);
void pp_split_xmit(const struct sk_buff *skb, const struct net_device *dev);
void pp_split_forget(void);

/* ---- attach.c ---- */

int pp_journey_probes_on(void);
void pp_journey_probes_off(void);

#endif
