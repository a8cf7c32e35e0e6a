// SPDX-License-Identifier: GPL-2.0
/*
 * Timers of a connection.
 *
 * Path: armed by tcp_output.c, tcp_ack.c, tcp_ack_out.c; fire into
 *	 tcp_retransmit.c, tcp_recovery.c, tcp_ack_out.c
 * Mirrors: net/ipv4/tcp_timer.c
 * Locks: the callbacks take the socket's spinlock; when a user owns the socket
 * the work is left to pp_tcp_release_cb(). An armed timer holds the socket.
 *
 * rtx_timer serves one purpose at a time (tp->timer_what):
 *   RTO    something is in flight: RFC 6298. Armed when the first segment is
 *	    sent, again with every acknowledgment of new data (5.3).
 *   TLP    in its place while all is well: RFC 8985 §7.
 *   REO    something may be lost or only late: RFC 8985 §6.3.
 *   PROBE  nothing is in flight, data waits, the window is shut: RFC 9293
 *	    §3.8.6.1.
 * delack_timer: an acknowledgment is owed, at most 200 ms.
 * sk_timer: keepalive in ESTABLISHED and CLOSE_WAIT; the life of an orphan in
 *	    FIN_WAIT_2; before either, a FIN that could not be made yet.
 *
 * Giving up: R1 and R2 of RFC 9293 §3.8.3 are tcp_retries1 and tcp_retries2
 * (as time, summed over the backoff), or TCP_USER_TIMEOUT (RFC 5482).
 */
#include <linux/tcp.h>
#include "neigh/neigh.h"
#include "tcp/tcp_priv.h"

/* ---- Arming ---- */

#define PKTPATH_FIN_AGAIN	(HZ / 5)

/**
 * pp_tcp_rto_jiffies() - retransmission time-out now
 * @sk: socket
 *
 * Context: socket locked.
 * Return: jiffies with backoff, > 0.
 */
u32 pp_tcp_rto_jiffies(const struct sock *sk)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	return usecs_to_jiffies(pp_tcp_rtt_rto_us(&tp->rtt, tp->backoff)) ? : 1;
}

/*
 * A timer that runs and fires before it is due is left alone: it finds out and
 * runs on. With data flowing the time-out moves with every segment, and moving
 * the timer each time would cost more than a callback now and then.
 */
static void pp_tcp_timer_run(struct sock *sk, struct timer_list *t,
			     unsigned long when)
{
	if (!timer_pending(t) || time_after(t->expires, when))
		sk_reset_timer(sk, t, when);
}

/* One that was set for long fires inexactly and must not stand for a short. */
static void pp_tcp_rtx_run(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	s32 left = pp_tcp_until(tp->rtx_when);

	if (likely(!tp->rtx_coarse))
		pp_tcp_timer_run(sk, &tp->rtx_timer, jiffies + left);
	else
		sk_reset_timer(sk, &tp->rtx_timer, jiffies + left);
	tp->rtx_coarse = left > HZ;
}

/**
 * pp_tcp_timer_arm() - arm the retransmit timer for one purpose
 * @sk: socket
 * @what: purpose; replaces what it was armed for
 * @delay_jiffies: from now
 *
 * Context: socket locked.
 */
void pp_tcp_timer_arm(struct sock *sk, enum pp_tcp_timer what,
		      unsigned long delay_jiffies)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (delay_jiffies > 120 * HZ)
		delay_jiffies = 120 * HZ;
	tp->timer_what = what;
	tp->rtx_when = pp_jiffies32() + delay_jiffies;
	pp_tcp_rtx_run(sk);
}

/**
 * pp_tcp_timer_stop() - nothing is waited for
 * @sk: socket
 *
 * The timer is left running: it finds nothing to do.
 *
 * Context: socket locked.
 */
void pp_tcp_timer_stop(struct sock *sk)
{
	pp_tcp_sk(sk)->timer_what = PKTPATH_TT_NONE;
}

