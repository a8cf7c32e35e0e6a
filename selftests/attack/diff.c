// SPDX-License-Identifier: GPL-2.0
/*
 * Every field of the headers of IP, ICMP and UDP with its boundary values, one
 * frame each to AF_INET and to AF_PKTPATH in equal namespaces: the answers on
 * the wire, what sockets read and their errors are the same, but for what
 * diff_meant.h lists.
 *
 *	I (AF_INET)  pa 10.77.0.1/24 --- bi   B (nobody)
 *	P (pktpath)  pa 10.77.0.1/24 --- bp
 *
 * Proves: IP-1 to -6, ICMP-1 to -9, UDP-1 to -3 (conformance.md) field by field.
 */
#include <errno.h>
#include <fnmatch.h>
#include <time.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include "diff_meant.h"
#include "frame.h"
#include "link.h"
#include "pp_cpu.h"
#include "pp_test.h"

#define B_MAC	"\x02\0\0\0\0\xb2"
#define GROUP	"239.1.2.3"
#define LIVE	5001
#define CONN	5002
#define DEAD	4999
#define ID_PING	0x5050
#define SOCKS	5

struct side {
	const char *ns;
	bool inet;
	int fd, tap, socks[SOCKS];
	struct pair p;			/* addresses for frame_begin() */
	char said[16384];
	size_t n;
};

static struct side sides[2] = {
	{ .ns = "diff_i", .inet = true }, { .ns = "diff_p" },
};

static int ns_b, cases, bad, shown;
static char name[128];

/* ---- Set-up ---- */

static int conf(const struct side *s, const char *knob, const char *value)
{
	return sh("ip netns exec %s sysctl -qw net.%s.%s='%s'", s->ns,
		  s->inet ? "ipv4" : "pktpath", knob, value);
}

static int addresses(const struct side *s)
{
	static const char mac[] = "02:00:00:00:00:b2";
	const char *t = pair_tool();

	if (s->inet)
		return sh("ip -n %s addr add " PAIR_A "/24 brd + dev pa",
			  s->ns) ||
		       sh("ip -n %s neigh add " PAIR_B " lladdr %s dev pa",
			  s->ns, mac) ||
		       sh("ip -n %s route add default via " PAIR_B, s->ns) ||
		       conf(s, "conf.all.accept_redirects", "0") ||
		       conf(s, "conf.pa.accept_redirects", "0") ||
		       conf(s, "conf.all.rp_filter", "0") ||
		       conf(s, "conf.pa.rp_filter", "0");
	return conf(s, "neigh.default.acd", "0") ||
	       sh("%s -n %s dev attach pa", t, s->ns) ||
	       sh("%s -n %s addr add " PAIR_A "/24 dev pa", t, s->ns) ||
	       sh("%s -n %s neigh add " PAIR_B " lladdr %s dev pa nud permanent",
		  t, s->ns, mac) ||
	       sh("%s -n %s route add default via " PAIR_B, t, s->ns);
}

static int sock_of(const struct side *s, int type, int protocol, uint16_t port)
{
	static const int opts[] = {
		IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS, IP_RECVERR,
	};
	int fd = ns_socket(s->fd, s->inet ? AF_INET : pp_family(),
			   type | SOCK_NONBLOCK, protocol);
	unsigned int i;

	if (fd < 0 || (!s->inet && pp_set(fd, SOL_PKTPATH, PKTPATH_INET_ADDR,
					  1)))
		return -1;
	for (i = 0; i < ARRAY_SIZE(opts); i++)
		pp_set(fd, SOL_IP, opts[i], 1);
	return port && pp_bind(fd, "0.0.0.0", port) ? -1 : fd;
}

static int sockets(struct side *s)
{
	struct ip_mreq m = {
		.imr_multiaddr.s_addr = inet_addr(GROUP),
		.imr_interface.s_addr = inet_addr(PAIR_A),
	};
	int i;

	s->socks[0] = sock_of(s, SOCK_DGRAM, 0, LIVE);
	s->socks[1] = sock_of(s, SOCK_DGRAM, 0, CONN);
	s->socks[2] = sock_of(s, SOCK_RAW, 253, 0);
	s->socks[3] = sock_of(s, SOCK_DGRAM, IPPROTO_ICMP, ID_PING);
	s->socks[4] = sock_of(s, SOCK_DGRAM, 0, 5004);
	for (i = 0; i < SOCKS; i++)
		if (s->socks[i] < 0)
			return -1;
	return pp_connect(s->socks[1], PAIR_B, CONN) ||
	       setsockopt(s->socks[4], SOL_IP, IP_ADD_MEMBERSHIP, &m,
			  sizeof(m));
}

