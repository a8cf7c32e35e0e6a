// SPDX-License-Identifier: GPL-2.0
/*
 * Passive open: SYN, half-open connection, accept queue.
 *
 * Path: tcp_ipv4.c => pp_tcp_conn_request(), pp_tcp_req_rcv() =>
 *	 tcp_minisocks.c (child)
 * Mirrors: net/ipv4/tcp_input.c (tcp_conn_request), tcp_minisocks.c
 *	    (tcp_check_req), inet_connection_sock.c (accept queue)
 * Locks: a listener is never locked for a SYN. req->lock serialises what happens
 * to one half-open connection; lsn->lock guards the listener's lists, inside it.
 *
 * References on a half-open object: the table and list have one, an armed
 * timer one, and whoever looked it up.
 */
#include <net/busy_poll.h>
#include <net/inet_ecn.h>
#include "core/fault.h"
#include "core/trace.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

#define PKTPATH_SYNACK_TIMEOUT HZ

/* ---- Half-open objects ---- */

/* Jiffies to the next SYN-ACK: doubled, two minutes at most. */
static unsigned long pp_tcp_synack_wait(const struct pp_tcp_req *req)
{
	return min(PKTPATH_SYNACK_TIMEOUT << min_t(u8, req->retrans, 7),
		   120 * HZ);
}

/* Unlinks once; false: somebody has. */
static bool pp_tcp_req_unlink(struct pp_tcp_req *req)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(req->lsk)->lsn;

	if (req->dead)
		return false;
	req->dead = 1;
	spin_lock_bh(&lsn->lock);
	if (!list_empty(&req->list)) {
		list_del_init(&req->list);
		lsn->nreqs--;
	}
	spin_unlock_bh(&lsn->lock);
	return true;
}

/**
 * pp_tcp_req_drop() - forget a half-open connection
 * @req: held by the caller
 *
 * Context: softirq, timer or process; not under req->lock.
 * Return: false: it was none any more.
 */
bool pp_tcp_req_drop(struct pp_tcp_req *req)
{
	bool mine;

	spin_lock_bh(&req->lock);
	mine = pp_tcp_req_unlink(req);
	spin_unlock_bh(&req->lock);
	if (!mine)
		return false;
	pp_tcp_conn_remove(req->pn, &req->tn);
	if (timer_delete(&req->timer))
		pp_tcp_node_put(&req->tn);
	pp_tcp_node_put(&req->tn);
	return true;
}

/* The SYN-ACK again. */
static void pp_tcp_req_resend(struct pp_tcp_req *req)
{
	if (req->resent < U8_MAX)
		req->resent++;
	pp_mib_inc(req->pn, TCP_RETRANSSEGS);
	pp_mib_inc(req->pn, TCPEXT_SYNRETRANS);
	pp_tcp_send_synack(req->lsk, req, NULL);
}

static void pp_tcp_req_timer(struct timer_list *t)
{
	struct pp_tcp_req *req = container_of(t, struct pp_tcp_req, timer);
	const struct pp_sysctl *s = &req->pn->sysctl;
	bool again = false;
	struct sock *lsk;
	int most;

	spin_lock_bh(&req->lock);
	lsk = req->lsk;
	most = pp_tcp_sk(lsk)->syn_retries ? : READ_ONCE(s->tcp_synack_retries);
	/* The peer is there; only its data is waited for. */
	if (req->acked)
		most = max_t(int, most, READ_ONCE(pp_tcp_sk(lsk)->defer_accept));
	if (!req->dead && lsk->sk_state == TCP_LISTEN && req->retrans < most) {
		again = true;
		/* With data to come only the last try speaks (DEFER_ACCEPT). */
		if (!req->acked || req->retrans + 1 >=
		    READ_ONCE(pp_tcp_sk(lsk)->defer_accept))
			pp_tcp_req_resend(req);
		req->retrans++;
		mod_timer(&req->timer, jiffies + pp_tcp_synack_wait(req));
	}
	spin_unlock_bh(&req->lock);
	if (again)
		return;
	/* It may have ended, well, while the lock was waited for. */
	if (pp_tcp_req_drop(req))
		pp_mib_inc(req->pn, TCP_ATTEMPTFAILS);
	pp_tcp_node_put(&req->tn);
}

