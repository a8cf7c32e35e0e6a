// SPDX-License-Identifier: GPL-2.0
/*
 * Others hold copies of what we receive and change it for ourselves: their
 * copies stay what the link carried.
 * Proves: attacks C9.
 */
#include <linux/if_packet.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <poll.h>
#include "frame.h"
#include "kselftest_harness.h"

#define BATCH	100
#define ROUNDS	20
#define PORT	5001
#define CLOSED	4999

/* What has been sent, by the identification of its IP header. */
static struct frame sent[BATCH + 1];

static int capture(const struct pair *p, const char *dev)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	int fd, size = 8 << 20;
	char out[32];

	if (sh_out(out, sizeof(out),
		   "ip netns exec %s cat /sys/class/net/%s/ifindex", p->a, dev))
		return -1;
	fd = ns_socket(p->fd_a, AF_PACKET, SOCK_RAW, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	sll.sll_ifindex = atoi(out);
	if (!bind(fd, (void *)&sll, sizeof(sll)))
		return fd;
	close(fd);
	return -1;
}

/* The next frame, of our own only with @own; 0: there is none. */
static ssize_t next_copy(int fd, struct frame *f, bool own)
{
	struct sockaddr_ll sll;
	socklen_t len;
	ssize_t n;

	for (;;) {
		len = sizeof(sll);
		n = recvfrom(fd, f->b, sizeof(f->b), MSG_DONTWAIT,
			     (void *)&sll, &len);
		if (n < 0)
			return 0;
		f->len = n;
		if (own || sll.sll_pkttype != PACKET_OUTGOING)
			return n;
	}
}

struct verdict {
	unsigned int same, wrong;
};

/* Compares the copies of what was sent; @own: they leave by this device. */
static struct verdict compare(int fd, bool own)
{
	struct verdict v = { 0 };
	struct frame f;
	unsigned int id;

	while (next_copy(fd, &f, own)) {
		if (f.len < ETH_LEN + 20 || f.b[12] != 8 || f.b[13])
			continue;
		id = ntohs(frame_ip(&f)->id);
		if (!id || id > BATCH || memcmp(f.b + 6, sent[id].b + 6, 6))
			continue;
		if (f.len == sent[id].len && !memcmp(f.b, sent[id].b, f.len))
			v.same++;
		else if (!v.wrong++)
			printf("# frame %u of kind %u is not what it was\n", id,
			       id % 10);
	}
	return v;
}

/* An echo request with room for routes or times, which we fill in. */
static void echo_with_option(struct frame *f, const struct pair *p, bool time)
{
	uint8_t *o;

	frame_begin(f, p, IPPROTO_ICMP, 24);
	o = (uint8_t *)(frame_ip(f) + 1);
	o[0] = time ? 68 : 7;
	o[1] = 23;
	o[2] = time ? 5 : 4;
	o[3] = time ? 1 : 0;
	if (time)
		o[1] = 20;
	frame_put(f, 40);
	frame_icmp(f)->type = ICMP_ECHO;
	frame_icmp_csum(f);
	frame_end(f);
}

static void syn(struct frame *f, const struct pair *p)
{
	struct tcphdr *th;
	uint32_t sum;

	frame_begin(f, p, IPPROTO_TCP, 0);
	th = frame_put(f, sizeof(*th));
	th->source = htons(9);
	th->dest = htons(CLOSED);
	th->seq = htonl(77);
	th->doff = 5;
	th->syn = 1;
	frame_end(f);
	/* the pseudo header: addresses, protocol, length */
	sum = (uint16_t)~csum_of(&frame_ip(f)->saddr, 8);
	sum += htons(IPPROTO_TCP) + htons(sizeof(*th));
	sum += (uint16_t)~csum_of(th, sizeof(*th));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	th->check = ~sum;
}

