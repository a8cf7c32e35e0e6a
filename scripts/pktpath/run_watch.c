// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor of pktpath run: answers one reported system call at a time.
 *
 * Nothing is decided from memory that the caller could change in between and
 * that would matter: family, type and protocol are registers, and what is read
 * from memory is then done by us, or done again by the kernel itself with the
 * caller's own rights.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>
#include "pktpath.h"
#include "run.h"

#define SAID 8			/* kinds of refusals */
#define SAY_MS 100		/* that a message may take */

struct watch {
	int listener;
	int log;		/* where messages go; -1: the system's log */
	struct seccomp_notif_sizes sizes;
	struct seccomp_notif *req;
	struct seccomp_notif_resp *resp;
	pid_t *said;		/* shared with those that answer for it */
};

static struct watch watch = { .log = STDERR_FILENO };

/* ---- Messages ---- */

static void on_alarm(int sig)
{
	(void)sig;
}

/*
 * A terminal that was stopped, a pipe that nobody reads: all would wait. There
 * may be room when one looks and none when one writes.
 */
static void say(const char *line, size_t n)
{
	struct pollfd room = { .fd = watch.log, .events = POLLOUT };
	struct itimerval tv = {
		.it_value.tv_usec = SAY_MS * 1000,
		.it_interval.tv_usec = SAY_MS * 1000,
	};

	if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT))
		return;
	setitimer(ITIMER_REAL, &tv, NULL);
	/* nobody is left to be told that this failed */
	if (write(watch.log, line, n) < 0)
		n = 0;
	memset(&tv, 0, sizeof(tv));
	setitimer(ITIMER_REAL, &tv, NULL);
}

void run_say(const struct run_task *t, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n = 0;

	if (t)
		n = snprintf(line, sizeof(line), "pktpath: run: %s (pid %d): ",
			     t->comm, (int)t->tgid);
	else
		n = snprintf(line, sizeof(line), "pktpath: run: ");
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - 1 - n, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	if (watch.log < 0) {
		syslog(LOG_WARNING, "%s", line);
		return;
	}
	line[n++] = '\n';
	say(line, n);
}

/* A refusal is said once a process, not once a call. */
static bool said(const struct run_task *t, int what)
{
	bool again = watch.said[what % SAID] == t->tgid;

	watch.said[what % SAID] = t->tgid;
	return again;
}

/* ---- Answers ---- */

static bool still_there(void)
{
	return !ioctl(watch.listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
		      &watch.req->id);
}

static void answer_to(uint64_t id, int err, uint32_t flags)
{
	memset(watch.resp, 0, watch.sizes.seccomp_notif_resp);
	watch.resp->id = id;
	watch.resp->error = err;
	watch.resp->flags = flags;
	/* ENOENT: the caller died or was interrupted */
	ioctl(watch.listener, SECCOMP_IOCTL_NOTIF_SEND, watch.resp);
}

static void answer(int err)
{
	answer_to(watch.req->id, err, 0);
}

