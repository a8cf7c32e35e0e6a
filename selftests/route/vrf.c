// SPDX-License-Identifier: GPL-2.0
/* Sockets of several VRFs with the same addresses and ports; see vrf.h. */
#include <net/if.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include "vrf.h"

#define GROUP	"239.1.2.3"

/* The pending error of a socket, once there is one. */
static int error_of(int fd)
{
	pp_revents(fd, 0, 20000);
	return pp_get(fd, SOL_SOCKET, SO_ERROR);
}

/* ---- UDP ---- */

/* The same address and port three times: to each its own, and back. */
TEST_F_TIMEOUT(vrf, udp_apart, 120)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd[SITES], far[SITES], i;
	char c;

	for (i = 0; i < SITES; i++) {
		fd[i] = own_udp(&self->n.p, place(i), PORT);
		far[i] = peer_bound(&self->n, i, SOCK_DGRAM, FROM);
		ASSERT_LE(0, fd[i]);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(0, pp_connect(far[i], A, PORT));
	}
	for (i = 0; i < SITES; i++)
		ASSERT_EQ(1, send(far[i], &"orb"[i], 1, 0));
	for (i = 0; i < SITES; i++) {
		ASSERT_EQ(1, recvfrom(fd[i], &c, 1, 0, (void *)&from, &len));
		EXPECT_EQ("orb"[i], c);
		EXPECT_FALSE(pp_readable(fd[i], 0));
		EXPECT_EQ(FROM, ntohs(from.sin_port));
		ASSERT_EQ(1, pp_sendto(fd[i], &"ORB"[i], 1, B, FROM));
	}
	for (i = 0; i < SITES; i++)
		EXPECT_EQ("ORB"[i], only(far[i]));
	close_all(fd, SITES);
	close_all(far, SITES);
}

/* Bound to no device: VRFs are heard only by udp_l3mdev_accept. */
TEST_F_TIMEOUT(vrf, udp_unbound, 120)
{
	int fd = own_udp(&self->n.p, NULL, PORT), far[SITES], i;

	ASSERT_LE(0, fd);
	for (i = 0; i < SITES; i++) {
		far[i] = peer_bound(&self->n, i, SOCK_DGRAM, FROM);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(0, pp_connect(far[i], A, PORT));
		ASSERT_EQ(1, send(far[i], &"orb"[i], 1, 0));
	}
	EXPECT_EQ('o', only(fd));
	/* the answer has found its way in the VRF, too */
	EXPECT_EQ(ECONNREFUSED, error_of(far[RED]));
	EXPECT_EQ(ECONNREFUSED, error_of(far[BLUE]));
	EXPECT_EQ(0, pp_get(far[OUT], SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(0, pp_sysctl(&self->n.p, "udp_l3mdev_accept", "1"));
	for (i = 0; i < SITES; i++) {
		ASSERT_EQ(1, send(far[i], &"orb"[i], 1, 0));
		EXPECT_EQ("orb"[i], only(fd));
	}
	close(fd);
	close_all(far, SITES);
}

/* Bound to the slave is within the VRF, too. */
TEST_F_TIMEOUT(vrf, udp_slave, 120)
{
	int fd = own_udp(&self->n.p, "ra", PORT), far[SITES], i;

	ASSERT_LE(0, fd);
	for (i = 0; i < SITES; i++) {
		far[i] = peer_bound(&self->n, i, SOCK_DGRAM, FROM);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(1, pp_sendto(far[i], &"orb"[i], 1, A, PORT));
	}
	EXPECT_EQ('r', only(fd));
	ASSERT_EQ(1, pp_sendto(fd, "R", 1, B, FROM));
	EXPECT_EQ('R', only(far[RED]));
	EXPECT_FALSE(pp_readable(far[OUT], 0) || pp_readable(far[BLUE], 0));
	close(fd);
	close_all(far, SITES);
}

/* IP_PKTINFO names the device it came in by; given back, it leads back. */
TEST_F_TIMEOUT(vrf, udp_pktinfo, 120)
{
	int fd = own_udp(&self->n.p, NULL, PORT);
	int far = peer_bound(&self->n, RED, SOCK_DGRAM, FROM);
	struct in_pktinfo info = { 0 };
	struct cmsghdr *cmsg;
	struct msghdr msg;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, far);
	ASSERT_EQ(0, pp_sysctl(&self->n.p, "udp_l3mdev_accept", "1"));
	ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_PKTINFO, 1));
	ASSERT_EQ(1, pp_sendto(far, "r", 1, A, PORT));
	ASSERT_EQ(1, pp_recvmsg(fd, &msg, 0));
	cmsg = pp_cmsg(&msg, IPPROTO_IP, IP_PKTINFO);
	ASSERT_NE(NULL, cmsg);
	memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
	EXPECT_EQ(if_nametoindex("ra"), (unsigned int)info.ipi_ifindex);
	EXPECT_EQ(inet_addr(A), info.ipi_spec_dst.s_addr);
	ASSERT_EQ(1, pp_send_cmsg(fd, "R", 1, B, FROM, IPPROTO_IP, IP_PKTINFO,
				  &info, sizeof(info)));
	EXPECT_EQ('R', only(far));
	/* the VRF's index will do */
	info.ipi_ifindex = if_nametoindex("red");
	ASSERT_EQ(1, pp_send_cmsg(fd, "S", 1, B, FROM, IPPROTO_IP, IP_PKTINFO,
				  &info, sizeof(info)));
	EXPECT_EQ('S', only(far));
	close(fd);
	close(far);
}

