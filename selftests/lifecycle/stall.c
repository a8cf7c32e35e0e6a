// SPDX-License-Identifier: GPL-2.0
/*
 * How long a processor is not given to who should have it.
 *
 *	stall watch MS CMD...	runs CMD while a real-time process asks for the
 *				processor every millisecond; status 1 when it
 *				once waited for longer than MS, else CMD's
 *	stall spin MS		keeps the processor for MS
 *
 *	stall cast ADDR N	N broadcasts of AF_INET to the port of "shared"
 *
 * and what gives a stack much to walk over. Each says "open" and waits to be
 * killed:
 *
 *	stall sockets N		bound sockets of UDP
 *	stall shared N		the same on one port
 *	stall groups N		one socket in N groups
 *	stall connections N	N connections of the stack with itself
 *	stall scan N		a datagram each to N neighbours that are not there
 *	stall fragments ADDR N	of AF_INET: N first fragments, and one datagram
 *				in N parts of eight bytes, the last part first
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OWN	"10.77.0.1"
#define PORT	4500

static int family = AF_INET;

static int fail(const char *what)
{
	perror(what);
	return 2;
}

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static int real_time(int prio)
{
	struct sched_param p = { .sched_priority = prio };

	return sched_setscheduler(0, SCHED_FIFO, &p);
}

/* ---- watch and spin ---- */

static int watch(long limit_ms, char **cmd)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	long long t, late, worst = 0;
	int status = 0;
	pid_t pid;

	pid = fork();
	if (!pid) {
		execvp(cmd[0], cmd);
		exit(fail(cmd[0]));
	}
	if (pid < 0 || real_time(90))
		return fail("watch");
	do {
		t = now_us();
		nanosleep(&ms, NULL);
		late = now_us() - t - 1000;
		if (late > worst)
			worst = late;
	} while (!waitpid(pid, &status, WNOHANG));
	printf("waited for %lld.%03lld ms at most\n", worst / 1000,
	       worst % 1000);
	if (worst > limit_ms * 1000)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static int spin(long ms)
{
	long long end;

	if (real_time(91))
		return fail("spin");
	end = now_us() + ms * 1000;
	while (now_us() < end)
		;
	return 0;
}

/* ---- what there is much of ---- */

static int stay(void)
{
	puts("open");
	fflush(stdout);
	pause();
	return 0;
}

static struct sockaddr_in addr(in_addr_t a, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_addr.s_addr = a;
	sin.sin_port = htons(port);
	return sin;
}

static int bound(int type, in_addr_t a, int port)
{
	struct sockaddr_in sin = addr(a, port);
	int fd = socket(family, type, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on)) ||
	    bind(fd, (void *)&sin, sizeof(sin)))
		return -1;
	return fd;
}

static int sockets(int n, int port)
{
	while (n--)
		if (bound(SOCK_DGRAM, INADDR_ANY, port) < 0)
			return fail("socket");
	return stay();
}

static int cast(const char *to, int n)
{
	struct sockaddr_in dst = addr(inet_addr(to), PORT);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on,
				 sizeof(on)))
		return fail("socket");
	while (n--)
		if (sendto(fd, "x", 1, 0, (void *)&dst, sizeof(dst)) != 1)
			return fail("sendto");
	return 0;
}

static int groups(int n)
{
	struct ip_mreq mreq = { .imr_interface.s_addr = inet_addr(OWN) };
	int fd = bound(SOCK_DGRAM, INADDR_ANY, PORT);

	if (fd < 0)
		return fail("socket");
	while (n--) {
		mreq.imr_multiaddr.s_addr = htonl(0xef100000 + n);
		if (setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &mreq,
			       sizeof(mreq)))
			return fail("IP_ADD_MEMBERSHIP");
	}
	return stay();
}

static int connections(int n)
{
	struct sockaddr_in to = addr(inet_addr(OWN), PORT);
	int l = bound(SOCK_STREAM, inet_addr(OWN), PORT), c;

	if (l < 0 || listen(l, 16))
		return fail("listen");
	while (n--) {
		c = socket(family, SOCK_STREAM, 0);
		if (c < 0 || connect(c, (void *)&to, sizeof(to)) ||
		    accept(l, NULL, NULL) < 0 || send(c, "x", 1, 0) != 1)
			return fail("connect");
	}
	return stay();
}

static int scan(int n)
{
	int fd = socket(family, SOCK_DGRAM, 0);
	struct sockaddr_in to;

	while (n--) {
		to = addr(htonl(0x0a464000 + n), PORT);
		if (sendto(fd, "x", 1, 0, (void *)&to, sizeof(to)) < 0 &&
		    errno != ENOBUFS)
			return fail("sendto");
	}
	return stay();
}

/* A part of @len bytes at @at, in bytes. */
static int part(int fd, in_addr_t dst, int id, int at, bool more, int len)
{
	struct sockaddr_in to = addr(dst, 0);
	char packet[64] = { 0 };
	struct iphdr *iph = (void *)packet;

	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->protocol = IPPROTO_UDP;
	iph->id = htons(id);
	iph->frag_off = htons(at / 8 | (more ? IP_MF : 0));
	iph->daddr = dst;
	return sendto(fd, packet, sizeof(*iph) + len, 0, (void *)&to,
		      sizeof(to)) < 0 ? -1 : 0;
}

static int fragments(const char *to, int n)
{
	in_addr_t dst = inet_addr(to);
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW), i;

	if (fd < 0)
		return fail("socket");
	for (i = 1; i <= n; i++)
		if (part(fd, dst, i, 0, true, 8))
			return fail("fragment");
	/* it never becomes whole: the first is missing */
	if (n > 8000)
		n = 8000;
	for (i = n; i; i--)
		if (part(fd, dst, 65535, i * 8, i < n, 8))
			return fail("fragment");
	return stay();
}

static int find_family(void)
{
	FILE *f = fopen("/sys/module/pktpath/parameters/family", "r");

	if (!f || fscanf(f, "%d", &family) != 1)
		return -1;
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit lim = { 200000, 200000 };
	const char *what = argc > 2 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (argc > 3 && !strcmp(what, "watch"))
		return watch(n, argv + 3);
	if (!strcmp(what, "spin"))
		return spin(n);
	if (argc > 3 && !strcmp(what, "fragments"))
		return fragments(argv[2], atoi(argv[3]));
	if (argc > 3 && !strcmp(what, "cast"))
		return cast(argv[2], atoi(argv[3]));
	if (find_family() || setrlimit(RLIMIT_NOFILE, &lim))
		return fail("set-up");
	if (!strcmp(what, "sockets"))
		return sockets(n, 0);
	if (!strcmp(what, "shared"))
		return sockets(n, PORT);
	if (!strcmp(what, "groups"))
		return groups(n);
	if (!strcmp(what, "connections"))
		return connections(n);
	if (!strcmp(what, "scan"))
		return scan(n);
	fprintf(stderr, "usage: see the head of stall.c\n");
	return 2;
}
