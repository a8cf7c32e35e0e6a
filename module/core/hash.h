/* SPDX-License-Identifier: GPL-2.0 */
/* Keyed hashes: what the wire or a user chooses cannot aim at a bucket. */
#ifndef PKTPATH_CORE_HASH_H
#define PKTPATH_CORE_HASH_H

#include "core/netns.h"

static inline u32 pp_hash_2(const struct pp_net *pn, u32 a, u32 b)
{
	return (u32)siphash_2u32(a, b, &pn->hash_key);
}

static inline u64 pp_hash64_4(const struct pp_net *pn, u32 a, u32 b, u32 c,
			      u32 d)
{
	return siphash_4u32(a, b, c, d, &pn->hash_key);
}

static inline u32 pp_hash_4(const struct pp_net *pn, u32 a, u32 b, u32 c,
			    u32 d)
{
	return (u32)siphash_4u32(a, b, c, d, &pn->hash_key);
}

#endif
