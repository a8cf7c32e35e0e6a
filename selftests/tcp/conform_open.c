// SPDX-License-Identifier: GPL-2.0
/* Opening a connection, segment by segment (RFC 9293 §3.5, §3.10.7.1-4). */
#include "peer.h"

static void passive(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - win=60000 mss=1000");
	RX("SA 0 1 mss=1460 noopt nots");		/* MUST-14, MUST-67 */
	CHECK(!(p->last.has & (SEG_WS | SEG_SACKOK)));
	TX("A 1 1");
	QUIET(50);
	peer_accept(p);
	STATE(ST_ESTABLISHED);
	WRITE(2500);
	RX("A 1+1000 1");				/* MUST-14 */
	RX("A 1001+1000 1");
	TX("A 1 2001");
	RX("PA 2001+500 1");				/* MUST-60, MUST-61 */
	TX("A 1 2501");
	TX("PA 1+300 2501");
	READ(300);
}

static void passive_all(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - " OPT_ALL);
	RX("SA 0 1 mss=1460 sackok ts=0:%u ws=7", p->ts_sent);
	TX("A 1 1");
	peer_accept(p);
	WRITE(1448);
	RX("PA 1+1448 1");				/* MUST-16 */
	CHECK(p->last.has & SEG_TS);			/* 7323-d */
	TX("A 1 1449");
}

static void passive_no_mss(struct peer *p)
{
	peer_passive(p, "win=65535");
	WRITE(2000);
	RX("A 1+536 1");				/* MUST-15 */
	RX("A 537+536 1");
	RX("A 1073+536 1");
}

/* The data of a SYN is not taken, but acknowledges nothing either. */
static void passive_syn_data(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0+100 - mss=1460");
	RX("SA 0 1");
	TX("PA 1+100 1");
	peer_accept(p);
	READ(100);
}

static void passive_ack_data(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - mss=1460");
	RX("SA 0 1");
	TX("PA 1+700 1");
	RX("A 1 701");
	peer_accept(p);
	READ(700);
}

static void passive_ack_fin(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - mss=1460");
	RX("SA 0 1");
	TX("FPA 1+10 1");
	RX("A 1 12");
	peer_accept(p);
	STATE(ST_CLOSE_WAIT);
	READ(10);
	READ_IS(0);					/* MUST-12 */
}

static void listen_flags(struct peer *p)
{
	peer_listen(p, 8);
	TX("A 5 77");					/* 3.10.7.2 */
	RX("R 77 -");
	TX("SA 5 77");
	RX("R 77 -");
	TX("R 5 -");
	TX("RA 5 77");
	TX("F 5 -");
	TX("0 5 -");
	TX("P 5+10 -");
	TX("SF 5 -");
	TX("SR 5 -");
	QUIET(20);
}

static void closed_flags(struct peer *p)
{
	TX("S 5 -");					/* 3.10.7.1 */
	RX("RA 0 6");
	p->iss_known = true;
	TX("A 5 77");
	RX("R 77 -");
	TX("FA 5 77");
	RX("R 77 -");
	TX("F 5 -");
	RX("RA %u 6", -p->iss_a);
	TX("P 5+10 -");
	RX("RA %u 15", -p->iss_a);
	TX("SF 5+3 -");
	RX("RA %u 10", -p->iss_a);
	TX("R 5 -");
	TX("RA 5 77");
	QUIET(20);
}

/* MUST-57, MUST-63: sources and destinations that cannot be. */
static void syn_badsum(struct peer *p)
{
	long was = peer_count(p, "Tcp", "InCsumErrors");

	peer_listen(p, 8);
	TX("S 0 - badsum");				/* MUST-3 */
	QUIET(20);
	TX("S 0 -");
	RX("SA 0 1");
	TX("A 1 1 badsum");
	TX("PA 1+10 1 badsum");
	QUIET(20);
	CHECK_EQ(peer_count(p, "Tcp", "InCsumErrors") - was, 3);
	TX("PA 1+10 1");
	RX("A 1 11");
}

