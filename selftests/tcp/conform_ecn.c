// SPDX-License-Identifier: GPL-2.0
/*
 * Accurate ECN, RFC 9768. In flags ACE is N (4), C (2) and E (1); it begins with
 * 5, "NE". Codepoints: 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. AF_INET of 6.1 does
 * not have it.
 */
#include "peer.h"

/* Kind 174 has ECT(1), CE, ECT(0). */
#define OPT_START "ecn=174:1:0:1"

static const char *const ace_flags[8] = {
	"", "E", "C", "CE", "N", "NE", "NC", "NCE",
};

static void open_passive(struct peer *p, const char *opts)
{
	peer_listen(p, 4);
	TX("SNCE 0 - %s", opts);
	RX("SAC 0 1 tos=0 " OPT_START);
	TX("AC 1 1 tos=2 " OPT_START);
	peer_accept(p);
}

static void open_active(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("SNCE 0 - tos=0 noecn");
	TX("SAC 0 1 " OPT_SACK " " OPT_START);
	RX("AC 1 1 tos=2 " OPT_START);
}

/* §3.1.1 table 2, §3.1.3: all flags but 000 and 011 ask; SYNs are reflected. */
static void syn_flags(struct peer *p)
{
	static const char *const back[4] = { "C", "CE", "N", "NC" };
	int ace, ecn;

	for (ace = 1; ace < 8; ace++)
		for (ecn = 0; ecn < 4; ecn++) {
			if (ace == 3)
				continue;
			peer_again(p);
			peer_listen(p, 4);
			TX("S%s 0 - tos=%d " OPT_SACK, ace_flags[ace], ecn);
			RX("SA%s 0 1 tos=0 " OPT_START, back[ecn]);
			TX("R 1 -");
			peer_end(p);
		}
}

/* §3.1.2: RFC 3168, or nothing. */
static void syn_classic(struct peer *p)
{
	peer_listen(p, 4);
	TX("SEC 0 - " OPT_SACK);
	RX("SAE 0 1 tos=0 noecn");
	TX("A 1 1");
	peer_accept(p);
	WRITE(1460);
	RX("PA 1+1460 1 tos=2 noecn");
	TX("AE 1 1461");
	WRITE(1460);
	RX("PAC 1461+1460 1 tos=2 noecn");
	peer_end(p);
	peer_again(p);
	peer_listen(p, 4);
	TX("S 0 - " OPT_SACK);
	RX("SA 0 1 tos=0 noecn");
	TX("A 1 1");
	peer_accept(p);
	WRITE(100);
	RX("PA 1+100 1 tos=0 noecn");
}

/* net.pktpath.tcp_ecn 2, the default, knows no more than RFC 3168. */
static void syn_off(struct peer *p)
{
	peer_listen(p, 4);
	TX("SNCE 0 - " OPT_SACK);
	RX("SAE 0 1 tos=0 noecn");
	TX("A 1 1");
	peer_accept(p);
	WRITE(100);
	RX("PA 1+100 1 tos=2 noecn");
}

/* Table 2: what a client makes of the answer. Table 3: it tells how that came. */
static void synack_flags(struct peer *p)
{
	static const char *const back[4] = { "C", "CE", "N", "NC" };
	int ace, ecn;

	for (ace = 0; ace < 8; ace++)
		for (ecn = 0; ecn < 4; ecn++) {
			bool on = ace > 1 && ace < 7;
			/* All but 2 and 5 mean that our SYN was changed. */
			bool ect = ace == 1 || ace == 2 || ace == 5;

			peer_again(p);
			CHECK_EQ(peer_connect(p), EINPROGRESS);
			RX("SNCE 0 - tos=0");
			TX("SA%s 0 1 tos=%d " OPT_SACK, ace_flags[ace], ecn);
			RX("A%s 1 1 tos=%d noecn", on ? back[ecn] : "",
			   on && ect ? 2 : 0);
			WRITE(100);
			RX("PA%s 1+100 1 tos=%d noecn",
			   !on ? "" : ecn == 3 ? "NC" : "NE", ect ? 2 : 0);
			TX("R 1 -");
			peer_end(p);
		}
}

/* §3.1.4.1: AccECN once more, then nothing. */
static void syn_lost(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("SNCE 0 - tos=0");
	RX_AT(900, 1100, "SNCE 0 - tos=0");
	RX("S 0 - tos=0");
	TX("SAE 0 1 " OPT_SACK);
	RX("A 1 1 tos=0");
	WRITE(100);
	RX("PA 1+100 1 tos=0");
}

