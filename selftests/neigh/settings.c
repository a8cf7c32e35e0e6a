// SPDX-License-Identifier: GPL-2.0
/*
 * What the settings of ARP do, on both stacks: arp_ignore, arp_filter,
 * arp_announce, drop_gratuitous_arp, proxy_arp, of one device and of all.
 *
 * A has a second link, px, with 10.66.0.1/24; B plays hosts that exist only in
 * frames.
 */
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include "link.h"
#include "pp_fixture.h"

#define ARP_REQ 1
#define ARP_REP 2
#define HOST "10.77.0.9"	/* whom B plays */
#define HOST_FAR "192.0.2.9"	/* likewise; the way back is px */
#define OTHER "10.66.0.1"	/* A's on px */
#define BEHIND "10.66.0.7"	/* nobody's, on px */

#pragma pack(push, 1)
struct arp_frame {
	uint8_t dst[6], src[6];
	uint16_t type, htype, ptype;
	uint8_t hln, pln;
	uint16_t op;
	uint8_t sha[6];
	uint32_t spa;
	uint8_t tha[6];
	uint32_t tpa;
};

#pragma pack(pop)

static const uint8_t mac_host[6] = { 2, 0, 0, 0, 0, 9 };

struct wire {
	int fd;			/* in B, sees and sends ARP */
	int index;		/* of pb */
	uint8_t mac_a[6];
};

static int tool(const struct pp_pair *p, const char *what)
{
	return p->inet ? pp_run("ip %s", what) : pp_test_tool("%s", what);
}

/* px is pktpath's, and nobody asks whether its addresses are free. */
static int make_ours(const struct pp_pair *p)
{
	static const char * const addrs[] = { PKTPATH_T_A, PKTPATH_T_A2 };
	unsigned int i;
	int err;

	err = pp_test_tool("dev attach px") ||
	      pp_sysctl(p, "neigh/px/acd", "0") ||
	      pp_sysctl(p, "neigh/pa/acd", "0");
	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		err = err || pp_test_tool("addr del %s/24 dev pa", addrs[i]);
	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		err = err || pp_test_tool("addr add %s/24 dev pa", addrs[i]);
	return err ? -1 : 0;
}

static int make(const struct pp_pair *p, struct wire *w)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
	};

	if (pp_run("ip link add px type dummy && ip link set px up") ||
	    link_mac("pa", w->mac_a))
		return -1;
	if (!p->inet && make_ours(p))
		return -1;
	if (tool(p, "addr add " OTHER "/24 dev px") ||
	    tool(p, "route add 192.0.2.0/24 dev px") ||
	    pp_sysctl(p, "conf/all/rp_filter", "0") ||
	    pp_sysctl(p, "conf/pa/rp_filter", "0"))
		return -1;
	w->fd = pp_peer_socket(p, AF_PACKET, SOCK_RAW, htons(ETH_P_ARP));
	if (pp_ns_enter(p->ns_b))
		return -1;
	w->index = if_nametoindex("pb");
	if (pp_ns_enter(p->ns_a))
		return -1;
	ll.sll_ifindex = w->index;
	return bind(w->fd, (void *)&ll, sizeof(ll));
}

static int put(const struct wire *w, const uint8_t *dst, uint16_t op,
	       const char *spa, const char *tpa)
{
	struct arp_frame f = {
		.type = htons(ETH_P_ARP), .htype = htons(1),
		.ptype = htons(ETH_P_IP), .hln = 6, .pln = 4, .op = htons(op),
		.spa = inet_addr(spa), .tpa = inet_addr(tpa),
	};

	memcpy(f.dst, dst, 6);
	memcpy(f.src, mac_host, 6);
	memcpy(f.sha, mac_host, 6);
	return send(w->fd, &f, sizeof(f), 0) == sizeof(f) ? 0 : -1;
}

/* The next frame of A with @op and target @tpa, which the caller may read. */
static bool next(const struct wire *w, uint16_t op, const char *tpa,
		 struct arp_frame *f, int ms)
{
	long long end = pp_now_ms() + ms;
	uint8_t buf[2000];
	long long left;

	while ((left = end - pp_now_ms()) > 0) {
		if (!pp_readable(w->fd, left))
			return false;
		if (recv(w->fd, buf, sizeof(buf), 0) < (ssize_t)sizeof(*f))
			continue;
		memcpy(f, buf, sizeof(*f));
		if (!memcmp(f->src, w->mac_a, 6) && f->op == htons(op) &&
		    f->tpa == inet_addr(tpa))
			return true;
	}
	return false;
}

/*
 * Whether A answers @spa's question for @tpa, by broadcast or to it alone. An
 * answer that is expected may take its time.
 */
static bool answered(const struct wire *w, const uint8_t *dst, const char *spa,
		     const char *tpa, bool expected)
{
	struct arp_frame f;

	return !put(w, dst, ARP_REQ, spa, tpa) &&
	       next(w, ARP_REP, spa, &f, expected ? 30000 : 500) &&
	       f.spa == inet_addr(tpa) && !memcmp(f.sha, w->mac_a, 6) &&
	       !memcmp(f.dst, mac_host, 6);
}

