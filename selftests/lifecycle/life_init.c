// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module with its n-th allocation failing, for every n until the
 * failure comes no more: it is refused for want of memory and leaves nothing
 * behind, or does without; then it loads and unloads as ever. Only allocations made
 * below the module's own functions count, which the filter of fault injection
 * tells by the addresses on the stack.
 *
 *	life_init [FIRST LAST]
 *
 * Every STRIDE-th n first, then the ones between for 90 seconds; or the passes
 * FIRST to LAST of 0 to STRIDE - 1, to their end. Debug kernels only.
 * Proves: attacks J5 (init failing at any step).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FAIL_TEST "init_fail_nth"
#include "fail_nth.h"

/* Loads in a row with the failure not reached: all were tried. */
#define CLEAN 2
#define STRIDE 11
#define MAX_N 3000
/* Where the kernel puts modules; nothing else of it lies there. */
#define MODULES_START "0xffffffffa0000000"
#define MODULES_END "0xffffffffff000000"

#define DEBUG "/sys/kernel/debug/"

static int tried, refused, spared, top;

static int set(const char *kind, const char *what, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), DEBUG "%s/%s", kind, what);
	return write_file(path, value);
}

/* Where a function of the kernel begins and the next one; as text. */
static bool function(const char *name, char from[20], char to[20])
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512], addr[20], sym[256];
	bool found = false, done = false;

	while (f && !done && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%18s %*c %255s", addr, sym) != 2)
			continue;
		done = found;
		if (found || !strcmp(sym, name))
			snprintf(found ? to : from, 20, "0x%.17s", addr);
		found |= !strcmp(sym, name);
	}
	if (f)
		fclose(f);
	return done;
}

/*
 * All kinds of faults count on one counter, so all get the filter: only below
 * our functions, and not in the many files that the kernel makes in /sys for a
 * cache of objects, and does without. Each tells of the failure it makes, on
 * the console too: scripts/klog does not blame the kernel for what follows.
 */
static int filter(const char *start, const char *end)
{
	static const char * const kinds[] = {
		"failslab", "fail_page_alloc", "fail_usercopy",
		"fail_function", "fail_skb_realloc", "fail_mempool_alloc",
		"fail_mempool_alloc_bulk",
	};
	const char *loud = getenv("PKTPATH_LIFE_VERBOSE");
	char from[20], to[20];
	bool slab = function("kobject_init_and_add", from, to);
	int n = 0;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (set(kinds[i], "require-start", start))
			continue;
		if (!set(kinds[i], "require-end", end))
			n++;
		set(kinds[i], "verbose", loud ? loud : "1");
		if (slab) {
			set(kinds[i], "reject-start", from);
			set(kinds[i], "reject-end", to);
		}
	}
	return n ? 0 : -1;
}

static int load(int ko)
{
	return syscall(SYS_finit_module, ko, "", 0);
}

static int unload(void)
{
	return syscall(SYS_delete_module, "pktpath", O_NONBLOCK);
}

/* What the module would have left visible; NULL: nothing. */
static const char *left_behind(void)
{
	static const char * const paths[] = {
		"/sys/module/pktpath", "/proc/net/pktpath",
		"/proc/sys/net/pktpath",
	};
	static char line[256];
	const char *found = NULL;
	size_t i;
	FILE *f;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!access(paths[i], F_OK))
			return paths[i];
	f = fopen("/proc/net/protocols", "r");
	while (f && !found && fgets(line, sizeof(line), f))
		if (strstr(line, "pktpath") || strstr(line, "PKTPATH"))
			found = line;
	if (f)
		fclose(f);
	return found;
}

/* One load with allocation @n failing; whether that was reached, or -1. */
static int one(int ko, int nth, int n)
{
	const char *left;
	char text[32];
	bool reached;
	int ret, err;

	snprintf(text, sizeof(text), "%d", n);
	if (pwrite(nth, text, strlen(text), 0) < 0)
		return -1;
	ret = load(ko);
	err = errno;
	memset(text, 0, sizeof(text));
	reached = pread(nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
	if (pwrite(nth, "0", 1, 0) < 0)
		return -1;
	tried++;
	if (n > top)
		top = n;
	errno = err;
	/* the kernel's proto_register() calls it ENOBUFS */
	if (ret && err != ENOMEM && err != ENOBUFS)
		return -1;
	if (ret)
		refused++;
	else if (reached)
		spared++;
	if (!ret && unload())
		return -1;
	left = left_behind();
	if (left) {
		printf("# left behind: %s\n", left);
		return -1;
	}
	return reached;
}

/* Every STRIDE-th allocation from @n on; 0 or 1. */
static int one_pass(int ko, int nth, int n, time_t end)
{
	int clean = 0, ret;

	for (; n < MAX_N && clean < CLEAN && time(NULL) < end; n += STRIDE) {
		ret = one(ko, nth, n);
		if (ret < 0)
			return fail_not_ok("load", n);
		clean = ret ? 0 : clean + 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int last = argc > 2 ? atoi(argv[2]) : STRIDE - 1;
	const char *file = getenv("PKTPATH_KO");
	int ko, nth, pass;
	time_t end;

	puts("KTAP version 1\n1..1");
	ko = open(file ? file : "pktpath.ko", O_RDONLY | O_CLOEXEC);
	if (ko < 0)
		return fail_not_ok("open of the module", 0);
	nth = open("/proc/self/fail-nth", O_RDWR);
	if (nth < 0 || filter(MODULES_START, MODULES_END))
		return fail_skip("no filtered fault injection in this kernel");
	set("failslab", "ignore-gfp-wait", "N");
	set("fail_page_alloc", "ignore-gfp-wait", "N");
	set("fail_page_alloc", "min-order", "0");
	write_file("/proc/sys/kernel/printk", "6");
	if (!access("/sys/module/pktpath", F_OK) && unload())
		return fail_not_ok("unload before", 0);
	end = time(NULL) + (argc > 2 ? 86400 : 90);
	pass = argc > 2 ? atoi(argv[1]) : 0;
	for (; pass <= last && time(NULL) < end; pass++)
		if (one_pass(ko, nth, pass + 1, end))
			return 1;
	filter("0", "0xffffffffffffffff");
	if (load(ko))
		return fail_not_ok("load at the end", 0);
	printf("# %d tried up to %d, %d refused, %d done without, up to pass %d of %d\n",
	       tried, top, refused, spared, pass, STRIDE);
	if (!refused)
		return fail_not_ok("no failure was ever reached", 0);
	puts("ok 1 " FAIL_TEST);
	return 0;
}
