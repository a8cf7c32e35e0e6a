// SPDX-License-Identifier: GPL-2.0
/* pktpath save: what is, as lines that restore takes. */
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pktpath.h"

static const char *save_name(uint32_t ifindex)
{
	return word_write(dev_name(ifindex));
}

static int save_dev(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	if (!(get_u32(tb, PKTPATH_A_DEV_FLAGS, 0) & PKTPATH_DEV_LOOP))
		fprintf(arg, "dev attach %s\n",
			save_name(get_u32(tb, PKTPATH_A_DEV_IFINDEX, 0)));
	return 0;
}

/* 127.0.0.1/8 of lo is there by itself. */
static int save_addr(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const char *dev = save_name(get_u32(tb, PKTPATH_A_ADDR_IFINDEX, 0));
	const char *local = get_addr(tb, PKTPATH_A_ADDR_LOCAL);
	const char *peer = get_addr(tb, PKTPATH_A_ADDR_PEER);

	(void)cmd;
	if (local && strncmp(local, "127.", 4))
		fprintf(arg, "addr add %s%s%s/%u dev %s\n", local,
			peer ? " peer " : "", peer ? peer : "",
			get_u8(tb, PKTPATH_A_ADDR_PREFIXLEN, 32), dev);
	return 0;
}

static void save_prefix(FILE *f, const char *word, const char *addr,
			uint8_t len)
{
	if (addr)
		fprintf(f, " %s %s/%u", word, addr, len);
}

