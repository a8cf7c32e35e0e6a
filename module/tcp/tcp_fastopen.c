// SPDX-License-Identifier: GPL-2.0
/*
 * Fast Open of a passive side: cookies, and sockets that exist and may talk
 * before the handshake is over (RFC 7413).
 *
 * Path: tcp_listen.c => pp_tcp_fo_try(), pp_tcp_fo_accept() => tcp_data.c;
 *	 tcp_state.c -> pp_tcp_fo_complete()
 * Mirrors: net/ipv4/tcp_fastopen.c (v7.2)
 * Locks: a listener is not locked for a SYN; lsn->lock guards the number of
 * pending ones, inside the child's lock. Keys are RCU.
 *
 * Such a child is SYN_RECV and has pp_tcp_fo(): it stands in the table and in
 * the accept queue, sends and receives, and its retransmit timer belongs to the
 * SYN-ACK. That ends with the acknowledgment of the SYN-ACK, or of the socket.
 */
#include <linux/inet.h>
#include <linux/siphash.h>
#include <net/busy_poll.h>
#include "core/trace.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

#define PKTPATH_FO_COOKIE 8		/* bytes of ours */
#define PKTPATH_FO_RST_WAIT (60 * HZ)

/* ---- Keys and cookies ---- */

static u64 pp_tcp_fo_get64(const u8 *p)
{
	__le64 v;

	memcpy(&v, p, sizeof(v));
	return le64_to_cpu(v);
}

static void pp_tcp_fo_put64(u64 v, u8 *p)
{
	__le64 le = cpu_to_le64(v);

	memcpy(p, &le, sizeof(le));
}

static void pp_tcp_fo_keys_free(struct rcu_head *head)
{
	kfree_sensitive(container_of(head, struct pp_tcp_fo_keys, rcu));
}

static void pp_tcp_fo_keys_publish(struct pp_tcp_fo_keys __rcu **where,
				   struct pp_tcp_fo_keys *keys)
{
	struct pp_tcp_fo_keys *old;

	old = unrcu_pointer(xchg(where, RCU_INITIALIZER(keys)));
	if (old)
		call_rcu(&old->rcu, pp_tcp_fo_keys_free);
}

static struct pp_tcp_fo_keys *pp_tcp_fo_keys_make(const u8 *raw,
						  unsigned int n)
{
	struct pp_tcp_fo_keys *keys;
	unsigned int i;

	keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	if (!keys)
		return NULL;
	keys->n = n;
	for (i = 0; i < n; i++, raw += PKTPATH_FO_KEY) {
		keys->key[i].key[0] = pp_tcp_fo_get64(raw);
		keys->key[i].key[1] = pp_tcp_fo_get64(raw + 8);
	}
	return keys;
}

/* Raw bytes of @keys, how many; RCU. */
static unsigned int pp_tcp_fo_keys_raw(const struct pp_tcp_fo_keys *keys,
				       u8 *raw)
{
	unsigned int i;

	if (!keys)
		return 0;
	for (i = 0; i < keys->n; i++, raw += PKTPATH_FO_KEY) {
		pp_tcp_fo_put64(keys->key[i].key[0], raw);
		pp_tcp_fo_put64(keys->key[i].key[1], raw + 8);
	}
	return keys->n * PKTPATH_FO_KEY;
}

/* A netns whose administrator has chosen no key gets one by chance. */
static int pp_tcp_fo_net_key(struct pp_net *pn)
{
	struct pp_tcp_fo_keys *keys;
	u8 raw[PKTPATH_FO_KEY];

	if (rcu_access_pointer(pn->tcp->fo_keys))
		return 0;
	get_random_bytes(raw, sizeof(raw));
	keys = pp_tcp_fo_keys_make(raw, 1);
	memzero_explicit(raw, sizeof(raw));
	if (!keys)
		return -ENOMEM;
	if (cmpxchg((struct pp_tcp_fo_keys __force **)&pn->tcp->fo_keys, NULL,
		    keys))
		kfree_sensitive(keys);
	return 0;
}

/**
 * pp_tcp_fo_key_text() - net.pktpath.tcp_fastopen_key, to be read
 * @pn: netns
 * @buf: PKTPATH_FO_KEY_TEXT bytes
 *
 * Context: any.
 */
