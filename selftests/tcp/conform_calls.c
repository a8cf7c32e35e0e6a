// SPDX-License-Identifier: GPL-2.0
/*
 * Segments and calls that meet: urgent bytes nobody took, how long a user lets
 * data wait, and what unread data keeps.
 */
#include "peer.h"

/* An urgent byte that was not taken goes when the next one is announced. */
static void urgent_twice(struct peer *p)
{
	uint8_t c;

	peer_passive(p, OPT_PLAIN);
	TX("PAU 1+5 1 urg=5");
	READ(4);
	TX("PAU 6+5 1 urg=5");
	p->rd++;
	READ(4);
	CHECK_EQ(recv(p->fd, &c, 1, MSG_OOB), 1);
	CHECK_EQ(c, peer_byte(10));
	TX("PA 11+5 1");
	p->rd++;
	READ(5);
}

/* The same of a byte in the middle of what has come. */
static void urgent_twice_in_data(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	TX("PAU 1+10 1 urg=5");
	READ(4);
	TX("PAU 11+5 1 urg=5");
	p->rd++;
	READ(9);
	TX("FA 16 1");
	p->rd++;
	READ_IS(0);
}

/* With a limit of the user's that of the system does not count. */
static void user_timeout_alone(struct peer *p)
{
	struct pollfd pfd;
	int64_t from;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 40000);
	WRITE(100);
	RX("PA 1+100 1");
	from = p->mark;
	pfd.fd = p->fd;
	pfd.events = 0;
	CHECK_EQ(poll(&pfd, 1, 100000), 1);
	CHECK_IN((peer_us() - from) / 1000, 39000, 42000);
	CHECK_EQ(peer_soerror(p), ETIMEDOUT);
}

/* What moves is not given up, however long its recovery lasts. */
static void user_timeout_progress(struct peer *p)
{
	int i;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000);
	WRITE(14600);
	peer_sleep(500);
	for (i = 1; i < 10; i++) {
		TX("A 1 %d", 1 + i * 1460);
		peer_sleep(800);
		CHECK_EQ(peer_soerror(p), 0);
		STATE(ST_ESTABLISHED);
	}
	TX("A 1 14601");
	peer_drain(p);
	QUIET(5000);
	STATE(ST_ESTABLISHED);
}

static int ct_count(void)
{
	FILE *f = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "r");
	int n = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

/* Data nobody reads must not keep its entry in the table of connections. */
static void unread_and_tracked(struct peer *p)
{
	int i, n;

	if (pp_run("nft 'add table ip t; add chain ip t i %s; %s'",
		   "{ type filter hook input priority 0; }",
		   "add rule ip t i ct state new accept"))
		peer_fail(p, "no nft");
	peer_passive(p, OPT_PLAIN);
	TX("PA 1+100 1");
	RX("A 1 101");
	TX("PA 201+100 1");
	RX("A 1 101");
	CHECK(ct_count() > 0);
	TX("R 101 -");
	CHECK_EQ(pp_run("nft delete table ip t"), 0);
	/* a reset is remembered for ten seconds, a look at all takes minutes */
	for (i = 0; (n = ct_count()) && i < 400; i++)
		peer_sleep(1000);
	CHECK_EQ(n, 0);
}

/* Deviates from AF_INET, which loses it: a bad address takes no byte. */
static void urgent_to_nowhere(struct peer *p)
{
	uint8_t c;

	peer_passive(p, OPT_PLAIN);
	TX("PAU 1+5 1 urg=5");
	READ(4);
	CHECK(recv(p->fd, (void *)8, 1, MSG_OOB) == -1 && errno == EFAULT);
	CHECK_EQ(recv(p->fd, &c, 1, MSG_OOB), 1);
	CHECK_EQ(c, peer_byte(5));
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(urgent_twice), C(urgent_twice_in_data),
	{ .name = "user_timeout_alone", .fn = user_timeout_alone,
	  .sysctl = "tcp_retries2=3" },
	{ .name = "urgent_to_nowhere", .fn = urgent_to_nowhere,
	  .only = "pktpath" },
	C(user_timeout_progress), C(unread_and_tracked),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
