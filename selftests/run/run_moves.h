/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For run.c, with its helpers: the cases of sockets that move, with
 * --port 5000-5009.
 */
#ifndef PKTPATH_SELFTESTS_RUN_MOVES_H
#define PKTPATH_SELFTESTS_RUN_MOVES_H

static void set_many(int fd)
{
	struct linger linger = { 1, 7 };
	struct timeval tv = { 3, 0 };

	CHECK(!set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1));
	CHECK(!set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	CHECK(!set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	CHECK(!set_int(fd, SOL_SOCKET, SO_RCVBUF, 30000));
	CHECK(!set_int(fd, SOL_SOCKET, SO_PRIORITY, 3));
	CHECK(!set_int(fd, IPPROTO_IP, IP_TTL, 33));
	CHECK(!set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1));
	CHECK(!set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, 77));
	CHECK(!setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
	CHECK(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger,
			  sizeof(linger)));
	CHECK(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	CHECK(!fcntl(fd, F_SETOWN, getpid()));
}

static void check_many(int fd)
{
	struct linger linger = {};
	struct timeval tv = {};
	socklen_t len = sizeof(linger);
	char cc[16] = "";

	CHECK(opt_int(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
	CHECK(opt_int(fd, SOL_SOCKET, SO_REUSEADDR) == 1);
	CHECK(opt_int(fd, SOL_SOCKET, SO_REUSEPORT) == 1);
	CHECK(opt_int(fd, SOL_SOCKET, SO_RCVBUF) == 60000);
	CHECK(opt_int(fd, SOL_SOCKET, SO_PRIORITY) == 3);
	CHECK(opt_int(fd, IPPROTO_IP, IP_TTL) == 33);
	CHECK(opt_int(fd, IPPROTO_TCP, TCP_NODELAY) == 1);
	CHECK(opt_int(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 77);
	CHECK(!getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	CHECK(linger.l_onoff == 1 && linger.l_linger == 7);
	len = sizeof(tv);
	CHECK(!getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	CHECK(tv.tv_sec == 3);
	len = sizeof(cc);
	CHECK(!getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, cc, &len));
	CHECK(!strcmp(cc, "reno"));
	CHECK(fcntl(fd, F_GETOWN) == getpid());
}

static int case_move(void)
{
	int l = tcp(SOCK_CLOEXEC), c = tcp(SOCK_NONBLOCK), k = tcp(0), u;

	CHECK(!ours(l) && !ours(c) && !ours(k));
	set_many(l);
	CHECK(!bind_to(l, 5000) && ours(l) && !listen(l, 4));
	check_many(l);
	CHECK(fcntl(l, F_GETFD) == FD_CLOEXEC);
	CHECK(!(fcntl(l, F_GETFL) & O_NONBLOCK));
	CHECK(connect_to(c, 5000) == -1 && errno == EINPROGRESS && ours(c));
	CHECK(!fcntl(c, F_GETFD) && fcntl(c, F_GETFL) & O_NONBLOCK);
	CHECK(accept(l, NULL, NULL) >= 0);
	/* nobody listens on that port of the kernel's */
	CHECK_ERRNO(ECONNREFUSED, connect_to(k, 4999));
	CHECK(!ours(k));
	/* it could not move, and would stay with the kernel */
	CHECK_ERRNO(EPROTONOSUPPORT, socket(AF_INET, SOCK_STREAM, RUN_MPTCP));
	u = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(!bind_to(u, 5009) && ours(u));
	CHECK_ERRNO(EFAULT, bind(k, (void *)1, sizeof(struct sockaddr_in)));
	CHECK_ERRNO(EINVAL, bind_to(u, 5008));
	return 0;
}

/* Bound before it is known that it will move. */
static int case_move_bound(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int l = tcp(0), c = tcp(0);

	CHECK(!bind_to(l, 5001) && !listen(l, 4));
	CHECK(!bind_to(c, 4998) && !ours(c));
	CHECK(!connect_to(c, 5001) && ours(c));
	CHECK(!getsockname(c, (struct sockaddr *)&sin, &len));
	CHECK(sin.sin_port == htons(4998));
	return 0;
}

static int case_move_dup(void)
{
	int fd = tcp(0), copy = dup(fd), pfd[2];
	pid_t pid;

	CHECK_ERRNO(EOPNOTSUPP, bind_to(fd, 5002));
	close(copy);
	CHECK(!pipe(pfd));
	pid = fork();
	if (!pid) {
		close(pfd[1]);
		_exit(read(pfd[0], &pid, 1));
	}
	CHECK_ERRNO(EOPNOTSUPP, bind_to(fd, 5002));
	close(pfd[1]);
	CHECK(waitpid(pid, NULL, 0) == pid);
	CHECK(!bind_to(fd, 5002) && ours(fd));
	return 0;
}

static int case_move_epoll(void)
{
	int fd = tcp(0), other = tcp(0), ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN };

	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	CHECK_ERRNO(EOPNOTSUPP, bind_to(fd, 5003));
	CHECK(!bind_to(other, 5003) && ours(other));
	CHECK(!epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL));
	CHECK(!bind_to(fd, 5004) && ours(fd));
	return 0;
}

/* What cannot be read back must not be lost without a word. */
/* What only the kernel's sockets know. */
static int case_move_opts(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(!set_int(fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, 1));
	CHECK_ERRNO(EOPNOTSUPP, bind_to(fd, 5006));
	CHECK(!set_int(fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, 0));
	CHECK(!bind_to(fd, 5006) && ours(fd));
	fd = tcp(0);
	CHECK(!set_int(fd, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1));
	CHECK_ERRNO(EOPNOTSUPP, bind_to(fd, 5006));
	return 0;
}

static int case_move_bpf(void)
{
	/* return all of it: r0 = -1; exit */
	uint64_t insns[2] = { 0xffffffff000000b7ull, 0x95 };
	struct {
		uint32_t type, n;
		uint64_t insns, license;
		char rest[96];
	} attr = {
		.type = 1, .n = 2, .insns = (uintptr_t)insns,
		.license = (uintptr_t)"GPL",
	};
	int fd = tcp(0), prog, one = 1 << 24;

	prog = syscall(SYS_bpf, 5, &attr, sizeof(attr));
	CHECK(prog >= 0);
	CHECK(!set_int(fd, SOL_SOCKET, SO_ATTACH_BPF, prog));
	CHECK_ERRNO(EOPNOTSUPP, bind_to(fd, 5006));
	fd = tcp(0);
	CHECK(!set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, one));
	CHECK(!bind_to(fd, 5006) && ours(fd));
	CHECK(opt_int(fd, SOL_SOCKET, SO_RCVBUF) == 2 * one);
	return 0;
}

/* A process of root's that ends, with 0, when the other end of *@end closes. */
static pid_t fork_victim(int *end)
{
	int pfd[2];
	pid_t pid;

	CHECK(!pipe(pfd));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		close(pfd[1]);
		_exit(read(pfd[0], &pid, 1));
	}
	close(pfd[0]);
	*end = pfd[1];
	return pid;
}