static void answer_continue(void)
{
	answer_to(watch.req->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

/* Gives @fd away as the result of the call. */
static void answer_fd(const struct run_task *t, int fd, bool cloexec,
		      const char *what)
{
	struct seccomp_notif_addfd add = {
		.id = watch.req->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = fd,
		.newfd_flags = cloexec ? SOCK_CLOEXEC : 0,
	};
	int theirs = ioctl(watch.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (theirs < 0) {
		answer(-errno);
		return;
	}
	if (run_opts.verbose)
		run_say(t, "fd %d is a %s socket of AF_PKTPATH", theirs, what);
}

/* ---- socket(2) ---- */

static const char *kind(int type, int protocol)
{
	if (type == SOCK_STREAM)
		return "stream";
	if (type == SOCK_RAW)
		return "raw";
	return protocol == IPPROTO_ICMP ? "ping" : "datagram";
}

/* What this socket is to become: 1 ours, 0 the kernel's, -errno refused. */
static int verdict(int type, int protocol)
{
	if (type == SOCK_STREAM) {
		if (!run_opts.stream)
			return 0;
		/* whoever asks for it can do without, and then is ours */
		if (protocol == IPPROTO_MPTCP)
			return -EPROTONOSUPPORT;
		return !protocol || protocol == IPPROTO_TCP;
	}
	if (type == SOCK_RAW)
		return run_opts.raw && protocol > 0 && protocol <= 255;
	return run_opts.dgram && (!protocol || protocol == IPPROTO_UDP ||
				  protocol == IPPROTO_ICMP);
}

static void on_socket(const struct run_task *t, const struct seccomp_data *d)
{
	int domain = d->args[0], flags = d->args[1], protocol = d->args[2];
	int type = flags & 0xf, v, fd;

	if (domain == AF_INET6) {
		/* what the user leaves to the kernel needs no IPv4 */
		if (type == SOCK_STREAM ? !run_opts.stream :
		    type != SOCK_DGRAM || !run_opts.dgram) {
			answer_continue();
			return;
		}
		if (run_opts.verbose)
			run_say(t, "an IPv6 socket was refused");
		answer(-EAFNOSUPPORT);
		return;
	}
	v = verdict(type, protocol);
	/* the supervisor may have what the caller must have */
	if (v > 0 && type == SOCK_RAW && !t->net_raw)
		v = -EPERM;
	if (v < 0) {
		answer(v);
		return;
	}
	if (!v) {
		if (run_opts.verbose)
			run_say(t, "a socket of type %d, protocol %d stays with AF_INET",
				type, protocol);
		answer_continue();
		return;
	}
	fd = sock_create_own(t, flags, protocol);
	if (fd < 0) {
		if (!said(t, 0))
			run_say(t, "no %s socket of AF_PKTPATH: %s",
				kind(type, protocol), strerror(-fd));
		answer(fd);
		return;
	}
	answer_fd(t, fd, flags & SOCK_CLOEXEC, kind(type, protocol));
	close(fd);
}

/* ---- Options that the kernel cannot be told ---- */

/* The caller's socket if it is one of ours; -errno: let the kernel say it. */
static int own_socket(const struct run_task *t, int theirs, int family)
{
	socklen_t len = sizeof(int);
	int fd = task_getfd(t, theirs), domain;

	if (fd < 0) {
		if (fd == -EPERM && !said(t, 1))
			run_say(t, "its sockets cannot be looked at: %s",
				strerror(EPERM));
		return fd;
	}
	if (!getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	    domain == family)
		return fd;
	close(fd);
	return -ENOTSOCK;
}

static void on_setsockopt(const struct run_task *t,
			  const struct seccomp_data *d)
{
	int name = (int)d->args[2] == SO_REUSEPORT ? PKTPATH_REUSEPORT :
						     PKTPATH_ZEROCOPY;
	int fd = own_socket(t, d->args[0], run_opts.family), val, err;

	if (fd < 0) {
		answer_continue();
		return;
	}
	err = (int)d->args[4] < (int)sizeof(val) ? -EINVAL :
	      task_peek(t, d->args[3], &val, sizeof(val));
	if (!err && setsockopt(fd, SOL_PKTPATH, name, &val, sizeof(val)))
		err = -errno;
	close(fd);
	answer(err);
}

static void on_getsockopt(const struct run_task *t,
			  const struct seccomp_data *d)
{
	int name = (int)d->args[2] == SO_DOMAIN ? PKTPATH_DOMAIN :
						  PKTPATH_PROTOCOL;
	int fd = own_socket(t, d->args[0], run_opts.family), val, err;
	socklen_t size = sizeof(val);
	int len;

	if (fd < 0) {
		answer_continue();
		return;
	}
	err = getsockopt(fd, SOL_PKTPATH, name, &val, &size) ? -errno : 0;
	close(fd);
	if (!err)
		err = task_peek(t, d->args[4], &len, sizeof(len));
	if (!err && len < 0)
		err = -EINVAL;
	if (!err && len > (int)sizeof(val))
		len = sizeof(val);
	if (!err)
		err = task_poke(t, d->args[3], &val, len);
	if (!err)
		err = task_poke(t, d->args[4], &len, sizeof(len));
	answer(err);
}

/* ---- bind(2) and connect(2) ---- */

static bool in_ports(uint16_t port)
{
	int i;

	for (i = 0; i < run_opts.nports; i++)
		if (port >= run_opts.ports[i].lo &&
		    port <= run_opts.ports[i].hi)
			return true;
	return !run_opts.nports;
}

static bool in_prefixes(struct in_addr a)
{
	const struct run_prefix *p;
	int i;

	for (i = 0; i < run_opts.nprefixes; i++) {
		p = &run_opts.prefixes[i];
		if (!p->plen || !((ntohl(a.s_addr) ^ ntohl(p->addr.s_addr)) >>
				  (32 - p->plen)))
			return true;
	}
	return !run_opts.nprefixes;
}

/* An IPv6 socket that takes IPv4 as well would be missed without a word. */
static void look_at_v6(const struct run_task *t, const struct sockaddr_in6 *a)
{
	const struct in6_addr any = IN6ADDR_ANY_INIT;
	struct in_addr v4;

	memcpy(&v4, a->sin6_addr.s6_addr + 12, sizeof(v4));
	if (memcmp(&a->sin6_addr, &any, sizeof(any)) &&
	    !IN6_IS_ADDR_V4MAPPED(&a->sin6_addr))
		return;
	if (in_ports(ntohs(a->sin6_port)) && in_prefixes(v4) && !said(t, 2))
		run_say(t, "port %u of an IPv6 socket stays with the kernel (see --ipv6 refuse)",
			ntohs(a->sin6_port));
}

/* 1: the address is one that was asked for; -EPERM: it cannot be seen. */
static int wanted(const struct run_task *t, const struct seccomp_data *d)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u = {};
	int len = d->args[2], err;

	if (len < (int)sizeof(u.in))
		return 0;
	if (len > (int)sizeof(u))
		len = sizeof(u);
	err = task_peek(t, d->args[1], &u, len);
	if (err)
		return err == -EFAULT ? 0 : -EPERM;
	if (u.sa.sa_family == AF_INET6 && len >= (int)sizeof(u.in6))
		look_at_v6(t, &u.in6);
	return u.sa.sa_family == AF_INET && in_ports(ntohs(u.in.sin_port)) &&
	       in_prefixes(u.in.sin_addr);
}

/* 1 to move, 0 to leave the socket as it is. */
static int movable(int fd)
{
	int type, protocol, v;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) ||
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		return 0;
	if (type != SOCK_STREAM && type != SOCK_DGRAM)
		return 0;
	v = verdict(type, protocol);
	return v > 0;
}

/* Whether the number still means the same socket. */
static bool same_socket(const struct run_task *t, int theirs, int old)
{
	int now = own_socket(t, theirs, AF_INET);
	struct stat a, b;
	bool same;

	if (now < 0)
		return false;
	same = !fstat(now, &a) && !fstat(old, &b) && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
	close(now);
	return same;
}

static int move(const struct run_task *t, int theirs, int old)
{
	struct seccomp_notif_addfd add = {
		.id = watch.req->id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD,
		.newfd = theirs,
	};
	char info[256], name[32];
	unsigned int flags = 0;
	char *p;
	int fd;

	snprintf(name, sizeof(name), "fdinfo/%d", theirs);
	if (task_file(t->tid, name, info, sizeof(info)) < 0)
		return -EBADF;
	p = strstr(info, "flags:");
	if (p)
		flags = strtoul(p + 6, NULL, 8);
	fd = move_prepare(t, theirs, old);
	if (fd < 0)
		return fd;
	if (!same_socket(t, theirs, old)) {
		close(fd);
		run_say(t, "fd %d cannot move to AF_PKTPATH: another thread has replaced it",
			theirs);
		return -EBADF;
	}
	add.srcfd = fd;
	add.newfd_flags = flags & SOCK_CLOEXEC;
	if (ioctl(watch.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0) {
		close(fd);
		return -errno;
	}
	close(fd);
	if (run_opts.verbose)
		run_say(t, "fd %d moved to AF_PKTPATH", theirs);
	return 0;
}

static void on_address(const struct run_task *t, const struct seccomp_data *d)
{
	int old, err = wanted(t, d);

	if (err < 0) {
		if (!said(t, 1))
			run_say(t, "its memory cannot be looked at: an address was refused");
		answer(err);
		return;
	}
	if (!err) {
		answer_continue();
		return;
	}
	err = 0;
	old = own_socket(t, d->args[0], AF_INET);
	if (old < 0) {
		/* ours already, or not a socket of the kernel's IPv4 */
		answer_continue();
		return;
	}
	if (movable(old))
		err = move(t, d->args[0], old);
	close(old);
	/* the kernel now does the call, on what the descriptor has become */
	if (err)
		answer(err);
	else
		answer_continue();
}

/* ---- What would pass us by ---- */

static void on_bypass(const struct run_task *t, const struct seccomp_data *d)
{
	if (d->arch == AUDIT_ARCH_X86_64 && d->nr == __NR_seccomp) {
		if (!said(t, 3))
			run_say(t, "a second seccomp listener was refused: there can be one");
		answer(-EBUSY);
		return;
	}
	if (d->nr == __NR_io_uring_setup || d->nr == __NR_io_uring_enter ||
	    d->nr == __NR_io_uring_register) {
		if (!said(t, 4))
			run_say(t, "io_uring was refused: seccomp does not see its sockets");
		answer(-EPERM);
		return;
	}
	if (!said(t, 5))
		run_say(t, "a %s system call was refused: only x86_64 is watched",
			d->arch == AUDIT_ARCH_X86_64 ? "x32" : "32-bit");
	answer(-EPERM);
}

static void handle(const struct run_task *t, const struct seccomp_data *d)
{
	if (d->arch != AUDIT_ARCH_X86_64) {
		on_bypass(t, d);
		return;
	}
	switch (d->nr) {
	case __NR_socket:
		on_socket(t, d);
		break;
	case __NR_setsockopt:
		on_setsockopt(t, d);
		break;
	case __NR_getsockopt:
		on_getsockopt(t, d);
		break;
	case __NR_bind:
	case __NR_connect:
		on_address(t, d);
		break;
	default:
		on_bypass(t, d);
		break;
	}
}

/* All that is reported but socket(2) and what is refused. */
static bool reads_memory(const struct seccomp_data *d)
{
	return d->arch == AUDIT_ARCH_X86_64 &&
	       (d->nr == __NR_setsockopt || d->nr == __NR_getsockopt ||
		d->nr == __NR_bind || d->nr == __NR_connect);
}

static bool makes_socket(const struct seccomp_data *d)
{
	return d->arch == AUDIT_ARCH_X86_64 && d->nr == __NR_socket &&
	       (int)d->args[0] == AF_INET &&
	       verdict(d->args[1] & 0xf, d->args[2]) > 0;
}

/* To a process of its own, or to wait for one; above 0, or -errno. */
static int hand_over(const struct run_task *t, const struct seccomp_data *d,
		     int cgroup)
{
	int pid;

	if (!work_room(t->uid))
		return work_later(t, watch.req);
	pid = work_start(t, watch.req->id, cgroup);
	if (pid)
		return pid;
	handle(t, d);
	_exit(0);
}

/*
 * The caller's memory may be a file that somebody serves, or not, its cgroup
 * may be frozen: whoever waits for these must not be who answers all others.
 */
static void dispatch(const struct run_task *t, const struct seccomp_data *d)
{
	int cgroup = -1, pid;

	if (makes_socket(d))
		cgroup = sock_cgroup(t);
	if (cgroup < 0 && !reads_memory(d)) {
		handle(t, d);
		return;
	}
	pid = hand_over(t, d, cgroup);
	if (cgroup >= 0)
		close(cgroup);
	if (pid > 0)
		return;
	if (!said(t, 6))
		run_say(t, "a call was refused: no process could be started for it%s: %s",
			cgroup < 0 ? "" : " in its cgroup", strerror(-pid));
	answer(pid);
}

/* The call in watch.req. */
static void watch_call(void)
{
	struct run_task t;
	int err = task_read(&t, watch.req->pid);

	if (!err && reads_memory(&watch.req->data))
		task_open(&t);
	/* what was read and opened is its, not a successor's of the same id */
	if (!still_there()) {
		task_close(&t);
		return;
	}
	if (err) {
		run_say(NULL, "process %u cannot be looked at: %s: a call was refused",
			watch.req->pid, strerror(-err));
		answer(-EPERM);
		return;
	}
	dispatch(&t, &watch.req->data);
	task_close(&t);
}

static void watch_one(void)
{
	memset(watch.req, 0, watch.sizes.seccomp_notif);
	/* ENOENT: it died between */
	if (!ioctl(watch.listener, SECCOMP_IOCTL_NOTIF_RECV, watch.req))
		watch_call();
}

/* Processes of ours have ended: calls that waited for it have their turn. */
static void watch_work(void)
{
	uint64_t id;
	uid_t uid;

	while (work_done(&uid, &id)) {
		/* it was killed in the middle, unless this is ENOENT */
		answer_to(id, -ENOMEM, 0);
		while (work_room(uid) && work_next(uid, watch.req))
			watch_call();
	}
}

/* CMD is over: its standard error is no longer ours to hold open. */
static void release_log(void)
{
	if (watch.log == STDERR_FILENO) {
		close(STDERR_FILENO);
		openlog("pktpath", LOG_PID | LOG_NDELAY, LOG_DAEMON);
		watch.log = -1;
	}
}

void run_watch(int listener, int pidfd, int log)
{
	struct pollfd p[3] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = work_init(), .events = POLLIN },
	};
	struct sigaction sa = { .sa_handler = on_alarm };

	watch.listener = listener;
	watch.log = log;
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &watch.sizes))
		_exit(1);
	watch.req = calloc(1, watch.sizes.seccomp_notif);
	watch.resp = calloc(1, watch.sizes.seccomp_notif_resp);
	watch.said = mmap(NULL, SAID * sizeof(*watch.said),
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	if (!watch.req || !watch.resp || watch.said == MAP_FAILED ||
	    p[2].fd < 0 || sigaction(SIGALRM, &sa, NULL))
		_exit(1);
	for (;;) {
		if (poll(p, 3, -1) < 0) {
			if (errno != EINTR)
				_exit(1);
			continue;
		}
		if (p[2].revents)
			watch_work();
		if (p[1].revents) {
			release_log();
			p[1].fd = -1;
			p[1].revents = 0;
		}
		if (p[0].revents & POLLIN)
			watch_one();
		else if (p[0].revents)
			_exit(0);	/* nobody is left */
	}
}
