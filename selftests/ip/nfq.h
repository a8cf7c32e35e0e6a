/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A listener of NFQUEUE, by nfnetlink alone: takes whole packets, answers with a
 * verdict.  Packets that come while an answer is awaited are kept.
 */
#ifndef PKTPATH_SELFTESTS_IP_NFQ_H
#define PKTPATH_SELFTESTS_IP_NFQ_H

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define NFQ_KEEP	16
#define NFQ_MAX		65536

struct nfq_packet {
	uint32_t id;
	uint8_t hook;
	uint32_t len;		/* of what is there, IP header first */
	uint8_t data[NFQ_MAX];
};

struct nfq {
	int fd;			/* AF_NETLINK, NETLINK_NETFILTER */
	uint16_t num;
	bool answered;
	int answer;		/* errno of the last request */
	unsigned int n;
	struct nfq_packet p[NFQ_KEEP];
};

/* What has been asked of the queue and of a verdict. */
struct nfq_verdict {
	uint32_t verdict;
	const void *data;	/* in place of what it was */
	uint32_t len;
	uint32_t mark;
};

static inline int nfq_attr(const struct nlattr *a, void *p)
{
	((const struct nlattr **)p)[mnl_attr_get_type(a) & 31] = a;
	return MNL_CB_OK;
}

static inline void nfq_keep(struct nfq *q, const struct nlmsghdr *nlh)
{
	const struct nfqnl_msg_packet_hdr *h;
	const struct nlattr *a[32] = { NULL };
	struct nfq_packet *p = &q->p[q->n];

	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), nfq_attr, a);
	if (!a[NFQA_PACKET_HDR] || q->n == NFQ_KEEP)
		return;
	h = mnl_attr_get_payload(a[NFQA_PACKET_HDR]);
	p->id = ntohl(h->packet_id);
	p->hook = h->hook;
	p->len = 0;
	if (a[NFQA_PAYLOAD]) {
		p->len = mnl_attr_get_payload_len(a[NFQA_PAYLOAD]);
		memcpy(p->data, mnl_attr_get_payload(a[NFQA_PAYLOAD]), p->len);
	}
	q->n++;
}

/* One datagram of the kernel's within @ms. */
static inline bool nfq_read(struct nfq *q, int ms)
{
	static uint8_t buf[NFQ_MAX + 4096];
	struct pollfd pfd = { .fd = q->fd, .events = POLLIN };
	struct nlmsghdr *nlh = (void *)buf;
	ssize_t n;
	int left;

	if (poll(&pfd, 1, ms) <= 0)
		return false;
	n = recv(q->fd, buf, sizeof(buf), 0);
	for (left = n; mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			q->answered = true;
			q->answer = -((struct nlmsgerr *)(nlh + 1))->error;
		} else if (nlh->nlmsg_type ==
			   (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)) {
			nfq_keep(q, nlh);
		}
	}
	return n > 0;
}

static inline struct nlmsghdr *nfq_msg(const struct nfq *q, void *buf, int type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;

	nlh->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->nfgen_family = AF_UNSPEC;
	g->version = NFNETLINK_V0;
	g->res_id = htons(q->num);
	return nlh;
}

/* 0, or the errno of the answer; -1: there is none. */
static inline int nfq_ask(struct nfq *q, const struct nlmsghdr *nlh)
{
	q->answered = false;
	if (send(q->fd, nlh, nlh->nlmsg_len, 0) != (ssize_t)nlh->nlmsg_len)
		return errno;
	while (!q->answered)
		if (!nfq_read(q, 30000))
			return -1;
	return q->answer;
}

/* Binds @fd to queue @num; 0 or errno.  @flags: NFQA_CFG_F_GSO or 0. */
static inline int nfq_open(struct nfq *q, int fd, uint16_t num, uint32_t flags)
{
	struct nfqnl_msg_config_cmd cmd = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = {
		.copy_range = htonl(0xffff), .copy_mode = NFQNL_COPY_PACKET,
	};
	int size = 4 << 20, err;
	struct nlmsghdr *nlh;
	char buf[256];

	q->fd = fd;
	q->num = num;
	q->n = 0;
	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	nlh = nfq_msg(q, buf, NFQNL_MSG_CONFIG);
	mnl_attr_put(nlh, NFQA_CFG_CMD, sizeof(cmd), &cmd);
	err = nfq_ask(q, nlh);
	if (err)
		return err;
	nlh = nfq_msg(q, buf, NFQNL_MSG_CONFIG);
	mnl_attr_put(nlh, NFQA_CFG_PARAMS, sizeof(params), &params);
	if (flags) {
		mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(flags));
		mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(flags));
	}
	return nfq_ask(q, nlh);
}

/* The oldest packet, into @p; false: none within @ms. */
static inline bool nfq_next(struct nfq *q, struct nfq_packet *p, int ms)
{
	while (!q->n)
		if (!nfq_read(q, ms))
			return false;
	*p = q->p[0];
	memmove(q->p, q->p + 1, --q->n * sizeof(q->p[0]));
	return true;
}

/* 0 or errno: ENOENT when the kernel has it no more. */
static inline int nfq_answer(struct nfq *q, uint32_t id,
			     const struct nfq_verdict *v)
{
	static uint8_t buf[NFQ_MAX + 4096];
	struct nlmsghdr *nlh = nfq_msg(q, buf, NFQNL_MSG_VERDICT);
	struct nfqnl_msg_verdict_hdr h = {
		.verdict = htonl(v->verdict), .id = htonl(id),
	};

	mnl_attr_put(nlh, NFQA_VERDICT_HDR, sizeof(h), &h);
	if (v->mark)
		mnl_attr_put_u32(nlh, NFQA_MARK, htonl(v->mark));
	if (v->data)
		mnl_attr_put(nlh, NFQA_PAYLOAD, v->len, v->data);
	return nfq_ask(q, nlh);
}

#endif
