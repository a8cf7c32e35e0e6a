// SPDX-License-Identifier: GPL-2.0
/*
 * SACK and D-SACK blocks that we report.
 *
 * Path: tcp_data.c -> here -> tcp_options.c
 * Mirrors: net/ipv4/tcp_input.c (tcp_sack_new_ofo_skb, tcp_dsack_set)
 * Locks: socket locked
 */
#include "tcp/tcp_priv.h"
#include "tcp/tcp_sack_blocks.h"

/**
 * pp_tcp_sacks() - where the blocks of a connection are
 * @tp: connection
 *
 * Most connections never see one, so the memory comes with the first.
 *
 * Context: socket locked.
 * Return: memory that stays for the life of the socket, or NULL.
 */
struct pp_tcp_sacks *pp_tcp_sacks(struct pp_tcp_sock *tp)
{
	if (unlikely(!tp->sacks))
		tp->sacks = kzalloc(sizeof(*tp->sacks),
				    GFP_ATOMIC | __GFP_NOWARN);
	return tp->sacks;
}

/**
 * pp_tcp_sack_new_ooo() - a segment came out of order
 * @sk: socket
 * @seq: its start
 * @end_seq: its end
 *
 * Without memory the peer learns less.
 *
 * Context: socket locked.
 */
void pp_tcp_sack_new_ooo(struct sock *sk, u32 seq, u32 end_seq)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_sacks *s = pp_tcp_sacks(tp);

	if (s)
		tp->num_sacks = pp_tcp_sack_list_add(s->own, tp->num_sacks,
						     seq, end_seq);
}

/**
 * pp_tcp_sack_remove() - rcv_nxt has moved over some blocks
 * @tp: connection
 *
 * Context: socket locked.
 */
void pp_tcp_sack_remove(struct pp_tcp_sock *tp)
{
	if (RB_EMPTY_ROOT(&tp->ooo_queue))
		tp->num_sacks = 0;
	else if (tp->num_sacks)
		tp->num_sacks = pp_tcp_sack_list_advance(tp->sacks->own,
							 tp->num_sacks,
							 tp->rcv_nxt);
}

/**
 * pp_tcp_dsack_set() - report a duplicate with the next ACK
 * @sk: socket
 * @seq: start of what came twice
 * @end_seq: its end
 *
 * RFC 2883 §4.
 * Context: socket locked.
 */
void pp_tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!tp->sack_ok || !READ_ONCE(pp_sk(sk)->pn->sysctl.tcp_dsack) ||
	    !pp_tcp_sacks(tp))
		return;
	if (pp_seq_before(seq, tp->rcv_nxt))
		pp_tcp_ext_inc(sk, DSACKOLDSENT);
	else
		pp_tcp_ext_inc(sk, DSACKOFOSENT);
	tp->sacks->dsack.start = seq;
	tp->sacks->dsack.end = end_seq;
	tp->has_dsack = 1;
}

/**
 * pp_tcp_dsack_extend() - more of the same came twice
 * @sk: socket
 * @seq: start
 * @end_seq: end
 *
 * Context: socket locked.
 */
void pp_tcp_dsack_extend(struct sock *sk, u32 seq, u32 end_seq)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!tp->has_dsack)
		pp_tcp_dsack_set(sk, seq, end_seq);
	else
		pp_tcp_sack_join(&tp->sacks->dsack, seq, end_seq);
}
