// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTUs that routers tell, routes say and links have. The peer forwards
 * 10.88.0.0/24 into a dummy device with a small MTU.
 * Proves: PMTU-2, PMTU-4, PMTU-6, attacks D3.
 */
#include <netinet/ip_icmp.h>
#include "pp_fixture.h"
#include <linux/errqueue.h>

#define FAR	"10.88.0.9"
#define FAR2	"10.88.0.10"

static int behind(const struct pp_pair *p, const char *fmt, int mtu)
{
	int err;

	pp_ns_enter(p->ns_b);
	err = pp_run(fmt, mtu);
	pp_ns_enter(p->ns_a);
	return err;
}

/* The network behind the peer, and the route to it. */
static int far_setup(const struct pp_pair *p, int mtu, const char *route)
{
	if (behind(p, "ip link add d0 type dummy && ip link set d0 up mtu %d",
		   mtu) ||
	    behind(p, "ip addr add 10.88.0.%d/24 dev d0", 1) ||
	    behind(p, "echo %d >/proc/sys/net/ipv4/ip_forward", 1) ||
	    behind(p, "echo %d >/proc/sys/net/ipv4/icmp_ratelimit", 0) ||
	    behind(p, "ip neigh add " FAR " lladdr 2:0:0:0:0:%d dev d0", 9) ||
	    behind(p, "ip neigh add " FAR2 " lladdr 2:0:0:0:0:%d dev d0", 10))
		return -1;
	return pp_route(p, route);
}

static int far_socket(const struct pp_pair *p, const char *to, int mode)
{
	int fd = pp_udp(p);

	if (pp_set(fd, IPPROTO_IP, IP_MTU_DISCOVER, mode) ||
	    pp_connect(fd, to, 9))
		return -1;
	return fd;
}

static int mtu_of(int fd)
{
	return pp_get(fd, IPPROTO_IP, IP_MTU);
}

static ssize_t put(int fd, size_t len)
{
	static char buf[4000];

	return send(fd, buf, len, 0);
}

/* Sends each second until the path MTU is @mtu; what it is, or was after 30 s. */
static int becomes(int fd, int mtu, size_t len)
{
	int i, is, sent = 0;

	for (i = 0; (is = mtu_of(fd)) != mtu && i < 1500; i++) {
		if (len && i % 50 == 0) {
			put(fd, len);
			sent++;
		}
		poll(NULL, 0, 20);
	}
	/* the news is also an error of the socket, for each that was sent */
	if (sent > 1)
		poll(NULL, 0, 500);
	pp_get(fd, SOL_SOCKET, SO_ERROR);
	return is;
}

TEST_F(stacks, learned)
{
	int fd, other, same;

	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1500, mtu_of(fd));
	EXPECT_EQ(-1, put(fd, 1473));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(1472, put(fd, 1472));
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	EXPECT_EQ(-1, put(fd, 973));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(972, put(fd, 972));
	/* for that destination, whatever the socket, and for no other */
	same = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	other = far_socket(&self->p, FAR2, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, mtu_of(same));
	EXPECT_EQ(1500, mtu_of(other));
	close(fd);
	close(same);
	close(other);
}

/*
 * What each mode does with a datagram for a path of 1000 bytes on a link of
 * 1500, before and after the router has told.
 */
static const struct {
	int mode;
	bool df;	/* goes out with DF, whatever its length */
	bool bound;	/* what is known of the path is the limit */
	bool link;	/* the MTU of the link is the limit */
} modes[] = {
	{ IP_PMTUDISC_DO, true, true, true },
	{ IP_PMTUDISC_PROBE, true, false, true },
	{ IP_PMTUDISC_INTERFACE, false, false, true },
	{ IP_PMTUDISC_OMIT, false, false, false },
};

/* IP_DF of the next datagram to port 9 on the wire, or -1. */
static int df_on_wire(int tap)
{
	unsigned char buf[2000];

	if (pp_tap_next(tap, IPPROTO_UDP, 9, buf, sizeof(buf)) < 20)
		return -1;
	return buf[6] & 0x40 ? 1 : 0;
}

