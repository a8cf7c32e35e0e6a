// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --compare: means, differences and their intervals.
 *
 * Of each round the slowest twentieth of journeys is left out, as interrupts
 * hit them; the means of what is left add up. A stage that only one of the two
 * has belongs to the stage before it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compare.h"
#include "pktpath.h"
#include "trace.h"

#define KINDS	64		/* pairs of first and last stage */
#define MOST	20000		/* journeys of a run that are kept */
#define STAGES	(COMPARE_END + 1)

struct kept {
	uint8_t n, stage[COMPARE_STEPS];
	uint32_t at[COMPARE_STEPS];
};

/* Of a family in a round. */
struct run {
	struct kept *way;
	uint32_t n, room;
	uint64_t bare;
};

struct kind {
	uint8_t first, last;
	uint32_t n[COMPARE_FAMILIES];
	uint32_t seen[COMPARE_FAMILIES][STAGES];
};

/* Values of rounds. */
struct series {
	uint32_t n;
	double v[COMPARE_FAMILIES][COMPARE_ROUNDS];
};

static struct run *runs;
static uint32_t run_count;
static struct run *run_now;

static struct run *run_of(uint32_t round, int family)
{
	return &runs[round * COMPARE_FAMILIES + family];
}

int out_open(uint32_t rounds)
{
	run_count = rounds * COMPARE_FAMILIES;
	runs = calloc(run_count, sizeof(*runs));
	if (runs)
		return 0;
	complain("out of memory");
	return EXIT_REFUSED;
}

void out_round(uint32_t round, int family)
{
	run_now = run_of(round, family);
}

void out_bare(uint32_t round, int family, uint64_t ns)
{
	run_of(round, family)->bare = ns;
}

void out_way(const struct compare_way *w)
{
	struct run *r = run_now;
	struct kept *k;
	uint64_t t;
	uint8_t i;

	if (r->n == MOST)
		return;
	if (r->n == r->room) {
		k = realloc(r->way, (r->room + 1000) * sizeof(*k));
		if (!k)
			return;
		r->way = k;
		r->room += 1000;
	}
	k = &r->way[r->n];
	k->n = w->n;
	for (i = 0; i < w->n; i++) {
		t = w->at[i] - w->at[0];
		/* noted out of order by another processor, or no journey */
		if (t > UINT32_MAX || (i && t < k->at[i - 1]))
			return;
		k->stage[i] = w->stage[i];
		k->at[i] = t;
	}
	r->n++;
}

void out_forget(void)
{
	uint32_t i;

	for (i = 0; i < run_count; i++)
		runs[i].n = 0;
}

void out_close(void)
{
	uint32_t i;

	for (i = 0; runs && i < run_count; i++)
		free(runs[i].way);
	free(runs);
}

/* ---- Kinds of journeys ---- */

static struct kind *kind_of(struct kind *kinds, const struct kept *k)
{
	uint8_t first = k->stage[0], last = k->stage[k->n - 1];
	int i;

	for (i = 0; i < KINDS; i++) {
		if (!kinds[i].n[0] && !kinds[i].n[1]) {
			kinds[i].first = first;
			kinds[i].last = last;
			return &kinds[i];
		}
		if (kinds[i].first == first && kinds[i].last == last)
			return &kinds[i];
	}
	return NULL;
}

static bool is_kind(const struct kind *kind, const struct kept *k)
{
	return kind->first == k->stage[0] && kind->last == k->stage[k->n - 1];
}

static void kinds_count(struct kind kinds[KINDS], uint64_t all[])
{
	struct kind *kind;
	struct kept *k;
	uint32_t i, j;
	int s, f;

	for (i = 0; i < run_count; i++) {
		f = i % COMPARE_FAMILIES;
		for (j = 0, k = runs[i].way; j < runs[i].n; j++, k++) {
			all[f]++;
			kind = kind_of(kinds, k);
			if (!kind)
				continue;
			kind->n[f]++;
			for (s = 0; s < k->n; s++)
				kind->seen[f][k->stage[s]]++;
		}
	}
}

/* At least every other journey of both comes by. */
static bool kind_has(const struct kind *kind, uint8_t stage)
{
	int f;

	for (f = 0; f < COMPARE_FAMILIES; f++)
		if (!kind->n[f] || kind->seen[f][stage] * 2 < kind->n[f])
			return false;
	return true;
}

