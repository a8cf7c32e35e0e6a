// SPDX-License-Identifier: GPL-2.0
/*
 * What TCP-AO sums up: input of the key derivation and of the MAC.
 *
 * Path: tcp_ao_sign.c
 * Mirrors: net/ipv4/tcp_ao.c (tcp_v4_ao_calc_key, tcp_ao_hash_header)
 * Locks: none, pure
 */
#include "tcp/tcp_ao_input.h"
#include "tcp/tcp_opt.h"

#define TH_BYTES	20	/* header without options */
#define TH_DOFF		12
#define TH_CHECK	16
#define AO_HEAD		4	/* kind, length, KeyID, RNextKeyID */
#define OPT_MD5		19

static u8 *pp_tcp_ao_put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
	return p + 2;
}

static u8 *pp_tcp_ao_put32(u8 *p, u32 v)
{
	pp_tcp_opt_put32(p, v);
	return p + 4;
}

/**
 * pp_tcp_ao_kdf_input() - from which a traffic key is derived
 * @p: room for PKTPATH_AO_KDF_LEN bytes
 * @w: direction
 * @key_bytes: of the traffic key
 *
 * RFC 5926 §3.1.1: i || Label || Context || Output_Length, of which the context
 * is RFC 5925 §5.2. One round is enough for every algorithm here.
 *
 * Context: any, pure.
 */
void pp_tcp_ao_kdf_input(u8 *p, const struct pp_tcp_ao_way *w,
			 unsigned int key_bytes)
{
	*p++ = 1;
	memcpy(p, "TCP-AO", 6);
	p = pp_tcp_ao_put32(p + 6, w->saddr);
	p = pp_tcp_ao_put32(p, w->daddr);
	p = pp_tcp_ao_put16(p, w->sport);
	p = pp_tcp_ao_put16(p, w->dport);
	p = pp_tcp_ao_put32(p, w->sisn);
	p = pp_tcp_ao_put32(p, w->disn);
	pp_tcp_ao_put16(p, (u16)(key_bytes * 8));
}

/**
 * pp_tcp_ao_mac_head() - what is summed up before the payload
 * @p: room for PKTPATH_AO_HEAD_MAX bytes
 * @sne: sequence number extension
 * @w: direction, of which the addresses count
 * @tcp_bytes: header and payload
 * @th: header with its options
 * @opt: the option in it, whole
 * @exclude: the other options do not count
 *
 * RFC 5925 §5.1: SNE, pseudo-header, header with checksum and MAC of 0.
 *
 * Context: any, pure.
 * Return: bytes written.
 */
unsigned int pp_tcp_ao_mac_head(u8 *p, u32 sne, const struct pp_tcp_ao_way *w,
				unsigned int tcp_bytes, const u8 *th,
				const u8 *opt, bool exclude)
{
	unsigned int at = opt - th, maclen = opt[1] - AO_HEAD;
	unsigned int hlen = (th[TH_DOFF] >> 4) * 4;
	u8 *start = p, *head;

	p = pp_tcp_ao_put32(p, sne);
	p = pp_tcp_ao_put32(p, w->saddr);
	p = pp_tcp_ao_put32(p, w->daddr);
	*p++ = 0;
	*p++ = 6;
	head = pp_tcp_ao_put16(p, (u16)tcp_bytes);
	if (exclude) {
		memcpy(head, th, TH_BYTES);
		memcpy(head + TH_BYTES, opt, AO_HEAD);
		at = TH_BYTES;
		hlen = TH_BYTES + AO_HEAD + maclen;
	} else {
		memcpy(head, th, hlen);
	}
	memset(head + TH_CHECK, 0, 2);
	memset(head + at + AO_HEAD, 0, maclen);
	return head + hlen - start;
}

/**
 * pp_tcp_ao_find() - find the option of TCP-AO
 * @p: bytes behind the fixed header
 * @len: how many there are, 0..40
 * @opt: set to it, whole; NULL: there is none
 *
 * Context: any, pure.
 * Return: 0, also when an impossible length ends the list; -1: the option has
 * no MAC, or there is another signature (RFC 5925 §2.2), be it of RFC 2385.
 */
int pp_tcp_ao_find(const u8 *p, unsigned int len, const u8 **opt)
{
	bool md5 = false;
	unsigned int size;

	*opt = NULL;
	/* 0 ends the list, 1 is a byte of padding */
	for (; len && *p; p += size, len -= size) {
		size = 1;
		if (*p == 1)
			continue;
		if (len < 2 || p[1] < 2 || p[1] > len)
			break;
		size = p[1];
		if (*p == OPT_MD5)
			md5 = true;
		if (*p != PKTPATH_OPT_AO)
			continue;
		if (*opt || size <= AO_HEAD)
			return -1;
		*opt = p;
	}
	return *opt && md5 ? -1 : 0;
}
