// SPDX-License-Identifier: GPL-2.0
/*
 * IP options: those of received packets are judged and get what this host has
 * to write, those of a socket (IP_OPTIONS) are put into what it sends.
 *
 * Path: ip_input.c => ip_optparse.c; ip_output.c => ip_optparse.c
 * Mirrors: net/ipv4/ip_input.c (ip_rcv_options), net/ipv4/ip_options.c
 * Locks: socket lock for the options of a socket, RCU to read them
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/timekeeping.h>
#include <net/ip.h>
#include "core/drop.h"
#include "core/ifaddr.h"
#include "ip/fib.h"
#include "ip/ip_optparse.h"
#include "ip/ip_priv.h"
#include "ip/mroute.h"

/**
 * pp_ip_midnight_ms() - the time of Timestamp options and messages
 *
 * RFC 791 §3.1, RFC 792 p. 16.
 *
 * Context: any.
 * Return: milliseconds since midnight UT.
 */
u32 pp_ip_midnight_ms(void)
{
	struct timespec64 ts;
	u32 secs;

	ktime_get_real_ts64(&ts);
	div_u64_rem(ts.tv_sec, 24 * 60 * 60, &secs);
	return secs * MSEC_PER_SEC + ts.tv_nsec / NSEC_PER_MSEC;
}

struct pp_ip_opt_at {
	struct pp_net *pn;
	int l3mdev;
};

/* RCU. */
static bool pp_ip_opt_is_mine(const u8 *addr, void *arg)
{
	const struct pp_ip_opt_at *at = arg;
	__be32 a;

	memcpy(&a, addr, sizeof(a));
	return pp_ip_addr_type(at->pn, a, at->l3mdev) == RTN_LOCAL;
}

/* RCU. */
static void pp_ip_opt_write(struct pp_net *pn, const struct sk_buff *skb,
			    const struct pp_ip_opts *opts, __be32 addr,
			    bool count)
{
	struct pp_ip_opt_at at = { pn, pp_dst(skb_dst(skb))->l3mdev };
	struct pp_ip_opt_here here = {
		.ms = pp_ip_midnight_ms(),
		.count = count,
		.is_mine = pp_ip_opt_is_mine,
		.arg = &at,
	};

	memcpy(here.addr, &addr, sizeof(addr));
	pp_ip_opt_fill((u8 *)ip_hdr(skb), opts, &here);
}

/* ---- Received ---- */

/* The packet is for this host: Record Route and Timestamp say so. */
static bool pp_ip_rcv_opt_write(struct pp_net *pn, struct sk_buff *skb,
				const struct pp_ip_opts *opts)
{
	const struct dst_entry *dst = skb_dst(skb);
	struct iphdr *iph;
	struct pp_dev *pd;
	__be32 addr;

	if (skb_cow(skb, skb_headroom(skb)))
		return false;
	iph = ip_hdr(skb);
	addr = iph->daddr;
	if (!pp_dst_is_local(pp_dst(dst))) {
		pd = pp_dev_find_rcu(pn, skb->dev->ifindex);
		addr = pd ? pp_ifaddr_select_rcu(pd, iph->saddr) : 0;
	}
	pp_ip_opt_write(pn, skb, opts, addr, true);
	ip_send_check(iph);
	return true;
}

static int pp_ip_srr_problem(struct sk_buff *skb, u8 at)
{
	pp_icmp_send(skb, ICMP_PARAMETERPROB, 0, htonl((u32)at << 24));
	return PKTPATH_DROP_IP_SRCROUTE;
}

/*
 * The packet has come to the address that its source route named last; @opts
 * is well formed, the header is writable. The next one is looked up, written
 * over by the address we send from and made the destination. Why not, or
 * PKTPATH_DROP_NOT_SPECIFIED: one less is left.
 */
static int pp_ip_srr_step(struct pp_net *pn, struct sk_buff *skb,
			  struct pp_dev *pd, const struct pp_ip_opts *opts)
{
	enum pp_drop_cause cause = PKTPATH_DROP_IP_SRCROUTE;
	struct iphdr *iph = ip_hdr(skb);
	u8 *o = (u8 *)iph + opts->srr;
	struct pp_flow fl = {
		.saddr = iph->saddr,
		.iif = pd->ifindex,
		.l3mdev = READ_ONCE(pd->l3mdev),
		.mark = skb->mark,
		.tos = iph->tos,
		.proto = iph->protocol,
	};
	struct pp_dst *dst;
	__be32 own;

