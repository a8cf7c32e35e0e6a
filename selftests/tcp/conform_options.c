// SPDX-License-Identifier: GPL-2.0
/*
 * Options (RFC 9293 §3.1, §3.7.1), timestamps (RFC 7323), selective
 * acknowledgment (RFC 2018, 2883).
 */
#include "peer.h"

/* Forms of a SYN's options: what is understood of them. */
static void syn_forms(struct peer *p)
{
	static const struct {
		const char *raw;	/* hex */
		unsigned int mss;	/* 0: 536 */
		bool ws, sack;
	} t[] = {
		{ "020403e8", 1000, 0, 0 },				/* MUST-4 */
		{ "01020403e8000000", 1000, 0, 0 },			/* MUST-64 */
		{ "010101020403e801", 1000, 0, 0 },
		{ "00020403e8", 0, 0, 0 },				/* behind EOL */
		{ "020203e8", 0, 0, 0 },				/* wrong length */
		{ "020003e8", 0, 0, 0 },				/* MUST-7 */
		{ "0203e801020403e8", 1000, 0, 0 },
		{ "fd04aabb020403e8", 1000, 0, 0 },			/* MUST-6 */
		{ "1e020101020403e8", 1000, 0, 0 },
		{ "0901020403e80000", 0, 0, 0 },			/* length 1 */
		{ "fdff020403e8", 0, 0, 0 },				/* overrun */
		{ "020403e803030201", 1000, 1, 0 },
		{ "020403e80303ff01", 1000, 1, 0 },		/* 7323-c */
		{ "020403e804020101", 1000, 0, 1 },
		{ "020403e804030100", 1000, 0, 0 },
		{ "0204000000000000", 0, 0, 0 },			/* MSS 0 */
		{ "02", 0, 0, 0 }, { "0102", 0, 0, 0 }, { "01010102", 0, 0, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		peer_again(p);
		peer_listen(p, 4);
		TX("S 0 - raw=%s", t[i].raw);
		RX("SA 0 1");
		CHECK_EQ(!!(p->last.has & SEG_WS), t[i].ws);
		CHECK_EQ(!!(p->last.has & SEG_SACKOK), t[i].sack);
		TX("A 1 1 win=40000");
		peer_accept(p);
		WRITE(2000);
		RX("A 1+%u 1", t[i].mss ? t[i].mss : 536);
		peer_end(p);
		close(p->lfd);
	}
}

/* MUST-5: in any segment; and what is malformed does not harm. */
static void data_forms(struct peer *p)
{
	static const char *const raw[] = {
		"01010101", "00000000", "fd040000", "fd000000", "fd010000",
		"fdff0000", "02040064", "03030e01", "04020000", "080a0000",
		"0502aabb", "050a0000000100000002", "0511ffff", "130200",
		"050affffffff00000000", "22020000", "fe0601020304",
		"01010101010101010101010101010101fd0801010101010101010101",
	};
	unsigned int i, at = 1;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < ARRAY_SIZE(raw); i++, at += 10) {
		TX("PA %u+10 1 raw=%s", at, raw[i]);
		READ(10);
	}
	WRITE(1460);				/* MSS in data is no MSS */
	peer_sleep(1);
	do {
		CHECK(peer_get(p, &p->last, 100));
	} while (!p->last.len);
	CHECK_EQ(p->last.len, 1460);
	STATE(ST_ESTABLISHED);
}

static void low_mss(struct peer *p)
{
	struct seg s;
	int n = 0;

	peer_passive(p, "win=65535 mss=1");		/* F4 */
	WRITE(500);
	while (peer_get(p, &s, 20)) {
		CHECK(s.len >= 8);
		n++;
	}
	CHECK_IN(n, 1, 125);
}

static void maxseg(struct peer *p)
{
	p->fd = peer_socket(p);
	peer_set(p, IPPROTO_TCP, TCP_MAXSEG, 700);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 - mss=700");
	TX("SA 0 1 mss=1460");
	RX("A 1 1");
	WRITE(1000);
	RX("A 1+700 1");
}

/* Of a listener: its connections have it, but never more than fits. */
static void maxseg_passive(struct peer *p)
{
	int mss = 700;

	peer_listen(p, 4);
	CHECK(!setsockopt(p->lfd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss)));
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1 mss=700");
	TX("A 1 1");
	peer_accept(p);
	CHECK_EQ(peer_info(p).tcpi_advmss, 700);
	WRITE(1000);
	RX("A 1+700 1");
	peer_end(p);
	mss = 4000;
	CHECK(!setsockopt(p->lfd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss)));
	p->bport++;
	p->iss_known = false;
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1 mss=1460");
}

/* ---- Timestamps ---- */