static int tap_of(const char *dev)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
	};
	int fd = ns_socket(ns_b, AF_PACKET, SOCK_RAW, 0);

	if (setns(ns_b, CLONE_NEWNET))
		return -1;
	sll.sll_ifindex = if_nametoindex(dev);
	return bind(fd, (void *)&sll, sizeof(sll)) ? -1 : fd;
}

static int side_up(struct side *s)
{
	const char *dev = s->inet ? "bi" : "bp";

	s->fd = netns_add(s->ns);
	if (s->fd < 0 || setns(s->fd, CLONE_NEWNET) || link_up("lo") ||
	    link_veth("pa", dev, ns_b) || link_up("pa") ||
	    link_mac("pa", s->p.mac_a) || setns(ns_b, CLONE_NEWNET) ||
	    link_up(dev) || link_await_up(dev) || setns(s->fd, CLONE_NEWNET) ||
	    link_await_up("pa"))
		return -1;
	memcpy(s->p.mac_b, B_MAC, 6);
	s->tap = tap_of(dev);
	s->p.frames = s->tap;
	return s->tap < 0 || addresses(s) || conf(s, "icmp_ratemask", "0") ||
	       conf(s, "ping_group_range", "0 1000") ||
	       conf(s, "ipfrag_time", "600") || sockets(s);
}

/* ---- What a side says ---- */

static void say(struct side *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	s->n += vsnprintf(s->said + s->n, sizeof(s->said) - s->n, fmt, ap);
	va_end(ap);
	if (s->n >= sizeof(s->said))
		abort();
}

static void say_bytes(struct side *s, const uint8_t *b, size_t n)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < n && i < 80; i++)
		say(s, "%s%02x", i & 3 ? "" : " ", b[i]);
	for (; i < n; i++)
		sum = sum * 31 + b[i];
	say(s, n > 80 ? " +%x\n" : "\n", sum);
}

/* Times in Timestamp options, before the pointer, are not the same twice. */
static void no_times(uint8_t *o, unsigned int n)
{
	unsigned int i = 0, len;
	int at;

	while (i + 4 < n && o[i]) {
		len = o[i] == 1 ? 1 : o[i + 1];
		if (!len || i + len > n)
			return;
		at = o[i] == 68 ? o[i + 2] - 5 : 0;
		for (; at >= 4; at -= o[i + 3] & 15 ? 8 : 4)
			if (at + 4 <= (int)len)
				memset(o + i + at, 0, 4);
		i += len;
	}
}

/* A packet without what cannot be the same twice; its checksums are right. */
static void say_packet(struct side *s, struct frame *f)
{
	struct iphdr *iph = frame_ip(f);
	unsigned int len = f->len - ETH_LEN, ihl = iph->ihl * 4;
	struct icmphdr *ih = frame_icmp(f);
	struct iphdr *in = (struct iphdr *)(ih + 1);

	if (csum_of(iph, ihl))
		say(s, "IP checksum wrong\n");
	iph->id = 0;
	iph->check = 0;
	no_times((uint8_t *)(iph + 1), ihl - 20);
	if (iph->protocol == IPPROTO_ICMP && len >= ihl + 8) {
		if (csum_of(ih, len - ihl))
			say(s, "ICMP checksum wrong\n");
		ih->checksum = 0;
		if (ih->type == ICMP_TIMESTAMPREPLY) {
			memset((uint8_t *)(ih + 1) + 4, 0, 8);
		} else if (ih->type != ICMP_ECHOREPLY && len >= ihl + 28 &&
			 in->ihl > 5 && len >= ihl + 8 + in->ihl * 4) {
			if (!s->inet && csum_of(in, in->ihl * 4))
				say(s, "quoted checksum wrong\n");
			no_times((uint8_t *)(in + 1), in->ihl * 4u - 20);
			/* has times in it; AF_INET's is older than what it wrote */
			in->check = 0;
		}
	}
	say(s, "packet");
	say_bytes(s, (uint8_t *)iph, len);
}

