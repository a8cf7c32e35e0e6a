// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that carry control: SYN, SYN-ACK, FIN, RST.
 *
 * Path: tcp_ipv4.c, tcp_close.c, tcp_listen.c -> tcp_output.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_connect, tcp_send_fin, ...),
 *	    tcp_ipv4.c (tcp_v4_send_reset)
 * Locks: as each function says
 */
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include "compat/compat.h"
#include "core/fault.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"

/* An skb without payload that takes one place in sequence space. */
static struct sk_buff *pp_tcp_ctl_skb(struct sock *sk, u32 seq, u8 flags,
				      gfp_t gfp)
{
	struct sk_buff *skb = pp_tcp_skb_alloc(sk, 0, gfp, true);
	struct pp_tcp_skb_cb *cb;

	if (!skb)
		return NULL;
	cb = PKTPATH_TCP_CB(skb);
	memset(cb, 0, sizeof(*cb));
	cb->seq = seq;
	cb->end_seq = seq;
	if (flags & (PKTPATH_TCPF_SYN | PKTPATH_TCPF_FIN))
		cb->end_seq++;
	cb->flags = flags;
	cb->segs = 1;
	skb->ip_summed = CHECKSUM_PARTIAL;
	return skb;
}

static void pp_tcp_connect_init(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	u32 space = READ_ONCE(sk->sk_rcvbuf) >> 1;
	u32 clamp = tp->window_clamp;
	struct pp_route_metrics m = {};
	struct pp_dst *dst;
	u32 mtu = 576;

	rcu_read_lock();
	dst = pp_ip_sk_route_rcu(sk);
	if (!IS_ERR(dst)) {
		mtu = pp_ip_mtu(sk, dst);
		m = *pp_dst_metrics(dst);
		pp_tcp_cc_by_route(sk, dst);
	}
	rcu_read_unlock();
	tp->mss_clamp = tp->user_mss ? : 536;
	tp->advmss = clamp_t(int, m.advmss ? : (int)mtu - 40, 88, U16_MAX - 40);
	if (tp->user_mss && tp->user_mss < tp->advmss)
		tp->advmss = tp->user_mss;
	tp->max_window = 0;
	if (pp_tcp_md5_used())
		pp_tcp_md5_begin(sk);
	tp->tstamp_ok = READ_ONCE(s->tcp_timestamps) &&
			!pp_tf(tp, PKTPATH_TF_MD5);
	pp_tcp_sync_mss(sk, mtu);
	if (!clamp)
		clamp = m.window;
	/* A buffer that the user has chosen bounds the scale as well. */
	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK &&
	    (!clamp || clamp > space))
		clamp = space;
	pp_tcp_select_initial_window(space,
				     READ_ONCE(s->tcp_rmem[2]), tp->advmss,
				     &tp->rcv_wnd, &clamp,
				     READ_ONCE(s->tcp_window_scaling),
				     &tp->rcv_wscale);
	if (m.initrwnd)
		tp->rcv_wnd = min_t(u32, tp->rcv_wnd, m.initrwnd * tp->advmss);
	tp->window_clamp = clamp;
	tp->rcv_ssthresh = tp->rcv_wnd;
	tp->snd_wnd = 0;
	tp->snd_una = tp->write_seq;
	tp->snd_sml = tp->write_seq;
	tp->snd_up = tp->write_seq;
	tp->snd_nxt = tp->write_seq;
	tp->ts_recent = 0;	/* a SYN echoes nothing */
	tp->ts_recent_sec = 0;
	tp->rcv_nxt = 0;
	tp->rcv_wup = 0;
	tp->copied_seq = 0;
	tp->retransmits = 0;
	pp_tcp_rtt_init(&tp->rtt);
	sk->sk_err = 0;
	sock_reset_flag(sk, SOCK_DONE);
}

