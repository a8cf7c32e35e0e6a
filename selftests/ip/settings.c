// SPDX-License-Identifier: GPL-2.0
/*
 * What settings do, on both stacks: those of net.pktpath as those of net.ipv4 of
 * the same name.  Ranges and readers: ctl/sysctl.sh.
 */
#include <net/if.h>
#include <net/if_arp.h>
#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include "link.h"
#include "pp_fixture.h"

#define PORT 5001
#define FAR "192.0.2.1"		/* whom B plays too */
#define CLOSED 4999

static int conf(const struct pp_pair *p, const char *name, const char *value)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "conf/all/%s", name);
	err = pp_sysctl(p, path, value);
	snprintf(path, sizeof(path), "conf/pa/%s", name);
	return pp_sysctl(p, path, value) || err;
}

/* Raw frames of B's own IP headers. */
static int raw_of_peer(const struct pp_pair *p)
{
	return pp_peer_socket(p, AF_INET, SOCK_RAW, IPPROTO_RAW);
}

static uint16_t sum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t s = 0;

	for (; len > 1; len -= 2)
		s += *p++;
	s = (s & 0xffff) + (s >> 16);
	return ~(s + (s >> 16));
}

struct pkt {
	struct iphdr ip;
	union {
		struct udphdr udp;
		struct icmphdr icmp;
		uint8_t b[64];
	};
};

static struct pkt pkt_of(uint8_t protocol, const char *from, const char *to)
{
	return (struct pkt){
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64, .protocol = protocol,
			.saddr = inet_addr(from), .daddr = inet_addr(to),
		},
	};
}

/* A datagram to @port. */
static struct pkt udp_of(const char *from, const char *to, uint16_t port)
{
	struct pkt m = pkt_of(IPPROTO_UDP, from, to);

	m.udp.source = htons(9);
	m.udp.dest = htons(port);
	m.udp.len = htons(64);
	return m;
}

static int out(int raw, struct pkt *m)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_A, 0);

	return sendto(raw, m, sizeof(*m), 0, (void *)&to, sizeof(to)) ==
	       sizeof(*m) ? 0 : -1;
}

/* Fragmentation Needed for what PORT of A sends to B. */
static int too_big(int raw, uint16_t mtu)
{
	struct pkt m = pkt_of(IPPROTO_ICMP, PKTPATH_T_B, PKTPATH_T_A);
	struct pkt inner = udp_of(PKTPATH_T_A, PKTPATH_T_B, PORT);

	m.icmp.type = ICMP_DEST_UNREACH;
	m.icmp.code = ICMP_FRAG_NEEDED;
	m.icmp.un.frag.mtu = htons(mtu);
	inner.udp.source = htons(PORT);
	inner.ip.frag_off = htons(0x4000);
	inner.ip.tot_len = htons(1500);
	inner.ip.check = sum(&inner.ip, 20);
	memcpy(&m.icmp + 1, &inner, 28);
	m.icmp.checksum = sum(&m.icmp, 64);
	return out(raw, &m);
}

/* Answers of A with @type seen by @tap; they are counted until none comes. */
static int icmp_seen(int tap, uint8_t type, struct pkt *last)
{
	struct pkt m;
	int n = 0;

	while (pp_tap_next(tap, IPPROTO_ICMP, 0, &m, sizeof(m)) > 0) {
		if (m.icmp.type != type)
			continue;
		n++;
		if (last)
			*last = m;
	}
	return n;
}

TEST_F_TIMEOUT(stacks, ip_default_ttl, 60)
{
	int fd = pp_udp(&self->p), tap = pp_tap(&self->p);
	struct pkt m;

	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_default_ttl", "33"));
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, PORT));
	ASSERT_LT(0, pp_tap_next(tap, IPPROTO_UDP, PORT, &m, sizeof(m)));
	EXPECT_EQ(33, m.ip.ttl);
	EXPECT_EQ(33, pp_get(fd, SOL_IP, IP_TTL));
	close(fd);
	close(tap);
}

