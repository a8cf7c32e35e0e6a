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

/* What a stream asks of the skb that has its last byte; the key is its own. */
static inline void pp_compat_sock_tx_flags(struct sock *sk,
					   const struct sockcm_cookie *sc,
					   u8 *tx_flags)
{
#ifdef PKTPATH_HAVE_TX_TIMESTAMP_COOKIE
	sock_tx_timestamp(sk, sc, tx_flags);
#else
	sock_tx_timestamp(sk, sc->tsflags, tx_flags);
#endif
}

/* Needed until 6.1 is dropped: sendfile() may hand pages over, uncopied. */
#if defined(PKTPATH_HAVE_SPLICE_FROM_ITER) || \
	defined(PKTPATH_HAVE_SPLICE_FROM_ITER_GFP)
#define PKTPATH_SPLICE_FLAG MSG_SPLICE_PAGES
#else
#define PKTPATH_SPLICE_FLAG 0
#endif

static inline ssize_t pp_compat_splice_from_iter(struct sk_buff *skb,
						 struct iov_iter *iter,
						 size_t most, gfp_t gfp)
{
#if defined(PKTPATH_HAVE_SPLICE_FROM_ITER)
	return skb_splice_from_iter(skb, iter, most);
#elif defined(PKTPATH_HAVE_SPLICE_FROM_ITER_GFP)
	return skb_splice_from_iter(skb, iter, most, gfp);
#else
	return -EOPNOTSUPP;
#endif
}

/* Completion of MSG_ZEROCOPY, and pages of the user behind an skb. */
static inline struct ubuf_info *
pp_compat_zerocopy_realloc(struct sock *sk, size_t size,
			   struct ubuf_info *uarg)
{
#ifdef PKTPATH_HAVE_ZEROCOPY_BINDING
	return msg_zerocopy_realloc(sk, size, uarg, false);
#else
	return msg_zerocopy_realloc(sk, size, uarg);
#endif
}

static inline int pp_compat_zerocopy_iter_stream(struct sock *sk,
						 struct sk_buff *skb,
						 struct msghdr *msg, int len,
						 struct ubuf_info *uarg)
{
#ifdef PKTPATH_HAVE_ZEROCOPY_BINDING
	return skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, NULL);
#else
	return skb_zerocopy_iter_stream(sk, skb, msg, len, uarg);
#endif
}

#endif