bool out_is_matched(uint8_t stage)
{
	uint64_t all[COMPARE_FAMILIES] = {};
	struct kind *kinds = calloc(KINDS, sizeof(*kinds));
	bool has = false;
	int i;

	if (!kinds)
		return true;
	kinds_count(kinds, all);
	for (i = 0; i < KINDS && !has; i++)
		has = kind_has(&kinds[i], stage);
	free(kinds);
	return has;
}

/* ---- Means ---- */

static int by_length(const void *a, const void *b)
{
	const struct kept *x = *(const struct kept *const *)a;
	const struct kept *y = *(const struct kept *const *)b;
	uint32_t s = x->at[x->n - 1], t = y->at[y->n - 1];

	return s < t ? -1 : s > t;
}

static void add_up(const struct kind *kind, const struct kept *k,
		   double sum[STAGES])
{
	uint8_t i, stage = k->stage[0];

	for (i = 1; i < k->n; i++) {
		sum[stage] += k->at[i] - k->at[i - 1];
		if (kind_has(kind, k->stage[i]))
			stage = k->stage[i];
	}
}

/* Of a run, in ns per journey; false when there are none. */
static bool mean_of(const struct kind *kind, const struct run *r,
		    double mean[STAGES])
{
	struct kept **of = calloc(r->n + 1, sizeof(*of));
	uint32_t i, n = 0;

	memset(mean, 0, STAGES * sizeof(*mean));
	if (!of)
		return false;
	for (i = 0; i < r->n; i++)
		if (is_kind(kind, &r->way[i]))
			of[n++] = &r->way[i];
	qsort(of, n, sizeof(*of), by_length);
	n -= n / 20;
	for (i = 0; i < n; i++)
		add_up(kind, of[i], mean);
	for (i = 0; i < STAGES; i++)
		mean[i] /= n ? n : 1;
	free(of);
	return n;
}

static double mean(const double *v, uint32_t n)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		sum += v[i];
	return sum / n;
}

/* Half of the interval that has the mean difference in 95 of 100 cases, by
 * Student's t.
 */
static double half_of(const struct series *s, double diff)
{
	static const double t[] = {
		0, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26,
		2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09,
	};
	double sum = 0, d, q = 1.96 + 2.4 / (s->n - 1);
	uint32_t i;

	if (s->n - 1 < sizeof(t) / sizeof(t[0]))
		q = t[s->n - 1];
	for (i = 0; i < s->n; i++) {
		d = s->v[COMPARE_OWN][i] - s->v[COMPARE_INET][i] - diff;
		sum += d * d;
	}
	return q * sqrt(sum / (s->n - 1) / s->n);
}

/* ---- The table ---- */

static void put_row(const char *name, const struct series *s)
{
	double inet = mean(s->v[COMPARE_INET], s->n);
	double own = mean(s->v[COMPARE_OWN], s->n);
	double diff = own - inet, half = half_of(s, diff);
	bool zero = diff - half <= 0 && diff + half >= 0;
	char range[48];

	js_str("stage", name);
	js_u64("inet_ns", inet + 0.5);
	js_u64("pktpath_ns", own + 0.5);
	js_s64("difference_ns", lround(diff));
	js_s64("low_ns", lround(diff - half));
	js_s64("high_ns", lround(diff + half));
	js_bool("certain", !zero);
	if (opts.json)
		return;
	snprintf(range, sizeof(range), "%+.0f .. %+.0f", diff - half,
		 diff + half);
	printf("%-12s %10.0f %10.0f %+11.0f  %22s", name, inet, own, diff,
	       range);
	if (inet && !zero)
		printf(" %+7.1f %%", 100 * diff / inet);
}

static void put_names(uint8_t stage)
{
	const char *inet = compare_join_seen(stage, COMPARE_INET);
	const char *own = compare_join_seen(stage, COMPARE_OWN);

	if (!inet || !own)
		return;
	js_str("inet", inet);
	js_str("pktpath", own);
	if (!opts.json && opts.details)
		printf("  %s, %s", inet, own);
}

static const char *stage_name(uint8_t stage)
{
	switch (stage) {
	case COMPARE_COPY:
		return "(copy)";
	case COMPARE_FREE:
		return "FREE";
	case COMPARE_END:
		return "the return of recv()";
	default:
		return trace_stage_name(stage);
	}
}

