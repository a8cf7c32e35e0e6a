// SPDX-License-Identifier: GPL-2.0
/*
 * A socket as a file: the calls that every descriptor knows, the old ioctls,
 * and life across fork, exec and namespaces.
 * Proves: design: Sockets (every syscall of socket(7)).
 */
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "pp_fixture.h"

#define PORT 4000

TEST_F(stacks, vectors)
{
	int a = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int b = pp_udp(&self->p);
	struct iovec out[2] = { { "ab", 2 }, { "cd", 2 } };
	char x[3], y[3];
	struct iovec in[2] = { { x, 3 }, { y, 3 } };

	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_A, PORT));
	ASSERT_EQ(4, writev(b, out, 2));
	ASSERT_EQ(4, readv(a, in, 2));
	EXPECT_EQ(0, memcmp("abc", x, 3));
	EXPECT_EQ('d', y[0]);
	close(a);
	close(b);
}

TEST_F(stacks, not_a_file)
{
	int fd = pp_udp(&self->p);
	struct stat st;
	char buf[4];

	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_TRUE(S_ISSOCK(st.st_mode));
	EXPECT_ERRNO(ESPIPE, lseek(fd, 0, SEEK_SET));
	EXPECT_ERRNO(ESPIPE, pread(fd, buf, 1, 0));
	EXPECT_ERRNO(EINVAL, ftruncate(fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_ERRNO(EINVAL, fsync(fd));
	close(fd);
	EXPECT_ERRNO(EBADF, send(fd, "x", 1, 0));
}

TEST_F(stacks, dup_and_fork)
{
	int a = pp_udp_bound(&self->p, PKTPATH_T_A, PORT), d, status;
	int b = pp_udp(&self->p);
	char buf[4];
	pid_t pid;

	d = dup(a);
	close(a);
	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_A, PORT));
	pid = fork();
	if (!pid)
		_exit(send(b, "kid", 3, 0) != 3);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(3, recv(d, buf, sizeof(buf), 0));
	close(d);
	/* the last descriptor gone, so is the port */
	d = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	EXPECT_LE(0, d);
	close(d);
	close(b);
}

/* Killed with the socket open. */
TEST_F(stacks, killed_owner)
{
	int pipes[2], status, fd;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	if (!pid) {
		fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
		c = fd < 0;
		if (write(pipes[1], &c, 1) != 1)
			_exit(1);
		recv(fd, &c, 1, 0);
		_exit(0);
	}
	ASSERT_EQ(1, read(pipes[0], &c, 1));
	ASSERT_EQ(0, c);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_F(stacks, passed_to_another)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char data = 'x';
	struct iovec iov = { &data, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT), sp[2], got;
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sp));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	ASSERT_EQ(1, sendmsg(sp[0], &msg, 0));
	close(fd);
	ASSERT_EQ(1, recvmsg(sp[1], &msg, 0));
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	EXPECT_EQ(PORT, pp_port(got));
	close(got);
	/* over UDP no descriptor travels, and nobody complains */
	fd = pp_udp(&self->p);
	EXPECT_EQ(1, pp_send_cmsg(fd, "x", 1, PKTPATH_T_B, 5000, SOL_SOCKET,
				  SCM_RIGHTS, &sp[0], sizeof(int)));
	close(fd);
	close(sp[0]);
	close(sp[1]);
}

/* A socket belongs to the netns it was made in, wherever its owner goes. */
TEST_F(stacks, stays_in_its_netns)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	char buf[4];

	ASSERT_EQ(0, pp_ns_enter(self->p.ns_b));
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5000));
	EXPECT_EQ(1, recv(peer, buf, sizeof(buf), 0));
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_a));
	close(fd);
	close(peer);
}

TEST_F(stacks, blocking_mode)
{
	int fd = pp_udp(&self->p), on = 1;
	char buf[4];

	ASSERT_EQ(0, pp_bind(fd, PKTPATH_T_A, PORT));
	ASSERT_EQ(0, ioctl(fd, FIONBIO, &on));
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 4, 0));
	close(fd);
}

TEST_F(stacks, address_ioctls)
{
	struct ifreq ifr = { .ifr_name = "pa" };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, ioctl(fd, SIOCGIFADDR, &ifr));
	EXPECT_EQ(AF_INET, sin->sin_family);
	EXPECT_TRUE(sin->sin_addr.s_addr == inet_addr(PKTPATH_T_A) ||
		    sin->sin_addr.s_addr == inet_addr(PKTPATH_T_A2));
	ASSERT_EQ(0, ioctl(fd, SIOCGIFNETMASK, &ifr));
	EXPECT_EQ(htonl(0xffffff00), sin->sin_addr.s_addr);
	ASSERT_EQ(0, ioctl(fd, SIOCGIFBRDADDR, &ifr));
	EXPECT_EQ(inet_addr(PKTPATH_T_BCAST), sin->sin_addr.s_addr);
	snprintf(ifr.ifr_name, IFNAMSIZ, "nothere");
	EXPECT_ERRNO(ENODEV, ioctl(fd, SIOCGIFADDR, &ifr));
	EXPECT_ERRNO(EFAULT, ioctl(fd, SIOCGIFADDR, (void *)8));
	/* those of generic code work too */
	snprintf(ifr.ifr_name, IFNAMSIZ, "pa");
	ASSERT_EQ(0, ioctl(fd, SIOCGIFMTU, &ifr));
	EXPECT_EQ(1500, ifr.ifr_mtu);
	ASSERT_EQ(0, ioctl(fd, SIOCGIFINDEX, &ifr));
	EXPECT_EQ(if_nametoindex("pa"), (unsigned int)ifr.ifr_ifindex);
	close(fd);
}

/* The old requests that change things are refused, not passed on. */
TEST_F(stacks, old_changes_refused)
{
	struct ifreq ifr = { .ifr_name = "pa" };
	struct rtentry rt = { 0 };
	struct arpreq arp = { 0 };
	int fd;

	if (self->p.inet)
		SKIP(return, "AF_INET has them");
	fd = pp_udp(&self->p);
	EXPECT_ERRNO(EOPNOTSUPP, ioctl(fd, SIOCSIFADDR, &ifr));
	EXPECT_ERRNO(EOPNOTSUPP, ioctl(fd, SIOCSIFNETMASK, &ifr));
	EXPECT_ERRNO(EOPNOTSUPP, ioctl(fd, SIOCADDRT, &rt));
	EXPECT_ERRNO(EOPNOTSUPP, ioctl(fd, SIOCDELRT, &rt));
	EXPECT_ERRNO(EOPNOTSUPP, ioctl(fd, SIOCGARP, &arp));
	EXPECT_ERRNO(EOPNOTSUPP, ioctl(fd, SIOCSARP, &arp));
	close(fd);
}

/* No descriptor left: no socket, and nothing of it stays behind. */
TEST_F(stacks, descriptors_run_out)
{
	struct rlimit old, none;
	int fd, i;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	for (i = 0; i < 100; i++)
		EXPECT_ERRNO(EMFILE, socket(self->p.family, SOCK_DGRAM, 0));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	fd = pp_udp(&self->p);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_HARNESS_MAIN
