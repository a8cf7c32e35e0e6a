// SPDX-License-Identifier: GPL-2.0
/*
 * What a connection knows of its path when it has not asked lately: after a
 * handshake that was repeated, and with a window that it does not use.
 * Proves: RFC 6298 (5.7), RFC 7661 §4.4.3, RFC 5681 §4.1, RFC 9293
 * MUST-30 (urgent data that the pointer does not reach).
 */
#include "peer.h"

/* The repeated SYN says nothing of when data is repeated: after three seconds. */
static void syn_lost(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	RX_AT(970, 1100, "S 0 -");
	RX_AT(1970, 2200, "S 0 -");
	TX("SA 0 1 " OPT_PLAIN);
	RX("A 1 1");
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 1);
	WRITE(100);
	RX("PA 1+100 1");
	RX_AT(2900, 3300, "PA 1+100 1");
}

/* With timestamps it was timed all the same. */
static void syn_lost_timestamps(struct peer *p)
{
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	RX_AT(970, 1100, "S 0 -");
	RX_AT(1970, 2200, "S 0 -");
	peer_sleep(20);
	TX("SA 0 1 " OPT_ALL);
	RX("A 1 1");
	CHECK_IN(peer_info(p).tcpi_rtt, 15000, 60000);
	WRITE(100);
	RX("PA 1+100 1");
	RX_AT(150, 400, "PA 1+100 1");
}

/* A window of more than fifteen segments, all acknowledged; where data goes on. */
static int grown(struct peer *p)
{
	int i, at = 1;

	for (i = 0; i < 4; i++) {
		WRITE(14600);
		peer_sleep(5);
		at += 14600;
		TX("A 1 %d", at);
	}
	peer_sleep(2);
	peer_drain(p);
	CHECK(peer_info(p).tcpi_snd_cwnd > 15);
	return at;
}

/* @n times a segment, never idle for as long as a time-out; the window then. */
static uint32_t trickle(struct peer *p, int at, int n)
{
	for (; n > 0; n--, at += 100) {
		peer_sleep(150);
		WRITE(100);
		RX("PA %d+100 1", at);
		TX("A 1 %d", at + 100);
	}
	return peer_info(p).tcpi_snd_cwnd;
}

/* A window that is not filled is kept for five minutes, 7661-c. */
static void unused_stays(struct peer *p)
{
	uint32_t cwnd;
	int at;

	peer_passive(p, OPT_PLAIN);
	at = grown(p);
	cwnd = peer_info(p).tcpi_snd_cwnd;
	CHECK_EQ(trickle(p, at, 24), cwnd);
}

static void unused(struct peer *p)
{
	uint32_t cwnd;
	int at;

	peer_passive(p, OPT_PLAIN);
	at = grown(p);
	cwnd = peer_info(p).tcpi_snd_cwnd;
	CHECK_EQ(trickle(p, at, 2100), cwnd / 2);
}

/* What the route begins with is what an idle connection goes back to. */
static void restart_of_the_route(struct peer *p)
{
	const char *route = "route replace " PEER_IP "/32 dev pa initcwnd 3";
	int at = 1, i, n, ret;

	if (p->p.inet)
		ret = pp_run("ip %s", route);
	else
		ret = pp_test_tool("%s", route);
	CHECK_EQ(ret, 0);
	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 3);
	for (i = 0; i < 2; i++) {
		n = 1460 * peer_info(p).tcpi_snd_cwnd;
		WRITE(n);
		peer_sleep(5);
		at += n;
		TX("A 1 %d", at);
	}
	peer_sleep(2);
	CHECK(peer_info(p).tcpi_snd_cwnd > 8);
	peer_drain(p);
	peer_sleep(5000);
	WRITE(1460);
	RX("PA %d+1460 1", at);
	CHECK_EQ(peer_info(p).tcpi_snd_cwnd, 3);
	if (p->p.inet)
		ret = pp_run("ip route del " PEER_IP "/32 dev pa");
	else
		ret = pp_test_tool("route del " PEER_IP "/32 dev pa");
	CHECK_EQ(ret, 0);
}

/* Urgent data behind more than a pointer can say: it is told that there is some. */
static void urgent_far(struct peer *p)
{
	struct seg s;

	p->nocheck = true;
	peer_passive(p, "win=5840 mss=1460");
	peer_set(p, SOL_SOCKET, SO_SNDBUF, 1000000);
	WRITE(100000);
	peer_sleep(5);
	peer_drain(p);
	CHECK_EQ(send(p->fd, "u", 1, MSG_OOB), 1);
	TX("A 1 5841");
	CHECK(peer_get(p, &s, 1000));
	CHECK(s.flags & SEG_U);
	CHECK_EQ(s.urg, 65535);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(syn_lost), C(syn_lost_timestamps), C(unused_stays),
	/* AF_INET keeps it */
	{ .name = "unused", .fn = unused, .only = "pktpath" },
	C(restart_of_the_route), C(urgent_far),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
