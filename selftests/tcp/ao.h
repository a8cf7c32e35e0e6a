/* SPDX-License-Identifier: GPL-2.0 */
/* For tests of TCP-AO: its options, and keys; behind <linux/tcp.h>. */
#ifndef PKTPATH_SELFTESTS_TCP_AO_H
#define PKTPATH_SELFTESTS_TCP_AO_H

#include "pp_test.h"

#define SECRET "a secret of two"
#define SHA1 "hmac(sha1)"

#ifndef TCP_AO_ADD_KEY
#define TCP_AO_ADD_KEY	38
#define TCP_AO_DEL_KEY	39
#define TCP_AO_INFO	40
#define TCP_AO_GET_KEYS	41
#define TCP_AO_KEYF_IFINDEX 1
#define TCP_AO_KEYF_EXCLUDE_OPT 2
#endif

/* As <linux/tcp.h> has them since 6.7. */
struct ao_add {
	struct sockaddr_storage addr;
	char alg_name[64];
	int32_t ifindex;
	uint32_t set_current:1, set_rnext:1, reserved:30;
	uint16_t reserved2;
	uint8_t prefix, sndid, rcvid, maclen, keyflags, keylen;
	uint8_t key[80];
} __attribute__((aligned(8)));

struct ao_del {
	struct sockaddr_storage addr;
	int32_t ifindex;
	uint32_t set_current:1, set_rnext:1, del_async:1, reserved:29;
	uint16_t reserved2;
	uint8_t prefix, sndid, rcvid, current_key, rnext, keyflags;
} __attribute__((aligned(8)));

struct ao_info {
	uint32_t set_current:1, set_rnext:1, required:1, set_counters:1,
		 accept_icmps:1, reserved:27;
	uint16_t reserved2;
	uint8_t current_key, rnext;
	uint64_t good, bad, not_found, wanting, icmps;
} __attribute__((aligned(8)));

struct ao_keys {
	struct sockaddr_storage addr;
	char alg_name[64];
	uint8_t key[80];
	uint32_t nkeys;
	uint16_t is_current:1, is_rnext:1, get_all:1, reserved:13;
	uint8_t sndid, rcvid, prefix, maclen, keyflags, keylen;
	int32_t ifindex;
	uint64_t good, bad;
} __attribute__((aligned(8)));

static inline struct ao_add key(const char *addr, int snd, int rcv)
{
	struct sockaddr_in sin = pp_addr(addr, 0);
	struct ao_add a = {
		.prefix = 32, .sndid = snd, .rcvid = rcv, .alg_name = SHA1,
		.keylen = strlen(SECRET),
	};

	memcpy(&a.addr, &sin, sizeof(sin));
	memcpy(a.key, SECRET, a.keylen);
	return a;
}

static inline void name(struct ao_add *a, const char *alg)
{
	memset(a->alg_name, 0, sizeof(a->alg_name));
	memcpy(a->alg_name, alg, strlen(alg));
}

static inline int put(int fd, const struct ao_add *a)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_AO_ADD_KEY, a, sizeof(*a));
}

/* A key that differs by its last byte and its IDs. */
static inline int add(int fd, const char *addr, int snd, int rcv, char last)
{
	struct ao_add a = key(addr, snd, rcv);

	a.key[a.keylen - 1] = last;
	return put(fd, &a);
}

static inline int del(int fd, const char *addr, int snd, int rcv)
{
	struct sockaddr_in sin = pp_addr(addr, 0);
	struct ao_del d = { .prefix = 32, .sndid = snd, .rcvid = rcv };

	memcpy(&d.addr, &sin, sizeof(sin));
	return setsockopt(fd, IPPROTO_TCP, TCP_AO_DEL_KEY, &d, sizeof(d));
}

static inline struct ao_info info(int fd)
{
	struct ao_info i = {};
	socklen_t len = sizeof(i);

	if (getsockopt(fd, IPPROTO_TCP, TCP_AO_INFO, &i, &len))
		i.reserved2 = errno;
	return i;
}

static inline int choose(int fd, int cur, int rnext)
{
	struct ao_info i = {
		.set_current = cur >= 0, .set_rnext = rnext >= 0,
		.current_key = cur, .rnext = rnext,
	};

	return setsockopt(fd, IPPROTO_TCP, TCP_AO_INFO, &i, sizeof(i));
}

#endif
