// SPDX-License-Identifier: GPL-2.0
/*
 * One workload over TCP, timed or weighed: prints one number. In a guest whose
 * clock counts instructions (scripts/bench) a time is instructions.
 *
 * usage: tcp FAMILY OP [key=value ...]
 *   FAMILY  inet | pktpath
 *   OP      tx    64 KiB from us to an AF_INET peer, in large writes
 *           rx    64 KiB from the peer to us
 *           rr    1 byte to the peer and 1 byte back
 *           crr   connect to the peer, 1 byte there and back, close
 *           acc   the same, the peer connects to us
 *           mem   bytes of slab objects that an accepted idle connection
 *                 takes on our side alone
 *   keys    dst (the peer), src (we), port, peer (its netns), count, conns
 * conns= holds that many further connections to the peer open; their other
 * ends are taken away without a word (TCP_REPAIR).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include "perf.h"

#define ROUNDS 3
#define BLOCK 65536
/* Beyond half of the local ports AF_INET tries them one by one. */
#define PER_PORT 10000

struct conf {
	int family;
	unsigned int count, conns;
	uint16_t port;
	struct in_addr dst, src;
	const char *peer;
};

struct work {
	const struct conf *c;
	int home;		/* our netns */
	int us, them;		/* ends of a connection */
	int listener;
	char buf[BLOCK];
};

static int tcp_socket(int family)
{
	struct timeval tv = { .tv_sec = 5 };
	int fd = socket(family, SOCK_STREAM, 0), one = 1;

	if (fd < 0)
		die("socket(%d)", family);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int tcp_listen(int family, struct in_addr addr, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = addr,
				   .sin_port = htons(port) };
	int fd = tcp_socket(family), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&sin, sizeof(sin)) || listen(fd, 1024))
		die("listen %s:%u", inet_ntoa(addr), port);
	return fd;
}

static int tcp_connect(int family, struct in_addr addr, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = addr,
				   .sin_port = htons(port) };
	int fd = tcp_socket(family);

	if (connect(fd, (void *)&sin, sizeof(sin)))
		die("connect %s:%u", inet_ntoa(addr), port);
	return fd;
}

static int tcp_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept");
	return fd;
}

static void go_home(const struct work *w)
{
	if (setns(w->home, CLONE_NEWNET))
		die("setns");
}

/* Closes an AF_INET socket so that the other end does not hear of it. */
static void vanish(int fd)
{
	int one = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)))
		die("TCP_REPAIR");
	close(fd);
}

static void byte(int from, int to)
{
	char c = 'x';

	if (send(from, &c, 1, 0) != 1)
		die("send");
	if (recv(to, &c, 1, 0) != 1)
		die("recv");
}

/* Writes and reads in turns what there is room for, until a block is there. */
static void block(struct work *w, int from, int to)
{
	struct pollfd p = { .fd = to, .events = POLLIN };
	static ssize_t early;
	ssize_t got = early, sent, n;

	while (got < BLOCK) {
		sent = send(from, w->buf, BLOCK, MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN)
			die("send");
		while ((n = recv(to, w->buf, BLOCK, MSG_DONTWAIT)) > 0) {
			got += n;
			sent = n;
		}
		if (n == 0 || errno != EAGAIN)
			die("recv");
		if (sent < 0 && poll(&p, 1, 5000) != 1)
			die("poll");
	}
	early = got - BLOCK;
}

static void op_tx(struct work *w)
{
	block(w, w->us, w->them);
}

static void op_rx(struct work *w)
{
	block(w, w->them, w->us);
}

static void op_rr(struct work *w)
{
	byte(w->us, w->them);
	byte(w->them, w->us);
}

/* The client asks, is answered, and closes first. */
static void transaction(int client, int server)
{
	char c;

	byte(client, server);
	byte(server, client);
	close(client);
	if (recv(server, &c, 1, 0))
		die("recv at the end");
	close(server);
}

static void op_crr(struct work *w)
{
	int fd = tcp_connect(w->c->family, w->c->dst, w->c->port);

	transaction(fd, tcp_accept(w->listener));
}

static void op_acc(struct work *w)
{
	int fd = tcp_connect(AF_INET, w->c->src, w->c->port);

	transaction(fd, tcp_accept(w->listener));
}

