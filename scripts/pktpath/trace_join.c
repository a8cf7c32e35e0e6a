// SPDX-License-Identifier: GPL-2.0
/*
 * Records into journeys. A packet's records share an id; those of a stream's
 * calls have none and belong to the packets that carry their bytes. Input may
 * be a file of anybody's: nothing in a record is trusted.
 */
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

#define BUCKETS		4096
#define OPEN_MAX	16384		/* journeys under way */
#define QUIET		2000000000ull	/* ns after which nothing more comes */
#define SENDS		256		/* calls remembered, a power of two */
#define OWNERS		16384		/* sockets remembered */
#define PIECES		1024		/* packets, likewise, a power of two */
#define CUTS		256		/* super-packets, likewise */

/* A datagram, or a fragment of one: both have its identification. */
struct trace_piece {
	uint64_t id;
	__be32 saddr, daddr;
	uint32_t seq;
	uint8_t proto;
};

struct trace_pieces {
	struct trace_piece p[PIECES];
	uint32_t n;
};

struct trace_join {
	trace_done_fn done;
	void *arg;
	struct journey *bucket[BUCKETS];
	struct journey *oldest, *newest;
	struct journey *stream[BUCKETS];	/* by cookie, newest first */
	uint32_t open;
	uint64_t lost;
	struct pktpath_journey_rec send[SENDS];
	uint32_t nsend;
	struct trace_owner owner[OWNERS];	/* by cookie, the latest */
	struct trace_pieces sent, come;		/* whole ones, and for this host */
	struct pktpath_journey_rec cut[CUTS];	/* by the device layer: their end */
	uint32_t ncut;
};

struct trace_join *join_new(trace_done_fn done, void *arg)
{
	struct trace_join *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->done = done;
	t->arg = arg;
	return t;
}

static struct journey **join_bucket(struct trace_join *t, uint64_t id)
{
	return &t->bucket[(id * 0x9e3779b97f4a7c15ull) >> 52];
}

static void join_unlink(struct trace_join *t, struct journey *j)
{
	*(j->older ? &j->older->newer : &t->oldest) = j->newer;
	*(j->newer ? &j->newer->older : &t->newest) = j->older;
}

static void join_link(struct trace_join *t, struct journey *j)
{
	j->older = t->newest;
	j->newer = NULL;
	*(t->newest ? &t->newest->newer : &t->oldest) = j;
	t->newest = j;
}

/* Found by its stream from now on. */
static void join_peer(struct trace_join *t, struct journey *j)
{
	struct journey **p = &t->stream[(j->cookie * 0x9e3779b97f4a7c15ull)
					>> 52];

	if (j->peered)
		return;
	j->peer = *p;
	if (j->peer)
		j->peer->peered = &j->peer;
	j->peered = p;
	*p = j;
}

static void join_unpeer(struct journey *j)
{
	if (!j->peered)
		return;
	*j->peered = j->peer;
	if (j->peer)
		j->peer->peered = j->peered;
}

/* ---- Owners ---- */

static struct trace_owner *join_owner(struct trace_join *t, uint64_t cookie)
{
	return &t->owner[(cookie * 0x9e3779b97f4a7c15ull) >> 50];
}

/* Whose its sockets are. */
static void join_owners(struct trace_join *t, struct journey *j)
{
	const struct trace_owner *o;
	uint64_t cookie;
	uint32_t i, k;

	for (i = 0; i < j->n; i++) {
		cookie = j->r[i].cookie;
		for (k = 0; k < j->owners && j->owner[k].cookie != cookie; k++)
			;
		if (!cookie || k < j->owners || k == JOURNEY_SOCKS)
			continue;
		o = join_owner(t, cookie);
		j->owner[k].cookie = cookie;
		if (o->cookie == cookie)
			j->owner[k] = *o;
		j->owners++;
	}
}

