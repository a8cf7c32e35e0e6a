// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers that a stranger must not guess: initial sequence numbers (RFC 6528),
 * ports (RFC 6056), IP identification (RFC 6864), timestamps (RFC 7323 §7.1).
 */
#include "peer.h"

/* A SYN of another tuple; the number of the answer. */
static uint32_t isn(struct peer *p)
{
	struct seg s;

	p->iss_known = false;
	TX("S 0 - " OPT_ALL);
	do {
		CHECK(peer_get(p, &s, 1000));
	} while (s.flags != (SEG_S | SEG_A));
	TX("R 1 -");
	return p->iss_a;
}

/* How far 256 sums are from even, as χ² with 255 degrees of freedom. */
static int chi2(const unsigned int *n, unsigned int total)
{
	int i, even = total / 256, sum = 0;

	for (i = 0; i < 256; i++)
		sum += ((int)n[i] - even) * ((int)n[i] - even);
	return sum / even;
}

/* E5: no pattern over tuples. The bounds are passed once in a million. */
static void isn_random(struct peer *p)
{
	unsigned int high[256] = { 0 }, low[256] = { 0 }, near = 0;
	uint32_t last = 0, v;
	int i;

	peer_listen(p, 64);
	for (i = 0; i < 4096; i++) {
		p->bport++;
		v = isn(p);
		high[v >> 24]++;
		low[v >> 8 & 255]++;
		near += v - last + (1 << 20) < 2 << 20;
		last = v;
	}
	CHECK_IN(chi2(high, 4096), 150, 400);
	CHECK_IN(chi2(low, 4096), 150, 400);
	CHECK_IN(near, 0, 14);				/* 2 are due */
}

/* E5, CVE-2026-64024: a SYN to TIME_WAIT leaves nothing for the next one. */
static void isn_time_wait(struct peer *p)
{
	uint32_t first;

	peer_passive(p, OPT_ALL);
	shutdown(p->fd, SHUT_WR);
	RX("FA 1 1");
	TX("FA 1 2");
	RX("A 2 2");
	first = p->iss_a + 2 + 65535;
	TX("S 100000 - badsum " OPT_ALL);
	p->bport++;
	CHECK(isn(p) - first + (1 << 10) > 2 << 10);
	p->bport--;
	p->iss_b += 100000;
	first = isn(p);
	p->bport++;
	CHECK(isn(p) - first + (1 << 10) > 2 << 10);
}

