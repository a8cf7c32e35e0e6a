// SPDX-License-Identifier: GPL-2.0
/*
 * A transport as a module of its own, pktpath_rr: requests and their answers,
 * each delivered once, socket(AF_PKTPATH, SOCK_RDM, 253). A socket has one
 * request under way (EBUSY), repeated till the answer is there or given up
 * (ETIMEDOUT). The last answers to 16 clients are kept, too, as far as they fit.
 *
 * Path: rr_send() => pktpath_send_skb(); rr_rcv() => pktpath_queue_rcv_skb()
 * Mirrors: -
 * Locks: none of its own; all calls come with the socket locked
 */
#include <linux/module.h>
#include <net/checksum.h>
#include <net/pktpath.h>
#include <net/sock.h>

#define RR_FIRST	(HZ / 10 + 1)	/* first repetition; then doubled */
#define RR_TRIES	8
#define RR_CLIENTS	16

struct rr_hdr {
	__be16 sport, dport;
	__be32 id;		/* of the request; an answer repeats it */
	__sum16 csum;		/* over all of it */
	u8 answer, zero;	/* 0: a request */
};

struct rr_client {
	__be32 addr;
	__be16 port;
	u32 id;			/* its last request */
	bool given;		/* that has been answered */
	struct sk_buff *answer;	/* or NULL */
};

struct rr_sock {
	struct sk_buff *request; /* without an answer yet */
	struct pktpath_flow to;
	u32 id, tries, next;	/* client to be forgotten next */
	struct rr_client clients[RR_CLIENTS];
};

static struct rr_client *rr_client(struct rr_sock *rr, __be32 addr, __be16 port)
{
	int i;

	for (i = 0; i < RR_CLIENTS; i++)
		if (rr->clients[i].addr == addr && rr->clients[i].port == port)
			return &rr->clients[i];
	return NULL;
}

static void rr_fill(struct sk_buff *skb, u32 id, bool answer)
{
	struct rr_hdr *h = (struct rr_hdr *)skb->data;

	h->id = htonl(id);
	h->answer = answer;
	h->csum = csum_fold(skb_checksum(skb, 0, skb->len, 0));
}

static int rr_xmit(struct sock *sk, const struct sk_buff *skb, const struct pktpath_flow *fl)
{
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC);

	return copy ? pktpath_send_skb(sk, copy, fl) : -ENOBUFS;
}

static void rr_done(struct sock *sk, struct rr_sock *rr)
{
	pktpath_timer_stop(sk);
	consume_skb(rr->request);
	rr->request = NULL;
}

static int rr_send(struct sock *sk, struct sk_buff *skb, const struct pktpath_flow *fl)
{
	struct rr_sock *rr = pktpath_priv(sk);
	struct rr_client *c = rr_client(rr, fl->daddr, fl->dport);
	int err, i = RR_CLIENTS;

	if (c && !c->given) {
		rr_fill(skb, c->id, true);
		err = rr_xmit(sk, skb, fl);
		c->given = true;
		c->answer = skb;
		/* what is kept is charged: make room for the next answer */
		while (i-- && sk_wmem_alloc_get(sk) >= READ_ONCE(sk->sk_sndbuf)) {
			c = &rr->clients[(rr->next - 1 - i) % RR_CLIENTS];
			kfree_skb(c->answer);
			c->answer = NULL;
		}
		return err;
	}
	if (rr->request) {
		kfree_skb(skb);
		return -EBUSY;
	}
	/* above all before, also of a process that had the port */
	rr->id = max_t(u32, rr->id + 1, ktime_get_real_ns() >> 20);
	rr_fill(skb, rr->id, false);
	rr->request = skb;
	rr->to = *fl;
	rr->tries = 1;
	pktpath_timer(sk, RR_FIRST);
	err = rr_xmit(sk, skb, fl);
	if (err)
		rr_done(sk, rr);
	return err;
}

static void rr_timer(struct sock *sk)
{
	struct rr_sock *rr = pktpath_priv(sk);

	if (rr->tries < RR_TRIES) {
		rr_xmit(sk, rr->request, &rr->to);
		pktpath_timer(sk, RR_FIRST << rr->tries++);
		return;
	}
	rr_done(sk, rr);
	pktpath_drop_skb(sk, NULL, PKTPATH_DROP_AT_XMIT, PKTPATH_WHY_GIVEN_UP);
	pktpath_error(sk, ETIMEDOUT);
}

static void rr_rcv_request(struct sock *sk, struct rr_sock *rr, struct sk_buff *skb, u32 id)
{
	struct pktpath_flow from;
	struct rr_client *c;

	pktpath_flow_reply(&from, skb);
	c = rr_client(rr, from.daddr, from.dport);
	if (c && (s32)(id - c->id) <= 0) {
		if (id == c->id && c->answer)
			rr_xmit(sk, c->answer, &from);
		pktpath_drop_skb(sk, skb, PKTPATH_DROP_AT_RCV, PKTPATH_WHY_DUPLICATE);
		return;
	}
	if (pktpath_queue_rcv_skb(sk, skb)) /* no room now: it will come again */
		return;
	if (!c)
		c = &rr->clients[rr->next++ % RR_CLIENTS];
	kfree_skb(c->answer);
	*c = (struct rr_client){ from.daddr, from.dport, id };
}

static void rr_rcv(struct sock *sk, struct sk_buff *skb)
{
	const struct rr_hdr *h = (struct rr_hdr *)skb->data;
	struct rr_sock *rr = pktpath_priv(sk);
	u32 id = ntohl(h->id);

	if (csum_fold(skb_checksum(skb, 0, skb->len, 0)))
		pktpath_drop_skb(sk, skb, PKTPATH_DROP_AT_RCV, PKTPATH_WHY_CHECKSUM);
	else if (!h->answer)
		rr_rcv_request(sk, rr, skb, id);
	else if (!rr->request || id != rr->id || h->sport != rr->to.dport)
		pktpath_drop_skb(sk, skb, PKTPATH_DROP_AT_RCV, PKTPATH_WHY_DUPLICATE);
	else if (!pktpath_queue_rcv_skb(sk, skb))
		rr_done(sk, rr);
}

static void rr_err(struct sock *sk, const void *header, int err, bool fatal)
{
	struct rr_sock *rr = pktpath_priv(sk);

	if (!fatal || !rr->request || ntohl(((const struct rr_hdr *)header)->id) != rr->id)
		return;
	rr_done(sk, rr);
	pktpath_error(sk, err);
}

static void rr_destroy(struct sock *sk)
{
	struct rr_sock *rr = pktpath_priv(sk);
	int i = RR_CLIENTS;

	kfree_skb(rr->request);
	while (i--)
		kfree_skb(rr->clients[i].answer);
}

static struct pktpath_transport rr_transport = {
	.name = "rr",
	.owner = THIS_MODULE,
	.protocol = 253,	/* for experiments, RFC 3692 */
	.types = 1 << SOCK_RDM,
	.header = sizeof(struct rr_hdr),
	.priv_size = sizeof(struct rr_sock),
	.send = rr_send,
	.rcv = rr_rcv,
	.timer = rr_timer,
	.err = rr_err,
	.destroy = rr_destroy,
};

module_pktpath_transport(rr_transport);
module_param_named(protocol, rr_transport.protocol, byte, 0444);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("requests and answers over pktpath");
