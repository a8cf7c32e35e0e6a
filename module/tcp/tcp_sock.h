/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects of TCP: a connection, a half-open one, one in TIME_WAIT. All
 * three begin their life in the lookup table with struct pp_tcp_node, so one
 * hash walk finds whichever there is.
 */
#ifndef PKTPATH_TCP_TCP_SOCK_H
#define PKTPATH_TCP_TCP_SOCK_H

#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <net/ip.h>
#include <net/pktpath.h>
#include <net/tcp_states.h>
#include "core/pp_sock.h"
#include "tcp/tcp_opt.h"
#include "tcp/tcp_rtt.h"
#include "tcp/tcp_rate.h"

/* The four-tuple as seen from here, and the VRF in which it is, or 0. */
struct pp_tcp_key {
	__be32 laddr;
	__be32 faddr;
	__be16 lport;
	__be16 fport;
	int l3mdev;
};

enum pp_tcp_kind {
	PKTPATH_TCP_FULL,	/* struct pp_tcp_sock */
	PKTPATH_TCP_REQ,	/* struct pp_tcp_req, SYN-RECEIVED by a listener */
	PKTPATH_TCP_TW,		/* struct pp_tcp_tw */
};

/**
 * struct pp_tcp_node - what the table of connections holds
 * @node: in pp_tcp_table.conns; RCU
 * @key: constant while in the table
 * @kind: enum pp_tcp_kind
 * @hashed: is in the table; changed by whoever inserts or removes
 */
struct pp_tcp_node {
	struct rhash_head node;
	struct pp_tcp_key key;
	u8 kind;
	u8 hashed;
};

/* How REQ and TW begin; a full socket counts in sk_refcnt. */
struct pp_tcp_mini {
	struct pp_tcp_node tn;
	refcount_t refcnt;
};

static inline refcount_t *pp_tcp_node_ref(struct pp_tcp_node *n)
{
	return &container_of(n, struct pp_tcp_mini, tn)->refcnt;
}

/* Parts of a segment in the queues, in skb->cb; the IP layer's control block
 * comes first because a clone is sent with it.
 */
struct pp_tcp_skb_cb {
	union {
		struct inet_skb_parm h4;
		struct pp_tcp_rate_tx tx;	/* on our queues, sending */
	};
	u32 seq;		/* first sequence number, SYN counts */
	u32 end_seq;		/* behind the last, FIN counts */
	union {
		u32 ack_seq;	/* in: acknowledgment number */
		u32 sack_end;	/* SACKed: so are all up to here */
	};
	u8 flags;		/* TCP header byte 13: PKTPATH_TCPF_* */
	u8 sacked;		/* PKTPATH_SKB_*: only on the retransmit queue */
	u16 segs;		/* segments in this skb, >= 1 */
	u8 ip_dsfield;		/* in: TOS with ECN bits */
	u8 has_rxtstamp:1,
	   eor:1,		/* MSG_EOR: nothing is joined behind */
	   tstamp_ack:1;	/* out: stamp when the peer has it */
};

#define PKTPATH_TCP_CB(skb) ((struct pp_tcp_skb_cb *)((skb)->cb))

#define PKTPATH_TCPF_FIN 0x01
#define PKTPATH_TCPF_SYN 0x02
#define PKTPATH_TCPF_RST 0x04
#define PKTPATH_TCPF_PSH 0x08
#define PKTPATH_TCPF_ACK 0x10
#define PKTPATH_TCPF_ECE 0x40
#define PKTPATH_TCPF_CWR 0x80

#define PKTPATH_SKB_SACKED	0x01
#define PKTPATH_SKB_LOST	0x02
#define PKTPATH_SKB_RETRANS	0x04	/* retransmission in flight */
#define PKTPATH_SKB_EVER	0x08	/* was retransmitted once (Karn) */

/* Urgent data at rcv_up. */
#define PKTPATH_URG_NOTYET	1	/* announced */
#define PKTPATH_URG_VALID	2	/* urg_byte has it */
#define PKTPATH_URG_READ	3

