// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile ICMP from the wire: rows ICMP-1 to ICMP-9, attacks A13, A14, C6 and
 * D1 to D7, K2.
 */
#include <errno.h>
#include <netinet/in.h>
#include <time.h>
#include "frame.h"
#include "kselftest_harness.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#define PORT_A 5001
#define PORT_B 5002
#define CLOSED 4999

FIXTURE(icmp) {
	struct pair p;
	struct frame f;
	int fd;		/* A:5001, connected to B:5002 */
};

FIXTURE_VARIANT(icmp) {
	bool limits;
};

FIXTURE_VARIANT_ADD(icmp, free) {
	.limits = false,
};

FIXTURE_SETUP(icmp)
{
	ASSERT_EQ(0, frame_pair(&self->p, variant->limits));
	self->fd = udp_in_a(&self->p, PORT_A, PORT_B);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, frame_count(&self->p));
}

FIXTURE_TEARDOWN(icmp)
{
	close(self->fd);
	EXPECT_EQ(0, pair_down(&self->p));
}

FIXTURE(limits) {
	struct pair p;
	struct frame f;
};

FIXTURE_SETUP(limits)
{
	ASSERT_EQ(0, frame_pair(&self->p, true));
	ASSERT_EQ(0, frame_count(&self->p));
}

FIXTURE_TEARDOWN(limits)
{
	EXPECT_EQ(0, pair_down(&self->p));
}

/*
 * An ICMP error about a datagram from A:@sport to B:@dport; the quoted IP
 * header is at *@inner to be spoilt, then error_send().
 */
static struct iphdr *error_begin(struct frame *f, const struct pair *p,
				 uint8_t type, uint8_t code, uint16_t sport,
				 uint16_t dport)
{
	struct icmphdr *ih;
	struct iphdr *inner;
	struct udphdr *uh;

	frame_begin(f, p, IPPROTO_ICMP, 0);
	ih = frame_put(f, sizeof(*ih));
	ih->type = type;
	ih->code = code;
	inner = frame_put(f, sizeof(*inner));
	inner->version = 4;
	inner->ihl = 5;
	inner->tot_len = htons(100);
	inner->ttl = 60;
	inner->protocol = IPPROTO_UDP;
	inner->saddr = inet_addr(PAIR_A);
	inner->daddr = inet_addr(PAIR_B);
	uh = frame_put(f, sizeof(*uh));
	uh->source = htons(sport);
	uh->dest = htons(dport);
	uh->len = htons(80);
	return inner;
}

static int error_send(const struct pair *p, struct frame *f)
{
	frame_icmp_csum(f);
	frame_end(f);
	return frame_out(p, f);
}

/* ICMP-1, A14: only echo and timestamp requests are ever answered. */
TEST_F_TIMEOUT(icmp, A14_types_and_codes, 300)
{
	static const unsigned int sizes[] = { 0, 4, 8, 64 };
	unsigned int type, code, i;
	int want;

	for (type = 0; type < 256; type++) {
		want = 0;
		for (code = 0; code < 256; code += 51) {
			for (i = 0; i < ARRAY_SIZE(sizes); i++) {
				frame_icmp_msg(&self->f, &self->p, type, code,
					       sizes[i]);
				ASSERT_EQ(0, frame_out(&self->p, &self->f));
				want += type == ICMP_ECHO ||
					(type == ICMP_TIMESTAMP && sizes[i]);
			}
		}
		ASSERT_EQ(want, frame_count(&self->p)) TH_LOG("type %u", type);
	}
	EXPECT_EQ(0, so_error(self->fd));
}

