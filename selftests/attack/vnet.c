// SPDX-License-Identifier: GPL-2.0
/*
 * A tap with virtio headers: large segments and unfinished checksums both ways,
 * headers that lie about them, and a device that changes what it can and how much
 * it takes while a stream goes over it.  B is AF_INET; the same is asked of A on
 * both stacks.
 * Proves: attacks H1, H2, H3, H4.
 *
 *	A ta 10.79.0.1 --- a process that carries and lies --- tb 10.79.0.2 B
 */
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <signal.h>
#include <sys/mman.h>
#include "link.h"
#include "pp_fixture.h"

#define TA "10.79.0.1"
#define TB "10.79.0.2"
#define MAC_A "02:00:00:00:79:01"
#define MAC_B "02:00:00:00:79:02"
#define MAX_FRAME 131072
#define HDR sizeof(struct virtio_net_hdr)
#define BYTES (4 << 20)

/* What the wire saw, and what it is to do. */
struct wire {
	unsigned long gso[2], partial[2], lies, refused;
	bool lie, enough;
};

struct frame_v {
	struct virtio_net_hdr v;
	uint8_t b[MAX_FRAME];
} __packed;

static struct wire *wire;
static struct frame_v carried, lied;

static int tap(const char *name, const char *mac)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN))
		return -1;
	pp_run("sysctl -qw net.ipv6.conf.%s.disable_ipv6=1 2>/dev/null", name);
	if (pp_run("ip link set %s address %s up", name, mac))
		return -1;
	return fd;
}

struct taps {
	int a, b;
};

static int taps_open(const struct pp_pair *p, struct taps *t)
{
	pp_run("modprobe -q tun");
	t->a = tap("ta", MAC_A);
	if (t->a < 0 || pp_ns_enter(p->ns_b))
		return -1;
	t->b = tap("tb", MAC_B);
	if (t->b < 0 ||
	    pp_run("ip addr add " TB "/24 dev tb") ||
	    pp_run("ip neigh add " TA " lladdr " MAC_A " dev tb") ||
	    pp_ns_enter(p->ns_a))
		return -1;
	if (p->inet)
		return pp_run("ip addr add " TA "/24 dev ta") ||
		       pp_run("ip neigh add " TB " lladdr " MAC_B " dev ta");
	return pp_test_tool("dev attach ta") ||
	       pp_test_tool("addr add " TA "/24 dev ta") ||
	       pp_test_tool("neigh add " TB " lladdr " MAC_B " dev ta nud permanent");
}

static struct iphdr *ip_of(struct frame_v *f)
{
	return (struct iphdr *)(f->b + 14);
}

/* The same data under a header that is not true; how long the frame is. */
static ssize_t lie(struct frame_v *f, ssize_t n, unsigned int kind)
{
	unsigned int hl = 14 + ip_of(f)->ihl * 4;
	struct tcphdr *th = (struct tcphdr *)(f->b + hl);
	unsigned int all = hl + th->doff * 4;

	switch (kind % 14) {
	case 0:			/* other data, a checksum said to be there */
		if (n <= (ssize_t)(HDR + all))
			return 0;
		f->b[n - HDR - 1] ^= 0x55;
		f->v.flags = 0;
		f->v.gso_type = 0;
		break;
	case 1:
		f->v.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		f->v.gso_size = 1;
		break;
	case 2:
		f->v.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		f->v.gso_size = 65535;
		break;
	case 3:
		f->v.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		f->v.gso_size = 0;
		break;
	case 4:
		f->v.gso_type = VIRTIO_NET_HDR_GSO_UDP;
		f->v.gso_size = 1000;
		break;
	case 5:
		f->v.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
		f->v.gso_size = 1000;
		break;
	case 6:
		f->v.gso_type = 5;	/* UDP_L4 */
		f->v.gso_size = 100;
		break;
	case 7:
		f->v.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		f->v.csum_start = n - HDR + 40;
		break;
	case 8:
		f->v.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		f->v.csum_start = 14;
		f->v.csum_offset = 2;
		break;
	case 9:
		f->v.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		f->v.csum_start = 65534;
		f->v.csum_offset = 65534;
		break;
	case 10:
		f->v.hdr_len = 0;
		break;
	case 11:
		f->v.hdr_len = 65535;
		break;
	case 12:
		f->v.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
		f->v.hdr_len = 15;
		break;
	case 13:		/* cut below what is promised */
		f->v.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		f->v.gso_size = 1000;
		return HDR + all - 4;
	}
	return n;
}

