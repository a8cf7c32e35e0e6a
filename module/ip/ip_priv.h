/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the IP layer: what its files know of each other. */
#ifndef PKTPATH_IP_IP_PRIV_H
#define PKTPATH_IP_IP_PRIV_H

#include <linux/module.h>
#include <linux/netfilter.h>
#include "core/drop.h"
#include "core/drop_causes.h"
#include "core/ops.h"
#include "core/skb_cb.h"
#include "ip/ip.h"

/* ==== Routing: route.c, dst.c, nexthop.c, fib.c, fib_conf.c ==== */

/*
 * Life of the routing part, called by pp_ip_layer (ip_init.c).
 * pp_route_init() and _exit(): from layer init and exit; init also registers
 * the address and device events (they must arrive from the first device on,
 * and until the last is detached), exit unregisters them, waits until no dst
 * is left and destroys the cache. Packets that hold one of our dsts
 * (nf_queue) must have been dropped before exit.
 * net_init/net_pre_exit/net_exit: the same members of the layer.
 */
int pp_route_init(void);
void pp_route_exit(void);
int pp_route_net_init(struct pp_net *pn);
void pp_route_net_pre_exit(struct pp_net *pn);
void pp_route_net_exit(struct pp_net *pn);

/*
 * Input route of a packet that arrived on @pd with no dst of ours. RCU read
 * side. Returns a dst good inside the RCU section (skb_dst_set_noref), of
 * type RTN_LOCAL, RTN_BROADCAST or _MULTICAST and dst.input pp_ip_local_deliver, or
 * RTN_UNICAST when it is to be forwarded, or NULL with the reason in *@cause:
 * IP_MARTIAN_SRC, IP_MARTIAN_DST, IP_NOT_LOCAL (no forwarding there), IP_KERNEL
 * (an address of the kernel's stack),
 * IP_NOT_MEMBER, IP_NOROUTE_IN, IP_BLACKHOLE, IP_UNREACHABLE, IP_PROHIBIT, NOMEM.
 * Packets from lo carry their dst already and are not to be routed again.
 * @fl: iif is @pd, no oif. @log: whether martians are logged.
 */
struct pp_dst *pp_ip_route_input_rcu(struct pp_net *pn,
				     const struct pp_flow *fl,
				     struct pp_dev *pd, bool log,
				     enum pp_drop_cause *cause);
/* The same of @skb; in place of NULL the reason, negative, as an error pointer. */
struct pp_dst *pp_ip_route_skb_rcu(struct pp_net *pn, const struct sk_buff *skb,
				   struct pp_dev *pd);
/* The same for what is like a packet sent on before; NULL: ask above. */
struct pp_dst *pp_ip_route_fwd_rcu(struct pp_net *pn, const struct sk_buff *skb,
				   const struct pp_dev *pd);
/* Whether a frame is for us to forward, or to a group; pp_link_wants_fn. */
bool pp_ip_wants(const struct sk_buff *skb, struct pp_dev *pd);
bool pp_ip_route_leaves_by(struct pp_dev *pd, __be32 daddr, __be32 saddr);
bool pp_ip_route_sent_on(struct pp_dev *pd, __be32 daddr, __be32 saddr);

/* RFC 1122 §3.2.1.3 (a), (b): 0/8. The kernel's test knows 0.0.0.0 alone. */
static inline bool pp_is_this_net(__be32 addr)
{
	return !(addr & htonl(0xff000000));
}

/* The next hop's address for pp_neigh_output(). */
static inline __be32 pp_dst_nexthop(const struct pp_dst *dst, __be32 daddr)
{
	return dst->gw ?: daddr;
}

static inline bool pp_dst_is_local(const struct pp_dst *dst)
{
	return dst->type == RTN_LOCAL;
}

/* ==== Chains: ip_output.c, ip_input.c; targets of dst.output, .input ==== */

int pp_ip_output(struct net *net, struct sock *sk, struct sk_buff *skb);
int pp_ip_output_forwarded(struct net *net, struct sk_buff *skb);
int pp_ip_local_deliver(struct sk_buff *skb);
/*
 * A routed packet that is not for us: takes the skb always, which has @dst,
 * came in by @pd and has been checked. RCU, softirq.
 */
