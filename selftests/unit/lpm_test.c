// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/lpm.c ip/lpm_update.c */
/*
 * Longest-prefix match against tables too simple to be wrong: a list for
 * random work, sorted arrays by length for a million routes. Retired memory
 * is freed at once, so that the sanitizer sees a writer that looks back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "ip/lpm.h"
#include "kselftest_harness.h"

#define MANY 1000000
#define FEW 300

static unsigned long live, fail_after;

static void *mem_alloc(size_t size, bool must)
{
	void *p;

	if (!must && fail_after && !--fail_after)
		return NULL;
	p = calloc(1, size);
	if (!p)
		abort();
	live++;
	return p;
}

static void mem_retire(void *obj)
{
	live--;
	free(obj);
}

static const struct pp_lpm_ops ops = {
	.alloc = mem_alloc,
	.retire = mem_retire,
};

static u32 seed = 1;

static u32 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

static u32 mask(unsigned int plen)
{
	return plen ? ~0U << (32 - plen) : 0;
}

static bool covers(const struct pp_lpm_leaf *l, u32 key)
{
	return !((l->key ^ key) & mask(l->plen));
}

/* The list: NULL pointers are free places. */
struct list {
	struct pp_lpm_leaf *l[FEW];
	unsigned int n;
};

static struct pp_lpm_leaf *list_lookup(const struct list *t, u32 key,
				       unsigned int max)
{
	struct pp_lpm_leaf *best = NULL;
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (t->l[i]->plen <= max && covers(t->l[i], key) &&
		    (!best || t->l[i]->plen > best->plen))
			best = t->l[i];
	return best;
}

static struct pp_lpm_leaf *list_next(const struct list *t, u32 key,
				     unsigned int plen)
{
	struct pp_lpm_leaf *best = NULL, *l;
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		l = t->l[i];
		if (l->key < key || (l->key == key && l->plen < plen))
			continue;
		if (!best || l->key < best->key ||
		    (l->key == best->key && l->plen < best->plen))
			best = l;
	}
	return best;
}

/* Few different bits, so that prefixes meet and nest. */
static u32 near_key(unsigned int spread)
{
	u32 key = rnd();

	if (spread == 0)
		key &= 0x80c0e0f1;
	else if (spread == 1)
		key = (key & 0xff) | 0x0a000000 | (key & 0x30000);
	return key;
}

static struct pp_lpm_leaf *leaf_new(u32 key, unsigned int plen)
{
	struct pp_lpm_leaf *l = malloc(sizeof(*l));

	if (!l)
		abort();
	l->key = key & mask(plen);
	l->plen = plen;
	return l;
}

static bool list_agrees(const struct list *list, const struct pp_lpm *t,
			unsigned int spread)
{
	unsigned int plen = rnd() % 33;
	u32 key = near_key(spread);
	struct pp_lpm_leaf *l;

	if (list->n && rnd() & 1)
		key = list->l[rnd() % list->n]->key | (rnd() & rnd() & 0xff);
	if (pp_lpm_lookup(t, key) != list_lookup(list, key, 32) ||
	    pp_lpm_lookup_max(t, key, plen) != list_lookup(list, key, plen) ||
	    pp_lpm_next(t, key, plen) != list_next(list, key, plen))
		return false;
	l = list_lookup(list, key & mask(plen), plen);
	return pp_lpm_find(t, key & mask(plen), plen) ==
	       (l && l->plen == plen ? l : NULL);
}

static void list_step(struct list *list, struct pp_lpm *t,
		      unsigned int spread, struct __test_metadata *_metadata)
{
	unsigned int plen = rnd() % 33, i;
	struct pp_lpm_leaf *l, *old;
	int err;

	if (list->n < FEW && rnd() % 5 > 1) {
		l = leaf_new(near_key(spread), plen);
		old = list_lookup(list, l->key, plen);
		err = pp_lpm_insert(t, l);
		if (old && old->plen == plen) {
			ASSERT_EQ(-EEXIST, err);
			pp_lpm_replace(t, old, l);
			for (i = 0; list->l[i] != old; i++)
				;
			list->l[i] = l;
			free(old);
			return;
		}
		if (err) {
			ASSERT_EQ(-ENOMEM, err);
			free(l);
			return;
		}
		list->l[list->n++] = l;
	} else if (list->n) {
		i = rnd() % list->n;
		l = list->l[i];
		pp_lpm_remove(t, l);
		list->l[i] = list->l[--list->n];
		free(l);
	}
}

