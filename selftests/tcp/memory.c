// SPDX-License-Identifier: GPL-2.0
/*
 * What accepted sockets of a container may hold. A memory cgroup is not
 * charged for them (accept() charges AF_INET alone), so the bound is
 * net.pktpath.tcp_mem: connections that nobody reads stop there, none is lost,
 * and all that was sent is read afterwards, byte for byte.
 *
 * For sockets that connect it is charged, and gets back what it was charged.
 * Where memory is short, by tcp_mem or in a cgroup, windows and buffers do not
 * grow, and do again afterwards.
 * Proves: design: memory accounting; TCP under pressure.
 */
#include <linux/sock_diag.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "pp_stream.h"

#define CONNS		64
#define BYTES		1048576	/* on each */
#define PAGES		4096		/* for all; they would take four times that */
/* above the limit: a reserve of 1 MB a processor, a segment for each socket */
#define SLACK		(2 * 256 + CONNS * 20)
#define CGROUP		"/tmp/pktpath-cgroup"
#define BOX		CGROUP "/box"
#define PINNED		8388608	/* in the cgroup, not to be reclaimed */
#define PIN_FILE	"/usr/bin/qemu-system-x86_64" /* larger than that */
#define STREAM		1048576	/* lets a window grow */
#define GROWN		100000	/* it has: no connection starts with so much */
#define HOGS		64	/* hold more than a reserve a processor */
#define TCP_MEM_OF(p)	((p)->inet ? "/proc/sys/net/ipv4/tcp_mem" : \
			 "/proc/sys/net/pktpath/tcp_mem")

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
	mkdir(BOX, 0755);
	return !put(BOX "/memory.max", "33554432");
}

