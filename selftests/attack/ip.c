// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile IPv4 from the wire: rows IP-1 to IP-6 and IP-13, attacks A1 to A6
 * and C1 to C7. Each frame would be answered if it were taken.
 */
#include "frame.h"
#include "kselftest_harness.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

FIXTURE(ip) {
	struct pair p;
	struct frame f;
};

FIXTURE_SETUP(ip)
{
	ASSERT_EQ(0, frame_pair(&self->p, false));
	ASSERT_EQ(0, frame_count(&self->p));
}

FIXTURE_TEARDOWN(ip)
{
	EXPECT_EQ(0, pair_down(&self->p));
}

/* IP-1, A3: all 256 first octets; only 0x45 to 0x4f are IPv4 headers. */
TEST_F_TIMEOUT(ip, A3_version_and_header_length, 300)
{
	unsigned int first, ihl;

	for (first = 0; first < 256; first++) {
		ihl = first & 15;
		frame_begin(&self->f, &self->p, IPPROTO_ICMP,
			    ihl > 5 ? (ihl - 5) * 4 : 0);
		if (ihl > 5)
			memset(frame_ip(&self->f) + 1, 1, (ihl - 5) * 4);
		frame_put(&self->f, 8);
		frame_icmp(&self->f)->type = ICMP_ECHO;
		frame_icmp_csum(&self->f);
		frame_ip(&self->f)->tot_len = htons(self->f.len - ETH_LEN);
		self->f.b[ETH_LEN] = first;
		frame_ip(&self->f)->check = 0;
		frame_ip(&self->f)->check =
			csum_of(frame_ip(&self->f), ihl > 5 ? ihl * 4 : 20);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		ASSERT_EQ(first >= 0x45 && first <= 0x4f,
			  frame_count(&self->p))
			TH_LOG("first octet 0x%02x", first);
	}
}

/* IP-1, A4: the total length against a frame of 20 + 8 + 32 octets. */
TEST_F_TIMEOUT(ip, A4_total_length, 300)
{
	static const unsigned int lens[] = {
		0, 1, 19, 20, 21, 27, 28, 29, 44, 59, 60, 61, 62, 576, 1500,
		32768, 65535
	};
	struct frame r;
	unsigned int i, want;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		frame_echo(&self->f, &self->p, 32);
		frame_ip(&self->f)->tot_len = htons(lens[i]);
		frame_ip_csum(&self->f);
		want = lens[i] >= 28 && lens[i] <= 60 ? lens[i] : 0;
		if (want) {
			frame_icmp(&self->f)->checksum = 0;
			frame_icmp(&self->f)->checksum =
				csum_of(frame_icmp(&self->f), want - 20);
		}
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		ASSERT_EQ(!!want, frame_last(&self->p, &r))
			TH_LOG("total length %u", lens[i]);
		if (want)
			ASSERT_EQ(want, ntohs(frame_ip(&r)->tot_len));
	}
}

/* IP-1, A5: no wrong header checksum passes; each is counted. */
TEST_F_TIMEOUT(ip, A5_checksum, 300)
{
	unsigned int i, n = 0;
	uint16_t good;

	frame_echo(&self->f, &self->p, 4);
	good = frame_ip(&self->f)->check;
	for (i = 1; i < 65536; i += 131) {
		frame_ip(&self->f)->check = good + i;
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		if (++n % 64 == 0)
			ASSERT_EQ(0, frame_count(&self->p));
	}
	ASSERT_EQ(0, frame_count(&self->p));
	ASSERT_EQ(n, pair_stat(&self->p, "IpExtInCsumErrors"));
}

/* A2: what the link has padded is neither echoed nor delivered. */
TEST_F_TIMEOUT(ip, A2_link_padding_is_cut, 300)
{
	uint8_t buf[64];
	struct frame r;
	int fd;

	frame_echo(&self->f, &self->p, 3);
	memset(frame_put(&self->f, 40), 0xaa, 40);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_TRUE(frame_last(&self->p, &r));
	ASSERT_EQ(20 + 8 + 3, ntohs(frame_ip(&r)->tot_len));

	fd = udp_in_a(&self->p, 5001, 0);
	ASSERT_GE(fd, 0);
	frame_udp(&self->f, &self->p, 9, 5001, 3);
	memset(frame_put(&self->f, 40), 0xaa, 40);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_EQ(0, frame_count(&self->p));
	ASSERT_EQ(3, recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC));
	close(fd);
}

