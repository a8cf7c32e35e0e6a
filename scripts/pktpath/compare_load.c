// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath trace --compare: the workload, messages of our own or a command, in
 * a cgroup of its own: by that the probes know it, and by that what a command
 * leaves behind is ended.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "compare.h"
#include "pktpath.h"

/* What the child tells. */
struct report {
	int err;
	char what[60];
	uint64_t ns;
};

static int group_root = -1, group = -1;
static char group_name[40];
static char buf[65536];

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* ---- The cgroup ---- */

/* The hierarchy, wherever it is mounted, or nowhere. */
static int group_mount(void)
{
	int fs = fsopen("cgroup2", FSOPEN_CLOEXEC), fd = -1;

	if (fs < 0)
		return -1;
	if (!fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return fd;
}

int load_open(uint64_t *id)
{
	struct stat st;

	snprintf(group_name, sizeof(group_name), "pktpath-compare-%d",
		 getpid());
	group_root = group_mount();
	/* of one of this number that was killed */
	if (group_root >= 0)
		unlinkat(group_root, group_name, AT_REMOVEDIR);
	if (group_root >= 0 && !mkdirat(group_root, group_name, 0755))
		group = openat(group_root, group_name,
			       O_DIRECTORY | O_CLOEXEC);
	if (group < 0 || fstat(group, &st)) {
		complain("--compare cannot make a cgroup (version 2) for the workload: %s",
			 strerror(errno));
		return EXIT_REFUSED;
	}
	*id = st.st_ino;
	return 0;
}

static bool group_write(const char *name, const char *s)
{
	int fd = openat(group, name, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, s, strlen(s)) == (ssize_t)strlen(s);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool group_is_empty(void)
{
	int fd = openat(group, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char c;
	bool empty = fd < 0 || read(fd, &c, 1) <= 0;

	if (fd >= 0)
		close(fd);
	return empty;
}

/* Ends what is left in it, and waits, at most 10 s. */
static void group_end(void)
{
	static const struct timespec ms = { 0, 1000000 };
	int i;

	for (i = 0; i < 10000 && !group_is_empty(); i++) {
		group_write("cgroup.kill", "1");
		nanosleep(&ms, NULL);
	}
}

void load_close(void)
{
	if (group >= 0) {
		group_end();
		close(group);
		unlinkat(group_root, group_name, AT_REMOVEDIR);
	}
	if (group_root >= 0)
		close(group_root);
}

/* ---- Messages ---- */

struct ends {
	int out, in;		/* in: -1 when nobody here receives */
	struct report *r;
	const struct compare_opts *o;
	int family;
};

static int failed(struct ends *e, const char *what)
{
	e->r->err = errno;
	snprintf(e->r->what, sizeof(e->r->what), "%s", what);
	return -1;
}

static int make(struct ends *e)
{
	int type = e->o->proto == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	struct timeval tv = { 10, 0 };
	int one = 1, fd = socket(e->family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return failed(e, "have a socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (e->o->dev && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, e->o->dev,
				    strlen(e->o->dev) + 1))
		return failed(e, "use the device");
	return fd;
}

/* To itself by lo, or out to the address given. */
static int join_ends(struct ends *e)
{
	struct sockaddr_in sin = { .sin_family = e->family };
	bool stream = e->o->proto == IPPROTO_TCP;
	socklen_t n = sizeof(sin);
	int fd;

	sin.sin_addr = e->o->dst;
	sin.sin_port = htons(e->o->dport);
	if (!sin.sin_addr.s_addr) {
		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		e->in = make(e);
		if (e->in < 0)
			return -1;
		if (bind(e->in, (void *)&sin, sizeof(sin)) ||
		    (stream && listen(e->in, 1)) ||
		    getsockname(e->in, (void *)&sin, &n))
			return failed(e, "have an address on lo");
		sin.sin_family = e->family;
	}
	e->out = make(e);
	if (e->out < 0)
		return -1;
	if (connect(e->out, (void *)&sin, sizeof(sin)))
		return failed(e, "reach the address");
	if (e->in < 0 || !stream)
		return 0;
	fd = accept(e->in, NULL, NULL);
	if (fd < 0)
		return failed(e, "accept its own connection");
	close(e->in);
	e->in = fd;
	return 0;
}

static int message(struct ends *e)
{
	uint32_t got = 0, n = e->o->size;
	ssize_t r = send(e->out, buf, n, MSG_NOSIGNAL);

	/* nobody there, or a full queue: it was sent all the same */
	if (r != (ssize_t)n && e->in < 0 &&
	    (errno == ECONNREFUSED || errno == ENOBUFS))
		return 0;
	if (r != (ssize_t)n)
		return failed(e, "send");
	while (e->in >= 0 && got < n) {
		r = recv(e->in, buf, sizeof(buf), 0);
		if (r <= 0)
			return failed(e, "receive");
		got += r;
	}
	return 0;
}

static void messages(const struct compare_opts *o, int family,
		     struct report *r)
{
	struct ends e = { .out = -1, .in = -1, .r = r, .o = o };
	uint32_t i, warm = o->count / 10;
	uint64_t t = 0;

	e.family = family == COMPARE_OWN ? module_family() : AF_INET;
	if (join_ends(&e))
		return;
	for (i = 0; i < warm + o->count; i++) {
		if (i == warm)
			t = now();
		if (message(&e))
			return;
	}
	r->ns = (now() - t) / o->count;
}

/* ---- A run ---- */

static void become(const struct compare_opts *o, int family, struct report *r)
{
	static char name[] = "pktpath", run[] = "run", end[] = "--";
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), n = 0;
	char **argv;

	while (o->argv[n])
		n++;
	argv = calloc(n + 4, sizeof(*argv));
	if (argv && null >= 0) {
		argv[0] = name;
		argv[1] = run;
		argv[2] = end;
		memcpy(argv + 3, o->argv, n * sizeof(*argv));
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (family == COMPARE_OWN)
			execv("/proc/self/exe", argv);
		else
			execvp(o->argv[0], o->argv);
	}
	r->err = errno;
	snprintf(r->what, sizeof(r->what), "run \"%.40s\"", o->argv[0]);
}

static void child(const struct compare_opts *o, int family, int to,
		  pid_t parent)
{
	struct report r = {};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!group_write("cgroup.procs", "0")) {
		r.err = errno;
		snprintf(r.what, sizeof(r.what), "enter its cgroup");
	} else if (o->argv) {
		become(o, family, &r);
	} else {
		messages(o, family, &r);
	}
	_exit(write(to, &r, sizeof(r)) != sizeof(r) || r.err);
}

/* Its status, as waitpid(2) has it. */
static int watch(pid_t pid, void (*tick)(void *arg), void *arg)
{
	int fd = syscall(SYS_pidfd_open, pid, 0), status = -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!compare_stopped() && poll(&p, 1, tick ? 2 : 200) <= 0)
		if (tick)
			tick(arg);
	if (compare_stopped())
		kill(pid, SIGKILL);
	close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	group_end();
	if (tick)
		tick(arg);
	return status;
}

