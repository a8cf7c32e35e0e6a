// SPDX-License-Identifier: GPL-2.0
/*
 * The same calls at random to AF_INET and to AF_PKTPATH: every return value,
 * errno, address and byte has to be the same. A sequence that differs is made
 * again, for what a packet does a moment later: it fails when it always
 * differs. A number on the command line makes them more, PKTPATH_RANDOM_SEED
 * others.
 * Proves: attacks I5 (calls), I7 (flags); conformance UDP-7.
 */
#include <netinet/udp.h>
#include <poll.h>
#include <sys/mman.h>
#include "kselftest_harness.h"
#include "random.h"

#define SLOTS 3

static int fds[SLOTS];
static uint16_t base;		/* first of four ports of this sequence */

static void close_all(void)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* ---- I5: addresses and states ---- */

static const struct {
	int type, protocol;
} kinds[] = {
	{ SOCK_DGRAM, 0 }, { SOCK_DGRAM, 0 }, { SOCK_DGRAM, IPPROTO_UDP },
	{ SOCK_STREAM, 0 }, { SOCK_STREAM, 0 }, { SOCK_DGRAM, IPPROTO_ICMP },
	{ SOCK_DGRAM, IPPROTO_TCP }, { SOCK_RAW, 253 }, { SOCK_SEQPACKET, 0 },
	{ SOCK_STREAM, IPPROTO_UDP }, { SOCK_RAW, 0 }, { SOCK_DGRAM, 256 },
	{ 77, 0 },
};

static void do_socket(struct rnd_run *r, int slot)
{
	unsigned int k = rnd(ARRAY_SIZE(kinds));

	if (fds[slot] >= 0)
		close(fds[slot]);
	errno = 0;
	fds[slot] = pp_socket(r->p, kinds[k].type, kinds[k].protocol);
	rnd_note(r, "socket", fds[slot] < 0 ? -1 : 0, k);
	if (fds[slot] >= 0)
		fcntl(fds[slot], F_SETFL, O_NONBLOCK);
}

/* For the reader: the slot and the address. */
static void about(struct rnd_run *r, int slot, const uint8_t *addr)
{
	struct sockaddr_in sin = { 0 };
	int n;

	n = snprintf(r->about, sizeof(r->about), "#%d", slot);
	if (!addr)
		return;
	memcpy(&sin, addr, sizeof(sin));
	snprintf(r->about + n, sizeof(r->about) - n, " %s:%d/%u",
		 inet_ntoa(sin.sin_addr),
		 sin.sin_port ? ntohs(sin.sin_port) - base : -1,
		 sin.sin_family);
}

/* An address, often a good one; its length. */
static int any_addr(struct rnd_run *r, int slot, uint8_t *buf)
{
	static const char * const addrs[] = {
		"127.0.0.1", "127.0.0.1", PKTPATH_T_A, PKTPATH_T_A,
		PKTPATH_T_A2, PKTPATH_T_B, "0.0.0.0", PKTPATH_T_BCAST,
		"255.255.255.255", "224.0.0.9", PKTPATH_T_NONE, "127.0.0.2",
		"240.0.0.1",
	};
	static const int lens[] = { 0, 1, 2, 7, 8, 15, 17, 28, 100, 128, -1 };
	static const int families[] = { AF_UNSPEC, AF_UNIX, AF_INET6, 255 };
	struct sockaddr_in sin = pp_addr(addrs[rnd(ARRAY_SIZE(addrs))], base + rnd(3));
	int len = sizeof(sin), odd = rnd(16);

	if (!rnd(8))
		sin.sin_port = 0;
	if (odd == 0)
		sin.sin_family = families[rnd(ARRAY_SIZE(families))];
	else if (odd == 1)
		sin.sin_family = r->p->family;
	else if (odd == 2)
		len = lens[rnd(ARRAY_SIZE(lens))];
	memset(buf, 0, 128);
	memcpy(buf, &sin, sizeof(sin));
	about(r, slot, buf);
	return len;
}

/* What an address says, ports chosen by the stack left out. */
static uint32_t addr_hash(const struct sockaddr_in *sin, socklen_t len)
{
	uint16_t port = ntohs(sin->sin_port);

	if (len < sizeof(*sin))
		return len;
	if (port && (port < base || port > base + 3))
		port = 1;
	return len ^ port << 8 ^ sin->sin_addr.s_addr * 31 ^
	       (uint32_t)sin->sin_family << 24;
}

