// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic for tests that pull things away below it.
 *
 *	traffic DST PORT	sends UDP to DST until it is killed, whatever
 *				the errors; prints "ready" once it begins
 *	traffic -e ADDR		one datagram from ADDR to ADDR and back
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NSOCKS 8
#define BURST 16

static int pktpath_af(void)
{
	FILE *f = fopen("/sys/module/pktpath/parameters/family", "r");
	int af = 18;

	if (f) {
		if (fscanf(f, "%d", &af) != 1)
			af = 18;
		fclose(f);
	}
	return af;
}

static int udp_socket(void)
{
	int fd = socket(pktpath_af(), SOCK_DGRAM, 0);

	if (fd < 0) {
		perror("socket");
		exit(1);
	}
	return fd;
}

static struct sockaddr_in addr_of(const char *text, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_port = htons(port);
	if (inet_pton(AF_INET, text, &sin.sin_addr) != 1) {
		fprintf(stderr, "not an address: %s\n", text);
		exit(2);
	}
	return sin;
}

static void flood(const char *dst, int port)
{
	struct sockaddr_in sin = addr_of(dst, port);
	int fd[NSOCKS], i, j;
	char buf[1400] = { 0 };

	for (i = 0; i < NSOCKS; i++) {
		fd[i] = udp_socket();
		fcntl(fd[i], F_SETFL, O_NONBLOCK);
		/* Half of them connected, with a cached route. */
		if (i & 1)
			connect(fd[i], (void *)&sin, sizeof(sin));
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		for (j = 0; j < BURST; j++) {
			i = j % NSOCKS;
			sendto(fd[i], buf, j & 4 ? 1400 : 64, 0, (void *)&sin,
			       sizeof(sin));
			while (recv(fd[i], buf, sizeof(buf), 0) > 0)
				;
		}
		poll(NULL, 0, 10);
	}
}

static int echo_once(const char *text)
{
	struct sockaddr_in sin = addr_of(text, 0), from;
	int a = udp_socket(), b = udp_socket();
	socklen_t len = sizeof(sin);
	struct pollfd p = { .fd = b, .events = POLLIN };
	char buf[8];

	if (bind(b, (void *)&sin, sizeof(sin)) ||
	    getsockname(b, (void *)&sin, &len)) {
		perror("bind");
		return 1;
	}
	sin.sin_family = AF_INET;
	if (connect(a, (void *)&sin, sizeof(sin)) || send(a, "ping", 4, 0) != 4) {
		perror("send");
		return 1;
	}
	len = sizeof(from);
	if (poll(&p, 1, 30000) != 1 ||
	    recvfrom(b, buf, sizeof(buf), 0, (void *)&from, &len) != 4) {
		fprintf(stderr, "nothing received\n");
		return 1;
	}
	from.sin_family = AF_INET;
	p.fd = a;
	if (sendto(b, "pong", 4, 0, (void *)&from, sizeof(from)) != 4 ||
	    poll(&p, 1, 30000) != 1 || recv(a, buf, sizeof(buf), 0) != 4) {
		fprintf(stderr, "no answer\n");
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "-e"))
		return echo_once(argv[2]);
	if (argc == 3)
		flood(argv[1], atoi(argv[2]));
	fprintf(stderr, "usage: traffic DST PORT | traffic -e ADDR\n");
	return 2;
}
