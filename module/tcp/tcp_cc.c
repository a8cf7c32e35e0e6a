// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion controls: the registry, and the calls into an algorithm.
 *
 * Path: tcp_ack.c, tcp_recovery.c
 * Mirrors: net/ipv4/tcp_cong.c
 * Locks: pp_tcp_cc_lock guards the list; readers use RCU. A connection holds a
 * reference on the module of its algorithm, so an algorithm that is in use
 * cannot be unloaded and calls through tp->cc need no lock. So do a netns's
 * default, and for a moment who looks at somebody else's: under RCU, as an
 * algorithm waits for readers before it goes.
 */
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include "tcp/tcp_priv.h"
#include "tcp/tcp_reno.h"

static DEFINE_SPINLOCK(pp_tcp_cc_lock);
static LIST_HEAD(pp_tcp_cc_list);

/* RCU or pp_tcp_cc_lock. */
static struct pktpath_cc_ops *pp_tcp_cc_find(const char *name)
{
	struct pktpath_cc_ops *ops;

	list_for_each_entry_rcu(ops, &pp_tcp_cc_list, list,
				lockdep_is_held(&pp_tcp_cc_lock))
		if (!strncmp(ops->name, name, PKTPATH_CC_NAME_MAX))
			return ops;
	return NULL;
}

/**
 * pktpath_cc_register() - offer a congestion control
 * @ops: the algorithm; stays the caller's until pktpath_cc_unregister()
 *
 * Context: process, may sleep not; any module.
 * Return: 0, -EINVAL when a mandatory call or the name is missing, -EEXIST.
 */
