// SPDX-License-Identifier: GPL-2.0
/*
 * The socket operations of io_uring.
 * Proves: design: Sockets (io_uring); hazard S7.
 */
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "pp_stream.h"

#define PORT 4000
#define ENTRIES 8

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned int flags;	/* of the last completion */
};

static int ring_make(struct ring *r)
{
	struct io_uring_params p = { 0 };
	size_t size;
	char *m;

	r->fd = syscall(__NR_io_uring_setup, ENTRIES, &p);
	if (r->fd < 0)
		return -1;
	size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	if (size < p.sq_off.array + p.sq_entries * 4)
		size = p.sq_off.array + p.sq_entries * 4;
	m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		 IORING_OFF_SQ_RING);
	r->sqes = mmap(NULL, p.sq_entries * sizeof(struct io_uring_sqe),
		       PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		       IORING_OFF_SQES);
	if (m == MAP_FAILED || r->sqes == MAP_FAILED ||
	    !(p.features & IORING_FEAT_SINGLE_MMAP))
		return -1;
	r->sq_tail = (void *)(m + p.sq_off.tail);
	r->sq_mask = (void *)(m + p.sq_off.ring_mask);
	r->sq_array = (void *)(m + p.sq_off.array);
	r->cq_head = (void *)(m + p.cq_off.head);
	r->cq_tail = (void *)(m + p.cq_off.tail);
	r->cq_mask = (void *)(m + p.cq_off.ring_mask);
	r->cqes = (void *)(m + p.cq_off.cqes);
	return 0;
}

static struct io_uring_sqe *ring_sqe(struct ring *r, int op, int fd)
{
	struct io_uring_sqe *sqe = &r->sqes[*r->sq_tail & *r->sq_mask];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	return sqe;
}