static void list_run(unsigned int spread, unsigned int fail,
		     struct __test_metadata *_metadata)
{
	struct list list = { .n = 0 };
	unsigned int i, k;
	struct pp_lpm t;

	ASSERT_EQ(0, pp_lpm_init(&t, &ops));
	for (i = 0; i < 6000; i++) {
		fail_after = fail ? 1 + rnd() % fail : 0;
		list_step(&list, &t, spread, _metadata);
		fail_after = 0;
		ASSERT_EQ(list.n, t.total);
		for (k = 0; k < 8; k++)
			ASSERT_TRUE(list_agrees(&list, &t, spread));
	}
	while (list.n) {
		pp_lpm_remove(&t, list.l[--list.n]);
		free(list.l[list.n]);
	}
	EXPECT_EQ(0, t.total);
	EXPECT_EQ(0, t.nodes);
	EXPECT_EQ(NULL, pp_lpm_next(&t, 0, 0));
	pp_lpm_destroy(&t);
	EXPECT_EQ(0, t.bytes);
	EXPECT_EQ(0, live);
}

TEST(lpm_above)
{
	unsigned int v, l;
	u64 bits;

	for (v = 0; v < 64; v++) {
		bits = 0;
		for (l = 0; l < PKTPATH_LPM_STRIDE; l++)
			bits |= 1ULL << ((1U << l) - 1 + (v >> (6 - l)));
		EXPECT_EQ(bits, pp_lpm_above[v]);
	}
}

TEST(lpm_every_length)
{
	struct pp_lpm_leaf l[33];
	unsigned int i;
	struct pp_lpm t;

	ASSERT_EQ(0, pp_lpm_init(&t, &ops));
	EXPECT_EQ(NULL, pp_lpm_lookup(&t, 0));
	for (i = 0; i <= 32; i++) {
		l[i].key = 0xc0a80a55 & mask(i);
		l[i].plen = i;
		ASSERT_EQ(0, pp_lpm_insert(&t, &l[i]));
		EXPECT_EQ(-EEXIST, pp_lpm_insert(&t, &l[i]));
		EXPECT_EQ(&l[i], pp_lpm_lookup(&t, 0xc0a80a55));
	}
	for (i = 1; i <= 32; i++)
		EXPECT_EQ(&l[i - 1],
			  pp_lpm_lookup(&t, 0xc0a80a55 ^ 1U << (32 - i)));
	for (i = 32; i; i--) {
		pp_lpm_remove(&t, &l[i]);
		EXPECT_EQ(&l[i - 1], pp_lpm_lookup(&t, 0xc0a80a55));
	}
	pp_lpm_destroy(&t);
	EXPECT_EQ(0, live);
}

TEST(lpm_random_nested)
{
	list_run(0, 0, _metadata);
}

TEST(lpm_random_dense)
{
	list_run(1, 0, _metadata);
}

TEST(lpm_random_sparse)
{
	list_run(2, 0, _metadata);
}

TEST(lpm_out_of_memory)
{
	list_run(0, 4, _metadata);
	list_run(1, 9, _metadata);
}

/* Lengths as in the Internet's table: most 24, some 16..23, few others. */
static unsigned int net_plen(void)
{
	unsigned int r = rnd() % 1000;

	if (r < 590)
		return 24;
	if (r < 960)
		return 17 + r % 7;
	if (r < 980)
		return 8 + r % 9;
	return 25 + r % 8;
}

