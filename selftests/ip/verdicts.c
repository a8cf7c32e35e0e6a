// SPDX-License-Identifier: GPL-2.0
/*
 * The same nftables ruleset, the same traffic, on AF_INET and on AF_PKTPATH: the
 * same verdicts, but for those that the README's limits name.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "pp_fixture.h"

#define NEGATIVE_MS 300		/* what must not come gets so long */
#define POSITIVE_MS 30000

/* How it ends; errno otherwise. */
#define PASSED 0
#define LOST (-1)		/* nothing comes, nobody is told */
#define SAME (-2)		/* as on AF_INET */
#define BROKEN (-3)		/* the test itself */
#define FOREIGN (-4)		/* from another address than was meant */

enum op {
	OUT,		/* datagram A:$AP => B:$BP */
	OUT_TWICE,	/* the second of two */
	ANSWER,		/* B's answer to A's datagram */
	IN,		/* datagram B:$BP => A:$AP */
	IN_TWICE,
	IN_OTHER,	/* B:$BP => A:$XP, for a socket at $AP */
	IN_ANSWER,	/* A's answer to what B has sent to A:$XP */
	STREAM_OUT,	/* connection A => B:$BP */
	STREAM_IN,	/* B => A:$AP */
	STREAM_IN_OTHER, /* B => A:$XP, for a listener at $AP */
};

/* Chains. */
#define CHAIN(name, type, hook, prio, rules) \
	"chain " name " { type " type " hook " hook " priority " prio "; " \
	rules " }; "
#define AT_IN(rules) CHAIN("in", "filter", "input", "0", rules)
#define AT_OUT(rules) CHAIN("out", "filter", "output", "0", rules)
#define AT_END(rules) CHAIN("end", "filter", "postrouting", "0", rules)
#define AT_FIRST(rules) CHAIN("first", "filter", "prerouting", "-300", rules)
#define AT_FIRST_OUT(rules) CHAIN("fout", "filter", "output", "-300", rules)
#define SNAT(rules) CHAIN("s", "nat", "postrouting", "100", rules)
#define SYNPROXY "synproxy mss 1460 wscale 7 timestamp sack-perm;"
#define DNAT(rules) CHAIN("d", "nat", "prerouting", "-100", rules)

