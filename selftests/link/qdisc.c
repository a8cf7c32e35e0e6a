// SPDX-License-Identifier: GPL-2.0
/*
 * Queueing disciplines, tc with BPF and XDP see our packets as they see those of
 * AF_INET: they count, sort, pace, mark, drop and send them elsewhere; and what a
 * program asks for on its socket (SO_PRIORITY, SO_MARK, SCM_TXTIME) reaches them.
 *
 * In counted time: a packet is as late as its discipline makes it.
 */
/* LIBS: -lbpf -lmnl */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/errqueue.h>
#include <linux/if_link.h>
#include <linux/net_tstamp.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include "link.h"
#include "pp_stream.h"

#define PORT_A 5001
#define PORT_B 5002
#define SIZE 1000
#define ON_WIRE (SIZE + 42)
#define ROOT "tc qdisc add dev pa root handle 9: "

struct ends {
	int a, b;		/* sockets, B's with arrival times */
};

/* B's address is known for good, and A's link carries nothing but ours. */
static int make(const struct pp_pair *p, struct ends *e)
{
	uint8_t mac[6];
	char neigh[128];
	int on = 1;

	pp_run("modprobe -qa sch_fq sch_fq_codel sch_tbf sch_etf sch_prio");
	pp_run("modprobe -qa sch_ingress cls_bpf");
	if (pp_ns_enter(p->ns_b) || link_mac("pb", mac) ||
	    pp_ns_enter(p->ns_a))
		return -1;
	snprintf(neigh, sizeof(neigh),
		 "neigh add %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev pa nud permanent",
		 PKTPATH_T_B, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (p->inet ? pp_run("ip %s", neigh) : pp_test_tool("%s", neigh))
		return -1;
	pp_run("sysctl -qw net.ipv6.conf.pa.disable_ipv6=1 2>/dev/null");
	e->a = pp_udp_bound(p, PKTPATH_T_A, PORT_A);
	e->b = pp_peer_udp(p, PKTPATH_T_B, PORT_B);
	if (e->a < 0 || e->b < 0)
		return -1;
	return setsockopt(e->b, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

static void done(struct ends *e)
{
	close(e->a);
	close(e->b);
}

static int send_n(int fd, int n)
{
	static char data[SIZE];
	int i;

	for (i = 0; i < n; i++)
		if (pp_sendto(fd, data, SIZE, PKTPATH_T_B, PORT_B) != SIZE)
			return -1;
	return 0;
}

/* When the next datagram came in, ns of CLOCK_REALTIME; 0: none. */
static int64_t arrival(int fd, int ms, int *first)
{
	struct msghdr msg;
	struct timespec ts;
	struct cmsghdr *c;

	if (!pp_readable(fd, ms) || pp_recvmsg(fd, &msg, 0) < 1)
		return 0;
	if (first)
		*first = *(uint8_t *)msg.msg_iov->iov_base;
	c = pp_cmsg(&msg, SOL_SOCKET, SCM_TIMESTAMPNS);
	if (!c)
		return 0;
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

struct tc_stat {
	long bytes, packets, dropped, flows;
};

/* Of the discipline or (@what: "class") class @id of pa. */
static struct tc_stat tc_stat(const char *what, const char *id)
{
	struct tc_stat s = { -1, -1, -1, -1 };
	char line[512], *at;
	bool found = false;
	FILE *f;

	snprintf(line, sizeof(line), "tc -s %s show dev pa", what);
	f = popen(line, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, what, strlen(what)))
			found = strstr(line, id) && s.bytes < 0;
		if (!found)
			continue;
		at = strstr(line, "Sent ");
		if (at)
			sscanf(at, "Sent %ld bytes %ld pkt (dropped %ld,",
			       &s.bytes, &s.packets, &s.dropped);
		at = strstr(line, " flows ");
		if (at)
			sscanf(at, " flows %ld", &s.flows);
	}
	if (f)
		pclose(f);
	return s;
}

/* @n datagrams have been counted since @before, and nothing else but ARP. */
static bool counted(const char *what, const char *id,
		    const struct tc_stat *before, int n)
{
	struct tc_stat s = tc_stat(what, id);
	long more = s.packets - before->packets - n;

	if (more >= 0 && more < 100 &&
	    s.bytes - before->bytes == n * ON_WIRE + more * 42)
		return true;
	printf("# %ld packets of %ld octets\n", s.packets - before->packets,
	       s.bytes - before->bytes);
	return false;
}

/* Each octet of what we send, and nothing else but ARP, is counted. */
TEST_F_TIMEOUT(stacks, all_is_counted, 9000)
{
	static const char * const kinds[] = {
		"fq", "fq_codel", "tbf rate 100mbit burst 50000 limit 1000000",
		"prio", "pfifo",
	};
	struct tc_stat s = { 0 };
	struct ends e;
	unsigned int i;
	int n;

	ASSERT_EQ(0, make(&self->p, &e));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ASSERT_EQ(0, pp_run(ROOT "%s", kinds[i]))
			TH_LOG("%s", kinds[i]);
		ASSERT_EQ(0, send_n(e.a, 20));
		for (n = 0; n < 20; n++)
			ASSERT_LT(0, arrival(e.b, 10000, NULL))
				TH_LOG("%s: %d came", kinds[i], n);
		EXPECT_EQ(0, tc_stat("qdisc", " 9: ").dropped);
		EXPECT_TRUE(counted("qdisc", " 9: ", &s, 20))
			TH_LOG("%s", kinds[i]);
		ASSERT_EQ(0, pp_run("tc qdisc del dev pa root"));
	}
	done(&e);
}

/* Connected sockets are flows of their own. */
TEST_F_TIMEOUT(stacks, fq_flows, 9000)
{
	struct tc_stat s;
	struct ends e;
	int udp[8], i;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run(ROOT "fq"));
	for (i = 0; i < 8; i++) {
		udp[i] = pp_udp(&self->p);
		/* without, newer kernels have one flow for all that is idle */
		ASSERT_EQ(0, pp_set(udp[i], SOL_SOCKET, SO_MAX_PACING_RATE,
				    100000000));
		ASSERT_EQ(0, pp_connect(udp[i], PKTPATH_T_B, PORT_B));
		ASSERT_EQ(1, send(udp[i], "x", 1, 0));
		ASSERT_EQ(1, send(udp[i], "x", 1, 0));
	}
	for (i = 0; i < 16; i++)
		ASSERT_LT(0, arrival(e.b, 10000, NULL));
	s = tc_stat("qdisc", " 9: ");
	/* all of ARP would be one */
	EXPECT_LE(8, s.flows);
	EXPECT_GE(10, s.flows);
	for (i = 0; i < 8; i++)
		close(udp[i]);
	done(&e);
}

