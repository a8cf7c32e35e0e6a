// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that answer one call each in the supervisor's place, because who
 * made the call may let them wait for ever. Nobody waits for them. Each user
 * has a share of them only; what has none yet waits, and the supervisor goes
 * on.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "run.h"

#define WORK_MAX 1024
#define WORK_USER 64
/* Calls that wait; their callers may be dead already. */
#define WORK_WAIT_MAX 65536
#define WORK_WAIT_USER 1024

#define WORK_PIDFD 0x1000ULL
#define WORK_INTO_CGROUP 0x200000000ULL

/* What clone3(2) reads. */
struct work_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/* A call that waits for one of its user's to be done. */
struct work_call {
	struct work_call *next;
	uid_t uid;
	struct seccomp_notif req;
};

static struct {
	int epoll;		/* of the processes */
	int n;
	struct {
		int pidfd;	/* -1: free */
		uid_t uid;
		uint64_t id;	/* of the call */
	} slot[WORK_MAX];
	struct work_call *first, **last;
} work;

int work_init(void)
{
	int i;

	work.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; i < WORK_MAX; i++)
		work.slot[i].pidfd = -1;
	work.last = &work.first;
	return work.epoll;
}

static int clone_work(uint64_t flags, int cgroup, int *pidfd)
{
	struct work_args args = {
		.flags = flags, .pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	long pid;

	if (cgroup >= 0) {
		args.flags |= WORK_INTO_CGROUP;
		args.cgroup = cgroup;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	return pid < 0 ? -errno : pid;
}

int work_clone(uint64_t flags, int cgroup)
{
	return clone_work(flags, cgroup, NULL);
}

static int work_of(uid_t uid)
{
	int i, n = 0;

	for (i = 0; i < WORK_MAX; i++)
		n += work.slot[i].pidfd >= 0 && work.slot[i].uid == uid;
	return n;
}

bool work_room(uid_t uid)
{
	return work_of(uid) < WORK_USER;
}

int work_later(const struct run_task *t, const struct seccomp_notif *req)
{
	int all = 0, own = 0;
	struct work_call *c;

	for (c = work.first; c; c = c->next, all++)
		own += c->uid == t->uid;
	if (all >= WORK_WAIT_MAX || own >= WORK_WAIT_USER)
		return -EAGAIN;
	c = malloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->next = NULL;
	c->uid = t->uid;
	c->req = *req;
	*work.last = c;
	work.last = &c->next;
	return 1;
}

bool work_next(uid_t uid, struct seccomp_notif *req)
{
	struct work_call **p, *c;

	for (p = &work.first; (c = *p); p = &c->next)
		if (c->uid == uid)
			break;
	if (!c)
		return false;
	*req = c->req;
	*p = c->next;
	if (!*p)
		work.last = p;
	free(c);
	return true;
}

bool work_done(uid_t *uid, uint64_t *id)
{
	struct epoll_event ev;
	int i;

	if (epoll_wait(work.epoll, &ev, 1, 0) != 1)
		return false;
	i = ev.data.u32;
	*uid = work.slot[i].uid;
	*id = work.slot[i].id;
	/*
	 * SIGCHLD is ignored: this is all that was left of it. Others that were
	 * started since may still have a copy, so closing is not enough.
	 */
	epoll_ctl(work.epoll, EPOLL_CTL_DEL, work.slot[i].pidfd, NULL);
	close(work.slot[i].pidfd);
	work.slot[i].pidfd = -1;
	work.n--;
	return true;
}

int work_start(const struct run_task *t, uint64_t id, int cgroup)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int pid, fd, i = 0;

	if (work.n == WORK_MAX)
		return -EAGAIN;
	pid = clone_work(WORK_PIDFD, cgroup, &fd);
	if (!pid) {
		/* else who waits for it never hears that nobody answers */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return 0;
	}
	if (pid < 0)
		return pid;
	while (work.slot[i].pidfd >= 0)
		i++;
	ev.data.u32 = i;
	if (epoll_ctl(work.epoll, EPOLL_CTL_ADD, fd, &ev)) {
		/* it will answer, but is not counted */
		close(fd);
		return pid;
	}
	work.slot[i].pidfd = fd;
	work.slot[i].uid = t->uid;
	work.slot[i].id = id;
	work.n++;
	return pid;
}
