// SPDX-License-Identifier: GPL-2.0
/*
 * IGMP messages: reading queries, writing reports.
 *
 * Pure: also compiled in user space for unit tests.
 *
 * Path: igmp.c, igmp_out.c -> here
 * Mirrors: net/ipv4/igmp.c (igmp_heard_query, add_grec)
 * Locks: none
 */
#include "ip/igmp_msg.h"

#define PKTPATH_IGMP_SHORT	8	/* bytes of versions 1 and 2 */
#define PKTPATH_IGMP_V3_HLEN	12	/* of a version 3 query */
#define PKTPATH_IGMP_RECORD	8	/* of a group record */

static u32 pp_igmp_get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

/* RFC 3376 §4.1.1, §4.1.7: from 128 on a floating point number. */
static u32 pp_igmp_code(u8 code)
{
	if (code < 128)
		return code;
	return (0x10u | (code & 0xf)) << (((code >> 4) & 7) + 3);
}

/**
 * pp_igmp_parse_query() - read a membership query
 * @data: IGMP message of type 0x11, checksum good
 * @len: its length, bytes
 * @q: filled
 *
 * RFC 3376 §7.1: 8 bytes are version 1 or 2, 12 and more version 3, all else
 * is ignored. What follows the sources is for later versions (§4.1.10).
 *
 * Context: any.
 * Return: true when the query is to be heeded.
 */
bool pp_igmp_parse_query(const u8 *data, u32 len, struct pp_igmp_query *q)
{
	if (len < PKTPATH_IGMP_SHORT)
		return false;
	memset(q, 0, sizeof(*q));
	memcpy(&q->group, data + 4, sizeof(q->group));
	/* a group, or none */
	if (q->group && (data[4] & 0xf0) != 0xe0)
		return false;
	if (len == PKTPATH_IGMP_SHORT) {
		q->version = data[1] ? 2 : 1;
		/* RFC 2236 §4: version 1 means ten seconds */
		q->max_resp = data[1] ?: 100;
		if (q->version == 1)
			q->group = 0;
		return true;
	}
	if (len < PKTPATH_IGMP_V3_HLEN)
		return false;
	q->version = 3;
	q->max_resp = pp_igmp_code(data[1]) ?: 1;
	q->qrv = data[8] & 7;
	q->qqi = pp_igmp_code(data[9]);
	q->nsrcs = pp_igmp_get16(data + 10);
	q->srcs = data + PKTPATH_IGMP_V3_HLEN;
	if (q->nsrcs > (len - PKTPATH_IGMP_V3_HLEN) / 4)
		return false;
	/* RFC 3376 §4.1.9: sources without a group say nothing */
	return q->group || !q->nsrcs;
}

/**
 * pp_igmp_has_alert() - is there a Router Alert option?
 * @opts: options of an IP header
 * @len: their length, bytes
 *
 * Context: any.
 * Return: true when there is.
 */
bool pp_igmp_has_alert(const u8 *opts, u32 len)
{
	u32 i = 0;

	while (i < len) {
		if (opts[i] == 0)
			break;
		if (opts[i] == 1) {
			i++;
			continue;
		}
		if (len - i < 2 || opts[i + 1] < 2 || opts[i + 1] > len - i)
			break;
		if (opts[i] == 0x94)
			return opts[i + 1] == 4;
		i += opts[i + 1];
	}
	return false;
}

/**
 * pp_igmp_report_start() - begin a version 3 report
 * @r: filled
 * @buf: room for it
 * @size: bytes of @buf, at least 16
 *
 * Context: any.
 */
void pp_igmp_report_start(struct pp_igmp_report *r, u8 *buf, u32 size)
{
	memset(buf, 0, PKTPATH_IGMP_SHORT);
	buf[0] = PKTPATH_IGMP_V3_REPORT;
	r->buf = buf;
	r->size = size;
	r->len = PKTPATH_IGMP_SHORT;
	r->records = 0;
}

/**
 * pp_igmp_report_add() - add a group record
 * @r: the report
 * @type: PKTPATH_IGMP_IS_IN and so on
 * @group: the group
 * @src: sources
 * @n: how many
 *
 * Context: any.
 * Return: how many of the sources are in, or PKTPATH_IGMP_REPORT_FULL when
 * there is not room for the record and one of them.
 */
u32 pp_igmp_report_add(struct pp_igmp_report *r, u8 type, __be32 group,
		       const __be32 *src, u32 n)
{
	u32 room = r->size - r->len;
	u8 *rec = r->buf + r->len;

	if (room < PKTPATH_IGMP_RECORD + (n ? 4 : 0) || r->records == 0xffff)
		return PKTPATH_IGMP_REPORT_FULL;
	room = (room - PKTPATH_IGMP_RECORD) / 4;
	if (n > room)
		n = room;
	if (n > 0xffff)
		n = 0xffff;
	rec[0] = type;
	rec[1] = 0;
	rec[2] = n >> 8;
	rec[3] = n;
	memcpy(rec + 4, &group, sizeof(group));
	if (n)
		memcpy(rec + PKTPATH_IGMP_RECORD, src, n * sizeof(*src));
	r->len += PKTPATH_IGMP_RECORD + n * 4;
	r->records++;
	return n;
}

/**
 * pp_igmp_report_end() - close a version 3 report
 * @r: the report
 *
 * Context: any.
 */
void pp_igmp_report_end(struct pp_igmp_report *r)
{
	r->buf[6] = r->records >> 8;
	r->buf[7] = r->records;
}

/**
 * pp_igmp_short() - write a message of version 1 or 2
 * @buf: 8 bytes
 * @type: of the message
 * @group: the group
 *
 * Context: any.
 */
void pp_igmp_short(u8 *buf, u8 type, __be32 group)
{
	memset(buf, 0, PKTPATH_IGMP_SHORT);
	buf[0] = type;
	memcpy(buf + 4, &group, sizeof(group));
}
