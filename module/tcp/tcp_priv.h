/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of TCP ask of each other, one section a file. Unless said
 * otherwise a function is called with the socket locked (by the user, or by
 * softirq through bh_lock_sock() while no user owns it) and bottom halves off.
 */
#ifndef PKTPATH_TCP_TCP_PRIV_H
#define PKTPATH_TCP_TCP_PRIV_H

#include <linux/tcp.h>
#include "core/drop.h"
#include "core/drop_causes.h"
#include "core/head.h"
#include "compat/compat.h"
#include "ip/ip.h"
#include "tcp/tcp.h"
#include "tcp/tcp_sock.h"

struct pp_tcp_table;	/* of a netns: pn->tcp; tcp_table.c */
struct pp_accecn;	/* tcp_accecn.h */
struct pp_tcp_bind;	/* a local port in use; tcp_table.c */

/*
 * Room in front of the payload: TCP with options, IP, and a link header of the
 * usual length; for a longer one ip_output.c makes room. With it a buffer
 * without linear payload is just half a KiB.
 */
#define PKTPATH_TCP_HEADROOM 192

/* Counters of /proc/net/netstat; those of snmp are counted by pp_mib_inc(). */
#define pp_tcp_ext_inc(sk, id) pp_mib_inc(pp_sk(sk)->pn, TCPEXT_##id)
#define pp_tcp_ext_add(sk, id, n) pp_mib_add(pp_sk(sk)->pn, TCPEXT_##id, n)

/* ---- clocks ---- */

static inline u64 pp_tcp_clock_us(void)
{
	return div_u64(ktime_get_ns(), NSEC_PER_USEC);
}

static inline u32 pp_jiffies32(void)
{
	return (u32)jiffies;
}

/* Jiffies from now to what is within 2^31 of them. */
static inline s32 pp_tcp_until(u32 when)
{
	return when - pp_jiffies32();
}

/* Once per unit of work; everything in it uses tp->mstamp_us. */
static inline void pp_tcp_mstamp_refresh(struct pp_tcp_sock *tp)
{
	tp->mstamp_us = pp_tcp_clock_us();
}

/* RFC 7323 §5.5: after 24 days a timestamp says nothing. */
static inline bool pp_tcp_paws_expired(u32 since_sec)
{
	return (u32)ktime_get_seconds() - since_sec >= 24 * 24 * 3600;
}

static inline u32 pp_tcp_ms(const struct pp_tcp_sock *tp)
{
	return (u32)div_u64(tp->mstamp_us, USEC_PER_MSEC);
}

/* Timestamp option value: milliseconds with the connection's offset. */
static inline u32 pp_tcp_tsval(const struct pp_tcp_sock *tp)
{
	return pp_tcp_ms(tp) + tp->ts_offset;
}

static inline u32 pp_tcp_in_flight(const struct pp_tcp_sock *tp)
{
	return tp->packets_out - tp->sacked_out - tp->lost_out +
	       tp->retrans_out;
}

/* Idle time in jiffies after which the peer is asked whether it lives. */
static inline u32 pp_tcp_keepalive_time(const struct sock *sk)
{
	return pp_tcp_sk(sk)->keepalive_time * HZ ? :
	       READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_keepalive_time);
}

/* Right edge of what we have offered, from rcv_nxt. */
static inline u32 pp_tcp_rcv_window(const struct pp_tcp_sock *tp)
{
	s32 win = tp->rcv_wup + tp->rcv_wnd - tp->rcv_nxt;

	return win < 0 ? 0 : win;
}

/* What a receive buffer of @space bytes can hold of payload, and back: how much
 * memory a byte takes is measured on what comes in.
 */
static inline int pp_tcp_win_from_space(const struct pp_tcp_sock *tp, int space)
{
	return (s64)space * tp->scaling_ratio >> 8;
}

static inline u32 pp_tcp_space_from_win(const struct pp_tcp_sock *tp, u32 win)
{
	return min_t(u64, div_u64((u64)win << 8, tp->scaling_ratio), INT_MAX);
}

static inline u32 pp_tcp_wnd_end(const struct pp_tcp_sock *tp)
{
	return tp->snd_una + tp->snd_wnd;
}

/* Urgent data of ours is not acknowledged: no super-packets, whose segments
 * would all have the pointer of the first.
 */
static inline bool pp_tcp_urg_mode(const struct pp_tcp_sock *tp)
{
	return unlikely(pp_tf(tp, PKTPATH_TF_URG_OUT)) &&
	       tp->snd_up != tp->snd_una;
}

/* ---- tcp_sock.c ---- */

void pp_tcp_init_sock_fields(struct sock *sk);	/* a new one, or a child */
void pp_tcp_set_state(struct sock *sk, int state); /* counts CurrEstab too */
void pp_tcp_done(struct sock *sk);	/* CLOSE: unhash, timers, wake */
void pp_tcp_reset(struct sock *sk, int err);	/* peer's RST, or ICMP */
void pp_tcp_orphan(struct sock *sk);
void pp_tcp_write_queue_purge(struct sock *sk);
void pp_tcp_destroy_orphan(struct sock *sk);	/* last owner gone */
bool pp_tcp_too_many_orphans(struct sock *sk);
void pp_tcp_write_space(struct sock *sk);
void pp_tcp_stream_memfree(struct sock *sk);	/* wake writers if room */
void pp_tcp_mem_force_slow(struct sock *sk, int size);

