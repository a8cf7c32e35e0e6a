/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames made by chance, most of them nearly right: what is wrong is one field,
 * so that the code behind the first checks is reached. A seed says all of it.
 */
#ifndef PKTPATH_SELFTESTS_ATTACK_FRAMES_GEN_H
#define PKTPATH_SELFTESTS_ATTACK_FRAMES_GEN_H

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/tcp.h>
#include "frame.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* Live sockets of A; see frames.c. */
#define GEN_UDP		5001	/* bound */
#define GEN_UDP_CONN	5002	/* connected to B's port of the same number */
#define GEN_UDP_OPTS	5003	/* with ancillary data and an error queue */
#define GEN_UDP_GROUP	5004	/* a member of the two groups */
#define GEN_LISTEN	80
#define GEN_TCP		7100	/* connected to B's port of the same number */
#define GEN_RAW		253	/* protocol */
#define GEN_PING	0x5050	/* identifier */
#define GEN_GROUP	"239.1.2.3"
#define GEN_GROUP2	"239.1.2.4"	/* from B alone */

/* What a call of gen_next() makes at most. */
#define GEN_BURST	12

struct gen {
	uint64_t state;
	const struct pair *p;
	uint32_t a_nxt, b_nxt;	/* next numbers of the TCP connection */
};

static inline uint32_t gen_u32(struct gen *g)
{
	g->state ^= g->state >> 12;
	g->state ^= g->state << 25;
	g->state ^= g->state >> 27;
	return (g->state * 2685821657736338717ull) >> 32;
}

/* 0 to @n - 1 */
static inline uint32_t gen_in(struct gen *g, uint32_t n)
{
	return ((uint64_t)gen_u32(g) * n) >> 32;
}

/* Once in @n. */
static inline bool gen_one(struct gen *g, uint32_t n)
{
	return !gen_in(g, n);
}

