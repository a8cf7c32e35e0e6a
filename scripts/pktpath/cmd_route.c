// SPDX-License-Identifier: GPL-2.0
/* pktpath route: the stack's own routing table. */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

static const char route_usage[] =
	"Usage: pktpath route add|replace|change|append|del [ TYPE ] PREFIX\n"
	"           [ via GATEWAY ] [ dev IF ] [ src A ] [ metric N ]\n"
	"           [ mtu [ lock ] N ] [ table T | vrf NAME ] [ proto P ]\n"
	"           [ scope S ]\n"
	"           [ tos N ] [ congctl [ lock ] NAME ] [ onlink ]\n"
	"           [ hoplimit N ] [ advmss N ] [ window N ] [ initcwnd N ]\n"
	"           [ initrwnd N ] [ rto_min TIME ] [ quickack 0|1 ]\n"
	"           [ features ecn ]\n"
	"           [ weight N ] [ nexthop [ via GATEWAY ] [ dev IF ]\n"
	"             [ weight N ] [ onlink ] ]...\n"
	"       pktpath route [ show [ table T|all | vrf NAME ] [ dev IF ] ]\n"
	"       pktpath route get DST [ from SRC ] [ iif IF ] [ oif IF | vrf NAME ]\n"
	"           [ mark N ] [ tos N ] [ ipproto N ] [ sport N ] [ dport N ]\n"
	"           [ uid N ]\n"
	"TYPE := unicast local broadcast blackhole unreachable prohibit throw\n";

struct word_num {
	const char *word;
	uint32_t num;
};

static const struct word_num types[] = {
	{ "unicast", RTN_UNICAST }, { "local", RTN_LOCAL },
	{ "broadcast", RTN_BROADCAST }, { "blackhole", RTN_BLACKHOLE },
	{ "unreachable", RTN_UNREACHABLE }, { "prohibit", RTN_PROHIBIT },
	{ "throw", RTN_THROW }, { "multicast", RTN_MULTICAST }, {}
};

static const struct word_num protos[] = {
	{ "kernel", RTPROT_KERNEL }, { "boot", RTPROT_BOOT },
	{ "static", RTPROT_STATIC }, { "redirect", RTPROT_REDIRECT }, {}
};

static const struct word_num scopes[] = {
	{ "global", RT_SCOPE_UNIVERSE }, { "link", RT_SCOPE_LINK },
	{ "host", RT_SCOPE_HOST }, { "site", RT_SCOPE_SITE }, {}
};

static const struct word_num flags[] = {
	{ "dead", RTNH_F_DEAD }, { "onlink", RTNH_F_ONLINK },
	{ "linkdown", RTNH_F_LINKDOWN }, {}
};

static const struct word_num features[] = {
	{ "ecn", RTAX_FEATURE_ECN }, {}
};

/* Metrics that are a number. */
static const struct {
	const char *word;
	uint16_t attr;
	bool byte;
	uint32_t min, max;
} metrics[] = {
	{ "hoplimit", PKTPATH_A_ROUTE_HOPLIMIT, true, 1, 255 },
	{ "advmss", PKTPATH_A_ROUTE_ADVMSS, false, 1, 65495 },
	{ "window", PKTPATH_A_ROUTE_WINDOW, false, 1, 1073725440 },
	{ "initcwnd", PKTPATH_A_ROUTE_INITCWND, false, 1, 65535 },
	{ "initrwnd", PKTPATH_A_ROUTE_INITRWND, false, 1, 65535 },
	{ "rto_min", PKTPATH_A_ROUTE_RTO_MIN, false, 1, 120000 },
	{ "quickack", PKTPATH_A_ROUTE_QUICKACK, true, 0, 1 },
};

#define METRICS (sizeof(metrics) / sizeof(metrics[0]))

/* The next that a route has, from @i on; false: no more. */
bool route_metric(const struct nlattr **tb, size_t *i, const char **word,
		  uint32_t *val)
{
	for (; *i < METRICS; ++*i) {
		*word = metrics[*i].word;
		*val = metrics[*i].byte ? get_u8(tb, metrics[*i].attr, 0) :
					  get_u32(tb, metrics[*i].attr, 0);
		if (*val) {
			++*i;
			return true;
		}
	}
	return false;
}

