// SPDX-License-Identifier: GPL-2.0
/* PURE: journey/filter.c */
/* Filters of a recording: what is unknown matches; headers of any length. */
#include <arpa/inet.h>
#include <stdlib.h>
#include "journey/filter.h"
#include "kselftest_harness.h"

static struct pktpath_journey_conf any(void)
{
	struct pktpath_journey_conf c = { .version = PKTPATH_JOURNEY_VERSION };

	return c;
}

static struct pp_journey_flow flow(const char *s, const char *d, u8 proto,
				   u16 sport, u16 dport)
{
	struct pp_journey_flow f = { .proto = proto };

	f.saddr = inet_addr(s);
	f.daddr = inet_addr(d);
	f.sport = htons(sport);
	f.dport = htons(dport);
	return f;
}

TEST(conf)
{
	struct pktpath_journey_conf c = any();

	ASSERT_EQ(64, sizeof(struct pktpath_journey_rec));
	ASSERT_TRUE(pp_journey_conf_ok(&c));
	c.version = 2;
	ASSERT_FALSE(pp_journey_conf_ok(&c));
	c = any();
	c.flags = PKTPATH_JOURNEY_OWNERS << 1;
	ASSERT_FALSE(pp_journey_conf_ok(&c));
	c.flags = PKTPATH_JOURNEY_OWNERS | PKTPATH_JOURNEY_DROPS;
	ASSERT_TRUE(pp_journey_conf_ok(&c));
	c.pid = 1;
	ASSERT_FALSE(pp_journey_conf_ok(&c));
	c.flags = PKTPATH_JOURNEY_OWNERS;
	ASSERT_TRUE(pp_journey_conf_ok(&c));
	c = any();
	c.ring = PKTPATH_JOURNEY_RING_MIN - 1;
	ASSERT_FALSE(pp_journey_conf_ok(&c));
	c.ring = PKTPATH_JOURNEY_RING_MAX + 1;
	ASSERT_FALSE(pp_journey_conf_ok(&c));
	c.ring = PKTPATH_JOURNEY_RING_MAX;
	ASSERT_TRUE(pp_journey_conf_ok(&c));
	c.host_len = 33;
	ASSERT_FALSE(pp_journey_conf_ok(&c));
	c = any();
	c.reserved[1] = 1;
	ASSERT_FALSE(pp_journey_conf_ok(&c));
}

/* What else is asked than headers tell; who asks nothing wants all. */
TEST(late)
{
	struct pktpath_journey_conf c = any();

	ASSERT_EQ(64, sizeof(c));
	ASSERT_EQ(PKTPATH_JOURNEY_CONF_FLOW,
		  offsetof(struct pktpath_journey_conf, ifindex));
	ASSERT_EQ(0, pp_journey_conf_late(&c));
	ASSERT_TRUE(pp_journey_conf_all(&c));
	c.flags = PKTPATH_JOURNEY_OWNERS;
	ASSERT_TRUE(pp_journey_conf_all(&c));
	c.cookie = 1ULL << 40;
	ASSERT_EQ(PKTPATH_LATE_SOCK, pp_journey_conf_late(&c));
	ASSERT_FALSE(pp_journey_conf_all(&c));
	c.pid = 1;
	c.cgroup = 1ULL << 40;
	c.ifindex = 1;
	ASSERT_EQ((1 << PKTPATH_LATE_BITS) - 1, pp_journey_conf_late(&c));
	c.cookie = 0;
	c.pid = 0;
	c.ifindex = 0;
	ASSERT_EQ(PKTPATH_LATE_CGROUP, pp_journey_conf_late(&c));
}

TEST(match)
{
	struct pp_journey_flow f = flow("10.0.0.1", "10.9.0.2", 17, 1000, 53);
	struct pp_journey_flow none = {};
	struct pktpath_journey_conf c = any();

	ASSERT_TRUE(pp_journey_match(&c, &f));
	c.proto = 6;
	ASSERT_FALSE(pp_journey_match(&c, &f));
	ASSERT_TRUE(pp_journey_match(&c, &none));
	c.proto = 17;
	c.saddr = inet_addr("10.0.0.0");
	c.saddr_len = 24;
	ASSERT_TRUE(pp_journey_match(&c, &f));
	c.saddr_len = 32;
	ASSERT_FALSE(pp_journey_match(&c, &f));
	c = any();
	c.host = inet_addr("10.9.0.2");
	c.host_len = 32;
	ASSERT_TRUE(pp_journey_match(&c, &f));
	c.host = inet_addr("10.9.0.3");
	ASSERT_FALSE(pp_journey_match(&c, &f));
	c = any();
	c.port = htons(1000);
	ASSERT_TRUE(pp_journey_match(&c, &f));
	c.port = htons(53);
	ASSERT_TRUE(pp_journey_match(&c, &f));
	c.port = htons(54);
	ASSERT_FALSE(pp_journey_match(&c, &f));
	ASSERT_TRUE(pp_journey_match(&c, &none));
	c = any();
	c.sport = htons(53);
	ASSERT_FALSE(pp_journey_match(&c, &f));
	c.sport = 0;
	c.dport = htons(53);
	ASSERT_TRUE(pp_journey_match(&c, &f));
}

/* Every length of every kind, each in memory of just that size. */
TEST(parse_bounds)
{
	static const u8 protos[] = { 1, 6, 17, 99 };
	struct pp_journey_flow f;
	unsigned int len, i, ihl;
	u8 *p;

	for (i = 0; i < sizeof(protos); i++) {
		for (ihl = 0; ihl < 16; ihl++) {
			for (len = 0; len <= 90; len++) {
				p = malloc(len ?: 1);
				ASSERT_NE(NULL, p);
				memset(p, 0, len);
				if (len)
					p[0] = 0x40 | ihl;
				if (len > 9)
					p[9] = protos[i];
				ASSERT_EQ(ihl >= 5 && len >= ihl * 4 ?
					  ihl * 4 : 0,
					  pp_journey_parse(&f, p, len));
				free(p);
			}
		}
	}
}

TEST(parse_fields)
{
	u8 p[40] = { 0x45, 0, 0, 40, 0x12, 0x34, 0, 0, 64, 6, 0, 0,
		     10, 0, 0, 1, 10, 0, 0, 2,
		     0x03, 0xe8, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 0x12 };
	struct pp_journey_flow f;

	ASSERT_EQ(20, pp_journey_parse(&f, p, sizeof(p)));
	ASSERT_EQ(inet_addr("10.0.0.1"), f.saddr);
	ASSERT_EQ(inet_addr("10.0.0.2"), f.daddr);
	ASSERT_EQ(htons(1000), f.sport);
	ASSERT_EQ(htons(80), f.dport);
	ASSERT_EQ(0x01020304, f.seq);
	ASSERT_EQ(0x12, f.tcp_flags);
	p[9] = 17;
	ASSERT_EQ(20, pp_journey_parse(&f, p, sizeof(p)));
	ASSERT_EQ(0x1234, f.seq);
	ASSERT_EQ(htons(80), f.dport);
	/* a later fragment has no ports */
	p[7] = 1;
	ASSERT_EQ(20, pp_journey_parse(&f, p, sizeof(p)));
	ASSERT_EQ(0, f.dport);
	p[0] = 0x65;
	ASSERT_EQ(0, pp_journey_parse(&f, p, sizeof(p)));
}

TEST_HARNESS_MAIN
