// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/pktpath: the same formats as the files of AF_INET, every entry
 * once however the file is read.
 */
#include "fix.h"

#define P "/proc/net/pktpath/"

/* The whole file, read in pieces of @step bytes; its length. */
static size_t slurp(const char *name, char *buf, size_t size, size_t step)
{
	int fd = open(name, O_RDONLY);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return 0;
	while (len + step < size && (n = read(fd, buf + len, step)) > 0)
		len += n;
	buf[len] = 0;
	close(fd);
	return len;
}

static unsigned int lines(const char *p)
{
	unsigned int n = 0;

	for (; *p; p++)
		n += *p == '\n';
	return n;
}

static unsigned int times(const char *p, const char *what)
{
	unsigned int n = 0;

	for (; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static char big[256 * 1024];
static char other[256 * 1024];

/* The first line of both files, which tools take the columns from. */
static void first_line(char *to, size_t size, const char *name)
{
	char *nl;

	slurp(name, other, sizeof(other), 4096);
	nl = strchr(other, '\n');
	if (nl)
		*nl = 0;
	snprintf(to, size, "%.200s", other);
}

TEST_F(ctl, headings)
{
	static const char * const names[] = {
		"udp", "icmp", "raw", "tcp", "igmp", "route", "arp",
	};
	char ours[256], theirs[256], name[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(name, sizeof(name), P "%s", names[i]);
		first_line(ours, sizeof(ours), name);
		snprintf(name, sizeof(name), "/proc/net/%s", names[i]);
		first_line(theirs, sizeof(theirs), name);
		EXPECT_STREQ(theirs, ours);
	}
}

static int bound(int family, const char *a, int port)
{
	struct sockaddr_in sin = pp_addr(a, port);
	int fd = socket(family, SOCK_DGRAM, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sin, sizeof(sin))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A line of a socket, without what differs: bucket, inode, references. */
static void udp_line(char *to, size_t size, const char *name, int port)
{
	unsigned int sl, state, uid, timeout, refs, drops;
	unsigned long inode, tx, rx, a, b;
	char want[8], local[16], remote[16], ptr[24];
	char *p;

	snprintf(want, sizeof(want), ":%04X ", port);
	slurp(name, other, sizeof(other), 4096);
	p = strstr(other, want);
	while (p && p > other && p[-1] != '\n')
		p--;
	to[0] = 0;
	if (!p || sscanf(p, "%u: %15s %15s %x %lx:%lx %lx:%lx %*x %u %u %lu %u %23s %u",
			 &sl, local, remote, &state, &tx, &rx, &a, &b, &uid,
			 &timeout, &inode, &refs, ptr, &drops) != 14)
		return;
	snprintf(to, size, "%s %s %02X %lx %lx %lu %lu %u %u %d %d %u", local,
		 remote, state, tx, rx, a, b, uid, timeout, inode != 0,
		 refs != 0, drops);
}

TEST_F(ctl, udp_line)
{
	char ours[128], theirs[128];

	ADDR_ADD("10.1.0.1", 24);
	ASSERT_EQ(0, pp_run("ip addr add 10.5.0.1/24 dev v1"));
	ASSERT_LE(0, bound(pp_test_family(), "0.0.0.0", 5000));
	ASSERT_LE(0, bound(AF_INET, "0.0.0.0", 5000));
	udp_line(ours, sizeof(ours), P "udp", 5000);
	udp_line(theirs, sizeof(theirs), "/proc/net/udp", 5000);
	EXPECT_NE(0, ours[0]);
	EXPECT_STREQ(theirs, ours);
	ASSERT_LE(0, bound(pp_test_family(), "10.1.0.1", 6000));
	udp_line(ours, sizeof(ours), P "udp", 6000);
	EXPECT_EQ(0, strncmp(ours, "0100010A:1770 00000000:0000 07", 30)) {
		TH_LOG("%s", ours);
	}
}

/* Many sockets, read a few bytes at a time and in one piece. */
TEST_F(ctl, udp_many)
{
	char want[8];
	size_t step;
	int i;

	for (i = 0; i < 300; i++)
		ASSERT_LE(0, bound(pp_test_family(), "0.0.0.0", 7000 + i));
	for (step = 100; step <= 100000; step *= 10) {
		ASSERT_LT(0, slurp(P "udp", big, sizeof(big), step));
		EXPECT_EQ(301, lines(big));
		for (i = 0; i < 300; i++) {
			snprintf(want, sizeof(want), ":%04X ", 7000 + i);
			ASSERT_EQ(1, times(big, want));
		}
	}
}

TEST_F(ctl, route_many)
{
	char want[24];
	size_t step;
	int i;

	ADDR_ADD("10.1.0.1", 24);
	for (i = 0; i < 300; i++) {
		struct in_addr dst = { .s_addr = htonl(0x14000000 + (i << 8)) };

		MSG(ROUTE_ADD);
		U8(ROUTE_FAMILY, AF_INET);
		BIN(ROUTE_DST, &dst, 4);
		U8(ROUTE_PREFIXLEN, 24);
		IP(ROUTE_GATEWAY, "10.1.0.2");
		OK(NULL, NULL);
	}
	for (step = 100; step <= 100000; step *= 10) {
		ASSERT_LT(0, slurp(P "route", big, sizeof(big), step));
		EXPECT_EQ(302, lines(big));	/* heading, 10.1.0.0/24 */
		for (i = 0; i < 300; i++) {
			snprintf(want, sizeof(want), "\t%08X\t0200010A\t0003",
				 htonl(0x14000000 + (i << 8)));
			ASSERT_EQ(1, times(big, want));
		}
	}
}

TEST_F(ctl, arp_many)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	char want[24];
	size_t step;
	int i;

	ADDR_ADD("10.1.0.1", 16);
	for (i = 1; i <= 200; i++) {
		struct in_addr dst = { .s_addr = htonl(0x0a010100 + i) };

		MSG(NEIGH_ADD);
		U8(NEIGH_FAMILY, AF_INET);
		BIN(NEIGH_DST, &dst, 4);
		U32(NEIGH_IFINDEX, self->v0);
		BIN(NEIGH_LLADDR, mac, 6);
		OK(NULL, NULL);
	}
	for (step = 100; step <= 100000; step *= 10) {
		ASSERT_LT(0, slurp(P "arp", big, sizeof(big), step));
		EXPECT_EQ(201, lines(big));
		for (i = 1; i <= 200; i++) {
			snprintf(want, sizeof(want), "10.1.1.%d ", i);
			ASSERT_EQ(1, times(big, want));
		}
	}
	EXPECT_EQ(200, times(big, "0x1         0x6         02:00:00:00:00:09"));
}

/* Reading on from where a reader was before a seek. */
TEST_F(ctl, seek)
{
	char a[128], b[128];
	int fd, i;

	for (i = 0; i < 10; i++)
		ASSERT_LE(0, bound(pp_test_family(), "0.0.0.0", 7000 + i));
	fd = open(P "udp", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(128, pread(fd, a, 128, 128 * 3));
	ASSERT_EQ(128, pread(fd, b, 128, 128 * 7));
	EXPECT_NE(0, memcmp(a, b, 128));
	ASSERT_EQ(128, pread(fd, b, 128, 128 * 3));
	EXPECT_EQ(0, memcmp(a, b, 128));
	EXPECT_EQ(0, pread(fd, b, 128, 128 * 11));
}

/* Names and values go in pairs, in the kernel's order. */
TEST_F(ctl, snmp)
{
	static const char * const files[] = { "snmp", "netstat" };
	char name[64], *line, *next;
	unsigned int i, n, names = 0;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(name, sizeof(name), P "%s", files[i]);
		ASSERT_LT(0, slurp(name, big, sizeof(big), 100));
		EXPECT_EQ(0, lines(big) % 2);
		for (n = 0, line = big; *line; line = next, n++) {
			next = strchr(line, '\n');
			ASSERT_NE(NULL, next);
			*next++ = 0;
			if (n % 2 == 0)
				names = times(line, " ");
			else
				EXPECT_EQ(names, times(line, " "));
		}
	}
	slurp(P "snmp", big, sizeof(big), 4096);
	EXPECT_NE(NULL, strstr(big, "Ip: Forwarding DefaultTTL InReceives "));
	EXPECT_NE(NULL, strstr(big, "\nIp: 2 64 "));
	ASSERT_EQ(0, pp_run("echo 1 >/proc/sys/net/pktpath/conf/v0/forwarding"));
	slurp(P "snmp", big, sizeof(big), 4096);
	EXPECT_NE(NULL, strstr(big, "\nIp: 1 64 "));
}

/* iproute2's nstat reads them when it is told where they are. */
TEST_F(ctl, nstat)
{
	if (pp_run("command -v nstat >/dev/null"))
		SKIP(return, "no nstat");
	EXPECT_EQ(0, pp_run("PROC_NET_SNMP=" P "snmp PROC_NET_NETSTAT=" P
			    "netstat nstat -asz | grep -q '^DropIpChecksum '"));
	EXPECT_EQ(0, pp_run("PROC_NET_SNMP=" P "snmp PROC_NET_NETSTAT=" P
			    "netstat nstat -asz | grep -q '^UdpInDatagrams '"));
}

TEST_F(ctl, dev)
{
	ASSERT_LT(0, slurp(P "dev", big, sizeof(big), 4096));
	EXPECT_EQ(4, lines(big));
	EXPECT_NE(NULL, strstr(big, "    v0:"));
}

/* Files of a netns that goes while they are open keep it, and are read. */
static int leave_netns(void)
{
	int fd = open(P "udp", O_RDONLY);
	char c[64];

	if (fd < 0 || unshare(CLONE_NEWNET))
		return 1;
	return read(fd, c, sizeof(c)) == sizeof(c) ? 0 : 2;
}

TEST_F(ctl, open_across_netns)
{
	EXPECT_EQ(0, leave_netns());
}

TEST_HARNESS_MAIN
