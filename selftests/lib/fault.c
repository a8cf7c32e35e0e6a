// SPDX-License-Identifier: GPL-2.0
/* Failing memory on purpose; see fault.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "fault.h"

#define DEBUG "/sys/kernel/debug/"
/* Where the kernel puts modules; nothing else of it lies there. */
#define MODULES_START "0xffffffffa0000000"
#define MODULES_END "0xffffffffff000000"

#define CLEAN	3	/* in a row without a failure: that was all */
#define STRIDE	7

const struct fault_mode fault_task = { "task", NULL, 1, 2000 };
const struct fault_mode fault_slab = { "slab", "failslab", 96, 2000000 };
const struct fault_mode fault_page = { "page", "fail_page_alloc", 1, 2000 };

const char *fault_at = "";
int fault_told;
int fault_seconds;
static int nth_fd = -1;

int fault_set(const char *kind, const char *what, const char *value)
{
	char path[96];
	int fd, ret;

	snprintf(path, sizeof(path), DEBUG "%s/%s", kind, what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = write(fd, value, strlen(value)) < 0 ? -1 : 0;
	close(fd);
	return ret;
}

int fault_set_n(const char *kind, const char *what, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	return fault_set(kind, what, text);
}

static long get_n(const char *kind, const char *what)
{
	char path[96];
	long v = -1;
	FILE *f;

	snprintf(path, sizeof(path), DEBUG "%s/%s", kind, what);
	f = fopen(path, "r");
	if (f && fscanf(f, "%ld", &v) != 1)
		v = -1;
	if (f)
		fclose(f);
	return v;
}

/* All kinds count on the task's one counter, so all get the filter. */
static int filters(void)
{
	static const char * const kinds[] = {
		"failslab", "fail_page_alloc", "fail_usercopy",
		"fail_function", "fail_skb_realloc", "fail_mempool_alloc",
		"fail_mempool_alloc_bulk",
	};
	const char *loud = getenv("PKTPATH_FAIL_VERBOSE");
	int n = 0;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (fault_set(kinds[i], "require-start", MODULES_START) ||
		    fault_set(kinds[i], "require-end", MODULES_END))
			continue;
		fault_set(kinds[i], "stacktrace-depth", "32");
		fault_set(kinds[i], "verbose", loud ? loud : "0");
		fault_set(kinds[i], "probability", "0");
		n++;
	}
	fault_set("failslab", "ignore-gfp-wait", "N");
	fault_set("fail_page_alloc", "ignore-gfp-wait", "N");
	fault_set("fail_page_alloc", "ignore-gfp-highmem", "N");
	fault_set("fail_page_alloc", "min-order", "0");
	return n ? 0 : -1;
}

int fault_ready(void)
{
	if (nth_fd >= 0)
		close(nth_fd);
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return nth_fd < 0 || filters() ? -1 : 0;
}

int fault_arm(const struct fault_mode *m, long n)
{
	char text[32];

	if (!m->kind) {
		snprintf(text, sizeof(text), "%ld", n);
		return pwrite(nth_fd, text, strlen(text), 0) < 0 ? -1 : 0;
	}
	return fault_set_n(m->kind, "space", n) ||
	       fault_set_n(m->kind, "interval", 1) ||
	       fault_set_n(m->kind, "times", 1) ||
	       fault_set_n(m->kind, "probability", 100) ? -1 : 0;
}

bool fault_hit(const struct fault_mode *m)
{
	char text[32] = "";

	if (m->kind)
		return !get_n(m->kind, "times");
	return pread(nth_fd, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
}

bool fault_disarm(const struct fault_mode *m)
{
	bool hit;

	if (m->kind) {
		fault_set(m->kind, "probability", "0");
		return fault_hit(m);
	}
	hit = fault_hit(m);
	return pwrite(nth_fd, "0", 1, 0) > 0 && hit;
}

bool fault_may(void)
{
	return errno == ENOMEM || errno == ENOBUFS || errno == EFAULT;
}

/* Did it come to the failure? -1: and to something wrong. */
static int one(const struct fault_mode *m, const struct fault_script *s,
	       long n)
{
	int ret, err;
	bool hit;

	if (fault_arm(m, n))
		return -1;
	fault_at = "";
	ret = s->run(s->arg);
	err = errno;
	hit = fault_disarm(m);
	if (ret) {
		printf("# %s %ld: %s: %s\n", m->name, n, fault_at,
		       strerror(err));
		return -1;
	}
	if (s->clean && !s->clean(s->arg)) {
		printf("# %s %ld: left: %s\n", m->name, n, fault_at);
		return -1;
	}
	return hit;
}

int fault_sweep(const struct fault_mode *m, const struct fault_script *s,
		int seconds)
{
	time_t end = time(NULL) + (fault_seconds ? fault_seconds : seconds);
	int pass, clean, ret, tried = 0, hit = 0;
	long n;

	fault_told = 0;
	for (pass = 0; pass < STRIDE; pass++) {
		clean = 0;
		for (n = 1 + pass * m->step; n < m->max && clean < CLEAN;
		     n += STRIDE * m->step) {
			if (pass && time(NULL) >= end)
				goto out;
			ret = one(m, s, n);
			if (ret < 0)
				return -1;
			tried++;
			hit += ret;
			clean = ret ? 0 : clean + 1;
		}
	}
out:
	printf("# %s: %d tried, %d failed, %d told a call, %d passes of %d\n",
	       m->name, tried, hit, fault_told, pass, STRIDE);
	return hit;
}
