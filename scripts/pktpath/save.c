// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath save, restore: the configuration as text. The lines are those of
 * -batch; restore applies the difference between what is and what they say.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pktpath.h"

static const char save_usage[] =
	"Usage: pktpath save [ FILE ]\n"
	"       pktpath restore FILE\n"
	"FILE holds lines as of -batch: dev attach, addr add, rule add,\n"
	"route add|append, neigh add, mroute add; \"-\" is standard input or\n"
	"output.\n";

/* ---- What is, as text ---- */

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

	(void)cmd;
	if (local && strncmp(local, "127.", 4))
		fprintf(arg, "addr add %s/%u dev %s\n", local,
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
static bool rule_is_default(uint32_t pref)
{
	return !pref || pref == 32766 || pref == 32767;
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

	if (tb[PKTPATH_A_RULE_GOTO])
		fprintf(f, " goto %u", get_u32(tb, PKTPATH_A_RULE_GOTO, 0));
	else if (type == RTN_UNICAST)
		fprintf(f, " table %u", get_u32(tb, PKTPATH_A_RULE_TABLE, 0));
	else
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
	if (rule_is_default(pref))
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
static uint8_t route_scope(uint8_t type, bool gw)
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
	uint32_t mtu = get_u32(tb, PKTPATH_A_ROUTE_MTU, 0);
	FILE *f = arg;

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
		 RT_TABLE_MAIN);
	save_num(f, "proto", proto, RTPROT_BOOT);
	save_num(f, "scope", get_u8(tb, PKTPATH_A_ROUTE_SCOPE, 0),
		 route_scope(type, gw));
	save_num(f, "tos", get_u8(tb, PKTPATH_A_ROUTE_TOS, 0), 0);
	if (cc)
		fprintf(f, " congctl %s%s", tb[PKTPATH_A_ROUTE_CONGCTL_LOCK] ?
			"lock " : "", cc);
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

	if (!mem)
		return ret;
	ret = nl_talk(nl_start(buf, PKTPATH_CMD_NEIGH_GET, NLM_F_DUMP),
		      save_neigh, mem);
	fclose(mem);
	v = calloc(size / 2 + 1, sizeof(*v));
	if (!v)
		ret = EXIT_REFUSED;
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

static int save_all(FILE *f)
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

/* A file is whole or not there: written beside it, then renamed. */
int cmd_save(struct args *a)
{
	const char *path = arg_next(a);
	char tmp[4096];
	int ret, fd;
	FILE *f;

	if (arg_peek(a) || (path && !strcmp(path, "help")))
		return usage(save_usage);
	if (!path || !strcmp(path, "-"))
		return save_all(stdout);
	if (snprintf(tmp, sizeof(tmp), "%s.new", path) >= (int)sizeof(tmp)) {
		complain("the name of the file is too long");
		return EXIT_USAGE;
	}
	/* whatever lies there, it is not written through */
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		complain("cannot write \"%s\": %s", tmp, strerror(errno));
		return EXIT_REFUSED;
	}
	ret = save_all(f);
	if (fflush(f) || fsync(fileno(f)) || ferror(f) || fclose(f) ||
	    (!ret && rename(tmp, path))) {
		complain("cannot write \"%s\": %s", path, strerror(errno));
		ret = EXIT_REFUSED;
	}
	if (ret)
		unlink(tmp);
	return ret;
}

/* ---- Text as requests ---- */

#define SET_BUCKETS 65536

struct item {
	struct item *next;	/* of its bucket */
	int line;
	bool met;		/* the other set has it */
	uint8_t cmd;
	const struct nlattr *tb[NL_ATTR_MAX];
	struct nlmsghdr nlh[];
};

struct set {
	const char *path;
	int line;
	struct item **v;
	size_t n, room;
	struct item *bucket[SET_BUCKETS];
};