static int ring_submit(struct ring *r, unsigned int wait)
{
	unsigned int tail = *r->sq_tail;

	r->sq_array[tail & *r->sq_mask] = tail & *r->sq_mask;
	__atomic_store_n(r->sq_tail, tail + 1, __ATOMIC_RELEASE);
	return syscall(__NR_io_uring_enter, r->fd, 1, wait,
		       wait ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
}

/* Result of the next completion. */
static int ring_result(struct ring *r)
{
	unsigned int head = *r->cq_head;
	int res;

	while (head == __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE))
		if (syscall(__NR_io_uring_enter, r->fd, 0, 1,
			    IORING_ENTER_GETEVENTS, NULL, 0) < 0)
			return -errno;
	res = r->cqes[head & *r->cq_mask].res;
	r->flags = r->cqes[head & *r->cq_mask].flags;
	__atomic_store_n(r->cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

static int ring_do(struct ring *r)
{
	if (ring_submit(r, 1) != 1)
		return -errno;
	return ring_result(r);
}

static int buffer_op(struct ring *r, int op, int fd, void *buf, int len)
{
	struct io_uring_sqe *sqe = ring_sqe(r, op, fd);

	sqe->addr = (unsigned long)buf;
	sqe->len = len;
	return ring_do(r);
}

TEST_F(stacks, send_and_receive)
{
	int fd, peer;
	struct ring r;
	char buf[16];

	if (ring_make(&r))
		SKIP(return, "no io_uring");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	pp_connect(peer, PKTPATH_T_A, PORT);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	EXPECT_EQ(5, buffer_op(&r, IORING_OP_SEND, fd, "uring", 5));
	ASSERT_EQ(5, recv(peer, buf, sizeof(buf), 0));
	ASSERT_EQ(3, send(peer, "abc", 3, 0));
	EXPECT_EQ(3, buffer_op(&r, IORING_OP_RECV, fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("abc", buf, 3));
	EXPECT_EQ(2, buffer_op(&r, IORING_OP_WRITE, fd, "wr", 2));
	ASSERT_EQ(2, recv(peer, buf, sizeof(buf), 0));
	ASSERT_EQ(4, send(peer, "read", 4, 0));
	EXPECT_EQ(4, buffer_op(&r, IORING_OP_READ, fd, buf, sizeof(buf)));
	EXPECT_EQ(-EFAULT, buffer_op(&r, IORING_OP_SEND, fd, (void *)8, 5));
	close(r.fd);
	close(fd);
	close(peer);
}

/* A completion says whether there is more to read. */
TEST_F(stacks, more_to_read)
{
	int a, b, n = 0, i;
	struct ring r;
	char buf[16];

	if (ring_make(&r))
		SKIP(return, "no io_uring");
	ASSERT_EQ(0, pp_passive(&self->p, &a, &b));
	ASSERT_EQ(10, send(b, "0123456789", 10, 0));
	for (i = 0; i < 500 && n < 10; i++) {
		poll(NULL, 0, i ? 10 : 0);
		ASSERT_EQ(0, ioctl(a, FIONREAD, &n));
	}
	EXPECT_EQ(4, buffer_op(&r, IORING_OP_RECV, a, buf, 4));
	EXPECT_TRUE(r.flags & IORING_CQE_F_SOCK_NONEMPTY);
	EXPECT_EQ(6, buffer_op(&r, IORING_OP_RECV, a, buf, sizeof(buf)));
	EXPECT_FALSE(r.flags & IORING_CQE_F_SOCK_NONEMPTY);
	close(r.fd);
	close(a);
	close(b);
}

/* A receive waits without a thread, and is woken by the datagram. */
TEST_F(stacks, receive_pends)
{
	struct io_uring_sqe *sqe;
	int fd, peer;
	struct ring r;
	char buf[16];

	if (ring_make(&r))
		SKIP(return, "no io_uring");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	sqe = ring_sqe(&r, IORING_OP_RECV, fd);
	sqe->addr = (unsigned long)buf;
	sqe->len = sizeof(buf);
	ASSERT_EQ(1, ring_submit(&r, 0));
	usleep(50000);
	ASSERT_EQ(4, pp_sendto(peer, "late", 4, PKTPATH_T_A, PORT));
	EXPECT_EQ(4, ring_result(&r));
	EXPECT_EQ(0, memcmp("late", buf, 4));
	close(r.fd);
	close(fd);
	close(peer);
}

TEST_F(stacks, messages)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, 5000), from;
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to) };
	char data[8] = "message";
	struct iovec iov = { data, 7 };
	struct io_uring_sqe *sqe;
	int fd, peer;
	struct ring r;

	if (ring_make(&r))
		SKIP(return, "no io_uring");
	fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	sqe = ring_sqe(&r, IORING_OP_SENDMSG, fd);
	sqe->addr = (unsigned long)&msg;
	EXPECT_EQ(7, ring_do(&r));
	ASSERT_EQ(7, recv(peer, data, sizeof(data), 0));
	ASSERT_EQ(3, pp_sendto(peer, "abc", 3, PKTPATH_T_A, PORT));
	msg.msg_name = &from;
	sqe = ring_sqe(&r, IORING_OP_RECVMSG, fd);
	sqe->addr = (unsigned long)&msg;
	EXPECT_EQ(3, ring_do(&r));
	EXPECT_EQ(htons(5000), from.sin_port);
	close(r.fd);
	close(fd);
	close(peer);
}