static void ts_echo(struct peer *p)
{
	uint32_t first;

	peer_passive(p, OPT_ALL);
	TX("PA 1+100 1");
	RX("A 1 101 ts=0:%u", p->ts_sent);		/* 7323-d */
	READ(100);
	first = p->ts_sent;
	peer_sleep(20);
	TX("PA 201+100 1");				/* 7323-f, a hole */
	RX("A 1 101 ts=0:%u", first);
	peer_sleep(20);
	TX("PA 101+100 1");
	RX("A 1 301 ts=0:%u", p->ts_sent);
	peer_sleep(20);
	TX("A 301 1 nots");				/* 7323-e */
	TX("PA 301+10 1 nots");
	RX("A 1 311");
	READ(210);
}

static void paws(struct peer *p)
{
	uint32_t now;

	peer_passive(p, OPT_ALL);
	peer_sleep(100);
	TX("PA 1+100 1");
	RX("A 1 101");
	READ(100);
	now = p->ts_sent;
	TX("PA 101+100 1 ts=%u", now - 50);		/* 7323-h, E15 */
	RX("A 1 101 ts=0:%u", now);
	READ_IS(-EAGAIN);
	TX("PA 101+100 1 ts=%u", now + 0x80000001);
	RX("A 1 101");
	READ_IS(-EAGAIN);
	TX("PA 101+100 1 ts=%u", now + 1);
	RX("A 1 201");
	READ(100);
	TX("A 201 1 ts=%u", now + 1);
	/* in step with everything, only late: not worth an answer */
	TX("A 201 1 ts=%u", now - 5);
	QUIET(20);
	TX("R 201 - ts=%u", now - 1000);		/* not for RST */
	STATE(ST_CLOSE);
}

/* A segment nobody may have sent does not set the clock. */
static void ts_poison(struct peer *p)
{
	peer_passive(p, OPT_ALL);
	TX("PA 1+10 50000 ts=%u", peer_tsval(p) + 1000000);
	peer_sleep(2);
	peer_drain(p);
	TX("PA 1+10 1");
	RX("A 1 11");
	READ(10);
}

static void ts_syn_sent(struct peer *p)
{
	uint32_t ours;

	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 - ts");
	ours = p->ts_recent;
	TX("SA 0 1 win=60000 mss=1460 ts=5:%u", ours - 5000);	/* E17 */
	RX("R 1 -");
	TX("SA 0 1 win=60000 mss=1460 ts=5:%u", ours + 5000);
	RX("R 1 -");
	STATE(ST_SYN_SENT);
	TX("SA 0 1 win=60000 mss=1460 ts=5:%u", ours);
	RX("A 1 1 ts=0:5");
}

/* ---- SACK ---- */

static void sack_blocks(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	TX("PA 101+100 1");
	RX("A 1 1 sack=101-201");
	TX("PA 301+100 1");				/* 2018-b */
	RX("A 1 1 sack=301-401,101-201");
	TX("PA 501+100 1");
	RX("A 1 1 sack=501-601,301-401,101-201");
	TX("PA 701+100 1");
	RX("A 1 1 sack=701-801,501-601,301-401,101-201");
	TX("PA 901+100 1");				/* 2018-c */
	RX("A 1 1 sack=901-1001,701-801,501-601,301-401");
	TX("PA 401+100 1");
	RX("A 1 1 sack=301-601,901-1001,701-801");
	TX("PA 1+100 1");
	RX("A 1 201 sack=301-601,901-1001,701-801");
	READ(200);
	TX("PA 201+800 1");				/* covers all */
	peer_sleep(1);
	do {
		CHECK(peer_get(p, &p->last, 300));
	} while (p->last.ack != 1001);
	READ(800);
}

static void sack_blocks_ts(struct peer *p)
{
	int i;

	peer_passive(p, OPT_ALL);
	for (i = 0; i < 4; i++) {
		TX("PA %d+100 1", 101 + i * 200);
		CHECK(peer_get(p, &p->last, 100));
	}
	CHECK_EQ(p->last.nsacks, 3);			/* 2018-c */
	CHECK_EQ(p->last.sacks[0][0], 701);
}

static void dsack(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	TX("PA 1+100 1");
	RX("A 1 101");
	TX("PA 1+100 1");				/* 2883-a, -b */
	RX("A 1 101 sack=1-101");
	TX("PA 51+100 1");
	RX("A 1 151 sack=51-101");
	TX("PA 301+100 1");
	RX("A 1 151 sack=301-401");
	TX("PA 301+100 1");
	RX("A 1 151 sack=301-401,301-401");
	TX("PA 501+100 1");				/* once */
	RX("A 1 151 sack=501-601,301-401");
	READ(150);
}

