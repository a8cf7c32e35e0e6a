// SPDX-License-Identifier: GPL-2.0
/*
 * What others could learn from us, and two stacks on one device: the kernel, told
 * to forward and to route our own address elsewhere, sends nothing for it.
 * Proves: attacks C8, D5, A2 (what we send), of G3 the device that goes.
 */
#include <linux/igmp.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include "frame.h"
#include "link.h"
#include "kselftest_harness.h"

#define PORT_A 5001
#define CLOSED 4999
#define ELSEWHERE "02:00:00:00:90:02"
#define RP(dev) "net.ipv4.conf." dev ".rp_filter=0 "

FIXTURE(alone) {
	struct pair p;
	struct frame f;
	int fd;
};

FIXTURE_SETUP(alone)
{
	ASSERT_EQ(0, frame_pair(&self->p, true));
	self->fd = udp_in_a(&self->p, PORT_A, 0);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, frame_count(&self->p));
}

FIXTURE_TEARDOWN(alone)
{
	close(self->fd);
	EXPECT_EQ(0, pair_down(&self->p));
}

static void syn(struct frame *f, const struct pair *p, uint16_t port)
{
	struct tcphdr *th;
	uint32_t sum;

	frame_begin(f, p, IPPROTO_TCP, 0);
	th = frame_put(f, sizeof(*th));
	th->source = htons(9);
	th->dest = htons(port);
	th->seq = htonl(77);
	th->doff = 5;
	th->syn = 1;
	frame_end(f);
	sum = (uint16_t)~csum_of(&frame_ip(f)->saddr, 8);
	sum += htons(IPPROTO_TCP) + htons(sizeof(*th));
	sum += (uint16_t)~csum_of(th, sizeof(*th));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	th->check = ~sum;
}

/* Kinds of frames for A's address, each a reason to send something. */
static void kind(struct frame *f, const struct pair *p, unsigned int i)
{
	switch (i % 8) {
	case 0:
		frame_udp(f, p, 9, PORT_A, 20);
		break;
	case 1:
		frame_udp(f, p, 9, CLOSED, 20);
		break;
	case 2:
		syn(f, p, CLOSED);
		break;
	case 3:
		frame_echo(f, p, 50);
		break;
	case 4:			/* a piece whose first never comes */
		frame_udp(f, p, 9, PORT_A, 40);
		frame_ip(f)->frag_off = htons(0x2008);
		break;
	case 5:
		frame_udp(f, p, 9, PORT_A, 20);
		frame_ip(f)->ttl = 1;
		break;
	case 6:			/* nobody's protocol */
		frame_begin(f, p, 253, 0);
		frame_put(f, 30);
		break;
	case 7:			/* the kernel's to forward, were it ours alone */
		frame_echo(f, p, 8);
		frame_ip(f)->id = htons(i);
		break;
	}
	frame_end(f);
}

struct sent {
	unsigned int udp, tcp, icmp, other;
};

static void count_fn(struct frame *f, void *arg)
{
	struct sent *s = arg;

	switch (frame_ip(f)->protocol) {
	case IPPROTO_UDP:
		s->udp++;
		break;
	case IPPROTO_TCP:
		s->tcp++;
		break;
	case IPPROTO_ICMP:
		s->icmp++;
		break;
	default:
		s->other++;
	}
}

/* What a thousand frames of each kind make A send. */
static struct sent answers(struct pair *p, int fd)
{
	struct sent s = { 0 };
	struct frame f;
	unsigned int i;
	char buf[64];

	for (i = 0; i < 8000; i++) {
		kind(&f, p, i);
		frame_out(p, &f);
		if (i % 100 == 99 && frame_sync(p, count_fn, &s))
			s.other = 100000;
		while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
			;
	}
	return s;
}

