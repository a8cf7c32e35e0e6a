// SPDX-License-Identifier: GPL-2.0
/*
 * Segments and calls that meet: urgent bytes nobody took, how long a user lets
 * data wait, what unread data keeps, and who is answered at once.
 */
#include <linux/sock_diag.h>
#include <linux/filter.h>
#include <sys/ioctl.h>
#include "peer.h"

/* An urgent byte that was not taken goes when the next one is announced. */
static void urgent_twice(struct peer *p)
{
	uint8_t c;

	peer_passive(p, OPT_PLAIN);
	TX("PAU 1+5 1 urg=5");
	READ(4);
	TX("PAU 6+5 1 urg=5");
	p->rd++;
	READ(4);
	CHECK_EQ(recv(p->fd, &c, 1, MSG_OOB), 1);
	CHECK_EQ(c, peer_byte(10));
	TX("PA 11+5 1");
	p->rd++;
	READ(5);
}

/* The same of a byte in the middle of what has come. */
static void urgent_twice_in_data(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("PAU 1+10 1 urg=5");
	READ(4);
	TX("PAU 11+5 1 urg=5");
	p->rd++;
	READ(9);
	TX("FA 16 1");
	p->rd++;
	READ_IS(0);
}

/* With a limit of the user's that of the system does not count. */
static void user_timeout_alone(struct peer *p)
{
	struct pollfd pfd;
	int64_t from;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 40000);
	WRITE(100);
	RX("PA 1+100 1");
	from = p->mark;
	pfd.fd = p->fd;
	pfd.events = 0;
	CHECK_EQ(poll(&pfd, 1, 100000), 1);
	CHECK_IN((peer_us() - from) / 1000, 39000, 42000);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

/* What moves is not given up, however long its recovery lasts. */
static void user_timeout_progress(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000);
	WRITE(14600);
	peer_sleep(500);
	for (i = 1; i < 10; i++) {
		TX("A 1 %d", 1 + i * 1460);
		peer_sleep(800);
		CHECK_EQ(peer_soerror(p), 0);
		STATE(ST_ESTABLISHED);
	}
	TX("A 1 14601");
	peer_drain(p);
	QUIET(5000);
	STATE(ST_ESTABLISHED);
}

static int ct_count(void)
{
	FILE *f = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "r");
	int n = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

/* Data nobody reads must not keep its entry in the table of connections. */
static void unread_and_tracked(struct peer *p)
{
	int i, n;

	if (pp_run("nft 'add table ip t; add chain ip t i %s; %s'",
		   "{ type filter hook input priority 0; }",
		   "add rule ip t i ct state new accept"))
		peer_fail(p, "no nft");
	peer_passive(p, OPT_PLAIN);
	TX("PA 1+100 1");
	RX("A 1 101");
	TX("PA 201+100 1");
	RX("A 1 101");
	CHECK(ct_count() > 0);
	TX("R 101 -");
	CHECK_EQ(pp_run("nft delete table ip t"), 0);
	/* a reset is remembered for ten seconds, a look at all takes minutes */
	for (i = 0; (n = ct_count()) && i < 400; i++)
		peer_sleep(1000);
	CHECK_EQ(n, 0);
}

/* Deviates from AF_INET, which loses it: a bad address takes no byte. */
static void urgent_to_nowhere(struct peer *p)
{
	uint8_t c;

	peer_passive(p, OPT_PLAIN);
	TX("PAU 1+5 1 urg=5");
	READ(4);
	CHECK(recv(p->fd, (void *)8, 1, MSG_OOB) == -1 && errno == EFAULT);
	CHECK_EQ(recv(p->fd, &c, 1, MSG_OOB), 1);
	CHECK_EQ(c, peer_byte(5));
}

