// SPDX-License-Identifier: GPL-2.0
/*
 * Every option of every level with lengths and values that do not fit, to
 * AF_INET and to AF_PKTPATH: the same errno, the same value back, nothing
 * written behind what was asked for, and nothing of the kernel's memory.
 * Proves: attacks I6.
 */
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include "kselftest_harness.h"
#include "random.h"

#define ROOM 1200
#define POISON 0xaa
#define UNTOUCHED 0x55
#define OPTS 256

static const struct {
	int type, protocol;
	const char *name;
} kinds[] = {
	{ SOCK_DGRAM, 0, "udp" }, { SOCK_STREAM, 0, "tcp" },
	{ SOCK_DGRAM, IPPROTO_ICMP, "ping" }, { SOCK_RAW, 253, "raw" },
};

static const int levels[] = {
	IPPROTO_IP, SOL_SOCKET, IPPROTO_TCP, IPPROTO_UDP, 41, 255, -1,
};

static const int lens[] = { -1, 0, 1, 3, 4, 8, 16, 64, 1024 };
static const int values[] = { 0, 1, -1, 300, 0x7fffffff };

/* What the stacks differ in on purpose, and why. */
static const struct {
	int level, first, last;
} known[] = {
	/* generic code answers it of a foreign family, and keeps it from one */
	{ SOL_SOCKET, SO_PROTOCOL, SO_DOMAIN },
	{ SOL_SOCKET, SO_REUSEPORT, SO_REUSEPORT },
	{ SOL_SOCKET, SO_ZEROCOPY, SO_ZEROCOPY },
	{ SOL_SOCKET, 80, 80 },		/* SO_DEVMEM_DONTNEED, from 6.12 on */
	/* of no two sockets or namespaces the same */
	{ SOL_SOCKET, SO_COOKIE, SO_COOKIE },
	{ SOL_SOCKET, SO_NETNS_COOKIE, SO_NETNS_COOKIE },
	/* not supported, see README.md */
	{ IPPROTO_IP, IP_ROUTER_ALERT, IP_ROUTER_ALERT },
	{ IPPROTO_IP, IP_PKTOPTIONS, IP_PKTOPTIONS },
	{ IPPROTO_IP, IP_IPSEC_POLICY, IP_PASSSEC },
	{ IPPROTO_IP, IP_CHECKSUM, IP_CHECKSUM },
	{ IPPROTO_IP, IP_UNICAST_IF + 1, IP_UNICAST_IF + 1 },
	{ IPPROTO_IP, 64, 64 },				/* of netfilter */
	{ IPPROTO_IP, 80, 83 },
	{ IPPROTO_IP, 200, 212 },			/* of mrouted */
	{ IPPROTO_UDP, 10, 11 },			/* of UDP-Lite */
	{ IPPROTO_UDP, UDP_ENCAP, UDP_NO_CHECK6_RX },
	{ IPPROTO_TCP, TCP_MD5SIG, TCP_MD5SIG },
	{ IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, TCP_THIN_DUPACK },
	{ IPPROTO_TCP, TCP_REPAIR, TCP_QUEUE_SEQ },
	{ IPPROTO_TCP, TCP_REPAIR_OPTIONS, TCP_REPAIR_OPTIONS },
	{ IPPROTO_TCP, TCP_TIMESTAMP, TCP_TIMESTAMP },
	{ IPPROTO_TCP, TCP_REPAIR_WINDOW, TCP_REPAIR_WINDOW },
	{ IPPROTO_TCP, TCP_ULP, TCP_ULP },
	/* negative ones as 7.2 has them: 6.1 shuts the window (stream_data.c) */
	{ IPPROTO_TCP, TCP_WINDOW_CLAMP, TCP_WINDOW_CLAMP },
	{ IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, TCP_ZEROCOPY_RECEIVE },
	{ IPPROTO_TCP, TCP_MD5SIG_EXT, TCP_MD5SIG_EXT },
	{ IPPROTO_TCP, TCP_TX_DELAY, TCP_TX_DELAY },
	/* has a bit of what was sent last, which before that means nothing */
	{ IPPROTO_TCP, TCP_INFO, TCP_INFO },
};

/* Leaves its bytes on the kernel's stack. */
static void poison(void)
{
	struct pollfd pfd[30];

	memset(pfd, POISON, sizeof(pfd));
	poll(pfd, ARRAY_SIZE(pfd), 0);
}

