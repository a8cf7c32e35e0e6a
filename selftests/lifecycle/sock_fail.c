// SPDX-License-Identifier: GPL-2.0
/*
 * Calls on sockets of which one allocation fails, every one in turn: UDP, ping,
 * raw, groups, connections. The call says ENOMEM, ENOBUFS or EFAULT and works
 * when it is made again. A datagram whose sending was not refused comes once;
 * or not at all when the failure was on its way, and then it is counted. No
 * socket and no group stays.
 *
 * How they are failed: fault.h. Debug kernels only, others go through the
 * scripts without failures. "sock_fail SECONDS" (15) is the time for each way,
 * which a first pass over every seventh allocation may exceed.
 * Proves: attacks I4, J4 (calls).
 */
#include <linux/filter.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include "kselftest_harness.h"
#include "fail_calls.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef ICMP_FILTER
#define ICMP_FILTER 1
#endif

#define PORT	4100
#define PROTO	253
#define GROUP	"239.1.2."	/* and a number */
#define ARRIVES_MS 1000		/* what is lost is waited for so long */
#define SECONDS	15

static unsigned char out[65536], in[65536];

/* ---- A datagram ---- */

enum how { PLAIN, ANCILLARY, CORKED, SEGMENTED };

/**
 * struct dgram - what goes from one socket to another
 * @from: connected, unless there is @dst
 * @to: where it comes to; all of @from, @to and what is between is ours when
 *	@local, so a loss is counted
 * @skip: bytes before the payload there
 * @keep: first bytes of the payload, which are the script's own
 */
struct dgram {
	int from, to;
	enum how how;
	size_t len;
	const char *dst;
	uint16_t port;
	size_t skip, keep;
	bool local;
};

static ssize_t send_anc(const struct dgram *d)
{
	struct in_pktinfo info = { 0 };

	inet_pton(AF_INET, PKTPATH_T_A2, &info.ipi_spec_dst);
	return pp_send_cmsg(d->from, out, d->len, d->dst, d->port, SOL_IP,
			    IP_PKTINFO, &info, sizeof(info));
}

/* A part that is refused takes those before it along. */
static ssize_t send_parts(const struct dgram *d)
{
	size_t half = d->len / 2;

	if (send(d->from, out, half, MSG_MORE) < 0 ||
	    send(d->from, out + half, 1, MSG_MORE) < 0 ||
	    send(d->from, out + half + 1, d->len - half - 1, 0) < 0)
		return -1;
	return d->len;
}

static ssize_t send_as(const struct dgram *d)
{
	uint16_t half = d->len / 2;

	switch (d->how) {
	case ANCILLARY:
		return send_anc(d);
	case CORKED:
		return send_parts(d);
	case SEGMENTED:
		return pp_send_cmsg(d->from, out, d->len, NULL, 0, SOL_UDP,
				    UDP_SEGMENT, &half, sizeof(half));
	default:
		break;
	}
	if (d->dst)
		return pp_sendto(d->from, out, d->len, d->dst, d->port);
	return send(d->from, out, d->len, 0);
}

/* One of @size bytes from @off on: 1; 0: it does not come; -1: another one. */
static int receive(const struct dgram *d, size_t off, size_t size)
{
	ssize_t n;

	for (;;) {
		if (!pp_readable(d->to, ARRIVES_MS))
			return 0;
		fault_at = "recv";
		n = recv(d->to, in, sizeof(in), MSG_DONTWAIT);
		if (n >= 0)
			break;
		/* a copy that fails takes the datagram along */
		if (!again())
			return -1;
	}
	fault_at = "what came";
	errno = EBADMSG;
	if ((size_t)n != size + d->skip ||
	    memcmp(in + d->skip + d->keep, out + off + d->keep,
		   size - d->keep))
		return -1;
	return 1;
}

