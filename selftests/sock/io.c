// SPDX-License-Identifier: GPL-2.0
/*
 * Every way to send and to receive a datagram, and their flags.
 * Proves: UDP-1, UDP-2, UDP-6, UDP-7, UDP-8 (conformance), design: Sockets.
 */
#include <netinet/udp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <linux/sockios.h>
#include "pp_fixture.h"

#define PORT 4000

/* of the kernel's own headers alone */
#ifndef MSG_PROBE
#define MSG_PROBE 0x10
#endif

/* A socket under test on PORT and a connected peer in B. */
static void make(struct pp_pair *p, int *fd, int *peer)
{
	*fd = pp_udp_bound(p, PKTPATH_T_A, PORT);
	*peer = pp_peer_udp(p, PKTPATH_T_B, 5000);
	pp_connect(*peer, PKTPATH_T_A, PORT);
}

TEST_F(stacks, sendto_recvfrom)
{
	struct sockaddr_in from, want = pp_addr(PKTPATH_T_B, 5000);
	socklen_t len = sizeof(from);
	int fd, peer;
	char buf[16];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(5, pp_sendto(fd, "there", 5, PKTPATH_T_B, 5000));
	ASSERT_EQ(5, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp("there", buf, 5));
	ASSERT_EQ(4, send(peer, "back", 4, 0));
	memset(&from, 0xff, sizeof(from));
	ASSERT_EQ(4, recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len));
	EXPECT_EQ(sizeof(from), len);
	EXPECT_EQ(0, memcmp(&want, &from, sizeof(from)));
	EXPECT_LT(0, pp_count(&self->p, "Udp", "InDatagrams"));
	EXPECT_LT(0, pp_count(&self->p, "Udp", "OutDatagrams"));
	close(fd);
	close(peer);
}

TEST_F(stacks, write_read)
{
	int fd, peer;
	char buf[16];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(3, read(peer, buf, sizeof(buf)));
	ASSERT_EQ(3, write(peer, "def", 3));
	ASSERT_EQ(3, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("def", buf, 3));
	/* a connected socket may still name somebody else */
	EXPECT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B2, 5000));
	close(fd);
	close(peer);
}

TEST_F(stacks, scatter_gather)
{
	struct iovec out[3] = { { "one", 3 }, { "", 0 }, { "two", 3 } };
	struct sockaddr_in from, to = pp_addr(PKTPATH_T_B, 5000);
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = out, .msg_iovlen = 3,
	};
	char a[2], b[10];
	struct iovec in[2] = { { a, 2 }, { b, 10 } };
	int fd, peer;

	make(&self->p, &fd, &peer);
	ASSERT_EQ(6, sendmsg(fd, &msg, 0));
	ASSERT_EQ(6, recv(peer, b, sizeof(b), 0));
	EXPECT_EQ(0, memcmp("onetwo", b, 6));
	ASSERT_EQ(6, send(peer, "123456", 6, 0));
	msg.msg_name = &from;
	msg.msg_namelen = sizeof(from);
	msg.msg_iov = in;
	msg.msg_iovlen = 2;
	ASSERT_EQ(6, recvmsg(fd, &msg, 0));
	EXPECT_EQ(0, memcmp("12", a, 2));
	EXPECT_EQ(0, memcmp("3456", b, 4));
	EXPECT_EQ(sizeof(from), msg.msg_namelen);
	EXPECT_EQ(0, msg.msg_flags);
	close(fd);
	close(peer);
}

TEST_F(stacks, mmsg)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, 5000);
	struct mmsghdr mm[4];
	struct iovec iov[4];
	char data[4][8];
	int fd, peer, i, n;

	make(&self->p, &fd, &peer);
	memset(mm, 0, sizeof(mm));
	for (i = 0; i < 4; i++) {
		memset(data[i], 'a' + i, 8);
		iov[i] = (struct iovec){ data[i], i + 1 };
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
		mm[i].msg_hdr.msg_name = &to;
		mm[i].msg_hdr.msg_namelen = sizeof(to);
	}
	ASSERT_EQ(4, sendmmsg(fd, mm, 4, 0));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(i + 1, mm[i].msg_len);
		EXPECT_EQ(i + 1, recv(peer, data[3], 8, 0));
		EXPECT_EQ('a' + i, data[3][0]);
		ASSERT_EQ(i + 1, send(peer, "wxyz", i + 1, 0));
		iov[i].iov_len = 8;
		mm[i].msg_hdr.msg_name = NULL;
	}
	/* each call waits for the first and takes what is there */
	for (i = 0; i < 4; i += n) {
		n = recvmmsg(fd, mm + i, 4 - i, MSG_WAITFORONE, NULL);
		ASSERT_LT(0, n);
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(i + 1, mm[i].msg_len);
	close(fd);
	close(peer);
}