static const struct kind {
	uint8_t add, del;
	uint16_t key;		/* attribute by which items are found */
	uint16_t optional;	/* may be said or left to the module */
	uint16_t del_attrs[14];	/* those that a deletion has */
} kinds[] = {
	/* in the order of adding; a rule may forbid what a route asks for */
	{ PKTPATH_CMD_DEV_ATTACH, PKTPATH_CMD_DEV_DETACH,
	  PKTPATH_A_DEV_IFNAME, 0, { PKTPATH_A_DEV_IFNAME } },
	{ PKTPATH_CMD_ADDR_ADD, PKTPATH_CMD_ADDR_DEL, PKTPATH_A_ADDR_LOCAL, 0,
	  { PKTPATH_A_ADDR_FAMILY, PKTPATH_A_ADDR_LOCAL,
	    PKTPATH_A_ADDR_PREFIXLEN, PKTPATH_A_ADDR_IFNAME } },
	{ PKTPATH_CMD_ROUTE_ADD, PKTPATH_CMD_ROUTE_DEL, PKTPATH_A_ROUTE_DST,
	  PKTPATH_A_ROUTE_OIFNAME,
	  { PKTPATH_A_ROUTE_FAMILY, PKTPATH_A_ROUTE_DST,
	    PKTPATH_A_ROUTE_PREFIXLEN, PKTPATH_A_ROUTE_TYPE,
	    PKTPATH_A_ROUTE_TABLE, PKTPATH_A_ROUTE_METRIC,
	    PKTPATH_A_ROUTE_TOS, PKTPATH_A_ROUTE_GATEWAY,
	    PKTPATH_A_ROUTE_OIFNAME, PKTPATH_A_ROUTE_PROTOCOL } },
	{ PKTPATH_CMD_RULE_ADD, PKTPATH_CMD_RULE_DEL, PKTPATH_A_RULE_TABLE,
	  PKTPATH_A_RULE_PREF,
	  { PKTPATH_A_RULE_FAMILY, PKTPATH_A_RULE_SRC, PKTPATH_A_RULE_SRC_LEN,
	    PKTPATH_A_RULE_DST, PKTPATH_A_RULE_DST_LEN, PKTPATH_A_RULE_MARK,
	    PKTPATH_A_RULE_MASK, PKTPATH_A_RULE_TABLE, PKTPATH_A_RULE_PREF,
	    PKTPATH_A_RULE_TYPE, PKTPATH_A_RULE_TOS,
	    PKTPATH_A_RULE_IIFNAME, PKTPATH_A_RULE_OIFNAME,
	    PKTPATH_A_RULE_INVERT } },
	{ PKTPATH_CMD_NEIGH_ADD, PKTPATH_CMD_NEIGH_DEL, PKTPATH_A_NEIGH_DST, 0,
	  { PKTPATH_A_NEIGH_FAMILY, PKTPATH_A_NEIGH_DST,
	    PKTPATH_A_NEIGH_IFNAME } },
	{ PKTPATH_CMD_MROUTE_ADD, PKTPATH_CMD_MROUTE_DEL,
	  PKTPATH_A_MROUTE_GROUP, 0,
	  { PKTPATH_A_MROUTE_FAMILY, PKTPATH_A_MROUTE_GROUP,
	    PKTPATH_A_MROUTE_SRC } },
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind_of(uint8_t cmd)
{
	size_t i;

	for (i = 0; i < N_KINDS; i++)
		if (kinds[i].add == cmd)
			return &kinds[i];
	return NULL;
}

/* Whether the attribute says what holds anyway, or is how, not what. */
static bool item_needless(const struct item *it, int type)
{
	const struct nlattr **tb = (const struct nlattr **)it->tb;

	switch (it->cmd) {
	case PKTPATH_CMD_ROUTE_ADD:
		switch (type) {
		case PKTPATH_A_ROUTE_MODE:
			return true;
		case PKTPATH_A_ROUTE_TYPE:
			return get_u8(tb, type, 0) == RTN_UNICAST;
		case PKTPATH_A_ROUTE_TABLE:
			return get_u32(tb, type, 0) == RT_TABLE_MAIN;
		case PKTPATH_A_ROUTE_METRIC:
			return !get_u32(tb, type, 0);
		case PKTPATH_A_ROUTE_TOS:
			return !get_u8(tb, type, 0);
		case PKTPATH_A_ROUTE_PROTOCOL:
			return get_u8(tb, type, 0) == RTPROT_BOOT;
		case PKTPATH_A_ROUTE_SCOPE:
			return get_u8(tb, type, 0) ==
			       route_scope(get_u8(tb, PKTPATH_A_ROUTE_TYPE,
						  RTN_UNICAST),
					   tb[PKTPATH_A_ROUTE_GATEWAY]);
		}
		return false;
	case PKTPATH_CMD_RULE_ADD:
		return type == PKTPATH_A_RULE_TYPE &&
		       get_u8(tb, type, 0) == RTN_UNICAST;
	case PKTPATH_CMD_NEIGH_ADD:
		return type == PKTPATH_A_NEIGH_MODE ||
		       (type == PKTPATH_A_NEIGH_STATE &&
			mnl_attr_get_u16(tb[type]) == NUD_PERMANENT);
	default:
		return false;
	}
}

static bool attr_same(const struct nlattr *a, const struct nlattr *b)
{
	return a->nla_len == b->nla_len &&
	       !memcmp(mnl_attr_get_payload(a), mnl_attr_get_payload(b),
		       mnl_attr_get_payload_len(a));
}

static bool item_same(const struct item *a, const struct item *b)
{
	int i;

	if (a->cmd != b->cmd)
		return false;
	for (i = 0; i < NL_ATTR_MAX; i++) {
		if (a->tb[i] && b->tb[i] ? attr_same(a->tb[i], b->tb[i]) :
		    a->tb[i] == b->tb[i])
			continue;
		if (i != kind_of(a->cmd)->optional || (a->tb[i] && b->tb[i]))
			return false;
	}
	return true;
}

static struct item **item_bucket(struct set *s, const struct item *it)
{
	const struct nlattr *key = it->tb[kind_of(it->cmd)->key];
	uint32_t h = 2166136261u ^ it->cmd;
	const uint8_t *p;
	uint16_t i;

	if (key) {
		p = mnl_attr_get_payload(key);
		for (i = 0; i < mnl_attr_get_payload_len(key); i++)
			h = (h ^ p[i]) * 16777619u;
	}
	return &s->bucket[(h ^ h >> 16) % SET_BUCKETS];
}

static int item_attr(const struct nlattr *attr, void *data)
{
	struct item *it = data;

	if (mnl_attr_get_type(attr) < NL_ATTR_MAX)
		it->tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

/* A request that the words of a line have made. */
static int set_catch(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	struct set *s = arg;
	struct item *it, **b;
	bool gone[NL_ATTR_MAX];
	void *v;
	int i;

	if (!kind_of(g->cmd)) {
		complain("this command is not part of a configuration");
		return EXIT_USAGE;
	}
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		v = realloc(s->v, s->room * sizeof(*s->v));
		if (!v)
			goto no_memory;
		s->v = v;
	}
	it = calloc(1, sizeof(*it) + nlh->nlmsg_len);
	if (!it)
		goto no_memory;
	memcpy(it->nlh, nlh, nlh->nlmsg_len);
	it->line = s->line;
	it->cmd = g->cmd;
	mnl_attr_parse(it->nlh, sizeof(*g), item_attr, it);
	for (i = 0; i < NL_ATTR_MAX; i++)
		gone[i] = it->tb[i] && item_needless(it, i);
	for (i = 0; i < NL_ATTR_MAX; i++)
		if (gone[i])
			it->tb[i] = NULL;
	b = item_bucket(s, it);
	it->next = *b;
	*b = it;
	s->v[s->n++] = it;
	return 0;

no_memory:
	complain("no memory");
	return EXIT_REFUSED;
}

static void set_free(struct set *s)
{
	size_t i;

	for (i = 0; s && i < s->n; i++)
		free(s->v[i]);
	if (s)
		free(s->v);
	free(s);
}

/* Objects whose words make requests and nothing else. */
static bool line_is_config(const char *line)
{
	static const char *const objects[] = {
		"dev", "addr", "address", "route", "rule", "neigh",
		"neighbor", "neighbour", "mroute",
	};
	size_t i, n;

	line += strspn(line, " \t\r\n");
	n = strcspn(line, " \t\r\n#");
	if (!n)
		return true;
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (strlen(objects[i]) == n && !memcmp(line, objects[i], n))
			return true;
	complain("this command is not part of a configuration");
	return false;
}

static int set_read(struct set *s, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	int ret = 0;

	nl_catch(set_catch, s);
	while (!ret && getline(&line, &size, f) >= 0) {
		s->line++;
		ret = line_is_config(line) ? run_line(line) : EXIT_USAGE;
		if (ret)
			complain("%s:%d: this line is refused, nothing was changed",
				 s->path, s->line);
	}
	if (!ret && !feof(f)) {
		complain("cannot read %s: %s", s->path, strerror(errno));
		ret = EXIT_REFUSED;
	}
	nl_catch(NULL, NULL);
	free(line);
	return ret;
}

/* What is, as a set; NULL after a message. */
static struct set *set_now(void)
{
	struct set *s = calloc(1, sizeof(*s));
	FILE *f = tmpfile();
	int ret = EXIT_REFUSED;

	if (!s || !f) {
		complain("no memory, or no temporary file");
		goto out;
	}
	s->path = "the present configuration";
	ret = save_all(f);
	if (!ret && (fflush(f) || ferror(f))) {
		complain("cannot write a temporary file: %s",
			 strerror(errno));
		ret = EXIT_REFUSED;
	}
	rewind(f);
	if (!ret)
		ret = set_read(s, f);
out:
	if (f)
		fclose(f);
	if (!ret)
		return s;
	set_free(s);
	return NULL;
}

/* ---- The difference ---- */

/* Marks what both have; one of the one meets one of the other. */
static void set_meet(struct set *a, struct set *b)
{
	struct item *it;
	size_t i;

	for (i = 0; i < b->n; i++)
		b->v[i]->met = false;
	for (i = 0; i < a->n; i++) {
		for (it = *item_bucket(b, a->v[i]); it; it = it->next)
			if (!it->met && item_same(a->v[i], it))
				break;
		a->v[i]->met = it;
		if (it)
			it->met = true;
	}
}

static int item_del(const struct item *it)
{
	const struct kind *k = kind_of(it->cmd);
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	size_t i;

	nlh = nl_start(buf, k->del, 0);
	for (i = 0; i < sizeof(k->del_attrs) / sizeof(k->del_attrs[0]); i++) {
		const struct nlattr *a = it->tb[k->del_attrs[i]];

		if (k->del_attrs[i] && a)
			mnl_attr_put(nlh, mnl_attr_get_type(a),
				     mnl_attr_get_payload_len(a),
				     mnl_attr_get_payload(a));
	}
	return nl_talk(nlh, NULL, NULL);
}

static int item_add(const struct item *it)
{
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	int i;

	nlh = nl_start(buf, it->cmd, 0);
	for (i = 0; i < NL_ATTR_MAX; i++)
		if (it->tb[i])
			/* with the mark of one that holds others */
			mnl_attr_put(nlh, it->tb[i]->nla_type,
				     mnl_attr_get_payload_len(it->tb[i]),
				     mnl_attr_get_payload(it->tb[i]));
	if (it->cmd == PKTPATH_CMD_ROUTE_ADD)
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_MODE,
				PKTPATH_MODE_APPEND);
	else if (it->cmd == PKTPATH_CMD_NEIGH_ADD)
		mnl_attr_put_u8(nlh, PKTPATH_A_NEIGH_MODE,
				PKTPATH_MODE_REPLACE);
	return nl_talk(nlh, NULL, NULL);
}