/* IP_UNICAST_IF: the device, and with it the VRF, of who is not bound. */
TEST_F_TIMEOUT(vrf, unicast_if, 120)
{
	uint32_t dev[SITES], raw;
	int fd, far[SITES], i;
	char big[8] = { 0 };
	socklen_t len = 1;

	for (i = 0; i < SITES; i++) {
		dev[i] = htonl(if_nametoindex(sites[i].dev));
		far[i] = peer_bound(&self->n, i, SOCK_DGRAM, FROM);
		ASSERT_LE(0, far[i]);
	}
	fd = own(&self->n.p, SOCK_DGRAM, 0, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, pp_get(fd, IPPROTO_IP, IP_UNICAST_IF));
	for (i = 0; i < SITES; i++) {
		ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_UNICAST_IF, dev[i]));
		EXPECT_EQ((int)dev[i], pp_get(fd, IPPROTO_IP, IP_UNICAST_IF));
		ASSERT_EQ(1, pp_sendto(fd, &"orb"[i], 1, B, FROM));
		EXPECT_EQ("orb"[i], only(far[i]));
	}
	/* connected, too; and open again */
	ASSERT_EQ(0, pp_connect(fd, B, FROM));
	ASSERT_EQ(1, send(fd, "c", 1, 0));
	EXPECT_EQ('c', only(far[BLUE]));
	close(fd);
	fd = own(&self->n.p, SOCK_DGRAM, 0, NULL);
	ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_UNICAST_IF, dev[RED]));
	ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_UNICAST_IF, 0));
	ASSERT_EQ(1, pp_sendto(fd, "d", 1, B, FROM));
	EXPECT_EQ('d', only(far[OUT]));
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, &raw, &len));
	/* what is no device, no int, or not in the VRF bound to */
	EXPECT_EQ(-1, pp_set(fd, IPPROTO_IP, IP_UNICAST_IF, htonl(4711)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	EXPECT_EQ(-1, setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, big, 8));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, big, 1));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, to_device(fd, "red"));
	ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_UNICAST_IF, dev[RED]));
	EXPECT_EQ(-1, pp_set(fd, IPPROTO_IP, IP_UNICAST_IF, dev[BLUE]));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(1, pp_sendto(fd, "R", 1, B, FROM));
	EXPECT_EQ('R', only(far[RED]));
	close(fd);
	/* a stream keeps it */
	fd = own(&self->n.p, SOCK_STREAM, 0, NULL);
	ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_UNICAST_IF, dev[RED]));
	EXPECT_EQ((int)dev[RED], pp_get(fd, IPPROTO_IP, IP_UNICAST_IF));
	close(fd);
	close_all(far, SITES);
}

