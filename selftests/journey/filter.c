// SPDX-License-Identifier: GPL-2.0
/*
 * A recording's filters that headers do not tell: socket, process, cgroup and
 * device. Two recordings run at once, one of everything: what the other gets
 * must be those journeys of the first that are its own, record by record, and
 * no others. Its ring has room for a few: others that went into it on the way
 * would be counted as lost.
 */
#include <linux/filter.h>
#include <linux/pktpath.h>
#include <net/if.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "kselftest_harness.h"
#include "pp_test.h"

#define JOURNEY	"/proc/thread-self/net/pktpath/journey"
#define RECS	65536
#define LO	"127.0.0.1"
#define NONE	((struct pktpath_journey_conf){ 0 })

/* What a recording has given. */
struct got {
	int fd;
	uint32_t n;
	uint64_t lost, owners;
	struct pktpath_journey_rec r[RECS];
};

static struct got all, some;

static int rec_open(const struct pktpath_journey_conf *conf, size_t len)
{
	int fd = open(JOURNEY, O_RDWR | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0 || write(fd, conf, len) == (ssize_t)len)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int rec_start(struct got *g, struct pktpath_journey_conf conf)
{
	conf.version = PKTPATH_JOURNEY_VERSION;
	conf.flags = PKTPATH_JOURNEY_OWNERS;
	memset(g, 0, sizeof(*g));
	g->fd = rec_open(&conf, sizeof(conf));
	return g->fd < 0 ? -1 : 0;
}

/* What there is now. 0, or -1 when it is too much or makes no sense. */
static int rec_read(struct got *g)
{
	static struct pktpath_journey_rec r[4096];
	ssize_t n, i;

	for (;;) {
		n = read(g->fd, r, sizeof(r));
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		n /= sizeof(*r);
		for (i = 0; i < n; i++) {
			if (r[i].stage == PKTPATH_AT_LOST)
				g->lost += r[i].id;
			else if (r[i].stage == PKTPATH_AT_OWNER)
				g->owners++;
			if (r[i].stage >= PKTPATH_AT_LOST &&
			    r[i].stage != PKTPATH_AT_OWNER)
				continue;
			if (g->n == RECS)
				return -1;
			g->r[g->n++] = r[i];
		}
	}
}

/* Both with room for all, or @some's with as little as there can be. */
static int rec_both(struct pktpath_journey_conf conf)
{
	struct pktpath_journey_conf any = { .ring = 32768 };

	return rec_start(&all, any) || rec_start(&some, conf) ? -1 : 0;
}

static void rec_end(void)
{
	close(all.fd);
	close(some.fd);
}

/* ---- Which journeys are wanted? ---- */

typedef bool (*wants_fn)(const struct pktpath_journey_rec *r, uint64_t what);

static bool of_sock(const struct pktpath_journey_rec *r, uint64_t cookie)
{
	return r->cookie == cookie;
}

static bool of_cgroup(const struct pktpath_journey_rec *r, uint64_t cgroup)
{
	return r->stage == PKTPATH_AT_OWNER && r->cgroup == cgroup;
}

static bool of_pid(const struct pktpath_journey_rec *r, uint64_t pid)
{
	return (r->stage == PKTPATH_AT_OWNER ||
		r->flags & PKTPATH_JREC_TASK) && r->pid == pid;
}

static bool of_dev(const struct pktpath_journey_rec *r, uint64_t ifindex)
{
	return r->stage < PKTPATH_AT_FREE && r->ifindex == ifindex;
}

static int by_id(const void *a, const void *b)
{
	const struct pktpath_journey_rec *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->stage - y->stage;
}

/* Next journey from @i on. */
static uint32_t next_id(const struct got *g, uint32_t i)
{
	uint64_t id = g->r[i].id;

	while (i < g->n && g->r[i].id == id)
		i++;
	return i;
}

/* Records of journeys that are wanted; *@n of these. Streams' calls, which are
 * of none, are left out.
 */
static uint32_t wanted(struct got *g, wants_fn wants, uint64_t what,
		       uint32_t *n)
{
	uint32_t i, k, end, recs = 0;
	bool want;

	*n = 0;
	qsort(g->r, g->n, sizeof(*g->r), by_id);
	for (i = 0; i < g->n; i = end) {
		end = next_id(g, i);
		want = false;
		for (k = i; k < end; k++)
			want |= wants(&g->r[k], what);
		if (!want || !g->r[i].id)
			continue;
		memmove(g->r + recs, g->r + i, (end - i) * sizeof(*g->r));
		recs += end - i;
		++*n;
	}
	return recs;
}

/*
 * Has the filter let pass exactly what it should? Number of journeys, or -1.
 * What a journey has not come to yet may differ for a moment.
 */
static int exact(wants_fn wants, uint64_t what)
{
	static struct got one, two;
	long long end = pp_now_ms() + 10000;
	uint32_t n = 0, m = 0, a = 0, b;

	do {
		if (rec_read(&all) || rec_read(&some) || all.lost || some.lost)
			break;
		one = all;
		two = some;
		a = wanted(&one, wants, what, &n);
		b = wanted(&two, wants, what, &m);
		if (a == b && !memcmp(one.r, two.r, a * sizeof(*one.r)))
			break;
		poll(NULL, 0, 10);
	} while (pp_now_ms() < end);
	/* what it has besides is none of its own */
	two = some;
	for (b = 0, m = 0; b < two.n; b++)
		m += !two.r[b].id;
	printf("# %u journeys, %u records; %u and %u (%u of calls) in all, lost %llu, %llu\n",
	       n, a, all.n, some.n, m, (unsigned long long)all.lost,
	       (unsigned long long)some.lost);
	if (all.lost || some.lost || a + m != some.n ||
	    a != wanted(&two, wants, what, &m) ||
	    memcmp(one.r, two.r, a * sizeof(*one.r)))
		return -1;
	return n;
}

/* ---- Traffic ---- */

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

static int talk(int out, int in, int n)
{
	char buf[64] = "";

	while (n--)
		if (send(out, buf, sizeof(buf), 0) != sizeof(buf) ||
		    (in >= 0 && recv(in, buf, sizeof(buf), 0) <= 0))
			return -1;
	return 0;
}

FIXTURE(filter) {
	struct pp_pair p;
	int in[3], out[3];
};

FIXTURE_SETUP(filter)
{
	int i;

	ASSERT_EQ(0, pp_pair_setup(&self->p, false));
	for (i = 0; i < 3; i++) {
		self->in[i] = pp_udp_bound(&self->p, LO, 5000 + i);
		self->out[i] = pp_udp(&self->p);
		ASSERT_LE(0, self->in[i]);
		ASSERT_EQ(0, pp_connect(self->out[i], LO, 5000 + i));
	}
}

FIXTURE_TEARDOWN(filter)
{
	int i;

	for (i = 0; i < 3; i++) {
		close(self->in[i]);
		close(self->out[i]);
	}
	EXPECT_EQ(0, pp_pair_teardown(&self->p));
}

/* The one that sends, of three that do, to as many; then the one that gets. */
TEST_F(filter, sock)
{
	struct pktpath_journey_conf conf = { .ring = 2048 };
	int i, k;

	for (i = 0; i < 2; i++) {
		conf.cookie = cookie_of(i ? self->in[2] : self->out[1]);
		ASSERT_EQ(0, rec_both(conf));
		for (k = 0; k < 40; k++)
			ASSERT_EQ(0, talk(self->out[k % 3], self->in[k % 3], 1));
		EXPECT_EQ(13, exact(of_sock, conf.cookie));
		/* of each datagram both sockets */
		EXPECT_EQ(26, some.owners);
		rec_end();
	}
}

/*
 * What is not wanted does not come near the ring: a thousand journeys, of some
 * twenty records each, leave one of 64 as empty as it was.
 */
TEST_F(filter, not_in_the_ring)
{
	struct pktpath_journey_conf conf = { .ring = 64 };

	conf.cookie = cookie_of(self->out[2]);
	ASSERT_EQ(0, rec_start(&some, conf));
	ASSERT_EQ(0, talk(self->out[0], self->in[0], 500));
	ASSERT_EQ(0, talk(self->out[1], self->in[1], 500));
	ASSERT_EQ(0, rec_read(&some));
	EXPECT_EQ(0, some.n);
	EXPECT_EQ(0, some.lost);
	ASSERT_EQ(0, talk(self->out[2], self->in[2], 1));
	ASSERT_EQ(0, rec_read(&some));
	EXPECT_EQ(0, some.lost);
	EXPECT_LT(20, some.n);
	close(some.fd);
}

/* Received from elsewhere, where no socket is known at first. */
TEST_F(filter, received)
{
	struct pktpath_journey_conf conf = { .ring = 2048 };
	int a, b, peer;

	a = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	b = pp_udp_bound(&self->p, PKTPATH_T_A, 4001);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	conf.cookie = cookie_of(a);
	/* the neighbours are known then */
	ASSERT_EQ(0, pp_connect(peer, PKTPATH_T_A, 4000));
	ASSERT_EQ(0, talk(peer, a, 1));
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(0, talk(peer, a, 10));
	ASSERT_EQ(0, pp_connect(peer, PKTPATH_T_A, 4001));
	ASSERT_EQ(0, talk(peer, b, 10));
	/* nobody's, and answered by ICMP */
	ASSERT_EQ(0, pp_connect(peer, PKTPATH_T_A, 4002));
	ASSERT_EQ(0, talk(peer, -1, 1));
	EXPECT_EQ(10, exact(of_sock, conf.cookie));
	rec_end();
	close(a);
	close(b);
	close(peer);
}

/* What its queue has no room for, or its filter refuses, is the socket's. */
TEST_F(filter, drops)
{
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog prog = { .len = 1, .filter = none };
	struct pktpath_journey_conf conf = { .ring = 2048 };
	uint32_t i, drops = 0;

	ASSERT_EQ(0, pp_set(self->in[0], SOL_SOCKET, SO_RCVBUF, 1));
	conf.cookie = cookie_of(self->in[0]);
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(0, talk(self->out[0], -1, 20));
	ASSERT_EQ(0, talk(self->out[1], self->in[1], 5));
	ASSERT_EQ(0, setsockopt(self->in[0], SOL_SOCKET, SO_ATTACH_FILTER,
				&prog, sizeof(prog)));
	ASSERT_EQ(0, talk(self->out[0], -1, 10));
	EXPECT_EQ(30, exact(of_sock, conf.cookie));
	for (i = 0; i < some.n; i++)
		drops += !!(some.r[i].flags & PKTPATH_JREC_DROP);
	EXPECT_LT(20, drops);
	rec_end();
}

/* All of a connection: its calls, its segments, and what only acknowledges. */
TEST_F(filter, stream)
{
	struct pktpath_journey_conf conf = { .ring = 8192 };
	int lfd, a, b, c, d;
	uint32_t i, acks = 0, calls = 0;

	lfd = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, pp_bind(lfd, LO, 4100));
	ASSERT_EQ(0, listen(lfd, 8));
	a = pp_socket(&self->p, SOCK_STREAM, 0);
	c = pp_socket(&self->p, SOCK_STREAM, 0);
	conf.cookie = cookie_of(a);
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(0, pp_connect(a, LO, 4100));
	b = accept(lfd, NULL, NULL);
	ASSERT_EQ(0, pp_connect(c, LO, 4100));
	d = accept(lfd, NULL, NULL);
	ASSERT_EQ(0, talk(a, b, 20));
	ASSERT_EQ(0, talk(c, d, 20));
	ASSERT_EQ(0, talk(b, a, 5));
	EXPECT_LT(25, exact(of_sock, conf.cookie));
	for (i = 0; i < some.n; i++) {
		if (!some.r[i].id) {
			calls++;
			EXPECT_EQ(conf.cookie, some.r[i].cookie);
		}
		if (some.r[i].stage == PKTPATH_AT_FREE &&
		    some.r[i].cookie == conf.cookie)
			acks++;
	}
	/* each of its sends twice, and its reads */
	EXPECT_LE(45, calls);
	EXPECT_LT(0, acks);
	rec_end();
	close(lfd);
	close(a);
	close(b);
	close(c);
	close(d);
}

