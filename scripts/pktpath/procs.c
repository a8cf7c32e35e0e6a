// SPDX-License-Identifier: GPL-2.0
/* Which processes hold a socket: a walk over /proc/PID/fd. */
#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pktpath.h"

static void proc_comm(const char *pid, char *comm, size_t size)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "r");
	if (!f || !fgets(comm, size, f))
		snprintf(comm, size, "?");
	comm[strcspn(comm, "\n")] = '\0';
	if (f)
		fclose(f);
}

static void proc_fds(const char *pid, const char *want,
		     void (*cb)(int pid, int fd, const char *comm, void *arg),
		     void *arg)
{
	char path[600], link[64], comm[64];
	struct dirent *d;
	DIR *dir;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, d->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		if (strcmp(link, want))
			continue;
		proc_comm(pid, comm, sizeof(comm));
		cb(atoi(pid), atoi(d->d_name), comm, arg);
	}
	closedir(dir);
}

void procs_of_inode(uint64_t inode,
		    void (*cb)(int pid, int fd, const char *comm, void *arg),
		    void *arg)
{
	struct dirent *d;
	char want[64];
	DIR *dir;

	if (!inode)
		return;
	snprintf(want, sizeof(want), "socket:[%" PRIu64 "]", inode);
	dir = opendir("/proc");
	if (!dir)
		return;
	while ((d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]))
			proc_fds(d->d_name, want, cb, arg);
	closedir(dir);
}
