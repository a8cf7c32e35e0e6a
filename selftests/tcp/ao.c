// SPDX-License-Identifier: GPL-2.0
/*
 * Authenticated segments (TCP_AO_ADD_KEY and the others): the same on AF_INET
 * and on AF_PKTPATH. Where the kernel has TCP-AO, AF_INET is the peer; where it
 * has not, AF_PKTPATH is on both ends.
 * Proves: RFC 5925 §3.1, §7.3 to §7.7, RFC 5926 §3.
 */
#include <linux/tcp.h>
#define _NETINET_TCP_H	1	/* the kernel's has all that is needed */
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include "pp_stream.h"
#include "ao.h"

#define BYTES 200000

/* <netinet/tcp.h> has the names, and is at odds with the kernel's. */
enum { SYN_SENT = 2, CLOSE = 7, CLOSE_WAIT = 8 };

static unsigned char out[BYTES], in[BYTES];
static int peer_family;

/* ---- Both ends ---- */

/* The stack under test in B, where the kernel's has been so far. */
static bool own_b(const struct pp_pair *p)
{
	return !pp_ns_enter(p->ns_b) && !pp_run("ip addr flush dev pb") &&
	       !pp_test_tool("dev attach pb") &&
	       !pp_test_tool("addr add " PKTPATH_T_B "/24 dev pb") &&
	       !pp_ns_enter(p->ns_a);
}

/* Which stack stands in B? -1: the test has none to compare with. */
static int up(struct pp_pair *p)
{
	struct ao_add a = key(PKTPATH_T_B, 1, 1);
	int fd = socket(AF_INET, SOCK_STREAM, 0), err;

	err = put(fd, &a) ? errno : 0;
	close(fd);
	pp_fill(out, sizeof(out));
	peer_family = AF_INET;
	if (!err)
		return 0;
	if (p->inet)
		return -1;
	/* with a family that is none every test fails */
	peer_family = err == ENOPROTOOPT && own_b(p) ? p->family : -1;
	return 0;
}

#define NO_PEER "AF_INET has no TCP-AO here"

static int peer(const struct pp_pair *p)
{
	return pp_peer_socket(p, peer_family, SOCK_STREAM, 0);
}

static int listen_b(const struct pp_pair *p)
{
	return pp_listen_at(peer(p), PKTPATH_T_B, PP_PORT, 8);
}

/* @a in A connects to @b in B; what one sends with is what the other expects. */
static int active_with(const struct pp_pair *p, struct ao_add k, int *a, int *b)
{
	int lfd = listen_b(p);
	struct ao_add other = k;
	struct sockaddr_in sin = pp_addr(PKTPATH_T_A, 0);

	memcpy(&other.addr, &sin, sizeof(sin));
	other.sndid = k.rcvid;
	other.rcvid = k.sndid;
	*a = pp_socket(p, SOCK_STREAM, 0);
	if (lfd < 0 || put(*a, &k) || put(lfd, &other) ||
	    pp_connect(*a, PKTPATH_T_B, PP_PORT))
		return -1;
	*b = accept(lfd, NULL, NULL);
	close(lfd);
	return *b < 0 ? -1 : 0;
}

static int active(const struct pp_pair *p, int *a, int *b)
{
	return active_with(p, key(PKTPATH_T_B, 100, 200), a, b);
}

/* All of @out from one to the other. */
static bool carries(int from, int to)
{
	size_t sent = 0, got = 0;
	ssize_t n;

	pp_nonblock(from);
	memset(in, 0, sizeof(in));
	while (got < sizeof(in)) {
		n = sent < sizeof(out) ?
		    write(from, out + sent, sizeof(out) - sent) : 0;
		if (n > 0)
			sent += n;
		else if (n < 0 && errno != EAGAIN)
			return false;
		n = recv(to, in + got, sizeof(in) - got, MSG_DONTWAIT);
		if (n > 0)
			got += n;
		else if (n == 0 || errno != EAGAIN ||
			 pp_revents(to, POLLIN, 10000) != POLLIN)
			return false;
	}
	return !memcmp(in, out, sizeof(in));
}

