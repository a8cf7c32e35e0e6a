// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration of which one allocation fails, every one in turn: devices,
 * addresses, routes, rules, neighbours, groups' routes, faults, settings,
 * recordings. The request says so and is taken when it is made again; who
 * listens gets every notification, or is told that some are missing; in the end
 * all is as it was before.
 *
 * Then neighbours and devices under traffic, and packets whose memory moves
 * wherever it may move.
 *
 * How they are failed: fault.h. Debug kernels only, others go through the
 * scripts without failures. "conf_fail SECONDS" (40) is the time for each way.
 * Proves: attacks I4, J4 (configuration), G7.
 */
#include <linux/neighbour.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include "kselftest_harness.h"
#include "../ctl/genl.h"
#include "fail_calls.h"
#include "link.h"

#define PORT	4300
#define FRAMES	10000
/* The kernel looks at links once a second; an address is probed for 7 s. */
#define QUIET_MS 10000

static struct genl g, ev;
static struct msg m;
static unsigned int pa, pc;	/* devices */
static struct {
	uint32_t count, socks, devs;
} answer;

/* ---- Requests ---- */

static void see(struct nlattr **attrs, int cmd, void *arg)
{
	(void)arg;
	if (cmd == PKTPATH_CMD_SOCK_KILL)
		answer.count = attr_u32(attrs[PKTPATH_A_SOCK_COUNT]);
	if (cmd != PKTPATH_CMD_DOWN)
		return;
	answer.socks = attr_u32(attrs[PKTPATH_A_DOWN_SOCKS]);
	answer.devs = attr_u32(attrs[PKTPATH_A_DOWN_DEVS]);
}

static int ask(void)
{
	errno = genl_do(&g, &m, see, NULL);
	return errno ? -1 : 0;
}

#define MSG(cmd) msg_init(&m, g.family, PKTPATH_CMD_##cmd, 0)
#define DUMP(cmd) msg_init(&m, g.family, PKTPATH_CMD_##cmd, NLM_F_DUMP)
#define U8(attr, v) msg_u8(&m, PKTPATH_A_##attr, v)
#define U32(attr, v) msg_u32(&m, PKTPATH_A_##attr, v)
#define STR(attr, v) msg_str(&m, PKTPATH_A_##attr, v)
#define IP(attr, v) msg_ip(&m, PKTPATH_A_##attr, v)
#define FLAG(attr) msg_attr(&m, PKTPATH_A_##attr, NULL, 0)

/* Sends what has been begun; made again when memory was short. */
static bool taken(const char *what)
{
	bool ok = OK(ask());

	fault_at = what;
	if (!ok)
		printf("# %s: %s\n", what, g.text);
	return ok;
}

static bool dev_do(bool attach, unsigned int ifindex)
{
	msg_init(&m, g.family, attach ? PKTPATH_CMD_DEV_ATTACH :
					PKTPATH_CMD_DEV_DETACH, 0);
	U32(DEV_IFINDEX, ifindex);
	return taken(attach ? "attach" : "detach");
}

static bool addr_do(bool add, unsigned int dev, const char *addr)
{
	msg_init(&m, g.family, add ? PKTPATH_CMD_ADDR_ADD :
				     PKTPATH_CMD_ADDR_DEL, 0);
	U8(ADDR_FAMILY, AF_INET);
	IP(ADDR_LOCAL, addr);
	U8(ADDR_PREFIXLEN, 24);
	U32(ADDR_IFINDEX, dev);
	return taken(add ? "addr add" : "addr del");
}

/* 172.16.@n.0/@len by @gw, with @weight unless that is 0. */
static void route(int cmd, uint32_t table, int n, int len, const char *gw,
		  int weight)
{
	char dst[32];

	snprintf(dst, sizeof(dst), "172.16.%d.0", n);
	msg_init(&m, g.family, cmd, 0);
	U8(ROUTE_FAMILY, AF_INET);
	U32(ROUTE_TABLE, table);
	IP(ROUTE_DST, dst);
	U8(ROUTE_PREFIXLEN, len);
	IP(ROUTE_GATEWAY, gw);
	if (weight) {
		U8(ROUTE_WEIGHT, weight);
		U8(ROUTE_MODE, PKTPATH_MODE_APPEND);
	}
}

