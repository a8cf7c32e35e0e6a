// SPDX-License-Identifier: GPL-2.0
/* pktpath rule: in which table a flow looks. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pktpath.h"

static const char rule_usage[] =
	"Usage: pktpath rule add|del [ not ] [ from PREFIX ] [ to PREFIX ]\n"
	"           [ iif IF ] [ oif IF ] [ fwmark MARK[/MASK] ] [ tos N ]\n"
	"           [ ipproto P ] [ sport N[-N] ] [ dport N[-N] ]\n"
	"           [ uidrange N-N ] [ pref N ]\n"
	"           { { table T | l3mdev } [ suppress_prefixlength N ] |\n"
	"             [ l3mdev ] { goto N | blackhole | unreachable | prohibit } }\n"
	"       pktpath rule [ show ]\n";

static const struct {
	const char *word;
	uint8_t type;
} refusals[] = {
	{ "blackhole", RTN_BLACKHOLE },
	{ "unreachable", RTN_UNREACHABLE },
	{ "prohibit", RTN_PROHIBIT },
};

static void show_word(const char *key, const char *text, const char *val)
{
	js_str(key, val);
	if (!opts.json)
		printf("%s %s", text, val);
}

static void show_prefix(const struct nlattr **tb, int attr, int len_attr,
			const char *key, const char *len_key, const char *text,
			const char *none)
{
	const char *addr = get_addr(tb, attr);
	uint8_t len = get_u8(tb, len_attr, 32);

	if (!addr) {
		if (none)
			show_word(key, text, none);
		return;
	}
	js_str(key, addr);
	if (!opts.json)
		printf("%s %s", text, addr);
	if (len == 32)
		return;
	js_u64(len_key, len);
	if (!opts.json)
		printf("/%u", len);
}

static void show_mark(const struct nlattr **tb)
{
	uint32_t mask = get_u32(tb, PKTPATH_A_RULE_MASK, 0);
	char text[32];

	if (!mask)
		return;
	snprintf(text, sizeof(text), "0x%x",
		 get_u32(tb, PKTPATH_A_RULE_MARK, 0));
	show_word("fwmark", " fwmark", text);
	if (mask == UINT32_MAX)
		return;
	snprintf(text, sizeof(text), "0x%x", mask);
	js_str("fwmask", text);
	if (!opts.json)
		printf("/%s", text);
}

static void show_name(const struct nlattr **tb, int attr, const char *key,
		      const char *text)
{
	char name[IF_NAMESIZE];

	if (!tb[attr] || mnl_attr_validate(tb[attr], MNL_TYPE_NUL_STRING) < 0)
		return;
	snprintf(name, sizeof(name), "%s", mnl_attr_get_str(tb[attr]));
	show_word(key, text, opts.json ? name : printable(name));
}

static void show_range(const char *key, uint32_t first, uint32_t last)
{
	char text[32], word[16];

	snprintf(text, sizeof(text), first == last ? "%u" : "%u-%u", first,
		 last);
	snprintf(word, sizeof(word), " %s", key);
	show_word(key, word, text);
}

static void show_more(const struct nlattr **tb)
{
	uint8_t proto = get_u8(tb, PKTPATH_A_RULE_IPPROTO, 0);

	if (proto)
		show_range("ipproto", proto, proto);
	if (tb[PKTPATH_A_RULE_SPORT])
		show_range("sport", get_u16(tb, PKTPATH_A_RULE_SPORT, 0),
			   get_u16(tb, PKTPATH_A_RULE_SPORT_LAST, 0));
	if (tb[PKTPATH_A_RULE_DPORT])
		show_range("dport", get_u16(tb, PKTPATH_A_RULE_DPORT, 0),
			   get_u16(tb, PKTPATH_A_RULE_DPORT_LAST, 0));
	if (tb[PKTPATH_A_RULE_UID])
		show_range("uidrange", get_u32(tb, PKTPATH_A_RULE_UID, 0),
			   get_u32(tb, PKTPATH_A_RULE_UID_LAST, 0));
}

static void show_number(const struct nlattr **tb, int attr, const char *key)
{
	uint32_t n = get_u32(tb, attr, 0);

	if (!tb[attr])
		return;
	js_u64(key, n);
	if (!opts.json)
		printf(" %s %u", key, n);
}

static void show_action(const struct nlattr **tb)
{
	uint32_t table = get_u32(tb, PKTPATH_A_RULE_TABLE, 0);
	uint8_t type = get_u8(tb, PKTPATH_A_RULE_TYPE, RTN_UNICAST);
	char text[16];
	size_t i;

	if (tb[PKTPATH_A_RULE_L3MDEV]) {
		js_bool("l3mdev", true);
		if (!opts.json)
			printf(" lookup [l3mdev-table]");
	}
	if (tb[PKTPATH_A_RULE_GOTO]) {
		show_number(tb, PKTPATH_A_RULE_GOTO, "goto");
		return;
	}
	if (type == RTN_UNICAST) {
		snprintf(text, sizeof(text), "%u", table);
		if (!tb[PKTPATH_A_RULE_L3MDEV])
			show_word("table", " lookup",
				  table == RT_TABLE_LOCAL ? "local" :
				  table == RT_TABLE_MAIN ? "main" :
				  table == RT_TABLE_DEFAULT ? "default" : text);
		show_number(tb, PKTPATH_A_RULE_SUPPRESS_PREFIXLEN,
			    "suppress_prefixlength");
		return;
	}
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].type != type)
			continue;
		js_str("action", refusals[i].word);
		if (!opts.json)
			printf(" %s", refusals[i].word);
	}
}

static int rule_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint32_t pref = get_u32(tb, PKTPATH_A_RULE_PREF, 0);
	uint8_t tos = get_u8(tb, PKTPATH_A_RULE_TOS, 0);
	char text[8];

	(void)cmd;
	(void)arg;
	js_object(NULL);
	js_u64("priority", pref);
	if (!opts.json)
		printf("%u:\t", pref);
	if (tb[PKTPATH_A_RULE_INVERT]) {
		js_bool("not", true);
		if (!opts.json)
			printf("not ");
	}
	show_prefix(tb, PKTPATH_A_RULE_SRC, PKTPATH_A_RULE_SRC_LEN, "src",
		    "srclen", "from", "all");
	show_prefix(tb, PKTPATH_A_RULE_DST, PKTPATH_A_RULE_DST_LEN, "dst",
		    "dstlen", " to", NULL);
	if (tos) {
		snprintf(text, sizeof(text), "0x%02x", tos);
		show_word("tos", " tos", text);
	}
	show_mark(tb);
	show_name(tb, PKTPATH_A_RULE_IIFNAME, "iif", " iif");
	show_name(tb, PKTPATH_A_RULE_OIFNAME, "oif", " oif");
	show_more(tb);
	show_action(tb);
	js_object_end();
	if (!opts.json)
		putchar('\n');
	return 0;
}

static int rule_show(struct args *a)
{
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	int ret;

	if (arg_next(a))
		return usage(rule_usage);
	nlh = nl_start(buf, PKTPATH_CMD_RULE_GET, NLM_F_DUMP);
	js_array(NULL);
	ret = nl_talk(nlh, rule_show_one, NULL);
	js_array_end();
	js_finish();
	return ret;
}

static int rule_prefix(struct nlmsghdr *nlh, int attr, int len_attr,
		       const char *v)
{
	struct in_addr addr;
	uint8_t len;

	if (!strcmp(v, "all") || !strcmp(v, "any"))
		return 0;
	if (parse_prefix(v, &addr, &len, false))
		return EXIT_USAGE;
	if (!len)
		return 0;
	put_addr(nlh, attr, addr);
	mnl_attr_put_u8(nlh, len_attr, len);
	return 0;
}

/* MARK[/MASK], each in any base of C. */
static int rule_mark(struct nlmsghdr *nlh, const char *v)
{
	unsigned long mark, mask = UINT32_MAX;
	char *end;

	errno = 0;
	mark = strtoul(v, &end, 0);
	if (end != v && *end == '/') {
		v = end + 1;
		mask = strtoul(v, &end, 0);
	}
	if (errno || end == v || *end || mark > UINT32_MAX ||
	    mask > UINT32_MAX) {
		complain("\"%s\" is not a mark", v);
		return EXIT_USAGE;
	}
	mnl_attr_put_u32(nlh, PKTPATH_A_RULE_MARK, mark);
	mnl_attr_put_u32(nlh, PKTPATH_A_RULE_MASK, mask);
	return 0;
}

