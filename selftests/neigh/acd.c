// SPDX-License-Identifier: GPL-2.0
/*
 * Address conflict detection, RFC 5227: rows ARP-6, ARP-7, attack G6. Times are
 * those at which frames came in, not at which a slow machine read them.
 */
#include <fcntl.h>
#include <sched.h>
#include "arp.h"
#include "../ctl/genl.h"
#include "kselftest_harness.h"

#define NEW "10.77.0.77"
#define WAIT 60000	/* for what is sure to come */

static struct genl ask, told;
static struct msg req;

FIXTURE(acd) {
	struct pair p;
};

/* Requests to A's namespace, and what it tells of itself. */
static int listen_to(const struct pair *p)
{
	int self = open("/proc/thread-self/ns/net", O_RDONLY), ret;

	if (self < 0 || setns(p->fd_a, CLONE_NEWNET))
		return -1;
	ret = genl_open(&ask) || genl_open(&told) || genl_join(&told);
	if (setns(self, CLONE_NEWNET))
		ret = -1;
	close(self);
	return ret;
}

FIXTURE_SETUP(acd)
{
	ASSERT_EQ(0, pair_up(&self->p,
			     "sysctl -qw net.pktpath.neigh.pa.acd=0"));
	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.acd", "1"));
	ASSERT_EQ(0, listen_to(&self->p));
	frame_flush(&self->p);
}

FIXTURE_TEARDOWN(acd)
{
	close(ask.fd);
	close(told.fd);
	EXPECT_EQ(0, pair_down(&self->p));
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

static void see_state(struct nlattr **attrs, int cmd, void *arg)
{
	(void)cmd;
	*(int *)arg = attr_u8(attrs[PKTPATH_A_ADDR_ACD]);
}

/* PKTPATH_ADDR_ACD_* of an address of A, -1 for none. */
static int acd_state(const char *addr)
{
	int state = -1;

	msg_init(&req, ask.family, PKTPATH_CMD_ADDR_GET, 0);
	msg_u8(&req, PKTPATH_A_ADDR_FAMILY, AF_INET);
	msg_ip(&req, PKTPATH_A_ADDR_LOCAL, addr);
	return genl_do(&ask, &req, see_state, &state) ? -1 : state;
}

/* @addr gets into @state: changes are told of. */
static bool acd_await(const char *addr, int state)
{
	struct pollfd pfd = { .fd = told.fd, .events = POLLIN };
	int64_t end = now_ms() + WAIT, left;
	struct nlattr *attrs[GENL_MAXATTR];

	while (acd_state(addr) != state) {
		left = end - now_ms();
		if (left <= 0 || poll(&pfd, 1, left) <= 0)
			return acd_state(addr) == state;
		genl_event(&told, attrs);
	}
	return true;
}

/* The next one within @ms and when it came in; 0 or 1. */
static int next_announcement(const struct pair *p, const char *addr, int ms,
			     int64_t *at)
{
	int64_t end = now_ms() + ms;
	struct arp_frame f;

	while (arp_next_at(p, &f, end - now_ms(), at))
		if (is_announcement(&f, addr))
			return 1;
	return 0;
}

ARP_TEST(acd, ARP_6_three_probes_then_two_announcements)
{
	int64_t t[5];
	struct arp_frame f;
	int i;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(1, arp_next_at(&self->p, &f, WAIT, &t[i]));
		EXPECT_TRUE(i < 3 ? is_probe(&f, NEW) :
				    is_announcement(&f, NEW));
	}
	for (i = 1; i < 3; i++) {
		EXPECT_LE(950, t[i] - t[i - 1]);
		EXPECT_GE(2500, t[i] - t[i - 1]);
	}
	EXPECT_LE(1900, t[3] - t[2]);
	EXPECT_LE(1900, t[4] - t[3]);
	EXPECT_EQ(0, arp_next(&self->p, &f, 4000));
	EXPECT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_DONE));
}

ARP_TEST(acd, ARP_6_owner_found_makes_us_quiet)
{
	struct arp_frame f;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, WAIT));
	ASSERT_TRUE(is_probe(&f, NEW));
	ASSERT_EQ(0, arp_put(&self->p, ARP_REP, self->p.mac_a, mac_1, NEW,
			     self->p.mac_a, "0.0.0.0"));
	EXPECT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_CONFLICT));
	frame_flush(&self->p);
	/* Neither announced nor answered: it is the other's. */
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, "10.77.0.9", NEW));
	EXPECT_EQ(0, arp_next(&self->p, &f, 6000));
	/* Other addresses are not concerned. */
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, "10.77.0.9", PAIR_A));
	EXPECT_EQ(1, arp_next(&self->p, &f, WAIT));
}

