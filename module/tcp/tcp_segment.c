// SPDX-License-Identifier: GPL-2.0
/*
 * Segments on the queues: cut, trim, count, keep in order.
 *
 * Path: tcp_output.c, tcp_retransmit.c, tcp_sack.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_fragment, tcp_trim_head)
 * Locks: socket locked
 *
 * An skb on a queue holds payload only; headers are pushed in front of a clone
 * when it is sent. Every skb knows its segments at the current MSS.
 */
#include <linux/list_sort.h>
#include "tcp/tcp_priv.h"

static void pp_tcp_rtx_link(struct pp_tcp_sock *tp, struct sk_buff *skb)
{
	struct rb_node **p = &tp->pp.sk.tcp_rtx_queue.rb_node;
	struct rb_node *parent = NULL;
	u32 seq = PKTPATH_TCP_CB(skb)->seq;

	while (*p) {
		parent = *p;
		if (pp_seq_before(seq, PKTPATH_TCP_CB(rb_to_skb(parent))->seq))
			p = &parent->rb_left;
		else
			p = &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &tp->pp.sk.tcp_rtx_queue);
}

/**
 * pp_tcp_rtx_insert() - put a segment that was sent into the retransmit queue
 * @sk: socket
 * @skb: in no queue; no other was sent after it
 *
 * Context: socket locked.
 */
void pp_tcp_rtx_insert(struct sock *sk, struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_rtx_link(tp, skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->sent);
}

/**
 * pp_tcp_rtx_find() - look for a sequence number in the retransmit queue
 * @tp: connection
 * @seq: sequence number
 *
 * Context: socket locked.
 * Return: first segment that ends behind @seq, or NULL.
 */
struct sk_buff *pp_tcp_rtx_find(const struct pp_tcp_sock *tp, u32 seq)
{
	struct rb_node *n = tp->pp.sk.tcp_rtx_queue.rb_node;
	struct sk_buff *found = NULL;

