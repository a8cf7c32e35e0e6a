// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath run: a program that knows nothing of AF_PKTPATH gets its sockets
 * there.
 *
 * This process becomes CMD itself, so that its id, signals and exit status
 * are what they would be without us. A child, in a session of its own and
 * nobody's child any more, answers for it (run_watch.c) until the last process
 * that has the filter is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pktpath.h"
#include "run.h"

struct run_opts run_opts = { .stream = true, .dgram = true };

static const char run_usage[] =
	"Usage: pktpath run [ OPTIONS ] [ -- ] CMD [ ARG... ]\n"
	"Runs CMD with its IPv4 sockets, and its children's, on AF_PKTPATH.\n"
	"  --type stream|dgram|all  which sockets (all)\n"
	"  --raw                    raw sockets, too\n"
	"  --port N[-M]             only those bound or connected to these ports\n"
	"  --prefix A/LEN           only those bound or connected to these\n"
	"  --ipv6 refuse|leave      IPv6 sockets: refused, so that CMD falls back\n"
	"                           (default), or left alone (default with --port\n"
	"                           and --prefix)\n"
	"  -o FILE                  messages go there, not to standard error\n"
	"  -v                       say what was swapped\n"
	"Exit status: CMD's; 125 own failure, 126 CMD cannot run, 127 not found.\n";

/* ---- Options ---- */

static int parse_type(const char *s)
{
	run_opts.stream = strcmp(s, "dgram");
	run_opts.dgram = strcmp(s, "stream");
	if (!run_opts.stream || !run_opts.dgram || !strcmp(s, "all"))
		return 0;
	complain("\"%s\" is not a type of socket: stream, dgram or all", s);
	return RUN_FAILED;
}

static int parse_ports(const char *s)
{
	struct run_ports *p = &run_opts.ports[run_opts.nports];
	uint32_t lo, hi;
	char buf[16];
	char *dash;

	if (run_opts.nports == RUN_LIST) {
		complain("more than %d times --port", RUN_LIST);
		return RUN_FAILED;
	}
	snprintf(buf, sizeof(buf), "%s", s);
	dash = strchr(buf, '-');
	if (dash)
		*dash++ = '\0';
	if (parse_u32(buf, 1, 65535, &lo, "port") ||
	    parse_u32(dash ? dash : buf, lo, 65535, &hi, "port"))
		return RUN_FAILED;
	p->lo = lo;
	p->hi = hi;
	run_opts.nports++;
	return 0;
}

static int parse_prefixes(const char *s)
{
	struct run_prefix *p = &run_opts.prefixes[run_opts.nprefixes];

	if (run_opts.nprefixes == RUN_LIST) {
		complain("more than %d times --prefix", RUN_LIST);
		return RUN_FAILED;
	}
	if (parse_prefix(s, &p->addr, &p->plen, false))
		return RUN_FAILED;
	run_opts.nprefixes++;
	return 0;
}

struct run_words {
	const char *v6, *log;
};

static int parse_word(struct args *a, const char *w, struct run_words *words)
{
	const char *v;

	if (!strcmp(w, "-v")) {
		run_opts.verbose = true;
		return 0;
	}
	if (!strcmp(w, "--raw")) {
		run_opts.raw = true;
		return 0;
	}
	if (strcmp(w, "--type") && strcmp(w, "--port") &&
	    strcmp(w, "--prefix") && strcmp(w, "--ipv6") && strcmp(w, "-o")) {
		complain("\"%s\" is not an option of run", w);
		return RUN_FAILED;
	}
	v = arg_value(a, w);
	if (!v)
		return RUN_FAILED;
	if (!strcmp(w, "--type"))
		return parse_type(v);
	if (!strcmp(w, "--port"))
		return parse_ports(v);
	if (!strcmp(w, "--prefix"))
		return parse_prefixes(v);
	if (!strcmp(w, "-o"))
		words->log = v;
	else
		words->v6 = v;
	return 0;
}

static int parse(struct args *a, struct run_words *words)
{
	const char *w;
	int ret;

	while ((w = arg_peek(a)) && *w == '-') {
		arg_next(a);
		if (!strcmp(w, "--"))
			break;
		ret = parse_word(a, w, words);
		if (ret)
			return ret;
	}
	if (!a->n) {
		complain("run needs a command");
		return RUN_FAILED;
	}
	run_opts.v6_refuse = !run_late();
	if (!words->v6)
		return 0;
	run_opts.v6_refuse = !strcmp(words->v6, "refuse");
	if (run_opts.v6_refuse || !strcmp(words->v6, "leave"))
		return 0;
	complain("\"%s\" is not a way with IPv6: refuse or leave", words->v6);
	return RUN_FAILED;
}

/* ---- The module ---- */

int module_family(void)
{
	FILE *f = fopen("/sys/module/pktpath/parameters/family", "re");
	int family = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &family) != 1)
		family = -1;
	fclose(f);
	return family;
}

static int probe_module(void)
{
	int fd, one = 1;

	run_opts.family = module_family();
	if (run_opts.family < 0) {
		complain("the module pktpath is not loaded");
		return RUN_FAILED;
	}
	fd = socket(run_opts.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 && errno == EPERM) {
		complain("AF_PKTPATH needs CAP_NET_RAW or a group in net.pktpath.group_range");
		return RUN_FAILED;
	}
	if (fd < 0) {
		complain("cannot create a socket of AF_PKTPATH: %s",
			 strerror(errno));
		return RUN_FAILED;
	}
	run_opts.translate = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one,
					sizeof(one)) ||
			     setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one,
					sizeof(one));
	close(fd);
	return 0;
}