static int rule_name(struct nlmsghdr *nlh, int attr, const char *v)
{
	if (strlen(v) >= IF_NAMESIZE) {
		complain("\"%s\" is too long for a device name", v);
		return EXIT_USAGE;
	}
	mnl_attr_put_strz(nlh, attr, v);
	return 0;
}

/* N or N-N, up to @max. */
static int rule_range(const char *v, uint32_t max, uint32_t *first,
		      uint32_t *last, const char *what)
{
	const char *dash = strchr(v, '-');
	char text[16];

	if (!dash) {
		if (parse_u32(v, 0, max, first, what))
			return EXIT_USAGE;
		*last = *first;
		return 0;
	}
	snprintf(text, sizeof(text), "%.*s", (int)(dash - v), v);
	if (parse_u32(text, 0, max, first, what) ||
	    parse_u32(dash + 1, 0, max, last, what))
		return EXIT_USAGE;
	return 0;
}

static int rule_proto(struct nlmsghdr *nlh, const char *v)
{
	static const struct {
		const char *name;
		uint8_t number;
	} names[] = {
		{ "icmp", IPPROTO_ICMP }, { "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP },
	};
	uint32_t n;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(v, names[i].name))
			continue;
		mnl_attr_put_u8(nlh, PKTPATH_A_RULE_IPPROTO, names[i].number);
		return 0;
	}
	if (parse_u32(v, 1, 255, &n, "protocol"))
		return EXIT_USAGE;
	mnl_attr_put_u8(nlh, PKTPATH_A_RULE_IPPROTO, n);
	return 0;
}