static void say_cmsg(struct side *s, struct cmsghdr *c)
{
	struct sock_extended_err *ee = (void *)CMSG_DATA(c);
	size_t len = c->cmsg_len - CMSG_LEN(0);
	struct sockaddr_in *sin;

	say(s, " cmsg %d", c->cmsg_type);
	if (c->cmsg_type == IP_RECVERR) {
		sin = (struct sockaddr_in *)SO_EE_OFFENDER(ee);
		say(s, " error %d origin %d %d/%d info %u from %x\n",
		    ee->ee_errno, ee->ee_origin, ee->ee_type, ee->ee_code,
		    ee->ee_info, sin->sin_addr.s_addr);
		return;
	}
	if (c->cmsg_type == IP_RECVOPTS)
		no_times(CMSG_DATA(c), len);
	say_bytes(s, CMSG_DATA(c), len);
}

static void say_socket(struct side *s, int i, int flags)
{
	uint8_t data[2048], control[512];
	struct iovec iov = { data, sizeof(data) };
	struct sockaddr_in from;
	struct cmsghdr *c;
	struct msghdr m;
	ssize_t n;

	for (;;) {
		memset(&from, 0, sizeof(from));
		m = (struct msghdr){
			.msg_name = &from, .msg_namelen = sizeof(from),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		n = recvmsg(s->socks[i], &m, flags | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return;
		say(s, "socket %d flags %x: ", i, flags);
		if (n < 0) {
			say(s, "%s\n", strerror(errno));
			continue;
		}
		say(s, "%zd from %x:%u flags %x", n, from.sin_addr.s_addr,
		    ntohs(from.sin_port), m.msg_flags & ~MSG_ERRQUEUE);
		if (i == 2 && n >= 20)
			no_times(data + 20, (data[0] & 15) * 4u - 20);
		say_bytes(s, data, n);
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			say_cmsg(s, c);
	}
}

/* All that @f makes a side say; false: it says nothing more at all. */
static bool ask(struct side *s, struct frame *f)
{
	static uint16_t seq;
	struct frame r, m;
	int i;

	s->n = 0;
	s->said[0] = 0;
	/* the link's destination is the side's, unless it is for many */
	if (!(f->b[0] & 1))
		memcpy(f->b, s->p.mac_a, 6);
	frame_echo(&m, &s->p, 0);
	frame_icmp(&m)->un.echo.id = htons(MARKER_ID);
	frame_icmp(&m)->un.echo.sequence = htons(++seq);
	frame_icmp_csum(&m);
	if (frame_out(&s->p, f) || frame_out(&s->p, &m))
		return false;
	for (;;) {
		memset(&r, 0, sizeof(r));
		r.len = frame_recv(&s->p, r.b, sizeof(r.b), 20000);
		if (!r.len)
			return false;
		if (frame_ip(&r)->protocol == IPPROTO_ICMP &&
		    frame_icmp(&r)->type == ICMP_ECHOREPLY &&
		    frame_icmp(&r)->un.echo.id == htons(MARKER_ID) &&
		    frame_icmp(&r)->un.echo.sequence == htons(seq))
			break;
		/* whenever a timer says so */
		if (frame_ip(&r)->protocol != IPPROTO_IGMP)
			say_packet(s, &r);
	}
	for (i = 0; i < SOCKS; i++) {
		say_socket(s, i, 0);
		say_socket(s, i, MSG_ERRQUEUE);
		say(s, so_error(s->socks[i]) ? "error left\n" : "");
	}
	say(s, "mtu %d\n", pp_get(s->socks[1], SOL_IP, IP_MTU));
	return true;
}

/* ---- Differences that are meant: diff_meant.h ---- */

static unsigned int used[ARRAY_SIZE(meant)];

static bool is_meant(void)
{
	unsigned int i;

	for (i = 0; meant[i].name; i++) {
		if (!fnmatch(meant[i].name, name, 0)) {
			used[i]++;
			return true;
		}
	}
	return false;
}

static void compare(struct frame *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	cases++;
	if (!ask(&sides[0], f) || !ask(&sides[1], f)) {
		printf("# %s: no answer any more\n", name);
		exit(1);
	}
	if (!strcmp(sides[0].said, sides[1].said) || is_meant())
		return;
	bad++;
	if (shown++ < 25)
		printf("# %s\n# AF_INET: %s# AF_PKTPATH: %s", name,
		       sides[0].said, sides[1].said);
}

/* ---- IP ---- */

static struct frame f;

/* An echo request or a datagram to a live or dead port behind @optlen. */
static void carrier(int what, unsigned int optlen)
{
	struct frame t;

	if (!what)
		frame_echo(&t, &sides[0].p, 16);
	else
		frame_udp(&t, &sides[0].p, CONN, what == 1 ? LIVE : DEAD, 16);
	frame_begin(&f, &sides[0].p, frame_ip(&t)->protocol, optlen);
	memset(frame_ip(&f) + 1, 1, optlen);
	memcpy(frame_put(&f, t.len - ETH_LEN - 20), frame_l4(&t),
	       t.len - ETH_LEN - 20);
	frame_end(&f);
}

static const char *const kinds[] = { "echo", "live", "dead" };

static void ip_fields(int k)
{
	static const uint16_t lens[] = {
		0, 1, 19, 20, 21, 27, 28, 29, 35, 43, 44, 45, 60, 576, 32768,
		65535,
	};
	static const uint16_t frags[] = {
		0x4000, 0x8000, 0xc000, 0x0001, 0x0002, 0x1fff, 0x5fff, 0x8001,
	};
	static const uint8_t ttls[] = { 0, 1, 2, 64, 128, 255 };
	unsigned int i;

	for (i = 0; i < 16; i++) {
		carrier(k, 0);
		frame_ip(&f)->version = i;
		frame_ip_csum(&f);
		compare(&f, "%s version %u", kinds[k], i);
		carrier(k, i > 5 ? i * 4 - 20 : 0);
		frame_ip(&f)->ihl = i;
		frame_ip(&f)->check = 0;
		frame_ip(&f)->check = csum_of(frame_ip(&f), i > 5 ? i * 4 : 20);
		compare(&f, "%s ihl %u", kinds[k], i);
	}
	for (i = 0; i < 256; i++) {
		carrier(k, 0);
		frame_ip(&f)->tos = i;
		frame_ip_csum(&f);
		compare(&f, "%s tos %u", kinds[k], i);
		carrier(k, 0);
		frame_ip(&f)->protocol = i;
		frame_ip_csum(&f);
		/* TCP has a test of its own, IGMP answers later */
		if (i != IPPROTO_TCP && i != IPPROTO_IGMP)
			compare(&f, "%s protocol %u", kinds[k], i);
	}
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		carrier(k, 0);
		frame_ip(&f)->tot_len = htons(lens[i]);
		frame_ip_csum(&f);
		compare(&f, "%s length %u", kinds[k], lens[i]);
	}
	for (i = 0; i < ARRAY_SIZE(frags); i++) {
		carrier(k, 0);
		frame_ip(&f)->frag_off = htons(frags[i]);
		frame_ip(&f)->id = htons(i);
		frame_ip_csum(&f);
		compare(&f, "%s fragment 0x%x", kinds[k], frags[i]);
	}
	for (i = 0; i < ARRAY_SIZE(ttls); i++) {
		carrier(k, 0);
		frame_ip(&f)->ttl = ttls[i];
		frame_ip_csum(&f);
		compare(&f, "%s ttl %u", kinds[k], ttls[i]);
	}
	for (i = 0; i < 16; i++) {
		carrier(k, 0);
		frame_ip(&f)->check ^= 1 << i;
		compare(&f, "%s checksum %u", kinds[k], i);
		carrier(k, 0);
		frame_ip(&f)->id = 1 << i;
		frame_ip_csum(&f);
		compare(&f, "%s id %u", kinds[k], i);
	}
}

static void ip_addresses(int k)
{
	static const char *const addrs[] = {
		"0.0.0.0", "0.0.0.1", "0.255.255.255", "1.0.0.0",
		"10.77.0.0", "10.77.0.1", "10.77.0.2", "10.77.0.255",
		"126.255.255.255", "127.0.0.0", "127.0.0.1", "127.255.255.255",
		"128.0.0.0", "192.0.2.1", "223.255.255.255", "224.0.0.0",
		"224.0.0.1", "224.0.0.2", GROUP, "239.1.2.4",
		"239.255.255.255", "240.0.0.0", "255.255.255.254",
		"255.255.255.255",
	};
	unsigned int i, l2;

	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		carrier(k, 0);
		frame_ip(&f)->saddr = inet_addr(addrs[i]);
		frame_ip_csum(&f);
		compare(&f, "%s from %s", kinds[k], addrs[i]);
		for (l2 = 0; l2 < 3; l2++) {
			carrier(k, 0);
			frame_ip(&f)->daddr = inet_addr(addrs[i]);
			frame_ip_csum(&f);
			if (l2)
				memset(f.b, 0xff, 6);
			if (l2 == 2)
				memcpy(f.b, "\x01\0\x5e\1\2\3", 6);
			compare(&f, "%s to %s link %u", kinds[k], addrs[i], l2);
		}
	}
}

