// SPDX-License-Identifier: GPL-2.0
/* PURE: core/wire.c */
/*
 * Hostile headers for core/wire.c. The first two bytes choose the function
 * and the length of the frame that is claimed; what a verdict of OK promises
 * is asserted.
 */
#include <stdlib.h>
#include "core/wire.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

static void fuzz_ip(const u8 *p, unsigned int len, unsigned int claim)
{
	struct pp_wire_ip ip;

	if (pp_wire_ip_check(p, len, len + claim, &ip) != PKTPATH_WIRE_OK)
		return;
	CHECK(ip.hlen >= 20 && ip.hlen <= 60 && ip.hlen <= len);
	CHECK(ip.tot_len >= ip.hlen && ip.tot_len <= len + claim);
	CHECK(pp_wire_csum(p, ip.hlen, 0) == 0xffff);
	CHECK(ip.frag_off % 8 == 0);
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
	u16 ulen;

	if (pp_wire_udp_check(p, len, len + claim, &ulen) != PKTPATH_WIRE_OK)
		return;
	CHECK(ulen >= 8 && ulen <= len + claim);
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
