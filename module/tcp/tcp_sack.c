// SPDX-License-Identifier: GPL-2.0
/*
 * SACK blocks that come in: the scoreboard is the retransmit queue itself.
 *
 * Path: tcp_ack.c -> here -> tcp_recovery.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_sacktag_write_queue)
 * Locks: socket locked
 *
 * Each segment on the queue carries its state in pp_tcp_skb_cb.sacked; the
 * sums over all segments are tp->sacked_out, lost_out and retrans_out. Blocks
 * seen with the acknowledgment before are remembered, so that a block that
 * only grew costs what is new of it and not its whole length; and what is SACKed
 * knows how far its neighbours are, so that a block that comes again from
 * anywhere is not walked through once more.
 */
#include "tcp/tcp_priv.h"
#include "tcp/tcp_sack_blocks.h"

/* RFC 8985 §6.2 step 2: the echo is older than what was sent at @sent_us. */
static bool pp_tcp_echo_older(const struct pp_tcp_sock *tp,
			      const struct pp_tcp_opt *opt, u64 sent_us)
{
	u32 sent = (u32)div_u64(sent_us, USEC_PER_MSEC) + tp->ts_offset;

	return tp->tstamp_ok && opt && opt->ts_ok && opt->tsecr &&
	       (s32)(opt->tsecr - sent) < 0;
}

/**
 * pp_tcp_delivered() - account a segment that has arrived at the peer
 * @sk: socket
 * @skb: on the retransmit queue
 * @st: the acknowledgment that says so
 *
 * Context: socket locked.
 */
void pp_tcp_delivered(struct sock *sk, struct sk_buff *skb,
		      struct pp_tcp_ack_state *st)
{
	u64 sent_us = div_u64(skb->skb_mstamp_ns, NSEC_PER_USEC);
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->rate.delivered += cb->segs;
	if (st->flags & PKTPATH_ACK_ECE)
		tp->c.delivered_ce += cb->segs;
	tp->rate.delivered_us = (u32)tp->mstamp_us ? : 1;
	pp_tcp_rate_delivered(&tp->rate, &cb->tx, &st->rs,
			      (u32)sent_us, cb->sacked & PKTPATH_SKB_EVER);
	/* It was the first copy that arrived. */
	if (cb->sacked & PKTPATH_SKB_EVER &&
	    pp_tcp_echo_older(tp, st->opt, sent_us))
		return;
	pp_tcp_rack_advance(tp, cb->sacked, cb->end_seq, sent_us);
}

/* What follows @skb, which is SACKed, and all that is known to be so with it. */
static struct sk_buff *pp_tcp_sack_over(const struct pp_tcp_sock *tp,
					struct sk_buff *skb)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

	return pp_seq_after(cb->sack_end, cb->end_seq) ?
	       pp_tcp_rtx_find(tp, cb->sack_end) : skb_rb_next(skb);
}

/* Marks one segment, whole inside a block. */
static void pp_tcp_sack_mark(struct sock *sk, struct sk_buff *skb,
			     struct pp_tcp_ack_state *st)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!(cb->sacked & PKTPATH_SKB_EVER)) {
		u64 us = div_u64(skb->skb_mstamp_ns, NSEC_PER_USEC);

		/* Sent once, reported after what was sent later; blocks of one
		 * acknowledgment come in any order.
		 */
		if (pp_seq_before(cb->seq, st->prior_fack) &&
		    (!st->reord_valid || pp_seq_before(cb->seq, st->reord))) {
			st->reord = cb->seq;
			st->reord_valid = true;
		}
		if (!pp_seq_after(cb->end_seq, tp->high_seq))
			st->orig_sacked = true;
		if (!st->first_sackt_us)
			st->first_sackt_us = us;
		st->last_sackt_us = us;
	}
	pp_tcp_delivered(sk, skb, st);
	/* It gives no other sample. One that is acknowledged in part does. */
	cb->tx.delivered_us = 0;
	if (cb->sacked & PKTPATH_SKB_LOST)
		tp->lost_out -= cb->segs;
	if (cb->sacked & PKTPATH_SKB_RETRANS)
		tp->retrans_out -= cb->segs;
	cb->sacked &= ~(PKTPATH_SKB_LOST | PKTPATH_SKB_RETRANS);
	cb->sacked |= PKTPATH_SKB_SACKED;
	cb->sack_end = cb->end_seq;
	pp_tcp_sent_del(skb);
	tp->sacked_out += cb->segs;
	st->flags |= PKTPATH_ACK_SACKED;
	if (tp->sacked_out == cb->segs ||
	    pp_seq_after(cb->end_seq, tp->fack_seq))
		tp->fack_seq = cb->end_seq;
}

