// SPDX-License-Identifier: GPL-2.0
/* Fast Open of a passive side, segment by segment (RFC 7413 §4.2.2, §5.1). */
#include "peer.h"

#define NO_COOKIE "tcp_fastopen=514"

static void fo_listen(struct peer *p, int most)
{
	peer_listen(p, 8);
	if (setsockopt(p->lfd, IPPROTO_TCP, TCP_FASTOPEN, &most,
		       sizeof(most)))
		peer_fail(p, "TCP_FASTOPEN: %s", strerror(errno));
}

/* Reads a SYN's data, whose pattern begins at the number of the SYN. */
static void take(struct peer *p, size_t n)
{
	uint8_t b[128];
	size_t i;

	if (recv(p->fd, b, n, MSG_WAITALL) != (ssize_t)n)
		peer_fail(p, "recv: %s", strerror(errno));
	for (i = 0; i < n; i++)
		if (b[i] != peer_byte(i))
			peer_fail(p, "a wrong byte at %zu", i);
	p->rd += n;
}

/* The data of a SYN is read, and answered, before the handshake is over. */
static void early(struct peer *p)
{
	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	STATE(ST_SYN_RECV);
	take(p, 100);
	WRITE(500);
	RX("PA 1+500 101");
	CHECK(peer_info(p).tcpi_options & TCPI_OPT_SYN_DATA);
	TX("A 101 501");
	QUIET(20);
	STATE(ST_ESTABLISHED);
	TX("PA 101+10 501");
	RX("A 501 111");
	READ(10);
}

/* The SYN-ACK is repeated, not what was sent behind it. */
static void synack_timer(struct peer *p)
{
	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	WRITE(500);
	RX("PA 1+500 101");
	RX_AT(900, 1100, "SA 0 101");
	RX_AT(1900, 2200, "SA 0 101");
	TX("A 101 1");
	STATE(ST_ESTABLISHED);
	RX("PA 1+500 101");
	TX("A 101 501");
	QUIET(20);
}

static void syn_again(struct peer *p)
{
	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	TX("A 101 1");
	peer_accept(p);
	take(p, 100);
}

/* 7413-d, attacks F15: beyond the limit it is a usual handshake, and who was
 * reset counts for a while.
 */
static void limit(struct peer *p)
{
	long over;

	fo_listen(p, 1);
	over = peer_count(p, "TcpExt", "TCPFastOpenListenOverflow");
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	peer_again(p);
	p->aport--;
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 1");
	CHECK_EQ(peer_count(p, "TcpExt", "TCPFastOpenListenOverflow"),
		 over + 1);
	TX("R 1 -");
}

static void limit_reset(struct peer *p)
{
	fo_listen(p, 1);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	TX("R 101 -");
	STATE(ST_CLOSE);
	peer_again(p);
	p->aport--;
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 1");
	TX("R 1 -");
	peer_sleep(61000);
	peer_again(p);
	p->aport--;
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
}

/* 7413-b: a guess is answered like no cookie at all. */
static void guesses(struct peer *p)
{
	long good, bad;
	int i;

	fo_listen(p, 4);
	good = peer_count(p, "TcpExt", "TCPFastOpenPassive");
	bad = peer_count(p, "TcpExt", "TCPFastOpenPassiveFail");
	for (i = 0; i < 20; i++) {
		TX("S 0+100 - mss=1460 raw=220a%08x%08x0101",
		   (unsigned int)random(), (unsigned int)random());
		RX("SA 0 1");
		TX("R 1 -");
		peer_again(p);
		p->aport--;
	}
	CHECK_EQ(peer_count(p, "TcpExt", "TCPFastOpenPassive"), good);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPFastOpenPassiveFail"), bad + 20);
}

/* A socket that was taken and connects elsewhere has no past. */
static void reconnect(struct peer *p)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	CHECK_EQ(connect(p->fd, &sa, sizeof(sa)), 0);
	RX("RA 1 101");
	QUIET(1500);
}

static void listener_closes(struct peer *p)
{
	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	close(p->lfd);
	p->lfd = -1;
	RX("RA 1 101");
	QUIET(1500);
}

static void gives_up(struct peer *p)
{
	int t = 1000, i;

	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	for (i = 0; i < 3; i++, t *= 2)
		RX_AT(t - 30, t + 30 + t / 10, "SA 0 101");
	peer_sleep(10000);
	take(p, 100);
	READ_IS(-ETIMEDOUT);
}

/* A FIN that was wanted during the handshake follows it. */
static void early_fin(struct peer *p)
{
	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	TX("A 101 1");
	RX("FA 1 101");
	TX("A 101 2");
	STATE(ST_FIN_WAIT2);
}

/* While a program is loaded the machine's clock may leap by any time, and timers
 * run out: their SYN-ACKs are not looked at.
 */
