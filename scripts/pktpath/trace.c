// SPDX-License-Identifier: GPL-2.0
/* pktpath trace: packets' ways, stage by stage. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include "compare.h"
#include "trace.h"

static const char trace_usage[] =
	"Usage: pktpath trace [ OPTIONS ] [ FILTER ]\n"
	"OPTIONS := --count N | --for SECONDS | --hist | --top | --drops |\n"
	"           --record FILE | --read FILE | --perfetto FILE | --html FILE |\n"
	"           --pcapng FILE | --svg FILE | --follow | --ring N |\n"
	"           --by { flow | pid | sock | cgroup }\n"
	"FILTER := [ tcp | udp | icmp ] [ host A[/LEN] ] [ src A[/LEN] ]\n"
	"          [ dst A[/LEN] ] [ port N ] [ sport N ] [ dport N ]\n"
	"          [ dev IF ] [ sock COOKIE ] [ pid N ] [ cgroup { PATH | N } ]\n"
	"          [ sample N ]\n"
	"       pktpath trace [ OPTIONS ] [ FILTER ] -- CMD [ ARG... ]\n"
	"       pktpath trace --compare inet [ udp | tcp ] [ --size BYTES ]\n"
	"          [ --count MESSAGES ] [ --rounds N ]\n"
	"          [ dst A [ dport N ] [ dev IF ] ] [ -- CMD [ ARG... ] ]\n"
	"One journey, or each with -d, is shown as a timeline. With a command, what is\n"
	"there until it ends: it runs as by \"pktpath run\".\n";

struct trace {
	struct pktpath_journey_conf conf;
	uint32_t count, seconds;
	enum trace_key by;
	bool hist, top, drops, follow;
	const char *record, *read, *perfetto, *html, *pcapng, *svg, *dev;
	struct compare_opts compare;	/* and what is behind "--" */

	struct trace_names names;
	struct trace_sum *sum;
	struct trace_by *keys;
	struct trace_html *page;
	FILE *record_to, *perfetto_to, *html_to, *pcapng_to, *svg_to;
	uint64_t epoch;		/* of the journeys' clock, ns */
	struct pktpath_journey_rec of;	/* the connection to follow */
	struct pktpath_journey_rec first;
	char title[96];
	uint64_t since;
	uint32_t shown;
};

static sig_atomic_t trace_stop;

static void on_signal(int sig)
{
	(void)sig;
	__atomic_store_n(&trace_stop, 1, __ATOMIC_RELAXED);
}

/* ---- Words ---- */

/* A name, or a number as a recording of another machine has it. */
static int parse_dev(const char *s, uint32_t *ifindex)
{
	char *end;

	*ifindex = if_nametoindex(s);
	if (*ifindex)
		return 0;
	*ifindex = strtoul(s, &end, 10);
	if (*s >= '0' && *s <= '9' && !*end && *ifindex)
		return 0;
	complain("there is no device \"%s\"", s);
	return EXIT_USAGE;
}

/* A directory of the hierarchy, or its number, which is that of its inode. */
static int parse_cgroup(const char *s, __u64 *cgroup)
{
	struct stat st;
	char *end;

	errno = 0;
	*cgroup = strtoull(s, &end, 10);
	if (*s >= '0' && *s <= '9' && !*end && !errno && *cgroup)
		return 0;
	if (*s == '/' && !stat(s, &st) && S_ISDIR(st.st_mode)) {
		*cgroup = st.st_ino;
		return 0;
	}
	complain("\"%s\" is no cgroup: a directory in /sys/fs/cgroup, or its number",
		 s);
	return EXIT_USAGE;
}

static int trace_cookie(const char *s, __u64 *cookie)
{
	uint64_t v;

	if (parse_cookie(s, &v))
		return EXIT_USAGE;
	*cookie = v;
	return 0;
}

static int compare_value(struct compare_opts *c, const char *w, const char *v)
{
	if (!strcmp(w, "--rounds"))
		return parse_u32(v, 2, COMPARE_ROUNDS, &c->rounds,
				 "number of rounds");
	if (!strcmp(w, "--size"))
		return parse_u32(v, 1, 65000, &c->size, "number of bytes");
	c->on = !strcmp(v, "inet");
	if (c->on)
		return 0;
	complain("it can be compared with \"inet\", not with \"%s\"", v);
	return EXIT_USAGE;
}

