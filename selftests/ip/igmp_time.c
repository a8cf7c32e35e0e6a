// SPDX-License-Identifier: GPL-2.0
/*
 * When IGMP speaks, on both stacks, where time is counted: repeats, the delay
 * of answers, and how long an older querier is remembered. The peer in B is the
 * querier, and another member.
 * Proves: IGMP-1 to -6 (conformance.md); RFC 3376 §5.1, §5.2, §7.2.1, §8.12,
 * RFC 2236 §3, §4.
 */
#include <poll.h>
#include "pp_fixture.h"
#include "mcast.h"

#define SEC	1000

/* A timer of the kernel may be late by an eighth of its time, and a tick. */
static int64_t late(int64_t ms)
{
	return ms + ms / 8 + 50;
}

enum { V1 = 0x12, V2 = 0x16, LEAVE = 0x17, V3 = 0x22 };

/* What A has said of a group; of version 3 the record's type. */
struct heard {
	int64_t at;
	uint8_t type, record, nsrc;
};

/* The record about @group in a report of @n bytes, or NULL. */
static const uint8_t *record_in(const uint8_t *m, ssize_t n, in_addr_t group)
{
	unsigned int left = m[6] << 8 | m[7];
	const uint8_t *r = m + 8;

	while (left-- && r + 8 <= m + n) {
		if (!memcmp(r + 4, &group, 4))
			return r;
		r += 8 + 4 * (r[2] << 8 | r[3]);
	}
	return NULL;
}

static bool about(struct heard *h, const uint8_t *m, ssize_t n, in_addr_t group)
{
	const uint8_t *r;

	*h = (struct heard){ .at = pp_now_ms(), .type = *m };
	if (*m != V3)
		return !memcmp(m + 4, &group, 4);
	r = record_in(m, n, group);
	if (!r)
		return false;
	h->record = r[0];
	h->nsrc = r[3];
	return true;
}

/* The next of A about @group within @ms. */
static bool hear(int tap, const char *group, int64_t ms, struct heard *h)
{
	int64_t end = pp_now_ms() + ms, left;
	const struct iphdr *iph = (struct iphdr *)(in + ETH_HLEN);
	unsigned int at;
	ssize_t n;

	while ((left = end - pp_now_ms()) >= 0) {
		if (pp_readable(tap, left + 1) != 1)
			continue;
		n = recv(tap, in, sizeof(in), MSG_DONTWAIT);
		at = ETH_HLEN + iph->ihl * 4;
		if (n >= at + 8 && iph->protocol == IPPROTO_IGMP &&
		    iph->saddr == inet_addr(PKTPATH_T_A) &&
		    about(h, (uint8_t *)in + at, n - at, inet_addr(group)))
			return true;
	}
	return false;
}

static bool quiet(int tap, const char *group, int64_t ms)
{
	struct heard h;

	if (!hear(tap, group, ms, &h))
		return true;
	printf("# type 0x%x record %u after all\n", h.type, h.record);
	return false;
}

static void pass_time(int64_t ms)
{
	poll(NULL, 0, ms);
}

/* What was said meanwhile is of no interest. */
static void forget(int tap)
{
	while (recv(tap, in, sizeof(in), MSG_DONTWAIT) >= 0)
		;
}

/* @n times in all, each at most @ms after the one before; then no more. */
static bool told(int tap, const char *group, struct heard want, int n,
		 int64_t ms)
{
	int64_t before = pp_now_ms();
	struct heard h;
	int i;

	for (i = 0; i < n; i++) {
		if (!hear(tap, group, late(ms), &h) || h.type != want.type ||
		    h.record != want.record || h.nsrc != want.nsrc ||
		    (!i && h.at > before + 100)) {
			printf("# %d of %d: type 0x%x record %u sources %u after %lld ms\n",
			       i, n, h.type, h.record, h.nsrc,
			       (long long)(h.at - before));
			return false;
		}
		before = h.at;
	}
	return quiet(tap, group, 3 * ms);
}

static const struct heard to_ex = { .type = V3, .record = 4 };
static const struct heard to_in = { .type = V3, .record = 3 };
static const struct heard allow_one = { .type = V3, .record = 5, .nsrc = 1 };
static const struct heard v2 = { .type = V2 };