/* ICMP-6, D7: same data, identifier and number, from the address spoken to. */
TEST_F_TIMEOUT(icmp, D7_echo_sizes, 300)
{
	unsigned int n;
	struct frame r;

	for (n = 0; n <= 1472; n += n < 64 ? 1 : 37) {
		frame_echo(&self->f, &self->p, n);
		frame_ip(&self->f)->tos = 0x28;
		frame_ip_csum(&self->f);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		ASSERT_TRUE(frame_last(&self->p, &r)) TH_LOG("size %u", n);
		ASSERT_EQ(ICMP_ECHOREPLY, frame_icmp(&r)->type);
		ASSERT_EQ(20 + 8 + n, ntohs(frame_ip(&r)->tot_len));
		ASSERT_EQ(0, csum_of(frame_icmp(&r), 8 + n));
		ASSERT_EQ(0, memcmp((uint8_t *)frame_icmp(&r) + 4,
				    (uint8_t *)frame_icmp(&self->f) + 4,
				    4 + n));
		ASSERT_EQ(inet_addr(PAIR_A), frame_ip(&r)->saddr);
		ASSERT_EQ(inet_addr(PAIR_B), frame_ip(&r)->daddr);
		ASSERT_EQ(0x28, frame_ip(&r)->tos);
	}
	ASSERT_EQ(0, pp_tool(&self->p, "addr add 10.77.0.5/24 dev pa"));
	frame_echo(&self->f, &self->p, 9);
	frame_ip(&self->f)->daddr = inet_addr("10.77.0.5");
	frame_ip_csum(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_TRUE(frame_last(&self->p, &r));
	ASSERT_EQ(ICMP_ECHOREPLY, frame_icmp(&r)->type);
	EXPECT_EQ(inet_addr("10.77.0.5"), frame_ip(&r)->saddr);
}

TEST_F_TIMEOUT(icmp, ICMP_1_bad_checksum, 300)
{
	unsigned int i;

	for (i = 1; i < 200; i++) {
		frame_echo(&self->f, &self->p, 16);
		frame_icmp(&self->f)->checksum += i * 257;
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
	}
	ASSERT_EQ(0, frame_count(&self->p));
	ASSERT_EQ(199, pair_stat(&self->p, "IcmpInCsumErrors"));
}

/* ICMP-2, ICMP-5: the datagram is quoted whole, up to 576 octets in all. */
TEST_F_TIMEOUT(icmp, ICMP_2_quote, 300)
{
	static const unsigned int sizes[] = { 0, 1, 100, 519, 520, 521, 1400 };
	unsigned int i, sent, quoted;
	struct frame r;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		frame_udp(&self->f, &self->p, PORT_B, CLOSED, sizes[i]);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		ASSERT_TRUE(frame_last(&self->p, &r));
		ASSERT_EQ(ICMP_DEST_UNREACH, frame_icmp(&r)->type);
		ASSERT_EQ(ICMP_PORT_UNREACH, frame_icmp(&r)->code);
		ASSERT_EQ(0, frame_icmp(&r)->un.gateway);
		sent = self->f.len - ETH_LEN;
		quoted = ntohs(frame_ip(&r)->tot_len) - 28;
		ASSERT_EQ(sent < 548 ? sent : 548, quoted);
		ASSERT_EQ(0, csum_of(frame_icmp(&r), 8 + quoted));
		ASSERT_EQ(0, memcmp(frame_icmp(&r) + 1, frame_ip(&self->f),
				    quoted));
		ASSERT_EQ(0xc0, frame_ip(&r)->tos);
		ASSERT_EQ(inet_addr(PAIR_A), frame_ip(&r)->saddr);
	}
}

