// SPDX-License-Identifier: GPL-2.0
/* PURE: core/wire.c */
/*
 * Hostile headers for core/wire.[ch]. The first two bytes choose the function
 * and the length of the frame that is claimed; what a verdict of OK promises
 * is asserted.
 */
#include <stdlib.h>
#include "core/wire.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

/* The steps of pp_ip_rcv_core(), which adds the checksum. */
static void fuzz_ip(const u8 *p, unsigned int len, unsigned int claim)
{
	unsigned int hlen, tot_len;

	if (len < PKTPATH_WIRE_IP_HLEN || !pp_wire_ip_first_ok(p[0]))
		return;
	CHECK(p[0] >> 4 == 4);
	hlen = pp_wire_ip_hlen(p[0]);
	CHECK(hlen >= 20 && hlen <= 60);
	tot_len = p[2] << 8 | p[3];
	if (hlen > len || pp_wire_ip_len_check(hlen, tot_len, len + claim))
		return;
	CHECK(tot_len >= hlen && tot_len <= len + claim);
	CHECK(pp_wire_csum(p, hlen, 0) == pp_wire_csum(p + 2, hlen - 2,
						       p[0] << 8 | p[1]));
}

static void fuzz_arp(const u8 *p, unsigned int len)
{
	u8 out[PKTPATH_WIRE_ARP_LEN];
	struct pp_wire_arp a;

	if (pp_wire_arp_parse(p, len, &a) != PKTPATH_WIRE_OK)
		return;
	pp_wire_arp_build(out, a.op, a.sha, a.spa, a.tha, a.tpa);
	/* Hardware type 6 comes back as 1. */
	CHECK(!memcmp(out + 2, p + 2, sizeof(out) - 2));
}

static void fuzz_udp(const u8 *p, unsigned int len, unsigned int claim)
{
	unsigned int ulen;

	if (len < PKTPATH_WIRE_UDP_HLEN)
		return;
	ulen = p[4] << 8 | p[5];
	if (pp_wire_udp_len_ok(ulen, len + claim))
		CHECK(ulen >= 8 && ulen <= len + claim);
	else
		CHECK(ulen < 8 || ulen > len + claim);
}

static void fuzz_icmp(const u8 *p, unsigned int len)
{
	struct pp_wire_ip ip;

	if (pp_wire_icmp_inner(p, len, &ip) != PKTPATH_WIRE_OK)
		return;
	CHECK(ip.hlen + 8u <= len && !ip.frag_off);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int len, claim;
	u8 *p;

	if (size < 2 || size > 4096)
		return 0;
	claim = data[1];
	len = size - 2;
	p = malloc(len ? len : 1);
	if (!p)
		return 0;
	memcpy(p, data + 2, len);
	switch (data[0] & 3) {
	case 0:
		fuzz_ip(p, len, claim);
		break;
	case 1:
		fuzz_arp(p, len);
		break;
	case 2:
		fuzz_udp(p, len, claim);
		break;
	default:
		fuzz_icmp(p, len);
	}
	free(p);
	return 0;
}
