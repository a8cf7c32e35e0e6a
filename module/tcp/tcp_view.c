// SPDX-License-Identifier: GPL-2.0
/*
 * Connections, listeners and what is left of them, as tools see them.
 *
 * Path: none
 * Mirrors: net/ipv4/tcp_ipv4.c (tcp4_seq_show), net/ipv4/inet_diag.c
 * Locks: none but a bucket's for a moment; numbers are read without the
 * socket's lock and may be of different moments
 */
#include <linux/rhashtable.h>
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

static unsigned long pp_tcp_view_left(unsigned long when)
{
	long left = when - jiffies;

	return max(left, 0L);
}

static void pp_tcp_view_timer(struct sock *sk, struct pp_tcp_view *v)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	v->retrans = READ_ONCE(tp->retransmits);
	v->probes = READ_ONCE(tp->probes_out);
	switch (READ_ONCE(tp->timer_what)) {
	case PKTPATH_TT_NONE:
		if (!timer_pending(&sk->sk_timer))
			return;
		v->timer = PKTPATH_TCP_TIMER_KEEPALIVE;
		v->left = pp_tcp_view_left(READ_ONCE(sk->sk_timer.expires));
		return;
	case PKTPATH_TT_PROBE:
		v->timer = PKTPATH_TCP_TIMER_PROBE;
		break;
	default:
		v->timer = PKTPATH_TCP_TIMER_RTX;
	}
	v->left = max(pp_tcp_until(READ_ONCE(tp->rtx_when)), 0);
}

/**
 * pp_tcp_view_sk() - describe a socket
 * @sk: TCP socket of ours, held
 * @v: filled
 *
 * Context: any.
 */
void pp_tcp_view_sk(struct sock *sk, struct pp_tcp_view *v)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	memset(v, 0, sizeof(*v));
	v->sk = sk;
	v->laddr = READ_ONCE(inet->inet_rcv_saddr);
	v->faddr = READ_ONCE(inet->inet_daddr);
	v->lport = READ_ONCE(inet->inet_sport);
	v->fport = READ_ONCE(inet->inet_dport);
	v->state = READ_ONCE(sk->sk_state);
	v->mark = READ_ONCE(sk->sk_mark);
	v->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	v->uid = pp_compat_sk_uid(sk);
	v->refs = refcount_read(&sk->sk_refcnt) - 1;
	if (v->state == TCP_LISTEN) {
		v->rqueue = READ_ONCE(sk->sk_ack_backlog);
		v->wqueue = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	v->node = &tp->tn;
	v->rqueue = max_t(int, READ_ONCE(tp->rcv_nxt) -
			  READ_ONCE(tp->copied_seq), 0);
	v->wqueue = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_una);
	pp_tcp_view_timer(sk, v);
}

/* Half-open or in TIME_WAIT. */
static void pp_tcp_view_mini(struct pp_tcp_node *n, struct pp_tcp_view *v)
{
	const struct timer_list *t;

	memset(v, 0, sizeof(*v));
	v->node = n;
	v->laddr = n->key.laddr;
	v->faddr = n->key.faddr;
	v->lport = n->key.lport;
	v->fport = n->key.fport;
	if (n->kind == PKTPATH_TCP_REQ) {
		const struct pp_tcp_req *req;
		const struct sock *lsk;

		req = container_of(n, struct pp_tcp_req, tn);
		t = &req->timer;
		v->state = TCP_SYN_RECV;
		v->timer = PKTPATH_TCP_TIMER_RTX;
		v->retrans = READ_ONCE(req->retrans);
		v->mark = req->mark;
		/* Another listener may take it over meanwhile. */
		rcu_read_lock();
		lsk = READ_ONCE(req->lsk);
		v->ifindex = req->bound_if;
		v->uid = pp_compat_sk_uid(lsk);
		rcu_read_unlock();
	} else {
		const struct pp_tcp_tw *tw;

		tw = container_of(n, struct pp_tcp_tw, tn);
		t = &tw->timer;
		v->state = READ_ONCE(tw->substate);
		v->timer = PKTPATH_TCP_TIMER_TIMEWAIT;
		v->mark = tw->mark;
		v->ifindex = tw->bound_if;
		v->uid = tw->uid;
		v->refs = refcount_read(pp_tcp_node_ref(n)) - 1;
	}
	v->left = pp_tcp_view_left(READ_ONCE(t->expires));
}

/**
 * pp_tcp_view_numbers() - what /proc/net/tcp shows at the end of a line
 * @sk: listener or connection, held
 * @n: filled
 *
 * Context: any.
 */
