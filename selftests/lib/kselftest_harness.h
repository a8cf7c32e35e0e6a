/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's harness, found by its directory, with time for tests on a debug
 * kernel in an emulated machine.
 */
#ifndef PKTPATH_KSELFTEST_HARNESS_H
#define PKTPATH_KSELFTEST_HARNESS_H

#include <../selftests/kselftest_harness.h>

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 200

#endif