TEST_F(stacks, zero_length)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_sendto(fd, NULL, 0, PKTPATH_T_B, 5000));
	ASSERT_EQ(0, recvfrom(peer, buf, 4, 0, (void *)&from, &len));
	EXPECT_EQ(htons(PORT), from.sin_port);
	ASSERT_EQ(0, send(peer, NULL, 0, 0));
	len = sizeof(from);
	ASSERT_EQ(0, recvfrom(fd, buf, 4, 0, (void *)&from, &len));
	EXPECT_EQ(htons(5000), from.sin_port);
	close(fd);
	close(peer);
}

TEST_F(stacks, truncation)
{
	struct msghdr msg = { 0 };
	struct iovec iov;
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	iov = (struct iovec){ buf, 4 };
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	ASSERT_EQ(10, send(peer, "0123456789", 10, 0));
	ASSERT_EQ(10, send(peer, "0123456789", 10, 0));
	ASSERT_EQ(2, send(peer, "ab", 2, 0));
	ASSERT_EQ(4, recvmsg(fd, &msg, 0));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags);
	EXPECT_EQ(0, memcmp("0123", buf, 4));
	/* MSG_TRUNC asks for the length on the wire */
	ASSERT_EQ(10, recvmsg(fd, &msg, MSG_TRUNC));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags & MSG_TRUNC);
	/* the rest of a datagram is gone, the next one is whole */
	ASSERT_EQ(2, recvmsg(fd, &msg, 0));
	EXPECT_EQ(0, msg.msg_flags);
	close(fd);
	close(peer);
}

TEST_F(stacks, peek)
{
	int fd, peer;
	char buf[16];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(6, send(peer, "abcdef", 6, 0));
	ASSERT_EQ(6, send(peer, "ghijkl", 6, 0));
	ASSERT_EQ(6, recv(fd, buf, sizeof(buf), MSG_PEEK));
	ASSERT_EQ(6, recv(fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ('a', buf[0]);
	EXPECT_EQ(6, recv(fd, buf, 2, MSG_PEEK | MSG_TRUNC));
	ASSERT_EQ(6, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ('a', buf[0]);
	ASSERT_EQ(6, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ('g', buf[0]);
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, sizeof(buf),
				  MSG_PEEK | MSG_DONTWAIT));
	close(fd);
	close(peer);
}

TEST_F(stacks, peek_offset)
{
	int fd, peer;
	char buf[16];

	make(&self->p, &fd, &peer);
	EXPECT_EQ(-1, pp_get(fd, SOL_SOCKET, SO_PEEK_OFF));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_PEEK_OFF, 0));
	ASSERT_EQ(6, send(peer, "abcdef", 6, 0));
	ASSERT_EQ(2, recv(fd, buf, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp("ab", buf, 2));
	ASSERT_EQ(3, recv(fd, buf, 3, MSG_PEEK));
	EXPECT_EQ(0, memcmp("cde", buf, 3));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_PEEK_OFF, 1));
	ASSERT_EQ(2, recv(fd, buf, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp("bc", buf, 2));
	/* a receive moves the offset back, and takes from the front */
	ASSERT_EQ(6, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp("abcdef", buf, 6));
	EXPECT_EQ(0, pp_get(fd, SOL_SOCKET, SO_PEEK_OFF));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_PEEK_OFF, -1));
	close(fd);
	close(peer);
}

