// SPDX-License-Identifier: GPL-2.0
/*
 * Fast Open of an active side: data in the SYN (RFC 7413).
 *
 * Path: sock/stream.c => pp_tcp_fo_begin(); tcp_ctl_out.c =>
 *	 pp_tcp_fo_connect() => tcp_output.c; tcp_state.c ->
 *	 pp_tcp_fo_synack()
 * Mirrors: net/ipv4/tcp_fastopen.c, tcp_output.c (tcp_send_syn_data),
 *	    tcp_input.c (tcp_rcv_fastopen_synack)
 * Locks: socket locked
 *
 * The SYN stands on the retransmit queue without its data, which stands behind
 * it: a SYN that is sent again goes alone, without the option.
 */
#include <linux/netdevice.h>
#include "compat/compat.h"
#include "tcp/tcp_fastopen.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

/* ---- Networks that swallow such SYNs ---- */

static void pp_tcp_fo_blackhole(struct sock *sk)
{
	struct pp_net *pn = pp_sk(sk)->pn;

	if (!READ_ONCE(pn->sysctl.tcp_fastopen_blackhole_timeout))
		return;
	WRITE_ONCE(pn->tcp->fo_off_jiffies, jiffies);
	/* Pairs with pp_tcp_fo_is_off(): the time comes first. */
	smp_mb__before_atomic();
	atomic_inc(&pn->tcp->fo_off);
	pp_tcp_ext_inc(sk, FASTOPENBLACKHOLE);
}

/* Longer each time, 64 times as long at most. */
static bool pp_tcp_fo_is_off(struct sock *sk)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	int base = READ_ONCE(pn->sysctl.tcp_fastopen_blackhole_timeout);
	int times = atomic_read(&pn->tcp->fo_off);
	unsigned long wait;

	if (!base || !times)
		return false;
	/* Pairs with pp_tcp_fo_blackhole(). */
	smp_rmb();
	wait = min_t(u64, (u64)base << min(times - 1, 6), INT_MAX / HZ) * HZ;
	if (time_before(jiffies, READ_ONCE(pn->tcp->fo_off_jiffies) + wait))
		return true;
	set_bit(PKTPATH_TF_FO_CHECK, &pp_tcp_sk(sk)->tflags);
	return false;
}

/**
 * pp_tcp_fo_off_reset() - net.pktpath.tcp_fastopen_blackhole_timeout_sec is set
 * @pn: netns
 *
 * Context: any.
 */
void pp_tcp_fo_off_reset(struct pp_net *pn)
{
	atomic_set(&pn->tcp->fo_off, 0);
}

/**
 * pp_tcp_fo_timed_out() - a time-out of a connection that may have used it
 * @sk: socket
 * @expired: the last one
 *
 * Context: socket locked.
 */
void pp_tcp_fo_timed_out(struct sock *sk, bool expired)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (likely(!(tp->tflags & (BIT(PKTPATH_TF_SYN_FASTOPEN) |
				   BIT(PKTPATH_TF_SYN_DATA) |
				   BIT(PKTPATH_TF_SYN_DATA_ACKED)))))
		return;
	if (tp->retransmits != 2 && (tp->retransmits > 2 || !expired))
		return;
	pp_tcp_fo_blackhole(sk);
	pp_tcp_ext_inc(sk, FASTOPENACTIVEFAIL);
}

/**
 * pp_tcp_fo_end_check() - a connection ends: did it get anything?
 * @sk: socket
 *
 * Nothing but a FIN out of order is what some firewalls leave.
 * Context: socket locked, or nobody else has it.
 */
void pp_tcp_fo_end_check(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct dst_entry *dst;
	struct sk_buff *skb;

	if (likely(!pp_tf(tp, PKTPATH_TF_SYN_FASTOPEN)))
		return;
	if (!tp->data_segs_in) {
		skb = skb_rb_first(&tp->ooo_queue);
		if (skb && !skb_rb_next(skb) &&
		    PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_FIN)
			pp_tcp_fo_blackhole(sk);
		return;
	}
	if (!pp_tf(tp, PKTPATH_TF_FO_CHECK))
		return;
	rcu_read_lock();
	dst = rcu_dereference(sk->sk_dst_cache);
	if (!dst || !(dst->dev->flags & IFF_LOOPBACK))
		pp_tcp_fo_off_reset(pp_sk(sk)->pn);
	rcu_read_unlock();
}

/* ---- SYN ---- */

/* 1 to 3 of tcpi_fastopen_client_fail. */
static void pp_tcp_fo_fail(struct pp_tcp_sock *tp, int why)
{
	clear_bit(PKTPATH_TF_FO_FAIL1, &tp->tflags);
	clear_bit(PKTPATH_TF_FO_FAIL2, &tp->tflags);
	if (why & 1)
		set_bit(PKTPATH_TF_FO_FAIL1, &tp->tflags);
	if (why & 2)
		set_bit(PKTPATH_TF_FO_FAIL2, &tp->tflags);
}

enum pp_tcp_fo_use {
	PKTPATH_FO_OFF,		/* not even ask */
	PKTPATH_FO_ASK,		/* for a cookie */
	PKTPATH_FO_BARE,	/* data without a cookie, as somebody wants */
	PKTPATH_FO_COOKIED,
};

