// SPDX-License-Identifier: GPL-2.0
/* What many journeys have in common: histograms, costs, drops. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

#define STAGES	65	/* PKTPATH_AT_*, and the whole journey at 0x40 */
#define ALL	64
#define SUB	8	/* parts of an octave */
#define CELLS	(64 * SUB)
#define DROPS	256	/* kinds of drops told apart */

struct stage_sum {
	uint64_t n, ns, max;
	uint32_t cell[CELLS];
};

struct drop_sum {
	uint64_t n;
	uint8_t stage, cause, kernel;
	char name[TRACE_NAME + 16];
	char example[96];
};

struct trace_sum {
	struct stage_sum stage[STAGES];
	struct drop_sum drop[DROPS];
	uint32_t drops;
};

struct trace_sum *sum_new(void)
{
	return calloc(1, sizeof(struct trace_sum));
}

void sum_free(struct trace_sum *s)
{
	free(s);
}

bool sum_stage(const struct trace_sum *s, unsigned int stage, uint64_t *n,
	       uint64_t *ns)
{
	*n = s->stage[stage].n;
	*ns = s->stage[stage].ns;
	return *n;
}

/* Cell of a time: octave and its eighth. */
static unsigned int cell_of(uint64_t ns)
{
	unsigned int log;

	if (ns < SUB)
		return ns;
	log = 63 - __builtin_clzll(ns);
	return (log - 2) * SUB + ((ns >> (log - 3)) & (SUB - 1));
}

/* The smallest time of a cell. */
static uint64_t cell_low(unsigned int cell)
{
	if (cell < SUB)
		return cell;
	return (uint64_t)(SUB + cell % SUB) << (cell / SUB - 1);
}

static void sum_one(struct stage_sum *s, uint64_t ns)
{
	s->n++;
	s->ns += ns;
	s->cell[cell_of(ns)]++;
	if (ns > s->max)
		s->max = ns;
}

static void sum_drop(struct trace_sum *s, const struct journey *j,
		     const struct trace_names *names)
{
	const struct pktpath_journey_rec *r = journey_drop(j);
	struct drop_sum *d = s->drop;
	uint8_t stage;
	uint32_t i;

	if (!r)
		return;
	/* the kernel threw it away behind the last stage that saw it */
	stage = r->stage;
	for (i = 0; i < j->n && r->flags & PKTPATH_JREC_KERNEL; i++)
		if (j->r[i].stage < PKTPATH_AT_FREE)
			stage = j->r[i].stage;
	for (i = 0; i < s->drops; i++, d++)
		if (d->stage == stage && d->cause == r->cause &&
		    d->kernel == (r->flags & PKTPATH_JREC_KERNEL))
			break;
	if (i == DROPS)
		return;
	if (i == s->drops) {
		s->drops++;
		d->stage = stage;
		d->cause = r->cause;
		d->kernel = r->flags & PKTPATH_JREC_KERNEL;
		snprintf(d->name, sizeof(d->name), "%s",
			 trace_cause_name(names, r));
		snprintf(d->example, sizeof(d->example), "%s", out_flow(j));
	}
	d->n++;
}

void sum_add(struct trace_sum *s, const struct journey *j,
	     const struct trace_names *names)
{
	uint32_t i;

	for (i = 0; i + 1 < j->n; i++)
		if (j->r[i].stage < ALL && j->r[i + 1].time >= j->r[i].time)
			sum_one(&s->stage[j->r[i].stage],
				j->r[i + 1].time - j->r[i].time);
	if (j->n > 1 && j->r[j->n - 1].time >= j->r[0].time)
		sum_one(&s->stage[ALL], j->r[j->n - 1].time - j->r[0].time);
	sum_drop(s, j, names);
}

/* The time that @part of 1000 do not exceed, to an eighth of an octave. */
static uint64_t sum_part(const struct stage_sum *s, unsigned int part)
{
	uint64_t want = (s->n * part + 999) / 1000, have = 0;
	unsigned int i;

	for (i = 0; i < CELLS; i++) {
		have += s->cell[i];
		if (have >= want)
			break;
	}
	return i < CELLS && cell_low(i) < s->max ? cell_low(i) : s->max;
}

static const char *sum_name(unsigned int stage)
{
	return stage == ALL ? "journey" : trace_stage_name(stage);
}

static void sum_parts(unsigned int i, const struct stage_sum *s,
		      const char *by, const char *key)
{
	static const struct {
		const char *name;
		unsigned int part;
	} parts[] = { { "p50", 500 }, { "p90", 900 }, { "p99", 990 },
		      { "p99.9", 999 } };
	size_t k;

	js_object(NULL);
	if (by)
		js_str(by, key);
	js_str("stage", sum_name(i));
	js_u64("count", s->n);
	js_u64("sum_ns", s->ns);
	js_u64("max_ns", s->max);
	if (!opts.json)
		printf("%-12s %9" PRIu64, sum_name(i), s->n);
	for (k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		js_u64(parts[k].name, sum_part(s, parts[k].part));
		if (!opts.json)
			printf(" %9" PRIu64, sum_part(s, parts[k].part));
	}
	js_object_end();
	js_finish();
	if (!opts.json)
		printf(" %9" PRIu64 "\n", s->max);
}

