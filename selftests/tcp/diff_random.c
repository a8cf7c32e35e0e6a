// SPDX-License-Identifier: GPL-2.0
/*
 * Random scripts of segments and calls: AF_PKTPATH answers as AF_INET does, but
 * for the differences listed in meant[].
 *
 *	diff_random [COUNT [FIRST]]	scripts of the seeds FIRST...
 *	diff_random show SEED		all that one of them says on both stacks
 *
 * script.h tells of the scripts. The comparison of one ends at its first
 * difference.
 *
 * When a timer of the stack runs out near the end of a step, what it sends may be
 * counted to this step or to the next. So a script that differs is tried again
 * with steps of other lengths, and fails if it differs with all of them.
 */
#include <fnmatch.h>
#include <sys/mman.h>
#include "script.h"

#define MOST	2000

/* How long a step takes, ms. None is near a whole part of the time-outs 200 ms,
 * 500 ms (challenge ACKs) and 1 s.
 */
static const int pause_ms[] = { 90, 111, 71 };

static struct script (*log_of)[2];	/* of each seed: inet, pktpath */
static bool differ[MOST];

/* ---- What differs ---- */

enum { OF_RET = 1, OF_SEGS = 2, OF_STATE = 4 };

/* The differences that are meant, by patterns of what was done and of what came
 * of it on either stack; NULL: any. RFC 9293 leaves a choice, or AF_INET does
 * what an attacker could use.
 */
static const struct {
	const char *what;
	int of;			/* no other parts differ */
	const char *inet, *ours;
	const char *why;
} meant[] = {
	/* RFC 9293 §3.10.7.4 fifth step; AF_INET of 6.1 says nothing. */
	{ "*of what was not sent", OF_SEGS, NULL, "* | ; A *",
	  "what was not sent is answered by an ACK" },
	/* Before accept(), as the poll of the listener says. RFC 5961 §4. */
	{ "*S*", OF_SEGS, "*; RA *| poll 0", "*; A *| poll 0",
	  "a SYN does not end a half-open connection" },
	/* Then it leaves header prediction and looks for what it can send. */
	{ "PA *", OF_SEGS, "*; A *+[1-9]*", "*; A *+0 *",
	  "AF_INET sends what MSG_MORE held back when it must reserve memory" },
	{ "SO_ERROR", OF_RET, "1[01][0-9] *", "0 *",
	  "RFC 5927 §4.1: what an ICMP error quotes must be in flight" },
	/* The device of peer.c has no scatter-gather, so that every frame is
	 * one segment; the send buffer then counts those.
	 */
	{ "send([38]000*", OF_RET | OF_SEGS | OF_STATE, "[38]000 *", "[0-9]*",
	  "a device without scatter-gather is given no super-packets" },
};

static unsigned int used[ARRAY_SIZE(meant) + 1];

static void all_of(const struct step *s, char *to, size_t size)
{
	snprintf(to, size, "%s | %s | %s", s->ret, s->segs, s->state);
}

static bool is_like(const char *pattern, const char *text)
{
	return !pattern || !fnmatch(pattern, text, 0);
}

/* Index of the reason, -1: there is none. */
static int reason(const struct step *a, const struct step *b)
{
	char inet[600], ours[600];
	unsigned int i;
	int of = 0;

	of |= strcmp(a->ret, b->ret) ? OF_RET : 0;
	of |= strcmp(a->segs, b->segs) ? OF_SEGS : 0;
	of |= strcmp(a->state, b->state) ? OF_STATE : 0;
	all_of(a, inet, sizeof(inet));
	all_of(b, ours, sizeof(ours));
	for (i = 0; i < ARRAY_SIZE(meant); i++)
		if (!(of & ~meant[i].of) &&
		    is_like(meant[i].what, a->what) &&
		    is_like(meant[i].inet, inet) &&
		    is_like(meant[i].ours, ours))
			return i;
	return -1;
}

/* First step that differs, or the number of steps. */
static int first_difference(unsigned int i)
{
	const struct script *a = &log_of[i][0], *b = &log_of[i][1];
	int n;

	for (n = 0; n < a->steps && n < b->steps; n++)
		if (strcmp(a->step[n].what, b->step[n].what) ||
		    strcmp(a->step[n].ret, b->step[n].ret) ||
		    strcmp(a->step[n].segs, b->step[n].segs) ||
		    strcmp(a->step[n].state, b->step[n].state))
			break;
	return n;
}

