// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --svg: one picture, a bar for what each stage of the path cost
 * in the order a packet meets them; the three dearest stand out.
 */
#include <inttypes.h>
#include <stdio.h>
#include "trace.h"

#define STAGES	64
#define DEAREST	3
#define ROW	22
#define TOP	56
#define LEFT	150
#define BAR	400
#define WIDTH	760

static const char *const svg_style[] = {
	"<style>text{font:13px sans-serif;fill:#222}.b{fill:#9db8d2}",
	".m{fill:#d2572a}.h{font-weight:bold}",
	"@media(prefers-color-scheme:dark){text{fill:#ddd}",
	".b{fill:#47637f}}</style>",
};

/* 0 to 2: it is one of the dearest; else -1. */
static int rank_of(const struct trace_sum *s, unsigned int stage)
{
	uint64_t n, ns, own;
	int rank = 0;
	unsigned int i;

	if (!sum_stage(s, stage, &n, &own))
		return -1;
	for (i = 0; i < STAGES; i++)
		if (sum_stage(s, i, &n, &ns) &&
		    (ns > own || (ns == own && i < stage)))
			rank++;
	return rank < DEAREST ? rank : -1;
}

static void svg_row(FILE *f, const struct trace_sum *s, unsigned int stage,
		    unsigned int y, uint64_t most, uint64_t all)
{
	int rank = rank_of(s, stage);
	uint64_t n, ns;
	double width;

	sum_stage(s, stage, &n, &ns);
	width = most ? (double)BAR * ns / most : 0;
	fprintf(f, "<text x=\"16\" y=\"%u\"%s>", y + 15,
		rank >= 0 ? " class=\"h\"" : "");
	if (rank >= 0)
		fprintf(f, "%d. ", rank + 1);
	fprintf(f, "%s</text>\n", trace_stage_name(stage));
	fprintf(f, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%.1f\" ",
		rank >= 0 ? "m" : "b", LEFT, y + 2, width < 1 ? 1 : width);
	fprintf(f, "height=\"%u\"/>\n", ROW - 5);
	fprintf(f, "<text x=\"%.1f\" y=\"%u\">%" PRIu64 " ns, %.1f %%</text>\n",
		LEFT + width + 8, y + 15, n ? ns / n : 0,
		all ? 100.0 * ns / all : 0.0);
}

void svg_write(FILE *f, const struct trace_sum *s, const char *flow,
	       uint32_t shown, uint64_t lost)
{
	unsigned int i, rows = 0, y = TOP;
	uint64_t n, ns, all = 0, most = 0;

	for (i = 0; i < STAGES; i++) {
		if (!sum_stage(s, i, &n, &ns))
			continue;
		rows++;
		all += ns;
		if (ns > most)
			most = ns;
	}
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" ",
		WIDTH);
	fprintf(f, "height=\"%u\">\n", TOP + ROW * rows + 12);
	for (i = 0; i < sizeof(svg_style) / sizeof(svg_style[0]); i++)
		fprintf(f, "%s\n", svg_style[i]);
	fprintf(f, "<text x=\"16\" y=\"22\" class=\"h\">%s</text>\n", flow);
	fprintf(f, "<text x=\"16\" y=\"42\">%u journeys, %" PRIu64
		" records lost; mean of each stage, part of all</text>\n",
		shown, lost);
	for (i = 0; i < STAGES; i++) {
		if (!sum_stage(s, i, &n, &ns))
			continue;
		svg_row(f, s, i, y, most, all);
		y += ROW;
	}
	fputs("</svg>\n", f);
}
