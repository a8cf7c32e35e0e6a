// SPDX-License-Identifier: GPL-2.0
/*
 * A socket that its user holds: send() copies from memory that is not there
 * yet, and waits for it with the socket locked.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <linux/sock_diag.h>
#include <linux/userfaultfd.h>
#include "peer.h"

static struct {
	pthread_t thread;
	uint8_t *page;
	int fd, uffd;
	ssize_t ret;
} hold;

static void *hold_send(void *arg)
{
	(void)arg;
	hold.ret = send(hold.fd, hold.page, 1, MSG_NOSIGNAL);
	return NULL;
}

bool peer_hold(struct peer *p)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct pollfd pfd = { .events = POLLIN };
	long size = sysconf(_SC_PAGESIZE);

	hold.uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (hold.uffd < 0)
		return false;
	hold.page = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (uintptr_t)hold.page;
	reg.range.len = size;
	hold.fd = p->fd;
	if (hold.page == MAP_FAILED || ioctl(hold.uffd, UFFDIO_API, &api) ||
	    ioctl(hold.uffd, UFFDIO_REGISTER, &reg) ||
	    pthread_create(&hold.thread, NULL, hold_send, NULL))
		peer_fail(p, "userfaultfd: %s", strerror(errno));
	pfd.fd = hold.uffd;
	if (poll(&pfd, 1, 30000) != 1)
		peer_fail(p, "send() does not read its page");
	return true;
}

void peer_let_go(struct peer *p)
{
	long size = sysconf(_SC_PAGESIZE);
	uint8_t *from = malloc(2 * size), *at;
	struct uffdio_copy copy = { .dst = (uintptr_t)hold.page, .len = size };

	at = (void *)(((uintptr_t)from + size - 1) & -size);
	memset(at, peer_byte(p->wr), size);
	copy.src = (uintptr_t)at;
	if (ioctl(hold.uffd, UFFDIO_COPY, &copy))
		peer_fail(p, "UFFDIO_COPY: %s", strerror(errno));
	pthread_join(hold.thread, NULL);
	if (hold.ret != 1)
		peer_fail(p, "send() of the held socket: %zd", hold.ret);
	p->wr++;
	munmap(hold.page, size);
	close(hold.uffd);
	free(from);
}

uint32_t peer_meminfo(struct peer *p, int what)
{
	uint32_t v[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(v);

	if (getsockopt(p->fd, SOL_SOCKET, SO_MEMINFO, v, &len))
		peer_fail(p, "SO_MEMINFO: %s", strerror(errno));
	return v[what];
}
