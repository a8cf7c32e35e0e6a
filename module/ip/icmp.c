// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP received (RFC 792, 1122 §3.2.2): echo and timestamp are answered,
 * errors go to the transport they are about, the rest is counted and dropped.
 *
 * An error is believed only as far as it proves itself: the datagram it quotes
 * must have been sent by an address of ours to one host, must not be a later
 * fragment, and must carry the 8 octets by which a transport finds the socket.
 *
 * Path: ip_input.c => here => udp/udp_input.c (errors), raw/ping.c (replies),
 *	 icmp_send.c (answers)
 * Mirrors: net/ipv4/icmp.c
 * Locks: RCU
 */
#include <linux/icmp.h>
#include <linux/nospec.h>
#include <net/icmp.h>
#include <net/ip.h>
#include "core/drop.h"
#include "core/ifaddr.h"
#include "core/trace.h"
#include "core/wire.h"
#include "ip/ip_optparse.h"
#include "ip/ip_priv.h"

/* What a handler returns when nothing was wrong. */
#define PKTPATH_ICMP_OK PKTPATH_DROP_MAX

/**
 * struct pp_icmp_control - what to do with a type
 * @handler: skb at its ICMP header, 8 bytes linear, stays the caller's;
 *	     returns PKTPATH_ICMP_OK or why it is dropped
 * @mib: counter of messages received, 0: none
 * @error: an error message (RFC 1122 §3.2.2)
 * @bcast: may come by broadcast
 */
struct pp_icmp_control {
	enum pp_drop_cause (*handler)(struct pp_net *pn, struct sk_buff *skb);
	u16 mib;
	bool error;
	bool bcast;
};

static pp_icmp_echo_reply_t pp_icmp_echo_reply_fn;
static pp_icmp_ping_err_t pp_icmp_ping_err_fn;

/**
 * pp_icmp_set_echo_reply() - register the receiver of echo replies
 * @fn: see ip.h; NULL unregisters
 *
 * Context: process; waits for calls under way when @fn is NULL.
 */
void pp_icmp_set_echo_reply(pp_icmp_echo_reply_t fn)
{
	WRITE_ONCE(pp_icmp_echo_reply_fn, fn);
	if (!fn)
		synchronize_net();
}

/**
 * pp_icmp_set_ping_err() - register the receiver of errors about echoes
 * @fn: see ip.h; NULL unregisters
 *
 * Context: process; waits for calls under way when @fn is NULL.
 */
void pp_icmp_set_ping_err(pp_icmp_ping_err_t fn)
{
	WRITE_ONCE(pp_icmp_ping_err_fn, fn);
	if (!fn)
		synchronize_net();
}

/* RFC 1122 §4.1.3.3, 4.2.3.9, by code of Destination Unreachable. */
static const struct pp_icmp_err pp_icmp_unreach_errno[NR_ICMP_UNREACH + 1] = {
	[ICMP_NET_UNREACH] = { ENETUNREACH, false },
	[ICMP_HOST_UNREACH] = { EHOSTUNREACH, false },
	[ICMP_PROT_UNREACH] = { ENOPROTOOPT, true },
	[ICMP_PORT_UNREACH] = { ECONNREFUSED, true },
	[ICMP_FRAG_NEEDED] = { EMSGSIZE, false },
	[ICMP_SR_FAILED] = { EOPNOTSUPP, false },
	[ICMP_NET_UNKNOWN] = { ENETUNREACH, true },
	[ICMP_HOST_UNKNOWN] = { EHOSTDOWN, true },
	[ICMP_HOST_ISOLATED] = { ENONET, true },
	[ICMP_NET_ANO] = { ENETUNREACH, true },
	[ICMP_HOST_ANO] = { EHOSTUNREACH, true },
	[ICMP_NET_UNR_TOS] = { ENETUNREACH, false },
	[ICMP_HOST_UNR_TOS] = { EHOSTUNREACH, false },
	[ICMP_PKT_FILTERED] = { EHOSTUNREACH, true },
	[ICMP_PREC_VIOLATION] = { EHOSTUNREACH, true },
	[ICMP_PREC_CUTOFF] = { EHOSTUNREACH, true },
};

/**
 * pp_icmp_to_errno() - errno of an ICMP error
 * @type: ICMP type
 * @code: ICMP code
 *
 * Mirrors: net/ipv4/icmp.c:icmp_err_convert and its users.
 *
 * Context: any.
 * Return: errno (positive; 0: nothing to tell) and whether it is a hard error.
 */
