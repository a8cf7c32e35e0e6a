// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports: who has which, and choosing a free one.
 *
 * Path: none, called by bind(), connect(), accept
 * Mirrors: net/ipv4/inet_connection_sock.c (inet_csk_get_port),
 *	    inet_hashtables.c (__inet_hash_connect)
 * Locks: a bucket's lock inside the socket lock
 */
#include "core/hash.h"
#include "tcp/tcp_priv.h"
#include "tcp/tcp_table.h"

/**
 * pp_tcp_bbucket() - the bucket of a port
 * @pn: netns
 * @port: host order
 *
 * Context: any.
 * Return: never NULL.
 */
struct pp_tcp_bbucket *pp_tcp_bbucket(struct pp_net *pn, u16 port)
{
	return &pn->tcp->bind[port & (PKTPATH_TCP_BBUCKETS - 1)];
}

static struct pp_tcp_bind *pp_tcp_bind_find(struct pp_tcp_bbucket *bb,
					    u16 port)
{
	struct pp_tcp_bind *b;

	hlist_for_each_entry(b, &bb->head, node)
		if (b->port == port)
			return b;
	return NULL;
}

static struct pp_tcp_bind *pp_tcp_bind_new(struct pp_tcp_bbucket *bb, u16 port)
{
	struct pp_tcp_bind *b = kzalloc(sizeof(*b), GFP_ATOMIC);

	if (!b)
		return NULL;
	b->port = port;
	hlist_add_head(&b->node, &bb->head);
	return b;
}

/**
 * pp_tcp_bind_put() - free a port that nobody has any more
 * @b: port
 *
 * Context: bucket locked.
 */
void pp_tcp_bind_put(struct pp_tcp_bind *b)
{
	if (!hlist_empty(&b->owners) || !hlist_empty(&b->tws))
		return;
	hlist_del(&b->node);
	kfree(b);
}

static void pp_tcp_bind_own(struct pp_tcp_bind *b, struct sock *sk, bool autob)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (hlist_empty(&b->owners) && hlist_empty(&b->tws))
		b->autobound = autob;
	else if (!autob)
		b->autobound = false;
	sk_add_bind_node(sk, &b->owners);
	tp->bind = b;
	inet_sk(sk)->inet_num = b->port;
	inet_sk(sk)->inet_sport = htons(b->port);
}

static bool pp_tcp_addr_overlap(__be32 a, __be32 b)
{
	return !a || !b || a == b;
}

/* Is there a segment that both @sk and who is bound to @other may have? */
static bool pp_tcp_dev_overlap(const struct sock *sk, int other)
{
	const struct pp_net *pn = pp_sk(sk)->pn;
	int own = sk->sk_bound_dev_if;

	if (own == other)
		return true;
	if (own && other)
		return false;
	/* who is bound to no device has nothing of the other's VRF */
	return READ_ONCE(pn->sysctl.tcp_l3mdev_accept) ||
	       !pp_vrf_of(pn, own ?: other);
}

/* May @sk and @o not share the port? As AF_INET decides. @strict: the port is
 * ours to choose, SO_REUSEADDR and SO_REUSEPORT are no reason to share it.
 */
static bool pp_tcp_owner_conflict(const struct sock *sk, const struct sock *o,
				  bool strict)
{
	if (o == sk ||
	    !pp_tcp_dev_overlap(sk, o->sk_bound_dev_if) ||
	    !pp_tcp_addr_overlap(sk->sk_rcv_saddr, o->sk_rcv_saddr))
		return false;
	if (strict)
		return true;
	/* MUST-42: one may listen beside another's connections. */
	if (sk->sk_reuse && o->sk_reuse && o->sk_state != TCP_LISTEN)
		return false;
	if (sk->sk_reuseport && o->sk_reuseport &&
	    uid_eq(pp_compat_sk_uid(sk), pp_compat_sk_uid(o)))
		return false;
	return true;
}

static bool pp_tcp_tw_conflict(const struct sock *sk,
			       const struct pp_tcp_tw *tw, bool strict)
{
	if (!pp_tcp_dev_overlap(sk, tw->bound_if) ||
	    !pp_tcp_addr_overlap(sk->sk_rcv_saddr, tw->tn.key.laddr))
		return false;
	if (strict)
		return true;
	if (sk->sk_reuse && tw->reuse)
		return false;
	return !(sk->sk_reuseport && tw->reuseport &&
		 uid_eq(pp_compat_sk_uid(sk), tw->uid));
}

