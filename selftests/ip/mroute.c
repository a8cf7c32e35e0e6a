// SPDX-License-Identifier: GPL-2.0
/*
 * A router of multicast by static entries: a sender and two receivers of the
 * kernel's stack with pktpath between them.
 *
 *	B			A (pktpath)		K
 *	pb 10.77.0.2/24 ------- pa 10.77.0.1/24
 *				qc 10.82.0.1/24 ------- kc 10.82.0.2/24
 *				qd 10.83.0.1/24 ------- kd 10.83.0.2/24
 */
#define _GNU_SOURCE
#include <net/if.h>
#include <sched.h>
#include "kselftest_harness.h"
#include "mcast.h"

#define TOOL(what)	EXPECT_EQ(0, pp_test_tool(what))
#define REFUSED(what)	EXPECT_EQ(2, pp_test_tool(what " 2>/dev/null"))
#define ENTRY	"mroute add " GROUP " from " PKTPATH_T_B " iif pa to qc qd ttl 5"

FIXTURE(router) {
	struct pp_pair p;
	int ns_k;
	int c, d;		/* receivers behind qc and qd */
	int from;		/* the sender */
	int mark;		/* a socket of the router, see settled() */
};

static int receiver(const char *dev, const char *group)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = inet_addr(group),
		.imr_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    pp_set(fd, SOL_IP, IP_MULTICAST_ALL, 0) ||
	    pp_set(fd, SOL_IP, IP_RECVTTL, 1) ||
	    setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof(mreq)) ||
	    pp_bind(fd, "0.0.0.0", PORT))
		return -1;
	return fd;
}

static int links(const struct pp_pair *p, int ns_k)
{
	static const char *const k[] = {
		"ip link set lo up",
		"ip addr add 10.82.0.2/24 dev kc",
		"ip addr add 10.83.0.2/24 dev kd",
		"sysctl -qw net.ipv4.conf.all.rp_filter=0",
		"sysctl -qw net.ipv4.conf.kc.rp_filter=0",
		"sysctl -qw net.ipv4.conf.kd.rp_filter=0",
		"ip link set kc up",
		"ip link set kd up",
	};
	unsigned int i;
	int err;

	err = pp_run("ip link add qc type veth peer name kc netns /proc/%d/fd/%d",
		     getpid(), ns_k) ||
	      pp_run("ip link add qd type veth peer name kd netns /proc/%d/fd/%d",
		     getpid(), ns_k) ||
	      pp_run("ip link set qc up") || pp_run("ip link set qd up") ||
	      pp_ns_enter(ns_k);
	for (i = 0; !err && i < ARRAY_SIZE(k); i++)
		err = pp_run("%s", k[i]);
	pp_ns_enter(p->ns_a);
	return err || pp_test_tool("dev attach qc") ||
	       pp_test_tool("dev attach qd") ||
	       pp_test_tool("addr add 10.82.0.1/24 dev qc") ||
	       pp_test_tool("addr add 10.83.0.1/24 dev qd") ||
	       pp_sysctl(p, "conf/pa/mc_forwarding", "1");
}

FIXTURE_SETUP(router)
{
	cpu_set_t one;

	/* what is sent first comes first */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	ASSERT_EQ(0, pp_pair_setup(&self->p, false));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->ns_k = open("/proc/thread-self/ns/net", O_RDONLY);
	ASSERT_LE(0, self->ns_k);
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_a));
	ASSERT_EQ(0, links(&self->p, self->ns_k));
	ASSERT_EQ(0, pp_ns_enter(self->ns_k));
	self->c = receiver("kc", GROUP);
	self->d = receiver("kd", GROUP);
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_a));
	self->from = peer(&self->p, PKTPATH_T_B);
	self->mark = pp_udp_bound(&self->p, PKTPATH_T_A, PORT + 1);
	ASSERT_LE(0, self->mark);
	ASSERT_LE(0, self->c);
	ASSERT_LE(0, self->d);
	ASSERT_LE(0, self->from);
}