/* A connect() to @port; the port of ours that it got. */
static uint16_t port_to(struct peer *p, uint16_t port)
{
	struct sockaddr_in sin = pp_addr(PEER_IP, port);
	int fd = socket(p->p.family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(sin);

	CHECK(fd >= 0);
	CHECK(connect(fd, (void *)&sin, sizeof(sin)) && errno == EINPROGRESS);
	CHECK_EQ(getsockname(fd, (void *)&sin, &len), 0);
	close(fd);
	return ntohs(sin.sin_port);
}

/* E6: ports to one do not tell of those to another, nor how many there are. */
static void ports(struct peer *p)
{
	int i, k, hits = 0, sum[2] = { 0 }, n[2] = { 0 };
	uint16_t a, b, a0, b0, was;

	a0 = port_to(p, 7001);
	b0 = port_to(p, 7002);
	for (i = 0; i < 1000; i++) {
		a = port_to(p, 7001);
		b = port_to(p, 7002);
		hits += (uint16_t)(a - a0) == (uint16_t)(b - b0);
		peer_drain(p);
	}
	CHECK_IN(hits, 0, 100);
	was = port_to(p, 7001);
	for (i = 0; i < 400; i++) {
		for (k = 0; k < (i & 1) * 20; k++)
			port_to(p, 7100 + k);
		a = port_to(p, 7001);
		/* the range ended, or the key was changed */
		if ((uint16_t)(a - was) < 100) {
			sum[i & 1] += (uint16_t)(a - was);
			n[i & 1]++;
		}
		was = a;
		peer_drain(p);
	}
	CHECK(n[0] > 100 && n[1] > 100);
	CHECK_IN(sum[1] / n[1] - sum[0] / n[0], -4, 4);
}

/* A SYN to @port, where nobody listens; the identification of the refusal. */
static uint16_t refused_id(struct peer *p, uint16_t port)
{
	struct seg s;

	p->aport = port;
	TX("S 0 -");
	do {
		CHECK(peer_get(p, &s, 1000));
	} while (!(s.flags & SEG_R));
	return s.id;
}

/* E7: what is sent to others, in a connection and to strangers, does not move
 * the number a stranger sees.
 */
static void ip_id(struct peer *p)
{
	double x = 0, y = 0, xx = 0, yy = 0, xy = 0, r, d;
	uint16_t own = p->aport, id, was = 0;
	int i, k, n = 0, w = 1;
	struct seg s;

	peer_passive(p, OPT_PLAIN);
	for (i = 0; i < 300; i++) {
		uint32_t iss = p->iss_a, seq = p->iss_b;

		for (k = 0; k < i % 4; k++, w++) {
			WRITE(1);
			do {
				CHECK(peer_get(p, &s, 1000));
			} while (!s.len);
			TX("A 1 %d", w + 1);
		}
		/* what a counter of this pair of hosts would count */
		for (k = 0; k < i % 4; k++)
			refused_id(p, 10);
		id = refused_id(p, 9);
		p->aport = own;
		p->iss_a = iss;
		p->iss_b = seq;
		p->iss_known = true;
		if (i) {
			d = (int16_t)(id - was);
			x += k;
			xx += k * k;
			y += d;
			yy += d * d;
			xy += k * d;
			n++;
		}
		was = id;
	}
	d = (n * xx - x * x) * (n * yy - y * y);
	r = n * xy - x * y;
	/* correlation squared; no variance is none */
	CHECK(d == 0 || r * r / d < 0.1);
}

/* E7: without DF no number comes twice in a segment's lifetime. */
static void ip_id_once(struct peer *p)
{
	static uint8_t seen[65536];
	struct seg s;
	int i;

	peer_passive(p, OPT_PLAIN);
	peer_set(p, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	p->no_df = true;
	for (i = 1; i <= 1000; i++) {
		WRITE(1);
		do {
			CHECK(peer_get(p, &s, 1000));
		} while (!s.len);
		CHECK(!seen[s.id]++);
		TX("A 1 %d", i + 1);
	}
}

/* E14: what is sent goes on behind 2^32. */
static void across_the_wrap(struct peer *p)
{
	unsigned int i, at = 1, end;
	struct seg s;

	peer_listen(p, 8);
	for (i = 0; i < 60000; i++) {
		p->bport = 1024 + i;
		p->iss_known = false;
		TX("S 0 - " OPT_SACK);
		RX("SA 0 1");
		if (p->iss_a >= 0xfff00000)
			break;
		TX("R 1 -");
	}
	CHECK(p->iss_a >= 0xfff00000);
	TX("A 1 1");
	peer_accept(p);
	while (at < 3 << 19) {
		WRITE(8192);
		for (end = at + 8192; at < end;) {
			CHECK(peer_get(p, &s, 1000));
			if (s.len && s.seq == at)
				at += s.len;
			TX("A 1 %u", at);
		}
	}
	CHECK(p->iss_a + at < p->iss_a);
	CHECK_EQ(peer_info(p).tcpi_bytes_acked, at - 1);
}

/* E8: neither the uptime nor another port's clock shows. */
static void timestamps(struct peer *p)
{
	struct timespec up;
	uint32_t last = 0, ms;
	int i, near = 0, plain = 0;

	peer_listen(p, 64);
	for (i = 0; i < 64; i++) {
		p->bport++;
		isn(p);
		clock_gettime(CLOCK_BOOTTIME, &up);
		ms = up.tv_sec * 1000 + up.tv_nsec / 1000000;
		near += p->ts_recent - last + (1 << 20) < 2 << 20;
		plain += p->ts_recent - ms + (1 << 20) < 2 << 20;
		last = p->ts_recent;
	}
	CHECK_IN(near, 0, 2);
	CHECK_IN(plain, 0, 2);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(isn_random), C(isn_time_wait), C(ports), C(ip_id), C(ip_id_once),
	C(across_the_wrap),
	/* AF_INET has it since 7.0 */
	{ .name = "timestamps", .fn = timestamps, .only = "pktpath" },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