/* From one end to the other; to A with a lie before every other frame. */
static void carry(int from, int to, bool to_a)
{
	ssize_t n = read(from, &carried, sizeof(carried)), len;

	if (n < (ssize_t)HDR)
		return;
	wire->gso[to_a] += !!carried.v.gso_type;
	wire->partial[to_a] += carried.v.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
	if (to_a && wire->lie && n > (ssize_t)HDR + 54 &&
	    ip_of(&carried)->protocol == IPPROTO_TCP) {
		static unsigned int k;

		memcpy(&lied, &carried, n);
		len = k % 2 ? 0 : lie(&lied, n, k / 2);
		k++;
		if (len) {
			wire->lies++;
			wire->refused += write(to, &lied, len) < 0;
		}
	}
	while (write(to, &carried, n) < 0 && errno == EAGAIN)
		;
}

static pid_t wire_run(const struct taps *t)
{
	struct pollfd p[2] = {
		{ .fd = t->a, .events = POLLIN },
		{ .fd = t->b, .events = POLLIN },
	};
	pid_t pid = fork();

	if (pid)
		return pid;
	for (;;) {
		poll(p, 2, -1);
		if (p[0].revents)
			carry(t->a, t->b, false);
		if (p[1].revents)
			carry(t->b, t->a, true);
	}
}

static uint8_t octet(unsigned int i)
{
	return i * 7 + i / 251;
}

/* Both write @bytes and read the other's; 0: all is right. */
static int flow(const int fd[2], unsigned int bytes)
{
	unsigned int sent[2] = { 0 }, got[2] = { 0 }, i;
	struct pollfd p[2] = { { .fd = fd[0] }, { .fd = fd[1] } };
	static uint8_t out[65536], in[65536];
	ssize_t n, k;

	while (got[0] < bytes || got[1] < bytes) {
		for (i = 0; i < 2; i++)
			p[i].events = POLLIN | (sent[i] < bytes ? POLLOUT : 0);
		if (poll(p, 2, 60000) <= 0)
			return -1;
		for (i = 0; i < 2; i++) {
			if (p[i].revents & POLLOUT) {
				n = bytes - sent[i] < sizeof(out) ?
					bytes - sent[i] : sizeof(out);
				for (k = 0; k < n; k++)
					out[k] = octet(sent[i] + k);
				n = send(fd[i], out, n, MSG_DONTWAIT);
				sent[i] += n > 0 ? n : 0;
			}
			if (!(p[i].revents & POLLIN))
				continue;
			n = recv(fd[i], in, sizeof(in), MSG_DONTWAIT);
			if (n <= 0)
				return -1;
			for (k = 0; k < n; k++)
				if (in[k] != octet(got[i] + k))
					return -1;
			got[i] += n;
		}
	}
	return 0;
}

/* A connection of A's to B; 0 or -1. */
static int connected(const struct pp_pair *p, int fd[2])
{
	int l = pp_peer_socket(p, AF_INET, SOCK_STREAM, 0);

	fd[0] = pp_socket(p, SOCK_STREAM, 0);
	if (pp_bind(l, TB, 99) || listen(l, 1) || pp_connect(fd[0], TB, 99))
		return -1;
	fd[1] = accept(l, NULL, NULL);
	close(l);
	return fd[1] < 0 ? -1 : 0;
}