static const char *save_text(const struct nlattr *a)
{
	if (!a || mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
		return NULL;
	return mnl_attr_get_str(a);
}

/* The three rules that each namespace starts with stay out of it. */
static bool rule_is_default(const struct nlattr **tb, uint32_t pref)
{
	static const int narrows[] = {
		PKTPATH_A_RULE_SRC, PKTPATH_A_RULE_DST, PKTPATH_A_RULE_IIFNAME,
		PKTPATH_A_RULE_OIFNAME, PKTPATH_A_RULE_INVERT,
		PKTPATH_A_RULE_IPPROTO, PKTPATH_A_RULE_SPORT,
		PKTPATH_A_RULE_DPORT, PKTPATH_A_RULE_UID, PKTPATH_A_RULE_GOTO,
		PKTPATH_A_RULE_SUPPRESS_PREFIXLEN, PKTPATH_A_RULE_L3MDEV,
	};
	uint32_t table = !pref ? RT_TABLE_LOCAL :
			 pref == 32766 ? RT_TABLE_MAIN :
			 pref == 32767 ? RT_TABLE_DEFAULT : RT_TABLE_UNSPEC;
	size_t i;

	for (i = 0; i < sizeof(narrows) / sizeof(narrows[0]); i++)
		if (tb[narrows[i]])
			return false;
	return table && get_u32(tb, PKTPATH_A_RULE_TABLE, 0) == table &&
	       get_u8(tb, PKTPATH_A_RULE_TYPE, RTN_UNICAST) == RTN_UNICAST &&
	       !get_u32(tb, PKTPATH_A_RULE_MASK, 0) &&
	       !get_u8(tb, PKTPATH_A_RULE_TOS, 0);
}

static void save_rule_more(FILE *f, const struct nlattr **tb)
{
	if (tb[PKTPATH_A_RULE_IPPROTO])
		fprintf(f, " ipproto %u",
			get_u8(tb, PKTPATH_A_RULE_IPPROTO, 0));
	if (tb[PKTPATH_A_RULE_SPORT])
		fprintf(f, " sport %u-%u", get_u16(tb, PKTPATH_A_RULE_SPORT, 0),
			get_u16(tb, PKTPATH_A_RULE_SPORT_LAST, 0));
	if (tb[PKTPATH_A_RULE_DPORT])
		fprintf(f, " dport %u-%u", get_u16(tb, PKTPATH_A_RULE_DPORT, 0),
			get_u16(tb, PKTPATH_A_RULE_DPORT_LAST, 0));
	if (tb[PKTPATH_A_RULE_UID])
		fprintf(f, " uidrange %u-%u",
			get_u32(tb, PKTPATH_A_RULE_UID, 0),
			get_u32(tb, PKTPATH_A_RULE_UID_LAST, 0));
}

static void save_rule_action(FILE *f, const struct nlattr **tb)
{
	uint8_t type = get_u8(tb, PKTPATH_A_RULE_TYPE, RTN_UNICAST);

	if (tb[PKTPATH_A_RULE_L3MDEV])
		fprintf(f, " l3mdev");
	if (tb[PKTPATH_A_RULE_GOTO])
		fprintf(f, " goto %u", get_u32(tb, PKTPATH_A_RULE_GOTO, 0));
	else if (type == RTN_UNICAST && !tb[PKTPATH_A_RULE_L3MDEV])
		fprintf(f, " table %u", get_u32(tb, PKTPATH_A_RULE_TABLE, 0));
	else if (type != RTN_UNICAST)
		fprintf(f, " %s", type == RTN_BLACKHOLE ? "blackhole" :
			type == RTN_PROHIBIT ? "prohibit" : "unreachable");
	if (tb[PKTPATH_A_RULE_SUPPRESS_PREFIXLEN])
		fprintf(f, " suppress_prefixlength %u",
			get_u32(tb, PKTPATH_A_RULE_SUPPRESS_PREFIXLEN, 0));
	fputc('\n', f);
}

static int save_rule(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint32_t pref = get_u32(tb, PKTPATH_A_RULE_PREF, 0);
	uint32_t mask = get_u32(tb, PKTPATH_A_RULE_MASK, 0);
	const char *iif = save_text(tb[PKTPATH_A_RULE_IIFNAME]);
	const char *oif = save_text(tb[PKTPATH_A_RULE_OIFNAME]);
	FILE *f = arg;

	(void)cmd;
	if (rule_is_default(tb, pref))
		return 0;
	fprintf(f, "rule add%s", tb[PKTPATH_A_RULE_INVERT] ? " not" : "");
	save_prefix(f, "from", get_addr(tb, PKTPATH_A_RULE_SRC),
		    get_u8(tb, PKTPATH_A_RULE_SRC_LEN, 32));
	save_prefix(f, "to", get_addr(tb, PKTPATH_A_RULE_DST),
		    get_u8(tb, PKTPATH_A_RULE_DST_LEN, 32));
	if (iif)
		fprintf(f, " iif %s", word_write(iif));
	if (oif)
		fprintf(f, " oif %s", word_write(oif));
	if (mask)
		fprintf(f, " fwmark 0x%x/0x%x",
			get_u32(tb, PKTPATH_A_RULE_MARK, 0), mask);
	if (get_u8(tb, PKTPATH_A_RULE_TOS, 0))
		fprintf(f, " tos %u", get_u8(tb, PKTPATH_A_RULE_TOS, 0));
	save_rule_more(f, tb);
	fprintf(f, " pref %u", pref);
	save_rule_action(f, tb);
	return 0;
}

static const char *route_type(uint8_t type)
{
	switch (type) {
	case RTN_LOCAL:
		return "local ";
	case RTN_BROADCAST:
		return "broadcast ";
	case RTN_MULTICAST:
		return "multicast ";
	case RTN_BLACKHOLE:
		return "blackhole ";
	case RTN_UNREACHABLE:
		return "unreachable ";
	case RTN_PROHIBIT:
		return "prohibit ";
	case RTN_THROW:
		return "throw ";
	default:
		return "";
	}
}

/* The scope that a route has when nothing is said: as the module does. */
uint8_t save_route_scope(uint8_t type, bool gw)
{
	switch (type) {
	case RTN_LOCAL:
		return RT_SCOPE_HOST;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return RT_SCOPE_LINK;
	case RTN_UNICAST:
		return gw ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	default:
		return RT_SCOPE_UNIVERSE;
	}
}

static void save_num(FILE *f, const char *word, uint32_t num, uint32_t usual)
{
	if (num != usual)
		fprintf(f, " %s %u", word, num);
}

/* Not what came with an address or by a redirect. */
static int save_route(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint8_t proto = get_u8(tb, PKTPATH_A_ROUTE_PROTOCOL, RTPROT_BOOT);
	uint8_t type = get_u8(tb, PKTPATH_A_ROUTE_TYPE, RTN_UNICAST);
	const char *cc = save_text(tb[PKTPATH_A_ROUTE_CONGCTL]);
	const char *gw = get_addr(tb, PKTPATH_A_ROUTE_GATEWAY);
	const char *dst = get_addr(tb, PKTPATH_A_ROUTE_DST);
	const char *src = get_addr(tb, PKTPATH_A_ROUTE_PREFSRC);
	uint8_t weight = get_u8(tb, PKTPATH_A_ROUTE_WEIGHT, 0);
	uint32_t oif = get_u32(tb, PKTPATH_A_ROUTE_OIF, 0);
	uint32_t mtu = get_u32(tb, PKTPATH_A_ROUTE_MTU, 0), val;
	const char *word;
	FILE *f = arg;
	size_t i = 0;

	(void)cmd;
	if (proto == RTPROT_KERNEL || proto == RTPROT_REDIRECT || !dst)
		return 0;
	/* several may be alike but for their way; their order stays */
	fprintf(f, "route append %s%s/%u", route_type(type), dst,
		get_u8(tb, PKTPATH_A_ROUTE_PREFIXLEN, 32));
	if (gw)
		fprintf(f, " via %s", gw);
	if (oif)
		fprintf(f, " dev %s", save_name(oif));
	if (src)
		fprintf(f, " src %s", src);
	save_num(f, "metric", get_u32(tb, PKTPATH_A_ROUTE_METRIC, 0), 0);
	if (mtu)
		fprintf(f, " mtu %s%u", tb[PKTPATH_A_ROUTE_MTU_LOCK] ?
			"lock " : "", mtu);
	save_num(f, "table", get_u32(tb, PKTPATH_A_ROUTE_TABLE, RT_TABLE_MAIN),
		 type == RTN_LOCAL || type == RTN_BROADCAST ? RT_TABLE_LOCAL :
							      RT_TABLE_MAIN);
	save_num(f, "proto", proto, RTPROT_BOOT);
	save_num(f, "scope", get_u8(tb, PKTPATH_A_ROUTE_SCOPE, 0),
		 save_route_scope(type, gw));
	save_num(f, "tos", get_u8(tb, PKTPATH_A_ROUTE_TOS, 0), 0);
	if (cc)
		fprintf(f, " congctl %s%s", tb[PKTPATH_A_ROUTE_CONGCTL_LOCK] ?
			"lock " : "", cc);
	while (route_metric(tb, &i, &word, &val))
		save_num(f, word, val, 0);
	if (get_u32(tb, PKTPATH_A_ROUTE_FEATURES, 0) & RTAX_FEATURE_ECN)
		fputs(" features ecn", f);
	if (get_u32(tb, PKTPATH_A_ROUTE_FLAGS, 0) & RTNH_F_ONLINK)
		fputs(" onlink", f);
	save_num(f, "weight", weight, 0);
	putc('\n', f);
	return 0;
}

/* What was learned is learned again. */
static int save_neigh(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const struct nlattr *st = tb[PKTPATH_A_NEIGH_STATE];
	const struct nlattr *ll = tb[PKTPATH_A_NEIGH_LLADDR];
	const char *dst = get_addr(tb, PKTPATH_A_NEIGH_DST);
	const uint8_t *p;

	(void)cmd;
	if (!dst || !ll || mnl_attr_get_payload_len(ll) != 6 || !st ||
	    mnl_attr_get_payload_len(st) != 2 ||
	    !(mnl_attr_get_u16(st) & NUD_PERMANENT))
		return 0;
	p = mnl_attr_get_payload(ll);
	fprintf(arg, "neigh add %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev %s\n",
		dst, p[0], p[1], p[2], p[3], p[4], p[5],
		save_name(get_u32(tb, PKTPATH_A_NEIGH_IFINDEX, 0)));
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Neighbours come in the order of a hash. */
static int save_neighs(FILE *f)
{
	char buf[NL_BUF], *text = NULL, *save = NULL, *line, **v = NULL;
	size_t size = 0, n = 0, i;
	FILE *mem = open_memstream(&text, &size);
	int ret = EXIT_REFUSED;

	if (!mem) {
		complain("no memory");
		return ret;
	}
	ret = nl_talk(nl_start(buf, PKTPATH_CMD_NEIGH_GET, NLM_F_DUMP),
		      save_neigh, mem);
	fclose(mem);
	v = calloc(size / 2 + 1, sizeof(*v));
	if (!v) {
		complain("no memory");
		ret = EXIT_REFUSED;
	}
	for (line = strtok_r(text, "\n", &save); v && line;
	     line = strtok_r(NULL, "\n", &save))
		v[n++] = line;
	if (n)
		qsort(v, n, sizeof(*v), by_text);
	for (i = 0; i < n; i++)
		fprintf(f, "%s\n", v[i]);
	free(v);
	free(text);
	return ret;
}

int save_all(FILE *f)
{
	static const struct {
		uint8_t cmd;
		nl_cb cb;
	} dumps[] = {
		{ PKTPATH_CMD_DEV_GET, save_dev },
		{ PKTPATH_CMD_ADDR_GET, save_addr },
		{ PKTPATH_CMD_ROUTE_GET, save_route },
		{ PKTPATH_CMD_RULE_GET, save_rule },
		{ PKTPATH_CMD_MROUTE_GET, mroute_save },
	};
	char buf[NL_BUF];
	size_t i;
	int ret;

	for (i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++) {
		ret = nl_talk(nl_start(buf, dumps[i].cmd, NLM_F_DUMP),
			      dumps[i].cb, f);
		if (ret)
			return ret;
	}
	return save_neighs(f);
}