/* One of trace_has_value(). */
static int trace_value(struct trace *t, const char *w, const char *v)
{
	struct pktpath_journey_conf *c = &t->conf;

	if (!strcmp(w, "dev")) {
		t->dev = v;
		return parse_dev(v, &c->ifindex);
	}
	if (!strcmp(w, "sock"))
		return trace_cookie(v, &c->cookie);
	if (!strcmp(w, "pid"))
		return parse_u32(v, 1, INT32_MAX, &c->pid, "process");
	if (!strcmp(w, "cgroup"))
		return parse_cgroup(v, &c->cgroup);
	if (!strcmp(w, "--by"))
		return by_parse(v, &t->by);
	if (!strcmp(w, "sample"))
		return parse_u32(v, 1, UINT32_MAX, &c->sample, "number");
	if (!strcmp(w, "--ring"))
		return parse_u32(v, PKTPATH_JOURNEY_RING_MIN,
				 PKTPATH_JOURNEY_RING_MAX, &c->ring,
				 "number of records");
	if (!strcmp(w, "--count"))
		return parse_u32(v, 1, UINT32_MAX, &t->count, "number");
	if (!strcmp(w, "--for"))
		return parse_u32(v, 1, 1000000, &t->seconds, "time in s");
	if (!strcmp(w, "--rounds") || !strcmp(w, "--size") ||
	    !strcmp(w, "--compare"))
		return compare_value(&t->compare, w, v);
	if (!strcmp(w, "--record"))
		t->record = v;
	else if (!strcmp(w, "--read"))
		t->read = v;
	else if (!strcmp(w, "--html"))
		t->html = v;
	else if (!strcmp(w, "--pcapng"))
		t->pcapng = v;
	else if (!strcmp(w, "--svg"))
		t->svg = v;
	else
		t->perfetto = v;
	return 0;
}

/* A word that stands alone. */
static bool trace_alone(struct trace *t, const char *w)
{
	if (!strcmp(w, "--hist"))
		t->hist = true;
	else if (!strcmp(w, "--top"))
		t->top = true;
	else if (!strcmp(w, "--drops"))
		t->drops = true;
	else if (!strcmp(w, "--follow"))
		t->follow = true;
	else
		return false;
	return true;
}

static bool trace_has_value(const char *w)
{
	static const char *const words[] = {
		"dev", "sock", "pid", "cgroup", "sample", "--ring", "--count",
		"--for", "--by",
		"--record", "--read", "--perfetto", "--html", "--pcapng",
		"--svg", "--compare", "--rounds", "--size",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(w, words[i]))
			return true;
	return false;
}

/* The rest is one. */
static int trace_command(struct trace *t, struct args *a)
{
	if (!a->n) {
		complain("there is no command behind \"--\"");
		return EXIT_REFUSED;
	}
	t->compare.argv = calloc(a->n + 1, sizeof(*a->v));
	if (!t->compare.argv)
		return EXIT_REFUSED;
	memcpy(t->compare.argv, a->v, a->n * sizeof(*a->v));
	return 0;
}

static int trace_words(struct trace *t, struct args *a)
{
	const char *w, *v;
	int r;

	while ((w = arg_next(a))) {
		if (!strcmp(w, "help"))
			return usage(trace_usage);
		if (!strcmp(w, "--"))
			return trace_command(t, a);
		r = filter_word(&t->conf, w, a);
		if (r < 0)
			return EXIT_REFUSED;
		if (r || trace_alone(t, w))
			continue;
		if (!trace_has_value(w)) {
			complain("\"%s\" is not a word of trace", w);
			return EXIT_REFUSED;
		}
		v = arg_value(a, w);
		if (!v || trace_value(t, w, v))
			return EXIT_REFUSED;
	}
	return 0;
}

/* ---- Journeys ---- */

static bool flow_in(__be32 addr, __be32 net, unsigned int len)
{
	return !len || !(ntohl(addr ^ net) >> (32 - len));
}

/* What the module has chosen by, but not of what is in a file. */
static bool trace_wants_late(const struct pktpath_journey_conf *c,
			     const struct journey *j)
{
	bool pid = !c->pid, dev = !c->ifindex, sock = !c->cookie;
	bool cgroup = !c->cgroup;
	uint32_t i;

	for (i = 0; i < j->n; i++) {
		if (j->r[i].flags & PKTPATH_JREC_TASK && j->r[i].pid == c->pid)
			pid = true;
		if (j->r[i].ifindex == c->ifindex)
			dev = true;
		if (j->r[i].cookie == c->cookie)
			sock = true;
	}
	for (i = 0; i < j->owners; i++) {
		if (j->owner[i].pid == c->pid)
			pid = true;
		if (j->owner[i].cgroup == c->cgroup)
			cgroup = true;
	}
	return pid && dev && sock && cgroup;
}

