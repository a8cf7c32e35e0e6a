// SPDX-License-Identifier: GPL-2.0
/*
 * bind(2), getsockname(2), and who shares a port with whom.
 * Proves: UDP-5 (API), RFC 6056 port choice, attacks I2 (privileged ports),
 * design: Addresses, Who may.
 */
#include "pp_fixture.h"

static int try_bind(struct pp_pair *p, const char *a, uint16_t port)
{
	int fd = pp_udp_bound(p, a, port);
	int err = errno;

	if (fd < 0)
		return err;
	close(fd);
	return 0;
}

TEST_F(stacks, any)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd;

	fd = pp_udp_bound(&self->p, "0.0.0.0", 4000);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(htons(4000), sin.sin_port);
	EXPECT_EQ(htonl(INADDR_ANY), sin.sin_addr.s_addr);
	close(fd);
}

TEST_F(stacks, own)
{
	struct sockaddr_in sin, want = pp_addr(PKTPATH_T_A, 4000);
	socklen_t len = sizeof(sin);
	int fd;

	fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	ASSERT_LE(0, fd);
	memset(&sin, 0xff, sizeof(sin));
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(0, memcmp(&want, &sin, sizeof(sin)));
	close(fd);
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_A2, 4000));
	EXPECT_EQ(0, try_bind(&self->p, "127.0.0.1", 4000));
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_BCAST, 4000));
	EXPECT_EQ(0, try_bind(&self->p, "255.255.255.255", 4000));
}

TEST_F(stacks, foreign)
{
	EXPECT_EQ(EADDRNOTAVAIL, try_bind(&self->p, PKTPATH_T_B, 4000));
	EXPECT_EQ(EADDRNOTAVAIL, try_bind(&self->p, PKTPATH_T_NONE, 4000));
}

TEST_F(stacks, nonlocal_by_sysctl)
{
	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_nonlocal_bind", "1"));
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_NONE, 4000));
}

TEST_F(stacks, freebind)
{
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_FREEBIND, 1));
	EXPECT_EQ(0, pp_bind(fd, PKTPATH_T_NONE, 4000));
	close(fd);
}

TEST_F(stacks, address_forms)
{
	struct sockaddr_in sin = pp_addr("0.0.0.0", 0);
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, sizeof(sin) - 1));
	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, 0));
	EXPECT_ERRNO(EFAULT, bind(fd, NULL, sizeof(sin)));
	sin.sin_family = AF_INET6;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, (void *)&sin, sizeof(sin)));
	sin = pp_addr(PKTPATH_T_A, 0);
	sin.sin_family = AF_UNSPEC;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, (void *)&sin, sizeof(sin)));
	sin = pp_addr("0.0.0.0", 4000);
	sin.sin_family = AF_UNSPEC;
	EXPECT_EQ(0, bind(fd, (void *)&sin, sizeof(sin)));
	EXPECT_EQ(4000, pp_port(fd));
	close(fd);

	fd = pp_udp(&self->p);
	sin = pp_addr(PKTPATH_T_A, 4000);
	sin.sin_family = self->p.family;
	EXPECT_EQ(0, bind(fd, (void *)&sin, sizeof(sin)));
	close(fd);
}

TEST_F(stacks, family_shown)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd;

	if (self->p.inet)
		SKIP(return, "AF_INET shows AF_INET");
	fd = socket(self->p.family, SOCK_DGRAM, 0);
	ASSERT_EQ(0, pp_bind(fd, PKTPATH_T_A, 4000));
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(self->p.family, sin.sin_family);
	EXPECT_EQ(0, pp_get(fd, SOL_PKTPATH, PKTPATH_INET_ADDR));
	ASSERT_EQ(0, pp_set(fd, SOL_PKTPATH, PKTPATH_INET_ADDR, 1));
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(AF_INET, sin.sin_family);
	close(fd);

	ASSERT_EQ(0, pp_sysctl(&self->p, "inet_addr", "1"));
	fd = socket(self->p.family, SOCK_DGRAM, 0);
	ASSERT_EQ(0, getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(AF_INET, sin.sin_family);
	close(fd);
}

TEST_F(stacks, twice)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EINVAL, pp_bind(fd, PKTPATH_T_A, 4001));
	EXPECT_ERRNO(EINVAL, pp_bind(fd, PKTPATH_T_A, 4000));
	EXPECT_EQ(4000, pp_port(fd));
	close(fd);
}

