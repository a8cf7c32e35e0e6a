// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --compare inet: the same workload over AF_INET and AF_PKTPATH,
 * in turns. First without probes: what it costs; then with them: where. A
 * round is a run over each; what a round says of the difference is one value,
 * so that the interval holds whatever the times within a run look like.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compare.h"
#include "pktpath.h"
#include "trace.h"

static sig_atomic_t compare_stop;

static void on_signal(int sig)
{
	(void)sig;
	__atomic_store_n(&compare_stop, 1, __ATOMIC_RELAXED);
}

bool compare_stopped(void)
{
	return __atomic_load_n(&compare_stop, __ATOMIC_RELAXED);
}

const char *compare_family_name(int family)
{
	return family == COMPARE_INET ? "AF_INET" : "AF_PKTPATH";
}

static void tick(void *arg)
{
	struct compare_rec r;

	(void)arg;
	while (probe_take(&r))
		compare_join_add(&r);
}

/* Over both, who is first changes. */
static int round_of(const struct compare_opts *o, uint32_t round, bool probed)
{
	int i, family, ret;
	uint64_t ns;

	for (i = 0; i < COMPARE_FAMILIES; i++) {
		family = (round + i) % COMPARE_FAMILIES;
		if (probed) {
			out_round(round, family);
			compare_join_start(family);
		}
		ret = load_run(o, family, probed ? tick : NULL, NULL, &ns);
		if (ret)
			return ret;
		if (probed)
			compare_join_end();
		else
			out_bare(round, family, ns);
	}
	return 0;
}

/* Stages that one of them does not have need no probe. */
static int try_round(const struct compare_opts *o)
{
	int ret = round_of(o, 0, true);
	uint8_t i;

	for (i = PKTPATH_AT_IP_ROUTE; !ret && i < COMPARE_END; i++)
		if (!out_is_matched(i))
			probe_detach(i);
	out_forget();
	return ret;
}

static int rounds_of(const struct compare_opts *o, uint64_t group)
{
	uint32_t i, done;
	int ret = 0;

	for (i = 0; !ret && i < o->rounds; i++)
		ret = round_of(o, i, false);
	if (!ret)
		ret = probe_attach(group);
	if (!ret)
		ret = try_round(o);
	for (done = 0; !ret && done < o->rounds; done++) {
		ret = round_of(o, done, true);
		if (ret)
			break;
	}
	if (ret && !compare_stopped())
		return ret;
	if (done >= 2)
		return out_table(o, done);
	complain("stopped before two rounds were done");
	return EXIT_REFUSED;
}

int compare_run(struct compare_opts *o)
{
	struct sigaction sa = { .sa_handler = on_signal };
	uint64_t group;
	int ret;

	if (module_family() < 0) {
		complain("the module pktpath is not loaded");
		return EXIT_REFUSED;
	}
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	ret = probe_open();
	if (!ret)
		ret = out_open(o->rounds);
	if (!ret)
		ret = compare_join_open(out_way);
	if (!ret)
		ret = load_open(&group);
	if (!ret)
		ret = rounds_of(o, group);
	load_close();
	probe_close();
	compare_join_close();
	out_close();
	return ret;
}
