/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For run.c, with its helpers: callers whose cgroup does not run. There are
 * more of them than one user may have processes that answer them.
 */
#ifndef PKTPATH_SELFTESTS_RUN_FROZEN_H
#define PKTPATH_SELFTESTS_RUN_FROZEN_H

#define FROZEN "/sys/fs/cgroup/ppfrozen/"
#define FROZEN_N 70

/* Shared with the callers. */
static struct frozen {
	pid_t parent, pid[FROZEN_N];
	unsigned int calls[FROZEN_N];
	unsigned int refused[FROZEN_N];
} *frozen;

static void frozen_call(int i)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		fd = tcp(0);
		frozen->refused[i] += fd < 0;
		frozen->calls[i]++;
		close(fd);
	}
}

/* Goes there once: to move a process is slow. */
static void frozen_parent(void)
{
	pid_t pid;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	put(FROZEN "cgroup.procs", "0");
	for (i = 0; i < FROZEN_N; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			frozen_call(i);
		frozen->pid[i] = pid;
	}
	for (;;)
		pause();
}

/* Each of them has made that many calls since. */
static void frozen_await(const unsigned int *since, unsigned int n)
{
	int i, ms;

	for (i = 0; i < FROZEN_N; i++) {
		for (ms = 0; ms < 30000 && frozen->calls[i] - since[i] < n; ms++)
			usleep(1000);
		if (frozen->calls[i] - since[i] < n)
			printf("%d: %u of %u calls\n", i,
			       frozen->calls[i] - since[i], n);
		CHECK(frozen->calls[i] - since[i] >= n);
	}
}

static void frozen_start(void)
{
	struct sigaction sa = { .sa_handler = ignore };
	unsigned int none[FROZEN_N] = {};
	pid_t pid;

	frozen = mmap(NULL, sizeof(*frozen), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(frozen != MAP_FAILED);
	CHECK(!sigaction(SIGALRM, &sa, NULL));
	CHECK(!mkdir(FROZEN, 0755) || errno == EEXIST);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		frozen_parent();
	frozen->parent = pid;
	frozen_await(none, 1);
}

/* A socket of our own, while they are frozen. */
static void frozen_other(void)
{
	int fd, err;

	put(FROZEN "cgroup.freeze", "1");
	alarm(30);
	fd = tcp(0);
	err = errno;
	alarm(0);
	close(fd);
	if (fd < 0)
		put(FROZEN "cgroup.freeze", "0");
	errno = err;
	CHECK(fd >= 0);
}

/* Each of them goes on. */
static void frozen_thaw(void)
{
	unsigned int was[FROZEN_N];

	memcpy(was, frozen->calls, sizeof(was));
	put(FROZEN "cgroup.freeze", "0");
	frozen_await(was, 1);
}

static void frozen_end(void)
{
	int i;

	put(FROZEN "cgroup.kill", "1");
	CHECK(waitpid(frozen->parent, NULL, 0) == frozen->parent);
	for (i = 0; i < 3000 && rmdir(FROZEN); i++)
		usleep(10000);
}

/* Who is frozen in the middle of socket(2) keeps nobody else waiting. */
static int case_frozen(void)
{
	int i;

	frozen_start();
	for (i = 0; i < 2; i++) {
		frozen_other();
		frozen_thaw();
	}
	for (i = 0; i < FROZEN_N; i++)
		CHECK(!frozen->refused[i]);
	frozen_end();
	return 0;
}

/* Processes that answer, and the supervisor. */
static void signal_all(int sig)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	CHECK(dir);
	while ((d = readdir(dir)))
		if (is_supervisor(atoi(d->d_name)))
			kill(atoi(d->d_name), sig);
	closedir(dir);
}

static bool in_socket(pid_t pid)
{
	char path[64], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	f = fopen(path, "r");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return !strncmp(text, "41 ", 3);
}

/*
 * A cgroup that hardly runs: all call, and there are more of them than may be
 * answered at once. Others are served, and nobody is refused.
 */
static int case_throttled(void)
{
	int i, ms;

	put("/sys/fs/cgroup/cgroup.subtree_control", "+cpu");
	frozen_start();
	signal_all(SIGSTOP);
	for (i = 0; i < FROZEN_N; i++) {
		for (ms = 0; ms < 30000 && !in_socket(frozen->pid[i]); ms++)
			usleep(1000);
		CHECK(in_socket(frozen->pid[i]));
	}
	put(FROZEN "cpu.max", "1000 1000000");
	signal_all(SIGCONT);
	for (i = 0; i < 3; i++)
		close(tcp(0));
	put(FROZEN "cpu.max", "max");
	frozen_thaw();
	for (i = 0; i < FROZEN_N; i++)
		CHECK(!frozen->refused[i]);
	frozen_end();
	return 0;
}

/* The supervisor's there; their number. */
static int frozen_kill(void)
{
	FILE *f = fopen(FROZEN "cgroup.procs", "r");
	int pid, i, n = 0;

	CHECK(f);
	while (fscanf(f, "%d", &pid) == 1) {
		for (i = 0; i < FROZEN_N && frozen->pid[i] != pid; i++)
			;
		if (i == FROZEN_N && pid != frozen->parent)
			n += !kill(pid, SIGKILL);
	}
	fclose(f);
	return n;
}

/* The memory controller may kill who answers: the caller hears of it. */
static int case_helper_dies(void)
{
	int i, killed = 0, refused = 0;

	frozen_start();
	for (i = 0; i < 30 && !killed; i++) {
		frozen_other();
		killed = frozen_kill();
		frozen_thaw();
	}
	for (i = 0; i < FROZEN_N; i++)
		refused += frozen->refused[i];
	frozen_end();
	CHECK(killed > 0 && refused <= killed);
	return 0;
}

#endif