/*
 * A user below a root supervisor has it set an owner as root for him: on
 * AF_INET the kernel does not let his signal through.
 */
static int case_move_owner(void)
{
	int fd, other, end, status, err;
	pid_t victim = fork_victim(&end);

	fd = tcp(0);
	other = tcp(0);
	CHECK(!setgroups(0, NULL) && !setresuid(1234, 1234, 1234));
	CHECK(!fcntl(fd, F_SETOWN, victim));
	CHECK(!fcntl(fd, F_SETSIG, SIGKILL));
	CHECK(!fcntl(fd, F_SETFL, O_ASYNC));
	err = bind_to(fd, 5005) ? errno : 0;
	/* refused, which is an event to SIGIO */
	connect_to(fd, 4999);
	close(end);
	CHECK(waitpid(victim, &status, 0) == victim && !status);
	CHECK(err == EOPNOTSUPP);
	CHECK(!bind_to(other, 5005) && ours(other));
	return 0;
}

/* A port that only the kernel's stack gives to everybody. */
static int case_move_port(void)
{
	int fd = tcp(0), other = tcp(0);

	put("/proc/sys/net/ipv4/ip_unprivileged_port_start", "80");
	CHECK(!setgroups(0, NULL) && !setresuid(1234, 1234, 1234));
	CHECK(!bind_to(fd, 81) && !ours(fd));
	CHECK_ERRNO(EOPNOTSUPP, connect_to(fd, 5007));
	CHECK(!bind_to(other, 4996) && !ours(other));
	CHECK_ERRNO(ECONNREFUSED, connect_to(other, 5007));
	CHECK(ours(other));
	return 0;
}

static int send_fd(int to, int fd)
{
	char c = 0, room[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { &c, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *cm = CMSG_FIRSTHDR(&m);

	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	return sendmsg(to, &m, 0) == 1 ? 0 : -1;
}

static int take_fd(int from)
{
	char c, room[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { &c, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	int fd = -1;

	if (recvmsg(from, &m, 0) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/*
 * A user is root in a netns of his own, and hands a socket out of it: what he
 * could set there he gets on none of ours here.
 */
static int case_move_netns(void)
{
	int pair[2], status, fd;
	pid_t pid;

	CHECK(!setgroups(0, NULL) && !setresuid(1234, 1234, 1234));
	CHECK(!prctl(PR_SET_DUMPABLE, 1));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		CHECK(!unshare(CLONE_NEWUSER | CLONE_NEWNET));
		fd = tcp(0);
		CHECK(fd >= 0 && !ours(fd));
		CHECK(!set_int(fd, IPPROTO_IP, IP_TRANSPARENT, 1));
		CHECK(!set_int(fd, SOL_SOCKET, SO_MARK, 77));
		_exit(send_fd(pair[1], fd) ? 1 : 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && !status);
	fd = take_fd(pair[0]);
	CHECK(fd >= 0);
	CHECK_ERRNO(EOPNOTSUPP, connect_to(fd, 5008));
	CHECK_ERRNO(EOPNOTSUPP, bind_to(fd, 5008));
	CHECK(!ours(fd));
	fd = tcp(0);
	CHECK(!bind_to(fd, 5008) && ours(fd));
	return 0;
}

/* With --prefix 127.1.0.0/16 --prefix 127.0.0.2 */
static int case_prefix(void)
{
	struct sockaddr_in sin = at(4997);
	int a = tcp(0), b = tcp(0), c = tcp(0);

	CHECK(!bind(a, (struct sockaddr *)&sin, sizeof(sin)) && !ours(a));
	sin.sin_addr.s_addr = inet_addr("127.1.2.3");
	CHECK(!bind(b, (struct sockaddr *)&sin, sizeof(sin)) && ours(b));
	sin.sin_addr.s_addr = inet_addr("127.0.0.2");
	CHECK(!bind(c, (struct sockaddr *)&sin, sizeof(sin)) && ours(c));
	return 0;
}

#endif