/* ---- From one process to the other ---- */

static int send_fd(int sock, int fd)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &m, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

static int recv_fd(int sock)
{
	char byte, room[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* ---- The supervisor ---- */

static void ignore_signals(void)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE,
				    SIGUSR1, SIGUSR2, SIGALRM };
	sigset_t none;
	size_t i;

	/* it ends with the last process it answers for, not before */
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		signal(sigs[i], SIG_IGN);
	/* nobody waits for those that answer in its place */
	signal(SIGCHLD, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

#define SUP_SOCK 3
#define SUP_LOG 4

/*
 * Nothing of the caller's stays open here: pipes would never end. Returns
 * where messages go.
 */
static int close_all(int sock, int log)
{
	int null = open("/dev/null", O_RDWR);
	bool own = log != STDERR_FILENO;
	struct rlimit lim;

	if (!getrlimit(RLIMIT_NOFILE, &lim)) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	sock = fcntl(sock, F_DUPFD, SUP_LOG + 1);
	if (own) {
		dup2(null, STDERR_FILENO);
		log = fcntl(log, F_DUPFD, SUP_LOG + 1);
		dup2(log, SUP_LOG);
	}
	dup2(sock, SUP_SOCK);
	syscall(SYS_close_range, SUP_SOCK + 1 + own, ~0U, 0);
	return own ? SUP_LOG : STDERR_FILENO;
}

static void supervise(int sock, pid_t cmd, int log)
{
	int listener, pidfd;
	pid_t self;

	setsid();
	ignore_signals();
	log = close_all(sock, log);
	prctl(PR_SET_NAME, "pktpath-run");
	if (chdir("/"))
		_exit(1);
	listener = recv_fd(SUP_SOCK);
	if (listener < 0)
		_exit(1);
	pidfd = syscall(SYS_pidfd_open, cmd, 0);
	self = getpid();
	if (send(SUP_SOCK, &self, sizeof(self), MSG_NOSIGNAL) != sizeof(self))
		_exit(1);
	close(SUP_SOCK);
	run_watch(listener, pidfd, log);
}

/* Twice, so that CMD does not find a child it knows nothing of. */
static int start_supervisor(int sock[2], int log)
{
	pid_t cmd = getpid(), pid = fork();
	int status = 0;

	if (pid < 0) {
		complain("cannot start the supervisor: %s", strerror(errno));
		return RUN_FAILED;
	}
	if (!pid) {
		pid = fork();
		if (pid)
			_exit(pid < 0);
		close(sock[0]);
		supervise(sock[1], cmd, log);
	}
	/* ECHILD: our parent has us ignore SIGCHLD */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(sock[1]);
	if (!status)
		return 0;
	complain("cannot start the supervisor");
	return RUN_FAILED;
}

static int be_watched(int sock)
{
	int listener = run_filter_install(), err;
	pid_t pid;

	if (listener == -EBUSY) {
		complain("another seccomp listener watches this process already; there can be one");
		return RUN_FAILED;
	}
	if (listener < 0) {
		complain("cannot install the seccomp filter: %s",
			 strerror(-listener));
		return RUN_FAILED;
	}
	err = send_fd(sock, listener);
	close(listener);
	if (err || recv(sock, &pid, sizeof(pid), 0) != sizeof(pid)) {
		complain("the supervisor did not start");
		return RUN_FAILED;
	}
	/* else some kernels do not let it see our descriptors */
	prctl(PR_SET_PTRACER, pid);
	close(sock);
	return 0;
}

static int run_exec(struct args *a)
{
	char **argv = calloc(a->n + 1, sizeof(*argv));
	int err;

	if (!argv) {
		complain("out of memory");
		return RUN_FAILED;
	}
	memcpy(argv, a->v, a->n * sizeof(*argv));
	execvp(argv[0], argv);
	err = errno;
	complain("cannot run \"%s\": %s", argv[0], strerror(err));
	free(argv);
	return err == ENOENT ? RUN_NOTFOUND : RUN_NOEXEC;
}

/* Out of the way of 0 to 2, which may be closed. */
static int high(int fd)
{
	int to = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	close(fd);
	return to;
}

static int open_pair(int sock[2])
{
	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock)) {
		sock[0] = high(sock[0]);
		sock[1] = high(sock[1]);
		if (sock[0] >= 0 && sock[1] >= 0)
			return 0;
	}
	complain("cannot start the supervisor: %s", strerror(errno));
	return RUN_FAILED;
}

static int open_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd >= 0)
		fd = high(fd);
	if (fd < 0)
		complain("cannot open \"%s\": %s", path, strerror(errno));
	return fd;
}

int cmd_run(struct args *a)
{
	struct run_words words = {};
	int sock[2], log = STDERR_FILENO, ret;

	if (arg_peek(a) && !strcmp(arg_peek(a), "help")) {
		usage(run_usage);
		return RUN_FAILED;
	}
	ret = parse(a, &words);
	if (!ret)
		ret = probe_module();
	if (ret)
		return ret;
	if (words.log) {
		log = open_log(words.log);
		if (log < 0)
			return RUN_FAILED;
	}
	ret = open_pair(sock);
	if (ret)
		return ret;
	ret = start_supervisor(sock, log);
	if (!ret)
		ret = be_watched(sock[0]);
	if (log != STDERR_FILENO)
		close(log);
	return ret ? ret : run_exec(a);
}