/* Bits of pp_tcp_sock.tflags, which are atomic. */
enum {
	PKTPATH_TF_NODELAY,
	PKTPATH_TF_CORK,
	PKTPATH_TF_PUSH,	/* what is queued goes in spite of the cork */
	PKTPATH_TF_ACK_NOW,	/* an ACK must leave at the end of this work */
	PKTPATH_TF_ACK_SCHED,	/* a delayed ACK is due */
	PKTPATH_TF_ACK_TIMER,	/* by delack_when */
	PKTPATH_TF_QUICKACK,	/* the route says so */
	PKTPATH_TF_ECN_OK,
	PKTPATH_TF_ECN_ECHO,	/* send ECE until CWR comes */
	PKTPATH_TF_ECN_CWR,	/* next data carries CWR */
	PKTPATH_TF_ECN_SEEN,	/* the peer has sent something with ECT */
	PKTPATH_TF_URG_OUT,	/* snd_up is valid */
	PKTPATH_TF_FIN_SENT,
	PKTPATH_TF_FIN_OWED,	/* it has its number, but had no memory */
	PKTPATH_TF_THROTTLED,	/* small queues: wait for wmem */
	PKTPATH_TF_TLP_RETRANS,
	PKTPATH_TF_REUSE_BIND,
	PKTPATH_TF_TSKEY,	/* pp.tskey_base is valid */
	PKTPATH_TF_INQ,		/* TCP_INQ */
	PKTPATH_TF_SAVE_SYN,	/* TCP_SAVE_SYN 1 */
	PKTPATH_TF_SAVE_SYN_MAC,	/* TCP_SAVE_SYN 2 */
	PKTPATH_TF_FO_CONNECT,	/* TCP_FASTOPEN_CONNECT */
	PKTPATH_TF_FO_NO_COOKIE,	/* TCP_FASTOPEN_NO_COOKIE */
	PKTPATH_TF_FO_PENDING,	/* made by Fast Open, see open.fo */
	PKTPATH_TF_FO_CHILD,	/* once was */
	PKTPATH_TF_FO_DEFER,	/* connect() is done, the SYN waits for data */
	PKTPATH_TF_FO_SYN,	/* the SYN being sent has the option */
	PKTPATH_TF_SYN_FASTOPEN,	/* our SYN had it */
	PKTPATH_TF_SYN_FO_EXP,	/* the experimental one */
	PKTPATH_TF_SYN_DATA,	/* our SYN had data */
	PKTPATH_TF_SYN_DATA_ACKED,	/* and the peer took it, or we its */
	PKTPATH_TF_FO_CHECK,	/* Fast Open was off: is it good again? */
	PKTPATH_TF_FO_FAIL1,	/* tcpi_fastopen_client_fail, two bits */
	PKTPATH_TF_FO_FAIL2,
	PKTPATH_TF_MD5,		/* every segment is signed */
	PKTPATH_TF_AO,		/* likewise, by TCP-AO */
	PKTPATH_TF_CC_CHOSEN,	/* by TCP_CONGESTION */

	/* Deferred work, done by release_cb when the user owned the lock. */
	PKTPATH_TD_RTO,
	PKTPATH_TD_DELACK,
	PKTPATH_TD_TSQ,
	PKTPATH_TD_MTU,
	PKTPATH_TD_PACE,	/* the pacing timer is armed; no deferred work */
	PKTPATH_TD_KEEPALIVE,
	PKTPATH_TD_ACK,		/* owed at once */
	PKTPATH_T_BITS,
};

#define PKTPATH_TD_ALL GENMASK(PKTPATH_TD_ACK, PKTPATH_TD_RTO)
static_assert(PKTPATH_T_BITS <= BITS_PER_LONG);

/* What the one retransmit timer is armed for. */
enum pp_tcp_timer {
	PKTPATH_TT_NONE,
	PKTPATH_TT_RTO,
	PKTPATH_TT_TLP,
	PKTPATH_TT_REO,		/* RACK reordering window */
	PKTPATH_TT_PROBE,	/* zero window */
};

/*
 * struct pp_tcp_sock - one connection or listener
 *
 * Sequence numbers and windows are in bytes, host order; times *_us in
 * microseconds of pp_tcp_clock_us(), *_jiffies in jiffies. Everything is
 * under the socket lock (owner or softirq with bh_lock) unless noted.
 */
struct pp_tcp_sock {
	struct pp_sock pp;
	struct pp_tcp_node tn;

	/* Sending. */
	u32 snd_una, snd_nxt, snd_wnd, snd_wl1, snd_up;
	u32 write_seq;		/* behind the last byte queued */
	u32 pushed_seq;
	u32 max_window;		/* largest snd_wnd seen */
	u32 snd_sml;		/* end of the last small segment (Minshall) */
	u32 notsent_lowat;
	u16 mss_cache;		/* payload of a segment now, options off */
	u16 mss_clamp;		/* the peer's MSS option */
	u16 user_mss;		/* TCP_MAXSEG */
	u16 gso_segs;		/* most segments of one skb on this route */
	u8 snd_wscale, rcv_wscale;
	u8 keepalive_probes;
	u8 defer_accept;