TEST_F_TIMEOUT(icmp, ICMP_5_protocol_unreachable, 300)
{
	struct frame r;

	frame_begin(&self->f, &self->p, 253, 0);
	frame_put(&self->f, 32);
	frame_end(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_TRUE(frame_last(&self->p, &r));
	ASSERT_EQ(ICMP_DEST_UNREACH, frame_icmp(&r)->type);
	ASSERT_EQ(ICMP_PROT_UNREACH, frame_icmp(&r)->code);
}

/* A datagram with a wrong option, which by itself is a reason for an error. */
static int bad_option(struct frame *f, const struct pair *p, uint16_t frag_off,
		      const char *daddr, const char *mac)
{
	struct udphdr *uh;

	frame_begin(f, p, IPPROTO_UDP, 4);
	memcpy(frame_ip(f) + 1, "\x1e\x00\x00\x00", 4);
	uh = frame_put(f, sizeof(*uh) + 64);
	uh->source = htons(PORT_B);
	uh->dest = htons(CLOSED);
	uh->len = htons(sizeof(*uh) + 64);
	frame_ip(f)->frag_off = htons(frag_off);
	frame_ip(f)->daddr = inet_addr(daddr);
	if (mac)
		memcpy(f->b, mac, 6);
	frame_end(f);
	return frame_out(p, f);
}

/* ICMP-3, D6: what is never answered with an error. */
TEST_F_TIMEOUT(icmp, ICMP_3_no_error_about, 300)
{
	static const char * const from[] = {
		"0.0.0.0", "224.0.0.1", "255.255.255.255", "10.77.0.255",
		"127.0.0.1", "240.0.0.1",
	};
	unsigned int i;

	/* an ICMP error, of a kind that has options wrong */
	frame_begin(&self->f, &self->p, IPPROTO_ICMP, 4);
	memcpy(frame_ip(&self->f) + 1, "\x1e\x00\x00\x00", 4);
	frame_put(&self->f, 8 + 28);
	frame_icmp(&self->f)->type = ICMP_DEST_UNREACH;
	frame_icmp_csum(&self->f);
	frame_end(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	/* a later fragment; by address and by link to many */
	ASSERT_EQ(0, bad_option(&self->f, &self->p, 5, PAIR_A, NULL));
	ASSERT_EQ(0, bad_option(&self->f, &self->p, 0, "10.77.0.255",
				"\xff\xff\xff\xff\xff\xff"));
	ASSERT_EQ(0, bad_option(&self->f, &self->p, 0, "224.0.0.1",
				"\x01\x00\x5e\x00\x00\x01"));
	ASSERT_EQ(0, bad_option(&self->f, &self->p, 0, PAIR_A,
				"\xff\xff\xff\xff\xff\xff"));
	/* sources that are not one host */
	for (i = 0; i < ARRAY_SIZE(from); i++) {
		frame_udp(&self->f, &self->p, PORT_B, CLOSED, 4);
		frame_ip(&self->f)->saddr = inet_addr(from[i]);
		frame_ip_csum(&self->f);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
	}
	ASSERT_EQ(0, frame_count(&self->p));
	/* and what is, of the same kind */
	ASSERT_EQ(0, bad_option(&self->f, &self->p, 0, PAIR_A, NULL));
	ASSERT_EQ(1, frame_count(&self->p));
}

/* A chain of the input hook with one rule. */
static int nft_in(const struct pair *p, const char *rule, const char *arg)
{
	return sh("ip netns exec %s nft \"table ip t { chain c { type filter hook %s; %s %s; };}\"",
		  p->a, "input priority 0", rule, arg);
}

/*
 * D6: behind the route lookup, too, which lets none of these in: a rule of the
 * input hook writes them.
 */
TEST_F_TIMEOUT(icmp, D6_sources_made_up_inside, 300)
{
	static const char * const from[] = {
		PAIR_B, "0.0.0.0", "0.0.0.1", "224.0.0.1", "255.255.255.255",
		"10.77.0.255",
	};
	unsigned int i;

	if (sh("nft --version >/dev/null 2>&1"))
		SKIP(return, "no nft");
	ASSERT_EQ(0, pair_sysctl(&self->p, "icmp_ratemask", "0"));
	for (i = 0; i < ARRAY_SIZE(from); i++) {
		ASSERT_EQ(0, nft_in(&self->p, "udp dport 4999 ip saddr set",
				    from[i]));
		frame_udp(&self->f, &self->p, PORT_B, CLOSED, 4);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		/* the first is answered */
		EXPECT_EQ(!i, frame_count(&self->p));
		EXPECT_EQ(1, pair_stat(&self->p, "IcmpOutDestUnreachs"));
		ASSERT_EQ(0, sh("ip netns exec %s nft delete table ip t",
				self->p.a));
	}
}

/* ICMP-4: the socket whose ports are quoted hears of it, no other. */
TEST_F_TIMEOUT(icmp, ICMP_4_right_socket, 300)
{
	int other = udp_in_a(&self->p, PORT_A + 7, PORT_B);

	ASSERT_GE(other, 0);
	error_begin(&self->f, &self->p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
		    PORT_A, PORT_B);
	ASSERT_EQ(0, error_send(&self->p, &self->f));
	ASSERT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(ECONNREFUSED, so_error(self->fd));
	EXPECT_EQ(0, so_error(other));
	close(other);
}

/* D1: errors about what was not sent do not reach the socket. */
TEST_F_TIMEOUT(icmp, D1_blind_errors, 300)
{
	struct iphdr *in;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		error_begin(&self->f, &self->p, ICMP_DEST_UNREACH, i,
			    PORT_A, PORT_B + 1);
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		error_begin(&self->f, &self->p, ICMP_DEST_UNREACH, i,
			    PORT_A + 1, PORT_B);
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		in = error_begin(&self->f, &self->p, ICMP_DEST_UNREACH, i,
				 PORT_A, PORT_B);
		in->daddr = inet_addr("10.77.0.3");
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		in = error_begin(&self->f, &self->p, ICMP_DEST_UNREACH, i,
				 PORT_A, PORT_B);
		in->saddr = inet_addr("10.77.0.4");
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		ASSERT_EQ(0, frame_count(&self->p));
	}
	EXPECT_EQ(0, so_error(self->fd));
}

/* A13: quoted headers that are broken. */
TEST_F_TIMEOUT(icmp, A13_nested_header, 300)
{
	unsigned int i, full;
	struct iphdr *in;

	/* every version and header length but 0x45 */
	for (i = 0; i < 256; i++) {
		in = error_begin(&self->f, &self->p, ICMP_DEST_UNREACH,
				 ICMP_PORT_UNREACH, PORT_A, PORT_B);
		if (i == 0x45)
			continue;
		*(uint8_t *)in = i;
		ASSERT_EQ(0, error_send(&self->p, &self->f));
	}
	ASSERT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(0, so_error(self->fd));
	/* cut at every octet */
	error_begin(&self->f, &self->p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
		    PORT_A, PORT_B);
	full = self->f.len;
	for (i = full - 28; i < full; i++) {
		self->f.len = i;
		ASSERT_EQ(0, error_send(&self->p, &self->f));
	}
	/* later fragment, every other protocol, an error inside an error */
	in = error_begin(&self->f, &self->p, ICMP_DEST_UNREACH,
			 ICMP_PORT_UNREACH, PORT_A, PORT_B);
	in->frag_off = htons(1);
	ASSERT_EQ(0, error_send(&self->p, &self->f));
	for (i = 0; i < 256; i++) {
		in = error_begin(&self->f, &self->p, ICMP_DEST_UNREACH,
				 ICMP_PORT_UNREACH, PORT_A, PORT_B);
		if (i == IPPROTO_UDP)
			continue;
		in->protocol = i;
		ASSERT_EQ(0, error_send(&self->p, &self->f));
	}
	ASSERT_EQ(0, frame_count(&self->p));
	EXPECT_EQ(0, so_error(self->fd));
}

/* Redirects to 10.77.0.3 and quenches about what @fd sends to 10.78.0.9. */
static int redirect(struct frame *f, const struct pair *p, unsigned int code)
{
	error_begin(f, p, ICMP_REDIRECT, code, PORT_A + 9, PORT_B)->daddr =
		inet_addr("10.78.0.9");
	frame_icmp(f)->un.gateway = inet_addr("10.77.0.3");
	if (error_send(p, f))
		return -1;
	error_begin(f, p, ICMP_SOURCE_QUENCH, code, PORT_A + 9,
		    PORT_B)->daddr = inet_addr("10.78.0.9");
	return error_send(p, f);
}

/* Whose hardware address @fd sends to: its last octet. */
static int sends_to(const struct pair *p, int fd)
{
	struct frame r;

	return send(fd, "x", 1, 0) == 1 && frame_last(p, &r) ? r.b[5] : -1;
}

/*
 * D2, RFC 6633; ICMP-7, C6: source quench and redirects of the gateway in use
 * change nothing, where redirects are believed those of unknown codes.
 */
TEST_F_TIMEOUT(icmp, C6_redirect_and_quench, 300)
{
	struct sockaddr_in sin = sin_of("10.78.0.9", PORT_B);
	const struct pair *p = &self->p;
	int fd = udp_in_a(p, PORT_A + 9, 0);
	unsigned int code;

	ASSERT_LE(0, fd);
	ASSERT_NE(3, p->mac_b[5]);
	ASSERT_EQ(0, pp_tool(p, "route add 10.78.0.0/16 via " PAIR_B));
	ASSERT_EQ(0, pp_tool(p, "neigh add 10.77.0.3 lladdr %s dev pa nud permanent",
			     "02:00:00:00:00:03"));
	ASSERT_EQ(0, connect(fd, (void *)&sin, sizeof(sin)));
	for (code = 0; code < 256; code++)
		ASSERT_EQ(0, redirect(&self->f, p, code));
	ASSERT_EQ(0, frame_count(p));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(p->mac_b[5], sends_to(p, fd));
	ASSERT_EQ(0, pair_sysctl(p, "conf.pa.accept_redirects", "1"));
	for (code = 4; code < 256; code++)
		ASSERT_EQ(0, redirect(&self->f, p, code));
	ASSERT_EQ(0, frame_count(p));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(p->mac_b[5], sends_to(p, fd));
	/* and one that it is right to follow */
	ASSERT_EQ(0, redirect(&self->f, p, ICMP_REDIR_HOST));
	ASSERT_EQ(0, frame_count(p));
	EXPECT_EQ(3, sends_to(p, fd));
	close(fd);
}

static int ip_mtu(int fd)
{
	socklen_t len = sizeof(int);
	int mtu = -1;

	getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len);
	return mtu;
}