/* DF of new sockets, and who believes a router. */
TEST_F_TIMEOUT(stacks, ip_no_pmtu_disc, 120)
{
	static const struct {
		const char *mode;
		bool df;
		int mtu;	/* after a message of 800 */
	} rows[] = {
		{ "2", false, 1500 }, { "3", false, 1500 }, { "0", true, 800 },
		{ "1", false, 552 },
	};
	int raw = raw_of_peer(&self->p), tap = pp_tap(&self->p), fd;
	struct pkt m;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, pp_sysctl(&self->p, "ip_no_pmtu_disc",
				       rows[i].mode));
		fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
		ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT));
		ASSERT_EQ(1, send(fd, "x", 1, 0));
		ASSERT_LT(0, pp_tap_next(tap, IPPROTO_UDP, PORT, &m,
					 sizeof(m)));
		EXPECT_EQ(rows[i].df, !!(m.ip.frag_off & htons(0x4000)))
			TH_LOG("mode %s", rows[i].mode);
		ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MTU_DISCOVER,
				    IP_PMTUDISC_WANT));
		ASSERT_EQ(0, too_big(raw, 800));
		EXPECT_EQ(rows[i].mtu, pp_get(fd, SOL_IP, IP_MTU))
			TH_LOG("mode %s", rows[i].mode);
		close(fd);
	}
	close(raw);
	close(tap);
}

TEST_F_TIMEOUT(stacks, min_pmtu, 60)
{
	int raw = raw_of_peer(&self->p);
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);

	ASSERT_EQ(0, pp_sysctl(&self->p, "route/min_pmtu", "1000"));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(0, too_big(raw, 800));
	EXPECT_EQ(1000, pp_get(fd, SOL_IP, IP_MTU));
	close(fd);
	close(raw);
}

/* Whether a datagram of @from is taken; B's next is the mark that it was seen. */
static bool taken(const struct pp_pair *p, int raw, const char *from)
{
	struct pkt m = udp_of(from, PKTPATH_T_A, PORT);
	int fd = pp_udp_bound(p, PKTPATH_T_A, PORT), n = 0;
	struct sockaddr_in sin;
	socklen_t len;
	char buf[64];

	if (out(raw, &m))
		return false;
	m.ip.saddr = inet_addr(PKTPATH_T_B);
	if (out(raw, &m))
		return false;
	do {
		len = sizeof(sin);
		if (recvfrom(fd, buf, sizeof(buf), 0, (void *)&sin, &len) < 0)
			break;
		n++;
	} while (sin.sin_addr.s_addr != inet_addr(PKTPATH_T_B));
	close(fd);
	return n == 2;
}

TEST_F_TIMEOUT(stacks, accept_local, 60)
{
	int raw = raw_of_peer(&self->p);

	ASSERT_EQ(0, conf(&self->p, "rp_filter", "0"));
	EXPECT_FALSE(taken(&self->p, raw, PKTPATH_T_A2));
	ASSERT_EQ(0, conf(&self->p, "accept_local", "1"));
	EXPECT_TRUE(taken(&self->p, raw, PKTPATH_T_A2));
	close(raw);
}

/* The way back is looked up with the mark, or without. */
TEST_F_TIMEOUT(stacks, src_valid_mark, 60)
{
	int raw = raw_of_peer(&self->p);
	const char *rule = "rule add fwmark 7 table 77";

	ASSERT_EQ(0, conf(&self->p, "rp_filter", "1"));
	ASSERT_EQ(0, pp_run("nft 'table ip t { chain c { "
			    "type filter hook prerouting priority -300; "
			    "ip saddr " FAR " meta mark set 7; }; }'"));
	ASSERT_EQ(0, self->p.inet ? pp_run("ip %s", rule) :
				    pp_test_tool("%s", rule));
	ASSERT_EQ(0, pp_route(&self->p, "add 192.0.2.0/24 dev pa table 77"));
	EXPECT_FALSE(taken(&self->p, raw, FAR));
	ASSERT_EQ(0, conf(&self->p, "src_valid_mark", "1"));
	EXPECT_TRUE(taken(&self->p, raw, FAR));
	close(raw);
}

static int ping_a(int raw)
{
	struct pkt m = pkt_of(IPPROTO_ICMP, PKTPATH_T_B, PKTPATH_T_A);

	m.icmp.type = ICMP_ECHO;
	m.icmp.checksum = sum(&m.icmp, 64);
	return out(raw, &m);
}

