// SPDX-License-Identifier: GPL-2.0
/*
 * What a loss is and what is none: time-outs, tail probes, duplicates and their
 * reports: RFC 8985, 5682, 6582, 2883, 3708.
 */
#include "peer.h"

/* 8985 §6.3: what was sent less than a round trip ago is not lost. */
static void rto_recent(struct peer *p)
{
	int at;

	/* no round trip was shorter, so that the repair tells nothing */
	peer_passive_far(p, 100);
	at = peer_known_rtt(p, 100);
	WRITE(1460);
	RX("PA %d+1460 1", at);
	peer_sleep(250);
	WRITE(1460);
	RX("PA %d+1460 1", at + 1460);
	RX("A %d+1460 1", at);
	TX("A 1 %d", at + 1460);
	QUIET(150);
	TX("A 1 %d", at + 2920);
	peer_sleep(1);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 1);
}

/* 8985 §6.2 step 2: who echoes the first copy says nothing of when the second
 * arrived, and so nothing of what was sent between them.
 */
static void echo_of_first(struct peer *p)
{
	uint32_t first;
	int at;

	peer_passive(p, OPT_ALL);
	at = peer_known_rtt(p, 100);
	WRITE(1448);
	RX("PA %d+1448 1", at);
	first = p->ts_recent;
	peer_sleep(250);
	WRITE(1448);
	RX("PA %d+1448 1", at + 1448);
	RX("A %d+1448 1", at);
	peer_sleep(10);
	TX("A 1 %d ts=%u:%u", at + 1448, peer_tsval(p), first);
	QUIET(100);
	TX("A 1 %d", at + 2896);
	peer_sleep(1);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 1);
}

/* 8985 §7.3: the probe is no repair. What is found to be lost while it is out is
 * sent again.
 */
static void probe_and_loss(struct peer *p)
{
	int at;

	peer_passive(p, OPT_SACK);
	at = peer_known_rtt(p, 100);
	WRITE(4380);
	RX("A %d+1460 1", at);
	RX("A %d+1460 1", at + 1460);
	RX("PA %d+1460 1", at + 2920);
	RX("PA %d+1460 1", at + 2920);
	CHECK_EQ(peer_info(p).tcpi_retrans, 0);
	TX("A 1 %d sack=%d-%d", at, at + 1460, at + 2920);
	RX_AT(0, 70, "A %d+1460 1", at);
	TX("A 1 %d", at + 4380);
	peer_sleep(1);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

/* Three segments are lost and sent again, then all arrives. */
static void three_again(struct peer *p)
{
	int i;

	peer_passive(p, OPT_SACK);
	BURST(1, 10);
	TX("A 1 1 sack=4381-14601");
	for (i = 0; i < 3; i++)
		RX("A %d+1460 1", 1 + i * 1460);
	TX("A 1 14601");
	peer_sleep(1);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 6, 8);
}

/* 3708 §3: one report of three segments takes three retransmissions back. */
static void dsack_of_many(struct peer *p)
{
	long undone = peer_count(p, "TcpExt", "TCPDSACKUndo");
	long segs = peer_count(p, "TcpExt", "TCPDSACKRecvSegs");

	three_again(p);
	TX("A 1 14601 sack=1-4381");
	peer_sleep(1);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPDSACKRecvSegs") - segs, 3);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPDSACKUndo") - undone, 1);
	CHECK(peer_info(p).tcpi_snd_cwnd >= 10);
}

/* One of two does not. */
static void dsack_of_some(struct peer *p)
{
	three_again(p);
	TX("A 1 14601 sack=1-2921");
	peer_sleep(1);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 6, 8);
}

/* What was never sent twice cannot have come twice. */
static void dsack_of_nothing(struct peer *p)
{
	long dubious = peer_count(p, "TcpExt", "TCPDSACKIgnoredDubious");
	long segs = peer_count(p, "TcpExt", "TCPDSACKRecvSegs");

	peer_passive(p, OPT_SACK);
	WRITE(1460);
	RX("PA 1+1460 1");
	TX("A 1 1461");
	TX("A 1 1461 sack=1-1461");
	peer_sleep(1);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPDSACKIgnoredDubious") - dubious,
		 1);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPDSACKRecvSegs"), segs);
}

/* After a time-out, too: the probe and what followed it were both in vain. */
static void dsack_after_rto(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	WRITE(1460);
	RX("PA 1+1460 1");
	RX("PA 1+1460 1");
	RX("PA 1+1460 1");
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
	TX("A 1 1461");
	TX("A 1 1461 sack=1-1461");
	peer_sleep(1);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 1, 3);
	TX("A 1 1461 sack=1-1461");
	peer_sleep(1);
	CHECK(peer_info(p).tcpi_snd_cwnd >= 10);
}

/* 5682 §3.1 step 3: what the peer has to say for itself is no duplicate. */
static void frto_both_ways(struct peer *p)
{
	long undone = peer_count(p, "TcpExt", "TCPSpuriousRTOs");

	peer_passive(p, OPT_SACK);
	BURST(1, 5);
	/* the probe of the tail comes first, then the time-out */
	do {
		CHECK(peer_get(p, &p->last, 2000));
	} while (p->last.seq != 1);
	WRITE(2920);
	TX("A 1 1461");
	RX("A 7301+1460 1");
	TX("PA 1+100 1461");
	peer_sleep(2);
	TX("A 101 4381");
	peer_sleep(2);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPSpuriousRTOs") - undone, 1);
	CHECK(peer_info(p).tcpi_snd_cwnd >= 5);
	peer_drain(p);
}

/* 6582 §3.2 step 1: duplicates of the end of a recovery begin no other. */
static void reno_end(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	BURST(1, 10);
	for (i = 0; i < 3; i++)
		TX("A 1 1");
	RX("A 1+1460 1");
	TX("A 1 14601");
	BURST(14601, 4);
	for (i = 0; i < 3; i++)
		TX("A 1 14601");
	QUIET(100);
	TX("A 1 20441");
	peer_sleep(1);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 1);
}

/* The same behind a time-out. */
static void reno_end_of_rto(struct peer *p)
{
	int i, n = 0;

	peer_passive(p, OPT_PLAIN);
	BURST(1, 4);
	RX_AT(150, 400, "A 1+1460 1");
	TX("A 1 1461");
	peer_sleep(2);
	peer_drain(p);
	TX("A 1 5841");
	peer_sleep(1);
	n = peer_info(p).tcpi_total_retrans;
	WRITE(8760);
	peer_sleep(1);
	peer_drain(p);
	for (i = 0; i < 3; i++)
		TX("A 1 5841");
	peer_sleep(20);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, n);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	{ .name = "rto_recent", .fn = rto_recent,
	  .sysctl = "tcp_early_retrans=0" },
	{ .name = "echo_of_first", .fn = echo_of_first,
	  .sysctl = "tcp_early_retrans=0" },
	C(probe_and_loss), C(dsack_of_many), C(dsack_of_some),
	C(dsack_of_nothing), C(dsack_after_rto), C(frto_both_ways),
	C(reno_end), C(reno_end_of_rto),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