/* D3, RFC 1191 §3: never below 552, never up, not for less than was sent. */
TEST_F_TIMEOUT(icmp, D3_path_mtu, 300)
{
	static const unsigned int mtus[] = {
		65535, 9000, 1501, 1500, 1499, 1400, 1401, 1300, 600, 1200,
		553, 552, 551, 100, 68, 28, 20, 8, 1, 0,
	};
	static const int deaf[] = { IP_PMTUDISC_OMIT, IP_PMTUDISC_INTERFACE };
	static const int want_df = IP_PMTUDISC_WANT;
	int was = 1500, now, want;
	struct iphdr *in;
	unsigned int i;

	/* of no use to the socket, so nobody else suffers from it */
	for (i = 0; i < ARRAY_SIZE(deaf); i++) {
		ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IP, IP_MTU_DISCOVER,
					&deaf[i], sizeof(deaf[i])));
		error_begin(&self->f, &self->p, ICMP_DEST_UNREACH,
			    ICMP_FRAG_NEEDED, PORT_A, PORT_B)->tot_len =
			htons(65535);
		frame_icmp(&self->f)->un.frag.mtu = htons(1000);
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		ASSERT_EQ(0, frame_count(&self->p));
		ASSERT_EQ(1500, ip_mtu(self->fd));
	}
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IP, IP_MTU_DISCOVER,
				&want_df, sizeof(want_df)));
	/* RFC 5927 §7.2: 100 octets were not too big for 600 */
	error_begin(&self->f, &self->p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
		    PORT_A, PORT_B);
	frame_icmp(&self->f)->un.frag.mtu = htons(600);
	ASSERT_EQ(0, error_send(&self->p, &self->f));
	ASSERT_EQ(0, frame_count(&self->p));
	ASSERT_EQ(1500, ip_mtu(self->fd));
	for (i = 0; i < ARRAY_SIZE(mtus); i++) {
		in = error_begin(&self->f, &self->p, ICMP_DEST_UNREACH,
				 ICMP_FRAG_NEEDED, PORT_A, PORT_B);
		in->tot_len = htons(65535);
		frame_icmp(&self->f)->un.frag.mtu = htons(mtus[i]);
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		ASSERT_EQ(0, frame_count(&self->p));
		now = ip_mtu(self->fd);
		want = mtus[i] < 552 ? 552 : mtus[i];
		ASSERT_EQ(want < was ? want : was, now)
			TH_LOG("next-hop MTU %u", mtus[i]);
		was = now;
	}
	/* forged for another destination: bounded, and not ours */
	for (i = 1; i < 2000; i++) {
		error_begin(&self->f, &self->p, ICMP_DEST_UNREACH,
			    ICMP_FRAG_NEEDED, PORT_A, PORT_B)->daddr =
			htonl(0x0a4d0100 + i);
		frame_icmp(&self->f)->un.frag.mtu = htons(600);
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		if (i % 64 == 0)
			ASSERT_EQ(0, frame_count(&self->p));
	}
	ASSERT_EQ(0, frame_count(&self->p));
}

