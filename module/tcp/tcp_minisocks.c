// SPDX-License-Identifier: GPL-2.0
/*
 * The small objects: TIME_WAIT, and the birth of a socket from a half-open
 * connection.
 *
 * Path: tcp_listen.c, tcp_state.c, tcp_data.c
 * Mirrors: net/ipv4/tcp_minisocks.c
 * Locks: a TIME_WAIT object has its own; the table and the timer hold a
 * reference each
 */
#include <net/inet_ecn.h>
#include "core/fault.h"
#include "core/hash.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

#define PKTPATH_TIMEWAIT (60 * HZ)

/* ---- TIME_WAIT ---- */

static void pp_tcp_tw_free(struct pp_tcp_tw *tw)
{
	kfree_sensitive(tw->md5);
	pp_tcp_ao_free(tw->ao);
	kfree(tw);
}

static void pp_tcp_mini_rcu(struct rcu_head *head)
{
	pp_tcp_tw_free(container_of(head, struct pp_tcp_tw, rcu));
}

static void pp_tcp_req_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct pp_tcp_req, rcu));
}

/**
 * pp_tcp_mini_free() - the last reference of a small object is gone
 * @n: REQ or TW
 *
 * Context: any.
 */
void pp_tcp_mini_free(struct pp_tcp_node *n)
{
	if (n->kind == PKTPATH_TCP_TW) {
		call_rcu(&container_of(n, struct pp_tcp_tw, tn)->rcu,
			 pp_tcp_mini_rcu);
		return;
	}
	kfree(container_of(n, struct pp_tcp_req, tn)->saved_syn);
	sock_put(container_of(n, struct pp_tcp_req, tn)->lsk);
	call_rcu(&container_of(n, struct pp_tcp_req, tn)->rcu, pp_tcp_req_rcu);
}

static void pp_tcp_tw_leave_port(struct pp_tcp_tw *tw)
{
	struct pp_tcp_bbucket *bb;

	bb = pp_tcp_bbucket(tw->pn, ntohs(tw->tn.key.lport));
	spin_lock_bh(&bb->lock);
	if (tw->bind) {
		hlist_del(&tw->bind_node);
		pp_tcp_bind_put(tw->bind);
		tw->bind = NULL;
	}
	spin_unlock_bh(&bb->lock);
}

/**
 * pp_tcp_tw_kill() - end a TIME_WAIT object now
 * @tw: object, the caller holds a reference
 *
 * Context: any; not under tw->lock.
 */
void pp_tcp_tw_kill(struct pp_tcp_tw *tw)
{
	struct pp_tcp_table *t = tw->pn->tcp;

	spin_lock_bh(&t->tw_lock);
	if (tw->dead) {
		spin_unlock_bh(&t->tw_lock);
		return;
	}
	tw->dead = true;
	list_del(&tw->list);
	spin_unlock_bh(&t->tw_lock);
	atomic_dec(&t->ntws);
	pp_tcp_conn_remove(tw->pn, &tw->tn);
	pp_tcp_tw_leave_port(tw);
	if (timer_delete(&tw->timer))
		pp_tcp_node_put(&tw->tn);
	/* The table's. */
	pp_tcp_node_put(&tw->tn);
}

static void pp_tcp_tw_timer(struct timer_list *t)
{
	struct pp_tcp_tw *tw = container_of(t, struct pp_tcp_tw, timer);

	pp_tcp_tw_kill(tw);
	pp_tcp_node_put(&tw->tn);
}

static void pp_tcp_tw_arm(struct pp_tcp_tw *tw, unsigned long delay)
{
	/* An object that is being ended must not be armed again. */
	spin_lock_bh(&tw->pn->tcp->tw_lock);
	if (!tw->dead && !mod_timer(&tw->timer, jiffies + delay))
		refcount_inc(&tw->refcnt);
	spin_unlock_bh(&tw->pn->tcp->tw_lock);
}

