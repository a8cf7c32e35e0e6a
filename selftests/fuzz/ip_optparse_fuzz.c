// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/ip_optparse.c */
/* Any option octets: no byte beyond them is read, offsets stay inside. */
#include <stdlib.h>
#include "ip/ip_optparse.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int hlen = 20 + size / 4 * 4;
	struct pp_ip_opts o;
	u8 *p;

	if (size > 40)
		return 0;
	p = calloc(1, hlen);
	if (!p)
		return 0;
	memcpy(p + 20, data, hlen - 20);
	if (pp_ip_opt_parse(p, hlen, &o))
		CHECK(!o.bad);
	else
		CHECK(o.bad >= 20 && o.bad < hlen);
	CHECK(o.srr < hlen && o.rr < hlen && o.ts < hlen && o.ra < hlen);
	CHECK(!o.srr || p[o.srr] == 131 || p[o.srr] == 137);
	CHECK(!o.rr || p[o.rr] == 7);
	CHECK(!o.ts || p[o.ts] == 68);
	CHECK(!o.full || (o.bad == o.ts + 3 && o.ts));
	if (!o.bad || o.full) {
		struct pp_ip_opt_here here = { .ms = 1, .count = true };
		u8 out[40];

		pp_ip_opt_fill(p, &o, &here);
		CHECK(pp_ip_opt_echo(p, &o, out) <= sizeof(out));
		pp_ip_opt_fragment(p + 20, hlen - 20);
	}
	pp_ip_opt_pad(p + 20, hlen - 20);
	pp_ip_opt_check_user(p + 20, hlen - 20, size & 1, &o);
	free(p);
	return 0;
}
