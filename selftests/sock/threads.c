// SPDX-License-Identifier: GPL-2.0
/*
 * One socket used by many threads at once: nothing is lost, doubled or mixed
 * up, and closing, connecting and setting options meanwhile does no harm.
 * Proves: design: Locks; attacks I8.
 */
#include <pthread.h>
#include "pp_cpu.h"
#include "pp_fixture.h"

#define PORT 4000
#define SENDERS 4
#define EACH 2000
#define TRAFFIC_MS 3000	/* at most, on a slow machine */

struct job {
	int fd;
	int id;
	bool stop;
	long done;
	struct pp_pair *p;
};

static void *sender(void *arg)
{
	struct job *j = arg;
	uint32_t msg[2];
	int i;

	for (i = 0; i < EACH; i++) {
		msg[0] = j->id;
		msg[1] = i;
		while (send(j->fd, msg, sizeof(msg), 0) < 0)
			if (errno != ENOBUFS && errno != EAGAIN)
				return (void *)1;
		j->done++;
		if (i % 16 == 15)
			usleep(100);
	}
	return NULL;
}

/* Senders share a connected socket; the receiver sees each datagram once. */
TEST_F(stacks, senders_share)
{
	static unsigned char seen[SENDERS][EACH];
	int rx = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int tx = pp_udp(&self->p), n = 0, twice = 0, i;
	struct job jobs[SENDERS];
	pthread_t t[SENDERS];
	uint32_t msg[2];
	void *ret;

	pp_all_cpus();
	pp_set(rx, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20);
	ASSERT_EQ(0, pp_connect(tx, PKTPATH_T_A, PORT));
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < SENDERS; i++) {
		jobs[i] = (struct job){ .fd = tx, .id = i };
		ASSERT_EQ(0, pthread_create(&t[i], NULL, sender, &jobs[i]));
	}
	while (n < SENDERS * EACH && pp_readable(rx, 30000)) {
		ASSERT_EQ(sizeof(msg), recv(rx, msg, sizeof(msg), 0));
		ASSERT_GT(SENDERS, msg[0]);
		ASSERT_GT(EACH, msg[1]);
		twice += seen[msg[0]][msg[1]]++;
		n++;
	}
	for (i = 0; i < SENDERS; i++) {
		pthread_join(t[i], &ret);
		EXPECT_EQ(NULL, ret);
	}
	EXPECT_EQ(0, twice);
	EXPECT_EQ(SENDERS * EACH, n);
	close(rx);
	close(tx);
}

