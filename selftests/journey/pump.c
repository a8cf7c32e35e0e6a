// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic with stamps of its own, for journey.sh; both ends in one process.
 *
 *   pump udp|lossy|tcp|send|raw|flood ADDR PORT N SIZE
 *
 * For each message "T0 T1": CLOCK_MONOTONIC in ns before send() and after
 * recv(). "lossy" is udp where some are lost, "send" sends datagrams that nobody
 * here receives, "raw" likewise by a raw socket of TCP's number; "flood"
 * receives what comes without waiting for it, and prints how many came.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/pktpath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buf[65536];
static int lossy;

static unsigned long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int make(int type, struct timeval tv)
{
	int fd = socket(AF_PKTPATH, type, type == SOCK_RAW ? IPPROTO_TCP : 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

/* Takes what is there. */
static int drain(int in, int flags)
{
	int n = 0;

	while (recv(in, buf, sizeof(buf), flags) > 0)
		n++;
	return n;
}

static int flood(int out, int in, int n, int size)
{
	struct timeval tv = { 0, 200000 };
	int got = 0;

	while (n--) {
		/* a loss in the device's queue may be told */
		if (send(out, buf, size, 0) != size && errno != ENOBUFS)
			err(1, "send");
		got += drain(in, MSG_DONTWAIT);
	}
	setsockopt(in, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	printf("%d\n", got + drain(in, 0));
	return 0;
}

static void ping(int out, int in, int size)
{
	unsigned long long t0 = now();
	int got, r;

	if (send(out, buf, size, 0) != size && errno != ENOBUFS)
		err(1, "send");
	for (got = 0; in >= 0 && got < size; got += r) {
		r = recv(in, buf, sizeof(buf), 0);
		if (r < 0 && errno == EAGAIN && lossy)
			return;
		if (r <= 0)
			err(1, "recv");
	}
	printf("%llu %llu\n", t0, now());
}

int main(int argc, char **argv)
{
	struct timeval wait = { 30, 0 };
	struct sockaddr_in sin = { .sin_family = AF_PKTPATH };
	int type, in = -1, out, n, size;

	if (argc != 6)
		errx(2, "usage: pump udp|lossy|tcp|send|raw|flood ADDR PORT N SIZE");
	type = !strcmp(argv[1], "tcp") ? SOCK_STREAM :
	       !strcmp(argv[1], "raw") ? SOCK_RAW : SOCK_DGRAM;
	lossy = !strcmp(argv[1], "lossy");
	if (lossy)
		wait = (struct timeval){ 0, 20000 };
	inet_pton(AF_INET, argv[2], &sin.sin_addr);
	sin.sin_port = htons(atoi(argv[3]));
	n = atoi(argv[4]);
	size = atoi(argv[5]);
	if (strcmp(argv[1], "send") && type != SOCK_RAW) {
		in = make(type, wait);
		if (bind(in, (void *)&sin, sizeof(sin)))
			err(1, "bind");
		if (type == SOCK_STREAM && listen(in, 1))
			err(1, "listen");
	}
	out = make(type, wait);
	if (connect(out, (void *)&sin, sizeof(sin)))
		err(1, "connect");
	if (type == SOCK_STREAM)
		in = accept(in, NULL, NULL);
	if (!strcmp(argv[1], "flood"))
		return flood(out, in, n, size);
	while (n--)
		ping(out, in, size);
	return 0;
}