TEST_F(stacks, in_use)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, 4000);
	int fd2;

	ASSERT_LE(0, fd);
	EXPECT_EQ(EADDRINUSE, try_bind(&self->p, PKTPATH_T_A, 4000));
	EXPECT_EQ(EADDRINUSE, try_bind(&self->p, "0.0.0.0", 4000));
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_A2, 4000));
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_A, 4001));

	/* a socket that failed can be bound elsewhere */
	fd2 = pp_udp(&self->p);
	EXPECT_ERRNO(EADDRINUSE, pp_bind(fd2, "0.0.0.0", 4000));
	EXPECT_EQ(0, pp_port(fd2));
	EXPECT_EQ(0, pp_bind(fd2, "0.0.0.0", 4002));
	close(fd2);

	/* the port is free again */
	close(fd);
	EXPECT_EQ(0, try_bind(&self->p, "0.0.0.0", 4000));
}

/* Binds two sockets to 4000 with an option set on each; errno of the second */
static int shared(struct pp_pair *p, int (*opt)(struct pp_pair *, int, int),
		  int on1, int on2)
{
	int a = pp_udp(p), b = pp_udp(p), err;

	opt(p, a, on1);
	opt(p, b, on2);
	if (pp_bind(a, "0.0.0.0", 4000))
		err = -1;
	else
		err = pp_bind(b, "0.0.0.0", 4000) ? errno : 0;
	close(a);
	close(b);
	return err;
}

static int opt_reuseaddr(struct pp_pair *p, int fd, int on)
{
	(void)p;
	return pp_set(fd, SOL_SOCKET, SO_REUSEADDR, on);
}

static int opt_reuseport(struct pp_pair *p, int fd, int on)
{
	return pp_reuseport(p, fd, on);
}

TEST_F(stacks, reuseaddr)
{
	EXPECT_EQ(0, shared(&self->p, opt_reuseaddr, 1, 1));
	EXPECT_EQ(EADDRINUSE, shared(&self->p, opt_reuseaddr, 0, 1));
	EXPECT_EQ(EADDRINUSE, shared(&self->p, opt_reuseaddr, 1, 0));
}

TEST_F(stacks, reuseport)
{
	EXPECT_EQ(0, shared(&self->p, opt_reuseport, 1, 1));
	EXPECT_EQ(EADDRINUSE, shared(&self->p, opt_reuseport, 0, 1));
	EXPECT_EQ(EADDRINUSE, shared(&self->p, opt_reuseport, 1, 0));
}

/* A child as another user, which tries to join a port of root's. */
static int join_as_nobody(struct pp_pair *p)
{
	int status, fd;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (setresuid(65534, 65534, 65534))
			_exit(99);
		fd = pp_udp(p);
		if (fd < 0 || pp_reuseport(p, fd, 1))
			_exit(98);
		_exit(pp_bind(fd, "0.0.0.0", 4000) ? errno : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

TEST_F(stacks, reuseport_other_user)
{
	int fd = pp_udp(&self->p);

	if (!self->p.inet)
		ASSERT_EQ(0, pp_sysctl(&self->p, "group_range",
				       "0 2147483647"));
	ASSERT_EQ(0, pp_reuseport(&self->p, fd, 1));
	ASSERT_EQ(0, pp_bind(fd, "0.0.0.0", 4000));
	EXPECT_EQ(EADDRINUSE, join_as_nobody(&self->p));
	close(fd);
}

/* Datagrams of many senders spread over a group, each sender to one member. */
TEST_F(stacks, reuseport_spreads)
{
	int a = pp_udp(&self->p), b = pp_udp(&self->p), i, n;
	struct pollfd pfd[2] = { { .fd = a, .events = POLLIN },
				 { .fd = b, .events = POLLIN } };
	int got[2] = { 0, 0 };
	char buf[16];

	ASSERT_EQ(0, pp_reuseport(&self->p, a, 1));
	ASSERT_EQ(0, pp_reuseport(&self->p, b, 1));
	ASSERT_EQ(0, pp_bind(a, PKTPATH_T_A, 4000));
	ASSERT_EQ(0, pp_bind(b, PKTPATH_T_A, 4000));
	for (i = 0; i < 64; i++) {
		int s = pp_udp_bound(&self->p, PKTPATH_T_A2, 5000 + i);

		ASSERT_LE(0, s);
		for (n = 0; n < 2; n++)
			ASSERT_EQ(1, pp_sendto(s, "x", 1, PKTPATH_T_A, 4000));
		ASSERT_EQ(1, poll(pfd, 2, 30000));
		n = pp_readable(a, 0);
		got[!n]++;
		EXPECT_EQ(1, recv(n ? a : b, buf, sizeof(buf), 0));
		EXPECT_EQ(1, recv(n ? a : b, buf, sizeof(buf), 0));
		EXPECT_EQ(0, pp_readable(n ? b : a, 0));
		close(s);
	}
	EXPECT_LT(8, got[0]);
	EXPECT_LT(8, got[1]);
	close(a);
	close(b);
}

TEST_F(stacks, autobind_is_random_and_in_range)
{
	uint16_t port[64];
	int fd[64], i, steps = 0;

	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_local_port_range",
			       "40000 42047"));
	for (i = 0; i < 64; i++) {
		fd[i] = pp_udp_bound(&self->p, "0.0.0.0", 0);
		ASSERT_LE(0, fd[i]);
		port[i] = pp_port(fd[i]);
		EXPECT_LE(40000, port[i]);
		EXPECT_GE(42047, port[i]);
		if (i && abs(port[i] - port[i - 1]) <= 2)
			steps++;
	}
	EXPECT_GT(32, steps);
	for (i = 0; i < 64; i++)
		close(fd[i]);
}