static const char *num_word(const struct word_num *t, uint32_t num)
{
	static char text[4][16];
	static unsigned int turn;
	char *s;

	for (; t->word; t++)
		if (t->num == num)
			return t->word;
	s = text[turn++ % 4];
	snprintf(s, sizeof(text[0]), "%u", num);
	return s;
}

static bool word_num(const struct word_num *t, const char *word, uint32_t *num)
{
	for (; t->word; t++)
		if (!strcmp(t->word, word)) {
			*num = t->num;
			return true;
		}
	return false;
}

static void show_pair(const char *key, const char *val)
{
	js_str(key, val);
	if (!opts.json)
		printf(" %s %s", !strcmp(key, "gateway") ? "via" :
		       !strcmp(key, "protocol") ? "proto" :
		       !strcmp(key, "prefsrc") ? "src" : key, val);
}

static void show_num(const char *key, uint32_t val)
{
	js_u64(key, val);
	if (!opts.json)
		printf(" %s %u", key, val);
}

static void show_flags(uint32_t f)
{
	const struct word_num *t;

	js_array("flags");
	for (t = flags; t->word; t++) {
		if (!(f & t->num))
			continue;
		js_str(NULL, t->word);
		if (!opts.json)
			printf(" %s", t->word);
	}
	js_array_end();
}

static void show_dst(const struct nlattr **tb, uint32_t type, bool get)
{
	const char *dst = get_addr(tb, PKTPATH_A_ROUTE_DST);
	uint8_t plen = get_u8(tb, PKTPATH_A_ROUTE_PREFIXLEN, 32);
	char text[64];

	if (!plen && !get)
		snprintf(text, sizeof(text), "default");
	else if (plen == 32 || get)
		snprintf(text, sizeof(text), "%s", dst ? dst : "?");
	else
		snprintf(text, sizeof(text), "%s/%u", dst ? dst : "?", plen);
	if (type != RTN_UNICAST) {
		js_str("type", num_word(types, type));
		if (!opts.json)
			printf("%s ", num_word(types, type));
	}
	js_str("dst", text);
	if (!opts.json)
		fputs(text, stdout);
}

