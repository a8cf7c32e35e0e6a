/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4 layer: routes, output chain, input chain, ICMP, IP socket options. */
#ifndef PKTPATH_IP_IP_H
#define PKTPATH_IP_IP_H

#include <linux/jump_label.h>
#include <linux/netlink.h>
#include <net/route.h>
#include <net/sock.h>
#include "core/dev.h"
#include "core/pp_sock.h"
#include "core/trace.h"
#include "core/vrf.h"

struct pp_nh;

/* ---- Routes ---- */

/* What a route lookup is about; the twin of struct flowi4. */
struct pp_flow {
	__be32 daddr;
	__be32 saddr;		/* 0: to be chosen; filled on success */
	int oif;		/* 0: any */
	int iif;		/* device it came in by, 0: it is ours */
	int l3mdev;		/* VRF; 0: by @oif, or none */
	u32 mark;
	u8 tos;
	u8 proto;
	u8 flags;		/* PKTPATH_FLOWF_* */
	__be16 sport, dport;
	kuid_t uid;
};

#define PKTPATH_FLOWF_ANYSRC	0x01	/* saddr need not be ours */
#define PKTPATH_FLOWF_ONLINK	0x02	/* MSG_DONTROUTE, SO_DONTROUTE */
#define PKTPATH_FLOWF_FIRST	0x04	/* of shared routes the first, no hash */

/* What a route says of packets and connections that go by it; 0: nothing. No
 * holes: compared as bytes.
 */
struct pp_route_metrics {
	u32 window;		/* most that a connection offers, bytes */
	u32 rto_min_ms;
	u16 advmss;		/* announced by a SYN of ours */
	u16 initcwnd;		/* segments */
	u16 initrwnd;		/* segments */
	u8 hoplimit;		/* TTL */
	u8 flags;		/* PKTPATH_ROUTE_* */
};

#define PKTPATH_ROUTE_QUICKACK	0x01	/* no ACK is delayed */
#define PKTPATH_ROUTE_ECN	0x02	/* a SYN of ours offers it */

/**
 * struct pp_dst - a route as a packet carries it
 * @rt: first, so that netfilter's casts to struct rtable are in bounds
 * @pd: device it leaves by (or came in by); held
 * @nh: next hop object that owns the dst; held
 * @gw: gateway, 0 when on-link (the neighbour is then the destination)
 * @prefsrc: source address for unbound senders
 * @gen: pp_net generation for which it was made; never changes
 * @type: RTN_UNICAST, _LOCAL, _BROADCAST, _MULTICAST
 * @l3mdev: VRF within which it leads, or in which the packet has come; 0: none
 * @cc_lock: TCP_CONGESTION may not change what @cc_key says
 * @cc_key: congestion control of TCP on this route, 0: any
 * @list: in pp_dev.dsts, so that the device finds it when it leaves (ip/dst.c)
 */
struct pp_dst {
	struct rtable rt;
	struct pp_dev *pd;
	struct pp_nh *nh;
	__be32 gw;
	__be32 prefsrc;
	u32 gen;
	int l3mdev;
	u8 type;
	bool cc_lock;
	u32 cc_key;
	struct list_head list;
};

extern struct dst_ops pp_dst_ops;

const struct pp_route_metrics *pp_dst_metrics(const struct pp_dst *dst);
u8 pp_dst_ttl(const struct pp_net *pn, const struct pp_dst *dst);

static inline struct pp_dst *pp_dst(const struct dst_entry *dst)
{
	return (struct pp_dst *)dst;
}

static inline bool pp_dst_is_ours(const struct dst_entry *dst)
{
	return dst && dst->ops == &pp_dst_ops;
}

/*
 * The VRF in which a received packet is, 0: none. Its route tells, so that a
 * packet of ours on lo keeps its VRF, and one that is on its way while the
 * device enters another. RCU.
 */
static inline int pp_skb_sdif(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (likely(pp_dst_is_ours(dst)))
		return pp_dst(dst)->l3mdev;
	return pp_vrf_of(pp_net(dev_net(skb->dev)), skb->dev->ifindex);
}

