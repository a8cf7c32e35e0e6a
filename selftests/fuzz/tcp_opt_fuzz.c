// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_opt.c tcp/tcp_accecn.c */
/* Any option octets: no byte beyond them is read; what is read can be built. */
#include <stdlib.h>
#include "tcp/tcp_accecn.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

/* Whatever a peer says of its counters: no more than eight packets above those
 * that it acknowledges are believed to be marked, and all that is told fits.
 */
static void accurate(const struct pp_tcp_opt *o, u8 seed)
{
	struct pp_accecn a = { .s_ce = seed * 77, .s_bytes = { seed << 16 },
			       .need = seed & 7, .seen = seed & 1 };
	struct pp_accecn_ack k = { .segs = seed, .mss = seed & 3 ? 1460 : 0,
				   .sure = seed & 4 };
	struct pp_tcp_opt mine = *o;

	if (o->accecn) {
		pp_accecn_opt_seen(&a, o);
		k.bytes_ok = pp_accecn_opt_read(&a, o, &k.ce_bytes);
	}
	CHECK(pp_accecn_delta(&a, seed >> 3, &k) <= (seed < 7 ? 7u : seed));
	if (pp_accecn_opt_fill(&a, &mine))
		CHECK(pp_tcp_opt_fits(&mine));
	CHECK(mine.nsacks <= o->nsacks);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pp_tcp_opt o;
	unsigned int n;
	u8 out[40], *p;
	bool syn;

	if (size < 1 || size > 41)
		return 0;
	syn = data[0] & 1;
	p = malloc(size);
	if (!p)
		return 0;
	memcpy(p, data + 1, size - 1);
	pp_tcp_opt_parse(p, size - 1, syn, &o);
	CHECK(o.wscale <= 14);
	CHECK(o.nsacks <= PKTPATH_TCP_MAX_SACKS);
	CHECK(o.fo_len <= sizeof(o.fo_cookie));
	CHECK(o.accecn_n <= 3);
	accurate(&o, data[0]);
	n = pp_tcp_opt_build(out, &o, syn);
	CHECK(n <= sizeof(out));
	free(p);
	return 0;
}
