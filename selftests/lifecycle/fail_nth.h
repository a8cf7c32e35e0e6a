/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests by fault injection have in common: one test each, whose
 * name is FAIL_TEST.
 */
#ifndef PKTPATH_FAIL_NTH_H
#define PKTPATH_FAIL_NTH_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static inline int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return ret;
}

static inline int fail_skip(const char *why)
{
	printf("ok 1 " FAIL_TEST " # SKIP %s\n", why);
	return 4;
}

static inline int fail_not_ok(const char *what, int n)
{
	printf("# allocation %d: %s: %s\n", n, what, strerror(errno));
	puts("not ok 1 " FAIL_TEST);
	return 1;
}

#endif