/* The kernel's own counters in A: what it has sent or meant to. */
static int kernel_sent(const struct pair *p)
{
	char out[64];

	if (sh_out(out, sizeof(out),
		   "ip netns exec %s awk '/^Ip: [0-9]/ { n += $7 + $11 } /^Icmp: [0-9]/ { n += $16 } /^Tcp: [0-9]/ { n += $12 + $15 } END { print n }' /proc/net/snmp",
		   p->a))
		return -1;
	return atoi(out);
}

/* C8: the answers are ours, one each, whatever the kernel thinks of the address. */
TEST_F_TIMEOUT(alone, C8_the_kernel_keeps_out, 9000)
{
	struct pair *p = &self->p;
	struct sent ours, both;
	int before;

	ASSERT_EQ(0, pair_sysctl(p, "icmp_ratemask", "0"));
	ours = answers(p, self->fd);
	EXPECT_LE(4000, ours.icmp);
	EXPECT_LT(0, ours.tcp);
	ASSERT_EQ(0, sh("ip netns exec %s sysctl -qw net.ipv4.ip_forward=1 " RP("all")
			RP("pa") "net.ipv4.icmp_ratemask=0", p->a));
	ASSERT_EQ(0, sh("ip -n %s addr add 10.90.0.1/24 dev pa", p->a));
	ASSERT_EQ(0, sh("ip -n %s route add 10.77.0.0/24 dev pa", p->a));
	ASSERT_EQ(0, sh("ip -n %s neigh add 10.90.0.2 lladdr " ELSEWHERE " dev pa",
			p->a));
	ASSERT_EQ(0, sh("ip -n %s neigh add 10.77.0.2 lladdr " ELSEWHERE " dev pa",
			p->a));
	ASSERT_EQ(0, sh("ip -n %s route add 10.77.0.1/32 via 10.90.0.2 dev pa",
			p->a));
	ASSERT_EQ(0, frame_count(p));
	before = kernel_sent(p);
	both = answers(p, self->fd);
	TH_LOG("UDP %u ICMP %u TCP %u, then %u %u %u", ours.udp, ours.icmp,
	       ours.tcp, both.udp, both.icmp, both.tcp);
	EXPECT_EQ(ours.udp, both.udp);
	EXPECT_EQ(ours.icmp, both.icmp);
	EXPECT_EQ(ours.tcp, both.tcp);
	EXPECT_EQ(ours.other, both.other);
	EXPECT_EQ(before, kernel_sent(p));
}

/* A2: a short frame is what the packet is: nothing of the buffer follows. */
TEST_F_TIMEOUT(alone, A2_nothing_follows_a_packet, 9000)
{
	struct pair *p = &self->p;
	struct sockaddr_in sin = sin_of(PAIR_B, 9);
	struct frame r;
	unsigned int i;
	char data[64];

	memset(data, 'x', sizeof(data));
	for (i = 0; i < 300; i++) {
		if (i & 1) {
			frame_echo(&self->f, p, i % 40);
			ASSERT_EQ(0, frame_out(p, &self->f));
		} else {
			ASSERT_EQ(i % 40, sendto(self->fd, data, i % 40, 0,
						 (void *)&sin, sizeof(sin)));
		}
		ASSERT_TRUE(frame_last(p, &r));
		EXPECT_EQ(ETH_LEN + 28 + i % 40, r.len);
		EXPECT_EQ(28 + i % 40, ntohs(frame_ip(&r)->tot_len));
	}
}

/*
 * D5: fifty datagrams of fifty sources use up what may be answered at once;
 * whether one of them found an open port is not to be had from the answer to one
 * of the attacker's own.
 */