/**
 * pp_tcp_req_alloc() - a half-open object for a segment
 * @lsk: listener, held by the caller; the object holds it too
 * @skb: SYN, or the ACK that carries a cookie
 * @opt: its options
 *
 * Our own numbers, iss and ts_offset, are the caller's to set: a cookie brings
 * them along.
 *
 * Context: softirq, RCU.
 * Return: object with one reference, in no table; NULL: no memory.
 */
struct pp_tcp_req *pp_tcp_req_alloc(struct sock *lsk, struct sk_buff *skb,
				    const struct pp_tcp_opt *opt)
{
	struct pp_net *pn = pp_sk(lsk)->pn;
	const struct pp_sysctl *s = &pn->sysctl;
	const struct dst_entry *dst = skb_dst(skb);
	struct pp_tcp_req *req;
	u32 space = READ_ONCE(lsk->sk_rcvbuf) >> 1;
	u32 clamp = pp_tcp_sk(lsk)->window_clamp;
	u16 user_mss = READ_ONCE(pp_tcp_sk(lsk)->user_mss);
	u32 mtu = 576;

	req = pp_fault_nomem(pn, PKTPATH_STAGE_TP_RCV, skb) ? NULL :
	      kzalloc(sizeof(*req), GFP_ATOMIC);
	if (!req)
		return NULL;
	pp_tcp_skb_key(skb, &req->tn.key);
	req->tn.kind = PKTPATH_TCP_REQ;
	refcount_set(&req->refcnt, 1);
	INIT_LIST_HEAD(&req->list);
	spin_lock_init(&req->lock);
	timer_setup(&req->timer, pp_tcp_req_timer, 0);
	sock_hold(lsk);
	req->lsk = lsk;
	req->pn = pn;
	req->irs = PKTPATH_TCP_CB(skb)->seq;
	/* or by tcp_l3mdev_accept one that is bound to no device has it */
	req->bound_if = READ_ONCE(lsk->sk_bound_dev_if) ?: req->tn.key.l3mdev;
	req->mark = READ_ONCE(lsk->sk_mark);
	if (!req->mark && READ_ONCE(s->tcp_fwmark_accept))
		req->mark = skb->mark;
	req->tos = ip_hdr(skb)->tos;
	req->mss = opt->mss ? : 536;
	if (dst && dst->dev)
		mtu = READ_ONCE(dst->dev->mtu);
	req->advmss = clamp_t(int, (int)mtu - 40, 88, U16_MAX - 40);
	if (user_mss)
		req->advmss = min(user_mss, req->advmss);
	req->tstamp_ok = opt->ts_ok && READ_ONCE(s->tcp_timestamps);
	req->ts_recent = opt->tsval;
	req->sack_ok = opt->sack_perm && READ_ONCE(s->tcp_sack);
	req->wscale_ok = opt->wscale_ok && READ_ONCE(s->tcp_window_scaling);
	req->wscale_snd = req->wscale_ok ? opt->wscale : 0;
	/* A buffer that the user has chosen bounds the scale as well. */
	if (lsk->sk_userlocks & SOCK_RCVBUF_LOCK &&
	    (!clamp || clamp > space))
		clamp = space;
	pp_tcp_select_initial_window(space,
				     READ_ONCE(s->tcp_rmem[2]), req->advmss,
				     &req->rcv_wnd, &clamp, req->wscale_ok,
				     &req->wscale_rcv);
	pp_tcp_ecn_req(req, lsk, tcp_hdr(skb));
	if (pp_tcp_ao_used())
		pp_tcp_ao_req(req, skb);
	return req;
}

/**
 * pp_tcp_req_discard() - a half-open object that was in no table
 * @req: with the one reference of pp_tcp_req_alloc()
 *
 * At once: nobody has seen it, and in a flood of SYNs that are answered by
 * cookies a grace period would let them pile up (RFC 4987 §3.6).
 *
 * Context: softirq; the listener has another reference.
 */
void pp_tcp_req_discard(struct pp_tcp_req *req)
{
	kfree(req->saved_syn);
	sock_put(req->lsk);
	kfree(req);
}