static long cgroup_kills(void)
{
	FILE *f = fopen(BOX "/memory.events", "r");
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

	if (put(BOX "/cgroup.procs", "0"))
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

/* ---- Sockets that connect ---- */

/* Inside or outside of the box; what a socket is charged to is said by who
 * makes it.
 */
static int box_enter(bool in)
{
	return put(in ? BOX "/cgroup.procs" : CGROUP "/cgroup.procs", "0");
}

static long box_bytes(void)
{
	FILE *f = fopen(BOX "/memory.current", "r");
	long n = -1;

	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/*
 * A process that is charged for pages of a file, which a pipe holds too: they
 * are looked at whenever memory is wanted back, and stay.
 */
static pid_t pin(void)
{
	int fd = open(PIN_FILE, O_RDONLY), ready[2], held[2];
	struct iovec iov = { .iov_len = PINNED };
	char c = 0;
	pid_t pid;

	if (fd < 0 || pipe(ready) || pipe(held) ||
	    fcntl(held[1], F_SETPIPE_SZ, PINNED) < 0 ||
	    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		return -1;
	pid = fork();
	if (!pid) {
		if (box_enter(true))
			_exit(1);
		iov.iov_base = mmap(NULL, PINNED, PROT_READ,
				    MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (iov.iov_base == MAP_FAILED)
			_exit(1);
		while (iov.iov_len) {
			ssize_t n = vmsplice(held[1], &iov, 1, 0);

			if (n <= 0)
				_exit(1);
			iov.iov_base += n;
			iov.iov_len -= n;
		}
		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (pid > 0 && read(ready[0], &c, 1) != 1) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[0]);
	close(held[0]);
	close(held[1]);
	close(fd);
	return pid;
}

static void unpin(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* For a second the box is short of memory: what it must give up it cannot. */
static void squeeze(void)
{
	put(BOX "/memory.high", "1048576");
	put(BOX "/memory.high", "max");
}

/* So many bytes from @from to @to; the box is kept short if so wished. */
static bool carry(int from, int to, long bytes, bool squeezed)
{
	struct pollfd p = { .fd = to, .events = POLLIN };
	static char buf[65536];
	long sent = 0, got = 0;
	long long next = 0;
	ssize_t n;
	int idle;

	for (idle = 0; got < bytes && idle < 300;) {
		if (squeezed && pp_now_ms() >= next) {
			squeeze();
			next = pp_now_ms() + 300;
		}
		n = bytes - sent < (long)sizeof(buf) ? bytes - sent :
						       (long)sizeof(buf);
		n = n ? send(from, buf, n, MSG_DONTWAIT) : 0;
		sent += n > 0 ? n : 0;
		n = recv(to, buf, sizeof(buf), MSG_DONTWAIT);
		got += n > 0 ? n : 0;
		idle = n > 0 || poll(&p, 1, 100) > 0 ? 0 : idle + 1;
	}
	return got == bytes;
}

static unsigned int ssthresh(int fd, unsigned int *least)
{
	struct tcp_info i;
	socklen_t len = sizeof(i);

	memset(&i, 0, sizeof(i));
	getsockopt(fd, SOL_TCP, TCP_INFO, &i, &len);
	*least = 4 * i.tcpi_advmss;
	return i.tcpi_rcv_ssthresh;
}

static int buffer(int fd, int which)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len) ? -1 :
	       (int)mem[which];
}

/* While memory is short and @a reads and writes much. */
static void judge_short(struct __test_metadata *_metadata, int a, int b,
			bool squeezed)
{
	unsigned int least, now;
	int sndbuf;

	ASSERT_TRUE(carry(b, a, STREAM, squeezed));
	now = ssthresh(a, &least);
	EXPECT_LE(now, least);
	sndbuf = buffer(a, SK_MEMINFO_SNDBUF);
	ASSERT_TRUE(carry(a, b, STREAM, squeezed));
	EXPECT_GE(sndbuf, buffer(a, SK_MEMINFO_SNDBUF));
}

/* It is no more: in a while all grows as ever. */
static void judge_after(struct __test_metadata *_metadata, int a, int b)
{
	unsigned int least;
	int i;

	for (i = 0; i < 100 && ssthresh(a, &least) < GROWN; i++)
		ASSERT_TRUE(carry(b, a, STREAM, false));
	EXPECT_LE(GROWN, ssthresh(a, &least));
}

TEST_F_TIMEOUT(stacks, nothing_grows_in_a_full_cgroup, 200)
{
	const struct pp_pair *p = &self->p;
	unsigned int least;
	pid_t pid;
	int a, b;

	if (!cgroup_make())
		SKIP(return, "no memory cgroups");
	ASSERT_EQ(0, put(BOX "/memory.max", "max"));
	pid = pin();
	ASSERT_LT(0, pid);
	ASSERT_LE(PINNED / 2, box_bytes());
	ASSERT_EQ(0, box_enter(true));
	ASSERT_EQ(0, pp_active(p, &a, &b));
	ASSERT_EQ(0, box_enter(false));
	judge_short(_metadata, a, b, true);
	judge_after(_metadata, a, b);
	close(a);
	close(b);
	/* one that is charged elsewhere never feels it */
	ASSERT_EQ(0, pp_active(p, &a, &b));
	ASSERT_TRUE(carry(b, a, 4 * STREAM, true));
	EXPECT_LE(GROWN, ssthresh(a, &least));
	close(a);
	close(b);
	unpin(pid);
	umount2(CGROUP, MNT_DETACH);
}

TEST_F_TIMEOUT(stacks, nothing_grows_above_tcp_mem, 200)
{
	const struct pp_pair *p = &self->p;
	static char buf[65536];
	int hog[HOGS], a, b, lfd, i;
	char old[64] = "";
	FILE *f;

	ASSERT_EQ(0, pp_active(p, &a, &b));
	lfd = pp_listen_a(p, PP_PORT + 1, HOGS);
	ASSERT_LE(0, lfd);
	for (i = 0; i < HOGS; i++) {
		hog[i] = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);
		ASSERT_EQ(0, pp_connect(hog[i], PKTPATH_T_A, PP_PORT + 1));
		while (send(hog[i], buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
	}
	ASSERT_EQ(0, pp_ns_enter(p->ns_old));
	f = fopen(TCP_MEM_OF(p), "r");
	ASSERT_NE(NULL, f);
	ASSERT_NE(NULL, fgets(old, sizeof(old), f));
	fclose(f);
	ASSERT_EQ(0, put(TCP_MEM_OF(p), "16 32 1000000"));
	judge_short(_metadata, a, b, false);
	ASSERT_EQ(0, put(TCP_MEM_OF(p), old));
	judge_after(_metadata, a, b);
	for (i = 0; i < HOGS; i++)
		close(hog[i]);
	close(lfd);
	close(a);
	close(b);
}

/* What is taken beyond every limit, for the first segment and the last. */
TEST_F_TIMEOUT(stacks, cgroup_gets_back_what_it_gave, 200)
{
	const struct pp_pair *p = &self->p;
	long before, after;
	pid_t pid;
	int a, b, i;

	if (!cgroup_make())
		SKIP(return, "no memory cgroups");
	ASSERT_EQ(0, put(BOX "/memory.max", "max"));
	pid = pin();
	ASSERT_LT(0, pid);
	before = box_bytes();
	ASSERT_EQ(0, box_enter(true));
	ASSERT_EQ(0, pp_active(p, &a, &b));
	ASSERT_EQ(0, box_enter(false));
	for (i = 0; i < 1000; i++) {
		ASSERT_TRUE(carry(a, b, 9000, false));
		ASSERT_TRUE(carry(b, a, 9000, false));
	}
	close(a);
	close(b);
	after = box_bytes();
	TH_LOG("%ld bytes before, %ld after", before, after);
	/* what a processor keeps for the next to ask, and the page tables */
	EXPECT_LE(before - 524288, after);
	EXPECT_GE(before + 524288, after);
	unpin(pid);
	umount2(CGROUP, MNT_DETACH);
}

/* Makes and closes 32 sockets that reserve 1 MB each; false if one may not. */
static bool reserve(const struct pp_pair *p, int type)
{
	bool ok = true;
	int i, fd;

	for (i = 0; ok && i < 32; i++) {
		fd = pp_socket(p, type, 0);
		ok = !pp_set(fd, SOL_SOCKET, SO_RESERVE_MEM, 1048576);
		close(fd);
	}
	return ok;
}

/* SO_RESERVE_MEM is the socket's, and goes with it. */
TEST_F_TIMEOUT(stacks, reserve_ends_with_its_socket, 100)
{
	const struct pp_pair *p = &self->p;
	long box, held;
	int i;

	if (!cgroup_make())
		SKIP(return, "no memory cgroups");
	ASSERT_EQ(0, put(BOX "/memory.max", "max"));
	ASSERT_EQ(0, box_enter(true));
	held = pages();
	box = box_bytes();
	EXPECT_TRUE(reserve(p, SOCK_STREAM));
	/* for streams alone where generic code lets us say so */
	if (!reserve(p, SOCK_DGRAM))
		EXPECT_EQ(EOPNOTSUPP, errno);
	ASSERT_EQ(0, box_enter(false));
	/* a datagram socket ends with a grace period */
	for (i = 0; i < 300 && box_bytes() > box + 4 * 1048576; i++)
		usleep(100000);
	if (!p->inet)
		EXPECT_GE(held + 2 * 256, pages());
	EXPECT_GE(box + 4 * 1048576, box_bytes());
	umount2(CGROUP, MNT_DETACH);
}

TEST_HARNESS_MAIN