/* One option of @len octets, all of it @room. */
static void option(int k, const uint8_t *o, unsigned int room)
{
	carrier(k, room);
	memset(frame_ip(&f) + 1, 0, room);
	memcpy(frame_ip(&f) + 1, o, room);
	frame_ip_csum(&f);
	compare(&f, "%s option %u length %u pointer %u rest %u", kinds[k], o[0],
		o[1], o[2], o[3]);
}

static void ip_options(int k)
{
	static const uint8_t lens[] = { 0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13 };
	static const uint8_t known[] = { 7, 68, 130, 131, 136, 137, 148 };
	static const uint8_t ptrs[] = { 0, 1, 3, 4, 5, 8, 9, 12, 13, 255 };
	unsigned int i, j, n;
	uint8_t o[12];

	for (i = 0; i < 256; i++) {
		for (j = 0; j < ARRAY_SIZE(lens); j += 2) {
			memset(o, 0, sizeof(o));
			o[0] = i;
			o[1] = lens[j];
			o[2] = 4;
			option(k, o, 12);
		}
	}
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		for (j = 0; j < ARRAY_SIZE(lens); j++) {
			for (n = 0; n < ARRAY_SIZE(ptrs); n++) {
				memset(o, 0, sizeof(o));
				o[0] = known[i];
				o[1] = lens[j];
				o[2] = ptrs[n];
				option(k, o, 12);
			}
		}
	}
	/* overflow and flag of Timestamp */
	for (i = 0; i < 256; i++) {
		memset(o, 0, sizeof(o));
		memcpy(o, (uint8_t[]){ 68, 12, 5, i }, 4);
		o[4] = 10;
		o[5] = 77;
		o[7] = 1;
		option(k, o, 12);
		o[2] = 13;
		option(k, o, 12);
	}
}

