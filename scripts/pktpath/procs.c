// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes hold a socket: one walk over /proc/PID/fd gathers all sockets
 * of the machine, so that any number of them can be looked up.
 */
#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pktpath.h"

struct open_sock {
	uint64_t inode;
	int pid, fd;
};

static struct {
	struct open_sock *v;
	size_t n, room;
	bool known;
} procs;

static void proc_comm(int pid, char *comm, size_t size)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "r");
	if (!f || !fgets(comm, size, f))
		snprintf(comm, size, "?");
	comm[strcspn(comm, "\n")] = '\0';
	if (f)
		fclose(f);
}

static void proc_add(uint64_t inode, int pid, int fd)
{
	struct open_sock *v;
	size_t room;

	if (procs.n == procs.room) {
		room = procs.room ? 2 * procs.room : 1024;
		v = realloc(procs.v, room * sizeof(*v));
		if (!v)
			return;
		procs.v = v;
		procs.room = room;
	}
	procs.v[procs.n++] = (struct open_sock){ inode, pid, fd };
}

static uint64_t fd_inode(const char *pid, const char *fd)
{
	char path[600], link[64];
	uint64_t inode;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return 0;
	link[n] = '\0';
	return sscanf(link, "socket:[%" SCNu64 "]", &inode) == 1 ? inode : 0;
}

static void proc_fds(const char *pid)
{
	struct dirent *d;
	uint64_t inode;
	char path[300];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((d = readdir(dir))) {
		inode = fd_inode(pid, d->d_name);
		if (inode)
			proc_add(inode, atoi(pid), atoi(d->d_name));
	}
	closedir(dir);
}

static int by_inode(const void *a, const void *b)
{
	const struct open_sock *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void procs_walk(void)
{
	struct dirent *d;
	DIR *dir;

	procs.known = true;
	procs.n = 0;
	dir = opendir("/proc");
	if (!dir)
		return;
	while ((d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]))
			proc_fds(d->d_name);
	closedir(dir);
	if (procs.n)
		qsort(procs.v, procs.n, sizeof(*procs.v), by_inode);
}

void procs_forget(void)
{
	procs.known = false;
}

void procs_of_inode(uint64_t inode,
		    void (*cb)(int pid, int fd, char *comm, void *arg),
		    void *arg)
{
	size_t low = 0, high, mid;
	char comm[64];

	if (!inode)
		return;
	if (!procs.known)
		procs_walk();
	high = procs.n;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (procs.v[mid].inode < inode)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < procs.n && procs.v[low].inode == inode; low++) {
		proc_comm(procs.v[low].pid, comm, sizeof(comm));
		cb(procs.v[low].pid, procs.v[low].fd, comm, arg);
	}
}

bool proc_holds(int pid, int fd, uint64_t inode)
{
	char p[16], f[16];

	snprintf(p, sizeof(p), "%d", pid);
	snprintf(f, sizeof(f), "%d", fd);
	return fd_inode(p, f) == inode;
}