/* To an own address: within the VRF. */
TEST_F_TIMEOUT(vrf, udp_to_ourselves, 120)
{
	int fd[SITES], from, i;

	for (i = 0; i < SITES; i++) {
		fd[i] = own_udp(&self->n.p, sites[i].vrf, PORT + !!i);
		ASSERT_LE(0, fd[i]);
		from = own_udp(&self->n.p, sites[i].vrf, FROM);
		ASSERT_LE(0, from);
		ASSERT_EQ(1, pp_sendto(from, &"orb"[i], 1, A, PORT + !!i));
		EXPECT_EQ("orb"[i], only(fd[i]));
		close(from);
	}
	for (i = 0; i < SITES; i++)
		EXPECT_FALSE(pp_readable(fd[i], 0));
	close_all(fd, SITES);
}

/* An ICMP error is for the socket of the VRF that it came in by. */
TEST_F_TIMEOUT(vrf, udp_error, 120)
{
	int fd[SITES], far[SITES], i;

	for (i = 0; i < SITES; i++) {
		fd[i] = own_udp(&self->n.p, place(i), PORT);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, pp_connect(fd[i], B, FROM));
		far[i] = i == RED ? -1 : peer_bound(&self->n, i, SOCK_DGRAM, FROM);
		ASSERT_EQ(1, send(fd[i], "x", 1, 0));
	}
	EXPECT_EQ(ECONNREFUSED, error_of(fd[RED]));
	EXPECT_EQ('x', only(far[OUT]));
	EXPECT_EQ('x', only(far[BLUE]));
	EXPECT_EQ(0, pp_get(fd[OUT], SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, pp_get(fd[BLUE], SOL_SOCKET, SO_ERROR));
	close_all(fd, SITES);
	close(far[OUT]);
	close(far[BLUE]);
}

static int second_address(const struct pp_pair *p)
{
	if (p->inet)
		return link_addr("ra", "10.78.0.1");
	return pp_test_tool("addr add 10.78.0.1/24 dev ra");
}

/* What is in one VRF is not there for any other, nor for those outside. */
TEST_F_TIMEOUT(vrf, nothing_leaks, 120)
{
	int fd[SITES], i;

	ASSERT_EQ(0, second_address(&self->n.p));
	for (i = 0; i < SITES; i++) {
		fd[i] = own(&self->n.p, SOCK_DGRAM, 0, sites[i].vrf);
		ASSERT_LE(0, fd[i]);
		if (i == RED) {
			EXPECT_EQ(0, pp_bind(fd[i], "10.78.0.1", PORT));
			ASSERT_EQ(1, pp_sendto(fd[i], "x", 1, "10.78.0.2", 9));
			continue;
		}
		EXPECT_ERRNO(EADDRNOTAVAIL, pp_bind(fd[i], "10.78.0.1", PORT));
		EXPECT_EQ(-1, pp_sendto(fd[i], "x", 1, "10.78.0.2", 9));
		EXPECT_TRUE(errno == ENETUNREACH || errno == EHOSTUNREACH);
		EXPECT_EQ(-1, pp_sendto(fd[i], "x", 1, "10.78.0.1", PORT));
	}
	EXPECT_FALSE(pp_readable(fd[RED], 0));
	close_all(fd, SITES);
}

/* ---- TCP ---- */