static void do_name(struct rnd_run *r, int fd)
{
	static const socklen_t lens[] = { 16, 16, 16, 0, 2, 7, 15, 100, -1 };
	uint8_t buf[128] = { 0 };
	socklen_t len = lens[rnd(ARRAY_SIZE(lens))], had = len;
	bool peer = rnd(2);
	int ret;

	errno = 0;
	ret = peer ? getpeername(fd, (void *)buf, &len) :
		     getsockname(fd, (void *)buf, &len);
	rnd_note(r, peer ? "getpeername" : "getsockname", ret,
		 ret ? 0 : had < 16 ? len : addr_hash((void *)buf, len));
}

static void do_accept(struct rnd_run *r, int slot)
{
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);
	int fd;

	errno = 0;
	fd = accept4(fds[slot], (void *)&sin, &len, SOCK_NONBLOCK);
	rnd_note(r, "accept", fd < 0 ? -1 : 0,
		 fd < 0 ? 0 : addr_hash(&sin, len));
	if (fd < 0)
		return;
	slot = (slot + 1) % SLOTS;
	if (fds[slot] >= 0)
		close(fds[slot]);
	fds[slot] = fd;
}

static void do_sendto(struct rnd_run *r, int slot)
{
	static const int flags[] = { 0, 0, 0, MSG_DONTROUTE, MSG_CONFIRM,
				     MSG_OOB, MSG_EOR };
	static const size_t lens[] = { 0, 1, 8, 9, 100, 1400, 70000 };
	static char data[70000] = "\x08";
	size_t len = lens[rnd(ARRAY_SIZE(lens))];
	int flag = flags[rnd(ARRAY_SIZE(flags))] | MSG_NOSIGNAL, alen;
	bool to = rnd(2);
	uint8_t addr[128];
	ssize_t ret;

	alen = any_addr(r, slot, addr);
	if (!to)
		about(r, slot, NULL);
	errno = 0;
	ret = sendto(fds[slot], data, len, flag, to ? (void *)addr : NULL,
		     to ? alen : 0);
	rnd_note(r, to ? "sendto" : "send", ret, len);
}

static void do_recv(struct rnd_run *r, int fd)
{
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);
	char buf[2000];
	ssize_t ret;

	errno = 0;
	ret = recvfrom(fd, buf, sizeof(buf), rnd(4) ? 0 : MSG_PEEK,
		       (void *)&sin, &len);
	rnd_note(r, "recvfrom", ret, ret < 0 ? 0 : addr_hash(&sin, len));
}

/* What generic code keeps from a foreign family, or answers for it. */
static int option_set(const struct rnd_run *r, int fd, int level, int opt,
		      int v)
{
	if (level == SOL_SOCKET && opt == SO_REUSEPORT)
		return pp_reuseport(r->p, fd, v);
	return pp_set(fd, level, opt, v);
}

static int option_get(const struct rnd_run *r, int fd, int level, int opt)
{
	if (level == SOL_SOCKET && opt == SO_PROTOCOL && !r->p->inet)
		return pp_get(fd, SOL_PKTPATH, PKTPATH_PROTOCOL);
	return pp_get(fd, level, opt);
}

static void do_option(struct rnd_run *r, int fd)
{
	static const struct {
		int level, opt;
	} opts[] = {
		{ SOL_SOCKET, SO_ERROR }, { SOL_SOCKET, SO_ACCEPTCONN },
		{ SOL_SOCKET, SO_TYPE }, { SOL_SOCKET, SO_PROTOCOL },
		{ SOL_SOCKET, SO_REUSEADDR }, { SOL_SOCKET, SO_REUSEPORT },
		{ SOL_SOCKET, SO_BROADCAST }, { IPPROTO_IP, IP_MTU },
		{ IPPROTO_IP, IP_FREEBIND }, { SOL_SOCKET, SO_KEEPALIVE },
	};
	unsigned int o = rnd(ARRAY_SIZE(opts));
	int v = rnd(3), ret;
	bool set = rnd(2);

	errno = 0;
	if (set) {
		ret = option_set(r, fd, opts[o].level, opts[o].opt, v);
		v = 0;
	} else {
		v = option_get(r, fd, opts[o].level, opts[o].opt);
		ret = v;
	}
	rnd_note(r, set ? "setsockopt" : "getsockopt", ret < 0 ? -1 : 0,
		 ret < 0 ? o : (unsigned int)v);
}