TEST_F_TIMEOUT(stacks, icmp_echo_ignore_all, 60)
{
	int raw = raw_of_peer(&self->p), tap = pp_tap(&self->p);

	ASSERT_EQ(0, ping_a(raw));
	EXPECT_EQ(1, icmp_seen(tap, ICMP_ECHOREPLY, NULL));
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_echo_ignore_all", "1"));
	ASSERT_EQ(0, ping_a(raw));
	EXPECT_EQ(0, icmp_seen(tap, ICMP_ECHOREPLY, NULL));
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_echo_ignore_all", "0"));
	ASSERT_EQ(0, ping_a(raw));
	EXPECT_EQ(1, icmp_seen(tap, ICMP_ECHOREPLY, NULL));
	close(raw);
	close(tap);
}

/* How many of @n datagrams to closed ports are answered. */
static int errors_of(int raw, int tap, int n)
{
	struct pkt m = udp_of(PKTPATH_T_B, PKTPATH_T_A, CLOSED);
	int i;

	for (i = 0; i < n; i++)
		if (out(raw, &m))
			return -1;
	return icmp_seen(tap, ICMP_DEST_UNREACH, NULL);
}

/* Limits of each destination, of some kinds, of all. */
TEST_F_TIMEOUT(stacks, icmp_limits, 60)
{
	int raw = raw_of_peer(&self->p), tap = pp_tap(&self->p), n;

	/* the kind is not among those limited; then it is */
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_ratemask", "0"));
	EXPECT_EQ(30, errors_of(raw, tap, 30));
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_ratemask", "8"));
	n = errors_of(raw, tap, 30);
	EXPECT_LT(0, n);
	EXPECT_GE(10, n);
	/* no limit of the destination, and then none but that of all */
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_ratelimit", "0"));
	EXPECT_LT(20, errors_of(raw, tap, 30));
	if (!self->p.inet) {
		ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_msgs_burst", "5"));
		ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_msgs_per_sec", "1"));
		/* what there was of before goes first */
		errors_of(raw, tap, 60);
		n = errors_of(raw, tap, 30);
		TH_LOG("%d of 30", n);
		EXPECT_GE(7, n);
		ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_msgs_per_sec", "0"));
		errors_of(raw, tap, 30);
		EXPECT_EQ(0, errors_of(raw, tap, 30));
	}
	close(raw);
	close(tap);
}

/* Whose address an error has that a router sends. */
TEST_F_TIMEOUT(stacks, icmp_errors_use_inbound_ifaddr, 60)
{
	int raw = raw_of_peer(&self->p), tap = pp_tap(&self->p);
	struct pkt m = udp_of(PKTPATH_T_B, "198.51.100.1", 9), got;

	ASSERT_EQ(0, conf(&self->p, "send_redirects", "0"));
	ASSERT_EQ(0, conf(&self->p, "forwarding", "1"));
	ASSERT_EQ(0, pp_route(&self->p, "add 198.51.100.0/24 via " PKTPATH_T_B2));
	ASSERT_EQ(0, pp_route(&self->p, "add " PKTPATH_T_B "/32 dev pa src " PKTPATH_T_A2));
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_ratemask", "0"));
	m.ip.ttl = 1;
	ASSERT_EQ(0, out(raw, &m));
	ASSERT_EQ(1, icmp_seen(tap, ICMP_TIME_EXCEEDED, &got));
	EXPECT_EQ(inet_addr(PKTPATH_T_A2), got.ip.saddr);
	ASSERT_EQ(0, pp_sysctl(&self->p, "icmp_errors_use_inbound_ifaddr",
			       "1"));
	ASSERT_EQ(0, out(raw, &m));
	ASSERT_EQ(1, icmp_seen(tap, ICMP_TIME_EXCEEDED, &got));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), got.ip.saddr);
	close(raw);
	close(tap);
}

/* What is forwarded has the priority of its TOS, or none. */
TEST_F_TIMEOUT(stacks, ip_forward_update_priority, 60)
{
	int raw = raw_of_peer(&self->p), tap = pp_tap(&self->p);
	struct pkt m = udp_of(PKTPATH_T_B, "198.51.100.1", 77), got;

	ASSERT_EQ(0, conf(&self->p, "send_redirects", "0"));
	ASSERT_EQ(0, conf(&self->p, "forwarding", "1"));
	ASSERT_EQ(0, pp_route(&self->p, "add 198.51.100.0/24 via " PKTPATH_T_B2));
	ASSERT_EQ(0, pp_run("nft 'table ip t { chain c { "
			    "type filter hook forward priority 0; "
			    "meta priority 0:6 drop; }; }'"));
	m.ip.tos = 0x10;
	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_forward_update_priority", "0"));
	ASSERT_EQ(0, out(raw, &m));
	EXPECT_LT(0, pp_tap_next(tap, IPPROTO_UDP, 77, &got, sizeof(got)));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_forward_update_priority", "1"));
	ASSERT_EQ(0, out(raw, &m));
	EXPECT_EQ(-1, pp_tap_next(tap, IPPROTO_UDP, 77, &got, sizeof(got)));
	close(raw);
	close(tap);
}

