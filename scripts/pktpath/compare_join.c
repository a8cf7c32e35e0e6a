// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --compare: journeys from what the probes saw.
 *
 * A call's steps are those of its thread until the first function that has the
 * packet; from there on the packet is its buffer's address. That it is the
 * workload's is known by the calls at its ends.
 */
#include <stdlib.h>
#include <string.h>
#include "compare.h"
#include "pktpath.h"

#define WAYS	4096	/* powers of two */
#define TASKS	1024
#define SOCKS	1024
#define CALL	6

/* What a thread, or a processor without one, is at. */
struct task {
	uint64_t key;
	struct {
		uint8_t n, stage[CALL];
		uint64_t at[CALL];
		uint64_t sk;
		uint8_t proto;
		bool ready;	/* the next packet is the call's */
	} call;
	struct {
		uint64_t at, sk;
	} xmit;			/* of a packet no call made */
	uint64_t queued, queued_sk, copied;
	uint64_t recv_at;	/* entry of recv() */
};

static struct compare_way *ways;
static struct task *tasks;
static uint64_t *socks;
static uint32_t *hits;
static compare_way_fn way_done;
static int way_family;

static uint64_t hash(uint64_t v)
{
	return (v * 0x9e3779b97f4a7c15ull) >> 40;
}

/* Without a reader of ours it ends at the device: who comes then is another
 * host's stack, or another namespace's, whatever that is.
 */
static void way_cut(struct compare_way *w)
{
	uint8_t i;

	for (i = 0; i < w->n; i++)
		if (w->stage[i] == PKTPATH_AT_DEV_XMIT &&
		    w->stage[w->n - 1] < COMPARE_COPY)
			w->n = i + 1;
}

static void way_end(struct compare_way *w)
{
	if (w->skb && w->own)
		way_cut(w);
	if (w->skb && w->own && w->n > 1)
		way_done(w);
	w->skb = 0;
	w->n = 0;
}

static struct compare_way *way_find(uint64_t skb)
{
	struct compare_way *w = &ways[hash(skb) & (WAYS - 1)];

	return skb && w->skb == skb ? w : NULL;
}

static struct compare_way *way_new(uint64_t skb)
{
	struct compare_way *w = &ways[hash(skb) & (WAYS - 1)];

	way_end(w);
	w->skb = skb;
	w->own = false;
	w->call = false;
	return w;
}

static uint8_t way_last(const struct compare_way *w)
{
	return w->stage[w->n - 1];
}

static void way_step(struct compare_way *w, uint8_t stage, uint64_t at)
{
	if (w->n == COMPARE_STEPS)
		return;
	w->stage[w->n] = stage;
	w->at[w->n++] = at;
}

static void sock_own(uint64_t sk)
{
	socks[hash(sk) & (SOCKS - 1)] = sk;
}

static bool sock_is_own(uint64_t sk)
{
	return sk && socks[hash(sk) & (SOCKS - 1)] == sk;
}

static struct task *task_of(const struct compare_rec *r)
{
	/* each processor has an idle thread 0 of its own */
	uint64_t key = (uint32_t)r->task ? (uint32_t)r->task :
		       ~(uint64_t)r->cpu;
	struct task *t = &tasks[hash(key) & (TASKS - 1)];

	if (t->key != key) {
		memset(t, 0, sizeof(*t));
		t->key = key;
	}
	return t;
}

/* ---- Down ---- */

static void call_step(struct task *t, uint8_t stage, uint64_t at)
{
	if (t->call.n == CALL)
		return;
	t->call.stage[t->call.n] = stage;
	t->call.at[t->call.n++] = at;
}

/* Before there is a packet, or one that has its own address already. */
static void on_call(struct task *t, const struct compare_point *p,
		    const struct compare_rec *r)
{
	uint64_t sk = p->sk >= 0 ? r->arg[p->sk] : 0;
	bool same;

	switch (p->stage) {
	case PKTPATH_AT_SOCK_SEND:
		memset(&t->call, 0, sizeof(t->call));
		if (r->own)
			call_step(t, p->stage, r->time);
		return;
	case PKTPATH_AT_TP_SEND:
		if (!t->call.n)
			return;
		t->call.sk = sk;
		t->call.proto = p->proto;
		t->call.ready = p->proto == IPPROTO_UDP;
		sock_own(sk);
		call_step(t, p->stage, r->time);
		return;
	case PKTPATH_AT_IP_ROUTE:
		if (t->call.n && t->call.stage[t->call.n - 1] ==
		    PKTPATH_AT_TP_SEND)
			call_step(t, p->stage, r->time);
		return;
	}
	/* TP_XMIT */
	same = t->call.n && p->proto == t->call.proto &&
	       (!sk || sk == t->call.sk);
	if (same) {
		call_step(t, p->stage, r->time);
		t->call.ready = true;
	} else {
		t->xmit.at = r->time;
		t->xmit.sk = sk;
	}
}

