// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options: values, lengths and refusals at every level.
 * Proves: PMTU-6 (IP_MTU_DISCOVER), design: Options, Numbers.
 */
#include <linux/filter.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include "pp_fixture.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* An option, the values it takes, and what it then shows. */
struct row {
	int level, opt, set, shows;
};

TEST_F(stacks, values)
{
	static const struct row rows[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 1, 1 },
		{ SOL_SOCKET, SO_REUSEADDR, 0, 0 },
		{ SOL_SOCKET, SO_BROADCAST, 1, 1 },
		{ SOL_SOCKET, SO_DONTROUTE, 1, 1 },
		{ SOL_SOCKET, SO_MARK, 5, 5 },
		{ SOL_SOCKET, SO_PRIORITY, 6, 6 },
		{ SOL_SOCKET, SO_NO_CHECK, 1, 1 },
		{ SOL_SOCKET, SO_RXQ_OVFL, 1, 1 },
		{ SOL_SOCKET, SO_TIMESTAMP, 1, 1 },
		{ SOL_SOCKET, SO_INCOMING_CPU, 0, 0 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1, 1 },
		{ SOL_SOCKET, SO_RCVBUF, 8192, 16384 },
		{ SOL_SOCKET, SO_SNDBUF, 8192, 16384 },
		{ SOL_SOCKET, SO_RCVBUFFORCE, 900000, -1 },
		{ SOL_IP, IP_TOS, 0x28, 0x28 },
		{ SOL_IP, IP_TOS, 0, 0 },
		{ SOL_IP, IP_TTL, 7, 7 },
		{ SOL_IP, IP_TTL, -1, 64 },
		{ SOL_IP, IP_PKTINFO, 1, 1 },
		{ SOL_IP, IP_RECVTTL, 1, 1 },
		{ SOL_IP, IP_RECVTOS, 1, 1 },
		{ SOL_IP, IP_RECVORIGDSTADDR, 1, 1 },
		{ SOL_IP, IP_RECVERR, 1, 1 },
		{ SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT,
		  IP_PMTUDISC_DONT },
		{ SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE,
		  IP_PMTUDISC_PROBE },
		{ SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT,
		  IP_PMTUDISC_OMIT },
		{ SOL_IP, IP_FREEBIND, 1, 1 },
		{ SOL_IP, IP_TRANSPARENT, 1, 1 },
		{ SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1, 1 },
		{ SOL_IP, IP_MULTICAST_TTL, 3, 3 },
		{ SOL_IP, IP_MULTICAST_LOOP, 0, 0 },
		{ SOL_IP, IP_MULTICAST_ALL, 0, 0 },
		{ SOL_UDP, UDP_CORK, 0, 0 },
		{ SOL_UDP, UDP_SEGMENT, 1000, 1000 },
		{ SOL_UDP, UDP_GRO, 1, 1 },
	};
	int fd = pp_udp(&self->p);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];

		EXPECT_EQ(0, pp_set(fd, r->level, r->opt, r->set))
			TH_LOG("level %d option %d", r->level, r->opt);
		if (r->shows < 0)
			continue;
		EXPECT_EQ(r->shows, pp_get(fd, r->level, r->opt))
			TH_LOG("level %d option %d", r->level, r->opt);
	}
	EXPECT_EQ(1800000, pp_get(fd, SOL_SOCKET, SO_RCVBUF));
	close(fd);
}