/*
 * A process that made a socket, one that was given it and sends, and one that
 * reads: each has its own. The child sends by out[1], which its parent made.
 */
TEST_F(filter, pid)
{
	struct pktpath_journey_conf conf = { .ring = 2048 };
	int go[2], done[2], i, status;
	char c = 0;
	pid_t pid;

	ASSERT_EQ(0, pipe(go) | pipe(done));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		while (read(go[0], &c, 1) == 1)
			if (talk(self->out[1], -1, 1) ||
			    write(done[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(go[0]);
	conf.pid = pid;
	ASSERT_EQ(0, rec_both(conf));
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, talk(self->out[0], self->in[0], 1));
		ASSERT_EQ(1, write(go[1], &c, 1));
		ASSERT_EQ(1, read(done[0], &c, 1));
		ASSERT_LT(0, recv(self->in[1], &c, 1, 0));
	}
	EXPECT_EQ(10, exact(of_pid, pid));
	rec_end();
	/* the parent's are all of these: it gets the child's */
	conf.pid = getpid();
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(1, write(go[1], &c, 1));
	ASSERT_EQ(1, read(done[0], &c, 1));
	ASSERT_LT(0, recv(self->in[1], &c, 1, 0));
	ASSERT_EQ(0, talk(self->out[0], self->in[0], 3));
	EXPECT_EQ(4, exact(of_pid, getpid()));
	rec_end();
	close(go[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(filter, dev)
{
	struct pktpath_journey_conf conf = { .ring = 2048 };
	int fd = pp_udp(&self->p), peer;

	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, talk(fd, peer, 1));
	conf.ifindex = if_nametoindex("pa");
	ASSERT_LT(0, conf.ifindex);
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(0, talk(fd, peer, 7));
	ASSERT_EQ(0, talk(self->out[0], self->in[0], 9));
	EXPECT_EQ(7, exact(of_dev, conf.ifindex));
	rec_end();
	/* both at once: nothing of that socket goes there */
	conf.cookie = cookie_of(self->out[0]);
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(0, talk(fd, peer, 3));
	ASSERT_EQ(0, talk(self->out[0], self->in[0], 3));
	ASSERT_EQ(0, rec_read(&some));
	EXPECT_EQ(0, some.n + some.lost);
	rec_end();
	conf.ifindex = if_nametoindex("lo");
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(0, talk(fd, peer, 3));
	ASSERT_EQ(0, talk(self->out[0], self->in[0], 4));
	EXPECT_EQ(4, exact(of_sock, conf.cookie));
	rec_end();
	close(fd);
	close(peer);
}

/* A cgroup's number is that of its directory. */
TEST_F(filter, cgroup)
{
	struct pktpath_journey_conf conf = { .ring = 2048 };
	char dir[] = "/tmp/pp-cgroup-XXXXXX", sub[64], file[96];
	struct stat st;
	FILE *f;
	int fd;

	ASSERT_NE(NULL, mkdtemp(dir));
	if (mount("none", dir, "cgroup2", 0, NULL)) {
		rmdir(dir);
		SKIP(return, "no cgroup2");
	}
	snprintf(sub, sizeof(sub), "%s/pp-%d", dir, getpid());
	ASSERT_EQ(0, mkdir(sub, 0755));
	ASSERT_EQ(0, stat(sub, &st));
	snprintf(file, sizeof(file), "%s/cgroup.procs", sub);
	f = fopen(file, "w");
	ASSERT_LT(0, fprintf(f, "%d", getpid()));
	ASSERT_EQ(0, fclose(f));
	fd = pp_udp(&self->p);
	ASSERT_EQ(0, pp_connect(fd, LO, 5001));
	conf.cgroup = st.st_ino;
	ASSERT_EQ(0, rec_both(conf));
	ASSERT_EQ(0, talk(fd, self->in[1], 6));
	/* made before */
	ASSERT_EQ(0, talk(self->out[0], self->in[0], 5));
	EXPECT_EQ(6, exact(of_cgroup, conf.cgroup));
	rec_end();
	close(fd);
	snprintf(file, sizeof(file), "%s/cgroup.procs", dir);
	f = fopen(file, "w");
	ASSERT_LT(0, fprintf(f, "%d", getpid()));
	ASSERT_EQ(0, fclose(f));
	EXPECT_EQ(0, rmdir(sub));
	umount(dir);
	rmdir(dir);
}

/* There is room for 64 blocks that nobody has decided on; the rest is told. */
TEST_F(filter, too_many_undecided)
{
	struct pktpath_journey_conf conf = { .ring = 64 };
	pid_t pid = fork();
	char buf[64];
	int i;

	if (!pid) {
		pause();
		_exit(0);
	}
	conf.pid = pid;
	ASSERT_EQ(0, rec_start(&some, conf));
	/* any process may come to read these */
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, talk(self->out[0], -1, 1));
	ASSERT_EQ(0, rec_read(&some));
	EXPECT_EQ(0, some.n);
	EXPECT_LT(0, some.lost);
	for (i = 0; i < 100; i++)
		ASSERT_LT(0, recv(self->in[0], buf, sizeof(buf), 0));
	ASSERT_EQ(0, rec_read(&some));
	EXPECT_EQ(0, some.n);
	close(some.fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static uint32_t count(const struct got *g, uint8_t stage)
{
	uint32_t i, n = 0;

	for (i = 0; i < g->n; i++)
		n += g->r[i].stage == stage;
	return n;
}

/* One that ends takes nothing from another, of what is still under way. */
TEST_F(filter, other_ends)
{
	struct got *one[] = { &all, &some };
	char buf[64];
	int i, k;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, rec_start(one[i], NONE));
		ASSERT_EQ(0, rec_start(one[!i], NONE));
		ASSERT_EQ(0, talk(self->out[0], -1, 5));
		close(some.fd);
		for (k = 0; k < 5; k++)
			ASSERT_LT(0, recv(self->in[0], buf, sizeof(buf), 0));
		ASSERT_EQ(0, rec_read(&all));
		EXPECT_EQ(5, count(&all, PKTPATH_AT_SOCK_WAKE));
		EXPECT_EQ(5, count(&all, PKTPATH_AT_FREE));
		EXPECT_EQ(5, count(&all, PKTPATH_AT_SOCK_RECV));
		EXPECT_EQ(0, all.lost);
		close(all.fd);
	}
}

/* On @cpu alone; 0: this process. */
static int pin(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(pid, sizeof(set), &set);
}

/* Is a process asleep? */
static bool sleeps(pid_t pid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'S';
}

/* A blocking send on @cpu, in another process; there is no room for it yet. */
static pid_t waits_to_send(int fd, int cpu)
{
	int go[2];
	char c;
	pid_t pid;

	if (pipe(go))
		return -1;
	pid = fork();
	if (!pid) {
		if (pin(0, cpu) || fcntl(fd, F_SETFL, 0) || close(go[1]))
			_exit(1);
		_exit(pp_sendto(fd, &c, 1, PKTPATH_T_B, 5000) != 1);
	}
	close(go[1]);
	/* its end has closed: next it sends */
	if (read(go[0], &c, 1))
		return -1;
	close(go[0]);
	while (!sleeps(pid) && !waitpid(pid, NULL, WNOHANG))
		poll(NULL, 0, 1);
	return pid;
}

/*
 * A process waits in the middle of a call, and goes on by another CPU, where it
 * is known at last that the packet is wanted: what it met before is, too.
 */
TEST_F(filter, moved)
{
	struct pktpath_journey_conf conf = {
		.proto = IPPROTO_UDP, .dport = htons(5000),
	};
	int fd = pp_udp(&self->p), peer, status = -1;
	long long end = pp_now_ms() + 10000;
	char buf[1400] = "";
	pid_t pid;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one processor");
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	ASSERT_EQ(1, pp_sendto(fd, buf, 1, PKTPATH_T_B, 5000));
	ASSERT_EQ(1, recv(peer, buf, sizeof(buf), 0));
	conf.ifindex = if_nametoindex("pa");
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_SNDBUF, 1));
	ASSERT_EQ(0, pp_test_tool("fault add stage IP_OUTPUT udp dport 5001 delay 2s"));
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	while (pp_sendto(fd, buf, sizeof(buf), PKTPATH_T_B, 5001) > 0)
		;
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, rec_start(&some, conf));
	pid = waits_to_send(fd, 0);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, pin(pid, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	do {
		ASSERT_EQ(0, rec_read(&some));
	} while (!count(&some, PKTPATH_AT_TX_DONE) && pp_now_ms() < end &&
		 poll(NULL, 0, 10) == 0);
	EXPECT_EQ(1, count(&some, PKTPATH_AT_SOCK_SEND));
	EXPECT_EQ(1, count(&some, PKTPATH_AT_TP_SEND));
	EXPECT_EQ(1, count(&some, PKTPATH_AT_TP_XMIT));
	EXPECT_EQ(1, count(&some, PKTPATH_AT_DEV_QUEUE));
	qsort(some.r, some.n, sizeof(*some.r), by_id);
	EXPECT_EQ(some.n, next_id(&some, 0));
	EXPECT_EQ(PKTPATH_AT_SOCK_SEND, some.r[0].stage);
	EXPECT_EQ(0, some.r[0].cpu);
	EXPECT_EQ(1, some.r[some.n - 2].cpu);
	EXPECT_EQ(0, some.lost);
	EXPECT_EQ(0, pp_test_tool("fault del all"));
	close(some.fd);
	close(fd);
	close(peer);
}

