// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams for the tests of devices.
 *
 *	udp echo pktpath|inet PORT	sends back what comes, until killed
 *	udp ask pktpath|inet A PORT [MARK]
 *					asks A until it answers, at most 30 s;
 *					with this SO_MARK
 *	udp many pktpath|inet A PORT N	N datagrams of all lengths, each
 *					compared with its echo; one that does
 *					not come back within 2 s is sent anew
 *	udp tun NAME A			makes the tun device NAME and plays the
 *					hosts behind it: answers echo requests
 *					and UDP, asks A itself; says "up", and
 *					"answered" when A answered its echo
 *					request and its datagram to port 9
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TRIES 60

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int family(const char *name)
{
	FILE *f;
	int v = 18;

	if (!strcmp(name, "inet"))
		return AF_INET;
	f = fopen("/sys/module/pktpath/parameters/family", "r");
	if (f && fscanf(f, "%d", &v) != 1)
		v = 18;
	if (f)
		fclose(f);
	return v;
}

static int echo(const char *af, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET }, from;
	int fd = socket(family(af), SOCK_DGRAM, 0);
	static char buf[65536];
	socklen_t len;
	ssize_t n;

	sin.sin_port = htons(atoi(port));
	if (fd < 0 || bind(fd, (void *)&sin, sizeof(sin)))
		return fail("bind");
	puts("up");
	fflush(stdout);
	for (;;) {
		len = sizeof(from);
		n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len);
		if (n >= 0)
			sendto(fd, buf, n, 0, (void *)&from, len);
	}
}

static int ask(const char *af, const char *addr, const char *port,
	       const char *mark)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(family(af), SOCK_DGRAM, 0), i, v;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	static char out[1200], in[1200];

	inet_pton(AF_INET, addr, &sin.sin_addr);
	sin.sin_port = htons(atoi(port));
	if (fd < 0)
		return fail("socket");
	v = mark ? atoi(mark) : 0;
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &v, sizeof(v)))
		return fail("SO_MARK");
	for (i = 0; i < TRIES; i++) {
		snprintf(out, sizeof(out), "question %d of %d", i, getpid());
		sendto(fd, out, sizeof(out), 0, (void *)&sin, sizeof(sin));
		while (poll(&p, 1, 500) == 1) {
			if (recv(fd, in, sizeof(in), 0) == sizeof(in) &&
			    !memcmp(in, out, sizeof(in)))
				return 0;
		}
	}
	fprintf(stderr, "no answer\n");
	return 1;
}

/* Lengths from a byte to the longest, most of them of one packet. */
static int many(const char *af, const char *addr, const char *port, int n)
{
	static const unsigned int most[] = { 64, 1472, 1473, 9000, 65507 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(family(af), SOCK_DGRAM, 0), i, tries;
	static uint32_t out[65536 / 4], in[65536 / 4];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len, j;
	ssize_t got;

	inet_pton(AF_INET, addr, &sin.sin_addr);
	sin.sin_port = htons(atoi(port));
	if (fd < 0 || connect(fd, (void *)&sin, sizeof(sin)))
		return fail("connect");
	for (i = 0; i < n; i++) {
		len = i % 7 ? most[i % 5] - i % 5 : (size_t)(i * 8) % 65507 + 1;
		for (j = 0; j < sizeof(out) / 4; j++)
			out[j] = (uint32_t)(i * 2654435761u + j * 40503u);
		for (tries = 0; tries < TRIES; tries++) {
			got = 0;
			if (send(fd, out, len, 0) < 0)
				continue;
			/* an earlier one may come late */
			while (got >= 0 && got != (ssize_t)len &&
			       poll(&p, 1, 2000) == 1)
				got = recv(fd, in, sizeof(in), 0);
			if (got == (ssize_t)len)
				break;
		}
		if (tries == TRIES || memcmp(in, out, len)) {
			fprintf(stderr, "datagram %d of %zu bytes: %s\n", i, len,
				tries == TRIES ? "lost" : "not as it was sent");
			return 1;
		}
	}
	return 0;
}

static uint16_t sum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t s = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		s += p[i] << 8 | p[i + 1];
	if (len & 1)
		s += p[len - 1] << 8;
	s = (s & 0xffff) + (s >> 16);
	s += s >> 16;
	return htons(~s);
}

