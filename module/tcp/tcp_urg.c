// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data that comes in (RFC 9293 §3.8.5, RFC 6093).
 *
 * Path: tcp_input.c -> here -> tcp_recvmsg.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_urg, tcp_check_urg)
 * Locks: socket locked
 *
 * As BSD and the kernel, the pointer is taken to name the byte behind the
 * urgent one, which is one byte.
 */
#include "tcp/tcp_priv.h"

/*
 * An urgent byte that is next to be read, and not inline, leaves the stream as
 * if it had been read past: behind a newer one it would be data.
 */
static void pp_tcp_skip_urg(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct sk_buff *skb;

	if (!tp->rcv_urg_state || tp->rcv_up != tp->copied_seq ||
	    tp->copied_seq == tp->rcv_nxt || sock_flag(sk, SOCK_URGINLINE))
		return;
	WRITE_ONCE(tp->copied_seq, tp->copied_seq + 1);
	skb = skb_peek(&sk->sk_receive_queue);
	if (skb && !pp_seq_before(tp->copied_seq, PKTPATH_TCP_CB(skb)->end_seq)) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		consume_skb(skb);
	}
}

/**
 * pp_tcp_check_urg() - an urgent pointer has come
 * @sk: socket
 * @th: header with URG
 *
 * Context: socket locked.
 */
void pp_tcp_check_urg(struct sock *sk, const struct tcphdr *th)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 ptr = ntohs(th->urg_ptr);

	if (!ptr)
		return;
	/* What everybody sends points behind the byte, RFC 9293 at it. */
	if (!READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_stdurg))
		ptr--;
	ptr += ntohl(th->seq);
	/* What has been read, or is not news, is left. */
	if (pp_seq_after(tp->copied_seq, ptr) ||
	    pp_seq_before(ptr, tp->rcv_nxt))
		return;
	if (tp->rcv_urg_state && !pp_seq_after(ptr, tp->rcv_up))
		return;
	sk_send_sigurg(sk);
	pp_tcp_skip_urg(sk);
	tp->rcv_urg_state = PKTPATH_URG_NOTYET;
	WRITE_ONCE(tp->rcv_up, ptr);
}

/**
 * pp_tcp_urg_data() - look at URG, and whether the byte is in this segment
 * @sk: socket
 * @skb: at its TCP header
 * @th: its header
 *
 * Context: socket locked.
 */
void pp_tcp_urg_data(struct sock *sk, struct sk_buff *skb,
		     const struct tcphdr *th)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 off;
	u8 byte;

	if (unlikely(th->urg))
		pp_tcp_check_urg(sk, th);
	if (likely(tp->rcv_urg_state != PKTPATH_URG_NOTYET))
		return;
	off = tp->rcv_up - ntohl(th->seq) + th->doff * 4 - th->syn;
	if (off >= skb->len || off < th->doff * 4 ||
	    skb_copy_bits(skb, off, &byte, 1))
		return;
	tp->urg_byte = byte;
	tp->rcv_urg_state = PKTPATH_URG_VALID;
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}
