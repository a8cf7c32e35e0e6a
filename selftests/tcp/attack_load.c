// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that want memory or time: SACK in crumbs (CVE-2019-11477, -11478),
 * accept queues, receive buffers, the backlog of a socket that is in use.
 */
#include <limits.h>
#include <linux/sock_diag.h>
#include "peer.h"

#define BULK 20000

static uint8_t scratch[1 << 16];

/* Acknowledges all that comes until @total has. */
static void finish(struct peer *p, uint8_t *have, unsigned int next,
		   unsigned int total)
{
	struct seg s;

	while (next <= total) {
		TX("A 1 %u", next);
		CHECK(peer_get(p, &s, 30000));
		do {
			if (s.len && s.seq + s.len <= total + 1)
				memset(have + s.seq, 1, s.len);
		} while (peer_get(p, &s, 0));
		while (next <= total && have[next])
			next++;
	}
	TX("A 1 %u", next);
	peer_sleep(2);
	CHECK_EQ(peer_info(p).tcpi_unacked, 0);
}

/* F2: the smallest segments, marked here and there until all are joined. */
static void sack_panic(struct peer *p)
{
	static uint8_t have[BULK + 2000];
	unsigned int i, edge = 1, len = 1, r = 1;
	struct tcp_info ti;
	struct seg s;

	peer_passive(p, "win=65535 mss=48 sackok");
	peer_set(p, SOL_SOCKET, SO_SNDBUF, 1 << 20);
	WRITE(BULK);
	while (peer_get(p, &s, 2))
		if (s.len) {
			len = s.len;
			edge = s.seq + s.len;
			memset(have + s.seq, 1, s.len);
		}
	CHECK(edge > 5 * len);
	for (i = 0; i < 1000; i++) {
		unsigned int n = (edge - 1) / len, from, to;

		r = r * 1103515245 + 12345;
		from = 1 + (r >> 16) % n;
		to = from + 1 + (r >> 8) % (n - from + 1);
		TX("A 1 1 sack=%u-%u", 1 + from * len,
		   1 + to * len < edge ? 1 + to * len : edge);
		while (peer_get(p, &s, 0))
			if (s.len)
				memset(have + s.seq, 1, s.len);
		ti = peer_info(p);
		CHECK(ti.tcpi_sacked <= ti.tcpi_unacked);
	}
	finish(p, have, 1, BULK);
}

/* F3: blocks that end anywhere do not cut the queue to pieces. */
static void sack_crumbs(struct peer *p)
{
	unsigned int i, k, at = 1, una = 1, r = 7, most = 0, sndbuf, q;
	uint8_t b[4096];

	peer_passive(p, OPT_ALL);
	peer_set(p, SOL_SOCKET, SO_SNDBUF, 200000);
	sndbuf = peer_meminfo(p, SK_MEMINFO_SNDBUF);
	/* the window grows while all is well */
	for (i = 0; i < 2000; i++) {
		for (k = 0; k < sizeof(b); k++)
			b[k] = peer_byte(at + k);
		while (send(p->fd, b, sizeof(b), MSG_NOSIGNAL) ==
		       (ssize_t)sizeof(b)) {
			at += sizeof(b);
			for (k = 0; k < sizeof(b); k++)
				b[k] = peer_byte(at + k);
		}
		/* what was taken in part is not followed */
		p->nocheck = true;
		peer_drain(p);
		if (p->last.len && p->last.seq + p->last.len > una + 80000)
			break;
		if (p->last.len)
			una = p->last.seq + p->last.len;
		TX("A 1 %u", una);
		peer_sleep(1);
	}
	CHECK(p->last.seq > una);
	for (i = 0; i < 2000; i++) {
		unsigned int f[4];

		for (k = 0; k < 4; k++) {
			r = r * 1103515245 + 12345;
			f[k] = una + 1500 + (r >> 8) % 70000;
		}
		TX("A 1 %u sack=%u-%u,%u-%u,%u-%u", una, f[0], f[0] + 700,
		   f[1], f[1] + 3001, f[2], f[2] + 1);
		q = peer_meminfo(p, SK_MEMINFO_WMEM_QUEUED);
		most = q > most ? q : most;
		if (i % 64 == 63)
			peer_drain(p);
	}
	CHECK_IN(most, 1, 2 * sndbuf);
	STATE(ST_ESTABLISHED);
}

/* What @n acknowledgments cost whose only block is a segment, each two above the
 * one before; @at: segments below the first.
 */
