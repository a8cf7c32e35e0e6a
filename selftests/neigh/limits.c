// SPDX-License-Identifier: GPL-2.0
/* What an attacker can make of the table: nothing that grows. Row G4, ARP-3. */
#include "arp.h"
#include "kselftest_harness.h"

FIXTURE(limits) {
	struct pair p;
	int udp;
};

FIXTURE_SETUP(limits)
{
	ASSERT_EQ(0, pair_up(&self->p,
			     "sysctl -qw net.pktpath.neigh.pa.acd=0"));
	/* Room for as many senders as anybody can invent. */
	ASSERT_EQ(0, pp_tool(&self->p, "addr del %s/24 dev pa", PAIR_A));
	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/8 dev pa", PAIR_A));
	/* Who is reachable stays so, however slow the machine is. */
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.base_reachable_time_ms",
				 "1000000"));
	self->udp = udp_in_a(&self->p);
	ASSERT_GE(self->udp, 0);
	frame_flush(&self->p);
}

FIXTURE_TEARDOWN(limits)
{
	close(self->udp);
	EXPECT_EQ(0, pair_down(&self->p));
}

static const char *host(int i)
{
	static char addr[32];

	snprintf(addr, sizeof(addr), "10.%d.%d.%d", 100 + i / 62500,
		 i / 250 % 250, 1 + i % 250);
	return addr;
}

/* A packet to @addr leaves at once, without a request. */
static bool flows(const struct pair *p, int fd, const char *addr,
		  const uint8_t *mac)
{
	uint8_t buf[256];
	int i;

	frame_flush(p);
	if (udp_send(fd, addr, 1))
		return false;
	for (i = 0; i < 100; i++) {
		if (!ip_next(p, buf, sizeof(buf), 30000))
			return false;
		if (!memcmp(buf, mac, 6))
			return true;
	}
	return false;
}

ARP_TEST(limits, G4_requests_from_everybody_stay_within_the_bound)
{
	struct arp_frame f;
	uint8_t mac[6] = { 2, 9 };
	int i;

	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	ASSERT_EQ(0, pp_tool(&self->p,
			     "neigh add 10.77.0.3 lladdr 02:00:00:00:00:02 dev pa nud permanent"));
	for (i = 0; i < 100000; i++) {
		memcpy(mac + 2, &i, 4);
		arp_fill(&f, ARP_REQ, arp_bcast, mac, ip_of(host(i)), arp_zero,
			 ip_of(PAIR_A));
		frame_send(&self->p, &f, sizeof(f));
		if (!(i % 1000))
			frame_flush(&self->p);
	}
	/* The permanent one is not counted. */
	EXPECT_GE(1025, neigh_count(&self->p));
	EXPECT_LE(100, neigh_count(&self->p));
	EXPECT_STREQ("PERMANENT", neigh_state(&self->p, "10.77.0.3", NULL));
	EXPECT_NE(0, strcmp("", neigh_state(&self->p, PAIR_B, NULL)));
	EXPECT_TRUE(flows(&self->p, self->udp, PAIR_B, mac_1));

	/* Our own output still finds a place. */
	EXPECT_TRUE(neigh_learn(&self->p, self->udp, "10.77.0.4", mac_2));
}

/* It was given up, or its time is over. */
static bool failed_or_gone(const struct pair *p, const char *addr, int ms)
{
	int64_t end = now_ms() + ms;
	const char *state;

	do {
		state = neigh_state(p, addr, NULL);
		if (!*state || !strcmp(state, "FAILED"))
			return true;
		poll(NULL, 0, 50);
	} while (now_ms() < end);
	return false;
}

ARP_TEST(limits, G4_scan_keeps_the_live_peer_and_the_bound)
{
	int i;

	/* Small enough that a slow machine fills it before entries fail. */
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.default.gc_thresh1", "32"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.default.gc_thresh2", "64"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.default.gc_thresh3", "128"));
	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	for (i = 0; i < 3000; i++) {
		udp_send(self->udp, host(i), 1);
		if (!(i % 500))
			EXPECT_TRUE(flows(&self->p, self->udp, PAIR_B, mac_1));
	}
	EXPECT_GE(128, neigh_count(&self->p));
	EXPECT_LT(0, pair_stat(&self->p, "PpNeighTableOverflow"));
	EXPECT_TRUE(flows(&self->p, self->udp, PAIR_B, mac_1));
	/* All of them fail, and make room. */
	EXPECT_TRUE(failed_or_gone(&self->p, host(1), 60000));
	EXPECT_TRUE(neigh_learn(&self->p, self->udp, "10.77.0.4", mac_2));
}

ARP_TEST(limits, ARP_3_queue_is_bounded_and_keeps_the_latest)
{
	uint8_t buf[2048];
	unsigned long drops;
	size_t last = 0;
	int i, n = 0;
	ssize_t len;

	/* so that there is time for the answer */
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.mcast_solicit", "20"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.unres_qlen_bytes",
				 "10000"));
	for (i = 0; i < 60; i++)
		ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 100 + i));
	drops = pair_stat(&self->p, "PpNeighQueueDrops");
	EXPECT_LE(40, drops);
	ASSERT_EQ(0, arp_answer(&self->p, mac_1, PAIR_B));
	while ((len = ip_next(&self->p, buf, sizeof(buf), 1000))) {
		last = len - 42;
		n++;
	}
	EXPECT_EQ(60 - (int)drops, n);
	EXPECT_EQ(159, last);
}

ARP_TEST(limits, ARP_3_one_packet_is_kept_whatever_the_limit)
{
	uint8_t buf[2048];
	int i;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.unres_qlen_bytes", "0"));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 100 + i));
	ASSERT_EQ(0, arp_answer(&self->p, mac_1, PAIR_B));
	EXPECT_EQ(102 + 42, ip_next(&self->p, buf, sizeof(buf), 30000));
	EXPECT_EQ(0, ip_next(&self->p, buf, sizeof(buf), 300));
}

ARP_TEST(limits, smaller_thresholds_are_obeyed)
{
	int i;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.default.gc_thresh1", "4"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.default.gc_thresh2", "8"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.default.gc_thresh3", "16"));
	for (i = 0; i < 200; i++)
		arp_ask(&self->p, mac_1, host(i), PAIR_A);
	EXPECT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	EXPECT_GE(16, neigh_count(&self->p));
}

ARP_TEST(limits, device_goes_while_packets_wait)
{
	int i;

	for (i = 0; i < 500; i++)
		udp_send(self->udp, host(i), 1000);
	ASSERT_EQ(0, sh("ip -n %s link del pa", self->p.a));
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(limits, detach_and_attach_while_packets_wait)
{
	struct arp_frame f;
	int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 200; i++)
			udp_send(self->udp, host(i), 1000);
		ASSERT_EQ(0, pp_tool(&self->p, "dev detach pa"));
		ASSERT_EQ(0, pp_tool(&self->p, "dev attach pa"));
		ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.acd", "0"));
		ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/8 dev pa",
				     PAIR_A));
		EXPECT_EQ(0, neigh_count(&self->p));
	}
	frame_flush(&self->p);
	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 1));
	EXPECT_EQ(1, arp_next(&self->p, &f, 30000));
}

TEST_HARNESS_MAIN
