// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies: a flood of SYNs costs no memory (RFC 4987 §3.6).
 *
 * Path: tcp_listen.c
 * Mirrors: net/ipv4/syncookies.c
 * Locks: none
 *
 * The initial sequence number of the SYN-ACK is the state (tcp_cookie_bits.c),
 * good for the minute and the next. The other options of the SYN are in the
 * low bits of the timestamp, which comes back with the ACK; without timestamps
 * they are given up.
 */
#include "core/hash.h"
#include "tcp/tcp_cookie_bits.h"
#include "tcp/tcp_priv.h"

static u32 pp_tcp_cookie_count(void)
{
	return (u32)div_u64(get_jiffies_64(), 60 * HZ);
}

static u32 pp_tcp_cookie_hash(struct pp_net *pn, const struct sk_buff *skb,
			      u32 count, u32 salt)
{
	const struct tcphdr *th = tcp_hdr(skb);

	return pp_hash_4(pn, (__force u32)ip_hdr(skb)->saddr,
			 (__force u32)ip_hdr(skb)->daddr,
			 (__force u32)th->source << 16 |
			 (__force u32)th->dest, count ^ salt);
}

/* Of the tuple and the peer's first number. */
static u32 pp_tcp_cookie_plain(struct pp_net *pn, const struct sk_buff *skb,
			       u32 irs)
{
	return pp_tcp_cookie_hash(pn, skb, 0, 0x636f) + irs;
}

/* Of the tuple and a minute. */
static u32 pp_tcp_cookie_minute(struct pp_net *pn, const struct sk_buff *skb,
				u32 count)
{
	return pp_tcp_cookie_hash(pn, skb, count, 0x6b69);
}

/* Initial sequence number; @mss is rounded down to one the cookie can tell. */
static u32 pp_tcp_cookie_init(struct pp_net *pn, struct sk_buff *skb, u16 *mss)
{
	u32 count = pp_tcp_cookie_count();
	unsigned int i = pp_tcp_cookie_mss_index(*mss);

	*mss = pp_tcp_cookie_mss(i);
	return pp_tcp_cookie_make(pp_tcp_cookie_plain(pn, skb,
						      PKTPATH_TCP_CB(skb)->seq),
				  count, pp_tcp_cookie_minute(pn, skb, count),
				  i);
}

/**
 * pp_tcp_cookie_opt() - which options of a SYN a cookie can keep
 * @pn: netns
 * @opt: they; all but the MSS are forgotten if there is no timestamp
 *
 * Context: any.
 */
void pp_tcp_cookie_opt(struct pp_net *pn, struct pp_tcp_opt *opt)
{
	if (opt->ts_ok && READ_ONCE(pn->sysctl.tcp_timestamps))
		return;
	opt->ts_ok = 0;
	opt->sack_perm = 0;
	opt->wscale_ok = 0;
	opt->wscale = 0;
}

/**
 * pp_tcp_cookie_tsval() - timestamp of the SYN-ACK that is a cookie
 * @req: what was agreed
 * @now: our clock, in ms
 *
 * Mirrors: net/ipv4/syncookies.c:cookie_init_timestamp (v7.2)
 *
 * Context: any.
 * Return: the last one up to @now that tells the options.
 */
u32 pp_tcp_cookie_tsval(const struct pp_tcp_req *req, u32 now)
{
	const struct pp_tcp_opt opt = {
		.wscale_ok = req->wscale_ok, .wscale = req->wscale_snd,
		.sack_perm = req->sack_ok,
	};

	return pp_tcp_cookie_stamp(&opt, req->ecn_ok, now);
}

/**
 * pp_tcp_cookie_send() - answer a SYN by a cookie
 * @req: made of it, with the options that a cookie can keep; the caller's
 * @skb: the SYN
 *
 * Context: softirq, RCU.
 */
void pp_tcp_cookie_send(struct pp_tcp_req *req, struct sk_buff *skb)
{
	u32 isn;

	req->cookie = 1;
	if (req->tstamp_ok)
		pp_tcp_secrets(req->pn, &req->tn.key, &isn, &req->ts_offset);
	else
		req->ecn_ok = 0;
	req->iss = pp_tcp_cookie_init(req->pn, skb, &req->mss);
	pp_mib_inc(req->pn, TCPEXT_SYNCOOKIESSENT);
	pp_tcp_send_synack(req->lsk, req, NULL);
}

/* Index of the MSS, or -1 when it is no cookie of ours. */
static int pp_tcp_cookie_decode(struct pp_net *pn, struct sk_buff *skb)
{
	u32 cookie = PKTPATH_TCP_CB(skb)->ack_seq - 1;
	u32 plain = pp_tcp_cookie_plain(pn, skb, PKTPATH_TCP_CB(skb)->seq - 1);
	u32 count = pp_tcp_cookie_count();
	int age = pp_tcp_cookie_age(cookie, plain, count);

	if (age < 0)
		return -1;
	return pp_tcp_cookie_read(cookie, plain,
				  pp_tcp_cookie_minute(pn, skb, count - age));
}