static struct wire *shared(void)
{
	void *m = mmap(NULL, sizeof(*wire), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return m == MAP_FAILED ? NULL : m;
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* H3: whole segments and unfinished checksums come and go. */
TEST_F_TIMEOUT(stacks, segments_both_ways, 200)
{
	struct taps t;
	int fd[2];
	pid_t pid;

	wire = shared();
	ASSERT_NE(NULL, wire);
	ASSERT_EQ(0, taps_open(&self->p, &t));
	pid = wire_run(&t);
	ASSERT_EQ(0, connected(&self->p, fd));
	EXPECT_EQ(0, flow(fd, BYTES));
	TH_LOG("segments out %lu in %lu, unfinished %lu %lu", wire->gso[0],
	       wire->gso[1], wire->partial[0], wire->partial[1]);
	EXPECT_LT(20, wire->gso[0]);
	EXPECT_LT(20, wire->gso[1]);
	EXPECT_LT(20, wire->partial[0]);
	end(pid);
	close(fd[0]);
	close(fd[1]);
}

/* H1, H2: before the true frame comes the same under a header that lies. */
TEST_F_TIMEOUT(stacks, H1_headers_lie, 200)
{
	struct taps t;
	int fd[2];
	pid_t pid;

	wire = shared();
	ASSERT_NE(NULL, wire);
	ASSERT_EQ(0, taps_open(&self->p, &t));
	wire->lie = true;
	pid = wire_run(&t);
	ASSERT_EQ(0, connected(&self->p, fd));
	EXPECT_EQ(0, flow(fd, BYTES));
	TH_LOG("%lu lies, %lu refused by the device", wire->lies,
	       wire->refused);
	EXPECT_LT(50, wire->lies);
	EXPECT_LT(wire->refused, wire->lies);
	end(pid);
	close(fd[0]);
	close(fd[1]);
}

static uint16_t csum(const void *data, unsigned int len, uint32_t sum)
{
	const uint8_t *p = data;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* A datagram of B's to port @dport of @dst with @n octets; its length. */
static ssize_t udp_frame(struct frame_v *f, const char *dst, uint16_t dport,
			 unsigned int n)
{
	struct iphdr *iph = ip_of(f);
	struct udphdr *uh = (struct udphdr *)(iph + 1);
	uint32_t sum = 17 + 8 + n;

	memset(f, 0, HDR + 42 + n);
	memcpy(f->b, "\2\0\0\0\x79\1\2\0\0\0\x79\2\x08\0", 14);
	memset(uh + 1, 'u', n);
	*iph = (struct iphdr){
		.version = 4, .ihl = 5, .tot_len = htons(28 + n), .ttl = 9,
		.protocol = IPPROTO_UDP, .saddr = inet_addr(TB),
		.daddr = inet_addr(dst),
	};
	iph->check = htons(csum(iph, 20, 0));
	uh->source = htons(9);
	uh->dest = htons(dport);
	uh->len = htons(8 + n);
	sum += (uint16_t)~csum(&iph->saddr, 8, 0);
	uh->check = htons(csum(uh, 8 + n, sum));
	return HDR + 42 + n;
}

/*
 * H2: a wrong checksum counts, whatever the header says of it (tap believes no
 * DATA_VALID), unless nobody has computed it yet.
 */
TEST_F_TIMEOUT(stacks, H2_checksums_lie, 100)
{
	static const struct {
		uint8_t flags;
		bool wrong, comes;
	} rows[] = {
		{ 0, false, true }, { 0, true, false },
		{ VIRTIO_NET_HDR_F_DATA_VALID, true, false },
		{ VIRTIO_NET_HDR_F_NEEDS_CSUM, true, true },
	};
	struct udphdr *uh = (struct udphdr *)(ip_of(&carried) + 1);
	struct taps t;
	unsigned int i, k;
	ssize_t n;
	int fd, got;
	char c;

	ASSERT_EQ(0, taps_open(&self->p, &t));
	fd = pp_udp_bound(&self->p, TA, 5001);
	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (k = got = 0; k < 50; k++) {
			n = udp_frame(&carried, TA, 5001, 1 + k % 60);
			if (rows[i].wrong)	/* nor none */
				uh->check = uh->check ^ 0x0101 ?: 0x0202;
			carried.v.flags = rows[i].flags;
			if (rows[i].flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
				carried.v.csum_start = 34;
				carried.v.csum_offset = 6;
			}
			ASSERT_EQ(n, write(t.a, &carried, n));
			if (rows[i].comes)
				got += pp_readable(fd, 5000) &&
				       recv(fd, &c, 1, 0) == 1;
		}
		if (!rows[i].comes)
			got = pp_readable(fd, 200);
		EXPECT_EQ(rows[i].comes ? 50 : 0, got)
			TH_LOG("row %u", i);
	}
	close(fd);
}

static uint32_t rnd(void)
{
	static uint32_t x = 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* 0, small, about @around, or anything. */
static uint16_t odd(unsigned int around)
{
	switch (rnd() % 16) {
	case 0:
		return rnd() % 4;
	case 1:
		return around + rnd() % 9 - 4;
	case 2:
		return 65535 - rnd() % 3;
	case 3:
		return rnd();
	default:
		return around;
	}
}

/*
 * H1, H3: six thousand headers made up, of frames for A and for a host behind
 * it, by a link that has to divide them and to finish their sums itself.
 */
TEST_F_TIMEOUT(stacks, H3_any_header, 300)
{
	static const uint8_t types[] = { 0, 1, 3, 4, 5, 0x81, 0x83, 0x7f };
	static const unsigned int lens[] = { 0, 1, 7, 100, 1458, 1459, 4000,
					     60000 };
	unsigned long taken = 0;
	struct taps t;
	unsigned int i, to, len;
	char buf[2048];
	ssize_t n;
	int fd, peer;

	ASSERT_EQ(0, taps_open(&self->p, &t));
	pp_run("ethtool -K pa tx off tso off gso off >/dev/null 2>&1");
	pp_sysctl(&self->p, self->p.inet ? "ip_forward" :
		  "conf/all/forwarding", "1");
	peer = pp_tap(&self->p);
	fd = pp_udp_bound(&self->p, TA, 5001);
	ASSERT_LE(0, fd);
	/* it has a neighbour there */
	ASSERT_EQ(1, pp_sendto(fd, "x", 1, PKTPATH_T_B, 9));
	for (i = 0; i < 6000; i++) {
		to = rnd() % 3;
		len = lens[rnd() % ARRAY_SIZE(lens)];
		n = udp_frame(&carried, to ? PKTPATH_T_B : TA, to ? 77 : 5001,
			      len);
		if (rnd() % 4 == 0)
			ip_of(&carried)->protocol = rnd() % 2 ? 6 : 1;
		if (rnd() % 4 == 0)	/* doff, and what else there is */
			((uint8_t *)ip_of(&carried))[32] = rnd();
		carried.v.flags = rnd() % 3;
		carried.v.gso_type = types[rnd() % ARRAY_SIZE(types)];
		carried.v.hdr_len = odd(42);
		carried.v.gso_size = odd(1400);
		carried.v.csum_start = odd(34);
		carried.v.csum_offset = odd(6);
		ip_of(&carried)->check = 0;
		ip_of(&carried)->check = htons(csum(ip_of(&carried), 20, 0));
		taken += write(t.a, &carried, n) == n;
		if (i % 64 == 0) {
			while (read(t.a, &lied, sizeof(lied)) > 0)
				;
			while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
				;
			while (recv(peer, buf, sizeof(buf), MSG_DONTWAIT) > 0)
				;
		}
	}
	TH_LOG("%lu taken", taken);
	EXPECT_LT(500, taken);
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	while (recv(peer, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	/* both ways are open yet */
	n = udp_frame(&carried, TA, 5001, 3);
	ASSERT_EQ(n, write(t.a, &carried, n));
	EXPECT_EQ(3, recv(fd, buf, sizeof(buf), 0));
	n = udp_frame(&carried, PKTPATH_T_B, 77, 3);
	ASSERT_EQ(n, write(t.a, &carried, n));
	EXPECT_EQ(31, pp_tap_next(peer, IPPROTO_UDP, 77, buf, sizeof(buf)));
	close(fd);
	close(peer);
}

/* H4: what the device can do and takes is changed under a stream. */
TEST_F_TIMEOUT(stacks, H4_device_changes_under_a_stream, 300)
{
	static const char * const toggles[] = {
		"ethtool -K ta tx off >/dev/null",
		"ip link set ta mtu 600",
		"ethtool -K ta tx on tso on >/dev/null",
		"ip link set ta mtu 9000",
		"ethtool -K ta gso off gro off >/dev/null",
		"ip link set ta mtu 296",
		"ethtool -K ta sg off >/dev/null",
		"ip link set ta mtu 1500",
		"ethtool -K ta sg on gso on gro on >/dev/null",
		"ip link set ta mtu 65521",
	};
	unsigned int i, n = 0;
	struct taps t;
	pid_t pid, stream;
	int fd[2], status;

	wire = shared();
	ASSERT_NE(NULL, wire);
	ASSERT_EQ(0, taps_open(&self->p, &t));
	pid = wire_run(&t);
	ASSERT_EQ(0, connected(&self->p, fd));
	stream = fork();
	ASSERT_LE(0, stream);
	if (!stream) {
		do {
			if (flow(fd, 8 * BYTES))
				_exit(1);
		} while (!__atomic_load_n(&wire->enough, __ATOMIC_RELAXED));
		_exit(0);
	}
	do {
		__atomic_store_n(&wire->enough, n >= 20, __ATOMIC_RELAXED);
		for (i = 0; i < ARRAY_SIZE(toggles); i++, n++)
			pp_run("%s 2>&1", toggles[i]);
	} while (!waitpid(stream, &status, WNOHANG));
	TH_LOG("%u changes", n);
	EXPECT_TRUE(WIFEXITED(status) && !WEXITSTATUS(status));
	EXPECT_LE(20, n);
	end(pid);
	close(fd[0]);
	close(fd[1]);
}

TEST_HARNESS_MAIN
