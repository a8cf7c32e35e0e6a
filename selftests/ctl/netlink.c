// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: what is accepted, what is refused and how, of each command.
 * The hostile side of it is in netlink_hostile.c.
 */
#include <pthread.h>
#include "fix.h"

/* What the last message of an answer said. */
struct seen {
	unsigned int n;
	int cmd;
	uint32_t u32[GENL_MAXATTR];
	uint64_t u64[GENL_MAXATTR];
	char str[GENL_MAXATTR][64];
	bool has[GENL_MAXATTR];
};

static void see(struct nlattr **attrs, int cmd, void *arg)
{
	struct seen *s = arg;
	size_t len;
	int i;

	s->n++;
	s->cmd = cmd;
	for (i = 0; i < GENL_MAXATTR; i++) {
		s->has[i] = attrs[i];
		if (!attrs[i])
			continue;
		len = attrs[i]->nla_len - NLA_HDRLEN;
		s->u32[i] = len == 1 ? attr_u8(attrs[i]) :
			    len == 2 ? attr_u16(attrs[i]) : attr_u32(attrs[i]);
		s->u64[i] = attr_u64(attrs[i]);
		if (len && len < sizeof(s->str[i]))
			memcpy(s->str[i], attr_str(attrs[i]), len);
	}
}

/* ---- Devices ---- */

TEST_F(ctl, dev_get)
{
	struct seen s = {};

	MSG(DEV_GET);
	STR(DEV_IFNAME, "v0");
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_EQ(PKTPATH_CMD_DEV_GET, s.cmd);
	EXPECT_EQ(self->v0, s.u32[PKTPATH_A_DEV_IFINDEX]);
	EXPECT_STREQ("v0", s.str[PKTPATH_A_DEV_IFNAME]);
	EXPECT_EQ(1500, s.u32[PKTPATH_A_DEV_MTU]);
	EXPECT_TRUE(s.has[PKTPATH_A_DEV_LLADDR]);
	EXPECT_TRUE(s.has[PKTPATH_A_DEV_TX_DIRECT_DROPS]);
	EXPECT_EQ(PKTPATH_DEV_RX | PKTPATH_DEV_UP,
		  s.u32[PKTPATH_A_DEV_FLAGS] &
		  (PKTPATH_DEV_RX | PKTPATH_DEV_UP | PKTPATH_DEV_HOOK));
}

TEST_F(ctl, dev_dump)
{
	struct seen s = {};

	DUMP(DEV_GET);
	OK(see, &s);
	EXPECT_EQ(2, s.n);	/* lo and v0 */
	memset(&s, 0, sizeof(s));
	DUMP(DEV_GET);
	U32(DEV_IFINDEX, self->v0);
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_STREQ("v0", s.str[PKTPATH_A_DEV_IFNAME]);
	DUMP(DEV_GET);
	STR(DEV_IFNAME, "none");
	NO(ENODEV);
}

TEST_F(ctl, dev_refused)
{
	MSG(DEV_ATTACH);
	NO(EINVAL);
	MSG(DEV_ATTACH);
	U32(DEV_IFINDEX, self->v0);
	NO(EEXIST);
	MSG(DEV_ATTACH);
	STR(DEV_IFNAME, "none");
	NO(ENODEV);
	MSG(DEV_ATTACH);
	U32(DEV_IFINDEX, 99999);
	NO(ENODEV);
	MSG(DEV_ATTACH);
	U32(DEV_IFINDEX, self->v1);
	STR(DEV_IFNAME, "v0");
	NO(EINVAL);
	MSG(DEV_ATTACH);
	STR(DEV_IFNAME, "lo");
	NO(EINVAL);
	MSG(DEV_DETACH);
	U32(DEV_IFINDEX, self->v1);
	NO(ENODEV);
	MSG(DEV_GET);
	U32(DEV_IFINDEX, self->v1);
	NO(ENODEV);
	MSG(DEV_GET);
	NO(EINVAL);
}

