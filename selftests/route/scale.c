// SPDX-License-Identifier: GPL-2.0
/*
 * Very many routes: time to load, memory, and the cost of a packet and of a
 * route looked up, on both stacks. Times are compared where the clock counts
 * instructions.
 * usage: scale [N] [OPTION of the harness]...: N routes, else 100,000
 * Proves: design §8 (flat from 10 to 1,000,000 routes; memory <= AF_INET,
 * look-up <= 0.7 of it).
 */
#include <ctype.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include "../ctl/genl.h"
#include "kselftest_harness.h"
#include "pp_test.h"

#define GATEWAY	"10.77.0.2"
#define BATCH	32768		/* bytes of requests sent at once */
#define SENDS	4000
#define REFUSED	1000		/* hosts that a route refuses */
#define ROUNDS	3

struct figures {
	long routes;
	long load_ms;
	long kb;
	long ns_few;
	long ns_many;
	long ns_look;
};

static long routes = 100000;

static uint32_t seed;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* The i-th route, lengths as in the Internet's table; host order. */
static uint32_t nth(uint8_t *plen)
{
	uint32_t r = rnd() % 100, key = rnd();

	*plen = r < 60 ? 24 : r < 97 ? 17 + r % 7 : 12 + r % 5;
	/* 20.0.0.0 to 83.255.255.255, in lumps */
	key = (20u << 24) + (key & 0x3fffffff);
	if (rnd() & 1)
		key &= ~0x00780000u;
	return key & ~0u << (32 - *plen);
}

static long kb_of(const char *name)
{
	char line[128];
	long kb = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kb = atol(line + strlen(name));
	if (f)
		fclose(f);
	return kb;
}

static long mem_used(void)
{
	/* what waits for a grace period is not in use any more */
	poll(NULL, 0, 1500);
	pp_run("echo 3 >/proc/sys/vm/drop_caches");
	return -kb_of("MemFree:");
}

/* A route by the gateway, or to a host that is to be refused. */
static void put_inet(struct msg *m, uint32_t key, uint8_t plen)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)(m->buf + m->len);
	struct rtmsg *r = NLMSG_DATA(nlh);
	uint32_t dst = htonl(key);
	size_t start = m->len;

	memset(nlh, 0, NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(*r)));
	nlh->nlmsg_type = RTM_NEWROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	r->rtm_family = AF_INET;
	r->rtm_dst_len = plen;
	r->rtm_table = RT_TABLE_MAIN;
	r->rtm_protocol = RTPROT_STATIC;
	r->rtm_type = plen < 32 ? RTN_UNICAST : RTN_UNREACHABLE;
	m->len += NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(*r));
	msg_attr(m, RTA_DST, &dst, sizeof(dst));
	if (plen < 32)
		msg_ip(m, RTA_GATEWAY, GATEWAY);
	nlh->nlmsg_len = m->len - start;
}

static void put_pp(struct msg *m, const struct genl *g, uint32_t key,
		   uint8_t plen)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)(m->buf + m->len);
	struct genlmsghdr *gh = NLMSG_DATA(nlh);
	uint32_t dst = htonl(key);
	size_t start = m->len;

	memset(nlh, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	nlh->nlmsg_type = g->family;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	gh->cmd = PKTPATH_CMD_ROUTE_ADD;
	gh->version = PKTPATH_GENL_VERSION;
	m->len += NLMSG_HDRLEN + GENL_HDRLEN;
	msg_u8(m, PKTPATH_A_ROUTE_FAMILY, AF_INET);
	msg_attr(m, PKTPATH_A_ROUTE_DST, &dst, sizeof(dst));
	msg_u8(m, PKTPATH_A_ROUTE_PREFIXLEN, plen);
	if (plen < 32)
		msg_ip(m, PKTPATH_A_ROUTE_GATEWAY, GATEWAY);
	else
		msg_u8(m, PKTPATH_A_ROUTE_TYPE, RTN_UNREACHABLE);
	msg_u8(m, PKTPATH_A_ROUTE_MODE, PKTPATH_MODE_REPLACE);
	nlh->nlmsg_len = m->len - start;
}

/*
 * The first @n routes, or hosts within them that are refused. 0, or the errno
 * of what was not taken.
 */
static int load(const struct pp_pair *p, long n, bool refused)
{
	struct nlmsghdr *last;
	static struct msg m;
	struct genl g;
	uint8_t plen;
	uint32_t key;
	int err;

	err = genl_open(&g);
	if (err)
		return err;
	if (p->inet) {
		close(g.fd);
		g.fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	}
	seed = 1;
	while (n > 0 && !err) {
		m.len = 0;
		do {
			last = (struct nlmsghdr *)(m.buf + m.len);
			key = nth(&plen);
			if (refused) {
				key |= 1;
				plen = 32;
			}
			if (p->inet)
				put_inet(&m, key, plen);
			else
				put_pp(&m, &g, key, plen);
		} while (--n > 0 && m.len < BATCH);
		last->nlmsg_flags |= NLM_F_ACK;
		last->nlmsg_seq = ++g.seq;
		if (send(g.fd, m.buf, m.len, 0) < 0)
			err = errno;
		else
			err = genl_read(&g, NULL, NULL);
	}
	close(g.fd);
	return err;
}

