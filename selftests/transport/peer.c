// SPDX-License-Identifier: GPL-2.0
/*
 * Programs on a transport of another module; see rr.sh.
 *
 *	peer PROTOCOL serve ADDR PORT N	answers N requests by "re:REQUEST"
 *	peer PROTOCOL ask ADDR PORT N		asks N times, checks the answers
 *	peer PROTOCOL one ADDR PORT		one request, says how it ended
 *	peer PROTOCOL many ADDR PORT N		the same from each of N sockets
 *	peer PROTOCOL member GROUP PORT OWN [BLOCKED]
 *						answers one request to a group
 *	peer PROTOCOL tell GROUP PORT OWN [LOOP]
 *						one request to it, from OWN
 *	peer PROTOCOL error ADDR PORT		one request, whose ICMP error comes
 *						while a call holds the socket
 *	peer PROTOCOL calls ADDR		what the calls say
 *	peer PROTOCOL hold			keeps a socket until it is ended
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/pktpath.h>
#include <linux/userfaultfd.h>

#define BIG 60000
#define LONG 16000

static int protocol;
static char buf[BIG + 16], answer[BIG + 16];

static int failed(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static int open_rdm(void)
{
	struct timeval tv = { .tv_sec = 30 };
	int fd = socket(AF_PKTPATH, SOCK_RDM, protocol);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static struct sockaddr_in name(const char *addr, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_PKTPATH };

	inet_pton(AF_INET, addr, &sin.sin_addr);
	sin.sin_port = htons(atoi(port));
	return sin;
}

static int serve(const char *addr, const char *port, int count)
{
	struct sockaddr_in sin = name(addr, port), from;
	socklen_t len;
	int fd, i;
	ssize_t n;

	fd = open_rdm();
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		return failed("bind");
	printf("ready\n");
	fflush(stdout);
	for (i = 0; i < count; i++) {
		len = sizeof(from);
		n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
			     &len);
		if (n < 0)
			return failed("recvfrom");
		memcpy(answer, "re:", 3);
		memcpy(answer + 3, buf, n);
		if (sendto(fd, answer, n + 3, 0, (struct sockaddr *)&from,
			   len) != n + 3)
			return failed("sendto");
	}
	printf("served %d\n", i);
	fflush(stdout);
	/* an answer that was lost is asked for again */
	pause();
	return 0;
}

/* The length goes from 1 to more than a device's MTU. */
static int ask(const char *addr, const char *port, int count)
{
	struct sockaddr_in sin = name(addr, port);
	int fd, i, len;
	ssize_t n;

	fd = open_rdm();
	if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
		return failed("connect");
	for (i = 0; i < count; i++) {
		len = i % 4 == 3 ? 4000 : 1 + i;
		memset(buf, 'a' + i % 26, len);
		if (send(fd, buf, len, 0) != len)
			return failed("send");
		n = recv(fd, answer, sizeof(answer), 0);
		if (n < 0)
			return failed("recv");
		if (n != len + 3 || memcmp(answer, "re:", 3) ||
		    memcmp(answer + 3, buf, len)) {
			printf("answer %d is another's\n", i);
			return 1;
		}
	}
	printf("asked %d\n", i);
	return 0;
}

/* One long request from each of so many clients. */
static int many(const char *addr, const char *port, int count)
{
	struct sockaddr_in sin = name(addr, port);
	int fd, i;

	for (i = 0; i < count; i++) {
		fd = open_rdm();
		if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
			return failed("connect");
		if (send(fd, buf, LONG, 0) != LONG)
			return failed("send");
		if (recv(fd, answer, sizeof(answer), 0) != LONG + 3)
			return failed("recv");
		close(fd);
	}
	printf("asked %d\n", i);
	return 0;
}

static int member(const char *group, const char *port, const char *own,
		  const char *blocked)
{
	struct sockaddr_in sin = name("0.0.0.0", port), from;
	struct ip_mreq_source mreq = { 0 };
	socklen_t len = sizeof(from);
	int fd = open_rdm();

	inet_pton(AF_INET, group, &mreq.imr_multiaddr);
	inet_pton(AF_INET, own, &mreq.imr_interface);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		return failed("bind");
	/* the beginning is that of both */
	if (setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP,
		       &(struct ip_mreq){ mreq.imr_multiaddr,
					  mreq.imr_interface },
		       sizeof(struct ip_mreq)))
		return failed("join");
	if (blocked) {
		inet_pton(AF_INET, blocked, &mreq.imr_sourceaddr);
		if (setsockopt(fd, SOL_IP, IP_BLOCK_SOURCE, &mreq,
			       sizeof(mreq)))
			return failed("block");
	}
	printf("ready\n");
	fflush(stdout);
	if (recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
		     &len) != 1)
		return failed("recvfrom");
	if (sendto(fd, "answer", 6, 0, (struct sockaddr *)&from, len) != 6)
		return failed("sendto");
	printf("served %s\n", inet_ntoa(from.sin_addr));
	fflush(stdout);
	pause();
	return 0;
}