static bool route_do(bool add, uint32_t table, int n, int len)
{
	route(add ? PKTPATH_CMD_ROUTE_ADD : PKTPATH_CMD_ROUTE_DEL, table, n,
	      len, PKTPATH_T_B, 0);
	return taken(add ? "route add" : "route del");
}

static bool resolves(const char *dst)
{
	MSG(ROUTE_RESOLVE);
	U8(ROUTE_FAMILY, AF_INET);
	IP(ROUTE_DST, dst);
	return taken("route resolve");
}

static bool neigh_do(int cmd, const char *addr, int mode_)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 7 };

	msg_init(&m, g.family, cmd, 0);
	U8(NEIGH_FAMILY, AF_INET);
	IP(NEIGH_DST, addr);
	U32(NEIGH_IFINDEX, pa);
	if (cmd == PKTPATH_CMD_NEIGH_ADD) {
		msg_attr(&m, PKTPATH_A_NEIGH_LLADDR, mac, sizeof(mac));
		U8(NEIGH_MODE, mode_);
	}
	return taken("neigh");
}

static bool neigh_flush(void)
{
	MSG(NEIGH_FLUSH);
	FLAG(NEIGH_PERMANENT);
	return taken("neigh flush");
}

static bool rule_do(bool add, uint32_t pref)
{
	msg_init(&m, g.family, add ? PKTPATH_CMD_RULE_ADD :
				     PKTPATH_CMD_RULE_DEL, 0);
	U8(RULE_FAMILY, AF_INET);
	U32(RULE_PREF, pref);
	U32(RULE_TABLE, 100 + pref);
	IP(RULE_SRC, "172.20.0.0");
	U8(RULE_SRC_LEN, 16);
	return taken(add ? "rule add" : "rule del");
}

/* A group from pa to pc. */
static bool mroute_do(bool add)
{
	struct {
		struct nlattr out, index;
		uint32_t ifindex;
	} o = {
		{ sizeof(o), NLA_F_NESTED | 1 },
		{ NLA_HDRLEN + 4, PKTPATH_A_MROUTE_OUT_IFINDEX },
		pc,
	};

	msg_init(&m, g.family, add ? PKTPATH_CMD_MROUTE_ADD :
				     PKTPATH_CMD_MROUTE_DEL, 0);
	U8(MROUTE_FAMILY, AF_INET);
	IP(MROUTE_GROUP, "239.9.9.9");
	if (add) {
		U32(MROUTE_IIF, pa);
		msg_attr(&m, PKTPATH_A_MROUTE_OUTS | NLA_F_NESTED, &o,
			 sizeof(o));
	}
	return taken(add ? "mroute add" : "mroute del");
}

static bool fault_do(void)
{
	MSG(FAULT_ADD);
	STR(FAULT_STAGE, "IP_OUTPUT");
	U8(FAULT_ACTION, PKTPATH_FAULT_DELAY);
	U32(FAULT_DELAY, 1000);
	if (!taken("fault add"))
		return false;
	MSG(FAULT_DEL);
	FLAG(FAULT_ALL);
	return taken("fault del");
}

static bool dumped(int cmd)
{
	msg_init(&m, g.family, cmd, NLM_F_DUMP);
	return taken("dump");
}

/* ---- Scripts ---- */

static int dev_calls(void *arg)
{
	(void)arg;
	if (!dev_do(true, pc))
		return -1;
	/* taken is taken whole: it is a member of the group of all */
	fault_at = "no groups";
	if (lines_with("pktpath/igmp", "pc") != 1)
		return -1;
	if (!addr_do(true, pc, "10.88.0.1") ||
	    !addr_do(true, pc, "10.88.0.2") || !addr_do(true, pc, "10.89.0.1"))
		return -1;
	MSG(DEV_GET);
	U32(DEV_IFINDEX, pc);
	if (!taken("dev get") || !dumped(PKTPATH_CMD_DEV_GET) ||
	    !dumped(PKTPATH_CMD_ADDR_GET) || !mroute_do(true) ||
	    !dumped(PKTPATH_CMD_MROUTE_GET) || !mroute_do(false) ||
	    !mroute_do(true) || !addr_do(false, pc, "10.88.0.1"))
		return -1;
	/* what is left of it leads nowhere */
	return dev_do(false, pc) && mroute_do(false) ? 0 : -1;
}

