// SPDX-License-Identifier: GPL-2.0
/*
 * ARP from the wire: RFC 826, RFC 5227 §2.1.1; rows ARP-1, 5, 8 and attacks
 * A1, A16, G5.
 */
#include "arp.h"
#include "kselftest_harness.h"

FIXTURE(input) {
	struct pair p;
	int udp;
};

FIXTURE_SETUP(input)
{
	ASSERT_EQ(0, pair_up(&self->p,
			     "sysctl -qw net.pktpath.neigh.pa.acd=0"));
	self->udp = udp_in_a(&self->p);
	ASSERT_GE(self->udp, 0);
	frame_flush(&self->p);
}

FIXTURE_TEARDOWN(input)
{
	close(self->udp);
	EXPECT_EQ(0, pair_down(&self->p));
}

/* A still answers a plain question: the frames before have been processed. */
static bool alive(const struct pair *p)
{
	struct arp_frame f;

	frame_flush(p);
	if (arp_ask(p, mac_2, "0.0.0.0", PAIR_A))
		return false;
	/* requests of its own may come in between */
	while (arp_next(p, &f, 30000))
		if (f.op == htons(ARP_REP))
			return !memcmp(f.dst, mac_2, 6);
	return false;
}

ARP_TEST(input, ARP_1_request_for_us_is_answered_and_noted)
{
	struct arp_frame f;
	char ll[18];

	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "10.77.0.9", PAIR_A));
	ASSERT_EQ(1, arp_next(&self->p, &f, 30000));
	EXPECT_EQ(htons(ARP_REP), f.op);
	EXPECT_EQ(0, memcmp(f.dst, mac_1, 6));
	EXPECT_EQ(0, memcmp(f.sha, self->p.mac_a, 6));
	EXPECT_EQ(ip_of(PAIR_A), f.spa);
	EXPECT_EQ(0, memcmp(f.tha, mac_1, 6));
	EXPECT_EQ(ip_of("10.77.0.9"), f.tpa);
	EXPECT_STREQ("STALE", neigh_state(&self->p, "10.77.0.9", ll));
	EXPECT_STREQ("02:00:00:00:00:01", ll);
}

ARP_TEST(input, ARP_1_request_for_others_leaves_no_trace)
{
	struct arp_frame f;

	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "10.77.0.9", "10.77.0.8"));
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(input, ARP_1_known_sender_is_updated_whoever_is_asked)
{
	char ll[18];

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.locktime", "0"));
	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	usleep(50000);
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, PAIR_B, "10.77.0.8"));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_STREQ("STALE", neigh_state(&self->p, PAIR_B, ll));
	EXPECT_STREQ("02:00:00:00:00:02", ll);
}

/* A table of the arp family; one at a time. */
static int arp_rule(const struct pair *p, const char *hook, const char *rule)
{
	static const char chain[] = "type filter hook %s priority 0; %s;";
	char text[200];

	snprintf(text, sizeof(text), chain, hook, rule);
	return sh("ip netns exec %s nft 'table arp t { chain c { %s }; }'",
		  p->a, text);
}

ARP_TEST(input, rules_of_the_arp_family_apply)
{
	struct arp_frame f;

	if (arp_rule(&self->p, "input", "arp saddr ip 10.77.0.9 drop"))
		SKIP(return, "no nft rules for arp");
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "10.77.0.9", PAIR_A));
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
	EXPECT_STREQ("", neigh_state(&self->p, "10.77.0.9", NULL));
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "10.77.0.8", PAIR_A));
	EXPECT_EQ(1, arp_next(&self->p, &f, 30000));
	ASSERT_EQ(0, sh("ip netns exec %s nft delete table arp t",
			self->p.a));
	ASSERT_EQ(0, arp_rule(&self->p, "output",
			      "arp operation reply drop"));
	frame_flush(&self->p);
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "10.77.0.9", PAIR_A));
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
	/* requests still go out */
	ASSERT_EQ(0, udp_send(self->udp, "10.77.0.20", 1));
	ASSERT_EQ(1, arp_next(&self->p, &f, 30000));
	EXPECT_EQ(htons(ARP_REQ), f.op);
	ASSERT_EQ(0, sh("ip netns exec %s nft delete table arp t",
			self->p.a));
	EXPECT_TRUE(alive(&self->p));
}