TEST_F(stacks, dontwait_and_timeouts)
{
	struct timeval tv = { .tv_usec = 200000 };
	long long t;
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 4, MSG_DONTWAIT));
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	t = pp_now_ms();
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 4, 0));
	EXPECT_LE(190, pp_now_ms() - t);
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, recv(fd, buf, 4, 0));
	close(fd);
	close(peer);
}

TEST_F(stacks, sizes)
{
	static char big[65536], got[65536];
	int fd, peer, n;

	make(&self->p, &fd, &peer);
	for (n = 1; n <= 1472; n += n < 1400 ? 199 : 8) {
		memset(big, n, n);
		ASSERT_EQ(n, pp_sendto(fd, big, n, PKTPATH_T_B, 5000));
		ASSERT_EQ(n, recv(peer, got, sizeof(got), 0));
		ASSERT_EQ(0, memcmp(big, got, n));
		ASSERT_EQ(n, send(peer, big, n, 0));
		ASSERT_EQ(n, recv(fd, got, sizeof(got), 0));
		ASSERT_EQ(0, memcmp(big, got, n));
	}
	close(fd);
	close(peer);
}

TEST_F(stacks, largest)
{
	static char big[65536], got[65536];
	int a = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int b = pp_udp(&self->p);
	int i;

	for (i = 0; i < 65507; i++)
		big[i] = i * 7;
	EXPECT_ERRNO(EMSGSIZE,
		     pp_sendto(b, big, 65508, PKTPATH_T_A, PORT));
	EXPECT_ERRNO(EMSGSIZE,
		     pp_sendto(b, big, 65536, PKTPATH_T_A, PORT));
	ASSERT_EQ(65507, pp_sendto(b, big, 65507, PKTPATH_T_A, PORT));
	ASSERT_EQ(65507, recv(a, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(big, got, 65507));
	close(a);
	close(b);
}

TEST_F(stacks, too_big_for_the_link)
{
	static char big[2000];
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	EXPECT_ERRNO(EMSGSIZE, pp_sendto(fd, big, 1473, PKTPATH_T_B, 5000));
	EXPECT_EQ(1472, pp_sendto(fd, big, 1472, PKTPATH_T_B, 5000));
	close(fd);
}

TEST_F(stacks, bad_destinations)
{
	struct sockaddr_in sin = pp_addr(PKTPATH_T_B, 5000);
	int fd = pp_udp(&self->p);

	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EINVAL, pp_sendto(fd, "x", 1, PKTPATH_T_B, 0));
	EXPECT_ERRNO(EINVAL, sendto(fd, "x", 1, 0, (void *)&sin,
				    sizeof(sin) - 1));
	sin.sin_family = AF_INET6;
	EXPECT_ERRNO(EAFNOSUPPORT, sendto(fd, "x", 1, 0, (void *)&sin,
					  sizeof(sin)));
	sin.sin_family = AF_UNSPEC;
	EXPECT_EQ(1, sendto(fd, "x", 1, 0, (void *)&sin, sizeof(sin)));
	sin.sin_family = self->p.family;
	EXPECT_EQ(1, sendto(fd, "x", 1, 0, (void *)&sin, sizeof(sin)));
	close(fd);
}

TEST_F(stacks, bad_pointers)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, 5000);
	int fd, peer;

	make(&self->p, &fd, &peer);
	EXPECT_ERRNO(EFAULT, sendto(fd, (void *)8, 10, 0, (void *)&to,
				    sizeof(to)));
	EXPECT_ERRNO(EFAULT, sendto(fd, "x", 1, 0, (void *)8, sizeof(to)));
	ASSERT_EQ(4, send(peer, "data", 4, 0));
	ASSERT_EQ(1, pp_readable(fd, 30000));
	EXPECT_ERRNO(EFAULT, recv(fd, (void *)8, 4, 0));
	/* the datagram whose copy failed is gone, the socket goes on */
	ASSERT_EQ(2, send(peer, "ok", 2, 0));
	EXPECT_EQ(1, pp_readable(fd, 30000));
	close(fd);
	close(peer);
}