static void *receiver(void *arg)
{
	struct job *j = arg;
	char buf[16];
	ssize_t n;

	while (!__atomic_load_n(&j->stop, __ATOMIC_RELAXED)) {
		n = recv(j->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n > 0)
			j->done++;
		else
			sched_yield();
	}
	while (recv(j->fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		j->done++;
	return NULL;
}

static long done(struct job *j, int n)
{
	long sum = 0;

	while (n--)
		sum += __atomic_load_n(&j[n].done, __ATOMIC_RELAXED);
	return sum;
}

/* Receivers share a socket; every datagram goes to one of them. */
TEST_F(stacks, receivers_share)
{
	int rx = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int tx = pp_udp(&self->p), i;
	struct job jobs[3], s;
	pthread_t t[3];
	long sum = 0;

	pp_all_cpus();
	pp_set(rx, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20);
	ASSERT_EQ(0, pp_connect(tx, PKTPATH_T_A, PORT));
	for (i = 0; i < 3; i++) {
		jobs[i] = (struct job){ .fd = rx };
		ASSERT_EQ(0, pthread_create(&t[i], NULL, receiver, &jobs[i]));
	}
	s = (struct job){ .fd = tx };
	EXPECT_EQ(NULL, sender(&s));
	/* those that are too many would come with the others */
	for (i = 0; i < 1500 && done(jobs, 3) < EACH; i++)
		usleep(20000);
	usleep(100000);
	for (i = 0; i < 3; i++) {
		__atomic_store_n(&jobs[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(t[i], NULL);
		sum += jobs[i].done;
	}
	EXPECT_EQ(EACH, sum);
	close(rx);
	close(tx);
}

static void *changer(void *arg)
{
	struct sockaddr_in none = { .sin_family = AF_UNSPEC };
	struct job *j = arg;

	while (!__atomic_load_n(&j->stop, __ATOMIC_RELAXED)) {
		pp_connect(j->fd, PKTPATH_T_A, PORT + j->id % 2);
		pp_set(j->fd, SOL_IP, IP_TOS, j->id & 0xfc);
		pp_set(j->fd, SOL_SOCKET, SO_MARK, j->id);
		pp_set(j->fd, SOL_IP, IP_RECVERR, j->id & 1);
		if (j->id % 3 == 0)
			connect(j->fd, (void *)&none, sizeof(none));
		j->id++;
	}
	return NULL;
}

/* Connecting and setting options under the feet of senders. */
TEST_F(stacks, changed_while_sending)
{
	int rx = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int tx = pp_udp(&self->p), i, sent = 0;
	struct job j = { .fd = tx };
	long long end;
	pthread_t t;
	char buf[8];

	pp_all_cpus();
	ASSERT_EQ(0, pp_bind(tx, PKTPATH_T_A2, 4444));
	ASSERT_EQ(0, pthread_create(&t, NULL, changer, &j));
	for (i = 0; i < 1500 && !__atomic_load_n(&j.id, __ATOMIC_RELAXED); i++)
		usleep(20000);
	end = pp_now_ms() + TRAFFIC_MS;
	for (i = 0; i < 5000 && pp_now_ms() < end; i++) {
		if (send(tx, "x", 1, MSG_DONTWAIT) == 1)
			sent++;
		while (recv(rx, buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
	}
	__atomic_store_n(&j.stop, true, __ATOMIC_RELAXED);
	pthread_join(t, NULL);
	EXPECT_LT(0, sent);
	EXPECT_LT(0, j.id);
	/* still works */
	ASSERT_EQ(0, pp_connect(tx, PKTPATH_T_A, PORT));
	pp_get(tx, SOL_SOCKET, SO_ERROR);
	/* an error of what was sent before may still be on its way */
	for (i = 0; i < 500 && send(tx, "y", 1, 0) != 1; i++)
		usleep(20000);
	EXPECT_GT(500, i);
	EXPECT_EQ(1, pp_readable(rx, 30000));
	close(rx);
	close(tx);
}

static void *opener(void *arg)
{
	struct job *j = arg;
	int fd;

	while (!__atomic_load_n(&j->stop, __ATOMIC_RELAXED)) {
		fd = pp_udp(j->p);
		if (fd < 0)
			return (void *)1;
		if (j->done & 1)
			pp_bind(fd, PKTPATH_T_A, PORT);
		else
			pp_connect(fd, PKTPATH_T_A, PORT);
		send(fd, "z", 1, MSG_DONTWAIT);
		close(fd);
		j->done++;
	}
	return NULL;
}

/* Each of the three has begun. */
static bool opened(struct job *j)
{
	int i;

	for (i = 0; i < 3; i++)
		if (__atomic_load_n(&j[i].done, __ATOMIC_RELAXED) <= i)
			return false;
	return true;
}

/* Sockets on one port come and go while it is being sent to. */
TEST_F(stacks, opened_and_closed_under_traffic)
{
	int tx = pp_udp(&self->p), i;
	struct job jobs[3];
	pthread_t t[3];
	long long end;
	void *ret;

	pp_all_cpus();
	for (i = 0; i < 3; i++) {
		jobs[i] = (struct job){ .done = i, .p = &self->p };
		ASSERT_EQ(0, pthread_create(&t[i], NULL, opener, &jobs[i]));
	}
	for (i = 0; i < 1500 && !opened(jobs); i++)
		usleep(20000);
	end = pp_now_ms() + TRAFFIC_MS;
	for (i = 0; i < 5000 && pp_now_ms() < end; i++)
		pp_sendto(tx, "x", 1, PKTPATH_T_A, PORT);
	for (i = 0; i < 3; i++) {
		__atomic_store_n(&jobs[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(t[i], &ret);
		EXPECT_EQ(NULL, ret);
		EXPECT_LT(i, jobs[i].done);
	}
	close(tx);
}

#define SHARED 6
#define CALLS 6

/* Sockets that all threads use; 0 listens, the odd ones are streams. */
struct shared {
	struct pp_pair *p;
	int fd[SHARED];
	unsigned int seeds;
	bool stop;
	long did[CALLS];
};

static int any_socket(struct shared *s, int slot)
{
	int type = slot == 0 || slot & 1 ? SOCK_STREAM : SOCK_DGRAM;
	int fd = pp_socket(s->p, type, 0);

	if (fd < 0)
		return fd;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!slot) {
		pp_bind(fd, PKTPATH_T_A, PORT);
		listen(fd, 100);
	} else {
		pp_connect(fd, PKTPATH_T_A, PORT);
	}
	return fd;
}

/* @fd is the slot's now; what was there is closed. */
static void put_fd(struct shared *s, int slot, int fd)
{
	int old = __atomic_exchange_n(&s->fd[slot], fd, __ATOMIC_ACQ_REL);

	if (old >= 0)
		close(old);
}

static bool any_call(struct shared *s, int call, int slot, int arg)
{
	int fd = __atomic_load_n(&s->fd[slot], __ATOMIC_ACQUIRE);
	struct pollfd pfd = { .fd = fd, .events = 0xffff };
	char buf[64] = "";

	switch (call) {
	case 0:
		return !shutdown(fd, slot ? arg % 3 : SHUT_WR);
	case 1:
		return poll(&pfd, 1, 0) == 1;
	case 2:
		return recv(fd, buf, arg % 64, MSG_DONTWAIT) >= 0;
	case 3:
		return send(fd, buf, arg % 64, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
	case 4:
		put_fd(s, slot, -1);
		put_fd(s, slot, any_socket(s, slot));
		return true;
	default:
		fd = accept4(__atomic_load_n(&s->fd[0], __ATOMIC_ACQUIRE), NULL,
			     NULL, SOCK_NONBLOCK);
		if (fd >= 0)
			put_fd(s, slot | 1, fd);
		return fd >= 0;
	}
}

static void *any_calls(void *arg)
{
	struct shared *s = arg;
	unsigned int seed = __atomic_add_fetch(&s->seeds, 1, __ATOMIC_RELAXED);
	int call;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		call = rand_r(&seed) % (CALLS * 2);
		/* accept and reopen less often than the others */
		call = call < CALLS ? call : call % 4;
		if (any_call(s, call, rand_r(&seed) % SHARED, rand_r(&seed)))
			__atomic_add_fetch(&s->did[call], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Eight threads shut, ask, read, write, close, open and accept, all at once. */
TEST_F(stacks, any_call_on_shared_sockets)
{
	struct shared s = { .p = &self->p };
	pthread_t t[8];
	char buf[8];
	int i;

	pp_all_cpus();
	for (i = 0; i < SHARED; i++)
		s.fd[i] = any_socket(&s, i);
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, any_calls, &s));
	usleep(TRAFFIC_MS * 1000);
	__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < CALLS; i++)
		EXPECT_LT(0, s.did[i]) TH_LOG("call %d never went well", i);
	for (i = 0; i < SHARED; i++)
		put_fd(&s, i, -1);
	/* and all is as ever */
	s.fd[0] = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	s.fd[1] = pp_udp(&self->p);
	ASSERT_EQ(1, pp_sendto(s.fd[1], "x", 1, PKTPATH_T_A, PORT));
	EXPECT_EQ(1, recv(s.fd[0], buf, sizeof(buf), 0));
	close(s.fd[0]);
	close(s.fd[1]);
}

/* @id: as many as have arrived, which stay not far behind. */
static void *sends_on(void *arg)
{
	struct job *j = arg;

	while (!__atomic_load_n(&j->stop, __ATOMIC_RELAXED))
		if (done(j, 1) - __atomic_load_n(&j->id, __ATOMIC_RELAXED) >
		    5000)
			sched_yield();
		else if (send(j->fd, "x", 1, MSG_DONTWAIT) == 1)
			__atomic_add_fetch(&j->done, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Every write makes all routes looked up again. */
static void *changes_routes(void *arg)
{
	struct job *j = arg;

	while (!__atomic_load_n(&j->stop, __ATOMIC_RELAXED)) {
		pp_sysctl(j->p, "conf/all/rp_filter", j->id++ & 1 ? "2" : "0");
		j->done++;
	}
	return NULL;
}

/*
 * What we send over lo stays ours while routes change: a socket of the kernel's
 * on that address and port gets none of it, and ours all.
 */
TEST_F(stacks, lo_while_routes_change)
{
	struct job s = { .p = &self->p }, r = { .p = &self->p };
	int rx, tx = pp_udp(&self->p), kernel, i;
	long long end;
	pthread_t t[4];
	char buf[8];

	if (self->p.inet)
		SKIP(return, "there is but one stack then");
	self->p.mixed = true;
	pp_all_cpus();
	kernel = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, pp_bind(kernel, "127.0.0.1", PORT));
	rx = pp_udp_bound(&self->p, "127.0.0.1", PORT);
	pp_set(rx, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20);
	ASSERT_EQ(0, pp_connect(tx, "127.0.0.1", PORT));
	s.fd = tx;
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, sends_on, &s));
	ASSERT_EQ(0, pthread_create(&t[3], NULL, changes_routes, &r));
	end = pp_now_ms() + 2 * TRAFFIC_MS;
	while (pp_now_ms() < end)
		for (i = 0; i < 1000 && recv(rx, buf, 8, MSG_DONTWAIT) > 0; i++)
			__atomic_add_fetch(&s.id, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	while (s.id < s.done && pp_readable(rx, 5000) == 1 &&
	       recv(rx, buf, 8, MSG_DONTWAIT) > 0)
		s.id++;
	EXPECT_LT(0, r.done);
	EXPECT_LT(0, s.id);
	EXPECT_EQ(s.done, s.id);
	EXPECT_ERRNO(EAGAIN, recv(kernel, buf, 8, MSG_DONTWAIT));
	close(kernel);
	close(rx);
	close(tx);
}

TEST_HARNESS_MAIN
