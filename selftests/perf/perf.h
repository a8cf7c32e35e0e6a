/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs of the benchmark have in common. */
#ifndef PKTPATH_PERF_H
#define PKTPATH_PERF_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

noreturn static inline void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	exit(2);
}

static inline int family_of(const char *name)
{
	FILE *f;
	int v;

	if (!strcmp(name, "inet"))
		return AF_INET;
	f = fopen("/sys/module/pktpath/parameters/family", "r");
	if (!f || fscanf(f, "%d", &v) != 1)
		die("the module is not loaded");
	fclose(f);
	return v;
}

static inline void netns_set(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/var/run/netns/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("netns %s", name);
	close(fd);
}

static inline void fds_allow(unsigned int n)
{
	struct rlimit r = { n + 64, n + 64 };

	if (setrlimit(RLIMIT_NOFILE, &r))
		die("RLIMIT_NOFILE %u", n);
}

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

#endif
