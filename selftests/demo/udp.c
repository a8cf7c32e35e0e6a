// SPDX-License-Identifier: GPL-2.0
/*
 * A UDP echo server on AF_INET and a client on AF_PKTPATH, for the demo.
 *
 * usage: udp_demo serve A PORT         AF_INET, runs until killed
 *        udp_demo wait NETNS A PORT    until the server has bound its port
 *        udp_demo ask A PORT N         N requests over AF_PKTPATH
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "udp_demo: %s: %s\n", what, strerror(errno));
	return 1;
}

static int family(void)
{
	FILE *f = fopen("/sys/module/pktpath/parameters/family", "r");
	int v = -1;

	if (f) {
		if (fscanf(f, "%d", &v) != 1)
			v = -1;
		fclose(f);
	}
	return v;
}

static struct sockaddr_in address(const char *a, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	inet_aton(a, &sin.sin_addr);
	sin.sin_port = htons(atoi(port));
	return sin;
}

static int serve(const char *a, const char *port)
{
	struct sockaddr_in sin = address(a, port), from;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char buf[2048];
	socklen_t len;
	ssize_t n;

	if (fd < 0 || bind(fd, (void *)&sin, sizeof(sin)))
		return fail("bind");
	for (;;) {
		len = sizeof(from);
		n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len);
		if (n >= 0)
			sendto(fd, buf, n, 0, (void *)&from, len);
	}
}

/* The port is taken in that netns as soon as bind() there says so. */
static int wait_bound(const char *netns, const char *a, const char *port)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	struct sockaddr_in sin = address(a, port);
	char path[128];
	int i, fd;

	snprintf(path, sizeof(path), "/var/run/netns/%s", netns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		return fail(netns);
	for (i = 0; i < 500; i++) {
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		if (bind(fd, (void *)&sin, sizeof(sin)) &&
		    errno == EADDRINUSE)
			return 0;
		close(fd);
		nanosleep(&pause, NULL);
	}
	errno = ETIMEDOUT;
	return fail("the server");
}

static int ask(const char *a, const char *port, int count)
{
	struct sockaddr_in sin = address(a, port);
	struct timeval tv = { .tv_sec = 10 };
	int fd = socket(family(), SOCK_DGRAM, 0), i;
	char out[64], in[64];

	if (fd < 0)
		return fail("socket(AF_PKTPATH)");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (connect(fd, (void *)&sin, sizeof(sin)))
		return fail("connect");
	for (i = 0; i < count; i++) {
		snprintf(out, sizeof(out), "request %d", i);
		if (send(fd, out, sizeof(out), 0) != sizeof(out))
			return fail("send");
		if (recv(fd, in, sizeof(in), 0) != sizeof(in))
			return fail("recv");
		if (memcmp(out, in, sizeof(in))) {
			fprintf(stderr, "udp_demo: the answer differs\n");
			return 1;
		}
	}
	printf("%d of %d requests answered\n", i, count);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "wait"))
		return wait_bound(argv[2], argv[3], argv[4]);
	if (argc == 5 && !strcmp(argv[1], "ask"))
		return ask(argv[2], argv[3], atoi(argv[4]));
	fprintf(stderr, "usage: udp_demo serve|wait|ask ...\n");
	return 2;
}
