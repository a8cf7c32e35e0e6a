/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failing memory on purpose, one allocation at a time; debug kernels only.
 *
 * Only allocations below the module's own functions count, told by the
 * addresses on the stack. They are failed in three ways: the n-th of the task
 * (copies from and to the user are among them), the one that passes n bytes of
 * the slab, the n-th page, the last two in packets' processing too.
 */
#ifndef PKTPATH_SELFTESTS_FAULT_H
#define PKTPATH_SELFTESTS_FAULT_H

#include <stdbool.h>

/**
 * struct fault_mode - a way to fail
 * @name: shown
 * @kind: directory below /sys/kernel/debug, NULL: fail-nth of the task
 * @step: between one n and the next
 * @max: the largest n
 */
struct fault_mode {
	const char *name, *kind;
	long step, max;
};

extern const struct fault_mode fault_task, fault_slab, fault_page;

/* For the calling thread; -1 when the kernel cannot. */
int fault_ready(void);
/* A file of a kind, 0 or -1. */
int fault_set(const char *kind, const char *what, const char *value);
int fault_set_n(const char *kind, const char *what, long value);

int fault_arm(const struct fault_mode *m, long n);
/* Has the allocation that is to fail been made? */
bool fault_hit(const struct fault_mode *m);
/* Ends it; likewise. */
bool fault_disarm(const struct fault_mode *m);

/**
 * struct fault_script - what is done again and again with one failure each
 * @run: with the failure armed; 0, or -1 for something wrong: see @at
 * @clean: after that and without; is nothing left? NULL: not looked at
 * @arg: of both
 */
struct fault_script {
	int (*run)(void *arg);
	bool (*clean)(void *arg);
	void *arg;
};

/* What the script is at, and how many calls said that they failed. */
extern const char *fault_at;
extern int fault_told;

/* Want of memory, or a copy from or to the user that failed? */
bool fault_may(void);

/* What the command line says of the time for a sweep; 0: nothing. */
extern int fault_seconds;

/*
 * Every n in turn, passes of widely spaced ones first, until the failure comes
 * no more and @seconds (fault_seconds, unless 0) allow; the number of failures,
 * or -1 with a comment printed. 0 is suspicious.
 */
int fault_sweep(const struct fault_mode *m, const struct fault_script *s,
		int seconds);

#endif