static int route_calls(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 24; i++)
		if (!route_do(true, 254, i, 24))
			return -1;
	route(PKTPATH_CMD_ROUTE_ADD, 254, 64, 18, PKTPATH_T_B, 1);
	if (!taken("route with a weight"))
		return -1;
	route(PKTPATH_CMD_ROUTE_ADD, 254, 64, 18, PKTPATH_T_B2, 3);
	if (!taken("second way") || !resolves("172.16.64.1") ||
	    !resolves("172.16.3.1") || !route_do(true, 77, 1, 24) ||
	    !dumped(PKTPATH_CMD_ROUTE_GET) || !route_do(false, 77, 1, 24))
		return -1;
	MSG(ROUTE_ADD);
	U8(ROUTE_FAMILY, AF_INET);
	IP(ROUTE_DST, "172.16.3.0");
	U8(ROUTE_PREFIXLEN, 24);
	IP(ROUTE_GATEWAY, PKTPATH_T_B2);
	U8(ROUTE_MODE, PKTPATH_MODE_REPLACE);
	U32(ROUTE_MTU, 1300);
	if (!taken("route replace"))
		return -1;
	route(PKTPATH_CMD_ROUTE_DEL, 254, 3, 24, PKTPATH_T_B2, 0);
	if (!taken("route del"))
		return -1;
	for (i = 0; i < 24; i++)
		if (i != 3 && !route_do(false, 254, i, 24))
			return -1;
	route(PKTPATH_CMD_ROUTE_DEL, 254, 64, 18, PKTPATH_T_B, 0);
	if (!taken("first way del"))
		return -1;
	route(PKTPATH_CMD_ROUTE_DEL, 254, 64, 18, PKTPATH_T_B2, 0);
	return taken("second way del") ? 0 : -1;
}

static int table_calls(void *arg)
{
	char addr[32];
	int i;

	(void)arg;
	for (i = 0; i < 4; i++)
		if (!rule_do(true, 50 + i))
			return -1;
	if (!dumped(PKTPATH_CMD_RULE_GET))
		return -1;
	for (i = 0; i < 4; i++)
		if (!rule_do(false, 50 + i))
			return -1;
	for (i = 0; i < 20; i++) {
		snprintf(addr, sizeof(addr), "10.77.0.%d", 100 + i);
		if (!neigh_do(PKTPATH_CMD_NEIGH_ADD, addr, PKTPATH_MODE_ADD))
			return -1;
	}
	if (!neigh_do(PKTPATH_CMD_NEIGH_ADD, addr, PKTPATH_MODE_REPLACE) ||
	    !neigh_do(PKTPATH_CMD_NEIGH_GET, addr, 0) ||
	    !dumped(PKTPATH_CMD_NEIGH_GET) ||
	    !neigh_do(PKTPATH_CMD_NEIGH_DEL, addr, 0) || !neigh_flush() ||
	    !fault_do())
		return -1;
	return dumped(PKTPATH_CMD_STAT_GET) && dumped(PKTPATH_CMD_SOCK_GET) ?
	       0 : -1;
}

static int set_sysctl(const char *name, const char *value)
{
	return pp_sysctl(pair, name, value);
}

static int setting_calls(void *arg)
{
	struct pktpath_journey_conf conf = {
		.version = PKTPATH_JOURNEY_VERSION, .ring = 64,
	};
	int fd;

	(void)arg;
	if (!OK(set_sysctl("ip_local_reserved_ports", "4000-4010,5000")) ||
	    !OK(set_sysctl("ip_local_reserved_ports", "")) ||
	    !OK(set_sysctl("ip_local_port_range", "30000 40000")) ||
	    !OK(set_sysctl("tcp_congestion_control", "reno")) ||
	    !OK(set_sysctl("tcp_congestion_control", "cubic")))
		return -1;
	fd = keep(TRY(open("/proc/thread-self/net/pktpath/journey", O_RDWR)));
	if (fd < 0 || TRY(write(fd, &conf, sizeof(conf))) != sizeof(conf))
		return -1;
	return 0;
}

