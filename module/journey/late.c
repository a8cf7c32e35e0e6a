// SPDX-License-Identifier: GPL-2.0
/*
 * What a recording asks that no header tells: socket, process, cgroup, device.
 * A packet that is received has no socket until one is found, one that is sent
 * no device, and by lo it may come to another socket yet. So a journey begins
 * undecided. Its blocks are kept here until it is known that it is wanted, and
 * then given to the reader, or that it can not be any more, and then forgotten:
 * the reader gets whole journeys, and no others. For what there is no room here
 * the oldest goes, and is counted as lost.
 *
 * Path: any stage -> probe.c -> block.c -> here -> ring.c
 * Mirrors: none
 * Locks: pp_hold.lock, of a recording, inside everything
 */
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <net/dst.h>
#include "journey/journey_priv.h"

#define PKTPATH_HOLD_HASH	8	/* bits */
#define PKTPATH_HOLD_DONE	10	/* likewise */
#define PKTPATH_HOLD_PART	8	/* records of a ring for each block here */

/**
 * struct pp_hold_slot - room for a block
 * @list: of the used, oldest first, or of the free
 * @node: of the used: by journey, newest first
 * @room: struct pp_block
 */
struct pp_hold_slot {
	struct list_head list;
	struct hlist_node node;
	u8 room[PKTPATH_BLOCK_SIZE] __aligned(sizeof(u64));
};

/**
 * struct pp_hold - blocks of a recording that are not decided
 * @lock: of all below; raw: taken with interrupts off
 * @used: slots
 * @spare: likewise
 * @id: the used
 * @done: journeys decided last: twice their number, and 1 when wanted; a block
 *	  may come later, from the CPU that its process was on before
 * @slot: all
 */
struct pp_hold {
	raw_spinlock_t lock;	/* the lists */
	struct list_head used;
	struct list_head spare;
	struct hlist_head id[1 << PKTPATH_HOLD_HASH];
	u64 done[1 << PKTPATH_HOLD_DONE];
	struct pp_hold_slot slot[];
};

static struct pp_block *pp_hold_block(struct pp_hold_slot *s)
{
	return (struct pp_block *)s->room;
}

static struct hlist_head *pp_hold_of(struct pp_hold *h, u64 id)
{
	return &h->id[hash_64(id, PKTPATH_HOLD_HASH)];
}

static u64 *pp_hold_done(struct pp_hold *h, u64 id)
{
	return &h->done[hash_64(id, PKTPATH_HOLD_DONE)];
}

/**
 * pp_hold_alloc() - make room for what is not decided
 * @j: the recording, its conf set
 *
 * Charged to the caller's memory cgroup.
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int pp_hold_alloc(struct pp_journey *j)
{
	u32 n = max_t(u32, j->conf.ring / PKTPATH_HOLD_PART,
		      PKTPATH_JOURNEY_RING_MIN);
	struct pp_hold *h;
	u32 i;

	if (!j->late)
		return 0;
	h = __vmalloc(struct_size(h, slot, n), GFP_KERNEL_ACCOUNT |
					       __GFP_NOWARN | __GFP_ZERO);
	if (!h)
		return -ENOMEM;
	raw_spin_lock_init(&h->lock);
	INIT_LIST_HEAD(&h->used);
	INIT_LIST_HEAD(&h->spare);
	for (i = 0; i < n; i++)
		list_add(&h->slot[i].list, &h->spare);
	j->hold = h;
	return 0;
}

/**
 * pp_hold_free() - undoes that
 * @j: the recording; no probe knows it
 *
 * Context: process, may sleep.
 */
void pp_hold_free(struct pp_journey *j)
{
	vfree(j->hold);
	j->hold = NULL;
}

/* Into a CPU's ring, in which no block is open. */
static void pp_hold_give(struct pp_journey *j, const struct pp_block *b,
			 int cpu)
{
	struct pp_block *to = pp_journey_ring_room(j->ring[cpu]);

	if (!to) {
		pp_journey_ring_lose(j, cpu, pp_block_recs(b));
		return;
	}
	memcpy(to, b, b->size);
	pp_journey_ring_put(j->ring[cpu], to);
}

/* The room of the oldest is the next one's. What goes is told; it is lost. */
static unsigned int pp_hold_keep(struct pp_hold *h, const struct pp_block *b,
				 u32 pid)
{
	struct pp_hold_slot *s;
	unsigned int lost = 0;

	s = list_first_entry_or_null(&h->spare, struct pp_hold_slot, list);
	if (!s) {
		s = list_first_entry(&h->used, struct pp_hold_slot, list);
		lost = pp_block_recs(pp_hold_block(s));
		hlist_del(&s->node);
	}
	memcpy(s->room, b, b->size);
	pp_hold_block(s)->pid = pid;
	list_move_tail(&s->list, &h->used);
	hlist_add_head(&s->node, pp_hold_of(h, b->id));
	return lost;
}

