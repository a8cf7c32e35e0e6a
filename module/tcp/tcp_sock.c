// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a TCP socket: fields, state changes, memory, end.
 *
 * Path: sock/stream.c
 * Mirrors: net/ipv4/tcp.c (tcp_init_sock, tcp_set_state, tcp_done),
 *	    inet_connection_sock.c (inet_csk_destroy_sock)
 * Locks: socket locked unless said otherwise
 *
 * A socket has one reference of its owner: the user's descriptor, the accept
 * queue, or, as an orphan, itself until pp_tcp_done(). Tables hold none; their
 * readers take one from a count that is not zero.
 */
#include <linux/mm.h>
#include <asm/ioctls.h>
#include <linux/sockios.h>
#include <linux/module.h>
#include "compat/compat.h"
#include "core/layer.h"
#include "core/ops.h"
#include "tcp/tcp_ao.h"
#include "tcp/tcp_md5.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

int pp_tcp_max_orphans = 65536;
static atomic_t pp_tcp_orphans;	/* sockets without a user */
atomic_long_t pp_tcp_memory_allocated;
static unsigned int pp_tcp_head_size __read_mostly;
static DEFINE_PER_CPU(int, pp_tcp_fw_alloc);
#define PKTPATH_TCP_FW_MAX	256	/* pages */
static struct percpu_counter pp_tcp_sockets;
unsigned long pp_tcp_memory_pressure;
long pp_tcp_mem[3];
static int pp_tcp_rmem_min[3] = { 4096, 131072, 6 << 20 };
static int pp_tcp_wmem_min[3] = { 4096, 16384, 4 << 20 };

/* What sock/ has set before ours. */
static void (*pp_tcp_base_destruct)(struct sock *sk);

/* Options a child has from its listener. */
#define PKTPATH_TF_INHERIT (BIT(PKTPATH_TF_NODELAY) | BIT(PKTPATH_TF_CORK) | \
			    BIT(PKTPATH_TF_INQ) | \
			    BIT(PKTPATH_TF_SAVE_SYN) | \
			    BIT(PKTPATH_TF_SAVE_SYN_MAC) | \
			    BIT(PKTPATH_TF_FO_CONNECT) | \
			    BIT(PKTPATH_TF_FO_NO_COOKIE) | \
			    BIT(PKTPATH_TF_CC_CHOSEN))

/* ---- Memory ---- */

static void pp_tcp_enter_pressure(struct sock *sk)
{
	if (!xchg(&pp_tcp_memory_pressure, 1))
		pp_tcp_ext_inc(sk, MEMORYPRESSURES);
}

static void pp_tcp_leave_pressure(struct sock *sk)
{
	WRITE_ONCE(pp_tcp_memory_pressure, 0);
}

static bool pp_tcp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 low = tp->notsent_lowat ? :
		  READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_notsent_lowat);
	u32 notsent = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);

	return notsent << wake < low;
}

/*
 * With a cgroup that is charged, and gets back what we give back. Of what
 * modules may call only a writer beyond its buffer is never refused: when the
 * cgroup is full, the socket passes for one.
 */
static void pp_tcp_mem_force_charge(struct sock *sk, int size)
{
	int queued = sk->sk_wmem_queued;

	/* As a reader first, whose refusal leaves no trace. */
	if (__sk_mem_schedule(sk, size, SK_MEM_RECV))
		return;
	WRITE_ONCE(sk->sk_wmem_queued,
		   min_t(s64, 2ll * sk->sk_sndbuf, INT_MAX - size));
	WARN_ON_ONCE(!__sk_mem_schedule(sk, size, SK_MEM_SEND));
	WRITE_ONCE(sk->sk_wmem_queued, queued);
	/* Who has polled meanwhile has seen no room. */
	pp_tcp_stream_memfree(sk);
}

/**
 * pp_tcp_mem_force_slow() - let a socket have memory whatever the limits say
 * @sk: socket
 * @size: bytes beyond what it has
 *
 * It is counted and charged, so that others feel it.
 * Mirrors: net/ipv4/tcp_output.c:sk_forced_mem_schedule (v7.2)
 *
 * Context: socket locked.
 */
