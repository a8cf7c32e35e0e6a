// SPDX-License-Identifier: GPL-2.0
/* pktpath addr: own IPv4 addresses of attached devices. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

static const char addr_usage[] =
	"Usage: pktpath addr add|del A/LEN dev IF\n"
	"       pktpath addr add|del A peer B[/LEN] dev IF\n"
	"       pktpath addr [ show [ dev IF ] ]\n";

static const char *const acd_names[] = {
	[PKTPATH_ADDR_ACD_NONE] = "none",
	[PKTPATH_ADDR_ACD_PROBE] = "probing",
	[PKTPATH_ADDR_ACD_ANNOUNCE] = "announcing",
	[PKTPATH_ADDR_ACD_DONE] = "unique",
	[PKTPATH_ADDR_ACD_CONFLICT] = "conflict",
};

/* The kernel sends addresses grouped by device: one object per device. */
struct addr_show {
	uint32_t ifindex;	/* of the object that is open, 0 none */
};

static void addr_close(struct addr_show *s)
{
	if (!s->ifindex)
		return;
	js_array_end();
	js_object_end();
	s->ifindex = 0;
}

static int addr_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint32_t ifindex = get_u32(tb, PKTPATH_A_ADDR_IFINDEX, 0);
	const char *local = get_addr(tb, PKTPATH_A_ADDR_LOCAL);
	const char *brd = get_addr(tb, PKTPATH_A_ADDR_BROADCAST);
	const char *peer = get_addr(tb, PKTPATH_A_ADDR_PEER);
	uint8_t plen = get_u8(tb, PKTPATH_A_ADDR_PREFIXLEN, 32);
	uint8_t acd = get_u8(tb, PKTPATH_A_ADDR_ACD, 0);
	struct addr_show *s = arg;
	const char *state;

	(void)cmd;
	state = acd < sizeof(acd_names) / sizeof(acd_names[0]) ?
		acd_names[acd] : "unknown";
	if (s->ifindex != ifindex) {
		addr_close(s);
		s->ifindex = ifindex;
		js_object(NULL);
		js_u64("ifindex", ifindex);
		js_str("ifname", dev_text(ifindex));
		js_array("addr_info");
		if (!opts.json)
			printf("%u: %s\n", ifindex, dev_text(ifindex));
	}
	js_object(NULL);
	js_str("family", "inet");
	js_str("local", local ? local : "");
	/* as ip-address(8) names it */
	if (peer)
		js_str("address", peer);
	js_u64("prefixlen", plen);
	if (brd)
		js_str("broadcast", brd);
	js_str("acd", state);
	js_object_end();
	if (opts.json)
		return 0;
	printf("    inet %s%s%s/%u", local ? local : "?", peer ? " peer " : "",
	       peer ? peer : "", plen);
	if (brd)
		printf(" brd %s", brd);
	printf(" acd %s\n", state);
	return 0;
}

static int addr_show(const char *dev)
{
	struct addr_show s = {};
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	int ret;

	nlh = nl_start(buf, PKTPATH_CMD_ADDR_GET, NLM_F_DUMP);
	if (dev)
		put_dev(nlh, PKTPATH_A_ADDR_IFNAME, dev);
	js_array(NULL);
	ret = nl_talk(nlh, addr_show_one, &s);
	addr_close(&s);
	js_array_end();
	js_finish();
	return ret;
}

/* With a peer the length is the peer's, as of ip-address(8). */
static int addr_change(uint8_t cmd, const char *what, const char *peer,
		       const char *dev)
{
	struct in_addr addr, other;
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	uint8_t plen;

	if (parse_prefix(what, &addr, &plen, false) ||
	    (peer && parse_prefix(peer, &other, &plen, false)))
		return EXIT_USAGE;
	nlh = nl_start(buf, cmd, 0);
	mnl_attr_put_u8(nlh, PKTPATH_A_ADDR_FAMILY, AF_INET);
	put_addr(nlh, PKTPATH_A_ADDR_LOCAL, addr);
	mnl_attr_put_u8(nlh, PKTPATH_A_ADDR_PREFIXLEN, plen);
	put_dev(nlh, PKTPATH_A_ADDR_IFNAME, dev);
	/* an address is its own peer when there is no other */
	if (peer && other.s_addr != addr.s_addr)
		put_addr(nlh, PKTPATH_A_ADDR_PEER, other);
	return nl_talk(nlh, NULL, NULL);
}

int cmd_addr(struct args *a)
{
	const char *verb = arg_next(a), *what = NULL, *dev = NULL, *w;
	const char *peer = NULL;
	bool show;

	show = !verb || word_is(verb, "show") || word_is(verb, "list");
	if (!show && !word_is(verb, "add") && !word_is(verb, "del") &&
	    !word_is(verb, "delete"))
		return usage(addr_usage);
	while ((w = arg_next(a))) {
		if (!strcmp(w, "dev")) {
			dev = arg_value(a, w);
			if (!dev)
				return EXIT_USAGE;
		} else if (!show && !peer && !strcmp(w, "peer")) {
			peer = arg_value(a, w);
			if (!peer)
				return EXIT_USAGE;
		} else if (show && !dev) {
			dev = w;
		} else if (!show && !what) {
			what = w;
		} else {
			complain("\"%s\" is one word too many", w);
			return usage(addr_usage);
		}
	}
	if (dev && strlen(dev) >= IF_NAMESIZE) {
		complain("\"%s\" is too long for a device name", dev);
		return EXIT_USAGE;
	}
	if (show)
		return addr_show(dev);
	if (!what || !dev)
		return usage(addr_usage);
	return addr_change(word_is(verb, "add") ? PKTPATH_CMD_ADDR_ADD :
						  PKTPATH_CMD_ADDR_DEL,
			   what, peer, dev);
}