/* Sends until all of it has come: a second time after a failure alone. */
static int exchange(const struct dgram *d)
{
	int parts = d->how == SEGMENTED ? 2 : 1, i, got, more, tries;
	size_t size = d->len / parts, k;
	static unsigned char seq;
	bool hit;
	long was;

	for (tries = 0; tries < 2; tries++) {
		seq++;
		for (k = d->keep; k < d->len; k++)
			out[k] = seq + k * 7;
		hit = fault_hit(mode);
		was = drops();
		fault_at = "send";
		if (TRY(send_as(d)) != (ssize_t)d->len)
			return -1;
		got = 0;
		for (i = 0; i < parts; i++) {
			more = receive(d, i * size, size);
			if (more < 0)
				return -1;
			got += more;
		}
		if (got == parts)
			break;
		fault_at = "lost without a failure";
		errno = ENOMSG;
		if (hit || !fault_hit(mode))
			return -1;
		fault_at = "lost and not counted";
		if (d->local && !fault_told && drops() == was)
			return -1;
	}
	fault_at = "one more";
	errno = EEXIST;
	return recv(d->to, in, sizeof(in), MSG_DONTWAIT) < 0 ? 0 : -1;
}

/* ---- UDP ---- */

static bool set_all(int fd)
{
	static const int opts[][3] = {
		{ SOL_IP, IP_PKTINFO, 1 }, { SOL_IP, IP_RECVTTL, 1 },
		{ SOL_IP, IP_RECVTOS, 1 }, { SOL_IP, IP_RECVOPTS, 1 },
		{ SOL_IP, IP_RECVERR, 1 }, { SOL_IP, IP_TOS, 8 },
		{ SOL_IP, IP_TTL, 33 }, { SOL_SOCKET, SO_TIMESTAMP, 1 },
		{ SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT },
		{ SOL_SOCKET, SO_RCVBUF, 400000 },
	};
	struct sock_filter ret = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
	struct sock_fprog all = { 1, &ret };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opts); i++)
		if (!OK(pp_set(fd, opts[i][0], opts[i][1], opts[i][2])))
			return false;
	return OK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &all,
			     sizeof(all))) &&
	       OK(setsockopt(fd, SOL_IP, IP_OPTIONS, "\1\1\1\1\1\1\1", 8)) &&
	       OK(setsockopt(fd, SOL_IP, IP_OPTIONS, "\1\1\1", 4));
}

static int udp_socket(void)
{
	return keep(TRY(pp_udp(pair)));
}

/* Two that share a port, in a group with a program. */
static bool shared_port(void)
{
	struct sock_filter ret = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog first = { 1, &ret };
	int a = udp_socket(), b = udp_socket();

	return a >= 0 && b >= 0 && OK(pp_reuseport(pair, a, 1)) &&
	       OK(pp_reuseport(pair, b, 1)) &&
	       OK(setsockopt(a, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &first,
			     sizeof(first))) &&
	       OK(pp_bind(a, PKTPATH_T_A, PORT + 1)) &&
	       OK(pp_bind(b, PKTPATH_T_A, PORT + 1));
}

/* From a port of its own accord to one where nobody is: the error comes back. */
static bool refused(void)
{
	static char control[512];
	struct msghdr msg = { .msg_control = control };
	int fd = udp_socket();
	bool hit = fault_hit(mode);

	if (fd < 0 || !OK(pp_set(fd, SOL_IP, IP_RECVERR, 1)) ||
	    !OK(pp_connect(fd, PKTPATH_T_A, PORT + 9)) ||
	    TRY(send(fd, "x", 1, 0)) != 1)
		return false;
	fault_at = "no ICMP error";
	errno = ENOMSG;
	if (!(pp_revents(fd, 0, ARRIVES_MS) & POLLERR))
		return !hit && fault_hit(mode);
	msg.msg_controllen = sizeof(control);
	if (OK(recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT)))
		return true;
	/* a copy that fails may take it along */
	return errno == EAGAIN && fault_told;
}

static int udp_calls(void *arg)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	static const enum how hows[] = { PLAIN, ANCILLARY, CORKED, SEGMENTED };
	int s = udp_socket(), c = udp_socket();
	struct dgram d = { c, s, .len = 1200, .local = true };
	size_t i;

	(void)arg;
	if (s < 0 || c < 0 || !OK(pp_bind(s, PKTPATH_T_A, PORT)) ||
	    !set_all(s) || !set_all(c) ||
	    !OK(pp_connect(c, PKTPATH_T_A, PORT)))
		return -1;
	for (i = 0; i < ARRAY_SIZE(hows); i++) {
		d.how = hows[i];
		if (exchange(&d))
			return -1;
	}
	d.how = PLAIN;
	d.len = 30000;
	if (exchange(&d) || !shared_port() || !refused() ||
	    !OK(connect(c, &none, sizeof(none))))
		return -1;
	d = (struct dgram){ c, s, .len = 1, .local = true,
			    .dst = PKTPATH_T_A, .port = PORT };
	return exchange(&d);
}

