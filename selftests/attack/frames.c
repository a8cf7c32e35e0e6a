// SPDX-License-Identifier: GPL-2.0
/*
 * Frames by the million from a hostile link, at a host and router that has
 * sockets of every kind: see frames_gen.h. After each round every frame has been
 * taken or left as it should, each packet taken has ended in one of the counters
 * and the stack still answers a neighbour; at the end it holds no more memory.
 *
 *	attack_frames [FRAMES [SEED]]
 *
 *	B (nobody)      A (pktpath)                       C (the kernel's)
 *	pb ---- veth --- pa 10.77.0.1  pc 10.80.0.1 --- veth --- cc 10.80.0.2
 *			 pd 10.78.0.1 (dummy; the default route)
 *
 * Proves: attacks A1 to A15, B, D, G in the mass.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/uio.h>
#include <time.h>
#include "frames_gen.h"
#include "link.h"
#include "pp_test.h"

#define FRAMES	1000000
#define ROUNDS	20
#define BATCH	256	/* frames between two looks at what has come */
#define SLACK	4096	/* kB that may be held in the end */
#define C_A	"10.80.0.1"
#define C_C	"10.80.0.2"
#define STREAM	65536

enum { UDP, UDP_CONN, UDP_OPTS, UDP_GROUP, LISTEN, RAW, RAW_ICMP, RAW_UDP,
	PING, TCP, SOCKS };

static struct pair p;
static struct gen gen = { .p = &p };
static struct frame batch[BATCH + GEN_BURST];
static int sock[SOCKS], out_fd, ns_c;
static unsigned long sent_ip, sent_arp;	/* that A has to take */
static unsigned int reopened;

#define FAIL(fmt, ...)							\
	({								\
		printf("# %s:%d: " fmt "\n", __func__, __LINE__,	\
		       ##__VA_ARGS__);					\
		-1;							\
	})

/* ---- What A has to take ---- */

static bool for_us(const struct frame *f, uint32_t daddr)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
	bool host = !memcmp(f->b, p.mac_a, 6);
	uint32_t h = ntohl(daddr);

	if (!host && !(f->b[0] & 1) && memcmp(f->b, all, 6))
		return false;
	if (h == 0x0a4d0001 || h == 0x0a4e0001 || h == 0x0a500001)
		return true;
	if (h == 0x0a4d00ff || h == 0x0a4e00ff || h == 0x0a5000ff || !~h)
		return true;
	if (h >> 28 == 0xe)
		return h == 0xe0000001 || daddr == inet_addr(GEN_GROUP) ||
		       daddr == inet_addr(GEN_GROUP2);
	return host && h >> 24 && h >> 24 < 224 && h >> 24 != 127;
}

static void reckon(const struct frame *f)
{
	unsigned int at = 12, type = f->b[12] << 8 | f->b[13];
	uint32_t daddr;

	if (type == ETH_P_8021Q || type == ETH_P_8021AD) {
		if (f->len < 20 || (f->b[14] & 15) || f->b[15])
			return;
		at = 16;
		type = f->b[16] << 8 | f->b[17];
	}
	if (type == ETH_P_ARP) {
		sent_arp += !memcmp(f->b, p.mac_a, 6) || (f->b[0] & 1);
		return;
	}
	if (type != ETH_P_IP || f->len < at + 22)
		return;
	memcpy(&daddr, f->b + at + 18, 4);
	sent_ip += for_us(f, daddr);
}

/* ---- Set-up ---- */

static int sock_of(int what, int type, int protocol, uint16_t port)
{
	struct sockaddr_in sin = sin_of("0.0.0.0", port);
	int fd = ns_socket(p.fd_a, pp_family(), type | SOCK_NONBLOCK, protocol);

	sock[what] = fd;
	if (fd < 0 || (port && bind(fd, (void *)&sin, sizeof(sin))))
		return FAIL("socket %d: %s", what, strerror(errno));
	return fd;
}

