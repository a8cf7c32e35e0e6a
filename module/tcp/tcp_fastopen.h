/* SPDX-License-Identifier: GPL-2.0 */
/* Fast Open: what its three files share. */
#ifndef PKTPATH_TCP_TCP_FASTOPEN_H
#define PKTPATH_TCP_TCP_FASTOPEN_H

#include "tcp/tcp_opt.h"

struct pp_net;
struct sock;

/**
 * struct pp_tcp_fo_known - what is known of a peer
 * @mss: its segment size, 0: not known
 * @len: bytes of @cookie, 0: none
 * @exp: cookie came by, or is asked for by, the experimental option
 * @try_exp: see pp_tcp_fo_cache_set()
 * @cookie: as the peer gave it
 */
struct pp_tcp_fo_known {
	u16 mss;
	u8 len;
	bool exp;
	u8 try_exp;
	u8 cookie[16];
};

void pp_tcp_fo_cache_make(struct pp_net *pn);
void pp_tcp_fo_cache_get(struct sock *sk, struct pp_tcp_fo_known *known);
void pp_tcp_fo_cache_set(struct sock *sk, u16 mss, const struct pp_tcp_opt *o,
			 u8 try_exp);

#endif