ARP_TEST(input, ARP_8_reply_is_never_answered)
{
	struct arp_frame f;

	ASSERT_EQ(0, arp_answer(&self->p, mac_1, "10.77.0.9"));
	ASSERT_EQ(0, arp_put(&self->p, ARP_REP, arp_bcast, mac_1, "10.77.0.9",
			     arp_bcast, "10.77.0.9"));
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
}

ARP_TEST(input, ARP_5_probe_is_answered_and_cache_untouched)
{
	struct arp_frame f;

	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "0.0.0.0", PAIR_A));
	ASSERT_EQ(1, arp_next(&self->p, &f, 30000));
	EXPECT_EQ(htons(ARP_REP), f.op);
	EXPECT_EQ(0, memcmp(f.dst, mac_1, 6));
	EXPECT_EQ(ip_of(PAIR_A), f.spa);
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(input, sender_off_the_subnet_is_answered_but_not_noted)
{
	struct arp_frame f;

	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "192.0.2.9", PAIR_A));
	ASSERT_EQ(1, arp_next(&self->p, &f, 30000));
	EXPECT_EQ(ip_of("192.0.2.9"), f.tpa);
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(input, ARP_8_A16_bad_fields_get_no_answer_and_no_entry)
{
	static const struct {
		size_t off;
		uint8_t byte;
	} bad[] = {
		{ 15, 2 }, { 14, 1 },		/* hardware type */
		{ 16, 9 }, { 17, 6 },		/* protocol type */
		{ 18, 5 }, { 18, 7 }, { 18, 0 }, { 18, 255 },
		{ 19, 3 }, { 19, 5 }, { 19, 16 }, { 19, 255 },
		{ 21, 0 }, { 21, 3 }, { 21, 9 }, { 20, 1 },
		{ 22, 1 },			/* group as sender */
	};
	struct arp_frame f;
	unsigned long was, is;
	uint8_t *raw = (uint8_t *)&f;
	size_t i;

	was = pair_stat(&self->p, "PpArpInErrors");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		arp_fill(&f, ARP_REQ, arp_bcast, mac_1, ip_of("10.77.0.9"),
			 arp_zero, ip_of(PAIR_A));
		raw[bad[i].off] = bad[i].byte;
		ASSERT_EQ(0, frame_send(&self->p, &f, sizeof(f)));
	}
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_EQ(0, neigh_count(&self->p));
	is = pair_stat(&self->p, "PpArpInErrors");
	EXPECT_EQ(i, is - was);
}

ARP_TEST(input, A16_martian_addresses_get_no_answer_and_no_entry)
{
	static const char *const bad[] = {
		"224.0.0.1", "239.255.255.255", "127.0.0.1", "127.255.0.1",
		"255.255.255.255", "10.77.0.255", "0.0.0.1", "0.255.0.1",
	};
	struct arp_frame f;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ASSERT_EQ(0, arp_ask(&self->p, mac_1, bad[i], PAIR_A));
		ASSERT_EQ(0, arp_ask(&self->p, mac_1, "10.77.0.9", bad[i]));
	}
	ASSERT_EQ(0, arp_ask(&self->p, arp_zero, "10.77.0.9", PAIR_A));
	ASSERT_EQ(0, arp_ask(&self->p, arp_bcast, "10.77.0.9", PAIR_A));
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(input, A1_truncated_at_every_length)
{
	struct arp_frame f;
	size_t len;

	arp_fill(&f, ARP_REQ, arp_bcast, mac_1, ip_of("10.77.0.9"), arp_zero,
		 ip_of(PAIR_A));
	for (len = 14; len < ARP_FRAME_LEN; len++)
		ASSERT_EQ(0, frame_send(&self->p, &f, len));
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_EQ(0, neigh_count(&self->p));
	EXPECT_LE(27, pair_stat(&self->p, "PpArpInErrors"));
}

