// SPDX-License-Identifier: GPL-2.0
/*
 * Reassembly of IPv4 datagrams (RFC 791 §3.2, RFC 815, RFC 1122 §3.3.2) on
 * the kernel's library of fragment queues, in tables of our own.
 *
 * A queue is found by source, destination, protocol, identification and VRF.
 * Fragments that overlap end it (the rule of RFC 5722, applied to IPv4 as the
 * kernel does), repeated ones are ignored. What waits is bounded per netns by
 * ipfrag_high_thresh and ipfrag_time; ipfrag_max_dist is how many fragments of
 * the same source may pass while a queue waits for its next one (RFC 4963).
 *
 * When connection tracking is on, the kernel has put datagrams together before
 * we see them and nothing comes here.
 *
 * Path: ip_input.c (pp_ip_local_deliver) => pp_ip_defrag() => ip_input.c
 * Mirrors: net/ipv4/ip_fragment.c
 * Locks: inet_frag_queue.lock, one at a time
 */
#include <linux/icmp.h>
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/hash.h"
#include "ip/ip_priv.h"

#define PKTPATH_FRAG_HIGH	(4L << 20)	/* bytes */
#define PKTPATH_FRAG_LOW	(3L << 20)	/* bytes */
#define PKTPATH_FRAG_DIST	64		/* fragments */
#define PKTPATH_FRAG_SRCS	512		/* counts of a netns */
#define PKTPATH_FRAG_COUNT	0xffffffULL	/* see pp_ip_frag_count() */

/**
 * struct pp_ipq - a datagram of which not all has come
 * @q: the library's part, first
 * @src: counts the fragments of its source
 * @tag: of the source, as in *@src
 * @seen: *@src when the last fragment of this one came
 * @iif: device of the last fragment
 * @max_df_size: longest fragment with DF, bytes
 * @ecn: which ECN codepoints have been seen, IPFRAG_ECN_*
 */
struct pp_ipq {
	struct inet_frag_queue q;
	atomic64_t *src;
	u64 tag, seen;
	int iif;
	u16 max_df_size;
	u8 ecn;
};

/* What a fragment says of itself: bytes of the datagram it has. */
struct pp_frag {
	unsigned int offset, end, ihl;
	bool more;
};

static struct pp_ipq *pp_ipq(struct inet_frag_queue *q)
{
	return container_of(q, struct pp_ipq, q);
}

/* ---- Callbacks of the library ---- */

static u32 pp_ip_frag_hash(const void *data, u32 len, u32 seed)
{
	return jhash2(data, sizeof(struct frag_v4_compare_key) / sizeof(u32),
		      seed);
}

static u32 pp_ip_frag_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct inet_frag_queue *fq = data;

	return pp_ip_frag_hash(&fq->key.v4, len, seed);
}

static int pp_ip_frag_obj_cmp(struct rhashtable_compare_arg *arg,
			      const void *ptr)
{
	const struct inet_frag_queue *fq = ptr;

	return memcmp(&fq->key, arg->key, sizeof(struct frag_v4_compare_key));
}

static void pp_ip_frag_construct(struct inet_frag_queue *q, const void *arg)
{
	const struct frag_v4_compare_key *key = arg;
	struct pp_net *pn = pp_net(q->fqdir->net);
	u32 hash = pp_hash_2(pn, (__force u32)key->saddr, key->vif);

	q->key.v4 = *key;
	pp_ipq(q)->src = &pn->frag_src[hash % PKTPATH_FRAG_SRCS];
	pp_ipq(q)->tag = hash >> 8;
}

/*
 * RFC 1122 §3.3.2: says so to the source, if the fragment has come that the
 * message must quote and the datagram was for us. RCU.
 */