	if (o[2] + 3 > o[1])
		return pp_ip_srr_problem(skb, opts->srr + 2);
	memcpy(&fl.daddr, o + o[2] - 1, sizeof(fl.daddr));
	if (pp_ip_route_has_ports(pn))
		pp_route_in_ports(skb, iph, &fl);
	dst = pp_ip_route_input_rcu(pn, &fl, pd, true, &cause);
	if (!dst)
		return cause;
	/* never to many */
	if (dst->type != RTN_LOCAL && dst->type != RTN_UNICAST)
		return PKTPATH_DROP_IP_SRCROUTE;
	own = fl.daddr;
	if (dst->type == RTN_UNICAST) {
		if (opts->strict && dst->gw) {
			pp_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0);
			return PKTPATH_DROP_IP_SRCROUTE;
		}
		own = pp_ifaddr_select_rcu(dst->pd,
					   pp_dst_nexthop(dst, fl.daddr));
	}
	memcpy(o + o[2] - 1, &own, sizeof(own));
	o[2] += sizeof(own);
	iph->daddr = fl.daddr;
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, &dst->rt.dst);
	return PKTPATH_DROP_NOT_SPECIFIED;
}

/*
 * RFC 791 §3.1, RFC 1812 §5.2.4.1. Deviates: refused by default (RFC 7126
 * §4.3.5), and the FORWARD hook sees the next destination already. Why not,
 * or PKTPATH_DROP_NOT_SPECIFIED.
 */
static noinline int pp_ip_rcv_srr(struct pp_net *pn, struct sk_buff *skb,
				  struct pp_dev *pd,
				  const struct pp_ip_opts *opts)
{
	int cause = PKTPATH_DROP_NOT_SPECIFIED;
	const u8 *o;

	if (!READ_ONCE(pn->conf_all.accept_source_route) ||
	    !READ_ONCE(pd->conf.accept_source_route) ||
	    pd->flags & PKTPATH_DEVF_LOOP || skb->pkt_type != PACKET_HOST)
		return PKTPATH_DROP_IP_SRCROUTE;
	if (pp_dst(skb_dst(skb))->type == RTN_UNICAST) {
		if (!opts->strict)
			return cause;
		/* it must not come by hosts that it does not name */
		return pp_ip_srr_problem(skb, offsetof(struct iphdr, daddr));
	}
	if (skb_cow(skb, skb_headroom(skb)))
		return PKTPATH_DROP_NOMEM;
	o = (const u8 *)ip_hdr(skb) + opts->srr;
	/* each step moves the pointer, so this ends */
	while (cause == PKTPATH_DROP_NOT_SPECIFIED && o[2] <= o[1]) {
		if (pp_dst(skb_dst(skb))->type == RTN_UNICAST)
			break;
		if (!pp_dst_is_local(pp_dst(skb_dst(skb))))
			return PKTPATH_DROP_IP_SRCROUTE;
		cause = pp_ip_srr_step(pn, skb, pd, opts);
	}
	ip_send_check(ip_hdr(skb));
	return cause;
}

/**
 * pp_ip_source_routed() - does a packet have a source route?
 * @iph: its header, linear
 *
 * Context: any.
 * Return: whether.
 */
bool pp_ip_source_routed(const struct iphdr *iph)
{
	struct pp_ip_opts opts;

	if (iph->ihl <= 5)
		return false;
	pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts);
	return opts.srr;
}

/**
 * pp_ip_forward_options() - a router writes itself into options
 * @pn: netns
 * @skb: packet that is sent on; judged when it came in, dst set
 *
 * Record Route and Timestamp, with the address that it leaves from (RFC 1812
 * §5.2.4.2, 5.2.4.3). Mirrors: net/ipv4/ip_options.c:ip_forward_options.
 *
 * Context: RCU, softirq or process.
 * Return: false without memory.
 */
