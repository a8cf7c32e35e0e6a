/* SPDX-License-Identifier: GPL-2.0 */
/* Groups of devices, for who shows them. */
#ifndef PKTPATH_IP_MCAST_INFO_H
#define PKTPATH_IP_MCAST_INFO_H

#include "core/netns.h"

struct pp_dev;
struct pp_mc_dev;
struct pp_mc_group;

/**
 * struct pp_mc_info - a group of a device
 * @name: of the device
 * @ifindex: likewise
 * @groups: how many it has
 * @version: of IGMP that is spoken there
 * @addr: the group
 * @users: sockets that are members
 * @mode: MCAST_INCLUDE or MCAST_EXCLUDE, of all members together
 * @src: its sources
 * @nsrc: how many
 * @answers: a query is to be answered
 * @delay: jiffies until then
 * @reporter: the last report of version 1 or 2 was ours
 */
struct pp_mc_info {
	const char *name;
	int ifindex;
	unsigned int groups;
	int version;
	__be32 addr;
	unsigned int users;
	u8 mode;
	const __be32 *src;
	unsigned int nsrc;
	bool answers;
	long delay;
	bool reporter;
};

/**
 * struct pp_mc_cursor - a place among the groups of a netns
 * @dev: in the list of devices
 * @bucket: in the hash of the device
 * @group: in the bucket
 * @pd: what is there: the device, good inside one RCU section,
 * @mc: its groups, likewise,
 * @g: the group, likewise
 */
struct pp_mc_cursor {
	unsigned int dev, bucket, group;
	struct pp_dev *pd;
	struct pp_mc_dev *mc;
	struct pp_mc_group *g;
};

bool pp_mc_seek_rcu(struct pp_net *pn, struct pp_mc_cursor *c,
		    struct pp_mc_info *info);
bool pp_mc_next_rcu(struct pp_net *pn, struct pp_mc_cursor *c,
		    struct pp_mc_info *info);

#endif
