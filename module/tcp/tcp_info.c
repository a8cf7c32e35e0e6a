// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_INFO: every field that tools show.
 *
 * Path: tcp_sockopt.c
 * Mirrors: net/ipv4/tcp.c (tcp_get_info)
 * Locks: takes the socket lock
 */
#include <linux/tcp.h>
#include "tcp/tcp_priv.h"

static void pp_tcp_info_options(const struct pp_tcp_sock *tp,
				struct tcp_info *i)
{
	if (tp->tstamp_ok)
		i->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (tp->sack_ok)
		i->tcpi_options |= TCPI_OPT_SACK;
	if (tp->wscale_ok) {
		i->tcpi_options |= TCPI_OPT_WSCALE;
		i->tcpi_snd_wscale = tp->snd_wscale;
		i->tcpi_rcv_wscale = tp->rcv_wscale;
	}
	if (pp_tf(tp, PKTPATH_TF_ECN_OK))
		i->tcpi_options |= TCPI_OPT_ECN;
	pp_tcp_accecn_info(tp, i);
	if (pp_tf(tp, PKTPATH_TF_ECN_SEEN))
		i->tcpi_options |= TCPI_OPT_ECN_SEEN;
	if (pp_tf(tp, PKTPATH_TF_SYN_DATA_ACKED))
		i->tcpi_options |= TCPI_OPT_SYN_DATA;
	if (pp_tf(tp, PKTPATH_TF_FO_CHILD))
		i->tcpi_options |= PKTPATH_TCPI_TFO_CHILD;
	i->tcpi_fastopen_client_fail = pp_tf(tp, PKTPATH_TF_FO_FAIL1) |
				       pp_tf(tp, PKTPATH_TF_FO_FAIL2) << 1;
}

static void pp_tcp_info_loss(const struct pp_tcp_sock *tp, struct tcp_info *i)
{
	static const struct pp_tcp_counts none;
	const struct pp_tcp_counts *n = tp->sacks ? &tp->sacks->count : &none;
	u32 rto_ms = n->rto_ms;

	i->tcpi_ca_state = tp->c.state;
	i->tcpi_retransmits = tp->retransmits;
	i->tcpi_probes = tp->probes_out;
	i->tcpi_backoff = tp->backoff;
	i->tcpi_unacked = tp->packets_out;
	i->tcpi_sacked = tp->sacked_out;
	i->tcpi_lost = tp->lost_out;
	i->tcpi_retrans = tp->retrans_out;
	i->tcpi_total_retrans = tp->total_retrans;
	i->tcpi_reord_seen = tp->reord_seen;
	i->tcpi_dsack_dups = n->dsacks;
	i->tcpi_rcv_ooopack = n->ooo;
	i->tcpi_snd_ssthresh = tp->c.ssthresh;
	if (n->rto_start_ms)
		rto_ms += (u32)div_u64(pp_tcp_clock_us(), USEC_PER_MSEC) -
			  n->rto_start_ms;
	pp_compat_info_rto(i, n->rto, n->rto_recoveries, rto_ms);
}

static void pp_tcp_info_times(const struct pp_tcp_sock *tp, struct tcp_info *i)
{
	u32 now = pp_jiffies32(), min = pp_tcp_rtt_min_us(&tp->rtt);

	/* as AF_INET: what doubles between probes is not the time-out */
	i->tcpi_rto = pp_tcp_rtt_rto_us(&tp->rtt, tp->packets_out ?
					tp->backoff : 0);
	i->tcpi_ato = jiffies_to_usecs(tp->ato_jiffies);
	i->tcpi_rtt = tp->rtt.srtt_us >> 3;
	i->tcpi_rttvar = tp->rtt.mdev_us >> 2;
	i->tcpi_min_rtt = min;
	i->tcpi_rcv_rtt = tp->rcv_rtt_us;
	i->tcpi_last_data_sent = jiffies_to_msecs(now -
						  tp->last_data_sent_jiffies);
	i->tcpi_last_data_recv = jiffies_to_msecs(now -
						  tp->last_data_rcv_jiffies);
	i->tcpi_last_ack_recv = jiffies_to_msecs(now -
						 tp->rcv_tstamp_jiffies);
}