/* splice() ends at the urgent byte and does not wait behind it. */
static void urgent_splice(struct peer *p)
{
	int fds[2], one = 1;
	uint8_t c;

	peer_passive(p, OPT_PLAIN);
	CHECK(!pipe(fds) && !fcntl(p->fd, F_SETFL, 0));
	TX("PAU 1+100 1 urg=100");
	CHECK_EQ(splice(p->fd, NULL, fds[1], NULL, 200, 0), 99);
	CHECK_EQ(splice(p->fd, NULL, fds[1], NULL, 1, 0), 0);
	/* nor does it take it if it is inline: recv() does */
	peer_set(p, SOL_SOCKET, SO_OOBINLINE, one);
	CHECK_EQ(splice(p->fd, NULL, fds[1], NULL, 1, 0), 0);
	CHECK(!fcntl(p->fd, F_SETFL, O_NONBLOCK));
	CHECK(splice(p->fd, NULL, fds[1], NULL, 1, 0) == -1 &&
	      errno == EAGAIN);
	CHECK_EQ(recv(p->fd, &c, 1, 0), 1);
	CHECK_EQ(c, peer_byte(100));
	TX("PA 101+5 1");
	CHECK_EQ(splice(p->fd, NULL, fds[1], NULL, 5, 0), 5);
}

/* RFC 5681 §4.2: who asked first has the first answer acknowledged at once:
 * it was no data that his request answered.
 */
static void first_answer(struct peer *p)
{
	peer_active(p, OPT_PLAIN);
	WRITE(517);
	RX("PA 1+517 1");
	TX("A 1 518");
	TX("PA 1+143 518");
	RX_AT(0, 15, "A 518 144");
	READ(143);
	/* whose next question may carry the next */
	WRITE(51);
	RX("PA 518+51 144");
	TX("PA 144+100 569");
	RX_AT(35, 250, "A 569 244");
}

static int rcvbuf_of(int fd)
{
	socklen_t len = sizeof(int);
	int val = -1;

	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &val, &len);
	return val;
}

/* What waits behind a hole makes the buffer grow, once someone has accepted. */
static void hole_grows_buffer(struct peer *p)
{
	int first, i;

	peer_listen(p, 4);
	first = rcvbuf_of(p->lfd);
	TX("S 0 - win=65535 mss=1460 sackok ws=7");
	RX("SA 0 1");
	TX("A 1 1");
	for (i = 1; i < 39; i++)
		TX("A %d+1460 1", 1 + 1460 * i);
	peer_accept(p);
	CHECK_EQ(rcvbuf_of(p->fd), first);
	peer_drain(p);
	TX("A %d+1460 1", 1 + 1460 * i);
	RX("A 1 1");
	CHECK(rcvbuf_of(p->fd) > first);
}

/* The segment that ends a handshake is filtered as any other. */
static void filter_of_a_handshake(struct peer *p)
{
	/* TCP with its header: no more than 60 bytes */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 60, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };
	struct pollfd pfd = { .events = POLLIN };

	peer_listen(p, 8);
	CHECK_EQ(setsockopt(p->lfd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			    sizeof(prog)), 0);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	TX("PA 1+200 1");
	pfd.fd = p->lfd;
	CHECK_EQ(poll(&pfd, 1, 100), 0);
	TX("PA 1+20 1");
	peer_accept(p);
	READ(20);
	RX("A 1 21");
}

/* RFC 5082: who has come from farther away is not heard. */
static void minttl(struct peer *p)
{
	long was = peer_count(p, "TcpExt", "TCPMinTTLDrop");

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_IP, IP_MINTTL, 100);
	TX("PA 1+10 1");
	QUIET(300);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPMinTTLDrop") - was, 1);
	peer_set(p, IPPROTO_IP, IP_MINTTL, 64);
	TX("PA 1+10 1");
	RX("A 1 11");
	READ(10);
}

