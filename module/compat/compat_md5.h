/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MD5, for the signatures of RFC 2385. Needed until 6.12 is dropped: the
 * library has it from 6.18 on, before that it is an algorithm of the crypto
 * API, to be found by name.
 */
#ifndef PKTPATH_COMPAT_COMPAT_MD5_H
#define PKTPATH_COMPAT_COMPAT_MD5_H

#include <crypto/hash.h>
#include <crypto/md5.h>
#include "probe.h"

#ifdef PKTPATH_HAVE_LIB_MD5
#define PKTPATH_MD5_ON_STACK(name) struct md5_ctx name[1]
#define pp_compat_md5_ctx md5_ctx

/* Process context. Return: 0. */
static inline int pp_compat_md5_get(struct crypto_shash **alg)
{
	return 0;
}

static inline void pp_compat_md5_put(struct crypto_shash *alg)
{
}

static inline void pp_compat_md5_init(struct md5_ctx *ctx,
				      struct crypto_shash *alg)
{
	md5_init(ctx);
}

static inline void pp_compat_md5_update(struct md5_ctx *ctx, const void *data,
					unsigned int len)
{
	md5_update(ctx, data, len);
}

static inline void pp_compat_md5_final(struct md5_ctx *ctx, u8 *out)
{
	md5_final(ctx, out);
}
#else
/* The state of MD5 and no more: HASH_MAX_DESCSIZE is for all algorithms. */
#define PKTPATH_MD5_ON_STACK(name)					\
	char __##name[sizeof(struct shash_desc) +			\
		      sizeof(struct md5_state)]				\
		__aligned(__alignof__(struct shash_desc));		\
	struct shash_desc *name = (struct shash_desc *)__##name
#define pp_compat_md5_ctx shash_desc

/* Process context, sleeps. Return: 0; -ENOENT: the kernel has no MD5. */
static inline int pp_compat_md5_get(struct crypto_shash **alg)
{
	struct crypto_shash *got = crypto_alloc_shash("md5", 0, 0);

	if (IS_ERR(got))
		return PTR_ERR(got);
	if (crypto_shash_descsize(got) > sizeof(struct md5_state)) {
		crypto_free_shash(got);
		return -ENOENT;
	}
	*alg = got;
	return 0;
}

static inline void pp_compat_md5_put(struct crypto_shash *alg)
{
	crypto_free_shash(alg);
}

/* None of the three can fail without a key. */
static inline void pp_compat_md5_init(struct shash_desc *ctx,
				      struct crypto_shash *alg)
{
	ctx->tfm = alg;
	crypto_shash_init(ctx);
}

static inline void pp_compat_md5_update(struct shash_desc *ctx,
					const void *data, unsigned int len)
{
	crypto_shash_update(ctx, data, len);
}

static inline void pp_compat_md5_final(struct shash_desc *ctx, u8 *out)
{
	crypto_shash_final(ctx, out);
}
#endif

#endif