/* One datagram from @from to @to, with @tries: some may be lost. */
static bool passes(int from, int to, const char *addr, int tries)
{
	char c[3000] = "x";

	while (tries--) {
		fault_at = "datagram";
		if (TRY(pp_sendto(from, c, 1000, addr, PORT)) != 1000)
			return false;
		if (!pp_readable(to, 1500))
			continue;
		while (recv(to, c, sizeof(c), MSG_DONTWAIT) >= 0)
			;
		return true;
	}
	fault_at = "nothing comes through";
	errno = ENOMSG;
	return false;
}

/* What an answer counts is told, whichever try it answers. */
static int down_calls(void *arg)
{
	int i, fd;

	for (i = 0; i < 3; i++)
		if (keep(TRY(pp_udp_bound(pair, PKTPATH_T_A, PORT + i))) < 0)
			return -1;
	answer.count = 0;
	MSG(SOCK_KILL);
	U8(SOCK_FAMILY, AF_INET);
	msg_u16(&m, PKTPATH_A_SOCK_SPORT, htons(PORT));
	if (!taken("sock kill") || answer.count != 1)
		return -1;
	answer.socks = 0;
	answer.devs = 0;
	MSG(DOWN);
	if (!taken("down") || answer.socks != 2 || answer.devs != 1)
		return -1;
	if (!dev_do(true, pa) || !addr_do(true, pa, PKTPATH_T_A) ||
	    !addr_do(true, pa, PKTPATH_T_A2))
		return -1;
	fd = keep(TRY(pp_udp_bound(pair, PKTPATH_T_A, PORT)));
	return fd >= 0 && passes(*(int *)arg, fd, PKTPATH_T_A, 2) &&
	       neigh_flush() ? 0 : -1;
}

/* ---- Neighbours and devices under traffic ---- */

/* Resolved anew, by our asking and by the other's. */
static int neigh_calls(void *arg)
{
	int peer = *(int *)arg, fd, i;
	char dead[32];

	fd = keep(TRY(pp_udp_bound(pair, PKTPATH_T_A, PORT)));
	if (fd < 0 || !neigh_flush())
		return -1;
	/* who does not answer; what waits for him is let go in the end */
	for (i = 0; i < 4; i++) {
		snprintf(dead, sizeof(dead), "10.77.0.%d", 120 + i);
		if (TRY(pp_sendto(fd, "x", 1, dead, PORT)) != 1)
			return -1;
	}
	if (!passes(fd, peer, PKTPATH_T_B, 3) ||
	    !passes(peer, fd, PKTPATH_T_A, 3) || !neigh_flush() ||
	    !passes(peer, fd, PKTPATH_T_A, 3) ||
	    !passes(fd, peer, PKTPATH_T_B2, 3))
		return -1;
	return neigh_flush() ? 0 : -1;
}

/* ---- Every one in turn ---- */

static const int tables[] = {
	PKTPATH_CMD_DEV_GET, PKTPATH_CMD_ADDR_GET, PKTPATH_CMD_ROUTE_GET,
	PKTPATH_CMD_NEIGH_GET, PKTPATH_CMD_SOCK_GET, PKTPATH_CMD_RULE_GET,
	PKTPATH_CMD_MROUTE_GET, PKTPATH_CMD_FAULT_GET,
};

/* Notifications; @missed: it was told that some are missing. */
struct events {
	bool missed;
	int of[PKTPATH_CMD_MAX + 1];
};

struct work {
	int (*calls)(void *arg);
	void *arg;
	unsigned int rows[ARRAY_SIZE(tables)];
	struct events events;
};

static int rows(int cmd)
{
	msg_init(&m, g.family, cmd, NLM_F_DUMP);
	return genl_do(&g, &m, NULL, NULL) ? -1 : (int)g.count;
}

/* Those that wait. */
static struct events events(void)
{
	struct events e = { 0 };
	struct genlmsghdr *gh;
	ssize_t len;
	union {
		struct nlmsghdr h;
		char c[4096];
	} u;