/* Time between the first and the last of @n; ms. */
static long spread(int fd, int n)
{
	int64_t first = arrival(fd, 20000, NULL), last = first;

	while (--n > 0) {
		last = arrival(fd, 20000, NULL);
		if (!last)
			return -1;
	}
	return (last - first) / 1000000;
}

TEST_F_TIMEOUT(stacks, tbf_rate_holds, 9000)
{
	struct ends e;
	long ms;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run(ROOT "tbf rate 800kbit burst 1600 limit 1000000"));
	ASSERT_EQ(0, send_n(e.a, 101));
	ms = spread(e.b, 101);
	TH_LOG("100 datagrams in %ld ms", ms);
	/* 100 * ON_WIRE octets at 100,000 a second, less the burst */
	EXPECT_LE(1020, ms);
	EXPECT_GE(1060, ms);
	done(&e);
}

/* A socket says itself how fast; fq sees whose packets they are. */
TEST_F_TIMEOUT(stacks, fq_paces_the_socket, 9000)
{
	struct ends e;
	long ms;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run(ROOT "fq initial_quantum 1500 quantum 1500"));
	ASSERT_EQ(0, pp_connect(e.a, PKTPATH_T_B, PORT_B));
	ASSERT_EQ(0, pp_set(e.a, SOL_SOCKET, SO_MAX_PACING_RATE, 100000));
	ASSERT_EQ(0, send_n(e.a, 101));
	ms = spread(e.b, 101);
	TH_LOG("100 datagrams in %ld ms", ms);
	EXPECT_LE(900, ms);
	EXPECT_GE(1100, ms);
	done(&e);
}