static const uint8_t to_all[6] = { 255, 255, 255, 255, 255, 255 };

static const struct {
	const char *all, *dev;	/* conf.all and conf.pa */
	const char *spa, *tpa;
	bool answered;
} ignore[] = {
	{ "0", "0", HOST, PKTPATH_T_A, true },
	{ "0", "0", HOST, OTHER, true },
	{ "0", "1", HOST, PKTPATH_T_A, true },
	{ "0", "1", HOST, OTHER, false },
	{ "1", "0", HOST, OTHER, false },
	{ "0", "1", HOST_FAR, PKTPATH_T_A, true },
	{ "0", "2", HOST, PKTPATH_T_A, true },
	{ "0", "2", HOST, OTHER, false },
	{ "0", "2", HOST_FAR, PKTPATH_T_A, false },
	{ "2", "1", HOST_FAR, PKTPATH_T_A, false },
	{ "0", "3", HOST, OTHER, true },
	{ "0", "8", HOST, PKTPATH_T_A, false },
	{ "8", "1", HOST, PKTPATH_T_A, false },
	/* who asks whether the address is free */
	{ "0", "1", "0.0.0.0", PKTPATH_T_A, true },
	{ "0", "1", "0.0.0.0", OTHER, false },
	{ "0", "2", "0.0.0.0", PKTPATH_T_A, true },
	{ "0", "8", "0.0.0.0", PKTPATH_T_A, false },
};

TEST_F_TIMEOUT(stacks, arp_ignore, 300)
{
	unsigned int i, silent = 0;
	struct wire w;

	ASSERT_EQ(0, make(&self->p, &w));
	for (i = 0; i < ARRAY_SIZE(ignore); i++) {
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/arp_ignore",
				       ignore[i].all));
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/arp_ignore",
				       ignore[i].dev));
		EXPECT_EQ(ignore[i].answered,
			  answered(&w, to_all, ignore[i].spa, ignore[i].tpa,
				   ignore[i].answered))
			TH_LOG("all %s, pa %s: %s asks for %s", ignore[i].all,
			       ignore[i].dev, ignore[i].spa, ignore[i].tpa);
		silent += !ignore[i].answered;
	}
	if (!self->p.inet)
		EXPECT_LE(silent, pp_counter("pktpath/netstat", "Drop",
					     "ArpIgnored"));
	close(w.fd);
}

static const struct {
	const char *all, *dev, *spa;
	bool answered;
} filter[] = {
	{ "0", "0", HOST, true },
	{ "0", "0", HOST_FAR, true },
	{ "0", "1", HOST, true },
	{ "0", "1", HOST_FAR, false },
	{ "1", "0", HOST, true },
	{ "1", "0", HOST_FAR, false },
	/* no way back at all */
	{ "0", "1", "198.51.100.9", false },
};

TEST_F_TIMEOUT(stacks, arp_filter, 300)
{
	unsigned int i;
	struct wire w;

	ASSERT_EQ(0, make(&self->p, &w));
	for (i = 0; i < ARRAY_SIZE(filter); i++) {
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/arp_filter",
				       filter[i].all));
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/arp_filter",
				       filter[i].dev));
		EXPECT_EQ(filter[i].answered,
			  answered(&w, to_all, filter[i].spa, PKTPATH_T_A,
				   filter[i].answered))
			TH_LOG("all %s, pa %s: %s asks", filter[i].all,
			       filter[i].dev, filter[i].spa);
	}
	close(w.fd);
}

static const struct {
	const char *all, *dev;
	const char *from;	/* source of the packet that waits */
	const char *asks;	/* sender of the request */
} announce[] = {
	{ "0", "0", PKTPATH_T_A, PKTPATH_T_A },
	{ "0", "0", PKTPATH_T_A2, PKTPATH_T_A2 },
	{ "0", "0", OTHER, OTHER },
	{ "0", "1", PKTPATH_T_A2, PKTPATH_T_A2 },
	{ "0", "1", OTHER, PKTPATH_T_A },
	{ "1", "0", OTHER, PKTPATH_T_A },
	{ "0", "2", PKTPATH_T_A2, PKTPATH_T_A },
	{ "0", "2", OTHER, PKTPATH_T_A },
	{ "2", "1", PKTPATH_T_A2, PKTPATH_T_A },
};

TEST_F_TIMEOUT(stacks, arp_announce, 300)
{
	struct arp_frame f;
	char target[32];
	unsigned int i;
	struct wire w;
	int fd;

	ASSERT_EQ(0, make(&self->p, &w));
	for (i = 0; i < ARRAY_SIZE(announce); i++) {
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/arp_announce",
				       announce[i].all));
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/arp_announce",
				       announce[i].dev));
		snprintf(target, sizeof(target), "10.77.0.%u", 100 + i);
		fd = pp_udp_bound(&self->p, announce[i].from, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(1, pp_sendto(fd, "x", 1, target, 9));
		ASSERT_TRUE(next(&w, ARP_REQ, target, &f, 30000));
		EXPECT_EQ(inet_addr(announce[i].asks), f.spa)
			TH_LOG("all %s, pa %s: from %s", announce[i].all,
			       announce[i].dev, announce[i].from);
		close(fd);
	}
	close(w.fd);
}