static void synrecv_rst(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 -");
	RX("SA 0 1");
	TX("R 1 -");					/* MUST-11 */
	TX("A 1 1");
	RX("R 1 -");
	peer_again(p);
	p->aport--;
	/* the listener is unharmed */
	TX("S 0 -");
	RX("SA 0 1");
	TX("R 50 -");					/* 5961-a */
	RX("A 1 1");
	TX("A 1 1");
	QUIET(10);
}

static void synrecv_acks(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 -");
	RX("SA 0 1");
	TX("A 1 2");					/* 3.10.7.4 fifth */
	RX("R 2 -");
	TX("A 1 0");
	RX("R 0 -");
	TX("A 70000 1");				/* out of window */
	RX("A 1 1");
	TX("A 70000 1");				/* but not too often */
	TX("S 0 -");
	QUIET(510);
	TX("S 0 -");
	RX("SA 0 1");
	TX("P 1+10 -");
	QUIET(10);
	TX("A 1 1");
	peer_accept(p);
	STATE(ST_ESTABLISHED);
}

static void synack_retries(struct peer *p)
{
	int t = 1000, i;

	peer_listen(p, 8);
	TX("S 0 -");
	RX("SA 0 1");
	for (i = 0; i < 5; i++, t *= 2)
		RX_AT(t - 30, t + 30 + t / 10, "SA 0 1");
	QUIET(70000);					/* E11 */
	TX("A 1 1");
	RX("R 1 -");
}

static void synack_late_ack(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - " OPT_SACK);
	RX("SA 0 1");
	RX_AT(970, 1100, "SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	STATE(ST_ESTABLISHED);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 1);
	WRITE(14600);
	/* 5681-b: the kernel keeps its ten segments after one loss */
	RX("A 1+1460 1");
	peer_drain(p);
}

static void active(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 - mss=1460 sackok ws=7 ts=0:0");
	CHECK(!(p->last.flags & ~SEG_S));
	CHECK(p->last.win >= 14600);			/* 7323-b */
	STATE(ST_SYN_SENT);
	TX("SA 0 1 win=60000 mss=1000");
	RX("A 1 1 noopt nots");
	STATE(ST_ESTABLISHED);
	CHECK_EQ(peer_soerror(p), 0);
	WRITE(1500);
	RX("A 1+1000 1");
	RX("PA 1001+500 1");
}

static void active_all(struct peer *p)
{
	peer_active(p, OPT_ALL);
	CHECK(p->last.has & SEG_TS);
	CHECK_EQ(p->last.tsecr, p->ts_sent);
	WRITE(3000);
	RX("A 1+1448 1");
	RX("A 1449+1448 1");
	RX("PA 2897+104 1");
}

static void active_data_in_synack(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("SA 0+100 1 mss=1460");
	RX("A 1 1");
	TX("PA 1+100 1");
	READ(100);
}

static void active_refused(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("RA 0 1");					/* E17 */
	CHECK_EQ(peer_soerror(p), ECONNREFUSED);
	STATE(ST_CLOSE);
	QUIET(2000);
	/* the socket can be used again, once the failure has been told */
	p->iss_known = false;
	CHECK_EQ(peer_connect(p), ECONNABORTED);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
}

static void active_bad_answers(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("RA 0 2");					/* E17 */
	/* as after a challenge ACK: the SYN again, soon, but once */
	RX_AT(1, 30, "S 0 -");
	TX("RA 0 0");
	TX("R 0 -");
	TX("F 0 -");
	TX("A 0 1");
	TX("0 0 -");
	QUIET(20);
	TX("A 0 2");
	RX("R 2 -");
	TX("SA 0 0");
	RX("R 0 -");
	TX("SA 0 9");
	RX("R 9 -");
	STATE(ST_SYN_SENT);
	TX("SA 0 1 mss=1460");
	RX("A 1 1");
	STATE(ST_ESTABLISHED);
}

static void active_retries(struct peer *p)
{
	int t = 1000, i;

	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	for (i = 0; i < 6; i++, t *= 2)			/* MUST-22, 6298-a */
		RX_AT(t - 30, t + 30 + t / 10, "S 0 -");
	STATE(ST_SYN_SENT);
	QUIET(58000);					/* MUST-23 */
	peer_sleep(12000);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
	STATE(ST_CLOSE);
	QUIET(1000);
}

static void active_syncnt(struct peer *p)
{
	p->fd = peer_socket(p);
	peer_set(p, IPPROTO_TCP, TCP_SYNCNT, 2);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	RX_AT(970, 1100, "S 0 -");
	RX_AT(1970, 2200, "S 0 -");
	QUIET(3900);
	peer_sleep(600);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

static void active_user_timeout(struct peer *p)
{
	p->fd = peer_socket(p);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 2500);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	RX_AT(970, 1100, "S 0 -");
	peer_sleep(4000);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);		/* MUST-21 */
}