struct pp_icmp_err pp_icmp_to_errno(u8 type, u8 code)
{
	switch (type) {
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return (struct pp_icmp_err){ EHOSTUNREACH, true };
		code = array_index_nospec(code, NR_ICMP_UNREACH + 1);
		return pp_icmp_unreach_errno[code];
	case ICMP_TIME_EXCEEDED:
		return (struct pp_icmp_err){ EHOSTUNREACH, false };
	case ICMP_PARAMETERPROB:
		return (struct pp_icmp_err){ EPROTO, true };
	default:
		return (struct pp_icmp_err){ 0, false };
	}
}

/* Whether @skb came to one host; its dst may have been swapped by a hook. */
static bool pp_icmp_to_unicast(struct pp_net *pn, const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (likely(pp_dst_is_ours(dst)))
		return pp_dst_is_local(pp_dst(dst));
	return pp_ip_addr_type(pn, ip_hdr(skb)->daddr,
			       pp_skb_sdif(skb)) == RTN_LOCAL;
}

/*
 * RFC 1122 §3.2.2.6: from the address spoken to, or one of the device when
 * that was a broadcast; same TOS.
 */
static void pp_icmp_reply_flow(struct pp_net *pn, const struct sk_buff *skb,
			       struct pp_flow *fl)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_dev *pd;

	*fl = (struct pp_flow){
		.daddr = iph->saddr,
		.l3mdev = pp_skb_sdif(skb),
		.tos = iph->tos,
		.proto = IPPROTO_ICMP,
		.uid = GLOBAL_ROOT_UID,
	};
	if (pp_icmp_to_unicast(pn, skb)) {
		fl->saddr = iph->daddr;
		return;
	}
	pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
	if (pd)
		fl->saddr = pp_ifaddr_select_rcu(pd, iph->saddr);
}

/*
 * Answers @skb with @type, the same identifier and sequence number, then
 * @head_len bytes of @head and @len bytes of what follows @skb's ICMP header.
 */
static enum pp_drop_cause pp_icmp_reply(struct pp_net *pn, struct sk_buff *skb,
					u8 type, const void *head,
					unsigned int head_len, unsigned int len)
{
	u8 opts[PKTPATH_IPOPT_MAX];
	struct sk_buff *reply;
	struct icmphdr *icmph;
	struct pp_dst *dst;
	struct pp_flow fl;

	pp_icmp_reply_flow(pn, skb, &fl);
	dst = pp_ip_route_output_flow_rcu(pn, &fl, NULL);
	if (IS_ERR(dst)) {
		pp_mib_inc(pn, IP_OUTNOROUTES);
		return PKTPATH_DROP_IP_NOROUTE_OUT;
	}
	if (!pp_icmp_rate_allow(pn, dst->pd, fl.daddr, type, 0))
		return PKTPATH_DROP_ICMP_RATELIMIT;
	if (sizeof(struct iphdr) + sizeof(*icmph) + head_len + len >
	    IP_MAX_MTU) {
		pp_mib_inc(pn, ICMP_OUTERRORS);
		return PKTPATH_DROP_IP_TOOBIG;
	}
	reply = pp_icmp_alloc(dst, head_len + len);
	if (!reply) {
		pp_mib_inc(pn, ICMP_OUTERRORS);
		return PKTPATH_DROP_NOMEM;
	}
	icmph = icmp_hdr(reply);
	icmph->type = type;
	/* RFC 792 p. 14: of an echo only addresses, type and checksum change */
	if (type == ICMP_ECHOREPLY)
		icmph->code = icmp_hdr(skb)->code;
	icmph->un.gateway = icmp_hdr(skb)->un.gateway;
	skb_put_data(reply, head, head_len);
	if (skb_copy_bits(skb, sizeof(*icmph), skb_put(reply, len), len)) {
		pp_mib_inc(pn, ICMP_OUTERRORS);
		kfree_skb(reply);
		return PKTPATH_DROP_ICMP_TRUNC;
	}
	pp_icmp_xmit_opts(pn, reply, &fl, opts,
			  pp_ip_reply_options(skb, true, opts));
	return PKTPATH_ICMP_OK;
}