	/* Receiving. */
	u32 rcv_nxt, rcv_wnd, rcv_wup, copied_seq;
	u32 rcv_up;
	u8 rcv_urg_state;	/* PKTPATH_URG_*, 0 none */
	u8 urg_byte;
	u16 advmss;
	u32 window_clamp, rcv_ssthresh;
	u16 rcv_mss;		/* guess at the sender's */
	u16 challenge_count;	/* RFC 5961, since challenge_jiffies */

	/* Queues. */
	/* pp.sk.tcp_rtx_queue: sent, not acknowledged, by seq; @sent: of these
	 * neither delivered nor lost, by time.
	 */
	struct list_head sent;
	struct rb_root ooo_queue;
	struct sk_buff *ooo_last;

	/* ACKs. */
	unsigned long tflags;	/* PKTPATH_TF_*, and PKTPATH_TD_*, at any time */
	struct pp_accecn *ae;	/* NULL without Accurate ECN */
	u8 quickack, pingpong;
	u8 ato_jiffies;
	u8 scaling_ratio;	/* payload in a buffer, of 256 */
	u32 rcv_tstamp_jiffies;	/* last segment in (keepalive) */
	u32 last_data_sent_jiffies;
	u32 last_data_rcv_jiffies;

	/* Options agreed. */
	bool tstamp_ok, sack_ok, wscale_ok;
	u8 num_sacks;
	u32 ts_recent, ts_recent_sec, ts_offset;
	struct pp_tcp_sacks *sacks;	/* NULL until one is sent or received */
	struct pp_tcp_mtup *mtup;	/* NULL unless path MTUs are probed */

	/* Loss and congestion. */
	struct pp_tcp_rtt rtt;
	struct pp_tcp_rate rate;
	u32 rcvq_time_us;	/* receive buffer tuning */
	u32 first_rtx_us_ts;	/* ms: when the oldest loss was first resent */
	u32 tlp_high_seq;
	u64 mstamp_us;		/* clock of this run of the machine */
	struct pktpath_cc c;	/* windows and state: c.cwnd, c.state, ... */
	const struct pktpath_cc_ops *cc;
	u8 cc_started:1,
	   cc_locked:1,		/* by the route */
	   rtx_coarse:1,	/* rtx_timer was set for long */
	   cwnd_full:1,		/* the window bounded this flight */
	   frto:1,
	   has_dsack:1;
	s16 linger2_sec;	/* 0: the netns default, -1: no FIN_WAIT_2 */
	u32 prior_ssthresh;
	u32 high_seq, undo_marker;
	u32 undo_retrans;
	u32 packets_out, sacked_out, lost_out, retrans_out;	/* segments */
	u32 flight_max;		/* most packets_out until flight_seq */
	u32 flight_seq;
	u32 cwnd_stamp;		/* jiffies: the window was full, or was cut */
	u32 init_cwnd;		/* what a connection begins with */
	u32 fack_seq;		/* highest sequence SACKed, while sacked_out */
	u32 rtx_hint;		/* below it nothing lost waits to be sent again */
	u32 prr_delivered, prr_out;
	u8 retransmits, backoff, probes_out;
	u8 timer_what;		/* enum pp_tcp_timer */
	u8 reord_seen;
	u8 syn_retries;		/* TCP_SYNCNT, 0: the netns default */
	u8 chrono_what;		/* PKTPATH_CHRONO_*, 0: idle */
	u16 pmtu_cookie;	/* path MTU that mss_cache was made from */
	u16 mtu_reduced_to;
	struct {
		u64 mstamp_us;
		u32 end_seq, rtt_us;
		u8 reo_wnd_steps, reo_wnd_persist, advanced, dsack_seen;
		u32 last_delivered;
	} rack;

	/* Timers; each holds the socket while armed. */
	struct timer_list rtx_timer, delack_timer;
	u32 rtx_when, delack_when;	/* jiffies; not before */
	struct pp_tcp_pacer *pacer;	/* NULL until it has to wait */
	/* sk->sk_timer: keepalive, FIN_WAIT_2, and SYN-ACK of a full socket */
	u16 keepalive_time, keepalive_intvl;	/* s, 0: the netns default */
	u32 user_timeout_ms;
	u32 probes_since_ms;	/* tsval of the first window probe, 0 none */
	u32 rcvq_space;		/* receive buffer tuning, as below */

