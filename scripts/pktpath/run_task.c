// SPDX-License-Identifier: GPL-2.0
/* What pktpath run reads of a thread that waits for an answer. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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
	char buf[65536], *p;	/* with the numbers of all its groups */
	unsigned int tgid;
	int ret;

	memset(t, 0, sizeof(*t));
	t->tid = tid;
	t->mem = -EPERM;
	t->pidfd = -EPERM;
	if (!tid)
		return -ESRCH;
	ret = task_file(tid, "status", buf, sizeof(buf));
	if (ret < 0)
		return ret;
	if (sscanf(buf, "Name:\t%63[^\n]", t->comm) != 1)
		return -EPROTO;
	/* a process names itself: nothing that a terminal would obey */
	printable(t->comm);
	p = strstr(buf, "\nTgid:");
	if (!p || sscanf(p, "\nTgid:\t%u", &tgid) != 1)
		return -EPROTO;
	t->tgid = tgid;
	/* real, effective, saved, file system: the last makes inodes */
	p = strstr(buf, "\nUid:");
	if (!p || sscanf(p, "\nUid:\t%u %u %*u %u", &t->uid, &t->euid,
			 &t->fsuid) != 3)
		return -EPROTO;
	p = strstr(buf, "\nGid:");
	if (!p || sscanf(p, "\nGid:\t%*u %*u %*u %u", &t->fsgid) != 1)
		return -EPROTO;
	p = strstr(buf, "\nCapEff:");
	/* a line cut off by the end of the buffer is another number */
	if (p && strchr(p + 1, '\n') &&
	    sscanf(p, "\nCapEff:\t%llx", &caps) == 1 &&
	    task_same_user_ns(tid)) {
		t->net_raw = caps >> CAP_NET_RAW & 1;
		t->net_bind = caps >> CAP_NET_BIND_SERVICE & 1;
	}
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

void task_open(struct run_task *t)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)t->tid);
	t->mem = open(path, O_RDWR | O_CLOEXEC);
	if (t->mem < 0)
		t->mem = errno == EACCES ? -EPERM : -errno;
	t->pidfd = syscall(SYS_pidfd_open, t->tgid, 0);
	if (t->pidfd < 0)
		t->pidfd = -errno;
}

void task_close(struct run_task *t)
{
	if (t->mem >= 0)
		close(t->mem);
	if (t->pidfd >= 0)
		close(t->pidfd);
}

int task_getfd(const struct run_task *t, int fd)
{
	int got;

	if (t->pidfd < 0)
		return t->pidfd;
	got = syscall(SYS_pidfd_getfd, t->pidfd, fd, 0);
	if (got < 0)
		return -errno;
	if (task_same_file(t, fd, got))
		return got;
	close(got);
	return -EOPNOTSUPP;
}

/* A place where nothing is mapped is EIO or EINVAL to /proc. */
static int mem_error(ssize_t n, size_t len)
{
	if (n < 0)
		return errno == EIO || errno == EINVAL ? -EFAULT : -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}

int task_peek(const struct run_task *t, uint64_t addr, void *buf, size_t len)
{
	if (t->mem < 0)
		return t->mem;
	return mem_error(pread(t->mem, buf, len, addr), len);
}

int task_poke(const struct run_task *t, uint64_t addr, const void *buf,
	      size_t len)
{
	if (t->mem < 0)
		return t->mem;
	return mem_error(pwrite(t->mem, buf, len, addr), len);
}
