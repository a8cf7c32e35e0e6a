// SPDX-License-Identifier: GPL-2.0
/* PURE: core/wire.c */
/*
 * Header checks of core/wire.[ch]. Input is copied into a block of exactly the
 * readable length, so that the sanitizer sees any byte read beyond it.
 */
#include <stdlib.h>
#include "core/wire.h"
#include "kselftest_harness.h"

static const u8 ip20[20] = {
	0x45, 0x10, 0x00, 0x1c, 0x12, 0x34, 0x40, 0x00, 0x40, 0x11,
	0x00, 0x00, 10, 0, 0, 1, 10, 0, 0, 2,
};

struct buf {
	u8 *p;
	unsigned int len;
};

static struct buf buf_new(const u8 *p, unsigned int len)
{
	struct buf b = { malloc(len ? len : 1), len };

	if (!b.p)
		abort();
	if (!len) {
		free(b.p);
		b.p = NULL;
		return b;
	}
	memcpy(b.p, p, len);
	return b;
}

static void put_csum(u8 *p, unsigned int hlen)
{
	u16 c;

	p[10] = 0;
	p[11] = 0;
	c = (u16)~pp_wire_csum(p, hlen, 0);
	p[10] = c >> 8;
	p[11] = c & 0xff;
}

static void ip_make(u8 *p, u8 ihl, u16 tot_len)
{
	memset(p, 0, 60);
	memcpy(p, ip20, sizeof(ip20));
	p[0] = 0x40 | ihl;
	p[2] = tot_len >> 8;
	p[3] = tot_len & 0xff;
	put_csum(p, ihl * 4);
}

/* The steps of pp_ip_rcv_core(), which adds the checksum. */
static enum pp_wire_verdict ip_check(const u8 *p, unsigned int avail,
				     unsigned int len)
{
	struct buf b = buf_new(p, avail);
	enum pp_wire_verdict v = PKTPATH_WIRE_TRUNC;

	if (avail < PKTPATH_WIRE_IP_HLEN)
		goto out;
	v = PKTPATH_WIRE_BAD;
	if (!pp_wire_ip_first_ok(b.p[0]))
		goto out;
	v = PKTPATH_WIRE_TRUNC;
	if (avail < pp_wire_ip_hlen(b.p[0]))
		goto out;
	v = pp_wire_ip_len_check(pp_wire_ip_hlen(b.p[0]),
				 b.p[2] << 8 | b.p[3], len);
out:
	free(b.p);
	return v;
}

