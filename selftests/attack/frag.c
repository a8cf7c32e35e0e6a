// SPDX-License-Identifier: GPL-2.0
/*
 * Pieces in the mass, on both stacks: what each costs, what is left for others,
 * a device that goes under them, numbers that come round.
 * Proves: attacks B3, B5, B6, B7.
 *
 * In counted time a fragment takes as long as there are instructions for it.
 */
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/if.h>
#include <signal.h>
#include "link.h"
#include "pp_fixture.h"

#define MORE 0x2000	/* of frag_off */
#define PORT 5001
#define MARK 5002
#define HONEST 50
#define SHORT "10.78.0.1"
#define SHORT_B "10.78.0.2"

struct ends {
	int raw, fd, mark, mark_b;
};

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

/* @len octets of @data, a piece of datagram @id of @from to @to. */
static int piece_to(struct ends *e, const char *to, const char *from,
		    uint16_t id, uint16_t frag_off, const void *data,
		    unsigned int len)
{
	static char pkt[2048];
	struct iphdr *iph = (struct iphdr *)pkt;

	*iph = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.id = htons(id), .saddr = inet_addr(from),
		.daddr = inet_addr(to),
		.frag_off = htons(frag_off),
	};
	memcpy(iph + 1, data, len);
	return pp_sendto(e->raw, pkt, 20 + len, to, 0) == 20 + (ssize_t)len ?
	       0 : -1;
}

static int piece(struct ends *e, const char *from, uint16_t id,
		 unsigned int off, bool more, const void *data,
		 unsigned int len)
{
	return piece_to(e, PKTPATH_T_A, from, id,
			off / 8 | (more ? MORE : 0), data, len);
}

static int64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

enum order { REVERSED, EVERY_OTHER, RANDOM, ORDERS };

/*
 * B3: the eight thousandth piece of eight octets costs no more than three times
 * what the eighth does, however they come.
 */
TEST_F_TIMEOUT(stacks, B3_cost_of_a_piece, 9000)
{
	static const char * const names[] = { "reversed", "every other",
					      "random" };
	static unsigned short at[8000];
	int64_t few, many, t;
	unsigned int i, k, x = 1;
	struct ends e;
	uint8_t data[8];
	int o;

	memset(data, 'x', sizeof(data));
	ASSERT_EQ(0, ends_open(&self->p, &e));
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_high_thresh", "64000000"));
	for (o = 0; o < ORDERS; o++) {
		for (i = 0; i < 8000; i++)
			at[i] = o == EVERY_OTHER ? i * 2 % 8000 + i / 4000 :
						   8000 - i;
		for (i = 0; o == RANDOM && i < 8000; i++) {
			unsigned short v = at[i];

			x = x * 1664525 + 1013904223;
			k = (x >> 8) % 8000;
			at[i] = at[k];
			at[k] = v;
		}
		/* the first twenty times over, the last once */
		few = 0;
		many = 0;
		for (k = 0; k < 20; k++) {
			t = clock_ns();
			for (i = 0; i < 8; i++)
				piece(&e, PKTPATH_T_B, 100 * o + k, at[i] * 8,
				      true, data, 8);
			few += clock_ns() - t;
		}
		for (; i < 8000; i++) {
			t = clock_ns();
			piece(&e, PKTPATH_T_B, 100 * o + k - 1, at[i] * 8, true,
			      data, 8);
			if (i >= 8000 - 160)
				many += clock_ns() - t;
		}
		TH_LOG("%s: %lld ns a piece at first, %lld in the end",
		       names[o], (long long)few / 160, (long long)many / 160);
		EXPECT_GE(3 * few, many);
	}
	ends_close(&e);
}