/* Lets a socket have @size bytes of memory whatever the limits say; locked. */
static inline void pp_tcp_mem_force(struct sock *sk, int size)
{
	if (unlikely(size > sk->sk_forward_alloc))
		pp_tcp_mem_force_slow(sk, size - sk->sk_forward_alloc);
}

/*
 * Memory is short: in the cgroup that is charged for @sk, or for all of us.
 * Buffers and windows do not grow then.
 */
static inline bool pp_tcp_under_pressure(const struct sock *sk)
{
	if (pp_compat_sk_charged(sk) && pp_compat_sk_short(sk))
		return true;
	return !pp_compat_sk_bypasses(sk) &&
	       READ_ONCE(pp_tcp_memory_pressure);
}

void pp_tcp_skb_free(struct sock *sk, struct sk_buff *skb); /* uncharges */
int pp_tcp_unclone(struct sock *sk, struct sk_buff *skb, gfp_t gfp);
struct sk_buff *pp_tcp_skb_alloc(struct sock *sk, unsigned int linear,
				 gfp_t gfp, bool force);

/* One without payload that stands in no queue of ours. */
static inline struct sk_buff *pp_tcp_head_skb(gfp_t gfp)
{
	struct sk_buff *skb = pp_head_skb(PKTPATH_TCP_HEADROOM, gfp);

	return likely(skb) ? skb : alloc_skb(PKTPATH_TCP_HEADROOM, gfp);
}

/* ---- tcp_table.c, tcp_bind.c ---- */

int pp_tcp_table_net_init(struct pp_net *pn);
void pp_tcp_table_net_exit(struct pp_net *pn);
/* RCU. FULL, REQ and TW come with a reference taken (pp_tcp_node_put()). */
struct pp_tcp_node *pp_tcp_lookup_conn(struct pp_net *pn,
				       const struct pp_tcp_key *key);
struct pp_tcp_node *pp_tcp_lookup_in(struct pp_net *pn,
				     const struct pp_tcp_key *key);
void pp_tcp_skb_key(const struct sk_buff *skb, struct pp_tcp_key *key);
struct sock *pp_tcp_lookup_listener(struct pp_net *pn, struct sk_buff *skb,
				    const struct pp_tcp_key *key);
bool pp_tcp_node_get(struct pp_tcp_node *n);	/* RCU */
void pp_tcp_node_put(struct pp_tcp_node *n);
void pp_tcp_mini_free(struct pp_tcp_node *n);	/* last put of REQ or TW */
/* 0 or -EADDRNOTAVAIL (tuple taken), -ENOMEM. Replaces @old atomically. */
int pp_tcp_conn_insert(struct pp_net *pn, struct pp_tcp_node *n,
		       struct pp_tcp_node *old);
bool pp_tcp_conn_remove(struct pp_net *pn, struct pp_tcp_node *n);
int pp_tcp_get_port(struct sock *sk, unsigned short port);
int pp_tcp_connect_port(struct sock *sk);	/* choose, bind and insert */
int pp_tcp_conn_insert_connect(struct pp_net *pn, struct sock *sk);
int pp_tcp_inherit_port(struct sock *lsk, struct sock *child);
void pp_tcp_put_port(struct sock *sk);
int pp_tcp_listen_hash(struct sock *sk);
struct sock *pp_tcp_listen_other(struct sock *sk, u32 hash);
void pp_tcp_unhash(struct sock *sk);		/* proto.unhash */

/* ---- tcp_sendmsg.c, tcp_recvmsg.c, tcp_close.c, tcp_rmem.c, tcp_urg.c ---- */

int pp_tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int pp_tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
struct sk_buff *pp_tcp_send_syn_data(struct sock *sk,
				     struct pp_tcp_fo_data *fo,
				     unsigned int space);
/* Bytes that can be read, up to urgent data. */
int pp_tcp_inq(struct sock *sk);
void pp_tcp_push(struct sock *sk, int flags, unsigned int mss, bool nonagle);
/* After data left the receive queue: send a window update if it pays. */
void pp_tcp_cleanup_rbuf(struct sock *sk, int copied);
void pp_tcp_close(struct sock *sk, long timeout);
int pp_tcp_disconnect(struct sock *sk, int flags);
void pp_tcp_rcvbuf_grow(struct sock *sk, u32 copied);
void pp_tcp_rcv_space_adjust(struct sock *sk);
void pp_tcp_rcv_rtt_measure(struct sock *sk, const struct sk_buff *skb);
void pp_tcp_grow_window(struct sock *sk, const struct sk_buff *skb);
void pp_tcp_shrink_ssthresh(struct sock *sk);
void pp_tcp_init_buffers(struct sock *sk);	/* at ESTABLISHED */
void pp_tcp_new_space(struct sock *sk);
/* Makes room for @size bytes of rmem: collapse, prune. False: drop. */
bool pp_tcp_try_rmem(struct sock *sk, struct sk_buff *skb, unsigned int size);
void pp_tcp_check_urg(struct sock *sk, const struct tcphdr *th);
void pp_tcp_urg_data(struct sock *sk, struct sk_buff *skb,
		     const struct tcphdr *th);

