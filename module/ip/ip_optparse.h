/* SPDX-License-Identifier: GPL-2.0 */
/* Pure parser of the options of a received IPv4 header (RFC 791 §3.1). */
#ifndef PKTPATH_IP_IP_OPTPARSE_H
#define PKTPATH_IP_IP_OPTPARSE_H

#include "core/pure.h"

#define PKTPATH_IPOPT_MAX	40	/* bytes of all */

#define PKTPATH_IPOPT_END	0
#define PKTPATH_IPOPT_NOP	1
#define PKTPATH_IPOPT_RR	7
#define PKTPATH_IPOPT_TS	68
#define PKTPATH_IPOPT_SEC	130
#define PKTPATH_IPOPT_LSRR	131
#define PKTPATH_IPOPT_CIPSO	134
#define PKTPATH_IPOPT_SSRR	137
#define PKTPATH_IPOPT_RA	148

#define PKTPATH_IPOPT_COPY	0x80	/* of the type: in every fragment */

#define PKTPATH_IPOPT_TS_ONLY		0
#define PKTPATH_IPOPT_TS_ADDR		1
#define PKTPATH_IPOPT_TS_PRESPEC	3

/**
 * struct pp_ip_opts - what the options of one header say
 * @bad: offset of the first bad octet from the start of the IP header, the
 *	 pointer of a Parameter Problem; 0 when every option is well formed
 * @srr: offset of the source route option, or 0
 * @rr: offset of the Record Route option, or 0
 * @ts: offset of the Timestamp option, or 0
 * @ra: offset of the Router Alert option with value 0, or 0
 * @strict: the source route is a strict one
 * @full: @bad is a Timestamp that can count no more hops, all else is well
 *	  formed: once this host has counted itself, that is no error
 */
struct pp_ip_opts {
	u8 bad;
	u8 srr;
	u8 rr;
	u8 ts;
	u8 ra;
	bool strict;
	bool full;
};

bool pp_ip_opt_parse(const u8 *p, unsigned int hlen, struct pp_ip_opts *out);
void pp_ip_opt_fragment(u8 *o, unsigned int len);
void pp_ip_opt_pad(u8 *o, unsigned int len);

/**
 * struct pp_ip_opt_here - what this host writes into options
 * @addr: its address, as on the wire
 * @ms: milliseconds since midnight UT
 * @count: this host is a hop that Timestamp counts when it has no room left;
 *	   not so when it sends options that it has been counted in
 * @is_mine: whether an address is this host's; may be NULL: none is
 * @arg: handed to @is_mine
 */
struct pp_ip_opt_here {
	u8 addr[4];
	u32 ms;
	bool count;
	bool (*is_mine)(const u8 *addr, void *arg);
	void *arg;
};

void pp_ip_opt_fill(u8 *p, const struct pp_ip_opts *opts,
		    const struct pp_ip_opt_here *here);
unsigned int pp_ip_opt_echo(const u8 *p, const struct pp_ip_opts *opts,
			    u8 *out);
bool pp_ip_opt_check_user(const u8 *o, unsigned int len, bool privileged,
			  struct pp_ip_opts *opts);

#endif