/*
 * Cuts @skb so that what the block covers stands alone, on segment borders
 * (RFC 2018 speaks of whole segments; a GSO skb holds many). False: nothing of
 * it can be marked.
 */
static bool pp_tcp_sack_cut(struct sock *sk, struct sk_buff *skb,
			    const struct pp_tcp_sack_block *b,
			    struct sk_buff **next)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	unsigned int mss = skb_shinfo(skb)->gso_size;
	u32 len;

	*next = skb_rb_next(skb);
	if (cb->segs <= 1 || !mss)
		return false;
	if (pp_seq_before(cb->seq, b->start)) {
		len = roundup(b->start - cb->seq, mss);
		if (len >= skb->len)
			return false;
		if (pp_tcp_fragment(sk, true, skb, len, mss, GFP_ATOMIC))
			return false;
		/* The second part is looked at next. */
		*next = skb_rb_next(skb);
		return false;
	}
	len = rounddown(b->end - cb->seq, mss);
	if (!len || len >= skb->len)
		return false;
	if (pp_tcp_fragment(sk, true, skb, len, mss, GFP_ATOMIC))
		return false;
	*next = NULL;
	return true;
}

/* All from @skb to @end is SACKed: who comes here again need not look at each. */
static void pp_tcp_sack_join_run(struct pp_tcp_sock *tp, struct sk_buff *skb,
				 u32 end)
{
	while (skb && pp_seq_before(PKTPATH_TCP_CB(skb)->seq, end)) {
		struct sk_buff *next = pp_tcp_sack_over(tp, skb);

		PKTPATH_TCP_CB(skb)->sack_end = end;
		skb = next;
	}
}

/* Marks what lies in @b, looking no lower than @from. */
static void pp_tcp_sack_range(struct sock *sk, u32 from,
			      const struct pp_tcp_sack_block *b,
			      struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb, *next, *run = NULL;
	u32 run_end = from;

	for (skb = pp_tcp_rtx_find(tp, from); skb; skb = next) {
		struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

		if (!pp_seq_before(cb->seq, b->end))
			break;
		next = skb_rb_next(skb);
		if (!(cb->sacked & PKTPATH_SKB_SACKED) &&
		    (pp_seq_before(cb->seq, b->start) ||
		     pp_seq_after(cb->end_seq, b->end)) &&
		    !pp_tcp_sack_cut(sk, skb, b, &next)) {
			pp_tcp_sack_join_run(tp, run, run_end);
			run = NULL;
			continue;
		}
		if (cb->sacked & PKTPATH_SKB_SACKED)
			next = pp_tcp_sack_over(tp, skb);
		else
			pp_tcp_sack_mark(sk, skb, st);
		if (!run)
			run = skb;
		run_end = cb->sack_end;
	}
	pp_tcp_sack_join_run(tp, run, run_end);
}

/* How many segments came twice by block @b. 0: it is longer than any window, or
 * there are more such than were ever sent again; nobody may widen the window of
 * reordering or undo a reduction by that.
 */
static u32 pp_tcp_dsack_segs(struct pp_tcp_sock *tp,
			     const struct pp_tcp_sack_block *b,
			     struct pp_tcp_ack_state *st)
{
	u32 len = b->end - b->start, segs = 1;

	if (len > tp->max_window || !pp_tcp_sacks(tp))
		return 0;
	if (len > tp->mss_cache)
		segs = DIV_ROUND_UP(len, tp->mss_cache);
	else if (tp->tlp_high_seq && tp->tlp_high_seq == b->end)
		st->flags |= PKTPATH_ACK_DSACK_TLP;
	tp->sacks->count.dsacks += segs;
	return tp->sacks->count.dsacks > tp->total_retrans ? 0 : segs;
}

