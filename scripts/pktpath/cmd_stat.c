// SPDX-License-Identifier: GPL-2.0
/* pktpath stat: counters, in the look of nstat. No history is kept. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "stat.h"

static const char stat_usage[] =
	"Usage: pktpath stat [ -z ] [ PATTERN ]\n"
	"       pktpath stat { --stages | --openmetrics }\n"
	"-z shows counters that are zero too; PATTERN is a part of a name\n"
	"--stages shows the time of packets in each stage, as the setting\n"
	"net.pktpath.journey_hist counts it; --openmetrics all of it for\n"
	"Prometheus\n";

struct stat_words {
	bool zeros;
	const char *part;
};

static int stat_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint64_t v = get_u64(tb, PKTPATH_A_STAT_VALUE);
	const struct stat_words *w = arg;
	char name[128];

	(void)cmd;
	if (!tb[PKTPATH_A_STAT_GROUP] || !tb[PKTPATH_A_STAT_NAME])
		return 0;
	snprintf(name, sizeof(name), "%s%s",
		 mnl_attr_get_str(tb[PKTPATH_A_STAT_GROUP]),
		 mnl_attr_get_str(tb[PKTPATH_A_STAT_NAME]));
	if ((!v && !w->zeros) || (w->part && !strstr(name, w->part)))
		return 0;
	js_u64(name, v);
	if (!opts.json)
		printf("%-31s %-20" PRIu64 "\n", name, v);
	return 0;
}

/* ---- For Prometheus ---- */

struct metric {
	enum stat_kind kind;
	const char *name;
};

/* What is no count of events. */
static bool is_gauge(const char *name)
{
	static const char *const gauges[] = {
		"Forwarding", "DefaultTTL", "RtoAlgorithm", "RtoMin", "RtoMax",
		"MaxConn", "CurrEstab",
	};
	size_t i;

	for (i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		if (!strcmp(name, gauges[i]))
			return true;
	return false;
}

static int metric_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const struct metric *m = arg;
	const char *group, *name;
	enum stat_kind kind;

	(void)cmd;
	if (!tb[PKTPATH_A_STAT_GROUP] || !tb[PKTPATH_A_STAT_NAME])
		return 0;
	group = mnl_attr_get_str(tb[PKTPATH_A_STAT_GROUP]);
	name = mnl_attr_get_str(tb[PKTPATH_A_STAT_NAME]);
	kind = !strcmp(group, "Drop") ? STAT_DROP :
	       is_gauge(name) ? STAT_GAUGE : STAT_COUNTER;
	if (kind != m->kind)
		return 0;
	if (kind == STAT_DROP)
		printf("%s{cause=\"%s\"}", m->name, name);
	else
		printf("%s{group=\"%s\",name=\"%s\"}", m->name, group, name);
	if (kind == STAT_GAUGE)
		printf(" %" PRId64 "\n",
		       (int64_t)get_u64(tb, PKTPATH_A_STAT_VALUE));
	else
		printf(" %" PRIu64 "\n", get_u64(tb, PKTPATH_A_STAT_VALUE));
	return 0;
}

static int metric_each(enum stat_kind kind, const char *name)
{
	struct metric m = { kind, name };
	char buf[NL_BUF];

	return nl_talk(nl_start(buf, PKTPATH_CMD_STAT_GET, NLM_F_DUMP),
		       metric_one, &m);
}

int cmd_stat(struct args *a)
{
	struct stat_words w = {};
	struct nlmsghdr *nlh;
	const char *word;
	char buf[NL_BUF];
	int ret;

	while ((word = arg_next(a))) {
		if (!strcmp(word, "-z"))
			w.zeros = true;
		else if (!strcmp(word, "--stages") && !a->n)
			return stat_stages();
		else if (!strcmp(word, "--openmetrics") && !a->n)
			return stat_openmetrics(metric_each);
		else if (*word != '-' && !w.part && strcmp(word, "help"))
			w.part = word;
		else
			return usage(stat_usage);
	}
	nlh = nl_start(buf, PKTPATH_CMD_STAT_GET, NLM_F_DUMP);
	js_object(NULL);
	js_object("pktpath");
	if (!opts.json)
		puts("#pktpath");
	ret = nl_talk(nlh, stat_one, &w);
	js_object_end();
	js_object_end();
	js_finish();
	return ret;
}
