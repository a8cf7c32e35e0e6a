// SPDX-License-Identifier: GPL-2.0
/*
 * What options and flags do to packets, on both stacks; that they are taken and
 * read back others have seen.
 * Proves: UDP-1 (a checksum of zero), IP-14 (source addresses).
 */
#include <net/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include "link.h"
#include "pp_fixture.h"

#ifndef IP_RECVFRAGSIZE
#define IP_RECVFRAGSIZE 25
#endif
#ifndef IP_NODEFRAG
#define IP_NODEFRAG 22
#endif

#define PORT_A 5001
#define PORT_B 5002
#define FAR "198.51.100.1"

struct udp_pkt {
	struct iphdr ip;
	struct udphdr udp;
	uint8_t data[2000];
};

static uint32_t add(const void *data, unsigned int len, uint32_t sum)
{
	const uint8_t *p = data;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Sum of a datagram from A to B with @n octets @data, checksum aside. */
static uint32_t sum_of(const uint8_t *data, unsigned int n)
{
	struct {
		uint32_t a, b;
		uint16_t proto, len;
		struct udphdr h;
	} ps = {
		inet_addr(PKTPATH_T_A), inet_addr(PKTPATH_T_B), htons(17),
		htons(8 + n),
		{ .source = htons(PORT_A), .dest = htons(PORT_B),
		  .len = htons(8 + n) },
	};

	return add(data, n, add(&ps, sizeof(ps), 0));
}

/* RFC 768: a checksum that comes to zero is sent as all ones. */
TEST_F_TIMEOUT(stacks, UDP_1_checksum_of_zero, 60)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT_A);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT_B);
	int tap = pp_tap(&self->p), way;
	static struct udp_pkt got;
	uint8_t data[64] = { 0 };
	uint16_t w;

	/* or the link would leave it to who reads */
	ASSERT_EQ(0, pp_run("ethtool -K pa tx off >/dev/null"));
	for (way = 0; way < 3; way++) {
		memset(data, 0, sizeof(data));
		w = 0xffff - sum_of(data, sizeof(data));
		data[0] = w >> 8;
		data[1] = w;
		ASSERT_EQ(0xffff, sum_of(data, sizeof(data)));
		if (way == 2) {		/* one after the other, and whole */
			ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT_B));
			ASSERT_EQ(30, send(fd, data, 30, MSG_MORE));
			ASSERT_EQ(34, send(fd, data + 30, 34, 0));
		} else {
			ASSERT_EQ(64, pp_sendto(fd, data, 64, PKTPATH_T_B,
						PORT_B));
		}
		ASSERT_EQ(92, pp_tap_next(tap, IPPROTO_UDP, PORT_B, &got,
					  sizeof(got)));
		EXPECT_EQ(0xffff, got.udp.check) TH_LOG("way %d", way);
		EXPECT_EQ(64, recv(peer, &got, sizeof(got), 0));
		if (way == 0) {
			data[1]++;
			ASSERT_EQ(64, pp_sendto(fd, data, 64, PKTPATH_T_B,
						PORT_B));
			ASSERT_EQ(92, pp_tap_next(tap, IPPROTO_UDP, PORT_B,
						  &got, sizeof(got)));
			EXPECT_NE(0xffff, got.udp.check);
			EXPECT_NE(0, got.udp.check);
			EXPECT_EQ(64, recv(peer, &got, sizeof(got), 0));
		}
	}
	close(fd);
	close(peer);
	close(tap);
}

/* The address of A with which a socket that has none speaks to @to. */
static const char *source(const struct pp_pair *p, const char *to)
{
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);
	int fd = pp_udp(p);

	if (!pp_connect(fd, to, 9))
		getsockname(fd, (void *)&sin, &len);
	close(fd);
	return inet_ntoa(sin.sin_addr);
}

/* RFC 1122 §3.3.4.3: the address of the subnet in which the next hop is. */
TEST_F_TIMEOUT(stacks, IP_14_source_of_the_same_subnet, 60)
{
	const char *addr = "addr add 10.78.0.1/24 dev pa";

	ASSERT_EQ(0, self->p.inet ? pp_run("ip %s", addr) :
				    pp_test_tool("%s", addr));
	ASSERT_EQ(0, pp_route(&self->p, "add 198.51.100.0/24 via 10.78.0.9"));
	ASSERT_EQ(0, pp_route(&self->p, "add 203.0.113.0/24 via 10.77.0.9"));
	ASSERT_EQ(0, pp_route(&self->p, "add 192.0.2.0/24 via 10.78.0.9 src " PKTPATH_T_A2));
	EXPECT_STREQ("10.78.0.1", source(&self->p, FAR));
	EXPECT_STREQ(PKTPATH_T_A, source(&self->p, "203.0.113.1"));
	EXPECT_STREQ(PKTPATH_T_A2, source(&self->p, "192.0.2.1"));
	EXPECT_STREQ("10.78.0.1", source(&self->p, "10.78.0.9"));
	EXPECT_STREQ("10.77.0.1", source(&self->p, "10.77.0.9"));
}

/* Requests to B alone that pb sees within a second, so that nothing else is. */
static int probes(int tap)
{
	uint8_t f[64];
	int n = 0;

	while (recv(tap, f, sizeof(f), 0) >= 42)
		n += !(f[0] & 1) && f[21] == 1;
	return n;
}

static int state_is(const struct pp_pair *p, const char *state)
{
	return !(p->inet ?
		 pp_run("ip neigh show | grep '" PKTPATH_T_B " ' | grep -qi %s", state) :
		 pp_test_tool("neigh show | grep '" PKTPATH_T_B " ' | grep -qi %s", state));
}