/* ---- ICMP ---- */

static void icmp_fields(void)
{
	static const uint8_t codes[] = { 0, 1, 2, 3, 15, 16, 255 };
	unsigned int i, j;

	for (i = 0; i < 256; i++) {
		for (j = 0; j < ARRAY_SIZE(codes); j++) {
			frame_icmp_msg(&f, &sides[0].p, i, codes[j], 28);
			compare(&f, "icmp type %u code %u", i, codes[j]);
		}
	}
	for (i = 0; i < 16; i++) {
		frame_echo(&f, &sides[0].p, 5);
		frame_icmp(&f)->checksum ^= 1 << i;
		compare(&f, "icmp checksum %u", i);
		frame_echo(&f, &sides[0].p, 5);
		frame_icmp(&f)->un.echo.id = 1 << i;
		frame_icmp_csum(&f);
		compare(&f, "icmp id %u", i);
		frame_echo(&f, &sides[0].p, 5);
		frame_icmp(&f)->un.echo.sequence = 1 << i;
		frame_icmp_csum(&f);
		compare(&f, "icmp sequence %u", i);
		frame_icmp_msg(&f, &sides[0].p, ICMP_ECHOREPLY, 0, 5);
		frame_icmp(&f)->un.echo.id = htons(ID_PING ^ 1 << i);
		frame_icmp_csum(&f);
		compare(&f, "icmp reply id %u", i);
	}
	frame_icmp_msg(&f, &sides[0].p, ICMP_ECHOREPLY, 0, 5);
	frame_icmp(&f)->un.echo.id = htons(ID_PING);
	frame_icmp_csum(&f);
	compare(&f, "icmp reply to ping");
	/* short ones of the types that are answered */
	for (i = 0; i < 21; i++) {
		for (j = 8; j < 14; j += 5) {
			frame_icmp_msg(&f, &sides[0].p, j, 0, 12);
			f.len = ETH_LEN + 20 + i;
			frame_icmp(&f)->checksum = 0;
			frame_icmp(&f)->checksum = csum_of(frame_icmp(&f), i);
			frame_end(&f);
			compare(&f, "icmp type %u of %u octets", j, i);
		}
	}
}

