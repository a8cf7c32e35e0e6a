// SPDX-License-Identifier: GPL-2.0
/* PURE: tcp/tcp_ao_input.c */
/* Any option octets: what is found lies whole within them, and sums up. */
#include <stdlib.h>
#include "tcp/tcp_ao_input.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct pp_tcp_ao_way w;
	u8 head[PKTPATH_AO_HEAD_MAX], *th;
	unsigned int n, bytes = size - 1;
	const u8 *opt;
	bool exclude;

	if (size < 1 || bytes > 40 || bytes % 4)
		return 0;
	exclude = data[0] & 1;
	th = calloc(1, 20 + bytes);
	if (!th)
		return 0;
	th[12] = (20 + bytes) / 4 << 4;
	memcpy(th + 20, data + 1, bytes);
	if (!pp_tcp_ao_find(th + 20, bytes, &opt) && opt) {
		CHECK(opt >= th + 20 && opt + opt[1] <= th + 20 + bytes);
		CHECK(opt[0] == PKTPATH_OPT_AO && opt[1] > 4);
		n = pp_tcp_ao_mac_head(head, data[0], &w, 20 + bytes, th, opt,
				       exclude);
		CHECK(n == 16 + 20 + (exclude ? opt[1] : bytes));
	}
	free(th);
	return 0;
}