TEST_F(stacks, flags)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, 5000);
	int fd, peer;
	char buf[4];

	make(&self->p, &fd, &peer);
	EXPECT_ERRNO(EOPNOTSUPP, sendto(fd, "x", 1, MSG_OOB, (void *)&to,
					sizeof(to)));
	EXPECT_EQ(1, sendto(fd, "c", 1, MSG_CONFIRM, (void *)&to, sizeof(to)));
	EXPECT_EQ(1, recv(peer, buf, 4, 0));
	EXPECT_EQ(1, sendto(fd, "d", 1, MSG_DONTROUTE, (void *)&to,
			    sizeof(to)));
	EXPECT_EQ(1, recv(peer, buf, 4, 0));
	EXPECT_EQ(1, sendto(fd, "n", 1, MSG_NOSIGNAL | MSG_DONTWAIT,
			    (void *)&to, sizeof(to)));
	EXPECT_EQ(1, recv(peer, buf, 4, 0));
	ASSERT_EQ(1, send(peer, "w", 1, 0));
	EXPECT_EQ(1, recv(fd, buf, 4, MSG_WAITALL));
	close(fd);
	close(peer);
}

TEST_F(stacks, dontroute)
{
	int fd = pp_udp(&self->p);

	ASSERT_EQ(0, pp_route(&self->p, "add 10.99.0.0/16 via " PKTPATH_T_B));
	EXPECT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_NONE, 5000));
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_DONTROUTE, 1));
	EXPECT_ERRNO(ENETUNREACH,
		     pp_sendto(fd, "x", 1, PKTPATH_T_NONE, 5000));
	EXPECT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 5000));
	close(fd);
}

