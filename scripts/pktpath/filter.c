// SPDX-License-Identifier: GPL-2.0
/* Filters of flows in words, for what chooses packets in the module. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "pktpath.h"

static const struct {
	const char *word;
	__u8 proto;
} filter_protos[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
};

#define FILTER_PROTOS (sizeof(filter_protos) / sizeof(filter_protos[0]))

static int filter_port(const char *s, __be16 *port)
{
	uint32_t v;

	if (parse_u32(s, 1, 65535, &v, "port"))
		return -1;
	*port = htons(v);
	return 1;
}

static int filter_net(const char *s, __be32 *addr, __u8 *len)
{
	struct in_addr in;
	uint8_t plen;

	if (parse_prefix(s, &in, &plen, false))
		return -1;
	*addr = in.s_addr;
	*len = plen;
	return 1;
}

static int filter_value(struct pktpath_journey_conf *c, const char *w,
			const char *v)
{
	if (!strcmp(w, "host"))
		return filter_net(v, &c->host, &c->host_len);
	if (!strcmp(w, "src"))
		return filter_net(v, &c->saddr, &c->saddr_len);
	if (!strcmp(w, "dst"))
		return filter_net(v, &c->daddr, &c->daddr_len);
	if (!strcmp(w, "port"))
		return filter_port(v, &c->port);
	if (!strcmp(w, "sport"))
		return filter_port(v, &c->sport);
	return filter_port(v, &c->dport);
}

int filter_word(struct pktpath_journey_conf *c, const char *w, struct args *a)
{
	static const char *const words[] = {
		"host", "src", "dst", "port", "sport", "dport",
	};
	const char *v;
	size_t i;

	for (i = 0; i < FILTER_PROTOS; i++) {
		if (strcmp(w, filter_protos[i].word))
			continue;
		c->proto = filter_protos[i].proto;
		return 1;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(w, words[i]))
			continue;
		v = arg_value(a, w);
		return v ? filter_value(c, w, v) : -1;
	}
	return 0;
}

struct filter_out {
	char text[256];
	int n;
};

static void filter_put_net(struct filter_out *o, const char *word,
			   __be32 addr, __u8 len)
{
	char buf[INET_ADDRSTRLEN];

	if (!len)
		return;
	inet_ntop(AF_INET, &addr, buf, sizeof(buf));
	o->n += sprintf(o->text + o->n, " %s %s", word, buf);
	if (len != 32)
		o->n += sprintf(o->text + o->n, "/%u", len);
}

static void filter_put_port(struct filter_out *o, const char *word,
			    __be16 port)
{
	if (port)
		o->n += sprintf(o->text + o->n, " %s %u", word, ntohs(port));
}

const char *filter_text(const struct pktpath_journey_conf *c)
{
	static struct filter_out o;
	size_t i;

	o.n = 0;
	o.text[0] = '\0';
	for (i = 0; i < FILTER_PROTOS; i++)
		if (c->proto == filter_protos[i].proto)
			o.n += sprintf(o.text, " %s", filter_protos[i].word);
	if (c->proto && !o.n)
		o.n += sprintf(o.text, " proto %u", c->proto);
	filter_put_net(&o, "host", c->host, c->host_len);
	filter_put_net(&o, "src", c->saddr, c->saddr_len);
	filter_put_net(&o, "dst", c->daddr, c->daddr_len);
	filter_put_port(&o, "port", c->port);
	filter_put_port(&o, "sport", c->sport);
	filter_put_port(&o, "dport", c->dport);
	return o.text;
}