/* RFC 1071 §3 gives this example. */
TEST(csum_rfc1071_example)
{
	static const u8 p[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	ASSERT_EQ(0xddf2, pp_wire_csum(p, sizeof(p), 0));
}

TEST(csum_odd_and_empty)
{
	static const u8 p[] = { 0x12, 0x34, 0x56 };

	ASSERT_EQ(0x1234 + 0x5600, pp_wire_csum(p, 3, 0));
	ASSERT_EQ(0, pp_wire_csum(p, 0, 0));
	ASSERT_EQ(0x1235, pp_wire_csum(p, 2, 1));
}

/* RFC 1071 §2(C): carries are folded however many there are. */
TEST(csum_folds_all_carries)
{
	u8 p[65536];

	memset(p, 0xff, sizeof(p));
	ASSERT_EQ(0xffff, pp_wire_csum(p, sizeof(p), 0xffffffff));
}

/* Through an ICMP error's quotation. */
TEST(ip_good_is_decoded)
{
	struct pp_wire_ip ip;
	u8 p[60];

	ip_make(p, 5, 28);
	ASSERT_EQ(PKTPATH_WIRE_OK, ip_check(p, 20, 28));
	ASSERT_EQ(PKTPATH_WIRE_OK, pp_wire_icmp_inner(p, 28, &ip));
	ASSERT_EQ(20, ip.hlen);
	ASSERT_EQ(0x10, ip.tos);
	ASSERT_EQ(28, ip.tot_len);
	ASSERT_EQ(0x1234, ip.id);
	ASSERT_EQ(1, ip.df);
	ASSERT_EQ(0, ip.mf);
	ASSERT_EQ(0, ip.frag_off);
	ASSERT_EQ(64, ip.ttl);
	ASSERT_EQ(17, ip.protocol);
	ASSERT_EQ(htonl(0x0a000001), ip.saddr);
	ASSERT_EQ(htonl(0x0a000002), ip.daddr);
	p[6] = 0x20;
	ASSERT_EQ(PKTPATH_WIRE_OK, pp_wire_icmp_inner(p, 28, &ip));
	ASSERT_EQ(0, ip.df);
	ASSERT_EQ(1, ip.mf);
}

TEST(ip_every_short_length_is_truncated)
{
	unsigned int n, ihl;
	u8 p[60];

	for (ihl = 5; ihl <= 15; ihl++) {
		ip_make(p, ihl, ihl * 4);
		for (n = 0; n < ihl * 4; n++)
			ASSERT_EQ(PKTPATH_WIRE_TRUNC, ip_check(p, n, n));
		ASSERT_EQ(PKTPATH_WIRE_OK, ip_check(p, n, n));
		ASSERT_EQ(ihl * 4, pp_wire_ip_hlen(p[0]));
	}
}

/* RFC 1122 §3.2.1.1: version other than 4 MUST be discarded. */
TEST(ip_version_and_ihl)
{
	unsigned int first;
	u8 p[60];

	for (first = 0; first < 256; first++) {
		bool good = first >> 4 == 4 && (first & 0xf) >= 5;

		ip_make(p, 5, 60);
		p[0] = first;
		ASSERT_EQ(good ? PKTPATH_WIRE_OK : PKTPATH_WIRE_BAD,
			  ip_check(p, 60, 60));
	}
}

/* RFC 1071 §1: every single wrong bit is found. */
TEST(ip_checksum)
{
	unsigned int bit;
	u8 p[60];

	for (bit = 0; bit < 160; bit++) {
		ip_make(p, 5, 28);
		ASSERT_EQ(0xffff, pp_wire_csum(p, 20, 0));
		p[bit / 8] ^= 0x80 >> bit % 8;
		ASSERT_NE(0xffff, pp_wire_csum(p, 20, 0));
	}
}

TEST(ip_total_length)
{
	u8 p[60];

	ip_make(p, 5, 19);
	ASSERT_EQ(PKTPATH_WIRE_BAD, ip_check(p, 20, 28));
	ip_make(p, 5, 0);
	ASSERT_EQ(PKTPATH_WIRE_BAD, ip_check(p, 20, 28));
	ip_make(p, 6, 20);
	ASSERT_EQ(PKTPATH_WIRE_BAD, ip_check(p, 24, 28));
	ip_make(p, 5, 29);
	ASSERT_EQ(PKTPATH_WIRE_TRUNC, ip_check(p, 20, 28));
	ip_make(p, 5, 65535);
	ASSERT_EQ(PKTPATH_WIRE_OK, ip_check(p, 20, 65535));
	ip_make(p, 5, 20);
	ASSERT_EQ(PKTPATH_WIRE_OK, ip_check(p, 20, 1500));
}

TEST(arp_built_is_parsed)
{
	static const u8 sha[6] = { 2, 0, 0, 0, 0, 1 };
	static const u8 tha[6] = { 2, 0, 0, 0, 0, 2 };
	static const u8 zero[6];
	struct pp_wire_arp a;
	u8 p[PKTPATH_WIRE_ARP_LEN];

	pp_wire_arp_build(p, 2, sha, htonl(0x0a000001), tha, htonl(0x0a000002));
	ASSERT_EQ(PKTPATH_WIRE_OK, pp_wire_arp_parse(p, sizeof(p), &a));
	ASSERT_EQ(2, a.op);
	ASSERT_EQ(0, memcmp(a.sha, sha, 6));
	ASSERT_EQ(0, memcmp(a.tha, tha, 6));
	ASSERT_EQ(htonl(0x0a000001), a.spa);
	ASSERT_EQ(htonl(0x0a000002), a.tpa);

	pp_wire_arp_build(p, 1, sha, 0, NULL, htonl(0x0a000002));
	ASSERT_EQ(PKTPATH_WIRE_OK, pp_wire_arp_parse(p, sizeof(p), &a));
	ASSERT_EQ(0, memcmp(a.tha, zero, 6));
}

TEST(arp_truncated_or_foreign)
{
	static const u8 sha[6] = { 2, 0, 0, 0, 0, 1 };
	struct pp_wire_arp a;
	unsigned int n;
	struct buf b;
	u8 p[PKTPATH_WIRE_ARP_LEN];

	pp_wire_arp_build(p, 1, sha, 0, NULL, 0);
	for (n = 0; n < sizeof(p); n++) {
		b = buf_new(p, n);
		ASSERT_EQ(PKTPATH_WIRE_TRUNC, pp_wire_arp_parse(b.p, n, &a));
		free(b.p);
	}
	p[1] = 6;
	ASSERT_EQ(PKTPATH_WIRE_OK, pp_wire_arp_parse(p, sizeof(p), &a));
	for (n = 0; n < 6; n++) {
		pp_wire_arp_build(p, 1, sha, 0, NULL, 0);
		p[n] ^= 0x20;
		ASSERT_EQ(PKTPATH_WIRE_BAD,
			  pp_wire_arp_parse(p, sizeof(p), &a));
	}
}

/* RFC 768: the length is that of header and data. */
TEST(udp_length)
{
	unsigned int n;

	for (n = 0; n < 8; n++) {
		ASSERT_FALSE(pp_wire_udp_len_ok(n, 100));
		ASSERT_FALSE(pp_wire_udp_len_ok(8, n));
	}
	ASSERT_TRUE(pp_wire_udp_len_ok(8, 8));
	ASSERT_TRUE(pp_wire_udp_len_ok(100, 100));
	ASSERT_FALSE(pp_wire_udp_len_ok(100, 99));
	ASSERT_TRUE(pp_wire_udp_len_ok(65535, 65535));
	ASSERT_FALSE(pp_wire_udp_len_ok(65535, 0));
}

/* RFC 792: header and 8 bytes; neither checksum nor total length must fit. */
TEST(icmp_inner_lengths)
{
	struct pp_wire_ip ip;
	unsigned int n, ihl;
	struct buf b;
	u8 p[68];

	for (ihl = 5; ihl <= 15; ihl++) {
		memset(p, 0, sizeof(p));
		ip_make(p, ihl, 1500);
		p[10] ^= 1;
		for (n = 0; n < ihl * 4 + 8; n++) {
			b = buf_new(p, n);
			ASSERT_EQ(PKTPATH_WIRE_TRUNC,
				  pp_wire_icmp_inner(b.p, n, &ip));
			free(b.p);
		}
		b = buf_new(p, n);
		ASSERT_EQ(PKTPATH_WIRE_OK, pp_wire_icmp_inner(b.p, n, &ip));
		free(b.p);
		ASSERT_EQ(1500, ip.tot_len);
	}
}

/* RFC 1122 §3.2.2: none is sent about a later fragment. */
TEST(icmp_inner_refused)
{
	struct pp_wire_ip ip;
	u8 p[68] = { 0 };

	ip_make(p, 5, 1500);
	p[7] = 1;
	ASSERT_EQ(PKTPATH_WIRE_BAD, pp_wire_icmp_inner(p, sizeof(p), &ip));
	ip_make(p, 5, 1500);
	p[6] = 0x20;
	ASSERT_EQ(PKTPATH_WIRE_OK, pp_wire_icmp_inner(p, sizeof(p), &ip));
	ip_make(p, 5, 19);
	ASSERT_EQ(PKTPATH_WIRE_BAD, pp_wire_icmp_inner(p, sizeof(p), &ip));
	ip_make(p, 5, 1500);
	p[0] = 0x65;
	ASSERT_EQ(PKTPATH_WIRE_BAD, pp_wire_icmp_inner(p, sizeof(p), &ip));
	p[0] = 0x44;
	ASSERT_EQ(PKTPATH_WIRE_BAD, pp_wire_icmp_inner(p, sizeof(p), &ip));
}

TEST_HARNESS_MAIN