static void pp_tcp_info_counts(struct sock *sk, struct tcp_info *i)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u64 rate = 0, us[3];

	pp_tcp_chrono_us(tp, us);
	i->tcpi_busy_time = us[0] + us[1] + us[2];
	i->tcpi_rwnd_limited = us[PKTPATH_CHRONO_RWND - 1];
	i->tcpi_sndbuf_limited = us[PKTPATH_CHRONO_SNDBUF - 1];
	i->tcpi_snd_mss = tp->mss_cache;
	i->tcpi_rcv_mss = tp->rcv_mss;
	/* What a full segment brings, options off. */
	i->tcpi_advmss = tp->advmss - (tp->tstamp_ok ? 12 : 0);
	i->tcpi_pmtu = tp->pmtu_cookie;
	i->tcpi_rcv_ssthresh = tp->rcv_ssthresh;
	i->tcpi_rcv_space = tp->rcvq_space;
	i->tcpi_bytes_acked = tp->bytes_acked;
	i->tcpi_bytes_received = tp->bytes_received;
	i->tcpi_bytes_sent = tp->bytes_sent;
	i->tcpi_bytes_retrans = tp->bytes_retrans;
	i->tcpi_segs_out = tp->segs_out;
	i->tcpi_segs_in = tp->segs_in;
	i->tcpi_data_segs_in = tp->data_segs_in;
	i->tcpi_data_segs_out = tp->data_segs_out;
	i->tcpi_notsent_bytes = max_t(int, 0, tp->write_seq - tp->snd_nxt);
	i->tcpi_delivered = tp->rate.delivered;
	i->tcpi_delivered_ce = tp->c.delivered_ce;
	i->tcpi_snd_wnd = tp->snd_wnd;
	pp_compat_info_rcv_wnd(i, tp->rcv_wnd);
	i->tcpi_delivery_rate_app_limited = tp->rate.rate_app_limited;
	if (tp->rate.rate_interval_us)
		rate = div_u64((u64)tp->rate.rate_delivered * tp->mss_cache *
			       USEC_PER_SEC, tp->rate.rate_interval_us);
	i->tcpi_delivery_rate = rate;
}

/* Socket locked, in whichever way. */
static void pp_tcp_info_fill(struct sock *sk, struct tcp_info *i)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	i->tcpi_state = sk->sk_state;
	/* of listeners too: what their children begin with */
	i->tcpi_pacing_rate = READ_ONCE(sk->sk_pacing_rate);
	i->tcpi_max_pacing_rate = READ_ONCE(sk->sk_max_pacing_rate);
	i->tcpi_reordering = tp->reordering;
	i->tcpi_snd_cwnd = tp->c.cwnd;
	if (sk->sk_state == TCP_LISTEN) {
		i->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		i->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	pp_tcp_info_options(tp, i);
	pp_tcp_info_loss(tp, i);
	pp_tcp_info_times(tp, i);
	pp_tcp_info_counts(sk, i);
}

/**
 * pp_tcp_get_info() - TCP_INFO
 * @sk: socket
 * @i: filled
 *
 * Context: process, sleeps.
 */
void pp_tcp_get_info(struct sock *sk, struct tcp_info *i)
{
	memset(i, 0, sizeof(*i));
	lock_sock(sk);
	pp_tcp_info_fill(sk, i);
	release_sock(sk);
}

/**
 * pp_tcp_try_info() - TCP_INFO and what the connection uses, for tools
 * @sk: socket
 * @i: filled
 * @name: filled: its congestion control
 * @size: of @name
 * @cc: filled by that
 * @n: filled: how many of @cc
 *
 * All of one moment. Does not wait for a call that has the socket: its user
 * decides how long that takes.
 *
 * Context: process; takes the socket's spinlock.
 * Return: whether; false: a call has the socket.
 */
bool pp_tcp_try_info(struct sock *sk, struct tcp_info *i, char *name,
		     size_t size, u32 cc[5], unsigned int *n)
{
	bool ok;

	memset(i, 0, sizeof(*i));
	spin_lock_bh(&sk->sk_lock.slock);
	ok = !sock_owned_by_user(sk);
	if (ok) {
		pp_tcp_info_fill(sk, i);
		*n = pp_tcp_get_cc(sk, name, size, cc);
	}
	spin_unlock_bh(&sk->sk_lock.slock);
	return ok;
}
