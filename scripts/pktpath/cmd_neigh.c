// SPDX-License-Identifier: GPL-2.0
/* pktpath neigh: the neighbour (ARP) table. */
#include <linux/neighbour.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

static const char neigh_usage[] =
	"Usage: pktpath neigh add|replace A lladdr LL dev IF [ nud STATE ]\n"
	"       pktpath neigh del A dev IF\n"
	"       pktpath neigh flush [ dev IF ] [ permanent ]\n"
	"       pktpath neigh [ show [ dev IF ] ]\n";

static const struct {
	uint16_t state;
	const char *name;
} neigh_states[] = {
	{ NUD_INCOMPLETE, "INCOMPLETE" },
	{ NUD_REACHABLE, "REACHABLE" },
	{ NUD_STALE, "STALE" },
	{ NUD_DELAY, "DELAY" },
	{ NUD_PROBE, "PROBE" },
	{ NUD_FAILED, "FAILED" },
	{ NUD_NOARP, "NOARP" },
	{ NUD_PERMANENT, "PERMANENT" },
};

#define N_STATES (sizeof(neigh_states) / sizeof(neigh_states[0]))

static uint16_t neigh_state_of(const struct nlattr **tb)
{
	const struct nlattr *a = tb[PKTPATH_A_NEIGH_STATE];

	return a && mnl_attr_get_payload_len(a) == 2 ? mnl_attr_get_u16(a) : 0;
}

static int neigh_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const char *dev = dev_text(get_u32(tb, PKTPATH_A_NEIGH_IFINDEX, 0));
	const struct nlattr *ll = tb[PKTPATH_A_NEIGH_LLADDR];
	const char *dst = get_addr(tb, PKTPATH_A_NEIGH_DST);
	uint16_t state = neigh_state_of(tb);
	char text[3 * 6] = "";
	size_t i;

	(void)cmd;
	(void)arg;
	if (ll && mnl_attr_get_payload_len(ll) == 6) {
		const uint8_t *p = mnl_attr_get_payload(ll);

		snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
			 p[0], p[1], p[2], p[3], p[4], p[5]);
	}
	js_object(NULL);
	js_str("dst", dst ? dst : "");
	js_str("dev", dev);
	if (!opts.json)
		printf("%s dev %s", dst ? dst : "?", dev);
	if (text[0]) {
		js_str("lladdr", text);
		if (!opts.json)
			printf(" lladdr %s", text);
	}
	if (opts.details) {
		uint32_t used = get_u32(tb, PKTPATH_A_NEIGH_USED, 0);
		uint32_t conf = get_u32(tb, PKTPATH_A_NEIGH_CONFIRMED, 0);
		uint32_t upd = get_u32(tb, PKTPATH_A_NEIGH_UPDATED, 0);
		uint32_t probes = get_u32(tb, PKTPATH_A_NEIGH_PROBES, 0);
		uint32_t queued = get_u32(tb, PKTPATH_A_NEIGH_QUEUED, 0);

		js_u64("used", used / 1000);
		js_u64("confirmed", conf / 1000);
		js_u64("updated", upd / 1000);
		js_u64("probes", probes);
		js_u64("queued", queued);
		if (!opts.json)
			printf(" used %u/%u/%u probes %u queued %u",
			       used / 1000, conf / 1000, upd / 1000, probes,
			       queued);
	}
	js_array("state");
	for (i = 0; i < N_STATES; i++) {
		if (!(state & neigh_states[i].state))
			continue;
		js_str(NULL, neigh_states[i].name);
		if (!opts.json)
			printf(" %s", neigh_states[i].name);
	}
	js_array_end();
	js_object_end();
	if (!opts.json)
		putchar('\n');
	return 0;
}

static int parse_nud(const char *s, uint16_t *state)
{
	size_t i;

	for (i = 0; i < N_STATES; i++)
		if (!strcasecmp(s, neigh_states[i].name)) {
			*state = neigh_states[i].state;
			return 0;
		}
	complain("\"%s\" is not a neighbour state", s);
	return EXIT_USAGE;
}

struct neigh_words {
	bool has_addr, has_ll, perm;
	struct in_addr addr;
	uint8_t ll[6];
	uint16_t state;
	const char *dev;
};