/**
 * pp_tcp_req_permitted() - what security modules say of a SYN
 * @lsk: listener
 * @skb: SYN, or the ACK that carries a cookie
 *
 * They are shown an empty request: ours is none of the kernel's. It is one of
 * IPv4, as NetLabel takes it for; options it hangs there are of no use to us.
 *
 * Mirrors: net/ipv4/tcp_ipv4.c:tcp_v4_route_req (v7.2)
 *
 * Context: softirq, RCU.
 * Return: false: drop it.
 */
bool pp_tcp_req_permitted(const struct sock *lsk, struct sk_buff *skb)
{
	static struct request_sock_ops ops = { .family = AF_INET };
	struct inet_request_sock irs = { .req.rsk_ops = &ops };
	bool ok;

	ok = !security_inet_conn_request(lsk, skb, &irs.req);
	kfree(rcu_access_pointer(irs.ireq_opt));
	return ok;
}

/* TCP_SAVE_SYN: its headers are kept for who accepts. */
static void pp_tcp_req_save_syn(struct pp_tcp_req *req,
				const struct sk_buff *skb)
{
	const struct pp_tcp_sock *ltp = pp_tcp_sk(req->lsk);
	const u8 *from = skb_network_header(skb);
	struct pp_tcp_saved_syn *s;
	u32 len;

	if (likely(!(READ_ONCE(ltp->tflags) &
		     (BIT(PKTPATH_TF_SAVE_SYN) |
		      BIT(PKTPATH_TF_SAVE_SYN_MAC)))))
		return;
	if (pp_tf(ltp, PKTPATH_TF_SAVE_SYN_MAC) &&
	    skb_mac_header_was_set(skb))
		from = skb_mac_header(skb);
	len = (const u8 *)tcp_hdr(skb) + tcp_hdrlen(skb) - from;
	s = kmalloc(struct_size(s, data, len), GFP_ATOMIC);
	if (!s)
		return;
	s->len = len;
	memcpy(s->data, from, len);
	req->saved_syn = s;
}

/* In the listener's list; false: it has closed. */
static bool pp_tcp_req_link(struct pp_tcp_listener *lsn, struct pp_tcp_req *req)
{
	bool ok;

	spin_lock_bh(&lsn->lock);
	ok = !lsn->closed;
	if (ok) {
		list_add_tail(&req->list, &lsn->reqs);
		lsn->nreqs++;
	}
	spin_unlock_bh(&lsn->lock);
	return ok;
}

/**
 * pp_tcp_conn_request() - a SYN for a listener
 * @lsk: listener, held, not locked
 * @skb: SYN, control block filled; taken
 * @isn: initial sequence number for us, 0: a new one
 *
 * RFC 9293 §3.10.7.2. A full accept queue drops it, so that the peer tries
 * again; too many half-open connections make cookies, or drop it.
 *
 * Context: softirq, RCU.
 */
