// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in NFQUEUE that somebody answers: they come back by the functions that
 * the hooks have been given, after any verdict, changed or not, and after what
 * they were to use has gone.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include "../attack/frame.h"
#include "kselftest_harness.h"
#include "nfq.h"

#define PORT_A 5001
#define PORT_B 5002
#define QUEUE 3
#define OTHER "10.77.0.66"	/* to whom A sends packets on */
#define OTHER_MAC "02:00:00:00:00:66"
#define WAIT_MS 30000

enum way { IN, OUT, ON };

static const struct {
	const char *name;
	uint8_t hook;
	enum way way;
} at[] = {
	{ "prerouting", NF_INET_PRE_ROUTING, IN },
	{ "input", NF_INET_LOCAL_IN, IN },
	{ "forward", NF_INET_FORWARD, ON },
	{ "output", NF_INET_LOCAL_OUT, OUT },
	{ "postrouting", NF_INET_POST_ROUTING, OUT },
};

#define HOOKS 5

static struct nfq queue;
static struct nfq_packet packet;

FIXTURE(queue) {
	struct pair p;
	int fd;			/* A's, to and from which all goes */
};

static int forwarding(const struct pair *p)
{
	return pair_sysctl(p, "conf.all.send_redirects", "0") ||
	       pair_sysctl(p, "conf.pa.send_redirects", "0") ||
	       pair_sysctl(p, "conf.all.forwarding", "1") ||
	       pp_tool(p, "neigh add %s lladdr %s dev pa nud permanent", OTHER,
		       OTHER_MAC);
}

FIXTURE_SETUP(queue)
{
	int err;

	sh("modprobe -qa nfnetlink_queue nft_queue");
	ASSERT_EQ(0, frame_pair(&self->p, false));
	ASSERT_EQ(0, forwarding(&self->p));
	self->fd = udp_in_a(&self->p, PORT_A, 0);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, frame_count(&self->p));
	err = nfq_open(&queue, ns_socket(self->p.fd_a, AF_NETLINK, SOCK_RAW,
					 NETLINK_NETFILTER), QUEUE, 0);
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(queue)
{
	close(queue.fd);
	close(self->fd);
	EXPECT_EQ(0, pair_down(&self->p));
}

/* Queues what goes by hook @i (HOOKS: all, by one port each). */
static int rules(const struct pair *p, unsigned int i)
{
	char text[1024];
	unsigned int k, n = 0;

	for (k = 0; k < HOOKS; k++) {
		if (i != HOOKS && i != k)
			continue;
		n += snprintf(text + n, sizeof(text) - n,
			      "chain c%u { type filter hook %s priority 0; udp %s %u queue num %u; }; ",
			      k, at[k].name,
			      at[k].way == OUT ? "dport" : "sport",
			      i == HOOKS ? 6000 + k : PORT_B, QUEUE);
	}
	return sh("ip netns exec %s nft \"table ip t { %s}\"", p->a, text);
}

static int no_rules(const struct pair *p)
{
	return sh("ip netns exec %s nft delete table ip t", p->a);
}

/* A datagram of B's @port, or to it, by hook @i. */
static int push_port(const struct pair *p, int fd, unsigned int i,
		     uint16_t port)
{
	struct sockaddr_in sin = sin_of(PAIR_B, port);
	struct frame f;

	if (at[i].way == OUT)
		return sendto(fd, "data", 4, 0, (void *)&sin, sizeof(sin)) == 4 ?
			0 : -1;
	frame_udp(&f, p, port, PORT_A, 4);
	memcpy((struct udphdr *)frame_l4(&f) + 1, "data", 4);
	if (at[i].way == ON)
		frame_ip(&f)->daddr = inet_addr(OTHER);
	frame_ip_csum(&f);
	return frame_out(p, &f);
}

static int push(const struct pair *p, int fd, unsigned int i)
{
	return push_port(p, fd, i, PORT_B);
}

struct came {
	unsigned int udp, icmp;
	struct frame last;	/* of UDP */
};

static void came_fn(struct frame *f, void *arg)
{
	struct came *c = arg;

	if (frame_ip(f)->protocol == IPPROTO_UDP) {
		c->udp++;
		c->last = *f;
	} else {
		c->icmp++;
	}
}

/* Everything that A has sent so far. */
static struct came came(const struct pair *p)
{
	struct came c = { 0 };

	if (frame_sync(p, came_fn, &c))
		c.udp = 1000;
	return c;
}

