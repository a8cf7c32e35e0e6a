// SPDX-License-Identifier: GPL-2.0
/* For LD_PRELOAD: stream sockets of AF_INET are made of AF_PKTPATH, with
 * addresses that come out as AF_INET. Nothing else is changed, so that the
 * program's timing stays what it is.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/pktpath.h>

#define FAMILY 18

int socket(int family, int type, int protocol)
{
	const char *s = getenv("PKTPATH_FAMILY");
	int kind = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
	int one = 1, fd;

	if (family != AF_INET || kind != SOCK_STREAM ||
	    (protocol && protocol != IPPROTO_TCP))
		return syscall(SYS_socket, family, type, protocol);
	fd = syscall(SYS_socket, s ? atoi(s) : FAMILY, type, protocol);
	if (fd >= 0 && setsockopt(fd, SOL_PKTPATH, PKTPATH_INET_ADDR, &one,
				  sizeof(one)))
		abort();
	return fd;
}
