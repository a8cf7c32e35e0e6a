// SPDX-License-Identifier: GPL-2.0
/* A socket can ask to see SOL_SOCKET options first. */
#include <linux/net.h>

int pp_probe = SOCK_CUSTOM_SOCKOPT;