void pp_tcp_mem_force_slow(struct sock *sk, int size)
{
	int pages;

	if (pp_compat_sk_charged(sk) || pp_compat_sk_bypasses(sk)) {
		pp_tcp_mem_force_charge(sk, size);
		return;
	}
	pages = sk_mem_pages(size);
	sk_forward_alloc_add(sk, pages << PAGE_SHIFT);
	/* As for struct proto: this CPU's share, now and then brought home. */
	pages = this_cpu_add_return(pp_tcp_fw_alloc, pages);
	if (unlikely(pages >= PKTPATH_TCP_FW_MAX)) {
		this_cpu_sub(pp_tcp_fw_alloc, pages);
		atomic_long_add(pages, &pp_tcp_memory_allocated);
	}
	/* Who has little asks in no other way, and must see that it is over. */
	if (unlikely(READ_ONCE(pp_tcp_memory_pressure)) &&
	    atomic_long_read(&pp_tcp_memory_allocated) <= pp_tcp_mem[0])
		pp_tcp_leave_pressure(sk);
}

/**
 * pp_tcp_skb_alloc() - an skb for a queue of ours
 * @sk: socket
 * @linear: bytes of payload in the head
 * @gfp: how
 * @force: take it even beyond the limits: what is being sent must get on
 *
 * Room for all headers is reserved in front. The caller charges truesize.
 *
 * Context: socket locked.
 * Return: skb, or NULL.
 */
struct sk_buff *pp_tcp_skb_alloc(struct sock *sk, unsigned int linear,
				 gfp_t gfp, bool force)
{
	struct sk_buff *skb = NULL;

	/* From a page, of the very size that the slab would give: it may be
	 * replaced by one from there when it is shared.
	 */
	if (likely(!linear))
		skb = pp_head_skb(pp_tcp_head_size, gfp);
	if (unlikely(!skb))
		skb = alloc_skb_fclone(linear + PKTPATH_TCP_HEADROOM, gfp);
	if (unlikely(!skb))
		return NULL;
	/* Who has nothing on the way may always send one. */
	if (force || (skb_queue_empty(&sk->sk_write_queue) &&
		      RB_EMPTY_ROOT(&sk->tcp_rtx_queue))) {
		pp_tcp_mem_force(sk, skb->truesize);
	} else if (!sk_wmem_schedule(sk, skb->truesize)) {
		kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, PKTPATH_TCP_HEADROOM);
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(skb->cb, 0, sizeof(skb->cb));
	return skb;
}

/**
 * pp_tcp_unclone() - the head of an skb on a queue is to be changed
 * @sk: socket
 * @skb: on a queue of ours; what was sent of it may still share its head
 * @gfp: for a copy of the head
 *
 * Should the copy be larger, the socket is charged for it.
 *
 * Context: socket locked.
 * Return: 0 or -ENOMEM.
 */
int pp_tcp_unclone(struct sock *sk, struct sk_buff *skb, gfp_t gfp)
{
	int delta = skb->truesize;

	if (skb_unclone(skb, gfp))
		return -ENOMEM;
	delta = skb->truesize - delta;
	if (likely(!delta))
		return 0;
	sk_wmem_queued_add(sk, delta);
	if (delta > 0) {
		pp_tcp_mem_force(sk, delta);
		sk_mem_charge(sk, delta);
	} else {
		sk_mem_uncharge(sk, -delta);
	}
	return 0;
}

/**
 * pp_tcp_skb_free() - an skb has left a queue of ours
 * @sk: socket
 * @skb: taken
 *
 * Context: socket locked.
 */
void pp_tcp_skb_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	consume_skb(skb);
}

/**
 * pp_tcp_write_queue_purge() - drop what was to be sent and what is in flight
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_write_queue_purge(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		pp_tcp_skb_free(sk, skb);
	while ((skb = pp_tcp_rtx_head(tp))) {
		pp_tcp_rtx_unlink(sk, skb);
		pp_tcp_skb_free(sk, skb);
	}
	pp_tcp_chrono_end(sk, tp->chrono_what);
	tp->packets_out = 0;
	tp->sacked_out = 0;
	tp->lost_out = 0;
	tp->retrans_out = 0;
	tp->backoff = 0;
}

/* A writer waits, and SO_SNDBUF has made room for it. */
static void pp_tcp_sndbuf_grown(struct sock *sk)
{
	struct socket_wq *wq;
	struct socket *sock;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	sock = wq ? container_of(wq, struct socket, wq) : NULL;
	if (sock && test_bit(SOCK_NOSPACE, &sock->flags) &&
	    sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sock->flags);
		if (skwq_has_sleeper(wq))
			wake_up_interruptible_poll(&wq->wait, EPOLLOUT |
						   EPOLLWRNORM | EPOLLWRBAND);
		if (wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
			sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	}
	rcu_read_unlock();
}