/* ---- tcp_output.c ---- */

/* Sends what windows, Nagle and pacing allow. @nonagle: push out small ones.
 * True when data is left and nothing is in flight (the probe timer is due).
 */
u32 pp_tcp_tso_segs(struct sock *sk, unsigned int mss);
bool pp_tcp_write_xmit(struct sock *sk, unsigned int mss, bool nonagle,
		       bool push_one);
void pp_tcp_push_pending(struct sock *sk);
/* True: the retransmit timer is to start anew. */
bool pp_tcp_new_data_sent(struct sock *sk, struct sk_buff *skb);
/* Header, options, checksum, IP. @clone: @skb stays on its queue. 0/-errno. */
int pp_tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool clone,
			gfp_t gfp);
unsigned int pp_tcp_current_mss(struct sock *sk);

/* ---- tcp_chrono.c ---- */

#define PKTPATH_CHRONO_BUSY	1
#define PKTPATH_CHRONO_RWND	2
#define PKTPATH_CHRONO_SNDBUF	3

void pp_tcp_chrono_begin(struct pp_tcp_sock *tp, u8 what);
void pp_tcp_chrono_end(struct sock *sk, u8 what);
void pp_tcp_chrono_us(const struct pp_tcp_sock *tp, u64 us[3]);

static inline void pp_tcp_chrono_start(struct pp_tcp_sock *tp, u8 what)
{
	if (what > tp->chrono_what)
		pp_tcp_chrono_begin(tp, what);
}

static inline void pp_tcp_chrono_stop(struct sock *sk, u8 what)
{
	if (pp_tcp_sk(sk)->chrono_what == what)
		pp_tcp_chrono_end(sk, what);
}

/* ---- tcp_options.c ---- */

void pp_tcp_syn_options(struct sock *sk, struct pp_tcp_opt *o, bool reply);
/* @room: with all that may take room, due or not. */
void pp_tcp_data_options(struct sock *sk, struct pp_tcp_opt *o, bool room);

/* ---- tcp_segment.c ---- */

/* Cuts @skb at @len; the rest follows it in the same queue. 0 or -ENOMEM. */
int pp_tcp_fragment(struct sock *sk, bool rtx, struct sk_buff *skb, u32 len,
		    unsigned int mss, gfp_t gfp);
int pp_tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len);
void pp_tcp_segs_recount(struct pp_tcp_sock *tp, const struct sk_buff *skb,
			 u32 was);
void pp_tcp_rtx_insert(struct sock *sk, struct sk_buff *skb);
void pp_tcp_rtx_unlink(struct sock *sk, struct sk_buff *skb);

/* How many segments of @mss bytes @skb makes. */
static inline void pp_tcp_set_segs(struct sk_buff *skb, unsigned int mss)
{
	struct pp_tcp_skb_cb *cb = PKTPATH_TCP_CB(skb);

	if (skb->len <= mss) {
		cb->segs = 1;
		skb_shinfo(skb)->gso_size = 0;
		return;
	}
	cb->segs = DIV_ROUND_UP(skb->len, mss);
	skb_shinfo(skb)->gso_size = mss;
}

static inline struct sk_buff *pp_tcp_rtx_head(const struct pp_tcp_sock *tp)
{
	return skb_rb_first(&tp->pp.sk.tcp_rtx_queue);
}

/* First segment on the queue that ends behind @seq. */
struct sk_buff *pp_tcp_rtx_find(const struct pp_tcp_sock *tp, u32 seq);
/* After losses were taken back: tp->sent is in order again. */
void pp_tcp_sent_sort(struct pp_tcp_sock *tp);

/*
 * RFC 8985 §6.2 looks at what was sent before the newest segment that came, so
 * these are kept by time of sending: tp->sent has what is on the retransmit
 * queue, neither SACKed nor lost, but what was lost and is sent again.
 */
static inline void pp_tcp_sent_last(struct pp_tcp_sock *tp,
				    struct sk_buff *skb)
{
	list_move_tail(&skb->tcp_tsorted_anchor, &tp->sent);
}

static inline void pp_tcp_sent_del(struct sk_buff *skb)
{
	list_del_init(&skb->tcp_tsorted_anchor);
}

/* ---- tcp_window.c ---- */

u16 pp_tcp_select_window(struct sock *sk);	/* field value, also commits */
int pp_tcp_free_space(struct sock *sk);
u32 pp_tcp_space_to_window(struct sock *sk);
void pp_tcp_select_initial_window(int space, int most, u16 mss, u32 *rcv_wnd,
				  u32 *clamp, bool wscale_ok, u8 *wscale);

/* ---- tcp_mtu.c, tcp_mtu_probe.c, tcp_pacing.c ---- */