/* Whoever knows that the other is there spares it being asked. */
TEST_F_TIMEOUT(stacks, MSG_CONFIRM_spares_a_probe, 300)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP),
	};
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, PORT_B);
	int tap = pp_peer_socket(&self->p, AF_PACKET, SOCK_RAW, 0);
	struct timeval tv = { .tv_usec = 100000 };
	int fd = pp_udp(&self->p), confirm, n, i;
	char stale[128];
	uint8_t mac[6];

	pp_ns_enter(self->p.ns_b);
	sll.sll_ifindex = if_nametoindex("pb");
	ASSERT_EQ(0, link_mac("pb", mac));
	pp_ns_enter(self->p.ns_a);
	ASSERT_EQ(0, bind(tap, (void *)&sll, sizeof(sll)));
	setsockopt(tap, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	snprintf(stale, sizeof(stale),
		 "neigh replace %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev pa nud stale",
		 PKTPATH_T_B, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	/* longer than a slow machine takes from one datagram to the next */
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/pa/delay_first_probe_time",
			       "5"));
	for (confirm = 1; confirm >= 0; confirm--) {
		ASSERT_EQ(0, self->p.inet ? pp_run("ip %s", stale) :
					    pp_test_tool("%s", stale));
		ASSERT_TRUE(state_is(&self->p, "stale"));
		probes(tap);
		n = 0;
		for (i = 0; i < 200 && !state_is(&self->p, "reachable"); i++) {
			ASSERT_EQ(1, sendto(fd, "x", 1,
					    confirm ? MSG_CONFIRM : 0,
					    (void *)&to, sizeof(to)));
			n += probes(tap);
		}
		n += probes(tap);
		EXPECT_GT(200, i);
		EXPECT_EQ(!confirm, n > 0) TH_LOG("%d probes", n);
	}
	close(fd);
	close(tap);
}

/* A raw socket's own pieces are not put together by conntrack on their way. */
TEST_F_TIMEOUT(stacks, IP_NODEFRAG_lets_pieces_out, 60)
{
	int fd = pp_socket(&self->p, SOCK_RAW, IPPROTO_RAW), i;
	int tap = pp_tap(&self->p);
	static struct udp_pkt m, got;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_run("modprobe -q nft_ct; "
			    "nft 'table ip t { chain c { "
			    "type filter hook output priority 0; "
			    "ct state invalid counter; }; }'"));
	m.ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.frag_off = htons(0x2000), .saddr = inet_addr(PKTPATH_T_A),
		.daddr = inet_addr(PKTPATH_T_B),
	};
	m.udp.dest = htons(PORT_B);
	for (i = 0; i < 2; i++) {
		m.ip.id = htons(70 + i);
		ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_NODEFRAG, i));
		ASSERT_EQ(60, pp_sendto(fd, &m, 60, PKTPATH_T_B, 0));
		EXPECT_EQ(i ? 60 : -1,
			  pp_tap_next(tap, IPPROTO_UDP, PORT_B, &got,
				      sizeof(got)));
	}
	EXPECT_EQ(htons(71), got.ip.id);
	close(fd);
	close(tap);
}

/* The size of the largest piece. */
TEST_F_TIMEOUT(stacks, IP_RECVFRAGSIZE_tells_it, 60)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT_A);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT_B);
	static uint8_t data[3000];
	struct cmsghdr *c;
	struct msghdr msg;
	int size;

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_RECVFRAGSIZE, 1));
	ASSERT_EQ(3000, pp_sendto(peer, data, 3000, PKTPATH_T_A, PORT_A));
	ASSERT_EQ(3000, pp_recvmsg(fd, &msg, 0));
	c = pp_cmsg(&msg, SOL_IP, IP_RECVFRAGSIZE);
	ASSERT_NE(NULL, c);
	memcpy(&size, CMSG_DATA(c), sizeof(size));
	EXPECT_EQ(1500, size);
	/* one that came whole has none */
	ASSERT_EQ(9, pp_sendto(peer, data, 9, PKTPATH_T_A, PORT_A));
	ASSERT_EQ(9, pp_recvmsg(fd, &msg, 0));
	EXPECT_EQ(NULL, pp_cmsg(&msg, SOL_IP, IP_RECVFRAGSIZE));
	close(fd);
	close(peer);
}

/* Sending from an address that is nobody's: the one may, the other may bind. */
TEST_F_TIMEOUT(stacks, foreign_addresses, 60)
{
	int tap = pp_tap(&self->p), fd = pp_udp(&self->p);
	static struct udp_pkt got;

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_FREEBIND, 1));
	ASSERT_EQ(0, pp_bind(fd, FAR, PORT_A));
	EXPECT_ERRNO(ENETUNREACH, pp_sendto(fd, "x", 1, PKTPATH_T_B, PORT_B));
	close(fd);
	fd = pp_udp(&self->p);
	EXPECT_ERRNO(EADDRNOTAVAIL, pp_bind(fd, FAR, PORT_A));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_TRANSPARENT, 1));
	ASSERT_EQ(0, pp_bind(fd, FAR, PORT_A));
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, PORT_B));
	ASSERT_EQ(29, pp_tap_next(tap, IPPROTO_UDP, PORT_B, &got,
				  sizeof(got)));
	EXPECT_EQ(inet_addr(FAR), got.ip.saddr);
	close(fd);
	close(tap);
}

TEST_HARNESS_MAIN