static int group(int fd, int opt, const char *addr)
{
	struct ip_mreq_source ms = {
		.imr_multiaddr.s_addr = inet_addr(addr),
		.imr_interface.s_addr = inet_addr(PAIR_A),
		.imr_sourceaddr.s_addr = inet_addr(PAIR_B),
	};
	struct ip_mreq m = {
		.imr_multiaddr = ms.imr_multiaddr,
		.imr_interface = ms.imr_interface,
	};

	if (opt == IP_ADD_MEMBERSHIP)
		return setsockopt(fd, SOL_IP, opt, &m, sizeof(m));
	return setsockopt(fd, SOL_IP, opt, &ms, sizeof(ms));
}

static int sockets(void)
{
	static const int opts[] = {
		IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS, IP_RETOPTS,
		IP_RECVORIGDSTADDR, IP_RECVFRAGSIZE, IP_RECVERR,
	};
	struct sockaddr_in sin = sin_of(PAIR_B, GEN_UDP_CONN);
	struct sockaddr_in ping = sin_of("0.0.0.0", GEN_PING);
	unsigned int i;

	if (sock_of(UDP, SOCK_DGRAM, 0, GEN_UDP) < 0 ||
	    sock_of(UDP_CONN, SOCK_DGRAM, 0, GEN_UDP_CONN) < 0 ||
	    sock_of(UDP_OPTS, SOCK_DGRAM, 0, GEN_UDP_OPTS) < 0 ||
	    sock_of(UDP_GROUP, SOCK_DGRAM, 0, GEN_UDP_GROUP) < 0 ||
	    sock_of(LISTEN, SOCK_STREAM, 0, GEN_LISTEN) < 0 ||
	    sock_of(RAW, SOCK_RAW, GEN_RAW, 0) < 0 ||
	    sock_of(RAW_ICMP, SOCK_RAW, IPPROTO_ICMP, 0) < 0 ||
	    sock_of(RAW_UDP, SOCK_RAW, IPPROTO_UDP, 0) < 0 ||
	    sock_of(PING, SOCK_DGRAM, IPPROTO_ICMP, 0) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		pp_set(sock[UDP_OPTS], SOL_IP, opts[i], 1);
		pp_set(sock[RAW_ICMP], SOL_IP, opts[i], 1);
	}
	pp_set(sock[PING], SOL_IP, IP_RECVERR, 1);
	if (connect(sock[UDP_CONN], (void *)&sin, sizeof(sin)) ||
	    bind(sock[PING], (void *)&ping, sizeof(ping)) ||
	    listen(sock[LISTEN], 16) ||
	    group(sock[UDP_GROUP], IP_ADD_MEMBERSHIP, GEN_GROUP) ||
	    group(sock[UDP_GROUP], IP_ADD_SOURCE_MEMBERSHIP, GEN_GROUP2))
		return FAIL("sockets: %s", strerror(errno));
	sock[TCP] = -1;
	return 0;
}

/* What sends and does not see what it sends, without a queue. */
static int sender(void)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET };
	int one = 1;

	out_fd = ns_socket(p.fd_b, AF_PACKET, SOCK_RAW, 0);
	if (out_fd < 0 || setns(p.fd_b, CLONE_NEWNET))
		return FAIL("sender: %s", strerror(errno));
	sll.sll_ifindex = if_nametoindex("pb");
	if (setns(p.fd_a, CLONE_NEWNET) ||
	    bind(out_fd, (void *)&sll, sizeof(sll)) ||
	    setsockopt(out_fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
		       sizeof(one)))
		return FAIL("sender: %s", strerror(errno));
	return 0;
}

static const char *mac_text(const uint8_t m[6])
{
	static char text[2][18];
	static unsigned int turn;
	char *s = text[turn++ % 2];

	snprintf(s, sizeof(text[0]), "%02x:%02x:%02x:%02x:%02x:%02x", m[0],
		 m[1], m[2], m[3], m[4], m[5]);
	return s;
}

