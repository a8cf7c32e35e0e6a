// SPDX-License-Identifier: GPL-2.0
/*
 * What is forgotten too early or remembered too long: the end of a connection
 * that is acknowledged piecemeal, timers and stamps of an episode that is over,
 * options of a listener, numbers of an older connection; and what seldom meets.
 */
#include <sys/prctl.h>
#include "peer.h"
#include <linux/errqueue.h>

#ifndef SO_EE_ORIGIN_ZEROCOPY
#define SO_EE_ORIGIN_ZEROCOPY 5
#endif

static void bye(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
}

/* The data of the last segment is acknowledged, its FIN is not. */
static void fin_alone(struct peer *p)
{
	peer_passive(p, "win=1000 mss=500");
	WRITE(1250);
	RX("A 1+500 1");
	RX("A 501+500 1");
	shutdown(p->fd, SHUT_WR);
	QUIET(50);
	TX("A 1 1001 win=4000");
	RX("FPA 1001+250 1");
	TX("A 1 1251");
	RX_AT(150, 700, "FPA 1251 1");
	TX("A 1 1252");
	STATE(ST_FIN_WAIT2);
}

/* The same, of several segments in one packet; nobody waits for the end. */
static void fin_alone_orphan(struct peer *p)
{
	struct seg s;
	int i, n = 0;

	peer_passive(p, "win=500 mss=500");
	WRITE(1400);
	RX("A 1+500 1");
	bye(p);
	QUIET(50);
	TX("A 1 501 win=4000");
	RX("A 501+500 1");
	RX("FPA 1001+400 1");
	TX("A 1 1401");
	for (i = 0; i < 20 && peer_get(p, &s, 130000); i++) {
		CHECK_EQ(s.flags & (SEG_F | SEG_A), SEG_F | SEG_A);
		CHECK_EQ(s.seq, 1401);
		n++;
	}
	CHECK_IN(n, 6, 12);
	TX("A 1 1402");
	RX("R 1402 -");
}

/* Takes what is sent again until the time-out has fired @n times. */
static void outage(struct peer *p, int n)
{
	long was = peer_count(p, "TcpExt", "TCPTimeouts");
	struct seg s;

	while (peer_count(p, "TcpExt", "TCPTimeouts") < was + n)
		if (!peer_get(p, &s, 3000))
			peer_fail(p, "nothing is sent again");
}

