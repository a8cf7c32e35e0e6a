// SPDX-License-Identifier: GPL-2.0
/*
 * Segment size from path MTU, options and the peer's wish.
 *
 * Path: tcp_output.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_sync_mss), tcp_ipv4.c
 *	    (tcp_v4_mtu_reduced)
 * Locks: socket locked
 */
#include "tcp/tcp_ao.h"
#include "tcp/tcp_priv.h"

#define PKTPATH_TS_SPACE 12
#define PKTPATH_MD5_SPACE 20

/**
 * pp_tcp_ip_optlen() - IP options of every segment
 * @sk: socket
 *
 * RFC 9293 §3.7.1: they leave less room for data.
 *
 * Context: socket locked.
 * Return: bytes.
 */
unsigned int pp_tcp_ip_optlen(const struct sock *sk)
{
	const struct ip_options_rcu *opt;

	opt = rcu_dereference_protected(inet_sk(sk)->inet_opt,
					lockdep_sock_is_held(sk));
	return unlikely(opt) ? opt->opt.optlen : 0;
}

/**
 * pp_tcp_mtu_to_mss() - payload of a segment for an MTU
 * @sk: socket
 * @mtu: bytes of an IP datagram
 *
 * RFC 9293 §3.7.1: headers without options, then what every segment of this
 * connection carries.
 *
 * Context: socket locked.
 * Return: bytes, at least tcp_min_snd_mss less options.
 */
u16 pp_tcp_mtu_to_mss(struct sock *sk, unsigned int mtu)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int low = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_min_snd_mss);
	int mss = (int)mtu - 20 - 20;

	if (tp->mss_clamp && mss > tp->mss_clamp)
		mss = tp->mss_clamp;
	mss = max(mss - (int)pp_tcp_ip_optlen(sk), low);
	if (tp->tstamp_ok)
		mss -= PKTPATH_TS_SPACE;
	else if (unlikely(pp_tf(tp, PKTPATH_TF_MD5)))
		mss -= PKTPATH_MD5_SPACE;
	if (pp_tcp_ao_signs(tp))
		mss -= pp_tcp_ao_locked(sk)->space;
	return clamp_t(int, mss, 8, U16_MAX);
}

/**
 * pp_tcp_sync_mss() - adapt to an MTU
 * @sk: socket
 * @pmtu: bytes; 0: only the window changed
 *
 * A segment never exceeds half the largest window the peer has offered, so
 * that one can be in flight while another is acknowledged (RFC 9293 §3.8.6).
 *
 * Context: socket locked.
 * Return: the new mss_cache.
 */
unsigned int pp_tcp_sync_mss(struct sock *sk, unsigned int pmtu)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int mss, half = tp->max_window;

	if (pmtu)
		tp->pmtu_cookie = min_t(unsigned int, pmtu, U16_MAX);
	if (!tp->pmtu_cookie)
		return tp->mss_cache;
	mss = pp_tcp_mtu_to_mss(sk, tp->pmtu_cookie);
	if (half > 512)
		half >>= 1;
	if (half && mss > half)
		mss = max(half, 68u - 40u);
	if (unlikely(tp->mtup)) {
		tp->mtup->high = min(tp->mtup->high, tp->pmtu_cookie);
		mss = min_t(unsigned int, mss,
			    pp_tcp_mtu_to_mss(sk, tp->mtup->low));
	}
	tp->mss_cache = mss;
	tp->gso_segs = 1;
	/* each segment has a signature of its own */
	if (sk_can_gso(sk) && !pp_tf(tp, PKTPATH_TF_MD5) &&
	    !pp_tcp_ao_signs(tp))
		tp->gso_segs = clamp_t(u32, (min_t(u32, sk->sk_gso_max_size,
						   65535) -
					     PKTPATH_TCP_HEADROOM) / mss, 1,
				       min_t(u32, sk->sk_gso_max_segs,
					     U16_MAX));
	return mss;
}

/**
 * pp_tcp_mtu_reduced() - an ICMP Fragmentation Needed was believed
 * @sk: socket; tp->mtu_reduced_to is the new MTU, already in the route
 *
 * RFC 1191 §6.4, checks of RFC 5927 were made by pp_tcp_v4_err().
 * Context: socket locked.
 */
void pp_tcp_mtu_reduced(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int mtu;
	struct pp_dst *dst;

	if ((1 << sk->sk_state) & (TCPF_LISTEN | TCPF_CLOSE))
		return;
	rcu_read_lock();
	dst = pp_ip_sk_route_rcu(sk);
	mtu = IS_ERR(dst) ? tp->mtu_reduced_to : pp_ip_mtu(sk, dst);
	rcu_read_unlock();
	if (!mtu || mtu >= tp->pmtu_cookie)
		return;
	pp_tcp_sync_mss(sk, mtu);
	/* A SYN that goes again tells the peer what comes back this way. */
	if (sk->sk_state == TCP_SYN_SENT)
		tp->advmss = min_t(u16, tp->advmss, max(mtu, 128u) - 40);
	pp_tcp_simple_retransmit(sk);
}