unsigned int pp_tcp_ip_optlen(const struct sock *sk);
u16 pp_tcp_mtu_to_mss(struct sock *sk, unsigned int mtu);
unsigned int pp_tcp_sync_mss(struct sock *sk, unsigned int pmtu);
void pp_tcp_mtu_reduced(struct sock *sk);	/* from tp->mtu_reduced_to */
void pp_tcp_mtup_init(struct sock *sk);
void pp_tcp_mtup_black_hole(struct sock *sk);
bool pp_tcp_mtup_failed(struct sock *sk);
void pp_tcp_mtup_acked(struct sock *sk);	/* these two: if tp->mtup */
int pp_tcp_mtup_probe(struct sock *sk, bool *rearm);
bool pp_tcp_pacing_wait(struct sock *sk);
void pp_tcp_update_pacing(struct sock *sk);
bool pp_tcp_small_queue_full(struct sock *sk, const struct sk_buff *skb);
bool pp_tcp_throttle(struct sock *sk);
void pp_tcp_pace_account(struct sock *sk, unsigned int len);
void pp_tcp_xmit_more(struct sock *sk);
void pp_tcp_kick(struct sock *sk, u64 when_ns);	/* any context, no lock */
void pp_tcp_pacing_stop(struct sock *sk);

/* These three are asked for every segment, of which few have to wait. True: it
 * must, and will be woken.
 */
static inline bool pp_tcp_pacing_check(struct sock *sk)
{
	return unlikely(READ_ONCE(sk->sk_pacing_status) == SK_PACING_NEEDED) &&
	       pp_tcp_pacing_wait(sk);
}

static inline void pp_tcp_pace_sent(struct sock *sk, unsigned int len)
{
	if (unlikely(READ_ONCE(sk->sk_pacing_status) == SK_PACING_NEEDED))
		pp_tcp_pace_account(sk, len);
}

static inline bool pp_tcp_small_queue_check(struct sock *sk,
					    const struct sk_buff *skb)
{
	return sk_wmem_alloc_get(sk) && pp_tcp_small_queue_full(sk, skb);
}

/* ---- tcp_ctl_out.c ---- */

int pp_tcp_connect(struct sock *sk, struct pp_tcp_fo_data *fo); /* the SYN */
void pp_tcp_send_fin(struct sock *sk);
void pp_tcp_send_fin_owed(struct sock *sk);
void pp_tcp_send_active_reset(struct sock *sk, gfp_t gfp);
int pp_tcp_send_synack_full(struct sock *sk);	/* simultaneous open */
/* No lock: about a half-open object. */
int pp_tcp_send_synack(struct sock *lsk, struct pp_tcp_req *req,
		       const struct pp_tcp_opt *fo);
/* No lock: answers @skb with RST (RFC 9293 §3.10.7.1), @sk may be NULL. */
void pp_tcp_send_reset(const struct sock *sk, struct sk_buff *skb);
void pp_tcp_send_reset_tw(const struct pp_tcp_tw *tw, struct sk_buff *skb);
/* Numbers of an ACK for a REQ or TW object. */
struct pp_tcp_raw_ack {
	u32 seq, ack, tsval, tsecr, mark, priority;
	int oif;
	u16 win;
	u8 tos;
	bool ts_ok;
	const struct sock *keys;		/* whose keys sign it, or NULL */
	const struct pp_tcp_md5_key *md5;	/* which signs it, or NULL */
	const struct pp_tcp_req *req;		/* for which it is sent, or NULL */
	const struct pp_tcp_tw *tw;		/* likewise */
};

/* No lock. */
void pp_tcp_send_ack_raw(struct pp_net *pn, struct sk_buff *skb,
			 const struct pp_tcp_raw_ack *a);

/* A child's, which Fast Open has made. */
void pp_tcp_send_synack_child(struct sock *sk);

/* ---- tcp_fastopen.c ---- */

#define PKTPATH_FO_CLIENT		0x001	/* bits of tcp_fastopen */
#define PKTPATH_FO_SERVER		0x002
#define PKTPATH_FO_CLIENT_NO_COOKIE	0x004
#define PKTPATH_FO_SERVER_NO_COOKIE	0x200
#define PKTPATH_FO_SERVER_ALL		0x400	/* listeners that do not ask */

#define PKTPATH_FO_KEY	16	/* bytes */

int pp_tcp_fo_tune(struct sock *sk, int n);
int pp_tcp_fo_sk_key_set(struct sock *sk, const u8 *raw, unsigned int len);
unsigned int pp_tcp_fo_sk_key_get(struct sock *sk, u8 *raw);
const struct pp_tcp_fo_keys *pp_tcp_fo_keys(const struct sock *sk);
struct sock *pp_tcp_fo_try(struct sock *lsk, struct pp_tcp_req *req,
			   struct sk_buff *skb, struct pp_tcp_opt *o);
void pp_tcp_fo_accept(struct sock *lsk, const struct pp_tcp_req *req,
		      struct sock *child, struct sk_buff *skb);
