// SPDX-License-Identifier: GPL-2.0
/*
 * One workload, timed: prints "ns_per_op" as one number. In a guest whose
 * clock counts instructions (scripts/bench) the number is instructions.
 *
 * usage: bench FAMILY OP [key=value ...]
 *   FAMILY  inet | pktpath
 *   OP      raw   a frame of size= bytes through AF_PACKET to dev=, in netns
 *                 peer= if there is one
 *           tx    send() on a connected UDP socket to dst=:port=
 *           txu   sendto() on an unconnected one
 *           look  the same to dsts= networks in turn, step= networks of 256
 *                 apart, all refused by a route (EHOSTUNREACH); with port=0
 *                 refused before a route is looked for (EINVAL)
 *           rx    a frame through AF_PACKET on peerdev= in netns peer=, then
 *                 recv(): the cost of "raw" into a veth is part of it
 *           rr    1 byte to an AF_INET echo in netns peer= and back
 *   keys    size, count, dst, src, port, dev, mac, peer, peerdev, socks, dsts,
 *           step
 * socks= opens that many further UDP sockets of FAMILY bound to 127/8.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include "perf.h"

#define WARMUP 300
#define ROUNDS 3

struct conf {
	int family;
	unsigned int size, count, socks, dsts, step;
	uint16_t port;
	struct in_addr dst, src;
	const char *dev, *mac, *peer, *peerdev;
};

struct work {
	int tx, rx, echo;
	size_t len;
	struct sockaddr_in to;
	uint32_t first, turn, dsts, step;
	int refusal;
	uint8_t buf[65536], in[65536];
};

static int udp_socket(int family)
{
	int fd = socket(family, SOCK_DGRAM, 0);

	if (fd < 0)
		die("socket(%d)", family);
	return fd;
}

static void udp_bind(int fd, struct in_addr addr, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = addr,
				   .sin_port = htons(port) };

	if (bind(fd, (void *)&sin, sizeof(sin)))
		die("bind %s:%u", inet_ntoa(addr), port);
}

static void open_many(const struct conf *c)
{
	struct in_addr addr;
	unsigned int i;

	if (!c->socks)
		return;
	fds_allow(c->socks);
	for (i = 0; i < c->socks; i++) {
		addr.s_addr = htonl(0x7f010000 + i / 50000);
		udp_bind(udp_socket(c->family), addr, 10000 + i % 50000);
	}
}

static int packet_socket(const char *dev)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	ll.sll_ifindex = if_nametoindex(dev);
	if (fd < 0 || !ll.sll_ifindex ||
	    bind(fd, (void *)&ll, sizeof(ll)))
		die("packet socket on %s", dev);
	return fd;
}

static uint16_t ip_sum(const uint8_t *p, size_t n)
{
	uint32_t s = 0;

	for (; n > 1; n -= 2, p += 2)
		s += p[0] << 8 | p[1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s;
}

/* An Ethernet frame with a UDP datagram of c->size bytes, no UDP checksum. */
static size_t build_frame(const struct conf *c, uint8_t *p)
{
	struct iphdr *ip = (void *)(p + ETH_HLEN);
	struct udphdr *uh = (void *)(ip + 1);
	unsigned int m[6];
	int i;

	memset(p, 0, ETH_HLEN + sizeof(*ip) + sizeof(*uh) + c->size);
	if (c->mac && sscanf(c->mac, "%x:%x:%x:%x:%x:%x", m, m + 1, m + 2,
			     m + 3, m + 4, m + 5) == 6)
		for (i = 0; i < 6; i++)
			p[i] = m[i];
	p[6] = 2;
	p[12] = 8;
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_UDP;
	ip->tot_len = htons(sizeof(*ip) + sizeof(*uh) + c->size);
	ip->saddr = c->src.s_addr;
	ip->daddr = c->dst.s_addr;
	ip->check = htons(ip_sum((void *)ip, sizeof(*ip)));
	uh->source = htons(7777);
	uh->dest = htons(c->port);
	uh->len = htons(sizeof(*uh) + c->size);
	return ETH_HLEN + sizeof(*ip) + sizeof(*uh) + c->size;
}

static void op_raw(struct work *w)
{
	if (send(w->tx, w->buf, w->len, 0) != (ssize_t)w->len)
		die("raw send");
}

static void op_tx(struct work *w)
{
	if (send(w->tx, w->buf, w->len, 0) != (ssize_t)w->len)
		die("send");
}

static void op_txu(struct work *w)
{
	if (sendto(w->tx, w->buf, w->len, 0, (void *)&w->to,
		   sizeof(w->to)) != (ssize_t)w->len)
		die("sendto");
}

