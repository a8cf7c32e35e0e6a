// SPDX-License-Identifier: GPL-2.0
/* What the settings net.*.tcp_* do, one by one. */
#include "peer.h"

/* ---- Limits ---- */

/* A setting of the host is the initial netns's. */
static void host_set(struct peer *p, const char *name, const char *val,
		     char *was, size_t size)
{
	char path[128];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s",
		 p->p.inet ? "ipv4" : "pktpath", name);
	CHECK_EQ(pp_ns_enter(p->p.ns_old), 0);
	if (was) {
		fd = open(path, O_RDONLY);
		n = read(fd, was, size - 1);
		CHECK(n > 0);
		was[n] = 0;
		close(fd);
	}
	fd = open(path, O_WRONLY);
	n = write(fd, val, strlen(val));
	close(fd);
	CHECK_EQ(pp_ns_enter(p->p.ns_a), 0);
	CHECK(n > 0);
}

/* F10: beyond the limit whom nobody owns is reset. */
static void max_orphans(struct peer *p)
{
	long aborted = peer_count(p, "TcpExt", "TCPAbortOnMemory");
	char was[32];

	peer_passive(p, OPT_PLAIN);
	close(p->fd);
	p->fd = -1;
	RX("FA 1 1");
	p->bport++;
	p->iss_known = false;
	peer_passive(p, OPT_PLAIN);
	/* AF_INET counts ten times a second */
	peer_sleep(300);
	host_set(p, "tcp_max_orphans", "0", was, sizeof(was));
	close(p->fd);
	p->fd = -1;
	host_set(p, "tcp_max_orphans", was, NULL, 0);
	RX("FA 1 1");
	RX("RA 2 1");
	CHECK_EQ(peer_count(p, "TcpExt", "TCPAbortOnMemory") - aborted, 1);
}

/* Beyond the limit nothing remembers the tuple. */
static void max_tw_buckets(struct peer *p)
{
	long over = peer_count(p, "TcpExt", "TCPTimeWaitOverflow");

	peer_passive(p, OPT_PLAIN);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	TX("FA 1 2");
	RX("A 2 2");
	CHECK_EQ(peer_count(p, "TcpExt", "TCPTimeWaitOverflow") - over, 1);
	TX("FA 1 2");
	RX("R 2 -");
}

/* A SYN from another port is answered; the number of the answer. */
static uint32_t half_open(struct peer *p)
{
	p->bport++;
	p->iss_known = false;
	TX("S 0 - " OPT_PLAIN);
	RX("SA 0 1");
	return p->iss_a;
}

/* The queue is full: who is one too many is told, not left to try again. */
static void abort_on_overflow(struct peer *p)
{
	uint32_t last;
	int i;

	/* AF_INET takes one more than asked for */
	peer_listen(p, 2);
	for (i = 0; i < 2; i++) {
		half_open(p);
		TX("A 1 1");
	}
	last = half_open(p);
	half_open(p);
	TX("A 1 1");
	p->bport--;
	p->iss_a = last;
	TX("A 1 1");
	RX("R 1 -");
	for (i = 0; i < 3; i++)
		peer_accept(p);
	CHECK_EQ(accept4(p->lfd, NULL, NULL, SOCK_NONBLOCK), -1);
}

/* Segments for 1 KiB to a peer that asks for the smallest. */
static int segments(struct peer *p, const char *opts)
{
	unsigned int at = 1;
	struct seg s;
	int n = 0;

	peer_passive(p, opts);
	WRITE(1024);
	while (at <= 1024) {
		CHECK(peer_get(p, &s, 1000));
		n += !!s.len;
		if (s.len && s.seq == at)
			at += s.len;
		TX("A 1 %u", at);
	}
	return n;
}

/* F4, CVE-2019-11479: 8 bytes of payload is the least. */
static void min_snd_mss(struct peer *p)
{
	CHECK_IN(segments(p, "win=65535 mss=1"), 20, 25);
}

static void min_snd_mss_larger(struct peer *p)
{
	CHECK_IN(segments(p, "win=65535 mss=1 sackok ts"), 12, 15);
}

/* ---- Loss ---- */

/* Two segments, nothing answered: the first comes again by time-out. */
static void no_tail_probe(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	WRITE(2920);
	RX("A 1+1460 1");
	RX("PA 1461+1460 1");
	RX_AT(190, 260, "A 1+1460 1");
}

static void tail_probe(struct peer *p)
{
	peer_passive(p, OPT_SACK);
	WRITE(2920);
	RX("A 1+1460 1");
	RX("PA 1461+1460 1");
	RX_AT(0, 100, "PA 1461+1460 1");
}

