/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every test in a netns of its own with a veth pair: v0 attached, v1 not, both
 * up. self->g is a netlink socket there.
 */
#ifndef PKTPATH_SELFTESTS_CTL_FIX_H
#define PKTPATH_SELFTESTS_CTL_FIX_H

#include <sched.h>
#include <net/if.h>
#include "kselftest_harness.h"
#include "genl.h"
#include "pp_test.h"

FIXTURE(ctl) {
	struct genl g;
	struct msg m;
	int v0, v1;
};

FIXTURE_SETUP(ctl)
{
	ASSERT_LE(0, pp_test_family());
	ASSERT_EQ(0, unshare(CLONE_NEWNET | CLONE_NEWNS));
	ASSERT_EQ(0, pp_run("mount --make-rprivate /"));
	ASSERT_EQ(0, pp_run("mount -t sysfs sys /sys"));
	ASSERT_EQ(0, pp_run("ip link set lo up"));
	ASSERT_EQ(0, pp_run("ip link add v0 up type veth peer name v1"));
	ASSERT_EQ(0, pp_run("ip link set v1 up"));
	/* so that no change of theirs is told of in between */
	ASSERT_EQ(0, pp_await_running("v0"));
	ASSERT_EQ(0, pp_await_running("v1"));
	ASSERT_EQ(0, genl_open(&self->g));
	ASSERT_NE(0, self->g.family);
	ASSERT_NE(0, self->g.group);
	self->v0 = if_nametoindex("v0");
	self->v1 = if_nametoindex("v1");
	msg_init(&self->m, self->g.family, PKTPATH_CMD_DEV_ATTACH, 0);
	msg_u32(&self->m, PKTPATH_A_DEV_IFINDEX, self->v0);
	ASSERT_EQ(0, genl_do(&self->g, &self->m, NULL, NULL)) {
		TH_LOG("%s", self->g.text);
	}
}

FIXTURE_TEARDOWN(ctl)
{
	close(self->g.fd);
}

/* Begin a request in self->m; send it. */
#define MSG(cmd) msg_init(&self->m, self->g.family, PKTPATH_CMD_##cmd, 0)
#define DUMP(cmd) msg_init(&self->m, self->g.family, PKTPATH_CMD_##cmd, \
			   NLM_F_DUMP)
#define U8(attr, v) msg_u8(&self->m, PKTPATH_A_##attr, v)
#define U16(attr, v) msg_u16(&self->m, PKTPATH_A_##attr, v)
#define U32(attr, v) msg_u32(&self->m, PKTPATH_A_##attr, v)
#define STR(attr, v) msg_str(&self->m, PKTPATH_A_##attr, v)
#define IP(attr, v) msg_ip(&self->m, PKTPATH_A_##attr, v)
#define BIN(attr, v, n) msg_attr(&self->m, PKTPATH_A_##attr, v, n)
#define FLAG(attr) msg_attr(&self->m, PKTPATH_A_##attr, NULL, 0)

/* Accepted; the reason is shown when it was not. */
#define OK(fn, arg) do {						\
	int ok_ = genl_do(&self->g, &self->m, fn, arg);			\
									\
	ASSERT_EQ(0, ok_) {						\
		TH_LOG("refused: %s", self->g.text);			\
	}								\
} while (0)

/* Refused with this errno and with a sentence. */
#define NO(err) do {							\
	int no_ = genl_do(&self->g, &self->m, NULL, NULL);		\
									\
	ASSERT_EQ(err, no_) {						\
		TH_LOG("text: %s", self->g.text);			\
	}								\
	ASSERT_NE(0, self->g.text[0]);					\
} while (0)

#define ADDR_ADD(a, len) do {						\
	MSG(ADDR_ADD);							\
	U8(ADDR_FAMILY, AF_INET);					\
	IP(ADDR_LOCAL, a);						\
	U8(ADDR_PREFIXLEN, len);					\
	U32(ADDR_IFINDEX, self->v0);					\
	OK(NULL, NULL);							\
} while (0)

#endif