static int block(int fd, const char *src, int opt)
{
	struct ip_mreq_source mreq = {
		.imr_multiaddr.s_addr = inet_addr(GROUP),
		.imr_interface.s_addr = inet_addr(PKTPATH_T_A),
		.imr_sourceaddr.s_addr = inet_addr(src),
	};

	return setsockopt(fd, SOL_IP, opt, &mreq, sizeof(mreq));
}

/* IGMP-1, -2: at once, and as often again as robustness says, each in 1 s. */
TEST_F(stacks, repeats)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p);
	int q = querier(&self->p, true, 1);
	struct heard h;

	ASSERT_LE(0, q);
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_ex, 2, SEC));
	ASSERT_EQ(0, leave(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_in, 2, SEC));
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .qrv = 5 }));
	pass_time(SEC);
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_ex, 5, SEC));
	/* sources that go and come again before all of it is told */
	ASSERT_EQ(0, block(fd, PKTPATH_T_B, IP_BLOCK_SOURCE));
	ASSERT_TRUE(hear(tap, GROUP, 100, &h));
	EXPECT_EQ(6, h.record);
	ASSERT_EQ(0, block(fd, PKTPATH_T_B, IP_UNBLOCK_SOURCE));
	EXPECT_TRUE(told(tap, GROUP, allow_one, 5, SEC));
	/* RFC 3376 §5.1: a change of the mode says all that was to be said */
	ASSERT_EQ(0, block(fd, PKTPATH_T_B, IP_BLOCK_SOURCE));
	ASSERT_TRUE(hear(tap, GROUP, 100, &h));
	ASSERT_EQ(0, leave(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_in, 5, SEC));
	close(fd);
	close(q);
	close(tap);
}

/* RFC 3376 §4.1.6: robustness is the querier's, if it has one. */
TEST_F(stacks, robustness)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p);
	int q = querier(&self->p, true, 1);

	ASSERT_LE(0, q);
	/* AF_INET takes the setting for devices that are to come */
	ASSERT_EQ(0, pp_sysctl(&self->p, "igmp_qrv", "3"));
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_ex, variant->inet ? 2 : 3, SEC));
	ASSERT_EQ(0, leave(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_in, variant->inet ? 2 : 3, SEC));
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .qrv = 4 }));
	pass_time(SEC);
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_ex, 4, SEC));
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .qrv = 8 }));
	pass_time(SEC);
	forget(tap);
	ASSERT_EQ(0, leave(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_in, 3, SEC));
	close(fd);
	close(q);
	close(tap);
}

/* IGMP-3: at random in the time the query gives, once. */
TEST_F(stacks, delay)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p), i, in_part[4] = {};
	int q = querier(&self->p, true, 1);
	bool slow = false;
	struct heard h;
	int64_t t;

	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_ex, 2, SEC));
	for (i = 0; i < 64; i++) {
		t = pp_now_ms();
		EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 100 }));
		ASSERT_TRUE(hear(tap, GROUP, late(10 * SEC), &h));
		EXPECT_EQ(2, h.record);
		t = h.at - t;
		in_part[t < 10 * SEC ? t * 4 / (10 * SEC) : 3]++;
	}
	for (i = 0; i < 4; i++)
		EXPECT_LT(0, in_part[i]) TH_LOG("quarter %d", i);
	EXPECT_TRUE(quiet(tap, GROUP, 20 * SEC));
	/* §4.1.1: 0x8f is 24.8 s */
	for (i = 0; i < 64 && !slow; i++) {
		t = pp_now_ms();
		EXPECT_EQ(1, ask(q, GROUP, (struct query){
			.code = 0x8f, .group = GROUP }));
		ASSERT_TRUE(hear(tap, GROUP, late(24800), &h));
		slow = h.at - t > 15 * SEC;
	}
	EXPECT_TRUE(slow);
	close(fd);
	close(q);
	close(tap);
}

/* RFC 3376 §5.2: what is answered already, or will be sooner, is not twice. */
TEST_F(stacks, pending)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p), n = 0;
	int q = querier(&self->p, true, 1);
	struct heard h;

	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, to_ex, 2, SEC));
	/* of all soon: the group later is part of it */
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1 }));
	EXPECT_EQ(1, ask(q, GROUP, (struct query){
		.code = 0xa0, .group = GROUP }));
	ASSERT_TRUE(hear(tap, GROUP, late(SEC), &h));
	EXPECT_EQ(2, h.record);
	/* AF_INET answers the group all the same */
	EXPECT_NE(variant->inet, quiet(tap, GROUP, 60 * SEC));
	pass_time(60 * SEC);
	forget(tap);
	/* the group soon, all later: both are answered */
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 0xa0 }));
	EXPECT_EQ(1, ask(q, GROUP, (struct query){
		.code = 10, .group = GROUP }));
	while (hear(tap, GROUP, late(52 * SEC), &h))
		n++;
	EXPECT_LE(1, n);
	EXPECT_GE(2, n);
	close(fd);
	close(q);
	close(tap);
}

