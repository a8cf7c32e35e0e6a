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
	}
	return -1;
}

/* RFC 791: full, and the count of missed hops cannot grow. */
static bool pp_ip_opt_ts_full(const u8 *o, unsigned int len)
{
	return o[2] > len && (o[3] & 0xf) != PKTPATH_IPOPT_TS_PRESPEC &&
	       o[3] >> 4 == 15;
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
		if (bad < 0 && pp_ip_opt_ts_full(o, len))
			out->bad = off + 3;
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
 * Return: true when all are well formed, false with @out->bad set, the first one.
 */
bool pp_ip_opt_parse(const u8 *p, unsigned int hlen, struct pp_ip_opts *out)
{
	unsigned int off = PKTPATH_IPOPT_BASE;
	unsigned int len;
	int bad;

	memset(out, 0, sizeof(*out));
	while (off < hlen) {
		if (p[off] == PKTPATH_IPOPT_END)
			break;
		if (p[off] == PKTPATH_IPOPT_NOP) {
			off++;
			continue;
		}
		/* RFC 791: the length counts the type and itself. */
		if (hlen - off < 2 || p[off + 1] < 2 ||
		    p[off + 1] > hlen - off) {
			out->bad = out->bad ?: off;
			return false;
		}
		len = p[off + 1];
		bad = pp_ip_opt_one(p + off, len, off, out);
		if (bad >= 0) {
			out->bad = out->bad ?: off + bad;
			return false;
		}
		off += len;
	}
	out->full = out->bad;
	return !out->full;
}

/**
 * pp_ip_opt_fragment() - options of the pieces behind the first
 * @o: the options, writable
 * @len: their length in bytes
 *
 * RFC 791 §3.1: an option without the copy bit goes in the first fragment
 * alone; here No Operation takes its place. Reads nothing behind @len; what is
 * malformed, and all behind it, stays as it is.
 * Mirrors: net/ipv4/ip_options.c:ip_options_fragment.
 *
 * Context: any; pure.
 */
void pp_ip_opt_fragment(u8 *o, unsigned int len)
{
	unsigned int n;

	for (; len && *o != PKTPATH_IPOPT_END; o += n, len -= n) {
		n = 1;
		if (*o == PKTPATH_IPOPT_NOP)
			continue;
		if (len < 2 || o[1] < 2 || o[1] > len)
			return;
		n = o[1];
		if (!(*o & PKTPATH_IPOPT_COPY))
			memset(o, PKTPATH_IPOPT_NOP, n);
	}
}

/**
 * pp_ip_opt_pad() - clear what stands behind the end of the list
 * @o: the options, writable
 * @len: their length in bytes
 *
 * It has no meaning (RFC 791 §3.1): it is neither sent nor shown. What is
 * malformed, and all behind it, stays as it is.
 *
 * Context: any; pure.
 */
void pp_ip_opt_pad(u8 *o, unsigned int len)
{
	unsigned int off = 0;

	while (off < len && o[off] != PKTPATH_IPOPT_END) {
		if (o[off] == PKTPATH_IPOPT_NOP) {
			off++;
			continue;
		}
		if (len - off < 2 || o[off + 1] < 2)
			return;
		off += o[off + 1];
	}
	if (off < len)
		memset(o + off, PKTPATH_IPOPT_END, len - off);
}

static void pp_ip_opt_put32(u8 *o, u32 val)
{
	o[0] = val >> 24;
	o[1] = val >> 16;
	o[2] = val >> 8;
	o[3] = val;
}

static void pp_ip_opt_fill_rr(u8 *o, const struct pp_ip_opt_here *here)
{
	/* RFC 791: full, it goes on as it is. */
	if (o[2] > o[1])
		return;
	memcpy(o + o[2] - 1, here->addr, sizeof(here->addr));
	o[2] += 4;
}

static void pp_ip_opt_fill_ts(u8 *o, const struct pp_ip_opt_here *here)
{
	unsigned int flag = o[3] & 0xf;
	u8 *slot = o + o[2] - 1;

	if (o[2] > o[1]) {
		/* RFC 791: hops that found no room are counted. */
		if (here->count && flag != PKTPATH_IPOPT_TS_PRESPEC &&
		    o[3] >> 4 < 15)
			o[3] += 0x10;
		return;
	}
	switch (flag) {
	case PKTPATH_IPOPT_TS_ONLY:
		pp_ip_opt_put32(slot, here->ms);
		break;
	case PKTPATH_IPOPT_TS_PRESPEC:
		if (!here->is_mine || !here->is_mine(slot, here->arg))
			return;
		pp_ip_opt_put32(slot + 4, here->ms);
		break;
	case PKTPATH_IPOPT_TS_ADDR:
		memcpy(slot, here->addr, sizeof(here->addr));
		pp_ip_opt_put32(slot + 4, here->ms);
		break;
	default:
		return;
	}
	o[2] += pp_ip_opt_ts_slot(flag);
}

/**
 * pp_ip_opt_fill() - write this host into Record Route and Timestamp
 * @p: start of the IP header, writable; its checksum is not touched
 * @opts: what pp_ip_opt_parse() has found in it, all well formed but for @full
 * @here: what to write
 *
 * RFC 791 §3.1, RFC 1122 §3.2.1.8.
 *
 * Context: any; pure.
 */
void pp_ip_opt_fill(u8 *p, const struct pp_ip_opts *opts,
		    const struct pp_ip_opt_here *here)
{
	if (opts->rr)
		pp_ip_opt_fill_rr(p + opts->rr, here);
	if (opts->ts)
		pp_ip_opt_fill_ts(p + opts->ts, here);
}

/**
 * pp_ip_opt_echo() - options of the answer to a packet
 * @p: start of its IP header
 * @opts: what pp_ip_opt_parse() has found in it, all well formed but for @full
 * @out: room for PKTPATH_IPOPT_MAX bytes
 *
 * Record Route and Timestamp go back as they came (RFC 1122 §3.2.2.6); a
 * source route never does. Mirrors: net/ipv4/ip_options.c:__ip_options_echo.
 *
 * Context: any; pure.
 * Return: bytes in @out, a multiple of 4.
 */
unsigned int pp_ip_opt_echo(const u8 *p, const struct pp_ip_opts *opts,
			    u8 *out)
{
	unsigned int n = 0;

	if (opts->rr) {
		memcpy(out, p + opts->rr, p[opts->rr + 1]);
		n = p[opts->rr + 1];
	}
	if (opts->ts) {
		memcpy(out + n, p + opts->ts, p[opts->ts + 1]);
		n += p[opts->ts + 1];
	}
	while (n & 3)
		out[n++] = PKTPATH_IPOPT_END;
	return n;
}

/**
 * pp_ip_opt_check_user() - may a user send these options?
 * @o: the options
 * @len: their length in bytes, a multiple of 4, PKTPATH_IPOPT_MAX at most
 * @privileged: the user may also send others than Record Route, Timestamp
 *		and Router Alert, such as security labels
 * @opts: filled
 *
 * Mirrors: net/ipv4/ip_options.c:__ip_options_compile without an skb.
 *
 * Context: any; pure.
 * Return: true when they are well formed and allowed.
 */
bool pp_ip_opt_check_user(const u8 *o, unsigned int len, bool privileged,
			  struct pp_ip_opts *opts)
{
	u8 hdr[PKTPATH_IPOPT_BASE + PKTPATH_IPOPT_MAX] = { 0 };
	unsigned int off = 0;

	memcpy(hdr + PKTPATH_IPOPT_BASE, o, len);
	while (off < len && o[off] != PKTPATH_IPOPT_END) {
		switch (o[off]) {
		case PKTPATH_IPOPT_NOP:
			off++;
			continue;
		case PKTPATH_IPOPT_RR:
		case PKTPATH_IPOPT_TS:
		case PKTPATH_IPOPT_RA:
		case PKTPATH_IPOPT_SSRR:
		case PKTPATH_IPOPT_LSRR:
			break;
		case PKTPATH_IPOPT_CIPSO:
			/* not to be judged as one that has come in */
			hdr[PKTPATH_IPOPT_BASE + off] = PKTPATH_IPOPT_SEC;
			if (!privileged)
				return false;
			break;
		default:
			if (!privileged)
				return false;
			break;
		}
		if (len - off < 2 || o[off + 1] < 2)
			return false;
		off += o[off + 1];
	}
	return pp_ip_opt_parse(hdr, PKTPATH_IPOPT_BASE + len, opts);
}