/*
 * D4: who is not connected has perhaps not sent what is quoted, so that
 * anybody may say so of any destination: 200 are believed, then 50 a second.
 */
TEST_F_TIMEOUT(icmp, D4_path_mtus_made_up, 300)
{
	int fd = udp_in_a(&self->p, PORT_A + 8, 0);
	int64_t start = now_ms();
	struct sockaddr_in sin;
	struct iphdr *in;
	int i, known = 0;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pp_tool(&self->p, "route add 10.78.0.0/16 via %s",
			     PAIR_B));
	for (i = 1; i <= 2000; i++) {
		in = error_begin(&self->f, &self->p, ICMP_DEST_UNREACH,
				 ICMP_FRAG_NEEDED, PORT_A + 8, PORT_B);
		in->daddr = htonl(0x0a4e0000 + i);
		in->tot_len = htons(1500);
		frame_icmp(&self->f)->un.frag.mtu = htons(1400);
		ASSERT_EQ(0, error_send(&self->p, &self->f));
		if (i % 64 == 0)
			ASSERT_EQ(0, frame_count(&self->p));
	}
	ASSERT_EQ(0, frame_count(&self->p));
	for (i = 1; i <= 2000; i++) {
		sin = sin_of("0.0.0.0", PORT_B);
		sin.sin_addr.s_addr = htonl(0x0a4e0000 + i);
		ASSERT_EQ(0, connect(fd, (void *)&sin, sizeof(sin)));
		known += ip_mtu(fd) == 1400;
	}
	EXPECT_LE(100, known);
	EXPECT_GE(210 + (now_ms() - start) / 20, known);
	close(fd);
}

