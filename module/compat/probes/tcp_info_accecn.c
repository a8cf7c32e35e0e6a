// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO knows Accurate ECN. */
#include <linux/tcp.h>

void pp_probe(struct tcp_info *i);
void pp_probe(struct tcp_info *i)
{
	i->tcpi_ecn_mode = TCPI_ECN_MODE_ACCECN;
	i->tcpi_received_ce_bytes = i->tcpi_accecn_fail_mode;
}
