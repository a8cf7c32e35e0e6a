// SPDX-License-Identifier: GPL-2.0
/* For LD_PRELOAD: stream sockets of AF_INET are made of AF_PKTPATH, with
 * addresses that come out as AF_INET; or stay what they are, for comparison, if
 * PKTPATH_FAMILY is 2. TCP_INFO is as long as was asked: the tool knows fields
 * that a kernel may not have, they are zero. SO_ZEROCOPY, which older kernels
 * refuse for other families, goes by our own option. Nothing else is changed, so that
 * the program's timing stays what it is.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/pktpath.h>

#define FAMILY 18

int socket(int family, int type, int protocol)
{
	const char *s = getenv("PKTPATH_FAMILY");
	int kind = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
	int ours = s ? atoi(s) : FAMILY;
	int one = 1, fd;

	if (family != AF_INET || kind != SOCK_STREAM || ours == AF_INET ||
	    (protocol && protocol != IPPROTO_TCP))
		return syscall(SYS_socket, family, type, protocol);
	fd = syscall(SYS_socket, ours, type, protocol);
	if (fd >= 0 && setsockopt(fd, SOL_PKTPATH, PKTPATH_INET_ADDR, &one,
				  sizeof(one)))
		abort();
	return fd;
}

int setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	int ret = syscall(SYS_setsockopt, fd, level, name, val, len);

	if (ret && level == SOL_SOCKET && name == SO_ZEROCOPY)
		ret = syscall(SYS_setsockopt, fd, SOL_PKTPATH,
			      PKTPATH_ZEROCOPY, val, len);
	return ret;
}

int getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	socklen_t asked = *len;
	int ret = syscall(SYS_getsockopt, fd, level, name, val, len);

	if (!ret && level == IPPROTO_TCP && name == TCP_INFO && *len < asked) {
		memset((char *)val + *len, 0, asked - *len);
		*len = asked;
	}
	return ret;
}
