// SPDX-License-Identifier: GPL-2.0
/*
 * Single rules of congestion, acknowledgments and timestamps: how often a window
 * is cut, what counts as a duplicate, which time is echoed.
 * Proves: RFC 5681 §3.1 (lost SYN-ACK, second time-out), §3.2 (limited
 * transmit), §4.2 (one ACK for each segment) and §2 (duplicate); RFC 6675 §5
 * (one recovery for each window); RFC 7323 §4.3 (earliest of a delayed pair);
 * RFC 8985 §6.2 (retransmission lost) and §7.4 (a probe that repaired a loss).
 */
#include "peer.h"

/* The next one with data that begins at @seq, within @ms. */
static void until(struct peer *p, uint32_t seq, int ms)
{
	int64_t end = peer_us() + ms * 1000LL;

	do {
		int left = (end - peer_us()) / 1000;

		if (left <= 0 || !peer_get(p, &p->last, left))
			peer_fail(p, "nothing from %u on", seq);
	} while (p->last.seq != seq || !p->last.len);
}

/* 5681-b: one segment when the SYN-ACK was repeated more than once. */
static void synack_lost(struct peer *p)
{
	peer_listen(p, 4);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	RX_AT(900, 1100, "SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 10);
	peer_again(p);
	peer_listen(p, 4);
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	RX_AT(900, 1100, "SA 0 1");
	RX_AT(1900, 2200, "SA 0 1");
	TX("A 1 1");
	peer_accept(p);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
}

/* 5681-f: what timed out once more is no second sign of congestion. */
static void second_timeout(struct peer *p)
{
	__u32 ssthresh;

	peer_passive(p, OPT_PLAIN);
	BURST(1, 10);
	until(p, 1, 1000);
	ssthresh = peer_info(p).tcpi_snd_ssthresh;
	CHECK_IN(ssthresh, 5, 7);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
	until(p, 1, 2000);
	until(p, 1, 4000);
	CHECK_EQ(peer_info(p).tcpi_snd_ssthresh, ssthresh);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
}

/* 5681-h: the first two duplicates send what is new, the third repeats. */
static void limited_transmit(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(20440);
	peer_sleep(5);
	peer_drain(p);
	TX("A 1 1");
	RX("A 14601+1460 1");
	QUIET(10);
	TX("A 1 1");
	RX("A 16061+1460 1");
	QUIET(10);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 10);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 0);
	TX("A 1 1");
	until(p, 1, 50);
}

/* 5681-l: neither an update of the window nor data is a duplicate. */
static void no_duplicates(struct peer *p)
{
	int i;

	peer_passive(p, "win=30000 mss=1460");
	BURST(1, 10);
	for (i = 1; i <= 4; i++)
		TX("A 1 1 win=%d", 30000 + i * 100);
	QUIET(50);
	for (i = 0; i < 4; i++)
		TX("PA %d+100 1 win=30400", 1 + i * 100);
	peer_sleep(50);
	while (peer_get(p, &p->last, 1))
		CHECK_EQ(p->last.len, 0);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 0);
	CHECK(peer_info(p).tcpi_snd_ssthresh > 1000);
}

/* 5681-k: no more ACKs than segments, in order or not. */
static void one_ack_each(struct peer *p)
{
	int i, n = 0;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 20; i++)
		TX("A %d+1000 1", 1 + i * 1000);
	while (peer_get(p, &p->last, 300))
		n++;
	CHECK_IN(n, 10, 20);
	CHECK_EQ(p->last.ack, 20001);
	for (i = 1, n = 0; i < 10; i++)
		TX("A %d+1000 1", 20001 + i * 1000);
	while (peer_get(p, &p->last, 300))
		n++;
	CHECK_EQ(n, 9);
	CHECK_EQ(p->last.ack, 20001);
	TX("A 20001+1000 1");
	RX("A 1 30001");
	QUIET(300);
	READ(30000);
}

/* 6675-b: two holes of one window are one loss. */
static void one_recovery(struct peer *p)
{
	long n = peer_count(p, "TcpExt", "TCPSackRecovery");
	__u32 ssthresh;

	peer_passive(p, OPT_SACK);
	BURST(1, 10);
	TX("A 1 1 sack=1461-4381,5841-10221");
	until(p, 1, 50);
	ssthresh = peer_info(p).tcpi_snd_ssthresh;
	CHECK_IN(ssthresh, 5, 7);
	TX("A 1 4381 sack=5841-14601");
	until(p, 4381, 50);
	CHECK_EQ(peer_info(p).tcpi_snd_ssthresh, ssthresh);
	CHECK_EQ(peer_info(p).tcpi_total_retrans, 2);
	TX("A 1 14601");
	peer_sleep(2);
	CHECK_EQ(peer_info(p).tcpi_snd_ssthresh, ssthresh);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPSackRecovery"), n + 1);
}

/* 8985-d: what was sent behind a retransmission has come, that has not. */
static void retransmission_lost(struct peer *p)
{
	long n = peer_count(p, "TcpExt", "TCPLostRetransmit");
	long timeouts = peer_count(p, "TcpExt", "TCPTimeouts");

	peer_passive(p, OPT_SACK);
	BURST(1, 10);
	TX("A 1 1 sack=1461-5841");
	until(p, 1, 50);
	peer_sleep(5);
	WRITE(1460);
	TX("A 1 1 sack=1461-13141");
	until(p, 14601, 50);
	peer_sleep(5);
	TX("A 1 1 sack=1461-13141,14601-16061");
	until(p, 1, 50);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPLostRetransmit"), n + 1);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPTimeouts"), timeouts);
}

/* 8985-g: no D-SACK says that the probe was not needed: one cut. */
static void probe_repaired(struct peer *p)
{
	long n = peer_count(p, "TcpExt", "TCPLossProbeRecovery");

	peer_passive(p, OPT_SACK);
	WRITE(4380);
	RX("A 1+1460 1");
	RX("A 1461+1460 1");
	RX("PA 2921+1460 1");
	TX("A 1 1461");
	until(p, 2921, 190);
	TX("A 1 4381");
	WRITE(1460);
	RX("PA 4381+1460 1");
	CHECK_EQ(peer_count(p, "TcpExt", "TCPLossProbeRecovery"), n);
	TX("A 1 5841");
	peer_sleep(2);
	CHECK_EQ(peer_count(p, "TcpExt", "TCPLossProbeRecovery"), n + 1);
	CHECK_IN(peer_info(p).tcpi_snd_ssthresh, 5, 7);
	CHECK_IN(peer_info(p).tcpi_snd_cwnd, 5, 7);
}

/* 7323-g: the time until the ACK was sent counts for the sender. */
static void earliest_echoed(struct peer *p)
{
	uint32_t t;

	peer_passive(p, OPT_ALL);
	TX("PA 1+100 1");
	RX("A 1 101");
	READ(100);
	/* data that answers data: from here on ACKs are delayed */
	WRITE(100);
	RX("PA 1+100 101");
	TX("A 101 101");
	t = peer_tsval(p);
	TX("A 101+1448 101 ts=%u:%u", t, p->ts_recent);
	QUIET(5);
	TX("A 1549+1448 101 ts=%u:%u", t + 7, p->ts_recent);
	RX("A 101 2997");
	CHECK_EQ(p->last.tsecr, t);
	READ(2896);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(synack_lost), C(second_timeout), C(limited_transmit),
	C(no_duplicates), C(one_ack_each), C(one_recovery),
	C(retransmission_lost), C(probe_repaired), C(earliest_echoed),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
