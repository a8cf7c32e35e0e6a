// SPDX-License-Identifier: GPL-2.0
/* A dump has a struct genl_info. */
#include <net/genetlink.h>

struct nlattr **pp_probe(struct netlink_callback *cb);
struct nlattr **pp_probe(struct netlink_callback *cb)
{
	return genl_info_dump(cb)->attrs;
}