/**
 * pp_tcp_connect() - send the first SYN
 * @sk: socket in SYN_SENT, addresses, port and write_seq set
 * @fo: data to go with it, or NULL
 *
 * RFC 9293 §3.10.1 active OPEN.
 * Context: process, socket locked.
 * Return: 0, -ENOBUFS, -EKEYREJECTED of TCP-AO, or what the route says.
 */
int pp_tcp_connect(struct sock *sk, struct pp_tcp_fo_data *fo)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb;
	int err;

	if (pp_tcp_ao_used()) {
		err = pp_tcp_ao_begin(sk);
		if (err)
			return err;
	}
	pp_tcp_connect_init(sk);
	skb = pp_tcp_ctl_skb(sk, tp->write_seq, PKTPATH_TCPF_SYN,
			     sk->sk_allocation);
	if (!skb)
		return -ENOBUFS;
	tp->write_seq++;
	pp_tcp_mstamp_refresh(tp);
	/* RFC 7323 §5.8: no echo is older than this. */
	tp->first_rtx_us_ts = pp_tcp_tsval(tp) ? : 1;
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	tp->packets_out = 1;
	pp_tcp_rtx_insert(sk, skb);
	if (unlikely(fo || pp_tf(tp, PKTPATH_TF_FO_CONNECT)))
		err = pp_tcp_fo_connect(sk, skb, fo);
	else
		err = pp_tcp_transmit_skb(sk, skb, true, sk->sk_allocation);
	if (err == -ECONNREFUSED)
		return err;
	/* Data that could not go with the SYN waits. */
	skb = skb_peek(&sk->sk_write_queue);
	tp->snd_nxt = skb ? PKTPATH_TCP_CB(skb)->seq : tp->write_seq;
	tp->pushed_seq = tp->snd_nxt;
	pp_mib_inc(pp_sk(sk)->pn, TCP_ACTIVEOPENS);
	pp_tcp_timer_arm(sk, PKTPATH_TT_RTO, pp_tcp_rto_jiffies(sk));
	return 0;
}

/* A FIN alone, which has the last number of ours; false: no memory. */
static bool pp_tcp_queue_fin(struct sock *sk)
{
	/* A handshake may end in softirq with shutdown() before it. */
	gfp_t gfp = in_softirq() ? GFP_ATOMIC | __GFP_NOWARN :
				   sk->sk_allocation;
	bool wait = gfpflags_allow_blocking(gfp);
	u32 seq = pp_tcp_sk(sk)->write_seq - 1;
	struct sk_buff *skb;

	if (!wait && pp_fault_nomem_sk(sk, PKTPATH_STAGE_TP_SEND))
		return false;
	while (!(skb = pp_tcp_ctl_skb(sk, seq, PKTPATH_TCPF_ACK |
				      PKTPATH_TCPF_FIN, gfp))) {
		if (!wait)
			return false;
		cond_resched();
	}
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	__skb_queue_tail(&sk->sk_write_queue, skb);
	return true;
}

static void pp_tcp_push_fin(struct sock *sk)
{
	if (pp_tcp_write_xmit(sk, pp_tcp_current_mss(sk), true, false) &&
	    pp_tcp_sk(sk)->timer_what == PKTPATH_TT_NONE)
		pp_tcp_timer_arm(sk, PKTPATH_TT_PROBE, pp_tcp_rto_jiffies(sk));
}

/**
 * pp_tcp_send_fin_owed() - try again to make a FIN for which memory was wanting
 * @sk: socket of PKTPATH_TF_FIN_OWED
 *
 * Context: socket locked, softirq or process.
 */
void pp_tcp_send_fin_owed(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!pp_tcp_queue_fin(sk)) {
		pp_tcp_keepalive_arm(sk, 0);
		return;
	}
	clear_bit(PKTPATH_TF_FIN_OWED, &tp->tflags);
	pp_tcp_push_fin(sk);
}

/**
 * pp_tcp_send_fin() - end our direction behind what is queued
 * @sk: socket whose state has been moved already
 *
 * The FIN rides on the last segment that waits, or goes alone. It takes from
 * what is over the limit; where there is nothing at all it has its number, so
 * that no state believes it acknowledged, and is made later, by a timer.
 *
 * Context: socket locked.
 */