/* Of a datagram to many destinations by an unconnected socket. */
static long cost(const struct pp_pair *p)
{
	struct sockaddr_in to = pp_addr(GATEWAY, 9);
	int fd = pp_udp(p), i;
	struct timespec a, b;
	uint8_t plen;

	to.sin_family = p->family;
	for (i = 0; i < 100; i++)
		sendto(fd, "x", 1, 0, (void *)&to, sizeof(to));
	seed = 1;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < SENDS; i++) {
		to.sin_addr.s_addr = htonl(nth(&plen) | 1);
		if (sendto(fd, "x", 1, 0, (void *)&to, sizeof(to)) != 1)
			return -1;
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	close(fd);
	return ((b.tv_sec - a.tv_sec) * 1000000000l + b.tv_nsec - a.tv_nsec) /
	       SENDS;
}

/* Of REFUSED calls that fail with @want: the least of some rounds, or -1. */
static long refusals(int fd, struct sockaddr_in *to, int want)
{
	struct timespec a, b;
	long least = -1, ns;
	uint8_t plen;
	int i, round;

	for (round = 0; round < ROUNDS; round++) {
		seed = 1;
		clock_gettime(CLOCK_MONOTONIC, &a);
		for (i = 0; i < REFUSED; i++) {
			to->sin_addr.s_addr = htonl(nth(&plen) | 1);
			if (sendto(fd, "x", 1, 0, (void *)to, sizeof(*to)) >= 0 ||
			    errno != want)
				return -1;
		}
		clock_gettime(CLOCK_MONOTONIC, &b);
		ns = (b.tv_sec - a.tv_sec) * 1000000000l + b.tv_nsec - a.tv_nsec;
		if (least < 0 || ns < least)
			least = ns;
	}
	return least / REFUSED;
}

/*
 * Of a route looked up: of a datagram that it refuses, less one that is refused
 * before, for it has no port.
 */
static long look(const struct pp_pair *p)
{
	struct sockaddr_in to = pp_addr(GATEWAY, 9);
	int fd = pp_udp(p);
	long with, without;

	to.sin_family = p->family;
	with = refusals(fd, &to, EHOSTUNREACH);
	to.sin_port = 0;
	without = refusals(fd, &to, EINVAL);
	close(fd);
	return with < 0 || without < 0 ? -1 : with - without;
}

static int measure(bool inet, long n, struct figures *f)
{
	struct pp_pair p;
	long long t0;
	int err;

	if (pp_pair_setup(&p, inet) || pp_route(&p, "add default via " GATEWAY))
		return -1;
	/* nobody is to read what comes */
	pp_ns_enter(p.ns_b);
	pp_run("iptables -t raw -A PREROUTING -p udp -j DROP 2>/dev/null");
	pp_ns_enter(p.ns_a);
	f->routes = n;
	f->ns_few = cost(&p);
	f->kb = -mem_used();
	t0 = pp_now_ms();
	err = load(&p, n, false);
	f->load_ms = pp_now_ms() - t0;
	f->kb += mem_used();
	f->ns_many = cost(&p);
	err = err ?: load(&p, REFUSED, true);
	f->ns_look = look(&p);
	printf("# %s: %ld routes in %ld ms, %ld kB, %ld then %ld ns a packet, %ld ns a route\n",
	       inet ? "inet" : "pktpath", n, f->load_ms, f->kb, f->ns_few,
	       f->ns_many, f->ns_look);
	fflush(stdout);
	pp_pair_teardown(&p);
	return err;
}

TEST(load_memory_cost)
{
	const char *clock = getenv("PKTPATH_CLOCK");
	struct figures inet, pp;

	ASSERT_EQ(0, measure(true, routes, &inet));
	ASSERT_EQ(0, measure(false, routes, &pp));
	ASSERT_LT(0, pp.ns_few);
	ASSERT_LT(0, pp.ns_many);
	ASSERT_LT(0, pp.ns_look);
	EXPECT_LE(pp.kb, inet.kb + 1024);
	/* time is compared where it is counted in instructions */
	if (clock && !strcmp(clock, "icount")) {
		EXPECT_LE(pp.load_ms, 2 * inet.load_ms);
		EXPECT_LE(pp.ns_many, pp.ns_few + pp.ns_few / 8);
		EXPECT_LE(pp.ns_many, inet.ns_many);
		EXPECT_LE(10 * pp.ns_look, 7 * inet.ns_look);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && isdigit(argv[1][0])) {
		routes = atol(argv[1]);
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	return test_harness_run(argc, argv);
}