/**
 * pp_tcp_rto_left() - until the time-out of the oldest segment
 * @sk: socket with something in flight
 *
 * Context: socket locked.
 * Return: jiffies from now, at least 1; all of the RTO when that time is over.
 */
u32 pp_tcp_rto_left(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *head = pp_tcp_rtx_head(tp);
	s64 left;

	if (!head)
		return pp_tcp_rto_jiffies(sk);
	left = (s64)pp_tcp_rtt_rto_us(&tp->rtt, tp->backoff) -
	       (s64)(tp->mstamp_us -
		     div_u64(head->skb_mstamp_ns, NSEC_PER_USEC));
	return left > 0 ? usecs_to_jiffies(left) ? : 1 : pp_tcp_rto_jiffies(sk);
}

/**
 * pp_tcp_rearm_rto() - restart the time-out from the oldest segment
 * @sk: socket
 *
 * RFC 6298 (5.2), (5.3); after a tail probe or a reordering wait the time that
 * has passed since the head was sent counts.
 *
 * Context: socket locked.
 */
void pp_tcp_rearm_rto(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *head;
	u32 rto;

	/* The timer is the SYN-ACK's until that is acknowledged. */
	if (pp_tcp_fo(tp))
		return;
	if (!tp->packets_out) {
		pp_tcp_timer_stop(sk);
		return;
	}
	rto = pp_tcp_rto_jiffies(sk);
	head = pp_tcp_rtx_head(tp);
	if (head && (tp->timer_what == PKTPATH_TT_TLP ||
		     tp->timer_what == PKTPATH_TT_REO)) {
		u64 sent = div_u64(head->skb_mstamp_ns, NSEC_PER_USEC);
		s64 left = (s64)pp_tcp_rtt_rto_us(&tp->rtt, tp->backoff) -
			   (s64)(tp->mstamp_us - sent);

		rto = usecs_to_jiffies(max_t(s64, left, 1)) ? : 1;
	}
	pp_tcp_timer_arm(sk, PKTPATH_TT_RTO, rto);
}

/**
 * pp_tcp_delack_arm() - owe an acknowledgment for so long
 * @sk: socket
 * @delay_jiffies: from now
 *
 * Context: socket locked.
 */
void pp_tcp_delack_arm(struct sock *sk, unsigned long delay_jiffies)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->delack_when = pp_jiffies32() + delay_jiffies;
	set_bit(PKTPATH_TF_ACK_TIMER, &tp->tflags);
	pp_tcp_timer_run(sk, &tp->delack_timer, jiffies + delay_jiffies);
}

/**
 * pp_tcp_keepalive_arm() - sk_timer
 * @sk: socket
 * @delay_jiffies: from now
 *
 * While a FIN is owed the timer is for that.
 *
 * Context: socket locked.
 */
void pp_tcp_keepalive_arm(struct sock *sk, unsigned long delay_jiffies)
{
	if (unlikely(pp_tf(pp_tcp_sk(sk), PKTPATH_TF_FIN_OWED)))
		delay_jiffies = PKTPATH_FIN_AGAIN;
	sk_reset_timer(sk, &sk->sk_timer, jiffies + delay_jiffies);
}

/* ---- Giving up ---- */

/**
 * pp_tcp_write_err() - the peer does not answer: end the connection
 * @sk: socket
 *
 * Context: socket locked.
 */
void pp_tcp_write_err(struct sock *sk)
{
	WRITE_ONCE(sk->sk_err, READ_ONCE(sk->sk_err_soft) ? : ETIMEDOUT);
	sk_error_report(sk);
	pp_tcp_done(sk);
	pp_tcp_ext_inc(sk, ABORTONTIMEOUT);
}