void pp_tcp_send_fin(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->write_seq++;
	if (skb) {
		PKTPATH_TCP_CB(skb)->flags |= PKTPATH_TCPF_FIN |
					      PKTPATH_TCPF_PSH;
		PKTPATH_TCP_CB(skb)->end_seq++;
	} else if (unlikely(!pp_tcp_queue_fin(sk))) {
		set_bit(PKTPATH_TF_FIN_OWED, &tp->tflags);
		pp_tcp_keepalive_arm(sk, 0);
		return;
	}
	pp_tcp_push_fin(sk);
}

/**
 * pp_tcp_send_active_reset() - abort: RST with our next sequence number
 * @sk: socket in a synchronised state
 * @gfp: for the skb
 *
 * RFC 9293 §3.10.5 ABORT. Without memory nothing is sent: the peer learns of
 * it by the answer to its next segment.
 *
 * Context: socket locked.
 */
void pp_tcp_send_active_reset(struct sock *sk, gfp_t gfp)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 seq = pp_seq_before(pp_tcp_wnd_end(tp), tp->snd_nxt) ?
		  pp_tcp_wnd_end(tp) : tp->snd_nxt;
	struct sk_buff *skb;

	pp_mib_inc(pp_sk(sk)->pn, TCP_OUTRSTS);
	skb = pp_tcp_ctl_skb(sk, seq, PKTPATH_TCPF_ACK | PKTPATH_TCPF_RST,
			     gfp);
	if (!skb) {
		pp_tcp_ext_inc(sk, ABORTFAILED);
		return;
	}
	pp_tcp_mstamp_refresh(tp);
	pp_tcp_transmit_skb(sk, skb, false, gfp);
}

/**
 * pp_tcp_send_synack_full() - SYN-ACK of a simultaneous open
 * @sk: full socket in SYN_RECV
 *
 * RFC 9293 §3.5 figure 8. The SYN on the retransmit queue becomes a SYN-ACK.
 *
 * Context: socket locked.
 * Return: 0 or -errno.
 */
int pp_tcp_send_synack_full(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb = pp_tcp_rtx_head(tp);

	if (!skb || !(PKTPATH_TCP_CB(skb)->flags & PKTPATH_TCPF_SYN))
		return -EFAULT;
	PKTPATH_TCP_CB(skb)->flags |= PKTPATH_TCPF_ACK;
	/* RFC 3168 §6.1.1. */
	if (pp_tf(tp, PKTPATH_TF_ECN_OK))
		PKTPATH_TCP_CB(skb)->flags |= PKTPATH_TCPF_ECE;
	pp_tcp_mstamp_refresh(tp);
	pp_tcp_sent_last(tp, skb);
	return pp_tcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
}

/**
 * pp_tcp_send_synack_child() - SYN-ACK of a socket that Fast Open has made
 * @sk: socket whose handshake is not over
 *
 * It is on no queue: the socket's timer sends another. What it acknowledges is
 * what has been received.
 *
 * Context: socket locked, softirq.
 */
void pp_tcp_send_synack_child(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u8 flags = PKTPATH_TCPF_SYN | PKTPATH_TCPF_ACK;
	struct sk_buff *skb;

	if (pp_tf(tp, PKTPATH_TF_ECN_OK))
		flags |= PKTPATH_TCPF_ECE;
	/* Number of the SYN: the data behind it may be acknowledged. */
	skb = pp_tcp_ctl_skb(sk, pp_tcp_fo(tp)->iss, flags, GFP_ATOMIC);
	if (!skb)
		return;
	pp_tcp_mstamp_refresh(tp);
	pp_tcp_transmit_skb(sk, skb, false, GFP_ATOMIC);
}

/* ---- Without a full socket ---- */