FIXTURE_TEARDOWN(router)
{
	close(self->c);
	close(self->d);
	close(self->from);
	close(self->mark);
	close(self->ns_k);
	EXPECT_EQ(0, pp_pair_teardown(&self->p));
}

/* Sends @text with a TTL. */
static int ttl_says(int fd, int ttl, const char *text)
{
	return !pp_set(fd, SOL_IP, IP_MULTICAST_TTL, ttl) &&
	       says(fd, text, GROUP);
}

/* Until what has been sent before has come in, where nothing else tells. */
static int settled(int from, int mark)
{
	return pp_sendto(from, "mark", 4, PKTPATH_T_A, PORT + 1) == 4 &&
	       gets(mark, "mark");
}

/* The TTL with which @text comes, -1: something else, or nothing. */
static int ttl_gets(int fd, const char *text)
{
	struct cmsghdr *c;
	struct msghdr msg;
	ssize_t n;
	int ttl;

	if (pp_readable(fd, WAIT) != 1)
		return -1;
	n = pp_recvmsg(fd, &msg, 0);
	if (n != (ssize_t)strlen(text) || memcmp(msg.msg_iov->iov_base, text, n))
		return -1;
	c = pp_cmsg(&msg, SOL_IP, IP_TTL);
	if (!c)
		return -1;
	memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
	return ttl;
}

/* Waits until what the tool prints has @text in it. */
static int shows(const char *cmd, const char *text)
{
	int i;

	for (i = 0; i < 300; i++) {
		if (!pp_test_tool("%s | grep -q '%s'", cmd, text))
			return 1;
		usleep(100000);
	}
	return 0;
}

/* RFC 1812 §5.3.1 and thresholds: a packet's TTL is above that of the way. */
TEST_F(router, ttl)
{
	TOOL(ENTRY);
	EXPECT_EQ(1, ttl_says(self->from, 8, "eight"));
	EXPECT_EQ(1, ttl_says(self->from, 5, "five"));
	EXPECT_EQ(1, ttl_says(self->from, 2, "two"));
	EXPECT_EQ(1, ttl_says(self->from, 1, "one"));
	EXPECT_EQ(1, ttl_says(self->from, 6, "six"));
	EXPECT_EQ(7, ttl_gets(self->c, "eight"));
	EXPECT_EQ(4, ttl_gets(self->c, "five"));
	EXPECT_EQ(1, ttl_gets(self->c, "two"));
	EXPECT_EQ(5, ttl_gets(self->c, "six"));
	EXPECT_EQ(7, ttl_gets(self->d, "eight"));
	EXPECT_EQ(5, ttl_gets(self->d, "six"));
	EXPECT_EQ(1, shows("mroute show -s", "  5 packets, 158 bytes, 0 "));
	EXPECT_EQ(6, pp_count(&self->p, "Ip", "ForwDatagrams"));
}

/* The entry of the sender comes before that of any; without one: nowhere. */
TEST_F(router, sources)
{
	int other = peer(&self->p, PKTPATH_T_B2);

	ASSERT_LE(0, other);
	EXPECT_EQ(1, ttl_says(self->from, 8, "too early"));
	EXPECT_EQ(1, settled(self->from, self->mark));
	TOOL("mroute add " GROUP "/32 from " PKTPATH_T_B " iif pa to qc");
	EXPECT_EQ(1, ttl_says(other, 8, "no entry"));
	EXPECT_EQ(1, ttl_says(self->from, 8, "one"));
	EXPECT_EQ(7, ttl_gets(self->c, "one"));
	TOOL("mroute add " GROUP " from any iif pa to qd");
	EXPECT_EQ(1, ttl_says(other, 8, "any"));
	EXPECT_EQ(1, ttl_says(self->from, 8, "two"));
	EXPECT_EQ(7, ttl_gets(self->d, "any"));
	EXPECT_EQ(7, ttl_gets(self->c, "two"));
	TOOL("mroute del " GROUP " from " PKTPATH_T_B);
	EXPECT_EQ(1, ttl_says(self->from, 8, "three"));
	EXPECT_EQ(7, ttl_gets(self->d, "three"));
	TOOL("mroute del " GROUP);
	EXPECT_EQ(1, ttl_says(self->from, 8, "gone"));
	EXPECT_EQ(1, settled(self->from, self->mark));
	TOOL(ENTRY);
	EXPECT_EQ(1, ttl_says(self->from, 8, "back"));
	EXPECT_EQ(7, ttl_gets(self->c, "back"));
	EXPECT_EQ(7, ttl_gets(self->d, "back"));
	/* where it is switched off */
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/pa/mc_forwarding", "0"));
	EXPECT_EQ(1, ttl_says(self->from, 8, "off"));
	EXPECT_EQ(1, settled(self->from, self->mark));
	ASSERT_EQ(0, pp_sysctl(&self->p, "conf/all/mc_forwarding", "1"));
	EXPECT_EQ(1, ttl_says(self->from, 8, "on"));
	EXPECT_EQ(7, ttl_gets(self->c, "on"));
	close(other);
}

