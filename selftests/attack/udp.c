// SPDX-License-Identifier: GPL-2.0
/*
 * Bad and too many datagrams from a peer; AF_INET says what is right.
 * Proves: A11, A12, C2, G1 (attacks.md); UDP-1, UDP-3, UDP-6 (conformance.md).
 */
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include "pp_fixture.h"

#define PORT 4500
#define PEER 4501

static uint16_t fold(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static uint32_t add(const void *p, size_t len, uint32_t sum)
{
	const uint8_t *b = p;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? b[i] : b[i] << 8;
	return sum;
}

/* What to send: @ulen, @check < 0: as they should be. */
struct bad {
	int len;		/* payload, bytes */
	int ulen;
	int check;
	int check_xor;
	const char *saddr, *daddr;
};

static int send_bad(int raw, const struct bad *b)
{
	struct sockaddr_in to = pp_addr(b->daddr ?: PKTPATH_T_A, 0);
	struct sockaddr_in from = pp_addr(b->saddr ?: PKTPATH_T_B, 0);
	char buf[2048] = { 0 };
	struct iphdr *ip = (void *)buf;
	struct udphdr *uh = (void *)(ip + 1);
	int i, total = sizeof(*ip) + sizeof(*uh) + b->len;
	int ulen = b->ulen < 0 ? (int)sizeof(*uh) + b->len : b->ulen;
	uint32_t sum;

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = from.sin_addr.s_addr;
	ip->daddr = to.sin_addr.s_addr;
	for (i = 0; i < b->len; i++)
		buf[sizeof(*ip) + sizeof(*uh) + i] = i * 5 + 1;
	uh->source = htons(PEER);
	uh->dest = htons(PORT);
	uh->len = htons(ulen);
	if (b->check >= 0) {
		uh->check = htons(b->check);
	} else {
		sum = add(&ip->saddr, 8, IPPROTO_UDP + ulen);
		i = total - sizeof(*ip);
		sum = add(uh, ulen < i ? ulen : i, sum);
		uh->check = htons(fold(sum) ?: 0xffff) ^ b->check_xor;
	}
	return sendto(raw, buf, total, 0, (void *)&to, sizeof(to)) == total ?
	       0 : -1;
}

/* A counter once it has come to @want, or what it is after half a minute. */
static long await(struct pp_pair *p, const char *group, const char *name,
		  long want)
{
	long v, i;

	for (i = 0; i < 30000; i++) {
		v = pp_count(p, group, name);
		if (v >= want)
			break;
		usleep(1000);
	}
	return v;
}

static int setup(struct pp_pair *p, int *raw)
{
	*raw = pp_peer_socket(p, AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (*raw >= 0)
		pp_set(*raw, SOL_SOCKET, SO_BROADCAST, 1);
	return pp_udp_bound(p, "0.0.0.0", PORT);
}

/* A11: the length field says something else than IP does. */
TEST_F(stacks, length)
{
	struct bad b = { .len = 100, .check = -1 };
	int fd, raw, drops = 0, n;
	char buf[2048];

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, raw);
	for (b.ulen = 0; b.ulen < 65536; b.ulen += b.ulen < 130 ? 1 : 509) {
		ASSERT_EQ(0, send_bad(raw, &b));
		if (b.ulen < 8 || b.ulen > 108) {
			drops++;
			continue;
		}
		n = recv(fd, buf, sizeof(buf), 0);
		ASSERT_EQ(b.ulen - 8, n);
	}
	EXPECT_EQ(drops, await(&self->p, "Udp", "InErrors", drops));
	EXPECT_EQ(0, pp_readable(fd, 50));
	EXPECT_EQ(101, pp_count(&self->p, "Udp", "InDatagrams"));
	close(fd);
	close(raw);
}

/* UDP-1: none is fine. What we make of a sum of zero: sock/effects.c. */
TEST_F(stacks, no_checksum)
{
	struct bad b = { .len = 500, .ulen = -1, .check = 0 };
	char buf[2048];
	int fd, raw;

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, send_bad(raw, &b));
	EXPECT_EQ(500, recv(fd, buf, sizeof(buf), 0));
	b.len = 3;
	ASSERT_EQ(0, send_bad(raw, &b));
	EXPECT_EQ(3, recv(fd, buf, sizeof(buf), 0));
	close(fd);
	close(raw);
}

#define BAD 500