/* What a segment outside any connection says. */
struct pp_tcp_raw {
	__be32 saddr, daddr;
	__be16 sport, dport;
	u32 seq, ack;
	u16 win;
	u16 flags;		/* byte 13, and AE above it */
	u8 tos;
	u32 mark;
	u32 priority;
	int oif;
	struct pp_tcp_opt *opt;
	const struct sock *sk;		/* whose TTL, DF and route it has, or NULL */
	const struct sock *keys;	/* whose keys sign it, or NULL */
	const struct pp_tcp_md5_key *md5;
	struct pp_tcp_ao_sign ao;	/* its maclen is 0: does not */
};

static void pp_tcp_raw_header(struct sk_buff *skb, const struct pp_tcp_raw *r,
			      unsigned int hlen,
			      const struct pp_tcp_md5_key *md5)
{
	struct tcphdr *th = __skb_push(skb, hlen);

	skb_reset_transport_header(skb);
	memset(th, 0, sizeof(*th));
	th->source = r->sport;
	th->dest = r->dport;
	th->seq = htonl(r->seq);
	th->ack_seq = htonl(r->ack);
	*((__be16 *)th + 6) = htons((hlen >> 2) << 12 | r->flags);
	th->window = htons(r->win);
	pp_tcp_opt_build((u8 *)(th + 1), r->opt, r->flags & PKTPATH_TCPF_SYN);
	if (unlikely(md5))
		pp_tcp_md5_sign(skb, md5, r->saddr, r->daddr);
	if (unlikely(r->ao.maclen))
		pp_tcp_ao_sign(skb, &r->ao, r->saddr, r->daddr);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	th->check = ~csum_tcpudp_magic(r->saddr, r->daddr, skb->len,
				       IPPROTO_TCP, 0);
}

static const struct pp_tcp_md5_key *pp_tcp_raw_key(struct pp_net *pn,
						   const struct pp_tcp_raw *r)
{
	if (r->md5 || !r->keys)
		return r->md5;
	return pp_tcp_md5_find(r->keys, r->daddr, pp_vrf_of(pn, r->oif));
}

/* IP's part. Without a socket, and when it is shorter than any link's MTU, a
 * segment is never divided.
 */
static void pp_tcp_raw_ip(struct pp_net *pn, struct sk_buff *skb,
			  const struct pp_tcp_raw *r, const struct pp_dst *dst)
{
	bool df = !r->sk ||
		  skb->len + sizeof(struct iphdr) <= IPV4_MIN_MTU ||
		  pp_ip_dont_fragment(r->sk, dst);
	u8 ttl = r->sk ? pp_ip_select_ttl(r->sk, dst) : pp_dst_ttl(pn, dst);

	pp_ip_push_header_bare(skb, r->saddr, r->daddr, IPPROTO_TCP,
			       r->tos & ~INET_ECN_MASK, ttl, df);
	skb->mark = r->mark;
	skb->priority = r->priority;
}

static int pp_tcp_raw_send(struct pp_net *pn, const struct pp_tcp_raw *r)
{
	const struct pp_tcp_md5_key *md5 = NULL;
	unsigned int hlen = sizeof(struct tcphdr);
	struct pp_flow fl = { .tos = r->tos };
	struct pp_dst *dst;
	struct sk_buff *skb;
	int err;

	/* The TOS may be the peer's: it is written, the socket's is routed. */
	if (r->sk)
		pp_flow_init_sk(&fl, r->sk, r->daddr, r->saddr);
	fl.daddr = r->daddr;
	fl.saddr = r->saddr;
	fl.mark = r->mark;
	fl.oif = r->oif;
	fl.proto = IPPROTO_TCP;
	fl.sport = r->sport;
	fl.dport = r->dport;
	rcu_read_lock();
	if (pp_tcp_md5_used()) {
		md5 = pp_tcp_raw_key(pn, r);
		r->opt->md5 = !!md5;
	}
	r->opt->ao_maclen = r->ao.maclen;
	r->opt->ao_keyid = r->ao.keyid;
	r->opt->ao_rnext = r->ao.rnext;
	hlen += pp_tcp_opt_size(r->opt, r->flags & PKTPATH_TCPF_SYN);
	dst = pp_ip_route_output_flow_rcu(pn, &fl, r->sk);
	if (IS_ERR(dst)) {
		err = PTR_ERR(dst);
		goto out;
	}
	skb = pp_tcp_head_skb(GFP_ATOMIC);
	err = -ENOBUFS;
	if (!skb)
		goto out;
	skb_reserve(skb, PKTPATH_TCP_HEADROOM);
	pp_tcp_raw_header(skb, r, hlen, md5);
	skb_dst_set_noref(skb, &dst->rt.dst);
	pp_tcp_raw_ip(pn, skb, r, dst);
	pp_mib_inc(pn, TCP_OUTSEGS);
	err = pp_ip_send_skb(pn, skb);
out:
	rcu_read_unlock();
	return err;
}