static long tx_packets(const char *dev)
{
	char line[512], name[64];
	long n = -1, v;
	FILE *f;

	f = fopen("/proc/thread-self/net/dev", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " %63[^:]: %*d %*d %*d %*d %*d %*d %*d %*d %*d %ld",
			   name, &v) == 2 && !strcmp(name, dev))
			n = v;
	if (f)
		fclose(f);
	return n;
}

#define WAY_1 " nexthop via 10.81.0.2 dev d1"
#define WAY_2 " nexthop via 10.82.0.2 dev d2"

/* Two ways to one address: by addresses all goes one, by ports both. */
TEST_F_TIMEOUT(stacks, fib_multipath_hash_policy, 60)
{
	long one, two, n1, n2;
	int i, fd;

	pp_run("modprobe -q dummy; "
	       "sysctl -qw net.ipv6.conf.default.disable_ipv6=1 2>/dev/null");
	for (i = 1; i <= 2; i++) {
		ASSERT_EQ(0, pp_run("ip link add d%d type dummy", i));
		ASSERT_EQ(0, pp_run("ip link set d%d arp off up", i));
	}
	if (self->p.inet) {
		ASSERT_EQ(0, pp_run("ip addr add 10.81.0.1/24 dev d1; "
				    "ip addr add 10.82.0.1/24 dev d2"));
	} else {
		ASSERT_EQ(0, pp_test_tool("dev attach d1"));
		ASSERT_EQ(0, pp_test_tool("dev attach d2"));
		ASSERT_EQ(0, pp_test_tool("addr add 10.81.0.1/24 dev d1"));
		ASSERT_EQ(0, pp_test_tool("addr add 10.82.0.1/24 dev d2"));
	}
	ASSERT_EQ(0, pp_route(&self->p, "add 198.51.100.0/24" WAY_1 WAY_2));
	for (i = 0; i < 64; i++) {
		if (i % 32 == 0) {
			ASSERT_EQ(0, pp_sysctl(&self->p,
					       "fib_multipath_hash_policy",
					       i ? "1" : "0"));
			n1 = tx_packets("d1");
			n2 = tx_packets("d2");
		}
		fd = pp_udp(&self->p);
		ASSERT_EQ(0, pp_bind(fd, PKTPATH_T_A, 6000 + i));
		ASSERT_EQ(0, pp_connect(fd, "198.51.100.1", 7000 + i));
		ASSERT_EQ(1, send(fd, "x", 1, 0));
		close(fd);
		if (i % 32 != 31)
			continue;
		one = tx_packets("d1") - n1;
		two = tx_packets("d2") - n2;
		TH_LOG("%ld and %ld", one, two);
		EXPECT_EQ(32, one + two);
		EXPECT_EQ(i > 32, one > 0 && two > 0);
	}
}

TEST_F_TIMEOUT(stacks, force_igmp_version, 60)
{
	static const struct {
		const char *v;
		uint8_t type;
	} rows[] = { { "1", 0x12 }, { "2", 0x16 }, { "3", 0x22 } };
	struct ip_mreqn m = {
		.imr_multiaddr.s_addr = inet_addr("239.1.2.3"),
	};
	int tap = pp_tap(&self->p), fd;
	struct pkt got;
	unsigned int i;

	m.imr_ifindex = if_nametoindex("pa");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/force_igmp_version",
				       rows[i].v));
		while (pp_tap_next(tap, IPPROTO_IGMP, 0, &got, sizeof(got)) > 0)
			;
		fd = pp_udp(&self->p);
		ASSERT_EQ(0, setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &m,
					sizeof(m)));
		pp_tap_next(tap, IPPROTO_IGMP, 0, &got, sizeof(got));
		EXPECT_EQ(rows[i].type, ((uint8_t *)&got)[got.ip.ihl * 4])
			TH_LOG("version %s", rows[i].v);
		close(fd);
	}
	close(tap);
}

