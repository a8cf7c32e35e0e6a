// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion controls: the registry, and the calls into an algorithm.
 *
 * Path: tcp_ack.c, tcp_recovery.c
 * Mirrors: net/ipv4/tcp_cong.c
 * Locks: pp_tcp_cc_lock guards the list; readers use RCU. A connection holds a
 * reference on the module of its algorithm, so an algorithm that is in use
 * cannot be unloaded and calls through tp->cc need no lock.
 */
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

/* A reference on the algorithm of that name, or NULL. */
static const struct pktpath_cc_ops *pp_tcp_cc_get(const char *name)
{
	struct pktpath_cc_ops *ops;

	rcu_read_lock();
	ops = pp_tcp_cc_find(name);
	if (ops && !try_module_get(ops->owner))
		ops = NULL;
	rcu_read_unlock();
	return ops;
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
 * pp_tcp_cc_assign() - give a new socket the netns's default
 * @sk: socket without an algorithm
 *
 * Falls back to Reno, which cannot be unloaded.
 * Context: process or softirq, any lock.
 */
void pp_tcp_cc_assign(struct sock *sk)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	struct pp_net *pn = pp_sk(sk)->pn;
	char name[PKTPATH_CC_NAME_MAX];

	rcu_read_lock();
	strscpy(name, pn->sysctl.tcp_congestion_control, sizeof(name));
	rcu_read_unlock();
	tp->cc = pp_tcp_cc_get(name);
	if (!tp->cc)
		tp->cc = &pp_tcp_reno;
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
	if (tp->cc_started && tp->cc->release)
		tp->cc->release(&tp->c);
	tp->cc_started = false;
	module_put(tp->cc->owner);
	tp->cc = NULL;
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

static bool pp_tcp_cc_allowed(const char *name)
{
	return !strcmp(name, "reno") || !strcmp(name, "cubic");
}

/**
 * pp_tcp_cc_set() - TCP_CONGESTION
 * @sk: socket, locked
 * @name: NUL-terminated
 * @cap_admin: the caller has CAP_NET_ADMIN over the netns: may load a module
 *	       pktpath_NAME and use algorithms that are not open to everybody
 *
 * Context: process, sleeps, socket locked.
 * Return: 0, -ENOENT, -EPERM.
 */
int pp_tcp_cc_set(struct sock *sk, const char *name, bool cap_admin)
{
	struct pp_tcp_sock *tp = pp_tcp_sk(sk);
	const struct pktpath_cc_ops *ops;

	ops = pp_tcp_cc_get(name);
	if (!ops && cap_admin) {
		request_module("pktpath_%s", name);
		ops = pp_tcp_cc_get(name);
	}
	if (!ops)
		return -ENOENT;
	if (!cap_admin && !pp_tcp_cc_allowed(name)) {
		module_put(ops->owner);
		return -EPERM;
	}
	if (ops == tp->cc) {
		module_put(ops->owner);
		return 0;
	}
	if (tp->cc) {
		bool started = tp->cc_started;

		pp_tcp_cc_end(tp);
		tp->cc = ops;
		if (started)
			pp_tcp_cc_init(sk);
		return 0;
	}
	tp->cc = ops;
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
		pp_tcp_ext_add(sk, DELIVEREDCE, s.acked);
	pp_tcp_cc_sync(tp);
	if (tp->cc->acked)
		tp->cc->acked(&tp->c, &s);
	if (tp->cc->cong_control) {
		tp->cc->cong_control(&tp->c, &s);
	} else if (tp->c.state == PKTPATH_CC_CWR ||
		   tp->c.state == PKTPATH_CC_RECOVERY) {
		pp_tcp_cwnd_reduction(sk, s.acked, s.lost, st->flags);
	} else if (s.acked && (st->flags & (PKTPATH_ACK_ACKED |
					    PKTPATH_ACK_SACKED)) &&
		   tp->cc->cong_avoid) {
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
		if (!allowed_only || pp_tcp_cc_allowed(ops->name))
			n += scnprintf(buf + n, size - n, "%s%s",
				       n ? " " : "", ops->name);
	rcu_read_unlock();
	return n;
}

/**
 * pp_tcp_cc_net_default() - write net.pktpath.tcp_congestion_control
 * @pn: netns
 * @name: NUL-terminated
 *
 * Context: process.
 * Return: 0 or -ENOENT.
 */
int pp_tcp_cc_net_default(struct pp_net *pn, const char *name)
{
	const struct pktpath_cc_ops *ops = pp_tcp_cc_get(name);

	if (!ops)
		return -ENOENT;
	strscpy(pn->sysctl.tcp_congestion_control, ops->name,
		PKTPATH_CC_NAME_MAX);
	module_put(ops->owner);
	return 0;
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