TEST_F(stacks, defaults)
{
	static const struct row rows[] = {
		{ SOL_SOCKET, SO_TYPE, 0, SOCK_DGRAM },
		{ SOL_SOCKET, SO_ERROR, 0, 0 },
		{ SOL_SOCKET, SO_ACCEPTCONN, 0, 0 },
		{ SOL_SOCKET, SO_REUSEADDR, 0, 0 },
		{ SOL_SOCKET, SO_REUSEPORT, 0, 0 },
		{ SOL_IP, IP_TTL, 0, 64 },
		{ SOL_IP, IP_TOS, 0, 0 },
		{ SOL_IP, IP_MTU_DISCOVER, 0, IP_PMTUDISC_WANT },
		{ SOL_IP, IP_MULTICAST_TTL, 0, 1 },
		{ SOL_IP, IP_MULTICAST_LOOP, 0, 1 },
		{ SOL_IP, IP_MULTICAST_ALL, 0, 1 },
		{ SOL_IP, IP_RECVERR, 0, 0 },
		{ SOL_IP, IP_FREEBIND, 0, 0 },
		{ SOL_UDP, UDP_CORK, 0, 0 },
		{ SOL_UDP, UDP_SEGMENT, 0, 0 },
	};
	int fd = pp_udp(&self->p);
	int ref = socket(AF_INET, SOCK_DGRAM, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ(rows[i].shows,
			  pp_get(fd, rows[i].level, rows[i].opt))
			TH_LOG("level %d option %d", rows[i].level,
			       rows[i].opt);
	EXPECT_EQ(pp_get(ref, SOL_SOCKET, SO_RCVBUF),
		  pp_get(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(pp_get(ref, SOL_SOCKET, SO_SNDBUF),
		  pp_get(fd, SOL_SOCKET, SO_SNDBUF));
	close(fd);
	close(ref);
}

TEST_F(stacks, refusals)
{
	static const struct {
		int level, opt, val, err;
	} rows[] = {
		{ SOL_SOCKET, 9999, 1, ENOPROTOOPT },
		{ SOL_IP, 9999, 1, ENOPROTOOPT },
		{ SOL_UDP, 9999, 1, ENOPROTOOPT },
		{ IPPROTO_TCP, 1, 1, ENOPROTOOPT },
		{ 12345, 1, 1, ENOPROTOOPT },
		{ SOL_IP, IP_TTL, 0, EINVAL },
		{ SOL_IP, IP_TTL, 256, EINVAL },
		{ SOL_IP, IP_MTU_DISCOVER, 6, EINVAL },
		{ SOL_IP, IP_MTU_DISCOVER, -1, EINVAL },
		{ SOL_IP, IP_MULTICAST_TTL, 256, EINVAL },
		{ SOL_UDP, UDP_SEGMENT, -1, EINVAL },
		{ SOL_UDP, UDP_SEGMENT, 65536, EINVAL },
	};
	int fd = pp_udp(&self->p);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		errno = 0;
		EXPECT_EQ(-1, pp_set(fd, rows[i].level, rows[i].opt,
				     rows[i].val))
			TH_LOG("level %d option %d", rows[i].level,
			       rows[i].opt);
		EXPECT_EQ(rows[i].err, errno)
			TH_LOG("level %d option %d", rows[i].level,
			       rows[i].opt);
	}
	close(fd);
}

TEST_F(stacks, lengths)
{
	int fd = pp_udp(&self->p), val = 1;
	unsigned char c = 5;
	int room[16];
	socklen_t len;

	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &val, 3));
	EXPECT_ERRNO(EFAULT, setsockopt(fd, SOL_SOCKET, SO_BROADCAST, (void *)8,
					4));
	EXPECT_ERRNO(EFAULT, setsockopt(fd, SOL_IP, IP_TOS, (void *)8, 4));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_IP, IP_TOS, &val, -1));
	/* IP options also come as a single byte */
	EXPECT_EQ(0, setsockopt(fd, SOL_IP, IP_TTL, &c, 1));
	EXPECT_EQ(5, pp_get(fd, SOL_IP, IP_TTL));
	c = 0;
	len = 1;
	EXPECT_EQ(0, getsockopt(fd, SOL_IP, IP_TTL, &c, &len));
	EXPECT_EQ(1, len);
	EXPECT_EQ(5, c);
	len = 64;
	EXPECT_EQ(0, getsockopt(fd, SOL_IP, IP_TTL, room, &len));
	EXPECT_EQ(4, len);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_IP, IP_TTL, &val, &len));
	len = 4;
	EXPECT_ERRNO(EFAULT, getsockopt(fd, SOL_IP, IP_TTL, (void *)8, &len));
	EXPECT_ERRNO(EFAULT, getsockopt(fd, SOL_IP, IP_TTL, &val, (void *)8));
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(fd, SOL_IP, 9999, &val, &len));
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(fd, SOL_UDP, 9999, &val, &len));
	close(fd);
}

TEST_F(stacks, device)
{
	char name[16] = { 0 };
	int fd = pp_udp(&self->p);
	socklen_t len = sizeof(name);

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "pa", 3));
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	EXPECT_STREQ("pa", name);
	EXPECT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	close(fd);
}