void pp_tcp_fo_reply_option(struct sock *sk, struct pp_tcp_opt *o);
bool pp_tcp_fo_syn_again(struct sock *sk, struct sk_buff *skb);
void pp_tcp_fo_timeout(struct sock *sk);
void pp_tcp_fo_complete(struct sock *sk);
void pp_tcp_fo_forget(struct sock *sk, bool reset);
void pp_tcp_fo_purge(struct pp_tcp_listener *lsn);

/* ---- tcp_fastopen_client.c, tcp_fastopen_cache.c ---- */

int pp_tcp_fo_connect(struct sock *sk, struct sk_buff *syn,
		      struct pp_tcp_fo_data *fo);
bool pp_tcp_fo_defer(struct sock *sk);
void pp_tcp_fo_syn_option(struct sock *sk, struct pp_tcp_opt *o);
bool pp_tcp_fo_synack(struct sock *sk, const struct pp_tcp_opt *o);
void pp_tcp_fo_timed_out(struct sock *sk, bool expired);
void pp_tcp_fo_end_check(struct sock *sk);
void pp_tcp_fo_net_exit(struct pp_net *pn);

/* ---- tcp_ack_out.c ---- */

void pp_tcp_send_ack(struct sock *sk);
void pp_tcp_send_delayed_ack(struct sock *sk);
void pp_tcp_send_dupack(struct sock *sk, const struct sk_buff *skb);
void pp_tcp_ack_snd_check(struct sock *sk, bool ooo);
void pp_tcp_measure_rcv_mss(struct sock *sk, const struct sk_buff *skb);
void pp_tcp_event_data_recv(struct sock *sk, struct sk_buff *skb);
void pp_tcp_enter_quickack(struct sock *sk, unsigned int max);
int pp_tcp_write_wakeup(struct sock *sk);		/* window probe */
void pp_tcp_send_probe0(struct sock *sk);
void pp_tcp_send_challenge_ack(struct sock *sk);	/* RFC 5961 §7 */
bool pp_tcp_oow_limited(struct pp_net *pn, u32 *last);
void pp_tcp_ts_recent(struct pp_tcp_sock *tp, u32 seq,
		      const struct pp_tcp_opt *opt);

/* RFC 9293 §3.10.7.4 first step, of an object with numbers @s <= x < @e. */
static inline bool pp_tcp_in_window(const struct pp_tcp_skb_cb *cb, u32 s,
				    u32 e)
{
	return cb->seq == s ||
	       (pp_seq_after(cb->end_seq, s) && pp_seq_before(cb->seq, e)) ||
	       (cb->seq == e && cb->seq == cb->end_seq);
}

/* ---- tcp_retransmit.c ---- */

int pp_tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb,
			  unsigned int segs);
void pp_tcp_xmit_retransmit_queue(struct sock *sk);
void pp_tcp_send_loss_probe(struct sock *sk);
bool pp_tcp_schedule_loss_probe(struct sock *sk, bool advancing);

/* ---- tcp_timer.c ---- */

void pp_tcp_timers_init(struct sock *sk);
void pp_tcp_timers_clear(struct sock *sk);
unsigned long pp_tcp_clamp_to_user(const struct pp_tcp_sock *tp, u32 since,
				   unsigned long delay);
void pp_tcp_timer_arm(struct sock *sk, enum pp_tcp_timer what,
		      unsigned long delay_jiffies);
void pp_tcp_timer_stop(struct sock *sk);	/* the retransmit timer */
void pp_tcp_delack_arm(struct sock *sk, unsigned long delay_jiffies);

/* No acknowledgment is owed. The timer is left running: it finds nothing to do.
 * Stopping and starting it with every segment would cost more.
 */
static inline void pp_tcp_delack_stop(struct sock *sk)
{
	const long owed = BIT(PKTPATH_TF_ACK_SCHED) | BIT(PKTPATH_TF_ACK_NOW) |
			  BIT(PKTPATH_TF_ACK_TIMER);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->tflags & owed)
		atomic_long_andnot(owed, (atomic_long_t *)&tp->tflags);
}

void pp_tcp_keepalive_arm(struct sock *sk, unsigned long delay_jiffies);
void pp_tcp_rearm_rto(struct sock *sk);
void pp_tcp_rto_revert(struct sock *sk, u32 seq);
u32 pp_tcp_rto_left(struct sock *sk);
void pp_tcp_release_cb(struct sock *sk);	/* deferred work */
u32 pp_tcp_rto_jiffies(const struct sock *sk);	/* with backoff */
void pp_tcp_set_keepalive(struct sock *sk, int val);
void pp_tcp_write_err(struct sock *sk);

/* ---- tcp_ipv4.c ---- */

int pp_tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb);
int pp_tcp_v4_rcv(struct sk_buff *skb);
int pp_tcp_v4_err(struct sk_buff *skb, u32 info);
void pp_tcp_drop(struct sock *sk, struct sk_buff *skb,
		 enum pp_drop_cause cause);
/* RFC 6528: ISN and timestamp offset of a tuple. */
void pp_tcp_secrets(struct pp_net *pn, const struct pp_tcp_key *key, u32 *isn,
		    u32 *ts_offset);