/* §3.1.4.2, §3.2.3.2.2: first without the option, then without the flags; then
 * nothing of ours is ECT (§3.1.5), but the counter goes on.
 */
static void synack_lost(struct peer *p)
{
	peer_listen(p, 4);
	TX("SNCE 0 - " OPT_SACK);
	RX("SAC 0 1 tos=0 " OPT_START);
	RX_AT(900, 1100, "SAC 0 1 tos=0 noecn");
	RX("SA 0 1 tos=0 noecn");
	TX("AC 1 1 tos=2 " OPT_START);
	peer_accept(p);
	TX("PANE 1+100 1 tos=3");
	RX("ANC 1 101 tos=0");
}

/* §3.1.5: the last SYN is reflected; one without the flags forbids ECT. */
static void syn_again(struct peer *p)
{
	peer_listen(p, 4);
	TX("SNCE 0 - tos=2 " OPT_SACK);
	RX("SAN 0 1 tos=0 " OPT_START);
	TX("SNCE 0 - tos=1 " OPT_SACK);
	RX("SACE 0 1 tos=0 noecn");
	TX("AC 1 1 " OPT_START);
	peer_accept(p);
	WRITE(100);
	RX("PANE 1+100 1 tos=2");
	TX("R 1 -");
	peer_end(p);
	peer_again(p);
	peer_listen(p, 4);
	TX("SNCE 0 - " OPT_SACK);
	RX("SAC 0 1 tos=0");
	TX("S 0 - " OPT_SACK);
	RX("SAC 0 1 tos=0 noecn");
	TX("AC 1 1 " OPT_START);
	peer_accept(p);
	WRITE(100);
	RX("PANE 1+100 1 tos=0");
}

/* Table 4: a client's answer of 0 stops ECT, and its feedback is not heeded;
 * one that shows mangling stops ECT alone.
 */
static void third(struct peer *p)
{
	int ace;

	for (ace = 0; ace < 8; ace++) {
		bool ect = ace == 1 || ace == 2 || ace == 5 || ace == 7;

		peer_again(p);
		peer_listen(p, 4);
		TX("SNCE 0 - " OPT_SACK);
		RX("SAC 0 1 tos=0");
		TX("A%s 1 1", ace_flags[ace]);
		peer_accept(p);
		CHECK_EQ(peer_info(p).tcpi_delivered_ce, ace == 6);
		WRITE(1460);
		RX("PANE 1+1460 1 tos=%d noecn", ect ? 2 : 0);
		/* One more, from 5 or 6. */
		TX("A%s 1 1461", ace == 6 ? "NCE" : "NC");
		CHECK_EQ(peer_info(p).tcpi_delivered_ce,
			 ace == 6 ? 2 : ace ? 1 : 0);
		TX("R 1 -");
		peer_end(p);
	}
}

/* §3.2.2.4: the first field that a client gets must not be zero. */
static void zeroed(struct peer *p)
{
	open_active(p);
	WRITE(100);
	RX("PANE 1+100 1 tos=2");
	TX("A 1 101");
	WRITE(100);
	RX("PANE 101+100 1 tos=0");
	CHECK_EQ(peer_info(p).tcpi_delivered_ce, 0);
}

/* §3.2: what we count of theirs. §3.2.2.5.1: the first mark is told at once. */
static void receiver(struct peer *p)
{
	open_passive(p, OPT_SACK);
	TX("PANE 1+100 1 tos=2 " OPT_START);
	RX("ANE 1 101 tos=2 ecn=174:1:0:101");
	READ(100);
	TX("PANE 101+100 1 tos=3 " OPT_START);
	RX("ANC 1 201 tos=2 ecn=174:1:100:101");
	READ(100);
	TX("PANE 201+100 1 tos=1 " OPT_START);
	RX("ANC 1 301 tos=2 ecn=174:101:100:101");
	READ(100);
	TX("PANE 301+100 1 tos=0 " OPT_START);
	RX("ANC 1 401 tos=2 ecn=174:101:100:101");
	READ(100);
	/* A duplicate counts too, and so does what has no data. */
	TX("PANE 301+100 1 tos=3 " OPT_START);
	RX("ANCE 1 401 tos=2 ecn=174:101:200:101 sack=301-401");
	TX("ANE 401 1 tos=3");
	WRITE(100);
	RX("PA 1+100 401 tos=2 ecn=174:101:200:101");
}

