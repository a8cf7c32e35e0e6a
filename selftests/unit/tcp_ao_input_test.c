// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_ao_input.c */
/* What TCP-AO sums up: the vectors of RFC 9235, extensions, malformed lists. */
#include "tcp/tcp_ao_input.h"
#include "kselftest_harness.h"

/* ---- HMAC-SHA-1 (FIPS 180-4, RFC 2104), as short as it gets ---- */

static u32 rol(u32 x, int n)
{
	return x << n | x >> (32 - n);
}

static void sha1_block(u32 h[5], const u8 *p)
{
	u32 w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f, k, t;
	int i;

	for (i = 0; i < 16; i++)
		w[i] = (u32)p[4 * i] << 24 | p[4 * i + 1] << 16 |
		       p[4 * i + 2] << 8 | p[4 * i + 3];
	for (; i < 80; i++)
		w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (i = 0; i < 80; i++) {
		if (i < 20) {
			f = (b & c) | (~b & d);
			k = 0x5a827999;
		} else if (i < 40 || i >= 60) {
			f = b ^ c ^ d;
			k = i < 40 ? 0x6ed9eba1 : 0xca62c1d6;
		} else {
			f = (b & c) | (b & d) | (c & d);
			k = 0x8f1bbcdc;
		}
		t = rol(a, 5) + f + e + k + w[i];
		e = d;
		d = c;
		c = rol(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

/* Of a block and @n bytes, fewer than 200. */
static void sha1(const u8 *block, const u8 *p, unsigned int n, u8 *out)
{
	u32 h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
		     0xc3d2e1f0 };
	unsigned int i, whole = (n + 9 + 63) / 64 * 64;
	u8 rest[256] = {};

	memcpy(rest, p, n);
	rest[n] = 0x80;
	rest[whole - 2] = (64 + n) * 8 >> 8;
	rest[whole - 1] = (u8)((64 + n) * 8);
	sha1_block(h, block);
	for (i = 0; i < whole; i += 64)
		sha1_block(h, rest + i);
	for (i = 0; i < 20; i++)
		out[i] = h[i / 4] >> (24 - i % 4 * 8);
}

static void hmac(const u8 *key, unsigned int len, const u8 *p, unsigned int n,
		 u8 *out)
{
	u8 inner[64], outer[64];
	unsigned int i;

	for (i = 0; i < 64; i++) {
		inner[i] = (i < len ? key[i] : 0) ^ 0x36;
		outer[i] = (i < len ? key[i] : 0) ^ 0x5c;
	}
	sha1(inner, p, n, out);
	sha1(outer, out, 20, out);
}

/* ---- RFC 9235 §4.1: testvector, HMAC-SHA-1-96, options included ---- */

#define CLIENT 0x0a0b0c0d
#define SERVER 0xac1b1c1d
#define CLIENT_ISN 0xfbfbab5a
#define SERVER_ISN 0x11c14261

static const u8 syn[] = {
	0xe9, 0xd7, 0x00, 0xb3, 0xfb, 0xfb, 0xab, 0x5a, 0x00, 0x00, 0x00, 0x00,
	0xe0, 0x02, 0xff, 0xff, 0xca, 0xc4, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4,
	0x01, 0x03, 0x03, 0x08, 0x04, 0x02, 0x08, 0x0a, 0x00, 0x15, 0x5a, 0xb7,
	0x00, 0x00, 0x00, 0x00, 0x1d, 0x10, 0x3d, 0x54, 0x2e, 0xe4, 0x37, 0xc6,
	0xf8, 0xed, 0xe6, 0xd7, 0xc4, 0xd6, 0x02, 0xe7,
};

static const u8 synack[] = {
	0x00, 0xb3, 0xe9, 0xd7, 0x11, 0xc1, 0x42, 0x61, 0xfb, 0xfb, 0xab, 0x5b,
	0xe0, 0x12, 0xff, 0xff, 0x37, 0x76, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4,
	0x01, 0x03, 0x03, 0x08, 0x04, 0x02, 0x08, 0x0a, 0x84, 0xa5, 0x0b, 0xeb,
	0x00, 0x15, 0x5a, 0xb7, 0x1d, 0x10, 0x54, 0x3d, 0xee, 0xab, 0x0f, 0xe2,
	0x4c, 0x30, 0x10, 0x81, 0x51, 0x16, 0xb3, 0xbe,
};

static const u8 syn_key[] = {
	0x6d, 0x63, 0xef, 0x1b, 0x02, 0xfe, 0x15, 0x09, 0xd4, 0xb1,
	0x40, 0x27, 0x07, 0xfd, 0x7b, 0x04, 0x16, 0xab, 0xb7, 0x4f,
};

/* The MAC that a segment should have is the one it has. */
static bool verifies(const struct pp_tcp_ao_way *w, const u8 *th,
		     unsigned int len, u8 *tkey)
{
	u8 in[PKTPATH_AO_KDF_LEN], head[PKTPATH_AO_HEAD_MAX], mac[20];
	const u8 *opt;
	unsigned int n;

	if (pp_tcp_ao_find(th + 20, len - 20, &opt) || !opt)
		return false;
	pp_tcp_ao_kdf_input(in, w, 20);
	hmac((const u8 *)"testvector", 10, in, sizeof(in), tkey);
	n = pp_tcp_ao_mac_head(head, 0, w, len, th, opt, false);
	hmac(tkey, 20, head, n, mac);
	return !memcmp(mac, opt + 4, opt[1] - 4);
}

TEST(rfc9235_syn)
{
	const struct pp_tcp_ao_way w = {
		CLIENT, SERVER, 0xe9d7, 0x00b3, CLIENT_ISN, 0
	};
	u8 tkey[20];

	EXPECT_TRUE(verifies(&w, syn, sizeof(syn), tkey));
	EXPECT_EQ(0, memcmp(tkey, syn_key, sizeof(syn_key)));
}

TEST(rfc9235_synack)
{
	const struct pp_tcp_ao_way w = {
		SERVER, CLIENT, 0x00b3, 0xe9d7, SERVER_ISN, CLIENT_ISN
	};
	u8 tkey[20], forged[sizeof(synack)];

	EXPECT_TRUE(verifies(&w, synack, sizeof(synack), tkey));
	memcpy(forged, synack, sizeof(forged));
	forged[15]++;
	EXPECT_FALSE(verifies(&w, forged, sizeof(forged), tkey));
	/* the checksum is no part of it: a device may write it later */
	memcpy(forged, synack, sizeof(forged));
	forged[16]++;
	EXPECT_TRUE(verifies(&w, forged, sizeof(forged), tkey));
}

/* RFC 5925 §5.1: without the others the option stands behind the header. */
TEST(options_excluded)
{
	const struct pp_tcp_ao_way w = { CLIENT, SERVER, 0, 0, 0, 0 };
	u8 head[PKTPATH_AO_HEAD_MAX];
	const u8 *opt;

	ASSERT_EQ(0, pp_tcp_ao_find(syn + 20, sizeof(syn) - 20, &opt));
	ASSERT_EQ(syn + 40, opt);
	EXPECT_EQ(16 + 20 + 16, pp_tcp_ao_mac_head(head, 7, &w, sizeof(syn),
						   syn, opt, true));
	EXPECT_EQ(7, head[3]);
	EXPECT_EQ(sizeof(syn), head[15]);
	EXPECT_EQ(0, memcmp(head + 16, syn, 16));
	EXPECT_EQ(0, head[32] | head[33]);
	EXPECT_EQ(0, memcmp(head + 36, opt, 4));
	EXPECT_EQ(0, head[40] | head[51]);
}

/* RFC 5925 §6.2: both ways over the edge, and back for what is old. */
TEST(extension)
{
	EXPECT_EQ(0, pp_tcp_ao_sne(0xfffffff0u, 0xfffffff1u));
	EXPECT_EQ(1, pp_tcp_ao_sne(0xfffffff0u, 5));
	EXPECT_EQ(1, pp_tcp_ao_sne(0x100000005ull, 6));
	EXPECT_EQ(0, pp_tcp_ao_sne(0x100000005ull, 0xfffffff1u));
	EXPECT_EQ(7, pp_tcp_ao_sne(0x700000000ull, 0x7fffffff));
	EXPECT_EQ(6, pp_tcp_ao_sne(0x700000000ull, 0x80000001));
	EXPECT_EQ(0x3fffffff0ull, pp_tcp_ao_seq64(0x400000010ull, 0xfffffff0u));
}

TEST(lists)
{
	static const u8 none[] = { 1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const u8 bare[] = { 29, 4, 1, 2 };
	static const u8 two[] = { 29, 5, 1, 2, 3, 29, 5, 1, 2, 3, 0, 0 };
	static const u8 both[] = { 29, 5, 1, 2, 3, 19, 3, 0 };
	static const u8 cut[] = { 1, 29, 16, 1 };
	static const u8 odd[] = { 3, 0, 0, 0 };
	static const u8 last[] = { 0, 29, 5, 1, 2, 3, 0, 0 };
	const u8 *opt;

	EXPECT_EQ(0, pp_tcp_ao_find(none, sizeof(none), &opt));
	EXPECT_EQ(NULL, opt);
	EXPECT_EQ(-1, pp_tcp_ao_find(bare, sizeof(bare), &opt));
	EXPECT_EQ(-1, pp_tcp_ao_find(two, sizeof(two), &opt));
	EXPECT_EQ(-1, pp_tcp_ao_find(both, sizeof(both), &opt));
	EXPECT_EQ(0, pp_tcp_ao_find(cut, sizeof(cut), &opt));
	EXPECT_EQ(NULL, opt);
	EXPECT_EQ(0, pp_tcp_ao_find(odd, sizeof(odd), &opt));
	EXPECT_EQ(NULL, opt);
	EXPECT_EQ(0, pp_tcp_ao_find(last, sizeof(last), &opt));
	EXPECT_EQ(NULL, opt);
	EXPECT_EQ(0, pp_tcp_ao_find(none, 0, &opt));
}

TEST_HARNESS_MAIN