/* ---- tcp_listen.c, tcp_cookie.c ---- */

/* A SYN for a listener; no lock. Takes the skb. @isn: ours, 0: any */
void pp_tcp_conn_request(struct sock *lsk, struct sk_buff *skb, u32 isn);
/* A segment for a half-open object, no lock, takes the skb and @req's
 * reference; the child is fed with it when it completes.
 */
bool pp_tcp_req_rcv(struct pp_tcp_req *req, struct sk_buff *skb);
bool pp_tcp_req_drop(struct pp_tcp_req *req);	/* and unlink */
bool pp_tcp_req_permitted(const struct sock *lsk, struct sk_buff *skb);
void pp_tcp_req_discard(struct pp_tcp_req *req);
struct pp_tcp_req *pp_tcp_req_alloc(struct sock *lsk, struct sk_buff *skb,
				    const struct pp_tcp_opt *opt);
struct sock *pp_tcp_cookie_check(struct sock *lsk, struct sk_buff *skb,
				 const struct pp_tcp_opt *opt);
void pp_tcp_cookie_opt(struct pp_net *pn, struct pp_tcp_opt *opt);
void pp_tcp_cookie_send(struct pp_tcp_req *req, struct sk_buff *skb);
u32 pp_tcp_cookie_tsval(const struct pp_tcp_req *req, u32 now);
void pp_tcp_listen_stop(struct sock *sk);	/* drop queues */
struct pp_tcp_listener *pp_tcp_listener_get(struct sock *sk);
void pp_tcp_listener_free(struct pp_tcp_listener *lsn);
bool pp_tcp_accept_add(struct sock *lsk, struct sock *child);
struct sock *pp_tcp_accept_take(struct sock *lsk);
void pp_tcp_child_reject(struct sock *child);
/* A locked new child goes to the accept queue and gets its first segment;
 * takes the skb and the caller's reference on the child.
 */
void pp_tcp_child_rcv(struct sock *lsk, struct sock *child,
		      struct sk_buff *skb);

/* ---- tcp_migrate.c ---- */

bool pp_tcp_migrate_child(struct sock *sk, struct sock *child);
bool pp_tcp_migrate_req(struct sock *sk, struct pp_tcp_req *req);

/* ---- tcp_minisocks.c ---- */

/* A new socket for @req, in the table in its place; NULL: none. */
struct sock *pp_tcp_create_child(struct sock *lsk, struct pp_tcp_req *req,
				 struct sk_buff *skb);
/* No lock, takes the skb; true: it was a new SYN, go on with a listener. */
bool pp_tcp_tw_rcv(struct pp_tcp_tw *tw, struct sk_buff *skb, u32 *isn);
void pp_tcp_time_wait(struct sock *sk, int substate, int timeo_jiffies);
void pp_tcp_tw_kill(struct pp_tcp_tw *tw);
void pp_tcp_tw_purge(struct pp_net *pn);
void pp_tcp_child_free(struct sock *sk);
/* TIME_WAIT in the way of connect() to the same tuple: may it go? */
bool pp_tcp_tw_reusable(const struct pp_tcp_tw *tw, u32 *write_seq);

/* ---- tcp_input.c, tcp_state.c, tcp_data.c, tcp_sack_gen.c ---- */

void pp_tcp_rcv_established(struct sock *sk, struct sk_buff *skb);
/* 0, or 1: answer with a reset; takes the skb unless 1. */
int pp_tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb);
/* PAWS, window, RST, SYN checks; false: skb was dropped and answered. */
bool pp_tcp_validate_incoming(struct sock *sk, struct sk_buff *skb,
			      const struct tcphdr *th,
			      struct pp_tcp_opt *opt, bool syn_ok);
void pp_tcp_data_snd_check(struct sock *sk);
void pp_tcp_established(struct sock *sk);
void pp_tcp_finish_connect(struct sock *sk, struct sk_buff *skb);
void pp_tcp_data_queue(struct sock *sk, struct sk_buff *skb);
void pp_tcp_fin(struct sock *sk);
void pp_tcp_data_ready(struct sock *sk);
void pp_tcp_ooo_purge(struct sock *sk);
bool pp_tcp_ooo_prune(struct sock *sk, const struct sk_buff *in);
void pp_tcp_sack_new_ooo(struct sock *sk, u32 seq, u32 end_seq);
void pp_tcp_sack_remove(struct pp_tcp_sock *tp);	/* rcv_nxt moved */
void pp_tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq);
/* Room for blocks, NULL: no memory, then there are none. */
struct pp_tcp_sacks *pp_tcp_sacks(struct pp_tcp_sock *tp);
void pp_tcp_dsack_extend(struct sock *sk, u32 seq, u32 end_seq);

/* ---- tcp_ack.c, tcp_rtx_clean.c, tcp_sack.c ---- */

