// SPDX-License-Identifier: GPL-2.0
/*
 * Options of received packets. A host reads them only to refuse what is
 * broken or dangerous; the transports work without them.
 *
 * Path: ip_input.c => ip_optparse.c
 * Mirrors: net/ipv4/ip_input.c (ip_rcv_options), net/ipv4/ip_options.c
 * Locks: none
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include "core/drop.h"
#include "ip/ip_optparse.h"
#include "ip/ip_priv.h"

/**
 * pp_ip_rcv_options() - judge the options of a routed packet
 * @pn: netns
 * @skb: at its IP header, which is linear; the dst is set
 *
 * A source route is refused without an answer (RFC 7126 §4.3.5; Deviates:
 * RFC 1122 §3.2.1.8, as Linux does by default). A bad option is answered with
 * Parameter Problem that points to the octet (RFC 1122 §3.2.2.5).
 * Mirrors: net/ipv4/ip_input.c:ip_rcv_options.
 *
 * Context: softirq, RCU.
 * Return: true when @skb may go on; else it is freed and counted.
 */
bool pp_ip_rcv_options(struct pp_net *pn, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_ip_opts opts;

	if (!pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts)) {
		pp_mib_inc(pn, IP_INHDRERRORS);
		pp_icmp_send(skb, ICMP_PARAMETERPROB, 0,
			     htonl((u32)opts.bad << 24));
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_IP_OPTIONS);
		return false;
	}
	if (opts.srr) {
		pp_mib_inc(pn, IP_INHDRERRORS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_IP_SRCROUTE);
		return false;
	}
	return true;
}
