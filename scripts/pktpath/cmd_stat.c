// SPDX-License-Identifier: GPL-2.0
/* pktpath stat: counters, in the look of nstat. No history is kept. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

static const char stat_usage[] =
	"Usage: pktpath stat [ -z ] [ PATTERN ]\n"
	"-z shows counters that are zero too; PATTERN is a part of a name\n";

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