/* Milliseconds that @n octets take from @a to @b, -1: they do not arrive. */
static long stream(int a, int b, long n)
{
	struct pollfd fds[] = { { .fd = a }, { .fd = b, .events = POLLIN } };
	int64_t start = clock_ns(CLOCK_MONOTONIC);
	long out = 0, in = 0, max;
	static char buf[65536];
	ssize_t len;

	while (in < n) {
		fds[0].events = out < n ? POLLOUT : 0;
		if (poll(fds, 2, 60000) < 1)
			return -1;
		if (fds[0].revents & POLLOUT) {
			max = n - out < (long)sizeof(buf) ? n - out :
							    (long)sizeof(buf);
			len = send(a, buf, max, MSG_DONTWAIT);
			if (len < 0 && errno != EAGAIN)
				return -1;
			out += len > 0 ? len : 0;
		}
		if (fds[1].revents) {
			len = recv(b, buf, sizeof(buf), MSG_DONTWAIT);
			if (len < 1)
				return -1;
			in += len;
		}
	}
	return (clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
}

#define BULK 4000000
#define RATE 1000000

/* A connection goes through whole, and as fast as its socket says. */
TEST_F_TIMEOUT(stacks, fq_paces_a_connection, 9000)
{
	struct tc_stat s, t;
	struct ends e;
	int a, b;
	long ms;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run(ROOT "fq"));
	s = tc_stat("qdisc", " 9: ");
	ASSERT_EQ(0, pp_active(&self->p, &a, &b));
	ms = stream(a, b, BULK);
	TH_LOG("%d octets in %ld ms", BULK, ms);
	EXPECT_LE(0, ms);
	t = tc_stat("qdisc", " 9: ");
	EXPECT_LE(BULK + BULK / 1448 * 66, t.bytes - s.bytes);
	EXPECT_EQ(0, t.dropped);
	ASSERT_EQ(0, pp_set(a, SOL_SOCKET, SO_MAX_PACING_RATE, RATE));
	/* what went before has been acknowledged at the old one */
	ASSERT_LE(0, stream(a, b, RATE / 10));
	ms = stream(a, b, RATE);
	TH_LOG("%d octets in %ld ms", RATE, ms);
	EXPECT_LE(900, ms);
	EXPECT_GE(1200, ms);
	EXPECT_EQ(0, tc_stat("qdisc", " 9: ").dropped);
	close(a);
	close(b);
	done(&e);
}

static int txtime(int fd, clockid_t clock, unsigned int flags)
{
	struct sock_txtime t = { .clockid = clock, .flags = flags };

	return setsockopt(fd, SOL_SOCKET, SO_TXTIME, &t, sizeof(t));
}

static ssize_t send_at(int fd, const char *what, uint64_t at)
{
	return pp_send_cmsg(fd, what, 1, PKTPATH_T_B, PORT_B, SOL_SOCKET,
			    SCM_TXTIME, &at, sizeof(at));
}

/* Datagrams leave when they were told to, in that order. */
static const char *departure(const struct ends *e, clockid_t clock)
{
	int64_t now = clock_ns(clock), real = clock_ns(CLOCK_REALTIME), at, late;
	/* each later one is to leave earlier */
	static const int ms[] = { 300, 200, 100 };
	int i, first;

	if (txtime(e->a, clock, 0))
		return "SO_TXTIME";
	for (i = 0; i < 3; i++)
		if (send_at(e->a, "abc" + i, now + ms[i] * 1000000LL) != 1)
			return "send";
	for (i = 2; i >= 0; i--) {
		at = arrival(e->b, 10000, &first);
		if (!at)
			return "lost";
		/* of fq a flow is a queue: the first holds up the others */
		if (clock == CLOCK_TAI && first != 'a' + i)
			return "order";
		late = at - real - ms[clock == CLOCK_TAI ? i : 0] * 1000000LL;
		if (late < -1000000)
			return "early";
		if (late > 50000000)
			return "late";
	}
	return "right";
}

