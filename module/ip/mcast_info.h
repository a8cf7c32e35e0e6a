/* SPDX-License-Identifier: GPL-2.0 */
/* Groups of devices, for who shows them. */
#ifndef PKTPATH_IP_MCAST_INFO_H
#define PKTPATH_IP_MCAST_INFO_H

#include "core/netns.h"

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

/* Device by device, until @fn, which must not sleep, says false. */
void pp_mc_walk(struct pp_net *pn,
		bool (*fn)(const struct pp_mc_info *info, void *arg),
		void *arg);

#endif
