// SPDX-License-Identifier: GPL-2.0
/* pktpath fault: what goes wrong on purpose, stage by stage. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

static const char fault_usage[] =
	"Usage: pktpath fault add stage STAGE [ FILTER ] ACTION\n"
	"           [ prob P ] [ every N ] [ seed K ]\n"
	"       pktpath fault del ID|all\n"
	"       pktpath fault [ show [ -s ] ]\n"
	"FILTER := [ tcp | udp | icmp ] [ host A[/LEN] ] [ src A[/LEN] ]\n"
	"          [ dst A[/LEN] ] [ port N ] [ sport N ] [ dport N ]\n"
	"ACTION := drop | delay TIME | dup | corrupt [ header | payload ] |\n"
	"          reorder [ gap N ] [ within TIME ] | nomem\n"
	"P is a share, as 0.1 or 10%; TIME has a unit: us, ms or s.\n";

#define FAULT_SURE	1000000
#define FAULT_TIME	10000000	/* us */

static const char *const fault_actions[] = {
	[PKTPATH_FAULT_DROP] = "drop",
	[PKTPATH_FAULT_DELAY] = "delay",
	[PKTPATH_FAULT_DUP] = "dup",
	[PKTPATH_FAULT_CORRUPT] = "corrupt",
	[PKTPATH_FAULT_REORDER] = "reorder",
	[PKTPATH_FAULT_NOMEM] = "nomem",
};

#define FAULT_ACTIONS (sizeof(fault_actions) / sizeof(fault_actions[0]))

static int fault_unknown(const char *word)
{
	complain("\"%s\" is not a word of fault", word);
	return EXIT_REFUSED;
}

/* ---- add ---- */

/* A decimal number in millionths; returns what stands behind it, NULL: none. */
static const char *fault_decimal(const char *s, uint64_t *v)
{
	bool point = false, any = false;
	int digits = 0;

	*v = 0;
	for (;; s++) {
		if (*s == '.' && !point) {
			point = true;
			continue;
		}
		if (*s < '0' || *s > '9' || *v > 1000000000000)
			break;
		any = true;
		if (digits == 6)
			continue;
		*v = *v * 10 + *s - '0';
		digits += point;
	}
	for (; digits < 6; digits++)
		*v *= 10;
	return any ? s : NULL;
}

/* A share of 1, or in percent, in millionths. */
static int fault_prob(const char *s, uint32_t *prob)
{
	const char *end;
	uint64_t v;

	end = fault_decimal(s, &v);
	if (end && !strcmp(end, "%"))
		v = (v + 50) / 100;
	else if (!end || *end)
		v = 0;
	if (!v || v > FAULT_SURE) {
		complain("\"%s\" is not a share above 0, up to 1 or 100%%", s);
		return EXIT_REFUSED;
	}
	*prob = v;
	return 0;
}

/* In us. */
static int fault_time(const char *s, uint32_t *us)
{
	static const struct {
		const char *unit;
		uint32_t us;
	} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	const char *end;
	uint64_t v;
	size_t i;

	end = fault_decimal(s, &v);
	for (i = 0; end && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit))
			continue;
		if (v > FAULT_TIME * UINT64_C(1000000) / units[i].us)
			break;
		v = v * units[i].us / 1000000;
		if (!v)
			break;
		*us = v;
		return 0;
	}
	complain("\"%s\" is not a time from 1us to 10s", s);
	return EXIT_REFUSED;
}

static int fault_u32(struct nlmsghdr *nlh, int attr, const char *v,
		     uint32_t min, uint32_t max, const char *what)
{
	uint32_t n;

	if (parse_u32(v, min, max, &n, what))
		return EXIT_REFUSED;
	mnl_attr_put_u32(nlh, attr, n);
	return 0;
}

static int fault_put_time(struct nlmsghdr *nlh, const char *v)
{
	uint32_t us;

	if (fault_time(v, &us))
		return EXIT_REFUSED;
	mnl_attr_put_u32(nlh, PKTPATH_A_FAULT_DELAY, us);
	return 0;
}

/* -1: not one of them. */
static int fault_action(struct nlmsghdr *nlh, const char *w, struct args *a)
{
	const char *v = arg_peek(a);
	uint8_t i;

	for (i = 0; i < FAULT_ACTIONS; i++)
		if (!strcmp(w, fault_actions[i]))
			break;
	if (i == FAULT_ACTIONS)
		return -1;
	mnl_attr_put_u8(nlh, PKTPATH_A_FAULT_ACTION, i);
	if (i == PKTPATH_FAULT_DELAY) {
		v = arg_value(a, w);
		return v ? fault_put_time(nlh, v) : EXIT_REFUSED;
	}
	if (i != PKTPATH_FAULT_CORRUPT || !v ||
	    (strcmp(v, "header") && strcmp(v, "payload")))
		return 0;
	arg_next(a);
	mnl_attr_put_u8(nlh, PKTPATH_A_FAULT_WHERE,
			strcmp(v, "header") ? PKTPATH_FAULT_PAYLOAD :
					      PKTPATH_FAULT_HEADER);
	return 0;
}