static struct pp_tcp_tw *pp_tcp_tw_alloc(struct sock *sk, int substate)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_tcp_table *t = pn->tcp;
	struct pp_tcp_tw *tw;
	bool ok = true;

	if (READ_ONCE(pn->exiting) ||
	    atomic_read(&t->ntws) >= READ_ONCE(pn->sysctl.tcp_max_tw_buckets))
		return NULL;
	tw = kzalloc(sizeof(*tw), GFP_ATOMIC);
	if (!tw)
		return NULL;
	tw->tn.key = tp->tn.key;
	tw->tn.kind = PKTPATH_TCP_TW;
	refcount_set(&tw->refcnt, 1);	/* the table's */
	tw->pn = pn;
	spin_lock_init(&tw->lock);
	timer_setup(&tw->timer, pp_tcp_tw_timer, 0);
	tw->rcv_nxt = tp->rcv_nxt;
	tw->snd_nxt = tp->snd_nxt;
	tw->rcv_wnd = pp_tcp_rcv_window(tp);
	tw->rcv_wscale = tp->rcv_wscale;
	tw->tstamp_ok = tp->tstamp_ok;
	tw->ts_recent = tp->ts_recent;
	tw->ts_recent_sec = tp->ts_recent_sec;
	tw->ts_offset = tp->ts_offset;
	tw->mark = sk->sk_mark;
	tw->priority = sk->sk_priority;
	tw->tos = inet_sk(sk)->tos;
	tw->bound_if = sk->sk_bound_dev_if;
	tw->reuse = sk->sk_reuse;
	tw->reuseport = sk->sk_reuseport;
	tw->uid = pp_compat_sk_uid(sk);
	tw->substate = substate;
	if (pp_tcp_md5_used())
		tw->md5 = pp_tcp_md5_copy(sk, &ok);
	if (ok && pp_tcp_ao_used())
		tw->ao = pp_tcp_ao_copy(sk, &ok);
	if (!ok) {
		pp_tcp_tw_free(tw);
		return NULL;
	}
	return tw;
}

/* In place of @sk in the table. Whoever finds the object there may end it at
 * once, so that it is complete before, and pp_tcp_tw_kill() has to wait.
 */
static int pp_tcp_tw_publish(struct sock *sk, struct pp_tcp_tw *tw, int delay)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_tcp_bbucket *bb;
	int err;

	bb = pp_tcp_bbucket(pn, inet_sk(sk)->inet_num);
	spin_lock_bh(&bb->lock);
	if (tp->bind) {
		tw->bind = tp->bind;
		hlist_add_head(&tw->bind_node, &tw->bind->tws);
	}
	spin_unlock_bh(&bb->lock);
	spin_lock_bh(&pn->tcp->tw_lock);
	err = pp_tcp_conn_insert(pn, &tw->tn, &tp->tn);
	if (!err) {
		list_add_tail(&tw->list, &pn->tcp->tws);
		atomic_inc(&pn->tcp->ntws);
		/* The timer's. */
		refcount_inc(&tw->refcnt);
		mod_timer(&tw->timer, jiffies +
			  clamp_t(int, delay, 1, PKTPATH_TIMEWAIT));
	}
	spin_unlock_bh(&pn->tcp->tw_lock);
	return err;
}

/**
 * pp_tcp_time_wait() - the connection is over, its tuple is not
 * @sk: socket; in CLOSE on return, its user, if any, keeps it
 * @substate: TCP_TIME_WAIT, or TCP_FIN_WAIT2 of an orphan
 * @timeo_jiffies: how long for FIN_WAIT2; TIME_WAIT is always a minute
 *
 * RFC 9293 §3.3.2, with 60 s for two segment lifetimes as the kernel. Beyond
 * tcp_max_tw_buckets, or without memory, the tuple is free at once.
 *
 * Context: socket locked.
 */
void pp_tcp_time_wait(struct sock *sk, int substate, int timeo_jiffies)
{
	struct pp_tcp_tw *tw = pp_tcp_tw_alloc(sk, substate);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!tw) {
		pp_tcp_ext_inc(sk, TIMEWAITOVERFLOW);
		pp_tcp_done(sk);
		return;
	}
	if (substate == TCP_TIME_WAIT)
		timeo_jiffies = PKTPATH_TIMEWAIT;
	if (!tp->tn.hashed || pp_tcp_tw_publish(sk, tw, timeo_jiffies)) {
		pp_tcp_tw_leave_port(tw);
		pp_tcp_tw_free(tw);
	} else if (timeo_jiffies > 4 * HZ) {
		pp_tcp_ext_inc(sk, TW);
	} else {
		pp_tcp_ext_inc(sk, TWKILLED);
	}
	pp_tcp_done(sk);
}

