/* SPDX-License-Identifier: GPL-2.0 */
/* IGMP messages and sets of sources; pure: no skb, no socket. */
#ifndef PKTPATH_IP_IGMP_MSG_H
#define PKTPATH_IP_IGMP_MSG_H

#include "core/pure.h"

/* ---- Sets of addresses: ascending, each once; ip/mcfilter.c ---- */

static inline bool pp_mcset_less(__be32 a, __be32 b)
{
	return be32_to_cpu(a) < be32_to_cpu(b);
}

/* Sorts @s and takes out what is there twice; how many are left. */
u32 pp_mcset_sort(__be32 *s, u32 n);
bool pp_mcset_has(const __be32 *s, u32 n, __be32 addr);
/* @out has room for @na + @nb; it may be @a for the last two. */
u32 pp_mcset_or(__be32 *out, const __be32 *a, u32 na, const __be32 *b, u32 nb);
u32 pp_mcset_and(__be32 *out, const __be32 *a, u32 na, const __be32 *b,
		 u32 nb);
u32 pp_mcset_minus(__be32 *out, const __be32 *a, u32 na, const __be32 *b,
		   u32 nb);

/* ---- Messages: ip/igmp_msg.c ---- */

#define PKTPATH_IGMP_QUERY	0x11
#define PKTPATH_IGMP_V1_REPORT	0x12
#define PKTPATH_IGMP_V2_REPORT	0x16
#define PKTPATH_IGMP_V2_LEAVE	0x17
#define PKTPATH_IGMP_V3_REPORT	0x22

/* Types of group records, RFC 3376 §4.2.12. */
enum pp_igmp_record {
	PKTPATH_IGMP_IS_IN = 1,
	PKTPATH_IGMP_IS_EX,
	PKTPATH_IGMP_TO_IN,
	PKTPATH_IGMP_TO_EX,
	PKTPATH_IGMP_ALLOW,
	PKTPATH_IGMP_BLOCK,
};

/**
 * struct pp_igmp_query - what a query says
 * @version: of the querier, by the form of the message (RFC 3376 §7.1)
 * @group: 0: all
 * @max_resp: tenths of seconds in which to answer, at least 1
 * @qrv: the querier's robustness, 0: not told
 * @qqi: seconds between its queries, 0: not told
 * @nsrcs: sources asked about
 * @srcs: these, as in the message
 */
struct pp_igmp_query {
	u8 version;
	u8 qrv;
	__be32 group;
	u32 max_resp;
	u32 qqi;
	u32 nsrcs;
	const u8 *srcs;
};

/* False: it is to be ignored. @data: the IGMP message, @len bytes. */
bool pp_igmp_parse_query(const u8 *data, u32 len, struct pp_igmp_query *q);
/* Whether the options of an IP header have a Router Alert (RFC 2113). */
bool pp_igmp_has_alert(const u8 *opts, u32 len);

/**
 * struct pp_igmp_report - a version 3 report in the making
 * @buf: room for it
 * @size: bytes of @buf
 * @len: bytes written
 * @records: group records written
 */
struct pp_igmp_report {
	u8 *buf;
	u32 size;
	u32 len;
	u16 records;
};

#define PKTPATH_IGMP_REPORT_FULL (~0u)

void pp_igmp_report_start(struct pp_igmp_report *r, u8 *buf, u32 size);
/*
 * Adds a record with as many of the @n sources as fit; how many, or
 * PKTPATH_IGMP_REPORT_FULL when there is no room for it.
 */
u32 pp_igmp_report_add(struct pp_igmp_report *r, u8 type, __be32 group,
		       const __be32 *src, u32 n);
/* Fills the count of records; the checksum is the caller's. */
void pp_igmp_report_end(struct pp_igmp_report *r);
/* A message of 8 bytes: reports of version 1 and 2, and leave. */
void pp_igmp_short(u8 *buf, u8 type, __be32 group);

#endif