static int third(void)
{
	uint8_t a[6], c[6];

	sh("ip netns del frames_c 2>/dev/null");
	ns_c = netns_add("frames_c");
	if (ns_c < 0 || link_veth("pc", "cc", ns_c) || link_up("pc") ||
	    link_mac("pc", a) || setns(ns_c, CLONE_NEWNET))
		return FAIL("third: %s", strerror(errno));
	if (link_up("lo") || link_addr("cc", C_C) || link_up("cc") ||
	    link_mac("cc", c) || link_await_up("cc") ||
	    sh("ip neigh replace " C_A " lladdr %s dev cc nud permanent",
	       mac_text(a)) ||
	    setns(p.fd_a, CLONE_NEWNET) || link_await_up("pc"))
		return FAIL("third: %s", strerror(errno));
	return pair_sysctl(&p, "neigh.default.acd", "0") ||
	       sh("ip link add pd type dummy && ip link set pd mtu 600 up") ||
	       pp_tool(&p, "dev attach pc") || pp_tool(&p, "dev attach pd") ||
	       pp_tool(&p, "addr add " C_A "/24 dev pc") ||
	       pp_tool(&p, "addr add 10.78.0.1/24 dev pd") ||
	       pp_tool(&p, "neigh add " C_C " lladdr %s dev pc nud permanent",
		       mac_text(c)) ||
	       pp_tool(&p, "route add default via 10.78.0.2") ||
	       pp_tool(&p, "route add 10.79.0.0/24 via " PAIR_B) ||
	       pp_tool(&p, "route add unreachable 198.51.100.0/24") ||
	       pp_tool(&p, "route add prohibit 198.51.101.0/24") ||
	       pp_tool(&p, "route add blackhole 192.0.2.0/24");
}

static int set_up(void)
{
	static const char *const knobs[][2] = {
		{ "ping_group_range", "0 1000" },
		{ "conf.all.forwarding", "1" },
		{ "ipfrag_time", "1" },
	};
	unsigned int i;

	if (frame_pair(&p, true) || setns(p.fd_a, CLONE_NEWNET) || sender())
		return -1;
	if (third())
		return FAIL("links");
	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		if (pair_sysctl(&p, knobs[i][0], knobs[i][1]))
			return FAIL("%s", knobs[i][0]);
	return sockets();
}

/* ---- The connection of which the frames know the numbers ---- */

static struct tcphdr *tcp_of(struct frame *f)
{
	struct tcphdr *th = frame_l4(f);

	if (f->len < ETH_LEN + 40 || f->b[12] != 8 || f->b[13] ||
	    frame_ip(f)->protocol != IPPROTO_TCP ||
	    frame_ip(f)->frag_off & htons(0x1fff) ||
	    th->source != htons(GEN_TCP) || th->dest != htons(GEN_TCP))
		return NULL;
	return th;
}

/* What A says of it. */
static void follow(struct frame *f)
{
	struct tcphdr *th = tcp_of(f);
	uint32_t end;

	if (!th || th->syn)
		return;
	end = ntohl(th->seq) + ntohs(frame_ip(f)->tot_len) - 20 -
	      th->doff * 4 + th->fin;
	if ((int32_t)(end - gen.a_nxt) > 0)
		gen.a_nxt = end;
	if (th->ack)
		gen.b_nxt = ntohl(th->ack_seq);
}

static int answer_syn(struct frame *syn)
{
	struct tcphdr *th, *got = tcp_of(syn);
	struct frame f;

	frame_begin(&f, &p, IPPROTO_TCP, 0);
	th = frame_put(&f, 36);
	gen.a_nxt = ntohl(got->seq) + 1;
	gen.b_nxt = gen_u32(&gen);
	th->source = htons(GEN_TCP);
	th->dest = htons(GEN_TCP);
	th->seq = htonl(gen.b_nxt++);
	th->ack_seq = htonl(gen.a_nxt);
	th->doff = 9;
	((uint8_t *)th)[13] = 0x12;
	th->window = 0xffff;
	/* MSS 1460, SACK, window scale 7, 1000 */
	memcpy(th + 1, "\2\4\5\xb4\4\2\1\3\3\7\1\1\1\1\1\1", 16);
	frame_end(&f);
	th->check = gen_csum_l4(&f, IPPROTO_TCP);
	return frame_out(&p, &f);
}

