/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a user of TCP-AO speaks: numbers and layout of <linux/tcp.h> since 6.7,
 * under names of our own, because older headers have none.
 */
#ifndef PKTPATH_TCP_TCP_AO_USER_H
#define PKTPATH_TCP_TCP_AO_USER_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/socket.h>
#include <linux/types.h>

#define PKTPATH_TCP_AO_ADD_KEY	38
#define PKTPATH_TCP_AO_DEL_KEY	39
#define PKTPATH_TCP_AO_INFO	40
#define PKTPATH_TCP_AO_GET_KEYS	41

#define PKTPATH_AO_MAXKEYLEN	80
#define PKTPATH_AO_IFINDEX	BIT(0)	/* ifindex counts, 0: in no VRF */
#define PKTPATH_AO_EXCLUDE_OPT	BIT(1)	/* other options are not summed up */

/* TCP_AO_ADD_KEY */
struct pp_ao_user_add {
	struct __kernel_sockaddr_storage addr;
	char alg_name[64];
	s32 ifindex;
	u32 set_current:1, set_rnext:1, reserved:30;
	u16 reserved2;
	u8 prefix, sndid, rcvid, maclen, keyflags, keylen;
	u8 key[PKTPATH_AO_MAXKEYLEN];
} __aligned(8);

/* TCP_AO_DEL_KEY */
struct pp_ao_user_del {
	struct __kernel_sockaddr_storage addr;
	s32 ifindex;
	u32 set_current:1, set_rnext:1, del_async:1, reserved:29;
	u16 reserved2;
	u8 prefix, sndid, rcvid, current_key, rnext, keyflags;
} __aligned(8);

/* TCP_AO_INFO, both ways */
struct pp_ao_user_info {
	u32 set_current:1, set_rnext:1, ao_required:1, set_counters:1,
	    accept_icmps:1, reserved:27;
	u16 reserved2;
	u8 current_key, rnext;
	u64 pkt_good, pkt_bad, pkt_key_not_found, pkt_ao_required;
	u64 pkt_dropped_icmp;
} __aligned(8);

/* TCP_AO_GET_KEYS: the first is read, too */
struct pp_ao_user_keys {
	struct __kernel_sockaddr_storage addr;
	char alg_name[64];
	u8 key[PKTPATH_AO_MAXKEYLEN];
	u32 nkeys;
	u16 is_current:1, is_rnext:1, get_all:1, reserved:13;
	u8 sndid, rcvid, prefix, maclen, keyflags, keylen;
	s32 ifindex;
	u64 pkt_good, pkt_bad;
} __aligned(8);

static_assert(sizeof(struct pp_ao_user_add) == 288);
static_assert(sizeof(struct pp_ao_user_del) == 144);
static_assert(sizeof(struct pp_ao_user_info) == 48);
static_assert(sizeof(struct pp_ao_user_keys) == 304);

#endif
