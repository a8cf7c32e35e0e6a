// SPDX-License-Identifier: GPL-2.0
/* Generic netlink to the module, with the kernel's own words on errors. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "pktpath.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

static struct mnl_socket *nl_sock;
static uint16_t nl_family;
static uint32_t nl_seq;
static int nl_err;

struct nl_walk {
	nl_cb cb;
	void *arg;
};

static nl_catch_fn nl_catcher;
static void *nl_catch_arg;

void nl_catch(nl_catch_fn fn, void *arg)
{
	nl_catcher = fn;
	nl_catch_arg = arg;
}

int nl_errno(void)
{
	return nl_err;
}

static int nl_attr_cb(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(attr) < NL_ATTR_MAX)
		tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static int nl_msg_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NL_ATTR_MAX] = {};
	struct nl_walk *w = data;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*g))
		return MNL_CB_ERROR;
	mnl_attr_parse(nlh, sizeof(*g), nl_attr_cb, tb);
	if (w->cb && w->cb(g->cmd, tb, w->arg))
		return MNL_CB_ERROR;
	return MNL_CB_OK;
}

/* Text of the extended acknowledgment behind an error message, or NULL. */
static const char *nl_extack(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NL_ATTR_MAX] = {};
	size_t off = sizeof(*err);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		off += err->msg.nlmsg_len - NLMSG_HDRLEN;
	if (off > mnl_nlmsg_get_payload_len(nlh))
		return NULL;
	mnl_attr_parse(nlh, off, nl_attr_cb, tb);
	if (!tb[NLMSGERR_ATTR_MSG] ||
	    mnl_attr_validate(tb[NLMSGERR_ATTR_MSG], MNL_TYPE_NUL_STRING) < 0)
		return NULL;
	return mnl_attr_get_str(tb[NLMSGERR_ATTR_MSG]);
}

static int nl_refused(int err, const char *text)
{
	nl_err = err;
	if (text)
		complain("%s", text);
	else if (err == EPERM)
		complain("not permitted: CAP_NET_ADMIN is needed in this netns");
	else
		complain("%s", strerror(err));
	return EXIT_REFUSED;
}

/* The parts of a dump, until all of it is there. */
struct nl_parts {
	char *v;
	size_t n, room;
	bool torn;	/* what they tell of has changed meanwhile */
};

static int nl_keep(struct nl_parts *p, const struct nlmsghdr *nlh)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len), room;
	char *v;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		p->torn = true;
	if (p->torn)
		return 0;
	if (p->n + len > p->room) {
		room = p->room ? 2 * p->room : 65536;
		while (p->n + len > room)
			room *= 2;
		v = room > INT_MAX ? NULL : realloc(p->v, room);
		if (!v)
			return -1;
		p->v = v;
		p->room = room;
	}
	memset(p->v + p->n, 0, len);
	memcpy(p->v + p->n, nlh, nlh->nlmsg_len);
	p->n += len;
	return 0;
}

/* A part of a dump: 1 it goes on, 0 it ends here, -1 errno, also when it ends
 * with the reason for which it was refused.
 */
static int nl_gather(const char *buf, int n, uint32_t seq, struct nl_parts *p)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)buf;

	for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
		if (h->nlmsg_seq != seq)
			continue;
		if (nl_keep(p, h)) {
			errno = ENOMEM;
			return -1;
		}
		if (h->nlmsg_type == NLMSG_DONE &&
		    mnl_nlmsg_get_payload_len(h) >= sizeof(int) &&
		    *(const int *)mnl_nlmsg_get_payload(h) < 0) {
			errno = -*(const int *)mnl_nlmsg_get_payload(h);
			return -1;
		}
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return 0;
	}
	return 1;
}

/* Sends, and reads all that is the answer; of a dump it goes to @p. */
static int nl_once(struct nlmsghdr *nlh, struct nl_walk *w, struct nl_parts *p)
{
	unsigned int port = mnl_socket_get_portid(nl_sock);
	static char buf[65536];
	const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	ssize_t n;
	int ret;

	if (mnl_socket_sendto(nl_sock, nlh, nlh->nlmsg_len) < 0)
		return nl_refused(errno, NULL);
	do {
		n = mnl_socket_recvfrom(nl_sock, buf, sizeof(buf));
		if (n < 0)
			return nl_refused(errno, NULL);
		if (mnl_nlmsg_ok(h, n) && h->nlmsg_type == NLMSG_ERROR &&
		    h->nlmsg_seq == nlh->nlmsg_seq && e->error)
			return nl_refused(-e->error, nl_extack(h));
		ret = p ? nl_gather(buf, n, nlh->nlmsg_seq, p) :
			  mnl_cb_run(buf, n, nlh->nlmsg_seq, port, nl_msg_cb,
				     w);
	} while (ret > 0);
	return ret < 0 ? nl_refused(errno, NULL) : 0;
}

#define NL_ROUNDS 3

/* What is shown is what was there at one time: half a list is not. */
static int nl_dump(struct nlmsghdr *nlh, struct nl_walk *w)
{
	struct nl_parts p = {};
	int round, ret = 0;

	for (round = 0; round < NL_ROUNDS; round++) {
		if (round)
			nlh->nlmsg_seq = ++nl_seq;
		p.n = 0;
		p.torn = false;
		ret = nl_once(nlh, w, &p);
		if (ret || !p.torn)
			break;
	}
	if (!ret && p.torn)
		ret = nl_refused(EAGAIN,
				 "it changed while it was read; try again");
	else if (!ret && mnl_cb_run(p.v, p.n, nlh->nlmsg_seq,
				    mnl_socket_get_portid(nl_sock), nl_msg_cb,
				    w) < 0)
		ret = nl_refused(errno, NULL);
	free(p.v);
	return ret;
}

