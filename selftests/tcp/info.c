// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_INFO after the same exchange on AF_INET and on AF_PKTPATH: what does not
 * depend on time is equal, what does is plausible.
 * Proves: design: Options (TCP_INFO), RFC 4898 counters.
 */
#include <linux/tcp.h>
#include <stddef.h>
#include "kselftest_harness.h"
#include "pp_test.h"

#define PORT 5000
#define ROUNDS 20
#define PIECE 1000

/* Fields that must be equal. */
struct field {
	const char *name;
	size_t at, size;
};

#define F(f) { #f, offsetof(struct tcp_info, tcpi_##f), \
	       sizeof(((struct tcp_info *)0)->tcpi_##f) }

static const struct field fields[] = {
	F(state), F(ca_state), F(retransmits), F(probes), F(backoff),
	F(options), F(snd_mss), F(unacked), F(sacked), F(lost), F(retrans),
	F(pmtu), F(snd_ssthresh), F(snd_cwnd), F(advmss), F(reordering),
	F(total_retrans), F(max_pacing_rate), F(bytes_acked),
	F(bytes_received), F(data_segs_in), F(data_segs_out),
	F(notsent_bytes), F(delivered), F(delivered_ce), F(bytes_sent),
	F(bytes_retrans), F(dsack_dups), F(reord_seen), F(rcv_ooopack),
};

static uint64_t value(const struct tcp_info *i, const struct field *f)
{
	const uint8_t *p = (const uint8_t *)i + f->at;
	uint64_t v = 0;

	memcpy(&v, p, f->size);
	return v;
}

/* Both ends talk in turn; -1 when one did not get what it waited for. */
static int talk(int fd, int peer)
{
	char buf[PIECE] = "x";
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (send(fd, buf, PIECE, 0) != PIECE ||
		    recv(peer, buf, PIECE, MSG_WAITALL) != PIECE ||
		    send(peer, buf, PIECE, 0) != PIECE ||
		    recv(fd, buf, PIECE, MSG_WAITALL) != PIECE)
			return -1;
	}
	return 0;
}

/* Until everything is acknowledged. */
static int settled(int fd, struct tcp_info *info)
{
	long long end = pp_now_ms() + 30000;
	socklen_t len;

	do {
		memset(info, 0, sizeof(*info));
		len = sizeof(*info);
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len))
			return -1;
		if (!info->tcpi_unacked)
			return 0;
		poll(NULL, 0, 10);
	} while (pp_now_ms() < end);
	return -1;
}

/* Both ends' segments sent again, or -1. */
static int resent(int fd, int peer)
{
	struct tcp_info a, b;

	if (settled(fd, &a) || settled(peer, &b))
		return -1;
	return a.tcpi_total_retrans + b.tcpi_total_retrans;
}

static int exchange_once(bool inet, bool passive, struct tcp_info *info,
			 int *again)
{
	int lfd, fd = -1, peer = -1, ret = -1;
	struct pp_pair p;
	int ours;

	if (pp_pair_setup(&p, inet))
		return -1;
	/* the window does not depend on how long it took */
	if (pp_sysctl(&p, "tcp_slow_start_after_idle", "0"))
		return -1;
	ours = pp_socket(&p, SOCK_STREAM, 0);
	if (passive) {
		lfd = ours;
		fd = pp_peer_socket(&p, AF_INET, SOCK_STREAM, 0);
	} else {
		lfd = pp_peer_socket(&p, AF_INET, SOCK_STREAM, 0);
		fd = ours;
	}
	if (pp_bind(lfd, passive ? PKTPATH_T_A : PKTPATH_T_B, PORT) ||
	    listen(lfd, 1) ||
	    pp_connect(fd, passive ? PKTPATH_T_A : PKTPATH_T_B, PORT))
		goto out;
	peer = accept(lfd, NULL, NULL);
	if (peer < 0 || talk(fd, peer))
		goto out;
	*again = resent(fd, peer);
	ret = *again < 0 ? -1 : settled(passive ? peer : fd, info);
out:
	close(peer);
	close(fd);
	close(lfd);
	return pp_pair_teardown(&p) ? -1 : ret;
}

/* Once more when the machine stood still for so long that something was resent. */
static int exchange(bool inet, bool passive, struct tcp_info *info)
{
	int i, again, ret;

	for (i = 0, again = 1; again && i < 5; i++) {
		ret = exchange_once(inet, passive, info, &again);
		if (ret)
			return ret;
	}
	return 0;
}

