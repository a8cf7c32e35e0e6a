// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments out and in, on both stacks: rows FRAG-1 to FRAG-5, IP-7 to IP-9,
 * attacks B1 to B5 and B8. B sends pieces made by hand through a raw socket of
 * the kernel's; all is done on one processor, so that they arrive in order.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include "pp_fixture.h"

#define PORT	5001
#define MARK	5002

static char out[65536], in[65536];

/* One piece: bytes of the datagram from @off on. */
struct piece {
	unsigned int off, len;
	bool more;
};

/* Of the pieces. */
static uint8_t tos_out, protocol_out = IPPROTO_UDP;
static const char *from_out = PKTPATH_T_B, *to_out = PKTPATH_T_A;

/* Where B's pieces come from, and A's sockets that take what they make. */
struct ends {
	int raw, mark_b, fd, mark;
};

__attribute__((constructor)) static void one_processor(void)
{
	cpu_set_t set;
	int i;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (i = 0; i < (int)sizeof(out); i++)
		out[i] = i * 7 + (i >> 8);
}

static int ends_open(const struct pp_pair *p, struct ends *e)
{
	e->raw = pp_peer_socket(p, AF_INET, SOCK_RAW, IPPROTO_RAW);
	e->mark_b = pp_peer_udp(p, PKTPATH_T_B, MARK);
	e->fd = pp_udp_bound(p, PKTPATH_T_A, PORT);
	e->mark = pp_udp_bound(p, PKTPATH_T_A, MARK);
	return e->raw < 0 || e->mark_b < 0 || e->fd < 0 || e->mark < 0;
}

static void ends_close(struct ends *e)
{
	close(e->raw);
	close(e->mark_b);
	close(e->fd);
	close(e->mark);
}

/* All that B has sent so far has been seen by A. */
static int synced(struct ends *e)
{
	char buf[8];

	if (pp_sendto(e->mark_b, "mark", 4, PKTPATH_T_A, MARK) != 4)
		return -1;
	return recv(e->mark, buf, sizeof(buf), 0) == 4 ? 0 : -1;
}

/*
 * A piece of the UDP datagram whose payload is @out[8..] without checksum; its
 * length says @total bytes.
 */