/* Joins, and what it is told by: @type as long as an older querier is there. */
static uint8_t joins_by(const struct pp_pair *p, int tap)
{
	int fd = reader(p);
	struct heard h = {};

	forget(tap);
	if (fd < 0 || join(fd, GROUP2) || !hear(tap, GROUP2, 100, &h))
		h.type = 0;
	close(fd);
	/* and what else it says of that */
	pass_time(100);
	return h.type;
}

/* Until @ms after @t. */
static void until(int64_t t, int64_t ms)
{
	int64_t left = t + ms - pp_now_ms();

	if (left > 0)
		pass_time(left);
}

/* IGMP-6, §8.12: robustness times the interval of queries, and an answer's. */
TEST_F(stacks, version_2_for_260_s)
{
	int tap = pp_tap(&self->p), q = querier(&self->p, true, 1);
	int64_t t;

	EXPECT_EQ(V3, joins_by(&self->p, tap));
	t = pp_now_ms();
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	EXPECT_EQ(V2, joins_by(&self->p, tap));
	/* a query of version 3 does not shorten it, nor make it longer */
	until(t, 100 * SEC);
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1 }));
	EXPECT_EQ(V2, joins_by(&self->p, tap));
	until(t, 258 * SEC);
	EXPECT_EQ(V2, joins_by(&self->p, tap));
	until(t, 261 * SEC);
	EXPECT_EQ(V3, joins_by(&self->p, tap));
	/* heard again, it is there again */
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	until(t, 400 * SEC);
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	until(t, 650 * SEC);
	EXPECT_EQ(V2, joins_by(&self->p, tap));
	close(q);
	close(tap);
}

/* The querier's own figures count; AF_INET has 10 s for an answer always. */
TEST_F(stacks, version_2_for_as_long_as_told)
{
	int tap = pp_tap(&self->p), q = querier(&self->p, true, 1);
	const struct query told_by = { .code = 40, .qrv = 3, .qqi = 20 };
	int64_t t, answer = variant->inet ? 10 : 4;
	int fd = reader(&self->p);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_EQ(1, ask(q, ALL, told_by));
	/* §8.3: the time to answer is that of general queries */
	EXPECT_EQ(1, ask(q, GROUP, (struct query){
			 .code = 100, .group = GROUP, .qrv = 3, .qqi = 20 }));
	t = pp_now_ms();
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	until(t, (60 + answer - 2) * SEC);
	EXPECT_EQ(V2, joins_by(&self->p, tap));
	until(t, (60 + answer + 1) * SEC);
	EXPECT_EQ(V3, joins_by(&self->p, tap));
	close(fd);
	close(q);
	close(tap);
}

/* The oldest that is there counts. */
TEST_F(stacks, version_1_before_2)
{
	int tap = pp_tap(&self->p), q = querier(&self->p, true, 1);
	int fd = reader(&self->p);
	struct heard h;
	int64_t t;

	t = pp_now_ms();
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 0, .len = 8 }));
	EXPECT_EQ(V1, joins_by(&self->p, tap));
	until(t, 100 * SEC);
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	EXPECT_EQ(V1, joins_by(&self->p, tap));
	/* within ten seconds, whatever stands there; it knows no leave */
	ASSERT_EQ(0, join(fd, GROUP));
	pass_time(30 * SEC);
	forget(tap);
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 0, .len = 8 }));
	t = pp_now_ms();
	ASSERT_TRUE(hear(tap, GROUP, late(10 * SEC), &h));
	EXPECT_EQ(V1, h.type);
	ASSERT_EQ(0, leave(fd, GROUP));
	EXPECT_TRUE(quiet(tap, GROUP, 15 * SEC));
	until(t, 200 * SEC);
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	until(t, 258 * SEC);
	EXPECT_EQ(V1, joins_by(&self->p, tap));
	until(t, 261 * SEC);
	EXPECT_EQ(V2, joins_by(&self->p, tap));
	until(t, 457 * SEC);
	EXPECT_EQ(V2, joins_by(&self->p, tap));
	until(t, 461 * SEC);
	EXPECT_EQ(V3, joins_by(&self->p, tap));
	close(fd);
	close(q);
	close(tap);
}