static void pp_tcp_tw_ack(struct pp_tcp_tw *tw, struct sk_buff *skb)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	struct pp_tcp_raw_ack a = {
		.seq = tw->snd_nxt, .ack = tw->rcv_nxt,
		.win = tw->rcv_wnd >> tw->rcv_wscale, .ts_ok = tw->tstamp_ok,
		.tsval = (u32)div_u64(pp_tcp_clock_us(), USEC_PER_MSEC) +
			 tw->ts_offset,
		.tsecr = tw->ts_recent, .tos = tw->tos, .mark = tw->mark,
		.priority = tw->priority, .oif = tw->bound_if, .md5 = tw->md5,
		.tw = tw,
	};

	/* Data is no part of a storm of acknowledgments. */
	if ((cb->seq == cb->end_seq || tcp_hdr(skb)->syn) &&
	    pp_tcp_oow_limited(tw->pn, &tw->challenge_jiffies)) {
		if (tw->substate == TCP_TIME_WAIT)
			pp_mib_inc(tw->pn, TCPEXT_ACKSKIPPEDTIMEWAIT);
		else
			pp_mib_inc(tw->pn, TCPEXT_ACKSKIPPEDFINWAIT2);
		return;
	}
	pp_tcp_send_ack_raw(tw->pn, skb, &a);
}

enum pp_tcp_tw_verdict {
	PKTPATH_TW_DROP,
	PKTPATH_TW_ACK,
	PKTPATH_TW_KILL,
	PKTPATH_TW_RESET,	/* and kill */
	PKTPATH_TW_SYN,		/* and kill: a new connection */
};

/* An orphan in FIN_WAIT_2: only the peer's FIN is waited for. */
static enum pp_tcp_tw_verdict
pp_tcp_tw_fin_wait2(struct pp_tcp_tw *tw, const struct sk_buff *skb,
		    bool paws, const struct pp_tcp_opt *opt)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);

	if (paws || !pp_tcp_in_window(cb, tw->rcv_nxt,
				      tw->rcv_nxt + tw->rcv_wnd))
		return th->rst ? PKTPATH_TW_DROP : PKTPATH_TW_ACK;
	if (th->rst)
		return PKTPATH_TW_KILL;
	if (th->syn && !pp_seq_before(cb->seq, tw->rcv_nxt))
		return PKTPATH_TW_RESET;
	if (!th->ack || !pp_seq_after(cb->end_seq, tw->rcv_nxt) ||
	    cb->end_seq == cb->seq)
		return PKTPATH_TW_DROP;
	/* Data for nobody, or a FIN that is not the next thing. */
	if (!th->fin || cb->end_seq != tw->rcv_nxt + 1)
		return PKTPATH_TW_RESET;
	WRITE_ONCE(tw->substate, TCP_TIME_WAIT);
	tw->rcv_nxt = cb->end_seq;
	if (opt->ts_ok) {
		tw->ts_recent = opt->tsval;
		tw->ts_recent_sec = (u32)ktime_get_seconds();
	}
	pp_tcp_tw_arm(tw, PKTPATH_TIMEWAIT);
	tw->challenge_jiffies = 0;
	return PKTPATH_TW_ACK;
}

static enum pp_tcp_tw_verdict
pp_tcp_tw_time_wait(struct pp_tcp_tw *tw, const struct sk_buff *skb, bool paws,
		    const struct pp_tcp_opt *opt)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);

	if (!paws && cb->seq == tw->rcv_nxt &&
	    (cb->seq == cb->end_seq || th->rst)) {
		/* RFC 1337: a reset may be ignored. */
		if (th->rst && !READ_ONCE(tw->pn->sysctl.tcp_rfc1337))
			return PKTPATH_TW_KILL;
		if (opt->ts_ok) {
			tw->ts_recent = opt->tsval;
			tw->ts_recent_sec = (u32)ktime_get_seconds();
		}
		pp_tcp_tw_arm(tw, PKTPATH_TIMEWAIT);
		return PKTPATH_TW_DROP;
	}
	/* RFC 6191, RFC 9293 §3.10.7.4: a SYN that is surely new. */
	if (th->syn && !th->rst && !th->ack && !paws &&
	    (pp_seq_after(cb->seq, tw->rcv_nxt) ||
	     (tw->tstamp_ok && opt->ts_ok &&
	      (s32)(opt->tsval - tw->ts_recent) > 0)))
		return PKTPATH_TW_SYN;
	if (th->rst)
		return PKTPATH_TW_DROP;
	if (paws || th->ack)
		pp_tcp_tw_arm(tw, PKTPATH_TIMEWAIT);
	return PKTPATH_TW_ACK;
}

