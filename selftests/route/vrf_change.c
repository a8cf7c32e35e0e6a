// SPDX-License-Identifier: GPL-2.0
/* VRFs and devices that come and go, and what the tool knows; see vrf.h. */
#include <sys/prctl.h>
#include "vrf.h"

#define CYCLES	20

/* 1: a byte goes there and back in VRF or by device @name, 0: it does not. */
static int reaches(const struct vrf_nets *n, const char *name, int i)
{
	int fd = own_udp(&n->p, name, PORT), far, ok = 0;

	far = peer_bound(n, i, SOCK_DGRAM, FROM);
	if (fd >= 0 && far >= 0 && pp_sendto(fd, "x", 1, B, FROM) == 1 &&
	    pp_readable(far, 10000) && only(far) == 'x' &&
	    pp_sendto(far, "y", 1, A, PORT) == 1 && only(fd) == 'y')
		ok = 1;
	if (fd >= 0)
		close(fd);
	if (far >= 0)
		close(far);
	return ok;
}

/* The address of a slave that leaves is no more in the VRF, but outside. */
TEST_F_TIMEOUT(vrf, leave_and_enter, 240)
{
	int fd;

	ASSERT_EQ(1, reaches(&self->n, "blue", BLUE));
	ASSERT_EQ(0, link_master("ba", NULL));
	ASSERT_EQ(0, link_await_up("ba"));
	fd = own(&self->n.p, SOCK_DGRAM, 0, "blue");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pp_sendto(fd, "x", 1, B, FROM));
	EXPECT_ERRNO(EADDRNOTAVAIL, pp_bind(fd, A, PORT));
	close(fd);
	EXPECT_EQ(1, reaches(&self->n, "ba", BLUE));
	EXPECT_EQ(1, reaches(&self->n, "red", RED));
	ASSERT_EQ(0, link_master("ba", "red"));
	ASSERT_EQ(0, link_await_up("ba"));
	EXPECT_EQ(1, reaches(&self->n, "ba", BLUE));
	ASSERT_EQ(0, link_master("ba", "blue"));
	ASSERT_EQ(0, link_await_up("ba"));
	EXPECT_EQ(1, reaches(&self->n, "blue", BLUE));
	EXPECT_EQ(1, reaches(&self->n, "red", RED));
	EXPECT_EQ(1, reaches(&self->n, "pa", OUT));
}

/* Sends as fast as it can, to the other side and to itself; a child. */
static pid_t flood(const struct vrf_nets *n)
{
	pid_t pid = fork();
	int fd, far;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pp_all_cpus();
	fd = own(&n->p, SOCK_DGRAM, 0, "blue");
	far = peer(n, BLUE, SOCK_DGRAM, 0);
	for (;;) {
		pp_sendto(fd, "x", 1, B, 9);
		pp_sendto(fd, "x", 1, A, 9);
		pp_sendto(far, "x", 1, A, 9);
	}
}

TEST_F_TIMEOUT(vrf, moves_under_traffic, 300)
{
	int wrong = own_udp(&self->n.p, "red", 9), i;
	pid_t pid = flood(&self->n);

	ASSERT_LE(0, wrong);
	ASSERT_LT(0, pid);
	for (i = 0; i < CYCLES; i++)
		EXPECT_EQ(0, link_master("ba", i % 2 ? "blue" : NULL));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ASSERT_EQ(0, link_await_up("ba"));
	EXPECT_EQ(1, reaches(&self->n, "blue", BLUE));
	EXPECT_FALSE(pp_readable(wrong, 0));
	close(wrong);
}

/* The VRF ends, its slaves go on outside; then another has its table. */
TEST_F_TIMEOUT(vrf, master_ends, 240)
{
	int fd = own_udp(&self->n.p, "blue", PORT + 1);

	ASSERT_LE(0, fd);
	ASSERT_EQ(1, reaches(&self->n, "blue", BLUE));
	ASSERT_EQ(0, link_del("blue"));
	ASSERT_EQ(0, link_await_up("ba"));
	EXPECT_EQ(-1, pp_sendto(fd, "x", 1, B, FROM));
	EXPECT_EQ(1, reaches(&self->n, "ba", BLUE));
	ASSERT_EQ(0, link_vrf("green", sites[BLUE].table));
	ASSERT_EQ(0, link_up("green"));
	ASSERT_EQ(0, link_master("ba", "green"));
	ASSERT_EQ(0, link_await_up("ba"));
	EXPECT_EQ(1, reaches(&self->n, "green", BLUE));
	EXPECT_EQ(-1, pp_sendto(fd, "x", 1, B, FROM));
	close(fd);
}

/* ---- Of pktpath alone ---- */

#define TOOL_SAYS(cmd, text) \
	EXPECT_EQ(0, pp_test_tool(cmd " | grep -q '" text "'"))

#define REFUSED(cmd) pp_test_tool(cmd " 2>/dev/null")

