// SPDX-License-Identifier: GPL-2.0
/* LIBS: -lmnl */
/*
 * Adds many routes, a batch of messages a system call.
 *
 * usage: routes FAMILY DEV FROM TO [STEP]
 * Adds the prefixes FROM..TO-1 of length 24 from 16.0.0.0 upwards, as links on
 * DEV; with STEP instead the upper half of each STEP-th of them, unreachable,
 * if it is not there. Prints the nanoseconds that each took.
 */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/pktpath.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include "perf.h"

#define BATCH 200
#define MSG_MAX 128

static struct mnl_socket *nl;
static unsigned int ifindex, step;
static uint16_t genl;
static uint32_t seq;

static int genl_attr(const struct nlattr *attr, void *data)
{
	(void)data;
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		genl = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int genl_msg(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), genl_attr, data);
}

/* Until the message with the number @last has been acknowledged. */
static void answers(uint32_t last, mnl_cb_t cb)
{
	static char buf[65536];
	struct nlmsghdr *h;
	struct nlmsgerr *e;
	ssize_t size;
	int len;

	for (;;) {
		size = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (size < 0)
			die("netlink");
		len = size;
		for (h = (void *)buf; mnl_nlmsg_ok(h, len);
		     h = mnl_nlmsg_next(h, &len)) {
			if (h->nlmsg_type != NLMSG_ERROR) {
				if (cb)
					cb(h, NULL);
				continue;
			}
			e = mnl_nlmsg_get_payload(h);
			errno = -e->error;
			if (errno)
				die("route %u", h->nlmsg_seq);
			if (h->nlmsg_seq == last)
				return;
		}
	}
}

static struct nlmsghdr *genl_start(char *buf, uint16_t type, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = 1;
	return nlh;
}

static void genl_find(void)
{
	char buf[MSG_MAX];
	struct nlmsghdr *nlh;

	nlh = genl_start(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	nlh->nlmsg_flags |= NLM_F_ACK;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PKTPATH_GENL_NAME);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("netlink");
	answers(seq, genl_msg);
	if (!genl)
		die("no generic netlink family of the module");
}

static struct nlmsghdr *put_pktpath(char *buf, uint32_t dst)
{
	struct nlmsghdr *nlh = genl_start(buf, genl, PKTPATH_CMD_ROUTE_ADD);

	mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_FAMILY, AF_INET);
	mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_DST, dst);
	mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_PREFIXLEN, step ? 25 : 24);
	if (step) {
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_TYPE, RTN_UNREACHABLE);
		mnl_attr_put_u8(nlh, PKTPATH_A_ROUTE_MODE,
				PKTPATH_MODE_REPLACE);
	} else {
		mnl_attr_put_u32(nlh, PKTPATH_A_ROUTE_OIF, ifindex);
	}
	return nlh;
}

static struct nlmsghdr *put_inet(char *buf, uint32_t dst)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm;

	nlh->nlmsg_type = RTM_NEWROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE |
			   (step ? NLM_F_REPLACE : NLM_F_EXCL);
	nlh->nlmsg_seq = ++seq;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = step ? 25 : 24;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_BOOT;
	rtm->rtm_scope = step ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	rtm->rtm_type = step ? RTN_UNREACHABLE : RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_DST, dst);
	if (!step)
		mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	return nlh;
}

static void add(bool ours, unsigned int from, unsigned int to)
{
	static char buf[BATCH * MSG_MAX];
	struct nlmsghdr *nlh = NULL;
	unsigned int i, n;
	size_t len;

	for (i = from; i < to; i += n) {
		len = 0;
		for (n = 0; n < BATCH && i + n < to; n++) {
			uint32_t dst = htonl((16u << 24) + (step ?
				((i + n) * step << 8) + 128 : (i + n) << 8));

			nlh = ours ? put_pktpath(buf + len, dst) :
				     put_inet(buf + len, dst);
			len += nlh->nlmsg_len;
		}
		nlh->nlmsg_flags |= NLM_F_ACK;
		if (mnl_socket_sendto(nl, buf, len) < 0)
			die("netlink");
		answers(seq, NULL);
	}
}

int main(int argc, char **argv)
{
	unsigned int from, to;
	uint64_t t;
	bool ours;

	if (argc != 5 && argc != 6)
		die("usage: routes FAMILY DEV FROM TO [STEP]");
	ours = family_of(argv[1]) != AF_INET;
	ifindex = if_nametoindex(argv[2]);
	from = atoi(argv[3]);
	to = atoi(argv[4]);
	if (argc > 5)
		step = atoi(argv[5]);
	if (!ifindex || from >= to || to > 1u << 20)
		die("no such device, or too many routes");
	nl = mnl_socket_open(ours ? NETLINK_GENERIC : NETLINK_ROUTE);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	if (ours)
		genl_find();
	t = now_ns();
	add(ours, from, to);
	printf("%.0f\n", (double)(now_ns() - t) / (to - from));
	mnl_socket_close(nl);
	return 0;
}