static bool any_poison(const uint8_t *b, size_t n)
{
	size_t run = 0;

	while (n--) {
		run = *b++ == POISON ? run + 1 : 0;
		if (run == 4)
			return true;
	}
	return false;
}

static uint32_t hash(const uint8_t *b, size_t n)
{
	uint32_t h = n;

	while (n--)
		h = h * 31 + *b++;
	return h;
}

static const char *kind;

static void about(struct rnd_run *r, int level, int opt, int len, int value)
{
	snprintf(r->about, sizeof(r->about), "%s %d.%d len %d value %d", kind,
		 level, opt, len, value);
}

static void get(struct rnd_run *r, int fd, int level, int opt, int len)
{
	uint8_t buf[ROOM];
	socklen_t got = len;
	uint32_t extra;
	size_t i;
	int ret;

	memset(buf, UNTOUCHED, sizeof(buf));
	poison();
	errno = 0;
	ret = getsockopt(fd, level, opt, buf, &got);
	about(r, level, opt, len, 0);
	if (ret) {
		rnd_note(r, "get", ret, 0);
		return;
	}
	extra = got;
	if (got <= ROOM) {
		extra = hash(buf, got) & 0xffffff;
		if (any_poison(buf, got))
			extra |= 1 << 30;
		for (i = got; i < ROOM; i++)
			if (buf[i] != UNTOUCHED)
				extra |= 1U << 31;
	}
	rnd_note(r, "get", ret, extra);
}

static void set(struct rnd_run *r, int fd, int level, int opt, int len,
		int value)
{
	uint8_t buf[ROOM];
	int ret;

	memset(buf, value, sizeof(buf));
	memcpy(buf, &value, sizeof(value));
	errno = 0;
	ret = setsockopt(fd, level, opt, buf, len);
	about(r, level, opt, len, value);
	rnd_note(r, "set", ret, 0);
}

static void rnd_note_ret(struct rnd_run *r, const char *what, int ret)
{
	errno = 0;
	rnd_note(r, what, ret, 0);
}

/* One option of one kind of socket. */
static void option(struct rnd_run *r, unsigned int seq)
{
	int opt = seq % OPTS, level, fd;
	unsigned int k, i, v;

	k = seq / OPTS % ARRAY_SIZE(kinds);
	level = levels[seq / OPTS / ARRAY_SIZE(kinds)];
	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (level == known[i].level && opt >= known[i].first &&
		    opt <= known[i].last)
			return;
	/* that a stream has no groups we say before a length that is wrong */
	if (kinds[k].type == SOCK_STREAM && level == IPPROTO_IP &&
	    opt >= IP_UNBLOCK_SOURCE && opt <= MCAST_MSFILTER)
		return;
	/* streams of AF_INET have it since 6.9, ours on all kernels */
	if (kinds[k].type == SOCK_STREAM && level == SOL_SOCKET &&
	    opt == SO_PEEK_OFF)
		return;
	/* datagrams of ours have it on no kernel, as on 7.2 */
	if (kinds[k].type != SOCK_STREAM && level == SOL_SOCKET &&
	    opt == SO_RESERVE_MEM)
		return;
	kind = kinds[k].name;
	fd = pp_socket(r->p, kinds[k].type, kinds[k].protocol);
	if (fd < 0)
		abort();
	/* which of several errors is found first is nobody's business */
	rnd_note_ret(r, "no address", setsockopt(fd, level, opt, (void *)8, 4));
	rnd_note_ret(r, "no address", getsockopt(fd, level, opt, (void *)8,
						 &(socklen_t){ 4 }));
	rnd_note_ret(r, "no length", getsockopt(fd, level, opt, &v, (void *)8));
	for (i = 0; i < ARRAY_SIZE(lens); i++)
		get(r, fd, level, opt, lens[i]);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (v = 0; v < ARRAY_SIZE(values); v++) {
			set(r, fd, level, opt, lens[i], values[v]);
			if (lens[i] > 0)
				get(r, fd, level, opt, lens[i]);
			else if (v)
				break;
		}
	}
	close(fd);
}

TEST(options)
{
	unsigned int n = ARRAY_SIZE(levels) * ARRAY_SIZE(kinds) * OPTS;

	ASSERT_EQ(0, rnd_compare(option, n, 100));
}

TEST_HARNESS_MAIN