ARP_TEST(acd, ARP_6_two_hosts_probing_at_once_is_a_conflict)
{
	struct arp_frame f;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, WAIT));
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "0.0.0.0", NEW));
	EXPECT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_CONFLICT));
	frame_flush(&self->p);
	EXPECT_EQ(0, arp_next(&self->p, &f, 3000));
}

ARP_TEST(acd, ARP_6_own_probe_come_back_is_no_conflict)
{
	struct arp_frame f;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, WAIT));
	ASSERT_EQ(0, frame_send(&self->p, &f, sizeof(f)));
	ASSERT_EQ(1, arp_next(&self->p, &f, WAIT));
	EXPECT_TRUE(is_probe(&f, NEW));
	EXPECT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_DONE));
}

/* RFC 5227 §2.1.1: two interfaces on one link do not probe each other away. */
ARP_TEST(acd, ARP_6_probe_of_another_interface_of_ours_is_no_conflict)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x55 };
	struct arp_frame f;

	ASSERT_EQ(0, sh("ip -n %s link add pz address 02:00:00:00:00:55 type veth peer name py",
			self->p.a));
	ASSERT_EQ(0, sh("ip -n %s link set pz up", self->p.a));
	ASSERT_EQ(0, pp_tool(&self->p, "dev attach pz"));
	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, WAIT));
	ASSERT_EQ(0, arp_ask(&self->p, mac, "0.0.0.0", NEW));
	EXPECT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_DONE));
	EXPECT_EQ(0, pair_stat(&self->p, "PpArpConflicts"));
	frame_flush(&self->p);
	ASSERT_EQ(0, arp_ask(&self->p, mac_1, "0.0.0.0", NEW));
	EXPECT_EQ(1, arp_next(&self->p, &f, WAIT));
}

ARP_TEST(acd, ARP_7_G6_defends_once_in_ten_seconds)
{
	int64_t t[3], end;
	int n = 0, i;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_DONE));
	frame_flush(&self->p);
	end = now_ms() + WAIT;
	while (n < 3 && now_ms() < end) {
		for (i = 0; i < 20; i++)
			ASSERT_EQ(0, arp_ask(&self->p, mac_1, NEW, NEW));
		n += next_announcement(&self->p, NEW, 100, &t[n]);
	}
	ASSERT_EQ(3, n);
	for (i = 1; i < 3; i++) {
		EXPECT_LE(9950, t[i] - t[i - 1]);
		EXPECT_GE(12500, t[i] - t[i - 1]);
	}
	EXPECT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_CONFLICT));
	EXPECT_EQ(3, pair_stat(&self->p, "PpArpDefends"));
	/* Defended, it is still answered for. */
	ASSERT_EQ(0, arp_ask(&self->p, mac_2, "0.0.0.0", NEW));
	EXPECT_EQ(0, next_announcement(&self->p, NEW, 1000, &end));
	EXPECT_EQ(1, pair_stat(&self->p, "PpArpOutReplies"));
}

ARP_TEST(acd, off_means_no_probe_and_no_announcement)
{
	struct arp_frame f;

	ASSERT_EQ(0, pair_sysctl(&self->p, "neigh.pa.acd", "0"));
	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	EXPECT_EQ(0, arp_next(&self->p, &f, 3000));
	EXPECT_EQ(PKTPATH_ADDR_ACD_NONE, acd_state(NEW));
}

ARP_TEST(acd, removal_of_the_address_ends_probing)
{
	struct arp_frame f;
	int i;

	ASSERT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", NEW));
	ASSERT_EQ(1, arp_next(&self->p, &f, WAIT));
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
	ASSERT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_DONE));
	ASSERT_EQ(0, sh("ip -n %s link set pa down", self->p.a));
	frame_flush(&self->p);
	ASSERT_EQ(0, sh("ip -n %s link set pa up", self->p.a));
	ASSERT_EQ(1, arp_next(&self->p, &f, WAIT));
	EXPECT_EQ(0, f.spa);
	EXPECT_TRUE(acd_await(NEW, PKTPATH_ADDR_ACD_DONE));
}

TEST_HARNESS_MAIN
