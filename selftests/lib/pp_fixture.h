/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of a test program that runs on both stacks: TEST_F(stacks, NAME)
 * finds struct pp_pair in self->p. Include it once, after the system's headers.
 */
#ifndef PKTPATH_SELFTESTS_LIB_PP_FIXTURE_H
#define PKTPATH_SELFTESTS_LIB_PP_FIXTURE_H

#include "kselftest_harness.h"
#include "pp_test.h"

FIXTURE(stacks) {
	struct pp_pair p;
};

FIXTURE_VARIANT(stacks) {
	bool inet;
};

FIXTURE_VARIANT_ADD(stacks, inet) {
	.inet = true,
};

FIXTURE_VARIANT_ADD(stacks, pktpath) {
	.inet = false,
};

FIXTURE_SETUP(stacks)
{
	ASSERT_EQ(0, pp_pair_setup(&self->p, variant->inet));
}

FIXTURE_TEARDOWN(stacks)
{
	EXPECT_EQ(0, pp_pair_teardown(&self->p));
}

#endif