TEST_F(stacks, broadcast_in)
{
	int one = pp_udp(&self->p), two = pp_udp(&self->p);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	char buf[8];

	pp_set(one, SOL_SOCKET, SO_REUSEADDR, 1);
	pp_set(two, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, pp_bind(one, "0.0.0.0", PORT));
	ASSERT_EQ(0, pp_bind(two, PKTPATH_T_BCAST, PORT));
	ASSERT_EQ(0, pp_set(peer, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(3, pp_sendto(peer, "all", 3, PKTPATH_T_BCAST, PORT));
	EXPECT_EQ(3, recv(one, buf, sizeof(buf), 0));
	EXPECT_EQ(3, recv(two, buf, sizeof(buf), 0));
	/* one datagram, not two */
	EXPECT_ERRNO(EAGAIN, recv(one, buf, sizeof(buf), MSG_DONTWAIT));
	close(one);
	close(two);
	close(peer);
}

TEST_F(stacks, broadcast_out)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int peer = pp_peer_udp(&self->p, "0.0.0.0", 5000);
	char buf[8];

	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(3, pp_sendto(fd, "all", 3, PKTPATH_T_BCAST, 5000));
	EXPECT_EQ(3, recv(peer, buf, sizeof(buf), 0));
	close(fd);
	close(peer);
}

/* The sum of a UDP datagram with its pseudo header: 0xffff when right. */
static unsigned int udp_sum(const unsigned char *ip, ssize_t len)
{
	unsigned int hl = (ip[0] & 15) * 4, sum = 0;
	ssize_t i;

	for (i = 12; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum += 17 + len - hl;
	for (i = hl; i < len; i += 2)
		sum += ip[i] << 8 | (i + 1 < len ? ip[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

TEST_F(stacks, checksum_on_the_wire)
{
	unsigned char ip[2048];
	int tap, fd;
	ssize_t n;

	pp_run("ethtool -K pa tx off >/dev/null 2>&1");
	tap = pp_tap(&self->p);
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	ASSERT_EQ(5, pp_sendto(fd, "odd=5", 5, PKTPATH_T_B, 5000));
	n = pp_tap_next(tap, IPPROTO_UDP, 5000, ip, sizeof(ip));
	ASSERT_EQ(33, n);
	EXPECT_EQ(13, ip[24] << 8 | ip[25]);
	EXPECT_NE(0, ip[26] << 8 | ip[27]);
	EXPECT_EQ(0xffff, udp_sum(ip, n));

	/* UDP-2: the application may turn it off */
	ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_NO_CHECK, 1));
	ASSERT_EQ(5, pp_sendto(fd, "odd=5", 5, PKTPATH_T_B, 5000));
	n = pp_tap_next(tap, IPPROTO_UDP, 5000, ip, sizeof(ip));
	ASSERT_EQ(33, n);
	EXPECT_EQ(0, ip[26] << 8 | ip[27]);
	EXPECT_NE(0xffff, udp_sum(ip, n));
	close(tap);
	close(fd);
}

TEST_F(stacks, queue_lengths)
{
	int fd, peer, n = -1;
	char buf[16];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, ioctl(fd, FIONREAD, &n));
	EXPECT_EQ(0, n);
	ASSERT_EQ(7, send(peer, "seven77", 7, 0));
	ASSERT_EQ(3, send(peer, "333", 3, 0));
	ASSERT_EQ(1, pp_readable(fd, 30000));
	/* of the first datagram alone */
	ASSERT_EQ(0, ioctl(fd, SIOCINQ, &n));
	EXPECT_EQ(7, n);
	ASSERT_EQ(7, recv(fd, buf, sizeof(buf), 0));
	ASSERT_EQ(1, pp_readable(fd, 30000));
	ASSERT_EQ(0, ioctl(fd, FIONREAD, &n));
	EXPECT_EQ(3, n);
	n = -1;
	ASSERT_EQ(0, ioctl(fd, SIOCOUTQ, &n));
	EXPECT_LE(0, n);
	EXPECT_ERRNO(EFAULT, ioctl(fd, FIONREAD, (void *)8));
	EXPECT_ERRNO(ENOTTY, ioctl(fd, 0x5555, &n));
	close(fd);
	close(peer);
}

TEST_F(stacks, sendfile_and_splice)
{
	int fd, peer, file, pipes[2];
	char buf[32];

	make(&self->p, &fd, &peer);
	file = memfd_create("sendfile", 0);
	ASSERT_LE(0, file);
	ASSERT_EQ(10, write(file, "0123456789", 10));
	ASSERT_EQ(0, lseek(file, 0, SEEK_SET));
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	ASSERT_EQ(10, sendfile(fd, file, NULL, 10));
	ASSERT_EQ(10, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp("0123456789", buf, 10));

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(4, write(pipes[1], "pipe", 4));
	ASSERT_EQ(4, splice(pipes[0], NULL, fd, NULL, 4, 0));
	ASSERT_EQ(4, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp("pipe", buf, 4));
	ASSERT_EQ(3, send(peer, "out", 3, 0));
	ASSERT_EQ(1, pp_readable(fd, 30000));
	ASSERT_EQ(3, splice(fd, NULL, pipes[1], NULL, 32, 0));
	ASSERT_EQ(3, read(pipes[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("out", buf, 3));
	/* the end of the file is the end of the datagram, whatever was asked */
	ASSERT_EQ(0, lseek(file, 0, SEEK_SET));
	ASSERT_EQ(10, sendfile(fd, file, NULL, 4096));
	EXPECT_EQ(10, recv(peer, buf, sizeof(buf), 0));
	close(pipes[0]);
	close(pipes[1]);
	close(file);
	close(fd);
	close(peer);
}

/* MSG_PROBE asks for the way, and sends nothing. */
TEST_F(stacks, probe)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, 5000);
	int fd, peer;
	char buf[8];

	make(&self->p, &fd, &peer);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	EXPECT_EQ(3, send(fd, "abc", 3, MSG_PROBE));
	EXPECT_EQ(3, send(fd, "def", 3, MSG_PROBE | MSG_CONFIRM));
	EXPECT_EQ(0, send(fd, NULL, 0, MSG_PROBE));
	EXPECT_EQ(3, sendto(fd, "ghi", 3, MSG_PROBE, (void *)&to, sizeof(to)));
	to = pp_addr(PKTPATH_T_NONE, 5000);
	EXPECT_ERRNO(ENETUNREACH, sendto(fd, "x", 1, MSG_PROBE, (void *)&to,
					 sizeof(to)));
	ASSERT_EQ(1, send(fd, "j", 1, 0));
	ASSERT_EQ(1, recv(peer, buf, sizeof(buf), 0));
	EXPECT_EQ('j', buf[0]);
	close(fd);
	close(peer);
}

TEST_HARNESS_MAIN