void pp_tcp_fo_key_text(struct pp_net *pn, char *buf)
{
	__le32 raw[2 * PKTPATH_FO_KEY / 4] = {};
	unsigned int len, i, n = 0;

	rcu_read_lock();
	len = pp_tcp_fo_keys_raw(rcu_dereference(pn->tcp->fo_keys),
				 (u8 *)raw);
	rcu_read_unlock();
	for (i = 0; i < max_t(unsigned int, len, PKTPATH_FO_KEY) / 4; i++)
		n += scnprintf(buf + n, PKTPATH_FO_KEY_TEXT - n, "%s%08x",
			       !i ? "" : i == 4 ? "," : "-",
			       le32_to_cpu(raw[i]));
	memzero_explicit(raw, sizeof(raw));
}

/**
 * pp_tcp_fo_key_set() - net.pktpath.tcp_fastopen_key, written
 * @pn: netns
 * @buf: one or two keys as x-x-x-x in hexadecimal, with a comma between them
 *
 * Context: process.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int pp_tcp_fo_key_set(struct pp_net *pn, const char *buf)
{
	__le32 raw[2 * PKTPATH_FO_KEY / 4] = {};
	const char *second = strchr(buf, ',');
	struct pp_tcp_fo_keys *keys;
	u32 v[8] = {};
	int i;

	if (sscanf(buf, "%x-%x-%x-%x", v, v + 1, v + 2, v + 3) != 4)
		return -EINVAL;
	if (second && sscanf(second + 1, "%x-%x-%x-%x", v + 4, v + 5, v + 6,
			     v + 7) != 4)
		return -EINVAL;
	for (i = 0; i < 8; i++)
		raw[i] = cpu_to_le32(v[i]);
	keys = pp_tcp_fo_keys_make((u8 *)raw, second ? 2 : 1);
	memzero_explicit(raw, sizeof(raw));
	memzero_explicit(v, sizeof(v));
	if (!keys)
		return -ENOMEM;
	pp_tcp_fo_keys_publish(&pn->tcp->fo_keys, keys);
	return 0;
}

/**
 * pp_tcp_fo_sk_key_set() - TCP_FASTOPEN_KEY
 * @sk: socket, locked
 * @raw: keys
 * @len: PKTPATH_FO_KEY, or twice that
 *
 * Context: process, sleeps.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int pp_tcp_fo_sk_key_set(struct sock *sk, const u8 *raw, unsigned int len)
{
	struct pp_tcp_listener *lsn = pp_tcp_listener_get(sk);
	struct pp_tcp_fo_keys *keys;

	if (!lsn)
		return -ENOMEM;
	keys = pp_tcp_fo_keys_make(raw, len / PKTPATH_FO_KEY);
	if (!keys)
		return -ENOMEM;
	pp_tcp_fo_keys_publish(&lsn->fo_keys, keys);
	return 0;
}

/**
 * pp_tcp_fo_sk_key_get() - TCP_FASTOPEN_KEY, read
 * @sk: socket, locked
 * @raw: room for two
 *
 * Context: process.
 * Return: bytes: of the socket's own, or of the netns's keys.
 */
unsigned int pp_tcp_fo_sk_key_get(struct sock *sk, u8 *raw)
{
	unsigned int len;

	rcu_read_lock();
	len = pp_tcp_fo_keys_raw(pp_tcp_fo_keys(sk), raw);
	rcu_read_unlock();
	return len;
}

/**
 * pp_tcp_fo_keys() - what the cookies of a listener are made with
 * @sk: listener, held
 *
 * Context: RCU.
 * Return: its own keys, or the netns's; NULL: none.
 */
const struct pp_tcp_fo_keys *pp_tcp_fo_keys(const struct sock *sk)
{
	struct pp_tcp_listener *lsn = READ_ONCE(pp_tcp_sk(sk)->lsn);
	const struct pp_tcp_fo_keys *keys = NULL;

	if (lsn)
		keys = rcu_dereference(lsn->fo_keys);
	return keys ? : rcu_dereference(pp_sk(sk)->pn->tcp->fo_keys);
}