/* Frames of the six kinds that are put apart by a stack like ours. */
static void seed(struct frame *f, const struct pair *p, unsigned int kind)
{
	uint8_t *d;

	switch (kind) {
	case 0:
		frame_echo(f, p, 32);
		return;
	case 1:
		frame_udp(f, p, 9, 4999, 32);
		return;
	case 2:			/* a SYN with MSS, SACK, timestamp, scale */
		frame_begin(f, p, IPPROTO_TCP, 0);
		d = frame_put(f, 40);
		d[12] = 0xa0;
		d[13] = 2;
		memcpy(d + 20, "\x02\x04\x05\xb4\x04\x02\x08\x0a\0\0\0\1\0\0\0\0\1\3\3\7",
		       20);
		break;
	case 3:			/* a query of version 3 */
		frame_begin(f, p, IPPROTO_IGMP, 4);
		memcpy(frame_ip(f) + 1, "\x94\x04\0\0", 4);
		d = frame_put(f, 12);
		d[0] = 0x11;
		break;
	case 4:			/* a piece in the middle */
		frame_udp(f, p, 9, 4999, 64);
		frame_ip(f)->frag_off = htons(0x2004);
		break;
	case 5:			/* about a datagram of ours */
		frame_icmp_msg(f, p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 28);
		d = (uint8_t *)(frame_icmp(f) + 1);
		memcpy(d, frame_ip(f), 20);
		d[9] = IPPROTO_UDP;
		frame_icmp_csum(f);
		break;
	}
	frame_end(f);
}

static long in_text(const char *text, const char *name)
{
	char word[64];
	const char *at;

	snprintf(word, sizeof(word), "%s ", name);
	at = strstr(text, word);
	return at ? atol(at + strlen(word)) : 0;
}

/* Packets that came in less those whose end was counted. */
static long unaccounted(const struct pair *p)
{
	static const char * const ends[] = {
		"IpInDelivers", "IpForwDatagrams", "IpReasmReqds",
		"DropIpTruncated", "DropIpHeader", "DropIpChecksum",
		"DropIpOptions", "DropIpNoProtocol", "DropIpMartianSource",
		"DropIpMartianDest",
	};
	static char text[65536];
	unsigned int i;
	long n;

	if (sh_out(text, sizeof(text), "%s -n %s stat", pair_tool(), p->a))
		return -1;
	n = in_text(text, "IpInReceives") + in_text(text, "IpReasmOKs");
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		n -= in_text(text, ends[i]);
	return n;
}

/* A1: frames cut at each octet are dropped and counted; A lives on. */
TEST_F_TIMEOUT(ip, A1_truncation, 300)
{
	unsigned int i, kind, full;

	for (kind = 0; kind < 6; kind++) {
		seed(&self->f, &self->p, kind);
		full = self->f.len;
		for (i = ETH_LEN; i < full; i++) {
			self->f.len = i;
			ASSERT_EQ(0, frame_out(&self->p, &self->f));
		}
		ASSERT_EQ(0, frame_count(&self->p)) TH_LOG("kind %u", kind);
		ASSERT_EQ(0, unaccounted(&self->p)) TH_LOG("kind %u", kind);
	}
	EXPECT_LT(200, pair_stat(&self->p, "DropIpTruncated"));
	frame_echo(&self->f, &self->p, 32);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_EQ(1, frame_count(&self->p));
}

struct optcase {
	uint8_t len, bad;	/* bad: offset in the options + 1, 0: fine */
	uint8_t o[12];
};

