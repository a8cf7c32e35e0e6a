/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scripts of calls of which one allocation fails: the call says so, and works
 * when it is made again, because it has left nothing behind.
 */
#ifndef PKTPATH_FAIL_CALLS_H
#define PKTPATH_FAIL_CALLS_H

#include "pp_test.h"
#include "fault.h"

static struct pp_pair *pair;
static const struct fault_mode *mode = &fault_task;
static int fds[32];
static unsigned int nfds;

/* A call has failed: by the failure that is armed? */
static inline bool again(void)
{
	int err = errno;
	bool yes = fault_may() && fault_hit(mode);

	fault_told += yes;
	errno = err;
	return yes;
}

/* A call that may fail once. */
#define TRY(call)							\
	({								\
		int tries_ = 2;						\
		long r_;						\
									\
		fault_at = #call;					\
		do {							\
			r_ = (call);					\
		} while (r_ < 0 && --tries_ && again());		\
		r_;							\
	})
#define OK(call) (TRY(call) >= 0)

/* @hits of a script: how many calls failed, 0: none could be made to. */
static inline void judge(struct __test_metadata *_metadata, int hits)
{
	ASSERT_LE(0, hits);
	if (!hits)
		SKIP(return, "passed; no filtered fault injection");
}

/* Closed at the end of the script. */
static inline int keep(int fd)
{
	if (fd >= 0)
		fds[nfds++] = fd;
	return fd;
}

static inline void close_all(void)
{
	int err = errno;

	while (nfds)
		close(fds[--nfds]);
	errno = err;
}

/* Sum of all counters in the line "Drop:", of what netns A threw away. */
static inline long drops(void)
{
	static char line[16384];
	FILE *f = fopen("/proc/thread-self/net/pktpath/netstat", "r");
	char *save, *w;
	long sum = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Drop: ", 6))
			continue;
		strtok_r(line, "\n ", &save);
		while ((w = strtok_r(NULL, "\n ", &save)))
			sum += atol(w);
	}
	if (f)
		fclose(f);
	return sum;
}

/* Lines of a file below /proc/thread-self/net that have @text. */
static inline int lines_with(const char *file, const char *text)
{
	char path[128], line[512];
	int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%s", file);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		n += !!strstr(line, text);
	if (f)
		fclose(f);
	return n;
}

#endif
