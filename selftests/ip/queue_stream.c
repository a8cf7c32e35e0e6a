// SPDX-License-Identifier: GPL-2.0
/*
 * Every packet of connections and of long datagrams through NFQUEUE, on both
 * stacks: each comes back by itself, pieces of a large one too.
 */
#include <net/if.h>
#include "pp_fixture.h"
#include "nfq.h"

#define BYTES (192 * 1024)

static struct nfq queue;
static struct nfq_packet packet;

static int rules(const char *text)
{
	return pp_run("nft 'table ip t { %s }'", text);
}

/*
 * Answers in a process of its own until it is killed: with @change each 'x' of
 * a datagram of more than a thousand octets becomes a 'y'.
 */
static pid_t answers(uint32_t flags, bool change)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	pid_t pid;
	uint32_t i;

	if (nfq_open(&queue, fd, 3, flags))
		return -1;
	pid = fork();
	if (pid) {
		close(fd);
		return pid;
	}
	for (;;) {
		struct nfq_verdict v = { .verdict = NF_ACCEPT };

		if (!nfq_next(&queue, &packet, -1))
			continue;
		if (change && packet.len > 1000) {
			for (i = 28; i < packet.len; i++)
				if (packet.data[i] == 'x')
					packet.data[i] = 'y';
			/* UDP without a checksum */
			packet.data[26] = 0;
			packet.data[27] = 0;
			v.data = packet.data;
			v.len = packet.len;
		}
		nfq_answer(&queue, packet.id, &v);
	}
}

static int end(pid_t pid)
{
	kill(pid, SIGKILL);
	return waitpid(pid, NULL, 0) == pid &&
	       !pp_run("nft delete table ip t") ? 0 : -1;
}

static uint8_t octet(unsigned int i)
{
	return i * 7 + i / 251;
}

/* @out writes BYTES while @in reads them; 0: all are right. */
static int flow(int out, int in)
{
	static uint8_t buf[BYTES];
	unsigned int sent = 0, got = 0, i;
	struct pollfd p[2] = { { .fd = out }, { .fd = in, .events = POLLIN } };
	ssize_t n;

	while (got < BYTES) {
		p[0].events = sent < BYTES ? POLLOUT : 0;
		if (poll(p, 2, 60000) <= 0)
			return -1;
		if (p[0].revents & POLLOUT) {
			for (i = sent; i < BYTES; i++)
				buf[i] = octet(i);
			n = send(out, buf + sent, BYTES - sent, MSG_DONTWAIT);
			if (n > 0)
				sent += n;
		}
		if (p[1].revents) {
			n = recv(in, buf + got, sent - got, MSG_DONTWAIT);
			if (n <= 0)
				return -1;
			for (i = got; i < got + n; i++)
				if (buf[i] != octet(i))
					return -1;
			got += n;
		}
	}
	return 0;
}

#define CHAIN(name, hook, which) \
	"chain " name " { type filter hook " hook " priority 0; " which \
	" queue num 3; }; "

static bool can_queue(void)
{
	pp_run("modprobe -qa nfnetlink_queue nft_queue");
	return !rules(CHAIN("c", "output", "udp dport 9")) &&
	       !pp_run("nft delete table ip t");
}

static int stream(struct pp_pair *p, uint32_t flags)
{
	int b = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0), fd = -1, ret = -1;
	int a = pp_socket(p, SOCK_STREAM, 0);
	pid_t pid;

	if (pp_bind(b, PKTPATH_T_B, 99) || listen(b, 1))
		return -1;
	pid = answers(flags, false);
	if (pid < 0 || rules(CHAIN("a", "prerouting", "tcp sport 99")
			     CHAIN("b", "input", "tcp sport 99")
			     CHAIN("c", "output", "tcp dport 99")
			     CHAIN("d", "postrouting", "tcp dport 99")))
		return -1;
	if (!pp_connect(a, PKTPATH_T_B, 99)) {
		fd = accept(b, NULL, NULL);
		ret = flow(a, fd) || flow(fd, a);
	}
	close(fd);
	close(a);
	close(b);
	return end(pid) || ret;
}

/* Divided before they are queued, which the kernel does by itself. */
TEST_F_TIMEOUT(stacks, stream_in_segments, 300)
{
	if (!can_queue())
		SKIP(return, "no nft queue");
	EXPECT_EQ(0, stream(&self->p, 0));
}

/* Whole as they are. */
TEST_F_TIMEOUT(stacks, stream_unsegmented, 300)
{
	if (!can_queue())
		SKIP(return, "no nft queue");
	EXPECT_EQ(0, stream(&self->p, NFQA_CFG_F_GSO));
}

/*
 * A datagram that leaves in pieces is changed while it is whole; one that came
 * in pieces likewise.
 */
TEST_F_TIMEOUT(stacks, long_datagrams_changed, 300)
{
	static char x[4000], got[4100];
	int a, b, i;
	pid_t pid;

	if (!can_queue())
		SKIP(return, "no nft queue");
	memset(x, 'x', sizeof(x));
	pid = answers(0, true);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, rules(CHAIN("b", "input", "udp sport 98")
			   CHAIN("c", "output", "udp dport 98")
			   CHAIN("d", "postrouting", "udp dport 98")));
	a = pp_udp_bound(&self->p, PKTPATH_T_A, 97);
	b = pp_peer_udp(&self->p, PKTPATH_T_B, 98);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	for (i = 0; i < 2; i++) {
		int from = i ? b : a, to = i ? a : b;

		memset(got, 0, sizeof(got));
		ASSERT_EQ(4000, pp_sendto(from, x, 4000,
					  i ? PKTPATH_T_A : PKTPATH_T_B,
					  i ? 97 : 98));
		ASSERT_EQ(4000, recv(to, got, sizeof(got), 0));
		EXPECT_EQ('y', got[0]);
		EXPECT_EQ(0, memcmp(got, got + 1, 3999));
	}
	EXPECT_EQ(0, end(pid));
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
