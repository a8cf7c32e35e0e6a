// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_opt.c */
/* Any option octets: no byte beyond them is read; what is read can be built. */
#include <stdlib.h>
#include "tcp/tcp_opt.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

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
	n = pp_tcp_opt_build(out, &o, syn);
	CHECK(n <= sizeof(out));
	free(p);
	return 0;
}
