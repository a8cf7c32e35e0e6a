// SPDX-License-Identifier: GPL-2.0
/*
 * Module entry: starts the layers bottom first and stops them top first.
 *
 * Order of life: every layer's init (caches), then the pernet operations (each
 * netns gets the state of every layer), then every layer's start (becoming
 * visible). Exit is the exact reverse; an error at any step unwinds what was
 * done. New netns may appear from the moment the pernet operations stand, so
 * net_init may rely on init of all layers and on nothing of start.
 *
 * Path: none
 * Mirrors: net/ipv4/af_inet.c (inet_init)
 * Locks: none
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/netns/generic.h>
#include "core/layer.h"
#include "core/netns.h"
#include "core/version.h"

unsigned int pp_net_id __read_mostly;

static const struct pp_layer *const pp_layers[] = {
	&pp_core_layer,
	&pp_link_layer,
	&pp_neigh_layer,
	&pp_ip_layer,
	&pp_udp_layer,
	&pp_tcp_layer,
	&pp_raw_layer,
	&pp_journey_layer,
	&pp_ctl_layer,
	/* Last: a socket made while a later start fails would outlive us. */
	&pp_sock_layer,
};

static void pp_main_net_pre_unwind(struct pp_net *pn, int n)
{
	WRITE_ONCE(pn->exiting, true);
	while (--n >= 0)
		if (pp_layers[n]->net_pre_exit)
			pp_layers[n]->net_pre_exit(pn);
}

static void pp_main_net_unwind(struct pp_net *pn, int n)
{
	while (--n >= 0)
		if (pp_layers[n]->net_exit)
			pp_layers[n]->net_exit(pn);
}

static int __net_init pp_main_net_init(struct net *net)
{
	struct pp_net *pn = pp_net(net);
	int i, err;

	pn->net = net;
	for (i = 0; i < ARRAY_SIZE(pp_layers); i++) {
		if (!pp_layers[i]->net_init)
			continue;
		err = pp_layers[i]->net_init(pn);
		if (err) {
			pp_main_net_pre_unwind(pn, i);
			synchronize_net();
			pp_main_net_unwind(pn, i);
			return err;
		}
	}
	return 0;
}

static void __net_exit pp_main_net_pre_exit(struct net *net)
{
	pp_main_net_pre_unwind(pp_net(net), ARRAY_SIZE(pp_layers));
}

static void __net_exit pp_main_net_exit(struct net *net)
{
	pp_main_net_unwind(pp_net(net), ARRAY_SIZE(pp_layers));
}

static struct pernet_operations pp_main_net_ops = {
	.init = pp_main_net_init,
	.pre_exit = pp_main_net_pre_exit,
	.exit = pp_main_net_exit,
	.id = &pp_net_id,
	.size = sizeof(struct pp_net),
};

static void pp_main_stop(int n)
{
	while (--n >= 0)
		if (pp_layers[n]->stop)
			pp_layers[n]->stop();
}

static void pp_main_exit_layers(int n)
{
	rcu_barrier();
	while (--n >= 0)
		if (pp_layers[n]->exit)
			pp_layers[n]->exit();
}

static int __init pktpath_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(pp_layers); i++) {
		if (!pp_layers[i]->init)
			continue;
		err = pp_layers[i]->init();
		if (err)
			goto err_init;
	}
	err = register_pernet_subsys(&pp_main_net_ops);
	if (err)
		goto err_init;
	for (i = 0; i < ARRAY_SIZE(pp_layers); i++) {
		if (!pp_layers[i]->start)
			continue;
		err = pp_layers[i]->start();
		if (err)
			goto err_start;
	}
	pr_info("pktpath %s loaded\n", PKTPATH_VERSION);
	return 0;

err_start:
	pr_err("pktpath: start of %s failed: %d\n", pp_layers[i]->name, err);
	pp_main_stop(i);
	unregister_pernet_subsys(&pp_main_net_ops);
	pp_main_exit_layers(ARRAY_SIZE(pp_layers));
	return err;
err_init:
	pp_main_exit_layers(i);
	return err;
}

static void __exit pktpath_exit(void)
{
	pp_main_stop(ARRAY_SIZE(pp_layers));
	unregister_pernet_subsys(&pp_main_net_ops);
	pp_main_exit_layers(ARRAY_SIZE(pp_layers));
}

module_init(pktpath_init);
module_exit(pktpath_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(PKTPATH_VERSION);
MODULE_DESCRIPTION("A second, complete IPv4 stack: AF_PKTPATH");