bool pp_ip_forward_options(struct pp_net *pn, struct sk_buff *skb)
{
	const struct pp_dst *dst = pp_dst(skb_dst(skb));
	struct iphdr *iph = ip_hdr(skb);
	struct pp_ip_opts opts;

	/* a hook may have put anything there */
	if (!pp_dst_is_ours(skb_dst(skb)) ||
	    !pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts) ||
	    (!opts.rr && !opts.ts))
		return true;
	if (skb_cow(skb, skb_headroom(skb)))
		return false;
	iph = ip_hdr(skb);
	pp_ip_opt_write(pn, skb, &opts,
			pp_ifaddr_select_rcu(dst->pd,
					     pp_dst_nexthop(dst, iph->daddr)),
			true);
	ip_send_check(iph);
	return true;
}

static bool pp_ip_record(struct pp_net *pn, struct sk_buff *skb,
			 struct pp_ip_opts *opts)
{
	if (pp_ip_rcv_opt_write(pn, skb, opts))
		return true;
	pp_mib_inc(pn, IP_INDISCARDS);
	pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN, PKTPATH_DROP_NOMEM);
	return false;
}

/* Who sends a packet on, to one or to a group, records itself then. */
static bool pp_ip_rcv_sent_on(const struct pp_dev *pd,
			      const struct sk_buff *skb)
{
	const struct pp_dst *dst = pp_dst(skb_dst(skb));

	return dst->type == RTN_UNICAST ||
	       (dst->type == RTN_MULTICAST && dst->rt.rt_is_input &&
		pp_mroute_may(pd, ip_hdr(skb)->daddr));
}

/**
 * pp_ip_rcv_options() - judge the options of a routed packet
 * @pn: netns
 * @skb: at its IP header, which is linear; the dst is set, and a source route
 *	 that is followed sets another one
 * @pd: device it came in by
 *
 * A source route is refused without an answer (RFC 7126 §4.3.5; Deviates:
 * RFC 1122 §3.2.1.8, as Linux does by default), unless the device and all
 * devices accept them (accept_source_route). A bad option is answered with
 * Parameter Problem that points to the octet (RFC 1122 §3.2.2.5). What is for
 * this host has it written into Record Route and Timestamp.
 * Mirrors: net/ipv4/ip_input.c:ip_rcv_options.
 *
 * Context: softirq, RCU.
 * Return: true when @skb may go on; else it is freed and counted.
 */
bool pp_ip_rcv_options(struct pp_net *pn, struct sk_buff *skb,
		       struct pp_dev *pd)
{
	int cause = PKTPATH_DROP_NOT_SPECIFIED;
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_ip_opts opts;

	if (!pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts)) {
		pp_mib_inc(pn, IP_INHDRERRORS);
		pp_icmp_send(skb, ICMP_PARAMETERPROB, 0,
			     htonl((u32)opts.bad << 24));
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_IP_OPTIONS);
		return false;
	}
	if (opts.srr)
		cause = pp_ip_rcv_srr(pn, skb, pd, &opts);
	if (cause != PKTPATH_DROP_NOT_SPECIFIED) {
		pp_mib_inc(pn, IP_INHDRERRORS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN, cause);
		return false;
	}
	return pp_ip_rcv_sent_on(pd, skb) || !(opts.rr || opts.ts) ||
	       pp_ip_record(pn, skb, &opts);
}

/**
 * pp_ip_record_options() - this host is where a packet has come to
 * @pn: netns
 * @skb: at its IP header; judged when it came in, but not recorded then
 *
 * Context: softirq, RCU.
 * Return: false without memory: @skb is freed and counted.
 */
bool pp_ip_record_options(struct pp_net *pn, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_ip_opts opts;

	if (iph->ihl == 5 ||
	    !pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts) ||
	    !(opts.rr || opts.ts))
		return true;
	return pp_ip_record(pn, skb, &opts);
}

/**
 * pp_ip_reply_options() - options of the answer to a packet
 * @skb: the packet; its IP header is linear and has been judged
 * @counted: Timestamp has counted this host, which may have filled it
 * @out: room for PKTPATH_IPOPT_MAX bytes
 *
 * Context: any.
 * Return: bytes in @out, a multiple of 4.
 */
unsigned int pp_ip_reply_options(const struct sk_buff *skb, bool counted,
				 u8 *out)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_ip_opts opts;

	if (iph->ihl == 5 ||
	    (!pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts) &&
	     !(counted && opts.full)))
		return 0;
	return pp_ip_opt_echo((const u8 *)iph, &opts, out);
}