/* Newer than AF_INET of 6.1. */
static void minttl_of_a_listener(struct peer *p)
{
	long was = peer_count(p, "TcpExt", "TCPMinTTLDrop");
	int ttl = 100;

	peer_listen(p, 8);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	CHECK_EQ(setsockopt(p->lfd, IPPROTO_IP, IP_MINTTL, &ttl, sizeof(ttl)),
		 0);
	TX("A 1 1");
	peer_sleep(10);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPMinTTLDrop") - was, 1);
	ttl = 64;
	CHECK_EQ(setsockopt(p->lfd, IPPROTO_IP, IP_MINTTL, &ttl, sizeof(ttl)),
		 0);
	TX("A 1 1");
	peer_accept(p);
}

/* RFC 7323: a clock may begin anywhere, and at 0 it says nothing yet. */
static void clock_from_zero(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - win=65535 mss=1460 sackok ts=0:0 ws=7");
	RX("SA 0 1");
	TX("A 1 1 ts=2415919104:%u", p->last.tsval);
	peer_accept(p);
	TX("PA 1+10 1 ts=2415919105:%u", p->last.tsval);
	RX("A 1 11");
	READ(10);
}

static void clock_from_zero_active(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0");
	TX("SA 0 1 win=65535 mss=1460 sackok ts=0:%u ws=7", p->last.tsval);
	RX("A 1 1");
	TX("PA 1+10 1 ts=2415919105:%u", p->last.tsval);
	RX("A 1 11");
	READ(10);
}

/* What is measured of one who writes little says little of the path. */
static void rate_of_a_slow_writer(struct peer *p)
{
	int i;

	peer_passive(p, OPT_SACK);
	for (i = 0; i < 4; i++) {
		WRITE(100);
		RX("PA %d+100 1", 1 + 100 * i);
		peer_sleep(20);
		TX("A 1 %d", 101 + 100 * i);
		peer_sleep(20);
	}
	CHECK_EQ(peer_info(p).tcpi_delivery_rate_app_limited, 1);
}

/* SO_RCVLOWAT asks for no less than it would have got: AF_INET of 6.1 gives a
 * scale of 1.
 */
static void lowat_before_connect(struct peer *p)
{
	p->fd = peer_socket(p);
	peer_set(p, SOL_SOCKET, SO_RCVLOWAT, 100000);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0");
	CHECK(p->last.has & SEG_WS);
	CHECK_IN(p->last.ws, 5, 14);
}

/* What can be read without passing the mark. */
static void fionread_at_the_mark(struct peer *p)
{
	int n = -1;

	peer_passive(p, OPT_PLAIN);
	TX("PAU 1+10 1 urg=5");
	RX("A 1 11");
	CHECK_EQ(ioctl(p->fd, FIONREAD, &n), 0);
	CHECK_EQ(n, 4);
	READ(4);
	CHECK_EQ(ioctl(p->fd, FIONREAD, &n), 0);
	CHECK_EQ(n, 0);
	/* a mark that is still to come promises nothing that is not there */
	p->rd++;
	READ(5);
	TX("PAU 11+10 1 urg=500");
	CHECK_EQ(ioctl(p->fd, FIONREAD, &n), 0);
	CHECK_EQ(n, 10);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(urgent_twice), C(urgent_twice_in_data),
	{ .name = "user_timeout_alone", .fn = user_timeout_alone,
	  .sysctl = "tcp_retries2=3" },
	{ .name = "urgent_to_nowhere", .fn = urgent_to_nowhere,
	  .only = "pktpath" },
	C(user_timeout_progress), C(unread_and_tracked), C(urgent_splice),
	C(first_answer),
	/* AF_INET since 6.18 */
	{ .name = "hole_grows_buffer", .fn = hole_grows_buffer,
	  .only = "pktpath" },
	C(user_timeout_progress), C(unread_and_tracked),
	C(filter_of_a_handshake), C(minttl),
	{ .name = "minttl_of_a_listener", .fn = minttl_of_a_listener,
	  .only = "pktpath" },
	C(clock_from_zero), C(clock_from_zero_active),
	C(rate_of_a_slow_writer),
	{ .name = "lowat_before_connect", .fn = lowat_before_connect,
	  .only = "pktpath" },
	C(fionread_at_the_mark),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