/*
 * The kernel records what may fit; what a packet is part of is known when its
 * journey is whole. A file holds all that was recorded.
 */
static bool trace_wants(const struct trace *t, const struct journey *j)
{
	const struct pktpath_journey_rec *f = journey_flow(j);
	const struct pktpath_journey_conf *c = &t->conf;

	if (!j->n || !journey_has_packet(j))
		return false;
	if ((t->read && !trace_wants_late(c, j)) ||
	    (t->drops && !journey_drop(j)))
		return false;
	if (!f)
		return !c->proto && !c->host_len && !c->saddr_len &&
		       !c->daddr_len && !c->port && !c->sport && !c->dport;
	return (!c->proto || c->proto == f->proto) &&
	       flow_in(f->saddr, c->saddr, c->saddr_len) &&
	       flow_in(f->daddr, c->daddr, c->daddr_len) &&
	       (flow_in(f->saddr, c->host, c->host_len) ||
		flow_in(f->daddr, c->host, c->host_len)) &&
	       (!c->sport || c->sport == f->sport) &&
	       (!c->dport || c->dport == f->dport) &&
	       (!c->port || c->port == f->sport || c->port == f->dport);
}

/* In either direction. */
static bool same_connection(const struct pktpath_journey_rec *f,
			    const struct pktpath_journey_rec *o)
{
	return f->proto == o->proto &&
	       ((f->saddr == o->saddr && f->daddr == o->daddr &&
		 f->sport == o->sport && f->dport == o->dport) ||
		(f->saddr == o->daddr && f->daddr == o->saddr &&
		 f->sport == o->dport && f->dport == o->sport));
}

/* Is it of the connection that the first one was of? */
static bool trace_follows(struct trace *t, const struct journey *j)
{
	const struct pktpath_journey_rec *f = journey_flow(j), *o = &t->of;

	if (!f)
		return false;
	if (!o->proto) {
		t->of = *f;
		t->since = j->r[0].time;
		if (!opts.json)
			printf("%s, from now on\n", out_flow(j));
	}
	return same_connection(f, o);
}

/* What a picture is of: a connection, by its first packet, or everything. */
static void trace_title(struct trace *t, const struct journey *j)
{
	const struct pktpath_journey_rec *f = journey_flow(j);

	if (!f)
		return;
	if (!*t->title) {
		t->first = *f;
		snprintf(t->title, sizeof(t->title), "%s", out_flow(j));
	} else if (t->first.proto && !same_connection(f, &t->first)) {
		t->first.proto = 0;
		snprintf(t->title, sizeof(t->title), "all packets");
	}
}

static void trace_journey(const struct journey *j, void *arg)
{
	struct trace *t = arg;

	if ((t->count && t->shown == t->count) || !trace_wants(t, j) ||
	    (t->follow && !trace_follows(t, j)))
		return;
	t->shown++;
	if (t->svg_to)
		trace_title(t, j);
	sum_add(t->sum, j, &t->names);
	if (t->keys)
		by_add(t->keys, j, &t->names);
	if (t->perfetto_to)
		out_perfetto(t->perfetto_to, j, &t->names);
	if (t->page)
		html_add(t->page, j);
	if (t->pcapng_to)
		pcap_journey(t->pcapng_to, j, &t->names, t->epoch);
	if (t->hist || t->top || t->drops || t->perfetto_to || t->record_to ||
	    t->page || t->pcapng_to || t->svg_to)
		return;
	if (opts.json)
		out_json(j, &t->names);
	else if (t->follow)
		out_follow(j, &t->names, &t->of, t->since);
	else if (t->count == 1 || opts.details)
		out_timeline(j, &t->names);
	else
		out_line(j, &t->names);
}