static const struct optcase optcases[] = {
	{ 4, 0, { 1, 1, 1, 0 } },
	{ 4, 0, { 0, 99, 0, 0 } },
	{ 4, 0, { 30, 4, 1, 2 } },
	{ 4, 1, { 30, 0, 0, 0 } },
	{ 4, 1, { 30, 1, 0, 0 } },
	{ 4, 2, { 1, 30, 4, 0 } },
	{ 4, 4, { 1, 1, 1, 30 } },
	{ 8, 0, { 7, 7, 4, 0, 0, 0, 0, 0 } },
	{ 4, 2, { 7, 2, 0, 0 } },
	{ 8, 3, { 7, 7, 3, 0, 0, 0, 0, 0 } },
	{ 8, 3, { 7, 7, 5, 0, 0, 0, 0, 0 } },
	{ 8, 4, { 7, 3, 4, 7, 3, 4, 0, 0 } },
	{ 8, 0, { 68, 8, 5, 0, 0, 0, 0, 0 } },
	{ 4, 2, { 68, 3, 5, 0 } },
	{ 8, 3, { 68, 8, 4, 0, 0, 0, 0, 0 } },
	{ 8, 4, { 68, 8, 9, 0xf0, 0, 0, 0, 0 } },
	{ 4, 0, { 148, 4, 0, 0 } },
	{ 4, 2, { 148, 3, 0, 0 } },
};

/* IP-6, A6: Parameter Problem with the pointer at the bad octet. */
TEST_F_TIMEOUT(ip, A6_options, 300)
{
	const struct optcase *c;
	struct frame r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(optcases); i++) {
		c = &optcases[i];
		frame_begin(&self->f, &self->p, IPPROTO_ICMP, c->len);
		memcpy(frame_ip(&self->f) + 1, c->o, c->len);
		frame_put(&self->f, 8);
		frame_icmp(&self->f)->type = ICMP_ECHO;
		frame_icmp_csum(&self->f);
		frame_end(&self->f);
		/* an echo is an ICMP message but no error: answered */
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		ASSERT_TRUE(frame_last(&self->p, &r)) TH_LOG("case %u", i);
		ASSERT_EQ(c->bad ? ICMP_PARAMETERPROB : ICMP_ECHOREPLY,
			  frame_icmp(&r)->type) TH_LOG("case %u", i);
		if (!c->bad)
			continue;
		ASSERT_EQ(0, frame_icmp(&r)->code);
		ASSERT_EQ(20 + c->bad - 1,
			  ntohl(frame_icmp(&r)->un.gateway) >> 24)
			TH_LOG("case %u", i);
	}
}

/* C5, RFC 7126 §4.3.5: source routed packets vanish. */
TEST_F_TIMEOUT(ip, C5_source_route, 300)
{
	static const uint8_t kinds[] = { 131, 137 };
	uint8_t *o;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		frame_begin(&self->f, &self->p, IPPROTO_ICMP, 8);
		o = (uint8_t *)(frame_ip(&self->f) + 1);
		o[0] = kinds[i & 1];
		o[1] = 7;
		o[2] = i & 2 ? 8 : 4;
		memcpy(o + 3, &frame_ip(&self->f)->saddr, 4);
		frame_put(&self->f, 8);
		frame_icmp(&self->f)->type = ICMP_ECHO;
		frame_icmp_csum(&self->f);
		frame_end(&self->f);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
	}
	ASSERT_EQ(0, frame_count(&self->p));
}

static int echo_from_to(struct frame *f, const struct pair *p,
			const char *from, const char *to)
{
	frame_echo(f, p, 4);
	frame_ip(f)->saddr = inet_addr(from);
	frame_ip(f)->daddr = inet_addr(to);
	frame_ip_csum(f);
	return frame_out(p, f);
}

/* IP-2, IP-3, C1, C3, C7: sources and destinations that cannot be. */
TEST_F_TIMEOUT(ip, C3_martians, 300)
{
	static const char * const from[] = {
		"0.0.0.1", "127.0.0.1", "127.255.255.255", "224.0.0.1",
		"239.1.2.3", "240.0.0.1", "255.255.255.255", PAIR_A,
		"10.77.0.255", "10.77.0.0",
	};
	static const char * const to[] = {
		"0.0.0.0", "0.0.0.1", "127.0.0.1", "240.0.0.1", "10.77.0.9",
		"192.0.2.1", "224.0.0.1",
	};
	unsigned int i;

	/* what is for a group is for the kernel as well */
	self->p.mixed = true;
	for (i = 0; i < ARRAY_SIZE(from); i++) {
		ASSERT_EQ(0, echo_from_to(&self->f, &self->p, from[i],
					  PAIR_A));
		ASSERT_EQ(0, frame_count(&self->p)) TH_LOG("from %s", from[i]);
	}
	for (i = 0; i < ARRAY_SIZE(to); i++) {
		ASSERT_EQ(0, echo_from_to(&self->f, &self->p, PAIR_B, to[i]));
		ASSERT_EQ(0, frame_count(&self->p)) TH_LOG("to %s", to[i]);
	}
}

