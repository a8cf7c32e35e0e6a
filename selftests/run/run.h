/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For run.c: what it does when "pktpath run" has started it, one function a
 * case. A case returns 0; a CHECK that fails says where and ends the program.
 */
#ifndef PKTPATH_SELFTESTS_RUN_H
#define PKTPATH_SELFTESTS_RUN_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			printf("%s:%d: %s: %s\n", __func__, __LINE__,	\
			       #cond, strerror(errno));			\
			fflush(stdout);					\
			_exit(1);					\
		}							\
	} while (0)

/* The call fails with this errno. */
#define CHECK_ERRNO(err, call) CHECK((call) == -1 && errno == (err))

#endif
