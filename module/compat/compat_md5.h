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
/* What is summed up; on the stack. */
struct pp_compat_md5 {
	struct md5_ctx ctx;
};

/* Process context. Return: 0. */
static inline int pp_compat_md5_get(struct crypto_shash **alg)
{
	return 0;
}

static inline void pp_compat_md5_put(struct crypto_shash *alg)
{
}

static inline void pp_compat_md5_init(struct pp_compat_md5 *m,
				      struct crypto_shash *alg)
{
	md5_init(&m->ctx);
}

static inline void pp_compat_md5_update(struct pp_compat_md5 *m, const void *data,
					unsigned int len)
{
	md5_update(&m->ctx, data, len);
}

static inline void pp_compat_md5_final(struct pp_compat_md5 *m, u8 *out)
{
	md5_final(&m->ctx, out);
}
#else
/* What is summed up; on the stack, with the state of MD5 behind its head. */
struct pp_compat_md5 {
	union {
		struct shash_desc desc;
		char room[sizeof(struct shash_desc) +
			  sizeof(struct md5_state)];
	};
};

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
static inline void pp_compat_md5_init(struct pp_compat_md5 *m,
				      struct crypto_shash *alg)
{
	m->desc.tfm = alg;
	crypto_shash_init(&m->desc);
}

static inline void pp_compat_md5_update(struct pp_compat_md5 *m,
					const void *data, unsigned int len)
{
	crypto_shash_update(&m->desc, data, len);
}

static inline void pp_compat_md5_final(struct pp_compat_md5 *m, u8 *out)
{
	crypto_shash_final(&m->desc, out);
}
#endif

#endif