static int judge(const struct compare_opts *o, int family,
		 const struct report *r, int status)
{
	const char *name = compare_family_name(family);

	if (compare_stopped())
		return EXIT_REFUSED;
	if (r->err)
		complain("over %s the workload cannot %s: %s", name, r->what,
			 strerror(r->err));
	else if (WIFSIGNALED(status))
		complain("over %s the workload was ended by signal %d", name,
			 WTERMSIG(status));
	else if (o->argv && status)
		complain("over %s \"%s\" ended with status %d", name,
			 o->argv[0], WEXITSTATUS(status));
	else if (status)
		complain("over %s the workload failed", name);
	else
		return 0;
	return EXIT_REFUSED;
}

int load_run(const struct compare_opts *o, int family, void (*tick)(void *arg),
	     void *arg, uint64_t *ns)
{
	pid_t pid, self = getpid();
	struct report r = {};
	int p[2], status;
	uint64_t t;

	if (pipe2(p, O_CLOEXEC | O_NONBLOCK)) {
		complain("cannot start the workload: %s", strerror(errno));
		return EXIT_REFUSED;
	}
	fflush(stdout);
	t = now();
	pid = fork();
	if (!pid)
		child(o, family, p[1], self);	/* does not return */
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		complain("cannot start the workload: %s", strerror(errno));
		return EXIT_REFUSED;
	}
	status = watch(pid, tick, arg);
	t = now() - t;
	if (read(p[0], &r, sizeof(r)) != sizeof(r))
		memset(&r, 0, sizeof(r));
	close(p[0]);
	*ns = o->argv ? t : r.ns;
	return judge(o, family, &r, status);
}