static void on_down(struct task *t, const struct compare_point *p,
		    const struct compare_rec *r)
{
	struct compare_way *w = way_find(r->arg[p->skb]);
	int i;

	if (w && way_last(w) < p->stage) {
		way_step(w, p->stage, r->time);
		return;
	}
	/* a device upon a device */
	if (p->stage == PKTPATH_AT_DEV_XMIT ||
	    (w && p->stage == PKTPATH_AT_DEV_QUEUE))
		return;
	w = way_new(r->arg[p->skb]);
	if (t->xmit.at) {
		way_step(w, PKTPATH_AT_TP_XMIT, t->xmit.at);
		w->own = sock_is_own(t->xmit.sk);
		t->xmit.at = 0;
	} else if (t->call.n && t->call.ready) {
		for (i = 0; i < t->call.n; i++)
			way_step(w, t->call.stage[i], t->call.at[i]);
		w->own = true;
		w->call = true;
		t->call.n = 0;
	}
	way_step(w, p->stage, r->time);
}

/* ---- Up ---- */

static void on_rx(const struct compare_rec *r)
{
	struct compare_way *w = way_find(r->arg[0]);

	if (w && way_last(w) == PKTPATH_AT_DEV_RX)
		return;
	if (!w || way_last(w) != PKTPATH_AT_DEV_XMIT)
		w = way_new(r->arg[0]);
	way_step(w, PKTPATH_AT_DEV_RX, r->time);
}

static void on_up(struct task *t, const struct compare_point *p,
		  const struct compare_rec *r)
{
	struct compare_way *w = way_find(r->arg[p->skb]);

	if (!w || way_last(w) >= p->stage)
		return;
	way_step(w, p->stage, r->time);
	if (p->stage != PKTPATH_AT_SOCK_QUEUE)
		return;
	t->queued = w->skb;
	t->queued_sk = r->arg[p->sk];
}

static void on_wake(struct task *t, const struct compare_rec *r)
{
	struct compare_way *w = way_find(t->queued);

	/* the reader may have been faster */
	if (w && t->queued_sk == r->arg[0] &&
	    way_last(w) == PKTPATH_AT_SOCK_QUEUE)
		way_step(w, PKTPATH_AT_SOCK_WAKE, r->time);
	t->queued = 0;
}

/* Its reader has it. A call that began before it came is none of its steps. */
static void on_copy(struct task *t, uint8_t stage, const struct compare_rec *r)
{
	struct compare_way *w = way_find(r->arg[0]);

	if (!r->own || !w || way_last(w) < PKTPATH_AT_TP_RCV ||
	    way_last(w) >= COMPARE_COPY)
		return;
	if (t->recv_at > w->at[w->n - 1])
		way_step(w, PKTPATH_AT_SOCK_RECV, t->recv_at);
	way_step(w, stage, r->time);
	w->own = true;
	t->copied = w->skb;
}

static void on_return(struct task *t, const struct compare_rec *r)
{
	struct compare_way *w = way_find(t->copied);

	t->copied = 0;
	if (!w || way_last(w) < COMPARE_COPY)
		return;
	way_step(w, COMPARE_END, r->time);
	way_end(w);
}

void compare_join_add(const struct compare_rec *r)
{
	const struct compare_point *p;
	struct task *t;

	if (r->point >= COMPARE_POINTS)
		return;
	p = &compare_points[r->point];
	if (!point_is_of(p, way_family))
		return;
	hits[r->point * COMPARE_FAMILIES + way_family]++;
	t = task_of(r);
	switch (p->stage) {
	case PKTPATH_AT_DEV_RX:
		on_rx(r);
		break;
	case PKTPATH_AT_SOCK_WAKE:
		on_wake(t, r);
		break;
	case PKTPATH_AT_SOCK_RECV:
		t->recv_at = r->time;
		break;
	case COMPARE_COPY:
	case COMPARE_FREE:
		on_copy(t, p->stage, r);
		break;
	case COMPARE_END:
		on_return(t, r);
		break;
	default:
		if (p->skb < 0)
			on_call(t, p, r);
		else if (p->stage < PKTPATH_AT_DEV_RX)
			on_down(t, p, r);
		else
			on_up(t, p, r);
	}
}

void compare_join_start(int family)
{
	way_family = family;
	memset(tasks, 0, TASKS * sizeof(*tasks));
	memset(socks, 0, SOCKS * sizeof(*socks));
}

void compare_join_end(void)
{
	size_t i;

	for (i = 0; i < WAYS; i++)
		way_end(&ways[i]);
}

/* Of several, for example of UDP and TCP, that seen most. */
const char *compare_join_seen(uint8_t stage, int family)
{
	const char *name = NULL;
	uint32_t most = 0, n;
	size_t i;

	for (i = 0; i < COMPARE_POINTS; i++) {
		n = hits[i * COMPARE_FAMILIES + family];
		if (n > most && compare_points[i].stage == stage) {
			most = n;
			name = compare_points[i].name;
		}
	}
	return name;
}

int compare_join_open(compare_way_fn done)
{
	way_done = done;
	ways = calloc(WAYS, sizeof(*ways));
	tasks = calloc(TASKS, sizeof(*tasks));
	socks = calloc(SOCKS, sizeof(*socks));
	hits = calloc(COMPARE_POINTS * COMPARE_FAMILIES, sizeof(*hits));
	if (ways && tasks && socks && hits)
		return 0;
	complain("out of memory");
	return EXIT_REFUSED;
}

void compare_join_close(void)
{
	free(ways);
	free(tasks);
	free(socks);
	free(hits);
}