static bool pp_tcp_bind_conflict(struct sock *sk, struct pp_tcp_bind *b,
				 bool strict)
{
	struct pp_tcp_tw *tw;
	struct sock *o;

	sk_for_each_bound(o, &b->owners)
		if (pp_tcp_owner_conflict(sk, o, strict))
			return true;
	hlist_for_each_entry(tw, &b->tws, bind_node)
		if (pp_tcp_tw_conflict(sk, tw, strict))
			return true;
	return false;
}

static int pp_tcp_bind_port(struct sock *sk, u16 port, bool strict)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_tcp_bbucket *bb = pp_tcp_bbucket(pn, port);
	struct pp_tcp_bind *b;
	int err = 0;

	spin_lock_bh(&bb->lock);
	b = pp_tcp_bind_find(bb, port);
	if (pp_tcp_sk(sk)->bind) {
		/* listen(): bound already, look whether it still may. */
		if (pp_tcp_bind_conflict(sk, b, false))
			err = -EADDRINUSE;
		goto out;
	}
	if (b && pp_tcp_bind_conflict(sk, b, strict)) {
		err = -EADDRINUSE;
		goto out;
	}
	if (!b)
		b = pp_tcp_bind_new(bb, port);
	if (b)
		pp_tcp_bind_own(b, sk, false);
	else
		err = -ENOMEM;
out:
	spin_unlock_bh(&bb->lock);
	return err;
}

static bool pp_tcp_port_reserved(const struct pp_sysctl *s, u16 port)
{
	unsigned long *map = READ_ONCE(s->ip_local_reserved_ports);

	return map && test_bit(port, map);
}

/**
 * pp_tcp_get_port() - take a port
 * @sk: socket
 * @port: host order; 0: any free one
 *
 * proto.get_port. Sets inet_num and inet_sport.
 * Context: process, socket locked.
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int pp_tcp_get_port(struct sock *sk, unsigned short port)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	u32 range = READ_ONCE(s->ip_local_port_range);
	u32 low = range & 0xffff, n = (range >> 16) - low + 1, i, off;
	int err = -EADDRINUSE;

	if (port)
		return pp_tcp_bind_port(sk, port, false);
	off = get_random_u32_below(n);
	for (i = 0; i < n; i++) {
		u16 p = low + (off + i) % n;

		if (pp_tcp_port_reserved(s, p))
			continue;
		err = pp_tcp_bind_port(sk, p, true);
		if (err != -EADDRINUSE)
			break;
	}
	return err;
}

/* Ports given, by hash of the destination. */
static u16 pp_tcp_port_step[1 << 16];

/* RFC 6191, tcp_tw_reuse: a TIME_WAIT object of the socket's tuple is killed;
 * the new sequence numbers then begin above the old ones. No lock is held.
 */
static bool pp_tcp_tw_gives_way(struct pp_net *pn, struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_node *n;
	struct pp_tcp_tw *tw;
	bool gone = false;

	rcu_read_lock();
	n = pp_tcp_lookup_conn(pn, &tp->tn.key);
	rcu_read_unlock();
	if (!n)
		return false;
	if (n->kind == PKTPATH_TCP_TW) {
		tw = container_of(n, struct pp_tcp_tw, tn);
		gone = pp_tcp_tw_reusable(tw, &tp->write_seq);
		if (gone) {
			pp_mib_inc(pn, TCPEXT_TWRECYCLED);
			pp_tcp_tw_kill(tw);
		}
	}
	pp_tcp_node_put(n);
	return gone;
}

/* One try at a port for connect(); the tuple decides. */
static int pp_tcp_connect_try(struct sock *sk, u16 port, bool *taken)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_tcp_bbucket *bb = pp_tcp_bbucket(pn, port);
	struct pp_tcp_bind *b;
	int err = -EADDRNOTAVAIL;

	spin_lock_bh(&bb->lock);
	b = pp_tcp_bind_find(bb, port);
	if (b && !b->autobound)
		goto out;
	tp->tn.key.lport = htons(port);
	err = pp_tcp_conn_insert(pn, &tp->tn, NULL);
	*taken = err == -EADDRNOTAVAIL;
	if (err)
		goto out;
	if (!b)
		b = pp_tcp_bind_new(bb, port);
	if (b) {
		pp_tcp_bind_own(b, sk, true);
	} else {
		pp_tcp_conn_remove(pn, &tp->tn);
		err = -ENOMEM;
	}
out:
	spin_unlock_bh(&bb->lock);
	return err;
}

/**
 * pp_tcp_connect_port() - give a connecting socket its place in the table
 * @sk: socket; addresses and destination port set, perhaps bound
 *
 * RFC 6056 §3.3.4: the start is a keyed hash of the destination, another one
 * every ten seconds, plus a counter that few destinations share and that goes
 * up by a random step: what one peer sees says nothing of ports to another.
 *
 * Context: process, socket locked.
 * Return: 0, -EADDRNOTAVAIL when every port is taken, -ENOMEM.
 */
