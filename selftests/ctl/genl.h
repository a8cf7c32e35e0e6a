/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink by hand, so that a test can also say what a library would
 * not: wrong lengths, unknown attributes, reserved bits.
 */
#ifndef PKTPATH_SELFTESTS_CTL_GENL_H
#define PKTPATH_SELFTESTS_CTL_GENL_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/pktpath.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

#define GENL_BUF	65536
#define GENL_MAXATTR	64

/* One request under construction. */
struct msg {
	struct nlmsghdr *nlh;
	size_t len;
	union {
		struct nlmsghdr first;	/* aligns it */
		char buf[GENL_BUF];
	};
};

/**
 * struct genl - a netlink socket and what its last request came to
 * @fd: socket
 * @family: number of the family pktpath
 * @group: number of its multicast group
 * @seq: of the last request
 * @error: errno of the last request, 0: accepted
 * @text: the kernel's sentence, or ""
 * @size: bytes read at once: the kernel makes the parts of a dump so big
 * @count: messages of a dump or answer
 * @intr: the dump saw a change
 */
struct genl {
	int fd;
	int family;
	int group;
	uint32_t seq;
	int error;
	char text[256];
	size_t size;
	unsigned int count;
	bool intr;
};

/* Called for each message of an answer. */
typedef void (*genl_fn)(struct nlattr **attrs, int cmd, void *arg);

static inline void msg_init(struct msg *m, int type, int cmd, int flags)
{
	struct genlmsghdr *g;

	memset(m->buf, 0, 256);
	m->nlh = (struct nlmsghdr *)m->buf;
	g = NLMSG_DATA(m->nlh);
	m->nlh->nlmsg_type = type;
	m->nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	g->cmd = cmd;
	g->version = PKTPATH_GENL_VERSION;
	m->len = NLMSG_HDRLEN + GENL_HDRLEN;
}

static inline void msg_attr(struct msg *m, int type, const void *data,
			    size_t len)
{
	struct nlattr *a = (struct nlattr *)(m->buf + m->len);

	if (m->len + NLA_HDRLEN + NLA_ALIGN(len) > sizeof(m->buf))
		abort();
	memset(a, 0, NLA_HDRLEN + NLA_ALIGN(len));
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)a + NLA_HDRLEN, data, len);
	m->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static inline void msg_u8(struct msg *m, int type, uint8_t v)
{
	msg_attr(m, type, &v, sizeof(v));
}

static inline void msg_u16(struct msg *m, int type, uint16_t v)
{
	msg_attr(m, type, &v, sizeof(v));
}

static inline void msg_u32(struct msg *m, int type, uint32_t v)
{
	msg_attr(m, type, &v, sizeof(v));
}

static inline void msg_str(struct msg *m, int type, const char *s)
{
	msg_attr(m, type, s, strlen(s) + 1);
}

static inline void msg_ip(struct msg *m, int type, const char *s)
{
	struct in_addr a = { .s_addr = inet_addr(s) };

	msg_attr(m, type, &a, sizeof(a));
}

static inline void genl_parse(const void *data, size_t len,
			      struct nlattr **attrs)
{
	const char *p = data;

	memset(attrs, 0, GENL_MAXATTR * sizeof(*attrs));
	while (len >= NLA_HDRLEN) {
		struct nlattr *a = (struct nlattr *)p;
		size_t step = NLA_ALIGN(a->nla_len);

		if (a->nla_len < NLA_HDRLEN || a->nla_len > len)
			return;
		if ((a->nla_type & NLA_TYPE_MASK) < GENL_MAXATTR)
			attrs[a->nla_type & NLA_TYPE_MASK] = a;
		if (step >= len)
			return;
		p += step;
		len -= step;
	}
}

static inline uint32_t attr_u32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && a->nla_len == NLA_HDRLEN + sizeof(v))
		memcpy(&v, (const char *)a + NLA_HDRLEN, sizeof(v));
	return v;
}

static inline uint64_t attr_u64(const struct nlattr *a)
{
	uint64_t v = 0;

	if (a && a->nla_len == NLA_HDRLEN + sizeof(v))
		memcpy(&v, (const char *)a + NLA_HDRLEN, sizeof(v));
	return v;
}

static inline uint16_t attr_u16(const struct nlattr *a)
{
	uint16_t v = 0;

	if (a && a->nla_len == NLA_HDRLEN + sizeof(v))
		memcpy(&v, (const char *)a + NLA_HDRLEN, sizeof(v));
	return v;
}

static inline uint8_t attr_u8(const struct nlattr *a)
{
	return a ? *((const uint8_t *)a + NLA_HDRLEN) : 0;
}

static inline const char *attr_str(const struct nlattr *a)
{
	return a ? (const char *)a + NLA_HDRLEN : "";
}

/* The kernel's sentence of an NLMSG_ERROR or NLMSG_DONE. */
static inline void genl_text(struct genl *g, const struct nlmsghdr *nlh,
			     size_t skip)
{
	struct nlattr *attrs[GENL_MAXATTR];
	size_t hdr = NLMSG_HDRLEN + skip;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || nlh->nlmsg_len <= hdr)
		return;
	genl_parse((const char *)nlh + hdr, nlh->nlmsg_len - hdr, attrs);
	if (attrs[NLMSGERR_ATTR_MSG])
		snprintf(g->text, sizeof(g->text), "%s",
			 attr_str(attrs[NLMSGERR_ATTR_MSG]));
}