static void put_head(const struct kind *kind, uint32_t rounds)
{
	js_object(NULL);
	js_str("from", trace_stage_name(kind->first));
	js_str("to", stage_name(kind->last));
	js_u64("rounds", rounds);
	js_u64("inet_journeys", kind->n[COMPARE_INET]);
	js_u64("pktpath_journeys", kind->n[COMPARE_OWN]);
	js_array("stages");
	if (opts.json)
		return;
	printf("from %s to %s: %u and %u journeys in %u rounds, ns each\n",
	       trace_stage_name(kind->first), stage_name(kind->last),
	       kind->n[COMPARE_INET], kind->n[COMPARE_OWN], rounds);
	printf("%-12s %10s %10s %11s  %22s\n", "stage", "AF_INET",
	       "AF_PKTPATH", "difference", "95 % of it");
}

/* In the order in which a packet meets them: for a datagram, the route is
 * looked for before the transport sends.
 */
static uint8_t in_order(int i)
{
	if (i == PKTPATH_AT_TP_XMIT)
		return PKTPATH_AT_IP_ROUTE;
	return i == PKTPATH_AT_IP_ROUTE ? PKTPATH_AT_TP_XMIT : i;
}

static int put_kind(const struct kind *kind, uint32_t rounds)
{
	struct series *s = calloc(STAGES + 1, sizeof(*s)), *all;
	double m[COMPARE_FAMILIES][STAGES];
	uint32_t r;
	int i, f;

	if (!s)
		return EXIT_REFUSED;
	all = &s[STAGES];
	for (r = 0; r < rounds; r++) {
		if (!mean_of(kind, run_of(r, 0), m[0]) ||
		    !mean_of(kind, run_of(r, 1), m[1]))
			continue;
		for (f = 0; f < COMPARE_FAMILIES; f++)
			for (i = 0; i < STAGES; i++) {
				s[i].v[f][s[i].n] = m[f][i];
				all->v[f][all->n] += m[f][i];
			}
		for (i = 0; i <= STAGES; i++)
			s[i].n++;
	}
	if (all->n < 2) {
		free(s);
		return 0;
	}
	put_head(kind, all->n);
	for (i = 0; i < STAGES; i++) {
		f = in_order(i);
		if (f == kind->last || !kind_has(kind, f))
			continue;
		js_object(NULL);
		put_row(stage_name(f), &s[f]);
		put_names(f);
		js_object_end();
		if (!opts.json)
			putchar('\n');
	}
	js_array_end();
	js_object("journey");
	put_row("journey", all);
	js_object_end();
	js_object_end();
	js_finish();
	if (!opts.json)
		puts("\n");
	free(s);
	return 1;
}

static void put_bare(const struct compare_opts *o)
{
	struct series *s = calloc(1, sizeof(*s));
	uint32_t r;
	int f;

	if (!s)
		return;
	s->n = o->rounds;
	for (r = 0; r < o->rounds; r++)
		for (f = 0; f < COMPARE_FAMILIES; f++)
			s->v[f][r] = run_of(r, f)->bare;
	js_object(NULL);
	js_object("unobserved");
	put_row(o->argv ? "command" : "message", s);
	js_object_end();
	js_object_end();
	js_finish();
	if (!opts.json)
		printf("\nwithout probes: the same %s in %u rounds\n",
		       o->argv ? "command" : "messages", o->rounds);
	free(s);
}

int out_table(const struct compare_opts *o, uint32_t rounds)
{
	uint64_t all[COMPARE_FAMILIES] = {};
	struct kind *kinds = calloc(KINDS, sizeof(*kinds));
	int i, shown = 0;

	if (!kinds) {
		complain("out of memory");
		return EXIT_REFUSED;
	}
	kinds_count(kinds, all);
	for (i = 0; i < KINDS; i++)
		if (kinds[i].n[0] * 10ull >= all[0] && kinds[i].n[0] &&
		    kinds[i].n[1] * 10ull >= all[1] && kinds[i].n[1])
			shown += put_kind(&kinds[i], rounds);
	free(kinds);
	if (!shown) {
		complain("no packet of the workload went by both stacks");
		return EXIT_REFUSED;
	}
	put_bare(o);
	if (probe_lost())
		fprintf(stderr, "%" PRIu64 " records lost\n", probe_lost());
	return 0;
}