#define DESTS	7000

static int connect_to(int fd, int i)
{
	struct sockaddr_in sin = sin_of("0.0.0.0", PORT_B);

	sin.sin_addr.s_addr = htonl(0x0a4e0000 + i);
	return connect(fd, (void *)&sin, sizeof(sin));
}

/*
 * D4: who is connected has sent what is quoted, so that he is believed; yet no
 * more is kept than there is room for, 1,024 times five.
 */
TEST_F_TIMEOUT(icmp, D4_path_mtus_without_end, 900)
{
	const struct pair *p = &self->p;
	int i, known = 0, told = 0;
	struct iphdr *in;

	ASSERT_EQ(0, pp_tool(p, "route add 10.78.0.0/16 via " PAIR_B));
	for (i = 1; i <= DESTS; i++) {
		ASSERT_EQ(0, connect_to(self->fd, i));
		in = error_begin(&self->f, p, ICMP_DEST_UNREACH,
				 ICMP_FRAG_NEEDED, PORT_A, PORT_B);
		in->daddr = htonl(0x0a4e0000 + i);
		in->tot_len = htons(1500);
		frame_icmp(&self->f)->un.frag.mtu = htons(1400);
		ASSERT_EQ(0, error_send(p, &self->f));
		if (ip_mtu(self->fd) != 1400)
			ASSERT_EQ(0, frame_count(p));
		told += ip_mtu(self->fd) == 1400;
	}
	EXPECT_EQ(DESTS, told);
	for (i = 1; i <= DESTS; i++) {
		ASSERT_EQ(0, connect_to(self->fd, i));
		known += ip_mtu(self->fd) == 1400;
	}
	EXPECT_LE(4000, known);
	EXPECT_GE(1024 * 5, known);
}

/* The wall clock, @years from where it was. */
static int clock_jumps(int years)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts))
		return -1;
	ts.tv_sec += years * 31556952LL;
	return clock_settime(CLOCK_REALTIME, &ts);
}

/*
 * K2: the wall clock jumps by a year and back. Path MTUs and pieces that wait do
 * not end for that, and errors are sent as before.
 */