TEST_F_TIMEOUT(stacks, etf_departure, 9000)
{
	struct sock_extended_err *ee;
	struct cmsghdr *c;
	struct msghdr msg;
	struct tc_stat s;
	struct ends e;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run(ROOT "etf clockid CLOCK_TAI delta 500000"));
	EXPECT_STREQ("right", departure(&e, CLOCK_TAI));

	/* without a time, or with one that has been: thrown away and told */
	ASSERT_EQ(0, txtime(e.a, CLOCK_TAI, SOF_TXTIME_REPORT_ERRORS));
	s = tc_stat("qdisc", " 9: ");
	send_at(e.a, "x", clock_ns(CLOCK_TAI) - 1000000000LL);
	ASSERT_LE(0, pp_recvmsg(e.a, &msg, MSG_ERRQUEUE));
	c = pp_cmsg(&msg, SOL_IP, IP_RECVERR);
	ASSERT_NE(NULL, c);
	ee = (void *)CMSG_DATA(c);
	EXPECT_EQ(SO_EE_ORIGIN_TXTIME, ee->ee_origin);
	EXPECT_EQ(SO_EE_CODE_TXTIME_INVALID_PARAM, ee->ee_code);
	EXPECT_EQ(s.dropped + 1, tc_stat("qdisc", " 9: ").dropped);
	EXPECT_EQ(0, arrival(e.b, 300, NULL));
	done(&e);
}

TEST_F_TIMEOUT(stacks, fq_departure, 9000)
{
	struct ends e;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run(ROOT "fq"));
	EXPECT_STREQ("right", departure(&e, CLOCK_MONOTONIC));
	done(&e);
}

/* Where prio puts them. */
TEST_F_TIMEOUT(stacks, priority_is_seen, 9000)
{
	static const struct {
		int priority, tos;
		const char *class;
	} rows[] = {
		{ 0, -1, "9:2 " }, { 6, -1, "9:1 " }, { 2, -1, "9:3 " },
		{ -1, 0x10, "9:1 " }, { -1, 0x08, "9:3 " },
	};
	struct tc_stat s;
	struct ends e;
	unsigned int i;
	int fd;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run(ROOT "prio"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = pp_udp(&self->p);
		if (rows[i].priority >= 0)
			ASSERT_EQ(0, pp_set(fd, SOL_SOCKET, SO_PRIORITY,
					    rows[i].priority));
		if (rows[i].tos >= 0)
			ASSERT_EQ(0, pp_set(fd, SOL_IP, IP_TOS, rows[i].tos));
		s = tc_stat("class", rows[i].class);
		ASSERT_EQ(0, send_n(fd, 3));
		EXPECT_TRUE(counted("class", rows[i].class, &s, 3))
			TH_LOG("row %u", i);
		close(fd);
	}
	done(&e);
}

/* SO_MARK and its cmsg, SO_PRIORITY: at the hooks. */
TEST_F_TIMEOUT(stacks, mark_is_seen, 9000)
{
	uint32_t mark = 8;
	struct ends e;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run("nft 'table ip t { chain c { "
			    "type filter hook output priority 0; "
			    "meta mark { 7, 8 } drop; "
			    "meta priority 0:6 drop; }; }'"));
	EXPECT_EQ(0, send_n(e.a, 1));
	EXPECT_EQ(-1, pp_send_cmsg(e.a, "x", 1, PKTPATH_T_B, PORT_B, SOL_SOCKET,
				   SO_MARK, &mark, sizeof(mark)));
	EXPECT_EQ(EPERM, errno);
	/* for that one only */
	EXPECT_EQ(0, send_n(e.a, 1));
	ASSERT_EQ(0, pp_set(e.a, SOL_SOCKET, SO_MARK, 7));
	EXPECT_EQ(-1, send_n(e.a, 1));
	EXPECT_EQ(EPERM, errno);
	mark = 9;
	EXPECT_EQ(1, pp_send_cmsg(e.a, "x", 1, PKTPATH_T_B, PORT_B, SOL_SOCKET,
				  SO_MARK, &mark, sizeof(mark)));
	ASSERT_EQ(0, pp_set(e.a, SOL_SOCKET, SO_MARK, 0));
	ASSERT_EQ(0, pp_set(e.a, SOL_SOCKET, SO_PRIORITY, 6));
	EXPECT_EQ(-1, send_n(e.a, 1));
	EXPECT_EQ(EPERM, errno);
	done(&e);
}

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = c, .dst_reg = d, .src_reg = s, .off = o, .imm = i })
#define MOV(reg, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, i)
#define LDW(d, s, o) INSN(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STW(d, s, o) INSN(BPF_STX | BPF_MEM | BPF_W, d, s, o, 0)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define SKB(field) offsetof(struct __sk_buff, field)