int pp_ip_forward(struct pp_net *pn, struct sk_buff *skb, struct pp_dev *pd,
		  struct pp_dst *dst);
bool pp_ip_redirect_wanted(const struct pp_dev *pd);
/* @skb was to go to the gateway @gw, which does not answer. */
void pp_ip_redirect_failed(const struct sk_buff *skb, __be32 gw);
void pp_ip_gateway_failed(const struct sk_buff *skb, __be32 gw);
/* The same for who has looked at all of it: NF_INET_FORWARD, and out. */
int pp_ip_forward_out(struct pp_net *pn, struct sk_buff *skb,
		      struct net_device *out);
/* Longer than @mtu, and it may not be divided. */
bool pp_ip_forward_too_big(const struct sk_buff *skb, unsigned int mtu);
/* No route, for a reason that the sender may be told (RFC 1812 §5.2.7.1). */
void pp_ip_forward_error(struct pp_net *pn, struct sk_buff *skb,
			 struct pp_dev *pd, enum pp_drop_cause cause);

/* ==== Output, input and ICMP: ip_output.c, ip_input.c, icmp*.c ==== */

/* Bits of pp_skb_cb.flags from pp_ip_push_header() to the link. */
#define PKTPATH_CBF_BYPASS	0x1	/* the socket asked to pass the qdisc by */
#define PKTPATH_CBF_NOLOOP	0x2	/* no copy for members on this host */
#define PKTPATH_CBF_OPTS	0x4	/* it has its IP options already */

/*
 * Whether any hook stands at a point of IPv4 in this netns; one patched branch
 * as long as there is none in any. What calls the hooks is kept out of line,
 * so that without them a stage needs no stack frame.
 */
static __always_inline bool pp_ip_hooked(const struct net *net,
					 const unsigned int hook)
{
#ifdef CONFIG_JUMP_LABEL
	if (!static_key_false(&nf_hooks_needed[NFPROTO_IPV4][hook]))
		return false;
#endif
	return rcu_access_pointer(net->nf.hooks_ipv4[hook]);
}

/*
 * A rule or a program of who owns the netns may have written another header:
 * whether all of it is still there to be read.
 */
static inline bool pp_ip_header_sane(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return skb_headlen(skb) >= sizeof(*iph) && iph->version == 4 &&
	       iph->ihl >= 5 && iph->ihl * 4 <= skb_headlen(skb);
}

/*
 * Calls the hooks of a point: nf_hook() for callers that are under RCU and
 * have asked pp_ip_hooked(). 1: the packet goes on; else it has been taken.
 */
static inline int pp_ip_hook_rcu(unsigned int hook, struct net *net,
				 struct sock *sk, struct sk_buff *skb,
				 struct net_device *in, struct net_device *out,
				 int (*okfn)(struct net *, struct sock *,
					     struct sk_buff *))
{
	struct nf_hook_state state = {
		.hook = hook,
		.pf = NFPROTO_IPV4,
		.in = in,
		.out = out,
		.sk = sk,
		.net = net,
		.okfn = okfn,
	};
	struct nf_hook_entries *hooks;
	int err;

	hooks = rcu_dereference(net->nf.hooks_ipv4[hook]);
	if (!hooks)
		return 1;
	err = nf_hook_slow(skb, &state, hooks, 0);
	if (unlikely(err == 1 && !pp_ip_header_sane(skb))) {
		kfree_skb(skb);
		err = -EPERM;
	}
	return err;
}

/* A packet comes back from a queue of netfilter; false: it is gone. */
static inline bool pp_ip_hook_back(struct net *net, struct sk_buff *skb,
				   enum pp_stage stage)
{
	if (likely(pp_ip_header_sane(skb)))
		return true;
	pp_skb_drop(pp_net(net), skb, stage, PKTPATH_DROP_NETFILTER);
	return false;
}

/*
 * Whether skb->sk, which netfilter or a tunnel may have changed, is a socket
 * of ours. Good for minisocks too: sk_prot is in struct sock_common.
 */
static inline bool pp_ip_sk_is_ours(const struct sock *sk)
{
	return sk && READ_ONCE(sk->sk_prot)->owner == THIS_MODULE;
}

