// SPDX-License-Identifier: GPL-2.0
/*
 * One planted bug for each oracle that the tests trust: loading this module
 * with bug=NAME must make the kernel complain, and the runner must see it.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/printk.h>
#include <linux/ref_tracker.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "the bug to commit");

static DEFINE_SPINLOCK(pp_oracle_a);
static DEFINE_SPINLOCK(pp_oracle_b);
static volatile int pp_oracle_index = 8;
static int pp_oracle_array[4];

static void pp_oracle_kasan(void)
{
	volatile u8 *p = kmalloc(40, GFP_KERNEL);

	if (!p)
		return;
	p[40 + (pp_oracle_index - 8)] = 1;
	kfree((void *)p);
}

static void pp_oracle_lockdep(void)
{
	spin_lock(&pp_oracle_a);
	spin_lock(&pp_oracle_b);
	spin_unlock(&pp_oracle_b);
	spin_unlock(&pp_oracle_a);

	spin_lock(&pp_oracle_b);
	spin_lock(&pp_oracle_a);
	spin_unlock(&pp_oracle_a);
	spin_unlock(&pp_oracle_b);
}

static void pp_oracle_atomic(void)
{
	spin_lock(&pp_oracle_a);
	msleep(1);
	spin_unlock(&pp_oracle_a);
}

static void pp_oracle_leak(void)
{
	int i;

	for (i = 0; i < 8; i++)
		if (!kmalloc(120, GFP_KERNEL))
			break;
}

static void pp_oracle_refcount(void)
{
	refcount_t r = REFCOUNT_INIT(0);

	refcount_inc(&r);
}

static void pp_oracle_ubsan(void)
{
	pr_info("shifted: %d\n", 1 << (pp_oracle_index + 32));
	pr_info("indexed: %d\n", pp_oracle_array[pp_oracle_index & 0xc]);
}

static void pp_oracle_warn(void)
{
	WARN(1, "planted\n");
}

/* As the network core says it of a device, which is no warning of the kernel's. */
static void pp_oracle_csum(void)
{
	pr_err("eth0: hw csum failure\n");
	dump_stack();
}

static void pp_oracle_late(struct timer_list *t)
{
}

/* Memory is freed with a timer in it under way; who sees it ends the timer. */
static void pp_oracle_timer(void)
{
	struct timer_list *t = kmalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return;
	timer_setup(t, pp_oracle_late, 0);
	mod_timer(t, jiffies + 3600 * HZ);
	kfree(t);
}

/* One reference is given back, of the other nobody knows any more. */
static void pp_oracle_reftrack(void)
{
#ifdef CONFIG_REF_TRACKER
	static struct ref_tracker_dir dir;
	struct ref_tracker *back = NULL, *lost = NULL;

	ref_tracker_dir_init(&dir, 4, "pp_oracle");
	ref_tracker_alloc(&dir, &back, GFP_KERNEL);
	ref_tracker_alloc(&dir, &lost, GFP_KERNEL);
	ref_tracker_free(&dir, &back);
	ref_tracker_dir_exit(&dir);
#endif
}

static int pp_oracle_create(struct net *net, struct socket *sock, int protocol,
			    int kern)
{
	return -EAFNOSUPPORT;
}

static const struct net_proto_family pp_oracle_taken = {
	.family = 18,
	.create = pp_oracle_create,
	.owner = THIS_MODULE,
};

static bool pp_oracle_has_family;

/* No bug of the kernel's: somebody else has the number that pktpath wants. */
static void pp_oracle_family(void)
{
	pp_oracle_has_family = !sock_register(&pp_oracle_taken);
}

static const struct {
	const char *name;
	void (*commit)(void);
} pp_oracle_bugs[] = {
	{ "kasan", pp_oracle_kasan },
	{ "lockdep", pp_oracle_lockdep },
	{ "atomic", pp_oracle_atomic },
	{ "leak", pp_oracle_leak },
	{ "refcount", pp_oracle_refcount },
	{ "ubsan", pp_oracle_ubsan },
	{ "warn", pp_oracle_warn },
	{ "csum", pp_oracle_csum },
	{ "timer", pp_oracle_timer },
	{ "reftrack", pp_oracle_reftrack },
	{ "family", pp_oracle_family },
};

static int __init pp_oracle_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pp_oracle_bugs); i++) {
		if (!strcmp(pp_oracle_bugs[i].name, bug)) {
			pp_oracle_bugs[i].commit();
			return 0;
		}
	}
	return strcmp(bug, "none") ? -EINVAL : 0;
}

static void __exit pp_oracle_exit(void)
{
	if (pp_oracle_has_family)
		sock_unregister(pp_oracle_taken.family);
}

module_init(pp_oracle_init);
module_exit(pp_oracle_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("planted bugs for the test runner");