static void active_icmp(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	peer_icmp(p, 3, 1, 0, 5);			/* not in flight */
	CHECK_EQ(peer_soerror(p), 0);
	STATE(ST_SYN_SENT);
	peer_icmp(p, 3, 1, 0, 0);			/* MUST-54 */
	CHECK_EQ(peer_soerror(p), EHOSTUNREACH);
	STATE(ST_CLOSE);
	peer_again(p);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	peer_icmp(p, 4, 0, 0, 0);			/* MUST-55 */
	CHECK_EQ(peer_soerror(p), 0);
	STATE(ST_SYN_SENT);
	peer_icmp(p, 3, 3, 0, 0);
	CHECK_EQ(peer_soerror(p), ECONNREFUSED);
}

static void simultaneous(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("S 0 - " OPT_PLAIN);				/* MUST-10 */
	RX("SA 0 1");
	STATE(ST_SYN_RECV);
	TX("SA 0 1 " OPT_PLAIN);
	peer_drain(p);
	STATE(ST_ESTABLISHED);
	CHECK_EQ(peer_soerror(p), 0);
	WRITE(100);
	RX("PA 1+100 1");
	TX("PA 1+50 101");
	READ(50);
}

static void simultaneous_ack(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("S 0 - " OPT_ALL);
	RX("SA 0 1 mss=1460 sackok ws=7");
	CHECK(p->last.has & SEG_TS);
	TX("A 1 1");
	QUIET(20);
	STATE(ST_ESTABLISHED);
	WRITE(100);
	RX("PA 1+100 1");
}

/* MUST-11: a reset of an active open is an error for who opened. */
static void simultaneous_rst(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	TX("R 1 -");
	CHECK_EQ(peer_soerror(p), ECONNRESET);
	STATE(ST_CLOSE);
}

static void simultaneous_retry(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	RX_AT(900, 1100, "SA 0 1");
	TX("A 1 1");
	STATE(ST_ESTABLISHED);
}

static void simultaneous_shutdown(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	TX("S 0 - " OPT_PLAIN);				/* E12 */
	RX("SA 0 1");
	shutdown(p->fd, SHUT_WR);
	TX("A 1 1");
	peer_sleep(300);
	peer_drain(p);
}