/* How many octets came through where hook @i leads; -1: none. */
static int through(const struct pair *p, int fd, unsigned int i, char *buf,
		   size_t size)
{
	struct came c = came(p);
	struct udphdr *uh;
	int n;

	if (at[i].way == IN)
		return c.udp ? -2 : recv(fd, buf, size, MSG_DONTWAIT);
	if (c.udp != 1)
		return c.udp ? -2 : -1;
	uh = frame_l4(&c.last);
	n = ntohs(uh->len) - sizeof(*uh);
	if (n < 0 || n > (int)size ||
	    ntohs(frame_ip(&c.last)->tot_len) != 28 + n ||
	    csum_of(frame_ip(&c.last), 20))
		return -3;
	memcpy(buf, uh + 1, n);
	return n;
}

/* @text in place of what a packet has behind its UDP header. */
static uint32_t rewrite(struct nfq_packet *p, const char *text)
{
	struct iphdr *iph = (struct iphdr *)p->data;
	struct udphdr *uh = (struct udphdr *)(p->data + 20);
	unsigned int n = strlen(text);

	memcpy(uh + 1, text, n);
	uh->len = htons(8 + n);
	uh->check = 0;
	iph->tot_len = htons(28 + n);
	iph->check = 0;
	iph->check = csum_of(iph, 20);
	return 28 + n;
}

static int verdict(uint32_t v)
{
	return nfq_answer(&queue, packet.id, &(struct nfq_verdict){
		.verdict = v });
}

static int replaced(uint32_t len)
{
	return nfq_answer(&queue, packet.id, &(struct nfq_verdict){
		.verdict = NF_ACCEPT, .data = packet.data, .len = len });
}

TEST_F_TIMEOUT(queue, verdicts_at_each_hook, 600)
{
	const struct pair *p = &self->p;
	char buf[64];
	unsigned int i;

	for (i = 0; i < HOOKS; i++) {
		TH_LOG("%s", at[i].name);
		ASSERT_EQ(0, rules(p, i));

		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(at[i].hook, packet.hook);
		EXPECT_EQ(32, packet.len);
		EXPECT_EQ(0, memcmp(packet.data + 28, "data", 4));
		EXPECT_EQ(-1, through(p, self->fd, i, buf, sizeof(buf)));
		EXPECT_EQ(0, verdict(NF_ACCEPT));
		EXPECT_EQ(4, through(p, self->fd, i, buf, sizeof(buf)));
		EXPECT_EQ(0, memcmp(buf, "data", 4));

		/* changed, then longer, then shorter */
		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(0, replaced(rewrite(&packet, "DATA")));
		EXPECT_EQ(4, through(p, self->fd, i, buf, sizeof(buf)));
		EXPECT_EQ(0, memcmp(buf, "DATA", 4));
		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(0, replaced(rewrite(&packet, "more of it")));
		EXPECT_EQ(10, through(p, self->fd, i, buf, sizeof(buf)));
		EXPECT_EQ(0, memcmp(buf, "more of it", 10));
		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(0, replaced(rewrite(&packet, "x")));
		EXPECT_EQ(1, through(p, self->fd, i, buf, sizeof(buf)));
		EXPECT_EQ('x', buf[0]);

		/* it goes through the hook once more */
		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(0, verdict(NF_REPEAT));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(at[i].hook, packet.hook);
		EXPECT_EQ(-1, through(p, self->fd, i, buf, sizeof(buf)));
		EXPECT_EQ(0, verdict(NF_ACCEPT));
		EXPECT_EQ(4, through(p, self->fd, i, buf, sizeof(buf)));

		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(0, verdict(NF_DROP));
		EXPECT_EQ(-1, through(p, self->fd, i, buf, sizeof(buf)));
		EXPECT_EQ(ENOENT, verdict(NF_ACCEPT));
		ASSERT_EQ(0, no_rules(p));
	}
}

/* The listener gives back what is no IPv4 packet: no more is read than it is. */
TEST_F_TIMEOUT(queue, nonsense_comes_back, 600)
{
	const struct pair *p = &self->p;
	unsigned int i, k;
	char buf[64];

	for (i = 0; i < HOOKS; i++) {
		TH_LOG("%s", at[i].name);
		ASSERT_EQ(0, rules(p, i));
		for (k = 0; k < 5; k++) {
			ASSERT_EQ(0, push(p, self->fd, i));
			ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
			switch (k) {
			case 0:
				packet.data[0] = 0x4f;
				break;
			case 1:
				packet.data[0] = 0x65;
				break;
			case 2:
				packet.len = 10;
				break;
			case 3:		/* says more than there is */
				packet.len = 24;
				break;
			case 4:
				packet.data[2] = 0xff;
				packet.data[3] = 0xff;
				break;
			}
			EXPECT_EQ(0, replaced(packet.len));
			if (k < 3) {
				EXPECT_EQ(-1, through(p, self->fd, i, buf,
						      sizeof(buf)));
			} else {
				came(p);
			}
			recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT);
		}
		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		EXPECT_EQ(0, verdict(NF_ACCEPT));
		EXPECT_EQ(4, through(p, self->fd, i, buf, sizeof(buf)));
		ASSERT_EQ(0, no_rules(p));
	}
}