static int rule_ports(struct nlmsghdr *nlh, int attr, int last_attr,
		      const char *v)
{
	uint32_t first, last;

	if (rule_range(v, 65535, &first, &last, "port"))
		return EXIT_USAGE;
	mnl_attr_put_u16(nlh, attr, first);
	mnl_attr_put_u16(nlh, last_attr, last);
	return 0;
}

/* Words beyond those of addresses, devices and marks. */
static int rule_word_more(struct nlmsghdr *nlh, const char *w, const char *v)
{
	uint32_t n, last;

	if (!strcmp(w, "ipproto"))
		return rule_proto(nlh, v);
	if (!strcmp(w, "sport"))
		return rule_ports(nlh, PKTPATH_A_RULE_SPORT,
				  PKTPATH_A_RULE_SPORT_LAST, v);
	if (!strcmp(w, "dport"))
		return rule_ports(nlh, PKTPATH_A_RULE_DPORT,
				  PKTPATH_A_RULE_DPORT_LAST, v);
	if (!strcmp(w, "uidrange")) {
		if (rule_range(v, UINT32_MAX - 1, &n, &last, "user"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_RULE_UID, n);
		mnl_attr_put_u32(nlh, PKTPATH_A_RULE_UID_LAST, last);
		return 0;
	}
	if (!strcmp(w, "suppress_prefixlength")) {
		if (parse_u32(v, 0, 32, &n, "prefix length"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_RULE_SUPPRESS_PREFIXLEN, n);
		return 0;
	}
	if (!strcmp(w, "goto")) {
		if (parse_u32(v, 1, UINT32_MAX, &n, "preference"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_RULE_GOTO, n);
		return 0;
	}
	complain("\"%s\" is not a word of a rule", w);
	return usage(rule_usage);
}

static int rule_word(struct nlmsghdr *nlh, const char *w, const char *v)
{
	uint32_t n;

	if (!strcmp(w, "from"))
		return rule_prefix(nlh, PKTPATH_A_RULE_SRC,
				   PKTPATH_A_RULE_SRC_LEN, v);
	if (!strcmp(w, "to"))
		return rule_prefix(nlh, PKTPATH_A_RULE_DST,
				   PKTPATH_A_RULE_DST_LEN, v);
	if (!strcmp(w, "iif"))
		return rule_name(nlh, PKTPATH_A_RULE_IIFNAME, v);
	if (!strcmp(w, "oif"))
		return rule_name(nlh, PKTPATH_A_RULE_OIFNAME, v);
	if (!strcmp(w, "fwmark"))
		return rule_mark(nlh, v);
	if (!strcmp(w, "tos") || !strcmp(w, "dsfield")) {
		if (parse_u32(v, 0, 255, &n, "tos"))
			return EXIT_USAGE;
		mnl_attr_put_u8(nlh, PKTPATH_A_RULE_TOS, n);
	} else if (!strcmp(w, "pref") || !strcmp(w, "priority") ||
		   !strcmp(w, "preference")) {
		if (parse_u32(v, 0, UINT32_MAX, &n, "preference"))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_RULE_PREF, n);
	} else if (!strcmp(w, "table") || !strcmp(w, "lookup")) {
		if (parse_table(v, &n))
			return EXIT_USAGE;
		mnl_attr_put_u32(nlh, PKTPATH_A_RULE_TABLE, n);
		mnl_attr_put_u8(nlh, PKTPATH_A_RULE_TYPE, RTN_UNICAST);
	} else {
		return rule_word_more(nlh, w, v);
	}
	return 0;
}

static int rule_change(struct args *a, uint8_t cmd)
{
	struct nlmsghdr *nlh;
	const char *w, *v;
	char buf[NL_BUF];
	size_t i, n = sizeof(refusals) / sizeof(refusals[0]);
	int ret;

	nlh = nl_start(buf, cmd, 0);
	mnl_attr_put_u8(nlh, PKTPATH_A_RULE_FAMILY, AF_INET);
	while ((w = arg_next(a))) {
		if (!strcmp(w, "not")) {
			mnl_attr_put(nlh, PKTPATH_A_RULE_INVERT, 0, NULL);
			continue;
		}
		if (!strcmp(w, "l3mdev")) {
			mnl_attr_put(nlh, PKTPATH_A_RULE_L3MDEV, 0, NULL);
			continue;
		}
		for (i = 0; i < n && strcmp(w, refusals[i].word); i++)
			;
		if (i < n) {
			mnl_attr_put_u8(nlh, PKTPATH_A_RULE_TYPE,
					refusals[i].type);
			continue;
		}
		v = arg_value(a, w);
		if (!v)
			return EXIT_USAGE;
		ret = rule_word(nlh, w, v);
		if (ret)
			return ret;
	}
	return nl_talk(nlh, NULL, NULL);
}

int cmd_rule(struct args *a)
{
	const char *verb = arg_next(a);

	if (!verb || word_is(verb, "show") || word_is(verb, "list"))
		return rule_show(a);
	if (word_is(verb, "add"))
		return rule_change(a, PKTPATH_CMD_RULE_ADD);
	if (word_is(verb, "delete"))
		return rule_change(a, PKTPATH_CMD_RULE_DEL);
	return usage(rule_usage);
}
