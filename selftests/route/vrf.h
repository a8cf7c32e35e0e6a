/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests of VRFs, on both stacks: a device outside, and one in each of two
 * VRFs, with the same addresses and the same peer behind all three.
 *
 *	netns A: the stack under test		a netns each: AF_INET
 *	outside		pa 10.77.0.1/24 -- veth -- pb 10.77.0.2/24
 *	in "red"	ra 10.77.0.1/24 -- veth -- pb 10.77.0.2/24
 *	in "blue"	ba 10.77.0.1/24 -- veth -- pb 10.77.0.2/24
 *
 * AF_INET has the rules that the kernel's vrf.rst advises: local addresses
 * are asked for last, and what a VRF has no route for is unreachable.
 */
#ifndef PKTPATH_SELFTESTS_ROUTE_VRF_H
#define PKTPATH_SELFTESTS_ROUTE_VRF_H

#include "kselftest_harness.h"
#include "link.h"
#include "pp_cpu.h"
#include "pp_test.h"

#define A	PKTPATH_T_A
#define B	PKTPATH_T_B
#define PORT	5000
#define FROM	6000

enum { OUT, RED, BLUE, SITES };

static const struct {
	const char *vrf;	/* NULL: outside */
	const char *dev;
	uint32_t table;
} sites[SITES] = {
	[OUT] = { NULL, "pa", 0 },
	[RED] = { "red", "ra", 10 },
	[BLUE] = { "blue", "ba", 20 },
};

/**
 * struct vrf_nets - the namespaces
 * @p: A, and that outside as B
 * @ns: those of the peers, outside and of each VRF
 */
struct vrf_nets {
	struct pp_pair p;
	int ns[SITES];
};

FIXTURE(vrf) {
	struct vrf_nets n;
};

FIXTURE_VARIANT(vrf) {
	bool inet;
};

FIXTURE_VARIANT_ADD(vrf, inet) {
	.inet = true,
};

FIXTURE_VARIANT_ADD(vrf, pktpath) {
	.inet = false,
};

static inline int ns_new(void)
{
	if (unshare(CLONE_NEWNET))
		return -1;
	return open("/proc/thread-self/ns/net", O_RDONLY);
}

static int make_site(int i, int ns, int ns_a)
{
	const char *dev = sites[i].dev;

	if (sites[i].vrf &&
	    (link_vrf(sites[i].vrf, sites[i].table) || link_up(sites[i].vrf)))
		return -1;
	if (link_veth(dev, "pb", ns) ||
	    (sites[i].vrf && link_master(dev, sites[i].vrf)) || link_up(dev) ||
	    pp_ns_enter(ns))
		return -1;
	if (link_up("lo") || link_addr("pb", B) || link_up("pb") ||
	    link_await_up("pb") || pp_ns_enter(ns_a))
		return -1;
	return link_await_up(dev);
}

static int own_addresses(bool inet)
{
	static const char rules[] =
		"rule add pref 32765 table local\n"
		"rule del pref 0\n"
		"route add vrf red unreachable default metric 4278198272\n"
		"route add vrf blue unreachable default metric 4278198272\n";
	int i;

	if (!inet)
		return pp_test_tool("-batch - <<EOF\n"
				    "dev attach pa\ndev attach ra\n"
				    "dev attach ba\n"
				    "addr add " A "/24 dev pa\n"
				    "addr add " A "/24 dev ra\n"
				    "addr add " A "/24 dev ba\nEOF");
	for (i = 0; i < SITES; i++)
		if (link_addr(sites[i].dev, A))
			return -1;
	return run_with(rules, "ip", "-batch", "-", NULL);
}

FIXTURE_SETUP(vrf)
{
	struct pp_pair *p = &self->n.p;
	int i;

	pp_one_cpu();
	p->inet = variant->inet;
	p->family = p->inet ? AF_INET : pp_test_family();
	ASSERT_LE(0, p->family);
	p->ns_old = open("/proc/thread-self/ns/net", O_RDONLY);
	ASSERT_LE(0, p->ns_old);
	for (i = 0; i < SITES; i++) {
		self->n.ns[i] = ns_new();
		ASSERT_LE(0, self->n.ns[i]);
	}
	p->ns_b = self->n.ns[OUT];
	p->ns_a = ns_new();
	ASSERT_LE(0, p->ns_a);
	ASSERT_EQ(0, link_up("lo"));
	for (i = 0; i < SITES; i++)
		ASSERT_EQ(0, make_site(i, self->n.ns[i], p->ns_a));
	ASSERT_EQ(0, own_addresses(p->inet));
}

FIXTURE_TEARDOWN(vrf)
{
	EXPECT_EQ(0, pp_pair_teardown(&self->n.p));
	close(self->n.ns[RED]);
	close(self->n.ns[BLUE]);
}

/* ---- Sockets ---- */

static inline int to_device(int fd, const char *name)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
			  strlen(name) + 1);
}

/* A socket of A, bound to a VRF or a device unless @name is NULL. */
static inline int own(const struct pp_pair *p, int type, int proto,
		      const char *name)
{
	int fd = pp_socket(p, type, proto);

	if (fd >= 0 && name && to_device(fd, name)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Bound to the VRF, outside to the device. */
static inline const char *place(int i)
{
	return sites[i].vrf ?: sites[i].dev;
}

static inline int own_udp(const struct pp_pair *p, const char *name,
			  uint16_t port)
{
	int fd = own(p, SOCK_DGRAM, 0, name);

	if (fd >= 0 && pp_bind(fd, A, port)) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline int peer(const struct vrf_nets *n, int i, int type, int proto)
{
	struct pp_pair at = n->p;

	at.ns_b = n->ns[i];
	return pp_peer_socket(&at, AF_INET, type, proto);
}

static inline int peer_bound(const struct vrf_nets *n, int i, int type,
			     uint16_t port)
{
	int fd = peer(n, i, type, 0);

	if (fd >= 0 && (pp_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
			pp_bind(fd, B, port))) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline void close_all(const int *fd, int n)
{
	while (n--)
		close(fd[n]);
}

/* One byte has come, and nothing behind it; -1: it has not. */
static inline int only(int fd)
{
	char c[2];

	if (recv(fd, c, sizeof(c), 0) != 1 || pp_readable(fd, 0))
		return -1;
	return c[0];
}

#endif
