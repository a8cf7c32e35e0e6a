/* SPDX-License-Identifier: GPL-2.0 */
/* What TCP-AO sums up (RFC 5925, RFC 5926); pure (core/pure.h). */
#ifndef PKTPATH_TCP_TCP_AO_INPUT_H
#define PKTPATH_TCP_TCP_AO_INPUT_H

#include "core/pure.h"

#define PKTPATH_OPT_AO		29
#define PKTPATH_AO_KDF_LEN	29	/* bytes of pp_tcp_ao_kdf_input() */
#define PKTPATH_AO_HEAD_MAX	76	/* most of pp_tcp_ao_mac_head() */

/* One direction of a connection, host order: who sends, who receives. */
struct pp_tcp_ao_way {
	u32 saddr, daddr;
	u16 sport, dport;
	u32 sisn, disn;		/* initial numbers; @disn 0 for a SYN */
};

void pp_tcp_ao_kdf_input(u8 *p, const struct pp_tcp_ao_way *w,
			 unsigned int key_bytes);
unsigned int pp_tcp_ao_mac_head(u8 *p, u32 sne, const struct pp_tcp_ao_way *w,
				unsigned int tcp_bytes, const u8 *th,
				const u8 *opt, bool exclude);
int pp_tcp_ao_find(const u8 *p, unsigned int len, const u8 **opt);

/*
 * RFC 5925 §6.2: the number of 64 bits that @seq is the lower half of, nearest
 * to @near. Its upper half is the sequence number extension.
 */
static inline u64 pp_tcp_ao_seq64(u64 near, u32 seq)
{
	return near + (s64)(s32)(seq - (u32)near);
}

static inline u32 pp_tcp_ao_sne(u64 near, u32 seq)
{
	return (u32)(pp_tcp_ao_seq64(near, seq) >> 32);
}

#endif
