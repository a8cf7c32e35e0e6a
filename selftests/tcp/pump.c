// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a TCP stream of known content, for the shell tests.
 *
 * usage: pump FAMILY listen A PORT send|recv|echo|hold BYTES
 *        pump FAMILY connect A PORT send|recv|ping|push BYTES [CHUNK]
 * FAMILY inet or pktpath. send: BYTES of the pattern, then FIN, then waits for
 * the peer's FIN and says how many ms it took. recv: checks the pattern until
 * FIN and that it was BYTES.
 * echo and ping: each piece comes back and is compared. push: sends and keeps
 * the connection until the peer ends it; hold: takes as much, says "held" and
 * waits to be killed. PUMP_CC names a congestion control. "listen" takes one
 * connection and prints "ready" once it listens. A stream that stands still for
 * two minutes has failed. Exit status 0 all was right.
 * Static, so that it also stands for programs that no library can change.
 */
/* LIBS: -static */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint8_t buf[65536], want[65536];

static int fail(const char *what)
{
	fprintf(stderr, "pump: %s: %s\n", what, strerror(errno));
	return 1;
}

static int family_of(const char *name)
{
	FILE *f;
	int v = -1;

	if (!strcmp(name, "inet"))
		return AF_INET;
	f = fopen("/sys/module/pktpath/parameters/family", "r");
	if (!f)
		return -1;
	if (fscanf(f, "%d", &v) != 1)
		v = -1;
	fclose(f);
	return v;
}

/* Byte at a place of the stream: no period that a segment could hide in. */
static void pattern(uint8_t *p, uint64_t at, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++, at++)
		p[i] = (uint8_t)((at * 2654435761u) >> 13 ^ at);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static int do_send(int fd, uint64_t total, size_t chunk)
{
	uint64_t done = 0, start = now_ms();

	while (done < total) {
		size_t n = total - done < chunk ? total - done : chunk;
		ssize_t r;

		pattern(buf, done, n);
		r = send(fd, buf, n, MSG_NOSIGNAL);
		if (r <= 0)
			return fail("send");
		done += r;
	}
	if (shutdown(fd, SHUT_WR))
		return fail("shutdown");
	if (recv(fd, buf, 1, 0) != 0)
		return fail("the peer's end");
	printf("took %llu\n", (unsigned long long)(now_ms() - start));
	return 0;
}

static int do_recv(int fd, uint64_t total)
{
	uint64_t done = 0;
	ssize_t r;

	while ((r = recv(fd, buf, sizeof(buf), 0)) > 0) {
		pattern(want, done, r);
		if (memcmp(buf, want, r)) {
			fprintf(stderr, "pump: wrong bytes behind %llu\n",
				(unsigned long long)done);
			return 1;
		}
		done += r;
	}
	if (r < 0)
		return fail("recv");
	if (done != total) {
		fprintf(stderr, "pump: %llu of %llu bytes came\n",
			(unsigned long long)done, (unsigned long long)total);
		return 1;
	}
	return 0;
}

static int do_echo(int fd)
{
	ssize_t r;

	while ((r = recv(fd, buf, sizeof(buf), 0)) > 0)
		if (send(fd, buf, r, MSG_NOSIGNAL) != r)
			return fail("echo");
	return r < 0 ? fail("recv") : 0;
}

static int do_ping(int fd, uint64_t total, size_t chunk)
{
	uint64_t done;

	for (done = 0; done < total; done += chunk) {
		pattern(buf, done, chunk);
		memcpy(want, buf, chunk);
		if (send(fd, buf, chunk, MSG_NOSIGNAL) != (ssize_t)chunk)
			return fail("send");
		if (recv(fd, buf, chunk, MSG_WAITALL) != (ssize_t)chunk)
			return fail("recv");
		if (memcmp(buf, want, chunk)) {
			fprintf(stderr, "pump: the echo differs\n");
			return 1;
		}
	}
	return 0;
}

static int do_push(int fd, uint64_t total, size_t chunk)
{
	uint64_t done = 0;

	while (done < total) {
		size_t n = total - done < chunk ? total - done : chunk;
		ssize_t r;

		pattern(buf, done, n);
		r = send(fd, buf, n, MSG_NOSIGNAL);
		if (r <= 0)
			return fail("send");
		done += r;
	}
	return recv(fd, buf, 1, 0) > 0;
}

static int do_hold(int fd, uint64_t total)
{
	uint64_t done = 0;
	ssize_t r = 1;

	while (done < total && (r = recv(fd, buf, sizeof(buf), 0)) > 0)
		done += r;
	if (r <= 0)
		return fail("recv");
	printf("held\n");
	fflush(stdout);
	pause();
	return 0;
}

static int work(int fd, const char *what, uint64_t total, size_t chunk)
{
	struct timeval stall = { .tv_sec = 120 };
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (strcmp(what, "hold") && strcmp(what, "push")) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof(stall));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &stall, sizeof(stall));
	}
	if (!strcmp(what, "send"))
		return do_send(fd, total, chunk);
	if (!strcmp(what, "recv"))
		return do_recv(fd, total);
	if (!strcmp(what, "echo"))
		return do_echo(fd);
	if (!strcmp(what, "hold"))
		return do_hold(fd, total);
	if (!strcmp(what, "push"))
		return do_push(fd, total, chunk);
	return do_ping(fd, total, chunk);
}

int main(int argc, char **argv)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	size_t chunk = sizeof(buf);
	int fd, c, one = 1;

	if (argc < 7)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	fd = socket(family_of(argv[1]), SOCK_STREAM, 0);
	if (fd < 0)
		return fail("socket");
	if (getenv("PUMP_CC") &&
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, getenv("PUMP_CC"),
		       strlen(getenv("PUMP_CC"))))
		return fail("congestion control");
	inet_aton(argv[3], &sin.sin_addr);
	sin.sin_port = htons(atoi(argv[4]));
	if (argc > 7 && atoi(argv[7]) > 0 && atoi(argv[7]) <= (int)chunk)
		chunk = atoi(argv[7]);
	if (!strcmp(argv[2], "connect")) {
		if (connect(fd, (void *)&sin, sizeof(sin)))
			return fail("connect");
		c = fd;
	} else {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(fd, (void *)&sin, sizeof(sin)) || listen(fd, 8))
			return fail("listen");
		printf("ready\n");
		fflush(stdout);
		c = accept(fd, NULL, NULL);
		if (c < 0)
			return fail("accept");
		close(fd);
	}
	fd = work(c, argv[5], strtoull(argv[6], NULL, 0), chunk);
	close(c);
	return fd;
}