	/* Tables and listener. */
	struct pp_tcp_bind *bind;	/* sk_bind_node is in its owners */
	struct pp_tcp_listener *lsn;	/* only while LISTEN */
	struct hlist_head md5_keys;	/* struct pp_tcp_md5_key, RCU */
	struct pp_tcp_ao __rcu *ao;	/* NULL: no keys of TCP-AO */

	/* Counters of TCP_INFO. */
	u64 bytes_acked, bytes_received, bytes_sent, bytes_retrans;
	u32 segs_in, segs_out, data_segs_in, data_segs_out, total_retrans;
	u32 reordering;
	u32 chrono[3], chrono_jiffies;	/* see tcp_chrono.c */

	/* Receive buffer tuning. */
	u32 rcvq_seq;
	u32 rcv_rtt_us, rcv_rtt_seq, rcv_rtt_time_us;

	/* Challenge ACKs (RFC 5961), per socket. */
	u32 challenge_jiffies;
	u32 invalid_jiffies;	/* last answer to a segment out of window */

	union {
		struct pp_tcp_saved_syn *saved_syn;
		struct pp_tcp_fo_child *fo;	/* PKTPATH_TF_FO_PENDING */
	} open;
};

/* Headers of the SYN, for TCP_SAVED_SYN. */
struct pp_tcp_saved_syn {
	u32 len;
	u8 data[];
};

/**
 * struct pp_tcp_fo_child - Fast Open: what a socket is until the handshake ends
 * @list: in pp_tcp_listener.fo_rst, after a reset
 * @lsk: listener, held; NULL in that list
 * @saved_syn: for TCP_SAVED_SYN, the socket's afterwards
 * @sent_us: when the SYN-ACK left, 0: it cannot be timed
 * @expires: jiffies at which it may leave that list
 * @irs: the peer's initial sequence number
 * @iss: ours
 * @oow_jiffies: last answer to a repeated SYN
 * @timeouts: of the SYN-ACK
 */
struct pp_tcp_fo_child {
	struct list_head list;
	struct sock *lsk;
	struct pp_tcp_saved_syn *saved_syn;
	u64 sent_us;
	unsigned long expires;
	u32 irs, iss;
	u32 oow_jiffies;
	u8 timeouts;
};

/* Keys of Fast Open's cookies: the second, if any, only to recognise. */
struct pp_tcp_fo_keys {
	siphash_key_t key[2];
	unsigned int n;
	struct rcu_head rcu;
};

/**
 * struct pp_tcp_pacer - sending that goes on by itself; kept once it is there
 * @timer: ends the wait
 * @sk: whose
 * @until_ns: CLOCK_MONOTONIC, when the next segment may leave
 */
struct pp_tcp_pacer {
	struct hrtimer timer;
	struct sock *sk;
	u64 until_ns;
};

/**
 * struct pp_tcp_counts - of TCP_INFO: what most connections never see
 * @dsacks: that came
 * @ooo: segments that came out of order
 * @rto: time-outs
 * @rto_recoveries: in so many rows
 * @rto_ms: which took so long
 * @rto_start_ms: when the present one began, 0 none
 */
struct pp_tcp_counts {
	u32 dsacks, ooo;
	u16 rto, rto_recoveries;
	u32 rto_ms, rto_start_ms;
};

/**
 * struct pp_tcp_sacks - what SACK wants to know; kept once it is there
 * @count: beside it, what is wanted as rarely
 * @dsack: a duplicate to report, if has_dsack
 * @own: what came out of order, the newest first: num_sacks of them
 * @seen: blocks of the last acknowledgment that had some
 */
struct pp_tcp_sacks {
	struct pp_tcp_counts count;
	struct pp_tcp_sack_block dsack;
	struct pp_tcp_sack_block own[PKTPATH_TCP_MAX_SACKS];
	struct pp_tcp_sack_block seen[PKTPATH_TCP_MAX_SACKS];
};

/**
 * struct pp_tcp_mtup - a search for the largest segment that passes
 * @low: MTU that is believed to pass
 * @high: largest that may
 * @probe: MTU of the probe under way, 0 none
 * @start: its first sequence number
 * @end: behind its last
 * @since: jiffies, when the search began
 */
struct pp_tcp_mtup {
	u16 low, high, probe;
	u32 start, end;
	u32 since;
};

static inline struct pp_tcp_sock *pp_tcp_sk(const struct sock *sk)
{
	return (struct pp_tcp_sock *)sk;
}

static inline bool pp_tf(const struct pp_tcp_sock *tp, int bit)
{
	return test_bit(bit, &tp->tflags);
}