static const struct row {
	const char *name;
	const char *rules;	/* of a table; $AP, $BP, $XP are ports */
	enum op op;
	int want;
	int ours;		/* where pktpath differs */
	const char *from;	/* address that B sees, NULL: A's */
} rows[] = {
	{ "accept out",
	  AT_OUT("udp dport $BP accept; drop;"),
	  OUT, PASSED, SAME, NULL },
	{ "drop out",
	  AT_OUT("udp dport $BP drop;"),
	  OUT, EPERM, SAME, NULL },
	{ "drop at the end",
	  AT_END("udp dport $BP drop;"),
	  OUT, EPERM, SAME, NULL },
	{ "another port",
	  AT_OUT("udp dport $XP drop;"),
	  OUT, PASSED, SAME, NULL },
	{ "policy drop",
	  AT_OUT("policy drop; ip protocol icmp accept;"),
	  OUT, EPERM, SAME, NULL },
	{ "accept in",
	  AT_IN("udp dport $AP accept; drop;"),
	  IN, PASSED, SAME, NULL },
	{ "drop in",
	  AT_IN("udp dport $AP drop;"),
	  IN, LOST, SAME, NULL },
	{ "drop before routing",
	  AT_FIRST("udp dport $AP drop;"),
	  IN, LOST, SAME, NULL },
	{ "by address",
	  AT_IN("ip saddr 10.77.0.2 ip daddr 10.77.0.1 counter drop;"),
	  IN, LOST, SAME, NULL },
	{ "by device",
	  AT_IN("iifname \"pa\" udp dport $AP drop;"),
	  IN, LOST, SAME, NULL },
	{ "by device out",
	  AT_END("oifname \"pa\" udp dport $BP drop;"),
	  OUT, EPERM, SAME, NULL },
	{ "log",
	  AT_IN("udp dport $AP log prefix \"t\" accept; drop;"),
	  IN, PASSED, SAME, NULL },
	{ "new is dropped",
	  AT_IN("udp dport $AP ct state new drop;"),
	  IN, LOST, SAME, NULL },
	{ "an answer is established",
	  AT_IN("udp dport $AP ct state established accept;"
		 " udp dport $AP drop;"),
	  ANSWER, PASSED, SAME, NULL },
	{ "an answer, not tracked",
	  AT_FIRST_OUT("udp dport $BP notrack;")
	  AT_IN("udp dport $AP ct state established drop;"),
	  ANSWER, PASSED, SAME, NULL },
	{ "untracked in",
	  AT_FIRST("udp dport $AP notrack;")
	  AT_IN("udp dport $AP ct state untracked drop;"),
	  IN, LOST, SAME, NULL },
	{ "limit, the first",
	  AT_IN("udp dport $AP limit rate 1/hour burst 1 packets accept;"
		 " udp dport $AP drop;"),
	  IN, PASSED, SAME, NULL },
	{ "limit, the second",
	  AT_IN("udp dport $AP limit rate 1/hour burst 1 packets accept;"
		 " udp dport $AP drop;"),
	  IN_TWICE, LOST, SAME, NULL },
	{ "limit out",
	  AT_OUT("udp dport $BP limit rate 1/hour burst 1 packets accept;"
		 " udp dport $BP drop;"),
	  OUT_TWICE, EPERM, SAME, NULL },
	{ "mark",
	  AT_FIRST("udp dport $AP meta mark set 7;")
	  AT_IN("meta mark 7 drop;"),
	  IN, LOST, SAME, NULL },
	{ "mark out",
	  AT_OUT("udp dport $BP meta mark set 7;")
	  AT_END("meta mark 7 drop;"),
	  OUT, EPERM, SAME, NULL },
	{ "ct mark",
	  AT_OUT("udp dport $BP ct mark set 9;")
	  AT_IN("ct mark 9 drop;"),
	  ANSWER, LOST, SAME, NULL },
	{ "snat",
	  SNAT("udp dport $BP snat to 10.77.0.3;"),
	  OUT, PASSED, SAME, "10.77.0.3" },
	{ "snat, the answer",
	  SNAT("udp dport $BP snat to 10.77.0.3;"),
	  ANSWER, PASSED, SAME, "10.77.0.3" },
	{ "dnat in",
	  DNAT("udp dport $XP dnat to 10.77.0.1:$AP;"),
	  IN_OTHER, PASSED, SAME, NULL },
	{ "dnat in, the answer",
	  DNAT("udp dport $XP dnat to 10.77.0.1:$AP;"),
	  IN_ANSWER, PASSED, SAME, NULL },
	{ "queue",
	  AT_IN("udp dport $AP queue num 3;"),
	  IN, LOST, SAME, NULL },
	{ "queue, bypass",
	  AT_IN("udp dport $AP queue num 3 bypass;"),
	  IN, PASSED, SAME, NULL },
	{ "stream out",
	  AT_IN("tcp sport $BP ct state established accept; drop;"),
	  STREAM_OUT, PASSED, SAME, NULL },
	{ "stream in",
	  AT_OUT("tcp sport $AP ct state established accept;"
		 " tcp sport $AP drop;"),
	  STREAM_IN, PASSED, SAME, NULL },
	{ "stream, dnat in",
	  DNAT("tcp dport $XP dnat to 10.77.0.1:$AP;"),
	  STREAM_IN_OTHER, PASSED, SAME, NULL },
	{ "stream, snat",
	  SNAT("tcp dport $BP snat to 10.77.0.3;"),
	  STREAM_OUT, PASSED, SAME, "10.77.0.3" },
	/*
	 * What asks the kernel's own tables finds neither route, address nor
	 * socket there; our traffic goes on as the rule says.
	 */
	{ "fib, no way back",
	  AT_IN("udp dport $AP fib saddr oif missing drop;"),
	  IN, PASSED, LOST, NULL },
	{ "fib, not local",
	  AT_FIRST("udp dport $AP fib daddr type != local drop;"),
	  IN, PASSED, LOST, NULL },
	{ "fib, out",
	  AT_OUT("udp dport $BP fib saddr type != local drop;"),
	  OUT, PASSED, EPERM, NULL },
	{ "socket",
	  AT_FIRST("udp dport $AP socket wildcard 0 accept;"
		   " udp dport $AP drop;"),
	  IN, PASSED, LOST, NULL },
	{ "tproxy without a proxy",
	  AT_FIRST("udp dport $AP tproxy to :$XP;"),
	  IN, PASSED, SAME, NULL },
	{ "synproxy",
	  AT_FIRST("tcp dport $AP tcp flags syn notrack;")
	  AT_IN("tcp dport $AP ct state invalid,untracked " SYNPROXY
		" tcp dport $AP ct state invalid drop;"),
	  STREAM_IN, PASSED, EINPROGRESS, NULL },
	{ "and after it",
	  AT_IN("tcp dport $AP ct state new accept;"),
	  STREAM_IN, PASSED, SAME, NULL },
	/* A rejection goes out by the kernel's routes: there is none. */
	{ "reject",
	  AT_IN("udp dport $AP reject;"),
	  IN, ECONNREFUSED, LOST, NULL },
};

