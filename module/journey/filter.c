// SPDX-License-Identifier: GPL-2.0
/*
 * The filter of a recording, and the header fields it looks at. Pure.
 *
 * Path: any stage -> probe.c -> here
 * Mirrors: none
 * Locks: none
 */
#include "journey/filter.h"

#define PKTPATH_P_ICMP	1
#define PKTPATH_P_TCP	6
#define PKTPATH_P_UDP	17

/**
 * pp_journey_conf_ok() - is what a user asks for well formed?
 * @conf: copied from the user
 *
 * Context: any.
 * Return: whether every field is in its range.
 */
bool pp_journey_conf_ok(const struct pktpath_journey_conf *conf)
{
	return conf->version == PKTPATH_JOURNEY_VERSION &&
	       !(conf->flags & ~(PKTPATH_JOURNEY_DROPS |
				 PKTPATH_JOURNEY_OWNERS)) &&
	       !(conf->flags & PKTPATH_JOURNEY_DROPS &&
		 pp_journey_conf_late(conf)) &&
	       (!conf->ring || (conf->ring >= PKTPATH_JOURNEY_RING_MIN &&
				conf->ring <= PKTPATH_JOURNEY_RING_MAX)) &&
	       conf->saddr_len <= 32 && conf->daddr_len <= 32 &&
	       conf->host_len <= 32 && !conf->reserved[0] &&
	       !conf->reserved[1];
}

/**
 * pp_journey_conf_late() - what is asked that headers do not tell?
 * @conf: what is to be recorded
 *
 * Context: any.
 * Return: PKTPATH_LATE_*.
 */
u8 pp_journey_conf_late(const struct pktpath_journey_conf *conf)
{
	return (conf->cookie ? PKTPATH_LATE_SOCK : 0) |
	       (conf->pid ? PKTPATH_LATE_PID : 0) |
	       (conf->cgroup ? PKTPATH_LATE_CGROUP : 0) |
	       (conf->ifindex ? PKTPATH_LATE_DEV : 0);
}

/**
 * pp_journey_conf_all() - is every packet to be recorded, with all stages?
 * @conf: what is to be recorded
 *
 * Context: any.
 * Return: whether it is, so that pp_journey_match() need not be asked.
 */
bool pp_journey_conf_all(const struct pktpath_journey_conf *conf)
{
	return conf->sample <= 1 && !(conf->flags & PKTPATH_JOURNEY_DROPS) &&
	       !pp_journey_conf_late(conf) && !conf->proto &&
	       !conf->saddr_len && !conf->daddr_len && !conf->host_len &&
	       !conf->sport && !conf->dport && !conf->port;
}

static bool pp_journey_in(__be32 addr, __be32 net, unsigned int len)
{
	u32 diff = ntohl((__force __be32)((__force u32)addr ^
					  (__force u32)net));

	return !addr || !len || !(diff >> (32 - len));
}

static bool pp_journey_port(__be16 have, __be16 want)
{
	return !want || !have || have == want;
}

/**
 * pp_journey_match() - may a packet be of those that are wanted?
 * @conf: the filter
 * @flow: what is known of the packet; what is not known matches
 *
 * Context: any.
 * Return: false when a known field is not as the filter wants it.
 */
bool pp_journey_match(const struct pktpath_journey_conf *conf,
		      const struct pp_journey_flow *flow)
{
	if (conf->proto && flow->proto && conf->proto != flow->proto)
		return false;
	if (!pp_journey_in(flow->saddr, conf->saddr, conf->saddr_len) ||
	    !pp_journey_in(flow->daddr, conf->daddr, conf->daddr_len))
		return false;
	if (!pp_journey_in(flow->saddr, conf->host, conf->host_len) &&
	    !pp_journey_in(flow->daddr, conf->host, conf->host_len))
		return false;
	return pp_journey_port(flow->sport, conf->sport) &&
	       pp_journey_port(flow->dport, conf->dport) &&
	       (pp_journey_port(flow->sport, conf->port) ||
		pp_journey_port(flow->dport, conf->port));
}

/* Two bytes at @p, in the order of the wire. */
static __be16 pp_journey_be16(const u8 *p)
{
	__be16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static u32 pp_journey_u32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/**
 * pp_journey_parse() - read a packet's headers
 * @flow: filled as far as the headers go
 * @head: at the IP header
 * @len: bytes that may be read there
 *
 * RFC 791, 768, 792, 9293. The transport header of a later fragment is not
 * there to be read.
 *
 * Context: any.
 * Return: bytes of the IP header, 0 when there is none.
 */
unsigned int pp_journey_parse(struct pp_journey_flow *flow, const u8 *head,
			      unsigned int len)
{
	unsigned int ihl;
	const u8 *th;

	memset(flow, 0, sizeof(*flow));
	if (len < 20 || head[0] >> 4 != 4)
		return 0;
	ihl = (head[0] & 15) * 4;
	if (ihl < 20 || ihl > len)
		return 0;
	memcpy(&flow->saddr, head + 12, 4);
	memcpy(&flow->daddr, head + 16, 4);
	flow->proto = head[9];
	flow->seq = head[4] << 8 | head[5];
	if (len - ihl < 8 || (head[6] & 0x1f) || head[7])
		return ihl;
	th = head + ihl;
	if (flow->proto == PKTPATH_P_TCP && len - ihl >= 20) {
		flow->seq = pp_journey_u32(th + 4);
		flow->tcp_flags = th[13];
	}
	if (flow->proto == PKTPATH_P_TCP || flow->proto == PKTPATH_P_UDP) {
		flow->sport = pp_journey_be16(th);
		flow->dport = pp_journey_be16(th + 2);
	} else if (flow->proto == PKTPATH_P_ICMP) {
		flow->sport = pp_journey_be16(th);
		flow->dport = pp_journey_be16(th + 4);
	}
	return ihl;
}
