// SPDX-License-Identifier: GPL-2.0
/* Sums by flow, process, socket or cgroup: pktpath trace --hist --by WHAT. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

#define KEYS	1024	/* told apart; the rest is summed as one */
#define KEY_LEN	96
#define OTHERS	"others"

struct by_key {
	char name[KEY_LEN];
	uint64_t n;		/* journeys */
	struct trace_sum *sum;
};

struct trace_by {
	enum trace_key what;
	uint32_t n;
	struct by_key key[KEYS + 1];
	uint32_t slot[2 * KEYS];	/* of key, + 1; 0: free */
};

static const char *const by_words[] = {
	[BY_FLOW] = "flow", [BY_PID] = "pid", [BY_SOCK] = "sock",
	[BY_CGROUP] = "cgroup",
};

int by_parse(const char *word, enum trace_key *what)
{
	int i;

	for (i = BY_FLOW; i <= BY_CGROUP; i++) {
		if (strcmp(word, by_words[i]))
			continue;
		*what = i;
		return 0;
	}
	complain("journeys have a flow, pid, sock, cgroup, no \"%s\"", word);
	return EXIT_USAGE;
}

struct trace_by *by_new(enum trace_key what)
{
	struct trace_by *b = calloc(1, sizeof(*b));

	if (b)
		b->what = what;
	return b;
}

void by_free(struct trace_by *b)
{
	uint32_t i;

	if (!b)
		return;
	for (i = 0; i < b->n; i++)
		sum_free(b->key[i].sum);
	free(b);
}

static struct by_key *by_make(struct trace_by *b, const char *name)
{
	struct by_key *k = &b->key[b->n];

	k->sum = sum_new();
	if (!k->sum)
		return NULL;
	snprintf(k->name, sizeof(k->name), "%s", name);
	b->n++;
	return k;
}

/* NULL: no memory. */
static struct by_key *by_get(struct trace_by *b, const char *name)
{
	uint32_t hash = 2166136261u, i;
	struct by_key *k;
	const char *c;

	for (c = name; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	for (i = hash % (2 * KEYS); b->slot[i]; i = (i + 1) % (2 * KEYS)) {
		k = &b->key[b->slot[i] - 1];
		if (!strcmp(k->name, name))
			return k;
	}
	if (b->n > KEYS)
		return &b->key[KEYS];
	if (b->n == KEYS)
		return by_make(b, OTHERS);
	k = by_make(b, name);
	if (k)
		b->slot[i] = b->n;
	return k;
}

static void by_one(struct trace_by *b, const char *name,
		   const struct journey *j, const struct trace_names *names)
{
	struct by_key *k = by_get(b, name);

	if (!k)
		return;
	k->n++;
	sum_add(k->sum, j, names);
}

/* With each of its sockets, or processes: by lo it has two. */
void by_add(struct trace_by *b, const struct journey *j,
	    const struct trace_names *names)
{
	uint64_t key[JOURNEY_PIDS] = {};
	char name[KEY_LEN];
	uint32_t i, k, n = 0;

	if (b->what == BY_FLOW) {
		by_one(b, out_flow(j), j, names);
		return;
	}
	if (b->what == BY_PID) {
		n = journey_pids(j, key);
	} else {
		for (i = 0; i < j->owners; i++)
			key[n++] = b->what == BY_SOCK ? j->owner[i].cookie :
							j->owner[i].cgroup;
	}
	for (i = 0; i < n; i++) {
		for (k = 0; k < i && key[k] != key[i]; k++)
			;
		if (k < i || !key[i])
			continue;
		snprintf(name, sizeof(name), b->what == BY_SOCK ?
			 "%" PRIx64 : "%" PRIu64, key[i]);
		by_one(b, name, j, names);
	}
	for (i = 0; i < n && !key[i]; i++)
		;
	if (i == n)
		by_one(b, "none", j, names);
}

static int by_most(const void *a, const void *b)
{
	const struct by_key *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->name, y->name);
}

void by_show(struct trace_by *b, bool hist, bool top)
{
	const char *word = by_words[b->what];
	struct by_key *k;

	qsort(b->key, b->n, sizeof(*b->key), by_most);
	for (k = b->key; k < b->key + b->n; k++) {
		if (!opts.json)
			printf("%s%s %s: %" PRIu64 " journey%s\n",
			       k == b->key ? "" : "\n", word, k->name, k->n,
			       k->n == 1 ? "" : "s");
		if (hist)
			sum_hist(k->sum, word, k->name);
		if (top)
			sum_top(k->sum, word, k->name);
	}
}
