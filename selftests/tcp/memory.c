// SPDX-License-Identifier: GPL-2.0
/*
 * What accepted sockets of a container may hold. A memory cgroup is not
 * charged for them (accept() charges AF_INET alone), so the bound is
 * net.pktpath.tcp_mem: connections that nobody reads stop there, none is lost,
 * and all that was sent is read afterwards, byte for byte.
 * Proves: design: memory accounting; TCP under pressure.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include "pp_stream.h"

#define CONNS		64
#define BYTES		1048576	/* on each */
#define PAGES		4096		/* for all; they would take four times that */
/* above the limit: a reserve of 1 MB a processor, a segment for each socket */
#define SLACK		(2 * 256 + CONNS * 20)
#define CGROUP		"/tmp/pktpath-cgroup"

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ok;

	if (fd < 0)
		return -1;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok ? 0 : -1;
}

/* A container of 32 MB; false without memory cgroups. */
static bool cgroup_make(void)
{
	mkdir(CGROUP, 0755);
	if (mount("none", CGROUP, "cgroup2", 0, NULL))
		return false;
	put(CGROUP "/cgroup.subtree_control", "+memory");
	mkdir(CGROUP "/box", 0755);
	return !put(CGROUP "/box/memory.max", "33554432");
}

static long cgroup_kills(void)
{
	FILE *f = fopen(CGROUP "/box/memory.events", "r");
	char word[64];
	long n = -1;

	while (f && fscanf(f, "%63s %ld", word, &n) == 2)
		if (!strcmp(word, "oom_kill"))
			break;
	if (f)
		fclose(f);
	return n;
}

/* Pages that TCP holds, of all netns; -1 without a line. */
static long pages(void)
{
	FILE *f = fopen("/proc/net/protocols", "r");
	char line[256];
	long n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "PKTPATH-TCP %*d %*d %ld", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static unsigned char byte_at(int conn, long at)
{
	return conn * 7 + at / 1000 + at;
}

/* In the container: takes all, reads when told to; 0 if all is right. */
static int serve(int lfd, int go)
{
	static unsigned char buf[65536];
	int fd[CONNS], i;
	ssize_t n, j;
	char c;

	if (put(CGROUP "/box/cgroup.procs", "0"))
		return 10;
	for (i = 0; i < CONNS; i++) {
		fd[i] = accept(lfd, NULL, NULL);
		if (fd[i] < 0)
			return 11;
	}
	if (read(go, &c, 1) != 1)
		return 12;
	for (i = 0; i < CONNS; i++) {
		unsigned char conn;
		long at = 0;

		if (recv(fd[i], &conn, 1, MSG_WAITALL) != 1)
			return 13;
		while ((n = recv(fd[i], buf, sizeof(buf), 0)) > 0)
			for (j = 0; j < n; j++)
				if (buf[j] != byte_at(conn, at++))
					return 14;
		if (n || at != BYTES)
			return 15;
	}
	return 0;
}

struct sender {
	int fd[CONNS];
	long at[CONNS];
	bool done[CONNS];
};

/* As much as goes now, on all; bytes. */
static long push(struct sender *s)
{
	static unsigned char buf[65536];
	long sum = 0, i, j, n;

	for (i = 0; i < CONNS; i++) {
		while (s->at[i] < BYTES) {
			n = BYTES - s->at[i];
			if (n > (long)sizeof(buf))
				n = sizeof(buf);
			for (j = 0; j < n; j++)
				buf[j] = byte_at(i, s->at[i] + j);
			n = send(s->fd[i], buf, n, MSG_DONTWAIT);
			if (n <= 0)
				break;
			s->at[i] += n;
			sum += n;
		}
		if (s->at[i] == BYTES && !s->done[i]) {
			shutdown(s->fd[i], SHUT_WR);
			s->done[i] = true;
		}
	}
	return sum;
}

/* Sends until nothing has gone for a second; the most pages seen. */
static long fill(struct sender *s)
{
	long most = 0, now;
	int quiet = 0;

	while (quiet < 20) {
		quiet = push(s) ? 0 : quiet + 1;
		now = pages();
		if (now > most)
			most = now;
		usleep(50000);
	}
	return most;
}

TEST_F_TIMEOUT(stacks, accepted_sockets_are_bounded, 200)
{
	const struct pp_pair *p = &self->p;
	struct sender s = {};
	int lfd, go[2], status = -1, i;
	char mem[64], c;
	long most;
	pid_t pid;

	if (p->inet)
		SKIP(return, "memory cgroups are charged for AF_INET");
	if (!cgroup_make())
		SKIP(return, "no memory cgroups");
	snprintf(mem, sizeof(mem), "%d %d %d", PAGES / 2, PAGES * 3 / 4, PAGES);
	/* of the machine: seen in the first netns only */
	ASSERT_EQ(0, pp_ns_enter(p->ns_old));
	ASSERT_EQ(0, put("/proc/sys/net/pktpath/tcp_mem", mem));
	ASSERT_EQ(0, pp_ns_enter(p->ns_a));
	lfd = pp_listen_a(p, PP_PORT, CONNS);
	ASSERT_LE(0, lfd);
	ASSERT_EQ(0, pipe(go));
	pid = fork();
	if (!pid)
		_exit(serve(lfd, go[0]));
	for (i = 0; i < CONNS; i++) {
		s.fd[i] = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);
		ASSERT_EQ(0, pp_connect(s.fd[i], PKTPATH_T_A, PP_PORT));
		c = i;
		ASSERT_EQ(1, send(s.fd[i], &c, 1, 0));
	}
	most = fill(&s);
	TH_LOG("at most %ld pages of %d", most, PAGES);
	EXPECT_LT(PAGES / 4, most);
	EXPECT_GE(PAGES + SLACK, most);
	ASSERT_EQ(1, write(go[1], "x", 1));
	for (i = 0; i < 3000 && waitpid(pid, &status, WNOHANG) != pid; i++) {
		push(&s);
		usleep(20000);
	}
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, cgroup_kills());
	for (i = 0; i < CONNS; i++)
		close(s.fd[i]);
	close(lfd);
	umount2(CGROUP, MNT_DETACH);
}

TEST_HARNESS_MAIN