/* The options of the SYN by what its answer's timestamp told, and whether ECN
 * was one. False: one was agreed on that is switched off by now.
 */
static bool pp_tcp_cookie_recall(struct pp_net *pn, u32 ts,
				 struct pp_tcp_opt *opt, bool *ecn)
{
	const struct pp_sysctl *s = &pn->sysctl;

	*ecn = false;
	if (!opt->ts_ok)
		return true;
	*ecn = pp_tcp_cookie_stamp_read(ts, opt);
	return READ_ONCE(s->tcp_timestamps) &&
	       (!opt->sack_perm || READ_ONCE(s->tcp_sack)) &&
	       (!opt->wscale_ok || READ_ONCE(s->tcp_window_scaling));
}

/* What is half open by a cookie that has come back: ERR_PTR(-ENOMEM), or NULL
 * when it can't be.
 */
static struct pp_tcp_req *pp_tcp_cookie_req(struct sock *lsk,
					    struct sk_buff *skb,
					    const struct pp_tcp_opt *ack,
					    u16 mss)
{
	struct pp_tcp_opt opt = {
		.mss = mss, .ts_ok = ack->ts_ok, .tsval = ack->tsval,
	};
	struct pp_net *pn = pp_sk(lsk)->pn;
	u32 isn, offset = 0, ts = 0;
	struct pp_tcp_req *req;
	struct pp_tcp_key key;
	bool ecn;

	if (opt.ts_ok) {
		pp_tcp_skb_key(skb, &key);
		pp_tcp_secrets(pn, &key, &isn, &offset);
		ts = ack->tsecr - offset;
	}
	if (!pp_tcp_cookie_recall(pn, ts, &opt, &ecn))
		return NULL;
	req = pp_tcp_req_alloc(lsk, skb, &opt);
	if (!req)
		return ERR_PTR(-ENOMEM);
	req->irs = PKTPATH_TCP_CB(skb)->seq - 1;
	req->iss = PKTPATH_TCP_CB(skb)->ack_seq - 1;
	req->ts_offset = offset;
	req->ecn_ok = ecn &&
		      (pp_tcp_cc_needs_ecn(READ_ONCE(pp_tcp_sk(lsk)->cc)) ||
		       pp_tcp_ecn_taken(lsk, req));
	pp_tcp_accecn_req_cookie(req, lsk, tcp_hdr(skb));
	return req;
}

/**
 * pp_tcp_cookie_check() - an ACK for a listener: does it carry a cookie?
 * @lsk: listener, held
 * @skb: segment with ACK, control block filled
 * @opt: its options
 *
 * Only while the queue has overflowed in the last minutes.
 *
 * Context: softirq, RCU.
 * Return: a new child as of pp_tcp_create_child(); NULL: no cookie of ours;
 * ERR_PTR(-ENOMEM): one, but there is no child, so the peer may try again.
 */
struct sock *pp_tcp_cookie_check(struct sock *lsk, struct sk_buff *skb,
				 const struct pp_tcp_opt *opt)
{
	struct pp_tcp_listener *lsn = READ_ONCE(pp_tcp_sk(lsk)->lsn);
	struct pp_net *pn = pp_sk(lsk)->pn;
	struct pp_tcp_req *req;
	struct sock *child;
	int mss;

	if (!lsn || !READ_ONCE(pn->sysctl.tcp_syncookies) ||
	    (READ_ONCE(pn->sysctl.tcp_syncookies) != 2 &&
	     pp_jiffies32() - READ_ONCE(lsn->cookie_jiffies) >
	     PKTPATH_COOKIE_AGE * 60 * HZ))
		return NULL;
	mss = pp_tcp_cookie_decode(pn, skb);
	if (mss < 0) {
		pp_mib_inc(pn, TCPEXT_SYNCOOKIESFAILED);
		return NULL;
	}
	pp_mib_inc(pn, TCPEXT_SYNCOOKIESRECV);
	if (sk_acceptq_is_full(lsk)) {
		pp_mib_inc(pn, TCPEXT_LISTENOVERFLOWS);
		return ERR_PTR(-ENOMEM);
	}
	if (!pp_tcp_req_permitted(lsk, skb))
		return ERR_PTR(-ENOMEM);
	req = pp_tcp_cookie_req(lsk, skb, opt, pp_tcp_cookie_mss(mss));
	if (IS_ERR_OR_NULL(req))
		return ERR_CAST(req);
	child = pp_tcp_create_child(lsk, req, skb);
	pp_tcp_req_discard(req);
	return child ? : ERR_PTR(-ENOMEM);
}