/**
 * pp_tcp_write_space() - sk->sk_write_space: a packet of ours has left, or the
 *	buffer was made larger
 * @sk: socket, kept by its send memory or its owner
 *
 * Called by sock_wfree() under locks of queues below, so it only kicks and
 * wakes; by SO_SNDBUF, whose caller owns the socket.
 * Context: any.
 */
void pp_tcp_write_space(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (pp_tf(tp, PKTPATH_TF_THROTTLED))
		pp_tcp_kick(sk, 0);
	if (unlikely(sock_owned_by_user_nocheck(sk)))
		pp_tcp_sndbuf_grown(sk);
}

/**
 * pp_tcp_stream_memfree() - wake writers if there is room
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_stream_memfree(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	if (!sock || !sk_stream_is_writeable(sk))
		return;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT |
					   EPOLLWRNORM | EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

/* ---- Fields ---- */

/* What is not 0 in a socket without a connection. */
static void pp_tcp_fresh_fields(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_rtt_init(&tp->rtt);
	tp->rack.reo_wnd_steps = 1;
	tp->c.cwnd = 10;
	tp->c.ssthresh = 0x7fffffff;
	tp->c.cwnd_clamp = ~0u;
	tp->reordering = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_reordering);
	INIT_LIST_HEAD(&tp->sent);
	tp->mss_cache = 536;
	tp->rcv_mss = 536;
	tp->scaling_ratio = 128;
}

/**
 * pp_tcp_init_sock_fields() - a socket without a connection
 * @sk: a copy of a listener, or disconnected; options are kept
 *
 * Context: process or softirq.
 */
void pp_tcp_init_sock_fields(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	/* Bits of work may be set at any time. */
	atomic_long_and(PKTPATH_TF_INHERIT | PKTPATH_TD_ALL,
			(atomic_long_t *)&tp->tflags);
	sk->tcp_rtx_queue = RB_ROOT;
	tp->ooo_queue = RB_ROOT;
	tp->ooo_last = NULL;
	memset(&tp->rate, 0, sizeof(tp->rate));
	memset(&tp->c, 0, sizeof(tp->c));
	memset(&tp->rack, 0, sizeof(tp->rack));
	pp_tcp_fresh_fields(sk);
	tp->reord_seen = 0;
	tp->snd_wscale = 0;
	tp->rcv_wscale = 0;
	tp->packets_out = 0;
	tp->sacked_out = 0;
	tp->lost_out = 0;
	tp->retrans_out = 0;
	tp->num_sacks = 0;
	tp->has_dsack = 0;
	tp->retransmits = 0;
	tp->backoff = 0;
	tp->probes_out = 0;
	tp->probes_since_ms = 0;
	tp->first_rtx_us_ts = 0;
	tp->undo_marker = 0;
	tp->tlp_high_seq = 0;
	tp->frto = 0;
	tp->rcv_urg_state = 0;
	tp->quickack = 0;
	tp->pingpong = 0;
	tp->ato_jiffies = 0;
	tp->total_retrans = 0;
	tp->rcv_rtt_us = 0;
	tp->rcv_rtt_seq = 0;
	tp->rcv_rtt_time_us = 0;
	tp->pmtu_cookie = 0;
	tp->max_window = 0;
	tp->bytes_acked = 0;
	tp->bytes_received = 0;
	tp->bytes_sent = 0;
	tp->bytes_retrans = 0;
	tp->segs_in = 0;
	tp->segs_out = 0;
	tp->data_segs_in = 0;
	tp->data_segs_out = 0;
	if (tp->sacks)
		memset(&tp->sacks->count, 0, sizeof(tp->sacks->count));
	tp->chrono_what = 0;
	memset(tp->chrono, 0, sizeof(tp->chrono));
	if (tp->pacer)
		tp->pacer->until_ns = 0;
	kfree(tp->mtup);
	tp->mtup = NULL;
	kfree(tp->ae);
	tp->ae = NULL;
	if (tp->sacks)
		memset(tp->sacks->seen, 0, sizeof(tp->sacks->seen));
}

/* Segments under way may still look at the listener's queues: they end with
 * the last reference.
 */
