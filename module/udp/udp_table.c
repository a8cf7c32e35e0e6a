// SPDX-License-Identifier: GPL-2.0
/*
 * Ports of a netns: who is bound to what.
 *
 * Two indexes hold every bound socket. By port: two arrays of 256 pointers
 * lead from a port to its list of sockets; bind looks for conflicts there,
 * broadcasts and dumps walk it, and a lookup needs nothing else as long as few
 * sockets share the port. By address: a hash that grows with the sockets; an
 * unconnected one is found by (port, local address), a connected one by all
 * four, so thousands on one port cost no more than one.
 *
 * The hash grows without disturbing readers: each socket has two nodes, the
 * new array links the one the old does not use, and the old array is freed
 * after a grace period, before which no further growth happens. A socket that
 * changes its chain (connect) may lead a reader astray; tab->moves tells the
 * reader to look again.
 *
 * Ports change under a mutex, chains and reuseport groups under a spinlock
 * inside it: a BPF program that sets SO_BINDTODEVICE rehashes in an RCU
 * section.
 *
 * Path: bind, connect, close => here; read by udp_lookup.c
 * Mirrors: net/ipv4/udp.c (udp_lib_get_port, udp_lib_rehash)
 * Locks: pp_udp_table.lock inside the socket lock, pp_udp_table.hash_lock
 *	inside both; readers RCU
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/sock_reuseport.h>
#include "compat/compat.h"
#include "udp/udp_priv.h"

#define PKTPATH_UDP_HASH_MIN	256
#define PKTPATH_UDP_HASH_MAX	BIT(20)
/* A longer list is not searched when all of it allows sharing. */
#define PKTPATH_UDP_SCAN_MAX	64

static inline kuid_t pp_udp_uid(const struct sock *sk)
{
	return sk->sk_uid;
}

/**
 * pp_udp_hash_sk() - chain of a socket in the address hash
 * @tab: table of its netns
 * @sk: a bound socket
 *
 * Context: any.
 * Return: hash value, to be masked.
 */
u32 pp_udp_hash_sk(const struct pp_udp_table *tab, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	u32 ports;

	if (!inet->inet_daddr)
		return hsiphash_2u32((__force u32)inet->inet_rcv_saddr,
				     inet->inet_num, &tab->key);
	ports = inet->inet_num << 16 | (__force u16)inet->inet_dport;
	return hsiphash_3u32((__force u32)inet->inet_rcv_saddr,
			     (__force u32)inet->inet_daddr, ports, &tab->key);
}

static struct pp_udp_hash *pp_udp_hash_current(const struct pp_udp_table *tab)
{
	return rcu_dereference_protected(tab->hash,
					 lockdep_is_held(&tab->lock) ||
					 lockdep_is_held(&tab->hash_lock));
}

static void pp_udp_hash_link(struct pp_udp_table *tab, struct sock *sk,
			     struct pp_udp_hash *h)
{
	u32 slot = pp_udp_hash_sk(tab, sk) & h->mask;

	hlist_add_head_rcu(&pp_udp_sk(sk)->addr_node[h->gen], &h->chain[slot]);
}

/* Called before and after: pairs with the barriers of pp_udp_lookup_rcu(). */
static void pp_udp_moved(struct pp_udp_table *tab)
{
	smp_wmb();	/* what was changed is seen before the new count */
	WRITE_ONCE(tab->moves, tab->moves + 1);
	smp_wmb();	/* the new count is seen before what will be changed */
}

static struct pp_udp_hash *pp_udp_hash_alloc(u32 size, u32 gen)
{
	struct pp_udp_hash *h;

	h = kvzalloc(struct_size(h, chain, size), GFP_KERNEL_ACCOUNT);
	if (h) {
		h->mask = size - 1;
		h->gen = gen;
	}
	return h;
}

static struct pp_udp_page *pp_udp_page_of(const struct pp_udp_table *tab,
					  u16 num)
{
	return rcu_dereference_protected(tab->page[num >> 8],
					 lockdep_is_held(&tab->lock));
}

static struct pp_udp_port *pp_udp_port_of(const struct pp_udp_table *tab,
					  u16 num)
{
	struct pp_udp_page *page = pp_udp_page_of(tab, num);

	return page ? rcu_dereference_protected(page->port[num & 0xff],
						lockdep_is_held(&tab->lock)) :
		      NULL;
}