int pktpath_cc_register(struct pktpath_cc_ops *ops)
{
	int err = 0;

	if (!ops->ssthresh || !ops->undo_cwnd || !ops->name[0] ||
	    strnlen(ops->name, PKTPATH_CC_NAME_MAX) == PKTPATH_CC_NAME_MAX ||
	    (!ops->cong_avoid && !ops->cong_control)) {
		pr_err("pktpath: congestion control lacks a mandatory part\n");
		return -EINVAL;
	}
	spin_lock(&pp_tcp_cc_lock);
	if (pp_tcp_cc_find(ops->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&ops->list, &pp_tcp_cc_list);
	spin_unlock(&pp_tcp_cc_lock);
	return err;
}
EXPORT_SYMBOL_GPL(pktpath_cc_register);

/**
 * pktpath_cc_unregister() - take a congestion control back
 * @ops: registered before
 *
 * Nobody finds it any more on return; connections that use it hold the
 * module, so for a module this runs only when there are none.
 *
 * Context: process, sleeps for a grace period.
 */
void pktpath_cc_unregister(struct pktpath_cc_ops *ops)
{
	spin_lock(&pp_tcp_cc_lock);
	list_del_rcu(&ops->list);
	spin_unlock(&pp_tcp_cc_lock);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(pktpath_cc_unregister);

/* RCU. A reference on @ops, or NULL. */
static const struct pktpath_cc_ops *
pp_tcp_cc_hold(const struct pktpath_cc_ops *ops)
{
	return ops && try_module_get(ops->owner) ? ops : NULL;
}

/*
 * A reference on the algorithm of that name; an administrator may load it.
 * ERR_PTR: -ENOENT, -EBUSY (it is going away).
 */
static const struct pktpath_cc_ops *pp_tcp_cc_get(const char *name)
{
	const struct pktpath_cc_ops *ops, *held;

	rcu_read_lock();
	ops = pp_tcp_cc_find(name);
	if (!ops && capable(CAP_NET_ADMIN)) {
		rcu_read_unlock();
		request_module("pktpath_cc_%s", name);
		rcu_read_lock();
		ops = pp_tcp_cc_find(name);
	}
	held = pp_tcp_cc_hold(ops);
	rcu_read_unlock();
	if (!ops)
		return ERR_PTR(-ENOENT);
	return held ? : ERR_PTR(-EBUSY);
}

static u32 pp_tcp_cc_hash(const char *name)
{
	return jhash(name, strlen(name), 0x6363) ? : 1;
}

/* RCU or pp_tcp_cc_lock. */
static struct pktpath_cc_ops *pp_tcp_cc_find_key(u32 key)
{
	struct pktpath_cc_ops *ops;

	list_for_each_entry_rcu(ops, &pp_tcp_cc_list, list,
				lockdep_is_held(&pp_tcp_cc_lock))
		if (pp_tcp_cc_hash(ops->name) == key)
			return ops;
	return NULL;
}

/* What the algorithm may read, brought up to date. */
static void pp_tcp_cc_sync(struct pp_tcp_sock *tp)
{
	tp->c.mss = tp->mss_cache;
	tp->c.in_flight = pp_tcp_in_flight(tp);
	tp->c.delivered = tp->rate.delivered;
	tp->c.srtt_us = tp->rtt.srtt_us >> 3;
	tp->c.min_rtt_us = pp_tcp_rtt_min_us(&tp->rtt);
	tp->c.now_us = tp->mstamp_us;
}

/**
 * pp_tcp_cc_assign() - give a socket the netns's default
 * @sk: socket without an algorithm
 *
 * Falls back to Reno, which cannot be unloaded.
 * Context: process or softirq, any lock.
 */
void pp_tcp_cc_assign(struct sock *sk)
{
	struct pp_net *pn = pp_sk(sk)->pn;
	const struct pktpath_cc_ops *ops;

	rcu_read_lock();
	ops = pp_tcp_cc_hold(READ_ONCE(pn->sysctl.tcp_congestion_control));
	rcu_read_unlock();
	WRITE_ONCE(pp_tcp_sk(sk)->cc, ops ? : &pp_tcp_reno);
}

/**
 * pp_tcp_cc_by_route() - a route may name the algorithm
 * @sk: socket that has not started one
 * @dst: its route
 *
 * It comes before TCP_CONGESTION, as in the kernel; one that is locked cannot
 * be changed afterwards.
 *
 * Mirrors: net/ipv4/tcp_output.c:tcp_ca_dst_init (v7.2)
 *
 * Context: RCU, socket locked.
 */
void pp_tcp_cc_by_route(struct sock *sk, const struct pp_dst *dst)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pktpath_cc_ops *ops;

	if (likely(!dst->cc_key))
		return;
	ops = pp_tcp_cc_hold(pp_tcp_cc_find_key(dst->cc_key));
	if (!ops)
		return;
	if (tp->cc)
		module_put(tp->cc->owner);
	WRITE_ONCE(tp->cc, ops);
	tp->cc_locked = dst->cc_lock;
}

/**
 * pp_tcp_cc_inherit() - the algorithm of a child
 * @sk: child without one
 * @lsk: its listener, not locked
 * @dst: route of the child
 *
 * The route's, or what was chosen for the listener, or the default.
 *
 * Mirrors: net/ipv4/tcp_minisocks.c:tcp_ca_openreq_child (v7.2)
 *
 * Context: softirq, RCU.
 */
void pp_tcp_cc_inherit(struct sock *sk, const struct sock *lsk,
		       const struct pp_dst *dst)
{
	const struct pp_tcp_sock *ltp = pp_tcp_sk(lsk);
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	tp->cc_locked = false;
	pp_tcp_cc_by_route(sk, dst);
	if (!tp->cc && pp_tf(ltp, PKTPATH_TF_CC_CHOSEN))
		tp->cc = pp_tcp_cc_hold(READ_ONCE(ltp->cc));
	if (!tp->cc)
		pp_tcp_cc_assign(sk);
}

/**
 * pp_tcp_cc_init() - start the algorithm when the connection is established
 * @sk: socket, locked
 *
 * Context: process or softirq, socket locked.
 */
void pp_tcp_cc_init(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	memset(tp->c.priv, 0, sizeof(tp->c.priv));
	pp_tcp_cc_sync(tp);
	if (tp->cc->init)
		tp->cc->init(&tp->c);
	tp->cc_started = true;
}

static void pp_tcp_cc_end(struct pp_tcp_sock *tp)
{
	const struct pktpath_cc_ops *cc = tp->cc;

	if (tp->cc_started && cc->release)
		cc->release(&tp->c);
	tp->cc_started = false;
	/* a listener's is read by children, who find the module still there */
	WRITE_ONCE(tp->cc, NULL);
	module_put(cc->owner);
}

/**
 * pp_tcp_cc_pause() - the connection has ended, the socket stays
 * @sk: socket; keeps the algorithm for its next connection
 *
 * Context: process, socket locked.
 */
void pp_tcp_cc_pause(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->cc_started && tp->cc->release)
		tp->cc->release(&tp->c);
	tp->cc_started = false;
	tp->cc_locked = false;
}