/* One message of an answer; true: it was the last. */
static inline bool genl_one(struct genl *g, struct nlmsghdr *nlh, genl_fn fn,
			    void *arg)
{
	struct nlattr *attrs[GENL_MAXATTR];
	struct genlmsghdr *gh;
	struct nlmsgerr *e;
	size_t skip;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		g->intr = true;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		e = NLMSG_DATA(nlh);
		g->error = -e->error;
		skip = sizeof(*e);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
		genl_text(g, nlh, skip);
		return true;
	}
	if (nlh->nlmsg_type == NLMSG_DONE) {
		int err = 0;

		if (nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(err))
			memcpy(&err, NLMSG_DATA(nlh), sizeof(err));
		g->error = -err;
		genl_text(g, nlh, sizeof(err));
		return true;
	}
	g->count++;
	if (!fn)
		return false;
	gh = NLMSG_DATA(nlh);
	genl_parse((char *)gh + GENL_HDRLEN,
		   nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, attrs);
	fn(attrs, gh->cmd, arg);
	return false;
}

/* Reads answers up to the last. */
static inline int genl_read(struct genl *g, genl_fn fn, void *arg)
{
	static struct msg in;

	for (;;) {
		ssize_t n = recv(g->fd, in.buf, g->size, MSG_TRUNC);
		struct nlmsghdr *nlh = &in.first;

		if (n < 0 || (size_t)n > g->size) {
			g->error = n < 0 ? errno : EMSGSIZE;
			return g->error;
		}
		for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n))
			if (nlh->nlmsg_seq == g->seq &&
			    genl_one(g, nlh, fn, arg))
				return g->error;
	}
}

static inline int genl_send(struct genl *g, struct msg *m)
{
	m->nlh->nlmsg_len = m->len;
	m->nlh->nlmsg_seq = ++g->seq;
	g->error = 0;
	g->text[0] = 0;
	g->count = 0;
	g->intr = false;
	return send(g->fd, m->buf, m->len, 0) < 0 ? errno : 0;
}

/*
 * Sends and reads the answer: an acknowledgment is always asked for, so there
 * is one. The errno is returned and in @g.
 */
static inline int genl_do(struct genl *g, struct msg *m, genl_fn fn, void *arg)
{
	if (!(m->nlh->nlmsg_flags & NLM_F_DUMP))
		m->nlh->nlmsg_flags |= NLM_F_ACK;
	if (genl_send(g, m))
		return g->error = errno;
	return genl_read(g, fn, arg);
}

static inline void genl_got_family(struct nlattr **attrs, int cmd, void *arg)
{
	struct nlattr *grps[GENL_MAXATTR], *grp[GENL_MAXATTR];
	struct nlattr *a = attrs[CTRL_ATTR_MCAST_GROUPS];
	struct genl *g = arg;

	(void)cmd;
	g->family = attr_u16(attrs[CTRL_ATTR_FAMILY_ID]);
	if (!a)
		return;
	genl_parse((char *)a + NLA_HDRLEN, a->nla_len - NLA_HDRLEN, grps);
	if (!grps[1])
		return;
	genl_parse((char *)grps[1] + NLA_HDRLEN,
		   grps[1]->nla_len - NLA_HDRLEN, grp);
	g->group = attr_u32(grp[CTRL_ATTR_MCAST_GRP_ID]);
}

/* Opens a socket in the present netns; 0 or errno. */
static inline int genl_open_size(struct genl *g, size_t size)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	struct timeval tv = { .tv_sec = 30 };
	static struct msg m;
	int one = 1;

	memset(g, 0, sizeof(*g));
	g->size = size;
	g->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (g->fd < 0 || bind(g->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return errno;
	setsockopt(g->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(g->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	msg_init(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	msg_str(&m, CTRL_ATTR_FAMILY_NAME, PKTPATH_GENL_NAME);
	return genl_do(g, &m, genl_got_family, g);
}

static inline int genl_open(struct genl *g)
{
	return genl_open_size(g, GENL_BUF);
}

static inline int genl_join(struct genl *g)
{
	return setsockopt(g->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			  &g->group, sizeof(g->group)) < 0 ? errno : 0;
}

/* The next notification: its command, or -1. */
static inline int genl_event(struct genl *g, struct nlattr **attrs)
{
	static struct msg in;
	ssize_t n = recv(g->fd, in.buf, sizeof(in.buf), 0);
	struct nlmsghdr *nlh = &in.first;
	struct genlmsghdr *gh = NLMSG_DATA(nlh);

	memset(attrs, 0, GENL_MAXATTR * sizeof(*attrs));
	if (n < (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN) ||
	    nlh->nlmsg_type != g->family)
		return -1;
	genl_parse((char *)gh + GENL_HDRLEN,
		   nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, attrs);
	return gh->cmd;
}

#endif