/* RFC 9293 §3.8.3: have @boundary time-outs' worth of time gone by? */
static bool pp_tcp_timed_out(struct sock *sk, unsigned int boundary)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 passed, limit, base = PKTPATH_RTO_MIN_US / USEC_PER_MSEC;
	u32 thresh = ilog2(PKTPATH_RTO_MAX_US / PKTPATH_RTO_MIN_US);

	if (!tp->retransmits || !tp->first_rtx_us_ts)
		return false;
	if (boundary <= thresh)
		limit = ((2u << boundary) - 1) * base;
	else
		limit = ((2u << thresh) - 1) * base + (boundary - thresh) *
			(PKTPATH_RTO_MAX_US / USEC_PER_MSEC);
	passed = pp_tcp_tsval(tp) - tp->first_rtx_us_ts;
	return (s32)(passed - limit) >= 0;
}

static bool pp_tcp_user_timed_out(const struct pp_tcp_sock *tp, u32 since)
{
	return tp->user_timeout_ms && since &&
	       pp_tcp_tsval(tp) - since >= tp->user_timeout_ms;
}

/**
 * pp_tcp_clamp_to_user() - a timer must not sleep past TCP_USER_TIMEOUT
 * @tp: connection
 * @since: timestamp value at which the time began, 0: it has not
 * @delay: jiffies
 *
 * Context: socket locked.
 * Return: @delay, or less.
 */
unsigned long pp_tcp_clamp_to_user(const struct pp_tcp_sock *tp, u32 since,
				   unsigned long delay)
{
	s32 left;

	if (!tp->user_timeout_ms || !since)
		return delay;
	left = tp->user_timeout_ms - (pp_tcp_tsval(tp) - since);
	return left <= 0 ? 1 : min(delay, msecs_to_jiffies(left));
}

/* The window is shut over data that is out. Retransmissions probe it, and while
 * answers come there is no end but the user's; one that is lost is none.
 */
static bool pp_tcp_shut_timed_out(const struct pp_tcp_sock *tp)
{
	return (s32)(pp_jiffies32() - tp->rcv_tstamp_jiffies) > 240 * HZ ||
	       pp_tcp_user_timed_out(tp, tp->first_rtx_us_ts);
}

/* Nobody waits for an orphan: a few tries, fewer when memory is short. */
static unsigned int pp_tcp_orphan_retries(struct sock *sk, bool alive)
{
	int n = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_orphan_retries);

	if (READ_ONCE(sk->sk_err_soft) && !alive)
		return 0;
	return n || !alive ? n : 8;
}

/* True: the connection was given up and is gone. */
static bool pp_tcp_write_timeout(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	bool expired = false;
	unsigned int until;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		until = tp->syn_retries ? : READ_ONCE(s->tcp_syn_retries);
		expired = tp->retransmits >= until;
		goto out;
	}
	if (pp_tcp_timed_out(sk, READ_ONCE(s->tcp_retries1))) {
		/* R1: the path may swallow what is big; the route or the
		 * neighbour may be dead.
		 */
		pp_tcp_mtup_black_hole(sk);
		sk_dst_reset(sk);
	}
	until = READ_ONCE(s->tcp_retries2);
	if (sock_flag(sk, SOCK_DEAD)) {
		until = pp_tcp_orphan_retries(sk, tp->rtt.rto_us <
					      PKTPATH_RTO_MAX_US);
		if (pp_tcp_too_many_orphans(sk)) {
			pp_tcp_send_active_reset(sk, GFP_ATOMIC);
			pp_tcp_done(sk);
			return true;
		}
	}
	/* RFC 5482: the user's time stands in place of R2, but for an orphan,
	 * who has no user any more.
	 */
	if (!tp->user_timeout_ms || sock_flag(sk, SOCK_DEAD))
		expired = pp_tcp_timed_out(sk, until);
out:
	expired = expired ||
		  (tp->retransmits &&
		   pp_tcp_user_timed_out(tp, tp->first_rtx_us_ts));
	pp_tcp_fo_timed_out(sk, expired);
	if (expired)
		pp_tcp_write_err(sk);
	return expired;
}

/* ---- What fires ---- */