/**
 * pp_hold_add() - keep a block
 * @j: the recording that may want it
 * @b: the block
 * @pid: the process's number for that recording
 *
 * Context: interrupts off, on the block's CPU, or when that is off.
 */
void pp_hold_add(struct pp_journey *j, struct pp_block *b, u32 pid)
{
	struct pp_hold *h = j->hold;
	unsigned int lost = 0;
	u64 done;

	if (!h)
		return;
	raw_spin_lock(&h->lock);
	done = *pp_hold_done(h, b->id);
	if (done >> 1 != b->id) {
		lost = pp_hold_keep(h, b, pid);
	} else if (done & 1) {
		b->pid = pid;
		pp_hold_give(j, b, b->cpu);
	}
	raw_spin_unlock(&h->lock);
	if (lost)
		pp_journey_ring_lose(j, b->cpu, lost);
}

/* A journey has been decided; no block is open in this CPU's ring. */
static void pp_hold_end(struct pp_journey *j, u64 id, bool wanted)
{
	struct pp_hold *h = j->hold;
	struct pp_hold_slot *s;
	struct hlist_node *next;
	LIST_HEAD(mine);

	raw_spin_lock(&h->lock);
	*pp_hold_done(h, id) = id << 1 | wanted;
	hlist_for_each_entry_safe(s, next, pp_hold_of(h, id), node) {
		if (pp_hold_block(s)->id != id)
			continue;
		hlist_del(&s->node);
		/* from the newest on: the oldest comes to be the first */
		list_move(&s->list, &mine);
	}
	if (wanted)
		list_for_each_entry(s, &mine, list)
			pp_hold_give(j, pp_hold_block(s), smp_processor_id());
	list_splice(&mine, &h->spare);
	raw_spin_unlock(&h->lock);
}

/* ---- Decisions ---- */

/**
 * pp_late_begin() - a journey begins
 * @jn: recordings of its netns
 * @mask: bit per recording that wants it, as far as its headers tell
 *
 * Context: interrupts off.
 * Return: what else these ask, as in struct pp_track.
 */
u16 pp_late_begin(const struct pp_journey_net *jn, u8 mask)
{
	/* as in pp_late_call() */
	unsigned long left = mask & PKTPATH_JOURNEY_MASK;
	const struct pp_journey *j;
	u16 open = 0;
	int i;

	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (j)
			open |= j->late << i * PKTPATH_LATE_BITS;
	}
	return open;
}

/* Is a packet the business of the current process, whose CPU may do others'? */
static bool pp_late_called(u8 stage, u8 state)
{
	if (!in_task())
		return false;
	switch (stage) {
	case PKTPATH_STAGE_SOCK_SEND:
	case PKTPATH_STAGE_TP_SEND:
	case PKTPATH_STAGE_TP_XMIT:
	case PKTPATH_STAGE_SOCK_RECV:
		return true;
	case PKTPATH_AT_FREE:
		return state == PKTPATH_TRACK_QUEUED;
	default:
		return false;
	}
}

/*
 * Which of what it asks is so? @sk: known here, or NULL; @ifindex: or 0;
 * @called: the current process calls.
 */
static u8 pp_late_met(const struct pp_journey *j, const struct sock *sk,
		      u32 ifindex, bool called)
{
	u8 met = 0;

	if (sk && j->conf.cookie == (u64)atomic64_read(&sk->sk_cookie))
		met |= PKTPATH_LATE_SOCK;
	if (sk && j->conf.cgroup == pp_probe_cgroup(sk))
		met |= PKTPATH_LATE_CGROUP;
	if ((sk && READ_ONCE(pp_sk(sk)->owner) == j->tgid) ||
	    (called && current->tgid == j->tgid))
		met |= PKTPATH_LATE_PID;
	if (j->conf.ifindex == ifindex)
		met |= PKTPATH_LATE_DEV;
	return met;
}

/**
 * pp_late_call() - who wants a stream's call, which is of no packet?
 * @jn: recordings of its netns
 * @mask: those that want it, as far as its addresses tell
 * @sk: its socket
 * @stage: the call's
 *
 * Its device is the route's; without one it may be any.
 *
 * Context: interrupts off.
 * Return: those that want it.
 */
u8 pp_late_call(const struct pp_journey_net *jn, u8 mask,
		const struct sock *sk, u8 stage)
{
	/* not of @late, which may be seen later than what @mask is made of */
	unsigned long left = mask & PKTPATH_JOURNEY_MASK;
	const struct dst_entry *dst;
	const struct pp_journey *j;
	u8 met;
	int i;

	dst = rcu_dereference_sched(sk->sk_dst_cache);
	for_each_set_bit(i, &left, PKTPATH_JOURNEY_RECS) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (!j || !j->late)
			continue;
		met = pp_late_met(j, sk, dst ? dst->dev->ifindex :
					       j->conf.ifindex,
				  pp_late_called(stage, 0));
		if (j->late & ~met)
			mask &= ~BIT(i);
	}
	return mask;
}

