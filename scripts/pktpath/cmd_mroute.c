// SPDX-License-Identifier: GPL-2.0
/* pktpath mroute: static routes of multicast; pktpath maddr: groups joined. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pktpath.h"

/* Devices of one entry, as the module has it. */
#define OUTS_MAX 32

static const char mroute_usage[] =
	"Usage: pktpath mroute add GROUP [ from SRC|any ] iif IF\n"
	"           to IF [ ttl N ] [ IF [ ttl N ] ]...\n"
	"       pktpath mroute del GROUP [ from SRC|any ]\n"
	"       pktpath mroute [ show [ -s ] ]\n";

static const char maddr_usage[] =
	"Usage: pktpath maddr [ show [ dev IF ] ]\n";

/* ---- Show ---- */

static int out_attr(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(attr) <= PKTPATH_A_MROUTE_OUT_MAX)
		tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static void mroute_outs(const struct nlattr *outs,
			void (*fn)(uint32_t ifindex, uint8_t ttl, void *arg),
			void *arg)
{
	const struct nlattr *tb[PKTPATH_A_MROUTE_OUT_MAX + 1];
	const struct nlattr *out;

	if (!outs)
		return;
	mnl_attr_for_each_nested(out, outs) {
		memset(tb, 0, sizeof(tb));
		mnl_attr_parse_nested(out, out_attr, tb);
		fn(get_u32(tb, PKTPATH_A_MROUTE_OUT_IFINDEX, 0),
		   get_u8(tb, PKTPATH_A_MROUTE_OUT_TTL, 1), arg);
	}
}

static void show_out(uint32_t ifindex, uint8_t ttl, void *arg)
{
	(void)arg;
	js_object(NULL);
	js_str("oif", dev_text(ifindex));
	js_u64("ttl", ttl);
	js_object_end();
	if (opts.json)
		return;
	printf(" %s", dev_text(ifindex));
	if (ttl > 1)
		printf("(ttl %u)", ttl);
}

static void show_counts(const struct nlattr **tb)
{
	uint64_t packets = get_u64(tb, PKTPATH_A_MROUTE_PACKETS);
	uint64_t bytes = get_u64(tb, PKTPATH_A_MROUTE_BYTES);
	uint64_t wrong = get_u64(tb, PKTPATH_A_MROUTE_WRONG_IF);

	js_u64("packets", packets);
	js_u64("bytes", bytes);
	js_u64("wrong_if", wrong);
	if (!opts.json)
		printf("\n  %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64
		       " arrived on wrong iif.", packets, bytes, wrong);
}

static int mroute_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const char *group = get_addr(tb, PKTPATH_A_MROUTE_GROUP);
	const char *src = get_addr(tb, PKTPATH_A_MROUTE_SRC);
	const char *iif = dev_text(get_u32(tb, PKTPATH_A_MROUTE_IIF, 0));
	char pair[2 * INET_ADDRSTRLEN + 4];

	(void)cmd;
	snprintf(pair, sizeof(pair), "(%s,%s)", src ? src : "0.0.0.0",
		 group ? group : "?");
	js_object(NULL);
	js_str("src", src ? src : "0.0.0.0");
	js_str("dst", group ? group : "?");
	js_str("iif", iif);
	if (!opts.json)
		printf("%-32s Iif: %-10s Oifs:", pair, iif);
	js_array("multipath");
	mroute_outs(tb[PKTPATH_A_MROUTE_OUTS], show_out, NULL);
	js_array_end();
	if (*(const bool *)arg)
		show_counts(tb);
	js_object_end();
	if (!opts.json)
		putchar('\n');
	return 0;
}

static int mroute_show(struct args *a)
{
	const char *w = arg_next(a);
	bool counts = w && !strcmp(w, "-s");
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	int ret;

	if ((w && !counts) || arg_next(a))
		return usage(mroute_usage);
	nlh = nl_start(buf, PKTPATH_CMD_MROUTE_GET, NLM_F_DUMP);
	js_array(NULL);
	ret = nl_talk(nlh, mroute_show_one, &counts);
	js_array_end();
	js_finish();
	return ret;
}

/* ---- Save ---- */

static void save_out(uint32_t ifindex, uint8_t ttl, void *arg)
{
	fprintf(arg, " %s", word_write(dev_name(ifindex)));
	if (ttl > 1)
		fprintf(arg, " ttl %u", ttl);
}

int mroute_save(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const char *group = get_addr(tb, PKTPATH_A_MROUTE_GROUP);
	const char *src = get_addr(tb, PKTPATH_A_MROUTE_SRC);

	(void)cmd;
	/* of one whose devices have all gone nothing is left to be saved */
	if (!group || !tb[PKTPATH_A_MROUTE_OUTS] ||
	    !mnl_attr_get_payload_len(tb[PKTPATH_A_MROUTE_OUTS]))
		return 0;
	fprintf(arg, "mroute add %s", group);
	if (src)
		fprintf(arg, " from %s", src);
	fprintf(arg, " iif %s to",
		word_write(dev_name(get_u32(tb, PKTPATH_A_MROUTE_IIF, 0))));
	mroute_outs(tb[PKTPATH_A_MROUTE_OUTS], save_out, arg);
	putc('\n', arg);
	return 0;
}

/* ---- Change ---- */

/* GROUP[/32] */
static int put_group(struct nlmsghdr *nlh, const char *w)
{
	struct in_addr addr;
	uint8_t len;

	if (parse_prefix(w, &addr, &len, false))
		return EXIT_USAGE;
	if (len != 32) {
		complain("\"%s\" is more than one group", w);
		return EXIT_USAGE;
	}
	put_addr(nlh, PKTPATH_A_MROUTE_GROUP, addr);
	return 0;
}