static int trace_loop(struct trace *t, struct trace_src *src,
		      struct trace_join *join)
{
	struct timespec now, end;
	struct pktpath_journey_rec *r;
	bool last = false;
	int n, i;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += t->seconds;
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
		last = __atomic_load_n(&trace_stop, __ATOMIC_RELAXED) ||
		       (t->compare.argv && cmd_ended()) ||
		       (t->count && t->shown == t->count) ||
		       (t->seconds && (now.tv_sec > end.tv_sec ||
				       (now.tv_sec == end.tv_sec &&
					now.tv_nsec >= end.tv_nsec)));
		n = src_take(src, &r, last);
		for (i = 0; i < n; i++)
			join_add(join, r + i);
		if (n > 0 && t->record_to &&
		    fwrite(r, sizeof(*r), n, t->record_to) != (size_t)n) {
			complain("cannot write the recording: %s",
				 strerror(errno));
			return EXIT_REFUSED;
		}
		fflush(stdout);
		/* what came is held back a moment for the sake of order */
		if (!n && !last)
			src_wait(src, src_holds(src) ? 2 : 200);
	} while (!last && n >= 0);
	join_finish(join);
	return src_bad(src) ? EXIT_REFUSED : 0;
}

/* The end: sums, and what is missing from them. */
static void trace_sums(const struct trace *t, const struct trace_join *join)
{
	if (t->keys) {
		by_show(t->keys, t->hist, t->top);
	} else {
		if (t->hist)
			sum_hist(t->sum, NULL, NULL);
		if (t->top)
			sum_top(t->sum, NULL, NULL);
	}
	if (t->drops)
		sum_drops(t->sum);
	/* where both go to one place this is the last line */
	fflush(stdout);
	if (t->count != 1 || join_lost(join))
		fprintf(stderr, "%u journey%s, %" PRIu64 " records lost\n",
			t->shown, t->shown == 1 ? "" : "s", join_lost(join));
}

static FILE *trace_create(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		complain("cannot write \"%s\": %s", path, strerror(errno));
	return f;
}

/* Of CLOCK_MONOTONIC, which is that of this machine since its last start. */
static uint64_t trace_epoch(void)
{
	struct timespec real, mono;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	return (real.tv_sec - mono.tv_sec) * 1000000000ull + real.tv_nsec -
	       mono.tv_nsec;
}

static int trace_open(struct trace *t)
{
	if (t->record) {
		t->record_to = rec_create(t->record, &t->names);
		if (!t->record_to)
			return EXIT_REFUSED;
	}
	if (t->html) {
		t->html_to = trace_create(t->html);
		t->page = html_new();
		if (!t->html_to || !t->page)
			return EXIT_REFUSED;
	}
	if (t->pcapng) {
		t->pcapng_to = trace_create(t->pcapng);
		if (!t->pcapng_to)
			return EXIT_REFUSED;
		pcap_head(t->pcapng_to);
		t->epoch = trace_epoch();
	}
	if (t->svg) {
		t->svg_to = trace_create(t->svg);
		if (!t->svg_to)
			return EXIT_REFUSED;
	}
	if (!t->perfetto)
		return 0;
	t->perfetto_to = trace_create(t->perfetto);
	if (!t->perfetto_to)
		return EXIT_REFUSED;
	out_perfetto_head(t->perfetto_to);
	return 0;
}

static int trace_close(FILE *f, const char *path)
{
	int err;

	if (!f)
		return 0;
	/* what did not get there once is missing, whatever came later */
	err = ferror(f) ? EIO : 0;
	if (fclose(f))
		err = errno;
	if (!err)
		return 0;
	complain("cannot write \"%s\": %s", path, strerror(err));
	return EXIT_REFUSED;
}

/* It records; the rest is waiting and reading. */
static int trace_begin(const struct trace *t)
{
	int nice = getpriority(PRIO_PROCESS, 0);

	if (t->read)
		return 0;
	/* what is not read in time is lost, however busy those are who send */
	setpriority(PRIO_PROCESS, 0, -20);
	fputs("recording; Ctrl-C ends\n", stderr);
	return t->compare.argv ? cmd_start(t->compare.argv, nice) : 0;
}

