/* SPDX-License-Identifier: GPL-2.0 */
/* What a SYN cookie and its timestamp tell; pure (core/pure.h). */
#ifndef PKTPATH_TCP_TCP_COOKIE_BITS_H
#define PKTPATH_TCP_TCP_COOKIE_BITS_H

#include "tcp/tcp_opt.h"

#define PKTPATH_COOKIE_AGE	2	/* minutes that one is good for */

unsigned int pp_tcp_cookie_mss_index(u16 mss);
u16 pp_tcp_cookie_mss(unsigned int i);
u32 pp_tcp_cookie_make(u32 plain, u32 count, u32 hash, unsigned int i);
int pp_tcp_cookie_age(u32 cookie, u32 plain, u32 count);
int pp_tcp_cookie_read(u32 cookie, u32 plain, u32 hash);
u32 pp_tcp_cookie_stamp(const struct pp_tcp_opt *opt, bool ecn, u32 now);
bool pp_tcp_cookie_stamp_read(u32 ts, struct pp_tcp_opt *opt);

#endif