/* What can not become so any more, once the packet has come to @at? */
static u8 pp_late_never(const struct pp_probe_at *at)
{
	if (at->flags & PKTPATH_JREC_DROP)
		return PKTPATH_LATE_ALL;
	switch (at->stage) {
	case PKTPATH_AT_FREE:
	case PKTPATH_STAGE_TX_DONE:
	case PKTPATH_STAGE_SOCK_RECV:
		return PKTPATH_LATE_ALL;
	case PKTPATH_STAGE_SOCK_QUEUE:
		/* who reads a datagram is not known yet; a segment ends here */
		return at->sk && pp_probe_is_tcp(at->sk) ?
		       PKTPATH_LATE_ALL : PKTPATH_LATE_ALL & ~PKTPATH_LATE_PID;
	default:
		return 0;
	}
}

/* These want the journey, those do not; @t->open is what is still open. */
static void pp_late_settle(struct pp_track *t, u8 yes, u8 no)
{
	struct pp_journey_net *jn = READ_ONCE(t->pn->journey);
	struct pp_probe_cpu *pc = this_cpu_ptr(&pp_probe_cpus);
	struct pp_journey *j;
	int i;

	/* it is built where what was kept is to go */
	if (pc->ring)
		pp_block_close(pc);
	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++) {
		j = rcu_dereference_sched(jn->rec[i]);
		if (j && j->hold && (yes | no) & BIT(i))
			pp_hold_end(j, t->id, yes & BIT(i));
	}
	t->mask &= ~no;
	if (!pc->block || pc->block->id != t->id || pc->pn != t->pn)
		return;
	WRITE_ONCE(pc->open, t->open);
	WRITE_ONCE(pc->mask, pc->mask & ~no);
	pp_block_close(pc);
}

/**
 * pp_late_step() - an undecided packet has come to a stage
 * @e: its entry, or NULL
 * @t: what is known of it; @open and @mask become less
 * @at: the stage, its record not yet made
 *
 * Context: interrupts off.
 */
void pp_late_step(struct pp_track *e, struct pp_track *t,
		  const struct pp_probe_at *at)
{
	struct pp_journey_net *jn = READ_ONCE(t->pn->journey);
	bool called = pp_late_called(at->stage, t->state);
	u8 never = pp_late_never(at), yes = 0, no = 0, left;
	const struct pp_journey *j;
	u16 open = 0;
	int i;

	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++) {
		left = pp_late_of(t->open, i);
		if (!left)
			continue;
		j = rcu_dereference_sched(jn->rec[i]);
		if (j)
			left &= ~pp_late_met(j, at->sk, at->ifindex,
					    called);
		if (!j || left & never || !(t->mask & BIT(i)))
			no |= BIT(i);
		else if (!left)
			yes |= BIT(i);
		else
			open |= left << i * PKTPATH_LATE_BITS;
	}
	if (open == t->open)
		return;
	t->open = open;
	if (yes | no)
		pp_late_settle(t, yes, no);
	if (e)
		pp_track_want(e, t, jn);
}

/**
 * pp_late_handed() - may another CPU have an undecided packet after a stage?
 * @stage: the stage
 *
 * Context: any.
 * Return: true when what is known of it until there must be where all CPUs
 * find it.
 */
bool pp_late_handed(u8 stage)
{
	switch (stage) {
	case PKTPATH_STAGE_NEIGH:
	case PKTPATH_STAGE_DEV_QUEUE:
	case PKTPATH_STAGE_DEV_XMIT:
	case PKTPATH_STAGE_TP_RCV:
	case PKTPATH_STAGE_SOCK_QUEUE:
	case PKTPATH_STAGE_SOCK_WAKE:
		return true;
	default:
		return false;
	}
}

/**
 * pp_late_end() - nothing more will be known of a packet
 * @t: what is known of it; @open and @mask become less
 * @mask: for these recordings
 *
 * Context: interrupts off.
 */
void pp_late_end(struct pp_track *t, u8 mask)
{
	u8 no = 0;
	int i;

	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++)
		if (mask & BIT(i) && pp_late_of(t->open, i))
			no |= BIT(i);
	for (i = 0; i < PKTPATH_JOURNEY_RECS; i++)
		if (no & BIT(i))
			t->open &= ~(PKTPATH_LATE_ALL << i * PKTPATH_LATE_BITS);
	pp_late_settle(t, 0, no);
}