/* What the time-out says about the repair that was under way. */
static void pp_tcp_count_failure(struct sock *sk)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->c.state == PKTPATH_CC_RECOVERY) {
		if (tp->sack_ok)
			pp_tcp_ext_inc(sk, SACKRECOVERYFAIL);
		else
			pp_tcp_ext_inc(sk, RENORECOVERYFAIL);
	} else if (tp->c.state == PKTPATH_CC_LOSS) {
		pp_tcp_ext_inc(sk, LOSSFAILURES);
	} else if (tp->c.state == PKTPATH_CC_DISORDER || tp->sacked_out) {
		if (tp->sack_ok)
			pp_tcp_ext_inc(sk, SACKFAILURES);
		else
			pp_tcp_ext_inc(sk, RENOFAILURES);
	}
}

static void pp_tcp_count_rto(struct pp_tcp_sock *tp, bool first)
{
	struct pp_tcp_sacks *s = pp_tcp_sacks(tp);

	if (!s)
		return;
	s->count.rto++;
	if (!first)
		return;
	s->count.rto_recoveries++;
	s->count.rto_start_ms = pp_tcp_ms(tp) ? : 1;
}

static void pp_tcp_rto_fire(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb = pp_tcp_rtx_head(tp);
	bool syn = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);
	int err;

	if (pp_tcp_fo(tp)) {
		pp_tcp_fo_timeout(sk);
		return;
	}
	if (!tp->packets_out || !skb)
		return;
	/* Nothing was amiss until now. */
	if (!tp->retransmits && tp->c.state == PKTPATH_CC_OPEN && !syn)
		tp->first_rtx_us_ts = 0;
	/* The peer shrank its window to nothing while data was out. */
	if (!tp->snd_wnd && !sock_flag(sk, SOCK_DEAD) && !syn) {
		if (pp_tcp_shut_timed_out(tp)) {
			pp_tcp_write_err(sk);
			return;
		}
		pp_tcp_enter_loss(sk);
		pp_tcp_retransmit_skb(sk, skb, 1);
		goto rearm;
	}
	pp_tcp_ext_inc(sk, TIMEOUTS);
	if (pp_tcp_write_timeout(sk))
		return;
	if (!tp->retransmits)
		pp_tcp_count_failure(sk);
	if (syn)
		pp_tcp_mark_lost(tp, skb);
	else
		pp_tcp_enter_loss(sk);
	pp_tcp_count_rto(tp, !tp->retransmits);
	if (tp->retransmits < U8_MAX)
		tp->retransmits++;
	err = pp_tcp_retransmit_skb(sk, pp_tcp_rtx_head(tp), 1);
	/* Sent or not, from now on it counts what the user waits at most. */
	if (!tp->first_rtx_us_ts)
		tp->first_rtx_us_ts = pp_tcp_tsval(tp) ? : 1;
	if (!syn && (err == -EBUSY || err == -ENOMEM || err == -ENOBUFS)) {
		/* Local trouble: try soon, without backoff. */
		pp_tcp_timer_arm(sk, PKTPATH_TT_RTO, HZ / 2);
		return;
	}
rearm:
	if (!tp->first_rtx_us_ts)
		tp->first_rtx_us_ts = pp_tcp_tsval(tp) ? : 1;
	/* RFC 6298 (5.5). */
	if (tp->backoff < 31)
		tp->backoff++;
	pp_tcp_timer_arm(sk, PKTPATH_TT_RTO,
			 pp_tcp_clamp_to_user(tp, tp->first_rtx_us_ts,
					      pp_tcp_rto_jiffies(sk)));
}

/**
 * pp_tcp_rto_revert() - a router tells that the path, not its load, is at fault
 * @sk: socket, not one whose SYN-ACK the timer is for
 * @seq: first sequence number of the segment that did not arrive
 *
 * RFC 6069: one doubling of the time-out is taken back for each message about
 * a retransmission.
 * Mirrors: net/ipv4/tcp_ipv4.c:tcp_ld_RTO_revert (v7.2)
 *
 * Context: softirq, bh lock; the caller holds a reference, the connection may
 * be given up.
 */
