// SPDX-License-Identifier: GPL-2.0
/*
 * pktpath host-link: a veth pair between the kernel's stack and pktpath, so
 * that programs of both talk on one machine. The kernel's side is set up by
 * ip(8), whose objects these are.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pktpath.h"

/* Of the block for tests between devices, RFC 2544: on no one's network. */
#define LINK_NET "198.18.18.0"
#define LINK_HOST "pphost"
#define LINK_OWN "pplink"
#define LINK_ADDRS 64

static const char link_usage[] =
	"Usage: pktpath host-link [ add [ net A.B.C.D ] | del | show ]\n"
	"Joins the kernel's stack, " LINK_HOST ", and pktpath, " LINK_OWN
	", by a pair of devices:\n"
	"the network's first address is the kernel's, its second pktpath's.\n"
	"Each side gets a route to the other addresses of the other one.\n";

struct link {
	struct in_addr host, own;
	struct in_addr far[LINK_ADDRS];	/* pktpath's other addresses */
	size_t n;
};

extern char **environ;

#define IP_WORDS 16

/* Runs ip(8) with words of a line; @fmt has at most two %s. */
static int __attribute__((format(printf, 1, 0)))
ip(const char *fmt, const char *a, const char *b)
{
	char line[256], *words[IP_WORDS + 2] = { (char []){ "ip" } }, *save;
	int n = 1, status;
	pid_t pid;
	char *w;

	/* a parent that has it ignored would leave no status to us */
	signal(SIGCHLD, SIG_DFL);
	snprintf(line, sizeof(line), fmt, a, b);
	for (w = strtok_r(line, " ", &save); w && n <= IP_WORDS;
	     w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	errno = posix_spawnp(&pid, "ip", NULL, NULL, words, environ);
	if (errno) {
		complain("cannot run ip(8), of the package iproute2: %s",
			 strerror(errno));
		return EXIT_REFUSED;
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		snprintf(line, sizeof(line), fmt, a, b);
		complain("\"ip %s\" failed", line);
		return EXIT_REFUSED;
	}
	return 0;
}

/* Words of the tool's own, as in a batch. */
static int __attribute__((format(printf, 1, 0)))
own(const char *fmt, const char *a, const char *b)
{
	char line[256];

	snprintf(line, sizeof(line), fmt, a, b);
	return run_line(line);
}

static int link_own_addr(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	uint32_t ifindex = get_u32(tb, PKTPATH_A_ADDR_IFINDEX, 0);
	const char *local = get_addr(tb, PKTPATH_A_ADDR_LOCAL);
	struct link *l = arg;

	(void)cmd;
	if (!local || l->n == LINK_ADDRS || !strncmp(local, "127.", 4) ||
	    ifindex == if_nametoindex(LINK_OWN))
		return 0;
	inet_pton(AF_INET, local, &l->far[l->n++]);
	return 0;
}

/* Each side reaches the other addresses of the other one. */
static int link_routes(struct link *l, const char *host, const char *own_addr)
{
	struct ifaddrs *all, *i;
	const struct sockaddr_in *sin;
	char text[INET_ADDRSTRLEN], buf[NL_BUF];
	int ret;
	size_t k;

	ret = nl_talk(nl_start(buf, PKTPATH_CMD_ADDR_GET, NLM_F_DUMP),
		      link_own_addr, l);
	for (k = 0; !ret && k < l->n; k++) {
		inet_ntop(AF_INET, &l->far[k], text, sizeof(text));
		ret = ip("route replace %s via %s dev " LINK_HOST, text,
			 own_addr);
	}
	if (ret)
		return ret;
	if (getifaddrs(&all)) {
		complain("cannot read the kernel's addresses: %s",
			 strerror(errno));
		return EXIT_REFUSED;
	}
	for (i = all; !ret && i; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET ||
		    i->ifa_flags & IFF_LOOPBACK ||
		    !strcmp(i->ifa_name, LINK_HOST))
			continue;
		sin = (const struct sockaddr_in *)i->ifa_addr;
		inet_ntop(AF_INET, &sin->sin_addr, text, sizeof(text));
		ret = own("route replace %s via %s dev " LINK_OWN, text, host);
	}
	freeifaddrs(all);
	return ret;
}