void pp_tcp_conn_request(struct sock *lsk, struct sk_buff *skb, u32 isn)
{
	struct pp_tcp_listener *lsn = READ_ONCE(pp_tcp_sk(lsk)->lsn);
	struct pp_net *pn = pp_sk(lsk)->pn;
	const struct tcphdr *th = tcp_hdr(skb);
	enum pp_drop_cause cause = PKTPATH_DROP_TCP_OVERFLOW;
	struct pp_tcp_req *req;
	struct pp_tcp_opt opt;
	struct sock *child;
	int cookies = READ_ONCE(pn->sysctl.tcp_syncookies);
	bool cookie = false, linked;

	if (!lsn)
		goto drop;
	if (sk_acceptq_is_full(lsk)) {
		pp_mib_inc(pn, TCPEXT_LISTENOVERFLOWS);
		goto drop;
	}
	if (!isn && (cookies == 2 || READ_ONCE(lsn->nreqs) >= lsn->backlog)) {
		if (!cookies) {
			pp_mib_inc(pn, TCPEXT_REQQFULLDROP);
			goto drop;
		}
		pp_mib_inc(pn, TCPEXT_REQQFULLDOCOOKIES);
		WRITE_ONCE(lsn->cookie_jiffies, pp_jiffies32());
		cookie = true;
	}
	cause = PKTPATH_DROP_SOCK_FILTER;
	if (!pp_tcp_req_permitted(lsk, skb))
		goto drop;
	pp_tcp_opt_parse((const u8 *)(th + 1), th->doff * 4 - sizeof(*th),
			 true, &opt);
	/* no room for both */
	if (pp_tcp_md5_used() &&
	    pp_tcp_md5_find(lsk, ip_hdr(skb)->saddr, pp_skb_sdif(skb)))
		opt.ts_ok = 0;
	if (cookie)
		pp_tcp_cookie_opt(pn, &opt);
	cause = PKTPATH_DROP_NOMEM;
	req = pp_tcp_req_alloc(lsk, skb, &opt);
	if (!req)
		goto drop;
	if (cookie) {
		pp_tcp_cookie_send(req, skb);
		pp_tcp_req_discard(req);
		consume_skb(skb);
		return;
	}
	pp_tcp_secrets(pn, &req->tn.key, &req->iss, &req->ts_offset);
	if (isn)
		req->iss = isn;
	pp_tcp_req_save_syn(req, skb);
	if (req->ao)
		opt.fastopen = 0;
	child = req->ao ? NULL : pp_tcp_fo_try(lsk, req, skb, &opt);
	if (child) {
		pp_tcp_fo_accept(lsk, req, child, skb);
		pp_tcp_req_discard(req);
		return;
	}
	spin_lock_bh(&req->lock);
	if (pp_tcp_conn_insert(pn, &req->tn, NULL)) {
		spin_unlock_bh(&req->lock);
		pp_tcp_req_discard(req);
		goto drop;
	}
	/* The timer's; the first is the table's from here on. */
	refcount_inc(&req->refcnt);
	mod_timer(&req->timer, jiffies + PKTPATH_SYNACK_TIMEOUT);
	refcount_inc(&req->refcnt);
	linked = pp_tcp_req_link(lsn, req);
	if (linked)
		pp_tcp_send_synack(lsk, req, &opt);
	spin_unlock_bh(&req->lock);
	if (!linked)
		pp_tcp_req_drop(req);
	pp_tcp_node_put(&req->tn);
	consume_skb(skb);
	return;
drop:
	pp_mib_inc(pn, TCPEXT_LISTENDROPS);
	pp_tcp_drop(lsk, skb, cause);
}

/* ---- A segment for a half-open object ---- */

enum pp_tcp_req_verdict {
	PKTPATH_REQ_DROP,
	PKTPATH_REQ_SYNACK,	/* say it again */
	PKTPATH_REQ_ACK,	/* tell where we are */
	PKTPATH_REQ_RESET,
	PKTPATH_REQ_END,	/* the peer has given up */
	PKTPATH_REQ_CHILD,
};

/* RFC 9293 §3.10.7.4 for SYN-RECEIVED; req->lock held. */
static enum pp_tcp_req_verdict pp_tcp_req_check(struct pp_tcp_req *req,
						struct sk_buff *skb,
						const struct pp_tcp_opt *opt)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	bool paws;

	paws = req->tstamp_ok && opt->ts_ok && !th->rst && req->ts_recent &&
	       (s32)(opt->tsval - req->ts_recent) < 0;
	/* The SYN again: our SYN-ACK was lost. */
	if (cb->seq == req->irs && th->syn && !th->ack && !th->rst && !paws)
		return PKTPATH_REQ_SYNACK;
	if (paws)
		pp_mib_inc(req->pn, TCPEXT_PAWSESTAB);
	if (th->ack && !th->rst && cb->ack_seq != req->iss + 1)
		return PKTPATH_REQ_RESET;
	if (paws || !pp_tcp_in_window(cb, req->irs + 1,
				      req->irs + 1 + req->rcv_wnd))
		return th->rst ? PKTPATH_REQ_DROP : PKTPATH_REQ_ACK;
	/* RFC 5961: only the exact number ends it. */
	if (th->rst)
		return cb->seq == req->irs + 1 ? PKTPATH_REQ_END :
						 PKTPATH_REQ_ACK;
	/* What stands before the window of a SYN-ACK is cut off. */
	if (th->syn && cb->seq != req->irs)
		return PKTPATH_REQ_ACK;
	if (!th->ack)
		return PKTPATH_REQ_DROP;
	if (opt->ts_ok && !pp_seq_after(cb->seq, req->irs + 1))
		req->ts_recent = opt->tsval;
	/* TCP_DEFER_ACCEPT: a bare ACK is not yet worth a socket. */
	if (READ_ONCE(pp_tcp_sk(req->lsk)->defer_accept) > req->retrans &&
	    cb->end_seq == req->irs + 1 && !th->fin) {
		req->acked = 1;
		pp_mib_inc(req->pn, TCPEXT_DEFERACCEPTDROP);
		return PKTPATH_REQ_DROP;
	}
	return PKTPATH_REQ_CHILD;
}