#define PKTPATH_ACK_DATA	0x01	/* the segment has data */
#define PKTPATH_ACK_SLOW	0x02	/* not by header prediction */
#define PKTPATH_ACK_WIN		0x04	/* window was updated */
#define PKTPATH_ACK_ACKED	0x08	/* new data acknowledged */
#define PKTPATH_ACK_RETRANS	0x10	/* of it, some retransmitted */
#define PKTPATH_ACK_SYN		0x20
#define PKTPATH_ACK_SACKED	0x40	/* new data SACKed */
#define PKTPATH_ACK_ECE		0x80
#define PKTPATH_ACK_LOST	0x100	/* segments newly marked lost */
#define PKTPATH_ACK_DSACK	0x200
#define PKTPATH_ACK_UNA		0x400	/* snd_una moved */
#define PKTPATH_ACK_REARM	0x1000	/* the retransmit timer starts anew */
#define PKTPATH_ACK_DSACK_TLP	0x2000	/* of the tail probe */

/* What one acknowledgment does, collected on its way through. */
struct pp_tcp_ack_state {
	u32 prior_una, prior_in_flight, prior_delivered, prior_lost;
	u32 prior_fack;		/* highest SACK of earlier ones */
	u32 flags;		/* PKTPATH_ACK_* */
	s64 ca_rtt_us, sack_rtt_us;	/* -1 none */
	u32 acked_segs;
	u32 ce;			/* of ours marked, if the peer counts them */
	u32 reord;		/* lowest sequence that came late */
	bool reord_valid, orig_sacked;	/* F-RTO: a first transmission arrived */
	u64 first_sackt_us, last_sackt_us;
	struct pp_tcp_rate_sample rs;
	const struct pp_tcp_opt *opt;
};

/* RFC 9293 §3.10.7.4 fifth step. 1: acceptable, 0: old, -1: drop (challenge
 * was sent). The skb stays the caller's.
 */
void pp_tcp_drop_ack(struct sock *sk, struct sk_buff *skb);
int pp_tcp_ack(struct sock *sk, struct sk_buff *skb,
	       const struct pp_tcp_opt *opt, u32 flags);
void pp_tcp_clean_rtx_queue(struct sock *sk, struct pp_tcp_ack_state *st);
void pp_tcp_sack_process(struct sock *sk, const struct sk_buff *skb,
			 struct pp_tcp_ack_state *st);
/* A segment is delivered: counts, rate sample, RACK. */
void pp_tcp_delivered(struct sock *sk, struct sk_buff *skb,
		      struct pp_tcp_ack_state *st);
void pp_tcp_check_reordering(struct sock *sk, u32 low_seq);
void pp_tcp_limit_reno(struct pp_tcp_sock *tp);
void pp_tcp_reno_dupack(struct sock *sk, struct pp_tcp_ack_state *st,
			u32 segs);
void pp_tcp_rtt_update(struct sock *sk, struct pp_tcp_ack_state *st,
		       s64 seq_rtt_us);
void pp_tcp_init_metrics(struct sock *sk);	/* at ESTABLISHED */

/* ---- tcp_recovery.c, tcp_undo.c, tcp_rack.c, tcp_ecn.c ---- */

void pp_tcp_fastretrans_alert(struct sock *sk, struct pp_tcp_ack_state *st);
void pp_tcp_enter_loss(struct sock *sk);	/* RTO */
void pp_tcp_enter_cwr(struct sock *sk);
void pp_tcp_enter_recovery(struct sock *sk, bool ece);
void pp_tcp_mark_lost(struct pp_tcp_sock *tp, struct sk_buff *skb);
void pp_tcp_cwnd_reduction(struct sock *sk, u32 newly_acked, u32 newly_lost,
			   u32 flags);
void pp_tcp_end_reduction(struct sock *sk);
void pp_tcp_simple_retransmit(struct sock *sk);	/* MTU shrank */
void pp_tcp_retransmit_lost(struct sock *sk);	/* but not by congestion */
void pp_tcp_cwnd_restart(struct sock *sk);	/* RFC 9293 idle, 5681 §4.1 */
void pp_tcp_cwnd_validate(struct sock *sk, bool limited);	/* RFC 2861 */

/* Was the window in use? In slow start twice what a flight needed may be needed. */
static inline bool pp_tcp_cwnd_is_limited(const struct pp_tcp_sock *tp)
{
	return tp->cwnd_full || (tp->c.cwnd < tp->c.ssthresh &&
				 tp->c.cwnd < 2 * tp->flight_max);
}

bool pp_tcp_try_undo(struct sock *sk, struct pp_tcp_ack_state *st);
void pp_tcp_process_loss(struct sock *sk, struct pp_tcp_ack_state *st,
			 u32 dupacks);
bool pp_tcp_reno_holds(struct pp_tcp_sock *tp);
void pp_tcp_rack_advance(struct pp_tcp_sock *tp, u8 sacked, u32 end_seq,
			 u64 xmit_us);
bool pp_tcp_rack_mark_lost(struct sock *sk);
void pp_tcp_rack_reo_timeout(struct sock *sk);

/* Recoveries for which the window of reordering stays wide. */
#define PKTPATH_RACK_PERSIST 16