/* An error about what socket @k could have sent; its quote is returned. */
static struct iphdr *quote(uint8_t type, uint8_t code, int k)
{
	static const uint8_t protocols[] = {
		IPPROTO_UDP, IPPROTO_ICMP, 253, IPPROTO_UDP,
	};
	struct iphdr *in;
	uint8_t *l4;

	frame_icmp_msg(&f, &sides[0].p, type, code, 28);
	frame_icmp(&f)->un.gateway = 0;
	in = (struct iphdr *)(frame_icmp(&f) + 1);
	memset(in, 0, 28);
	in->version = 4;
	in->ihl = 5;
	in->tot_len = htons(1500);
	in->frag_off = htons(0x4000);
	in->ttl = 1;
	in->protocol = protocols[k];
	in->saddr = inet_addr(PAIR_A);
	in->daddr = inet_addr(PAIR_B);
	l4 = (uint8_t *)(in + 1);
	if (k == 1) {
		l4[0] = ICMP_ECHO;
		l4[4] = ID_PING >> 8;
		l4[5] = ID_PING & 255;
	} else {
		l4[0] = CONN >> 8;
		l4[1] = CONN & 255;
		l4[2] = k == 3 ? 1 : CONN >> 8;
		l4[3] = CONN & 255;
	}
	return in;
}

static void error_out(const char *fmt, ...)
{
	char what[96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	frame_icmp_csum(&f);
	frame_end(&f);
	compare(&f, "%s", what);
}

static void icmp_quotes(void)
{
	static const uint8_t types[] = { 3, 4, 5, 11, 12 };
	static const uint32_t infos[] = {
		0, 1, 67, 68, 551, 552, 576, 1400, 1499, 1500, 1501, 65535,
		0x01000000, 0x14000000, 0xff000000,
	};
	static const char *const addrs[] = {
		"0.0.0.0", "10.77.0.1", "10.77.0.2", "10.77.0.255",
		"127.0.0.1", "224.0.0.1", GROUP, "255.255.255.255",
		"192.0.2.1",
	};
	unsigned int t, c, k, i;
	struct iphdr *in;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (k = 0; k < 4; k++) {
			for (c = 0; c < 20; c++) {
				quote(types[t], c, k);
				error_out("error %u/%u about %u", types[t], c,
					  k);
			}
			for (i = 0; i < ARRAY_SIZE(infos); i++) {
				quote(types[t], types[t] == 3 ? 4 : 0, k);
				frame_icmp(&f)->un.gateway = htonl(infos[i]);
				error_out("error %u about %u info %x",
					  types[t], k, infos[i]);
			}
		}
		for (i = 0; i < 256; i++) {
			*(uint8_t *)quote(types[t], 1, 0) = i;
			error_out("error %u quoted first octet %x", types[t],
				  i);
			in = quote(types[t], 1, 0);
			in->protocol = i;
			error_out("error %u quoted protocol %u", types[t], i);
		}
		for (i = 0; i < 16; i++) {
			in = quote(types[t], 1, 0);
			in->frag_off = htons(1 << i);
			error_out("error %u quoted fragment %u", types[t], i);
			in = quote(types[t], 1, 0);
			in->tot_len = htons(1 << i);
			error_out("error %u quoted length %u", types[t], i);
		}
		for (i = 0; i < ARRAY_SIZE(addrs); i++) {
			in = quote(types[t], 1, 0);
			in->saddr = inet_addr(addrs[i]);
			error_out("error %u quoted from %s", types[t],
				  addrs[i]);
			in = quote(types[t], 1, 0);
			in->daddr = inet_addr(addrs[i]);
			error_out("error %u quoted to %s", types[t], addrs[i]);
		}
		for (i = 0; i < 28; i++) {
			quote(types[t], 1, 0);
			f.len -= 28 - i;
			error_out("error %u quote of %u octets", types[t], i);
		}
	}
}

