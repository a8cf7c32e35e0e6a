// SPDX-License-Identifier: GPL-2.0
/* What pktpath run reads of a thread that waits for an answer. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "pktpath.h"
#include "run.h"

int task_file(pid_t tid, const char *name, char *buf, size_t size)
{
	char path[64];
	size_t n = 0;
	ssize_t r;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (n < size - 1 && (r = read(fd, buf + n, size - 1 - n)) > 0)
		n += r;
	close(fd);
	buf[n] = '\0';
	return n;
}

/* Capabilities count in the namespace of users that we are in, too. */
static bool task_same_user_ns(pid_t tid)
{
	struct stat a, b;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)tid);
	return !stat(path, &a) && !stat("/proc/self/ns/user", &b) &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

int task_read(struct run_task *t, pid_t tid)
{
	unsigned long long caps;
	char buf[4096], *p;
	unsigned int tgid;
	int ret;

	memset(t, 0, sizeof(*t));
	t->tid = tid;
	if (!tid)
		return -ESRCH;
	ret = task_file(tid, "status", buf, sizeof(buf));
	if (ret < 0)
		return ret;
	if (sscanf(buf, "Name:\t%63[^\n]", t->comm) != 1)
		return -EPROTO;
	p = strstr(buf, "\nTgid:");
	if (!p || sscanf(p, "\nTgid:\t%u", &tgid) != 1)
		return -EPROTO;
	t->tgid = tgid;
	/* real, effective, saved, file system: the last makes inodes */
	p = strstr(buf, "\nUid:");
	if (!p || sscanf(p, "\nUid:\t%*u %*u %*u %u", &t->fsuid) != 1)
		return -EPROTO;
	p = strstr(buf, "\nGid:");
	if (!p || sscanf(p, "\nGid:\t%*u %*u %*u %u", &t->fsgid) != 1)
		return -EPROTO;
	p = strstr(buf, "\nCapEff:");
	/* a line cut off by the end of the buffer is another number */
	if (p && strchr(p + 1, '\n') &&
	    sscanf(p, "\nCapEff:\t%llx", &caps) == 1)
		t->net_raw = caps >> CAP_NET_RAW & 1 &&
			     task_same_user_ns(tid);
	return 0;
}

/* A thread may have a table of descriptors of its own: is it the same file? */
static bool task_same_file(const struct run_task *t, int fd, int got)
{
	char path[64], theirs[64], ours[64];
	ssize_t a, b;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)t->tid, fd);
	a = readlink(path, theirs, sizeof(theirs));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", got);
	b = readlink(path, ours, sizeof(ours));
	return a > 0 && a == b && !memcmp(theirs, ours, a);
}

int task_getfd(const struct run_task *t, int fd)
{
	int pidfd, got, err;

	pidfd = syscall(SYS_pidfd_open, t->tgid, 0);
	if (pidfd < 0)
		return -errno;
	got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	err = -errno;
	close(pidfd);
	if (got < 0)
		return err;
	if (task_same_file(t, fd, got))
		return got;
	close(got);
	return -EOPNOTSUPP;
}

int task_peek(const struct run_task *t, uint64_t addr, void *buf, size_t len)
{
	struct iovec ours = { buf, len };
	struct iovec theirs = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_readv(t->tid, &ours, 1, &theirs, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}

int task_poke(const struct run_task *t, uint64_t addr, const void *buf,
	      size_t len)
{
	struct iovec ours = { (void *)(uintptr_t)buf, len };
	struct iovec theirs = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_writev(t->tid, &ours, 1, &theirs, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}