static int tell(const char *group, const char *port, const char *own, int loop)
{
	struct sockaddr_in sin = name(group, port);
	int fd = open_rdm();
	struct in_addr by;

	inet_pton(AF_INET, own, &by);
	if (fd < 0 ||
	    setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &by, sizeof(by)) ||
	    setsockopt(fd, SOL_IP, IP_MULTICAST_LOOP, &loop, sizeof(loop)))
		return failed("options");
	if (sendto(fd, "x", 1, 0, (struct sockaddr *)&sin, sizeof(sin)) != 1)
		return failed("sendto");
	if (recv(fd, buf, sizeof(buf), 0) != 6)
		return failed("recv");
	printf("answered\n");
	return 0;
}

static int one(const char *addr, const char *port)
{
	struct sockaddr_in sin = name(addr, port);
	int fd = open_rdm();

	if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
		return failed("connect");
	if (send(fd, "x", 1, 0) != 1)
		return failed("send");
	if (recv(fd, buf, sizeof(buf), 0) < 0)
		return failed("recv");
	printf("answered\n");
	return 0;
}

static long unreachables(void)
{
	char names[1024], numbers[1024], *a, *b, *x, *y;
	FILE *f = fopen("/proc/net/pktpath/snmp", "r");
	long n = -1;

	while (f && fgets(names, sizeof(names), f) &&
	       fgets(numbers, sizeof(numbers), f)) {
		if (strncmp(names, "Icmp:", 5))
			continue;
		a = strtok_r(names, "\n ", &x);
		b = strtok_r(numbers, "\n ", &y);
		while (a && b && strcmp(a, "InDestUnreachs")) {
			a = strtok_r(NULL, "\n ", &x);
			b = strtok_r(NULL, "\n ", &y);
		}
		n = a && b ? atol(b) : -1;
		break;
	}
	if (f)
		fclose(f);
	return n;
}

static struct {
	struct sock_filter *code;	/* in memory that is not there yet */
	int fd, ret;
} held;

/* Reads the filter with the socket locked. */
static void *held_attach(void *arg)
{
	struct sock_fprog prog = { .len = 1, .filter = held.code };

	(void)arg;
	held.ret = setsockopt(held.fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			      sizeof(prog));
	return NULL;
}