static int listener(const struct pp_pair *p, const char *name, uint16_t port)
{
	int fd = own(p, SOCK_STREAM, 0, name);

	if (fd >= 0 && (pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
			pp_bind(fd, A, port) || listen(fd, 5))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int bound_to(int fd, char name[IFNAMSIZ])
{
	socklen_t len = IFNAMSIZ;

	memset(name, 0, IFNAMSIZ);
	return getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len);
}

/* The same four-tuple three times; with cookies and without. */
TEST_F_TIMEOUT(vrf, tcp_apart, 240)
{
	int fd[SITES], far[SITES], conn[SITES], i, round;
	char name[IFNAMSIZ];

	for (i = 0; i < SITES; i++) {
		fd[i] = listener(&self->n.p, place(i), PORT);
		ASSERT_LE(0, fd[i]);
	}
	for (round = 0; round < 2; round++) {
		ASSERT_EQ(0, pp_sysctl(&self->n.p, "tcp_syncookies",
				       round ? "2" : "0"));
		for (i = 0; i < SITES; i++) {
			far[i] = peer_bound(&self->n, i, SOCK_STREAM, FROM + round);
			ASSERT_LE(0, far[i]);
			ASSERT_EQ(0, pp_connect(far[i], A, PORT));
			conn[i] = accept(fd[i], NULL, NULL);
			ASSERT_LE(0, conn[i]);
			ASSERT_EQ(0, bound_to(conn[i], name));
			EXPECT_STREQ(place(i), name);
			ASSERT_EQ(1, send(far[i], &"orb"[i], 1, 0));
		}
		for (i = 0; i < SITES; i++) {
			EXPECT_EQ("orb"[i], only(conn[i]));
			ASSERT_EQ(1, send(conn[i], &"ORB"[i], 1, 0));
			EXPECT_EQ("ORB"[i], only(far[i]));
		}
		close_all(conn, SITES);
		close_all(far, SITES);
	}
	close_all(fd, SITES);
}

/* Ours are the active ones: the same four-tuple in each, and TIME_WAIT. */
TEST_F_TIMEOUT(vrf, tcp_connect, 240)
{
	int fd[SITES], far[SITES], conn[SITES], i, round;

	for (i = 0; i < SITES; i++) {
		far[i] = peer_bound(&self->n, i, SOCK_STREAM, PORT);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(0, listen(far[i], 5));
	}
	for (round = 0; round < 2; round++) {
		for (i = 0; i < SITES; i++) {
			fd[i] = own(&self->n.p, SOCK_STREAM, 0, place(i));
			ASSERT_LE(0, fd[i]);
			ASSERT_EQ(0, pp_set(fd[i], SOL_SOCKET, SO_REUSEADDR,
					    1));
			ASSERT_EQ(0, pp_bind(fd[i], A, FROM + round));
			ASSERT_EQ(0, pp_connect(fd[i], B, PORT));
			conn[i] = accept(far[i], NULL, NULL);
			ASSERT_LE(0, conn[i]);
		}
		for (i = 0; i < SITES; i++) {
			ASSERT_EQ(1, send(fd[i], &"orb"[i], 1, 0));
			EXPECT_EQ("orb"[i], only(conn[i]));
		}
		/* one of them ends first, the others do not notice */
		close(fd[RED]);
		close(conn[RED]);
		ASSERT_EQ(1, send(conn[BLUE], "B", 1, 0));
		EXPECT_EQ('B', only(fd[BLUE]));
		ASSERT_EQ(1, send(conn[OUT], "O", 1, 0));
		EXPECT_EQ('O', only(fd[OUT]));
		close(fd[OUT]);
		close(conn[OUT]);
		close(fd[BLUE]);
		close(conn[BLUE]);
	}
	close_all(far, SITES);
}

/* A listener bound to no device; tcp_l3mdev_accept. */
TEST_F_TIMEOUT(vrf, tcp_unbound, 120)
{
	int fd = listener(&self->n.p, NULL, PORT), far[SITES], conn, i;
	char name[IFNAMSIZ];

	ASSERT_LE(0, fd);
	/* other tuples: one of a connection outside would be found for all */
	for (i = 0; i < SITES; i++) {
		far[i] = peer_bound(&self->n, i, SOCK_STREAM, FROM + i);
		ASSERT_LE(0, far[i]);
	}
	ASSERT_EQ(0, pp_connect(far[OUT], A, PORT));
	EXPECT_ERRNO(ECONNREFUSED, pp_connect(far[RED], A, PORT));
	close(far[RED]);
	far[RED] = peer_bound(&self->n, RED, SOCK_STREAM, FROM + RED);
	ASSERT_LE(0, far[RED]);
	ASSERT_EQ(0, pp_sysctl(&self->n.p, "tcp_l3mdev_accept", "1"));
	ASSERT_EQ(0, pp_connect(far[RED], A, PORT));
	ASSERT_EQ(0, pp_connect(far[BLUE], A, PORT));
	for (i = 0; i < SITES; i++) {
		conn = accept(fd, NULL, NULL);
		ASSERT_LE(0, conn);
		ASSERT_EQ(0, bound_to(conn, name));
		EXPECT_STREQ(sites[i].vrf ?: "", name);
		ASSERT_EQ(1, send(far[i], &"orb"[i], 1, 0));
		EXPECT_EQ("orb"[i], only(conn));
		ASSERT_EQ(1, send(conn, &"ORB"[i], 1, 0));
		EXPECT_EQ("ORB"[i], only(far[i]));
		close(conn);
	}
	close_all(far, SITES);
	close(fd);
}

/* A port is one's own within the VRF, unless the unbound hear VRFs. */
TEST_F_TIMEOUT(vrf, tcp_ports, 120)
{
	int fd[SITES], far, conn, i;

	for (i = 0; i < SITES; i++) {
		fd[i] = listener(&self->n.p, sites[i].vrf, PORT);
		ASSERT_LE(0, fd[i]);
	}
	EXPECT_EQ(-1, listener(&self->n.p, "red", PORT));
	for (i = 0; i < SITES; i++) {
		far = peer_bound(&self->n, i, SOCK_STREAM, FROM);
		ASSERT_LE(0, far);
		ASSERT_EQ(0, pp_connect(far, A, PORT));
		conn = accept(fd[i], NULL, NULL);
		EXPECT_LE(0, conn);
		close(conn);
		close(far);
	}
	close_all(fd, SITES);
	ASSERT_EQ(0, pp_sysctl(&self->n.p, "tcp_l3mdev_accept", "1"));
	fd[OUT] = listener(&self->n.p, NULL, PORT + 1);
	ASSERT_LE(0, fd[OUT]);
	EXPECT_EQ(-1, listener(&self->n.p, "red", PORT + 1));
	close(fd[OUT]);
}

/* ---- Raw and ping sockets ---- */

TEST_F_TIMEOUT(vrf, raw_apart, 120)
{
	int fd[SITES], any, far[SITES], i;
	char buf[64];

	any = own(&self->n.p, SOCK_RAW, 253, NULL);
	ASSERT_LE(0, any);
	for (i = 0; i < SITES; i++) {
		fd[i] = own(&self->n.p, SOCK_RAW, 253, place(i));
		far[i] = peer(&self->n, i, SOCK_RAW, 253);
		ASSERT_LE(0, fd[i]);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(1, pp_sendto(far[i], &"orb"[i], 1, A, 0));
	}
	for (i = 0; i < SITES; i++) {
		ASSERT_EQ(21, recv(fd[i], buf, sizeof(buf), 0));
		EXPECT_EQ("orb"[i], buf[20]);
		EXPECT_FALSE(pp_readable(fd[i], 0));
		/* raw_l3mdev_accept is on by itself */
		ASSERT_EQ(21, recv(any, buf, sizeof(buf), 0));
		EXPECT_EQ("orb"[i], buf[20]);
		ASSERT_EQ(1, pp_sendto(fd[i], &"ORB"[i], 1, B, 0));
		ASSERT_EQ(21, recv(far[i], buf, sizeof(buf), 0));
		EXPECT_EQ("ORB"[i], buf[20]);
	}
	ASSERT_EQ(0, pp_sysctl(&self->n.p, "raw_l3mdev_accept", "0"));
	for (i = SITES - 1; i >= 0; i--)
		ASSERT_EQ(1, pp_sendto(far[i], &"orb"[i], 1, A, 0));
	ASSERT_EQ(21, recv(any, buf, sizeof(buf), 0));
	EXPECT_EQ('o', buf[20]);
	EXPECT_FALSE(pp_readable(any, 0));
	close(any);
	close_all(fd, SITES);
	close_all(far, SITES);
}

static int ping_socket(const struct pp_pair *p, const char *name)
{
	int fd;

	if (pp_sysctl(p, "ping_group_range", "0 2147483647"))
		return -1;
	fd = own(p, SOCK_DGRAM, IPPROTO_ICMP, name);
	if (fd >= 0 && (pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
			pp_bind(fd, "0.0.0.0", 77))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The same identifier three times; and who is pinged answers by his VRF. */
TEST_F_TIMEOUT(vrf, ping_apart, 120)
{
	struct icmphdr m = { .type = ICMP_ECHO };
	struct pp_pair at = { .family = AF_INET, .inet = true };
	int fd[SITES], i;

	for (i = 0; i < SITES; i++) {
		fd[i] = ping_socket(&self->n.p, place(i));
		ASSERT_LE(0, fd[i]);
	}
	for (i = 0; i < SITES; i++) {
		m.un.echo.sequence = htons(i);
		ASSERT_EQ(8, pp_sendto(fd[i], &m, sizeof(m), B, 0));
	}
	for (i = 0; i < SITES; i++) {
		struct icmphdr in;

		ASSERT_EQ(8, recv(fd[i], &in, sizeof(in), 0));
		EXPECT_EQ(i, ntohs(in.un.echo.sequence));
		EXPECT_FALSE(pp_readable(fd[i], 0));
	}
	close_all(fd, SITES);
	for (i = 0; i < SITES; i++) {
		ASSERT_EQ(0, pp_ns_enter(self->n.ns[i]));
		fd[i] = ping_socket(&at, NULL);
		ASSERT_EQ(0, pp_ns_enter(self->n.p.ns_a));
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(8, pp_sendto(fd[i], &m, sizeof(m), A, 0));
		EXPECT_EQ(8, recv(fd[i], &m, sizeof(m), 0));
		m.type = ICMP_ECHO;
	}
	close_all(fd, SITES);
}

/* ---- IP ---- */

/* Half of a datagram of 24 bytes from B to A, number 1. */
static int half(int raw, bool second, char fill)
{
	struct {
		struct iphdr ip;
		char data[16];
	} m = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_UDP, .id = htons(1),
			.frag_off = htons(second ? 2 : 0x2000),
			.saddr = inet_addr(B), .daddr = inet_addr(A),
		},
	};
	struct udphdr uh = {
		.source = htons(FROM), .dest = htons(PORT),
		.len = htons(24),
	};
	struct sockaddr_in to = pp_addr(A, 0);
	size_t len = sizeof(m.ip) + (second ? 8 : 16);

	memset(m.data, fill, sizeof(m.data));
	if (!second)
		memcpy(m.data, &uh, sizeof(uh));
	return sendto(raw, &m, len, 0, (void *)&to, sizeof(to)) ==
	       (ssize_t)len ? 0 : -1;
}

/* Fragments of the same number from the same host, in turns. */
TEST_F_TIMEOUT(vrf, fragments_apart, 120)
{
	int fd[SITES], far[SITES], i;
	char buf[64];

	for (i = 0; i < SITES; i++) {
		fd[i] = own_udp(&self->n.p, place(i), PORT);
		far[i] = peer(&self->n, i, SOCK_RAW, IPPROTO_RAW);
		ASSERT_LE(0, fd[i]);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(0, half(far[i], false, "orb"[i]));
	}
	for (i = 0; i < SITES; i++)
		EXPECT_FALSE(pp_readable(fd[i], 0));
	for (i = SITES - 1; i >= 0; i--)
		ASSERT_EQ(0, half(far[i], true, "orb"[i]));
	for (i = 0; i < SITES; i++) {
		ASSERT_EQ(16, recv(fd[i], buf, sizeof(buf), 0));
		EXPECT_EQ("orb"[i], buf[0]);
		EXPECT_EQ("orb"[i], buf[15]);
	}
	close_all(fd, SITES);
	close_all(far, SITES);
}

/* Both devices of one VRF: what is sent on stays in it. */
TEST_F_TIMEOUT(vrf, forwards_within, 120)
{
	int ns = -1, fd, far[SITES], i;

	ns = ns_new();
	ASSERT_LE(0, ns);
	ASSERT_EQ(0, pp_ns_enter(self->n.p.ns_a));
	ASSERT_EQ(0, link_veth("rc", "pb", ns));
	ASSERT_EQ(0, link_master("rc", "red"));
	ASSERT_EQ(0, link_up("rc"));
	ASSERT_EQ(0, pp_ns_enter(ns));
	ASSERT_EQ(0, link_addr("pb", "10.79.0.2"));
	ASSERT_EQ(0, link_up("pb"));
	ASSERT_EQ(0, link_await_up("pb"));
	ASSERT_EQ(0, pp_run("ip route add default via 10.79.0.1"));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_bind(fd, "10.79.0.2", PORT));
	ASSERT_EQ(0, pp_ns_enter(self->n.p.ns_a));
	ASSERT_EQ(0, link_await_up("rc"));
	if (self->n.p.inet)
		i = link_addr("rc", "10.79.0.1");
	else
		i = pp_test_tool("-batch - <<EOF\ndev attach rc\n"
				 "addr add 10.79.0.1/24 dev rc\n"
				 "route add unreachable 10.79.0.0/24\n"
				 "route add unreachable 10.79.0.0/24 vrf blue\n"
				 "EOF");
	ASSERT_EQ(0, i);
	ASSERT_EQ(0, pp_sysctl(&self->n.p, self->n.p.inet ? "ip_forward" :
			       "conf/all/forwarding", "1"));
	for (i = 0; i < SITES; i++) {
		ASSERT_EQ(0, pp_ns_enter(self->n.ns[i]));
		ASSERT_EQ(0, pp_run("ip route add 10.79.0.0/24 via " A));
		ASSERT_EQ(0, pp_ns_enter(self->n.p.ns_a));
		far[i] = peer_bound(&self->n, i, SOCK_DGRAM, FROM);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(0, pp_set(far[i], IPPROTO_IP, IP_RECVERR, 1));
		ASSERT_EQ(0, pp_connect(far[i], "10.79.0.2", PORT));
		ASSERT_EQ(1, send(far[i], &"orb"[i], 1, 0));
	}
	EXPECT_EQ('r', only(fd));
	EXPECT_NE(0, error_of(far[OUT]));
	EXPECT_NE(0, error_of(far[BLUE]));
	EXPECT_EQ(0, pp_get(far[RED], SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(1, pp_sendto(fd, "R", 1, B, FROM));
	EXPECT_EQ('R', only(far[RED]));
	EXPECT_FALSE(pp_readable(far[OUT], 0) || pp_readable(far[BLUE], 0));
	close_all(far, SITES);
	close(fd);
	close(ns);
}

/* Strict rp_filter asks in the table of the VRF. */
TEST_F_TIMEOUT(vrf, rp_filter, 120)
{
	int fd = own_udp(&self->n.p, "red", PORT);
	int far = peer(&self->n, RED, SOCK_DGRAM, 0);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, far);
	ASSERT_EQ(0, pp_sysctl(&self->n.p, "conf/all/rp_filter", "1"));
	ASSERT_EQ(0, pp_ns_enter(self->n.ns[RED]));
	ASSERT_EQ(0, link_addr("pb", "10.80.0.2"));
	ASSERT_EQ(0, pp_ns_enter(self->n.p.ns_a));
	ASSERT_EQ(0, pp_bind(far, "0.0.0.0", FROM));
	ASSERT_EQ(1, pp_send_cmsg(far, "f", 1, A, PORT, IPPROTO_IP, IP_PKTINFO,
				  (&(struct in_pktinfo){
					.ipi_spec_dst.s_addr =
						inet_addr("10.80.0.2") }),
				  sizeof(struct in_pktinfo)));
	ASSERT_EQ(1, pp_sendto(far, "r", 1, A, PORT));
	EXPECT_EQ('r', only(fd));
	close(fd);
	close(far);
}

/* A group joined on the slave by who is bound to the VRF. */
TEST_F_TIMEOUT(vrf, groups_apart, 120)
{
	struct ip_mreqn mr = { .imr_multiaddr.s_addr = inet_addr(GROUP) };
	int fd[SITES], far[SITES], i;

	for (i = 0; i < SITES; i++) {
		fd[i] = own(&self->n.p, SOCK_DGRAM, 0, place(i));
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, pp_bind(fd[i], GROUP, PORT));
		mr.imr_ifindex = if_nametoindex(sites[i].dev);
		ASSERT_EQ(0, setsockopt(fd[i], IPPROTO_IP, IP_ADD_MEMBERSHIP,
					&mr, sizeof(mr)));
		far[i] = peer(&self->n, i, SOCK_DGRAM, 0);
		ASSERT_LE(0, far[i]);
		ASSERT_EQ(0, pp_bind(far[i], B, FROM));
		mr.imr_ifindex = 0;
		mr.imr_address.s_addr = inet_addr(B);
		ASSERT_EQ(0, setsockopt(far[i], IPPROTO_IP, IP_MULTICAST_IF,
					&mr, sizeof(mr)));
		mr.imr_address.s_addr = 0;
	}
	for (i = 0; i < SITES; i++)
		ASSERT_EQ(1, pp_sendto(far[i], &"orb"[i], 1, GROUP, PORT));
	for (i = 0; i < SITES; i++)
		EXPECT_EQ("orb"[i], only(fd[i]));
	close_all(fd, SITES);
	close_all(far, SITES);
}

TEST_HARNESS_MAIN