TEST_F(stacks, modes)
{
	unsigned int i;
	int fd, tap;

	ASSERT_EQ(0, far_setup(&self->p, 1000,
			       "add 10.88.0.0/24 via 10.77.0.2"));
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		TH_LOG("mode %d", modes[i].mode);
		tap = pp_tap(&self->p);
		fd = far_socket(&self->p, FAR, modes[i].mode);
		ASSERT_LE(0, fd);
		EXPECT_EQ(i ? 1000 : 1500, mtu_of(fd));
		EXPECT_EQ(1472, put(fd, 1472));
		EXPECT_EQ(modes[i].df, df_on_wire(tap));
		if (!i)
			EXPECT_EQ(1000, becomes(fd, 1000, 1472));
		/* once more without the news, which is an error too */
		close(fd);
		fd = far_socket(&self->p, FAR, modes[i].mode);
		EXPECT_EQ(modes[i].bound ? -1 : 1472, put(fd, 1472));
		if (modes[i].bound)
			EXPECT_EQ(EMSGSIZE, errno);
		if (modes[i].link) {
			pp_get(fd, SOL_SOCKET, SO_ERROR);
			EXPECT_EQ(-1, put(fd, 1473));
			EXPECT_EQ(EMSGSIZE, errno);
		}
		close(fd);
		close(tap);
	}
}

/* The router's word is also an entry in the error queue. */
TEST_F(stacks, told_by_the_error_queue)
{
	struct sock_extended_err *ee;
	struct msghdr msg = { 0 };
	struct cmsghdr *c;
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000,
			       "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_EQ(1472, put(fd, 1472));
	ASSERT_NE(0, pp_revents(fd, 0, 30000) & POLLERR);
	ASSERT_LE(0, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	c = pp_cmsg(&msg, IPPROTO_IP, IP_RECVERR);
	ASSERT_NE(NULL, c);
	ee = (void *)CMSG_DATA(c);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, ee->ee_origin);
	EXPECT_EQ(ICMP_DEST_UNREACH, ee->ee_type);
	EXPECT_EQ(ICMP_FRAG_NEEDED, ee->ee_code);
	EXPECT_EQ(EMSGSIZE, (int)ee->ee_errno);
	EXPECT_EQ(1000, (int)ee->ee_info);
	/* and the refusal of the next one another, of local origin */
	EXPECT_EQ(-1, put(fd, 1472));
	EXPECT_EQ(EMSGSIZE, errno);
	ASSERT_LE(0, pp_recvmsg(fd, &msg, MSG_ERRQUEUE));
	c = pp_cmsg(&msg, IPPROTO_IP, IP_RECVERR);
	ASSERT_NE(NULL, c);
	ee = (void *)CMSG_DATA(c);
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, ee->ee_origin);
	EXPECT_EQ(1000, (int)ee->ee_info);
	close(fd);
}

TEST_F(stacks, never_raised)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_PROBE);
	ASSERT_EQ(1472, put(fd, 1472));
	close(fd);
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	ASSERT_EQ(0, behind(&self->p, "ip link set d0 mtu %d", 1300));
	close(fd);
	/* a probe hears of 1300 and changes nothing */
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_PROBE);
	put(fd, 1472);
	poll(NULL, 0, 200);
	close(fd);
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, mtu_of(fd));
	close(fd);
}

TEST_F(stacks, floor)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 500, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(552, becomes(fd, 552, 1472));
	/* below the floor packets go without DF, so nothing more is heard */
	EXPECT_EQ(524, put(fd, 524));
	poll(NULL, 0, 100);
	EXPECT_EQ(552, mtu_of(fd));
	close(fd);
}

TEST_F(stacks, expires)
{
	int fd;

	if (pp_sysctl(&self->p, "route/mtu_expires", "5"))
		ASSERT_EQ(0, pp_sysctl(&self->p, "mtu_expires", "5"));
	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	EXPECT_EQ(1500, becomes(fd, 1500, 0));
	EXPECT_EQ(1472, put(fd, 1472));
	close(fd);
}

TEST_F(stacks, of_the_route)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000,
			       "add 10.88.0.0/24 via 10.77.0.2 mtu 1200"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1200, mtu_of(fd));
	EXPECT_EQ(-1, put(fd, 1173));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(1000, becomes(fd, 1000, 1172));
	close(fd);
}

TEST_F(stacks, locked)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000,
			       "add 10.88.0.0/24 via 10.77.0.2 mtu lock 1200"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1200, mtu_of(fd));
	EXPECT_EQ(1172, put(fd, 1172));
	poll(NULL, 0, 200);
	EXPECT_EQ(1200, mtu_of(fd));
	close(fd);
}

