// SPDX-License-Identifier: GPL-2.0
/*
 * What is forgotten too early or remembered too long: the end of a connection
 * that is acknowledged piecemeal, timers and stamps of an episode that is over,
 * options of a listener, numbers of an older connection.
 */
#include "peer.h"

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

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(fin_alone), C(fin_alone_orphan), C(probe_forgotten),
	C(undo_forgotten), C(window_forgotten),
	{ .name = "early_shutdown", .fn = early_shutdown,
	  .sysctl = "tcp_fastopen=514" },
	C(keepalive_child), C(karn_synack),
	{ .name = "isn_above", .fn = isn_above, .only = "pktpath" },
	{ .name = "defer_accept", .fn = defer_accept,
	  .sysctl = "tcp_synack_retries=2" },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
