/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two namespaces over veth, for test programs in C (as net_pair of net.sh).
 *
 *	A (pktpath)			B (nobody, or the kernel's stack)
 *	pa 10.77.0.1/24 ---- veth ---- pb
 */
#ifndef PKTPATH_SELFTESTS_PAIR_H
#define PKTPATH_SELFTESTS_PAIR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PAIR_A "10.77.0.1"
#define PAIR_B "10.77.0.2"

struct pair {
	char a[24], b[24];	/* names of the namespaces */
	int fd_a, fd_b;
	int frames;		/* AF_PACKET socket on pb, see frame_*() */
	uint8_t mac_a[6], mac_b[6];
	bool mixed;		/* the kernel's stack has work in A, on purpose */
};

/*
 * Loads the module if need be and makes the pair: A attached, up, with PAIR_A
 * on it (after @setup, a command in A, unless NULL). B has no address. The
 * program stays on one processor (pp_cpu.h). All return 0 or -1 with a line on
 * stderr.
 */
int pair_up(struct pair *p, const char *setup);
/* 0, or how many messages went through the kernel's own stack in A. */
int pair_down(struct pair *p);

/* Shell commands; sh() returns the status, sh_out() what was printed. */
int sh(const char *fmt, ...);
int sh_out(char *buf, size_t size, const char *fmt, ...);
/* The tool's name: $PKTPATH, else found by $PATH. */
const char *pair_tool(void);
/* The pktpath tool in A: "%s neigh show". */
int pp_tool(const struct pair *p, const char *fmt, ...);
/* Writes net.pktpath.NAME in A. */
int pair_sysctl(const struct pair *p, const char *name, const char *value);
/* One counter of A. */
unsigned long pair_stat(const struct pair *p, const char *name);

/* A socket made inside a namespace. */
int ns_socket(int ns_fd, int family, int type, int protocol);
int pp_family(void);
struct sockaddr_in sin_of(const char *addr, unsigned int port);

/* Whole Ethernet frames on pb. recv: length, or 0 when @ms have passed. */
int frame_send(const struct pair *p, const void *frame, size_t len);
ssize_t frame_recv(const struct pair *p, void *frame, size_t size, int ms);
/* The same; @at: when it came in, in milliseconds of a clock of its own, however
 * late it is read.
 */
ssize_t frame_recv_at(const struct pair *p, void *frame, size_t size, int ms,
		      int64_t *at);
/* Throws away what has come in so far. */
void frame_flush(const struct pair *p);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t now_ms(void);

#endif