static int piece_out(struct ends *e, uint16_t id, unsigned int total,
		     const struct piece *f)
{
	static char pkt[65536];
	struct iphdr *iph = (struct iphdr *)pkt;
	struct udphdr uh = {
		.source = htons(9), .dest = htons(PORT), .len = htons(total),
	};

	memset(iph, 0, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->protocol = protocol_out;
	iph->id = htons(id);
	iph->tos = tos_out;
	iph->frag_off = htons(f->off / 8 | (f->more ? 0x2000 : 0));
	iph->saddr = inet_addr(from_out);
	iph->daddr = inet_addr(to_out);
	memcpy(iph + 1, out + f->off, f->len);
	if (!f->off)
		memcpy(iph + 1, &uh, f->len < 8 ? f->len : 8);
	return pp_sendto(e->raw, pkt, sizeof(*iph) + f->len, to_out, 0) ==
	       (ssize_t)(sizeof(*iph) + f->len) ? 0 : -1;
}

/* Length of what came in at PORT, right to the last octet; -1: nothing. */
static int whole(struct ends *e)
{
	int n = recv(e->fd, in, sizeof(in), MSG_DONTWAIT);

	if (n > 0 && memcmp(in, out + 8, n))
		return -2;
	return n;
}

static long reasm(const struct pp_pair *p, const char *name)
{
	if (strcmp(name, "ReasmOverlaps"))
		return pp_count(p, "Ip", name);
	return pp_counter(p->inet ? "netstat" : "pktpath/netstat", "IpExt",
			  name);
}

/* ---- Out ---- */

static const int sizes[] = { 1473, 1480, 2952, 2953, 8000, 32768, 65507 };

TEST_F(stacks, sent_in_pieces)
{
	int fd = pp_udp(&self->p);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	long ok = pp_count(&self->p, "Ip", "FragOKs");
	long made = pp_count(&self->p, "Ip", "FragCreates");
	size_t i, want = 0;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ(sizes[i], pp_sendto(fd, out, sizes[i], PKTPATH_T_B,
					      PORT));
		ASSERT_EQ(sizes[i], recv(peer, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(out, in, sizes[i]));
		want += (sizes[i] + 8 + 1479) / 1480;
	}
	EXPECT_EQ(ok + (long)i, pp_count(&self->p, "Ip", "FragOKs"));
	EXPECT_EQ(made + (long)want, pp_count(&self->p, "Ip", "FragCreates"));
	EXPECT_ERRNO(EMSGSIZE, pp_sendto(fd, out, 65508, PKTPATH_T_B, PORT));
	close(fd);
	close(peer);
}

/* What the wire carries: RFC 791 §3.2, RFC 6864 §4. */
TEST_F(stacks, pieces_on_the_wire)
{
	int fd = pp_udp(&self->p), tap = pp_tap(&self->p), round;
	struct iphdr *iph = (struct iphdr *)in;
	unsigned int off, frag;
	uint16_t id[2];
	ssize_t n;

	for (round = 0; round < 2; round++) {
		ASSERT_EQ(4000, pp_sendto(fd, out, 4000, PKTPATH_T_B, PORT));
		for (off = 0; off < 4008; off += n - 20) {
			n = pp_tap_next(tap, IPPROTO_UDP, 0, in, sizeof(in));
			ASSERT_LT(20, n);
			ASSERT_GE(1500, n);
			frag = ntohs(iph->frag_off);
			EXPECT_EQ(off, (frag & 0x1fff) * 8);
			EXPECT_EQ(off + n - 20 < 4008, !!(frag & 0x2000));
			EXPECT_EQ(0, frag & 0x4000);
			EXPECT_EQ(n, ntohs(iph->tot_len));
			if (!off)
				id[round] = iph->id;
			EXPECT_EQ(id[round], iph->id);
		}
		EXPECT_EQ(4008, off);
	}
	EXPECT_NE(id[0], id[1]);
	close(fd);
	close(tap);
}

/* IP_MTU_DISCOVER decides who may be divided. */
TEST_F(stacks, who_may)
{
	static const struct {
		int mode;
		bool may;
	} modes[] = {
		{ IP_PMTUDISC_DONT, true }, { IP_PMTUDISC_WANT, true },
		{ IP_PMTUDISC_DO, false }, { IP_PMTUDISC_PROBE, false },
		{ IP_PMTUDISC_INTERFACE, false }, { IP_PMTUDISC_OMIT, true },
	};
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	int fd = pp_udp(&self->p);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_MTU_DISCOVER,
				    modes[i].mode));
		errno = 0;
		EXPECT_EQ(modes[i].may ? 3000 : -1,
			  pp_sendto(fd, out, 3000, PKTPATH_T_B, PORT))
			TH_LOG("mode %d", modes[i].mode);
		EXPECT_EQ(modes[i].may ? 0 : EMSGSIZE, errno);
		if (modes[i].may)
			ASSERT_EQ(3000, recv(peer, in, sizeof(in), 0));
	}
	close(fd);
	close(peer);
}

TEST_F(stacks, corked)
{
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, PORT);
	int fd = pp_udp(&self->p), i;

	ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT));
	for (i = 0; i < 10; i++)
		ASSERT_EQ(777, send(fd, out + i * 777, 777,
				    i < 9 ? MSG_MORE : 0));
	ASSERT_EQ(7770, recv(peer, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(out, in, 7770));
	close(fd);
	close(peer);
}

/* A ping socket's request and the answer to it, both in pieces. */
TEST_F(stacks, echo)
{
	static const int lens[] = { 1480, 1481, 5000, 60000 };
	struct icmphdr *h = (struct icmphdr *)out;
	char save[8];
	size_t i;
	int fd;

	ASSERT_EQ(0, pp_sysctl(&self->p, "ping_group_range", "0 0"));
	fd = pp_socket(&self->p, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, fd);
	memcpy(save, out, 8);
	memset(h, 0, sizeof(*h));
	h->type = ICMP_ECHO;
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		ASSERT_EQ(lens[i], pp_sendto(fd, out, lens[i], PKTPATH_T_B, 0));
		ASSERT_EQ(lens[i], recv(fd, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(out + 8, in + 8, lens[i] - 8));
	}
	memcpy(out, save, 8);
	close(fd);
}