static int state(int fd)
{
	struct tcp_info i = {};
	socklen_t len = sizeof(i);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	return i.tcpi_state;
}

static bool becomes(const struct pp_pair *p, const char *counter)
{
	int i;

	for (i = 0; i < 1000 && pp_count(p, "TcpExt", counter) <= 0; i++)
		usleep(20000);
	return pp_count(p, "TcpExt", counter) > 0;
}

/* ---- Options ---- */

TEST_F(stacks, add_checks)
{
	struct ao_add good, a;
	int fd;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	good = key(PKTPATH_T_B, 1, 2);
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_AO_ADD_KEY, &good,
					sizeof(good) - 1));
#define WRONG(err, change)						\
	do {								\
		a = good;						\
		change;							\
		EXPECT_ERRNO(err, put(fd, &a));				\
	} while (0)
	WRONG(EINVAL, a.reserved = 1);
	WRONG(EINVAL, a.reserved2 = 1);
	WRONG(EINVAL, a.keylen = 81);
	WRONG(EINVAL, a.prefix = 33);
	WRONG(EINVAL, a.prefix = 24);
	WRONG(EINVAL, a.prefix = 0);
	WRONG(EINVAL, a.keyflags = 4);
	WRONG(EINVAL, a.ifindex = 1);
	WRONG(EINVAL, a.ifindex = 1; a.keyflags = TCP_AO_KEYF_IFINDEX);
	WRONG(EINVAL, ((struct sockaddr_in *)&a.addr)->sin_port = 1);
	WRONG(EINVAL, a.addr.ss_family = AF_INET6);
	WRONG(EMSGSIZE, a.maclen = 17);
	WRONG(ENOENT, name(&a, "md5"));
	WRONG(ENOENT, name(&a, "cmac(aes)"));
	EXPECT_EQ(ENOENT, info(fd).reserved2);
	EXPECT_EQ(0, put(fd, &good));
	WRONG(EEXIST, a.sndid = 9);
	WRONG(EEXIST, a.rcvid = 9);
	EXPECT_ERRNO(ENOENT, del(fd, PKTPATH_T_B, 1, 1));
	EXPECT_ERRNO(ENOENT, choose(fd, 9, -1));
	EXPECT_ERRNO(ENOENT, choose(fd, -1, 9));
	EXPECT_EQ(0, del(fd, PKTPATH_T_B, 1, 2));
	EXPECT_EQ(0, put(fd, &good));
	close(fd);
}

/* RFC 5925: it replaces RFC 2385, and does not stand beside it. */
TEST_F(stacks, not_with_md5)
{
	struct sockaddr_in sin = pp_addr(PKTPATH_T_B, 0);
	struct tcp_md5sig sig = { .tcpm_keylen = 4 };
	struct ao_info all = { .required = 1 };
	int fd;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	memcpy(&sig.tcpm_addr, &sin, sizeof(sin));
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, add(fd, PKTPATH_T_B, 1, 1, 'a'));
	EXPECT_ERRNO(EKEYREJECTED, setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig,
					      sizeof(sig)));
	close(fd);
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig,
				sizeof(sig)));
	EXPECT_ERRNO(EKEYREJECTED, add(fd, PKTPATH_T_B, 1, 1, 'a'));
	EXPECT_ERRNO(EKEYREJECTED, setsockopt(fd, IPPROTO_TCP, TCP_AO_INFO,
					      &all, sizeof(all)));
	close(fd);
}

