// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module with its n-th allocation failing, for every n: it loads
 * or refuses cleanly, and loads when memory is there. Debug kernels only.
 * Proves: attacks J5 (module init failing at every step), part of J4.
 *
 * The children of namespaces that the module finds at load are included: one
 * more with its own lo is made first.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Successes in a row with the failure not reached: all were tried. */
#define CLEAN 3
#define MAX_N 5000

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return ret;
}

static bool loaded(void)
{
	return !access("/sys/module/pktpath", F_OK);
}

static int unload(void)
{
	return syscall(SYS_delete_module, "pktpath", O_NONBLOCK);
}

static int skip(const char *why)
{
	printf("ok 1 insmod_fail_nth # SKIP %s\n", why);
	return 4;
}

static int not_ok(const char *what, int n)
{
	printf("# allocation %d: %s: %s\n", n, what, strerror(errno));
	puts("not ok 1 insmod_fail_nth");
	return 1;
}

/* Is the failure still to come, so that all allocations have been passed? */
static bool unused(int fd)
{
	char text[32] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return false;
	return atoi(text) > 0;
}

int main(void)
{
	const char *ko = getenv("PKTPATH_KO");
	int n, fd, mod, ret, refused = 0, clean = 0;
	char text[32];
	bool left;

	puts("KTAP version 1\n1..1");
	if (!ko)
		return skip("PKTPATH_KO is not set");
	fd = open("/proc/self/fail-nth", O_RDWR);
	if (fd < 0)
		return skip("no fault injection in this kernel");
	write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/failslab/verbose", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	if (unshare(CLONE_NEWNET))
		return not_ok("unshare", 0);
	mod = open(ko, O_RDONLY | O_CLOEXEC);
	if (mod < 0)
		return not_ok("open", 0);
	if (loaded() && unload())
		return not_ok("unload at the start", 0);
	for (n = 1; n < MAX_N && clean < CLEAN; n++) {
		snprintf(text, sizeof(text), "%d", n);
		if (pwrite(fd, text, strlen(text), 0) < 0)
			return not_ok("fail-nth", n);
		ret = syscall(SYS_finit_module, mod, "", 0);
		left = unused(fd);
		if (pwrite(fd, "0", 1, 0) < 0)
			return not_ok("fail-nth off", n);
		if (ret) {
			refused++;
			clean = 0;
			if (loaded())
				return not_ok("refused, but there", n);
			continue;
		}
		clean = left ? clean + 1 : 0;
		if (unload())
			return not_ok("unload", n);
	}
	if (clean < CLEAN)
		return not_ok("no end", n);
	if (syscall(SYS_finit_module, mod, "", 0))
		return not_ok("load at the end", n);
	printf("# %d allocations, %d times refused\n", n - CLEAN, refused);
	puts("ok 1 insmod_fail_nth");
	return 0;
}
