// SPDX-License-Identifier: GPL-2.0
/*
 * Keys of TCP-AO for a VRF: which count there, and whose KeyIDs overlap. Both
 * ends are of the stack under test, in the VRF "red" of netns A.
 * Proves: RFC 5925 §3.1.
 */
#include <linux/tcp.h>
#define _NETINET_TCP_H	1	/* the kernel's has all that is needed */
#include <net/if.h>
#include "link.h"
#include "pp_stream.h"
#include "ao.h"

static bool red(const struct pp_pair *p)
{
	struct ao_add k = key(PKTPATH_T_A, 1, 1);
	int fd = pp_socket(p, SOCK_STREAM, 0), err;

	err = put(fd, &k);
	close(fd);
	return !err && !link_vrf("red", 10) && !link_up("red") &&
	       !link_master("pa", "red");
}

static int in_red(const struct pp_pair *p)
{
	int fd = pp_socket(p, SOCK_STREAM, 0);

	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "red", 4) ? -1 : fd;
}

static struct ao_add key_of(const char *vrf, int snd, int rcv, char last)
{
	struct ao_add k = key(PKTPATH_T_A, snd, rcv);

	k.keyflags = TCP_AO_KEYF_IFINDEX;
	k.ifindex = vrf ? if_nametoindex(vrf) : 0;
	k.key[k.keylen - 1] = last;
	return k;
}

/* The same IDs in a VRF and in none are two keys; a third is for all. */
TEST_F(stacks, overlap)
{
	struct ao_add k;
	int fd;

	if (!red(&self->p))
		SKIP(return, "no TCP-AO");
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	k = key_of("red", 1, 2, 'a');
	ASSERT_EQ(0, put(fd, &k));
	EXPECT_ERRNO(EEXIST, put(fd, &k));
	k = key_of(NULL, 1, 2, 'b');
	EXPECT_EQ(0, put(fd, &k));
	EXPECT_ERRNO(EEXIST, put(fd, &k));
	k = key_of("pa", 3, 4, 'a');
	EXPECT_ERRNO(EINVAL, put(fd, &k));
	close(fd);
	/* AF_INET takes it for one of no VRF, and finds two in the VRF */
	if (self->p.inet)
		return;
	fd = pp_socket(&self->p, SOCK_STREAM, 0);
	k = key_of("red", 1, 2, 'a');
	ASSERT_EQ(0, put(fd, &k));
	EXPECT_ERRNO(EEXIST, add(fd, PKTPATH_T_A, 1, 9, 'c'));
	EXPECT_EQ(0, add(fd, PKTPATH_T_A, 3, 9, 'c'));
	close(fd);
}

/* Of two keys with the same IDs the one of the VRF counts, at both ends. */
TEST_F(stacks, counts_in_vrf)
{
	struct ao_add here, other;
	int lfd, a, b, err;
	char c;

	if (!red(&self->p))
		SKIP(return, "no TCP-AO");
	lfd = pp_listen_at(in_red(&self->p), PKTPATH_T_A, PP_PORT, 8);
	a = in_red(&self->p);
	ASSERT_LE(0, lfd);
	ASSERT_LE(0, a);
	here = key_of("red", 1, 2, 'a');
	other = key_of(NULL, 1, 2, 'b');
	ASSERT_EQ(0, put(lfd, &here));
	ASSERT_EQ(0, put(lfd, &other));
	here = key_of("red", 2, 1, 'a');
	other = key_of(NULL, 2, 1, 'b');
	ASSERT_EQ(0, put(a, &here));
	ASSERT_EQ(0, put(a, &other));
	err = pp_connect(a, PKTPATH_T_A, PP_PORT);
	/* it looks for one of "pa", which has the address */
	if (err && self->p.inet &&
	    pp_count(&self->p, "TcpExt", "TCPAOKeyNotFound") > 0)
		SKIP(return, "AF_INET finds no VRF's key when sending to itself");
	ASSERT_EQ(0, err);
	b = accept(lfd, NULL, NULL);
	ASSERT_LE(0, b);
	ASSERT_EQ(1, write(a, "x", 1));
	ASSERT_EQ(1, read(b, &c, 1));
	EXPECT_LT(0, info(b).good);
	EXPECT_EQ(0, info(b).bad + info(a).bad);
	/* a connection has no key that is not for its peer */
	EXPECT_ERRNO(ENOENT, choose(a, 3, -1));
	if (!self->p.inet) {
		other = key_of(NULL, 3, 3, 'b');
		EXPECT_ERRNO(EINVAL, put(a, &other));
	}
	here = key_of("red", 3, 3, 'c');
	EXPECT_EQ(0, put(a, &here));
	EXPECT_EQ(0, choose(a, 3, 3));
	close(lfd);
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