/* One at a time: who rehashes waits for no more than that. */
static void pp_udp_grow_link(struct pp_udp_table *tab, struct pp_udp_hash *h)
{
	struct pp_udp_port *port;
	struct pp_udp_sock *up;
	int num;

	spin_lock(&tab->hash_lock);
	tab->next = h;
	tab->growths++;
	spin_unlock(&tab->hash_lock);

	for (num = 0; num <= U16_MAX; num++) {
		if (!pp_udp_page_of(tab, num)) {
			num |= 0xff;
			continue;
		}
		port = pp_udp_port_of(tab, num);
		if (!port)
			continue;
		hlist_for_each_entry(up, &port->socks, port_node) {
			spin_lock(&tab->hash_lock);
			pp_udp_hash_link(tab, (struct sock *)up, h);
			up->growth = tab->growths;
			spin_unlock(&tab->hash_lock);
		}
	}
}

static void pp_udp_grow_work(struct work_struct *work)
{
	struct pp_udp_table *tab = container_of(work, struct pp_udp_table,
						grow);
	struct pp_udp_hash *old, *new = NULL;
	u32 size;

	mutex_lock(&tab->lock);
	old = pp_udp_hash_current(tab);
	size = min_t(u32, roundup_pow_of_two(tab->nsocks + 1) * 2,
		     PKTPATH_UDP_HASH_MAX);
	if (size > old->mask + 1)
		new = pp_udp_hash_alloc(size, !old->gen);
	if (new) {
		pp_udp_grow_link(tab, new);
		spin_lock(&tab->hash_lock);
		tab->next = NULL;
		rcu_assign_pointer(tab->hash, new);
		spin_unlock(&tab->hash_lock);
	}
	mutex_unlock(&tab->lock);
	if (!new)
		return;
	/* Until readers have left it, the old array uses the other nodes. */
	synchronize_rcu();
	kvfree(old);
}

/* ---- Conflicts ---- */

/* Whether two sockets of one port would both be right for some datagram. */
static bool pp_udp_overlap(const struct sock *a, const struct sock *b)
{
	__be32 addr_a = a->sk_rcv_saddr, addr_b = b->sk_rcv_saddr;
	int dev_a = READ_ONCE(a->sk_bound_dev_if);
	int dev_b = READ_ONCE(b->sk_bound_dev_if);

	return (!dev_a || !dev_b || dev_a == dev_b) &&
	       (!addr_a || !addr_b || addr_a == addr_b);
}

/*
 * May @sk share @port with who is there? The flags count as they are now; only
 * on a crowded port the flags at the time of bind answer a simple yes.
 */
static bool pp_udp_conflict(const struct pp_udp_port *port, struct sock *sk)
{
	bool joins = sk->sk_reuseport &&
		     !rcu_access_pointer(sk->sk_reuseport_cb);
	struct pp_udp_sock *up;

	if (port->n > PKTPATH_UDP_SCAN_MAX) {
		if (sk->sk_reuse && port->n_reuse == port->n)
			return false;
		if (joins && port->n_reuseport == port->n &&
		    uid_eq(port->uid, pp_udp_uid(sk)))
			return false;
	}
	hlist_for_each_entry(up, &port->socks, port_node) {
		struct sock *sk2 = (struct sock *)up;

		if (sk2 == sk || !pp_udp_overlap(sk, sk2) ||
		    (sk->sk_reuse && sk2->sk_reuse))
			continue;
		if (joins && sk2->sk_reuseport &&
		    uid_eq(pp_udp_uid(sk), pp_udp_uid(sk2)))
			continue;
		return true;
	}
	return false;
}

/*
 * Enters @sk into the group of a socket like it, or founds one. The lock keeps
 * the other one from leaving meanwhile.
 */
static int pp_udp_join_group(struct pp_udp_table *tab,
			     const struct pp_udp_port *port, struct sock *sk)
{
	bool any = !sk->sk_rcv_saddr;
	struct pp_udp_sock *up;
	int err;

	spin_lock(&tab->hash_lock);
	hlist_for_each_entry(up, &port->socks, port_node) {
		struct sock *sk2 = (struct sock *)up;

		if (sk2 != sk && sk2->sk_reuseport &&
		    sk2->sk_bound_dev_if == sk->sk_bound_dev_if &&
		    sk2->sk_rcv_saddr == sk->sk_rcv_saddr &&
		    uid_eq(pp_udp_uid(sk), pp_udp_uid(sk2))) {
			err = reuseport_add_sock(sk, sk2, any);
			goto unlock;
		}
	}
	err = reuseport_alloc(sk, any);
unlock:
	spin_unlock(&tab->hash_lock);
	return err;
}

