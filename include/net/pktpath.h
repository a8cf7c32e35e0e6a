/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktpath for other kernel modules: register a congestion control, or a
 * transport of your own.
 *
 * An algorithm sees struct pktpath_cc and nothing else of a connection, so it
 * also compiles in user space for unit tests. All calls come with the socket
 * locked, in softirq or process context, and must not sleep.
 */
#ifndef _NET_PKTPATH_H
#define _NET_PKTPATH_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/device/driver.h>
#include <linux/list.h>
#include <linux/sockptr.h>
struct module;
struct net;
struct sk_buff;
struct sock;
#endif

#define PKTPATH_CC_NAME_MAX 16
#define PKTPATH_CC_PRIV_U64 8

/* Congestion states; numbers of TCP_CA_* in TCP_INFO. */
enum pktpath_cc_state {
	PKTPATH_CC_OPEN,
	PKTPATH_CC_DISORDER,
	PKTPATH_CC_CWR,
	PKTPATH_CC_RECOVERY,
	PKTPATH_CC_LOSS,
};

enum pktpath_cc_event {
	PKTPATH_CC_TX_START,	/* first segment after idle */
	PKTPATH_CC_CWND_RESTART, /* cwnd was cut after idle */
	PKTPATH_CC_COMPLETE_CWR,
	PKTPATH_CC_LOSS_EVENT,	/* RTO */
	PKTPATH_CC_ECN_CE,	/* a CE mark came in (receiver side) */
	PKTPATH_CC_ECN_NO_CE,
};

/**
 * struct pktpath_cc - what an algorithm may read and write
 * @cwnd: congestion window, segments, >= 1; written by the algorithm
 * @ssthresh: slow start threshold, segments; written by the algorithm
 * @cwnd_cnt: segments counted towards the next increase; the algorithm's
 * @cwnd_clamp: cwnd never exceeds it
 * @prior_cwnd: cwnd before the last reduction
 * @pacing_rate: bytes a second, 0: chosen by the stack; the algorithm's
 * @mss: payload bytes of a segment
 * @in_flight: segments in flight
 * @delivered: segments delivered so far
 * @delivered_ce: of these acknowledged with an ECN mark; with Accurate ECN (RFC
 *		  9768) packets that got one, those without data included
 * @lost: segments marked lost so far
 * @srtt_us: smoothed round-trip time, 0 unknown
 * @min_rtt_us: smallest in the last minutes, ~0 unknown
 * @now_us: monotonic clock at this call
 * @state: enum pktpath_cc_state
 * @cwnd_limited: the window, not the application, bounds sending
 * @pad: zero
 * @priv: the algorithm's own; zeroed before init. Who needs more allocates it
 *	  in init (which must not sleep, and may do without) and frees it in
 *	  release
 */
struct pktpath_cc {
	__u32 cwnd;
	__u32 ssthresh;
	__u32 cwnd_cnt;
	__u32 cwnd_clamp;
	__u32 prior_cwnd;
	__u32 mss;
	__u64 pacing_rate;
	__u32 in_flight;
	__u32 delivered;
	__u32 delivered_ce;
	__u32 lost;
	__u32 srtt_us;
	__u32 min_rtt_us;
	__u64 now_us;
	__u8 state;
	__u8 cwnd_limited;
	__u8 pad[6];
	__u64 priv[PKTPATH_CC_PRIV_U64];
};

/**
 * struct pktpath_cc_sample - one acknowledgment, measured
 * @acked: segments newly delivered (cumulative and selective)
 * @lost: segments newly marked lost
 * @rtt_us: sample, -1 none
 * @delivered: segments delivered over @interval_us
 * @interval_us: span of the sample, -1 invalid
 * @prior_delivered: pktpath_cc.delivered when the newest acked was sent
 * @prior_in_flight: in flight before this acknowledgment
 * @app_limited: the sample was limited by the application
 */
