// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --pcapng: a journey as a packet, its stages as the comment. A
 * record knows the headers' fields but not the bytes: what stands in the file
 * are headers made of them, the rest of the packet is cut off.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "trace.h"

#define LINK_RAW_IPV4	228
#define HEAD_MAX	40
#define COMMENT		4000

static uint32_t pad(uint32_t n)
{
	return (n + 3) & ~3u;
}

/* Type, length, body padded to words, length. */
static void block(FILE *f, uint32_t type, const void *body, uint32_t n)
{
	uint32_t head[2] = { type, 12 + pad(n) };

	fwrite(head, sizeof(head), 1, f);
	fwrite(body, n, 1, f);
	fwrite("\0\0\0", pad(n) - n, 1, f);
	fwrite(&head[1], sizeof(head[1]), 1, f);
}

void pcap_head(FILE *f)
{
	static const struct {
		uint32_t magic;
		uint16_t major, minor;
		int64_t len;
	} section = { 0x1a2b3c4d, 1, 0, -1 };
	static const struct {
		uint16_t link, reserved;
		uint32_t snap;
		uint16_t opt, opt_len;
		uint32_t ns;
		uint32_t end;
	} link = { LINK_RAW_IPV4, 0, HEAD_MAX, 9, 1, 9, 0 };

	block(f, 0x0a0d0d0a, &section, sizeof(section));
	block(f, 1, &link, sizeof(link));
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint16_t sum16(const uint8_t *p, int n)
{
	uint32_t sum = 0;
	int i;

	for (i = 0; i < n; i += 2)
		sum += p[i] << 8 | p[i + 1];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

/* The headers; their length. */
static uint32_t headers(const struct pktpath_journey_rec *r, uint32_t len,
			uint8_t h[HEAD_MAX])
{
	memset(h, 0, HEAD_MAX);
	h[0] = 0x45;
	put16(h + 2, len);
	h[8] = 64;
	h[9] = r->proto;
	memcpy(h + 12, &r->saddr, 4);
	memcpy(h + 16, &r->daddr, 4);
	if (r->proto != IPPROTO_TCP)
		put16(h + 4, r->seq);
	put16(h + 10, sum16(h, 20));
	memcpy(h + 20, &r->sport, 2);
	memcpy(h + 22, &r->dport, 2);
	if (r->proto == IPPROTO_UDP) {
		put16(h + 24, len - 20);
		return 28;
	}
	if (r->proto != IPPROTO_TCP)
		return 20;
	put32(h + 24, r->seq);
	h[32] = 5 << 4;
	h[33] = r->tcp_flags;
	return 40;
}

static uint32_t comment(const struct journey *j,
			const struct trace_names *names, char text[COMMENT])
{
	const char *drop;
	uint32_t i, n = 0;

	for (i = 0; i < j->n && n < COMMENT - 200; i++) {
		n += sprintf(text + n, "%s%s +%" PRIu64, i ? ", " : "",
			     trace_stage_name(j->r[i].stage),
			     (uint64_t)j->r[i].time - (uint64_t)j->r[0].time);
		drop = trace_cause_name(names, &j->r[i]);
		if (drop)
			n += sprintf(text + n, " DROP %s", drop);
	}
	return n + sprintf(text + n, " ns");
}

/* Bytes of the packet as IP has it. */
static uint32_t ip_len(const struct journey *j)
{
	uint32_t i, len = 0;

	for (i = 0; i < j->n; i++)
		switch (j->r[i].stage) {
		case PKTPATH_AT_IP_LOCAL_OUT:
		case PKTPATH_AT_IP_OUTPUT:
		case PKTPATH_AT_IP_RCV:
		case PKTPATH_AT_IP_FORWARD:
			len = j->r[i].len;
		}
	return len;
}

void pcap_journey(FILE *f, const struct journey *j,
		  const struct trace_names *names, uint64_t epoch)
{
	const struct pktpath_journey_rec *r = journey_flow(j);
	uint32_t len = ip_len(j), least, cap, n, at;
	uint64_t time = j->r[0].time + epoch;
	static char text[COMMENT];
	uint8_t h[HEAD_MAX];
	struct {
		uint32_t link, high, low, cap, len;
		uint8_t rest[HEAD_MAX + COMMENT + 16];
	} b;
	uint16_t opt[2] = { 1 };

	if (!r)
		return;
	/* of what ended above IP the headers alone are known */
	least = r->proto == IPPROTO_TCP ? 40 : r->proto == IPPROTO_UDP ? 28 : 20;
	if (len < least)
		len = least;
	cap = headers(r, len > 65535 ? 65535 : len, h);
	memset(&b, 0, sizeof(b));
	b.high = time >> 32;
	b.low = time;
	b.cap = cap;
	b.len = len;
	memcpy(b.rest, h, cap);
	at = pad(cap);
	n = comment(j, names, text);
	opt[1] = n;
	memcpy(b.rest + at, opt, sizeof(opt));
	memcpy(b.rest + at + 4, text, n);
	at += 4 + pad(n) + 4;	/* and the end of options */
	block(f, 6, &b, 20 + at);
}