/* Over the link: headers, neighbours, fragments out and in. */
static int udp_link(void *arg)
{
	int peer = *(int *)arg, s = udp_socket();
	struct dgram there = { s, peer, .len = 1000, .dst = PKTPATH_T_B,
			       .port = PORT };
	struct dgram back = { peer, s, .len = 9000, .dst = PKTPATH_T_A,
			      .port = PORT };

	if (s < 0 || !OK(pp_bind(s, PKTPATH_T_A, PORT)) ||
	    !OK(pp_set(s, SOL_SOCKET, SO_RCVBUF, 400000)) ||
	    !OK(pp_set(s, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)) ||
	    exchange(&there) || exchange(&back))
		return -1;
	there.len = 9000;
	return exchange(&there);
}

/* ---- Ping and raw ---- */

static int ping_calls(void *arg)
{
	struct icmphdr *h = (struct icmphdr *)out;
	int fd = keep(TRY(pp_socket(pair, SOCK_DGRAM, IPPROTO_ICMP)));
	struct dgram d = { fd, fd, .len = 500, .keep = sizeof(*h),
			   .dst = PKTPATH_T_A, .local = true };

	(void)arg;
	if (fd < 0 || !OK(pp_bind(fd, PKTPATH_T_A, PORT)) ||
	    !OK(pp_set(fd, SOL_IP, IP_RECVERR, 1)) ||
	    !OK(pp_set(fd, SOL_IP, IP_RECVTTL, 1)))
		return -1;
	*h = (struct icmphdr){ .type = ICMP_ECHO };
	if (exchange(&d))
		return -1;
	d.dst = PKTPATH_T_B;
	d.local = false;
	if (exchange(&d) || !OK(pp_connect(fd, PKTPATH_T_B, 0)))
		return -1;
	d.dst = NULL;
	d.len = 3000;
	return exchange(&d);
}

static int raw_socket(int protocol)
{
	return keep(TRY(pp_socket(pair, SOCK_RAW, protocol)));
}

static int raw_calls(void *arg)
{
	int s = raw_socket(PROTO), c = raw_socket(PROTO), icmp, hdr;
	struct dgram d = { c, s, .len = 700, .skip = sizeof(struct iphdr),
			   .local = true };
	struct iphdr *iph = (struct iphdr *)out;
	uint32_t none = 0xffffffff;

	(void)arg;
	icmp = raw_socket(IPPROTO_ICMP);
	hdr = raw_socket(IPPROTO_RAW);
	if (s < 0 || c < 0 || icmp < 0 || hdr < 0 ||
	    !OK(setsockopt(icmp, SOL_RAW, ICMP_FILTER, &none, sizeof(none))) ||
	    !OK(pp_bind(s, PKTPATH_T_A, 0)) ||
	    !OK(pp_set(s, SOL_IP, IP_PKTINFO, 1)) ||
	    !OK(pp_connect(c, PKTPATH_T_A, 0)) || exchange(&d))
		return -1;
	d = (struct dgram){ hdr, s, .len = 900, .keep = sizeof(*iph),
			    .dst = PKTPATH_T_A, .local = true };
	*iph = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64,
			       .protocol = PROTO };
	iph->saddr = inet_addr(PKTPATH_T_A);
	iph->daddr = inet_addr(PKTPATH_T_A);
	return exchange(&d);
}

/* ---- Groups ---- */

static int group(int fd, int opt, int n)
{
	struct ip_mreq mreq;
	char addr[32];

	snprintf(addr, sizeof(addr), GROUP "%d", n);
	inet_pton(AF_INET, addr, &mreq.imr_multiaddr);
	inet_pton(AF_INET, PKTPATH_T_A, &mreq.imr_interface);
	return setsockopt(fd, SOL_IP, opt, &mreq, sizeof(mreq));
}