void pp_tcp_rto_revert(struct sock *sk, u32 seq)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *head = pp_tcp_rtx_head(tp);
	s64 left;

	if (sock_owned_by_user(sk) || pp_tcp_fo(tp) || !head ||
	    seq != tp->snd_una || !tp->retransmits || !tp->backoff ||
	    tp->timer_what != PKTPATH_TT_RTO)
		return;
	tp->backoff--;
	pp_tcp_mstamp_refresh(tp);
	left = (s64)pp_tcp_rtt_rto_us(&tp->rtt, tp->backoff) -
	       (s64)(tp->mstamp_us -
		     div_u64(head->skb_mstamp_ns, NSEC_PER_USEC));
	if (left > 0)
		pp_tcp_timer_arm(sk, PKTPATH_TT_RTO,
				 pp_tcp_clamp_to_user(tp, tp->first_rtx_us_ts,
						      usecs_to_jiffies(left)));
	else
		pp_tcp_rto_fire(sk);
}

static void pp_tcp_probe_fire(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned int max = READ_ONCE(s->tcp_retries2);

	if (tp->packets_out || skb_queue_empty(&sk->sk_write_queue)) {
		tp->probes_out = 0;
		tp->probes_since_ms = 0;
		return;
	}
	/* Pacing holds the data back, not the peer: nothing would be sent. */
	if (pp_tcp_pacing_check(sk)) {
		pp_tcp_timer_arm(sk, PKTPATH_TT_PROBE, pp_tcp_rto_jiffies(sk));
		return;
	}
	if (!tp->probes_since_ms)
		tp->probes_since_ms = pp_tcp_tsval(tp) ? : 1;
	else if (pp_tcp_user_timed_out(tp, tp->probes_since_ms))
		goto abort;
	if (sock_flag(sk, SOCK_DEAD)) {
		bool alive = pp_tcp_rtt_rto_us(&tp->rtt, tp->backoff) <
			     PKTPATH_RTO_MAX_US;

		max = pp_tcp_orphan_retries(sk, alive);
		/* Answers begin the count of probes anew: the backoff tells. */
		if ((!alive && tp->backoff >= max) ||
		    pp_tcp_too_many_orphans(sk))
			goto abort;
	}
	if (tp->probes_out >= max)
		goto abort;
	pp_tcp_send_probe0(sk);
	return;
abort:
	pp_tcp_write_err(sk);
}

static void pp_tcp_rtx_work(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u8 what = tp->timer_what;

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN) ||
	    what == PKTPATH_TT_NONE)
		return;
	if (pp_tcp_until(tp->rtx_when) > 0) {
		pp_tcp_rtx_run(sk);
		return;
	}
	pp_tcp_mstamp_refresh(tp);
	switch (what) {
	case PKTPATH_TT_REO:
		pp_tcp_rack_reo_timeout(sk);
		break;
	case PKTPATH_TT_TLP:
		pp_tcp_send_loss_probe(sk);
		break;
	case PKTPATH_TT_RTO:
		tp->timer_what = PKTPATH_TT_NONE;
		pp_tcp_rto_fire(sk);
		break;
	case PKTPATH_TT_PROBE:
		tp->timer_what = PKTPATH_TT_NONE;
		pp_tcp_probe_fire(sk);
		break;
	}
}

static void pp_tcp_delack_work(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	s32 left;

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN) ||
	    !pp_tf(tp, PKTPATH_TF_ACK_SCHED))
		return;
	left = pp_tcp_until(tp->delack_when);
	if (left > 0) {
		sk_reset_timer(sk, &tp->delack_timer, jiffies + left);
		return;
	}
	/* It was late: the peer does not wait for our data. */
	if (!tp->pingpong)
		tp->ato_jiffies = min_t(u32, tp->ato_jiffies << 1,
					min_t(u32, pp_tcp_rto_jiffies(sk),
					      255));
	else
		tp->pingpong = 0;
	pp_tcp_send_ack(sk);
	pp_tcp_ext_inc(sk, DELAYEDACKS);
}