static int64_t sack_every_second(struct peer *p, unsigned int una,
				 unsigned int mss, unsigned int at,
				 unsigned int n)
{
	unsigned int i, from;
	int64_t since;

	peer_drain(p);
	since = peer_us();
	for (i = 0; i < n; i++) {
		from = una + (at + 2 * i + 1) * mss;
		TX("A 1 %u sack=%u-%u", una, from, from + mss);
	}
	return peer_us() - since;
}

/* The work for an acknowledgment does not grow with what is in flight, nor with
 * the holes in it; nor do blocks that are told again and again.
 */
static void sack_holes(struct peer *p)
{
	enum { MSS = 100, HOLES = 3000, SOME = 100 };
	unsigned int una = 1, edge = 1, end, i;
	int64_t few, many, again;

	peer_passive(p, "win=65535 mss=100 sackok ws=7");
	setsockopt(p->fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	peer_set(p, SOL_SOCKET, SO_SNDBUFFORCE, 16 << 20);
	p->nocheck = true;
	for (i = 0; i < 10 * HOLES * MSS / sizeof(scratch); i++)
		CHECK(send(p->fd, scratch, sizeof(scratch), MSG_DONTWAIT) > 0);
	/* slow start, until so many are out */
	for (i = 0; i < 20; i++) {
		struct seg s;

		while (peer_get(p, &s, 2))
			edge = s.seq + s.len;
		if (edge - una >= 2 * (HOLES + SOME) * MSS)
			break;
		TX("A 1 %u", edge);
		una = edge;
	}
	CHECK(i < 20);
	/* the first have what only the first have */
	sack_every_second(p, una, MSS, 0, SOME);
	few = sack_every_second(p, una, MSS, 2 * SOME, SOME);
	sack_every_second(p, una, MSS, 4 * SOME, HOLES - 3 * SOME);
	many = sack_every_second(p, una, MSS, 2 * (HOLES - SOME), SOME);
	CHECK_IN(many, 0, 3 * few);
	end = una + 2 * HOLES * MSS;
	TX("A 1 %u sack=%u-%u", una, una + MSS, end);
	TX("A 1 %u sack=%u-%u", una, una + 2 * MSS, end);
	peer_drain(p);
	again = peer_us();
	for (i = 0; i < SOME / 2; i++) {
		unsigned int from = una + (1 + i) * MSS;

		TX("A 1 %u sack=%u-%u", una, from, from + MSS);
		TX("A 1 %u sack=%u-%u", una, from, end);
	}
	again = peer_us() - again;
	printf("# %d acknowledgments: %lld, %lld, %lld us\n", SOME,
	       (long long)few, (long long)many, (long long)again);
	CHECK_IN(again, 0, 3 * few);
	STATE(ST_ESTABLISHED);
}

/* F11: who believes to be connected is accepted or told. */
static void accept_overflow(struct peer *p)
{
	static const int backlog[] = { 0, 1, 8 };
	enum { N = 30 };
	unsigned int b;

	for (b = 0; b < ARRAY_SIZE(backlog); b++) {
		int i, round, seen = 0, taken = 0, gone = 0;
		bool up[N] = { 0 }, done[N] = { 0 };
		uint32_t iss[N];
		struct seg s;

		peer_again(p);
		peer_listen(p, backlog[b]);
		for (i = 0; i < N; i++) {
			p->bport += !!i;
			p->iss_known = false;
			TX("S 0 - " OPT_PLAIN);
			if (!peer_get(p, &s, 5) || !(s.flags & SEG_S))
				continue;
			iss[i] = p->iss_a;
			up[i] = true;
			seen++;
			TX("A 1 1");
		}
		p->bport -= N - 1;
		CHECK(seen > backlog[b]);
		for (round = 0; round < 40 && taken + gone < seen; round++) {
			struct sockaddr_in sin;
			socklen_t len = sizeof(sin);
			int fd;

			while ((fd = accept4(p->lfd, (void *)&sin, &len,
					     SOCK_NONBLOCK)) >= 0) {
				i = ntohs(sin.sin_port) - p->bport;
				CHECK(i >= 0 && i < N && up[i] && !done[i]);
				done[i] = true;
				taken++;
				close(fd);
			}
			if (!round)
				CHECK(taken <= backlog[b] + 1);
			for (i = 0; i < N; i++) {
				if (!up[i] || done[i])
					continue;
				p->bport += i;
				p->iss_a = iss[i];
				p->iss_known = true;
				TX("PA 1+1 1");
				peer_sleep(1);
				while (peer_get(p, &s, 0))
					if (s.flags & SEG_R && !done[i]) {
						done[i] = true;
						gone++;
					}
				p->bport -= i;
			}
		}
		CHECK_EQ(taken + gone, seen);
		close(p->lfd);
		p->lfd = -1;
	}
}

/* F12: what is asked of a buffer is bounded, and so is what is in it. */
static void receive_memory(struct peer *p)
{
	static const int ask[] = { INT_MAX, -1, INT_MIN, 0, 1 };
	unsigned int i, k, size, used;

	peer_passive(p, OPT_SACK);
	for (i = 0; i < ARRAY_SIZE(ask); i++) {
		peer_set(p, SOL_SOCKET, SO_RCVBUF, ask[i]);
		peer_set(p, SOL_SOCKET, SO_SNDBUF, ask[i]);
		CHECK_IN(peer_meminfo(p, SK_MEMINFO_RCVBUF), 1024, 1 << 28);
		CHECK_IN(peer_meminfo(p, SK_MEMINFO_SNDBUF), 1024, 1 << 28);
	}
	for (i = 0; i < 20; i++) {
		peer_again(p);
		peer_passive(p, OPT_SACK);
		/* far more than the window, in order and not */
		for (k = 0; k < 300; k++) {
			TX("PA %u+1460 1", 1 + (k ^ (i & 1)) * 1460);
			if (k % 32 == 31)
				peer_drain(p);
		}
		peer_drain(p);
		size = peer_meminfo(p, SK_MEMINFO_RCVBUF);
		used = peer_meminfo(p, SK_MEMINFO_RMEM_ALLOC);
		CHECK_IN(used, 1460, size + 8192);
	}
}

/* F1: tiny segments far ahead go first, what waits behind a hole near by stays. */
static void pruned_from_the_end(struct peer *p)
{
	long was = peer_count(p, "TcpExt", "OfoPruned");
	long dropped = p->p.inet ? 0 : peer_count(p, "Drop", "TcpPruned");
	int i, size = 20000;

	peer_listen(p, 8);
	CHECK_EQ(setsockopt(p->lfd, SOL_SOCKET, SO_RCVBUF, &size,
			    sizeof(size)), 0);
	peer_passive(p, OPT_SACK);
	for (i = 0; i < 300; i++) {
		TX("A %d+100 1", 101 + 200 * i);
		if (i % 32 == 31)
			peer_drain(p);
	}
	for (i = 0; i < 20; i++)
		TX("A %d+100 1", 201 + 200 * i);
	/* AF_INET puts some together before */
	CHECK(p->p.inet || peer_count(p, "TcpExt", "OfoPruned") > was);
	CHECK(p->p.inet || peer_count(p, "Drop", "TcpPruned") > dropped);
	peer_drain(p);
	TX("A 1+100 1");
	peer_sleep(10);
	peer_drain(p);
	CHECK(p->last.ack >= 101 + 200 * 20);
	CHECK_IN(peer_meminfo(p, SK_MEMINFO_RMEM_ALLOC), 4000, 2 * size + 4096);
}

/* F13: the queue of a socket in use is bounded, and nothing is torn. */
static void backlog(struct peer *p)
{
	unsigned int i, most, limit;
	struct seg s;

	peer_passive(p, OPT_PLAIN);
	if (!peer_hold(p)) {
		printf("# no userfaultfd\n");
		return;
	}
	/* AF_INET's; by one segment it may be passed */
	limit = 2 * peer_meminfo(p, SK_MEMINFO_RCVBUF) +
		peer_meminfo(p, SK_MEMINFO_SNDBUF) + 65536 + 8192;
	for (i = 0; i < 8000; i++)
		TX("PA 1+1000 1");
	peer_sleep(20);
	most = peer_meminfo(p, SK_MEMINFO_BACKLOG);
	peer_let_go(p);
	CHECK_IN(most, 1000, limit);
	CHECK(peer_count(p, "TcpExt", "TCPBacklogDrop") > 0);
	do {
		CHECK(peer_get(p, &s, 1000));
	} while (!s.len);
	peer_sleep(50);
	peer_drain(p);
	READ(1000);
	READ_IS(-EAGAIN);
	STATE(ST_ESTABLISHED);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(sack_panic), C(sack_crumbs), C(sack_holes), C(accept_overflow),
	C(receive_memory), C(backlog), C(pruned_from_the_end),
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