	for (;;) {
		len = recv(ev.fd, &u, sizeof(u), MSG_DONTWAIT);
		if (len < 0 && errno != ENOBUFS)
			return e;
		e.missed |= len < 0;
		if (len < (ssize_t)NLMSG_LENGTH(sizeof(*gh)))
			continue;
		gh = NLMSG_DATA(&u.h);
		if (gh->cmd <= PKTPATH_CMD_MAX)
			e.of[gh->cmd]++;
	}
}

/*
 * Links that came up tell of it late, and those whose addresses are probed for
 * when they are done with it. Neither is part of a script.
 */
static void settle(void)
{
	struct pollfd p = { .fd = ev.fd, .events = POLLIN };

	while (poll(&p, 1, QUIET_MS))
		events();
}

static int run(void *arg)
{
	struct work *w = arg;
	int ret = w->calls(w->arg);

	close_all();
	return ret;
}

/* Who was not told of a loss has heard of all that happens without failures. */
static bool heard_all(const struct events *want)
{
	struct events e = events();
	static char text[64];
	int cmd;

	fault_at = text;
	for (cmd = 0; cmd <= PKTPATH_CMD_MAX && !e.missed; cmd++) {
		snprintf(text, sizeof(text), "%d notifications %d of %d",
			 e.of[cmd], cmd, want->of[cmd]);
		if (e.of[cmd] < want->of[cmd])
			return false;
	}
	return true;
}

static bool clean(void *arg)
{
	static char text[64];
	struct work *w = arg;
	size_t i;
	int n;

	fault_at = text;
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		n = rows(tables[i]);
		snprintf(text, sizeof(text), "%d rows of table %zu, were %u", n,
			 i, w->rows[i]);
		if (n != (int)w->rows[i])
			return false;
	}
	return heard_all(&w->events);
}

/* Once without, then with each; the failures of the task, or -1. */
static int every(int (*calls)(void *arg), void *arg, bool packets)
{
	static const struct fault_mode * const modes[] = {
		&fault_slab, &fault_page, &fault_task
	};
	struct work w = { .calls = calls, .arg = arg };
	struct fault_script s = { run, clean, &w };
	struct events heard;
	int hits = 0;
	size_t i;

	settle();
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		w.rows[i] = rows(tables[i]);
	if (run(&w)) {
		printf("# without a failure: %s: %s\n", fault_at,
		       strerror(errno));
		return -1;
	}
	heard = events();
	if (heard.missed || !clean(&w)) {
		printf("# without a failure, left: %s\n", fault_at);
		return -1;
	}
	if (!packets)
		w.events = heard;
	if (fault_ready())
		return 0;
	for (i = packets ? 0 : 2; i < ARRAY_SIZE(modes) && hits >= 0; i++) {
		mode = modes[i];
		hits = fault_sweep(mode, &s, 40);
	}
	return hits ? hits : -1;
}

FIXTURE(fail) {
	struct pp_pair p;
	int peer;
};

FIXTURE_SETUP(fail)
{
	ASSERT_EQ(0, pp_pair_setup(&self->p, false));
	pair = &self->p;
	self->peer = pp_peer_udp(pair, "0.0.0.0", PORT);
	ASSERT_LE(0, self->peer);
	ASSERT_EQ(0, link_veth("pc", "pd", self->p.ns_b));
	ASSERT_EQ(0, link_up("pc"));
	pa = if_nametoindex("pa");
	pc = if_nametoindex("pc");
	ASSERT_EQ(0, genl_open(&g));
	ASSERT_EQ(0, genl_open(&ev));
	ASSERT_EQ(0, genl_join(&ev));
	/* its moments are of their own */
	ASSERT_EQ(0, pp_sysctl(pair, "neigh/default/acd", "0"));
}

FIXTURE_TEARDOWN(fail)
{
	close(g.fd);
	close(ev.fd);
	close(self->peer);
	EXPECT_EQ(0, pp_pair_teardown(&self->p));
}

TEST_F(fail, devices)
{
	judge(_metadata, every(dev_calls, NULL, false));
}

TEST_F(fail, routes)
{
	judge(_metadata, every(route_calls, NULL, false));
}

