// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath run in the corners: whose socket it is, what passes it by, what
 * moves and what must not. The program is its own command: "run_run case NAME"
 * does one case and says what went wrong.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/pktpath.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kselftest_harness.h"
#include "run.h"

#define RUN_USER 65534
#define RUN_MPTCP 262
#define RUN_ORPHANED 38		/* ENOSYS, by the kernel */

static bool ours(int fd)
{
	socklen_t len = sizeof(int);
	int val;

	return !getsockopt(fd, SOL_PKTPATH, PKTPATH_DOMAIN, &val, &len);
}

static int tcp(int flags)
{
	return socket(AF_INET, SOCK_STREAM | flags, 0);
}

static struct sockaddr_in at(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int bind_to(int fd, uint16_t port)
{
	struct sockaddr_in sin = at(port);

	return bind(fd, (struct sockaddr *)&sin, sizeof(sin));
}

static int connect_to(int fd, uint16_t port)
{
	struct sockaddr_in sin = at(port);

	return connect(fd, (struct sockaddr *)&sin, sizeof(sin));
}

static int opt_int(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int val = -1;

	return getsockopt(fd, level, name, &val, &len) ? -1 : val;
}

static int set_int(int fd, int level, int name, int val)
{
	return setsockopt(fd, level, name, &val, sizeof(val));
}

static void ignore(int sig)
{
	(void)sig;
}

/* ---- Cases: which sockets, and what they look like ---- */

static int case_kinds(void)
{
	int fd;

	fd = tcp(0);
	CHECK(fd >= 0 && ours(fd));
	CHECK(opt_int(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET);
	CHECK(opt_int(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(fd >= 0 && ours(fd));
	CHECK(opt_int(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP);
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	CHECK(fd >= 0 && ours(fd));
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	CHECK(fd >= 0 && !ours(fd));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(fd >= 0 && !ours(fd));
	CHECK(opt_int(fd, SOL_SOCKET, SO_DOMAIN) == AF_UNIX);
	CHECK(!set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	CHECK_ERRNO(EAFNOSUPPORT, socket(AF_INET6, SOCK_STREAM, 0));
	CHECK_ERRNO(EAFNOSUPPORT, socket(AF_INET6, SOCK_DGRAM, 0));
	CHECK_ERRNO(EPROTONOSUPPORT, socket(AF_INET, SOCK_STREAM, RUN_MPTCP));
	CHECK_ERRNO(EINVAL, socket(AF_INET, SOCK_STREAM | 0x40000000, 0));
	CHECK_ERRNO(EBADF, getsockopt(99, SOL_SOCKET, SO_DOMAIN, &fd,
				      &(socklen_t){ sizeof(fd) }));
	return 0;
}

static int case_flags(void)
{
	int i, fd, want, type;

	for (i = 0; i < 8; i++) {
		type = i & 4 ? SOCK_DGRAM : SOCK_STREAM;
		want = (i & 1 ? SOCK_NONBLOCK : 0) |
		       (i & 2 ? SOCK_CLOEXEC : 0);
		fd = socket(AF_INET, type | want, 0);
		CHECK(fd >= 0 && ours(fd));
		CHECK(!(fcntl(fd, F_GETFL) & O_NONBLOCK) == !(i & 1));
		CHECK(!(fcntl(fd, F_GETFD) & FD_CLOEXEC) == !(i & 2));
		CHECK(fcntl(fd, F_GETFL) & O_RDWR);
	}
	return 0;
}

/* The addresses of accepted sockets too are of AF_INET. */
static int case_addresses(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int l = tcp(0), c = tcp(0), a;
	struct pollfd p = { .events = POLLPRI };

	CHECK(!bind_to(l, 4000) && !listen(l, 4) && !connect_to(c, 4000));
	a = accept4(l, (struct sockaddr *)&sin, &len, SOCK_NONBLOCK);
	CHECK(a >= 0 && ours(a) && sin.sin_family == AF_INET);
	CHECK(!getsockname(a, (struct sockaddr *)&sin, &len));
	CHECK(sin.sin_family == AF_INET && sin.sin_port == htons(4000));
	CHECK(!getpeername(c, (struct sockaddr *)&sin, &len));
	CHECK(sin.sin_family == AF_INET && sin.sin_port == htons(4000));
	/* a request that only the transport knows */
	CHECK(send(c, "x", 1, MSG_OOB) == 1);
	p.fd = a;
	CHECK(poll(&p, 1, 30000) == 1 && sockatmark(a) == 1);
	return 0;
}

static int case_dgram_only(void)
{
	int fd = tcp(0);

	CHECK(fd >= 0 && !ours(fd));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(fd >= 0 && ours(fd));
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	CHECK(fd >= 0);
	return 0;
}

/* Refused are the kinds that are to be ours alone. */
static int case_dgram_v6(void)
{
	CHECK(socket(AF_INET6, SOCK_STREAM, 0) >= 0);
	CHECK(socket(AF_INET6, SOCK_RAW, IPPROTO_UDP) >= 0);
	CHECK_ERRNO(EAFNOSUPPORT, socket(AF_INET6, SOCK_DGRAM, 0));
	return 0;
}

static int case_reuseport(void)
{
	int a = tcp(0), b = tcp(0), one = 1;

	CHECK(!set_int(a, SOL_SOCKET, SO_REUSEPORT, 1));
	CHECK(opt_int(a, SOL_SOCKET, SO_REUSEPORT) == 1);
	CHECK(!bind_to(a, 4001) && !listen(a, 4));
	CHECK_ERRNO(EADDRINUSE, bind_to(b, 4001));
	CHECK(!set_int(b, SOL_SOCKET, SO_REUSEPORT, 1));
	CHECK(!bind_to(b, 4001) && !listen(b, 4));
	CHECK_ERRNO(EINVAL, setsockopt(a, SOL_SOCKET, SO_REUSEPORT, &one, 2));
	CHECK_ERRNO(EFAULT, setsockopt(a, SOL_SOCKET, SO_REUSEPORT, (void *)1,
				       sizeof(one)));
	CHECK_ERRNO(EBADF, set_int(99, SOL_SOCKET, SO_REUSEPORT, 1));
	return 0;
}

static int case_nofile(void)
{
	struct rlimit lim = { 3, 3 };

	CHECK(!setrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERRNO(EMFILE, tcp(0));
	return 0;
}

/* ---- Cases: whose socket it is ---- */

static ino_t netns_of_socket(int fd)
{
	int ns = ioctl(fd, SIOCGSKNS);
	struct stat st;

	CHECK(ns >= 0);
	CHECK(!fstat(ns, &st));
	close(ns);
	return st.st_ino;
}

static ino_t netns_of_self(void)
{
	struct stat st;

	CHECK(!stat("/proc/self/ns/net", &st));
	return st.st_ino;
}

static int case_netns(void)
{
	ino_t before = netns_of_self();
	int old = open("/proc/self/ns/net", O_RDONLY);

	CHECK(netns_of_socket(tcp(0)) == before);
	CHECK(!unshare(CLONE_NEWNET) && netns_of_self() != before);
	CHECK(netns_of_socket(tcp(0)) == netns_of_self());
	CHECK(!setns(old, CLONE_NEWNET));
	CHECK(netns_of_socket(tcp(0)) == before);
	return 0;
}

static int case_user(void)
{
	struct stat st;

	CHECK(!fstat(tcp(0), &st) && st.st_uid == 0 && st.st_gid == 0);
	CHECK(!setgroups(0, NULL));
	CHECK(!setresgid(RUN_USER, RUN_USER, RUN_USER));
	CHECK(!setresuid(1234, 1234, 1234));
	CHECK(!fstat(tcp(0), &st));
	CHECK(st.st_uid == 1234 && st.st_gid == RUN_USER);
	return 0;
}

/* A user namespace with a netns of its own. */
static int case_userns(void)
{
	int fd;

	CHECK(!unshare(CLONE_NEWUSER | CLONE_NEWNET));
	fd = tcp(0);
	CHECK(fd >= 0 && ours(fd));
	CHECK(netns_of_socket(fd) == netns_of_self());
	return 0;
}

/* Packets of the socket are counted by the cgroup it was made in. */
static int case_cgroup(void)
{
	struct sockaddr_in sin = at(4002);
	char word[256] = "";
	FILE *f;
	int fd;

	CHECK(!system("mkdir -p /sys/fs/cgroup/pprun"));
	CHECK(!system("echo $PPID >/sys/fs/cgroup/pprun/cgroup.procs"));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(fd >= 0 && ours(fd));
	CHECK(!system("nft -f - <<E\n"
		      "table ip t {\nchain c {\n"
		      "type filter hook output priority 0;\n"
		      "socket cgroupv2 level 1 \"pprun\" counter\n"
		      "}\n}\nE"));
	CHECK(sendto(fd, "x", 1, 0, (struct sockaddr *)&sin,
		     sizeof(sin)) == 1);
	f = popen("nft list table ip t | grep -c 'packets 1 '", "r");
	CHECK(f && fgets(word, sizeof(word), f) && atoi(word) == 1);
	pclose(f);
	return 0;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) > 0);
	close(fd);
}

static bool is_supervisor(int pid)
{
	char path[64], comm[32] = "";
	FILE *f;

	if (pid <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	return !strcmp(comm, "pktpath-run\n");
}

static pid_t supervisor(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	pid_t pid = 0;

	CHECK(dir);
	while (!pid && (d = readdir(dir)))
		if (is_supervisor(atoi(d->d_name)))
			pid = atoi(d->d_name);
	closedir(dir);
	return pid;
}

#include "run_frozen.h"

/* ---- Cases: what would pass it by ---- */

static int case_uring(void)
{
	char params[128] = {};

	CHECK_ERRNO(EPERM, syscall(SYS_io_uring_setup, 4, params));
	return 0;
}

static int add_filter(unsigned int flags)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K,
					    SECCOMP_RET_ALLOW);
	struct sock_fprog prog = { 1, &allow };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static int case_listener(void)
{
	int fd;

	CHECK_ERRNO(EBUSY, add_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER));
	CHECK(!add_filter(0));
	fd = tcp(0);
	CHECK(fd >= 0 && ours(fd));
	return 0;
}

static long call_i386(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret) :
		     "a" (nr), "b" (a), "c" (b), "d" (c) : "memory", "r8",
		     "r9", "r10", "r11");
	return ret;
}

static int case_foreign(void)
{
	CHECK(call_i386(359, AF_INET, SOCK_STREAM, 0) == -EPERM);
	CHECK(call_i386(102, 1, 0, 0) == -EPERM);
	/* getpid() */
	CHECK(call_i386(20, 0, 0, 0) == getpid());
	CHECK_ERRNO(EPERM, syscall(0x40000000 | SYS_socket, AF_INET,
				   SOCK_STREAM, 0));
	return 0;
}

/* ---- Cases: many, and after death ---- */

static void *many_sockets(void *arg)
{
	long i, bad = 0;
	int fd;

	for (i = 0; i < 50; i++) {
		fd = tcp(i & 1 ? SOCK_CLOEXEC : 0);
		bad += fd < 0 || !ours(fd);
		close(fd);
	}
	return (void *)(bad + (arg ? 0 : 0));
}

/* Signals meanwhile, as Go's scheduler sends them, lose nothing. */
static int case_threads(void)
{
	struct sigaction sa = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	pthread_t t[8];
	void *bad;
	int i;

	CHECK(!sigaction(SIGURG, &sa, NULL));
	for (i = 0; i < 8; i++)
		CHECK(!pthread_create(&t[i], NULL, many_sockets, NULL));
	for (i = 0; i < 200; i++)
		pthread_kill(t[i % 8], SIGURG);
	for (i = 0; i < 8; i++)
		CHECK(!pthread_join(t[i], &bad) && !bad);
	return 0;
}

/* A daemon outlives the command, and still is served. */
static int case_daemon(void)
{
	int fd, old = getpid();
	pid_t pid;

	pid = fork();
	CHECK(pid >= 0);
	if (pid)
		_exit(0);
	setsid();
	while (getppid() == old)
		sched_yield();
	fd = tcp(0);
	CHECK(fd >= 0 && ours(fd));
	printf("the daemon is served\n");
	return 0;
}

/* Also those of earlier tests that are about to end. */
static int case_orphaned(void)
{
	int i, fd = 0;
	pid_t pid;

	for (i = 0; i < 30000 && fd >= 0; i++) {
		pid = supervisor();
		if (pid)
			kill(pid, SIGKILL);
		fd = tcp(0);
		close(fd);
		usleep(1000);
	}
	CHECK_ERRNO(RUN_ORPHANED, tcp(0));
	CHECK(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	return 0;
}

#include "run_moves.h"

static const struct {
	const char *name;
	int (*fn)(void);
} cases[] = {
#define C(name) { #name, case_##name }
	C(kinds), C(flags), C(addresses), C(dgram_only), C(reuseport),
	C(dgram_v6),
	C(nofile), C(netns), C(user), C(userns), C(cgroup), C(frozen), C(helper_dies),
	C(throttled), C(uring),
	C(listener), C(foreign), C(threads), C(daemon), C(orphaned), C(move),
	C(move_bound), C(move_dup), C(move_epoll), C(move_owner), C(move_bpf),
	C(move_opts),
	C(move_port), C(move_netns), C(prefix),
#undef C
};

/* ---- The tests ---- */

static char out[8192];	/* what the last command wrote */

/* A shell command with $RUN and $CASE; its status as of wait(2). */
static int sh(const char *fmt, ...)
{
	char cmd[1024];
	size_t n = 0;
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	f = popen(cmd, "r");
	if (!f)
		return -1;
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = '\0';
	return pclose(f);
}

static int exits(const char *cmd)
{
	int status = sh("%s", cmd);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool says(const char *text)
{
	if (strstr(out, text))
		return true;
	printf("# no \"%s\" in: %s\n", text, out);
	return false;
}

/* One case under "pktpath run OPTS"; the test fails where the case did. */
#define RUN_CASE(opts, name)						\
	do {								\
		int _ret = exits("exec $RUN " opts " -- $CASE " #name	\
				 " 2>&1");				\
									\
		if (_ret)						\
			TH_LOG("%s: %s", #name, out);			\
		EXPECT_EQ(0, _ret);					\
	} while (0)

FIXTURE(run) {
	int old;
};

FIXTURE_SETUP(run)
{
	self->old = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, sh("ip link set lo up"));
	if (access("/sys/module/pktpath", F_OK))
		SKIP(return, "the module is not loaded");
}

FIXTURE_TEARDOWN(run)
{
	close(self->old);
}

TEST_F(run, kinds) { RUN_CASE("", kinds); }
TEST_F(run, flags) { RUN_CASE("", flags); }
TEST_F(run, addresses) { RUN_CASE("", addresses); }
TEST_F(run, dgram_only) { RUN_CASE("--type dgram --ipv6 leave", dgram_only); }
TEST_F(run, dgram_v6) { RUN_CASE("--type dgram --raw", dgram_v6); }
TEST_F(run, reuseport) { RUN_CASE("", reuseport); }
TEST_F(run, nofile) { RUN_CASE("", nofile); }
TEST_F(run, netns) { RUN_CASE("", netns); }
TEST_F(run, user) { RUN_CASE("", user); }
TEST_F(run, userns) { RUN_CASE("", userns); }
TEST_F(run, cgroup) { RUN_CASE("", cgroup); }
TEST_F_TIMEOUT(run, frozen, 120) { RUN_CASE("", frozen); }
TEST_F_TIMEOUT(run, throttled, 120) { RUN_CASE("", throttled); }
TEST_F_TIMEOUT(run, helper_dies, 120) { RUN_CASE("", helper_dies); }
TEST_F(run, threads) { RUN_CASE("", threads); }

TEST_F(run, bypasses)
{
	RUN_CASE("", uring);
	EXPECT_TRUE(says("io_uring was refused"));
	RUN_CASE("", listener);
	EXPECT_TRUE(says("a second seccomp listener was refused"));
	RUN_CASE("", foreign);
	EXPECT_TRUE(says("a 32-bit system call was refused"));
	EXPECT_EQ(125, exits("exec $RUN -- $RUN -- true 2>&1"));
	EXPECT_TRUE(says("another seccomp listener"));
}

TEST_F_TIMEOUT(run, moves, 120)
{
	RUN_CASE("-v --port 5000-5009", move);
	EXPECT_TRUE(says("moved to AF_PKTPATH"));
	RUN_CASE("--port 5001", move_bound);
	RUN_CASE("--port 5000-5009", move_dup);
	EXPECT_TRUE(says("it was duplicated (2 copies)"));
	RUN_CASE("--port 5000-5009", move_epoll);
	EXPECT_TRUE(says("an epoll set watches it"));
	RUN_CASE("--port 5000-5009", move_bpf);
	EXPECT_TRUE(says("its filter cannot be read"));
	RUN_CASE("--port 5000-5009", move_opts);
	EXPECT_TRUE(says("UDP_NO_CHECK6_TX: Protocol not available"));
	EXPECT_TRUE(says("TCP_THIN_LINEAR_TIMEOUTS: Protocol not available"));
	RUN_CASE("--port 5000-5009", move_owner);
	EXPECT_TRUE(says("F_SETOWN was another user's"));
	RUN_CASE("--port 5000-5009", move_port);
	EXPECT_TRUE(says("it is bound to 127.0.0.1:81: Permission denied"));
	RUN_CASE("--port 5000-5009", move_netns);
	EXPECT_TRUE(says("it is of another network namespace"));
	RUN_CASE("--prefix 127.1.0.0/16 --prefix 127.0.0.2", prefix);
}

/* Without privilege: a group that may, and no setuid from then on. */
TEST_F(run, unprivileged)
{
	const char *as = "setpriv --reuid 65534 --regid 65534 --clear-groups ";
	char cmd[512];

	snprintf(cmd, sizeof(cmd), "%s $RUN -- true 2>&1", as);
	EXPECT_EQ(125, exits(cmd));
	EXPECT_TRUE(says("group_range"));
	ASSERT_EQ(0, sh("echo 65534 65534 >/proc/sys/net/pktpath/group_range"));
	snprintf(cmd, sizeof(cmd), "%s $RUN -- $CASE flags 2>&1", as);
	EXPECT_EQ(0, exits(cmd));
	snprintf(cmd, sizeof(cmd), "%s $RUN -- $CASE userns 2>&1", as);
	EXPECT_EQ(0, exits(cmd));
	snprintf(cmd, sizeof(cmd),
		 "%s $RUN -- grep NoNewPrivs /proc/self/status 2>&1", as);
	EXPECT_EQ(0, exits(cmd));
	EXPECT_TRUE(says("NoNewPrivs:\t1"));
	EXPECT_EQ(0, exits("$RUN -- grep NoNewPrivs /proc/self/status"));
	EXPECT_TRUE(says("NoNewPrivs:\t0"));
}

TEST_F(run, status)
{
	EXPECT_EQ(7, exits("exec $RUN -- sh -c 'exit 7' 2>&1"));
	EXPECT_EQ(127, exits("exec $RUN -- /nonexistent 2>&1"));
	EXPECT_TRUE(says("cannot run \"/nonexistent\""));
	EXPECT_EQ(126, exits("exec $RUN -- /etc/passwd 2>&1"));
	EXPECT_EQ(125, exits("exec $RUN --frob -- true 2>&1"));
	EXPECT_TRUE(says("\"--frob\" is not an option"));
	EXPECT_EQ(125, exits("exec $RUN --port 0 -- true 2>&1"));
	EXPECT_EQ(125, exits("exec $RUN --port 9-8 -- true 2>&1"));
	EXPECT_EQ(125, exits("exec $RUN --prefix x -- true 2>&1"));
	EXPECT_EQ(125, exits("exec $RUN --type raw -- true 2>&1"));
	EXPECT_EQ(125, exits("exec $RUN --ipv6 maybe -- true 2>&1"));
	EXPECT_EQ(125, exits("exec $RUN -- 2>&1"));
	/* with nothing open, and a parent that does not want to know */
	EXPECT_EQ(7, exits("trap '' CHLD; $RUN -- sh -c 'exit 7' <&- >&- 2>&-"));
	EXPECT_EQ(SIGTERM, WTERMSIG(sh("exec $RUN -- sh -c 'kill -TERM $$'")));
	/* the command is this very process */
	EXPECT_EQ(0, exits("exec $RUN -- sh -c 'test $$ = '$$"));
	EXPECT_EQ(0, exits("f=$(mktemp); $RUN -v -o $f -- $CASE flags 2>&1; "
			   "grep -c stream $f"));
	EXPECT_TRUE(says("4"));
}

/* The end of the output is the end of the daemon, not before. */
TEST_F(run, daemon)
{
	RUN_CASE("", daemon);
	EXPECT_TRUE(says("the daemon is served"));
}

TEST_F(run, supervisor_dies)
{
	RUN_CASE("", orphaned);
}

/* Nothing of ours is left when the last process is gone. */
TEST_F(run, nothing_is_left)
{
	int i;

	EXPECT_EQ(0, exits("exec $RUN -- sh -c '$CASE threads & $CASE threads; "
			   "wait'"));
	for (i = 0; i < 3000 && supervisor(); i++)
		usleep(10000);
	EXPECT_EQ(0, supervisor());
}

int main(int argc, char **argv)
{
	char self[512], text[600];
	const char *top = getenv("PKTPATH_TOP");
	ssize_t n;
	size_t i;

	for (i = 0; argc > 2 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!strcmp(argv[1], "case") && !strcmp(argv[2],
							cases[i].name))
			return cases[i].fn();
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		return 1;
	self[n] = '\0';
	snprintf(text, sizeof(text), "%s case", self);
	setenv("CASE", text, 1);
	snprintf(text, sizeof(text), "%s run",
		 top ? "$PKTPATH_TOP/scripts/pktpath/pktpath" : "pktpath");
	if (top)
		snprintf(text, sizeof(text), "%s/scripts/pktpath/pktpath run",
			 top);
	setenv("RUN", text, 1);
	return test_harness_run(argc, argv);
}