static int refused(struct pktpath_journey_conf conf, size_t len)
{
	int fd;

	conf.version = PKTPATH_JOURNEY_VERSION;
	fd = rec_open(&conf, len);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

TEST_F(filter, bad_values)
{
	struct pktpath_journey_conf conf = NONE;
	size_t len = sizeof(conf);

	EXPECT_EQ(0, refused(conf, len));
	EXPECT_EQ(0, refused(conf, PKTPATH_JOURNEY_CONF_FLOW));
	EXPECT_EQ(EINVAL, refused(conf, PKTPATH_JOURNEY_CONF_FLOW + 4));
	EXPECT_EQ(EINVAL, refused(conf, len - 8));
	conf.ifindex = 1000000;
	EXPECT_EQ(ENODEV, refused(conf, len));
	/* not asked for by who knows nothing of it */
	EXPECT_EQ(0, refused(conf, PKTPATH_JOURNEY_CONF_FLOW));
	conf = NONE;
	conf.pid = 0x7fffffff;
	EXPECT_EQ(ESRCH, refused(conf, len));
	conf.pid = 0xffffffff;
	EXPECT_EQ(ESRCH, refused(conf, len));
	conf = NONE;
	conf.cookie = 1;
	conf.flags = PKTPATH_JOURNEY_DROPS;
	EXPECT_EQ(EINVAL, refused(conf, len));
}

TEST_HARNESS_MAIN