/* ARP on pb, what A has sent. */
static int arp_tap(const struct pp_pair *p)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP),
	};
	int fd = pp_peer_socket(p, AF_PACKET, SOCK_RAW, 0);
	struct timeval tv = { .tv_sec = 3 };

	pp_ns_enter(p->ns_b);
	sll.sll_ifindex = if_nametoindex("pb");
	pp_ns_enter(p->ns_a);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return bind(fd, (void *)&sll, sizeof(sll)) ? -1 : fd;
}

struct arp {
	uint8_t dst[6], src[6];
	uint16_t proto;
	struct arphdr h;
	uint8_t sha[6], spa[4], tha[6], tpa[4];
} __packed;

/* Announcements (@same) or requests to one host alone, until none comes. */
static int arps(int fd, bool same)
{
	struct arp a;
	int n = 0;

	while (recv(fd, &a, sizeof(a), 0) >= 42)
		if (same ? !memcmp(a.spa, a.tpa, 4) :
			   a.h.ar_op == htons(ARPOP_REQUEST) && !(a.dst[0] & 1))
			n++;
	return n;
}

/* A new hardware address is told, or not. */
TEST_F_TIMEOUT(stacks, arp_notify, 60)
{
	int fd = arp_tap(&self->p);

	ASSERT_LE(0, fd);
	if (!self->p.inet)
		ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/pa/acd", "0"));
	arps(fd, true);
	ASSERT_EQ(0, pp_run("ip link set pa address 02:00:00:00:77:01"));
	EXPECT_EQ(0, arps(fd, true));
	ASSERT_EQ(0, conf(&self->p, "arp_notify", "1"));
	ASSERT_EQ(0, pp_run("ip link set pa address 02:00:00:00:77:02"));
	EXPECT_LT(0, arps(fd, true));
	close(fd);
}

static int neigh_conf(const struct pp_pair *p, const char *name,
		      const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "neigh/pa/%s", name);
	return pp_sysctl(p, path, value);
}

/* A neighbour that was there and does not answer is asked so often. */
TEST_F_TIMEOUT(stacks, ucast_solicit, 120)
{
	int fd = arp_tap(&self->p), s = pp_udp(&self->p), i;
	static const char * const often[] = { "2", "5" };

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, neigh_conf(&self->p, "delay_first_probe_time", "0"));
	ASSERT_EQ(0, neigh_conf(&self->p, "retrans_time_ms", "100"));
	ASSERT_EQ(0, neigh_conf(&self->p, "base_reachable_time_ms", "1"));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, neigh_conf(&self->p, "ucast_solicit", often[i]));
		pp_ns_enter(self->p.ns_b);
		ASSERT_EQ(0, pp_run("ip link set pb arp on"));
		pp_ns_enter(self->p.ns_a);
		ASSERT_EQ(1, pp_sendto(s, "x", 1, PKTPATH_T_B, 9));
		arps(fd, false);
		pp_ns_enter(self->p.ns_b);
		ASSERT_EQ(0, pp_run("ip link set pb arp off"));
		pp_ns_enter(self->p.ns_a);
		pp_sendto(s, "x", 1, PKTPATH_T_B, 9);
		EXPECT_EQ(atoi(often[i]), arps(fd, false));
	}
	close(fd);
	close(s);
}

/* An entry that nobody has used for that long goes. */
TEST_F_TIMEOUT(stacks, gc_stale_time, 120)
{
	long long end = pp_now_ms() + 60000;
	int s = pp_udp(&self->p);
	bool there;

	if (self->p.inet)
		SKIP(return, "tables of all namespaces are one");
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/default/gc_thresh1", "0"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/default/gc_interval", "1"));
	ASSERT_EQ(0, neigh_conf(&self->p, "base_reachable_time_ms", "1"));
	ASSERT_EQ(0, neigh_conf(&self->p, "gc_stale_time", "3600"));
	ASSERT_EQ(1, pp_sendto(s, "x", 1, PKTPATH_T_B, 9));
	close(s);
	poll(NULL, 0, 4000);
	EXPECT_EQ(0, pp_test_tool("neigh show | grep -q " PKTPATH_T_B));
	ASSERT_EQ(0, neigh_conf(&self->p, "gc_stale_time", "1"));
	/* the other may ask us, and be noted anew */
	do {
		poll(NULL, 0, 100);
		there = !pp_test_tool("neigh show | grep -q " PKTPATH_T_B);
	} while (there && pp_now_ms() < end);
	EXPECT_FALSE(there);
}

TEST_HARNESS_MAIN
