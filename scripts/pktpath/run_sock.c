// SPDX-License-Identifier: GPL-2.0
/*
 * A socket as the caller of socket(2) would have made it: the kernel takes its
 * netns, cgroup and owner from whoever creates it, so the supervisor puts
 * these on, in a child where it could not take them off again.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pktpath.h"
#include "run.h"

struct sock_want {
	const struct run_task *t;
	int domain, type, protocol;
	bool netns;
};

static int ns_enter(pid_t tid, const char *name, int kind)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, kind))
		err = -errno;
	close(fd);
	return err;
}

/*
 * Back to where we were: a netns that we stay in would not go away when its
 * own processes and names have.
 */
static void ns_home(int home)
{
	if (setns(home, CLONE_NEWNET))
		_exit(1);
	close(home);
}

/* The caller's is another than ours; -errno when that cannot be seen. */
static int ns_differs(pid_t tid, const char *name)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	if (stat(path, &ours))
		return -errno;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)tid, name);
	if (stat(path, &theirs))
		return -errno;
	return ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
}

/* Owner of inode and file: what sk_uid, xt_owner and SO_REUSEPORT look at. */
static int create_as(const struct sock_want *w)
{
	const struct run_task *t = w->t;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int fd = -EPERM;

	setfsgid(t->fsgid);
	setfsuid(t->fsuid);
	if ((gid_t)setfsgid(-1) == t->fsgid &&
	    (uid_t)setfsuid(-1) == t->fsuid) {
		fd = socket(w->domain, w->type | SOCK_CLOEXEC, w->protocol);
		if (fd < 0)
			fd = -errno;
	} else {
		run_say(t, "cannot take its user %u and group %u: a socket was refused",
			t->fsuid, t->fsgid);
	}
	setfsuid(uid);
	setfsgid(gid);
	return fd;
}

/* ---- In a child ---- */

/* The user namespace of the caller may have the right that we lack. */
static int child_enter(struct run_task *t)
{
	int err = ns_enter(t->tid, "net", CLONE_NEWNET);

	if (err != -EPERM || ns_differs(t->tid, "user") <= 0)
		return err;
	err = ns_enter(t->tid, "user", CLONE_NEWUSER);
	/* ids as that namespace numbers them */
	if (!err)
		err = task_read(t, t->tid);
	return err ? err : ns_enter(t->tid, "net", CLONE_NEWNET);
}

static int child_create(const struct sock_want *w)
{
	struct run_task t = *w->t;
	struct sock_want mine = *w;
	int err = w->netns ? child_enter(&t) : 0;

	if (err) {
		run_say(&t, "cannot enter its network namespace: %s: a socket was refused",
			strerror(-err));
		return err;
	}
	mine.t = &t;
	return create_as(&mine);
}

/* The child shares our table of descriptors and dies with the socket in it. */
static int create_in_child(const struct sock_want *w, int cgroup)
{
	int *fd, ret;
	pid_t pid;

	fd = mmap(NULL, sizeof(*fd), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fd == MAP_FAILED)
		return -errno;
	*fd = -ENOMEM;
	pid = work_clone(WORK_FILES, cgroup);
	if (!pid) {
		*fd = child_create(w);
		_exit(0);
	}
	if (pid < 0) {
		*fd = pid;
		run_say(w->t, "cannot start a process in its cgroup: %s: a socket was refused",
			strerror(-pid));
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	ret = *fd;
	munmap(fd, sizeof(*fd));
	return ret;
}

/* ---- The caller's cgroup ---- */

/* Where the unified hierarchy is mounted. */
static int cgroup_root(char *path, size_t size)
{
	char line[1024], type[64], dir[512];
	FILE *f = fopen("/proc/self/mounts", "re");
	int err = -ENOENT;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %511s %63s", dir, type) != 2 ||
		    strcmp(type, "cgroup2"))
			continue;
		err = (size_t)snprintf(path, size, "%s", dir) < size ?
		      0 : -ENAMETOOLONG;
		break;
	}
	fclose(f);
	return err;
}

/* The line "0::PATH" of the unified hierarchy. */
static const char *cgroup_unified(char *buf)
{
	char *p = strncmp(buf, "0::", 3) ? strstr(buf, "\n0::") : buf;

	if (!p)
		return NULL;
	p += strspn(p, "\n0:");
	p[strcspn(p, "\n")] = '\0';
	return p;
}

/*
 * -1: the caller's cgroup is ours; else a descriptor of its directory, or
 * below -1 an errno (no errno is 1 here: EPERM comes as EACCES).
 */
int sock_cgroup(const struct run_task *t)
{
	char theirs[4096], ours[4096], path[4700];
	const char *p;
	int fd, n;

	if (task_file(t->tid, "cgroup", theirs, sizeof(theirs)) < 0 ||
	    task_file(getpid(), "cgroup", ours, sizeof(ours)) < 0)
		return -ESRCH;
	if (!strcmp(theirs, ours))
		return -1;
	p = cgroup_unified(theirs);
	if (!p || cgroup_root(path, 512))
		return -ENOENT;
	n = strlen(path);
	snprintf(path + n, sizeof(path) - n, "%s", p);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == EPERM ? -EACCES : -errno;
}

/* In the caller's netns, which is not ours, but with our cgroup. */
static int create_there(struct sock_want *w)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;

	if (home < 0)
		return -errno;
	if (!ns_enter(w->t->tid, "net", CLONE_NEWNET)) {
		fd = create_as(w);
		ns_home(home);
		return fd;
	}
	close(home);
	return create_in_child(w, -1);
}

int sock_create_for(const struct run_task *t, int domain, int type,
		    int protocol)
{
	struct sock_want w = { t, domain, type, protocol, false };
	int cgroup = -1, fd, differs;

	differs = ns_differs(t->tid, "net");
	if (differs >= 0)
		cgroup = sock_cgroup(t);
	if (differs < 0 || cgroup < -1) {
		run_say(t, "cannot see its namespace or cgroup: %s: a socket was refused",
			strerror(differs < 0 ? -differs : -cgroup));
		return differs < 0 ? differs : cgroup;
	}
	w.netns = differs;
	if (cgroup < 0)
		return differs ? create_there(&w) : create_as(&w);
	fd = create_in_child(&w, cgroup);
	close(cgroup);
	return fd;
}

int sock_create_own(const struct run_task *t, int type, int protocol)
{
	int fd = sock_create_for(t, run_opts.family, type, protocol), one = 1;

	if (fd < 0)
		return fd;
	if (!setsockopt(fd, SOL_PKTPATH, PKTPATH_INET_ADDR, &one, sizeof(one)))
		return fd;
	one = -errno;
	close(fd);
	return one;
}