/* What comes in by another device is counted, not sent on. */
TEST_F(router, wrong_device)
{
	int member = reader(&self->p);

	ASSERT_EQ(0, join(member, GROUP));
	TOOL("mroute add " GROUP " iif qc to qd");
	EXPECT_EQ(1, ttl_says(self->from, 8, "wrong"));
	EXPECT_EQ(1, gets(member, "wrong"));
	EXPECT_EQ(1, shows("mroute show -s",
			   "  0 packets, 0 bytes, 1 arrived on wrong iif"));
	EXPECT_EQ(0, pp_count(&self->p, "Ip", "ForwDatagrams"));
	ASSERT_EQ(0, leave(member, GROUP));
	EXPECT_EQ(1, ttl_says(self->from, 8, "wrong"));
	EXPECT_EQ(1, shows("stat", "IpGroupWrongDevice  *1 *"));
	close(member);
}

/* A member on the router gets it, too, and unchanged. */
TEST_F(router, member)
{
	int member = reader(&self->p);

	ASSERT_EQ(0, pp_set(member, SOL_IP, IP_RECVTTL, 1));
	ASSERT_EQ(0, join(member, GROUP));
	TOOL(ENTRY);
	EXPECT_EQ(1, ttl_says(self->from, 8, "all"));
	EXPECT_EQ(8, ttl_gets(member, "all"));
	EXPECT_EQ(7, ttl_gets(self->c, "all"));
	EXPECT_EQ(7, ttl_gets(self->d, "all"));
	EXPECT_EQ(1, shows("maddr show dev pa", "inet  " GROUP " users 1"));
	EXPECT_EQ(1, shows("-j maddr", "\"address\":\"" GROUP "\",\"users\":1"));
	close(member);
}