static void join_owned(struct trace_join *t,
		       const struct pktpath_journey_rec *r)
{
	struct trace_owner *o = join_owner(t, r->cookie);

	o->cookie = r->cookie;
	o->pid = r->pid;
	o->cgroup = r->cgroup;
}

uint32_t journey_pids(const struct journey *j, uint64_t pid[JOURNEY_PIDS])
{
	const struct pktpath_journey_rec *r;
	uint32_t i, k, n = 0;
	uint64_t p;

	for (i = 0; i < j->n + j->owners; i++) {
		r = &j->r[i];
		if (i >= j->n)
			p = j->owner[i - j->n].pid;
		else if (r->flags & PKTPATH_JREC_TASK &&
			 (r->stage <= PKTPATH_AT_TP_SEND ||
			  r->stage == PKTPATH_AT_SOCK_RECV))
			p = r->pid;
		else
			continue;
		for (k = 0; k < n && pid[k] != p; k++)
			;
		if (p && k == n && n < JOURNEY_PIDS)
			pid[n++] = p;
	}
	return n;
}

static void join_close(struct trace_join *t, struct journey *j)
{
	struct journey **p = join_bucket(t, j->id);

	while (*p != j)
		p = &(*p)->next;
	*p = j->next;
	join_unlink(t, j);
	join_unpeer(j);
	t->open--;
	join_owners(t, j);
	t->done(j, t->arg);
	free(j);
}

static struct journey *join_find(struct trace_join *t, uint64_t id)
{
	struct journey *j;

	for (j = *join_bucket(t, id); j && j->id != id; j = j->next)
		;
	return j;
}

static struct journey *join_get(struct trace_join *t, uint64_t id)
{
	struct journey **p = join_bucket(t, id), *j = join_find(t, id);

	if (j)
		return j;
	if (t->open == OPEN_MAX)
		join_close(t, t->oldest);
	j = malloc(sizeof(*j));
	if (!j)
		return NULL;
	/* its records are many times as much, and are written before read */
	memset(j, 0, offsetof(struct journey, r));
	j->id = id;
	j->next = *p;
	*p = j;
	join_link(t, j);
	t->open++;
	return j;
}

static void journey_put(struct journey *j, uint32_t at,
			const struct pktpath_journey_rec *r)
{
	if (j->n == TRACE_STEPS) {
		j->cut++;
		return;
	}
	memmove(j->r + at + 1, j->r + at, (j->n - at) * sizeof(*r));
	j->r[at] = *r;
	j->n++;
	if (r->cookie)
		j->cookie = r->cookie;
}

const struct pktpath_journey_rec *journey_flow(const struct journey *j)
{
	const struct pktpath_journey_rec *best = NULL;
	uint32_t i;

	for (i = 0; i < j->n; i++) {
		if (!(j->r[i].flags & PKTPATH_JREC_FLOW))
			continue;
		/* a call may not know the address yet */
		if (!best || !best->daddr || best->stage < PKTPATH_AT_TP_XMIT)
			best = &j->r[i];
	}
	return best;
}

const struct pktpath_journey_rec *journey_drop(const struct journey *j)
{
	uint32_t i;

	for (i = 0; i < j->n; i++)
		if (j->r[i].flags & PKTPATH_JREC_DROP)
			return &j->r[i];
	return NULL;
}

bool journey_has_packet(const struct journey *j)
{
	uint32_t i;

	for (i = 0; i < j->n; i++)
		if (j->r[i].flags & PKTPATH_JREC_DROP ||
		    (j->r[i].stage >= PKTPATH_AT_TP_XMIT &&
		     j->r[i].stage != PKTPATH_AT_IP_ROUTE &&
		     j->r[i].stage != PKTPATH_AT_SOCK_RECV))
			return true;
	return false;
}

static const struct pktpath_journey_rec *journey_at(const struct journey *j,
						    uint8_t stage)
{
	uint32_t i;

	for (i = j->n; i; i--)
		if (j->r[i - 1].stage == stage)
			return &j->r[i - 1];
	return NULL;
}

