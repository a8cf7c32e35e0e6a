// SPDX-License-Identifier: GPL-2.0
/* pktpath sock: sockets of the stack in the look of ss, and their end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "pktpath.h"

static const char sock_usage[] =
	"Usage: pktpath sock [ -t | -u | -w | -c ] [ -l | -a ] [ -i ] [ -m ]\n"
	"           [ -p ] [ -e ] [ -o ] [ FILTER ]\n"
	"       pktpath sock kill FILTER | all\n"
	"FILTER := [ udp | tcp | raw | icmp ] [ src A[/LEN] ] [ sport N ]\n"
	"          [ dst A[/LEN] ] [ dport N ] [ dev IF ] [ uid N ]\n"
	"          [ cookie N ] [ mark N ]\n";

struct sock_words {
	uint8_t proto;
	bool listening, all, info, mem, procs, ext, timer;
};

static const char *const states[] = {
	"UNKNOWN", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1",
	"FIN-WAIT-2", "TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK",
	"LISTEN", "CLOSING", "NEW-SYN-RECV",
};

static const char *proto_name(uint8_t proto, uint8_t type)
{
	static char other[8];

	if (type == SOCK_RAW)
		return "raw";
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	default:
		/* a transport of another module */
		snprintf(other, sizeof(other), "p%u", proto);
		return other;
	}
}

static void show_end(const char *key, const char *addr, uint16_t port,
		     const char *dev)
{
	char text[64], num[8];

	snprintf(num, sizeof(num), port ? "%u" : "*", port);
	snprintf(text, sizeof(text), "%s%s%s:%s", addr ? addr : "0.0.0.0",
		 dev ? "%" : "", dev ? dev : "", num);
	if (opts.json) {
		js_object(key);
		js_str("addr", addr ? addr : "0.0.0.0");
		js_u64("port", port);
		js_object_end();
		return;
	}
	printf(" %22s", text);
}

static void show_proc(int pid, int fd, char *comm, void *arg)
{
	bool *first = arg;

	if (opts.json) {
		js_object(NULL);
		js_str("name", comm);
		js_u64("pid", pid);
		js_u64("fd", fd);
		js_object_end();
		return;
	}
	printf("%s(\"%s\",pid=%d,fd=%d)", *first ? " users:(" : ",",
	       printable(comm), pid, fd);
	*first = false;
}

static void show_procs(uint64_t inode)
{
	bool first = true;

	js_array("users");
	procs_of_inode(inode, show_proc, &first);
	js_array_end();
	if (!opts.json && !first)
		putchar(')');
}

static void show_mem(const struct nlattr *a)
{
	static const char *const keys[] = { "r", "rb", "t", "tb", "f", "w",
					    "o", "bl", "d" };
	const uint32_t *v;
	size_t i;

	if (!a || mnl_attr_get_payload_len(a) < sizeof(keys) /
	    sizeof(keys[0]) * 4)
		return;
	v = mnl_attr_get_payload(a);
	js_object("skmem");
	if (!opts.json)
		fputs("\n\t skmem:(", stdout);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		js_u64(keys[i], v[i]);
		if (!opts.json)
			printf("%s%s%u", i ? "," : "", keys[i], v[i]);
	}
	js_object_end();
	if (!opts.json)
		putchar(')');
}

static void show_ext(const struct nlattr **tb)
{
	uint32_t mark = get_u32(tb, PKTPATH_A_SOCK_MARK, 0);
	uint32_t uid = get_u32(tb, PKTPATH_A_SOCK_UID, 0);
	uint64_t ino = get_u64(tb, PKTPATH_A_SOCK_INODE);
	uint64_t cookie = get_u64(tb, PKTPATH_A_SOCK_COOKIE);

	js_u64("uid", uid);
	js_u64("ino", ino);
	js_u64("cookie", cookie);
	if (mark)
		js_u64("fwmark", mark);
	if (opts.json)
		return;
	if (uid)
		printf(" uid:%u", uid);
	printf(" ino:%" PRIu64 " sk:%" PRIx64, ino, cookie);
	if (mark)
		printf(" fwmark:0x%x", mark);
}