/* Another member reports; version 1 and 2. */
static int report(int q, uint8_t type)
{
	in_addr_t g = inet_addr(GROUP);
	uint8_t m[8] = { type };
	uint16_t sum;

	memcpy(m + 4, &g, 4);
	sum = csum(m, sizeof(m));
	memcpy(m + 2, &sum, 2);
	return pp_sendto(q, m, sizeof(m), GROUP, 0) == sizeof(m);
}

/* RFC 2236 §3: twice, in ten seconds; another's report spares ours. */
TEST_F(stacks, version_2)
{
	const struct query of_group = {
		.code = 10, .len = 8, .group = GROUP,
	};
	const struct query within_5s = { .code = 50, .len = 8 };
	int tap = pp_tap(&self->p), q = querier(&self->p, true, 1);
	int fd = reader(&self->p), i, n = 0;
	struct heard h;
	int64_t t;

	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, v2, 2, 10 * SEC));
	/* asked without end: the time of an answer is drawn once, 2.5 s */
	for (i = 0; i < 500; i++) {
		EXPECT_EQ(1, ask(q, ALL, within_5s));
		n += hear(tap, GROUP, 100, &h);
	}
	EXPECT_LT(5, n);
	EXPECT_GE(35, n);
	hear(tap, GROUP, late(5 * SEC), &h);
	for (i = 0; i < 16; i++) {
		t = pp_now_ms();
		EXPECT_EQ(1, ask(q, ALL, within_5s));
		ASSERT_TRUE(hear(tap, GROUP, late(5 * SEC), &h));
		EXPECT_EQ(V2, h.type);
	}
	/* of a group alone, sooner than of all */
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 255, .len = 8 }));
	EXPECT_EQ(1, ask(q, GROUP, of_group));
	t = pp_now_ms();
	ASSERT_TRUE(hear(tap, GROUP, late(SEC), &h));
	EXPECT_TRUE(quiet(tap, GROUP, 40 * SEC));
	/* we were the last, so we say farewell */
	ASSERT_EQ(0, leave(fd, GROUP));
	ASSERT_TRUE(hear(tap, GROUP, 100, &h));
	EXPECT_EQ(LEAVE, h.type);
	EXPECT_TRUE(quiet(tap, GROUP, 15 * SEC));
	until(t, 200 * SEC);
	/* another is there */
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .len = 8 }));
	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_TRUE(told(tap, GROUP, v2, 2, 10 * SEC));
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 255, .len = 8 }));
	EXPECT_EQ(1, report(q, V2));
	EXPECT_TRUE(quiet(tap, GROUP, 40 * SEC));
	ASSERT_EQ(0, leave(fd, GROUP));
	EXPECT_TRUE(quiet(tap, GROUP, 15 * SEC));
	close(fd);
	close(q);
	close(tap);
}

/* §7.2.1: what an older querier would not read is not said any more. */
TEST_F(stacks, version_3_ends)
{
	int tap = pp_tap(&self->p), q = querier(&self->p, true, 1);
	int fd = reader(&self->p);
	struct heard h;

	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 1, .qrv = 7 }));
	pass_time(SEC);
	ASSERT_EQ(0, join(fd, GROUP));
	ASSERT_TRUE(hear(tap, GROUP, 100, &h));
	EXPECT_EQ(V3, h.type);
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 10, .len = 8 }));
	ASSERT_TRUE(hear(tap, GROUP, late(SEC), &h));
	EXPECT_EQ(V2, h.type);
	EXPECT_TRUE(quiet(tap, GROUP, 60 * SEC));
	/* nor is a report of version 2 a reason to be silent in version 3 */
	pass_time(1000 * SEC);
	EXPECT_EQ(1, ask(q, ALL, (struct query){ .code = 50 }));
	EXPECT_EQ(1, report(q, V2));
	ASSERT_TRUE(hear(tap, GROUP, late(5 * SEC), &h));
	EXPECT_EQ(V3, h.type);
	close(fd);
	close(q);
	close(tap);
}

TEST_HARNESS_MAIN