/**
 * pp_tcp_send_synack() - answer a SYN
 * @lsk: listener, held, not locked
 * @req: half-open connection, held
 * @fo: what its Fast Open option says, or NULL
 *
 * Context: softirq or timer, no lock needed.
 * Return: 0 or -errno; a lost SYN-ACK is repeated by the timer.
 */
int pp_tcp_send_synack(struct sock *lsk, struct pp_tcp_req *req,
		       const struct pp_tcp_opt *fo)
{
	u32 now = (u32)div_u64(pp_tcp_clock_us(), USEC_PER_MSEC);
	struct pp_net *pn = req->pn;
	struct pp_tcp_opt opt = {
		.mss = req->advmss,
		.wscale_ok = req->wscale_ok, .wscale = req->wscale_rcv,
		.sack_perm = req->sack_ok, .ts_ok = req->tstamp_ok,
		.tsval = req->ts_offset + (unlikely(req->cookie) ?
					   pp_tcp_cookie_tsval(req, now) : now),
		.tsecr = req->ts_recent,
	};
	struct pp_tcp_raw r = {
		.saddr = req->tn.key.laddr, .daddr = req->tn.key.faddr,
		.sport = req->tn.key.lport, .dport = req->tn.key.fport,
		.seq = req->iss, .ack = req->irs + 1,
		.win = min_t(u32, req->rcv_wnd, U16_MAX),
		.flags = PKTPATH_TCPF_SYN | PKTPATH_TCPF_ACK,
		.tos = READ_ONCE(pn->sysctl.tcp_reflect_tos) ?
		       req->tos : inet_sk(lsk)->tos,
		.mark = req->mark,
		.priority = READ_ONCE(lsk->sk_priority),
		.oif = req->bound_if, .opt = &opt,
		.sk = lsk, .keys = lsk,
	};

	/* With a key that is gone it would be no answer to the SYN. */
	if (unlikely(req->ao) && !pp_tcp_ao_for_req(req, r.seq, &r.ao))
		return -ENOKEY;
	if (fo && fo->fastopen) {
		opt.fastopen = 1;
		opt.fo_exp = fo->fo_exp;
		opt.fo_len = fo->fo_len;
		memcpy(opt.fo_cookie, fo->fo_cookie, fo->fo_len);
	}
	if (req->ecn_ok)
		r.flags |= PKTPATH_TCPF_ECE;
	else if (req->accecn)
		r.flags |= pp_tcp_accecn_req_synack(req, &opt);
	if (!req->sent_us)
		req->sent_us = pp_tcp_clock_us();
	return pp_tcp_raw_send(pn, &r);
}

