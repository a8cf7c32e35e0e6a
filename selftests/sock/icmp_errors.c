// SPDX-License-Identifier: GPL-2.0
/*
 * What each ICMP error is to a socket, on both stacks: errno, whether one that
 * did not ask hears of it, and what the error queue holds; for UDP, ping and
 * raw sockets. Rows ICMP-4, IP-6; RFC 1122 §3.2.2.1, 4.1.3.3.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include "pp_fixture.h"
#include <linux/errqueue.h>

#define PORT	5001
#define PROTO	253	/* RFC 3692: for experiments */

static const struct {
	uint8_t type, code;
	uint32_t word;		/* second of the ICMP header */
	int err;		/* 0: nobody hears of it */
	bool hard;
	uint32_t info;
} errors[] = {
	{ 3, 0, 0, ENETUNREACH, false, 0 },
	{ 3, 1, 0, EHOSTUNREACH, false, 0 },
	{ 3, 2, 0, ENOPROTOOPT, true, 0 },
	{ 3, 3, 0, ECONNREFUSED, true, 0 },
	{ 3, 5, 0, EOPNOTSUPP, false, 0 },
	{ 3, 6, 0, ENETUNREACH, true, 0 },
	{ 3, 7, 0, EHOSTDOWN, true, 0 },
	{ 3, 8, 0, ENONET, true, 0 },
	{ 3, 9, 0, ENETUNREACH, true, 0 },
	{ 3, 10, 0, EHOSTUNREACH, true, 0 },
	{ 3, 11, 0, ENETUNREACH, false, 0 },
	{ 3, 12, 0, EHOSTUNREACH, false, 0 },
	{ 3, 13, 0, EHOSTUNREACH, true, 0 },
	{ 3, 14, 0, EHOSTUNREACH, true, 0 },
	{ 3, 15, 0, EHOSTUNREACH, true, 0 },
	{ 3, 16, 0, 0, false, 0 },
	{ 11, 0, 0, EHOSTUNREACH, false, 0 },
	{ 11, 1, 0, 0, false, 0 },
	{ 12, 0, 20 << 24, EPROTO, true, 20 },
	{ 13, 0, 0, 0, false, 0 },
	{ 3, 4, 1300, EMSGSIZE, true, 1300 },
};

static uint16_t sum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t s = 0;

	for (; len > 1; len -= 2)
		s += *p++;
	s = (s & 0xffff) + (s >> 16);
	return ~(s + (s >> 16));
}

/* Error @i about a packet of @protocol from A to B that begins with @head. */
static int error_send(int raw, unsigned int i, uint8_t protocol,
		      const void *head)
{
	struct {
		struct iphdr ip;
		struct icmphdr icmp;
		struct iphdr inner;
		uint8_t head[8], data[4];
	} m = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_ICMP, .tot_len = htons(sizeof(m)),
			.saddr = inet_addr(PKTPATH_T_B),
			.daddr = inet_addr(PKTPATH_T_A),
		},
		.icmp = {
			.type = errors[i].type, .code = errors[i].code,
			.un.gateway = htonl(errors[i].word),
		},
		.inner = {
			.version = 4, .ihl = 5, .ttl = 1,
			.protocol = protocol, .tot_len = htons(1500),
			.saddr = inet_addr(PKTPATH_T_A),
			.daddr = inet_addr(PKTPATH_T_B),
		},
		.data = "wxyz",
	};
	struct sockaddr_in to = pp_addr(PKTPATH_T_A, 0);

	memcpy(m.head, head, sizeof(m.head));
	m.inner.check = sum(&m.inner, sizeof(m.inner));
	m.icmp.checksum = sum(&m.icmp, sizeof(m) - sizeof(m.ip));
	to.sin_family = AF_INET;
	return sendto(raw, &m, sizeof(m), 0, (void *)&to, sizeof(to)) ==
	       sizeof(m) ? 0 : -1;
}

/* What has been sent before has arrived. */
static bool settled(int from, int to)
{
	char c;

	return pp_sendto(from, "x", 1, PKTPATH_T_A, pp_port(to)) == 1 &&
	       recv(to, &c, 1, 0) == 1;
}

/* Of the three kinds of sockets: one, and how what it sends begins. */
static int kind_socket(const struct pp_pair *p, uint8_t protocol, void *head)
{
	struct icmphdr *icmp = head;
	struct udphdr *uh = head;
	int fd;

	memset(head, 0, 8);
	if (protocol == PROTO)
		return pp_socket(p, SOCK_RAW, PROTO);
	if (protocol == IPPROTO_UDP) {
		fd = pp_udp_bound(p, PKTPATH_T_A, 0);
		uh->source = htons(pp_port(fd));
		uh->dest = htons(PORT);
		return fd;
	}
	fd = pp_socket(p, SOCK_DGRAM, IPPROTO_ICMP);
	if (fd < 0 || pp_bind(fd, PKTPATH_T_A, 0))
		return -1;
	icmp->type = ICMP_ECHO;
	icmp->un.echo.id = htons(pp_port(fd));
	return fd;
}