struct pktpath_cc_sample {
	__u32 acked;
	__u32 lost;
	__s64 rtt_us;
	__u32 delivered;
	__u32 prior_delivered;
	__s64 interval_us;
	__u32 prior_in_flight;
	__u32 app_limited;
};

#define PKTPATH_CC_NEEDS_ECN	0x1	/* ECN is always negotiated */
#define PKTPATH_CC_ECN_EXACT	0x2	/* each mark is echoed (RFC 8257 §3.2) */
#define PKTPATH_CC_UNRESTRICTED	0x4	/* everybody may choose it */
#define PKTPATH_CC_WANTS_ACCECN	0x8	/* Accurate ECN is asked for, accepted */

/**
 * struct pktpath_cc_ops - one algorithm; @ssthresh, @undo_cwnd and one of
 * @cong_avoid and @cong_control are mandatory
 * @init: start on a connection; @c->priv is zeroed
 * @release: end; after it @priv may be reused by another algorithm
 * @ssthresh: new slow start threshold after loss, >= 2
 * @cong_avoid: grow the window for @acked segments
 * @cong_control: replaces @cong_avoid and the stack's own reduction
 * @set_state: before the state changes to @new_state
 * @event: enum pktpath_cc_event
 * @acked: every acknowledgment, before the window is changed
 * @undo_cwnd: window after a reduction proved spurious
 * @info: fills up to five u32 for tools; returns how many
 * @name: unique, shown by TCP_CONGESTION
 * @flags: PKTPATH_CC_NEEDS_ECN, _ECN_EXACT, _WANTS_ACCECN (RFC 9768),
 *	   _UNRESTRICTED; the last is changed by
 *	   net.pktpath.tcp_allowed_congestion_control
 * @owner: the module, THIS_MODULE
 * @list: the registry's
 */
struct pktpath_cc_ops {
	void (*init)(struct pktpath_cc *c);
	void (*release)(struct pktpath_cc *c);
	__u32 (*ssthresh)(struct pktpath_cc *c);
	void (*cong_avoid)(struct pktpath_cc *c, __u32 acked);
	void (*cong_control)(struct pktpath_cc *c,
			     const struct pktpath_cc_sample *s);
	void (*set_state)(struct pktpath_cc *c, __u8 new_state);
	void (*event)(struct pktpath_cc *c, enum pktpath_cc_event event);
	void (*acked)(struct pktpath_cc *c, const struct pktpath_cc_sample *s);
	__u32 (*undo_cwnd)(struct pktpath_cc *c);
	unsigned int (*info)(const struct pktpath_cc *c, __u32 out[5]);
	char name[PKTPATH_CC_NAME_MAX];
	__u32 flags;
#ifdef __KERNEL__
	struct module *owner;
	struct list_head list;	/* the registry's */
#endif
};

/**
 * pktpath_cc_slow_start() - RFC 5681 §3.1: slow start, up to ssthresh
 * @c: connection, @c->cwnd below @c->ssthresh; above it would be cut to that
 * @acked: segments newly delivered
 *
 * Context: from the calls of an algorithm.
 * Return: how many of @acked slow start has not used, congestion avoidance's.
 */
static inline __u32 pktpath_cc_slow_start(struct pktpath_cc *c, __u32 acked)
{
	__u32 cwnd = c->cwnd + acked;

	if (cwnd > c->ssthresh)
		cwnd = c->ssthresh;
	acked -= cwnd - c->cwnd;
	c->cwnd = cwnd < c->cwnd_clamp ? cwnd : c->cwnd_clamp;
	return acked;
}

#ifdef __KERNEL__
/* Loaded when an administrator asks for an algorithm of that name. */
#define MODULE_ALIAS_PKTPATH_CC(name) MODULE_ALIAS("pktpath_cc_" name)

/* Process context. 0, -EEXIST (name), -EINVAL (a mandatory call missing). */
int pktpath_cc_register(struct pktpath_cc_ops *ops);
/* Waits for nothing: connections using it hold a reference on the module. */
void pktpath_cc_unregister(struct pktpath_cc_ops *ops);
#endif