/**
 * pp_tcp_cc_release() - the socket goes away
 * @sk: socket; its algorithm may be NULL
 *
 * Context: process or softirq, socket locked or unreachable.
 */
void pp_tcp_cc_release(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->cc)
		pp_tcp_cc_end(tp);
}

static bool pp_tcp_cc_allowed(const struct pktpath_cc_ops *ops)
{
	return READ_ONCE(ops->flags) & PKTPATH_CC_UNRESTRICTED;
}

/**
 * pp_tcp_cc_set() - TCP_CONGESTION
 * @sk: socket, locked
 * @name: NUL-terminated
 * @cap_admin: the caller has CAP_NET_ADMIN over the netns: may use algorithms
 *	       that are not open to everybody. Over the host: one is loaded
 *
 * Mirrors: net/ipv4/tcp_cong.c:tcp_set_congestion_control (v7.2)
 *
 * Context: process, sleeps, socket locked.
 * Return: 0, -ENOENT, -EBUSY, -EPERM.
 */
int pp_tcp_cc_set(struct sock *sk, const char *name, bool cap_admin)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pktpath_cc_ops *ops;
	bool started = tp->cc_started;

	if (tp->cc_locked)
		return -EPERM;
	ops = pp_tcp_cc_get(name);
	if (IS_ERR(ops))
		return PTR_ERR(ops);
	if (ops == tp->cc) {
		module_put(ops->owner);
		set_bit(PKTPATH_TF_CC_CHOSEN, &tp->tflags);
		return 0;
	}
	if (!cap_admin && !pp_tcp_cc_allowed(ops)) {
		module_put(ops->owner);
		return -EPERM;
	}
	if (tp->cc)
		pp_tcp_cc_end(tp);
	/* the former's, if it paced */
	tp->c.pacing_rate = 0;
	WRITE_ONCE(tp->cc, ops);
	set_bit(PKTPATH_TF_CC_CHOSEN, &tp->tflags);
	if (started)
		pp_tcp_cc_init(sk);
	return 0;
}

/**
 * pp_tcp_cc_state() - change the congestion state
 * @sk: socket, locked
 * @state: enum pktpath_cc_state
 *
 * Context: softirq or process, socket locked.
 */
void pp_tcp_cc_state(struct sock *sk, u8 state)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (tp->cc->set_state) {
		pp_tcp_cc_sync(tp);
		tp->cc->set_state(&tp->c, state);
	}
	tp->c.state = state;
}

/**
 * pp_tcp_cc_event() - tell the algorithm of an event
 * @sk: socket, locked
 * @ev: which
 *
 * Context: softirq or process, socket locked.
 */
void pp_tcp_cc_event(struct sock *sk, enum pktpath_cc_event ev)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	if (!tp->cc->event)
		return;
	pp_tcp_cc_sync(tp);
	tp->cc->event(&tp->c, ev);
}

/**
 * pp_tcp_cc_acked() - an acknowledgment was taken in: measure and grow
 * @sk: socket, locked
 * @st: what it did; st->rs has been finished by pp_tcp_rate_gen()
 *
 * An algorithm with cong_control decides alone. Otherwise the window is
 * reduced by PRR in CWR and RECOVERY, and grown by cong_avoid in the others.
 *
 * Context: softirq or process, socket locked.
 */