static int neigh_parse(struct args *a, struct neigh_words *n, bool show)
{
	const char *w, *v;

	while ((w = arg_next(a))) {
		if (!strcmp(w, "dev")) {
			n->dev = arg_value(a, w);
			if (!n->dev)
				return EXIT_USAGE;
		} else if (!strcmp(w, "lladdr")) {
			v = arg_value(a, w);
			if (!v || parse_lladdr(v, n->ll))
				return EXIT_USAGE;
			n->has_ll = true;
		} else if (!strcmp(w, "nud")) {
			v = arg_value(a, w);
			if (!v || parse_nud(v, &n->state))
				return EXIT_USAGE;
		} else if (!strcmp(w, "permanent")) {
			n->perm = true;
		} else if (!strcmp(w, "to") && !n->has_addr) {
			continue;
		} else if (!n->has_addr && !show) {
			if (parse_addr(w, &n->addr))
				return EXIT_USAGE;
			n->has_addr = true;
		} else {
			complain("\"%s\" is one word too many", w);
			return usage(neigh_usage);
		}
	}
	if (n->dev && strlen(n->dev) >= IF_NAMESIZE) {
		complain("\"%s\" is too long for a device name", n->dev);
		return EXIT_USAGE;
	}
	return 0;
}

static int neigh_change(uint8_t cmd, const struct neigh_words *n, uint8_t mode)
{
	struct nlmsghdr *nlh;
	char buf[NL_BUF];

	if (!n->has_addr || !n->dev)
		return usage(neigh_usage);
	nlh = nl_start(buf, cmd, 0);
	mnl_attr_put_u8(nlh, PKTPATH_A_NEIGH_FAMILY, AF_INET);
	put_addr(nlh, PKTPATH_A_NEIGH_DST, n->addr);
	put_dev(nlh, PKTPATH_A_NEIGH_IFNAME, n->dev);
	if (cmd == PKTPATH_CMD_NEIGH_ADD) {
		if (n->has_ll)
			mnl_attr_put(nlh, PKTPATH_A_NEIGH_LLADDR, 6, n->ll);
		if (n->state)
			mnl_attr_put_u16(nlh, PKTPATH_A_NEIGH_STATE, n->state);
		mnl_attr_put_u8(nlh, PKTPATH_A_NEIGH_MODE, mode);
	}
	return nl_talk(nlh, NULL, NULL);
}

int cmd_neigh(struct args *a)
{
	struct neigh_words n = {};
	const char *verb = arg_next(a);
	bool show = !verb || word_is(verb, "show") || word_is(verb, "list");
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	bool flush;
	int ret;

	flush = verb && word_is(verb, "flush");
	ret = neigh_parse(a, &n, show || flush);
	if (ret)
		return ret;
	if (show) {
		nlh = nl_start(buf, PKTPATH_CMD_NEIGH_GET, NLM_F_DUMP);
		if (n.dev)
			put_dev(nlh, PKTPATH_A_NEIGH_IFNAME, n.dev);
		js_array(NULL);
		ret = nl_talk(nlh, neigh_show_one, NULL);
		js_array_end();
		js_finish();
		return ret;
	}
	if (flush) {
		nlh = nl_start(buf, PKTPATH_CMD_NEIGH_FLUSH, 0);
		if (n.dev)
			put_dev(nlh, PKTPATH_A_NEIGH_IFNAME, n.dev);
		if (n.perm)
			mnl_attr_put(nlh, PKTPATH_A_NEIGH_PERMANENT, 0, NULL);
		return nl_talk(nlh, NULL, NULL);
	}
	if (word_is(verb, "add"))
		return neigh_change(PKTPATH_CMD_NEIGH_ADD, &n,
				    PKTPATH_MODE_ADD);
	if (word_is(verb, "replace"))
		return neigh_change(PKTPATH_CMD_NEIGH_ADD, &n,
				    PKTPATH_MODE_REPLACE);
	if (word_is(verb, "change"))
		return neigh_change(PKTPATH_CMD_NEIGH_ADD, &n,
				    PKTPATH_MODE_CHANGE);
	if (word_is(verb, "del") || word_is(verb, "delete"))
		return neigh_change(PKTPATH_CMD_NEIGH_DEL, &n, 0);
	return usage(neigh_usage);
}