TEST_F(ctl, dev_detach)
{
	struct seen s = {};

	ADDR_ADD("10.1.0.1", 24);
	MSG(DEV_DETACH);
	STR(DEV_IFNAME, "v0");
	OK(NULL, NULL);
	DUMP(ADDR_GET);
	U32(ADDR_IFINDEX, self->v0);
	OK(see, &s);
	EXPECT_EQ(0, s.n);
	DUMP(ROUTE_GET);
	U32(ROUTE_OIF, self->v0);
	OK(see, &s);
	EXPECT_EQ(0, s.n);
	MSG(DEV_ATTACH);
	STR(DEV_IFNAME, "v0");
	OK(NULL, NULL);
}

/* ---- Addresses ---- */

TEST_F(ctl, addr)
{
	struct seen s = {};

	ADDR_ADD("10.1.0.1", 24);
	ADDR_ADD("10.2.0.1", 32);
	MSG(ADDR_GET);
	U8(ADDR_FAMILY, AF_INET);
	IP(ADDR_LOCAL, "10.1.0.1");
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_EQ(inet_addr("10.1.0.1"), s.u32[PKTPATH_A_ADDR_LOCAL]);
	EXPECT_EQ(inet_addr("10.1.0.255"), s.u32[PKTPATH_A_ADDR_BROADCAST]);
	EXPECT_EQ(24, s.u32[PKTPATH_A_ADDR_PREFIXLEN]);
	EXPECT_EQ(AF_INET, s.u32[PKTPATH_A_ADDR_FAMILY]);
	EXPECT_EQ(self->v0, s.u32[PKTPATH_A_ADDR_IFINDEX]);
	EXPECT_STREQ("v0", s.str[PKTPATH_A_ADDR_IFNAME]);
	memset(&s, 0, sizeof(s));
	DUMP(ADDR_GET);
	STR(ADDR_IFNAME, "v0");
	OK(see, &s);
	EXPECT_EQ(2, s.n);
	DUMP(ADDR_GET);
	U8(ADDR_FAMILY, AF_INET);
	IP(ADDR_LOCAL, "10.2.0.1");
	OK(see, &s);
	EXPECT_EQ(3, s.n);
	EXPECT_EQ(32, s.u32[PKTPATH_A_ADDR_PREFIXLEN]);
	EXPECT_FALSE(s.has[PKTPATH_A_ADDR_BROADCAST]);
	MSG(ADDR_DEL);
	U8(ADDR_FAMILY, AF_INET);
	IP(ADDR_LOCAL, "10.1.0.1");
	U8(ADDR_PREFIXLEN, 24);
	U32(ADDR_IFINDEX, self->v0);
	OK(NULL, NULL);
	MSG(ADDR_GET);
	U8(ADDR_FAMILY, AF_INET);
	IP(ADDR_LOCAL, "10.1.0.1");
	NO(EADDRNOTAVAIL);
}

/* The four attributes of an address, with what is wrong left to the test. */
#define ADDR_REQ(cmd, fam, a, len, dev) do {				\
	MSG(cmd);							\
	U8(ADDR_FAMILY, fam);						\
	IP(ADDR_LOCAL, a);						\
	U8(ADDR_PREFIXLEN, len);					\
	U32(ADDR_IFINDEX, dev);						\
} while (0)

TEST_F(ctl, addr_refused)
{
	ADDR_REQ(ADDR_ADD, AF_INET6, "10.1.0.1", 24, self->v0);
	NO(EAFNOSUPPORT);
	ADDR_REQ(ADDR_ADD, AF_INET, "10.1.0.1", 33, self->v0);
	NO(EINVAL);
	ADDR_REQ(ADDR_ADD, AF_INET, "10.1.0.1", 24, self->v1);
	NO(ENODEV);
	ADDR_REQ(ADDR_ADD, AF_INET, "224.0.0.1", 24, self->v0);
	NO(EINVAL);
	ADDR_REQ(ADDR_ADD, AF_INET, "0.0.0.0", 24, self->v0);
	NO(EINVAL);
	ADDR_REQ(ADDR_ADD, AF_INET, "255.255.255.255", 32, self->v0);
	NO(EINVAL);
	ADDR_ADD("10.1.0.1", 24);
	ADDR_REQ(ADDR_ADD, AF_INET, "10.1.0.1", 24, self->v0);
	NO(EEXIST);
	ASSERT_EQ(0, pp_run("ip addr add 10.5.0.1/24 dev v1"));
	ADDR_REQ(ADDR_ADD, AF_INET, "10.5.0.1", 24, self->v0);
	NO(EADDRINUSE);
	/* and the kernel does not get ours */
	EXPECT_NE(0, pp_run("ip addr add 10.1.0.1/24 dev v1 2>/dev/null"));
	ADDR_REQ(ADDR_DEL, AF_INET, "10.9.0.1", 24, self->v0);
	NO(EADDRNOTAVAIL);
}