TEST_F(stacks, echo_answered)
{
	struct icmphdr *h = (struct icmphdr *)out;
	char save[8];
	int fd;

	ASSERT_EQ(0, pp_ns_enter(self->p.ns_b));
	pp_run("echo '0 0' >/proc/sys/net/ipv4/ping_group_range");
	ASSERT_EQ(0, pp_ns_enter(self->p.ns_a));
	fd = pp_peer_socket(&self->p, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, fd);
	memcpy(save, out, 8);
	memset(h, 0, sizeof(*h));
	h->type = ICMP_ECHO;
	ASSERT_EQ(20000, pp_sendto(fd, out, 20000, PKTPATH_T_A, 0));
	ASSERT_EQ(20000, recv(fd, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(out + 8, in + 8, 20000 - 8));
	memcpy(out, save, 8);
	close(fd);
}

/* ---- In ---- */

TEST_F(stacks, received_in_pieces)
{
	int fd = pp_udp_bound(&self->p, PKTPATH_T_A, PORT);
	int peer = pp_peer_udp(&self->p, PKTPATH_T_B, MARK);
	long oks = reasm(&self->p, "ReasmOKs");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ(sizes[i], pp_sendto(peer, out, sizes[i], PKTPATH_T_A,
					      PORT));
		ASSERT_EQ(sizes[i], recv(fd, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(out, in, sizes[i]));
	}
	EXPECT_EQ(oks + (long)i, reasm(&self->p, "ReasmOKs"));
	close(fd);
	close(peer);
}

/* FRAG-1: four pieces in each of the 24 orders. */
TEST_F(stacks, any_order)
{
	static const struct piece part[4] = {
		{ 0, 64, true }, { 64, 32, true }, { 96, 8, true },
		{ 104, 13, false },
	};
	int a, b, c, d, n = 0;
	struct ends e;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	for (n = 0; n < 256; n++) {
		a = n & 3;
		b = n >> 2 & 3;
		c = n >> 4 & 3;
		d = n >> 6 & 3;
		if ((1 << a | 1 << b | 1 << c | 1 << d) != 15)
			continue;
		ASSERT_EQ(0, piece_out(&e, n, 117, &part[a]));
		ASSERT_EQ(0, piece_out(&e, n, 117, &part[b]));
		ASSERT_EQ(0, piece_out(&e, n, 117, &part[c]));
		ASSERT_EQ(0, synced(&e));
		EXPECT_EQ(-1, whole(&e));
		ASSERT_EQ(0, piece_out(&e, n, 117, &part[d]));
		ASSERT_EQ(0, synced(&e));
		EXPECT_EQ(109, whole(&e)) TH_LOG("order %d%d%d%d", a, b, c, d);
	}
	ends_close(&e);
}

struct set {
	const char *name;
	unsigned int total;
	int len;		/* delivered; -1: nothing */
	int fails, overlaps;
	struct piece part[5];
};

/* FRAG-2 to FRAG-5, B1, B2, B4. A piece of no length ends a row. */
static const struct set sets[] = {
	{ "one more of the same", 128, 120, 0, 0,
	  { { 0, 64, true }, { 0, 64, true }, { 64, 64, false } } },
	{ "part of what is there", 128, 120, 0, 0,
	  { { 0, 64, true }, { 8, 16, true }, { 64, 64, false } } },
	{ "overlap at the end", 128, -1, 1, 1,
	  { { 0, 64, true }, { 56, 72, false } } },
	{ "overlap at the front", 128, -1, 1, 1,
	  { { 64, 64, false }, { 0, 72, true } } },
	{ "overlap of all", 128, -1, 1, 1,
	  { { 8, 16, true }, { 0, 64, true } } },
	{ "two ends", 128, -1, 1, 0,
	  { { 64, 64, false }, { 64, 56, false } } },
	{ "behind the end", 128, -1, 1, 0,
	  { { 64, 64, false }, { 128, 8, true } } },
	{ "end before what is there", 128, -1, 1, 0,
	  { { 64, 64, true }, { 32, 8, false } } },
	{ "odd length with more to come", 128, 120, 0, 0,
	  { { 0, 67, true }, { 64, 64, false } } },
	{ "less than 8 octets with more to come", 128, -1, 1, 0,
	  { { 0, 7, true } } },
	{ "beyond 65,535", 128, -1, 1, 0,
	  { { 65528, 64, false } } },
};

TEST_F(stacks, wrong_pieces)
{
	long fails, overlaps;
	struct ends e;
	size_t i, k;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		const struct set *s = &sets[i];

		/* too long is known when all has come */
		if (s->part[0].off == 65528)
			continue;
		fails = reasm(&self->p, "ReasmFails");
		overlaps = reasm(&self->p, "ReasmOverlaps");
		for (k = 0; k < ARRAY_SIZE(s->part) && s->part[k].len; k++)
			ASSERT_EQ(0, piece_out(&e, 1000 + i, s->total,
					       &s->part[k]));
		ASSERT_EQ(0, synced(&e));
		EXPECT_EQ(s->len, whole(&e)) TH_LOG("%s", s->name);
		EXPECT_EQ(fails + s->fails, reasm(&self->p, "ReasmFails"))
			TH_LOG("%s", s->name);
		EXPECT_EQ(overlaps + s->overlaps,
			  reasm(&self->p, "ReasmOverlaps"))
			TH_LOG("%s", s->name);
	}
	ends_close(&e);
}

