// SPDX-License-Identifier: GPL-2.0
/*
 * Fragmentation (RFC 791 §3.2): a packet longer than what its way takes is
 * sent in pieces, or refused when it has DF.
 *
 * A packet whose frag list has the right shape already (built so by UDP, or
 * put together from fragments) only gets headers: the fast way. Any other is
 * copied, piece by piece.
 *
 * Path: ip_output.c (pp_ip_finish_output) => pp_ip_fragment() => ip_output.c
 * Mirrors: net/ipv4/ip_output.c (ip_fragment, ip_do_fragment)
 * Locks: RCU
 */
#include <linux/icmp.h>
#include <linux/netdevice.h>
#include <net/ip.h>
#include "core/drop.h"
#include "ip/ip_optparse.h"
#include "ip/ip_priv.h"

typedef int pp_ip_out_fn(struct net *net, struct sock *sk,
			 struct sk_buff *skb);

/* Whether the sender lets DF be dropped: IP_MTU_DISCOVER below DO, or OMIT. */
static bool pp_ip_frag_ignore_df(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	if (!pp_ip_sk_is_ours(sk))
		return skb->ignore_df;
	return sk_fullsock(sk) && sk->sk_type != SOCK_STREAM &&
	       pp_ip_may_fragment(sk);
}

/* RFC 1191 §4: too long, and not to be divided. */
static int pp_ip_frag_refuse(struct pp_net *pn, struct sk_buff *skb,
			     unsigned int mtu)
{
	const struct sock *sk = skb->sk;

	pp_mib_inc(pn, IP_FRAGFAILS);
	if (!pp_ip_sk_is_ours(sk))
		pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			     htonl(mtu));
	else if (sk_fullsock(sk) && pp_sf(sk, PKTPATH_SF_RECVERR))
		pp_ip_local_error(skb->sk, EMSGSIZE, ip_hdr(skb)->daddr,
				  inet_sk(sk)->inet_dport, mtu);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_FINISH, PKTPATH_DROP_IP_TOOBIG);
	return -EMSGSIZE;
}

/* Whether the frag list can go as it is: @room bytes of data in a piece. */
static bool pp_ip_frag_list_fits(struct sk_buff *skb, unsigned int hlen,
				 unsigned int room, unsigned int ll_rs)
{
	unsigned int first = skb_pagelen(skb) - hlen;
	struct sk_buff *frag;

	if (!skb_has_frag_list(skb) || first > room || (first & 7) ||
	    ip_is_fragment(ip_hdr(skb)) || skb_cloned(skb) ||
	    skb_headroom(skb) < ll_rs)
		return false;
	/* see pp_ip_frag_list_own(): it must have been charged as a whole */
	if (skb->sk && skb->destructor != sock_wfree)
		return false;
	skb_walk_frags(skb, frag) {
		if (frag->len > room || ((frag->len & 7) && frag->next) ||
		    skb_headroom(frag) < hlen + ll_rs || skb_shared(frag) ||
		    frag->sk)
			return false;
	}
	return true;
}

/* Each piece is charged to the sender by itself from now on. */
static void pp_ip_frag_list_own(struct sk_buff *skb)
{
	struct sk_buff *frag;

	skb_walk_frags(skb, frag) {
		if (skb->sk) {
			frag->sk = skb->sk;
			frag->destructor = sock_wfree;
		}
		skb->truesize -= frag->truesize;
	}
}

/* RFC 791 §3.1: options without the copy bit are in the first piece alone. */
static void pp_ip_frag_fix_options(struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);

	if (likely(iph->ihl == 5))
		return;
	pp_ip_opt_fragment((u8 *)(iph + 1), iph->ihl * 4 - sizeof(*iph));
	ip_send_check(iph);
}

static int pp_ip_frag_list(struct net *net, struct sock *sk,
			   struct sk_buff *skb, unsigned int hlen,
			   pp_ip_out_fn *output)
{
	struct pp_skb_cb cb = *PKTPATH_SKB_CB(skb);
	struct pp_net *pn = pp_net(net);
	ktime_t tstamp = skb->tstamp;
	struct ip_fraglist_iter iter;
	bool first;
	int err;

	pp_ip_frag_list_own(skb);
	ip_fraglist_init(skb, ip_hdr(skb), hlen, &iter);
	for (;;) {
		if (iter.frag) {
			/* the next header, before this one goes down */
			first = !iter.offset;
			ip_fraglist_prepare(skb, &iter);
			*PKTPATH_SKB_CB(iter.frag) = cb;
			iter.frag->tstamp = tstamp;
			if (first)
				pp_ip_frag_fix_options(iter.frag);
		}
		err = output(net, sk, skb);
		if (err)
			break;
		pp_mib_inc(pn, IP_FRAGCREATES);
		if (!iter.frag)
			return 0;
		skb = ip_fraglist_next(&iter);
	}
	kfree_skb_list(iter.frag);
	return err;
}