TEST_F(ctl, addr_missing)
{
	MSG(ADDR_ADD);
	NO(EINVAL);
	U8(ADDR_FAMILY, AF_INET);
	NO(EINVAL);
	IP(ADDR_LOCAL, "10.1.0.1");
	NO(EINVAL);
	U8(ADDR_PREFIXLEN, 24);
	NO(EINVAL);
	STR(ADDR_IFNAME, "v0");
	OK(NULL, NULL);
}

/* ---- Routes ---- */

#define ROUTE_REQ(cmd, dst, len) do {					\
	MSG(cmd);							\
	U8(ROUTE_FAMILY, AF_INET);					\
	IP(ROUTE_DST, dst);						\
	U8(ROUTE_PREFIXLEN, len);					\
} while (0)

TEST_F(ctl, route)
{
	struct seen s = {};

	ADDR_ADD("10.1.0.1", 24);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	IP(ROUTE_GATEWAY, "10.1.0.2");
	U32(ROUTE_METRIC, 7);
	U32(ROUTE_MTU, 1400);
	OK(NULL, NULL);
	DUMP(ROUTE_GET);
	U32(ROUTE_TABLE, 254);
	U8(ROUTE_PROTOCOL, 3);
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_EQ(inet_addr("10.20.0.0"), s.u32[PKTPATH_A_ROUTE_DST]);
	EXPECT_EQ(16, s.u32[PKTPATH_A_ROUTE_PREFIXLEN]);
	EXPECT_EQ(inet_addr("10.1.0.2"), s.u32[PKTPATH_A_ROUTE_GATEWAY]);
	EXPECT_EQ(7, s.u32[PKTPATH_A_ROUTE_METRIC]);
	EXPECT_EQ(1400, s.u32[PKTPATH_A_ROUTE_MTU]);
	EXPECT_EQ(self->v0, s.u32[PKTPATH_A_ROUTE_OIF]);
	EXPECT_STREQ("v0", s.str[PKTPATH_A_ROUTE_OIFNAME]);
	memset(&s, 0, sizeof(s));
	MSG(ROUTE_RESOLVE);
	U8(ROUTE_FAMILY, AF_INET);
	IP(ROUTE_DST, "10.20.3.4");
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_EQ(inet_addr("10.1.0.2"), s.u32[PKTPATH_A_ROUTE_GATEWAY]);
	EXPECT_EQ(inet_addr("10.1.0.1"), s.u32[PKTPATH_A_ROUTE_SRC]);
	EXPECT_EQ(1400, s.u32[PKTPATH_A_ROUTE_MTU]);
	ROUTE_REQ(ROUTE_DEL, "10.20.0.0", 16);
	OK(NULL, NULL);
	MSG(ROUTE_RESOLVE);
	U8(ROUTE_FAMILY, AF_INET);
	IP(ROUTE_DST, "10.20.3.4");
	NO(ENETUNREACH);
}

TEST_F(ctl, route_modes)
{
	struct seen s = {};

	ADDR_ADD("10.1.0.1", 24);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	IP(ROUTE_GATEWAY, "10.1.0.2");
	U8(ROUTE_MODE, PKTPATH_MODE_CHANGE);
	NO(ENOENT);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	IP(ROUTE_GATEWAY, "10.1.0.2");
	OK(NULL, NULL);
	NO(EEXIST);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	IP(ROUTE_GATEWAY, "10.1.0.3");
	U8(ROUTE_MODE, PKTPATH_MODE_REPLACE);
	OK(NULL, NULL);
	DUMP(ROUTE_GET);
	U8(ROUTE_PROTOCOL, 3);
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_EQ(inet_addr("10.1.0.3"), s.u32[PKTPATH_A_ROUTE_GATEWAY]);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	IP(ROUTE_GATEWAY, "10.1.0.4");
	U8(ROUTE_MODE, PKTPATH_MODE_APPEND);
	OK(NULL, NULL);
	DUMP(ROUTE_GET);
	U8(ROUTE_PROTOCOL, 3);
	OK(see, &s);
	EXPECT_EQ(3, s.n);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	U8(ROUTE_MODE, 4);
	NO(ERANGE);
}