/* B2: 65,535 octets and not one more, header included. */
TEST_F(stacks, longest)
{
	struct piece f = { 0, 1480, true };
	unsigned int over;
	struct ends e;
	long fails;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	pp_set(e.fd, SOL_SOCKET, SO_RCVBUF, 1 << 20);
	for (over = 0; over < 2; over++) {
		fails = reasm(&self->p, "ReasmFails");
		for (f.off = 0; f.off < 65515; f.off += f.len) {
			f.len = 1480;
			f.more = f.off + 1480 < 65515;
			if (!f.more)
				f.len = 65515 - f.off + over;
			ASSERT_EQ(0, piece_out(&e, 2000 + over, 65515, &f));
		}
		ASSERT_EQ(0, synced(&e));
		EXPECT_EQ(over ? -1 : 65507, whole(&e));
		EXPECT_EQ(fails + over, reasm(&self->p, "ReasmFails"));
	}
	ends_close(&e);
}

/* B8, RFC 3168 §5.3. Each pair of codepoints. */
TEST_F(stacks, ecn)
{
	struct cmsghdr *c;
	struct msghdr msg;
	struct ends e;
	int i, tos, a3, b3, want;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	ASSERT_EQ(0, pp_set(e.fd, SOL_IP, IP_RECVTOS, 1));
	for (i = 0; i < 16; i++) {
		struct piece a = { 0, 64, true }, b = { 64, 64, false };

		tos_out = i >> 2;
		ASSERT_EQ(0, piece_out(&e, 3000 + i, 128, &a));
		tos_out = i & 3;
		ASSERT_EQ(0, piece_out(&e, 3000 + i, 128, &b));
		ASSERT_EQ(0, synced(&e));
		tos = -1;
		if (pp_recvmsg(e.fd, &msg, MSG_DONTWAIT) == 120) {
			c = pp_cmsg(&msg, SOL_IP, IP_TOS);
			ASSERT_NE(NULL, c);
			tos = *(uint8_t *)CMSG_DATA(c);
		}
		/* two of ECT have the codepoint of the first piece */
		a3 = i >> 2;
		b3 = i & 3;
		want = !a3 != !b3 ? -1 : a3 == 3 || b3 == 3 ? 3 : a3;
		EXPECT_EQ(want, tos) TH_LOG("first %d, second %d", a3, b3);
	}
	ends_close(&e);
}

/* FRAG-3: number, protocol, source and destination are the key. */
TEST_F(stacks, key)
{
	struct piece a = { 0, 64, true }, b = { 64, 64, false };
	long ok = reasm(&self->p, "ReasmOKs");
	struct ends e;
	int i;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, piece_out(&e, 4100 + i, 128, &a));
		protocol_out = i == 0 ? 253 : IPPROTO_UDP;
		from_out = i == 1 ? PKTPATH_T_B2 : PKTPATH_T_B;
		to_out = i == 2 ? PKTPATH_T_A2 : PKTPATH_T_A;
		ASSERT_EQ(0, piece_out(&e, 4100 + i, 128, &b));
		protocol_out = IPPROTO_UDP;
		from_out = PKTPATH_T_B;
		to_out = PKTPATH_T_A;
		ASSERT_EQ(0, synced(&e));
		EXPECT_EQ(-1, whole(&e)) TH_LOG("%d", i);
		EXPECT_EQ(ok + i, reasm(&self->p, "ReasmOKs"));
		ASSERT_EQ(0, piece_out(&e, 4100 + i, 128, &b));
		ASSERT_EQ(0, synced(&e));
		EXPECT_EQ(120, whole(&e)) TH_LOG("%d", i);
		EXPECT_EQ(ok + i + 1, reasm(&self->p, "ReasmOKs"));
	}
	ASSERT_EQ(0, piece_out(&e, 4000, 128, &a));
	ASSERT_EQ(0, piece_out(&e, 4001, 128, &b));
	ASSERT_EQ(0, synced(&e));
	EXPECT_EQ(-1, whole(&e));
	ASSERT_EQ(0, piece_out(&e, 4000, 128, &b));
	ASSERT_EQ(0, piece_out(&e, 4001, 128, &a));
	ASSERT_EQ(0, synced(&e));
	EXPECT_EQ(120, whole(&e));
	EXPECT_EQ(120, whole(&e));
	ends_close(&e);
}