/* Routes that lead to a gateway come behind those that lead to gateways. */
static bool item_turn(const struct item *it, size_t kind, int round)
{
	if (it->met || it->cmd != kinds[kind].add)
		return false;
	return it->cmd != PKTPATH_CMD_ROUTE_ADD ||
	       round == !!it->tb[PKTPATH_A_ROUTE_GATEWAY];
}

static int set_each(struct set *s, bool add)
{
	size_t k, i;
	int round, ret;

	for (k = 0; k < 2 * N_KINDS; k++) {
		size_t kind = add ? k / 2 : N_KINDS - 1 - k / 2;

		round = add ? k % 2 : !(k % 2);
		if (round && kinds[kind].add != PKTPATH_CMD_ROUTE_ADD)
			continue;
		for (i = 0; i < s->n; i++) {
			if (!item_turn(s->v[i], kind, round))
				continue;
			ret = add ? item_add(s->v[i]) : item_del(s->v[i]);
			if (!ret)
				continue;
			complain("%s:%d: this line %s", s->path, s->v[i]->line,
				 add ? "failed" : "cannot be taken back");
			return ret;
		}
	}
	return 0;
}

/* Makes what is be @want. What goes takes other things along: looks again. */
static int set_apply(struct set *want)
{
	struct set *now = set_now();
	int ret;

	if (!now)
		return EXIT_REFUSED;
	set_meet(want, now);
	ret = set_each(now, false);
	set_free(now);
	if (ret)
		return ret;
	now = set_now();
	if (!now)
		return EXIT_REFUSED;
	set_meet(want, now);
	set_free(now);
	return set_each(want, true);
}

int cmd_restore(struct args *a)
{
	const char *path = arg_next(a);
	struct set *want, *before = NULL;
	int ret = EXIT_REFUSED;
	FILE *f;

	if (!path || arg_peek(a) || !strcmp(path, "help"))
		return usage(save_usage);
	f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	if (!f) {
		complain("cannot open \"%s\": %s", path, strerror(errno));
		return EXIT_USAGE;
	}
	want = calloc(1, sizeof(*want));
	if (want) {
		want->path = path;
		ret = set_read(want, f);
	}
	if (f != stdin)
		fclose(f);
	if (ret)
		goto out;
	before = set_now();
	if (!before) {
		ret = EXIT_REFUSED;
		goto out;
	}
	ret = set_apply(want);
	if (!ret)
		goto out;
	if (set_apply(before))
		complain("not all of what was there could be put back");
	else
		complain("what was there before is back");
out:
	set_free(want);
	set_free(before);
	return ret;
}