/* Ports of a row: conntrack remembers those of the rows before. */
struct ports {
	int a, b, x;
};

static int ruleset(const struct row *r, const struct ports *n)
{
	FILE *f = popen("nft -f -", "w");

	if (!f)
		return -1;
	fprintf(f, "define AP = %d\ndefine BP = %d\ndefine XP = %d\n", n->a,
		n->b, n->x);
	fprintf(f, "table ip t { %s }\n", r->rules);
	return pclose(f);
}

static int wait_ms(int want)
{
	return want == LOST ? NEGATIVE_MS : POSITIVE_MS;
}

/* Receives a datagram, or the error that came in its place. */
static int received(int fd, int want, const char *from)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	char buf[16], text[INET_ADDRSTRLEN];

	if (!pp_readable(fd, wait_ms(want)))
		return LOST;
	if (recvfrom(fd, buf, sizeof(buf), 0, (void *)&sin, &len) < 0)
		return errno;
	if (from && strcmp(inet_ntop(AF_INET, &sin.sin_addr, text,
				     sizeof(text)), from))
		return FOREIGN;
	return PASSED;
}

static int datagram(const struct pp_pair *p, const struct row *r,
		    const struct ports *n, int want)
{
	int a = pp_udp_bound(p, PKTPATH_T_A, n->a), ret;
	int b = pp_peer_udp(p, PKTPATH_T_B, n->b);
	int to = r->op == IN_OTHER || r->op == IN_ANSWER ? n->x : n->a;
	const char *from = r->from ? r->from : PKTPATH_T_A;
	struct sockaddr_in sin;
	struct pollfd told = { .fd = b, .events = POLLERR };
	socklen_t len = sizeof(int);
	int err = 0;

	if (a < 0 || b < 0)
		return BROKEN;
	if (r->op == OUT_TWICE &&
	    pp_sendto(a, "1", 1, PKTPATH_T_B, n->b) < 0)
		return BROKEN;
	switch (r->op) {
	case OUT_TWICE:
	case OUT:
	case ANSWER:
		ret = pp_sendto(a, "1", 1, PKTPATH_T_B, n->b) < 0 ? errno : 0;
		if (ret || r->op == OUT_TWICE)
			break;
		ret = received(b, PASSED, from);
		if (ret || r->op == OUT)
			break;
		if (pp_sendto(b, "2", 1, from, n->a) < 0)
			return BROKEN;
		ret = received(a, want, NULL);
		break;
	default:
		/* connected, so that it hears of a rejection */
		sin = pp_addr(PKTPATH_T_A, to);
		sin.sin_family = AF_INET;
		if (connect(b, (void *)&sin, sizeof(sin)))
			return BROKEN;
		if (r->op == IN_TWICE && (send(b, "0", 1, 0) != 1 ||
					  received(a, PASSED, NULL)))
			return BROKEN;
		if (send(b, "1", 1, 0) != 1)
			return BROKEN;
		if (want > 0) {
			poll(&told, 1, POSITIVE_MS);
			getsockopt(b, SOL_SOCKET, SO_ERROR, &err, &len);
			ret = err ? err : LOST;
			break;
		}
		ret = received(a, want, NULL);
		if (ret || r->op != IN_ANSWER)
			break;
		if (pp_sendto(a, "2", 1, PKTPATH_T_B, n->b) < 0)
			return BROKEN;
		ret = received(b, want, NULL);
		break;
	}
	close(a);
	close(b);
	return ret;
}