int pp_tcp_connect_port(struct sock *sk)
{
	const struct pp_sysctl *s = &pp_sk(sk)->pn->sysctl;
	struct inet_sock *inet = inet_sk(sk);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	u32 range, low, n, off, i;
	int err = -EADDRNOTAVAIL;
	bool taken;
	u16 *step;
	u64 hash;

	tp->tn.key.laddr = inet->inet_saddr;
	tp->tn.key.faddr = inet->inet_daddr;
	tp->tn.key.fport = inet->inet_dport;
	tp->tn.key.lport = inet->inet_sport;
	tp->tn.key.l3mdev = pp_vrf_of(pn, sk->sk_bound_dev_if);
	if (inet->inet_num)
		return pp_tcp_conn_insert_connect(pn, sk);
	range = READ_ONCE(s->ip_local_port_range);
	low = range & 0xffff;
	n = (range >> 16) - low + 1;
	hash = pp_hash64_4(pn, (__force u32)inet->inet_saddr,
			   (__force u32)inet->inet_daddr,
			   (__force u32)inet->inet_dport,
			   (u32)(jiffies / (10 * HZ)));
	step = &pp_tcp_port_step[hash >> 48];
	off = (u32)hash + READ_ONCE(*step);
	for (i = 0; i < n; i++) {
		u16 p = low + (off + i) % n;

		if (pp_tcp_port_reserved(s, p))
			continue;
		taken = false;
		err = pp_tcp_connect_try(sk, p, &taken);
		if (taken && pp_tcp_tw_gives_way(pn, sk))
			err = pp_tcp_connect_try(sk, p, &taken);
		if (err != -EADDRNOTAVAIL)
			break;
		tp->write_seq = 0;
	}
	/* A race costs a port at most. */
	if (!err)
		WRITE_ONCE(*step, *step + i + 1 + get_random_u32_below(16));
	return err;
}

/**
 * pp_tcp_conn_insert_connect() - insert a bound socket that connects
 * @pn: netns
 * @sk: socket, its key set
 *
 * RFC 6191, tcp_tw_reuse: a TIME_WAIT object of the same tuple may give way;
 * the new sequence numbers then begin above the old ones.
 *
 * Context: process, socket locked.
 * Return: 0, -EADDRNOTAVAIL, -ENOMEM.
 */
int pp_tcp_conn_insert_connect(struct pp_net *pn, struct sock *sk)
{
	int err = pp_tcp_conn_insert(pn, &pp_tcp_sk(sk)->tn, NULL);

	if (err == -EADDRNOTAVAIL && pp_tcp_tw_gives_way(pn, sk))
		err = pp_tcp_conn_insert(pn, &pp_tcp_sk(sk)->tn, NULL);
	return err;
}

/**
 * pp_tcp_inherit_port() - a child has its listener's port
 * @lsk: listener
 * @child: new socket
 *
 * Context: softirq.
 * Return: 0 or -ENOENT when the listener has let go meanwhile.
 */
int pp_tcp_inherit_port(struct sock *lsk, struct sock *child)
{
	u16 port = ntohs(inet_sk(child)->inet_sport);
	struct pp_tcp_bbucket *bb = pp_tcp_bbucket(pp_sk(lsk)->pn, port);
	struct pp_tcp_bind *b;
	int err = -ENOENT;

	spin_lock_bh(&bb->lock);
	/* A listener may have gone to another port, which has another lock. */
	b = pp_tcp_bind_find(bb, port);
	if (b && READ_ONCE(pp_tcp_sk(lsk)->bind) == b) {
		pp_tcp_bind_own(b, child, false);
		err = 0;
	}
	spin_unlock_bh(&bb->lock);
	return err;
}

/**
 * pp_tcp_put_port() - let the local port go
 * @sk: socket
 *
 * Context: softirq or process.
 */
void pp_tcp_put_port(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_tcp_bbucket *bb;

	if (!inet_sk(sk)->inet_num)
		return;
	bb = pp_tcp_bbucket(pp_sk(sk)->pn, inet_sk(sk)->inet_num);
	spin_lock_bh(&bb->lock);
	if (tp->bind) {
		hlist_del_init(&sk->sk_bind_node);
		pp_tcp_bind_put(tp->bind);
		tp->bind = NULL;
	}
	inet_sk(sk)->inet_num = 0;
	spin_unlock_bh(&bb->lock);
}