/* In fragments, each sent on as it is, and through the FORWARD hook. */
TEST_F(router, long_ones)
{
	static const char chain[] =
		"add chain ip t f { type filter hook forward priority 0; }";
	static char out[5000];

	/* by one way: the receivers share a namespace, and its reassembly */
	TOOL("mroute add " GROUP " from " PKTPATH_T_B " iif pa to qd");
	ASSERT_EQ(0, pp_set(self->from, SOL_IP, IP_MULTICAST_TTL, 8));
	memset(out, 'x', sizeof(out));
	ASSERT_EQ(5000, pp_sendto(self->from, out, 5000, GROUP, PORT));
	ASSERT_EQ(1, pp_readable(self->d, WAIT));
	EXPECT_EQ(5000, recv(self->d, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, 5000));
	TOOL("mroute del " GROUP " from " PKTPATH_T_B);
	TOOL(ENTRY);
	/* longer than the way out is wide, with DF and without */
	ASSERT_EQ(0, pp_run("ip link set qc mtu 600"));
	ASSERT_EQ(0, pp_set(self->from, SOL_IP, IP_MTU_DISCOVER,
			    IP_PMTUDISC_DO));
	ASSERT_EQ(1000, pp_sendto(self->from, out, 1000, GROUP, PORT));
	ASSERT_EQ(1, pp_readable(self->d, WAIT));
	EXPECT_EQ(1000, recv(self->d, in, sizeof(in), 0));
	EXPECT_EQ(1, pp_count(&self->p, "Ip", "FragFails"));
	EXPECT_EQ(0, pp_count(&self->p, "Icmp", "OutMsgs"));
	ASSERT_EQ(0, pp_set(self->from, SOL_IP, IP_MTU_DISCOVER,
			    IP_PMTUDISC_DONT));
	ASSERT_EQ(1200, pp_sendto(self->from, out, 1200, GROUP, PORT));
	ASSERT_EQ(1, pp_readable(self->c, WAIT));
	EXPECT_EQ(1200, recv(self->c, in, sizeof(in), 0));
	ASSERT_EQ(1, pp_readable(self->d, WAIT));
	EXPECT_EQ(1200, recv(self->d, in, sizeof(in), 0));
	ASSERT_EQ(0, pp_run("nft add table ip t"));
	ASSERT_EQ(0, pp_run("nft '%s'", chain));
	ASSERT_EQ(0, pp_run("nft add rule ip t f iif pa oif qc drop"));
	EXPECT_EQ(1, ttl_says(self->from, 8, "filtered"));
	EXPECT_EQ(7, ttl_gets(self->d, "filtered"));
	ASSERT_EQ(0, pp_run("nft delete table ip t"));
	EXPECT_EQ(1, ttl_says(self->from, 8, "not"));
	EXPECT_EQ(7, ttl_gets(self->c, "not"));
}

/* Devices leave entries, and take those along that come in by them. */
TEST_F(router, devices)
{
	TOOL(ENTRY);
	TOOL("mroute add " GROUP2 " iif qd to qc pa");
	EXPECT_EQ(1, shows("mroute", "^(10.77.0.2," GROUP ") *Iif: pa *Oifs: qc qd(ttl 5)$"));
	EXPECT_EQ(1, shows("-j mroute", "\"oif\":\"qd\",\"ttl\":5"));
	EXPECT_EQ(0, pp_run("grep -q '^030201EF 02004D0A' %s",
			    "/proc/net/pktpath/ip_mr_cache"));
	EXPECT_EQ(1, shows("save", "^" ENTRY "$"));
	ASSERT_EQ(0, pp_run("ip link del qd"));
	EXPECT_EQ(1, shows("mroute", "Oifs: qc$"));
	EXPECT_NE(0, pp_test_tool("mroute | grep -q " GROUP2));
	EXPECT_EQ(1, ttl_says(self->from, 8, "left"));
	EXPECT_EQ(7, ttl_gets(self->c, "left"));
	ASSERT_EQ(0, pp_run("ip link del pa"));
	EXPECT_NE(0, pp_test_tool("mroute | grep -q " GROUP));
}

TEST_F(router, refusals)
{
	REFUSED("mroute add 224.0.0.5 iif pa to qc");
	REFUSED("mroute add 10.1.2.3 iif pa to qc");
	REFUSED("mroute add " GROUP " from " GROUP2 " iif pa to qc");
	REFUSED("mroute add " GROUP " iif pa to pa");
	REFUSED("mroute add " GROUP " iif pa to qc qc");
	REFUSED("mroute add " GROUP " iif lo to qc");
	REFUSED("mroute add " GROUP " iif pa to lo");
	REFUSED("mroute add " GROUP " iif pa to nosuch");
	REFUSED("mroute add " GROUP " to qc");
	REFUSED("mroute add " GROUP " iif pa");
	REFUSED("mroute del " GROUP);
	TOOL("mroute add " GROUP " iif pa to qc");
	REFUSED("mroute add " GROUP " iif pa to qd");
	EXPECT_EQ(1, pp_test_tool("mroute add " GROUP "/24 iif pa to qd 2>/dev/null"));
	EXPECT_EQ(1, pp_test_tool("mroute add " GROUP2 " iif pa to qd ttl 255 2>/dev/null"));
	/* restored, it is the same */
	TOOL("save >/tmp/mroute.$PPID");
	TOOL("mroute del " GROUP);
	TOOL("restore /tmp/mroute.$PPID");
	TOOL("save | cmp - /tmp/mroute.$PPID");
	pp_run("rm -f /tmp/mroute.$PPID");
}