/*
 * A program that does something to packets of one length only: @mark and
 * @priority are set, then @verdict, or out by device @to.
 */
struct deed {
	unsigned int len, mark, priority, to;
	int verdict;
};

static int load(const struct deed *d)
{
	struct bpf_insn code[] = {
		LDW(2, 1, SKB(len)),
		MOV(0, TC_ACT_OK),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1, d->len),
		EXIT(),
		MOV(3, d->mark),
		STW(1, 3, SKB(mark)),
		MOV(3, d->priority),
		STW(1, 3, SKB(priority)),
		MOV(0, d->verdict),
		INSN(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 3, TC_ACT_REDIRECT),
		MOV(1, d->to),
		MOV(2, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect),
		EXIT(),
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "pp", "GPL", code,
			     ARRAY_SIZE(code), NULL);
}

/* Puts @d in place on pa. */
static int tc_bpf(enum bpf_tc_attach_point point, const struct deed *d)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = point,
			    .ifindex = if_nametoindex("pa"));
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 1,
			    .flags = BPF_TC_F_REPLACE);
	int fd = load(d), err;

	if (fd < 0)
		return fd;
	/* which may be there */
	libbpf_set_print(NULL);
	bpf_tc_hook_create(&hook);
	opts.prog_fd = fd;
	err = bpf_tc_attach(&hook, &opts);
	close(fd);
	return err;
}

static long tx_packets(const char *dev)
{
	char line[512], name[64];
	long n = -1, v;
	FILE *f;

	f = fopen("/proc/thread-self/net/dev", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " %63[^:]: %*d %*d %*d %*d %*d %*d %*d %*d %*d %ld",
			   name, &v) == 2 && !strcmp(name, dev))
			n = v;
	if (f)
		fclose(f);
	return n;
}

TEST_F_TIMEOUT(stacks, bpf_at_egress, 9000)
{
	struct deed d = { .len = ON_WIRE, .verdict = TC_ACT_SHOT };
	struct tc_stat s;
	struct ends e;
	long n;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run("ip link add d0 type dummy && ip link set d0 up"));
	ASSERT_EQ(0, pp_run(ROOT "prio"));
	ASSERT_EQ(0, tc_bpf(BPF_TC_EGRESS, &d));
	send_n(e.a, 1);
	EXPECT_EQ(1, pp_sendto(e.a, "x", 1, PKTPATH_T_B, PORT_B));
	EXPECT_LT(0, arrival(e.b, 10000, NULL));
	EXPECT_EQ(0, arrival(e.b, 300, NULL));

	d = (struct deed){ .len = ON_WIRE, .verdict = TC_ACT_OK,
			   .priority = 6 };
	ASSERT_EQ(0, tc_bpf(BPF_TC_EGRESS, &d));
	s = tc_stat("class", "9:1 ");
	ASSERT_EQ(0, send_n(e.a, 1));
	EXPECT_LT(0, arrival(e.b, 10000, NULL));
	EXPECT_TRUE(counted("class", "9:1 ", &s, 1));

	d = (struct deed){ .len = ON_WIRE, .verdict = TC_ACT_REDIRECT,
			   .to = if_nametoindex("d0") };
	ASSERT_EQ(0, tc_bpf(BPF_TC_EGRESS, &d));
	n = tx_packets("d0");
	EXPECT_LE(0, n);
	ASSERT_EQ(0, send_n(e.a, 3));
	EXPECT_EQ(n + 3, tx_packets("d0"));
	EXPECT_EQ(0, arrival(e.b, 300, NULL));
	done(&e);
}