TEST_F(stacks, ports_run_out)
{
	int fd[8], i;

	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_local_port_range",
			       "40000 40007"));
	for (i = 0; i < 8; i++) {
		fd[i] = pp_udp_bound(&self->p, PKTPATH_T_A, 0);
		ASSERT_LE(0, fd[i]);
	}
	EXPECT_EQ(EADDRINUSE, try_bind(&self->p, PKTPATH_T_A, 0));
	for (i = 0; i < 8; i++)
		close(fd[i]);
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_A, 0));
}

TEST_F(stacks, reserved_ports)
{
	int i;

	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_local_port_range",
			       "40000 40003"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_local_reserved_ports",
			       "40000-40002"));
	for (i = 0; i < 8; i++) {
		int fd = pp_udp_bound(&self->p, PKTPATH_T_A, 0);

		ASSERT_LE(0, fd);
		EXPECT_EQ(40003, pp_port(fd));
		close(fd);
	}
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_A, 40001));
}

TEST_F(stacks, bind_address_no_port)
{
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	ASSERT_EQ(0, pp_bind(fd, PKTPATH_T_A2, 0));
	EXPECT_EQ(0, pp_port(fd));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 4000));
	EXPECT_NE(0, pp_port(fd));
	close(fd);
}

TEST_F(stacks, to_device)
{
	int a = pp_udp(&self->p), b = pp_udp(&self->p);
	char buf[4];
	struct ifreq {
		char name[16];
	} dev = { "pa" }, none = { "nothere" };

	EXPECT_ERRNO(ENODEV, setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE, &none,
					sizeof(none)));
	ASSERT_EQ(0, setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE, &dev,
				sizeof(dev)));
	ASSERT_EQ(0, pp_bind(a, "0.0.0.0", 4000));
	EXPECT_ERRNO(EADDRINUSE, pp_bind(b, "0.0.0.0", 4000));
	/* from the wire: taken; over lo: not */
	close(b);
	b = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	ASSERT_EQ(1, pp_sendto(b, "x", 1, PKTPATH_T_A, 4000));
	EXPECT_EQ(1, pp_readable(a, 30000));
	EXPECT_EQ(1, recv(a, buf, sizeof(buf), 0));
	close(b);
	b = pp_udp_bound(&self->p, "127.0.0.1", 5000);
	ASSERT_EQ(1, pp_sendto(b, "y", 1, "127.0.0.1", 4000));
	EXPECT_EQ(0, pp_readable(a, 100));
	close(a);
	close(b);
}

/* Drops every capability but keeps the root user's socket. */
static int bind_without_caps(struct pp_pair *p, uint16_t port)
{
	int status, fd;
	pid_t pid;

	pid = fork();
	if (!pid) {
		fd = pp_udp(p);
		if (setresuid(65534, 65534, 65534))
			_exit(99);
		_exit(pp_bind(fd, PKTPATH_T_A, port) ? errno : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

TEST_F(stacks, privileged_ports)
{
	EXPECT_EQ(0, try_bind(&self->p, PKTPATH_T_A, 1023));
	EXPECT_EQ(EACCES, bind_without_caps(&self->p, 1023));
	EXPECT_EQ(0, bind_without_caps(&self->p, 1024));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ip_unprivileged_port_start",
			       "100"));
	EXPECT_EQ(0, bind_without_caps(&self->p, 100));
	EXPECT_EQ(EACCES, bind_without_caps(&self->p, 99));
}

TEST_HARNESS_MAIN
