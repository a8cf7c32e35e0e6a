// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing, and small queues: how much of a connection waits below TCP.
 *
 * Path: tcp_output.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_pacing_check, tcp_small_queue_check)
 * Locks: socket locked; the timer's callback takes it
 *
 * One high-resolution timer serves both: it ends a pacing gap, and it is the
 * kick when a packet that the socket waited for has left the device. The kick
 * comes from sock_wfree(), under locks of a qdisc or driver, so it must not
 * send itself.
 */
#include <linux/hrtimer.h>
#include "compat/compat.h"
#include "tcp/tcp_priv.h"

static enum hrtimer_restart pp_tcp_kick_fire(struct hrtimer *t)
{
	struct sock *sk = container_of(t, struct pp_tcp_pacer, timer)->sk;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	clear_bit(PKTPATH_TD_PACE, &tp->tflags);
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		set_bit(PKTPATH_TD_TSQ, &tp->tflags);
	} else if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
					  TCPF_CLOSING | TCPF_CLOSE_WAIT |
					  TCPF_LAST_ACK)) {
		pp_tcp_xmit_more(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

/* NULL: no memory, then it does not wait. */
static struct pp_tcp_pacer *pp_tcp_pacer(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_pacer *p = tp->pacer;

	if (likely(p))
		return p;
	p = kzalloc(sizeof(*p), GFP_ATOMIC | __GFP_NOWARN);
	if (!p)
		return NULL;
	pp_compat_hrtimer_setup(&p->timer, pp_tcp_kick_fire, CLOCK_MONOTONIC,
				HRTIMER_MODE_ABS_PINNED_SOFT);
	p->sk = sk;
	WRITE_ONCE(tp->pacer, p);
	return p;
}

/**
 * pp_tcp_pacing_wait() - must the next segment wait?
 * @sk: socket, paced
 *
 * Context: socket locked.
 * Return: true when it must; the timer is armed.
 */
bool pp_tcp_pacing_wait(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u64 now;

	now = ktime_get_ns();
	if (!tp->pacer || tp->pacer->until_ns <= now)
		return false;
	pp_tcp_kick(sk, tp->pacer->until_ns);
	return true;
}

/**
 * pp_tcp_pace_account() - account what was sent against the pacing rate
 * @sk: socket, paced
 * @len: bytes of payload
 *
 * Context: socket locked.
 */
void pp_tcp_pace_account(struct sock *sk, unsigned int len)
{
	unsigned long rate = READ_ONCE(sk->sk_pacing_rate);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u64 now;

	if (!rate || rate == ~0ul || !pp_tcp_pacer(sk))
		return;
	now = ktime_get_ns();
	if (tp->pacer->until_ns < now)
		tp->pacer->until_ns = now;
	tp->pacer->until_ns += div64_ul((u64)len * NSEC_PER_SEC, rate);
}

/**
 * pp_tcp_update_pacing() - rate from window and round trip
 * @sk: socket
 *
 * Twice the window per round trip in slow start, 1.2 times after, as sch_fq
 * and the kernel expect; an algorithm may set its own.
 *
 * Context: socket locked.
 */
void pp_tcp_update_pacing(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u64 rate;

	if (tp->c.pacing_rate) {
		rate = tp->c.pacing_rate;
	} else {
		rate = (u64)tp->mss_cache * (USEC_PER_SEC << 3);
		rate *= tp->c.cwnd < tp->c.ssthresh / 2 ?
			READ_ONCE(s->tcp_pacing_ss_ratio) :
			READ_ONCE(s->tcp_pacing_ca_ratio);
		rate *= max(tp->c.cwnd, tp->packets_out);
		rate = div_u64(rate, 100);
		if (tp->rtt.srtt_us)
			rate = div_u64(rate, tp->rtt.srtt_us);
	}
	WRITE_ONCE(sk->sk_pacing_rate,
		   min_t(u64, rate, READ_ONCE(sk->sk_max_pacing_rate)));
}

/**
 * pp_tcp_throttle() - have a kick sent when a packet of the socket has left
 * @sk: socket
 *
 * What is waited for may have happened just before: look again.
 *
 * Context: socket locked.
 * Return: false: no memory, no kick will come.
 */
bool pp_tcp_throttle(struct sock *sk)
{
	if (!pp_tcp_pacer(sk))
		return false;
	/* The pacer comes before the bit: pairs with pp_tcp_kick(). */
	smp_mb__before_atomic();
	set_bit(PKTPATH_TF_THROTTLED, &pp_tcp_sk(sk)->tflags);
	/* And the bit before what the caller reads now. */
	smp_mb__after_atomic();
	return true;
}

/**
 * pp_tcp_small_queue_full() - is enough of this connection below TCP?
 * @sk: socket, some of it is
 * @skb: next to be sent
 *
 * Two packets, or a millisecond at the current rate, may wait in qdisc and
 * device; the rest stays here, where it can still be changed.
 *
 * Context: socket locked.
 * Return: true when it must wait; the kick will come.
 */
bool pp_tcp_small_queue_full(struct sock *sk, const struct sk_buff *skb)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	unsigned long limit;

	limit = max_t(unsigned long, 2 * skb->truesize,
		      READ_ONCE(sk->sk_pacing_rate) >> 10);
	limit = min_t(unsigned long, limit,
		      READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_limit_output_bytes));
	if (sk_wmem_alloc_get(sk) <= limit)
		return false;
	/* With nothing sent and unacknowledged nobody would wake us. */
	if (RB_EMPTY_ROOT(&tp->pp.sk.tcp_rtx_queue) || !pp_tcp_throttle(sk))
		return false;
	return sk_wmem_alloc_get(sk) > limit;
}

/**
 * pp_tcp_xmit_more() - send on after a kick
 * @sk: socket in a state that may send
 *
 * Context: socket locked.
 */
void pp_tcp_xmit_more(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	clear_bit(PKTPATH_TF_THROTTLED, &tp->tflags);
	if (tp->lost_out > tp->retrans_out && tp->c.cwnd >
	    pp_tcp_in_flight(tp)) {
		pp_tcp_mstamp_refresh(tp);
		pp_tcp_xmit_retransmit_queue(sk);
	}
	pp_tcp_write_xmit(sk, pp_tcp_current_mss(sk), false, false);
}

/**
 * pp_tcp_kick() - have pp_tcp_xmit_more() run soon, or at a time
 * @sk: socket with a pacer, kept by a reference or by its send memory
 * @when_ns: CLOCK_MONOTONIC, 0 now
 *
 * Context: any, also under locks of qdisc and driver.
 */
void pp_tcp_kick(struct sock *sk, u64 when_ns)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	/* Armed already: it holds the socket and will look at everything. */
	if (test_and_set_bit(PKTPATH_TD_PACE, &tp->tflags))
		return;
	/* A packet may leave when only its own memory keeps the socket. */
	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return;
	hrtimer_start(&tp->pacer->timer, ns_to_ktime(when_ns),
		      HRTIMER_MODE_ABS_PINNED_SOFT);
}

/**
 * pp_tcp_pacing_stop() - cancel the timer
 * @sk: socket, locked
 *
 * Context: socket locked; does not wait for a callback under way, which holds
 * the socket and finds a state that does not send.
 */
void pp_tcp_pacing_stop(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!tp->pacer || hrtimer_try_to_cancel(&tp->pacer->timer) != 1)
		return;
	clear_bit(PKTPATH_TD_PACE, &tp->tflags);
	__sock_put(sk);
}
