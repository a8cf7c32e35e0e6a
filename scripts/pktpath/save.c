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

/* ---- Files ---- */

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
	uint16_t del_attrs[24];	/* those that a deletion has */
} kinds[] = {
	/* in the order of adding; a rule may forbid what a route asks for */
	{ PKTPATH_CMD_DEV_ATTACH, PKTPATH_CMD_DEV_DETACH,
	  PKTPATH_A_DEV_IFNAME, 0, { PKTPATH_A_DEV_IFNAME } },
	{ PKTPATH_CMD_ADDR_ADD, PKTPATH_CMD_ADDR_DEL, PKTPATH_A_ADDR_LOCAL, 0,
	  { PKTPATH_A_ADDR_FAMILY, PKTPATH_A_ADDR_LOCAL,
	    PKTPATH_A_ADDR_PREFIXLEN, PKTPATH_A_ADDR_IFNAME,
	    PKTPATH_A_ADDR_PEER } },
	{ PKTPATH_CMD_ROUTE_ADD, PKTPATH_CMD_ROUTE_DEL, PKTPATH_A_ROUTE_DST,
	  PKTPATH_A_ROUTE_OIFNAME,
	  { PKTPATH_A_ROUTE_FAMILY, PKTPATH_A_ROUTE_DST,
	    PKTPATH_A_ROUTE_PREFIXLEN, PKTPATH_A_ROUTE_TYPE,
	    PKTPATH_A_ROUTE_TABLE, PKTPATH_A_ROUTE_METRIC,
	    PKTPATH_A_ROUTE_TOS, PKTPATH_A_ROUTE_GATEWAY,
	    PKTPATH_A_ROUTE_OIFNAME, PKTPATH_A_ROUTE_PROTOCOL,
	    PKTPATH_A_ROUTE_SCOPE, PKTPATH_A_ROUTE_PREFSRC } },
	{ PKTPATH_CMD_RULE_ADD, PKTPATH_CMD_RULE_DEL, PKTPATH_A_RULE_TABLE,
	  PKTPATH_A_RULE_PREF,
	  { PKTPATH_A_RULE_FAMILY, PKTPATH_A_RULE_SRC, PKTPATH_A_RULE_SRC_LEN,
	    PKTPATH_A_RULE_DST, PKTPATH_A_RULE_DST_LEN, PKTPATH_A_RULE_MARK,
	    PKTPATH_A_RULE_MASK, PKTPATH_A_RULE_TABLE, PKTPATH_A_RULE_PREF,
	    PKTPATH_A_RULE_TYPE, PKTPATH_A_RULE_TOS,
	    PKTPATH_A_RULE_IIFNAME, PKTPATH_A_RULE_OIFNAME,
	    PKTPATH_A_RULE_INVERT, PKTPATH_A_RULE_IPPROTO,
	    PKTPATH_A_RULE_SPORT, PKTPATH_A_RULE_SPORT_LAST,
	    PKTPATH_A_RULE_DPORT, PKTPATH_A_RULE_DPORT_LAST,
	    PKTPATH_A_RULE_UID, PKTPATH_A_RULE_UID_LAST,
	    PKTPATH_A_RULE_SUPPRESS_PREFIXLEN, PKTPATH_A_RULE_GOTO,
	    PKTPATH_A_RULE_L3MDEV } },
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
			       save_route_scope(get_u8(tb, PKTPATH_A_ROUTE_TYPE,
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

#define SET_ROUNDS 3

static bool set_has_left(const struct set *want, const struct set *now)
{
	size_t k, i;
	long n;

	for (k = 0; k < N_KINDS; k++) {
		n = 0;
		for (i = 0; i < now->n; i++)
			n += now->v[i]->cmd == kinds[k].add && !now->v[i]->met;
		/* a line may say in other words what is there */
		for (i = 0; i < want->n; i++)
			n -= want->v[i]->cmd == kinds[k].add &&
			     !want->v[i]->met;
		if (n > 0)
			return true;
	}
	return false;
}

/*
 * Makes what is be @want. What goes takes other things along, so it looks
 * again. A deletion names what it knows, and the first that is like that goes,
 * perhaps one that was to stay: it comes back, behind the other, and the next
 * round finds that one first.
 */
static int set_apply(struct set *want)
{
	struct set *now = set_now();
	int ret = 0, round;

	for (round = 0; now && round < SET_ROUNDS; round++) {
		set_meet(want, now);
		if (round && !set_has_left(want, now))
			break;
		ret = set_each(now, false);
		set_free(now);
		if (ret)
			return ret;
		now = set_now();
		if (!now)
			break;
		set_meet(want, now);
		set_free(now);
		ret = set_each(want, true);
		if (ret)
			return ret;
		now = set_now();
	}
	set_free(now);
	if (!now)
		return EXIT_REFUSED;
	if (round < SET_ROUNDS)
		return 0;
	complain("something that %s does not have cannot be taken away",
		 want->path);
	return EXIT_REFUSED;
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
		return EXIT_REFUSED;
	}
	want = calloc(1, sizeof(*want));
	if (want) {
		want->path = path;
		ret = set_read(want, f);
	} else {
		complain("no memory");
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