/**
 * pp_ip_received_options() - options of a packet, to show to its reader
 * @skb: the packet; its IP header is linear
 * @out: room for PKTPATH_IPOPT_MAX bytes
 *
 * Context: any.
 * Return: bytes in @out, a multiple of 4.
 */
unsigned int pp_ip_received_options(const struct sk_buff *skb, u8 *out)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int len = iph->ihl * 4 - sizeof(*iph);

	memcpy(out, iph + 1, len);
	pp_ip_opt_pad(out, len);
	return len;
}

/* ---- Sent ---- */

/**
 * pp_ip_insert_options() - put options into a header without any
 * @pn: netns
 * @skb: stays the caller's; at its IP header of 20 bytes, dst set
 * @o: the options, well formed
 * @len: their length in bytes, a multiple of 4
 *
 * The header's lengths and checksum are filled by pp_ip_local_out().
 * Mirrors: net/ipv4/ip_options.c:ip_options_build.
 *
 * Context: RCU.
 * Return: 0, -EMSGSIZE, -ENOMEM.
 */
int pp_ip_insert_options(struct pp_net *pn, struct sk_buff *skb, const u8 *o,
			 unsigned int len)
{
	struct pp_ip_opts opts;
	struct iphdr *iph;

	if (skb->len + len > IP_MAX_MTU)
		return -EMSGSIZE;
	if (skb_cow_head(skb, len + LL_RESERVED_SPACE(skb_dst(skb)->dev)))
		return -ENOMEM;
	iph = __skb_push(skb, len);
	memmove(iph, ip_hdr(skb), sizeof(*iph));
	skb_reset_network_header(skb);
	memcpy(iph + 1, o, len);
	iph->ihl = 5 + len / 4;
	if (pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts) || opts.full)
		pp_ip_opt_write(pn, skb, &opts, iph->saddr, false);
	return 0;
}

/**
 * pp_ip_build_options() - put a socket's options into what it sends
 * @pn: netns
 * @sk: the sender, a socket of ours
 * @skb: as pp_ip_insert_options()
 *
 * Context: RCU.
 * Return: 0, -EMSGSIZE, -ENOMEM.
 */
int pp_ip_build_options(struct pp_net *pn, const struct sock *sk,
			struct sk_buff *skb)
{
	const struct ip_options_rcu *opt;

	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (!opt || (sk->sk_type == SOCK_RAW &&
		     pp_sf(sk, PKTPATH_SF_HDRINCL)))
		return 0;
	return pp_ip_insert_options(pn, skb, opt->opt.__data,
				    opt->opt.optlen);
}

/**
 * pp_ip_send_opts() - send a datagram with the options of control messages
 * @pn: netns
 * @skb: taken always; at its IP header of 20 bytes, with a dst of ours
 * @ipc: its parameters, options given
 *
 * Context: process.
 * Return: as pp_ip_send_skb(), -EMSGSIZE, -ENOMEM.
 */
int pp_ip_send_opts(struct pp_net *pn, struct sk_buff *skb,
		    const struct pp_ipc *ipc)
{
	int err;

	rcu_read_lock();
	err = ipc->optlen ? pp_ip_insert_options(pn, skb, ipc->opts,
						 ipc->optlen) : 0;
	if (!err) {
		/* those of the socket do not come on top */
		PKTPATH_SKB_CB(skb)->flags |= PKTPATH_CBF_OPTS;
		err = pp_ip_send_skb(pn, skb);
	} else {
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_LOCAL_OUT,
			    PKTPATH_DROP_IP_OPTIONS);
	}
	rcu_read_unlock();
	return err;
}

/* ---- IP_OPTIONS, IP_RETOPTS ---- */

/* RFC 7126 §4.3: source routes are not sent. */
static int pp_ip_opt_allowed(const u8 *o, unsigned int len, bool privileged)
{
	struct pp_ip_opts found;

	if (!pp_ip_opt_check_user(o, len, privileged, &found))
		return -EINVAL;
	if (found.srr)
		return privileged ? -EOPNOTSUPP : -EPERM;
	return 0;
}