TEST_F_TIMEOUT(vrf, tool, 240)
{
	if (self->n.p.inet)
		SKIP(return, "of pktpath");
	TOOL_SAYS("dev show ra", "vrf red");
	TOOL_SAYS("route show vrf red", "^local 10.77.0.1 dev ra");
	EXPECT_NE(0, pp_test_tool("route show table local | grep -q 'dev ra'"));
	ASSERT_EQ(0, pp_test_tool("route add 10.80.0.0/24 via " B " vrf red"));
	ASSERT_EQ(0, pp_test_tool("route add 10.80.0.0/24 dev ba table 20"));
	TOOL_SAYS("route get 10.80.0.1 vrf red", "via 10.77.0.2 dev ra table 10");
	TOOL_SAYS("route get 10.80.0.1 oif ba", "dev ba table 20");
	TOOL_SAYS("route get 10.77.0.1 vrf red", "dev red table 10");
	TOOL_SAYS("route get 10.77.0.1 from " B " iif ra", "local");
	EXPECT_NE(0, REFUSED("route get 10.80.0.1"));
	EXPECT_NE(0, REFUSED("route add 10.81.0.0/24 vrf ra via " B));
	EXPECT_NE(0, REFUSED("route add local 10.82.0.1 dev pa vrf red"));
	EXPECT_NE(0, REFUSED("route add 10.83.0.0/24 dev ra table 5 vrf red"));
	/* a rule in front of the VRFs' may name one */
	ASSERT_EQ(0, pp_test_tool("route add 10.80.0.0/24 dev pa table 30"));
	ASSERT_EQ(0, pp_test_tool("rule add oif blue pref 500 table 30"));
	TOOL_SAYS("route get 10.80.0.1 vrf blue", "dev pa table 30");
	TOOL_SAYS("route get 10.80.0.1 vrf red", "dev ra table 10");
	ASSERT_EQ(0, pp_test_tool("rule add pref 2000 to 10.90.0.0/24 table 30"));
	ASSERT_EQ(0, pp_test_tool("route add 10.90.0.0/24 dev pa table 30"));
	EXPECT_NE(0, REFUSED("route get 10.90.0.1 vrf red"));
	/* said where the table of a VRF is asked, the rules behind that count */
	ASSERT_EQ(0, pp_test_tool("rule add l3mdev pref 600"));
	TOOL_SAYS("rule show", "^600:.from all lookup .l3mdev-table.$");
	EXPECT_NE(0, REFUSED("rule add l3mdev pref 600"));
	EXPECT_NE(0, REFUSED("rule add l3mdev pref 601 table 30"));
	TOOL_SAYS("route get 10.80.0.1 vrf red", "dev ra table 10");
	TOOL_SAYS("route get 10.80.0.1 vrf blue", "dev pa table 30");
	TOOL_SAYS("route get 10.90.0.1 vrf red", "dev pa table 30");
	ASSERT_EQ(0, pp_test_tool("rule add l3mdev unreachable pref 1500"));
	EXPECT_NE(0, REFUSED("route get 10.90.0.1 vrf red"));
	TOOL_SAYS("route get 10.90.0.1", "dev pa table 30");
	ASSERT_EQ(0, pp_test_tool("rule add not l3mdev blackhole pref 1600"));
	EXPECT_NE(0, REFUSED("route get 10.90.0.1"));
	ASSERT_EQ(0, pp_test_tool("rule del pref 1600"));
	/* in front of the exception: that is not met any more */
	ASSERT_EQ(0, pp_test_tool("rule add l3mdev pref 400"));
	ASSERT_EQ(0, pp_test_tool("rule del l3mdev pref 600"));
	TOOL_SAYS("route get 10.80.0.1 vrf blue", "dev ba table 20");
	ASSERT_EQ(0, pp_test_tool("rule del l3mdev pref 400"));
	ASSERT_EQ(0, pp_test_tool("rule del l3mdev"));
	TOOL_SAYS("route get 10.80.0.1 vrf blue", "dev pa table 30");
	EXPECT_NE(0, REFUSED("route get 10.90.0.1 vrf red"));
	/* what the administrator has routed by a device is gone with it */
	ASSERT_EQ(0, link_master("ra", NULL));
	EXPECT_NE(0, pp_test_tool("route show table 10 | grep -q dev"));
	TOOL_SAYS("route show table main", "10.77.0.0/24 dev ra");
	ASSERT_EQ(0, pp_test_tool("route add local 10.82.0.1 dev ra table local"));
}

/* What a table says is ours is not when the table becomes that of a VRF. */
TEST_F_TIMEOUT(vrf, older_table, 240)
{
	if (self->n.p.inet)
		SKIP(return, "of pktpath");
	ASSERT_EQ(0, pp_test_tool("route add local 10.84.0.1 dev pa table 30"));
	ASSERT_EQ(0, pp_test_tool("route add 10.85.0.0/24 dev pa table 30"));
	ASSERT_EQ(0, link_vrf("green", 30));
	EXPECT_NE(0, pp_test_tool("route show table 30 | grep -q 10.84.0.1"));
	TOOL_SAYS("route show table 30", "10.85.0.0/24 dev pa");
	EXPECT_NE(0, REFUSED("route add local 10.84.0.1 dev pa table 30"));
	/* those of its own devices stay, also when another has its name */
	ASSERT_EQ(0, link_master("ba", "green"));
	TOOL_SAYS("route show table 30", "^local 10.77.0.1 dev ba");
	ASSERT_EQ(0, pp_run("ip link set green name olive"));
	TOOL_SAYS("route show table 30", "^local 10.77.0.1 dev ba");
}

/* The module goes while devices are in VRFs, and finds them when it comes. */
TEST_F_TIMEOUT(vrf, unload, 240)
{
	if (self->n.p.inet)
		SKIP(return, "of pktpath");
	ASSERT_EQ(1, reaches(&self->n, "red", RED));
	ASSERT_EQ(0, pp_test_tool("down --all"));
	ASSERT_EQ(0, pp_run("rmmod pktpath"));
	ASSERT_LT(0, pp_test_family());
	ASSERT_EQ(0, own_addresses(false));
	EXPECT_EQ(1, reaches(&self->n, "red", RED));
	EXPECT_EQ(1, reaches(&self->n, "blue", BLUE));
	EXPECT_EQ(1, reaches(&self->n, "pa", OUT));
}

TEST_HARNESS_MAIN
