// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath stat --stages and --openmetrics: the histograms that
 * net.pktpath.journey_hist keeps, as a table and for Prometheus.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stat.h"

#define STAGES	"/proc/thread-self/net/pktpath/stages"
#define HIST	"/proc/sys/net/pktpath/journey_hist"
#define CELLS	40
#define ROWS	64

/* Times of a stage: cell n counts those of n bits. */
struct row {
	char name[32];
	uint64_t n, ns, cell[CELLS];
};

static bool row_read(char *line, struct row *r)
{
	static const char blank[] = "\n\t ";
	char *save = NULL, *w = strtok_r(line, blank, &save);
	int i;

	memset(r, 0, sizeof(*r));
	if (!w)
		return false;
	snprintf(r->name, sizeof(r->name), "%s", w);
	w = strtok_r(NULL, blank, &save);
	r->n = w ? strtoull(w, NULL, 10) : 0;
	w = w ? strtok_r(NULL, blank, &save) : NULL;
	r->ns = w ? strtoull(w, NULL, 10) : 0;
	for (i = 0; w && i < CELLS; i++) {
		w = strtok_r(NULL, blank, &save);
		r->cell[i] = w ? strtoull(w, NULL, 10) : 0;
	}
	return true;
}

/* Rows read, or -1. */
static int rows_read(struct row *r)
{
	FILE *f = fopen(STAGES, "re");
	char *line = NULL;
	size_t size = 0;
	int n = 0;

	if (!f) {
		complain("cannot read " STAGES ": %s", strerror(errno));
		return -1;
	}
	while (n < ROWS && getline(&line, &size, f) > 0)
		n += row_read(line, r + n);
	free(line);
	fclose(f);
	return n;
}

/* What @part of 1000 do not reach: the end of a cell. */
static uint64_t row_part(const struct row *r, unsigned int part)
{
	uint64_t want = (r->n * part + 999) / 1000, have = 0;
	int i;

	for (i = 0; i < CELLS - 1; i++) {
		have += r->cell[i];
		if (have >= want)
			break;
	}
	return 1ull << i;
}

static void row_show(const struct row *r)
{
	static const struct {
		const char *name;
		unsigned int part;
	} parts[] = { { "p50", 500 }, { "p90", 900 }, { "p99", 990 },
		      { "p99.9", 999 } };
	size_t k;

	js_object(NULL);
	js_str("stage", r->name);
	js_u64("count", r->n);
	js_u64("sum_ns", r->ns);
	if (!opts.json)
		printf("%-12s %10" PRIu64 " %10" PRIu64, r->name, r->n,
		       r->ns / r->n);
	for (k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		js_u64(parts[k].name, row_part(r, parts[k].part));
		if (!opts.json)
			printf(" %10" PRIu64, row_part(r, parts[k].part));
	}
	js_object_end();
	js_finish();
	if (!opts.json)
		putchar('\n');
}

/* Said when nothing was counted, on the way to an empty table. */
static void hint(void)
{
	FILE *f = fopen(HIST, "re");
	int c = f ? fgetc(f) : '0';

	if (f)
		fclose(f);
	if (c == '0')
		fputs("none are kept: sysctl net.pktpath.journey_hist=1\n",
		      stderr);
}

int stat_stages(void)
{
	struct row rows[ROWS];
	int n = rows_read(rows), i;
	uint64_t all = 0;

	if (n < 0)
		return EXIT_REFUSED;
	for (i = 0; i < n; i++)
		all += rows[i].n;
	if (!all)
		hint();
	if (!opts.json)
		printf("%-12s %10s %10s %10s %10s %10s %10s\n", "stage",
		       "count", "mean ns", "p50 <", "p90 <", "p99 <",
		       "p99.9 <");
	for (i = 0; i < n; i++)
		if (rows[i].n)
			row_show(&rows[i]);
	return 0;
}

/* ---- OpenMetrics ---- */

static void head(const char *name, const char *type, const char *unit,
		 const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
	if (unit)
		printf("# UNIT %s %s\n", name, unit);
}

static void row_metric(const struct row *r)
{
	static const char metric[] = "pktpath_stage_seconds";
	uint64_t sum = 0;
	int i;

	for (i = 0; i < CELLS - 1; i++) {
		sum += r->cell[i];
		printf("%s_bucket{stage=\"%s\",le=\"%.9g\"} %" PRIu64 "\n",
		       metric, r->name, (double)(1ull << i) / 1e9, sum);
	}
	sum += r->cell[i];
	printf("%s_bucket{stage=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", metric,
	       r->name, sum);
	printf("%s_count{stage=\"%s\"} %" PRIu64 "\n", metric, r->name, sum);
	printf("%s_sum{stage=\"%s\"} %" PRIu64 ".%09" PRIu64 "\n", metric,
	       r->name, r->ns / 1000000000, r->ns % 1000000000);
}

int stat_openmetrics(stat_each_fn each)
{
	struct row rows[ROWS];
	int n = rows_read(rows), i, ret;

	if (n < 0)
		return EXIT_REFUSED;
	head("pktpath_events", "counter", NULL,
	     "Counters of pktpath, as in /proc/net/snmp and netstat.");
	ret = each(STAT_COUNTER, "pktpath_events_total");
	if (ret)
		return ret;
	head("pktpath_drops", "counter", NULL, "Packets dropped, by cause.");
	ret = each(STAT_DROP, "pktpath_drops_total");
	if (ret)
		return ret;
	head("pktpath_state", "gauge", NULL, "What is now, or set.");
	ret = each(STAT_GAUGE, "pktpath_state");
	if (ret)
		return ret;
	head("pktpath_stage_seconds", "histogram", "seconds",
	     "Time of packets in a stage; net.pktpath.journey_hist.");
	for (i = 0; i < n; i++)
		if (rows[i].n)
			row_metric(&rows[i]);
	puts("# EOF");
	return 0;
}