/* Beyond what the old connection used, so that its duplicates are old. */
static u32 pp_tcp_tw_isn(const struct pp_tcp_tw *tw)
{
	return tw->snd_nxt + 65535 + 2 ? : 1;
}

/* Would a new connection find somebody? */
static bool pp_tcp_tw_listener(struct pp_net *pn, struct sk_buff *skb)
{
	struct pp_tcp_key key;
	struct sock *lsk;

	pp_tcp_skb_key(skb, &key);
	lsk = pp_tcp_lookup_listener(pn, skb, &key);
	if (!lsk)
		return false;
	sock_put(lsk);
	return true;
}

/**
 * pp_tcp_tw_rcv() - a segment for a TIME_WAIT object
 * @tw: object; the caller's reference is taken
 * @skb: at its TCP header, control block filled; taken unless true is returned
 * @isn: set with true to a number above all that were used, not 0
 *
 * RFC 9293 §3.10.7.4, §3.6.1.
 * Context: softirq, RCU.
 * Return: true: a new SYN, the object is gone, go on with a listener.
 */
bool pp_tcp_tw_rcv(struct pp_tcp_tw *tw, struct sk_buff *skb, u32 *isn)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_net *pn = tw->pn;
	enum pp_tcp_tw_verdict v;
	struct pp_tcp_opt opt;
	bool paws;

	pp_tcp_opt_parse((const u8 *)(th + 1), th->doff * 4 - sizeof(*th),
			 th->syn, &opt);
	spin_lock(&tw->lock);
	paws = tw->tstamp_ok && opt.ts_ok && !th->rst && tw->ts_recent &&
	       (s32)(opt.tsval - tw->ts_recent) < 0 &&
	       !pp_tcp_paws_expired(tw->ts_recent_sec);
	if (paws)
		pp_mib_inc(pn, TCPEXT_PAWSTIMEWAIT);
	if (tw->substate == TCP_FIN_WAIT2)
		v = pp_tcp_tw_fin_wait2(tw, skb, paws, &opt);
	else
		v = pp_tcp_tw_time_wait(tw, skb, paws, &opt);
	if (v == PKTPATH_TW_SYN && !pp_tcp_tw_listener(pn, skb))
		v = PKTPATH_TW_ACK;
	if (v == PKTPATH_TW_ACK)
		pp_tcp_tw_ack(tw, skb);
	spin_unlock(&tw->lock);
	if (v >= PKTPATH_TW_KILL)
		pp_tcp_tw_kill(tw);
	*isn = pp_tcp_tw_isn(tw);
	if (v == PKTPATH_TW_RESET)
		pp_tcp_send_reset_tw(tw, skb);
	pp_tcp_node_put(&tw->tn);
	if (v == PKTPATH_TW_SYN)
		return true;
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, PKTPATH_DROP_TCP_CLOSED);
	return false;
}

/**
 * pp_tcp_tw_reusable() - may connect() take the tuple over?
 * @tw: object
 * @write_seq: set to a number above all that were used
 *
 * RFC 6191: with timestamps, after a second; tcp_tw_reuse 2 means only over
 * loopback, as in the kernel.
 *
 * Context: any.
 * Return: true if so.
 */
bool pp_tcp_tw_reusable(const struct pp_tcp_tw *tw, u32 *write_seq)
{
	u32 delay = READ_ONCE(tw->pn->sysctl.tcp_tw_reuse_delay);
	int reuse = READ_ONCE(tw->pn->sysctl.tcp_tw_reuse);

	/* The peer of an orphan in FIN_WAIT_2 is not done. */
	if (READ_ONCE(tw->substate) != TCP_TIME_WAIT)
		return false;
	if (reuse == 2 && !ipv4_is_loopback(tw->tn.key.laddr) &&
	    tw->tn.key.laddr != tw->tn.key.faddr)
		return false;
	if (!reuse || !tw->tstamp_ok ||
	    (u32)ktime_get_seconds() - tw->ts_recent_sec <= delay / 1000)
		return false;
	*write_seq = pp_tcp_tw_isn(tw);
	return true;
}

/**
 * pp_tcp_tw_purge() - end every TIME_WAIT object of a netns
 * @pn: netns that is going away, or being emptied
 *
 * Context: process, sleeps.
 */
