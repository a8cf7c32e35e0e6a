// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --html: a page that shows journeys, report.html with the data
 * in it. Everything that is not a number is a name of ours, an address or a
 * checked name of a cause: nothing needs to be escaped.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "../../module/core/stage.h"
#include "../../module/journey/ways.h"
#include "trace.h"

#define KEPT	100	/* journeys of each kind in the page */
#define PLACES	(PKTPATH_STAGE_MAX + 1)		/* and FREE */
#define PKTPATH_STAGE_FREE	PKTPATH_STAGE_MAX
#define MARK	"@DATA@"

/* The page, to be had without a file at run time. */
__asm__(".pushsection .rodata\n"
	"report_html:\n"
	".incbin \"report.html\"\n"
	".byte 0\n"
	".popsection\n");
extern const char report_html[] __attribute__((visibility("hidden")));

struct trace_html {
	struct journey first[KEPT], slow[KEPT];
	uint32_t nfirst, nslow;
	uint64_t way[PLACES][PLACES];
};

static const uint8_t ways[][2] = {
#define WAY(from, to) { PKTPATH_STAGE_##from, PKTPATH_STAGE_##to },
	PKTPATH_WAYS(WAY)
#undef WAY
};

static uint64_t took(const struct journey *j)
{
	return j->n ? j->r[j->n - 1].time - j->r[0].time : 0;
}

static unsigned int place(uint8_t stage)
{
	return stage < PKTPATH_STAGE_FREE ? stage : PKTPATH_STAGE_FREE;
}

struct trace_html *html_new(void)
{
	return calloc(1, sizeof(struct trace_html));
}

void html_free(struct trace_html *h)
{
	free(h);
}

/* In the place of the quickest, once there are so many. */
static void keep_slow(struct trace_html *h, const struct journey *j)
{
	uint32_t i, least = 0;

	if (h->nslow < KEPT) {
		h->slow[h->nslow++] = *j;
		return;
	}
	for (i = 1; i < KEPT; i++)
		if (took(&h->slow[i]) < took(&h->slow[least]))
			least = i;
	if (took(j) > took(&h->slow[least]))
		h->slow[least] = *j;
}

void html_add(struct trace_html *h, const struct journey *j)
{
	uint32_t i;

	for (i = 0; i + 1 < j->n; i++)
		h->way[place(j->r[i].stage)][place(j->r[i + 1].stage)]++;
	if (h->nfirst < KEPT)
		h->first[h->nfirst++] = *j;
	else
		keep_slow(h, j);
}

static void html_journey(FILE *f, const struct journey *j,
			 const struct trace_names *names, bool comma)
{
	const char *drop;
	uint32_t i;

	fprintf(f, "%s\n{\"flow\":\"%s\",\"len\":%u,\"steps\":[",
		comma ? "," : "", out_flow(j), out_bytes(j));
	for (i = 0; i < j->n; i++) {
		drop = trace_cause_name(names, &j->r[i]);
		fprintf(f, "%s[\"%s\",%" PRIu64 ",%u,", i ? "," : "",
			trace_stage_name(j->r[i].stage),
			(uint64_t)j->r[i].time - (uint64_t)j->r[0].time,
			j->r[i].cpu);
		fprintf(f, drop ? "\"%s\"]" : "null]", drop);
	}
	fputs("]}", f);
}

static void html_ways(const struct trace_html *h, FILE *f)
{
	size_t i;

	fputs("\"ways\":[", f);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i][0] < PKTPATH_STAGE_MAX &&
		    ways[i][1] < PKTPATH_STAGE_MAX)
			fprintf(f, "%s[\"%s\",\"%s\",%" PRIu64 "]",
				i ? "," : "", trace_stage_name(ways[i][0]),
				trace_stage_name(ways[i][1]),
				h->way[ways[i][0]][ways[i][1]]);
	fputs("],\n", f);
}

static int by_length(const void *a, const void *b)
{
	uint64_t x = took(a), y = took(b);

	return x < y ? 1 : x > y ? -1 : 0;
}

void html_write(struct trace_html *h, FILE *f, const struct trace_sum *s,
		const struct trace_names *names, uint32_t shown, uint64_t lost)
{
	const char *mark = strstr(report_html, MARK);
	uint32_t i;

	fwrite(report_html, 1, mark - report_html, f);
	fprintf(f, "{\"shown\":%u,\"lost\":%" PRIu64 ",\n\"stages\":[", shown,
		lost);
	for (i = 0; i < PKTPATH_STAGE_MAX; i++)
		fprintf(f, "%s\"%s\"", i ? "," : "", trace_stage_name(i));
	fputs("],\n", f);
	html_ways(h, f);
	sum_html(s, f);
	qsort(h->slow, h->nslow, sizeof(h->slow[0]), by_length);
	qsort(h->first, h->nfirst, sizeof(h->first[0]), by_length);
	fputs("\"journeys\":[", f);
	for (i = 0; i < h->nslow; i++)
		html_journey(f, &h->slow[i], names, i);
	for (i = 0; i < h->nfirst; i++)
		html_journey(f, &h->first[i], names, i || h->nslow);
	fputs("]}", f);
	fputs(mark + strlen(MARK), f);
}