/* Bad sums, short (checked at once) and long (checked when read). */
static int send_wrong(int raw, int n)
{
	struct bad b = { .ulen = -1, .check = -1, .check_xor = 0x0101 };
	int i;

	for (i = 0; i < n; i++) {
		b.len = i & 1 ? 20 : 900;
		if (send_bad(raw, &b))
			return -1;
	}
	return 0;
}

static int send_right(int raw, int len)
{
	struct bad b = { .len = len, .ulen = -1, .check = -1 };

	return send_bad(raw, &b);
}

/* A12: each kind of reader gets the good one only, and soon. */
TEST_F(stacks, wrong_blocking)
{
	char buf[2048];
	int fd, raw;

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4000000));
	ASSERT_EQ(0, send_wrong(raw, BAD));
	/* poll must not promise what recv does not keep */
	EXPECT_EQ(BAD / 2, await(&self->p, "Udp", "InCsumErrors", BAD / 2));
	EXPECT_EQ(0, pp_readable(fd, 50));
	ASSERT_EQ(0, send_wrong(raw, BAD));
	ASSERT_EQ(0, send_right(raw, 700));
	EXPECT_EQ(700, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(2 * BAD, pp_count(&self->p, "Udp", "InCsumErrors"));
	EXPECT_EQ(2 * BAD, pp_count(&self->p, "Udp", "InErrors"));
	EXPECT_EQ(1, pp_count(&self->p, "Udp", "InDatagrams"));
	EXPECT_EQ(0, pp_count(&self->p, "Udp", "RcvbufErrors"));
	close(fd);
	close(raw);
}

/* A reader to whom the kernel gives each of them; its status. */
static int blocked_reader(int fd)
{
	char buf[2048];

	return recv(fd, buf, sizeof(buf), 0) != 700;
}

/* A12: once the flood is over, who waits sleeps. */
TEST_F(stacks, wrong_costs_no_more)
{
	bool slow = !access("/sys/kernel/debug/kmemleak", F_OK);
	struct rusage use;
	int fd, raw, status;
	pid_t pid;

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4000000));
	ASSERT_EQ(0, send_wrong(raw, BAD));
	EXPECT_EQ(BAD / 2, await(&self->p, "Udp", "InCsumErrors", BAD / 2));
	pid = fork();
	if (!pid)
		_exit(blocked_reader(fd));
	/* those that are checked when read */
	EXPECT_EQ(BAD, await(&self->p, "Udp", "InCsumErrors", BAD));
	usleep(1000000);
	ASSERT_EQ(0, send_right(raw, 700));
	ASSERT_EQ(pid, wait4(pid, &status, 0, &use));
	EXPECT_EQ(0, status);
	/* a twentieth of that second */
	EXPECT_EQ(0, use.ru_utime.tv_sec + use.ru_stime.tv_sec);
	EXPECT_GT(slow ? 500000 : 50000,
		  use.ru_utime.tv_usec + use.ru_stime.tv_usec);
	close(fd);
	close(raw);
}

TEST_F(stacks, wrong_nonblocking)
{
	char buf[2048];
	int fd, raw;

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4000000));
	ASSERT_EQ(0, send_wrong(raw, BAD));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_EQ(0, send_wrong(raw, BAD));
	ASSERT_EQ(0, send_right(raw, 10));
	EXPECT_EQ(1, pp_readable(fd, 30000));
	EXPECT_EQ(10, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_EQ(2 * BAD, pp_count(&self->p, "Udp", "InCsumErrors"));
	close(fd);
	close(raw);
}

TEST_F(stacks, wrong_peek)
{
	char buf[2048];
	int fd, raw;

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4000000));
	ASSERT_EQ(0, send_wrong(raw, BAD));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf),
				  MSG_PEEK | MSG_DONTWAIT));
	ASSERT_EQ(0, send_wrong(raw, BAD));
	ASSERT_EQ(0, send_right(raw, 900));
	EXPECT_EQ(900, recv(fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(900, recv(fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(900, recv(fd, buf, sizeof(buf), 0));
	/* a part of a long one is checked as a whole */
	ASSERT_EQ(0, send_wrong(raw, 1));
	ASSERT_EQ(0, send_right(raw, 900));
	EXPECT_EQ(16, recv(fd, buf, 16, 0));
	EXPECT_EQ(2 * BAD + 1, pp_count(&self->p, "Udp", "InCsumErrors"));
	close(fd);
	close(raw);
}

TEST_F(stacks, wrong_edge_triggered)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int fd, raw, ep, i;
	char buf[2048];

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	ep = epoll_create1(0);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, send_wrong(raw, 4));
		while (recv(fd, buf, sizeof(buf), 0) >= 0)
			;
		ASSERT_EQ(0, send_right(raw, 800));
		ASSERT_EQ(1, epoll_wait(ep, &ev, 1, 30000));
		EXPECT_EQ(800, recv(fd, buf, sizeof(buf), 0));
		ASSERT_EQ(-1, recv(fd, buf, sizeof(buf), 0));
	}
	close(ep);
	close(fd);
	close(raw);
}