TEST_F_TIMEOUT(icmp, K2_wall_clock_jumps, 300)
{
	const struct pair *p = &self->p;
	struct frame one, two;
	int i, years = 1;
	char buf[256];

	error_begin(&self->f, p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, PORT_A,
		    PORT_B)->tot_len = htons(1500);
	frame_icmp(&self->f)->un.frag.mtu = htons(1400);
	ASSERT_EQ(0, error_send(p, &self->f));
	ASSERT_EQ(0, frame_count(p));
	ASSERT_EQ(1400, ip_mtu(self->fd));
	ASSERT_EQ(EMSGSIZE, so_error(self->fd));
	for (i = 0; i < 20; i++, years = -years) {
		frame_udp(&self->f, p, PORT_B, PORT_A, 120);
		frame_halves(&self->f, &one, &two, 77 + i);
		ASSERT_EQ(0, frame_out(p, &one));
		ASSERT_EQ(0, frame_count(p));
		ASSERT_EQ(0, clock_jumps(years));
		EXPECT_EQ(0, frame_out(p, &two));
		EXPECT_EQ(0, frame_count(p));
		EXPECT_EQ(120, recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT));
		EXPECT_EQ(1400, ip_mtu(self->fd));
		frame_udp(&self->f, p, PORT_B, CLOSED, 4);
		EXPECT_EQ(0, frame_out(p, &self->f));
		EXPECT_EQ(1, frame_count(p));
	}
}

/* ICMP-9: timestamps may be answered, masks and information are not. */
TEST_F_TIMEOUT(icmp, ICMP_9_timestamp, 300)
{
	uint32_t *t;
	struct frame r;

	frame_icmp_msg(&self->f, &self->p, ICMP_TIMESTAMP, 0, 12);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_TRUE(frame_last(&self->p, &r));
	ASSERT_EQ(ICMP_TIMESTAMPREPLY, frame_icmp(&r)->type);
	ASSERT_EQ(20 + 20, ntohs(frame_ip(&r)->tot_len));
	ASSERT_EQ(0, csum_of(frame_icmp(&r), 20));
	t = (uint32_t *)(frame_icmp(&r) + 1);
	ASSERT_EQ(0, memcmp(t, frame_icmp(&self->f) + 1, 4));
	ASSERT_LT(ntohl(t[1]), 86400 * 1000);
	ASSERT_EQ(t[1], t[2]);
	frame_icmp_msg(&self->f, &self->p, ICMP_INFO_REQUEST, 0, 12);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	frame_icmp_msg(&self->f, &self->p, ICMP_ADDRESS, 0, 4);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_EQ(0, frame_count(&self->p));
}

/* ICMP-8, RFC 1812 §4.3.2.8: six at once, then one a second. */
TEST_F_TIMEOUT(limits, ICMP_8_errors_are_limited, 300)
{
	int64_t start = now_ms();
	unsigned int i, n;

	for (i = 0; i < 200; i++) {
		frame_udp(&self->f, &self->p, PORT_B, CLOSED, 4);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
	}
	n = frame_count(&self->p);
	EXPECT_GE(n, 6);
	EXPECT_LE(n, 7 + (now_ms() - start) / 1000);
	EXPECT_GE(pair_stat(&self->p, "IcmpOutRateLimitHost") +
		  pair_stat(&self->p, "IcmpOutRateLimitGlobal"), 196 - n);
}

/* D5: what one destination was refused, another does not feel. */
TEST_F_TIMEOUT(limits, D5_global_credit_is_not_spent_on_refusals, 300)
{
	struct frame r;
	unsigned int i;

	ASSERT_EQ(0, pp_tool(&self->p, "neigh add %s lladdr %s dev pa nud permanent",
			     "10.77.0.3", "02:00:00:00:00:03"));
	for (i = 0; i < 2000; i++) {
		frame_udp(&self->f, &self->p, PORT_B, CLOSED, 4);
		ASSERT_EQ(0, frame_out(&self->p, &self->f));
		if (i % 100 == 0)
			ASSERT_GE(frame_count(&self->p), 0);
	}
	ASSERT_GE(frame_count(&self->p), 0);
	frame_udp(&self->f, &self->p, PORT_B, CLOSED, 4);
	frame_ip(&self->f)->saddr = inet_addr("10.77.0.3");
	frame_ip_csum(&self->f);
	ASSERT_EQ(0, frame_out(&self->p, &self->f));
	ASSERT_TRUE(frame_last(&self->p, &r));
	EXPECT_EQ(inet_addr("10.77.0.3"), frame_ip(&r)->daddr);
}

TEST_HARNESS_MAIN