/* The device by which it came in: of one on lo the VRF, as net/ipv4 has it. */
static inline int pp_skb_dif(const struct sk_buff *skb, int sdif)
{
	if (unlikely(sdif) && skb->dev->flags & IFF_LOOPBACK)
		return sdif;
	return skb->dev->ifindex;
}

/*
 * Output route. Fills fl->saddr. The _rcu twin returns a dst that is valid
 * only inside the caller's RCU section (skb_dst_set_noref); the other holds a
 * reference. ERR_PTR: -ENETUNREACH, -EHOSTUNREACH, -EACCES, -EINVAL, -ENODEV.
 * PMTU exceptions: the dst for (daddr) carries the learned MTU.
 */
struct pp_dst *pp_ip_route_output_flow_rcu(struct pp_net *pn,
					   struct pp_flow *fl,
					   const struct sock *sk);
struct pp_dst *pp_ip_route_output_flow(struct pp_net *pn, struct pp_flow *fl,
				       const struct sock *sk);
/* Fills a flow from a socket's bound state (oif, mark, tos, uid, flags). */
void pp_flow_init_sk(struct pp_flow *fl, const struct sock *sk, __be32 daddr,
		     __be32 saddr);
/* What a socket's flags say of its flows: PKTPATH_FLOWF_*. */
static inline u8 pp_flow_sk_flags(const struct sock *sk)
{
	u8 flags = 0;

	if (pp_sf(sk, PKTPATH_SF_TRANSPARENT))
		flags |= PKTPATH_FLOWF_ANYSRC;
	if (sock_flag(sk, SOCK_LOCALROUTE))
		flags |= PKTPATH_FLOWF_ONLINK;
	return flags;
}

/* RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST or RTN_UNICAST in a VRF, or (0)
 * outside of all; RCU.
 */
unsigned int pp_ip_addr_type(struct pp_net *pn, __be32 addr, int l3mdev);

/* Whether ports can change a route: look again once one has been chosen. */
bool pp_ip_route_has_ports(const struct pp_net *pn);

/* What IP_MULTICAST_IF and IP_UNICAST_IF say of a flow; not for streams. */
void pp_ip_mc_flow_set(const struct sock *sk, struct pp_flow *fl);

/**
 * pp_ip_mc_flow() - how a datagram leaves
 * @sk: the sender; a stream keeps other things where a datagram socket has what
 *	it set, and leaves as it is bound
 * @fl: its flow; the device, to a group the source too, filled when they are
 *	open and the socket has set them
 *
 * Context: any.
 */
static inline void pp_ip_mc_flow(const struct sock *sk, struct pp_flow *fl)
{
	if (sk->sk_type != SOCK_STREAM &&
	    unlikely(rcu_access_pointer(pp_sk(sk)->mc)))
		pp_ip_mc_flow_set(sk, fl);
}

/* Whether a socket, no stream, wants a packet; RCU. True when @group is none. */
bool pp_ip_mc_sf_allow(const struct sock *sk, __be32 group, __be32 src,
		       int dif);
/* Leaves all groups: a socket, no stream, is being closed. */
void pp_ip_mc_drop_socket(struct sock *sk);

/* ---- Output ---- */

/* Parameters of one datagram, the twin of struct ipcm_cookie. */
struct pp_ipc {
	struct sockcm_cookie sockc;
	__be32 addr;		/* source asked for by IP_PKTINFO, or bound */
	int oif;
	s16 ttl;		/* 0: default */
	s16 tos;		/* -1: the socket's */
	u8 protocol;
	u16 gso_size;		/* UDP_SEGMENT, 0: none */
	u32 priority;		/* the socket's, or by IP_TOS or SO_PRIORITY */
	bool opts_given;	/* IP_RETOPTS: in place of the socket's */
	u8 optlen;		/* with opts_given, a multiple of 4 */
	u8 opts[40];		/* well formed */
};

/**
 * pp_ipc_init() - parameters of a datagram without control messages
 * @ipc: filled whole but for options
 * @sk: one of our sockets
 *
 * Mirrors: include/net/ip.h:ipcm_init_sk (v7.2)
 *
 * Context: process.
 */