static void pp_ip_frag_time_exceeded(struct pp_net *pn, struct sk_buff *head,
				     const struct pp_ipq *qp)
{
	int vrf = qp->q.key.v4.vif, iif = qp->iif;

	if (pp_ip_addr_type(pn, ip_hdr(head)->daddr, vrf) != RTN_LOCAL)
		return;
	/* what we have sent ourselves came by lo, which is in none */
	if (vrf && iif == LOOPBACK_IFINDEX)
		iif = vrf;
	head->dev = dev_get_by_index_rcu(pn->net, iif);
	if (head->dev)
		pp_icmp_send(head, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
}

/* Timer; has a reference of its own. */
static void pp_ip_frag_expire(struct timer_list *t)
{
	struct inet_frag_queue *q = container_of(t, struct inet_frag_queue,
						 timer);
	struct sk_buff *head = NULL;
	struct pp_net *pn = NULL;
	int refs = 1;

	rcu_read_lock();
	spin_lock(&q->lock);
	if (q->flags & INET_FRAG_COMPLETE)
		goto unlock;
	pp_compat_frag_kill(q, &refs);
	/* The netns ends or has ended: it is not even to be looked at. */
	if (READ_ONCE(q->fqdir->dead)) {
		pp_compat_frag_flush(q);
		goto unlock;
	}
	pn = pp_net(q->fqdir->net);
	pp_mib_inc(pn, IP_REASMFAILS);
	pp_mib_inc(pn, IP_REASMTIMEOUT);
	/* In the tree an skb's dev is part of the node. */
	if (q->flags & INET_FRAG_FIRST_IN)
		head = inet_frag_pull_head(q);
	else
		pp_drop_note(pn, NULL, PKTPATH_STAGE_IP_LOCAL,
			     PKTPATH_DROP_IP_FRAG_TIMEOUT);
unlock:
	spin_unlock(&q->lock);
	if (head) {
		pp_ip_frag_time_exceeded(pn, head, pp_ipq(q));
		pp_skb_drop(pn, head, PKTPATH_STAGE_IP_LOCAL,
			    PKTPATH_DROP_IP_FRAG_TIMEOUT);
	}
	rcu_read_unlock();
	pp_compat_frag_put(q, refs);
}

static struct inet_frags pp_ip_frags = {
	.qsize = sizeof(struct pp_ipq),
	.constructor = pp_ip_frag_construct,
	.frag_expire = pp_ip_frag_expire,
	.frags_cache_name = "pktpath_frags",
	.rhash_params = {
		.head_offset = offsetof(struct inet_frag_queue, node),
		.key_offset = offsetof(struct inet_frag_queue, key),
		.key_len = sizeof(struct frag_v4_compare_key),
		.hashfn = pp_ip_frag_hash,
		.obj_hashfn = pp_ip_frag_obj_hash,
		.obj_cmpfn = pp_ip_frag_obj_cmp,
		.automatic_shrinking = true,
	},
};

/* ---- One fragment ---- */

/*
 * Counts a fragment of @tag. A count is 24 bits of the source that has it, 16
 * that tell how often it has changed hands, and 24 of fragments. Returns it.
 */
static u64 pp_ip_frag_count(atomic64_t *src, u64 tag)
{
	s64 old = atomic64_read(src);
	u64 next;

	do {
		if ((u64)old >> 40 == tag)
			next = (old & ~PKTPATH_FRAG_COUNT) |
			       ((old + 1) & PKTPATH_FRAG_COUNT);
		else
			next = tag << 40 | (((old >> 24) + 1) & 0xffff) << 24;
	} while (!atomic64_try_cmpxchg(src, &old, next));
	return next;
}

/*
 * More fragments of this source than ipfrag_max_dist have come since the last
 * one of this datagram: the identification may have been used again.
 */
static bool pp_ip_frag_too_far(struct pp_ipq *qp)
{
	unsigned int max = READ_ONCE(qp->q.fqdir->max_dist);
	u64 seen = qp->seen;

	if (!max)
		return false;
	qp->seen = pp_ip_frag_count(qp->src, qp->tag);
	/* Another source has had the count meanwhile: it tells nothing. */
	if (seen >> 24 != qp->seen >> 24)
		return false;
	return qp->q.fragments_tail &&
	       ((qp->seen - seen) & PKTPATH_FRAG_COUNT) > max;
}

/* Begins anew with what is to come; false: the time has just run out. */
static bool pp_ip_frag_restart(struct pp_ipq *qp)
{
	unsigned long when = jiffies + READ_ONCE(qp->q.fqdir->timeout);

	if (!mod_timer_pending(&qp->q.timer, when))
		return false;
	pp_compat_frag_flush(&qp->q);
	qp->q.flags = 0;
	qp->q.len = 0;
	qp->q.meat = 0;
	qp->iif = 0;
	qp->ecn = 0;
	return true;
}

/* Bounds; false: the datagram cannot be a right one any more. */
static bool pp_ip_frag_place(struct pp_ipq *qp, struct sk_buff *skb,
			     struct pp_frag *f)
{
	struct inet_frag_queue *q = &qp->q;

	if (!f->more) {
		/* Something is behind the end, or there are two ends. */
		if (f->end < q->len ||
		    ((q->flags & INET_FRAG_LAST_IN) && f->end != q->len))
			return false;
		q->flags |= INET_FRAG_LAST_IN;
		q->len = f->end;
	} else {
		if (f->end & 7) {
			f->end &= ~7U;
			if (skb->ip_summed != CHECKSUM_UNNECESSARY)
				skb->ip_summed = CHECKSUM_NONE;
		}
		if ((int)f->end > q->len) {
			if (q->flags & INET_FRAG_LAST_IN)
				return false;
			q->len = f->end;
		}
	}
	return f->end != f->offset;
}

/*
 * Puts the datagram together in @skb. False: no memory, too long (RFC 791:
 * 65,535), or the ECN bits contradict each other (RFC 3168 §5.3); the queue
 * still has everything.
 */
static bool pp_ip_frag_reasm(struct pp_net *pn, struct pp_ipq *qp,
			     struct sk_buff *skb, struct sk_buff *prev_tail,
			     int *refs)
{
	u8 ecn = ip_frag_ecn_table[qp->ecn];
	struct inet_frag_queue *q = &qp->q;
	struct iphdr *iph;
	unsigned int len;
	void *data;

	pp_compat_frag_kill(q, refs);
	if (ecn == 0xff)
		return false;
	data = inet_frag_reasm_prepare(q, skb, prev_tail);
	if (!data)
		return false;
	/* RFC 791: the header of the first fragment counts. */
	len = ip_hdrlen(skb) + q->len;
	if (len > IP_MAX_MTU)
		return false;
	inet_frag_reasm_finish(q, skb, data, true);

	iph = ip_hdr(skb);
	iph->tot_len = htons(len);
	iph->tos |= ecn;
	iph->frag_off = 0;
	PKTPATH_SKB_CB(skb)->h4.frag_max_size = max(qp->max_df_size,
						    q->max_size);
	if (qp->max_df_size == q->max_size) {
		PKTPATH_SKB_CB(skb)->h4.flags |= IPSKB_FRAG_PMTU;
		iph->frag_off = htons(IP_DF);
	}
	ip_send_check(iph);
	q->rb_fragments = RB_ROOT;
	q->fragments_tail = NULL;
	q->last_run_head = NULL;
	return true;
}

/* The library has @skb; remember what the datagram will need of it. */
static void pp_ip_frag_account(struct pp_ipq *qp, const struct sk_buff *skb,
			       const struct pp_frag *f, int iif)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct inet_frag_queue *q = &qp->q;
	u16 size = skb->len + f->ihl;

	qp->iif = iif;
	qp->ecn |= 1 << (iph->tos & INET_ECN_MASK);
	pp_compat_frag_stamp(q, skb);
	q->meat += skb->len;
	add_frag_mem_limit(q->fqdir, skb->truesize);
	if (!f->offset)
		q->flags |= INET_FRAG_FIRST_IN;
	if (size > q->max_size)
		q->max_size = size;
	if ((iph->frag_off & htons(IP_DF)) && size > qp->max_df_size)
		qp->max_df_size = size;
}