static enum pp_tcp_fo_use pp_tcp_fo_use(struct sock *sk,
					struct pp_tcp_fo_known *known)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_fo_cache_get(sk, known);
	/* TCP-AO has no word on it */
	if (pp_tcp_ao_signs(tp) || pp_tcp_fo_is_off(sk))
		return PKTPATH_FO_OFF;
	if (READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fastopen) &
	    PKTPATH_FO_CLIENT_NO_COOKIE ||
	    pp_tf(tp, PKTPATH_TF_FO_NO_COOKIE))
		return PKTPATH_FO_BARE;
	if (known->len)
		return PKTPATH_FO_COOKIED;
	pp_tcp_fo_fail(tp, TFO_COOKIE_UNAVAILABLE);
	return PKTPATH_FO_ASK;
}

/**
 * pp_tcp_fo_syn_option() - the option of a SYN
 * @sk: socket with PKTPATH_TF_FO_SYN
 * @o: options so far; the fastopen part is filled if it fits
 *
 * Context: socket locked.
 */
void pp_tcp_fo_syn_option(struct sock *sk, struct pp_tcp_opt *o)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int size = pp_tcp_opt_size(o, true);
	struct pp_tcp_fo_known known;
	enum pp_tcp_fo_use use = pp_tcp_fo_use(sk, &known);

	if (use == PKTPATH_FO_OFF || use == PKTPATH_FO_BARE)
		return;
	o->fo_len = known.len;
	o->fo_exp = known.exp;
	memcpy(o->fo_cookie, known.cookie, known.len);
	o->fastopen = 1;
	if (pp_tcp_opt_size(o, true) == size) {
		o->fastopen = 0;
		return;
	}
	set_bit(PKTPATH_TF_SYN_FASTOPEN, &tp->tflags);
	if (known.exp)
		set_bit(PKTPATH_TF_SYN_FO_EXP, &tp->tflags);
}

/* Payload for the SYN, small enough for any option that is added on the way. */
static struct sk_buff *pp_tcp_fo_data_skb(struct sock *sk,
					  struct pp_tcp_fo_data *fo,
					  const struct pp_tcp_fo_known *known)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int space;

	tp->mss_clamp = known->mss ? : tp->advmss;
	if (tp->user_mss && tp->user_mss < tp->mss_clamp)
		tp->mss_clamp = tp->user_mss;
	pp_tcp_sync_mss(sk, 0);
	space = min_t(int, tp->pmtu_cookie - 40, tp->mss_clamp) - 40;
	return pp_tcp_send_syn_data(sk, fo, max(space, 0));
}

/* SYN with data; false: it did not go. */
static bool pp_tcp_fo_send_data(struct sock *sk, struct sk_buff *syn,
				struct sk_buff *data)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(data);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int err;

	*cb = *PKTPATH_TCP_CB(syn);
	cb->end_seq += data->len;
	tp->write_seq = cb->end_seq;
	tp->packets_out++;
	err = pp_tcp_transmit_skb(sk, data, true, sk->sk_allocation);
	syn->skb_mstamp_ns = data->skb_mstamp_ns;
	cb->seq++;
	cb->flags = PKTPATH_TCPF_ACK | PKTPATH_TCPF_PSH;
	if (err || !data->len) {
		tp->packets_out--;
		if (data->len)
			__skb_queue_tail(&sk->sk_write_queue, data);
		else
			pp_tcp_skb_free(sk, data);
		return !err;
	}
	pp_tcp_chrono_start(tp, PKTPATH_CHRONO_BUSY);
	set_bit(PKTPATH_TF_SYN_DATA, &tp->tflags);
	pp_tcp_rtx_insert(sk, data);
	pp_tcp_ext_inc(sk, ORIGDATASENT);
	return true;
}

/**
 * pp_tcp_fo_connect() - send the first SYN of a socket that wants Fast Open
 * @sk: socket in SYN_SENT
 * @syn: on the retransmit queue
 * @fo: data to go with it, or NULL
 *
 * Without a cookie of the peer one is asked for, and the data waits.
 * Context: process, socket locked.
 * Return: 0 or -errno of the route.
 */
int pp_tcp_fo_connect(struct sock *sk, struct sk_buff *syn,
		      struct pp_tcp_fo_data *fo)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_fo_known known;
	struct sk_buff *data = NULL;
	enum pp_tcp_fo_use use;
	int err = 0;

	pp_tcp_fo_cache_make(pp_sk(sk)->pn);
	use = pp_tcp_fo_use(sk, &known);
	if (fo && use >= PKTPATH_FO_BARE)
		data = pp_tcp_fo_data_skb(sk, fo, &known);
	set_bit(PKTPATH_TF_FO_SYN, &tp->tflags);
	if (!data || !pp_tcp_fo_send_data(sk, syn, data))
		err = pp_tcp_transmit_skb(sk, syn, true, sk->sk_allocation);
	clear_bit(PKTPATH_TF_FO_SYN, &tp->tflags);
	return err;
}

