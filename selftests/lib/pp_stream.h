/* SPDX-License-Identifier: GPL-2.0 */
/* For tests of stream sockets on both stacks: connections over the pair. */
#ifndef PKTPATH_SELFTESTS_LIB_PP_STREAM_H
#define PKTPATH_SELFTESTS_LIB_PP_STREAM_H

#include <netinet/tcp.h>
#include "pp_fixture.h"

#define PP_PORT	4100

/* A listener of the stack under test in A, of AF_INET in B. */
static inline int pp_listen_at(int fd, const char *addr, uint16_t port,
			       int backlog)
{
	if (fd < 0 || pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    pp_bind(fd, addr, port) || listen(fd, backlog))
		return -1;
	return fd;
}

static inline int pp_listen_a(const struct pp_pair *p, uint16_t port,
			      int backlog)
{
	return pp_listen_at(pp_socket(p, SOCK_STREAM, 0), PKTPATH_T_A, port,
			    backlog);
}

static inline int pp_listen_b(const struct pp_pair *p, uint16_t port)
{
	return pp_listen_at(pp_peer_socket(p, AF_INET, SOCK_STREAM, 0),
			    PKTPATH_T_B, port, 8);
}

/* @a in A accepted what @b in B connected. */
static inline int pp_passive(const struct pp_pair *p, int *a, int *b)
{
	int lfd = pp_listen_a(p, PP_PORT, 8);

	*b = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);
	if (lfd < 0 || *b < 0 || pp_connect(*b, PKTPATH_T_A, PP_PORT))
		return -1;
	*a = accept(lfd, NULL, NULL);
	close(lfd);
	return *a < 0 ? -1 : 0;
}

/* @a in A connected to @b in B. */
static inline int pp_active(const struct pp_pair *p, int *a, int *b)
{
	int lfd = pp_listen_b(p, PP_PORT);

	*a = pp_socket(p, SOCK_STREAM, 0);
	if (lfd < 0 || *a < 0 || pp_connect(*a, PKTPATH_T_B, PP_PORT))
		return -1;
	*b = accept(lfd, NULL, NULL);
	close(lfd);
	return *b < 0 ? -1 : 0;
}

static inline void pp_nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* Waits until poll says exactly @want of all events; the last it said. */
static inline int pp_poll_becomes(int fd, int want)
{
	short all = POLLIN | POLLOUT | POLLPRI | POLLRDHUP;
	int got = -1, i;

	for (i = 0; i < 1500 && got != want; i++) {
		if (i)
			usleep(20000);
		got = pp_revents(fd, all, 0);
	}
	return got;
}

static inline void pp_fill(unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (i * 2654435761u) >> 11 ^ i;
}

/* Reads until the end or @n bytes; how many. */
static inline ssize_t pp_read_all(int fd, void *buf, size_t n)
{
	size_t done = 0;
	ssize_t r;

	while (done < n) {
		r = read(fd, (char *)buf + done, n - done);
		if (r < 0)
			return -1;
		if (!r)
			break;
		done += r;
	}
	return done;
}

#endif