TEST_F(ctl, route_refused)
{
	ADDR_ADD("10.1.0.1", 24);
	MSG(ROUTE_ADD);
	NO(EINVAL);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.1", 16);
	U32(ROUTE_OIF, self->v0);
	NO(EINVAL);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 33);
	U32(ROUTE_OIF, self->v0);
	NO(EINVAL);
	MSG(ROUTE_ADD);
	U8(ROUTE_FAMILY, AF_INET);
	U8(ROUTE_PREFIXLEN, 8);
	U32(ROUTE_OIF, self->v0);
	NO(EINVAL);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	IP(ROUTE_GATEWAY, "10.99.0.2");
	NO(ENETUNREACH);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	U32(ROUTE_OIF, self->v1);
	NO(ENODEV);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	U32(ROUTE_OIF, self->v0);
	IP(ROUTE_PREFSRC, "10.99.0.1");
	NO(EINVAL);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	U32(ROUTE_OIF, self->v0);
	FLAG(ROUTE_MTU_LOCK);
	NO(EINVAL);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	U32(ROUTE_OIF, self->v0);
	U32(ROUTE_MTU, 67);
	NO(ERANGE);
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	U32(ROUTE_OIF, self->v0);
	U32(ROUTE_FLAGS, 1);
	NO(EINVAL);
	ROUTE_REQ(ROUTE_DEL, "10.20.0.0", 16);
	NO(ESRCH);
	MSG(ROUTE_RESOLVE);
	U8(ROUTE_FAMILY, AF_INET);
	NO(EINVAL);
}

/* ---- Neighbours ---- */

static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };

#define NEIGH_REQ(cmd, a) do {						\
	MSG(cmd);							\
	U8(NEIGH_FAMILY, AF_INET);					\
	IP(NEIGH_DST, a);						\
	U32(NEIGH_IFINDEX, self->v0);					\
} while (0)

TEST_F(ctl, neigh)
{
	struct seen s = {};

	ADDR_ADD("10.1.0.1", 24);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, sizeof(mac));
	OK(NULL, NULL);
	NO(EEXIST);
	NEIGH_REQ(NEIGH_GET, "10.1.0.9");
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_EQ(0x80, s.u32[PKTPATH_A_NEIGH_STATE]);
	EXPECT_EQ(0, memcmp(mac, s.str[PKTPATH_A_NEIGH_LLADDR], 6));
	EXPECT_STREQ("v0", s.str[PKTPATH_A_NEIGH_IFNAME]);
	DUMP(NEIGH_GET);
	STR(NEIGH_IFNAME, "v0");
	OK(see, &s);
	EXPECT_EQ(2, s.n);
	MSG(NEIGH_FLUSH);
	OK(NULL, NULL);
	NEIGH_REQ(NEIGH_GET, "10.1.0.9");
	OK(see, &s);
	MSG(NEIGH_FLUSH);
	FLAG(NEIGH_PERMANENT);
	STR(NEIGH_IFNAME, "v0");
	OK(NULL, NULL);
	NEIGH_REQ(NEIGH_GET, "10.1.0.9");
	NO(ENOENT);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, sizeof(mac));
	U8(NEIGH_MODE, PKTPATH_MODE_REPLACE);
	OK(NULL, NULL);
	OK(NULL, NULL);
	NEIGH_REQ(NEIGH_DEL, "10.1.0.9");
	OK(NULL, NULL);
	NO(ENOENT);
}