/* 7919 is prime: every network, far from the last one. */
static void op_look(struct work *w)
{
	w->turn = (w->turn + 7919) % w->dsts;
	w->to.sin_addr.s_addr = htonl(w->first + (w->turn * w->step << 8));
	if (sendto(w->tx, w->buf, w->len, 0, (void *)&w->to,
		   sizeof(w->to)) >= 0 || errno != w->refusal)
		die("sendto %s", inet_ntoa(w->to.sin_addr));
}

static void op_rx(struct work *w)
{
	op_raw(w);
	if (recv(w->rx, w->in, sizeof(w->in), 0) < 0)
		die("recv");
}

static void op_rr(struct work *w)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	op_tx(w);
	if (recvfrom(w->echo, w->in, sizeof(w->in), 0, (void *)&from,
		     &len) != (ssize_t)w->len)
		die("echo recv");
	if (sendto(w->echo, w->in, w->len, 0, (void *)&from, len) !=
	    (ssize_t)w->len)
		die("echo send");
	if (recv(w->tx, w->in, sizeof(w->in), 0) != (ssize_t)w->len)
		die("recv");
}

static void (*setup(const struct conf *c, const char *op,
		    struct work *w))(struct work *w)
{
	struct timeval tv = { .tv_sec = 5 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = c->dst,
				  .sin_port = htons(c->port) };

	w->len = c->size;
	w->to = to;
	if (!strcmp(op, "raw")) {
		if (c->peer)
			netns_set(c->peer);
		w->tx = packet_socket(c->dev);
		w->len = build_frame(c, w->buf);
		return op_raw;
	}
	open_many(c);
	if (!strcmp(op, "rx")) {
		w->rx = udp_socket(c->family);
		udp_bind(w->rx, c->dst, c->port);
		setsockopt(w->rx, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		netns_set(c->peer);
		w->tx = packet_socket(c->peerdev);
		w->len = build_frame(c, w->buf);
		return op_rx;
	}
	w->tx = udp_socket(c->family);
	setsockopt(w->tx, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (!strcmp(op, "txu"))
		return op_txu;
	if (!strcmp(op, "look")) {
		w->first = ntohl(c->dst.s_addr);
		w->dsts = c->dsts;
		w->step = c->step;
		w->refusal = c->port ? EHOSTUNREACH : EINVAL;
		return op_look;
	}
	if (connect(w->tx, (void *)&to, sizeof(to)))
		die("connect");
	if (!strcmp(op, "tx"))
		return op_tx;
	if (strcmp(op, "rr"))
		die("unknown operation %s", op);
	netns_set(c->peer);
	w->echo = udp_socket(AF_INET);
	udp_bind(w->echo, c->dst, c->port);
	setsockopt(w->echo, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return op_rr;
}

static void parse(struct conf *c, char *word)
{
	char *v = strchr(word, '=');

	if (!v)
		die("%s has no value", word);
	*v++ = '\0';
	if (!strcmp(word, "size"))
		c->size = atoi(v);
	else if (!strcmp(word, "count"))
		c->count = atoi(v);
	else if (!strcmp(word, "socks"))
		c->socks = atoi(v);
	else if (!strcmp(word, "dsts"))
		c->dsts = atoi(v);
	else if (!strcmp(word, "step"))
		c->step = atoi(v);
	else if (!strcmp(word, "port"))
		c->port = atoi(v);
	else if (!strcmp(word, "dst"))
		inet_aton(v, &c->dst);
	else if (!strcmp(word, "src"))
		inet_aton(v, &c->src);
	else if (!strcmp(word, "dev"))
		c->dev = v;
	else if (!strcmp(word, "mac"))
		c->mac = v;
	else if (!strcmp(word, "peer"))
		c->peer = v;
	else if (!strcmp(word, "peerdev"))
		c->peerdev = v;
	else
		die("unknown key %s", word);
}

int main(int argc, char **argv)
{
	struct conf c = { .size = 64, .count = 1000, .port = 9, .dsts = 1,
			  .step = 1 };
	void (*op)(struct work *w);
	static struct work w;
	uint64_t t, best = ~0ull;
	unsigned int i, r;

	if (argc < 3)
		die("usage: bench FAMILY OP [key=value ...]");
	c.family = family_of(argv[1]);
	for (i = 3; i < (unsigned int)argc; i++)
		parse(&c, argv[i]);
	if (c.size > 60000 || !c.count || !c.dsts)
		die("size or count out of range");
	op = setup(&c, argv[2], &w);
	for (i = 0; i < WARMUP; i++)
		op(&w);
	for (r = 0; r < ROUNDS; r++) {
		t = now_ns();
		for (i = 0; i < c.count; i++)
			op(&w);
		t = now_ns() - t;
		if (t < best)
			best = t;
	}
	printf("%.0f\n", (double)best / c.count);
	return 0;
}
