/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For test programs: the same test runs on AF_INET, which says what is right,
 * and on AF_PKTPATH.
 *
 *	netns A: the stack under test		netns B: always AF_INET
 *	pa 10.77.0.1/24, 10.77.0.3/24 --- veth --- pb 10.77.0.2/24, 10.77.0.4
 *
 * pp_fixture.h declares a kselftest fixture with both variants, for
 * TEST_F(stacks, NAME); the test finds the set-up in self->p and runs in netns A.
 * Its tear-down checks that no message of the test went through the other
 * stack.
 */
#ifndef PKTPATH_SELFTESTS_LIB_PP_TEST_H
#define PKTPATH_SELFTESTS_LIB_PP_TEST_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/pktpath.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#define PKTPATH_T_A	"10.77.0.1"
#define PKTPATH_T_A2	"10.77.0.3"
#define PKTPATH_T_B	"10.77.0.2"
#define PKTPATH_T_B2	"10.77.0.4"
#define PKTPATH_T_BCAST	"10.77.0.255"
#define PKTPATH_T_NONE	"10.99.0.1"	/* nobody's, no route */
#define PKTPATH_T_DEAD	"10.77.0.99"	/* on the link, nobody's */

/**
 * struct pp_pair - two namespaces and the link between them
 * @family: of the stack under test
 * @inet: it is AF_INET
 * @ns_a: file descriptor of netns A
 * @ns_b: of netns B
 * @ns_old: where the program came from
 * @mixed: the test uses both stacks in A on purpose
 */
struct pp_pair {
	int family;
	bool inet;
	int ns_a, ns_b, ns_old;
	bool mixed;
};

/* Family number of the loaded module; -1 without it. Tries to load it. */
int pp_test_family(void);

/* "PROGRAM N [OPTION]...": N, which is taken away; 0 if there is none. */
int pp_number(int *argc, char ***argv);

/* Leaves the program in netns A, on one processor (pp_cpu.h). 0, or -1 with a
 * text on stderr.
 */
int pp_pair_setup(struct pp_pair *p, bool inet);
/* Number of messages that went through the wrong stack; 0 is right. */
int pp_pair_teardown(struct pp_pair *p);

/* A shell command; its exit status. */
int pp_run(const char *fmt, ...);
/* The tool, in the current netns: pp_test_tool("addr add ... "). */
int pp_test_tool(const char *fmt, ...);
int pp_ns_enter(int fd);
/* Until the link sends: 0, or -1 after 30 s. */
int pp_await_running(const char *dev);
/* A change of the routes of the stack under test: "add P via G". */
int pp_route(const struct pp_pair *p, const char *what);

/* Counter of the current netns, -1 when there is none. @file below
 * /proc/net: "snmp" for the kernel's, "pktpath/snmp" for ours.
 */
long pp_counter(const char *file, const char *group, const char *name);
/* The same of the stack under test. */
long pp_count(const struct pp_pair *p, const char *group, const char *name);
/* UDP, ICMP and TCP messages that the stack of @file has counted in the current
 * netns, with a line on stderr for each counter that is not 0.
 */
long pp_moved(const char *file);
int pp_sysctl(const struct pp_pair *p, const char *name, const char *value);

struct sockaddr_in pp_addr(const char *a, uint16_t port);
/* Sockets. All time out after some seconds, so that a test ends. -1: errno */
int pp_socket(const struct pp_pair *p, int type, int protocol);
int pp_udp(const struct pp_pair *p);
int pp_udp_bound(const struct pp_pair *p, const char *a, uint16_t port);
/* AF_INET in netns B. */
int pp_peer_udp(const struct pp_pair *p, const char *a, uint16_t port);
int pp_peer_socket(const struct pp_pair *p, int family, int type,
		   int protocol);
int pp_bind(int fd, const char *a, uint16_t port);
int pp_connect(int fd, const char *a, uint16_t port);
ssize_t pp_sendto(int fd, const void *buf, size_t len, const char *a,
		  uint16_t port);
uint16_t pp_port(int fd);
int pp_set(int fd, int level, int opt, int val);
int pp_get(int fd, int level, int opt);
int pp_reuseport(const struct pp_pair *p, int fd, int on);
/* 1 when readable, 0 when not within @ms. */
int pp_readable(int fd, int ms);
int pp_revents(int fd, short events, int ms);
/* First cmsg of a kind, or NULL. */
struct cmsghdr *pp_cmsg(struct msghdr *msg, int level, int type);
/* recvmsg into buffers of the library; the last one only. */
ssize_t pp_recvmsg(int fd, struct msghdr *msg, int flags);

/* Ancillary data of one kind. */
struct pp_anc {
	int level, type;
	const void *data;
	size_t len;
};

/* sendmsg of @len bytes with @anc to @a:@port (NULL: connected). */
ssize_t pp_send_anc(int fd, const void *buf, size_t len, const char *a,
		    uint16_t port, struct pp_anc anc);
#define pp_send_cmsg(fd, buf, len, a, port, level, type, data, dlen)	\
	pp_send_anc(fd, buf, len, a, port,				\
		    (struct pp_anc){ level, type, data, dlen })
/* Milliseconds of the monotonic clock. */
long long pp_now_ms(void);

/* A packet socket on pb in netns B, sees what the wire carries. */
int pp_tap(const struct pp_pair *p);
/* Next IPv4 packet of @proto to or from @port (0: any), Ethernet header cut
 * off; its length, or -1 after a second without.
 */
ssize_t pp_tap_next(int tap, uint8_t proto, uint16_t port, void *buf,
		    size_t len);

/* -1 and this errno. */
#define EXPECT_ERRNO(err, call)						\
	do {								\
		errno = 0;						\
		EXPECT_EQ(-1, (call));					\
		EXPECT_EQ(err, errno);					\
	} while (0)

#endif
