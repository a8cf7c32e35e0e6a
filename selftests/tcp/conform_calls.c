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

/* What poll() says on the way to the end, and before the beginning. */
static void poll_masks(struct peer *p)
{
	const short all = POLLIN | POLLOUT | POLLPRI | POLLRDHUP;
	const short done = POLLIN | POLLOUT | POLLRDHUP | POLLHUP;

	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0");
	CHECK_EQ(pp_revents(p->fd, all, 0), 0);		/* SYN_SENT */
	TX("SA 0 1 " OPT_PLAIN);
	RX("A 1 1");
	CHECK_EQ(pp_revents(p->fd, all, 0), POLLOUT);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	RX("FA 1 1");
	STATE(ST_FIN_WAIT1);
	CHECK_EQ(pp_revents(p->fd, all, 0), POLLOUT);
	TX("A 1 2");
	peer_sleep(10);
	STATE(ST_FIN_WAIT2);
	CHECK_EQ(pp_revents(p->fd, all, 0), POLLOUT);
	peer_end(p);
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	RX("FA 1 1");
	TX("FA 1 1");
	RX("A 2 2");
	STATE(ST_CLOSING);
	CHECK_EQ(pp_revents(p->fd, all, 0), done);
	TX("A 2 2");
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	TX("FA 1 1");
	RX("A 1 2");
	STATE(ST_CLOSE_WAIT);
	CHECK_EQ(pp_revents(p->fd, all, 0), POLLIN | POLLOUT | POLLRDHUP);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	RX("FA 1 2");
	STATE(ST_LAST_ACK);
	CHECK_EQ(pp_revents(p->fd, all, 0), done);
	TX("A 2 2");
	peer_sleep(10);
	STATE(ST_CLOSE);
	CHECK_EQ(pp_revents(p->fd, all, 0), done);
}