/* ---- UDP ---- */

static void udp_csum(void)
{
	struct udphdr *uh = frame_l4(&f);
	unsigned int len = f.b + f.len - (uint8_t *)uh;
	uint8_t b[2048];

	uh->check = 0;
	memcpy(b, &frame_ip(&f)->saddr, 8);
	memcpy(b + 8, (uint8_t[]){ 0, IPPROTO_UDP, len >> 8, len }, 4);
	memcpy(b + 12, uh, len);
	uh->check = csum_of(b, 12 + len) ?: 0xffff;
}

static void udp_fields(void)
{
	static const uint16_t ports[] = {
		0, 1, DEAD, LIVE, CONN, 5004, 32768, 65535,
	};
	static const uint16_t lens[] = {
		0, 1, 7, 8, 9, 15, 16, 23, 24, 25, 26, 255, 1500, 32768, 65535,
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		for (j = 0; j < ARRAY_SIZE(ports); j++) {
			frame_udp(&f, &sides[0].p, ports[i], ports[j], 16);
			udp_csum();
			compare(&f, "udp from %u to %u", ports[i], ports[j]);
		}
	}
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (j = 0; j < 2; j++) {
			frame_udp(&f, &sides[0].p, 9, j ? DEAD : LIVE, 16);
			((struct udphdr *)frame_l4(&f))->len = htons(lens[i]);
			compare(&f, "udp length %u to %s", lens[i],
				j ? "dead" : "live");
		}
	}
	for (i = 0; i < 18; i++) {
		frame_udp(&f, &sides[0].p, 9, LIVE, 16);
		udp_csum();
		if (i < 16)
			((struct udphdr *)frame_l4(&f))->check ^= 1 << i;
		else if (i == 17)
			((struct udphdr *)frame_l4(&f))->check = 0xffff;
		compare(&f, "udp checksum %u", i);
	}
	for (i = 0; i < 30; i++) {
		frame_udp(&f, &sides[0].p, 9, LIVE, 16);
		f.len = ETH_LEN + 20 + i;
		frame_end(&f);
		compare(&f, "udp of %u octets", i);
	}
}

/* ---- All ---- */

static int count;

static void part(const char *what, int was)
{
	printf("%sok %d %s\n", bad > was ? "not " : "", ++count, what);
	shown = 0;
}

int main(void)
{
	unsigned int i;
	int k, was;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..7\n");
	pp_one_cpu();
	ns_b = netns_add("diff_b");
	if (ns_b < 0 || pp_test_family() < 0 || side_up(&sides[0]) ||
	    side_up(&sides[1])) {
		printf("not ok 1 set-up: %s\n", strerror(errno));
		return 1;
	}
	for (k = 0; k < 3; k++) {
		was = bad;
		ip_fields(k);
		ip_addresses(k);
		ip_options(k);
		part(kinds[k], was);
	}
	was = bad;
	icmp_fields();
	part("icmp", was);
	was = bad;
	icmp_quotes();
	part("quotes", was);
	was = bad;
	udp_fields();
	part("udp", was);
	was = bad;
	/* what is not needed any more is not to stand there */
	for (i = 0; meant[i].name; i++) {
		printf("# %u: %s: %s\n", used[i], meant[i].name, meant[i].why);
		bad += !used[i];
	}
	part("differences", was);
	printf("# %d cases, %d bad\n", cases, bad);
	netns_del("diff_i");
	netns_del("diff_p");
	netns_del("diff_b");
	return bad ? 1 : 0;
}