/* A short outage long after a tail probe that was answered. */
static void probe_forgotten(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	WRITE(100);
	RX("PA 1+100 1");
	TX("A 1 101");
	WRITE(100);
	RX("PA 101+100 1");
	RX_AT(1, 400, "PA 101+100 1");
	TX("A 1 201");
	peer_sleep(10);
	CHECK_EQ(peer_info(p).tcpi_retrans, 0);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
	peer_sleep(30000);
	WRITE(100);
	RX("PA 201+100 1");
	outage(p, 2);
	TX("A 1 301");
	peer_sleep(10);
	STATE(ST_ESTABLISHED);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

/* After a time-out that proved needless, too. */
static void undo_forgotten(struct peer *p)
{
	uint32_t first;

	peer_passive(p, OPT_ALL);
	WRITE(1448);
	RX("PA 1+1448 1");
	first = p->ts_recent;
	outage(p, 1);
	peer_drain(p);
	TX("A 1 1449 ts=%u:%u", peer_tsval(p), first);
	peer_sleep(10);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 9, 12);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
	peer_sleep(30000);
	WRITE(100);
	RX("PA 1449+100 1");
	outage(p, 2);
	peer_drain(p);
	TX("A 1 1549");
	peer_sleep(10);
	STATE(ST_ESTABLISHED);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

/* A window that was shut an hour ago. */
static void window_forgotten(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
	WRITE(100);
	RX("PA 1+100 1");
	TX("A 1 101 win=0");
	peer_sleep(10);
	WRITE(100);
	RX("A 100 1");
	TX("A 1 101 win=65535");
	RX("PA 101+100 1");
	TX("A 1 201");
	peer_sleep(60000);
	WRITE(100);
	RX("PA 201+100 1");
	TX("A 1 301 win=0");
	peer_sleep(10);
	WRITE(100);
	for (i = 0; i < 3; i++) {
		RX("A 300 1");
		TX("A 1 301 win=0");
	}
	TX("A 1 301 win=65535");
	RX("PA 301+100 1");
	TX("A 1 401");
	peer_sleep(10);
	STATE(ST_ESTABLISHED);
}

/* shutdown() before the handshake is over: the FIN follows it. */
static void early_shutdown(struct peer *p)
{
	int most = 4;

	peer_listen(p, 8);
	CHECK_EQ(setsockopt(p->lfd, IPPROTO_TCP, TCP_FASTOPEN, &most,
			    sizeof(most)), 0);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	STATE(ST_SYN_RECV);
	/* TCPI_OPT_TFO_CHILD; newer than AF_INET of 6.1 */
	CHECK(p->p.inet || peer_info(p).tcpi_options & 128);
	WRITE(100);
	RX("PA 1+100 101");
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	QUIET(20);
	TX("A 101 101");
	RX("FA 101 101");
	TX("A 101 102");
	peer_sleep(10);
	STATE(ST_FIN_WAIT2);
}

/* A child is kept alive as its listener asked for. */
static void keepalive_child(struct peer *p)
{
	static const struct { int level, opt, val; } o[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 3 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 2 },
	};
	size_t i;

	peer_listen(p, 8);
	for (i = 0; i < ARRAY_SIZE(o); i++)
		CHECK_EQ(setsockopt(p->lfd, o[i].level, o[i].opt, &o[i].val,
				    sizeof(o[i].val)), 0);
	peer_passive(p, OPT_PLAIN);
	p->mark = peer_us();
	RX_AT(9900, 10400, "A 0 1");
	RX_AT(2900, 3300, "A 0 1");
	RX_AT(2900, 3300, "RA 1 1");
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

/* RFC 9293 §3.6.1: a new connection begins above the one in TIME_WAIT. AF_INET
 * of 6.1 loses the number on the way.
 */
static void isn_above(struct peer *p)
{
	uint32_t old;

	peer_passive(p, OPT_PLAIN);
	bye(p);
	RX("FA 1 1");
	TX("FA 1 2");
	RX("A 2 2");
	old = p->iss_a;
	p->iss_known = false;
	p->iss_b += 1000;
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	CHECK_EQ(p->iss_a - old, 2 + 65535 + 2);
	TX("A 1 1");
	peer_accept(p);
	STATE(ST_ESTABLISHED);
}

/* What TCP_DEFER_ACCEPT holds back is given to accept() in the end. */
static void defer_accept(struct peer *p)
{
	int wait = 10, i;

	peer_listen(p, 8);
	CHECK_EQ(setsockopt(p->lfd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &wait,
			    sizeof(wait)), 0);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	TX("A 1 1");
	for (i = 0; i < 4; i++) {
		if (!peer_get(p, &p->last, 16000))
			break;
		TX("A 1 1");
	}
	peer_accept(p);
	STATE(ST_ESTABLISHED);
}

/* RFC 6298 §3: a SYN-ACK that the peer asked for again is not timed. */
static void karn_synack(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	peer_sleep(600);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	CHECK_EQ(peer_info(p).tcpi_rtt, 0);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 1);
}

/* RFC 6582 without SACK: everything behind the first hole has come, as far as
 * duplicates tell; the next hole is repaired at once.
 */
static void reno_holes(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	WRITE(7300);
	for (i = 0; i < 4; i++)
		RX("A %d+1460 1", 1 + i * 1460);
	RX("PA 5841+1460 1");
	for (i = 0; i < 4; i++)
		TX("A 1 1");
	RX("A 1+1460 1");
	TX("A 1 1461");
	RX_AT(-1, 50, "A 1461+1460 1");
	CHECK(peer_info(p).tcpi_snd_cwnd < 1000);
	TX("A 1 7301");
	peer_sleep(5);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

/* RFC 2018 §8: half a round trip, not a whole time-out. */
static void reneging_soon(struct peer *p)
{
	int64_t from;
	int i;

	peer_passive(p, OPT_SACK);
	WRITE(5840);
	for (i = 0; i < 3; i++)
		RX("A %d+1460 1", 1 + i * 1460);
	RX("PA 4381+1460 1");
	TX("A 1 1 sack=1461-5841");
	peer_sleep(5);
	peer_drain(p);
	from = peer_us();
	TX("A 1 1461");
	do {
		CHECK(peer_get(p, &p->last, 1500));
	} while (p->last.seq != 1461);
	CHECK_IN(p->last.us - from, 5000, 100000);
}

/* A child has the TCP_WINDOW_CLAMP of its listener. */
static void clamp_child(struct peer *p)
{
	socklen_t len = sizeof(int);
	int clamp = 20000;

	peer_listen(p, 8);
	CHECK_EQ(setsockopt(p->lfd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp,
			    sizeof(clamp)), 0);
	peer_passive(p, OPT_ALL);
	clamp = 0;
	CHECK_EQ(getsockopt(p->fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp,
			    &len), 0);
	CHECK_IN(clamp, 1, 20000);
}

/* The clamp of a peer without window scaling goes with the connection. */
static void clamp_again(struct peer *p)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	peer_active(p, OPT_PLAIN);
	CHECK_EQ(connect(p->fd, &sa, sizeof(sa)), 0);
	RX("RA 1 1");
	p->iss_known = false;
	p->bport++;
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	CHECK(p->last.has & SEG_WS);
	CHECK(p->last.ws > 0);
}