TEST_F(fail, tables)
{
	judge(_metadata, every(table_calls, NULL, false));
}

TEST_F(fail, settings)
{
	judge(_metadata, every(setting_calls, NULL, false));
}

TEST_F(fail, down)
{
	judge(_metadata, every(down_calls, &self->peer, false));
}

TEST_F(fail, neighbours)
{
	judge(_metadata, every(neigh_calls, &self->peer, true));
}

/* ---- Memory that moves ---- */

struct moved {
	int fd, peer, ping;
	char out[9000], in[9100];
};

static int make(struct moved *v)
{
	v->fd = pp_udp_bound(pair, PKTPATH_T_A, PORT);
	v->ping = pp_peer_socket(pair, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (v->fd < 0 || v->ping < 0)
		return -1;
	return pp_set(v->fd, SOL_SOCKET, SO_RCVBUF, 400000) ||
	       pp_set(v->fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

static bool comes(struct moved *v, int from, int to, const char *addr,
		  size_t len)
{
	if (pp_sendto(from, v->out, len, addr, PORT) != (ssize_t)len ||
	    !pp_readable(to, 30000))
		return false;
	return recv(to, v->in, sizeof(v->in), 0) == (ssize_t)len &&
	       !memcmp(v->out, v->in, len);
}

static bool echoes(struct moved *v, size_t len)
{
	struct icmphdr *h = (struct icmphdr *)v->out;
	char was = v->out[0];
	uint32_t sum = 0;
	ssize_t n;
	size_t i;

	memset(h, 0, sizeof(*h));
	h->type = ICMP_ECHO;
	for (i = 0; i < len; i += 2)
		sum += *(uint16_t *)(v->out + i);
	sum = (sum & 0xffff) + (sum >> 16);
	h->checksum = ~(sum + (sum >> 16));
	if (pp_sendto(v->ping, v->out, len, PKTPATH_T_A, 0) != (ssize_t)len)
		return false;
	do {
		if (!pp_readable(v->ping, 30000))
			return false;
		n = recv(v->ping, v->in, sizeof(v->in), 0);
	} while (n != (ssize_t)len + 20 || v->in[20] != ICMP_ECHOREPLY);
	v->out[0] = was;
	return !memcmp(v->out + sizeof(*h), v->in + 20 + sizeof(*h),
		       len - sizeof(*h));
}

static long frames(void)
{
	return pp_count(pair, "Ip", "InReceives") +
	       pp_count(pair, "Ip", "OutRequests");
}

/*
 * Wherever the stack may pull, the head of the packet moves to other memory:
 * who uses an old pointer reads what has been freed.
 */
TEST_F(fail, moved_heads)
{
	static const size_t sizes[] = { 20, 900, 3000, 8998 };
	struct moved v;
	long end;
	size_t i;

	if (fault_ready() ||
	    fault_set_n("fail_skb_realloc", "interval", 1) ||
	    fault_set_n("fail_skb_realloc", "times", -1))
		SKIP(return, "no fail_skb_realloc");
	mode = &fault_task;
	ASSERT_EQ(0, make(&v));
	for (i = 0; i < sizeof(v.out); i++)
		v.out[i] = i * 7 + (i >> 8);
	ASSERT_EQ(0, fault_set_n("fail_skb_realloc", "probability", 100));
	for (end = frames() + FRAMES; frames() < end;) {
		ASSERT_TRUE(neigh_flush());
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			ASSERT_TRUE(comes(&v, v.fd, self->peer, PKTPATH_T_B,
					  sizes[i]));
			ASSERT_TRUE(comes(&v, self->peer, v.fd, PKTPATH_T_A,
					  sizes[i]));
			ASSERT_TRUE(comes(&v, v.fd, v.fd, PKTPATH_T_A,
					  sizes[i]));
			ASSERT_TRUE(echoes(&v, sizes[i]));
		}
	}
	EXPECT_EQ(0, fault_set_n("fail_skb_realloc", "probability", 0));
	close(v.fd);
	close(v.ping);
}

int main(int argc, char **argv)
{
	fault_seconds = pp_number(&argc, &argv);
	return test_harness_run(argc, argv);
}
