// SPDX-License-Identifier: GPL-2.0
/* Receive flow steering has its own header. */
#include <net/rps.h>

int pp_probe = sizeof(struct rps_sock_flow_table);