static int tcp_open(void)
{
	struct sockaddr_in sin = sin_of(PAIR_B, GEN_TCP);
	struct linger now = { 1, 0 };
	int64_t end = now_ms() + 30000;
	struct frame f;

	if (sock[TCP] >= 0)
		close(sock[TCP]);
	if (sock_of(TCP, SOCK_STREAM, 0, 0) < 0)
		return -1;
	pp_set(sock[TCP], SOL_SOCKET, SO_REUSEADDR, 1);
	setsockopt(sock[TCP], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	if (pp_bind(sock[TCP], PAIR_A, GEN_TCP))
		return FAIL("bind: %s", strerror(errno));
	frame_flush(&p);
	if (!connect(sock[TCP], (void *)&sin, sizeof(sin)) ||
	    errno != EINPROGRESS)
		return FAIL("connect: %s", strerror(errno));
	while (now_ms() < end) {
		f.len = frame_recv(&p, f.b, sizeof(f.b), 1000);
		if (!f.len || !tcp_of(&f) || !tcp_of(&f)->syn)
			continue;
		/* it is one of what A has to take */
		sent_ip++;
		reopened++;
		return answer_syn(&f) ||
		       pp_revents(sock[TCP], POLLOUT, 30000) != POLLOUT ?
		       FAIL("handshake") : 0;
	}
	return FAIL("no SYN");
}

/* ---- A round ---- */

static int send_all(const struct frame *f, unsigned int n)
{
	struct mmsghdr m[BATCH + GEN_BURST];
	struct iovec iov[BATCH + GEN_BURST];
	unsigned int i, done = 0;
	int k;

	memset(m, 0, n * sizeof(*m));
	for (i = 0; i < n; i++) {
		iov[i].iov_base = (void *)f[i].b;
		iov[i].iov_len = f[i].len;
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	while (done < n) {
		k = sendmmsg(out_fd, m + done, n - done, 0);
		if (k <= 0)
			return FAIL("frame %u of %u bytes: %s", done,
				    f[done].len, strerror(errno));
		done += k;
	}
	return 0;
}

/* Reads what has come and what went wrong; false: the end of a stream. */
static bool drain(int fd)
{
	char data[2048], control[512];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < 2; i++) {
		do {
			m = (struct msghdr){
				.msg_iov = &iov, .msg_iovlen = 1,
				.msg_control = control,
				.msg_controllen = sizeof(control),
			};
			n = recvmsg(fd, &m, MSG_DONTWAIT |
				    (i ? MSG_ERRQUEUE : 0));
			if (!n && fd == sock[TCP])
				return false;
		} while (n >= 0 || (errno != EAGAIN && fd != sock[TCP]));
		if (errno != EAGAIN)
			return false;
	}
	return true;
}

static int read_all(void)
{
	bool alive = true;
	int i, fd;

	for (i = 0; i < SOCKS; i++) {
		if (i == LISTEN) {
			while ((fd = accept(sock[i], NULL, NULL)) >= 0)
				close(fd);
		} else {
			alive &= drain(sock[i]);
		}
	}
	if (!alive)
		return tcp_open();
	if (gen_one(&gen, 4))
		send(sock[TCP], batch[0].b, 100, MSG_DONTWAIT | MSG_NOSIGNAL);
	return 0;
}

/* All that was sent has been processed; what has come back is read. */
static int look(void)
{
	static uint16_t seq;
	struct frame f;
	ssize_t n;

	frame_echo(&f, &p, 0);
	frame_icmp(&f)->un.echo.id = htons(MARKER_ID);
	frame_icmp(&f)->un.echo.sequence = htons(++seq);
	frame_icmp_csum(&f);
	if (send_all(&f, 1))
		return -1;
	sent_ip++;
	for (;;) {
		n = recv(p.frames, f.b, sizeof(f.b), MSG_DONTWAIT);
		if (n <= 0)
			n = frame_recv(&p, f.b, sizeof(f.b), 30000);
		if (n <= 0)
			return FAIL("no answer to an echo");
		f.len = n;
		if (n >= ETH_LEN + 28 && f.b[12] == 8 && !f.b[13] &&
		    frame_ip(&f)->protocol == IPPROTO_ICMP &&
		    frame_icmp(&f)->type == ICMP_ECHOREPLY &&
		    frame_icmp(&f)->un.echo.id == htons(MARKER_ID) &&
		    frame_icmp(&f)->un.echo.sequence == htons(seq))
			return 0;
		follow(&f);
	}
}

static int throw(unsigned long frames)
{
	unsigned int n, i, rest;

	while (frames) {
		rest = frames < BATCH ? frames : BATCH;
		for (n = 0; n < rest;)
			n += gen_next(&gen, batch + n);
		for (i = 0; i < n; i++)
			reckon(&batch[i]);
		if (send_all(batch, n) || look() || read_all())
			return -1;
		frames -= rest;
	}
	return 0;
}

/* ---- The counters ---- */

struct count {
	long taken, received, ended, arp, nomem;
};

static long drops(const char *name)
{
	return pp_counter("pktpath/netstat", "Drop", name);
}

static long ip_count(const char *name)
{
	return pp_counter("pktpath/snmp", "Ip", name);
}

static long arp_count(const char *name)
{
	return pp_counter("pktpath/netstat", "Pp", name);
}

/* Packets that pa has handed up. */
static long taken_by(const char *dev)
{
	FILE *f = fopen("/proc/thread-self/net/pktpath/dev", "r");
	char line[256], name[32];
	long v = -1, packets;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " %31[^:]: %*d %ld", name, &packets) == 2 &&
		    !strcmp(name, dev))
			v = packets;
	if (f)
		fclose(f);
	return v;
}