/*
 * The last piece: @skb becomes the datagram and keeps its route. False: the
 * queue is no more, @skb is the caller's.
 */
static bool pp_ip_frag_last(struct pp_net *pn, struct pp_ipq *qp,
			    struct sk_buff *skb, struct sk_buff *prev_tail,
			    int *refs)
{
	unsigned long refdst = skb->_skb_refdst;
	bool ok;

	skb->_skb_refdst = 0;
	ok = pp_ip_frag_reasm(pn, qp, skb, prev_tail, refs);
	skb->_skb_refdst = refdst;
	return ok;
}

enum pp_frag_verdict {
	PKTPATH_FRAG_KEPT,	/* the queue has it */
	PKTPATH_FRAG_DONE,	/* it has become the datagram */
	PKTPATH_FRAG_DUP,	/* it is one more of the same */
	PKTPATH_FRAG_BAD,	/* the datagram is given up, and counted */
};

/* Under the queue's lock and RCU. */
static enum pp_frag_verdict pp_ip_frag_queue(struct pp_net *pn,
					     struct pp_ipq *qp,
					     struct sk_buff *skb, int *refs)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct inet_frag_queue *q = &qp->q;
	struct net_device *dev = skb->dev;
	struct sk_buff *prev_tail;
	struct pp_frag f;
	int err;

	if (q->flags & INET_FRAG_COMPLETE)
		return PKTPATH_FRAG_DUP;
	if (pp_ip_frag_too_far(qp)) {
		pp_mib_inc(pn, IP_REASMFAILS);
		if (!pp_ip_frag_restart(qp))
			goto bad;
	}
	f.ihl = iph->ihl * 4;
	f.offset = (ntohs(iph->frag_off) & IP_OFFSET) << 3;
	f.more = iph->frag_off & htons(IP_MF);
	f.end = f.offset + skb->len - f.ihl;
	if (!pp_ip_frag_place(qp, skb, &f) || !pskb_pull(skb, f.ihl) ||
	    pskb_trim_rcsum(skb, f.end - f.offset))
		goto bad;

	prev_tail = q->fragments_tail;
	/* From here on skb->dev is part of the tree's node. */
	err = inet_frag_queue_insert(q, skb, f.offset, f.end);
	if (err == IPFRAG_DUP)
		return PKTPATH_FRAG_DUP;
	if (err) {
		pp_mib_inc(pn, IPEXT_REASMOVERLAPS);
		goto bad;
	}
	pp_ip_frag_account(qp, skb, &f, dev->ifindex);
	if (q->flags != (INET_FRAG_FIRST_IN | INET_FRAG_LAST_IN) ||
	    q->meat != q->len) {
		skb_dst_drop(skb);
		skb_orphan(skb);
		return PKTPATH_FRAG_KEPT;
	}
	if (pp_ip_frag_last(pn, qp, skb, prev_tail, refs)) {
		skb->dev = dev;
		return PKTPATH_FRAG_DONE;
	}
	/* @skb is still, or again, one of the queue's. */
	pp_mib_inc(pn, IP_REASMFAILS);
	pp_drop_note(pn, NULL, PKTPATH_STAGE_IP_LOCAL, PKTPATH_DROP_IP_FRAGMENT);
	return PKTPATH_FRAG_KEPT;