TEST_F(stacks, socket_connect_close)
{
	struct sockaddr_in to = pp_addr(PKTPATH_T_B, 5000);
	struct io_uring_sqe *sqe;
	int fd, peer;
	struct ring r;
	char buf[4];

	if (ring_make(&r))
		SKIP(return, "no io_uring");
	peer = pp_peer_udp(&self->p, PKTPATH_T_B, 5000);
	sqe = ring_sqe(&r, IORING_OP_SOCKET, self->p.family);
	sqe->off = SOCK_DGRAM;
	fd = ring_do(&r);
	ASSERT_LE(0, fd);
	sqe = ring_sqe(&r, IORING_OP_CONNECT, fd);
	sqe->addr = (unsigned long)&to;
	sqe->off = sizeof(to);
	EXPECT_EQ(0, ring_do(&r));
	EXPECT_EQ(1, buffer_op(&r, IORING_OP_SEND, fd, "x", 1));
	EXPECT_EQ(1, recv(peer, buf, sizeof(buf), 0));
	sqe = ring_sqe(&r, IORING_OP_POLL_ADD, fd);
	sqe->poll32_events = POLLOUT;
	EXPECT_EQ(POLLOUT, ring_do(&r));
	sqe = ring_sqe(&r, IORING_OP_SHUTDOWN, fd);
	sqe->len = SHUT_WR;
	EXPECT_EQ(0, ring_do(&r));
	EXPECT_EQ(-EPIPE, buffer_op(&r, IORING_OP_SEND, fd, "x", 1));
	ring_sqe(&r, IORING_OP_CLOSE, fd);
	EXPECT_EQ(0, ring_do(&r));
	EXPECT_ERRNO(EBADF, close(fd));
	close(r.fd);
	close(peer);
}

/* Zero copy is refused, not faked. */
TEST_F(stacks, zero_copy_refused)
{
	struct ring r;
	int fd, res;

	if (self->p.inet)
		SKIP(return, "AF_INET has it");
	if (ring_make(&r))
		SKIP(return, "no io_uring");
	fd = pp_udp(&self->p);
	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, 5000));
	res = buffer_op(&r, IORING_OP_SEND_ZC, fd, "x", 1);
	EXPECT_EQ(-EOPNOTSUPP, res);
	close(r.fd);
	close(fd);
}

#define PART	65536
#define PARTS	64

/* Both completions of a buffer: what was sent, and that it is free again. */
static int fixed_send(struct ring *r, int fd, char *buf)
{
	struct io_uring_sqe *sqe = ring_sqe(r, IORING_OP_SEND_ZC, fd);
	int n;

	sqe->addr = (unsigned long)buf;
	sqe->len = PART;
	sqe->ioprio = IORING_RECVSEND_FIXED_BUF;
	sqe->msg_flags = MSG_WAITALL;
	n = ring_do(r);
	if (n > 0 && ring_result(r))
		return -EIO;
	return n;
}

static void fixed_read(int fd)
{
	size_t left = (size_t)PARTS * PART, i, at = 0;
	static char buf[3000];
	ssize_t n;

	for (; left; left -= n) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			_exit(1);
		for (i = 0; i < (size_t)n; i++, at++)
			if (buf[i] != (char)(at % PART * 7 >> 3))
				_exit(2);
	}
	_exit(0);
}

/*
 * The pages of a registered buffer are held by the ring, not by the packets
 * they are in: whatever is acknowledged piece by piece, they stay the user's.
 */
TEST_F(stacks, stream_registered_buffer)
{
	size_t i, more = 64 << 20;
	int a, b, status, bad = 0;
	struct iovec iov;
	struct ring r;
	char *buf, *m;
	pid_t pid;

	if (ring_make(&r))
		SKIP(return, "no io_uring");
	buf = mmap(NULL, PART, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, buf);
	for (i = 0; i < PART; i++)
		buf[i] = i * 7 >> 3;
	iov = (struct iovec){ buf, PART };
	ASSERT_EQ(0, syscall(__NR_io_uring_register, r.fd,
			     IORING_REGISTER_BUFFERS, &iov, 1));
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	pid = fork();
	if (!pid) {
		close(a);
		fixed_read(b);
	}
	for (i = 0; i < PARTS; i++)
		ASSERT_EQ(PART, fixed_send(&r, a, buf));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(a);
	close(b);
	/* a page that was given back twice is somebody else's now */
	m = mmap(NULL, more, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, m);
	memset(m, 0x55, more);
	for (i = 0; i < PART; i++)
		bad += buf[i] != (char)(i * 7 >> 3);
	EXPECT_EQ(0, bad);
	munmap(m, more);
	close(r.fd);
	munmap(buf, PART);
}

TEST_HARNESS_MAIN