/* The connection is idle: probe, or conclude that the peer is gone. */
static void pp_tcp_keepalive_probe(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 intvl = tp->keepalive_intvl * HZ ? :
		    READ_ONCE(s->tcp_keepalive_intvl);
	u32 time = pp_tcp_keepalive_time(sk);
	u32 max = tp->keepalive_probes ? : READ_ONCE(s->tcp_keepalive_probes);
	u32 idle, last = tp->rcv_tstamp_jiffies;

	if ((s32)(tp->last_data_rcv_jiffies - last) > 0)
		last = tp->last_data_rcv_jiffies;
	idle = pp_jiffies32() - last;
	/* RFC 9293 §3.8.4: only when nothing is owed in either direction. */
	if (tp->packets_out || !skb_queue_empty(&sk->sk_write_queue)) {
		pp_tcp_keepalive_arm(sk, time);
		return;
	}
	if (idle < time) {
		pp_tcp_keepalive_arm(sk, time - idle);
		return;
	}
	if ((tp->user_timeout_ms && tp->probes_out &&
	     idle >= msecs_to_jiffies(tp->user_timeout_ms)) ||
	    (!tp->user_timeout_ms && tp->probes_out >= max)) {
		pp_tcp_send_active_reset(sk, GFP_ATOMIC);
		pp_tcp_write_err(sk);
		return;
	}
	pp_tcp_mstamp_refresh(tp);
	if (pp_tcp_write_wakeup(sk) <= 0) {
		tp->probes_out++;
		pp_tcp_keepalive_arm(sk, intvl);
	} else {
		pp_tcp_keepalive_arm(sk, HZ / 2);
	}
}

static void pp_tcp_keepalive_work(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (sk->sk_state == TCP_LISTEN || sk->sk_state == TCP_CLOSE)
		return;
	if (unlikely(pp_tf(tp, PKTPATH_TF_FIN_OWED))) {
		pp_tcp_mstamp_refresh(tp);
		pp_tcp_send_fin_owed(sk);
		if (!sock_flag(sk, SOCK_KEEPOPEN) ||
		    pp_tf(tp, PKTPATH_TF_FIN_OWED))
			return;
	}
	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
		int left = tp->linger2_sec * HZ;

		if (!left)
			left = READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_fin_timeout);
		left -= 60 * HZ;
		if (tp->linger2_sec >= 0 && left > 0) {
			pp_tcp_time_wait(sk, TCP_FIN_WAIT2, left);
			return;
		}
		pp_tcp_send_active_reset(sk, GFP_ATOMIC);
		pp_tcp_done(sk);
		return;
	}
	if (sock_flag(sk, SOCK_KEEPOPEN) && sk->sk_state != TCP_SYN_SENT)
		pp_tcp_keepalive_probe(sk);
}

/* Runs @work now, or leaves @bit for the owner. Takes the timer's reference. */
static void pp_tcp_timer_enter(struct sock *sk, int bit,
			       void (*work)(struct sock *sk))
{
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk) && bit == PKTPATH_TD_DELACK)
		pp_tcp_ext_inc(sk, DELAYEDACKLOCKED);
	if (!sock_owned_by_user(sk))
		work(sk);
	else if (!test_and_set_bit(bit, &pp_tcp_sk(sk)->tflags))
		sock_hold(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
}

static void pp_tcp_rtx_timer(struct timer_list *t)
{
	struct pp_tcp_sock *tp = container_of(t, struct pp_tcp_sock,
					      rtx_timer);

	pp_tcp_timer_enter((struct sock *)tp, PKTPATH_TD_RTO, pp_tcp_rtx_work);
}

static void pp_tcp_delack_timer(struct timer_list *t)
{
	struct pp_tcp_sock *tp = container_of(t, struct pp_tcp_sock,
					      delack_timer);

	pp_tcp_timer_enter((struct sock *)tp, PKTPATH_TD_DELACK,
			   pp_tcp_delack_work);
}

