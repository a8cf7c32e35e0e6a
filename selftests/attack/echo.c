// SPDX-License-Identifier: GPL-2.0
/*
 * Echo of every size, on both stacks: what comes back is what was sent.
 * Proves: attacks D7.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include "pp_fixture.h"

#define LARGEST (65535 - 20 - 8)

static uint8_t out[8 + LARGEST], in[65536];

static uint16_t sum(const uint8_t *p, size_t len)
{
	uint32_t s = 0;
	size_t i;

	for (i = 0; i < len; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons(~s);
}

/* 0: the answer to @n octets holds the same. */
static int echo(int raw, unsigned int n, uint16_t seq)
{
	struct icmphdr *ih = (struct icmphdr *)out, *got;
	ssize_t len;
	unsigned int i;

	for (i = 0; i < n; i++)
		out[8 + i] = i * 5 + seq + (i >> 8);
	memset(ih, 0, sizeof(*ih));
	ih->type = ICMP_ECHO;
	ih->un.echo.id = htons(77);
	ih->un.echo.sequence = htons(seq);
	ih->checksum = sum(out, 8 + n);
	if (pp_sendto(raw, out, 8 + n, PKTPATH_T_A, 0) != 8 + (ssize_t)n)
		return -1;
	do {
		len = recv(raw, in, sizeof(in), 0);
		if (len < 0)
			return -2;
		got = (struct icmphdr *)(in + 20);
	} while (got->type != ICMP_ECHOREPLY ||
		 got->un.echo.sequence != htons(seq));
	if (len != 28 + (ssize_t)n || sum(in + 20, len - 20))
		return -3;
	return memcmp(in + 28, out + 8, n) ? -4 : 0;
}

TEST_F_TIMEOUT(stacks, D7_echo_of_every_size, 200)
{
	static const unsigned int sizes[] = {
		0, 1, 2, 7, 8, 1471, 1472, 1473, 1480, 2952, 2953, 4096, 32768,
		65500, 65505, 65506, LARGEST,
	};
	int raw = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	unsigned int i, n, x = 7;
	int size = 1 << 20;

	setsockopt(raw, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(raw, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	for (i = 0; i < 400; i++) {
		x = x * 1664525 + 1013904223;
		n = i < ARRAY_SIZE(sizes) ? sizes[i] :
			(x >> 8) % (i & 1 ? 3000 : LARGEST + 1);
		ASSERT_EQ(0, echo(raw, n, i)) TH_LOG("%u octets", n);
	}
	close(raw);
}

TEST_HARNESS_MAIN
