// SPDX-License-Identifier: GPL-2.0
/* Output to neighbours: RFC 826, 1122 §2.3.2; rows ARP-2, 3, 4, 9. */
#include <errno.h>
#include "arp.h"
#include "kselftest_harness.h"

FIXTURE(resolve) {
	struct pair p;
	int udp;
};

FIXTURE_SETUP(resolve)
{
	/* Probes of our own address would be mistaken for requests. */
	ASSERT_EQ(0, pair_up(&self->p,
			     "sysctl -qw net.pktpath.neigh.pa.acd=0"));
	self->udp = udp_in_a(&self->p);
	ASSERT_GE(self->udp, 0);
	frame_flush(&self->p);
}

FIXTURE_TEARDOWN(resolve)
{
	close(self->udp);
	EXPECT_EQ(0, pair_down(&self->p));
}

ARP_TEST(resolve, request_has_the_form_of_rfc826)
{
	struct arp_frame f;

	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	ASSERT_EQ(1, arp_next(&self->p, &f, 30000));
	EXPECT_EQ(0, memcmp(f.dst, arp_bcast, 6));
	EXPECT_EQ(htons(1), f.htype);
	EXPECT_EQ(htons(ETH_P_IP), f.ptype);
	EXPECT_EQ(6, f.hln);
	EXPECT_EQ(4, f.pln);
	EXPECT_EQ(htons(ARP_REQ), f.op);
	EXPECT_EQ(0, memcmp(f.sha, self->p.mac_a, 6));
	EXPECT_EQ(ip_of(PAIR_A), f.spa);
	EXPECT_EQ(0, memcmp(f.tha, arp_zero, 6));
	EXPECT_EQ(ip_of(PAIR_B), f.tpa);
}

ARP_TEST(resolve, reply_releases_the_packet_to_the_link_address)
{
	uint8_t buf[256];
	struct arp_frame f;

	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	ASSERT_EQ(1, arp_next(&self->p, &f, 30000));
	ASSERT_EQ(0, arp_answer(&self->p, mac_1, PAIR_B));
	ASSERT_LT(0, ip_next(&self->p, buf, sizeof(buf), 30000));
	EXPECT_EQ(0, memcmp(buf, mac_1, 6));
	EXPECT_EQ(0, memcmp(buf + 6, self->p.mac_a, 6));
	EXPECT_STREQ("REACHABLE", neigh_state(&self->p, PAIR_B, NULL));

	/* From now on the header is cached: no further request. */
	frame_flush(&self->p);
	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	ASSERT_LT(0, ip_next(&self->p, buf, sizeof(buf), 30000));
	EXPECT_EQ(0, memcmp(buf, mac_1, 6));
	EXPECT_EQ(0, arp_next(&self->p, &f, 300));
}

ARP_TEST(resolve, ARP_3_one_request_a_second_and_packets_kept)
{
	struct arp_frame f;
	uint8_t buf[256];
	int64_t begin;
	int i, n = 0;

	/* so that there is time for the answer */
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.mcast_solicit", "20"));
	begin = now_ms();
	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	/* that we are late to see one says nothing of the next */
	while (n < 3 && arp_next(&self->p, &f, 30000)) {
		EXPECT_LE(n * 900, now_ms() - begin);
		n++;
		ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	}
	EXPECT_EQ(3, n);
	ASSERT_EQ(0, arp_answer(&self->p, mac_1, PAIR_B));
	for (n = 0; n < 8 && ip_next(&self->p, buf, sizeof(buf), 30000); n++)
		;
	EXPECT_EQ(8, n);
}

ARP_TEST(resolve, ARP_4_unreachable_after_three_tries)
{
	struct sockaddr_in sin = sin_of(PAIR_B, 7777);
	struct pollfd pfd = { .fd = self->udp };
	struct arp_frame f;
	int one = 1, err = 0, n = 0;
	socklen_t len = sizeof(err);

	ASSERT_EQ(0, setsockopt(self->udp, IPPROTO_IP, IP_RECVERR, &one,
				sizeof(one)));
	ASSERT_EQ(0, connect(self->udp, (void *)&sin, sizeof(sin)));
	ASSERT_EQ(1, send(self->udp, "x", 1, 0));
	while (n < 3 && arp_next(&self->p, &f, 30000))
		n++;
	EXPECT_EQ(3, n);
	ASSERT_EQ(1, poll(&pfd, 1, 30000));
	ASSERT_EQ(0, getsockopt(self->udp, SOL_SOCKET, SO_ERROR, &err, &len));
	EXPECT_EQ(EHOSTUNREACH, err);
	EXPECT_STREQ("FAILED", neigh_state(&self->p, PAIR_B, NULL));
	EXPECT_EQ(1, pair_stat(&self->p, "PpNeighFailed"));
	EXPECT_EQ(0, arp_next(&self->p, &f, 1500));
}

