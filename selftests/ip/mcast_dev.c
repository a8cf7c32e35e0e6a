// SPDX-License-Identifier: GPL-2.0
/*
 * Groups of devices on both stacks: of lo, of one that goes down and up or
 * away, and of a bond that changes to another slave; its addresses as well.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <sys/ioctl.h>
#include "pp_fixture.h"
#include "mcast.h"

#define OWN	"10.79.0.1"

/* lo, by its address too: for its members, whatever the TTL. */
TEST_F(stacks, on_lo)
{
	struct ip_mreqn lo = { .imr_ifindex = if_nametoindex("lo") };
	int fd = pp_udp(&self->p), all = reader(&self->p);
	int member = reader(&self->p);

	ASSERT_LE(0, member);
	ASSERT_EQ(0, setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &lo, sizeof(lo)));
	/* who takes all groups takes those alone that somebody has joined */
	EXPECT_EQ(1, says(fd, "nobody", GROUP));
	ASSERT_EQ(0, add_group(member, IP_ADD_MEMBERSHIP, GROUP,
			       "127.0.0.1"));
	EXPECT_EQ(1, says(fd, "one", GROUP));
	EXPECT_EQ(1, gets(member, "one"));
	EXPECT_EQ(1, gets(all, "one"));
	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MULTICAST_TTL, 0));
	EXPECT_EQ(1, says(fd, "two", GROUP));
	EXPECT_EQ(1, gets(member, "two"));
	EXPECT_EQ(1, gets(all, "two"));
	ASSERT_EQ(0, out_by(fd, "127.0.0.1"));
	EXPECT_EQ((int)inet_addr("127.0.0.1"),
		  pp_get(fd, SOL_IP, IP_MULTICAST_IF));
	EXPECT_EQ(1, says(fd, "three", GROUP));
	EXPECT_EQ(1, gets(member, "three"));
	/* by another address of it */
	EXPECT_ERRNO(EADDRINUSE, add_group(member, IP_ADD_MEMBERSHIP, GROUP,
					   "127.1.2.3"));
	EXPECT_EQ(0, add_group(member, IP_DROP_MEMBERSHIP, GROUP,
			       "127.0.0.1"));
	close(fd);
	close(all);
	close(member);
}

/* Down and up tells everything again; a device that goes takes its groups. */
TEST_F(stacks, devices)
{
	int fd = reader(&self->p), tap = pp_tap(&self->p);
	int b = peer(&self->p, PKTPATH_T_B);

	ASSERT_EQ(0, join(fd, GROUP));
	EXPECT_EQ(4, record(tap, GROUP));
	EXPECT_EQ(4, record(tap, GROUP));
	ASSERT_EQ(0, pp_run("ip link set pa down"));
	ASSERT_EQ(0, pp_run("ip link set pa up"));
	EXPECT_EQ(4, record(tap, GROUP));
	EXPECT_EQ(1, says(b, "one", GROUP));
	EXPECT_EQ(1, gets(fd, "one"));
	ASSERT_EQ(0, pp_run("ip link del pa"));
	EXPECT_ERRNO(ENODEV, join(fd, GROUP2));
	close(fd);
	close(b);
	close(tap);
}

/* What a device of A itself gets. */
static int tap_here(const char *dev, uint16_t type)
{
	struct timeval tv = { .tv_sec = 1 };
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(type),
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return bind(fd, (struct sockaddr *)&sll, sizeof(sll)) ? -1 : fd;
}

/* A bond of A's over two devices whose other ends are w1 and w2. */
static int bond_up(bool inet)
{
	static const char *const cmds[] = {
		"add bo0 type bond mode active-backup",
		"add v1 type veth peer name w1",
		"add v2 type veth peer name w2",
		"set w1 up",
		"set w2 up",
		"set v1 master bo0",
		"set v2 master bo0",
		"set bo0 up",
	};
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(cmds); i++)
		err = pp_run("ip link %s", cmds[i]);
	if (err || inet)
		return err ?: pp_run("ip addr add " OWN "/24 dev bo0");
	return pp_test_tool("dev attach bo0") ||
	       pp_test_tool("addr add " OWN "/24 dev bo0");
}