/* Bars of the octaves that occur. */
static void sum_bars(unsigned int stage, const struct stage_sum *s)
{
	uint64_t octave[64] = {}, most = 0;
	unsigned int i;

	for (i = 0; i < CELLS; i++)
		octave[i / SUB] += s->cell[i];
	for (i = 0; i < 64; i++)
		if (octave[i] > most)
			most = octave[i];
	printf("\n%s\n", sum_name(stage));
	for (i = 0; i < 64; i++)
		if (octave[i])
			printf("  >= %10" PRIu64 " ns %9" PRIu64 " |%.*s\n",
			       cell_low(i * SUB), octave[i],
			       (int)(40 * octave[i] / most),
			       "########################################");
}

void sum_hist(const struct trace_sum *s, const char *by, const char *key)
{
	unsigned int i;

	if (!opts.json)
		printf("%-12s %9s %9s %9s %9s %9s %9s\n", "stage", "count",
		       "p50 ns", "p90", "p99", "p99.9", "max");
	for (i = 0; i < STAGES; i++)
		if (s->stage[i].n)
			sum_parts(i, &s->stage[i], by, key);
	for (i = 0; i < STAGES && !opts.json && !by; i++)
		if (s->stage[i].n)
			sum_bars(i, &s->stage[i]);
}

/* The same for the page of --html. */
static void sum_html_stage(const struct stage_sum *s, unsigned int stage,
			   FILE *f, bool comma)
{
	uint64_t octave[64] = {};
	const char *sep = "";
	unsigned int i;

	fprintf(f, "%s\n{\"stage\":\"%s\",\"count\":%" PRIu64,
		comma ? "," : "", sum_name(stage), s->n);
	fprintf(f, ",\"sum\":%" PRIu64 ",\"max\":%" PRIu64, s->ns, s->max);
	fprintf(f, ",\"parts\":[%" PRIu64 ",%" PRIu64, sum_part(s, 500),
		sum_part(s, 900));
	fprintf(f, ",%" PRIu64 ",%" PRIu64 "],\"cells\":[", sum_part(s, 990),
		sum_part(s, 999));
	for (i = 0; i < CELLS; i++)
		octave[i / SUB] += s->cell[i];
	for (i = 0; i < 64; i++)
		if (octave[i]) {
			fprintf(f, "%s[%" PRIu64 ",%" PRIu64 "]", sep,
				cell_low(i * SUB), octave[i]);
			sep = ",";
		}
	fputs("]}", f);
}

void sum_html(const struct trace_sum *s, FILE *f)
{
	const struct drop_sum *d = s->drop;
	bool comma = false;
	uint32_t i;

	fputs("\"sums\":[", f);
	for (i = 0; i < STAGES; i++)
		if (s->stage[i].n) {
			sum_html_stage(&s->stage[i], i, f, comma);
			comma = true;
		}
	fputs("],\n\"drops\":[", f);
	for (i = 0; i < s->drops; i++, d++)
		fprintf(f, "%s\n{\"stage\":\"%s\",\"cause\":\"%s\",\"count\":%"
			PRIu64 ",\"example\":\"%s\"}", i ? "," : "",
			trace_stage_name(d->stage), d->name, d->n, d->example);
	fputs("],\n", f);
}

void sum_top(const struct trace_sum *s, const char *by, const char *key)
{
	bool told[STAGES] = {};
	unsigned int i, k, best;
	uint64_t all = 0;

	for (i = 0; i < ALL; i++)
		all += s->stage[i].ns;
	if (!opts.json)
		printf("%-12s %9s %9s %12s %6s\n", "stage", "count",
		       "mean ns", "sum ns", "%");
	for (k = 0; k < ALL; k++) {
		best = ALL;
		for (i = 0; i < ALL; i++)
			if (!told[i] && s->stage[i].n &&
			    (best == ALL ||
			     s->stage[i].ns > s->stage[best].ns))
				best = i;
		if (best == ALL)
			break;
		told[best] = true;
		js_object(NULL);
		if (by)
			js_str(by, key);
		js_str("stage", sum_name(best));
		js_u64("count", s->stage[best].n);
		js_u64("sum_ns", s->stage[best].ns);
		js_object_end();
		js_finish();
		if (!opts.json)
			printf("%-12s %9" PRIu64 " %9" PRIu64 " %12" PRIu64
			       " %6.1f\n", sum_name(best), s->stage[best].n,
			       s->stage[best].ns / s->stage[best].n,
			       s->stage[best].ns,
			       all ? 100.0 * s->stage[best].ns / all : 0.0);
	}
}

void sum_drops(const struct trace_sum *s)
{
	const struct drop_sum *d = s->drop;
	uint32_t i;

	if (!opts.json)
		printf("%-12s %-24s %9s  %s\n", "stage", "cause", "count",
		       "for example");
	for (i = 0; i < s->drops; i++, d++) {
		js_object(NULL);
		js_str("stage", trace_stage_name(d->stage));
		js_str("cause", d->name);
		js_u64("count", d->n);
		js_str("example", d->example);
		js_object_end();
		js_finish();
		if (!opts.json)
			printf("%-12s %-24s %9" PRIu64 "  %s\n",
			       trace_stage_name(d->stage), d->name, d->n,
			       d->example);
	}
}