static void pp_tcp_keepalive_timer(struct timer_list *t)
{
	struct sock *sk = container_of(t, struct sock, sk_timer);

	pp_tcp_timer_enter(sk, PKTPATH_TD_KEEPALIVE, pp_tcp_keepalive_work);
}

/**
 * pp_tcp_release_cb() - work that came while a user owned the socket
 * @sk: socket
 *
 * proto.release_cb: called by release_sock() with the spinlock held. The bits
 * RTO, DELACK, KEEPALIVE and MTU hold a reference each.
 *
 * Context: process, BH off, socket locked.
 */
void pp_tcp_release_cb(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!(READ_ONCE(tp->tflags) & PKTPATH_TD_ALL & ~BIT(PKTPATH_TD_PACE)))
		return;
	if (test_and_clear_bit(PKTPATH_TD_TSQ, &tp->tflags) &&
	    (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
				   TCPF_CLOSING | TCPF_CLOSE_WAIT |
				   TCPF_LAST_ACK))
		pp_tcp_xmit_more(sk);
	if (test_and_clear_bit(PKTPATH_TD_ACK, &tp->tflags) &&
	    (pp_tf(tp, PKTPATH_TF_ACK_SCHED) ||
	     pp_tf(tp, PKTPATH_TF_ACK_NOW)))
		pp_tcp_send_ack(sk);
	if (test_and_clear_bit(PKTPATH_TD_RTO, &tp->tflags)) {
		pp_tcp_rtx_work(sk);
		__sock_put(sk);
	}
	if (test_and_clear_bit(PKTPATH_TD_DELACK, &tp->tflags)) {
		pp_tcp_delack_work(sk);
		__sock_put(sk);
	}
	if (test_and_clear_bit(PKTPATH_TD_KEEPALIVE, &tp->tflags)) {
		pp_tcp_keepalive_work(sk);
		__sock_put(sk);
	}
	if (test_and_clear_bit(PKTPATH_TD_MTU, &tp->tflags)) {
		pp_tcp_mtu_reduced(sk);
		__sock_put(sk);
	}
}

/**
 * pp_tcp_timers_init() - of a new socket
 * @sk: socket
 *
 * Context: any.
 */
void pp_tcp_timers_init(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->timer_what = PKTPATH_TT_NONE;
	tp->rtx_coarse = false;
	tp->tflags &= ~PKTPATH_TD_ALL;
	timer_setup(&tp->rtx_timer, pp_tcp_rtx_timer, 0);
	timer_setup(&tp->delack_timer, pp_tcp_delack_timer, 0);
	timer_setup(&sk->sk_timer, pp_tcp_keepalive_timer, 0);
}

/**
 * pp_tcp_timers_clear() - the connection has ended
 * @sk: socket
 *
 * A callback under way on another CPU holds the socket and will find CLOSE.
 *
 * Context: socket locked.
 */
void pp_tcp_timers_clear(struct sock *sk)
{
	pp_tcp_timer_stop(sk);
	pp_tcp_delack_stop(sk);
	sk_stop_timer(sk, &pp_tcp_sk(sk)->rtx_timer);
	sk_stop_timer(sk, &pp_tcp_sk(sk)->delack_timer);
	sk_stop_timer(sk, &sk->sk_timer);
	pp_tcp_pacing_stop(sk);
}

/**
 * pp_tcp_set_keepalive() - SO_KEEPALIVE, proto.keepalive
 * @sk: socket, locked
 * @val: on or off; the flag is set by the caller afterwards
 *
 * Context: process, socket locked.
 */
void pp_tcp_set_keepalive(struct sock *sk, int val)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return;
	if (val && !sock_flag(sk, SOCK_KEEPOPEN))
		pp_tcp_keepalive_arm(sk, pp_tcp_keepalive_time(sk));
	else if (!val && !pp_tf(tp, PKTPATH_TF_FIN_OWED))
		sk_stop_timer(sk, &sk->sk_timer);
}