#define OUTS 31

/* As many devices as an entry may have, on one line of a file. */
TEST_F(router, longest)
{
	char line[64 + OUTS * 16];
	int i, n;

	n = sprintf(line, "mroute add " GROUP " from " PKTPATH_T_B " iif pa to qc ttl 9");
	for (i = 0; i < OUTS; i++) {
		ASSERT_EQ(0, pp_run("ip link add o%d type dummy", i));
		ASSERT_EQ(0, pp_test_tool("dev attach o%d", i));
		n += sprintf(line + n, " o%d ttl 9", i);
	}
	ASSERT_EQ(0, pp_test_tool("%s", line));
	TOOL("save >/tmp/mroute.$PPID");
	TOOL("mroute del " GROUP " from " PKTPATH_T_B);
	TOOL("restore /tmp/mroute.$PPID");
	TOOL("save | cmp - /tmp/mroute.$PPID");
	pp_run("rm -f /tmp/mroute.$PPID");
	for (i = 0; i < OUTS; i++)
		ASSERT_EQ(0, pp_run("ip link del o%d", i));
}

/* What is done to packets on their way through is done to copies, too. */
TEST_F(router, faults)
{
	TOOL(ENTRY);
	TOOL("fault add stage IP_FORWARD udp drop every 2");
	EXPECT_EQ(1, ttl_says(self->from, 8, "one"));
	EXPECT_EQ(7, ttl_gets(self->c, "one"));
	EXPECT_EQ(1, shows("-j fault show", "\"seen\": *2"));
	EXPECT_EQ(1, ttl_says(self->from, 8, "two"));
	EXPECT_EQ(7, ttl_gets(self->c, "two"));
	TOOL("fault del all");
	TOOL("fault add stage IP_FORWARD udp delay 20ms");
	EXPECT_EQ(1, ttl_says(self->from, 8, "late"));
	EXPECT_EQ(7, ttl_gets(self->c, "late"));
	EXPECT_EQ(7, ttl_gets(self->d, "late"));
	TOOL("fault del all");
}

/* The second address that a datagram has recorded, 0: none. */
static in_addr_t second_hop(int fd)
{
	struct cmsghdr *c;
	struct msghdr msg;
	in_addr_t a = 0;

	if (pp_readable(fd, WAIT) != 1 || pp_recvmsg(fd, &msg, 0) < 0)
		return 0;
	c = pp_cmsg(&msg, SOL_IP, IP_RECVOPTS);
	if (c && c->cmsg_len >= CMSG_LEN(12))
		memcpy(&a, CMSG_DATA(c) + 8, sizeof(a));
	return a;
}

/* Record Route: a router is written down once, as where it leaves by. */
TEST_F(router, recorded_once)
{
	/* behind a NOP, room for four addresses */
	static const char rr[20] = { 1, 7, 19, 4 };
	int member = reader(&self->p);

	ASSERT_EQ(0, join(member, GROUP));
	ASSERT_EQ(0, pp_set(member, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(0, pp_set(self->c, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(0, pp_set(self->d, SOL_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(0, setsockopt(self->from, SOL_IP, IP_OPTIONS, rr, sizeof(rr)));
	TOOL(ENTRY);
	EXPECT_EQ(1, ttl_says(self->from, 8, "one"));
	EXPECT_EQ(inet_addr("10.82.0.1"), second_hop(self->c));
	EXPECT_EQ(inet_addr("10.83.0.1"), second_hop(self->d));
	EXPECT_EQ(inet_addr(PKTPATH_T_A), second_hop(member));
	close(member);
}

TEST_HARNESS_MAIN
