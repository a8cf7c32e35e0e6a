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
#include "ip/ip_optparse.h"
#include "ip/ip_priv.h"

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

/* RCU. */
static bool pp_ip_opt_is_mine(const u8 *addr, void *arg)
{
	__be32 a;

	memcpy(&a, addr, sizeof(a));
	return pp_ip_addr_type(arg, a, 0) == RTN_LOCAL;
}

/* RCU. */
static void pp_ip_opt_write(struct pp_net *pn, struct iphdr *iph,
			    const struct pp_ip_opts *opts, __be32 addr)
{
	struct pp_ip_opt_here here = {
		.ms = pp_ip_midnight_ms(),
		.is_mine = pp_ip_opt_is_mine,
		.arg = pn,
	};

	memcpy(here.addr, &addr, sizeof(addr));
	pp_ip_opt_fill((u8 *)iph, opts, &here);
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
	pp_ip_opt_write(pn, iph, opts, addr);
	ip_send_check(iph);
	return true;
}

/**
 * pp_ip_rcv_options() - judge the options of a routed packet
 * @pn: netns
 * @skb: at its IP header, which is linear; the dst is set
 *
 * A source route is refused without an answer (RFC 7126 §4.3.5; Deviates:
 * RFC 1122 §3.2.1.8, as Linux does by default). A bad option is answered with
 * Parameter Problem that points to the octet (RFC 1122 §3.2.2.5). What is for
 * this host has it written into Record Route and Timestamp.
 * Mirrors: net/ipv4/ip_input.c:ip_rcv_options.
 *
 * Context: softirq, RCU.
 * Return: true when @skb may go on; else it is freed and counted.
 */
bool pp_ip_rcv_options(struct pp_net *pn, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct pp_dst *dst = pp_dst(skb_dst(skb));
	struct pp_ip_opts opts;

	if (!pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts)) {
		pp_mib_inc(pn, IP_INHDRERRORS);
		pp_icmp_send(skb, ICMP_PARAMETERPROB, 0,
			     htonl((u32)opts.bad << 24));
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_IP_OPTIONS);
		return false;
	}
	if (opts.srr) {
		pp_mib_inc(pn, IP_INHDRERRORS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_IP_SRCROUTE);
		return false;
	}
	if ((opts.rr || opts.ts) && dst->type != RTN_UNICAST &&
	    !pp_ip_rcv_opt_write(pn, skb, &opts)) {
		pp_mib_inc(pn, IP_INDISCARDS);
		pp_skb_drop(pn, skb, PKTPATH_STAGE_IP_ROUTE_IN,
			    PKTPATH_DROP_NOMEM);
		return false;
	}
	return true;
}

/**
 * pp_ip_reply_options() - options of the answer to a packet
 * @skb: the packet; its IP header is linear and has been judged
 * @out: room for PKTPATH_IPOPT_MAX bytes
 *
 * Context: any.
 * Return: bytes in @out, a multiple of 4.
 */
unsigned int pp_ip_reply_options(const struct sk_buff *skb, u8 *out)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct pp_ip_opts opts;

	if (iph->ihl == 5 ||
	    !pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts))
		return 0;
	return pp_ip_opt_echo((const u8 *)iph, &opts, out);
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
	if (pp_ip_opt_parse((const u8 *)iph, iph->ihl * 4, &opts))
		pp_ip_opt_write(pn, iph, &opts, iph->saddr);
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

/* ---- IP_OPTIONS ---- */

/* What the user gave, checked; NULL: no options. */
static struct ip_options_rcu *pp_ip_opt_get(const struct sock *sk,
					    sockptr_t optval,
					    unsigned int optlen)
{
	struct user_namespace *ns = sock_net(sk)->user_ns;
	bool privileged = sockopt_ns_capable(ns, CAP_NET_RAW);
	unsigned int len = ALIGN(optlen, 4);
	struct ip_options_rcu *opt;
	struct pp_ip_opts found;
	int err = -EFAULT;

	if (!optlen)
		return NULL;
	opt = kzalloc(sizeof(*opt) + len, GFP_KERNEL_ACCOUNT);
	if (!opt)
		return ERR_PTR(-ENOMEM);
	if (copy_from_sockptr(opt->opt.__data, optval, optlen))
		goto free;
	err = -EINVAL;
	if (!pp_ip_opt_check_user(opt->opt.__data, len, privileged, &found))
		goto free;
	/* RFC 7126 §4.3: source routes are not sent either. */
	err = privileged ? -EOPNOTSUPP : -EPERM;
	if (found.srr)
		goto free;
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
 * Streams do not have them. Mirrors: net/ipv4/ip_sockglue.c:
 * do_ip_setsockopt, net/ipv4/ip_options.c:ip_options_get.
 *
 * Context: process; takes the socket lock.
 * Return: 0, -EINVAL, -EFAULT, -EPERM, -EOPNOTSUPP (source routes), -ENOMEM,
 * -ENOPROTOOPT (streams).
 */
int pp_ip_set_options(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct ip_options_rcu *opt, *old;

	if (sk->sk_type == SOCK_STREAM)
		return -ENOPROTOOPT;
	if (optlen > PKTPATH_IPOPT_MAX)
		return -EINVAL;
	opt = pp_ip_opt_get(sk, optval, optlen);
	if (IS_ERR(opt))
		return PTR_ERR(opt);
	sockopt_lock_sock(sk);
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
