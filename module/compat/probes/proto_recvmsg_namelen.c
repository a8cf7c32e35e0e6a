// SPDX-License-Identifier: GPL-2.0
/* proto.recvmsg() sets msg_namelen itself, without an addr_len argument. */
#include <net/sock.h>

static_assert(__same_type(((struct proto *)0)->recvmsg,
			  int (*)(struct sock *, struct msghdr *, size_t,
				  int)));
