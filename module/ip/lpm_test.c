// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: the longest-prefix match with the kernel's allocator and RCU, while
 * readers look things up.
 *
 * Path: none
 * Mirrors: none
 * Locks: RCU for the readers; the test is the only writer
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "ip/lpm.h"

#define PKTPATH_LPM_TEST_LEAVES 512

static void *pp_lpm_test_alloc(size_t size, bool must)
{
	return kvzalloc(size, GFP_KERNEL);
}

static void pp_lpm_test_free(struct rcu_head *head)
{
	kvfree(head);
}

static void pp_lpm_test_retire(void *obj)
{
	call_rcu((struct rcu_head *)obj, pp_lpm_test_free);
}

static const struct pp_lpm_ops pp_lpm_test_ops = {
	.alloc = pp_lpm_test_alloc,
	.retire = pp_lpm_test_retire,
};

static void pp_lpm__every_length(struct kunit *test)
{
	struct pp_lpm_leaf *l;
	struct pp_lpm t;
	unsigned int i;

	l = kunit_kcalloc(test, 33, sizeof(*l), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_ASSERT_EQ(test, pp_lpm_init(&t, &pp_lpm_test_ops), 0);
	for (i = 0; i <= 32; i++) {
		l[i].key = i ? 0xc0a80a55 & ~0U << (32 - i) : 0;
		l[i].plen = i;
		KUNIT_EXPECT_EQ(test, pp_lpm_insert(&t, &l[i]), 0);
		KUNIT_EXPECT_EQ(test, pp_lpm_insert(&t, &l[i]), -EEXIST);
		KUNIT_EXPECT_PTR_EQ(test, pp_lpm_lookup(&t, 0xc0a80a55), &l[i]);
	}
	for (i = 1; i <= 32; i++)
		KUNIT_EXPECT_PTR_EQ(test, pp_lpm_lookup(&t, 0xc0a80a55 ^
							1U << (32 - i)),
				    &l[i - 1]);
	for (i = 0; i <= 32; i++)
		pp_lpm_remove(&t, &l[i]);
	KUNIT_EXPECT_EQ(test, t.nodes, 0);
	pp_lpm_destroy(&t);
	KUNIT_EXPECT_EQ(test, t.bytes, 0);
	rcu_barrier();
}

/* A leaf that is always there must be found whatever the writer does. */
struct pp_lpm_test_reader {
	const struct pp_lpm *t;
	const struct pp_lpm_leaf *fixed;
	unsigned long lost;
};

static int pp_lpm_test_read(void *arg)
{
	struct pp_lpm_test_reader *r = arg;
	const struct pp_lpm_leaf *l;

	while (!kthread_should_stop()) {
		rcu_read_lock();
		l = pp_lpm_lookup(r->t, r->fixed->key | 1);
		if (l != r->fixed)
			r->lost++;
		rcu_read_unlock();
		cond_resched();
	}
	return 0;
}

/* Neighbours of 10.1.2.0/24 above, below and beside, but none inside it. */
static void pp_lpm_test_leaf(struct pp_lpm_leaf *l)
{
	u32 r = get_random_u32();

	l->plen = r % 24;
	l->key = 0x0a010200 ^ (r & 0x00fff000);
	l->key &= l->plen ? ~0U << (32 - l->plen) : 0;
}

static void pp_lpm__readers(struct kunit *test)
{
	struct pp_lpm_leaf fixed = { .key = 0x0a010200, .plen = 24 };
	struct pp_lpm_test_reader r = { .fixed = &fixed };
	struct task_struct *task;
	struct pp_lpm_leaf *l;
	unsigned int i, round;
	struct pp_lpm t;

	l = kunit_kcalloc(test, PKTPATH_LPM_TEST_LEAVES, sizeof(*l),
			  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_ASSERT_EQ(test, pp_lpm_init(&t, &pp_lpm_test_ops), 0);
	KUNIT_EXPECT_EQ(test, pp_lpm_insert(&t, &fixed), 0);
	r.t = &t;
	task = kthread_run(pp_lpm_test_read, &r, "pp_lpm_test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (round = 0; round < 5; round++) {
		for (i = 0; i < PKTPATH_LPM_TEST_LEAVES; i++) {
			pp_lpm_test_leaf(&l[i]);
			if (pp_lpm_insert(&t, &l[i]))
				l[i].plen = 33;
		}
		for (i = 0; i < PKTPATH_LPM_TEST_LEAVES; i++)
			if (l[i].plen <= 32)
				pp_lpm_remove(&t, &l[i]);
		synchronize_rcu();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, r.lost, 0);
	KUNIT_EXPECT_EQ(test, t.total, 1);
	pp_lpm_remove(&t, &fixed);
	pp_lpm_destroy(&t);
	rcu_barrier();
}

static struct kunit_case pp_lpm_cases[] = {
	KUNIT_CASE(pp_lpm__every_length),
	KUNIT_CASE(pp_lpm__readers),
	{}
};

static struct kunit_suite pp_lpm_suite = {
	.name = "pktpath_lpm",
	.test_cases = pp_lpm_cases,
};

kunit_test_suite(pp_lpm_suite);
MODULE_DESCRIPTION("KUnit tests of pktpath");
MODULE_LICENSE("GPL");