static void pp_tcp_req_ack(struct pp_tcp_req *req, struct sk_buff *skb)
{
	struct pp_tcp_raw_ack a = {
		.seq = req->iss + 1, .ack = req->irs + 1,
		.win = min_t(u32, req->rcv_wnd, U16_MAX) >>
		       (req->wscale_ok ? req->wscale_rcv : 0),
		.ts_ok = req->tstamp_ok,
		.tsval = (u32)div_u64(pp_tcp_clock_us(), USEC_PER_MSEC) +
			 req->ts_offset,
		.tsecr = req->ts_recent, .mark = req->mark, .oif = req->bound_if,
		.keys = req->lsk, .priority = READ_ONCE(req->lsk->sk_priority),
		.req = req,
	};

	pp_tcp_send_ack_raw(req->pn, skb, &a);
}

static void pp_tcp_req_answer(struct pp_tcp_req *req, struct sk_buff *skb,
			      enum pp_tcp_req_verdict v)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

	if ((cb->seq == cb->end_seq || tcp_hdr(skb)->syn) &&
	    pp_tcp_oow_limited(req->pn, &req->oow_jiffies)) {
		pp_mib_inc(req->pn, TCPEXT_ACKSKIPPEDSYNRECV);
		return;
	}
	if (v == PKTPATH_REQ_ACK) {
		pp_tcp_req_ack(req, skb);
		return;
	}
	if (tcp_hdr(skb)->syn)
		pp_tcp_accecn_req_again(req, skb);
	pp_tcp_req_resend(req);
	/* The peer's clock has fired; ours need not fire soon after. */
	mod_timer_pending(&req->timer, jiffies + pp_tcp_synack_wait(req));
}

/**
 * pp_tcp_child_reject() - there is nobody to accept a new child
 * @child: locked (bh), in the table; it is freed
 *
 * Context: softirq.
 */
void pp_tcp_child_reject(struct sock *child)
{
	pp_tcp_send_active_reset(child, GFP_ATOMIC);
	pp_tcp_unhash(child);
	pp_tcp_put_port(child);
	pp_tcp_child_free(child);
}

/**
 * pp_tcp_child_rcv() - queue a new child for accept() and feed it
 * @lsk: listener, held
 * @child: locked (bh); the caller's reference is taken
 * @skb: segment that completed the handshake; taken
 *
 * Context: softirq, RCU.
 */
void pp_tcp_child_rcv(struct sock *lsk, struct sock *child,
		      struct sk_buff *skb)
{
	struct pp_net *pn = pp_sk(lsk)->pn;

	if (!pp_tcp_accept_add(lsk, child)) {
		pp_tcp_child_reject(child);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV,
			    PKTPATH_DROP_TCP_CLOSED);
		return;
	}
	pp_mib_inc(pn, TCP_PASSIVEOPENS);
	skb->dev = NULL;
	sk_mark_napi_id(child, skb);
	pp_tcp_v4_do_rcv(child, skb);
	/* Taken by sk_clone_lock(). */
	__acquire(&child->sk_lock.slock);
	bh_unlock_sock(child);
	sock_put(child);
	pp_at_sock_wake(NULL, lsk, 0);
	lsk->sk_data_ready(lsk);
}