static void backlog(struct peer *p)
{
	int i;

	peer_listen(p, 1);
	for (i = 0; i < 2; i++, p->bport++) {
		p->iss_known = false;
		TX("S 0 -");
		RX("SA 0 1");
		TX("A 1 1");
	}
	p->iss_known = false;
	TX("S 0 -");					/* F11 */
	QUIET(100);
	peer_accept(p);
	TX("S 0 -");
	RX("SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	peer_accept(p);
}

/* The accept queue fills while a handshake is under way. */
static void backlog_late(struct peer *p)
{
	uint32_t iss[5];
	int i;

	peer_listen(p, 3);
	for (i = 0; i < 5; i++) {
		p->iss_known = false;
		TX("S 0 -");
		RX("SA 0 1");
		iss[i] = p->iss_a;
		if (i < 3)
			TX("A 1 1");
		p->bport++;
	}
	p->bport -= 2;
	p->iss_a = iss[3];
	TX("A 1 1");
	p->bport++;
	p->iss_a = iss[4];
	TX("A 1 1");
	/* nothing is lost: it is accepted when there is room */
	peer_sleep(500);
	for (i = 0; i < 4; i++)
		peer_accept(p);
	CHECK_EQ(accept4(p->lfd, NULL, NULL, SOCK_NONBLOCK), -1);
	RX("SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	STATE(ST_ESTABLISHED);
}

static void defer_accept(struct peer *p)
{
	p->lfd = peer_socket(p);
	fcntl(p->lfd, F_SETFL, O_NONBLOCK);
	p->fd = p->lfd;
	peer_set(p, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5);
	CHECK_EQ(listen(p->lfd, 5), 0);
	TX("S 0 -");
	RX("SA 0 1");
	TX("A 1 1");
	QUIET(900);
	CHECK(accept4(p->lfd, NULL, NULL, SOCK_NONBLOCK) == -1);
	TX("PA 1+10 1");
	RX("A 1 11");
	peer_accept(p);
	READ(10);
}

/* Half a listener: connect from a port where somebody listens (MUST-42). */
static void listen_beside(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	p->lfd = peer_socket(p);
	CHECK_EQ(listen(p->lfd, 4), 0);			/* MUST-41 */
	TX("SA 0 1 mss=1460");
	RX("A 1 1");
	STATE(ST_ESTABLISHED);
	p->bport++;
	p->iss_known = false;
	TX("S 0 -");
	RX("SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	STATE(ST_ESTABLISHED);
}

static void listener_closes(struct peer *p)
{
	peer_listen(p, 4);
	TX("S 0 -");
	RX("SA 0 1");
	close(p->lfd);
	QUIET(1500);
	TX("A 1 1");
	RX("R 1 -");
	peer_again(p);
	peer_listen(p, 4);
	TX("S 0 -");
	RX("SA 0 1");
	TX("A 1 1");
	close(p->lfd);
	RX("RA 1 1");
}

/* MUST-8: the number of a tuple grows with the clock. */
static void isn_clock(struct peer *p)
{
	uint32_t first, later;

	peer_listen(p, 4);
	TX("S 0 -");
	RX("SA 0 1");
	first = p->iss_a;
	TX("R 1 -");
	peer_sleep(1000);
	p->iss_known = false;
	TX("S 0 -");
	RX("SA 0 1");
	later = p->iss_a;
	CHECK_IN(later - first, 15000000, 17500000);
	/* MUST-9: another tuple's says nothing */
	p->bport++;
	p->iss_known = false;
	TX("S 0 -");
	RX("SA 0 1");
	CHECK(p->iss_a - later > 100000 || later - p->iss_a < 0xfff00000);
}

static void ttl_tos(struct peer *p)
{
	p->fd = peer_socket(p);
	peer_set(p, IPPROTO_IP, IP_TTL, 77);		/* MUST-49 */
	p->ttl = 77;
	peer_set(p, IPPROTO_IP, IP_TOS, 0x28);		/* MUST-48 */
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 - tos=40");
	TX("SA 0 1 mss=1460");
	RX("A 1 1 tos=40");
	WRITE(10);
	RX("PA 1+10 1 tos=40");
}

/* MUST-43: without an address, all of them. */
static void any_address(struct peer *p)
{
	static const char *const own[] = { PKTPATH_T_A, PKTPATH_T_A2 };
	struct sockaddr_in sin = pp_addr("0.0.0.0", p->aport);
	socklen_t len = sizeof(sin);
	int i;

	p->lfd = socket(p->p.family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK_EQ(bind(p->lfd, (void *)&sin, sizeof(sin)), 0);
	CHECK_EQ(listen(p->lfd, 8), 0);
	for (i = 0; i < 2; i++) {
		p->ip_a = inet_addr(own[i]);
		p->iss_known = false;
		peer_passive(p, OPT_PLAIN);
		CHECK_EQ(getsockname(p->fd, (void *)&sin, &len), 0);
		CHECK_EQ(sin.sin_addr.s_addr, p->ip_a);
		WRITE(10);
		RX("PA 1+10 1");
		p->wr = 1;
		peer_end(p);
		RX("RA 11 1");
		p->fd = -1;
	}
}

/* E12: a SYN that comes back to its sender is the other end's. */
static void self_connect(struct peer *p)
{
	struct sockaddr_in sin = pp_addr(PKTPATH_T_A, p->aport);

	p->fd = peer_socket(p);
	CHECK_EQ(connect(p->fd, (void *)&sin, sizeof(sin)), 0);
	STATE(ST_ESTABLISHED);
	WRITE(1000);
	READ(1000);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	CHECK_EQ(pp_readable(p->fd, 3000), 1);
	READ_IS(0);
	peer_sleep(10);
	STATE(ST_CLOSE);
}

/* MUST-46: no connection to many. */
static void connect_nobody(struct peer *p)
{
	static const char *const to[] = { "10.77.0.255", "224.0.0.1",
					  "255.255.255.255" };
	struct sockaddr_in sin;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		p->fd = peer_socket(p);
		sin = pp_addr(to[i], 80);
		CHECK_EQ(connect(p->fd, (void *)&sin, sizeof(sin)), -1);
		CHECK_EQ(errno, ENETUNREACH);
		close(p->fd);
	}
}

/* An address that was not chosen is the route's, and stays. */
static void source_address(struct peer *p)
{
	static const char *const src[] = { PKTPATH_T_A, PKTPATH_T_A2 };
	struct sockaddr_in sin = pp_addr(PEER_IP, p->bport);
	socklen_t len = sizeof(sin);
	int i, ret;

	for (i = 0; i < 2; i++) {
		peer_again(p);
		ret = pp_test_tool("route replace " PEER_IP "/32 dev pa src %s",
				   src[i]);
		CHECK_EQ(ret, 0);
		p->fd = socket(p->p.family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		CHECK(p->fd >= 0);
		sin = pp_addr(PEER_IP, p->bport);
		CHECK(connect(p->fd, (void *)&sin, sizeof(sin)) == -1 &&
		      errno == EINPROGRESS);
		CHECK_EQ(getsockname(p->fd, (void *)&sin, &len), 0);
		CHECK_EQ(sin.sin_addr.s_addr, inet_addr(src[i])); /* MUST-44 */
		p->aport = ntohs(sin.sin_port);
		p->ip_a = sin.sin_addr.s_addr;
		RX("S 0 -");
		TX("SA 0 1 mss=1460");
		RX("A 1 1");
		ret = pp_test_tool("route replace " PEER_IP "/32 dev pa src %s",
				   src[!i]);
		CHECK_EQ(ret, 0);
		WRITE(100);
		RX("PA 1+100 1");				/* MUST-45 */
		TX("A 1 101");
		peer_end(p);
		RX("RA 101 1");
		p->fd = -1;
	}
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(passive), C(passive_all), C(passive_no_mss), C(passive_syn_data),
	C(passive_ack_data), C(passive_ack_fin), C(listen_flags),
	C(closed_flags), C(syn_badsum), C(synrecv_rst), C(synrecv_acks),
	C(synack_retries), C(synack_late_ack), C(active), C(active_all),
	C(active_data_in_synack), C(active_refused), C(active_bad_answers),
	C(active_retries), C(active_syncnt), C(active_user_timeout),
	C(active_icmp), C(simultaneous), C(simultaneous_ack),
	C(simultaneous_rst), C(simultaneous_retry), C(simultaneous_shutdown),
	C(backlog), C(backlog_late), C(defer_accept), C(listen_beside),
	C(any_address), C(self_connect),
	C(listener_closes), C(isn_clock), C(ttl_tos), C(connect_nobody),
	/* by routes of ours */
	{ .name = "source_address", .fn = source_address, .only = "pktpath" },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