static void pp_tcp_sk_destruct(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	pp_tcp_listener_free(tp->lsn);
	pp_tcp_md5_free_keys(sk);
	pp_tcp_ao_detach(sk);
	kfree(tp->sacks);
	kfree(tp->ae);
	kfree(tp->mtup);
	kfree(tp->pacer);
	kfree(tp->open.saved_syn);
	pp_tcp_base_destruct(sk);
}

static int pp_tcp_init_sock(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;

	tp->tn.kind = PKTPATH_TCP_FULL;
	INIT_HLIST_NODE(&sk->sk_bind_node);
	pp_tcp_timers_init(sk);
	pp_tcp_fresh_fields(sk);
	/* whole ticks, as AF_INET */
	pp_tcp_rtt_set_min(&tp->rtt, jiffies_to_usecs(usecs_to_jiffies
			   (READ_ONCE(s->tcp_rto_min_us))));
	pp_tcp_cc_assign(sk);
	/* The same function for every socket of ours. */
	WRITE_ONCE(pp_tcp_base_destruct, sk->sk_destruct);
	sk->sk_destruct = pp_tcp_sk_destruct;
	sk->sk_write_space = pp_tcp_write_space;
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(s->tcp_wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(s->tcp_rmem[1]));
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk_sockets_allocated_inc(sk);
	return 0;
}

/* ---- States and end ---- */

static bool pp_tcp_counts_estab(int state)
{
	return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT;
}

/**
 * pp_tcp_set_state() - change the state, with all that hangs on it
 * @sk: socket
 * @state: TCP_*
 *
 * Context: socket locked.
 */
void pp_tcp_set_state(struct sock *sk, int state)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	int old = sk->sk_state;

	/* RFC 4022: CLOSE_WAIT counts, as in the kernel since 6.11. */
	if (pp_tcp_counts_estab(state) != pp_tcp_counts_estab(old))
		pp_mib_add(pn, TCP_CURRESTAB, pp_tcp_counts_estab(old) ? -1 : 1);
	if (state == TCP_CLOSE) {
		pp_tcp_fo_forget(sk, false);
		if (old == TCP_ESTABLISHED || old == TCP_CLOSE_WAIT)
			pp_mib_inc(pn, TCP_ESTABRESETS);
		sk->sk_prot->unhash(sk);
		if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
			pp_tcp_put_port(sk);
	}
	/* Pairs with pp_tcp_poll(): fields of the new state come first. */
	smp_store_release(&sk->sk_state, state);
}

/**
 * pp_tcp_orphan() - the user has let go
 * @sk: socket
 *
 * Context: process or softirq, socket locked (bh).
 */
void pp_tcp_orphan(struct sock *sk)
{
	sock_orphan(sk);
	atomic_inc(&pp_tcp_orphans);
}

/**
 * pp_tcp_too_many_orphans() - must this one go for the others?
 * @sk: orphan
 *
 * Context: socket locked.
 * Return: true beyond the limit on their number on this host, or on memory.
 */
bool pp_tcp_too_many_orphans(struct sock *sk)
{
	if (atomic_read(&pp_tcp_orphans) <= READ_ONCE(pp_tcp_max_orphans) &&
	    (sk->sk_wmem_queued <= SOCK_MIN_SNDBUF ||
	     atomic_long_read(&pp_tcp_memory_allocated) <= pp_tcp_mem[2]))
		return false;
	pp_tcp_ext_inc(sk, ABORTONMEMORY);
	return true;
}

/**
 * pp_tcp_destroy_orphan() - end of an orphan in CLOSE
 * @sk: orphan; the owner's reference is given up
 *
 * Context: process or softirq.
 */
void pp_tcp_destroy_orphan(struct sock *sk)
{
	atomic_dec(&pp_tcp_orphans);
	sk->sk_prot->destroy(sk);
	sock_put(sk);
}

/**
 * pp_tcp_done() - the connection has ended
 * @sk: socket; the caller holds a reference beside the owner's
 *
 * Context: socket locked.
 */
