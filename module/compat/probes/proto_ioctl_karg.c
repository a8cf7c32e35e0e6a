// SPDX-License-Identifier: GPL-2.0
/* proto.ioctl() answers into an int of the kernel. */
#include <net/sock.h>

static_assert(__same_type(((struct proto *)0)->ioctl,
			  int (*)(struct sock *, int, int *)));