/* SOL_PKTPATH: every option, every wrong length. */
TEST_F(stacks, own_level)
{
	static const int names[] = {
		PKTPATH_INET_ADDR, PKTPATH_QDISC_BYPASS, PKTPATH_REUSEPORT,
		PKTPATH_ZEROCOPY, PKTPATH_PROTOCOL, PKTPATH_DOMAIN,
	};
	int fd, v = 1;
	socklen_t len;
	size_t i;

	if (self->p.inet)
		SKIP(return, "no such level on AF_INET");
	fd = socket(self->p.family, SOCK_DGRAM, 0);
	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_LE(0, pp_get(fd, SOL_PKTPATH, names[i]));
		EXPECT_EQ(-1, setsockopt(fd, SOL_PKTPATH, names[i], &v, 3));
		EXPECT_EQ(-1, setsockopt(fd, SOL_PKTPATH, names[i], &v, 0));
		EXPECT_EQ(-1, setsockopt(fd, SOL_PKTPATH, names[i], (void *)8,
					 4));
		len = -1;
		EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_PKTPATH, names[i], &v,
						&len));
		len = 2;
		EXPECT_EQ(0, getsockopt(fd, SOL_PKTPATH, names[i], &v, &len));
		EXPECT_EQ(2, len);
	}
	EXPECT_EQ(self->p.family, pp_get(fd, SOL_PKTPATH, PKTPATH_DOMAIN));
	EXPECT_EQ(IPPROTO_UDP, pp_get(fd, SOL_PKTPATH, PKTPATH_PROTOCOL));
	EXPECT_ERRNO(ENOPROTOOPT, pp_set(fd, SOL_PKTPATH, PKTPATH_PROTOCOL, 6));
	EXPECT_ERRNO(ENOPROTOOPT, pp_set(fd, SOL_PKTPATH, 99, 1));
	EXPECT_ERRNO(EINVAL, pp_set(fd, SOL_PKTPATH, PKTPATH_INET_ADDR, 2));
	EXPECT_ERRNO(EINVAL, pp_set(fd, SOL_PKTPATH, PKTPATH_QDISC_BYPASS, -1));
	EXPECT_EQ(0, pp_set(fd, SOL_PKTPATH, PKTPATH_REUSEPORT, 1));
	EXPECT_EQ(1, pp_get(fd, SOL_SOCKET, SO_REUSEPORT));
	EXPECT_EQ(self->p.family, pp_get(fd, SOL_SOCKET, SO_DOMAIN));
	close(fd);
}

/* SOL_SOCKET: where generic code lets a family see its options first. */
TEST_F(stacks, socket_level)
{
	int fd = pp_udp(&self->p), err;

	err = pp_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) ? errno : 0;
	if (err == EOPNOTSUPP && !self->p.inet)
		SKIP(return, "this kernel keeps SO_REUSEPORT to itself");
	EXPECT_EQ(0, err);
	EXPECT_EQ(1, pp_get(fd, SOL_SOCKET, SO_REUSEPORT));
	EXPECT_EQ(0, pp_set(fd, SOL_SOCKET, SO_REUSEPORT, 0));
	EXPECT_EQ(0, pp_get(fd, SOL_SOCKET, SO_REUSEPORT));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &err, 3));
	EXPECT_EQ(0, pp_set(fd, SOL_SOCKET, SO_ZEROCOPY, 0));
	EXPECT_ERRNO(EINVAL, pp_set(fd, SOL_SOCKET, SO_ZEROCOPY, 2));
	if (!self->p.inet)
		EXPECT_ERRNO(EOPNOTSUPP, pp_set(fd, SOL_SOCKET, SO_ZEROCOPY,
						1));
	close(fd);
}

TEST_F(stacks, qdisc_bypass)
{
	int fd, peer, i;
	char buf[4];

	if (self->p.inet)
		SKIP(return, "no such option on AF_INET");
	fd = pp_udp(&self->p);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	/* the peer's link address is known before the link is slow */
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5000));
	ASSERT_EQ(1, recv(peer, buf, 4, 0));
	ASSERT_EQ(0, pp_run("tc qdisc replace dev pa root netem delay 60s"));
	ASSERT_EQ(0, pp_set(fd, SOL_PKTPATH, PKTPATH_QDISC_BYPASS, 1));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5000));
		EXPECT_EQ(1, pp_readable(peer, 30000));
		EXPECT_EQ(1, recv(peer, buf, 4, 0));
	}
	ASSERT_EQ(0, pp_run("tc qdisc replace dev pa root netem delay 3s"));
	ASSERT_EQ(0, pp_set(fd, SOL_PKTPATH, PKTPATH_QDISC_BYPASS, 0));
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5000));
	EXPECT_EQ(0, pp_readable(peer, 100));
	EXPECT_EQ(1, pp_readable(peer, 30000));
	close(fd);
	close(peer);
}