/* Frame @id: each kind makes us write into what we have. */
static void make(struct frame *f, const struct pair *p, unsigned int id)
{
	static const char * const elsewhere = "10.77.0.9";

	switch (id % 10) {
	case 0:
		frame_udp(f, p, 9, PORT, 30);
		memset(frame_put(f, 20), 0xaa, 20);	/* padding */
		break;
	case 1:
		echo_with_option(f, p, false);
		break;
	case 2:
		echo_with_option(f, p, true);
		break;
	case 3:
		frame_icmp_msg(f, p, ICMP_TIMESTAMP, 0, 12);
		break;
	case 4:
		frame_udp(f, p, 9, CLOSED, 200);
		break;
	case 5:
		frame_echo(f, p, 900);
		frame_ip(f)->daddr = inet_addr("10.77.0.255");
		memset(f->b, 0xff, 6);
		break;
	case 6:
		frame_udp(f, p, 9, PORT, 700);
		frame_ip(f)->daddr = inet_addr("10.77.0.255");
		memset(f->b, 0xff, 6);
		break;
	case 7:
		frame_udp(f, p, 9, PORT, 100);	/* goes on to another host */
		frame_ip(f)->daddr = inet_addr(elsewhere);
		break;
	case 8:
		syn(f, p);
		break;
	case 9:
		frame_echo(f, p, id);
		break;
	}
	frame_ip(f)->id = htons(id);
	frame_ip_csum(f);
}

static void make_all(const struct pair *p)
{
	unsigned int id;

	for (id = 1; id <= BATCH; id++)
		make(&sent[id], p, id);
}

/* Answers and packets for others; not those to be told by their length. */
struct seen {
	unsigned int replies, forwarded, errors;
};

static void look(struct frame *f, void *arg)
{
	struct seen *s = arg;

	if (frame_ip(f)->protocol == IPPROTO_UDP)
		s->forwarded += frame_ip(f)->ttl == 63;
	else if (frame_ip(f)->protocol == IPPROTO_ICMP)
		s->replies += frame_icmp(f)->type == ICMP_ECHOREPLY;
	s->errors += frame_ip(f)->protocol == IPPROTO_ICMP &&
		     frame_icmp(f)->type == ICMP_DEST_UNREACH;
}

/* Everything is answered or passed on, so everything was written to. */
static int send_all(const struct pair *p)
{
	struct seen s = { 0 };
	unsigned int id;

	for (id = 1; id <= BATCH; id++)
		if (frame_out(p, &sent[id]))
			return -1;
	if (frame_sync(p, look, &s))
		return -1;
	if (s.replies == BATCH * 4 / 10 && s.forwarded == BATCH / 10 &&
	    s.errors == BATCH / 10)
		return 0;
	printf("# %u replies, %u passed on, %u errors\n", s.replies,
	       s.forwarded, s.errors);
	return -1;
}

static int set_up(const struct pair *p, const char *dev)
{
	return pair_sysctl(p, "icmp_echo_ignore_broadcasts", "0") ||
	       pair_sysctl(p, "conf.all.forwarding", "1") ||
	       pair_sysctl(p, "conf.all.send_redirects", "0") ||
	       sh("ip netns exec %s sysctl -qw %s.%s.send_redirects=0", p->a,
		  "net.pktpath.conf", dev) ||
	       pp_tool(p, "neigh add 10.77.0.9 lladdr 02:00:00:00:00:09 dev %s nud permanent",
		       dev);
}

FIXTURE(copies) {
	struct pair p;
	int fd;
};

FIXTURE_SETUP(copies)
{
	struct sockaddr_in sin = sin_of("0.0.0.0", PORT);

	ASSERT_EQ(0, frame_pair(&self->p, false));
	self->fd = ns_socket(self->p.fd_a, pp_family(), SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind(self->fd, (void *)&sin, sizeof(sin)));
}

FIXTURE_TEARDOWN(copies)
{
	close(self->fd);
	EXPECT_EQ(0, pair_down(&self->p));
}

/* A sniffer has one, and one goes to a mirror. */
TEST_F_TIMEOUT(copies, C9_sniffer_and_mirror, 300)
{
	struct verdict v;
	int fd, mirror;
	unsigned int i;

	ASSERT_EQ(0, set_up(&self->p, "pa"));
	ASSERT_EQ(0, sh("ip -n %s link add mi type dummy && ip -n %s link set mi up",
			self->p.a, self->p.a));
	ASSERT_EQ(0, sh("tc -n %s qdisc add dev pa clsact", self->p.a));
	ASSERT_EQ(0, sh("tc -n %s filter add dev pa ingress matchall action %s",
			self->p.a, "mirred egress mirror dev mi"));
	fd = capture(&self->p, "pa");
	mirror = capture(&self->p, "mi");
	ASSERT_LE(0, fd);
	ASSERT_LE(0, mirror);
	make_all(&self->p);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, send_all(&self->p));
		v = compare(fd, false);
		ASSERT_EQ(BATCH, v.same);
		ASSERT_EQ(0, v.wrong);
		v = compare(mirror, true);
		ASSERT_EQ(BATCH, v.same);
		ASSERT_EQ(0, v.wrong);
	}
	close(fd);
	close(mirror);
}