static inline void pp_ipc_init(struct pp_ipc *ipc, const struct sock *sk)
{
	sockcm_init(&ipc->sockc, sk);
	ipc->sockc.mark = READ_ONCE(sk->sk_mark);
	ipc->addr = inet_sk(sk)->inet_saddr;
	ipc->oif = READ_ONCE(sk->sk_bound_dev_if);
	ipc->ttl = 0;
	ipc->tos = -1;
	ipc->protocol = pp_sock_wire_proto(sk);
	ipc->gso_size = 0;
	ipc->priority = READ_ONCE(sk->sk_priority);
	ipc->opts_given = false;
}

/* SOL_IP and SOL_SOCKET cmsgs; @udp: also UDP_SEGMENT. 0 or -EINVAL, -EPERM */
int pp_ip_cmsg_send(struct sock *sk, struct msghdr *msg, struct pp_ipc *ipc,
		    bool udp);

/*
 * Pushes and fills the IP header in front of skb->data (transport header, for
 * which there is headroom), sets network header, protocol, and, when @sk is
 * given, its priority and mark (for a datagram with cmsgs, put those of struct
 * pp_ipc in their place afterwards). dst is already set. IP ID by RFC 6864:
 * 0 with DF, else not predictable.
 */
void pp_ip_push_header(struct sk_buff *skb, const struct sock *sk,
		       const struct pp_dst *dst, __be32 saddr, __be32 daddr,
		       u8 protocol, u8 tos, u8 ttl);
/* Notes IP_MULTICAST_LOOP of a full socket in @skb, which goes to a group; for
 * sockets that output does not know as ours: those of other modules.
 */
void pp_ip_mc_noloop(struct sk_buff *skb, const struct sock *sk,
		     const struct pp_dst *dst);
/* Control block of a datagram whose IP header the user has written. */
void pp_ip_hdrinc_meta(struct sk_buff *skb, const struct sock *sk);
/* Whether DF is to be set for this socket and route (IP_MTU_DISCOVER). */
bool pp_ip_dont_fragment(const struct sock *sk, const struct pp_dst *dst);
/* Whether what is longer than the path MTU may be sent in fragments. */
static inline bool pp_ip_may_fragment(const struct sock *sk)
{
	u8 pmtudisc = READ_ONCE(inet_sk(sk)->pmtudisc);

	return pmtudisc < IP_PMTUDISC_DO || pmtudisc == IP_PMTUDISC_OMIT;
}

/*
 * Whether a dst that a socket has cached may still be used: nothing that it
 * depends on has changed. A dst is never made valid again, a new one is.
 */
static inline bool pp_dst_valid(const struct pp_net *pn,
				const struct pp_dst *dst)
{
	return likely(dst->gen == pp_net_gen(pn));
}

/* Bytes of an IP datagram that fit: device, route and path MTU. RCU. */
static inline unsigned int pp_dst_mtu(const struct pp_dst *dst)
{
	unsigned int mtu = READ_ONCE(dst->rt.dst.dev->mtu);
	unsigned int pmtu = dst->rt.rt_pmtu;

	if (pmtu && pmtu < mtu)
		mtu = pmtu;
	return min_t(unsigned int, mtu, IP_MAX_MTU);
}

/* Bytes of an IP datagram that may leave by @dst for @sk. */
unsigned int pp_ip_mtu(const struct sock *sk, const struct pp_dst *dst);
/* TTL for @sk and destination type. */
void pp_ip_push_header_bare(struct sk_buff *skb, __be32 saddr, __be32 daddr,
			    u8 protocol, u8 tos, u8 ttl, bool df);
u8 pp_ip_select_ttl(const struct sock *sk, const struct pp_dst *dst);

/*
 * Sends a complete datagram, always takes the skb. pp_ip_send_skb() counts
 * errors. -ENOBUFS: a queue on the way was full; UDP counts it and tells the
 * user only when RECVERR is on, as AF_INET does. -EPERM: netfilter dropped it.
 */
int pp_ip_send_skb(struct pp_net *pn, struct sk_buff *skb);
int pp_ip_send_skb_rcu(struct pp_net *pn, struct sk_buff *skb);
int pp_ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb);
int pp_ip_send_opts(struct pp_net *pn, struct sk_buff *skb,
		    const struct pp_ipc *ipc);