static int source(int fd, int opt, int n, int src)
{
	struct ip_mreq_source mreq;
	char addr[32];

	snprintf(addr, sizeof(addr), GROUP "%d", n);
	inet_pton(AF_INET, addr, &mreq.imr_multiaddr);
	inet_pton(AF_INET, PKTPATH_T_A, &mreq.imr_interface);
	mreq.imr_sourceaddr.s_addr = htonl(0x0a4d0064 + src);
	return setsockopt(fd, SOL_IP, opt, &mreq, sizeof(mreq));
}

/* Replaces the sources of group @n by 20. */
static int filter_of(int fd, int n)
{
	static union {
		struct ip_msfilter f;
		char room[IP_MSFILTER_SIZE(20)];
	} u;
	char addr[32];
	int i;

	snprintf(addr, sizeof(addr), GROUP "%d", n);
	inet_pton(AF_INET, addr, &u.f.imsf_multiaddr);
	inet_pton(AF_INET, PKTPATH_T_A, &u.f.imsf_interface);
	u.f.imsf_fmode = MCAST_EXCLUDE;
	u.f.imsf_numsrc = 20;
	for (i = 0; i < 20; i++)
		u.f.imsf_slist[i].s_addr = htonl(0x0a4d00c8 + i);
	return setsockopt(fd, SOL_IP, IP_MSFILTER, &u.f, sizeof(u.room));
}

static bool joins(int fd)
{
	int i;

	for (i = 1; i < 4; i++)
		if (!OK(group(fd, IP_ADD_MEMBERSHIP, i)))
			return false;
	for (i = 0; i < 12; i++)
		if (!OK(source(fd, IP_ADD_SOURCE_MEMBERSHIP, 4, i)))
			return false;
	for (i = 0; i < 6; i++)
		if (!OK(source(fd, IP_DROP_SOURCE_MEMBERSHIP, 4, i)) ||
		    !OK(source(fd, IP_BLOCK_SOURCE, 1, i)))
			return false;
	return OK(source(fd, IP_UNBLOCK_SOURCE, 1, 3)) &&
	       OK(filter_of(fd, 2)) && OK(group(fd, IP_DROP_MEMBERSHIP, 3)) &&
	       OK(group(fd, IP_ADD_MEMBERSHIP, 3));
}

static int group_calls(void *arg)
{
	struct in_addr own;
	struct dgram d;
	int fd[2], c, i;

	(void)arg;
	inet_pton(AF_INET, PKTPATH_T_A, &own);
	for (i = 0; i < 2; i++) {
		fd[i] = udp_socket();
		if (fd[i] < 0 ||
		    !OK(pp_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1)) ||
		    !OK(pp_bind(fd[i], GROUP "1", PORT)) || !joins(fd[i]))
			return -1;
	}
	c = udp_socket();
	if (c < 0 || !OK(setsockopt(c, SOL_IP, IP_MULTICAST_IF, &own,
				    sizeof(own))))
		return -1;
	d = (struct dgram){ c, fd[0], .len = 1000, .dst = GROUP "1",
			    .port = PORT };
	for (i = 0; i < 2; i++) {
		d.to = fd[i];
		if (exchange(&d))
			return -1;
		/* the other one's share, which may be what failed */
		while (recv(fd[!i], in, sizeof(in), MSG_DONTWAIT) >= 0)
			;
	}
	return 0;
}

/* ---- Connections ---- */

static int tcp_socket(void)
{
	struct linger at_once = { 1, 0 };
	int fd = keep(TRY(pp_socket(pair, SOCK_STREAM, 0)));

	if (fd >= 0 && OK(pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) &&
	    OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
			  sizeof(at_once))))
		return fd;
	return -1;
}

