// SPDX-License-Identifier: GPL-2.0
/* Address conflict detection, RFC 5227: rows ARP-6, ARP-7, attack G6. */
#include "arp.h"
#include "kselftest_harness.h"

#define NEW "10.77.0.77"

FIXTURE(acd) {
	struct pair p;
};

FIXTURE_SETUP(acd)
{
	ASSERT_EQ(0, pair_up(&self->p,
			     "sysctl -qw net.pktpath.neigh.pa.acd=0"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.acd", "1"));
	frame_flush(&self->p);
}

FIXTURE_TEARDOWN(acd)
{
	pair_down(&self->p);
}

static bool is_probe(const struct arp_frame *f, const char *addr)
{
	return f->op == htons(ARP_REQ) && !f->spa && f->tpa == ip_of(addr) &&
	       !memcmp(f->dst, arp_bcast, 6) && !memcmp(f->tha, arp_zero, 6);
}

static bool is_announcement(const struct arp_frame *f, const char *addr)
{
	return f->op == htons(ARP_REQ) && f->spa == ip_of(addr) &&
	       f->tpa == ip_of(addr) && !memcmp(f->dst, arp_bcast, 6) &&
	       !memcmp(f->tha, arp_zero, 6);
}

/* The state shown for @addr is @state within @ms. */
static bool acd_await(const struct pair *p, const char *addr,
		      const char *state, int ms)
{
	int64_t end = now_ms() + ms;
	bool last;

	do {
		last = now_ms() >= end;
		if (!sh("%s -n %s addr show | grep -q '%s.* acd %s'",
			pair_tool(), p->a, addr, state))
			return true;
		poll(NULL, 0, 50);
	} while (!last);
	return false;
}

static int count_announcements(const struct pair *p, const char *addr, int ms)
{
	int64_t end = now_ms() + ms;
	struct arp_frame f;
	int n = 0;

	while (arp_next(p, &f, end - now_ms()))
		n += is_announcement(&f, addr);
	return n;
}

ARP_TEST(acd, ARP_6_three_probes_then_two_announcements)
{
	int64_t t[5];
	struct arp_frame f;
	int i;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(1, arp_next(&self->p, &f, 6000));
		t[i] = now_ms();
		EXPECT_TRUE(i < 3 ? is_probe(&f, NEW) :
				    is_announcement(&f, NEW));
	}
	for (i = 1; i < 3; i++) {
		EXPECT_LE(950, t[i] - t[i - 1]);
		EXPECT_GE(3500, t[i] - t[i - 1]);
	}
	EXPECT_LE(1900, t[3] - t[2]);
	EXPECT_LE(1900, t[4] - t[3]);
	EXPECT_EQ(0, arp_next(&self->p, &f, 4000));
	EXPECT_TRUE(acd_await(&self->p, NEW, "unique", 3000));
}

ARP_TEST(acd, ARP_6_owner_found_makes_us_quiet)
{
	struct arp_frame f;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, 6000));
	ASSERT_TRUE(is_probe(&f, NEW));
	ASSERT_EQ(0, arp_put(&self->p, ARP_REP, self->p.mac_a, mac_1, NEW,
			     self->p.mac_a, "0.0.0.0"));
	EXPECT_TRUE(acd_await(&self->p, NEW, "conflict", 3000));
	frame_flush(&self->p);
	/* Neither announced nor answered: it is the other's. */
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, "10.77.0.9", NEW));
	EXPECT_EQ(0, arp_next(&self->p, &f, 6000));
	/* Other addresses are not concerned. */
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, "10.77.0.9", PAIR_A));
	EXPECT_EQ(1, arp_next(&self->p, &f, 3000));
}

ARP_TEST(acd, ARP_6_two_hosts_probing_at_once_is_a_conflict)
{
	struct arp_frame f;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, 6000));
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "0.0.0.0", NEW));
	EXPECT_TRUE(acd_await(&self->p, NEW, "conflict", 3000));
	frame_flush(&self->p);
	EXPECT_EQ(0, arp_next(&self->p, &f, 3000));
}

ARP_TEST(acd, ARP_6_own_probe_come_back_is_no_conflict)
{
	struct arp_frame f;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, 6000));
	ASSERT_EQ(0, frame_send(&self->p, &f, sizeof(f)));
	ASSERT_EQ(1, arp_next(&self->p, &f, 6000));
	EXPECT_TRUE(is_probe(&f, NEW));
	EXPECT_TRUE(acd_await(&self->p, NEW, "probing", 1000));
}

ARP_TEST(acd, ARP_7_G6_defends_once_in_ten_seconds)
{
	int64_t end;
	int n = 0, i;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_TRUE(acd_await(&self->p, NEW, "unique", 60000));
	frame_flush(&self->p);
	end = now_ms() + 12500;
	while (now_ms() < end) {
		for (i = 0; i < 20; i++)
			ASSERT_EQ(0, arp_ask(&self->p, mac_1, NEW, NEW));
		n += count_announcements(&self->p, NEW, 100);
	}
	EXPECT_EQ(2, n);
	EXPECT_TRUE(acd_await(&self->p, NEW, "conflict", 1000));
	EXPECT_EQ(2, pair_stat(&self->p, "PpArpDefends"));
	/* Defended, it is still answered for. */
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, "0.0.0.0", NEW));
	EXPECT_EQ(0, count_announcements(&self->p, NEW, 1000));
	EXPECT_EQ(1, pair_stat(&self->p, "PpArpOutReplies"));
}

ARP_TEST(acd, off_means_no_probe_and_no_announcement)
{
	struct arp_frame f;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.acd", "0"));
	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	EXPECT_EQ(0, arp_next(&self->p, &f, 3000));
	EXPECT_TRUE(acd_await(&self->p, NEW, "none", 1000));
}

ARP_TEST(acd, removal_of_the_address_ends_probing)
{
	struct arp_frame f;
	int i;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, 6000));
	ASSERT_EQ(0, pp_tool(&self->p, "addr del %s/24 dev pa", NEW));
	frame_flush(&self->p);
	EXPECT_EQ(0, arp_next(&self->p, &f, 4000));
	/* Added and removed at any moment. */
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
		ASSERT_EQ(0, pp_tool(&self->p, "addr del %s/24 dev pa", NEW));
	}
	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(0, pp_tool(&self->p, "dev detach pa"));
}

ARP_TEST(acd, link_up_probes_again)
{
	struct arp_frame f;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_TRUE(acd_await(&self->p, NEW, "unique", 60000));
	ASSERT_EQ(0, sh("ip -n %s link set pa down", self->p.a));
	frame_flush(&self->p);
	ASSERT_EQ(0, sh("ip -n %s link set pa up", self->p.a));
	EXPECT_TRUE(acd_await(&self->p, NEW, "probing", 2000));
	ASSERT_EQ(1, arp_next(&self->p, &f, 6000));
	EXPECT_EQ(0, f.spa);
}

TEST_HARNESS_MAIN