/* RFC 1122 §4.1.3.3: an error is not lost for the call that is under way. */
static int error(const char *addr, const char *port)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct sockaddr_in sin = name(addr, port);
	long size = sysconf(_SC_PAGESIZE), was = unreachables();
	struct pollfd pfd = { .fd = uffd, .events = POLLIN };
	struct uffdio_copy copy = { .len = size };
	pthread_t thread;
	char *pages;

	if (uffd < 0)
		return failed("no userfaultfd");
	pages = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(pages, &all, sizeof(all));
	held.code = (void *)(pages + size);
	reg.range.start = (uintptr_t)held.code;
	reg.range.len = size;
	held.fd = open_rdm();
	if (pages == MAP_FAILED || ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &reg) || was < 0 || held.fd < 0 ||
	    connect(held.fd, (struct sockaddr *)&sin, sizeof(sin)) ||
	    send(held.fd, "x", 1, 0) != 1 ||
	    pthread_create(&thread, NULL, held_attach, NULL))
		return failed("setup");
	if (poll(&pfd, 1, 30000) != 1)
		return failed("the filter is not read");
	if (unreachables() != was)
		return failed("too early");
	while (unreachables() == was)
		usleep(1000);
	copy.dst = (uintptr_t)held.code;
	copy.src = (uintptr_t)pages;
	if (ioctl(uffd, UFFDIO_COPY, &copy))
		return failed("UFFDIO_COPY");
	pthread_join(thread, NULL);
	if (held.ret)
		return failed("the filter");
	if (recv(held.fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		return failed("an answer");
	return failed("recv");
}

#define WANT(what, call, err)						\
	do {								\
		errno = 0;						\
		if ((call) >= 0 || errno != (err)) {			\
			printf("%s: %s\n", what, strerror(errno));	\
			bad = 1;					\
		}							\
	} while (0)

static int calls(const char *addr)
{
	struct sockaddr_in sin = name(addr, "7"), got;
	struct pollfd p = { .events = POLLIN | POLLOUT };
	socklen_t len = sizeof(got);
	int fd, fd2, bad = 0, v;

	WANT("no such protocol", socket(AF_PKTPATH, SOCK_RDM, 252),
	     ESOCKTNOSUPPORT);
	WANT("no such type", socket(AF_PKTPATH, SOCK_SEQPACKET, protocol),
	     ESOCKTNOSUPPORT);
	WANT("no datagrams", socket(AF_PKTPATH, SOCK_DGRAM, protocol),
	     EPROTONOSUPPORT);
	fd = socket(AF_PKTPATH, SOCK_RDM, 0);
	if (fd < 0)
		return failed("without a protocol");
	len = sizeof(v);
	if (getsockopt(fd, SOL_PKTPATH, PKTPATH_PROTOCOL, &v, &len) ||
	    v != protocol)
		return failed("protocol");
	WANT("listen", listen(fd, 1), EOPNOTSUPP);
	WANT("no address", send(fd, "x", 1, 0), EDESTADDRREQ);
	WANT("out of band", send(fd, "x", 1, MSG_OOB), EOPNOTSUPP);
	WANT("too long", sendto(fd, buf, 65535, 0, (struct sockaddr *)&sin,
				sizeof(sin)), EMSGSIZE);
	WANT("short address", sendto(fd, "x", 1, 0, (struct sockaddr *)&sin,
				     4), EINVAL);
	WANT("an option", setsockopt(fd, protocol, 1, &v, sizeof(v)),
	     ENOPROTOOPT);
	sin.sin_addr.s_addr = htonl(0xc6336401);
	WANT("no route", sendto(fd, "x", 1, 0, (struct sockaddr *)&sin,
				sizeof(sin)), ENETUNREACH);
	/* it has a port by now, but as on AF_INET the address comes first */
	WANT("not ours", bind(fd, (struct sockaddr *)&sin, sizeof(sin)),
	     EADDRNOTAVAIL);
	got = name("0.0.0.0", "0");
	WANT("has a port", bind(fd, (struct sockaddr *)&got, sizeof(got)),
	     EINVAL);
	fd2 = open_rdm();
	WANT("not ours", bind(fd2, (struct sockaddr *)&sin, sizeof(sin)),
	     EADDRNOTAVAIL);
	sin = name("0.0.0.0", "1000");
	if (bind(fd2, (struct sockaddr *)&sin, sizeof(sin)))
		return failed("bind");
	WANT("taken", bind(open_rdm(), (struct sockaddr *)&sin, sizeof(sin)),
	     EADDRINUSE);
	len = sizeof(got);
	if (getsockname(fd2, (struct sockaddr *)&got, &len) ||
	    got.sin_port != sin.sin_port || got.sin_family != AF_PKTPATH)
		return failed("getsockname");
	/* one at a time: nobody answers at that address */
	sin = name(addr, "7");
	if (sendto(fd2, "x", 1, 0, (struct sockaddr *)&sin, sizeof(sin)) != 1)
		return failed("sendto");
	WANT("one at a time", sendto(fd2, "x", 1, 0, (struct sockaddr *)&sin,
				     sizeof(sin)), EBUSY);
	p.fd = fd2;
	if (poll(&p, 1, 0) != 1 || p.revents != POLLOUT)
		return failed("poll");
	WANT("nothing yet", recv(fd2, buf, 1, MSG_DONTWAIT), EAGAIN);
	if (!bad)
		printf("calls done\n");
	return bad;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	protocol = atoi(argv[1]);
	if (argc == 6 && !strcmp(argv[2], "serve"))
		return serve(argv[3], argv[4], atoi(argv[5]));
	if (argc == 6 && !strcmp(argv[2], "ask"))
		return ask(argv[3], argv[4], atoi(argv[5]));
	if (argc == 6 && !strcmp(argv[2], "many"))
		return many(argv[3], argv[4], atoi(argv[5]));
	if (argc >= 6 && !strcmp(argv[2], "member"))
		return member(argv[3], argv[4], argv[5], argv[6]);
	if (argc >= 6 && !strcmp(argv[2], "tell"))
		return tell(argv[3], argv[4], argv[5],
			    argc == 6 || atoi(argv[6]));
	if (argc == 5 && !strcmp(argv[2], "one"))
		return one(argv[3], argv[4]);
	if (argc == 5 && !strcmp(argv[2], "error"))
		return error(argv[3], argv[4]);
	if (argc == 4 && !strcmp(argv[2], "calls"))
		return calls(argv[3]);
	if (argc == 3 && !strcmp(argv[2], "hold")) {
		if (open_rdm() < 0)
			return failed("socket");
		printf("ready\n");
		fflush(stdout);
		pause();
		return 0;
	}
	return 2;
}