/* The same with the options of control messages. */
static inline int pp_ip_send_ipc(struct pp_net *pn, struct sk_buff *skb,
				 const struct pp_ipc *ipc)
{
	if (likely(!ipc->opts_given))
		return pp_ip_send_skb(pn, skb);
	return pp_ip_send_opts(pn, skb, ipc);
}

/* ---- ICMP ---- */

/*
 * Sends an ICMP error about @skb (at its network header), rate limited, by
 * the rules of RFC 1122 §3.2.2 (never about an error, a fragment, a broadcast
 * or a bad source). @skb stays the caller's. Softirq or process.
 */
void pp_icmp_send(struct sk_buff *skb, u8 type, u8 code, __be32 info);

/* Maps an ICMP error to (errno, hard) as RFC 1122 §4.1.3.3, 4.2.3.9 */
struct pp_icmp_err {
	int error;
	bool fatal;
};

struct pp_icmp_err pp_icmp_to_errno(u8 type, u8 code);
/*
 * Called when an echo reply arrives; registered by raw/. Takes the skb always,
 * skb->data at the ICMP header, checksum verified; true when a socket got it.
 * Softirq, RCU. NULL unregisters and waits for calls under way.
 */
typedef bool (*pp_icmp_echo_reply_t)(struct sk_buff *skb);
void pp_icmp_set_echo_reply(pp_icmp_echo_reply_t fn);
/*
 * The ping layer's handler for ICMP errors about echo requests, as
 * pp_net_protocol.err: skb->data at the inner IP header.
 */
typedef int (*pp_icmp_ping_err_t)(struct sk_buff *skb, u32 info);
void pp_icmp_set_ping_err(pp_icmp_ping_err_t fn);

/**
 * struct pp_ip_raw_ops - ip to the raw sockets
 * @deliver: a datagram is for this host: copies for the sockets of its
 *	     protocol; true when there was one. skb at its IP header, linear
 * @err: an ICMP error, as pp_net_protocol.err; true when there was a socket
 *
 * Both leave the skb to the caller; softirq, RCU. Called while pp_net.nraw is
 * not 0.
 */
struct pp_ip_raw_ops {
	bool (*deliver)(struct pp_net *pn, struct sk_buff *skb);
	bool (*err)(struct pp_net *pn, struct sk_buff *skb, u32 info);
};

/* NULL unregisters; there is no raw socket any more. */
void pp_ip_set_raw_ops(const struct pp_ip_raw_ops *ops);
void pp_icmp_count_out(struct pp_net *pn, u8 type);
/* RFC 1191 with RFC 5927 checks made by the caller: a smaller MTU to daddr. */
void pp_ip_update_pmtu(struct pp_net *pn, const struct sock *sk, __be32 daddr,
		       int oif, u32 mtu);

/* A redirect about a packet of @sk, as pp_net_protocol.err has it. */
void pp_ip_redirect(const struct sock *sk, const struct sk_buff *skb);

/* ---- Socket level IPPROTO_IP ---- */

int pp_ip_setsockopt(struct sock *sk, int optname, sockptr_t optval,
		     unsigned int optlen);
int pp_ip_getsockopt(struct sock *sk, int optname, char __user *optval,
		     int __user *optlen);
/* cmsgs of a received datagram: headers and IPCB.iif as ip_input left them. */
void pp_ip_cmsg_recv(struct msghdr *msg, struct sock *sk, struct sk_buff *skb);
int pp_ip_recv_error(struct sock *sk, struct msghdr *msg, int len);
/* Queues an ICMP error on the error queue: skb as pp_net_protocol.err has it,
 * @payload: what the user sees, behind the inner transport header.
 */
void pp_ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err,
		      __be16 port, u32 info, u8 *payload);
/* Queues a local error (EMSGSIZE with the MTU in @info). */
void pp_ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 port,
		       u32 info);
void pp_ip_error_purge(struct sock *sk);
/* Fills an address for the user by PKTPATH_SF_INET_ADDR; zeroes padding. */
void pp_ip_fill_sockaddr(const struct sock *sk, struct sockaddr_in *sin,
			 __be32 addr, __be16 port);