static int fault_value(struct nlmsghdr *nlh, const char *w, const char *v)
{
	uint32_t prob;

	if (!strcmp(w, "stage")) {
		if (strlen(v) > 31) {
			complain("\"%s\" is too long for a stage", v);
			return EXIT_REFUSED;
		}
		mnl_attr_put_strz(nlh, PKTPATH_A_FAULT_STAGE, v);
		return 0;
	}
	if (!strcmp(w, "prob")) {
		if (fault_prob(v, &prob))
			return EXIT_REFUSED;
		mnl_attr_put_u32(nlh, PKTPATH_A_FAULT_PROB, prob);
		return 0;
	}
	if (!strcmp(w, "within"))
		return fault_put_time(nlh, v);
	if (!strcmp(w, "every"))
		return fault_u32(nlh, PKTPATH_A_FAULT_EVERY, v, 1, UINT32_MAX,
				 "number");
	if (!strcmp(w, "gap"))
		return fault_u32(nlh, PKTPATH_A_FAULT_GAP, v, 1, 1000,
				 "number of packets");
	return fault_u32(nlh, PKTPATH_A_FAULT_SEED, v, 0, UINT32_MAX, "seed");
}

static bool fault_has_value(const char *w)
{
	static const char *const words[] = {
		"stage", "prob", "every", "seed", "gap", "within",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(w, words[i]))
			return true;
	return false;
}

static int fault_words(struct nlmsghdr *nlh, struct pktpath_journey_conf *c,
		       struct args *a)
{
	bool action = false, stage = false;
	const char *w, *v;
	int r;

	while ((w = arg_next(a))) {
		r = filter_word(c, w, a);
		if (r < 0)
			return EXIT_REFUSED;
		if (r)
			continue;
		if (fault_has_value(w)) {
			v = arg_value(a, w);
			if (!v || fault_value(nlh, w, v))
				return EXIT_REFUSED;
			stage |= !strcmp(w, "stage");
			continue;
		}
		r = fault_action(nlh, w, a);
		if (r < 0)
			complain("\"%s\" is not a word of a fault", w);
		else if (!r && action)
			complain("a fault has one action, \"%s\" is one more",
				 w);
		if (r || action)
			return EXIT_REFUSED;
		action = true;
	}
	if (stage && action)
		return 0;
	complain("a fault needs a stage and an action");
	return EXIT_REFUSED;
}

static int fault_added(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	(void)arg;
	js_object(NULL);
	js_u64("id", get_u32(tb, PKTPATH_A_FAULT_ID, 0));
	js_object_end();
	return 0;
}

static int fault_add(struct args *a)
{
	struct pktpath_journey_conf c = { .version = PKTPATH_JOURNEY_VERSION };
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	int ret;

	nlh = nl_start(buf, PKTPATH_CMD_FAULT_ADD, 0);
	ret = fault_words(nlh, &c, a);
	if (ret)
		return ret;
	mnl_attr_put(nlh, PKTPATH_A_FAULT_FILTER, PKTPATH_JOURNEY_CONF_FLOW,
		     &c);
	js_array(NULL);
	ret = nl_talk(nlh, fault_added, NULL);
	js_array_end();
	js_finish();
	return ret;
}

/* ---- del ---- */

static int fault_del(struct args *a)
{
	const char *v = arg_next(a);
	struct nlmsghdr *nlh;
	char buf[NL_BUF];

	if (!v) {
		complain("del needs the number of a fault, or \"all\"");
		return EXIT_REFUSED;
	}
	if (arg_peek(a)) {
		complain("del takes one fault, \"%s\" is one more",
			 arg_peek(a));
		return EXIT_REFUSED;
	}
	nlh = nl_start(buf, PKTPATH_CMD_FAULT_DEL, 0);
	if (!strcmp(v, "all"))
		mnl_attr_put(nlh, PKTPATH_A_FAULT_ALL, 0, NULL);
	else if (fault_u32(nlh, PKTPATH_A_FAULT_ID, v, 1, UINT32_MAX,
			   "number of a fault"))
		return EXIT_REFUSED;
	return nl_talk(nlh, NULL, NULL);
}

/* ---- show ---- */

