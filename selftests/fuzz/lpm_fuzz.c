// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/lpm.c ip/lpm_update.c */
/*
 * Any order of inserting, replacing and removing prefixes, with and without
 * memory, against a list. Six bytes a step: operation, length, key.
 */
#include <stdlib.h>
#include "ip/lpm.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)
#define STEPS 256

static bool fail;

static void *fuzz_alloc(size_t size, bool must)
{
	void *p = fail && !must ? NULL : calloc(1, size);

	CHECK(p || !must);
	return p;
}

static const struct pp_lpm_ops ops = {
	.alloc = fuzz_alloc,
	.retire = free,
};

static struct pp_lpm_leaf *leaves[STEPS];
static unsigned int count;

static u32 mask(unsigned int plen)
{
	return plen ? ~0U << (32 - plen) : 0;
}

static int find(u32 key, unsigned int plen)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (leaves[i]->plen == plen && leaves[i]->key == key)
			return i;
	return -1;
}

static struct pp_lpm_leaf *longest(u32 key, unsigned int max)
{
	struct pp_lpm_leaf *best = NULL, *l;
	unsigned int i;

	for (i = 0; i < count; i++) {
		l = leaves[i];
		if (l->plen <= max && !((l->key ^ key) & mask(l->plen)) &&
		    (!best || l->plen > best->plen))
			best = l;
	}
	return best;
}

static struct pp_lpm_leaf *first(u32 key, unsigned int plen)
{
	struct pp_lpm_leaf *best = NULL, *l;
	unsigned int i;

	for (i = 0; i < count; i++) {
		l = leaves[i];
		if (l->key < key || (l->key == key && l->plen < plen))
			continue;
		if (!best || l->key < best->key ||
		    (l->key == best->key && l->plen < best->plen))
			best = l;
	}
	return best;
}

static void insert(struct pp_lpm *t, u32 key, unsigned int plen)
{
	struct pp_lpm_leaf *l = malloc(sizeof(*l));
	int at = find(key & mask(plen), plen), err;

	CHECK(l);
	l->key = key & mask(plen);
	l->plen = plen;
	err = pp_lpm_insert(t, l);
	if (at >= 0) {
		CHECK(err == -EEXIST);
		pp_lpm_replace(t, leaves[at], l);
		free(leaves[at]);
		leaves[at] = l;
	} else if (err) {
		CHECK(err == -ENOMEM && fail);
		free(l);
	} else {
		leaves[count++] = l;
	}
}

static void drop(struct pp_lpm *t, unsigned int i)
{
	pp_lpm_remove(t, leaves[i]);
	free(leaves[i]);
	leaves[i] = leaves[--count];
}

static void step(struct pp_lpm *t, const u8 *p)
{
	u32 key = (u32)p[2] << 24 | p[3] << 16 | p[4] << 8 | p[5];
	unsigned int plen = p[1] % 33;

	fail = p[0] & 0x80;
	if ((p[0] & 3) || !count)
		insert(t, key, plen);
	else
		drop(t, key % count);
	fail = false;
	CHECK(t->total == count);
	CHECK(pp_lpm_lookup(t, key) == longest(key, 32));
	CHECK(pp_lpm_lookup_max(t, key, plen) == longest(key, plen));
	CHECK(pp_lpm_next(t, key, plen) == first(key, plen));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pp_lpm t;
	size_t i;

	if (size > STEPS * 6)
		return 0;
	CHECK(!pp_lpm_init(&t, &ops));
	for (i = 0; i + 6 <= size; i += 6)
		step(&t, data + i);
	while (count)
		drop(&t, count - 1);
	CHECK(!t.nodes);
	pp_lpm_destroy(&t);
	CHECK(!t.bytes);
	return 0;
}