/*
 * cmsgs made from the IP header alone: for packets of the error queue.
 * @spec_dst: the local address of IP_PKTINFO.
 */
void pp_ip_cmsg_recv_hdr(struct msghdr *msg, const struct sock *sk,
			 const struct sk_buff *skb, __be32 spec_dst);

extern const struct pp_ip_raw_ops *pp_ip_raw_ops;

void pp_ip_rcv(struct sk_buff *skb, struct pp_dev *pd);
/*
 * True when the packet may go on; else it is gone, counted and answered. A
 * source route may have given it another dst.
 */
bool pp_ip_rcv_options(struct pp_net *pn, struct sk_buff *skb,
		       struct pp_dev *pd);
/* Of a packet that is delivered after all; false: it is gone and counted. */
bool pp_ip_record_options(struct pp_net *pn, struct sk_buff *skb);
u32 pp_ip_midnight_ms(void);
/* Options of the answer to @skb, 40 bytes at most; how many. */
unsigned int pp_ip_reply_options(const struct sk_buff *skb, bool counted,
				 u8 *out);
unsigned int pp_ip_received_options(const struct sk_buff *skb, u8 *out);
/* Between the header and what follows; 0 or -errno, @skb stays the caller's. */
int pp_ip_insert_options(struct pp_net *pn, struct sk_buff *skb, const u8 *o,
			 unsigned int len);
int pp_ip_build_options(struct pp_net *pn, const struct sock *sk,
			struct sk_buff *skb);
/* IP_RETOPTS of sendmsg(): 0, -EINVAL, -EPERM, -EOPNOTSUPP. */
int pp_ip_cmsg_options(const struct sock *sk, const u8 *o, size_t len,
		       struct pp_ipc *ipc);
/* A router's part of the options of a packet that it sends on; false: no
 * memory. RCU, @skb has its route.
 */
bool pp_ip_forward_options(struct pp_net *pn, struct sk_buff *skb);
bool pp_ip_source_routed(const struct iphdr *iph);
int pp_ip_set_options(struct sock *sk, sockptr_t optval, unsigned int optlen);
int pp_ip_get_options(const struct sock *sk, char __user *optval,
		      int __user *optlen);

/* ==== Fragments: ip_fragment.c, ip_frag_out.c ==== */

int pp_ip_frag_init(void);
void pp_ip_frag_exit(void);
int pp_ip_frag_net_init(struct pp_net *pn);
void pp_ip_frag_net_pre_exit(struct pp_net *pn);
void pp_ip_frag_net_exit(struct pp_net *pn);
/* True: @skb is now a whole datagram; else it is gone. Softirq, RCU. */
bool pp_ip_defrag(struct pp_net *pn, struct sk_buff *skb);
/*
 * Sends a packet longer than @mtu in pieces by @output, or refuses it as DF
 * demands: to a sender of ours by -EMSGSIZE and the error queue, else by ICMP.
 * Takes @skb always: it has a dst of ours; RCU.
 */
int pp_ip_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   unsigned int mtu,
		   int (*output)(struct net *net, struct sock *sk,
				 struct sk_buff *skb));

extern const struct pp_net_protocol pp_icmp_protocol;

int pp_icmp_net_init(struct pp_net *pn);
void pp_icmp_net_exit(struct pp_net *pn);
bool pp_icmp_type_is_error(u8 type);
/*
 * Rate limits of an ICMP message of @type and @code to @daddr by @pd; counts
 * a refusal. Softirq or process.
 */
bool pp_icmp_rate_allow(struct pp_net *pn, const struct pp_dev *pd,
			__be32 daddr, u8 type, u8 code);
/*
 * An skb for an ICMP message of @len bytes behind its ICMP header on @dst
 * (RCU, noref), data at the ICMP header, which is zeroed; NULL: no memory.
 */
struct sk_buff *pp_icmp_alloc(struct pp_dst *dst, unsigned int len);
/* Checksums the message, pushes the IP header with options and sends it. */
void pp_icmp_xmit_opts(struct pp_net *pn, struct sk_buff *skb,
		       const struct pp_flow *fl, const u8 *opts,
		       unsigned int optlen);

#endif
