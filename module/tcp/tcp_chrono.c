// SPDX-License-Identifier: GPL-2.0
/*
 * What a sender waits for: tcpi_busy_time, tcpi_rwnd_limited and
 * tcpi_sndbuf_limited.
 *
 * Path: tcp_sendmsg.c, tcp_output.c, tcp_rtx_clean.c -> here -> tcp_info.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_chrono_start, tcp_chrono_stop)
 * Locks: socket locked
 *
 * One clock runs at a time. Data that waits or is in flight makes the connection
 * busy; a reason that holds it up takes the clock over.
 */
#include "tcp/tcp_priv.h"

static void pp_tcp_chrono_set(struct pp_tcp_sock *tp, u8 what)
{
	u32 now = pp_jiffies32();

	if (tp->chrono_what)
		tp->chrono[tp->chrono_what - 1] += now - tp->chrono_jiffies;
	tp->chrono_jiffies = now;
	tp->chrono_what = what;
}

/**
 * pp_tcp_chrono_begin() - from now on the sender is held up by this
 * @tp: connection
 * @what: PKTPATH_CHRONO_*; the greater goes before the lesser
 *
 * Context: socket locked.
 */
void pp_tcp_chrono_begin(struct pp_tcp_sock *tp, u8 what)
{
	pp_tcp_chrono_set(tp, what);
}

/**
 * pp_tcp_chrono_end() - by this no more
 * @sk: socket
 * @what: PKTPATH_CHRONO_*
 *
 * Context: socket locked.
 */
void pp_tcp_chrono_end(struct sock *sk, u8 what)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (RB_EMPTY_ROOT(&tp->pp.sk.tcp_rtx_queue) &&
	    skb_queue_empty(&sk->sk_write_queue))
		pp_tcp_chrono_set(tp, 0);
	else if (what == tp->chrono_what)
		pp_tcp_chrono_set(tp, PKTPATH_CHRONO_BUSY);
}

/**
 * pp_tcp_chrono_us() - how long it was
 * @tp: connection
 * @us: by PKTPATH_CHRONO_* - 1, filled
 *
 * Context: socket locked.
 */
void pp_tcp_chrono_us(const struct pp_tcp_sock *tp, u64 us[3])
{
	int i;

	for (i = 0; i < 3; i++) {
		u32 t = tp->chrono[i];

		if (tp->chrono_what == i + 1)
			t += pp_jiffies32() - tp->chrono_jiffies;
		us[i] = (u64)t * (USEC_PER_SEC / HZ);
	}
}