void pp_tcp_done(struct sock *sk)
{
	if (sk->sk_state == TCP_CLOSE && sock_flag(sk, SOCK_DEAD))
		return;
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		pp_mib_inc(pp_sk(sk)->pn, TCP_ATTEMPTFAILS);
	pp_tcp_set_state(sk, TCP_CLOSE);
	pp_tcp_timers_clear(sk);
	pp_tcp_write_queue_purge(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		pp_tcp_destroy_orphan(sk);
}

/**
 * pp_tcp_reset() - the peer has reset the connection
 * @sk: socket
 * @err: errno for the user; 0: by the state
 *
 * RFC 9293 §3.10.7.4 second step.
 * Context: socket locked.
 */
void pp_tcp_reset(struct sock *sk, int err)
{
	if (!err) {
		switch (sk->sk_state) {
		case TCP_SYN_SENT:
			err = ECONNREFUSED;
			break;
		case TCP_CLOSE_WAIT:
			err = EPIPE;
			break;
		case TCP_CLOSE:
			return;
		default:
			err = ECONNRESET;
		}
	}
	WRITE_ONCE(sk->sk_err, err);
	pp_tcp_fo_forget(sk, true);
	/* Pairs with pp_tcp_poll(): who sees the state sees the error. */
	smp_wmb();
	pp_tcp_done(sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

/* proto.destroy: what a socket has beside its memory. */
static void pp_tcp_destroy_sock(struct sock *sk)
{
	pp_tcp_fo_forget(sk, false);
	pp_tcp_fo_end_check(sk);
	pp_tcp_timers_clear(sk);
	pp_tcp_write_queue_purge(sk);
	pp_tcp_ooo_purge(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	pp_tcp_cc_release(sk);
	pp_tcp_put_port(sk);
	/* with what SO_RESERVE_MEM has kept back */
	sk_mem_reclaim_final(sk);
	sk_sockets_allocated_dec(sk);
}

static int pp_tcp_ioctl(struct sock *sk, int cmd, int *karg)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool slow;

	switch (cmd) {
	case SIOCINQ:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		slow = lock_sock_fast(sk);
		*karg = pp_tcp_inq(sk);
		unlock_sock_fast(sk, slow);
		return 0;
	case SIOCATMARK:
		*karg = tp->rcv_urg_state &&
			READ_ONCE(tp->rcv_up) == READ_ONCE(tp->copied_seq);
		return 0;
	case SIOCOUTQ:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		*karg = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) ?
			0 : READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_una);
		return 0;
	case SIOCOUTQNSD:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		*karg = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) ?
			0 : READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

PKTPATH_PROTO_IOCTL(pp_tcp_ioctl)
PKTPATH_PROTO_RECVMSG(pp_tcp_recvmsg)

/* `sock kill` and `down`: as ss -K. */
static int pp_tcp_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN) {
		pp_tcp_set_state(sk, TCP_CLOSE);
		pp_tcp_listen_stop(sk);
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	}
	local_bh_disable();
	bh_lock_sock(sk);
	if (sk->sk_state != TCP_CLOSE) {
		WRITE_ONCE(sk->sk_err, err);
		/* Pairs with pp_tcp_poll(). */
		smp_wmb();
		if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_SYN_RECV |
					   TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 |
					   TCPF_CLOSE_WAIT | TCPF_CLOSING))
			pp_tcp_send_active_reset(sk, GFP_ATOMIC);
		sk_error_report(sk);
		pp_tcp_done(sk);
	}
	bh_unlock_sock(sk);
	local_bh_enable();
	release_sock(sk);
	return 0;
}

struct proto pp_tcp_prot = {
	.name = "PKTPATH-TCP",
	.owner = THIS_MODULE,
	.obj_size = PKTPATH_SOCK_SIZE(struct pp_tcp_sock),
	/* Not for the sake of readers, who have a grace period: such objects
	 * are cleared once where the kernel clears all it allocates, in
	 * sk_alloc(). KASAN sees more without.
	 */
	.slab_flags = IS_ENABLED(CONFIG_KASAN) ? 0 : SLAB_TYPESAFE_BY_RCU,
	.init = pp_tcp_init_sock,
	.destroy = pp_tcp_destroy_sock,
	.close = pp_tcp_close,
	.disconnect = pp_tcp_disconnect,
	.ioctl = PKTPATH_IOCTL_OP(pp_tcp_ioctl),
	.setsockopt = pp_tcp_setsockopt,
	.getsockopt = pp_tcp_getsockopt,
	.keepalive = pp_tcp_set_keepalive,
	.sendmsg = pp_tcp_sendmsg,
	.recvmsg = PKTPATH_RECVMSG_OP(pp_tcp_recvmsg),
	.backlog_rcv = pp_tcp_v4_do_rcv,
	.release_cb = pp_tcp_release_cb,
	.unhash = pp_tcp_unhash,
	.get_port = pp_tcp_get_port,
	.put_port = pp_tcp_put_port,
	.diag_destroy = pp_tcp_abort,
	.enter_memory_pressure = pp_tcp_enter_pressure,
	.leave_memory_pressure = pp_tcp_leave_pressure,
	.stream_memory_free = pp_tcp_stream_memory_free,
	.sockets_allocated = &pp_tcp_sockets,
	.memory_allocated = &pp_tcp_memory_allocated,
	.per_cpu_fw_alloc = &pp_tcp_fw_alloc,
	.memory_pressure = &pp_tcp_memory_pressure,
	.sysctl_mem = pp_tcp_mem,
	.sysctl_wmem = pp_tcp_wmem_min,
	.sysctl_rmem = pp_tcp_rmem_min,
	.max_header = PKTPATH_TCP_HEADROOM,
};