/* Third segment of the handshake. req->lock held; the skb is taken. */
static void pp_tcp_req_complete(struct pp_tcp_req *req, struct sk_buff *skb)
{
	struct sock *lsk = req->lsk, *child;
	struct pp_net *pn = req->pn;

	/* Taken by the caller, released here. */
	__acquire(&req->lock);
	if (sk_acceptq_is_full(lsk)) {
		req->acked = 1;
		spin_unlock_bh(&req->lock);
		pp_mib_inc(pn, TCPEXT_LISTENOVERFLOWS);
		pp_mib_inc(pn, TCPEXT_LISTENDROPS);
		if (READ_ONCE(pn->sysctl.tcp_abort_on_overflow)) {
			pp_tcp_send_reset(lsk, skb);
			pp_tcp_req_drop(req);
		}
		pp_tcp_drop(lsk, skb, PKTPATH_DROP_TCP_OVERFLOW);
		return;
	}
	child = pp_tcp_create_child(lsk, req, skb);
	if (!child) {
		spin_unlock_bh(&req->lock);
		pp_mib_inc(pn, TCPEXT_LISTENDROPS);
		pp_tcp_drop(lsk, skb, PKTPATH_DROP_NOMEM);
		return;
	}
	req->replaced = 1;
	pp_tcp_req_unlink(req);
	spin_unlock_bh(&req->lock);
	if (timer_delete(&req->timer))
		pp_tcp_node_put(&req->tn);
	pp_tcp_node_put(&req->tn);
	pp_tcp_child_rcv(lsk, child, skb);
}

/**
 * pp_tcp_req_rcv() - a segment for a half-open connection
 * @req: the caller's reference is taken
 * @skb: control block filled; taken unless true is returned
 *
 * Context: softirq, RCU; no lock.
 * Return: true: meanwhile a child stands in its place, look it up.
 */
bool pp_tcp_req_rcv(struct pp_tcp_req *req, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	enum pp_tcp_req_verdict v;
	struct pp_tcp_opt opt;

	pp_tcp_opt_parse((const u8 *)(th + 1), th->doff * 4 - sizeof(*th),
			 th->syn, &opt);
	spin_lock_bh(&req->lock);
	/* One that is only being removed could be found again and again. */
	if (unlikely(req->replaced)) {
		spin_unlock_bh(&req->lock);
		pp_tcp_node_put(&req->tn);
		return true;
	}
	v = req->dead || req->lsk->sk_state != TCP_LISTEN ? PKTPATH_REQ_DROP :
	    pp_tcp_req_check(req, skb, &opt);
	if (v == PKTPATH_REQ_CHILD) {
		pp_tcp_req_complete(req, skb);
		__release(&req->lock);
		pp_tcp_node_put(&req->tn);
		return false;
	}
	if (v == PKTPATH_REQ_SYNACK || v == PKTPATH_REQ_ACK)
		pp_tcp_req_answer(req, skb, v);
	spin_unlock_bh(&req->lock);
	if (v == PKTPATH_REQ_RESET)
		pp_tcp_send_reset(req->lsk, skb);
	if (v == PKTPATH_REQ_END) {
		pp_mib_inc(req->pn, TCP_ATTEMPTFAILS);
		pp_mib_inc(req->pn, TCPEXT_EMBRYONICRSTS);
		pp_tcp_req_drop(req);
	}
	pp_tcp_drop(req->lsk, skb, PKTPATH_DROP_TCP_FLAGS);
	pp_tcp_node_put(&req->tn);
	return false;
}

/* ---- The listener ---- */

/**
 * pp_tcp_listener_get() - what a listener has beside a socket
 * @sk: socket in CLOSE or LISTEN
 *
 * Kept for the life of the socket: readers come without a lock.
 *
 * Context: process, socket locked; sleeps.
 * Return: it, made if need be; NULL: no memory.
 */
struct pp_tcp_listener *pp_tcp_listener_get(struct sock *sk)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(sk)->lsn;

	if (lsn)
		return lsn;
	lsn = kzalloc(sizeof(*lsn), GFP_KERNEL_ACCOUNT);
	if (!lsn)
		return NULL;
	spin_lock_init(&lsn->lock);
	lsn->accept_end = &lsn->accept;
	INIT_LIST_HEAD(&lsn->reqs);
	INIT_LIST_HEAD(&lsn->fo_rst);
	lsn->cookie_jiffies = pp_jiffies32() - 3600 * HZ;
	lsn->sk = sk;
	/* Pairs with READ_ONCE() of readers: complete before it is seen. */
	smp_store_release(&pp_tcp_sk(sk)->lsn, lsn);
	return lsn;
}