int nl_talk(struct nlmsghdr *nlh, nl_cb cb, void *arg)
{
	struct nl_walk w = { .cb = cb, .arg = arg };

	if (nl_catcher)
		return nl_catcher(nlh, nl_catch_arg);
	nl_err = 0;
	return (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP ?
	       nl_dump(nlh, &w) : nl_once(nlh, &w, NULL);
}

struct nlmsghdr *nl_start(char *buf, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = nl_family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++nl_seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = PKTPATH_GENL_VERSION;
	return nlh;
}

static int nl_family_cb(uint8_t cmd, const struct nlattr **tb, void *arg)
{
	(void)cmd;
	(void)arg;
	if (tb[CTRL_ATTR_FAMILY_ID])
		nl_family = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

/* The family's number; ENOENT from the kernel means: no such module. */
static int nl_resolve(void)
{
	unsigned int port = mnl_socket_get_portid(nl_sock);
	struct nl_walk w = { .cb = nl_family_cb };
	struct nlmsghdr *nlh;
	char buf[NL_BUF];
	ssize_t n;
	int ret;

	nl_family = GENL_ID_CTRL;
	nlh = nl_start(buf, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PKTPATH_GENL_NAME);
	if (mnl_socket_sendto(nl_sock, nlh, nlh->nlmsg_len) < 0)
		return -1;
	do {
		n = mnl_socket_recvfrom(nl_sock, buf, sizeof(buf));
		if (n < 0)
			return -1;
		ret = mnl_cb_run(buf, n, nl_seq, port, nl_msg_cb, &w);
	} while (ret > 0);
	return ret;
}

int nl_open(void)
{
	int one = 1;

	nl_seq = time(NULL);
	nl_sock = mnl_socket_open(NETLINK_GENERIC);
	if (!nl_sock || mnl_socket_bind(nl_sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		complain("cannot open generic netlink: %s", strerror(errno));
		return EXIT_REFUSED;
	}
	setsockopt(mnl_socket_get_fd(nl_sock), SOL_NETLINK, NETLINK_EXT_ACK,
		   &one, sizeof(one));
	setsockopt(mnl_socket_get_fd(nl_sock), SOL_NETLINK, NETLINK_CAP_ACK,
		   &one, sizeof(one));
	setsockopt(mnl_socket_get_fd(nl_sock), SOL_NETLINK,
		   NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (nl_resolve() < 0) {
		if (errno == ENOENT)
			complain("the kernel module pktpath is not loaded");
		else
			complain("generic netlink: %s", strerror(errno));
		nl_close();
		return EXIT_REFUSED;
	}
	return 0;
}

void nl_close(void)
{
	if (nl_sock)
		mnl_socket_close(nl_sock);
	nl_sock = NULL;
}

void put_dev(struct nlmsghdr *nlh, uint16_t type, const char *name)
{
	mnl_attr_put_strz(nlh, type, name);
}

void put_addr(struct nlmsghdr *nlh, uint16_t type, struct in_addr addr)
{
	mnl_attr_put(nlh, type, sizeof(addr), &addr);
}

uint32_t get_u32(const struct nlattr **tb, int type, uint32_t dflt)
{
	if (!tb[type] || mnl_attr_get_payload_len(tb[type]) != 4)
		return dflt;
	return mnl_attr_get_u32(tb[type]);
}

uint64_t get_u64(const struct nlattr **tb, int type)
{
	if (!tb[type] || mnl_attr_get_payload_len(tb[type]) != 8)
		return 0;
	return mnl_attr_get_u64(tb[type]);
}

uint8_t get_u8(const struct nlattr **tb, int type, uint8_t dflt)
{
	if (!tb[type] || mnl_attr_get_payload_len(tb[type]) != 1)
		return dflt;
	return mnl_attr_get_u8(tb[type]);
}

uint16_t get_u16(const struct nlattr **tb, int type, uint16_t dflt)
{
	if (!tb[type] || mnl_attr_get_payload_len(tb[type]) != 2)
		return dflt;
	return mnl_attr_get_u16(tb[type]);
}

uint16_t get_port(const struct nlattr **tb, int type)
{
	if (!tb[type] || mnl_attr_get_payload_len(tb[type]) != 2)
		return 0;
	return ntohs(mnl_attr_get_u16(tb[type]));
}

const char *get_addr(const struct nlattr **tb, int type)
{
	static char text[8][INET_ADDRSTRLEN];
	static unsigned int turn;
	char *s;

	if (!tb[type] || mnl_attr_get_payload_len(tb[type]) != 4)
		return NULL;
	s = text[turn++ % 8];
	inet_ntop(AF_INET, mnl_attr_get_payload(tb[type]), s,
		  INET_ADDRSTRLEN);
	return s;
}

static char *name_of(uint32_t ifindex)
{
	static char text[4][IF_NAMESIZE + 8];
	static unsigned int turn;
	char *s = text[turn++ % 4];

	if (!if_indextoname(ifindex, s))
		snprintf(s, sizeof(text[0]), "if%u", ifindex);
	return s;
}

const char *dev_name(uint32_t ifindex)
{
	return name_of(ifindex);
}

const char *dev_text(uint32_t ifindex)
{
	char *s = name_of(ifindex);

	/* JSON escapes them */
	return opts.json ? s : printable(s);
}