/* Who asks for little that is unsent is not called before. */
static void notsent_lowat(struct peer *p)
{
	peer_passive(p, "win=2000 mss=1000");
	WRITE(4000);
	RX("A 1+1000 1");
	RX("A 1001+1000 1");
	CHECK_EQ(pp_revents(p->fd, POLLOUT, 0), POLLOUT);
	peer_set(p, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 1000);
	CHECK_EQ(pp_revents(p->fd, POLLOUT, 0), 0);
	CHECK(send(p->fd, "x", 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	TX("A 1 2001 win=1000");
	RX("A 2001+1000 1");
	CHECK_EQ(pp_revents(p->fd, POLLOUT, 0), 0);
	TX("A 1 3001 win=2000");
	RX("PA 3001+1000 1");
	CHECK_EQ(pp_revents(p->fd, POLLOUT, 0), POLLOUT);
	WRITE(1);
}

/* SO_MAX_PACING_RATE: 100 kB take a second, but for the first ten segments. */
static void pacing_rate(struct peer *p)
{
	unsigned int at = 1, end;
	struct seg s;
	int64_t from;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, SOL_SOCKET, SO_MAX_PACING_RATE, 100000);
	from = peer_us();
	while (at <= 100000) {
		WRITE(10000);
		for (end = at + 10000; at < end;) {
			CHECK(peer_get(p, &s, 1000));
			if (s.len && s.seq == at)
				at += s.len;
			TX("A 1 %u", at);
		}
	}
	CHECK_IN((peer_us() - from) / 1000, 780, 1250);
}

/* F7: a peer that answers probes for ever does not hold a user for ever. */
static void user_timeout_of_probes(struct peer *p)
{
	struct seg s;
	int64_t from;

	peer_passive(p, "win=1000 mss=500");
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 10000);
	WRITE(3000);
	RX("A 1+500 1");
	RX("A 501+500 1");
	TX("A 1 1001 win=0");
	from = peer_us();
	while (!pp_revents(p->fd, 0, 0) && peer_us() - from < 30000000)
		if (peer_get(p, &s, 100))
			TX("A 1 1001 win=0");
	/* the time runs from the first probe */
	CHECK_IN((peer_us() - from) / 1000, 9900, 10800);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

/* A host that may not send for a while asks its peer no faster for it. */
static void sending_forbidden(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(pp_run("nft 'add table ip t; add chain ip t o %s'",
			"{ type filter hook output priority 0; policy drop; }"),
		 0);
	WRITE(100);
	QUIET(20000);
	STATE(ST_ESTABLISHED);
	CHECK_EQ(pp_run("nft delete table ip t"), 0);
	/* a clock that jumps while nft is loaded may have passed a probe or two */
	RX_AT(0, 900000, "PA 1+100 1");
}

/* To take the cork out is no reason to send what Nagle holds. */
static void cork_out_nagle(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	peer_set(p, IPPROTO_TCP, TCP_CORK, 1);
	WRITE(100);
	peer_set(p, IPPROTO_TCP, TCP_CORK, 0);
	QUIET(100);
	TX("A 1 101");
	RX("PA 101+100 1");
}

/* tcp(7): what TCP_NODELAY pushes out of a cork goes, if later: when the window
 * opens. What is written then is in the cork again.
 */
static void nodelay_pushes_later(struct peer *p)
{
	peer_passive(p, "win=1000 mss=500");
	WRITE(1000);
	RX("A 1+500 1");
	RX("A 501+500 1");
	TX("A 1 1001 win=0");
	peer_set(p, IPPROTO_TCP, TCP_CORK, 1);
	WRITE(100);
	peer_set(p, IPPROTO_TCP, TCP_NODELAY, 1);
	QUIET(50);
	TX("A 1 1001 win=1000");
	RX_AT(0, 20, "PA 1001+100 1");
	TX("A 1 1101 win=1000");
	WRITE(100);
	QUIET(150);
}

/* The time-out of what a window takes again is none of the probes'. */
static void probes_then_loss(struct peer *p)
{
	struct seg s;
	int i;

	peer_passive(p, "win=1000 mss=500");
	WRITE(2000);
	RX("A 1+500 1");
	RX("A 501+500 1");
	TX("A 1 1001 win=0");
	for (i = 0; i < 7; i++)
		CHECK(peer_get(p, &s, 140000));
	TX("A 1 1001 win=500");
	RX("A 1001+500 1");
	/* lost */
	RX_AT(150, 1500, "A 1001+500 1");
}

/* The last column of a listener: how many of Fast Open may wait. */
static void listener_line(struct peer *p)
{
	unsigned int port, state;
	char line[256], *last;
	int most = 5, n = -1;
	FILE *f;

	peer_listen(p, 8);
	CHECK_EQ(setsockopt(p->lfd, IPPROTO_TCP, TCP_FASTOPEN, &most,
			    sizeof(most)), 0);
	f = fopen(p->p.inet ? "/proc/net/tcp" : "/proc/net/pktpath/tcp", "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %*d: %*x:%x %*x:%*x %x", &port,
			   &state) != 2 ||
		    port != p->aport || state != ST_LISTEN)
			continue;
		line[strcspn(line, "\n")] = 0;
		while ((last = strrchr(line, ' ')) && !last[1])
			*last = 0;
		CHECK(last);
		n = atoi(last + 1);
	}
	fclose(f);
	CHECK_EQ(n, most);
}

/* RFC 4022: CLOSE_WAIT counts; AF_INET since 6.11. */
static void current_established(struct peer *p)
{
	long was = peer_count(p, "Tcp", "CurrEstab");

	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(peer_count(p, "Tcp", "CurrEstab") - was, 1);
	TX("FA 1 1");
	RX("A 1 2");
	STATE(ST_CLOSE_WAIT);
	CHECK_EQ(peer_count(p, "Tcp", "CurrEstab") - was, 1);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	RX("FA 1 2");
	CHECK_EQ(peer_count(p, "Tcp", "CurrEstab") - was, 0);
	peer_again(p);
	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(peer_count(p, "Tcp", "CurrEstab") - was, 1);
	TX("R 1 -");
	peer_sleep(10);
	CHECK_EQ(peer_count(p, "Tcp", "CurrEstab") - was, 0);
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
	C(filter_of_a_handshake), C(minttl),
	{ .name = "minttl_of_a_listener", .fn = minttl_of_a_listener,
	  .only = "pktpath" },
	C(clock_from_zero), C(clock_from_zero_active),
	C(rate_of_a_slow_writer),
	{ .name = "lowat_before_connect", .fn = lowat_before_connect,
	  .only = "pktpath" },
	C(fionread_at_the_mark), C(poll_masks), C(notsent_lowat),
	C(pacing_rate), C(user_timeout_of_probes), C(listener_line),
	C(sending_forbidden), C(cork_out_nagle), C(nodelay_pushes_later), C(probes_then_loss),
	{ .name = "current_established", .fn = current_established,
	  .only = "pktpath" },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
