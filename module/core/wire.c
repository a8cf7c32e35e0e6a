// SPDX-License-Identifier: GPL-2.0
/*
 * ARP packets and the datagrams that ICMP errors quote, as bytes. The checks of
 * the IP and UDP headers of what is received are inline in the header.
 *
 * Path: called from pp_arp_rcv, pp_arp_send, pp_icmp_error
 * Mirrors: net/ipv4/arp.c (arp_process), net/ipv4/icmp.c (icmp_unreach)
 * Locks: none; pure
 */
#include "core/wire.h"

#define PKTPATH_WIRE_MF 0x2000
#define PKTPATH_WIRE_DF 0x4000

static u16 pp_wire_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static __be32 pp_wire_addr(const u8 *p)
{
	__be32 a;

	memcpy(&a, p, sizeof(a));
	return a;
}

/**
 * pp_wire_csum() - Internet checksum
 * @p: bytes, of any alignment
 * @len: how many; an odd last one is padded with zero
 * @sum: to start from, as from an earlier call
 *
 * RFC 1071 §1
 *
 * Context: any.
 * Return: the folded sum, in host order of the big-endian words, not inverted.
 */
u16 pp_wire_csum(const u8 *p, unsigned int len, u32 sum)
{
	u64 acc = sum;

	for (; len > 1; p += 2, len -= 2)
		acc += pp_wire_be16(p);
	if (len)
		acc += (u32)*p << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return (u16)acc;
}

static void pp_wire_ip_decode(const u8 *p, struct pp_wire_ip *out)
{
	u16 frag = pp_wire_be16(p + 6);

	out->hlen = pp_wire_ip_hlen(p[0]);
	out->tos = p[1];
	out->tot_len = pp_wire_be16(p + 2);
	out->id = pp_wire_be16(p + 4);
	out->df = frag & PKTPATH_WIRE_DF;
	out->mf = frag & PKTPATH_WIRE_MF;
	out->frag_off = (u16)(frag << 3);
	out->ttl = p[8];
	out->protocol = p[9];
	out->saddr = pp_wire_addr(p + 12);
	out->daddr = pp_wire_addr(p + 16);
}

/* Version and header length, and that all of the header can be read. */
static enum pp_wire_verdict pp_wire_ip_form(const u8 *p, unsigned int avail)
{
	if (avail < PKTPATH_WIRE_IP_HLEN)
		return PKTPATH_WIRE_TRUNC;
	if (!pp_wire_ip_first_ok(p[0]))
		return PKTPATH_WIRE_BAD;
	if (avail < pp_wire_ip_hlen(p[0]))
		return PKTPATH_WIRE_TRUNC;
	return PKTPATH_WIRE_OK;
}

/**
 * pp_wire_arp_parse() - decodes ARP for IPv4 over Ethernet
 * @p: at the ARP header
 * @avail: bytes that may be read
 * @out: filled when the verdict is OK
 *
 * RFC 826. Hardware type 6 (IEEE 802) is taken for Ethernet too, as
 * net/ipv4/arp.c does.
 *
 * Context: any.
 * Return: OK; TRUNC: fewer than 28 bytes; BAD: other types or lengths.
 */
enum pp_wire_verdict pp_wire_arp_parse(const u8 *p, unsigned int avail,
				       struct pp_wire_arp *out)
{
	u16 hrd;

	if (avail < PKTPATH_WIRE_ARP_LEN)
		return PKTPATH_WIRE_TRUNC;
	hrd = pp_wire_be16(p);
	if ((hrd != 1 && hrd != 6) || pp_wire_be16(p + 2) != 0x0800 ||
	    p[4] != 6 || p[5] != 4)
		return PKTPATH_WIRE_BAD;
	out->op = pp_wire_be16(p + 6);
	memcpy(out->sha, p + 8, 6);
	out->spa = pp_wire_addr(p + 14);
	memcpy(out->tha, p + 18, 6);
	out->tpa = pp_wire_addr(p + 24);
	return PKTPATH_WIRE_OK;
}

/**
 * pp_wire_arp_build() - writes an ARP packet
 * @p: room for PKTPATH_WIRE_ARP_LEN bytes
 * @op: 1 request, 2 reply
 * @sha: sender's hardware address, 6 bytes
 * @spa: sender's protocol address
 * @tha: target's hardware address, 6 bytes, or NULL for zeros
 * @tpa: target's protocol address
 *
 * RFC 826
 *
 * Context: any.
 */
void pp_wire_arp_build(u8 *p, u16 op, const u8 *sha, __be32 spa,
		       const u8 *tha, __be32 tpa)
{
	static const u8 head[6] = { 0, 1, 0x08, 0, 6, 4 };

	memcpy(p, head, sizeof(head));
	p[6] = op >> 8;
	p[7] = op & 0xff;
	memcpy(p + 8, sha, 6);
	memcpy(p + 14, &spa, 4);
	if (tha)
		memcpy(p + 18, tha, 6);
	else
		memset(p + 18, 0, 6);
	memcpy(p + 24, &tpa, 4);
}

/**
 * pp_wire_icmp_inner() - the datagram that an ICMP error quotes
 * @p: at the quoted IP header
 * @avail: bytes that may be read
 * @inner: filled when the verdict is OK
 *
 * RFC 792: header and 8 bytes are there. Its checksum proves nothing (hops
 * have changed the header) and its total length may be beyond the quotation.
 * RFC 1122 §3.2.2: there are no errors about fragments but the first.
 *
 * Context: any.
 * Return: OK; TRUNC: fewer bytes; BAD: version, header length, total length or
 * a later fragment.
 */
enum pp_wire_verdict pp_wire_icmp_inner(const u8 *p, unsigned int avail,
					struct pp_wire_ip *inner)
{
	enum pp_wire_verdict v = pp_wire_ip_form(p, avail);
	struct pp_wire_ip ip;

	if (v != PKTPATH_WIRE_OK)
		return v;
	pp_wire_ip_decode(p, &ip);
	if (ip.tot_len < ip.hlen || ip.frag_off)
		return PKTPATH_WIRE_BAD;
	if (avail < ip.hlen + 8u)
		return PKTPATH_WIRE_TRUNC;
	*inner = ip;
	return PKTPATH_WIRE_OK;
}