#ifdef __KERNEL__
/* ---- A transport ---- */

#define PKTPATH_TRANSPORT_NAME_MAX 16

/* Where a transport drops a packet. */
enum pktpath_at {
	PKTPATH_DROP_AT_SEND,	/* what the user gave: stage TP_SEND */
	PKTPATH_DROP_AT_XMIT,	/* on its way to IP: TP_XMIT */
	PKTPATH_DROP_AT_RCV,		/* it came in: TP_RCV */
};

/* And why; counted by `pktpath stat`, shown by `pktpath trace`. */
enum pktpath_why {
	PKTPATH_WHY_TRUNCATED,
	PKTPATH_WHY_CHECKSUM,
	PKTPATH_WHY_INVALID,	/* the header makes no sense */
	PKTPATH_WHY_DUPLICATE,	/* seen before, or nobody waits for it */
	PKTPATH_WHY_GIVEN_UP,	/* no answer */
	PKTPATH_WHY_MEMORY,
};

/**
 * struct pktpath_flow - where a packet goes
 * @daddr: destination
 * @saddr: source, 0: what the route says
 * @sport: own port
 * @dport: the other's
 * @oif: device, 0: what the route says
 * @mark: as SO_MARK
 * @priority: as SO_PRIORITY
 * @tos: as IP_TOS
 * @ttl: as IP_TTL, 0: the usual one
 */
struct pktpath_flow {
	__be32 daddr;
	__be32 saddr;
	__be16 sport;
	__be16 dport;
	int oif;
	__u32 mark;
	__u32 priority;
	__u8 tos;
	__u8 ttl;
};

/**
 * struct pktpath_transport - a protocol above IP, and its sockets
 * @name: in /proc/net/protocols and /proc/slabinfo; letters, digits and _
 * @owner: THIS_MODULE; each socket holds it
 * @protocol: in the IP header, 1..254, taken by nobody
 * @types: bits 1 << SOCK_DGRAM, SOCK_RDM, SOCK_SEQPACKET of socket(AF_PKTPATH,
 *	   type, @protocol); those of the last two may leave the protocol out.
 *	   There is no listen(), so one of SOCK_SEQPACKET receives only after
 *	   connect(): before, recv() is ENOTCONN and poll() POLLHUP. Of a packet
 *	   to a group one socket is the receiver, the one that suits best.
 *	   0: no sockets, and then @input is a must and @send has no use
 * @header: bytes of the header; it begins with source and destination port,
 *	    as that of UDP, TCP or SCTP does. <= 60
 * @priv_size: bytes of state in each socket, see pktpath_priv(); <= 2048
 * @init: a socket is born, its state is zeroed; nobody can have found it yet,
 *	  so it is not locked. 0 or -errno. May be NULL
 * @destroy: it ends: free what @priv holds. Called once, but not after an @init
 *	     that failed; no call, no timer comes after it. May be NULL
 * @send: the user sends. @skb is at the header, whose ports are filled and
 *	  whose rest is 0, with the data behind; taken always. @fl is yours to
 *	  keep a copy of. 0 or -errno
 * @rcv: a packet for this socket; taken always. @skb is at the header, which
 *	 is linear
 * @timer: what pktpath_timer() asked for. While a call of the user's holds the
 *	   socket it is tried again every 20 ms, so it may come late. May be NULL
 * @err: an ICMP error that names a packet of ours; @header: its first 8 bytes.
 *	 What IP_RECVERR asks for, and the path MTU, are done. While a call of the
 *	 user's holds the socket one error is kept for its end, a fatal one
 *	 before others, else the last. May be NULL
 * @input: gets all packets, under RCU in softirq: at the header, linear, in no
 *	   socket's name. Taken always. Of a transport without sockets alone
 * @setsockopt: options of level @protocol. May be NULL; may sleep
 * @getsockopt: likewise
 *
 * All but @init and @input are called with the socket locked, in process context
 * or softirq, and must not sleep; @init, @destroy and the last two may.
 */
