/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktpath run: what its files share.
 *
 *	run.c		options, start, exec of CMD
 *	run_filter.c	the filter: which system calls are reported
 *	run_watch.c	the supervisor: one answer per reported call
 *	run_task.c	what /proc says of the caller
 *	run_sock.c	a socket as the caller would have made it
 *	run_work.c	processes for calls that may take their time
 *	run_move.c	a socket that exists already changes its stack
 */
#ifndef PKTPATH_RUN_H
#define PKTPATH_RUN_H

#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Own failures, as those of env(1) and timeout(1). */
#define RUN_FAILED 125
#define RUN_NOEXEC 126
#define RUN_NOTFOUND 127

#define RUN_LIST 32

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct run_ports {
	uint16_t lo, hi;
};

struct run_prefix {
	struct in_addr addr;
	uint8_t plen;
};

struct run_opts {
	bool stream, dgram;	/* --type */
	bool raw;		/* --raw */
	bool v6_refuse;		/* --ipv6 */
	bool verbose;
	bool translate;		/* SO_REUSEPORT, SO_ZEROCOPY by own options */
	int family;		/* of the module */
	int nports, nprefixes;	/* any: decide at bind() and connect() */
	struct run_ports ports[RUN_LIST];
	struct run_prefix prefixes[RUN_LIST];
};

extern struct run_opts run_opts;

static inline bool run_late(void)
{
	return run_opts.nports || run_opts.nprefixes;
}

/* ---- run_filter.c ---- */

/* Installs the filter on the caller; the listener, or -errno. */
int run_filter_install(void);

/* ---- run_task.c ---- */

/* A thread that waits for an answer. */
struct run_task {
	pid_t tid, tgid;
	int mem, pidfd;		/* task_open(); -errno */
	uid_t uid, euid, fsuid;
	gid_t fsgid;
	bool net_raw;		/* it has CAP_NET_RAW */
	bool net_bind;		/* CAP_NET_BIND_SERVICE */
	char comm[64];
};

/* 0 or -errno. */
int task_read(struct run_task *t, pid_t tid);
/* Memory and descriptors of just this process: its number may soon be that of
 * another, so this stands before the last look whether it still waits.
 */
void task_open(struct run_task *t);
void task_close(struct run_task *t);
/* A descriptor of the caller's, in our table; -errno. */
int task_getfd(const struct run_task *t, int fd);
int task_peek(const struct run_task *t, uint64_t addr, void *buf, size_t len);
int task_poke(const struct run_task *t, uint64_t addr, const void *buf,
	      size_t len);
/* All of a file of /proc into a string; its length or -errno. */
int task_file(pid_t tid, const char *name, char *buf, size_t size);

/* ---- run_sock.c ---- */

/* A socket in the caller's netns and cgroup, with its uid; -errno. @type is
 * that of socket(2), but the descriptor here always closes on exec.
 */
int sock_create_for(const struct run_task *t, int domain, int type,
		    int protocol);
/* Descriptor of the caller's cgroup, -1: it is ours; below that -errno. */
int sock_cgroup(const struct run_task *t);
/* One of ours, with addresses of AF_INET. */
int sock_create_own(const struct run_task *t, int type, int protocol);

/* ---- run_work.c ---- */

#define WORK_FILES 0x400ULL	/* CLONE_FILES */

/* fork(2), into @cgroup unless that is negative; -errno. */
int work_clone(uint64_t flags, int cgroup);
/* A descriptor that is readable when work_done() has something; -1. */
int work_init(void);
/* May @uid have one more? */
bool work_room(uid_t uid);
/* fork(2) for the call @id of @t, not waited for; -errno. */
int work_start(const struct run_task *t, uint64_t id, int cgroup);
/* Keeps the call until there is room: 1 or -errno. */
int work_later(const struct run_task *t, const struct seccomp_notif *req);
/* The oldest that is kept for @uid, which forgets it. */
bool work_next(uid_t uid, struct seccomp_notif *req);
/* One that has ended: whose call, and which, it was for. */
bool work_done(uid_t *uid, uint64_t *id);

/* ---- run_move.c ---- */

/* Prepares the socket that replaces @fd of the caller (@old here); it, or
 * -errno after saying why not.
 */
int move_prepare(const struct run_task *t, int fd, int old);

/* ---- run_watch.c ---- */

/* One line to where messages go, which is not always our stderr. */
void run_say(const struct run_task *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Answers until no process is left that has the filter; never returns. */
void run_watch(int listener, int pidfd, int log) __attribute__((noreturn));

#endif