bad:
	pp_compat_frag_kill(q, refs);
	pp_mib_inc(pn, IP_REASMFAILS);
	return PKTPATH_FRAG_BAD;
}

/**
 * pp_ip_defrag() - a fragment for this host came in
 * @pn: netns
 * @skb: at its IP header, checked, with a dst of ours
 *
 * Mirrors: net/ipv4/ip_fragment.c:ip_defrag (v7.2). RFC 1122 §3.3.2.
 *
 * Context: softirq, RCU.
 * Return: true when @skb is now the whole datagram, at its IP header, with the
 * route of the last fragment; false: it has been taken, or dropped.
 */
bool pp_ip_defrag(struct pp_net *pn, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct frag_v4_compare_key key = {
		.saddr = iph->saddr,
		.daddr = iph->daddr,
		.user = IP_DEFRAG_LOCAL_DELIVER,
		.vif = pp_skb_sdif(skb),
		.id = iph->id,
		.protocol = iph->protocol,
	};
	enum pp_frag_verdict verdict;
	struct inet_frag_queue *q;
	int refs = 0;

	pp_mib_inc(pn, IP_REASMREQDS);
	q = inet_frag_find(pn->frags, &key);
	if (!q) {
		pp_mib_inc(pn, IP_REASMFAILS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_LOCAL,
			    PKTPATH_DROP_IP_FRAG_LIMIT);
		return false;
	}
	spin_lock(&q->lock);
	verdict = pp_ip_frag_queue(pn, pp_ipq(q), skb, &refs);
	spin_unlock(&q->lock);
	pp_compat_frag_put(q, refs);

	switch (verdict) {
	case PKTPATH_FRAG_DONE:
		pp_mib_inc(pn, IP_REASMOKS);
		pp_skb_cb_defragged(skb);
		return true;
	case PKTPATH_FRAG_DUP:
	case PKTPATH_FRAG_BAD:
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_LOCAL,
			    verdict == PKTPATH_FRAG_DUP ?
			    PKTPATH_DROP_IP_FRAG_DUP :
			    PKTPATH_DROP_IP_FRAGMENT);
		return false;
	default:
		return false;
	}
}

