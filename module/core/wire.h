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

/* RFC 791 §3.1, RFC 1122 §3.2.1: version, ihl, total length, checksum. */
enum pp_wire_verdict pp_wire_ip_check(const u8 *p, unsigned int avail,
				      unsigned int skb_len,
				      struct pp_wire_ip *out);

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

/* RFC 768: length field against the bytes there are; 0 means all (never). */
enum pp_wire_verdict pp_wire_udp_check(const u8 *p, unsigned int avail,
				       unsigned int payload_len, u16 *ulen);

/* RFC 792, 1122 §3.2.2: an ICMP error's quoted header and 8 bytes. */
enum pp_wire_verdict pp_wire_icmp_inner(const u8 *p, unsigned int avail,
					struct pp_wire_ip *inner);

/* RFC 1071 over @len bytes, start value @sum; folded, not inverted. */
u16 pp_wire_csum(const u8 *p, unsigned int len, u32 sum);

#endif