void pp_tcp_tw_purge(struct pp_net *pn)
{
	struct pp_tcp_table *t = pn->tcp;
	struct pp_tcp_tw *tw;

	for (;;) {
		spin_lock_bh(&t->tw_lock);
		tw = list_first_entry_or_null(&t->tws, struct pp_tcp_tw, list);
		if (tw)
			refcount_inc(&tw->refcnt);
		spin_unlock_bh(&t->tw_lock);
		if (!tw)
			return;
		pp_tcp_tw_kill(tw);
		timer_delete_sync(&tw->timer);
		pp_tcp_node_put(&tw->tn);
		cond_resched();
	}
}

/* ---- Children ---- */

/* Everything of ours in a copy of the listener begins anew (hazard of
 * sk_clone_lock(): it copies pointers and lists too).
 */
static void pp_tcp_child_reset(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 rto_min = tp->rtt.rto_min_us;
	struct pp_sock *ps = pp_sk(sk);

	INIT_HLIST_NODE(&ps->list);
	memset(&tp->tn, 0, sizeof(tp->tn));
	tp->tn.kind = PKTPATH_TCP_FULL;
	tp->lsn = NULL;
	tp->bind = NULL;
	INIT_HLIST_NODE(&sk->sk_bind_node);
	tp->sacks = NULL;
	tp->mtup = NULL;
	tp->ae = NULL;
	tp->pacer = NULL;
	INIT_HLIST_HEAD(&tp->md5_keys);
	RCU_INIT_POINTER(tp->ao, NULL);
	tp->open.saved_syn = NULL;
	sk->sk_frag.page = NULL;
	sk->sk_frag.offset = 0;
	sk->sk_user_data = NULL;
	RCU_INIT_POINTER(inet_sk(sk)->inet_opt, NULL);
	sk->sk_err_soft = 0;
	/* A listener that closes has these before it leaves LISTEN. */
	sk->sk_shutdown = 0;
	clear_bit(PKTPATH_SF_ABORTED, &ps->flags);
	sk->sk_ack_backlog = 0;
	tp->cc = NULL;
	pp_tcp_timers_init(sk);
	pp_tcp_init_sock_fields(sk);
	pp_tcp_rtt_set_min(&tp->rtt, rto_min);
}

static void pp_tcp_child_numbers(struct sock *sk, const struct pp_tcp_req *req,
				 const struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 clamp = tp->window_clamp;	/* the listener's, 0 for none */

	tp->write_seq = req->iss + 1;
	tp->pushed_seq = req->iss + 1;
	tp->snd_una = req->iss;
	tp->snd_nxt = req->iss + 1;
	tp->snd_up = req->iss + 1;
	tp->snd_sml = req->iss + 1;
	tp->rcv_nxt = req->irs + 1;
	tp->rcv_wup = req->irs + 1;
	tp->copied_seq = req->irs + 1;
	tp->rcv_up = req->irs + 1;
	tp->rcv_wnd = req->rcv_wnd;
	tp->rcv_ssthresh = req->rcv_wnd;
	tp->snd_wnd = ntohs(tcp_hdr(skb)->window) << req->wscale_snd;
	tp->max_window = tp->snd_wnd;
	tp->snd_wl1 = PKTPATH_TCP_CB(skb)->seq;
	tp->wscale_ok = req->wscale_ok;
	tp->snd_wscale = req->wscale_ok ? req->wscale_snd : 0;
	tp->rcv_wscale = req->wscale_ok ? req->wscale_rcv : 0;
	tp->window_clamp = U16_MAX << tp->rcv_wscale;
	if (clamp)
		tp->window_clamp = min(tp->window_clamp, clamp);
	tp->tstamp_ok = req->tstamp_ok;
	tp->ts_recent = req->ts_recent;
	tp->ts_recent_sec = (u32)ktime_get_seconds();
	tp->ts_offset = req->ts_offset;
	tp->sack_ok = req->sack_ok;
	tp->mss_clamp = req->mss;
	if (tp->user_mss && tp->user_mss < tp->mss_clamp)
		tp->mss_clamp = tp->user_mss;
	tp->advmss = req->advmss;
	tp->rcv_mss = min_t(u16, tp->mss_clamp, 536);
	tp->total_retrans = req->resent;
	/* Karn: only a SYN-ACK that was sent once can be timed. */
	if (!req->retrans && !req->resent && req->sent_us) {
		u64 now = pp_tcp_clock_us();

		pp_tcp_rtt_sample(&tp->rtt,
				  min_t(u64, now - req->sent_us,
					PKTPATH_RTO_MAX_US), ~0u,
				  (u32)div_u64(now, USEC_PER_MSEC),
				  tp->snd_una, tp->snd_nxt);
	}
	if (req->ecn_ok)
		set_bit(PKTPATH_TF_ECN_OK, &tp->tflags);
}