/* No answer to a bad datagram for a closed port, one to a good one. */
TEST_F(stacks, closed_port)
{
	struct bad b = { .len = 900, .ulen = -1, .check = -1,
			 .check_xor = 0x0101 };
	int raw, i;
	long out;

	raw = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_RAW);
	ASSERT_LE(0, raw);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, send_bad(raw, &b));
	EXPECT_EQ(20, await(&self->p, "Udp", "InCsumErrors", 20));
	EXPECT_EQ(0, pp_count(&self->p, "Icmp", "OutDestUnreachs"));
	EXPECT_EQ(0, pp_count(&self->p, "Udp", "NoPorts"));
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, send_right(raw, 30));
	EXPECT_EQ(20, await(&self->p, "Udp", "NoPorts", 20));
	out = pp_count(&self->p, "Icmp", "OutDestUnreachs");
	EXPECT_LT(0, out);
	EXPECT_GE(20, out);
	close(raw);
}

/* C2: a broadcast never gets an ICMP error; UDP-6: bad sources. */
TEST_F(stacks, broadcast)
{
	static const char *const sources[] = {
		"255.255.255.255", "224.0.0.1", "127.0.0.1", PKTPATH_T_BCAST,
	};
	struct bad b = { .len = 30, .ulen = -1, .check = -1,
			 .daddr = PKTPATH_T_BCAST };
	char buf[2048];
	int fd, raw;
	size_t i;

	raw = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_RAW);
	ASSERT_LE(0, raw);
	pp_set(raw, SOL_SOCKET, SO_BROADCAST, 1);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, send_bad(raw, &b));
	EXPECT_EQ(20, await(&self->p, "Udp", "IgnoredMulti", 20));
	EXPECT_EQ(0, pp_count(&self->p, "Icmp", "OutMsgs"));
	close(raw);

	fd = setup(&self->p, &raw);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, send_bad(raw, &b));
	EXPECT_EQ(30, recv(fd, buf, sizeof(buf), 0));
	b.daddr = PKTPATH_T_A;
	/* AF_INET does not know the last for what it is without rp_filter */
	for (i = 0; i < ARRAY_SIZE(sources) - self->p.inet; i++) {
		b.saddr = sources[i];
		send_bad(raw, &b);
	}
	EXPECT_EQ(0, pp_readable(fd, 50));
	EXPECT_EQ(0, pp_count(&self->p, "Icmp", "OutMsgs"));
	close(fd);
	close(raw);
}

/* A broadcast reaches every socket of the port, each with its own checksum. */
TEST_F(stacks, broadcast_copies)
{
	struct bad b = { .len = 900, .ulen = -1, .check = -1,
			 .daddr = PKTPATH_T_BCAST };
	int fd[12], raw, i;
	char buf[2048];

	raw = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_RAW);
	pp_set(raw, SOL_SOCKET, SO_BROADCAST, 1);
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
		fd[i] = pp_udp(&self->p);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, pp_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1));
		ASSERT_EQ(0, pp_bind(fd[i], i & 1 ? PKTPATH_T_BCAST :
				     "0.0.0.0", PORT));
	}
	ASSERT_EQ(0, send_bad(raw, &b));
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++)
		EXPECT_EQ(900, recv(fd[i], buf, sizeof(buf), 0));
	b.check_xor = 0x0101;
	ASSERT_EQ(0, send_bad(raw, &b));
	for (i = 0; i < (int)ARRAY_SIZE(fd); i++) {
		EXPECT_EQ(-1, recv(fd[i], buf, sizeof(buf), MSG_DONTWAIT));
		close(fd[i]);
	}
	close(raw);
}

TEST_HARNESS_MAIN