/*
 * Where it goes is changed, or its mark: a route of the kernel's is looked up
 * first, then ours.
 */
TEST_F_TIMEOUT(queue, another_way_out, 300)
{
	const struct pair *p = &self->p;
	struct sockaddr_in sin = sin_of(OTHER, PORT_B);
	struct iphdr *iph = (struct iphdr *)packet.data;
	struct came c;
	uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x66 };

	ASSERT_EQ(0, sh("ip -n %s route add default dev lo", p->a));
	ASSERT_EQ(0, pp_tool(p, "rule add fwmark 7 table 77"));
	ASSERT_EQ(0, pp_tool(p, "route add %s/32 via %s dev pa table 77",
			     PAIR_B, OTHER));
	ASSERT_EQ(0, rules(p, 3));
	ASSERT_EQ(4, sendto(self->fd, "data", 4, 0, (void *)&sin, sizeof(sin)));
	ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
	iph->daddr = inet_addr(PAIR_B);
	EXPECT_EQ(0, replaced(rewrite(&packet, "data")));
	c = came(p);
	ASSERT_EQ(1, c.udp);
	EXPECT_EQ(0, memcmp(c.last.b, p->mac_b, 6));
	EXPECT_EQ(inet_addr(PAIR_B), frame_ip(&c.last)->daddr);

	ASSERT_EQ(0, push(p, self->fd, 3));
	ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
	EXPECT_EQ(0, nfq_answer(&queue, packet.id, &(struct nfq_verdict){
		.verdict = NF_ACCEPT, .mark = 7 }));
	c = came(p);
	ASSERT_EQ(1, c.udp);
	EXPECT_EQ(0, memcmp(c.last.b, mac, 6));
	EXPECT_EQ(inet_addr(PAIR_B), frame_ip(&c.last)->daddr);

	/* to a host of ours: it comes in again */
	ASSERT_EQ(0, push(p, self->fd, 3));
	ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
	iph->daddr = inet_addr(PAIR_A);
	((struct udphdr *)(iph + 1))->dest = htons(PORT_A);
	EXPECT_EQ(0, replaced(rewrite(&packet, "mine")));
	EXPECT_EQ(0, came(p).udp);
	EXPECT_EQ(4, recv(self->fd, packet.data, 64, MSG_DONTWAIT));
}

/* Its socket is closed meanwhile: what was sent goes, what came is refused. */
TEST_F_TIMEOUT(queue, socket_gone, 300)
{
	const struct pair *p = &self->p;
	struct came c;
	unsigned int i;

	for (i = 0; i < HOOKS; i++) {
		TH_LOG("%s", at[i].name);
		ASSERT_EQ(0, rules(p, i));
		ASSERT_EQ(0, push(p, self->fd, i));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		close(self->fd);
		EXPECT_EQ(0, verdict(NF_ACCEPT));
		c = came(p);
		EXPECT_EQ(at[i].way != IN, c.udp);
		EXPECT_EQ(at[i].way == IN, c.icmp);
		self->fd = udp_in_a(p, PORT_A, 0);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, no_rules(p));
	}
}

/*
 * Its route is taken back: where it had one already, it goes that way yet;
 * where it is looked up afterwards, nowhere.
 */