TEST_F(ctl, neigh_refused)
{
	ADDR_ADD("10.1.0.1", 24);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	NO(EINVAL);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, 5);
	NO(EINVAL);
	NEIGH_REQ(NEIGH_ADD, "0.0.0.0");
	BIN(NEIGH_LLADDR, mac, 6);
	NO(EINVAL);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, 6);
	U16(NEIGH_STATE, 0x8002);
	NO(EINVAL);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, 6);
	U16(NEIGH_STATE, 0);
	NO(EINVAL);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, 6);
	U8(NEIGH_MODE, PKTPATH_MODE_CHANGE);
	NO(ENOENT);
	NEIGH_REQ(NEIGH_DEL, "10.1.0.9");
	NO(ENOENT);
	MSG(NEIGH_FLUSH);
	U32(NEIGH_IFINDEX, self->v1);
	NO(ENODEV);
	MSG(NEIGH_GET);
	U8(NEIGH_FAMILY, AF_INET);
	IP(NEIGH_DST, "10.1.0.9");
	NO(EINVAL);
}

/* ---- Sockets ---- */

static int udp(const char *a, int port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = inet_addr(a),
	};
	int fd = socket(pp_test_family(), SOCK_DGRAM, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sin, sizeof(sin))) {
		close(fd);
		return -1;
	}
	return fd;
}

TEST_F(ctl, sock)
{
	uint64_t cookie = 0;
	struct seen s = {};
	socklen_t len;
	int a, b;

	ADDR_ADD("10.1.0.1", 24);
	a = udp("10.1.0.1", 5000);
	ASSERT_LE(0, a);
	b = udp("0.0.0.0", 5001);
	ASSERT_LE(0, b);
	ASSERT_LE(0, socket(pp_test_family(), SOCK_DGRAM, 0));
	DUMP(SOCK_GET);
	OK(see, &s);
	EXPECT_EQ(3, s.n);
	memset(&s, 0, sizeof(s));
	DUMP(SOCK_GET);
	U16(SOCK_SPORT, htons(5000));
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_EQ(inet_addr("10.1.0.1"), s.u32[PKTPATH_A_SOCK_SRC]);
	EXPECT_EQ(htons(5000), s.u32[PKTPATH_A_SOCK_SPORT]);
	EXPECT_EQ(IPPROTO_UDP, s.u32[PKTPATH_A_SOCK_PROTOCOL]);
	EXPECT_EQ(SOCK_DGRAM, s.u32[PKTPATH_A_SOCK_TYPE]);
	EXPECT_EQ(7, s.u32[PKTPATH_A_SOCK_STATE]);
	EXPECT_EQ(PKTPATH_SOCK_BOUND, s.u32[PKTPATH_A_SOCK_FLAGS] &
		  PKTPATH_SOCK_BOUND);
	EXPECT_NE(0, s.u64[PKTPATH_A_SOCK_INODE]);
	EXPECT_TRUE(s.has[PKTPATH_A_SOCK_MEMINFO]);
	EXPECT_TRUE(s.has[PKTPATH_A_SOCK_MARK]);
	len = sizeof(cookie);
	ASSERT_EQ(0, getsockopt(a, SOL_SOCKET, SO_COOKIE, &cookie, &len));
	EXPECT_EQ(cookie, s.u64[PKTPATH_A_SOCK_COOKIE]);
	DUMP(SOCK_GET);
	U8(SOCK_FAMILY, AF_INET);
	IP(SOCK_SRC, "10.1.0.0");
	U8(SOCK_SRC_PREFIXLEN, 16);
	OK(see, &s);
	EXPECT_EQ(2, s.n);
	DUMP(SOCK_GET);
	U8(SOCK_PROTOCOL, IPPROTO_TCP);
	OK(see, &s);
	EXPECT_EQ(2, s.n);
	DUMP(SOCK_GET);
	U32(SOCK_STATES, 1 << 1);
	OK(see, &s);
	EXPECT_EQ(2, s.n);
}

TEST_F(ctl, sock_refused)
{
	DUMP(SOCK_GET);
	IP(SOCK_SRC, "10.1.0.1");
	NO(EINVAL);
	DUMP(SOCK_GET);
	U8(SOCK_FAMILY, AF_INET);
	IP(SOCK_SRC, "10.1.0.1");
	U8(SOCK_SRC_PREFIXLEN, 33);
	NO(EINVAL);
	DUMP(SOCK_GET);
	U8(SOCK_DST_PREFIXLEN, 8);
	NO(EINVAL);
	DUMP(SOCK_GET);
	FLAG(SOCK_ALL);
	NO(EINVAL);
	MSG(SOCK_KILL);
	NO(EINVAL);
	MSG(SOCK_KILL);
	U8(SOCK_FAMILY, AF_INET);
	NO(EINVAL);
}

