// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: frames from strangers, output to everybody, and an
 * administrator who changes addresses, entries and the link all the time.
 * Rows A16 (random frames) and G4; what is proved is that nothing breaks.
 */
#include <signal.h>
#include <sys/wait.h>
#include "arp.h"
#include "pp_cpu.h"
#include "kselftest_harness.h"

#define CHURN_MS 8000

FIXTURE(churn) {
	struct pair p;
	int udp;
};

FIXTURE_SETUP(churn)
{
	ASSERT_EQ(0, pair_up(&self->p, NULL));
	self->udp = udp_in_a(&self->p);
	ASSERT_GE(self->udp, 0);
}

FIXTURE_TEARDOWN(churn)
{
	close(self->udp);
	EXPECT_EQ(0, pair_down(&self->p));
}

/* A answers; the address is a new one, which nobody disputes any more. */
static bool alive(const struct pair *p)
{
	struct arp_frame f;

	if (pair_sysctl(p, "neigh.pa.acd", "0") ||
	    pp_tool(p, "addr del %s/24 dev pa", PAIR_A) ||
	    pp_tool(p, "addr add %s/24 dev pa", PAIR_A))
		return false;
	frame_flush(p);
	if (arp_ask(p, mac_2, "0.0.0.0", PAIR_A))
		return false;
	while (arp_next(p, &f, 30000))
		if (f.op == htons(ARP_REP))
			return true;
	return false;
}

static void random_host(char *addr, size_t size)
{
	snprintf(addr, size, "10.77.0.%ld", 1 + random() % 250);
}

/* A frame that is right but for @wrong random bytes. */
static void random_frame(struct arp_frame *f, int wrong)
{
	uint8_t mac[6] = { 2, 0, 0, 0, 0, random() }, *raw = (uint8_t *)f;
	char spa[32], tpa[32];

	random_host(spa, sizeof(spa));
	random_host(tpa, sizeof(tpa));
	arp_fill(f, 1 + random() % 2, arp_bcast, mac, ip_of(spa), arp_zero,
		 ip_of(random() % 2 ? tpa : PAIR_A));
	while (wrong--)
		raw[14 + random() % 28] = random();
}

static void strangers(const struct pair *p)
{
	struct arp_frame f;

	for (;;) {
		random_frame(&f, random() % 3);
		frame_send(p, &f, ARP_FRAME_LEN - !(random() % 8) *
			   (random() % 28));
	}
}

static void senders(const struct pair *p, int fd)
{
	char addr[32];

	for (;;) {
		random_host(addr, sizeof(addr));
		udp_send(fd, addr, random() % 1400);
		if (!(random() % 64))
			frame_flush(p);
	}
}

static void dumpers(const struct pair *p)
{
	for (;;)
		sh("(%s -n %s neigh show; ip netns exec %s cat %s) >/dev/null",
		   pair_tool(), p->a, p->a, "/proc/net/pktpath/arp");
}

static pid_t run(void (*fn)(const struct pair *), const struct pair *p)
{
	pid_t pid = fork();

	if (!pid) {
		srandom(getpid());
		fn(p);
		_exit(0);
	}
	return pid;
}

static void administer(const struct pair *p, int round)
{
	switch (round % 7) {
	case 0:
		pp_tool(p, "neigh flush dev pa");
		break;
	case 1:
		pp_tool(p, "neigh replace 10.77.0.%d lladdr 02:00:00:00:00:07 dev pa nud permanent",
			2 + round % 40);
		break;
	case 2:
		pp_tool(p, "addr add 10.77.0.%d/24 dev pa", 100 + round % 9);
		break;
	case 3:
		sh("ip -n %s link set pa address 02:00:00:00:aa:%02x", p->a,
		   round & 0xff);
		break;
	case 4:
		sh("ip -n %s link set pa down; ip -n %s link set pa up", p->a,
		   p->a);
		break;
	case 5:
		pp_tool(p, "addr del 10.77.0.%d/24 dev pa 2>/dev/null",
			100 + (round - 3) % 9);
		break;
	case 6:
		pp_tool(p, "neigh flush dev pa permanent");
		break;
	}
}

ARP_TEST(churn, G4_everything_at_once)
{
	int64_t end = now_ms() + CHURN_MS;
	pid_t pid[4];
	int i;

	pp_all_cpus();
	pid[0] = run(strangers, &self->p);
	pid[1] = run(strangers, &self->p);
	pid[2] = run(dumpers, &self->p);
	pid[3] = fork();
	if (!pid[3])
		senders(&self->p, self->udp);
	for (i = 0; now_ms() < end; i++)
		administer(&self->p, i);
	/* The device goes while they are all at it. */
	EXPECT_EQ(0, pp_tool(&self->p, "dev detach pa"));
	EXPECT_EQ(0, neigh_count(&self->p));
	EXPECT_EQ(0, pp_tool(&self->p, "dev attach pa"));
	EXPECT_EQ(0, pp_tool(&self->p, "addr add %s/24 dev pa", PAIR_A));
	for (i = 0; i < 4; i++)
		kill(pid[i], SIGKILL);
	for (i = 0; i < 4; i++)
		waitpid(pid[i], NULL, 0);
	/* Its link address is another by now. */
	ASSERT_EQ(0, sh("ip -n %s link set pa address 02:00:00:00:bb:01",
			self->p.a));
	memcpy(self->p.mac_a, "\2\0\0\0\xbb\1", 6);
	EXPECT_TRUE(alive(&self->p));
}

ARP_TEST(churn, A16_random_wrong_frames_get_no_answer)
{
	static const uint8_t at[] = { 14, 15, 16, 17, 18, 19, 20, 21 };
	struct arp_frame f;
	uint8_t *raw = (uint8_t *)&f, was;
	int i, replies = 0;

	srandom(1);
	for (i = 0; i < 20000; i++) {
		random_frame(&f, 0);
		/* One byte of the fixed part is not what it has to be. */
		was = raw[at[i % 8]];
		do {
			raw[at[i % 8]] = random();
		} while (raw[at[i % 8]] == was ||
			 /* IEEE 802 is a right type too, and so is a reply. */
			 (at[i % 8] == 15 && raw[15] == 6) ||
			 (at[i % 8] == 21 && (raw[21] == 1 || raw[21] == 2)));
		frame_send(&self->p, &f, sizeof(f));
		while (!(i % 100) && arp_next(&self->p, &f, 0))
			replies += f.op == htons(ARP_REP);
	}
	while (arp_next(&self->p, &f, 200))
		replies += f.op == htons(ARP_REP);
	EXPECT_EQ(0, replies);
	EXPECT_EQ(0, neigh_count(&self->p));
	EXPECT_EQ(20000, pair_stat(&self->p, "PpArpInErrors"));
	EXPECT_TRUE(alive(&self->p));
}

TEST_HARNESS_MAIN
