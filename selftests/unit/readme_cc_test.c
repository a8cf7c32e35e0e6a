// SPDX-License-Identifier: GPL-2.0
/* The congestion control of the README does what its comment says. */
#include <linux/types.h>
#include "readme_cc_ops.c"
#include "kselftest_harness.h"

/* Round trips of an acknowledgment for each segment. */
static void rounds(struct pktpath_cc *c, int n)
{
	__u32 left;

	while (n-- > 0)
		for (left = c->cwnd; left; left--)
			my_ops.cong_avoid(c, 1);
}

TEST(slow_start_doubles_up_to_ssthresh)
{
	struct pktpath_cc c = {
		.cwnd = 10, .ssthresh = 40, .cwnd_clamp = ~0u,
		.cwnd_limited = 1,
	};

	rounds(&c, 1);
	EXPECT_EQ(20, c.cwnd);
	rounds(&c, 1);
	EXPECT_EQ(40, c.cwnd);
	rounds(&c, 1);
	EXPECT_EQ(41, c.cwnd);
}

TEST(it_grows_again_after_a_loss)
{
	struct pktpath_cc c = {
		.cwnd = 40, .ssthresh = 40, .cwnd_clamp = 25,
		.cwnd_limited = 1,
	};

	c.ssthresh = my_ops.ssthresh(&c);
	EXPECT_EQ(20, c.ssthresh);
	c.cwnd = c.ssthresh;
	rounds(&c, 4);
	EXPECT_EQ(24, c.cwnd);
	rounds(&c, 4);
	EXPECT_EQ(c.cwnd_clamp, c.cwnd);
}

TEST(a_window_that_is_not_used_does_not_grow)
{
	struct pktpath_cc c = {
		.cwnd = 10, .ssthresh = 40, .cwnd_clamp = ~0u,
	};

	rounds(&c, 5);
	EXPECT_EQ(10, c.cwnd);
}

TEST_HARNESS_MAIN