static int becomes(const struct pp_pair *p, const char *name, long want)
{
	long long end = pp_now_ms() + 30000;

	while (reasm(p, name) != want && pp_now_ms() < end)
		poll(NULL, 0, 20);
	return reasm(p, name) == want;
}

/* IP-8: Time Exceeded when the first piece is there, and not without it. */
TEST_F(stacks, time_exceeded)
{
	struct piece a = { 0, 64, true }, b = { 64, 64, false };
	long over = reasm(&self->p, "ReasmTimeout");
	int tap = pp_tap(&self->p);
	struct icmphdr *h;
	struct ends e;
	ssize_t n;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_time", "1"));
	ASSERT_EQ(0, piece_out(&e, 5000, 128, &b));
	ASSERT_EQ(0, synced(&e));
	ASSERT_TRUE(becomes(&self->p, "ReasmTimeout", over + 1));
	ASSERT_EQ(0, piece_out(&e, 5001, 128, &a));
	ASSERT_EQ(0, synced(&e));
	ASSERT_TRUE(becomes(&self->p, "ReasmTimeout", over + 2));
	n = pp_tap_next(tap, IPPROTO_ICMP, 0, in, sizeof(in));
	ASSERT_LE(20 + 8 + 28, n);
	h = (struct icmphdr *)(in + 20);
	EXPECT_EQ(ICMP_TIME_EXCEEDED, h->type);
	EXPECT_EQ(ICMP_EXC_FRAGTIME, h->code);
	EXPECT_EQ(htons(5001), ((struct iphdr *)(h + 1))->id);
	/* what comes later begins anew */
	ASSERT_EQ(0, piece_out(&e, 5001, 128, &b));
	ASSERT_EQ(0, synced(&e));
	EXPECT_EQ(-1, whole(&e));
	ends_close(&e);
	close(tap);
}

/* B5: what waits is bounded, and others get through when it has gone. */
TEST_F(stacks, bounded)
{
	struct piece a = { 0, 1400, true }, b = { 1400, 64, false };
	long fails = reasm(&self->p, "ReasmFails"), n;
	struct ends e;
	int i;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_low_thresh", "30000"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_high_thresh", "40000"));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_time", "1"));
	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, piece_out(&e, 6000 + i, 1464, &a));
	ASSERT_EQ(0, synced(&e));
	n = reasm(&self->p, "ReasmFails") - fails;
	EXPECT_LT(150, n);
	EXPECT_GT(200, n);
	/* each of the others ends by the clock */
	ASSERT_TRUE(becomes(&self->p, "ReasmFails", fails + 200));
	ASSERT_EQ(0, piece_out(&e, 7000, 1464, &a));
	ASSERT_EQ(0, piece_out(&e, 7000, 1464, &b));
	ASSERT_EQ(0, synced(&e));
	EXPECT_EQ(1456, whole(&e));
	ends_close(&e);
}

/* More pieces of the same source than ipfrag_max_dist between two of one. */
TEST_F(stacks, too_far_apart)
{
	struct piece a = { 0, 64, true }, b = { 64, 64, false };
	struct ends e;
	int i;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_max_dist", "8"));
	ASSERT_EQ(0, piece_out(&e, 8000, 128, &a));
	for (i = 1; i < 12; i++)
		ASSERT_EQ(0, piece_out(&e, 8000 + i, 128, &a));
	ASSERT_EQ(0, piece_out(&e, 8000, 128, &b));
	ASSERT_EQ(0, piece_out(&e, 8011, 128, &b));
	ASSERT_EQ(0, synced(&e));
	EXPECT_EQ(120, whole(&e));
	EXPECT_EQ(-1, whole(&e));
	ends_close(&e);
}

/*
 * B6: the namespace goes while pieces wait, and behind the test the module: what
 * is left of them would be told of there. The device goes in attack/frag.c.
 */
TEST_F(stacks, left_waiting)
{
	struct piece a = { 0, 64, true }, b = { 64, 64, true };
	struct ends e;
	int i;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	for (i = 0; i < 500; i++)
		ASSERT_EQ(0, piece_out(&e, 9000 + i, 192, i & 1 ? &a : &b));
	ASSERT_EQ(0, synced(&e));
	EXPECT_EQ(-1, whole(&e));
	ends_close(&e);
}

TEST_HARNESS_MAIN
