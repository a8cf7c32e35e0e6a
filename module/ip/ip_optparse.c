// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the options of a received IPv4 header. Pure: also compiled in user
 * space for unit tests and fuzzing.
 *
 * Path: ip_input.c => ip_options.c => here
 * Mirrors: net/ipv4/ip_options.c (__ip_options_compile)
 * Locks: none
 */
#include "ip/ip_optparse.h"

#define PKTPATH_IPOPT_BASE 20

/* Bytes that a slot of the Timestamp option takes; 0 for an unknown flag. */
static unsigned int pp_ip_opt_ts_slot(u8 flags)
{
	switch (flags & 0xf) {
	case PKTPATH_IPOPT_TS_ONLY:
		return 4;
	case PKTPATH_IPOPT_TS_ADDR:
	case PKTPATH_IPOPT_TS_PRESPEC:
		return 8;
	default:
		return 0;
	}
}

/*
 * Each checker gets an option whose @len octets (>= 2) may be read, and
 * returns the offset of the bad octet inside the option, or -1.
 */
static int pp_ip_opt_check_srr(const u8 *o, unsigned int len)
{
	if (len < 3)
		return 1;
	if (o[2] < 4)
		return 2;
	return -1;
}

static int pp_ip_opt_check_rr(const u8 *o, unsigned int len)
{
	if (len < 3)
		return 1;
	if (o[2] < 4)
		return 2;
	if (o[2] <= len && o[2] + 3 > len)
		return 2;
	return -1;
}

static int pp_ip_opt_check_ts(const u8 *o, unsigned int len)
{
	unsigned int slot;

	if (len < 4)
		return 1;
	if (o[2] < 5)
		return 2;
	if (o[2] <= len) {
		slot = pp_ip_opt_ts_slot(o[3]);
		if (o[2] + 3 > len || (slot && o[2] + slot - 1 > len))
			return 2;
		return -1;
	}
	/* RFC 791: full, and the count of missed hops cannot grow. */
	if ((o[3] & 0xf) != PKTPATH_IPOPT_TS_PRESPEC && (o[3] >> 4) == 15)
		return 3;
	return -1;
}

/* One option at offset @off; the offset inside it of a bad octet, or -1. */
static int pp_ip_opt_one(const u8 *o, unsigned int len, u8 off,
			 struct pp_ip_opts *out)
{
	int bad = -1;

	switch (o[0]) {
	case PKTPATH_IPOPT_SSRR:
	case PKTPATH_IPOPT_LSRR:
		bad = pp_ip_opt_check_srr(o, len);
		/* RFC 1812 §5.2.4.1: one source route at most. */
		if (bad < 0 && out->srr)
			bad = 0;
		out->srr = off;
		out->strict = o[0] == PKTPATH_IPOPT_SSRR;
		break;
	case PKTPATH_IPOPT_RR:
		bad = out->rr ? 0 : pp_ip_opt_check_rr(o, len);
		out->rr = off;
		break;
	case PKTPATH_IPOPT_TS:
		bad = out->ts ? 0 : pp_ip_opt_check_ts(o, len);
		out->ts = off;
		break;
	case PKTPATH_IPOPT_RA:
		if (len < 4)
			bad = 1;
		else if (!o[2] && !o[3])
			out->ra = off;
		break;
	case PKTPATH_IPOPT_CIPSO:
		/* FIPS 188: a label of an unknown domain is refused. */
		bad = len < 8 ? 1 : 2;
		break;
	default:
		/* RFC 1122 §3.2.1.8: options not understood are ignored. */
		break;
	}
	return bad;
}

/**
 * pp_ip_opt_parse() - read the options of a header
 * @p: start of the IP header, @hlen bytes of which may be read
 * @hlen: header length in bytes, 20..60
 * @out: filled, also on failure
 *
 * Mirrors: net/ipv4/ip_options.c:__ip_options_compile. RFC 791 §3.1,
 * RFC 1122 §3.2.1.8. Reads nothing behind @hlen and changes nothing.
 *
 * Context: any; pure.
 * Return: true when all are well formed, false with @out->bad set.
 */
bool pp_ip_opt_parse(const u8 *p, unsigned int hlen, struct pp_ip_opts *out)
{
	unsigned int off = PKTPATH_IPOPT_BASE;
	unsigned int len;
	int bad;

	memset(out, 0, sizeof(*out));
	while (off < hlen) {
		if (p[off] == PKTPATH_IPOPT_END)
			return true;
		if (p[off] == PKTPATH_IPOPT_NOP) {
			off++;
			continue;
		}
		/* RFC 791: the length counts the type and itself. */
		if (hlen - off < 2 || p[off + 1] < 2 ||
		    p[off + 1] > hlen - off) {
			out->bad = off;
			return false;
		}
		len = p[off + 1];
		bad = pp_ip_opt_one(p + off, len, off, out);
		if (bad >= 0) {
			out->bad = off + bad;
			return false;
		}
		off += len;
	}
	return true;
}
