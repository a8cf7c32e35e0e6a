// SPDX-License-Identifier: GPL-2.0
/*
 * Making a network namespace with its n-th allocation failing: it is made or
 * refused cleanly, and the next one works. Every 11th n first, then the ones
 * between for 120 seconds. Debug kernels only.
 *
 *	life_clone [FIRST LAST]		these passes of 0 to 10, to their end
 *
 * Proves: attacks J3 (clone failing), part of J4.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FAIL_TEST "clone_fail_nth"
#include "fail_nth.h"

/* Successes in a row with the failure not reached: all were tried. */
#define CLEAN 3
/* Passes, each over other allocations, as far as the time goes. */
#define STRIDE 11
#define MAX_N 5000

static int tried, refused;

/* Is the failure still to come, so that all allocations have been passed? */
static bool unused(int fd)
{
	char text[32] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return false;
	return atoi(text) > 0;
}

/* Every STRIDE-th allocation from @n on; 0 or 1. */
static int one_pass(int fd, int n, time_t end)
{
	int clean = 0, ret;
	char text[32];
	bool left;

	for (; n < MAX_N && clean < CLEAN && time(NULL) < end; n += STRIDE) {
		snprintf(text, sizeof(text), "%d", n);
		if (pwrite(fd, text, strlen(text), 0) < 0)
			return fail_not_ok("fail-nth", n);
		ret = unshare(CLONE_NEWNET);
		left = unused(fd);
		if (pwrite(fd, "0", 1, 0) < 0)
			return fail_not_ok("fail-nth off", n);
		tried++;
		if (ret) {
			refused++;
			clean = 0;
			continue;
		}
		clean = left ? clean + 1 : 0;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int last = argc > 2 ? atoi(argv[2]) : STRIDE - 1;
	int fd, pass;
	time_t end;

	puts("KTAP version 1\n1..1");
	if (access("/sys/module/pktpath", F_OK))
		return fail_skip("the module is not loaded");
	fd = open("/proc/self/fail-nth", O_RDWR);
	if (fd < 0)
		return fail_skip("no fault injection in this kernel");
	write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/failslab/verbose", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	end = time(NULL) + (argc > 2 ? 86400 : 120);
	pass = argc > 2 ? atoi(argv[1]) : 0;
	for (; pass <= last && time(NULL) < end; pass++) {
		if (one_pass(fd, pass + 1, end))
			return 1;
	}
	if (unshare(CLONE_NEWNET))
		return fail_not_ok("one more at the end", 0);
	printf("# %d allocations tried, %d times refused, up to pass %d of %d\n",
	       tried, refused, pass, STRIDE);
	puts("ok 1 " FAIL_TEST);
	return 0;
}