/* False: it is none, the block is like any other. */
static bool pp_tcp_sack_dsack(struct sock *sk, const struct pp_tcp_opt *o,
			      u32 ack, struct pp_tcp_ack_state *st)
{
	const struct pp_tcp_sack_block *b = &o->sacks[0];
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 segs;

	/* What we never sent, or sent long ago, is no report about us. */
	if (!pp_seq_before(b->start, b->end) ||
	    pp_seq_after(b->end, tp->snd_nxt) ||
	    pp_seq_before(b->start, tp->snd_una - tp->max_window)) {
		if (tp->undo_marker)
			pp_tcp_ext_inc(sk, DSACKIGNOREDOLD);
		else
			pp_tcp_ext_inc(sk, DSACKIGNOREDNOUNDO);
		return true;
	}
	if (pp_seq_before(b->start, ack))
		pp_tcp_ext_inc(sk, DSACKRECV);
	else
		pp_tcp_ext_inc(sk, DSACKOFORECV);
	segs = pp_tcp_dsack_segs(tp, b, st);
	if (!segs) {
		pp_tcp_ext_inc(sk, DSACKIGNOREDDUBIOUS);
		return false;
	}
	pp_tcp_ext_add(sk, DSACKRECVSEGS, segs);
	st->flags |= PKTPATH_ACK_DSACK;
	/* Only reordering makes RACK send again what was not lost; the tail
	 * probe is sent by the clock.
	 */
	if (tp->reord_seen && !(st->flags & PKTPATH_ACK_DSACK_TLP))
		tp->rack.dsack_seen = 1;
	if (tp->undo_marker && tp->undo_retrans && tp->undo_retrans != ~0u &&
	    !pp_seq_after(b->end, st->prior_una) &&
	    pp_seq_after(b->end, tp->undo_marker))
		tp->undo_retrans -= min(tp->undo_retrans, segs);
	return true;
}

/**
 * pp_tcp_check_reordering() - a segment arrived late though sent once
 * @sk: socket
 * @low_seq: its sequence
 *
 * The distance to the highest SACKed segment, in segments, is how far the
 * path reorders: fewer duplicates are no sign of loss (RFC 8985 §6.2 step 4).
 *
 * Context: socket locked.
 */
void pp_tcp_check_reordering(struct sock *sk, u32 low_seq)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	u32 metric, mss = tp->mss_cache;

	/* An ACK may have taken the highest, and all below it, with it. */
	metric = (tp->sacked_out ? tp->fack_seq : tp->snd_una) - low_seq;
	if ((s32)metric <= 0 || !mss)
		return;
	metric = DIV_ROUND_UP(metric, mss);
	if (metric > tp->reordering)
		tp->reordering = min_t(u32, metric,
				       READ_ONCE(s->tcp_max_reordering));
	if (tp->reord_seen < 255)
		tp->reord_seen++;
	pp_tcp_ext_inc(sk, SACKREORDER);
}

/**
 * pp_tcp_sack_process() - take in the SACK option of an acknowledgment
 * @sk: socket
 * @skb: the segment; its control block has the acknowledgment
 * @st: collects what is learnt; st->opt has the blocks
 *
 * Context: socket locked, softirq or process.
 */
void pp_tcp_sack_process(struct sock *sk, const struct sk_buff *skb,
			 struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sack_block seen[PKTPATH_TCP_MAX_SACKS] = {};
	u32 ack = PKTPATH_TCP_CB(skb)->ack_seq;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pp_tcp_opt *o = st->opt;
	unsigned int i, first = 0, n = 0;
	u32 from;

	if (!tp->sack_ok || !o->nsacks)
		return;
	/* What was seen when nothing of it is left says nothing. */
	if (!tp->sacked_out && tp->sacks)
		memset(tp->sacks->seen, 0, sizeof(tp->sacks->seen));
	if (pp_tcp_sack_is_dsack(o, ack) && pp_tcp_sack_dsack(sk, o, ack, st))
		first = 1;
	for (i = first; i < o->nsacks; i++) {
		const struct pp_tcp_sack_block *b = &o->sacks[i];

		if (!pp_tcp_sack_valid(b, tp->snd_una, tp->snd_nxt)) {
			/* Old ones come with every late acknowledgment. */
			if (!pp_seq_before(b->end, tp->snd_una))
				pp_tcp_ext_inc(sk, SACKDISCARD);
			continue;
		}
		seen[n++] = *b;
		if (pp_tcp_sack_new(tp->sacks ? tp->sacks->seen : NULL, b,
				    &from))
			pp_tcp_sack_range(sk, from, b, st);
	}
	/* Without memory they are looked at again. */
	if (n && pp_tcp_sacks(tp))
		memcpy(tp->sacks->seen, seen, sizeof(seen));
	if (st->reord_valid && tp->c.state != PKTPATH_CC_LOSS)
		pp_tcp_check_reordering(sk, st->reord);
}