/* Three marked acknowledgments are answered, not two. */
static void increments(struct peer *p)
{
	open_passive(p, OPT_SACK);
	TX("ANE 1 1 tos=3");
	TX("ANE 1 1 tos=3");
	QUIET(300);
	TX("ANE 1 1 tos=3");
	RX("A 1 1 tos=2");
	/* 5 + 3 has gone round. */
	TX("ANE 1 1 tos=3");
	TX("ANE 1 1 tos=3");
	TX("ANE 1 1 tos=3");
	RX("ACE 1 1 tos=2");
}

/* A change to CE ends the wait of a delayed acknowledgment. */
static void change(struct peer *p)
{
	int i;

	open_passive(p, OPT_SACK);
	/* Out of quick ACKs: it answers, we answer. */
	for (i = 0; i < 20; i++) {
		TX("PANE %d+100 %d tos=2", 1 + i * 100, 1 + i * 100);
		READ(100);
		WRITE(100);
		CHECK(peer_get(p, &p->last, 1000));
		if (!p->last.len)
			CHECK(peer_get(p, &p->last, 1000));
	}
	TX("ANE 2001 2001 tos=2");
	TX("PANE 2001+100 2001 tos=3");
	RX_AT(0, 5, "ANC 2001 2101 tos=2");
}

/* Our packets got marks: the window falls, once a round trip. */
static void sender(struct peer *p)
{
	struct tcp_info i;
	int k;

	open_passive(p, OPT_SACK);
	WRITE(10 * 1448);
	for (k = 0; k < 10; k++)
		RX("ANE %d+1448 1 tos=2 " OPT_START, 1 + k * 1448);
	TX("ANC 1 1449 tos=2 ecn=174:1:1448:1");
	i = peer_info(p);
	CHECK_EQ(i.tcpi_delivered_ce, 1);
	CHECK_EQ(i.tcpi_ca_state, 2);
	CHECK_EQ(i.tcpi_snd_ssthresh, 7);
	TX("A 1 4345 tos=2 ecn=174:1:4344:1");
	i = peer_info(p);
	CHECK_EQ(i.tcpi_delivered_ce, 3);
	CHECK_EQ(i.tcpi_snd_ssthresh, 7);
	/* Nothing new is acknowledged: what it says was said before. */
	TX("ANCE 1 4345 tos=2");
	CHECK_EQ(peer_info(p).tcpi_delivered_ce, 3);
	TX("A 1 14481 tos=2 ecn=174:1:4344:1");
	CHECK_EQ(peer_info(p).tcpi_delivered_ce, 3);
	WRITE(1448);
	RX("PANE 14481+1448 1 tos=2");
	TX("A 1 15929 tos=2 ecn=174:1:4344:1");
	CHECK_EQ(peer_info(p).tcpi_ca_state, 0);
}

/* All segments of what we hand down whole have the same field (§3.3.4). */
static void segments(struct peer *p)
{
	int i;

	open_passive(p, OPT_SACK);
	TX("PANE 1+100 1 tos=3");
	RX("ANC 1 101 tos=2");
	WRITE(10 * 1448);
	for (i = 0; i < 10; i++)
		RX("ANC %d+1448 101 tos=2 ecn=174:1:100:1", 1 + i * 1448);
	TX("ANE 101 14481");
}

/* §3.2.3.2.3: without an option of the peer's we send none; it may come late. */
static void option_late(struct peer *p)
{
	peer_listen(p, 4);
	TX("SNCE 0 - " OPT_SACK);
	RX("SAC 0 1 tos=0 " OPT_START);
	TX("AC 1 1 tos=2");
	peer_accept(p);
	WRITE(1460);
	RX("PANE 1+1460 1 noecn");
	TX("ANE 1 1461 ecn=172:1461:0:1");
	WRITE(1448);
	RX("PANE 1461+1448 1 " OPT_START);
}

/* §3.2.3.3: beside timestamps and SACK; what has changed goes first. */
static void option_room(struct peer *p)
{
	open_passive(p, OPT_ALL);
	TX("PANE 1001+100 1 tos=2");
	RX("ANE 1 1 tos=2 ecn=174:1:0:101 sack=1001-1101");
	TX("PANE 2001+100 1 tos=2");
	RX("ANE 1 1 tos=2 ecn=172:201:0 sack=2001-2101,1001-1101");
	TX("PANE 3001+100 1 tos=2");
	RX("ANE 1 1 tos=2 ecn=172:301:0 sack=3001-3101,2001-2101");
	TX("PANE 4001+100 1 tos=0");
	RX("ANE 1 1 tos=2 ecn=174 sack=4001-4101,3001-3101,2001-2101");
	TX("PANE 5001+100 1 tos=2");
	RX("ANE 1 1 tos=2 ecn=172:401:0 sack=5001-5101,4001-4101");
}