static enum pp_drop_cause pp_icmp_echo(struct pp_net *pn, struct sk_buff *skb)
{
	if (READ_ONCE(pn->sysctl.icmp_echo_ignore_all))
		return PKTPATH_DROP_ICMP_IGNORED;
	return pp_icmp_reply(pn, skb, ICMP_ECHOREPLY, NULL, 0,
			     skb->len - sizeof(struct icmphdr));
}

/* RFC 792 p. 16: milliseconds since midnight UT. */
static enum pp_drop_cause pp_icmp_timestamp(struct pp_net *pn,
					    struct sk_buff *skb)
{
	__be32 times[3];

	if (skb_copy_bits(skb, sizeof(struct icmphdr), &times[0],
			  sizeof(times[0]))) {
		pp_mib_inc(pn, ICMP_INERRORS);
		return PKTPATH_DROP_ICMP_TRUNC;
	}
	times[1] = htonl(pp_ip_midnight_ms());
	times[2] = times[1];
	return pp_icmp_reply(pn, skb, ICMP_TIMESTAMPREPLY, times,
			     sizeof(times), 0);
}

/*
 * Whether the quoted datagram can have been ours. On success skb->data is at
 * its IP header, which is linear with 8 octets behind it.
 */
static enum pp_drop_cause pp_icmp_check_inner(struct pp_net *pn,
					      struct sk_buff *skb,
					      struct pp_wire_ip *inner)
{
	int l3mdev = pp_skb_sdif(skb);
	unsigned int avail, type;

	__skb_pull(skb, sizeof(struct icmphdr));
	avail = min_t(unsigned int, skb->len, 60 + 8);
	if (!pskb_may_pull(skb, avail))
		return PKTPATH_DROP_NOMEM;
	switch (pp_wire_icmp_inner(skb->data, avail, inner)) {
	case PKTPATH_WIRE_OK:
		break;
	case PKTPATH_WIRE_TRUNC:
		pp_mib_inc(pn, ICMP_INERRORS);
		return PKTPATH_DROP_ICMP_TRUNC;
	default:
		pp_mib_inc(pn, ICMP_INERRORS);
		return PKTPATH_DROP_ICMP_BOGUS;
	}
	/* RFC 1122 §3.2.2: there are no errors about these. */
	if (inner->frag_off)
		return PKTPATH_DROP_ICMP_BOGUS;
	type = pp_ip_addr_type(pn, inner->daddr, l3mdev);
	if (type == RTN_BROADCAST || type == RTN_MULTICAST) {
		if (!READ_ONCE(pn->sysctl.icmp_ignore_bogus_error_responses))
			net_warn_ratelimited("pktpath: %pI4 sent a bogus ICMP type %u code %u error about a broadcast to %pI4\n",
					     &ip_hdr(skb)->saddr,
					     icmp_hdr(skb)->type,
					     icmp_hdr(skb)->code,
					     &inner->daddr);
		return PKTPATH_DROP_ICMP_BOGUS;
	}
	if (pp_ip_addr_type(pn, inner->saddr, l3mdev) != RTN_LOCAL)
		return PKTPATH_DROP_ICMP_BOGUS;
	return PKTPATH_ICMP_OK;
}

/* The MTU of Fragmentation Needed; false: not to be believed. */
static bool pp_icmp_frag_needed(struct pp_net *pn, const struct icmphdr *icmph,
				u8 protocol, u32 *info)
{
	switch (READ_ONCE(pn->sysctl.ip_no_pmtu_disc)) {
	case 0:
		break;
	case 1:
		return true;
	case 3:
		/* of whom checks what is quoted */
		if (protocol == IPPROTO_TCP)
			break;
		fallthrough;
	default:
		return false;
	}
	*info = ntohs(icmph->un.frag.mtu);
	return true;
}

/* Destination Unreachable, Time Exceeded, Parameter Problem, Redirect. */
static enum pp_drop_cause pp_icmp_error(struct pp_net *pn, struct sk_buff *skb)
{
	const struct pp_net_protocol *prot;
	const struct pp_ip_raw_ops *ops;
	struct icmphdr icmph = *icmp_hdr(skb);
	struct pp_wire_ip inner;
	enum pp_drop_cause cause;
	bool raw = false;
	u32 info = 0;

