// SPDX-License-Identifier: GPL-2.0
/*
 * Blind and hostile peers (RFC 5961, 5927, 4987, 1337): resets, SYNs and data
 * that miss, floods, forged cookies, errors that quote nothing of ours, lies
 * in SACK, crumbs.
 */
#include "peer.h"

/* E1: only the exact number resets; in the window one question. */
static void blind_rst(struct peer *p)
{
	struct seg s;
	int i, n = 0;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 4000; i++) {
		TX("R %u -", 2 + i * 1073741u);
		while (peer_get(p, &s, 0)) {
			CHECK_EQ(s.flags, SEG_A);
			n++;
		}
	}
	for (i = 2; i < 300; i++)
		TX("R %d -", i);
	peer_sleep(5);
	while (peer_get(p, &s, 0))
		n++;
	CHECK_IN(n, 1, 12);				/* 5961-d */
	STATE(ST_ESTABLISHED);
	TX("PA 1+10 1");
	RX("A 1 11");
	TX("R 11 -");
	STATE(ST_CLOSE);
}

/* A reset at the end of what was received behind a hole. */
static void rst_behind_hole(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	TX("PA 101+100 1");
	RX("A 1 1 sack=101-201");
	TX("R 150 -");
	RX("A 1 1");
	STATE(ST_ESTABLISHED);
	TX("R 201 -");
	STATE(ST_CLOSE);
	CHECK_EQ(peer_soerror(p), ECONNRESET);
}

/* E2: a SYN is a question in every synchronised state. */
static void blind_syn(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	TX("S 1 -");					/* 5961-b */
	RX("A 1 1");
	for (i = 0; i < 1000; i++)
		TX("S %u - mss=1460", i * 4294967u);
	peer_sleep(5);
	peer_drain(p);
	STATE(ST_ESTABLISHED);
	peer_sleep(600);
	TX("SA 1 1");
	RX("A 1 1");
	TX("PA 1+10 1");
	RX("A 1 11");
	READ(10);
}

/* E3: data whose acknowledgment was never possible. */
static void blind_data(struct peer *p)
{
	long unsent = p->p.inet ? 0 : peer_count(p, "Drop", "TcpAckUnsent");
	long old = p->p.inet ? 0 : peer_count(p, "Drop", "TcpOldAck");
	unsigned int i;

	peer_passive(p, OPT_PLAIN);
	WRITE(1000);
	RX("PA 1+1000 1");
	TX("A 1 1001");
	for (i = 0; i < 1000; i++) {
		unsigned int ack = 1002 + i * 4290000u;

		if (ack - 1001u > 0xffffffffu - 1500)
			continue;
		TX("PA 1+50 %u", ack);
	}
	peer_sleep(5);
	READ_IS(-EAGAIN);
	CHECK(p->p.inet || peer_count(p, "Drop", "TcpAckUnsent") > unsent);
	CHECK(p->p.inet || peer_count(p, "Drop", "TcpOldAck") > old);
	peer_drain(p);
	TX("PA 1+50 1");				/* within what was sent */
	READ(50);
}

/* E4: what happens on one connection does not show on another. */
static void side_channel(struct peer *p)
{
	struct peer b;
	int i;

	peer_passive(p, OPT_PLAIN);
	b = *p;
	p->bport++;
	p->iss_known = false;
	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 300; i++)
		TX("R 100 -");
	peer_sleep(2);
	peer_drain(p);
	/* the other answers as if nothing had been */
	b.at = p->at;
	peer_tx(&b, "R 100 -");
	peer_rx(&b, -1, -1, "A 1 1");
}

/* Connections in SYN_RECV at the port of the test. */
static int half_open(struct peer *p)
{
	FILE *f = fopen(p->p.inet ? "/proc/net/tcp" : "/proc/net/pktpath/tcp",
			"r");
	unsigned int port, state, n = 0;
	char line[256];

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		n += sscanf(line, " %*d: %*x:%x %*x:%*x %x", &port,
			    &state) == 2 &&
		     port == p->aport && state == ST_SYN_RECV;
	fclose(f);
	return n;
}