/* bind() of an address: its RTN_* or -EADDRNOTAVAIL; then inet_rcv_saddr is
 * filled, and inet_saddr (0 for a broadcast or multicast address).
 */
int pp_ip_bind_type(const struct sock *sk, __be32 addr);
void pp_ip_bind_addr(struct sock *sk, __be32 addr, int type);
/* connect() of a datagram socket (UDP, ping), sock lock held: checks, route,
 * sets daddr, dport, saddr, sk_state, dst cache. 0 or -errno.
 */
int pp_ip_datagram_connect(struct sock *sk, struct sockaddr_in *sin);
int pp_ip_datagram_disconnect(struct sock *sk);
int pp_ip_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
struct pp_dst *pp_ip_sk_route_renew(struct sock *sk);

/*
 * The route of a connected socket, locked or not: the cached one, or looked up
 * again when its generation is old. RCU read side; owned by the socket's cache,
 * or ERR_PTR as pp_ip_route_output_flow(), or -ENOTCONN.
 * Mirrors: net/core/sock.c:sk_dst_check with ip_route_output_flow.
 */
static inline struct pp_dst *pp_ip_sk_route_rcu(struct sock *sk)
{
	struct dst_entry *dst = rcu_dereference(sk->sk_dst_cache);

	if (likely(dst && pp_dst_valid(pp_sk(sk)->pn, pp_dst(dst)))) {
		pp_at_ip_route(NULL, sk, 0);
		return pp_dst(dst);
	}
	return pp_ip_sk_route_renew(sk);
}

struct pp_dst *pp_ip_sk_route_again_rcu(struct sock *sk);

/* ---- Routing table, for ctl ---- */

/* One route as the administrator gives and sees it. */
struct pp_route_cfg {
	u32 table;
	__be32 dst;
	u8 plen;
	u8 type;		/* RTN_* */
	u8 scope;
	u8 protocol;		/* RTPROT_* */
	u8 tos;
	__be32 gw;
	__be32 prefsrc;
	int oif;
	u32 metric;
	u32 mtu;
	bool mtu_lock;
	bool cc_lock;
	u32 cc_key;		/* congestion control of TCP, 0: any */
	u8 weight;		/* among those of the prefix that have one */
	struct pp_route_metrics m;
	u32 flags;		/* RTNH_F_ONLINK in; RTNH_F_DEAD, _LINKDOWN out */
};

/* cfg_lock held. @nlflags: NLM_F_CREATE, _EXCL, _REPLACE, _APPEND. */
int pp_fib_add(struct pp_net *pn, struct pp_route_cfg *cfg, u16 nlflags,
	       struct netlink_ext_ack *extack);
typedef void (*pp_fib_gone_t)(struct pp_net *pn,
			      const struct pp_route_cfg *cfg);
int pp_fib_del(struct pp_net *pn, const struct pp_route_cfg *cfg,
	       pp_fib_gone_t gone, struct netlink_ext_ack *extack);
/* Deletes the routes of a table (0: all tables) that the admin has added. */
void pp_fib_flush(struct pp_net *pn, u32 table);
/* Walk in key order from *@pos (opaque, start zeroed); as pp_neigh_walk(). */
struct pp_fib_pos {
	u32 table;
	u32 key;		/* host order prefix */
	u32 plen;		/* 0..32, next to be visited */
	u32 index;		/* within the prefix */
	bool started;
};

int pp_fib_walk(struct pp_net *pn, struct pp_fib_pos *pos,
		int (*fn)(const struct pp_route_cfg *cfg, void *arg),
		void *arg);
/* `route get`: the route a flow would take, as configuration. */
int pp_fib_resolve(struct pp_net *pn, struct pp_flow *fl, int iif,
		   struct pp_route_cfg *out, u32 *mtu);

/* On from the first IP_MINTTL of any socket on. */
DECLARE_STATIC_KEY_FALSE(pp_ip_minttl_on);

/* IP_MINTTL, the security of neighbours (RFC 5082): it has come too far. */
static inline bool pp_ip_below_minttl(const struct sock *sk,
				      const struct iphdr *iph)
{
	return static_branch_unlikely(&pp_ip_minttl_on) &&
	       iph->ttl < READ_ONCE(inet_sk(sk)->min_ttl);
}

#endif