void pp_tcp_cc_acked(struct sock *sk, struct pp_tcp_ack_state *st)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pktpath_cc_sample s = {
		.acked = tp->rate.delivered - st->prior_delivered,
		.lost = tp->c.lost - st->prior_lost,
		.rtt_us = st->ca_rtt_us,
		.delivered = st->rs.delivered,
		.prior_delivered = st->rs.prior_delivered,
		.interval_us = st->rs.interval_us,
		.prior_in_flight = st->prior_in_flight,
		.app_limited = st->rs.app_limited,
	};

	pp_tcp_ext_add(sk, DELIVERED, s.acked);
	if (st->flags & PKTPATH_ACK_ECE)
		pp_tcp_ext_add(sk, DELIVEREDCE, tp->ae ? st->ce : s.acked);
	pp_tcp_cc_sync(tp);
	tp->c.cwnd_limited = pp_tcp_cwnd_is_limited(tp);
	if (tp->cc->acked)
		tp->cc->acked(&tp->c, &s);
	if (tp->cc->cong_control) {
		tp->cc->cong_control(&tp->c, &s);
	} else if (tp->c.state == PKTPATH_CC_CWR ||
		   tp->c.state == PKTPATH_CC_RECOVERY) {
		pp_tcp_cwnd_reduction(sk, s.acked, s.lost, st->flags);
	} else if (s.acked && (st->flags & PKTPATH_ACK_ACKED ||
			       (st->flags & PKTPATH_ACK_SACKED &&
				tp->reordering > 3)) && tp->cc->cong_avoid) {
		/* A SACK alone may mean loss: RFC 5681 §3.2, no growth. */
		tp->cc->cong_avoid(&tp->c, s.acked);
	}
	pp_tcp_update_pacing(sk);
}

/**
 * pp_tcp_cc_names() - list what there is
 * @buf: text, names divided by blanks
 * @size: of @buf
 * @allowed_only: only those open to everybody
 *
 * Context: any.
 * Return: length of the text.
 */
int pp_tcp_cc_names(char *buf, size_t size, bool allowed_only)
{
	struct pktpath_cc_ops *ops;
	int n = 0;

	buf[0] = '\0';
	rcu_read_lock();
	list_for_each_entry_rcu(ops, &pp_tcp_cc_list, list)
		if (!allowed_only || pp_tcp_cc_allowed(ops))
			n += scnprintf(buf + n, size - n, "%s%s",
				       n ? " " : "", ops->name);
	rcu_read_unlock();
	return n;
}

/**
 * pp_tcp_cc_allow() - write net.pktpath.tcp_allowed_congestion_control
 * @names: names divided by blanks; changed
 *
 * Host-wide.
 *
 * Mirrors: net/ipv4/tcp_cong.c:tcp_set_allowed_congestion_control (v7.2)
 *
 * Context: process.
 * Return: 0, -ENOMEM, or -ENOENT: nothing was changed.
 */
