// SPDX-License-Identifier: GPL-2.0
/* pktpath down: end sockets and detach devices until rmmod can succeed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pktpath.h"

static const char down_usage[] =
	"Usage: pktpath down [ --all ] [ --kill ]\n"
	"Ends every socket and detaches every device of this netns, or of all\n"
	"with --all. A process that keeps a dead socket open still holds the\n"
	"module: it is named and the exit status is 2; --kill ends it.\n";

struct down_words {
	bool all, kill;
};

struct down_sum {
	uint32_t socks, devs, holders, unseen;
	uint64_t inode;		/* looked for */
	bool kill, found;
};

static int down_answer(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct down_sum *s = arg;

	(void)cmd;
	s->socks += get_u32(tb, PKTPATH_A_DOWN_SOCKS, 0);
	s->devs += get_u32(tb, PKTPATH_A_DOWN_DEVS, 0);
	return 0;
}

/* The process that has the number now need not be the one that was seen. */
static void down_kill(int pid, int fd, uint64_t inode)
{
	int p = syscall(SYS_pidfd_open, pid, 0);

	if (p < 0)
		return;
	if (proc_holds(pid, fd, inode))
		syscall(SYS_pidfd_send_signal, p, SIGKILL, NULL, 0);
	close(p);
}

static void down_holder(int pid, int fd, char *comm, void *arg)
{
	struct down_sum *s = arg;

	s->found = true;
	if (s->kill && pid > 1 && pid != getpid()) {
		down_kill(pid, fd, s->inode);
		return;
	}
	s->holders++;
	complain("%s (pid %d) still has a dead socket open (fd %d)",
		 printable(comm), pid, fd);
}

static int down_look(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	struct down_sum *s = arg;

	(void)cmd;
	s->found = false;
	s->inode = get_u64(tb, PKTPATH_A_SOCK_INODE);
	procs_of_inode(s->inode, down_holder, s);
	s->unseen += !s->found;
	return 0;
}

static int down_count(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	(void)tb;
	(*(uint32_t *)arg)++;
	return 0;
}

/* Waits until there are at most @few sockets; @n: how many there are. */
static int down_wait(uint32_t few, int tries, uint32_t *n)
{
	char buf[NL_BUF];
	int ret;

	for (;;) {
		*n = 0;
		ret = nl_talk(nl_start(buf, PKTPATH_CMD_SOCK_GET, NLM_F_DUMP),
			      down_count, n);
		if (ret || *n <= few || !--tries)
			return ret;
		usleep(50000);
	}
}

/* Killed processes let go within a few seconds. */
static int down_killed(void)
{
	uint32_t n;
	int ret;

	ret = down_wait(0, 100, &n);
	if (ret || !n)
		return ret;
	complain("%u socket%s did not go away", n, n == 1 ? "" : "s");
	return EXIT_REFUSED;
}

/* What no process has may be on its way to the collector. */
static int down_unseen(struct down_sum *s, uint32_t before)
{
	uint32_t n;
	int ret;

	ret = down_wait(before, 20, &n);
	if (ret || n <= before)
		return ret;
	s->holders += n - before;
	complain("a dead socket is open in no process to be seen: perhaps");
	complain("passed between processes (SCM_RIGHTS) or kept by io_uring");
	return 0;
}

/*
 * Sockets in flight that nobody can receive any more go when a socket of
 * AF_UNIX closes while others are in flight.
 */
static void down_collect(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
}

static int down_here(struct down_sum *s)
{
	uint32_t held = s->holders;
	char buf[NL_BUF];
	int ret;

	s->unseen = 0;
	procs_forget();
	down_collect();
	ret = nl_talk(nl_start(buf, PKTPATH_CMD_DOWN, 0), down_answer, s);
	if (ret)
		return ret;
	ret = nl_talk(nl_start(buf, PKTPATH_CMD_SOCK_GET, NLM_F_DUMP),
		      down_look, s);
	if (!ret && s->kill)
		ret = down_killed();
	else if (!ret && s->unseen)
		ret = down_unseen(s, s->holders - held);
	return ret;
}

static int down_each(const char *name, void *arg)
{
	int ret;

	(void)name;
	nl_close();
	ret = nl_open();
	return ret ? ret : down_here(arg);
}

/*
 * A netns without name and process is there while closed connections deliver:
 * it cannot be entered, the module must do it. Only for the machine's root,
 * whose user namespace has this number (PROC_USER_INIT_INO).
 */
static int down_rest(struct down_sum *s)
{
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	struct stat st;

	if (stat("/proc/self/ns/user", &st) || st.st_ino != 0xEFFFFFFD)
		return 0;
	nlh = nl_start(buf, PKTPATH_CMD_DOWN, 0);
	mnl_attr_put(nlh, PKTPATH_A_DOWN_ALL, 0, NULL);
	return nl_talk(nlh, down_answer, s);
}

/* And back, with a socket of this netns: a batch goes on. */
static int down_everywhere(struct down_sum *s)
{
	int ret = netns_each(down_each, s), r;

	nl_close();
	r = nl_open();
	if (!ret)
		ret = r;
	return ret ? ret : down_rest(s);
}

int cmd_down(struct args *a)
{
	struct down_words w = {};
	struct down_sum s = {};
	const char *word;
	int ret;

	while ((word = arg_next(a))) {
		if (!strcmp(word, "--all") || !strcmp(word, "all"))
			w.all = true;
		else if (!strcmp(word, "--kill"))
			w.kill = true;
		else
			return usage(down_usage);
	}
	s.kill = w.kill;
	ret = w.all ? down_everywhere(&s) : down_here(&s);
	if (ret)
		return ret;
	js_object(NULL);
	js_u64("sockets", s.socks);
	js_u64("devices", s.devs);
	js_u64("holders", s.holders);
	js_object_end();
	js_finish();
	if (!opts.json)
		printf("%u socket%s ended, %u device%s detached\n", s.socks,
		       s.socks == 1 ? "" : "s", s.devs,
		       s.devs == 1 ? "" : "s");
	return s.holders ? EXIT_REFUSED : 0;
}
