/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's harness, found by its directory. How long a program may take,
 * selftests/run.sh says; counted clocks run too fast for a limit of a test.
 */
#ifndef PKTPATH_KSELFTEST_HARNESS_H
#define PKTPATH_KSELFTEST_HARNESS_H

#include <../selftests/kselftest_harness.h>

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 9000

#endif