static int stream(const struct pp_pair *p, const struct row *r,
		  const struct ports *n, int want)
{
	struct timeval tv = { .tv_sec = 3 };
	int in = r->op != STREAM_OUT, ret = 0, fd = -1;
	int a = pp_socket(p, SOCK_STREAM, 0);
	int b = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);
	int listener = in ? a : b, client = in ? b : a;
	const char *addr = in ? PKTPATH_T_A : PKTPATH_T_B;
	int port = r->op == STREAM_IN_OTHER ? n->x : in ? n->a : n->b;
	char text[INET_ADDRSTRLEN] = "", c;
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	if (pp_bind(listener, addr, in ? n->a : n->b) || listen(listener, 1))
		return BROKEN;
	if (want == EINPROGRESS)	/* it will not come about */
		setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (pp_connect(client, addr, port))
		ret = errno;
	if (!ret) {
		fd = accept(listener, (void *)&sin, &len);
		if (fd < 0 || write(client, "x", 1) != 1 ||
		    read(fd, &c, 1) != 1)
			ret = BROKEN;
		else if (r->from && strcmp(inet_ntop(AF_INET, &sin.sin_addr,
						     text, sizeof(text)),
					   r->from))
			ret = FOREIGN;
	}
	close(a);
	close(b);
	close(fd);
	return ret;
}

TEST_F_TIMEOUT(stacks, same_rules_same_verdicts, 280)
{
	const struct row *r;
	struct ports n;
	int want, got;
	size_t i;

	if (pp_run("nft --version >/dev/null 2>&1"))
		SKIP(return, "no nft");
	pp_run("modprobe -qa nft_fib_ipv4 nft_socket nft_tproxy nft_synproxy");
	/* what synproxy has not let in is invalid, not picked up midway */
	pp_run("sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		r = &rows[i];
		n = (struct ports){ 5000 + 3 * i, 5001 + 3 * i, 5002 + 3 * i };
		want = !variant->inet && r->ours != SAME ? r->ours : r->want;
		got = ruleset(r, &n);
		if (got && (strstr(r->rules, " queue num") ||
			    strstr(r->rules, " synproxy ")))
			continue;	/* a kernel without them */
		ASSERT_EQ(0, got) {
			TH_LOG("%s: nft refuses it", r->name);
		}
		got = r->op >= STREAM_OUT ? stream(&self->p, r, &n, want) :
					    datagram(&self->p, r, &n, want);
		EXPECT_EQ(want, got) {
			TH_LOG("%s", r->name);
		}
		ASSERT_EQ(0, pp_run("nft delete table ip t"));
	}
}

TEST_HARNESS_MAIN