static int by_place(const void *a, const void *b)
{
	const struct pp_lpm_leaf *x = a, *y = b;

	if (x->plen != y->plen)
		return x->plen < y->plen ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static struct pp_lpm_leaf *array_lookup(struct pp_lpm_leaf *l, unsigned int n,
					u32 key)
{
	struct pp_lpm_leaf want, *hit;
	int plen;

	for (plen = 32; plen >= 0; plen--) {
		want.plen = plen;
		want.key = key & mask(plen);
		hit = bsearch(&want, l, n, sizeof(*l), by_place);
		if (hit)
			return hit;
	}
	return NULL;
}

static unsigned int array_make(struct pp_lpm_leaf *l)
{
	unsigned int i, n = 0;

	for (i = 0; i < MANY; i++) {
		l[i].plen = i ? net_plen() : 0;
		/* 1.0.0.0 to 223.255.255.255, in lumps as they are given out */
		l[i].key = ((1U << 24) + rnd() % (223U << 24)) & mask(l[i].plen);
		if (rnd() & 1)
			l[i].key &= ~0x00780000U;
	}
	qsort(l, MANY, sizeof(*l), by_place);
	for (i = 0; i < MANY; i++)
		if (!i || by_place(&l[n - 1], &l[i]))
			l[n++] = l[i];
	return n;
}

static void array_walk(const struct pp_lpm *t, unsigned int n,
		       struct __test_metadata *_metadata)
{
	struct pp_lpm_leaf *l = pp_lpm_next(t, 0, 0), *next;
	unsigned int seen = 0;

	while (l) {
		seen++;
		if (l->plen == 32 && !~l->key)
			break;
		next = l->plen < 32 ? pp_lpm_next(t, l->key, l->plen + 1) :
				      pp_lpm_next(t, l->key + 1, 0);
		if (next)
			ASSERT_TRUE(next->key > l->key ||
				    (next->key == l->key &&
				     next->plen > l->plen));
		l = next;
	}
	EXPECT_EQ(n, seen);
}

FIXTURE(lpm_many)
{
	struct pp_lpm_leaf *l;
	unsigned int n;
};

FIXTURE_SETUP(lpm_many)
{
	self->l = calloc(MANY, sizeof(*self->l));
	ASSERT_NE(NULL, self->l);
	self->n = array_make(self->l);
}

FIXTURE_TEARDOWN(lpm_many)
{
	free(self->l);
}

TEST_F_TIMEOUT(lpm_many, million, 300)
{
	struct pp_lpm_leaf *l = self->l, **order;
	unsigned int n = self->n, i, k;
	struct pp_lpm t;
	double t0;
	u32 key;

	order = calloc(n, sizeof(*order));
	ASSERT_NE(NULL, order);
	for (i = 0; i < n; i++) {
		k = rnd() % (i + 1);
		order[i] = order[k];
		order[k] = &l[i];
	}
	ASSERT_EQ(0, pp_lpm_init(&t, &ops));
	t0 = seconds();
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, pp_lpm_insert(&t, order[i]));
	printf("# %u routes: %.2f s, %lu nodes, %.1f bytes a route, root %u bits\n",
	       n, seconds() - t0, t.nodes, (double)t.bytes / n, t.root->bits);
	fflush(stdout);
	for (i = 0; i < 200000; i++) {
		key = rnd();
		if (i & 1)
			key = l[rnd() % n].key | (rnd() & 0xff);
		ASSERT_EQ(array_lookup(l, n, key), pp_lpm_lookup(&t, key));
	}
	array_walk(&t, n, _metadata);
	for (i = 0; i < n / 2; i++)
		pp_lpm_remove(&t, order[i]);
	array_walk(&t, n - n / 2, _metadata);
	for (; i < n; i++) {
		ASSERT_EQ(order[i], pp_lpm_find(&t, order[i]->key,
						order[i]->plen));
		pp_lpm_remove(&t, order[i]);
	}
	EXPECT_EQ(0, t.nodes);
	EXPECT_EQ(1, t.root->bits);
	pp_lpm_destroy(&t);
	EXPECT_EQ(0, live);
	free(order);
}

TEST_HARNESS_MAIN