/* By copying; @skb is freed. */
static int pp_ip_frag_copy(struct net *net, struct sock *sk,
			   struct sk_buff *skb, struct ip_frag_state *state,
			   pp_ip_out_fn *output)
{
	struct pp_net *pn = pp_net(net);
	struct sk_buff *piece;
	int err = 0;
	bool first;

	if (ip_hdr(skb)->ihl > 5 && skb_cow_head(skb, 0)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	while (state->left > 0) {
		first = !state->offset;
		piece = ip_frag_next(skb, state);
		if (IS_ERR(piece)) {
			err = PTR_ERR(piece);
			break;
		}
		*PKTPATH_SKB_CB(piece) = *PKTPATH_SKB_CB(skb);
		piece->tstamp = skb->tstamp;
		if (first)
			pp_ip_frag_fix_options(skb);
		err = output(net, sk, piece);
		if (err)
			break;
		pp_mib_inc(pn, IP_FRAGCREATES);
	}
	if (err)
		kfree_skb(skb);
	else
		consume_skb(skb);
	return err;
}

/*
 * A device cannot sum what it gets in pieces. What a guest or a tunnel claims
 * of the checksum's place is not believed.
 */
static int pp_ip_frag_checksum(struct sk_buff *skb)
{
	int off = skb_checksum_start_offset(skb);

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	if (off < skb_transport_offset(skb) ||
	    !pskb_may_pull(skb, off + skb->csum_offset + sizeof(__sum16)))
		return -EINVAL;
	return skb_checksum_help(skb);
}

/* @skb, taken always, is to be divided. */
static int pp_ip_do_fragment(struct net *net, struct sock *sk,
			     struct sk_buff *skb, unsigned int mtu,
			     pp_ip_out_fn *output)
{
	unsigned int ll_rs = LL_RESERVED_SPACE(skb_dst(skb)->dev);
	struct pp_skb_cb *cb = PKTPATH_SKB_CB(skb);
	struct ip_frag_state state;
	unsigned int hlen;
	int err;

	err = pp_ip_frag_checksum(skb);
	if (err)
		goto drop;
	hlen = ip_hdrlen(skb);
	err = -EMSGSIZE;
	if (mtu < hlen + 8)
		goto drop;
	/* RFC 6864 §4.1: DF let the identification be 0. */
	if ((ip_hdr(skb)->frag_off & htons(IP_DF)) && !ip_hdr(skb)->id) {
		err = skb_cow_head(skb, 0);
		if (err)
			goto drop;
		__ip_select_ident(net, ip_hdr(skb), 1);
	}
	cb->h4.flags |= IPSKB_FRAG_COMPLETE;
	if (pp_ip_frag_list_fits(skb, hlen, mtu - hlen, ll_rs))
		return pp_ip_frag_list(net, sk, skb, hlen, output);
	ip_frag_init(skb, hlen, ll_rs, mtu - hlen,
		     cb->h4.flags & IPSKB_FRAG_PMTU, &state);
	return pp_ip_frag_copy(net, sk, skb, &state, output);
drop:
	pp_skb_drop(pp_net(net), skb, PKTPATH_STAGE_IP_FINISH,
		    PKTPATH_DROP_IP_TOOBIG);
	return err;
}

/**
 * pp_ip_fragment() - send a packet that is too long
 * @net: netns
 * @sk: the sender, or NULL; handed to @output
 * @skb: taken always; at its IP header, with a dst of ours
 * @mtu: longest IP datagram on the way, bytes
 * @output: sends one piece; takes it always
 *
 * Also for a packet that was put together on the way in: its pieces will not
 * be longer than those that came (frag_max_size).
 * Mirrors: net/ipv4/ip_output.c:ip_fragment, ip_do_fragment (v7.2).
 *
 * Context: any that may transmit; RCU.
 * Return: 0, -EMSGSIZE (DF), -ENOMEM, or what @output said.
 */
int pp_ip_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   unsigned int mtu, pp_ip_out_fn *output)
{
	unsigned int most = PKTPATH_SKB_CB(skb)->h4.frag_max_size;
	int err;

	if ((ip_hdr(skb)->frag_off & htons(IP_DF)) &&
	    (!pp_ip_frag_ignore_df(skb) || most > mtu))
		return pp_ip_frag_refuse(pp_net(net), skb, mtu);
	if (most && most < mtu)
		mtu = most;
	err = pp_ip_do_fragment(net, sk, skb, mtu, output);
	if (err)
		pp_mib_inc(pp_net(net), IP_FRAGFAILS);
	else
		pp_mib_inc(pp_net(net), IP_FRAGOKS);
	return err;
}