/* net.pktpath.tcp_ecn_option 0 */
static void option_off(struct peer *p)
{
	peer_listen(p, 4);
	TX("SNCE 0 - " OPT_SACK);
	RX("SAC 0 1 tos=0 noecn");
	TX("AC 1 1 tos=2 " OPT_START);
	peer_accept(p);
	WRITE(1460);
	RX("PANE 1+1460 1 noecn");
}

/* §3.2.3: of whatever length it is, nothing but congestion control follows. */
static void option_hostile(struct peer *p)
{
	int i;

	open_passive(p, OPT_SACK);
	WRITE(100);
	RX("PANE 1+100 1");
	TX("ANE 1 101 raw=ae00");
	TX("ANE 1 101 raw=ae01");
	TX("ANE 1 101 raw=ae0c000000ffffffff000000");
	TX("ANE 1 101 raw=ac28ffffffffffffffffffffffffffffffffffffffffffffffff");
	TX("ANE 1 101 raw=0101ac03ffae0bffffffffffffffffffae02ac05ffffff01");
	for (i = 0; i < 30; i++)
		TX("A%s 1 101 ecn=%d:%d:%d:%d", ace_flags[i % 8],
		   172 + i % 2 * 2, i * 9999999, i * 7777777, i * 5555555);
	STATE(ST_ESTABLISHED);
	peer_drain(p);
	WRITE(100);
	CHECK(peer_get(p, &p->last, 1000));
	CHECK_EQ(p->last.len, 100);
}

/* A SYN-ACK that comes again is answered with the encoding of the handshake. */
static void synack_again(struct peer *p)
{
	open_active(p);
	TX("SAC 0 1 tos=1 " OPT_SACK);
	RX("ACE 1 1 tos=2");
}

/* Both open at once. */
static void crossed(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("SNCE 0 - tos=0");
	TX("SNCE 0 - tos=2 " OPT_SACK);
	RX("SAN 0 1 tos=0 " OPT_START);
	TX("SAC 0 1 " OPT_SACK);
	TX("ANE 1 1 " OPT_START);
	STATE(ST_ESTABLISHED);
	peer_drain(p);
	WRITE(100);
	RX("PANE 1+100 1 tos=2");
}

/* §5.1: a cookie says nothing of it, the answer's field does. */
static void cookie(struct peer *p)
{
	peer_listen(p, 4);
	TX("SNCE 0 - tos=2 " OPT_PLAIN);
	RX("SAN 0 1 tos=0 " OPT_START);
	TX("AC 1 1 " OPT_START);
	peer_accept(p);
	WRITE(100);
	RX("PANE 1+100 1 tos=2 " OPT_START);
	TX("R 1 -");
	peer_end(p);
	peer_again(p);
	peer_listen(p, 4);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1 noecn");
	TX("A 1 1");
	peer_accept(p);
	WRITE(100);
	RX("PA 1+100 1 tos=0 noecn");
}

/* net.pktpath.tcp_ecn 4: asked for it, yes; asking, as RFC 3168. */
static void values(struct peer *p)
{
	open_passive(p, OPT_SACK);
	TX("R 1 -");
	peer_end(p);
	peer_again(p);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("SEC 0 - tos=0");
}

static void values_5(struct peer *p)
{
	open_passive(p, OPT_SACK);
	TX("R 1 -");
	peer_end(p);
	peer_again(p);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 - tos=0");
}

static const struct peer_case cases[] = {
#define A(f, s) { .name = #f, .fn = f, .sysctl = s, .only = "pktpath" }
#define C(f) A(f, "tcp_ecn=3")
	C(syn_flags), C(syn_classic), C(synack_flags), C(syn_lost),
	C(synack_lost), C(syn_again), C(third), C(zeroed), C(receiver),
	C(increments), C(change), C(sender), C(segments), C(option_late),
	C(option_room), C(option_hostile), C(synack_again), C(crossed),
	A(syn_off, "tcp_ecn=2"), A(option_off, "tcp_ecn=3 tcp_ecn_option=0"),
	A(cookie, "tcp_ecn=3 tcp_syncookies=2"), A(values, "tcp_ecn=4"),
	A(values_5, "tcp_ecn=5"),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