static void no_memory(struct peer *p, bool on)
{
	CHECK_EQ(pp_test_tool(on ? "fault add stage TP_SEND tcp nomem" :
			      "fault del all"), 0);
	if (on)
		peer_drain(p);
	p->mark = peer_us();
}

/* When the handshake ends there is no memory for the FIN: it comes later, and no
 * acknowledgment before is taken for its.
 */
static void late_fin(struct peer *p)
{
	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	no_memory(p, true);
	TX("A 101 1");
	QUIET(450);
	STATE(ST_FIN_WAIT1);
	/* another use of its timer must not lose it */
	peer_set(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	TX("PA 101+10 1");
	RX("A 1 111");
	STATE(ST_FIN_WAIT1);
	no_memory(p, false);
	/* or before the tool had ended */
	RX_AT(-60000, 250, "FA 1 111");
	TX("A 111 2");
	STATE(ST_FIN_WAIT2);
}

/* The same of one whose descriptor is closed: it ends. */
static void late_fin_of_orphan(struct peer *p)
{
	fo_listen(p, 4);
	TX("S 0+100 - " OPT_PLAIN);
	RX("SA 0 101");
	peer_accept(p);
	take(p, 100);
	CHECK_EQ(shutdown(p->fd, SHUT_WR), 0);
	no_memory(p, true);
	TX("A 101 1");
	TX("FA 101 1");
	RX("A 1 102");
	close(p->fd);
	p->fd = -1;
	QUIET(300);
	no_memory(p, false);
	RX("FA 1 102");
	TX("A 102 2");
}

/* The option of the SYN-ACK, for the next SYN; "" if it has none. */
static void fo_option(struct peer *p, char hex[81])
{
	unsigned int i;

	hex[0] = '\0';
	for (i = 0; i < p->last.rawlen; i++)
		sprintf(hex + 2 * i, "%02x", p->last.raw[i]);
}

/* 7413-a, -b: a cookie is good for one address, and a bad one is replaced. */
static void cookie(struct peer *p)
{
	const char *other = "neigh replace 10.77.0.67 lladdr %02x:%02x:%02x:%02x:%02x:%02x dev pa";
	char good[81], again[81], cmd[128];
	const uint8_t *m = p->mac_b;
	int i;

	fo_listen(p, 8);
	TX("S 0 - mss=1460 raw=2202");
	RX("SA 0 1");
	fo_option(p, good);
	CHECK(p->last.rawlen >= 6 && p->last.rawlen <= 18 &&
	      p->last.rawlen % 2 == 0);
	TX("R 1 -");
	for (i = 0; i < 3; i++) {
		peer_again(p);
		p->aport--;
		if (i == 1) {		/* from another address */
			snprintf(cmd, sizeof(cmd), other, m[0], m[1], m[2],
				 m[3], m[4], m[5]);
			CHECK_EQ(p->p.inet ? pp_run("ip %s", cmd) :
				 pp_test_tool("%s", cmd), 0);
			p->ip_b = inet_addr("10.77.0.67");
		}
		TX("S 0+100 - mss=1460 raw=%s", good);
		RX("SA 0 %d", i == 1 ? 1 : 101);
		fo_option(p, again);
		if (i == 1)
			CHECK(p->last.rawlen && strcmp(good, again));
		else
			CHECK(!p->last.rawlen);
		TX("R %d -", i == 1 ? 1 : 101);
		p->ip_b = inet_addr(PEER_IP);
	}
	peer_again(p);
	p->aport--;
	snprintf(again, sizeof(again), "%s", good);
	again[5] = again[5] == '0' ? '1' : '0';
	TX("S 0+100 - mss=1460 raw=%s", again);
	RX("SA 0 1");
	fo_option(p, again);
	CHECK(!strcmp(good, again));
}

static const struct peer_case cases[] = {
#define C(f, s) { .name = #f, .fn = f, .sysctl = s }
	C(early, NO_COOKIE), C(early_fin, NO_COOKIE),
	{ .name = "late_fin", .fn = late_fin, .sysctl = NO_COOKIE,
	  .only = "pktpath" },
	{ .name = "late_fin_of_orphan", .fn = late_fin_of_orphan,
	  .sysctl = NO_COOKIE, .only = "pktpath" },
	C(synack_timer, NO_COOKIE),
	C(syn_again, NO_COOKIE), C(limit, NO_COOKIE),
	C(limit_reset, NO_COOKIE), C(guesses, "tcp_fastopen=2"),
	C(cookie, "tcp_fastopen=2"),
	C(reconnect, NO_COOKIE), C(listener_closes, NO_COOKIE),
	C(gives_up, NO_COOKIE " tcp_synack_retries=2"),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