static void do_poll(struct rnd_run *r, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = 0xffff };
	int ret = poll(&pfd, 1, 0);

	errno = 0;
	rnd_note(r, "poll", ret, pfd.revents);
}

/*
 * Not done: a raw socket is not disconnected. On AF_INET it would get no more
 * datagrams and forget its address and what it shows as port; ours keeps what
 * bind() and socket() have given it.
 */
static bool differs(int slot, sa_family_t family)
{
	return family == AF_UNSPEC && pp_get(fds[slot], SOL_SOCKET, SO_TYPE) ==
				      SOCK_RAW;
}

static void do_state(struct rnd_run *r, int slot, unsigned int op)
{
	static const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR, 3, -1 };
	static const int backlogs[] = { 0, 1, 5, -1 };
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	uint8_t addr[128];
	int len;

	errno = 0;
	switch (op) {
	case 0:
	case 1:
		len = any_addr(r, slot, addr);
		rnd_note(r, "bind", bind(fds[slot], (void *)addr, len), len);
		break;
	case 2:
	case 3:
		len = any_addr(r, slot, addr);
		if (differs(slot, ((struct sockaddr *)addr)->sa_family))
			break;
		rnd_note(r, "connect", connect(fds[slot], (void *)addr, len),
			 len);
		break;
	case 4:
		if (differs(slot, AF_UNSPEC))
			break;
		rnd_note(r, "disconnect", connect(fds[slot], &sa, sizeof(sa)),
			 0);
		break;
	case 5:
		rnd_note(r, "listen", listen(fds[slot], backlogs[rnd(ARRAY_SIZE(backlogs))]), 0);
		break;
	case 6:
		len = hows[rnd(ARRAY_SIZE(hows))];
		rnd_note(r, "shutdown", shutdown(fds[slot], len), len);
		break;
	}
}

static void one_step(struct rnd_run *r)
{
	int slot = rnd(SLOTS), n;
	unsigned int op = rnd(16);

	about(r, slot, NULL);
	if (fds[slot] < 0) {
		do_socket(r, slot);
		return;
	}
	switch (op) {
	case 7:
		do_accept(r, slot);
		break;
	case 8:
		do_name(r, fds[slot]);
		break;
	case 9:
	case 10:
		do_sendto(r, slot);
		break;
	case 11:
		do_recv(r, fds[slot]);
		break;
	case 12:
		do_option(r, fds[slot]);
		break;
	case 13:
		do_poll(r, fds[slot]);
		break;
	case 14:
		errno = 0;
		n = 0;
		rnd_note(r, "FIONREAD", ioctl(fds[slot], FIONREAD, &n), n);
		/* how much is under way is a matter of time */
		errno = 0;
		rnd_note(r, "TIOCOUTQ", ioctl(fds[slot], TIOCOUTQ, &n), 0);
		break;
	case 15:
		if (!rnd(3)) {
			close(fds[slot]);
			fds[slot] = -1;
		}
		break;
	default:
		do_state(r, slot, op);
	}
}

static void abuse(struct rnd_run *r, unsigned int seq)
{
	int i;

	base = 10000 + seq % 5000 * 4;
	memset(fds, -1, sizeof(fds));
	for (i = 0; i < 30; i++)
		one_step(r);
	close_all();
}

TEST(calls)
{
	ASSERT_EQ(0, rnd_compare(abuse, rnd_count(600), 40));
}

/* ---- I7: flags ---- */

static uint8_t next_byte;
static uint8_t *hole;		/* a page, and one behind it that is not there */

/* Up to three pieces of @len bytes, maybe not all of them there. */
static int any_iov(struct iovec *iov, uint8_t *buf, size_t len)
{
	size_t first = len ? rnd(len + 1) : 0;

	iov[0].iov_base = buf;
	iov[0].iov_len = first;
	iov[1].iov_base = buf + first;
	iov[1].iov_len = len - first;
	if (!rnd(12) && len - first > 40) {
		iov[1].iov_base = hole + 4096 - 32;
		memset(hole, 0x77, 4096);
	}
	return 2;
}

static uint32_t bytes_hash(const uint8_t *b, size_t n)
{
	uint32_t h = n;

	while (n--)
		h = h * 31 + *b++;
	return h;
}