/* @why: of the difference, -1 when there is none or it is not meant. */
static bool compare(unsigned int i, int *why, int *steps)
{
	const struct script *a = &log_of[i][0], *b = &log_of[i][1];

	*why = -1;
	*steps = first_difference(i);
	if (a->status || b->status)
		return true;
	if (*steps == a->steps && a->steps == b->steps)
		return false;
	*why = reason(&a->step[*steps], &b->step[*steps]);
	return *why < 0;
}

static void show(unsigned int i, unsigned int seed, bool all)
{
	static const char *const stack[] = { "inet", "pktpath" };
	int n, s, last = all ? SCRIPT_STEPS : first_difference(i);
	char text[600];

	printf("# seed %u, status %d and %d\n", seed, log_of[i][0].status,
	       log_of[i][1].status);
	for (n = 0; n <= last; n++) {
		for (s = 0; s < 2; s++) {
			const struct step *st = &log_of[i][s].step[n];

			if (n >= log_of[i][s].steps || (s && n < last && !all))
				continue;
			all_of(st, text, sizeof(text));
			printf("# %2d %s: %s: %s\n", n, stack[s], st->what,
			       text);
		}
	}
}

/* ---- Running ---- */

static void run_stack(struct peer *p, int stack, unsigned int first,
		      unsigned int count, int pause)
{
	unsigned int i;
	pid_t pid;

	p->aport = 2000;
	p->bport = 20000;
	for (i = 0; i < count; i++) {
		struct script *log = &log_of[i][stack];

		p->aport += 2;
		p->bport += 2;
		if (!differ[i])
			continue;
		memset(log, 0, sizeof(*log));
		fflush(stdout);
		pid = fork();
		if (!pid) {
			alarm(3000);
			script_run(p, first + i, pause, log);
			_exit(0);
		}
		log->status = 1;
		waitpid(pid, &log->status, 0);
	}
}

/* 0, or 1 when it cannot run. */
static int round_of(unsigned int first, unsigned int count, int pause)
{
	struct peer p;
	int stack;

	for (stack = 0; stack < 2; stack++) {
		if (peer_setup(&p, !stack))
			return 1;
		run_stack(&p, stack, first, count, pause);
		close(p.tap);
		if (pp_pair_teardown(&p.p))
			return 1;
	}
	return 0;
}

static int result(unsigned int first, unsigned int count)
{
	unsigned int i, bad = 0, shown = 0;
	int why, steps, sum = 0;

	for (i = 0; i < count; i++) {
		bool is = compare(i, &why, &steps);

		sum += steps;
		if (why >= 0)
			used[why]++;
		bad += is;
		if (is && shown++ < 10)
			show(i, first + i, false);
	}
	for (i = 0; i < ARRAY_SIZE(meant); i++)
		if (used[i])
			printf("# %u: %s\n", used[i], meant[i].why);
	printf("# %u scripts, %d steps alike, %u scripts differ\n", count, sum,
	       bad);
	printf("%sok 1 random scripts\n", bad ? "not " : "");
	return !!bad;
}

int main(int argc, char **argv)
{
	bool one = argc > 2 && !strcmp(argv[1], "show");
	unsigned int count = one ? 1 : argc > 1 ? atoi(argv[1]) : 40;
	unsigned int first = argc > 2 ? atoi(argv[2]) : 1;
	unsigned int i, n, left = 1;
	int why, steps;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (count > MOST)
		return 1;
	log_of = mmap(NULL, count * sizeof(*log_of), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (log_of == MAP_FAILED)
		return 1;
	memset(differ, 1, sizeof(differ));
	signal(SIGPIPE, SIG_IGN);
	printf("TAP version 13\n1..1\n");
	for (n = 0; n < ARRAY_SIZE(pause_ms) && left; n++) {
		if (round_of(first, count, pause_ms[n]))
			return 1;
		for (i = 0, left = 0; i < count; i++) {
			differ[i] = differ[i] && compare(i, &why, &steps);
			left += differ[i];
		}
		if (one)
			break;
	}
	if (one)
		show(0, first, true);
	return result(first, count);
}