TEST_F(stacks, get_keys)
{
	struct ao_keys k[3] = { { .get_all = 1, .nkeys = 3 } };
	struct sockaddr_in sin = pp_addr(PKTPATH_T_B, 0);
	socklen_t len = sizeof(k[0]);
	struct ao_add a;
	int fd;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	EXPECT_ERRNO(ENOENT, getsockopt(fd, IPPROTO_TCP, TCP_AO_GET_KEYS, k,
					&len));
	a = key(PKTPATH_T_B, 1, 2);
	ASSERT_EQ(0, put(fd, &a));
	a = key("10.78.0.0", 3, 4);
	a.prefix = 16;
	a.maclen = 16;
	a.set_rnext = 1;
	a.keyflags = TCP_AO_KEYF_EXCLUDE_OPT;
	ASSERT_EQ(0, put(fd, &a));
	ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_AO_GET_KEYS, k, &len));
	EXPECT_EQ(sizeof(k[0]), len);
	EXPECT_EQ(2, k[0].nkeys);
	EXPECT_EQ(3, k[0].sndid);
	EXPECT_EQ(4, k[0].rcvid);
	EXPECT_EQ(16, k[0].prefix);
	EXPECT_EQ(16, k[0].maclen);
	EXPECT_EQ(TCP_AO_KEYF_EXCLUDE_OPT, k[0].keyflags);
	EXPECT_TRUE(!!k[0].is_rnext);
	EXPECT_FALSE(!!k[0].is_current);
	EXPECT_EQ(AF_INET, k[0].addr.ss_family);
	EXPECT_EQ(12, k[1].maclen);
	EXPECT_EQ(0, memcmp(&k[1].addr, &sin, sizeof(sin)));
	EXPECT_STREQ(SHA1, k[1].alg_name);
	EXPECT_EQ(strlen(SECRET), k[1].keylen);
	EXPECT_EQ(0, memcmp(k[1].key, SECRET, k[1].keylen));
	/* one of them, by peer and IDs */
	memset(k, 0, sizeof(k));
	memcpy(&k[0].addr, &sin, sizeof(sin));
	k[0].prefix = 32;
	k[0].sndid = 1;
	k[0].rcvid = 2;
	k[0].nkeys = 1;
	ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_AO_GET_KEYS, k, &len));
	EXPECT_EQ(1, k[0].nkeys);
	EXPECT_EQ(1, k[0].sndid);
	/* or the one that the peer is asked for; with no room, how many */
	memset(k, 0, sizeof(k));
	k[0].is_rnext = 1;
	ASSERT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_AO_GET_KEYS, k, &len));
	EXPECT_EQ(1, k[0].nkeys);
	EXPECT_EQ(0, k[0].sndid);
	k[0].get_all = 1;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, IPPROTO_TCP, TCP_AO_GET_KEYS, k,
					&len));
	close(fd);
}

/* ---- Connections ---- */

static void with(struct __test_metadata *_metadata, const struct pp_pair *p,
		 const char *alg, int maclen, int keylen, int flags)
{
	struct ao_add k = key(PKTPATH_T_B, 100, 200);
	struct ao_info i;
	int a, b;

	name(&k, alg);
	k.maclen = maclen;
	k.keylen = keylen;
	k.keyflags = flags;
	ASSERT_EQ(0, active_with(p, k, &a, &b));
	EXPECT_TRUE(carries(a, b));
	EXPECT_TRUE(carries(b, a));
	i = info(a);
	EXPECT_TRUE(!!i.set_current);
	EXPECT_EQ(100, i.current_key);
	EXPECT_TRUE(!!i.set_rnext);
	EXPECT_EQ(200, i.rnext);
	EXPECT_LT(20, i.good);
	EXPECT_EQ(0, i.bad + i.not_found + i.wanting);
	EXPECT_EQ(0, info(b).bad);
	EXPECT_EQ(0, pp_count(p, "TcpExt", "TCPAOBad"));
	EXPECT_LT(20, pp_count(p, "TcpExt", "TCPAOGood"));
	close(a);
	close(b);
}

TEST_F(stacks, sha1)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	with(_metadata, &self->p, SHA1, 0, 15, 0);
}

TEST_F(stacks, cmac)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	with(_metadata, &self->p, "cmac(aes)", 0, 16, 0);
}

