// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that answer one call each in the supervisor's place, because who
 * made the call may let them wait for ever. Nobody waits for them; each user
 * has a share of them only.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "run.h"

#define WORK_MAX 512
#define WORK_USER 64
/* A user with so many waits until one of all is done, but no longer than that */
#define WORK_BUSY 16
#define WORK_WAIT 20	/* ms */

#define WORK_PIDFD 0x1000ULL
#define WORK_INTO_CGROUP 0x200000000ULL

/* What clone3(2) reads. */
struct work_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static struct {
	int n;
	struct pollfd fd[WORK_MAX];	/* of the processes */
	uid_t uid[WORK_MAX];
} work;

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

/* Those that are done; SIGCHLD is ignored, so that nothing is left of them. */
static void work_done(int ms)
{
	int i;

	if (!work.n || poll(work.fd, work.n, ms) <= 0)
		return;
	for (i = 0; i < work.n; i++) {
		if (!work.fd[i].revents)
			continue;
		close(work.fd[i].fd);
		work.n--;
		work.fd[i] = work.fd[work.n];
		work.uid[i--] = work.uid[work.n];
	}
}

static int work_of(uid_t uid)
{
	int i, n = 0;

	for (i = 0; i < work.n; i++)
		n += work.uid[i] == uid;
	return n;
}

int work_start(const struct run_task *t, int cgroup)
{
	int fd, pid;

	work_done(0);
	if (work_of(t->uid) >= WORK_BUSY)
		work_done(WORK_WAIT);
	if (work.n == WORK_MAX || work_of(t->uid) >= WORK_USER)
		return -EAGAIN;
	pid = clone_work(WORK_PIDFD, cgroup, &fd);
	if (pid <= 0)
		return pid;
	work.fd[work.n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	work.uid[work.n++] = t->uid;
	return pid;
}
