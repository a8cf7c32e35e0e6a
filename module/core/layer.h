/* SPDX-License-Identifier: GPL-2.0 */
/* What main.c needs of each layer to start and stop it. */
#ifndef PKTPATH_CORE_LAYER_H
#define PKTPATH_CORE_LAYER_H

#include "core/netns.h"

/**
 * struct pp_layer - start and stop of one layer, any member may be NULL
 * @name: for messages
 * @init: caches and tables of the whole module; nothing is visible yet
 * @exit: undoes @init; all RCU callbacks of the layer have run before
 * @net_init: state of a new netns; lower layers' is there
 * @net_pre_exit: the netns is dying; stop creating, unlink from the outside
 * @net_exit: frees the state; a grace period after @net_pre_exit, no packet
 *	      and no user socket is left
 * @start: become visible (protocols, hooks, notifiers, netlink); all netns
 *	   have their state
 * @stop: undoes @start; on return no new entry into the layer happens
 */
struct pp_layer {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
	int (*net_init)(struct pp_net *pn);
	void (*net_pre_exit)(struct pp_net *pn);
	void (*net_exit)(struct pp_net *pn);
	int (*start)(void);
	void (*stop)(void);
};

/* Bottom first. */
extern const struct pp_layer pp_core_layer;
extern const struct pp_layer pp_link_layer;
extern const struct pp_layer pp_neigh_layer;
extern const struct pp_layer pp_ip_layer;
extern const struct pp_layer pp_udp_layer;
extern const struct pp_layer pp_tcp_layer;
extern const struct pp_layer pp_raw_layer;
extern const struct pp_layer pp_sock_layer;
extern const struct pp_layer pp_journey_layer;
extern const struct pp_layer pp_ctl_layer;

#endif