TEST_F_TIMEOUT(stacks, bpf_at_ingress, 9000)
{
	struct deed d = { .len = ON_WIRE, .verdict = TC_ACT_SHOT };
	static char data[SIZE];
	struct ends e;
	char buf[8];
	long n;

	ASSERT_EQ(0, make(&self->p, &e));
	ASSERT_EQ(0, pp_run("ip link add d0 type dummy && ip link set d0 up"));
	ASSERT_EQ(0, pp_run("nft 'table ip t { chain c { "
			    "type filter hook input priority 0; "
			    "meta mark 7 drop; }; }'"));
	ASSERT_EQ(0, tc_bpf(BPF_TC_INGRESS, &d));
	ASSERT_EQ(SIZE, pp_sendto(e.b, data, SIZE, PKTPATH_T_A, PORT_A));
	ASSERT_EQ(1, pp_sendto(e.b, "x", 1, PKTPATH_T_A, PORT_A));
	EXPECT_EQ(1, recv(e.a, buf, sizeof(buf), MSG_TRUNC));
	EXPECT_EQ(0, pp_readable(e.a, 300));

	/* its mark, seen by a hook of ours */
	d = (struct deed){ .len = ON_WIRE, .verdict = TC_ACT_OK, .mark = 7 };
	ASSERT_EQ(0, tc_bpf(BPF_TC_INGRESS, &d));
	ASSERT_EQ(SIZE, pp_sendto(e.b, data, SIZE, PKTPATH_T_A, PORT_A));
	EXPECT_EQ(0, pp_readable(e.a, 300));
	d.mark = 8;
	ASSERT_EQ(0, tc_bpf(BPF_TC_INGRESS, &d));
	ASSERT_EQ(SIZE, pp_sendto(e.b, data, SIZE, PKTPATH_T_A, PORT_A));
	EXPECT_EQ(SIZE, recv(e.a, buf, sizeof(buf), MSG_TRUNC));

	d = (struct deed){ .len = ON_WIRE, .verdict = TC_ACT_REDIRECT,
			   .to = if_nametoindex("d0") };
	ASSERT_EQ(0, tc_bpf(BPF_TC_INGRESS, &d));
	n = tx_packets("d0");
	ASSERT_EQ(SIZE, pp_sendto(e.b, data, SIZE, PKTPATH_T_A, PORT_A));
	EXPECT_EQ(0, pp_readable(e.a, 300));
	EXPECT_EQ(n + 1, tx_packets("d0"));
	done(&e);
}

/* @verdict for frames of ON_WIRE octets on pa; 0 or -errno. */
static int xdp(int verdict, unsigned int flags)
{
	struct bpf_insn code[] = {
		LDW(2, 1, offsetof(struct xdp_md, data)),
		LDW(3, 1, offsetof(struct xdp_md, data_end)),
		INSN(BPF_ALU64 | BPF_SUB | BPF_X, 3, 2, 0, 0),
		MOV(0, XDP_PASS),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 1, ON_WIRE),
		EXIT(),
		MOV(0, verdict),
		EXIT(),
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "pp", "GPL", code,
			       ARRAY_SIZE(code), NULL), err;

	if (fd < 0)
		return fd;
	err = bpf_xdp_attach(if_nametoindex("pa"), fd, flags, NULL);
	close(fd);
	return err;
}

TEST_F_TIMEOUT(stacks, xdp_on_the_device, 9000)
{
	static const unsigned int modes[] = { XDP_FLAGS_SKB_MODE,
					      XDP_FLAGS_DRV_MODE };
	static char data[SIZE];
	char got[SIZE + 64];
	struct ends e;
	unsigned int i;

	ASSERT_EQ(0, make(&self->p, &e));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, xdp(XDP_DROP, modes[i]));
		ASSERT_EQ(SIZE, pp_sendto(e.b, data, SIZE, PKTPATH_T_A,
					  PORT_A));
		ASSERT_EQ(1, pp_sendto(e.b, "x", 1, PKTPATH_T_A, PORT_A));
		EXPECT_EQ(1, recv(e.a, got, sizeof(got), MSG_TRUNC));
		EXPECT_EQ(0, pp_readable(e.a, 300));

		ASSERT_EQ(0, xdp(XDP_PASS, modes[i]));
		ASSERT_EQ(SIZE, pp_sendto(e.b, data, SIZE, PKTPATH_T_A,
					  PORT_A));
		EXPECT_EQ(SIZE, recv(e.a, got, sizeof(got), MSG_TRUNC));
		/* and out, with the program in place */
		ASSERT_EQ(0, send_n(e.a, 1));
		EXPECT_LT(0, arrival(e.b, 10000, NULL));

		ASSERT_EQ(0, bpf_xdp_detach(if_nametoindex("pa"), modes[i],
					    NULL));
	}
	done(&e);
}

TEST_HARNESS_MAIN