TEST_F(stacks, of_the_link)
{
	int fd = far_socket(&self->p, PKTPATH_T_B, IP_PMTUDISC_DO);

	EXPECT_EQ(1500, mtu_of(fd));
	ASSERT_EQ(0, pp_run("ip link set pa mtu 900"));
	EXPECT_EQ(900, becomes(fd, 900, 0));
	EXPECT_EQ(-1, put(fd, 873));
	EXPECT_EQ(EMSGSIZE, errno);
	ASSERT_EQ(0, pp_run("ip link set pa mtu 1500"));
	EXPECT_EQ(1500, becomes(fd, 1500, 0));
	EXPECT_EQ(1472, put(fd, 1472));
	close(fd);
}

/* The route may change at any time; what was learned goes with it. */
TEST_F(stacks, forgotten_with_the_route)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	ASSERT_EQ(0, pp_route(&self->p, "del 10.88.0.0/24"));
	EXPECT_EQ(-1, put(fd, 100));
	EXPECT_EQ(ENETUNREACH, errno);
	ASSERT_EQ(0, pp_route(&self->p, "add 10.88.0.0/24 via 10.77.0.4"));
	EXPECT_EQ(1472, put(fd, 1472));
	close(fd);
}

/*
 * What a router has told is of the network that the link was in. AF_INET has
 * lost the route as well, so that it is given again: to pktpath nothing new.
 */
TEST_F(stacks, forgotten_with_the_link)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	close(fd);
	ASSERT_EQ(0, pp_run("ip link set pa down"));
	ASSERT_EQ(0, pp_run("ip link set pa up"));
	ASSERT_EQ(0, pp_await_running("pa"));
	ASSERT_EQ(0, pp_route(&self->p,
			      "replace 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1500, mtu_of(fd));
	/* and can be learned anew */
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	close(fd);
}

/* A cable that is pulled for a moment is another matter. */
TEST_F(stacks, kept_without_carrier)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	close(fd);
	ASSERT_EQ(0, behind(&self->p, "ip link set pb down mtu %d",
			    1500));
	ASSERT_EQ(0, behind(&self->p, "ip link set pb up mtu %d",
			    1500));
	ASSERT_EQ(0, pp_await_running("pa"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, mtu_of(fd));
	close(fd);
}

static int own_addresses(const struct pp_pair *p, const char *verb)
{
	static const char * const own[] = { PKTPATH_T_A, PKTPATH_T_A2 };
	unsigned int i;
	int err = 0;

	/* of AF_INET the second goes with the first */
	for (i = ARRAY_SIZE(own); i-- > 0;)
		err |= p->inet ?
		       pp_run("ip addr %s %s/24 dev pa", verb, own[i]) :
		       pp_test_tool("addr %s %s/24 dev pa", verb, own[i]);
	return err;
}

TEST_F(stacks, forgotten_with_the_last_address)
{
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	close(fd);
	ASSERT_EQ(0, own_addresses(&self->p, "del"));
	ASSERT_EQ(0, own_addresses(&self->p, "add"));
	ASSERT_EQ(0, pp_route(&self->p,
			      "replace 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1500, mtu_of(fd));
	close(fd);
}

/* Of a link that was narrower for a while the path is no more than the link. */
TEST_F(stacks, follows_a_narrower_link)
{
	static const struct {
		int link, path;
	} steps[] = {
		{ 1500, 1000 }, { 1200, 1000 }, { 1500, 1000 }, { 1001, 1000 },
		{ 1500, 1000 }, { 900, 900 }, { 1500, 1500 },
	};
	unsigned int i;
	int fd;

	ASSERT_EQ(0, far_setup(&self->p, 1000, "add 10.88.0.0/24 via 10.77.0.2"));
	fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
	EXPECT_EQ(1000, becomes(fd, 1000, 1472));
	close(fd);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		ASSERT_EQ(0, pp_run("ip link set pa mtu %d", steps[i].link));
		fd = far_socket(&self->p, FAR, IP_PMTUDISC_DO);
		EXPECT_EQ(steps[i].path, mtu_of(fd))
			TH_LOG("link of %d", steps[i].link);
		close(fd);
	}
}

TEST_HARNESS_MAIN