static void show_congctl(const struct nlattr **tb)
{
	const struct nlattr *a = tb[PKTPATH_A_ROUTE_CONGCTL];

	if (!a || mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
		return;
	if (tb[PKTPATH_A_ROUTE_CONGCTL_LOCK]) {
		js_bool("congctl_lock", true);
		js_str("congctl", mnl_attr_get_str(a));
		if (!opts.json)
			printf(" congctl lock %s", mnl_attr_get_str(a));
	} else {
		show_pair("congctl", mnl_attr_get_str(a));
	}
}

static int route_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint32_t type = get_u8(tb, PKTPATH_A_ROUTE_TYPE, RTN_UNICAST);
	uint32_t table = get_u32(tb, PKTPATH_A_ROUTE_TABLE, RT_TABLE_MAIN);
	uint32_t oif = get_u32(tb, PKTPATH_A_ROUTE_OIF, 0);
	uint32_t metric = get_u32(tb, PKTPATH_A_ROUTE_METRIC, 0);
	uint32_t mtu = get_u32(tb, PKTPATH_A_ROUTE_MTU, 0);
	const char *gw = get_addr(tb, PKTPATH_A_ROUTE_GATEWAY);
	const char *src = get_addr(tb, PKTPATH_A_ROUTE_PREFSRC);
	uint8_t scope = get_u8(tb, PKTPATH_A_ROUTE_SCOPE, 0);
	uint8_t weight = get_u8(tb, PKTPATH_A_ROUTE_WEIGHT, 0);
	uint8_t tos = get_u8(tb, PKTPATH_A_ROUTE_TOS, 0);
	bool get = cmd == PKTPATH_CMD_ROUTE_RESOLVE;
	const uint32_t *shown_table = arg;
	const char *word;
	uint32_t val;
	size_t i = 0;

	js_object(NULL);
	show_dst(tb, type, get);
	if (tos)
		show_num("tos", tos);
	if (gw)
		show_pair("gateway", gw);
	if (oif)
		show_pair("dev", dev_text(oif));
	if (table != *shown_table) {
		if (table == RT_TABLE_LOCAL)
			show_pair("table", "local");
		else if (table == RT_TABLE_MAIN)
			show_pair("table", "main");
		else
			show_num("table", table);
	}
	if (tb[PKTPATH_A_ROUTE_PROTOCOL])
		show_pair("protocol",
			  num_word(protos, get_u8(tb, PKTPATH_A_ROUTE_PROTOCOL,
						  0)));
	if (scope)
		show_pair("scope", num_word(scopes, scope));
	if (src)
		show_pair("prefsrc", src);
	if (metric)
		show_num("metric", metric);
	if (mtu) {
		if (tb[PKTPATH_A_ROUTE_MTU_LOCK]) {
			js_bool("mtu_lock", true);
			js_u64("mtu", mtu);
			if (!opts.json)
				printf(" mtu lock %u", mtu);
		} else {
			show_num("mtu", mtu);
		}
	}
	show_congctl(tb);
	while (route_metric(tb, &i, &word, &val))
		show_num(word, val);
	if (get_u32(tb, PKTPATH_A_ROUTE_FEATURES, 0) & RTAX_FEATURE_ECN)
		show_pair("features", "ecn");
	if (weight)
		show_num("weight", weight);
	show_flags(get_u32(tb, PKTPATH_A_ROUTE_FLAGS, 0));
	js_object_end();
	if (!opts.json)
		putchar('\n');
	return 0;
}

static int put_ifindex(struct nlmsghdr *nlh, uint16_t type, const char *name)
{
	uint32_t i = if_nametoindex(name);

	if (!i) {
		complain("there is no device \"%s\"", name);
		return EXIT_REFUSED;
	}
	mnl_attr_put_u32(nlh, type, i);
	return 0;
}

static int route_show(struct args *a)
{
	uint32_t table = RT_TABLE_MAIN, shown = RT_TABLE_MAIN;
	const char *w, *dev = NULL, *vrf = NULL;
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	bool all = false;
	int ret;

	while ((w = arg_next(a))) {
		const char *v = arg_value(a, w);

		if (!v)
			return EXIT_USAGE;
		if (!strcmp(w, "table") && !strcmp(v, "all")) {
			all = true;
			shown = 0;
		} else if (!strcmp(w, "table")) {
			if (parse_table(v, &table))
				return EXIT_USAGE;
			shown = table;
		} else if (!strcmp(w, "dev")) {
			dev = v;
		} else if (!strcmp(w, "vrf")) {
			vrf = v;
			shown = 0;
		} else {
			return usage(route_usage);
		}
	}
	nlh = nl_start(buf, PKTPATH_CMD_ROUTE_GET, NLM_F_DUMP);
	if (vrf && put_ifindex(nlh, PKTPATH_A_ROUTE_VRF, vrf))
		return EXIT_REFUSED;
	if (!all && !vrf)
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_TABLE, table);
	if (dev && put_ifindex(nlh, PKTPATH_A_ROUTE_OIF, dev))
		return EXIT_REFUSED;
	js_array(NULL);
	ret = nl_talk(nlh, route_show_one, &shown);
	js_array_end();
	js_finish();
	return ret;
}

