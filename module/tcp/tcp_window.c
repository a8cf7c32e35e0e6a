// SPDX-License-Identifier: GPL-2.0
/*
 * The window we offer (RFC 9293 §3.8.6.2.2, RFC 7323 §2).
 *
 * Path: tcp_output.c
 * Mirrors: net/ipv4/tcp_output.c (tcp_select_window, __tcp_select_window)
 * Locks: socket locked
 */
#include "tcp/tcp_priv.h"

/**
 * pp_tcp_select_initial_window() - window and scale of a SYN or SYN-ACK
 * @space: bytes of receive buffer that may be offered
 * @most: bytes that the buffer may grow to
 * @mss: ours
 * @rcv_wnd: window to start with, set
 * @clamp: upper bound of the window; 0 is set to the largest
 * @wscale_ok: the option may be used
 * @wscale: shift, set
 *
 * Context: any.
 */
void pp_tcp_select_initial_window(int space, int most, u16 mss, u32 *rcv_wnd,
				  u32 *clamp, bool wscale_ok, u8 *wscale)
{
	u32 win = max(space, 0);

	if (!*clamp)
		*clamp = U16_MAX << PKTPATH_TCP_MAX_WSCALE;
	win = min(win, *clamp);
	if (mss && win > mss)
		win = rounddown(win, mss);
	*wscale = 0;
	if (wscale_ok) {
		u32 top = min_t(u32, max_t(u32, win, most), *clamp);

		*wscale = clamp_t(int, ilog2(max(top, 1u)) - 15, 0,
				  PKTPATH_TCP_MAX_WSCALE);
	}
	*rcv_wnd = min_t(u32, win, U16_MAX);
	*clamp = min_t(u32, U16_MAX << *wscale, *clamp);
}

/* Bytes of a buffer of @buf that no skb takes; negative beyond it. */
static int pp_tcp_unused(const struct sock *sk, int buf)
{
	return buf - READ_ONCE(sk->sk_backlog.len) -
	       atomic_read(&sk->sk_rmem_alloc);
}

/**
 * pp_tcp_free_space() - buffer that is free, by payload
 * @sk: socket
 *
 * Overhead of skbs is set apart.
 * Context: socket locked.
 * Return: bytes, negative beyond the buffer.
 */
int pp_tcp_free_space(struct sock *sk)
{
	int unused = pp_tcp_unused(sk, READ_ONCE(sk->sk_rcvbuf));

	return pp_tcp_win_from_space(pp_tcp_sk(sk), unused);
}

/**
 * pp_tcp_space_to_window() - what may be offered now
 * @sk: socket
 *
 * Receiver's silly window avoidance: no less than a segment or half of the
 * buffer is ever added, and the right edge never moves left.
 *
 * Context: socket locked.
 * Return: bytes from rcv_nxt.
 */
u32 pp_tcp_space_to_window(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	int buf = READ_ONCE(sk->sk_rcvbuf), mss = tp->rcv_mss;
	int unused = pp_tcp_unused(sk, buf), space, full;
	u32 window;

	space = pp_tcp_win_from_space(tp, unused);
	/* More than half of it: neither crumbs nor pressure. */
	if (likely(unused > buf >> 1 && space > 0 && tp->rcv_wscale))
		return ALIGN(min_t(u32, space, tp->rcv_ssthresh),
			     1 << tp->rcv_wscale);
	full = min_t(int, tp->window_clamp, pp_tcp_win_from_space(tp, buf));
	if (mss > full) {
		mss = full;
		if (mss <= 0)
			return 0;
	}
	if (space < full >> 1) {
		tp->quickack = 0;
		if (pp_tcp_under_pressure(sk))
			pp_tcp_shrink_ssthresh(sk);
		/* Little is left: close down rather than offer crumbs. */
		space = round_down(space, 1 << tp->rcv_wscale);
		if (space < full >> 4 || space < mss)
			return 0;
	}
	if (space < 0)
		return 0;
	space = min_t(int, space, tp->rcv_ssthresh);
	window = tp->rcv_wnd;
	if (tp->rcv_wscale)
		return ALIGN(space, 1 << tp->rcv_wscale);
	if ((int)window <= space - mss || (int)window > space)
		window = rounddown(space, mss);
	else if (mss == full && space > (int)window + (full >> 1))
		window = space;
	return window;
}

/**
 * pp_tcp_select_window() - the window field of a segment that is being built
 * @sk: socket
 *
 * What is returned is offered: rcv_wnd and rcv_wup change.
 *
 * Context: socket locked.
 * Return: the field, scaled, host order.
 */
u16 pp_tcp_select_window(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 cur = pp_tcp_rcv_window(tp), win = pp_tcp_space_to_window(sk);

	/* RFC 9293 §3.8.6: the window must not be shrunk. */
	if (win < cur && !win)
		pp_tcp_ext_inc(sk, WANTZEROWINDOWADV);
	if (win < cur)
		win = ALIGN(cur, 1 << tp->rcv_wscale);
	if (!tp->rcv_wscale)
		win = min_t(u32, win, U16_MAX);
	else
		win = min_t(u32, win, U16_MAX << tp->rcv_wscale);
	if (!win && tp->rcv_wnd)
		pp_tcp_ext_inc(sk, TOZEROWINDOWADV);
	else if (win && !tp->rcv_wnd)
		pp_tcp_ext_inc(sk, FROMZEROWINDOWADV);
	tp->rcv_wnd = win;
	tp->rcv_wup = tp->rcv_nxt;
	return win >> tp->rcv_wscale;
}
