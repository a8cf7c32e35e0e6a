// SPDX-License-Identifier: GPL-2.0
/*
 * What holds packets and sockets for the tests of unloading.
 *
 *	held queue NUM		takes packets from NFQUEUE number NUM and
 *				answers none; says "held" with the first; at
 *				SIGUSR1 lets all go and says "released"
 *	held send A PORT	one datagram from AF_PKTPATH, and ends
 *	held flight		sends a socket of AF_PKTPATH by SCM_RIGHTS into
 *				a queue that nobody reads, closes its own, says
 *				"in flight"; at SIGUSR1 makes a circle of it
 *				that only the collector of AF_UNIX can break
 *	held many N		N sockets, says "open" and waits to be killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELD_MAX 4096

static sig_atomic_t go;

static void on_signal(int sig)
{
	(void)sig;
	__atomic_store_n(&go, 1, __ATOMIC_RELAXED);
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int pktpath_socket(void)
{
	FILE *f = fopen("/sys/module/pktpath/parameters/family", "r");
	int af = 18;

	if (f) {
		if (fscanf(f, "%d", &af) != 1)
			af = 18;
		fclose(f);
	}
	return socket(af, SOCK_DGRAM, 0);
}

struct msg {
	struct nlmsghdr nh;
	struct nfgenmsg g;
	char attrs[64];
};

static int tell(int fd, uint16_t num, uint8_t type, uint16_t attr,
		const void *data, size_t len)
{
	struct msg m = { .nh.nlmsg_flags = NLM_F_REQUEST };
	struct nlattr *a = (void *)m.attrs;

	m.nh.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
	m.nh.nlmsg_len = NLMSG_LENGTH(sizeof(m.g)) + NLA_HDRLEN +
			 NLA_ALIGN(len);
	m.g.version = NFNETLINK_V0;
	m.g.res_id = htons(num);
	a->nla_type = attr;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(m.attrs + NLA_HDRLEN, data, len);
	return send(fd, &m, m.nh.nlmsg_len, 0) < 0 ? -1 : 0;
}

/* The identifier of a packet, in network order. */
static uint32_t id_of(const char *buf)
{
	const char *p = buf + NLMSG_LENGTH(sizeof(struct nfgenmsg));
	const struct nlmsghdr *nh = (const void *)buf;
	const char *end = buf + nh->nlmsg_len;
	const struct nlattr *a;

	for (; p + NLA_HDRLEN <= end; p += NLA_ALIGN(a->nla_len)) {
		a = (const void *)p;
		if (a->nla_len < NLA_HDRLEN)
			break;
		if ((a->nla_type & NLA_TYPE_MASK) == NFQA_PACKET_HDR)
			return ((const struct nfqnl_msg_packet_hdr *)
				(p + NLA_HDRLEN))->packet_id;
	}
	return 0;
}

static int queue(uint16_t num)
{
	struct nfqnl_msg_config_cmd cmd = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params par = { .copy_mode = NFQNL_COPY_META };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct nfqnl_msg_verdict_hdr v = { .verdict = htonl(NF_ACCEPT) };
	static uint32_t ids[HELD_MAX];
	static char buf[8192];
	int n = 0, i;

	if (fd < 0 ||
	    tell(fd, num, NFQNL_MSG_CONFIG, NFQA_CFG_CMD, &cmd, sizeof(cmd)) ||
	    tell(fd, num, NFQNL_MSG_CONFIG, NFQA_CFG_PARAMS, &par,
		 sizeof(par)))
		return fail("queue");
	puts("up");
	fflush(stdout);
	while (!__atomic_load_n(&go, __ATOMIC_RELAXED)) {
		if (poll(&p, 1, 100) != 1 ||
		    recv(fd, buf, sizeof(buf), 0) < (int)sizeof(struct nlmsghdr))
			continue;
		if (((struct nlmsghdr *)buf)->nlmsg_type !=
		    (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET) ||
		    n == HELD_MAX)
			continue;
		ids[n++] = id_of(buf);
		puts("held");
		fflush(stdout);
	}
	for (i = 0; i < n; i++) {
		v.id = ids[i];
		tell(fd, num, NFQNL_MSG_VERDICT, NFQA_VERDICT_HDR, &v,
		     sizeof(v));
	}
	puts("released");
	fflush(stdout);
	return 0;
}

static int send_one(const char *addr, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = pktpath_socket();

	inet_pton(AF_INET, addr, &sin.sin_addr);
	sin.sin_port = htons(atoi(port));
	if (fd < 0 || sendto(fd, "held", 4, 0, (void *)&sin,
			     sizeof(sin)) != 4)
		return fail("send");
	return 0;
}

/* Sends @what through the socket @by. */
static int pass(int by, int what)
{
	char byte = 0, ctl[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = ctl,
			    .msg_controllen = sizeof(ctl) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &what, sizeof(int));
	return sendmsg(by, &m, 0) == 1 ? 0 : -1;
}

static int flight(void)
{
	int sv[2], fd = pktpath_socket();

	if (fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, sv) ||
	    pass(sv[0], fd))
		return fail("flight");
	close(fd);
	puts("in flight");
	fflush(stdout);
	while (!__atomic_load_n(&go, __ATOMIC_RELAXED))
		poll(NULL, 0, 100);
	/* each end waits in the queue of the other */
	if (pass(sv[0], sv[1]) || pass(sv[1], sv[0]))
		return fail("circle");
	return 0;
}

static int many(int n)
{
	struct rlimit lim = { n + 16, n + 16 };

	if (setrlimit(RLIMIT_NOFILE, &lim))
		return fail("setrlimit");
	while (n--)
		if (pktpath_socket() < 0)
			return fail("socket");
	puts("open");
	fflush(stdout);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGUSR1, on_signal);
	if (argc == 3 && !strcmp(argv[1], "queue"))
		return queue(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "send"))
		return send_one(argv[2], argv[3]);
	if (argc == 2 && !strcmp(argv[1], "flight"))
		return flight();
	if (argc == 3 && !strcmp(argv[1], "many"))
		return many(atoi(argv[2]));
	fprintf(stderr,
		"usage: held queue NUM | send A PORT | flight | many N\n");
	return 2;
}
