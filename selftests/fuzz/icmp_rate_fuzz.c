// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/icmp_rate.c */
/*
 * Any sequence of times and limits: neither bucket gives more than its burst
 * at one instant, and credit stays in its bounds.
 */
#include <stdlib.h>
#include "ip/icmp_rate.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

static u32 get(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void fuzz_global(struct pp_icmp_global *g, const u8 *p)
{
	u32 burst = get(p + 8) & 0xffff;
	u32 now = get(p);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (!pp_icmp_global_allow(g, now, 250, get(p + 4), burst))
			continue;
		CHECK(g->credit > 0);
		pp_icmp_global_take(g, get(p + 12) * (i + 1));
	}
	CHECK(g->credit >= -2 && g->credit <= 0xffff);
}

static void fuzz_dest(struct pp_icmp_dest *d, const u8 *p)
{
	u32 limit = get(p + 8);
	u32 now = get(p), n = 0;
	unsigned int i;

	for (i = 0; i < 10; i++)
		n += pp_icmp_dest_allow(d, get(p + 4) | 1, now, limit);
	CHECK(!limit || n <= PKTPATH_ICMP_DEST_BURST || d->tokens >= limit ||
	      n == 10);
	CHECK(d->tokens <= PKTPATH_ICMP_DEST_BURST * 0x08000000U);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pp_icmp_global g = { 0, 0 };
	struct pp_icmp_dest d = { 0, 0, 0 };

	for (; size >= 17; data += 17, size -= 17) {
		if (data[16] & 1)
			fuzz_global(&g, data);
		else
			fuzz_dest(&d, data);
	}
	return 0;
}