/* RFC 5926 §3.1.1.2: of any length */
TEST_F(stacks, cmac_extracted)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	with(_metadata, &self->p, "cmac(aes128)", 0, 15, 0);
}

/* The kernel's own, which may have no use for it here. */
TEST_F(stacks, sha256)
{
	struct ao_add k = key(PKTPATH_T_B, 1, 1);
	int fd;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	name(&k, "hmac(sha256)");
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	if (put(fd, &k) && errno == ENOENT)
		SKIP(return, "not in this kernel");
	close(fd);
	with(_metadata, &self->p, "hmac(sha256)", 0, 15, 0);
}

TEST_F(stacks, mac_of_16)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	with(_metadata, &self->p, SHA1, 16, 15, 0);
}

TEST_F(stacks, mac_of_5)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	with(_metadata, &self->p, SHA1, 5, 15, 0);
}

TEST_F(stacks, options_excluded)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	with(_metadata, &self->p, SHA1, 0, 15, TCP_AO_KEYF_EXCLUDE_OPT);
}

static void passive(struct __test_metadata *_metadata, const struct pp_pair *p)
{
	int lfd = pp_listen_a(p, PP_PORT, 8), a, b;
	struct ao_add k = key("10.77.0.0", 100, 200);

	k.prefix = 24;
	ASSERT_EQ(0, put(lfd, &k));
	ASSERT_EQ(0, add(lfd, "192.0.2.1", 100, 200, 'x'));
	b = peer(p);
	ASSERT_EQ(0, add(b, PKTPATH_T_A, 200, 100, SECRET[14]));
	ASSERT_EQ(0, pp_connect(b, PKTPATH_T_A, PP_PORT));
	a = accept(lfd, NULL, NULL);
	ASSERT_LE(0, a);
	EXPECT_TRUE(carries(a, b));
	EXPECT_TRUE(carries(b, a));
	EXPECT_EQ(100, info(a).current_key);
	EXPECT_EQ(200, info(a).rnext);
	EXPECT_EQ(0, info(a).bad);
	EXPECT_LT(0, info(lfd).good);
	close(lfd);
	close(a);
	close(b);
}

/* A key of a network, and one for somebody else. */
TEST_F(stacks, passive)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	passive(_metadata, &self->p);
}

TEST_F(stacks, cookie)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, pp_sysctl(&self->p, "tcp_syncookies", "2"));
	passive(_metadata, &self->p);
	EXPECT_EQ(1, pp_count(&self->p, "TcpExt", "SyncookiesRecv"));
}

/* ---- Who is refused ---- */

/* B tries to connect to a listener in A; without an answer, and counted. */
static bool refused(const struct pp_pair *p, bool key_a, int key_b, char last,
		    const char *counter)
{
	int fd = peer(p), lfd = pp_listen_a(p, PP_PORT, 8);
	bool ok;

	if (fd < 0 || lfd < 0 || (key_a && add(lfd, PKTPATH_T_B, 1, 2, 'a')) ||
	    (key_b >= 0 && add(fd, PKTPATH_T_A, key_b, 1, last)))
		return false;
	pp_nonblock(fd);
	ok = pp_connect(fd, PKTPATH_T_A, PP_PORT) && errno == EINPROGRESS &&
	     becomes(p, counter) && state(fd) == SYN_SENT;
	close(lfd);
	close(fd);
	return ok;
}

TEST_F(stacks, wrong_key)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	EXPECT_TRUE(refused(&self->p, true, 2, 'b', "TCPAOBad"));
}

TEST_F(stacks, missing_key)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	EXPECT_TRUE(refused(&self->p, true, -1, 0, "TCPAORequired"));
}

TEST_F(stacks, unknown_id)
{
	if (up(&self->p))
		SKIP(return, NO_PEER);
	EXPECT_TRUE(refused(&self->p, true, 3, 'a', "TCPAOKeyNotFound"));
}