static void show_filter(const struct nlattr **tb)
{
	const struct nlattr *attr = tb[PKTPATH_A_FAULT_FILTER];
	struct pktpath_journey_conf c = {};
	const char *text;

	if (!attr ||
	    mnl_attr_get_payload_len(attr) != PKTPATH_JOURNEY_CONF_FLOW)
		return;
	memcpy(&c, mnl_attr_get_payload(attr), PKTPATH_JOURNEY_CONF_FLOW);
	text = filter_text(&c);
	if (*text)
		js_str("filter", text + 1);
	if (!opts.json)
		fputs(text, stdout);
}

static void show_number(const struct nlattr **tb, int attr, const char *key,
			const char *text, const char *unit)
{
	if (!tb[attr])
		return;
	js_u64(key, get_u32(tb, attr, 0));
	if (!opts.json)
		printf(" %s%" PRIu32 "%s", text, get_u32(tb, attr, 0), unit);
}

static void show_action(const struct nlattr **tb)
{
	uint8_t action = get_u8(tb, PKTPATH_A_FAULT_ACTION, FAULT_ACTIONS);
	const char *where;

	if (action >= FAULT_ACTIONS)
		return;
	js_str("action", fault_actions[action]);
	if (!opts.json)
		printf(" %s", fault_actions[action]);
	show_number(tb, PKTPATH_A_FAULT_GAP, "gap", "gap ", "");
	show_number(tb, PKTPATH_A_FAULT_DELAY, "delay_us",
		    action == PKTPATH_FAULT_REORDER ? "within " : "", "us");
	if (action != PKTPATH_FAULT_CORRUPT)
		return;
	where = get_u8(tb, PKTPATH_A_FAULT_WHERE, PKTPATH_FAULT_PAYLOAD) ?
		"header" : "payload";
	js_str("where", where);
	if (!opts.json)
		printf(" %s", where);
}

/* Millionths as a share, without zeros at its end. */
static void show_prob(const struct nlattr **tb)
{
	uint32_t prob = get_u32(tb, PKTPATH_A_FAULT_PROB, FAULT_SURE);
	char text[16];
	int n;

	if (prob >= FAULT_SURE)
		return;
	js_u64("prob_ppm", prob);
	n = sprintf(text, "0.%06" PRIu32, prob);
	while (text[n - 1] == '0')
		text[--n] = '\0';
	if (!opts.json)
		printf(" prob %s", text);
}

static int fault_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	const struct nlattr *stage = tb[PKTPATH_A_FAULT_STAGE];
	uint32_t id = get_u32(tb, PKTPATH_A_FAULT_ID, 0);
	bool *stats = arg;

	(void)cmd;
	if (!stage || mnl_attr_validate(stage, MNL_TYPE_NUL_STRING) < 0)
		return 0;
	js_object(NULL);
	js_u64("id", id);
	js_str("stage", mnl_attr_get_str(stage));
	if (!opts.json)
		printf("%" PRIu32 ": stage %s", id, mnl_attr_get_str(stage));
	show_filter(tb);
	show_action(tb);
	show_prob(tb);
	show_number(tb, PKTPATH_A_FAULT_EVERY, "every", "every ", "");
	show_number(tb, PKTPATH_A_FAULT_SEED, "seed", "seed ", "");
	js_u64("seen", get_u64(tb, PKTPATH_A_FAULT_SEEN));
	js_u64("hits", get_u64(tb, PKTPATH_A_FAULT_HITS));
	js_object_end();
	if (!opts.json && *stats)
		printf("\n    seen %" PRIu64 " hits %" PRIu64,
		       get_u64(tb, PKTPATH_A_FAULT_SEEN),
		       get_u64(tb, PKTPATH_A_FAULT_HITS));
	if (!opts.json)
		putchar('\n');
	return 0;
}

static int fault_show(struct args *a)
{
	bool stats = false;
	struct nlmsghdr *nlh;
	const char *w;
	char buf[NL_BUF];
	int ret;

	while ((w = arg_next(a))) {
		if (!strcmp(w, "-s") || !strcmp(w, "--stats"))
			stats = true;
		else if (!strcmp(w, "-j"))
			opts.json = true;
		else
			return fault_unknown(w);
	}
	nlh = nl_start(buf, PKTPATH_CMD_FAULT_GET, NLM_F_DUMP);
	js_array(NULL);
	ret = nl_talk(nlh, fault_show_one, &stats);
	js_array_end();
	js_finish();
	return ret;
}

int cmd_fault(struct args *a)
{
	const char *verb = arg_peek(a);

	if (!verb || *verb == '-')
		return fault_show(a);
	arg_next(a);
	if (word_is(verb, "show") || word_is(verb, "list"))
		return fault_show(a);
	if (word_is(verb, "add"))
		return fault_add(a);
	if (word_is(verb, "delete"))
		return fault_del(a);
	return strcmp(verb, "help") ? fault_unknown(verb) : usage(fault_usage);
}
