// SPDX-License-Identifier: GPL-2.0
/*
 * Redirects received, on both stacks: 10.88.0.0/24 is behind the peer, which
 * names 10.77.0.4, also the peer's, as the better gateway. Row ICMP-7.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include "pp_fixture.h"

#define FAR	"10.88.0.9"
#define PORT	5001

/* What the redirect says; 0 or NULL: what is right. */
struct redirect {
	const char *name;
	const char *from;	/* who says it */
	const char *gw;		/* the better gateway */
	const char *src, *dst;	/* of the packet quoted */
	uint8_t code;
	uint16_t sport;
	bool followed;
	bool ours;		/* AF_INET has been seen to follow it */
};

static uint16_t sum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t s = 0;

	for (; len > 1; len -= 2)
		s += *p++;
	s = (s & 0xffff) + (s >> 16);
	return ~(s + (s >> 16));
}

static int redirect_send(int raw, const struct redirect *r, uint16_t sport)
{
	struct {
		struct iphdr ip;
		struct icmphdr icmp;
		struct iphdr inner;
		struct udphdr udp;
	} m = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_ICMP,
			.saddr = inet_addr(r->from ?: PKTPATH_T_B),
			.daddr = inet_addr(PKTPATH_T_A),
			.tot_len = htons(sizeof(m)),
		},
		.icmp = {
			.type = ICMP_REDIRECT, .code = r->code,
			.un.gateway = inet_addr(r->gw ?: PKTPATH_T_B2),
		},
		.inner = {
			.version = 4, .ihl = 5, .ttl = 63,
			.protocol = IPPROTO_UDP, .tot_len = htons(48),
			.saddr = inet_addr(r->src ?: PKTPATH_T_A),
			.daddr = inet_addr(r->dst ?: FAR),
		},
		.udp = {
			.source = htons(r->sport ?: sport),
			.dest = htons(PORT), .len = htons(28),
		},
	};
	struct sockaddr_in to = pp_addr(PKTPATH_T_A, 0);

	m.inner.check = sum(&m.inner, sizeof(m.inner));
	m.icmp.checksum = sum(&m.icmp, sizeof(m) - sizeof(m.ip));
	to.sin_family = AF_INET;
	if (sendto(raw, &m, sizeof(m), 0, (void *)&to, sizeof(to)) !=
	    sizeof(m))
		return -1;
	return 0;
}

/* Whether @gw is the way to FAR. */
static bool goes_by(const struct pp_pair *p, const char *gw)
{
#define GOES_BY "route get " FAR " | grep -q 'via %s '"
	return p->inet ? !pp_run("ip " GOES_BY, gw) :
			 !pp_test_tool(GOES_BY, gw);
}

static int raw_of_peer(const struct pp_pair *p)
{
	return pp_peer_socket(p, AF_INET, SOCK_RAW, IPPROTO_RAW);
}

/* A socket that talks to FAR; the peer throws that away. */
static int talker(const struct pp_pair *p)
{
	int fd;

	if (pp_route(p, "add 10.88.0.0/24 via " PKTPATH_T_B))
		return -1;
	fd = pp_udp_bound(p, PKTPATH_T_A, PORT);
	if (fd < 0 || pp_connect(fd, FAR, PORT))
		return -1;
	return fd;
}

static int accepting(const struct pp_pair *p, const char *yes)
{
	if (pp_sysctl(p, "conf/all/accept_redirects", yes) ||
	    pp_sysctl(p, "conf/pa/accept_redirects", yes))
		return -1;
	return 0;
}

/*
 * Sends it until it is followed, or, when it is not to be, twice and waits
 * until both have been dealt with: what comes behind them has arrived.
 */
static bool followed(const struct pp_pair *p, int raw, const struct redirect *r,
		     uint16_t sport)
{
	int from = pp_peer_udp(p, PKTPATH_T_B, 0);
	int to = pp_udp_bound(p, PKTPATH_T_A, 0);
	long long end = pp_now_ms() + 30000;
	const char *gw = r->gw ?: PKTPATH_T_B2;
	bool done = false;
	char c;
	int i;

	for (i = 0; !done && (r->followed ? pp_now_ms() < end : i < 2); i++) {
		if (redirect_send(raw, r, sport) ||
		    pp_sendto(from, "x", 1, PKTPATH_T_A, pp_port(to)) != 1 ||
		    recv(to, &c, 1, 0) != 1)
			break;
		done = goes_by(p, gw);
	}
	close(from);
	close(to);
	return done;
}