TEST_F(ctl, sock_kill)
{
	struct seen s = {};
	char c;
	int a, b;

	ADDR_ADD("10.1.0.1", 24);
	a = udp("10.1.0.1", 5000);
	b = udp("10.1.0.1", 5001);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	MSG(SOCK_KILL);
	U16(SOCK_SPORT, htons(5000));
	OK(see, &s);
	EXPECT_EQ(1, s.u32[PKTPATH_A_SOCK_COUNT]);
	EXPECT_EQ(-1, recv(a, &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(ECONNABORTED, errno);
	EXPECT_EQ(-1, recv(b, &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	MSG(SOCK_KILL);
	FLAG(SOCK_ALL);
	OK(see, &s);
	EXPECT_EQ(1, s.u32[PKTPATH_A_SOCK_COUNT]);
	EXPECT_EQ(-1, recv(b, &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(ECONNABORTED, errno);
}

static void *waits_for_data(void *arg)
{
	char c;

	return (void *)(long)recv(*(int *)arg, &c, 1, 0);
}

/* All who wait are woken, not the first alone. */
TEST_F(ctl, sock_kill_wakes_all)
{
	pthread_t t[3];
	int fd, i;

	ADDR_ADD("10.1.0.1", 24);
	fd = udp("10.1.0.1", 5002);
	ASSERT_LE(0, fd);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, waits_for_data, &fd));
	/* asleep, or about to be, which is as good */
	usleep(300000);
	MSG(SOCK_KILL);
	FLAG(SOCK_ALL);
	OK(NULL, NULL);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, pthread_join(t[i], NULL));
	close(fd);
}

/* ---- Counters, down ---- */

TEST_F(ctl, stat)
{
	struct seen s = {};

	DUMP(STAT_GET);
	STR(STAT_GROUP, "Udp");
	OK(see, &s);
	EXPECT_EQ(9, s.n);
	EXPECT_STREQ("Udp", s.str[PKTPATH_A_STAT_GROUP]);
	EXPECT_STREQ("MemErrors", s.str[PKTPATH_A_STAT_NAME]);
	memset(&s, 0, sizeof(s));
	DUMP(STAT_GET);
	OK(see, &s);
	EXPECT_LT(100, s.n);
	memset(&s, 0, sizeof(s));
	DUMP(STAT_GET);
	STR(STAT_GROUP, "Nothing");
	OK(see, &s);
	EXPECT_EQ(0, s.n);
}

TEST_F(ctl, down)
{
	struct seen s = {};
	int fd;

	ADDR_ADD("10.1.0.1", 24);
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, sizeof(mac));
	OK(NULL, NULL);
	fd = udp("10.1.0.1", 5000);
	ASSERT_LE(0, fd);
	MSG(DOWN);
	OK(see, &s);
	EXPECT_EQ(1, s.u32[PKTPATH_A_DOWN_SOCKS]);
	EXPECT_EQ(1, s.u32[PKTPATH_A_DOWN_DEVS]);
	memset(&s, 0, sizeof(s));
	DUMP(DEV_GET);
	OK(see, &s);
	EXPECT_EQ(1, s.n);
	EXPECT_STREQ("lo", s.str[PKTPATH_A_DEV_IFNAME]);
	memset(&s, 0, sizeof(s));
	DUMP(NEIGH_GET);
	OK(see, &s);
	EXPECT_EQ(0, s.n);
}

/* ---- Notifications ---- */

TEST_F(ctl, notify)
{
	struct nlattr *attrs[GENL_MAXATTR] = {};
	struct genl ev;

	ASSERT_EQ(0, genl_open(&ev));
	ASSERT_EQ(0, genl_join(&ev));
	/* no probing: no change of its state to be heard in between */
	ASSERT_EQ(0, pp_run("echo 0 >/proc/sys/net/pktpath/neigh/v0/acd"));
	ADDR_ADD("10.1.0.1", 24);
	/* its routes come with it: the host's, the broadcast's, the net's */
	EXPECT_EQ(PKTPATH_CMD_ROUTE_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(255, attr_u32(attrs[PKTPATH_A_ROUTE_TABLE]));
	EXPECT_EQ(inet_addr("10.1.0.1"),
		  attr_u32(attrs[PKTPATH_A_ROUTE_DST]));
	EXPECT_EQ(PKTPATH_CMD_ROUTE_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(PKTPATH_CMD_ROUTE_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(254, attr_u32(attrs[PKTPATH_A_ROUTE_TABLE]));
	EXPECT_EQ(inet_addr("10.1.0.0"),
		  attr_u32(attrs[PKTPATH_A_ROUTE_DST]));
	EXPECT_EQ(self->v0, attr_u32(attrs[PKTPATH_A_ROUTE_OIF]));
	EXPECT_EQ(PKTPATH_CMD_ADDR_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(inet_addr("10.1.0.1"),
		  attr_u32(attrs[PKTPATH_A_ADDR_LOCAL]));
	ROUTE_REQ(ROUTE_ADD, "10.20.0.0", 16);
	IP(ROUTE_GATEWAY, "10.1.0.2");
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_ROUTE_NTF, genl_event(&ev, attrs));
	/* the device was found by the gateway */
	ASSERT_NE(NULL, attrs[PKTPATH_A_ROUTE_OIF]);
	EXPECT_EQ(self->v0, attr_u32(attrs[PKTPATH_A_ROUTE_OIF]));
	ROUTE_REQ(ROUTE_DEL, "10.20.0.0", 16);
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_ROUTE_DEL_NTF, genl_event(&ev, attrs));
	/* the route that went, not the words that it was asked for with */
	ASSERT_NE(NULL, attrs[PKTPATH_A_ROUTE_GATEWAY]);
	EXPECT_EQ(inet_addr("10.1.0.2"),
		  attr_u32(attrs[PKTPATH_A_ROUTE_GATEWAY]));
	NEIGH_REQ(NEIGH_ADD, "10.1.0.9");
	BIN(NEIGH_LLADDR, mac, sizeof(mac));
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_NEIGH_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(inet_addr("10.1.0.9"),
		  attr_u32(attrs[PKTPATH_A_NEIGH_DST]));
	NEIGH_REQ(NEIGH_DEL, "10.1.0.9");
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_NEIGH_DEL_NTF, genl_event(&ev, attrs));
	/* nor does one go by a flush without a word */
	NEIGH_REQ(NEIGH_ADD, "10.1.0.8");
	BIN(NEIGH_LLADDR, mac, sizeof(mac));
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_NEIGH_NTF, genl_event(&ev, attrs));
	MSG(NEIGH_FLUSH);
	FLAG(NEIGH_PERMANENT);
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_NEIGH_DEL_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(inet_addr("10.1.0.8"),
		  attr_u32(attrs[PKTPATH_A_NEIGH_DST]));
	EXPECT_EQ(self->v0, attr_u32(attrs[PKTPATH_A_NEIGH_IFINDEX]));
	ADDR_REQ(ADDR_DEL, AF_INET, "10.1.0.1", 24, self->v0);
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_ADDR_DEL_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(PKTPATH_CMD_ROUTE_DEL_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(inet_addr("10.1.0.0"),
		  attr_u32(attrs[PKTPATH_A_ROUTE_DST]));
	EXPECT_EQ(PKTPATH_CMD_ROUTE_DEL_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(PKTPATH_CMD_ROUTE_DEL_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(inet_addr("10.1.0.1"),
		  attr_u32(attrs[PKTPATH_A_ROUTE_DST]));
	ASSERT_EQ(0, pp_run("ip link set v0 mtu 1400"));
	EXPECT_EQ(PKTPATH_CMD_DEV_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(1400, attr_u32(attrs[PKTPATH_A_DEV_MTU]));
	MSG(DEV_DETACH);
	STR(DEV_IFNAME, "v0");
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_DEV_DEL_NTF, genl_event(&ev, attrs));
	EXPECT_EQ(self->v0, attr_u32(attrs[PKTPATH_A_DEV_IFINDEX]));
	MSG(DOWN);
	OK(NULL, NULL);
	EXPECT_EQ(PKTPATH_CMD_DOWN_NTF, genl_event(&ev, attrs));
}

TEST_HARNESS_MAIN