/* RFC 7413 §4.1.2: bound to the client's address, and to ours. */
static u64 pp_tcp_fo_cookie(const siphash_key_t *key, __be32 faddr,
			    __be32 laddr)
{
	__be32 addr[2] __aligned(8) = { faddr, laddr };

	return siphash(addr, sizeof(addr), key);
}

/* The cookie of the first key into the option. */
static void pp_tcp_fo_give(const struct pp_tcp_fo_keys *keys,
			   const struct pp_tcp_key *k, struct pp_tcp_opt *o)
{
	u64 cookie = pp_tcp_fo_cookie(&keys->key[0], k->faddr, k->laddr);

	pp_tcp_fo_put64(cookie, o->fo_cookie);
	o->fo_len = PKTPATH_FO_COOKIE;
	o->fastopen = 1;
}

/* 0: none of our keys made it, else which, from 1. RCU. */
static unsigned int pp_tcp_fo_match(const struct pp_tcp_fo_keys *keys,
				    const struct pp_tcp_key *k,
				    const struct pp_tcp_opt *o)
{
	unsigned int i;

	if (o->fo_len != PKTPATH_FO_COOKIE)
		return 0;
	for (i = 0; i < keys->n; i++)
		if (pp_tcp_fo_cookie(&keys->key[i], k->faddr, k->laddr) ==
		    pp_tcp_fo_get64(o->fo_cookie))
			return i + 1;
	return 0;
}

/**
 * pp_tcp_fo_tune() - TCP_FASTOPEN: how many may be pending
 * @sk: socket in CLOSE or LISTEN, locked
 * @n: 0: Fast Open is off
 *
 * Context: process, sleeps.
 * Return: 0 or -ENOMEM.
 */
int pp_tcp_fo_tune(struct sock *sk, int n)
{
	int most = READ_ONCE(sock_net(sk)->core.sysctl_somaxconn);
	struct pp_tcp_listener *lsn = pp_tcp_listener_get(sk);

	if (!lsn || pp_tcp_fo_net_key(pp_sk(sk)->pn))
		return -ENOMEM;
	WRITE_ONCE(lsn->fo_max, min(n, most));
	return 0;
}

/* ---- The bound on what is pending (RFC 7413 §5.1) ---- */

/* A reset lets its place go only after a while: who forges the addresses of
 * others provokes resets, and would never reach the limit.
 */
static bool pp_tcp_fo_room(struct pp_net *pn, struct pp_tcp_listener *lsn)
{
	int most = READ_ONCE(lsn->fo_max);
	struct pp_tcp_fo_child *old;

	if (!most)
		return false;
	if (READ_ONCE(lsn->fo_qlen) < most)
		return true;
	spin_lock_bh(&lsn->lock);
	old = list_first_entry_or_null(&lsn->fo_rst, struct pp_tcp_fo_child,
				       list);
	if (old && time_before(jiffies, old->expires))
		old = NULL;
	if (old) {
		list_del(&old->list);
		lsn->fo_qlen--;
	}
	spin_unlock_bh(&lsn->lock);
	if (!old) {
		pp_mib_inc(pn, TCPEXT_FASTOPENLISTENOVERFLOW);
		return false;
	}
	kfree(old);
	return true;
}

/**
 * pp_tcp_fo_purge() - the listener has closed, or is freed
 * @lsn: its part
 *
 * Context: any; the listener's lists are used by nobody else.
 */
void pp_tcp_fo_purge(struct pp_tcp_listener *lsn)
{
	struct pp_tcp_fo_child *fo, *next;
	LIST_HEAD(old);

	spin_lock_bh(&lsn->lock);
	list_splice_init(&lsn->fo_rst, &old);
	list_for_each_entry(fo, &old, list)
		lsn->fo_qlen--;
	spin_unlock_bh(&lsn->lock);
	list_for_each_entry_safe(fo, next, &old, list)
		kfree(fo);
}

/**
 * pp_tcp_fo_forget() - a socket waits for the end of its handshake no more
 * @sk: socket
 * @reset: the peer has reset it
 *
 * Context: socket locked, or nobody else has it.
 */