/* ---- Life ---- */

/**
 * pp_ip_frag_net_init() - table and limits of a netns
 * @pn: the netns
 *
 * Mirrors: net/ipv4/ip_fragment.c:ipv4_frags_init_net.
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_ip_frag_net_init(struct pp_net *pn)
{
	int err;

	pn->frag_src = kcalloc(PKTPATH_FRAG_SRCS, sizeof(*pn->frag_src),
			       GFP_KERNEL_ACCOUNT);
	if (!pn->frag_src)
		return -ENOMEM;
	err = fqdir_init(&pn->frags, &pp_ip_frags, pn->net);
	if (err) {
		kfree(pn->frag_src);
		pn->frag_src = NULL;
		return err;
	}
	pn->frags->high_thresh = PKTPATH_FRAG_HIGH;
	pn->frags->low_thresh = PKTPATH_FRAG_LOW;
	pn->frags->timeout = IP_FRAG_TIME;
	pn->frags->max_dist = PKTPATH_FRAG_DIST;
	return 0;
}

/**
 * pp_ip_frag_net_pre_exit() - no new datagrams, and nobody is told of the old
 * @pn: the netns
 *
 * Context: process.
 */
void pp_ip_frag_net_pre_exit(struct pp_net *pn)
{
	fqdir_pre_exit(pn->frags);
}

/**
 * pp_ip_frag_net_exit() - throw away what waits
 * @pn: the netns; packets are not received any more
 *
 * The library frees it later; pp_ip_frag_exit() waits for that.
 *
 * Context: process.
 */
void pp_ip_frag_net_exit(struct pp_net *pn)
{
	fqdir_exit(pn->frags);
	kfree(pn->frag_src);
	pn->frag_src = NULL;
}

/**
 * pp_ip_frag_init() - prepare the library
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_ip_frag_init(void)
{
	return inet_frags_init(&pp_ip_frags);
}

/**
 * pp_ip_frag_exit() - wait until nothing of the library's is ours any more
 *
 * Context: process; every netns has done its exit.
 */
void pp_ip_frag_exit(void)
{
	inet_frags_fini(&pp_ip_frags);
}
