/* SPDX-License-Identifier: GPL-2.0 */
/* TCP: timers, accept(). */
#ifndef PKTPATH_COMPAT_COMPAT_TCP_H
#define PKTPATH_COMPAT_COMPAT_TCP_H

#include <linux/errqueue.h>
#include <linux/hrtimer.h>
#include <net/sock.h>
#include <net/tcp.h>
#include "probe.h"

/* Needed until 6.12 is dropped. */
static inline void
pp_compat_hrtimer_setup(struct hrtimer *t,
			enum hrtimer_restart (*fn)(struct hrtimer *t),
			clockid_t clock, enum hrtimer_mode mode)
{
#ifdef PKTPATH_HAVE_HRTIMER_SETUP
	hrtimer_setup(t, fn, clock, mode);
#else
	hrtimer_init(t, clock, mode);
	t->function = fn;
#endif
}

/* Needed until 6.1 is dropped: fn(sock, newsock, flags) as proto_ops.accept. */
#define PKTPATH_OPS_ACCEPT_OP(fn) fn##_op
#ifdef PKTPATH_HAVE_ACCEPT_ARG
#define PKTPATH_OPS_ACCEPT(fn)						\
static int fn##_op(struct socket *sock, struct socket *newsock,	\
		   struct proto_accept_arg *arg)			\
{									\
	return fn(sock, newsock, arg->flags);				\
}
#else
#define PKTPATH_OPS_ACCEPT(fn)						\
static int fn##_op(struct socket *sock, struct socket *newsock,	\
		   int flags, bool kern)				\
{									\
	return fn(sock, newsock, flags);				\
}
#endif

/*
 * The peer has @skb, which is in no queue any more; its control block is given
 * up to what the kernel wants to find there. Needed until 6.12 is dropped.
 */
static inline void pp_compat_tstamp_ack(struct sk_buff *skb, struct sock *sk)
{
#ifdef PKTPATH_HAVE_TSTAMP_ACK_BITS
	TCP_SKB_CB(skb)->txstamp_ack = TSTAMP_ACK_SK;
#endif
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
}

/* Needed until 6.1 is dropped: fields of struct tcp_info that came later. */
static inline void pp_compat_info_rcv_wnd(struct tcp_info *i, u32 wnd)
{
#ifdef PKTPATH_HAVE_TCP_INFO_RCV_WND
	i->tcpi_rcv_wnd = wnd;
#endif
}

#define PKTPATH_TCPI_TFO_CHILD	128	/* TCPI_OPT_TFO_CHILD */

static inline void pp_compat_info_rto(struct tcp_info *i, u16 rtos,
				      u16 recoveries, u32 ms)
{
#ifdef PKTPATH_HAVE_TCP_INFO_RTO
	i->tcpi_total_rto = rtos;
	i->tcpi_total_rto_recoveries = recoveries;
	i->tcpi_total_rto_time = ms;
#endif
}

/* Needed until 6.12 is dropped: what a memory cgroup is charged for. */
static inline bool pp_compat_sk_charged(const struct sock *sk)
{
#ifdef PKTPATH_HAVE_SK_MEMCG_PRESSURE
	return mem_cgroup_sk_enabled(sk);
#else
	return mem_cgroup_sockets_enabled && sk->sk_memcg;
#endif
}

/* @sk is charged, and memory is short there. */
static inline bool pp_compat_sk_short(const struct sock *sk)
{
#ifdef PKTPATH_HAVE_SK_MEMCG_PRESSURE
	return mem_cgroup_sk_under_memory_pressure(sk);
#else
	return mem_cgroup_under_socket_pressure(sk->sk_memcg);
#endif
}

/* What @sk holds does not count for its protocol. */
static inline bool pp_compat_sk_bypasses(const struct sock *sk)
{
#ifdef PKTPATH_HAVE_SK_BYPASS_PROT_MEM
	return sk->sk_bypass_prot_mem;
#else
	return false;
#endif
}

/* Needed until 6.12 is dropped. Bytes are by codepoint: ECT(1), ECT(0), CE. */
#define PKTPATH_COMPAT_ECN_CLASSIC	1	/* TCPI_ECN_MODE_* */
#define PKTPATH_COMPAT_ECN_ACCURATE	2
#define PKTPATH_COMPAT_ECN_PENDING	3

static inline void pp_compat_info_ecn_mode(struct tcp_info *i, u8 mode)
{
#ifdef PKTPATH_HAVE_TCP_INFO_ACCECN
	i->tcpi_ecn_mode = mode;
#endif
}

static inline void pp_compat_info_accecn(struct tcp_info *i, u8 fail, u8 seen,
					 u32 received, const u32 *delivered_b,
					 const u32 *received_b)
{
#ifdef PKTPATH_HAVE_TCP_INFO_ACCECN
	i->tcpi_accecn_fail_mode = fail;
	i->tcpi_accecn_opt_seen = seen;
	i->tcpi_received_ce = received;
	i->tcpi_delivered_e1_bytes = delivered_b[0];
	i->tcpi_delivered_e0_bytes = delivered_b[1];
	i->tcpi_delivered_ce_bytes = delivered_b[2];
	i->tcpi_received_e1_bytes = received_b[0];
	i->tcpi_received_e0_bytes = received_b[1];
	i->tcpi_received_ce_bytes = received_b[2];
#endif
}

/* Segments cut from a super-packet keep CWR if it has this type; 0: they lose
 * it. Needed until 6.12 is dropped.
 */
#ifdef PKTPATH_HAVE_GSO_ACCECN
#define PKTPATH_COMPAT_GSO_ACCECN SKB_GSO_TCP_ACCECN
#else
#define PKTPATH_COMPAT_GSO_ACCECN 0
#endif

/* needed until: 6.1 dropped; a number that no caller has there */
#ifdef TCP_IS_MPTCP
#define PKTPATH_COMPAT_TCP_IS_MPTCP TCP_IS_MPTCP
#else
#define PKTPATH_COMPAT_TCP_IS_MPTCP (-1)
#endif

#endif