static void hold_many(const struct work *w)
{
	const struct conf *c = w->c;
	int listener = -1, fd;
	unsigned int i;
	uint16_t port;

	fds_allow(c->conns);
	for (i = 0; i < c->conns; i++) {
		port = c->port + 1 + i / PER_PORT;
		if (i % PER_PORT == 0) {
			netns_set(c->peer);
			listener = tcp_listen(AF_INET, c->dst, port);
			go_home(w);
		}
		/* ours stays open until the end */
		tcp_connect(c->family, c->dst, port);
		fd = tcp_accept(listener);
		vanish(fd);
	}
}

static uint64_t slab_bytes(void)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	unsigned long objs, size;
	uint64_t sum = 0;
	char line[512];

	if (!f)
		die("/proc/slabinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %lu %*u %lu", &objs, &size) == 2)
			sum += (uint64_t)objs * size;
	fclose(f);
	return sum;
}

/* What is freed late has been freed, and waiting costs no instructions. */
static uint64_t slab_settled(void)
{
	uint64_t a = slab_bytes(), b;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		sleep(1);
		b = slab_bytes();
		if (a == b && i > 3)
			break;
		a = b;
	}
	return a;
}

static double weigh(struct work *w)
{
	const struct conf *c = w->c;
	unsigned int i, r;
	uint64_t base = 0;
	int fd;

	fds_allow(2 * c->count);
	w->listener = tcp_listen(c->family, c->src, c->port);
	netns_set(c->peer);
	/* the first round fills caches and hash tables */
	for (r = 0; r < 2; r++) {
		if (r)
			base = slab_settled();
		for (i = 0; i < c->count; i++) {
			fd = tcp_connect(AF_INET, c->src, c->port);
			byte(fd, tcp_accept(w->listener));
			vanish(fd);
		}
	}
	return (double)(int64_t)(slab_settled() - base) / c->count;
}

static const struct {
	const char *name;
	void (*fn)(struct work *w);
} ops[] = {
	{ "tx", op_tx }, { "rx", op_rx }, { "rr", op_rr },
	{ "crr", op_crr }, { "acc", op_acc }, { NULL, NULL },
};

static double run(struct work *w, const char *name)
{
	const struct conf *c = w->c;
	uint64_t t, best = ~0ull;
	unsigned int i, r, op;

	for (op = 0; ops[op].name; op++)
		if (!strcmp(ops[op].name, name))
			break;
	if (!ops[op].name)
		die("unknown operation %s", name);
	hold_many(w);
	if (ops[op].fn == op_acc)
		w->listener = tcp_listen(c->family, c->src, c->port);
	netns_set(c->peer);
	if (ops[op].fn == op_acc)
		goto timed;
	w->listener = tcp_listen(AF_INET, c->dst, c->port);
	go_home(w);
	if (ops[op].fn == op_crr)
		goto timed;
	w->us = tcp_connect(c->family, c->dst, c->port);
	w->them = tcp_accept(w->listener);
timed:
	for (r = 0; r <= ROUNDS; r++) {
		t = now_ns();
		for (i = 0; i < c->count; i++)
			ops[op].fn(w);
		t = now_ns() - t;
		/* the first round is to warm up */
		if (r && t < best)
			best = t;
	}
	return (double)best / c->count;
}

static void parse(struct conf *c, char *word)
{
	char *v = strchr(word, '=');

	if (!v)
		die("%s has no value", word);
	*v++ = '\0';
	if (!strcmp(word, "count"))
		c->count = atoi(v);
	else if (!strcmp(word, "conns"))
		c->conns = atoi(v);
	else if (!strcmp(word, "port"))
		c->port = atoi(v);
	else if (!strcmp(word, "dst"))
		inet_aton(v, &c->dst);
	else if (!strcmp(word, "src"))
		inet_aton(v, &c->src);
	else if (!strcmp(word, "peer"))
		c->peer = v;
	else
		die("unknown key %s", word);
}

int main(int argc, char **argv)
{
	struct conf c = { .count = 1000, .port = 5000 };
	static struct work w;
	int i;

	if (argc < 3)
		die("usage: tcp FAMILY OP [key=value ...]");
	c.family = family_of(argv[1]);
	for (i = 3; i < argc; i++)
		parse(&c, argv[i]);
	if (!c.count || !c.peer)
		die("count= and peer= are needed");
	w.c = &c;
	w.home = open("/proc/self/ns/net", O_RDONLY);
	if (w.home < 0)
		die("netns");
	printf("%.0f\n", strcmp(argv[2], "mem") ? run(&w, argv[2]) :
						  weigh(&w));
	return 0;
}