static void flags_send(struct rnd_run *r, int fd, bool stream)
{
	static const int flags[] = { 0, 0, 0, 0, MSG_MORE, MSG_MORE,
				     MSG_DONTWAIT, MSG_EOR, MSG_OOB };
	static const size_t lens[] = { 0, 1, 2, 7, 100, 1400, 3000 };
	int flag = flags[rnd(ARRAY_SIZE(flags))] | MSG_NOSIGNAL;
	struct iovec iov[2];
	struct msghdr msg = { .msg_iov = iov };
	uint8_t buf[3000];
	size_t len = lens[rnd(ARRAY_SIZE(lens))], i;

	/* where a stream is cut by bytes out of band is a matter of time */
	if (stream)
		flag &= ~(MSG_MORE | MSG_OOB);
	for (i = 0; i < len; i++)
		buf[i] = next_byte++;
	msg.msg_iovlen = any_iov(iov, buf, len);
	errno = 0;
	rnd_note(r, "sendmsg", sendmsg(fd, &msg, flag), len);
}

static void flags_recv(struct rnd_run *r, int fd)
{
	static const int flags[] = { MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_OOB,
				     MSG_ERRQUEUE, MSG_CMSG_CLOEXEC };
	static const size_t lens[] = { 0, 1, 3, 60, 100, 2000, 4000 };
	int flag = MSG_DONTWAIT;
	uint8_t buf[4000] = { 0 };
	struct iovec iov[2];
	struct msghdr msg = { .msg_iov = iov };
	size_t len = lens[rnd(ARRAY_SIZE(lens))];
	bool whole;
	ssize_t ret;

	if (rnd(2))
		flag |= flags[rnd(ARRAY_SIZE(flags))];
	if (!rnd(3))
		flag |= flags[rnd(ARRAY_SIZE(flags))];
	msg.msg_iovlen = any_iov(iov, buf, len);
	whole = iov[1].iov_base >= (void *)buf &&
		iov[1].iov_base <= (void *)(buf + sizeof(buf));
	errno = 0;
	ret = recvmsg(fd, &msg, flag);
	if (ret >= 0 && whole)
		rnd_note(r, "recvmsg", ret, msg.msg_flags ^
			 bytes_hash(buf, sizeof(buf)) << 8);
	else
		rnd_note(r, "recvmsg", ret, ret < 0 ? 0 : msg.msg_flags);
}

