// SPDX-License-Identifier: GPL-2.0
/*
 * Who may have a socket of the family, and which sockets there are.
 * Proves: design: Who may, Family; hazards S1, S8.
 */
#include <grp.h>
#include "pp_fixture.h"

/* Makes a socket as another user, in one supplementary group; its errno. */
static int as_user(struct pp_pair *p, int type, int protocol, gid_t gid)
{
	int status, fd;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (setgroups(1, &gid) || setresgid(65534, 65534, 65534) ||
		    setresuid(65534, 65534, 65534))
			_exit(99);
		fd = socket(p->family, type, protocol);
		_exit(fd < 0 ? errno : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* Sets an option as a user without capabilities; its errno. */
static int set_as_user(struct pp_pair *p, int level, int opt, const void *val,
		       socklen_t len)
{
	int status, fd;
	pid_t pid;

	fd = pp_udp(p);
	pid = fork();
	if (!pid) {
		if (setresgid(65534, 65534, 65534) ||
		    setresuid(65534, 65534, 65534))
			_exit(99);
		_exit(setsockopt(fd, level, opt, val, len) ? errno : 0);
	}
	close(fd);
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static int make(struct pp_pair *p, int type, int protocol)
{
	int fd = socket(p->family, type, protocol);
	int err = errno;

	if (fd < 0)
		return err;
	close(fd);
	return 0;
}

TEST_F(stacks, kinds)
{
	struct pp_pair *p = &self->p;

	EXPECT_EQ(0, make(p, SOCK_DGRAM, 0));
	EXPECT_EQ(0, make(p, SOCK_DGRAM, IPPROTO_UDP));
	EXPECT_EQ(0, make(p, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	EXPECT_EQ(EPROTONOSUPPORT, make(p, SOCK_DGRAM, IPPROTO_TCP));
	EXPECT_EQ(EPROTONOSUPPORT, make(p, SOCK_DGRAM, 200));
	EXPECT_EQ(EINVAL, make(p, SOCK_DGRAM, -1));
	EXPECT_EQ(EINVAL, make(p, SOCK_DGRAM, 100000));
	EXPECT_EQ(ESOCKTNOSUPPORT, make(p, SOCK_RDM, 0));
	EXPECT_EQ(ESOCKTNOSUPPORT, make(p, SOCK_SEQPACKET, 0));
	EXPECT_EQ(EINVAL, make(p, 11, 0));
}

TEST_F(stacks, socketpair)
{
	int fds[2];

	EXPECT_ERRNO(EOPNOTSUPP, socketpair(self->p.family, SOCK_DGRAM, 0,
					    fds));
}

TEST_F(stacks, group_range)
{
	struct pp_pair *p = &self->p;

	if (p->inet)
		SKIP(return, "AF_INET is for everybody");
	/* nobody by default */
	EXPECT_EQ(EPERM, as_user(p, SOCK_DGRAM, 0, 1000));
	EXPECT_EQ(EPERM, as_user(p, SOCK_DGRAM, IPPROTO_ICMP, 1000));
	ASSERT_EQ(0, pp_sysctl(p, "group_range", "1000 1010"));
	EXPECT_EQ(0, as_user(p, SOCK_DGRAM, 0, 1000));
	EXPECT_EQ(0, as_user(p, SOCK_DGRAM, IPPROTO_UDP, 1010));
	EXPECT_EQ(EPERM, as_user(p, SOCK_DGRAM, 0, 999));
	EXPECT_EQ(EPERM, as_user(p, SOCK_DGRAM, 0, 1011));
	/* what does not exist is not a matter of permission */
	EXPECT_EQ(EPROTONOSUPPORT, as_user(p, SOCK_DGRAM, 200, 999));
	EXPECT_EQ(ESOCKTNOSUPPORT, as_user(p, SOCK_RDM, 0, 999));
}

TEST_F(stacks, ping_group_range)
{
	struct pp_pair *p = &self->p;

	if (!p->inet)
		ASSERT_EQ(0, pp_sysctl(p, "group_range", "0 2147483647"));
	ASSERT_EQ(0, pp_sysctl(p, "ping_group_range", "1 0"));
	EXPECT_EQ(EACCES, as_user(p, SOCK_DGRAM, IPPROTO_ICMP, 1000));
	ASSERT_EQ(0, pp_sysctl(p, "ping_group_range", "1000 1000"));
	EXPECT_EQ(0, as_user(p, SOCK_DGRAM, IPPROTO_ICMP, 1000));
	EXPECT_EQ(EACCES, as_user(p, SOCK_DGRAM, IPPROTO_ICMP, 1001));
}

#define AS_INET (-1) /* depends on the kernel */

/* Options that are for the administrator of the netns, and like ones that are not. */
TEST_F(stacks, options)
{
	static const struct {
		int level, opt, val, err;
	} rows[] = {
		{ SOL_IP, IP_TRANSPARENT, 1, EPERM },
		{ SOL_IP, IP_TRANSPARENT, 0, 0 },
		{ SOL_IP, IP_FREEBIND, 1, 0 },
		{ SOL_SOCKET, SO_MARK, 1, EPERM },
		{ SOL_SOCKET, SO_PRIORITY, 7, EPERM },
		{ SOL_SOCKET, SO_PRIORITY, 6, 0 },
		{ SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20, EPERM },
		{ SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20, EPERM },
		{ SOL_SOCKET, SO_RCVBUF, 1 << 16, 0 },
		{ SOL_SOCKET, SO_BUSY_POLL, 0, 0 },
		{ SOL_SOCKET, SO_BUSY_POLL, 50, AS_INET },
		{ SOL_SOCKET, SO_DEBUG, 1, EACCES },
		{ SOL_SOCKET, SO_DEBUG, 0, 0 },
		{ SOL_IP, IP_TOS, 0xe0, 0 },
	};
	static const uint8_t lsrr[8] = { 131, 7, 4, 10, 77, 0, 2 };
	static const uint8_t security[4] = { 130, 4, 0, 0 };
	static const int zero, one = 1;
	struct pp_pair *p = &self->p, inet = *p;
	unsigned int i;
	int err;

	inet.inet = true;
	inet.family = AF_INET;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		err = rows[i].err;
		if (err == AS_INET)
			err = set_as_user(&inet, rows[i].level, rows[i].opt,
					  &rows[i].val, sizeof(int));
		EXPECT_EQ(err, set_as_user(p, rows[i].level, rows[i].opt,
					   &rows[i].val, sizeof(int)))
			TH_LOG("level %d option %d value %d", rows[i].level,
			       rows[i].opt, rows[i].val);
	}
	/* RFC 1108 is for the privileged; source routes are sent by AF_INET alone */
	EXPECT_EQ(EINVAL, set_as_user(p, SOL_IP, IP_OPTIONS, security,
				      sizeof(security)));
	if (!p->inet)
		EXPECT_EQ(EPERM, set_as_user(p, SOL_IP, IP_OPTIONS, lsrr,
					     sizeof(lsrr)));
	EXPECT_EQ(0, set_as_user(p, SOL_SOCKET, SO_BINDTODEVICE, "pa", 3));
	/* past what shapes and filters is for those who may send frames */
	if (!p->inet) {
		EXPECT_EQ(EPERM, set_as_user(p, SOL_PKTPATH,
					     PKTPATH_QDISC_BYPASS, &one,
					     sizeof(one)));
		EXPECT_EQ(0, set_as_user(p, SOL_PKTPATH, PKTPATH_QDISC_BYPASS,
					 &zero, sizeof(zero)));
	}
}

/* Root of a user namespace rules over the netns it made, and no other. */
TEST_F(stacks, user_namespace)
{
	struct pp_pair *p = &self->p;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (setresgid(65534, 65534, 65534) ||
		    setresuid(65534, 65534, 65534))
			_exit(99);
		if (unshare(CLONE_NEWUSER))
			_exit(98);
		if (!p->inet && make(p, SOCK_DGRAM, 0) != EPERM)
			_exit(1);
		if (unshare(CLONE_NEWNET))
			_exit(97);
		if (make(p, SOCK_DGRAM, 0))
			_exit(2);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 98)
		SKIP(return, "no user namespaces");
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_F(stacks, family_parameter)
{
	int v = pp_test_family();
	char buf[8] = { 0 };
	int fd;

	if (self->p.inet)
		SKIP(return, "not a matter of AF_INET");
	EXPECT_LT(0, v);
	EXPECT_GT(AF_MAX, v);
	/* read-only */
	fd = open("/sys/module/pktpath/parameters/family", O_WRONLY);
	EXPECT_EQ(-1, fd < 0 ? -1 : (int)write(fd, buf, 2));
	/* and not a family that generic code takes for its own */
	EXPECT_NE(AF_INET, v);
}

/* Sockets hold their netns and the module, and let go of both. */
TEST_F(stacks, many_come_and_go)
{
	int fd[200], i, round;

	for (round = 0; round < 5; round++) {
		for (i = 0; i < 200; i++) {
			fd[i] = pp_udp(&self->p);
			ASSERT_LE(0, fd[i]);
			if (i % 3)
				ASSERT_EQ(0, pp_bind(fd[i], "0.0.0.0", 0));
		}
		for (i = 0; i < 200; i++)
			close(fd[i]);
	}
}

TEST_F(stacks, sock_list)
{
	int fd;

	if (self->p.inet)
		SKIP(return, "of pktpath's list");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, pp_test_tool("sock -u -a | grep -q ':4000'"));
	close(fd);
	EXPECT_EQ(1, pp_test_tool("sock -u -a | grep -q ':4000'"));
}

TEST_F(stacks, killed)
{
	int fd;
	char buf[4];

	if (self->p.inet)
		SKIP(return, "of pktpath's tool");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_test_tool("sock kill sport 4000 >/dev/null"));
	EXPECT_TRUE(pp_revents(fd, POLLIN, 0) & POLLERR);
	EXPECT_ERRNO(ECONNABORTED, recv(fd, buf, 4, MSG_DONTWAIT));
	EXPECT_EQ(0, recv(fd, buf, 4, 0));
	EXPECT_ERRNO(EPIPE, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5000));
	EXPECT_ERRNO(ECONNABORTED, pp_bind(fd, PKTPATH_T_A, 4000));
	EXPECT_ERRNO(ECONNABORTED, pp_connect(fd, PKTPATH_T_B, 5000));
	/* its port is free */
	EXPECT_LE(0, pp_udp_bound(&self->p, PKTPATH_T_A, 4000));
	close(fd);
}

TEST_HARNESS_MAIN