/* What is corked, and an echo; what would have to be cut is refused. */
TEST_F(stacks, qdisc_bypass_kinds)
{
	static char data[3000];
	struct icmphdr echo = { .type = ICMP_ECHO };
	int fd, ping, peer;
	long n;

	if (self->p.inet)
		SKIP(return, "no such option on AF_INET");
	pp_sysctl(&self->p, "ping_group_range", "0 2147483647");
	ping = pp_socket(&self->p, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, ping);
	fd = pp_udp(&self->p);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5000));
	ASSERT_EQ(1, recv(peer, data, sizeof(data), 0));
	ASSERT_EQ(0, pp_run("tc qdisc replace dev pa root netem delay 60s"));
	ASSERT_EQ(0, pp_set(fd, SOL_PKTPATH, PKTPATH_QDISC_BYPASS, 1));
	ASSERT_EQ(0, pp_set(ping, SOL_PKTPATH, PKTPATH_QDISC_BYPASS, 1));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(2, send(fd, "ab", 2, MSG_MORE));
	ASSERT_EQ(2, send(fd, "cd", 2, 0));
	EXPECT_EQ(4, recv(peer, data, sizeof(data), 0));
	ASSERT_EQ(sizeof(echo), pp_sendto(ping, &echo, sizeof(echo),
					  PKTPATH_T_B, 0));
	EXPECT_EQ(sizeof(echo), recv(ping, data, sizeof(data), 0));

	n = pp_counter("pktpath/netstat", "Drop", "IpGso");
	ASSERT_EQ(0, pp_set(fd, SOL_UDP, UDP_SEGMENT, 1000));
	EXPECT_ERRNO(EMSGSIZE, send(fd, data, sizeof(data), 0));
	EXPECT_EQ(n + 1, pp_counter("pktpath/netstat", "Drop", "IpGso"));
	EXPECT_EQ(1000, send(fd, data, 1000, 0));
	EXPECT_EQ(1000, recv(peer, data, sizeof(data), 0));
	close(fd);
	close(ping);
	close(peer);
}

TEST_F(stacks, buffers)
{
	static char data[1000];
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000), i, n = 0, lost = 0;

	/* a small buffer takes few datagrams, then drops and counts */
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUF, 4096));
	for (i = 0; i < 100; i++)
		pp_sendto(peer, data, sizeof(data), PKTPATH_T_A, 4000);
	ASSERT_EQ(1, pp_readable(fd, 30000));
	/* the queue is full as soon as one is lost, and stays so */
	for (i = 0; i < 3000 && lost < 80; i++) {
		if (i)
			usleep(10000);
		lost = pp_count(&self->p, "Udp", "RcvbufErrors");
	}
	for (i = 0; i < 3000 && n + lost < 100; i++) {
		if (i)
			usleep(10000);
		while (recv(fd, data, sizeof(data), MSG_DONTWAIT) >= 0)
			n++;
		lost = pp_count(&self->p, "Udp", "RcvbufErrors");
	}
	EXPECT_LT(0, n);
	EXPECT_GT(21, n);
	EXPECT_EQ(100 - n, lost);
	EXPECT_EQ(n, pp_count(&self->p, "Udp", "InDatagrams"));
	close(fd);
	close(peer);
}

TEST_F(stacks, send_buffer_full)
{
	static char data[1400];
	int fd = pp_udp(&self->p), i, err = 0;

	/* they wait for the peer's link address, longer than a machine stands */
	ASSERT_EQ(0, pp_run("tc qdisc replace dev pa root netem delay 1500ms"));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_SNDBUF, 4608));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	for (i = 0; i < 100 && !err; i++)
		if (send(fd, data, sizeof(data), MSG_DONTWAIT) < 0)
			err = errno;
	EXPECT_EQ(EAGAIN, err);
	EXPECT_GT(20, i);
	EXPECT_EQ(0, pp_revents(fd, POLLOUT, 0));
	/* room again once the device is done with it */
	EXPECT_EQ(POLLOUT, pp_revents(fd, POLLOUT, 30000));
	EXPECT_EQ(1, send(fd, data, 1, MSG_DONTWAIT));
	close(fd);
}

TEST_HARNESS_MAIN