struct pktpath_transport {
	char name[PKTPATH_TRANSPORT_NAME_MAX];
	struct module *owner;
	unsigned int types;
	__u16 priv_size;
	__u8 protocol;
	__u8 header;
	int (*init)(struct sock *sk);
	void (*destroy)(struct sock *sk);
	int (*send)(struct sock *sk, struct sk_buff *skb,
		    const struct pktpath_flow *fl);
	void (*rcv)(struct sock *sk, struct sk_buff *skb);
	void (*timer)(struct sock *sk);
	void (*err)(struct sock *sk, const void *header, int err, bool fatal);
	void (*input)(struct net *net, struct sk_buff *skb);
	int (*setsockopt)(struct sock *sk, int optname, sockptr_t optval,
			  unsigned int optlen);
	int (*getsockopt)(struct sock *sk, int optname, char __user *optval,
			  int __user *optlen);
};

/*
 * Process context. 0; -EINVAL: a call is missing or a number makes no sense;
 * -EEXIST: the name is taken; -EBUSY: the protocol number is; -ENOMEM. @t stays
 * until it is unregistered.
 */
int pktpath_register_transport(const struct pktpath_transport *t);
/*
 * 0, -EBUSY while there are sockets, -ENOENT. From module exit it always
 * succeeds: sockets hold the module. On return no call is under way any more.
 */
int pktpath_unregister_transport(const struct pktpath_transport *t);

/* The transport's state in a socket, zeroed before init. */
void *pktpath_priv(const struct sock *sk);
/*
 * An skb with room for link and IP header, at a zeroed transport header, and
 * @len bytes to be put behind; for packets without data of a user. Any context;
 * NULL: no memory.
 */
struct sk_buff *pktpath_alloc_skb(const struct pktpath_transport *t,
				  unsigned int len);
/*
 * Looks the route up and sends: skb at its transport header, whose ports are
 * filled; taken always. A packet that may have to be sent again is kept by the
 * transport, and a skb_copy() of it is sent. Any context. 0; -ENETUNREACH, -EHOSTUNREACH,
 * -EACCES, -EINVAL; -EMSGSIZE; -EPERM: netfilter; -ENOBUFS: a full queue.
 */
int pktpath_send_skb(struct sock *sk, struct sk_buff *skb,
		     const struct pktpath_flow *fl);
/* The same in no socket's name. */
int pktpath_send_skb_net(const struct pktpath_transport *t, struct net *net,
			 struct sk_buff *skb, const struct pktpath_flow *fl);
/* The flow of an answer to @skb, which is at its transport header. */
void pktpath_flow_reply(struct pktpath_flow *fl, const struct sk_buff *skb);
/*
 * Gives the data behind the header to the user; taken always. 0, or -errno when
 * it was dropped: no room, or a filter. From rcv.
 */
int pktpath_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
/* Throws a packet away: counted, traced. NULL: one that is gone already. */
void pktpath_drop_skb(const struct sock *sk, struct sk_buff *skb,
		      enum pktpath_at at, enum pktpath_why why);
void pktpath_drop_skb_net(struct net *net, struct sk_buff *skb,
			  enum pktpath_at at, enum pktpath_why why);
/* Has .timer called in @delay jiffies instead of whenever it was to be. */
void pktpath_timer(struct sock *sk, unsigned long delay);
void pktpath_timer_stop(struct sock *sk);
/* The user's next call returns @err, a positive errno, and poll() wakes. */
void pktpath_error(struct sock *sk, int err);

/* All that a module needs which has nothing to do but to register @t. */
#define module_pktpath_transport(t) \
	module_driver(t, pktpath_register_transport, \
		      pktpath_unregister_transport)
#endif

#endif