int pp_tcp_cc_allow(char *names)
{
	struct pktpath_cc_ops *ops;
	char *copy, *p, *name;
	int err = 0;

	copy = kstrdup(names, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	spin_lock(&pp_tcp_cc_lock);
	for (p = copy; (name = strsep(&p, " ")); )
		if (*name && !pp_tcp_cc_find(name))
			err = -ENOENT;
	if (err)
		goto out;
	list_for_each_entry(ops, &pp_tcp_cc_list, list)
		WRITE_ONCE(ops->flags, ops->flags & ~PKTPATH_CC_UNRESTRICTED);
	for (p = names; (name = strsep(&p, " ")); ) {
		ops = *name ? pp_tcp_cc_find(name) : NULL;
		if (ops)
			WRITE_ONCE(ops->flags,
				   ops->flags | PKTPATH_CC_UNRESTRICTED);
	}
out:
	spin_unlock(&pp_tcp_cc_lock);
	kfree(copy);
	return err;
}

/* The default of a netns holds its algorithm. */
static void pp_tcp_cc_net_swap(struct pp_net *pn,
			       const struct pktpath_cc_ops *ops)
{
	ops = xchg(&pn->sysctl.tcp_congestion_control, ops);
	if (ops)
		module_put(ops->owner);
}

/**
 * pp_tcp_cc_net_default() - write net.pktpath.tcp_congestion_control
 * @pn: netns
 * @name: NUL-terminated
 *
 * Only the initial netns can take one that is not open to everybody, and opens
 * it by that.
 *
 * Mirrors: net/ipv4/tcp_cong.c:tcp_set_default_congestion_control (v7.2)
 *
 * Context: process, may sleep.
 * Return: 0, -ENOENT, -EBUSY, -EPERM.
 */
int pp_tcp_cc_net_default(struct pp_net *pn, const char *name)
{
	const struct pktpath_cc_ops *ops = pp_tcp_cc_get(name);
	struct pktpath_cc_ops *w;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	if (!net_eq(pn->net, &init_net) && !pp_tcp_cc_allowed(ops)) {
		module_put(ops->owner);
		return -EPERM;
	}
	spin_lock(&pp_tcp_cc_lock);
	w = pp_tcp_cc_find(name);
	if (w == ops)
		WRITE_ONCE(w->flags, w->flags | PKTPATH_CC_UNRESTRICTED);
	spin_unlock(&pp_tcp_cc_lock);
	pp_tcp_cc_net_swap(pn, ops);
	return 0;
}

/**
 * pp_tcp_cc_net_name() - the default of a netns
 * @pn: netns
 * @name: filled
 * @size: of @name
 *
 * Context: any.
 */
void pp_tcp_cc_net_name(struct pp_net *pn, char *name, size_t size)
{
	rcu_read_lock();
	strscpy(name, READ_ONCE(pn->sysctl.tcp_congestion_control)->name,
		size);
	rcu_read_unlock();
}

/**
 * pp_tcp_cc_key() - what stands for an algorithm in a route
 * @name: NUL-terminated
 *
 * Context: process, may sleep: an administrator's is loaded.
 * Return: not 0, or 0: there is none of that name.
 */
u32 pp_tcp_cc_key(const char *name)
{
	const struct pktpath_cc_ops *ops = pp_tcp_cc_get(name);

	if (IS_ERR(ops))
		return 0;
	module_put(ops->owner);
	return pp_tcp_cc_hash(name);
}

/**
 * pp_tcp_cc_key_name() - the name a route was given
 * @key: of pp_tcp_cc_key()
 * @name: filled
 * @size: of @name
 *
 * Context: any.
 * Return: false: the algorithm is gone.
 */
bool pp_tcp_cc_key_name(u32 key, char *name, size_t size)
{
	const struct pktpath_cc_ops *ops;

	rcu_read_lock();
	ops = pp_tcp_cc_find_key(key);
	if (ops)
		strscpy(name, ops->name, size);
	rcu_read_unlock();
	return ops;
}

/**
 * pp_tcp_get_cc() - what a connection uses, for tools
 * @sk: socket
 * @name: filled
 * @size: of @name
 * @info: filled by the algorithm
 *
 * Context: socket lock or its spinlock held.
 * Return: how many of @info.
 */
unsigned int pp_tcp_get_cc(struct sock *sk, char *name, size_t size,
			   u32 info[5])
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);

	strscpy(name, tp->cc ? tp->cc->name : "", size);
	if (tp->cc && tp->cc->info && tp->cc_started)
		return min(tp->cc->info(&tp->c, info), 5U);
	return 0;
}

/**
 * pp_tcp_cc_net_init() - default of a new netns: that of the initial one
 * @pn: netns
 *
 * Context: process.
 */
void pp_tcp_cc_net_init(struct pp_net *pn)
{
	const struct pktpath_cc_ops *ops = NULL;

	rcu_read_lock();
	if (!net_eq(pn->net, &init_net))
		ops = pp_tcp_cc_hold(READ_ONCE(pp_net(&init_net)->sysctl
					       .tcp_congestion_control));
	rcu_read_unlock();
	WRITE_ONCE(pn->sysctl.tcp_congestion_control, ops ? : &pp_tcp_cubic);
}

/**
 * pp_tcp_cc_net_exit() - the netns is gone
 * @pn: netns; no socket is left
 *
 * Context: process.
 */
void pp_tcp_cc_net_exit(struct pp_net *pn)
{
	pp_tcp_cc_net_swap(pn, &pp_tcp_reno);
}

/**
 * pp_tcp_cc_start() - register the built-in algorithms
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int pp_tcp_cc_start(void)
{
	int err;

	err = pktpath_cc_register(&pp_tcp_reno);
	if (err)
		return err;
	err = pktpath_cc_register(&pp_tcp_cubic);
	if (err)
		pktpath_cc_unregister(&pp_tcp_reno);
	return err;
}

/**
 * pp_tcp_cc_stop() - undo pp_tcp_cc_start()
 *
 * Context: process, sleeps.
 */
void pp_tcp_cc_stop(void)
{
	pktpath_cc_unregister(&pp_tcp_cubic);
	pktpath_cc_unregister(&pp_tcp_reno);
}