/* TCP_WINDOW_CLAMP of a connection whose window is larger. */
static void clamp_later(struct peer *p)
{
	struct seg s;
	int i;

	peer_passive(p, OPT_PLAIN);
	/* a buffer that grows by itself takes the clamp along */
	peer_set(p, SOL_SOCKET, SO_RCVBUF, 100000);
	for (i = 0; i < 100; i++) {
		if (i == 40)
			peer_set(p, IPPROTO_TCP, TCP_WINDOW_CLAMP, 8192);
		TX("PA %d+1000 1", 1 + i * 1000);
		READ(1000);
		peer_sleep(1);
	}
	while (peer_get(p, &s, 300))
		p->last = s;
	CHECK_EQ(p->last.ack, 100001);
	CHECK_IN(p->last.win, 4000, 8192);
}

#define OPTS_ALL (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE)

/* RFC 4987 §3.6: with timestamps a cookie keeps the SYN's options. */
static void cookie_options(struct peer *p)
{
	long before = peer_count(p, "TcpExt", "SyncookiesRecv");
	struct tcp_info ti;

	peer_passive(p, OPT_ALL);
	ti = peer_info(p);
	CHECK_EQ(ti.tcpi_options & OPTS_ALL, OPTS_ALL);
	CHECK_EQ(ti.tcpi_options & TCPI_OPT_ECN, 0);
	CHECK_EQ(ti.tcpi_snd_wscale, 7);
	CHECK_EQ(ti.tcpi_snd_mss, 1448);
	CHECK_EQ(peer_count(p, "TcpExt", "SyncookiesRecv"), before + 1);
	TX("PA 1001+1000 1");
	RX("A 1 1 sack=1001-2001");
	TX("PA 1+1000 1");
	RX("A 1 2001");
	/* the largest scale, another MSS, no SACK */
	peer_end(p);
	close(p->lfd);
	peer_again(p);
	peer_passive(p, "win=65535 mss=1300 ts ws=14");
	ti = peer_info(p);
	CHECK_EQ(ti.tcpi_options & OPTS_ALL, OPTS_ALL & ~TCPI_OPT_SACK);
	CHECK_EQ(ti.tcpi_snd_wscale, 14);
	CHECK_EQ(ti.tcpi_snd_mss, 1288);
}

/* And without gives them up. */
static void cookie_plain(struct peer *p)
{
	long before = peer_count(p, "TcpExt", "SyncookiesRecv");

	peer_passive(p, "win=65535 mss=1460 sackok ws=7");
	CHECK_EQ(p->last.has & (SEG_WS | SEG_SACKOK | SEG_TS), 0);
	CHECK_EQ(peer_info(p).tcpi_options & OPTS_ALL, 0);
	CHECK_EQ(peer_count(p, "TcpExt", "SyncookiesRecv"), before + 1);
	TX("PA 1001+1000 1");
	RX("A 1 1 nosack");
}

static void cookie_ecn(struct peer *p)
{
	long before = peer_count(p, "TcpExt", "SyncookiesRecv");

	peer_listen(p, 4);
	TX("SEC 0 - " OPT_ALL);
	RX("SAE 0 1");
	TX("A 1 1");
	peer_accept(p);
	CHECK(peer_info(p).tcpi_options & TCPI_OPT_ECN);
	CHECK_EQ(peer_count(p, "TcpExt", "SyncookiesRecv"), before + 1);
}

/* 7323-b: who does not offer scaling reads windows as they are. */
static void unscaled(struct peer *p)
{
	peer_listen(p, 4);
	TX("S 0 - win=2920 mss=1460 ws=7");
	RX("SA 0 1");
	CHECK_EQ(p->last.has & SEG_WS, 0);
	TX("A 1 1 win=2920");
	peer_accept(p);
	WRITE(10000);
	RX("A 1+1460 1");
	RX("A 1461+1460 1");
	QUIET(100);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(syn_forms), C(data_forms), C(low_mss), C(maxseg),
	C(maxseg_passive), C(ts_echo), C(paws), C(ts_poison), C(ts_syn_sent),
	C(sack_blocks), C(sack_blocks_ts), C(dsack), C(clamp_later),
	{ .name = "cookie_options", .fn = cookie_options,
	  .sysctl = "tcp_syncookies=2" },
	{ .name = "cookie_plain", .fn = cookie_plain,
	  .sysctl = "tcp_syncookies=2" },
	{ .name = "cookie_ecn", .fn = cookie_ecn,
	  .sysctl = "tcp_syncookies=2 tcp_ecn=1" },
	{ .name = "unscaled", .fn = unscaled,
	  .sysctl = "tcp_window_scaling=0" },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