static int put_from(struct nlmsghdr *nlh, const char *w)
{
	struct in_addr addr;

	if (!strcmp(w, "any") || !strcmp(w, "all"))
		return 0;
	if (parse_addr(w, &addr))
		return EXIT_USAGE;
	if (addr.s_addr)
		put_addr(nlh, PKTPATH_A_MROUTE_SRC, addr);
	return 0;
}

/* IF [ ttl N ], to the end of the line */
static int put_outs(struct nlmsghdr *nlh, struct args *a)
{
	struct nlattr *outs, *out;
	const char *w, *v;
	uint16_t i = 0;
	uint32_t ttl;

	outs = mnl_attr_nest_start(nlh, PKTPATH_A_MROUTE_OUTS);
	while ((w = arg_next(a))) {
		if (i == OUTS_MAX) {
			complain("more than %d devices", OUTS_MAX);
			return EXIT_USAGE;
		}
		if (strlen(w) >= IF_NAMESIZE) {
			complain("\"%s\" is too long for a device name", w);
			return EXIT_USAGE;
		}
		out = mnl_attr_nest_start(nlh, ++i);
		put_dev(nlh, PKTPATH_A_MROUTE_OUT_IFNAME, w);
		ttl = 1;
		if (arg_peek(a) && !strcmp(arg_peek(a), "ttl")) {
			arg_next(a);
			v = arg_value(a, "ttl");
			if (!v || parse_u32(v, 1, 254, &ttl, "ttl"))
				return EXIT_USAGE;
		}
		mnl_attr_put_u8(nlh, PKTPATH_A_MROUTE_OUT_TTL, ttl);
		mnl_attr_nest_end(nlh, out);
	}
	mnl_attr_nest_end(nlh, outs);
	if (!i)
		complain("\"to\" needs a device");
	return i ? 0 : EXIT_USAGE;
}

static int mroute_word(struct nlmsghdr *nlh, const char *w, const char *v)
{
	if (!strcmp(w, "from"))
		return put_from(nlh, v);
	if (!strcmp(w, "iif") && strlen(v) < IF_NAMESIZE) {
		put_dev(nlh, PKTPATH_A_MROUTE_IIFNAME, v);
		return 0;
	}
	complain("\"%s %s\" means nothing here", w, v);
	return usage(mroute_usage);
}

static int mroute_change(struct args *a, uint8_t cmd)
{
	const char *w = arg_next(a), *v;
	struct nlmsghdr *nlh;
	char buf[NL_BUF];

	if (!w)
		return usage(mroute_usage);
	nlh = nl_start(buf, cmd, 0);
	mnl_attr_put_u8(nlh, PKTPATH_A_MROUTE_FAMILY, AF_INET);
	if (put_group(nlh, w))
		return EXIT_USAGE;
	while ((w = arg_next(a))) {
		if (!strcmp(w, "to") && cmd == PKTPATH_CMD_MROUTE_ADD) {
			if (put_outs(nlh, a))
				return EXIT_USAGE;
			break;
		}
		v = arg_value(a, w);
		if (!v || mroute_word(nlh, w, v))
			return EXIT_USAGE;
	}
	return nl_talk(nlh, NULL, NULL);
}

int cmd_mroute(struct args *a)
{
	const char *verb = arg_next(a);

	if (!verb || word_is(verb, "show") || word_is(verb, "list"))
		return mroute_show(a);
	if (word_is(verb, "add"))
		return mroute_change(a, PKTPATH_CMD_MROUTE_ADD);
	if (word_is(verb, "delete"))
		return mroute_change(a, PKTPATH_CMD_MROUTE_DEL);
	return usage(mroute_usage);
}

/* ---- Groups joined ---- */

/* The lines of a device's groups follow its own, in the form of net/igmp. */
static void maddr_read(FILE *f, const char *only)
{
	char line[256], name[IF_NAMESIZE];
	unsigned int addr, users, index;
	bool open = false, skip = true;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%u %15s", &index, name) == 2 &&
		    *line != '\t') {
			if (open) {
				js_array_end();
				js_object_end();
			}
			name[strcspn(name, ":")] = '\0';
			skip = only && strcmp(only, name);
			open = !skip;
			if (skip)
				continue;
			js_object(NULL);
			js_u64("ifindex", index);
			js_str("ifname", name);
			js_array("maddr");
			if (!opts.json)
				printf("%u:\t%s\n", index, name);
		} else if (!skip && *line == '\t' &&
			   sscanf(line, "%x %u", &addr, &users) == 2) {
			struct in_addr in = { addr };

			js_object(NULL);
			js_str("family", "inet");
			js_str("address", inet_ntoa(in));
			js_u64("users", users);
			js_object_end();
			if (!opts.json)
				printf("\tinet  %s users %u\n", inet_ntoa(in),
				       users);
		}
	}
	if (open) {
		js_array_end();
		js_object_end();
	}
}

int cmd_maddr(struct args *a)
{
	const char *w = arg_next(a), *dev = NULL;
	FILE *f;

	if (w && (word_is(w, "show") || word_is(w, "list")))
		w = arg_next(a);
	if (w && !strcmp(w, "dev")) {
		dev = arg_next(a);
		w = dev;
	}
	if (arg_peek(a) || w != dev)
		return usage(maddr_usage);
	f = fopen("/proc/thread-self/net/pktpath/igmp", "r");
	if (!f) {
		complain("cannot read the groups: %s", strerror(errno));
		return EXIT_REFUSED;
	}
	js_array(NULL);
	maddr_read(f, dev);
	js_array_end();
	js_finish();
	fclose(f);
	return 0;
}