static void flags_mmsg(struct rnd_run *r, int fd)
{
	uint8_t buf[3][200] = { 0 };
	struct mmsghdr m[3] = { 0 };
	struct iovec iov[3];
	uint32_t h = 0;
	int i, ret;

	for (i = 0; i < 3; i++) {
		iov[i].iov_base = buf[i];
		iov[i].iov_len = sizeof(buf[i]);
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	errno = 0;
	ret = recvmmsg(fd, m, 3, MSG_DONTWAIT | (rnd(3) ? 0 : MSG_PEEK), NULL);
	for (i = 0; i < ret; i++)
		h = h * 31 + m[i].msg_len + m[i].msg_hdr.msg_flags * 7;
	rnd_note(r, "recvmmsg", ret, h ^ bytes_hash(buf[0], sizeof(buf)));
}

static void flags_set(struct rnd_run *r, int rx, int tx, bool stream)
{
	static const struct {
		int level, opt, stream;
		int values[4];
	} opts[] = {
		{ SOL_SOCKET, SO_PEEK_OFF, 0, { -1, 0, 1, 90 } },
		{ SOL_SOCKET, SO_PEEK_OFF, 0, { -1, 0, -1, 3 } },
		{ SOL_UDP, UDP_CORK, 0, { 0, 1, 0, 0 } },
		{ SOL_UDP, UDP_SEGMENT, 0, { 0, 500, 0, 1472 } },
		{ SOL_UDP, UDP_GRO, 0, { 0, 1, 0, 1 } },
		{ SOL_SOCKET, SO_RCVLOWAT, 1, { 1, 0, 100, 2000 } },
	};
	unsigned int o = rnd(ARRAY_SIZE(opts)), v = rnd(4);
	int fd = opts[o].opt == UDP_CORK || opts[o].opt == UDP_SEGMENT ?
		 tx : rx;

	if (opts[o].stream != stream)
		return;
	errno = 0;
	rnd_note(r, "setsockopt", pp_set(fd, opts[o].level, opts[o].opt,
					 opts[o].values[v]), o);
}

/* From a pipe into the socket, or the other way. */
static void flags_splice(struct rnd_run *r, int rx, int tx)
{
	uint8_t buf[300];
	bool out = rnd(2);
	int fd[2], i;
	ssize_t ret;

	if (pipe2(fd, O_NONBLOCK))
		abort();
	errno = 0;
	if (out) {
		for (i = 0; i < (int)sizeof(buf); i++)
			buf[i] = next_byte++;
		ret = write(fd[1], buf, sizeof(buf));
		ret = splice(fd[0], NULL, tx, NULL, ret, 0);
		rnd_note(r, "splice to", ret, 0);
	} else {
		ret = splice(rx, NULL, fd[1], NULL, 200, SPLICE_F_NONBLOCK);
		i = errno;
		if (ret > 0 && read(fd[0], buf, ret) != ret)
			abort();
		errno = i;
		rnd_note(r, "splice from", ret,
			 ret > 0 ? bytes_hash(buf, ret) : 0);
	}
	close(fd[0]);
	close(fd[1]);
}

static void flags_step(struct rnd_run *r, int rx, int tx, bool stream)
{
	int n = 0;

	switch (rnd(12)) {
	case 0:
	case 1:
	case 2:
	case 3:
		flags_send(r, tx, stream);
		break;
	case 8:
		flags_mmsg(r, rx);
		break;
	case 9:
		flags_set(r, rx, tx, stream);
		break;
	case 10:
		errno = 0;
		rnd_note(r, "FIONREAD", ioctl(rx, FIONREAD, &n), n);
		do_poll(r, rx);
		break;
	case 11:
		flags_splice(r, rx, tx);
		break;
	default:
		flags_recv(r, rx);
	}
}

static void flags_begin(unsigned int seq)
{
	base = 10000 + seq % 5000 * 4;
	next_byte = seq;
	if (hole)
		return;
	hole = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (hole == MAP_FAILED || munmap(hole + 4096, 4096))
		abort();
}

static void datagrams(struct rnd_run *r, unsigned int seq)
{
	int rx = pp_udp_bound(r->p, "127.0.0.1", 0), tx = pp_udp(r->p), i;

	flags_begin(seq);
	if (rx < 0 || pp_connect(tx, "127.0.0.1", pp_port(rx)))
		abort();
	pp_set(rx, SOL_SOCKET, SO_RCVBUF, 1000000);
	fcntl(rx, F_SETFL, O_NONBLOCK);
	fcntl(tx, F_SETFL, O_NONBLOCK);
	for (i = 0; i < 40; i++)
		flags_step(r, rx, tx, false);
	close(rx);
	close(tx);
}

TEST(flags_of_datagrams)
{
	ASSERT_EQ(0, rnd_compare(datagrams, rnd_count(600), 60));
}

static void streams(struct rnd_run *r, unsigned int seq)
{
	int lfd = pp_socket(r->p, SOCK_STREAM, 0), rx, tx, i;

	flags_begin(seq);
	tx = pp_socket(r->p, SOCK_STREAM, 0);
	if (pp_bind(lfd, "127.0.0.1", 0) || listen(lfd, 1) ||
	    pp_connect(tx, "127.0.0.1", pp_port(lfd)))
		abort();
	rx = accept(lfd, NULL, NULL);
	pp_set(tx, IPPROTO_TCP, 1, 1);	/* TCP_NODELAY */
	fcntl(rx, F_SETFL, O_NONBLOCK);
	fcntl(tx, F_SETFL, O_NONBLOCK);
	for (i = 0; i < 30; i++)
		flags_step(r, rx, tx, true);
	/* no TIME_WAIT */
	setsockopt(tx, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 },
		   sizeof(struct linger));
	close(tx);
	close(rx);
	close(lfd);
}

TEST(flags_of_streams)
{
	ASSERT_EQ(0, rnd_compare(streams, rnd_count(200), 60));
}

/* sock_random [N] [OPTION]...: N sequences of each kind */
int main(int argc, char **argv)
{
	if (argc > 1 && atoi(argv[1]) > 0) {
		setenv("PKTPATH_RANDOM_N", argv[1], 1);
		argv[1] = argv[0];
		argc--;
		argv++;
	}
	return test_harness_run(argc, argv);
}