void pp_tcp_fo_forget(struct sock *sk, bool reset)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_fo_child *fo = pp_tcp_fo(tp);
	struct pp_tcp_listener *lsn;
	struct sock *lsk;
	bool keep;

	if (likely(!fo))
		return;
	clear_bit(PKTPATH_TF_FO_PENDING, &tp->tflags);
	tp->open.saved_syn = fo->saved_syn;
	lsk = fo->lsk;
	lsn = pp_tcp_sk(lsk)->lsn;
	/* One that waits for accept() counts in that queue anyway. */
	keep = reset && (sk->sk_socket || sock_flag(sk, SOCK_DEAD));
	spin_lock_bh(&lsn->lock);
	keep = keep && !lsn->closed;
	if (keep) {
		fo->lsk = NULL;
		fo->expires = jiffies + PKTPATH_FO_RST_WAIT;
		list_add_tail(&fo->list, &lsn->fo_rst);
	} else {
		lsn->fo_qlen--;
	}
	spin_unlock_bh(&lsn->lock);
	if (!keep)
		kfree(fo);
	sock_put(lsk);
}

/* ---- SYN ---- */

static bool pp_tcp_fo_no_cookie(const struct sock *lsk)
{
	int how = READ_ONCE(pp_sk(lsk)->pn->sysctl.tcp_fastopen);

	return how & PKTPATH_FO_SERVER_NO_COOKIE ||
	       pp_tf(pp_tcp_sk(lsk), PKTPATH_TF_FO_NO_COOKIE);
}

static struct sock *pp_tcp_fo_create(struct sock *lsk, struct pp_tcp_req *req,
				     struct sk_buff *skb)
{
	struct pp_tcp_listener *lsn = pp_tcp_sk(lsk)->lsn;
	struct pp_tcp_fo_child *fo;
	struct sock *child;
	bool ok;

	fo = kzalloc(sizeof(*fo), GFP_ATOMIC);
	if (!fo)
		return NULL;
	spin_lock_bh(&lsn->lock);
	ok = !lsn->closed && lsn->fo_qlen < READ_ONCE(lsn->fo_max);
	if (ok)
		lsn->fo_qlen++;
	spin_unlock_bh(&lsn->lock);
	if (!ok)
		goto fail;
	child = pp_tcp_create_child(lsk, req, skb);
	if (child) {
		sock_hold(lsk);
		fo->lsk = lsk;
		fo->irs = req->irs;
		fo->iss = req->iss;
		fo->saved_syn = pp_tcp_sk(child)->open.saved_syn;
		pp_tcp_sk(child)->open.fo = fo;
		set_bit(PKTPATH_TF_FO_PENDING, &pp_tcp_sk(child)->tflags);
		set_bit(PKTPATH_TF_FO_CHILD, &pp_tcp_sk(child)->tflags);
		return child;
	}
	spin_lock_bh(&lsn->lock);
	lsn->fo_qlen--;
	spin_unlock_bh(&lsn->lock);
fail:
	kfree(fo);
	return NULL;
}

/**
 * pp_tcp_fo_try() - is this SYN one of Fast Open?
 * @lsk: listener, held
 * @req: made from the SYN, in no table
 * @skb: the SYN
 * @o: its options; on return the fastopen part is what the SYN-ACK is to say
 *
 * RFC 7413 §4.2.2: with a good cookie there is a socket at once; a bad or an
 * empty one is answered with a good one.
 *
 * Context: softirq, RCU.
 * Return: child, locked (bh), for pp_tcp_fo_accept(); NULL: go on as usual.
 */
