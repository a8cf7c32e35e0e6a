// SPDX-License-Identifier: GPL-2.0
/*
 * What IP has to do with a connection: the headers of segments that no socket
 * sends, ICMP errors, and addresses of many.
 */
#include <time.h>
#include <linux/errqueue.h>
#include "peer.h"

/* ---- Headers ---- */

static void set_listener(struct peer *p, int level, int opt, int val)
{
	CHECK_EQ(setsockopt(p->lfd, level, opt, &val, sizeof(val)), 0);
}

/* RFC 5082: a server that asks for a TTL has it from its first segment on. */
static void passive_ttl(struct peer *p)
{
	peer_listen(p, 8);
	set_listener(p, IPPROTO_IP, IP_TTL, 255);
	p->ttl = 255;
	TX("S 0 - " OPT_ALL);
	RX("SA 0 1");
	RX_AT(900, 1100, "SA 0 1");
	/* what is out of order is answered by nobody's socket */
	p->ttl = 64;
	TX("A 100000 1");
	RX("A 1 1");
	p->ttl = 255;
	TX("A 1 1");
	peer_accept(p);
	WRITE(10);
	RX("PA 1+10 1");
}

/* SO_PRIORITY from the first segment on: all others are dropped. */
static void passive_priority(struct peer *p)
{
	if (pp_run("nft 'add table ip t; add chain ip t o %s; %s %u %s'",
		   "{ type filter hook output priority 0; }",
		   "add rule ip t o tcp sport", p->aport,
		   "meta priority != 0:5 drop"))
		peer_fail(p, "no nft");
	peer_listen(p, 8);
	set_listener(p, SOL_SOCKET, SO_PRIORITY, 5);
	TX("S 0 - " OPT_ALL);
	RX("SA 0 1");
	TX("A 100000 1");
	RX("A 1 1");
	TX("A 1 1");
	peer_accept(p);
	CHECK_EQ(pp_run("nft delete table ip t"), 0);
}

/* ---- ICMP errors ---- */

/* Half open: what says that the peer cannot be reached ends it, what anybody
 * may make of a SYN that somebody else sent does not.
 */
static void half_open_errors(struct peer *p)
{
	static const struct { int type, code; bool ends; } e[] = {
		{ 3, 3, false }, { 3, 2, false }, { 3, 9, false },
		{ 3, 0, true }, { 3, 1, true }, { 11, 0, true }, { 12, 0, true },
	};
	long oow = peer_count(p, "TcpExt", "OutOfWindowIcmps");
	unsigned int i;

	peer_listen(p, 16);
	for (i = 0; i < ARRAY_SIZE(e); i++) {
		p->bport++;
		p->iss_known = false;
		TX("S 0 - " OPT_PLAIN);
		RX("SA 0 1");
		peer_icmp(p, e[i].type, e[i].code, 0, 5);
		peer_icmp(p, e[i].type, e[i].code, 0, 0);
		TX("A 1 1");
		if (e[i].ends) {
			RX("R 1 -");
		} else {
			peer_accept(p);
			peer_end(p);
			RX("RA 1 1");
			p->fd = -1;
		}
	}
	CHECK_EQ(peer_count(p, "TcpExt", "OutOfWindowIcmps") - oow,
		 ARRAY_SIZE(e));
}