/* C2, ICMP-3: broadcasts get no echo by default, and never an error. */
TEST_F_TIMEOUT(ip, C2_broadcast, 300)
{
	static const char * const to[] = { "10.77.0.255", "255.255.255.255" };
	struct frame r;
	unsigned int i, l2;

	/* what is for all is for the kernel as well */
	self->p.mixed = true;
	for (i = 0; i < 2; i++) {
		for (l2 = 0; l2 < 2; l2++) {
			frame_echo(&self->f, &self->p, 4);
			frame_ip(&self->f)->daddr = inet_addr(to[i]);
			frame_ip_csum(&self->f);
			if (l2)
				memset(self->f.b, 0xff, 6);
			ASSERT_EQ(0, frame_out(&self->p, &self->f));
			frame_udp(&self->f, &self->p, 9, 4999, 4);
			frame_ip(&self->f)->daddr = inet_addr(to[i]);
			frame_ip_csum(&self->f);
			if (l2)
				memset(self->f.b, 0xff, 6);
			ASSERT_EQ(0, frame_out(&self->p, &self->f));
			ASSERT_EQ(0, frame_count(&self->p))
				TH_LOG("to %s, link broadcast %u", to[i], l2);
		}
	}
	/* RFC 1122 §3.2.2.6: allowed when the administrator says so. */
	ASSERT_EQ(0, pair_sysctl(&self->p, "icmp_echo_ignore_broadcasts",
				 "0"));
	frame_echo(&self->f, &self->p, 4);
	frame_ip(&self->f)->daddr = inet_addr(to[0]);
	frame_ip_csum(&self->f);
	memset(self->f.b, 0xff, 6);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_TRUE(frame_last(&self->p, &r));
	ASSERT_EQ(inet_addr(PAIR_A), frame_ip(&r)->saddr);
}

/* IP-4, C4: unicast IP in a link broadcast, and another host's frames. */
TEST_F_TIMEOUT(ip, C4_link_and_ip_disagree, 300)
{
	frame_echo(&self->f, &self->p, 4);
	memset(self->f.b, 0xff, 6);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	frame_udp(&self->f, &self->p, 9, 4999, 4);
	memset(self->f.b, 0xff, 6);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	memcpy(self->f.b, "\x01\x00\x5e\x01\x02\x03", 6);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	frame_echo(&self->f, &self->p, 4);
	memcpy(self->f.b, "\x02\x00\x00\x00\x00\x77", 6);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_EQ(0, frame_count(&self->p));
}

/* IP-5, C7: a packet that has arrived may have any TTL. */
TEST_F_TIMEOUT(ip, IP_5_low_ttl_is_accepted, 300)
{
	struct frame r;
	unsigned int ttl;

	for (ttl = 0; ttl < 3; ttl++) {
		frame_echo(&self->f, &self->p, 4);
		frame_ip(&self->f)->ttl = ttl;
		frame_ip_csum(&self->f);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		ASSERT_TRUE(frame_last(&self->p, &r));
		ASSERT_GE(frame_ip(&r)->ttl, 1);
	}
}

/* IP-13: each silent drop has a counter. */
TEST_F_TIMEOUT(ip, IP_13_drops_are_counted, 300)
{
	unsigned long before = pair_stat(&self->p, "IpInHdrErrors");

	frame_echo(&self->f, &self->p, 4);
	frame_ip(&self->f)->tot_len = htons(19);
	frame_ip_csum(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	frame_echo(&self->f, &self->p, 4);
	frame_ip(&self->f)->tot_len = htons(1000);
	frame_ip_csum(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_EQ(0, frame_count(&self->p));
	ASSERT_EQ(before + 1, pair_stat(&self->p, "IpInHdrErrors"));
	ASSERT_EQ(1, pair_stat(&self->p, "IpExtInTruncatedPkts"));
}

TEST_HARNESS_MAIN