static int to_bridge(struct pair *p)
{
	char out[32];
	int64_t end;

	if (pp_tool(p, "dev detach pa") ||
	    sh("ip -n %s link add br0 type bridge && ip -n %s link add du type dummy",
	       p->a, p->a) ||
	    sh("ip -n %s link set du master br0 && ip -n %s link set pa master br0",
	       p->a, p->a) ||
	    sh("ip -n %s link set du up && ip -n %s link set br0 up", p->a,
	       p->a) ||
	    pp_tool(p, "dev attach br0") ||
	    sh("ip netns exec %s sysctl -qw net.pktpath.neigh.br0.acd=0",
	       p->a) ||
	    pp_tool(p, "addr add %s/24 dev br0", PAIR_A) ||
	    pp_tool(p, "neigh add %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev br0 nud permanent",
		    PAIR_B, p->mac_b[0], p->mac_b[1], p->mac_b[2],
		    p->mac_b[3], p->mac_b[4], p->mac_b[5]) ||
	    sh_out(out, sizeof(out),
		   "ip netns exec %s cat /sys/class/net/br0/address", p->a) ||
	    sscanf(out, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &p->mac_a[0],
		   &p->mac_a[1], &p->mac_a[2], &p->mac_a[3], &p->mac_a[4],
		   &p->mac_a[5]) != 6)
		return -1;
	end = now_ms() + 30000;
	while (sh("ip -n %s link show br0 | grep -q 'state UP'", p->a))
		if (now_ms() > end)
			return -1;
	return 0;
}

/* A bridge has passed the broadcasts on to another port. */
TEST_F_TIMEOUT(copies, C9_bridge, 300)
{
	unsigned int i, flooded = BATCH * 2 / 10;
	struct verdict v;
	int fd, port;

	ASSERT_EQ(0, to_bridge(&self->p));
	ASSERT_EQ(0, set_up(&self->p, "br0"));
	fd = capture(&self->p, "br0");
	port = capture(&self->p, "du");
	ASSERT_LE(0, fd);
	ASSERT_LE(0, port);
	make_all(&self->p);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, send_all(&self->p));
		v = compare(fd, false);
		ASSERT_EQ(BATCH, v.same);
		ASSERT_EQ(0, v.wrong);
		v = compare(port, true);
		ASSERT_EQ(flooded, v.same);
		ASSERT_EQ(0, v.wrong);
	}
	close(fd);
	close(port);
}

/* What we send ourselves over lo is received from the very same memory. */
TEST_F_TIMEOUT(copies, C9_loopback, 300)
{
	struct sockaddr_in to = sin_of("127.0.0.1", 0);
	unsigned int i, requests = 0, replies = 0, n;
	uint8_t msg[300] = { ICMP_ECHO };
	struct frame f;
	int fd, ping;

	ASSERT_EQ(0, pair_sysctl(&self->p, "ping_group_range", "0 1000"));
	fd = capture(&self->p, "lo");
	ASSERT_LE(0, fd);
	ping = ns_socket(self->p.fd_a, pp_family(), SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, ping);
	for (i = 0; i < 500; i++) {
		struct pollfd pfd = { .fd = ping, .events = POLLIN };

		n = 8 + i % 290;
		memset(msg + 8, i, n - 8);
		ASSERT_EQ(n, sendto(ping, msg, n, 0, (void *)&to, sizeof(to)));
		ASSERT_EQ(1, poll(&pfd, 1, 30000));
		ASSERT_EQ(n, recv(ping, msg, sizeof(msg), 0));
		msg[0] = ICMP_ECHO;
		while (next_copy(fd, &f, true)) {
			if (frame_ip(&f)->protocol != IPPROTO_ICMP)
				continue;
			ASSERT_EQ(ETH_LEN + 20 + n, f.len);
			ASSERT_EQ(0, csum_of(frame_ip(&f), 20));
			ASSERT_EQ(0, csum_of(frame_icmp(&f), n));
			requests += frame_icmp(&f)->type == ICMP_ECHO;
			replies += frame_icmp(&f)->type == ICMP_ECHOREPLY;
		}
	}
	/* each one on its way out and on its way in */
	EXPECT_EQ(1000, requests);
	EXPECT_EQ(1000, replies);
	close(ping);
	close(fd);
}

TEST_HARNESS_MAIN
