/* SPDX-License-Identifier: GPL-2.0 */
/* Building blocks of congestion controls, and the two built-in ones; pure. */
#ifndef PKTPATH_TCP_TCP_RENO_H
#define PKTPATH_TCP_TCP_RENO_H

#include "core/pure.h"
#include <net/pktpath.h>

extern struct pktpath_cc_ops pp_tcp_reno;
extern struct pktpath_cc_ops pp_tcp_cubic;

u32 pp_tcp_reno_ssthresh(struct pktpath_cc *c);
u32 pp_tcp_reno_undo(struct pktpath_cc *c);
void pp_tcp_reno_ai(struct pktpath_cc *c, u32 w, u32 acked);

#endif