/* Why IP throws away what has come in. */
static const char *const causes[] = {
	"IpTruncated", "IpHeader", "IpChecksum", "IpOptions", "IpSourceRoute",
	"IpMartianSource", "IpMartianDest", "IpUnicastInLinkBroadcast",
	"IpNotMember", "IpBlackhole", "IpUnreachable", "IpProhibit",
	"IpTooBig", "IpTtlExceeded", "IpNoProtocol",
	/* not here, with a default route and forwarding on */
	"IpNoRouteIn", "IpNotLocal",
};

/* Every end of a packet that has come in. */
static void count(struct count *c)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	c->taken = taken_by("pa");
	c->received = ip_count("InReceives");
	c->nomem = drops("NoMemory");
	/* a fragment ends in its queue, which a whole datagram leaves */
	c->ended = ip_count("InDelivers") + ip_count("ForwDatagrams") +
		   ip_count("ReasmReqds") - ip_count("ReasmOKs");
	for (i = 0; i < ARRAY_SIZE(causes); i++)
		c->ended += drops(causes[i]);
	c->arp = arp_count("ArpInRequests") + arp_count("ArpInReplies") +
		 arp_count("ArpInErrors");
}

/* No timer has come in between. */
static void count_still(struct count *c)
{
	struct count again;

	do {
		count(c);
		count(&again);
	} while (memcmp(c, &again, sizeof(again)));
}

static int check_counters(const struct count *was)
{
	struct count now;
	int err = 0;

	count_still(&now);
	if (now.taken - was->taken != (long)sent_ip)
		err = FAIL("%ld packets taken, not %lu",
			   now.taken - was->taken, sent_ip);
	if (now.arp - was->arp != (long)sent_arp)
		err = FAIL("%ld ARP frames counted, not %lu",
			   now.arp - was->arp, sent_arp);
	if (now.received - was->received != now.ended - was->ended)
		err = FAIL("%ld packets received, %ld have ended",
			   now.received - was->received,
			   now.ended - was->ended);
	if (now.nomem != was->nomem)
		err = FAIL("%ld times no memory", now.nomem - was->nomem);
	return err;
}

