// SPDX-License-Identifier: GPL-2.0
/*
 * The algorithms of TCP-AO (RFC 5926 §3, and HMAC-SHA-256 as the kernel).
 *
 * Path: tcp_ao_sign.c, tcp_ao_check.c
 * Mirrors: net/ipv4/tcp_ao.c (tcp_ao_calc_traffic_key)
 * Locks: a slot's own, innermost, bh off. Softirq and process may meet in one,
 * so that on PREEMPT_RT nothing depends on staying on a processor.
 *
 * A transform has a key, and nearly every segment has another: each processor
 * has transforms of its own, which get the key before each sum. They are made
 * with the first key that names the algorithm, and kept.
 */
#include <crypto/hash.h>
#include <linux/skbuff.h>
#include "tcp/tcp_ao.h"

/* One processor's. */
struct pp_tcp_ao_slot {
	spinlock_t lock;	/* a key and what is summed up with it */
	struct crypto_shash *tfm;
};

static const struct {
	const char *name;
	u8 bytes;		/* of the sum, and of a traffic key */
} pp_tcp_ao_algs[] = {
	{ "hmac(sha1)", 20 },
	{ "cmac(aes)", 16 },
	{ "hmac(sha256)", 32 },
};

static DEFINE_MUTEX(pp_tcp_ao_mac_mutex);
static struct pp_tcp_ao_slot *pp_tcp_ao_slots[ARRAY_SIZE(pp_tcp_ao_algs)];

static void pp_tcp_ao_slots_free(struct pp_tcp_ao_slot *slots)
{
	unsigned int i;

	if (!slots)
		return;
	for (i = 0; i < nr_cpu_ids; i++)
		if (!IS_ERR_OR_NULL(slots[i].tfm))
			crypto_free_shash(slots[i].tfm);
	kfree(slots);
}

static struct pp_tcp_ao_slot *pp_tcp_ao_slots_make(unsigned int alg)
{
	struct pp_tcp_ao_slot *slots;
	struct crypto_shash *tfm;
	unsigned int i;

	slots = kcalloc(nr_cpu_ids, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < nr_cpu_ids; i++) {
		spin_lock_init(&slots[i].lock);
		tfm = crypto_alloc_shash(pp_tcp_ao_algs[alg].name, 0, 0);
		if (IS_ERR(tfm) ||
		    crypto_shash_digestsize(tfm) != pp_tcp_ao_algs[alg].bytes)
			goto fail;
		slots[i].tfm = tfm;
	}
	return slots;
fail:
	if (!IS_ERR(tfm))
		crypto_free_shash(tfm);
	pp_tcp_ao_slots_free(slots);
	return ERR_PTR(PTR_ERR_OR_ZERO(tfm) ? : -ENOENT);
}

/**
 * pp_tcp_ao_mac_get() - find an algorithm, ready for use from now on
 * @name: as the user calls it
 * @alg: set
 *
 * Context: process, sleeps; no socket locked.
 * Return: 0; -ENOENT: unknown here, or not in this kernel; -ENOMEM.
 */
int pp_tcp_ao_mac_get(const char *name, unsigned int *alg)
{
	struct pp_tcp_ao_slot *slots;
	int err = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pp_tcp_ao_algs); i++)
		if (!strcmp(name, pp_tcp_ao_algs[i].name))
			break;
	if (i == ARRAY_SIZE(pp_tcp_ao_algs))
		return -ENOENT;
	*alg = i;
	mutex_lock(&pp_tcp_ao_mac_mutex);
	if (!pp_tcp_ao_slots[i]) {
		slots = pp_tcp_ao_slots_make(i);
		err = PTR_ERR_OR_ZERO(slots);
		/* complete before a key can name it, which RCU publishes */
		if (!err)
			WRITE_ONCE(pp_tcp_ao_slots[i], slots);
	}
	mutex_unlock(&pp_tcp_ao_mac_mutex);
	return err;
}

/**
 * pp_tcp_ao_mac_name() - what an algorithm is called
 * @alg: of pp_tcp_ao_mac_get()
 *
 * Context: any.
 * Return: name.
 */
const char *pp_tcp_ao_mac_name(unsigned int alg)
{
	return pp_tcp_ao_algs[alg].name;
}

/**
 * pp_tcp_ao_mac_bytes() - length of a sum, and of a traffic key
 * @alg: of pp_tcp_ao_mac_get()
 *
 * Context: any.
 * Return: bytes, at most PKTPATH_AO_TKEY.
 */
unsigned int pp_tcp_ao_mac_bytes(unsigned int alg)
{
	return pp_tcp_ao_algs[alg].bytes;
}

static int pp_tcp_ao_mac_do(struct crypto_shash *tfm, const u8 *head,
			    unsigned int headlen, struct sk_buff *skb, u8 *out)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	unsigned int done = 0, n;
	struct skb_seq_state st;
	const u8 *data;
	int err;

	desc->tfm = tfm;
	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, head, headlen);
	if (!err && skb) {
		skb_prepare_seq_read(skb, tcp_hdrlen(skb), skb->len, &st);
		while ((n = skb_seq_read(done, &data, &st))) {
			err = err ? : crypto_shash_update(desc, data, n);
			done += n;
		}
	}
	if (!err)
		err = crypto_shash_final(desc, out);
	shash_desc_zero(desc);
	return err;
}

/**
 * pp_tcp_ao_mac_sum() - sum up with a key
 * @alg: of pp_tcp_ao_mac_get()
 * @key: secret
 * @keylen: its bytes
 * @head: what comes first
 * @headlen: its bytes
 * @skb: at its TCP header: whose payload follows, or NULL
 * @out: room for pp_tcp_ao_mac_bytes()
 *
 * Context: any but hard interrupts.
 * Return: false: the kernel refuses the key, or has no memory for it.
 */
bool pp_tcp_ao_mac_sum(unsigned int alg, const u8 *key, unsigned int keylen,
		       const u8 *head, unsigned int headlen,
		       struct sk_buff *skb, u8 *out)
{
	struct pp_tcp_ao_slot *s = READ_ONCE(pp_tcp_ao_slots[alg]);
	int err;

	s += raw_smp_processor_id();
	spin_lock_bh(&s->lock);
	err = crypto_shash_setkey(s->tfm, key, keylen);
	if (!err)
		err = pp_tcp_ao_mac_do(s->tfm, head, headlen, skb, out);
	spin_unlock_bh(&s->lock);
	return !err;
}

/**
 * pp_tcp_ao_mac_exit() - the module goes
 *
 * Context: process; no key is left.
 */
void pp_tcp_ao_mac_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pp_tcp_ao_slots); i++)
		pp_tcp_ao_slots_free(pp_tcp_ao_slots[i]);
}