/* Whether A has an entry for @addr. */
static bool known(const struct pp_pair *p, const char *addr)
{
#define KNOWN "neigh show | grep -q '^%s .*02:00:00:00:00:09'"
	return p->inet ? !pp_run("ip " KNOWN, addr) :
			 !pp_test_tool(KNOWN, addr);
}

TEST_F_TIMEOUT(stacks, drop_gratuitous_arp, 120)
{
	static const struct {
		const char *all, *dev, *addr;
		bool noted;
	} rows[] = {
		{ "0", "0", "10.77.0.120", true },
		{ "0", "1", "10.77.0.121", false },
		{ "1", "0", "10.77.0.122", false },
		{ "0", "0", "10.77.0.123", true },
	};
	unsigned int i;
	struct wire w;

	ASSERT_EQ(0, make(&self->p, &w));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/arp_accept", "1"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, pp_sysctl(&self->p,
				       "conf/all/drop_gratuitous_arp",
				       rows[i].all));
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/drop_gratuitous_arp",
				       rows[i].dev));
		ASSERT_EQ(0, put(&w, to_all, ARP_REQ, rows[i].addr,
				 rows[i].addr));
		/* what comes behind it has been dealt with */
		ASSERT_TRUE(answered(&w, to_all, HOST, PKTPATH_T_A, true));
		EXPECT_EQ(rows[i].noted, known(&self->p, rows[i].addr))
			TH_LOG("all %s, pa %s", rows[i].all, rows[i].dev);
	}
	close(w.fd);
}

static const struct {
	const char *forwarding;	/* of pa */
	const char *all, *dev;
	const char *spa, *tpa;
	bool answered;
} proxy[] = {
	{ "1", "0", "0", HOST, BEHIND, false },
	{ "0", "0", "1", HOST, BEHIND, false },
	{ "1", "0", "1", HOST, BEHIND, true },
	{ "1", "1", "0", HOST, BEHIND, true },
	/* on the link itself; nowhere; on the link of who asks */
	{ "1", "0", "1", HOST, "10.77.0.8", false },
	{ "1", "0", "1", HOST, "203.0.113.1", false },
	{ "1", "0", "1", HOST_FAR, BEHIND, true },
	/* a probe is nobody's question */
	{ "1", "0", "1", "0.0.0.0", BEHIND, false },
};

TEST_F_TIMEOUT(stacks, proxy_arp, 300)
{
	unsigned int i;
	struct wire w;

	ASSERT_EQ(0, make(&self->p, &w));
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/pa/proxy_delay", "0"));
	for (i = 0; i < ARRAY_SIZE(proxy); i++) {
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/forwarding",
				       proxy[i].forwarding));
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/proxy_arp",
				       proxy[i].all));
		ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/proxy_arp",
				       proxy[i].dev));
		EXPECT_EQ(proxy[i].answered,
			  answered(&w, to_all, proxy[i].spa, proxy[i].tpa,
				   proxy[i].answered))
			TH_LOG("forwarding %s, all %s, pa %s: %s asks for %s",
			       proxy[i].forwarding, proxy[i].all, proxy[i].dev,
			       proxy[i].spa, proxy[i].tpa);
	}
	/* of whom it has answered it knows the address */
	EXPECT_TRUE(known(&self->p, HOST));
	close(w.fd);
}

/* The host itself is to be heard first; who asks us alone need not wait. */
TEST_F_TIMEOUT(stacks, proxy_delay, 120)
{
	struct wire w;

	ASSERT_EQ(0, make(&self->p, &w));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/forwarding", "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/proxy_arp", "1"));
	/* hundredths of a second; at random below that */
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/pa/proxy_delay", "200"));
	EXPECT_TRUE(answered(&w, to_all, HOST, BEHIND, true));
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/pa/proxy_delay", "1000000"));
	EXPECT_FALSE(answered(&w, to_all, HOST, BEHIND, false));
	EXPECT_TRUE(answered(&w, w.mac_a, HOST, BEHIND, true));
	close(w.fd);
}

/* Of very many questions a few are kept. */
TEST_F_TIMEOUT(stacks, proxy_qlen, 120)
{
	struct arp_frame f;
	char tpa[32];
	struct wire w;
	int i, n = 0;

	ASSERT_EQ(0, make(&self->p, &w));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/forwarding", "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/proxy_arp", "1"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/pa/proxy_qlen", "2"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "neigh/pa/proxy_delay", "400"));
	for (i = 0; i < 200; i++) {
		snprintf(tpa, sizeof(tpa), "10.66.0.%d", 20 + i);
		ASSERT_EQ(0, put(&w, to_all, ARP_REQ, HOST, tpa));
	}
	while (next(&w, ARP_REP, HOST, &f, 6000))
		n++;
	EXPECT_LT(0, n);
	EXPECT_GT(150, n);
	close(w.fd);
}

TEST_HARNESS_MAIN