static int trace_run(struct trace *t)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct trace_join *join = join_new(trace_journey, t);
	struct trace_src *src;
	int ret = EXIT_REFUSED;

	t->sum = sum_new();
	if (t->by)
		t->keys = by_new(t->by);
	if (!join || !t->sum || (t->by && !t->keys)) {
		complain("out of memory");
		return EXIT_REFUSED;
	}
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	src = t->read ? src_file(t->read, &t->names) :
	      src_live(&t->conf, &t->names);
	if (src)
		ret = trace_open(t);
	if (src && !ret)
		ret = trace_begin(t);
	if (src && !ret) {
		ret = trace_loop(t, src, join);
		if (t->compare.argv && cmd_end(t->compare.argv))
			ret = EXIT_REFUSED;
		if (t->perfetto_to)
			out_perfetto_end(t->perfetto_to);
		if (t->page)
			html_write(t->page, t->html_to, t->sum, &t->names,
				   t->shown, join_lost(join));
		if (t->svg_to)
			svg_write(t->svg_to, t->sum, t->title, t->shown,
				  join_lost(join));
		trace_sums(t, join);
	}
	if (trace_close(t->record_to, t->record) ||
	    trace_close(t->perfetto_to, t->perfetto) ||
	    trace_close(t->html_to, t->html) ||
	    trace_close(t->svg_to, t->svg) ||
	    trace_close(t->pcapng_to, t->pcapng))
		ret = EXIT_REFUSED;
	html_free(t->page);
	src_free(src);
	join_free(join);
	sum_free(t->sum);
	by_free(t->keys);
	return ret;
}

/* ---- Comparison ---- */

/* Is there a word that says nothing about messages? */
static bool compare_is_odd(const struct trace *t)
{
	const struct pktpath_journey_conf *c = &t->conf;

	return t->seconds || c->pid || c->cookie || c->cgroup || t->by ||
	       t->hist || t->top ||
	       t->drops || t->follow || t->record || t->read || t->perfetto ||
	       t->html || t->pcapng || t->svg || c->ring || c->sample || c->host_len ||
	       c->saddr_len || c->port || c->sport ||
	       (c->proto && c->proto != IPPROTO_UDP && c->proto != IPPROTO_TCP);
}

static int trace_compare(struct trace *t)
{
	const struct pktpath_journey_conf *c = &t->conf;
	struct compare_opts *o = &t->compare;
	const char *wrong = NULL;

	if (compare_is_odd(t))
		wrong = "--compare goes with udp, tcp, dst, dport, dev, --size, --count, --rounds";
	else if (o->argv && (c->proto || c->daddr_len || c->dport || t->dev ||
			     o->size || t->count))
		wrong = "a command brings its own traffic: it goes with --rounds alone";
	else if (c->daddr_len && c->daddr_len != 32)
		wrong = "\"dst\" is to be one address here";
	else if (!c->daddr_len && (c->dport || t->dev))
		wrong = "\"dport\" and \"dev\" need \"dst\" here";
	else if (c->daddr_len && c->proto == IPPROTO_TCP && !c->dport)
		wrong = "a stream needs \"dport\", where somebody reads it";
	if (wrong) {
		complain("%s", wrong);
		return EXIT_REFUSED;
	}
	o->proto = c->proto ? c->proto : IPPROTO_UDP;
	o->dst.s_addr = c->daddr;
	/* discard, RFC 863 */
	o->dport = c->daddr_len && !c->dport ? 9 : ntohs(c->dport);
	o->dev = t->dev;
	o->size = o->size ? o->size : 64;
	o->count = t->count ? t->count : 500;
	o->rounds = o->rounds ? o->rounds : 10;
	return compare_run(o);
}

int cmd_trace(struct args *a)
{
	struct trace *t = calloc(1, sizeof(*t));
	int ret = EXIT_REFUSED;

	if (!t)
		return ret;
	t->conf.version = PKTPATH_JOURNEY_VERSION;
	ret = trace_words(t, a);
	if (!ret && t->read && t->record) {
		complain("--read and --record exclude each other");
		ret = EXIT_REFUSED;
	}
	if (!ret && t->read && t->compare.argv) {
		complain("--read records no command");
		ret = EXIT_REFUSED;
	}
	t->conf.flags = PKTPATH_JOURNEY_OWNERS;
	/* whose a drop is tells the way that the packet came */
	if (!ret && t->drops && !t->hist && !t->top && !t->conf.cookie &&
	    !t->conf.pid && !t->conf.cgroup && !t->conf.ifindex)
		t->conf.flags |= PKTPATH_JOURNEY_DROPS;
	if (!ret && t->by && !t->hist && !t->top) {
		complain("--by goes with --hist or --top");
		ret = EXIT_REFUSED;
	}
	if (!ret && !t->compare.on && (t->compare.size || t->compare.rounds)) {
		complain("--size and --rounds belong to --compare");
		ret = EXIT_REFUSED;
	}
	if (!ret)
		ret = t->compare.on ? trace_compare(t) : trace_run(t);
	free(t->compare.argv);
	free(t);
	return ret;
}