static void compare(struct __test_metadata *_metadata, bool passive)
{
	struct tcp_info a, b;
	size_t i;

	ASSERT_EQ(0, exchange(true, passive, &a));
	ASSERT_EQ(0, exchange(false, passive, &b));
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (value(&a, &fields[i]) != value(&b, &fields[i])) {
			EXPECT_EQ(value(&a, &fields[i]),
				  value(&b, &fields[i]));
			TH_LOG("is %s", fields[i].name);
		}
	EXPECT_GT(b.tcpi_rtt, 0);
	EXPECT_LT(b.tcpi_rtt, 10000000);
	EXPECT_GT(b.tcpi_rttvar, 0);
	EXPECT_GT(b.tcpi_min_rtt, 0);
	EXPECT_LE(b.tcpi_min_rtt, 10000000);
	EXPECT_GE(b.tcpi_rto, 200000);
	EXPECT_GT(b.tcpi_ato, 0);
	EXPECT_GT(b.tcpi_rcv_mss, 0);
	EXPECT_GT(b.tcpi_rcv_ssthresh, 0);
	EXPECT_GT(b.tcpi_rcv_space, 0);
	EXPECT_GT(b.tcpi_pacing_rate, 0);
	EXPECT_GT(b.tcpi_delivery_rate, 0);
	EXPECT_GT(b.tcpi_snd_wnd, 0);
	EXPECT_LT(b.tcpi_last_data_sent, 60000);
	EXPECT_LT(b.tcpi_last_data_recv, 60000);
	EXPECT_LT(b.tcpi_last_ack_recv, 60000);
	/* Acknowledgments that travel alone are a matter of time. */
	EXPECT_GE(b.tcpi_segs_out, b.tcpi_data_segs_out);
	EXPECT_GE(b.tcpi_segs_in, b.tcpi_data_segs_in);
	EXPECT_LE(b.tcpi_segs_out, a.tcpi_segs_out + ROUNDS);
	EXPECT_LE(b.tcpi_segs_in, a.tcpi_segs_in + ROUNDS);
	EXPECT_EQ(a.tcpi_snd_wscale > 0, b.tcpi_snd_wscale > 0);
	EXPECT_EQ(a.tcpi_rcv_wscale > 0, b.tcpi_rcv_wscale > 0);
}

TEST(active)
{
	compare(_metadata, false);
}

TEST(passive)
{
	compare(_metadata, true);
}

/* A peer that does not read: the sender knows what it waits for. */
TEST(held_up)
{
	char buf[65536] = {};
	struct tcp_info info;
	socklen_t len;
	int i, n;

	for (i = 0; i < 2; i++) {
		struct pp_pair p;
		int lfd, fd, peer;
		long long end;

		ASSERT_EQ(0, pp_pair_setup(&p, !i));
		lfd = pp_peer_socket(&p, AF_INET, SOCK_STREAM, 0);
		fd = pp_socket(&p, SOCK_STREAM, 0);
		ASSERT_EQ(0, pp_bind(lfd, PKTPATH_T_B, PORT));
		ASSERT_EQ(0, listen(lfd, 1));
		ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT));
		peer = accept(lfd, NULL, NULL);
		len = sizeof(info);
		ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info,
					&len));
		EXPECT_EQ(0, info.tcpi_busy_time);
		end = pp_now_ms() + 30000;
		do {
			do
				n = send(fd, buf, sizeof(buf), MSG_DONTWAIT);
			while (n > 0);
			poll(NULL, 0, 20);
			len = sizeof(info);
			ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_INFO,
						&info, &len));
		} while (info.tcpi_rwnd_limited < 100000 &&
			 pp_now_ms() < end);
		EXPECT_GE(info.tcpi_rwnd_limited, 100000);
		EXPECT_GE(info.tcpi_busy_time, info.tcpi_rwnd_limited +
					       info.tcpi_sndbuf_limited);
		close(peer);
		close(fd);
		close(lfd);
		EXPECT_EQ(0, pp_pair_teardown(&p));
	}
}

/* Before connect() and while listening. */
TEST(not_connected)
{
	struct tcp_info info[2] = {};
	socklen_t len;
	int i;

	for (i = 0; i < 2; i++) {
		struct pp_pair p;
		int fd;

		ASSERT_EQ(0, pp_pair_setup(&p, !i));
		fd = pp_socket(&p, SOCK_STREAM, 0);
		len = sizeof(info[i]);
		ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info[i],
					&len));
		EXPECT_EQ(7, info[i].tcpi_state);
		ASSERT_EQ(0, listen(fd, 5));
		ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info[i],
					&len));
		EXPECT_EQ(10, info[i].tcpi_state);
		EXPECT_EQ(0, info[i].tcpi_unacked);
		EXPECT_EQ(5, info[i].tcpi_sacked);
		EXPECT_EQ(3, info[i].tcpi_reordering);
		EXPECT_EQ(10, info[i].tcpi_snd_cwnd);
		EXPECT_EQ(~0ull, info[i].tcpi_pacing_rate);
		EXPECT_EQ(~0ull, info[i].tcpi_max_pacing_rate);
		/* A short buffer gets the beginning. */
		len = 8;
		ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info[i],
					&len));
		EXPECT_EQ(8, len);
		close(fd);
		EXPECT_EQ(0, pp_pair_teardown(&p));
	}
}

TEST_HARNESS_MAIN