/* A round trip of 100 ms, and three segments that overtake another. */
static void three_overtake(struct peer *p)
{
	int i;

	/* The least of all round trips counts, the handshake's with them. */
	peer_listen(p, 8);
	TX("S 0 - " OPT_SACK);
	RX("SA 0 1");
	peer_sleep(100);
	TX("A 1 1");
	peer_accept(p);
	for (i = 0; i < 10; i++) {
		WRITE(1000);
		RX("PA %d+1000 1", 1 + 1000 * i);
		peer_sleep(100);
		TX("A 1 %d", 1001 + 1000 * i);
	}
	WRITE(5840);
	for (i = 0; i < 4; i++)
		RX(i < 3 ? "A %d+1460 1" : "PA %d+1460 1", 10001 + 1460 * i);
	peer_sleep(100);
	for (i = 1; i < 4; i++)
		TX("A 1 10001 sack=11461-%d", 11461 + 1460 * i);
}

/* RFC 8985 §6.2: three duplicates are enough, unless told otherwise. */
static void dupthresh(struct peer *p)
{
	three_overtake(p);
	RX_AT(0, 5, "A 10001+1460 1");
}

static void no_dupthresh(struct peer *p)
{
	three_overtake(p);
	RX_AT(15, 60, "A 10001+1460 1");
}

static void rto_min(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	RX_AT(45, 70, "PA 1+100 1");
	RX_AT(90, 130, "PA 1+100 1");
}

/* It is the socket's from the first on, and a child's from its listener. */
static void rto_min_stays(struct peer *p)
{
	peer_listen(p, 8);
	CHECK_EQ(pp_sysctl(&p->p, "tcp_rto_min_us", "400000"), 0);
	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	RX_AT(45, 70, "PA 1+100 1");
}

/* ---- From the SYN ---- */

static void reflect_tos(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - tos=40 " OPT_PLAIN);
	RX("SA 0 1 tos=40");
	TX("A 1 1");
	peer_accept(p);
	WRITE(10);
	RX("PA 1+10 1 tos=40");
	CHECK_EQ(pp_get(p->fd, IPPROTO_IP, IP_TOS), 40);
}

/* It is written, but no reason for another route. */
static void reflect_no_route(struct peer *p)
{
	CHECK_EQ(p->p.inet ? pp_run("ip rule add tos 0x10 prohibit") :
			     pp_test_tool("rule add tos 0x10 prohibit"), 0);
	peer_listen(p, 8);
	TX("S 0 - tos=16 " OPT_PLAIN);
	RX("SA 0 1 tos=16");
	TX("A 1 1");
	peer_accept(p);
	WRITE(10);
	RX("PA 1+10 1 tos=16");
	CHECK_EQ(p->p.inet ? pp_run("ip rule del tos 0x10 prohibit") :
			     pp_test_tool("rule del tos 0x10 prohibit"), 0);
}

static void reflect_no_tos(struct peer *p)
{
	peer_listen(p, 8);
	TX("S 0 - tos=40 " OPT_PLAIN);
	RX("SA 0 1 tos=0");
}

/* A firewall's mark is the connection's. */
static void fwmark_accept(struct peer *p)
{
	if (pp_run("nft 'add table ip t; add chain ip t i %s; %s %u %s'",
		   "{ type filter hook prerouting priority 0; }",
		   "add rule ip t i tcp dport", p->aport, "meta mark set 7"))
		peer_fail(p, "no nft");
	peer_passive(p, OPT_PLAIN);
	CHECK_EQ(pp_run("nft delete table ip t"), 0);
	CHECK_EQ(pp_get(p->fd, SOL_SOCKET, SO_MARK), 7);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
#define S(f, s) { .name = #f, .fn = f, .sysctl = s }
	C(max_orphans), S(max_tw_buckets, "tcp_max_tw_buckets=0"),
	S(abort_on_overflow, "tcp_abort_on_overflow=1"), C(min_snd_mss),
	S(min_snd_mss_larger, "tcp_min_snd_mss=88"),
	C(tail_probe), S(no_tail_probe, "tcp_early_retrans=2"),
	C(dupthresh), S(no_dupthresh, "tcp_recovery=5"),
	/* AF_INET since 6.11 */
	{ .name = "rto_min", .fn = rto_min, .sysctl = "tcp_rto_min_us=50000",
	  .only = "pktpath" },
	{ .name = "rto_min_stays", .fn = rto_min_stays,
	  .sysctl = "tcp_rto_min_us=50000", .only = "pktpath" },
	S(reflect_tos, "tcp_reflect_tos=1"), C(reflect_no_tos),
	S(reflect_no_route, "tcp_reflect_tos=1"),
	S(fwmark_accept, "tcp_fwmark_accept=1"),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