/**
 * pp_tcp_fo_defer() - shall connect() wait for data to send?
 * @sk: socket in SYN_SENT, addresses set
 *
 * TCP_FASTOPEN_CONNECT with a cookie: the SYN goes with the first write.
 * Context: process, socket locked.
 * Return: yes.
 */
bool pp_tcp_fo_defer(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_fo_known known;

	if (likely(!pp_tf(tp, PKTPATH_TF_FO_CONNECT)) ||
	    pp_tcp_fo_use(sk, &known) < PKTPATH_FO_BARE)
		return false;
	set_bit(PKTPATH_TF_FO_DEFER, &tp->tflags);
	return true;
}

/**
 * pp_tcp_fo_deferred() - does a connected socket still wait for its first data?
 * @sk: socket
 *
 * Context: any.
 * Return: yes: write with pp_tcp_fo_begin().
 */
bool pp_tcp_fo_deferred(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_SENT &&
	       pp_tf(pp_tcp_sk(sk), PKTPATH_TF_FO_DEFER);
}

/**
 * pp_tcp_fo_begin() - a write that opens the connection
 * @sk: socket
 * @fo: filled
 * @msg: what is written, with an address unless the connection is deferred
 * @size: its length
 *
 * Context: process, socket locked.
 * Return: 0, then pp_tcp_fo_end() is called after the connection was tried;
 * -EOPNOTSUPP, -ENOBUFS.
 */
int pp_tcp_fo_begin(struct sock *sk, struct pp_tcp_fo_data *fo,
		    struct msghdr *msg, size_t size)
{
	const struct sockaddr *sa = msg->msg_name;

	memset(fo, 0, sizeof(*fo));
	if (!(READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fastopen) &
	      PKTPATH_FO_CLIENT) ||
	    (sa && msg->msg_namelen >= (int)sizeof(sa->sa_family) &&
	     sa->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	fo->msg = msg;
	fo->size = size;
	if (msg->msg_flags & MSG_ZEROCOPY && size && !msg->msg_ubuf &&
	    sock_flag(sk, SOCK_ZEROCOPY)) {
		fo->uarg = pp_compat_zerocopy_realloc(sk, size, NULL);
		if (!fo->uarg)
			return -ENOBUFS;
		/* What goes with a SYN is copied. */
		uarg_to_msgzc(fo->uarg)->zerocopy = 0;
	}
	return 0;
}

/**
 * pp_tcp_fo_end() - after pp_tcp_fo_begin()
 * @sk: socket
 * @fo: of that
 *
 * Context: process, socket locked.
 * Return: bytes that went with the SYN.
 */
int pp_tcp_fo_end(struct sock *sk, struct pp_tcp_fo_data *fo)
{
	clear_bit(PKTPATH_TF_FO_DEFER, &pp_tcp_sk(sk)->tflags);
	if (fo->uarg && fo->copied) {
		net_zcopy_put(fo->uarg);
		/* One call, one notification: the rest is copied as well. */
		fo->msg->msg_flags &= ~MSG_ZEROCOPY;
	} else if (fo->uarg) {
		net_zcopy_put_abort(fo->uarg, true);
	}
	return fo->copied;
}

/* ---- SYN-ACK ---- */

/**
 * pp_tcp_fo_synack() - what a SYN-ACK says of Fast Open
 * @sk: socket, just established; its acknowledgment is processed
 * @o: options of the SYN-ACK
 *
 * RFC 7413 §4.2.1: data it does not acknowledge is sent again at once, and is
 * no sign of congestion.
 *
 * Context: socket locked.
 * Return: true when data was sent, with our acknowledgment.
 */
bool pp_tcp_fo_synack(struct sock *sk, const struct pp_tcp_opt *o)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool asked = pp_tf(tp, PKTPATH_TF_SYN_FASTOPEN);
	bool sent = pp_tf(tp, PKTPATH_TF_SYN_DATA);
	bool cookie = asked && o->fastopen && o->fo_len;
	struct sk_buff *skb;
	u8 try_exp = 0;

	if (likely(!asked && !sent))
		return false;
	if (asked && !tp->total_retrans && !cookie && !sent)
		try_exp = pp_tf(tp, PKTPATH_TF_SYN_FO_EXP) ? 2 : 1;
	pp_tcp_fo_cache_set(sk, o->mss ? : 536, cookie ? o : NULL, try_exp);
	if (!sent)
		return false;
	if (!tp->packets_out) {
		set_bit(PKTPATH_TF_SYN_DATA_ACKED, &tp->tflags);
		pp_tcp_ext_inc(sk, FASTOPENACTIVE);
		/* SYN and data were one segment. */
		if (tp->rate.delivered > 1)
			tp->rate.delivered--;
		return false;
	}
	pp_tcp_fo_fail(tp, tp->total_retrans ? TFO_SYN_RETRANSMITTED :
					       TFO_DATA_NOT_ACKED);
	for (skb = pp_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb))
		pp_tcp_mark_lost(tp, skb);
	pp_tcp_retransmit_lost(sk);
	pp_tcp_ext_inc(sk, FASTOPENACTIVEFAIL);
	return true;
}
