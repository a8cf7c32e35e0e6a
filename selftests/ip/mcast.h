/* SPDX-License-Identifier: GPL-2.0 */
/* Groups and what IGMP says of them, for test programs on both stacks. */
#ifndef PKTPATH_SELFTESTS_IP_MCAST_H
#define PKTPATH_SELFTESTS_IP_MCAST_H

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/igmp.h>
#include <linux/ip.h>
#include "pp_test.h"

#define GROUP	"239.1.2.3"
#define GROUP2	"239.1.2.4"
#define ALL	"224.0.0.1"
#define PORT	5007
#define WAIT	30000

static char in[65536];

static inline int add_group(int fd, int opt, const char *group, const char *iface)
{
	struct ip_mreq mreq = {
		.imr_multiaddr.s_addr = inet_addr(group),
		.imr_interface.s_addr = inet_addr(iface),
	};

	return setsockopt(fd, SOL_IP, opt, &mreq, sizeof(mreq));
}

static inline int join(int fd, const char *group)
{
	return add_group(fd, IP_ADD_MEMBERSHIP, group, PKTPATH_T_A);
}

static inline int leave(int fd, const char *group)
{
	return add_group(fd, IP_DROP_MEMBERSHIP, group, PKTPATH_T_A);
}

static inline int out_by(int fd, const char *iface)
{
	struct in_addr a = { inet_addr(iface) };

	return setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &a, sizeof(a));
}

/* A socket of the stack under test that reads the port, with others. */
static inline int reader(const struct pp_pair *p)
{
	int fd = pp_udp(p);

	if (fd < 0 || pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    pp_bind(fd, "0.0.0.0", PORT))
		return -1;
	return fd;
}

/* A socket of the peer that sends to groups. */
static inline int peer(const struct pp_pair *p, const char *addr)
{
	int fd = pp_peer_udp(p, addr, 0);

	return fd < 0 || out_by(fd, addr) ? -1 : fd;
}

/* Comes @text at @fd? Bounded: it is on its way. */
static inline int gets(int fd, const char *text)
{
	ssize_t n;

	if (pp_readable(fd, WAIT) != 1)
		return 0;
	n = recv(fd, in, sizeof(in), 0);
	return n == (ssize_t)strlen(text) && !memcmp(in, text, n);
}

static inline int says(int fd, const char *text, const char *group)
{
	return pp_sendto(fd, text, strlen(text), group, PORT) ==
	       (ssize_t)strlen(text);
}

/* The next message of @from about @group, at its IGMP header; NULL: none. */
static inline uint8_t *igmp_next_of(int tap, const char *from, const char *group,
				    uint8_t type)
{
	struct iphdr *iph = (struct iphdr *)in;
	in_addr_t g = inet_addr(group);
	int tries = 30;
	uint8_t *m;
	ssize_t n;

	while (tries) {
		n = pp_tap_next(tap, IPPROTO_IGMP, 0, in, sizeof(in));
		if (n < 0) {
			tries--;
			continue;
		}
		m = (uint8_t *)in + iph->ihl * 4;
		if (iph->saddr != inet_addr(from) || *m != type)
			continue;
		if (!memcmp(m + (type == 0x22 ? 12 : 4), &g, 4))
			return m;
	}
	return NULL;
}

static inline uint8_t *igmp_next(int tap, const char *group, uint8_t type)
{
	return igmp_next_of(tap, PKTPATH_T_A, group, type);
}

/* The type of the next record about @group. */
static inline uint8_t record_of(int tap, const char *from, const char *group)
{
	uint8_t *m = igmp_next_of(tap, from, group, 0x22);

	return m ? m[8] : 0;
}

static inline uint8_t record(int tap, const char *group)
{
	return record_of(tap, PKTPATH_T_A, group);
}

static inline uint16_t csum(const void *data, unsigned int len)
{
	const uint8_t *b = data;
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? b[i] : b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* What a querier says: a socket that can say it wrong. */
static inline int querier(const struct pp_pair *p, bool alert, int ttl)
{
	uint8_t ra[4] = { 148, 4, 0, 0 };
	int fd = pp_peer_socket(p, AF_INET, SOCK_RAW, IPPROTO_IGMP);

	if (fd < 0 || out_by(fd, PKTPATH_T_B) ||
	    pp_set(fd, SOL_IP, IP_MULTICAST_TTL, ttl) ||
	    pp_set(fd, SOL_IP, IP_MULTICAST_LOOP, 0) ||
	    (alert && setsockopt(fd, SOL_IP, IP_OPTIONS, ra, sizeof(ra))))
		return -1;
	return fd;
}

struct query {
	uint8_t code;
	const char *group;
	unsigned int nsrc;		/* as the message says */
	const char *src;		/* one of them, or NULL */
	unsigned int len;		/* 0: as it should be */
	bool badsum;
	uint8_t qrv;			/* 0: 2; 8: none */
	uint8_t qqi;			/* 0: 125 */
};

static inline int ask(int fd, const char *to, struct query q)
{
	in_addr_t a = q.group ? inet_addr(q.group) : 0;
	unsigned int len = q.len ?: 12 + 4 * q.nsrc;
	uint8_t m[64] = { 0x11, q.code };
	uint16_t sum;

	memcpy(m + 4, &a, 4);
	m[8] = q.qrv ?: 2;
	m[9] = q.qqi ?: 125;
	m[11] = q.nsrc;
	if (q.src) {
		a = inet_addr(q.src);
		memcpy(m + 12, &a, 4);
	}
	if (len == 8)
		m[8] = 0;
	sum = csum(m, len);
	if (q.badsum)
		sum ^= 1;
	memcpy(m + 2, &sum, 2);
	return pp_sendto(fd, m, len, to, 0) == (ssize_t)len;
}

#endif
