// SPDX-License-Identifier: GPL-2.0
/* Deactivating a device says whether its queues are emptied. */
#include <net/netdev_lock.h>
#include <net/sch_generic.h>

void pp_probe(struct net_device *dev);
void pp_probe(struct net_device *dev)
{
	netdev_lock_ops(dev);
	dev_deactivate(dev, true);
	netdev_unlock_ops(dev);
}