ARP_TEST(input, G5_unsolicited_replies_make_no_entry)
{
	char addr[32];
	int i;

	for (i = 0; i < 10000; i++) {
		snprintf(addr, sizeof(addr), "10.77.0.%d", 2 + i % 250);
		ASSERT_EQ(0, arp_answer(&self->p, mac_1, addr));
	}
	EXPECT_TRUE(alive(&self->p));
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(input, G5_changed_address_waits_for_locktime)
{
	char ll[18];
	int64_t end;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.base_reachable_time_ms",
				 "1000000"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.locktime", "60000"));
	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	ASSERT_EQ(0, arp_answer(&self->p, mac_2, PAIR_B));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_STREQ("REACHABLE", neigh_state(&self->p, PAIR_B, ll));
	EXPECT_STREQ("02:00:00:00:00:01", ll);

	/* Later it is taken, as hearsay. */
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.locktime", "300"));
	end = now_ms() + 30000;
	do {
		ASSERT_EQ(0, arp_answer(&self->p, mac_2, PAIR_B));
		usleep(100000);
		neigh_state(&self->p, PAIR_B, ll);
	} while (strcmp(ll, "02:00:00:00:00:02") && now_ms() < end);
	EXPECT_STREQ("02:00:00:00:00:02", ll);
	EXPECT_STREQ("STALE", neigh_state(&self->p, PAIR_B, NULL));
}

/* RFC 5227 §3: who takes an address over says so, and is believed at once. */
ARP_TEST(input, announcement_does_not_wait_for_locktime)
{
	char ll[18];

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.base_reachable_time_ms",
				 "1000000"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.locktime", "60000"));
	ASSERT_TRUE(neigh_learn(&self->p, self->udp, PAIR_B, mac_1));
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, PAIR_B, PAIR_B));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_STREQ("STALE", neigh_state(&self->p, PAIR_B, ll));
	EXPECT_STREQ("02:00:00:00:00:02", ll);
	/* as a reply it names itself as target too */
	ASSERT_EQ(0, arp_put(&self->p, ARP_REP, arp_bcast, mac_1, PAIR_B,
			     mac_1, PAIR_B));
	EXPECT_TRUE(alive(&self->p));
	neigh_state(&self->p, PAIR_B, ll);
	EXPECT_STREQ("02:00:00:00:00:01", ll);
	ASSERT_EQ(0, arp_put(&self->p, ARP_REP, arp_bcast, mac_2, PAIR_B,
			     arp_zero, PAIR_B));
	EXPECT_TRUE(alive(&self->p));
	neigh_state(&self->p, PAIR_B, ll);
	EXPECT_STREQ("02:00:00:00:00:01", ll);
}

ARP_TEST(input, own_address_as_sender_is_not_noted)
{
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, PAIR_A, PAIR_A));
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, PAIR_A, PAIR_B));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_EQ(0, neigh_count(&self->p));
	EXPECT_EQ(2, pair_stat(&self->p, "PpArpConflicts"));
}

ARP_TEST(input, other_unicast_destination_is_ignored)
{
	static const uint8_t other[6] = { 2, 0, 0, 0, 0, 0x99 };
	struct arp_frame f;

	/* Seen only because the device listens to everything. */
	ASSERT_EQ(0, sh("ip -n %s link set pa promisc on", self->p.a));
	ASSERT_EQ(0, arp_put(&self->p, ARP_REQ, other, mac_1, "10.77.0.9",
			     arp_zero, PAIR_A));
	EXPECT_EQ(0, arp_next(&self->p, &f, 500));
	EXPECT_EQ(0, neigh_count(&self->p));
}

ARP_TEST(input, arp_accept_notes_a_gratuitous_request)
{
	ASSERT_EQ(0, pair_sysctl(&self->p, "conf.pa.arp_accept", "1"));
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "10.77.0.9", "10.77.0.9"));
	EXPECT_TRUE(neigh_await(&self->p, "10.77.0.9", "STALE", 30000));
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "192.0.2.9", "192.0.2.9"));
	EXPECT_TRUE(alive(&self->p));
	EXPECT_EQ(1, neigh_count(&self->p));
}

TEST_HARNESS_MAIN