ARP_TEST(resolve, ARP_9_groups_and_broadcasts_are_mapped)
{
	static const uint8_t group[6] = { 1, 0, 0x5e, 1, 2, 3 };
	struct sockaddr_in sin = sin_of(PAIR_A, 0);
	struct arp_frame f;
	uint8_t buf[256];
	int one = 1;

	/* Bound: so the device for groups is known without a route. */
	ASSERT_EQ(0, bind(self->udp, (void *)&sin, sizeof(sin)));
	ASSERT_EQ(0, setsockopt(self->udp, SOL_SOCKET, SO_BROADCAST, &one,
				sizeof(one)));
	ASSERT_EQ(0, udp_send(self->udp, "10.77.0.255", 10));
	ASSERT_LT(0, ip_next(&self->p, buf, sizeof(buf), 30000));
	EXPECT_EQ(0, memcmp(buf, arp_bcast, 6));

	/* 23 bits of the group are in the link address. */
	ASSERT_EQ(0, udp_send(self->udp, "224.129.2.3", 10));
	ASSERT_LT(0, ip_next(&self->p, buf, sizeof(buf), 30000));
	EXPECT_EQ(0, memcmp(buf, group, 6));
	EXPECT_EQ(0, arp_next(&self->p, &f, 300));
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(resolve, ARP_2_old_entry_is_asked_for_by_unicast)
{
	struct arp_frame f;
	int n = 0;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.base_reachable_time_ms",
				 "1000"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.delay_first_probe_time",
				 "5"));
	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	ASSERT_TRUE(neigh_await(&self->p, PAIR_B, "STALE", 30000));
	frame_flush(&self->p);
	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	EXPECT_STREQ("DELAY", neigh_state(&self->p, PAIR_B, NULL));
	ASSERT_EQ(1, arp_next(&self->p, &f, 30000));
	EXPECT_EQ(0, memcmp(f.dst, mac_1, 6));
	ASSERT_EQ(0, arp_answer(&self->p, mac_1, PAIR_B));
	/* It is so for a second, which a slow machine may not see. */
	EXPECT_TRUE(neigh_known(&self->p, PAIR_B));

	/* Nobody answers any more: three more, then it has failed. */
	ASSERT_TRUE(neigh_await(&self->p, PAIR_B, "STALE", 30000));
	frame_flush(&self->p);
	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	while (n < 3 && arp_next(&self->p, &f, 30000)) {
		EXPECT_EQ(0, memcmp(f.dst, mac_1, 6));
		n++;
	}
	EXPECT_EQ(3, n);
	EXPECT_TRUE(neigh_await(&self->p, PAIR_B, "FAILED", 30000));
	EXPECT_EQ(0, arp_next(&self->p, &f, 1500));
}

ARP_TEST(resolve, own_new_link_address_is_in_the_next_header)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0xaa, 1 };
	uint8_t buf[256];

	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	ASSERT_EQ(0, sh("ip -n %s link set pa address 02:00:00:00:aa:01",
			self->p.a));
	frame_flush(&self->p);
	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	ASSERT_LT(0, ip_next(&self->p, buf, sizeof(buf), 30000));
	EXPECT_EQ(0, memcmp(buf + 6, mac, 6));
}

ARP_TEST(resolve, permanent_entry_needs_no_request_and_is_not_changed)
{
	struct arp_frame f;
	uint8_t buf[256];
	char ll[18];

	ASSERT_EQ(0, pp_tool(&self->p,
			     "neigh add %s lladdr 02:00:00:00:00:02 dev pa nud permanent",
			     PAIR_B));
	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	ASSERT_LT(0, ip_next(&self->p, buf, sizeof(buf), 30000));
	EXPECT_EQ(0, memcmp(buf, mac_2, 6));
	ASSERT_EQ(0, arp_answer(&self->p, mac_1, PAIR_B));
	EXPECT_EQ(0, arp_next(&self->p, &f, 300));
	EXPECT_STREQ("PERMANENT", neigh_state(&self->p, PAIR_B, ll));
	EXPECT_STREQ("02:00:00:00:00:02", ll);
	/* A plain flush leaves it. */
	ASSERT_EQ(0, pp_tool(&self->p, "neigh flush dev pa"));
	EXPECT_EQ(1, neigh_count(&self->p));
	ASSERT_EQ(0, pp_tool(&self->p, "neigh del %s dev pa", PAIR_B));
	EXPECT_EQ(0, neigh_count(&self->p));
	EXPECT_NE(0, pp_tool(&self->p, "neigh del %s dev pa 2>/dev/null",
			     PAIR_B));
}

ARP_TEST(resolve, link_down_forgets_and_up_asks_again)
{
	struct arp_frame f;

	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	ASSERT_EQ(0, sh("ip -n %s link set pa down", self->p.a));
	EXPECT_EQ(0, neigh_count(&self->p));
	ASSERT_EQ(0, sh("ip -n %s link set pa up", self->p.a));
	frame_flush(&self->p);
	ASSERT_EQ(0, udp_send(self->udp, PAIR_B, 10));
	EXPECT_EQ(1, arp_next(&self->p, &f, 30000));
}

TEST_HARNESS_MAIN
