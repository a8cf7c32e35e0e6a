// SPDX-License-Identifier: GPL-2.0
/*
 * The rate of this machine's time stamp counter, in kHz.
 *
 * An emulated guest reads the host's counter and measures its rate against
 * emulated timers, which on a busy host comes out wrong by any factor.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct sample {
	uint64_t ns;
	uint64_t ticks;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* The closest of many pairs: nothing came between its two clocks. */
static struct sample look(void)
{
	struct sample best = { 0, 0 };
	uint64_t gap = UINT64_MAX;
	int i;

	for (i = 0; i < 1000; i++) {
		uint64_t before = now(), ticks = __rdtsc(), after = now();

		if (after - before < gap) {
			gap = after - before;
			best.ns = before + gap / 2;
			best.ticks = ticks;
		}
	}
	return best;
}

int main(void)
{
	struct timespec pause = { 0, 100000000 };
	struct sample a, b;

	a = look();
	nanosleep(&pause, NULL);
	b = look();
	if (b.ns <= a.ns || b.ticks <= a.ticks)
		return 1;
	printf("%.0f\n", (b.ticks - a.ticks) * 1e6 / (b.ns - a.ns));
	return 0;
}