static int route_get_word(struct nlmsghdr *nlh, const char *w, const char *v)
{
	struct in_addr addr;
	uint32_t n;

	if (!strcmp(w, "from")) {
		if (parse_addr(v, &addr))
			return EXIT_USAGE;
		put_addr(nlh, PKTPATH_A_ROUTE_SRC, addr);
	} else if (!strcmp(w, "iif")) {
		return put_ifindex(nlh, PKTPATH_A_ROUTE_IIF, v);
	} else if (!strcmp(w, "oif") || !strcmp(w, "dev") ||
		   !strcmp(w, "vrf")) {
		return put_ifindex(nlh, PKTPATH_A_ROUTE_OIF, v);
	} else if (!strcmp(w, "uid")) {
		if (parse_u32(v, 0, UINT32_MAX - 1, &n, "user"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_UID, n);
	} else if (!strcmp(w, "sport") || !strcmp(w, "dport")) {
		if (parse_u32(v, 0, 65535, &n, "port"))
			return EXIT_USAGE;
		mnl_attr_put_u16(nlh, *w == 's' ? PKTPATH_A_ROUTE_SPORT :
						  PKTPATH_A_ROUTE_DPORT,
				 htons(n));
	} else if (!strcmp(w, "ipproto")) {
		if (parse_u32(v, 1, 255, &n, "protocol"))
			return EXIT_USAGE;
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_IPPROTO, n);
	} else if (!strcmp(w, "mark")) {
		if (parse_u32(v, 0, UINT32_MAX, &n, "mark"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_MARK, n);
	} else if (!strcmp(w, "tos")) {
		if (parse_u32(v, 0, 255, &n, "tos"))
			return EXIT_USAGE;
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_TOS, n);
	} else {
		return usage(route_usage);
	}
	return 0;
}

static int route_get(struct args *a)
{
	uint32_t shown = RT_TABLE_MAIN;
	const char *w = arg_next(a);
	struct nlmsghdr *nlh;
	struct in_addr addr;
	char buf[NL_BUF];
	int ret;

	if (w && !strcmp(w, "to"))
		w = arg_next(a);
	if (!w)
		return usage(route_usage);
	if (parse_addr(w, &addr))
		return EXIT_USAGE;
	nlh = nl_start(buf, PKTPATH_CMD_ROUTE_RESOLVE, 0);
	mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_FAMILY, AF_INET);
	put_addr(nlh, PKTPATH_A_ROUTE_DST, addr);
	while ((w = arg_next(a))) {
		const char *v = arg_value(a, w);

		if (!v)
			return EXIT_USAGE;
		ret = route_get_word(nlh, w, v);
		if (ret)
			return ret;
	}
	js_array(NULL);
	ret = nl_talk(nlh, route_show_one, &shown);
	js_array_end();
	js_finish();
	return ret;
}

/* Milliseconds: "50", "50ms", "1s". */
static int parse_ms(const char *s, uint32_t *ms)
{
	size_t digits = strspn(s, "0123456789");
	char number[16];
	int ret;

	snprintf(number, sizeof(number), "%.*s", (int)digits, s);
	if (!digits || digits >= sizeof(number) ||
	    (s[digits] && strcmp(s + digits, "ms") && strcmp(s + digits, "s"))) {
		complain("\"%s\" is not a time", s);
		return EXIT_USAGE;
	}
	if (strcmp(s + digits, "s"))
		return parse_u32(number, 1, 120000, ms, "rto_min");
	ret = parse_u32(number, 1, 120, ms, "rto_min");
	*ms *= 1000;
	return ret;
}

/* Whether @w is a metric; *@ret: what came of it. */
static bool route_put_metric(struct nlmsghdr *nlh, const char *w, const char *v,
			     int *ret)
{
	uint32_t n = 0;
	size_t i;

	*ret = EXIT_USAGE;
	if (!strcmp(w, "features")) {
		if (!word_num(features, v, &n)) {
			complain("\"%s\" is not a feature of a route", v);
			return true;
		}
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_FEATURES, n);
		*ret = 0;
		return true;
	}
	for (i = 0; i < METRICS && strcmp(w, metrics[i].word); i++)
		;
	if (i == METRICS)
		return false;
	if (metrics[i].attr == PKTPATH_A_ROUTE_RTO_MIN ? parse_ms(v, &n) :
	    parse_u32(v, metrics[i].min, metrics[i].max, &n, w))
		return true;
	if (metrics[i].byte)
		mnl_attr_put_u8(nlh, metrics[i].attr, n);
	else
		mnl_attr_put_u32(nlh, metrics[i].attr, n);
	*ret = 0;
	return true;
}