/**
 * pp_tcp_create_child() - the handshake of a passive open is complete
 * @lsk: listener, not locked
 * @req: half-open connection in the table, or made from a cookie
 * @skb: segment that completes it
 *
 * Context: softirq, RCU.
 * Return: new socket in SYN_RECV, locked (bh), with the reference of the table
 * and one for the caller; NULL: no memory, no route, or the listener is gone.
 */
struct sock *pp_tcp_create_child(struct sock *lsk, struct pp_tcp_req *req,
				 struct sk_buff *skb)
{
	struct pp_net *pn = req->pn;
	struct pp_tcp_sock *tp;
	struct inet_sock *inet;
	struct pp_dst *dst;
	struct pp_flow fl;
	struct sock *sk;

	if (pp_fault_nomem(pn, PKTPATH_STAGE_TP_RCV, skb))
		return NULL;
	sk = sk_clone_lock(lsk, GFP_ATOMIC);
	if (!sk)
		return NULL;
	pp_tcp_child_reset(sk);
	tp = pp_tcp_sk(sk);
	inet = inet_sk(sk);
	sk->sk_state = TCP_SYN_RECV;
	sk->sk_mark = req->mark;
	if (READ_ONCE(pn->sysctl.tcp_reflect_tos))
		inet->tos = req->tos & ~INET_ECN_MASK;
	sk->sk_bound_dev_if = req->bound_if;
	inet->inet_daddr = req->tn.key.faddr;
	inet->inet_rcv_saddr = req->tn.key.laddr;
	inet->inet_saddr = req->tn.key.laddr;
	inet->inet_dport = req->tn.key.fport;
	inet->inet_sport = req->tn.key.lport;
	inet->inet_num = 0;
	tp->tn.key = req->tn.key;
	pp_tcp_child_numbers(sk, req, skb);
	if (!pp_tcp_accecn_child(sk, req))
		goto fail;
	sk_set_txhash(sk);
	atomic_set(&pp_sk(sk)->ident, sk->sk_txhash);
	sk->sk_gso_type = SKB_GSO_TCPV4;
	pp_flow_init_sk(&fl, sk, inet->inet_daddr, inet->inet_saddr);
	fl.proto = IPPROTO_TCP;
	/* What the peer's SYN had is no reason for another route. */
	fl.tos = READ_ONCE(inet_sk(lsk)->tos);
	if (pp_tcp_md5_used() && !pp_tcp_md5_inherit(sk, lsk))
		goto fail;
	if (pp_tcp_ao_used() && !pp_tcp_ao_inherit(sk, lsk, req))
		goto fail;
	dst = pp_ip_route_output_flow(pn, &fl, sk);
	if (IS_ERR(dst))
		goto fail;
	sk_setup_caps(sk, &dst->rt.dst);
	pp_tcp_sync_mss(sk, pp_ip_mtu(sk, dst));
	pp_tcp_cc_inherit(sk, lsk, dst);
	if (pp_tcp_inherit_port(lsk, sk))
		goto fail;
	if (pp_tcp_conn_insert(pn, &tp->tn, req->tn.hashed ? &req->tn : NULL))
		goto fail_port;
	tp->open.saved_syn = req->saved_syn;
	req->saved_syn = NULL;
	return sk;

fail_port:
	pp_tcp_put_port(sk);
fail:
	pp_tcp_child_free(sk);
	return NULL;
}

/**
 * pp_tcp_child_free() - throw away a child that nobody has accepted
 * @sk: locked (bh) as sk_clone_lock() gave it, in no table any more
 *
 * Context: softirq.
 */
void pp_tcp_child_free(struct sock *sk)
{
	sk->sk_state = TCP_CLOSE;
	sock_set_flag(sk, SOCK_DEAD);
	pp_tcp_timers_clear(sk);
	/* A tool may have found it in the table, and wait for the lock. */
	sk->sk_prot->destroy(sk);
	/* Taken by sk_clone_lock(). */
	__acquire(&sk->sk_lock.slock);
	bh_unlock_sock(sk);
	sock_put(sk);
	sock_put(sk);
}
