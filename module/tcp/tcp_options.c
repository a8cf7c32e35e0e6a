// SPDX-License-Identifier: GPL-2.0
/*
 * Which options a segment of a connection carries.
 *
 * Path: tcp_output.c, tcp_ctl_out.c -> tcp_opt.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_syn_options, tcp_established_options)
 * Locks: socket locked
 */
#include "tcp/tcp_ao.h"
#include "tcp/tcp_priv.h"

/**
 * pp_tcp_syn_options() - options of our SYN
 * @sk: socket in SYN_SENT, or a full socket in SYN_RECV
 * @o: filled
 * @reply: for a SYN-ACK: only what the peer offered
 *
 * RFC 9293 §3.7.1 (MSS), RFC 7323, RFC 2018.
 * Context: socket locked.
 */
void pp_tcp_syn_options(struct sock *sk, struct pp_tcp_opt *o, bool reply)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	memset(o, 0, sizeof(*o));
	o->mss = tp->advmss;
	o->md5 = pp_tf(tp, PKTPATH_TF_MD5);
	if (pp_tcp_ao_signs(tp))
		pp_tcp_ao_option(sk, o);
	if (!o->md5 &&
	    (reply ? tp->tstamp_ok : READ_ONCE(s->tcp_timestamps))) {
		o->ts_ok = 1;
		o->tsval = pp_tcp_tsval(tp);
		o->tsecr = tp->ts_recent;
	}
	if (reply ? tp->wscale_ok : READ_ONCE(s->tcp_window_scaling)) {
		o->wscale_ok = 1;
		o->wscale = tp->rcv_wscale;
	}
	if (reply && tp->ae)
		pp_tcp_accecn_option_synack(sk, o);
	o->sack_perm = reply ? tp->sack_ok : !!READ_ONCE(s->tcp_sack);
	if (likely(!pp_tf(tp, PKTPATH_TF_FO_SYN)))
		return;
	if (reply)
		pp_tcp_fo_reply_option(sk, o);
	else
		pp_tcp_fo_syn_option(sk, o);
}

/**
 * pp_tcp_data_options() - options of any segment after the handshake
 * @sk: socket
 * @o: filled
 * @room: only to know what they take at most
 *
 * Context: socket locked.
 */
void pp_tcp_data_options(struct sock *sk, struct pp_tcp_opt *o, bool room)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int i, n = 0;

	o->ts_ok = tp->tstamp_ok;
	o->md5 = pp_tf(tp, PKTPATH_TF_MD5);
	o->ao_maclen = 0;
	if (pp_tcp_ao_signs(tp))
		pp_tcp_ao_option(sk, o);
	o->nsacks = 0;
	o->accecn = 0;
	if (tp->tstamp_ok) {
		o->tsval = pp_tcp_tsval(tp);
		o->tsecr = tp->ts_recent;
	}
	/* RFC 2883 §4: the duplicate comes first, and only once. */
	if (tp->has_dsack)
		o->sacks[n++] = tp->sacks->dsack;
	for (i = 0; i < tp->num_sacks && n < PKTPATH_TCP_MAX_SACKS; i++)
		o->sacks[n++] = tp->sacks->own[i];
	o->nsacks = n;
	if (tp->ae)
		pp_tcp_accecn_option(sk, o, room);
}