struct sock *pp_tcp_fo_try(struct sock *lsk, struct pp_tcp_req *req,
			   struct sk_buff *skb, struct pp_tcp_opt *o)
{
	const struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);
	const struct pp_tcp_fo_keys *keys;
	struct pp_net *pn = req->pn;
	struct sock *child = NULL;
	unsigned int which = 0;

	if (o->fastopen && !o->fo_len)
		pp_mib_inc(pn, TCPEXT_FASTOPENCOOKIEREQD);
	if (!(READ_ONCE(pn->sysctl.tcp_fastopen) & PKTPATH_FO_SERVER) ||
	    (cb->end_seq == cb->seq + 1 && !o->fastopen) ||
	    !pp_tcp_fo_room(pn, pp_tcp_sk(lsk)->lsn)) {
		o->fastopen = 0;
		return NULL;
	}
	keys = pp_tcp_fo_keys(lsk);
	if (!pp_tcp_fo_no_cookie(lsk)) {
		if (keys && o->fastopen && o->fo_len)
			which = pp_tcp_fo_match(keys, &req->tn.key, o);
		if (!which)
			goto offer;
	}
	child = pp_tcp_fo_create(lsk, req, skb);
	if (!child)
		goto offer;
	pp_mib_inc(pn, TCPEXT_FASTOPENPASSIVE);
	/* Made by the key that goes: have the new one. */
	if (which == 2) {
		pp_mib_inc(pn, TCPEXT_FASTOPENPASSIVEALTKEY);
		set_bit(PKTPATH_TF_FO_SYN, &pp_tcp_sk(child)->tflags);
		if (o->fo_exp)
			set_bit(PKTPATH_TF_SYN_FO_EXP,
				&pp_tcp_sk(child)->tflags);
	}
	return child;
offer:
	if (o->fastopen && o->fo_len)
		pp_mib_inc(pn, TCPEXT_FASTOPENPASSIVEFAIL);
	if (!o->fastopen || !keys)
		o->fastopen = 0;
	else
		pp_tcp_fo_give(keys, &req->tn.key, o);
	return NULL;
}

/**
 * pp_tcp_fo_reply_option() - the option of a child's SYN-ACK
 * @sk: child with PKTPATH_TF_FO_SYN
 * @o: fastopen part is filled
 *
 * Context: socket locked.
 */
void pp_tcp_fo_reply_option(struct sock *sk, struct pp_tcp_opt *o)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pp_tcp_fo_keys *keys;

	if (!pp_tcp_fo(tp))
		return;
	rcu_read_lock();
	keys = pp_tcp_fo_keys(pp_tcp_fo(tp)->lsk);
	if (keys)
		pp_tcp_fo_give(keys, &tp->tn.key, o);
	rcu_read_unlock();
	o->fo_exp = pp_tf(tp, PKTPATH_TF_SYN_FO_EXP);
}

static void pp_tcp_fo_resend(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_mib_inc(pp_sk(sk)->pn, TCP_RETRANSSEGS);
	pp_tcp_ext_inc(sk, SYNRETRANS);
	tp->total_retrans++;
	pp_tcp_fo(tp)->sent_us = 0;
	pp_tcp_send_synack_child(sk);
}

/* Everything data needs, before the handshake is over. */
static void pp_tcp_fo_init(struct sock *child, const struct pp_tcp_req *req,
			   const struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(child);

	tp->snd_una = req->iss + 1;
	/* RFC 7323 §2.2: the window of a SYN is never scaled. */
	tp->snd_wnd = ntohs(tcp_hdr(skb)->window);
	tp->max_window = tp->snd_wnd;
	if (tp->user_mss && tp->user_mss < tp->advmss)
		tp->advmss = tp->user_mss;
	tp->segs_in = 1;
	tp->rcv_tstamp_jiffies = pp_jiffies32();
	tp->last_data_sent_jiffies = pp_jiffies32();
	tp->last_data_rcv_jiffies = pp_jiffies32();
	pp_tcp_mstamp_refresh(tp);
	pp_tcp_init_metrics(child);
	pp_tcp_cc_init(child);
	pp_tcp_init_buffers(child);
	pp_tcp_current_mss(child);
	pp_tcp_update_pacing(child);
}

/**
 * pp_tcp_fo_accept() - give a child to the listener, with the data of its SYN
 * @lsk: listener, held
 * @req: what the child was made from
 * @child: of pp_tcp_fo_try(), locked; its reference is taken
 * @skb: the SYN; taken
 *
 * Context: softirq, RCU.
 */