/* A recovery went by that was needed. */
static inline void pp_tcp_rack_recovered(struct pp_tcp_sock *tp)
{
	if (tp->rack.reo_wnd_persist)
		tp->rack.reo_wnd_persist--;
}

/* Bits of tcp_recovery; 1, RACK itself, is always on. */
#define PKTPATH_RACK_STATIC_WND		2
#define PKTPATH_RACK_NO_DUPTHRESH	4

void pp_tcp_rack_update_reo_wnd(struct sock *sk);
void pp_tcp_process_tlp_ack(struct sock *sk, u32 ack, u32 flags);
void pp_tcp_ecn_syn(struct sock *sk, struct tcphdr *th);
void pp_tcp_ecn_send(struct sock *sk, struct sk_buff *skb,
		     struct tcphdr *th, bool new_data);
void pp_tcp_ecn_rcv(struct sock *sk, const struct sk_buff *skb);
void pp_tcp_ecn_synack(struct sock *sk, const struct sk_buff *skb,
		       const struct pp_tcp_opt *opt);
void pp_tcp_ecn_crossed(struct sock *sk, const struct sk_buff *skb);
bool pp_tcp_ecn_taken(const struct sock *lsk, const struct pp_tcp_req *req);
void pp_tcp_ecn_req(struct pp_tcp_req *req, const struct sock *lsk,
		    const struct tcphdr *th);

/* ---- tcp_accecn_sk.c; all but those of requests and info: with tp->ae ---- */

bool pp_tcp_accecn_syn(struct sock *sk, struct tcphdr *th);
void pp_tcp_accecn_synack(struct sock *sk, const struct sk_buff *skb,
			  const struct pp_tcp_opt *opt);
void pp_tcp_accecn_crossed(struct sock *sk, const struct sk_buff *skb);
bool pp_tcp_accecn_child(struct sock *sk, const struct pp_tcp_req *req);
void pp_tcp_accecn_third(struct sock *sk, const struct sk_buff *skb,
			 const struct pp_tcp_opt *opt);
void pp_tcp_accecn_answer(struct sock *sk, u8 ecn,
			  void (*send)(struct sock *sk));
void pp_tcp_accecn_rcv(struct sock *sk, struct sk_buff *skb);
void pp_tcp_accecn_acked(struct sock *sk, const struct sk_buff *skb,
			 struct pp_tcp_ack_state *st);
bool pp_tcp_accecn_gso_ok(const struct pp_tcp_sock *tp);
u8 pp_tcp_accecn_send(struct sock *sk, struct sk_buff *skb, bool payload);
void pp_tcp_accecn_send_synack(struct pp_tcp_sock *tp, struct tcphdr *th);
void pp_tcp_accecn_option(struct sock *sk, struct pp_tcp_opt *o, bool room);
void pp_tcp_accecn_option_synack(struct sock *sk, struct pp_tcp_opt *o);
void pp_tcp_accecn_sent(struct pp_tcp_sock *tp, const struct pp_tcp_opt *o);
void pp_tcp_accecn_req(struct pp_tcp_req *req, const struct sock *lsk,
		       const struct tcphdr *th);
void pp_tcp_accecn_req_cookie(struct pp_tcp_req *req, const struct sock *lsk,
			      const struct tcphdr *th);
void pp_tcp_accecn_req_again(struct pp_tcp_req *req,
			     const struct sk_buff *skb);
u16 pp_tcp_accecn_req_synack(struct pp_tcp_req *req, struct pp_tcp_opt *o);
void pp_tcp_accecn_info(const struct pp_tcp_sock *tp, struct tcp_info *i);

/* ---- tcp_cc.c ---- */

void pp_tcp_cc_init(struct sock *sk);		/* at ESTABLISHED */
void pp_tcp_cc_pause(struct sock *sk);		/* at disconnect */
void pp_tcp_cc_release(struct sock *sk);
int pp_tcp_cc_set(struct sock *sk, const char *name, bool cap_admin);
void pp_tcp_cc_assign(struct sock *sk);		/* the netns's default */
void pp_tcp_cc_by_route(struct sock *sk, const struct pp_dst *dst);
void pp_tcp_cc_inherit(struct sock *sk, const struct sock *lsk,
		       const struct pp_dst *dst);
void pp_tcp_cc_state(struct sock *sk, u8 state);
void pp_tcp_cc_event(struct sock *sk, enum pktpath_cc_event ev);
void pp_tcp_cc_acked(struct sock *sk, struct pp_tcp_ack_state *st);
void pp_tcp_cc_net_init(struct pp_net *pn);
void pp_tcp_cc_net_exit(struct pp_net *pn);
int pp_tcp_cc_start(void);
void pp_tcp_cc_stop(void);

static inline bool pp_tcp_cc_needs_ecn(const struct pktpath_cc_ops *cc)
{
	return cc && cc->flags & PKTPATH_CC_NEEDS_ECN;
}

static inline bool pp_tcp_cc_wants_accecn(const struct pktpath_cc_ops *cc)
{
	return cc && cc->flags & PKTPATH_CC_WANTS_ACCECN;
}

#endif