/**
 * pp_tcp_listener_free() - the socket is freed
 * @lsn: its part, or NULL
 *
 * Context: any.
 */
void pp_tcp_listener_free(struct pp_tcp_listener *lsn)
{
	if (likely(!lsn))
		return;
	pp_tcp_fo_purge(lsn);
	kfree_sensitive(rcu_dereference_protected(lsn->fo_keys, true));
	kfree(lsn);
}

/**
 * pp_tcp_listen_start() - listen()
 * @sk: socket, bound, in CLOSE or LISTEN
 * @backlog: of the accept queue, limited by the caller
 *
 * Context: process, socket locked.
 * Return: 0, -ENOMEM, -EADDRINUSE.
 */
int pp_tcp_listen_start(struct sock *sk, int backlog)
{
	int max = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_max_syn_backlog);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_listener *lsn = tp->lsn;
	int err;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	if (sk->sk_state == TCP_LISTEN) {
		WRITE_ONCE(lsn->backlog, max_t(int, min(backlog, max), 8));
		return 0;
	}
	lsn = pp_tcp_listener_get(sk);
	if (!lsn)
		return -ENOMEM;
	if ((~READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fastopen) &
	     (PKTPATH_FO_SERVER | PKTPATH_FO_SERVER_ALL)) == 0 && !lsn->fo_max)
		pp_tcp_fo_tune(sk, backlog);
	lsn->backlog = max_t(int, min(backlog, max), 8);
	spin_lock_bh(&lsn->lock);
	lsn->closed = false;
	sk->sk_ack_backlog = 0;
	spin_unlock_bh(&lsn->lock);
	pp_tcp_set_state(sk, TCP_LISTEN);
	err = pp_tcp_get_port(sk, inet_sk(sk)->inet_num);
	if (!err)
		err = pp_tcp_listen_hash(sk);
	if (err)
		pp_tcp_set_state(sk, TCP_CLOSE);
	return err;
}

/* A tool that looks at it owns it, and feeds it what came meanwhile: wait. */
static void pp_tcp_child_abort(struct sock *child)
{
	sock_hold(child);
	lock_sock_nested(child, SINGLE_DEPTH_NESTING);
	local_bh_disable();
	bh_lock_sock_nested(child);
	pp_tcp_orphan(child);
	if (child->sk_state != TCP_CLOSE) {
		pp_tcp_send_active_reset(child, GFP_ATOMIC);
		pp_tcp_done(child);
	} else {
		pp_tcp_destroy_orphan(child);
	}
	bh_unlock_sock(child);
	local_bh_enable();
	release_sock(child);
	sock_put(child);
}

/**
 * pp_tcp_listen_stop() - the listener closes: drop both queues
 * @sk: listener, unhashed, its state changed
 *
 * Children nobody has accepted are reset (RFC 9293 §3.10.4), unless there is
 * another listener that may have them.
 * Context: process, socket locked.
 */
void pp_tcp_listen_stop(struct sock *sk)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(sk)->lsn;
	struct pp_tcp_req *req;
	struct sock *child;

	if (!lsn)
		return;
	spin_lock_bh(&lsn->lock);
	lsn->closed = true;
	while ((req = list_first_entry_or_null(&lsn->reqs, struct pp_tcp_req,
					       list))) {
		refcount_inc(&req->refcnt);
		spin_unlock_bh(&lsn->lock);
		if (!pp_tcp_migrate_req(sk, req))
			pp_tcp_req_drop(req);
		pp_tcp_node_put(&req->tn);
		cond_resched();
		spin_lock_bh(&lsn->lock);
	}
	while ((child = pp_tcp_accept_take(sk))) {
		spin_unlock_bh(&lsn->lock);
		if (!pp_tcp_migrate_child(sk, child))
			pp_tcp_child_abort(child);
		cond_resched();
		spin_lock_bh(&lsn->lock);
	}
	spin_unlock_bh(&lsn->lock);
	pp_tcp_fo_purge(lsn);
}