static int tcp_calls(void *arg)
{
	int l = tcp_socket(), c = tcp_socket(), a;
	struct linger at_once = { 1, 0 };

	(void)arg;
	if (l < 0 || c < 0 || !OK(pp_bind(l, PKTPATH_T_A, PORT)) ||
	    !OK(listen(l, 4)) || !OK(pp_bind(c, PKTPATH_T_A2, 0)) ||
	    !OK(pp_connect(c, PKTPATH_T_A, PORT)))
		return -1;
	a = keep(TRY(accept(l, NULL, NULL)));
	if (a < 0 || !OK(setsockopt(a, SOL_SOCKET, SO_LINGER, &at_once,
				    sizeof(at_once))) ||
	    !OK(listen(l, 5)))
		return -1;
	if (TRY(send(c, "abc", 3, 0)) != 3 ||
	    TRY(recv(a, in, 3, MSG_WAITALL)) != 3)
		return -1;
	return memcmp(in, "abc", 3);
}

/* ---- Every one in turn ---- */

struct work {
	int (*calls)(void *arg);
	void *arg;
	int groups, macs;	/* lines of /proc before */
};

static int run(void *arg)
{
	struct work *w = arg;
	int ret = w->calls(w->arg);

	close_all();
	return ret;
}

static int sockets(void)
{
	static const char * const files[] = { "pktpath/udp", "pktpath/icmp",
					      "pktpath/raw", "pktpath/tcp" };
	int n = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		n += lines_with(files[i], ":");
	return n;
}

/* Neither sockets nor groups stay; what is under way may still have some. */
static bool clean(void *arg)
{
	struct work *w = arg;
	int i;

	for (i = 0; i < 1500; i++) {
		fault_at = "sockets";
		if (!sockets()) {
			fault_at = "groups";
			if (lines_with("pktpath/igmp", "") == w->groups &&
			    lines_with("dev_mcast", "pa") == w->macs)
				return true;
		}
		usleep(20000);
	}
	return false;
}

/* Once without, then with each; the failures of the task, or -1. */
static int every(int (*calls)(void *arg), void *arg)
{
	/* a script is short: large objects are found all the same */
	static const struct fault_mode slab = { "slab", "failslab", 960,
						2000000 };
	static const struct fault_mode * const modes[] = {
		&slab, &fault_page, &fault_task
	};
	struct work w = { calls, arg, 0, 0 };
	struct fault_script s = { run, clean, &w };
	int hits = 0;
	size_t i;

	w.groups = lines_with("pktpath/igmp", "");
	w.macs = lines_with("dev_mcast", "pa");
	if (run(&w) || !clean(&w)) {
		printf("# without a failure: %s: %s\n", fault_at,
		       strerror(errno));
		return -1;
	}
	if (fault_ready())
		return 0;
	for (i = 0; i < ARRAY_SIZE(modes) && hits >= 0; i++) {
		mode = modes[i];
		hits = fault_sweep(mode, &s, SECONDS);
	}
	return hits ? hits : -1;
}

FIXTURE(fail) {
	struct pp_pair p;
	int peer;
};

FIXTURE_SETUP(fail)
{
	ASSERT_EQ(0, pp_pair_setup(&self->p, false));
	pair = &self->p;
	self->peer = pp_peer_udp(pair, PKTPATH_T_B, PORT);
	ASSERT_LE(0, self->peer);
	ASSERT_EQ(0, pp_set(self->peer, SOL_SOCKET, SO_RCVBUF, 400000));
	ASSERT_EQ(0, pp_sysctl(pair, "ping_group_range", "0 2147483647"));
	ASSERT_EQ(0, pp_sysctl(pair, "icmp_ratelimit", "0"));
	ASSERT_EQ(0, pp_sysctl(pair, "igmp_max_msf", "40"));
}

FIXTURE_TEARDOWN(fail)
{
	close(self->peer);
	EXPECT_EQ(0, pp_pair_teardown(&self->p));
}

TEST_F(fail, udp)
{
	judge(_metadata, every(udp_calls, NULL));
}

TEST_F(fail, link)
{
	judge(_metadata, every(udp_link, &self->peer));
}

TEST_F(fail, ping)
{
	judge(_metadata, every(ping_calls, NULL));
}

TEST_F(fail, raw)
{
	judge(_metadata, every(raw_calls, NULL));
}

TEST_F(fail, groups)
{
	judge(_metadata, every(group_calls, NULL));
}

TEST_F(fail, connections)
{
	judge(_metadata, every(tcp_calls, NULL));
}

int main(int argc, char **argv)
{
	fault_seconds = pp_number(&argc, &argv);
	return test_harness_run(argc, argv);
}