	cause = pp_icmp_check_inner(pn, skb, &inner);
	if (cause != PKTPATH_ICMP_OK)
		return cause;
	switch (icmph.type) {
	case ICMP_DEST_UNREACH:
		if (icmph.code > NR_ICMP_UNREACH)
			return PKTPATH_DROP_ICMP_TYPE;
		if (icmph.code == ICMP_FRAG_NEEDED &&
		    !pp_icmp_frag_needed(pn, &icmph, inner.protocol, &info))
			return PKTPATH_DROP_ICMP_IGNORED;
		break;
	case ICMP_PARAMETERPROB:
		info = ntohl(icmph.un.gateway) >> 24;
		break;
	case ICMP_TIME_EXCEEDED:
		if (icmph.code == ICMP_EXC_FRAGTIME)
			return PKTPATH_DROP_ICMP_IGNORED;
		break;
	}
	if (READ_ONCE(pn->nraw)) {
		ops = READ_ONCE(pp_ip_raw_ops);
		raw = ops && ops->err(pn, skb, info);
	}
	prot = rcu_dereference(pp_protocols[inner.protocol]);
	if ((!prot || !prot->err || prot->err(skb, info)) && !raw)
		return PKTPATH_DROP_ICMP_BOGUS;
	return PKTPATH_ICMP_OK;
}

/* RFC 1122 §3.2.2.2: for the socket whose packet it quotes, see redirect.c. */
static enum pp_drop_cause pp_icmp_redirect(struct pp_net *pn,
					   struct sk_buff *skb)
{
	const struct pp_dev *pd = pp_dev_find_rcu(pn, skb->dev->ifindex);

	if (!pd || !pp_ip_redirect_wanted(pd))
		return PKTPATH_DROP_ICMP_IGNORED;
	if (icmp_hdr(skb)->code > ICMP_REDIR_HOSTTOS)
		return PKTPATH_DROP_ICMP_TYPE;
	return pp_icmp_error(pn, skb);
}

/*
 * RFC 6633 (source quench), RFC 6918 (address mask), RFC 1122 §3.2.2.8.
 */
static enum pp_drop_cause pp_icmp_ignore(struct pp_net *pn,
					 struct sk_buff *skb)
{
	return PKTPATH_DROP_ICMP_IGNORED;
}

static const struct pp_icmp_control pp_icmp_types[NR_ICMP_TYPES + 1] = {
	[ICMP_DEST_UNREACH] = {
		.handler = pp_icmp_error, .error = true,
		.mib = PKTPATH_MIB_ICMP_INDESTUNREACHS,
	},
	[ICMP_SOURCE_QUENCH] = {
		.handler = pp_icmp_ignore, .error = true,
		.mib = PKTPATH_MIB_ICMP_INSRCQUENCHS,
	},
	[ICMP_REDIRECT] = {
		.handler = pp_icmp_redirect, .error = true,
		.mib = PKTPATH_MIB_ICMP_INREDIRECTS,
	},
	[ICMP_ECHO] = {
		.handler = pp_icmp_echo, .bcast = true,
		.mib = PKTPATH_MIB_ICMP_INECHOS,
	},
	[ICMP_TIME_EXCEEDED] = {
		.handler = pp_icmp_error, .error = true,
		.mib = PKTPATH_MIB_ICMP_INTIMEEXCDS,
	},
	[ICMP_PARAMETERPROB] = {
		.handler = pp_icmp_error, .error = true,
		.mib = PKTPATH_MIB_ICMP_INPARMPROBS,
	},
	[ICMP_TIMESTAMP] = {
		.handler = pp_icmp_timestamp, .bcast = true,
		.mib = PKTPATH_MIB_ICMP_INTIMESTAMPS,
	},
	[ICMP_TIMESTAMPREPLY] = {
		.handler = pp_icmp_ignore,
		.mib = PKTPATH_MIB_ICMP_INTIMESTAMPREPS,
	},
	[ICMP_ADDRESS] = {
		.handler = pp_icmp_ignore, .bcast = true,
		.mib = PKTPATH_MIB_ICMP_INADDRMASKS,
	},
	[ICMP_ADDRESSREPLY] = {
		.handler = pp_icmp_ignore, .bcast = true,
		.mib = PKTPATH_MIB_ICMP_INADDRMASKREPS,
	},
	[ICMP_ECHOREPLY] = {
		/* goes to ping, which takes the skb: see pp_icmp_rcv() */
		.mib = PKTPATH_MIB_ICMP_INECHOREPS,
	},
};

