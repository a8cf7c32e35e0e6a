// SPDX-License-Identifier: GPL-2.0
/* dst_alloc() without the initial reference count */
#include <net/dst.h>

void *pp_probe(struct dst_ops *ops, struct net_device *dev);
void *pp_probe(struct dst_ops *ops, struct net_device *dev)
{
	return dst_alloc(ops, dev, DST_OBSOLETE_FORCE_CHK, DST_NOXFRM);
}