void pp_tcp_fo_accept(struct sock *lsk, const struct pp_tcp_req *req,
		      struct sock *child, struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(child);
	struct pp_net *pn = req->pn;

	pp_mib_inc(pn, TCP_PASSIVEOPENS);
	sk_mark_napi_id(child, skb);
	pp_tcp_fo_init(child, req, skb);
	skb->dev = NULL;
	PKTPATH_TCP_CB(skb)->seq++;
	PKTPATH_TCP_CB(skb)->flags &= ~PKTPATH_TCPF_SYN;
	if (PKTPATH_TCP_CB(skb)->seq != PKTPATH_TCP_CB(skb)->end_seq)
		tp->data_segs_in = 1;
	/* Without memory for it the peer sends the data again. */
	pp_tcp_data_queue(child, skb);
	tp->rcv_wup = tp->rcv_nxt;
	/* The SYN-ACK acknowledges it: nothing is learnt about delays. */
	tp->ato_jiffies = 0;
	tp->quickack = 0;
	if (tp->bytes_received)
		set_bit(PKTPATH_TF_SYN_DATA_ACKED, &tp->tflags);
	pp_tcp_fo(tp)->sent_us = tp->mstamp_us;
	pp_tcp_send_synack_child(child);
	clear_bit(PKTPATH_TF_FO_SYN, &tp->tflags);
	pp_tcp_timer_arm(child, PKTPATH_TT_RTO, HZ);
	if (!pp_tcp_accept_add(lsk, child)) {
		pp_tcp_child_reject(child);
		return;
	}
	/* Taken by sk_clone_lock(). */
	__acquire(&child->sk_lock.slock);
	bh_unlock_sock(child);
	sock_put(child);
	pp_at_sock_wake(NULL, lsk, 0);
	lsk->sk_data_ready(lsk);
}

/* ---- Until the SYN-ACK is acknowledged ---- */

/**
 * pp_tcp_fo_syn_again() - the peer has not seen our SYN-ACK
 * @sk: socket whose handshake is not over
 * @skb: a segment; freed when true is returned
 *
 * Context: socket locked.
 * Return: it was the SYN.
 */
bool pp_tcp_fo_syn_again(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct pp_tcp_fo_child *fo = pp_tcp_fo(pp_tcp_sk(sk));

	if (PKTPATH_TCP_CB(skb)->seq != fo->irs || !th->syn || th->ack ||
	    th->rst)
		return false;
	if (pp_tcp_oow_limited(pp_sk(sk)->pn, &fo->oow_jiffies))
		pp_tcp_ext_inc(sk, ACKSKIPPEDSYNRECV);
	else
		pp_tcp_fo_resend(sk);
	pp_tcp_drop(sk, skb, PKTPATH_DROP_TCP_SYN);
	return true;
}

/**
 * pp_tcp_fo_timeout() - the retransmit timer before the handshake is over
 * @sk: socket whose handshake is not over
 *
 * Only the SYN-ACK is sent again, once more than for others: a user may have
 * the socket already.
 *
 * Context: socket locked.
 */
void pp_tcp_fo_timeout(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_fo_child *fo = pp_tcp_fo(tp);
	unsigned int most = tp->syn_retries;

	if (!most)
		most = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_synack_retries) + 1;
	if (fo->timeouts >= most) {
		pp_tcp_write_err(sk);
		return;
	}
	if (!fo->timeouts && tp->packets_out)
		pp_tcp_enter_loss(sk);
	fo->timeouts++;
	tp->retransmits++;
	pp_tcp_fo_resend(sk);
	pp_tcp_timer_arm(sk, PKTPATH_TT_RTO, (unsigned long)HZ <<
			 min_t(u8, fo->timeouts, 7));
}

/**
 * pp_tcp_fo_complete() - the SYN-ACK is acknowledged
 * @sk: socket whose handshake is not over
 *
 * Context: socket locked.
 */
void pp_tcp_fo_complete(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u64 sent = pp_tcp_fo(tp)->sent_us;

	pp_tcp_fo_forget(sk, false);
	/* Karn: only a SYN-ACK that was sent once can be timed. */
	if (!tp->rtt.srtt_us && sent)
		pp_tcp_rtt_sample(&tp->rtt,
				  min_t(u64, tp->mstamp_us - sent,
					PKTPATH_RTO_MAX_US), ~0u,
				  pp_tcp_ms(tp), tp->snd_una, tp->snd_nxt);
	tp->retransmits = 0;
	tp->backoff = 0;
	tp->first_rtx_us_ts = 0;
	tp->rate.delivered++;
	pp_tcp_rearm_rto(sk);
}