static const struct redirect cases[] = {
	{ .name = "not from the gateway", .from = PKTPATH_T_B2,
	  .gw = "10.77.0.66" },
	{ .name = "of another, to itself", .from = PKTPATH_T_B2 },
	{ .name = "unknown code", .code = 4 },
	{ .name = "to the same gateway's broadcast", .gw = PKTPATH_T_BCAST },
	{ .name = "to ourselves", .gw = PKTPATH_T_A2 },
	{ .name = "to a group", .gw = "224.0.0.5" },
	{ .name = "to 0.0.0.0", .gw = "0.0.0.0" },
	{ .name = "to 127.0.0.1", .gw = "127.0.0.1" },
	{ .name = "off the link", .gw = "10.88.0.1" },
	{ .name = "to nobody", .gw = PKTPATH_T_DEAD },
	{ .name = "of a source not ours", .src = "10.77.0.77" },
	{ .name = "of nobody's port", .sport = 4999, .ours = true },
	{ .name = "right", .code = ICMP_REDIR_HOST, .followed = true },
};

TEST_F_TIMEOUT(stacks, believed_or_not, 120)
{
	int raw = raw_of_peer(&self->p), fd = talker(&self->p);
	unsigned int i;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, raw);
	ASSERT_EQ(0, accepting(&self->p, "1"));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (self->p.inet && cases[i].ours)
			continue;
		EXPECT_EQ(cases[i].followed,
			  followed(&self->p, raw, &cases[i], PORT))
			TH_LOG("%s", cases[i].name);
		if (!cases[i].followed)
			ASSERT_TRUE(goes_by(&self->p, PKTPATH_T_B))
				TH_LOG("%s", cases[i].name);
	}
	/* the change of the route ends it */
	ASSERT_EQ(0, pp_route(&self->p, "del 10.88.0.0/24"));
	ASSERT_EQ(0, pp_route(&self->p, "add 10.88.0.0/24 via " PKTPATH_T_B));
	EXPECT_TRUE(goes_by(&self->p, PKTPATH_T_B));
	close(fd);
	close(raw);
}

/* A datagram goes to the hardware address of the other gateway. */
TEST_F_TIMEOUT(stacks, obeyed_on_the_wire, 120)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x44 };
	static const struct redirect r = { .followed = true };
	int raw = raw_of_peer(&self->p), fd = talker(&self->p);
	uint8_t frame[2000];
	bool seen = false;
	int tap;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, raw);
#define NEIGH "neigh add " PKTPATH_T_B2 " lladdr 02:00:00:00:00:44 dev pa"
	ASSERT_EQ(0, self->p.inet ? pp_run("ip " NEIGH) : pp_test_tool(NEIGH));
	ASSERT_EQ(0, accepting(&self->p, "1"));
	ASSERT_TRUE(followed(&self->p, raw, &r, PORT));
	EXPECT_EQ(1500, pp_get(fd, IPPROTO_IP, IP_MTU));
	tap = pp_peer_socket(&self->p, AF_PACKET, SOCK_RAW, htons(0x0800));
	ASSERT_LE(0, tap);
	EXPECT_EQ(3, send(fd, "abc", 3, 0));
	while (!seen && recv(tap, frame, sizeof(frame), 0) > 0)
		seen = !memcmp(frame, mac, 6);
	EXPECT_TRUE(seen);
	close(tap);
	close(fd);
	close(raw);
}

/* Off is off; ours is off by itself. */
TEST_F_TIMEOUT(stacks, refused, 120)
{
	static const struct redirect r = { .followed = false };
	int raw = raw_of_peer(&self->p), fd = talker(&self->p);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, raw);
	if (self->p.inet)
		ASSERT_EQ(0, accepting(&self->p, "0"));
	EXPECT_FALSE(followed(&self->p, raw, &r, PORT));
	close(fd);
	close(raw);
}

/* Without shared media: from a gateway list, in the same subnet. */
TEST_F_TIMEOUT(stacks, secure, 120)
{
	static const struct redirect no = { .followed = false };
	static const struct redirect yes = { .followed = true };
	int raw = raw_of_peer(&self->p), fd = talker(&self->p);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, raw);
	ASSERT_EQ(0, accepting(&self->p, "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/shared_media", "0"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/shared_media", "0"));
	EXPECT_FALSE(followed(&self->p, raw, &no, PORT));
	ASSERT_EQ(0, pp_route(&self->p, "add 10.89.0.0/24 via " PKTPATH_T_B2));
	EXPECT_TRUE(followed(&self->p, raw, &yes, PORT));
	close(fd);
	close(raw);
}

TEST_HARNESS_MAIN