/* RFC 9293 §3.6.1: the same tuple, at once and by the same socket. */
static void isn_again(struct peer *p)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	uint32_t old;

	peer_active(p, OPT_PLAIN);
	old = p->iss_a;
	CHECK_EQ(connect(p->fd, &sa, sizeof(sa)), 0);
	RX("RA 1 1");
	p->iss_known = false;
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	CHECK_EQ(p->iss_a - old, 1 + 65535 + 2);
}

/* Only TIME_WAIT stands in the way: a client without a port takes it over. */
static void tw_port(struct peer *p)
{
	struct sockaddr_in sin = pp_addr("127.0.0.1", 7777);
	int lfd = socket(p->p.family, SOCK_STREAM, 0), fd, c, i;
	char b;

	CHECK_EQ(bind(lfd, (void *)&sin, sizeof(sin)), 0);
	CHECK_EQ(listen(lfd, 8), 0);
	for (i = 0; i < 3; i++) {
		fd = socket(p->p.family, SOCK_STREAM, 0);
		if (connect(fd, (void *)&sin, sizeof(sin)))
			peer_fail(p, "connect %d: %s", i, strerror(errno));
		c = accept(lfd, NULL, NULL);
		CHECK(c >= 0);
		CHECK_EQ(shutdown(fd, SHUT_WR), 0);
		CHECK_EQ(recv(c, &b, 1, 0), 0);
		close(c);
		CHECK_EQ(recv(fd, &b, 1, 0), 0);
		close(fd);
		peer_sleep(3000);
	}
	close(lfd);
}

/* A connect() that finds another one under way and waits in vain. */
static void connect_twice(struct peer *p)
{
	struct sockaddr_in sin = pp_addr(PEER_IP, p->bport);
	struct timeval tv = { .tv_usec = 200000 };

	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	fcntl(p->fd, F_SETFL, 0);
	CHECK_EQ(setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)),
		 0);
	CHECK(connect(p->fd, (void *)&sin, sizeof(sin)) && errno == EALREADY);
}

/* SYNs cross, ours with data, of which the peer takes nothing. */
static void crossed_data(struct peer *p)
{
	struct sockaddr_in sin = pp_addr(PEER_IP, p->bport);
	char b[100] = "";

	p->nocheck = true;
	p->fd = peer_socket(p);
	CHECK(sendto(p->fd, b, sizeof(b), MSG_FASTOPEN | MSG_DONTWAIT,
		     (void *)&sin, sizeof(sin)) == sizeof(b));
	RX("S 0+100 -");
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	TX("A 1 1");
	peer_sleep(5);
	STATE(ST_ESTABLISHED);
}