static inline uint32_t gen_edge(struct gen *g)
{
	static const uint32_t edges[] = {
		0, 1, 2, 7, 8, 19, 20, 21, 60, 68, 127, 128, 255, 256, 552,
		576, 1499, 1500, 1501, 0x1fff, 0x3fff, 0x7fff, 0x8000, 0xfff8,
		0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	return gen_one(g, 3) ? gen_u32(g) : edges[gen_in(g, ARRAY_SIZE(edges))];
}

/* One of a table. */
#define GEN_OF(g, table)						\
	({								\
		__auto_type t_ = &(table);				\
		(*t_)[gen_in(g, ARRAY_SIZE(*t_))];			\
	})

/* ---- Addresses ---- */

static inline uint32_t gen_src(struct gen *g)
{
	static const char *const odd[] = {
		"0.0.0.0", "0.0.0.1", "127.0.0.1", "224.0.0.1", "240.0.0.1",
		"255.255.255.255", PAIR_A, "10.77.0.255", "10.78.0.1",
	};

	switch (gen_in(g, 16)) {
	case 0:
		return inet_addr(GEN_OF(g, odd));
	case 1:
	case 2:
		/* on the link, nobody's */
		return htonl(0x0a4d0003 + gen_in(g, 32));
	case 3:
	case 4:
		return htonl(0x0a090000 + gen_in(g, 65536));
	default:
		return inet_addr(PAIR_B);
	}
}

static inline uint32_t gen_dst(struct gen *g)
{
	static const char *const odd[] = {
		"10.77.0.255", "255.255.255.255", "224.0.0.1", "224.0.0.22",
		GEN_GROUP, GEN_GROUP, GEN_GROUP2, "239.9.9.9", "10.78.0.1",
		"10.78.0.255", "10.77.0.5", "10.79.0.1", "203.0.113.1",
		"198.51.100.1", "198.51.101.1", "192.0.2.1", "240.0.0.1",
	};

	if (!gen_one(g, 5))
		return inet_addr(PAIR_A);
	if (gen_one(g, 12))
		return htonl(0xcb007100 + gen_in(g, 65536));
	return inet_addr(GEN_OF(g, odd));
}

static inline uint16_t gen_port(struct gen *g)
{
	static const uint16_t ports[] = {
		GEN_UDP, GEN_UDP_CONN, GEN_UDP_OPTS, GEN_UDP_GROUP, GEN_LISTEN,
		GEN_TCP, 4999, 0,
	};

	return gen_one(g, 8) ? gen_u32(g) : GEN_OF(g, ports);
}

/* The link's destination that belongs to the IP address, mostly. */
static inline void gen_link(struct gen *g, struct frame *f)
{
	uint32_t to = ntohl(frame_ip(f)->daddr);

	if (gen_one(g, 40)) {
		memset(f->b, 0xff, 6);
	} else if (gen_one(g, 60)) {
		f->b[5] ^= 1;
	} else if (to >> 28 == 0xe) {
		memcpy(f->b, "\x01\x00\x5e", 3);
		f->b[3] = to >> 16 & 0x7f;
		f->b[4] = to >> 8;
		f->b[5] = to;
	} else if (to == 0xffffffff || (to & 0xff) == 255) {
		memset(f->b, 0xff, 6);
	}
}

/* ---- IP ---- */

/* Options of @room octets at most, a multiple of four; how many. */
static inline unsigned int gen_options(struct gen *g, uint8_t *o,
				       unsigned int room)
{
	static const uint8_t kinds[] = {
		0, 1, 1, 7, 7, 68, 68, 130, 131, 136, 137, 148, 148, 30, 205,
	};
	unsigned int n = 0, len, want = 4 + 4 * gen_in(g, room / 4);

	while (n < want) {
		o[n] = GEN_OF(g, kinds);
		if (o[n] < 2 || want - n < 2) {
			n++;
			continue;
		}
		len = 2 + gen_in(g, want - n - 1);
		if (o[n] == 148 && want - n >= 4)
			len = 4;
		if (o[n] == 7 && want - n >= 7)
			len = 3 + 4 * (1 + gen_in(g, (want - n - 3) / 4));
		memset(o + n + 2, 0, len - 2);
		o[n + 1] = len;
		if (len > 2)
			o[n + 2] = gen_one(g, 3) ? gen_in(g, 44) :
						   4 + (o[n] == 68);
		if (len > 3 && o[n] == 68)
			o[n + 3] = gen_one(g, 4) ? gen_u32(g) : gen_in(g, 4);
		if (len > 6 && (o[n] == 131 || o[n] == 137))
			memcpy(o + n + 3, "\x0a\x4d\0\5", 4);
		if (gen_one(g, 8))
			o[n + 1] = gen_edge(g);
		n += len;
	}
	return want;
}

static inline void gen_ip(struct gen *g, struct frame *f, uint8_t protocol)
{
	unsigned int optlen = 0;
	uint8_t o[40];

	if (gen_one(g, 6))
		optlen = gen_options(g, o, 40);
	frame_begin(f, g->p, protocol, optlen);
	memcpy(frame_ip(f) + 1, o, optlen);
	frame_ip(f)->saddr = gen_src(g);
	frame_ip(f)->daddr = gen_dst(g);
	frame_ip(f)->tos = gen_one(g, 4) ? gen_u32(g) : 0;
	frame_ip(f)->id = gen_u32(g);
	if (gen_one(g, 2))
		frame_ip(f)->frag_off = htons(0x4000);
}

/* One field that is not what it was. */
static inline void gen_spoil_ip(struct gen *g, struct frame *f)
{
	struct iphdr *iph = frame_ip(f);

	switch (gen_in(g, 10)) {
	case 0:
		iph->version = gen_u32(g);
		break;
	case 1:
		iph->ihl = gen_u32(g);
		break;
	case 2:
		iph->tot_len = htons(gen_edge(g));
		break;
	case 3:
		iph->tot_len = htons(ntohs(iph->tot_len) - 4 + gen_in(g, 9));
		break;
	case 4:
		iph->frag_off = htons(gen_edge(g));
		break;
	case 5:
		iph->ttl = gen_in(g, 3);
		break;
	case 6:
		iph->protocol = gen_u32(g);
		break;
	case 7:
		iph->saddr = gen_u32(g);
		break;
	case 8:
		iph->daddr = gen_u32(g);
		break;
	default:
		iph->tos = gen_u32(g);
		break;
	}
}

/* Length, checksum, the link; and what may be wrong with all that. */
static inline void gen_finish(struct gen *g, struct frame *f)
{
	unsigned int ihl = frame_ip(f)->ihl * 4;

	frame_ip(f)->tot_len = htons(f->len - ETH_LEN);
	gen_link(g, f);
	if (gen_one(g, 6)) {
		gen_spoil_ip(g, f);
		ihl = frame_ip(f)->ihl < 5 ? 20 : frame_ip(f)->ihl * 4;
		if (ihl > f->len - ETH_LEN)
			ihl = 20;
	}
	frame_ip(f)->check = 0;
	frame_ip(f)->check = csum_of(frame_ip(f), ihl);
	if (gen_one(g, 50))
		frame_ip(f)->check ^= 1 << gen_in(g, 16);
	if (gen_one(g, 30))
		f->len = ETH_LEN + gen_in(g, f->len - ETH_LEN + 1);
	else if (gen_one(g, 10) && f->len < 1400)
		memset(frame_put(f, 1 + gen_in(g, 60)), 0xa5, 1);
}

static inline void gen_bytes(struct gen *g, uint8_t *p, unsigned int n)
{
	while (n--)
		*p++ = n & 3 ? n : gen_u32(g);
}

static inline unsigned int gen_size(struct gen *g)
{
	return gen_one(g, 30) ? gen_in(g, 1400) : gen_in(g, 60);
}

/* ---- Transports ---- */

/* The checksum over the pseudo header and all behind the IP header. */
static inline uint16_t gen_csum_l4(struct frame *f, uint8_t protocol)
{
	unsigned int len = f->b + f->len - (uint8_t *)frame_l4(f);
	uint8_t b[FRAME_MAX];

	memcpy(b, &frame_ip(f)->saddr, 8);
	b[8] = 0;
	b[9] = protocol;
	b[10] = len >> 8;
	b[11] = len;
	memcpy(b + 12, frame_l4(f), len);
	return csum_of(b, 12 + len);
}

static inline void gen_udp(struct gen *g, struct frame *f)
{
	unsigned int n = gen_size(g);
	struct udphdr *uh;

	gen_ip(g, f, IPPROTO_UDP);
	uh = frame_put(f, sizeof(*uh));
	gen_bytes(g, frame_put(f, n), n);
	uh->source = htons(gen_one(g, 3) ? GEN_UDP_CONN : gen_port(g));
	uh->dest = htons(gen_port(g));
	uh->len = htons(gen_one(g, 10) ? gen_edge(g) : sizeof(*uh) + n);
	if (!gen_one(g, 3))
		uh->check = gen_csum_l4(f, IPPROTO_UDP);
	if (gen_one(g, 20))
		uh->check = gen_u32(g);
	gen_finish(g, f);
}

/* TCP options, most of them well formed. */
static inline unsigned int gen_tcp_options(struct gen *g, uint8_t *o)
{
	static const uint8_t kinds[] = {
		0, 1, 1, 2, 3, 4, 5, 5, 8, 8, 19, 29, 30, 34, 69, 254,
	};
	static const uint8_t lens[] = { [2] = 4, [3] = 3, [4] = 2, [8] = 10 };
	unsigned int n = 0, len, want = 4 * gen_in(g, 11);

	gen_bytes(g, o, 40);
	while (n < want) {
		o[n] = GEN_OF(g, kinds);
		if (o[n] < 2 || want - n < 2) {
			n++;
			continue;
		}
		len = 2 + gen_in(g, want - n - 1);
		if (o[n] < 9 && lens[o[n]])
			len = lens[o[n]];
		if (o[n] == 5)
			len = 2 + 8 * (1 + gen_in(g, 4));
		o[n + 1] = gen_one(g, 10) ? gen_edge(g) : len;
		n += len;
	}
	return want;
}

static inline void gen_tcp(struct gen *g, struct frame *f)
{
	static const uint8_t flags[] = {
		0x02, 0x02, 0x10, 0x10, 0x18, 0x18, 0x11, 0x04, 0x14, 0x12,
		0xc2, 0x30, 0x01, 0x00, 0xff,
	};
	unsigned int n = gen_one(g, 2) ? 0 : gen_size(g), optlen = 0;
	bool conn = gen_one(g, 2);
	struct tcphdr *th;
	uint8_t o[80];

	gen_ip(g, f, IPPROTO_TCP);
	if (gen_one(g, 2))
		optlen = gen_tcp_options(g, o);
	th = frame_put(f, sizeof(*th) + optlen);
	memcpy(th + 1, o, optlen);
	gen_bytes(g, frame_put(f, n), n);
	th->source = htons(gen_port(g));
	th->dest = htons(gen_one(g, 4) ? gen_port(g) : GEN_LISTEN);
	th->seq = gen_edge(g);
	th->ack_seq = gen_edge(g);
	if (conn) {
		frame_ip(f)->saddr = inet_addr(PAIR_B);
		frame_ip(f)->daddr = inet_addr(PAIR_A);
		th->source = htons(GEN_TCP);
		th->dest = htons(GEN_TCP);
		th->seq = htonl(g->b_nxt - 100 + gen_in(g, 200));
		th->ack_seq = htonl(g->a_nxt - 10 + gen_in(g, 20));
		if (gen_one(g, 2))
			th->seq = htonl(g->b_nxt);
	}
	((uint8_t *)th)[13] = gen_one(g, 6) ? gen_u32(g) : GEN_OF(g, flags);
	/* or it would be set up anew all the time */
	if (conn && !gen_one(g, 40))
		((uint8_t *)th)[13] &= ~6;
	th->doff = gen_one(g, 12) ? gen_u32(g) : 5 + optlen / 4;
	th->window = gen_one(g, 3) ? gen_edge(g) : 0xffff;
	th->urg_ptr = gen_one(g, 5) ? gen_edge(g) : 0;
	th->check = gen_csum_l4(f, IPPROTO_TCP);
	if (gen_one(g, 20))
		th->check = gen_u32(g);
	gen_finish(g, f);
}

/* A datagram of A's as an error would quote it. */
static inline void gen_quote(struct gen *g, struct frame *f)
{
	static const uint8_t protocols[] = {
		IPPROTO_UDP, IPPROTO_UDP, IPPROTO_TCP, IPPROTO_TCP,
		IPPROTO_ICMP, GEN_RAW, IPPROTO_IGMP, 99,
	};
	unsigned int optlen = gen_one(g, 10) ? 4 * gen_in(g, 11) : 0;
	struct iphdr *in = frame_put(f, sizeof(*in) + optlen);
	uint8_t protocol = GEN_OF(g, protocols);
	uint16_t ports[2];
	uint8_t *l4;

	memset(in + 1, 1, optlen);
	in->version = gen_one(g, 20) ? gen_u32(g) : 4;
	in->ihl = gen_one(g, 20) ? gen_u32(g) : 5 + optlen / 4;
	in->tot_len = htons(gen_one(g, 2) ? 1500 : gen_edge(g));
	in->frag_off = htons(gen_one(g, 10) ? gen_edge(g) : 0x4000);
	in->ttl = 1;
	in->protocol = protocol;
	in->saddr = gen_one(g, 10) ? gen_src(g) : inet_addr(PAIR_A);
	in->daddr = gen_one(g, 10) ? gen_dst(g) : inet_addr(PAIR_B);
	l4 = frame_put(f, gen_one(g, 4) ? gen_in(g, 40) : 20);
	if (f->b + f->len - l4 < 8)
		return;
	ports[0] = htons(gen_one(g, 4) ? gen_port(g) : GEN_UDP_CONN);
	ports[1] = htons(gen_one(g, 4) ? gen_port(g) : GEN_UDP_CONN);
	if (protocol == IPPROTO_TCP && !gen_one(g, 4)) {
		ports[0] = htons(GEN_TCP);
		ports[1] = htons(GEN_TCP);
	}
	memcpy(l4, ports, 4);
	*(uint32_t *)(l4 + 4) = htonl(g->a_nxt - 5 + gen_in(g, 10));
	if (protocol == IPPROTO_ICMP) {
		memset(l4, 0, 8);
		l4[0] = gen_one(g, 8) ? gen_u32(g) : ICMP_ECHO;
		*(uint16_t *)(l4 + 4) = htons(GEN_PING);
	}
}

static inline void gen_icmp(struct gen *g, struct frame *f)
{
	static const uint8_t errors[] = { 3, 3, 3, 4, 5, 11, 12 };
	bool error = gen_one(g, 2);
	struct icmphdr *ih;
	unsigned int n;

	gen_ip(g, f, IPPROTO_ICMP);
	ih = frame_put(f, sizeof(*ih));
	ih->type = error ? GEN_OF(g, errors) :
		   gen_one(g, 3) ? gen_u32(g) : gen_in(g, 19);
	ih->code = gen_one(g, 8) ? gen_u32(g) : gen_in(g, 17);
	ih->un.gateway = gen_edge(g);
	if (gen_one(g, 2))
		ih->un.gateway = htonl(gen_edge(g));
	if (ih->type == ICMP_REDIRECT && !gen_one(g, 3))
		ih->un.gateway = htonl(0x0a4d0003 + gen_in(g, 32));
	if (ih->type == ICMP_ECHOREPLY && !gen_one(g, 3))
		ih->un.echo.id = htons(GEN_PING);
	if (error && !gen_one(g, 12)) {
		gen_quote(g, f);
	} else {
		n = gen_size(g);
		gen_bytes(g, frame_put(f, n), n);
	}
	frame_icmp_csum(f);
	if (gen_one(g, 20))
		ih->checksum ^= gen_u32(g);
	gen_finish(g, f);
}

static inline void gen_igmp(struct gen *g, struct frame *f)
{
	static const uint8_t types[] = {
		0x11, 0x11, 0x11, 0x12, 0x16, 0x17, 0x22, 0x13,
	};
	static const char *const groups[] = {
		"0.0.0.0", "224.0.0.1", GEN_GROUP, GEN_GROUP2, "239.9.9.9",
		"10.77.0.1",
	};
	unsigned int n = gen_one(g, 2) ? 0 : gen_in(g, 60);
	uint32_t group = inet_addr(GEN_OF(g, groups));
	uint8_t *m;

	frame_begin(f, g->p, IPPROTO_IGMP, gen_one(g, 4) ? 0 : 4);
	if (frame_ip(f)->ihl > 5)
		memcpy(frame_ip(f) + 1, "\x94\4\0\0", 4);
	frame_ip(f)->ttl = gen_one(g, 10) ? 64 : 1;
	m = frame_put(f, 8 + n);
	gen_bytes(g, m + 8, n);
	m[0] = gen_one(g, 20) ? gen_u32(g) : GEN_OF(g, types);
	m[1] = gen_one(g, 4) ? gen_u32(g) : gen_in(g, 2);
	memcpy(m + 4, &group, 4);
	if (n > 4) {
		m[10] = 0;
		m[11] = gen_one(g, 8) ? gen_u32(g) : (n - 4) / 4;
	}
	frame_ip(f)->daddr = group && !gen_one(g, 4) ? group :
						       inet_addr("224.0.0.1");
	*(uint16_t *)(m + 2) = csum_of(m, 8 + n);
	if (gen_one(g, 20))
		m[2] ^= 1;
	gen_finish(g, f);
}

static inline void gen_other(struct gen *g, struct frame *f)
{
	static const uint8_t protocols[] = {
		GEN_RAW, GEN_RAW, 0, 4, 41, 47, 50, 51, 89, 103, 132, 254, 255,
	};
	unsigned int n = gen_size(g);

	gen_ip(g, f, GEN_OF(g, protocols));
	gen_bytes(g, frame_put(f, n), n);
	gen_finish(g, f);
}

static inline void gen_arp(struct gen *g, struct frame *f)
{
	uint32_t to = gen_one(g, 4) ? gen_dst(g) : inet_addr(PAIR_A);
	uint32_t from = gen_src(g);
	uint8_t *a;

	memset(f, 0, sizeof(*f));
	memset(f->b, gen_one(g, 3) ? 0 : 0xff, 6);
	if (!f->b[0])
		memcpy(f->b, g->p->mac_a, 6);
	memcpy(f->b + 6, g->p->mac_b, 6);
	memcpy(f->b + 12, "\x08\x06\0\1\x08\0\6\4\0", 9);
	f->len = ETH_LEN + 28;
	a = f->b + ETH_LEN;
	a[7] = gen_one(g, 12) ? gen_u32(g) : 1 + gen_in(g, 2);
	memcpy(a + 8, gen_one(g, 4) ? "\2\0\0\0\0" : (char *)g->p->mac_b, 6);
	memcpy(a + 14, &from, 4);
	memcpy(a + 18, gen_one(g, 3) ? "\2\0\0\0\0" : (char *)g->p->mac_a, 6);
	memcpy(a + 24, &to, 4);
	if (gen_one(g, 12))
		a[gen_in(g, 28)] ^= 1 << gen_in(g, 8);
	if (gen_one(g, 12))
		f->len = ETH_LEN + gen_in(g, 29);
	else if (gen_one(g, 2))
		f->len = 60;
}

/* ---- Fragments ---- */

/* Some of nobody's datagram: few identifications, so that they meet. */
static inline void gen_fragment(struct gen *g, struct frame *f)
{
	static const uint8_t protocols[] = {
		IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_TCP, GEN_RAW, 99,
	};
	unsigned int n = gen_one(g, 3) ? gen_in(g, 60) : 8 * gen_in(g, 10);
	unsigned int off = gen_one(g, 6) ? gen_edge(g) & 0x1fff : gen_in(g, 8);

	gen_ip(g, f, GEN_OF(g, protocols));
	gen_bytes(g, frame_put(f, n), n);
	frame_ip(f)->id = htons(gen_in(g, 24));
	frame_ip(f)->frag_off = htons(off | (gen_one(g, 3) ? 0 : 0x2000) |
				      (gen_one(g, 12) ? 0x4000 : 0));
	gen_finish(g, f);
}

/*
 * A whole datagram of 8 bytes and more in pieces out of order; sometimes one
 * twice, one that is missing, one that overlaps. How many frames.
 */
static inline unsigned int gen_fragments(struct gen *g, struct frame *f)
{
	unsigned int k = 2 + gen_in(g, 7), size, len, i, j, n = k;
	static struct frame whole, t;
	uint16_t id = gen_u32(g);
	struct iphdr *iph;

	if (gen_one(g, 2))
		frame_echo(&whole, g->p, gen_in(g, 1200));
	else
		frame_udp(&whole, g->p, GEN_UDP_CONN, gen_port(g),
			  gen_in(g, 1200));
	len = whole.len - ETH_LEN - 20;
	size = (len / k + 8) & ~7u;
	for (i = 0; i < k; i++) {
		f[i] = whole;
		iph = frame_ip(&f[i]);
		iph->id = id;
		j = i * size > len ? len : i * size;
		f[i].len = ETH_LEN + 20 + (len - j < size ? len - j : size);
		memmove(iph + 1, whole.b + ETH_LEN + 20 + j,
			f[i].len - ETH_LEN - 20);
		iph->frag_off = htons(j / 8 | (i == k - 1 ? 0 : 0x2000));
		if (gen_one(g, 30))
			iph->frag_off ^= htons(1 << gen_in(g, 4));
		frame_end(&f[i]);
	}
	for (i = k - 1; i && !gen_one(g, 3); i--) {
		j = gen_in(g, i + 1);
		t = f[i];
		f[i] = f[j];
		f[j] = t;
	}
	if (gen_one(g, 6))
		n--;
	else if (gen_one(g, 6))
		f[n++] = f[gen_in(g, k)];
	return n;
}

/* ---- All of them ---- */

/* A tag before what the frame is; room is left. */
static inline void gen_vlan(struct gen *g, struct frame *f)
{
	uint16_t tci = gen_one(g, 2) ? gen_u32(g) : gen_u32(g) & 0xf000;

	memmove(f->b + 16, f->b + 12, f->len - 12);
	f->b[12] = gen_one(g, 4) ? 0x88 : 0x81;
	f->b[13] = f->b[12] == 0x88 ? 0xa8 : 0;
	f->b[14] = tci >> 8;
	f->b[15] = tci;
	f->len += 4;
}

/* The next frames at @f, which has room for GEN_BURST; how many. */
static inline unsigned int gen_next(struct gen *g, struct frame *f)
{
	unsigned int what = gen_in(g, 100);

	if (what < 20)
		gen_icmp(g, f);
	else if (what < 40)
		gen_udp(g, f);
	else if (what < 62)
		gen_tcp(g, f);
	else if (what < 72)
		gen_fragment(g, f);
	else if (what < 80)
		return gen_fragments(g, f);
	else if (what < 86)
		gen_igmp(g, f);
	else if (what < 93)
		gen_other(g, f);
	else
		gen_arp(g, f);
	if (gen_one(g, 30))
		f->b[12 + gen_in(g, 2)] ^= 1 << gen_in(g, 8);
	if (gen_one(g, 25))
		gen_vlan(g, f);
	if (f->len > ETH_FRAME_LEN)
		f->len = ETH_FRAME_LEN;
	return 1;
}

#endif