/* A whole datagram of @n octets behind the header, with its checksum. */
static void datagram(uint8_t *d, unsigned int n, const char *from, uint32_t seq)
{
	struct udphdr *uh = (struct udphdr *)d;
	uint32_t a = ntohl(inet_addr(from)), b = ntohl(inet_addr(PKTPATH_T_A));
	uint32_t sum = (a >> 16) + (a & 0xffff) + (b >> 16) + (b & 0xffff) +
		       17 + n;
	unsigned int i;

	*uh = (struct udphdr){
		.source = htons(9), .dest = htons(PORT), .len = htons(n),
	};
	for (i = 8; i + 4 <= n; i += 4)
		memcpy(d + i, &seq, 4);
	for (i = 0; i < n; i += 2)
		sum += d[i] << 8 | d[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	uh->check = htons(~sum ? ~sum : 0xffff);
}

/*
 * B5: at the default cap, one who sends pieces of a thousand octets without end,
 * and an honest peer between: he has no less luck than with AF_INET, of whose
 * run the file tells, and no more of them is kept than there.
 */
TEST_F_TIMEOUT(stacks, B5_honest_peer_under_a_flood, 9000)
{
	static const char * const was = "/run/pp_frag_honest";
	static uint8_t d[1480], h[2048];
	long refused = pp_count(&self->p, "Ip", "ReasmFails"), theirs;
	int honest = 0, inet, i, k;
	struct ends e;
	char buf[4096];
	FILE *f;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	/* so that none of them ends meanwhile */
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_time", "60"));
	for (i = 0; i < HONEST; i++) {
		for (k = 0; k < 100; k++)
			ASSERT_EQ(0, piece(&e, PKTPATH_T_B, i * 100 + k, 0,
					   true, d, 1000));
		datagram(h, 2000, PKTPATH_T_B2, i);
		piece(&e, PKTPATH_T_B2, i, 0, true, h, 1000);
		piece(&e, PKTPATH_T_B2, i, 1000, false, h + 1000, 1000);
		ASSERT_EQ(0, synced(&e));
		honest += recv(e.fd, buf, sizeof(buf), MSG_DONTWAIT) == 1992;
	}
	refused = pp_count(&self->p, "Ip", "ReasmFails") - refused;
	TH_LOG("%d of %d, %ld refused", honest, HONEST, refused);
	EXPECT_LT(0, honest);
	EXPECT_LT(2000, refused);
	f = fopen(was, variant->inet ? "w" : "r");
	if (f && variant->inet) {
		fprintf(f, "%d %ld", honest, refused);
	} else if (f && fscanf(f, "%d %ld", &inet, &theirs) == 2) {
		EXPECT_LE(inet, honest);
		EXPECT_LE(theirs * 9 / 10, refused);
	}
	if (f)
		fclose(f);
	ends_close(&e);
}

/* B6: a device goes under a sender of pieces, a thousand of which wait. */
TEST_F_TIMEOUT(stacks, B6_device_goes_under_pieces, 9000)
{
	static uint8_t d[1480];
	long long t;
	struct ends e;
	pid_t pid;
	int i;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, piece(&e, PKTPATH_T_B, i, 0, true, d, 64));
	ASSERT_EQ(0, synced(&e));
	pid = fork();
	ASSERT_LE(0, pid);
	for (i = 1000; !pid; i++)
		if (piece(&e, PKTPATH_T_B, i, i & 1 ? 0 : 64, true, d, 64))
			_exit(0);
	t = pp_now_ms();
	EXPECT_EQ(0, link_del("pa"));
	t = pp_now_ms() - t;
	TH_LOG("%lld ms", t);
	EXPECT_GE(2000, t);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ends_close(&e);
}

/* A namespace with SHORT on a link to B, until 500 pieces wait in it. */
static int short_life(const struct pp_pair *p)
{
	long long end = pp_now_ms() + 60000;
	long n;

	if (unshare(CLONE_NEWNET) || link_up("lo") ||
	    link_veth("pc", "pd", p->ns_b) || link_up("pc"))
		return 1;
	if (p->inet ? link_addr("pc", SHORT) :
		      pp_test_tool("dev attach pc") ||
		      pp_test_tool("addr add " SHORT "/24 dev pc"))
		return 2;
	do {
		usleep(1000);
		n = pp_count(p, "Ip", "ReasmReqds");
	} while (n < 500 && pp_now_ms() < end);
	return n < 500 ? 3 : 0;
}

