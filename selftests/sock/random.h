/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same random calls to both stacks, one after the other, and a comparison
 * of what they said.
 */
#ifndef PKTPATH_SELFTESTS_SOCK_RANDOM_H
#define PKTPATH_SELFTESTS_SOCK_RANDOM_H

#include <sys/mman.h>
#include "pp_test.h"

#define RND_ROUNDS	4	/* so often a difference has to show */

/* One call: what it is, what it returned; for the reader what it was about. */
struct rnd_rec {
	const char *what;
	int ret, err;
	uint32_t extra;
	char about[32];
};

struct rnd_run {
	struct pp_pair *p;
	struct rnd_rec *rec;	/* of this sequence */
	unsigned int n, max;
	char about[32];		/* of the call that is noted next */
};

typedef void (*rnd_fn)(struct rnd_run *r, unsigned int seq);

static uint64_t rnd_state;

static inline uint32_t rnd_next(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return rnd_state >> 16;
}

/* 0 to @n - 1, the same on both stacks: never asked for by what one said. */
static inline uint32_t rnd(uint32_t n)
{
	return (uint64_t)rnd_next() * n >> 32;
}

/* A number that the environment may say. */
static inline unsigned int rnd_env(const char *name, unsigned int n)
{
	const char *e = getenv(name);

	return e ? (unsigned int)strtoul(e, NULL, 0) : n;
}

static inline unsigned int rnd_count(unsigned int n)
{
	return rnd_env("PKTPATH_RANDOM_N", n);
}

static inline void rnd_note(struct rnd_run *r, const char *what, int ret,
			    uint32_t extra)
{
	int err = errno;

	if (r->n < r->max) {
		r->rec[r->n] = (struct rnd_rec){ what, ret,
						 ret < 0 ? err : 0, extra, "" };
		memcpy(r->rec[r->n].about, r->about, sizeof(r->about));
	}
	r->about[0] = 0;
	r->n++;
}

/*
 * The second address gets a length of its own: of two in a net AF_INET makes
 * one a secondary, towards which the other is the source; we have no such.
 */
static inline int rnd_second(const struct pp_pair *p)
{
	static const char del[] = "addr del " PKTPATH_T_A2 "/24 dev pa";
	static const char add[] = "addr add " PKTPATH_T_A2 "/32 dev pa";

	if (p->inet)
		return pp_run("ip %s", del) || pp_run("ip %s", add);
	return pp_test_tool("%s", del) || pp_test_tool("%s", add);
}

/* The limits on ICMP errors would make answers a matter of time. */
static inline int rnd_setup(struct pp_pair *p, bool inet)
{
	struct pp_pair b = { .inet = true };

	if (pp_pair_setup(p, inet) || rnd_second(p) || pp_sysctl(p, "icmp_ratemask", "0") ||
	    pp_sysctl(p, "ping_group_range", "0 2147483647") ||
	    pp_ns_enter(p->ns_b) || pp_sysctl(&b, "icmp_ratemask", "0"))
		return -1;
	return pp_ns_enter(p->ns_a);
}

/* The sequences @todo of one stack, in a process of its own. */
static inline int rnd_stack(rnd_fn fn, bool inet, struct rnd_rec *recs,
			    const uint8_t *todo, unsigned int count,
			    unsigned int max)
{
	uint64_t seed = rnd_env("PKTPATH_RANDOM_SEED", 0);
	struct pp_pair p;
	struct rnd_run r = { .p = &p, .max = max };
	unsigned int i;
	pid_t pid;
	int st;

	fflush(NULL);
	pid = fork();
	if (pid)
		return waitpid(pid, &st, 0) == pid && !st ? 0 : -1;
	if (rnd_setup(&p, inet))
		_exit(1);
	for (i = 0; i < count; i++) {
		if (!todo[i])
			continue;
		rnd_state = (seed + i + 1) * 0x9e3779b97f4a7c15ULL;
		r.rec = recs + (size_t)i * max;
		memset(r.rec, 0, max * sizeof(*r.rec));
		r.n = 0;
		fn(&r, i);
	}
	st = pp_pair_teardown(&p);
	_exit(!!st);
}

static inline bool rnd_same(const struct rnd_rec *a, const struct rnd_rec *b)
{
	return a->ret == b->ret && a->err == b->err && a->extra == b->extra;
}

static inline bool rnd_differs(const struct rnd_rec *a, const struct rnd_rec *b,
			       unsigned int max)
{
	unsigned int i;

	for (i = 0; i < max; i++)
		if (!rnd_same(a + i, b + i))
			return true;
	return false;
}

static inline void rnd_show(unsigned int seq, const struct rnd_rec *a,
			    const struct rnd_rec *b, unsigned int max)
{
	unsigned int i, at;

	for (at = 0; at < max && rnd_same(a + at, b + at); at++)
		;
	printf("# sequence %u, call %u:\n", seq, at);
	for (i = 0; i <= at; i++)
		printf("#   %s %s: %d (%s) %x\n", a[i].what, a[i].about,
		       a[i].ret, strerror(a[i].err), a[i].extra);
	printf("#   but %s: %d (%s) %x\n", b[at].what, b[at].ret,
	       strerror(b[at].err), b[at].extra);
}

/* Who asks for what is not there shall not wait for a search for a module. */
static inline void rnd_modprobe(const char *path, char *old, size_t size)
{
	int fd = open("/proc/sys/kernel/modprobe", O_RDWR);
	ssize_t n = old ? read(fd, old, size - 1) : 0;

	if (old)
		old[n > 0 ? n : 0] = 0;
	if (pwrite(fd, path, strlen(path), 0) < 0)
		perror("# modprobe");
	close(fd);
}

/*
 * @count sequences of up to @max calls. Number of those in which the stacks
 * differ each time, -1 when they could not be run.
 */
static inline int rnd_compare(rnd_fn fn, unsigned int count, unsigned int max)
{
	size_t each = (size_t)count * max * sizeof(struct rnd_rec);
	unsigned int shown = rnd_env("PKTPATH_RANDOM_SHOWN", 30);
	unsigned int i, round, left = count;
	struct rnd_rec *a, *b;
	char modprobe[256];
	uint8_t *todo;
	int err = 0;

	a = mmap(NULL, 2 * each + count, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (a == MAP_FAILED)
		return -1;
	b = a + (size_t)count * max;
	todo = (uint8_t *)(b + (size_t)count * max);
	memset(todo, 1, count);
	rnd_modprobe("\n", modprobe, sizeof(modprobe));
	for (round = 0; left && round < RND_ROUNDS; round++) {
		err = rnd_stack(fn, true, a, todo, count, max) ||
		      rnd_stack(fn, false, b, todo, count, max);
		if (err)
			break;
		for (i = 0, left = 0; i < count; i++) {
			todo[i] = todo[i] && rnd_differs(a + (size_t)i * max,
							 b + (size_t)i * max,
							 max);
			left += todo[i];
		}
		printf("# round %u: %u of %u differ\n", round, left, count);
	}
	for (i = 0, round = 0; left && i < count && round < shown; i++)
		if (todo[i] && ++round)
			rnd_show(i, a + (size_t)i * max, b + (size_t)i * max,
				 max);
	rnd_modprobe(modprobe, NULL, 0);
	munmap(a, 2 * each + count);
	return err ? -1 : (int)left;
}

#endif