/* One "word value" pair of a route being changed. */
static int route_word(struct nlmsghdr *nlh, const char *w, const char *v)
{
	struct in_addr addr;
	uint32_t n = 0;
	int ret;

	if (route_put_metric(nlh, w, v, &ret))
		return ret;
	if (!strcmp(w, "via") || !strcmp(w, "src")) {
		if (parse_addr(v, &addr))
			return EXIT_USAGE;
		put_addr(nlh, *w == 'v' ? PKTPATH_A_ROUTE_GATEWAY :
					  PKTPATH_A_ROUTE_PREFSRC, addr);
	} else if (!strcmp(w, "dev")) {
		if (strlen(v) >= IF_NAMESIZE) {
			complain("\"%s\" is too long for a device name", v);
			return EXIT_USAGE;
		}
		put_dev(nlh, PKTPATH_A_ROUTE_OIFNAME, v);
	} else if (!strcmp(w, "metric") || !strcmp(w, "priority") ||
		   !strcmp(w, "preference")) {
		if (parse_u32(v, 0, UINT32_MAX, &n, "metric"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_METRIC, n);
	} else if (!strcmp(w, "mtu")) {
		if (parse_u32(v, 68, 65535, &n, "mtu"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_MTU, n);
	} else if (!strcmp(w, "weight")) {
		if (parse_u32(v, 1, 255, &n, "weight"))
			return EXIT_USAGE;
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_WEIGHT, n);
	} else if (!strcmp(w, "congctl")) {
		if (strlen(v) >= 16) {
			complain("\"%s\" is too long for a name", v);
			return EXIT_USAGE;
		}
		mnl_attr_put_strz(nlh, PKTPATH_A_ROUTE_CONGCTL, v);
	} else if (!strcmp(w, "table")) {
		if (parse_table(v, &n))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_TABLE, n);
	} else if (!strcmp(w, "vrf")) {
		return put_ifindex(nlh, PKTPATH_A_ROUTE_VRF, v);
	} else if (!strcmp(w, "proto") || !strcmp(w, "protocol")) {
		if (!word_num(protos, v, &n) &&
		    parse_u32(v, 0, 255, &n, "protocol"))
			return EXIT_USAGE;
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_PROTOCOL, n);
	} else if (!strcmp(w, "scope")) {
		if (!word_num(scopes, v, &n) &&
		    parse_u32(v, 0, 255, &n, "scope"))
			return EXIT_USAGE;
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_SCOPE, n);
	} else if (!strcmp(w, "tos") || !strcmp(w, "dsfield")) {
		if (parse_u32(v, 0, 255, &n, "tos"))
			return EXIT_USAGE;
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_TOS, n);
	} else {
		complain("\"%s\" is not a word of a route", w);
		return usage(route_usage);
	}
	return 0;
}

/*
 * The next hops of a route whose flows they share: each is a request of its
 * own, made of what the route has in common, @base. The first one adds or
 * replaces, the others are put beside it.
 */
static int route_nexthops(struct args *a, const struct nlmsghdr *base,
			  uint8_t mode)
{
	const char *w = "nexthop", *v;
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	bool weight;
	int ret = 0;

	while (!ret && w) {
		weight = false;
		nlh = nl_start(buf, PKTPATH_CMD_ROUTE_ADD, 0);
		memcpy(mnl_nlmsg_get_payload_offset(nlh,
						    sizeof(struct genlmsghdr)),
		       mnl_nlmsg_get_payload_offset(base,
						    sizeof(struct genlmsghdr)),
		       base->nlmsg_len - nlh->nlmsg_len);
		nlh->nlmsg_len = base->nlmsg_len;
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_MODE, mode);
		while ((w = arg_next(a)) && strcmp(w, "nexthop")) {
			if (!strcmp(w, "onlink")) {
				mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_FLAGS,
						 RTNH_F_ONLINK);
				continue;
			}
			if (strcmp(w, "via") && strcmp(w, "dev") &&
			    strcmp(w, "weight")) {
				complain("\"%s\" is not a word of a nexthop",
					 w);
				return usage(route_usage);
			}
			v = arg_value(a, w);
			if (!v)
				return EXIT_USAGE;
			weight |= !strcmp(w, "weight");
			ret = route_word(nlh, w, v);
			if (ret)
				return ret;
		}
		if (!weight)
			mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_WEIGHT, 1);
		ret = nl_talk(nlh, NULL, NULL);
		mode = PKTPATH_MODE_APPEND;
	}
	return ret;
}