/* ---- Layer ---- */

static const struct pp_net_protocol pp_tcp_protocol = {
	.handler = pp_tcp_v4_rcv,
	.err = pp_tcp_v4_err,
};

static void pp_tcp_mem_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);

	pp_tcp_mem[0] = limit / 4 * 3;
	pp_tcp_mem[1] = limit;
	pp_tcp_mem[2] = pp_tcp_mem[0] * 2;
}

/* What the slab makes of a head without payload. */
static int pp_tcp_head_init(void)
{
	struct sk_buff *skb = alloc_skb(PKTPATH_TCP_HEADROOM, GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	pp_tcp_head_size = skb_end_offset(skb);
	kfree_skb(skb);
	return 0;
}

/* Kernels that watch locks and timers make them larger. */
#define PKTPATH_TCP_UNWATCHED (!IS_ENABLED(CONFIG_LOCKDEP) && \
			       !IS_ENABLED(CONFIG_DEBUG_SPINLOCK))

static int pp_tcp_init(void)
{
	int err = pp_tcp_head_init();

	if (err)
		return err;

	/* Every connection pays for it: what few need is allocated when they
	 * do.
	 */
	BUILD_BUG_ON(PKTPATH_TCP_UNWATCHED &&
		     sizeof(struct pp_tcp_sock) - sizeof(struct pp_sock) > 856);
	BUILD_BUG_ON(PKTPATH_TCP_UNWATCHED && sizeof(struct pp_tcp_req) > 192);
	BUILD_BUG_ON(PKTPATH_TCP_UNWATCHED && sizeof(struct pp_tcp_tw) > 216);
	BUILD_BUG_ON(sizeof(struct pp_tcp_skb_cb) >
		     sizeof_field(struct sk_buff, cb));
	pp_tcp_mem_init();
	err = percpu_counter_init(&pp_tcp_sockets, 0, GFP_KERNEL);
	if (err)
		return err;
	err = proto_register(&pp_tcp_prot, 1);
	if (err)
		percpu_counter_destroy(&pp_tcp_sockets);
	return err;
}

static void pp_tcp_exit(void)
{
	pp_tcp_md5_exit();
	pp_tcp_ao_exit();
	proto_unregister(&pp_tcp_prot);
	percpu_counter_destroy(&pp_tcp_sockets);
}

static int pp_tcp_start(void)
{
	int err = pp_tcp_cc_start();

	if (err)
		return err;
	err = pp_protocol_add(&pp_tcp_protocol, IPPROTO_TCP);
	if (err)
		pp_tcp_cc_stop();
	return err;
}

static void pp_tcp_stop(void)
{
	pp_protocol_del(&pp_tcp_protocol, IPPROTO_TCP);
	pp_tcp_cc_stop();
}

static int pp_tcp_net_init(struct pp_net *pn)
{
	int err = pp_tcp_table_net_init(pn);

	if (!err)
		pp_tcp_cc_net_init(pn);
	return err;
}

static void pp_tcp_net_exit(struct pp_net *pn)
{
	if (!pn->tcp)
		return;
	pp_tcp_tw_purge(pn);
	/* A timer that had just fired may still be at work on the table. */
	synchronize_rcu();
	pp_tcp_table_net_exit(pn);
	pp_tcp_cc_net_exit(pn);
}

const struct pp_layer pp_tcp_layer = {
	.name = "tcp",
	.init = pp_tcp_init,
	.exit = pp_tcp_exit,
	.net_init = pp_tcp_net_init,
	.net_exit = pp_tcp_net_exit,
	.start = pp_tcp_start,
	.stop = pp_tcp_stop,
};