static const uint8_t kinds[] = { IPPROTO_UDP, IPPROTO_ICMP, PROTO };

TEST_F_TIMEOUT(stacks, connected, 120)
{
	int raw = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_RAW);
	int from = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	int to = pp_udp_bound(&self->p, PKTPATH_T_A, 0);
	unsigned int i, k;
	uint8_t head[8];
	int fd, want;

	pp_sysctl(&self->p, "ping_group_range", "0 0");
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		fd = kind_socket(&self->p, kinds[k], head);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, pp_connect(fd, PKTPATH_T_B, PORT));
		for (i = 0; i < ARRAY_SIZE(errors); i++) {
			ASSERT_EQ(0, error_send(raw, i, kinds[k], head));
			want = errors[i].hard ? errors[i].err : 0;
			if (want)
				ASSERT_NE(0, pp_revents(fd, 0, 30000) & POLLERR)
					TH_LOG("%d: type %d code %d", kinds[k],
					       errors[i].type, errors[i].code);
			ASSERT_TRUE(settled(from, to));
			EXPECT_EQ(want, pp_get(fd, SOL_SOCKET, SO_ERROR))
				TH_LOG("%d: type %d code %d", kinds[k],
				       errors[i].type, errors[i].code);
		}
		close(fd);
	}
	close(to);
	close(from);
	close(raw);
}

/* The next entry of the error queue is error @i about @protocol. */
static bool queued(int fd, unsigned int i, uint8_t protocol)
{
	struct sock_extended_err *ee;
	struct sockaddr_in *off;
	struct msghdr msg;
	struct cmsghdr *c;
	const char *data;
	ssize_t n;

	n = pp_recvmsg(fd, &msg, MSG_ERRQUEUE);
	c = n < 0 ? NULL : pp_cmsg(&msg, IPPROTO_IP, IP_RECVERR);
	if (!c || !(msg.msg_flags & MSG_ERRQUEUE))
		return false;
	ee = (void *)CMSG_DATA(c);
	off = (void *)SO_EE_OFFENDER(ee);
	data = msg.msg_iov->iov_base;
	/* a raw or ping socket's data begins with what UDP has as header */
	if (protocol != IPPROTO_UDP) {
		data += 8;
		n -= 8;
	}
	return (int)ee->ee_errno == errors[i].err &&
	       ee->ee_origin == SO_EE_ORIGIN_ICMP &&
	       ee->ee_type == errors[i].type && ee->ee_code == errors[i].code &&
	       ee->ee_info == errors[i].info && !ee->ee_data &&
	       off->sin_addr.s_addr == inet_addr(PKTPATH_T_B) &&
	       n == 4 && !memcmp(data, "wxyz", 4);
}

TEST_F_TIMEOUT(stacks, asked_for, 120)
{
	int raw = pp_peer_socket(&self->p, AF_INET, SOCK_RAW, IPPROTO_RAW);
	int from = pp_peer_udp(&self->p, PKTPATH_T_B, 0);
	int to = pp_udp_bound(&self->p, PKTPATH_T_A, 0);
	unsigned int i, k;
	uint8_t head[8];
	int fd;

	pp_sysctl(&self->p, "ping_group_range", "0 0");
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		fd = kind_socket(&self->p, kinds[k], head);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, pp_set(fd, IPPROTO_IP, IP_RECVERR, 1));
		for (i = 0; i < ARRAY_SIZE(errors); i++) {
			ASSERT_EQ(0, error_send(raw, i, kinds[k], head));
			if (errors[i].err)
				ASSERT_NE(0, pp_revents(fd, 0, 30000) & POLLERR)
					TH_LOG("%d: type %d code %d", kinds[k],
					       errors[i].type, errors[i].code);
			ASSERT_TRUE(settled(from, to));
			EXPECT_EQ(errors[i].err,
				  pp_get(fd, SOL_SOCKET, SO_ERROR))
				TH_LOG("%d: type %d code %d", kinds[k],
				       errors[i].type, errors[i].code);
			EXPECT_EQ(!!errors[i].err, queued(fd, i, kinds[k]))
				TH_LOG("%d: type %d code %d", kinds[k],
				       errors[i].type, errors[i].code);
		}
		close(fd);
	}
	close(to);
	close(from);
	close(raw);
}

TEST_HARNESS_MAIN
