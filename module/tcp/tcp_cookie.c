// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies: a flood of SYNs costs no memory (RFC 4987 §3.6).
 *
 * Path: tcp_listen.c
 * Mirrors: net/ipv4/syncookies.c
 * Locks: none
 *
 * The initial sequence number of the SYN-ACK is the state:
 *   hash1(tuple) + irs + (count << 24) + ((hash2(tuple, count) + mss) & 0xffffff)
 * count is the minute, so a cookie is good for two. Options other than the MSS
 * are given up.
 */
#include "core/hash.h"
#include "tcp/tcp_priv.h"

#define COOKIE_BITS	24
#define COOKIE_MASK	((1u << COOKIE_BITS) - 1)
#define COOKIE_AGE	2	/* minutes */

static const u16 pp_tcp_cookie_mss[] = { 536, 1300, 1440, 1460 };

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

/**
 * pp_tcp_cookie_init() - initial sequence number for a SYN without memory
 * @pn: netns
 * @skb: the SYN
 * @mss: of the peer; rounded down to one the cookie can tell
 *
 * Context: softirq.
 * Return: the number.
 */
u32 pp_tcp_cookie_init(struct pp_net *pn, struct sk_buff *skb, u16 *mss)
{
	u32 count = pp_tcp_cookie_count(), i;

	for (i = ARRAY_SIZE(pp_tcp_cookie_mss) - 1; i; i--)
		if (*mss >= pp_tcp_cookie_mss[i])
			break;
	*mss = pp_tcp_cookie_mss[i];
	return pp_tcp_cookie_hash(pn, skb, 0, 0x636f) +
	       PKTPATH_TCP_CB(skb)->seq + (count << COOKIE_BITS) +
	       ((pp_tcp_cookie_hash(pn, skb, count, 0x6b69) + i) &
		COOKIE_MASK);
}

/* Index of the MSS, or -1 when it is no cookie of ours. */
static int pp_tcp_cookie_decode(struct pp_net *pn, struct sk_buff *skb)
{
	u32 cookie = PKTPATH_TCP_CB(skb)->ack_seq - 1;
	u32 irs = PKTPATH_TCP_CB(skb)->seq - 1;
	u32 count = pp_tcp_cookie_count(), age, i;

	cookie -= pp_tcp_cookie_hash(pn, skb, 0, 0x636f) + irs;
	age = (count - (cookie >> COOKIE_BITS)) & (0xffffffff >> COOKIE_BITS);
	if (age >= COOKIE_AGE)
		return -1;
	i = (cookie - pp_tcp_cookie_hash(pn, skb, count - age, 0x6b69)) &
	    COOKIE_MASK;
	return i < ARRAY_SIZE(pp_tcp_cookie_mss) ? (int)i : -1;
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
	     COOKIE_AGE * 60 * HZ))
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
	req = pp_tcp_req_alloc(lsk, skb, opt);
	if (!req)
		return ERR_PTR(-ENOMEM);
	req->irs = PKTPATH_TCP_CB(skb)->seq - 1;
	req->iss = PKTPATH_TCP_CB(skb)->ack_seq - 1;
	req->mss = pp_tcp_cookie_mss[mss];
	req->wscale_ok = 0;
	req->sack_ok = 0;
	req->tstamp_ok = 0;
	req->ecn_ok = 0;
	child = pp_tcp_create_child(lsk, req, skb);
	pp_tcp_node_put(&req->tn);
	return child ? : ERR_PTR(-ENOMEM);
}