/* ---- Bind ---- */

static struct pp_udp_port *pp_udp_port_make(struct pp_udp_table *tab, u16 num)
{
	struct pp_udp_page *page = pp_udp_page_of(tab, num);
	struct pp_udp_port *port;

	if (!page) {
		page = kzalloc(sizeof(*page), GFP_KERNEL_ACCOUNT);
		if (!page)
			return NULL;
		rcu_assign_pointer(tab->page[num >> 8], page);
	}
	port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	if (port) {
		port->num = num;
		rcu_assign_pointer(page->port[num & 0xff], port);
	}
	return port;
}

static void pp_udp_port_put(struct pp_udp_table *tab, struct pp_udp_port *port)
{
	if (port->n)
		return;
	RCU_INIT_POINTER(pp_udp_page_of(tab, port->num)->port[port->num & 0xff],
			 NULL);
	kfree_rcu(port, rcu);
}

static void pp_udp_port_link(struct pp_udp_table *tab, struct sock *sk,
			     struct pp_udp_port *port)
{
	struct pp_udp_hash *h = pp_udp_hash_current(tab);
	struct pp_udp_sock *up = pp_udp_sk(sk);

	spin_lock(&tab->hash_lock);
	/* bound before: a reader may still stand on one of its nodes */
	if (up->bound_seq)
		pp_udp_moved(tab);
	if (!port->n)
		port->uid = pp_udp_uid(sk);
	up->port = port;
	up->bound_seq = ++tab->seq;
	up->bound_addr = sk->sk_rcv_saddr;
	up->bound_dev = sk->sk_bound_dev_if;
	up->bound_reuse = sk->sk_reuse;
	up->bound_reuseport = sk->sk_reuseport &&
			      uid_eq(port->uid, pp_udp_uid(sk));
	port->n_reuse += up->bound_reuse;
	port->n_reuseport += up->bound_reuseport;
	pp_udp_hash_link(tab, sk, h);
	spin_unlock(&tab->hash_lock);
	hlist_add_head_rcu(&up->port_node, &port->socks);
	WRITE_ONCE(port->n, port->n + 1);
	if (++tab->nsocks > h->mask && h->mask + 1 < PKTPATH_UDP_HASH_MAX)
		schedule_work(&tab->grow);
}

static int pp_udp_bind_port(struct pp_udp_table *tab, struct sock *sk, u16 num)
{
	struct pp_udp_port *port = pp_udp_port_of(tab, num);
	struct inet_sock *inet = inet_sk(sk);
	int err = 0;

	if (!port)
		port = pp_udp_port_make(tab, num);
	if (!port)
		return -ENOMEM;
	if (sk->sk_reuseport)
		err = pp_udp_join_group(tab, port, sk);
	if (err) {
		pp_udp_port_put(tab, port);
		return err;
	}
	WRITE_ONCE(inet->inet_num, num);
	inet->inet_sport = htons(num);
	pp_udp_port_link(tab, sk, port);
	return 0;
}

/*
 * A free port of the range, searched from a random one (RFC 6056 §3.3.1); 0
 * when there is none. A shareable port counts as free, as on AF_INET.
 */
static u16 pp_udp_free_port(struct pp_net *pn, struct sock *sk)
{
	u32 range = READ_ONCE(pn->sysctl.ip_local_port_range);
	const unsigned long *reserved = pn->sysctl.ip_local_reserved_ports;
	u32 low = range & 0xffff, high = range >> 16;
	u32 count, first, i;

	if (!low || low > high)
		return 0;
	count = high - low + 1;
	first = get_random_u32_below(count);
	for (i = 0; i < count; i++) {
		u16 num = low + (first + i) % count;
		struct pp_udp_port *port;

		if (reserved && test_bit(num, reserved))
			continue;
		port = pp_udp_port_of(pn->udp, num);
		if (!port || !pp_udp_conflict(port, sk))
			return num;
	}
	return 0;
}