TEST_F_TIMEOUT(queue, route_gone, 300)
{
	const struct pair *p = &self->p;
	struct sockaddr_in sin = sin_of("10.88.0.1", PORT_B);
	unsigned int i;
	char buf[64];

	for (i = 3; i < HOOKS; i++) {
		ASSERT_EQ(0, rules(p, i));
		ASSERT_EQ(0, pp_tool(p, "route add 10.88.0.0/16 via %s dev pa",
				     PAIR_B));
		ASSERT_EQ(4, sendto(self->fd, "data", 4, 0, (void *)&sin,
				    sizeof(sin)));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		ASSERT_EQ(0, pp_tool(p, "route del 10.88.0.0/16"));
		EXPECT_EQ(-1, sendto(self->fd, "data", 4, 0, (void *)&sin,
				     sizeof(sin)));
		EXPECT_EQ(0, verdict(NF_ACCEPT));
		EXPECT_EQ(1, came(p).udp);
		ASSERT_EQ(0, no_rules(p));
	}
	/* another address answers the marker */
	ASSERT_EQ(0, pp_tool(p, "addr add 10.77.0.9/32 dev pa"));
	ASSERT_EQ(0, rules(p, 0));
	for (i = 0; i < 2; i++) {
		struct frame f;

		frame_udp(&f, p, PORT_B, PORT_A, 4);
		frame_ip(&f)->daddr = inet_addr("10.77.0.9");
		frame_ip_csum(&f);
		close(self->fd);
		self->fd = ns_socket(p->fd_a, pp_family(), SOCK_DGRAM, 0);
		sin = sin_of("0.0.0.0", PORT_A);
		ASSERT_EQ(0, bind(self->fd, (void *)&sin, sizeof(sin)));
		ASSERT_EQ(0, frame_out(p, &f));
		ASSERT_TRUE(nfq_next(&queue, &packet, WAIT_MS));
		if (i)
			ASSERT_EQ(0, pp_tool(p, "addr del 10.77.0.9/32 dev pa"));
		EXPECT_EQ(0, verdict(NF_ACCEPT));
		came(p);
		EXPECT_EQ(i ? -1 : 4, recv(self->fd, buf, sizeof(buf),
					   MSG_DONTWAIT));
	}
}

/* One packet in the queue at each hook. */
static int fill(const struct pair *p, int fd, uint32_t ids[HOOKS])
{
	unsigned int i;

	if (rules(p, HOOKS))
		return -1;
	for (i = 0; i < HOOKS; i++) {
		if (push_port(p, fd, i, 6000 + i) ||
		    !nfq_next(&queue, &packet, WAIT_MS) ||
		    packet.hook != at[i].hook)
			return -1;
		ids[i] = packet.id;
	}
	return 0;
}

/* Detached from us, the device is still there: nothing leaves by it any more. */
TEST_F_TIMEOUT(queue, device_detached, 300)
{
	const struct pair *p = &self->p;
	uint32_t ids[HOOKS];
	unsigned int i;
	char buf[64];

	ASSERT_EQ(0, fill(p, self->fd, ids));
	ASSERT_EQ(0, pp_tool(p, "dev detach pa"));
	for (i = 0; i < HOOKS; i++) {
		packet.id = ids[i];
		EXPECT_EQ(0, verdict(NF_ACCEPT));
	}
	ASSERT_EQ(0, no_rules(p));
	/* what it had been told is lost, but for what was about to be read */
	EXPECT_EQ(4, recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_EQ(-1, recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_EQ(0, pp_tool(p, "dev attach pa"));
	ASSERT_EQ(0, pp_tool(p, "addr add %s/24 dev pa", PAIR_A));
	ASSERT_EQ(0, pp_tool(p, "neigh add %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev pa",
			     PAIR_B, p->mac_b[0], p->mac_b[1], p->mac_b[2],
			     p->mac_b[3], p->mac_b[4], p->mac_b[5]));
	EXPECT_EQ(0, came(p).udp);
	EXPECT_EQ(4, pair_stat(p, "DropLinkDown"));
	ASSERT_EQ(0, push(p, self->fd, 3));
	EXPECT_EQ(1, came(p).udp);
}

/* A device that goes takes with it what was to go by it. */
TEST_F_TIMEOUT(queue, device_gone, 300)
{
	const struct pair *p = &self->p;
	uint32_t ids[HOOKS];
	unsigned int i;

	ASSERT_EQ(0, fill(p, self->fd, ids));
	ASSERT_EQ(0, sh("timeout 60 ip -n %s link del pa", p->a));
	for (i = 0; i < HOOKS; i++) {
		packet.id = ids[i];
		EXPECT_EQ(ENOENT, verdict(NF_ACCEPT));
	}
}

/* "down" empties the queue; so does its listener's end. */
TEST_F_TIMEOUT(queue, queue_gone, 300)
{
	const struct pair *p = &self->p;
	uint32_t ids[HOOKS];
	unsigned int i;
	char buf[64];

	ASSERT_EQ(0, fill(p, self->fd, ids));
	close(queue.fd);
	queue.fd = -1;
	EXPECT_EQ(0, came(p).udp);
	EXPECT_EQ(-1, recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_EQ(0, no_rules(p));
	ASSERT_EQ(0, nfq_open(&queue, ns_socket(p->fd_a, AF_NETLINK, SOCK_RAW,
						NETLINK_NETFILTER), QUEUE, 0));
	ASSERT_EQ(0, fill(p, self->fd, ids));
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, pp_tool(p, "down"));
	for (i = 0; i < HOOKS; i++) {
		packet.id = ids[i];
		EXPECT_EQ(ENOENT, verdict(NF_ACCEPT));
	}
}

TEST_HARNESS_MAIN
