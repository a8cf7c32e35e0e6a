/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ARP by hand, for the tests of this directory: they play the other hosts of
 * the link from B with frames of any sender.
 */
#ifndef PKTPATH_SELFTESTS_NEIGH_ARP_H
#define PKTPATH_SELFTESTS_NEIGH_ARP_H

#include <arpa/inet.h>
#include <ctype.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pair.h"

#define ARP_REQ 1
#define ARP_REP 2
#define ARP_FRAME_LEN 42

/* No limit of its own: see kselftest_harness.h. */
#define ARP_TEST(fixture, name) TEST_F_TIMEOUT(fixture, name, 9000)

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#pragma pack(push, 1)
struct arp_frame {
	uint8_t dst[6], src[6];
	uint16_t type;
	uint16_t htype, ptype;
	uint8_t hln, pln;
	uint16_t op;
	uint8_t sha[6];
	uint32_t spa;
	uint8_t tha[6];
	uint32_t tpa;
	uint8_t pad[18];
};

#pragma pack(pop)

static const uint8_t arp_bcast[6] = { 255, 255, 255, 255, 255, 255 };
static const uint8_t arp_zero[6];
/* Two hosts that exist only in these frames. */
static const uint8_t mac_1[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t mac_2[6] = { 2, 0, 0, 0, 0, 2 };

static inline uint32_t ip_of(const char *addr)
{
	return inet_addr(addr);
}

static inline void arp_fill(struct arp_frame *f, uint16_t op,
			    const uint8_t *dst, const uint8_t *sha,
			    uint32_t spa, const uint8_t *tha, uint32_t tpa)
{
	memset(f, 0, sizeof(*f));
	memcpy(f->dst, dst, 6);
	memcpy(f->src, sha, 6);
	f->type = htons(ETH_P_ARP);
	f->htype = htons(1);
	f->ptype = htons(ETH_P_IP);
	f->hln = 6;
	f->pln = 4;
	f->op = htons(op);
	memcpy(f->sha, sha, 6);
	f->spa = spa;
	memcpy(f->tha, tha, 6);
	f->tpa = tpa;
}

static inline int arp_put(const struct pair *p, uint16_t op,
			  const uint8_t *dst, const uint8_t *sha,
			  const char *spa, const uint8_t *tha, const char *tpa)
{
	struct arp_frame f;

	arp_fill(&f, op, dst, sha, ip_of(spa), tha, ip_of(tpa));
	return frame_send(p, &f, sizeof(f));
}

/* @sha asks for @tpa. */
static inline int arp_ask(const struct pair *p, const uint8_t *sha,
			  const char *spa, const char *tpa)
{
	return arp_put(p, ARP_REQ, arp_bcast, sha, spa, arp_zero, tpa);
}

/* @sha tells A that it has @spa. */
static inline int arp_answer(const struct pair *p, const uint8_t *sha,
			     const char *spa)
{
	return arp_put(p, ARP_REP, p->mac_a, sha, spa, p->mac_a, PAIR_A);
}

/*
 * The next ARP frame of A: 1, or 0 when none came in @ms. @at: when it came, see
 * frame_recv_at().
 */
static inline int arp_next_at(const struct pair *p, struct arp_frame *f, int ms,
			      int64_t *at)
{
	int64_t end = now_ms() + ms;
	uint8_t buf[2048];
	ssize_t n;

	for (;;) {
		n = frame_recv_at(p, buf, sizeof(buf), end - now_ms(), at);
		if (!n)
			return 0;
		memset(f, 0, sizeof(*f));
		memcpy(f, buf, n < (ssize_t)sizeof(*f) ? (size_t)n :
							 sizeof(*f));
		if (n >= ARP_FRAME_LEN && f->type == htons(ETH_P_ARP) &&
		    !memcmp(f->src, p->mac_a, 6))
			return 1;
	}
}

static inline int arp_next(const struct pair *p, struct arp_frame *f, int ms)
{
	int64_t at;

	return arp_next_at(p, f, ms, &at);
}

/* The next frame of A that carries IPv4: its length, 0 when none came. */
static inline ssize_t ip_next(const struct pair *p, uint8_t *buf, size_t size,
			      int ms)
{
	int64_t end = now_ms() + ms;
	ssize_t n;

	for (;;) {
		n = frame_recv(p, buf, size, end - now_ms());
		if (!n)
			return 0;
		if (n >= 34 && buf[12] == 8 && buf[13] == 0)
			return n;
	}
}

/* A UDP socket of pktpath in A. */
static inline int udp_in_a(const struct pair *p)
{
	return ns_socket(p->fd_a, pp_family(), SOCK_DGRAM, 0);
}

static inline int udp_send(int fd, const char *addr, size_t len)
{
	struct sockaddr_in sin = sin_of(addr, 7777);
	static char data[65536];

	return sendto(fd, data, len, 0, (void *)&sin, sizeof(sin)) ==
	       (ssize_t)len ? 0 : -1;
}

/*
 * The state of a neighbour of A in capitals, "" if there is none; @lladdr (18 bytes, may
 * be NULL) gets its link address.
 */
static inline const char *neigh_state(const struct pair *p, const char *addr,
				      char *lladdr)
{
	static char state[32];
	char out[256], ll[32], *c;

	state[0] = 0;
	if (lladdr)
		lladdr[0] = 0;
	sh_out(out, sizeof(out), "%s -n %s neigh show | grep '^%s '",
	       pair_tool(), p->a, addr);
	if (sscanf(out, "%*s dev %*s lladdr %31s %31s", ll, state) == 2) {
		if (lladdr)
			snprintf(lladdr, 18, "%.17s", ll);
	} else if (sscanf(out, "%*s dev %*s %31s", state) != 1) {
		state[0] = 0;
	}
	for (c = state; *c; c++)
		*c = toupper(*c);
	return state;
}

static inline int neigh_count(const struct pair *p)
{
	char out[32];

	sh_out(out, sizeof(out), "%s -n %s neigh show | wc -l", pair_tool(),
	       p->a);
	return atoi(out);
}

/* Whether a neighbour gets into @state within @ms. */
static inline bool neigh_await(const struct pair *p, const char *addr,
			       const char *state, int ms)
{
	int64_t end = now_ms() + ms;
	bool last;

	do {
		last = now_ms() >= end;
		if (!strcmp(neigh_state(p, addr, NULL), state))
			return true;
		poll(NULL, 0, 20);
	} while (!last);
	return false;
}

/* Its address is known: it was reachable just now, if it is not still. */
static inline bool neigh_known(const struct pair *p, const char *addr)
{
	int64_t end = now_ms() + 30000;
	const char *state;

	do {
		state = neigh_state(p, addr, NULL);
		if (!strcmp(state, "REACHABLE") || !strcmp(state, "STALE"))
			return true;
		poll(NULL, 0, 20);
	} while (now_ms() < end);
	return false;
}

/* A resolves @addr to @mac by sending to it; true when it is reachable. */
static inline bool neigh_learn(const struct pair *p, int fd, const char *addr,
			       const uint8_t *mac)
{
	struct arp_frame f;

	if (udp_send(fd, addr, 1))
		return false;
	do {
		if (!arp_next(p, &f, 30000))
			return false;
	} while (f.op != htons(ARP_REQ) || f.tpa != ip_of(addr));
	return !arp_answer(p, mac, addr) && neigh_known(p, addr);
}

#endif