static int sock_show_one(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint8_t proto = get_u8(tb, PKTPATH_A_SOCK_PROTOCOL, 0);
	uint8_t state = get_u8(tb, PKTPATH_A_SOCK_STATE, 0);
	uint8_t type = get_u8(tb, PKTPATH_A_SOCK_TYPE, 0);
	uint32_t oif = get_u32(tb, PKTPATH_A_SOCK_IFINDEX, 0);
	const struct sock_words *w = arg;
	const char *st;

	(void)cmd;
	st = states[state < sizeof(states) / sizeof(states[0]) ? state : 0];
	js_object(NULL);
	js_str("netid", proto_name(proto, type));
	js_str("state", st);
	js_u64("recv-q", get_u32(tb, PKTPATH_A_SOCK_RQUEUE, 0));
	js_u64("send-q", get_u32(tb, PKTPATH_A_SOCK_WQUEUE, 0));
	if (!opts.json)
		printf("%-5s %-10s %-6u %-6u", proto_name(proto, type), st,
		       get_u32(tb, PKTPATH_A_SOCK_RQUEUE, 0),
		       get_u32(tb, PKTPATH_A_SOCK_WQUEUE, 0));
	show_end("local", get_addr(tb, PKTPATH_A_SOCK_SRC),
		 get_port(tb, PKTPATH_A_SOCK_SPORT), oif ? dev_text(oif) :
		 NULL);
	if (oif)
		js_str("dev", dev_text(oif));
	show_end("peer", get_addr(tb, PKTPATH_A_SOCK_DST),
		 get_port(tb, PKTPATH_A_SOCK_DPORT), NULL);
	if (w->timer || opts.json)
		show_timer(tb);
	if (w->procs)
		show_procs(get_u64(tb, PKTPATH_A_SOCK_INODE));
	if (w->ext || opts.json)
		show_ext(tb);
	js_u64("drops", get_u32(tb, PKTPATH_A_SOCK_DROPS, 0));
	if (w->info && !opts.json && proto != IPPROTO_TCP)
		printf(" drops:%u", get_u32(tb, PKTPATH_A_SOCK_DROPS, 0));
	if (w->mem || opts.json)
		show_mem(tb[PKTPATH_A_SOCK_MEMINFO]);
	show_tcp_info(tb);
	js_object_end();
	if (!opts.json)
		putchar('\n');
	return 0;
}

static int put_end(struct nlmsghdr *nlh, const char *v, bool src)
{
	struct in_addr addr;
	uint8_t plen;

	if (parse_prefix(v, &addr, &plen, false))
		return EXIT_USAGE;
	put_addr(nlh, src ? PKTPATH_A_SOCK_SRC : PKTPATH_A_SOCK_DST, addr);
	mnl_attr_put_u8(nlh, src ? PKTPATH_A_SOCK_SRC_PREFIXLEN :
				   PKTPATH_A_SOCK_DST_PREFIXLEN, plen);
	return 0;
}

static int filter_value(struct nlmsghdr *nlh, const char *w, const char *v)
{
	static const struct {
		const char *word;
		uint16_t type;
		uint32_t max;
	} nums[] = {
		{ "sport", PKTPATH_A_SOCK_SPORT, 65535 },
		{ "dport", PKTPATH_A_SOCK_DPORT, 65535 },
		{ "uid", PKTPATH_A_SOCK_UID, UINT32_MAX },
		{ "mark", PKTPATH_A_SOCK_MARK, UINT32_MAX },
	};
	uint32_t n;
	size_t i;

	if (!strcmp(w, "src") || !strcmp(w, "dst"))
		return put_end(nlh, v, *w == 's');
	if (!strcmp(w, "dev")) {
		n = if_nametoindex(v);
		if (!n) {
			complain("there is no device \"%s\"", v);
			return EXIT_REFUSED;
		}
		mnl_attr_put_u32(nlh, PKTPATH_A_SOCK_IFINDEX, n);
		return 0;
	}
	if (!strcmp(w, "cookie")) {
		uint64_t c;

		if (parse_cookie(v, &c))
			return EXIT_USAGE;
		mnl_attr_put_u64(nlh, PKTPATH_A_SOCK_COOKIE, c);
		return 0;
	}
	for (i = 0; i < sizeof(nums) / sizeof(nums[0]); i++) {
		if (strcmp(w, nums[i].word))
			continue;
		if (parse_u32(v, 0, nums[i].max, &n, w))
			return EXIT_USAGE;
		if (nums[i].max == 65535)
			mnl_attr_put_u16(nlh, nums[i].type, htons(n));
		else
			mnl_attr_put_u32(nlh, nums[i].type, n);
		return 0;
	}
	complain("\"%s\" is not a word of a filter", w);
	return usage(sock_usage);
}

static uint8_t proto_of(const char *w)
{
	if (!strcmp(w, "tcp") || !strcmp(w, "-t") || !strcmp(w, "--tcp"))
		return IPPROTO_TCP;
	if (!strcmp(w, "udp") || !strcmp(w, "-u") || !strcmp(w, "--udp"))
		return IPPROTO_UDP;
	if (!strcmp(w, "icmp") || !strcmp(w, "-c"))
		return IPPROTO_ICMP;
	if (!strcmp(w, "raw") || !strcmp(w, "-w") || !strcmp(w, "--raw"))
		return IPPROTO_RAW;
	return 0;
}

/* Bundled short options, as ss takes them (-uap). */
static int sock_flags(struct sock_words *s, const char *w)
{
	for (w++; *w; w++) {
		char one[3] = { '-', *w, '\0' };

		if (proto_of(one))
			s->proto = proto_of(one);
		else if (*w == 'l')
			s->listening = true;
		else if (*w == 'a')
			s->all = true;
		else if (*w == 'i')
			s->info = true;
		else if (*w == 'm')
			s->mem = true;
		else if (*w == 'p')
			s->procs = true;
		else if (*w == 'e')
			s->ext = true;
		else if (*w == 'o')
			s->timer = true;
		else if (*w != 'n')
			return usage(sock_usage);
	}
	return 0;
}