TEST_F_TIMEOUT(alone, D5_the_limit_tells_little, 9000)
{
	struct pair *p = &self->p;
	struct sent s;
	unsigned int trial, i, right = 0, x = 3, told[2] = { 0 }, n[2] = { 0 };
	bool open;
	char buf[64];

	ASSERT_EQ(0, pair_sysctl(p, "icmp_msgs_per_sec", "1000"));
	ASSERT_EQ(0, pair_sysctl(p, "icmp_msgs_burst", "50"));
	ASSERT_EQ(0, pair_sysctl(p, "icmp_ratelimit", "0"));
	ASSERT_EQ(0, pp_tool(p, "route add 198.51.100.0/24 via %s", PAIR_B));
	for (trial = 0; trial < 300; trial++) {
		/* the credit is whole again */
		poll(NULL, 0, 120);
		x = x * 1664525 + 1013904223;
		open = x >> 16 & 1;
		for (i = 0; i < 50; i++) {
			frame_udp(&self->f, p, 9,
				  !i && open ? PORT_A : CLOSED - i, 4);
			frame_ip(&self->f)->saddr =
				htonl(0xc6336401 + i);
			frame_ip_csum(&self->f);
			frame_out(p, &self->f);
		}
		frame_flush(p);
		frame_udp(&self->f, p, 9, CLOSED, 4);
		frame_out(p, &self->f);
		memset(&s, 0, sizeof(s));
		ASSERT_EQ(0, frame_sync(p, count_fn, &s));
		n[open]++;
		told[open] += s.icmp > 0;
		right += (s.icmp > 0) == open;
		while (recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
			;
	}
	TH_LOG("answered with an open port %u of %u, without %u of %u: %u guesses right",
	       told[1], n[1], told[0], n[0], right);
	/* half, and thrice the spread of three hundred throws */
	EXPECT_GE(300 * 62 / 100, right);
	EXPECT_LE(300 * 38 / 100, right);
	/* both happen */
	EXPECT_LT(0, told[0] + told[1]);
	EXPECT_GT(300, told[0] + told[1]);
}

static void query(struct frame *f, const struct pair *p, unsigned int i)
{
	uint8_t *q;
	unsigned int len = i % 3 == 2 ? 12 : 8;

	frame_begin(f, p, IPPROTO_IGMP, 0);
	memcpy(f->b, "\x01\x00\x5e\x00\x00\x01", 6);
	q = frame_put(f, len);
	q[0] = 0x11;
	q[1] = i % 3 ? 10 : 0;		/* version 1 has no time */
	if (i % 7 == 3)			/* of a group */
		memcpy(q + 4, (uint8_t[]){ 239, 7, 0, i % 8 }, 4);
	q[2] = csum_of(q, len);
	q[3] = csum_of(q, len) >> 8;
	frame_ip(f)->ttl = 1;
	frame_ip(f)->daddr = inet_addr("224.0.0.1");
	frame_end(f);
}

/* Joins and leaves eight groups until it is killed. */
static pid_t joiner(const struct pair *p)
{
	struct ip_mreqn m = { 0 };
	unsigned int i;
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	setns(p->fd_a, CLONE_NEWNET);
	fd = socket(pp_family(), SOCK_DGRAM, 0);
	for (i = 0;; i++) {
		m.imr_multiaddr.s_addr = htonl(0xef070000 + i % 8);
		m.imr_ifindex = if_nametoindex("pa");
		setsockopt(fd, SOL_IP, i / 8 & 1 ? IP_DROP_MEMBERSHIP :
			   IP_ADD_MEMBERSHIP, &m, sizeof(m));
	}
}

/*
 * G3: queries of three versions in turn, of all groups and of one, while groups
 * come and go; and under that the device goes.
 */
TEST_F_TIMEOUT(alone, G3_device_goes_under_queries, 9000)
{
	struct pair *p = &self->p;
	unsigned int i, round;
	int64_t t;
	pid_t pid;

	for (round = 0; round < 5; round++) {
		if (round) {
			EXPECT_EQ(0, pair_down(p));
			ASSERT_EQ(0, frame_pair(p, true));
		}
		pid = joiner(p);
		ASSERT_LT(0, pid);
		for (i = 0; i < 3000; i++) {
			query(&self->f, p, i / (1 + i % 5));
			frame_out(p, &self->f);
		}
		t = now_ms();
		EXPECT_EQ(0, sh("ip -n %s link del pa", p->a));
		t = now_ms() - t;
		EXPECT_GE(10000, t);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

TEST_HARNESS_MAIN