/* ---- Streams ---- */

/* The call that queued the first byte of a segment just made. */
static void join_sent(struct trace_join *t, struct journey *j)
{
	const struct pktpath_journey_rec *x = journey_at(j, PKTPATH_AT_TP_XMIT);
	const struct pktpath_journey_rec *s;
	uint32_t seq, i, n = t->nsend < SENDS ? t->nsend : SENDS;
	uint32_t at = 0;
	uint64_t time;

	if (!x)
		return;
	seq = x->seq;
	time = x->time;
	for (i = n; i; i--) {
		s = &t->send[(t->nsend - i) % SENDS];
		if (s->cookie != j->cookie || seq - s->seq >= s->len ||
		    s->time > time)
			continue;
		if (at && j->r[at - 1].stage >= s->stage)
			continue;
		journey_put(j, at++, s);
	}
}

/* A stream's reader has come to @r->seq, or is woken for all before it. */
static void join_read(struct trace_join *t, const struct pktpath_journey_rec *r)
{
	const struct pktpath_journey_rec *q, *f;
	struct journey *j, *peer;

	for (j = t->stream[(r->cookie * 0x9e3779b97f4a7c15ull) >> 52]; j;
	     j = peer) {
		peer = j->peer;
		if (j->cookie != r->cookie)
			continue;
		q = journey_at(j, PKTPATH_AT_SOCK_QUEUE);
		f = journey_flow(j);
		if (!q || !f || (int32_t)(f->seq + q->len - r->seq) > 0)
			continue;
		if (!journey_at(j, r->stage))
			journey_put(j, j->n, r);
		if (r->stage == PKTPATH_AT_SOCK_RECV)
			join_close(t, j);
	}
}

static void join_stream(struct trace_join *t,
			const struct pktpath_journey_rec *r)
{
	if (!r->cookie)
		return;
	if (r->stage == PKTPATH_AT_SOCK_SEND || r->stage == PKTPATH_AT_TP_SEND)
		t->send[t->nsend++ % SENDS] = *r;
	else
		join_read(t, r);
}

/* ---- Fragments ---- */

static void piece_put(struct trace_pieces *s, uint64_t id,
		      const struct pktpath_journey_rec *f)
{
	if (!f || f->proto == IPPROTO_TCP)
		return;
	s->p[s->n++ % PIECES] = (struct trace_piece) {
		.id = id,
		.saddr = f->saddr,
		.daddr = f->daddr,
		.seq = f->seq,
		.proto = f->proto,
	};
}

/* The next one back from @i, of the datagram of @f; NULL: there is none. */
static struct trace_piece *piece_next(struct trace_pieces *s, uint32_t *i,
				      const struct pktpath_journey_rec *f)
{
	struct trace_piece *p;

	while (*i < s->n && *i < PIECES) {
		p = &s->p[(s->n - ++*i) % PIECES];
		if (p->id && p->saddr == f->saddr && p->daddr == f->daddr &&
		    p->seq == f->seq && p->proto == f->proto)
			return p;
	}
	return NULL;
}

/* A datagram that was put together; its fragments' journeys end there. */
static void join_parts(struct trace_join *t, struct journey *j,
		       const struct pktpath_journey_rec *f)
{
	struct trace_piece *p;
	struct journey *part;
	uint32_t i = 0;

	while ((p = piece_next(&t->come, &i, f))) {
		part = join_find(t, p->id);
		p->id = 0;
		if (!part || part == j || j->parts == JOURNEY_PARTS)
			continue;
		/* from the last one on */
		memmove(j->part + 1, j->part, j->parts++ * sizeof(*j->part));
		j->part[0] = part->id;
		part->into = j->id;
		join_close(t, part);
	}
}