/* Somebody else on this machine has keys, this listener has none. */
TEST_F(stacks, unexpected_key)
{
	int fd;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, add(fd, PKTPATH_T_B, 1, 1, 'a'));
	EXPECT_TRUE(refused(&self->p, false, 2, 'a', "TCPAOKeyNotFound"));
	close(fd);
}

/* The other way: the peer answers without a signature. */
TEST_F(stacks, unsigned_answer)
{
	struct ao_info i;
	int a, lfd;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	lfd = listen_b(&self->p);
	a = pp_socket(&self->p, SOCK_STREAM, 0);
	/* a port that nobody has: the reset can't be signed */
	close(lfd);
	ASSERT_EQ(0, add(a, PKTPATH_T_B, 1, 1, 'a'));
	pp_nonblock(a);
	EXPECT_ERRNO(EINPROGRESS, pp_connect(a, PKTPATH_T_B, PP_PORT));
	usleep(100000);
	EXPECT_EQ(SYN_SENT, state(a));
	i = info(a);
	EXPECT_EQ(0, i.good);
	close(a);
}

/* Keys, but none for this peer. */
TEST_F(stacks, no_key_for_peer)
{
	int a;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	a = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, add(a, "192.0.2.1", 1, 1, 'a'));
	EXPECT_ERRNO(EKEYREJECTED, pp_connect(a, PKTPATH_T_B, PP_PORT));
	close(a);
}

TEST_F(stacks, late)
{
	int a, b, lfd;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	lfd = listen_b(&self->p);
	a = pp_socket(&self->p, SOCK_STREAM, 0);
	ASSERT_EQ(0, pp_connect(a, PKTPATH_T_B, PP_PORT));
	b = accept(lfd, NULL, NULL);
	EXPECT_ERRNO(EISCONN, add(a, PKTPATH_T_B, 1, 1, 'a'));
	close(lfd);
	close(a);
	close(b);
}

/* ---- Changes, ends ---- */

/* RFC 5925 §7.5.1: the peer moves to the key that it is asked for. */
TEST_F(stacks, rotation)
{
	int a, b;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, active(&self->p, &a, &b));
	EXPECT_TRUE(carries(a, b));
	EXPECT_ERRNO(EBUSY, del(a, PKTPATH_T_B, 100, 200));
	ASSERT_EQ(0, add(a, PKTPATH_T_B, 101, 201, 'z'));
	ASSERT_EQ(0, add(b, PKTPATH_T_A, 201, 101, 'z'));
	EXPECT_EQ(100, info(a).current_key);
	ASSERT_EQ(0, choose(a, -1, 201));
	EXPECT_TRUE(carries(a, b));
	EXPECT_EQ(201, info(b).current_key);
	ASSERT_EQ(0, choose(b, -1, 101));
	EXPECT_TRUE(carries(b, a));
	EXPECT_EQ(101, info(a).current_key);
	EXPECT_TRUE(carries(a, b));
	EXPECT_EQ(0, del(a, PKTPATH_T_B, 100, 200));
	EXPECT_EQ(0, del(b, PKTPATH_T_A, 200, 100));
	EXPECT_TRUE(carries(a, b));
	EXPECT_TRUE(carries(b, a));
	EXPECT_EQ(0, info(a).bad + info(a).not_found + info(b).bad);
	close(a);
	close(b);
}

/* The peer would not believe a reset without a signature. */
TEST_F(stacks, reset)
{
	struct linger now = { .l_onoff = 1 };
	int a, b;
	char c;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, active(&self->p, &a, &b));
	ASSERT_EQ(0, setsockopt(a, SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	close(a);
	EXPECT_EQ(POLLIN, pp_revents(b, POLLIN, 20000) & POLLIN);
	EXPECT_ERRNO(ECONNRESET, read(b, &c, 1));
	close(b);
}

/* Nor one that answers what nobody will read. */
TEST_F(stacks, refused_data)
{
	int a, b;
	char c;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, active(&self->p, &a, &b));
	close(a);
	ASSERT_EQ(0, read(b, &c, 1));
	ASSERT_EQ(1, write(b, "x", 1));
	EXPECT_EQ(POLLHUP, pp_revents(b, POLLIN, 20000) & POLLHUP);
	EXPECT_EQ(CLOSE, state(b));
	close(b);
}