void pp_tcp_view_numbers(struct sock *sk, struct pp_tcp_numbers *n)
{
	const struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	u32 ssthresh = READ_ONCE(tp->c.ssthresh);

	n->rto_jiffies = usecs_to_jiffies(READ_ONCE(tp->rtt.rto_us));
	n->ato_jiffies = READ_ONCE(tp->ato_jiffies);
	n->quick = READ_ONCE(tp->quickack) << 1 |
		   (READ_ONCE(tp->pingpong) ? 1 : 0);
	n->cwnd = READ_ONCE(tp->c.cwnd);
	n->ssthresh = ssthresh >= 0x7fffffff ? -1 : (int)ssthresh;
	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		n->ssthresh = READ_ONCE(READ_ONCE(tp->lsn)->fo_max);
}

/**
 * pp_tcp_view_kill() - end what a walk has shown
 * @v: as the walk gave it, inside its callback
 *
 * Context: process, sleeps.
 * Return: 0 or -errno of the protocol.
 */
int pp_tcp_view_kill(const struct pp_tcp_view *v)
{
	if (v->sk)
		return v->sk->sk_prot->diag_destroy(v->sk, ECONNABORTED);
	if (v->node->kind == PKTPATH_TCP_REQ)
		pp_tcp_req_drop(container_of(v->node, struct pp_tcp_req, tn));
	else
		pp_tcp_tw_kill(container_of(v->node, struct pp_tcp_tw, tn));
	return 0;
}

/* Listener number @skip of a bucket, held, or NULL. */
static struct sock *pp_tcp_walk_listener(struct pp_net *pn, unsigned int bucket,
					 unsigned int skip)
{
	struct pp_tcp_lbucket *b = &pn->tcp->listen[bucket];
	struct pp_tcp_listener *lsn;
	struct sock *sk = NULL;
	unsigned int i = 0;

	spin_lock_bh(&b->lock);
	hlist_for_each_entry(lsn, &b->head, node) {
		if (i++ < skip || !refcount_inc_not_zero(&lsn->sk->sk_refcnt))
			continue;
		sk = lsn->sk;
		break;
	}
	spin_unlock_bh(&b->lock);
	return sk;
}

/* One pass over the connections from *@skip on; a hold on each. */
static int pp_tcp_walk_conns(struct pp_net *pn, unsigned int *skip,
			     int (*fn)(const struct pp_tcp_view *v, void *arg),
			     void *arg)
{
	struct rhashtable_iter it;
	struct pp_tcp_view v;
	struct pp_tcp_node *n;
	unsigned int i = 0;
	int ret = 0;

	rhashtable_walk_enter(&pn->tcp->conns, &it);
	rhashtable_walk_start(&it);
	while (!ret && (n = rhashtable_walk_next(&it))) {
		if (IS_ERR(n))
			continue;
		if (i++ < *skip || !pp_tcp_node_get(n))
			continue;
		rhashtable_walk_stop(&it);
		if (n->kind == PKTPATH_TCP_FULL)
			pp_tcp_view_sk((struct sock *)
				       container_of(n, struct pp_tcp_sock, tn),
				       &v);
		else
			pp_tcp_view_mini(n, &v);
		ret = fn(&v, arg);
		if (!ret)
			*skip = i;
		pp_tcp_node_put(n);
		rhashtable_walk_start(&it);
	}
	rhashtable_walk_stop(&it);
	rhashtable_walk_exit(&it);
	return ret;
}

/**
 * pp_tcp_walk() - every listener, connection, and what is left of one
 * @pn: netns
 * @bucket: 0 at the start, PKTPATH_TCP_WALK_CONNS to leave out the listeners;
 *	    where to go on
 * @skip: 0 at the start
 * @fn: called with the object held, no lock; nonzero ends the walk and keeps
 *	the position at this object
 * @arg: for @fn
 *
 * Context: process, may sleep in @fn.
 * Return: what @fn returned last.
 */
int pp_tcp_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		int (*fn)(const struct pp_tcp_view *v, void *arg), void *arg)
{
	struct pp_tcp_view v;
	struct sock *sk;
	int ret;

	BUILD_BUG_ON(PKTPATH_TCP_WALK_CONNS != PKTPATH_TCP_LBUCKETS);
	while (*bucket < PKTPATH_TCP_WALK_CONNS) {
		sk = pp_tcp_walk_listener(pn, *bucket, *skip);
		if (!sk) {
			++*bucket;
			*skip = 0;
			continue;
		}
		pp_tcp_view_sk(sk, &v);
		ret = fn(&v, arg);
		sock_put(sk);
		if (ret)
			return ret;
		++*skip;
	}
	return pp_tcp_walk_conns(pn, skip, fn, arg);
}
