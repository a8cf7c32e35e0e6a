/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types for the pure files (core/wire.c, ip/lpm.c, ip/lpm_update.c,
 * ip/ip_optparse.c, ip/icmp_rate.c, ip/igmp_msg.c, ip/mcfilter.c,
 * journey/filter.c; of tcp/tcp_*.c accecn, ao_input, cookie_bits, cubic, opt, rate, reno,
 * rtt and sack_blocks): in the kernel the kernel's, in user space the few that
 * unit tests and fuzzers need. Pure files include nothing else.
 */
#ifndef PKTPATH_CORE_PURE_H
#define PKTPATH_CORE_PURE_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#else
#include "pure_user.h"
#endif

#endif