static void pp_tcp_refuse(const struct sock *sk, const struct pp_tcp_tw *tw,
			  struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	/* A segment that waited for its socket has no device any more. */
	struct pp_net *pn = sk ? pp_sk(sk)->pn : pp_net(dev_net(skb->dev));
	struct pp_tcp_opt opt = {};
	struct sock *held;
	bool ok;
	struct pp_tcp_raw r = {
		.saddr = iph->daddr, .daddr = iph->saddr,
		.sport = th->dest, .dport = th->source,
		.flags = PKTPATH_TCPF_RST, .tos = iph->tos,
		.mark = sk ? READ_ONCE(sk->sk_mark) : 0, .opt = &opt,
		.priority = sk ? READ_ONCE(sk->sk_priority) : 0,
		.oif = sk ? READ_ONCE(sk->sk_bound_dev_if) : 0,
	};

	if (th->rst || skb->pkt_type != PACKET_HOST)
		return;
	r.md5 = pp_tcp_md5_for_reset(pn, sk, skb, &held, &ok);
	if (!ok)
		goto out;
	if (th->ack)
		r.seq = ntohl(th->ack_seq);
	if (unlikely(tw && tw->ao))
		pp_tcp_ao_for_tw(tw->ao, skb, r.seq, &r.ao);
	else if (!pp_tcp_ao_for_reset(sk, skb, r.seq, &r.ao))
		goto out;
	/* of nobody's, or of one that any VRF may speak to: where it came from */
	if (!r.oif && skb->dev)
		r.oif = pp_skb_sdif(skb);
	if (!th->ack) {
		r.flags |= PKTPATH_TCPF_ACK;
		r.ack = ntohl(th->seq) + th->syn + th->fin + skb->len -
			(th->doff << 2);
	}
	pp_mib_inc(pn, TCP_OUTRSTS);
	pp_tcp_raw_send(pn, &r);
out:
	if (held)
		sock_put(held);
}

/**
 * pp_tcp_send_reset() - refuse a segment
 * @sk: socket it was for, or NULL
 * @skb: the segment at its TCP header, checksum verified; stays the caller's
 *
 * RFC 9293 §3.10.7.1: never in answer to a RST; the sequence number is the
 * acknowledgment if there is one, else 0 and the segment is acknowledged.
 * Only for what was sent to us alone (§3.9.2.3, MUST-57).
 *
 * Context: softirq or process, RCU; no lock needed.
 */
void pp_tcp_send_reset(const struct sock *sk, struct sk_buff *skb)
{
	pp_tcp_refuse(sk, NULL, skb);
}

/**
 * pp_tcp_send_reset_tw() - refuse a segment for what is left of a connection
 * @tw: which, held
 * @skb: as above
 *
 * Context: softirq, RCU.
 */
void pp_tcp_send_reset_tw(const struct pp_tcp_tw *tw, struct sk_buff *skb)
{
	pp_tcp_refuse(NULL, tw, skb);
}

/**
 * pp_tcp_send_ack_raw() - an ACK for an object that is no full socket
 * @pn: netns
 * @skb: what is answered, at its TCP header; stays the caller's
 * @a: numbers and options of the ACK
 *
 * Context: softirq, RCU; no lock needed.
 */
void pp_tcp_send_ack_raw(struct pp_net *pn, struct sk_buff *skb,
			 const struct pp_tcp_raw_ack *a)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_tcp_opt opt = {
		.ts_ok = a->ts_ok, .tsval = a->tsval, .tsecr = a->tsecr,
	};
	struct pp_tcp_raw r = {
		.saddr = iph->daddr, .daddr = iph->saddr,
		.sport = th->dest, .dport = th->source,
		.seq = a->seq, .ack = a->ack, .win = a->win,
		.flags = PKTPATH_TCPF_ACK, .tos = a->tos, .mark = a->mark,
		.priority = a->priority, .oif = a->oif, .opt = &opt,
		.keys = a->keys, .md5 = a->md5,
	};

	if (unlikely(a->req && a->req->ao &&
		     !pp_tcp_ao_for_req(a->req, r.seq, &r.ao)))
		return;
	if (unlikely(a->tw && a->tw->ao))
		pp_tcp_ao_for_tw(a->tw->ao, skb, r.seq, &r.ao);
	pp_tcp_raw_send(pn, &r);
}
