// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic whose order and content are known, for fault.sh; both ends in one
 * process, on AF_PKTPATH.
 *
 *   hop udp ADDR PORT N WANT	N numbered datagrams; prints those that came,
 *				in the order in which they did, when WANT have,
 *				and for 200 ms no more
 *   hop wait ADDR PORT N WANT	the same; before each number the ms since it was
 *				sent
 *   hop send ADDR PORT N WANT	N datagrams that nobody here receives; WANT
 *				send() succeed at least
 *   hop tcp ADDR PORT N WANT	N bytes, looked at one by one; prints how many
 *				came
 *
 * What send() says other than success is printed as -ERRNO.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/pktpath.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOP_SIZE	512
#define HOP_BOUND	30000	/* ms */
#define HOP_QUIET	200

struct hop {
	unsigned int seq;
	long long sent;		/* ns */
	unsigned char fill[HOP_SIZE - 16];
};

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static int make(int type)
{
	struct timeval tv = { HOP_BOUND / 1000, 0 };
	int fd = socket(AF_PKTPATH, type, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	return fd;
}

static unsigned char byte_at(unsigned int i)
{
	return i * 7 + (i >> 8);
}

static int send_all(int out, int n)
{
	struct hop h = {};
	int i, sent = 0;
	unsigned int k;

	for (k = 0; k < sizeof(h.fill); k++)
		h.fill[k] = byte_at(k);
	for (i = 1; i <= n; i++) {
		h.seq = i;
		h.sent = now();
		if (send(out, &h, sizeof(h), 0) == sizeof(h))
			sent++;
		else
			printf("-%d ", errno);
	}
	return sent;
}

static bool hop_ok(const struct hop *h, int len)
{
	unsigned int k;

	for (k = 0; k < sizeof(h->fill); k++)
		if (h->fill[k] != byte_at(k))
			return false;
	return len == sizeof(*h);
}

static int receive_all(int in, int want, bool times)
{
	struct pollfd p = { .fd = in, .events = POLLIN };
	struct hop h;
	int got = 0, r;

	while (poll(&p, 1, got < want ? HOP_BOUND : HOP_QUIET) > 0) {
		r = recv(in, &h, sizeof(h), MSG_DONTWAIT);
		/* a checksum that was found wrong late */
		if (r < 0)
			continue;
		if (times)
			printf("%lld:", (now() - h.sent) / 1000000);
		printf(hop_ok(&h, r) ? "%u " : "%u? ", h.seq);
		got++;
	}
	putchar('\n');
	return got < want;
}

static int stream_read(int in, unsigned int n)
{
	static unsigned char buf[65536];
	unsigned int got = 0;
	int i, r;

	while (got < n) {
		r = recv(in, buf, sizeof(buf), 0);
		if (r <= 0)
			err(1, "recv after %u", got);
		for (i = 0; i < r; i++)
			if (buf[i] != byte_at(got + i))
				errx(1, "byte %u is wrong", got + i);
		got += r;
	}
	printf("%u\n", got);
	return 0;
}

static int stream_write(int out, unsigned int n)
{
	static unsigned char buf[65536];
	unsigned int done = 0, i, len;
	int r;

	while (done < n) {
		len = n - done < sizeof(buf) ? n - done : sizeof(buf);
		for (i = 0; i < len; i++)
			buf[i] = byte_at(done + i);
		r = send(out, buf, len, 0);
		if (r <= 0)
			err(1, "send after %u", done);
		done += r;
	}
	return 0;
}

static int stream(int in, int out, unsigned int n)
{
	int status, r;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(stream_write(out, n));
	close(out);
	in = accept(in, NULL, NULL);
	if (in < 0)
		err(1, "accept");
	r = stream_read(in, n);
	return waitpid(pid, &status, 0) != pid || status || r;
}

int main(int argc, char **argv)
{
	struct sockaddr_in sin = { .sin_family = AF_PKTPATH };
	int type, in, out, n, want;

	if (argc != 6)
		errx(2, "usage: hop udp|wait|send|tcp ADDR PORT N WANT");
	type = strcmp(argv[1], "tcp") ? SOCK_DGRAM : SOCK_STREAM;
	inet_pton(AF_INET, argv[2], &sin.sin_addr);
	sin.sin_port = htons(atoi(argv[3]));
	n = atoi(argv[4]);
	want = atoi(argv[5]);
	in = make(type);
	if (strcmp(argv[1], "send") && bind(in, (void *)&sin, sizeof(sin)))
		err(1, "bind");
	if (type == SOCK_STREAM && listen(in, 1))
		err(1, "listen");
	out = make(type);
	if (connect(out, (void *)&sin, sizeof(sin)))
		err(1, "connect");
	if (type == SOCK_STREAM)
		return stream(in, out, n);
	n = send_all(out, n);
	if (!strcmp(argv[1], "send"))
		return n < want;
	return receive_all(in, want, !strcmp(argv[1], "wait"));
}
