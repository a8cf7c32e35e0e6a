// SPDX-License-Identifier: GPL-2.0
/*
 * On which processor a flow is worked off: SO_INCOMING_CPU, receive flow
 * steering.
 */
#include <net/if.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "pp_cpu.h"
#include "pp_stream.h"

static int on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return ret;
}

static int rfs(const struct pp_pair *p, const char *entries)
{
	int ret;

	if (pp_ns_enter(p->ns_old))
		return -1;
	ret = put("/proc/sys/net/core/rps_sock_flow_entries", entries);
	return pp_ns_enter(p->ns_a) ? -1 : ret;
}

/* The device's queue may hand packets to both processors. */
static int steer(const char *dir)
{
	char path[128];
	int ret;

	mkdir(dir, 0700);
	if (mount("sysfs", dir, "sysfs", 0, NULL))
		return -1;
	snprintf(path, sizeof(path), "%s/class/net/pa/queues/rx-0/rps_cpus",
		 dir);
	ret = put(path, "3");
	snprintf(path, sizeof(path), "%s/class/net/pa/queues/rx-0/rps_flow_cnt",
		 dir);
	if (!ret)
		ret = put(path, "256");
	umount(dir);
	rmdir(dir);
	return ret;
}

/* A flow goes where its reader is, and SO_INCOMING_CPU says so. */
TEST_F(stacks, flow_follows_its_reader)
{
	int a, b, i;
	char c;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one processor");
	ASSERT_EQ(0, steer("/tmp/pp-rfs"));
	ASSERT_EQ(0, rfs(&self->p, "1024"));
	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(1, send(b, "x", 1, 0));
	ASSERT_EQ(1, recv(a, &c, 1, 0));
	for (i = 0; i < 6; i++) {
		on_cpu(i & 1);
		EXPECT_ERRNO(EAGAIN, recv(a, &c, 1, MSG_DONTWAIT));
		on_cpu(!(i & 1));
		ASSERT_EQ(1, send(b, "y", 1, 0));
		ASSERT_EQ(1, pp_readable(a, 5000));
		EXPECT_EQ(i & 1, pp_get(a, SOL_SOCKET, SO_INCOMING_CPU));
		ASSERT_EQ(1, recv(a, &c, 1, 0));
	}
	EXPECT_EQ(0, rfs(&self->p, "0"));
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