/**
 * pp_icmp_type_is_error() - is it an error message?
 * @type: ICMP type
 *
 * Context: any.
 * Return: true for the five error types of RFC 1122 §3.2.2.
 */
bool pp_icmp_type_is_error(u8 type)
{
	if (type > NR_ICMP_TYPES)
		return false;
	return pp_icmp_types[array_index_nospec(type, NR_ICMP_TYPES + 1)].error;
}

/*
 * Length, checksum, type and destination. The ICMP header is linear
 * afterwards.
 */
static enum pp_drop_cause pp_icmp_check(struct pp_net *pn, struct sk_buff *skb)
{
	const struct pp_icmp_control *ctl;
	u8 type;

	if (skb_checksum_simple_validate(skb)) {
		pp_mib_inc(pn, ICMP_INCSUMERRORS);
		pp_mib_inc(pn, ICMP_INERRORS);
		return PKTPATH_DROP_ICMP_CSUM;
	}
	if (!pskb_may_pull(skb, sizeof(struct icmphdr))) {
		pp_mib_inc(pn, ICMP_INERRORS);
		return PKTPATH_DROP_ICMP_TRUNC;
	}
	type = icmp_hdr(skb)->type;
	this_cpu_inc(pn->mib->icmp_in[type]);
	/* RFC 1122 §3.2.2: unknown types are discarded silently. */
	if (type > NR_ICMP_TYPES) {
		pp_mib_inc(pn, ICMP_INERRORS);
		return PKTPATH_DROP_ICMP_TYPE;
	}
	ctl = &pp_icmp_types[array_index_nospec(type, NR_ICMP_TYPES + 1)];
	if (!ctl->mib) {
		pp_mib_inc(pn, ICMP_INERRORS);
		return PKTPATH_DROP_ICMP_TYPE;
	}
	this_cpu_inc(pn->mib->c[ctl->mib]);
	/* RFC 1122 §3.2.2.6, 3.2.2.8: these may be broadcast, no others. */
	if (!pp_icmp_to_unicast(pn, skb) &&
	    (!ctl->bcast ||
	     READ_ONCE(pn->sysctl.icmp_echo_ignore_broadcasts)))
		return PKTPATH_DROP_ICMP_BCAST;
	return PKTPATH_ICMP_OK;
}

/* Takes the skb always; softirq, RCU; skb->data at the ICMP header. */
static int pp_icmp_rcv(struct sk_buff *skb)
{
	struct pp_net *pn = pp_net(dev_net(skb->dev));
	pp_icmp_echo_reply_t echo_reply;
	enum pp_drop_cause cause;
	u8 type;

	pp_at_tp_rcv(skb, NULL, skb->len);
	pp_mib_inc(pn, ICMP_INMSGS);
	cause = pp_icmp_check(pn, skb);
	if (cause != PKTPATH_ICMP_OK)
		goto drop;
	type = array_index_nospec(icmp_hdr(skb)->type, NR_ICMP_TYPES + 1);
	if (type == ICMP_ECHOREPLY) {
		echo_reply = READ_ONCE(pp_icmp_echo_reply_fn);
		if (echo_reply) {
			echo_reply(skb);
			return 0;
		}
		cause = PKTPATH_DROP_ICMP_IGNORED;
		goto drop;
	}
	cause = pp_icmp_types[type].handler(pn, skb);
	if (cause != PKTPATH_ICMP_OK)
		goto drop;
	consume_skb(skb);
	return 0;
drop:
	pp_skb_drop(pn, skb, PKTPATH_STAGE_TP_RCV, cause);
	return 0;
}

/*
 * An error about an ICMP message of ours. Those about our own answers say
 * nothing that could be verified (RFC 5927 §4) and are ignored.
 */
static int pp_icmp_rcv_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	pp_icmp_ping_err_t ping_err;
	const struct icmphdr *icmph;

	icmph = (const struct icmphdr *)(skb->data + iph->ihl * 4);
	if (icmph->type != ICMP_ECHO)
		return -ENOENT;
	ping_err = READ_ONCE(pp_icmp_ping_err_fn);
	return ping_err ? ping_err(skb, info) : -ENOENT;
}

const struct pp_net_protocol pp_icmp_protocol = {
	.handler = pp_icmp_rcv,
	.err = pp_icmp_rcv_err,
};