/* Enough frames come everywhere. */
static int check_reached(void)
{
	static const char *const others[] = {
		"IpFragDuplicate", "IpFragment", "IpFragTimeout", "IcmpChecksum",
		"IcmpBogusError", "IcmpType", "IgmpBad", "UdpLength",
		"UdpChecksum", "TcpFlags", "TcpSequence", "TcpChecksum",
		"ArpHeader", "ArpTruncated", "ArpMartian",
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(causes) - 2; i++)
		if (!drops(causes[i]))
			err = FAIL("none was dropped for %s", causes[i]);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (!drops(others[i]))
			err = FAIL("none was dropped for %s", others[i]);
	printf("# %ld delivered, %ld forwarded, %ld put together, %ld overlapped\n",
	       ip_count("InDelivers"), ip_count("ForwDatagrams"),
	       ip_count("ReasmOKs"),
	       pp_counter("pktpath/netstat", "IpExt", "ReasmOverlaps"));
	if (ip_count("ForwDatagrams") < 1000 || ip_count("ReasmOKs") < 1000)
		err = FAIL("too few");
	return err;
}

/* ---- Is it still there? ---- */

static int ns_c_socket(int type, const char *to, uint16_t port)
{
	struct sockaddr_in sin = sin_of(to, port);
	struct timeval tv = { .tv_sec = 30 };
	int fd = ns_socket(ns_c, AF_INET, type, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (fd >= 0 && !connect(fd, (void *)&sin, sizeof(sin)))
		return fd;
	FAIL("connect: %s", strerror(errno));
	close(fd);
	return -1;
}

static int datagram(unsigned int round)
{
	char text[32], got[64] = "";
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd = ns_c_socket(SOCK_DGRAM, C_A, GEN_UDP), n, err = -1;

	n = snprintf(text, sizeof(text), "round %u", round);
	if (fd < 0 || send(fd, text, n, 0) != n ||
	    pp_revents(sock[UDP], POLLIN, 30000) != POLLIN)
		goto out;
	if (recvfrom(sock[UDP], got, sizeof(got), 0, (void *)&from, &len) != n ||
	    memcmp(got, text, n) ||
	    sendto(sock[UDP], got, n, 0, (void *)&from, len) != n)
		goto out;
	memset(got, 0, sizeof(got));
	if (recv(fd, got, sizeof(got), 0) == n && !memcmp(got, text, n))
		err = 0;
out:
	if (fd >= 0)
		close(fd);
	return err ? FAIL("the datagram got lost: %s", got) : 0;
}

/* @from writes, @to reads the same. */
static int pump(int from, int to)
{
	static uint8_t out[STREAM], in[STREAM];
	size_t wr = 0, rd = 0, i;
	ssize_t n;

	for (i = 0; i < STREAM; i++)
		out[i] = gen_u32(&gen);
	while (rd < STREAM) {
		n = send(from, out + wr, STREAM - wr,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			wr += n;
		if (pp_revents(to, POLLIN, wr < STREAM ? 10 : 30000) & POLLIN) {
			n = read(to, in + rd, STREAM - rd);
			if (n <= 0)
				return FAIL("stream ends at %zu", rd);
			rd += n;
		} else if (wr == STREAM) {
			return FAIL("stream stands at %zu", rd);
		}
	}
	return memcmp(in, out, STREAM) ? FAIL("stream spoilt") : 0;
}

/* The connection of C's among those that others have begun. */
static int accept_c(void)
{
	struct sockaddr_in sin;
	socklen_t len;
	int fd;

	for (;;) {
		len = sizeof(sin);
		if (pp_revents(sock[LISTEN], POLLIN, 30000) != POLLIN)
			return FAIL("nothing to accept");
		fd = accept(sock[LISTEN], (void *)&sin, &len);
		if (fd < 0 || sin.sin_addr.s_addr == inet_addr(C_C))
			return fd;
		close(fd);
	}
}

static int stream(void)
{
	int c = ns_c_socket(SOCK_STREAM, C_A, GEN_LISTEN), a, err;

	if (c < 0)
		return -1;
	a = accept_c();
	err = a < 0 || pump(c, a) || pump(a, c) ? -1 : 0;
	/* C first, so that TIME_WAIT is its */
	close(c);
	if (a >= 0)
		close(a);
	return err;
}

/* ---- Memory ---- */

static long meminfo(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kb = atol(line + strlen(name));
	if (f)
		fclose(f);
	return kb;
}

/* Once no datagram waits for its rest. */
static long held_kb(void)
{
	long was = -1, now = ip_count("ReasmTimeout");

	while (was != now) {
		poll(NULL, 0, 2500);
		was = now;
		now = ip_count("ReasmTimeout");
	}
	return meminfo("SUnreclaim:");
}

static int check_memory(long before)
{
	int64_t end = now_ms() + 60000;
	char out[32];
	long kb;

	/* those of the link, and the gateway */
	sh_out(out, sizeof(out), "%s neigh show | wc -l", pair_tool());
	if (atoi(out) > 300)
		return FAIL("%s neighbours", out);
	/* a checked allocator keeps what was freed: kmemleak looks there */
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		return 0;
	do {
		kb = held_kb();
	} while (kb > before + SLACK && now_ms() < end);
	printf("# %ld kB after the first round, %ld kB now\n", before, kb);
	return kb > before + SLACK ? -1 : 0;
}

/* ---- All ---- */

/* Other settings lead other ways. */
static int settings(unsigned int round)
{
	char v[16];

	snprintf(v, sizeof(v), "%d", round & 1 ? 0 : 0x1818);
	if (pair_sysctl(&p, "icmp_ratemask", v) ||
	    pair_sysctl(&p, "icmp_echo_ignore_broadcasts",
			round & 2 ? "0" : "1") ||
	    pair_sysctl(&p, "conf.all.accept_source_route",
			round % 3 ? "0" : "1") ||
	    pair_sysctl(&p, "conf.pa.accept_source_route",
			round % 3 ? "0" : "1") ||
	    pair_sysctl(&p, "conf.all.rp_filter", round % 4 ? "0" : "2") ||
	    pair_sysctl(&p, "conf.all.accept_redirects",
			round % 5 ? "0" : "1") ||
	    pair_sysctl(&p, "conf.pa.accept_redirects",
			round % 5 ? "0" : "1") ||
	    pair_sysctl(&p, "conf.all.send_redirects", round & 4 ? "0" : "1"))
		return FAIL("settings");
	return 0;
}

static int one_round(unsigned int round, unsigned long frames)
{
	struct count was;

	if (settings(round) || tcp_open() || look() || read_all())
		return -1;
	count_still(&was);
	sent_ip = 0;
	sent_arp = 0;
	if (throw(frames) || check_counters(&was) || read_all())
		return -1;
	return datagram(round) || stream() ? -1 : 0;
}

int main(int argc, char **argv)
{
	unsigned long frames = argc > 1 ? strtoul(argv[1], NULL, 0) : FRAMES;
	unsigned int round;
	int64_t start;
	long kb = 0;
	int bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	gen.state = argc > 2 ? strtoull(argv[2], NULL, 0) :
		    (uint64_t)time(NULL) * 2654435761u;
	gen.state |= !gen.state;
	printf("TAP version 13\n1..%d\n# seed 0x%llx\n", ROUNDS + 2,
	       (unsigned long long)gen.state);
	if (set_up()) {
		printf("not ok 1 set-up\n");
		return 1;
	}
	start = now_ms();
	for (round = 0; round < ROUNDS && !bad; round++) {
		bad = one_round(round, frames / ROUNDS);
		printf("%sok %u %lu frames\n", bad ? "not " : "", round + 1,
		       frames / ROUNDS);
		if (!round)
			kb = held_kb();
	}
	printf("# %lld ms; %u connections\n", (long long)now_ms() - start,
	       reopened);
	if (!bad) {
		bad = check_memory(kb);
		printf("%sok %d memory\n", bad ? "not " : "", ROUNDS + 1);
	}
	if (!bad && frames >= 100000) {
		bad = check_reached();
		printf("%sok %d reached\n", bad ? "not " : "", ROUNDS + 2);
	}
	netns_del("frames_c");
	/* the kernel had its part of what was for all */
	p.mixed = true;
	pair_down(&p);
	return bad ? 1 : 0;
}