/* More than a listener keeps. */
static void flood(struct peer *p)
{
	unsigned int i;

	peer_listen(p, 16);
	for (i = 0; i < 3000; i++) {
		p->bport = 1024 + i * 7 % 30000;
		TX("S %u - mss=1460", i);
		if (i % 64 == 63)
			peer_drain(p);
	}
}

/* E9: a flood costs cookies, not memory; who is honest gets through. */
static void syn_flood(struct peer *p)
{
	long sent = peer_count(p, "TcpExt", "SyncookiesSent");
	long good = peer_count(p, "TcpExt", "SyncookiesRecv");
	uint16_t own = p->bport;
	unsigned int i;
	struct seg s;

	flood(p);
	CHECK_IN(half_open(p), 8, 17);
	CHECK_IN(peer_count(p, "TcpExt", "SyncookiesSent") - sent, 2983, 3000);
	p->bport = own;
	for (i = 0; i < 10; i++) {
		p->iss_known = false;
		p->ts = false;
		peer_drain(p);
		TX("S 0 - mss=1300");
		do {
			CHECK(peer_get(p, &s, 1000));
		} while (s.flags != (SEG_S | SEG_A));
		TX("A 1 1");
		peer_accept(p);
		WRITE(1400);
		do {
			CHECK(peer_get(p, &s, 1000));
		} while (!s.len);
		CHECK_EQ(s.len, 1300);
		TX("PA 1+100 1401");
		READ(100);
		p->wr = 1;
		p->rd = 1;
		peer_end(p);
		p->bport++;
	}
	CHECK_EQ(peer_count(p, "TcpExt", "SyncookiesRecv") - good, 10);
	/* E10: forged ones are refused */
	for (i = 0; i < 2000; i++) {
		p->bport = 1024 + i * 11 % 30000;
		TX("A 1 %u", i * 2147483u);
	}
	CHECK_EQ(accept4(p->lfd, NULL, NULL, SOCK_NONBLOCK), -1);
}

/* E10: without a flood no cookie counts. */
static void cookie_unasked(struct peer *p)
{
	peer_listen(p, 16);
	p->iss_a = 1;
	p->iss_known = true;
	TX("A 1 77");
	RX("R 77 -");
}

/* E10: nor one that was good once, when the flood is over. */
static void cookie_too_late(struct peer *p)
{
	uint16_t own = p->bport;

	flood(p);
	p->bport = own;
	peer_drain(p);
	p->iss_known = false;
	TX("S 0 - mss=1300");
	RX("SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	peer_end(p);
	RX("RA 1 1");
	p->fd = -1;
	p->bport++;
	p->iss_known = false;
	TX("S 0 - mss=1300");
	RX("SA 0 1");
	/* a cookie sends no second one */
	QUIET(200000);
	TX("A 1 1");
	RX("R 1 -");
}

/* E11: two that are out of step do not talk for ever. */
static void ack_storm(struct peer *p)
{
	struct seg s;
	int i, n = 0;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 1000; i++) {
		TX("A -500 1");
		while (peer_get(p, &s, 1))
			n++;
	}
	CHECK_IN(n, 1, 4);
}

/* RFC 5927, E: an error must quote what is in flight. */
static void icmp_blind(struct peer *p)
{
	static const int code[] = { 0, 1, 2, 3, 13 };
	unsigned int i;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < ARRAY_SIZE(code); i++) {
		peer_icmp(p, 3, code[i], 0, -5);
		peer_icmp(p, 3, code[i], 0, 5000);
	}
	CHECK_EQ(peer_soerror(p), 0);
	peer_icmp(p, 3, 4, 576, 1);			/* MTU, unasked */
	WRITE(1460);
	RX("PA 1+1460 1");
	for (i = 0; i < ARRAY_SIZE(code); i++)		/* in flight: soft */
		peer_icmp(p, 3, code[i], 0, 1);
	peer_icmp(p, 4, 0, 0, 1);			/* MUST-55 */
	peer_icmp(p, 11, 0, 0, 1);
	peer_icmp(p, 12, 0, 0, 1);
	STATE(ST_ESTABLISHED);				/* MUST-56 */
	TX("A 1 1461");
	WRITE(1460);
	RX("PA 1461+1460 1");
}

