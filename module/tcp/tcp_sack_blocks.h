/* SPDX-License-Identifier: GPL-2.0 */
/* Arithmetic of SACK blocks, sent and received; pure (core/pure.h). */
#ifndef PKTPATH_TCP_TCP_SACK_BLOCKS_H
#define PKTPATH_TCP_TCP_SACK_BLOCKS_H

#include "tcp/tcp_opt.h"

bool pp_tcp_sack_join(struct pp_tcp_sack_block *b, u32 start, u32 end);
unsigned int pp_tcp_sack_list_add(struct pp_tcp_sack_block *own,
				  unsigned int n, u32 start, u32 end);
unsigned int pp_tcp_sack_list_advance(struct pp_tcp_sack_block *own,
				      unsigned int n, u32 rcv_nxt);
bool pp_tcp_sack_is_dsack(const struct pp_tcp_opt *o, u32 ack);
bool pp_tcp_sack_valid(const struct pp_tcp_sack_block *b, u32 una, u32 nxt);
bool pp_tcp_sack_new(const struct pp_tcp_sack_block *seen,
		     const struct pp_tcp_sack_block *b, u32 *from);

#endif