/* The last of two would count, and other sockets than were meant. */
static int filter_once(const struct nlmsghdr *nlh)
{
	const struct nlattr *a;
	uint64_t seen = 0, bit;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		bit = 1ULL << mnl_attr_get_type(a) % 64;
		if (seen & bit) {
			complain("a word of the filter stands there twice");
			return EXIT_USAGE;
		}
		seen |= bit;
	}
	return 0;
}

static int sock_filter(struct args *a, struct nlmsghdr *nlh,
		       struct sock_words *s, bool *any)
{
	const char *w, *v;
	bool addr = false;
	int ret;

	while ((w = arg_next(a))) {
		if ((*w != '-' || w[1] == '-') && proto_of(w)) {
			if (s->proto && s->proto != proto_of(w)) {
				complain("one protocol at a time");
				return EXIT_USAGE;
			}
			s->proto = proto_of(w);
			continue;
		}
		if (*w == '-' && w[1] && w[1] != '-') {
			ret = sock_flags(s, w);
			if (ret)
				return ret;
			continue;
		}
		v = arg_value(a, w);
		if (!v)
			return EXIT_USAGE;
		ret = filter_value(nlh, w, v);
		if (ret)
			return ret;
		if (!strcmp(w, "src") || !strcmp(w, "dst"))
			addr = true;
		*any = true;
	}
	if (s->proto) {
		mnl_attr_put_u8(nlh, PKTPATH_A_SOCK_PROTOCOL, s->proto);
		*any = true;
	}
	if (addr)
		mnl_attr_put_u8(nlh, PKTPATH_A_SOCK_FAMILY, AF_INET);
	return filter_once(nlh);
}

static int kill_answer(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	*(uint32_t *)arg = get_u32(tb, PKTPATH_A_SOCK_COUNT, 0);
	return 0;
}

static int sock_kill(struct args *a)
{
	struct sock_words s = {};
	struct nlmsghdr *nlh;
	uint32_t count = 0;
	char buf[NL_BUF];
	bool any = false;
	int ret;

	nlh = nl_start(buf, PKTPATH_CMD_SOCK_KILL, 0);
	if (arg_peek(a) && !strcmp(arg_peek(a), "all")) {
		arg_next(a);
		mnl_attr_put(nlh, PKTPATH_A_SOCK_ALL, 0, NULL);
		any = true;
	}
	ret = sock_filter(a, nlh, &s, &any);
	if (ret)
		return ret;
	if (s.listening || s.all) {
		complain("kill does not heed -l and -a: all states are ended");
		return EXIT_USAGE;
	}
	if (!any) {
		complain("kill needs a filter, or \"all\"");
		return usage(sock_usage);
	}
	ret = nl_talk(nlh, kill_answer, &count);
	if (ret)
		return ret;
	js_object(NULL);
	js_u64("killed", count);
	js_object_end();
	js_finish();
	if (!opts.json)
		printf("%u socket%s ended\n", count, count == 1 ? "" : "s");
	return 0;
}

int cmd_sock(struct args *a)
{
	struct sock_words s = {};
	struct nlmsghdr *nlh;
	uint32_t mask = 0;
	char buf[NL_BUF];
	bool any = false;
	int ret;

	if (arg_peek(a) && !strcmp(arg_peek(a), "help"))
		return usage(sock_usage);
	if (arg_peek(a) && word_is(arg_peek(a), "kill")) {
		arg_next(a);
		return sock_kill(a);
	}
	if (arg_peek(a) && (word_is(arg_peek(a), "show") ||
			    word_is(arg_peek(a), "list")))
		arg_next(a);
	nlh = nl_start(buf, PKTPATH_CMD_SOCK_GET, NLM_F_DUMP);
	ret = sock_filter(a, nlh, &s, &any);
	if (ret)
		return ret;
	if (s.listening)
		mask = 1u << ST_LISTEN | 1u << ST_CLOSE;
	else if (!s.all)
		mask = ~(1u << ST_LISTEN | 1u << ST_CLOSE |
			 1u << ST_SYN_RECV | 1u << ST_TIME_WAIT);
	if (s.info)
		mnl_attr_put_u32(nlh, PKTPATH_A_SOCK_WANT,
				 PKTPATH_SOCK_WANT_INFO);
	if (mask)
		mnl_attr_put_u32(nlh, PKTPATH_A_SOCK_STATES, mask);
	js_array(NULL);
	if (!opts.json)
		printf("%-5s %-10s %-6s %-6s %22s %22s\n", "Netid", "State",
		       "Recv-Q", "Send-Q", "Local Address:Port",
		       "Peer Address:Port");
	ret = nl_talk(nlh, sock_show_one, &s);
	js_array_end();
	js_finish();
	return ret;
}