/**
 * pp_ip_cmsg_options() - IP_RETOPTS of sendmsg()
 * @sk: the sender
 * @o: options as on the wire
 * @len: their length in bytes; 0: none, not even those of the socket
 * @ipc: filled
 *
 * Mirrors: net/ipv4/ip_sockglue.c:ip_cmsg_send (v7.2).
 *
 * Context: process.
 * Return: 0, -EINVAL, -EPERM, -EOPNOTSUPP (source routes).
 */
int pp_ip_cmsg_options(const struct sock *sk, const u8 *o, size_t len,
		       struct pp_ipc *ipc)
{
	BUILD_BUG_ON(sizeof(ipc->opts) != PKTPATH_IPOPT_MAX);
	len = min_t(size_t, len, PKTPATH_IPOPT_MAX);
	memset(ipc->opts, 0, sizeof(ipc->opts));
	memcpy(ipc->opts, o, len);
	ipc->optlen = ALIGN(len, 4);
	ipc->opts_given = true;
	return pp_ip_opt_allowed(ipc->opts, ipc->optlen,
				 ns_capable(sock_net(sk)->user_ns,
					    CAP_NET_RAW));
}

/* What the user gave, checked; NULL: no options. */
static struct ip_options_rcu *pp_ip_opt_get(const struct sock *sk,
					    sockptr_t optval,
					    unsigned int optlen)
{
	struct user_namespace *ns = sock_net(sk)->user_ns;
	bool privileged = sockopt_ns_capable(ns, CAP_NET_RAW);
	unsigned int len = ALIGN(optlen, 4);
	struct ip_options_rcu *opt;
	int err = -EFAULT;

	if (!optlen)
		return NULL;
	opt = kzalloc(sizeof(*opt) + len, GFP_KERNEL_ACCOUNT);
	if (!opt)
		return ERR_PTR(-ENOMEM);
	if (copy_from_sockptr(opt->opt.__data, optval, optlen))
		goto free;
	err = pp_ip_opt_allowed(opt->opt.__data, len, privileged);
	if (err)
		goto free;
	pp_ip_opt_pad(opt->opt.__data, len);
	opt->opt.optlen = len;
	return opt;
free:
	kfree(opt);
	return ERR_PTR(err);
}

/**
 * pp_ip_set_options() - setsockopt() of IP_OPTIONS
 * @sk: the socket
 * @optval: the options as on the wire
 * @optlen: their length in bytes; 0: none any more
 *
 * A stream, whose segments become shorter by them, takes them before it is
 * connected; one that is accepted has none. Mirrors: net/ipv4/ip_sockglue.c:
 * do_ip_setsockopt, net/ipv4/ip_options.c:ip_options_get.
 *
 * Context: process; takes the socket lock.
 * Return: 0, -EINVAL, -EFAULT, -EPERM, -EOPNOTSUPP (source routes), -ENOMEM,
 * -EISCONN (streams).
 */
int pp_ip_set_options(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct ip_options_rcu *opt, *old;

	if (optlen > PKTPATH_IPOPT_MAX)
		return -EINVAL;
	opt = pp_ip_opt_get(sk, optval, optlen);
	if (IS_ERR(opt))
		return PTR_ERR(opt);
	sockopt_lock_sock(sk);
	if (opt && sk->sk_type == SOCK_STREAM && sk->sk_state != TCP_CLOSE) {
		sockopt_release_sock(sk);
		kfree(opt);
		return -EISCONN;
	}
	old = rcu_dereference_protected(inet_sk(sk)->inet_opt,
					lockdep_sock_is_held(sk));
	rcu_assign_pointer(inet_sk(sk)->inet_opt, opt);
	sockopt_release_sock(sk);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/**
 * pp_ip_get_options() - getsockopt() of IP_OPTIONS
 * @sk: the socket
 * @optval: room for the options
 * @optlen: its size in, their length out
 *
 * Context: process.
 * Return: 0, -EINVAL, -EFAULT.
 */
int pp_ip_get_options(const struct sock *sk, char __user *optval,
		      int __user *optlen)
{
	const struct ip_options_rcu *opt;
	u8 buf[PKTPATH_IPOPT_MAX];
	int len, n = 0;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (opt) {
		n = opt->opt.optlen;
		memcpy(buf, opt->opt.__data, n);
	}
	rcu_read_unlock();
	len = min(len, n);
	if (put_user(len, optlen) || copy_to_user(optval, buf, len))
		return -EFAULT;
	return 0;
}