/* What is left of a closed connection signs its acknowledgments, too. */
TEST_F(stacks, time_wait)
{
	int a, b, i;
	char c;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, active(&self->p, &a, &b));
	close(a);
	ASSERT_EQ(0, read(b, &c, 1));
	EXPECT_EQ(CLOSE_WAIT, state(b));
	ASSERT_EQ(0, shutdown(b, SHUT_WR));
	for (i = 0; i < 1000 && state(b) != CLOSE; i++)
		usleep(20000);
	EXPECT_EQ(CLOSE, state(b));
	EXPECT_EQ(0, pp_count(&self->p, "TcpExt", "TCPAOBad"));
	close(b);
}

static uint16_t add16(uint32_t sum, uint32_t v)
{
	sum += v;
	return sum + (sum >> 16);
}

static uint16_t checksum(const struct iphdr *ip, const struct tcphdr *th)
{
	uint32_t sum = 0, len = ntohs(ip->tot_len) - ip->ihl * 4, i;
	const unsigned char *p = (const unsigned char *)th;
	const uint32_t a[] = { ntohl(ip->saddr), ntohl(ip->daddr) };

	for (i = 0; i < len; i += 2)
		sum = add16(sum, p[i] << 8 | (i + 1 < len ? p[i + 1] : 0));
	for (i = 0; i < 2; i++)
		sum = add16(add16(sum, a[i] >> 16), a[i] & 0xffff);
	return ~add16(add16(sum, IPPROTO_TCP), len) & 0xffff;
}

/* A tap that sees what B sends, too: one for a protocol does not. */
static int tap_all(const struct pp_pair *p)
{
	struct sockaddr_ll sll;
	socklen_t len = sizeof(sll);
	int tap = pp_tap(p);

	if (getsockname(tap, (struct sockaddr *)&sll, &len))
		return -1;
	sll.sll_protocol = htons(ETH_P_ALL);
	return bind(tap, (struct sockaddr *)&sll, sizeof(sll)) ? -1 : tap;
}

/* A segment of B again, as if it were the next, with the MAC that it had. */
static int forge(int tap, int a, int b)
{
	unsigned char f[2048] = {};
	struct iphdr *ip = (struct iphdr *)(f + ETH_HLEN);
	struct tcphdr *th;
	char data[8];

	if (write(b, "abcdefgh", 8) != 8)
		return -1;
	do {
		if (recv(tap, f, sizeof(f), 0) < 0)
			return -1;
		th = (struct tcphdr *)((char *)ip + ip->ihl * 4);
	} while (ip->protocol != IPPROTO_TCP ||
		 th->dest != htons(pp_port(a)) ||
		 ntohs(ip->tot_len) != ip->ihl * 4 + th->doff * 4 + 8);
	if (recv(a, data, sizeof(data), MSG_WAITALL) != sizeof(data))
		return -1;
	th->seq = htonl(ntohl(th->seq) + 8);
	th->check = 0;
	th->check = htons(checksum(ip, th));
	return send(tap, f, ETH_HLEN + ntohs(ip->tot_len), 0) < 0 ? -1 : 0;
}

/* RFC 5925 §7.5: a MAC that was good for another segment. */
TEST_F(stacks, forged)
{
	int a, b, tap;

	if (up(&self->p))
		SKIP(return, NO_PEER);
	ASSERT_EQ(0, active(&self->p, &a, &b));
	tap = tap_all(&self->p);
	ASSERT_LE(0, tap);
	ASSERT_EQ(0, forge(tap, a, b));
	EXPECT_TRUE(becomes(&self->p, "TCPAOBad"));
	EXPECT_EQ(1, info(a).bad);
	EXPECT_EQ(0, pp_readable(a, 0));
	EXPECT_TRUE(carries(b, a));
	close(tap);
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