static int tun_open(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		return -1;
	return fd;
}

/* The packet goes back to where it came from. */
static void tun_turn(int fd, uint8_t *b, size_t n, size_t hl)
{
	struct icmphdr *ih = (void *)(b + hl);
	struct udphdr *uh = (void *)(b + hl);
	struct iphdr *ip = (void *)b;
	uint32_t addr = ip->saddr;
	uint16_t port = uh->source;

	ip->saddr = ip->daddr;
	ip->daddr = addr;
	if (ip->protocol == IPPROTO_UDP) {
		uh->source = uh->dest;
		uh->dest = port;
		uh->check = 0;
	} else {
		ih->type = ICMP_ECHOREPLY;
		ih->checksum = 0;
		ih->checksum = sum(ih, n - hl);
	}
	if (write(fd, b, n) < 0)
		perror("write");
}

/* An echo request, or a datagram to port 9, from 10.77.0.2. */
static void tun_ask(int fd, const char *addr, uint8_t protocol)
{
	uint8_t b[48] = { 0 };
	struct icmphdr *ih = (void *)(b + 20);
	struct udphdr *uh = (void *)(b + 20);
	struct iphdr *ip = (void *)b;

	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(sizeof(b));
	ip->ttl = 64;
	ip->protocol = protocol;
	inet_pton(AF_INET, "10.77.0.2", &ip->saddr);
	inet_pton(AF_INET, addr, &ip->daddr);
	ip->check = sum(ip, 20);
	if (protocol == IPPROTO_UDP) {
		uh->source = htons(4000);
		uh->dest = htons(9);
		uh->len = htons(sizeof(b) - 20);
	} else {
		ih->type = ICMP_ECHO;
		ih->checksum = sum(ih, sizeof(b) - 20);
	}
	/* a device that is down refuses */
	if (write(fd, b, sizeof(b)) < 0 && errno != EIO)
		perror("write");
}

static int tun(const char *name, const char *addr)
{
	int fd = tun_open(name), got = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	static uint8_t b[65536];
	struct iphdr *ip = (void *)b;
	time_t last = 0;
	size_t hl;
	ssize_t n;

	if (fd < 0)
		return fail("tun");
	puts("up");
	fflush(stdout);
	for (;;) {
		if (time(NULL) != last) {
			last = time(NULL);
			tun_ask(fd, addr, IPPROTO_ICMP);
			tun_ask(fd, addr, IPPROTO_UDP);
		}
		if (poll(&p, 1, 200) != 1)
			continue;
		n = read(fd, b, sizeof(b));
		hl = ip->ihl * 4;
		if (n < 28 || ip->version != 4 || (size_t)n < hl + 8)
			continue;
		if (ip->protocol == IPPROTO_ICMP && b[hl] == ICMP_ECHOREPLY)
			got |= 1;
		else if (ip->protocol == IPPROTO_UDP &&
			 ((struct udphdr *)(b + hl))->dest == htons(4000))
			got |= 2;
		else if (ip->protocol == IPPROTO_UDP ||
			 (ip->protocol == IPPROTO_ICMP && b[hl] == ICMP_ECHO))
			tun_turn(fd, b, n, hl);
		if (got == 3) {
			puts("answered");
			fflush(stdout);
			got = 0;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "echo"))
		return echo(argv[2], argv[3]);
	if ((argc == 5 || argc == 6) && !strcmp(argv[1], "ask"))
		return ask(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 6 && !strcmp(argv[1], "many"))
		return many(argv[2], argv[3], argv[4], atoi(argv[5]));
	if (argc == 4 && !strcmp(argv[1], "tun"))
		return tun(argv[2], argv[3]);
	fprintf(stderr, "usage: udp echo|ask|many|tun ARG...\n");
	return 2;
}