/* A route to addresses of ours belongs to table local if nothing else is said. */
static void put_table_of_type(struct nlmsghdr *nlh, uint32_t type, bool table)
{
	if (!table && (type == RTN_LOCAL || type == RTN_BROADCAST))
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_TABLE, RT_TABLE_LOCAL);
}

static int route_change(struct args *a, uint8_t cmd, uint8_t mode)
{
	const char *w = arg_next(a), *v;
	struct in_addr addr;
	struct nlmsghdr *nlh;
	uint32_t type = 0;
	bool table = false;
	char buf[NL_BUF];
	uint8_t plen;
	int ret;

	if (w && word_num(types, w, &type))
		w = arg_next(a);
	if (w && !strcmp(w, "to"))
		w = arg_next(a);
	if (!w)
		return usage(route_usage);
	if (parse_prefix(w, &addr, &plen, false))
		return EXIT_USAGE;
	nlh = nl_start(buf, cmd, 0);
	mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_FAMILY, AF_INET);
	put_addr(nlh, PKTPATH_A_ROUTE_DST, addr);
	mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_PREFIXLEN, plen);
	if (type)
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_TYPE, type);
	while ((w = arg_next(a))) {
		if (!strcmp(w, "nexthop") && cmd == PKTPATH_CMD_ROUTE_ADD)
			return route_nexthops(a, nlh, mode);
		if (!strcmp(w, "onlink")) {
			mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_FLAGS,
					 RTNH_F_ONLINK);
			continue;
		}
		v = arg_value(a, w);
		if (!v)
			return EXIT_USAGE;
		if (!strcmp(w, "mtu") && !strcmp(v, "lock")) {
			mnl_attr_put(nlh, PKTPATH_A_ROUTE_MTU_LOCK, 0, NULL);
			v = arg_value(a, "mtu lock");
			if (!v)
				return EXIT_USAGE;
		} else if (!strcmp(w, "congctl") && !strcmp(v, "lock")) {
			mnl_attr_put(nlh, PKTPATH_A_ROUTE_CONGCTL_LOCK, 0,
				     NULL);
			v = arg_value(a, "congctl lock");
			if (!v)
				return EXIT_USAGE;
		}
		table |= !strcmp(w, "table") || !strcmp(w, "vrf");
		ret = route_word(nlh, w, v);
		if (ret)
			return ret;
	}
	put_table_of_type(nlh, type, table);
	if (cmd == PKTPATH_CMD_ROUTE_ADD)
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_MODE, mode);
	return nl_talk(nlh, NULL, NULL);
}

int cmd_route(struct args *a)
{
	const char *verb = arg_next(a);
	static const struct {
		const char *verb;
		uint8_t cmd, mode;
	} verbs[] = {
		{ "add", PKTPATH_CMD_ROUTE_ADD, PKTPATH_MODE_ADD },
		{ "append", PKTPATH_CMD_ROUTE_ADD, PKTPATH_MODE_APPEND },
		{ "replace", PKTPATH_CMD_ROUTE_ADD, PKTPATH_MODE_REPLACE },
		{ "change", PKTPATH_CMD_ROUTE_ADD, PKTPATH_MODE_CHANGE },
		{ "delete", PKTPATH_CMD_ROUTE_DEL, 0 },
	};
	size_t i;

	if (!verb || word_is(verb, "show") || word_is(verb, "list"))
		return route_show(a);
	if (word_is(verb, "get"))
		return route_get(a);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (word_is(verb, verbs[i].verb))
			return route_change(a, verbs[i].cmd, verbs[i].mode);
	return usage(route_usage);
}