/* Another switch is told at once: NETDEV_RESEND_IGMP. */
TEST_F(stacks, failover)
{
	int fd = reader(&self->p), first, second;

	ASSERT_EQ(0, bond_up(variant->inet));
	first = tap_here("w1", ETH_P_IP);
	second = tap_here("w2", ETH_P_IP);
	ASSERT_LE(0, second);
	ASSERT_EQ(0, add_group(fd, IP_ADD_MEMBERSHIP, GROUP, OWN));
	EXPECT_EQ(4, record_of(first, OWN, GROUP));
	EXPECT_EQ(4, record_of(first, OWN, GROUP));
	ASSERT_EQ(0, pp_run("ip link set bo0 type bond active_slave v2"));
	EXPECT_EQ(2, record_of(second, OWN, GROUP));
	close(fd);
	close(first);
	close(second);
	ASSERT_EQ(0, pp_run("ip link del bo0"));
}

/* Comes an announcement of OWN, RFC 5227 §1.1, from the device's address? */
static int announced(int tap, const char *dev)
{
	struct { struct ethhdr eth; struct ether_arp arp; } f;
	in_addr_t own = inet_addr(OWN);
	struct ifreq ifr = { 0 };
	int tries = 30, ok;
	ssize_t n;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	ok = !ioctl(tap, SIOCGIFHWADDR, &ifr);
	while (ok && tries) {
		n = recv(tap, &f, sizeof(f), 0);
		if (n < 0)
			tries--;
		else if (n == sizeof(f) &&
			 f.arp.arp_op == htons(ARPOP_REQUEST) &&
			 !memcmp(f.arp.arp_spa, &own, 4) &&
			 !memcmp(f.arp.arp_tpa, &own, 4) &&
			 !memcmp(f.arp.arp_sha, ifr.ifr_hwaddr.sa_data, 6))
			return 1;
	}
	return 0;
}

/* And it learns where our addresses are now: NETDEV_NOTIFY_PEERS. */
TEST_F(stacks, moved)
{
	int tap;

	ASSERT_EQ(0, bond_up(variant->inet));
	tap = tap_here("w2", ETH_P_ARP);
	ASSERT_LE(0, tap);
	ASSERT_EQ(0, pp_run("ip link set bo0 type bond active_slave v2"));
	EXPECT_EQ(1, announced(tap, "bo0"));
	close(tap);
	ASSERT_EQ(0, pp_run("ip link del bo0"));
}

/* How often @text stands in a file of /proc/net, read in small pieces. */
static int in_file(const struct pp_pair *p, const char *name, const char *text)
{
	char path[64], *at = in;
	size_t len = 0;
	int fd, n = 0;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/net/%s%s",
		 p->inet ? "" : "pktpath/", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	while (len < sizeof(in) - 1 && (got = read(fd, in + len, 50)) > 0)
		len += got;
	close(fd);
	in[len] = 0;
	while ((at = strstr(at, text))) {
		n++;
		at += strlen(text);
	}
	return n;
}

/* Files of groups go on where the reader was: nothing missing, nothing twice. */
TEST_F(stacks, files)
{
	struct ip_mreq_source ms = {
		.imr_multiaddr.s_addr = inet_addr("232.1.2.3"),
		.imr_interface.s_addr = inet_addr(PKTPATH_T_A),
	};
	char group[24];
	int fd[4], i;

	for (i = 0; i < 4; i++)
		fd[i] = pp_udp(&self->p);
	for (i = 0; i < 60; i++) {
		snprintf(group, sizeof(group), "239.9.7.%d", i);
		ASSERT_EQ(0, join(fd[i % 4], group));
	}
	for (i = 0; i < 10; i++) {
		ms.imr_sourceaddr.s_addr = htonl(0xc0000200 + i);
		ASSERT_EQ(0, setsockopt(fd[0], SOL_IP, IP_ADD_SOURCE_MEMBERSHIP,
					&ms, sizeof(ms)));
	}
	EXPECT_EQ(60, in_file(&self->p, "igmp", "0709EF "));
	EXPECT_EQ(1, in_file(&self->p, "igmp", "\tpa "));
	EXPECT_EQ(1, in_file(&self->p, "igmp", "030201E8 "));
	EXPECT_EQ(10, in_file(&self->p, "mcfilter", "0xe8010203 0xc00002"));
	for (i = 0; i < 4; i++)
		close(fd[i]);
	EXPECT_EQ(0, in_file(&self->p, "igmp", "0709EF "));
	EXPECT_EQ(0, in_file(&self->p, "mcfilter", "0xe8010203 "));
}

TEST_HARNESS_MAIN