	while (n) {
		struct sk_buff *skb = rb_to_skb(n);

		if (pp_seq_after(PKTPATH_TCP_CB(skb)->end_seq, seq)) {
			found = skb;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return found;
}

static int pp_tcp_sent_cmp(void *priv, const struct list_head *a,
			   const struct list_head *b)
{
	const struct sk_buff *x, *y;

	x = list_entry(a, struct sk_buff, tcp_tsorted_anchor);
	y = list_entry(b, struct sk_buff, tcp_tsorted_anchor);
	if (x->skb_mstamp_ns != y->skb_mstamp_ns)
		return x->skb_mstamp_ns > y->skb_mstamp_ns;
	return pp_seq_after(PKTPATH_TCP_CB(x)->end_seq,
			    PKTPATH_TCP_CB(y)->end_seq);
}

/**
 * pp_tcp_sent_sort() - bring tp->sent in order of time
 * @tp: connection; what is lost no more has been added anywhere
 *
 * Context: socket locked.
 */
void pp_tcp_sent_sort(struct pp_tcp_sock *tp)
{
	list_sort(NULL, &tp->sent, pp_tcp_sent_cmp);
}

/**
 * pp_tcp_rtx_unlink() - take a segment out of the retransmit queue
 * @sk: socket
 * @skb: in the queue; the caller's afterwards
 *
 * Context: socket locked.
 */
void pp_tcp_rtx_unlink(struct sock *sk, struct sk_buff *skb)
{
	rb_erase(&skb->rbnode, &sk->tcp_rtx_queue);
	__list_del_entry(&skb->tcp_tsorted_anchor);
	/* It shares its place with route and destructor. */
	skb->_skb_refdst = 0;
	skb->destructor = NULL;
	RB_CLEAR_NODE(&skb->rbnode);
	/* The rb node shares its place with these. */
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = NULL;
}

/* The counters of what is in flight follow a change of @skb's segments. */
static void pp_tcp_segs_changed(struct pp_tcp_sock *tp, u8 sacked, int delta)
{
	tp->packets_out += delta;
	if (sacked & PKTPATH_SKB_SACKED)
		tp->sacked_out += delta;
	if (sacked & PKTPATH_SKB_LOST)
		tp->lost_out += delta;
	if (sacked & PKTPATH_SKB_RETRANS)
		tp->retrans_out += delta;
}

/**
 * pp_tcp_segs_recount() - an skb in flight has another number of segments now
 * @tp: connection
 * @skb: on the retransmit queue, segs already set
 * @was: segments before
 *
 * Context: socket locked.
 */
void pp_tcp_segs_recount(struct pp_tcp_sock *tp, const struct sk_buff *skb,
			 u32 was)
{
	pp_tcp_segs_changed(tp, PKTPATH_TCP_CB(skb)->sacked,
			    PKTPATH_TCP_CB(skb)->segs - was);
}

/* Timestamps were asked for one byte: they go with the part that has it. */
static void pp_tcp_fragment_tstamp(struct sk_buff *skb, struct sk_buff *buff,
				   bool asked)
{
	u8 flags = skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP;
	u32 key = skb_shinfo(skb)->tskey;

	if (likely(!flags && !asked))
		return;
	if (pp_seq_before(key, PKTPATH_TCP_CB(buff)->seq)) {
		PKTPATH_TCP_CB(skb)->tstamp_ack = asked;
		return;
	}
	PKTPATH_TCP_CB(buff)->tstamp_ack = asked;
	skb_shinfo(buff)->tx_flags |= flags;
	skb_shinfo(buff)->tskey = key;
	skb_shinfo(skb)->tx_flags &= ~SKBTX_ANY_TSTAMP;
}

static void pp_tcp_fragment_cb(struct sk_buff *skb, struct sk_buff *buff,
			       u32 len)
{
	struct pp_tcp_skb_cb *a = PKTPATH_TCP_CB(skb);
	struct pp_tcp_skb_cb *b = PKTPATH_TCP_CB(buff);
	bool asked = a->tstamp_ack;

	*b = *a;
	b->seq = a->seq + len;
	a->end_seq = b->seq;
	/* FIN and PSH belong to the end. */
	a->flags &= ~(PKTPATH_TCPF_FIN | PKTPATH_TCPF_PSH);
	a->eor = 0;
	b->flags &= ~PKTPATH_TCPF_SYN;
	buff->skb_mstamp_ns = skb->skb_mstamp_ns;
	buff->ip_summed = CHECKSUM_PARTIAL;
	a->tstamp_ack = 0;
	b->tstamp_ack = 0;
	pp_tcp_fragment_tstamp(skb, buff, asked);
}

/**
 * pp_tcp_fragment() - cut a segment in two
 * @sk: socket
 * @rtx: @skb is on the retransmit queue, else on the write queue
 * @skb: keeps the first @len bytes
 * @len: 0 < @len < skb->len, or all of it when a FIN is left
 * @mss: for counting segments
 * @gfp: for the new skb
 *
 * Context: socket locked.
 * Return: 0, -EINVAL for an impossible length, -ENOMEM; the queue is then as
 * it was.
 */
int pp_tcp_fragment(struct sock *sk, bool rtx, struct sk_buff *skb, u32 len,
		    unsigned int mss, gfp_t gfp)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool fin = PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_FIN;
	u32 segs = PKTPATH_TCP_CB(skb)->segs;
	struct sk_buff *buff;
	int linear, moved;

	if (!len || len >= skb->len + fin)
		return -EINVAL;
	/* An attacker must not cut the queue into dust (small SACK holes). The
	 * head and the tail must be, to be sent again at all.
	 */
	if (rtx && sk->sk_wmem_queued >> 1 > sk->sk_sndbuf + (128 << 10) &&
	    skb != pp_tcp_rtx_head(tp) && skb != skb_rb_last(&tp->pp.sk.tcp_rtx_queue))
		return -ENOMEM;
	if (pp_tcp_unclone(sk, skb, gfp))
		return -ENOMEM;
	linear = max_t(int, 0, (int)skb_headlen(skb) - (int)len);
	buff = pp_tcp_skb_alloc(sk, linear, gfp, true);
	if (!buff)
		return -ENOMEM;
	sk_wmem_queued_add(sk, buff->truesize);
	sk_mem_charge(sk, buff->truesize);
	/* Payload in pages is accounted by its bytes, and these move. */
	moved = skb->len - len - linear;
	pp_tcp_fragment_cb(skb, buff, len);
	skb_split(skb, buff, len);
	buff->truesize += moved;
	skb->truesize -= moved;
	pp_tcp_set_segs(skb, mss);
	pp_tcp_set_segs(buff, mss);
	if (!rtx) {
		__skb_queue_after(&sk->sk_write_queue, skb, buff);
		return 0;
	}
	pp_tcp_rtx_link(tp, buff);
	/* Sent at the same time, and before what follows. */
	if (list_empty(&skb->tcp_tsorted_anchor))
		INIT_LIST_HEAD(&buff->tcp_tsorted_anchor);
	else
		list_add(&buff->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	pp_tcp_segs_changed(tp, PKTPATH_TCP_CB(buff)->sacked,
			    PKTPATH_TCP_CB(skb)->segs +
			    PKTPATH_TCP_CB(buff)->segs - segs);
	return 0;
}

/* Takes @len bytes of payload off the front of an skb without copying. */
static void pp_tcp_eat_frags(struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	int i, k = 0;

	for (i = 0; i < si->nr_frags; i++) {
		u32 size = skb_frag_size(&si->frags[i]);

		if (size <= len) {
			put_page(skb_frag_page(&si->frags[i]));
			len -= size;
			continue;
		}
		si->frags[k] = si->frags[i];
		if (len) {
			skb_frag_off_add(&si->frags[k], len);
			skb_frag_size_sub(&si->frags[k], len);
			len = 0;
		}
		k++;
	}
	si->nr_frags = k;
}

/**
 * pp_tcp_trim_head() - forget acknowledged bytes at the front
 * @sk: socket
 * @skb: on the retransmit queue
 * @len: bytes of sequence space, less than the skb has: all of its payload when
 *	a FIN is left
 *
 * Context: socket locked.
 * Return: 0 or -ENOMEM, nothing changed.
 */
int pp_tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	unsigned int mss = skb_shinfo(skb)->gso_size;
	u32 linear = min_t(u32, len, skb_headlen(skb));

	if (len > skb->len || pp_tcp_unclone(sk, skb, GFP_ATOMIC))
		return -ENOMEM;
	if (linear)
		__skb_pull(skb, linear);
	if (len > linear) {
		u32 paged = len - linear;

		/* Pages of a registered buffer: become ours before they go. */
		skb_zcopy_downgrade_managed(skb);
		pp_tcp_eat_frags(skb, paged);
		skb->data_len -= paged;
		skb->len -= paged;
	}
	cb->seq += len;
	skb->ip_summed = CHECKSUM_PARTIAL;
	/* The memory is given back with the skb; only segments are recounted. */
	if (mss)
		pp_tcp_set_segs(skb, mss);
	return 0;
}