/**
 * pp_udp_get_port() - bind a socket to a port
 * @sk: locked socket; its local address and device are set
 * @num: port in host order, 0: any
 *
 * A socket that is bound already only has the conflict checked again.
 * Mirrors: net/ipv4/udp.c:udp_lib_get_port
 *
 * Context: process, may sleep; takes the table's lock.
 * Return: 0, or -EADDRINUSE, -ENOMEM.
 */
int pp_udp_get_port(struct sock *sk, unsigned short num)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	struct pp_udp_table *tab = pn->udp;
	struct pp_udp_port *port;
	int err = -EADDRINUSE;

	mutex_lock(&tab->lock);
	if (!num) {
		num = pp_udp_free_port(pn, sk);
		if (!num)
			goto unlock;
	} else {
		port = pp_udp_port_of(tab, num);
		if (port && pp_udp_conflict(port, sk))
			goto unlock;
	}
	err = pp_udp_sk(sk)->port ? 0 : pp_udp_bind_port(tab, sk, num);
unlock:
	mutex_unlock(&tab->lock);
	return err;
}

/**
 * pp_udp_unhash() - take a socket from its port
 * @sk: the socket, bound or not
 *
 * Mirrors: net/ipv4/udp.c:udp_lib_unhash
 *
 * Context: process, may sleep; takes the table's lock.
 */
void pp_udp_unhash(struct sock *sk)
{
	struct pp_udp_table *tab = pp_sk(sk)->pn->udp;
	struct pp_udp_sock *up = pp_udp_sk(sk);
	struct pp_udp_port *port;

	mutex_lock(&tab->lock);
	port = up->port;
	if (!port)
		goto unlock;
	spin_lock(&tab->hash_lock);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	hlist_del_rcu(&up->addr_node[pp_udp_hash_current(tab)->gen]);
	up->port = NULL;
	spin_unlock(&tab->hash_lock);
	hlist_del_rcu(&up->port_node);
	WRITE_ONCE(inet_sk(sk)->inet_num, 0);
	port->n_reuse -= up->bound_reuse;
	port->n_reuseport -= up->bound_reuseport;
	WRITE_ONCE(port->n, port->n - 1);
	tab->nsocks--;
	pp_udp_port_put(tab, port);
unlock:
	mutex_unlock(&tab->lock);
}

/*
 * A reuseport group is of one local address and device: who changes either
 * leaves it.
 */
static void pp_udp_check_group(struct sock *sk)
{
	struct pp_udp_sock *up = pp_udp_sk(sk);

	if (up->bound_addr == sk->sk_rcv_saddr &&
	    up->bound_dev == sk->sk_bound_dev_if)
		return;
	up->bound_addr = sk->sk_rcv_saddr;
	up->bound_dev = sk->sk_bound_dev_if;
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
}

/* To the chain of @h that @sk belongs on now. */
static void pp_udp_hash_move(struct pp_udp_table *tab, struct sock *sk,
			     struct pp_udp_hash *h)
{
	hlist_del_rcu(&pp_udp_sk(sk)->addr_node[h->gen]);
	pp_udp_hash_link(tab, sk, h);
}

/**
 * pp_udp_rehash() - proto.rehash: addresses or device of a socket have changed
 * @sk: locked socket, bound or not
 *
 * Called by connect, disconnect and SO_BINDTODEVICE.
 * Mirrors: net/ipv4/udp.c:udp_v4_rehash, udp_lib_hash4
 *
 * Context: process, does not sleep; takes the hash's lock.
 */
void pp_udp_rehash(struct sock *sk)
{
	struct pp_udp_table *tab = pp_sk(sk)->pn->udp;
	struct pp_udp_sock *up = pp_udp_sk(sk);

	spin_lock(&tab->hash_lock);
	if (!up->port)
		goto unlock;
	pp_udp_check_group(sk);
	pp_udp_moved(tab);
	pp_udp_hash_move(tab, sk, pp_udp_hash_current(tab));
	pp_udp_moved(tab);
	if (tab->next && up->growth == tab->growths)
		pp_udp_hash_move(tab, sk, tab->next);
unlock:
	spin_unlock(&tab->hash_lock);
}

/**
 * pp_udp_set_reuseport() - SO_REUSEPORT of a socket
 * @sk: locked socket, bound or not
 * @on: new value
 *
 * A bound socket enters a group when the next like it is bound.
 *
 * Context: process.
 * Return: 0.
 */