/* Pieces to SHORT as long as there is a way to it, once there has been one. */
static int flood(const struct pp_pair *p, struct ends *e)
{
	long long end = pp_now_ms() + 120000;
	static const uint8_t d[64];
	bool sent = false;
	int i = 0;

	while (pp_now_ms() < end) {
		if (!piece_to(e, SHORT, SHORT_B, i, i & 1 ? MORE : MORE | 8,
			      d, sizeof(d))) {
			sent = true;
			i++;
		} else if (sent && errno == ENETUNREACH) {
			return 0;
		} else if (!sent) {
			/* the link comes from elsewhere */
			if (pp_ns_enter(p->ns_b))
				return 1;
			if (!if_nametoindex("pd"))
				usleep(1000);
			else if (link_addr("pd", SHORT_B) || link_up("pd"))
				return 2;
		}
	}
	return 3;
}

/* B6: a namespace goes under a sender of pieces, hundreds of which wait. */
TEST_F_TIMEOUT(stacks, B6_namespace_goes_under_pieces, 9000)
{
	int i, status[2];
	pid_t pid[2];
	struct ends e;
	long long t;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	for (i = 0; i < 10; i++) {
		pid[0] = fork();
		if (!pid[0])
			_exit(short_life(&self->p));
		pid[1] = fork();
		if (!pid[1])
			_exit(flood(&self->p, &e));
		ASSERT_EQ(pid[0], waitpid(pid[0], &status[0], 0));
		t = pp_now_ms();
		ASSERT_EQ(pid[1], waitpid(pid[1], &status[1], 0));
		t = pp_now_ms() - t;
		TH_LOG("%lld ms", t);
		ASSERT_EQ(0, status[0]);
		ASSERT_EQ(0, status[1]);
		EXPECT_GE(2000, t);
	}
	ends_close(&e);
}

/*
 * B7: numbers come round while pieces of those before wait for what was lost:
 * the checksum keeps out what has been put together wrongly.
 */
TEST_F_TIMEOUT(stacks, B7_numbers_come_round, 9000)
{
	long bad = pp_count(&self->p, "Udp", "InCsumErrors");
	static uint8_t d[1480], got[2048];
	unsigned int i, k, right = 0, wrong = 0;
	uint32_t seq;
	struct ends e;
	ssize_t n;

	ASSERT_EQ(0, ends_open(&self->p, &e));
	/* which would end most of them before */
	ASSERT_EQ(0, pp_sysctl(&self->p, "ipfrag_max_dist", "0"));
	for (i = 0; i < 20000; i++) {
		datagram(d, 208, PKTPATH_T_B, i);
		piece(&e, PKTPATH_T_B, i % 512, 0, true, d, 104);
		if (i % 100 != 7)
			piece(&e, PKTPATH_T_B, i % 512, 104, false, d + 104,
			      104);
		if (i % 50)
			continue;
		ASSERT_EQ(0, synced(&e));
		while ((n = recv(e.fd, got, sizeof(got), MSG_DONTWAIT)) > 0) {
			memcpy(&seq, got, 4);
			for (k = 0; k + 4 <= n && !memcmp(got + k, &seq, 4);)
				k += 4;
			if (n == 200 && k == 200)
				right++;
			else
				wrong++;
		}
	}
	bad = pp_count(&self->p, "Udp", "InCsumErrors") - bad;
	TH_LOG("%u right, %u wrong, %ld put together wrongly", right, wrong,
	       bad);
	EXPECT_EQ(0, wrong);
	EXPECT_LT(0, bad);
	EXPECT_LT(19000, right);
	ends_close(&e);
}

TEST_HARNESS_MAIN