/* The next error of the queue: its code, or -errno. */
static int queued(struct peer *p, struct sock_extended_err *ee)
{
	struct sockaddr_in *from;
	struct cmsghdr *c;
	struct msghdr msg;

	if (pp_recvmsg(p->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return -errno;
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	CHECK(c);
	memcpy(ee, CMSG_DATA(c), sizeof(*ee));
	CHECK_EQ(ee->ee_origin, SO_EE_ORIGIN_ICMP);
	from = (void *)((struct sock_extended_err *)CMSG_DATA(c) + 1);
	CHECK_EQ(from->sin_addr.s_addr, p->ip_b);
	return ee->ee_errno;
}

/* A tool that traces a route by SYNs reads who has answered. */
static void active_error_queued(struct peer *p)
{
	struct sock_extended_err ee;

	p->fd = peer_socket(p);
	peer_set(p, IPPROTO_IP, IP_RECVERR, 1);
	CHECK_EQ(peer_connect(p), EINPROGRESS);
	RX("S 0 -");
	peer_icmp(p, 11, 0, 0, 0);
	CHECK_EQ(peer_soerror(p), EHOSTUNREACH);
	CHECK_EQ(queued(p, &ee), EHOSTUNREACH);
	CHECK_EQ(ee.ee_type, 11);
	CHECK_EQ(queued(p, &ee), -EAGAIN);
	STATE(ST_CLOSE);
}

/* Connected, who asks is told at once; there is nothing to trace. */
static void connected_error(struct peer *p)
{
	struct sock_extended_err ee;

	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	peer_icmp(p, 3, 1, 0, 1);
	CHECK_EQ(pp_revents(p->fd, 0, 0), 0);
	peer_set(p, IPPROTO_IP, IP_RECVERR, 1);
	peer_icmp(p, 3, 1, 0, 1);
	CHECK_EQ(pp_revents(p->fd, 0, 0), POLLERR);
	CHECK_EQ(queued(p, &ee), -EAGAIN);
	CHECK_EQ(peer_soerror(p), EHOSTUNREACH);
	STATE(ST_ESTABLISHED);
	TX("A 1 101");
}

/* RFC 6069: each error about a retransmission takes one doubling back. */
static void backoff_reverted(struct peer *p)
{
	peer_passive(p, OPT_PLAIN);
	WRITE(100);
	RX("PA 1+100 1");
	peer_drain(p);
	RX("PA 1+100 1");
	RX_AT(350, 460, "PA 1+100 1");
	RX_AT(750, 900, "PA 1+100 1");
	/* 1.6 s were due */
	peer_icmp(p, 3, 1, 0, 1);
	RX_AT(700, 900, "PA 1+100 1");
	/* of another segment, or of a port: nothing to do with it */
	peer_icmp(p, 3, 1, 0, 50);
	peer_icmp(p, 3, 3, 0, 1);
	RX_AT(1450, 1800, "PA 1+100 1");
	/* two at once: the time is over */
	peer_sleep(1000);
	peer_icmp(p, 3, 0, 0, 1);
	peer_icmp(p, 3, 0, 0, 1);
	RX_AT(0, 50, "PA 1+100 1");
	TX("A 1 101");
}

/* ---- To many, from many ---- */

struct many {
	const char *to, *from, *mac;
};

static void to_many(struct peer *p, const struct many *m)
{
	p->ip_a = inet_addr(m->to);
	p->ip_b = inet_addr(m->from);
	if (m->mac)
		memcpy(p->mac_a, m->mac, 6);
}

/* MUST-57, MUST-63: such a segment opens nothing, ends nothing, is not
 * answered.
 */
static void addresses_of_many(struct peer *p)
{
	static const char all[] = "\xff\xff\xff\xff\xff\xff";
	static const char group[] = "\x01\x00\x5e\x00\x00\x01";
	static const struct many m[] = {
		{ PKTPATH_T_BCAST, PEER_IP, all },
		{ PKTPATH_T_BCAST, PEER_IP, NULL },
		{ "255.255.255.255", PEER_IP, all },
		{ "224.0.0.1", PEER_IP, group },
		{ "224.0.0.1", PEER_IP, NULL },
		{ PKTPATH_T_A, PEER_IP, all },
		{ PKTPATH_T_A, PEER_IP, group },
		{ PKTPATH_T_A, PKTPATH_T_BCAST, NULL },
		{ PKTPATH_T_A, "255.255.255.255", NULL },
		{ PKTPATH_T_A, "224.0.0.1", NULL },
	};
	uint8_t mac[6];
	uint16_t own, port;
	unsigned int i;
	long out;

	peer_passive(p, OPT_PLAIN);
	memcpy(mac, p->mac_a, 6);
	own = p->aport;
	port = p->bport;
	out = peer_count(p, "Tcp", "OutSegs");
	for (i = 0; i < ARRAY_SIZE(m); i++) {
		to_many(p, &m[i]);
		/* of the connection */
		TX("R 1 -");
		TX("PA 1+10 1");
		/* for the listener, for nobody */
		p->bport++;
		TX("S 0 - " OPT_PLAIN);
		TX("A 1 1");
		p->aport++;
		TX("S 0 - " OPT_PLAIN);
		TX("A 1 1");
		p->aport = own;
		p->bport = port;
		memcpy(p->mac_a, mac, 6);
		if (peer_count(p, "Tcp", "OutSegs") != out)
			peer_fail(p, "to %s from %s was answered", m[i].to,
				  m[i].from);
	}
	p->ip_a = inet_addr(PKTPATH_T_A);
	p->ip_b = inet_addr(PEER_IP);
	STATE(ST_ESTABLISHED);
	TX("PA 1+10 1");
	RX("A 1 11");
	READ(10);
}

static const struct peer_case cases[] = {
#define C(f) { .name = #f, .fn = f }
	C(passive_ttl), C(passive_priority), C(half_open_errors),
	C(active_error_queued), C(connected_error), C(backoff_reverted),
	/*
	 * AF_INET answers who has the broadcast address of its link; and it
	 * counts what comes for a group in a frame for us.
	 */
	{ .name = "addresses_of_many", .fn = addresses_of_many,
	  .only = "pktpath", .mixed = true },
};

int main(int argc, char **argv)
{
	return peer_main(argc, argv, cases, ARRAY_SIZE(cases));
}
