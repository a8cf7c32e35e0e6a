/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4 frames by hand, for the tests of this directory: they play the link
 * from B. A reply to a marker (an echo request with a number) says that all
 * frames sent before have been processed, so no test sleeps.
 */
#ifndef PKTPATH_SELFTESTS_ATTACK_FRAME_H
#define PKTPATH_SELFTESTS_ATTACK_FRAME_H

#include <arpa/inet.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pair.h"

#define FRAME_MAX 2048
#define ETH_LEN 14
#define MARKER_ID 0x4d4b

/* One frame under construction: Ethernet, IP, whatever comes behind. */
struct frame {
	uint8_t b[FRAME_MAX];
	unsigned int len;
};

static inline uint16_t csum_of(const void *data, unsigned int len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (len & 1)
		sum += p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static inline struct iphdr *frame_ip(struct frame *f)
{
	return (struct iphdr *)(f->b + ETH_LEN);
}

/* Behind the IP header, whose length ihl tells. */
static inline void *frame_l4(struct frame *f)
{
	return f->b + ETH_LEN + frame_ip(f)->ihl * 4;
}

static inline struct icmphdr *frame_icmp(struct frame *f)
{
	return frame_l4(f);
}

static inline void frame_ip_csum(struct frame *f)
{
	struct iphdr *iph = frame_ip(f);

	iph->check = 0;
	iph->check = csum_of(iph, iph->ihl * 4);
}

/* Ethernet and IP header from 10.77.0.2 to A with @optlen option octets. */
static inline void frame_begin(struct frame *f, const struct pair *p,
			       uint8_t protocol, unsigned int optlen)
{
	struct iphdr *iph = frame_ip(f);

	memset(f, 0, sizeof(*f));
	memcpy(f->b, p->mac_a, 6);
	memcpy(f->b + 6, p->mac_b, 6);
	f->b[12] = 0x08;
	iph->version = 4;
	iph->ihl = 5 + optlen / 4;
	iph->ttl = 64;
	iph->protocol = protocol;
	iph->saddr = inet_addr(PAIR_B);
	iph->daddr = inet_addr(PAIR_A);
	f->len = ETH_LEN + iph->ihl * 4;
}

static inline void *frame_put(struct frame *f, unsigned int n)
{
	void *p = f->b + f->len;

	if (f->len + n > sizeof(f->b))
		abort();
	f->len += n;
	return p;
}

/* Total length and checksum of the IP header as they should be. */
static inline void frame_end(struct frame *f)
{
	frame_ip(f)->tot_len = htons(f->len - ETH_LEN);
	frame_ip_csum(f);
}

/* The ICMP checksum over all behind the IP header. */
static inline void frame_icmp_csum(struct frame *f)
{
	struct icmphdr *ih = frame_icmp(f);
	unsigned int len = f->b + f->len - (uint8_t *)ih;

	ih->checksum = 0;
	ih->checksum = csum_of(ih, len);
}

/* An ICMP message with @n bytes 0, 1, 2, ... behind its header. */
static inline void frame_icmp_msg(struct frame *f, const struct pair *p,
				  uint8_t type, uint8_t code, unsigned int n)
{
	struct icmphdr *ih;
	unsigned int i;
	uint8_t *d;

	frame_begin(f, p, IPPROTO_ICMP, 0);
	ih = frame_put(f, sizeof(*ih));
	d = frame_put(f, n);
	for (i = 0; i < n; i++)
		d[i] = i;
	ih->type = type;
	ih->code = code;
	ih->un.echo.id = htons(0x1234);
	ih->un.echo.sequence = htons(7);
	frame_icmp_csum(f);
	frame_end(f);
}

static inline void frame_echo(struct frame *f, const struct pair *p,
			      unsigned int n)
{
	frame_icmp_msg(f, p, ICMP_ECHO, 0, n);
}

static inline void frame_udp(struct frame *f, const struct pair *p,
			     uint16_t sport, uint16_t dport, unsigned int n)
{
	struct udphdr *uh;
	unsigned int i;
	uint8_t *d;

	frame_begin(f, p, IPPROTO_UDP, 0);
	uh = frame_put(f, sizeof(*uh));
	d = frame_put(f, n);
	for (i = 0; i < n; i++)
		d[i] = i * 3;
	uh->source = htons(sport);
	uh->dest = htons(dport);
	uh->len = htons(sizeof(*uh) + n);
	frame_end(f);
}

/* @f, of 64 octets and more, as two pieces with this identification. */
static inline void frame_halves(const struct frame *f, struct frame *one,
				struct frame *two, uint16_t id)
{
	const unsigned int at = ETH_LEN + 20 + 64;

	*one = *f;
	*two = *f;
	one->len = at;
	memmove(two->b + ETH_LEN + 20, two->b + at, f->len - at);
	two->len = f->len - 64;
	frame_ip(one)->frag_off = htons(0x2000);
	frame_ip(two)->frag_off = htons(64 / 8);
	frame_ip(one)->id = htons(id);
	frame_ip(two)->id = htons(id);
	frame_end(one);
	frame_end(two);
}

static inline int frame_out(const struct pair *p, const struct frame *f)
{
	return frame_send(p, f->b, f->len);
}

/* Calls @fn for each IPv4 frame from A until the marker comes back. */
static inline int frame_sync(const struct pair *p,
			     void (*fn)(struct frame *f, void *arg), void *arg)
{
	static uint16_t seq;
	struct frame f;
	ssize_t n;

	frame_echo(&f, p, 0);
	frame_icmp(&f)->un.echo.id = htons(MARKER_ID);
	frame_icmp(&f)->un.echo.sequence = htons(++seq);
	frame_icmp_csum(&f);
	if (frame_out(p, &f))
		return -1;
	for (;;) {
		memset(&f, 0, sizeof(f));
		n = frame_recv(p, f.b, sizeof(f.b), 30000);
		if (n <= 0) {
			printf("# no marker %u came back\n", seq);
			return -1;
		}
		f.len = n;
		if (n < ETH_LEN + 20 || f.b[12] != 0x08 || f.b[13] ||
		    memcmp(f.b + 6, p->mac_a, 6))
			continue;
		if (frame_ip(&f)->protocol == IPPROTO_ICMP &&
		    frame_icmp(&f)->type == ICMP_ECHOREPLY &&
		    frame_icmp(&f)->un.echo.id == htons(MARKER_ID)) {
			if (frame_icmp(&f)->un.echo.sequence == htons(seq))
				return 0;
			continue;
		}
		if (fn)
			fn(&f, arg);
	}
}

static inline void frame_count_fn(struct frame *f, void *arg)
{
	(void)f;
	++*(int *)arg;
}

/* IPv4 frames from A since the last call; -1: A is not alive. */
static inline int frame_count(const struct pair *p)
{
	int n = 0;

	return frame_sync(p, frame_count_fn, &n) ? -1 : n;
}

static inline void frame_last_fn(struct frame *f, void *arg)
{
	*(struct frame *)arg = *f;
}

/* The last IPv4 frame from A since the last call; false: there was none. */
static inline bool frame_last(const struct pair *p, struct frame *f)
{
	memset(f, 0, sizeof(*f));
	if (!frame_sync(p, frame_last_fn, f) && f->len)
		return true;
	sh("ip netns exec %s pktpath stat", p->a);
	return false;
}

/*
 * The pair, with B as a neighbour that needs no ARP and, unless @limits, no
 * limit on ICMP errors.
 */
static inline int frame_pair(struct pair *p, bool limits)
{
	if (pair_up(p, "sysctl -qw net.pktpath.neigh.pa.acd=0"))
		return -1;
	if (pp_tool(p, "neigh add %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev pa nud permanent",
		    PAIR_B, p->mac_b[0], p->mac_b[1], p->mac_b[2],
		    p->mac_b[3], p->mac_b[4], p->mac_b[5]) ||
	    (!limits && pair_sysctl(p, "icmp_ratemask", "0"))) {
		pair_down(p);
		return -1;
	}
	frame_flush(p);
	return 0;
}

/* A UDP socket in A bound to @port, connected to B's @peer unless 0. */
static inline int udp_in_a(const struct pair *p, uint16_t port, uint16_t peer)
{
	struct sockaddr_in sin = sin_of(PAIR_A, port);
	int fd;

	fd = ns_socket(p->fd_a, pp_family(), SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (void *)&sin, sizeof(sin)))
		goto err;
	sin = sin_of(PAIR_B, peer);
	if (peer && connect(fd, (void *)&sin, sizeof(sin)))
		goto err;
	return fd;
err:
	close(fd);
	return -1;
}

static inline int so_error(int fd)
{
	socklen_t len = sizeof(int);
	int err = -1;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

#endif