static void icmp_mtu(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(1460);
	RX("PA 1+1460 1");
	peer_icmp(p, 3, 4, 1000, 1);			/* at once, smaller */
	RX_AT(0, 20, "A 1+960 1");
	TX("A 1 961");
	RX("PA 961+500 1");
	TX("A 1 1461");
	WRITE(1460);
	RX("A 1461+960 1");
	/* no smaller than what a host must take; AF_INET fragments then, to
	 * this peer as long as it remembers
	 */
	p->no_df = p->p.inet;
	peer_icmp(p, 3, 4, 40, 1461);
	TX("A 1 2421");
	RX("PA 2421+500 1");
	TX("A 1 2921");
	WRITE(1460);
	CHECK(peer_get(p, &p->last, 100));
	CHECK(p->last.len >= 500);
}

/* F5: SACK lies. */
static void sack_lies(struct peer *p)
{
	static const char *const lie[] = {
		"2001-1001",			/* turned round */
		"100001-200001",		/* beyond */
		"-5000--4000",			/* below */
		"1-14601", "0-1",
		"1461-2921,1461-2921,1461-2921,1461-2921",
		"2921-4381,1461-14601,5841-5842,5843-5844",
		"-2000000000-2000000000",
	};
	unsigned int i;

	p->no_df = p->p.inet;	/* since icmp_mtu */
	peer_passive(p, OPT_SACK);
	WRITE(14600);
	peer_sleep(2);
	peer_drain(p);
	for (i = 0; i < 400; i++)
		TX("A 1 1 sack=%s", lie[i % ARRAY_SIZE(lie)]);
	peer_sleep(5);
	peer_drain(p);
	STATE(ST_ESTABLISHED);
	CHECK(peer_info(p).tcpi_sacked <= 10);
}

/* F6: acknowledging in crumbs earns no window. */
static void ack_division(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	WRITE(14600);
	peer_sleep(2);
	for (i = 1; i <= 1460; i += 4)
		TX("A 1 %d", 1 + i);
	peer_sleep(2);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 10, 12);
}

/* F1: a thousand bytes, every second one. */
static void segment_smack(struct peer *p)
{
	int i;

	p->no_df = p->p.inet;	/* since icmp_mtu */
	peer_passive(p, OPT_SACK);
	for (i = 0; i < 2000; i++) {
		TX("PA %d+1 1", 3 + i * 2);
		if (i % 64 == 63)
			peer_drain(p);
	}
	peer_drain(p);
	STATE(ST_ESTABLISHED);
	for (i = 0; i < 4; i++)
		TX("PA %d+1000 1", 1 + i * 1000);
	peer_sleep(2);
	READ(4000);
}

/* Headers that end too soon or say too much. */
static void bad_headers(struct peer *p)
{
	struct seg s;

	peer_passive(p, OPT_PLAIN);
	TX("PA 1+10 1 badsum");
	QUIET(5);
	TX("FSRPAUEC 1+10 1 urg=9");			/* a reset, exact */
	STATE(ST_CLOSE);
	while (peer_get(p, &s, 5))
		CHECK(!(s.flags & SEG_R));		/* never RST a RST */
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(blind_rst), C(rst_behind_hole), C(blind_syn), C(blind_data),
	C(side_channel), C(syn_flood), C(cookie_unasked), C(cookie_too_late),
	C(ack_storm),
	/* AF_INET believes an error about the byte after the last */
	{ .name = "icmp_blind", .fn = icmp_blind, .only = "pktpath" },
	C(icmp_mtu), C(sack_lies), C(ack_division),
	C(segment_smack), C(bad_headers),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