static int link_make(const char *host, const char *own_addr)
{
	int ret;

	if (if_nametoindex(LINK_OWN)) {
		complain("there is a device " LINK_OWN
			 " that is not host-link's");
		return EXIT_REFUSED;
	}
	ret = ip("link add " LINK_HOST " type veth peer name " LINK_OWN, "",
		 "");
	if (ret)
		return ret;
	ret = ip("link set " LINK_HOST " up", "", "");
	if (!ret)
		ret = ip("link set " LINK_OWN " up", "", "");
	if (!ret)
		ret = ip("addr add %s/30 dev " LINK_HOST, host, "");
	if (!ret)
		ret = own("dev attach " LINK_OWN, "", "");
	if (!ret)
		ret = own("addr add %s/30 dev " LINK_OWN, own_addr, "");
	if (ret)
		ip("link del " LINK_HOST, "", "");
	return ret;
}

static int link_host_addr(struct in_addr *addr)
{
	struct ifaddrs *all, *i;
	int ret = -1;

	if (getifaddrs(&all))
		return -1;
	for (i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET ||
		    strcmp(i->ifa_name, LINK_HOST))
			continue;
		*addr = ((struct sockaddr_in *)i->ifa_addr)->sin_addr;
		ret = 0;
	}
	freeifaddrs(all);
	return ret;
}

static int link_show(const char *host, const char *own_addr)
{
	js_array(NULL);
	js_object(NULL);
	js_str("host_dev", LINK_HOST);
	js_str("host", host);
	js_str("ifname", LINK_OWN);
	js_str("local", own_addr);
	js_object_end();
	js_array_end();
	js_finish();
	if (!opts.json)
		printf("kernel %s dev " LINK_HOST " -- pktpath %s dev " LINK_OWN
		       "\n", host, own_addr);
	return 0;
}

int cmd_host_link(struct args *a)
{
	const char *verb = arg_next(a), *net = LINK_NET, *w;
	char host[INET_ADDRSTRLEN], own_addr[INET_ADDRSTRLEN];
	bool there = if_nametoindex(LINK_HOST);
	struct link l = {};
	int ret;

	while ((w = arg_next(a))) {
		if (strcmp(w, "net") || !verb || !word_is(verb, "add"))
			return usage(link_usage);
		net = arg_value(a, w);
		if (!net)
			return EXIT_USAGE;
	}
	if (verb && (word_is(verb, "del") || word_is(verb, "delete"))) {
		if (there)
			return ip("link del " LINK_HOST, "", "");
		complain("there is no host-link");
		return EXIT_REFUSED;
	}
	if (verb && !word_is(verb, "add") && !word_is(verb, "show"))
		return usage(link_usage);
	if (parse_addr(net, &l.host))
		return EXIT_USAGE;
	l.host.s_addr = htonl((ntohl(l.host.s_addr) & ~3u) + 1);
	if (there && link_host_addr(&l.host)) {
		complain("the device " LINK_HOST
			 " is not host-link's: it has no address");
		return EXIT_REFUSED;
	}
	l.own.s_addr = htonl(ntohl(l.host.s_addr) + 1);
	inet_ntop(AF_INET, &l.host, host, sizeof(host));
	inet_ntop(AF_INET, &l.own, own_addr, sizeof(own_addr));
	if (!verb || word_is(verb, "show")) {
		if (there)
			return link_show(host, own_addr);
		complain("there is no host-link");
		return EXIT_REFUSED;
	}
	ret = there ? 0 : link_make(host, own_addr);
	if (!ret)
		ret = link_routes(&l, host, own_addr);
	return ret ? ret : link_show(host, own_addr);
}