int pp_udp_set_reuseport(struct sock *sk, bool on)
{
	sk->sk_reuseport = on;
	return 0;
}

/* ---- Walk ---- */

#define PKTPATH_UDP_BATCH	16

/* Holds up to a batch of sockets of @num from the @skip-th on. */
static unsigned int pp_udp_batch(struct pp_udp_table *tab, u16 num,
				 unsigned int skip, struct sock **batch)
{
	struct pp_udp_port *port;
	struct pp_udp_sock *up;
	unsigned int n = 0;

	rcu_read_lock();
	port = pp_udp_port_rcu(tab, num);
	if (!port)
		goto unlock;
	hlist_for_each_entry_rcu(up, &port->socks, port_node) {
		struct sock *sk = (struct sock *)up;

		if (skip) {
			skip--;
			continue;
		}
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			continue;
		batch[n++] = sk;
		if (n == PKTPATH_UDP_BATCH)
			break;
	}
unlock:
	rcu_read_unlock();
	return n;
}

static int pp_udp_walk_port(struct pp_udp_table *tab, u16 num,
			    unsigned int *skip,
			    int (*fn)(struct sock *sk, void *arg), void *arg)
{
	struct sock *batch[PKTPATH_UDP_BATCH];
	unsigned int n, i;
	int err = 0;

	do {
		n = pp_udp_batch(tab, num, *skip, batch);
		for (i = 0; i < n; i++) {
			if (!err)
				err = fn(batch[i], arg);
			if (!err)
				++*skip;
			sock_put(batch[i]);
		}
	} while (!err && n == PKTPATH_UDP_BATCH);
	return err;
}

/**
 * pp_udp_walk() - call a function for every bound socket
 * @pn: netns
 * @bucket: port to begin with; on return the port of the next socket
 * @skip: sockets of @bucket already taken; on return likewise
 * @fn: called with the socket held and no lock; nonzero stops the walk before
 *	the socket counts as taken
 * @arg: handed to @fn
 *
 * Context: process, may sleep if @fn does.
 * Return: what stopped the walk, or 0 at the end.
 */
int pp_udp_walk(struct pp_net *pn, unsigned int *bucket, unsigned int *skip,
		int (*fn)(struct sock *sk, void *arg), void *arg)
{
	struct pp_udp_table *tab = pn->udp;
	int err;

	for (; *bucket <= U16_MAX; ++*bucket, *skip = 0) {
		if (!rcu_access_pointer(tab->page[*bucket >> 8])) {
			*bucket |= 0xff;
			continue;
		}
		err = pp_udp_walk_port(tab, *bucket, skip, fn, arg);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* ---- Life ---- */

/**
 * pp_udp_table_init() - table of a new netns
 * @pn: the netns
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int pp_udp_table_init(struct pp_net *pn)
{
	struct pp_udp_table *tab;
	struct pp_udp_hash *h;

	tab = kzalloc(sizeof(*tab), GFP_KERNEL_ACCOUNT);
	h = pp_udp_hash_alloc(PKTPATH_UDP_HASH_MIN, 0);
	if (!tab || !h) {
		kfree(tab);
		kvfree(h);
		return -ENOMEM;
	}
	mutex_init(&tab->lock);
	spin_lock_init(&tab->hash_lock);
	get_random_bytes(&tab->key, sizeof(tab->key));
	INIT_WORK(&tab->grow, pp_udp_grow_work);
	RCU_INIT_POINTER(tab->hash, h);
	pn->udp = tab;
	return 0;
}

/**
 * pp_udp_table_exit() - free the table; no socket and no reader is left
 * @pn: the netns
 *
 * Context: process.
 */
void pp_udp_table_exit(struct pp_net *pn)
{
	struct pp_udp_table *tab = pn->udp;
	int i;

	if (!tab)
		return;
	cancel_work_sync(&tab->grow);
	WARN_ON_ONCE(tab->nsocks);
	for (i = 0; i < ARRAY_SIZE(tab->page); i++)
		kfree(rcu_dereference_protected(tab->page[i], true));
	kvfree(rcu_dereference_protected(tab->hash, true));
	mutex_destroy(&tab->lock);
	kfree(tab);
	pn->udp = NULL;
}
