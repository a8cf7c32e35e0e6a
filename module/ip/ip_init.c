// SPDX-License-Identifier: GPL-2.0
/*
 * Start and stop of the IP layer.
 *
 * Path: main.c => here
 * Mirrors: net/ipv4/af_inet.c (inet_init), net/ipv4/ip_output.c (ip_init)
 * Locks: none
 */
#include <linux/icmp.h>
#include <net/net_namespace.h>
#include "compat/compat.h"
#include "core/drop.h"
#include "core/layer.h"
#include "ip/ip_priv.h"
#include "ip/mcast.h"
#include "ip/mroute.h"
#include "neigh/neigh.h"

/* A neighbour does not answer: RFC 1122 §2.3.2.2, 3.3.1.4. */
static void pp_ip_neigh_error(struct pp_neigh *n, struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(dev_net(skb->dev));

	pp_ip_redirect_failed(skb, n->addr);
	pp_ip_gateway_failed(skb, n->addr);
	pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_NEIGH, PKTPATH_DROP_NEIGH_FAILED);
}

static const struct pp_neigh_ops pp_ip_neigh_ops = {
	.error_report = pp_ip_neigh_error,
	.leaves_by = pp_ip_route_leaves_by,
	.sent_on = pp_ip_route_sent_on,
};

static int pp_ip_net_init(struct pp_net *pn)
{
	int err;

	err = pp_icmp_net_init(pn);
	if (err)
		return err;
	err = pp_ip_frag_net_init(pn);
	if (err)
		goto icmp;
	err = pp_route_net_init(pn);
	if (err)
		goto frag;
	err = pp_mroute_net_init(pn);
	if (err)
		goto route;
	return 0;

route:
	pp_route_net_pre_exit(pn);
	pp_route_net_exit(pn);
frag:
	pp_ip_frag_net_pre_exit(pn);
	pp_ip_frag_net_exit(pn);
icmp:
	pp_icmp_net_exit(pn);
	return err;
}

static void pp_ip_net_pre_exit(struct pp_net *pn)
{
	nf_queue_nf_hook_drop(pn->net);
	pp_ip_frag_net_pre_exit(pn);
	pp_route_net_pre_exit(pn);
}

static void pp_ip_net_exit(struct pp_net *pn)
{
	pp_mroute_net_exit(pn);
	pp_route_net_exit(pn);
	pp_ip_frag_net_exit(pn);
	pp_icmp_net_exit(pn);
}

static int pp_ip_init(void)
{
	int err;

	err = pp_ip_frag_init();
	if (err)
		return err;
	err = pp_route_init();
	if (err)
		goto frag;
	err = pp_mc_init();
	if (err)
		goto route;
	pp_mroute_init();
	return 0;

route:
	pp_route_exit();
frag:
	pp_ip_frag_exit();
	return err;
}

static void pp_ip_exit(void)
{
	pp_mroute_exit();
	pp_mc_exit();
	pp_route_exit();
	pp_ip_frag_exit();
}

static int pp_ip_start(void)
{
	int err;

	err = pp_protocol_add(&pp_icmp_protocol, IPPROTO_ICMP);
	if (err)
		return err;
	err = pp_protocol_add(&pp_igmp_protocol, IPPROTO_IGMP);
	if (err) {
		pp_protocol_del(&pp_icmp_protocol, IPPROTO_ICMP);
		return err;
	}
	pp_neigh_ops_set(&pp_ip_neigh_ops);
	pp_link_set_ip_rcv(pp_ip_rcv);
	pp_link_set_ip_wants(pp_ip_wants);
	return 0;
}

/*
 * Packets in NFQUEUE name functions and routes of ours: they are thrown away,
 * and what is being put back in just now is waited for.
 */
static void pp_ip_stop(void)
{
	struct net *net;

	pp_link_set_ip_wants(NULL);
	pp_link_set_ip_rcv(NULL);
	pp_neigh_ops_set(NULL);
	down_read(&net_rwsem);
	for_each_net(net)
		nf_queue_nf_hook_drop(net);
	up_read(&net_rwsem);
	synchronize_net();
	pp_protocol_del(&pp_igmp_protocol, IPPROTO_IGMP);
	pp_protocol_del(&pp_icmp_protocol, IPPROTO_ICMP);
}

const struct pp_layer pp_ip_layer = {
	.name = "ip",
	.init = pp_ip_init,
	.exit = pp_ip_exit,
	.net_init = pp_ip_net_init,
	.net_pre_exit = pp_ip_net_pre_exit,
	.net_exit = pp_ip_net_exit,
	.start = pp_ip_start,
	.stop = pp_ip_stop,
};
