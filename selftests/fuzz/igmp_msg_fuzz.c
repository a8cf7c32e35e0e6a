// SPDX-License-Identifier: GPL-2.0
/* PURE: ip/igmp_msg.c ip/mcfilter.c */
/* Any query: no byte beyond it is read, what it says stays within it. */
#include <stdlib.h>
#include "ip/igmp_msg.h"

#define CHECK(cond) do { if (!(cond)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pp_igmp_query q;
	struct pp_igmp_report r;
	__be32 *s;
	u8 buf[64];
	u32 n, put;

	pp_igmp_has_alert(data, size);
	if (!pp_igmp_parse_query(data, size, &q))
		return 0;
	CHECK(q.version >= 1 && q.version <= 3);
	CHECK(q.max_resp >= 1 && q.max_resp <= 31744);
	CHECK(q.nsrcs * 4 <= size && (q.group || !q.nsrcs));
	s = malloc(q.nsrcs * 4 + 4);
	if (!s)
		return 0;
	if (q.nsrcs)
		memcpy(s, q.srcs, q.nsrcs * 4);
	n = pp_mcset_sort(s, q.nsrcs);
	CHECK(n <= q.nsrcs);
	pp_igmp_report_start(&r, buf, sizeof(buf));
	do {
		put = pp_igmp_report_add(&r, PKTPATH_IGMP_IS_IN, q.group, s,
					 n);
	} while (put != PKTPATH_IGMP_REPORT_FULL);
	pp_igmp_report_end(&r);
	CHECK(r.len <= sizeof(buf));
	free(s);
	return 0;
}
