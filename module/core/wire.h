/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pure checks of headers as they come from the wire: no skb, no sock, so the
 * same file is unit tested and fuzzed in user space. Every function takes the
 * number of bytes that may be read and reads no more.
 */
#ifndef PKTPATH_CORE_WIRE_H
#define PKTPATH_CORE_WIRE_H

#include "core/pure.h"

enum pp_wire_verdict {
	PKTPATH_WIRE_OK,
	PKTPATH_WIRE_TRUNC,	/* fewer bytes than the header says */
	PKTPATH_WIRE_BAD,	/* a field has a value that cannot be */
	PKTPATH_WIRE_CSUM,
};

/* Decoded IPv4 header, host byte order except addresses. */
struct pp_wire_ip {
	u8 hlen;		/* bytes, 20..60 */
	u8 tos, ttl, protocol;
	u16 tot_len, id, frag_off;	/* frag_off: offset in bytes */
	bool df, mf;
	__be32 saddr, daddr;
};

#define PKTPATH_WIRE_IP_HLEN 20
#define PKTPATH_WIRE_UDP_HLEN 8

/*
 * The steps of pp_ip_rcv_core(), inline because each packet takes them; the
 * checksum, for which processors have instructions, is its own.
 */

/* RFC 1122 §3.2.1.1: version 4, and 5 words at least. */
static inline bool pp_wire_ip_first_ok(u8 first)
{
	return (u8)(first - 0x45) <= 0x0a;
}

static inline unsigned int pp_wire_ip_hlen(u8 first)
{
	return (first & 0xf) * 4;
}

/* RFC 791 §3.1: @tot_len holds the header, and @len bytes hold it. */
static inline enum pp_wire_verdict
pp_wire_ip_len_check(unsigned int hlen, unsigned int tot_len, unsigned int len)
{
	if (unlikely(len < tot_len))
		return PKTPATH_WIRE_TRUNC;
	if (unlikely(tot_len < hlen))
		return PKTPATH_WIRE_BAD;
	return PKTPATH_WIRE_OK;
}

/* Decoded ARP of Ethernet/IPv4 (RFC 826). */
struct pp_wire_arp {
	u16 op;
	u8 sha[6], tha[6];
	__be32 spa, tpa;
};

#define PKTPATH_WIRE_ARP_LEN 28

enum pp_wire_verdict pp_wire_arp_parse(const u8 *p, unsigned int avail,
				       struct pp_wire_arp *out);
void pp_wire_arp_build(u8 *p, u16 op, const u8 *sha, __be32 spa,
		       const u8 *tha, __be32 tpa);

/* RFC 768: the length field against the @len bytes there are. */
static inline bool pp_wire_udp_len_ok(unsigned int ulen, unsigned int len)
{
	return ulen >= PKTPATH_WIRE_UDP_HLEN && ulen <= len;
}

/* RFC 792, 1122 §3.2.2: an ICMP error's quoted header and 8 bytes. */
enum pp_wire_verdict pp_wire_icmp_inner(const u8 *p, unsigned int avail,
					struct pp_wire_ip *inner);

/* RFC 1071 over @len bytes, start value @sum; folded, not inverted. */
u16 pp_wire_csum(const u8 *p, unsigned int len, u32 sum);

#endif