/* The SYN waits for data: one of the peer's finds nothing to cross. */
static void deferred_syn(struct peer *p)
{
	p->nocheck = true;
	p->fd = peer_socket(p);
	peer_set(p, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	CHECK_EQ(peer_connect(p), 0);
	TX("S 0 - " OPT_PLAIN);
	QUIET(50);
	STATE(ST_SYN_SENT);
	WRITE(100);
	RX("S 0+100 -");
	TX("SA 0 101 " OPT_PLAIN);
	RX("A 101 1");
	STATE(ST_ESTABLISHED);
}

/* Its first write goes to whom it is connected, whatever address is given. */
static void deferred_to(struct peer *p)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	char b[100] = "";

	p->nocheck = true;
	p->fd = peer_socket(p);
	peer_set(p, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	CHECK_EQ(peer_connect(p), 0);
	CHECK_EQ(sendto(p->fd, b, sizeof(b), 0, &sa, sizeof(sa)), sizeof(b));
	RX("S 0+100 -");
	TX("SA 0 101 " OPT_PLAIN);
	RX("A 101 1");
	STATE(ST_ESTABLISHED);
}

/* Highest completed call of MSG_ZEROCOPY. */
static int notified(struct peer *p)
{
	struct pollfd pfd = { .fd = p->fd };
	struct sock_extended_err ee;
	struct cmsghdr *c;
	struct msghdr msg;
	int last = -1;

	while (poll(&pfd, 1, last < 0 ? 3000 : 200) == 1) {
		CHECK(pp_recvmsg(p->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >=
		      0);
		c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
		CHECK(c);
		memcpy(&ee, CMSG_DATA(c), sizeof(ee));
		CHECK_EQ(ee.ee_origin, SO_EE_ORIGIN_ZEROCOPY);
		last = ee.ee_data;
	}
	return last;
}

/* One call that opens a connection and goes on is notified of once. */
static void zerocopy_once(struct peer *p)
{
	struct sockaddr_in sin = pp_addr(PEER_IP, p->bport);
	struct timeval tv = { .tv_sec = 5 };
	static char b[3000];
	uint32_t end;
	pid_t pid;
	int st;

	p->nocheck = true;
	p->fd = peer_socket(p);
	setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (p->p.inet)
		peer_set(p, SOL_SOCKET, SO_ZEROCOPY, 1);
	else
		peer_set(p, SOL_PKTPATH, PKTPATH_ZEROCOPY, 1);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(sendto(p->fd, b, sizeof(b), MSG_FASTOPEN | MSG_ZEROCOPY,
			     (void *)&sin, sizeof(sin)) != sizeof(b));
	}
	CHECK(peer_get(p, &p->last, PEER_WAIT_MS));
	CHECK_EQ(p->last.flags & SEG_S, SEG_S);
	CHECK_IN(p->last.len, 1, 1460);
	end = 1 + p->last.len;
	TX("SA 0 %u " OPT_PLAIN, end);
	while (end < 1 + sizeof(b)) {
		CHECK(peer_get(p, &p->last, PEER_WAIT_MS));
		if (!p->last.len)
			continue;
		CHECK_EQ(p->last.seq, end);
		end += p->last.len;
		TX("A 1 %u", end);
	}
	CHECK(waitpid(pid, &st, 0) == pid && !st);
	CHECK_EQ(notified(p), 0);
	CHECK_EQ(send(p->fd, b, 1, MSG_ZEROCOPY), 1);
	RX("PA %u+1 1", end);
	TX("A 1 %u", end + 1);
	CHECK_EQ(notified(p), 1);
}

/* Fast Open without data: the clock of received data runs all the same. */
static void no_data_yet(struct peer *p)
{
	int most = 4;

	peer_listen(p, 8);
	CHECK_EQ(setsockopt(p->lfd, IPPROTO_TCP, TCP_FASTOPEN, &most,
			    sizeof(most)), 0);
	TX("S 0 - raw=020405b422020101");
	RX("SA 0 1");
	peer_accept(p);
	STATE(ST_SYN_RECV);
	CHECK_IN(peer_info(p).tcpi_last_data_recv, 0, 1000);
	TX("A 1 1");
	peer_sleep(5);
	STATE(ST_ESTABLISHED);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(fin_alone), C(fin_alone_orphan), C(probe_forgotten),
	C(undo_forgotten), C(window_forgotten),
	{ .name = "early_shutdown", .fn = early_shutdown,
	  .sysctl = "tcp_fastopen=514" },
	C(keepalive_child), C(karn_synack), C(reno_holes),
	C(reneging_soon), C(clamp_child), C(clamp_again), C(isn_again),
	C(connect_twice),
	{ .name = "zerocopy_once", .fn = zerocopy_once,
	  .sysctl = "tcp_fastopen=5" },
	{ .name = "no_data_yet", .fn = no_data_yet,
	  .sysctl = "tcp_fastopen=514" },
	{ .name = "crossed_data", .fn = crossed_data,
	  .sysctl = "tcp_fastopen=5" },
	{ .name = "deferred_syn", .fn = deferred_syn, .only = "pktpath",
	  .sysctl = "tcp_fastopen=5" },
	{ .name = "deferred_to", .fn = deferred_to,
	  .sysctl = "tcp_fastopen=5" },
	{ .name = "isn_above", .fn = isn_above, .only = "pktpath" },
	{ .name = "tw_port", .fn = tw_port,
	  .sysctl = "ip_local_port_range=41000\t41000" },
	{ .name = "defer_accept", .fn = defer_accept,
	  .sysctl = "tcp_synack_retries=2" },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