/* NULL: the handshake is over, or was none of Fast Open. */
static inline struct pp_tcp_fo_child *pp_tcp_fo(const struct pp_tcp_sock *tp)
{
	return unlikely(pp_tf(tp, PKTPATH_TF_FO_PENDING)) ? tp->open.fo : NULL;
}

/*
 * struct pp_tcp_req - SYN-RECEIVED of a passive open (no struct sock)
 * @tn: in the table of connections
 * @lsk: listener, held
 * @timer: SYN-ACK retransmission; holds a reference while armed
 * @lock: guards state against timer and final ACK
 * @sent_us: when the SYN-ACK left first
 */
struct pp_tcp_req {
	struct pp_tcp_node tn;
	refcount_t refcnt;
	u8 ao;			/* signed by TCP-AO, with these KeyIDs: */
	u8 ao_sndid, ao_rcvid;	/* ours, the peer's */
	struct sock *lsk;
	struct pp_net *pn;
	struct timer_list timer;
	spinlock_t lock;		/* see above */
	u32 irs, iss;		/* initial sequence numbers: peer's, ours */
	u32 ts_recent, ts_offset;
	u32 rcv_wnd;
	u32 mark;
	u32 oow_jiffies;	/* last answer to what was out of place */
	u64 sent_us;
	u16 mss;		/* of the peer */
	u16 advmss;		/* ours */
	u8 wscale_snd, wscale_rcv;
	u8 tos;
	u8 retrans;		/* time-outs */
	u8 resent;		/* SYN-ACKs sent again, for whatever reason */
	u8 wscale_ok:1, sack_ok:1, tstamp_ok:1, ecn_ok:1, acked:1, dead:1,
	   replaced:1,		/* a child stands in its place in the table */
	   cookie:1;		/* only until the SYN-ACK is sent */
	u8 accecn:1,		/* Accurate ECN is agreed on */
	   accecn_bare:1,	/* but a SYN or SYN-ACK had no flags */
	   ecn_rcv:2;		/* codepoint of the last SYN */
	int bound_if;		/* what the child is bound to */
	struct list_head list;	/* of the listener's half-open ones */
	struct pp_tcp_saved_syn *saved_syn;
	struct rcu_head rcu;
};

/*
 * struct pp_tcp_tw - a connection in TIME_WAIT, or an orphan in FIN_WAIT_2
 * @tn: in the table of connections
 * @timer: its end; holds a reference while armed
 */
struct pp_tcp_tw {
	struct pp_tcp_node tn;
	refcount_t refcnt;
	struct pp_net *pn;
	struct pp_tcp_bind *bind;
	struct hlist_node bind_node;
	struct list_head list;	/* of the netns's, under tw_lock */
	struct timer_list timer;
	spinlock_t lock;		/* everything below */
	u32 rcv_nxt, snd_nxt, rcv_wnd;
	u32 ts_recent, ts_recent_sec, ts_offset;
	u32 mark, priority;
	u32 challenge_jiffies;
	int bound_if;
	kuid_t uid;
	u8 substate;		/* TCP_FIN_WAIT2 or TCP_TIME_WAIT */
	u8 tos, rcv_wscale;
	u8 tstamp_ok, reuse, reuseport;
	bool dead;
	struct pp_tcp_md5_key *md5;	/* constant; NULL: not signed */
	struct pp_tcp_ao *ao;		/* likewise */
	struct rcu_head rcu;
};

static_assert(offsetof(struct pp_tcp_req, refcnt) ==
	      offsetof(struct pp_tcp_mini, refcnt));
static_assert(offsetof(struct pp_tcp_tw, refcnt) ==
	      offsetof(struct pp_tcp_mini, refcnt));

/* Listener's part: place in the table, queues of what is to be accepted. */
struct pp_tcp_listener {
	struct hlist_node node;	/* by port, RCU */
	struct sock *sk;	/* whose; constant */
	spinlock_t lock;		/* both lists; inside a req's lock */
	/* Children by pp.list.next, which only a user's socket needs. */
	struct hlist_node *accept, **accept_end;
	struct list_head reqs;		/* struct pp_tcp_req */
	unsigned int nreqs;		/* in @reqs */
	unsigned int backlog;		/* limit of @reqs before cookies */
	bool closed;			/* nothing may be added */
	u32 cookie_jiffies;		/* last time @reqs overflowed */

	/* Fast Open. */
	int fo_max;			/* TCP_FASTOPEN, 0: off */
	int fo_qlen;			/* pending, and those in @fo_rst */
	struct list_head fo_rst;	/* struct pp_tcp_fo_child, by age */
	struct pp_tcp_fo_keys __rcu *fo_keys;	/* NULL: the netns's */
};

#endif
