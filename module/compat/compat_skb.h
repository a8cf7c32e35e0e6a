/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a datagram's skb goes through on its way between socket and wire.
 * Needed until: 6.12 dropped.
 */
#ifndef PKTPATH_COMPAT_COMPAT_SKB_H
#define PKTPATH_COMPAT_COMPAT_SKB_H

#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/sock.h>
#include "probe.h"
#ifdef PKTPATH_HAVE_NET_GSO_H
#include <net/gso.h>
#endif

/* Runs the socket's filter and the LSM; true: throw the packet away. */
static inline bool pp_compat_sk_filter(struct sock *sk, struct sk_buff *skb,
				       unsigned int cap)
{
	return sk_filter_trim_cap(sk, skb, cap) != 0;
}

static inline void pp_compat_sk_drops_inc(struct sock *sk)
{
#ifdef PKTPATH_HAVE_SK_DROPS_INC
	sk_drops_inc(sk);
#else
	atomic_inc(&sk->sk_drops);
#endif
}

/* Departure time of SO_TXTIME in the socket's clock. */
static inline void pp_compat_skb_set_txtime(struct sk_buff *skb,
					    const struct sock *sk, u64 when)
{
#ifdef PKTPATH_HAVE_DELIVERY_CLOCKID
	skb_set_delivery_type_by_clockid(skb, when, sk->sk_clockid);
#else
	skb->tstamp = when;
#endif
}

static inline void pp_compat_skb_tx_timestamp(struct sk_buff *skb,
					      const struct sockcm_cookie *sc)
{
#ifdef PKTPATH_HAVE_TX_TIMESTAMP_COOKIE
	skb_setup_tx_timestamp(skb, sc);
#else
	skb_setup_tx_timestamp(skb, sc->tsflags);
#endif
}

#endif
