// SPDX-License-Identifier: GPL-2.0
/*
 * Many datagrams in one skb: UDP_SEGMENT out, the same from a peer in.
 *
 * Path: udp_output.c, udp_cork.c => here; udp_input.c => here => its
 *	 pp_udp_queue_one()
 * Mirrors: net/ipv4/udp.c (udp_send_skb), include/net/udp.h (udp_rcv_segment)
 * Locks: none
 */
#include <linux/netdevice.h>
#include "compat/compat.h"
#include "udp/udp_priv.h"

/**
 * pp_udp_gso_setup() - mark a datagram for segmentation
 * @sk: sender
 * @skb: data at the UDP header
 * @gso_size: payload of a segment, bytes; not 0
 * @mtu: of the route, bytes
 *
 * Context: process.
 * Return: 0, -EMSGSIZE (a segment does not fit), -EINVAL (too many segments,
 * or checksums are off).
 */
int pp_udp_gso_setup(const struct sock *sk, struct sk_buff *skb,
		     unsigned int gso_size, unsigned int mtu)
{
	unsigned int hlen = PKTPATH_UDP_IPHLEN + PKTPATH_UDP_HLEN;
	unsigned int len = skb->len - PKTPATH_UDP_HLEN;

	if (hlen + min(len, gso_size) > mtu)
		return -EMSGSIZE;
	if (len > gso_size * UDP_MAX_SEGMENTS)
		return -EINVAL;
	if (sk->sk_no_check_tx)
		return -EINVAL;
	skb->ip_summed = CHECKSUM_PARTIAL;
	if (len > gso_size) {
		skb_shinfo(skb)->gso_size = gso_size;
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len, gso_size);
	}
	return 0;
}

/**
 * pp_udp_gso_unexpected() - must a super-packet be divided for this socket?
 * @sk: receiver
 * @skb: a GSO packet
 *
 * A packet of another type (SKB_GSO_UDP) is one datagram, however long.
 *
 * Context: softirq.
 * Return: true when it holds datagrams that the user is to get one by one.
 */
bool pp_udp_gso_unexpected(const struct sock *sk, const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	if (type & SKB_GSO_FRAGLIST)
		return true;
	return (type & SKB_GSO_UDP_L4) &&
	       !test_bit(PKTPATH_UDPF_GRO, &pp_udp_sk(sk)->uflags);
}

/**
 * pp_udp_gso_rcv() - divide a super-packet and queue its datagrams
 * @sk: receiver
 * @skb: taken always; data at the UDP header
 *
 * The checksum of the whole has been judged; those of the segments are not
 * made, since nobody will look at them.
 *
 * Context: softirq, RCU.
 */
void pp_udp_gso_rcv(struct sock *sk, struct sk_buff *skb)
{
	netdev_features_t features = NETIF_F_SG | NETIF_F_IP_CSUM;
	struct sk_buff *segs, *next;

	__skb_push(skb, skb_network_header_len(skb));
	segs = __skb_gso_segment(skb, features, false);
	if (IS_ERR_OR_NULL(segs)) {
		pp_compat_sk_drops_inc(sk);
		pp_mib_inc(pp_sk(sk)->pn, UDP_INERRORS);
		pp_skb_drop(pp_sk(sk)->pn, skb, PKTPATH_STAGE_SOCK_QUEUE,
			    PKTPATH_DROP_UDP_GSO);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, segs, next) {
		skb_mark_not_on_list(segs);
		__skb_pull(segs, skb_transport_offset(segs));
		segs->csum_valid = 1;
		pp_udp_queue_one(sk, segs);
	}
}