/* The super-packet that a segment was cut of; 0: none that was recorded. */
static uint64_t join_cut(const struct trace_join *t,
			 const struct pktpath_journey_rec *r)
{
	const struct pktpath_journey_rec *c;
	uint32_t i, off;

	for (i = 1; i <= t->ncut && i <= CUTS; i++) {
		c = &t->cut[(t->ncut - i) % CUTS];
		off = r->seq - c->seq;
		if (r->proto != IPPROTO_TCP)
			off &= 0xffff;
		if (c->saddr == r->saddr && c->daddr == r->daddr &&
		    c->sport == r->sport && c->dport == r->dport &&
		    c->proto == r->proto &&
		    off < (r->proto == IPPROTO_TCP ? c->len : c->segs))
			return c->id;
	}
	return 0;
}

/* @r is the first record, or one behind which they part or come together. */
static void join_pieces(struct trace_join *t, struct journey *j,
			const struct pktpath_journey_rec *r)
{
	bool first = j->n == 1 && r->flags & PKTPATH_JREC_FLOW;
	struct trace_piece *p;
	uint32_t i = 0;

	switch (r->stage) {
	case PKTPATH_AT_TP_XMIT:
	case PKTPATH_AT_IP_LOCAL_OUT:
		if (r->flags & PKTPATH_JREC_FLOW)
			piece_put(&t->sent, j->id, r);
		break;
	case PKTPATH_AT_NEIGH:
		p = first ? piece_next(&t->sent, &i, r) : NULL;
		if (p)
			j->from = p->id;
		break;
	case PKTPATH_AT_DEV_XMIT:
		j->segment = first ? join_cut(t, r) : j->segment;
		break;
	case PKTPATH_AT_FREE:
		if (r->segs && r->flags & PKTPATH_JREC_FLOW)
			t->cut[t->ncut++ % CUTS] = *r;
		break;
	case PKTPATH_AT_IP_LOCAL:
		piece_put(&t->come, j->id, journey_flow(j));
		break;
	case PKTPATH_AT_TP_RCV:
		if (first)
			join_parts(t, j, r);
		break;
	}
}

/* ---- Packets ---- */

/* Does the journey end with the record just put? */
static bool join_ends(const struct journey *j,
		      const struct pktpath_journey_rec *r)
{
	if (r->flags & PKTPATH_JREC_DROP)
		return true;
	switch (r->stage) {
	case PKTPATH_AT_TX_DONE:
	case PKTPATH_AT_SOCK_RECV:
		return true;
	case PKTPATH_AT_FREE:
		/* the reader has it, and will say so */
		return !journey_at(j, PKTPATH_AT_SOCK_QUEUE);
	default:
		return false;
	}
}

void join_add(struct trace_join *t, const struct pktpath_journey_rec *r)
{
	struct journey *j;

	while (t->oldest && t->oldest->n &&
	       r->time > t->oldest->r[t->oldest->n - 1].time + QUIET)
		join_close(t, t->oldest);
	if (r->stage == PKTPATH_AT_LOST) {
		t->lost += r->id;
		return;
	}
	if (r->stage == PKTPATH_AT_OWNER) {
		join_owned(t, r);
		return;
	}
	if (!r->id) {
		join_stream(t, r);
		return;
	}
	j = join_get(t, r->id);
	if (!j)
		return;
	join_unlink(t, j);
	join_link(t, j);
	journey_put(j, j->n, r);
	if (r->stage == PKTPATH_AT_TP_XMIT && r->proto == IPPROTO_TCP)
		join_sent(t, j);
	if (r->stage == PKTPATH_AT_SOCK_QUEUE && r->cookie)
		join_peer(t, j);
	join_pieces(t, j, r);
	if (join_ends(j, r))
		join_close(t, j);
}

void join_finish(struct trace_join *t)
{
	while (t->oldest)
		join_close(t, t->oldest);
}

void join_free(struct trace_join *t)
{
	if (!t)
		return;
	while (t->oldest) {
		struct journey *j = t->oldest;

		t->oldest = j->newer;
		free(j);
	}
	free(t);
}

uint64_t join_lost(const struct trace_join *t)
{
	return t->lost;
}
