// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the path MTU without ICMP (RFC 4821): the peer loses what is longer
 * than the path would carry and says nothing. Conformance PLP-1. And with it,
 * where the first segment is too long.
 */
#include "peer.h"

#define TOTAL 400000

struct carry {
	uint8_t have[TOTAL + 3000];
	unsigned int at, next;	/* to be written; to be acknowledged */
	unsigned int largest;	/* that came through since it was set to 0 */
	unsigned int lost;	/* too long for the path */
};

static struct carry c;

static void feed(struct peer *p, unsigned int total)
{
	uint8_t b[4096];
	ssize_t n;
	size_t i;

	while (c.at <= total) {
		n = total + 1 - c.at;
		if (n > (ssize_t)sizeof(b))
			n = sizeof(b);
		for (i = 0; i < (size_t)n; i++)
			b[i] = peer_byte(c.at + i);
		n = send(p->fd, b, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			return;
		c.at += n;
	}
}

/* Acknowledges, with the last range beyond a gap. */
static void answer(struct peer *p)
{
	unsigned int from, to = TOTAL + 1;

	while (c.next <= TOTAL && c.have[c.next])
		c.next++;
	while (to > c.next && !c.have[to])
		to--;
	for (from = to; from > c.next && c.have[from - 1]; from--)
		;
	if (to > c.next)
		TX("A 1 %u sack=%u-%u", c.next, from, to + 1);
	else
		TX("A 1 %u", c.next);
}

/* @total bytes, counted from the first, over a path for segments of at most @hole bytes. */
static void carry(struct peer *p, unsigned int total, unsigned int hole)
{
	struct seg s;

	p->nocheck = true;
	c.next = c.next ? c.next : 1;
	c.at = c.at ? c.at : 1;
	while (c.next <= total) {
		feed(p, total);
		CHECK(peer_get(p, &s, 60000));
		if (!s.len)
			continue;
		if (s.len > hole) {
			c.lost++;
			continue;
		}
		if (s.len > c.largest)
			c.largest = s.len;
		memset(c.have + s.seq, 1, s.len);
		answer(p);
	}
}

static long fails(struct peer *p)
{
	return peer_count(p, "TcpExt", "TCPMTUPFail");
}

static long successes(struct peer *p)
{
	return peer_count(p, "TcpExt", "TCPMTUPSuccess");
}

/* AF_INET uses the small segments at once only when it is active. The window
 * bounds what is out, so that data waits behind a probe.
 */
static void open_it(struct peer *p, const char *opts)
{
	peer_active(p, opts);
	peer_set(p, SOL_SOCKET, SO_SNDBUF, 1 << 20);
}

/* From tcp_base_mss to what the link allows, by halves of what is left. */
static void upward(struct peer *p)
{
	long good = successes(p);

	open_it(p, OPT_SACK);
	CHECK_IN(peer_info(p).tcpi_snd_mss, 512, 524);
	carry(p, TOTAL, 1460);
	CHECK_IN(c.largest, 1452, 1460);
	CHECK_IN(peer_info(p).tcpi_snd_mss, 1452, 1460);
	CHECK_IN(successes(p) - good, 5, 12);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 0);
}

/* What is lost for its size alone is found out without a time-out. */
static void silent_router(struct peer *p)
{
	long timeouts = peer_count(p, "TcpExt", "TCPTimeouts");
	long bad = fails(p);

	open_it(p, OPT_ALL);
	carry(p, TOTAL, 1240);
	CHECK_IN(c.largest, 1230, 1240);
	CHECK_IN(peer_info(p).tcpi_snd_mss, 1230, 1240);
	CHECK_IN(fails(p) - bad, 1, 8);
	CHECK_IN(c.lost, 1, 8);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPTimeouts"), timeouts);
}

/* After several time-outs of one segment smaller ones are tried. */
static void black_hole(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	carry(p, 10000, 600);
	CHECK_IN(c.largest, 500, 600);
	CHECK_IN(peer_info(p).tcpi_snd_mss, 500, 600);
}

static void floor_of_probes(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	carry(p, 3000, 560);
	CHECK_EQ(c.largest, 550);
}

static void off(struct peer *p)
{
	struct seg s;
	int64_t end;

	peer_passive(p, OPT_SACK);
	WRITE(3 * 1460);
	end = peer_us() + 20000000;
	while (peer_us() < end)
		if (peer_get(p, &s, 1000) && s.len)
			CHECK_EQ(s.len, 1460);
	CHECK_EQ(peer_info(p).tcpi_snd_mss, 1460);
}

/* The path is better than it was: after tcp_probe_interval it is tried. */
static void again(struct peer *p)
{
	open_it(p, OPT_SACK);
	carry(p, TOTAL / 2, 1000);
	CHECK_IN(c.largest, 980, 1000);
	carry(p, TOTAL / 2 + 20000, 1460);
	CHECK_IN(c.largest, 980, 1000);
	peer_sleep(11000);
	carry(p, TOTAL, 1460);
	CHECK_IN(c.largest, 1420, 1460);
}

/* Fast Open's SYN was too long for the path: it goes again at once, alone, and the
 * data when the handshake is over.
 */
static void syn_data(struct peer *p)
{
	struct sockaddr_in sin = pp_addr(PEER_IP, p->bport);
	uint8_t b[1000];
	unsigned int i;

	p->fd = peer_socket(p);
	fcntl(p->fd, F_SETFL, O_NONBLOCK);
	for (i = 0; i < sizeof(b); i++)
		b[i] = peer_byte(i);
	CHECK_EQ(sendto(p->fd, b, sizeof(b), MSG_FASTOPEN, (void *)&sin,
			sizeof(sin)), sizeof(b));
	RX("S 0+1000 - mss=1460");
	peer_icmp(p, 3, 4, 800, 0);
	RX_AT(0, 5, "S 0 - mss=760");
	p->nocheck = true;
	TX("SA 0 1 win=5840 mss=1040");
	RX("A 1+760 1");
	RX("PA 761+240 1");
	TX("A 1 1001");
	STATE(ST_ESTABLISHED);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

/* A stream that probes by IP_MTU_DISCOVER believes what is known all the same. */
static void mode_probe(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	peer_set(p, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	p->nocheck = true;
	p->no_df = true;
	WRITE(600);
	RX("PA 1+600 1");
	peer_icmp(p, 3, 4, 600, 1);
	RX_AT(0, 5, "A 1+560 1");
	TX("A 1 601");
	CHECK_EQ(peer_info(p).tcpi_pmtu, 600);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	{ .name = "upward", .fn = upward,
	  .sysctl = "tcp_mtu_probing=2 tcp_base_mss=512" },
	{ .name = "silent_router", .fn = silent_router,
	  .sysctl = "tcp_mtu_probing=2 tcp_base_mss=512" },
	{ .name = "black_hole", .fn = black_hole,
	  .sysctl = "tcp_mtu_probing=1" },
	{ .name = "floor_of_probes", .fn = floor_of_probes,
	  .sysctl = "tcp_mtu_probing=1 tcp_mtu_probe_floor=550" },
	{ .name = "off", .fn = off, .sysctl = "tcp_mtu_probing=0" },
	{ .name = "again", .fn = again,
	  .sysctl = "tcp_mtu_probing=2 tcp_base_mss=512 tcp_probe_interval=10" },
	/* the last: the route keeps what it has learnt */
	{ .name = "syn_data", .fn = syn_data, .sysctl = "tcp_fastopen=5" },
	C(mode_probe),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
